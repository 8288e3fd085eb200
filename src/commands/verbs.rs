//! `heygen get|head|post|put|patch|delete <ENDPOINT>`: one call, and its data on stdout.

use std::path::Path;

use http::Method;

use crate::api::content::Content;
use crate::api::origin::Base;
use crate::api::request::Request;
use crate::app::advice;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::catalogue::Operation;
use crate::cli::{BodyArgs, CallArgs, JobArgs, LimitArgs};
use crate::compose::request;
use crate::error::{Error, NoJob};
use crate::http::transport::Patience;
use crate::jobs::files;
use crate::jobs::job::{self, Job};
use crate::jobs::state;
use crate::output::destination::{self, Destination};
use crate::output::downloads::{self, Downloads, Place, Printed, Source};
use crate::output::jobs::{self, PATIENCE, WaitLimits};
use crate::output::preview;
use crate::output::response;
use crate::output::style::{self, Pages, Part, ResponseStyle};
use crate::output::validation;
use crate::render::json;

/// The media type of what can be filtered.
const JSON: &str = "application/json";

/// The most files of one create that are fetched at the same time.
const AT_ONCE: usize = 3;

/// Calls the endpoint and prints its response.
pub(super) fn run(
    method: Method,
    args: &CallArgs,
    body: &BodyArgs,
    job: &JobArgs,
    context: &Context<'_>,
) -> anyhow::Result<()> {
    let on_terminal = context.ui.stdout_is_terminal();
    if args.instead.program.is_some() {
        style::check_program(args)?;
    }
    let mut style = ResponseStyle::new(&args.answer, &method, context.env, on_terminal)?;
    style.head |= method == Method::HEAD;
    let mut limits = Limits::new(&args.limits, context.env)?;
    let request = request::request(method, args, body, &context.settings, context.env, context.ui)?;
    if args.instead.is_any() {
        return Ok(instead_of_sending(args, &request, &style, context)?);
    }
    check_companions(&request.method, args, job)?;
    check_format(&request, &style)?;
    let place = match &job.download {
        Some(path) => Some(download_place(path, args, context)?),
        None => None,
    };
    if job.waits() {
        check_job(&request, &style, &context.settings.base)?;
        check_files(&request, place.as_ref())?;
        limits.timeout = Limits::new(&LimitArgs::default(), context.env)?.timeout;
    }
    let session = Session::open(context, limits)?;
    session.vet(&request)?;
    let destination = Destination::open(style.save.as_ref(), context.ui)?;
    match style.pages {
        Pages::All => {
            response::print_all(&session, context.ui, request, &style, destination)?;
            return Ok(());
        }
        Pages::Joined => {
            response::print_joined(&session, context.ui, request, &style, destination)?;
            return Ok(());
        }
        Pages::One => {}
    }
    if job.waits() {
        let wait_limits = WaitLimits {
            patience: args.limits.timeout.unwrap_or(PATIENCE),
            interval: job.interval,
            fails_fast: false,
        };
        // The reader of a pipe would take its closing for the end.
        let _held = destination.is_device().then_some(destination);
        let jobs = create(&session, context, &request)?;
        return Ok(match place {
            None => jobs::wait(&session, context, jobs, wait_limits, true, &style),
            Some(place) => fetch(&session, context, jobs, wait_limits, &place, limits, &style),
        }?);
    }
    Ok(send(&session, context, &request, &style, destination)?)
}

/// Shows or checks the request.
fn instead_of_sending(
    args: &CallArgs,
    request: &Request,
    style: &ResponseStyle,
    context: &Context<'_>,
) -> Result<(), Error> {
    if let Some(language) = args.instead.program {
        if style.pages != Pages::One {
            return Err(one_call_only());
        }
        return preview::program(request, language, style.part == Part::Whole, context);
    }
    if args.instead.validate {
        validation::validate(request, context)?;
    }
    if args.instead.dry_run {
        preview::dry_run(request, context)?;
        if !args.instead.validate {
            validation::note(request, context);
        }
    }
    Ok(())
}

/// Makes one call, and prints its response or saves it.
fn send(
    session: &Session<'_>,
    context: &Context<'_>,
    request: &Request,
    style: &ResponseStyle,
    destination: Destination<'_>,
) -> Result<(), Error> {
    // The player of a stream takes its time, too.
    let takes_time = style.save.is_some() || media_type_but_json(request).is_some();
    let patience = if takes_time { Patience::Silence } else { Patience::Whole };
    let outcome = session.send(request, patience);
    if request.method == Method::HEAD && style.save.is_some() && outcome.result.is_ok() {
        return destination::save_head(context.ui, &outcome, destination);
    }
    if style.head {
        destination::print_head(context.ui, &outcome)?;
    }
    response::print(context.ui, outcome, style, destination, context.settings.verbosity)
}

/// Waits for jobs that were created, and fetches their files.
fn fetch(
    session: &Session<'_>,
    context: &Context<'_>,
    jobs: Vec<Job>,
    wait_limits: WaitLimits,
    place: &Place,
    limits: Limits,
    style: &ResponseStyle,
) -> Result<(), Error> {
    let (finished, waited) =
        jobs::wait_for_files(session, context, jobs, wait_limits, place, Some(style));
    let sources =
        finished.into_iter().map(|(job, whole)| Source::Job { job: Box::new(job), whole });
    let downloads = Downloads {
        context,
        session: Some(session),
        limits,
        place,
        what: None,
        at_once: AT_ONCE,
        skips: false,
        is_own: true,
        more: match &waited {
            Err(Error::Jobs(jobs)) => advice::resume(jobs),
            _ => None,
        },
        printed: if style.part == Part::Whole { Printed::Object } else { Printed::Path },
    };
    let fetched = downloads::fetch(&downloads, sources.collect());
    jobs::with_files(waited, fetched)
}

