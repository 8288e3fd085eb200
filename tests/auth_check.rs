//! `heygen auth check`: the key, its source, its account, and whether HeyGen accepts it.

use crate::support::{Inline, KEY, Reply, Server, Stream, Test, assert_text, str};

const ASKS_BOTH: [&str; 2] = ["GET /v3/api_keys/self", "GET /v3/users/me"];

/// `GET /v3/api_keys/self` of golden session 2.
const SELF: &str = r#"{"data":{"key_id":"key_0a1b2c3d","key_name":"laptop","status":"active","scope_mode":"full","scopes":["*:*"],"created_at":"2026-08-02T09:00:00Z","updated_at":"2026-08-02T09:00:00Z","expires_at":null,"expires_in_seconds":null}}"#;

/// `GET /v3/users/me` of golden session 2: all three blocks are always there.
const ME: &str = r#"{"data":{"billing_type":"wallet","email":"ana@example.com","first_name":"Ana","last_name":"B","subscription":{"credits":{"add_on_credits":{"remaining":null,"resets_at":null},"premium_credits":{"remaining":null,"resets_at":null}},"plan":"free"},"usage_based":{"included_credits":null,"remaining_credits":null,"spending_cap_usd":null,"spending_current_usd":null},"username":"anab","wallet":{"auto_reload":{"amount_usd":null,"enabled":false,"threshold_usd":null},"currency":"usd","remaining_balance":12.4}}}"#;

const UNAUTHORIZED: &str = r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#;

const LACKS_ACCOUNT_READ: &str = r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read."}}"#;

const NOT_FOUND: &str =
    r#"{"error":{"code":"not_found","message":"Not found.","param":null,"doc_url":null}}"#;

/// An API with these responses to the two requests.
fn api(key: Reply, user: Reply) -> Server {
    Server::routes(&[("GET /v3/api_keys/self", key), ("GET /v3/users/me", user)])
}

fn check(server: &Server) -> Test<'_> {
    Test::new(&["auth", "check"]).server(server)
}

/// The object in a pipe, of the test's key in the environment.
fn report(facts: &str, account: &str, balance: &str, rest: &str) -> String {
    format!(
        r#"{{
  "ok": true,
  "key": {{
    "source": "environment",
    "path": null,
    "line": null,
    "last4": "7Qx2",
{facts}
  }},
  "account": {account},
  "balance": {balance},{rest}
  "api_base": "[BASE]",
  "latency_ms": [MS]
}}
"#
    )
}

const FACTS: &str = r#"    "name": "laptop",
    "created_at": "2026-08-02T09:00:00Z",
    "expires_at": null,
    "scopes": [
      "*:*"
    ],
    "scope_mode": "full""#;

const NO_FACTS: &str = r#"    "name": null,
    "created_at": null,
    "expires_at": null,
    "scopes": null,
    "scope_mode": null"#;

const ACCOUNT: &str = r#"{
    "username": "anab",
    "email": "ana@example.com"
  }"#;

const BALANCE: &str = r#"{
    "kind": "wallet",
    "remaining": 12.4,
    "currency": "usd"
  }"#;

#[test]
fn prints_json_report_into_a_pipe() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    for command in ["check", "status"] {
        let outcome = Test::new(&["auth", command])
            .server(&server)
            .no_key()
            .secret(KEY)
            .file(".env", format!("# of the site\n\nHEYGEN_API_KEY={KEY}\n"))
            .stdout(report(FACTS, ACCOUNT, BALANCE, "").replace(
                "\"environment\",\n    \"path\": null,\n    \"line\": null",
                "\"env_file\",\n    \"path\": \"./.env\",\n    \"line\": 3",
            ))
            .sends(&ASKS_BOTH)
            .exits(0);
        for request in &outcome.requests {
            assert_eq!(request.header("x-api-key"), Some(KEY));
            assert_eq!(request.body, b"");
        }
        assert_eq!(outcome.requests[0].connection, outcome.requests[1].connection);
        assert_eq!(outcome.files(), [".env"]);
        assert_eq!(outcome.home_files(), [""; 0]);
    }
}

