//! Endpoints with a missing value: usage errors with every method, before anything is sent.

use crate::support::{Server, Test};

const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

#[track_caller]
fn refused(method: &str, endpoint: &str, message: &str) {
    let server = Server::in_turn(vec![]);
    Test::new(&[method, endpoint])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: {message}\nhint: is a shell variable unset?\n"))
        .exits(2);
    assert_eq!(server.connections(), 0, "{method} {endpoint}");
}

#[test]
fn rejects_trailing_slashes() {
    for method in METHODS {
        refused(method, "/v3/videos/", "the last segment of the endpoint is empty");
    }
    for endpoint in ["v3/videos/", "/v3/videos/?limit=5", "/v3/videos/%20", "/v3/videos/%0A"] {
        refused("delete", endpoint, "the last segment of the endpoint is empty");
    }
}

#[test]
fn rejects_empty_segments() {
    for method in METHODS {
        refused(method, "/v3/videos//scenes", "the endpoint contains an empty segment (`//`)");
    }
    refused("get", "/v3/videos/%20/scenes", "the endpoint contains an empty segment (`//`)");
}

#[test]
fn words_for_no_value_are_refused() {
    for word in ["null", "undefined", "None", "nil", "NaN", "[object Object]"] {
        let message = format!("the endpoint contains `{word}` in place of a value");
        refused("delete", &format!("/v3/videos/{word}"), &message);
        refused("get", &format!("/v3/videos/{word}/scenes?a=b"), &message);
    }
    refused(
        "delete",
        "/v3/videos/%5Bobject%20Object%5D",
        "the endpoint contains `[object Object]` in place of a value",
    );
}

#[test]
fn rejects_unexpanded_variables() {
    for name in ["$video", "${video}", "$(jq", "$env:VIDEO", "%VIDEO%", "%24video"] {
        let message = format!("the endpoint contains an unexpanded variable: `{name}`");
        refused("delete", &format!("/v3/videos/{name}"), &message);
        refused("get", &format!("/v3/videos/{name}/scenes"), &message);
    }
}

#[test]
fn full_urls_are_checked_too() {
    let server = Server::in_turn(vec![]);
    for (path, message) in [
        ("/v3/videos/", "the last segment of the endpoint is empty"),
        ("/v3/videos/null", "the endpoint contains `null` in place of a value"),
        ("/v3/videos/$video", "the endpoint contains an unexpanded variable: `$video`"),
    ] {
        Test::new(&["delete", &format!("{}{path}", server.base())])
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(format!("error: {message}\nhint: is a shell variable unset?\n"))
            .exits(2);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn rejects_urls_without_path() {
    let server = Server::in_turn(vec![]);
    for end in ["", "/", "/?limit=5"] {
        Test::new(&["get", &format!("{}{end}", server.base())])
            .server(&server)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr("error: [BASE]/ has no path\nhint: an endpoint looks like /v3/videos\n")
            .exits(2);
    }
    Test::new(&["get", "https://api.heygen.com/"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: https://api.heygen.com/ has no path\nhint: an endpoint looks like /v3/videos\n",
        )
        .exits(2);
}

#[test]
fn empty_query_values_are_sent() {
    use crate::support::Reply;
    let server = Server::always(Reply::json(200, "1"));
    Test::new(&["get", "/v3/videos?folder=", "-Q", "title=null"])
        .server(&server)
        .stdout("1\n")
        .sends(&["GET /v3/videos?folder=&title=null"])
        .exits(0);
}

#[test]
fn file_urls_need_no_key() {
    let url = "https://files2.heygen.ai/a/b.mp4?Expires=1&Signature=abc";
    Test::new(&["get", url])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: refusing to send your key to files2.heygen.ai\n\
             hint: if it is a file, fetch it without a key: `heygen download 'URL'`\n",
        )
        .exits(2);
}
