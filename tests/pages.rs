//! `--all`: every page of a list, as it comes.

use std::io::{BufRead as _, BufReader};

use crate::support::{Recorded, Reply, Server, Stream, Test};

const COMPACT: &str = "[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4}]\n";

/// Three pages of v3: two items, none, two items.
fn v3(request: &Recorded) -> Reply {
    let target = request.line();
    let token = target.rsplit_once("token=").and_then(|(_, token)| token.split('&').next());
    let body = match token {
        None => r#"{"data":[{"id":1},{"id":2}],"has_more":true,"next_token":"p/2"}"#,
        Some("p%2F2") => r#"{"data":[],"has_more":true,"next_token":"p3"}"#,
        Some("p3") => r#"{"data":[{"id":3},{"id":4}],"has_more":false,"next_token":null}"#,
        Some(_) => return Reply::empty(404),
    };
    Reply::json(200, body)
}

fn all<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos", "--all"], arguments].concat()).server(server)
}

#[test]
fn the_items_of_all_pages_are_one_list() {
    let server = Server::start(v3);
    all(&server, &["-Q", "limit=2", "-Q", "title=a b"])
        .stdout("[\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": 2\n  },\n  {\n    \"id\": 3\n  },\n  {\n    \"id\": 4\n  }\n]\n")
        .sends(&[
            "GET /v3/videos?limit=2&title=a%20b",
            "GET /v3/videos?limit=2&title=a%20b&token=p%2F2",
            "GET /v3/videos?limit=2&title=a%20b&token=p3",
        ])
        .exits(0);
    all(&server, &["-o", "compact"]).stdout(COMPACT).exits(0);
    all(&server, &["-o", "jsonl"])
        .stdout("{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"id\":4}\n")
        .exits(0);
    all(&server, &["-o", "csv"]).stdout("id\n1\n2\n3\n4\n").exits(0);
    all(&server, &["-o", "table"]).stdout("ID\n1\n2\n3\n4\n").exits(0);
}

#[test]
fn a_list_may_begin_in_its_middle() {
    let server = Server::start(v3);
    all(&server, &["-o", "compact", "-Q", "token=p/2"])
        .stdout("[{\"id\":3},{\"id\":4}]\n")
        .sends(&["GET /v3/videos?token=p%2F2", "GET /v3/videos?token=p3"])
        .exits(0);
    Test::new(&["get", "/v3/videos?token=p%2F2&limit=9", "--all", "-o", "compact"])
        .server(&server)
        .stdout("[{\"id\":3},{\"id\":4}]\n")
        .sends(&["GET /v3/videos?token=p%2F2&limit=9", "GET /v3/videos?limit=9&token=p3"])
        .exits(0);
}

#[test]
fn the_pages_of_every_kind_of_list_are_found() {
    let check = |path: &str, first: &str, last: &str, stdout: &str| {
        let server = Server::in_turn(vec![Reply::json(200, first), Reply::json(200, last)]);
        Test::new(&["get", path, "--all", "-o", "compact", "-s"])
            .server(&server)
            .stdout(stdout)
            .sends(&[&format!("GET {path}"), &format!("GET {path}?token=t2")])
            .exits(0);
    };
    check(
        "/v1/video.list",
        r#"{"code":100,"data":{"token":"t2","videos":[{"video_id":"a"}]},"message":"Success"}"#,
        r#"{"code":100,"data":{"token":null,"videos":[{"video_id":"b"}]},"message":"Success"}"#,
        "[{\"video_id\":\"a\"},{\"video_id\":\"b\"}]\n",
    );
    check(
        "/v3/videos/batches/b1",
        r#"{"data":{"batch_id":"b1","status":"completed","items":[{"item_index":0}],"has_more":true,"next_token":"t2"}}"#,
        r#"{"data":{"batch_id":"b1","status":"completed","items":[{"item_index":1}],"has_more":false,"next_token":null}}"#,
        "[{\"item_index\":0},{\"item_index\":1}]\n",
    );
    check(
        "/v3/something-new",
        r#"{"data":{"things":[1],"total_count":2,"next_token":"t2"}}"#,
        r#"{"data":{"things":[2],"total_count":2,"next_token":""}}"#,
        "[1,2]\n",
    );
}

