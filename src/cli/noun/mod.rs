//! Commands by noun and verb (`heygen video list`), made of the catalogue when their noun is asked
//! for: nothing about an operation is written here.

mod example;
mod fields;
mod tree;

#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::{ArgMatches, FromArgMatches as _};

pub(super) use self::tree::{DOWNLOAD, OPTIONAL, REQUIRED, kind, operations};

use self::fields::{Entered, Field, Part, fields};
use super::{BodyArgs, CallArgs, JobArgs};
use crate::catalogue::{self, Operation, Place};
use crate::cli::call::{InsteadArgs, LimitArgs, RequestArgs, ResponseArgs};
use crate::error::Error;
use crate::percent::component;

/// A command of a noun, as the call that it means.
#[derive(Debug)]
pub struct NounArgs {
    pub operation: Operation,
    /// The call, with the endpoint in it.
    pub call: CallArgs,
    pub body: BodyArgs,
    pub job: JobArgs,
    /// The words that name what is removed: the IDs.
    pub ids: Vec<String>,
    /// True where no question has to be asked.
    pub is_confirmed: bool,
    /// A schema to print in place of a call.
    pub schema: Option<SchemaOf>,
}

/// The part of a call whose schema is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaOf {
    Request,
    Response,
}

/// The commands that are no nouns: most lines name one, and need no look into the catalogue.
const OTHERS: [&str; 14] = [
    "auth",
    "get",
    "head",
    "post",
    "put",
    "patch",
    "delete",
    "wait",
    "download",
    "endpoints",
    "mock",
    "completions",
    "man",
    "help",
];

/// Global flags with a value, which may be the next word.
const WITH_VALUE: [&str; 6] =
    ["--api-key-file", "--env-file", "--api-base", "--ca-cert", "--color", "--error-format"];

/// All nouns, in the order of the alphabet.
pub(super) fn nouns() -> Vec<&'static str> {
    let mut nouns: Vec<&str> = catalogue::all().filter_map(Operation::noun).collect();
    nouns.sort_unstable();
    nouns.dedup();
    nouns
}

/// What a command line asks of a noun.
pub(super) struct Asked {
    pub(super) noun: &'static str,
    /// The operation, if the verb is one.
    pub(super) operation: Option<Operation>,
    /// The line, with the words that people type for a noun replaced by its own.
    pub(super) line: Vec<OsString>,
}

impl Asked {
    /// The command of the noun.
    pub(super) fn command(&self) -> clap::Command {
        tree::command(self.noun, self.operation)
    }
}

/// The noun that a command line names; `None` if it names none.
pub(super) fn asked_for(arguments: &[OsString]) -> Option<Asked> {
    let mut place = plain_words(arguments).nth(1)?.0;
    let word = arguments.get(place)?.to_str()?;
    if OTHERS.contains(&word) {
        return None;
    }
    let (noun, second) = noun_of(word)?;
    let mut line = arguments.to_vec();
    line[place] = noun.into();
    if let Some(second) = second {
        line.insert(place + 1, second.into());
    }
    let is_help = line.iter().any(|word| word == "--help" || word == "-h");
    // `heygen user`: where there is one command only, it is meant.
    let mut commands = tree::operations(noun);
    if let (Some(only), None, false) = (commands.next(), commands.next(), is_help) {
        let verb: Vec<&str> = only.verb().unwrap_or_default().split(' ').collect();
        if !line.iter().skip(place).any(|word| verb.first().is_some_and(|first| word == first)) {
            line.splice(place + 1..place + 1, verb.into_iter().map(OsString::from));
        }
    }
    // In HeyGen's own command line it may stand before the noun.
    if let Some(human) = line.iter().take(place).position(|word| word == "--human") {
        let human = line.remove(human);
        line.push(human);
        place -= 1;
    }
    let operation = operation_of(noun, line.get(place + 1..).unwrap_or_default());
    Some(Asked { noun, operation, line })
}

/// The operation whose verb begins the words.
fn operation_of(noun: &str, words: &[OsString]) -> Option<Operation> {
    let words: Vec<&str> = plain_words(words).filter_map(|(_, word)| word.to_str()).collect();
    tree::operations(noun).find(|own| {
        let verb: Vec<&str> = own.verb().unwrap_or_default().split(' ').collect();
        let last = verb.len() - 1;
        let is_same = |(place, own): (usize, &&str)| {
            let word = words.get(place).copied().unwrap_or_default();
            *own == word || place < last && own.strip_suffix('s') == Some(word)
        };
        verb.iter().enumerate().all(is_same)
    })
}

/// The words that are neither flags nor the values of global ones, each with its place.
fn plain_words(words: &[OsString]) -> impl Iterator<Item = (usize, &OsString)> {
    let mut is_value = false;
    let words = words.iter().enumerate().take_while(|(_, word)| *word != "--");
    words.filter(move |(_, word)| {
        let was_value = std::mem::take(&mut is_value);
        is_value = !was_value && WITH_VALUE.iter().any(|flag| *word == flag);
        !was_value && !word.as_encoded_bytes().starts_with(b"-")
    })
}

/// The noun of a word, and the word that follows it: `videos` is `video`, `brand-kit` is
/// `brand kits`.
fn noun_of(word: &str) -> Option<(&'static str, Option<&'static str>)> {
    let is_same = |known: &str, word: &str| {
        known == word
            || known.strip_suffix('s').is_some_and(|single| single == word)
            || word.strip_suffix('s').is_some_and(|single| single == known)
    };
    let all = || catalogue::all().filter_map(|own| Some((own.noun()?, own.verb()?)));
    let exact = all().find(|(noun, _)| *noun == word);
    if let Some((noun, _)) = exact.or_else(|| all().find(|(noun, _)| is_same(noun, word))) {
        return Some((noun, None));
    }
    let (first, second) = word.split_once('-')?;
    all().find_map(|(noun, verb)| {
        let group = verb.split(' ').next()?;
        (is_same(noun, first) && is_same(group, second) && group != verb)
            .then_some((noun, Some(group)))
    })
}

