//! What is typed and has no meaning: exit 2, one error, and nothing is sent. Help and version.

use std::ffi::OsStr;

use crate::support::{Reply, Server, Stream, Test};

/// A command line is refused with this message and hint, as text and as JSON, and nobody connects.
#[track_caller]
fn check(arguments: &[&str], variables: &[(&str, &str)], message: &str, hint: &str) {
    let server = Server::in_turn(vec![]);
    let run = |format: &str| {
        let test = Test::new(arguments).server(&server).env("HEYGEN_ERROR_FORMAT", format);
        variables.iter().fold(test, |test, (name, value)| test.env(name, value))
    };
    let in_text = if hint.is_empty() { String::new() } else { format!("hint: {hint}\n") };
    run("text").stderr(&format!("error: {message}\n{in_text}")).exits(2);
    let in_json = if hint.is_empty() { String::new() } else { format!(r#","hint":"{hint}""#) };
    let json = format!(r#"{{"error":{{"code":"usage_error","message":"{message}"{in_json}}}}}"#);
    run("auto").stderr(&format!("{json}\n")).exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn commands_and_flags_that_do_not_exist() {
    check(
        &["gte", "/v3/videos"],
        &[],
        "unrecognized subcommand 'gte'",
        "a similar subcommand exists: 'get'",
    );
    check(
        &["nonsense"],
        &[],
        "unrecognized subcommand 'nonsense'",
        "the commands are auth, get, head, post, put, patch, delete, completions, man, help",
    );
    check(
        &["get", "/v3/x", "--outptu", "json"],
        &[],
        "unexpected argument '--outptu' found",
        "a similar argument exists: '--output'",
    );
    check(
        &["get", "/v3/x", "/v3/y"],
        &[],
        "unexpected argument '/v3/y' found",
        "usage: heygen get [OPTIONS] <ENDPOINT>",
    );
    check(
        &["get"],
        &[],
        "the following required arguments were not provided: <ENDPOINT>",
        "usage: heygen get <ENDPOINT>",
    );
    check(
        &["get", "/v3/x", "-o"],
        &[],
        "a value is required for '--output <FORMAT>' but none was supplied",
        "",
    );
    check(
        &["auth", "nonsense"],
        &[],
        "unrecognized subcommand 'nonsense'",
        "the commands are check, login, logout",
    );
    check(
        &["auth", "check", "nonsense"],
        &[],
        "unexpected argument 'nonsense' found",
        "usage: heygen auth check [OPTIONS]",
    );
    check(
        &["completions", "tcsh"],
        &[],
        "invalid value 'tcsh' for '<SHELL>' [possible values: bash, zsh, fish, powershell, elvish]",
        "a similar value exists: 'zsh'",
    );
}

#[test]
fn a_key_or_insecure_flag_does_not_exist() {
    for flag in ["--api-key", "--key", "--insecure", "--token"] {
        let server = Server::in_turn(vec![]);
        let outcome = Test::new(&["get", "/v3/x", flag, "value"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{flag}");
        assert!(!outcome.stderr.contains("value'"), "{}", outcome.stderr);
    }
}

#[test]
fn endpoints_that_are_none() {
    let like = "an endpoint looks like /v3/videos";
    check(&["get", ""], &[], "the endpoint is empty", like);
    check(&["get", "/"], &[], "the endpoint is empty", like);
    check(&["get", "/v3/../v1/x"], &[], "the endpoint contains a segment `.` or `..`", like);
    check(
        &["get", "/v3/videos/{id}"],
        &[],
        "the endpoint still contains the placeholder {id}",
        "put a value in its place",
    );
    check(
        &["get", "/v3/videos//scenes"],
        &[],
        "the endpoint contains an empty segment (`//`)",
        "is a shell variable unset?",
    );
    check(
        &["get", "/v3/a b"],
        &[],
        "the endpoint contains a space",
        "percent-encode it: a space is %20",
    );
    check(&["get", "/v3/x#y"], &[], "the endpoint contains `#`", "write # as %23");
}

#[test]
fn values_that_have_no_meaning() {
    check(
        &["get", "/v3/x", "-Q", "limit"],
        &[],
        "--query `limit` has no `=`",
        "write it like `-Q limit=5`",
    );
    check(&["get", "/v3/x", "-Q", "=5"], &[], "--query `=5` has no name before the `=`", "");
    check(
        &["get", "/v3/x", "-o", "yaml"],
        &[],
        "invalid value `yaml` for --output",
        "use json, compact, jsonl, table, csv or raw",
    );
    check(
        &["get", "/v3/x", "-o", "out.json"],
        &[],
        "invalid value `out.json` for --output",
        "to write a file: `-O out.json`",
    );
    for (timeout, reason) in [
        ("5parsecs", "write it like 500ms, 30s, 5m or 1h30m"),
        ("nan", "write it like 500ms, 30s, 5m or 1h30m"),
        ("1e30", "write it like 500ms, 30s, 5m or 1h30m"),
        ("0", "it must be at least 1ms"),
        ("400d", "it must be at most 365 days"),
    ] {
        for command in [&["get", "/v3/x"][..], &["auth", "check"]] {
            let arguments = [command, &["--timeout", timeout]].concat();
            check(
                &arguments,
                &[],
                &format!("invalid value '{timeout}' for '--timeout <DURATION>': {reason}"),
                "",
            );
        }
    }
    check(
        &["get", "/v3/x", "--color", "sometimes"],
        &[],
        "invalid value 'sometimes' for '--color <WHEN>' [possible values: auto, always, never]",
        "",
    );
}

#[test]
fn addresses_that_are_none() {
    let like = "an address looks like https://api.heygen.com";
    let check_both = |address: &str, reason: &str| {
        check(
            &["get", "/v3/x", "--api-base", address],
            &[],
            &format!("--api-base is not a valid API address: {reason}"),
            like,
        );
        check(
            &["get", "/v3/x"],
            &[("HEYGEN_API_BASE", address)],
            &format!("HEYGEN_API_BASE is not a valid API address: {reason}"),
            like,
        );
    };
    check_both("api.heygen.com", "it must begin with https:// or http://");
    check_both("file:///etc/passwd", "it must begin with https:// or http://");
    check_both("https://user:password@api.heygen.com", "it must not name a user or password");
    check_both("https://", "it has no valid host");
    check_both("https://api.heygen.com:99999", "its port is not a number from 1 to 65535");
    check_both(
        "https://api.heygen.com/a?b",
        "its path must be plain: no query, fragment, spaces, backslashes or dots",
    );
    check(
        &["auth", "check", "--api-base", "http://api.heygen.com"],
        &[],
        "refusing to send your key to api.heygen.com in the clear (http://)",
        "use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own",
    );
}

#[test]
fn variables_that_have_no_meaning() {
    let get = ["get", "/v3/x"];
    check(
        &get,
        &[("HEYGEN_OUTPUT", "yaml")],
        "invalid value `yaml` for HEYGEN_OUTPUT",
        "use json, compact, jsonl, table, csv or raw",
    );
    check(
        &get,
        &[("HEYGEN_ENVELOPE", "maybe")],
        "HEYGEN_ENVELOPE must be 1, true, yes, 0, false or no",
        "use 1, true or yes; or unset it",
    );
    check(
        &get,
        &[("HEYGEN_API_BASE", "http://api.heygen.com"), ("HEYGEN_ALLOW_HTTP", "on")],
        "HEYGEN_ALLOW_HTTP must be 1, true, yes, 0, false or no",
        "use 1, true or yes; or unset it",
    );
    Test::new(&get)
        .env("HEYGEN_ERROR_FORMAT", "xml")
        .stderr(concat!(
            r#"{"error":{"code":"usage_error","message":"invalid value `xml` for HEYGEN_ERROR_FORMAT","hint":"use auto, text or json"}}"#,
            "\n"
        ))
        .exits(2);
}

#[test]
fn a_mistake_comes_before_the_key_is_looked_for() {
    Test::new(&["get", "/v3/x", "-o", "yaml", "--error-format", "text"])
        .no_key()
        .stderr("error: invalid value `yaml` for --output\nhint: use json, compact, jsonl, table, csv or raw\n")
        .exits(2);
}

#[test]
fn the_format_of_errors_is_known_wherever_it_is_typed() {
    let text = "error: unrecognized subcommand 'gte'\nhint: a similar subcommand exists: 'get'\n";
    let json = concat!(
        r#"{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}"#,
        "\n"
    );
    let check = |arguments: &[&str], variable: &str, expected: &str| {
        Test::new(arguments).env("HEYGEN_ERROR_FORMAT", variable).stderr(expected).exits(2);
    };
    check(&["--error-format", "text", "gte"], "", text);
    check(&["gte", "--error-format", "text"], "", text);
    check(&["gte", "--error-format=text"], "json", text);
    check(&["--error-format=json", "gte"], "text", json);
    check(&["gte"], "text", text);
    check(&["gte"], "", json);
    // Behind `--` it is no flag.
    check(&["gte", "--", "--error-format", "text"], "", json);
}

#[cfg(unix)]
#[test]
fn a_terminal_decides_the_format_of_errors() {
    let text = "\u{1b}[1;31merror:\u{1b}[0m unrecognized subcommand 'gte'\n\u{1b}[36mhint:\u{1b}[0m a similar subcommand exists: 'get'\n";
    Test::new(&["gte"]).terminal(Stream::Stderr).stderr(text).exits(2);
    Test::new(&["gte", "--error-format", "json"])
        .terminal(Stream::Stderr)
        .stderr(concat!(
            r#"{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}"#,
            "\n"
        ))
        .exits(2);
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_refused_and_no_panic() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = OsStr::from_bytes(b"/v3/\xff");
    let not_text = "error: invalid UTF-8 was detected in one or more arguments\nhint: usage: heygen get [OPTIONS] <ENDPOINT>\n";
    let run = |arguments: &[&str]| Test::new(arguments).env("HEYGEN_ERROR_FORMAT", "text");
    run(&["get"]).arg(bytes).stderr(not_text).exits(2);
    run(&["get", "/v3/x", "-Q"]).arg(bytes).stderr(not_text).exits(2);
    for name in ["HEYGEN_API_BASE", "HEYGEN_OUTPUT", "HEYGEN_ERROR_FORMAT"] {
        let outcome = Test::new(&["get", "/v3/x"]).env_os(name, bytes).run();
        let message = format!("{name} is not valid UTF-8");
        assert_eq!(
            outcome.stderr,
            format!("{{\"error\":{{\"code\":\"usage_error\",\"message\":\"{message}\"}}}}\n")
        );
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    }
    // A name of a file need not be text.
    let server = Server::always(Reply::json(200, "1"));
    let test = Test::new(&["get", "/v3/x", "--api-key-file"]).arg(OsStr::from_bytes(b"key\xff"));
    std::fs::write(test.work().join(OsStr::from_bytes(b"key\xff")), "abc").expect("such a file");
    test.no_key().server(&server).stdout("1\n").exits(0);
}

#[test]
fn the_version_says_that_it_is_unofficial() {
    for flag in ["--version", "-V"] {
        Test::new(&[flag])
            .no_key()
            .stdout(concat!("heygen-cli ", env!("CARGO_PKG_VERSION"), " (unofficial)\n"))
            .exits(0);
    }
}

#[test]
fn the_command_alone_prints_its_help() {
    let help = Test::new(&["-h"]).no_key().run();
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert!(help.stdout.starts_with(
        "Authenticated calls of the HeyGen API from a shell\n\nUsage: heygen [OPTIONS] <COMMAND>\n"
    ));
    Test::new(&[]).no_key().stdout(&help.stdout).exits(0);
    let help = Test::new(&["auth", "-h"]).no_key().run();
    Test::new(&["auth"]).no_key().stdout(&help.stdout).exits(0);
}

#[test]
fn help_shows_neither_key_nor_colours_off_a_terminal() {
    let server = Server::in_turn(vec![]);
    for arguments in [
        &["--help"][..],
        &["get", "--help"],
        &["auth", "--help"],
        &["auth", "check", "--help"],
        &["completions", "--help"],
    ] {
        let outcome = Test::new(arguments).server(&server).run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stdout.contains("…7Qx2"));
        assert!(outcome.stdout.contains("\nUsage: heygen "));
    }
    assert_eq!(server.connections(), 0);
}

#[cfg(unix)]
#[test]
fn help_has_colours_on_a_terminal() {
    let outcome = Test::new(&["--help"]).terminal(Stream::Both).run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(outcome.stdout.contains("\u{1b}["), "{}", outcome.stdout);
    let outcome = outcome.then(&["--help"]).terminal(Stream::Both).env("NO_COLOR", "1").run();
    assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
}

#[test]
fn help_into_a_closed_pipe_is_no_failure() {
    for arguments in [&["--help"][..], &["--version"], &["completions", "bash"]] {
        Test::new(arguments).stdout_closed().exits(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn help_onto_a_full_disk_is_one() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    Test::new(&["--help"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout_to(full)
        .stderr("error: writing to stdout: no space left on device\n")
        .exits(1);
}
