//! One envelope for all the shapes of HeyGen's responses.
//!
//! Three generations wrap their data differently, and each puts its errors elsewhere:
//!
//! | | success | error |
//! |---|---|---|
//! | v1 | `{"code":100,"data":…,"message":"Success"}` | `{"code":400112,"message":"…"}` |
//! | v2 | `{"error":null,"data":…}` | `{"error":{…} or "…","data":null}` |
//! | v3 | `{"data":…,"has_more":…,"next_token":…}` | `{"error":{"code","message",…,"errors":[…]}}` |
//!
//! Beside them there are 415's `{"detail":…}`, errors inside HTTP 200, and responses without any
//! envelope. Which generation it was is not asked: the names of the members say enough.

use crate::error::{ApiError, FieldError};
use crate::json::{self, Document, FaultKind};

/// The code of a successful v1 response.
const V1_OK: &str = "100";

/// The most field errors that are kept.
const MOST_FIELD_ERRORS: usize = 50;

/// A successful response, and the data inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'t> {
    /// The whole value, envelope included.
    pub whole: &'t [u8],
    /// The envelope's `data`, or the whole if there is no envelope.
    pub data: &'t [u8],
    /// True if it is an envelope of HeyGen's, and not just any JSON.
    pub is_envelope: bool,
}

impl<'t> Envelope<'t> {
    /// Opens a response with a status of success.
    ///
    /// # Errors
    /// It is an error all the same: v1 and v2 send some of theirs inside HTTP 200.
    pub fn open(document: &Document<'t>, clean: &Clean<'_>) -> Result<Envelope<'t>, ApiError> {
        if has_error(document) {
            let has_data = document.get("data").is_some_and(is_something);
            return Err(ApiError { has_data, ..error_in(document.value(), clean) });
        }
        let data = document.get("data");
        Ok(Envelope {
            whole: document.value(),
            data: data.unwrap_or(document.value()),
            is_envelope: data.is_some(),
        })
    }

    /// Returns true if the response can only be HeyGen's: an envelope around an object.
    pub fn is_proof(&self) -> bool {
        self.is_envelope && json::is_object(self.data)
    }
}

/// Returns true if a value says anything at all.
fn is_something(value: &[u8]) -> bool {
    !matches!(value, b"null" | b"false" | b"\"\"")
        && (!json::is_object(value) || json::members(value).next().is_some())
        && (!json::is_array(value) || json::elements(value).next().is_some())
}

/// Returns true if a body with a status of success holds an error.
fn has_error(document: &Document<'_>) -> bool {
    // v2 responses carry `error: null` when all is well: look at the value, not at the name.
    if document.get("error").is_some_and(is_error) {
        return true;
    }
    // Any resource may have a `code`; v1's stands beside a message.
    let Some(code) = document.get("code").and_then(v1_code) else {
        return false;
    };
    let is_v1 = document.get("message").is_some() || document.get("msg").is_some();
    is_v1 && code != V1_OK
}

/// Returns true if the value of a member `error` is an error.
fn is_error(value: &[u8]) -> bool {
    match value.first() {
        Some(b'"') => json::as_text(value).is_some_and(|text| !text.is_empty()),
        Some(b'{') => json::members(value).next().is_some(),
        Some(b'[') => json::elements(value).next().is_some(),
        Some(b'-' | b'0'..=b'9') => !value.iter().all(|byte| b"-0.".contains(byte)),
        _ => json::as_bool(value) == Some(true),
    }
}

/// v1's code: an integer, on one page of the documentation a text of digits.
fn v1_code(value: &[u8]) -> Option<String> {
    let code = json::as_text(value).or_else(|| String::from_utf8(value.to_vec()).ok())?;
    let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(code)
}

/// Makes a text from outside fit for an error: masks it, then cuts it to length. Nothing is cut,
/// quoted or lower-cased before.
pub type Clean<'c> = dyn Fn(&str) -> String + 'c;

