//! A call of an operation to copy, with placeholders in capitals, and the body that it sends.

use serde_json::Value;

use crate::catalogue::operation::{Content, Parameter};
use crate::catalogue::{Operation, Place};
use crate::schema::check::chosen;
use crate::schema::example::{self, Extent, placeholder, with_placeholders};
use crate::schema::{Kind, Member, Schema};
use crate::snippet::quote::shell_word;

/// A body of more fields is read from a file.
const MOST_FIELDS: usize = 12;

/// The file that a body is read from.
const BODY_FILE: &str = "body.json";

/// The commands of an example, each as the words of its lines.
pub(super) type Commands = Vec<Vec<String>>;

/// The body of a JSON operation to start from, of one variant of a union if one is wanted: HeyGen's
/// own example with placeholders for IDs, else one that satisfies the schema.
pub(super) fn body(operation: Operation, variant: Option<&str>) -> Option<Value> {
    let content = json_body(operation)?;
    let schema = content.schema().and_then(Schema::parse)?;
    let tag_of = |body: &Value| chosen(schema, body).and_then(|variant| variant.tag);
    let described = content.examples().filter_map(|(_, text)| serde_json::from_str(text).ok());
    let described = described.into_iter().find(|body| variant.is_none() || tag_of(body) == variant);
    if let Some(body) = described {
        return Some(with_placeholders(schema, &body));
    }
    let chosen = schema.variants().into_iter().find(|own| variant.is_some() && own.tag == variant);
    let schema = chosen.map_or(schema, |variant| variant.schema);
    Some(with_a_member(schema, example::example(schema, Extent::Required)))
}

/// The body, with its first member that takes a text if it would be empty.
fn with_a_member(schema: Schema, mut body: Value) -> Value {
    let members = schema.members();
    let takes_text = |member: &&Member| member.schema.kinds().contains(&Kind::String);
    if let Some(object) = body.as_object_mut().filter(|object| object.is_empty())
        && let Some(member) = members.iter().find(takes_text).or(members.first())
    {
        object.insert(member.name.to_owned(), example::of_member(member));
    }
    body
}

/// The content of a JSON request body.
pub(super) fn json_body(operation: Operation) -> Option<Content> {
    operation.bodies().next().filter(|content| content.media_type() == "application/json")
}

/// The commands that call the operation.
pub(super) fn commands(operation: Operation, variant: Option<&str>) -> Commands {
    let method = operation.method();
    let mut call = vec![format!("heygen {} {}", method.to_lowercase(), path(operation))];
    if let Some(server) = operation.server() {
        call.push(format!("--api-base {server}"));
    }
    call.extend(parameters(operation));
    let Some(content) = operation.bodies().next() else { return vec![call] };
    let Some(body) = body(operation, variant) else {
        call.extend(other_body(content));
        return vec![call];
    };
    match fields(&body).filter(|fields| method != "DELETE" && fields.len() <= MOST_FIELDS) {
        Some(fields) => call.extend(fields),
        None => {
            let mut print = format!("heygen endpoints show {method} {}", path(operation));
            if let Some(variant) = variant {
                print.push_str(&format!(" --type {variant}"));
            }
            call.push(format!("-d @{BODY_FILE}"));
            return vec![vec![print, format!("--example-body > {BODY_FILE}")], call];
        }
    }
    vec![call]
}

/// The path with placeholders in capitals for its IDs.
pub(super) fn path(operation: Operation) -> String {
    let segments = operation.path().split('/').map(|segment| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let parameter = name.and_then(|name| operation.parameter(Place::Path, name));
        parameter.map_or_else(|| segment.to_owned(), value_of)
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The flags of required parameters; of a list without any, one that limits its pages.
fn parameters(operation: Operation) -> Vec<String> {
    let required = operation.parameters().filter(|own| own.is_required());
    let mut flags: Vec<String> = required
        .filter_map(|parameter| {
            let (name, value) = (parameter.name(), value_of(parameter));
            match parameter.place() {
                Place::Path => None,
                Place::Query => Some(format!("-Q {}", shell_word(&format!("{name}={value}")))),
                Place::Header if name.eq_ignore_ascii_case("idempotency-key") => {
                    Some(format!("--idempotency-key {}", shell_word(&value)))
                }
                Place::Header => Some(format!("-H {}", shell_word(&format!("{name}: {value}")))),
            }
        })
        .collect();
    let limit = operation.pages().and_then(|pages| pages.limit);
    if let Some(limit) = limit.filter(|_| flags.is_empty()) {
        flags.push(format!("-Q {limit}=5"));
    }
    flags
}

/// A value of a parameter.
fn value_of(parameter: Parameter) -> String {
    let value = Schema::of_parameter(parameter).map(|schema| {
        example::of_member(&Member { name: parameter.name(), schema, is_required: true })
    });
    match value {
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => placeholder(parameter.name()),
    }
}

/// The flags of a body that is not JSON: a form, or a file.
fn other_body(content: Content) -> Vec<String> {
    if content.media_type() != "multipart/form-data" {
        let kind = content.media_type().rsplit('/').next().unwrap_or_default();
        return vec![format!("--body-file file.{kind}")];
    }
    let schema = content.schema().and_then(Schema::parse);
    let members = schema.map(Schema::members).unwrap_or_default();
    let required = members.iter().filter(|member| member.is_required);
    let parts = required.map(|member| match member.schema.format() {
        Some("binary") => format!("--form {}=@image.png", member.name),
        _ => format!("--form {}={}", member.name, placeholder(member.name)),
    });
    parts.collect()
}

/// The members of a body as `-f` and `-F`; `None` if a field cannot say it.
fn fields(body: &Value) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    for (name, value) in body.as_object()? {
        add_fields(name, value, &mut fields)?;
    }
    Some(fields)
}

fn add_fields(path: &str, value: &Value, fields: &mut Vec<String>) -> Option<()> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let is_plain = !name.is_empty() && !name.contains(['[', ']', '=']);
                let is_index = name.bytes().all(|byte| byte.is_ascii_digit());
                add_fields(&format!("{path}[{name}]"), member, fields)
                    .filter(|()| is_plain && !is_index)?;
            }
        }
        Value::Array(items) if !items.iter().any(|item| item.is_object() || item.is_array()) => {
            if items.is_empty() {
                fields.push(format!("-f {}", shell_word(&format!("{path}[]"))));
            }
            for item in items {
                add_fields(&format!("{path}[]"), item, fields)?;
            }
        }
        Value::Object(_) | Value::Array(_) => return None,
        Value::String(text) => fields.push(format!("-f {}", shell_word(&format!("{path}={text}")))),
        literal => fields.push(format!("-F {}", shell_word(&format!("{path}={literal}")))),
    }
    Some(())
}
