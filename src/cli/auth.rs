//! `heygen auth …`, as it can be typed.

use clap::{Args, Subcommand};

use super::LimitArgs;

/// Ask whether the key is good
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct AuthArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AuthCommand,
}

/// The commands about keys.
#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Say which key is used, whose it is, and whether HeyGen accepts it
    #[command(
        visible_alias = "status",
        before_help = "Examples:\n  heygen auth check\n  heygen auth check --quiet && echo good\n  heygen auth check | jq .balance",
        after_help = "Exit status: 0 accepted, 3 no key or a bad one, 1 HeyGen could not be asked, 4 out of time."
    )]
    Check(CheckArgs),
}

/// Say which key is used, whose it is, and whether HeyGen accepts it
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What bounds each request.
    #[command(flatten)]
    pub limits: LimitArgs,
}
