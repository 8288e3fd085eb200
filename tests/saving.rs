//! `-O`, `-i` and `head`: answers in files, and what stands in front of them.

#[cfg(unix)]
use crate::support::Running;
use crate::support::{Outcome, Reply, Server, Test};

/// A video, as `GET /v3/videos/{id}` answers it.
const VIDEO: &str = r#"{"data":{"id":"v_5d1","duration":1.10}}"#;

const VIDEO_PRETTY: &str = "{\n  \"id\": \"v_5d1\",\n  \"duration\": 1.10\n}\n";

/// HeyGen's answer to an id that it does not know.
const NOT_FOUND: &str =
    r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#;

/// Bytes that are neither JSON nor text.
const AUDIO: &[u8] = b"ID3\x04\0\0\xff\xfb\x90\0sound";

fn audio() -> Reply {
    Reply::new(200, "audio/mpeg", AUDIO)
}

/// `heygen get /v3/videos/v_5d1` and these arguments, with errors as text.
fn get<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos/v_5d1"], arguments].concat())
        .env("HEYGEN_ERROR_FORMAT", "text")
}

/// Runs a test that is to fail without a connection, and to leave these files.
#[track_caller]
fn refused(test: Test<'_>, stderr: &str, code: i32, files: &[&str]) {
    let server = Server::always(Reply::json(200, VIDEO));
    let outcome = test.server(&server).stderr(stderr).exits(code);
    assert_eq!(server.connections(), 0, "{stderr}");
    assert_eq!(outcome.files(), files, "{stderr}");
}

/// Runs a test whose answer is to be in `out`, alone in the folder.
#[track_caller]
fn saved(test: Test<'_>, reply: Reply, expected: &[u8]) {
    let server = Server::always(reply);
    let outcome: Outcome<'_> = test.server(&server).exits(0);
    assert_eq!(outcome.files(), ["out"]);
    assert!(outcome.file("out") == expected, "{}", String::from_utf8_lossy(&outcome.file("out")));
}

#[test]
fn an_answer_is_saved_as_it_would_be_printed() {
    saved(get(&["-O", "out"]), Reply::json(200, VIDEO), VIDEO_PRETTY.as_bytes());
    saved(
        get(&["--save", "out", "-o", "compact"]),
        Reply::json(200, VIDEO),
        b"{\"id\":\"v_5d1\",\"duration\":1.10}\n",
    );
    saved(get(&["-O", "out", "-o", "raw"]), Reply::json(200, VIDEO), VIDEO.as_bytes());
    saved(get(&["-O", "out"]), audio(), AUDIO);
    saved(get(&["-O", "out"]), audio().chunked(3), AUDIO);
    saved(get(&["-O", "out"]), audio().until_close(), AUDIO);
    let subtitles = "1\n00:00:01,000 --> 00:00:02,000\nHi\n";
    saved(get(&["-O", "out"]), Reply::new(200, "text/plain", subtitles), subtitles.as_bytes());
    saved(get(&["-O", "out"]), Reply::empty(204), b"");
    saved(get(&["-O", "out"]), Reply::empty(200), b"");
}

#[test]
fn colour_is_for_terminals_and_not_for_files() {
    saved(
        get(&["-O", "out", "--color", "always"]),
        Reply::json(200, VIDEO),
        VIDEO_PRETTY.as_bytes(),
    );
}

#[test]
fn a_large_answer_is_saved_whole() {
    let content: Vec<u8> = (0_u32..5 << 20).flat_map(u32::to_le_bytes).collect();
    saved(get(&["-O", "out"]), Reply::new(200, "video/mp4", content.clone()), &content);
}

#[test]
fn an_answer_that_is_cut_leaves_no_file() {
    let check = |reply: Reply, stderr: &str| {
        let server = Server::always(reply);
        let outcome = get(&["-O", "out"]).server(&server).stderr(stderr).exits(1);
        assert_eq!(outcome.files(), Vec::<String>::new(), "{stderr}");
    };
    let cut = |received: usize| {
        format!("error: the connection ended in the middle of the answer, after {received} bytes\n")
    };
    check(audio().announcing(1000), &cut(AUDIO.len()));
    check(audio().chunked(4).unfinished(), &cut(AUDIO.len()));
    check(Reply::json(200, VIDEO).announcing(1000), &cut(VIDEO.len()));
    let large = vec![0; 1 << 20];
    check(Reply::new(200, "video/mp4", large.clone()).announcing(2 << 20), &cut(large.len()));
    check(Reply::json(404, NOT_FOUND), "error: 404 not_found: Video not found.\n");
}

