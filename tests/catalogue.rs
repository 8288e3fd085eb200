//! The catalogue: every operation of the API descriptions, and facts about them that must fit.

use std::collections::BTreeMap;
use std::fs;

use heygen_cli::catalogue::{self, Operation, Place, all, component, find, methods_of};
use proptest::prelude::*;
use serde_json::Value;

fn description(version: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalogue");
    let text = fs::read_to_string(format!("{folder}/heygen-{version}.openapi.json"));
    serde_json::from_str(&text.expect("a description")).expect("JSON")
}

/// Method and path of every operation of a description.
fn described(version: &str) -> Vec<(String, String)> {
    let description = description(version);
    let paths = description["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn found(method: &str, path: &str) -> Option<String> {
    find(method, path).map(|operation| operation.to_string())
}

#[test]
fn catalogue_holds_all_described_operations() {
    let (v3, legacy) = (described("v3"), described("legacy"));
    assert_eq!((v3.len(), legacy.len()), (140, 85));
    let listed: Vec<(String, String)> =
        all().map(|own| (own.method().to_owned(), own.path().to_owned())).collect();
    assert_eq!(listed, [v3, legacy].concat());
    let retired = all().filter(|operation| operation.retired().is_some()).count();
    assert_eq!(retired, 85);
}

#[test]
fn find_takes_templates_and_ids() {
    for operation in all() {
        let (method, template) = (operation.method(), operation.path());
        assert_eq!(find(method, template), Some(operation));
        for id in ["0a1b2c3d", "%E2%82%AC%2F", "ä", "{", "a.b:c"] {
            let filled = |segment| if str::starts_with(segment, '{') { id } else { segment };
            let path = template.split('/').map(filled).collect::<Vec<_>>().join("/");
            assert_eq!(find(method, &path), Some(operation), "{path}");
        }
    }
}

#[test]
fn find_prefers_literal_segments() {
    let check = |method: &str, path: &str, expected: Option<&str>| {
        assert_eq!(found(method, path).as_deref(), expected, "{method} {path}");
    };
    check("GET", "/v3/videos/statuses", Some("GET /v3/videos/statuses"));
    check("GET", "/v3/videos/status", Some("GET /v3/videos/{video_id}"));
    check("GET", "/v3/videos/statuses/scenes", Some("GET /v3/videos/{video_id}/scenes"));
    check("GET", "/v3/avatars/looks", Some("GET /v3/avatars/looks"));
    check("GET", "/v2/photo_avatar/7", Some("GET /v2/photo_avatar/{id}"));
    // The path is known, the method is not.
    check("DELETE", "/v3/videos/statuses", None);
    check("HEAD", "/v3/videos", Some("GET /v3/videos"));
    check("HEAD", "/v3/videos/batches", None);
    check("get", "/v3/videos", None);
    for path in ["", "/", "v3/videos", "/v3", "/v3/", "/v3/videos/", "//v3/videos", "/v3//videos"] {
        check("GET", path, None);
    }
    check("GET", "/v3/videos/v1/", None);
    check("GET", "/v3/videos/v1/scenes/x", None);
    check("GET", "/V3/videos", None);
}

#[test]
fn paths_know_their_methods() {
    let check = |path: &str, expected: &[&str]| {
        let mut methods: Vec<&str> = methods_of(path).collect();
        methods.sort_unstable();
        assert_eq!(methods, expected, "{path}");
    };
    check("/v3/videos", &["GET", "POST"]);
    check("/v3/videos/statuses", &["GET"]);
    check("/v3/avatars/g1", &["DELETE", "GET", "PATCH"]);
    check("/v1/folders", &["GET"]);
    check("/v3/nothing", &[]);
}

/// The best fit by comparing a path with every template, segment by segment.
fn found_slowly(method: &str, path: &str) -> Option<Operation> {
    let literals = |operation: &Operation| {
        let pairs = operation.path().split('/').zip(path.split('/'));
        let fits = pairs.map(|(wanted, given)| match wanted.starts_with('{') {
            true => (!given.is_empty()).then_some(false),
            false => (wanted == given).then_some(true),
        });
        let lengths = operation.path().split('/').count() == path.split('/').count();
        fits.collect::<Option<Vec<bool>>>().filter(|_| lengths)
    };
    let best = all().filter_map(|operation| literals(&operation)).max()?;
    let of_method = |method: &str| {
        all().find(|own| own.method() == method && literals(own).as_ref() == Some(&best))
    };
    of_method(method).or_else(|| of_method("GET").filter(|_| method == "HEAD"))
}

/// Segments of templates, and others.
fn segments() -> impl Strategy<Value = String> {
    let mut known: Vec<&str> = all().flat_map(|operation| operation.path().split('/')).collect();
    known.sort_unstable();
    known.dedup();
    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    prop_oneof![8 => prop::sample::select(known), 1 => "[a-z0-9%.{}]{0,6}", 1 => "\\PC{0,4}"]
}

/// Templates with some of their segments replaced, removed or added.
fn paths() -> impl Strategy<Value = String> {
    let templates: Vec<&str> = all().map(Operation::path).collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..3, segments()), 0..4);
    (prop::sample::select(templates), changes).prop_map(|(template, changes)| {
        let mut parts: Vec<String> = template.split('/').map(str::to_owned).collect();
        for (index, change, segment) in changes {
            let index = index.index(parts.len());
            match change {
                0 => parts[index] = segment,
                1 => parts.insert(index, segment),
                _ if parts.len() > 1 => drop(parts.remove(index)),
                _ => {}
            }
        }
        parts.join("/")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn find_agrees_with_slow_search(path in paths()) {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            prop_assert_eq!(find(method, &path), found_slowly(method, &path), "{} {}", method, path);
        }
    }

    #[test]
    fn find_takes_any_text(method in "\\PC{0,8}", path in any::<String>()) {
        prop_assert_eq!(find(&method, &path), found_slowly(&method, &path));
        prop_assert_eq!(methods_of(&path).count(), 0);
    }
}

