//! clap's errors as ours: one sentence, and a hint with the command or flag to use instead.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::habits::{self, Given};
use super::noun::{self, Asked};
use super::tree::tree_with;
use crate::error::Error;
use crate::nearest::nearest;
use crate::secret::{hide_key_shapes, looks_like_key};

/// The usage error for a command line that clap refuses. What may be a key is not repeated.
pub(super) fn usage_error(
    error: &clap::Error,
    asked: Option<&Asked>,
    arguments: &[OsString],
) -> Error {
    let root = tree_with("heygen", asked.map(Asked::command));
    let command = named_command(&root, arguments);
    let mistake = Mistake {
        error,
        root: &root,
        path: command.names(),
        command: command.last,
        line: Line::new(&command, arguments),
    };
    let message = mistake.message();
    match mistake.hint() {
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
    /// The positions of its words among the arguments.
    places: Vec<usize>,
}

impl<'t> Named<'t> {
    /// The words after `heygen`.
    pub(super) fn names(&self) -> Vec<&'t str> {
        self.path.iter().map(|command| command.get_name()).collect()
    }
}

/// Follows the words of a command line down the tree, past flags and their values.
pub(super) fn named_command<'t>(root: &'t Command, arguments: &[OsString]) -> Named<'t> {
    let mut named = Named { path: Vec::new(), last: root, places: Vec::new() };
    let words = arguments.iter().map(|word| word.to_str().unwrap_or_default());
    let mut words = words.enumerate().skip(1);
    while let Some((place, word)) = words.next() {
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
        named.places.push(place);
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

/// True if an argument has this flag, `--long` or `-s`.
fn is_named(argument: &Arg, flag: &str) -> bool {
    argument.get_long().is_some_and(|long| flag.strip_prefix("--") == Some(long))
        || argument
            .get_short()
            .is_some_and(|short| flag.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4])))
}

/// The arguments of a command line, as far as hints repeat them.
struct Line<'l> {
    words: Vec<&'l str>,
    /// The number of words before the command; all of them without a command.
    before: usize,
    /// The first argument of the command that is no flag.
    operand: Option<&'l str>,
}

impl<'l> Line<'l> {
    fn new(named: &Named<'_>, arguments: &'l [OsString]) -> Line<'l> {
        let words: Vec<&str> =
            arguments.iter().map(|word| word.to_str().unwrap_or_default()).collect();
        let before = named.places.first().copied().unwrap_or(words.len());
        let start = named.places.last().map_or(words.len(), |place| place + 1);
        let mut own = words.iter().copied().skip(start);
        let mut operand = None;
        while let Some(word) = own.next() {
            if !word.starts_with('-') {
                operand = Some(word);
                break;
            }
            if takes_next(named.last, word) {
                own.next();
            }
        }
        Line { words, before, operand }
    }

    /// True if a flag stands before the command, alone or among other short ones.
    fn begins_with(&self, flag: &str) -> bool {
        let short = flag.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        self.words.iter().take(self.before).skip(1).any(|word| match short {
            Some(short) => word.starts_with('-') && !word.starts_with("--") && word.contains(short),
            None => *word == flag || word.split('=').next() == Some(flag),
        })
    }

    /// The value that stands with a flag: `--limit=5`, `--limit 5`. Never what may be a key.
    fn value_of(&self, flag: &str) -> Option<&'l str> {
        let place = self.words.iter().position(|word| {
            word.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })?;
        let value = match self.words[place].split_once('=') {
            Some((_, value)) => value,
            None => self.words.get(place + 1).filter(|value| !value.starts_with('-'))?,
        };
        (!value.is_empty() && !looks_like_key(value)).then_some(value)
    }
}

