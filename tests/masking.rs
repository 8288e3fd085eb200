//! The key on stderr: masked in every form that a server can echo.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{KEY, Reply, Server, Test, str};

/// The key with every character in some form.
fn each(form: impl Fn(u8) -> String) -> String {
    KEY.bytes().map(form).collect()
}

/// The key with this between any two of its characters.
fn between_all(text: &str) -> String {
    KEY.chars().map(String::from).collect::<Vec<_>>().join(text)
}

/// Every form of the key, as it stands in the body of a response.
fn echoes() -> Vec<String> {
    vec![
        KEY.to_owned(),
        KEY.to_lowercase(),
        KEY.to_uppercase(),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("\\\\u{byte:04x}")),
        between_all("\\u200b"),
        between_all("\\u0000"),
        between_all("\\n"),
        KEY.replace('_', "&lowbar;"),
        STANDARD.encode(KEY),
    ]
}

#[test]
fn masks_echoes_in_error_messages() {
    let escaped = [each(|byte| format!("\\u{byte:04x}")), each(|byte| format!("\\u{byte:04X}"))];
    for echo in echoes().into_iter().chain(escaped) {
        let body = format!(r#"{{"error":{{"code":"unauthorized","message":"bad <{echo}>"}}}}"#);
        let server = Server::always(Reply::json(500, &body));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .stderr(
                "{\"error\":{\"code\":\"unauthorized\",\"message\":\"bad <…7Qx2>\",\"hint\":\"this is \
                 HeyGen's side, not your request; see https://status.heygen.com\",\"status\":500,\"request\":{\"method\":\"GET\",\"path\":\"/v3/x\"},\"attempts\":1}}\n",
            )
            .exits(1);
    }
}

#[test]
fn masks_echo_that_is_wrapped() {
    let (first, last) = KEY.split_at(12);
    let page = format!("<html><title>bad {first}\n  {last}</title>");
    let server = Server::always(Reply::new(404, "text/html", page));
    Test::new(&["get", "/v3/x"]).server(&server).stderr(str![[r#"
{"error":{"code":"not_found","message":"404 Not Found; the response is HTML (title \"bad …7Qx2\"), not JSON","hint":"is there a proxy or a sign-in page between you and HeyGen?","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]]).exits(1);
}

#[cfg(feature = "jq")]
#[test]
fn masks_escapes_in_filter_error_data() {
    let escaped = each(|byte| format!("\\u{byte:04x}"));
    let mixed = each(|byte| match byte {
        b'_' => "\\u005F".to_owned(),
        byte => char::from(byte).to_string(),
    });
    for echo in [escaped, mixed, KEY.to_owned()] {
        let server = Server::always(Reply::json(200, &format!(r#"{{"data":{{"k":"{echo}"}}}}"#)));
        Test::new(&["get", "/v3/x", "-q", ".k|error(\"no\")"])
            .server(&server)
            .stderr(
                "{\"error\":{\"code\":\"cli_filter_failed\",\"message\":\"--jq: no\",\
                 \"status\":200,\"data\":{\"k\":\"…7Qx2\"},\"request\":{\"method\":\
                 \"GET\",\"path\":\"/v3/x\"},\"attempts\":1}}\n",
            )
            .exits(5);
    }
}

#[cfg(feature = "jq")]
#[test]
fn masked_data_stays_json() {
    let digits = "12345678901234567890";
    let check = |key: &str, data: &str| {
        let server = Server::always(Reply::json(200, &format!(r#"{{"data":{data}}}"#)));
        let outcome = Test::new(&["get", "/v3/x", "-q", "error(\"no\")"])
            .server(&server)
            .env("HEYGEN_API_KEY", key)
            .run();
        let error: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("JSON");
        assert!(!outcome.stderr.contains(&key[..16]), "{data}: {}", outcome.stderr);
        let shown = error["error"]["data"].to_string();
        assert!(shown.contains('…'), "{data}: {}", outcome.stderr);
    };
    check(digits, digits);
    check(digits, &format!("{{\"n\":[{digits}]}}"));
    for backslashes in 0..6 {
        let escape = "\\".repeat(2 * backslashes);
        let first = format!("{escape}\\u0073");
        check(KEY, &format!("{{\"k\":\"{escape}{KEY}\"}}"));
        check(KEY, &format!("{{\"k\":\"{first}{}\"}}", &KEY[1..]));
    }
}

#[test]
fn masks_other_keys_in_request_ids() {
    let other = "sk_V2_hgu_fedcba9876543210ZVMn";
    let server = Server::always(
        Reply::json(400, r#"{"error":{"code":"c","message":"m"}}"#).header("x-request-id", other),
    );
    Test::new(&["get", "/v3/x"]).server(&server).stderr(str![[r#"
{"error":{"code":"c","message":"m","request_id":"…","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]]).exits(1);
}

#[test]
fn masks_basic_credentials() {
    for user in ["", "a", "ab", "abc"] {
        let basic = STANDARD.encode(format!("{user}:{KEY}"));
        let server =
            Server::always(Reply::json(200, "{}").header("x-echo", &format!("Basic {basic}")));
        let outcome = Test::new(&["-vv", "get", "/v3/x"]).server(&server).stdout("{}\n").run();
        assert!(outcome.stderr.contains("…7Qx2"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains(&basic[8..40]), "{}", outcome.stderr);
    }
}

#[test]
fn masks_keys_in_header_names() {
    let server = Server::always(Reply::json(200, "{}").header(&KEY.to_lowercase(), "1"));
    let outcome = Test::new(&["-vv", "get", "/v3/x"]).server(&server).stdout("{}\n").run();
    assert!(outcome.stderr.contains("< …7Qx2: 1\n"), "{}", outcome.stderr);
}

#[test]
fn masks_echo_as_the_id_of_a_job() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, &format!(r#"{{"data":{{"video_id":"{KEY}"}}}}"#)),
        _ => Reply::json(200, r#"{"data":{"status":"processing"}}"#),
    });
    Test::new(&["post", "/v3/videos", "--wait", "--timeout", "20ms", "--interval", "1ms"])
        .server(&server)
        .stdout("{\n  \"status\": \"processing\"\n}\n")
        .stderr(
            "{\"job\":{\"id\":\"…7Qx2\",\"kind\":\"video\",\"resume\":\"heygen wait …7Qx2\"}}\n\
             {\"error\":{\"code\":\"timeout\",\"message\":\"…7Qx2: not done after 20 ms\",\
             \"hint\":\"it was created: do not create it again\"}}\n",
        )
        .exits(4);
}

#[test]
fn error_bodies_of_include_are_masked() {
    let echo = format!(r#"{{"error":{{"code":"x","message":"bad {KEY}"}}}}"#);
    let server = Server::always(Reply::json(401, &echo));
    let outcome = Test::new(&["get", "/v3/videos", "-i"]).server(&server).run();
    assert_eq!(outcome.code, Some(3));
    assert!(
        outcome.stdout.ends_with("{\"error\":{\"code\":\"x\",\"message\":\"bad …7Qx2\"}}"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn previews_mask_every_part() {
    let server = Server::in_turn(vec![]);
    let check = |arguments: &[&str]| {
        let arguments = [arguments, &["--dry-run"]].concat();
        let outcome = Test::new(&arguments).server(&server).run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(outcome.stdout.contains("…7Qx2"), "{}", outcome.stdout);
    };
    let query = format!("k={KEY}");
    check(&["get", "/v3/videos", "-Q", &query]);
    check(&["get", "/v3/videos", "-H", &format!("{KEY}: 1")]);
}

/// A key that another one takes precedence over is a key all the same.
#[test]
fn previews_hide_keys_of_files() {
    const OTHER: &str = "Zq8vF3kLm2Nw9XyT7bRc4Hd6";
    let server = Server::in_turn(vec![]);
    let outcome = Test::new(&[
        "post",
        "/v3/videos",
        "-f",
        &format!("k={OTHER}"),
        "-H",
        &format!("A: {OTHER}"),
        "--dry-run",
    ])
    .file(".env", format!("HEYGEN_API_KEY={OTHER}\n"))
    .server(&server)
    .run();
    assert_eq!(outcome.code, Some(0));
    assert!(!outcome.stdout.contains(OTHER), "{}", outcome.stdout);
}

/// A key that another one takes precedence over, in a `.env` file and in the credentials file.
const STORED: [&str; 2] = ["Zq8vF3kLm2Nw9XyT7bRc4Hd6", "Pp3Ss5Dd7Ff9Gg2Hh4Jj6Kk8"];

/// A command beside two stored keys that it does not use.
fn beside_stored_keys<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(arguments)
        .server(server)
        .file(".env", format!("HEYGEN_API_KEY={}\n", STORED[0]))
        .home_file(".heygen/credentials", STORED[1])
}

#[test]
fn traces_heads_and_warnings_hide_stored_keys() {
    for key in STORED {
        let check = |arguments: &[&str], status: u16, body: &str| {
            let arguments: Vec<String> =
                arguments.iter().map(|argument| argument.replace("KEY", key)).collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let reply = Reply::json(status, &body.replace("KEY", key)).header("X-Echo", key);
            let server = Server::always(reply);
            let outcome = beside_stored_keys(&server, &arguments).run();
            let shown = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(shown.contains(&key[20..]), "{arguments:?} {shown}");
            assert!(!shown.contains(key), "{arguments:?} {shown}");
        };
        let video = r#"{"data":{"id":"v1"}}"#;
        check(&["get", "/v3/videos/KEY", "-v"], 200, video);
        check(&["get", "/v3/videos", "-v", "-Q", "a=KEY"], 200, video);
        check(&["post", "/v3/videos", "-vv", "-f", "a=KEY"], 200, video);
        check(&["get", "/v3/videos", "-vv", "-H", "X-A: KEY"], 200, video);
        check(&["get", "/v3/videos", "-i"], 200, video);
        check(&["head", "/v3/videos"], 200, "");
        check(&["get", "/v2/video/a.b-KEY"], 200, video);
        let error = r#"{"error":{"code":"c","message":"m","errors":[{"message":"KEY"}]}}"#;
        check(&["get", "/v3/videos"], 400, error);
        check(&["get", "/v3/videos", "-i"], 400, error);
    }
}

#[test]
fn stored_keys_are_refused_as_idempotency_keys() {
    let server = Server::in_turn(vec![]);
    for key in STORED {
        for more in [&[][..], &["--dry-run"]] {
            let arguments = [&["post", "/v3/videos", "--idempotency-key", key][..], more].concat();
            beside_stored_keys(&server, &arguments)
                .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--idempotency-key is your API key; nothing was sent","hint":"use any other text, such as the ID of an order"}}

"#]])
                .sends(&[])
                .exits(2);
        }
    }
}

/// The connection ends in the middle of the key.
#[test]
fn masks_encoded_keys_that_are_cut() {
    let forms = [
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte:02x}")),
        STANDARD.encode(KEY),
    ];
    for form in forms {
        let echo = &form[..form.len() - 1];
        let body = format!(r#"{{"data":{{"echo":"{echo}"#);
        let cut = Reply::json(201, &body).announcing(body.len() + 9).unfinished();
        let error = Reply::new(400, "text/plain", body);
        for reply in [cut, error] {
            let server = Server::always(reply);
            let arguments = ["post", "/v3/videos", "-vv", "-i", "--retry", "0"];
            let outcome = Test::new(&arguments).server(&server).run();
            let shown = format!("{}{}", outcome.stdout, outcome.stderr).replace("\\\\", "\\");
            assert!(shown.contains("…7Qx2"), "{shown}");
            assert!(!shown.contains(&echo[..echo.len() / 2]), "{shown}");
        }
    }
}

#[test]
fn every_text_of_an_error_hides_other_keys() {
    let other = "sk_V2_hgu_fedcba9876543210ZVMn";
    let body = format!(
        r#"{{"error":{{"code":"c","message":"m","param":"{other}","doc_url":"https://h/{other}","errors":[{{"code":"{other}","message":"{other}","path":"{other}"}}]}}}}"#
    );
    let server = Server::always(Reply::json(400, &body));
    let outcome = Test::new(&["get", "/v3/x"]).server(&server).run();
    assert_eq!(outcome.code, Some(1));
    assert!(!outcome.stderr.contains(other), "{}", outcome.stderr);
}

#[test]
fn masks_keys_in_media_types() {
    let media_type = format!("audio/{}", STANDARD.encode(KEY));
    let server = Server::always(Reply::new(200, &media_type, "\0\x01"));
    let outcome = Test::new(&["get", "/v3/x", "-o", "table", "-vv"]).server(&server).run();
    let shown = outcome.stderr.to_lowercase();
    assert!(!shown.contains(&STANDARD.encode(KEY).to_lowercase()[4..20]), "{shown}");
}

/// Cut at some length, half a key would be left.
#[test]
fn long_values_on_stdin_are_not_repeated() {
    let key = each(|byte| format!("{byte:02x}"));
    let stdin = format!("[[\"{}{key}\"]]", "a".repeat(1_950));
    let server = Server::in_turn(vec![]);
    Test::new(&["wait", "-"])
        .server(&server)
        .stdin(stdin)
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"`…` on stdin names no job","hint":"write one ID per line, such as v_5d1 or lipsync:ID"}}

"#]])
        .exits(2);
}

#[test]
fn previews_refuse_the_key_as_idempotency_key() {
    Test::new(&["post", "/v3/videos", "--idempotency-key", KEY, "--dry-run"])
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"--idempotency-key is your API key; nothing was sent","hint":"use any other text, such as the ID of an order"}}

"#]])
        .exits(2);
}

/// No key was looked for when these are reported.
#[test]
fn usage_errors_hide_keys_of_files() {
    const OTHER: &str = "Zq8vF3kLm2Nw9XyT7bRc4Hd6";
    let check = |arguments: &[&str]| {
        let arguments: Vec<String> =
            arguments.iter().map(|argument| argument.replace("KEY", OTHER)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome =
            Test::new(&arguments).no_key().file(".env", format!("HEYGEN_API_KEY={OTHER}\n")).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!outcome.stderr.contains(OTHER), "{arguments:?} {}", outcome.stderr);
    };
    check(&["get", "/v3/videos", "--ca-cert", "KEY"]);
    check(&["get", "/v3/videos", "--api-base", "http://KEY"]);
    check(&["get", "/v3/videos", "--retry", "KEY"]);
    check(&["post", "/v3/videos", "-d", "@KEY.json"]);
    check(&["post", "/v3/videos", "--form", "f=@./KEY"]);
    check(&["endpoints", "show", "GET", "/v3/KEY"]);
}

/// Anybody who may list the folder sees the names of files.
#[test]
fn keys_become_no_names_of_files() {
    let clips = format!(
        r#"{{"data":{{"id":"c","status":"completed","clips":[{{"id":"{KEY}","video_url":"https://files.heygen.ai/a.mp4"}}]}}}}"#
    );
    let server = Server::always(Reply::json(200, &clips));
    let outcome = Test::new(&["download", "clipping:c"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("the name of its file holds your API key"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.files().is_empty());
}

#[test]
fn keys_are_in_no_notes() {
    let server = Server::start(|request| match request.target.as_str() {
        "/v3/videos/v" => {
            let url = format!("http://{}/film", request.header("host").expect("a host"));
            Reply::json(
                200,
                &format!(r#"{{"data":{{"id":"v","status":"completed","video_url":"{url}"}}}}"#),
            )
        }
        _ => {
            let etag = format!("\"{KEY}\"");
            Reply::new(200, "video/mp4", "film").header("ETag", &etag).announcing(9).unfinished()
        }
    });
    let outcome = Test::new(&["download", "v", "--retry", "0"]).server(&server).run();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    // Without an ETag nothing can be gone on with.
    assert!(outcome.files().is_empty());
}

/// A link needs no key, and none is looked for: the stored one does not go to its host all the same.
#[test]
fn stored_keys_go_along_with_no_link() {
    const OTHER: &str = "Zq8vF3kLm2Nw9XyT7bRc4Hd6";
    let server = Server::in_turn(vec![]);
    let check = |arguments: &[&str], stdin: &str, needs_file: bool| {
        let test = Test::new(arguments).no_key().stdin(stdin).server(&server);
        let test = match needs_file {
            true => test.file("key", OTHER),
            false => test.file(".env", format!("HEYGEN_API_KEY={OTHER}\n")),
        };
        let outcome = test.run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!outcome.stderr.contains(OTHER), "{}", outcome.stderr);
        let given = if needs_file { "key" } else { ".env" };
        assert!(outcome.files().iter().all(|file| file == given), "{:?}", outcome.files());
    };
    let link = format!("{}/a.mp4?s={OTHER}", server.base());
    check(&["download", &link], "", false);
    check(&["download", "-"], &link, false);
    check(&["download", "-"], &format!("[\"{link}\"]"), false);
    check(&["download", &link, "--api-key-file", "key"], "", true);
    check(&["download", OTHER], "", false);
    check(&["wait", &format!("video:{OTHER}")], "", false);
    assert_eq!(server.connections(), 0);
}

#[test]
fn reports_on_the_key_mask_what_the_server_says() {
    let own = format!(r#"{{"data":{{"key_name":"{KEY}","scopes":["{KEY}"]}}}}"#);
    let me = format!(r#"{{"data":{{"username":"{KEY}","email":"{KEY}@example.com"}}}}"#);
    for arguments in
        [&["auth", "check"][..], &["auth", "check", "-o", "json"], &["auth", "check", "-q", "."]]
    {
        if arguments.contains(&"-q") && !cfg!(feature = "jq") {
            continue;
        }
        let server = Server::routes(&[
            ("GET /v3/api_keys/self", Reply::json(200, &own)),
            ("GET /v3/users/me", Reply::json(200, &me)),
        ]);
        let outcome = Test::new(arguments).server(&server).run();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(outcome.stdout.contains("…7Qx2@example.com"), "{}", outcome.stdout);
        assert!(!outcome.stdout.contains("kTESTkey"), "{}", outcome.stdout);
    }
}
