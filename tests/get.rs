//! `heygen get`: calls an endpoint and prints its data.

use std::fs::File;
use std::time::Duration;

use crate::support::{Inline, KEY, Reply, Server, Stream, Test, str};

/// A page of `GET /v3/videos`, with numbers that must not be rounded.
const VIDEOS: &str = r#"{"data":[{"id":"v1","duration":1.10,"n":12345678901234567890}],"has_more":false,"next_token":null}"#;

const VIDEOS_PRETTY: &str = r#"[
  {
    "id": "v1",
    "duration": 1.10,
    "n": 12345678901234567890
  }
]
"#;

const VIDEOS_COMPACT: &str = "[{\"id\":\"v1\",\"duration\":1.10,\"n\":12345678901234567890}]\n";

#[test]
fn data_is_indented_and_unchanged() {
    let server = Server::always(Reply::json(200, VIDEOS));
    let outcome = Test::new(&["get", "/v3/videos", "-Q", "limit=5"])
        .server(&server)
        .stdout(VIDEOS_PRETTY)
        .exits(0);
    let request = &outcome.requests[0];
    assert_eq!(request.line(), "GET /v3/videos?limit=5");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("accept"), Some("application/json, */*;q=0.8"));
    assert_eq!(
        request.header("user-agent"),
        Some(concat!("heygen-cli/", env!("CARGO_PKG_VERSION"), " (unofficial)"))
    );
    assert_eq!(request.headers_named("authorization"), [""; 0]);
    assert_eq!(request.body, b"");
}

#[test]
fn endpoint_is_path_or_url() {
    let server = Server::always(Reply::json(200, VIDEOS));
    let url = format!("{}/v3/videos", server.base());
    for endpoint in ["/v3/videos", "v3/videos", url.as_str()] {
        Test::new(&["get", endpoint, "-o", "compact"])
            .server(&server)
            .stdout(VIDEOS_COMPACT)
            .sends(&["GET /v3/videos"])
            .exits(0);
    }
}

#[test]
fn query_is_encoded_and_joined() {
    let check = |arguments: &[&str], line: &str| {
        let server = Server::always(Reply::json(200, VIDEOS));
        Test::new(&["get"])
            .args(arguments)
            .server(&server)
            .stdout(VIDEOS_PRETTY)
            .sends(&[line])
            .exits(0);
    };
    check(&["/v3/videos?limit=5"], "GET /v3/videos?limit=5");
    check(&["/v3/videos?limit=5", "-Q", "token=a"], "GET /v3/videos?limit=5&token=a");
    check(&["/v3/x", "-Q", "id=1", "-Q", "id=2"], "GET /v3/x?id=1&id=2");
    check(&["/v3/x", "-Q", "title=a b&c=d#é+%"], "GET /v3/x?title=a%20b%26c%3Dd%23%C3%A9%2B%25");
    check(&["/v3/x", "-Q", "empty="], "GET /v3/x?empty=");
    check(&["/v3/a%2Fb%20c", "-Q", "a=%2F"], "GET /v3/a%2Fb%20c?a=%252F");
}

#[test]
fn undoes_git_bash_path_rewrite() {
    let server = Server::always(Reply::json(200, VIDEOS));
    Test::new(&["get", "C:/Program Files/Git/v3/videos"])
        .env("MSYSTEM", "MINGW64")
        .server(&server)
        .stdout(VIDEOS_PRETTY)
        .sends(&["GET /v3/videos"])
        .exits(0);
}

#[test]
fn output_flag_overrides_variable() {
    let check = |arguments: &[&str], variable: Option<&str>, expected: &str| {
        let server = Server::always(Reply::json(200, VIDEOS));
        let mut test = Test::new(&["get", "/v3/videos"]).args(arguments).server(&server);
        if let Some(value) = variable {
            test = test.env("HEYGEN_OUTPUT", value);
        }
        test.stdout(expected).exits(0);
    };
    check(&[], None, VIDEOS_PRETTY);
    check(&[], Some(""), VIDEOS_PRETTY);
    check(&[], Some("human"), VIDEOS_PRETTY);
    check(&[], Some("compact"), VIDEOS_COMPACT);
    check(&["-o", "json"], Some("compact"), VIDEOS_PRETTY);
    check(&["--output=compact"], None, VIDEOS_COMPACT);
    // The bytes as they came: no line break is added to them.
    check(&["-o", "raw"], None, VIDEOS);
    check(&[], Some("raw"), VIDEOS);
}

