//! Nothing is paid twice: one attempt that may have been accepted makes the whole call ambiguous, and
//! its error names the idempotency key.

use crate::support::{Inline, Outcome, Reply, Server, Test, str};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

/// Any hexadecimal digit or hyphen: what a generated idempotency key is made of.
fn in_a_key(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'-'
}

fn error(status: u16, code: &str) -> Reply {
    Reply::json(status, &format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#))
}

/// An error after which the client asks again at once.
fn passing(status: u16, code: &str) -> Reply {
    error(status, code).header("Retry-After", "0")
}

/// A create that is retried once, against a server that replies in turn.
fn create(server: &Server) -> Test<'_> {
    Test::new(&["post", "/v3/videos", "-f", "type=avatar", "--retry", "1"])
        .filter("[KEY]", in_a_key)
        .server(server)
}

/// The same, not retried.
fn once(server: &Server) -> Test<'_> {
    Test::new(&["post", "/v3/videos", "-f", "type=avatar", "--retry", "0"])
        .filter("[KEY]", in_a_key)
        .server(server)
}

fn json_error(outcome: &Outcome<'_>) -> serde_json::Value {
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
    error["error"].clone()
}

/// The key that both attempts carried is told, whatever ended the call.
#[track_caller]
fn tells_key(replies: Vec<Reply>, code: i32, api_code: &str) {
    let attempts = replies.len();
    let server = Server::in_turn(replies);
    let outcome = create(&server).run();
    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
    let error = json_error(&outcome);
    assert_eq!(error["code"], api_code);
    assert_eq!(error["attempts"], attempts);
    let keys: Vec<Option<String>> = outcome
        .requests
        .iter()
        .map(|request| request.header("idempotency-key").map(str::to_owned))
        .collect();
    let key = error["idempotency_key"].as_str().expect("a key");
    assert!(keys.iter().all(|sent| sent.as_deref() == Some(key)), "{keys:?}");
    let hint = error["hint"].as_str().expect("a hint");
    let expected = format!(
        "it may have been accepted; repeat with `--idempotency-key {key}` and it is not paid twice (24 h)"
    );
    assert!(hint.contains(&expected), "{hint}");
    assert!(!hint.contains("retry after"), "{hint}");
}

#[test]
fn server_error_then_rejection_is_ambiguous() {
    tells_key(
        vec![passing(500, "internal_error"), error(400, "invalid_parameter")],
        1,
        "invalid_parameter",
    );
    tells_key(vec![passing(502, "x"), error(401, "unauthorized")], 3, "unauthorized");
    tells_key(vec![passing(503, "x"), error(402, "insufficient_credit")], 1, "insufficient_credit");
    tells_key(vec![passing(504, "x"), error(429, "quota_exceeded")], 1, "quota_exceeded");
    tells_key(vec![passing(500, "x"), error(404, "not_found")], 1, "not_found");
}

#[test]
fn long_pause_after_5xx_is_ambiguous() {
    let slow = |status: u16, code: &str| error(status, code).header("Retry-After", "999");
    tells_key(vec![slow(503, "service_unavailable")], 1, "service_unavailable");
    tells_key(vec![slow(409, "request_in_progress")], 1, "request_in_progress");
    tells_key(vec![passing(500, "x"), slow(429, "rate_limit_exceeded")], 1, "rate_limit_exceeded");
}

