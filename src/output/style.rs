//! How a response is printed: the output flags and their variables joined and checked.

use std::path::{Path, PathBuf};

use http::Method;

use crate::app::settings::{switch, variable};
use crate::cli::AnswerArgs;
use crate::env::Env;
use crate::error::{Error, Usage};
use crate::render::filter::Filter;
use crate::render::rows::Columns;
use crate::secret::looks_like_key;

/// How an answer is printed.
#[derive(Debug)]
pub struct AnswerStyle {
    /// The form.
    pub format: OutputFormat,
    /// Which part of it is printed, or filtered.
    pub part: Part,
    /// What is made of that part.
    pub filter: Option<Filtering>,
    /// How much of a list is fetched.
    pub pages: Pages,
    /// Status and headers before it, also when the call failed.
    pub head: bool,
    /// Where it goes instead of stdout.
    pub save: Option<Save>,
}

/// A file for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// The file.
    pub path: PathBuf,
    /// Whether it may replace one that exists.
    pub replaces: bool,
}

/// The forms of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputFormat {
    /// Indented JSON.
    Json,
    /// JSON on one line.
    Compact,
    /// JSON, an item of a list a line.
    JsonLines,
    /// A table with these columns.
    Table(Columns),
    /// CSV with these columns.
    Csv(Columns),
    /// The bytes as they came.
    Raw,
}

/// Which part of an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is in the envelope.
    Data,
    /// The envelope too.
    Whole,
}

/// A filter, and how its strings are printed.
#[derive(Debug)]
pub struct Filtering {
    /// The filter.
    pub filter: Filter,
    /// How strings that are a result come out.
    pub strings: Strings,
}

/// How a string comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strings {
    /// As the text that it is.
    Raw,
    /// As JSON.
    Quoted,
}

/// How much of a list is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// The page that was asked for.
    One,
    /// That page and all that follow.
    All,
}

impl AnswerStyle {
    /// What was typed, else what the variables say, else indented JSON of the data. The filter is
    /// compiled here, before anything is sent.
    ///
    /// # Errors
    /// A format that does not exist, a filter that makes no sense, flags that do not go together.
    pub fn new(
        args: &AnswerArgs,
        method: &Method,
        env: &Env,
        on_terminal: bool,
    ) -> Result<AnswerStyle, Error> {
        let format = format(args, env, on_terminal)?;
        conflicts(args, method)?;
        let pages = if args.all { Pages::All } else { Pages::One };
        // All pages together have no envelope, whatever is preferred elsewhere.
        let whole = args.envelope || pages == Pages::One && switch(env, "HEYGEN_ENVELOPE")?;
        if pages == Pages::All && format == OutputFormat::Raw {
            return Err(Error::usage_with_hint(
                "--all makes one list of many answers, and `raw` is an answer as it came",
                "use `-o jsonl`",
            ));
        }
        let filter = args.jq.as_deref().map(|text| filtering(text, args)).transpose()?;
        let part = if whole { Part::Whole } else { Part::Data };
        let stdout = [Path::new("-"), Path::new("/dev/stdout")];
        let save = args.save.as_ref().filter(|path| !stdout.contains(&path.as_path()));
        let save = save.map(|path| Save { path: path.clone(), replaces: args.force });
        Ok(AnswerStyle { format, part, filter, pages, head: args.include, save })
    }
}

impl OutputFormat {
    fn parse(name: &str, columns: &Columns) -> Option<OutputFormat> {
        match name {
            "json" => Some(OutputFormat::Json),
            "compact" => Some(OutputFormat::Compact),
            "jsonl" => Some(OutputFormat::JsonLines),
            "table" => Some(OutputFormat::Table(columns.clone())),
            "csv" => Some(OutputFormat::Csv(columns.clone())),
            "raw" => Some(OutputFormat::Raw),
            _ => None,
        }
    }
}

/// Flags that were typed and do not go together.
fn conflicts(args: &AnswerArgs, method: &Method) -> Result<(), Error> {
    if args.all && *method != Method::GET {
        return Err(Error::usage_with_hint(
            format!("--all is for lists, which are read with GET, not {method}"),
            "leave `--all` out",
        ));
    }
    if args.all && args.envelope {
        return Err(Error::usage_with_hint(
            "--envelope and --all do not go together: each page has an envelope of its own",
            "leave one of them out",
        ));
    }
    let made_of_data = match args.output.as_deref() {
        Some("table" | "csv" | "jsonl") => Some("--output"),
        _ if args.human => Some("--human"),
        _ if args.jq.is_some() => Some("--jq"),
        _ if args.all => Some("--all"),
        _ if !args.columns.is_empty() => Some("--columns"),
        _ => None,
    };
    match made_of_data {
        Some(flag) if args.include => Err(Error::usage_with_hint(
            format!("--include shows one answer as it came, and {flag} makes something else of it"),
            "leave one of them out; `-v` shows the status too",
        )),
        _ => Ok(()),
    }
}

