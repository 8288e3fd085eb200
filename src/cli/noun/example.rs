//! A command of an operation to copy, with placeholders in capitals.

use serde_json::Value;

use super::fields::{Field, Part, fields};
use crate::catalogue::operation::Parameter;
use crate::catalogue::{Operation, Place};
use crate::schema::example::{Extent, of_member, placeholder, with_placeholders};
use crate::schema::{self, Kind, Member, Schema};
use crate::snippet::quote::shell_word;

/// The columns of a line, without the backslash.
const LINE: usize = 76;

/// The indentation of a line that goes on.
const INDENT: usize = 4;

/// An example of more flags is no help.
const MOST_FLAGS: usize = 8;

/// The command with everything that it needs, on one line.
pub(super) fn example(operation: Operation) -> String {
    words(operation).join(" ")
}

/// The same for a help: lines that fit, to be copied as they are.
pub(super) fn lines(operation: Operation) -> String {
    let mut lines = String::from("  ");
    let mut width = 2;
    let mut words = words(operation);
    // A value that is longer than a line comes last: a backslash behind it would be wrapped.
    words.sort_by_key(|word| word.chars().count() > LINE - INDENT);
    for word in words {
        // It stands on a line of its own: a help breaks lines at spaces only.
        let pair = word.split_once(' ').filter(|_| word.chars().count() > LINE - INDENT);
        let parts = match pair {
            Some((flag, value)) if flag.starts_with("--") => vec![flag, value],
            _ => vec![word.as_str()],
        };
        for part in parts {
            let count = part.chars().count();
            if width > 2 && width + 1 + count > LINE {
                lines.push_str(" \\\n    ");
                width = INDENT;
            } else if width > 2 {
                lines.push(' ');
                width += 1;
            }
            lines.push_str(part);
            width += count;
        }
    }
    lines
}

/// The words of the command; a flag and its value are one.
fn words(operation: Operation) -> Vec<String> {
    let mut words = vec![format!("heygen {}", operation.command().unwrap_or_default())];
    let path = operation.parameters().filter(|own| own.place() == Place::Path);
    words.extend(path.map(id));
    let fields = fields(operation);
    let first_tag = fields.iter().find(|field| field.is_tag).and_then(|field| field.of.first());
    let first_tag = first_tag.map(|(tag, _)| *tag);
    let schema = operation.body_schema().and_then(Schema::parse);
    let required = schema.map(|own| schema::example::example(own, Extent::Required));
    let required = required.unwrap_or_default();
    let is_needed = |field: &&Field| match first_tag {
        Some(tag) => field.of.contains(&(tag, true)) || field.is_tag,
        None => field.is_required || required.get(field.name).is_some(),
    };
    match described(operation, &fields) {
        Some(flags) => words.extend(flags),
        None => words.extend(fields.iter().filter(is_needed).map(|field| flag(field, first_tag))),
    }
    // Something to change, where nothing is required.
    let changes = matches!(operation.method(), "PATCH" | "PUT") && words.len() == 2;
    let takes_text = |field: &&Field| field.schema.kinds().contains(&Kind::String);
    if let Some(field) = fields.iter().find(takes_text).filter(|_| changes) {
        words.push(flag(field, None));
    }
    if operation.pages().is_some() && words.len() == 1 {
        words.push("--all".to_owned());
    }
    if operation.is_destructive() {
        words.push("--force".to_owned());
    }
    words
}

/// A placeholder for an ID, or a number where the path has one.
fn id(parameter: Parameter) -> String {
    let name = parameter.name();
    let schema = Schema::of_parameter(parameter);
    let is_number = schema.is_some_and(|own| own.kinds() == [Kind::Integer]);
    match schema.filter(|_| is_number) {
        Some(schema) => of_member(&Member { name, schema, is_required: true }).to_string(),
        None => placeholder(name),
    }
}

/// The flags of HeyGen's own example, where they are not too many.
fn described(operation: Operation, fields: &[Field]) -> Option<Vec<String>> {
    let content = operation.bodies().next().filter(|own| own.media_type() == "application/json")?;
    let schema = content.schema().and_then(Schema::parse)?;
    let text = content.examples().next()?.1;
    let body = with_placeholders(schema, &serde_json::from_str(text).ok()?);
    let members = body.as_object().filter(|members| members.len() <= MOST_FLAGS)?;
    let mut flags = Vec::new();
    for (name, value) in members {
        let field = fields.iter().find(|field| field.name == name)?;
        let values = match value {
            Value::Array(items) if field.is_list() => items.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            flags.push(match value {
                Value::Bool(true) if field.is_switch() => format!("--{}", field.flag()),
                Value::Bool(_) if field.is_switch() => format!("--{}=false", field.flag()),
                value => format!("--{} {}", field.flag(), shell_word(&text_of(field, value))),
            });
        }
    }
    Some(flags)
}

/// A value as its flag takes it; of an asset the URL.
fn text_of(field: &Field, value: &Value) -> String {
    let asset = |name: &str| value.get(name).and_then(Value::as_str);
    match (value, asset("url"), asset("asset_id")) {
        (Value::String(text), ..) => text.clone(),
        (_, Some(url), _) if is_asset(field) => url.to_owned(),
        (_, _, Some(id)) if is_asset(field) => format!("asset_id:{id}"),
        (other, ..) => other.to_string(),
    }
}

fn is_asset(field: &Field) -> bool {
    field.item().variants().iter().any(|own| own.tag == Some("asset_id"))
}

fn flag(field: &Field, tag: Option<&str>) -> String {
    let flag = format!("--{}", field.flag());
    if let Some(tag) = tag.filter(|_| field.is_tag) {
        return format!("{flag} {tag}");
    }
    if field.part == Part::Form {
        return format!("{flag} portrait.png");
    }
    let member = Member { name: field.name, schema: field.item(), is_required: true };
    let value = with_placeholders(field.item(), &of_member(&member));
    format!("{flag} {}", shell_word(&text_of(field, &value)))
}
