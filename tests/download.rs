//! `heygen download`, and `--download` on a create: complete files, whatever happens on the way.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Expectation, KEY, Recorded, Reply, Server, Test, str};

/// The file that the servers have.
fn film() -> Vec<u8> {
    (0..100_000_u32).map(|number| (number % 251) as u8).collect()
}

const ETAG: &str = "\"film-1\"";

/// The response to `GET /v3/videos/v` (Video of HeyGen's OpenAPI description).
const VIDEO: &str = r#"{"data":{"id":"v","status":"completed","duration":10.0,"video_url":"[BASE]/f/v.mp4?Signature=hush","captioned_video_url":null,"subtitle_url":"[BASE]/f/v.srt?Signature=hush","thumbnail_url":"[BASE]/f/v.jpeg","gif_url":null,"failure_code":null,"failure_message":null}}"#;

/// The film, or the range of it that is asked for.
fn served(request: &Recorded) -> Reply {
    let film = film();
    let range = request.header("range").filter(|_| request.header("if-range") == Some(ETAG));
    let start: Option<usize> = range.map(|range| {
        let start = range.strip_prefix("bytes=").and_then(|rest| rest.strip_suffix('-'));
        start.and_then(|start| start.parse().ok()).expect("a range without an end")
    });
    match start {
        None => Reply::new(200, "video/mp4", film).header("ETag", ETAG),
        Some(start) => Reply::new(206, "video/mp4", film[start..].to_vec())
            .header("ETag", ETAG)
            .header("Content-Range", &format!("bytes {start}-{}/{}", film.len() - 1, film.len())),
    }
}

/// The same, broken off after this many bytes of what was asked for.
fn cut(request: &Recorded, after: usize) -> Reply {
    let film = film();
    let start = match request.header("range") {
        Some(range) => range.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a range"),
        None => 0,
    };
    let reply = match start {
        0 => Reply::new(200, "video/mp4", film[..after].to_vec()),
        _ => Reply::new(206, "video/mp4", film[start..start + after].to_vec())
            .header("Content-Range", &format!("bytes {start}-{}/{}", film.len() - 1, film.len())),
    };
    reply.header("ETag", ETAG).announcing(film.len() - start).unfinished()
}

/// An API with the video `v`, and a host of its file that responds to its n-th request (from 0) with
/// `file`. The host must never get the key.
fn host(file: impl Fn(usize, &Recorded) -> Reply + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |request| {
        if request.target.starts_with("/v3/videos/v") {
            assert_eq!(request.header("x-api-key"), Some(KEY));
            return Reply::json(200, VIDEO);
        }
        assert_eq!(request.header("x-api-key"), None);
        assert_eq!(request.header("authorization"), None);
        assert_eq!(request.header("cookie"), None);
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        assert!(!request.contains(KEY.as_bytes()));
        file(count.fetch_add(1, Ordering::Relaxed), request)
    })
}

/// `heygen download …` with errors as text.
fn download<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["download"], arguments].concat())
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

#[test]
fn video_gets_its_name() {
    let server = host(|_, request| served(request));
    let outcome = download(&server, &["v"])
        .stdout("./v.mp4\n")
        .sends(&["GET /v3/videos/v", "GET /f/v.mp4?Signature=hush"])
        .exits(0);
    assert_eq!((outcome.files(), outcome.file("v.mp4")), (vec!["v.mp4".to_owned()], film()));
}

#[test]
fn files_of_a_job_have_names() {
    let server = host(|_, _| Reply::new(200, "application/octet-stream", "bytes"));
    let check = |arguments: &[&str], stdout: &str| {
        download(&server, arguments).dir("out").stdout(stdout).exits(0);
    };
    check(&["v", "--what", "subtitle"], "./v.srt\n");
    check(&["v", "--asset", "thumbnail"], "./v.jpeg\n");
    check(&["v", "-O", "out"], "out/v.mp4\n");
    check(&["v", "-O", "out/", "-E"], "{\"path\":\"out/v.mp4\",\"bytes\":5,\"id\":\"v\"}\n");
    check(&["v", "--output-path", "talk.mp4"], "talk.mp4\n");
    check(&["v", "-O", "-"], "bytes");
    check(&["v", "-O", "/dev/null"], "");
}

