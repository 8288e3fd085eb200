//! `--all`: all pages of a list.

use std::io::{BufRead as _, BufReader};

use crate::support::{Inline, Recorded, Reply, Server, Stream, Test, assert_text, str};

fn compact() -> Inline {
    str![[r#"
[{"id":1},{"id":2},{"id":3},{"id":4}]

"#]]
}

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
fn all_joins_items_of_pages() {
    let server = Server::start(v3);
    all(&server, &["-Q", "limit=2", "-Q", "title=a b"])
        .stdout(str![[r#"
[
  {
    "id": 1
  },
  {
    "id": 2
  },
  {
    "id": 3
  },
  {
    "id": 4
  }
]

"#]])
        .sends(&[
            "GET /v3/videos?limit=2&title=a%20b",
            "GET /v3/videos?limit=2&title=a%20b&token=p%2F2",
            "GET /v3/videos?limit=2&title=a%20b&token=p3",
        ])
        .exits(0);
    all(&server, &["-o", "compact"]).stdout(compact()).exits(0);
    all(&server, &["-o", "jsonl"])
        .stdout(str![[r#"
{"id":1}
{"id":2}
{"id":3}
{"id":4}

"#]])
        .exits(0);
    all(&server, &["-o", "csv"])
        .stdout(str![[r#"
id
1
2
3
4

"#]])
        .exits(0);
    all(&server, &["-o", "table"])
        .stdout(str![[r#"
ID
1
2
3
4

"#]])
        .exits(0);
}

/// Two pages, of which the second has a member more.
fn failed_on_second_page(request: &Recorded) -> Reply {
    let body = match request.line().contains("token=") {
        false => r#"{"data":[{"id":"a","status":"completed"}],"has_more":true,"next_token":"t"}"#,
        true => {
            r#"{"data":[{"id":"b","status":"failed","failure_message":"bad"}],"has_more":false}"#
        }
    };
    Reply::json(200, body)
}

#[test]
fn columns_of_later_pages_are_warned_about() {
    let server = Server::start(failed_on_second_page);
    let warning = || {
        str![[r#"
{"warning":{"code":"cli_missing_column","message":"no column for `failure_message`, which the first page lacks; choose columns with `-c`, or join all pages with --slurp"}}

"#]]
    };
    all(&server, &["-o", "csv"])
        .stdout(str![[r#"
id,status
a,completed
b,failed

"#]])
        .stderr(warning())
        .exits(0);
    all(&server, &["-o", "table"])
        .stdout(str![[r#"
ID  STATUS
a   completed
b   failed

"#]])
        .stderr(warning())
        .exits(0);
    all(&server, &["-o", "csv", "-s"])
        .stdout(str![[r#"
id,status
a,completed
b,failed

"#]])
        .exits(0);
    all(&server, &["-o", "csv", "-c", "id,failure_message"])
        .stdout(str![[r#"
id,failure_message
a,
b,bad

"#]])
        .exits(0);
    all(&server, &["-o", "csv", "--slurp"])
        .stdout(str![[r#"
id,status,failure_message
a,completed,
b,failed,bad

"#]])
        .exits(0);
}

#[test]
fn all_starts_at_given_token() {
    let server = Server::start(v3);
    all(&server, &["-o", "compact", "-Q", "token=p/2"])
        .stdout(str![[r#"
[{"id":3},{"id":4}]

"#]])
        .sends(&["GET /v3/videos?token=p%2F2", "GET /v3/videos?token=p3"])
        .exits(0);
    Test::new(&["get", "/v3/videos?token=p%2F2&limit=9", "--all", "-o", "compact"])
        .server(&server)
        .stdout(str![[r#"
[{"id":3},{"id":4}]

"#]])
        .sends(&["GET /v3/videos?token=p%2F2&limit=9", "GET /v3/videos?limit=9&token=p3"])
        .exits(0);
}

#[test]
fn all_pages_every_kind_of_list() {
    let check = |path: &str, first: &str, last: &str, stdout: Inline| {
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
        str![[r#"
[{"video_id":"a"},{"video_id":"b"}]

"#]],
    );
    check(
        "/v3/videos/batches/b1",
        r#"{"data":{"batch_id":"b1","status":"completed","items":[{"item_index":0}],"has_more":true,"next_token":"t2"}}"#,
        r#"{"data":{"batch_id":"b1","status":"completed","items":[{"item_index":1}],"has_more":false,"next_token":null}}"#,
        str![[r#"
[{"item_index":0},{"item_index":1}]

"#]],
    );
    check(
        "/v3/something-new",
        r#"{"data":{"things":[1],"total_count":2,"next_token":"t2"}}"#,
        r#"{"data":{"things":[2],"total_count":2,"next_token":""}}"#,
        str![[r#"
[1,2]

"#]],
    );
}

#[test]
fn list_without_pages_is_one_call() {
    let voices = r#"{"error":null,"data":{"voices":[{"voice_id":"a"}]}}"#;
    let server = Server::always(Reply::json(200, voices));
    Test::new(&["get", "/v2/voices", "--all", "-o", "compact", "-s"])
        .server(&server)
        .stdout(str![[r#"
[{"voice_id":"a"}]

"#]])
        .sends(&["GET /v2/voices"])
        .exits(0);
    let server = Server::always(Reply::json(200, r#"{"data":[],"has_more":false}"#));
    all(&server, &[])
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
}

#[test]
fn retired_list_warns_once() {
    let page = |next: &str| {
        Reply::json(
            200,
            &format!(r#"{{"code":100,"data":{{"token":{next},"videos":[]}},"message":"Success"}}"#),
        )
    };
    let server = Server::in_turn(vec![page("\"t2\""), page("null")]);
    Test::new(&["get", "/v1/video.list", "--all"])
        .server(&server)
        .stdout(str![[r#"
[]

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_retired_endpoint","message":"/v1/video.list was retired on 2026-10-31","successor":"GET /v3/videos"}}

"#]])
        .exits(0);
}

#[test]
fn columns_from_first_page_with_items() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[],"has_more":true,"next_token":"2"}"#),
        Reply::json(200, r#"{"data":[{"id":"a","name":"A"}],"has_more":true,"next_token":"3"}"#),
        Reply::json(200, r#"{"data":[{"name":"Beatrice","new":1,"id":"b"}]}"#),
    ]);
    all(&server, &["-o", "csv"])
        .stdout(str![[r#"
id,name
a,A
b,Beatrice

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_missing_column","message":"no column for `new`, which the first page lacks; choose columns with `-c`, or join all pages with --slurp"}}

"#]])
        .exits(0);
}

#[test]
fn token_cannot_change_the_path() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"https://evil.test/?a=b&c"}"#),
        Reply::json(200, r#"{"data":[2]}"#),
    ]);
    all(&server, &["-o", "compact"])
        .stdout(str![[r#"
[1,2]

"#]])
        .sends(&["GET /v3/videos", "GET /v3/videos?token=https%3A%2F%2Fevil.test%2F%3Fa%3Db%26c"])
        .exits(0);
}

#[test]
fn circular_tokens_are_an_error() {
    let server =
        Server::always(Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"t"}"#));
    all(&server, &["-o", "jsonl"])
        .stdout(str![[r#"
1
1

"#]])
        .stderr(str![[r#"
{"error":{"code":"cli_paging_error","message":"the list leads back to a page that was read; 2 items came before","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .sends(&["GET /v3/videos", "GET /v3/videos?token=t"])
        .exits(1);
    let server = Server::always(Reply::json(200, r#"{"data":[1],"has_more":true}"#));
    all(&server, &["-o", "json"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(str![[r#"
[
  1
"#]])
        .stderr(str![[r#"
error: the list has more pages, but the response has no token for the next one; 1 item came before

"#]])
        .exits(1);
}

#[test]
fn failing_page_hints_at_next_token() {
    let first = || {
        Reply::json(200, r#"{"data":[{"id":1},{"id":2}],"has_more":true,"next_token":"it's 2"}"#)
    };
    let error = |status: u16, code: &str| {
        Reply::json(status, &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"No\"}}}}"))
    };
    let server = Server::in_turn(vec![first(), error(500, "internal_error")]);
    all(&server, &["--retry", "0"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(str![[r#"
[
  {
    "id": 1
  },
  {
    "id": 2
  }
"#]])
        .stderr(str![[r#"
error: 500 internal_error: No
  2 items came before it
hint: to go on: add `-Q 'token=it'\''s 2'`
hint: this is HeyGen's side, not your request; see https://status.heygen.com

"#]])
        .exits(1);
    let server = Server::in_turn(vec![first(), error(401, "unauthorized")]);
    let outcome = all(&server, &["-o", "jsonl"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), "{\"id\":1}\n{\"id\":2}\n"));
    let server = Server::in_turn(vec![first(), Reply::stall_unanswered()]);
    let limits = ["--timeout", "200ms", "--retry", "0", "-o", "csv"];
    all(&server, &limits)
        .stdout(str![[r#"
id
1
2

"#]])
        .stderr(str![[r#"
{"error":{"code":"timeout","message":"no complete response within 200 ms; 2 items came before it","hint":"to go on: add `-Q 'token=it'\\''s 2'`; `--timeout 5m` gives it more time","request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(4);
}

#[test]
fn failing_first_page_is_plain_error() {
    let server =
        Server::always(Reply::json(404, r#"{"error":{"code":"not_found","message":"No"}}"#));
    all(&server, &[])
        .stderr(str![[r#"
{"error":{"code":"not_found","message":"No","status":404,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[test]
fn all_needs_a_list() {
    let server = Server::always(Reply::json(200, r#"{"data":{"username":"anab"}}"#));
    Test::new(&["get", "/v3/users/me", "--all"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --all is for lists, and /v3/users/me does not return one
hint: the call itself succeeded, do not repeat it; it needs no `--all`

"#]])
        .exits(5);
    let server = Server::always(Reply::new(200, "audio/mpeg", "ID3"));
    let outcome = all(&server, &[]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""));
}

#[test]
fn rejects_flags_conflicting_with_all() {
    let check = |arguments: &[&str], stderr: Inline| {
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
        str![[r#"
error: --envelope and --all conflict: each page has its own envelope
hint: leave one of them out

"#]],
    );
    check(
        &["get", "/v3/videos", "--all", "-o", "raw"],
        str![[r#"
error: --all joins many responses, and `raw` prints one as received
hint: use `-o jsonl`

"#]],
    );
    check(
        &["get", "/v3/videos", "--all", "-i"],
        str![[r#"
error: --include prints one response as received, and --all changes it
hint: leave one of them out; `-v` shows the status too

"#]],
    );
    check(
        &["post", "/v3/videos", "--all"],
        str![[r#"
error: --all is for lists, which are read with GET, not POST
hint: leave `--all` out

"#]],
    );
}

#[test]
fn envelope_variable_is_ignored_with_all() {
    let server = Server::start(v3);
    all(&server, &["-o", "compact"]).env("HEYGEN_ENVELOPE", "1").stdout(compact()).exits(0);
}

#[test]
fn save_writes_whole_list_or_nothing() {
    let server = Server::start(v3);
    let outcome = all(&server, &["-o", "compact", "-O", "videos.json"]).exits(0);
    assert_text(&String::from_utf8_lossy(&outcome.file("videos.json")), compact());

    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"2"}"#),
        Reply::json(404, r#"{"error":{"code":"not_found","message":"No"}}"#),
    ]);
    let outcome = all(&server, &["-O", "videos.json"])
        .stderr(str![[r#"
{"error":{"code":"not_found","message":"No","status":404,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
    assert!(outcome.files().is_empty());
}

#[test]
fn closed_pipe_stops_paging() {
    let server = Server::start(v3);
    all(&server, &["-o", "jsonl"]).stdout_closed().sends(&["GET /v3/videos"]).exits(0);
}

#[test]
fn items_stream_page_by_page() {
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
fn notes_more_items_on_terminal() {
    let list =
        r#"{"data":[{"id":"Abigail_expressive_2024112501"}],"has_more":true,"next_token":"t"}"#;
    let server = Server::always(Reply::json(200, list));
    let get = |arguments: &[&str]| {
        Test::new(&[&["get", "/v3/avatars/looks", "-o", "compact"], arguments].concat())
            .server(&server)
            .terminal(Stream::Stderr)
            .env("NO_COLOR", "1")
    };
    let item = || {
        str![[r#"
[{"id":"Abigail_expressive_2024112501"}]

"#]]
    };
    get(&[])
        .stdout(item())
        .stderr(str![[r#"
note: more items follow; add --all

"#]])
        .exits(0);
    get(&["-s"]).stdout(item()).exits(0);
    get(&["-E"])
        .stdout(format!("{list}\n"))
        .stderr(str![[r#"
note: more items follow; `-Q token=…` requests the next page

"#]])
        .exits(0);
    let v1 = r#"{"code":100,"data":{"token":"t","videos":[]},"message":"Success"}"#;
    let server = Server::always(Reply::json(200, v1));
    Test::new(&["get", "/v1/video.list", "-o", "table"])
        .server(&server)
        .terminal(Stream::Stderr)
        .env("NO_COLOR", "1")
        .stderr(str![[r#"
warning: /v1/video.list was retired on 2026-10-31; replacement: GET /v3/videos
note: more items follow; add --all

"#]])
        .exits(0);
}

#[cfg(feature = "jq")]
mod filtered {
    use super::*;

    #[test]
    fn jq_runs_once_per_page() {
        let server = Server::start(v3);
        all(&server, &["-q", ".[].id"])
            .stdout(str![[r#"
1
2
3
4

"#]])
            .exits(0);
        all(&server, &["-q", "length"])
            .stdout(str![[r#"
2
0
2

"#]])
            .exits(0);
        all(&server, &["-q", "map({n: .id})", "-o", "csv"])
            .stdout(str![[r#"
n
1
2
3
4

"#]])
            .exits(0);
        all(&server, &["-q", "map({n: .id})", "-o", "compact"])
            .stdout(str![[r#"
[{"n":1},{"n":2}]
[]
[{"n":3},{"n":4}]

"#]])
            .exits(0);
    }

    #[test]
    fn jq_halt_fetches_no_further_page() {
        let server = Server::start(v3);
        all(&server, &["-q", ".[].id, halt"])
            .stdout(str![[r#"
1
2

"#]])
            .exits(0);
        assert_eq!(server.requests().len(), 1);
        all(&server, &["-q", ".[] | {id}, if .id == 3 then halt else empty end", "-o", "csv"])
            .stdout(str![[r#"
id
1
2
3

"#]])
            .exits(0);
        assert_eq!(server.requests().len(), 4);
    }

    #[test]
    fn longer_jq_rows_stay_whole() {
        let server = Server::start(failed_on_second_page);
        let rows = ".[] | [.id, .status, (.failure_message // empty)]";
        all(&server, &["-q", rows, "-o", "csv"])
            .stdout(str![[r#"
a,completed
b,failed,bad

"#]])
            .exits(0);
        all(&server, &["-q", rows, "-o", "table"])
            .stdout(str![[r#"
a  completed
b  failed     bad

"#]])
            .exits(0);
    }

    #[test]
    fn jq_sees_the_page_data() {
        let page =
            r#"{"code":100,"data":{"token":null,"videos":[{"video_id":"a"}]},"message":"Success"}"#;
        let server = Server::always(Reply::json(200, page));
        Test::new(&["get", "/v1/video.list", "--all", "-q", ".videos[].video_id", "-s"])
            .server(&server)
            .stdout(str![[r#"
a

"#]])
            .exits(0);
    }

    #[test]
    fn failing_jq_hints_at_next_token() {
        let server = Server::in_turn(vec![
            Reply::json(200, r#"{"data":[{"id":"a"}],"has_more":true,"next_token":"2"}"#),
            Reply::json(200, r#"{"data":["b"]}"#),
        ]);
        all(&server, &["-q", ".[].id"])
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stdout(str![[r#"
a

"#]])
            .stderr(str![[r#"
error: --jq: Cannot index string with string "id"
  data: ["b"]
  1 item came before it
hint: to go on: add `-Q token=2`

"#]])
            .exits(5);
    }
}

#[test]
fn many_empty_pages_are_an_error() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Reply::json(200, &format!(r#"{{"data":[],"has_more":true,"next_token":"t{number}"}}"#))
    });
    let outcome = Test::new(&["get", "/v3/videos", "--all", "-o", "jsonl"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        outcome.stderr,
        "{\"error\":{\"code\":\"cli_paging_error\",\"message\":\"the list does not end: 20 pages in a row are empty; 0 items came before\",\"status\":200,\"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n"
    );
    assert_eq!(outcome.requests.len(), 20);
}

#[test]
fn next_token_must_fit_into_a_request() {
    let token = "t".repeat(70_000);
    let page = format!(r#"{{"data":[1],"has_more":true,"next_token":"{token}"}}"#);
    let server = Server::in_turn(vec![Reply::json(200, &page)]);
    Test::new(&["get", "/v3/videos", "--all", "-o", "jsonl"])
        .server(&server)
        .stdout("1\n")
        .stderr(str![[r#"
{"error":{"code":"cli_paging_error","message":"the token of the next page is too long for a request; 1 item came before","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[test]
fn later_page_must_be_a_list() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"t"}"#),
        Reply::json(200, r#"{"data":{"id":"v"}}"#),
    ]);
    Test::new(&["get", "/v3/videos", "--all", "-o", "jsonl"])
        .server(&server)
        .stdout("1\n")
        .stderr(str![[r#"
{"error":{"code":"cli_paging_error","message":"the next page is not a list; 1 item came before it","hint":"to go on: add `-Q token=t`","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[test]
fn empty_response_is_no_page() {
    let first = r#"{"data":[{"id":"a"}],"has_more":true,"next_token":"t"}"#;
    let server =
        Server::in_turn(vec![Reply::json(200, first), Reply::new(200, "application/json", "")]);
    all(&server, &["-o", "jsonl"]).stdout("{\"id\":\"a\"}\n").stderr(str![[r#"
{"error":{"code":"cli_paging_error","message":"the next page is not a list; 1 item came before it","hint":"to go on: add `-Q token=t`","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]]).exits(1);
    let server = Server::in_turn(vec![Reply::new(200, "application/json", "")]);
    all(&server, &[]).stderr(str![[r#"
{"error":{"code":"cli_response_not_a_list","message":"--all is for lists, and /v3/videos does not return one","hint":"the call itself succeeded, do not repeat it; it needs no `--all`","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]]).exits(5);
}
