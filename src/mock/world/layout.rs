//! The members of a record in a response, and what each of them stands for.

use serde_json::Value;

use super::plan::last_placeholder;
use crate::catalogue::operation::Operation;
use crate::schema::{Kind, Member, Schema};

/// IDs of other things that stand in many records.
const FOREIGN: &[&str] =
    &["callback_id", "folder_id", "space_id", "request_id", "group_id", "default_voice_id"];

/// The members of a record.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub slots: Vec<Slot>,
    /// The name of the member that holds the ID.
    pub id: Option<&'static str>,
}

/// A member of a record.
#[derive(Debug)]
pub(super) struct Slot {
    pub name: &'static str,
    pub sense: Sense,
    pub schema: Schema,
    pub is_required: bool,
    /// The value in the example.
    pub example: Option<Value>,
}

/// What a member stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Id,
    /// A list of IDs, one for each job that was started.
    Ids,
    Status,
    /// The time at which the record was made.
    Created,
    /// The time at which the job ended, or began.
    Ended,
    Progress,
    /// The ID of the job in which this one goes on.
    Next,
    /// Why the job failed.
    Failure,
    /// A result: there once the job is done.
    Result,
    /// A link or a thing that needs no job.
    Plain,
}

impl Layout {
    /// The layout of the records at a place of an operation's response.
    pub(super) fn new(
        operation: Operation,
        shelf: Option<&'static str>,
        schema: Option<Schema>,
        template: &Value,
        place: &[&str],
    ) -> Layout {
        let Some(schema) = schema.and_then(|schema| at(schema, place)) else {
            return Layout::default();
        };
        let mut example = place.iter().fold(template, |value, name| &value[*name]);
        if let Value::Array(items) = example {
            example = items.first().unwrap_or(&Value::Null);
        }
        let members = members(schema, example);
        let id = id_member(operation, shelf, &members);
        let job = operation.job().or_else(|| operation.polled_job());
        let job = job.or_else(|| operation.replaced_by()?.polled_job());
        let status = job.map_or("status", |job| last(job.status()));
        let next = job.and_then(|job| job.then()).map(|then| last(then.id));
        let slot = |member: &Member| {
            let value = example.get(member.name).cloned();
            let sense = match member.name {
                name if Some(name) == id && is_list(member.schema) => Sense::Ids,
                name if is_plural(name, id) && is_list(member.schema) => Sense::Ids,
                name if Some(name) == id => Sense::Id,
                name if name == status => Sense::Status,
                name if Some(name) == next => Sense::Next,
                name => sense(name, value.as_ref()),
            };
            Slot {
                name: member.name,
                sense,
                schema: member.schema,
                is_required: member.is_required,
                example: value,
            }
        };
        Layout { slots: members.iter().map(slot).collect(), id }
    }

    pub(super) fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }
}

impl Slot {
    /// The value of a member that has none: null where that is valid, nothing where the member may
    /// be left out, else the example.
    pub(super) fn nothing(&self) -> Option<Value> {
        let has_items = self.schema.limit("minItems").is_some();
        match &self.example {
            _ if self.schema.is_nullable() => Some(Value::Null),
            Some(Value::Array(_)) if !has_items => Some(Value::Array(Vec::new())),
            _ if !self.is_required => None,
            example => example.clone(),
        }
    }

    /// True if a value is of a type and a choice of the member.
    pub(super) fn takes(&self, value: &Value) -> bool {
        let kinds = self.schema.kinds();
        let has = |kind: Kind| kinds.is_empty() || kinds.contains(&kind);
        let choices = self.schema.choices();
        (choices.is_empty() || choices.contains(&value))
            && match value {
                Value::Null => self.schema.is_nullable(),
                Value::Bool(_) => has(Kind::Boolean),
                Value::Number(number) => has(Kind::Number) || has(Kind::Integer) && number.is_i64(),
                Value::String(_) => has(Kind::String),
                Value::Array(_) => has(Kind::List),
                Value::Object(_) => has(Kind::Object),
            }
    }
}

/// True for the name of a list of IDs, such as `video_ids`.
fn is_plural(name: &str, id: Option<&str>) -> bool {
    id.is_some() && name.strip_suffix('s') == id
}

fn is_list(schema: Schema) -> bool {
    schema.kinds() == [Kind::List]
}

fn last(place: &'static str) -> &'static str {
    place.trim_end_matches("[]").rsplit('.').next().unwrap_or(place)
}

/// The schema at a place, that of the items where the place holds a list.
fn at(schema: Schema, place: &[&str]) -> Option<Schema> {
    let found = place.iter().try_fold(schema, |schema, name| Some(schema.member(name)?.schema))?;
    if is_list(found) { found.items() } else { Some(found) }
}

/// The members of a schema, those of the variant that the example has included.
fn members(schema: Schema, example: &Value) -> Vec<Member> {
    let mut members = schema.members();
    let variant = schema.variants().into_iter().max_by_key(|variant| {
        let has = |own: &&Member| example.get(own.name).is_some();
        variant.schema.members().iter().filter(has).count()
    });
    for member in variant.map(|variant| variant.schema.members()).unwrap_or_default() {
        if !members.iter().any(|own| own.name == member.name) {
            members.push(member);
        }
    }
    members
}

/// The member that holds the ID of a record.
fn id_member(
    operation: Operation,
    shelf: Option<&'static str>,
    members: &[Member],
) -> Option<&'static str> {
    let of_job = operation.job().and_then(|job| job.id()).map(last);
    let of_shelf = shelf.and_then(last_placeholder);
    let of_path = last_placeholder(operation.path());
    let wanted = [of_job, Some("id"), of_shelf, of_path];
    let has = |name: &&'static str| members.iter().any(|member| member.name == *name);
    let named = wanted.into_iter().flatten().find(has);
    let other = || {
        let mut names = members.iter().map(|member| member.name);
        names.find(|name| name.ends_with("_id") && !FOREIGN.contains(name))
    };
    named.or_else(other)
}

fn sense(name: &str, example: Option<&Value>) -> Sense {
    match name {
        "created_at" | "created_ts" | "uploaded_at" | "updated_at" => Sense::Created,
        "completed_at" | "started_at" => Sense::Ended,
        "progress" => Sense::Progress,
        "error" | "failure_code" | "failure_message" | "failure_reason" | "error_message"
        | "error_msg" => Sense::Failure,
        "duration" | "output_duration" | "result" | "output" | "outputs" | "clips" | "images" => {
            Sense::Result
        }
        _ if example.is_some_and(|value| is_link(name, value)) => Sense::Result,
        _ => Sense::Plain,
    }
}

/// True for a link to a file of HeyGen's, or for a value that holds one.
pub(super) fn is_link(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => {
            name.ends_with("url") && !name.ends_with("page_url")
                || text.starts_with("https://files")
        }
        Value::Array(items) => items.iter().any(|item| is_link(name, item)),
        Value::Object(members) => members.iter().any(|(name, member)| is_link(name, member)),
        Value::Null => name.ends_with("_url") && !name.ends_with("page_url"),
        _ => false,
    }
}
