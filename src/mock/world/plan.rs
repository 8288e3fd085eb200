//! The part that an operation plays in the world, read from the catalogue once and kept.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use serde_json::Value;

use super::layout::Layout;
use crate::catalogue::operation::{Operation, Response};
use crate::catalogue::{self, Place};
use crate::schema::Schema;
use crate::schema::example::{Extent, example};

/// The effect of an operation on the records of its shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    List,
    Read,
    Create,
    Change,
    Remove,
    /// Works on one record, or on none: the response is the example with what is known.
    Act,
}

/// The part of a request that names the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Path(&'static str),
    Query(&'static str),
    Body(&'static str),
}

/// The part that an operation plays.
#[derive(Debug)]
pub(super) struct Plan {
    pub operation: Operation,
    pub role: Role,
    /// The path template under which the records are kept, such as `/v3/videos/{video_id}`.
    pub shelf: Option<&'static str>,
    pub source: Option<Source>,
    pub status: u16,
    pub media_type: &'static str,
    /// The whole body of a success, which satisfies its schema.
    pub template: Value,
    /// The place of the record in the body, or of the list of records.
    pub place: Vec<&'static str>,
    /// The members of a record there.
    pub layout: Layout,
}

/// The plan of an operation, made at its first use.
pub(super) fn of(operation: Operation) -> &'static Plan {
    static PLANS: LazyLock<RwLock<HashMap<Operation, &'static Plan>>> =
        LazyLock::new(RwLock::default);
    if let Some(plan) = PLANS.read().unwrap_or_else(PoisonError::into_inner).get(&operation) {
        return plan;
    }
    let plan: &'static Plan = Box::leak(Box::new(Plan::new(operation)));
    PLANS.write().unwrap_or_else(PoisonError::into_inner).entry(operation).or_insert(plan)
}

impl Plan {
    fn new(operation: Operation) -> Plan {
        let response = usual_response(operation);
        let content = response.and_then(|response| response.contents().next());
        let schema = content.and_then(|content| content.schema()).and_then(Schema::parse);
        let examples = content.and_then(|content| content.examples().next());
        let mut template = examples
            .and_then(|(_, text)| serde_json::from_str(text).ok())
            .or_else(|| schema.map(|schema| example(schema, Extent::Everything)))
            .unwrap_or(Value::Null);
        say_no_error(schema, &mut template);
        let source = source(operation);
        let role = role(operation, source, &template);
        let place = place(operation, role, &template);
        let shelf = shelf(operation);
        let layout = Layout::new(operation, shelf, schema, &template, &place);
        Plan {
            operation,
            role,
            shelf,
            source,
            status: response.map_or(200, Response::status),
            media_type: content.map_or("application/json", |content| content.media_type()),
            template,
            place,
            layout,
        }
    }

    /// The template of one record: the object at the place, or the first item of the list there.
    pub(super) fn record_template(&self) -> &Value {
        static NULL: Value = Value::Null;
        let found = self.place.iter().fold(&self.template, |value, name| &value[*name]);
        match found {
            Value::Array(items) => items.first().unwrap_or(&NULL),
            other => other,
        }
    }
}

/// The response to a success: 202 where a job goes on and HeyGen documents it.
fn usual_response(operation: Operation) -> Option<Response> {
    let accepted = operation.responses().find(|response| response.status() == 202);
    accepted.filter(|_| operation.job().is_some()).or_else(|| operation.responses().next())
}

/// Sets a top-level `error` to null: v2 has it in each response.
fn say_no_error(schema: Option<Schema>, template: &mut Value) {
    let member = schema.and_then(|schema| schema.member("error"));
    let is_nullable = member.is_some_and(|member| member.schema.is_nullable());
    match template.get_mut("error") {
        Some(error) if is_nullable => *error = Value::Null,
        _ => {}
    }
}

