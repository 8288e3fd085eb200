//! `-O` with a destination that is not a regular file, or changes during the call.

use std::fs;

#[cfg(unix)]
use crate::support::Stream;
use crate::support::{Expectation, Reply, Server, Test};

/// Bytes that are neither JSON nor text.
const AUDIO: &[u8] = b"ID3\x04\0\0\xff\xfb\x90\0sound";

/// `heygen get /v3/videos/v1` and these arguments, with errors as text.
fn get<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos/v1"], arguments].concat()).env("HEYGEN_ERROR_FORMAT", "text")
}

#[test]
fn complete_response_is_kept_and_named() {
    let server = Server::always(Reply::new(200, "audio/mpeg", AUDIO).on_demand());
    let test = get(&["-O", "out.mp3"])
        .server(&server)
        .filter("[RANDOM]", |byte| byte.is_ascii_alphanumeric())
        .stderr(
            "error: saving the response to `out.mp3`: file exists; the complete output is in \
             `out.mp3.heygen-[RANDOM]`\n",
        );
    let path = test.work().join("out.mp3");
    let running = test.start();
    server.wait_for_requests(1);
    fs::write(&path, "somebody else's").expect("a file");
    server.drip(AUDIO.len());
    let outcome = running.exits(5);
    assert_eq!(outcome.file("out.mp3"), b"somebody else's");
    let files = outcome.files();
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(outcome.file(&files[1]), AUDIO);
}

#[cfg(unix)]
#[test]
fn force_keeps_no_setuid_bit() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::always(Reply::new(200, "audio/mpeg", AUDIO));
    let test = get(&["-O", "out", "--force"]).file("out", "old").server(&server);
    let path = test.work().join("out");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o7751)).expect("permissions");
    let _outcome = test.exits(0);
    let mode = fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o751);
}

#[cfg(unix)]
#[test]
fn terminal_devices_are_terminals() {
    let escapes = || Server::always(Reply::new(200, "text/plain", "a\u{1b}[31mb"));
    let server = escapes();
    get(&["-O", "/dev/stderr"])
        .terminal(Stream::Stderr)
        .server(&server)
        .stderr("a\\u{1b}[31mb\n")
        .exits(0);
    let server = escapes();
    get(&["-O", "/dev/stdout"])
        .terminal(Stream::Stdout)
        .server(&server)
        .stdout("a\\u{1b}[31mb\n")
        .exits(0);
    let server = Server::always(Reply::json(200, "{\"data\":\"\u{9b}31m\"}"));
    get(&["-O", "/dev/stderr"])
        .terminal(Stream::Stderr)
        .server(&server)
        .stderr("\"\\u009b31m\"\n")
        .exits(0);
    let server = Server::always(Reply::new(200, "audio/mpeg", AUDIO));
    get(&["-O", "/dev/stderr"])
        .terminal(Stream::Stderr)
        .env("NO_COLOR", "1")
        .server(&server)
        .stderr(
            "error: the response is audio/mpeg; it is not written to a terminal\n\
             hint: the call itself succeeded; `-O FILE` saves a response, `> FILE` too\n",
        )
        .exits(5);
}

#[cfg(unix)]
#[test]
fn pipe_without_reader_is_an_error() {
    let server = Server::in_turn(Vec::new());
    let test = get(&["-O", "pipe"]).server(&server);
    let pipe = test.work().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from(0o600)).expect("a pipe");
    test.stderr(
        "error: creating `pipe`: no process opened it for reading\nhint: nothing was sent\n",
    )
    .sends(&[])
    .exits(1);
}

#[cfg(unix)]
#[test]
fn reader_of_a_pipe_gets_what_a_wait_ends_with() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, r#"{"data":{"video_id":"v"}}"#),
        _ => Reply::json(
            200,
            r#"{"data":{"id":"v","status":"completed","video_url":"https://f.test/v"}}"#,
        ),
    });
    let test = Test::new(&["post", "/v3/videos", "--wait", "--interval", "1ms", "-O", "pipe"]);
    let pipe = test.work().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from(0o600)).expect("a pipe");
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).expect("text"));
    test.server(&server).stderr(Expectation::anything()).exits(0);
    let read = reader.join().expect("a reader");
    assert!(read.contains(r#""status": "completed""#), "{read}");
}
