//! One understanding of all the shapes that HeyGen answers in.
//!
//! Three generations wrap their data differently, and each puts its errors elsewhere:
//!
//! | | success | error |
//! |---|---|---|
//! | v1 | `{"code":100,"data":…,"message":"Success"}` | `{"code":400112,"message":"…"}` |
//! | v2 | `{"error":null,"data":…}` | `{"error":{…} or "…","data":null}` |
//! | v3 | `{"data":…,"has_more":…,"next_token":…}` | `{"error":{"code","message",…,"errors":[…]}}` |
//!
//! Beside them there are 415's `{"detail":…}`, errors inside HTTP 200, and answers without any
//! envelope. Which generation it was is not asked: the names of the members say enough.

use serde_json::Value;

use crate::error::{ApiError, FieldError};
use crate::json::{self, Document};

/// The code that v1 answers when all is well.
const V1_OK: &str = "100";

/// A successful answer, and where in it the data lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'t> {
    /// The whole value, envelope included.
    pub whole: &'t [u8],
    /// What was asked for: the envelope's `data`, or the whole where there is no envelope.
    pub data: &'t [u8],
    /// Whether it is an envelope of HeyGen's, and not just any JSON.
    pub is_envelope: bool,
}

impl<'t> Envelope<'t> {
    /// Opens an answer that came with a status of success.
    ///
    /// # Errors
    /// It is an error all the same: v1 and v2 answer some of theirs inside HTTP 200.
    pub fn open(document: &Document<'t>) -> Result<Envelope<'t>, ApiError> {
        if has_error(document) {
            return Err(error_in(document.value()));
        }
        let data = document.get("data");
        Ok(Envelope {
            whole: document.value(),
            data: data.unwrap_or(document.value()),
            is_envelope: data.is_some(),
        })
    }

    /// Whether the answer can only have come from HeyGen's API: an envelope around an object.
    pub fn is_proof(&self) -> bool {
        self.is_envelope && json::is_object(self.data)
    }
}

/// Whether a body that came with a status of success tells of an error.
fn has_error(document: &Document<'_>) -> bool {
    // v2 answers carry `error: null` when all is well: look at the value, not at the name.
    if let Some(error) = document.get("error") {
        let is_text = json::as_text(error).is_some_and(|text| !text.is_empty());
        let is_object = json::is_object(error) && json::members(error).next().is_some();
        if is_text || is_object {
            return true;
        }
    }
    // Any resource may have a `code`; v1's stands beside a message.
    let Some(code) = document.get("code").and_then(v1_code) else {
        return false;
    };
    let is_v1 = document.get("message").is_some() || document.get("msg").is_some();
    is_v1 && code != V1_OK
}

/// v1's code: an integer, on one page of the documentation a text of digits.
fn v1_code(value: &[u8]) -> Option<String> {
    let code = json::as_text(value).or_else(|| String::from_utf8(value.to_vec()).ok())?;
    let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(code)
}

/// The error that a body tells of, whatever generation wrote it. A body that is no JSON is its own
/// message.
pub fn error_in(body: &[u8]) -> ApiError {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => error_of(&Value::Object(members)),
        Ok(Value::String(message)) => {
            ApiError { message: non_empty(message), ..ApiError::default() }
        }
        _ => ApiError { message: non_empty(text.to_owned()), ..ApiError::default() },
    }
}

fn error_of(body: &Value) -> ApiError {
    match &body["error"] {
        Value::Object(_) => {
            let mut error = one_error(&body["error"]);
            if error.errors.is_empty() {
                error.errors = field_errors(&body["errors"]);
            }
            error
        }
        Value::String(message) if !message.is_empty() => {
            // `{"error":"not_found","message":"…"}` is how some gateways write it.
            match text_of(&body["message"]) {
                Some(text) => {
                    ApiError { code: Some(message.clone()), message: Some(text), ..one_error(body) }
                }
                None => ApiError { message: Some(message.clone()), ..one_error(body) },
            }
        }
        _ => one_error(body),
    }
}

/// The members of one error, which stand in `error` (v2, v3) or in the body itself (v1, 415).
fn one_error(error: &Value) -> ApiError {
    let mut errors = field_errors(&error["errors"]);
    errors.extend(field_errors(&error["detail"]));
    ApiError {
        code: text_of(&error["code"]),
        message: text_of(&error["message"])
            .or_else(|| text_of(&error["msg"]))
            .or_else(|| text_of(&error["detail"])),
        param: text_of(&error["param"]),
        doc_url: text_of(&error["doc_url"]),
        errors,
    }
}

/// `errors[]` of v3 (`code`, `message`, `path`) and the list that 415's `detail` may be (`loc`, `msg`).
fn field_errors(list: &Value) -> Vec<FieldError> {
    let Value::Array(list) = list else {
        return Vec::new();
    };
    list.iter()
        .map(|entry| match entry {
            Value::Object(_) => FieldError {
                code: text_of(&entry["code"]).or_else(|| text_of(&entry["type"])),
                message: text_of(&entry["message"]).or_else(|| text_of(&entry["msg"])),
                path: path_of(&entry["path"]).or_else(|| path_of(&entry["loc"])),
            },
            other => FieldError { message: text_of(other), ..FieldError::default() },
        })
        .filter(|error| *error != FieldError::default())
        .collect()
}

/// A path as text: `["body","limit"]` becomes `body.limit`.
fn path_of(value: &Value) -> Option<String> {
    let Value::Array(parts) = value else {
        return text_of(value);
    };
    let parts: Vec<String> = parts.iter().filter_map(text_of).collect();
    non_empty(parts.join("."))
}

