//! `-q` where it runs away, or goes deep: the response is never lost.

use serde_json::Value;

use crate::support::{Outcome, Reply, Server, Test};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

const DATA: &str = r#"{"video_id":"v_5d1","status":"waiting"}"#;

/// The outcome is a filter that failed with these words, and hands over the data.
fn check_failed(outcome: &Outcome<'_>, filter: &str, words: &str) {
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(5), ""),
        "{filter}: {}",
        outcome.stderr
    );
    let error: Value = serde_json::from_str(&outcome.stderr).expect("one line of JSON");
    let error = &error["error"];
    assert_eq!(error["code"], "cli_filter_failed", "{filter}");
    assert_eq!(error["message"], format!("--jq: {words}"), "{filter}");
    let hint = error["hint"].as_str().expect("a hint");
    assert!(hint.starts_with("the call itself succeeded, do not repeat it; "), "{filter} {hint}");
    assert!(hint.contains(error["idempotency_key"].as_str().expect("a key")), "{filter} {hint}");
    assert_eq!(error["data"]["video_id"], "v_5d1", "{filter}");
}

fn post<'s>(server: &'s Server, filter: &str) -> Test<'s> {
    Test::new(&["post", "/v3/videos", "-q", filter]).server(server)
}

#[test]
fn runaway_recursion_keeps_the_response() {
    let server = Server::always(Reply::json(200, CREATED));
    for filter in ["def f: 1 + f; f", "def f: [f]; f", "def f: {a: f}; f"] {
        check_failed(&post(&server, filter).run(), filter, "the filter calls itself too often");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn runaway_memory_keeps_the_response() {
    let server = Server::always(Reply::json(200, CREATED));
    for filter in
        ["[range(1e12)]", "[repeat(\"x\" * 100000)]", "[limit(1e12; repeat([range(9999)]))]"]
    {
        // `ulimit` makes it a small computer.
        let program = assert_cmd::cargo::cargo_bin!("heygen");
        let script =
            format!("ulimit -v 600000; exec '{}' post /v3/videos -q '{filter}'", program.display());
        let outcome = Test::program("sh", &["-c", &script]).server(&server).run();
        check_failed(&outcome, filter, "the filter needs more than 109 MiB of memory");
    }
}

#[test]
fn nesting_is_limited() {
    let brackets = "[".repeat(24_000);
    let body = format!(r#"{{"data":{{"video_id":"v_5d1","metadata":"{brackets}"}}}}"#);
    let server = Server::always(Reply::json(200, &body));
    let words = "more than 512 levels at line 1, column 513 (while parsing …)";
    check_failed(&post(&server, ".metadata | fromjson").run(), "fromjson", words);
    post(&server, "try (.metadata | fromjson) catch \"deep\"").stdout("deep\n").exits(0);

    let server = Server::always(Reply::json(200, CREATED));
    let check =
        |filter: &str, words: &str| check_failed(&post(&server, filter).run(), filter, words);
    let too_deep = "the result nests more than 512 levels deep";
    check("reduce range(1000000) as $i (null; [.])", too_deep);
    check("reduce range(600) as $i (null; {a: .})", too_deep);
    check("reduce range(2000) as $i (null; [.]) | error", "…");
    post(&server, "reduce range(100000) as $i (null; [.]) | tojson | length")
        .stdout("200004\n")
        .exits(0);
    post(&server, "reduce range(100000) as $i (null; [.]) | [.] == [.]").stdout("true\n").exits(0);
}

#[test]
fn recursion_is_deep_enough() {
    let server = Server::always(Reply::json(200, CREATED));
    post(&server, "def count: if . == 0 then 0 else 1 + (. - 1 | count) end; 3000 | count")
        .stdout("3000\n")
        .exits(0);
    let items: Vec<String> = (0..3_000).map(|item| item.to_string()).collect();
    let list = Server::always(Reply::json(200, &format!(r#"{{"data":[{}]}}"#, items.join(","))));
    let sum = "def sum: if length == 0 then 0 else .[0] + (.[1:] | sum) end; sum";
    Test::new(&["get", "/v3/videos", "-q", sum]).server(&list).stdout("4498500\n").exits(0);
}

#[test]
fn results_too_large_for_memory_fail() {
    let server = Server::always(Reply::json(200, CREATED));
    let check =
        |filter: &str, words: &str| check_failed(&post(&server, filter).run(), filter, words);
    check("\"(a\" * 18446744073709551616", "the result does not fit into memory");
    check("18446744073709551616 * \"(a\"", "the result does not fit into memory");
    check("\"a\" * 1e18", "the result does not fit into memory");
    check("[] | .[1e10] = 1", "Array index too large");
    check("null | .[infinite] = 1", "Array index too large");
}

#[test]
fn deep_programs_are_a_usage_error() {
    let server = Server::in_turn(Vec::new());
    for open in ["[", "{a:", "(", "-", "try ", "def f: ", "if "] {
        let program = open.repeat(10_000);
        let outcome =
            Test::new(&["get", "/v3/videos", "-q", &program]).server(&server).sends(&[]).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{open}");
        assert!(outcome.stderr.contains("\"code\":\"usage_error\""), "{open}");
    }
    let program = format!("{}.{}", "(".repeat(10_000), ")".repeat(10_000));
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    Test::new(&["get", "/v3/videos", "-q", &program]).server(&server).stdout("1\n").exits(0);
}

#[test]
fn filter_fails_after_some_output() {
    let server = Server::always(Reply::json(200, CREATED));
    // Little output is held back, so that a script does not take it for all of it.
    check_failed(&post(&server, ".status, error(\"late\")").run(), "late", "late");
    check_failed(&post(&server, "range(1000), error(\"late\")").run(), "late", "late");
    // Much output is printed as it comes.
    let outcome = post(&server, "range(500000), error(\"late\")").run();
    assert_eq!(outcome.code, Some(5));
    assert!(outcome.stdout.starts_with("0\n1\n2\n"), "the first numbers");
    let error: Value = serde_json::from_str(&outcome.stderr).expect("one line of JSON");
    assert_eq!(error["error"]["message"], "--jq: late");
    assert_eq!(error["error"]["data"].to_string(), DATA);
}

#[test]
fn one_large_result_comes_out_whole() {
    let items: Vec<String> = (0..40_000).map(|item| format!("{{\"n\":[{item}]}}")).collect();
    let list = format!("[{}]", items.join(","));
    let server = Server::always(Reply::json(200, &format!(r#"{{"data":{list}}}"#)));
    let get = |more: &[&str]| {
        Test::new(&[&["get", "/v3/videos"], more].concat()).server(&server).run().stdout
    };
    assert_eq!(get(&["-q", "."]), get(&[]));
    assert_eq!(get(&["-q", ".", "-o", "compact"]), format!("{list}\n"));
    assert_eq!(get(&["-q", "[., .]", "-o", "compact"]), format!("[{list},{list}]\n"));
    assert_eq!(get(&["-q", ".", "-o", "jsonl"]), items.join("\n") + "\n");
    assert_eq!(get(&["-q", ".", "-o", "csv"]), get(&["-o", "csv"]));
    assert_eq!(get(&["-q", ".", "-o", "table"]), get(&["-o", "table"]));
}

#[test]
fn odd_strings_come_out() {
    let body = b"{\"data\":[\"nul\\u0000\",\"lone \\ud800 half\",\"\\ud83d\\ude00\",\"raw \xff\"]}"
        .to_vec();
    let server = Server::always(Reply::new(200, "application/json", body));
    let get = |arguments: &[&str]| {
        Test::new(&[&["get", "/v3/videos"], arguments].concat()).server(&server)
    };
    // As text half a pair is U+FFFD, as in jq; in JSON it stays.
    get(&["-q", ".[]"])
        .stdout_bytes(b"nul\0\nlone \xef\xbf\xbd half\n\xf0\x9f\x98\x80\nraw \xff\n".to_vec())
        .exits(0);
    get(&["-q", ".[]", "-o", "compact"])
        .stdout_bytes(
            b"\"nul\\u0000\"\n\"lone \\ud800 half\"\n\"\xf0\x9f\x98\x80\"\n\"raw \xff\"\n".to_vec(),
        )
        .exits(0);
    get(&["-q", "map(length)", "-o", "compact"]).stdout("[4,13,1,5]\n").exits(0);
}

#[test]
fn numbers_keep_their_digits() {
    let numbers = "[1.10,12345678901234567890,1e5,-0,1E400,0.10,100000000000000000000]";
    let body = format!(r#"{{"data":{{"n":{numbers},"$serde_json::private::Number":"5"}}}}"#);
    let server = Server::always(Reply::json(200, &body));
    let get = |filter: &str| {
        Test::new(&["get", "/v3/videos", "-q", filter, "-o", "compact"]).server(&server)
    };
    get(".n").stdout(format!("{numbers}\n")).exits(0);
    get("{n, x: .n[0], y: (.n | tojson)}")
        .stdout(format!("{{\"n\":{numbers},\"x\":1.10,\"y\":\"{numbers}\"}}\n"))
        .exits(0);
    get("del(.n)").stdout("{\"$serde_json::private::Number\":\"5\"}\n").exits(0);
    get(".n | sort | unique | length").stdout("7\n").exits(0);
}