#[test]
fn what_is_cut_leaves_the_old_file_as_it_was() {
    let server = Server::always(audio().announcing(1000));
    let outcome = get(&["-O", "out", "--force"])
        .file("out", "old")
        .server(&server)
        .stderr("error: the connection ended in the middle of the answer, after 15 bytes\n")
        .exits(1);
    assert_eq!(outcome.files(), ["out"]);
    assert_eq!(outcome.file("out"), b"old");
}

#[test]
fn a_file_that_exists_is_kept_and_nothing_is_sent() {
    refused(
        get(&["-O", "out"]).file("out", "old"),
        "error: `out` exists\nhint: `--force` replaces it; nothing was sent\n",
        1,
        &["out"],
    );
}

#[test]
fn force_replaces_a_file() {
    saved(
        get(&["-O", "out", "--force"]).file("out", "a longer old text than the new one"),
        audio(),
        AUDIO,
    );
    saved(get(&["-O", "out", "--force"]), audio(), AUDIO);
}

#[test]
fn force_alone_means_nothing() {
    refused(
        get(&["--force"]),
        "error: the following required arguments were not provided: --save <FILE>\n\
         hint: usage: heygen get --save <FILE> --force <ENDPOINT>\n",
        2,
        &[],
    );
}

#[test]
fn a_place_that_cannot_hold_a_file_is_told_before_anything_is_sent() {
    refused(
        get(&["-O", "folder"]).dir("folder"),
        "error: --save: `folder` is a directory\nhint: name the file in it\n",
        2,
        &[],
    );
    refused(
        get(&["-O", "folder/", "--force"]),
        "error: --save: `folder/` is a directory\nhint: name the file in it\n",
        2,
        &[],
    );
    refused(
        get(&["-O", ""]),
        "error: a value is required for '--save <FILE>' but none was supplied\n",
        2,
        &[],
    );
    refused(
        get(&["-O", "gone/out"]),
        "error: creating `gone/out`: no such file or directory\n",
        1,
        &[],
    );
    refused(
        get(&["-O", "out/in"]).file("out", ""),
        "error: creating `out/in`: not a directory\n",
        1,
        &["out"],
    );
    let long = "a".repeat(300);
    refused(
        get(&["-O", &long]),
        &format!("error: creating `{long}`: file name too long\n"),
        1,
        &[],
    );
}

#[test]
fn a_format_that_looks_like_a_file_is_told_where_files_go() {
    refused(
        get(&["-o", "out.json"]),
        "error: invalid value `out.json` for --output\nhint: to write a file: `-O out.json`\n",
        2,
        &[],
    );
}

