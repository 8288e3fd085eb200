//! Records as responses: the example of the operation with the members of the record.

use serde_json::{Map, Value, json};

use super::World;
use super::ids::rfc_3339;
use super::layout::{Sense, Slot, is_link};
use super::media;
use super::plan::{Plan, Role};
use super::record::{Record, Stage};
use crate::schema::{Kind, Schema};

/// Pages of HeyGen's website end in the ID of what they show.
const WEBSITE: &str = "https://app.heygen.com/";

/// The member of a record with the name of its file; no response shows it.
pub(super) const FILE: &str = "mock_file";

/// The time between the creation of a record and the end of its job.
const WORK_SECONDS: i64 = 300;

impl World {
    /// A record as the operation of a plan shows it.
    pub(super) fn rendered(&self, plan: &Plan, record: &Record, stage: Stage) -> Value {
        if plan.layout.slots.is_empty() {
            return plan.record_template().clone();
        }
        let mut members = Map::with_capacity(plan.layout.slots.len());
        for slot in &plan.layout.slots {
            if let Some(value) = self.member(plan, slot, record, stage) {
                members.insert(slot.name.to_owned(), value);
            }
        }
        Value::Object(members)
    }

    fn member(&self, plan: &Plan, slot: &Slot, record: &Record, stage: Stage) -> Option<Value> {
        let example = || slot.example.clone();
        match slot.sense {
            Sense::Id => Some(id_value(slot, &record.id)),
            Sense::Ids => Some(json!([record.id])),
            Sense::Status if plan.role == Role::Remove => example(),
            Sense::Status => stage_value(slot, stage).or_else(example),
            Sense::Created => time_value(slot, record.created).or_else(example),
            Sense::Ended => match stage {
                Stage::Running { .. } => slot.nothing(),
                _ => time_value(slot, record.created + WORK_SECONDS).or_else(example),
            },
            Sense::Progress if slot.takes(&json!(0)) => Some(json!(progress(stage))),
            Sense::Progress => example(),
            Sense::Next => match record.parts().last() {
                Some((_, id)) => Some(json!(id)),
                None => slot.nothing(),
            },
            Sense::Failure => failure_value(slot, record, stage).or_else(|| slot.nothing()),
            Sense::Result if record.job.is_some() && !stage.is_done() => slot.nothing(),
            Sense::Result if slot.name.ends_with("duration") => {
                let length = json!(media::SECONDS);
                Some(length).filter(|length| slot.takes(length)).or_else(example)
            }
            Sense::Result => given(slot, record).or_else(|| {
                let file = record.field(FILE).filter(|_| slot.name == "url");
                if let Some(file) = file.as_ref().and_then(Value::as_str) {
                    return Some(json!(self.files.link(&self.ids, &record.id, file)));
                }
                slot.example.as_ref().map(|value| self.linked(&record.id, slot.name, value))
            }),
            Sense::Plain if plan.operation.is_destructive() && is_flag(slot) => Some(json!(true)),
            // What the create did not say, a job does not have.
            Sense::Plain if record.job.is_some() && slot.schema.is_nullable() && !is_page(slot) => {
                given(slot, record).or(Some(Value::Null))
            }
            Sense::Plain => {
                given(slot, record).or_else(|| example().map(|value| paged(value, record)))
            }
        }
    }

    /// A value with fresh links to files of this world.
    pub(super) fn linked(&self, id: &str, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if is_link(name, value) => {
                json!(self.files.link(&self.ids, id, &format!("{name}.{}", ending(name, text))))
            }
            Value::Array(items) => items.iter().map(|item| self.linked(id, name, item)).collect(),
            Value::Object(members) => {
                let linked =
                    |(name, value): (&String, &Value)| (name.clone(), self.linked(id, name, value));
                Value::Object(members.iter().map(linked).collect())
            }
            other => other.clone(),
        }
    }
}

impl Plan {
    /// The whole body, with a value at the place of the record.
    pub(super) fn body_with(&self, value: Value) -> Value {
        let mut body = self.template.clone();
        put(&mut body, &self.place, value);
        body
    }
}

/// Puts a value at a place that is there.
pub(super) fn put(body: &mut Value, place: &[&str], value: Value) {
    let mut target = body;
    for name in place {
        let Some(members) = target.as_object_mut() else { return };
        target = members.entry(*name).or_insert(Value::Null);
    }
    *target = value;
}

/// The ID in the type that the member has: some are numbers.
fn id_value(slot: &Slot, id: &str) -> Value {
    match id.parse::<u64>() {
        Ok(number) if slot.schema.kinds() == [Kind::Integer] => json!(number),
        _ => json!(id),
    }
}

