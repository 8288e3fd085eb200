//! The sources of the key, the syntax of `.env` files, and invalid keys.

use crate::support::{Expectation, Inline, KEY, Reply, Server, Stream, Test, str};

const A: &str = "sk_V2_hgu_kAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const B: &str = "sk_V2_hgu_kBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const C: &str = "sk_V2_hgu_kCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC";

/// A call without a key, in which neither A nor B nor C may show.
fn call<'s>() -> Test<'s> {
    call_with(&[])
}

fn call_with<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&["get", "/v3/x"])
        .args(arguments)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .no_key()
        .secret(A)
        .secret(B)
        .secret(C)
}

/// The call is made with this key.
#[track_caller]
fn uses(test: Test<'_>, key: &str) {
    notes(test, key, str![]);
}

/// The call is made with this key, and this is noted.
#[track_caller]
fn notes(test: Test<'_>, key: &str, stderr: impl Into<Expectation>) {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let outcome = test
        .server(&server)
        .stdout(str![[r#"
1

"#]])
        .stderr(stderr)
        .sends(&["GET /v3/x"])
        .exits(0);
    assert_eq!(outcome.requests[0].headers_named("x-api-key"), [key]);
}

/// Checks that the call is not made: exit 3 with this error, without a connection.
#[track_caller]
fn refuses(test: Test<'_>, stderr: impl Into<Expectation>) {
    let server = Server::in_turn(vec![]);
    test.server(&server).stderr(stderr).exits(3);
    assert_eq!(server.connections(), 0);
}

fn line(key: &str) -> String {
    format!("HEYGEN_API_KEY={key}\n")
}

mod order {
    use super::*;

    #[test]
    fn order_of_key_sources() {
        let stored = || call().home_file(".heygen/credentials", format!(r#"{{"api_key":"{C}"}}"#));
        uses(stored().file(".env", line(B)).file(".env.local", line(A)).key(KEY), KEY);
        uses(stored().file(".env", line(B)).file(".env.local", line(A)), A);
        uses(stored().file(".env", line(B)), B);
        uses(stored(), C);
        uses(stored().file(".env", line(B)).arg("--no-env-file"), C);
    }

    #[test]
    fn empty_counts_as_unset() {
        uses(
            call()
                .key("")
                .file(".env.local", line(""))
                .file(".env", line("''"))
                .file("x", "")
                .home_file(".heygen/credentials", C),
            C,
        );
        refuses(
            call().key("").file(".env", "A=b\n\nHEYGEN_API_KEY=\n"),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (set, but empty), .env.local and .env (./.env line 3 is empty), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
    }

    #[test]
    fn empty_key_in_ci_mentions_forks() {
        refuses(
            call().key("").env("CI", "true"),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (set, but empty; CI gives no secrets to runs from forks), .env.local and .env (not found here), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
    }

    #[test]
    fn config_dir_and_bare_credentials() {
        uses(
            call()
                .file("conf/credentials", format!("{A}\n"))
                .env("HEYGEN_CONFIG_DIR", "conf")
                .home_file(".heygen/credentials", B),
            A,
        );
        uses(call().home_file(".heygen/credentials", format!("{B}\n")), B);
    }

    #[test]
    fn credentials_file_without_key() {
        let check = |content: &str, expected: Inline| {
            refuses(call().home_file(".heygen/credentials", content), expected);
        };
        check(
            "",
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (is empty)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
        check(
            "{\"api_key\":",
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (is not valid JSON)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
        check(
            "{}",
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (has no api_key)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
        check(
            r#"{"oauth":{"access_token":"t"}}"#,
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (has an OAuth session of HeyGen's CLI, but no API key)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
    }

    #[cfg(unix)]
    #[test]
    fn note_of_shadowed_key_on_terminal() {
        let scene = |stored: &str| {
            call()
                .file(".env", format!("#\n{}", line(A)))
                .home_file(".heygen/credentials", stored)
                .terminal(Stream::Stderr)
                .env("NO_COLOR", "1")
        };
        notes(
            scene(B),
            A,
            str![[r#"
note: using key …AAAA from ./.env, line 2; it takes precedence over a different key (…BBBB) in ~/.heygen/credentials

"#]],
        );
        // No note: the same key, no terminal, or the user's own choice.
        notes(scene(A), A, str![]);
        notes(scene(B).arg("--quiet"), A, str![]);
        notes(scene(B).args(&["--env-file", ".env"]), A, str![]);
        notes(scene(B).key(KEY), KEY, str![]);
        uses(call().file(".env", line(A)).home_file(".heygen/credentials", B), A);
    }
}

mod given {
    use super::*;

    #[test]
    fn api_key_file_excludes_other_sources() {
        let others = |arguments: &[&str]| call_with(arguments).key(B).file(".env", line(C));
        uses(others(&["--api-key-file", "key.txt"]).file("key.txt", format!(" {A}\r\n")), A);
        uses(others(&["--api-key-file=sub/key"]).file("sub/key", format!("\u{feff}{A}")), A);
        uses(others(&["--api-key-file", "-"]).stdin(format!("{A}\n")), A);
        refuses(
            others(&["--api-key-file", "gone"]),
            str![[r#"
error: no API key found
  looked at: gone (no such file)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            others(&["--api-key-file", "empty"]).file("empty", "\n"),
            str![[r#"
error: no API key found
  looked at: empty (is empty)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            others(&["--api-key-file", "-"]),
            str![[r#"
error: no API key found
  looked at: stdin (is empty)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            others(&["--api-key-file", "-"]).stdin("\r\n"),
            str![[r#"
error: no API key found
  looked at: stdin (is empty)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
    }

    #[test]
    fn env_file_excludes_other_sources() {
        let others = |arguments: &[&str]| call_with(arguments).key(B).file(".env", line(C));
        uses(
            others(&["--env-file", "prod.env"])
                .file("prod.env", format!("X=1\nexport {}", line(A))),
            A,
        );
        refuses(
            others(&["--env-file", "gone.env"]),
            str![[r#"
error: no API key found
  looked at: gone.env (no such file)
hint: `--env-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            others(&["--env-file", "other.env"]).file("other.env", "HEYGEN_KEY=x\n"),
            str![[r#"
error: no API key found
  looked at: other.env (has no line HEYGEN_API_KEY=, but line 1 sets HEYGEN_KEY)
hint: heygen reads HEYGEN_API_KEY: rename the variable
hint: `--env-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            others(&["--env-file", "empty.env"]).file("empty.env", "\nHEYGEN_API_KEY=\n"),
            str![[r#"
error: no API key found
  looked at: empty.env (line 2 is empty)
hint: `--env-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
    }

    #[test]
    fn rejects_both_key_file_flags() {
        let server = Server::in_turn(vec![]);
        call_with(&["--api-key-file", "a", "--env-file", "b"])
            .server(&server)
            .stderr(str![[r#"
error: the argument '--api-key-file <FILE>' cannot be used with '--env-file <FILE>'
hint: usage: heygen get --api-key-file <FILE> <ENDPOINT>

"#]])
            .exits(2);
        assert_eq!(server.connections(), 0);
    }

    #[test]
    fn key_as_file_name_is_hidden() {
        refuses(
            call_with(&["--api-key-file", A]),
            str![[r#"
error: no API key found
  looked at: … (no such file)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
        refuses(
            call_with(&["--env-file", A]),
            str![[r#"
error: no API key found
  looked at: … (no such file)
hint: `--env-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
    }

    #[test]
    fn rejects_folder_as_api_key_file() {
        refuses(
            call_with(&["--api-key-file", "folder"]).dir("folder"),
            str![[r#"
error: no API key found
  looked at: folder (cannot be read: is a directory)
hint: `--api-key-file` makes that the only source: put the key there, or leave the flag out

"#]],
        );
    }

    #[cfg(unix)]
    #[test]
    fn key_files_may_be_pipes() {
        uses(with_fifo(call_with(&["--api-key-file", "fifo"]), A.to_owned()), A);
        uses(with_fifo(call_with(&["--env-file", "fifo"]), line(A)), A);
    }
}

mod env_files {
    use super::*;

    #[test]
    fn env_search_ends_at_repository() {
        let inside = || call().cwd("site/app/deep");
        uses(inside().dir("site/.git").file("site/.env", line(A)), A);
        uses(
            inside().dir("site/.git").file("site/.env.local", line(B)).file("site/.env", line(A)),
            B,
        );
        uses(
            inside()
                .dir("site/.git")
                .file("site/app/.env", line(B))
                .file("site/.env.local", line(A)),
            B,
        );
        uses(inside().file("site/.git", "gitdir: elsewhere\n").file("site/.env", line(A)), A);
        refuses(
            inside().dir("site/.git").file(".env", line(A)),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found from here up to [WORK]/site), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
        refuses(
            inside().file("site/app/.env", line(A)),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
    }

    #[cfg(unix)]
    #[test]
    fn home_env_file_is_not_searched() {
        let test =
            call().home_file(".git/HEAD", "").home_file(".env", line(A)).home_file("project/x", "");
        let project = test.home().join("project");
        refuses(
            test.inside(project),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
        let test = call().home_file(".env", line(A));
        let home = test.home();
        uses(test.inside(home), A);
    }

    #[test]
    fn env_file_sets_only_the_key() {
        let elsewhere = Server::in_turn(vec![]);
        let content = format!(
            "HEYGEN_API_BASE={base}\nHEYGEN_ALLOW_HTTP=1\nHEYGEN_OUTPUT=nonsense\nHEYGEN_ENVELOPE=1\n\
             HEYGEN_ERROR_FORMAT=nonsense\nHEYGEN_CONFIG_DIR=/nowhere\nHTTP_PROXY={base}\nhttp_proxy={base}\n\
             ALL_PROXY={base}\nSSL_CERT_FILE=/nowhere\nHOME=/nowhere\nNO_COLOR=1\n{}",
            line(A),
            base = elsewhere.base(),
        );
        uses(call().file(".env", &content), A);
        uses(call_with(&["--env-file", "other"]).file("other", &content), A);
        assert_eq!(elsewhere.connections(), 0);
    }

    #[test]
    fn env_file_syntax() {
        let check = |content: &str, key: &str| uses(call().file(".env", content), key);
        check(&format!("HEYGEN_API_KEY = \"{A}\"  # the key\n"), A);
        check(&format!("export HEYGEN_API_KEY='{A}'\r\n"), A);
        check(&format!("{}{}", line(A), line(B)), B);
        check(&format!("HEYGEN_API_KEY={A}"), A);
        check(&format!("# {}{}", line(A), line(B)), B);
        check(&format!("MY_HEYGEN_API_KEY={A}\n{}", line(B)), B);
    }

    #[test]
    fn dollar_in_key_is_literal() {
        for key in ["abc$HOME", "a$b$$c", "$1abc"] {
            for quote in ["", "\"", "'"] {
                let value = format!("{quote}{key}{quote}");
                uses(call().file(".env", line(&value)).env("b", "never"), key);
            }
        }
    }

    #[test]
    fn ignores_other_broken_env_lines() {
        let broken = "PASSWORD=\"open\nthis is no assignment\n=x\n'\n\u{0}\n1A=2\n";
        uses(call().file(".env", format!("{broken}{}{broken}", line(A))), A);
    }

    #[test]
    fn env_file_encodings() {
        let text = format!("\u{feff}{}", line(A));
        let utf16 =
            |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        uses(call().file(".env", &text), A);
        uses(call().file(".env", utf16(u16::to_le_bytes)), A);
        uses(call().file(".env", utf16(u16::to_be_bytes)), A);
        uses(call().file(".env", [b"OTHER=\xff\xfe\n", line(A).as_bytes()].concat()), A);
    }

    #[test]
    fn invalid_key_stops_the_search() {
        let refused = |content: &str, expected: Inline| {
            refuses(call().file(".env", content).home_file(".heygen/credentials", B), expected);
        };
        refused(
            &format!("A=b\nHEYGEN_API_KEY=\"{A}\n"),
            str![[r#"
error: ./.env, line 2 has a quote that is not closed on that line (nothing was sent)
hint: write HEYGEN_API_KEY=<key>

"#]],
        );
        refused(
            &format!("HEYGEN_API_KEY {A}\n"),
            str![[r#"
error: ./.env, line 1 is not in the form HEYGEN_API_KEY=<key> (nothing was sent)
hint: write HEYGEN_API_KEY=<key>

"#]],
        );
        refused(
            &line("your-api-key-here"),
            str![[r#"
error: ./.env, line 1 is a placeholder, not a key (nothing was sent)
hint: make a key at https://app.heygen.com/settings?nav=API

"#]],
        );
    }

    #[cfg(unix)]
    #[test]
    fn skips_pipe_and_folder_as_env() {
        let odd = || {
            let test = call().dir(".env");
            make_fifo(&test.work().join(".env.local"));
            test
        };
        uses(odd().home_file(".heygen/credentials", A), A);
        refuses(
            odd(),
            str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env.local is a FIFO; ./.env is a folder), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
        );
    }

    #[cfg(unix)]
    #[test]
    fn skips_devices_links_and_large_files() {
        use std::os::unix::fs::symlink;
        let linked = |target: &str| {
            let test = call().file("big", vec![b'#'; (1 << 20) + 1]);
            symlink(target, test.work().join(".env")).expect("a link");
            test
        };
        for (target, expected) in [
            (
                "/dev/zero",
                str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env is a device), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
            ),
            (
                "gone",
                str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env is a dangling symlink), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
            ),
            (
                "big",
                str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env is larger than 1 MB), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
            ),
            (
                ".env",
                str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env cannot be read: too many levels of symbolic links), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]],
            ),
        ] {
            uses(linked(target).home_file(".heygen/credentials", A), A);
            refuses(linked(target), expected);
        }
        let test = call().file("real", line(A));
        symlink("real", test.work().join(".env")).expect("a link");
        uses(test, A);
    }
}

mod flaws {
    use super::*;

    #[test]
    fn invalid_keys_are_not_sent() {
        let check = |value: &str, expected: Inline| {
            refuses(call().key(value).file(".env", line(A)), expected);
        };
        check(
            &format!("\"{A}\""),
            str![[r#"
error: HEYGEN_API_KEY has a quote (") in the key (nothing was sent)
hint: Docker's --env-file keeps quotes as part of the value: write the key without them

"#]],
        );
        check(
            &format!("'{A}'"),
            str![[r#"
error: HEYGEN_API_KEY has a quote (') in the key (nothing was sent)
hint: Docker's --env-file keeps quotes as part of the value: write the key without them

"#]],
        );
        check(
            &format!("“{A}”"),
            str![[r#"
error: HEYGEN_API_KEY has a quote (“) in the key (nothing was sent)
hint: Docker's --env-file keeps quotes as part of the value: write the key without them

"#]],
        );
        check(
            &format!("{A} {B}"),
            str![[r#"
error: HEYGEN_API_KEY has whitespace inside the key (nothing was sent)

"#]],
        );
        check(
            &format!("{A}\n{B}"),
            str![[r#"
error: HEYGEN_API_KEY has a line break inside the key (nothing was sent)

"#]],
        );
        check(
            &format!("Bearer {A}"),
            str![[r#"
error: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent)

"#]],
        );
        check(
            &format!("{A}é"),
            str![[r#"
error: HEYGEN_API_KEY has characters that are not printable ASCII (nothing was sent)

"#]],
        );
        check(
            &format!("{A}\u{7f}"),
            str![[r#"
error: HEYGEN_API_KEY has characters that are not printable ASCII (nothing was sent)

"#]],
        );
        check(
            "your-api-key-here",
            str![[r#"
error: HEYGEN_API_KEY is a placeholder, not a key (nothing was sent)
hint: make a key at https://app.heygen.com/settings?nav=API

"#]],
        );
        check(
            "xxxxxxxx",
            str![[r#"
error: HEYGEN_API_KEY is a placeholder, not a key (nothing was sent)
hint: make a key at https://app.heygen.com/settings?nav=API

"#]],
        );
        for reference in
            ["$KEY", "${KEY}", "$(cat key)", "${{ secrets.KEY }}", "op://vault/heygen/key"]
        {
            check(
                reference,
                str![[r#"
error: HEYGEN_API_KEY is a reference to a key, not the key itself (nothing was sent)
hint: let your shell or secret manager put the key itself there, as `op run -- heygen …` does

"#]],
            );
        }
        check(
            &format!("HEYGEN_API_KEY={A}"),
            str![[r#"
error: HEYGEN_API_KEY is a line of a .env file, not the bare key (nothing was sent)
hint: write only the part after `=`

"#]],
        );
    }

    #[test]
    fn env_file_as_api_key_file() {
        refuses(
            call_with(&["--api-key-file", ".env"]).file(".env", format!("{}OTHER=1\n", line(A))),
            str![[r#"
error: .env is a line of a .env file, not the bare key (nothing was sent)
hint: write only the part after `=`, or read the file with `--env-file .env`

"#]],
        );
    }

    #[test]
    fn key_is_sent_trimmed() {
        for key in [
            "mock",
            "0123456789abcdef0123456789abcdef-1234567890",
            "MDEyMzQ1Njc4OWFiY2RlZg==",
            "a$b",
        ] {
            uses(call().key(&format!(" {key}\r\n")), key);
        }
    }

    #[cfg(unix)]
    #[test]
    fn rejects_key_that_is_not_text() {
        use std::os::unix::ffi::OsStrExt;
        refuses(
            call().env_os("HEYGEN_API_KEY", std::ffi::OsStr::from_bytes(b"sk_\xff\xfe")),
            str![[r#"
error: HEYGEN_API_KEY has characters that are not printable ASCII (nothing was sent)

"#]],
        );
    }
}

#[cfg(unix)]
fn make_fifo(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
}

/// The test with a pipe at `fifo` into which something writes this.
#[cfg(unix)]
fn with_fifo<'s>(test: Test<'s>, content: String) -> Test<'s> {
    let path = test.work().join("fifo");
    make_fifo(&path);
    std::thread::spawn(move || std::fs::write(path, content));
    test
}
