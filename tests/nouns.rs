//! Commands by noun and verb: what they send, what they refuse, and how they explain themselves.

use crate::support::{Reply, Server, Stream, Test, at_once, str};

/// The operations with a command: its words, and the line below `Examples:` of its help.
fn examples() -> Vec<(String, String)> {
    let listing = Test::new(&["endpoints", "-o", "jsonl"]).no_key().run().stdout;
    let commands: Vec<String> = listing
        .lines()
        .filter_map(|line| {
            let operation: serde_json::Value = serde_json::from_str(line).expect("JSON");
            operation["command"].as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(commands.len(), 140);
    let example = |command: String| {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = Test::new(&words).no_key().run().stdout;
        let lines = help.lines().skip(1).take_while(|line| line.starts_with("  "));
        // As somebody would copy it.
        (command, lines.collect::<Vec<&str>>().join("\n"))
    };
    commands.into_iter().map(example).collect()
}

#[cfg(unix)]
#[test]
fn every_example_matches_its_operation() {
    let program = assert_cmd::cargo::cargo_bin!("heygen").display().to_string();
    at_once(examples(), |(command, example)| {
        assert!(example.starts_with(&format!("  heygen {command}")), "{command}: {example}");
        let script = format!("{example} --validate").replacen("heygen", &program, 1);
        Test::program("sh", &["-c", &script])
            .no_key()
            .file("portrait.png", b"\x89PNG\r\n\x1a\n")
            .exits(0);
    });
}

/// The request that a command line would send, without what differs from run to run.
fn request(arguments: &[&str]) -> String {
    let arguments = [arguments, &["--dry-run", "--idempotency-key", "k"]].concat();
    Test::new(&arguments).no_key().run().stdout
}

#[test]
fn nouns_send_what_paths_send() {
    let check = |noun: &[&str], path: &[&str]| {
        let (noun, path) = (request(noun), request(path));
        assert!(noun.contains(" https://api.heygen.com/v3/"), "{noun}");
        assert_eq!(noun, path);
    };
    check(
        &["video", "create", "--type", "avatar", "--avatar-id", "A", "--script", "Hi"],
        &["post", "/v3/videos", "-f", "type=avatar", "-f", "avatar_id=A", "-f", "script=Hi"],
    );
    check(
        &["lipsync", "create", "--video", "https://e.test/v.mp4", "--audio", "asset_id:a1"],
        &[
            "post",
            "/v3/lipsyncs",
            "-d",
            r#"{"audio":{"type":"asset_id","asset_id":"a1"},"video":{"type":"url","url":"https://e.test/v.mp4"}}"#,
        ],
    );
    check(
        &["lipsync", "update", "a/b c", "--title", "T"],
        &["patch", "/v3/lipsyncs/a%2Fb%20c", "-f", "title=T"],
    );
}

#[test]
fn flags_take_precedence_over_the_body() {
    let check = |arguments: &[&str], body: &str| {
        let mut test = Test::new(&[arguments, &["--as", "curl"]].concat()).no_key();
        test = test.file("body.json", r#"{"type":"avatar","title":"A","n":1.50}"#);
        let shown = test.run().stdout;
        assert!(shown.contains(&format!("--data-raw '{body}'")), "{shown}");
    };
    let merged = r#"{"type":"avatar","title":"B","n":1.50}"#;
    check(&["video", "create", "-d", "body.json", "--title", "B"], merged);
    check(&["video", "create", "-d", "@body.json", "--title=B"], merged);
    check(
        &["video", "create", "-d", r#"{"type":"avatar","title":"A","n":1.50}"#, "--title", "B"],
        merged,
    );
}

#[test]
fn calls_by_noun() {
    let server = Server::routes(&[
        (
            "GET /v3/videos?limit=2&title=a%26b",
            Reply::json(
                200,
                r#"{"data":[{"id":"v1","title":"T","status":"completed"}],"has_more":false,"next_token":null}"#,
            ),
        ),
        ("DELETE /v3/videos/v1", Reply::json(200, r#"{"data":{"id":"v1","deleted":true}}"#)),
    ]);
    let list = ["video", "list", "--limit", "2", "--title", "a&b"];
    Test::new(&[&list[..], &["-o", "csv", "-c", "id,title"]].concat())
        .server(&server)
        .stdout("id,title\nv1,T\n")
        .exits(0);
    Test::new(&[&list[..], &["-o", "compact"]].concat())
        .server(&server)
        .env("HEYGEN_ENVELOPE", "1")
        .stdout("{\"data\":[{\"id\":\"v1\",\"title\":\"T\",\"status\":\"completed\"}],\"has_more\":false,\"next_token\":null}\n")
        .exits(0);
    for flag in ["--force", "-y", "--yes"] {
        Test::new(&["video", "delete", "v1", flag, "-o", "compact"])
            .server(&server)
            .stdout("{\"id\":\"v1\",\"deleted\":true}\n")
            .exits(0);
    }
}

#[test]
fn removing_needs_a_yes() {
    let nowhere = || Server::start(|_| panic!("nothing is to be sent"));
    let server = nowhere();
    let check = |arguments: &[&str], what: &str| {
        Test::new(arguments)
            .server(&server)
            .stderr(format!("{{\"error\":{{\"code\":\"confirmation_required\",\"message\":\"`{what}` needs --force where nobody can be asked; nothing was sent\"}}}}\n"))
            .exits(2);
    };
    check(&["video", "delete", "v1"], "delete v1");
    check(&["webhook", "endpoints", "rotate-secret", "e1"], "webhook endpoints rotate-secret e1");
    Test::new(&["video", "delete", "v1", "--dry-run"])
        .server(&server)
        .stdout(format!(
            "DELETE {}/v3/videos/v1\nX-Api-Key: …7Qx2 (HEYGEN_API_KEY)\n",
            server.base()
        ))
        .exits(0);
}

#[cfg(unix)]
#[test]
fn terminal_asks_before_removing() {
    let check = |answer: &str, code: i32, sent: &[&str], stdout: &str, stderr: &str| {
        let server = Server::start(|_| Reply::json(200, r#"{"data":{"id":"v1","deleted":true}}"#));
        Test::new(&["video", "delete", "v1", "-o", "compact"])
            .server(&server)
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .type_in_after("[y/N] ", answer)
            .stdout(stdout)
            .stderr(format!("delete v1? [y/N] {stderr}"))
            .sends(sent)
            .exits(code);
    };
    check("y\n", 0, &["DELETE /v3/videos/v1"], "{\"id\":\"v1\",\"deleted\":true}\n", "");
    check("\n", 2, &[], "", "error: `delete v1` was not confirmed; nothing was sent\n");
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let server = Server::start(|_| panic!("nothing is to be sent"));
    let check = |arguments: &[&str], stderr: &str| {
        Test::new(arguments)
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(stderr)
            .exits(2);
    };
    check(
        &["video", "list", "--limit", "500"],
        "error: --limit: 500 must be at most 100\nhint: `-Q limit=500` sends it all the same\n",
    );
    check(
        &["video", "create", "--type", "avatar", "--avatar-id", "A", "--resolution", "8k"],
        "error: --resolution: \"8k\" is not one of 4k, 1080p, 720p\n\
         hint: `-f resolution=8k` sends it all the same\n",
    );
    check(
        &["lipsync", "create", "--video", "v.mp4"],
        "error: --video: it is not JSON\n\
         hint: write an https:// URL, asset_id:ID, JSON, or @FILE with JSON\n",
    );
    check(
        &["lipsync", "create", "--enable-caption=perhaps"],
        "error: --enable-caption: \"perhaps\" is not true or false\n\
         hint: `-f enable_caption=perhaps` sends it all the same\n",
    );
    check(
        &["lipsync", "update", "l1"],
        "error: `lipsync update` needs --title\n\
         hint: write it like `heygen lipsync update LIPSYNC_ID --title TITLE`\n",
    );
    check(
        &["video", "get", ""],
        "error: <VIDEO_ID> of `video get` is empty\nhint: is a shell variable unset?\n",
    );
    check(
        &["video", "get", ".."],
        "error: <VIDEO_ID> of `video get` is `..`\nhint: is a shell variable unset?\n",
    );
    check(
        &["video", "get"],
        "error: missing argument: <VIDEO_ID>\nhint: write it like `heygen video get VIDEO_ID`\n",
    );
    check(
        &["voice", "list", "--languag", "English"],
        "error: unexpected argument '--languag' found\n\
         hint: a similar argument exists: '--language'\n",
    );
    check(
        &["vidoe", "list"],
        "error: unrecognized subcommand 'vidoe'\nhint: did you mean `heygen video`?\n",
    );
    check(
        &["video", "lst"],
        "error: unrecognized subcommand 'lst'\nhint: a similar subcommand exists: 'list'\n",
    );
}

/// `--script $TEXT --dry-run` with an empty variable must not become a paid call.
#[test]
fn flag_is_no_text_of_a_field() {
    let server = Server::start(|_| panic!("nothing is to be sent"));
    let check = |before: &[&str], flag: &str, stderr: &str| {
        Test::new(before)
            .args(&[flag])
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(format!("error: invalid value '{flag}' for {stderr}"))
            .exits(2);
    };
    for flag in
        ["--dry-run", "-n", "--help", "--color=never", "-v", "-nv", "-ojson", "--dryrun", "--"]
    {
        check(
            &["video-agent", "create", "--prompt"],
            flag,
            &format!(
                "'--prompt <TEXT>': it is a flag, and the value is missing; \
                 `-f prompt={flag}` sends it all the same\n"
            ),
        );
    }
    check(
        &["video", "list", "--title"],
        "--all",
        "'--title <TEXT>': it is a flag, and the value is missing; \
         `-Q title=--all` sends it all the same\n",
    );
    let shown = request(&["video-agent", "create", "--prompt", "- no flag"]);
    assert!(shown.ends_with("{\n  \"prompt\": \"- no flag\"\n}\n"), "{shown}");
    let shown = request(&["video-agent", "create", "-f", "prompt=--dry-run"]);
    assert!(shown.ends_with("{\n  \"prompt\": \"--dry-run\"\n}\n"), "{shown}");
}

#[test]
fn newer_values_are_sent_all_the_same() {
    let shown = request(&["video", "list", "-Q", "limit=500"]);
    assert!(shown.starts_with("GET https://api.heygen.com/v3/videos?limit=500\n"), "{shown}");
    let shown = request(&[
        "video",
        "create",
        "--type",
        "avatar",
        "-f",
        "avatar_id=A",
        "-f",
        "resolution=8k",
    ]);
    assert!(shown.contains("\"resolution\": \"8k\""), "{shown}");
}

#[test]
fn schemas_need_neither_ids_nor_key() {
    let schema = |arguments: &[&str]| -> serde_json::Value {
        let stdout = Test::new(arguments).no_key().run().stdout;
        serde_json::from_str(&stdout).expect("JSON")
    };
    let own = schema(&["video", "get", "--response-schema"]);
    assert_eq!(own, schema(&["endpoints", "show", "video", "get", "--response-schema"]));
    let own = schema(&["lipsync", "create", "--request-schema"]);
    assert_eq!(own, schema(&["endpoints", "show", "lipsync", "create", "--request-schema"]));
}

#[test]
fn pages_that_break_off_name_the_flag() {
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[{"id":"v1"}],"has_more":true,"next_token":"t2"}"#),
        Reply::json(400, r#"{"error":{"code":"invalid_parameter","message":"Bad token."}}"#),
    ]);
    let stderr = Test::new(&["video", "list", "--all", "-o", "jsonl"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout("{\"id\":\"v1\"}\n")
        .says(1);
    assert!(stderr.contains("hint: to go on: add `--token t2`\n"), "{stderr}");
}

#[test]
fn rejections_name_the_help_of_the_command() {
    let server = Server::always(Reply::json(
        400,
        r#"{"error":{"code":"invalid_parameter","message":"Bad title.","param":"title"}}"#,
    ));
    Test::new(&["lipsync", "update", "l1", "--title", ""])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 400 invalid_parameter: Bad title.
  field: title
hint: `heygen lipsync update --help` lists the flags

"#]])
        .exits(1);
    Test::new(&[
        "lipsync",
        "create",
        "-f",
        "mode=x",
        "-f",
        "video=v",
        "-f",
        "audio=a",
        "--validate",
    ])
    .no_key()
    .env("HEYGEN_ERROR_FORMAT", "text")
    .stderr(str![[r#"
error: the body does not match POST /v3/lipsyncs; nothing was sent
  mode: "x" is not one of speed, precision
  video: "v" is not an object
  audio: "a" is not an object
hint: `-F NAME=VALUE` sends numbers, true and false; `-f` sends strings
hint: `heygen lipsync create --help` lists the flags

"#]])
    .exits(2);
}

#[test]
fn files_of_a_noun_are_fetched() {
    let server = Server::start(|request| match request.target.as_str() {
        "/v3/lipsyncs/l1" => Reply::json(
            200,
            r#"{"data":{"id":"l1","status":"completed","video_url":"[BASE]/f/l1.mp4"}}"#,
        ),
        _ => Reply::new(200, "video/mp4", "film"),
    });
    Test::new(&["lipsync", "download", "l1"]).server(&server).stdout("./l1.mp4\n").exits(0);
    Test::new(&["lipsync", "download", "l1", "--asset", "video", "--output-path", "a.mp4"])
        .server(&server)
        .env("HEYGEN_ENVELOPE", "1")
        .stdout("{\"path\":\"a.mp4\",\"bytes\":4,\"id\":\"l1\"}\n")
        .exits(0);
}

#[test]
fn help_lists_what_can_be_done() {
    Test::new(&["video"])
        .no_key()
        .stdout(str![[r#"
Examples:
  heygen video create --help

Commands of video

Usage: heygen video <COMMAND>

Commands:
  create    Create a video
  list      List videos
  batches   create, get
  statuses  Get the status of several videos
  get       Get a video
  delete    Delete a video
  scenes    List the scenes of a video
  download  Fetch the files of what is finished

"#]])
        .exits(0);
    Test::new(&["help", "voice", "list"])
        .no_key()
        .stdout(str![[r#"
Examples:
  heygen voice list --all

List voices

Usage: heygen voice list [OPTIONS]

Optional:
      --type <TEXT>      public, private; default public
      --engine <TEXT>    text
      --language <TEXT>  text
      --gender <TEXT>    text
      --limit <N>        items per page: integer, 1-100, default 20
      --token <TEXT>     token of the page to begin with, from the one before

Call:
  -n, --dry-run          Show the request, and send nothing
  -o, --output <FORMAT>  json, compact, jsonl, table, csv or raw
  -q, --jq <FILTER>      Filter the data with jq
      --all              Fetch all pages
  -E, --envelope         Print the whole response, not only its data
      --response-schema  Print the JSON Schema of the response

All flags of a call work too: `heygen help get`. It calls GET /v3/voices.

"#]])
        .exits(0);
}
