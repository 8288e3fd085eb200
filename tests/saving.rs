//! `-O`, `-i` and `head`: responses in files, and their status and headers.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

#[cfg(unix)]
use crate::support::Running;
use crate::support::{Expectation, Inline, Outcome, Reply, Server, Test, str};

/// A video, as `GET /v3/videos/{id}` returns it.
const VIDEO: &str = r#"{"data":{"id":"v_5d1","duration":1.10}}"#;

const VIDEO_PRETTY: &str = "{\n  \"id\": \"v_5d1\",\n  \"duration\": 1.10\n}\n";

/// HeyGen's response to an unknown ID.
const NOT_FOUND: &str =
    r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#;

/// Bytes that are neither JSON nor text.
const AUDIO: &[u8] = b"ID3\x04\0\0\xff\xfb\x90\0sound";

fn audio() -> Reply {
    Reply::new(200, "audio/mpeg", AUDIO)
}

/// `heygen get /v3/videos/v_5d1` and these arguments, with errors as text.
fn get<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos/v_5d1"], arguments].concat())
        .env("HEYGEN_ERROR_FORMAT", "text")
}

/// Runs a test that is to fail without a connection, and to leave these files.
#[track_caller]
fn refused(test: Test<'_>, stderr: impl Into<Expectation>, code: i32, files: &[&str]) {
    let server = Server::always(Reply::json(200, VIDEO));
    let outcome = test.server(&server).stderr(stderr).exits(code);
    assert_eq!(server.connections(), 0);
    assert_eq!(outcome.files(), files);
}

/// Runs a test that saves the response in `out`, the only file in the directory.
#[track_caller]
fn saved(test: Test<'_>, reply: Reply, expected: &[u8]) {
    let server = Server::always(reply);
    let outcome: Outcome<'_> = test.server(&server).exits(0);
    assert_eq!(outcome.files(), ["out"]);
    assert!(outcome.file("out") == expected, "{}", String::from_utf8_lossy(&outcome.file("out")));
}

#[test]
fn saves_the_response_as_printed() {
    saved(get(&["-O", "out"]), Reply::json(200, VIDEO), VIDEO_PRETTY.as_bytes());
    saved(
        get(&["--save", "out", "-o", "compact"]),
        Reply::json(200, VIDEO),
        b"{\"id\":\"v_5d1\",\"duration\":1.10}\n",
    );
    saved(get(&["-O", "out", "-o", "raw"]), Reply::json(200, VIDEO), VIDEO.as_bytes());
    saved(get(&["-O", "out"]), audio(), AUDIO);
    saved(get(&["-O", "out"]), audio().chunked(3), AUDIO);
    saved(get(&["-O", "out"]), audio().until_close(), AUDIO);
    let subtitles = "1\n00:00:01,000 --> 00:00:02,000\nHi\n";
    saved(get(&["-O", "out"]), Reply::new(200, "text/plain", subtitles), subtitles.as_bytes());
    saved(get(&["-O", "out"]), Reply::empty(204), b"");
    saved(get(&["-O", "out"]), Reply::empty(200), b"");
}

#[test]
fn saved_file_has_no_colour() {
    saved(
        get(&["-O", "out", "--color", "always"]),
        Reply::json(200, VIDEO),
        VIDEO_PRETTY.as_bytes(),
    );
}

#[test]
fn large_response_is_saved_whole() {
    let content: Vec<u8> = (0_u32..5 << 20).flat_map(u32::to_le_bytes).collect();
    saved(get(&["-O", "out"]), Reply::new(200, "video/mp4", content.clone()), &content);
}

