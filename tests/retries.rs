//! Retries: the number of attempts for each kind of failure, and the final error.
//!
//! Pauses are taken on a virtual clock: these tests use the library's client over a real socket.
//! The program itself is run where the server asks for pauses of no length.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant, SystemTime};

use heygen_cli::api::endpoint::Endpoint;
use heygen_cli::api::origin::Base;
use heygen_cli::api::outcome::Outcome;
use heygen_cli::api::request::{Body, IdempotencyKey, Request};
use heygen_cli::clock::Clock;
use heygen_cli::error::{KeyMark, Source};
use heygen_cli::http::client::Client;
use heygen_cli::http::event::Event;
use heygen_cli::http::retry::Policy;
use heygen_cli::http::transport::{Network, Patience, Wire};
use heygen_cli::secret::Secret;

use crate::support::{Inline, Reply, Server, Stream, Test, at_once, str};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

const RATE_LIMIT: &str = r#"{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Retry after the duration specified in the Retry-After header.","param":null,"doc_url":null}}"#;

/// A clock on which pausing takes no time, and which remembers every pause.
struct VirtualClock {
    started: Instant,
    passed: Cell<Duration>,
    pauses: RefCell<Vec<Duration>>,
}

impl VirtualClock {
    fn new() -> VirtualClock {
        VirtualClock {
            started: Instant::now(),
            passed: Cell::default(),
            pauses: RefCell::default(),
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.started + self.passed.get()
    }

    fn today(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.passed.get()
    }

    fn sleep(&self, pause: Duration) {
        self.passed.set(self.passed.get().saturating_add(pause));
        self.pauses.borrow_mut().push(pause);
    }
}

/// A request of the kind that the tables below speak of.
fn request(server: &Server, method: &str, path: &str, key: Option<IdempotencyKey>) -> Request {
    let base = Base::parse(&server.base()).expect("a base");
    let endpoint = Endpoint::parse(path, &base).expect("an endpoint");
    let mut request = Request::new(method.parse().expect("a method"), endpoint);
    if !["GET", "HEAD", "DELETE"].contains(&method) {
        request.body = Body::Json(r#"{"a":1}"#.to_owned());
    }
    request.idempotency_key = key;
    request
}

fn call(server: &Server, request: &Request, retries: u32, clock: &VirtualClock) -> Outcome {
    let base = Base::parse(&server.base()).expect("a base");
    let wire = Wire::new(Duration::from_millis(400), &Network::default()).expect("a wire");
    let client = Client {
        base: &base,
        key: &Secret::new("sk_V2_hgu_0123456789"),
        key_mark: &|_| KeyMark {
            masked: "…6789".to_owned(),
            source: Source::Environment,
            shadowed: Vec::new(),
            looks_foreign: false,
        },
        mask: &str::to_owned,
        transport: &wire,
        policy: Policy { retries, budget: Duration::from_secs(120) },
        within: None,
        timeout: Duration::ZERO,
        clock,
        observer: &|_: &Event<'_>| {},
        stdin: &|| Box::new(std::io::empty()),
    };
    client.send(request, Patience::Whole)
}

fn made() -> Option<IdempotencyKey> {
    Some(IdempotencyKey::Made("made-1".to_owned()))
}

fn given() -> Option<IdempotencyKey> {
    Some(IdempotencyKey::Given("order-7".to_owned()))
}

/// Method, path, idempotency key, and whether doing it twice is safe.
fn kinds_of_calls() -> Vec<(&'static str, &'static str, Option<IdempotencyKey>, bool)> {
    vec![
        ("GET", "/v3/videos", None, true),
        ("HEAD", "/v3/videos", None, true),
        ("PUT", "/v3/video-translations/proofreads/p/srt", None, true),
        ("DELETE", "/v3/videos/v", None, true),
        ("PATCH", "/v3/avatars/looks/l", None, false),
        ("POST", "/v3/videos", made(), true),
        ("POST", "/v3/videos", None, false),
        ("POST", "/v3/voices/speech", made(), false),
        ("POST", "/v3/voices/speech", given(), true),
        ("POST", "/v2/video/generate", None, false),
    ]
}

#[test]
fn retries_only_safe_calls() {
    let failures: Vec<(&str, Reply)> = vec![
        ("closed before it was read", Reply::close_unread()),
        ("closed without a response", Reply::close_unanswered()),
        ("a response that is not HTTP", Reply::raw("SSH-2.0-OpenSSH_9.2\r\n")),
        ("500", Reply::json(500, r#"{"error":{"code":"internal_error","message":"m"}}"#)),
        (
            "502 in HTML",
            Reply::new(502, "text/html", "<html><title>502 Bad Gateway</title></html>"),
        ),
        ("503", Reply::json(503, "{}")),
        ("504", Reply::json(504, r#"{"error":{"code":"gateway_timeout","message":"m"}}"#)),
    ];
    for (name, failure) in failures {
        for (method, path, key, safe) in kinds_of_calls() {
            let clock = VirtualClock::new();
            let server = Server::always(failure.clone());
            let called = call(&server, &request(&server, method, path, key.clone()), 2, &clock);
            let tries = if safe { 3 } else { 1 };
            assert_eq!(called.call.attempts, tries, "{name}: {method} {path} {key:?}");
            assert_eq!(
                clock.pauses.borrow().len() as u32,
                tries - 1,
                "{name}: {method} {path} {key:?}"
            );
            assert!(called.result.is_err(), "{name}");
        }
    }
}

#[test]
fn retries_truncated_response_where_safe() {
    for (method, path, key, safe) in kinds_of_calls() {
        // HEAD has no body that could be cut.
        if method == "HEAD" {
            continue;
        }
        let clock = VirtualClock::new();
        let server = Server::always(Reply::json(200, CREATED).announcing(10_000));
        let called = call(&server, &request(&server, method, path, key), 2, &clock);
        assert_eq!(called.call.attempts, if safe { 3 } else { 1 }, "{method} {path}");
        assert_eq!(server.requests().len(), if safe { 3 } else { 1 }, "{method} {path}");
    }
}

#[test]
fn timeout_is_never_retried() {
    at_once(kinds_of_calls(), |(method, path, key, _)| {
        let clock = VirtualClock::new();
        let server = Server::always(Reply::stall_unanswered());
        let called = call(&server, &request(&server, method, path, key), 3, &clock);
        assert_eq!(called.call.attempts, 1, "{method} {path}");
        assert_eq!(server.requests().len(), 1, "{method} {path}");
    });
}

#[test]
fn retries_429_with_retry_after() {
    for (method, path, key, _) in kinds_of_calls() {
        let clock = VirtualClock::new();
        let limit = Reply::json(429, RATE_LIMIT).header("Retry-After", "7");
        let server = Server::in_turn(vec![limit.clone(), limit, Reply::json(200, CREATED)]);
        let called = call(&server, &request(&server, method, path, key), 3, &clock);
        assert_eq!(called.call.attempts, 3, "{method} {path}");
        assert_eq!(*clock.pauses.borrow(), [Duration::from_secs(7); 2], "{method} {path}");
        assert!(called.result.is_ok(), "{method} {path}");
    }
}

#[test]
fn failing_post_creates_one_job() {
    let clock = VirtualClock::new();
    let server = Server::in_turn(vec![
        Reply::json(429, RATE_LIMIT).header("Retry-After", "2"),
        Reply::new(502, "text/html", "<html><title>502 Bad Gateway</title></html>"),
        Reply::json(200, CREATED).announcing(9_999),
        Reply::json(409, r#"{"error":{"code":"request_in_progress","message":"m"}}"#),
        Reply::json(200, CREATED),
    ]);
    let called = call(&server, &request(&server, "POST", "/v3/videos", made()), 5, &clock);
    assert_eq!(called.call.attempts, 5);
    assert!(called.result.is_ok());
    let requests = server.requests();
    // HeyGen counts the requests with one key as one.
    assert!(requests.iter().all(|request| request.header("idempotency-key") == Some("made-1")));
    assert!(requests.iter().all(|request| request.body == br#"{"a":1}"#));
    let pauses = clock.pauses.borrow();
    assert_eq!(pauses[0], Duration::from_secs(2));
    let within =
        |pause: Duration, middle: f64| (0.74..=1.26).contains(&(pause.as_secs_f64() / middle));
    assert!(
        within(pauses[1], 2.0) && within(pauses[2], 4.0) && within(pauses[3], 8.0),
        "{pauses:?}"
    );
}

#[test]
fn retries_end_with_the_budget() {
    let clock = VirtualClock::new();
    let server = Server::always(Reply::json(503, "{}"));
    let called = call(&server, &request(&server, "GET", "/v3/videos", None), 100, &clock);
    let paused: Duration = clock.pauses.borrow().iter().sum();
    assert!(paused <= Duration::from_secs(120), "{paused:?}");
    assert!((6..=9).contains(&called.call.attempts), "{}", called.call.attempts);
    assert_eq!(called.call.status, Some(503));
}

#[test]
fn retries_keep_one_idempotency_key() {
    let server = Server::in_turn(vec![
        Reply::json(429, RATE_LIMIT).header("Retry-After", "0"),
        Reply::new(502, "text/html", "<html></html>").header("Retry-After", "0"),
        Reply::json(200, CREATED),
    ]);
    let create = [
        "post",
        "/v3/videos",
        "-f",
        "type=avatar",
        "-f",
        "avatar_id=A",
        "-f",
        "script=Hello",
        "-f",
        "voice_id=V",
    ];
    let outcome = Test::new(&create)
        .server(&server)
        .env("HEYGEN_MAX_RETRIES", "3")
        .stdout(str![[r#"
{
  "video_id": "v_5d1",
  "status": "waiting"
}

"#]])
        .exits(0);
    let keys: Vec<_> =
        outcome.requests.iter().map(|request| request.header("idempotency-key")).collect();
    assert_eq!(keys.len(), 3);
    assert!(
        keys[0].is_some_and(|key| key.len() == 36) && keys.iter().all(|key| *key == keys[0]),
        "{keys:?}"
    );
    let body = br#"{"type":"avatar","avatar_id":"A","script":"Hello","voice_id":"V"}"#;
    assert!(outcome.requests.iter().all(|request| request.body == body));
}

#[test]
fn paid_call_is_sent_once() {
    let server =
        Server::always(Reply::new(502, "text/html", "<html><title>502 Bad Gateway</title></html>"));
    Test::new(&[
        "post",
        "/v3/voices/speech",
        "-f",
        "text=Hi",
        "-f",
        "voice_id=V",
        "--idempotency-key",
        "none",
    ])
    .server(&server)
    .env("HEYGEN_ERROR_FORMAT", "text")
    .env("HEYGEN_MAX_RETRIES", "3")
    .stderr(str![[r#"
error: 502 Bad Gateway; the response is HTML (title "502 Bad Gateway"), not JSON
hint: it may have been accepted; look before you repeat it, or it may be paid twice
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com

"#]])
    .sends(&["POST /v3/voices/speech"])
    .exits(1);
}

#[test]
fn timeout_error_names_idempotency_key() {
    let server = Server::always(Reply::stall_unanswered());
    Test::new(&["post", "/v3/videos", "-f", "type=avatar", "--idempotency-key", "order-7", "--timeout", "200ms"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"timeout","message":"no complete response within 200 ms","hint":"it may have been accepted; repeat with `--idempotency-key order-7` and it is not paid twice (24 h); `--timeout 5m` gives it more time","idempotency_key":"order-7","request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .sends(&["POST /v3/videos"])
        .exits(4);
}

#[test]
fn rejects_long_retry_after() {
    let server = Server::always(Reply::json(429, RATE_LIMIT).header("Retry-After", "900"));
    Test::new(&["get", "/v3/videos", "--retry-for", "30s", "--retry", "3"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 429 rate_limit_exceeded: HeyGen asks to wait 15 min, longer than the limit on pauses (30 s)
hint: retry after that, or allow it: `--retry-for 900s`

"#]])
        .sends(&["GET /v3/videos"])
        .exits(1);
}

#[test]
fn quota_exceeded_is_not_retried() {
    let server = Server::always(
        Reply::json(429, r#"{"error":{"code":"quota_exceeded","message":"Quota exceeded."}}"#)
            .header("Retry-After", "0"),
    );
    Test::new(&["get", "/v3/videos", "--retry", "3"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 429 quota_exceeded: Quota exceeded.

"#]])
        .sends(&["GET /v3/videos"])
        .exits(1);
}

#[test]
fn quota_exceeded_in_broken_json_is_not_retried() {
    let quota = r#"{"error":{"code":"quota_exceeded","message":"Quota exceeded."}}"#;
    let wide: Vec<u8> = quota.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        quota.replace("a e", "a\te").into_bytes(),
        quota.replace("a e", "a\ne").into_bytes(),
        format!("{quota}{{}}").into_bytes(),
        format!("[{quota}]").into_bytes(),
        wide,
    ] {
        let reply = Reply::new(429, "application/json", body).header("Retry-After", "0");
        let server = Server::in_turn(vec![reply]);
        let outcome = Test::new(&["get", "/v3/videos", "--retry", "3"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
        let error = outcome.stderr;
        assert!(error.starts_with(r#"{"error":{"code":"quota_exceeded","message":"#), "{error}");
    }
}

#[test]
fn rejects_invalid_number_of_retries() {
    let check = |arguments: &[&str], variable: &str, stderr: Inline| {
        Test::new(arguments)
            .env("HEYGEN_MAX_RETRIES", variable)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(stderr)
            .exits(2);
    };
    check(
        &["get", "/v3/videos", "--retry", "101"],
        "",
        str![[r#"
error: invalid value `101` for --retry: it must be a number from 0 to 100

"#]],
    );
    check(
        &["get", "/v3/videos", "--retry", "many"],
        "",
        str![[r#"
error: invalid value `many` for --retry: it must be a number from 0 to 100

"#]],
    );
    check(
        &["get", "/v3/videos"],
        "-1",
        str![[r#"
error: invalid value `-1` for HEYGEN_MAX_RETRIES: it must be a number from 0 to 100

"#]],
    );
}

#[cfg(unix)]
#[test]
fn reports_retries_on_terminal() {
    let server = Server::in_turn(vec![
        Reply::json(429, RATE_LIMIT).header("Retry-After", "0"),
        Reply::json(200, r#"{"data":[]}"#),
    ]);
    Test::new(&["get", "/v3/videos"])
        .server(&server)
        .env("HEYGEN_MAX_RETRIES", "3")
        .terminal(Stream::Stderr)
        .stdout(str![[r#"
[]

"#]])
        .stderr(str![[r#"
rate limited; retrying in 50 ms as HeyGen asks (attempt 2 of 4)

"#]])
        .exits(0);
}
