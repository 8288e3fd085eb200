//! Columns of a table: their order, and which give way on a narrow terminal.

use crate::support::{Reply, Server, Test, str};

/// Two videos as HeyGen sends them.
const VIDEOS: &str = include_str!("data/videos.json");

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos"], arguments].concat()).server(server)
}

#[test]
fn piped_table_has_every_column() {
    let server = Server::always(Reply::json(200, VIDEOS));
    get(&server, &["-o", "table"])
        .stdout(str![[r#"
ID                                TITLE                                                   STATUS     DURATION  CREATED_AT  COMPLETED_AT  FOLDER_ID  OUTPUT_LANGUAGE  VIDEO_URL                                                                  GIF_URL
0000000001234567890abcdef1234567  Weekly recap for the marketing team, take three, final  completed  30.5      1711382401  1711389600               English          https://files2.heygen.ai/x/00000000000000000000000000000001.mp4?Expires=1
0000000002468acf121579bde2468ace  Onboarding, Spanish voice                               completed  30.5      1711382402  1711389600               English          https://files2.heygen.ai/x/00000000000000000000000000000002.mp4?Expires=1

"#]])
        .exits(0);
}

#[test]
fn csv_keeps_the_order_of_members() {
    let body = r#"{"data":[{"created_at":1767225600,"id":"v1","title":"A"}]}"#;
    let server = Server::always(Reply::json(200, body));
    get(&server, &["-o", "csv"]).stdout("created_at,id,title\n1767225600,v1,A\n").exits(0);
}

#[test]
fn chosen_columns_are_trimmed() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","title":"A"}]}"#));
    get(&server, &["-o", "csv", "-c", "id, title"]).stdout("id,title\na,A\n").exits(0);
}

#[test]
fn csv_begins_with_byte_order_mark() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a"}]}"#));
    get(&server, &["-o", "csv", "--bom"]).stdout("\u{feff}id\na\n").exits(0);
    let server = Server::always(Reply::json(200, r#"{"data":[]}"#));
    get(&server, &["-o", "csv", "--bom"]).exits(0);
    get(&server, &["-o", "csv", "--bom", "-c", "id"]).stdout("\u{feff}id\n").exits(0);
}

#[test]
fn byte_order_mark_needs_csv() {
    let server = Server::in_turn(Vec::new());
    get(&server, &["-o", "table", "--bom"])
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--bom is for CSV","hint":"add `-o csv`, or leave --bom out"}}

"#]])
        .sends(&[])
        .exits(2);
}

#[cfg(feature = "jq")]
#[test]
fn filtered_scalars_are_one_row() {
    let body = r#"{"data":[{"id":"a","n":[1],"v":{"w":2}},{"id":"b, c","n":null,"v":null}]}"#;
    let server = Server::always(Reply::json(200, body));
    let check = |filter: &str, format: &str, expected: &str| {
        get(&server, &["-o", format, "-q", filter]).stdout(expected).exits(0);
    };
    check(".[] | [.id, .n]", "csv", "a,[1]\n\"b, c\",\n");
    check(".[] | [.id, .n]", "table", "a     [1]\nb, c\n");
    check(".[] | [.id, .n]", "jsonl", "[\"a\",[1]]\n[\"b, c\",null]\n");
    check("[.[].id]", "csv", "a,\"b, c\"\n");
    check("[.[] | [.id]]", "csv", "a\n\"b, c\"\n");
    check("map({id})", "csv", "id\na\n\"b, c\"\n");
    check(".[].id", "csv", "value\na\n\"b, c\"\n");
    check("[]", "csv", "");
}

#[cfg(feature = "jq")]
#[test]
fn filtered_rows_keep_their_order() {
    let server = Server::always(Reply::json(200, r#"{"data":[{"id":"a","title":"A"}]}"#));
    get(&server, &["-o", "table", "-q", ".[] | {title, id}"])
        .stdout("TITLE  ID\nA      a\n")
        .exits(0);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;
    use crate::support::{Inline, Stream};

    fn check(columns: u16, stdout: Inline, stderr: Inline) {
        let body = VIDEOS.replace("\"has_more\": true", "\"has_more\": false");
        let server = Server::always(Reply::json(200, &body));
        get(&server, &["-o", "table"])
            .terminal(Stream::Both)
            .window(columns, 24)
            .env("NO_COLOR", "1")
            .stdout(stdout)
            .stderr(stderr)
            .exits(0);
    }

    #[test]
    fn videos_at_60_columns() {
        check(
            60,
            str![[r#"
ID                                TITLE            STATUS
0000000001234567890abcdef1234567  Weekly recap f…  completed
0000000002468acf121579bde2468ace  Onboarding, Sp…  completed

"#]],
            str![[r#"
note: hidden columns: duration, created_at, completed_at,
      output_language, video_url (terminal too narrow),
      folder_id, gif_url (empty); `-c` chooses columns

"#]],
        );
    }

    #[test]
    fn videos_at_80_columns() {
        check(
            80,
            str![[r#"
ID                                TITLE                                STATUS
0000000001234567890abcdef1234567  Weekly recap for the marketing tea…  completed
0000000002468acf121579bde2468ace  Onboarding, Spanish voice            completed

"#]],
            str![[r#"
note: hidden columns: duration, created_at, completed_at, output_language,
      video_url (terminal too narrow), folder_id, gif_url (empty); `-c` chooses
      columns

"#]],
        );
    }

    #[test]
    fn videos_at_100_columns() {
        check(
            100,
            str![[r#"
ID                                TITLE                                                   STATUS
0000000001234567890abcdef1234567  Weekly recap for the marketing team, take three, final  completed
0000000002468acf121579bde2468ace  Onboarding, Spanish voice                               completed

"#]],
            str![[r#"
note: hidden columns: duration, created_at, completed_at, output_language, video_url (terminal too
      narrow), folder_id, gif_url (empty); `-c` chooses columns

"#]],
        );
    }

    #[test]
    fn videos_at_120_columns() {
        check(
            120,
            str![[r#"
ID                                TITLE                                                   STATUS     DURATION
0000000001234567890abcdef1234567  Weekly recap for the marketing team, take three, final  completed  30.5
0000000002468acf121579bde2468ace  Onboarding, Spanish voice                               completed  30.5

"#]],
            str![[r#"
note: hidden columns: created_at, completed_at, output_language, video_url (terminal too narrow), folder_id, gif_url
      (empty); `-c` chooses columns

"#]],
        );
    }
}
