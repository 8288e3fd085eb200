//! The style in which a response is printed: the output flags and variables, joined and checked.

use std::path::{Path, PathBuf};

use http::Method;

use crate::app::settings::{switch, variable};
use crate::cli::{CallArgs, ResponseArgs};
use crate::env::Env;
use crate::error::{Error, Usage};
use crate::render::filter::{BadFilter, Filter};
use crate::render::rows::Columns;
use crate::secret::{hide_key_shapes, looks_like_key};

/// The way a response is printed.
#[derive(Debug)]
pub struct ResponseStyle {
    /// The form.
    pub format: OutputFormat,
    /// Begins CSV with a byte order mark.
    pub bom: bool,
    /// The part of it that is printed, or filtered.
    pub part: Part,
    /// The filter on that part.
    pub filter: Option<Filtering>,
    /// The pages of a list to fetch.
    pub pages: Pages,
    /// Status and headers before it, also when the call failed.
    pub head: bool,
    /// The file that it is written to instead of stdout.
    pub save: Option<Save>,
}

impl ResponseStyle {
    /// For commands that print paths, and nothing of a response.
    pub fn of_paths() -> ResponseStyle {
        ResponseStyle {
            format: OutputFormat::Compact,
            bom: false,
            part: Part::Data,
            filter: None,
            pages: Pages::One,
            head: false,
            save: None,
        }
    }
}

/// A file for a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// The file.
    pub path: PathBuf,
    /// Replaces an existing file (`--force`).
    pub replaces: bool,
}

/// The formats of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputFormat {
    /// Indented JSON.
    Json,
    /// JSON on one line.
    Compact,
    /// JSON, one item of a list per line.
    JsonLines,
    /// A table with these columns.
    Table(Columns),
    /// CSV with these columns.
    Csv(Columns),
    /// The bytes as received.
    Raw,
}

/// A part of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The data in the envelope.
    Data,
    /// The envelope with its data.
    Whole,
}

/// A filter, and how its strings are printed.
#[derive(Debug)]
pub struct Filtering {
    /// The filter.
    pub filter: Filter,
    /// The form of results that are strings.
    pub strings: Strings,
}

/// The form of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strings {
    /// As the text that it is.
    Raw,
    /// As JSON.
    Quoted,
}

/// The pages of a list to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// The requested page.
    One,
    /// The requested page and all that follow.
    All,
    /// The same, joined into one list before anything is printed.
    Joined,
}

