//! `heygen get|head|post|put|patch|delete <ENDPOINT>`: one call, and its data on stdout.

use http::Method;

use crate::api::request::Request;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::catalogue::Operation;
use crate::cli::{BodyArgs, CallArgs, JobArgs, LimitArgs};
use crate::compose::request;
use crate::error::Error;
use crate::http::transport::Patience;
use crate::jobs::job;
use crate::output::destination::{self, Destination};
use crate::output::jobs::{self, PATIENCE, WaitLimits};
use crate::output::preview;
use crate::output::response;
use crate::output::style::{self, Pages, Part, ResponseStyle};
use crate::output::validation;

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
    let head_is_response = method == Method::HEAD;
    style.head |= head_is_response;
    let mut limits = Limits::new(&args.limits, context.env)?;
    let request = request::request(method, args, body, &context.settings, context.env, context.ui)?;
    if let Some(language) = args.instead.program {
        if style.pages != Pages::One {
            return Err(one_call_only().into());
        }
        preview::program(&request, language, style.part == Part::Whole, context)?;
        return Ok(());
    }
    if args.instead.validate {
        validation::validate(&request, context)?;
    }
    if args.instead.dry_run {
        preview::dry_run(&request, context)?;
        if !args.instead.validate {
            validation::note(&request, context);
        }
    }
    if args.instead.validate || args.instead.dry_run {
        return Ok(());
    }
    if job.wait {
        check_job(&request, &style)?;
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
    if job.wait {
        let limits = WaitLimits {
            patience: args.limits.timeout.unwrap_or(PATIENCE),
            interval: job.interval,
            fails_fast: false,
        };
        drop(destination);
        return Ok(create(&session, context, &request, limits, &style)?);
    }
    let patience = if style.save.is_some() { Patience::Silence } else { Patience::Whole };
    let outcome = session.send(&request, patience);
    if head_is_response && style.save.is_some() && outcome.result.is_ok() {
        return Ok(destination::save_head(context.ui, &outcome, destination)?);
    }
    if style.head {
        destination::print_head(context.ui, &outcome)?;
    }
    response::print(context.ui, outcome, &style, destination, context.settings.verbosity)?;
    Ok(())
}

/// Sends a request that starts jobs, and waits for them.
fn create(
    session: &Session<'_>,
    context: &Context<'_>,
    request: &Request,
    limits: WaitLimits,
    style: &ResponseStyle,
) -> Result<(), Error> {
    let outcome = session.send(request, Patience::Whole);
    let whole = outcome.envelope()?.map(|envelope| envelope.whole.to_vec()).unwrap_or_default();
    let base = &context.settings.base;
    let jobs = request.operation.map(|operation| job::started(operation, request, &whole, base));
    let jobs = jobs.and_then(Result::ok).unwrap_or_default();
    if jobs.is_empty() {
        return Err(Error::NoJob(Box::new(outcome.call)));
    }
    jobs::announce(context, &jobs);
    jobs::wait(session, context, jobs, limits, true, style)
}

/// Refuses to wait for what is no job, before anything is sent.
fn check_job(request: &Request, style: &ResponseStyle) -> Result<(), Error> {
    if style.head {
        return Err(Error::usage_with_hint(
            "--wait prints the final state, and --include the head of one response",
            "leave one of them out",
        ));
    }
    match request.operation.and_then(Operation::job) {
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
