//! Invalid keys and near misses: each is reported with its line and the reason.

use crate::support::{Reply, Server, Test};

/// The key of the files here.
const KEY: &str = "0123456789abcdef0123456789ab7Qx2";

const MAKE_A_KEY: &str = "hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`\n";

const RENAME: &str = "heygen reads HEYGEN_API_KEY: rename the variable";

const OWN_LINE: &str = "put HEYGEN_API_KEY=<key> on a line of its own";

fn call<'s>() -> Test<'s> {
    Test::new(&["get", "/v3/x"]).no_key().secret(KEY).env("HEYGEN_ERROR_FORMAT", "text")
}

/// The call is made with the key.
#[track_caller]
fn uses(test: Test<'_>) {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let outcome = test.server(&server).stdout("1\n").exits(0);
    assert_eq!(outcome.requests[0].headers_named("x-api-key"), [KEY]);
}

/// The call is not made.
#[track_caller]
fn refuses(test: Test<'_>, stderr: &str) {
    let server = Server::in_turn(vec![]);
    test.server(&server).stderr(stderr).exits(3);
    assert_eq!(server.connections(), 0);
}

/// The `.env` file has no key, and this is said of it.
#[track_caller]
fn misses(content: impl AsRef<[u8]>, found: &str, hint: &str) {
    refuses(
        call().file(".env", content),
        &format!(
            "error: no API key found\n  looked at: HEYGEN_API_KEY (not set), .env.local and .env (./.env has no \
             line HEYGEN_API_KEY=, but {found}), ~/.heygen/credentials (no such file)\nhint: {hint}\n{MAKE_A_KEY}"
        ),
    );
}

#[test]
fn semicolon_ends_the_key() {
    for content in [
        format!("export HEYGEN_API_KEY=\"{KEY}\";\n"),
        format!("HEYGEN_API_KEY={KEY}; export HEYGEN_API_KEY\n"),
        format!("export HEYGEN_API_KEY='{KEY}'; # mine\r\n"),
    ] {
        uses(call().file(".env", content));
    }
}

#[test]
fn rejects_json_fragment_as_key() {
    let refused = |content: &str| {
        refuses(
            call().file(".env", content),
            "error: ./.env, line 1 has a `,` after the key (nothing was sent)\nhint: remove the `,`\n",
        );
    };
    refused(&format!("HEYGEN_API_KEY={KEY},\n"));
    refused(&format!("HEYGEN_API_KEY=\"{KEY}\",\n"));
}

