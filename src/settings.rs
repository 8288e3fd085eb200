//! What was meant: flags and variables joined, checked, and valid from here on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;

use crate::api::origin::{Base, DEFAULT_BASE};
use crate::api::proxy::proxy_for;
use crate::api::retry::Policy;
use crate::api::transport::{Network, Roots};
use crate::cli::{AnswerArgs, GlobalArgs, LimitArgs};
use crate::credential::{KeyFile, Places};
use crate::env::{Env, NotUnicode, NotYesOrNo};
use crate::error::{Error, Usage, system_words};
use crate::render::filter::Filter;
use crate::render::rows::Columns;
use crate::secret::looks_like_key;

/// One try may take this long unless something else is asked for.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// So often it is tried again unless something else is asked for.
const DEFAULT_RETRIES: u32 = 3;

/// More tries than this are a mistake.
const MOST_RETRIES: u32 = 100;

/// All pauses together take no longer unless something else is asked for.
const DEFAULT_RETRY_FOR: Duration = Duration::from_secs(120);

/// What holds for the whole command.
pub struct Settings {
    /// Where the API is.
    pub base: Base,
    /// Where a key is looked for.
    pub places: Places,
    /// Whom to go through and whom to trust.
    pub network: Network,
    /// How much of each call is shown: 0, 1 or 2.
    pub verbosity: u8,
}

/// What a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One try, from the name lookup to the last byte of the answer; of files the longest silence.
    pub timeout: Duration,
    /// How often and how long it is tried again.
    pub policy: Policy,
}

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

impl Settings {
    /// Joins flags and variables; a flag beats its variable.
    ///
    /// # Errors
    /// One of them has a value without a meaning.
    pub fn new(global: &GlobalArgs, env: &Env) -> Result<Settings, Error> {
        let key_file = global.api_key_file.as_ref().map(|path| match path {
            path if path == Path::new("-") => KeyFile::Stdin,
            path => KeyFile::Path(path.clone()),
        });
        let base = base(global.api_base.as_deref(), env)?;
        let proxy = proxy_for(base.origin(), |names| {
            names.iter().find_map(|name| env.text(name).ok().flatten())
        });
        // A file of certificates costs more than the call: one that was not typed is read where
        // there are certificates.
        let flag = global.ca_cert.as_deref();
        let needs_roots = base.origin().is_secure() || flag.is_some();
        let roots = if needs_roots { roots(flag, env)? } else { Roots::BuiltIn };
        Ok(Settings {
            network: Network { proxy, roots },
            base,
            places: Places {
                key_file,
                env_file: global.env_file.clone(),
                search_env_files: !global.no_env_file,
            },
            verbosity: global.verbose,
        })
    }
}

impl Limits {
    /// What was typed, else what the variable says, else the defaults.
    ///
    /// # Errors
    /// A number of retries that is none.
    pub fn new(args: &LimitArgs, env: &Env) -> Result<Limits, Error> {
        let retries = match &args.retry {
            Some(text) => retries("--retry", text)?,
            None => match variable(env, "HEYGEN_MAX_RETRIES")? {
                Some(text) => retries("HEYGEN_MAX_RETRIES", text)?,
                None => DEFAULT_RETRIES,
            },
        };
        let budget = args.retry_for.unwrap_or(DEFAULT_RETRY_FOR);
        Ok(Limits {
            timeout: args.timeout.unwrap_or(DEFAULT_TIMEOUT),
            policy: Policy { retries, budget },
        })
    }
}

fn retries(place: &str, text: &str) -> Result<u32, Error> {
    let number = text.trim().parse().ok().filter(|number| *number <= MOST_RETRIES);
    number.ok_or_else(|| {
        Error::usage(format!("{place} is `{text}`, which is no number from 0 to {MOST_RETRIES}"))
    })
}

