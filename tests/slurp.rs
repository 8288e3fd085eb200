//! `--all --slurp`: all pages joined before they are filtered and printed.

#[cfg(feature = "jq")]
use crate::support::Stream;
use crate::support::{Reply, Server, Test, str};

fn page(items: &str, next: Option<&str>) -> Reply {
    let next = next.map_or("null".to_owned(), |token| format!("\"{token}\""));
    let body = format!(r#"{{"data":{items},"has_more":{},"next_token":{next}}}"#, next != "null");
    Reply::json(200, &body)
}

fn three_pages() -> Server {
    Server::in_turn(vec![
        page(r#"[{"id":"a","n":3},{"id":"b","n":1}]"#, Some("2")),
        page("[]", Some("3")),
        page(r#"[{"id":"c","n":2}]"#, None),
    ])
}

fn all<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos", "--all"], arguments].concat()).server(server)
}

#[test]
fn slurp_joins_pages_in_every_format() {
    let check = |format: &str, expected: &str| {
        all(&three_pages(), &["--slurp", "-o", format]).stdout(expected).exits(0);
    };
    check("compact", "[{\"id\":\"a\",\"n\":3},{\"id\":\"b\",\"n\":1},{\"id\":\"c\",\"n\":2}]\n");
    check(
        "json",
        "[\n  {\n    \"id\": \"a\",\n    \"n\": 3\n  },\n  {\n    \"id\": \"b\",\n    \"n\": 1\n  },\n  {\n    \"id\": \"c\",\n    \"n\": 2\n  }\n]\n",
    );
    check("jsonl", "{\"id\":\"a\",\"n\":3}\n{\"id\":\"b\",\"n\":1}\n{\"id\":\"c\",\"n\":2}\n");
    check("table", "ID  N\na   3\nb   1\nc   2\n");
    check("csv", "id,n\na,3\nb,1\nc,2\n");
}

#[test]
fn slurp_without_items_is_empty_list() {
    let server = Server::in_turn(vec![page("[]", None)]);
    all(&server, &["--slurp", "-o", "compact"]).stdout("[]\n").exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn slurp_filters_all_pages_together() {
    all(&three_pages(), &["--slurp", "-q", "length"]).stdout("3\n").exits(0);
    all(&three_pages(), &["--slurp", "-q", "sort_by(.n) | .[].id"]).stdout("b\nc\na\n").exits(0);
    all(&three_pages(), &["--slurp", "-q", "sort_by(.n)", "-o", "csv"])
        .stdout("id,n\nb,1\nc,2\na,3\n")
        .exits(0);
}

#[test]
fn slurp_needs_all() {
    let server = Server::in_turn(Vec::new());
    Test::new(&["get", "/v3/videos", "--slurp"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--slurp needs --all","hint":"add --all, or leave --slurp out"}}

"#]])
        .sends(&[])
        .exits(2);
}

#[test]
fn slurp_prints_nothing_of_broken_list() {
    let server = Server::in_turn(vec![
        page(r#"[{"id":"a"}]"#, Some("2")),
        Reply::json(404, r#"{"error":{"code":"not_found","message":"no such page"}}"#),
    ]);
    all(&server, &["--slurp"])
        .stderr(str![[r#"
{"error":{"code":"not_found","message":"no such page","status":404,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[cfg(all(unix, feature = "jq"))]
#[test]
fn terminal_notes_filter_per_page() {
    all(&three_pages(), &["-q", "length"])
        .terminal(Stream::Stderr)
        .env("NO_COLOR", "1")
        .stdout("2\n0\n1\n")
        .stderr(str![[r#"
note: the filter ran once per page; --slurp joins all pages first

"#]])
        .exits(0);
    let server = Server::in_turn(vec![page(r#"[{"id":"a"}]"#, None)]);
    all(&server, &["-q", "length"]).terminal(Stream::Stderr).stdout("1\n").exits(0);
}
