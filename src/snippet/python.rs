//! The common parts of programs in Python.

use super::CannotSay;
use super::call::{Call, Piece, file_name, pieces};
use super::quote::{lines, python};
use crate::api::request::{Part, Payload};

/// Imports and statements of a program, and the arguments of its one call.
#[derive(Default)]
pub(super) struct Script {
    standard: Vec<&'static str>,
    statements: String,
    /// The arguments, in order.
    pub(super) arguments: Vec<String>,
}

impl Script {
    /// A script that makes a call with a library.
    pub(super) fn of(call: &Call<'_>) -> Script {
        let mut script = Script { standard: vec!["os"], ..Script::default() };
        match &call.with_parameters {
            Some((url, parameters)) => {
                script.arguments.push(python(url));
                script.arguments.push(format!("params={}", pairs(parameters)));
            }
            None => script.arguments.push(python(&call.url)),
        }
        script
    }

    /// The text, with the call that `function` makes and what follows it.
    pub(super) fn text(&self, library: &str, function: &str, after: &str) -> String {
        let mut standard = self.standard.clone();
        standard.sort_unstable();
        let imports: String = standard.iter().map(|module| format!("import {module}\n")).collect();
        let arguments: String = self
            .arguments
            .iter()
            .map(|argument| format!("    {},\n", indented(argument)))
            .collect();
        let statements = &self.statements;
        format!(
            "{imports}\nimport {library}\n\n{statements}\
             response = {function}(\n{arguments})\nresponse.raise_for_status()\n{after}"
        )
    }

    pub(super) fn import(&mut self, module: &'static str) {
        if !self.standard.contains(&module) {
            self.standard.push(module);
        }
    }

    /// A file, open for reading, or stdin.
    pub(super) fn file(&mut self, payload: &Payload) -> Result<String, CannotSay> {
        Ok(match payload {
            Payload::Text(text) => format!("{}.encode()", python(text)),
            Payload::File(path) => format!("open({}, \"rb\")", python(file_name(path)?)),
            Payload::Stdin => {
                self.import("sys");
                "sys.stdin.buffer.read()".to_owned()
            }
        })
    }

    /// A form, as the value of `files`.
    pub(super) fn files(&mut self, parts: &[Part]) -> Result<String, CannotSay> {
        let mut fields = Vec::new();
        for part in parts {
            let content = match &part.payload {
                Payload::Text(text) => python(text),
                Payload::File(_) | Payload::Stdin => self.file(&part.payload)?,
            };
            let file_name = part.file_name.as_deref().map_or("None".to_owned(), python);
            let field = match &part.media_type {
                Some(media_type) => format!("({file_name}, {content}, {})", python(media_type)),
                None => format!("({file_name}, {content})"),
            };
            fields.push(format!("({}, {field})", python(&part.name)));
        }
        Ok(list("[", &fields, "]"))
    }

    /// A form that is put together by hand, as the variable `body` with its `boundary`.
    pub(super) fn form_by_hand(&mut self, parts: &[Part]) -> Result<(), CannotSay> {
        self.import("uuid");
        let mut items = Vec::new();
        for piece in pieces(parts) {
            items.push(match piece {
                Piece::Boundary => "boundary.encode()".to_owned(),
                Piece::Text(text) => format!("{}.encode()", python(&text)),
                Piece::Content(payload @ Payload::File(_)) => {
                    format!("{}.read()", self.file(payload)?)
                }
                Piece::Content(payload) => self.file(payload)?,
            });
        }
        self.statements.push_str("boundary = uuid.uuid4().hex\nbody = b\"\".join(\n    ");
        self.statements.push_str(&indented(&list("[", &items, "]")));
        self.statements.push_str("\n)\n");
        Ok(())
    }
}

/// The value of the header that goes with [`Script::form_by_hand`].
pub(super) const TYPE_OF_FORM: &str = "f\"multipart/form-data; boundary={boundary}\"";

/// Headers, as a dictionary.
pub(super) fn headers(typed: &[(&str, &str)], content_type: Option<&str>) -> String {
    let mut members = vec![key_header()];
    members.extend(content_type.map(|value| format!("\"Content-Type\": {value}")));
    for (name, value) in typed {
        members.push(format!("{}: {}", python(name), header_value(value)));
    }
    list("{", &members, "}")
}

/// The key, by its name in the environment, as a member of a dictionary.
fn key_header() -> String {
    "\"X-Api-Key\": os.environ[\"HEYGEN_API_KEY\"]".to_owned()
}

/// Python's libraries send text of a header in encodings of their own, and bytes as they are.
pub(super) fn header_value(value: &str) -> String {
    if value.is_ascii() { python(value) } else { format!("{}.encode()", python(value)) }
}

/// Names and values: a dictionary if each name stands there once.
fn pairs(pairs: &[(String, String)]) -> String {
    let is_repeated = |(index, (name, _)): (usize, &(String, String))| {
        pairs[..index].iter().any(|(other, _)| other == name)
    };
    if pairs.iter().enumerate().any(is_repeated) {
        let items: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("({}, {})", python(name), python(value)))
            .collect();
        return list("[", &items, "]");
    }
    let items: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}: {}", python(name), python(value))).collect();
    list("{", &items, "}")
}

/// Items between brackets: on one line if it is one.
pub(super) fn list(open: &str, items: &[String], close: &str) -> String {
    match items {
        [] => format!("{open}{close}"),
        [item] if !item.contains('\n') => format!("{open}{item}{close}"),
        items => {
            let lines: String =
                items.iter().map(|item| format!("    {},\n", indented(item))).collect();
            format!("{open}\n{lines}{close}")
        }
    }
}

/// Text in which each line but the first begins deeper. No literal of ours spans lines.
pub(super) fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

/// A text as one literal, or as one for each of its lines in brackets.
pub(super) fn text_literal(text: &str) -> String {
    match lines(text, python).as_slice() {
        [line] => line.clone(),
        lines => format!("(\n    {}\n)", lines.join("\n    ")),
    }
}

/// Statements that print the response; `reason` is the library's name for the words of a status.
pub(super) fn print(call: &Call<'_>, reason: &str) -> String {
    if call.is_head() {
        return format!(
            "print(response.status_code, response.{reason})\n\
             for name, value in response.headers.items():\n    print(f\"{{name}}: {{value}}\")\n"
        );
    }
    let print =
        if call.whole { "print(response.json())\n" } else { "print(response.json()[\"data\"])\n" };
    if call.may_be_empty() {
        format!("if response.content:\n    {print}")
    } else {
        print.to_owned()
    }
}
