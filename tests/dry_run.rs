//! `--dry-run`: shows the request, and sends nothing.

use crate::support::{KEY, Reply, Server, Test, str};

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
fn post_is_shown_as_sent() {
    let server = Server::always(Reply::json(200, "{}"));
    Test::new(&CREATE)
        .server(&server)
        .filter("[UUID]", hex_or_dash)
        .stdout(str![[r#"
POST [BASE]/v3/videos
Content-Type: application/json
Idempotency-Key: [UUID] (made for this call)
X-Api-Key: …7Qx2 (HEYGEN_API_KEY)

{
  "type": "avatar",
  "script": "Hello",
  "n": 12345678901234567890
}

"#]])
        .exits(0);
    assert_eq!(server.connections(), 0);
}

#[test]
fn works_without_a_key() {
    Test::new(&["get", "/v3/videos?a=b", "-Q", "title=a b", "-n"])
        .no_key()
        .stdout(str![[r#"
GET https://api.heygen.com/v3/videos?a=b&title=a%20b
X-Api-Key: (no key found)

"#]])
        .exits(0);
}

#[test]
fn invalid_key_is_reported_not_shown() {
    Test::new(&["get", "/v3/videos", "-n"])
        .key("Bearer sk_not_shown_at_all")
        .secret("sk_not_shown_at_all")
        .stdout(str![[r#"
GET https://api.heygen.com/v3/videos
X-Api-Key: (no usable key: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent))

"#]])
        .exits(0);
}

#[test]
fn key_source_has_its_line() {
    Test::new(&["delete", "/v3/videos/v1", "-n"])
        .no_key()
        .file(".env", format!("# ours\nHEYGEN_API_KEY={KEY}\n"))
        .stdout(str![[r#"
DELETE https://api.heygen.com/v3/videos/v1
X-Api-Key: …7Qx2 (./.env, line 2)

"#]])
        .exits(0);
}

#[test]
fn form_is_shown_by_parts() {
    Test::new(&["post", "/v3/assets", "--form", "title=a=b", "--form", "file=@p.png"])
        .args(&["--form", "other=@-;type=video/mp4", "--idempotency-key", "order-1", "-n"])
        .no_key()
        .file("p.png", b"\x89PNG\r\n\x1a\n")
        .stdout(str![[r#"
POST https://api.heygen.com/v3/assets
Content-Type: multipart/form-data
Idempotency-Key: order-1
X-Api-Key: (no key found)

title: a=b
file: <p.png>, 8 bytes, image/png
other: <stdin>, video/mp4

"#]])
        .exits(0);
}

#[test]
fn body_file_is_named_not_printed() {
    Test::new(&["post", "/v1/asset", "--body-file", "a.mp4", "--idempotency-key", "none", "-n"])
        .no_key()
        .file("a.mp4", b"\0\0\0\x18ftypmp42")
        .stdout(str![[r#"
POST https://api.heygen.com/v1/asset
Content-Type: video/mp4
X-Api-Key: (no key found)

<a.mp4>, 12 bytes

"#]])
        .exits(0);
}

#[test]
fn entered_secrets_are_masked() {
    Test::new(&["put", "/v3/x", "-H", "Authorization: Bearer token-1", "-H", "cookie: a=1"])
        .args(&["-f", &format!("text=my key is {KEY}"), "-n"])
        .stdout(str![[r#"
PUT https://api.heygen.com/v3/x
Content-Type: application/json
Authorization: …
cookie: …
X-Api-Key: …7Qx2 (HEYGEN_API_KEY)

{
  "text": "my key is …7Qx2"
}

"#]])
        .exits(0);
}

#[cfg(unix)]
#[test]
fn control_characters_are_escaped() {
    Test::new(&["put", "/v3/x", "--form", "a=\u{1b}[31mred\u{202e}", "-n"])
        .no_key()
        .terminal(Stream::Both)
        .stdout(str![[r#"
PUT https://api.heygen.com/v3/x
Content-Type: multipart/form-data
X-Api-Key: (no key found)

a: \u{1b}[31mred\u{202e}

"#]])
        .exits(0);
}

#[test]
fn rejects_as_with_dry_run() {
    Test::new(&["get", "/v3/videos", "-n", "--as", "curl"])
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"the argument '--dry-run' cannot be used with '--as <LANGUAGE>'","hint":"usage: heygen get --dry-run <ENDPOINT>"}}

"#]])
        .exits(2);
}

#[test]
fn rejects_as_with_all() {
    Test::new(&["get", "/v3/videos", "--all", "--as", "curl"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --as prints one call, and --all makes many
hint: leave --all out; `--dry-run` shows the first of the calls

"#]])
        .exits(2);
}

#[test]
fn program_never_holds_a_stored_key() {
    let test = |test: Test<'static>| {
        test.no_key()
            .secret(KEY)
            .args(&["-f", &format!("token={KEY}"), "--as", "curl", "--error-format", "text"])
            .stderr(str![[r#"
error: a text in this call is your key, and no program is printed with it
hint: leave it out; the programs take the key from HEYGEN_API_KEY

"#]])
            .exits(2);
    };
    let post = || Test::new(&["post", "/v3/videos"]);
    test(post().file(".env", format!("HEYGEN_API_KEY={KEY}\n")));
    test(
        post().home_file(".heygen/credentials", KEY).key_may_be_in_home_file(".heygen/credentials"),
    );
}
