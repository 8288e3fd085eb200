//! `heygen auth …`: the key is checked, stored, removed.

mod check;
mod key_check;
mod login;
mod logout;

use std::io;

use serde::Serialize;

use crate::app::context::Context;
use crate::cli::{AuthArgs, AuthCommand};
use crate::error::{Error, NotWritten};
use crate::render;
use crate::terminal::text::neutralised;

/// Runs `auth …`.
pub(super) fn run(args: &AuthArgs, context: &Context<'_>) -> anyhow::Result<()> {
    match &args.command {
        AuthCommand::Check(args) => check::run(args, context),
        AuthCommand::Login(args) => login::run(args, context),
        AuthCommand::Logout(_) => logout::run(context),
    }
}

/// A line below the first, and what it is about.
type Labelled = (&'static str, String);

/// Prints what was done: a sentence with lines of facts on a terminal, else the report as JSON.
fn print(
    context: &Context<'_>,
    sentence: &str,
    lines: &[Labelled],
    report: &impl Serialize,
) -> anyhow::Result<()> {
    let ui = context.ui;
    if ui.is_quiet() {
        return Ok(());
    }
    if ui.stdout_is_terminal() {
        let palette = ui.palette();
        let mut text = format!("{} {}\n", palette.ok.paint("ok:"), neutralised(sentence));
        for (label, value) in lines {
            let label = palette.faint.paint(&format!("{label:<9}"));
            text.push_str(&format!("  {label} {}\n", neutralised(value)));
        }
        ui.write(|out| out.write_all(text.as_bytes())).map_err(not_written)?;
        return Ok(());
    }
    let json = serde_json::to_vec(report).map_err(|error| not_written(error.into()))?;
    ui.write(|mut out| {
        render::json::pretty(&json, ui.dress(), &mut out)?;
        out.write_all(b"\n")
    })
    .map_err(not_written)?;
    Ok(())
}

fn not_written(cause: io::Error) -> Error {
    Error::NotWritten(Box::new(NotWritten {
        call: None,
        path: None,
        cause,
        kept: None,
        data: None,
    }))
}
