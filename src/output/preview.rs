//! Previews instead of a call: the request that would be sent, or a program that sends it.
//!
//! Both show the [`Request`] itself, the value that is sent otherwise.

use std::fs;
use std::io::{self, Write};

use crate::api::request::{Body, IdempotencyKey, Payload, Request};
use crate::app::context::Context;
use crate::app::session::check_idempotency_key;
use crate::credential;
use crate::error::Error;
use crate::http::client::is_secret;
use crate::render::json;
use crate::snippet::{self, Language};
use crate::terminal::streams::Ui;
use crate::terminal::text::neutralised;

/// Prints the call as a program. No key is looked for, and none can be in it.
///
/// # Errors
/// The language cannot make exactly this call, or a text in the call is the key.
pub fn program(
    request: &Request,
    language: Language,
    whole: bool,
    context: &Context<'_>,
) -> Result<(), Error> {
    let program =
        snippet::program(language, request, &context.settings.base, whole).map_err(|reason| {
            Error::usage_with_hint(
                format!("{} cannot make exactly this call: {reason}", language.name()),
                "`--as curl` can make most calls",
            )
        })?;
    for key in credential::every_key(&context.settings.places, context.env) {
        context.ui.hide(key);
    }
    if context.ui.masked(&program) != program {
        return Err(Error::usage_with_hint(
            "a text in this call is your key, and no program is printed with it",
            "leave it out; the programs take the key from HEYGEN_API_KEY",
        ));
    }
    context.ui.write(|out| out.write_all(program.as_bytes())).map_err(Error::Output)
}

/// Prints the request that would be sent. The key is shown masked; none is needed.
///
/// # Errors
/// A file named for the key or for the body cannot be read, or the idempotency key is the API key.
pub fn dry_run(request: &Request, context: &Context<'_>) -> Result<(), Error> {
    let key = key_line(request, context)?;
    let url = shown(context, &context.settings.base.url(&request.target()));
    let mut head = format!("{} {url}\n", request.method);
    let media_type = match &request.body {
        Body::Form(_) => Some("multipart/form-data"),
        other => other.media_type(),
    };
    for (name, value) in request.headers(media_type) {
        let value = if is_secret(name) { "…".to_owned() } else { shown(context, value) };
        let made = match &request.idempotency_key {
            Some(IdempotencyKey::Made(key)) if *key == value => " (made for this call)",
            Some(IdempotencyKey::Made(_) | IdempotencyKey::Given(_)) | None => "",
        };
        head.push_str(&format!("{}: {value}{made}\n", shown(context, name)));
    }
    head.push_str(&format!("X-Api-Key: {key}\n"));
    let body = body_lines(request, context)?;
    context
        .ui
        .write(|out| {
            out.write_all(head.as_bytes())?;
            match &request.body {
                Body::Empty => Ok(()),
                Body::Json(text) => write_json(context.ui, text, out),
                Body::Form(_) | Body::Bytes(..) => write!(out, "\n{body}"),
            }
        })
        .map_err(Error::Output)
}

/// The key as it may be shown and where it was found, or why there is none.
fn key_line(request: &Request, context: &Context<'_>) -> Result<String, Error> {
    let found = credential::find(&context.settings.places, context.env, &mut context.ui.stdin());
    check_idempotency_key(request, found.as_ref().ok().map(|found| &found.key), context)?;
    match found {
        Ok(found) => {
            context.ui.hide(found.key.clone());
            Ok(format!("{} ({})", found.key.masked(), found.source))
        }
        Err(Error::NoKey { .. }) => Ok("(no key found)".to_owned()),
        Err(error @ Error::UnusableKey { .. }) => Ok(format!("(no usable key: {error})")),
        Err(other) => Err(other),
    }
}

/// Writes JSON as a response is printed; JSON that nests too deeply is written as it is.
fn write_json(ui: &Ui, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = ui.masked(text);
    let mut pretty = Vec::new();
    out.write_all(b"\n")?;
    match crate::json::parse(text.as_bytes()) {
        Ok(_) => {
            json::pretty(text.trim().as_bytes(), ui.dress(), &mut pretty)?;
            out.write_all(&pretty)?;
        }
        Err(_) => out.write_all(text.as_bytes())?,
    }
    writeln!(out)
}

/// The lines of a body that is not JSON: the parts of a form, or the source of the bytes.
fn body_lines(request: &Request, context: &Context<'_>) -> Result<String, Error> {
    match &request.body {
        Body::Empty | Body::Json(_) => Ok(String::new()),
        Body::Bytes(payload, _) => Ok(format!("{}\n", content(payload, context)?)),
        Body::Form(parts) => {
            let mut lines = String::new();
            for part in parts {
                let content = content(&part.payload, context)?;
                let media_type =
                    part.media_type.as_ref().map(|name| format!(", {}", shown(context, name)));
                lines.push_str(&format!(
                    "{}: {content}{}\n",
                    shown(context, &part.name),
                    media_type.unwrap_or_default()
                ));
            }
            Ok(lines)
        }
    }
}

/// A text, or the name and size of a file.
fn content(payload: &Payload, context: &Context<'_>) -> Result<String, Error> {
    match payload {
        Payload::Text(text) => Ok(shown(context, text)),
        Payload::Stdin => Ok("<stdin>".to_owned()),
        Payload::File(path) => {
            let name = shown(context, &path.display().to_string());
            let metadata = fs::metadata(path).map_err(|cause| Error::File {
                doing: "reading",
                path: path.clone(),
                cause,
            })?;
            // The size of a pipe or a device is not known before its end.
            let size = if metadata.is_file() { bytes(metadata.len()) } else { "?".to_owned() };
            Ok(format!("<{name}>, {size}"))
        }
    }
}

fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// A given text with the key masked, and on a terminal without control characters.
fn shown(context: &Context<'_>, text: &str) -> String {
    let masked = context.ui.masked(text);
    if context.ui.stdout_is_terminal() { neutralised(&masked) } else { masked }
}
