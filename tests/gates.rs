//! `heygen auth check` in a job: what is demanded of the key, and what a job learns.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::login::{ME, SELF};
use crate::support::{KEY, Reply, Server, Stream, Test};

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

const REPORT: &str = r#"{
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
"#;

const LACKS_ACCOUNT: &str = r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read.","param":null,"doc_url":null}}"#;

#[test]
fn gates_that_are_met_change_nothing() {
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
    .stdout(REPORT)
    .exits(0);
    let (key, _) = ending(Duration::from_secs(14 * 24 * 60 * 60 + 60));
    let server = api(&key, Reply::json(200, ME));
    check(&["--valid-for", "14d", "--quiet"]).server(&server).exits(0);
}

#[test]
fn a_key_that_ends_too_soon_fails_the_job() {
    let (key, day) = ending(Duration::from_secs(6 * 24 * 60 * 60 + 12 * 60 * 60));
    let server = api(&key, Reply::json(200, ME));
    check(&["--min-balance", "5", "--valid-for", "14d"])
        .server(&server)
        .stderr(&format!(
            "error: key …7Qx2 expires in 6 days ({day}), before --valid-for 14d\n\
             hint: make a new key at https://app.heygen.com/settings?nav=API\n"
        ))
        .exits(1);
}

#[test]
fn every_gate_that_is_not_met_is_named_in_one_error() {
    let key = SELF
        .replace("\"full\"", "\"custom\"")
        .replace("[\"*:*\"]", "[\"videos:read\",\"assets:*\"]");
    let server = api(&key, Reply::json(200, ME));
    let gates = ["--min-balance", "100", "--need", "videos:write", "--need", "assets:write"];
    check(&gates)
        .server(&server)
        .stderr(
            "error: balance is 42.50 USD, below --min-balance 100\n  \
             also: key …7Qx2 lacks the scope videos:write (--need); it has videos:read, assets:*\n\
             hint: API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it\n",
        )
        .exits(1);
    check(&gates)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stderr(
            "{\"error\":{\"code\":\"cli_gate_not_met\",\"message\":\"balance is 42.50 USD, below --min-balance 100; also: key …7Qx2 lacks the scope videos:write (--need); it \
             has videos:read, assets:*\",\"hint\":\"API keys draw on the API wallet, not on the web plan; `heygen \
             auth check` shows it\"}}\n",
        )
        .exits(1);
}

#[test]
fn what_heygen_does_not_tell_is_no_yes() {
    let server = api(SELF, Reply::json(403, LACKS_ACCOUNT));
    check(&["--min-balance", "5", "--valid-for", "14d"])
        .server(&server)
        .stderr(
            "error: cannot tell whether key …7Qx2 meets --min-balance 5: the key lacks the scope account:read\n\
             hint: give the key the scope account:read at https://app.heygen.com/settings?nav=API\n",
        )
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
        .stdout(
            &REPORT
                .replace("\"ci\"", "null")
                .replace("\"2026-11-01T00:00:00Z\"", "null")
                .replace("[\n      \"*:*\"\n    ]", "null")
                .replace("\"full\"", "null"),
        )
        .exits(0);
    check(&["--min-balance", "5", "--valid-for", "14d", "--need", "videos:read"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stderr(
            "{\"error\":{\"code\":\"cli_gate_undecidable\",\"message\":\"cannot tell whether key …7Qx2 meets \
             --valid-for 14d: this API does not describe keys (404 for /v3/api_keys/self); also: cannot tell whether \
             key …7Qx2 meets --need videos:read: this API does not describe keys (404 for /v3/api_keys/self)\"}}\n",
        )
        .exits(1);
}

#[test]
fn a_network_that_is_down_says_nothing_about_the_key() {
    check(&["--quiet", "--retry", "0"])
        .base("http://nowhere.invalid")
        .env("HEYGEN_ALLOW_HTTP", "1")
        .stderr(
            "error: cannot resolve nowhere.invalid\n\
             hint: is the network up? HeyGen's own state: https://status.heygen.com\n",
        )
        .exits(1);
}

#[test]
fn offline_looks_at_the_key_and_asks_nobody() {
    check(&["--offline"])
        .base(&Server::nowhere())
        .stdout(
            "{\n  \"ok\": null,\n  \"key\": {\n    \"source\": \"environment\",\n    \"path\": null,\n    \"line\": \
             null,\n    \"last4\": \"7Qx2\",\n    \"name\": null,\n    \"created_at\": null,\n    \"expires_at\": \
             null,\n    \"scopes\": null,\n    \"scope_mode\": null\n  },\n  \"account\": null,\n  \"balance\": \
             null,\n  \"api_base\": \"[BASE]\",\n  \"latency_ms\": null\n}\n",
        )
        .exits(0);
    check(&["--offline", "--quiet"]).base(&Server::nowhere()).exits(0);
    check(&["--offline"])
        .key("${{ secrets.KEY }}")
        .stderr(
            "error: HEYGEN_API_KEY is a reference to a key, not the key itself (nothing was sent)\n\
             hint: let your shell or secret manager put the key itself there, as `op run -- heygen …` does\n",
        )
        .exits(3);
}

#[test]
fn gates_need_heygen_and_have_values() {
    let test = |gates: &[&str], message: &str, hint: &str| {
        check(gates).stderr(&format!("error: {message}\n{hint}")).exits(2);
    };
    let usage = "hint: usage: heygen auth check --offline\n";
    for (flag, value, shown) in [
        ("--min-balance", "5", "AMOUNT"),
        ("--valid-for", "1d", "DURATION"),
        ("--need", "a:b", "SCOPE"),
    ] {
        let message = format!("the argument '--offline' cannot be used with '{flag} <{shown}>'");
        test(&["--offline", flag, value], &message, usage);
    }
    test(
        &["--min-balance", "5 USD"],
        "invalid value '…' for '--min-balance <AMOUNT>': write it like 5 or 12.50",
        "",
    );
    test(
        &["--need", "videos"],
        "invalid value '…' for '--need <SCOPE>': write it like videos:write",
        "",
    );
}

#[cfg(unix)]
#[test]
fn a_person_learns_the_age_of_the_key_and_that_it_is_time_for_a_new_one() {
    let day = |days: u64| {
        let time = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60 + 60);
        Timestamp::try_from(time).expect("a time").to_string()
    };
    for (days, word) in [(90, ""), (112, "; time for a new one")] {
        // Ninety days and a minute are more than ninety days: a day less is not.
        let made = day(if word.is_empty() { days - 1 } else { days });
        let shown = if word.is_empty() { days - 1 } else { days };
        let server = api(&SELF.replace("2026-11-01T00:00:00Z", &made), Reply::json(200, ME));
        let since = made.split('T').next().unwrap_or_default();
        check(&[])
            .server(&server)
            .no_key()
            .file(".env", format!("A=b\n\nHEYGEN_API_KEY={KEY}\n"))
            .env("NO_COLOR", "1")
            .terminal(Stream::Both)
            .stdout(&format!(
                "ok: key …7Qx2 is accepted\n  from      ./.env, line 3\n  name      ci\n  account   \
                 jdoe@example.com (jdoe)\n  scopes    full\n  since     {since} ({shown} days{word}), expires \
                 never\n  balance   42.50 USD, prepaid API wallet\n  server    [BASE], [MS] ms\n"
            ))
            .exits(0);
    }
}
