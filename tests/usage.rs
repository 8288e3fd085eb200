//! Usage errors: exit 2, one error, and nothing is sent. Help and version.

use std::ffi::OsStr;

use crate::support::{Inline, Reply, Server, Stream, Test, assert_text, str};

/// The command line is rejected with these errors, as text and as JSON, and nothing connects.
#[track_caller]
fn check(arguments: &[&str], variables: &[(&str, &str)], expected: Inline) {
    assert_text(&refused(arguments, variables), expected);
}

/// The errors of a command line that is rejected before anything connects.
#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let server = Server::in_turn(vec![]);
    let run = |format: &str| {
        let test = Test::new(arguments).server(&server).env("HEYGEN_ERROR_FORMAT", format);
        variables.iter().fold(test, |test, (name, value)| test.env(name, value)).says(2)
    };
    let errors = run("text") + &run("auto");
    assert_eq!(server.connections(), 0);
    errors
}

#[test]
fn rejects_unknown_commands_and_flags() {
    check(
        &["gte", "/v3/videos"],
        &[],
        str![[r#"
error: unrecognized subcommand 'gte'
hint: a similar subcommand exists: 'get'
{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}

"#]],
    );
    check(
        &["nonsense"],
        &[],
        str![[r#"
error: unrecognized subcommand 'nonsense'
hint: the commands are auth, get, head, post, put, patch, delete, wait, download, endpoints, mock, completions, man, help; `heygen --help` lists the nouns
{"error":{"code":"usage_error","message":"unrecognized subcommand 'nonsense'","hint":"the commands are auth, get, head, post, put, patch, delete, wait, download, endpoints, mock, completions, man, help; `heygen --help` lists the nouns"}}

"#]],
    );
    check(
        &["get", "/v3/x", "--outptu", "json"],
        &[],
        str![[r#"
error: unexpected argument '--outptu' found
hint: a similar argument exists: '--output'
{"error":{"code":"usage_error","message":"unexpected argument '--outptu' found","hint":"a similar argument exists: '--output'"}}

"#]],
    );
    check(
        &["get", "/v3/x", "/v3/y"],
        &[],
        str![[r#"
error: unexpected argument '/v3/y' found
hint: usage: heygen get [OPTIONS] <ENDPOINT>
{"error":{"code":"usage_error","message":"unexpected argument '/v3/y' found","hint":"usage: heygen get [OPTIONS] <ENDPOINT>"}}

"#]],
    );
    check(
        &["get"],
        &[],
        str![[r#"
error: the endpoint is missing
hint: write it like `heygen get /v3/videos`
{"error":{"code":"usage_error","message":"the endpoint is missing","hint":"write it like `heygen get /v3/videos`"}}

"#]],
    );
    check(
        &["get", "/v3/x", "-o"],
        &[],
        str![[r#"
error: a value is required for '--output <FORMAT>' but none was supplied
{"error":{"code":"usage_error","message":"a value is required for '--output <FORMAT>' but none was supplied"}}

"#]],
    );
    check(
        &["auth", "nonsense"],
        &[],
        str![[r#"
error: unrecognized subcommand 'nonsense'
hint: the commands are check, login, logout
{"error":{"code":"usage_error","message":"unrecognized subcommand 'nonsense'","hint":"the commands are check, login, logout"}}

"#]],
    );
    check(
        &["auth", "check", "nonsense"],
        &[],
        str![[r#"
error: unexpected argument 'nonsense' found
hint: usage: heygen auth check [OPTIONS]
{"error":{"code":"usage_error","message":"unexpected argument 'nonsense' found","hint":"usage: heygen auth check [OPTIONS]"}}

"#]],
    );
    check(
        &["completions", "tcsh"],
        &[],
        str![[r#"
error: invalid value 'tcsh' for '<SHELL>' [possible values: bash, zsh, fish, powershell, elvish]
{"error":{"code":"usage_error","message":"invalid value 'tcsh' for '<SHELL>' [possible values: bash, zsh, fish, powershell, elvish]"}}

"#]],
    );
}

#[test]
fn no_api_key_or_insecure_flag() {
    for flag in ["--api-key", "--key", "--insecure", "--token"] {
        let server = Server::in_turn(vec![]);
        let outcome = Test::new(&["get", "/v3/x", flag, "value"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{flag}");
        assert!(!outcome.stderr.contains("value'"), "{}", outcome.stderr);
    }
}

#[test]
fn rejects_invalid_endpoints() {
    check(
        &["get", ""],
        &[],
        str![[r#"
error: the endpoint is empty
hint: an endpoint looks like /v3/videos
{"error":{"code":"usage_error","message":"the endpoint is empty","hint":"an endpoint looks like /v3/videos"}}

"#]],
    );
    check(
        &["get", "/"],
        &[],
        str![[r#"
error: the endpoint is empty
hint: an endpoint looks like /v3/videos
{"error":{"code":"usage_error","message":"the endpoint is empty","hint":"an endpoint looks like /v3/videos"}}

"#]],
    );
    check(
        &["get", "/v3/../v1/x"],
        &[],
        str![[r#"
error: the endpoint contains a segment `.` or `..`
hint: an endpoint looks like /v3/videos
{"error":{"code":"usage_error","message":"the endpoint contains a segment `.` or `..`","hint":"an endpoint looks like /v3/videos"}}

"#]],
    );
    check(
        &["get", "/v3/videos/{id}"],
        &[],
        str![[r#"
error: the endpoint still contains the placeholder {id}
hint: put a value in its place
{"error":{"code":"usage_error","message":"the endpoint still contains the placeholder {id}","hint":"put a value in its place"}}

"#]],
    );
    check(
        &["get", "/v3/videos//scenes"],
        &[],
        str![[r#"
error: the endpoint contains an empty segment (`//`)
hint: is a shell variable unset?
{"error":{"code":"usage_error","message":"the endpoint contains an empty segment (`//`)","hint":"is a shell variable unset?"}}

"#]],
    );
    check(
        &["get", "/v3/a b"],
        &[],
        str![[r#"
error: the endpoint contains a space
hint: percent-encode it: a space is %20
{"error":{"code":"usage_error","message":"the endpoint contains a space","hint":"percent-encode it: a space is %20"}}

"#]],
    );
    check(
        &["get", "/v3/x#y"],
        &[],
        str![[r#"
error: the endpoint contains `#`
hint: write # as %23
{"error":{"code":"usage_error","message":"the endpoint contains `#`","hint":"write # as %23"}}

"#]],
    );
}

#[test]
fn rejects_invalid_flag_values() {
    check(
        &["get", "/v3/x", "-Q", "limit"],
        &[],
        str![[r#"
error: --query `limit` has no `=`
hint: write it like `-Q limit=5`
{"error":{"code":"usage_error","message":"--query `limit` has no `=`","hint":"write it like `-Q limit=5`"}}

"#]],
    );
    check(
        &["get", "/v3/x", "-Q", "=5"],
        &[],
        str![[r#"
error: --query `=5` has no name before the `=`
{"error":{"code":"usage_error","message":"--query `=5` has no name before the `=`"}}

"#]],
    );
    check(
        &["get", "/v3/x", "-o", "yaml"],
        &[],
        str![[r#"
error: invalid value `yaml` for --output
hint: use json, compact, jsonl, table, csv or raw
{"error":{"code":"usage_error","message":"invalid value `yaml` for --output","hint":"use json, compact, jsonl, table, csv or raw"}}

"#]],
    );
    check(
        &["get", "/v3/x", "-o", "out.json"],
        &[],
        str![[r#"
error: invalid value `out.json` for --output
hint: to write a file: `-O out.json`
{"error":{"code":"usage_error","message":"invalid value `out.json` for --output","hint":"to write a file: `-O out.json`"}}

"#]],
    );
    let mut errors = String::new();
    for timeout in ["5parsecs", "nan", "1e30", "0", "400d"] {
        errors += &refused(&["get", "/v3/x", "--timeout", timeout], &[]);
        errors += &refused(&["auth", "check", "--timeout", timeout], &[]);
    }
    assert_text(
        &errors,
        str![[r#"
error: invalid value '5parsecs' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value '5parsecs' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value '5parsecs' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value '5parsecs' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value 'nan' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value 'nan' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value 'nan' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value 'nan' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value '1e30' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value '1e30' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value '1e30' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m
{"error":{"code":"usage_error","message":"invalid value '1e30' for '--timeout <DURATION>': write it like 500ms, 30s, 5m or 1h30m"}}
error: invalid value '0' for '--timeout <DURATION>': it must be at least 1ms
{"error":{"code":"usage_error","message":"invalid value '0' for '--timeout <DURATION>': it must be at least 1ms"}}
error: invalid value '0' for '--timeout <DURATION>': it must be at least 1ms
{"error":{"code":"usage_error","message":"invalid value '0' for '--timeout <DURATION>': it must be at least 1ms"}}
error: invalid value '400d' for '--timeout <DURATION>': it must be at most 365 days
{"error":{"code":"usage_error","message":"invalid value '400d' for '--timeout <DURATION>': it must be at most 365 days"}}
error: invalid value '400d' for '--timeout <DURATION>': it must be at most 365 days
{"error":{"code":"usage_error","message":"invalid value '400d' for '--timeout <DURATION>': it must be at most 365 days"}}

"#]],
    );
    check(
        &["get", "/v3/x", "--color", "sometimes"],
        &[],
        str![[r#"
error: invalid value 'sometimes' for '--color <WHEN>' [possible values: auto, always, never]
{"error":{"code":"usage_error","message":"invalid value 'sometimes' for '--color <WHEN>' [possible values: auto, always, never]"}}

"#]],
    );
}

#[test]
fn rejects_invalid_api_base() {
    let mut errors = String::new();
    for address in [
        "api.heygen.com",
        "file:///etc/passwd",
        "https://user:password@api.heygen.com",
        "https://",
        "https://api.heygen.com:99999",
        "https://api.heygen.com/a?b",
    ] {
        errors += &refused(&["get", "/v3/x", "--api-base", address], &[]);
        errors += &refused(&["get", "/v3/x"], &[("HEYGEN_API_BASE", address)]);
    }
    assert_text(
        &errors,
        str![[r#"
error: --api-base is not a valid API address: it must begin with https:// or http://
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: it must begin with https:// or http://","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: it must begin with https:// or http://
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: it must begin with https:// or http://","hint":"an address looks like https://api.heygen.com"}}
error: --api-base is not a valid API address: it must begin with https:// or http://
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: it must begin with https:// or http://","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: it must begin with https:// or http://
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: it must begin with https:// or http://","hint":"an address looks like https://api.heygen.com"}}
error: --api-base is not a valid API address: it must not name a user or password
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: it must not name a user or password","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: it must not name a user or password
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: it must not name a user or password","hint":"an address looks like https://api.heygen.com"}}
error: --api-base is not a valid API address: it has no valid host
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: it has no valid host","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: it has no valid host
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: it has no valid host","hint":"an address looks like https://api.heygen.com"}}
error: --api-base is not a valid API address: its port is not a number from 1 to 65535
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: its port is not a number from 1 to 65535","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: its port is not a number from 1 to 65535
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: its port is not a number from 1 to 65535","hint":"an address looks like https://api.heygen.com"}}
error: --api-base is not a valid API address: its path must be plain: no query, fragment, spaces, backslashes or dots
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"--api-base is not a valid API address: its path must be plain: no query, fragment, spaces, backslashes or dots","hint":"an address looks like https://api.heygen.com"}}
error: HEYGEN_API_BASE is not a valid API address: its path must be plain: no query, fragment, spaces, backslashes or dots
hint: an address looks like https://api.heygen.com
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not a valid API address: its path must be plain: no query, fragment, spaces, backslashes or dots","hint":"an address looks like https://api.heygen.com"}}

"#]],
    );
    check(
        &["auth", "check", "--api-base", "http://api.heygen.com"],
        &[],
        str![[r#"
error: refusing to send your key to api.heygen.com in the clear (http://)
hint: use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own
{"error":{"code":"usage_error","message":"refusing to send your key to api.heygen.com in the clear (http://)","hint":"use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own"}}

"#]],
    );
}

#[test]
fn rejects_invalid_variables() {
    let get = ["get", "/v3/x"];
    check(
        &get,
        &[("HEYGEN_OUTPUT", "yaml")],
        str![[r#"
error: invalid value `yaml` for HEYGEN_OUTPUT
hint: use json, compact, jsonl, table, csv or raw
{"error":{"code":"usage_error","message":"invalid value `yaml` for HEYGEN_OUTPUT","hint":"use json, compact, jsonl, table, csv or raw"}}

"#]],
    );
    check(
        &get,
        &[("HEYGEN_ENVELOPE", "maybe")],
        str![[r#"
error: HEYGEN_ENVELOPE must be 1, true, yes, 0, false or no
hint: use 1, true or yes; or unset it
{"error":{"code":"usage_error","message":"HEYGEN_ENVELOPE must be 1, true, yes, 0, false or no","hint":"use 1, true or yes; or unset it"}}

"#]],
    );
    check(
        &get,
        &[("HEYGEN_API_BASE", "http://api.heygen.com"), ("HEYGEN_ALLOW_HTTP", "on")],
        str![[r#"
error: HEYGEN_ALLOW_HTTP must be 1, true, yes, 0, false or no
hint: use 1, true or yes; or unset it
{"error":{"code":"usage_error","message":"HEYGEN_ALLOW_HTTP must be 1, true, yes, 0, false or no","hint":"use 1, true or yes; or unset it"}}

"#]],
    );
    Test::new(&get)
        .env("HEYGEN_ERROR_FORMAT", "xml")
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"invalid value `xml` for HEYGEN_ERROR_FORMAT","hint":"use auto, text or json"}}

"#]])
        .exits(2);
}

#[test]
fn usage_error_comes_before_missing_key() {
    Test::new(&["get", "/v3/x", "-o", "yaml", "--error-format", "text"])
        .no_key()
        .stderr(str![[r#"
error: invalid value `yaml` for --output
hint: use json, compact, jsonl, table, csv or raw

"#]])
        .exits(2);
}

#[test]
fn error_format_counts_in_any_position() {
    let text = || {
        str![[r#"
error: unrecognized subcommand 'gte'
hint: a similar subcommand exists: 'get'

"#]]
    };
    let json = || {
        str![[r#"
{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}

"#]]
    };
    let check = |arguments: &[&str], variable: &str, expected: Inline| {
        Test::new(arguments).env("HEYGEN_ERROR_FORMAT", variable).stderr(expected).exits(2);
    };
    check(&["--error-format", "text", "gte"], "", text());
    check(&["gte", "--error-format", "text"], "", text());
    check(&["gte", "--error-format=text"], "json", text());
    check(&["--error-format=json", "gte"], "text", json());
    check(&["gte"], "text", text());
    check(&["gte"], "", json());
    // Behind `--` it is not a flag.
    check(&["gte", "--", "--error-format", "text"], "", json());
}

#[cfg(unix)]
#[test]
fn errors_are_text_on_a_terminal() {
    Test::new(&["gte"])
        .terminal(Stream::Stderr)
        .stderr(str![[r#"
␛[1;31merror:␛[0m unrecognized subcommand 'gte'
␛[36mhint:␛[0m a similar subcommand exists: 'get'

"#]])
        .exits(2);
    Test::new(&["gte", "--error-format", "json"])
        .terminal(Stream::Stderr)
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}

"#]])
        .exits(2);
}

#[cfg(unix)]
#[test]
fn rejects_arguments_that_are_not_text() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = OsStr::from_bytes(b"/v3/\xff");
    let run = |arguments: &[&str]| Test::new(arguments).env("HEYGEN_ERROR_FORMAT", "text");
    run(&["get"])
        .arg(bytes)
        .stderr(str![[r#"
error: invalid UTF-8 was detected in one or more arguments
hint: usage: heygen get [OPTIONS] <ENDPOINT>

"#]])
        .exits(2);
    run(&["get", "/v3/x", "-Q"])
        .arg(bytes)
        .stderr(str![[r#"
error: invalid UTF-8 was detected in one or more arguments
hint: usage: heygen get [OPTIONS] <ENDPOINT>

"#]])
        .exits(2);
    let set = |name: &str| Test::new(&["get", "/v3/x"]).env_os(name, bytes);
    set("HEYGEN_API_BASE")
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"HEYGEN_API_BASE is not valid UTF-8"}}

"#]])
        .exits(2);
    set("HEYGEN_OUTPUT")
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"HEYGEN_OUTPUT is not valid UTF-8"}}

"#]])
        .exits(2);
    set("HEYGEN_ERROR_FORMAT")
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"HEYGEN_ERROR_FORMAT is not valid UTF-8"}}

"#]])
        .exits(2);
    // A name of a file need not be text.
    let server = Server::always(Reply::json(200, "1"));
    let test = Test::new(&["get", "/v3/x", "--api-key-file"]).arg(OsStr::from_bytes(b"key\xff"));
    std::fs::write(test.work().join(OsStr::from_bytes(b"key\xff")), "abc").expect("such a file");
    test.no_key()
        .server(&server)
        .stdout(str![[r#"
1

"#]])
        .exits(0);
}

#[test]
fn version_says_unofficial() {
    for flag in ["--version", "-V"] {
        Test::new(&[flag])
            .no_key()
            .stdout(concat!("heygen-cli ", env!("CARGO_PKG_VERSION"), " (unofficial)\n"))
            .exits(0);
    }
}

#[test]
fn command_alone_prints_help() {
    let help = Test::new(&["-h"]).no_key().run();
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert!(help.stdout.starts_with(
        "Authenticated calls of the HeyGen API from a shell\n\nExamples:\n  heygen auth check "
    ));
    Test::new(&[]).no_key().stdout(&help.stdout).exits(0);
    let help = Test::new(&["auth", "-h"]).no_key().run();
    Test::new(&["auth"]).no_key().stdout(&help.stdout).exits(0);
}

#[test]
fn help_in_a_pipe_is_plain() {
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
        assert!(
            outcome.stdout.contains("\nExamples:\n") || outcome.stdout.starts_with("Examples:\n")
        );
    }
    assert_eq!(server.connections(), 0);
}

#[cfg(unix)]
#[test]
fn help_is_coloured_on_a_terminal() {
    let outcome = Test::new(&["--help"]).terminal(Stream::Both).run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(outcome.stdout.contains("\u{1b}["), "{}", outcome.stdout);
    let outcome = outcome.then(&["--help"]).terminal(Stream::Both).env("NO_COLOR", "1").run();
    assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
}

#[test]
fn help_into_closed_pipe_succeeds() {
    for arguments in [&["--help"][..], &["--version"], &["completions", "bash"]] {
        Test::new(arguments).stdout_closed().exits(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn help_onto_full_disk_fails() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    Test::new(&["--help"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stdout_to(full)
        .stderr(str![[r#"
error: writing to stdout: no space left on device

"#]])
        .exits(1);
}