impl ResponseStyle {
    /// The flags, else the variables, else indented JSON of the data. The filter is
    /// compiled here, before anything is sent.
    ///
    /// # Errors
    /// A format or filter is invalid, or flags conflict.
    pub fn new(
        args: &ResponseArgs,
        method: &Method,
        env: &Env,
        on_terminal: bool,
    ) -> Result<ResponseStyle, Error> {
        conflicts(args, method)?;
        let format = format(args, env, on_terminal)?;
        let pages = match (args.all, args.slurp) {
            (false, _) => Pages::One,
            (true, false) => Pages::All,
            (true, true) => Pages::Joined,
        };
        // All pages together have no envelope, whatever the variable says.
        let whole = args.envelope || pages == Pages::One && switch(env, "HEYGEN_ENVELOPE")?;
        if pages != Pages::One && format == OutputFormat::Raw {
            return Err(Error::usage_with_hint(
                "--all joins many responses, and `raw` prints one as received",
                "use `-o jsonl`",
            ));
        }
        let is_csv = matches!(format, OutputFormat::Csv(_));
        if args.bom && !is_csv {
            return Err(Error::usage_with_hint(
                "--bom is for CSV",
                "add `-o csv`, or leave --bom out",
            ));
        }
        // Only for the flag: a variable that is set for all calls should not put quotes around an ID.
        let strings = match args.output.as_deref() {
            Some("json" | "compact") => Strings::Quoted,
            _ => Strings::Raw,
        };
        let filter = args.jq.as_deref().map(|text| filtering(text, strings)).transpose()?;
        let part = if whole { Part::Whole } else { Part::Data };
        let stdout = [Path::new("-"), Path::new("/dev/stdout")];
        let save = args.save.as_ref().filter(|path| !stdout.contains(&path.as_path()));
        let save = save.map(|path| Save { path: path.clone(), replaces: args.force });
        let bom = args.bom;
        Ok(ResponseStyle { format, bom, part, filter, pages, head: args.include, save })
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

/// Refuses flags that conflict or would have no effect.
fn conflicts(args: &ResponseArgs, method: &Method) -> Result<(), Error> {
    if *method == Method::HEAD
        && let Some(flag) = shaping_flag(args)
    {
        return Err(Error::usage_with_hint(
            format!("{flag} has no effect: a response to HEAD has no data"),
            "use `heygen get`, or leave it out",
        ));
    }
    if args.all && *method != Method::GET {
        return Err(Error::usage_with_hint(
            format!("--all is for lists, which are read with GET, not {method}"),
            "leave `--all` out",
        ));
    }
    if args.all && args.envelope {
        return Err(Error::usage_with_hint(
            "--envelope and --all conflict: each page has its own envelope",
            "leave one of them out",
        ));
    }
    if args.jq.is_some() && args.output.as_deref() == Some("raw") {
        return Err(Error::usage_with_hint(
            "--jq and `-o raw` conflict: `raw` prints the response as received",
            "leave `-o raw` out: --jq prints strings without quotes",
        ));
    }
    if args.envelope && args.output.as_deref() == Some("raw") {
        return Err(Error::usage_with_hint(
            "--envelope and `-o raw` conflict: `raw` prints the response as received",
            "leave one of them out",
        ));
    }
    check_include(args)
}

/// Refuses `--include` where the response is not printed as received.
fn check_include(args: &ResponseArgs) -> Result<(), Error> {
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
            format!("--include prints one response as received, and {flag} changes it"),
            "leave one of them out; `-v` shows the status too",
        )),
        _ => Ok(()),
    }
}

/// The first flag that chooses or shapes the data of a response.
fn shaping_flag(args: &ResponseArgs) -> Option<&'static str> {
    let given = [
        ("--jq", args.jq.is_some()),
        ("--output", args.output.is_some()),
        ("--human", args.human),
        ("--columns", !args.columns.is_empty()),
        ("--bom", args.bom),
        ("--all", args.all),
        ("--envelope", args.envelope),
    ];
    given.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag))
}

/// Refuses flags that a printed program would not obey.
///
/// # Errors
/// One of them is given: the program would do something else than the call.
pub fn check_program(args: &CallArgs) -> Result<(), Error> {
    let ResponseArgs { save, include, .. } = &args.answer;
    // `--envelope` decides what the program prints; it fetches one page.
    let shaping = ResponseArgs { envelope: false, all: false, ..args.answer.clone() };
    let given = [
        ("--save", save.is_some()),
        ("--include", *include),
        ("--timeout", args.limits.timeout.is_some()),
        ("--retry", args.limits.retry.is_some()),
        ("--retry-for", args.limits.retry_for.is_some()),
    ];
    let given = given.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag));
    match shaping_flag(&shaping).or(given) {
        Some(flag) => Err(Error::usage_with_hint(
            format!("{flag} has no effect on the program that --as prints"),
            "leave one of them out",
        )),
        None => Ok(()),
    }
}

