//! Servers, repositories and typing that would get at the key, or at the reader's terminal.

use crate::support::{KEY, Reply, Server, Stream, Test};

/// A key that the program does not use, in a place where a mistake puts it.
const STRAY: &str = "sk_V2_hgu_kSTRAYstraySTRAYstraySTRAYstray_1";

mod other_hosts {
    use super::*;

    #[test]
    fn no_redirect_is_followed() {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = Server::in_turn(vec![]);
            let location = format!("{}/v3/x", elsewhere.base());
            let server = Server::always(Reply::empty(status).header("Location", &location));
            Test::new(&["get", "/v3/x", "--error-format", "text"])
                .server(&server)
                .stderr(&format!(
                    "error: {status} to {location}; not followed, so that the key stays with the API\n"
                ))
                .sends(&["GET /v3/x"])
                .exits(1);
            assert_eq!(elsewhere.connections(), 0);
        }
    }

    #[test]
    fn not_even_to_the_api_itself() {
        let server =
            Server::routes(&[("GET /v3/x", Reply::empty(301).header("Location", "[BASE]/v3/y"))]);
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .stderr("error: 301 to [BASE]/v3/y; not followed, so that the key stays with the API\n")
            .sends(&["GET /v3/x"])
            .exits(1);
    }

    #[test]
    fn a_check_of_the_key_follows_none_either() {
        let elsewhere = Server::in_turn(vec![]);
        let server = Server::always(
            Reply::empty(307).header("Location", &format!("{}/login?key=1", elsewhere.base())),
        );
        Test::new(&["auth", "check", "--error-format", "text"])
            .server(&server)
            .stderr(&format!(
                "error: 307 to {}/login?…; not followed, so that the key stays with the API\n",
                elsewhere.base()
            ))
            .sends(&["GET /v3/api_keys/self"])
            .exits(1);
        assert_eq!(elsewhere.connections(), 0);
    }

    /// Nobody is asked, not even the API.
    #[track_caller]
    fn refuses(endpoint: &str, message: &str) {
        let api = Server::in_turn(vec![]);
        let hint = match message.contains("upload.heygen.com") {
            true => "call that host with `--api-base https://upload.heygen.com`".to_owned(),
            false => format!("paths are called on {}", api.base()),
        };
        Test::new(&["get", endpoint, "--error-format", "text"])
            .server(&api)
            .stderr(&format!("error: {message}\nhint: {hint}\n"))
            .exits(2);
        assert_eq!(api.connections(), 0);
    }

    #[test]
    fn an_endpoint_cannot_name_one() {
        let elsewhere = Server::in_turn(vec![]);
        let authority = elsewhere.base().replace("http://", "");
        let to = |host: &str| format!("refusing to send your key to {host}");
        refuses(&format!("http://{authority}/v3/x"), &to("127.0.0.1"));
        refuses(&format!("//{authority}/v3/x"), &to(&authority));
        refuses(&format!("{authority}/v3/x"), &to(&authority));
        refuses(&format!("@{authority}/v3/x"), &to(&authority));
        refuses(&format!("user@{authority}/v3/x"), &to(&authority));
        refuses(&format!(":x@{authority}/v3/x"), &to(&authority));
        refuses("https://example.com/v3/videos", &to("example.com"));
        refuses("HTTPS://EXAMPLE.COM/v3/videos", &to("example.com"));
        refuses("https://upload.heygen.com/v1/asset", &to("upload.heygen.com"));
        refuses("api.heygen.com/v3/videos", &to("api.heygen.com"));
        let unclear = "the endpoint could be read as another host; refusing to send your key there";
        refuses(&format!("/\\{authority}/v3/x"), unclear);
        refuses(&format!("\\\\{authority}\\x"), unclear);
        refuses(&format!("https:\\\\{authority}/x"), unclear);
        refuses(&format!("https://user@{authority}/x"), unclear);
        refuses("file:///etc/passwd", unclear);
        assert_eq!(elsewhere.connections(), 0);
    }

    #[test]
    fn another_port_or_scheme_of_the_same_host_is_another_origin() {
        let api = Server::in_turn(vec![]);
        let elsewhere = Server::in_turn(vec![]);
        refuses(&format!("{}/v3/x", elsewhere.base()), "refusing to send your key to 127.0.0.1");
        let secure = api.base().replace("http://", "https://");
        Test::new(&["get", &format!("{secure}/v3/x"), "--error-format", "text"])
            .server(&api)
            .stderr(
                "error: refusing to send your key to 127.0.0.1\nhint: paths are called on [BASE]\n",
            )
            .exits(2);
        assert_eq!((api.connections(), elsewhere.connections()), (0, 0));
    }

    #[test]
    fn what_looks_like_a_host_inside_a_path_is_a_path() {
        let server = Server::always(Reply::json(200, "1"));
        for (endpoint, line) in [
            ("/v3/x?callback=https://example.com/a", "GET /v3/x?callback=https://example.com/a"),
            ("/@example.com/x", "GET /@example.com/x"),
            ("/:x@example.com", "GET /:x@example.com"),
            ("/.example.com/x", "GET /.example.com/x"),
            ("/%2F%2Fexample.com", "GET /%2F%2Fexample.com"),
            ("/%5Cexample.com", "GET /%5Cexample.com"),
        ] {
            Test::new(&["get", endpoint]).server(&server).stdout("1\n").sends(&[line]).exits(0);
        }
    }

    #[test]
    fn proxies_are_not_asked_the_way_to_this_computer() {
        let proxy = Server::in_turn(vec![]);
        for name in
            ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        {
            let server = Server::always(Reply::json(200, "1"));
            Test::new(&["get", "/v3/x"])
                .server(&server)
                .env(name, &proxy.base())
                .stdout("1\n")
                .sends(&["GET /v3/x"])
                .exits(0);
            let localhost = server.base().replace("127.0.0.1", "localhost");
            Test::new(&["get", "/v3/x", "--api-base", &localhost])
                .env(name, &proxy.base())
                .stdout("1\n")
                .exits(0);
        }
        assert_eq!(proxy.connections(), 0);
    }

    #[test]
    fn the_key_does_not_travel_in_the_clear_to_another_computer() {
        let server = Server::always(Reply::json(200, "1"));
        for base in ["http://api.heygen.com", "http://127.0.0.1.nip.io", "http://0.0.0.0"] {
            let outcome =
                Test::new(&["get", "/v3/x", "--api-base", base, "--error-format", "text"]).run();
            let host = base.trim_start_matches("http://");
            assert_eq!(
                outcome.stderr,
                format!(
                    "error: refusing to send your key to {host} in the clear (http://)\n\
                     hint: use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own\n"
                )
            );
            assert_eq!(outcome.code, Some(2));
        }
        drop(server);
    }
}

