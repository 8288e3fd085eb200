//! `-o`, `-c`: an answer in the form that one needs, checked by who reads that form.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Reply, Server, Stream, Test};

/// One answer a line, from the examples of the API description: what it answers, and the body.
const ANSWERS: &str = include_str!("data/answers.jsonl");

const LOOKS: &str = r#"{"data":[
  {"id":"Abigail_expressive_2024112501","name":"Abigail (Upper Body)","tags":["UPPER","漢字"],"image_width":1080,"default_voice":{"language":"en"},"note":null},
  {"id":"Adrian_2","name":"阿德里安 👩‍💻","tags":[],"image_width":1.10,"default_voice":{"language":"zh, \"HK\""},"note":"=1+1"}
],"has_more":false,"next_token":null}"#;

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    let arguments = [&["get", "/v3/avatars/looks"], arguments].concat();
    Test::new(&arguments).server(server)
}

#[test]
fn a_table_lines_up() {
    let server = Server::always(Reply::json(200, LOOKS));
    get(&server, &["-o", "table"])
        .stdout(
            "ID                             NAME                  IMAGE_WIDTH  NOTE\n\
             Abigail_expressive_2024112501  Abigail (Upper Body)  1080\n\
             Adrian_2                       阿德里安 👩‍💻           1.10         =1+1\n",
        )
        .exits(0);
    get(&server, &["-o", "table", "-c", "name,default_voice.language,tags.1", "-c", "tags"])
        .stdout(
            "NAME                  DEFAULT_VOICE.LANGUAGE  TAGS.1  TAGS\n\
             Abigail (Upper Body)  en                      漢字    [\"UPPER\",\"漢字\"]\n\
             阿德里安 👩‍💻           zh, \"HK\"                        []\n",
        )
        .exits(0);
}

#[test]
fn the_rows_of_an_old_answer_are_its_list() {
    let voices = r#"{"error":null,"data":{"voices":[{"voice_id":"v1"},{"voice_id":"v2"}]}}"#;
    let warning = "{\"warning\":{\"code\":\"cli_retired_endpoint\",\"message\":\"/v2/voices was retired on 2026-10-31\",\"successor\":\"GET /v3/voices\"}}\n";
    let server = Server::always(Reply::json(200, voices));
    let test = |format: &str| Test::new(&["get", "/v2/voices", "-o", format]).server(&server);
    test("table").stdout("VOICE_ID\nv1\nv2\n").stderr(warning).exits(0);
    test("csv").stdout("voice_id\nv1\nv2\n").stderr(warning).exits(0);
    test("jsonl").stdout("{\"voice_id\":\"v1\"}\n{\"voice_id\":\"v2\"}\n").stderr(warning).exits(0);

    let avatars = r#"{"error":null,"data":{"avatars":[{"avatar_id":"a"}],"talking_photos":[]}}"#;
    let server = Server::always(Reply::json(200, avatars));
    Test::new(&["get", "/v2/avatars", "-o", "table", "-s"])
        .server(&server)
        .stdout("avatars         [{\"avatar_id\":\"a\"}]\ntalking_photos  []\n")
        .exits(0);
}

#[test]
fn one_object_is_a_line_for_each_member() {
    let me = r#"{"data":{"username":"anab","email":null,"wallet":{"remaining_balance":12.40}}}"#;
    let server = Server::always(Reply::json(200, me));
    let test = |arguments: &[&str]| {
        Test::new(&[&["get", "/v3/users/me"], arguments].concat()).server(&server)
    };
    test(&["-o", "table"])
        .stdout("username  anab\nemail\nwallet    {\"remaining_balance\":12.40}\n")
        .exits(0);
    test(&["-o", "table", "-c", "wallet.remaining_balance,username"])
        .stdout("wallet.remaining_balance  12.40\nusername                  anab\n")
        .exits(0);
    test(&["-o", "csv"])
        .stdout("username,email,wallet\nanab,,\"{\"\"remaining_balance\"\":12.40}\"\n")
        .exits(0);
    test(&["-o", "jsonl"])
        .stdout("{\"username\":\"anab\",\"email\":null,\"wallet\":{\"remaining_balance\":12.40}}\n")
        .exits(0);
}

#[test]
fn the_items_of_a_batch_are_its_rows() {
    let batch = r#"{"data":{"batch_id":"b","status":"completed","items":[{"video_id":"v1"}],"has_more":false,"next_token":null}}"#;
    let server = Server::always(Reply::json(200, batch));
    Test::new(&["get", "/v3/videos/batches/b", "-o", "table"])
        .server(&server)
        .stdout("VIDEO_ID\nv1\n")
        .exits(0);
}

