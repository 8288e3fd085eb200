//! The world as its clients see it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{World, WorldOptions};
use crate::catalogue::operation::Operation;
use crate::catalogue::{self, Place};
use crate::clock::SystemClock;
use crate::mock::exchange::{Request, Response};
use crate::schema::Schema;
use crate::schema::document::document;
use crate::schema::example::{Extent, example};

const KEY: &str = "mock";

fn options() -> WorldOptions {
    WorldOptions {
        base_url: "http://127.0.0.1:1".to_owned(),
        key: KEY.to_owned(),
        seed: Some(1),
        render_time: None,
        expire_urls: Duration::from_secs(3_600),
        balance: None,
        fail_jobs: Vec::new(),
        latency: Duration::ZERO,
        clock: Arc::new(SystemClock),
    }
}

fn world() -> World {
    World::new(options())
}

/// A request with the key, to a path with an optional query.
fn request(method: &str, target: &str) -> Request {
    let target = target.strip_prefix("http://127.0.0.1:1").unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs.map(pair).collect(),
        headers: vec![("X-Api-Key".to_owned(), KEY.to_owned())],
        body: Vec::new(),
    }
}

fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

fn with_body(request: Request, body: &Value) -> Request {
    let body = body.to_string().into_bytes();
    Request { body, ..with(request, "Content-Type", "application/json") }
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

fn get(world: &World, target: &str) -> Value {
    json_of(&world.respond(&request("GET", target)))
}

fn post(world: &World, target: &str, body: Value) -> Value {
    json_of(&world.respond(&with_body(request("POST", target), &body)))
}

/// The status and the place's value as text.
fn status_and(response: &Response, pointer: &str) -> (u16, String) {
    let value = json_of(response).pointer(pointer).cloned().unwrap_or_default();
    (response.status, value.as_str().map_or(value.to_string(), str::to_owned))
}

fn video() -> Value {
    json!({ "type": "avatar", "avatar_id": "mock", "script": "Hi", "voice_id": "v" })
}

// All operations.

/// The path of an operation with IDs that are there.
fn path_with_ids(world: &World, operation: Operation) -> String {
    let mut path = operation.path().to_owned();
    for name in super::work::placeholders(operation.path()) {
        let end = path.find(&format!("{{{name}}}")).map_or(0, |at| at + name.len() + 2);
        let plan = super::plan::of(operation);
        let is_own = catalogue::operations_of(&path[..end]).next().is_none()
            && matches!(plan.role, super::plan::Role::Act | super::plan::Role::Change);
        let id = match plan.shelf.filter(|_| is_own) {
            Some(shelf) => get_id(world, shelf),
            None => some_id(world, &path[..end], operation.path(), name),
        };
        path = path.replace(&format!("{{{name}}}"), &id);
    }
    path
}

/// The ID of a record on the shelf of a template, whose outer IDs are known.
fn some_id(world: &World, path: &str, whole: &str, name: &str) -> String {
    let at_whole = whole.find(&format!("{{{name}}}")).map_or(0, |at| at + name.len() + 2);
    let template = &whole[..at_whole];
    let plan = catalogue::operations_of(template)
        .filter(|own| own.job().is_none())
        .find_map(|own| super::plan::of(own).shelf);
    let mut shelf = plan.unwrap_or("/v3/videos/{video_id}").to_owned();
    let outer = super::work::placeholders_in(&shelf).count();
    for (own, entered) in template.split('/').zip(path.split('/')) {
        let is_outer = own.starts_with('{') && own.trim_matches(['{', '}']) != name;
        if is_outer && outer > 1 {
            shelf = format!("{shelf}\n{entered}");
        }
    }
    world.fill(&shelf);
    let page = world.shelves.page(&shelf, None, 1, |_| true);
    page.records.first().map(|record| record.id.clone()).unwrap_or_default()
}

/// A call of an operation with an example of its body.
fn call_of(world: &World, operation: Operation) -> Request {
    let mut request = request(operation.method(), &path_with_ids(world, operation));
    for parameter in operation.parameters().filter(|own| own.is_required()) {
        let schema = Schema::of_parameter(parameter).expect("a schema");
        let value = example(schema, Extent::Required);
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        match parameter.place() {
            Place::Query if parameter.name().ends_with("id") => {
                let id = match super::plan::of(operation).shelf {
                    Some(shelf) => some_id(
                        world,
                        shelf,
                        shelf,
                        super::plan::last_placeholder(shelf).unwrap_or("id"),
                    ),
                    None => value,
                };
                request.query.push((parameter.name().to_owned(), id));
            }
            Place::Query => request.query.push((parameter.name().to_owned(), value)),
            Place::Header => request = with(request, parameter.name(), &value),
            Place::Path => {}
        }
    }
    let Some(body) = operation.bodies().next() else { return request };
    match body.media_type() {
        "application/json" => {
            let schema = body.schema().and_then(Schema::parse).expect("a schema");
            let mut value = example(schema, Extent::Everything);
            forget_checksums(&mut value);
            let shelf = super::plan::of(operation).shelf.unwrap_or_default();
            for name in ["batch_id", "avatar_group_id", "endpoint_id"] {
                if value.get(name).is_some() {
                    let own = match name {
                        "batch_id" => "/v3/assets/batches/{batch_id}",
                        "avatar_group_id" => "/v3/avatars/{group_id}",
                        _ => shelf,
                    };
                    let placeholder = super::plan::last_placeholder_in(own);
                    value[name] = json!(some_id(world, own, own, placeholder));
                }
            }
            with_body(request, &value)
        }
        "multipart/form-data" => {
            let request = with(request, "Content-Type", "multipart/form-data; boundary=XX");
            Request { body: FORM.as_bytes().to_vec(), ..request }
        }
        other => Request {
            body: super::media::bytes(super::media::ending(other), "id"),
            ..with(request, "Content-Type", other)
        },
    }
}

/// Takes out the checksums, which the example cannot know.
fn forget_checksums(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("checksum_sha256");
            members.values_mut().for_each(forget_checksums);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_checksums),
        _ => {}
    }
}