fn format(args: &ResponseArgs, env: &Env, on_terminal: bool) -> Result<OutputFormat, Error> {
    let names: Vec<String> = args.columns.iter().map(|name| name.trim().to_owned()).collect();
    let columns = match names.as_slice() {
        [] => Columns::Guessed,
        names if names.iter().any(String::is_empty) => {
            return Err(Error::usage_with_hint(
                "--columns contains an empty name",
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
        // After `--include` the response is printed as received.
        (None, Some("human" | "table" | "csv" | "jsonl")) if args.include => OutputFormat::Json,
        // A preferred table is for terminals; --columns asks for one anywhere.
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

/// Compiles the argument of `--jq`.
///
/// # Errors
/// The filter is invalid.
pub fn filtering(text: &str, strings: Strings) -> Result<Filtering, Error> {
    let filter = Filter::compile(text).map_err(|bad| bad_filter(text, bad))?;
    Ok(Filtering { filter, strings })
}

fn bad_filter(text: &str, bad: BadFilter) -> Error {
    // The message and the place show parts of the filter: half a key does not look like one.
    if hide_key_shapes(text) != text {
        return Error::usage_with_hint(
            "--jq: the filter is invalid, and contains what looks like a key",
            "a filter works on the response only",
        );
    }
    Error::Usage(Usage {
        message: format!("--jq: {}", bad.message),
        details: bad.place,
        hint: bad.hint.map(str::to_owned),
    })
}

fn not_a_format(place: &str, name: &str) -> Error {
    let shown =
        if looks_like_key(name) { "…".to_owned() } else { hide_key_shapes(name).into_owned() };
    let hint = match name {
        "human" | "text" | "pretty" => "use `-o table`, or json for indented JSON".to_owned(),
        "ndjson" | "json-lines" | "jsonlines" => "use `-o jsonl`".to_owned(),
        "tsv" => "use `-q '.[] | [.id, .title] | @tsv'`".to_owned(),
        "-" => "stdout is the default".to_owned(),
        _ if Path::new(name).extension().is_some() => format!("to write a file: `-O {shown}`"),
        _ => "use json, compact, jsonl, table, csv or raw".to_owned(),
    };
    Error::usage_with_hint(format!("invalid value `{shown}` for {place}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_flag_overrides_variable() {
        use OutputFormat::{Compact, Csv, Json, JsonLines, Raw, Table};
        let check = |entered: &[&str], variable: &str, expected: Result<OutputFormat, &str>| {
            let env = Env::of(&[("HEYGEN_OUTPUT", variable)], "/", None);
            let flag = |name: &str| entered.iter().find_map(|word| word.strip_prefix(name));
            let args = ResponseArgs {
                output: flag("-o ").map(str::to_owned),
                columns: flag("-c ").iter().map(|&names| names.to_owned()).collect(),
                human: entered.contains(&"--human"),
                ..ResponseArgs::default()
            };
            let got = ResponseStyle::new(&args, &Method::GET, &env, entered.contains(&"terminal"));
            let got = got.map(|style| style.format);
            assert_eq!(
                got.map_err(|error| error.to_string()),
                expected.map_err(str::to_owned),
                "{entered:?} {variable}"
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
        check(&["-c  id "], "csv", Ok(Csv(chosen())));
        check(&["-c "], "csv", Err("--columns contains an empty name"));
        check(&["-o out.json"], "", Err("invalid value `out.json` for --output"));
        check(&[], "yaml", Err("invalid value `yaml` for HEYGEN_OUTPUT"));
    }

    #[test]
    fn all_rejects_envelope_and_raw() {
        let check = |output: Option<&str>, envelope: bool, expected: Result<Part, &str>| {
            let env = Env::of(&[("HEYGEN_ENVELOPE", "1")], "/", None);
            let args = ResponseArgs {
                output: output.map(str::to_owned),
                envelope,
                all: true,
                ..ResponseArgs::default()
            };
            let got = ResponseStyle::new(&args, &Method::GET, &env, false).map(|style| style.part);
            assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
        };
        check(None, false, Ok(Part::Data));
        let no_envelope = "--envelope and --all conflict: each page has its own envelope";
        check(None, true, Err(no_envelope));
        let no_raw = "--all joins many responses, and `raw` prints one as received";
        check(Some("raw"), false, Err(no_raw));
    }
}