/// The error in a body, whatever generation wrote it. A body that is not JSON is its own message,
/// with the code that stands in it all the same: a gateway's broken JSON, too, may say that a quota
/// is used up. Of JSON that was cut, or nests too deeply, the members that can be read count.
pub fn error_in(body: &[u8], clean: &Clean<'_>) -> ApiError {
    if let Some(text) = of_utf16(body) {
        return error_in(text.as_bytes(), clean);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let is_readable = match json::parse(body) {
        Ok(_) => true,
        Err(fault) => fault.kind != FaultKind::Syntax,
    };
    match body.first() {
        Some(b'{') if is_readable => Reader { clean }.body(body),
        Some(b'[') if is_readable && json::elements(body).next().is_some_and(json::is_object) => {
            let first = json::elements(body).next().unwrap_or_default();
            Reader { clean }.body(first)
        }
        Some(b'"') if is_readable => {
            ApiError { message: Reader { clean }.text(body), ..ApiError::default() }
        }
        Some(_) => {
            let text = String::from_utf8_lossy(body);
            let code = code_within(&text).map(clean);
            ApiError { code, message: Some(clean(&text)), ..ApiError::default() }
        }
        None => ApiError::default(),
    }
}

/// The text of a body in UTF-16, with a byte order mark or an ASCII character at its start.
pub(super) fn of_utf16(body: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match body {
        [0xfe, 0xff, ..] | [0, 1..=127, ..] => u16::from_be_bytes,
        [0xff, 0xfe, ..] | [1..=127, 0, ..] => u16::from_le_bytes,
        _ => return None,
    };
    let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = String::from_utf16_lossy(&units.collect::<Vec<_>>());
    // A text that begins with NUL would be taken for UTF-16 again.
    Some(text.trim_matches(['\u{feff}', '\0']).to_owned())
}

/// The first `"code":"…"` of a text that is not JSON.
fn code_within(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"code\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (code, _) = rest.split_once('"')?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (!code.is_empty() && code.bytes().all(is_word)).then_some(code)
}

/// Reads the few members of an error that are wanted, each text cleaned.
struct Reader<'r> {
    clean: &'r Clean<'r>,
}