#[test]
fn envelope_prints_the_whole_response() {
    let body = r#"{"data":{"id":"v1"},"extra":1}"#;
    let pretty = "{\n  \"data\": {\n    \"id\": \"v1\"\n  },\n  \"extra\": 1\n}\n";
    let check = |arguments: &[&str], variable: Option<&str>, expected: &str| {
        let server = Server::always(Reply::json(200, body));
        let mut test = Test::new(&["get", "/v3/videos/v1"]).args(arguments).server(&server);
        if let Some(value) = variable {
            test = test.env("HEYGEN_ENVELOPE", value);
        }
        test.stdout(expected).exits(0);
    };
    check(&[], None, "{\n  \"id\": \"v1\"\n}\n");
    check(&["-E"], None, pretty);
    check(&["--envelope", "-o", "compact"], None, &format!("{body}\n"));
    check(&[], Some("1"), pretty);
    check(&[], Some("true"), pretty);
    check(&[], Some("YES"), pretty);
    check(&[], Some("0"), "{\n  \"id\": \"v1\"\n}\n");
    check(&[], Some(""), "{\n  \"id\": \"v1\"\n}\n");
    check(&["-o", "raw"], None, body);
}

#[test]
fn opens_every_kind_of_envelope() {
    let check = |body: &str, data: &str| {
        let server = Server::always(Reply::json(200, body));
        Test::new(&["get", "/v3/x", "-o", "compact"])
            .server(&server)
            .stdout(format!("{data}\n"))
            .exits(0);
    };
    check(r#"{"code":100,"data":{"a":1},"message":"Success","msg":null}"#, r#"{"a":1}"#);
    check(
        r#"{"error":null,"data":{"remaining_quota":2344452,"details":{"api":2344452}}}"#,
        r#"{"remaining_quota":2344452,"details":{"api":2344452}}"#,
    );
    check(
        r#"{"data":{"batch_id":"b","items":[],"has_more":false,"next_token":null}}"#,
        r#"{"batch_id":"b","items":[],"has_more":false,"next_token":null}"#,
    );
    check(r#"{"data":{}}"#, "{}");
    check(r#"{"data":null}"#, "null");
    check(r#"{"error":{},"data":{}}"#, "{}");
    // A failed render is data: the poll itself succeeded.
    check(
        r#"{"code":100,"data":{"status":"failed","error":{"code":40119,"detail":"Video is too long (> 3600.0s)","message":"Video is too long"}},"message":"Success"}"#,
        r#"{"status":"failed","error":{"code":40119,"detail":"Video is too long (> 3600.0s)","message":"Video is too long"}}"#,
    );
}

#[test]
fn json_without_envelope_is_printed_whole() {
    let check = |body: &str, expected: &str| {
        let server = Server::always(Reply::json(200, body));
        Test::new(&["get", "/v3/x", "-o", "compact"])
            .server(&server)
            .stdout(format!("{expected}\n"))
            .exits(0);
    };
    check("[1, 2]", "[1,2]");
    check("\"text\"", "\"text\"");
    check("true", "true");
    check(r#"{"id":"v1"}"#, r#"{"id":"v1"}"#);
    check(r#"{"code":"en","name":"English"}"#, r#"{"code":"en","name":"English"}"#);
}

#[test]
fn json_is_recognised_by_content() {
    for content_type in
        ["text/plain", "text/html", "", "application/octet-stream", "application/problem+json"]
    {
        let server = Server::always(Reply::new(200, content_type, VIDEOS));
        Test::new(&["get", "/v3/videos"]).server(&server).stdout(VIDEOS_PRETTY).exits(0);
    }
}

#[test]
fn numbers_and_strings_keep_their_bytes() {
    let values = r#"[12345678901234567890,1.10,-0,1E400,0.000000000000000000001,"\ud800","\/","\u0041","é",{"b":1,"a":2,"b":3}]"#;
    let server = Server::always(Reply::json(200, &format!(r#"{{"data":{values}}}"#)));
    Test::new(&["get", "/v3/x", "-o", "compact"])
        .server(&server)
        .stdout(format!("{values}\n"))
        .exits(0);
}

#[test]
fn invalid_utf8_passes_a_pipe() {
    let server = Server::always(Reply::new(200, "application/json", b"{\"data\":\"a\xff\xc3b\"}"));
    Test::new(&["get", "/v3/x"]).server(&server).stdout_bytes(&b"\"a\xff\xc3b\"\n"[..]).exits(0);
}

#[test]
fn json_with_byte_order_mark() {
    let body = format!("\u{feff}{VIDEOS}");
    let server = Server::always(Reply::json(200, &body));
    let outcome = Test::new(&["get", "/v3/videos"]).server(&server).stdout(VIDEOS_PRETTY).exits(0);
    outcome.then(&["get", "/v3/videos", "-o", "raw"]).server(&server).stdout(&body).exits(0);
}

#[test]
fn empty_body_prints_nothing() {
    for reply in [
        Reply::empty(204),
        Reply::empty(200),
        Reply::json(200, ""),
        Reply::json(202, "").until_close(),
    ] {
        let server = Server::always(reply);
        Test::new(&["get", "/v3/x"]).server(&server).exits(0);
    }
}

#[test]
fn every_framing_is_read_whole() {
    for reply in [
        Reply::json(200, VIDEOS).chunked(7),
        Reply::json(200, VIDEOS).until_close(),
        Reply::json(201, VIDEOS),
        Reply::json(200, VIDEOS).dripping(Duration::from_micros(50)),
    ] {
        let server = Server::always(reply);
        Test::new(&["get", "/v3/videos"]).server(&server).stdout(VIDEOS_PRETTY).exits(0);
    }
}

#[test]
fn large_response_is_printed_whole() {
    let item = r#"{"id":"v1","title":"a \"quoted\" title","tags":[],"size":1.50}"#;
    let items = vec![item; 50_000].join(",");
    let server =
        Server::always(Reply::json(200, &format!(r#"{{"data":[{items}]}}"#)).chunked(70_000));
    Test::new(&["get", "/v3/videos", "-o", "compact"])
        .server(&server)
        .stdout(format!("[{items}]\n"))
        .exits(0);
}

#[test]
fn nesting_is_limited_to_512_levels() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let server = Server::in_turn(vec![
        Reply::json(200, &nested(512)),
        Reply::json(200, &nested(513)),
        Reply::json(200, &nested(513)),
        Reply::json(200, &nested(100_000)),
    ]);
    let run = |arguments: &[&str]| Test::new(&["get", "/v3/x"]).args(arguments).server(&server);
    run(&["-o", "compact"]).stdout(format!("{}\n", nested(512))).exits(0);
    run(&["--error-format", "text"])
        .stderr(str![[r#"
error: the response nests more than 512 levels deep
hint: `-o raw` prints the response as it is

"#]])
        .exits(1);
    run(&["-o", "raw"]).stdout(nested(513)).exits(0);
    run(&["--error-format", "text"])
        .stderr(str![[r#"
error: the response nests more than 512 levels deep
hint: `-o raw` prints the response as it is

"#]])
        .exits(1);
}

#[test]
fn non_json_passes_unchanged() {
    let check = |content_type: &str, body: &[u8]| {
        for arguments in [&["-o", "json"][..], &["-o", "compact"], &["-o", "raw"], &["-E"]] {
            let server = Server::always(Reply::new(200, content_type, body));
            Test::new(&["get", "/v3/x"])
                .args(arguments)
                .server(&server)
                .stdout_bytes(body)
                .exits(0);
        }
    };
    check("audio/mpeg", b"ID3\x04\x00\xff\xfe\r\n\x1b[31m");
    check("application/x-subrip", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi \xe4\r\n\r\n");
    check("text/plain", b"12 apples");
    check("video/mp4", &vec![0xA5; 300_000]);
}

#[test]
fn binary_response_is_streamed() {
    let server = Server::always(
        Reply::new(200, "audio/mpeg", vec![b'~'; 40_000]).announcing(50_000).stalling(),
    );
    let running =
        Test::new(&["get", "/v3/x"]).server(&server).limit(Duration::from_secs(5)).start();
    // All 40,000 bytes that came, and not only as many as fill a buffer.
    running.wait_for_text(&"~".repeat(40_000));
}

#[test]
fn truncated_stream_is_an_error() {
    let body = vec![b'~'; 40_000];
    let server = Server::always(Reply::new(200, "audio/mpeg", body.clone()).announcing(50_000));
    Test::new(&["get", "/v3/x", "--error-format", "text"])
        .server(&server)
        .stdout_bytes(body)
        .stderr(str![[r#"
error: the connection ended in the middle of the response, after 40000 bytes

"#]])
        .exits(1);
}

#[test]
fn truncated_response_prints_nothing() {
    let cut = r#"{"data":[1,2]}"#;
    for (reply, stderr) in [
        (
            Reply::json(200, cut).announcing(1_000),
            str![[r#"
error: the connection ended in the middle of the response, after 14 bytes

"#]],
        ),
        (
            Reply::json(200, cut).chunked(5).unfinished(),
            str![[r#"
error: the connection ended in the middle of the response, after 14 bytes

"#]],
        ),
        (
            Reply::new(200, "audio/mpeg", "short").announcing(1_000),
            str![[r#"
error: the connection ended in the middle of the response, after 5 bytes

"#]],
        ),
    ] {
        let server = Server::always(reply);
        for arguments in [&["-o", "json"][..], &["-o", "raw"]] {
            Test::new(&["get", "/v3/x", "--error-format", "text"])
                .args(arguments)
                .server(&server)
                .stderr(stderr.clone())
                .exits(1);
        }
    }
}

#[test]
fn invalid_json_response_is_an_error() {
    let server = Server::always(Reply::json(200, "{\"data\":\n[1,]}"));
    let outcome = Test::new(&["get", "/v3/x"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"cli_response_parse_error","message":"200 OK, but the response body is not valid JSON: unexpected character at line 2, column 4","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
        .exits(1);
    outcome
        .then(&["get", "/v3/x", "-o", "raw"])
        .server(&server)
        .stdout(str![[r#"
{"data":
[1,]}
"#]])
        .exits(0);
}

#[test]
fn html_is_an_error() {
    let server = Server::always(Reply::new(
        200,
        "text/html; charset=utf-8",
        "<!doctype html><html><head><title>Sign in\n to Wi-Fi</title></head></html>",
    ));
    for arguments in [&["-o", "json"][..], &["-o", "raw"]] {
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .args(arguments)
            .server(&server)
            .stderr(str![[r#"
error: 200 OK; the response is HTML (title "Sign in to Wi-Fi"), not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?

"#]])
            .exits(1);
    }
}

#[test]
fn trace_masks_the_key() {
    let server = Server::always(
        Reply::json(200, VIDEOS).header("X-Request-Id", "req_1").header("X-Echo", KEY),
    );
    let outcome = Test::new(&["get", "/v3/videos", "-Q", "limit=5", "-v"])
        .server(&server)
        .stdout(VIDEOS_PRETTY)
        .stderr(str![[r#"
> GET [BASE]/v3/videos?limit=5
< 200 OK, [MS] ms

"#]])
        .exits(0);
    outcome
        .then(&["get", "/v3/videos", "-vv"])
        .stdout(VIDEOS_PRETTY)
        .stderr(str![[r#"
> GET [BASE]/v3/videos
> accept: application/json, */*;q=0.8
> x-api-key: …7Qx2
< 200 OK, [MS] ms
< content-type: application/json
< x-request-id: req_1
< x-echo: …7Qx2
< content-length: [MS]
< {"data":[{"id":"v1","duration":1.10,"n":12345678901234567890}],"has_more":false,"next_token":null}

"#]])
        .exits(0);
}

#[test]
fn retired_path_warns_and_is_called() {
    let body = r#"{"error":null,"data":{"avatars":[]}}"#;
    let server = Server::always(Reply::json(200, body));
    let outcome = Test::new(&["get", "/v2/avatars", "-o", "compact"])
        .server(&server)
        .stdout(str![[r#"
{"avatars":[]}

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_retired_endpoint","message":"/v2/avatars was retired on 2026-10-31","successor":"GET /v3/avatars/looks"}}

"#]])
        .exits(0);
    let outcome = outcome
        .then(&["get", "/v2/avatars", "-o", "compact", "--error-format", "text"])
        .stdout(str![[r#"
{"avatars":[]}

"#]])
        .stderr(str![[r#"
warning: /v2/avatars was retired on 2026-10-31; replacement: GET /v3/avatars/looks

"#]])
        .exits(0);
    let outcome = outcome
        .then(&["get", "/v1/streaming.list", "-o", "compact"])
        .stdout(str![[r#"
{"avatars":[]}

"#]])
        .stderr(str![[r#"
{"warning":{"code":"cli_retired_endpoint","message":"/v1/streaming.list was retired on 2026-10-31"}}

"#]])
        .exits(0);
    outcome
        .then(&["get", "/v2/avatars", "-o", "compact", "--quiet"])
        .stdout(str![[r#"
{"avatars":[]}

"#]])
        .exits(0);
}

#[test]
fn retirement_date_from_sunset_header() {
    let server = Server::always(
        Reply::json(200, r#"{"data":1}"#).header("Sunset", "Tue, 01 Dec 2026 00:00:00 GMT"),
    );
    let outcome = Test::new(&["get", "/v3/old", "--error-format", "text"])
        .server(&server)
        .stdout(str![[r#"
1

"#]])
        .stderr(str![[r#"
warning: /v3/old is to be switched off on 2026-12-01

"#]])
        .exits(0);
    outcome
        .then(&["get", "/v2/voices", "--error-format", "text"])
        .stdout(str![[r#"
1

"#]])
        .stderr(str![[r#"
warning: /v2/voices was retired on 2026-12-01; replacement: GET /v3/voices

"#]])
        .exits(0);
}

#[test]
fn retired_path_with_404_fails() {
    let server = Server::always(Reply::json(404, r#"{"code":40400,"message":"Not found"}"#));
    Test::new(&["get", "/v2/avatars", "--error-format", "text"])
        .server(&server)
        .stderr(str![[r#"
warning: /v2/avatars was retired on 2026-10-31; replacement: GET /v3/avatars/looks
error: 404 40400: Not found
hint: `heygen get /v3/avatars/looks` replaces it

"#]])
        .exits(1);
}

#[test]
fn no_note_of_pages_in_scripts() {
    let server =
        Server::always(Reply::json(200, r#"{"data":[1],"has_more":true,"next_token":"t"}"#));
    Test::new(&["get", "/v3/videos", "-o", "compact"])
        .server(&server)
        .stdout(str![[r#"
[1]

"#]])
        .exits(0);
}

#[test]
fn closed_pipe_exits_quietly() {
    let items = vec![r#"{"id":"v1"}"#; 100_000].join(",");
    for body in [VIDEOS.to_owned(), format!(r#"{{"data":[{items}]}}"#)] {
        let server = Server::always(Reply::json(200, &body));
        Test::new(&["get", "/v3/videos"]).server(&server).stdout_closed().exits(0);
    }
    let server = Server::always(Reply::new(200, "audio/mpeg", vec![b'~'; 300_000]));
    Test::new(&["get", "/v3/x"]).server(&server).stdout_closed().exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_exits_5() {
    let full = || File::options().write(true).open("/dev/full").expect("Linux has /dev/full");
    let server = Server::always(Reply::json(200, VIDEOS));
    let outcome = Test::new(&["get", "/v3/videos"])
        .server(&server)
        .stdout_to(full())
        .stderr(str![[r#"
{"error":{"code":"cli_output_error","message":"writing the response to stdout: no space left on device","status":200,"request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(5);
    outcome
        .then(&["get", "/v3/videos", "--error-format", "text", "-o", "raw"])
        .stdout_to(full())
        .stderr(str![[r#"
error: writing the response to stdout: no space left on device

"#]])
        .exits(5);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;

    #[test]
    fn json_is_coloured() {
        let server =
            Server::always(Reply::json(200, r#"{"data":{"id":null,"n":1,"s":"t","l":[true,{}]}}"#));
        Test::new(&["get", "/v3/videos/v1"])
            .server(&server)
            .terminal(Stream::Both)
            .stdout(str![[r#"
{
  ␛[1;34m"id"␛[0m: ␛[33mnull␛[0m,
  ␛[1;34m"n"␛[0m: ␛[36m1␛[0m,
  ␛[1;34m"s"␛[0m: ␛[32m"t"␛[0m,
  ␛[1;34m"l"␛[0m: [
    ␛[33mtrue␛[0m,
    {}
  ]
}

"#]])
            .exits(0);
    }

    #[test]
    fn colour_by_stream_flag_and_variable() {
        let plain = || {
            str![[r#"
{
  "id": null
}

"#]]
        };
        let coloured = || {
            str![[r#"
{
  ␛[1;34m"id"␛[0m: ␛[33mnull␛[0m
}

"#]]
        };
        let check = |terminal: Option<Stream>,
                     arguments: &[&str],
                     variables: &[(&str, &str)],
                     expected: Inline| {
            let server = Server::always(Reply::json(200, r#"{"data":{"id":null}}"#));
            let mut test = Test::new(&["get", "/v3/videos/v1"]).args(arguments).server(&server);
            for (name, value) in variables {
                test = test.env(name, value);
            }
            if let Some(stream) = terminal {
                test = test.terminal(stream);
            }
            test.stdout(expected).exits(0);
        };
        check(Some(Stream::Stderr), &[], &[], plain());
        check(Some(Stream::Stdout), &[], &[], coloured());
        check(Some(Stream::Both), &[], &[("NO_COLOR", "1")], plain());
        check(Some(Stream::Both), &[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], plain());
        check(Some(Stream::Both), &["--color", "never"], &[], plain());
        check(None, &[], &[("CLICOLOR_FORCE", "1")], coloured());
        check(None, &["--color", "always"], &[("NO_COLOR", "1")], coloured());
    }

    #[test]
    fn control_characters_are_escaped_on_terminal() {
        let server = Server::always(Reply::new(
            200,
            "application/json",
            b"{\"data\":\"a\x7f\xc2\x9b31m\xff\\u001b\xe2\x80\xaeb\"}",
        ));
        Test::new(&["get", "/v3/x", "--color", "never"])
            .server(&server)
            .terminal(Stream::Stdout)
            .stdout(str![[r#"
"a\u007f\u009b31m�\u001b\u202eb"

"#]])
            .exits(0);
    }

    #[test]
    fn plain_text_keeps_tabs_on_terminal() {
        let server = Server::always(Reply::new(
            200,
            "text/plain",
            "a\tb\r\n\u{1b}[31mred\n\nlast \u{9b}31m",
        ));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .terminal(Stream::Stdout)
            .stdout(str![[r#"
a␉b
\u{1b}[31mred

last \u{9b}31m

"#]])
            .exits(0);
    }

    #[test]
    fn raw_json_is_escaped_on_terminal() {
        let server = Server::always(Reply::json(200, "{\"data\":\"\u{9b}31m\"}"));
        Test::new(&["get", "/v3/x", "-o", "raw"])
            .server(&server)
            .terminal(Stream::Stdout)
            .stdout(str![[r#"
{"data":"\u{9b}31m"}

"#]])
            .exits(0);
    }

    #[test]
    fn rejects_binary_on_terminal() {
        for body in [&b"ID3\x04\x00"[..], b"\xff\xfe\xfd", b"text\x00"] {
            let server = Server::always(Reply::new(200, "audio/mpeg", body));
            Test::new(&["get", "/v3/x"])
                .server(&server)
                .terminal(Stream::Stdout)
                .stderr(str![[r#"
{"error":{"code":"cli_binary_to_terminal","message":"the response is audio/mpeg; it is not written to a terminal","hint":"the call itself succeeded; `-O FILE` saves a response, `> FILE` too","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
                .exits(5);
        }
    }

    #[test]
    fn binary_is_detected_before_printing() {
        let mut body = vec![b'a'; 50_000];
        body.push(0);
        let server = Server::always(Reply::new(200, "", body));
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .terminal(Stream::Stdout)
            .stderr(str![[r#"
error: the response is not text; it is not written to a terminal
hint: the call itself succeeded; `-O FILE` saves a response, `> FILE` too

"#]])
            .exits(5);
    }

    #[test]
    fn more_pages_are_noted() {
        let server =
            Server::always(Reply::json(200, r#"{"data":[],"has_more":true,"next_token":"t"}"#));
        let outcome = Test::new(&["get", "/v3/videos"])
            .server(&server)
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .stdout(str![[r#"
[]

"#]])
            .stderr(str![[r#"
note: more items follow; add --all

"#]])
            .exits(0);
        outcome
            .then(&["get", "/v3/videos", "--quiet"])
            .terminal(Stream::Both)
            .stdout(str![[r#"
[]

"#]])
            .exits(0);
    }

    #[test]
    fn retired_path_warning_as_text() {
        let server = Server::always(Reply::json(200, r#"{"error":null,"data":[]}"#));
        let outcome = Test::new(&["get", "/v2/avatars"])
            .server(&server)
            .terminal(Stream::Both)
            .stdout(str![[r#"
[]

"#]])
            .stderr(str![[r#"
␛[1;33mwarning:␛[0m /v2/avatars was retired on 2026-10-31; replacement: GET /v3/avatars/looks

"#]])
            .exits(0);
        outcome
            .then(&["get", "/v2/avatars", "-s"])
            .terminal(Stream::Both)
            .stdout(str![[r#"
[]

"#]])
            .exits(0);
    }

    #[test]
    fn errors_are_text() {
        let server = Server::always(Reply::json(
            404,
            r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#,
        ));
        Test::new(&["get", "/v3/videos/v1"])
            .server(&server)
            .terminal(Stream::Stderr)
            .stderr(str![[r#"
␛[1;31merror:␛[0m 404 not_found: Video not found.

"#]])
            .exits(1);
    }
}
