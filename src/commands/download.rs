//! `heygen download <JOB>…`: files, complete under their names.

use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::{Limits, switch};
use crate::cli::DownloadArgs;
use crate::compose::jobs::{self, Named};
use crate::output::downloads::{self, Downloads, Place, Printed, Source};

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
    let sources = named.into_iter().map(|one| match one {
        Named::Job(job) => Source::Job { job, whole: None },
        Named::Link(link) => Source::Link(link),
    });
    let downloads = Downloads {
        context,
        session: session.as_ref(),
        limits,
        place: &place,
        what: args.what,
        at_once: usize::from(args.jobs),
        skips: args.skip_existing,
        is_own: false,
        printed: if has_envelope { Printed::Object } else { Printed::Path },
    };
    downloads::fetch(&downloads, sources.collect())?;
    Ok(())
}