mod repositories {
    use super::*;

    #[test]
    fn a_cloned_project_decides_nothing_but_the_key() {
        let elsewhere = Server::in_turn(vec![]);
        let api = Server::always(Reply::json(200, r#"{"data":1}"#));
        let env_file = format!(
            "HEYGEN_API_BASE={base}\nHTTP_PROXY={base}\nALL_PROXY={base}\nHEYGEN_ALLOW_HTTP=1\n\
             PATH=/nowhere\nHEYGEN_API_KEY={STRAY}\n",
            base = elsewhere.base()
        );
        // The user's own key goes first, and the project's cannot lead it astray.
        let outcome = Test::new(&["get", "/v3/x"])
            .server(&api)
            .dir(".git")
            .file(".env", &env_file)
            .file(".env.local", &env_file)
            .secret(STRAY)
            .stdout("1\n")
            .exits(0);
        assert_eq!(outcome.requests[0].headers_named("x-api-key"), [KEY]);
        let outcome = outcome.then(&["get", "/v3/x"]).no_key().stdout("1\n").exits(0);
        assert_eq!(outcome.requests[0].headers_named("x-api-key"), [STRAY]);
        assert_eq!(elsewhere.connections(), 0);
    }

    #[test]
    fn a_plain_call_writes_no_file() {
        let api = Server::always(Reply::json(200, r#"{"data":1}"#));
        let outcome = Test::new(&["get", "/v3/x"]).server(&api).stdout("1\n").exits(0);
        assert_eq!((outcome.files(), outcome.home_files()), (vec![], vec![]));
    }
}

mod the_key_in_texts {
    use super::*;

    #[test]
    fn an_answer_that_repeats_the_key_is_masked_on_stderr() {
        let echo = |status: u16, body: String| {
            Server::always(Reply::json(status, &body).header("X-Request-Id", KEY))
        };
        let server = echo(
            400,
            format!(
                r#"{{"error":{{"code":"bad_{KEY}","message":"key {KEY} and {KEY}!","param":"{KEY}","doc_url":"https://x/{KEY}","errors":[{{"code":"{KEY}","message":"m {KEY}","path":"p.{KEY}"}}]}}}}"#
            ),
        );
        let outcome = Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .stderr(
                "error: 400 bad_…7Qx2: key …7Qx2 and …7Qx2!\n  \
                 field: …7Qx2\n  \
                 field: p.…7Qx2: …7Qx2: m …7Qx2\n  \
                 request: …7Qx2, https://x/…7Qx2\n",
            )
            .exits(1);
        outcome
            .then(&["get", "/v3/x"])
            .stderr(concat!(
                r#"{"error":{"code":"bad_…7Qx2","message":"key …7Qx2 and …7Qx2!","param":"…7Qx2","errors":[{"code":"…7Qx2","message":"m …7Qx2","path":"p.…7Qx2"}],"doc_url":"https://x/…7Qx2","request_id":"…7Qx2","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}"#,
                "\n"
            ))
            .exits(1);
    }

    #[test]
    fn so_is_a_page_a_redirect_and_a_trace() {
        let page = Server::always(Reply::new(502, "text/html", format!("<title>{KEY}</title>")));
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&page)
            .stderr("error: 502 Bad Gateway; the answer is HTML (title \"…7Qx2\"), not JSON\nhint: this is HeyGen's gateway, not your request; see https://status.heygen.com\n")
            .exits(1);
        let redirect = Server::always(
            Reply::empty(302).header("Location", &format!("https://x/{KEY}?k={KEY}")),
        );
        Test::new(&["get", "/v3/x", "-vv", "--error-format", "text"])
            .server(&redirect)
            .stderr(
                "> GET [BASE]/v3/x\n\
                 > accept: application/json, */*;q=0.8\n\
                 > x-api-key: …7Qx2\n\
                 < 302 Found, [MS] ms\n\
                 < location: https://x/…7Qx2?…\n\
                 < content-length: 0\n\
                 error: 302 to https://x/…7Qx2?…; not followed, so that the key stays with the API\n",
            )
            .exits(1);
    }

    #[test]
    fn a_key_that_was_typed_into_the_query_is_masked_in_the_trace() {
        // The `=` of an old key does not stand in a URL as it is.
        for (key, masked) in [(KEY, "…7Qx2"), ("MDEyMzQ1Njc4OWFiY2RlZg==", "…Zg==")] {
            let server = Server::always(Reply::json(200, "1"));
            Test::new(&["get", "/v3/x", "-Q", &format!("key={key}"), "-v"])
                .key(key)
                .server(&server)
                .stdout("1\n")
                .stderr(&format!("> GET [BASE]/v3/x?key={masked}\n< 200 OK, [MS] ms\n"))
                .exits(0);
        }
    }

    #[test]
    fn data_is_never_altered() {
        let server = Server::always(Reply::json(200, &format!(r#"{{"data":"{KEY}"}}"#)));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .key_may_show()
            .stdout(&format!("\"{KEY}\"\n"))
            .exits(0);
    }

    #[test]
    fn a_key_among_the_arguments_is_not_repeated() {
        let stray = |arguments: &[&str], error: &str| {
            let server = Server::in_turn(vec![]);
            for key in [KEY, STRAY] {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| argument.replace("KEY", key)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let outcome = Test::new(&arguments)
                    .server(&server)
                    .secret(STRAY)
                    .env("HEYGEN_ERROR_FORMAT", "text")
                    .run();
                assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}");
                assert_eq!(outcome.stderr.lines().next(), Some(error), "{arguments:?}");
            }
            assert_eq!(server.connections(), 0);
        };
        stray(&["KEY"], "error: unrecognized subcommand '…'");
        stray(&["auth", "KEY"], "error: unrecognized subcommand '…'");
        stray(&["auth", "check", "KEY"], "error: unexpected argument '…' found");
        stray(&["auth", "check", "--key=KEY"], "error: unexpected argument '--key' found");
        stray(&["auth", "check", "--KEY"], "error: unexpected argument '…' found");
        stray(&["get", "KEY"], "error: the endpoint looks like an API key");
        stray(&["get", "/v3/x", "KEY"], "error: unexpected argument '…' found");
        stray(&["get", "/v3/x", "--nope=KEY"], "error: unexpected argument '--nope' found");
        stray(&["get", "/v3/x", "--KEY"], "error: unexpected argument '…' found");
        stray(&["get", "/v3/x", "-Q", "KEY"], "error: --query `…` has no `=`");
        stray(&["get", "/v3/x", "-o", "KEY"], "error: invalid value `…` for --output");
        stray(
            &["get", "/v3/x", "--timeout", "KEY"],
            "error: invalid value '…' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m",
        );
        stray(
            &["get", "/v3/x", "--color", "KEY"],
            "error: invalid value '…' for '--color <WHEN>' [possible values: auto, always, never]",
        );
        stray(
            &["get", "/v3/x", "--api-base", "KEY"],
            "error: --api-base is not a valid API address: it must begin with https:// or http://",
        );
        stray(
            &["completions", "KEY"],
            "error: invalid value '…' for '<SHELL>' [possible values: bash, zsh, fish, powershell, elvish]",
        );
    }

    #[test]
    fn a_key_in_another_variable_is_not_repeated() {
        for name in ["HEYGEN_OUTPUT", "HEYGEN_ERROR_FORMAT", "HEYGEN_ENVELOPE", "HEYGEN_API_BASE"] {
            let outcome = Test::new(&["get", "/v3/x"]).secret(STRAY).env(name, STRAY).run();
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{name}");
        }
    }

    #[test]
    fn a_short_key_is_masked_where_it_stands_alone() {
        let server = Server::always(Reply::json(
            400,
            r#"{"error":{"code":"x","message":"mock is no mockery"}}"#,
        ));
        Test::new(&["get", "/v3/x", "-v", "--error-format", "text"])
            .key("mock")
            .server(&server)
            .stderr(
                "> GET [BASE]/v3/x\n< 400 Bad Request, [MS] ms\n\
                 error: 400 x: … is no mockery\n",
            )
            .exits(1);
    }
}

mod terminals {
    use super::*;

    const ORDERS: &str = "a\\u001b[31mb\\nerror: fake\\r\u{9b}2J\u{202e}\u{7f}";

    #[test]
    fn texts_of_a_server_stay_on_their_line_and_order_nothing() {
        let body = format!(r#"{{"error":{{"code":"x","message":"{ORDERS}","param":"{ORDERS}"}}}}"#);
        let server = Server::always(Reply::json(400, &body).header("X-Request-Id", "r\u{9b}2J"));
        let safe = "a\\u{1b}[31mb error: fake \\u{9b}2J\\u{202e}\\u{7f}";
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .stderr(&format!(
                "error: 400 x: {safe}\n  field: {safe}\n  \
                 request: r\\u{{9b}}2J\n"
            ))
            .exits(1);
    }

    #[test]
    fn in_json_they_are_escaped_as_json_does_it() {
        let body = format!(r#"{{"error":{{"code":"x","message":"{ORDERS}"}}}}"#);
        let server = Server::always(Reply::json(400, &body));
        let expected = concat!(
            r#"{"error":{"code":"x","message":"a\u001b[31mb\nerror: fake\r\u009b2J\u202e\u007f","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}"#,
            "\n"
        );
        let outcome = Test::new(&["get", "/v3/x"]).server(&server).stderr(expected).exits(1);
        #[cfg(unix)]
        outcome
            .then(&["get", "/v3/x", "--error-format", "json"])
            .terminal(Stream::Stderr)
            .stderr(expected)
            .exits(1);
        #[cfg(not(unix))]
        drop(outcome);
    }

    #[test]
    fn a_title_and_a_header_order_nothing() {
        let server = Server::always(
            Reply::new(502, "text/html", "<title>a\u{1b}[31m\nb</title>")
                .header("X-Odd", "a\u{9b}b"),
        );
        Test::new(&["get", "/v3/x", "-vv", "--error-format", "text"])
            .server(&server)
            .stderr(
                "> GET [BASE]/v3/x\n\
                 > accept: application/json, */*;q=0.8\n\
                 > x-api-key: …7Qx2\n\
                 < 502 Bad Gateway, [MS] ms\n\
                 < content-type: text/html\n\
                 < x-odd: a\\u{9b}b\n\
                 < content-length: [MS]\n\
                 error: 502 Bad Gateway; the answer is HTML (title \"a\\u{1b}[31m b\"), not JSON\n\
                 hint: this is HeyGen's gateway, not your request; see https://status.heygen.com\n",
            )
            .exits(1);
    }

    #[test]
    fn arguments_order_nothing_either() {
        Test::new(&["get", "/v3/x", "-o", "a\u{1b}[31m", "--error-format", "text"])
            .stderr("error: invalid value `a\\u{1b}[31m` for --output\nhint: use json, compact, jsonl, table, csv or raw\n")
            .exits(2);
        Test::new(&["a\u{1b}[31m\nb", "--error-format", "text"])
            .stderr(
                "error: unrecognized subcommand 'a\\u{1b}[31m b'\n\
                 hint: the commands are auth, get, head, post, put, patch, delete, completions, man, help\n",
            )
            .exits(2);
    }
}

mod streams {
    use super::*;

    #[test]
    fn a_stdin_that_never_ends_is_not_read() {
        let server = Server::always(Reply::json(200, r#"{"data":1}"#));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let test = Test::new(&["get", "/v3/x"]).server(&server).stdin_from(reader).stdout("1\n");
        test.exits(0);
        drop(writer);
    }
}

#[test]
fn a_key_in_the_place_of_a_host_is_not_repeated() {
    for endpoint in [
        "https://sk_V2_hgu_0a1b2c3d4e5f/v3/videos",
        "sk_V2_hgu_0a1b2c3d4e5f@x/v3",
        "//sk_V2_hgu_0a1b2c3d4e5f/x",
    ] {
        let outcome = Test::new(&["get", endpoint]).run();
        assert_eq!(outcome.code, Some(2), "{endpoint}");
        assert!(!outcome.stderr.to_lowercase().contains("hgu_0a1b"), "{}", outcome.stderr);
    }
}

#[test]
fn a_trace_shows_no_signature_of_a_redirect() {
    let server = Server::always(
        Reply::empty(302).header("Location", "https://files.heygen.ai/x?sig=hush-hush"),
    );
    let outcome = Test::new(&["get", "/v3/x", "-vv"]).server(&server).secret("hush-hush").run();
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("< location: https://files.heygen.ai/x?…"),
        "{}",
        outcome.stderr
    );
}
