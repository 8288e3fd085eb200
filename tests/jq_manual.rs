//! `-q` against jq 1.7: an example for each entry of its manual.
//!
//! The outputs in `data/jq-manual.jsonl` are those of jq 1.7.1 (`tojson` of each), except that a
//! number which was only passed on keeps its digits: `"1e3" | tonumber` is `1e3`, where jq has `1E+3`.

use heygen_cli::render::filter::{Filter, Output, Results, Stopped};
use serde_json::Value;

fn run(filter: &str, input: &str) -> Result<Vec<String>, String> {
    let filter = Filter::compile(filter).map_err(|bad| bad.message)?;
    let input = heygen_cli::json::parse(input.as_bytes()).map_err(|fault| fault.to_string())?;
    let mut outputs = vec![String::new()];
    let outcome = filter.run(input.value(), Results::Json, |output| {
        if let Some(last) = outputs.last_mut() {
            last.push_str(&String::from_utf8_lossy(output.bytes()));
        }
        if let Output::Json(_) = output {
            outputs.push(String::new());
        }
        Ok::<(), ()>(())
    });
    outputs.pop();
    match outcome {
        Ok(_) => Ok(outputs),
        Err(Stopped::Failed(words)) => Err(words),
        Err(Stopped::Refused(())) => Err("refused".to_owned()),
    }
}

#[test]
fn examples_of_the_jq_manual() {
    let mut differences = Vec::new();
    for line in include_str!("data/jq-manual.jsonl").lines() {
        let example: Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| example[name].as_str().expect("a string");
        let outputs = example["outputs"].as_array().expect("an array");
        let expected: Vec<&str> = outputs.iter().filter_map(Value::as_str).collect();
        let ours = run(text("filter"), text("input"));
        if ours.as_ref().is_ok_and(|ours| *ours == expected) {
            continue;
        }
        differences.push(format!("{line}\n  heygen: {ours:?}"));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn missing_jq_parts_have_hint() {
    for filter in [
        // Nothing but the response can be reached.
        "$ENV.PAGER",
        "env.PAGER",
        "input",
        "[inputs]",
        "input_filename",
        "input_line_number",
        "$__prog_args",
        "get_search_list",
        "import \"a\" as a; a::f",
        "import \"a\" as $a; $a",
        "include \"a\"; f",
        "\"a\" | modulemeta",
        "localtime",
        "strflocaltime(\"%Z\")",
        "builtins",
        // jaq does not read these.
        ".[] as [$a] ?// $a | $a",
        ". as {$a: [$b]} | $b",
        ".5",
    ] {
        let bad = Filter::compile(filter).expect_err(filter);
        let hint = bad.hint.unwrap_or_default();
        assert!(hint.ends_with("pipe the response into jq"), "{filter}: {bad:?}");
    }
    let bad = Filter::compile("nosuch").expect_err("no function");
    assert_eq!(bad.hint, None);
}

#[test]
fn known_differences_from_jq() {
    let check = |filter: &str, input: &str, ours: &str| {
        assert_eq!(run(filter, input), Ok(vec![ours.to_owned()]), "{filter}");
    };
    // Integers are exact; jq computes in floats and has 9007199254740992.
    check(". + 0", "9007199254740993", "9007199254740993");
    // jq lets `$` match before a line break at the end, too.
    check("[match(\"$\"; \"g\").offset]", "\"a\\n\"", "[2]");
    // Classes in brackets are those of ASCII.
    check("[scan(\"[[:alpha:]]\")]", "\"aé\"", "[\"a\"]");
    // Fractions of seconds and offsets are read.
    check("fromdate", "\"2024-11-26T01:00:00+01:00\"", "1732579200");
    // Loud ones.
    let check = |filter: &str, input: &str, words: &str| {
        assert_eq!(run(filter, input), Err(words.to_owned()), "{filter}");
    };
    check(
        "test(\"(?=a)\")",
        "\"a\"",
        "(?=a) is not a valid regex here: look-around, including look-ahead and look-behind, is not supported",
    );
    check("test(\"a\"; \"l\")", "\"a\"", "l is not a valid modifier string");
}
