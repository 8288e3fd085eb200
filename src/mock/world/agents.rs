//! Video agents: sessions that ask, and the video that comes later.

use std::sync::Arc;

use serde_json::{Value, json};

use super::World;
use super::call::Call;
use super::plan::{self, Role};
use super::record::{Record, Stage};
use super::refusal::Refusal;
use super::render::put;
use super::work::Answer;
use crate::catalogue;

const SESSIONS: &str = "/v3/video-agents";
const SESSION: &str = "/v3/video-agents/{session_id}";
const VIDEOS: &str = "/v3/video-agents/{session_id}/videos";
const RESOURCES: &str = "/v3/video-agents/{session_id}/resources/{resource_id}";

/// The question that a session in `mode: chat` asks.
const QUESTION: &str = "Which tone should the video have?";

/// Serves the operations on sessions that differ from other jobs.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    match (call.operation.method(), call.operation.path()) {
        ("POST", SESSIONS) => Some(create(world, call)),
        ("GET", SESSION) => Some(read(world, call)),
        ("POST", SESSION) => Some(send(world, call)),
        ("GET", VIDEOS) => Some(videos(world, call)),
        _ => None,
    }
}

fn create(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let records = world.made(call)?;
    let Some(record) = records.first() else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    if call.text("mode") == Some("chat") {
        record.hold();
    }
    if let Some(prompt) = call.text("prompt") {
        record.set("title", prompt.chars().take(60).collect::<String>());
    }
    let mut body = world.created(call, record, &records);
    put(&mut body, &["data", "status"], json!("thinking"));
    Ok(Answer::of(call.plan, body))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let record = world.find(call)?;
    let stage = world.polled(&record);
    let mut value = world.rendered(call.plan, &record, stage);
    put(&mut value, &["messages"], messages(world, &record, stage));
    Ok(Answer::of(call.plan, call.plan.body_with(value)))
}

/// What was said: the prompt, the question, and the answers.
fn messages(world: &World, record: &Record, stage: Stage) -> Value {
    let message = |role: &str, kind: &str, content: &Value, resources: Value| {
        json!({
            "content": content, "created_at": record.created, "resource_ids": resources,
            "role": role, "type": kind,
        })
    };
    let text = |value: Value| if value.is_string() { value } else { json!("Hello") };
    let prompt = text(record.field("prompt").unwrap_or_default());
    let mut messages = vec![message("user", "text", &prompt, Value::Null)];
    let answer = record.field("message").filter(Value::is_string);
    let waits = record.is_held() && !matches!(stage.word(), Some("thinking"));
    if waits || answer.is_some() {
        messages.push(message("model", "text", &json!(QUESTION), Value::Null));
    }
    if let Some(answer) = answer {
        messages.push(message("user", "text", &answer, Value::Null));
    }
    match stage {
        Stage::Failed(_) => {
            let code = json!(record.failure.as_deref().unwrap_or("stopped"));
            messages.push(message("model", "error", &code, Value::Null));
        }
        Stage::Done(_) => {
            let shelf = format!("{RESOURCES}\n{}", record.id);
            world.fill(&shelf);
            let resources = world.shelves.page(&shelf, None, 1, |_| true).records;
            let ids: Value = resources.iter().map(|own| json!(own.id)).collect();
            messages.push(message("model", "resource", &json!("The video is ready."), ids));
        }
        Stage::Running { .. } => {}
    }
    Value::Array(messages)
}

/// Takes a message: a session that waited for it goes on, and one that was done makes one more video.
fn send(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let record = world.find(call)?;
    world.charge(call.operation, &call.body)?;
    record.take(&call.body);
    if record.is_held() {
        record.release(world.ids.clock().now());
    } else if !matches!(
        record.stage(world.options.render_time, world.ids.clock().now()),
        Stage::Running { .. }
    ) {
        record.restart(world.ids.clock().now());
    }
    let mut body = call.plan.template.clone();
    put(&mut body, &["data", "session_id"], json!(record.id));
    let run = world.ids.fresh("run_0a1b2c3d", &[&record.id, &call.body.to_string()]);
    put(&mut body, &["data", "run_id"], json!(run));
    put(&mut body, &["data", "title"], record.field("title").unwrap_or_default());
    Ok(Answer::of(call.plan, body))
}

/// The videos of a session so far.
fn videos(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let record = world.find(call)?;
    let list = catalogue::find("GET", "/v3/videos").map(plan::of);
    let parts = record.parts().into_iter().filter_map(|(shelf, id)| world.shelves.get(&shelf, &id));
    let shown = |part: Arc<Record>| {
        let stage = part.stage(world.options.render_time, world.ids.clock().now());
        list.filter(|list| list.role == Role::List).map(|list| world.rendered(list, &part, stage))
    };
    let mut body = call.plan.template.clone();
    put(&mut body, &["data"], parts.filter_map(shown).collect());
    Ok(Answer::of(call.plan, body))
}
