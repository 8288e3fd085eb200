//! The work of a call: records listed, read, made, changed, removed.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::layout::Sense;
use super::plan::{self, Plan, Role, last_placeholder};
use super::record::{Record, Stage};
use super::refusal::Refusal;
use super::render::put;
use super::shelves::{number_in, token};
use super::{World, account, agents, assets, avatars, batches, streams};
use crate::catalogue::operation::Operation;
use crate::catalogue::{self, LEGACY_END, Place};
use crate::mock::exchange::Response;
use crate::schema::Schema;

/// The page of HeyGen's documentation on the end of v1 and v2.
const MIGRATION: &str = "https://developers.heygen.com/endpoint-version-comparison";

/// Items on a page of a list that has no limit of its own.
const PAGE: usize = 100;

/// Serves a call that HeyGen treats in a way of its own; `None` for all others.
type Serve = fn(&World, &Call<'_>) -> Option<Result<Answer, Refusal>>;

const SPECIALS: &[Serve] =
    &[account::serve, agents::serve, assets::serve, avatars::serve, batches::serve, streams::serve];

/// The result of a call that was carried out.
pub(super) enum Answer {
    Json { status: u16, body: Value },
    Other(Response),
}

impl Answer {
    /// The usual success of a plan with a body.
    pub(super) fn of(plan: &Plan, body: Value) -> Answer {
        Answer::Json { status: plan.status, body }
    }

    pub(super) fn response(self) -> Response {
        match self {
            Answer::Json { status, body } => {
                Response::new(status, "application/json", body.to_string())
            }
            Answer::Other(response) => response,
        }
    }
}

impl World {
    /// Carries out a call.
    pub(super) fn work(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let special = SPECIALS.iter().find_map(|serve| serve(self, call));
        let answer = special.unwrap_or_else(|| match call.plan.role {
            Role::List => self.list(call),
            Role::Read => self.read(call),
            Role::Create => self.create(call),
            Role::Change => self.change(call),
            Role::Remove => self.remove(call),
            Role::Act => self.act(call),
        })?;
        Ok(warned(call.operation, answer))
    }

    fn list(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        self.check_parents(call)?;
        let Some(shelf) = self.shelf(call) else {
            return Ok(Answer::of(call.plan, call.plan.template.clone()));
        };
        let pages = call.operation.pages();
        let value = |name: Option<&str>| name.and_then(|name| call.request.query_value(name));
        let before = match value(pages.map(|pages| pages.request)).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let name = pages.map_or("token", |pages| pages.request);
                let invalid = || Refusal::invalid(name, format!("'{name}' is not a valid token."));
                Some(number_in(text).ok_or_else(invalid)?)
            }
        };
        let limit_name = pages.and_then(|pages| pages.limit);
        let limit = value(limit_name).and_then(|text| text.parse().ok());
        let limit = limit.or_else(|| default_limit(call.operation)).unwrap_or(PAGE);
        let filters = self.filters(call);
        let page = self.shelves.page(&shelf, before, limit, |record| {
            filters.is_empty() || self.passes(call, record, &filters)
        });
        let now = self.ids.clock().now();
        let shown = |record: &Arc<Record>| {
            self.rendered(call.plan, record, record.stage(self.options.render_time, now))
        };
        let mut body = call.plan.body_with(page.records.iter().map(shown).collect());
        if let Some(pages) = pages {
            let next = page.next.map_or(Value::Null, |number| json!(token(number)));
            if let Some(more) = pages.more {
                put(&mut body, &split(more), json!(!next.is_null()));
            }
            put(&mut body, &split(pages.next), next);
        }
        Ok(Answer::of(call.plan, body))
    }

    /// The query parameters that are members of the records.
    fn filters<'c>(&self, call: &'c Call<'_>) -> Vec<(&'c str, &'c str)> {
        let pages = call.operation.pages();
        let is_page = |name: &str| {
            pages.is_some_and(|pages| pages.request == name || pages.limit == Some(name))
        };
        let query = call.request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let path = call.path.iter().map(|(name, value)| (*name, value.as_str()));
        let wanted = query.chain(path).filter(|(name, value)| {
            let is_known = call.plan.layout.slot(name).is_some();
            is_known && !is_page(name) && !value.is_empty()
        });
        wanted.collect()
    }

    fn passes(&self, call: &Call<'_>, record: &Record, filters: &[(&str, &str)]) -> bool {
        let stage = record.stage(self.options.render_time, self.ids.clock().now());
        let shown = self.rendered(call.plan, record, stage);
        filters.iter().all(|(name, wanted)| match &shown[*name] {
            Value::String(text) if *name == "title" || *name == "name" => {
                text.to_lowercase().contains(&wanted.to_lowercase())
            }
            Value::String(text) => text.eq_ignore_ascii_case(wanted),
            Value::Array(items) => items.iter().any(|item| item == wanted),
            Value::Null => false,
            other => *other.to_string() == **wanted,
        })
    }

    fn read(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let record = self.find(call)?;
        let stage = self.polled(&record);
        let shown = self.shown(call, &record, stage);
        let is_running = record.job.is_some() && matches!(stage, Stage::Running { .. });
        Ok(if is_running { self.asking_again(shown) } else { shown })
    }

    /// The answer with the pause before the next poll: none where jobs advance with each of them, so
    /// that a wait takes no longer than it must.
    pub(super) fn asking_again(&self, answer: Answer) -> Answer {
        match self.options.render_time {
            None => Answer::Other(answer.response().with("retry-after", "0")),
            Some(_) => answer,
        }
    }

    /// The stage of a record after one more poll; a job that goes on in another one starts it.
    pub(super) fn polled(&self, record: &Arc<Record>) -> Stage {
        let stage = record.poll(self.options.render_time, self.ids.clock().now());
        let is_on = matches!(stage, Stage::Running { is_first: false, .. } | Stage::Done(_));
        if let Some(then) = record.job.and_then(|job| job.then())
            && is_on
            && record.parts().len() < record.rounds()
        {
            let plan = plan::of(then.poll);
            let fields = json!({ "title": record.field("title").or(record.field("prompt")) });
            if let Some(shelf) = plan.shelf {
                let next = self.add(then.poll, shelf, &fields, None);
                record.add_part(shelf, &next.id);
            }
        }
        stage
    }

    /// The body that shows a record.
    pub(super) fn shown(&self, call: &Call<'_>, record: &Record, stage: Stage) -> Answer {
        let value = self.rendered(call.plan, record, stage);
        Answer::of(call.plan, call.plan.body_with(value))
    }

    fn create(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        self.check_parents(call)?;
        let records = self.made(call)?;
        let Some(record) = records.first() else {
            return Ok(Answer::of(call.plan, call.plan.template.clone()));
        };
        Ok(Answer::of(call.plan, self.created(call, record, &records)))
    }

    /// Makes the records that a create asks for, once they are paid.
    pub(super) fn made(&self, call: &Call<'_>) -> Result<Vec<Arc<Record>>, Refusal> {
        let Some(shelf) = self.shelf(call) else { return Ok(Vec::new()) };
        self.charge(call.operation, &call.body)?;
        let fields = filled(call.operation, &call.body);
        let has_list = call.plan.layout.slots.iter().any(|slot| slot.sense == Sense::Ids);
        let languages = call.body["output_languages"].as_array().filter(|_| has_list);
        let id = || call.body[last_placeholder(call.plan.shelf?)?].as_str();
        let id = call.operation.job().filter(|job| job.id().is_none()).and_then(|_| id());
        let make = |fields: &Value| self.add(call.operation, &shelf, fields, id);
        Ok(match languages {
            None => vec![make(&fields)],
            Some(languages) => languages
                .iter()
                .map(|language| {
                    let mut fields = fields.clone();
                    put(&mut fields, &["output_language"], language.clone());
                    make(&fields)
                })
                .collect(),
        })
    }

    /// The body that shows what was made.
    pub(super) fn created(
        &self,
        call: &Call<'_>,
        record: &Record,
        records: &[Arc<Record>],
    ) -> Value {
        let stage = record.stage(self.options.render_time, self.ids.clock().now());
        let mut value = self.rendered(call.plan, record, stage);
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        for slot in &call.plan.layout.slots {
            match slot.sense {
                Sense::Ids => put(&mut value, &[slot.name], json!(ids)),
                // Some creates begin with a state of their own, such as `waiting`.
                Sense::Status => {
                    let own = slot.example.as_ref().and_then(Value::as_str);
                    let is_end =
                        |word: &str| record.job.is_none_or(|job| job.ok().any(|ok| ok == word));
                    if let Some(own) = own.filter(|word| !is_end(word)) {
                        put(&mut value, &[slot.name], json!(own));
                    }
                }
                _ => {}
            }
        }
        call.plan.body_with(value)
    }

    /// Adds a record for an operation with the given members, under its own ID or a fresh one.
    pub(super) fn add(
        &self,
        operation: Operation,
        shelf: &str,
        fields: &Value,
        id: Option<&str>,
    ) -> Arc<Record> {
        let template = plan::of(operation).shelf.unwrap_or(shelf.lines().next().unwrap_or(shelf));
        self.fill(shelf);
        let job = operation.job().or_else(|| operation.polled_job());
        let failure = job.and_then(|job| self.failure_of(job.poll()));
        let now = self.ids.clock().now();
        let form = self.form_of(template);
        let text = fields.to_string();
        let fresh = || self.ids.fresh(&form, &[shelf, &text]);
        let id = id.map_or_else(fresh, str::to_owned);
        self.shelves.add(shelf, |number| {
            let id = if self.is_numbered(template) { number.to_string() } else { id };
            let record = Record::new(id, number, self.ids.moment(), now);
            record.take(fields);
            Record { job, failure, ..record }
        })
    }

    /// The code with which jobs of a poll are to fail.
    pub(super) fn failure_of(&self, poll: Operation) -> Option<String> {
        let kind = poll.kind().or_else(|| poll.replaced_by()?.kind())?;
        let mut wanted = self.options.fail_jobs.iter();
        wanted.find(|(own, _)| own == kind).map(|(_, code)| code.clone())
    }

    fn change(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let record = self.find(call)?;
        record.take(&call.body);
        let stage = record.stage(self.options.render_time, self.ids.clock().now());
        Ok(self.shown(call, &record, stage))
    }

    fn remove(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let record = self.find(call)?;
        if let Some(shelf) = self.shelf(call) {
            self.shelves.remove(&shelf, &record.id);
        }
        Ok(self.shown(call, &record, Stage::Done(None)))
    }

    /// Works on the record whose ID is in the path, or on nothing.
    fn act(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        if !call.operation.path().contains('{') {
            self.charge(call.operation, &call.body)?;
            if call.operation.method() == "GET" {
                let body = self.linked("shared", "", &call.plan.template);
                return Ok(Answer::of(call.plan, body));
            }
            let id = self.ids.fresh("call", &[call.operation.path(), &call.body.to_string()]);
            let body = self.linked(&id, "", &call.plan.template);
            return Ok(Answer::of(call.plan, body));
        }
        let record = self.find(call)?;
        self.charge(call.operation, &call.body)?;
        record.take(&call.body);
        if call.operation.is_destructive()
            && let Some(job) = record.job
        {
            let cancelled = job.failed().find(|word| word.starts_with("cancel"));
            record.end(cancelled.or(job.failed().next()).unwrap_or("failed"));
        }
        let stage = record.stage(self.options.render_time, self.ids.clock().now());
        Ok(self.shown(call, &record, stage))
    }

    /// The record that a call is about.
    pub(super) fn find(&self, call: &Call<'_>) -> Result<Arc<Record>, Refusal> {
        let template = call.plan.shelf.unwrap_or_default();
        let name = last_placeholder(template).or_else(|| last_placeholder(call.operation.path()));
        let name = name.unwrap_or("id");
        let (Some(shelf), Some(id)) = (self.shelf(call), call.id()) else {
            return Err(Refusal::invalid(name, format!("'{name}' is required.")));
        };
        self.check_outer_parents(call)?;
        let found = self.shelves.get(&shelf, &id);
        let found = found.or_else(|| {
            // Nothing lists or makes such records: the ID is that of another record.
            Some(template)
                .filter(|own| is_only_read(own))
                .and_then(|_| self.shelves.get_anywhere(&id))
        });
        found.ok_or_else(|| Refusal::not_found(thing(name)))
    }

    /// The name of the call's shelf, filled: the template, and the IDs above the record.
    pub(super) fn shelf(&self, call: &Call<'_>) -> Option<String> {
        let template = call.plan.shelf?;
        let own = last_placeholder(template);
        let mut name = template.to_owned();
        for outer in placeholders(template).filter(|outer| Some(*outer) != own) {
            name.push('\n');
            name.push_str(call.path_value(outer)?);
        }
        self.fill(&name);
        Some(name)
    }

    /// Refuses a call whose path names a record that is not there.
    fn check_parents(&self, call: &Call<'_>) -> Result<(), Refusal> {
        placeholders(call.operation.path()).try_for_each(|name| self.check_parent(call, name))
    }

    /// The same for the records above the one that the call is about.
    fn check_outer_parents(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let own = placeholders(call.operation.path()).last();
        let mut outer = placeholders(call.operation.path()).filter(|name| Some(*name) != own);
        outer.try_for_each(|name| self.check_parent(call, name))
    }

    fn check_parent(&self, call: &Call<'_>, name: &'static str) -> Result<(), Refusal> {
        let path = call.operation.path();
        let end = path.find(&format!("{{{name}}}")).map_or(path.len(), |at| at + name.len() + 2);
        let parent = path.get(..end).unwrap_or(path);
        let kept = catalogue::operations_of(parent).find_map(|own| {
            Some(own).filter(|own| own.job().is_none()).and_then(|own| plan::of(own).shelf)
        });
        let shelf = kept.unwrap_or(parent);
        self.fill(shelf);
        let id = call.path_value(name).unwrap_or_default();
        let has = self.shelves.get(shelf, id).is_some()
            || kept.is_none() && self.shelves.get_anywhere(id).is_some();
        if has { Ok(()) } else { Err(Refusal::not_found(thing(name))) }
    }
}

