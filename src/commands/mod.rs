//! One file a command. They do not import each other; what they share is in [`crate::exchange`].

mod auth;
mod completions;
mod get;

use crate::cli::Command;
use crate::context::Context;

/// Runs the command that was typed.
///
/// # Errors
/// Whatever kept it from doing what it was asked for.
pub fn run(command: &Command, context: &Context<'_>) -> anyhow::Result<()> {
    match command {
        Command::Auth(args) => auth::run(args, context),
        Command::Get(args) => get::run(args, context),
        Command::Completions(args) => completions::run(args, context),
    }
}
