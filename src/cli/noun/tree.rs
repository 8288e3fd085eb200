//! The commands of one noun as clap reads them, made of the catalogue's data.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::Error;
use clap::{Arg, ArgAction, Args as _, Command};

use super::example::lines;
use super::fields::{Field, Part, fields};
use crate::catalogue::{self, Operation, Place};
use crate::cli::DownloadArgs;
use crate::cli::call::{InsteadArgs, LimitArgs, RequestArgs, ResponseArgs};
use crate::cli::wait::JobArgs;
use crate::schema::facts::{Side, facts};
use crate::schema::{Kind, Schema};

/// The headings of an operation's own flags.
pub(in crate::cli) const REQUIRED: &str = "Required";
pub(in crate::cli) const OPTIONAL: &str = "Optional";

/// The verb that fetches files.
pub(in crate::cli) const DOWNLOAD: &str = "download";

/// Flags of a call that a help of one operation leaves out, to fit on two screens.
const LEFT_OUT: [&str; 17] = [
    "query",
    "raw_fields",
    "fields",
    "headers",
    "idempotency_key",
    "program",
    "human",
    "columns",
    "bom",
    "slurp",
    "include",
    "retry",
    "retry_for",
    "timeout",
    "interval",
    "validate",
    "save",
];

/// The heading of the flags that every operation has.
pub(in crate::cli) const CALL: &str = "Call";

/// The flags of a call in fewer words than elsewhere.
const SHORT: [(&str, &str); 11] = [
    ("data", "Body as JSON, @FILE, a file's name or -; flags win over it"),
    ("force", "Do not ask"),
    ("wait", "Wait until the job is done, and print its final state"),
    ("download", "Wait, then fetch its file to this folder or file"),
    ("all", "Fetch all pages"),
    ("jq", "Filter the data with jq"),
    ("output", "json, compact, jsonl, table, csv or raw"),
    ("envelope", "Print the whole response, not only its data"),
    ("dry_run", "Show the request, and send nothing"),
    ("request_schema", "Print the JSON Schema of the body"),
    ("response_schema", "Print the JSON Schema of the response"),
];

const MORE: &str = "All flags of a call work too: `heygen help";

/// The value of a field: any text but a flag of the command, for which an empty variable has made room.
///
/// The words for a list of values are checked by the operation's schema, so that a value which is newer
/// than the catalogue gets a hint.
#[derive(Clone)]
struct FieldValue {
    choices: Vec<String>,
    /// The words before such a text that send it all the same: `-f title=`.
    otherwise: Option<String>,
}

impl FieldValue {
    fn new(field: &Field) -> FieldValue {
        let otherwise = match field.part {
            Part::Query => Some(format!("-Q {}=", field.name)),
            Part::Body => Some(format!("-f {}=", field.name)),
            Part::Form => None,
        };
        FieldValue { choices: field.choices(), otherwise }
    }
}

impl TypedValueParser for FieldValue {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, Error> {
        let missing = "it is a flag, and the value is missing";
        let refusal =
            value.to_str().filter(|word| is_flag_of(command, word)).map(|word| {
                match &self.otherwise {
                    Some(otherwise) => {
                        format!("{missing}; `{otherwise}{word}` sends it all the same")
                    }
                    None => missing.to_owned(),
                }
            });
        let check = move |value: &str| refusal.clone().map_or(Ok(value.to_owned()), Err);
        check.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let choices = self.choices.iter().map(PossibleValue::new);
        (!self.choices.is_empty()).then(|| Box::new(choices) as Box<dyn Iterator<Item = _>>)
    }
}

/// Returns whether a word would be read as flags of the command, or as one with its value.
fn is_flag_of(command: &Command, word: &str) -> bool {
    let Some(letters) = word.strip_prefix('-').filter(|_| !word.contains(char::is_whitespace))
    else {
        return false;
    };
    // A flag that is not spelled well is one all the same; `-nv` are two, `-ojson` one with its value.
    let short = letters.chars().next();
    short == Some('-')
        || short.is_some() && command.get_arguments().any(|own| own.get_short() == short)
}

/// The operations of a noun.
pub(in crate::cli) fn operations(noun: &str) -> impl Iterator<Item = Operation> {
    catalogue::all().filter(move |own| own.noun() == Some(noun))
}

/// The command of a noun with all its verbs; only the wanted operation has its flags.
pub(in crate::cli) fn command(noun: &'static str, wanted: Option<Operation>) -> Command {
    let first = operations(noun).next().and_then(Operation::command).unwrap_or(noun);
    let mut root = group(noun, format!("Commands of {noun}"))
        .before_help(format!("Examples:\n  heygen {first} --help"));
    for operation in operations(noun) {
        let words: Vec<&'static str> = operation.verb().unwrap_or_default().split(' ').collect();
        root = with_verb(root, &words, operation, wanted);
    }
    if kind(noun).is_some() {
        root = root.subcommand(download(noun));
    }
    root
}