#[test]
fn words_for_no_value_are_refused() {
    let hint = "hint: the program that wrote it had no key: JavaScript writes undefined, jq null, Python None\n";
    for (value, word) in [("undefined", "undefined"), ("null", "null"), ("None", "None")] {
        let error = format!("is `{word}`, not a key (nothing was sent)\n{hint}");
        refuses(call().env("HEYGEN_API_KEY", value), &format!("error: HEYGEN_API_KEY {error}"));
        let line = format!("HEYGEN_API_KEY=\"{value}\"\n");
        refuses(call().file(".env", line), &format!("error: ./.env, line 1 {error}"));
        let stored = format!(r#"{{"api_key":"{value}"}}"#);
        refuses(
            call().home_file(".heygen/credentials", stored),
            &format!("error: ~/.heygen/credentials {error}"),
        );
    }
}

#[test]
fn punctuation_around_a_key_is_named() {
    for (value, error) in [
        (format!("{KEY};"), "has a `;` after the key (nothing was sent)\nhint: remove the `;`\n"),
        (format!("{KEY},"), "has a `,` after the key (nothing was sent)\nhint: remove the `,`\n"),
        (
            format!("={KEY}"),
            "has a second `=` before the key (nothing was sent)\nhint: remove the `=`\n",
        ),
    ] {
        refuses(call().key(&value), &format!("error: HEYGEN_API_KEY {error}"));
        let test = Test::new(&["get", "/v3/x", "--api-key-file", "key"])
            .env("HEYGEN_ERROR_FORMAT", "text")
            .secret(KEY)
            .file("key", value);
        refuses(test, &format!("error: key {error}"));
    }
}

#[test]
fn rejects_overlong_key() {
    refuses(
        call().key(&"a".repeat(20_000)),
        "error: HEYGEN_API_KEY has 20000 characters; a key has at most 1000 (nothing was sent)\n",
    );
}

#[test]
fn names_commented_key() {
    let hint = "remove what makes the line a comment";
    misses(format!("# HEYGEN_API_KEY={KEY}\n"), "line 1 is commented out", hint);
    misses(format!("A=b\n//export HEYGEN_API_KEY={KEY}\n"), "line 2 is commented out", hint);
}

#[test]
fn names_key_after_other_text() {
    let glued = format!("OPENAI_API_KEY=sk-abcHEYGEN_API_KEY={KEY}\n");
    misses(glued, "line 1 has text before it", OWN_LINE);
    let chained = format!("export A=b; export HEYGEN_API_KEY={KEY};\n");
    misses(chained, "line 1 has text before it", OWN_LINE);
    let json = format!("{{\n\"HEYGEN_API_KEY\": \"{KEY}\"\n}}\n");
    misses(json, "line 2 has text before it", OWN_LINE);
}

#[test]
fn suggests_key_for_other_names() {
    misses(
        format!("HEYGEN_APIKEY={KEY}\nNEXT_PUBLIC_HEYGEN_API_KEY={KEY}\n"),
        "line 1 sets HEYGEN_APIKEY, line 2 sets NEXT_PUBLIC_HEYGEN_API_KEY",
        RENAME,
    );
    for name in ["HEYGEN_KEY", "HEYGEN_TOKEN", "heygen_api_key"] {
        misses(format!("\n{name}={KEY}\n"), &format!("line 2 sets {name}"), RENAME);
    }
    for name in ["NEXT_PUBLIC_HEYGEN_API_KEY", "VITE_HEYGEN_API_KEY", "REACT_APP_HEYGEN_API_KEY"] {
        misses(
            format!("{name}={KEY}\n"),
            &format!("line 1 sets {name}"),
            "heygen reads HEYGEN_API_KEY; a key under a public name is built into pages that anybody can read",
        );
    }
}

#[test]
fn names_key_line_inside_open_quotes() {
    misses(
        format!("A='\nHEYGEN_API_KEY={KEY}\nB='\n"),
        "line 2 is inside the quotes that line 1 opens",
        "close the quote before the line HEYGEN_API_KEY=",
    );
}

#[test]
fn names_key_line_in_utf16() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let line = format!("HEYGEN_API_KEY={KEY}\r\n");
    let hint = "save the file as UTF-8; `>>` of Windows PowerShell appends UTF-16";
    let told = "line 2 is in another encoding";
    misses([b"A=b\r\n".as_slice(), &utf16(&line)].concat(), told, hint);
    misses([utf16("\u{feff}A=b\r\n").as_slice(), line.as_bytes()].concat(), told, hint);
}

#[test]
fn other_variables_are_named() {
    let check = |test: Test<'_>, found: &str| {
        refuses(
            test,
            &format!(
                "error: no API key found\n  looked at: HEYGEN_API_KEY (not set, but {found}), .env.local and .env \
                 (not found here), ~/.heygen/credentials (no such file)\nhint: {RENAME}\n{MAKE_A_KEY}"
            ),
        );
    };
    check(call().env("HEYGEN_TOKEN", KEY), "HEYGEN_TOKEN is");
    check(call().env("HEYGEN_APIKEY", KEY), "HEYGEN_APIKEY is");
    check(
        call().env("HEYGEN_TOKEN", KEY).env("HEYGEN_KEY", KEY),
        "HEYGEN_KEY and HEYGEN_TOKEN are",
    );
}

#[test]
fn reports_near_miss_in_named_file() {
    let test = Test::new(&["get", "/v3/x", "--env-file", "prod.env"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .secret(KEY)
        .file("prod.env", format!("HEYGEN_TOKEN={KEY}\n"));
    refuses(
        test,
        &format!(
            "error: no API key found\n  looked at: prod.env (has no line HEYGEN_API_KEY=, but line 1 sets \
             HEYGEN_TOKEN)\nhint: {RENAME}\nhint: `--env-file` makes that the only source: put the key there, \
             or leave the flag out\n"
        ),
    );
}

#[test]
fn valid_key_precedes_near_misses() {
    uses(call().env("HEYGEN_TOKEN", "other").file(
        ".env",
        format!("HEYGEN_TOKEN=other\n#HEYGEN_API_KEY=other\nHEYGEN_API_KEY={KEY}\n"),
    ));
}