#[test]
fn truncated_response_leaves_no_file() {
    let check = |reply: Reply, stderr: Inline| {
        let server = Server::always(reply);
        let outcome = get(&["-O", "out"]).server(&server).stderr(stderr).exits(1);
        assert_eq!(outcome.files(), Vec::<String>::new());
    };
    check(
        audio().announcing(1000),
        str![[r#"
error: the connection ended in the middle of the response, after 15 bytes

"#]],
    );
    check(
        audio().chunked(4).unfinished(),
        str![[r#"
error: the connection ended in the middle of the response, after 15 bytes

"#]],
    );
    check(
        Reply::json(200, VIDEO).announcing(1000),
        str![[r#"
error: the connection ended in the middle of the response, after 39 bytes

"#]],
    );
    let large = vec![0; 1 << 20];
    check(
        Reply::new(200, "video/mp4", large.clone()).announcing(2 << 20),
        str![[r#"
error: the connection ended in the middle of the response, after 1048576 bytes

"#]],
    );
    check(
        Reply::json(404, NOT_FOUND),
        str![[r#"
error: 404 not_found: Video not found.

"#]],
    );
}

/// A response whose end only the end of the connection tells, and a connection that is reset.
#[test]
fn reset_connection_leaves_no_file() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        // Closing with the request unread resets the connection.
        stream.read_exact(&mut [0]).expect("a request");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n";
        stream.write_all(format!("{head}1234567890").as_bytes()).expect("the client reads");
    });
    let outcome = get(&["-O", "out", "--retry", "0"])
        .base(&base)
        .stderr(str![[r#"
error: the connection ended in the middle of the response, after 10 bytes

"#]])
        .exits(1);
    serving.join().expect("a response");
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[test]
fn truncated_response_keeps_old_file() {
    let server = Server::always(audio().announcing(1000));
    let outcome = get(&["-O", "out", "--force"])
        .file("out", "old")
        .server(&server)
        .stderr(str![[r#"
error: the connection ended in the middle of the response, after 15 bytes

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["out"]);
    assert_eq!(outcome.file("out"), b"old");
}

#[test]
fn existing_file_is_kept_without_force() {
    refused(
        get(&["-O", "out"]).file("out", "old"),
        str![[r#"
error: `out` exists
hint: `--force` replaces it; nothing was sent

"#]],
        1,
        &["out"],
    );
}

#[test]
fn force_replaces_the_file() {
    saved(
        get(&["-O", "out", "--force"]).file("out", "a longer old text than the new one"),
        audio(),
        AUDIO,
    );
    saved(get(&["-O", "out", "--force"]), audio(), AUDIO);
}

#[test]
fn force_requires_save() {
    refused(
        get(&["--force"]),
        str![[r#"
error: --force is for --save
hint: add --save, or leave --force out

"#]],
        2,
        &[],
    );
}

#[test]
fn invalid_save_path_sends_nothing() {
    refused(
        get(&["-O", "folder"]).dir("folder"),
        str![[r#"
error: --save: `folder` is a directory
hint: name the file in it

"#]],
        2,
        &[],
    );
    refused(
        get(&["-O", "folder/", "--force"]),
        str![[r#"
error: --save: `folder/` is a directory
hint: name the file in it

"#]],
        2,
        &[],
    );
    refused(
        get(&["-O", ""]),
        str![[r#"
error: a value is required for '--save <FILE>' but none was supplied

"#]],
        2,
        &[],
    );
    refused(
        get(&["-O", "gone/out"]),
        str![[r#"
error: creating `gone/out`: no such file or directory
hint: nothing was sent; make the folder, or name another file

"#]],
        1,
        &[],
    );
    refused(
        get(&["-O", "out/in"]).file("out", ""),
        str![[r#"
error: creating `out/in`: not a directory
hint: nothing was sent

"#]],
        1,
        &["out"],
    );
    let long = "a".repeat(300);
    refused(
        get(&["-O", &long]),
        str![[r#"
error: creating `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`: file name too long
hint: nothing was sent

"#]],
        1,
        &[],
    );
}

#[test]
fn output_with_file_name_hints_save() {
    refused(
        get(&["-o", "out.json"]),
        str![[r#"
error: invalid value `out.json` for --output
hint: to write a file: `-O out.json`

"#]],
        2,
        &[],
    );
}

#[test]
fn dash_is_stdout() {
    let server = Server::always(audio());
    let outcome = get(&["-O", "-"]).server(&server).stdout_bytes(AUDIO).exits(0);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[test]
fn include_prints_status_and_headers() {
    let server = Server::always(Reply::json(200, VIDEO).header("X-Request-Id", "req_11"));
    get(&["-i"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 200 OK
content-type: application/json
x-request-id: req_11
content-length: 39

{
  "id": "v_5d1",
  "duration": 1.10
}

"#]])
        .exits(0);
}

#[test]
fn include_prints_errors_unchanged() {
    let check = |reply: Reply, stdout: Inline, stderr: Inline, code: i32| {
        let server = Server::always(reply);
        get(&["--include"]).server(&server).stdout(stdout).stderr(stderr).exits(code);
    };
    check(
        Reply::json(404, NOT_FOUND),
        str![[r#"
HTTP/1.1 404 Not Found
content-type: application/json
content-length: 87

{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}
"#]],
        str![[r#"
error: 404 not_found: Video not found.

"#]],
        1,
    );
    let page = "<html><title>502 Bad Gateway</title></html>";
    check(
        Reply::new(502, "text/html", page),
        str![[r#"
HTTP/1.1 502 Bad Gateway
content-type: text/html
content-length: 43

<html><title>502 Bad Gateway</title></html>
"#]],
        str![[r#"
error: 502 Bad Gateway; the response is HTML (title "502 Bad Gateway"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com

"#]],
        1,
    );
    let portal = "<html><title>Sign in</title></html>";
    check(
        Reply::new(200, "text/html", portal),
        str![[r#"
HTTP/1.1 200 OK
content-type: text/html
content-length: 35

<html><title>Sign in</title></html>
"#]],
        str![[r#"
error: 200 OK; the response is HTML (title "Sign in"), not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?

"#]],
        1,
    );
    // v2 tells of errors inside a success.
    let inside = r#"{"data":null,"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V."}}"#;
    check(
        Reply::json(200, inside),
        str![[r#"
HTTP/1.1 200 OK
content-type: application/json
content-length: 165

{"data":null,"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V."}}
"#]],
        str![[r#"
error: 200 with an error inside: internal_error: This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V.

"#]],
        1,
    );
    check(
        Reply::new(302, "", "")
            .header("Location", "https://files.heygen.ai/a.mp4?Signature=secret"),
        str![[r#"
HTTP/1.1 302 Found
location: https://files.heygen.ai/a.mp4?Signature=secret
content-length: 0


"#]],
        str![[r#"
error: 302 redirect to https://files.heygen.ai/a.mp4?…; not followed, so that the key stays with the API

"#]],
        1,
    );
}

#[test]
fn unnamed_status_is_shown_as_number() {
    let server = Server::always(Reply::empty(299));
    get(&["-i", "-v"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 299
content-length: 0


"#]])
        .stderr(str![[r#"
> GET [BASE]/v3/videos/v_5d1
< 299, [MS] ms

"#]])
        .exits(0);
}

#[test]
fn include_with_save_prints_the_head() {
    let server = Server::always(audio());
    let outcome = get(&["-i", "-O", "out"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 200 OK
content-type: audio/mpeg
content-length: 15


"#]])
        .exits(0);
    assert_eq!(outcome.file("out"), AUDIO);

    let server = Server::always(Reply::json(404, NOT_FOUND));
    let outcome = get(&["-i", "-O", "out"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 404 Not Found
content-type: application/json
content-length: 87

{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}
"#]])
        .stderr(str![[r#"
error: 404 not_found: Video not found.

"#]])
        .exits(1);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[test]
fn head_can_be_saved() {
    let server = Server::always(audio());
    let outcome = Test::new(&["head", "/v3/videos/v_5d1", "-O", "out"]).server(&server).exits(0);
    assert_eq!(outcome.files(), ["out"]);
    assert_eq!(
        String::from_utf8_lossy(&outcome.file("out")),
        "HTTP/1.1 200 OK\ncontent-type: audio/mpeg\ncontent-length: 15\n\n"
    );
}

#[test]
fn include_masks_key_in_headers() {
    let server = Server::always(Reply::empty(204).header("X-Echo", crate::support::KEY));
    get(&["-i"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 204 No Content
x-echo: …7Qx2


"#]])
        .exits(0);
}

#[test]
fn slow_response_is_saved() {
    // All of it takes longer than the limit, no pause does.
    let reply = audio().dripping(std::time::Duration::from_millis(40));
    saved(get(&["-O", "out", "--timeout", "400ms"]), reply, AUDIO);
}

#[test]
fn idle_timeout_leaves_no_file() {
    let server = Server::always(audio().announcing(1000).stalling());
    let outcome = get(&["-O", "out", "--timeout", "200ms"])
        .server(&server)
        .stderr(str![[r#"
error: no complete response within 200 ms
hint: `--timeout 5m` gives it more time

"#]])
        .exits(4);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::{AUDIO, NOT_FOUND, Reply, Running, Server, audio, get, refused, str};

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn new_file_follows_umask() {
        let server = Server::always(audio());
        let test = get(&["-O", "out"]);
        let usual = test.home().join("usual");
        fs::write(&usual, "").expect("a file");
        let outcome = test.server(&server).exits(0);
        assert_eq!(mode(&outcome.work().join("out")), mode(&usual));
    }

    #[test]
    fn replaced_file_keeps_permissions() {
        let server = Server::always(audio());
        let test = get(&["-O", "out", "--force"]).file("out", "old");
        let path = test.work().join("out");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("permissions");
        let _outcome = test.server(&server).exits(0);
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn force_writes_through_link() {
        let server = Server::always(audio());
        let test = get(&["-O", "link", "--force"]).file("there/out", "old");
        let link = test.work().join("link");
        symlink("there/out", &link).expect("a link");
        let outcome = test.server(&server).exits(0);
        assert!(link.is_symlink());
        assert_eq!(outcome.files(), ["there/out"]);
        assert_eq!(outcome.file("there/out"), AUDIO);
    }

    #[test]
    fn link_to_existing_file_is_kept() {
        let test = get(&["-O", "link"]).file("there/out", "old");
        symlink("there/out", test.work().join("link")).expect("a link");
        refused(
            test,
            str![[r#"
error: `link` exists
hint: `--force` replaces it; nothing was sent

"#]],
            1,
            &["there/out"],
        );
    }

    #[test]
    fn rejects_dangling_link() {
        let test = get(&["-O", "link"]);
        symlink("gone", test.work().join("link")).expect("a link");
        refused(
            test,
            str![[r#"
error: creating `link`: no such file or directory
hint: nothing was sent; make the folder, or name another file

"#]],
            1,
            &[],
        );
    }

    #[test]
    fn saves_to_dev_null() {
        let server = Server::always(audio());
        let outcome = get(&["-O", "/dev/null"]).server(&server).exits(0);
        let kind = fs::metadata("/dev/null").expect("a device").file_type();
        assert!(kind.is_char_device());
        assert_eq!(outcome.files(), Vec::<String>::new());
    }

    #[test]
    fn saves_to_dev_stdout() {
        let server = Server::always(audio());
        get(&["-O", "/dev/stdout"]).server(&server).stdout_bytes(AUDIO).exits(0);
    }

    #[test]
    fn interrupt_leaves_no_file() {
        let check = |signal: i32, send: fn(&Running<'_>)| {
            let server = Server::always(audio().announcing(1000).stalling());
            let running = get(&["-O", "out"]).server(&server).start();
            server.wait_for_requests(1);
            send(&running);
            let outcome = running.dies_of(signal);
            assert_eq!(outcome.files(), Vec::<String>::new());
        };
        check(2, |running| running.interrupt());
        check(15, |running| running.terminate());
    }

    /// Without the error, the signal SIGXFSZ would end the program.
    #[test]
    fn file_beyond_the_limit_of_the_shell_exits_5() {
        let data = format!(r#"{{"data":{{"id":"v_1","pad":"{}"}}}}"#, "x".repeat(5000));
        let server = Server::always(Reply::json(200, &data));
        let folder = tempfile::tempdir().expect("a folder");
        let heygen = assert_cmd::cargo::cargo_bin!("heygen").display();
        let call = "post /v3/videos -f type=avatar --idempotency-key order-7 -O out.json";
        let outcome = std::process::Command::new("sh")
            .args(["-c", &format!("ulimit -f 1; exec '{heygen}' {call}")])
            .current_dir(folder.path())
            .env("HEYGEN_API_BASE", server.base())
            .env("HEYGEN_API_KEY", crate::support::KEY)
            .output()
            .expect("a shell");
        let stderr = String::from_utf8(outcome.stderr).expect("text");
        let expected = r#"{"error":{"code":"cli_file_io_error","message":"saving the response to `out.json`: file too large","hint":"the call itself succeeded, do not repeat it; `--idempotency-key order-7` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"order-7","data":{"id":"v_1","pad":"xxx"#;
        assert_eq!(stderr.get(..expected.len()), Some(expected));
        assert_eq!(outcome.status.code(), Some(5));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn full_device_exits_5() {
        let server = Server::always(audio());
        get(&["-O", "/dev/full"])
            .server(&server)
            .stderr(str![[r#"
error: saving the response to `/dev/full`: no space left on device

"#]])
            .exits(5);
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        get(&[])
            .server(&server)
            .stdout_to(full)
            .stderr(str![[r#"
error: writing the response to stdout: no space left on device

"#]])
            .exits(5);
        // A call that failed did not succeed because its head could not be shown.
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let server = Server::always(Reply::json(404, NOT_FOUND));
        get(&["-i"])
            .server(&server)
            .stdout_to(full)
            .stderr(str![[r#"
error: 404 not_found: Video not found.

"#]])
            .exits(1);
    }

    #[test]
    fn unwritable_folder_sends_nothing() {
        let test = get(&["-O", "closed/out"]).dir("closed");
        let folder = test.work().join("closed");
        fs::set_permissions(&folder, Permissions::from_mode(0o500)).expect("permissions");
        if fs::write(folder.join("probe"), "").is_ok() {
            // Root may write everywhere.
            return;
        }
        refused(test, str![], 1, &[]);
    }

    #[test]
    fn saves_into_named_pipe() {
        let server = Server::always(audio());
        let test = get(&["-O", "pipe"]);
        let path = test.work().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from(0o600))
            .expect("a pipe can be made");
        let reader = std::thread::spawn(move || fs::read(path));
        test.server(&server).exits(0);
        assert_eq!(reader.join().expect("a reader").expect("bytes"), AUDIO);
    }
}
