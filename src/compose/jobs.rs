//! Jobs as they are named on the command line, and on stdin.

use crate::api::origin::{Base, Origin};
use crate::app::context::Context;
use crate::catalogue::{self, Operation};
use crate::error::{Error, system_words};
use crate::file;
use crate::jobs::job::{self, BadJob, Job, USUAL_KIND, kinds};
use crate::json;
use crate::secret::looks_like_key;

/// The most bytes of names on stdin: 16 MiB, some ten thousand signed links.
const LARGEST_LIST: u64 = 16 * 1024 * 1024;

/// The most bytes of a value that an error repeats.
const LONGEST_SHOWN: usize = 200;

const ONE_PER_LINE: &str = "write one ID per line, such as v_5d1 or lipsync:ID";

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    Job(Box<Job>),
    /// The link to a file.
    Link(String),
}

/// The jobs and links that were named, each once.
///
/// # Errors
/// A name is none, or stdin has none.
pub fn named(names: &[String], context: &Context<'_>) -> Result<Vec<Named>, Error> {
    let base = &context.settings.base;
    let mut all: Vec<Named> = Vec::new();
    for name in names {
        if name != "-" {
            all.push(one(name, base)?);
            continue;
        }
        context.ui.claim_stdin("`-`")?;
        let bytes = file::read_to_limit(context.ui.stdin(), LARGEST_LIST)
            .map_err(|cause| Error::usage(format!("reading stdin: {}", system_words(&cause))))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let byte = error.utf8_error().valid_up_to() + 1;
            Error::usage(format!("stdin is not valid UTF-8 (byte {byte})"))
        })?;
        all.extend(in_text(&text, base)?);
    }
    // A link needs no key, and must not carry one to its host either.
    let holds_key = |one: &Named| match one {
        Named::Job(job) => context.ui.masked(&job.name) != job.name,
        Named::Link(link) => context.ui.masked(link) != *link,
    };
    if all.iter().any(holds_key) {
        return Err(Error::usage_with_hint(
            "the name of a job holds your API key; nothing was sent",
            "a key is never an argument",
        ));
    }
    let mut known = std::collections::BTreeSet::new();
    all.retain(|one| {
        known.insert(match one {
            Named::Job(job) => job.request.target(),
            Named::Link(link) => link.clone(),
        })
    });
    if all.is_empty() {
        return Err(Error::usage_with_hint("stdin names no job", ONE_PER_LINE));
    }
    Ok(all)
}

/// The jobs that were named.
///
/// # Errors
/// A name is none or a link, or stdin has none.
pub fn jobs(names: &[String], context: &Context<'_>) -> Result<Vec<Job>, Error> {
    let named = named(names, context)?;
    let job = |one| match one {
        Named::Job(job) => Ok(*job),
        Named::Link(_) => Err(Error::usage_with_hint(
            "a link to a file is no job to wait for",
            "`heygen download 'URL'` fetches it",
        )),
    };
    named.into_iter().map(job).collect()
}

/// The jobs of a text: one name per line, a JSON string, the objects that creates printed, or a list
/// of them.
fn in_text(text: &str, base: &Base) -> Result<Vec<Named>, Error> {
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    let mut all = Vec::new();
    while !rest.is_empty() {
        // What creates printed one after the other, over several lines each.
        let end = match rest.starts_with(['{', '[']) {
            true => document_end(rest.as_bytes()).ok_or_else(|| {
                Error::usage_with_hint("the JSON on stdin has no end", ONE_PER_LINE)
            })?,
            false => rest.find('\n').unwrap_or(rest.len()),
        };
        let (part, behind) = rest.split_at(end);
        all.extend(in_part(part.trim(), base)?);
        rest = behind.trim_start();
    }
    Ok(all)
}

/// The jobs of a line, or of a JSON document.
fn in_part(text: &str, base: &Base) -> Result<Vec<Named>, Error> {
    // `12e4` may be an ID, and is no number.
    if !text.starts_with(['{', '[', '"']) {
        return one(text, base).map(|named| vec![named]);
    }
    match json::parse(text.as_bytes()) {
        Ok(document) if document.is_array() => {
            flat(json::elements(document.value()).map(|value| of_value(value, base)))
        }
        Ok(document) => of_value(document.value(), base),
        Err(fault) if text.starts_with(['{', '[']) => {
            Err(Error::usage_with_hint(format!("invalid JSON on stdin: {fault}"), ONE_PER_LINE))
        }
        Err(_) => one(text, base).map(|named| vec![named]),
    }
}

