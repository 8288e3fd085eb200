//! Arguments that may be a key in the wrong place: errors repeat no part of them.

use crate::support::{Server, Test};

/// It is not the key that the program uses.
const STRAY: &str = "sk_V2_hgu_kSTRAYabcdefghSTRAYijklmnopSTRAYqrstuvwx_1";

/// The other shapes: hex with a time, and base64.
const HEX: &str = "5fd1c6a80b7e4c2c9d3b1a0f6e8d7c5b-1700000000";
const BASE64: &str = "NWZkMWM2YTgwYjdlNGMyYzlkM2IxYTBmNmU4ZDdjNWItMTcwMDAwMDAwMA==";

#[track_caller]
fn check(arguments: &[&str]) {
    check_with(&[STRAY, HEX, BASE64], arguments);
}

#[track_caller]
fn check_with(keys: &[&str], arguments: &[&str]) {
    let server = Server::in_turn(vec![]);
    for key in keys {
        let arguments: Vec<String> =
            arguments.iter().map(|argument| argument.replace("KEY", key)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        for format in ["text", "json"] {
            let outcome =
                Test::new(&arguments).server(&server).env("HEYGEN_ERROR_FORMAT", format).run();
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}");
            let pieces = (0..key.len() - 5).map(|start| &key[start..start + 6]);
            for piece in pieces.filter(|piece| *piece != "170000") {
                assert!(!outcome.stderr.contains(piece), "{arguments:?}\n{}", outcome.stderr);
            }
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn values_of_flags_are_masked() {
    check(&["get", "/v3/videos", "--retry", "KEY"]);
    check(&["get", "/v3/videos", "--retry", "x KEY"]);
    check(&["get", "/v3/videos", "--timeout", "KEY"]);
    check(&["get", "/v3/videos", "-o", "KEY"]);
    check(&["get", "/v3/videos", "-o", "KEY.json"]);
    // Base64 that ends with `=` is a name without a value.
    check_with(&[STRAY, HEX], &["get", "/v3/videos", "-Q", "KEY"]);
    check(&["get", "/v3/videos", "-Q", "=KEY"]);
    check(&["get", "/v3/videos", "-H", "KEY"]);
    check(&["get", "/v3/videos", "-H", "KEY: a\nb"]);
    check(&["get", "/v3/videos", "-H", "X: KEY\nY"]);
    check(&["get", "/v3/videos", "--color", "KEY"]);
    check(&["get", "/v3/videos", "--all=KEY"]);
    check(&["post", "/v3/videos", "--idempotency-key", "a/KEY"]);
}

#[test]
fn values_of_a_nouns_flags_are_masked_before_they_are_cut() {
    check(&["video", "list", "--limit", "KEY"]);
    // A time with more digits is no shape of a key.
    check_with(&[STRAY, BASE64], &["video", "list", "--limit", "KEYKEY"]);
    check(&["video", "list", "--limit", "many words, and the last: KEY"]);
    check(&["get", "/v3/videos?limit=KEY", "--validate"]);
}

#[test]
fn names_of_files_are_masked() {
    check(&["post", "/v3/videos", "-F", "a=@KEY"]);
    check(&["post", "/v3/videos", "-d", "@KEY"]);
    check(&["post", "/v3/videos", "-d", "KEY"]);
    check(&["post", "/v3/videos", "--form", "a=@KEY"]);
    check(&["post", "/v3/videos", "--form", "a=@dir/KEY;type=a/b"]);
    check(&["post", "/v3/videos", "--body-file", "KEY"]);
    check(&["get", "/v3/videos", "--ca-cert", "KEY"]);
}

#[test]
fn names_of_fields_are_masked() {
    check_with(&[STRAY, HEX], &["post", "/v3/videos", "-f", "KEY"]);
    check(&["post", "/v3/videos", "-f", "KEY=1", "-f", "KEY=2"]);
    check(&["post", "/v3/videos", "-f", "a[KEY=1"]);
    check(&["post", "/v3/videos", "-f", "a[KEY]=1", "-f", "a=2"]);
    check(&["get", "/v3/videos", "-f", "a[KEY]=1"]);
    check_with(&[STRAY, HEX], &["post", "/v3/videos", "--form", "KEY"]);
    check_with(&[STRAY, HEX], &["post", "/v3/videos", "--form", "KEY=@a;type="]);
}

#[test]
fn masks_data_before_cutting() {
    check(&["post", "/v3/videos", "-d", "[\"KEY\",]"]);
    check(&["post", "/v3/videos", "-d", "{\"a\": KEY}"]);
    for before in 40..60 {
        check(&["post", "/v3/videos", "-d", &format!("[\"KEY{}\",]", " ".repeat(before))]);
        check(&["post", "/v3/videos", "-d", &format!("[,{}\"KEY\"]", " ".repeat(before))]);
    }
}

#[test]
fn endpoints_are_masked() {
    check(&["get", "KEY"]);
    check(&["get", "/v3/KEY/"]);
    check(&["get", "/v3/{KEY}"]);
    check(&["get", "/v3/$KEY"]);
    check(&["get", "https://KEY/v3/videos"]);
    check(&["get", "https://KEY.test/v3/videos"]);
    check(&["get", "//KEY"]);
    check(&["get", "user:KEY@host/x"]);
}

#[test]
fn stray_words_are_masked() {
    check(&["KEY"]);
    check(&["auth", "KEY"]);
    check(&["auth", "check", "KEY"]);
    check(&["auth", "login", "KEY"]);
    check(&["auth", "login", "--api-key=KEY"]);
    check(&["get", "/v3/videos", "KEY"]);
    check(&["get", "/v3/videos", "a=KEY"]);
    check(&["get", "/v3/videos", "X-Api-Key:KEY"]);
    check(&["get", "/v3/videos", "--KEY"]);
    check(&["get", "/v3/videos", "--nope=KEY"]);
    check(&["post", "/v3/videos", "{\"a\":\"KEY\"}"]);
    check(&["completions", "KEY"]);
    check(&["help", "KEY"]);
}

#[cfg(feature = "jq")]
#[test]
fn filters_are_masked() {
    check(&["get", "/v3/videos", "-q", "KEY"]);
    check(&["get", "/v3/videos", "-q", ".a | KEY |"]);
    check(&["get", "/v3/videos", "-q", ".a == \"KEY"]);
}

/// A line that is not valid names its key files all the same.
#[test]
fn keys_of_named_files_are_masked_in_invalid_lines() {
    let key = "Aa1:Ss2+Dd3.Ff4/Gg5~Hh6";
    let check = |flags: &[&str], file: &str, content: &str| {
        let arguments = [flags, &["get", "/v3/videos", "--timeout", key]].concat();
        let outcome = Test::new(&arguments).no_key().file(file, content).secret(key).run();
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("invalid value '…~Hh6'"), "{}", outcome.stderr);
    };
    check(&["--api-key-file", "k"], "k", key);
    check(&["--api-key-file=k"], "k", key);
    check(&["--env-file", "e"], "e", &format!("HEYGEN_API_KEY={key}\n"));
}
