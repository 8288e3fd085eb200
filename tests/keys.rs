//! Where the key is looked for, what of a `.env` file counts, and what is no key.

use crate::support::{KEY, Reply, Server, Stream, Test};

const A: &str = "sk_V2_hgu_kAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const B: &str = "sk_V2_hgu_kBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const C: &str = "sk_V2_hgu_kCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC";

const MAKE_A_KEY: &str = "make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`";

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
    notes(test, key, "");
}

/// The call is made with this key, and this is noted.
#[track_caller]
fn notes(test: Test<'_>, key: &str, stderr: &str) {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let outcome = test.server(&server).stdout("1\n").stderr(stderr).sends(&["GET /v3/x"]).exits(0);
    assert_eq!(outcome.requests[0].headers_named("x-api-key"), [key]);
}

/// The call is not made: exit 3, this is said, and nobody connects.
#[track_caller]
fn refuses(test: Test<'_>, stderr: &str) {
    let server = Server::in_turn(vec![]);
    test.server(&server).stderr(stderr).exits(3);
    assert_eq!(server.connections(), 0);
}

/// The error of a call for which no place has a key.
fn no_key(looked_at: &str, hint: &str) -> String {
    format!("error: no API key found\n  looked at: {looked_at}\nhint: {hint}\n")
}

fn line(key: &str) -> String {
    format!("HEYGEN_API_KEY={key}\n")
}

mod order {
    use super::*;