#[test]
fn a_list_without_items_has_the_columns_that_were_asked_for() {
    let server = Server::always(Reply::json(200, r#"{"data":[],"has_more":false}"#));
    get(&server, &["-o", "table"]).exits(0);
    get(&server, &["-o", "csv"]).exits(0);
    get(&server, &["-o", "jsonl"]).exits(0);
    get(&server, &["-o", "table", "-c", "id,name"]).stdout("ID  NAME\n").exits(0);
    get(&server, &["-o", "csv", "-c", "id,name"]).stdout("id,name\n").exits(0);
}

#[test]
fn a_column_that_no_item_has_is_empty_and_warned_of() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","name":"A","tags":[]}]}"#));
    get(&server, &["-o", "csv", "-c", "id,nmae"])
        .stdout("id,nmae\na,\n")
        .stderr("{\"warning\":{\"code\":\"cli_unknown_column\",\"message\":\"no item has `nmae`; there are: id, name, tags\"}}\n")
        .exits(0);
}

#[test]
fn flags_that_do_not_go_together_are_refused_before_anything_is_sent() {
    let check = |arguments: &[&str], message: &str, hint: &str| {
        let server = Server::in_turn(Vec::new());
        get(&server, arguments)
            .stderr(&format!(
                "{{\"error\":{{\"code\":\"usage_error\",\"message\":\"{message}\",\"hint\":\"{hint}\"}}}}\n"
            ))
            .sends(&[])
            .exits(2);
    };
    let columns = "--columns is for tables and CSV";
    let in_json = "add `-o table` or `-o csv`; in JSON, `-q` chooses members";
    check(&["-c", "id"], columns, in_json);
    check(&["-c", "id", "-o", "jsonl"], columns, in_json);
    check(
        &["-c", "id,,name", "-o", "csv"],
        "--columns contains an empty name",
        "write it like `-c id,voice.language`",
    );
    check(
        &["-o", "yaml"],
        "invalid value `yaml` for --output",
        "use json, compact, jsonl, table, csv or raw",
    );
    check(
        &["-o", "looks.csv"],
        "invalid value `looks.csv` for --output",
        "to write a file: `-O looks.csv`",
    );
    check(
        &["-i", "-o", "table"],
        "--include prints one response as received, and --output changes it",
        "leave one of them out; `-v` shows the status too",
    );
}

#[test]
fn what_is_no_json_has_no_rows() {
    let server = Server::always(Reply::new(200, "audio/mpeg", b"ID3\x04\xff".to_vec()));
    for (format, asked) in [("table", "`-o table`"), ("csv", "`-o csv`"), ("jsonl", "`-o jsonl`")] {
        get(&server, &["-o", format])
            .stderr(&format!(
                "{{\"error\":{{\"code\":\"cli_response_not_json\",\"message\":\"{asked} needs JSON, and the answer is audio/mpeg\",\"hint\":\"the call itself succeeded, do not repeat it; another time leave the option out\",\"status\":200,\"request\":{{\"method\":\"GET\",\"path\":\"/v3/avatars/looks\"}},\"attempts\":1}}}}\n"
            ))
            .exits(5);
    }
    get(&server, &["-o", "compact"]).stdout_bytes(b"ID3\x04\xff".to_vec()).exits(0);
}

#[test]
fn bytes_that_are_no_text_pass_into_a_pipe() {
    let body = b"{\"data\":[{\"id\":\"a\xff\\u001b[31m\"}]}".to_vec();
    let server = Server::always(Reply::new(200, "application/json", body));
    get(&server, &["-o", "csv"]).stdout_bytes(b"id\na\xff\x1b[31m\n".to_vec()).exits(0);
    get(&server, &["-o", "jsonl"])
        .stdout_bytes(b"{\"id\":\"a\xff\\u001b[31m\"}\n".to_vec())
        .exits(0);
}

#[test]
fn the_whole_answer_can_be_the_table() {
    let body = r#"{"data":[{"id":"a"}],"has_more":true,"next_token":"t"}"#;
    let server = Server::always(Reply::json(200, body));
    get(&server, &["-E", "-o", "table"]).stdout("ID\na\n").exits(0);
    get(&server, &["-E", "-o", "compact"]).stdout(&format!("{body}\n")).exits(0);
}

#[test]
fn a_preferred_table_is_for_terminals_and_scripts_get_json() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a"}]}"#));
    let json = "[\n  {\n    \"id\": \"a\"\n  }\n]\n";
    get(&server, &[]).env("HEYGEN_OUTPUT", "human").stdout(json).exits(0);
    get(&server, &[]).env("HEYGEN_OUTPUT", "table").stdout(json).exits(0);
    get(&server, &["-c", "id"]).env("HEYGEN_OUTPUT", "table").stdout("ID\na\n").exits(0);
    get(&server, &[]).env("HEYGEN_OUTPUT", "csv").stdout("id\na\n").exits(0);
    get(&server, &["--human"]).stdout("ID\na\n").exits(0);
}

#[test]
fn a_file_gets_the_same_as_a_pipe() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","url":"https://x"}]}"#));
    let outcome = get(&server, &["-o", "csv", "-O", "looks.csv"]).exits(0);
    assert_eq!(outcome.file("looks.csv"), b"id,url\na,https://x\n");
}

