//! Values that satisfy a schema: bodies to start from, with placeholders in capitals.

use serde_json::{Map, Number, Value};

use super::check::{Strangers, findings};
use super::{Kind, Member, Schema};

/// Schemas that contain themselves are followed this deep.
const DEEPEST: usize = 10;

/// The members that an example has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those that are required.
    Required,
    /// All of them, which a response has.
    Everything,
}

/// A value that satisfies the schema.
pub fn example(schema: Schema, extent: Extent) -> Value {
    value(schema, "value", extent, DEEPEST)
}

/// A value of a member.
pub fn of_member(member: &Member) -> Value {
    value(member.schema, member.name, Extent::Required, DEEPEST)
}

/// The value with its IDs replaced by placeholders such as `VOICE_ID`, where the schema allows any
/// text; the value itself if that does not satisfy the schema.
pub fn with_placeholders(schema: Schema, example: &Value) -> Value {
    let mut replaced = example.clone();
    replace_ids(&mut replaced, "");
    let is_valid = findings(schema, &replaced, Strangers::AreExpected).is_empty();
    if is_valid { replaced } else { example.clone() }
}

fn replace_ids(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if is_id(name) => *text = placeholder(name),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_ids(item, name)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, member)| replace_ids(member, name));
        }
        _ => {}
    }
}

fn is_id(name: &str) -> bool {
    name == "id" || name == "ids" || name.ends_with("_id") || name.ends_with("_ids")
}

/// `VOICE_ID` for `voice_id` and `voice_ids`.
pub fn placeholder(name: &str) -> String {
    let name = if is_id(name) { name.trim_end_matches('s') } else { name };
    name.to_uppercase().replace(['-', '.', ' '], "_")
}

fn value(schema: Schema, name: &str, extent: Extent, depth: usize) -> Value {
    if let Some(choice) = schema.default().or_else(|| schema.choices().first().copied()) {
        return choice.clone();
    }
    if depth == 0 && schema.is_nullable() {
        return Value::Null;
    }
    let variants = schema.variants();
    let kind = schema.kinds().first().copied();
    match kind.unwrap_or(if schema.members().is_empty() { Kind::String } else { Kind::Object }) {
        Kind::Object => object(schema, extent, depth),
        _ if !variants.is_empty() => value(variants[0].schema, name, extent, depth),
        Kind::List => list(schema, name, extent, depth),
        Kind::String => Value::String(text(schema, name)),
        Kind::Boolean => Value::Bool(false),
        kind @ (Kind::Integer | Kind::Number) => number(schema, kind),
    }
}

fn object(schema: Schema, extent: Extent, depth: usize) -> Value {
    let mut members = Map::new();
    let part = schema.variants().first().copied();
    for part in [Some(schema), part.map(|variant| variant.schema)].into_iter().flatten() {
        let required = part.required();
        let known = part.members().into_iter().chain(schema.members());
        for member in known {
            let is_wanted = required.contains(&member.name)
                || extent == Extent::Everything && depth > 0 && part.member(member.name).is_some();
            if is_wanted && !members.contains_key(member.name) {
                let below = depth.saturating_sub(1);
                members.insert(
                    member.name.to_owned(),
                    value(member.schema, member.name, extent, below),
                );
            }
        }
        for name in required {
            if !members.contains_key(name) {
                members.insert(name.to_owned(), Value::String(placeholder(name)));
            }
        }
    }
    if let (Some(tag), Some(chosen)) = (schema.tag(), part.and_then(|variant| variant.tag)) {
        members.insert(tag.to_owned(), Value::String(chosen.to_owned()));
    }
    Value::Object(members)
}

fn list(schema: Schema, name: &str, extent: Extent, depth: usize) -> Value {
    let least = schema.limit("minItems").and_then(Value::as_u64).unwrap_or(0);
    let wanted = if depth == 0 { least } else { least.max(1) };
    let singular = name.strip_suffix('s').unwrap_or(name);
    let item = |_| match schema.items() {
        Some(items) => value(items, singular, extent, depth.saturating_sub(1)),
        None => Value::String(placeholder(singular)),
    };
    Value::Array((0..wanted).map(item).collect())
}

