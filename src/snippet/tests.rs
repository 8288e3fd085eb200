//! What the programs look like. That they run and send what `heygen` sends is shown in
//! `tests/snippets.rs`.

use http::Method;

use super::*;
use crate::api::endpoint::Endpoint;
use crate::api::request::{Body, IdempotencyKey, Part, Payload};

fn base() -> Base {
    Base::parse("https://api.heygen.com").expect("a base")
}

fn request(method: Method, endpoint: &str) -> Request {
    Request::new(method, Endpoint::parse(endpoint, &base()).expect("an endpoint"))
}

fn text(language: Language, request: &Request) -> String {
    program(language, request, &base(), false).expect("a program")
}

#[test]
fn a_read_looks_as_its_users_write_it() {
    let mut request = request(Method::GET, "/v3/videos");
    request.query = vec![("limit".to_owned(), "5".to_owned())];
    let check = |language: Language, expected: &str| {
        assert_eq!(text(language, &request), expected, "{language:?}");
    };
    check(
        Language::Curl,
        r#"curl --fail-with-body --silent --show-error 'https://api.heygen.com/v3/videos?limit=5' \
  --header "X-Api-Key: $HEYGEN_API_KEY"
"#,
    );
    check(Language::Fetch, "");
    check(Language::Axios, "");
    check(Language::Requests, "");
    check(
        Language::Httpx,
        r#"import os

import httpx

response = httpx.get(
    "https://api.heygen.com/v3/videos",
    params={"limit": "5"},
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
)
response.raise_for_status()
print(response.json()["data"])
"#,
    );
}