/// A text, or a number as text: codes are both.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => non_empty(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(code: &str, message: &str) -> ApiError {
        let some = |text: &str| non_empty(text.to_owned());
        ApiError { code: some(code), message: some(message), ..ApiError::default() }
    }

    #[test]
    fn finds_data_of_every_envelope() {
        let check = |body: &str, data: &str, is_envelope: bool| {
            let document = json::parse(body.as_bytes()).expect("JSON");
            let envelope = Envelope::open(&document).expect("a success");
            assert_eq!(String::from_utf8_lossy(envelope.data), data, "{body}");
            assert_eq!(envelope.is_envelope, is_envelope, "{body}");
        };
        check(r#"{"code":100,"data":{"a":1},"message":"Success","msg":null}"#, r#"{"a":1}"#, true);
        check(r#"{"code":"100","data":{"a":1},"message":"Success"}"#, r#"{"a":1}"#, true);
        check(r#"{"code":100,"data":null,"message":"Success"}"#, "null", true);
        check(
            r#"{"error":null,"data":{"remaining_quota":2344452}}"#,
            r#"{"remaining_quota":2344452}"#,
            true,
        );
        check(r#"{"data":{"id":1.10}}"#, r#"{"id":1.10}"#, true);
        check(r#"{"data":[1],"has_more":true,"next_token":"t"}"#, "[1]", true);
        check(r#"{"data":[1],"has_more":false,"next_token":null}"#, "[1]", true);
        check(r#"{"data":{},"error":""}"#, "{}", true);
        check(r#"{"data":{},"error":{}}"#, "{}", true);
        check(r#"{"code":7,"name":"n"}"#, r#"{"code":7,"name":"n"}"#, false);
        check("[1,2]", "[1,2]", false);
        check("12345678901234567890", "12345678901234567890", false);
        check(r#"{"data":1,"data":2}"#, "2", true);
    }

    #[test]
    fn error_inside_200() {
        let check = |body: &str, expected: ApiError| {
            let document = json::parse(body.as_bytes()).expect("JSON");
            assert_eq!(Envelope::open(&document), Err(expected), "{body}");
        };
        check(r#"{"code":400112,"message":"Unauthorized"}"#, error("400112", "Unauthorized"));
        check(
            r#"{"code":40104,"data":null,"message":"Video not found"}"#,
            error("40104", "Video not found"),
        );
        check(r#"{"error":"Invalid API key","data":null}"#, error("", "Invalid API key"));
        check(
            r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
            error("internal_error", "Unauthorized"),
        );
    }

    #[test]
    fn reads_every_kind_of_error() {
        let check = |body: &str, expected: ApiError| {
            assert_eq!(error_in(body.as_bytes()), expected, "{body}")
        };
        let v3 = r#"{"error":{"code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","doc_url":null}}"#;
        check(
            v3,
            ApiError {
                param: Some("limit".to_owned()),
                ..error("invalid_parameter", "'limit' must be between 1 and 100.")
            },
        );
        check(
            r#"{"error":{"code":"x","message":"m","errors":[{"code":"c","message":"n","path":"scenes.0"},"plain"]}}"#,
            ApiError {
                errors: vec![
                    FieldError {
                        code: Some("c".to_owned()),
                        message: Some("n".to_owned()),
                        path: Some("scenes.0".to_owned()),
                    },
                    FieldError { message: Some("plain".to_owned()), ..FieldError::default() },
                ],
                ..error("x", "m")
            },
        );
        check(
            r#"{"detail":"Unsupported media type '' in request. 'application/json' is required."}"#,
            error("", "Unsupported media type '' in request. 'application/json' is required."),
        );
        check(
            r#"{"detail":[{"loc":["body","limit"],"msg":"field required","type":"missing"}]}"#,
            ApiError {
                errors: vec![FieldError {
                    code: Some("missing".to_owned()),
                    message: Some("field required".to_owned()),
                    path: Some("body.limit".to_owned()),
                }],
                ..ApiError::default()
            },
        );
        check(r#"{"code":400112,"message":"Unauthorized"}"#, error("400112", "Unauthorized"));
        check(
            r#"{"error":"not_found","message":"No such thing"}"#,
            error("not_found", "No such thing"),
        );
        check("\u{feff} \"gone\" ", error("", "gone"));
        check("upstream request timeout", error("", "upstream request timeout"));
        check("", ApiError::default());
        check("[]", error("", "[]"));
        check(r#"{"error":{"code":12345678901234567890}}"#, error("12345678901234567890", ""));
    }

    proptest! {
        #[test]
        fn any_body_opens_without_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            error_in(&body);
            if let Ok(document) = json::parse(&body) {
                let _ = Envelope::open(&document);
            }
        }

        #[test]
        fn any_member_value_opens_without_panic(
            members in proptest::collection::vec(
                ("error|data|code|message|msg|detail|errors|has_more|next_token",
                 "null|true|\\{\\}|\\[\\]|\"\"|\"t\"|1e400|-0|\\[1,\\{\"loc\":\\[\\{\\}\\]\\}\\]|\\{\"code\":\\[\\]\\}"),
                0..6,
            )
        ) {
            let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            let body = format!("{{{}}}", members.join(","));
            error_in(body.as_bytes());
            let document = json::parse(body.as_bytes()).expect("JSON");
            let _ = Envelope::open(&document);
        }
    }
}
