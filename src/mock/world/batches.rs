//! Batches, whose items are jobs of their own, and the states of many jobs at once.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::World;
use super::call::Call;
use super::plan::{self, Role};
use super::prices;
use super::record::{Record, Stage};
use super::refusal::Refusal;
use super::render::put;
use super::work::{Answer, counted, split};
use crate::catalogue;

/// The most IDs that HeyGen takes at once.
const MOST_IDS: usize = 100;

/// The ID of a batch in a query.
const BATCH_IDS: &str = "batch_ids";

/// Serves batches and bulk states.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    let operation = call.operation;
    match call.plan.role {
        Role::Create if prices::items(operation, &call.body).is_some() => Some(create(world, call)),
        Role::Read if operation.pages().is_some() => Some(read(world, call)),
        Role::Act if operation.path().ends_with("/statuses") => {
            Some(states(world, call).map(|answer| world.asking_again(answer)))
        }
        _ => None,
    }
}

fn create(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let Some((items, single)) = prices::items(call.operation, &call.body) else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    let records = world.made(call)?;
    let Some(batch) = records.first() else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    if let Some(shelf) = plan::of(single).shelf {
        for item in items {
            let part = world.add(single, shelf, item, None);
            batch.add_part(shelf, &part.id);
        }
    }
    let mut body = world.created(call, batch, &records);
    if call.plan.layout.slot("total_items").is_some() {
        put(&mut body, &["data", "total_items"], json!(items.len()));
    }
    Ok(Answer::of(call.plan, body))
}

/// A part of a batch, and its stage.
struct Part {
    index: usize,
    id: String,
    shelf: String,
    record: Option<Arc<Record>>,
    stage: Stage,
}

impl Part {
    /// The state in the words of batches, which are the same for all kinds of jobs.
    fn word(&self) -> &'static str {
        match (&self.record, self.stage) {
            (None, _) | (_, Stage::Failed(_)) => "failed",
            (_, Stage::Running { .. }) => "processing",
            (_, Stage::Done(_)) => "completed",
        }
    }

    fn error(&self) -> Value {
        match self.word() {
            "failed" => {
                let own = self.record.as_ref().and_then(|record| record.failure.as_deref());
                let code = own.unwrap_or("not_found");
                json!({ "code": code, "message": super::render::sentence(code) })
            }
            _ => Value::Null,
        }
    }
}

fn parts(world: &World, batch: &Record) -> Vec<Part> {
    let parts = batch.parts().into_iter().enumerate();
    let polled = parts.map(|(index, (shelf, id))| {
        let record = world.shelves.get(&shelf, &id);
        let stage = record.as_ref().map_or(Stage::Failed("failed"), |record| world.polled(record));
        Part { index, id, shelf, record, stage }
    });
    polled.collect()
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let batch = world.find(call)?;
    let own = world.polled(&batch);
    let parts = parts(world, &batch);
    let stage = stage(&batch, own, &parts);
    let mut value = world.rendered(call.plan, &batch, stage);
    let total = parts.len().max(usize::from(call.plan.layout.slot("counts").is_some()));
    put(&mut value, &["total_items"], json!(total));
    let counts = counted(parts.iter().map(Part::word));
    if let Some(known) = value.get_mut("counts").and_then(Value::as_object_mut) {
        known
            .iter_mut()
            .for_each(|(word, count)| *count = json!(counts.get(word.as_str()).unwrap_or(&0)));
    } else {
        put(&mut value, &["counts_by_status"], json!(counts));
    }
    let mut body = call.plan.body_with(value);
    page(world, call, &parts, &mut body)?;
    Ok(Answer::of(call.plan, body))
}

/// The stage of a batch: that of its slowest part.
fn stage(batch: &Record, own: Stage, parts: &[Part]) -> Stage {
    let is_running = parts.iter().any(|part| matches!(part.stage, Stage::Running { .. }));
    let words = batch.job.map(|job| (job.running().next(), job.ok().next(), job.failed().next()));
    let (running, ok, failed) = words.unwrap_or_default();
    match own {
        Stage::Failed(_) => own,
        Stage::Running { .. } if batch.is_held() => own,
        _ if is_running => {
            Stage::Running { word: running.unwrap_or("processing"), is_first: false }
        }
        _ if parts.is_empty() => own,
        _ if parts.iter().all(|part| part.word() == "failed") => {
            Stage::Failed(failed.unwrap_or("failed"))
        }
        _ => Stage::Done(ok),
    }
}