fn text(schema: Schema, name: &str) -> String {
    let has = |part: &str| name.contains(part);
    let text = match schema.format() {
        Some("date-time") => "2026-01-01T00:00:00Z".to_owned(),
        Some("uri") if has("callback") || has("webhook") => "https://example.com/heygen".to_owned(),
        Some("uri") => format!("https://example.com/{}", file_name(name)),
        _ if is_id(name) => placeholder(name),
        _ if ["text", "script", "prompt", "message"].contains(&name) => "Hello".to_owned(),
        _ if name == "url" || name.ends_with("_url") => {
            format!("https://example.com/{}", file_name(name))
        }
        _ => placeholder(name),
    };
    fitted(schema, text)
}

fn file_name(name: &str) -> &'static str {
    match name {
        _ if name.contains("audio") => "audio.mp3",
        _ if name.contains("video") => "video.mp4",
        _ if name.contains("caption") || name.contains("subtitle") => "captions.srt",
        _ => "image.png",
    }
}

/// The text within the limits of the schema.
fn fitted(schema: Schema, text: String) -> String {
    let limit = |keyword| schema.limit(keyword).and_then(Value::as_u64).map(|limit| limit as usize);
    let (least, most) = (limit("minLength").unwrap_or(0), limit("maxLength").unwrap_or(usize::MAX));
    let padding = least.saturating_sub(text.chars().count());
    let text: String = text.chars().chain("x".repeat(padding).chars()).take(most).collect();
    let Some(pattern) = schema.pattern().and_then(|text| regex::Regex::new(text).ok()) else {
        return text;
    };
    let zeros = "0".repeat(64);
    let fits = [text.as_str(), "a", "A", "1", zeros.as_str()];
    let fitting = fits.into_iter().find(|text| pattern.is_match(text));
    fitting.unwrap_or(&text).to_owned()
}

fn number(schema: Schema, kind: Kind) -> Value {
    let limit = |keyword| schema.limit(keyword).and_then(Value::as_f64);
    let least = limit("minimum").or_else(|| limit("exclusiveMinimum").map(|least| least + 1.0));
    let most = limit("maximum").or_else(|| limit("exclusiveMaximum").map(|most| most - 1.0));
    let step = limit("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let number = 1.0_f64.max(least.unwrap_or(1.0)).min(most.unwrap_or(f64::MAX));
    let number = (number / step).ceil() * step;
    match kind {
        Kind::Integer => Value::Number((number as i64).into()),
        _ if number.fract() == 0.0 => Value::Number((number as i64).into()),
        _ => Number::from_f64(number).map_or(Value::Null, Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue;

    #[test]
    fn examples_satisfy_their_schema() {
        for operation in catalogue::all() {
            let bodies = operation.bodies().filter(|body| body.media_type() == "application/json");
            let texts = bodies.map(|body| body.schema()).chain([operation.response_schema()]);
            for schema in texts.flatten().filter_map(Schema::parse) {
                for extent in [Extent::Required, Extent::Everything] {
                    let example = example(schema, extent);
                    let found = findings(schema, &example, Strangers::AreFindings);
                    assert_eq!(found, [], "{operation}: {example}");
                }
            }
        }
    }

    #[test]
    fn placeholders_replace_ids() {
        let operation = catalogue::find("POST", "/v3/videos").expect("an operation");
        let schema = Schema::parse(operation.body_schema().expect("a body")).expect("a schema");
        let body = json!({ "type": "avatar", "avatar_id": "look_0a1b", "title": "T" });
        let expected = json!({ "type": "avatar", "avatar_id": "AVATAR_ID", "title": "T" });
        assert_eq!(with_placeholders(schema, &body), expected);
        let required = json!({ "avatar_id": "AVATAR_ID", "type": "avatar" });
        assert_eq!(example(schema, Extent::Required), required);
    }
}