/// Whose certificates are trusted: a file instead of the built-in list, as OpenSSL and Go mean it.
fn roots(flag: Option<&Path>, env: &Env) -> Result<Roots, Error> {
    let named = [
        ("HEYGEN_CA_CERT", env.path("HEYGEN_CA_CERT")),
        ("SSL_CERT_FILE", env.path("SSL_CERT_FILE")),
    ];
    let named = named.into_iter().find_map(|(name, path)| Some((name, path?)));
    let (place, path) = match (flag, named) {
        (Some(path), _) => ("--ca-cert", path.to_owned()),
        (None, Some(named)) => named,
        (None, None) => return Ok(Roots::BuiltIn),
    };
    // A file of that name is what OpenSSL would read.
    if path == Path::new("system") && place != "SSL_CERT_FILE" {
        return Ok(Roots::System);
    }
    match std::fs::read(&path) {
        Ok(pem) => Ok(Roots::Pem { path, pem }),
        Err(error) => Err(Error::usage_with_hint(
            format!("{place}: reading `{}`: {}", path.display(), system_words(&error)),
            "name a file of certificates in PEM form, or `system`",
        )),
    }
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

fn base(flag: Option<&str>, env: &Env) -> Result<Base, Error> {
    let (place, text) = match flag {
        Some(text) => ("--api-base", text),
        None => ("HEYGEN_API_BASE", variable(env, "HEYGEN_API_BASE")?.unwrap_or(DEFAULT_BASE)),
    };
    // The text is not repeated: a user and password may stand in it.
    let base = Base::parse(text).map_err(|reason| {
        Error::usage_with_hint(
            format!("{place} is no address of an API: {reason}"),
            format!("an address looks like {DEFAULT_BASE}"),
        )
    })?;
    let origin = base.origin();
    if origin.is_secure() || origin.is_loopback() || switch(env, "HEYGEN_ALLOW_HTTP")? {
        return Ok(base);
    }
    Err(Error::usage_with_hint(
        format!("refusing to send your key to {} in the clear (http://)", origin.host()),
        "use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own",
    ))
}

fn variable<'e>(env: &'e Env, name: &str) -> Result<Option<&'e str>, Error> {
    env.text(name).map_err(|NotUnicode { name }| {
        Error::usage(format!("{name} is set to something that is no text"))
    })
}

fn switch(env: &Env, name: &str) -> Result<bool, Error> {
    env.switch(name).map_err(|NotYesOrNo { name }| {
        Error::usage_with_hint(
            format!("{name} says neither yes nor no"),
            "use 1, true or yes; or unset it",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_beats_its_variable_and_the_key_never_travels_in_the_clear() {
        let check = |flag: Option<&str>,
                     variables: &[(&str, &str)],
                     expected: Result<&str, &str>| {
            let env = Env::of(variables, "/", None);
            let global = GlobalArgs { api_base: flag.map(str::to_owned), ..GlobalArgs::default() };
            let got = Settings::new(&global, &env).map(|settings| settings.base.to_string());
            assert_eq!(
                got.map_err(|error| error.to_string()),
                expected.map(str::to_owned).map_err(str::to_owned)
            );
        };
        let http = [("HEYGEN_API_BASE", "http://10.0.0.1")];
        check(None, &[], Ok("https://api.heygen.com"));
        check(None, &[("HEYGEN_API_BASE", "")], Ok("https://api.heygen.com"));
        check(None, &[("HEYGEN_API_BASE", "http://localhost:1")], Ok("http://localhost:1"));
        check(Some("https://a.test"), &http, Ok("https://a.test"));
        check(None, &http, Err("refusing to send your key to 10.0.0.1 in the clear (http://)"));
        check(None, &[http[0], ("HEYGEN_ALLOW_HTTP", "yes")], Ok("http://10.0.0.1"));
        check(
            Some("nonsense"),
            &[],
            Err("--api-base is no address of an API: it must begin with https:// or http://"),
        );
    }

    #[test]
    fn a_flag_beats_its_variable_and_a_format_that_does_not_exist_is_named() {
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
    fn all_pages_have_no_envelope_and_no_raw_form() {
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
