//! The arguments of `heygen auth …`.

use clap::{Args, Subcommand, ValueEnum};

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
    /// The command.
    #[command(subcommand)]
    pub command: AuthCommand,
}

/// The commands about keys.
#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Say which key is used, whose it is, and whether HeyGen accepts it
    #[command(
        visible_alias = "status",
        before_help = "Examples:\n  heygen auth check\n  heygen auth check --quiet && echo good\n  heygen auth check --min-balance 5 --valid-for 14d --need videos:write\n  heygen auth check -q .balance.remaining",
        after_help = "Exit status: 0 accepted, 3 no key or a bad one, 1 HeyGen could not be asked or a gate is not met,\n4 out of time, 5 the filter failed."
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
    /// The demands on the key.
    #[command(flatten)]
    pub gates: GateArgs,

    /// Say which key would be used without asking HeyGen about it
    #[arg(long, conflicts_with_all = ["min_balance", "valid_for", "need", "timeout", "retry", "retry_for"])]
    pub offline: bool,

    /// The output.
    #[command(flatten)]
    pub report: ReportArgs,

    /// The limits of each request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// The output of a report.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// Output format [default: text on a terminal, else json]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub output: Option<ReportFormat>,

    /// Filter the JSON report with jq; prints strings without quotes unless -o json or compact is given
    #[arg(short = 'q', long, value_name = "FILTER", allow_hyphen_values = true)]
    pub jq: Option<String>,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Lines for people
    Text,
    /// Indented JSON
    Json,
    /// JSON on one line
    Compact,
}

/// The demands on a key beyond that HeyGen accepts it.
#[derive(Debug, Default, Args)]
pub struct GateArgs {
    /// Fail if the balance is below this, in its own unit
    #[arg(
        long,
        value_name = "AMOUNT",
        value_parser = Gate::min_balance,
        allow_negative_numbers = true,
        help_heading = "Gates"
    )]
    pub min_balance: Option<Gate>,

    /// Fail if the key expires within this time: 14d, 12h, or a bare number of days
    #[arg(long, value_name = "DURATION", value_parser = valid_for, help_heading = "Gates")]
    pub valid_for: Option<Gate>,

    /// Fail if the key lacks this scope, such as videos:write; can be given more than once
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

    /// The limits of each request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Remove the stored key; what else the file holds stays
#[derive(Debug, Args)]
pub struct LogoutArgs {}

impl GateArgs {
    /// All given gates.
    pub fn all(&self) -> Vec<Gate> {
        self.min_balance.iter().chain(&self.valid_for).chain(&self.need).cloned().collect()
    }
}

/// Reads a duration in which a bare number is days: seconds would be no useful unit here.
fn valid_for(text: &str) -> Result<Gate, String> {
    const SECONDS_A_DAY: f64 = 24.0 * 60.0 * 60.0;
    let days: Option<f64> = text.trim().parse().ok();
    let (asked, written) = match days {
        Some(days) => (format!("{}d", text.trim()), (days * SECONDS_A_DAY).to_string()),
        None => (text.to_owned(), text.to_owned()),
    };
    let read = duration(&written).map_err(|reason| format!("{reason}; a bare number is days"));
    Ok(Gate::ValidFor { asked, duration: read? })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn bare_numbers_are_days() {
        let check = |text: &str, asked: &str, hours: u64| {
            let duration = Duration::from_secs(hours * 60 * 60);
            let gate = Gate::ValidFor { asked: asked.to_owned(), duration };
            assert_eq!(valid_for(text), Ok(gate), "{text}");
        };
        check("14", "14d", 14 * 24);
        check(" 0.5 ", "0.5d", 12);
        check("14d", "14d", 14 * 24);
        check("36h", "36h", 36);
        check("2d12h", "2d12h", 60);
        for wrong in ["", "0", "-1", "nan", "inf", "1e30", "366", "366d", "two weeks"] {
            assert!(valid_for(wrong).is_err(), "{wrong}");
        }
    }
}
