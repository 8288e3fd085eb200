//! From arguments to [`Cli`], and from clap's errors to ours.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _, ValueEnum as _};

use super::Cli;
use super::tree::{Extent, HelpText, help};
use crate::error::{Error, Usage};
use crate::secret::looks_like_key;
use crate::terminal::streams::ErrorFormat;

/// What the command line says.
pub enum Parsed {
    /// Run a command.
    Run(Box<Cli>),
    /// Show a text (the help, the version) and be done.
    Show(HelpText),
    /// Print what a shell's script asked for and be done.
    Completions(Vec<u8>),
}

/// Reads the command line.
///
/// # Errors
/// It has no meaning. Under `auth`, and wherever it could be a key, what was typed is not repeated.
pub fn parse(arguments: &[OsString]) -> Result<Parsed, Error> {
    match Cli::try_parse_from(arguments) {
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) => match error.kind() {
            ErrorKind::DisplayVersion => Ok(Parsed::Show(rendered(&error))),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                Ok(Parsed::Show(help_of(&error, arguments)))
            }
            _ => Err(usage_error(&error, arguments)),
        },
    }
}

fn rendered(error: &clap::Error) -> HelpText {
    let text = error.render();
    HelpText { plain: text.to_string(), coloured: text.ansi().to_string() }
}

/// The help that was asked for, in our order; clap's own, if it is not known whose it is.
fn help_of(error: &clap::Error, arguments: &[OsString]) -> HelpText {
    let extent = if arguments.iter().any(|argument| argument == "--help") {
        Extent::Everything
    } else {
        Extent::Summary
    };
    let text = error.render().to_string();
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: heygen"));
    // `Usage: heygen auth check [OPTIONS]` tells which command it is.
    let words: Vec<&str> = usage
        .unwrap_or_default()
        .split_whitespace()
        .take_while(|word| !word.starts_with(['[', '<', '-']))
        .collect();
    help(&words, extent).unwrap_or_else(|| rendered(error))
}

/// What `--error-format` says, read without clap: clap's own errors have that format too.
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

/// clap's error in our shape: one sentence, what was meant perhaps, and where to read on.
fn usage_error(error: &clap::Error, arguments: &[OsString]) -> Error {
    let mut text = error.render().to_string();
    let is_about_keys = arguments.iter().any(|argument| argument == "auth");
    for (kind, value) in error.context() {
        // Flags that exclude each other are ours, not something that was typed.
        if error.kind() == ErrorKind::ArgumentConflict {
            continue;
        }
        let (
            ContextKind::InvalidArg | ContextKind::InvalidSubcommand | ContextKind::InvalidValue,
            ContextValue::String(value),
        ) = (kind, value)
        else {
            continue;
        };
        let is_ours = value.starts_with('<') || value.starts_with("--") && value.contains(' ');
        if is_about_keys && !is_ours || looks_like_key(value) {
            text = without(&text, value);
        }
    }
    let mut sections = text.split("\n\n");
    let message = sections.next().unwrap_or_default();
    let words: Vec<&str> = message.trim_start_matches("error: ").split_whitespace().collect();
    let tips =
        sections.clone().flat_map(str::lines).filter_map(|line| line.trim().strip_prefix("tip: "));
    let mut hints: Vec<String> = tips.map(str::to_owned).collect();
    let is_too_much = matches!(
        error.kind(),
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues | ErrorKind::InvalidSubcommand
    );
    // Where clap knows a similar flag, that is what was meant.
    if is_about_keys && is_too_much && hints.is_empty() {
        let no_key_here = "a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin";
        hints.push(no_key_here.to_owned());
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && ["-d", "--data", "--form", "--body-file"].contains(&argument.as_str())
    {
        hints.insert(0, "this method takes no body; `-Q` and `-f` go into the query".to_owned());
    }
    if hints.is_empty() {
        hints.extend(swapped_letters(error));
    }
    if hints.is_empty() {
        let usage = sections.flat_map(str::lines).find_map(|line| line.strip_prefix("Usage: "));
        hints.extend(usage.map(|usage| format!("usage: {usage}")));
    }
    Error::Usage(Usage {
        message: words.join(" "),
        hint: hints.into_iter().next(),
        ..Usage::default()
    })
}

/// clap's text with what was typed replaced wherever clap may have put it: in quotes, and after
/// `--` in a tip. A short one is left alone elsewhere: `5` is not only what was typed.
fn without(text: &str, typed: &str) -> String {
    const TOO_LONG_FOR_A_COINCIDENCE: usize = 8;
    let text =
        text.replace(&format!("'{typed}'"), "'…'").replace(&format!("'-- {typed}'"), "'-- …'");
    match typed.len() {
        TOO_LONG_FOR_A_COINCIDENCE.. => text.replace(typed, "…"),
        _ => text,
    }
}

/// `gte` is `get` with two letters swapped, which clap's own measure does not see.
fn swapped_letters(error: &clap::Error) -> Option<String> {
    let ContextValue::String(typed) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let root = Cli::command();
    let names = root.get_subcommands().map(clap::Command::get_name);
    let name = names.min_by_key(|name| strsim::osa_distance(typed, name))?;
    (strsim::osa_distance(typed, name) == 1)
        .then(|| format!("a similar subcommand exists: '{name}'"))
}