#[test]
fn a_dash_is_stdout() {
    let server = Server::always(audio());
    let outcome = get(&["-O", "-"]).server(&server).stdout_bytes(AUDIO).exits(0);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[test]
fn status_and_headers_stand_before_the_answer() {
    let server = Server::always(Reply::json(200, VIDEO).header("X-Request-Id", "req_11"));
    get(&["-i"])
        .server(&server)
        .stdout(&format!(
            "HTTP/1.1 200 OK\ncontent-type: application/json\nx-request-id: req_11\n\
             content-length: {}\n\n{VIDEO_PRETTY}",
            VIDEO.len()
        ))
        .exits(0);
}

#[test]
fn status_and_headers_are_shown_of_a_failure_too_with_its_body_as_it_came() {
    let check = |reply: Reply, head: &str, body: &str, stderr: &str, code: i32| {
        let server = Server::always(reply);
        let stdout = format!("HTTP/1.1 {head}\ncontent-length: {}\n\n{body}", body.len());
        get(&["--include"]).server(&server).stdout(&stdout).stderr(stderr).exits(code);
    };
    check(
        Reply::json(404, NOT_FOUND),
        "404 Not Found\ncontent-type: application/json",
        NOT_FOUND,
        "error: 404 not_found: Video not found.\n",
        1,
    );
    let page = "<html><title>502 Bad Gateway</title></html>";
    check(
        Reply::new(502, "text/html", page),
        "502 Bad Gateway\ncontent-type: text/html",
        page,
        "error: 502 Bad Gateway; the answer is HTML (title \"502 Bad Gateway\"), not JSON\n\
         hint: this is HeyGen's gateway, not your request; see https://status.heygen.com\n",
        1,
    );
    let portal = "<html><title>Sign in</title></html>";
    check(
        Reply::new(200, "text/html", portal),
        "200 OK\ncontent-type: text/html",
        portal,
        "error: 200 OK; the answer is HTML (title \"Sign in\"), not JSON\n\
         hint: is there a proxy or a sign-in page between you and HeyGen?\n",
        1,
    );
    // v2 tells of errors inside a success.
    let inside = r#"{"data":null,"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V."}}"#;
    check(
        Reply::json(200, inside),
        "200 OK\ncontent-type: application/json",
        inside,
        "error: 200 with an error inside: internal_error: This avatar does not support unlimited mode. Please use a \
         different avatar, or use Avatar IV or Avatar V.\n",
        1,
    );
    check(
        Reply::new(302, "", "")
            .header("Location", "https://files.heygen.ai/a.mp4?Signature=secret"),
        "302 Found\nlocation: https://files.heygen.ai/a.mp4?Signature=secret",
        "",
        "error: 302 to https://files.heygen.ai/a.mp4?…; not followed, so that the key stays with the API\n",
        1,
    );
}

#[test]
fn a_status_that_has_no_words_is_shown_as_its_number() {
    let server = Server::always(Reply::empty(299));
    get(&["-i", "-v"])
        .server(&server)
        .stdout("HTTP/1.1 299\ncontent-length: 0\n\n")
        .stderr("> GET [BASE]/v3/videos/v_5d1\n< 299, [MS] ms\n")
        .exits(0);
}

#[test]
fn of_a_saved_answer_the_head_is_on_stdout() {
    let head = "HTTP/1.1 200 OK\ncontent-type: audio/mpeg\ncontent-length: 15\n\n";
    let server = Server::always(audio());
    let outcome = get(&["-i", "-O", "out"]).server(&server).stdout(head).exits(0);
    assert_eq!(outcome.file("out"), AUDIO);

    let server = Server::always(Reply::json(404, NOT_FOUND));
    let head = format!(
        "HTTP/1.1 404 Not Found\ncontent-type: application/json\ncontent-length: {}\n\n{NOT_FOUND}",
        NOT_FOUND.len()
    );
    let outcome = get(&["-i", "-O", "out"])
        .server(&server)
        .stdout(&head)
        .stderr("error: 404 not_found: Video not found.\n")
        .exits(1);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[test]
fn head_can_be_saved_for_it_is_the_answer() {
    let server = Server::always(audio());
    let outcome = Test::new(&["head", "/v3/videos/v_5d1", "-O", "out"]).server(&server).exits(0);
    assert_eq!(outcome.files(), ["out"]);
    assert_eq!(
        String::from_utf8_lossy(&outcome.file("out")),
        "HTTP/1.1 200 OK\ncontent-type: audio/mpeg\ncontent-length: 15\n\n"
    );
}

#[test]
fn a_header_that_repeats_the_key_is_masked_in_front_of_the_answer() {
    let server = Server::always(Reply::empty(204).header("X-Echo", crate::support::KEY));
    get(&["-i"]).server(&server).stdout("HTTP/1.1 204 No Content\nx-echo: …7Qx2\n\n").exits(0);
}

#[test]
fn a_slow_answer_is_saved_as_long_as_it_comes() {
    // All of it takes longer than the limit, no pause does.
    let reply = audio().dripping(std::time::Duration::from_millis(40));
    saved(get(&["-O", "out", "--timeout", "400ms"]), reply, AUDIO);
}

#[test]
fn a_silence_ends_the_saving_and_leaves_no_file() {
    let server = Server::always(audio().announcing(1000).stalling());
    let outcome = get(&["-O", "out", "--timeout", "200ms"])
        .server(&server)
        .stderr(
            "error: no complete answer within 200 ms\nhint: `--timeout 5m` gives it more time\n",
        )
        .exits(4);
    assert_eq!(outcome.files(), Vec::<String>::new());
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::{AUDIO, NOT_FOUND, Reply, Running, Server, audio, get, refused};

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_has_the_permissions_that_every_program_gives() {
        let server = Server::always(audio());
        let test = get(&["-O", "out"]);
        let usual = test.home().join("usual");
        fs::write(&usual, "").expect("a file");
        let outcome = test.server(&server).exits(0);
        assert_eq!(mode(&outcome.work().join("out")), mode(&usual));
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions() {
        let server = Server::always(audio());
        let test = get(&["-O", "out", "--force"]).file("out", "old");
        let path = test.work().join("out");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("permissions");
        let _outcome = test.server(&server).exits(0);
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_link_is_written_through() {
        let server = Server::always(audio());
        let test = get(&["-O", "link", "--force"]).file("there/out", "old");
        let link = test.work().join("link");
        symlink("there/out", &link).expect("a link");
        let outcome = test.server(&server).exits(0);
        assert!(link.is_symlink());
        assert_eq!(outcome.files(), ["there/out"]);
        assert_eq!(outcome.file("there/out"), AUDIO);
    }

    #[test]
    fn a_link_does_not_hide_that_a_file_exists() {
        let test = get(&["-O", "link"]).file("there/out", "old");
        symlink("there/out", test.work().join("link")).expect("a link");
        refused(
            test,
            "error: `link` exists\nhint: `--force` replaces it; nothing was sent\n",
            1,
            &["there/out"],
        );
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        let test = get(&["-O", "link"]);
        symlink("gone", test.work().join("link")).expect("a link");
        refused(test, "error: creating `link`: no such file or directory\n", 1, &[]);
    }

    #[test]
    fn the_null_device_takes_everything_and_stays() {
        let server = Server::always(audio());
        let outcome = get(&["-O", "/dev/null"]).server(&server).exits(0);
        let kind = fs::metadata("/dev/null").expect("a device").file_type();
        assert!(kind.is_char_device());
        assert_eq!(outcome.files(), Vec::<String>::new());
    }

    #[test]
    fn stdout_may_be_named_as_a_device() {
        let server = Server::always(audio());
        get(&["-O", "/dev/stdout"]).server(&server).stdout_bytes(AUDIO).exits(0);
    }

    #[test]
    fn an_interrupted_call_leaves_no_file_and_dies_of_the_signal() {
        let check = |signal: i32, send: fn(&Running<'_>)| {
            let server = Server::always(audio().announcing(1000).stalling());
            let running = get(&["-O", "out"]).server(&server).start();
            server.wait_for_requests(1);
            send(&running);
            let outcome = running.dies_of(signal);
            assert_eq!(outcome.files(), Vec::<String>::new());
        };
        check(2, |running| running.interrupt());
        check(15, |running| running.terminate());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_told_apart_from_a_failed_call() {
        let said = |place: &str| {
            format!(
                "error: {place}: no space left on device\n\
                 hint: the call itself succeeded, do not repeat it\n"
            )
        };
        let server = Server::always(audio());
        get(&["-O", "/dev/full"])
            .server(&server)
            .stderr(&said("saving the answer to `/dev/full`"))
            .exits(5);
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        get(&[])
            .server(&server)
            .stdout_to(full)
            .stderr(&said("writing the answer to stdout"))
            .exits(5);
        // A call that failed did not succeed because its head could not be shown.
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let server = Server::always(Reply::json(404, NOT_FOUND));
        get(&["-i"])
            .server(&server)
            .stdout_to(full)
            .stderr("error: writing to stdout: no space left on device\n")
            .exits(1);
    }

    #[test]
    fn a_folder_that_may_not_be_written_to_is_told_before_anything_is_sent() {
        let test = get(&["-O", "closed/out"]).dir("closed");
        let folder = test.work().join("closed");
        fs::set_permissions(&folder, Permissions::from_mode(0o500)).expect("permissions");
        if fs::write(folder.join("probe"), "").is_ok() {
            // Root may write everywhere.
            return;
        }
        refused(test, "error: creating `closed/out`: permission denied\n", 1, &[]);
    }

    #[test]
    fn a_pipe_with_a_name_is_written_to() {
        let server = Server::always(audio());
        let test = get(&["-O", "pipe"]);
        let path = test.work().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from(0o600))
            .expect("a pipe can be made");
        let reader = std::thread::spawn(move || fs::read(path));
        test.server(&server).exits(0);
        assert_eq!(reader.join().expect("a reader").expect("bytes"), AUDIO);
    }
}