/// The names of a template's placeholders.
pub(super) fn placeholders(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The names of the placeholders of a template that is not kept.
#[cfg(test)]
pub(super) fn placeholders_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The members of a place such as `data.items`.
pub(super) fn split(place: &str) -> Vec<&str> {
    place.split('.').collect()
}

fn thing(name: &str) -> &str {
    name.trim_end_matches("_id")
}

/// True for a template of records that are read or acted on, and neither listed nor made.
fn is_only_read(template: &str) -> bool {
    let parent = template.rsplit_once('/').map_or(template, |(parent, _)| parent);
    let is_made =
        catalogue::all().any(|own| own.job().is_some_and(|job| job.poll().path() == template));
    catalogue::operations_of(parent).next().is_none() && !is_made
}

/// The number of items that a page has unless the call says another one.
pub(super) fn default_limit(operation: Operation) -> Option<usize> {
    let name = operation.pages()?.limit?;
    let schema = Schema::of_parameter(operation.parameter(Place::Query, name)?)?;
    schema.default()?.as_u64().map(|limit| limit as usize)
}

/// The body with null for each member that it could have had.
fn filled(operation: Operation, body: &Value) -> Value {
    let mut members: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
    let schema = operation.body_schema().and_then(Schema::parse);
    let chosen = schema.and_then(|schema| crate::schema::check::chosen(schema, body));
    for schema in [schema, chosen.map(|variant| variant.schema)].into_iter().flatten() {
        for member in schema.members() {
            let default = member.schema.default().cloned().unwrap_or(Value::Null);
            members.entry(member.name).or_insert(default);
        }
    }
    Value::Object(members)
}

/// The answer with the warning that v1 and v2 put beside the data.
fn warned(operation: Operation, answer: Answer) -> Answer {
    let Some(day) = operation.retired().or(Some(LEGACY_END).filter(|_| operation.version() < 3))
    else {
        return answer;
    };
    let Answer::Json { status, body: Value::Object(mut members) } = answer else { return answer };
    let replacement = operation.replacement().unwrap_or("the v3 API");
    members.insert(
        "warning".to_owned(),
        json!({
            "message": format!("{operation} was retired on {day}. Use {replacement}."),
            "v3_endpoint": operation.replacement(),
            "docs_url": MIGRATION,
            "sunset_date": day,
        }),
    );
    Answer::Json { status, body: Value::Object(members) }
}

/// Counts of words.
pub(super) fn counted<'w>(words: impl Iterator<Item = &'w str>) -> HashMap<&'w str, u64> {
    let mut counts = HashMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}
