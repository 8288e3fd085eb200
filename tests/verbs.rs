//! `heygen head|post|put|patch|delete`: each method on any path, with its headers.

use crate::support::{Expectation, Inline, KEY, Recorded, Reply, Server, Test, str};

/// HeyGen's response to the deletion of a video.
const DELETED: &str = r#"{"data":{"id":"v_5d1"}}"#;

const DELETED_PRETTY: &str = "{\n  \"id\": \"v_5d1\"\n}\n";

/// A look, as PATCH returns it.
const LOOK: &str = r#"{"data":{"id":"look_1","name":"In the garden"}}"#;

const LOOK_PRETTY: &str = "{\n  \"id\": \"look_1\",\n  \"name\": \"In the garden\"\n}\n";

/// Runs `heygen` with these arguments against a server that takes everything, and returns the one
/// request that it saw.
#[track_caller]
fn sent(arguments: &[&str]) -> Recorded {
    let server = Server::always(Reply::empty(204));
    let stdout = if arguments[0] == "head" { "HTTP/1.1 204 No Content\n\n" } else { "" };
    // `-s`: nothing is said of retired paths.
    let mut outcome = Test::new(arguments).arg("-s").server(&server).stdout(stdout).exits(0);
    assert_eq!(outcome.requests.len(), 1, "{arguments:?}");
    outcome.requests.remove(0)
}

/// Runs `heygen`, which is to refuse with these words before it connects.
#[track_caller]
fn refused(arguments: &[&str], stderr: impl Into<Expectation>) {
    let server = Server::always(Reply::empty(204));
    Test::new(arguments).server(&server).env("HEYGEN_ERROR_FORMAT", "text").stderr(stderr).exits(2);
    assert_eq!(server.connections(), 0, "{arguments:?}");
}