/// The name of the placeholder at the end of a path.
pub(super) fn last_placeholder(path: &'static str) -> Option<&'static str> {
    path.rsplit('/').next()?.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
pub(super) fn last_placeholder_in(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default().trim_matches(['{', '}'])
}

fn source(operation: Operation) -> Option<Source> {
    let path = operation.path();
    if let Some(name) = last_placeholder(path) {
        return Some(Source::Path(name));
    }
    if path.contains('{') {
        let mut names = path.rsplit('/').filter_map(|part| part.strip_prefix('{'));
        return names.next().and_then(|name| name.strip_suffix('}')).map(Source::Path);
    }
    let polled = operation.polled_job().and_then(|job| job.poll_query());
    let required = operation.parameters().find(|own| {
        own.place() == Place::Query && own.is_required() && own.name().ends_with("_id")
    });
    let reads = operation.replaced_by().is_some_and(|own| last_placeholder(own.path()).is_some());
    let named = polled.or(required.filter(|_| reads).map(|own| own.name()));
    if let Some(name) = named {
        return Some(Source::Query(name));
    }
    let new = operation.replaced_by().filter(|own| matches!(own.method(), "PATCH" | "PUT"))?;
    let body = Schema::parse(operation.body_schema()?)?;
    body.member(last_placeholder(new.path())?).map(|member| Source::Body(member.name))
}

fn role(operation: Operation, source: Option<Source>, template: &Value) -> Role {
    let path = operation.path();
    let is_at_end = last_placeholder(path).is_some() || !path.contains('{');
    let lists = operation.pages().is_some() && last_placeholder(path).is_none();
    let replaced = operation.replaced_by().filter(|own| own.pages().is_some());
    match operation.method() {
        "GET" if lists => Role::List,
        "GET" if replaced.is_some() && list_place(template).is_some() => Role::List,
        "GET" if is_at_end && source.is_some() => Role::Read,
        "GET" => Role::Act,
        "DELETE" if source.is_some() => Role::Remove,
        "PATCH" | "PUT" if source.is_some() => Role::Change,
        "POST" if creates(operation) => Role::Create,
        "POST" if operation.replaced_by().is_some_and(|own| own.method() != "POST") => Role::Change,
        "POST" if last_placeholder(path).is_some() && operation.job().is_none() => Role::Change,
        _ => Role::Act,
    }
}

/// True for a POST that makes a record: one with a job of its own, or one beside whose path there
/// is a path for a single record.
fn creates(operation: Operation) -> bool {
    match operation.job() {
        Some(job) => job.poll().path() != operation.path(),
        None => {
            item_path(operation.path()).is_some()
                || operation.replaced_by().is_some_and(|new| item_path(new.path()).is_some())
        }
    }
}

/// The path of one record below the path of all of them.
fn item_path(path: &str) -> Option<&'static str> {
    let is_item = |own: &&'static str| {
        let rest = own.strip_prefix(path).and_then(|rest| rest.strip_prefix("/{"));
        rest.is_some_and(|rest| !rest.contains('/'))
    };
    catalogue::all().map(Operation::path).find(is_item)
}

/// The path template under which the records of an operation are kept: that of the replacement
/// for a retired one, so that both see the same records.
fn shelf(operation: Operation) -> Option<&'static str> {
    if let Some(job) = operation.job() {
        let poll = job.poll();
        return if poll == operation { Some(poll.path()) } else { shelf(poll) };
    }
    if let Some(new) = operation.replaced_by() {
        return shelf(new);
    }
    let path = operation.path();
    if last_placeholder(path).is_some() {
        return Some(sibling(operation).unwrap_or(path));
    }
    if let Some((parent, _)) = path.rsplit_once('}') {
        let has_items = operation.pages().is_some() || item_path(path).is_some();
        let closed = closed(path, parent);
        let of_record = || catalogue::operations_of(closed).find_map(shelf);
        return Some(match has_items {
            true => item_path(path).unwrap_or(path),
            false => of_record().unwrap_or(closed),
        });
    }
    if operation.polled_job().is_some() {
        return Some(path);
    }
    item_path(path).or(operation.pages().map(|_| path))
}

