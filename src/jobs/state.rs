//! The state of a job, from the words of the catalogue and from those that HeyGen uses everywhere.

use super::at;
use super::files::next_id;
use super::job::{Before, Job};
use crate::catalogue::job::Job as Facts;
use crate::json;

/// The place of the state where the catalogue does not know it.
const USUAL_PLACE: &str = "data.status";

/// Words for a job that ended well, with those of HeyGen's operations that the catalogue lacks.
const OK: [&str; 6] = ["completed", "complete", "success", "succeeded", "active", "streaming"];

const FAILED: [&str; 7] =
    ["failed", "fail", "error", "cancelled", "canceled", "partial", "not_found"];

const RUNNING: [&str; 11] = [
    "waiting",
    "pending",
    "processing",
    "queued",
    "running",
    "thinking",
    "generating",
    "reviewing",
    "loading",
    "rendering",
    "in_progress",
];

/// What a response says of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// HeyGen's word.
    pub word: String,
    /// Its meaning.
    pub stage: Stage,
    /// The part that is done, in percent, if HeyGen says so.
    pub progress: Option<i64>,
}

/// The meaning of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It goes on.
    Running,
    /// Nobody has told what the word means: it goes on.
    Unknown,
    /// It ended well.
    Done,
    /// It ended badly.
    Failed,
    /// Somebody has to answer a question of it.
    NeedsInput,
    /// Somebody has to consent to it.
    NeedsConsent,
}

/// The state in a response; `None` if it tells none.
pub fn state(facts: Option<Facts>, whole: &[u8]) -> Option<State> {
    let place = facts.map_or(USUAL_PLACE, Facts::status);
    let value = at(whole, place).or_else(|| json::member(whole, "status"))?;
    let state = json::as_text(value).map(|word| of_word(facts, &word))?;
    let data = json::member(whole, "data").unwrap_or(whole);
    let progress = json::member(data, "progress").and_then(json::as_integer);
    Some(State { progress: progress.filter(|percent| (0..=100).contains(percent)), ..state })
}

/// The state in a response that is read before the job is asked to go on.
pub fn before(job: &Job, whole: &[u8]) -> Before {
    Before { state: state(job.facts(), whole).map(|state| state.word), next: next_id(job, whole) }
}

/// The state of a word, compared without case.
pub fn of_word(facts: Option<Facts>, word: &str) -> State {
    // The word stays as it came: in lower case a key in base64 would not be known for one.
    let given = word;
    let word = word.to_lowercase();
    let listed = |mut words: Box<dyn Iterator<Item = &'static str>>| {
        words.any(|known| known.eq_ignore_ascii_case(&word))
    };
    let stage = match word.as_str() {
        // In the catalogue they are running: HeyGen waits, and so would we for ever.
        "waiting_for_input" => Stage::NeedsInput,
        "pending_consent" => Stage::NeedsConsent,
        _ if facts.is_some_and(|facts| listed(Box::new(facts.ok()))) => Stage::Done,
        _ if facts.is_some_and(|facts| listed(Box::new(facts.failed()))) => Stage::Failed,
        _ if facts.is_some_and(|facts| listed(Box::new(facts.running()))) => Stage::Running,
        word if OK.contains(&word) => Stage::Done,
        word if FAILED.contains(&word) => Stage::Failed,
        word if RUNNING.contains(&word) => Stage::Running,
        _ => Stage::Unknown,
    };
    State { word: given.to_owned(), stage, progress: None }
}

/// Returns whether an item of a batch failed.
pub(super) fn is_failed(item: &[u8]) -> bool {
    let word = json::member(item, "status").and_then(json::as_text).unwrap_or_default();
    of_word(None, &word).stage == Stage::Failed
}

/// The code and the message with which a job failed, as far as the response has them.
pub fn failure(whole: &[u8]) -> (Option<String>, Option<String>) {
    let data = json::member(whole, "data").unwrap_or(whole);
    let text = |object: &[u8], names: &[&str]| {
        let value = |name: &&str| json::member(object, name).and_then(json::as_text);
        names.iter().find_map(value).filter(|text| !text.is_empty())
    };
    let error = json::member(data, "error").unwrap_or_default();
    let code = text(data, &["failure_code", "error_code"]).or_else(|| text(error, &["code"]));
    let message = text(data, &["failure_message", "error_message"])
        .or_else(|| text(error, &["message", "detail"]))
        .or_else(|| json::as_text(error).filter(|text| !text.is_empty()));
    (code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn words_of_the_catalogue_and_common_ones() {
        let check = |path: &str, word: &str, stage: Stage| {
            let facts = catalogue::find("GET", path).and_then(|operation| operation.polled_job());
            assert_eq!(of_word(facts, word).stage, stage, "{path} {word}");
        };
        check("/v3/videos/v", "completed", Stage::Done);
        check("/v3/videos/v", "Processing", Stage::Running);
        check("/v3/videos/v", "failed", Stage::Failed);
        check("/v3/videos/v", "resting", Stage::Unknown);
        check("/v3/models/audio/voices/v", "ACTIVE", Stage::Done);
        check("/v3/workflow-runs/r", "partial", Stage::Failed);
        check("/v3/video-agents/s", "waiting_for_input", Stage::NeedsInput);
        check("/v3/avatars/looks/l", "pending_consent", Stage::NeedsConsent);
        check("/v4/new", "success", Stage::Done);
        check("/v4/new", "queued", Stage::Running);
    }

    /// Every state that the catalogue lists has a meaning, and the poll's own schema agrees.
    #[test]
    fn every_listed_state_is_known() {
        for facts in catalogue::all().filter_map(|operation| operation.job()) {
            for word in facts.ok() {
                assert_eq!(of_word(Some(facts), word).stage, Stage::Done, "{word}");
            }
            for word in facts.failed() {
                assert_eq!(of_word(Some(facts), word).stage, Stage::Failed, "{word}");
            }
            for word in facts.running() {
                let stage = of_word(Some(facts), word).stage;
                assert!(!matches!(stage, Stage::Done | Stage::Failed | Stage::Unknown), "{word}");
            }
        }
    }

    #[test]
    fn failures_have_code_and_message() {
        let check = |body: &str, code: Option<&str>, message: Option<&str>| {
            let (got_code, got_message) = failure(body.as_bytes());
            assert_eq!((got_code.as_deref(), got_message.as_deref()), (code, message), "{body}");
        };
        check(
            r#"{"data":{"failure_code":"script_too_short","failure_message":"Too short."}}"#,
            Some("script_too_short"),
            Some("Too short."),
        );
        check(r#"{"data":{"error":{"code":"e","message":"m"}}}"#, Some("e"), Some("m"));
        check(r#"{"data":{"error":"no voice"}}"#, None, Some("no voice"));
        check(r#"{"data":{"status":"failed","failure_code":null}}"#, None, None);
    }
}
