//! The call as JavaScript with axios 1.

use super::CannotSay;
use super::call::Call;
use super::javascript::{Expression, FOR_A_SERVER, Prelude, headers, joined_lines, object, print};
use super::json;
use super::quote::javascript;
use crate::api::request::Body;

/// An error of axios holds the request with its headers, and Node prints errors whole: uncaught,
/// it would show the key.
const FAILURE: &str = "\
.catch((error) => {
  // Not the error itself: printed whole, it shows the key.
  throw new Error(`${error.message} ${JSON.stringify(error.response?.data) ?? \"\"}`);
});
";

pub(super) fn program(call: &Call<'_>) -> Result<String, CannotSay> {
    call.refuse_dot_segment()?;
    let mut prelude = Prelude::default();
    prelude.import("axios from \"axios\"");
    let body = body(call, &mut prelude)?;
    let mut content_type = body.as_ref().and_then(|body| body.content_type.as_deref());
    if body.is_none() && matches!(call.method, "POST" | "PUT" | "PATCH") {
        // axios would call nothing a form.
        content_type = Some("false");
    }
    let mut options = vec![
        format!("method: {}", javascript(call.method)),
        format!("url: {}", javascript(&call.url)),
        format!("headers: {}", headers(call, content_type)),
    ];
    if let Some(body) = &body {
        options.push(format!("data: {}", body.text));
    }
    options.push("maxRedirects: 0".to_owned());
    Ok(format!(
        "{FOR_A_SERVER}{}const response = await axios({}){FAILURE}{}",
        prelude.text(),
        object(&options),
        response(call),
    ))
}

fn body(call: &Call<'_>, prelude: &mut Prelude) -> Result<Option<Expression>, CannotSay> {
    let text = match call.body {
        Body::Empty => return Ok(None),
        Body::Form(parts) => return prelude.form(parts).map(Some),
        Body::Json(text) => match json::survivor(text) {
            Some(value) => json::literal(&value, &json::JAVASCRIPT),
            // axios trims texts of JSON, but not bytes.
            None => format!("Buffer.from(\n  {},\n)", joined_lines(text)),
        },
        Body::Bytes(payload, _) => prelude.bytes(payload)?,
    };
    Ok(Some(Expression { text, content_type: None }))
}

fn response(call: &Call<'_>) -> String {
    if call.is_head() {
        return "console.log(response.status, response.statusText);\n\
                for (const [name, value] of Object.entries(response.headers)) {\n  \
                console.log(`${name}: ${value}`);\n}\n"
            .to_owned();
    }
    let print = print(call, "response.data");
    if call.may_be_empty() {
        return format!("if (response.data) {{\n  {print}}}\n");
    }
    print
}
