//! Codings of a response's body.

use crate::support::{Reply, Server, Test, str};

/// `{"data":{"id":"v_1"}}` as gzip.
const ZIPPED: [u8; 41] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 73, 44, 73, 84, 178, 170, 86, 202, 76, 81, 178,
    82, 42, 139, 55, 84, 170, 173, 5, 0, 221, 233, 148, 174, 21, 0, 0, 0,
];

#[test]
fn gzip_has_several_names() {
    for name in ["gzip", "GZIP", "x-gzip", "identity, gzip"] {
        let reply = Reply::new(200, "application/json", ZIPPED).header("Content-Encoding", name);
        let server = Server::always(reply);
        Test::new(&["get", "/v3/videos/v_1", "-o", "compact"])
            .server(&server)
            .stdout("{\"id\":\"v_1\"}\n")
            .exits(0);
    }
}

#[test]
fn transfer_codings_that_nobody_decodes_are_an_error() {
    let check = |version: &str, coding: &str, stderr: snapbox::data::Inline| {
        let head = format!("HTTP/{version} 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");
        let server = Server::always(Reply::raw(head + "7\r\n{\"a\":1}\r\n0\r\n\r\n"));
        Test::new(&["get", "/v3/videos", "--retry", "0", "--error-format", "text"])
            .server(&server)
            .stderr(stderr)
            .exits(1);
    };
    check(
        "1.0",
        "chunked",
        str![[r#"
error: 127.0.0.1 did not respond in HTTP: its body has the transfer coding `chunked`

"#]],
    );
    check(
        "1.1",
        "gzip, chunked",
        str![[r#"
error: 127.0.0.1 did not respond in HTTP: its body has the transfer coding `gzip, chunked`

"#]],
    );
}

/// 204 and HEAD have the coding of a body, and none.
#[test]
fn no_bytes_are_an_empty_body_in_any_coding() {
    let check = |arguments: &[&str], head: &str, stdout: &str| {
        let server = Server::always(Reply::raw(format!("HTTP/1.1 {head}\r\n\r\n")));
        let outcome = Test::new(arguments).server(&server).stdout(stdout).exits(0);
        assert_eq!(outcome.requests.len(), 1);
    };
    let get = ["get", "/v3/videos/v_1"];
    check(&get, "204 No Content\r\nContent-Encoding: gzip", "");
    check(&get, "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0", "");
    check(&get, "200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0", "");
    check(
        &["head", "/v3/videos/v_1"],
        "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 41",
        "HTTP/1.1 200 OK\n\n",
    );
}

/// Some servers name a coding that they do not use.
#[test]
fn body_that_is_no_gzip_is_what_it_is() {
    let plain = r#"{"data":{"id":"v_1"}}"#;
    let reply = Reply::json(200, plain).header("Content-Encoding", "gzip");
    let server = Server::always(reply);
    Test::new(&["post", "/v3/videos", "-o", "compact"])
        .server(&server)
        .stdout("{\"id\":\"v_1\"}\n")
        .exits(0);
    assert_eq!(server.connections(), 1);
}

/// Less than gzip's own end is a body that was cut.
#[test]
fn cut_gzip_is_cut() {
    let reply =
        Reply::new(200, "application/json", &ZIPPED[..20]).header("Content-Encoding", "gzip");
    let server = Server::always(reply);
    let outcome = Test::new(&["get", "/v3/videos/v_1", "--retry", "0"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains("the connection ended in the middle"), "{}", outcome.stderr);
}
