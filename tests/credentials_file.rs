//! The file that HeyGen's tools share, when it holds something else than they write.

use crate::support::{Outcome, Server, Test};

const NEW: &str = "sk_V2_hgu_kNEWkeyNEWkeyNEWkeyNEWkeyNEWkeyNEWk_ZVMn";

const FILE: &str = ".heygen/credentials";

/// A command that changes the file, with a key on stdin.
fn change(command: &[&str], content: impl AsRef<[u8]>) -> Test<'static> {
    Test::new(command)
        .no_key()
        .stdin(NEW)
        .secret(NEW)
        .key_may_be_in_home_file(FILE)
        .home_file(FILE, content)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

/// Nothing but the file is in the home folder.
fn content(outcome: &Outcome) -> Vec<u8> {
    assert_eq!(outcome.home_files(), [FILE]);
    outcome.home_file(FILE)
}

#[test]
fn login_and_logout_keep_what_is_not_a_key() {
    let json = "is not a JSON object";
    let line = "is neither JSON nor a key on one line";
    let cases: [(&[u8], &str); 13] = [
        (b"[\"x\"]", json),
        (b"5", json),
        (b"\"x\"", json),
        (b"null\n", json),
        (b"true", json),
        (b"[[{\"api_key\":\"x\"}]]", json),
        (b"\xEF\xBB\xBF[\"x\"]\r\n", json),
        (b"# mine\nold-key\n", line),
        (b"old-key # mine", line),
        (b"undefined", line),
        (b"HEYGEN_API_KEY=old-key\r\n", line),
        (b"{\"api_key\": \"old-key\"", "is not valid JSON"),
        (b"{\"a\": \"\xFF\"}", "is not valid UTF-8"),
    ];
    for (old, said) in cases {
        for command in [&["auth", "login", "--no-check"][..], &["auth", "logout"]] {
            let outcome = change(command, old)
                .stderr(format!(
                    "error: `~/.heygen/credentials` {said}; it was not changed, since it may hold more than a \
                     key\nhint: fix it or move it away, then retry\n"
                ))
                .exits(1);
            assert_eq!(content(&outcome), old);
        }
    }
    let large = vec![b'a'; (1 << 20) + 1];
    let outcome = change(&["auth", "login", "--no-check"], &large)
        .stderr(
            "error: `~/.heygen/credentials` is larger than 1 MB; it was not changed\n\
             hint: fix it or move it away, then retry\n",
        )
        .exits(1);
    assert_eq!(content(&outcome), large);
}

#[test]
fn login_replaces_an_old_plain_key() {
    for old in ["old-key", "old-key\r\n", "\u{feff}  old-key \n", "\n", "{}", "{\"api_key\":null}"]
    {
        let outcome = change(&["auth", "login", "--no-check", "--quiet"], old).exits(0);
        assert_eq!(content(&outcome), format!("{{\n  \"api_key\": \"{NEW}\"\n}}\n").into_bytes());
    }
}

#[test]
fn a_file_without_a_key_is_named_for_what_it_is() {
    for old in ["[\"x\"]", "5", "\"x\"", "null", "true"] {
        Test::new(&["get", "/v3/x"])
            .no_key()
            .base(&Server::nowhere())
            .home_file(FILE, old)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(
                "error: no API key found\n  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found \
                 here), ~/.heygen/credentials (is not a JSON object)\nhint: make a key at \
                 https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`\n",
            )
            .exits(3);
    }
}
