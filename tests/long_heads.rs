//! Requests with a long head.

use crate::support::{Reply, Server, Test};

/// Longer than any line that is sent.
const LONG: usize = 20_000;

#[test]
fn long_heads_are_usage_errors() {
    let server = Server::always(Reply::json(200, r#"{"data":[]}"#));
    let long = "a".repeat(LONG);
    let check = |test: Test<'_>, code: i32| {
        let outcome = test.env("HEYGEN_ERROR_FORMAT", "text").args(&["--retry", "3"]).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains(&long[..100]), "{}", outcome.stderr);
    };
    let get = || Test::new(&["get", "/v3/videos"]).server(&server);
    check(get().key(&format!("sk_{long}")), 3);
    check(get().args(&["-H", &format!("X-Long: {long}")]), 2);
    check(get().base(&format!("{}/{long}", server.base())), 2);
    check(get().args(&["-Q", &format!("q={long}")]), 2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn many_headers_make_a_sendable_head() {
    let server = Server::always(Reply::json(200, r#"{"data":[]}"#));
    let long = "a".repeat(1_000);
    let headers: Vec<String> = (0..60).map(|number| format!("X-{number}: {long}")).collect();
    let test = Test::new(&["get", "/v3/videos"]).server(&server);
    let test = headers.iter().fold(test, |test, header| test.args(&["-H", header]));
    let outcome = test.stdout("[]\n").exits(0);
    assert_eq!(outcome.requests[0].header("x-59"), Some(&*long));
}