#[test]
fn summaries_are_short_and_present() {
    for operation in all() {
        let summary = operation.summary();
        let first = summary.chars().next();
        assert!(first.is_some_and(char::is_uppercase), "{operation}: {summary}");
        assert!(summary.chars().count() <= 60 && !summary.ends_with('.'), "{operation}: {summary}");
    }
}

#[test]
fn commands_of_v3_are_unique() {
    let mut commands = BTreeMap::new();
    for operation in all().filter(|operation| operation.retired().is_none()) {
        let command = operation.command().expect("every operation of v3 has a command");
        let words = [operation.noun(), operation.verb()].map(|words| words.expect("words"));
        assert_eq!(command, words.join(" "));
        assert_eq!(commands.insert(command, operation), None, "{command}");
    }
}

#[test]
fn jobs_can_be_polled() {
    let jobs = || all().filter_map(|operation| Some((operation, operation.job()?)));
    assert_eq!(jobs().filter(|(operation, _)| operation.retired().is_none()).count(), 27);
    assert_eq!(jobs().count(), 39);
    for (operation, job) in jobs() {
        assert_eq!(job.poll().method(), "GET", "{operation}");
        assert_eq!(job.poll().polled_job().map(|job| job.poll()), Some(job.poll()));
        let has_place = job.poll().parameters().any(|own| own.place() == Place::Path);
        assert_eq!(has_place, job.poll_query().is_none(), "{operation}");
        if let Some(name) = job.poll_query() {
            assert!(job.poll().parameter(Place::Query, name).is_some(), "{operation}: {name}");
        }
        if operation.retired().is_none() {
            assert!(job.id().is_some(), "{operation}");
            assert!(job.ok().count() > 0 && job.failed().count() > 0, "{operation}");
            assert!(job.poll().kind().is_some(), "{operation}");
        }
    }
}

#[test]
fn jobs_know_places_and_states() {
    let job =
        |method: &str, path: &str| find(method, path).and_then(Operation::job).expect("a job");
    let video = job("POST", "/v3/videos");
    assert_eq!((video.id(), video.status()), (Some("data.video_id"), "data.status"));
    assert_eq!(video.running().collect::<Vec<_>>(), ["pending", "processing"]);
    assert_eq!(video.ok().collect::<Vec<_>>(), ["completed"]);
    assert_eq!(video.failed().collect::<Vec<_>>(), ["failed"]);
    assert_eq!(video.then(), None);
    let translations = job("POST", "/v3/video-translations");
    assert_eq!(translations.id(), Some("data.video_translation_ids"));
    assert!(translations.is_several() && !video.is_several());
    let then = job("POST", "/v3/video-agents").then().expect("a video");
    assert_eq!((then.id, then.poll.kind()), ("data.video_id", Some("video")));
    let old = job("POST", "/v2/video/generate");
    assert_eq!(old.poll_query(), Some("video_id"));
    assert_eq!(old.poll().to_string(), "GET /v1/video_status.get");
}