#[test]
fn missing_file_names_those_that_there_are() {
    let server = host(|_, request| served(request));
    download(&server, &["v", "--what", "gif"])
        .stderr(str![[r#"
error: v: there is no such file of it
hint: it has: video, subtitle, thumbnail (`--what`)

"#]])
        .exits(1);
}

#[test]
fn jobs_that_are_not_done() {
    let check = |body: &str, status: u16, code: i32, stderr: &str| {
        let server = Server::always(Reply::json(status, body));
        download(&server, &["lipsync:l"]).stderr(stderr).exits(code);
    };
    check(
        r#"{"data":{"id":"l","status":"running","video_url":null}}"#,
        200,
        1,
        "error: lipsync:l: not done yet (running)\n\
         hint: wait for it first: `heygen wait lipsync:l`\n\
         hint: to go on: heygen download lipsync:l\n",
    );
    check(
        r#"{"data":{"id":"l","status":"failed","failure_message":"No face."}}"#,
        200,
        1,
        "error: lipsync:l: failed: No face.\n",
    );
    check(
        r#"{"error":{"code":"not_found","message":"Lipsync not found."}}"#,
        404,
        1,
        "error: lipsync:l: not found (deleted, or another account's)\n",
    );
}

#[test]
fn rejected_key_is_reported_as_ever() {
    let unauthorized = r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#;
    let server = Server::always(Reply::json(401, unauthorized));
    let stderr = Test::new(&["download", "v"]).server(&server).says(3);
    assert!(stderr.contains("HeyGen does not accept key …7Qx2: 401 unauthorized"), "{stderr}");
    assert!(stderr.contains(r#""resume":"heygen download v""#), "{stderr}");
    // It is not asked for the others.
    let server = Server::always(Reply::json(401, unauthorized));
    let stderr = Test::new(&["download", "a", "b", "c", "-j", "2"])
        .server(&server)
        .sends(&["GET /v3/videos/a"])
        .says(3);
    assert!(stderr.contains("HeyGen does not accept key …7Qx2: 401 unauthorized"), "{stderr}");
    assert!(stderr.contains(r#""resume":"heygen download a b c""#), "{stderr}");
}

#[test]
fn link_needs_no_key() {
    let server = host(|_, request| served(request));
    let link = format!("{}/f/a%20film.mp4?Signature=hush", server.base());
    let outcome = Test::new(&["download", &link]).no_key().stdout("./a film.mp4\n").exits(0);
    assert_eq!(outcome.file("a film.mp4"), film());
}

#[test]
fn names_stay_in_the_folder() {
    let server = host(|_, _| {
        Reply::new(200, "video/mp4", "bytes")
            .header("Content-Disposition", "attachment; filename=\"/etc/cron.d/x\"")
    });
    let check = |path: &str, stdout: &str| {
        let link = format!("{}/f/{path}", server.base());
        Test::new(&["download", &link]).no_key().stdout(stdout).exits(0);
    };
    check("..%2f..%2fetc%2fpasswd", "./_.._etc_passwd\n");
    check(".bashrc?x=/y", "./bashrc\n");
    check("%2e%2e", "./download\n");
}

#[test]
fn existing_file_is_not_replaced() {
    let server = host(|_, request| served(request));
    let outcome = download(&server, &["v"])
        .file("v.mp4", "old")
        .stderr(str![[r#"
error: v: `./v.mp4` exists
hint: `--force` replaces it

"#]])
        .exits(1);
    assert_eq!(outcome.file("v.mp4"), b"old");
    let outcome =
        outcome.then(&["download", "v", "--force"]).server(&server).stdout("./v.mp4\n").exits(0);
    assert_eq!((outcome.file("v.mp4"), outcome.files().len()), (film(), 1));
    // A file that was named is looked at before anything is sent.
    let nowhere = Server::start(|_| panic!("nothing is to be sent"));
    Test::new(&["download", "v", "-O", "v.mp4"])
        .server(&nowhere)
        .file("v.mp4", "old")
        .stderr("{\"error\":{\"code\":\"file_exists\",\"message\":\"`v.mp4` exists\",\"hint\":\"`--force` replaces it; nothing was sent\"}}\n")
        .exits(1);
}

#[test]
fn transfer_goes_on_where_it_was_cut() {
    let server = host(|number, request| match number {
        0..4 => cut(request, 20_000),
        _ => served(request),
    });
    let outcome = download(&server, &["v", "--retry", "1"]).stdout("./v.mp4\n").exits(0);
    assert_eq!((outcome.file("v.mp4"), outcome.files().len()), (film(), 1));
    let ranges: Vec<Option<String>> = server.requests()[1..]
        .iter()
        .map(|request| request.header("range").map(str::to_owned))
        .collect();
    let range = |start: usize| Some(format!("bytes={start}-"));
    assert_eq!(ranges, [None, range(20_000), range(40_000), range(60_000), range(80_000)]);
}

#[test]
fn next_run_goes_on_too() {
    let server = host(|number, request| match number {
        0 => cut(request, 60_000),
        1 => Reply::new(503, "text/plain", ""),
        _ => served(request),
    });
    let outcome = download(&server, &["v", "--retry", "0"])
        .stderr(str![[r#"
error: v: the connection to 127.0.0.1 ended in the middle of the file
  60.0 kB of 100.0 kB are in `./v.mp4.part`
hint: to go on: heygen download v

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["v.mp4.part", "v.mp4.part.json"]);
    let outcome = outcome
        .then(&["download", "v", "--retry", "0"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: v: 503 Service Unavailable from 127.0.0.1
  60.0 kB of 100.0 kB are in `./v.mp4.part`
hint: to go on: heygen download v

"#]])
        .exits(1);
    let outcome = outcome.then(&["download", "v"]).server(&server).stdout("./v.mp4\n").exits(0);
    assert_eq!((outcome.file("v.mp4"), outcome.files()), (film(), vec!["v.mp4".to_owned()]));
    let last = server.requests().pop().expect("a request");
    assert_eq!(last.header("range"), Some("bytes=60000-"));
    assert_eq!(last.header("if-range"), Some(ETAG));
}

#[test]
fn complete_part_is_asked_for_its_last_byte() {
    let server = host(|_, request| served(request));
    let notes = format!(
        "{{\"heygen\":\"download\",\"of\":\"v v.mp4\",\"etag\":\"\\\"film-1\\\"\",\"length\":{}}}",
        film().len()
    );
    let outcome = download(&server, &["v"])
        .file("v.mp4.part", film())
        .file("v.mp4.part.json", notes)
        .stdout("./v.mp4\n")
        .exits(0);
    assert_eq!((outcome.file("v.mp4"), outcome.files().len()), (film(), 1));
    let last = server.requests().pop().expect("a request");
    assert_eq!(last.header("range"), Some("bytes=99999-"));
}

#[test]
fn changed_file_is_fetched_anew() {
    let other: Vec<u8> = film().iter().map(|byte| byte ^ 1).collect();
    let expected = other.clone();
    // The host has another file by now, which it says in three ways.
    let ways: [fn(&[u8]) -> Reply; 4] = [
        |other| Reply::new(200, "video/mp4", other.to_vec()).header("ETag", "\"film-2\""),
        |other| {
            Reply::new(206, "video/mp4", other[60_000..].to_vec())
                .header("ETag", "\"film-2\"")
                .header("Content-Range", "bytes 60000-99999/100000")
        },
        |other| {
            Reply::new(206, "video/mp4", other[..50_000].to_vec())
                .header("ETag", ETAG)
                .header("Content-Range", "bytes 0-49999/100000")
        },
        |_| Reply::empty(416).header("Content-Range", "bytes */50"),
    ];
    for way in ways {
        let other = other.clone();
        let server = host(move |number, request| match number {
            0 => cut(request, 60_000),
            1 => way(&other),
            _ => {
                assert_eq!(request.header("range"), None);
                Reply::new(200, "video/mp4", other.clone()).header("ETag", "\"film-2\"")
            }
        });
        let outcome = download(&server, &["v", "--retry", "2"]).stdout("./v.mp4\n").exits(0);
        assert_eq!(outcome.file("v.mp4"), expected);
    }
}

#[test]
fn file_without_etag_begins_anew() {
    for etag in ["", "W/\"weak\""] {
        let server = host(move |number, request| {
            assert_eq!(request.header("range"), None);
            let reply = match number {
                0 => Reply::new(200, "video/mp4", film()[..500].to_vec())
                    .announcing(film().len())
                    .unfinished(),
                _ => Reply::new(200, "video/mp4", film()),
            };
            if etag.is_empty() { reply } else { reply.header("ETag", etag) }
        });
        let outcome = download(&server, &["v", "--retry", "1"]).stdout("./v.mp4\n").exits(0);
        assert_eq!(outcome.file("v.mp4"), film());
    }
}

#[test]
fn useless_part_is_not_kept() {
    let server = host(|_, _| Reply::new(200, "video/mp4", "half").announcing(8).unfinished());
    let outcome = download(&server, &["v", "--retry", "0"])
        .stderr(str![[r#"
error: v: the connection to 127.0.0.1 ended in the middle of the file
hint: to go on: heygen download v

"#]])
        .exits(1);
    assert_eq!(outcome.files(), [""; 0]);
}

#[test]
fn expired_link_is_asked_for_anew() {
    for status in [400, 403, 404, 410] {
        let server = host(move |number, request| match number {
            0 => cut(request, 50_000),
            1 => Reply::new(status, "application/xml", "<Error/>"),
            _ => served(request),
        });
        let outcome = download(&server, &["v", "--retry", "1"])
            .stdout("./v.mp4\n")
            .sends(&[
                "GET /v3/videos/v",
                "GET /f/v.mp4?Signature=hush",
                "GET /f/v.mp4?Signature=hush",
                "GET /v3/videos/v",
                "GET /f/v.mp4?Signature=hush",
            ])
            .exits(0);
        assert_eq!(outcome.file("v.mp4"), film());
    }
}

#[test]
fn fresh_link_is_asked_for_once() {
    let server = host(|_, _| Reply::new(403, "application/xml", "<Error/>"));
    let outcome = download(&server, &["v"])
        .stderr(str![[r#"
error: v: the link has expired or is not valid (403 from 127.0.0.1)
hint: to go on: heygen download v

"#]])
        .sends(&[
            "GET /v3/videos/v",
            "GET /f/v.mp4?Signature=hush",
            "GET /v3/videos/v",
            "GET /f/v.mp4?Signature=hush",
        ])
        .exits(1);
    assert_eq!(outcome.files(), [""; 0]);
    let link = format!("{}/f/v.mp4?Signature=hush", server.base());
    let stderr = Test::new(&["download", &link])
        .no_key()
        .env("HEYGEN_ERROR_FORMAT", "text")
        .secret("hush")
        .says(1);
    assert_eq!(
        stderr,
        format!(
            "error: {}/f/v.mp4?…: the link has expired or is not valid (403 from 127.0.0.1)\n\
             hint: `heygen download ID` asks HeyGen for a fresh link\n",
            server.base()
        )
    );
}

#[test]
fn redirects_are_followed_without_the_key() {
    let server = host(|number, request| match number {
        0 => Reply::empty(302).header("Location", "/f/second.mp4"),
        1 => Reply::empty(307).header("Location", "third.mp4?a=b"),
        2 => Reply::empty(301).header("Location", "[BASE]/f/last.mp4"),
        _ => served(request),
    });
    let outcome = download(&server, &["v"])
        .stdout("./v.mp4\n")
        .sends(&[
            "GET /v3/videos/v",
            "GET /f/v.mp4?Signature=hush",
            "GET /f/second.mp4",
            "GET /f/third.mp4?a=b",
            "GET /f/last.mp4",
        ])
        .exits(0);
    assert_eq!(outcome.file("v.mp4"), film());
    let server = host(|_, _| Reply::empty(302).header("Location", "/f/v.mp4"));
    download(&server, &["v"])
        .stderr(str![[r#"
error: v: 127.0.0.1 redirects too many times; not followed
hint: to go on: heygen download v

"#]])
        .exits(1);
    assert_eq!(server.requests().len(), 7);
    let server = host(|_, _| Reply::empty(302).header("Location", "file:///etc/passwd"));
    download(&server, &["v"])
        .stderr(str![[r#"
error: v: 127.0.0.1 redirects to what is no web address; not followed
hint: to go on: heygen download v

"#]])
        .exits(1);
}

#[test]
fn responses_that_are_no_file() {
    let check = |reply: Reply, stderr: &str| {
        let server = host(move |_, _| reply.clone());
        let outcome = download(&server, &["v", "--retry", "0"]).stderr(stderr).exits(1);
        assert_eq!(outcome.files(), [""; 0]);
    };
    check(
        Reply::new(200, "text/html; charset=utf-8", "<html>Log in</html>"),
        "error: v: 127.0.0.1 sends a web page in its place\nhint: to go on: heygen download v\n",
    );
    check(
        Reply::new(200, "video/mp4", "x").header("Content-Encoding", "br"),
        "error: v: 127.0.0.1 sends it in the coding `br`, which was not asked for\n\
         hint: to go on: heygen download v\n",
    );
    check(
        Reply::new(206, "video/mp4", "x").header("Content-Range", "bytes 0-0/5"),
        "error: v: 127.0.0.1 sends a part of the file, and all of it was asked for\n\
         hint: to go on: heygen download v\n",
    );
    check(
        Reply::new(418, "text/plain", "x"),
        "error: v: 418 I'm a teapot from 127.0.0.1\nhint: to go on: heygen download v\n",
    );
    check(
        Reply::close_unanswered(),
        "error: v: the connection to 127.0.0.1 broke before the response: it was \
         closed\nhint: to go on: heygen download v\n",
    );
}

#[test]
fn busy_host_is_asked_again() {
    let server = host(|number, request| match number {
        0 => Reply::empty(429).header("Retry-After", "0"),
        1 => Reply::empty(503).header("Retry-After", "0"),
        _ => served(request),
    });
    let outcome = download(&server, &["v", "--retry", "2"]).stdout("./v.mp4\n").exits(0);
    assert_eq!(outcome.file("v.mp4"), film());
}

#[test]
fn foreign_part_is_refused() {
    let server = host(|_, request| served(request));
    let outcome = download(&server, &["v"])
        .file("v.mp4.part", "somebody's")
        .stderr(str![[r#"
error: v: `./v.mp4.part` is in the way: heygen did not make it
hint: move it away, or name another file with -O
hint: to go on: heygen download v -O ./v-2.mp4

"#]])
        .exits(1);
    assert_eq!(outcome.file("v.mp4.part"), b"somebody's");
}

#[test]
fn link_with_the_key_is_not_followed() {
    let encoded: String = KEY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for echo in [KEY.to_owned(), encoded] {
        let link = format!("[BASE]/f/v.mp4?token={echo}");
        let body = format!(r#"{{"data":{{"id":"v","status":"completed","video_url":"{link}"}}}}"#);
        let server = Server::in_turn(vec![Reply::json(200, &body)]);
        download(&server, &["v"])
            .stderr("error: v: the link is not valid: it holds your API key\n")
            .exits(1);
    }
}

#[test]
fn files_beside_each_other_do_not_mix() {
    let server = host(|_, request| match request.target.ends_with("mp4") {
        true => served(request),
        false => Reply::new(200, "text/plain", "other"),
    });
    for other in ["v.mp4.part", "v.mp4.part.json"] {
        let links = ["v.mp4", other].map(|name| format!("{}/f/{name}", server.base()));
        let outcome = Test::new(&["download", &links[0], &links[1], "--force"]).no_key().run();
        let numbered = if other == "v.mp4.part" { "v.mp4-2.part" } else { "v.mp4.part-2.json" };
        let files = vec!["v.mp4".to_owned(), numbered.to_owned()];
        assert_eq!((outcome.code, outcome.files()), (Some(0), files));
        assert_eq!(outcome.file("v.mp4"), film());
        assert_eq!(outcome.file(numbered), b"other");
    }
}

#[test]
fn several_are_printed_in_their_order() {
    let server = Server::start(|request| {
        let name = request.target.rsplit('/').next().unwrap_or_default().to_owned();
        match request.target.starts_with("/v3/") {
            true => Reply::json(
                200,
                &format!(
                    r#"{{"data":{{"id":"{name}","status":"completed","video_url":"[BASE]/f/{name}"}}}}"#
                ),
            ),
            false if name == "c" => Reply::empty(403),
            false => Reply::new(200, "video/mp4", name),
        }
    });
    let outcome = download(&server, &["a", "-", "a", "-O", "."])
        .stdin("b\n\n{\"video_id\":\"c\"}\nd\n")
        .stdout("./a.mp4\n./b.mp4\n./d.mp4\n")
        .stderr(str![[r#"
error: 1 of 4 files failed
  c: the link has expired or is not valid (403 from 127.0.0.1)
hint: to go on: heygen download c -O .

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["a.mp4", "b.mp4", "d.mp4"]);
    assert_eq!(outcome.file("d.mp4"), b"d");
}

#[test]
fn arguments_that_do_not_fit() {
    let check = |arguments: &[&str], stderr: &str| {
        let server = Server::start(|_| panic!("nothing is to be sent"));
        download(&server, arguments).file("there", "x").stderr(stderr).exits(2);
    };
    check(
        &["a", "b", "-O", "-"],
        "error: stdout takes one file, and 2 are named\nhint: name a folder\n",
    );
    check(
        &["a", "b", "-O", "there"],
        "error: `there` takes one file, and 2 are named\nhint: name a folder\n",
    );
    check(
        &["a", "-O", "nowhere/"],
        "error: there is no folder `nowhere/`\nhint: make it: mkdir -p nowhere/\n",
    );
    let example = "hint: a link looks like https://files2.heygen.ai/talk.mp4?Signature=…\n";
    check(
        &["ftp://a.test/b.mp4"],
        &format!(
            "error: the link to a file is not valid: it must begin with https:// or http://\n{example}"
        ),
    );
    check(
        &["https://ana:hush@a.test/b.mp4"],
        &format!(
            "error: the link to a file is not valid: it must not name a user or password\n{example}"
        ),
    );
    check(
        &["nothing:a"],
        "error: `nothing:a` names no job: there are no jobs of the kind `nothing`\n\
         hint: the kinds are clipping, asset-batch, realtime, look, avatar, background-removal, \
         brand-kit, filler-word-removal, render, lipsync-batch, lipsync, model-voice, \
         model-image, model-video, podcast, agent, comparison-batch, comparison, \
         translation-batch, proofread, translation, video-batch, video, voice, workflow-run\n",
    );
}

#[cfg(unix)]
#[test]
fn interrupted_download_says_how_to_go_on() {
    let server = host(|_, request| cut(request, 60_000).stalling());
    let check = |arguments: &[&str], way_on: &str| {
        let test = Test::new(&["download"]).args(arguments).server(&server).stderr(format!(
            "{{\"error\":{{\"code\":\"canceled\",\"message\":\"canceled by SIGINT while downloading; \
             60.0 kB of 100.0 kB are in `./v.mp4.part`\",{way_on}}}}}\n",
        ));
        let part = test.work().join("v.mp4.part");
        let running = test.start();
        while std::fs::metadata(&part).map(|metadata| metadata.len()).unwrap_or_default() < 60_000 {
            std::thread::yield_now();
        }
        running.interrupt();
        let outcome = running.dies_of(2);
        assert_eq!(outcome.files(), ["v.mp4.part", "v.mp4.part.json"]);
    };
    check(
        &["v", "--what", "video"],
        "\"hint\":\"to go on: heygen download v --what video\",\
         \"resume\":\"heygen download v --what video\"",
    );
    // A link may be signed, and is not repeated.
    let link = format!("{}/files/v.mp4?sig=s3cret", server.base());
    check(&[&link], "\"hint\":\"the same command goes on where it stopped\"");
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_keeps_nothing_that_is_not_whole() {
    let server = host(|_, request| served(request));
    let outcome = download(&server, &["v", "-O", "/dev/full"])
        .stderr(str![[r#"
error: v: writing `/dev/full`: no space left on device
hint: to go on: heygen download v -O /dev/full

"#]])
        .exits(1);
    assert_eq!(outcome.files(), [""; 0]);
}

// On a create.

const CREATE: [&str; 6] = ["post", "/v3/videos", "-d", r#"{"type":"avatar"}"#, "--interval", "1ms"];

const CREATED: &str = r#"{"data":{"video_id":"v","status":"waiting"}}"#;

/// The host of the file, behind an API that creates the video.
fn studio(file: impl Fn(usize, &Recorded) -> Reply + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |request| match (request.method.as_str(), request.target.as_str()) {
        ("POST", _) => Reply::json(200, CREATED),
        (_, "/v3/videos/v") => Reply::json(200, VIDEO),
        _ => {
            assert_eq!(request.header("x-api-key"), None);
            file(count.fetch_add(1, Ordering::Relaxed), request)
        }
    })
}

#[test]
fn created_video_is_fetched() {
    let server = studio(|_, request| served(request));
    let outcome = Test::new(&[&CREATE[..], &["--download", "."]].concat())
        .server(&server)
        .stdout("./v.mp4\n")
        .stderr("{\"job\":{\"id\":\"v\",\"kind\":\"video\",\"resume\":\"heygen wait v\"}}\n")
        .sends(&["POST /v3/videos", "GET /v3/videos/v", "GET /f/v.mp4?Signature=hush"])
        .exits(0);
    assert_eq!(outcome.file("v.mp4"), film());
}

#[test]
fn file_of_a_created_video_that_does_not_come_is_exit_5() {
    let server = studio(|_, _| Reply::empty(403));
    Test::new(&[&CREATE[..], &["--download", "out.mp4"]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
video v created; to resume: heygen wait v
error: v: the link has expired or is not valid (403 from 127.0.0.1)
hint: it was created: do not create it again
hint: to go on: heygen download v -O out.mp4

"#]])
        .exits(5);
}

#[cfg(target_os = "linux")]
#[test]
fn path_that_cannot_be_printed_is_exit_5() {
    let server = studio(|_, request| served(request));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let outcome = Test::new(&[&CREATE[..], &["--download", "."]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout_to(full)
        .stderr(str![[r#"
video v created; to resume: heygen wait v
error: writing the response to stdout: no space left on device; the complete output is in `./v.mp4`
hint: the call itself succeeded, do not repeat it

"#]])
        .exits(5);
    assert_eq!(outcome.files(), ["v.mp4"]);
}

#[test]
fn place_is_checked_before_the_create() {
    let check = |arguments: &[&str], code: i32, stderr: &str| {
        let server = Server::start(|_| panic!("nothing is to be sent"));
        Test::new(&[&CREATE[..], arguments].concat())
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .file("v.mp4", "old")
            .stderr(stderr)
            .exits(code);
    };
    check(
        &["--download", "v.mp4"],
        1,
        "error: `v.mp4` exists\nhint: `--force` replaces it; nothing was sent\n",
    );
    check(
        &["--download", "nowhere/v.mp4"],
        1,
        "error: creating `nowhere/v.mp4`: no such file or directory\n\
         hint: nothing was sent; make the folder, or name another file\n",
    );
    // Beside it lies `NAME.part.json` for a while.
    let long = "x".repeat(250);
    check(
        &["--download", &long],
        1,
        &format!(
            "error: creating `{long}`: file name too long\n\
             hint: nothing was sent\n"
        ),
    );
    check(
        &["--download", "/proc"],
        1,
        "error: creating a file in `/proc`: no such file or directory\n\
         hint: nothing was sent; make the folder, or name another file\n",
    );
    check(
        &["--download", ".", "-o", "table"],
        2,
        "error: --output has no effect: --download prints the path of the file\n\
         hint: leave it out; `-E` prints an object with the path\n",
    );
    check(&[], 2, "error: --interval needs --wait\nhint: add --wait, or leave --interval out\n");
}

#[test]
fn job_without_files_is_refused() {
    let server = Server::start(|_| panic!("nothing is to be sent"));
    Test::new(&["post", "/v3/brand-kits", "-f", "url=https://e.test", "--download", "."])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: POST /v3/brand-kits makes no file
hint: use --wait in place of --download

"#]])
        .exits(2);
}

#[test]
fn failed_job_is_printed_and_not_fetched() {
    let failed = r#"{"data":{"id":"v","status":"failed","failure_message":"Too short."}}"#;
    let server = Server::in_turn(vec![Reply::json(200, CREATED), Reply::json(200, failed)]);
    Test::new(&[&CREATE[..], &["--download", "."]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(str![[r#"
{
  "id": "v",
  "status": "failed",
  "failure_message": "Too short."
}

"#]])
        .stderr(str![[r#"
video v created; to resume: heygen wait v
error: v: failed: Too short.

"#]])
        .exits(1);
}

#[test]
fn message_to_a_session_leads_to_a_new_video() {
    let session = |status: &str, video: &str| {
        Reply::json(
            200,
            &format!(r#"{{"data":{{"session_id":"s","status":"{status}","video_id":"{video}"}}}}"#),
        )
    };
    let sent = r#"{"data":{"session_id":"s","run_id":"r","title":"T"}}"#;
    let server = Server::in_turn(vec![
        session("completed", "old"),
        Reply::json(200, sent),
        session("completed", "old"),
        session("thinking", "old"),
        session("generating", "v"),
        Reply::json(200, VIDEO),
        Reply::new(200, "video/mp4", "film"),
    ]);
    let message = ["post", "/v3/video-agents/s", "-f", "message=Shorter", "--interval", "1ms"];
    Test::new(&[&message[..], &["--download", "."]].concat())
        .server(&server)
        .stdout("./v.mp4\n")
        .stderr("{\"job\":{\"id\":\"s\",\"kind\":\"agent\",\"resume\":\"heygen wait agent:s\"}}\n")
        .sends(&[
            "GET /v3/video-agents/s",
            "POST /v3/video-agents/s",
            "GET /v3/video-agents/s",
            "GET /v3/video-agents/s",
            "GET /v3/video-agents/s",
            "GET /v3/videos/v",
            "GET /f/v.mp4?Signature=hush",
        ])
        .exits(0);
}

#[test]
fn batch_with_failed_items_is_a_failure() {
    let items = r#"{"data":{"batch_id":"b","status":"completed","total_items":2,"has_more":false,"items":[{"item_index":0,"status":"completed","video_id":"v"},{"item_index":1,"status":"failed","video_id":null,"error":{"code":"c","message":"m"}}]}}"#;
    let server = Server::always(Reply::json(200, items));
    let stderr = Test::new(&["wait", "video-batch:b", "-o", "compact"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout(format!("{}\n", &items[8..items.len() - 1]))
        .stderr("error: video-batch:b: completed, and 1 of its 2 items failed\n")
        .exits(1);
    drop(stderr);
}

#[cfg(unix)]
#[test]
fn interrupted_download_names_what_is_left() {
    let server = Server::start(|request| {
        let name = request.target.rsplit('/').next().unwrap_or_default().to_owned();
        let link = format!(r#"[BASE]/f/{name}"#);
        match request.target.starts_with("/v3/") {
            true => Reply::json(
                200,
                &format!(
                    r#"{{"data":{{"id":"{name}","status":"completed","video_url":"{link}"}}}}"#
                ),
            ),
            false if name == "a" => Reply::new(200, "video/mp4", "film"),
            false => Reply::new(200, "video/mp4", "film").announcing(8).stalling(),
        }
    });
    let test = Test::new(&["download", "a", "b", "-j", "1"]).server(&server).stdout("./a.mp4\n").stderr(
        "{\"error\":{\"code\":\"canceled\",\"message\":\"canceled by SIGINT while downloading\",\"hint\":\"to go on: heygen download b\",\"resume\":\"heygen download b\"}}\n",
    );
    let part = test.work().join("b.mp4.part");
    let running = test.start();
    while std::fs::metadata(&part).map(|metadata| metadata.len()).unwrap_or_default() < 4 {
        std::thread::yield_now();
    }
    running.interrupt();
    assert_eq!(running.dies_of(2).files(), ["a.mp4"]);
}

/// A create of two translations, whose states and files are those of `reply` by target.
fn two_translations(reply: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        let target = request.target.as_str();
        if request.method == "POST" {
            return Reply::json(200, r#"{"data":{"video_translation_ids":["a","b"]}}"#);
        }
        let id = target.rsplit('/').next().unwrap_or_default();
        reply(target).unwrap_or_else(|| match target.starts_with("/v3/") {
            true => Reply::json(
                200,
                &format!(
                    r#"{{"data":{{"id":"{id}","status":"completed","video_url":"[BASE]/f/{id}"}}}}"#
                ),
            ),
            false => Reply::new(200, "video/mp4", id),
        })
    })
}

const TRANSLATE: [&str; 6] =
    ["post", "/v3/video-translations", "-f", "output_languages[]=French", "--interval", "1ms"];

fn translate<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(&[&TRANSLATE[..], arguments].concat())
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(Expectation::anything())
}

#[test]
fn missing_file_is_told_beside_a_failed_job() {
    let server = two_translations(|target| match target {
        "/v3/video-translations/a" => {
            Some(Reply::json(200, r#"{"data":{"id":"a","status":"failed","video_url":null}}"#))
        }
        "/f/b" => Some(Reply::empty(403)),
        _ => None,
    });
    let outcome = translate(&server, &["--download", "."]).run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(
        outcome.stderr.ends_with(
            "error: 1 of 2 failed
  translation:a: failed
  translation:b: the link has expired or is not valid (403 from 127.0.0.1)
hint: it was created: do not create it again
hint: to go on: heygen download translation:b -O .
"
        ),
        "{}",
        outcome.stderr
    );
    let outcome = translate(&server, &["--download", ".", "--error-format", "json"]).run();
    let message = r#""message":"1 of 2 failed; translation:a: failed; translation:b: the link has expired or is not valid (403 from 127.0.0.1)""#;
    assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn signal_names_jobs_whose_files_are_not_fetched() {
    let server = two_translations(|target| {
        (target == "/v3/video-translations/b").then(Reply::stall_unanswered)
    });
    let running = translate(&server, &["--download", "."]).start();
    server.wait_for_requests(3);
    running.terminate();
    let stderr = running.dies_of(15).stderr;
    let end = "error: canceled by SIGTERM while waiting
hint: it was created: do not create it again
hint: to go on: heygen download translation:a translation:b --wait -O .
";
    assert!(stderr.ends_with(end), "{stderr}");
}

#[test]
fn files_of_one_name_get_numbers() {
    let server = two_translations(|_| None);
    let outcome = translate(&server, &["--download", "one.mp4"]).run();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "one.mp4\none-2.mp4\n");
    assert_eq!(
        (outcome.file("one.mp4"), outcome.file("one-2.mp4")),
        (b"a".to_vec(), b"b".to_vec())
    );
    let server = Server::start(|request| match request.target.starts_with("/v3/") {
        true => Reply::json(
            200,
            r#"{"data":{"id":"r","status":"completed","outputs":[{"name":"cut","url":"[BASE]/f/1"},{"name":"cut","url":"[BASE]/f/2"}]}}"#,
        ),
        false => Reply::new(200, "video/mp4", request.target.as_str()),
    });
    download(&server, &["workflow-run:r"]).stdout("./r-cut.mp4\n./r-cut-2.mp4\n").exits(0);
}

/// What was paid for is to be had without a second create.
#[test]
fn file_in_the_way_after_a_create_names_a_command() {
    let server = studio(|_, request| served(request));
    let outcome = Test::new(&["post", "/v3/videos", "--download", ".", "--interval", "1ms"])
        .file("v.mp4", "mine")
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(Expectation::anything())
        .run();
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    let end = "error: v: `./v.mp4` exists
hint: `--force` replaces it
hint: it was created: do not create it again
hint: to go on: heygen download v -O ./v-2.mp4
";
    assert!(outcome.stderr.ends_with(end), "{}", outcome.stderr);
    assert_eq!(outcome.file("v.mp4"), b"mine");
}

#[test]
fn failed_items_of_a_batch_are_told() {
    let batch = r#"{"data":{"batch_id":"b","status":"completed","items":[{"item_index":0,"video_id":"v","status":"completed"},{"item_index":1,"video_id":"v","status":"completed"},{"item_index":2,"video_id":null,"status":"failed"}]}}"#;
    let server = || {
        Server::start(move |request| match request.target.as_str() {
            _ if request.method == "POST" => Reply::json(200, r#"{"data":{"batch_id":"b"}}"#),
            "/v3/videos/batches/b" => Reply::json(200, batch),
            target if target.starts_with("/v3/videos/v") => Reply::json(200, VIDEO),
            _ => served(request),
        })
    };
    let server_of_download = server();
    let outcome = download(&server_of_download, &["video-batch:b"])
        .stdout("./v.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 files failed
  video-batch:b: completed, and 1 of its 3 items failed

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["v.mp4"]);
    let server = server();
    let outcome = create_batch(&server)
        .stdout("./v.mp4\n")
        .stderr(str![[r#"
video-batch b created; to resume: heygen wait video-batch:b
error: video-batch:b: completed, and 1 of its 3 items failed
hint: it was created: do not create it again

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["v.mp4"]);
}

/// A server with a batch of two pages: this item on the first, and this response in place of the other.
fn two_pages(first: &str, second: Reply) -> Server {
    let first = page_of_batch(first, r#""has_more":true,"next_token":"t2""#);
    Server::start(move |request| match request.target.as_str() {
        _ if request.method == "POST" => Reply::json(200, r#"{"data":{"batch_id":"b"}}"#),
        "/v3/videos/batches/b" => Reply::json(200, &first),
        "/v3/videos/batches/b?token=t2" => second.clone(),
        target if target.starts_with("/v3/videos/v") => Reply::json(200, VIDEO),
        _ => served(request),
    })
}

/// A page of `GET /v3/videos/batches/b` (Batch of HeyGen's OpenAPI description), without what nobody
/// reads.
fn page_of_batch(item: &str, rest: &str) -> String {
    format!(
        r#"{{"data":{{"batch_id":"b","status":"completed","total_items":2,"items":[{item}],{rest}}}}}"#
    )
}

const FIRST: &str = r#"{"video_id":"v1","status":"completed"}"#;

fn second_page() -> Reply {
    let item = r#"{"video_id":"v2","status":"completed"}"#;
    Reply::json(200, &page_of_batch(item, r#""has_more":false,"next_token":null"#))
}

fn create_batch(server: &Server) -> Test<'_> {
    Test::new(&["post", "/v3/videos/batches", "--download", ".", "--interval", "1ms"])
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

#[test]
fn batch_of_several_pages_is_fetched_as_a_whole() {
    let server = two_pages(FIRST, second_page());
    let outcome = create_batch(&server)
        .stdout("./v1.mp4\n./v2.mp4\n")
        .stderr("video-batch b created; to resume: heygen wait video-batch:b\n")
        .exits(0);
    assert_eq!(outcome.files(), ["v1.mp4", "v2.mp4"]);
}

#[test]
fn page_of_a_batch_that_does_not_come_is_told() {
    let server = two_pages(FIRST, Reply::json(404, "{}"));
    let outcome = create_batch(&server)
        .stdout("./v1.mp4\n")
        .stderr(str![[r#"
video-batch b created; to resume: heygen wait video-batch:b
error: 1 of 2 files failed
  /v3/videos/batches/b?token=t2: not found (deleted, or another account's)
hint: it was created: do not create it again
hint: to go on: heygen download '/v3/videos/batches/b?token=t2' -O .

"#]])
        .exits(5);
    assert_eq!(outcome.files(), ["v1.mp4"]);
}

#[test]
fn files_of_several_pages_are_not_mixed() {
    let server = two_pages(FIRST, second_page());
    download(&server, &["video-batch:b", "-O", "-"])
        .stdout("")
        .stderr(str![[r#"
error: video-batch:b: it has 2 files, and one place was named for them
hint: name a folder with -O

"#]])
        .exits(2);
}

#[test]
fn failed_items_hide_no_later_page() {
    let server = two_pages(r#"{"video_id":null,"status":"failed"}"#, second_page());
    let outcome = download(&server, &["video-batch:b"])
        .stdout("./v2.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 files failed
  video-batch:b: completed, and 1 of its 2 items failed

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["v2.mp4"]);
}

#[cfg(unix)]
#[test]
fn pipe_is_not_replaced_by_a_file() {
    let server = Server::start(|request| match request.target.as_str() {
        "/v3/videos/v" => Reply::json(200, VIDEO),
        _ => served(request),
    });
    let test = download(&server, &["v", "--force"]);
    let pipe = test.work().join("v.mp4");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from(0o600)).expect("a pipe");
    let outcome = test
        .stdout("")
        .stderr(str![[r#"
error: v: `./v.mp4` is in the way: heygen did not make it
hint: move it away, or name another file with -O
hint: to go on: heygen download v -O ./v-2.mp4

"#]])
        .exits(1);
    let metadata = std::fs::symlink_metadata(&pipe).expect("the pipe");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type()));
    drop(outcome);
}

#[test]
fn file_without_a_byte_and_without_a_length_is_refused() {
    let server = Server::start(|request| match request.target.as_str() {
        "/v3/videos/v" => Reply::json(200, VIDEO),
        _ => Reply::new(200, "video/mp4", "").chunked(10),
    });
    let outcome = download(&server, &["v"])
        .stdout("")
        .stderr(str![[r#"
error: v: 127.0.0.1 sends a file without a byte
hint: to go on: heygen download v

"#]])
        .exits(1);
    assert!(outcome.files().is_empty());
}

#[test]
fn failed_batch_has_the_files_of_the_rest() {
    let batch = r#"{"data":{"batch_id":"b","status":"failed","items":[{"video_id":"v","status":"completed"},{"video_id":null,"status":"failed"}]}}"#;
    let server = Server::start(move |request| match request.target.as_str() {
        _ if request.method == "POST" => Reply::json(200, r#"{"data":{"batch_id":"b"}}"#),
        "/v3/videos/batches/b" => Reply::json(200, batch),
        "/v3/videos/v" => Reply::json(200, VIDEO),
        _ => served(request),
    });
    let outcome = create_batch(&server)
        .stdout("./v.mp4\n")
        .stderr(str![[r#"
video-batch b created; to resume: heygen wait video-batch:b
error: video-batch:b: failed

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["v.mp4"]);
}

#[test]
fn several_jobs_are_not_mixed_in_a_stream() {
    let done = |id: &str| {
        format!(
            r#"{{"data":{{"id":"{id}","status":"completed","video_url":"[BASE]/f/{id}.mp4"}}}}"#
        )
    };
    let batch = r#"{"data":{"batch_id":"b","status":"completed","items":[{"video_id":"a","status":"completed"},{"video_id":"c","status":"completed"}]}}"#;
    let server = Server::start(move |request| match request.target.as_str() {
        _ if request.method == "POST" => {
            Reply::json(200, r#"{"data":{"video_translation_ids":["a","c"]}}"#)
        }
        "/v3/videos/batches/b" => Reply::json(200, batch),
        target if target.starts_with("/v3/video-translations/statuses") => Reply::json(404, "{}"),
        target if target.starts_with("/f/") => served(request),
        target => Reply::json(200, &done(target.rsplit('/').next().unwrap_or_default())),
    });
    download(&server, &["video-batch:b", "-O", "-"])
        .stdout("")
        .stderr(str![[r#"
error: video-batch:b: it has 2 files, and one place was named for them
hint: name a folder with -O

"#]])
        .exits(2);
    Test::new(&["post", "/v3/video-translations", "--download", "-", "--interval", "1ms"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout("")
        .stderr(str![[r#"
translation a created; to resume: heygen wait translation:a
translation c created; to resume: heygen wait translation:c
error: 2 of 2 files failed
  translation:a: it has 2 files, and one place was named for them
  translation:c: it has 2 files, and one place was named for them
hint: name a folder with -O
hint: it was created: do not create it again
hint: to go on: heygen download translation:a translation:c

"#]])
        .exits(5);
}

#[test]
fn foreign_part_is_found_before_a_create() {
    let server = Server::in_turn(vec![]);
    for name in ["v.mp4.part", "v.mp4.part.json"] {
        let outcome = Test::new(&["post", "/v3/videos", "--download", "v.mp4"])
            .file(name, "mine")
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(format!(
                "error: v.mp4: `v.mp4.part{}` is in the way: heygen did not make it\n\
                 hint: move it away, or name another file with -O\n",
                name.strip_prefix("v.mp4.part").unwrap_or_default()
            ))
            .exits(1);
        assert_eq!(outcome.file(name), b"mine");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn resume_names_the_file_that_got_a_number() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.target.as_str() {
        "/f/l.mp4" if count.fetch_add(1, Ordering::Relaxed) == 0 => Reply::empty(500),
        target if target.starts_with("/f/") => Reply::new(200, "video/mp4", target),
        "/v3/lipsyncs/x" => Reply::json(
            200,
            r#"{"data":{"id":"x","status":"completed","video_url":"[BASE]/f/l.mp4"}}"#,
        ),
        _ => Reply::json(200, VIDEO),
    });
    let first = download(&server, &["x", "lipsync:x", "--retry", "0", "-j", "1"])
        .stdout("./x.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 files failed
  lipsync:x: 500 Internal Server Error from 127.0.0.1
hint: to go on: heygen download lipsync:x -O ./x-2.mp4

"#]])
        .exits(1);
    assert_eq!(first.files(), ["x.mp4"]);
    let again = download(&server, &["lipsync:x", "-O", "./x-2.mp4"])
        .file("x.mp4", "the video")
        .stdout("./x-2.mp4\n")
        .exits(0);
    assert_eq!(again.file("x-2.mp4"), b"/f/l.mp4");
}

#[test]
fn fresh_link_is_no_other_kind_of_file() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.target.as_str() {
        "/f/v.mp4" => Reply::empty(403),
        "/f/v.jpeg" => Reply::new(200, "image/jpeg", "a thumbnail"),
        _ => {
            let url = match count.fetch_add(1, Ordering::Relaxed) {
                0 => r#""[BASE]/f/v.mp4""#,
                _ => "null",
            };
            Reply::json(
                200,
                &format!(
                    r#"{{"data":{{"id":"v","status":"completed","video_url":{url},"thumbnail_url":"[BASE]/f/v.jpeg"}}}}"#
                ),
            )
        }
    });
    let outcome = download(&server, &["v"])
        .stdout("")
        .stderr(str![[r#"
error: v: there is no such file of it
hint: it has: thumbnail (`--what`)

"#]])
        .exits(1);
    assert!(outcome.files().is_empty());
}

#[test]
fn fresh_links_of_files_of_one_name_keep_their_order() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let output = |name: &str| format!(r#"{{"name":"cut","url":"[BASE]/f/{name}"}}"#);
        match request.target.as_str() {
            "/f/second" => Reply::empty(403),
            target if target.starts_with("/f/") => Reply::new(200, "video/mp4", target),
            _ => {
                let round = count.fetch_add(1, Ordering::Relaxed);
                let second = if round == 0 { "second" } else { "second-anew" };
                let outputs = [output("first"), output(second)].join(",");
                Reply::json(
                    200,
                    &format!(r#"{{"data":{{"status":"succeeded","outputs":[{outputs}]}}}}"#),
                )
            }
        }
    });
    let outcome =
        download(&server, &["workflow-run:r"]).stdout("./r-cut.mp4\n./r-cut-2.mp4\n").exits(0);
    assert_eq!(outcome.file("r-cut.mp4"), b"/f/first");
    assert_eq!(outcome.file("r-cut-2.mp4"), b"/f/second-anew");
}

#[test]
fn fresh_link_is_that_of_the_same_file() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let clip = |name: &str| format!(r#"{{"id":"{name}","video_url":"[BASE]/f/{name}"}}"#);
        let clips = |clips: &[String]| {
            let clips = clips.join(",");
            Reply::json(
                200,
                &format!(r#"{{"data":{{"id":"c","status":"completed","clips":[{clips}]}}}}"#),
            )
        };
        match request.target.as_str() {
            "/f/a" => Reply::empty(403),
            "/f/b" => Reply::new(200, "video/mp4", "content of b"),
            _ if count.fetch_add(1, Ordering::Relaxed) == 0 => clips(&[clip("a"), clip("b")]),
            _ => clips(&[clip("b")]),
        }
    });
    let outcome = download(&server, &["clipping:c"]).stderr(Expectation::anything()).run();
    assert_eq!((outcome.code, outcome.files()), (Some(1), vec!["c-b.mp4".to_owned()]));
}

#[test]
fn empty_file_is_no_video() {
    let server = host(|_, _| Reply::new(200, "video/mp4", ""));
    let outcome = download(&server, &["v"])
        .stderr(str![[r#"
error: v: 127.0.0.1 sends a file without a byte
hint: to go on: heygen download v

"#]])
        .exits(1);
    assert!(outcome.files().is_empty());
}

#[cfg(unix)]
#[test]
fn link_that_leads_nowhere_is_found_out_before_the_create() {
    let server = Server::in_turn(vec![]);
    let test = Test::new(&["post", "/v3/videos", "--download", "x.mp4"]).server(&server);
    std::os::unix::fs::symlink("nowhere/x", test.work().join("x.mp4")).expect("a link");
    test.stderr(str![[r#"
{"error":{"code":"file_exists","message":"`x.mp4` exists","hint":"`--force` replaces it; nothing was sent"}}

"#]]).sends(&[]).exits(1);
}

/// A file of which nothing is left has nothing.
#[test]
fn file_that_was_removed_meanwhile_keeps_no_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("out");
    std::fs::create_dir(&inside).expect("a folder");
    let gone = inside.clone();
    let server = Server::start(move |_| {
        let _ = std::fs::remove_dir_all(&gone);
        Reply::json(200, r#"{"data":{"video_id":"v_5d1"}}"#)
    });
    let path = inside.join("o.json").display().to_string();
    let outcome = Test::new(&["post", "/v2/video/generate", "-O", &path]).server(&server).run();
    assert_eq!(outcome.code, Some(5));
    assert!(outcome.stderr.contains(r#""data":{"video_id":"v_5d1"}"#), "{}", outcome.stderr);
}

/// A workflow run with two outputs, of which a host has this one and responds otherwise for the other.
fn run_with_outputs(second: Reply) -> Server {
    let run = r#"{"data":{"id":"r","status":"succeeded","outputs":[{"name":"a","status":"ready","url":"[BASE]/f/a.mp4"},{"name":"b","status":"ready","url":"[BASE]/f/b.mp4"}]}}"#;
    Server::start(move |request| match request.target.as_str() {
        "/v3/workflow-runs/r" => Reply::json(200, run),
        "/f/b.mp4" => second.clone(),
        _ => served(request),
    })
}

/// The command that goes on must not fail on what this run has fetched.
#[test]
fn files_that_are_there_are_left_out_of_the_next_run() {
    let server = run_with_outputs(Reply::new(403, "text/plain", "expired"));
    let first = download(&server, &["workflow-run:r"])
        .stdout("./r-a.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 files failed
  workflow-run:r: the link has expired or is not valid (403 from 127.0.0.1)
hint: to go on: heygen download workflow-run:r --skip-existing

"#]])
        .exits(1);
    let server = run_with_outputs(Reply::new(200, "video/mp4", "b"));
    let second = first
        .then(&["download", "workflow-run:r", "--skip-existing"])
        .server(&server)
        .stdout("./r-a.mp4\n./r-b.mp4\n")
        .sends(&["GET /v3/workflow-runs/r", "GET /f/b.mp4"])
        .exits(0);
    assert_eq!(second.files(), ["r-a.mp4", "r-b.mp4"]);
}

#[test]
fn existing_files_are_skipped_only_where_that_means_something() {
    let server = host(|_, request| served(request));
    let skip = |arguments: &[&str]| {
        download(&server, &[&["v", "--skip-existing"], arguments].concat()).file("v.mp4", "mine")
    };
    let outcome = skip(&[]).stdout("./v.mp4\n").exits(0);
    assert_eq!(outcome.file("v.mp4"), b"mine");
    let outcome = skip(&["-O", "v.mp4"]).stdout("v.mp4\n").exits(0);
    assert_eq!(outcome.file("v.mp4"), b"mine");
    skip(&["-O", "-"])
        .stderr(str![[r#"
error: --skip-existing has no effect: nothing is kept there
hint: name a file or a folder with -O, or leave it out

"#]])
        .exits(2);
    skip(&["--force"])
        .stderr(str![[r#"
error: the argument '--skip-existing' cannot be used with '--force'
hint: usage: heygen download --skip-existing <JOB>...

"#]])
        .exits(2);
}

/// What a script runs unseen replaces nothing.
#[test]
fn no_command_that_goes_on_replaces_a_file_unasked() {
    let server = run_with_outputs(Reply::new(403, "text/plain", "expired"));
    let outcome = download(&server, &["workflow-run:r"])
        .file("r-a.mp4", "mine")
        .stderr(str![[r#"
error: 2 of 2 files failed
  workflow-run:r: `./r-a.mp4` exists
  workflow-run:r: the link has expired or is not valid (403 from 127.0.0.1)
hint: `--force` replaces it
hint: to go on: heygen download workflow-run:r

"#]])
        .exits(1);
    assert_eq!(outcome.file("r-a.mp4"), b"mine");
}

/// A clip that failed has a thumbnail, which is no clip.
#[test]
fn failed_clips_are_told() {
    let clips = r#"{"data":{"id":"c","status":"completed","clips":[{"id":"1","status":"completed","video_url":"[BASE]/f/1.mp4","thumbnail_url":"[BASE]/f/1.jpg"},{"id":"2","status":"failed","video_url":null,"thumbnail_url":"[BASE]/f/2.jpg"}]}}"#;
    let server = Server::start(move |request| match request.target.as_str() {
        "/v3/ai-clipping/c" => Reply::json(200, clips),
        _ => served(request),
    });
    let outcome = download(&server, &["clipping:c"])
        .stdout("./c-1.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 files failed
  clipping:c: completed, and 1 of its 2 items failed

"#]])
        .exits(1);
    assert_eq!(outcome.files(), ["c-1.mp4"]);
}

/// stdout is for the bytes of the one that ended well.
#[test]
fn failed_job_is_not_written_into_the_stream_of_another() {
    let server = two_translations(|target| {
        (target == "/v3/video-translations/a").then(|| {
            Reply::json(200, r#"{"data":{"id":"a","status":"failed","failure_message":"No."}}"#)
        })
    });
    let outcome = translate(&server, &["--download", "-"]).stderr(Expectation::anything()).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), "b"), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn signal_tells_of_complete_files() {
    let server = host(|_, request| match request.target.as_str() {
        "/f/a.mp4" => Reply::stall_unanswered(),
        _ => served(request),
    });
    let (slow, quick) =
        (format!("{}/f/a.mp4", server.base()), format!("{}/f/b.mp4", server.base()));
    let running = download(&server, &[&slow, &quick]).stderr(Expectation::anything()).start();
    server.wait_for_requests(2);
    running.wait_for_file("b.mp4");
    running.terminate();
    let stderr = running.dies_of(15).stderr;
    assert!(stderr.contains("`./b.mp4` is complete"), "{stderr}");
}

/// What goes on after a create is one command: it waits, fetches, and prints nothing but paths.
#[test]
fn download_waits_and_tells_of_jobs_that_failed() {
    let server = || {
        two_translations(|target| {
            (target == "/v3/video-translations/a").then(|| {
                Reply::json(200, r#"{"data":{"id":"a","status":"failed","failure_message":"No."}}"#)
            })
        })
    };
    let both = ["translation:a", "translation:b", "--wait"];
    let of_text = server();
    download(&of_text, &both)
        .stdout("./b.mp4\n")
        .stderr(str![[r#"
error: 1 of 2 failed
  translation:a: failed: No.

"#]])
        .exits(1);
    let of_json = server();
    let outcome =
        Test::new(&[&["download"], &both[..], &["-O", "-"]].concat()).server(&of_json).run();
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    let of_json = server();
    Test::new(&[&["download"], &both[..]].concat())
        .server(&of_json)
        .stdout("./b.mp4\n")
        .stderr(str![[r#"
{"error":{"code":"cli_job_failed","message":"1 of 2 failed; translation:a: failed: No."}}

"#]])
        .exits(1);
    let alone = server();
    download(&alone, &["translation:b", "--wait", "-O", "-"]).stdout("b").exits(0);
}

/// The next number may be taken too: under the name of its job a file has a place of its own.
#[test]
fn taken_number_leads_to_the_name_of_the_job() {
    let server = two_translations(|_| None);
    let outcome = translate(&server, &["--download", "out.mp4"])
        .file("out-2.mp4", "mine")
        .stderr(Expectation::anything())
        .run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(5), "out.mp4\n"));
    let end = "hint: to go on: heygen download translation:b\n";
    assert!(outcome.stderr.ends_with(end), "{}", outcome.stderr);
    assert_eq!(outcome.file("out-2.mp4"), b"mine");
}
