//! The example responses of the API description, for tests that go through all of them.

use serde_json::Value;

use super::{Reply, Server};

/// One response a line: what it answers, and the body.
const ANSWERS: &str = include_str!("../data/answers.jsonl");

/// The answers, each with what it answers.
pub(crate) fn answers() -> Vec<(String, Value)> {
    let lines = ANSWERS.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .map(|line| (line["of"].as_str().expect("text").to_owned(), line["answer"].clone()))
        .collect()
}

/// Answers `GET /v3/NUMBER` with the answer of that number.
pub(crate) fn server_of_answers() -> Server {
    let answers = answers();
    Server::start(move |request| {
        let number = request.line().rsplit('/').next().and_then(|number| number.parse().ok());
        let answer = number.and_then(|number: usize| answers.get(number));
        answer.map_or(Reply::empty(404), |(_, answer)| Reply::json(200, &answer.to_string()))
    })
}
