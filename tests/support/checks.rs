//! Tests of the test support itself: the server over plain sockets, the comparison, and the
//! acceptance of new texts.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use snapbox::data::Position;
use tempfile::TempDir;

use crate::support::expectation::{Placeholder, difference, matches};
use crate::support::{Expectation, Inline, Reply, Server, Test, str};

/// Sends bytes and returns all that comes back until the server closes.
fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(bytes).expect("the server takes the request");
    let mut response = Vec::new();
    // A reset is one of the ways in which a server closes.
    let _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
    stream
}

const LAST: &str = "Connection: close\r\n\r\n";

#[test]
fn kept_connection_records_every_request() {
    let server = Server::in_turn(vec![
        Reply::json(200, "{}").header("X-Self", "[BASE]/x"),
        Reply::empty(204),
    ]);
    let first = "POST /v3/a?b=c HTTP/1.1\r\nx-Key: secret\r\nTransfer-Encoding: chunked\r\n\r\n\
                 3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let response = exchange(&server, format!("{first}GET /v3/b HTTP/1.1\r\n{LAST}").as_bytes());

    let base = server.base();
    assert_eq!(
        response,
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Self: {base}/x\r\n\
             Content-Length: 2\r\n\r\n{{}}\
             HTTP/1.1 204 No Content\r\n\r\n"
        )
    );
    let requests = server.requests();
    assert_eq!(requests[0].line(), "POST /v3/a?b=c");
    assert_eq!(requests[0].header("X-KEY"), Some("secret"));
    assert_eq!(requests[0].headers[0], ("x-Key".to_owned(), "secret".to_owned()));
    assert_eq!(requests[0].body, b"abcde");
    assert_eq!(requests[0].raw, first.as_bytes());
    assert_eq!((requests[1].line().as_str(), requests[1].connection), ("GET /v3/b", 0));
    assert!(server.saw(b"x-Key: secret") && !server.saw(b"another"));
}

#[test]
fn server_responds_to_expect_100_continue() {
    let server = Server::always(Reply::json(200, "1"));
    let mut stream = connect(&server);
    let head = format!("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n{LAST}");
    stream.write_all(head.as_bytes()).expect("the server takes the head");
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).expect("the server asks for the body");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ok").expect("the server takes the body");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("the server responds");
    assert!(response.ends_with("\r\n\r\n1"), "{response}");
    assert_eq!(server.requests()[0].body, b"ok");
}

#[test]
fn replies_are_framed_as_named() {
    let plain = || Reply::new(200, "", "abcde");
    let head = |framing: &str| format!("HTTP/1.1 200 OK\r\n{framing}\r\n");
    let cases = [
        (plain(), head("Content-Length: 5\r\n") + "abcde"),
        (
            plain().chunked(3),
            head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        ),
        (
            plain().chunked(5).unfinished(),
            head("Transfer-Encoding: chunked\r\n") + "5\r\nabcde\r\n",
        ),
        (plain().until_close(), head("") + "abcde"),
        (plain().announcing(9), head("Content-Length: 9\r\n") + "abcde"),
        (plain().dripping(Duration::from_millis(1)), head("Content-Length: 5\r\n") + "abcde"),
        (Reply::raw("garbage"), "garbage".to_owned()),
        (Reply::close_unread(), String::new()),
        (Reply::close_unanswered(), String::new()),
    ];
    for (reply, expected) in cases {
        let server = Server::always(reply.clone());
        let response = exchange(&server, format!("GET /secret HTTP/1.1\r\n{LAST}").as_bytes());
        assert_eq!(response, expected, "{reply:?}");
        server.settle();
        assert!(server.saw(b"/secret"), "{reply:?}");
    }
}

