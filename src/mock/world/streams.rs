//! Event streams: speech as it is made, and the words of an avatar.

use serde_json::{Value, json};

use super::World;
use super::call::Call;
use super::media;
use super::refusal::Refusal;
use super::work::Answer;
use crate::mock::exchange::Response;

const EVENTS: &str = "text/event-stream";

/// The bytes of sound in one event.
const CHUNK: usize = 2_048;

/// Serves the operations whose response is a stream of events.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    if call.plan.media_type != EVENTS {
        return None;
    }
    let frames = match call.operation.method() {
        "GET" => world.find(call).map(|_| words()),
        _ => world.charge(call.operation, &call.body).map(|()| speech(call)),
    };
    let response = |frames: String| Answer::Other(Response::new(200, EVENTS, frames));
    Some(frames.map(response))
}

fn frame(event: &Value) -> String {
    format!("data: {event}\n\n")
}

/// Sound in chunks, the words of the text with their times, and the end.
fn speech(call: &Call<'_>) -> String {
    use base64::Engine as _;
    let sound = media::bytes("mp3", "");
    let chunks = sound.chunks(CHUNK).enumerate().map(|(index, chunk)| {
        let audio = base64::engine::general_purpose::STANDARD.encode(chunk);
        frame(&json!({ "type": "audio", "part_index": index, "audio": audio }))
    });
    let text = call.text("text").unwrap_or("Hello");
    let words = text.split_whitespace().take(100).enumerate().map(|(index, word)| {
        let start = index as f64 * 0.5;
        json!({ "text": word, "start_time": start, "end_time": start + 0.5, "confidence": 1.0 })
    });
    let alignment = json!({ "type": "alignment", "word_alignments": words.collect::<Value>() });
    let mut frames: String = chunks.collect();
    if text.split_whitespace().next().is_some() {
        frames.push_str(&frame(&alignment));
    }
    frames + "data: [DONE]\n\n"
}

/// No words were spoken, and the stream has ended.
fn words() -> String {
    let end = json!({ "reason": "completed" });
    format!("{}event: end\n{}", frame(&json!({ "words": [] })), frame(&end))
}
