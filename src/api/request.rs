//! A call as a value: it has no key and no host, so it can be shown, stored and sent alike.

use std::path::PathBuf;

use http::Method;

use super::endpoint::Endpoint;
use crate::catalogue::{self, Operation};
use crate::percent::component;

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// The path, and the query that was entered with it.
    pub endpoint: Endpoint,
    /// The operation of method and path, if the catalogue has it.
    pub operation: Option<Operation>,
    /// Further query parameters, in order; a name may be repeated.
    pub query: Vec<(String, String)>,
    /// Headers that the user added, never the key's.
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// The key under which HeyGen runs a repeated request once.
    pub idempotency_key: Option<IdempotencyKey>,
    /// True where it was entered as the command of a noun.
    pub is_by_noun: bool,
}

/// The body of a request. Files are named and not yet read: they may be larger than memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// JSON, as the text that is sent.
    Json(String),
    /// `multipart/form-data`, in order.
    Form(Vec<Part>),
    /// Bytes as they are, and their media type.
    Bytes(Payload, String),
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of the field.
    pub name: String,
    /// Its content.
    pub payload: Payload,
    /// The name of the file, where it is one.
    pub file_name: Option<String>,
    /// The media type; a plain field has none.
    pub media_type: Option<String>,
}

/// The source of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    Text(String),
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// The value of `Idempotency-Key`, and who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdempotencyKey {
    /// Made for this one command.
    Made(String),
    /// Given by the user, who may give it again.
    Given(String),
}

impl Request {
    /// A request of an endpoint and nothing else.
    pub fn new(method: Method, endpoint: Endpoint) -> Request {
        Request {
            operation: catalogue::find(method.as_str(), endpoint.path()),
            method,
            endpoint,
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            idempotency_key: None,
            is_by_noun: false,
        }
    }

    /// A GET of an endpoint.
    pub fn get(endpoint: Endpoint) -> Request {
        Request::new(Method::GET, endpoint)
    }

    /// Headers in order: the content type, those of the user (which take precedence over it), and the
    /// idempotency key. `media_type` is the body's. Headers that every request has are not included.
    pub fn headers<'r>(&'r self, media_type: Option<&'r str>) -> Vec<(&'r str, &'r str)> {
        let is_given =
            |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let media_type = media_type
            .filter(|_| !is_given("content-type"))
            .map(|media_type| ("Content-Type", media_type));
        let given = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let key = self.idempotency_key.as_ref().map(|key| ("Idempotency-Key", key.value()));
        media_type.into_iter().chain(given).chain(key).collect()
    }

    /// Path and query as they stand in the request line, percent-encoded.
    pub fn target(&self) -> String {
        let mut target = self.endpoint.path().to_owned();
        let entered = self.endpoint.query().map(str::to_owned);
        let added = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", component(name), component(value)));
        for (index, part) in entered.into_iter().chain(added).enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(&part);
        }
        target
    }
}

impl Body {
    /// The media type; that of a form is known once its boundary is.
    pub fn media_type(&self) -> Option<&str> {
        match self {
            Body::Empty | Body::Form(_) => None,
            Body::Json(_) => Some("application/json"),
            Body::Bytes(_, media_type) => Some(media_type),
        }
    }
}

impl Part {
    /// The lines between the boundary and the content, the empty one included; names as browsers
    /// write them (the HTML standard on multipart/form-data).
    pub fn head(&self) -> String {
        let escaped =
            |name: &str| name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22");
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(&self.name));
        if let Some(file_name) = &self.file_name {
            head.push_str(&format!("; filename=\"{}\"", escaped(file_name)));
        }
        if let Some(media_type) = &self.media_type {
            head.push_str(&format!("\r\nContent-Type: {media_type}"));
        }
        head.push_str("\r\n\r\n");
        head
    }
}

impl IdempotencyKey {
    /// The value that is sent.
    pub fn value(&self) -> &str {
        let (IdempotencyKey::Made(value) | IdempotencyKey::Given(value)) = self;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::origin::Base;

    #[test]
    fn target_joins_and_encodes_queries() {
        let check = |endpoint: &str, query: &[(&str, &str)], expected: &str| {
            let base = Base::parse("https://api.heygen.com").expect("a base");
            let endpoint = Endpoint::parse(endpoint, &base).expect("an endpoint");
            let query = query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(Request { query, ..Request::get(endpoint) }.target(), expected);
        };
        check("/v3/videos", &[], "/v3/videos");
        check("/v3/videos", &[("limit", "5")], "/v3/videos?limit=5");
        check(
            "/v3/videos?limit=5",
            &[("title", "a b&c=d")],
            "/v3/videos?limit=5&title=a%20b%26c%3Dd",
        );
        check(
            "/v3/voices",
            &[("language", "Chinese (Cantonese, Traditional)"), ("language", "é+%")],
            "/v3/voices?language=Chinese%20%28Cantonese%2C%20Traditional%29&language=%C3%A9%2B%25",
        );
    }
}
