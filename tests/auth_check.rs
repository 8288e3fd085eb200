//! `heygen auth check`: which key, from where, whose, and is it accepted.

use crate::support::{KEY, Reply, Server, Stream, Test};

const ASKS_BOTH: [&str; 2] = ["GET /v3/api_keys/self", "GET /v3/users/me"];

/// `GET /v3/api_keys/self` of golden session 2.
const SELF: &str = r#"{"data":{"key_id":"key_0a1b2c3d","key_name":"laptop","status":"active","scope_mode":"full","scopes":["*:*"],"created_at":"2026-08-02T09:00:00Z","updated_at":"2026-08-02T09:00:00Z","expires_at":null,"expires_in_seconds":null}}"#;

/// `GET /v3/users/me` of golden session 2: all three blocks are always there.
const ME: &str = r#"{"data":{"billing_type":"wallet","email":"ana@example.com","first_name":"Ana","last_name":"B","subscription":{"credits":{"add_on_credits":{"remaining":null,"resets_at":null},"premium_credits":{"remaining":null,"resets_at":null}},"plan":"free"},"usage_based":{"included_credits":null,"remaining_credits":null,"spending_cap_usd":null,"spending_current_usd":null},"username":"anab","wallet":{"auto_reload":{"amount_usd":null,"enabled":false,"threshold_usd":null},"currency":"usd","remaining_balance":12.4}}}"#;

const UNAUTHORIZED: &str = r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#;

const LACKS_ACCOUNT_READ: &str = r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read."}}"#;

const NOT_FOUND: &str =
    r#"{"error":{"code":"not_found","message":"Not found.","param":null,"doc_url":null}}"#;

const A_NEW_KEY: &str = "a deleted, mistyped or other service's key gives the same answer; make a new one at https://app.heygen.com/settings?nav=API";

