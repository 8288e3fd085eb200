//! The common parts of programs in JavaScript.

use super::CannotSay;
use super::call::{Call, Piece, file_name, pieces};
use super::quote::javascript;
use crate::api::request::{Part, Payload};

/// The one comment of each program. A module, since it awaits at its top level.
pub(super) const FOR_A_SERVER: &str = "// For a server (save it as call.mjs), never for a browser: \
    whoever opens the page could read the key.\n";

/// The statements before the call: imports, and the body.
#[derive(Default)]
pub(super) struct Prelude {
    imports: Vec<&'static str>,
    statements: String,
}

/// The body of a call, as an expression.
pub(super) struct Expression {
    pub(super) text: String,
    /// The value of a header that the expression needs, as an expression too.
    pub(super) content_type: Option<String>,
}

impl Prelude {
    /// Imports that were asked for, and the statements.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for import in &self.imports {
            text.push_str(&format!("import {import};\n"));
        }
        if !self.imports.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.statements);
        text
    }

    pub(super) fn import(&mut self, import: &'static str) {
        if !self.imports.contains(&import) {
            self.imports.push(import);
        }
    }

    /// The bytes of a file or of stdin, as an expression.
    pub(super) fn bytes(&mut self, payload: &Payload) -> Result<String, CannotSay> {
        Ok(match payload {
            Payload::Text(text) => format!("Buffer.from({})", javascript(text)),
            Payload::File(path) => {
                self.import("{ readFile } from \"node:fs/promises\"");
                format!("await readFile({})", javascript(file_name(path)?))
            }
            Payload::Stdin => {
                self.import("{ buffer } from \"node:stream/consumers\"");
                "await buffer(process.stdin)".to_owned()
            }
        })
    }

    /// A form, as the name of a variable that holds it.
    pub(super) fn form(&mut self, parts: &[Part]) -> Result<Expression, CannotSay> {
        if parts.iter().all(is_said_exactly) {
            self.form_data(parts)?;
            return Ok(Expression { text: "form".to_owned(), content_type: None });
        }
        self.import("{ randomUUID } from \"node:crypto\"");
        let mut list = String::new();
        for piece in pieces(parts) {
            let item = match piece {
                Piece::Boundary => "boundary".to_owned(),
                Piece::Text(text) => javascript(&text),
                Piece::Content(payload) => self.bytes(payload)?,
            };
            list.push_str(&format!("  {item},\n"));
        }
        self.statements.push_str(&format!(
            "const boundary = randomUUID();\n\
             const form = Buffer.concat([\n{list}].map((piece) => Buffer.from(piece)));\n\n"
        ));
        Ok(Expression {
            text: "form".to_owned(),
            content_type: Some("`multipart/form-data; boundary=${boundary}`".to_owned()),
        })
    }

    fn form_data(&mut self, parts: &[Part]) -> Result<(), CannotSay> {
        let mut statements = "const form = new FormData();\n".to_owned();
        for part in parts {
            let name = javascript(&part.name);
            let value = match (&part.payload, &part.media_type) {
                (Payload::Text(text), None) => javascript(text),
                (payload, media_type) => {
                    let bytes = self.bytes(payload)?;
                    let media_type = javascript(media_type.as_deref().unwrap_or_default());
                    let file_name = javascript(part.file_name.as_deref().unwrap_or_default());
                    format!("new Blob([{bytes}], {{ type: {media_type} }}), {file_name}")
                }
            };
            statements.push_str(&format!("form.append({name}, {value});\n"));
        }
        self.statements.push_str(&statements);
        self.statements.push('\n');
        Ok(())
    }
}

/// Returns true if `FormData` writes the part as we do. It turns line breaks of texts into CR LF, names
/// every `Blob`, and writes media types small.
fn is_said_exactly(part: &Part) -> bool {
    let has_breaks = |text: &str| text.contains(['\r', '\n']);
    let is_said = match (&part.payload, &part.file_name, &part.media_type) {
        (Payload::Text(text), None, None) => !has_breaks(text),
        (_, Some(file_name), Some(media_type)) => {
            !file_name.is_empty()
                && !media_type.is_empty()
                && media_type
                    .bytes()
                    .all(|byte| (b' '..=b'~').contains(&byte) && !byte.is_ascii_uppercase())
        }
        (Payload::Text(_) | Payload::File(_) | Payload::Stdin, _, _) => false,
    };
    is_said && !has_breaks(&part.name)
}

/// The headers of a call, as an object; `content_type` beside those given on the command line.
pub(super) fn headers(call: &Call<'_>, content_type: Option<&str>) -> String {
    let mut members = vec!["\"X-Api-Key\": process.env.HEYGEN_API_KEY".to_owned()];
    members.extend(content_type.map(|value| format!("\"Content-Type\": {value}")));
    for (name, value) in call.joined_headers() {
        members.push(format!("{}: {}", javascript(name), header_value(&value)));
    }
    object(&members)
}

/// An object: on one line if it has one member.
pub(super) fn object(members: &[String]) -> String {
    match members {
        [] => "{}".to_owned(),
        [member] if !member.contains('\n') => format!("{{ {member} }}"),
        members => {
            let lines: String =
                members.iter().map(|member| format!("  {},\n", indented(member))).collect();
            format!("{{\n{lines}}}")
        }
    }
}

/// Text in which each line but the first begins deeper. No literal of ours spans lines.
pub(super) fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// Statements that print the response, of which `response` is the expression.
pub(super) fn print(call: &Call<'_>, response: &str) -> String {
    let data = if call.whole { response.to_owned() } else { format!("{response}.data") };
    format!("console.log(JSON.stringify({data}, null, 2));\n")
}

/// The texts of a JSON body, one a line.
pub(super) fn joined_lines(text: &str) -> String {
    super::quote::lines(text, javascript).join(" +\n  ")
}

/// JavaScript sends a header's characters as bytes; ours are UTF-8.
fn header_value(value: &str) -> String {
    if value.is_ascii() {
        return javascript(value);
    }
    format!("Buffer.from({}).toString(\"latin1\")", javascript(value))
}
