//! `heygen completions <SHELL>`: the script that makes a shell ask this program.

use crate::app::context::Context;
use crate::cli::{CompletionsArgs, completion_script};
use crate::error::Error;

/// Prints the script; `completions/` holds the same bytes.
pub(super) fn run(args: &CompletionsArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let script = completion_script(&args.shell).map_err(Error::Output)?;
    context.ui.write(|out| out.write_all(&script)).map_err(Error::Output)?;
    Ok(())
}