#[test]
fn a_list_without_pages_is_whole_at_once() {
    let voices = r#"{"error":null,"data":{"voices":[{"voice_id":"a"}]}}"#;
    let server = Server::always(Reply::json(200, voices));
    Test::new(&["get", "/v2/voices", "--all", "-o", "compact", "-s"])
        .server(&server)
        .stdout("[{\"voice_id\":\"a\"}]\n")
        .sends(&["GET /v2/voices"])
        .exits(0);
    let server = Server::always(Reply::json(200, r#"{"data":[],"has_more":false}"#));
    all(&server, &[]).stdout("[]\n").exits(0);
}

#[test]
fn a_retired_list_is_warned_of_once() {
    let page = |next: &str| {
        Reply::json(
            200,
            &format!(r#"{{"code":100,"data":{{"token":{next},"videos":[]}},"message":"Success"}}"#),
        )
    };
    let server = Server::in_turn(vec![page("\"t2\""), page("null")]);
    Test::new(&["get", "/v1/video.list", "--all"])
        .server(&server)
        .stdout("[]\n")
        .stderr("{\"warning\":{\"code\":\"cli_retired_endpoint\",\"message\":\"/v1/video.list was retired on 2026-10-31\",\"successor\":\"GET /v3/videos\"}}\n")
        .exits(0);
}

#[test]
fn columns_come_from_the_first_page_that_has_items() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[],"has_more":true,"next_token":"2"}"#),
        Reply::json(200, r#"{"data":[{"id":"a","name":"A"}],"has_more":true,"next_token":"3"}"#),
        Reply::json(200, r#"{"data":[{"name":"Beatrice","new":1,"id":"b"}]}"#),
    ]);
    all(&server, &["-o", "csv"]).stdout("id,name\na,A\nb,Beatrice\n").exits(0);
}

#[test]
fn a_token_is_no_address() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"https://evil.test/?a=b&c"}"#),
        Reply::json(200, r#"{"data":[2]}"#),
    ]);
    all(&server, &["-o", "compact"])
        .stdout("[1,2]\n")
        .sends(&["GET /v3/videos", "GET /v3/videos?token=https%3A%2F%2Fevil.test%2F%3Fa%3Db%26c"])
        .exits(0);
}

