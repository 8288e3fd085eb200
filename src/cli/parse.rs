//! From arguments to [`Cli`], and from clap's errors to ours.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Parser as _, ValueEnum as _};

use super::Cli;
use super::mistake::{named_command, usage_error};
use super::tree::{Extent, HelpText, help, tree};
use crate::error::Error;
use crate::terminal::streams::ErrorFormat;

/// A command line that was read.
pub enum Parsed {
    /// Run a command.
    Run(Box<Cli>),
    /// Show a text: the help or the version.
    Show(HelpText),
    /// Print the completions for a shell's script.
    Completions(Vec<u8>),
}

/// Reads the command line.
///
/// # Errors
/// It is not valid. An argument that may be a key is not repeated.
pub fn parse(arguments: &[OsString]) -> Result<Parsed, Error> {
    match Cli::try_parse_from(arguments) {
        Ok(cli) => match idle_flag(&cli) {
            None => Ok(Parsed::Run(Box::new(cli))),
            Some(flag) => Err(Error::usage_with_hint(
                format!("{flag} has no effect: this command makes no call"),
                format!("leave {flag} out"),
            )),
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayVersion => Ok(Parsed::Show(rendered(&error))),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                Ok(Parsed::Show(help_of(&error, arguments)))
            }
            _ => Err(usage_error(&error, arguments)),
        },
    }
}

/// The first flag about calls that was given to a command that makes none.
fn idle_flag(cli: &Cli) -> Option<&'static str> {
    if cli.command.makes_calls() {
        return None;
    }
    let global = &cli.global;
    let given = [
        ("--api-key-file", global.api_key_file.is_some()),
        ("--env-file", global.env_file.is_some()),
        ("--no-env-file", global.no_env_file),
        ("--api-base", global.api_base.is_some()),
        ("--ca-cert", global.ca_cert.is_some()),
        ("--verbose", global.verbose > 0),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
}

fn rendered(error: &clap::Error) -> HelpText {
    let text = error.render();
    HelpText { plain: text.to_string(), coloured: text.ansi().to_string() }
}

/// The requested help, in our order; clap's own for an unknown command.
fn help_of(error: &clap::Error, arguments: &[OsString]) -> HelpText {
    let extent = if arguments.iter().any(|argument| argument == "--help") {
        Extent::Everything
    } else {
        Extent::Summary
    };
    let root = tree("heygen");
    let names = named_command(&root, arguments).names();
    help(&names, extent).unwrap_or_else(|| rendered(error))
}

/// The value of `--error-format`, read without clap: clap's own errors have that format too.
pub fn typed_error_format(arguments: &[OsString]) -> Option<ErrorFormat> {
    let mut arguments = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            return None;
        }
        let value = match argument.strip_prefix("--error-format") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(format) = value.and_then(|value| ErrorFormat::from_str(value, false).ok()) {
            return Some(format);
        }
    }
    None
}
