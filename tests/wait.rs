//! `wait`, and `--wait` on a create: jobs until their end.

use std::time::Duration;

use crate::support::{Expectation, Inline, KEY, Reply, Server, Stream, Test, str};

const CREATED: &str = r#"{"data":{"video_id":"v_5d1","status":"waiting"}}"#;

const CREATE: [&str; 7] =
    ["post", "/v3/videos", "-d", r#"{"type":"avatar"}"#, "--wait", "--interval", "1ms"];

/// The response to the poll of a video.
fn video(id: &str, status: &str) -> Reply {
    let url = match status {
        "completed" => r#""https://files.example/v.mp4?s=1""#,
        _ => "null",
    };
    Reply::json(
        200,
        &format!(r#"{{"data":{{"id":"{id}","status":"{status}","video_url":{url}}}}}"#),
    )
}

fn not_found() -> Reply {
    Reply::json(404, r#"{"error":{"code":"video_not_found","message":"Video not found."}}"#)
}

/// `heygen wait …` with short pauses and errors as text.
fn wait<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["wait", "--interval", "1ms"], arguments].concat())
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

#[test]
fn create_is_waited_for() {
    let server = Server::in_turn(vec![
        Reply::json(200, CREATED),
        video("v_5d1", "pending"),
        video("v_5d1", "processing"),
        video("v_5d1", "completed"),
    ]);
    Test::new(&[&CREATE[..], &["-o", "compact"]].concat())
        .server(&server)
        .stdout("{\"id\":\"v_5d1\",\"status\":\"completed\",\"video_url\":\"https://files.example/v.mp4?s=1\"}\n")
        .stderr("{\"job\":{\"id\":\"v_5d1\",\"kind\":\"video\",\"resume\":\"heygen wait v_5d1\"}}\n")
        .sends(&[
            "POST /v3/videos",
            "GET /v3/videos/v_5d1",
            "GET /v3/videos/v_5d1",
            "GET /v3/videos/v_5d1",
        ])
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn failed_job_shows_its_object() {
    let failed = r#"{"data":{"id":"v_5d1","status":"failed","failure_code":"script_too_short","failure_message":"Too short."}}"#;
    let server = Server::in_turn(vec![Reply::json(200, CREATED), Reply::json(200, failed)]);
    Test::new(&[&CREATE[..], &["-q", ".status"]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout("failed\n")
        .stderr(str![[r#"
video v_5d1 created; to resume: heygen wait v_5d1
error: v_5d1: failed: script_too_short: Too short.

"#]])
        .exits(1);
}

#[cfg(feature = "jq")]
#[test]
fn polls_that_fail_do_not_end_a_wait() {
    let server = Server::in_turn(vec![
        Reply::json(200, CREATED),
        not_found(),
        Reply::new(502, "text/html", "<html><title>502</title></html>"),
        Reply::close_unanswered(),
        Reply::json(429, r#"{"error":{"code":"rate_limit_exceeded","message":"Slow."}}"#),
        Reply::json(200, "[1]"),
        Reply::json(200, "{"),
        Reply::new(200, "text/plain", "soon"),
        video("v_5d1", "resting"),
        video("v_5d1", "completed"),
    ]);
    Test::new(&[&CREATE[..], &["-q", ".status", "--retry", "0"]].concat())
        .server(&server)
        .stdout("completed\n")
        .stderr(
            "{\"job\":{\"id\":\"v_5d1\",\"kind\":\"video\",\"resume\":\"heygen wait v_5d1\"}}\n",
        )
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn time_limit_shows_the_last_object() {
    let server = Server::always(video("v_5d1", "processing"));
    let stdout = "{\"id\":\"v_5d1\",\"status\":\"processing\",\"video_url\":null}\n";
    wait(&server, &["v_5d1", "--timeout", "20ms", "-o", "compact"])
        .stdout(stdout)
        .stderr(str![[r#"
error: v_5d1: not done after 20 ms
hint: to go on: heygen wait v_5d1

"#]])
        .exits(4);
    Test::new(&["wait", "v_5d1", "--timeout", "5ms", "--interval", "1ms", "-q", ".status"])
        .server(&server)
        .stdout("processing\n")
        .stderr(str![[r#"
{"error":{"code":"timeout","message":"v_5d1: not done after 5 ms","hint":"to go on: heygen wait v_5d1","resume":"heygen wait v_5d1"}}

"#]])
        .exits(4);
}

#[test]
fn unknown_job_is_asked_for_once() {
    let server = Server::in_turn(vec![not_found()]);
    wait(&server, &["v_gone"])
        .stderr(str![[r#"
error: v_gone: not found (deleted, or another account's)

"#]])
        .exits(1);
}

#[test]
fn several_jobs_cost_one_request_a_time() {
    let states = |first: &str, second: &str| {
        Reply::json(
            200,
            &format!(
                r#"{{"data":[{{"video_id":"v1","status":"{first}"}},{{"video_id":"v2","status":"{second}"}},{{"video_id":"v3","status":"not_found"}}]}}"#
            ),
        )
    };
    let server = Server::in_turn(vec![
        states("processing", "pending"),
        not_found(),
        states("completed", "processing"),
        video("v1", "completed"),
        video("v2", "failed"),
    ]);
    wait(&server, &["v1", "v2", "v3"])
        .stdout(str![[r#"
{"id":"v3","status":"not_found"}
{"id":"v1","status":"completed","video_url":"https://files.example/v.mp4?s=1"}
{"id":"v2","status":"failed","video_url":null}

"#]])
        .stderr(str![[r#"
error: 2 of 3 failed
  v3: not found (deleted, or another account's)
  v2: failed

"#]])
        .sends(&[
            "GET /v3/videos/statuses?video_ids=v1%2Cv2%2Cv3",
            "GET /v3/videos/v3",
            "GET /v3/videos/statuses?video_ids=v1%2Cv2",
            "GET /v3/videos/v1",
            "GET /v3/videos/v2",
        ])
        .exits(1);
}

#[test]
fn several_jobs_as_a_table() {
    let server = Server::routes(&[
        ("GET /v3/lipsyncs/l1", Reply::json(200, r#"{"data":{"id":"l1","status":"completed"}}"#)),
        ("GET /v3/videos/v1", video("v1", "completed")),
    ]);
    wait(&server, &["v1", "lipsync:l1", "v1", "-o", "table", "-c", "id,status"])
        .stdout(str![[r#"
ID  STATUS
v1  completed
l1  completed

"#]])
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn first_failure_ends_the_wait() {
    let server = Server::routes(&[
        ("GET /v3/lipsyncs/l1", Reply::json(200, r#"{"data":{"id":"l1","status":"running"}}"#)),
        ("GET /v3/videos/v1", video("v1", "failed")),
    ]);
    wait(&server, &["v1", "lipsync:l1", "--fail-fast", "-q", "[.id, .status] | join(\" \")"])
        .stdout(str![[r#"
v1 failed
l1 running

"#]])
        .stderr(str![[r#"
error: 1 of 2 failed
  v1: failed
hint: to go on: heygen wait lipsync:l1

"#]])
        .exits(1);
}

#[test]
fn rejected_key_names_the_command_that_goes_on() {
    let unauthorized = r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#;
    let server = Server::in_turn(vec![Reply::json(200, CREATED), Reply::json(401, unauthorized)]);
    let outcome = Test::new(&CREATE).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""));
    let error = outcome.stderr.lines().last().expect("an error");
    assert!(error.starts_with(r#"{"error":{"code":"unauthorized","#), "{error}");
    assert!(error.contains(r#""resume":"heygen wait v_5d1""#), "{error}");
}

#[test]
fn create_without_an_id_must_not_be_repeated() {
    let server = Server::in_turn(vec![Reply::json(200, r#"{"data":{"status":"waiting"}}"#)]);
    Test::new(&[&CREATE[..], &["--idempotency-key", "order-7"]].concat())
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"cli_no_job_id","message":"POST /v3/videos started a job, and the response has no ID of it","hint":"the call itself succeeded, do not repeat it; `--idempotency-key order-7` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"order-7","data":{"data":{"status":"waiting"}},"request":{"method":"POST","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(5);
}

#[test]
fn wait_for_no_job_sends_nothing() {
    let server = Server::in_turn(vec![]);
    let check = |arguments: &[&str], stderr: Inline| {
        Test::new(arguments)
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(stderr)
            .exits(2);
    };
    check(
        &["post", "/v3/voices/speech", "-f", "text=Hi", "--wait"],
        str![[r#"
error: POST /v3/voices/speech starts no job to wait for
hint: leave --wait out; `heygen endpoints` marks what starts a job

"#]],
    );
    check(
        &["post", "/v3/videos", "--interval", "1s"],
        str![[r#"
error: --interval needs --wait
hint: add --wait, or leave --interval out

"#]],
    );
    check(
        &["wait", "null"],
        str![[r#"
error: `null` names no job: the endpoint contains `null` in place of a value
hint: write the ID of a video, KIND:ID, or an endpoint such as /v3/lipsyncs/ID

"#]],
    );
    check(
        &["wait", "film:1"],
        str![[r#"
error: `film:1` names no job: there are no jobs of the kind `film`
hint: the kinds are clipping, asset-batch, realtime, look, avatar, background-removal, brand-kit, filler-word-removal, render, lipsync-batch, lipsync, model-voice, model-image, model-video, podcast, agent, comparison-batch, comparison, translation-batch, proofread, translation, video-batch, video, voice, workflow-run

"#]],
    );
    assert_eq!(server.connections(), 0);
}

#[cfg(feature = "jq")]
#[test]
fn names_come_from_stdin() {
    let server = Server::routes(&[
        ("GET /v3/lipsyncs/l1", Reply::json(200, r#"{"data":{"id":"l1","status":"completed"}}"#)),
        ("GET /v3/videos/v1", video("v1", "completed")),
    ]);
    let check = |stdin: &str, ids: &str| {
        wait(&server, &["-", "-q", ".id"]).stdin(stdin).stdout(ids).exits(0);
    };
    check("v1\n\nlipsync:l1\r\n", "v1\nl1\n");
    check("{\n  \"video_id\": \"v1\",\n  \"status\": \"waiting\"\n}\n", "v1\n");
    check("{\"data\":{\"lipsync_id\":\"l1\"}}", "l1\n");
    check("\"v1\"\n\"lipsync:l1\"\n", "v1\nl1\n");
    check("{\"video_id\":\"v1\"}\n{\"lipsync_id\":\"l1\"}\n", "v1\nl1\n");
    check("[\n  {\"id\": \"v1\"},\n  \"lipsync:l1\"\n]\n", "v1\nl1\n");
    wait(&server, &["-"]).stdin(r#"{"batch_id":"b1"}"#).stderr(str![[r#"
error: the `batch_id` on stdin can be of several kinds of jobs
hint: write it as KIND:ID; the kind is one of asset-batch, lipsync-batch, comparison-batch, translation-batch, video-batch

"#]]).exits(2);
    wait(&server, &["-"])
        .stdin("\n")
        .stderr(str![[r#"
error: stdin names no job
hint: write one ID per line, such as v_5d1 or lipsync:ID

"#]])
        .exits(2);
}

#[test]
fn list_of_a_create_comes_from_stdin() {
    let server = translations(|| Reply::json(200, r#"{"data":{"id":"t2","status":"completed"}}"#));
    wait(&server, &["-"])
        .stdin("{\n  \"video_translation_ids\": [\n    \"t1\",\n    \"t2\"\n  ]\n}\n")
        .stdout(
            "{\"id\":\"t1\",\"status\":\"completed\"}\n{\"id\":\"t2\",\"status\":\"completed\"}\n",
        )
        .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn session_goes_on_in_its_video() {
    let session = |status: &str, video: &str| {
        Reply::json(
            200,
            &format!(r#"{{"data":{{"session_id":"s1","status":"{status}","video_id":{video}}}}}"#),
        )
    };
    let server = Server::in_turn(vec![
        session("thinking", "null"),
        session("generating", "\"v1\""),
        video("v1", "processing"),
        video("v1", "completed"),
    ]);
    wait(&server, &["agent:s1", "-q", ".id"])
        .stdout("v1\n")
        .sends(&[
            "GET /v3/video-agents/s1",
            "GET /v3/video-agents/s1",
            "GET /v3/videos/v1",
            "GET /v3/videos/v1",
        ])
        .exits(0);
    let server = Server::in_turn(vec![session("waiting_for_input", "null")]);
    wait(&server, &["agent:s1", "-q", ".status"])
        .stdout("waiting_for_input\n")
        .stderr(str![[r#"
error: agent:s1: waits for an answer
hint: answer it: `heygen post /v3/video-agents/s1 -f message=…`
hint: to go on: heygen wait agent:s1

"#]])
        .exits(1);
}

#[test]
fn several_translations_are_a_list() {
    let created = r#"{"data":{"video_translation_ids":["t1","t2"]}}"#;
    let done =
        |id: &str| Reply::json(200, &format!(r#"{{"data":{{"id":"{id}","status":"completed"}}}}"#));
    let server = Server::in_turn(vec![
        Reply::json(200, created),
        Reply::json(400, r#"{"error":{"code":"invalid_parameter","message":"No."}}"#),
        done("t1"),
        done("t2"),
    ]);
    Test::new(&[
        "post",
        "/v3/video-translations",
        "-f",
        "output_languages[]=French",
        "--wait",
        "--interval",
        "1ms",
        "-o",
        "compact",
    ])
    .server(&server)
    .env("HEYGEN_ERROR_FORMAT", "text")
    .stdout("[{\"id\":\"t1\",\"status\":\"completed\"},{\"id\":\"t2\",\"status\":\"completed\"}]\n")
    .stderr(str![[r#"
translation t1 created; to resume: heygen wait translation:t1
translation t2 created; to resume: heygen wait translation:t2

"#]])
    .exits(0);
}

const TRANSLATE: [&str; 7] = [
    "post",
    "/v3/video-translations",
    "-f",
    "output_languages[]=French",
    "--wait",
    "--interval",
    "1ms",
];

/// Two translations: `t1` is completed, and `t2` is what `second` says.
fn translations(second: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request| match (request.method.as_str(), request.line().as_str()) {
        ("POST", _) => Reply::json(200, r#"{"data":{"video_translation_ids":["t1","t2"]}}"#),
        (_, line) if line.contains("/statuses") => Reply::json(
            200,
            r#"{"data":[{"video_translation_id":"t1","status":"completed"},{"video_translation_id":"t2","status":"completed"}]}"#,
        ),
        (_, line) if line.ends_with("/t1") => {
            Reply::json(200, r#"{"data":{"id":"t1","status":"completed"}}"#)
        }
        _ => second(),
    })
}

#[test]
fn list_that_was_not_printed_is_to_be_had_again() {
    let unauthorized = r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#;
    let server = translations(move || Reply::json(401, unauthorized));
    let outcome = Test::new(&TRANSLATE).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""));
    let error = outcome.stderr.lines().last().expect("an error");
    let resume = r#""resume":"heygen wait translation:t1 translation:t2""#;
    assert!(error.contains(resume), "{error}");
}

#[test]
fn list_is_saved() {
    let server = translations(|| Reply::json(200, r#"{"data":{"id":"t2","status":"completed"}}"#));
    let outcome = Test::new(&TRANSLATE)
        .args(&["-O", "out.json", "-o", "compact"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
translation t1 created; to resume: heygen wait translation:t1
translation t2 created; to resume: heygen wait translation:t2

"#]])
        .exits(0);
    let list = r#"[{"id":"t1","status":"completed"},{"id":"t2","status":"completed"}]"#;
    assert_eq!(outcome.file("out.json"), format!("{list}\n").into_bytes());
}

#[cfg(unix)]
#[test]
fn signal_names_what_was_not_printed() {
    let server = translations(Reply::stall_unanswered);
    let running = Test::new(&TRANSLATE)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "translation t1 created; to resume: heygen wait translation:t1\n\
             translation t2 created; to resume: heygen wait translation:t2\n\
             error: canceled by SIGTERM while waiting\n\
             hint: it was created: do not create it again\n\
             hint: to go on: heygen wait translation:t1 translation:t2\n",
        )
        .start();
    server.wait_for_requests(4);
    running.terminate();
    running.dies_of(15);
}

#[test]
fn only_a_session_can_be_answered() {
    let server = Server::in_turn(vec![video("v1", "waiting_for_input")]);
    let outcome = wait(&server, &["v1"]).run();
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.stderr, "error: v1: waits for an answer\nhint: to go on: heygen wait v1\n");
}

#[cfg(feature = "jq")]
#[test]
fn wrong_filter_after_a_create_exits_5() {
    let server = Server::in_turn(vec![Reply::json(200, CREATED), video("v_5d1", "completed")]);
    Test::new(&[&CREATE[..], &["-q", ".status | keys"]].concat())
        .server(&server)
        .stderr(str![[r#"
{"job":{"id":"v_5d1","kind":"video","resume":"heygen wait v_5d1"}}
{"error":{"code":"cli_filter_failed","message":"--jq: string (\"completed\") has no keys","hint":"it was created: do not create it again; to go on: heygen wait v_5d1","status":200,"resume":"heygen wait v_5d1","data":{"id":"v_5d1","status":"completed","video_url":"https://files.example/v.mp4?s=1"},"request":{"method":"GET","path":"/v3/videos/v_5d1"},"attempts":1}}

"#]])
        .exits(5);
}

#[test]
fn created_job_that_stays_unknown_is_not_to_be_created_again() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, CREATED),
        _ => not_found(),
    });
    Test::new(&[&CREATE[..], &["--timeout", "300ms"]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(str![""])
        .stderr(str![[r#"
video v_5d1 created; to resume: heygen wait v_5d1
error: v_5d1: no state within 300 ms: 404 video_not_found: Video not found.
hint: it was created: do not create it again
hint: to go on: heygen wait v_5d1

"#]])
        .exits(4);
}

#[test]
fn id_from_the_server_is_one_word_of_a_command() {
    let check = |id: &str, resume: &str| {
        let created = serde_json::json!({"data": {"video_id": id}}).to_string();
        let server = Server::in_turn(vec![
            Reply::json(200, &created),
            Reply::json(400, r#"{"error":{"code":"invalid_parameter","message":"No."}}"#),
        ]);
        let outcome = Test::new(&CREATE).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), ""), "{id:?}");
        for line in outcome.stderr.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let of = if line["job"].is_null() { &line["error"] } else { &line["job"] };
            assert_eq!(of["resume"], resume, "{id:?}");
        }
        assert_eq!(outcome.stderr.lines().count(), 2, "{id:?}");
    };
    check("v 1", "heygen wait 'v 1'");
    check("v$(ls)'", r"heygen wait 'v$(ls)'\'''");
    check("--api-base=http://127.0.0.1:1", "heygen wait video:--api-base=http://127.0.0.1:1");
    check("-", "heygen wait video:-");
    check("lipsync:l1", "heygen wait video:lipsync:l1");
    check("/v3/users/me", "heygen wait video:/v3/users/me");
    check("=ls", "heygen wait '=ls'");
    check("a\u{0}b", "heygen wait /v3/videos/a%00b");
}

#[test]
fn answer_to_a_session_is_one_word_of_a_command() {
    let waiting = r#"{"data":{"session_id":"s","status":"waiting_for_input","video_id":null}}"#;
    let check = |name: &str, command: &str| {
        let server = Server::in_turn(vec![Reply::json(200, waiting)]);
        let outcome = wait(&server, &[name]).run();
        assert_eq!(outcome.code, Some(1), "{name}");
        let hint = format!("hint: answer it: `{command} -f message=…`\n");
        assert!(outcome.stderr.contains(&hint), "{}", outcome.stderr);
    };
    check("agent:s;ls", "heygen post /v3/video-agents/s%3Bls");
    check("agent:a/b:c", "heygen post /v3/video-agents/a%2Fb%3Ac");
    check("/v3/video-agents/s1", "heygen post /v3/video-agents/s1");
}

#[cfg(unix)]
#[test]
fn signal_names_the_command_that_goes_on() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, CREATED),
        _ => Reply::stall_unanswered(),
    });
    let running = Test::new(&CREATE)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "video v_5d1 created; to resume: heygen wait v_5d1\n\
             error: canceled by SIGTERM while waiting\n\
             hint: it was created: do not create it again\n\
             hint: to go on: heygen wait v_5d1\n",
        )
        .start();
    server.wait_for_requests(2);
    running.terminate();
    running.dies_of(15);
}

#[test]
fn key_is_not_repeated_as_a_job() {
    Test::new(&["wait", &format!("film:{KEY}")])
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"`…` names no job: there are no jobs of the kind `film`","hint":"the kinds are clipping, asset-batch, realtime, look, avatar, background-removal, brand-kit, filler-word-removal, render, lipsync-batch, lipsync, model-voice, model-image, model-video, podcast, agent, comparison-batch, comparison, translation-batch, proofread, translation, video-batch, video, voice, workflow-run"}}

"#]])
        .exits(2);
}

#[test]
fn time_limit_ends_a_poll_that_hangs() {
    let server = Server::always(Reply::stall_unanswered());
    wait(&server, &["lipsync:l1", "v1", "--timeout", "200ms"])
        .limit(Duration::from_secs(5))
        .stdout("{\"id\":\"l1\",\"status\":\"unknown\"}\n{\"id\":\"v1\",\"status\":\"unknown\"}\n")
        .stderr(str![[r#"
error: 2 of 2 not done after 200 ms
  lipsync:l1: no state: no complete response within 199 ms
hint: to go on: heygen wait lipsync:l1 v1

"#]])
        .exits(4);
}

#[cfg(unix)]
#[test]
fn line_of_a_wait_obeys_no_server() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, r#"{"data":{"video_id":"v\u001b[2J1"}}"#),
        _ => Reply::json(200, r#"{"data":{"id":"v1","status":"processing"}}"#),
    });
    let outcome = Test::new(&[&CREATE[..], &["--timeout", "300ms"]].concat())
        .server(&server)
        .terminal(Stream::Both)
        .env("NO_COLOR", "1")
        .run();
    assert_eq!(outcome.code, Some(4));
    let shown = outcome.stdout + &outcome.stderr;
    assert!(shown.contains("processing") && !shown.contains("\u{1b}[2J"), "{shown:?}");
}

/// Cut, the command would wait for fewer jobs.
#[test]
fn command_that_goes_on_is_whole() {
    let ids: Vec<String> = (0..300).map(|number| format!("id_{number:032}")).collect();
    let list = serde_json::json!({"data": {"video_translation_ids": ids}}).to_string();
    let server = Server::start(move |request| match request.method.as_str() {
        "POST" => Reply::json(200, &list),
        _ => Reply::json(403, r#"{"error":{"code":"forbidden","message":"m"}}"#),
    });
    let names: Vec<String> = ids.iter().map(|id| format!("translation:{id}")).collect();
    let command = format!("heygen wait {}", names.join(" "));
    for format in ["text", "json"] {
        let outcome =
            Test::new(&TRANSLATE).server(&server).env("HEYGEN_ERROR_FORMAT", format).run();
        assert_eq!(outcome.code, Some(3));
        let last = outcome.stderr.trim_end().lines().last().unwrap_or_default();
        let expected = match format {
            "json" => format!("\"resume\":\"{command}\""),
            _ => format!("hint: to go on: {command}"),
        };
        assert!(last.contains(&expected), "{last}");
    }
}

/// As a loop around creates prints them.
#[test]
fn documents_come_from_stdin_one_after_the_other() {
    let server = Server::start(|request| {
        video(request.target.rsplit('/').next().unwrap_or_default(), "completed")
    });
    let document = |id: &str| format!("{{\n  \"video_id\": \"{id}\",\n  \"x\": \"}}\\\"\"\n}}\n");
    let stdin =
        format!("{}{}v3\n[\"v4\", 12345678901234567890]\n\"v5\"\n", document("v1"), document("v2"));
    let outcome = wait(&server, &["-", "-o", "compact"]).stdin(stdin).run();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for id in ["v1", "v2", "v3", "v4", "12345678901234567890", "v5"] {
        assert!(outcome.stdout.contains(&format!("{{\"id\":\"{id}\"")), "{id} {}", outcome.stdout);
    }
    let refused = |stdin: &str, message: &str| {
        let server = Server::in_turn(vec![]);
        let hint = "hint: write one ID per line, such as v_5d1 or lipsync:ID\n";
        wait(&server, &["-"]).stdin(stdin).stderr(format!("error: {message}\n{hint}")).exits(2);
    };
    refused("[\"a\",[\"b\"]]", "`[\"b\"]` on stdin names no job");
    refused("[\"a\",null]", "`null` on stdin names no job");
    refused("{\"video_id\": \"v1\"", "the JSON on stdin has no end");
    refused(
        "{\"video_id\": v1}",
        "invalid JSON on stdin: unexpected character at line 1, column 14",
    );
}

#[test]
fn values_that_are_no_ids_are_not_lost() {
    let server = Server::in_turn(vec![Reply::json(
        200,
        r#"{"data":{"video_translation_ids":["a",null,{"id":"c"}]}}"#,
    )]);
    Test::new(&TRANSLATE)
        .server(&server)
        .filter("[KEY]", |byte| byte.is_ascii_hexdigit() || byte == b'-')
        .stderr(str![[r#"
{"job":{"id":"a","kind":"translation","resume":"heygen wait translation:a"}}
{"error":{"code":"cli_no_job_id","message":"POST /v3/video-translations started jobs, and the response has no ID of some of them","hint":"the call itself succeeded, do not repeat it; `--idempotency-key [KEY]` returns the same response again, unpaid (24 h)","status":200,"idempotency_key":"[KEY]","data":{"data":{"video_translation_ids":["a",null,{"id":"c"}]}},"request":{"method":"POST","path":"/v3/video-translations"},"attempts":1}}

"#]])
        .exits(5);
}

#[test]
fn states_are_asked_for_singly_where_several_at_once_fail() {
    for reply in [
        || Reply::empty(204),
        || Reply::empty(501),
        || Reply::empty(302),
        || Reply::new(200, "text/html", "<html>"),
    ] {
        let server = Server::start(move |request| match request.target.contains("ids=") {
            true => reply(),
            false => video(request.target.rsplit('/').next().unwrap_or_default(), "completed"),
        });
        let outcome =
            wait(&server, &["v1", "v2", "-o", "compact"]).stdout(Expectation::anything()).exits(0);
        assert_eq!(outcome.requests.len(), 3);
    }
    // Too long for one request.
    let ids: Vec<String> = (0..100).map(|number| format!("v{number:0200}")).collect();
    let server = Server::start(|request| {
        video(request.target.rsplit('/').next().unwrap_or_default(), "completed")
    });
    let outcome = wait(&server, &["-", "-o", "compact"])
        .stdin(ids.join("\n"))
        .stdout(Expectation::anything())
        .exits(0);
    assert_eq!(outcome.requests.len(), 100);
}

#[test]
fn rate_limit_ends_a_round() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Reply::json(429, r#"{"error":{"code":"rate_limit_exceeded","message":"m"}}"#)
                .header("Retry-After", "0"),
            _ => Reply::json(
                200,
                &format!(
                    r#"{{"data":{{"id":"{}","status":"completed"}}}}"#,
                    request.target.rsplit('/').next().unwrap_or_default()
                ),
            ),
        }
    });
    wait(&server, &["podcast:p1", "podcast:p2", "-o", "compact"])
        .stdout(Expectation::anything())
        .sends(&["GET /v3/podcasts/p1", "GET /v3/podcasts/p1", "GET /v3/podcasts/p2"])
        .exits(0);
}

#[test]
fn resume_has_the_flags_that_lead_to_the_key() {
    let server = Server::start(|request| match request.method.as_str() {
        "POST" => Reply::json(200, r#"{"data":{"video_id":"v"}}"#),
        _ => Reply::json(200, r#"{"data":{"id":"v","status":"processing"}}"#),
    });
    let create = ["post", "/v3/videos", "--wait", "--timeout", "5ms", "--interval", "1ms"];
    let line = format!("HEYGEN_API_KEY={KEY}\n");
    let run = |arguments: &[&str]| {
        let test = Test::new(arguments).server(&server).no_key().file("my keys.env", line.as_str());
        test.args(&["--env-file", "my keys.env", "--api-base"])
            .args(&[&server.base()])
            .env("HEYGEN_ERROR_FORMAT", "text")
            .run()
    };
    let resume = format!("heygen wait v --api-base {} --env-file 'my keys.env'\n", server.base());
    let outcome = run(&create);
    let job = format!("video v created; to resume: {resume}");
    assert!(outcome.stderr.starts_with(&job), "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with(&format!("hint: to go on: {resume}")), "{}", outcome.stderr);
}