#[test]
fn a_list_that_leads_in_circles_is_an_error() {
    let server =
        Server::always(Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"t"}"#));
    all(&server, &["-o", "jsonl"])
        .stdout("1\n1\n")
        .stderr("{\"error\":{\"code\":\"cli_paging_error\",\"message\":\"the list leads back to a page that was read; 2 items came\",\"status\":200,\"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n")
        .sends(&["GET /v3/videos", "GET /v3/videos?token=t"])
        .exits(1);
    let server = Server::always(Reply::json(200, r#"{"data":[1],"has_more":true}"#));
    all(&server, &["-o", "json"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout("[\n  1")
        .stderr("error: the list has more pages, but the answer does not say how to ask for them; 1 item came\n")
        .exits(1);
}

#[test]
fn a_list_that_breaks_off_says_how_to_go_on() {
    let first = || {
        Reply::json(200, r#"{"data":[{"id":1},{"id":2}],"has_more":true,"next_token":"it's 2"}"#)
    };
    let error = |status: u16, code: &str| {
        Reply::json(status, &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"No\"}}}}"))
    };
    let server = Server::in_turn(vec![first(), error(500, "internal_error")]);
    all(&server, &["--retry", "0"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout("[\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": 2\n  }")
        .stderr(
            "error: 500 internal_error: No\n\
             \x20 2 items came before it\n\
             hint: to go on: add `-Q 'token=it'\\''s 2'`\n\
             hint: this is HeyGen's side, not your request; see https://status.heygen.com\n",
        )
        .exits(1);
    let server = Server::in_turn(vec![first(), error(401, "unauthorized")]);
    let outcome = all(&server, &["-o", "jsonl"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), "{\"id\":1}\n{\"id\":2}\n"));
    let server = Server::in_turn(vec![first(), Reply::stall_unanswered()]);
    let limits = ["--timeout", "200ms", "--retry", "0", "-o", "csv"];
    all(&server, &limits)
        .stdout("id\n1\n2\n")
        .stderr("{\"error\":{\"code\":\"timeout\",\"message\":\"no complete answer within 200 ms; 2 items came before it\",\"hint\":\"to go on: add `-Q 'token=it'\\\\''s 2'`; `--timeout 5m` gives it more time\",\"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n")
        .exits(4);
}

#[test]
fn a_first_page_that_fails_is_a_call_that_failed() {
    let server =
        Server::always(Reply::json(404, r#"{"error":{"code":"not_found","message":"No"}}"#));
    all(&server, &[])
        .stderr("{\"error\":{\"code\":\"not_found\",\"message\":\"No\",\"status\":404,\"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n")
        .exits(1);
}

#[test]
fn what_is_no_list_has_no_pages() {
    let server = Server::always(Reply::json(200, r#"{"data":{"username":"anab"}}"#));
    Test::new(&["get", "/v3/users/me", "--all"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --all is for lists, and /v3/users/me answers none\n\
             hint: the call itself succeeded, do not repeat it; it needs no `--all`\n",
        )
        .exits(5);
    let server = Server::always(Reply::new(200, "audio/mpeg", "ID3"));
    let outcome = all(&server, &[]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""));
}

#[test]
fn some_flags_do_not_go_with_all_pages() {
    let check = |arguments: &[&str], stderr: &str| {
        let server = Server::in_turn(Vec::new());
        Test::new(arguments)
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(stderr)
            .sends(&[])
            .exits(2);
    };
    check(
        &["get", "/v3/videos", "--all", "-E"],
        "error: --envelope and --all do not go together: each page has an envelope of its own\n\
         hint: leave one of them out\n",
    );
    check(
        &["get", "/v3/videos", "--all", "-o", "raw"],
        "error: --all makes one list of many answers, and `raw` is an answer as it came\n\
         hint: use `-o jsonl`\n",
    );
    check(
        &["get", "/v3/videos", "--all", "-i"],
        "error: --include shows one answer as it came, and --all makes something else of it\n\
         hint: leave one of them out; `-v` shows the status too\n",
    );
    check(
        &["post", "/v3/videos", "--all"],
        "error: --all is for lists, which are read with GET, not POST\nhint: leave `--all` out\n",
    );
}

#[test]
fn a_preferred_envelope_does_not_count_for_all_pages() {
    let server = Server::start(v3);
    all(&server, &["-o", "compact"]).env("HEYGEN_ENVELOPE", "1").stdout(COMPACT).exits(0);
}

#[test]
fn a_file_gets_the_whole_list_or_is_not_there() {
    let server = Server::start(v3);
    let outcome = all(&server, &["-o", "compact", "-O", "videos.json"]).exits(0);
    assert_eq!(outcome.file("videos.json"), COMPACT.as_bytes());

    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"2"}"#),
        Reply::json(404, r#"{"error":{"code":"not_found","message":"No"}}"#),
    ]);
    let outcome = all(&server, &["-O", "videos.json"])
        .stderr("{\"error\":{\"code\":\"not_found\",\"message\":\"No\",\"status\":404,\"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n")
        .exits(1);
    assert!(outcome.files().is_empty());
}

#[test]
fn a_pipe_that_is_closed_ends_the_walk() {
    let server = Server::start(v3);
    all(&server, &["-o", "jsonl"]).stdout_closed().sends(&["GET /v3/videos"]).exits(0);
}

#[test]
fn whoever_reads_two_lines_costs_one_page() {
    // More than a pipe holds, so that the reader is gone before the page is out.
    let items: Vec<String> = (0..20_000).map(|id| format!("{{\"id\":{id}}}")).collect();
    let page = format!(r#"{{"data":[{}],"has_more":true,"next_token":"2"}}"#, items.join(","));
    let server = Server::always(Reply::json(200, &page));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let running =
        all(&server, &["-o", "jsonl"]).stdout_to(writer).sends(&["GET /v3/videos"]).start();
    let mut lines = BufReader::with_capacity(16, reader).lines();
    assert_eq!(lines.next().expect("a line").expect("text"), "{\"id\":0}");
    assert_eq!(lines.next().expect("a line").expect("text"), "{\"id\":1}");
    drop(lines);
    running.exits(0);
}

#[cfg(unix)]
#[test]
fn a_person_learns_that_there_is_more() {
    let list =
        r#"{"data":[{"id":"Abigail_expressive_2024112501"}],"has_more":true,"next_token":"t"}"#;
    let server = Server::always(Reply::json(200, list));
    let get = |arguments: &[&str]| {
        Test::new(&[&["get", "/v3/avatars/looks", "-o", "compact"], arguments].concat())
            .server(&server)
            .terminal(Stream::Stderr)
            .env("NO_COLOR", "1")
    };
    let item = "[{\"id\":\"Abigail_expressive_2024112501\"}]\n";
    get(&[]).stdout(item).stderr("note: more items follow; add --all\n").exits(0);
    get(&["-s"]).stdout(item).exits(0);
    get(&["-E"])
        .stdout(&format!("{list}\n"))
        .stderr("note: more items follow; `-Q token=…` asks for the next page\n")
        .exits(0);
    let v1 = r#"{"code":100,"data":{"token":"t","videos":[]},"message":"Success"}"#;
    let server = Server::always(Reply::json(200, v1));
    Test::new(&["get", "/v1/video.list", "-o", "table"])
        .server(&server)
        .terminal(Stream::Stderr)
        .env("NO_COLOR", "1")
        .stderr(
            "warning: /v1/video.list was retired on 2026-10-31; successor: GET /v3/videos\n\
             note: more items follow; add --all\n",
        )
        .exits(0);
}

#[cfg(feature = "jq")]
mod filtered {
    use super::*;

    #[test]
    fn a_filter_runs_once_a_page() {
        let server = Server::start(v3);
        all(&server, &["-q", ".[].id"]).stdout("1\n2\n3\n4\n").exits(0);
        all(&server, &["-q", "length"]).stdout("2\n0\n2\n").exits(0);
        all(&server, &["-q", "map({n: .id})", "-o", "csv"]).stdout("n\n1\n2\n3\n4\n").exits(0);
        all(&server, &["-q", "map({n: .id})", "-o", "compact"])
            .stdout("[{\"n\":1},{\"n\":2}]\n[]\n[{\"n\":3},{\"n\":4}]\n")
            .exits(0);
    }

    #[test]
    fn a_filter_sees_what_it_sees_without_all_pages() {
        let page =
            r#"{"code":100,"data":{"token":null,"videos":[{"video_id":"a"}]},"message":"Success"}"#;
        let server = Server::always(Reply::json(200, page));
        Test::new(&["get", "/v1/video.list", "--all", "-q", ".videos[].video_id", "-s"])
            .server(&server)
            .stdout("a\n")
            .exits(0);
    }

    #[test]
    fn a_filter_that_fails_on_a_later_page_says_how_to_go_on() {
        let server = Server::in_turn(vec![
            Reply::json(200, r#"{"data":[{"id":"a"}],"has_more":true,"next_token":"2"}"#),
            Reply::json(200, r#"{"data":["b"]}"#),
        ]);
        all(&server, &["-q", ".[].id"])
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stdout("a\n")
            .stderr(
                "error: --jq: Cannot index string with string \"id\"\n\
                 \x20 data: [\"b\"]\n\
                 \x20 1 item came before it\n\
                 hint: to go on: add `-Q token=2`\n",
            )
            .exits(5);
    }
}
