//! `-q`, compared with jq itself.

use serde_json::{Value, json};

use crate::answers::check_with;
use crate::support::{self, Reply, Server, Test};

#[test]
fn filters_agree_with_jq() {
    let responses = support::responses().into_iter();
    let data: Value =
        responses.map(|(of, response)| json!({"of": of, "response": response})).collect();
    let server = Server::always(Reply::json(200, &format!("{{\"data\":{data}}}")));
    for filter in [
        ".[].of",
        "map(.response.data | type) | group_by(.) | map([.[0], length])",
        "[.. | numbers] | add / length | floor",
        "[paths | length] | max",
        ".[] | .response.data? | select(type == \"array\") | .[0] | keys_unsorted | join(\",\")",
        "[.[] | .of | split(\" \") | {(.[0]): .[1]}] | add | to_entries | map(\"\\(.key)=\\(.value)\")",
        "[.. | strings | select(test(\"^https://\")) | sub(\"\\\\?.*\"; \"\")] | unique | .[]",
        ".[0].response | tojson, @base64, (tostring | length)",
        "[limit(3; .[] | .of | ascii_downcase | ltrimstr(\"get \"))] | @tsv, @csv",
        "[.[].response.data | objects | .created_at? | numbers | todate] | unique",
        "reduce .[] as $a (0; . + ($a.of | length)) | . / 7 | . * 100 | round",
        "map(select(.of | startswith(\"GET\"))) | first, last | .of",
    ] {
        let ours = filtered(&server, filter).run();
        assert_eq!((ours.code, ours.stderr.as_str()), (Some(0), ""), "{filter}");
        let script = format!("({filter}) | if type == \"string\" then . else tojson end");
        let texts = filtered(&server, &script).run().stdout;
        // The input of jq is the expectation behind the data, so that one program compares both.
        let check = format!(
            "(.data | [{script}] | map(. + \"\\n\") | add) as $theirs | if $theirs == .ours then empty else \"\\($theirs) is not \\(.ours)\" | halt_error end"
        );
        let input = json!({"data": data, "ours": texts}).to_string();
        check_with("jq", &[&check], &input);
    }
}

fn filtered<'s>(server: &'s Server, filter: &str) -> Test<'s> {
    Test::new(&["get", "/v3/videos", "-q", filter]).server(server)
}
