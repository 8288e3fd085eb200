//! Numbers, and everything else that no field replaces, are sent in the characters that were entered.

use crate::support::{Recorded, Reply, Server, Test};

#[track_caller]
fn sent(test: Test<'_>) -> Recorded {
    let server = Server::always(Reply::empty(204));
    let mut outcome = test.server(&server).exits(0);
    assert_eq!(outcome.requests.len(), 1);
    outcome.requests.remove(0)
}

#[track_caller]
fn check(arguments: &[&str], expected: &str) {
    let request = sent(Test::new(&[&["post", "/v3/videos"], arguments].concat()));
    assert_eq!(request.text(), expected, "{arguments:?}");
}

#[test]
fn typed_fields_keep_their_digits() {
    for number in ["1e5", "1E+05", "1.10", "-0", "12345678901234567890", "1e400", "-9.9e-999"] {
        check(&["-F", &format!("n={number}")], &format!("{{\"n\":{number}}}"));
    }
}

#[test]
fn data_keeps_its_digits_beside_fields() {
    check(
        &["-d", r#"{"a":1e5,"b":[1E+05, 1.10],"c":{ "d": -0 }}"#, "-f", "e=x"],
        r#"{"a":1e5,"b":[1E+05, 1.10],"c":{ "d": -0 },"e":"x"}"#,
    );
    check(
        &["-d", r#"{"n":{"$serde_json::private::Number":"5"}}"#, "-f", "b=x"],
        r#"{"n":{"$serde_json::private::Number":"5"},"b":"x"}"#,
    );
    check(
        &["-d", r#"{"$serde_json::private::Number":"5"}"#, "-f", "b=x"],
        r#"{"$serde_json::private::Number":"5","b":"x"}"#,
    );
}

#[test]
fn data_keeps_escapes_and_surrogates_beside_fields() {
    check(
        &["-d", r#"{"s":"\ud800\/\u00e9","t\u0061g":1}"#, "-f", "b=x"],
        r#"{"s":"\ud800\/\u00e9","t\u0061g":1,"b":"x"}"#,
    );
}

#[test]
fn repeated_members_stay_unless_replaced() {
    check(&["-d", r#"{"a":1,"a":2}"#, "-f", "b=x"], r#"{"a":1,"a":2,"b":"x"}"#);
    check(&["-d", r#"{"a":1,"b":2,"a":3}"#, "-f", "a=x"], r#"{"a":"x","b":2}"#);
}

#[test]
fn queries_keep_the_digits_of_fields() {
    let test = Test::new(&["get", "/v3/videos", "-F", "n=1e5", "-F", "m=1.10", "-F", "yes=true"]);
    assert_eq!(sent(test).line(), "GET /v3/videos?n=1e5&m=1.10&yes=true");
}

#[test]
fn bytes_that_are_no_text_are_refused_in_fields() {
    let server = Server::in_turn(vec![]);
    for method in ["get", "post"] {
        Test::new(&[method, "/v3/videos", "-F", "a=@photo"])
            .file("photo", b"ab\xff")
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(
                "error: --field: `photo` is not valid UTF-8 (byte 3)\n\
                 hint: `--form NAME=@FILE` and `--body-file FILE` send any bytes\n",
            )
            .exits(2);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn contradicting_fields_are_refused_in_any_order() {
    let server = Server::in_turn(vec![]);
    let refused = |fields: [&str; 2], message: &str| {
        for [first, second] in [fields, [fields[1], fields[0]]] {
            Test::new(&["post", "/v3/videos", "-F", first, "-F", second])
                .server(&server)
                .env("HEYGEN_ERROR_FORMAT", "text")
                .stderr(format!("error: {message}\n"))
                .exits(2);
        }
    };
    refused(
        ["a[b]=1", "a=2"],
        "the fields `a` and `a[b]` conflict: a value cannot be an object or a list too",
    );
    refused(["a=@text[]=1", "a[]=2"], "--field: reading `text[]=1`: no such file or directory");
    assert_eq!(server.connections(), 0);
}

#[test]
fn lists_have_no_indexes() {
    let server = Server::in_turn(vec![]);
    Test::new(&["post", "/v3/videos", "-f", "a[0]=x"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --raw-field: a list has no index, as in `a[0]`\n\
             hint: repeat the field as `a[]=…` for each item; `-d` takes an object with such names\n",
        )
        .exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn wide_characters_take_two_columns() {
    let server = Server::in_turn(vec![]);
    Test::new(&["post", "/v3/videos", "-d", "{\"標題\":\"日本語日本語\",}"])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --data is not valid JSON: trailing comma at line 1 column 16\n\
             \x20 {\"標題\":\"日本語日本語\",}\n\
             \x20                        ^\n",
        )
        .exits(2);
}
