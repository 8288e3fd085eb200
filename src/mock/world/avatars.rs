//! Avatars: a group beside each look, and the consent that a digital twin waits for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::World;
use super::call::Call;
use super::plan;
use super::record::{Record, Stage};
use super::refusal::Refusal;
use super::render::put;
use super::work::Answer;
use crate::catalogue::{self, Operation};

const AVATARS: &str = "/v3/avatars";
const GROUP: &str = "/v3/avatars/{group_id}";
const CONSENT: &str = "/v3/avatars/{group_id}/consent";

/// Serves the operations on avatars that touch two records.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    match (call.operation.method(), call.operation.path()) {
        ("POST", AVATARS) => Some(create(world, call)),
        ("POST", CONSENT) => Some(consent(world, call)),
        _ => None,
    }
}

fn create(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let Some(operation) = catalogue::find("GET", GROUP) else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    let entered = call.text("avatar_group_id");
    world.fill(GROUP);
    let known = entered.map(|id| world.shelves.get(GROUP, id));
    if matches!(known, Some(None)) {
        return Err(Refusal::not_found("avatar group"));
    }
    let looks = world.made(call)?;
    let fields = json!({ "name": call.body["name"], "consent_status": null });
    let group = known.flatten().unwrap_or_else(|| world.add(operation, GROUP, &fields, None));
    let kind = call.text("type").unwrap_or_default();
    let Some(look) = looks.first() else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    look.set("group_id", group.id.as_str());
    look.set("avatar_type", if kind == "digital_twin" { kind } else { "photo_avatar" });
    if let Some(shelf) = call.plan.shelf {
        group.add_part(shelf, &look.id);
    }
    if kind == "digital_twin" && group.field("consent_status") != Some(json!("approved")) {
        look.hold();
        group.set("consent_status", "pending");
    }
    let mut body = world.created(call, look, &looks);
    put(&mut body, &["data", "avatar_group"], shown(world, operation, &group));
    Ok(Answer::of(call.plan, body))
}

fn shown(world: &World, operation: Operation, group: &Record) -> Value {
    let looks = group.parts().len().max(1);
    group.set("looks_count", looks);
    world.rendered(plan::of(operation), group, Stage::Done(None))
}

/// Gives the consent: the looks of the group go on.
fn consent(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let group = world.find(call)?;
    group.set("consent_status", "approved");
    let parts = group.parts().into_iter();
    let looks = parts.filter_map(|(shelf, id)| world.shelves.get(&shelf, &id));
    looks.filter(|look: &Arc<Record>| look.is_held()).for_each(|look| {
        look.release(world.ids.clock().now());
    });
    let mut body = world.linked(&group.id, "", &call.plan.template);
    if let Some(operation) = catalogue::find("GET", GROUP) {
        put(&mut body, &["data", "avatar_group"], shown(world, operation, &group));
    }
    Ok(Answer::of(call.plan, body))
}