#[cfg(unix)]
mod on_a_terminal {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn a_table_fits_and_says_what_it_leaves_out() {
        let body = r#"{"data":[{"id":"look_1","name":"Abigail (Upper Body)","preview_image_url":"https://files2.heygen.ai/a.webp","gender":"female\u001b[31m"}]}"#;
        let server = Server::always(Reply::json(200, body));
        let test = |arguments: &[&str], columns: u16| {
            get(&server, arguments).terminal(Stream::Both).window(columns, 24).env("NO_COLOR", "1")
        };
        test(&["-o", "table"], 40)
            .stdout("ID      NAME             PREVIEW_IMAGE_…\nlook_1  Abigail (Upper…  https://files2…\n")
            .stderr("note: not shown for want of room: gender; `-c` chooses columns\n")
            .exits(0);
        test(&["-o", "table"], 80)
            .stdout(
                "ID      NAME                  PREVIEW_IMAGE_URL                GENDER\n\
                 look_1  Abigail (Upper Body)  https://files2.heygen.ai/a.webp  female\\u{1b}[31m\n",
            )
            .exits(0);
        test(&["-o", "table", "-c", "gender,id"], 80)
            .stdout("GENDER            ID\nfemale\\u{1b}[31m  look_1\n")
            .exits(0);
        test(&[], 80)
            .env("HEYGEN_OUTPUT", "human")
            .env("COLUMNS", "20")
            .arg("-cid")
            .stdout("ID\nlook_1\n")
            .exits(0);
    }

    #[test]
    fn a_terminal_that_does_not_say_its_width_may_have_columns() {
        let server = Server::always(Reply::json(200, r#"{"data":{"id":"abcdefghijklmnopqrst"}}"#));
        get(&server, &["-o", "table"])
            .terminal(Stream::Stdout)
            .window(0, 0)
            .env("COLUMNS", "14")
            .env("NO_COLOR", "1")
            .stdout("id  abcdefghi…\n")
            .exits(0);
    }

    #[test]
    fn names_of_columns_are_coloured() {
        let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","n":1}]}"#));
        get(&server, &["-o", "table"])
            .terminal(Stream::Stdout)
            .stdout("\u{1b}[1;34mID\u{1b}[0m  \u{1b}[1;34mN\u{1b}[0m\na   1\n")
            .exits(0);
    }

    #[test]
    fn no_table_of_any_answer_is_wider_than_the_terminal() {
        let server = server_of_answers();
        for (number, (of, _)) in answers().iter().enumerate() {
            for columns in [40, 80, 200] {
                let outcome = Test::new(&["get", &format!("/v3/{number}"), "-o", "table"])
                    .server(&server)
                    .terminal(Stream::Stdout)
                    .window(columns, 24)
                    .env("NO_COLOR", "1")
                    .run();
                assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{of}");
                for line in outcome.stdout.lines() {
                    assert!(line.width() <= usize::from(columns), "{of}: {line}");
                }
            }
        }
    }
}

#[test]
fn python_reads_every_answer_as_json() {
    let script = "
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    answer = case['answer']
    data = answer.get('data', answer)
    for text in case['json'], case['compact']:
        assert json.loads(text) == data, (case['of'], text)
    assert case['compact'].count('\\n') == 1, case['of']
    lines = [json.loads(line) for line in case['jsonl'].splitlines()]
    assert lines in ([data], data) or isinstance(data, dict) and lines in data.values(), case['of']
";
    check_with("python3", &["-c", script], &printed(&["json", "compact", "jsonl"]));
}

#[test]
fn python_reads_every_answer_as_csv() {
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
    answer = case['answer']
    expected = rows(answer.get('data', answer))
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
fn jq_reads_every_answer() {
    let filter = "(.answer | if has(\"data\") then .data else . end) as $data
        | select((.json | fromjson) != $data or (.compact | fromjson) != $data) | .of | halt_error";
    check_with("jq", &[filter], &printed(&["json", "compact"]));
}

/// The answers, each with what it answers.
fn answers() -> Vec<(String, Value)> {
    let lines = ANSWERS.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .map(|line| (line["of"].as_str().expect("text").to_owned(), line["answer"].clone()))
        .collect()
}

/// Answers `GET /v3/NUMBER` with the answer of that number.
fn server_of_answers() -> Server {
    let answers = answers();
    Server::start(move |request| {
        let number = request.line().rsplit('/').next().and_then(|number| number.parse().ok());
        let answer = number.and_then(|number: usize| answers.get(number));
        answer.map_or(Reply::empty(404), |(_, answer)| Reply::json(200, &answer.to_string()))
    })
}

/// Every answer, and how it comes out in these formats: JSON, a line each.
fn printed(formats: &[&str]) -> String {
    let server = server_of_answers();
    let mut lines = String::new();
    for (number, (of, answer)) in answers().into_iter().enumerate() {
        let mut case = json!({"of": of, "answer": answer});
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

/// Hands the input to a program that must be content with it. A computer without that program
/// cannot check it, which is said on stderr, unless `HEYGEN_TEST_EVERYTHING` is set.
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
