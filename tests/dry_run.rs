//! `--dry-run`: what would go out is shown, and nothing is sent.

use crate::support::{KEY, Reply, Server, Test};

#[cfg(unix)]
use crate::support::Stream;

const CREATE: [&str; 9] = [
    "post",
    "/v3/videos",
    "-f",
    "type=avatar",
    "-f",
    "script=Hello",
    "-F",
    "n=12345678901234567890",
    "--dry-run",
];

fn hex_or_dash(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'-'
}

#[test]
fn a_create_is_shown_as_it_would_go_out() {
    let server = Server::always(Reply::json(200, "{}"));
    Test::new(&CREATE)
        .server(&server)
        .filter("[UUID]", hex_or_dash)
        .stdout(
            "POST [BASE]/v3/videos\n\
             Content-Type: application/json\n\
             Idempotency-Key: [UUID] (made for this call)\n\
             X-Api-Key: …7Qx2 (HEYGEN_API_KEY)\n\
             \n\
             {\n  \"type\": \"avatar\",\n  \"script\": \"Hello\",\n  \"n\": 12345678901234567890\n}\n",
        )
        .exits(0);
    assert_eq!(server.connections(), 0);
}

#[test]
fn it_works_without_a_key_and_says_so() {
    Test::new(&["get", "/v3/videos?a=b", "-Q", "title=a b", "-n"])
        .no_key()
        .stdout(
            "GET https://api.heygen.com/v3/videos?a=b&title=a%20b\n\
             X-Api-Key: (no key found)\n",
        )
        .exits(0);
}

#[test]
fn a_key_that_cannot_be_one_is_told_and_not_shown() {
    Test::new(&["get", "/v3/videos", "-n"])
        .key("Bearer sk_not_shown_at_all")
        .secret("sk_not_shown_at_all")
        .stdout(
            "GET https://api.heygen.com/v3/videos\n\
             X-Api-Key: (no usable key: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare \
             key (nothing was sent))\n",
        )
        .exits(0);
}

#[test]
fn the_key_of_a_file_is_named_with_its_line() {
    Test::new(&["delete", "/v3/videos/v1", "-n"])
        .no_key()
        .file(".env", format!("# ours\nHEYGEN_API_KEY={KEY}\n"))
        .stdout(
            "DELETE https://api.heygen.com/v3/videos/v1\n\
             X-Api-Key: …7Qx2 (./.env, line 2)\n",
        )
        .exits(0);
}

#[test]
fn a_form_is_shown_part_by_part() {
    Test::new(&["post", "/v3/assets", "--form", "title=a=b", "--form", "file=@p.png"])
        .args(&["--form", "other=@-;type=video/mp4", "--idempotency-key", "order-1", "-n"])
        .no_key()
        .file("p.png", b"\x89PNG\r\n\x1a\n")
        .stdout(
            "POST https://api.heygen.com/v3/assets\n\
             Content-Type: multipart/form-data\n\
             Idempotency-Key: order-1\n\
             X-Api-Key: (no key found)\n\
             \n\
             title: a=b\n\
             file: <p.png>, 8 bytes, image/png\n\
             other: <stdin>, video/mp4\n",
        )
        .exits(0);
}

#[test]
fn a_file_is_named_and_not_printed() {
    Test::new(&["post", "/v1/asset", "--body-file", "a.mp4", "--idempotency-key", "none", "-n"])
        .no_key()
        .file("a.mp4", b"\0\0\0\x18ftypmp42")
        .stdout(
            "POST https://api.heygen.com/v1/asset\n\
             Content-Type: video/mp4\n\
             X-Api-Key: (no key found)\n\
             \n\
             <a.mp4>, 12 bytes\n",
        )
        .exits(0);
}

#[test]
fn secrets_that_were_typed_are_masked() {
    Test::new(&["put", "/v3/x", "-H", "Authorization: Bearer token-1", "-H", "cookie: a=1"])
        .args(&["-f", &format!("text=my key is {KEY}"), "-n"])
        .stdout(
            "PUT https://api.heygen.com/v3/x\n\
             Content-Type: application/json\n\
             Authorization: …\n\
             cookie: …\n\
             X-Api-Key: …7Qx2 (HEYGEN_API_KEY)\n\
             \n\
             {\n  \"text\": \"my key is …7Qx2\"\n}\n",
        )
        .exits(0);
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_no_orders() {
    Test::new(&["put", "/v3/x", "--form", "a=\u{1b}[31mred\u{202e}", "-n"])
        .no_key()
        .terminal(Stream::Both)
        .stdout(
            "PUT https://api.heygen.com/v3/x\n\
             Content-Type: multipart/form-data\n\
             X-Api-Key: (no key found)\n\
             \n\
             a: \\u{1b}[31mred\\u{202e}\n",
        )
        .exits(0);
}

#[test]
fn it_is_not_a_program_too() {
    Test::new(&["get", "/v3/videos", "-n", "--as", "curl"])
        .stderr(
            "{\"error\":{\"code\":\"usage_error\",\"message\":\"the argument '--dry-run' cannot be used with \
             '--as <LANGUAGE>'\",\"hint\":\"usage: heygen get --dry-run <ENDPOINT>\"}}\n",
        )
        .exits(2);
}

#[test]
fn a_program_for_all_pages_is_refused() {
    Test::new(&["get", "/v3/videos", "--all", "--as", "curl"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --as prints one call, and --all makes many\n\
             hint: leave --all out; `--dry-run` shows the first of the calls\n",
        )
        .exits(2);
}