/// Sends a request that starts jobs, and notes their IDs.
fn create(
    session: &Session<'_>,
    context: &Context<'_>,
    request: &Request,
) -> Result<Vec<Job>, Error> {
    let base = &context.settings.base;
    let known =
        request.operation.and_then(|operation| job::asked_to_go_on(operation, request, base));
    // What the job is now would pass for what it becomes.
    let before = match &known {
        Some(job) => {
            let outcome = session.send(&job.request, Patience::Whole);
            let whole = outcome.envelope()?.map(|envelope| envelope.whole.to_vec());
            whole.map(|whole| state::before(job, &whole))
        }
        None => None,
    };
    let mut outcome = session.send(request, Patience::Whole);
    outcome.call.has_own_limit = true;
    let whole = outcome.envelope()?.map(|envelope| envelope.whole.to_vec()).unwrap_or_default();
    let jobs = request.operation.map(|operation| job::started(operation, request, &whole, base));
    let mut jobs = jobs.and_then(Result::ok).unwrap_or_default();
    if let ([job], Some(_)) = (jobs.as_mut_slice(), &known) {
        job.before = before;
    }
    if jobs.is_empty() {
        let text = || outcome.content().ok().and_then(Content::excerpt);
        let data = (!whole.is_empty()).then(|| json::compacted(&whole)).or_else(text);
        return Err(Error::NoJob(Box::new(NoJob { call: outcome.call, data, has_some: false })));
    }
    jobs::announce(context, &jobs);
    if request.operation.is_some_and(|operation| job::lacks_ids(operation, &whole)) {
        let data = Some(json::compacted(&whole));
        return Err(Error::NoJob(Box::new(NoJob { call: outcome.call, data, has_some: true })));
    }
    Ok(jobs)
}

/// Refuses to fetch what a job does not have, before anything is sent.
fn check_files(request: &Request, place: Option<&Place>) -> Result<(), Error> {
    let job = request.operation.and_then(Operation::job).filter(|_| place.is_some());
    match job.filter(|job| !files::may_have(*job)) {
        None => Ok(()),
        Some(_) => Err(Error::usage_with_hint(
            format!("{} {} makes no file", request.method, request.endpoint.path()),
            "use --wait in place of --download",
        )),
    }
}

/// The place for `--download`, which prints a path and nothing of the response.
fn download_place(path: &Path, args: &CallArgs, context: &Context<'_>) -> Result<Place, Error> {
    let answer = &args.answer;
    let idle = [
        ("--jq", answer.jq.is_some()),
        ("--output", answer.output.is_some() || answer.human),
        ("--columns", !answer.columns.is_empty()),
        ("--bom", answer.bom),
    ];
    if let Some((flag, _)) = idle.iter().find(|(_, is_given)| *is_given) {
        return Err(Error::usage_with_hint(
            format!("{flag} has no effect: --download prints the path of the file"),
            "leave it out; `-E` prints an object with the path",
        ));
    }
    Place::new(Some(path), answer.force, 1, context.ui)
}

/// Refuses to filter or to tabulate what is no JSON, before it is paid for.
fn check_format(request: &Request, style: &ResponseStyle) -> Result<(), Error> {
    match (response::needs_json(style), media_type_but_json(request), request.operation) {
        (Some(flag), Some(media_type), Some(operation)) => Err(Error::usage_with_hint(
            format!("{flag} needs JSON, and {operation} responds with {media_type}"),
            "leave it out, or save it with -O",
        )),
        _ => Ok(()),
    }
}

/// The media type of a response that is never JSON, as far as the catalogue knows.
fn media_type_but_json(request: &Request) -> Option<&'static str> {
    let contents = request.operation?.responses().flat_map(|own| own.contents());
    let mut types = contents.map(|own| own.media_type());
    let first = types.next()?;
    (first != JSON && types.all(|other| other != JSON)).then_some(first)
}

/// Refuses flags that do nothing without another.
fn check_companions(method: &Method, args: &CallArgs, job: &JobArgs) -> Result<(), Error> {
    if job.interval.is_some() && !job.waits() {
        return Err(Error::usage_with_hint(
            "--interval needs --wait",
            "add --wait, or leave --interval out",
        ));
    }
    if args.answer.force && args.answer.save.is_none() && job.download.is_none() {
        let hint = match *method {
            Method::DELETE => "heygen asks no question; leave --force out",
            _ => "add --save, or leave --force out",
        };
        return Err(Error::usage_with_hint("--force is for --save", hint));
    }
    Ok(())
}

/// Refuses to wait for what is no job, before anything is sent.
fn check_job(request: &Request, style: &ResponseStyle, base: &Base) -> Result<(), Error> {
    if style.head {
        return Err(Error::usage_with_hint(
            "--wait prints the final state, and --include the head of one response",
            "leave one of them out",
        ));
    }
    let started = request.operation.and_then(|own| Some((own, own.job()?)));
    match started {
        // The response does not tell the ID.
        Some((operation, facts)) if facts.id().is_none() => {
            let known = job::in_request(operation, facts, request, base);
            known.map(|_| ()).map_err(|bad| {
                Error::usage(format!("there is no ID to wait for in the request: {bad}"))
            })
        }
        Some(_) => Ok(()),
        None => Err(Error::usage_with_hint(
            format!("{} {} starts no job to wait for", request.method, request.endpoint.path()),
            "leave --wait out; `heygen endpoints` marks what starts a job",
        )),
    }
}

/// The error for `--as` with `--all`: a program for the first page would pass for one that fetches the
/// whole list.
fn one_call_only() -> Error {
    Error::usage_with_hint(
        "--as prints one call, and --all makes many",
        "leave --all out; `--dry-run` shows the first of the calls",
    )
}
