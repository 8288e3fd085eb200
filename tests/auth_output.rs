//! The forms of the report of `heygen auth check`: `-o text|json|compact` and `-q`.

use crate::support::{Inline, Reply, Server, Stream, Test, str};

const SELF: &str = r#"{"data":{"key_name":"laptop\u001b[2J","scope_mode":"full","scopes":["*:*"],"created_at":"2026-08-02T09:00:00Z","expires_at":null,"expires_in_seconds":null}}"#;

const ME: &str = r#"{"data":{"billing_type":"wallet","email":"ana@example.com","username":"anab","wallet":{"currency":"usd","remaining_balance":12.4}}}"#;

fn api() -> Server {
    Server::routes(&[
        ("GET /v3/api_keys/self", Reply::json(200, SELF)),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ])
}

fn check<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["auth", "check"], arguments].concat())
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

/// A misused flag: nothing is sent.
#[track_caller]
fn refused(arguments: &[&str], stderr: Inline) {
    let server = Server::in_turn(vec![]);
    check(&server, arguments).stderr(stderr).exits(2);
    assert_eq!(server.connections(), 0, "{arguments:?}");
}

#[test]
fn text_goes_into_a_log() {
    let server = api();
    check(&server, &["-o", "text", "--offline"])
        .stdout(str![[r#"
ok: key …7Qx2 has the form of a key; HeyGen was not asked
  from      HEYGEN_API_KEY

"#]])
        .exits(0);
    let outcome = check(&server, &["-o", "text"]).run();
    let text = outcome.stdout;
    assert!(text.starts_with("ok: key …7Qx2 is accepted\n"), "{text}");
    assert!(text.contains("\n  balance   12.40 USD, prepaid API wallet\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn compact_report_is_one_line() {
    let server = api();
    check(&server, &["--output", "compact", "--offline"])
        .stdout(str![[r#"
{"ok":null,"key":{"source":"environment","path":null,"line":null,"last4":"7Qx2","name":null,"created_at":null,"expires_at":null,"scopes":null,"scope_mode":null},"account":null,"balance":null,"api_base":"[BASE]","latency_ms":null}

"#]])
        .exits(0);
}

#[test]
fn terminal_shows_json_if_asked() {
    let server = api();
    check(&server, &["-o", "compact", "--offline", "--color", "never"])
        .terminal(Stream::Stdout)
        .stdout(str![[r#"
{"ok":null,"key":{"source":"environment","path":null,"line":null,"last4":"7Qx2","name":null,"created_at":null,"expires_at":null,"scopes":null,"scope_mode":null},"account":null,"balance":null,"api_base":"[BASE]","latency_ms":null}

"#]])
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn filter_takes_parts_of_the_report() {
    let server = api();
    let filtered = |arguments: &[&str], stdout: &str| {
        check(&server, arguments).stdout(stdout.to_owned()).exits(0);
    };
    filtered(&["-q", ".balance.remaining"], "12.4\n");
    filtered(&["-q", ".account.email, .key.last4"], "ana@example.com\n7Qx2\n");
    filtered(&["-q", ".account.email", "-o", "json"], "\"ana@example.com\"\n");
    filtered(
        &["-q", ".account", "-o", "compact"],
        "{\"username\":\"anab\",\"email\":\"ana@example.com\"}\n",
    );
    filtered(&["-q", "empty"], "");
    filtered(&["-q", ".key.name"], "laptop\u{1b}[2J\n");
}

#[cfg(feature = "jq")]
#[test]
fn filtered_text_cannot_control_terminal() {
    let server = api();
    let outcome = check(&server, &["-q", ".key.name"]).terminal(Stream::Stdout).run();
    assert!(!outcome.stdout.contains('\u{1b}'), "{:?}", outcome.stdout);
}

#[cfg(feature = "jq")]
#[test]
fn filter_failure_exits_5() {
    let server = api();
    check(&server, &["--offline", "-q", ".ok | keys"])
        .stderr(str![[r#"
error: --jq: null (null) has no keys
  data: {"ok":null,"key":{"source":"environment","path":null,"line":null,"last4":"7Qx2","name":null,"created_at":null,"expires_at":null,"scopes":null,"scope_mode":null},"account":null,"balance":null,"api_base":"[BASE]","latency_ms":null}

"#]])
        .exits(5);
}

#[cfg(feature = "jq")]
#[test]
fn bad_filter_stops_before_sending() {
    refused(
        &["-q", ".balance["],
        str![[r#"
error: --jq: `[` is not closed at column 9
  .balance[
          ^

"#]],
    );
    refused(
        &["-q", ".", "-o", "text"],
        str![[r#"
error: --jq and `-o text` conflict: a filter works on the JSON report
hint: leave `-o text` out: --jq prints strings without quotes

"#]],
    );
    refused(
        &["-q", ".", "--quiet"],
        str![[r#"
error: --jq has no effect: --quiet suppresses the report
hint: leave one of them out

"#]],
    );
}

#[test]
fn rejects_other_formats_and_quiet() {
    refused(
        &["-o", "table"],
        str![[r#"
error: invalid value 'table' for '--output <FORMAT>' [possible values: text, json, compact]

"#]],
    );
    refused(
        &["-o", "json", "--quiet"],
        str![[r#"
error: --output has no effect: --quiet suppresses the report
hint: leave one of them out

"#]],
    );
}

#[test]
fn facts_over_one_mib_are_unknown() {
    let large = SELF.replace("laptop", &"x".repeat(1024 * 1024));
    let server = Server::routes(&[
        ("GET /v3/api_keys/self", Reply::json(200, &large)),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ]);
    check(&server, &["-s"]).exits(0);
    check(&server, &["-s", "--need", "videos:read"])
        .stderr(str![[r#"
error: cannot tell whether key …7Qx2 meets --need videos:read: the response is larger than 1 MiB

"#]])
        .exits(1);
}