/// The end of the object or array at the beginning of a text; whether it is valid is asked later.
fn document_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'{' | b'[' if !is_string => depth += 1,
            b'}' | b']' if !is_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn flat(named: impl Iterator<Item = Result<Vec<Named>, Error>>) -> Result<Vec<Named>, Error> {
    named.collect::<Result<Vec<_>, _>>().map(|named| named.into_iter().flatten().collect())
}

/// The jobs of an object, or that of a name in JSON.
fn of_value(value: &[u8], base: &Base) -> Result<Vec<Named>, Error> {
    if json::is_object(value) {
        return of_object(value, base);
    }
    match job::id_text(value) {
        Some(name) => one(&name, base).map(|named| vec![named]),
        None => {
            // Cut, half a key could stand at its end.
            let shown = match value.len() <= LONGEST_SHOWN {
                true => String::from_utf8_lossy(value),
                false => "…".into(),
            };
            let message = format!("`{shown}` on stdin names no job");
            Err(Error::usage_with_hint(message, ONE_PER_LINE))
        }
    }
}

/// The jobs of an object: those of a member which creates put their IDs into, such as `video_id`. Of
/// several kinds it is that of videos, as for an ID alone.
fn of_object(object: &[u8], base: &Base) -> Result<Vec<Named>, Error> {
    let data = json::member(object, "data").unwrap_or(object);
    let creates = catalogue::all().filter(|own| own.retired().is_none());
    let mut found: Vec<(&str, Operation, Vec<String>)> = Vec::new();
    for facts in creates.filter_map(Operation::job) {
        // `data.id` may be of anything.
        let place = facts.id().and_then(|place| place.strip_prefix("data."));
        let Some(place) = place.filter(|place| *place != "id") else { continue };
        let ids = job::ids_at(place, data);
        if !ids.is_empty() && found.iter().all(|(_, poll, _)| *poll != facts.poll()) {
            found.push((place, facts.poll(), ids));
        }
    }
    let is_usual = |found: &&(&str, Operation, Vec<String>)| found.1.kind() == Some(USUAL_KIND);
    let (poll, ids) = match (found.iter().find(is_usual), found.as_slice()) {
        (Some((_, poll, ids)), _) | (None, [(_, poll, ids)]) => (*poll, ids),
        (None, [(place, ..), ..]) => return Err(several_kinds(place, &found)),
        (None, []) => {
            return match json::member(data, "id").and_then(json::as_text) {
                Some(id) => one(&id, base).map(|named| vec![named]),
                None => Err(Error::usage_with_hint("the JSON on stdin names no job", ONE_PER_LINE)),
            };
        }
    };
    let job = |id: &String| match Job::polled_by(poll, id, base) {
        Ok(job) => Ok(Named::Job(Box::new(job))),
        Err(bad) => Err(bad_job(id, bad)),
    };
    ids.iter().map(job).collect()
}

/// The refusal to guess: batches of videos and of translations both have a `batch_id`.
fn several_kinds(place: &str, found: &[(&str, Operation, Vec<String>)]) -> Error {
    let kinds: Vec<&str> = found.iter().filter_map(|(_, poll, _)| poll.kind()).collect();
    Error::usage_with_hint(
        format!("the `{place}` on stdin can be of several kinds of jobs"),
        format!("write it as KIND:ID; the kind is one of {}", kinds.join(", ")),
    )
}

fn one(name: &str, base: &Base) -> Result<Named, Error> {
    if name.contains("://") {
        return match Job::parse(name, base) {
            // The whole URL of an endpoint is as good as its path, and needs the key.
            Ok(job) if job.request.operation.is_some() => Ok(Named::Job(Box::new(job))),
            _ => link(name).map(Named::Link),
        };
    }
    Job::parse(name, base).map(|job| Named::Job(Box::new(job))).map_err(|bad| bad_job(name, bad))
}

/// The link to a file. A wrong one is not repeated: a password may stand in it.
fn link(text: &str) -> Result<String, Error> {
    match Origin::split(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(bad) => Err(Error::usage_with_hint(
            format!("the link to a file is not valid: {bad}"),
            "a link looks like https://files2.heygen.ai/talk.mp4?Signature=…",
        )),
    }
}

fn bad_job(name: &str, bad: BadJob) -> Error {
    let shown = if looks_like_key(name) { "…" } else { name };
    match bad {
        BadJob::Kind(_) => Error::usage_with_hint(
            format!("`{shown}` names no job: {bad}"),
            format!("the kinds are {}", kinds().collect::<Vec<_>>().join(", ")),
        ),
        BadJob::Endpoint(bad) => Error::usage_with_hint(
            format!("`{shown}` names no job: {bad}"),
            "write the ID of a video, KIND:ID, or an endpoint such as /v3/lipsyncs/ID",
        ),
    }
}