/// Puts a page of the items into the body.
fn page(world: &World, call: &Call<'_>, parts: &[Part], body: &mut Value) -> Result<(), Refusal> {
    let Some(pages) = call.operation.pages() else { return Ok(()) };
    let place = split(pages.items);
    let found = place.iter().fold(&call.plan.template, |value, name| &value[*name]);
    let template = found.get(0).and_then(Value::as_object).cloned().unwrap_or_default();
    let value = |name: &str| call.request.query_value(name).filter(|text| !text.is_empty());
    let start = match value(pages.request) {
        None => 0,
        Some(text) => {
            let name = pages.request;
            let invalid = || Refusal::invalid(name, format!("'{name}' is not a valid token."));
            super::shelves::number_in(text).ok_or_else(invalid)? as usize
        }
    };
    let limit = pages.limit.and_then(value).and_then(|text| text.parse().ok()).unwrap_or(MOST_IDS);
    let shown = parts.iter().skip(start).take(limit);
    put(body, &place, shown.map(|part| item(world, part, &template)).collect());
    let end = start.saturating_add(limit);
    let has_more = end < parts.len();
    let next = if has_more { json!(super::shelves::token(end as u64)) } else { Value::Null };
    put(body, &split(pages.next), next);
    if let Some(more) = pages.more {
        put(body, &split(more), json!(has_more));
    }
    Ok(())
}

fn item(world: &World, part: &Part, template: &Map<String, Value>) -> Value {
    let mut item = template.clone();
    for (name, value) in &mut item {
        *value = match name.as_str() {
            "item_index" => json!(part.index),
            "video_id" => json!(part.id),
            "status" => json!(part.word()),
            "error" => part.error(),
            _ => match (value.is_object(), &part.record) {
                (true, Some(record)) => whole(world, part, record).unwrap_or_else(|| value.clone()),
                _ => value.clone(),
            },
        };
    }
    Value::Object(item)
}

/// A part as its own read shows it.
fn whole(world: &World, part: &Part, record: &Record) -> Option<Value> {
    let plan = plan::of(catalogue::find("GET", &part.shelf)?);
    Some(world.rendered(plan, record, part.stage))
}

/// The states of the jobs and the batches that the query names.
fn states(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let path = call.operation.path().trim_end_matches("/statuses");
    let of_path = |path: &str| {
        let found = catalogue::all().find(|own| {
            own.method() == "GET"
                && own.path().rsplit_once("/{").is_some_and(|(own, _)| own == path)
        });
        found.map(|own| own.path())
    };
    let (single, batches) = (of_path(path), of_path(&format!("{path}/batches")));
    let mut rows = Vec::new();
    for (name, value) in &call.request.query {
        let ids: Vec<&str> = value.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        if ids.len() > MOST_IDS {
            let message = format!("'{name}' must have at most {MOST_IDS} IDs.");
            return Err(Refusal::invalid(name, message));
        }
        match (name == BATCH_IDS, single, batches) {
            (true, _, Some(shelf)) => {
                rows.extend(ids.iter().flat_map(|id| rows_of_batch(world, shelf, id)));
            }
            (false, Some(shelf), _) if name.ends_with("_ids") => {
                rows.extend(ids.iter().map(|id| row(world, shelf, id)));
            }
            _ => {}
        }
    }
    let mut body = call.plan.template.clone();
    put(&mut body, &["data"], Value::Array(rows));
    Ok(Answer::of(call.plan, body))
}

fn row(world: &World, shelf: &'static str, id: &str) -> Value {
    world.fill(shelf);
    let Some(record) = world.shelves.get(shelf, id) else {
        let status = if world.uploads.is_pending(id) { "processing" } else { "not_found" };
        return json!({
            "batch_id": null, "error": null, "item_index": null, "status": status, "video_id": id,
        });
    };
    let stage = world.polled(&record);
    let part =
        Part { index: 0, id: id.to_owned(), shelf: shelf.to_owned(), record: Some(record), stage };
    json!({
        "batch_id": null, "error": part.error(), "item_index": null,
        "status": stage.word().unwrap_or("completed"), "video_id": id,
    })
}

fn rows_of_batch(world: &World, shelf: &'static str, id: &str) -> Vec<Value> {
    world.fill(shelf);
    let Some(batch) = world.shelves.get(shelf, id) else {
        return vec![json!({
            "batch_id": id, "error": null, "item_index": null, "status": "not_found",
            "video_id": null,
        })];
    };
    let parts = parts(world, &batch);
    let row = |part: &Part| {
        json!({
            "batch_id": id, "error": part.error(), "item_index": part.index,
            "status": part.word(), "video_id": part.id,
        })
    };
    parts.iter().map(row).collect()
}
