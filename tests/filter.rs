//! `-q`: answers through jq.

use crate::support::{Reply, Server, Stream, Test};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

const LIST: &str = r#"{"data":[{"id":"a","n":12345678901234567890,"d":1.10,"z":-0,"name":null},{"id":"b\tc","n":2,"tags":["x"]}],"has_more":true,"next_token":"t"}"#;

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos"], arguments].concat()).server(server)
}

#[test]
fn results_come_out_as_jq_prints_them() {
    let server = Server::always(Reply::json(200, LIST));
    let check = |arguments: &[&str], stdout: &str| {
        get(&server, arguments).stdout(stdout).exits(0);
    };
    check(&["-q", ".[].id"], "a\nb\tc\n");
    check(&["-q", ".[].name"], "null\nnull\n");
    check(&["-q", "length"], "2\n");
    check(&["-q", ".[0] | .n, .d, .z"], "12345678901234567890\n1.10\n-0\n");
    check(
        &["-q", ".[1] | {id, tags}"],
        "{\n  \"id\": \"b\\tc\",\n  \"tags\": [\n    \"x\"\n  ]\n}\n",
    );
    check(&["-q", "-1 * length"], "-2\n");
    check(&["-q", "empty"], "");
    check(&["--jq", "map(.id)", "-o", "compact"], "[\"a\",\"b\\tc\"]\n");
    check(&["-q", ".[].id", "-o", "compact"], "\"a\"\n\"b\\tc\"\n");
    check(&["-q", ".[].id", "-o", "json"], "\"a\"\n\"b\\tc\"\n");
    check(&["-q", ".[].id", "-o", "raw"], "a\nb\tc\n");
    check(&["-q", ".next_token", "-E"], "t\n");
    check(&["-q", ".[] | [.id, .n] | @csv"], "\"a\",12345678901234567890\n\"b\tc\",2\n");
}

#[test]
fn a_preferred_form_puts_no_quotes_around_strings() {
    let server = Server::always(Reply::json(200, LIST));
    get(&server, &["-q", ".[0].id, .[0]"])
        .env("HEYGEN_OUTPUT", "compact")
        .stdout("a\n{\"id\":\"a\",\"n\":12345678901234567890,\"d\":1.10,\"z\":-0,\"name\":null}\n")
        .exits(0);
}

#[test]
fn results_are_the_rows_of_a_table() {
    let avatars = r#"{"error":null,"data":{"avatars":[{"avatar_id":"Abigail_expressive_2024112501","avatar_name":"Abigail (Upper Body)","gender":"female"}],"talking_photos":[]}}"#;
    let server = Server::always(Reply::json(200, avatars));
    let arguments =
        ["get", "/v2/avatars", "-o", "table", "-c", "avatar_id,avatar_name", "-q", ".avatars"];
    Test::new(&arguments)
        .server(&server)
        .stdout(
            "AVATAR_ID                      AVATAR_NAME\n\
             Abigail_expressive_2024112501  Abigail (Upper Body)\n",
        )
        .stderr("{\"warning\":{\"code\":\"cli_retired_endpoint\",\"message\":\"/v2/avatars was retired on 2026-10-31\",\"successor\":\"GET /v3/avatars/looks\"}}\n")
        .exits(0);

    let server = Server::always(Reply::json(200, LIST));
    let check = |arguments: &[&str], stdout: &str| {
        get(&server, arguments).stdout(stdout).exits(0);
    };
    check(&["-q", ".[] | {id, n}", "-o", "csv"], "id,n\na,12345678901234567890\nb\tc,2\n");
    check(&["-q", ".[].id", "-o", "csv"], "value\na\nb\tc\n");
    check(&["-q", "map([.id, .n])", "-o", "table"], "0    1\na    12345678901234567890\nb c  2\n");
    check(&["-q", "map({id})", "-o", "jsonl"], "{\"id\":\"a\"}\n{\"id\":\"b\\tc\"}\n");
    check(&["-q", "empty", "-o", "csv", "-c", "id"], "id\n");
}

