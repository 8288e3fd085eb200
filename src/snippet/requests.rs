//! The call as Python with requests 2.

use super::CannotSay;
use super::call::Call;
use super::json;
use super::python::{Script, TYPE_OF_FORM, headers, print, text_literal};
use crate::api::request::{Body, Part};

pub(super) fn program(call: &Call<'_>) -> Result<String, CannotSay> {
    call.refuse_dot_segment()?;
    let mut script = Script::of(call);
    let is_form_by_hand =
        matches!(call.body, Body::Form(parts) if !parts.iter().all(is_said_exactly));
    let joined = call.joined_headers();
    let typed: Vec<(&str, &str)> = joined.iter().map(|(name, value)| (*name, &**value)).collect();
    script
        .arguments
        .push(format!("headers={}", headers(&typed, is_form_by_hand.then_some(TYPE_OF_FORM))));
    match call.body {
        Body::Empty => {}
        // `json=` would put blanks after commas and escape what is not ASCII.
        Body::Json(text) => match json::survivor(text) {
            Some(value) => {
                script.import("json");
                let value = json::literal(&value, &json::PYTHON).replace('\n', "\n    ");
                script.arguments.push(format!(
                    "data=json.dumps(\n    {value},\n    ensure_ascii=False,\n    separators=(\",\", \":\"),\n).encode()"
                ));
            }
            None => script.arguments.push(format!("data={}.encode()", text_literal(text))),
        },
        Body::Form(parts) if is_form_by_hand => {
            script.form_by_hand(parts)?;
            script.arguments.push("data=body".to_owned());
        }
        Body::Form(parts) => {
            let files = script.files(parts)?;
            script.arguments.push(format!("files={files}"));
        }
        Body::Bytes(payload, _) => {
            let file = script.file(payload)?;
            script.arguments.push(format!("data={file}"));
        }
    }
    script.arguments.push("allow_redirects=False".to_owned());
    let function = format!("requests.{}", call.method.to_ascii_lowercase());
    Ok(script.text("requests", &function, &print(call, "reason")))
}

/// Returns true if `files=` writes the part as we do: an empty name of a file would be left out.
fn is_said_exactly(part: &Part) -> bool {
    part.file_name.as_deref() != Some("") && part.media_type.as_deref() != Some("")
}
