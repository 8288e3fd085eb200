//! clap's errors as ours: one sentence, and a hint with the command or flag to use instead.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::habits;
use super::tree::tree;
use crate::error::Error;
use crate::secret::{hide_key_shapes, looks_like_key};

/// The usage error for a command line that clap refuses. What may be a key is not repeated.
pub(super) fn usage_error(error: &clap::Error, arguments: &[OsString]) -> Error {
    let root = tree("heygen");
    let command = named_command(&root, arguments);
    let mistake = Mistake { error, root: &root, path: command.names(), command: command.last };
    let message = mistake.message();
    match mistake.hint(arguments) {
        Some(hint) => Error::usage_with_hint(message, hint_on_one_line(&hint)),
        None => Error::usage(message),
    }
}

fn hint_on_one_line(hint: &str) -> String {
    hide_key_shapes(&hint.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// The command that a command line names.
pub(super) struct Named<'t> {
    path: Vec<&'t Command>,
    last: &'t Command,
}

impl<'t> Named<'t> {
    /// The words after `heygen`.
    pub(super) fn names(&self) -> Vec<&'t str> {
        self.path.iter().map(|command| command.get_name()).collect()
    }
}

/// Follows the words of a command line down the tree, past flags and their values.
pub(super) fn named_command<'t>(root: &'t Command, arguments: &[OsString]) -> Named<'t> {
    let mut named = Named { path: Vec::new(), last: root };
    let mut words = arguments.iter().skip(1).map(|word| word.to_str().unwrap_or_default());
    while let Some(word) = words.next() {
        if word == "--" || asks_for_help(word) {
            break;
        }
        if word.starts_with('-') {
            if takes_next(named.last, word) {
                words.next();
            }
            continue;
        }
        let Some(below) = named.last.find_subcommand(word) else { break };
        named.path.push(below);
        named.last = below;
    }
    named
}

fn asks_for_help(word: &str) -> bool {
    matches!(word, "-h" | "--help" | "-V" | "--version")
}

/// Returns whether the value of a flag is the next word: `-o json`, `-vo json`, `--output json`, and
/// not `-ojson`, `--output=json`.
fn takes_next(command: &Command, word: &str) -> bool {
    let takes_value = |is_it: &dyn Fn(&Arg) -> bool| {
        command
            .get_arguments()
            .any(|argument| is_it(argument) && argument.get_action().takes_values())
    };
    if let Some(long) = word.strip_prefix("--") {
        return takes_value(&|argument| argument.get_long() == Some(long));
    }
    let flags: Vec<char> = word.chars().skip(1).collect();
    let first_with_value =
        flags.iter().position(|flag| takes_value(&|argument| argument.get_short() == Some(*flag)));
    first_with_value.is_some_and(|position| position + 1 == flags.len())
}

/// An error of clap, and the command it is about.
struct Mistake<'m> {
    error: &'m clap::Error,
    root: &'m Command,
    path: Vec<&'m str>,
    command: &'m Command,
}