impl Reader<'_> {
    fn body(&self, body: &[u8]) -> ApiError {
        let mut read = self.usual(body);
        if read.code.is_none() && read.message.is_none() {
            let errors = std::mem::take(&mut read.errors);
            read = self.elsewhere(body).unwrap_or(read);
            if read.errors.is_empty() {
                read.errors = errors;
            }
        }
        // An empty code in `error` says less than one beside it.
        read.code = read.code.or_else(|| {
            json::member(body, "code")
                .filter(|code| code.first() == Some(&b'"'))
                .and_then(|code| self.text(code))
                .map(|code| code.trim().to_owned())
        });
        read
    }

    /// The error where frameworks put it: `{"detail":{…}}` (FastAPI), `{"errors":[{…}]}`, or a second
    /// envelope around the first.
    fn elsewhere(&self, body: &[u8]) -> Option<ApiError> {
        let within = |outer: &str| json::member(json::member(body, outer)?, "error");
        let first = |list: &str| json::elements(json::member(body, list)?).next();
        let places = [
            json::member(body, "detail"),
            within("error"),
            within("data"),
            first("error"),
            first("errors"),
        ];
        let objects = places.into_iter().flatten().filter(|place| json::is_object(place));
        objects
            .map(|object| self.one(object))
            .find(|read| read.code.is_some() || read.message.is_some())
    }

    /// The error where HeyGen puts it.
    fn usual(&self, body: &[u8]) -> ApiError {
        let error = json::member(body, "error");
        match error.and_then(<[u8]>::first) {
            Some(b'{') => {
                let mut read = self.one(error.unwrap_or_default());
                if read.errors.is_empty() {
                    read.errors = self.fields(json::member(body, "errors"));
                }
                read
            }
            Some(b'[') => ApiError { errors: self.fields(error), ..self.one(body) },
            Some(b'"') => match (error.and_then(|error| self.text(error)), self.one(body)) {
                // `{"error":"not_found","message":"…"}` is how some gateways write it.
                (Some(code), read) if read.message.is_some() => {
                    ApiError { code: Some(code), ..read }
                }
                (Some(message), read) => ApiError { message: Some(message), ..read },
                (None, read) => read,
            },
            _ => self.one(body),
        }
    }

    /// The members of one error, which stand in `error` (v2, v3) or in the body itself (v1, 415).
    fn one(&self, error: &[u8]) -> ApiError {
        let text = |name: &str| json::member(error, name).and_then(|value| self.text(value));
        let mut errors = self.fields(json::member(error, "errors"));
        errors.extend(self.fields(json::member(error, "detail")));
        errors.truncate(MOST_FIELD_ERRORS);
        ApiError {
            code: text("code").map(|code| code.trim().to_owned()),
            message: text("message").or_else(|| text("msg")).or_else(|| text("detail")),
            param: text("param"),
            doc_url: text("doc_url").map(String::into_boxed_str),
            errors,
            has_data: false,
        }
    }

    /// `errors[]` of v3 (`code`, `message`, `path`) and the list that 415's `detail` may be
    /// (`loc`, `msg`).
    fn fields(&self, list: Option<&[u8]>) -> Vec<FieldError> {
        let entries = json::elements(list.unwrap_or_default()).map(|entry| {
            let member = |name: &str| json::member(entry, name);
            let text = |name: &str| member(name).and_then(|value| self.text(value));
            if !json::is_object(entry) {
                return FieldError { message: self.text(entry), ..FieldError::default() };
            }
            FieldError {
                code: text("code").or_else(|| text("type")),
                message: text("message").or_else(|| text("msg")),
                path: self.path(member("path")).or_else(|| self.path(member("loc"))),
            }
        });
        entries.filter(|error| *error != FieldError::default()).take(MOST_FIELD_ERRORS).collect()
    }

    /// A path as text: `["body","limit"]` becomes `body.limit`.
    fn path(&self, value: Option<&[u8]>) -> Option<String> {
        let value = value?;
        if !json::is_array(value) {
            return self.text(value);
        }
        let parts = json::elements(value).take(MOST_FIELD_ERRORS);
        let parts: Vec<String> = parts.filter_map(|part| self.text(part)).collect();
        (!parts.is_empty()).then(|| (self.clean)(&parts.join(".")))
    }

    /// A text that is not empty, or a number as text: codes are both.
    fn text(&self, value: &[u8]) -> Option<String> {
        let text = match value.first()? {
            b'"' => json::as_text(value)?,
            b'-' | b'0'..=b'9' => String::from_utf8_lossy(value).into_owned(),
            _ => return None,
        };
        (!text.is_empty()).then(|| (self.clean)(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(code: &str, message: &str) -> ApiError {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ApiError { code: some(code), message: some(message), ..ApiError::default() }
    }

    #[test]
    fn finds_data_of_every_envelope() {
        let check = |body: &str, data: &str, is_envelope: bool| {
            let document = json::parse(body.as_bytes()).expect("JSON");
            let envelope = Envelope::open(&document, &str::to_owned).expect("a success");
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
            assert_eq!(Envelope::open(&document, &str::to_owned), Err(expected), "{body}");
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
        check(r#"{"error":true,"message":"m"}"#, error("", "m"));
        check(r#"{"error":1,"data":null}"#, error("", ""));
        let bad = FieldError { message: Some("bad".to_owned()), ..FieldError::default() };
        check(r#"{"error":["bad"]}"#, ApiError { errors: vec![bad], ..ApiError::default() });
    }

    #[test]
    fn reads_errors_in_utf16() {
        let text = r#"{"error":{"code":"quota_exceeded","message":"é"}}"#;
        let units = || text.encode_utf16();
        let with_mark = || [0xfeff].into_iter().chain(units());
        for body in [
            units().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            with_mark().flat_map(u16::to_le_bytes).collect(),
            with_mark().flat_map(u16::to_be_bytes).collect(),
        ] {
            assert_eq!(error_in(&body, &str::to_owned), error("quota_exceeded", "é"), "{body:?}");
        }
        assert_eq!(error_in(b"\0\0\0", &str::to_owned).code, None);
    }

    #[test]
    fn reads_every_kind_of_error() {
        let check = |body: &str, expected: ApiError| {
            assert_eq!(error_in(body.as_bytes(), &str::to_owned), expected, "{body}")
        };
        let quota = r#"{"error":{"code":"quota_exceeded","message":"Out of credits."}}"#;
        check(&format!("[{quota}]"), error("quota_exceeded", "Out of credits."));
        for broken in [quota.replace("Out of", "Out\tof"), format!("{quota}{{}}")] {
            check(&broken, error("quota_exceeded", &broken));
        }
        check("code \"code\": 1", error("", "code \"code\": 1"));
        let inner = r#"{"code":"quota_exceeded","message":"Out of credits."}"#;
        for elsewhere in [
            format!(r#"{{"detail":{inner}}}"#),
            format!(r#"{{"error":{{"error":{inner}}}}}"#),
            format!(r#"{{"data":{{"error":{inner}}}}}"#),
        ] {
            check(&elsewhere, error("quota_exceeded", "Out of credits."));
        }
        let field = FieldError {
            code: Some("quota_exceeded".to_owned()),
            message: Some("Out of credits.".to_owned()),
            path: None,
        };
        for list in [format!(r#"{{"errors":[{inner}]}}"#), format!(r#"{{"error":[{inner}]}}"#)] {
            let read = error("quota_exceeded", "Out of credits.");
            check(&list, ApiError { errors: vec![field.clone()], ..read });
        }
        check(
            r#"{"error":{"code":"","message":"m"},"code":" quota_exceeded "}"#,
            error("quota_exceeded", "m"),
        );
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
        check(r#"{"error":{"code":"c","message":"\ud800x"}}"#, error("c", "\u{fffd}x"));
        let deep = format!("{{\"error\":{{\"code\":\"c\",\"x\":{}", "[".repeat(600));
        check(&deep, error("c", ""));
        check(
            r#"{"error":{"code":"quota_exceeded","message":"cut in the mi"#,
            error("quota_exceeded", ""),
        );
        check(r#"{"error":true,"message":"m"}"#, error("", "m"));
        check(
            r#"{"error":["bad"]}"#,
            ApiError {
                errors: vec![FieldError {
                    message: Some("bad".to_owned()),
                    ..FieldError::default()
                }],
                ..ApiError::default()
            },
        );
    }

    proptest! {
        #[test]
        fn any_body_opens_without_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            error_in(&body, &str::to_owned);
            if let Ok(document) = json::parse(&body) {
                let _ = Envelope::open(&document, &str::to_owned);
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
            error_in(body.as_bytes(), &str::to_owned);
            let document = json::parse(body.as_bytes()).expect("JSON");
            let _ = Envelope::open(&document, &str::to_owned);
        }
    }
}