#[test]
fn replacements_exist_in_v3() {
    let replaced: Vec<Operation> = all().filter(|own| own.replacement().is_some()).collect();
    assert_eq!(replaced.len(), 57);
    for operation in replaced {
        let replacement = operation.replaced_by().expect("an operation");
        assert!(operation.retired() == Some(catalogue::LEGACY_END), "{operation}");
        assert!(replacement.retired().is_none() && replacement.version() == 3, "{operation}");
        let text = operation.replacement().expect("a replacement");
        assert!(text.starts_with(&replacement.to_string()), "{operation}: {text}");
    }
}

#[test]
fn facts_of_some_operations() {
    let operation = |method: &str, path: &str| find(method, path).expect("an operation");
    let create = operation("POST", "/v3/videos");
    assert!(create.is_billed() && create.requires_body() && !create.is_destructive());
    assert_eq!(
        create.body_schema(),
        Some(r##"{"$ref":"#/components/schemas/CreateVideoRequest"}"##)
    );
    assert_eq!(
        create.bodies().map(|body| body.media_type()).collect::<Vec<_>>(),
        ["application/json"]
    );
    assert_eq!(create.success_status(), Some(200));
    assert_eq!(create.server(), None);
    let key = create.parameter(Place::Header, "idempotency-key").expect("a header");
    assert!(!key.is_required());
    let list = operation("GET", "/v3/videos");
    assert_eq!(
        list.columns().collect::<Vec<_>>(),
        ["id", "title", "status", "duration", "created_at"]
    );
    assert_eq!(list.command(), Some("video list"));
    let limit = list.parameter(Place::Query, "limit").expect("a parameter").schema();
    assert_eq!(limit, r#"{"type":"integer","minimum":1,"maximum":100,"default":10}"#);
    assert_eq!(list.body_schema(), None);
    assert_eq!(operation("POST", "/v3/lipsyncs").success_status(), Some(200));
    assert_eq!(operation("POST", "/v3/podcasts").success_status(), Some(202));
    assert_eq!(
        operation("POST", "/v3/workflows").responses().map(|own| own.status()).collect::<Vec<_>>(),
        [201, 200]
    );
    let upload = operation("POST", "/v3/assets");
    assert_eq!(upload.max_bytes(), Some(33_554_432));
    assert_eq!(upload.bodies().next().map(|body| body.media_type()), Some("multipart/form-data"));
    assert!(operation("POST", "/v3/avatar-realtime/s1/cancel").is_destructive());
    assert!(operation("GET", "/v3/assets").is_preview());
    assert_eq!(operation("POST", "/v3/ai-clipping").scope(), Some("ai_clipping:write"));
    assert_eq!(operation("POST", "/v1/asset").server(), Some("https://upload.heygen.com"));
    assert_eq!(operation("POST", "/v1/asset").bodies().count(), 5);
    assert!(all().filter(|own| own.method() == "DELETE").all(Operation::is_destructive));
    let resource = operation("GET", "/v3/video-agents/{session_id}/resources/{resource_id}");
    let names: Vec<&str> = resource.parameters().map(|own| own.name()).collect();
    assert_eq!(names, ["session_id", "resource_id"]);
}

/// Every reference below a schema.
fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.push(reference.to_owned());
            }
            members.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

#[test]
fn schemas_are_json_with_known_references() {
    let mut waiting: Vec<String> = Vec::new();
    for operation in all() {
        for parameter in operation.parameters() {
            assert!(json(parameter.schema()).is_object(), "{operation}");
        }
        let responses = operation.responses().flat_map(|response| response.contents());
        for content in operation.bodies().chain(responses) {
            let schema = json(content.schema().expect("a schema"));
            references(&schema, &mut waiting);
            content.examples().for_each(|(_, example)| drop(json(example)));
        }
    }
    let mut seen = BTreeMap::new();
    while let Some(reference) = waiting.pop() {
        let schema = component(&reference).unwrap_or_else(|| panic!("{reference} is unknown"));
        if seen.insert(reference, schema).is_none() {
            references(&json(schema), &mut waiting);
        }
    }
    assert!(seen.len() > 200, "{}", seen.len());
    assert_eq!(component("Nothing"), None);
    // Both descriptions have a `Voice`.
    assert_ne!(component("Voice"), component("LegacyVoice"));
    let unit =
        json(component("Asset").expect("a schema"))["properties"]["uploaded_at"]["x-unit"].take();
    assert_eq!(unit, "unix-seconds");
}
