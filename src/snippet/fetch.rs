//! The call as JavaScript with the `fetch` of Node 18, Deno and Bun.

use super::CannotSay;
use super::call::Call;
use super::javascript::{Expression, FOR_A_SERVER, Prelude, headers, joined_lines, object, print};
use super::json;
use super::quote::javascript;
use crate::api::request::Body;

pub(super) fn program(call: &Call<'_>) -> Result<String, CannotSay> {
    call.refuse_dot_segment()?;
    let mut prelude = Prelude::default();
    let body = body(call, &mut prelude)?;
    let content_type = body.as_ref().and_then(|body| body.content_type.as_deref());
    let mut options = Vec::new();
    if call.method != "GET" {
        options.push(format!("method: {}", javascript(call.method)));
    }
    options.push(format!("headers: {}", headers(call, content_type)));
    if let Some(body) = &body {
        options.push(format!("body: {}", body.text));
    }
    options.push("redirect: \"error\"".to_owned());
    Ok(format!(
        "{FOR_A_SERVER}{}const response = await fetch({}, {});\n\
         if (!response.ok) {{\n  throw new Error(`${{response.status}} ${{await response.text()}}`);\n}}\n{}",
        prelude.text(),
        javascript(&call.url),
        object(&options),
        response(call),
    ))
}

fn body(call: &Call<'_>, prelude: &mut Prelude) -> Result<Option<Expression>, CannotSay> {
    let text = match call.body {
        Body::Empty => return Ok(None),
        Body::Form(parts) => return prelude.form(parts).map(Some),
        Body::Json(text) => match json::survivor(text) {
            Some(value) => format!("JSON.stringify({})", json::literal(&value, &json::JAVASCRIPT)),
            None => joined_lines(text),
        },
        Body::Bytes(payload, _) => prelude.bytes(payload)?,
    };
    Ok(Some(Expression { text, content_type: None }))
}

fn response(call: &Call<'_>) -> String {
    if call.is_head() {
        return "console.log(response.status, response.statusText);\n\
                for (const [name, value] of response.headers) {\n  \
                console.log(`${name}: ${value}`);\n}\n"
            .to_owned();
    }
    if call.may_be_empty() {
        let print = print(call, "JSON.parse(text)");
        return format!("const text = await response.text();\nif (text) {{\n  {print}}}\n");
    }
    print(call, "(await response.json())")
}
