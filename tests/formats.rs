//! `-o`, `-c`: a response in each format, checked by the readers of that format.

use crate::support::{self, Inline, Reply, Server, Stream, Test, str};

const LOOKS: &str = r#"{"data":[
  {"id":"Abigail_expressive_2024112501","name":"Abigail (Upper Body)","tags":["UPPER","漢字"],"image_width":1080,"default_voice":{"language":"en"},"note":null},
  {"id":"Adrian_2","name":"阿德里安 👩‍💻","tags":[],"image_width":1.10,"default_voice":{"language":"zh, \"HK\""},"note":"=1+1"}
],"has_more":false,"next_token":null}"#;

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    let arguments = [&["get", "/v3/avatars/looks"], arguments].concat();
    Test::new(&arguments).server(server)
}

#[test]
fn table_columns_line_up() {
    let server = Server::always(Reply::json(200, LOOKS));
    get(&server, &["-o", "table"])
        .stdout(str![[r#"
ID                             NAME                  IMAGE_WIDTH  NOTE
Abigail_expressive_2024112501  Abigail (Upper Body)  1080
Adrian_2                       阿德里安 👩‍💻           1.10         =1+1

"#]])
        .exits(0);
    get(&server, &["-o", "table", "-c", "name,default_voice.language,tags.1", "-c", "tags"])
        .stdout(str![[r#"
NAME                  DEFAULT_VOICE.LANGUAGE  TAGS.1  TAGS
Abigail (Upper Body)  en                      漢字    ["UPPER","漢字"]
阿德里安 👩‍💻           zh, "HK"                        []

"#]])
        .exits(0);
}

#[test]
fn late_members_have_columns() {
    let videos = [r#"{"id":"a"}"#; 149].join(",");
    let body = format!(r#"{{"data":[{videos},{{"id":"b","failure_message":"bad"}}]}}"#);
    let server = Server::always(Reply::json(200, &body));
    let rows = "a,\n".repeat(149);
    get(&server, &["-o", "csv"]).stdout(format!("id,failure_message\n{rows}b,bad\n")).exits(0);
    let rows = "a\n".repeat(149);
    get(&server, &["-o", "table"]).stdout(format!("ID  FAILURE_MESSAGE\n{rows}b   bad\n")).exits(0);
}

#[test]
fn v2_list_is_the_rows() {
    let voices = r#"{"error":null,"data":{"voices":[{"voice_id":"v1"},{"voice_id":"v2"}]}}"#;
    let warning = || {
        str![[r#"
{"warning":{"code":"cli_retired_endpoint","message":"/v2/voices was retired on 2026-10-31","successor":"GET /v3/voices"}}

"#]]
    };
    let server = Server::always(Reply::json(200, voices));
    let test = |format: &str| Test::new(&["get", "/v2/voices", "-o", format]).server(&server);
    test("table")
        .stdout(str![[r#"
VOICE_ID
v1
v2

"#]])
        .stderr(warning())
        .exits(0);
    test("csv")
        .stdout(str![[r#"
voice_id
v1
v2

"#]])
        .stderr(warning())
        .exits(0);
    test("jsonl")
        .stdout(str![[r#"
{"voice_id":"v1"}
{"voice_id":"v2"}

"#]])
        .stderr(warning())
        .exits(0);

    let avatars = r#"{"error":null,"data":{"avatars":[{"avatar_id":"a"}],"talking_photos":[]}}"#;
    let server = Server::always(Reply::json(200, avatars));
    Test::new(&["get", "/v2/avatars", "-o", "table", "-s"])
        .server(&server)
        .stdout(str![[r#"
avatars         [{"avatar_id":"a"}]
talking_photos  []

"#]])
        .exits(0);
}

#[test]
fn object_is_one_row_per_member() {
    let me = r#"{"data":{"username":"anab","email":null,"wallet":{"remaining_balance":12.40}}}"#;
    let server = Server::always(Reply::json(200, me));
    let test = |arguments: &[&str]| {
        Test::new(&[&["get", "/v3/users/me"], arguments].concat()).server(&server)
    };
    test(&["-o", "table"])
        .stdout(str![[r#"
username  anab
email
wallet    {"remaining_balance":12.40}

"#]])
        .exits(0);
    test(&["-o", "table", "-c", "wallet.remaining_balance,username"])
        .stdout(str![[r#"
wallet.remaining_balance  12.40
username                  anab

"#]])
        .exits(0);
    test(&["-o", "csv"])
        .stdout(str![[r#"
username,email,wallet
anab,,"{""remaining_balance"":12.40}"

"#]])
        .exits(0);
    test(&["-o", "jsonl"])
        .stdout(str![[r#"
{"username":"anab","email":null,"wallet":{"remaining_balance":12.40}}

"#]])
        .exits(0);
}

#[test]
fn batch_items_are_rows() {
    let batch = r#"{"data":{"batch_id":"b","status":"completed","items":[{"video_id":"v1"}],"has_more":false,"next_token":null}}"#;
    let server = Server::always(Reply::json(200, batch));
    Test::new(&["get", "/v3/videos/batches/b", "-o", "table"])
        .server(&server)
        .stdout(str![[r#"
VIDEO_ID
v1

"#]])
        .exits(0);
}

#[test]
fn empty_list_has_requested_columns() {
    let server = Server::always(Reply::json(200, r#"{"data":[],"has_more":false}"#));
    get(&server, &["-o", "table"]).exits(0);
    get(&server, &["-o", "csv"]).exits(0);
    get(&server, &["-o", "jsonl"]).exits(0);
    get(&server, &["-o", "table", "-c", "id,name"])
        .stdout(str![[r#"
ID  NAME

"#]])
        .exits(0);
    get(&server, &["-o", "csv", "-c", "id,name"])
        .stdout(str![[r#"
id,name

"#]])
        .exits(0);
}

#[test]
fn unknown_column_is_empty_with_warning() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","name":"A","tags":[]}]}"#));
    get(&server, &["-o", "csv", "-c", "id,nmae"])
        .stdout(str![[r#"
id,nmae
a,

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_unknown_column","message":"no item has `nmae`; there are: id, name, tags"}}

"#]])
        .exits(0);
}

#[test]
fn rejects_conflicting_format_flags() {
    let check = |arguments: &[&str], stderr: Inline| {
        let server = Server::in_turn(Vec::new());
        get(&server, arguments).stderr(stderr).sends(&[]).exits(2);
    };
    check(
        &["-c", "id"],
        str![[r#"
{"error":{"code":"usage_error","message":"--columns is for tables and CSV","hint":"add `-o table` or `-o csv`; in JSON, `-q` chooses members"}}

"#]],
    );
    check(
        &["-c", "id", "-o", "jsonl"],
        str![[r#"
{"error":{"code":"usage_error","message":"--columns is for tables and CSV","hint":"add `-o table` or `-o csv`; in JSON, `-q` chooses members"}}

"#]],
    );
    check(
        &["-c", "id,,name", "-o", "csv"],
        str![[r#"
{"error":{"code":"usage_error","message":"--columns contains an empty name","hint":"write it like `-c id,voice.language`"}}

"#]],
    );
    check(
        &["-o", "yaml"],
        str![[r#"
{"error":{"code":"usage_error","message":"invalid value `yaml` for --output","hint":"use json, compact, jsonl, table, csv or raw"}}

"#]],
    );
    check(
        &["-o", "looks.csv"],
        str![[r#"
{"error":{"code":"usage_error","message":"invalid value `looks.csv` for --output","hint":"to write a file: `-O looks.csv`"}}

"#]],
    );
    check(
        &["-i", "-o", "table"],
        str![[r#"
{"error":{"code":"usage_error","message":"--include prints one response as received, and --output changes it","hint":"leave one of them out; `-v` shows the status too"}}

"#]],
    );
}

#[test]
fn tables_need_json() {
    let server = Server::always(Reply::new(200, "audio/mpeg", b"ID3\x04\xff".to_vec()));
    for (format, stderr) in [
        (
            "table",
            str![[r#"
{"error":{"code":"cli_response_not_json","message":"`-o table` needs JSON, and the response is audio/mpeg","hint":"the call itself succeeded, do not repeat it; another time leave the option out","status":200,"request":{"method":"GET","path":"/v3/avatars/looks"},"attempts":1}}

"#]],
        ),
        (
            "csv",
            str![[r#"
{"error":{"code":"cli_response_not_json","message":"`-o csv` needs JSON, and the response is audio/mpeg","hint":"the call itself succeeded, do not repeat it; another time leave the option out","status":200,"request":{"method":"GET","path":"/v3/avatars/looks"},"attempts":1}}

"#]],
        ),
        (
            "jsonl",
            str![[r#"
{"error":{"code":"cli_response_not_json","message":"`-o jsonl` needs JSON, and the response is audio/mpeg","hint":"the call itself succeeded, do not repeat it; another time leave the option out","status":200,"request":{"method":"GET","path":"/v3/avatars/looks"},"attempts":1}}

"#]],
        ),
    ] {
        get(&server, &["-o", format]).stderr(stderr).exits(5);
    }
    get(&server, &["-o", "compact"]).stdout_bytes(b"ID3\x04\xff".to_vec()).exits(0);
}

#[test]
fn invalid_utf8_passes_into_pipe() {
    let body = b"{\"data\":[{\"id\":\"a\xff\\u001b[31m\"}]}".to_vec();
    let server = Server::always(Reply::new(200, "application/json", body));
    get(&server, &["-o", "csv"]).stdout_bytes(b"id\na\xff\x1b[31m\n".to_vec()).exits(0);
    get(&server, &["-o", "jsonl"])
        .stdout_bytes(b"{\"id\":\"a\xff\\u001b[31m\"}\n".to_vec())
        .exits(0);
}

#[test]
fn envelope_as_table() {
    let body = r#"{"data":[{"id":"a"}],"has_more":true,"next_token":"t"}"#;
    let server = Server::always(Reply::json(200, body));
    get(&server, &["-E", "-o", "table"])
        .stdout(str![[r#"
ID
a

"#]])
        .exits(0);
    get(&server, &["-E", "-o", "compact"]).stdout(format!("{body}\n")).exits(0);
}

#[test]
fn heygen_output_table_only_on_terminal() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a"}]}"#));
    let json = || {
        str![[r#"
[
  {
    "id": "a"
  }
]

"#]]
    };
    get(&server, &[]).env("HEYGEN_OUTPUT", "human").stdout(json()).exits(0);
    get(&server, &[]).env("HEYGEN_OUTPUT", "table").stdout(json()).exits(0);
    get(&server, &["-c", "id"])
        .env("HEYGEN_OUTPUT", "table")
        .stdout(str![[r#"
ID
a

"#]])
        .exits(0);
    get(&server, &[])
        .env("HEYGEN_OUTPUT", "csv")
        .stdout(str![[r#"
id
a

"#]])
        .exits(0);
    get(&server, &["--human"])
        .stdout(str![[r#"
ID
a

"#]])
        .exits(0);
}

#[test]
fn saved_table_equals_piped_table() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","url":"https://x"}]}"#));
    let outcome = get(&server, &["-o", "csv", "-O", "looks.csv"]).exits(0);
    assert_eq!(outcome.file("looks.csv"), b"id,url\na,https://x\n");
}

#[cfg(unix)]
mod on_a_terminal {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn table_fits_and_names_hidden_columns() {
        let body = r#"{"data":[{"id":"look_1","name":"Abigail (Upper Body)","preview_image_url":"https://files2.heygen.ai/a.webp","gender":"female\u001b[31m"}]}"#;
        let server = Server::always(Reply::json(200, body));
        let test = |arguments: &[&str], columns: u16| {
            get(&server, arguments).terminal(Stream::Both).window(columns, 24).env("NO_COLOR", "1")
        };
        test(&["-o", "table"], 40)
            .stdout(str![[r#"
ID      NAME
look_1  Abigail (Upper Body)

"#]])
            .stderr(str![[r#"
note: hidden columns: gender,
      preview_image_url (terminal too
      narrow); `-c` chooses columns

"#]])
            .exits(0);
        test(&["-o", "table"], 80)
            .stdout(str![[r#"
ID      NAME                  GENDER            PREVIEW_IMAGE_URL
look_1  Abigail (Upper Body)  female\u{1b}[31m  https://files2.heygen.ai/a.webp

"#]])
            .exits(0);
        test(&["-o", "table", "-c", "gender,id"], 80)
            .stdout(str![[r#"
GENDER            ID
female\u{1b}[31m  look_1

"#]])
            .exits(0);
        test(&[], 80)
            .env("HEYGEN_OUTPUT", "human")
            .env("COLUMNS", "20")
            .arg("-cid")
            .stdout(str![[r#"
ID
look_1

"#]])
            .exits(0);
    }

    #[test]
    fn width_falls_back_to_columns_variable() {
        let server = Server::always(Reply::json(200, r#"{"data":{"nm":"abcdefghijklmnopqrst"}}"#));
        get(&server, &["-o", "table"])
            .terminal(Stream::Stdout)
            .window(0, 0)
            .env("COLUMNS", "14")
            .env("NO_COLOR", "1")
            .stdout(str![[r#"
nm  abcdefghi…

"#]])
            .exits(0);
    }

    #[test]
    fn column_names_are_coloured() {
        let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","n":1}]}"#));
        get(&server, &["-o", "table"])
            .terminal(Stream::Stdout)
            .stdout(str![[r#"
␛[1;34mID␛[0m  ␛[1;34mN␛[0m
a   1

"#]])
            .exits(0);
    }

    /// True for an ID alone in its row, or beside its name: IDs are never cut.
    fn is_one_id(line: &str) -> bool {
        let name = line.split_whitespace().next().unwrap_or_default().to_lowercase();
        !line.contains(' ') || name == "id" || name.ends_with("_id")
    }

    #[test]
    fn no_table_exceeds_the_terminal() {
        let server = support::server_of_responses();
        for (number, (of, _)) in support::responses().iter().enumerate() {
            for columns in [40, 80, 200] {
                let outcome = Test::new(&["get", &format!("/v3/{number}"), "-o", "table"])
                    .server(&server)
                    .terminal(Stream::Stdout)
                    .window(columns, 24)
                    .env("NO_COLOR", "1")
                    .run();
                assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{of}");
                for line in outcome.stdout.lines() {
                    let fits = line.width() <= usize::from(columns);
                    assert!(fits || is_one_id(line), "{of}: {line}");
                }
            }
        }
    }
}