#[test]
fn stalling_server_ends_with_test() {
    for reply in [
        Reply::stall_unread(),
        Reply::stall_unanswered(),
        Reply::json(200, "{}").stalling_after_head(),
        Reply::json(200, "{").announcing(2).stalling(),
        Reply::json(200, "{}").on_demand(),
        Reply::json(200, "{}").dripping(Duration::from_secs(3600)),
        Reply::endless_headers(),
    ] {
        let server = Server::always(reply);
        let mut stream = connect(&server);
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("the server takes the request");
        drop(server);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

#[test]
fn reply_on_demand_sends_bytes() {
    let server = Server::always(Reply::new(200, "", "abc").on_demand());
    let mut stream = connect(&server);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("the server takes the request");
    let mut response = [0; b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab".len()];
    server.drip(2);
    stream.read_exact(&mut response).expect("two bytes of the body come");
    assert!(response.ends_with(b"\r\n\r\nab"));
}

#[test]
fn routes_match_path_and_query() {
    let server = Server::routes(&[("GET /a", Reply::empty(200)), ("GET /b?*", Reply::empty(200))]);
    for (target, status) in
        [("/a", "200"), ("/b", "200"), ("/b?c=d", "200"), ("/a?b=c", "501"), ("/bc", "501")]
    {
        let response = exchange(&server, format!("GET {target} HTTP/1.1\r\n{LAST}").as_bytes());
        assert_eq!(&response[9..12], status, "{target}");
    }
    assert_eq!(server.take_problems(), ["no route for `GET /a?b=c`", "no route for `GET /bc`"]);
}

#[test]
#[should_panic(expected = "1 of the promised replies were never fetched")]
fn unfetched_reply_fails_the_test() {
    drop(Server::in_turn(vec![Reply::empty(200)]));
}

#[test]
fn texts_match_except_placeholders() {
    let placeholders = [
        Placeholder::text("[BASE]", "http://x"),
        Placeholder::run("[MS]", |byte| byte.is_ascii_digit()),
    ];
    let check = |expected: &str, actual: &str, same: bool| {
        assert_eq!(
            matches(expected.as_bytes(), actual.as_bytes(), &placeholders),
            same,
            "{expected} {actual}"
        );
    };
    check("", "", true);
    check("", "a", false);
    check("a", "", false);
    check("[BASE]/v3 in [MS] ms\n", "http://x/v3 in 1234 ms\n", true);
    check("[BASE]/v3 in [MS] ms\n", "http://x/v3 in  ms\n", false);
    check("[BASE]", "http://y", false);
    check("[MS] stays itself", "[MS] stays itself", true);
}

#[test]
fn difference_shows_hidden_characters() {
    let text = difference(b"one\ntwo\nthree\nfour\n", b"one\ntwo\n\x1b[1mthree\nfour", &[]);
    assert_eq!(
        text,
        "    one\n    two\n  - three\n  - four\n\
         \x20 + \\u{1b}[1mthree\n  + four  (without a line break)\n"
    );
}

/// The message of a run whose output differs from this snapshot, and its source file afterwards.
fn settle(literal: &str, data: &'static str, actual: &[u8], accepts: bool) -> (String, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("test.rs");
    fs::write(&file, format!("fn f() {{\n    check(str![{literal}], 1);\n}}\n")).expect("a file");
    let position = Position { file: file.clone(), line: 2, column: 11 };
    let placeholders = [
        Placeholder::text("[BASE]", "http://127.0.0.1:40001"),
        Placeholder::text("[PORT]", "40001"),
        Placeholder::run("[MS]", |byte| byte.is_ascii_digit()),
    ];
    let expectation = Expectation::from(Inline { position, data });
    let report = expectation.settle("stdout", actual, &placeholders, accepts);
    let source = fs::read_to_string(&file).expect("the file");
    let source = source.strip_prefix("fn f() {\n    check(str![");
    let literal = source.and_then(|rest| rest.strip_suffix("], 1);\n}\n"));
    (report, literal.expect("nothing but the literal changes").to_owned())
}

#[test]
fn snapshots_differ_by_a_single_byte() {
    let expected = "\na b\n\n";
    for actual in ["a b", "a b\r\n", "a b \n", "a  b\n", "a b\n\n", "a\tb\n", "a b\n\0"] {
        let (report, literal) = settle("[r#\"same\"#]", expected, actual.as_bytes(), false);
        assert!(report.starts_with("stdout differs"), "{actual:?} passes");
        assert!(report.ends_with("SNAPSHOTS=overwrite cargo test\n"), "{report}");
        assert_eq!(literal, "[r#\"same\"#]");
    }
    assert_eq!(settle("", expected, b"a b\n", false).0, "");
}

#[test]
fn overwrite_replaces_the_literal() {
    let accepted = |actual: &str| {
        let (report, literal) = settle("[r#\"old\"#]", "old", actual.as_bytes(), true);
        assert_eq!(report, "");
        literal
    };
    assert_eq!(accepted("new"), "\"new\"");
    assert_eq!(accepted("new\n"), "[r#\"\nnew\n\n\"#]");
    assert_eq!(accepted("say \"#\"\n"), "[r##\"\nsay \"#\"\n\n\"##]");
    assert_eq!(accepted("a \nb"), "[r#\"\na\u{2420}\nb\n\"#]");
    assert_eq!(
        accepted("\u{1b}[1m\r\n\t\u{7f}"),
        "[r#\"\n\u{241b}[1m\u{240d}\n\u{2409}\u{2421}\n\"#]"
    );
}

#[test]
fn overwrite_keeps_placeholders() {
    let old = "\n> GET [BASE]/v3\n< 200 OK, [MS] ms\n\n";
    let accepted = |actual: &[u8]| settle("", old, actual, true);
    let unchanged = accepted(b"> GET http://127.0.0.1:40001/v3\n< 200 OK, 12 ms\n");
    assert_eq!(unchanged, (String::new(), String::new()));
    let changed = b"> GET http://127.0.0.1:40001/v4?n=140001\n< 201 Created, 3 ms\nport 40001\n";
    assert_eq!(
        accepted(changed).1,
        "[r#\"\n> GET [BASE]/v4?n=140001\n< 201 Created, [MS] ms\nport [PORT]\n\n\"#]"
    );
    // A number in other surroundings is one to look at.
    assert_eq!(accepted(b"404 not found").1, "\"404 not found\"");
}

#[test]
fn overwrite_refuses_unprintable_text() {
    for actual in [&b"\xff"[..], "\u{241b}".as_bytes(), "\u{202e}".as_bytes()] {
        let (report, literal) = settle("\"old\"", "old", actual, true);
        assert!(report.contains("\nnot accepted: "), "{report}");
        assert_eq!(literal, "\"old\"");
    }
    let report = Expectation::default().settle("stderr", b"unforeseen", &[], true);
    assert!(report.contains("no `str![…]` is expected there"), "{report}");
}

#[test]
#[should_panic(expected = "stdout differs (- expected, + came)")]
fn wrong_snapshot_fails_its_test() {
    let wrong = Expectation::from("another text\n");
    Test::new(&["--version"]).no_key().stdout(wrong).exits(0);
}

#[test]
#[should_panic(expected = "stderr differs (- expected, + came)")]
fn unexpected_output_fails_a_test() {
    Test::new(&["nonsense"]).no_key().exits(2);
}

#[test]
#[should_panic(expected = "it was to end with exit code 0")]
fn wrong_exit_code_is_never_accepted() {
    Test::new(&["nonsense"]).no_key().stderr(str![["never replaced"]]).exits(0);
}
