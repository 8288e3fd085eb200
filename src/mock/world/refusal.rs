//! The error bodies of HeyGen, one shape for each version of the API.

use serde_json::{Value, json};

use crate::mock::exchange::Response;

const ERROR_CODES: &str = "https://developers.heygen.com/docs/error-codes";

/// A call that is refused: the status, HeyGen's code, and the message.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub param: Option<String>,
    allow: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), param: None, allow: None }
    }

    /// 400 for a parameter or a field.
    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Refusal {
        let refusal = Refusal::new(400, "invalid_parameter", message);
        Refusal { param: Some(param.to_owned()).filter(|name| !name.is_empty()), ..refusal }
    }

    /// 401 for a missing key as for a wrong one.
    pub(super) fn unauthorized() -> Refusal {
        Refusal::new(401, "unauthorized", "Unauthorized")
    }

    /// 404 for something that is named in the message, such as `video`.
    pub(super) fn not_found(what: &str) -> Refusal {
        let mut name: String = what.replace(['_', '-'], " ");
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Refusal::new(404, "not_found", format!("{name} not found."))
    }

    /// 405 with the methods that the path has.
    pub(super) fn wrong_method(method: &str, allow: String) -> Refusal {
        let message = format!("Method \"{method}\" not allowed.");
        Refusal { allow: Some(allow), ..Refusal::new(405, "method_not_allowed", message) }
    }

    /// 415 for a body of another media type.
    pub(super) fn media_type(found: &str, expected: &str) -> Refusal {
        let message =
            format!("Unsupported media type '{found}' in request. '{expected}' is required.");
        Refusal::new(415, "unsupported_media_type", message)
    }

    /// The response in the shape of a version; paths without one are answered as v3.
    pub(super) fn response(&self, version: u8) -> Response {
        let body = match (self.status, version) {
            (415, _) => json!({ "detail": self.message }),
            (_, 1) => json!({ "code": self.number(), "message": self.message }),
            (_, 2) => json!({ "data": null, "error": {
                "code": if self.status == 401 { "internal_error" } else { self.code },
                "message": self.message,
            } }),
            _ => json!({ "error": self.fields() }),
        };
        let response = Response::new(self.status, "application/json", body.to_string());
        match &self.allow {
            Some(allow) => response.with("allow", allow.as_str()),
            None => response,
        }
    }

    fn fields(&self) -> Value {
        let doc_url = format!("{ERROR_CODES}#{}", self.code.replace('_', "-"));
        match self.status {
            401 | 402 => {
                json!({ "code": self.code, "message": self.message, "doc_url": doc_url })
            }
            _ => json!({
                "code": self.code, "message": self.message, "param": self.param, "doc_url": null,
            }),
        }
    }

    /// The number of v1 for the code; the status where v1 has none.
    fn number(&self) -> u32 {
        match self.code {
            "unauthorized" => 400_112,
            "invalid_parameter" => 400_175,
            "not_found" if self.message.starts_with("Video ") => 40_104,
            "not_found" if self.message.starts_with("Webhook ") => 400_131,
            _ => u32::from(self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_shape_of_their_version() {
        let check = |refusal: Refusal, version: u8, expected: &str| {
            let body = String::from_utf8(refusal.response(version).body).expect("text");
            assert_eq!(body, expected);
        };
        check(Refusal::unauthorized(), 1, r#"{"code":400112,"message":"Unauthorized"}"#);
        check(
            Refusal::unauthorized(),
            2,
            r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
        );
        check(
            Refusal::unauthorized(),
            3,
            r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#,
        );
        check(Refusal::not_found("video"), 1, r#"{"code":40104,"message":"Video not found."}"#);
        check(
            Refusal::not_found("video"),
            3,
            r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#,
        );
        check(
            Refusal::invalid("limit", "'limit' is wrong."),
            2,
            r#"{"data":null,"error":{"code":"invalid_parameter","message":"'limit' is wrong."}}"#,
        );
        check(
            Refusal::media_type("", "application/json"),
            1,
            r#"{"detail":"Unsupported media type '' in request. 'application/json' is required."}"#,
        );
    }
}
