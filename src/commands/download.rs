//! `heygen download <JOB>…`: files, complete under their names.

use crate::app::advice;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::{Limits, switch};
use crate::cli::DownloadArgs;
use crate::compose::jobs::{self, Named};
use crate::error::Error;
use crate::jobs::job::Job;
use crate::output::downloads::{self, Downloads, Place, Printed, Source};
use crate::output::jobs::{PATIENCE, WaitLimits, wait_for_files, with_files};

/// Fetches the files and prints their paths.
pub(super) fn run(args: &DownloadArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let limits = Limits::new(&args.limits(), context.env)?;
    let named = jobs::named(&args.names, context)?;
    let (save, count) = (args.save.as_deref(), named.len());
    let place = match args.skip_existing {
        true => Place::with_existing(save, count, context.ui)?,
        false => Place::new(save, args.force, count, context.ui)?,
    };
    let has_envelope = args.envelope || args.is_by_noun && switch(context.env, "HEYGEN_ENVELOPE")?;
    let needs_key = named.iter().any(|one| matches!(one, Named::Job(_)));
    // A link needs no key, and none is looked for.
    let session = needs_key.then(|| Session::open(context, limits)).transpose()?;
    let (jobs, links) = split(named);
    let (finished, waited) = match &session {
        Some(session) if args.wait => {
            let wait_limits = WaitLimits { patience: PATIENCE, interval: None, fails_fast: false };
            wait_for_files(session, context, jobs, wait_limits, &place, None)
        }
        _ => (jobs.into_iter().map(|job| (job, None)).collect(), Ok(())),
    };
    let jobs = finished.into_iter().map(|(job, whole)| Source::Job { job: Box::new(job), whole });
    let sources = jobs.chain(links.into_iter().map(Source::Link));
    let downloads = Downloads {
        context,
        session: session.as_ref(),
        limits,
        place: &place,
        what: args.what,
        at_once: usize::from(args.jobs),
        skips: args.skip_existing,
        is_own: false,
        more: match &waited {
            Err(Error::Jobs(jobs)) => advice::resume(jobs),
            _ => None,
        },
        printed: if has_envelope { Printed::Object } else { Printed::Path },
    };
    let fetched = downloads::fetch(&downloads, sources.collect());
    Ok(with_files(waited, fetched)?)
}

/// The jobs and the links, each in their order.
fn split(named: Vec<Named>) -> (Vec<Job>, Vec<String>) {
    let (mut jobs, mut links) = (Vec::new(), Vec::new());
    for one in named {
        match one {
            Named::Job(job) => jobs.push(*job),
            Named::Link(link) => links.push(link),
        }
    }
    (jobs, links)
}
