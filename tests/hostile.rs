//! Servers, repositories and arguments that attack the key or the terminal.

use crate::support::{Inline, KEY, Reply, Server, Stream, Test, str};

/// A key that the program does not use, in a place where a mistake puts it.
const STRAY: &str = "sk_V2_hgu_kSTRAYstraySTRAYstraySTRAYstray_1";

mod other_hosts {
    use super::*;

    #[test]
    fn no_redirect_is_followed() {
        for (status, expected) in [
            (
                301,
                str![[r#"
error: 301 redirect to [ELSEWHERE]/v3/x; not followed, so that the key stays with the API

"#]],
            ),
            (
                302,
                str![[r#"
error: 302 redirect to [ELSEWHERE]/v3/x; not followed, so that the key stays with the API

"#]],
            ),
            (
                303,
                str![[r#"
error: 303 redirect to [ELSEWHERE]/v3/x; not followed, so that the key stays with the API

"#]],
            ),
            (
                307,
                str![[r#"
error: 307 redirect to [ELSEWHERE]/v3/x; not followed, so that the key stays with the API

"#]],
            ),
            (
                308,
                str![[r#"
error: 308 redirect to [ELSEWHERE]/v3/x; not followed, so that the key stays with the API

"#]],
            ),
        ] {
            let elsewhere = Server::in_turn(vec![]);
            let location = format!("{}/v3/x", elsewhere.base());
            let server = Server::always(Reply::empty(status).header("Location", &location));
            Test::new(&["get", "/v3/x", "--error-format", "text"])
                .server(&server)
                .named("[ELSEWHERE]", &elsewhere.base())
                .stderr(expected)
                .sends(&["GET /v3/x"])
                .exits(1);
            assert_eq!(elsewhere.connections(), 0);
        }
    }

    #[test]
    fn no_redirect_to_the_api_itself() {
        let server =
            Server::routes(&[("GET /v3/x", Reply::empty(301).header("Location", "[BASE]/v3/y"))]);
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .stderr(str![[r#"
error: 301 redirect to [BASE]/v3/y; not followed, so that the key stays with the API

"#]])
            .sends(&["GET /v3/x"])
            .exits(1);
    }

    #[test]
    fn auth_check_follows_no_redirect() {
        let elsewhere = Server::in_turn(vec![]);
        let server = Server::always(
            Reply::empty(307).header("Location", &format!("{}/login?key=1", elsewhere.base())),
        );
        Test::new(&["auth", "check", "--error-format", "text"])
            .server(&server)
            .named("[ELSEWHERE]", &elsewhere.base())
            .stderr(str![[r#"
error: 307 redirect to [ELSEWHERE]/login?…; not followed, so that the key stays with the API

"#]])
            .sends(&["GET /v3/api_keys/self"])
            .exits(1);
        assert_eq!(elsewhere.connections(), 0);
    }

    /// Checks that no connection is made, not even to the API.
    #[track_caller]
    fn refuses(endpoint: &str, elsewhere: &Server, stderr: Inline) {
        let api = Server::in_turn(vec![]);
        Test::new(&["get", endpoint, "--error-format", "text"])
            .server(&api)
            .named("[ELSEWHERE]", &authority(elsewhere))
            .stderr(stderr)
            .exits(2);
        assert_eq!((api.connections(), elsewhere.connections()), (0, 0));
    }

    /// Host and port.
    fn authority(server: &Server) -> String {
        server.base().replace("http://", "")
    }

    #[test]
    fn endpoint_cannot_name_another_host() {
        let elsewhere = Server::in_turn(vec![]);
        let authority = authority(&elsewhere);
        let refuses = |endpoint: &str, stderr: Inline| refuses(endpoint, &elsewhere, stderr);
        refuses(
            &format!("http://{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to 127.0.0.1
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("//{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to [ELSEWHERE]
hint: if it is a file, fetch it without a key: `heygen download 'URL'`

"#]],
        );
        refuses(
            &format!("{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to [ELSEWHERE]
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("@{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to [ELSEWHERE]
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("user@{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to [ELSEWHERE]
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!(":x@{authority}/v3/x"),
            str![[r#"
error: refusing to send your key to [ELSEWHERE]
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            "https://example.com/v3/videos",
            str![[r#"
error: refusing to send your key to example.com
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            "HTTPS://EXAMPLE.COM/v3/videos",
            str![[r#"
error: refusing to send your key to example.com
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            "https://upload.heygen.com/v1/asset",
            str![[r#"
error: refusing to send your key to upload.heygen.com
hint: call that host with `--api-base https://upload.heygen.com`

"#]],
        );
        refuses(
            "api.heygen.com/v3/videos",
            str![[r#"
error: refusing to send your key to api.heygen.com
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("/\\{authority}/v3/x"),
            str![[r#"
error: the endpoint could be read as another host; refusing to send your key there
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("\\\\{authority}\\x"),
            str![[r#"
error: the endpoint could be read as another host; refusing to send your key there
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("https:\\\\{authority}/x"),
            str![[r#"
error: the endpoint could be read as another host; refusing to send your key there
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            &format!("https://user@{authority}/x"),
            str![[r#"
error: the endpoint could be read as another host; refusing to send your key there
hint: paths are called on [BASE]

"#]],
        );
        refuses(
            "file:///etc/passwd",
            str![[r#"
error: the endpoint could be read as another host; refusing to send your key there
hint: paths are called on [BASE]

"#]],
        );
    }

    #[test]
    fn other_port_or_scheme_is_foreign() {
        let api = Server::in_turn(vec![]);
        let elsewhere = Server::in_turn(vec![]);
        refuses(
            &format!("{}/v3/x", elsewhere.base()),
            &elsewhere,
            str![[r#"
error: refusing to send your key to 127.0.0.1
hint: paths are called on [BASE]

"#]],
        );
        let secure = api.base().replace("http://", "https://");
        Test::new(&["get", &format!("{secure}/v3/x"), "--error-format", "text"])
            .server(&api)
            .stderr(str![[r#"
error: refusing to send your key to 127.0.0.1
hint: paths are called on [BASE]

"#]])
            .exits(2);
        assert_eq!((api.connections(), elsewhere.connections()), (0, 0));
    }

    #[test]
    fn host_like_path_is_a_path() {
        let server = Server::always(Reply::json(200, "1"));
        for (endpoint, line) in [
            ("/v3/x?callback=https://example.com/a", "GET /v3/x?callback=https://example.com/a"),
            ("/@example.com/x", "GET /@example.com/x"),
            ("/:x@example.com", "GET /:x@example.com"),
            ("/.example.com/x", "GET /.example.com/x"),
            ("/%2F%2Fexample.com", "GET /%2F%2Fexample.com"),
            ("/%5Cexample.com", "GET /%5Cexample.com"),
        ] {
            Test::new(&["get", endpoint])
                .server(&server)
                .stdout(str![[r#"
1

"#]])
                .sends(&[line])
                .exits(0);
        }
    }

    #[test]
    fn no_proxy_for_loopback() {
        let proxy = Server::in_turn(vec![]);
        for name in
            ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        {
            let server = Server::always(Reply::json(200, "1"));
            Test::new(&["get", "/v3/x"])
                .server(&server)
                .env(name, &proxy.base())
                .stdout(str![[r#"
1

"#]])
                .sends(&["GET /v3/x"])
                .exits(0);
            let localhost = server.base().replace("127.0.0.1", "localhost");
            Test::new(&["get", "/v3/x", "--api-base", &localhost])
                .env(name, &proxy.base())
                .stdout(str![[r#"
1

"#]])
                .exits(0);
        }
        assert_eq!(proxy.connections(), 0);
    }

    #[test]
    fn rejects_http_to_other_hosts() {
        let refused = |base: &str, stderr: Inline| {
            Test::new(&["get", "/v3/x", "--api-base", base, "--error-format", "text"])
                .stderr(stderr)
                .exits(2);
        };
        refused(
            "http://api.heygen.com",
            str![[r#"
error: refusing to send your key to api.heygen.com in the clear (http://)
hint: use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own

"#]],
        );
        refused(
            "http://127.0.0.1.nip.io",
            str![[r#"
error: refusing to send your key to 127.0.0.1.nip.io in the clear (http://)
hint: use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own

"#]],
        );
        refused(
            "http://0.0.0.0",
            str![[r#"
error: refusing to send your key to 0.0.0.0 in the clear (http://)
hint: use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own

"#]],
        );
    }
}

mod repositories {
    use super::*;

    #[test]
    fn env_file_sets_nothing_but_key() {
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
            .stdout(str![[r#"
1

"#]])
            .exits(0);
        assert_eq!(outcome.requests[0].headers_named("x-api-key"), [KEY]);
        let outcome = outcome
            .then(&["get", "/v3/x"])
            .no_key()
            .stdout(str![[r#"
1

"#]])
            .exits(0);
        assert_eq!(outcome.requests[0].headers_named("x-api-key"), [STRAY]);
        assert_eq!(elsewhere.connections(), 0);
    }

    #[test]
    fn get_writes_no_file() {
        let api = Server::always(Reply::json(200, r#"{"data":1}"#));
        let outcome = Test::new(&["get", "/v3/x"])
            .server(&api)
            .stdout(str![[r#"
1

"#]])
            .exits(0);
        assert_eq!((outcome.files(), outcome.home_files()), (vec![], vec![]));
    }
}

mod the_key_in_texts {
    use super::*;

    #[test]
    fn echoed_key_is_masked_on_stderr() {
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
            .stderr(str![[r#"
error: 400 bad_…7Qx2: key …7Qx2 and …7Qx2!
  field: …7Qx2
  field: p.…7Qx2: …7Qx2: m …7Qx2
  request: …7Qx2, https://x/…7Qx2

"#]])
            .exits(1);
        outcome
            .then(&["get", "/v3/x"])
            .stderr(str![[r#"
{"error":{"code":"bad_…7Qx2","message":"key …7Qx2 and …7Qx2!","param":"…7Qx2","errors":[{"code":"…7Qx2","message":"m …7Qx2","path":"p.…7Qx2"}],"doc_url":"https://x/…7Qx2","request_id":"…7Qx2","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
            .exits(1);
    }

    #[test]
    fn key_in_html_redirect_trace_masked() {
        let page = Server::always(Reply::new(502, "text/html", format!("<title>{KEY}</title>")));
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&page)
            .stderr(str![[r#"
error: 502 Bad Gateway; the response is HTML (title "…7Qx2"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com

"#]])
            .exits(1);
        let redirect = Server::always(
            Reply::empty(302).header("Location", &format!("https://x/{KEY}?k={KEY}")),
        );
        Test::new(&["get", "/v3/x", "-vv", "--error-format", "text"])
            .server(&redirect)
            .stderr(str![[r#"
> GET [BASE]/v3/x
> accept: application/json, */*;q=0.8
> x-api-key: …7Qx2
< 302 Found, [MS] ms
< location: https://x/…7Qx2?…
< content-length: 0
error: 302 redirect to https://x/…7Qx2?…; not followed, so that the key stays with the API

"#]])
            .exits(1);
    }

    #[test]
    fn key_in_query_is_masked() {
        // The `=` of an old key does not stand in a URL as it is.
        for (key, masked) in [
            (
                KEY,
                str![[r#"
> GET [BASE]/v3/x?key=…7Qx2
< 200 OK, [MS] ms

"#]],
            ),
            (
                "MDEyMzQ1Njc4OWFiY2RlZg==",
                str![[r#"
> GET [BASE]/v3/x?key=…Zg==
< 200 OK, [MS] ms

"#]],
            ),
        ] {
            let server = Server::always(Reply::json(200, "1"));
            Test::new(&["get", "/v3/x", "-Q", &format!("key={key}"), "-v"])
                .key(key)
                .server(&server)
                .stdout(str![[r#"
1

"#]])
                .stderr(masked)
                .exits(0);
        }
    }

    #[test]
    fn key_in_data_is_not_masked() {
        let server = Server::always(Reply::json(200, &format!(r#"{{"data":"{KEY}"}}"#)));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .key_may_show()
            .stdout(format!("\"{KEY}\"\n"))
            .exits(0);
    }

    #[test]
    fn key_in_arguments_is_not_repeated() {
        let stray = |arguments: &[&str], stderr: Inline| {
            let server = Server::in_turn(vec![]);
            for key in [KEY, STRAY] {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| argument.replace("KEY", key)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                Test::new(&arguments)
                    .server(&server)
                    .secret(STRAY)
                    .env("HEYGEN_ERROR_FORMAT", "text")
                    .stderr(stderr.clone())
                    .exits(2);
            }
            assert_eq!(server.connections(), 0);
        };
        stray(
            &["KEY"],
            str![[r#"
error: unrecognized subcommand '…'
hint: a key is never an argument: others would see it; it comes from HEYGEN_API_KEY, a .env file or `heygen auth login`

"#]],
        );
        stray(
            &["auth", "KEY"],
            str![[r#"
error: unrecognized subcommand '…'
hint: a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin

"#]],
        );
        stray(
            &["auth", "check", "KEY"],
            str![[r#"
error: unexpected argument '…' found
hint: a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin

"#]],
        );
        stray(
            &["auth", "check", "--key=KEY"],
            str![[r#"
error: unexpected argument '--key' found
hint: a key is never an argument: others would see it; it comes from HEYGEN_API_KEY, a .env file or `heygen auth login`

"#]],
        );
        stray(
            &["auth", "check", "--KEY"],
            str![[r#"
error: unexpected argument '…' found
hint: a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin

"#]],
        );
        stray(
            &["get", "KEY"],
            str![[r#"
error: the endpoint looks like an API key
hint: an endpoint looks like /v3/videos; a key is never an argument

"#]],
        );
        stray(
            &["get", "/v3/x", "KEY"],
            str![[r#"
error: unexpected argument '…' found
hint: a key is never an argument: others would see it; it comes from HEYGEN_API_KEY, a .env file or `heygen auth login`

"#]],
        );
        stray(
            &["get", "/v3/x", "--nope=KEY"],
            str![[r#"
error: unexpected argument '--nope' found
hint: usage: heygen get <ENDPOINT>

"#]],
        );
        stray(
            &["get", "/v3/x", "--KEY"],
            str![[r#"
error: unexpected argument '…' found
hint: a key is never an argument: others would see it; it comes from HEYGEN_API_KEY, a .env file or `heygen auth login`

"#]],
        );
        stray(
            &["get", "/v3/x", "-Q", "KEY"],
            str![[r#"
error: --query `…` has no `=`
hint: write it like `-Q limit=5`

"#]],
        );
        stray(
            &["get", "/v3/x", "-o", "KEY"],
            str![[r#"
error: invalid value `…` for --output
hint: use json, compact, jsonl, table, csv or raw

"#]],
        );
        stray(
            &["get", "/v3/x", "--timeout", "KEY"],
            str![[r#"
error: invalid value '…' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m

"#]],
        );
        stray(
            &["get", "/v3/x", "--color", "KEY"],
            str![[r#"
error: invalid value '…' for '--color <WHEN>' [possible values: auto, always, never]

"#]],
        );
        stray(
            &["get", "/v3/x", "--api-base", "KEY"],
            str![[r#"
error: --api-base is not a valid API address: it must begin with https:// or http://
hint: an address looks like https://api.heygen.com

"#]],
        );
        stray(
            &["completions", "KEY"],
            str![[r#"
error: invalid value '…' for '<SHELL>' [possible values: bash, zsh, fish, powershell, elvish]

"#]],
        );
    }

    #[test]
    fn key_in_variable_is_not_repeated() {
        for name in ["HEYGEN_OUTPUT", "HEYGEN_ERROR_FORMAT", "HEYGEN_ENVELOPE", "HEYGEN_API_BASE"] {
            let outcome = Test::new(&["get", "/v3/x"]).secret(STRAY).env(name, STRAY).run();
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{name}");
        }
    }

    #[test]
    fn short_key_is_masked_as_word() {
        let server = Server::always(Reply::json(
            400,
            r#"{"error":{"code":"x","message":"demo is no demography"}}"#,
        ));
        Test::new(&["get", "/v3/x", "-v", "--error-format", "text"])
            .key("demo")
            .server(&server)
            .stderr(str![[r#"
> GET [BASE]/v3/x
< 400 Bad Request, [MS] ms
error: 400 x: … is no demography

"#]])
            .exits(1);
    }
}

mod terminals {
    use super::*;

    const ORDERS: &str = "a\\u001b[31mb\\nerror: fake\\r\u{9b}2J\u{202e}\u{7f}";

    #[test]
    fn server_messages_are_escaped() {
        let body = format!(r#"{{"error":{{"code":"x","message":"{ORDERS}","param":"{ORDERS}"}}}}"#);
        let server = Server::always(Reply::json(400, &body).header("X-Request-Id", "r\u{9b}2J"));
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .server(&server)
            .stderr(str![[r#"
error: 400 x: a\u{1b}[31mb error: fake \u{9b}2J\u{202e}\u{7f}
  field: a\u{1b}[31mb error: fake \u{9b}2J\u{202e}\u{7f}
  request: r\u{9b}2J

"#]])
            .exits(1);
    }

    #[test]
    fn json_errors_use_json_escapes() {
        let body = format!(r#"{{"error":{{"code":"x","message":"{ORDERS}"}}}}"#);
        let server = Server::always(Reply::json(400, &body));
        let expected = || {
            str![[r#"
{"error":{"code":"x","message":"a\u001b[31mb\nerror: fake\r\u009b2J\u202e\u007f","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]]
        };
        let outcome = Test::new(&["get", "/v3/x"]).server(&server).stderr(expected()).exits(1);
        #[cfg(unix)]
        outcome
            .then(&["get", "/v3/x", "--error-format", "json"])
            .terminal(Stream::Stderr)
            .stderr(expected())
            .exits(1);
        #[cfg(not(unix))]
        drop(outcome);
    }

    #[test]
    fn html_title_and_header_are_escaped() {
        let server = Server::always(
            Reply::new(502, "text/html", "<title>a\u{1b}[31m\nb</title>")
                .header("X-Odd", "a\u{9b}b"),
        );
        Test::new(&["get", "/v3/x", "-vv", "--error-format", "text"])
            .server(&server)
            .stderr(str![[r#"
> GET [BASE]/v3/x
> accept: application/json, */*;q=0.8
> x-api-key: …7Qx2
< 502 Bad Gateway, [MS] ms
< content-type: text/html
< x-odd: a\u{9b}b
< content-length: [MS]
< <title>a\u{1b}[31m
< b</title>
error: 502 Bad Gateway; the response is HTML (title "a\u{1b}[31m b"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com

"#]])
            .exits(1);
    }

    #[test]
    fn arguments_are_escaped_in_errors() {
        Test::new(&["get", "/v3/x", "-o", "a\u{1b}[31m", "--error-format", "text"])
            .stderr(str![[r#"
error: invalid value `a\u{1b}[31m` for --output
hint: use json, compact, jsonl, table, csv or raw

"#]])
            .exits(2);
        Test::new(&["a\u{1b}[31m\nb", "--error-format", "text"])
            .stderr(str![[r#"
error: unrecognized subcommand 'a\u{1b}[31m b'
hint: the commands are auth, get, head, post, put, patch, delete, wait, download, endpoints, mock, completions, man, help; `heygen --help` lists the nouns

"#]])
            .exits(2);
    }
}

mod streams {
    use super::*;

    /// Node and ssh leave the pipes and terminals that they share in that mode.
    #[cfg(unix)]
    #[test]
    fn full_pipe_in_the_non_blocking_mode_is_waited_for() {
        use std::io::Read as _;

        let text = format!("{{\"data\":\"{}\"}}", "x".repeat(300_000));
        let server = Server::always(Reply::json(200, &text));
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        rustix::io::ioctl_fionbio(&writer, true).expect("a mode");
        let running =
            Test::new(&["get", "/v3/x", "-o", "raw"]).server(&server).stdout_to(writer).start();
        server.wait_for_requests(1);
        let mut came = Vec::new();
        reader.read_to_end(&mut came).expect("bytes");
        running.exits(0);
        assert_eq!(came, text.as_bytes());
    }

    #[test]
    fn endless_stdin_is_not_read() {
        let server = Server::always(Reply::json(200, r#"{"data":1}"#));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let test =
            Test::new(&["get", "/v3/x"]).server(&server).stdin_from(reader).stdout(str![[r#"
1

"#]]);
        test.exits(0);
        drop(writer);
    }
}

#[test]
fn key_as_host_is_not_repeated() {
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
fn trace_hides_signature_of_redirect() {
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
