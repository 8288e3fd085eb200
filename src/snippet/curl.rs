//! The call as a command for `sh` with curl, 7.76 or later.

use super::CannotSay;
use super::call::{Call, file_name};
use super::quote::{printf_format, shell};
use crate::api::request::{Body, Part, Payload};

/// Linux takes no argument longer than 128 KiB.
const LONGEST_ARGUMENT: usize = 100_000;

/// The command.
pub(super) fn program(call: &Call<'_>) -> Result<String, CannotSay> {
    let mut options = Vec::new();
    let mut input = None;
    if call.has_dot_segment() {
        options.push("--path-as-is".to_owned());
    }
    match (call.method, call.body) {
        ("GET", Body::Empty) => {}
        ("HEAD", _) => options.push("--head".to_owned()),
        // A body makes it a POST.
        ("POST", Body::Json(_) | Body::Form(_) | Body::Bytes(..)) => {}
        (method, _) => options.push(format!("--request {method}")),
    }
    options.push("--header \"X-Api-Key: $HEYGEN_API_KEY\"".to_owned());
    for (name, value) in &call.headers {
        // `Name:` would take the header away; this is how curl sends one without a value.
        let header = match *value {
            "" => format!("{name};"),
            value => format!("{name}: {value}"),
        };
        options.push(format!("--header {}", shell(&header)?));
    }
    match call.body {
        Body::Empty => {}
        Body::Json(text) | Body::Bytes(Payload::Text(text), _) => {
            if text.len() > LONGEST_ARGUMENT || text.contains('\0') {
                input = Some(format!("printf '{}' | ", printf_format(text)));
                options.push("--data-binary @-".to_owned());
            } else {
                // `--data` would take a text that begins with `@` for the name of a file.
                options.push(format!("--data-raw {}", shell(text)?));
            }
        }
        Body::Bytes(Payload::File(path), _) => {
            let name = shell(&format!("@{}", named(file_name(path)?)))?;
            options.push(format!("--data-binary {name}"));
        }
        Body::Bytes(Payload::Stdin, _) => options.push("--data-binary @-".to_owned()),
        Body::Form(parts) => {
            for part in parts {
                options.push(field(part)?);
            }
        }
    }
    let first = format!(
        "{}curl --fail-with-body --silent --show-error {}",
        input.unwrap_or_default(),
        shell(&call.url)?
    );
    Ok(format!("{first} \\\n  {}\n", options.join(" \\\n  ")))
}

/// A field of a form.
fn field(part: &Part) -> Result<String, CannotSay> {
    if part.name.contains('=') {
        return Err(CannotSay::EqualsInName(part.name.clone()));
    }
    let name = &part.name;
    let content = match &part.payload {
        Payload::Text(text) if part.media_type.is_none() && part.file_name.is_none() => {
            return Ok(format!("--form-string {}", shell(&format!("{name}={text}"))?));
        }
        Payload::Text(text) => quoted(text),
        Payload::File(path) => format!("@{}", quoted(named(file_name(path)?))),
        Payload::Stdin => "@-".to_owned(),
    };
    let mut field = format!("{name}={content}");
    let own_name = match &part.payload {
        Payload::File(path) => path.file_name().and_then(|name| name.to_str()),
        Payload::Text(_) | Payload::Stdin => None,
    };
    if let Some(file_name) = part.file_name.as_deref().filter(|name| Some(*name) != own_name) {
        field.push_str(&format!(";filename={}", quoted(file_name)));
    }
    if let Some(media_type) = &part.media_type {
        field.push_str(&format!(";type={media_type}"));
    }
    Ok(format!("--form {}", shell(&field)?))
}

/// `-` is stdin for curl; a file of that name is this.
fn named(path: &str) -> &str {
    if path == "-" { "./-" } else { path }
}

/// A text in which curl finds no `;` and no `,` of its own.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+' | '%');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}