/// An error of clap, and the command it is about.
struct Mistake<'m> {
    error: &'m clap::Error,
    root: &'m Command,
    path: Vec<&'m str>,
    command: &'m Command,
    line: Line<'m>,
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
                let missing = self.list(ContextKind::InvalidArg);
                match self.flag_that_needs(&missing) {
                    Some(("--force", _)) => "--force is for --save".to_owned(),
                    Some((flag, needed)) => format!("{flag} needs {needed}"),
                    None if missing == ["<ENDPOINT>"] => "the endpoint is missing".to_owned(),
                    None => format!("missing argument: {}", missing.join(" ")),
                }
            }
            ErrorKind::MissingSubcommand => format!(
                "'{}' requires a subcommand but one was not provided",
                self.text(ContextKind::InvalidSubcommand)
            ),
            ErrorKind::ArgumentConflict => self.conflict(argument),
            other => other.as_str().unwrap_or("the command line is not valid").to_owned(),
        }
    }

    /// A given flag that needs another one, and that other one.
    fn flag_that_needs(&self, missing: &[&str]) -> Option<(&'static str, &'static str)> {
        const NEEDS: [(&str, &str); 2] = [("--slurp", "--all"), ("--content-type", "--body-file")];
        let is_missing = |flag: &str| missing.iter().any(|one| one.split(' ').next() == Some(flag));
        NEEDS.into_iter().find(|(_, needed)| is_missing(needed))
    }

    /// The command and the endpoint of its first example.
    fn example(&self) -> Option<String> {
        let text = self.command.get_before_help()?.to_string();
        let words: Vec<&str> = text.lines().nth(1)?.split_whitespace().take(3).collect();
        Some(format!("write it like `{}`", words.join(" ")))
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

    fn hint(&self) -> Option<String> {
        let argument = self.text(ContextKind::InvalidArg);
        match self.error.kind() {
            ErrorKind::UnknownArgument => self.hint_for_argument(argument),
            ErrorKind::InvalidSubcommand => {
                let word = self.text(ContextKind::InvalidSubcommand);
                if self.may_be_key(word) {
                    return Some(habits::no_key(&self.path));
                }
                return habits::of_command(word, &self.path, self.command)
                    .or_else(|| self.noun_like(word))
                    .or_else(|| {
                        self.suggested(ContextKind::SuggestedSubcommand, "subcommand", word)
                    })
                    .or_else(|| Some(habits::list(self.command)));
            }
            ErrorKind::TooManyValues if self.may_be_key(self.text(ContextKind::InvalidValue)) => {
                return Some(habits::no_key(&self.path));
            }
            ErrorKind::MissingSubcommand => {
                return Some(habits::list(self.command));
            }
            ErrorKind::MissingRequiredArgument => {
                let missing = self.list(ContextKind::InvalidArg);
                match self.flag_that_needs(&missing) {
                    Some((flag, needed)) => {
                        return Some(format!("add {needed}, or leave {flag} out"));
                    }
                    None if missing == ["<ENDPOINT>"] => self.example(),
                    None => None,
                }
            }
            _ => None,
        }
        .or_else(|| self.suggested(ContextKind::SuggestedArg, "argument", argument))
        .or_else(|| {
            let value = self.text(ContextKind::InvalidValue);
            self.suggested(ContextKind::SuggestedValue, "value", value)
        })
        .or_else(|| self.usage())
    }

    /// The noun that was meant in place of a command.
    fn noun_like(&self, word: &str) -> Option<String> {
        let nouns = noun::nouns();
        let noun = nearest(word, nouns.iter().copied(), 2).filter(|_| self.path.is_empty())?;
        Some(format!("did you mean `heygen {noun}`?"))
    }

    fn hint_for_argument(&self, argument: &str) -> Option<String> {
        if self.entered_argument(argument) != argument {
            return Some(habits::no_key(&self.path));
        }
        if !argument.starts_with('-') {
            return habits::of_argument(argument, &self.path);
        }
        let given = Given {
            value: self.line.value_of(argument),
            operand: self.line.operand.filter(|operand| !looks_like_key(operand)),
        };
        self.hint_for_place(argument)
            .or_else(|| habits::of_flag(argument, &self.path, given))
            .or_else(|| self.suggested(ContextKind::SuggestedArg, "argument", argument))
            .or_else(|| habits::of_parameter(argument, &self.path, given))
    }

    /// A flag before the command that only a command has.
    fn hint_for_place(&self, flag: &str) -> Option<String> {
        if !self.path.is_empty() && !self.line.begins_with(flag) {
            return None;
        }
        let named = self.line.words.iter().filter_map(|word| self.root.find_subcommand(word));
        let (command, argument) =
            named.chain(self.root.find_subcommand("post")).find_map(|command| {
                let own = command.get_arguments().find(|argument| is_named(argument, flag))?;
                Some((command, own))
            })?;
        let name = command.get_name();
        let value = if argument.get_action().takes_values() { " …" } else { "" };
        Some(format!("write `{flag}` after the command: `heygen {name} ENDPOINT {flag}{value}`"))
    }

    /// The name that clap suggests, where it is near or a longer or shorter form of the entered one.
    fn suggested(&self, kind: ContextKind, what: &str, entered: &str) -> Option<String> {
        // The best of several is the last.
        let name = self.list(kind).pop()?;
        let longest = entered.chars().count().max(name.chars().count());
        let is_part = name.starts_with(entered) || entered.starts_with(name);
        if !is_part && nearest(entered, [name], longest / 3).is_none() {
            return None;
        }
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
    use crate::cli::tree::tree;

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