    #[test]
    fn the_first_source_that_has_a_key_wins() {
        let stored = || call().home_file(".heygen/credentials", format!(r#"{{"api_key":"{C}"}}"#));
        uses(stored().file(".env", line(B)).file(".env.local", line(A)).key(KEY), KEY);
        uses(stored().file(".env", line(B)).file(".env.local", line(A)), A);
        uses(stored().file(".env", line(B)), B);
        uses(stored(), C);
        uses(stored().file(".env", line(B)).arg("--no-env-file"), C);
    }

    #[test]
    fn empty_is_no_key_and_the_next_source_has_its_turn() {
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
            &no_key(
                "HEYGEN_API_KEY (set, but empty), .env.local and .env (./.env line 3 is empty), ~/.heygen/credentials (no such file)",
                MAKE_A_KEY,
            ),
        );
    }

    #[test]
    fn a_run_from_a_fork_is_told_why_its_key_is_empty() {
        refuses(
            call().key("").env("CI", "true"),
            &no_key(
                "HEYGEN_API_KEY (set, but empty; CI gives no secrets to runs from forks), .env.local and .env (not found here), ~/.heygen/credentials (no such file)",
                MAKE_A_KEY,
            ),
        );
    }

    #[test]
    fn the_stored_key_may_lie_elsewhere_and_be_bare() {
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
    fn a_stored_file_without_a_key_is_named_for_what_it_is() {
        let check = |content: &str, found: &str| {
            refuses(
                call().home_file(".heygen/credentials", content),
                &no_key(
                    &format!(
                        "HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials ({found})"
                    ),
                    MAKE_A_KEY,
                ),
            );
        };
        check("", "is empty");
        check("{\"api_key\":", "is not valid JSON");
        check("{}", "has no api_key");
        check(
            r#"{"oauth":{"access_token":"t"}}"#,
            "has an OAuth session of HeyGen's CLI, but no API key",
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_terminal_is_told_when_a_discovered_file_beats_another_key() {
        let scene = |stored: &str| {
            call()
                .file(".env", format!("#\n{}", line(A)))
                .home_file(".heygen/credentials", stored)
                .terminal(Stream::Stderr)
                .env("NO_COLOR", "1")
        };
        let note = "note: using key …AAAA from ./.env, line 2; it takes precedence over a different key (…BBBB) in ~/.heygen/credentials\n";
        notes(scene(B), A, note);
        // Nothing to tell: the same key, nobody who reads, the user's own choice.
        notes(scene(A), A, "");
        notes(scene(B).arg("--quiet"), A, "");
        notes(scene(B).args(&["--env-file", ".env"]), A, "");
        notes(scene(B).key(KEY), KEY, "");
        uses(call().file(".env", line(A)).home_file(".heygen/credentials", B), A);
    }
}

mod given {
    use super::*;

    #[test]
    fn a_key_file_is_the_only_source() {
        let others = |arguments: &[&str]| call_with(arguments).key(B).file(".env", line(C));
        uses(others(&["--api-key-file", "key.txt"]).file("key.txt", format!(" {A}\r\n")), A);
        uses(others(&["--api-key-file=sub/key"]).file("sub/key", format!("\u{feff}{A}")), A);
        uses(others(&["--api-key-file", "-"]).stdin(format!("{A}\n")), A);
        let only =
            "`--api-key-file` makes that the only source: put the key there, or leave the flag out";
        refuses(others(&["--api-key-file", "gone"]), &no_key("gone (no such file)", only));
        refuses(
            others(&["--api-key-file", "empty"]).file("empty", "\n"),
            &no_key("empty (is empty)", only),
        );
        refuses(others(&["--api-key-file", "-"]), &no_key("stdin (is empty)", only));
        refuses(others(&["--api-key-file", "-"]).stdin("\r\n"), &no_key("stdin (is empty)", only));
    }

    #[test]
    fn an_env_file_is_the_only_source() {
        let others = |arguments: &[&str]| call_with(arguments).key(B).file(".env", line(C));
        uses(
            others(&["--env-file", "prod.env"])
                .file("prod.env", format!("X=1\nexport {}", line(A))),
            A,
        );
        // What is named by hand is no search.
        uses(others(&["--env-file", "prod.env", "--no-env-file"]).file("prod.env", line(A)), A);
        let only =
            "`--env-file` makes that the only source: put the key there, or leave the flag out";
        refuses(others(&["--env-file", "gone.env"]), &no_key("gone.env (no such file)", only));
        refuses(
            others(&["--env-file", "other.env"]).file("other.env", "HEYGEN_KEY=x\n"),
            &no_key(
                "other.env (has no line HEYGEN_API_KEY=, but line 1 sets HEYGEN_KEY)",
                &format!("heygen reads HEYGEN_API_KEY: rename the variable\nhint: {only}"),
            ),
        );
        refuses(
            others(&["--env-file", "empty.env"]).file("empty.env", "\nHEYGEN_API_KEY=\n"),
            &no_key("empty.env (line 2 is empty)", only),
        );
    }

    #[test]
    fn both_together_are_a_mistake() {
        let server = Server::in_turn(vec![]);
        call_with(&["--api-key-file", "a", "--env-file", "b"])
            .server(&server)
            .stderr(
                "error: the argument '--api-key-file <FILE>' cannot be used with '--env-file <FILE>'\n\
                 hint: usage: heygen get --api-key-file <FILE> <ENDPOINT>\n",
            )
            .exits(2);
        assert_eq!(server.connections(), 0);
    }

    #[test]
    fn a_key_in_place_of_a_file_is_not_repeated() {
        let only = |flag: &str| {
            format!("`{flag}` makes that the only source: put the key there, or leave the flag out")
        };
        for flag in ["--api-key-file", "--env-file"] {
            refuses(call_with(&[flag, A]), &no_key("… (no such file)", &only(flag)));
        }
    }

    #[test]
    fn a_folder_is_no_file() {
        let only =
            "`--api-key-file` makes that the only source: put the key there, or leave the flag out";
        refuses(
            call_with(&["--api-key-file", "folder"]).dir("folder"),
            &no_key("folder (cannot be read: is a directory)", only),
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_of_the_shell_is_a_file() {
        uses(with_fifo(call_with(&["--api-key-file", "fifo"]), A.to_owned()), A);
        uses(with_fifo(call_with(&["--env-file", "fifo"]), line(A)), A);
    }
}

mod env_files {
    use super::*;

    #[test]
    fn the_search_climbs_to_the_repository_and_no_further() {
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
        let none = |reach: &str| {
            no_key(
                &format!(
                    "HEYGEN_API_KEY (not set), .env.local and .env (not found {reach}), ~/.heygen/credentials (no such file)"
                ),
                MAKE_A_KEY,
            )
        };
        refuses(
            inside().dir("site/.git").file(".env", line(A)),
            &none("from here up to [WORK]/site"),
        );
        refuses(inside().file("site/app/.env", line(A)), &none("here"));
    }

    #[cfg(unix)]
    #[test]
    fn the_home_is_not_searched_from_below() {
        let test =
            call().home_file(".git/HEAD", "").home_file(".env", line(A)).home_file("project/x", "");
        let project = test.home().join("project");
        refuses(
            test.inside(project),
            &no_key(
                "HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)",
                MAKE_A_KEY,
            ),
        );
        let test = call().home_file(".env", line(A));
        let home = test.home();
        uses(test.inside(home), A);
    }

    #[test]
    fn nothing_but_the_key_is_taken() {
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
    fn a_value_is_read_as_people_write_it() {
        let check = |content: &str, key: &str| uses(call().file(".env", content), key);
        check(&format!("HEYGEN_API_KEY = \"{A}\"  # the key\n"), A);
        check(&format!("export HEYGEN_API_KEY='{A}'\r\n"), A);
        check(&format!("{}{}", line(A), line(B)), B);
        check(&format!("HEYGEN_API_KEY={A}"), A);
        check(&format!("# {}{}", line(A), line(B)), B);
        check(&format!("MY_HEYGEN_API_KEY={A}\n{}", line(B)), B);
    }

    #[test]
    fn dollars_are_characters() {
        for key in ["abc$HOME", "a$b$$c", "${HOME}abc", "$1abc"] {
            for quote in ["", "\"", "'"] {
                let value = format!("{quote}{key}{quote}");
                uses(call().file(".env", line(&value)).env("b", "never"), key);
            }
        }
    }

    #[test]
    fn broken_lines_of_others_do_not_matter() {
        let broken = "PASSWORD=\"open\nthis is no assignment\n=x\n'\n\u{0}\n1A=2\n";
        uses(call().file(".env", format!("{broken}{}{broken}", line(A))), A);
    }

    #[test]
    fn every_encoding_is_read() {
        let text = format!("\u{feff}{}", line(A));
        let utf16 =
            |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        uses(call().file(".env", &text), A);
        uses(call().file(".env", utf16(u16::to_le_bytes)), A);
        uses(call().file(".env", utf16(u16::to_be_bytes)), A);
        uses(call().file(".env", [b"OTHER=\xff\xfe\n", line(A).as_bytes()].concat()), A);
    }

    #[test]
    fn a_broken_key_ends_the_search_with_file_and_line() {
        let refused = |content: &str, error: &str| {
            refuses(call().file(".env", content).home_file(".heygen/credentials", B), error);
        };
        refused(
            &format!("A=b\nHEYGEN_API_KEY=\"{A}\n"),
            "error: ./.env, line 2 has a quote that is not closed on that line (nothing was sent)\n\
             hint: write HEYGEN_API_KEY=<key>\n",
        );
        refused(
            &format!("HEYGEN_API_KEY {A}\n"),
            "error: ./.env, line 1 is not in the form HEYGEN_API_KEY=<key> (nothing was sent)\n\
             hint: write HEYGEN_API_KEY=<key>\n",
        );
        refused(
            &line("your-api-key-here"),
            "error: ./.env, line 1 is a placeholder, not a key (nothing was sent)\n\
             hint: make a key at https://app.heygen.com/settings?nav=API\n",
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_passed_over_and_told_if_no_key_is_found() {
        let odd = || {
            let test = call().dir(".env");
            make_fifo(&test.work().join(".env.local"));
            test
        };
        uses(odd().home_file(".heygen/credentials", A), A);
        refuses(
            odd(),
            &no_key(
                "HEYGEN_API_KEY (not set), .env.local and .env (./.env.local is a FIFO; ./.env is a folder), ~/.heygen/credentials (no such file)",
                MAKE_A_KEY,
            ),
        );
    }

    #[cfg(unix)]
    #[test]
    fn devices_dangling_links_and_giants_are_passed_over() {
        use std::os::unix::fs::symlink;
        let linked = |target: &str| {
            let test = call().file("big", vec![b'#'; (1 << 20) + 1]);
            symlink(target, test.work().join(".env")).expect("a link");
            test
        };
        for (target, found) in [
            ("/dev/zero", "is a device"),
            ("gone", "is a dangling symlink"),
            ("big", "is larger than 1 MB"),
            (".env", "cannot be read: too many levels of symbolic links"),
        ] {
            uses(linked(target).home_file(".heygen/credentials", A), A);
            refuses(
                linked(target),
                &no_key(
                    &format!(
                        "HEYGEN_API_KEY (not set), .env.local and .env (./.env {found}), ~/.heygen/credentials (no such file)"
                    ),
                    MAKE_A_KEY,
                ),
            );
        }
        let test = call().file("real", line(A));
        symlink("real", test.work().join(".env")).expect("a link");
        uses(test, A);
    }
}

mod flaws {
    use super::*;

    #[test]
    fn what_is_no_key_is_not_sent_and_the_reason_is_told() {
        let check = |value: &str, flaw: &str, hint: &str| {
            let hint = if hint.is_empty() { String::new() } else { format!("hint: {hint}\n") };
            refuses(
                call().key(value).file(".env", line(A)),
                &format!("error: HEYGEN_API_KEY {flaw} (nothing was sent)\n{hint}"),
            );
        };
        let page = "make a key at https://app.heygen.com/settings?nav=API";
        let quotes =
            "Docker's --env-file keeps quotes as part of the value: write the key without them";
        let store = "let your shell or secret manager put the key itself there, as `op run -- heygen …` does";
        check(&format!("\"{A}\""), "has a quote (\") in the key", quotes);
        check(&format!("'{A}'"), "has a quote (') in the key", quotes);
        check(&format!("“{A}”"), "has a quote (“) in the key", quotes);
        check(&format!("{A} {B}"), "has whitespace inside the key", "");
        check(&format!("{A}\n{B}"), "has a line break inside the key", "");
        check(&format!("Bearer {A}"), "starts with `Bearer `; HeyGen takes the bare key", "");
        check(&format!("{A}é"), "has characters that are not printable ASCII", "");
        check(&format!("{A}\u{7f}"), "has characters that are not printable ASCII", "");
        check("your-api-key-here", "is a placeholder, not a key", page);
        check("xxxxxxxx", "is a placeholder, not a key", page);
        for reference in
            ["$KEY", "${KEY}", "$(cat key)", "${{ secrets.KEY }}", "op://vault/heygen/key"]
        {
            check(reference, "is a reference to a key, not the key itself", store);
        }
        check(
            &format!("HEYGEN_API_KEY={A}"),
            "is a line of a .env file, not the bare key",
            "write only what stands behind the `=`",
        );
    }

    #[test]
    fn an_env_file_in_place_of_a_key_file_is_recognised() {
        refuses(
            call_with(&["--api-key-file", ".env"]).file(".env", format!("{}OTHER=1\n", line(A))),
            "error: .env is a line of a .env file, not the bare key (nothing was sent)\n\
             hint: write only what stands behind the `=`, or read the file with `--env-file .env`\n",
        );
    }

    #[test]
    fn keys_of_every_form_are_sent_trimmed() {
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
    fn bytes_that_are_no_text_are_no_key() {
        use std::os::unix::ffi::OsStrExt;
        refuses(
            call().env_os("HEYGEN_API_KEY", std::ffi::OsStr::from_bytes(b"sk_\xff\xfe")),
            "error: HEYGEN_API_KEY has characters that are not printable ASCII (nothing was sent)\n",
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