/// `heygen download` for the jobs of a noun.
fn download(noun: &str) -> Command {
    let ids = "ID; or - to read IDs from stdin, one per line, or as JSON with them";
    DownloadArgs::augment_args(Command::new(DOWNLOAD))
        .about("Fetch the files of what is finished")
        .before_help(format!(
            "Examples:\n  heygen {noun} download ID\n  heygen {noun} download ID -O folder/"
        ))
        .mut_arg("names", |names| names.value_name("ID").help(ids))
}

/// The kind of the jobs that a noun has, where their state is what `get` shows: their files can be
/// fetched.
pub(in crate::cli) fn kind(noun: &str) -> Option<&'static str> {
    let get = operations(noun).find(|own| own.verb() == Some("get"))?;
    get.polled_job().and_then(|_| get.kind())
}

/// A command that only leads to others.
fn group(name: &'static str, about: String) -> Command {
    Command::new(name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
}

/// What the commands below some words do: the summary of the only one, or `create, get`.
fn about(before: &str) -> String {
    let rest = |own: Operation| own.command()?.strip_prefix(before)?.strip_prefix(' ');
    let below: Vec<Operation> = catalogue::all().filter(|own| rest(*own).is_some()).collect();
    if let [only] = below.as_slice() {
        return only.summary().to_owned();
    }
    let verbs = below.into_iter().filter_map(|own| rest(own)?.split(' ').next());
    let mut verbs: Vec<&str> = verbs.collect();
    verbs.dedup();
    verbs.join(", ")
}

fn with_verb(
    command: Command,
    words: &[&'static str],
    operation: Operation,
    wanted: Option<Operation>,
) -> Command {
    match words {
        [] => command,
        [verb] => command.subcommand(leaf(verb, operation, wanted)),
        [first, rest @ ..] if command.find_subcommand(first).is_some() => {
            command.mut_subcommand(*first, |below| with_verb(below, rest, operation, wanted))
        }
        [first, rest @ ..] => {
            let whole = operation.command().unwrap_or_default();
            let before = whole.strip_suffix(&rest.join(" ")).unwrap_or_default().trim_end();
            let below = group(first, about(before))
                .before_help(format!("Examples:\n  heygen {whole} --help"));
            let below = match first.strip_suffix('s') {
                Some(single) => below.alias(single),
                None => below,
            };
            command.subcommand(with_verb(below, rest, operation, wanted))
        }
    }
}

/// The command of an operation; its flags are made where it is the one that is asked for.
fn leaf(verb: &'static str, operation: Operation, wanted: Option<Operation>) -> Command {
    let command = Command::new(verb).about(operation.summary());
    if wanted == Some(operation) { with_arguments(command, operation) } else { command }
}

fn with_arguments(command: Command, operation: Operation) -> Command {
    let about = operation.summary();
    let fields = fields(operation);
    let command = command.before_help(format!("Examples:\n{}", lines(operation)));
    let mut command = with_fields(with_ids(command, operation), operation, &fields);
    command = RequestArgs::augment_args(command);
    command = InsteadArgs::augment_args(command);
    command = ResponseArgs::augment_args(command);
    if operation.job().is_some() {
        command = JobArgs::augment_args(command);
    }
    command = LimitArgs::augment_args(command);
    command = with_schemas(command, operation);
    // The name of a field is the field's.
    if fields.iter().any(|field| field.flag() == "query") {
        command = command.mut_arg("query", |own| own.long("query-parameter").hide(true));
    }
    command = suited_to(command, operation);
    let method = operation.method().to_lowercase();
    // The flags of a call brought theirs along.
    command.about(about).after_help(format!("{MORE} {method}`. It calls {operation}."))
}

/// The IDs in the path, each an argument.
fn with_ids(command: Command, operation: Operation) -> Command {
    let in_path = operation.parameters().filter(|own| own.place() == Place::Path);
    command.args(in_path.enumerate().map(|(index, parameter)| {
        let name = parameter.name();
        Arg::new(format!("path:{name}"))
            .value_name(name.to_uppercase())
            .index(index + 1)
            .allow_hyphen_values(false)
            .help(meaning(name))
    }))
}

/// A flag for each field, and `--data` for a body as a whole.
fn with_fields(command: Command, operation: Operation, fields: &[Field]) -> Command {
    let variants = fields.iter().find(|field| field.is_tag).map_or(0, |field| field.of.len());
    let command = command.args(fields.iter().map(|field| {
        let flag = flag(field, variants);
        match page_words(field, operation) {
            Some(words) => flag.help(words),
            None => flag,
        }
    }));
    let has_body = fields.iter().any(|field| field.part == Part::Body);
    if !has_body && operation.body_schema().is_none() {
        return command;
    }
    command
        .arg(Arg::new("data").short('d').long("data").value_name("JSON").allow_hyphen_values(true))
}

/// The flags of any call, shown or hidden as the operation needs them.
fn suited_to(mut command: Command, operation: Operation) -> Command {
    if operation.is_destructive() {
        command = command
            .mut_arg("force", |force| force.short('y').visible_alias("yes").hide_short_help(false));
    } else {
        command = command.mut_arg("force", |force| force.hide(true));
    }
    if operation.pages().is_none() {
        command = command.mut_arg("all", |all| all.hide(true));
    }
    let has = |command: &Command, id: &str| command.get_arguments().any(|own| own.get_id() == id);
    for id in LEFT_OUT {
        if has(&command, id) {
            command = command.mut_arg(id, |own| own.hide(true));
        }
    }
    for (id, text) in SHORT {
        if has(&command, id) {
            command = command.mut_arg(id, |own| own.help_heading(CALL).help(text).long_help(text));
        }
    }
    command
}

fn with_schemas(command: Command, operation: Operation) -> Command {
    let schema = |name: &'static str, long: &'static str| {
        Arg::new(name).long(long).action(ArgAction::SetTrue)
    };
    let mut command = command;
    if operation.body_schema().is_some() {
        command = command.arg(schema("request_schema", "request-schema"));
    }
    command.arg(schema("response_schema", "response-schema"))
}

/// `ID of the video` for `video_id`.
fn meaning(name: &str) -> String {
    match name.strip_suffix("_id") {
        Some(what) => format!("ID of the {}", what.replace('_', " ")),
        None => {
            let mut words = name.replace('_', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        }
    }
}

/// What the parameters for the pages of a list are for.
fn page_words(field: &Field, operation: Operation) -> Option<String> {
    let pages = operation.pages().filter(|_| field.part == Part::Query)?;
    if field.name == pages.request {
        return Some("token of the page to begin with, from the one before".to_owned());
    }
    let is_limit = pages.limit == Some(field.name);
    is_limit.then(|| format!("items per page: {}", words(field, 0)))
}

fn flag(field: &Field, variants: usize) -> Arg {
    let mut flag = Arg::new(format!("field:{}", field.name))
        .long(field.flag())
        .help_heading(if field.is_required { REQUIRED } else { OPTIONAL })
        .help(words(field, variants))
        .hide_possible_values(true)
        .value_parser(FieldValue::new(field))
        .allow_hyphen_values(true)
        .value_name(value_name(field));
    if let Some(other) = field.other_flag() {
        flag = flag.alias(other);
    }
    if field.is_switch() {
        return flag
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .allow_hyphen_values(false);
    }
    match field.is_list() {
        true => flag.action(ArgAction::Append),
        false => flag,
    }
}

fn value_name(field: &Field) -> &'static str {
    if field.part == Part::Form && field.schema.format() == Some("binary") {
        return "FILE";
    }
    if is_asset(field.item()) {
        return "ASSET";
    }
    match field.item().kinds().as_slice() {
        [Kind::Integer] => "N",
        [Kind::Number] => "NUMBER",
        [Kind::Boolean] => "BOOL",
        [Kind::Object] | [Kind::List] => "JSON",
        _ if field.item().format() == Some("uri") => "URL",
        [Kind::String] => "TEXT",
        _ => "VALUE",
    }
}

/// What the field takes, and for which variants it is.
fn words(field: &Field, variants: usize) -> String {
    if field.is_tag {
        return format!("Kind: {}", field.choices().join(", "));
    }
    let facts = facts(field.schema, false, Side::Request);
    // That a text is a text says its value's name.
    let mut words = facts.strip_prefix("string").unwrap_or(&facts).to_owned();
    words = words.trim_start_matches([':', ',', ';']).trim_start().to_owned();
    if is_asset(field.item()) {
        words = "an https:// URL, asset_id:ID or JSON".to_owned();
    }
    if field.is_switch() && field.schema.default() == Some(&serde_json::Value::Bool(true)) {
        words.push_str("; =false turns it off");
    }
    if field.is_list() {
        words.push_str("; can be repeated");
    }
    let is_for_all = field.of.len() == variants && field.of.iter().all(|(_, needed)| !needed);
    if !field.of.is_empty() && !field.is_required && !is_for_all {
        let tag = |(tag, is_required): &(&str, bool)| match is_required {
            true => format!("{tag} (required)"),
            false => (*tag).to_owned(),
        };
        let of: Vec<String> = field.of.iter().map(tag).collect();
        words.push_str(&format!(" [{}]", of.join(", ")));
        words = words.trim_start().to_owned();
    }
    if words.is_empty() { "text".to_owned() } else { words }
}

fn is_asset(schema: Schema) -> bool {
    schema.variants().iter().any(|own| own.tag == Some("asset_id"))
}