impl Mistake<'_> {
    fn message(&self) -> String {
        let argument = self.text(ContextKind::InvalidArg);
        let value = self.entered(self.text(ContextKind::InvalidValue));
        let values = match self.list(ContextKind::ValidValue).as_slice() {
            [] => String::new(),
            values => format!(" [possible values: {}]", values.join(", ")),
        };
        match self.error.kind() {
            ErrorKind::UnknownArgument => {
                format!("unexpected argument '{}' found", self.entered_argument(argument))
            }
            ErrorKind::InvalidSubcommand => {
                let word = self.text(ContextKind::InvalidSubcommand);
                format!("unrecognized subcommand '{}'", self.entered_argument(word))
            }
            ErrorKind::InvalidValue if value.is_empty() => {
                format!("a value is required for '{argument}' but none was supplied{values}")
            }
            ErrorKind::InvalidValue => format!("invalid value '{value}' for '{argument}'{values}"),
            ErrorKind::ValueValidation => {
                let reason = self.error.source().map(|source| format!(": {source}"));
                let reason = hide_key_shapes(&reason.unwrap_or_default()).into_owned();
                format!("invalid value '{value}' for '{argument}'{reason}")
            }
            ErrorKind::TooManyValues => {
                let value = self.entered_argument(self.text(ContextKind::InvalidValue));
                format!("unexpected value '{value}' for '{argument}' found; no more were expected")
            }
            ErrorKind::MissingRequiredArgument => {
                let missing = self.list(ContextKind::InvalidArg).join(" ");
                format!("the following required arguments were not provided: {missing}")
            }
            ErrorKind::MissingSubcommand => format!(
                "'{}' requires a subcommand but one was not provided",
                self.text(ContextKind::InvalidSubcommand)
            ),
            ErrorKind::ArgumentConflict => self.conflict(argument),
            other => other.as_str().unwrap_or("the command line is not valid").to_owned(),
        }
    }

    /// Flags that exclude each other: their names are ours.
    fn conflict(&self, argument: &str) -> String {
        let others = self.list(ContextKind::PriorArg);
        if others == [argument] {
            return format!("the argument '{argument}' cannot be used multiple times");
        }
        let others: Vec<String> = others.iter().map(|other| format!("'{other}'")).collect();
        format!("the argument '{argument}' cannot be used with {}", others.join(", "))
    }

    fn hint(&self, arguments: &[OsString]) -> Option<String> {
        let argument = self.text(ContextKind::InvalidArg);
        match self.error.kind() {
            ErrorKind::UnknownArgument => self.hint_for_argument(argument, arguments),
            ErrorKind::InvalidSubcommand => {
                let word = self.text(ContextKind::InvalidSubcommand);
                if self.may_be_key(word) {
                    return Some(habits::no_key(&self.path));
                }
                return habits::of_command(word, &self.path, self.command)
                    .or_else(|| self.suggested(ContextKind::SuggestedSubcommand, "subcommand"))
                    .or_else(|| Some(habits::list(self.command)));
            }
            ErrorKind::TooManyValues if self.may_be_key(self.text(ContextKind::InvalidValue)) => {
                return Some(habits::no_key(&self.path));
            }
            ErrorKind::MissingSubcommand => {
                return Some(habits::list(self.command));
            }
            _ => None,
        }
        .or_else(|| self.suggested(ContextKind::SuggestedArg, "argument"))
        .or_else(|| self.suggested(ContextKind::SuggestedValue, "value"))
        .or_else(|| self.usage())
    }

    fn hint_for_argument(&self, argument: &str, arguments: &[OsString]) -> Option<String> {
        if self.entered_argument(argument) != argument {
            return Some(habits::no_key(&self.path));
        }
        if !argument.starts_with('-') {
            return habits::of_argument(argument, &self.path);
        }
        self.hint_for_place(argument, arguments)
            .or_else(|| habits::of_flag(argument, &self.path))
            .or_else(|| self.suggested(ContextKind::SuggestedArg, "argument"))
            .or_else(|| habits::of_parameter(argument, &self.path))
    }

    /// A flag before the command that only a command has.
    fn hint_for_place(&self, flag: &str, arguments: &[OsString]) -> Option<String> {
        if !self.path.is_empty() {
            return None;
        }
        let named = arguments.iter().filter_map(|word| self.root.find_subcommand(word));
        let command = named.chain(self.root.find_subcommand("post")).find(|command| {
            command.get_arguments().any(|argument| {
                argument.get_long().is_some_and(|long| flag.strip_prefix("--") == Some(long))
                    || argument.get_short().is_some_and(|short| {
                        flag.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4]))
                    })
            })
        })?;
        let name = command.get_name();
        Some(format!("write `{flag}` after the command: `heygen {name} ENDPOINT {flag} …`"))
    }

    fn suggested(&self, kind: ContextKind, what: &str) -> Option<String> {
        // The best of several is the last.
        let name = self.list(kind).pop()?;
        Some(format!("a similar {what} exists: '{name}'"))
    }

    fn usage(&self) -> Option<String> {
        let Some(ContextValue::StyledStr(usage)) = self.error.get(ContextKind::Usage) else {
            return None;
        };
        Some(format!("usage: {}", usage.to_string().trim_start_matches("Usage: ")))
    }

    /// A value as it may be repeated.
    fn entered(&self, value: &str) -> String {
        if looks_like_key(value) { "…".to_owned() } else { hide_key_shapes(value).into_owned() }
    }

    /// A word as it may be repeated. Of `token=abc` the value is left out.
    fn entered_argument(&self, word: &str) -> String {
        const SECRETS: [&str; 4] = ["key", "token", "secret", "password"];
        if self.may_be_key(word) {
            return "…".to_owned();
        }
        if let Some((name, _)) = word.split_once(['=', ':'])
            && SECRETS.iter().any(|secret| name.to_lowercase().contains(secret))
        {
            return format!("{}=…", self.entered(name));
        }
        self.entered(word)
    }

    /// Returns whether a word may be a key. Under `auth` anything may that is neither a flag nor a
    /// plain word, and for `auth login` a plain word too.
    fn may_be_key(&self, word: &str) -> bool {
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
        let is_about_keys = self.path.first() == Some(&"auth");
        let is_given_to_login = self.path == ["auth", "login"] && !word.starts_with('-');
        looks_like_key(word) || is_given_to_login || is_about_keys && !word.chars().all(is_plain)
    }

    fn text(&self, kind: ContextKind) -> &str {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => text,
            _ => "",
        }
    }

    fn list(&self, kind: ContextKind) -> Vec<&str> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text],
            Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_among_flags() {
        let root = tree("heygen");
        let check = |line: &str, expected: &[&str]| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(named_command(&root, &arguments).names(), expected, "{line}");
        };
        check("heygen", &[]);
        check("heygen get /v3/videos", &["get"]);
        check("heygen -v --env-file get auth status x", &["auth", "check"]);
        check("heygen --env-file=get post", &["post"]);
        check("heygen -s -v get -o post -vojson login", &["get"]);
        check("heygen --color never auth -vs login", &["auth", "login"]);
        check("heygen auth --help login", &["auth"]);
        check("heygen -- get", &[]);
        check("heygen nonsense get", &[]);
    }
}
