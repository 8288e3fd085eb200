//! `heygen wait <JOB>…`: until all have ended.

use std::collections::BTreeSet;
use std::io::Read as _;

use http::Method;

use crate::api::origin::Base;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::catalogue::{self, Operation};
use crate::cli::WaitArgs;
use crate::error::Error;
use crate::jobs::job::{BadJob, Job, kinds};
use crate::json;
use crate::output::jobs::{self, PATIENCE, WaitLimits};
use crate::output::style::{OutputFormat, Part, ResponseStyle};
use crate::secret::looks_like_key;

/// The most bytes of names on stdin: 1 MiB.
const LARGEST_LIST: u64 = 1024 * 1024;

const ONE_PER_LINE: &str = "write one ID per line, such as v_5d1 or lipsync:ID";

/// Waits for the jobs and prints their final states.
pub(super) fn run(args: &WaitArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let on_terminal = context.ui.stdout_is_terminal();
    let answer = args.output.as_response();
    let mut style = ResponseStyle::new(&answer, &Method::GET, context.env, on_terminal)?;
    // Several jobs have no envelope, whatever the variable says.
    if !answer.envelope {
        style.part = Part::Data;
    }
    let limits = Limits::new(&args.limits(), context.env)?;
    let jobs = jobs_of(&args.jobs, context)?;
    if jobs.len() > 1 && style.format == OutputFormat::Json && style.filter.is_none() {
        style.format = OutputFormat::Compact;
    }
    let session = Session::open(context, limits)?;
    let limits = WaitLimits {
        patience: args.timeout.unwrap_or(PATIENCE),
        interval: args.interval,
        fails_fast: args.fail_fast,
    };
    jobs::wait(&session, context, jobs, limits, false, &style)?;
    Ok(())
}

/// The jobs that were named, each once.
fn jobs_of(names: &[String], context: &Context<'_>) -> Result<Vec<Job>, Error> {
    let base = &context.settings.base;
    let mut jobs = Vec::new();
    for name in names {
        if name != "-" {
            jobs.push(job(name, base)?);
            continue;
        }
        context.ui.claim_stdin("`-`")?;
        let mut text = String::new();
        let read = context.ui.stdin().take(LARGEST_LIST).read_to_string(&mut text);
        read.map_err(|cause| Error::File { doing: "reading", path: "stdin".into(), cause })?;
        jobs.extend(jobs_in(&text, base)?);
    }
    let mut known = BTreeSet::new();
    jobs.retain(|job| known.insert(job.request.target()));
    if jobs.is_empty() {
        return Err(Error::usage_with_hint("stdin names no job", ONE_PER_LINE));
    }
    Ok(jobs)
}

/// The jobs of a text: one name per line, a JSON string, or the objects that creates printed.
fn jobs_in(text: &str, base: &Base) -> Result<Vec<Job>, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let document = json::parse(text.trim().as_bytes()).ok();
    if let Some(document) = document.filter(|document| document.is_object()) {
        return of_object(document.value(), base).map(|job| vec![job]);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| match json::parse(line.as_bytes()) {
            Ok(object) if object.is_object() => of_object(object.value(), base),
            Ok(value) => {
                job(&json::as_text(value.value()).unwrap_or_else(|| line.to_owned()), base)
            }
            Err(_) => job(line, base),
        })
        .collect()
}

/// The job of an object: that of a member which creates put their IDs into, such as `video_id`. Of
/// several kinds of jobs it is the one with the shortest path: `/v3/videos`, not `/v3/models/videos`.
fn of_object(object: &[u8], base: &Base) -> Result<Job, Error> {
    let data = json::member(object, "data").unwrap_or(object);
    let creates = catalogue::all().filter(|own| own.retired().is_none());
    let named = creates.filter_map(Operation::job).filter_map(|facts| {
        // `data.id` may be of anything.
        let name = facts.id()?.strip_prefix("data.").filter(|name| *name != "id")?;
        let id = json::member(data, name).and_then(json::as_text)?;
        Some((facts.poll(), id))
    });
    if let Some((poll, id)) = named.min_by_key(|(poll, _)| poll.path().len()) {
        return Job::polled_by(poll, &id, base).map_err(|bad| bad_job(&id, bad));
    }
    match json::member(data, "id").and_then(json::as_text) {
        Some(id) => job(&id, base),
        None => Err(Error::usage_with_hint("the JSON on stdin names no job", ONE_PER_LINE)),
    }
}

fn job(name: &str, base: &Base) -> Result<Job, Error> {
    Job::parse(name, base).map_err(|bad| bad_job(name, bad))
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