#[test]
fn report_ignores_output_variables() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    check(&server)
        .env("HEYGEN_OUTPUT", "raw")
        .env("HEYGEN_ENVELOPE", "1")
        .stdout(report(FACTS, ACCOUNT, BALANCE, ""))
        .exits(0);
}

#[test]
fn asks_users_me_after_404() {
    for older in [
        Reply::json(404, NOT_FOUND),
        Reply::new(404, "text/html", "<html><title>404</title></html>"),
        Reply::empty(404),
    ] {
        let server = api(older, Reply::json(200, ME));
        check(&server).stdout(report(NO_FACTS, ACCOUNT, BALANCE, "")).sends(&ASKS_BOTH).exits(0);
    }
}

#[test]
fn missing_scope_still_proves_the_key() {
    let lacks = || Reply::json(403, LACKS_ACCOUNT_READ);
    let scope = "\n  \"missing_scope\": \"account:read\",";
    let without_user = api(Reply::json(200, SELF), lacks());
    check(&without_user).stdout(report(FACTS, "null", "null", scope)).sends(&ASKS_BOTH).exits(0);
    let older = api(Reply::json(404, NOT_FOUND), lacks());
    check(&older).stdout(report(NO_FACTS, "null", "null", scope)).sends(&ASKS_BOTH).exits(0);
    let without_key = api(lacks(), Reply::json(200, ME));
    check(&without_key).stdout(report(NO_FACTS, ACCOUNT, BALANCE, scope)).exits(0);
    let neither = api(lacks(), lacks());
    check(&neither).stdout(report(NO_FACTS, "null", "null", scope)).exits(0);
}

