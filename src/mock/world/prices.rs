//! What calls cost: HeyGen's documented prices, for films of ten seconds.

use serde_json::Value;

use super::media::SECONDS;
use crate::catalogue;
use crate::catalogue::operation::Operation;

/// Millionths of a US dollar.
pub(super) type Micros = i64;

/// The price of a billed call without a documented price.
const OTHER: Micros = 100_000;

/// Beginnings of paths with a member and its value that choose a price, per second or per call.
const PRICES: &[(&str, &str, &str, Price)] = &[
    ("/v3/videos", "type", "cinematic_avatar", Price::Call(7_000_000)),
    ("/v3/videos", "type", "image", Price::Second(50_000)),
    ("/v3/videos", "resolution", "4k", Price::Second(83_300)),
    ("/v3/videos", "", "", Price::Second(66_700)),
    ("/v3/templates", "", "", Price::Second(66_700)),
    ("/v3/video-agents", "", "", Price::Second(33_300)),
    ("/v3/video-translations/proofreads", "", "", Price::Second(8_300)),
    ("/v3/video-translations", "translate_audio_only", "true", Price::Second(16_700)),
    ("/v3/video-translations", "mode", "precision", Price::Second(66_700)),
    ("/v3/video-translations", "", "", Price::Second(33_300)),
    ("/v3/lipsyncs", "mode", "precision", Price::Second(66_700)),
    ("/v3/lipsyncs", "", "", Price::Second(33_300)),
    ("/v3/voices/speech", "", "", Price::Second(667)),
    ("/v3/avatars", "", "", Price::Call(1_000_000)),
    ("/v3/avatar-realtime", "", "", Price::Second(50_000)),
    ("/v3/filler-word-removals", "", "", Price::Call(300_000)),
];

#[derive(Clone, Copy)]
enum Price {
    Second(Micros),
    Call(Micros),
}

/// The price of a call with a body; nothing for an operation that is not billed.
pub(super) fn of(operation: Operation, body: &Value) -> Micros {
    if !operation.is_billed() {
        return 0;
    }
    if let Some((items, single)) = items(operation, body) {
        return items.iter().map(|item| of(single, item)).sum();
    }
    let languages = body["output_languages"].as_array().map_or(1, |list| list.len().max(1));
    let path = operation.replaced_by().unwrap_or(operation).path();
    let is_chosen = |name: &str, value: &str| match &body[name] {
        Value::String(text) => text == value,
        Value::Bool(is_set) => *is_set && value == "true",
        _ => name.is_empty(),
    };
    let price = PRICES
        .iter()
        .find(|(start, name, value, _)| path.starts_with(start) && is_chosen(name, value));
    let once = match price.map(|(_, _, _, price)| *price) {
        Some(Price::Second(price)) => price * Micros::from(SECONDS),
        Some(Price::Call(price)) => price,
        None => OTHER,
    };
    once * languages as Micros
}

/// The bodies of a batch, and the operation that takes one of them.
pub(super) fn items(operation: Operation, body: &Value) -> Option<(&Vec<Value>, Operation)> {
    let single = catalogue::find("POST", operation.path().strip_suffix("/batches")?)?;
    let mut members = body.as_object()?.values().filter_map(Value::as_array);
    Some((members.find(|items| items.iter().all(Value::is_object))?, single))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn creates_cost_their_documented_price() {
        let check = |path: &str, body: Value, expected: Micros| {
            let operation = catalogue::find("POST", path).expect("an operation");
            assert_eq!(of(operation, &body), expected, "{path} {body}");
        };
        check("/v3/videos", json!({ "type": "avatar" }), 667_000);
        check("/v3/videos", json!({ "type": "image" }), 500_000);
        check("/v2/video/generate", json!({}), 667_000);
        check("/v3/video-agents", json!({}), 333_000);
        check("/v3/video-translations", json!({ "output_languages": ["a", "b"] }), 666_000);
        check("/v3/videos/batches", json!({ "videos": [{ "type": "image" }, {}] }), 1_167_000);
        check("/v3/avatars", json!({}), 1_000_000);
        check("/v3/podcasts", json!({}), OTHER);
        check("/v3/folders", json!({}), 0);
    }
}