/// An API that answers the two questions like this.
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
fn a_good_key_is_an_object_in_a_pipe() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    for command in ["check", "status"] {
        let outcome = Test::new(&["auth", command])
            .server(&server)
            .no_key()
            .secret(KEY)
            .file(".env", format!("# of the site\n\nHEYGEN_API_KEY={KEY}\n"))
            .stdout(&report(FACTS, ACCOUNT, BALANCE, "").replace(
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
fn jq_reads_the_balance_whatever_the_variables_say_of_answers() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    check(&server)
        .env("HEYGEN_OUTPUT", "raw")
        .env("HEYGEN_ENVELOPE", "1")
        .stdout(&report(FACTS, ACCOUNT, BALANCE, ""))
        .exits(0);
}

#[test]
fn an_api_that_does_not_know_the_first_question_is_asked_the_second() {
    for older in [
        Reply::json(404, NOT_FOUND),
        Reply::new(404, "text/html", "<html><title>404</title></html>"),
        Reply::empty(404),
    ] {
        let server = api(older, Reply::json(200, ME));
        check(&server).stdout(&report(NO_FACTS, ACCOUNT, BALANCE, "")).sends(&ASKS_BOTH).exits(0);
    }
}

#[test]
fn a_missing_scope_proves_the_key() {
    let lacks = || Reply::json(403, LACKS_ACCOUNT_READ);
    let scope = "\n  \"missing_scope\": \"account:read\",";
    let without_user = api(Reply::json(200, SELF), lacks());
    check(&without_user).stdout(&report(FACTS, "null", "null", scope)).sends(&ASKS_BOTH).exits(0);
    let older = api(Reply::json(404, NOT_FOUND), lacks());
    check(&older).stdout(&report(NO_FACTS, "null", "null", scope)).sends(&ASKS_BOTH).exits(0);
    let without_key = api(lacks(), Reply::json(200, ME));
    check(&without_key).stdout(&report(NO_FACTS, ACCOUNT, BALANCE, scope)).exits(0);
    let neither = api(lacks(), lacks());
    check(&neither).stdout(&report(NO_FACTS, "null", "null", scope)).exits(0);
}

#[test]
fn what_befalls_the_second_question_does_not_unprove_the_key() {
    for user in [
        Reply::json(500, r#"{"error":{"code":"internal_error","message":"Oops"}}"#),
        Reply::json(429, r#"{"code":429,"message":"Too many requests"}"#),
        Reply::new(200, "text/html", "<html></html>"),
        Reply::empty(204),
        Reply::close_unanswered(),
        Reply::json(403, r#"{"error":{"code":"forbidden","message":"No."}}"#),
    ] {
        let server = api(Reply::json(200, SELF), user);
        check(&server).stdout(&report(FACTS, "null", "null", "")).exits(0);
    }
}

#[test]
fn the_first_generation_proves_a_key_with_its_code_100() {
    let me = r#"{"code":100,"data":{"username":"anab","email":"ana@example.com"},"msg":null,"message":"Success"}"#;
    let server =
        api(Reply::json(404, r#"{"code":40400,"message":"Not found"}"#), Reply::json(200, me));
    check(&server).stdout(&report(NO_FACTS, ACCOUNT, "null", "")).exits(0);
}

#[test]
fn the_balance_is_the_one_that_the_billing_type_names() {
    let check_balance = |user: &str, balance: &str| {
        let server =
            api(Reply::json(200, SELF), Reply::json(200, &format!(r#"{{"data":{user}}}"#)));
        let account = "{\n    \"username\": \"anab\",\n    \"email\": null\n  }";
        check(&server).stdout(&report(FACTS, account, balance, "")).exits(0);
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
fn times_of_a_key_come_in_seconds_too() {
    let body = SELF
        .replace("\"2026-08-02T09:00:00Z\",\"upd", "1785661200,\"upd")
        .replace("\"expires_at\":null", "\"expires_at\":1798700400");
    let facts = FACTS.replace("\"expires_at\": null", "\"expires_at\": \"2026-12-31T07:00:00Z\"");
    let server = api(Reply::json(200, &body), Reply::json(200, ME));
    check(&server).stdout(&report(&facts, ACCOUNT, BALANCE, "")).exits(0);
}

#[test]
fn a_refused_key_is_exit_3_and_says_where_it_came_from() {
    let check_refused = |body: &str, code: &str, message: &str, shown: &str, page: &str| {
        let server = Server::always(Reply::json(401, body).header("X-Request-Id", "req_8c1f"));
        let doc_url =
            if page.is_empty() { String::new() } else { format!(r#","doc_url":"{page}""#) };
        let outcome = check(&server)
            .stderr(&format!(
                r#"{{"error":{{"code":"{code}","message":"{message}","hint":"from: HEYGEN_API_KEY; {A_NEW_KEY}"{doc_url},"request_id":"req_8c1f","status":401,"request":{{"method":"GET","path":"/v3/api_keys/self"}},"attempts":1}}}}{}"#,
                "\n"
            ))
            .sends(&["GET /v3/api_keys/self"])
            .exits(3);
        let page = if page.is_empty() { String::new() } else { format!(", {page}") };
        outcome
            .then(&["auth", "check", "--error-format", "text"])
            .stderr(&format!(
                "error: HeyGen does not accept key …7Qx2: {shown}\n  from: HEYGEN_API_KEY\nhint: {A_NEW_KEY}\n  request: req_8c1f{page}\n"
            ))
            .exits(3);
    };
    check_refused(
        UNAUTHORIZED,
        "unauthorized",
        "Unauthorized",
        "401 unauthorized",
        "https://developers.heygen.com/docs/error-codes#unauthorized",
    );
    check_refused(
        r#"{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","param":null,"doc_url":null}}"#,
        "authentication_failed",
        "Invalid or expired API key. Verify your x-api-key header.",
        "401 authentication_failed: Invalid or expired API key. Verify your x-api-key header.",
        "",
    );
    check_refused(
        r#"{"code":400112,"message":"Unauthorized"}"#,
        "400112",
        "Unauthorized",
        "401 400112: Unauthorized",
        "",
    );
    check_refused(
        r#"{"error":"Invalid API key","data":null}"#,
        "unauthorized",
        "Invalid API key",
        "401 unauthorized: Invalid API key",
        "",
    );
}

#[test]
fn a_refused_key_names_shadowed_keys() {
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
        .stderr(&format!(
            "error: HeyGen does not accept key …9f3c: 401 unauthorized\n  \
             from: ./.env, line 3; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials\n\
             hint: {A_NEW_KEY}\n  \
             request: req_8c1f, https://developers.heygen.com/docs/error-codes#unauthorized\n"
        ))
        .exits(3);
    outcome
        .then(&["auth", "check"])
        .stderr(&format!(
            r#"{{"error":{{"code":"unauthorized","message":"Unauthorized","hint":"from: ./.env, line 3; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials; {A_NEW_KEY}","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized","request_id":"req_8c1f","status":401,"request":{{"method":"GET","path":"/v3/api_keys/self"}},"attempts":1}}}}{}"#,
            "\n"
        ))
        .exits(3);
}

#[test]
fn a_key_of_another_service_is_recognised() {
    let key = format!("sk_{}", "0a".repeat(24));
    let server = Server::always(Reply::json(401, UNAUTHORIZED));
    Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .key(&key)
        .stderr(
            "error: HeyGen does not accept key …0a0a: 401 unauthorized\n  \
             from: HEYGEN_API_KEY\n\
             hint: `sk_` and 48 hex digits is the form of an ElevenLabs key; HeyGen's are at https://app.heygen.com/settings?nav=API\n  \
             see: https://developers.heygen.com/docs/error-codes#unauthorized\n",
        )
        .exits(3);
}

#[test]
fn a_key_that_only_the_second_question_refuses_is_refused() {
    let server = api(Reply::json(404, NOT_FOUND), Reply::json(401, UNAUTHORIZED));
    let text = format!(
        "error: HeyGen does not accept key …7Qx2: 401 unauthorized\n  from: HEYGEN_API_KEY\nhint: {A_NEW_KEY}\n  see: https://developers.heygen.com/docs/error-codes#unauthorized\n"
    );
    text_check(&server).stderr(&text).sends(&ASKS_BOTH).exits(3);
    let server = api(Reply::json(200, SELF), Reply::json(401, UNAUTHORIZED));
    text_check(&server).stderr(&text).sends(&ASKS_BOTH).exits(3);
}

fn text_check(server: &Server) -> Test<'_> {
    check(server).args(&["--error-format", "text"])
}

#[test]
fn a_refusal_that_names_no_scope_is_about_the_key() {
    let server = Server::always(Reply::json(
        403,
        r#"{"error":{"code":"forbidden","message":"You may not."}}"#,
    ));
    text_check(&server).stderr("error: 403 forbidden: You may not.\n").exits(3);
}

#[test]
fn success_is_no_proof_without_an_object_of_data() {
    let check_body = |reply: Reply, error: &str| {
        let server = Server::always(reply);
        text_check(&server).stderr(error).sends(&["GET /v3/api_keys/self"]).exits(1);
    };
    let portal = "<!doctype html><html><title>Wi-Fi of the hotel</title></html>";
    check_body(
        Reply::new(200, "text/html", portal),
        "error: 200 OK; the answer is HTML (title \"Wi-Fi of the hotel\"), not JSON\n\
         hint: is there a proxy or a sign-in page between you and HeyGen?\n",
    );
    let no_json = "error: 200 OK, but the answer is no JSON: this says nothing about the key\n";
    check_body(Reply::empty(200), no_json);
    check_body(Reply::new(200, "text/plain", "OK"), no_json);
    check_body(
        Reply::empty(204),
        "error: 204 No Content, but the answer is no JSON: this says nothing about the key\n",
    );
    let no_data =
        "error: 200 OK, but the answer has no object `data`: this says nothing about the key\n";
    for body in [
        "{}",
        "[]",
        "true",
        r#"{"ok":true}"#,
        r#"{"data":null}"#,
        r#"{"data":[]}"#,
        r#"{"data":"x"}"#,
    ] {
        check_body(Reply::json(200, body), no_data);
    }
}

#[test]
fn an_error_inside_a_success_is_an_error() {
    let check_body = |body: &str, error: &str, code: i32| {
        let server = Server::always(Reply::json(200, body));
        text_check(&server).stderr(error).sends(&["GET /v3/api_keys/self"]).exits(code);
    };
    check_body(
        r#"{"error":{"code":"internal_error","message":"Something broke"},"data":{}}"#,
        "error: 200 with an error inside: internal_error: Something broke\n",
        1,
    );
    check_body(
        r#"{"error":"Something broke","data":{}}"#,
        "error: 200 with an error inside: Something broke\n",
        1,
    );
    let from = format!("  from: HEYGEN_API_KEY\nhint: {A_NEW_KEY}\n");
    check_body(
        r#"{"code":400112,"message":"Unauthorized"}"#,
        &format!(
            "error: HeyGen does not accept key …7Qx2: 200 with an error inside: 400112: Unauthorized\n{from}"
        ),
        3,
    );
    check_body(
        r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#,
        &format!(
            "error: HeyGen does not accept key …7Qx2: 200 with an error inside: unauthorized\n{from}"
        ),
        3,
    );
}

#[test]
fn no_key_lists_every_place() {
    let server = Server::in_turn(vec![]);
    let outcome = Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .no_key()
        .stderr(
            "error: no API key found\n  \
             looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)\n\
             hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`\n",
        )
        .exits(3);
    outcome
        .then(&["auth", "check"])
        .stderr(concat!(
            r#"{"error":{"code":"auth_error","message":"no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)","hint":"make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`"}}"#,
            "\n"
        ))
        .exits(3);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_key_that_cannot_be_one_is_not_sent() {
    let server = Server::in_turn(vec![]);
    Test::new(&["auth", "check", "--error-format", "text"])
        .server(&server)
        .key("Bearer abc")
        .stderr("error: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent)\n")
        .exits(3);
    assert_eq!(server.connections(), 0);
}

#[test]
fn an_api_that_cannot_be_asked_is_exit_1() {
    for arguments in [&[][..], &["--quiet"]] {
        Test::new(&["auth", "check", "--error-format", "text"])
            .args(arguments)
            .base(&Server::nowhere())
            .stderr(
                "error: cannot connect to 127.0.0.1:[PORT]: connection refused\n\
                 hint: is the network up? HeyGen's own state: https://status.heygen.com\n",
            )
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
fn running_out_of_time_is_exit_4() {
    let server = Server::always(Reply::stall_unanswered());
    text_check(&server)
        .args(&["--timeout", "200ms"])
        .stderr(
            "error: no complete answer within 200 ms\nhint: `--timeout 5m` gives it more time\n",
        )
        .sends(&["GET /v3/api_keys/self"])
        .exits(4);
}

#[test]
fn quiet_says_it_with_the_exit_code_alone() {
    for user in [Reply::json(200, ME), Reply::json(403, LACKS_ACCOUNT_READ)] {
        let server = api(Reply::json(200, SELF), user);
        check(&server).args(&["--quiet"]).sends(&ASKS_BOTH).exits(0);
    }
}

#[test]
fn a_trace_shows_both_questions() {
    let server = api(Reply::json(200, SELF), Reply::json(403, LACKS_ACCOUNT_READ));
    check(&server)
        .args(&["--quiet", "-v"])
        .stderr(
            "> GET [BASE]/v3/api_keys/self\n< 200 OK, [MS] ms\n\
             > GET [BASE]/v3/users/me\n< 403 Forbidden, [MS] ms\n",
        )
        .exits(0);
}

#[test]
fn what_cannot_be_written_is_exit_5_and_a_closed_pipe_is_none() {
    let server = api(Reply::json(200, SELF), Reply::json(200, ME));
    check(&server).stdout_closed().exits(0);
    #[cfg(target_os = "linux")]
    check(&server)
        .args(&["--error-format", "text"])
        .stdout_to(std::fs::File::options().write(true).open("/dev/full").expect("a full device"))
        .stderr(
            "error: writing the answer to stdout: no space left on device\n\
             hint: the call itself succeeded, do not repeat it\n",
        )
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
    fn the_report_of_a_good_key() {
        let server = api(old_key(), Reply::json(200, ME));
        let outcome = Test::new(&["auth", "check"])
            .server(&server)
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .no_key()
            .secret(KEY)
            .file(".env", format!("\n\nHEYGEN_API_KEY={KEY}\n"))
            .stdout(
                "ok: key …7Qx2 is accepted\n  \
                 from      ./.env, line 3\n  \
                 name      laptop\n  \
                 account   ana@example.com (anab)\n  \
                 scopes    full\n  \
                 since     2020-01-01 ([MS] days; time for a new one), expires never\n  \
                 balance   12.40 USD, prepaid API wallet\n  \
                 server    [BASE], [MS] ms\n",
            )
            .exits(0);
        outcome.then(&["auth", "check", "--quiet"]).terminal(Stream::Both).exits(0);
    }

    #[test]
    fn the_report_has_colours() {
        let server = api(Reply::json(404, NOT_FOUND), Reply::json(403, LACKS_ACCOUNT_READ));
        check(&server)
            .terminal(Stream::Stdout)
            .stdout(
                "\u{1b}[1;32mok:\u{1b}[0m key …7Qx2 is accepted\n  \
                 \u{1b}[2mfrom     \u{1b}[0m HEYGEN_API_KEY\n  \
                 \u{1b}[2maccount  \u{1b}[0m unknown: the key lacks the scope account:read\n  \
                 \u{1b}[2mserver   \u{1b}[0m [BASE], [MS] ms\n",
            )
            .exits(0);
    }

    #[test]
    fn keys_end_and_wallets_differ() {
        let lines = |key: &str, user: &str| -> String {
            let server = api(
                Reply::json(200, &format!(r#"{{"data":{key}}}"#)),
                Reply::json(200, &format!(r#"{{"data":{user}}}"#)),
            );
            let outcome = shown(&server).run();
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
            let lines: Vec<&str> = outcome.stdout.lines().collect();
            lines[2..lines.len() - 1].join("\n")
        };
        assert_eq!(
            lines(
                r#"{"scope_mode":"custom","scopes":["videos:read","account:read"],"created_at":"2020-01-01T00:00:00Z","expires_at":"2020-02-01T00:00:00Z"}"#,
                r#"{"email":"ana@example.com","billing_type":"subscription","subscription":{"credits":{"premium_credits":{"remaining":120},"add_on_credits":null}}}"#,
            )
            .replace(|c: char| c.is_ascii_digit(), "0"),
            "  account   ana@example.com\n  \
             scopes    custom: videos:read, account:read\n  \
             since     0000-00-00 (0000 days; time for a new one), expired 0000-00-00 (0000 days ago)\n  \
             balance   000 plan credits"
        );
        let future = lines(
            r#"{"scope_mode":"read_only","scopes":[],"created_at":"2020-01-01T00:00:00Z","expires_at":"2999-01-01T00:00:00Z"}"#,
            r#"{"username":"anab","billing_type":"usage_based","usage_based":{"spending_cap_usd":100,"spending_current_usd":12.25}}"#,
        );
        let (before, in_days) =
            future.split_once("expires 2999-01-01 (in ").expect("the end is told");
        let (days, after) = in_days.split_once(" days)").expect("and how far it is");
        assert!(days.parse::<u32>().is_ok_and(|days| days > 300_000), "{days}");
        assert!(
            before.starts_with("  account   anab\n  scopes    read_only\n  since     2020-01-01 ("),
            "{before}"
        );
        assert_eq!(after, "\n  balance   87.75 USD, left of the spending cap");
    }

    #[test]
    fn texts_of_the_server_order_a_terminal_nothing() {
        let key = SELF.replace("laptop", "a\\u001b[31mb\\nc\u{202e}");
        let server = api(Reply::json(200, &key), Reply::json(403, LACKS_ACCOUNT_READ));
        let outcome = shown(&server).run();
        let name = outcome.stdout.lines().nth(2).expect("a line with the name");
        assert_eq!(name, "  name      a\\u{1b}[31mb c\\u{202e}");
    }

    #[test]
    fn what_made_the_account_unknown_is_told() {
        let server = api(
            old_key(),
            Reply::json(500, r#"{"error":{"code":"internal_error","message":"Oops"}}"#),
        );
        shown(&server)
            .stdout(
                "ok: key …7Qx2 is accepted\n  \
                 from      HEYGEN_API_KEY\n  \
                 name      laptop\n  \
                 account   unknown: 500 internal_error: Oops\n  \
                 scopes    full\n  \
                 since     2020-01-01 ([MS] days; time for a new one), expires never\n  \
                 server    [BASE], [MS] ms\n",
            )
            .exits(0);
    }

    #[test]
    fn first_contact_without_a_key() {
        Test::new(&["auth", "check"])
            .no_key()
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .dir("site/.git")
            .cwd("site/app")
            .stderr(
                "error: no API key found\n  \
                 looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found from here up to [WORK]/site), ~/.heygen/credentials (no such file)\n\
                 hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`\n",
            )
            .exits(3);
    }
}