#[test]
fn post_sends_exactly_these_bytes() {
    let server = Server::always(Reply::json(
        200,
        r#"{"data":{"session_id":"sess_abc123","status":"generating","video_id":"vid_xyz789","created_at":1711382400}}"#,
    ));
    let outcome = Test::new(&["post", "/v3/video-agents", "-f", "prompt=A 30 s welcome"])
        .server(&server)
        .stdout(str![[r#"
{
  "session_id": "sess_abc123",
  "status": "generating",
  "video_id": "vid_xyz789",
  "created_at": 1711382400
}

"#]])
        .sends(&["POST /v3/video-agents"])
        .exits(0);
    let request = &outcome.requests[0];
    let mut headers: Vec<(String, &str)> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("idempotency-key"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect();
    headers.sort();
    let host = format!("127.0.0.1:{}", server.port());
    let expected = [
        ("accept", "application/json, */*;q=0.8"),
        ("accept-encoding", "gzip"),
        ("content-length", "27"),
        ("content-type", "application/json"),
        ("host", &host),
        ("user-agent", concat!("heygen-cli/", env!("CARGO_PKG_VERSION"), " (unofficial)")),
        ("x-api-key", KEY),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(request.text(), r#"{"prompt":"A 30 s welcome"}"#);
}

#[test]
fn post_without_body_sends_empty_object() {
    for method in ["post", "put", "patch"] {
        let request = sent(&[method, "/v3/avatars/looks/look_1"]);
        assert_eq!(request.line(), format!("{} /v3/avatars/looks/look_1", method.to_uppercase()));
        assert_eq!(request.header("content-type"), Some("application/json"), "{method}");
        assert_eq!(request.header("content-length"), Some("2"), "{method}");
        assert_eq!(request.text(), "{}", "{method}");
    }
}

#[test]
fn fields_of_get_go_into_query() {
    for method in ["get", "head", "delete"] {
        let request = sent(&[
            method,
            "/v3/videos?limit=5",
            "-Q",
            "token=a/b",
            "-f",
            "title=a b&c",
            "-F",
            "ids[]=1",
            "-F",
            "ids[]=2",
            "-F",
            "done=true",
        ]);
        let query = "limit=5&token=a%2Fb&title=a%20b%26c&ids=1&ids=2&done=true";
        assert_eq!(request.line(), format!("{} /v3/videos?{query}", method.to_uppercase()));
        assert_eq!(request.header("content-type"), None, "{method}");
        assert_eq!(request.body, b"", "{method}");
    }
}

#[test]
fn put_and_patch_print_the_response() {
    let server = Server::routes(&[("PATCH /v3/avatars/looks/look_1", Reply::json(200, LOOK))]);
    let outcome = Test::new(&["patch", "/v3/avatars/looks/look_1", "-f", "name=In the garden"])
        .server(&server)
        .stdout(LOOK_PRETTY)
        .exits(0);
    assert_eq!(outcome.requests[0].text(), r#"{"name":"In the garden"}"#);

    let server =
        Server::routes(&[("PUT /v3/video-translations/proofreads/p1/srt", Reply::empty(200))]);
    let outcome = Test::new(&[
        "put",
        "/v3/video-translations/proofreads/p1/srt",
        "-F",
        "srt[type]=url",
        "-F",
        "srt[url]=https://example.com/a.srt",
    ])
    .server(&server)
    .exits(0);
    assert_eq!(
        outcome.requests[0].text(),
        r#"{"srt":{"type":"url","url":"https://example.com/a.srt"}}"#
    );
}

#[test]
fn delete_may_have_a_body() {
    let server = Server::always(Reply::json(200, DELETED));
    let outcome = Test::new(&["delete", "/v3/videos/v_5d1", "-d", r#"{"reason":"old"}"#])
        .server(&server)
        .stdout(DELETED_PRETTY)
        .sends(&["DELETE /v3/videos/v_5d1"])
        .exits(0);
    assert_eq!(outcome.requests[0].header("content-type"), Some("application/json"));
    assert_eq!(outcome.requests[0].text(), r#"{"reason":"old"}"#);
}

#[test]
fn delete_without_body_has_no_length() {
    let request = sent(&["delete", "/v3/videos/v_5d1"]);
    assert_eq!(request.header("content-length"), None);
    assert_eq!(request.header("transfer-encoding"), None);
    assert_eq!(request.header("content-type"), None);
}

#[test]
fn get_and_head_reject_a_body() {
    for method in ["get", "head"] {
        refused(
            &[method, "/v3/videos", "-d", "a=1"],
            str![[r#"
error: unexpected argument '-d' found
hint: this method takes no body; `-Q` and `-f` go into the query

"#]],
        );
        refused(
            &[method, "/v3/videos", "--data", "a=1"],
            str![[r#"
error: unexpected argument '--data' found
hint: this method takes no body; `-Q` and `-f` go into the query

"#]],
        );
        refused(
            &[method, "/v3/videos", "--form", "a=1"],
            str![[r#"
error: unexpected argument '--form' found
hint: this method takes no body; `-Q` and `-f` go into the query

"#]],
        );
        refused(
            &[method, "/v3/videos", "--body-file", "a=1"],
            str![[r#"
error: unexpected argument '--body-file' found
hint: this method takes no body; `-Q` and `-f` go into the query

"#]],
        );
    }
}

#[test]
fn head_prints_status_and_headers() {
    let server = Server::always(
        Reply::new(200, "video/mp4", vec![0; 1000]).header("X-Request-Id", "req_11"),
    );
    Test::new(&["head", "/v3/videos/v_5d1"])
        .server(&server)
        .stdout(str![[r#"
HTTP/1.1 200 OK
content-type: video/mp4
x-request-id: req_11
content-length: 1000


"#]])
        .sends(&["HEAD /v3/videos/v_5d1"])
        .exits(0);
}

#[test]
fn failing_head_prints_the_headers() {
    let server = Server::always(Reply::json(404, "{}"));
    Test::new(&["head", "/v3/videos/gone"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(str![[r#"
HTTP/1.1 404 Not Found
content-type: application/json
content-length: 2


"#]])
        .stderr(str![[r#"
error: 404 not found: HEAD /v3/videos/gone

"#]])
        .exits(1);
}

#[test]
fn only_v3_post_has_idempotency_key() {
    let check = |arguments: &[&str], expected: bool| {
        let key = sent(arguments).header("idempotency-key").map(str::to_owned);
        assert_eq!(key.is_some(), expected, "{arguments:?}");
        if let Some(key) = key {
            let has_form =
                key.len() == 36 && key.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
            assert!(has_form, "{key}");
        }
    };
    check(&["post", "/v3/videos"], true);
    check(&["post", "v3/voices/speech"], true);
    check(&["post", "/v3/videos", "--idempotency-key", "none"], false);
    check(&["post", "/v3/videos", "-H", "Idempotency-Key: none"], false);
    check(&["post", "/v2/video/generate"], false);
    check(&["post", "/v1/streaming.create_token"], false);
    check(&["put", "/v3/videos/v1"], false);
    check(&["patch", "/v3/videos/v1"], false);
    check(&["delete", "/v3/videos/v1"], false);
    check(&["get", "/v3/videos"], false);
}

#[test]
fn each_run_makes_new_idempotency_key() {
    let server = Server::always(Reply::empty(204));
    let first = Test::new(&["post", "/v3/videos"]).server(&server).exits(0);
    let first_key = first.requests[0].header("idempotency-key").map(str::to_owned);
    let second = first.then(&["post", "/v3/videos"]).exits(0);
    assert_ne!(first_key.as_deref(), second.requests[0].header("idempotency-key"));
}

#[test]
fn given_idempotency_key_is_sent() {
    let check = |arguments: &[&str]| {
        assert_eq!(
            sent(arguments).headers_named("idempotency-key"),
            ["order-7:a.b_C"],
            "{arguments:?}"
        );
    };
    check(&["post", "/v3/videos", "--idempotency-key", "order-7:a.b_C"]);
    check(&["post", "/v3/videos", "-H", "idempotency-key: order-7:a.b_C"]);
    check(&["post", "/v2/video/generate", "--idempotency-key", "order-7:a.b_C"]);
    check(&["patch", "/v3/avatars/looks/l1", "--idempotency-key", "order-7:a.b_C"]);
}

#[test]
fn rejects_invalid_idempotency_key() {
    for key in ["", " ", "a b", "é", "a/b", &"a".repeat(256)] {
        refused(
            &["post", "/v3/videos", "--idempotency-key", key],
            str![[r#"
error: --idempotency-key is not a valid key
hint: use 1 to 255 of A-Z a-z 0-9 _ - : .

"#]],
        );
    }
    refused(
        &["post", "/v3/videos", "-H", "Idempotency-Key: a b"],
        str![[r#"
error: --idempotency-key is not a valid key
hint: use 1 to 255 of A-Z a-z 0-9 _ - : .

"#]],
    );
    refused(
        &["post", "/v3/videos", "--idempotency-key", "a", "-H", "Idempotency-Key: b"],
        str![[r#"
error: the idempotency key is given twice

"#]],
    );
    refused(
        &["post", "/v3/videos", "-H", "Idempotency-Key: a", "-H", "idempotency-key: b"],
        str![[r#"
error: the idempotency key is given twice

"#]],
    );
}

#[test]
fn given_headers_override_defaults() {
    let request = sent(&[
        "post",
        "/v3/videos",
        "-H",
        "Accept: text/plain",
        "-H",
        "content-type: application/merge-patch+json",
        "-H",
        "User-Agent: mine",
        "-H",
        "X-Trace:a",
        "-H",
        "X-Trace:  b: c ",
        "-H",
        "X-Empty:",
    ]);
    assert_eq!(request.headers_named("accept"), ["text/plain"]);
    assert_eq!(request.headers_named("content-type"), ["application/merge-patch+json"]);
    assert_eq!(request.headers_named("user-agent"), ["mine"]);
    assert_eq!(request.headers_named("x-trace"), ["a", "b: c"]);
    assert_eq!(request.headers_named("x-empty"), [""]);
    assert_eq!(request.headers_named("x-api-key"), [KEY]);
}

#[test]
fn rejects_unsafe_headers() {
    let check =
        |header: &str, stderr: Inline| refused(&["get", "/v3/videos", "-H", header], stderr);
    check(
        "x-api-KEY: abc",
        str![[r#"
error: --header x-api-KEY cannot be set
hint: the key comes from HEYGEN_API_KEY, a .env file or --api-key-file

"#]],
    );
    check(
        "Host: evil.test",
        str![[r#"
error: --header Host cannot be set
hint: heygen sets it from the URL and the body

"#]],
    );
    check(
        "Content-Length: 0",
        str![[r#"
error: --header Content-Length cannot be set
hint: heygen sets it from the URL and the body

"#]],
    );
    check(
        "Transfer-Encoding: chunked",
        str![[r#"
error: --header Transfer-Encoding cannot be set
hint: heygen sets it from the URL and the body

"#]],
    );
    check(
        "Connection: close",
        str![[r#"
error: --header Connection cannot be set
hint: heygen sets it from the URL and the body

"#]],
    );
    check(
        "no colon",
        str![[r#"
error: --header: a header has no `:`
hint: write it like `-H 'X-Trace: 1'`

"#]],
    );
    check(
        ": 1",
        str![[r#"
error: --header: invalid header name before `:`

"#]],
    );
    check(
        "X Trace: 1",
        str![[r#"
error: --header: invalid header name before `:`

"#]],
    );
    check(
        "X\r\nX: 1",
        str![[r#"
error: --header: invalid header name before `:`

"#]],
    );
    check(
        "X-Trace: a\r\nX-Api-Key: b",
        str![[r#"
error: --header X-Trace: the value contains a line break or control character

"#]],
    );
    check(
        "X-Trace: a\nb",
        str![[r#"
error: --header X-Trace: the value contains a line break or control character

"#]],
    );
    check(
        "X-Trace: a\u{1}b",
        str![[r#"
error: --header X-Trace: the value contains a line break or control character

"#]],
    );
}

#[test]
fn rejects_lines_over_15000_bytes() {
    let long = "a".repeat(14_990);
    let request =
        sent(&["get", "/v3/videos", "-H", &format!("X: {long}"), "-H", &format!("Y: {long}")]);
    assert_eq!(request.headers_named("y"), [&long]);
    let longer = "a".repeat(15_001);
    refused(
        &["get", "/v3/videos", "-H", &format!("X: {longer}")],
        str![[r#"
error: --header X is too long: 15002 bytes, at most 15000

"#]],
    );
    let longest = "a".repeat(100_000);
    refused(
        &["get", "/v3/videos", "-Q", &format!("q={longest}")],
        str![[r#"
error: the URL with its query is too long: 100035 bytes, at most 15000

"#]],
    );
}

#[test]
fn header_without_colon_is_not_repeated() {
    Test::new(&["get", "/v3/videos", "-H", KEY])
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--header: a header has no `:`","hint":"write it like `-H 'X-Trace: 1'`"}}

"#]])
        .exits(2);
}

#[test]
fn tokens_and_cookies_are_masked() {
    let server = Server::always(
        Reply::empty(204).header("Set-Cookie", "session=hush-hush").header("X-Echo", KEY),
    );
    let outcome = Test::new(&[
        "post",
        "/v1/streaming.start",
        "-vv",
        "-H",
        "Authorization: Bearer token-of-a-session",
        "-H",
        "Cookie: session=hush-hush",
    ])
    .server(&server)
    .secret("token-of-a-session")
    .secret("hush-hush")
    .stderr(str![[r#"
> POST [BASE]/v1/streaming.start
> Content-Type: application/json
> Authorization: …
> Cookie: …
> accept: application/json, */*;q=0.8
> x-api-key: …7Qx2
> {}
< 204 No Content, [MS] ms
< set-cookie: …
< x-echo: …7Qx2
{"warning":{"code":"cli_retired_endpoint","message":"/v1/streaming.start was retired on 2026-10-31"}}

"#]])
    .exits(0);
    let request = &outcome.requests[0];
    assert_eq!(request.header("authorization"), Some("Bearer token-of-a-session"));
    assert_eq!(request.header("cookie"), Some("session=hush-hush"));
}

#[test]
fn trace_hides_headers() {
    let server = Server::always(Reply::json(200, DELETED));
    Test::new(&["delete", "/v3/videos/v_5d1", "-v", "-Q", "force=true"])
        .server(&server)
        .stdout(DELETED_PRETTY)
        .stderr(str![[r#"
> DELETE [BASE]/v3/videos/v_5d1?force=true
< 200 OK, [MS] ms

"#]])
        .exits(0);
}