#[test]
fn failing_users_me_keeps_key_valid() {
    for user in [
        Reply::json(500, r#"{"error":{"code":"internal_error","message":"Oops"}}"#),
        Reply::json(429, r#"{"code":429,"message":"Too many requests"}"#),
        Reply::new(200, "text/html", "<html></html>"),
        Reply::empty(204),
        Reply::close_unanswered(),
        Reply::json(403, r#"{"error":{"code":"forbidden","message":"No."}}"#),
    ] {
        let server = api(Reply::json(200, SELF), user);
        check(&server).stdout(report(FACTS, "null", "null", "")).exits(0);
    }
}

#[test]
fn code_100_proves_a_key() {
    let me = r#"{"code":100,"data":{"username":"anab","email":"ana@example.com"},"msg":null,"message":"Success"}"#;
    let server =
        api(Reply::json(404, r#"{"code":40400,"message":"Not found"}"#), Reply::json(200, me));
    check(&server).stdout(report(NO_FACTS, ACCOUNT, "null", "")).exits(0);
}

#[test]
fn balance_follows_billing_type() {
    let check_balance = |user: &str, balance: &str| {
        let server =
            api(Reply::json(200, SELF), Reply::json(200, &format!(r#"{{"data":{user}}}"#)));
        let account = "{\n    \"username\": \"anab\",\n    \"email\": null\n  }";
        check(&server).stdout(report(FACTS, account, balance, "")).exits(0);
    };
    let object = |kind: &str, remaining: &str, currency: &str| {
        format!(
            "{{\n    \"kind\": \"{kind}\",\n    \"remaining\": {remaining},\n    \"currency\": \"{currency}\"\n  }}"
        )
    };
    check_balance(
        r#"{"username":"anab","billing_type":"wallet","wallet":{"currency":"usd","remaining_balance":1.10}}"#,
        &object("wallet", "1.10", "usd"),
    );
    check_balance(
        r#"{"username":"anab","billing_type":"wallet","wallet":{"currency":"credits","remaining_balance":0}}"#,
        &object("wallet", "0", "credits"),
    );
    check_balance(
        r#"{"username":"anab","billing_type":"subscription","wallet":{"currency":"usd","remaining_balance":99},"subscription":{"plan":"pro","credits":{"premium_credits":{"remaining":100.1,"resets_at":null},"add_on_credits":{"remaining":0.2,"resets_at":null}}}}"#,
        &object("subscription", "100.3", "credits"),
    );
    check_balance(
        r#"{"username":"anab","billing_type":"usage_based","usage_based":{"spending_current_usd":12.25,"spending_cap_usd":100}}"#,
        &object("usage_based", "87.75", "usd"),
    );
    check_balance(r#"{"username":"anab","billing_type":"usage_based","usage_based":{}}"#, "null");
    check_balance(r#"{"username":"anab","billing_type":"barter"}"#, "null");
    check_balance(r#"{"username":"anab"}"#, "null");
}

#[test]
fn key_times_may_be_unix_seconds() {
    let body = SELF
        .replace("\"2026-08-02T09:00:00Z\",\"upd", "1785661200,\"upd")
        .replace("\"expires_at\":null", "\"expires_at\":1798700400");
    let facts = FACTS.replace("\"expires_at\": null", "\"expires_at\": \"2026-12-31T07:00:00Z\"");
    let server = api(Reply::json(200, &body), Reply::json(200, ME));
    check(&server).stdout(report(&facts, ACCOUNT, BALANCE, "")).exits(0);
}

#[test]
fn rejected_key_exits_3_with_source() {
    let check_refused = |body: &str, expected: Inline| {
        let server = Server::always(Reply::json(401, body).header("X-Request-Id", "req_8c1f"));
        let run = |format: &str| {
            let test = check(&server).env("HEYGEN_ERROR_FORMAT", format);
            test.sends(&["GET /v3/api_keys/self"]).says(3)
        };
        assert_text(&(run("text") + &run("auto")), expected);
    };
    check_refused(
        UNAUTHORIZED,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f, https://developers.heygen.com/docs/error-codes#unauthorized
{"error":{"code":"unauthorized","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized","request_id":"req_8c1f","status":401,"request":{"method":"GET","path":"/v3/api_keys/self"},"attempts":1}}

"#]],
    );
    check_refused(
        r#"{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","param":null,"doc_url":null}}"#,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 401 authentication_failed: Invalid or expired API key. Verify your x-api-key header.
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f
{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","request_id":"req_8c1f","status":401,"request":{"method":"GET","path":"/v3/api_keys/self"},"attempts":1}}

"#]],
    );
    check_refused(
        r#"{"code":400112,"message":"Unauthorized"}"#,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 401 400112: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f
{"error":{"code":"400112","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","request_id":"req_8c1f","status":401,"request":{"method":"GET","path":"/v3/api_keys/self"},"attempts":1}}

"#]],
    );
    check_refused(
        r#"{"error":"Invalid API key","data":null}"#,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized: Invalid API key
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f
{"error":{"code":"unauthorized","message":"Invalid API key","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","request_id":"req_8c1f","status":401,"request":{"method":"GET","path":"/v3/api_keys/self"},"attempts":1}}

"#]],
    );
}

#[test]
fn rejected_key_names_the_shadowed_key() {
    let server = Server::always(Reply::json(401, UNAUTHORIZED).header("X-Request-Id", "req_8c1f"));
    let refused = "sk_V2_hgu_kAAAAAAAAAAAAAAAAAAAAAAAAAAA9f3c";
    let stored = "sk_V2_hgu_kBBBBBBBBBBBBBBBBBBBBBBBBBBBZVMn";
    let outcome = Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .no_key()
        .secret(refused)
        .secret(stored)
        .file(".env", format!("A=b\n# c\nHEYGEN_API_KEY={refused}\n"))
        .home_file(".heygen/credentials", format!(r#"{{"api_key":"{stored}"}}"#))
        .stderr(str![[r#"
error: HeyGen does not accept key …9f3c: 401 unauthorized
  from: ./.env, line 3; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f, https://developers.heygen.com/docs/error-codes#unauthorized

"#]])
        .exits(3);
    outcome
        .then(&["auth", "check"])
        .stderr(str![[r#"
{"error":{"code":"unauthorized","message":"Unauthorized","hint":"from: ./.env, line 3; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized","request_id":"req_8c1f","status":401,"request":{"method":"GET","path":"/v3/api_keys/self"},"attempts":1}}

"#]])
        .exits(3);
}

#[test]
fn recognises_key_of_another_service() {
    let key = format!("sk_{}", "0a".repeat(24));
    let server = Server::always(Reply::json(401, UNAUTHORIZED));
    Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .key(&key)
        .stderr(str![[r#"
error: HeyGen does not accept key …0a0a: 401 unauthorized
  from: HEYGEN_API_KEY
hint: `sk_` and 48 hex digits is the form of an ElevenLabs key; HeyGen's are at https://app.heygen.com/settings?nav=API
  see: https://developers.heygen.com/docs/error-codes#unauthorized

"#]])
        .exits(3);
}

#[test]
fn key_rejected_by_users_me() {
    let server = api(Reply::json(404, NOT_FOUND), Reply::json(401, UNAUTHORIZED));
    text_check(&server)
        .stderr(str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  see: https://developers.heygen.com/docs/error-codes#unauthorized

"#]])
        .sends(&ASKS_BOTH)
        .exits(3);
    let server = api(Reply::json(200, SELF), Reply::json(401, UNAUTHORIZED));
    text_check(&server)
        .stderr(str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  see: https://developers.heygen.com/docs/error-codes#unauthorized

"#]])
        .sends(&ASKS_BOTH)
        .exits(3);
}

fn text_check(server: &Server) -> Test<'_> {
    check(server).args(&["--error-format", "text"])
}

#[test]
fn forbidden_without_scope_exits_3() {
    let server = Server::always(Reply::json(
        403,
        r#"{"error":{"code":"forbidden","message":"You may not."}}"#,
    ));
    text_check(&server)
        .stderr(str![[r#"
error: 403 forbidden: You may not.

"#]])
        .exits(3);
}

#[test]
fn rejects_200_without_data_object() {
    let check_body = |reply: Reply, error: Inline| {
        let server = Server::always(reply);
        text_check(&server).stderr(error).sends(&["GET /v3/api_keys/self"]).exits(1);
    };
    let portal = "<!doctype html><html><title>Wi-Fi of the hotel</title></html>";
    check_body(
        Reply::new(200, "text/html", portal),
        str![[r#"
error: 200 OK; the response is HTML (title "Wi-Fi of the hotel"), not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?

"#]],
    );
    check_body(
        Reply::empty(200),
        str![[r#"
error: 200 OK, but the response is not JSON: this says nothing about the key

"#]],
    );
    check_body(
        Reply::new(200, "text/plain", "OK"),
        str![[r#"
error: 200 OK, but the response is not JSON: this says nothing about the key

"#]],
    );
    check_body(
        Reply::empty(204),
        str![[r#"
error: 204 No Content, but the response is not JSON: this says nothing about the key

"#]],
    );
    for body in [
        "{}",
        "[]",
        "true",
        r#"{"ok":true}"#,
        r#"{"data":null}"#,
        r#"{"data":[]}"#,
        r#"{"data":"x"}"#,
    ] {
        check_body(
            Reply::json(200, body),
            str![[r#"
error: 200 OK, but the response has no object `data`: this says nothing about the key

"#]],
        );
    }
}

#[test]
fn error_inside_200_fails_the_check() {
    let check_body = |body: &str, error: Inline, code: i32| {
        let server = Server::always(Reply::json(200, body));
        text_check(&server).stderr(error).sends(&["GET /v3/api_keys/self"]).exits(code);
    };
    check_body(
        r#"{"error":{"code":"internal_error","message":"Something broke"},"data":{}}"#,
        str![[r#"
error: 200 with an error inside: internal_error: Something broke

"#]],
        1,
    );
    check_body(
        r#"{"error":"Something broke","data":{}}"#,
        str![[r#"
error: 200 with an error inside: Something broke

"#]],
        1,
    );
    check_body(
        r#"{"code":400112,"message":"Unauthorized"}"#,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 200 with an error inside: 400112: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API

"#]],
        3,
    );
    check_body(
        r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#,
        str![[r#"
error: HeyGen does not accept key …7Qx2: 200 with an error inside: unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API

"#]],
        3,
    );
}

#[test]
fn missing_key_lists_every_source() {
    let server = Server::in_turn(vec![]);
    let outcome = Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .no_key()
        .stderr(str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]])
        .exits(3);
    outcome
        .then(&["auth", "check"])
        .stderr(str![[r#"
{"error":{"code":"auth_error","message":"no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)","hint":"make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`"}}

"#]])
        .exits(3);
    assert_eq!(server.connections(), 0);
}

#[test]
fn invalid_key_is_not_sent() {
    let server = Server::in_turn(vec![]);
    Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .key("Bearer abc")
        .stderr(str![[r#"
error: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent)

"#]])
        .exits(3);
    assert_eq!(server.connections(), 0);
}

#[test]
fn unreachable_api_exits_1() {
    for arguments in [&[][..], &["--quiet"]] {
        Test::new(&["auth", "check", "--error-format", "text"])
            .args(arguments)
            .base(&Server::nowhere())
            .stderr(str![[r#"
error: cannot connect to 127.0.0.1:[PORT]: connection refused
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE

"#]])
            .exits(1);
    }
    for reply in [
        Reply::json(500, r#"{"error":{"code":"internal_error","message":"Oops"}}"#),
        Reply::new(502, "text/html", "<html><title>502 Bad Gateway</title></html>"),
        Reply::empty(302).header("Location", "https://login.example.com/"),
        Reply::json(429, r#"{"code":429,"message":"Too many requests"}"#),
        Reply::close_unanswered(),
    ] {
        let server = Server::always(reply);
        let outcome = check(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
    }
}

#[test]
fn timeout_exits_4() {
    let server = Server::always(Reply::stall_unanswered());
    text_check(&server)
        .args(&["--timeout", "200ms"])
        .stderr(str![[r#"
error: no complete response within 200 ms
hint: `--timeout 5m` gives it more time

"#]])
        .sends(&["GET /v3/api_keys/self"])
        .exits(4);
}

#[test]
fn quiet_prints_nothing() {
    for user in [Reply::json(200, ME), Reply::json(403, LACKS_ACCOUNT_READ)] {
        let server = api(Reply::json(200, SELF), user);
        check(&server).args(&["--quiet"]).sends(&ASKS_BOTH).exits(0);
    }
}

#[test]
fn trace_shows_both_requests() {
    let server = api(Reply::json(200, SELF), Reply::json(403, LACKS_ACCOUNT_READ));
    check(&server)
        .args(&["--quiet", "-v"])
        .stderr(str![[r#"
> GET [BASE]/v3/api_keys/self
< 200 OK, [MS] ms
> GET [BASE]/v3/users/me
< 403 Forbidden, [MS] ms

"#]])
        .exits(0);
}

#[test]
fn full_disk_exits_5() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    check(&server).stdout_closed().exits(0);
    #[cfg(target_os = "linux")]
    check(&server)
        .args(&["--error-format", "text"])
        .stdout_to(std::fs::File::options().write(true).open("/dev/full").expect("a full device"))
        .stderr(str![[r#"
error: writing the response to stdout: no space left on device
hint: the call itself succeeded, do not repeat it

"#]])
        .exits(5);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;

    /// The facts of a key of 2020: the report counts its days.
    fn old_key() -> Reply {
        Reply::json(200, &SELF.replace("2026-08-02", "2020-01-01"))
    }

    fn shown(server: &Server) -> Test<'_> {
        check(server).terminal(Stream::Both).env("NO_COLOR", "1")
    }

    #[test]
    fn report_of_a_valid_key() {
        let server = api(old_key(), Reply::json(200, ME));
        let outcome = Test::new(&["auth", "check"])
            .server(&server)
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .no_key()
            .secret(KEY)
            .file(".env", format!("\n\nHEYGEN_API_KEY={KEY}\n"))
            .stdout(str![[r#"
ok: key …7Qx2 is accepted
  from      ./.env, line 3
  name      laptop
  account   ana@example.com (anab)
  scopes    full
  since     2020-01-01 ([MS] days; time for a new one), expires never
  balance   12.40 USD, prepaid API wallet
  server    [BASE], [MS] ms

"#]])
            .exits(0);
        outcome.then(&["auth", "check", "--quiet"]).terminal(Stream::Both).exits(0);
    }

    #[test]
    fn report_is_coloured() {
        let server = api(Reply::json(404, NOT_FOUND), Reply::json(403, LACKS_ACCOUNT_READ));
        check(&server)
            .terminal(Stream::Stdout)
            .stdout(str![[r#"
␛[1;32mok:␛[0m key …7Qx2 is accepted
  ␛[2mfrom     ␛[0m HEYGEN_API_KEY
  ␛[2maccount  ␛[0m unknown: the key lacks the scope account:read
  ␛[2mserver   ␛[0m [BASE], [MS] ms

"#]])
            .exits(0);
    }

    #[test]
    fn report_shows_expiry_and_balance() {
        let server = |key: &str, user: &str| {
            api(
                Reply::json(200, &format!(r#"{{"data":{key}}}"#)),
                Reply::json(200, &format!(r#"{{"data":{user}}}"#)),
            )
        };
        let ended = server(
            r#"{"scope_mode":"custom","scopes":["videos:read","account:read"],"created_at":"2020-01-01T00:00:00Z","expires_at":"2020-02-01T00:00:00Z"}"#,
            r#"{"email":"ana@example.com","billing_type":"subscription","subscription":{"credits":{"premium_credits":{"remaining":120},"add_on_credits":null}}}"#,
        );
        shown(&ended)
            .filter("[DAYS]", |byte| byte.is_ascii_digit())
            .stdout(str![[r#"
ok: key …7Qx2 is accepted
  from      HEYGEN_API_KEY
  account   ana@example.com
  scopes    custom: videos:read, account:read
  since     2020-01-01 ([DAYS] days; time for a new one), expired 2020-02-01 ([DAYS] days ago)
  balance   120 plan credits
  server    [BASE], [MS] ms

"#]])
            .exits(0);
        let ends = server(
            r#"{"scope_mode":"read_only","scopes":[],"created_at":"2020-01-01T00:00:00Z","expires_at":"2999-01-01T00:00:00Z"}"#,
            r#"{"username":"anab","billing_type":"usage_based","usage_based":{"spending_cap_usd":100,"spending_current_usd":12.25}}"#,
        );
        let outcome = shown(&ends)
            .filter("[DAYS]", |byte| byte.is_ascii_digit())
            .stdout(str![[r#"
ok: key …7Qx2 is accepted
  from      HEYGEN_API_KEY
  account   anab
  scopes    read_only
  since     2020-01-01 ([DAYS] days; time for a new one), expires 2999-01-01 (in [DAYS] days)
  balance   87.75 USD, left of the spending cap
  server    [BASE], [MS] ms

"#]])
            .exits(0);
        let days = outcome.stdout.split("(in ").nth(1).and_then(|rest| rest.split(' ').next());
        let days: u32 = days.and_then(|days| days.parse().ok()).expect("a number of days");
        assert!(days > 300_000, "{days}");
    }

    #[test]
    fn report_escapes_control_characters() {
        let key =
            SELF.replace("laptop", "a\\u001b[31mb\\nc\u{202e}").replace("2026-08-02", "2020-01-01");
        let server = api(Reply::json(200, &key), Reply::json(403, LACKS_ACCOUNT_READ));
        shown(&server)
            .filter("[DAYS]", |byte| byte.is_ascii_digit())
            .stdout(str![[r#"
ok: key …7Qx2 is accepted
  from      HEYGEN_API_KEY
  name      a\u{1b}[31mb c\u{202e}
  account   unknown: the key lacks the scope account:read
  scopes    full
  since     2020-01-01 ([DAYS] days; time for a new one), expires never
  server    [BASE], [MS] ms

"#]])
            .exits(0);
    }

    #[test]
    fn report_says_why_account_is_unknown() {
        let server = api(
            old_key(),
            Reply::json(500, r#"{"error":{"code":"internal_error","message":"Oops"}}"#),
        );
        shown(&server)
            .stdout(str![[r#"
ok: key …7Qx2 is accepted
  from      HEYGEN_API_KEY
  name      laptop
  account   unknown: 500 internal_error: Oops
  scopes    full
  since     2020-01-01 ([MS] days; time for a new one), expires never
  server    [BASE], [MS] ms

"#]])
            .exits(0);
    }

    #[test]
    fn missing_key_on_a_terminal() {
        Test::new(&["auth", "check"])
            .no_key()
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .dir("site/.git")
            .cwd("site/app")
            .stderr(str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found from here up to [WORK]/site), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]])
            .exits(3);
    }
}