#[test]
fn clear_rejection_is_not_ambiguous() {
    let server = Server::in_turn(vec![error(400, "invalid_parameter")]);
    create(&server)
        .stderr(str![[r#"
{"error":{"code":"invalid_parameter","message":"m","hint":"`heygen endpoints show POST /v3/videos` lists the fields","status":400,"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
    let asked = error(429, "rate_limit_exceeded").header("Retry-After", "999");
    let server = Server::in_turn(vec![asked]);
    create(&server)
        .stderr(str![[r#"
{"error":{"code":"rate_limit_exceeded","message":"429 rate_limit_exceeded: HeyGen asks to wait 16 min 39 s, longer than the limit on pauses (2 min)","hint":"retry after that, or allow it: `--retry-for 999s`","status":429,"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[test]
fn redirect_303_of_create_is_ambiguous() {
    let server = Server::in_turn(vec![Reply::empty(303).header("Location", "/v3/videos/v_5d1")]);
    create(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 303 redirect to /v3/videos/v_5d1; not followed, so that the key stays with the API
hint: it may have been accepted; repeat with `--idempotency-key [KEY]` and it is not paid twice (24 h)

"#]])
        .exits(1);
    let server = Server::in_turn(vec![Reply::empty(307).header("Location", "/v3/videos")]);
    create(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 307 redirect to /v3/videos; not followed, so that the key stays with the API

"#]])
        .exits(1);
}

#[test]
fn unusable_create_response_counts_as_accepted() {
    let unusable = |body: &str| {
        let server = Server::in_turn(vec![Reply::json(200, body)]);
        let outcome = create(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{}", outcome.stderr);
        let error = json_error(&outcome);
        let key = outcome.requests[0].header("idempotency-key").expect("a key").to_owned();
        assert_eq!(error["idempotency_key"], key.as_str());
        let hint = error["hint"].as_str().expect("a hint");
        let expected = format!(
            "the call itself succeeded, do not repeat it; `--idempotency-key {key}` returns the same response again, unpaid (24 h)"
        );
        assert!(hint.starts_with(&expected), "{hint}");
    };
    unusable(r#"{"data":{"video_id":"v_5d1""#);
    unusable(&format!(r#"{{"data":{}{}}}"#, "[".repeat(600), "]".repeat(600)));
}

#[test]
fn unusable_read_response_exits_1() {
    let server = Server::in_turn(vec![Reply::json(200, r#"{"data":"#)]);
    Test::new(&["get", "/v3/videos"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"cli_response_parse_error","message":"200 OK, but the response body is not valid JSON: unexpected end at line 1, column 9","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_after_create_keeps_data() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let server = Server::in_turn(vec![Reply::json(200, CREATED)]);
    create(&server)
        .stdout_to(full())
        .stderr(str![[r#"
{"error":{"code":"cli_output_error","message":"writing the response to stdout: no space left on device","hint":"the call itself succeeded, do not repeat it; `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"[KEY]","data":{"video_id":"v_5d1","status":"waiting"},"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(5);
    let server = Server::in_turn(vec![Reply::json(200, CREATED)]);
    create(&server)
        .args(&["-O", "/dev/full", "--error-format", "text"])
        .stderr(str![[r#"
error: saving the response to `/dev/full`: no space left on device
  data: {"video_id":"v_5d1","status":"waiting"}
hint: the call itself succeeded, do not repeat it
hint: `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)

"#]])
        .exits(5);
    let server = Server::in_turn(vec![Reply::json(200, CREATED)]);
    create(&server)
        .args(&["-i", "--error-format", "text"])
        .stdout_to(full())
        .stderr(str![[r#"
error: writing the response to stdout: no space left on device
  data: {"video_id":"v_5d1","status":"waiting"}
hint: the call itself succeeded, do not repeat it
hint: `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)

"#]])
        .exits(5);
}

#[test]
fn response_that_nobody_reads_keeps_data() {
    let server = Server::in_turn(vec![Reply::json(200, CREATED)]);
    create(&server).stdout_closed().stderr(str![[r#"
{"error":{"code":"cli_output_error","message":"writing the response to stdout: broken pipe","hint":"the call itself succeeded, do not repeat it; `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"[KEY]","data":{"video_id":"v_5d1","status":"waiting"},"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]]).exits(5);
    let server = Server::in_turn(vec![Reply::json(200, r#"{"data":{"deleted":true}}"#)]);
    Test::new(&["delete", "/v3/videos/v1"]).server(&server).stdout_closed().exits(0);
}

#[test]
fn reader_that_has_enough_ends_in_silence() {
    let items = vec![r#"{"id":"v1"}"#; 100_000].join(",");
    let server = Server::in_turn(vec![Reply::json(200, &format!(r#"{{"data":[{items}]}}"#))]);
    let heygen = assert_cmd::cargo::cargo_bin!("heygen").display().to_string();
    let script = format!("set -o pipefail; {heygen} post /v3/videos -d '{{}}' | head -1");
    Test::program("bash", &["-c", &script])
        .env("PATH", "/usr/bin:/bin")
        .server(&server)
        .stdout("[\n")
        .exits(0);
}

#[test]
fn server_fault_inside_200_is_ambiguous() {
    let check = |body: &str, is_ambiguous: bool| {
        let server = Server::in_turn(vec![Reply::json(200, body)]);
        let outcome = create(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
        let error = json_error(&outcome);
        assert_eq!(error["idempotency_key"].is_string(), is_ambiguous, "{error}");
        let hint = error["hint"].as_str().unwrap_or_default();
        assert_eq!(hint.contains("it may have been accepted; repeat with"), is_ambiguous, "{hint}");
    };
    check(r#"{"code":500,"message":"Internal error"}"#, true);
    check(r#"{"data":null,"error":{"code":"internal_error","message":"Something broke."}}"#, true);
    check(r#"{"error":{"code":"SERVICE_UNAVAILABLE","message":"Busy."}}"#, true);
    check(r#"{"error":true,"message":"Something broke."}"#, true);
    check(r#"{"code":400542,"message":"Url of this webhook endpoint is invalid"}"#, false);
    check(r#"{"code":40104,"message":"Video not found"}"#, false);
    check(r#"{"error":{"code":"invalid_parameter","message":"No."}}"#, false);
}

#[test]
fn pause_beyond_any_flag_has_no_hint() {
    let check = |seconds: u64, stderr: Inline| {
        let busy = error(429, "rate_limit_exceeded").header("Retry-After", &seconds.to_string());
        let server = Server::in_turn(vec![busy]);
        let test = create(&server).env("HEYGEN_ERROR_FORMAT", "text");
        test.stderr(stderr).exits(1);
    };
    check(
        31_536_000,
        str![[r#"
error: 429 rate_limit_exceeded: HeyGen asks to wait 525600 min, longer than the limit on pauses (2 min)
hint: retry after that, or allow it: `--retry-for 31536000s`

"#]],
    );
    check(
        31_536_001,
        str![[r#"
error: 429 rate_limit_exceeded: HeyGen asks to wait 525600 min 1 s, longer than the limit on pauses (2 min)

"#]],
    );
}

#[test]
fn dripping_429_is_sent_once() {
    let body = r#"{"error":{"code":"rate_limit_exceeded","message":"m"}}"#;
    let reply = Reply::json(429, body).header("Retry-After", "0").announcing(200).stalling();
    let server = Server::always(reply);
    Test::new(&["post", "/v2/video/generate", "-f", "a=b", "--timeout", "300ms", "--retry", "3", "--quiet"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"timeout","message":"no complete response within 300 ms","hint":"it may have been accepted; look before you repeat it, or it may be paid twice; `--timeout 5m` gives it more time","status":429,"request":{"method":"POST","path":"/v2/video/generate"},"attempts":1}}

"#]])
        .sends(&["POST /v2/video/generate"])
        .exits(4);
}

#[test]
fn rejects_api_key_as_idempotency_key() {
    let server = Server::in_turn(vec![]);
    Test::new(&["post", "/v3/videos", "--idempotency-key", crate::support::KEY])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--idempotency-key is your API key; nothing was sent","hint":"use any other text, such as the ID of an order"}}

"#]])
        .sends(&[])
        .exits(2);
}

#[test]
fn raw_and_save_take_large_json() {
    let body = format!(r#"{{"data":"{}"}}"#, "x".repeat(65 * 1024 * 1024));
    let server = Server::always(Reply::json(200, &body));
    let outcome = Test::new(&["get", "/v3/x", "-o", "raw"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout_bytes == body.as_bytes()), (Some(0), true));
    let outcome = outcome.then(&["get", "/v3/x", "-O", "x.json"]).run();
    assert_eq!((outcome.code, outcome.file("x.json") == body.as_bytes()), (Some(0), true));
}

#[test]
fn echoed_authorization_is_masked() {
    let echo = r#"{"error":{"code":"x","message":"bad token abc.def-ghi and Bearer abc.def-ghi"}}"#;
    let server = Server::always(Reply::json(400, echo));
    Test::new(&[
        "get",
        "/v3/x",
        "-H",
        "Authorization: Bearer abc.def-ghi",
        "--error-format",
        "text",
    ])
    .server(&server)
    .stderr(str![[r#"
error: 400 x: bad token … and Bearer …

"#]])
    .exits(1);
}

#[test]
fn traces_show_no_signed_query() {
    let link = "<https://files.heygen.ai/v.mp4?Signature=abc&Expires=1>; rel=\"next\"";
    let server = Server::always(
        Reply::json(200, "{}").header("Link", link).header("X-File", "https://x.test/a?sig=abc"),
    );
    let outcome = Test::new(&["get", "/v3/x", "-vv", "-o", "compact"]).server(&server).run();
    assert_eq!(outcome.stdout, "{}\n");
    let shown = |line: &str| outcome.stderr.lines().any(|shown| shown == line);
    assert!(shown("< link: <https://files.heygen.ai/v.mp4?…>; rel=\"next\""), "{}", outcome.stderr);
    assert!(shown("< x-file: https://x.test/a?…"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("abc"), "{}", outcome.stderr);
}

/// Whatever happens to stdout, the error of a call that failed is its own.
#[cfg(target_os = "linux")]
#[test]
fn unwritable_head_hides_no_failure() {
    let failing = |stdout: std::process::Stdio| {
        let server = Server::in_turn(vec![error(500, "internal_error")]);
        once(&server)
            .args(&["-i", "--error-format", "text"])
            .stdout_to(stdout)
            .stderr(str![[r#"
error: 500 internal_error: m
hint: it may have been accepted; repeat with `--idempotency-key [KEY]` and it is not paid twice (24 h)
hint: this is HeyGen's side, not your request; see https://status.heygen.com

"#]])
            .exits(1);
    };
    failing(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device").into());
    failing(std::io::pipe().expect("a pipe").1.into());
}

/// What a create responded is not lost because it is no JSON that can be printed.
#[test]
fn unusable_create_response_is_in_the_error() {
    let check = |arguments: &[&str], body: &[u8], expected: serde_json::Value| {
        let server = Server::in_turn(vec![Reply::new(200, "application/json", body)]);
        let outcome = create(&server).args(arguments).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{}", outcome.stderr);
        let error = json_error(&outcome);
        assert_eq!(error["data"], expected);
        let hint = error["hint"].as_str().expect("a hint");
        assert!(!hint.contains("-o raw"), "{hint}");
    };
    let deep = format!(r#"{{"video_id":"v_5d1","x":{}{}}}"#, "[".repeat(600), "]".repeat(600));
    check(&[], deep.as_bytes(), deep.clone().into());
    let more = format!("{CREATED} and more");
    check(&[], more.as_bytes(), more.clone().into());
    check(&["--wait"], more.as_bytes(), more.clone().into());
    let wide: Vec<u8> =
        "\u{feff}{\"video_id\":\"v_5d1\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&[], &wide, serde_json::json!({"video_id": "v_5d1"}));
    let check_text = |arguments: &[&str]| {
        let server = Server::in_turn(vec![Reply::new(200, "text/plain", "queued as v_5d1")]);
        let outcome = create(&server).args(arguments).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{}", outcome.stderr);
        assert_eq!(json_error(&outcome)["data"], "queued as v_5d1");
    };
    check_text(&["--wait"]);
    check_text(&["-o", "csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_keeps_data_of_every_form() {
    let check = |arguments: &[&str], media_type: &str, body: &str, expected: serde_json::Value| {
        for stdout in ["/dev/full", ""] {
            let server = Server::in_turn(vec![Reply::new(200, media_type, body)]);
            let test = create(&server).args(arguments);
            let test = match stdout {
                "" => test.stdout_closed(),
                path => test.stdout_to(
                    std::fs::OpenOptions::new().write(true).open(path).expect("a device"),
                ),
            };
            let outcome = test.stderr(crate::support::Expectation::anything()).run();
            assert_eq!(outcome.code, Some(5), "{arguments:?} {}", outcome.stderr);
            assert_eq!(json_error(&outcome)["data"], expected);
        }
    };
    let data = || serde_json::json!({"video_id": "v_5d1", "status": "waiting"});
    for format in ["json", "compact", "jsonl", "table", "csv"] {
        check(&["-o", format], "application/json", CREATED, data());
    }
    let whole = serde_json::json!({"data": data()});
    check(&["-o", "raw"], "application/json", CREATED, whole.clone());
    check(&["-E"], "application/json", CREATED, whole);
    // Beside nothing stands what was paid for.
    let beside = r#"{"data":null,"video_id":"v_5d1"}"#;
    let told = serde_json::json!({"data": null, "video_id": "v_5d1"});
    check(&[], "application/json", beside, told.clone());
    if cfg!(feature = "jq") {
        check(&["-q", ".[]"], "application/json", beside, told);
    }
    check(&[], "text/plain", "queued as v_5d1", "queued as v_5d1".into());
    check(&["-o", "raw"], "text/plain", "queued as v_5d1", "queued as v_5d1".into());
}

/// A script that repeats on 1 would pay again, however early the response breaks off.
#[test]
fn what_came_of_a_cut_success_is_kept() {
    let check = |reply: Reply, arguments: &[&str]| {
        let server = Server::in_turn(vec![reply]);
        let outcome = Test::new(&["post", "/v2/video/generate", "--timeout", "300ms"])
            .args(arguments)
            .server(&server)
            .run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{}", outcome.stderr);
        let error: serde_json::Value =
            serde_json::from_str(outcome.stderr.lines().last().unwrap_or_default())
                .expect("an error");
        assert_eq!(error["error"]["data"]["data"]["video_id"], "v_5d1", "{error}");
        assert_eq!(server.connections(), 1);
    };
    let created = || Reply::json(200, CREATED);
    check(created().announcing(CREATED.len() + 1), &[]);
    check(created().announcing(CREATED.len() + 1), &["-O", "out"]);
    check(created().announcing(CREATED.len() + 1).stalling(), &[]);
    check(created().chunked(10).unfinished(), &[]);
}

#[test]
fn cut_success_is_kept_whatever_follows() {
    let check = |status: u16, code: &str| {
        let error = format!(r#"{{"error":{{"code":"{code}","message":"No."}}}}"#);
        let cut = Reply::json(200, CREATED).announcing(CREATED.len() + 1);
        let server = Server::in_turn(vec![cut, Reply::json(status, &error)]);
        let outcome = Test::new(&["post", "/v3/videos", "--retry", "1"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{}", outcome.stderr);
        let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("an error");
        let error = &error["error"];
        assert_eq!(error["data"]["data"]["video_id"], "v_5d1", "{error}");
        assert_eq!((&error["status"], &error["attempts"]), (&200.into(), &2.into()));
        let hint = error["hint"].as_str().unwrap_or_default();
        assert!(hint.starts_with("the call itself succeeded, do not repeat it"), "{hint}");
        assert!(error["idempotency_key"].is_string());
        assert_eq!(server.requests().len(), 2);
    };
    check(400, "invalid_parameter");
    check(401, "unauthorized");
    check(402, "insufficient_credit");
    check(429, "quota_exceeded");
}

/// Of two that were cut the one with the ID is told, whichever came first.
#[test]
fn cut_success_that_tells_most_is_kept() {
    let cut = |body: &str| Reply::json(200, body).announcing(CREATED.len() + 1).unfinished();
    let check = |first: &str, second: &str| {
        let server = Server::in_turn(vec![cut(first), cut(second)]);
        let outcome = create(&server).run();
        assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
        let error = json_error(&outcome);
        assert_eq!(error["data"]["data"]["video_id"], "v_5d1", "{error}");
        assert_eq!(error["attempts"], 2);
    };
    check("", CREATED);
    check("{\"data\":{", CREATED);
    check(CREATED, "{\"data\":{");
    check(CREATED, &"[".repeat(100));
    let longer = format!("<html>{}</html>", " ".repeat(100));
    let server = Server::in_turn(vec![cut(CREATED), Reply::new(200, "text/html", longer)]);
    let outcome = create(&server).run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert_eq!(json_error(&outcome)["data"]["data"]["video_id"], "v_5d1");
    let no =
        r#"{"error":{"code":"request_in_progress","message":"It goes on, be patient please."}}"#;
    let server = Server::in_turn(vec![cut(CREATED), Reply::json(200, no)]);
    let outcome = create(&server).run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert_eq!(json_error(&outcome)["data"]["data"]["video_id"], "v_5d1");
}

/// A transfer coding that nobody can read: a script that repeats on 1 would pay again.
#[test]
fn success_in_an_unknown_transfer_coding_is_one() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let reply = format!("{head}Transfer-Encoding: gzip\r\n\r\n{CREATED}");
    let server = Server::in_turn(vec![Reply::raw(reply)]);
    let outcome = once(&server).run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    let error = json_error(&outcome);
    let hint = error["hint"].as_str().expect("a hint");
    assert!(hint.starts_with("the call itself succeeded, do not repeat it"), "{hint}");
}

/// A byte that JSON or UTF-8 does not allow must not cost the ID beside it.
#[test]
fn odd_byte_hides_nothing_of_what_was_paid_for() {
    let check = |body: &[u8]| {
        let server = Server::in_turn(vec![Reply::new(200, "application/json", body)]);
        let outcome = once(&server).run();
        assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
        let data = json_error(&outcome)["data"].to_string();
        assert!(data.contains("v_5d1"), "{data}");
    };
    check(b"{\"data\":{\"video_id\":\"v_5d1\",\"t\":\"a\x01b\"}}");
    check(b"{\"data\":{\"video_id\":\"v_5d1\"}}\0");
    check(b"{\"data\":{\"video_id\":\"v_5d1\",\"t\":\"caf\xe9\"");
    check(b"{\"data\":{\"video_id\":\"v_5d1\",\"t\":\"\x1b[0m\"");
}

/// Nothing brings back the audio of `tts/stream`: it is no JSON, and HeyGen knows no key for it.
#[test]
fn stream_is_not_lost() {
    let stream = ["post", "/v3/models/audio/tts/stream", "-f", "text=a", "-f", "voice_id=v"];
    for flags in [&["-q", ".x"][..], &["-o", "jsonl"], &["-o", "csv"], &["-o", "table"]] {
        let server = Server::start(|_| panic!("nothing is to be sent"));
        let outcome = Test::new(&stream).args(flags).server(&server).run();
        assert_eq!(outcome.code, Some(2), "{flags:?} {}", outcome.stderr);
    }
    let events = "data: {\"type\":\"audio\"}\n\n".repeat(1000);
    let reply = Reply::new(200, "text/event-stream", events.as_str());
    let server = Server::in_turn(vec![reply.announcing(events.len() + 1).unfinished()]);
    let outcome =
        Test::new(&stream).args(&["-O", "out", "--error-format", "text"]).server(&server).run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    let files = outcome.files();
    let [kept] = files.as_slice() else { panic!("{files:?}") };
    assert!(outcome.stderr.contains(&format!("what came is in `{kept}`")), "{}", outcome.stderr);
    assert_eq!(outcome.file(kept), events.as_bytes());
    let reply = Reply::new(200, "text/event-stream", events.as_str());
    let server = Server::in_turn(vec![reply.announcing(events.len() + 1).unfinished()]);
    let outcome = Test::new(&stream).args(&["-O", "out"]).server(&server).run();
    let message = json_error(&outcome)["message"].to_string();
    assert!(message.contains("; what came is in `out.heygen-"), "{message}");
}

/// Of what cannot be had again a person sees all, and not ten rows.
#[test]
fn people_see_all_of_what_is_only_there() {
    let long = format!(r#"{{"data":{{"text":"{}","audio_id":"last"}}}}"#, "word ".repeat(1000));
    let server = Server::in_turn(vec![Reply::json(200, &long)]);
    let outcome = Test::new(&["post", "/v3/voices/speech", "-f", "text=a", "-o", "csv"])
        .args(&["--error-format", "text"])
        .stdout_closed()
        .server(&server)
        .run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(r#""audio_id":"last""#), "{}", outcome.stderr);
}

/// `delete "/v1/video.delete?video_id=$v"` with an unset variable.
#[test]
fn id_in_a_query_may_not_be_missing() {
    let server = Server::start(|_| panic!("nothing is to be sent"));
    for value in ["", "null", "undefined", "$v", "%20"] {
        let endpoint = format!("/v1/video.delete?video_id={value}");
        Test::new(&["delete", &endpoint])
            .server(&server)
            .stderr(
                "{\"error\":{\"code\":\"usage_error\",\"message\":\"`video_id` in the query has no \
                 value\",\"hint\":\"is a shell variable unset?\"}}\n",
            )
            .exits(2);
        let pair = format!("video_id={}", value.replace("%20", " "));
        for flag in ["-Q", "-f", "-F"] {
            let outcome =
                Test::new(&["delete", "/v1/video.delete", flag, &pair]).server(&server).run();
            assert_eq!(outcome.code, Some(2), "{flag} {pair} {}", outcome.stderr);
        }
    }
}

#[test]
fn cut_success_of_a_create_exits_5() {
    let check = |media_type: &str, body: &str| {
        let reply = Reply::new(200, media_type, body).announcing(body.len() + 1).unfinished();
        let server = Server::in_turn(vec![reply]);
        let outcome = once(&server).run();
        assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
        let error = json_error(&outcome);
        let key = outcome.requests[0].header("idempotency-key").expect("a key").to_owned();
        assert_eq!(
            (error["code"].as_str(), error["idempotency_key"].as_str()),
            (Some("network_error"), Some(key.as_str()))
        );
        let hint = error["hint"].as_str().expect("a hint");
        assert!(hint.starts_with("the call itself succeeded, do not repeat it"), "{hint}");
    };
    check("application/json", r#"{"data":{"video_id":"v_5d1""#);
    check("audio/mpeg", "ID3");
    check("audio/mpeg", &"x".repeat(100_000));
}

#[test]
fn unexpected_switch_of_protocols_is_ambiguous() {
    let server = Server::in_turn(vec![Reply::raw(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    )]);
    let outcome = once(&server).run();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let hint = json_error(&outcome)["hint"].to_string();
    assert!(hint.contains("it may have been accepted; repeat with"), "{hint}");
}

/// The file went away while the rate limit was waited for: nothing was accepted.
#[test]
fn file_that_is_gone_before_a_retry_is_harmless() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.png");
    std::fs::write(&path, b"\x89PNG").expect("a file");
    let gone = path.clone();
    let server = Server::start(move |_| {
        let _ = std::fs::remove_file(&gone);
        passing(429, "rate_limit_exceeded")
    });
    let form = format!("file=@{}", path.display());
    let upload = ["post", "/v3/assets", "--form", &form, "--retry", "1"];
    let outcome = Test::new(&upload).server(&server).run();
    assert_eq!((outcome.code, outcome.requests.len()), (Some(1), 1), "{}", outcome.stderr);
    let error = json_error(&outcome);
    assert_eq!(error["code"], "cli_file_io_error");
    assert_eq!((error["hint"].as_str(), error["idempotency_key"].as_str()), (None, None));
}

#[test]
fn hint_on_pauses_counts_those_before() {
    let busy = |seconds: &str| error(429, "rate_limit_exceeded").header("Retry-After", seconds);
    let server = Server::in_turn(vec![busy("0"), busy("3")]);
    Test::new(&[
        "get",
        "/v3/videos",
        "--retry",
        "2",
        "--retry-for",
        "3s",
        "--error-format",
        "text",
    ])
    .server(&server)
    .stderr(str![[r#"
error: 429 rate_limit_exceeded: HeyGen asks to wait 3 s, longer than the limit on pauses (3.0 s)
hint: retry after that, or allow it: `--retry-for 4s`

"#]])
    .exits(1);
}

/// An error beside data in a success: part of it may have been done.
#[test]
fn error_beside_data_is_ambiguous() {
    let check = |body: &str, is_ambiguous: bool| {
        let server = Server::in_turn(vec![Reply::json(200, body)]);
        let outcome = once(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
        let error = json_error(&outcome);
        assert_eq!(error["idempotency_key"].is_string(), is_ambiguous, "{error}");
        let data: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(error.get("data"), Some(&data).filter(|_| is_ambiguous), "{error}");
    };
    check(
        r#"{"error":{"code":"partial","message":"1 of 3 failed"},"data":{"video_id":"v1"}}"#,
        true,
    );
    check(r#"{"code":400542,"message":"m","data":{"video_id":"v1"}}"#, true);
    check(r#"{"error":{"code":"invalid_parameter","message":"m"},"data":["v1"]}"#, true);
    check(r#"{"error":{"code":"invalid_parameter","message":"m"},"data":null}"#, false);
    check(r#"{"error":{"code":"invalid_parameter","message":"m"},"data":{}}"#, false);
}
