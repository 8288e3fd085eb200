//! `heygen get`: an endpoint is called, and its data is on stdout.

use crate::support::{KEY, Reply, Server, Stream, Test};

/// A page of `GET /v3/videos`, with numbers that must not be rounded.
const VIDEOS: &str = r#"{"data":[{"id":"v1","duration":1.10,"n":12345678901234567890}],"has_more":false,"next_token":null}"#;

const VIDEOS_PRETTY: &str = r#"[
  {
    "id": "v1",
    "duration": 1.10,
    "n": 12345678901234567890
  }
]
"#;

#[test]
fn data_comes_out_indented_and_unaltered() {
    let server = Server::always(Reply::json(200, VIDEOS));
    let outcome = Test::new(&["get", "/v3/videos", "-Q", "limit=5"])
        .server(&server)
        .stdout(VIDEOS_PRETTY)
        .exits(0);
    let request = &outcome.requests[0];
    assert_eq!(request.line(), "GET /v3/videos?limit=5");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("accept"), Some("application/json, */*;q=0.8"));
    assert_eq!(request.body, b"");
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_colours() {
    let server = Server::always(Reply::json(200, r#"{"data":{"id":null}}"#));
    Test::new(&["get", "/v3/videos/v1"])
        .server(&server)
        .terminal(Stream::Both)
        .stdout("{\n  \u{1b}[1;34m\"id\"\u{1b}[0m: \u{1b}[33mnull\u{1b}[0m\n}\n")
        .exits(0);
}