const FORM: &str = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nbytes\r\n--XX--\r\n";

/// What a foreign validator finds in a response.
fn faults(operation: Operation, response: &Response) -> Vec<String> {
    let documented = operation.responses().find(|own| own.status() == response.status);
    let Some(documented) = documented else {
        let body = String::from_utf8_lossy(&response.body);
        return vec![format!("{operation}: status {}: {body}", response.status)];
    };
    let content = documented.contents().next();
    let Some(schema) = content.and_then(|content| content.schema()).and_then(document) else {
        return Vec::new();
    };
    if response.header("content-type") != Some("application/json") {
        return Vec::new();
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let body = json_of(response);
    let found = validator.iter_errors(&body);
    found.map(|error| format!("{operation}: {}: {error}", error.instance_path())).collect()
}

#[test]
fn every_response_satisfies_its_schema() {
    let mut found = Vec::new();
    for operation in catalogue::all() {
        let world = world();
        let request = call_of(&world, operation);
        let response = world.respond(&request);
        assert!(response.header("x-request-id").is_some());
        found.extend(faults(operation, &response));
        if let Some(job) = operation.job() {
            found.extend(polled(&world, operation, job, &response));
        }
    }
    assert!(found.is_empty(), "{} faults\n{}", found.len(), found.join("\n"));
}

/// The faults in the responses to the polls of a job until it is done.
fn polled(
    world: &World,
    operation: Operation,
    job: crate::catalogue::job::Job,
    response: &Response,
) -> Vec<String> {
    let body = json_of(response);
    let place = job.id().unwrap_or("data.id").trim_end_matches("[]").replace('.', "/");
    let id = body.pointer(&format!("/{place}")).cloned().unwrap_or_default();
    let id = match &id {
        Value::Array(ids) => ids.first().and_then(Value::as_str).unwrap_or_default().to_owned(),
        id => id.as_str().unwrap_or("GROUP_ID").to_owned(),
    };
    let path = job.poll().path();
    let target = match job.poll_query() {
        Some(name) => format!("{path}?{name}={id}"),
        None => {
            let name = super::plan::last_placeholder(path).unwrap_or_default();
            path.replace(&format!("{{{name}}}"), &id)
        }
    };
    let mut found = Vec::new();
    let mut words = Vec::new();
    for _ in 0..4 {
        let response = world.respond(&request("GET", &target));
        found.extend(faults(job.poll(), &response));
        words.push(status_and(&response, &format!("/{}", job.status().replace('.', "/"))).1);
    }
    let is_ok = words.last().is_some_and(|last| job.ok().any(|ok| ok == last));
    if job.ok().next().is_some() && !is_ok && operation.path() != "/v3/video-agents/{session_id}" {
        found.push(format!("{operation}: {words:?}"));
    }
    found
}

#[test]
fn failed_jobs_satisfy_their_schema() {
    let mut found = Vec::new();
    for operation in catalogue::all() {
        let Some(job) = operation.job() else { continue };
        if operation.path() == "/v3/assets/complete/batches" {
            // Its batches are those that were announced, see `direct_uploads_are_verified`.
            continue;
        }
        let kind = job.poll().kind().or_else(|| job.poll().replaced_by()?.kind());
        let Some(kind) = kind else { continue };
        let fail_jobs = vec![(kind.to_owned(), "script_too_short".to_owned())];
        let world = World::new(WorldOptions { fail_jobs, ..options() });
        let response = world.respond(&call_of(&world, operation));
        let faults = polled(&world, operation, job, &response);
        // The last entry tells that the job did not end well.
        let schema_faults = faults.iter().filter(|text| !text.contains('"'));
        found.extend(schema_faults.cloned());
        let ended = faults.last().is_some_and(|text| job.failed().any(|word| text.contains(word)));
        if job.failed().next().is_some() && !ended && !operation.path().contains("{session_id}") {
            found.push(format!("{operation} does not fail: {faults:?}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_operation_refuses_unknown_ids() {
    let world = world();
    for operation in catalogue::all().filter(|own| own.path().contains('{')) {
        let call = call_of(&world, operation);
        let path: Vec<&str> = operation
            .path()
            .split('/')
            .map(|part| if part.starts_with('{') { "nobody" } else { part })
            .collect();
        let response = world.respond(&Request { path: path.join("/"), ..call });
        assert_eq!(response.status, 404, "{operation}: {:?}", json_of(&response));
    }
}

#[test]
fn every_operation_refuses_a_missing_key() {
    let world = world();
    let check = |path: &str, expected: &str| {
        for header in [None, Some(("X-Api-Key", "wrong")), Some(("Authorization", "Bearer mock"))] {
            let bare = Request { headers: Vec::new(), ..request("GET", path) };
            let request = header.map_or(bare.clone(), |(name, value)| with(bare, name, value));
            let response = world.respond(&request);
            let body = String::from_utf8_lossy(&response.body).into_owned();
            assert_eq!((response.status, body.as_str()), (401, expected), "{path}");
        }
    };
    check("/v1/user/me", r#"{"code":400112,"message":"Unauthorized"}"#);
    check(
        "/v2/avatars",
        r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
    );
    check(
        "/v3/users/me",
        r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#,
    );
}

// Requests that are refused.

#[test]
fn requests_are_routed_and_checked() {
    let world = world();
    let check = |request: Request, status: u16, pointer: &str, expected: &str| {
        let name = format!("{} {}", request.method, request.path);
        let found = status_and(&world.respond(&request), pointer);
        assert_eq!(found, (status, expected.to_owned()), "{name}");
    };
    check(request("GET", "/v3/nothing"), 404, "/error/code", "not_found");
    check(request("GET", "/"), 404, "/error/code", "not_found");
    check(request("PUT", "/v3/videos"), 405, "/error/code", "method_not_allowed");
    check(request("HEAD", "/v3/users/me"), 200, "/data/username", "jdoe");
    check(request("GET", "/v3/videos?limit=500"), 400, "/error/param", "limit");
    check(
        request("GET", "/v3/videos?limit=500"),
        400,
        "/error/message",
        "'limit' must be between 1 and 100.",
    );
    check(request("GET", "/v3/videos?token=x"), 400, "/error/param", "token");
    check(request("GET", "/v3/workflow-runs"), 400, "/error/param", "workflow_id");
    check(request("GET", "/v1/video_status.get"), 400, "/code", "400175");
    let create = || request("POST", "/v3/videos");
    let body = video().to_string().into_bytes();
    check(
        Request { body, ..create() },
        415,
        "/detail",
        "Unsupported media type '' in request. 'application/json' is required.",
    );
    check(create(), 415, "/error", "null");
    let broken = with(create(), "Content-Type", "application/json; charset=utf-8");
    check(Request { body: b"{".to_vec(), ..broken }, 400, "/error/code", "invalid_parameter");
    check(with_body(create(), &json!({ "type": "avatar" })), 400, "/error/param", "avatar_id");
    check(with_body(create(), &json!({})), 400, "/error/param", "type");
    let mut unknown = video();
    unknown["novelty"] = json!(1);
    check(with_body(create(), &unknown), 200, "/data/status", "waiting");
    let closed = json!({ "delta": "a", "novelty": 1 });
    let stream = get_id(&world, "/v3/avatar-realtime/{stream_id}");
    let text = request("POST", &format!("/v3/avatar-realtime/{stream}/text"));
    check(with_body(text, &closed), 400, "/error/param", "novelty");
}

fn get_id(world: &World, shelf: &str) -> String {
    some_id(world, shelf, shelf, super::plan::last_placeholder_in(shelf))
}

#[test]
fn options_need_no_key() {
    let options = Request { headers: Vec::new(), ..request("OPTIONS", "/v3/videos") };
    let response = world().respond(&options);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("allow"), Some("POST, GET, HEAD, OPTIONS"));
    let response = world().respond(&request("PATCH", "/v3/videos"));
    assert_eq!(
        (response.status, response.header("allow")),
        (405, Some("POST, GET, HEAD, OPTIONS"))
    );
}

#[test]
fn retired_operations_are_marked() {
    let response = world().respond(&request("GET", "/v2/avatars"));
    assert_eq!(response.header("sunset"), Some("Sat, 31 Oct 2026 00:00:00 GMT"));
    assert_eq!(status_and(&response, "/warning/v3_endpoint").1, "GET /v3/avatars/looks");
    assert_eq!(world().respond(&request("GET", "/v3/videos")).header("sunset"), None);
}

#[test]
fn idempotency_keys_do_the_work_once() {
    let world = world();
    let create = |key: &str, body: &Value| {
        world.respond(&with(with_body(request("POST", "/v3/videos"), body), "idempotency-key", key))
    };
    let first = create("k1", &video());
    assert_eq!(create("k1", &video()).body, first.body);
    assert_eq!(create("k1", &json!({ "type": "image" })).body, first.body);
    assert_ne!(create("k2", &video()).body, first.body);
    for key in ["", " ", "a b", "é", &"x".repeat(256)] {
        assert_eq!(
            status_and(&create(key, &video()), "/error/param"),
            (400, "Idempotency-Key".to_owned())
        );
    }
    let run = |body: Value| {
        let run = with_body(request("POST", "/v3/workflow-runs"), &body);
        world.respond(&with(run, "Idempotency-Key", "r1"))
    };
    let operation = catalogue::find("POST", "/v3/workflow-runs").expect("an operation");
    let schema = operation.body_schema().and_then(Schema::parse).expect("a schema");
    let body = example(schema, Extent::Required);
    assert_eq!(run(body.clone()).status, 201);
    assert_eq!(run(body).status, 200);
    let other = example(schema, Extent::Everything);
    assert_eq!(status_and(&run(other), "/error/code"), (409, "conflict".to_owned()));
    let bare = with_body(request("POST", "/v3/workflow-runs"), &json!({}));
    assert_eq!(world.respond(&bare).status, 400);
}

#[test]
fn keys_in_flight_are_refused() {
    let world = World::new(WorldOptions { latency: Duration::from_millis(300), ..options() });
    let create = with_body(request("POST", "/v3/videos"), &video());
    let create = with(create, "Idempotency-Key", "k1");
    let statuses = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..2).map(|_| scope.spawn(|| world.respond(&create).status)).collect();
        let mut statuses: Vec<u16> =
            calls.into_iter().map(|call| call.join().expect("a response")).collect();
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [200, 409]);
    assert_eq!(world.respond(&create).status, 200);
}

// State.

#[test]
fn created_records_are_read_changed_and_removed() {
    let world = world();
    let made = post(&world, "/v3/brand-glossaries", json!({ "name": "Words" }));
    let id = made["data"]["brand_glossary_id"].as_str().unwrap_or_default().to_owned();
    let target = format!("/v3/brand-glossaries/{id}");
    assert_eq!(get(&world, &target)["data"]["name"], "Words");
    let change = with_body(request("PATCH", &target), &json!({ "name": "Others" }));
    let status = world.respond(&change).status;
    if status == 200 {
        assert_eq!(get(&world, &target)["data"]["name"], "Others");
    }
    let list = get(&world, "/v3/brand-glossaries?limit=1");
    assert_eq!(list["data"][0]["brand_glossary_id"], json!(id));
    assert_eq!(world.respond(&request("DELETE", &target)).status, 200);
    assert_eq!(world.respond(&request("GET", &target)).status, 404);
}

#[test]
fn lists_are_paged_by_cursor() {
    let world = world();
    let check = |path: &str, limit: usize, total: usize| {
        let (mut ids, mut token) = (Vec::new(), String::new());
        loop {
            let page = get(&world, &format!("{path}?limit={limit}{token}"));
            let items = page["data"].as_array().cloned().unwrap_or_default();
            assert!(!items.is_empty(), "{path}");
            ids.extend(items.iter().map(|item| item["id"].to_string()));
            assert_eq!(page["has_more"], json!(!page["next_token"].is_null()));
            let Some(next) = page["next_token"].as_str() else { break };
            token = format!("&token={next}");
            post(&world, path, video());
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), count), (total, total), "{path}");
    };
    check("/v3/videos", 10, 25);
    check("/v3/videos", 100, 27);
    check("/v3/lipsyncs", 5, 25);
}

#[test]
fn lists_are_filtered_by_their_members() {
    let world = world();
    let looks = get(&world, "/v3/avatars/looks?avatar_type=photo_avatar&limit=50");
    let looks = looks["data"].as_array().cloned().unwrap_or_default();
    assert!(!looks.is_empty() && looks.iter().all(|look| look["avatar_type"] == "photo_avatar"));
    post(&world, "/v3/videos", json!({ "type": "avatar", "avatar_id": "a", "title": "Unique" }));
    let found = get(&world, "/v3/videos?title=uniq");
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn retired_paths_see_the_same_records() {
    let world = world();
    let id = post(&world, "/v3/videos", video())["data"]["video_id"].as_str().map(str::to_owned);
    let id = id.unwrap_or_default();
    let status = get(&world, &format!("/v1/video_status.get?video_id={id}"));
    assert_eq!(status["data"]["id"], json!(id));
    assert_eq!(get(&world, "/v2/videos")["data"][0]["id"], json!(id));
}

#[test]
fn seeds_make_bodies_repeatable() {
    let bodies = || {
        let world = world();
        let made = post(&world, "/v3/videos", video());
        (made.to_string(), get(&world, "/v3/voices").to_string().len())
    };
    assert_eq!(bodies(), bodies());
    let random = || World::new(WorldOptions { seed: None, ..options() });
    let id = |world: &World| post(world, "/v3/videos", video())["data"]["video_id"].clone();
    assert_ne!(id(&random()), id(&random()));
}

#[test]
fn balances_are_spent() {
    let world = World::new(WorldOptions { balance: Some(1.0), ..options() });
    let balance = || get(&world, "/v3/users/me")["data"]["wallet"]["remaining_balance"].to_string();
    let create = with_body(request("POST", "/v3/videos"), &video());
    let create = with(create, "Idempotency-Key", "k1");
    assert_eq!(balance(), "1.0");
    assert_eq!(world.respond(&create).status, 200);
    assert_eq!(world.respond(&create).status, 200);
    let refused = with_body(request("POST", "/v3/videos"), &json!({}));
    assert_eq!(world.respond(&refused).status, 400);
    assert_eq!(balance(), "0.333");
    let another = world.respond(&with_body(request("POST", "/v3/videos"), &video()));
    assert_eq!(status_and(&another, "/error/code"), (402, "insufficient_credit".to_owned()));
    assert_eq!(balance(), "0.333");
}

// Special behaviours.

fn words(world: &World, target: &str, count: usize) -> Vec<String> {
    let word = |_| get(world, target)["data"]["status"].as_str().unwrap_or_default().to_owned();
    (0..count).map(word).collect()
}

#[test]
fn agents_ask_in_chat_mode_only() {
    let world = world();
    let start = |mode: &str| {
        let body = post(&world, "/v3/video-agents", json!({ "prompt": "A film", "mode": mode }));
        assert_eq!(body["data"]["video_id"], Value::Null);
        format!("/v3/video-agents/{}", body["data"]["session_id"].as_str().unwrap_or_default())
    };
    let generate = start("generate");
    assert_eq!(get(&world, &generate)["data"]["video_id"], Value::Null);
    let second = get(&world, &generate);
    assert_eq!(second["data"]["status"], "generating");
    let id = second["data"]["video_id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(get(&world, &format!("/v3/videos/{id}"))["data"]["id"], json!(id));
    let videos = get(&world, &format!("{generate}/videos"));
    assert_eq!(videos["data"][0]["id"], json!(id));
    let chat = start("chat");
    let waiting = "waiting_for_input";
    assert_eq!(words(&world, &chat, 4), ["thinking", waiting, waiting, waiting]);
    assert_eq!(get(&world, &chat)["data"]["video_id"], Value::Null);
    post(&world, &chat, json!({ "message": "Cheerful" }));
    assert_eq!(words(&world, &chat, 2), ["generating", "completed"]);
    let first = get(&world, &chat)["data"]["video_id"].clone();
    assert!(first.is_string());
    // One more message makes one more video; until then the session shows the first.
    post(&world, &chat, json!({ "message": "Shorter" }));
    let body = get(&world, &chat);
    assert_eq!((&body["data"]["status"], &body["data"]["video_id"]), (&json!("thinking"), &first));
    assert_eq!(words(&world, &chat, 2), ["generating", "completed"]);
    let second = get(&world, &chat)["data"]["video_id"].clone();
    assert!(second.is_string() && second != first);
    assert_eq!(get(&world, &format!("{chat}/videos"))["data"].as_array().map(Vec::len), Some(2));
}

#[test]
fn twins_wait_for_consent() {
    let world = world();
    let operation = catalogue::find("POST", "/v3/avatars").expect("an operation");
    let schema = operation.body_schema().and_then(Schema::parse).expect("a schema");
    let twin = schema.variants().into_iter().find(|own| own.tag == Some("digital_twin"));
    let mut body = example(twin.expect("a variant").schema, Extent::Required);
    body["type"] = json!("digital_twin");
    let made = post(&world, "/v3/avatars", body);
    let text = |pointer: &str| {
        made.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (look, group) = (text("/data/avatar_item/id"), text("/data/avatar_group/id"));
    let look = format!("/v3/avatars/looks/{look}");
    assert_eq!(words(&world, &look, 3), ["processing", "pending_consent", "pending_consent"]);
    let consent = post(&world, &format!("/v3/avatars/{group}/consent"), json!({}));
    assert_eq!(consent["data"]["avatar_group"]["consent_status"], "approved");
    assert_eq!(words(&world, &look, 2), ["processing", "completed"]);
}

#[test]
fn batches_follow_their_items() {
    let world = world();
    let body = json!({ "videos": [video(), video(), video()], "title": "T" });
    let made = post(&world, "/v3/videos/batches", body);
    let batch = made["data"]["batch_id"].as_str().unwrap_or_default().to_owned();
    let target = format!("/v3/videos/batches/{batch}?limit=2");
    assert_eq!(words(&world, &target, 2), ["processing", "processing"]);
    let done = get(&world, &target);
    assert_eq!(done["data"]["status"], "completed");
    assert_eq!(done["data"]["counts_by_status"], json!({ "completed": 3 }));
    assert_eq!(done["data"]["items"].as_array().map(Vec::len), Some(2));
    let next = done["data"]["next_token"].as_str().unwrap_or_default().to_owned();
    let second = get(&world, &format!("{target}&token={next}"));
    assert_eq!(second["data"]["items"][0]["item_index"], json!(2));
    let states = get(&world, &format!("/v3/videos/statuses?video_ids=x&batch_ids={batch}"));
    let found: Vec<&str> = states["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["status"].as_str())
        .collect();
    assert_eq!(found, ["not_found", "completed", "completed", "completed"]);
}

#[test]
fn translations_start_one_job_per_language() {
    let world = world();
    let body = json!({
        "video": { "type": "url", "url": "https://example.com/a.mp4" },
        "output_languages": ["French", "German"],
    });
    let made = post(&world, "/v3/video-translations", body);
    let ids = made["data"]["video_translation_ids"].as_array().cloned().unwrap_or_default();
    let languages: Vec<Value> = ids
        .iter()
        .filter_map(Value::as_str)
        .map(|id| {
            get(&world, &format!("/v3/video-translations/{id}"))["data"]["output_language"].clone()
        })
        .collect();
    assert_eq!(languages, [json!("French"), json!("German")], "{made}");
}

#[test]
fn failed_jobs_say_why() {
    let fail_jobs = vec![("video".to_owned(), "script_too_short".to_owned())];
    let world = World::new(WorldOptions { fail_jobs, balance: Some(1.0), ..options() });
    let id = post(&world, "/v3/videos", video())["data"]["video_id"].as_str().map(str::to_owned);
    let target = format!("/v3/videos/{}", id.unwrap_or_default());
    assert_eq!(words(&world, &target, 3), ["pending", "processing", "failed"]);
    let failed = get(&world, &target);
    assert_eq!(failed["data"]["failure_code"], "script_too_short");
    assert_eq!(failed["data"]["failure_message"], "Script too short.");
    assert_eq!(failed["data"]["video_url"], Value::Null);
    let wallet = get(&world, "/v3/users/me")["data"]["wallet"]["remaining_balance"].to_string();
    assert_eq!(wallet, "1.0");
}

// Files.

fn finished_video(world: &World) -> String {
    let id = post(world, "/v3/videos", video())["data"]["video_id"].as_str().map(str::to_owned);
    let target = format!("/v3/videos/{}", id.unwrap_or_default());
    let link =
        (0..4).filter_map(|_| get(world, &target)["data"]["video_url"].as_str().map(str::to_owned));
    link.last().unwrap_or_default()
}

#[test]
fn films_are_downloaded_in_ranges() {
    let world = world();
    let link = finished_video(&world);
    let bare = Request { headers: Vec::new(), ..request("GET", &link) };
    let whole = world.respond(&bare);
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("video/mp4")));
    let etag = whole.header("etag").unwrap_or_default().to_owned();
    let total = whole.body.len();
    let check = |headers: &[(&str, &str)], status: u16, range: Option<String>, length: usize| {
        let request =
            headers.iter().fold(bare.clone(), |own, (name, value)| with(own, name, value));
        let found = world.respond(&request);
        assert_eq!(found.status, status, "{headers:?}");
        assert_eq!(found.header("content-range").map(str::to_owned), range, "{headers:?}");
        assert_eq!(found.header("etag"), Some(etag.as_str()), "{headers:?}");
        if status != 416 {
            assert_eq!(found.body.len(), length, "{headers:?}");
        }
    };
    check(&[("Range", "bytes=0-99")], 206, Some(format!("bytes 0-99/{total}")), 100);
    check(
        &[("Range", "bytes=-10")],
        206,
        Some(format!("bytes {}-{}/{total}", total - 10, total - 1)),
        10,
    );
    check(&[("Range", "bytes=999999-")], 416, Some(format!("bytes */{total}")), 0);
    check(
        &[("Range", "bytes=0-9"), ("If-Range", &etag)],
        206,
        Some(format!("bytes 0-9/{total}")),
        10,
    );
    check(&[("Range", "bytes=0-9"), ("If-Range", "\"other\"")], 200, None, total);
    check(&[("If-None-Match", &etag)], 304, None, 0);
    let other = Request { query: vec![("Expires".to_owned(), "1".to_owned())], ..bare.clone() };
    assert_eq!(world.respond(&other).status, 403);
    assert_eq!(world.respond(&Request { method: "HEAD".to_owned(), ..bare }).body.len(), total);
}

#[test]
fn links_expire() {
    let world = World::new(WorldOptions { expire_urls: Duration::ZERO, ..options() });
    let link = finished_video(&world);
    std::thread::park_timeout(Duration::from_millis(1_100));
    let response = world.respond(&request("GET", &link));
    assert_eq!(response.status, 403);
    assert!(String::from_utf8_lossy(&response.body).contains("expired"));
}

#[test]
fn files_come_with_a_multipart_body() {
    let world = world();
    let upload = |body: &str, content_type: &str| {
        let request = with(request("POST", "/v3/assets"), "Content-Type", content_type);
        world.respond(&Request { body: body.as_bytes().to_vec(), ..request })
    };
    let form = "multipart/form-data; boundary=XX";
    let made = upload(FORM, form);
    assert_eq!(status_and(&made, "/data/size_bytes"), (200, "5".to_owned()));
    assert_eq!(status_and(&made, "/data/mime_type").1, "image/png");
    let link = status_and(&made, "/data/url").1;
    assert_eq!(world.respond(&request("GET", &link)).body, b"bytes");
    assert_eq!(status_and(&upload("x", form), "/error/param"), (400, "file".to_owned()));
    assert_eq!(upload("x", "application/json").status, 415);
}

#[test]
fn direct_uploads_are_verified() {
    let world = world();
    let checksum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let announced = post(
        &world,
        "/v3/assets/direct-uploads",
        json!({
            "filename": "a.mp4", "content_type": "video/mp4", "size_bytes": 5,
            "checksum_sha256": checksum,
        }),
    );
    let link = announced["data"]["upload_url"].as_str().unwrap_or_default().to_owned();
    let id = announced["data"]["asset_id"].as_str().unwrap_or_default().to_owned();
    let complete = format!("/v3/assets/{id}/complete");
    let completed =
        |world: &World| world.respond(&with_body(request("POST", &complete), &json!({})));
    assert_eq!(completed(&world).status, 409);
    assert_eq!(world.respond(&request("GET", &format!("/v3/assets/{id}"))).status, 404);
    let put = |extra: &[(&str, &str)], content_type: &str, body: &str| {
        let bare = Request {
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            ..request("PUT", &link)
        };
        let signed = announced["data"]["upload_headers"]["x-amz-checksum-sha256"].as_str();
        let request = with(bare, "Content-Type", content_type);
        let request = with(request, "X-Amz-Checksum-Sha256", signed.unwrap_or_default());
        let request = extra.iter().fold(request, |own, (name, value)| with(own, name, value));
        world.respond(&request).status
    };
    for name in ["X-Api-Key", "Authorization", "Cookie", "Idempotency-Key", "x-amz-acl"] {
        assert_eq!(put(&[(name, "x")], "video/mp4", "hello"), 403, "{name}");
    }
    assert_eq!(put(&[], "video/webm", "hello"), 403);
    assert_eq!(put(&[], "video/mp4", "hello!"), 403);
    assert_eq!(put(&[], "video/mp4", "hellO"), 403);
    assert_eq!(put(&[("User-Agent", "curl"), ("Accept", "*/*")], "video/mp4", "hello"), 200);
    assert_eq!(status_and(&completed(&world), "/data/asset_id"), (200, id.clone()));
    assert_eq!(completed(&world).status, 200);
    assert_eq!(get(&world, &format!("/v3/assets/{id}"))["data"]["id"], json!(id));
}
