//! A schema in words: `string, required, 1-5000 characters`.

use serde_json::Value;

use super::{Kind, Schema};

/// The side of a call that a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A member may be left out, or be required.
    Request,
    /// A member may be null.
    Response,
}

/// Type, limits, choices and default of a value.
pub fn facts(schema: Schema, is_required: bool, side: Side) -> String {
    let mut parts = vec![type_words(schema)];
    if side == Side::Response && schema.is_nullable() {
        parts[0].push_str(" or null");
    }
    if is_required && side == Side::Request {
        parts.push("required".to_owned());
    }
    parts.extend(limits(schema));
    parts.extend(schema.items().map(limits).unwrap_or_default());
    let mut text = parts.join(", ");
    let choices: Vec<String> = choices(schema).into_iter().map(plain).collect();
    if !choices.is_empty() {
        text.push_str(&format!(": {}", choices.join(", ")));
    }
    if let Some(default) = schema.default().filter(|_| side == Side::Request) {
        let separator = if choices.is_empty() { "," } else { ";" };
        text.push_str(&format!("{separator} default {}", plain(default)));
    }
    if let Some(note) = schema.note() {
        text.push_str(&format!("; {note}"));
    }
    text
}

/// The listed values of a schema, or of its items.
fn choices(schema: Schema) -> Vec<&'static Value> {
    match schema.choices() {
        choices if choices.is_empty() => schema.items().map(Schema::choices).unwrap_or_default(),
        choices => choices,
    }
}

fn type_words(schema: Schema) -> String {
    let kinds: Vec<Kind> = schema.kinds();
    let words = kinds.iter().map(|kind| match kind {
        Kind::List => list_words(schema),
        Kind::String if schema.format() == Some("uri") => "URL".to_owned(),
        Kind::String if schema.format() == Some("binary") => "file".to_owned(),
        Kind::String if schema.format() == Some("date-time") => "time".to_owned(),
        kind => kind.word().to_owned(),
    });
    match kinds.as_slice() {
        [] => "any value".to_owned(),
        _ => words.collect::<Vec<_>>().join(" or "),
    }
}

fn list_words(schema: Schema) -> String {
    let Some(items) = schema.items() else { return "list".to_owned() };
    let kinds = items.kinds();
    let words: Vec<&str> = kinds
        .iter()
        .map(|kind| match kind {
            Kind::String if items.format() == Some("uri") => "URLs",
            Kind::String => "strings",
            Kind::Integer => "integers",
            Kind::Number => "numbers",
            Kind::Boolean => "booleans",
            Kind::List => "lists",
            Kind::Object => "objects",
        })
        .collect();
    match words.as_slice() {
        [] => "list".to_owned(),
        words => format!("list of {}", words.join(" or ")),
    }
}

/// The limits of a value, such as `1-5000 characters`.
pub fn limits(schema: Schema) -> Vec<String> {
    let range = |least: &str, most: &str, unit: &str| {
        let (least, most) = (schema.limit(least), schema.limit(most));
        let unit_of = |limit: &Value| match (unit, limit.as_u64()) {
            ("", _) => String::new(),
            (unit, Some(1)) => format!(" {unit}"),
            (unit, _) => format!(" {unit}s"),
        };
        match (least, most) {
            (None, None) => None,
            (Some(least), None) => Some(format!("at least {}{}", plain(least), unit_of(least))),
            (None, Some(most)) => Some(format!("at most {}{}", plain(most), unit_of(most))),
            (Some(least), Some(most)) if least == most => {
                Some(format!("{}{}", plain(most), unit_of(most)))
            }
            (Some(least), Some(most)) => {
                let dash = if plain(least).starts_with('-') { " to " } else { "-" };
                Some(format!("{}{dash}{}{}", plain(least), plain(most), unit_of(most)))
            }
        }
    };
    let above = schema.limit("exclusiveMinimum").map(|limit| format!("above {}", plain(limit)));
    let below = schema.limit("exclusiveMaximum").map(|limit| format!("below {}", plain(limit)));
    let step = schema.limit("multipleOf").map(|step| format!("a multiple of {}", plain(step)));
    let pattern = schema.pattern().map(|pattern| format!("matches {pattern}"));
    [
        range("minLength", "maxLength", "character"),
        range("minimum", "maximum", ""),
        range("minItems", "maxItems", "item"),
        above,
        below,
        step,
        pattern,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A value without the quotes of a string, and a number without a fraction of zero.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn members_in_words() {
        let check = |path: &str, member: &str, expected: &str| {
            let operation = catalogue::find("POST", path).expect("an operation");
            let schema = operation.body_schema().and_then(Schema::parse).expect("a schema");
            let variants = schema.variants();
            let schema = variants.first().map_or(schema, |variant| variant.schema);
            let member = schema.member(member).expect("a member");
            let words = facts(member.schema, member.is_required, Side::Request);
            assert_eq!(words, expected, "{path} {}", member.name);
        };
        check("/v3/voices/speech", "text", "string, required, 1-5000 characters");
        check("/v3/voices/speech", "speed", "number, 0.5-2, default 1");
        check("/v3/videos", "avatar_id", "string, required");
        check(
            "/v3/videos",
            "aspect_ratio",
            "string: 16:9, 9:16, 4:5, 5:4, 1:1, auto; default 16:9",
        );
        check("/v3/videos", "callback_url", "URL");
        check("/v3/videos", "script", "string, at least 1 character");
    }
}