/// The path up to and with its last placeholder.
fn closed(path: &'static str, parent: &str) -> &'static str {
    path.get(..=parent.len()).unwrap_or(path)
}

/// The shelf of a retired path for one record, where only the list beside it has a replacement.
fn sibling(operation: Operation) -> Option<&'static str> {
    operation.retired()?;
    let own = catalogue::operations_of(operation.path()).find_map(Operation::replaced_by);
    let list = operation.path().rsplit_once('/')?.0;
    let new = own.or_else(|| catalogue::operations_of(list).find_map(Operation::replaced_by))?;
    shelf(new).filter(|shelf| last_placeholder(shelf).is_some())
}

/// The place of the records in the body.
fn place(operation: Operation, role: Role, template: &Value) -> Vec<&'static str> {
    let split = |place: &'static str| place.split('.').collect::<Vec<_>>();
    if role == Role::List {
        return match operation.pages() {
            Some(pages) => split(pages.items),
            None => list_place(template).unwrap_or_default(),
        };
    }
    let id = operation.job().filter(|_| role == Role::Create).and_then(|job| job.id());
    let place = match id {
        Some(id) => split(id.trim_end_matches("[]")),
        None => return vec!["data"],
    };
    place.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default()
}

/// The place of the first list of objects: `data`, or a member of it.
fn list_place(template: &Value) -> Option<Vec<&'static str>> {
    let has_objects =
        |value: &Value| value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
    if has_objects(&template["data"]) {
        return Some(vec!["data"]);
    }
    let mut members = template["data"].as_object()?.iter();
    let (name, _) = members.find(|(_, value)| has_objects(value))?;
    // The names of the few retired lists are kept for the rest of the run, as their plans are.
    Some(vec!["data", Box::leak(name.clone().into_boxed_str())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_shelves_come_from_the_catalogue() {
        let check = |method: &str, path: &str, role: Role, shelf: Option<&str>| {
            let plan = of(catalogue::find(method, path).expect("an operation"));
            assert_eq!((plan.role, plan.shelf), (role, shelf), "{method} {path}");
        };
        let video = Some("/v3/videos/{video_id}");
        check("GET", "/v3/videos", Role::List, video);
        check("POST", "/v3/videos", Role::Create, video);
        check("GET", "/v3/videos/x", Role::Read, video);
        check("DELETE", "/v3/videos/x", Role::Remove, video);
        check("GET", "/v3/videos/x/scenes", Role::Act, video);
        check("GET", "/v1/video_status.get", Role::Read, video);
        check("POST", "/v2/video/generate", Role::Create, video);
        check("POST", "/v3/templates/x", Role::Create, video);
        check("GET", "/v1/video.list", Role::List, video);
        check("DELETE", "/v1/video.delete", Role::Remove, video);
        check("POST", "/v3/voices/clone", Role::Create, Some("/v3/voices/{voice_id}"));
        check("GET", "/v2/voices", Role::List, Some("/v3/voices/{voice_id}"));
        let endpoint = Some("/v3/webhooks/endpoints/{endpoint_id}");
        check("POST", "/v3/webhooks/endpoints", Role::Create, endpoint);
        check("PATCH", "/v1/webhook/endpoint.update", Role::Change, endpoint);
        check("POST", "/v3/webhooks/endpoints/x/rotate-secret", Role::Act, endpoint);
        check("POST", "/v1/folders/x", Role::Change, Some("/v3/folders/{folder_id}"));
        check("POST", "/v1/folders/create", Role::Create, Some("/v3/folders/{folder_id}"));
        let versions = Some("/v3/workflows/{workflow_id}/versions/{version_number}");
        check("GET", "/v3/workflows/x/versions", Role::List, versions);
        check("POST", "/v3/workflows/x/versions", Role::Create, versions);
        check("GET", "/v3/workflows/x/versions/1", Role::Read, versions);
        let nodes = Some("/v3/workflow-runs/{run_id}/nodes");
        check("GET", "/v3/workflow-runs/x/nodes", Role::List, nodes);
        check("POST", "/v3/video-agents/x", Role::Act, Some("/v3/video-agents/{session_id}"));
        check("GET", "/v3/users/me", Role::Act, None);
        check("POST", "/v3/voices/speech", Role::Act, None);
    }
}
