//! The call as Python with httpx 0.28.

use super::CannotSay;
use super::call::Call;
use super::json;
use super::python::{Script, TYPE_OF_FORM, headers, print, text_literal};
use super::quote::python;
use crate::api::request::{Body, Part};

pub(super) fn program(call: &Call<'_>) -> Result<String, CannotSay> {
    let mut script = Script::of(call);
    let is_form_by_hand =
        matches!(call.body, Body::Form(parts) if !parts.iter().all(is_said_exactly));
    let native = match call.body {
        Body::Json(text) => json::survivor(text),
        Body::Empty | Body::Form(_) | Body::Bytes(..) => None,
    };
    let joined = call.joined_headers();
    let typed: Vec<(&str, &str)> = joined
        .iter()
        .map(|(name, value)| (*name, &**value))
        // `json=` brings its type along.
        .filter(|header| native.is_none() || *header != ("Content-Type", "application/json"))
        .collect();
    script
        .arguments
        .push(format!("headers={}", headers(&typed, is_form_by_hand.then_some(TYPE_OF_FORM))));
    match call.body {
        Body::Empty => {}
        Body::Json(text) => script.arguments.push(match &native {
            Some(value) => format!("json={}", json::literal(value, &json::PYTHON)),
            None => format!("content={}", text_literal(text)),
        }),
        Body::Form(parts) if is_form_by_hand => {
            script.form_by_hand(parts)?;
            script.arguments.push("content=body".to_owned());
        }
        Body::Form(parts) => {
            let files = script.files(parts)?;
            script.arguments.push(format!("files={files}"));
        }
        Body::Bytes(payload, _) => {
            let file = script.file(payload)?;
            script.arguments.push(format!("content={file}"));
        }
    }
    if !matches!(call.method, "GET" | "HEAD") {
        // httpx gives up after 5 s, and work that has begun is paid for.
        script.arguments.push("timeout=120".to_owned());
    }
    // These have no function that takes a body.
    let function = match (call.method, call.body) {
        ("GET" | "HEAD" | "DELETE", Body::Json(_) | Body::Form(_) | Body::Bytes(..)) => {
            script.arguments.insert(0, python(call.method));
            "httpx.request".to_owned()
        }
        (method, _) => format!("httpx.{}", method.to_ascii_lowercase()),
    };
    Ok(script.text("httpx", &function, &print(call, "reason_phrase")))
}

/// Returns true if `files=` writes the part as we do: httpx escapes backslashes and control characters of
/// names.
fn is_said_exactly(part: &Part) -> bool {
    let is_plain = |name: &str| {
        !name.contains(|c: char| c == '\\' || c.is_ascii_control() && !matches!(c, '\r' | '\n'))
    };
    let file_name = part.file_name.as_deref();
    is_plain(&part.name) && file_name.is_none_or(is_plain) && file_name != Some("")
}
