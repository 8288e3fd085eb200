//! Printed responses, read by jq and Python.
//!
//! A missing program is reported on stderr and skipped, unless `HEYGEN_TEST_EVERYTHING` is set, as
//! `.ci/run` does.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{self, Test};

#[test]
fn python_reads_json_of_every_response() {
    let script = "
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    response = case['response']
    data = response.get('data', response)
    for text in case['json'], case['compact']:
        assert json.loads(text) == data, (case['of'], text)
    assert case['compact'].count('\\n') == 1, case['of']
    lines = [json.loads(line) for line in case['jsonl'].splitlines()]
    assert lines in ([data], data) or isinstance(data, dict) and lines in data.values(), case['of']
";
    check_with("python3", &["-c", script], &printed(&["json", "compact", "jsonl"]));
}

#[test]
fn python_reads_csv_of_every_response() {
    let script = "
import csv, io, json, sys
CURSORS = 'token', 'next_token', 'has_more'
def rows(data):
    if data is None: return []
    if isinstance(data, list): return data
    lists = [v for v in data.values() if isinstance(v, list)]
    rest = [k for k, v in data.items() if isinstance(v, dict) or isinstance(v, str) and k not in CURSORS]
    return lists[0] if len(lists) == 1 and not rest else [data]
for line in sys.stdin:
    case = json.loads(line)
    response = case['response']
    expected = rows(response.get('data', response))
    found = list(csv.DictReader(io.StringIO(case['csv']), strict=True))
    assert len(found) == len(expected), (case['of'], found)
    for want, got in zip(expected, found):
        want = want if isinstance(want, dict) else {'value': want}
        assert set(want) <= set(got), (case['of'], got)
        for name, cell in got.items():
            value = want.get(name)
            if value is None: assert cell == '', case['of']
            elif isinstance(value, str): assert cell == value, case['of']
            else: assert json.loads(cell) == value, (case['of'], cell)
";
    check_with("python3", &["-c", script], &printed(&["csv"]));
}

#[test]
fn jq_reads_every_response() {
    let filter = "(.response | if has(\"data\") then .data else . end) as $data
        | select((.json | fromjson) != $data or (.compact | fromjson) != $data) | .of | halt_error";
    check_with("jq", &[filter], &printed(&["json", "compact"]));
}

/// Every response, and its output in these formats: JSON, one line each.
fn printed(formats: &[&str]) -> String {
    let server = support::server_of_responses();
    let mut lines = String::new();
    for (number, (of, response)) in support::responses().into_iter().enumerate() {
        let mut case = json!({"of": of, "response": response});
        for format in formats {
            let outcome =
                Test::new(&["get", &format!("/v3/{number}"), "-o", format]).server(&server).run();
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{of}");
            case[*format] = json!(outcome.stdout);
        }
        lines.push_str(&format!("{case}\n"));
    }
    lines
}

/// Gives the input to a program that must succeed. Where the program is missing the check is skipped
/// with a message on stderr, unless `HEYGEN_TEST_EVERYTHING` is set.
pub(crate) fn check_with(program: &str, arguments: &[&str], input: &str) {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        let missing = format!("{program} is not installed");
        assert!(std::env::var_os("HEYGEN_TEST_EVERYTHING").is_none(), "{missing}");
        // `eprintln!` would be held back in a test that passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED, {missing}");
        return;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may stop reading when it has found a fault.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(
        output.status.success(),
        "{program} objects:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
