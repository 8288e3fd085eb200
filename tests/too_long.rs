//! Requests that are longer than servers accept: usage errors before anything is sent.

use crate::support::{Reply, Server, Test};

#[track_caller]
fn refused(arguments: &[&str], message: &str) {
    let server = Server::in_turn(vec![]);
    Test::new(arguments)
        .base("http://127.0.0.1:1")
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: {message}\n"))
        .exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn single_headers_are_bounded() {
    let value = "a".repeat(15_000);
    refused(
        &["get", "/v3/videos", "-H", &format!("X: {value}")],
        "--header X is too long: 15001 bytes, at most 15000",
    );
}

#[test]
fn queries_are_bounded() {
    let value = "a".repeat(100_000);
    refused(
        &["get", "/v3/videos", "-Q", &format!("q={value}")],
        "the URL with its query is too long: 100031 bytes, at most 15000",
    );
}

#[test]
fn bases_are_bounded() {
    let path = "a".repeat(2_000);
    let base = format!("http://127.0.0.1:1/{path}");
    for command in [&["get", "/v3/videos"][..], &["auth", "check"]] {
        refused(
            &[command, &["--api-base", &base]].concat(),
            "--api-base is too long: 2019 bytes, at most 2000",
        );
    }
}

#[test]
fn what_is_allowed_arrives_whole() {
    let server = Server::always(Reply::empty(204));
    let value = "a".repeat(4_800);
    let header = |name: &str| format!("{name}: {value}");
    let outcome = Test::new(&["post", "/v3/videos", "-H", &header("A"), "-H", &header("B"), "-Q"])
        .arg(format!("q={value}"))
        .server(&server)
        .exits(0);
    let request = &outcome.requests[0];
    assert_eq!(request.headers_named("b"), [&value]);
    assert_eq!(request.line(), format!("POST /v3/videos?q={value}"));
}

#[test]
fn lists_of_jobs_on_stdin_are_limited() {
    let server = Server::in_turn(vec![]);
    for command in ["wait", "download"] {
        Test::new(&[command, "-", "--error-format", "text"])
            .stdin("v_0123456789abcdef\n".repeat(900_000))
            .server(&server)
            .stderr("error: reading stdin: it is larger than 16 MiB\n")
            .exits(2);
    }
}

/// Notes that are too long to be read again would be foreign in the next run.
#[test]
fn long_etags_are_not_noted() {
    let etag = format!("\"{}\"", "e".repeat(10_000));
    let server = Server::start(move |request| match request.target.as_str() {
        "/v3/videos/v" => {
            let url = format!("http://{}/film", request.header("host").expect("a host"));
            Reply::json(
                200,
                &format!(r#"{{"data":{{"id":"v","status":"completed","video_url":"{url}"}}}}"#),
            )
        }
        _ => Reply::new(200, "video/mp4", "film").header("ETag", &etag).announcing(9).unfinished(),
    });
    let outcome = Test::new(&["download", "v", "--retry", "0"]).server(&server).run();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.files().is_empty());
    let outcome = outcome.then(&["download", "v", "--retry", "0"]).run();
    assert!(outcome.stderr.contains("the connection to 127.0.0.1"), "{}", outcome.stderr);
}
