//! Messages on a terminal: wrapped at words, on lines of their own.

use crate::support::{Reply, Server, Stream, Test};

/// `auth check` without any key.
fn keyless(columns: u16) -> Test<'static> {
    Test::new(&["auth", "check"])
        .no_key()
        .env("NO_COLOR", "1")
        .terminal(Stream::Both)
        .window(columns, 24)
}

#[test]
fn messages_are_wrapped_at_words() {
    keyless(80)
        .stderr(
            "error: no API key found\n\
             \x20 looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here),\n\
             \x20 ~/.heygen/credentials (no such file)\n\
             hint: make a key at https://app.heygen.com/settings?nav=API, then\n\
             \x20     `export HEYGEN_API_KEY=…` or `heygen auth login`\n",
        )
        .exits(3);
    keyless(40)
        .stderr(
            "error: no API key found\n\
             \x20 looked at: HEYGEN_API_KEY (not set),\n\
             \x20 .env.local and .env (not found here),\n\
             \x20 ~/.heygen/credentials (no such file)\n\
             hint: make a key at\n\
             \x20     https://app.heygen.com/settings?nav=API,\n\
             \x20     then `export HEYGEN_API_KEY=…` or\n\
             \x20     `heygen auth login`\n",
        )
        .exits(3);
}

#[test]
fn columns_stands_in_for_unknown_width() {
    keyless(0)
        .env("COLUMNS", "60")
        .stderr(
            "error: no API key found\n\
             \x20 looked at: HEYGEN_API_KEY (not set), .env.local and .env\n\
             \x20 (not found here), ~/.heygen/credentials (no such file)\n\
             hint: make a key at https://app.heygen.com/settings?nav=API,\n\
             \x20     then `export HEYGEN_API_KEY=…` or `heygen auth login`\n",
        )
        .exits(3);
}

#[test]
fn colours_take_no_room() {
    keyless(80)
        .env("NO_COLOR", "")
        .env("HEYGEN_API_KEY", "Bearer abc")
        .stderr(
            "\u{1b}[1;31merror:\u{1b}[0m HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing\n\
             \x20      was sent)\n",
        )
        .exits(3);
}

#[test]
fn pipes_get_unwrapped_lines() {
    Test::new(&["auth", "check"])
        .no_key()
        .env("HEYGEN_ERROR_FORMAT", "text")
        .env("COLUMNS", "40")
        .stderr(
            "error: no API key found\n  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found \
             here), ~/.heygen/credentials (no such file)\n\
             hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` \
             or `heygen auth login`\n",
        )
        .exits(3);
}

#[test]
fn excerpts_keep_their_carets() {
    let json = r#"{"title": "Hello", "script": "One two three",}"#;
    Test::new(&["post", "/v3/videos", "-d", json])
        .env("NO_COLOR", "1")
        .terminal(Stream::Stderr)
        .window(40, 24)
        .stderr(format!(
            "error: --data is not valid JSON:\n\
             \x20      trailing comma at line 1 column\n\
             \x20      46\n\
             \x20 {json}\n\
             \x20 {:>46}\n",
            "^"
        ))
        .exits(2);
}

#[test]
fn errors_start_a_line_of_their_own() {
    let not_found = r#"{"error":{"code":"not_found","message":"Page not found."}}"#;
    let server = Server::in_turn(vec![
        Reply::json(200, r#"{"data":[1,2],"has_more":true,"next_token":"t2"}"#),
        Reply::json(404, not_found),
    ]);
    Test::new(&["get", "/v3/videos", "--all"])
        .server(&server)
        .env("NO_COLOR", "1")
        .terminal(Stream::Both)
        .stdout("[\n  1,\n  2")
        .stderr(
            "\nerror: 404 not_found: Page not found.\n  2 items came before it\n\
             hint: to go on: add `-Q token=t2`\n",
        )
        .exits(1);
}
