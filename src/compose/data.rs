//! `--data`: JSON given as text or by the name of a file, checked, and joined with fields.

use std::path::Path;

use serde_json::Value;

use super::fields::Field;
use super::input::Input;
use super::merge;
use crate::api::request::Body;
use crate::error::{Error, Usage};
use crate::json::{self, Fault, FaultKind, Node};
use crate::terminal::excerpt::excerpt;

/// The JSON body of a request. Without fields it is `--data` to the byte; with fields, what no field
/// replaces keeps its bytes.
///
/// # Errors
/// `--data` cannot be read, is not valid JSON, or is not an object where there are fields.
pub(super) fn json_body(
    data: Option<&str>,
    fields: &[Field],
    input: &mut Input<'_>,
) -> Result<Body, Error> {
    let text = data.map(|entered| json_text(entered, input)).transpose()?;
    if fields.is_empty() {
        return Ok(Body::Json(text.unwrap_or_default()));
    }
    let text = text.unwrap_or_else(|| "{}".to_owned());
    let object = json::parse(text.as_bytes()).ok().filter(json::Document::is_object);
    let Some(object) = object else {
        return Err(Error::usage_with_hint(
            "--data must be a JSON object when -f or -F is used",
            "leave out -f and -F",
        ));
    };
    let mut joined = Vec::with_capacity(text.len());
    merge::merge(Node::raw(object.value()), fields)?.write(&mut joined);
    // Every part of it was UTF-8.
    Ok(Body::Json(String::from_utf8(joined).unwrap_or_default()))
}

/// The JSON text of `--data`: given itself, or by `@file`, `-` or the bare name of a file, which
/// HeyGen's own command line accepts too.
fn json_text(entered: &str, input: &mut Input<'_>) -> Result<String, Error> {
    let starts_json = entered.trim_start().starts_with(['{', '[', '"'])
        || json::parse(entered.as_bytes()).is_ok();
    let file = match entered.strip_prefix('@') {
        Some(file) => Some(file),
        None if entered == "-" || !starts_json && Path::new(entered).is_file() => Some(entered),
        None => None,
    };
    let Some(file) = file else { return checked(entered.to_owned(), "--data", Shown::Yes) };
    let name =
        if file == "-" { "--data from stdin".to_owned() } else { format!("--data `{file}`") };
    checked(input.text("--data", &format!("--data {entered}"), file)?, &name, Shown::No)
}

/// The choice of showing an excerpt of the text in an error: a file may hold secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

fn checked(text: String, name: &str, shown: Shown) -> Result<String, Error> {
    let fault = match json::parse(text.as_bytes()) {
        Ok(_) => return Ok(text.trim_start_matches('\u{feff}').to_owned()),
        Err(fault) => fault,
    };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(Error::usage(format!("{name} is empty; it must be JSON")));
    }
    let (line, column) = fault.position(text.as_bytes());
    let words = in_words(&fault, &text);
    let is_shown = shown == Shown::Yes;
    let details = if is_shown { excerpt(&text, fault.offset).to_vec() } else { Vec::new() };
    let hint = (is_shown && !text.contains(['{', '[', '"', ' ']))
        .then(|| "to read a file: `-d @FILE`".to_owned());
    Err(Error::Usage(Usage {
        message: format!("{name} is not valid JSON: {words} at line {line} column {column}"),
        details,
        hint,
    }))
}

/// The reason why a text is not valid JSON. serde_json has better words than our own check, but may
/// stop earlier, at what it cannot hold: only words about the same place count. It builds a tree on
/// the way, which would be large for a large text.
fn in_words(fault: &Fault, text: &str) -> String {
    match fault.kind {
        FaultKind::TooDeep => return format!("more than {} nested levels", json::MAX_DEPTH),
        FaultKind::Truncated => return "unexpected end".to_owned(),
        FaultKind::Syntax => {}
    }
    const LARGEST_TREE: usize = 1 << 20;
    let before = &text.as_bytes()[..fault.offset];
    if before.len() > LARGEST_TREE {
        return "an unexpected character".to_owned();
    }
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().len() + 1;
    match serde_json::from_str::<Value>(text) {
        Err(error) if (error.line(), error.column()) == (line, column) => {
            error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
        }
        _ => "an unexpected character".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_json_error_has_excerpt() {
        let check = |text: &str, message: &str, line: &str, caret: &str| {
            let error = checked(text.to_owned(), "--data", Shown::Yes).expect_err("an error");
            assert_eq!(error.to_string(), format!("--data is not valid JSON: {message}"));
            assert_eq!(crate::app::advice::diagnose(&error).details, [line, caret]);
        };
        let text = "{\"script\": \"Hi\",}";
        check(text, "trailing comma at line 1 column 17", text, "                ^");
        let text = "{\"標題\":\"日本語日本語\",}";
        check(text, "trailing comma at line 1 column 16", text, "                       ^");
    }

    #[test]
    fn json_faults_have_reasons() {
        let check = |text: &str, expected: &str| {
            let fault = json::parse(text.as_bytes()).expect_err("a fault");
            assert_eq!(in_words(&fault, text), expected, "{text}");
        };
        check("{\"a\": nul}", "expected ident");
        check("{a: 1}", "key must be a string");
        check("{\"a\" 1}", "expected `:`");
        check("[1 2]", "expected `,` or `]`");
        check("{\"a\": 01}", "invalid number");
        check("{} {}", "trailing characters");
        check("[\"a", "unexpected end");
    }
}