impl NounArgs {
    /// The call that the words of a noun's command and their flags mean.
    pub(super) fn new(asked: &Asked, matches: &ArgMatches) -> Result<NounArgs, Failure> {
        let mut own = matches;
        while let Some((_, below)) = own.subcommand() {
            own = below;
        }
        // Without it there are no flags to read: the words stand in an order that clap alone takes.
        let operation = asked.operation.ok_or_else(|| {
            let noun = asked.noun;
            Error::usage_with_hint(
                "the verb stands behind other words",
                format!("write it first: `heygen {noun} VERB …`; `heygen {noun}` lists the verbs"),
            )
        })?;
        read(operation, own)
    }
}

/// The reason why a command line is not read: clap's, or ours.
pub(super) enum Failure {
    Clap(clap::Error),
    Own(Error),
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Failure {
        Failure::Clap(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Own(error)
    }
}

fn read(operation: Operation, matches: &ArgMatches) -> Result<NounArgs, Failure> {
    let mut request = RequestArgs::from_arg_matches(matches)?;
    let mut answer = ResponseArgs::from_arg_matches(matches)?;
    let is_confirmed = answer.force;
    // There it confirms, and replaces no file.
    answer.force &= !operation.is_destructive() || answer.save.is_some();
    let job = match operation.job() {
        Some(_) => JobArgs::from_arg_matches(matches)?,
        None => JobArgs::default(),
    };
    let is_set = |id: &str| matches.try_get_one::<bool>(id).ok().flatten().copied() == Some(true);
    let schema = match (is_set("request_schema"), is_set("response_schema")) {
        (true, _) => Some(SchemaOf::Request),
        (_, true) => Some(SchemaOf::Response),
        _ => None,
    };
    let text = |id: &str| matches.try_get_one::<String>(id).ok().flatten().cloned();
    let data = text("data");
    let mut body = BodyArgs { data, ..BodyArgs::default() };
    let mut ids = Vec::new();
    let mut endpoint = String::new();
    if schema.is_none() {
        (endpoint, ids) = path(operation, &text)?;
        let entered = entered(operation, matches, &request, &body)?;
        request.query.splice(0..0, entered.query);
        request.fields.typed.splice(0..0, entered.fields);
        body.form = entered.form;
    }
    let call = CallArgs {
        is_by_noun: true,
        endpoint,
        request,
        instead: InsteadArgs::from_arg_matches(matches)?,
        answer,
        limits: LimitArgs::from_arg_matches(matches)?,
    };
    Ok(NounArgs { operation, call, body, job, ids, is_confirmed, schema })
}

/// The path with the IDs in it, encoded.
fn path(
    operation: Operation,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<(String, Vec<String>), Error> {
    let mut ids = Vec::new();
    let mut path = operation.path().to_owned();
    for parameter in operation.parameters().filter(|own| own.place() == Place::Path) {
        let name = parameter.name();
        let command = operation.command().unwrap_or_default();
        let Some(id) = text(&format!("path:{name}")) else {
            return Err(Error::usage_with_hint(
                format!("missing argument: <{}>", name.to_uppercase()),
                format!("write it like `{}`", example::example(operation)),
            ));
        };
        if matches!(id.as_str(), "" | "." | "..") {
            let shown = if id.is_empty() { "empty".to_owned() } else { format!("`{id}`") };
            return Err(Error::usage_with_hint(
                format!("<{}> of `{command}` is {shown}", name.to_uppercase()),
                "is a shell variable unset?",
            ));
        }
        path = path.replace(&format!("{{{name}}}"), &component(&id).to_string());
        ids.push(id);
    }
    Ok((path, ids))
}

/// The values of the operation's flags, checked.
fn entered(
    operation: Operation,
    matches: &ArgMatches,
    request: &RequestArgs,
    body: &BodyArgs,
) -> Result<Entered, Error> {
    let fields = fields(operation);
    let mut entered = Entered::default();
    let mut tag = None;
    let mut missing = Vec::new();
    for field in &fields {
        let id = format!("field:{}", field.name);
        let values: Vec<&String> =
            matches.try_get_many::<String>(&id).ok().flatten().into_iter().flatten().collect();
        for value in &values {
            field.enter(value, &mut entered)?;
        }
        if field.is_tag {
            tag = values.first().map(|value| value.as_str());
        }
        let is_needed = match tag {
            Some(tag) => field.is_required || field.of.contains(&(tag, true)),
            None => field.is_required,
        };
        if is_needed && values.is_empty() && !is_given(field, request, body) {
            missing.push(format!("--{}", field.flag()));
        }
    }
    if missing.is_empty() {
        return Ok(entered);
    }
    let command = operation.command().unwrap_or_default();
    Err(Error::usage_with_hint(
        format!("`{command}` needs {}", missing.join(", ")),
        format!("write it like `{}`", example::example(operation)),
    ))
}

/// Returns whether a field comes from somewhere else: `-Q`, `-f`, or the whole body.
fn is_given(field: &Field, request: &RequestArgs, body: &BodyArgs) -> bool {
    let names = |text: &str| text.split(['=', '[']).next() == Some(field.name);
    match field.part {
        Part::Query => {
            request.query.iter().any(|pair| names(pair))
                || request.fields.typed.iter().any(|field| names(field.text()))
        }
        Part::Body | Part::Form => {
            body.data.is_some() || request.fields.typed.iter().any(|field| names(field.text()))
        }
    }
}