/// The word for the state, unless the member has another list of words.
fn stage_value(slot: &Slot, stage: Stage) -> Option<Value> {
    let value = json!(stage.word()?);
    slot.takes(&value).then_some(value)
}

/// A time as the member has it: unix seconds or RFC 3339.
fn time_value(slot: &Slot, seconds: i64) -> Option<Value> {
    let is_text =
        matches!(slot.example, Some(Value::String(_))) || slot.schema.kinds() == [Kind::String];
    let value = if is_text { json!(rfc_3339(seconds)) } else { json!(seconds) };
    (slot.example.is_some() && slot.takes(&value)).then_some(value)
}

fn progress(stage: Stage) -> u32 {
    match stage {
        Stage::Done(_) => 100,
        Stage::Running { is_first: false, .. } => 50,
        Stage::Running { .. } | Stage::Failed(_) => 0,
    }
}

/// Why the job failed, in the type that the member has.
fn failure_value(slot: &Slot, record: &Record, stage: Stage) -> Option<Value> {
    let Stage::Failed(_) = stage else { return None };
    let code = record.failure.as_deref()?;
    let message = sentence(code);
    let kinds = slot.schema.kinds();
    if kinds.contains(&Kind::Object) || kinds.is_empty() {
        return Some(failure_object(slot.schema, code, &message));
    }
    let word = if slot.name.ends_with("code") { code } else { &message };
    let choices = slot.schema.choices();
    let own = choices.iter().find(|choice| choice.as_str() == Some(code)).or(choices.first());
    Some(own.map_or_else(|| json!(word), |choice| (*choice).clone()))
}

fn failure_object(schema: Schema, code: &str, message: &str) -> Value {
    let members = schema.members();
    if members.is_empty() {
        return json!({ "code": code, "message": message });
    }
    let value = |name: &str, schema: Schema| match name {
        "code" if schema.kinds() == [Kind::Integer] => json!(40_119),
        "code" => json!(code),
        _ if schema.is_nullable() => Value::Null,
        _ => json!(message),
    };
    let known = members.iter().filter(|member| {
        ["code", "message", "detail"].contains(&member.name) || member.is_required
    });
    Value::Object(known.map(|own| (own.name.to_owned(), value(own.name, own.schema))).collect())
}

/// `Script too short.` for `script_too_short`.
pub(super) fn sentence(code: &str) -> String {
    let words = code.to_lowercase().replace(['_', '-'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The value that was given for a member, if it is valid there.
fn given(slot: &Slot, record: &Record) -> Option<Value> {
    let value = record.field(slot.name)?;
    let is_simple = !value.is_object() && !value.is_array();
    let is_valid = || {
        let strangers = crate::schema::check::Strangers::AreExpected;
        crate::schema::check::findings(slot.schema, &value, strangers).is_empty()
    };
    let fits = slot.takes(&value) && (is_simple || is_valid());
    (fits && (!value.is_null() || slot.is_required || slot.example.is_some())).then_some(value)
}

/// True for a member that says that a removal was done.
fn is_flag(slot: &Slot) -> bool {
    ["deleted", "cancelled", "canceled"].contains(&slot.name)
        && matches!(slot.example, Some(Value::Bool(_)))
}

/// True for a link to HeyGen's website.
fn is_page(slot: &Slot) -> bool {
    slot.example.as_ref().and_then(Value::as_str).is_some_and(|text| text.starts_with(WEBSITE))
}

/// A link to HeyGen's website with the ID of the record.
fn paged(value: Value, record: &Record) -> Value {
    match value.as_str().and_then(|text| text.strip_prefix(WEBSITE)) {
        Some(rest) => {
            let section = rest.rsplit_once('/').map_or(rest, |(section, _)| section);
            json!(format!("{WEBSITE}{section}/{}", record.id))
        }
        None => value,
    }
}

/// The ending of a file by its link in the example, else by the name of the member.
fn ending(name: &str, link: &str) -> &'static str {
    let path = link.split('?').next().unwrap_or_default();
    let of_link = path.rsplit('.').next().map(|ending| media::ending(media::media_type(ending)));
    let of_name = || match name {
        _ if name.contains("gif") => "gif",
        _ if name.contains("vtt") => "vtt",
        _ if name.contains("srt") || name.contains("subtitle") => "srt",
        _ if name.contains("hls") => "m3u8",
        _ if name.contains("audio") => "mp3",
        _ if name.contains("image") || name.contains("thumb") || name.contains("logo") => "jpg",
        _ if name.contains("caption") && !name.contains("video") => "srt",
        _ => "mp4",
    };
    of_link.filter(|ending| *ending != "bin").unwrap_or_else(of_name)
}
