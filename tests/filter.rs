//! `-q`: responses through jq.

use crate::support::{Inline, Reply, Server, Stream, Test, str};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

const LIST: &str = r#"{"data":[{"id":"a","n":12345678901234567890,"d":1.10,"z":-0,"name":null},{"id":"b\tc","n":2,"tags":["x"]}],"has_more":true,"next_token":"t"}"#;

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos"], arguments].concat()).server(server)
}

#[test]
fn jq_results_are_printed_like_jq() {
    let server = Server::always(Reply::json(200, LIST));
    let check = |arguments: &[&str], stdout: Inline| {
        get(&server, arguments).stdout(stdout).exits(0);
    };
    check(
        &["-q", ".[].id"],
        str![[r#"
a
b␉c

"#]],
    );
    check(
        &["-q", ".[].name"],
        str![[r#"
null
null

"#]],
    );
    check(
        &["-q", "length"],
        str![[r#"
2

"#]],
    );
    check(
        &["-q", ".[0] | .n, .d, .z"],
        str![[r#"
12345678901234567890
1.10
-0

"#]],
    );
    check(
        &["-q", ".[1] | {id, tags}"],
        str![[r#"
{
  "id": "b\tc",
  "tags": [
    "x"
  ]
}

"#]],
    );
    check(
        &["-q", "-1 * length"],
        str![[r#"
-2

"#]],
    );
    check(&["-q", "empty"], str![]);
    check(
        &["--jq", "map(.id)", "-o", "compact"],
        str![[r#"
["a","b\tc"]

"#]],
    );
    check(
        &["-q", ".[].id", "-o", "compact"],
        str![[r#"
"a"
"b\tc"

"#]],
    );
    check(
        &["-q", ".[].id", "-o", "json"],
        str![[r#"
"a"
"b\tc"

"#]],
    );
    check(
        &["-q", ".next_token", "-E"],
        str![[r#"
t

"#]],
    );
    check(
        &["-q", ".[] | [.id, .n] | @csv"],
        str![[r#"
"a",12345678901234567890
"b␉c",2

"#]],
    );
}

#[test]
fn heygen_output_leaves_jq_strings_unquoted() {
    let server = Server::always(Reply::json(200, LIST));
    get(&server, &["-q", ".[0].id, .[0]"])
        .env("HEYGEN_OUTPUT", "compact")
        .stdout(str![[r#"
a
{"id":"a","n":12345678901234567890,"d":1.10,"z":-0,"name":null}

"#]])
        .exits(0);
}

#[test]
fn jq_results_are_table_rows() {
    let avatars = r#"{"error":null,"data":{"avatars":[{"avatar_id":"Abigail_expressive_2024112501","avatar_name":"Abigail (Upper Body)","gender":"female"}],"talking_photos":[]}}"#;
    let server = Server::always(Reply::json(200, avatars));
    let arguments =
        ["get", "/v2/avatars", "-o", "table", "-c", "avatar_id,avatar_name", "-q", ".avatars"];
    Test::new(&arguments)
        .server(&server)
        .stdout(str![[r#"
AVATAR_ID                      AVATAR_NAME
Abigail_expressive_2024112501  Abigail (Upper Body)

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_retired_endpoint","message":"/v2/avatars was retired on 2026-10-31","successor":"GET /v3/avatars/looks"}}

"#]])
        .exits(0);

    let server = Server::always(Reply::json(200, LIST));
    let check = |arguments: &[&str], stdout: Inline| {
        get(&server, arguments).stdout(stdout).exits(0);
    };
    check(
        &["-q", ".[] | {id, n}", "-o", "csv"],
        str![[r#"
id,n
a,12345678901234567890
b␉c,2

"#]],
    );
    check(
        &["-q", ".[].id", "-o", "csv"],
        str![[r#"
value
a
b␉c

"#]],
    );
    check(
        &["-q", "map([.id, .n])", "-o", "table"],
        str![[r#"
a    12345678901234567890
b c  2

"#]],
    );
    check(
        &["-q", "map({id})", "-o", "jsonl"],
        str![[r#"
{"id":"a"}
{"id":"b\tc"}

"#]],
    );
    check(
        &["-q", "empty", "-o", "csv", "-c", "id"],
        str![[r#"
id

"#]],
    );
}

#[test]
fn invalid_jq_is_rejected_before_sending() {
    let check = |filter: &str, stderr: Inline| {
        let server = Server::in_turn(Vec::new());
        get(&server, &["-q", filter]).no_key().stderr(stderr).sends(&[]).exits(2);
    };
    check(
        ".video_id |",
        str![[r#"
{"error":{"code":"usage_error","message":"--jq: unexpected end after `|`"}}

"#]],
    );
    check(
        ".[",
        str![[r#"
{"error":{"code":"usage_error","message":"--jq: `[` is not closed at column 2"}}

"#]],
    );
    check(
        ".a | nosuch",
        str![[r#"
{"error":{"code":"usage_error","message":"--jq: `nosuch` is not defined at column 6"}}

"#]],
    );
    check(
        "",
        str![[r#"
{"error":{"code":"usage_error","message":"--jq: the filter is empty"}}

"#]],
    );

    let server = Server::in_turn(Vec::new());
    Test::new(&["post", "/v3/videos", "-f", "type=avatar", "-q", ".video_id |"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq: unexpected end after `|`
  .video_id |
             ^

"#]])
        .sends(&[])
        .exits(2);
}

#[test]
fn jq_reaches_no_environment_or_files() {
    for filter in [
        "env",
        "env.HEYGEN_API_KEY",
        "$ENV.HEYGEN_API_KEY",
        "$__prog_args",
        "[inputs]",
        "input",
        "input_filename",
        "import \"a\" as a; a::f",
        "import \"a\" as $a; $a",
        "include \"a\"; .",
        "localtime",
        "strflocaltime(\"%Z\")",
    ] {
        let server = Server::in_turn(Vec::new());
        let outcome = get(&server, &["-q", filter]).sends(&[]).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{filter}");
        assert!(
            outcome.stderr.contains("\"code\":\"usage_error\",\"message\":\"--jq: "),
            "{filter}"
        );
    }
    let server = Server::always(Reply::json(200, CREATED));
    // They write nothing without a log.
    get(&server, &["-q", ".status | debug | stderr"])
        .stdout(str![[r#"
waiting

"#]])
        .exits(0);
}

#[test]
fn failing_jq_hands_over_the_data() {
    let server = Server::always(Reply::json(200, CREATED));
    let in_key = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let post = || {
        Test::new(&["post", "/v3/videos", "-q", ".status, (.video_id | keys)"])
            .filter("[KEY]", in_key)
    };
    post()
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq: string ("v_5d1") has no keys
  data: {"video_id":"v_5d1","status":"waiting"}
hint: the call itself succeeded, do not repeat it
hint: `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)

"#]])
        .exits(5);
    post()
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"cli_filter_failed","message":"--jq: string (\"v_5d1\") has no keys","hint":"the call itself succeeded, do not repeat it; `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"[KEY]","data":{"video_id":"v_5d1","status":"waiting"},"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(5);
    get(&server, &["-q", "\"no such video\\n\" | halt_error"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq: no such video
  data: {"video_id":"v_5d1","status":"waiting"}

"#]])
        .exits(5);
    // As in jq, that is an end and no failure.
    get(&server, &["-q", ".status, halt, .video_id"]).stdout("waiting\n").exits(0);
}

#[test]
fn jq_error_truncates_data_in_text() {
    let script = "x".repeat(5_000);
    let server = Server::always(Reply::json(200, &format!("{{\"data\":\"{script}\"}}")));
    get(&server, &["-q", "error(\"no\")"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: --jq: no\n  data: \"{}…\n", "x".repeat(1_999)))
        .exits(5);
    let outcome = get(&server, &["-q", "error(\"no\")"]).run();
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
    assert_eq!(error["error"]["data"], script.as_str());
}

#[test]
fn jq_error_masks_the_key() {
    let key = crate::support::KEY;
    let server = Server::always(Reply::json(200, &format!("{{\"data\":{{\"key\":\"{key}\"}}}}")));
    let outcome = get(&server, &["-q", "keys | error"]).run();
    assert_eq!(outcome.code, Some(5));
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
    assert_eq!(error["error"]["data"]["key"], "…7Qx2");
}

#[test]
fn jq_needs_json() {
    let server =
        Server::always(Reply::new(200, "text/plain", "1\n00:00:01,000 --> 00:00:02,000\n"));
    get(&server, &["-q", "."])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq needs JSON, and the response is text/plain
hint: the call itself succeeded, do not repeat it; another time leave the option out

"#]])
        .exits(5);
    let server = Server::always(Reply::empty(204));
    get(&server, &["-q", "."]).exits(0);
}

#[test]
fn jq_does_not_run_on_errors() {
    let server = Server::always(Reply::new(502, "text/html", "<html><title>502</title></html>"));
    let outcome = get(&server, &["-q", ".[0].name", "--retry", "0"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
}

#[test]
fn endless_jq_stops_at_closed_pipe() {
    let server = Server::always(Reply::json(200, CREATED));
    get(&server, &["-q", "repeat(.status)"]).stdout_closed().exits(0);
}

#[test]
fn jq_passes_surrogates_and_invalid_utf8() {
    let body = b"{\"data\":[\"a\xffb\",\"\\ud800\",\"\xf0\x9f\x98\x80\"]}".to_vec();
    let server = Server::always(Reply::new(200, "application/json", body));
    get(&server, &["-q", ".", "-o", "compact"])
        .stdout_bytes(b"[\"a\xffb\",\"\\ud800\",\"\xf0\x9f\x98\x80\"]\n".to_vec())
        .exits(0);
    get(&server, &["-q", ".[0]"]).stdout_bytes(b"a\xffb\n".to_vec()).exits(0);
}

#[cfg(unix)]
#[test]
fn jq_output_on_a_terminal() {
    let body = r#"{"data":{"title":"\u001b[2Jtop\nnext\tcolumn","n":1}}"#;
    let server = Server::always(Reply::json(200, body));
    get(&server, &["-q", ".title"])
        .terminal(Stream::Stdout)
        .stdout(str![[r#"
\u{1b}[2Jtop
next␉column

"#]])
        .exits(0);
    get(&server, &["-q", "{n}"])
        .terminal(Stream::Stdout)
        .stdout(str![[r#"
{
  ␛[1;34m"n"␛[0m: ␛[36m1␛[0m
}

"#]])
        .exits(0);
    get(&server, &["-q", ".title", "-o", "json"])
        .terminal(Stream::Stdout)
        .env("NO_COLOR", "1")
        .stdout(str![[r#"
"\u001b[2Jtop\nnext\tcolumn"

"#]])
        .exits(0);
}
