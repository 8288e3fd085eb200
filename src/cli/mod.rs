//! The command line. The doc comments of the arguments are the help.
//!
//! The key is not a flag, and not bound to a variable of clap's: clap would print its value in the help.

mod auth;
mod call;
mod completions;
mod download;
mod endpoints;
mod field_names;
mod fields;
mod habits;
mod help;
mod man;
mod mistake;
mod mock;
mod noun;
mod parse;
mod topics;
mod tree;
mod values;
mod wait;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use auth::{AuthArgs, AuthCommand, CheckArgs, LoginArgs, ReportArgs, ReportFormat};
pub use call::{
    BodyArgs, CallArgs, DeleteArgs, GetArgs, HeadArgs, LimitArgs, PatchArgs, PostArgs, PutArgs,
    RequestArgs, ResponseArgs,
};
pub use completions::{COMPLETE, CompletionsArgs, completion_script, completions};
pub use download::DownloadArgs;
pub use endpoints::{EndpointsArgs, EndpointsCommand, ListArgs, ListFormat, ShowArgs};
pub use fields::FieldArg;
pub use help::{HelpArgs, explanation, similar};
pub use man::{ManArgs, Page, man_pages};
pub use mock::MockArgs;
pub use noun::{NounArgs, SchemaOf};
pub use parse::{Parsed, parse, typed_error_format, typed_key_files};
pub use tree::HelpText;
pub use wait::{JobArgs, WaitArgs};

use crate::terminal::streams::{ColorChoice, ErrorFormat};

/// Authenticated calls of the HeyGen API from a shell
#[derive(Debug, Parser)]
#[command(
    name = "heygen",
    bin_name = "heygen",
    display_name = "heygen-cli",
    version = concat!(env!("CARGO_PKG_VERSION"), " (unofficial)"),
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    before_help = "Examples:\n  heygen auth check                   # check the key and the balance\n  heygen get /v3/videos -Q limit=5    # make a call, print its data\n  heygen post /v3/videos -d @video.json --dry-run",
    after_help = "The key comes from HEYGEN_API_KEY, a .env file or ~/.heygen/credentials."
)]
pub struct Cli {
    /// The flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Default, Args)]
pub struct GlobalArgs {
    /// Read the key from this file only; - is stdin
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Key and network",
        conflicts_with = "env_file",
        hide_short_help = true
    )]
    pub api_key_file: Option<PathBuf>,

    /// Read the key from HEYGEN_API_KEY in this .env file only
    #[arg(long, global = true, value_name = "FILE", help_heading = "Key and network")]
    pub env_file: Option<PathBuf>,

    /// Do not read .env files
    #[arg(long, global = true, help_heading = "Key and network", hide_short_help = true)]
    pub no_env_file: bool,

    /// Address of the API [env: HEYGEN_API_BASE] [default: https://api.heygen.com]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Key and network",
        hide_short_help = true
    )]
    pub api_base: Option<String>,

    /// Certificates to trust: a PEM file, or `system` [env: HEYGEN_CA_CERT, SSL_CERT_FILE]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Key and network",
        hide_short_help = true
    )]
    pub ca_cert: Option<PathBuf>,

    /// Show requests and responses on stderr; -vv adds headers and bodies (secrets masked)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Messages")]
    pub verbose: u8,

    /// Suppress notes and warnings, and the report of yes/no commands
    #[arg(short = 's', long, global = true, help_heading = "Messages")]
    pub quiet: bool,

    /// When to use colors
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        help_heading = "Messages",
        hide_short_help = true
    )]
    pub color: Option<ColorChoice>,

    /// Format of errors; auto is text on a terminal, else one line of JSON [env: HEYGEN_ERROR_FORMAT]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        help_heading = "Messages",
        hide_short_help = true
    )]
    pub error_format: Option<ErrorFormat>,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Check, store or remove the key
    Auth(AuthArgs),
    /// Call an endpoint with GET and print its data
    Get(GetArgs),
    /// Call an endpoint with HEAD and print status and headers
    Head(HeadArgs),
    /// Call an endpoint with POST: create something, start a job
    Post(PostArgs),
    /// Call an endpoint with PUT: replace something
    Put(PutArgs),
    /// Call an endpoint with PATCH: change something
    Patch(PatchArgs),
    /// Call an endpoint with DELETE: remove something
    Delete(DeleteArgs),
    /// Wait until videos or other jobs are done, and print their final state
    Wait(WaitArgs),
    /// Fetch the files of finished videos and other jobs
    Download(DownloadArgs),
    /// List the operations of the API, or describe one, offline
    Endpoints(EndpointsArgs),
    /// Run a HeyGen on this computer: no account, no network, no money
    Mock(MockArgs),
    /// A command by noun and verb, which `parse` reads from the catalogue.
    #[command(skip)]
    Noun(Box<NounArgs>),
    /// Print the completion script for a shell
    Completions(CompletionsArgs),
    /// Print the man page, or write one page per command
    Man(ManArgs),
    /// Explain a command or a topic
    Help(HelpArgs),
}

impl Command {
    /// Returns whether the command calls the API.
    pub fn makes_calls(&self) -> bool {
        !matches!(
            self,
            Command::Endpoints(_)
                | Command::Mock(_)
                | Command::Completions(_)
                | Command::Man(_)
                | Command::Help(_)
        ) && !matches!(self, Command::Noun(args) if args.schema.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn command_tree_is_valid() {
        Cli::command().debug_assert();
    }
}
