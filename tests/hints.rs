//! What is said beside a response or an error: hints, notes and data.

#[cfg(feature = "jq")]
use crate::support::Stream;
use crate::support::{Inline, Reply, Server, Test, str};

const LIST: &str = r#"{"data":[{"id":"a"},{"id":"b"}],"has_more":true,"next_token":"t"}"#;

#[cfg(feature = "jq")]
#[test]
fn filter_for_whole_response_gets_hint() {
    let server = Server::always(Reply::json(200, LIST));
    let check = |filter: &str, instead: &str| {
        let outcome = Test::new(&["get", "/v3/videos", "-q", filter])
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{filter}");
        let hint = format!(
            "\nhint: the filter sees `data` already: {instead}, or add -E for the whole response\n"
        );
        let has_hint = outcome.stderr.contains(&hint);
        assert_eq!(has_hint, !instead.is_empty(), "{filter}: {}", outcome.stderr);
    };
    check(".data[].id", "write `.[].id`");
    check(".data | length", "write `. | length`");
    check(".data.id", "write `.id`");
    check("[.data[].id]", "leave `.data` out");
    check(".database", "");
    check(".[].id.data", "");
    Test::new(&["get", "/v3/videos", "-E", "-q", ".data[].id"])
        .server(&server)
        .stdout("a\nb\n")
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn filter_that_finds_nothing_in_the_data_is_an_error() {
    let server = Server::always(Reply::json(200, r#"{"data":{"id":"v","status":"completed"}}"#));
    let check = |filter: &str, hint: &str| {
        Test::new(&["get", "/v3/videos/v", "-q", filter])
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(format!(
                "error: --jq: the data has no member `data`\n  \
                 data: {{\"id\":\"v\",\"status\":\"completed\"}}\n\
                 hint: the filter sees `data` already: {hint}, or add -E for the whole response\n"
            ))
            .exits(5);
    };
    check(".data.id", "write `.id`");
    check(".data", "write `.`");
    let get = |filter: &str| Test::new(&["get", "/v3/videos/v", "-q", filter]).server(&server);
    get(".id").stdout("v\n").exits(0);
    get(".database").stdout("null\n").exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn filter_for_an_object_on_a_list_gets_hint() {
    let server = Server::always(Reply::json(200, LIST));
    let check = |filter: &str, hint: &str| {
        let get = Test::new(&["get", "/v3/videos", "-q", filter]).server(&server);
        let outcome = get.env("HEYGEN_ERROR_FORMAT", "text").run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{filter}");
        assert_eq!(outcome.stderr.lines().last(), Some(hint), "{filter}");
    };
    check(".id", "hint: the data is a list: write `.[].id`");
    check(
        ".has_more",
        "hint: the filter sees `data` only: add -E to take `.has_more` of the whole response",
    );
}

#[test]
fn verbose_pipe_says_more_items_follow() {
    let server = Server::always(Reply::json(200, LIST));
    Test::new(&["get", "/v3/videos", "-o", "compact"])
        .server(&server)
        .stdout("[{\"id\":\"a\"},{\"id\":\"b\"}]\n")
        .exits(0);
    let last_line = |arguments: &[&str]| {
        let test = Test::new(&[&["get", "/v3/videos", "-o", "compact"], arguments].concat());
        let outcome = test.server(&server).run();
        assert_eq!(outcome.code, Some(0));
        outcome.stderr.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last_line(&["-v"]), "more items follow; add --all");
    assert_eq!(last_line(&["-v", "-E"]), "more items follow; `-Q token=…` requests the next page");
}

#[cfg(all(unix, feature = "jq"))]
#[test]
fn failed_filter_shows_ten_rows_of_data() {
    let long = format!(r#"{{"data":["{}"]}}"#, "word ".repeat(1_000));
    let server = Server::always(Reply::json(200, &long));
    let get = || {
        let get = Test::new(&["get", "/v3/videos", "-q", "error(\"no\")"]).server(&server);
        get.env("NO_COLOR", "1").env("HEYGEN_ERROR_FORMAT", "text")
    };
    let rows = get().terminal(Stream::Both).window(60, 24).run().stderr;
    let data: Vec<&str> = rows.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(data.len(), 10, "{rows}");
    assert!(data[0].starts_with("  data: [\"word word"), "{rows}");
    assert!(data[9].ends_with('…') && data.iter().all(|row| row.chars().count() <= 60), "{rows}");
    let index = Test::new(&["get", "/v3/videos", "-q", ".[0].id"]).server(&server);
    let index = index.terminal(Stream::Both).window(60, 24).run().stderr;
    assert!(index.lines().count() < 20, "{index}");
    let piped = get().run().stderr;
    let data = piped.lines().find(|line| line.starts_with("  data: ")).expect("data");
    assert_eq!(data.chars().count(), 2 + "data: ".len() + 2_001);
}

#[test]
fn rejections_name_what_the_catalogue_has() {
    let check = |status: u16, body: &str, words: &[&str], base: &str, expected: Inline| {
        let server = Server::always(Reply::json(status, body));
        Test::new(words)
            .server(&server)
            .base(&format!("{}{base}", server.base()))
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(expected)
            .exits(1);
        assert_eq!(server.connections(), 1);
    };
    let not_found = r#"{"error":{"code":"not_found","message":"Not found."}}"#;
    let vidoes = str![[r#"
error: 404 not_found: Not found.
hint: did you mean /v3/videos? `heygen endpoints videos` lists them

"#]];
    check(404, not_found, &["get", "/v3/vidoes"], "", vidoes);
    let version_twice = str![[r#"
error: 404 not_found: Not found.
hint: the API's address ends in /v3, and paths begin with it: leave it out of HEYGEN_API_BASE or --api-base

"#]];
    check(404, not_found, &["get", "/v3/videos"], "/v3", version_twice);
    let method = str![[r#"
error: 405 method_not_allowed: No.
hint: /v3/voices takes POST and GET

"#]];
    let no = r#"{"error":{"code":"method_not_allowed","message":"No."}}"#;
    check(405, no, &["put", "/v3/voices", "-f", "a=b"], "", method);
    let choices = str![[r#"
error: 400 invalid_parameter: Bad resolution.
  field: resolution
hint: resolution takes one of 4k, 1080p, 720p
hint: `heygen endpoints show POST /v3/videos` lists the fields

"#]];
    let bad = r#"{"error":{"code":"invalid_parameter","message":"Bad resolution.","param":"resolution"}}"#;
    check(400, bad, &["post", "/v3/videos", "-f", "resolution=8k"], "", choices);
}
