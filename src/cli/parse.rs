//! From arguments to [`Cli`], and from clap's errors to ours.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser as _, ValueEnum as _};

use super::mistake::{named_command, usage_error};
use super::noun::{self, Asked, Failure, NounArgs};
use super::tree::{Extent, HelpText, help, tree_with};
use super::{Cli, Command, DownloadArgs, GlobalArgs};
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
    match noun::asked_for(arguments) {
        None => read(Cli::try_parse_from(arguments).map_err(Failure::Clap), None, arguments),
        Some(asked) => read(noun_cli(&asked), Some(&asked), &asked.line),
    }
}

/// Reads a command line with the command of a noun.
fn noun_cli(asked: &Asked) -> Result<Cli, Failure> {
    let matches = Cli::command().subcommand(asked.command()).try_get_matches_from(&asked.line)?;
    match matches.subcommand() {
        Some((noun, below)) if noun == asked.noun => Ok(Cli {
            global: GlobalArgs::from_arg_matches(&matches)?,
            command: match below.subcommand() {
                Some((noun::DOWNLOAD, own)) => Command::Download(download(noun, own)?),
                _ => Command::Noun(Box::new(NounArgs::new(asked, below)?)),
            },
        }),
        _ => Ok(Cli::from_arg_matches(&matches)?),
    }
}

/// The files of a noun's jobs: a bare ID is of its kind.
fn download(noun: &str, matches: &ArgMatches) -> Result<DownloadArgs, clap::Error> {
    let mut args = DownloadArgs::from_arg_matches(matches)?;
    args.is_by_noun = true;
    if let Some(kind) = noun::kind(noun) {
        let is_bare = |name: &&mut String| *name != "-" && !name.contains([':', '/']);
        args.names.iter_mut().filter(is_bare).for_each(|name| *name = format!("{kind}:{name}"));
    }
    Ok(args)
}

fn read(
    cli: Result<Cli, Failure>,
    asked: Option<&Asked>,
    arguments: &[OsString],
) -> Result<Parsed, Error> {
    let cli = match cli {
        Err(Failure::Own(error)) => return Err(error),
        Err(Failure::Clap(error)) => Err(error),
        Ok(cli) => Ok(cli),
    };
    match cli {
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
                Ok(Parsed::Show(help_of(&error, asked, arguments)))
            }
            _ => Err(usage_error(&error, asked, arguments)),
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
fn help_of(error: &clap::Error, asked: Option<&Asked>, arguments: &[OsString]) -> HelpText {
    let extent = if arguments.iter().any(|argument| argument == "--help") {
        Extent::Everything
    } else {
        Extent::Summary
    };
    let root = tree_with("heygen", asked.map(Asked::command));
    let names = named_command(&root, arguments).names();
    help(&names, extent).unwrap_or_else(|| rendered(error))
}

/// The value of `--error-format`, read without clap: clap's own errors have that format too.
pub fn typed_error_format(arguments: &[OsString]) -> Option<ErrorFormat> {
    typed(arguments, "--error-format").find_map(|value| ErrorFormat::from_str(value, false).ok())
}

/// The flags that name files with keys, of a line that is not valid: what stands in these files is not
/// to be repeated.
pub fn typed_key_files(arguments: &[OsString]) -> GlobalArgs {
    let path = |flag| typed(arguments, flag).next().map(PathBuf::from);
    GlobalArgs {
        api_key_file: path("--api-key-file"),
        env_file: path("--env-file"),
        ..GlobalArgs::default()
    }
}

/// The values of a flag in a line that may not be valid.
fn typed<'a>(arguments: &'a [OsString], flag: &'a str) -> impl Iterator<Item = &'a str> {
    let words = arguments.iter().filter_map(|argument| argument.to_str());
    let mut words = words.take_while(|word| *word != "--");
    std::iter::from_fn(move || {
        while let Some(word) = words.next() {
            match word.strip_prefix(flag) {
                Some("") => return words.next(),
                Some(rest) if rest.starts_with('=') => return rest.get(1..),
                _ => {}
            }
        }
        None
    })
}
