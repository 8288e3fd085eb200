//! Requests that are longer than servers read: refused before anything is sent.

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