fn format(args: &AnswerArgs, env: &Env, on_terminal: bool) -> Result<OutputFormat, Error> {
    let columns = match args.columns.as_slice() {
        [] => Columns::Guessed,
        names if names.iter().any(|name| name.is_empty()) => {
            return Err(Error::usage_with_hint(
                "--columns has an empty name",
                "write it like `-c id,voice.language`",
            ));
        }
        names => Columns::Chosen(names.to_vec()),
    };
    let table = || OutputFormat::Table(columns.clone());
    let format = match (&args.output, variable(env, "HEYGEN_OUTPUT")?) {
        (Some(name), _) => {
            OutputFormat::parse(name, &columns).ok_or_else(|| not_a_format("--output", name))?
        }
        (None, _) if args.human => table(),
        (None, None) => OutputFormat::Json,
        // Behind a head stands the answer itself.
        (None, Some("human" | "table" | "csv" | "jsonl")) if args.include => OutputFormat::Json,
        // Scripts get JSON, whatever a person prefers; columns make it clear what is wanted.
        (None, Some("human" | "table")) if on_terminal || columns != Columns::Guessed => table(),
        (None, Some("human" | "table")) => OutputFormat::Json,
        (None, Some(name)) => OutputFormat::parse(name, &columns)
            .ok_or_else(|| not_a_format("HEYGEN_OUTPUT", name))?,
    };
    let has_columns = matches!(format, OutputFormat::Table(_) | OutputFormat::Csv(_));
    if has_columns || columns == Columns::Guessed {
        return Ok(format);
    }
    Err(Error::usage_with_hint(
        "--columns is for tables and CSV",
        "add `-o table` or `-o csv`; in JSON, `-q` chooses members",
    ))
}

fn filtering(text: &str, args: &AnswerArgs) -> Result<Filtering, Error> {
    let filter = Filter::compile(text).map_err(|bad| {
        Error::Usage(Usage {
            message: format!("--jq: {}", bad.message),
            details: bad.place,
            hint: bad.hint.map(str::to_owned),
        })
    })?;
    // Only by hand: a variable that is set for all calls should not put quotes around an id.
    let strings = match args.output.as_deref() {
        Some("json" | "compact") => Strings::Quoted,
        _ => Strings::Raw,
    };
    Ok(Filtering { filter, strings })
}

fn not_a_format(place: &str, name: &str) -> Error {
    let name = if looks_like_key(name) { "…" } else { name };
    let hint = match Path::new(name).extension() {
        Some(_) => format!("to write a file: `-O {name}`"),
        None => "use json, compact, jsonl, table, csv or raw".to_owned(),
    };
    Error::usage_with_hint(format!("{place} is `{name}`, which is no format"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_flag_overrides_variable() {
        use OutputFormat::{Compact, Csv, Json, JsonLines, Raw, Table};
        let check = |typed: &[&str], variable: &str, expected: Result<OutputFormat, &str>| {
            let env = Env::of(&[("HEYGEN_OUTPUT", variable)], "/", None);
            let flag = |name: &str| typed.iter().find_map(|word| word.strip_prefix(name));
            let args = AnswerArgs {
                output: flag("-o ").map(str::to_owned),
                columns: flag("-c ").iter().map(|&names| names.to_owned()).collect(),
                human: typed.contains(&"--human"),
                ..AnswerArgs::default()
            };
            let got = AnswerStyle::new(&args, &Method::GET, &env, typed.contains(&"terminal"));
            let got = got.map(|style| style.format);
            assert_eq!(
                got.map_err(|error| error.to_string()),
                expected.map_err(str::to_owned),
                "{typed:?} {variable}"
            );
        };
        let guessed = || Columns::Guessed;
        let chosen = || Columns::Chosen(vec!["id".to_owned()]);
        check(&[], "", Ok(Json));
        check(&[], "compact", Ok(Compact));
        check(&["-o raw"], "compact", Ok(Raw));
        check(&["-o jsonl"], "", Ok(JsonLines));
        check(&["-o table"], "", Ok(Table(guessed())));
        check(&["--human"], "csv", Ok(Table(guessed())));
        check(&[], "human", Ok(Json));
        check(&["terminal"], "human", Ok(Table(guessed())));
        check(&[], "table", Ok(Json));
        check(&["terminal"], "table", Ok(Table(guessed())));
        check(&["-c id"], "table", Ok(Table(chosen())));
        check(&["-c id"], "csv", Ok(Csv(chosen())));
        check(&["-c id", "-o csv"], "", Ok(Csv(chosen())));
        check(&["-c id"], "", Err("--columns is for tables and CSV"));
        check(&["-c id", "-o json"], "table", Err("--columns is for tables and CSV"));
        check(&["-c "], "csv", Err("--columns has an empty name"));
        check(&["-o out.json"], "", Err("--output is `out.json`, which is no format"));
        check(&[], "yaml", Err("HEYGEN_OUTPUT is `yaml`, which is no format"));
    }

    #[test]
    fn all_rejects_envelope_and_raw() {
        let check = |output: Option<&str>, envelope: bool, expected: Result<Part, &str>| {
            let env = Env::of(&[("HEYGEN_ENVELOPE", "1")], "/", None);
            let args = AnswerArgs {
                output: output.map(str::to_owned),
                envelope,
                all: true,
                ..AnswerArgs::default()
            };
            let got = AnswerStyle::new(&args, &Method::GET, &env, false).map(|style| style.part);
            assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
        };
        check(None, false, Ok(Part::Data));
        let no_envelope =
            "--envelope and --all do not go together: each page has an envelope of its own";
        check(None, true, Err(no_envelope));
        let no_raw = "--all makes one list of many answers, and `raw` is an answer as it came";
        check(Some("raw"), false, Err(no_raw));
    }
}
