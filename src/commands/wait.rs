//! `heygen wait <JOB>…`: until all have ended.

use http::Method;

use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::cli::WaitArgs;
use crate::compose;
use crate::output::jobs::{self, PATIENCE, WaitLimits};
use crate::output::style::{OutputFormat, Part, ResponseStyle};

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
    let jobs = compose::jobs::jobs(&args.jobs, context)?;
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
