//! Flags that would have no effect are refused.

use crate::support::{Server, Test};

#[track_caller]
fn check(arguments: &[&str], message: &str, hint: &str) {
    let server = Server::in_turn(vec![]);
    Test::new(arguments)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: {message}\nhint: {hint}\n"))
        .exits(2);
    assert_eq!(server.connections(), 0, "{arguments:?}");
}

#[cfg(feature = "jq")]
#[test]
fn raw_responses_are_not_filtered() {
    check(
        &["get", "/v3/videos", "-o", "raw", "-q", "."],
        "--jq and `-o raw` conflict: `raw` prints the response as received",
        "leave `-o raw` out: --jq prints strings without quotes",
    );
}

#[test]
fn head_has_no_data_to_shape() {
    for (arguments, flag) in [
        (&["-q", "."][..], "--jq"),
        (&["-o", "table"], "--output"),
        (&["-c", "id"], "--columns"),
        (&["--all"], "--all"),
        (&["-E"], "--envelope"),
        (&["--human"], "--human"),
    ] {
        if flag == "--jq" && cfg!(not(feature = "jq")) {
            continue;
        }
        check(
            &[&["head", "/v3/videos"], arguments].concat(),
            &format!("{flag} has no effect: a response to HEAD has no data"),
            "use `heygen get`, or leave it out",
        );
    }
}

#[test]
fn programs_obey_no_other_flags() {
    for (arguments, flag) in [
        (&["-O", "out.json"][..], "--save"),
        (&["-q", "."], "--jq"),
        (&["-o", "table"], "--output"),
        (&["-i"], "--include"),
        (&["--timeout", "5s"], "--timeout"),
        (&["--retry", "1"], "--retry"),
        (&["--retry-for", "5s"], "--retry-for"),
    ] {
        check(
            &[&["get", "/v3/videos", "--as", "curl"], arguments].concat(),
            &format!("{flag} has no effect on the program that --as prints"),
            "leave one of them out",
        );
    }
}

#[test]
fn env_files_are_wanted_or_not() {
    let message = "--env-file and --no-env-file conflict";
    let hint = "leave one of them out";
    check(&["get", "/v3/videos", "--env-file", "a", "--no-env-file"], message, hint);
    check(&["--no-env-file", "get", "/v3/videos", "--env-file", "a"], message, hint);
}

#[test]
fn content_types_are_given_once() {
    let server = Server::in_turn(vec![]);
    Test::new(&["post", "/v3/assets", "--body-file", "a", "--content-type", "a/b"])
        .args(&["-H", "content-type: c/d"])
        .file("a", "")
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: the content type is given twice\n\
             hint: use one of: --content-type, --header\n",
        )
        .exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn pauses_need_retries() {
    check(
        &["get", "/v3/videos", "--retry", "0", "--retry-for", "5s"],
        "--retry-for has no effect: --retry 0 retries nothing",
        "leave one of them out",
    );
}