#[test]
fn jq_itself_agrees() {
    let answers: Vec<serde_json::Value> = include_str!("data/answers.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let data = serde_json::Value::from(answers);
    let server = Server::always(Reply::json(200, &format!("{{\"data\":{data}}}")));
    for filter in [
        ".[].of",
        "map(.answer.data | type) | group_by(.) | map([.[0], length])",
        "[.. | numbers] | add / length | floor",
        "[paths | length] | max",
        ".[] | .answer.data? | select(type == \"array\") | .[0] | keys_unsorted | join(\",\")",
        "[.[] | .of | split(\" \") | {(.[0]): .[1]}] | add | to_entries | map(\"\\(.key)=\\(.value)\")",
        "[.. | strings | select(test(\"^https://\")) | sub(\"\\\\?.*\"; \"\")] | unique | .[]",
        ".[0].answer | tojson, @base64, (tostring | length)",
        "[limit(3; .[] | .of | ascii_downcase | ltrimstr(\"get \"))] | @tsv, @csv",
        "[.[].answer.data | objects | .created_at? | numbers | todate] | unique",
        "reduce .[] as $a (0; . + ($a.of | length)) | . / 7 | . * 100 | round",
        "map(select(.of | startswith(\"GET\"))) | first, last | .of",
    ] {
        let ours = get(&server, &["-q", filter]).run();
        assert_eq!((ours.code, ours.stderr.as_str()), (Some(0), ""), "{filter}");
        let script = format!("({filter}) | if type == \"string\" then . else tojson end");
        let texts = get(&server, &["-q", &script]).run().stdout;
        // The input of jq is the expectation behind the data, so that one program compares both.
        let check = format!(
            "(.data | [{script}] | map(. + \"\\n\") | add) as $theirs | if $theirs == .ours then empty else \"\\($theirs) is not \\(.ours)\" | halt_error end"
        );
        let input = serde_json::json!({"data": data, "ours": texts}).to_string();
        crate::formats::check_with("jq", &[&check], &input);
    }
}

#[test]
fn a_mistake_is_found_before_anything_is_sent() {
    let check = |filter: &str, message: &str| {
        let server = Server::in_turn(Vec::new());
        get(&server, &["-q", filter])
            .no_key()
            .stderr(&format!(
                "{{\"error\":{{\"code\":\"usage_error\",\"message\":\"--jq: {message}\"}}}}\n"
            ))
            .sends(&[])
            .exits(2);
    };
    check(".video_id |", "unexpected end after `|`");
    check(".[", "`[` is not closed at column 2");
    check(".a | nosuch", "`nosuch` is not defined at column 6");
    check("", "the filter is empty");

    let server = Server::in_turn(Vec::new());
    Test::new(&["post", "/v3/videos", "-f", "type=avatar", "-q", ".video_id |"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --jq: unexpected end after `|`\n\
             \x20 .video_id |\n\
             \x20            ^\n",
        )
        .sends(&[])
        .exits(2);
}

#[test]
fn a_filter_reaches_neither_environment_nor_files_nor_key() {
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
    // They write nothing where nobody asked for a log.
    get(&server, &["-q", ".status | debug | stderr"]).stdout("waiting\n").exits(0);
}

#[test]
fn a_filter_that_fails_after_the_call_hands_over_the_data() {
    let server = Server::always(Reply::json(200, CREATED));
    let post = || Test::new(&["post", "/v3/videos", "-q", ".status, (.video_id | keys)"]);
    post()
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --jq: string (\"v_5d1\") has no keys\n\
             \x20 data: {\"video_id\":\"v_5d1\",\"status\":\"waiting\"}\n\
             hint: the call itself succeeded, do not repeat it\n",
        )
        .exits(5);
    post()
        .server(&server)
        .stderr("{\"error\":{\"code\":\"cli_filter_failed\",\"message\":\"--jq: string (\\\"v_5d1\\\") has no keys\",\"hint\":\"the call itself succeeded, do not repeat it\",\"status\":200,\"data\":{\"video_id\":\"v_5d1\",\"status\":\"waiting\"},\"request\":{\"method\":\"POST\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n")
        .exits(5);
    get(&server, &["-q", "\"no such video\\n\" | halt_error"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --jq: no such video\n\
             \x20 data: {\"video_id\":\"v_5d1\",\"status\":\"waiting\"}\n\
             hint: the call itself succeeded, do not repeat it\n",
        )
        .exits(5);
    // As in jq, that is an end and no failure.
    get(&server, &["-q", ".status, halt, .video_id"]).stdout("waiting\n").exits(0);
}

#[test]
fn long_data_is_cut_in_text_only() {
    let script = "x".repeat(5_000);
    let server = Server::always(Reply::json(200, &format!("{{\"data\":\"{script}\"}}")));
    get(&server, &["-q", "error(\"no\")"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(&format!(
            "error: --jq: no\n  data: \"{}…\nhint: the call itself succeeded, do not repeat it\n",
            "x".repeat(1_999)
        ))
        .exits(5);
    let outcome = get(&server, &["-q", "error(\"no\")"]).run();
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
    assert_eq!(error["error"]["data"], script.as_str());
}

#[test]
fn a_key_in_the_data_is_masked_in_the_error() {
    let key = crate::support::KEY;
    let server = Server::always(Reply::json(200, &format!("{{\"data\":{{\"key\":\"{key}\"}}}}")));
    let outcome = get(&server, &["-q", "keys | error"]).run();
    assert_eq!(outcome.code, Some(5));
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
    assert_eq!(error["error"]["data"]["key"], "…7Qx2");
}

#[test]
fn what_is_no_json_cannot_be_filtered() {
    let server =
        Server::always(Reply::new(200, "text/plain", "1\n00:00:01,000 --> 00:00:02,000\n"));
    get(&server, &["-q", "."])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --jq needs JSON, and the answer is text/plain\n\
             hint: the call itself succeeded, do not repeat it; another time leave the option out\n",
        )
        .exits(5);
    let server = Server::always(Reply::empty(204));
    get(&server, &["-q", "."]).exits(0);
}

#[test]
fn a_filter_does_not_run_on_an_error() {
    let server = Server::always(Reply::new(502, "text/html", "<html><title>502</title></html>"));
    let outcome = get(&server, &["-q", ".[0].name", "--retry", "0"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_filter_without_an_end_stops_when_nobody_reads() {
    let server = Server::always(Reply::json(200, CREATED));
    get(&server, &["-q", "repeat(.status)"]).stdout_closed().exits(0);
}

#[test]
fn surrogates_and_bytes_that_are_no_text_pass_unaltered() {
    let body = b"{\"data\":[\"a\xffb\",\"\\ud800\",\"\xf0\x9f\x98\x80\"]}".to_vec();
    let server = Server::always(Reply::new(200, "application/json", body));
    get(&server, &["-q", ".", "-o", "compact"])
        .stdout_bytes(b"[\"a\xffb\",\"\\ud800\",\"\xf0\x9f\x98\x80\"]\n".to_vec())
        .exits(0);
    get(&server, &["-q", ".[0]"]).stdout_bytes(b"a\xffb\n".to_vec()).exits(0);
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_colours_and_nothing_that_controls_it() {
    let body = r#"{"data":{"title":"\u001b[2Jtop\nnext\tcolumn","n":1}}"#;
    let server = Server::always(Reply::json(200, body));
    get(&server, &["-q", ".title"])
        .terminal(Stream::Stdout)
        .stdout("\\u{1b}[2Jtop\nnext\tcolumn\n")
        .exits(0);
    get(&server, &["-q", "{n}"])
        .terminal(Stream::Stdout)
        .stdout("{\n  \u{1b}[1;34m\"n\"\u{1b}[0m: \u{1b}[36m1\u{1b}[0m\n}\n")
        .exits(0);
    get(&server, &["-q", ".title", "-o", "json"])
        .terminal(Stream::Stdout)
        .env("NO_COLOR", "1")
        .stdout("\"\\u001b[2Jtop\\nnext\\tcolumn\"\n")
        .exits(0);
}
