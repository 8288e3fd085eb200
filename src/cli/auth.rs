//! `heygen auth …`, as it can be typed.

use clap::{Args, Subcommand};

use super::LimitArgs;
use super::call::duration;
use crate::account::gates::Gate;

/// Check, store or remove the key
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen auth check\n  heygen auth login",
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
        before_help = "Examples:\n  heygen auth check\n  heygen auth check --quiet && echo good\n  heygen auth check --min-balance 5 --valid-for 14d --need videos:write\n  heygen auth check | jq .balance",
        after_help = "Exit status: 0 accepted, 3 no key or a bad one, 1 HeyGen could not be asked or a gate is not met,\n4 out of time."
    )]
    Check(CheckArgs),
    /// Ask for a key, check it, and store it in ~/.heygen/credentials
    #[command(
        before_help = "Examples:\n  heygen auth login\n  op read op://Private/HeyGen/key | heygen auth login\n  heygen auth login --api-key-file key.txt",
        after_help = "On a terminal the key is asked for and not shown; else it is read from stdin. It is never an\nargument: others would see it. The file is the one that HeyGen's CLI reads; what else it holds stays.\nExit status: 0 stored, 3 no key or a refused one, 1 it could not be checked or stored."
    )]
    Login(LoginArgs),
    /// Remove the stored key; what else the file holds stays
    #[command(
        before_help = "Examples:\n  heygen auth logout",
        after_help = "HeyGen goes on accepting the key: delete it at https://app.heygen.com/settings?nav=API"
    )]
    Logout(LogoutArgs),
}

/// Say which key is used, whose it is, and whether HeyGen accepts it
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What is demanded of the key.
    #[command(flatten)]
    pub gates: GateArgs,

    /// Say which key would be used without asking HeyGen about it
    #[arg(long, conflicts_with_all = ["min_balance", "valid_for", "need", "timeout", "retry", "retry_for"])]
    pub offline: bool,

    /// What bounds each request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What is demanded of a key beyond that HeyGen accepts it.
#[derive(Debug, Default, Args)]
pub struct GateArgs {
    /// Fail unless at least this much is left to spend, in the unit of the balance
    #[arg(
        long,
        value_name = "AMOUNT",
        value_parser = Gate::min_balance,
        allow_negative_numbers = true,
        help_heading = "Gates"
    )]
    pub min_balance: Option<Gate>,

    /// Fail unless the key is good for this long, such as 14d
    #[arg(long, value_name = "DURATION", value_parser = valid_for, help_heading = "Gates")]
    pub valid_for: Option<Gate>,

    /// Fail unless the key may do this, such as videos:write; can be given more than once
    #[arg(long, value_name = "SCOPE", value_parser = Gate::need, help_heading = "Gates")]
    pub need: Vec<Gate>,
}

/// Ask for a key, check it, and store it in ~/.heygen/credentials
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Store the key without asking HeyGen about it
    #[arg(long, conflicts_with_all = ["timeout", "retry", "retry_for"])]
    pub no_check: bool,

    /// Drop an OAuth session of HeyGen's CLI instead of keeping it beside the key
    #[arg(long)]
    pub force: bool,

    /// With an API key, and not OAuth: the only way here, and a choice in HeyGen's CLI, so that its
    /// scripts go on working.
    #[arg(long, hide = true)]
    pub api_key: bool,

    /// What bounds each request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Remove the stored key; what else the file holds stays
#[derive(Debug, Args)]
pub struct LogoutArgs {}

impl GateArgs {
    /// Every gate that was asked for.
    pub fn all(&self) -> Vec<Gate> {
        self.min_balance.iter().chain(&self.valid_for).chain(&self.need).cloned().collect()
    }
}

fn valid_for(text: &str) -> Result<Gate, String> {
    Ok(Gate::ValidFor { asked: text.to_owned(), duration: duration(text)? })
}
