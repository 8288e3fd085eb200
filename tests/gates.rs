//! `heygen auth check` in a job: the gates, and the exit codes.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::login::{ME, SELF};
use crate::support::{KEY, Reply, Server, Stream, Test, str};

/// An API that describes the key and the account like this.
fn api(key: &str, user: Reply) -> Server {
    Server::routes(&[("GET /v3/api_keys/self", Reply::json(200, key)), ("GET /v3/users/me", user)])
}

fn good() -> Server {
    api(SELF, Reply::json(200, ME))
}

/// A key that ends this far from now, and the day.
fn ending(after: Duration) -> (String, String) {
    let end = Timestamp::try_from(SystemTime::now() + after).expect("a time").to_string();
    let body = SELF.replace("\"expires_at\":null", &format!("\"expires_at\":\"{end}\""));
    (body, end.split('T').next().unwrap_or_default().to_owned())
}

/// `auth check` in a job's log.
fn check(gates: &[&str]) -> Test<'static> {
    Test::new(&[&["auth", "check"], gates].concat()).env("HEYGEN_ERROR_FORMAT", "text")
}

const LACKS_ACCOUNT: &str = r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read.","param":null,"doc_url":null}}"#;

#[test]
fn passed_gates_change_nothing() {
    let server = good();
    check(&[
        "--min-balance",
        "42.50",
        "--valid-for",
        "14d",
        "--need",
        "videos:write",
        "--need",
        "assets:read",
    ])
    .server(&server)
    .stdout(str![[r#"
{
  "ok": true,
  "key": {
    "source": "environment",
    "path": null,
    "line": null,
    "last4": "7Qx2",
    "name": "ci",
    "created_at": "2026-11-01T00:00:00Z",
    "expires_at": null,
    "scopes": [
      "*:*"
    ],
    "scope_mode": "full"
  },
  "account": {
    "username": "jdoe",
    "email": "jdoe@example.com"
  },
  "balance": {
    "kind": "wallet",
    "remaining": 42.5,
    "currency": "usd"
  },
  "api_base": "[BASE]",
  "latency_ms": [MS]
}

"#]])
    .exits(0);
    let (key, _) = ending(Duration::from_secs(14 * 24 * 60 * 60 + 60));
    let server = api(&key, Reply::json(200, ME));
    check(&["--valid-for", "14d", "--quiet"]).server(&server).exits(0);
}

#[test]
fn valid_for_fails_on_early_expiry() {
    let (key, day) = ending(Duration::from_secs(6 * 24 * 60 * 60 + 12 * 60 * 60));
    let server = api(&key, Reply::json(200, ME));
    check(&["--min-balance", "5", "--valid-for", "14d"])
        .server(&server)
        .named("[DAY]", &day)
        .stderr(str![[r#"
error: key …7Qx2 expires in 6 days ([DAY]), before --valid-for 14d
hint: make a new key at https://app.heygen.com/settings?nav=API

"#]])
        .exits(1);
}

#[test]
fn all_failed_gates_in_one_error() {
    let key = SELF
        .replace("\"full\"", "\"custom\"")
        .replace("[\"*:*\"]", "[\"videos:read\",\"assets:*\"]");
    let server = api(&key, Reply::json(200, ME));
    let gates = ["--min-balance", "100", "--need", "videos:write", "--need", "assets:write"];
    check(&gates)
        .server(&server)
        .stderr(str![[r#"
error: balance is 42.50 USD, below --min-balance 100
  also: key …7Qx2 lacks the scope videos:write (--need); it has videos:read, assets:*
hint: API keys draw on the API wallet, not on the web plan; top it up at https://app.heygen.com/settings?nav=API

"#]])
        .exits(1);
    check(&gates)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stderr(str![[r#"
{"error":{"code":"cli_gate_not_met","message":"balance is 42.50 USD, below --min-balance 100; also: key …7Qx2 lacks the scope videos:write (--need); it has videos:read, assets:*","hint":"API keys draw on the API wallet, not on the web plan; top it up at https://app.heygen.com/settings?nav=API"}}

"#]])
        .exits(1);
}

#[test]
fn undecidable_gates_fail() {
    let server = api(SELF, Reply::json(403, LACKS_ACCOUNT));
    check(&["--min-balance", "5", "--valid-for", "14d"])
        .server(&server)
        .stderr(str![[r#"
error: cannot tell whether key …7Qx2 meets --min-balance 5: the key lacks the scope account:read
hint: give the key the scope account:read at https://app.heygen.com/settings?nav=API

"#]])
        .exits(1);
    let server = Server::routes(&[
        (
            "GET /v3/api_keys/self",
            Reply::json(404, r#"{"error":{"code":"not_found","message":"Not found"}}"#),
        ),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ]);
    check(&["--min-balance", "5"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stdout(str![[r#"
{
  "ok": true,
  "key": {
    "source": "environment",
    "path": null,
    "line": null,
    "last4": "7Qx2",
    "name": null,
    "created_at": null,
    "expires_at": null,
    "scopes": null,
    "scope_mode": null
  },
  "account": {
    "username": "jdoe",
    "email": "jdoe@example.com"
  },
  "balance": {
    "kind": "wallet",
    "remaining": 42.5,
    "currency": "usd"
  },
  "api_base": "[BASE]",
  "latency_ms": [MS]
}

"#]])
        .exits(0);
    check(&["--min-balance", "5", "--valid-for", "14d", "--need", "videos:read"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stderr(str![[r#"
{"error":{"code":"cli_gate_undecidable","message":"cannot tell whether key …7Qx2 meets --valid-for 14d: this API does not describe keys (404 for /v3/api_keys/self); also: cannot tell whether key …7Qx2 meets --need videos:read: this API does not describe keys (404 for /v3/api_keys/self)"}}

"#]])
        .exits(1);
}

#[test]
fn network_failure_is_not_a_rejection() {
    check(&["--quiet", "--retry", "0"])
        .base("http://nowhere.invalid")
        .env("HEYGEN_ALLOW_HTTP", "1")
        .stderr(str![[r#"
error: cannot resolve nowhere.invalid
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE

"#]])
        .exits(1);
}

#[test]
fn offline_sends_nothing() {
    check(&["--offline"])
        .base(&Server::nowhere())
        .stdout(str![[r#"
{
  "ok": null,
  "key": {
    "source": "environment",
    "path": null,
    "line": null,
    "last4": "7Qx2",
    "name": null,
    "created_at": null,
    "expires_at": null,
    "scopes": null,
    "scope_mode": null
  },
  "account": null,
  "balance": null,
  "api_base": "[BASE]",
  "latency_ms": null
}

"#]])
        .exits(0);
    check(&["--offline", "--quiet"]).base(&Server::nowhere()).exits(0);
    check(&["--offline"])
        .key("${{ secrets.KEY }}")
        .stderr(str![[r#"
error: HEYGEN_API_KEY is a reference to a key, not the key itself (nothing was sent)
hint: let your shell or secret manager put the key itself there, as `op run -- heygen …` does

"#]])
        .exits(3);
}

#[test]
fn rejects_offline_gates_and_invalid_values() {
    check(&["--offline", "--min-balance", "5"])
        .stderr(str![[r#"
error: the argument '--offline' cannot be used with '--min-balance <AMOUNT>'
hint: usage: heygen auth check --offline

"#]])
        .exits(2);
    check(&["--offline", "--valid-for", "1d"])
        .stderr(str![[r#"
error: the argument '--offline' cannot be used with '--valid-for <DURATION>'
hint: usage: heygen auth check --offline

"#]])
        .exits(2);
    check(&["--offline", "--need", "a:b"])
        .stderr(str![[r#"
error: the argument '--offline' cannot be used with '--need <SCOPE>'
hint: usage: heygen auth check --offline

"#]])
        .exits(2);
    check(&["--min-balance", "5 USD"])
        .stderr(str![[r#"
error: invalid value '5 USD' for '--min-balance <AMOUNT>': write it like 5 or 12.50

"#]])
        .exits(2);
    check(&["--need", "videos"])
        .stderr(str![[r#"
error: invalid value 'videos' for '--need <SCOPE>': write it like videos:write

"#]])
        .exits(2);
}

#[cfg(unix)]
#[test]
fn report_warns_of_old_key() {
    let day = |days: u64| {
        let time = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60 + 60);
        Timestamp::try_from(time).expect("a time").to_string()
    };
    // Ninety days and a minute are more than ninety days: a day less is not.
    for (days, stdout) in [
        (
            89,
            str![[r#"
ok: key …7Qx2 is accepted
  from      ./.env, line 3
  name      ci
  account   jdoe@example.com (jdoe)
  scopes    full
  since     [SINCE] (89 days), expires never
  balance   42.50 USD, prepaid API wallet
  server    [BASE], [MS] ms

"#]],
        ),
        (
            112,
            str![[r#"
ok: key …7Qx2 is accepted
  from      ./.env, line 3
  name      ci
  account   jdoe@example.com (jdoe)
  scopes    full
  since     [SINCE] (112 days; time for a new one), expires never
  balance   42.50 USD, prepaid API wallet
  server    [BASE], [MS] ms

"#]],
        ),
    ] {
        let made = day(days);
        let server = api(&SELF.replace("2026-11-01T00:00:00Z", &made), Reply::json(200, ME));
        let since = made.split('T').next().unwrap_or_default();
        check(&[])
            .server(&server)
            .no_key()
            .file(".env", format!("A=b\n\nHEYGEN_API_KEY={KEY}\n"))
            .env("NO_COLOR", "1")
            .terminal(Stream::Both)
            .named("[SINCE]", since)
            .stdout(stdout)
            .exits(0);
    }
}
