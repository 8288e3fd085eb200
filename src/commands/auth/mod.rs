//! `heygen auth …`: checks, stores or removes the key.

mod check;
mod key_check;
mod login;
mod logout;
mod report;

use crate::app::context::Context;
use crate::cli::{AuthArgs, AuthCommand};

/// Runs `auth …`.
pub(super) fn run(args: &AuthArgs, context: &Context<'_>) -> anyhow::Result<()> {
    match &args.command {
        AuthCommand::Check(args) => check::run(args, context),
        AuthCommand::Login(args) => login::run(args, context),
        AuthCommand::Logout(_) => logout::run(context),
    }
}
