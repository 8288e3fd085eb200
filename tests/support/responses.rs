//! The example responses of the API description, for tests that go through all of them.

use serde_json::Value;

use super::{Reply, Server};

/// One response per line: its operation, and its body.
const RESPONSES: &str = include_str!("../data/answers.jsonl");

/// The responses, each with its operation.
pub(crate) fn responses() -> Vec<(String, Value)> {
    let lines = RESPONSES.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .map(|line| (line["of"].as_str().expect("text").to_owned(), line["answer"].clone()))
        .collect()
}

/// Responds to `GET /v3/NUMBER` with the response of that number.
pub(crate) fn server_of_responses() -> Server {
    let responses = responses();
    Server::start(move |request| {
        let number = request.line().rsplit('/').next().and_then(|number| number.parse().ok());
        let response = number.and_then(|number: usize| responses.get(number));
        response.map_or(Reply::empty(404), |(_, body)| Reply::json(200, &body.to_string()))
    })
}
