//! Everything that can go wrong, as values full of facts; their words, codes, hints and exit
//! codes stand beside them in this file and nowhere else.
//!
//! [`Error`] is what ends a command. [`Failure`] is what can befall one call; an
//! [`Error::Call`] says which call that was. [`ApiError`], [`Source`] and the like are plain
//! data that lower parts fill in.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::exit_code::ExitCode;

/// Where one makes and manages keys.
pub const KEY_PAGE: &str = "https://app.heygen.com/settings?nav=API";

/// Where HeyGen says whether it has troubles.
const STATUS_PAGE: &str = "https://status.heygen.com";

/// How a host is named that is a proxy: its name follows.
pub const PROXY: &str = "the proxy ";

/// Where a proxy can come from that nobody thinks of.
const PROXY_HINT: &str =
    "the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY goes around it";

/// What to know when an answer came and is lost: asking again may cost again.
const DO_NOT_REPEAT: &str = "the call itself succeeded, do not repeat it";

/// A message from outside is cut at this many characters.
const LONGEST_MESSAGE: usize = 2_000;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// Something was typed, or set in a variable, that has no meaning.
    Usage(Usage),
    /// No source has a key.
    NoKey {
        /// Every place that was looked at, in order, and what was found there.
        looked_at: Vec<Place>,
        /// The flag that made one place the only one, such as `--env-file`.
        only_source: Option<&'static str>,
    },
    /// A source has a key that cannot be one; nothing was sent.
    UnusableKey {
        /// Where it was found.
        source: Source,
        /// What is wrong with it.
        flaw: KeyFlaw,
    },
    /// A call was made, or begun, and failed.
    Call(Box<CallError>),
    /// The key is good, and what the caller demands of it is not so, or cannot be told.
    Gates {
        /// The masked key.
        key: String,
        /// Every demand that is not met; at least one.
        misses: Vec<Miss>,
    },
    /// The file that HeyGen's tools share was to be changed, and is as it was.
    CredentialsFile {
        /// The file, with `~` for the home directory.
        path: String,
        /// What was in the way.
        obstacle: Obstacle,
    },
    /// A file could not be read or written.
    File {
        /// What was being done, as a participle: `reading`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file that an answer was to be saved in exists.
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The call succeeded, and its answer could not be saved.
    AnswerNotSaved {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A text that was asked for could not be written to stdout.
    Output(io::Error),
    /// The call succeeded, and its answer could not be written to stdout.
    AnswerNotWritten(io::Error),
    /// The call succeeded, and the filter over its answer did not.
    Filter(Box<FilterFailure>),
    /// A list broke off after some of its pages.
    PagesCut(Box<PagesCut>),
}

/// A filter that failed on an answer.
#[derive(Debug)]
pub struct FilterFailure {
    /// The call that was answered.
    pub call: Call,
    /// What the filter says.
    pub words: String,
    /// What it was run on: JSON.
    pub data: Vec<u8>,
}

/// A list of which a part was printed.
#[derive(Debug)]
pub struct PagesCut {
    /// How many items came before.
    pub items: u64,
    /// The token of the page that did not come.
    pub token: String,
    /// What befell that page.
    pub cause: Error,
}

/// A mistake on the command line or in a variable.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// What is wrong.
    pub message: String,
    /// Lines that show the place.
    pub details: Vec<String>,
    /// What to type instead.
    pub hint: Option<String>,
}

/// A call that failed.
#[derive(Debug)]
pub struct CallError {
    /// Which call.
    pub call: Call,
    /// What befell it.
    pub failure: Failure,
}

/// Which call it was, and what a reader or a script needs to go on with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The method, such as `GET`.
    pub method: String,
    /// The path that was called, without its query.
    pub path: String,
    /// How often it was sent.
    pub attempts: u32,
    /// The key that went with it.
    pub key: Option<KeyMark>,
    /// The status of the last answer, if one came.
    pub status: Option<u16>,
    /// The id HeyGen gave the call, for its support.
    pub request_id: Option<String>,
    /// The key under which HeyGen does a repeated call once, if one went along.
    pub idempotency_key: Option<String>,
    /// What a repetition would do after a failure that leaves open whether the call was accepted.
    pub repetition: Repetition,
    /// What to type to do without the call, if that can be.
    pub way_round: Option<&'static str>,
}

/// What repeating a call that failed would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repetition {
    /// The same again: nothing was done, or doing it twice is harmless.
    #[default]
    Harmless,
    /// It may have been accepted; with the same idempotency key it is done once.
    OnceWithKey,
    /// It may have been accepted, and a repetition may do it, and be paid, twice.
    MayBePaidTwice,
}

/// What can befall one call.
#[derive(Debug)]
pub enum Failure {
    /// The API answered, and the answer is an error.
    Rejected(ApiError),
    /// The answer points elsewhere; nobody went there.
    Redirected {
        /// Where to, if it says so.
        to: Option<String>,
    },
    /// A web page came where data was due: a gateway or a captive portal.
    Html {
        /// The page's title.
        title: Option<String>,
    },
    /// The answer says that it is JSON, and is not.
    InvalidJson {
        /// What is wrong, with line and column.
        fault: String,
    },
    /// The answer nests deeper than anybody prints.
    TooDeep {
        /// The number of levels that are printed.
        limit: usize,
    },
    /// The answer is larger than what is held in memory.
    TooLarge {
        /// That limit, in bytes.
        limit: u64,
    },
    /// The connection ended before the answer did.
    Cut {
        /// How many bytes of the body came.
        received: u64,
    },
    /// Bytes that are no text would have gone to a terminal.
    BinaryToTerminal {
        /// The type that the answer says it has.
        content_type: Option<String>,
    },
    /// No answer came.
    Network(NetworkFault),
    /// The time for one try ran out.
    TimedOut {
        /// How long that was.
        limit: Duration,
    },
    /// The server asks for a longer pause than `--retry-for` allows.
    AskedTooLong {
        /// The API's code.
        code: Option<String>,
        /// The pause it asks for.
        asked: Duration,
        /// What is left for pauses.
        limit: Duration,
    },
    /// A file that was to be sent could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// An answer came that does not prove what was asked: neither data nor an error.
    NotProof {
        /// What came instead.
        what: &'static str,
    },
    /// The answer is no JSON, and what was asked for is made of JSON.
    NotJson {
        /// What was asked for: `--jq`.
        asked: &'static str,
        /// The type that the answer says it has.
        content_type: Option<String>,
    },
    /// All pages of a list were asked for, and the answer is no list.
    NotAList,
    /// A list does not lead to its end.
    Paging {
        /// How many items came before.
        items: u64,
        /// What is wrong with the way.
        fault: PagingFault,
    },
}

/// Why a list does not lead to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagingFault {
    /// The next page is one that was read before.
    Repeated,
    /// There is a next page, and no token for it.
    NoToken,
}

/// What went wrong before an answer came.
#[derive(Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The name of the host has no address.
    Resolve {
        /// The name; or [`PROXY`] and its name.
        host: String,
    },
    /// Nobody accepts connections there.
    Connect {
        /// Host, with the port if it is not the scheme's own; or [`PROXY`] and its name.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The encrypted connection could not be set up.
    Tls {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
        /// What may help.
        trouble: TlsTrouble,
    },
    /// The proxy that the environment names does not let the call through.
    Proxy {
        /// The proxy, without user and password.
        proxy: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection broke before the answer began.
    Broken {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// What came is not HTTP.
    NotHttp {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a certificate was refused, as far as it tells what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsTrouble {
    /// By this computer's date it is not valid yet, or not any more.
    Date {
        /// That date.
        today: String,
    },
    /// Nobody who is trusted signed it.
    UnknownIssuer,
    /// It is for another host.
    OtherHost,
    /// Nobody is trusted: the system's list is empty.
    NoRoots,
    /// There is none: the other side does not speak TLS.
    NoTls,
    /// Something else.
    Other,
}

/// An error as the API tells it: three generations of bodies in one shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The API's own code, as text: `invalid_parameter`, `400112`.
    pub code: Option<String>,
    /// What it says.
    pub message: Option<String>,
    /// The field it is about.
    pub param: Option<String>,
    /// Where it is explained.
    pub doc_url: Option<String>,
    /// One entry for each field that is wrong.
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The API's code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the field is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Where a key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The variable `HEYGEN_API_KEY`.
    Environment,
    /// A line of a `.env` file.
    EnvFile {
        /// The file, as a person at the working directory would name it.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// The file that HeyGen's tools share.
    CredentialsFile {
        /// The file, with `~` for the home directory.
        path: String,
    },
    /// The file that `--api-key-file` names.
    KeyFile {
        /// The file, as it was typed.
        path: String,
    },
    /// Standard input.
    Stdin,
    /// A terminal at which it was typed.
    Prompt,
}

/// A place where a key could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The place.
    pub name: String,
    /// What was found there: `not set`, `no such file`.
    pub found: String,
}

/// A key as it may be shown, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// The masked key.
    pub masked: String,
    /// Where it came from.
    pub source: Source,
    /// Different keys at places that come later in the order.
    pub goes_before: Vec<(String, Source)>,
    /// Whether it has the form of another service's keys.
    pub looks_foreign: bool,
}

/// A demand on a key that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// Less is left to spend.
    Balance {
        /// How much is left, with its unit and kind.
        left: String,
        /// What `--min-balance` asks.
        asked: String,
    },
    /// The key ends too soon.
    Expiry {
        /// When that is: `in 6 days`, `3 hours ago`.
        when: String,
        /// The day, as `2026-11-28`.
        day: String,
        /// What `--valid-for` asks.
        asked: String,
    },
    /// The key may not do it.
    Scope {
        /// What `--need` asks.
        scope: String,
        /// What the key may do, in words.
        has: String,
    },
    /// HeyGen does not tell what decides.
    Unknown {
        /// The demand as it was typed.
        gate: String,
        /// Why it cannot be told.
        reason: String,
        /// The scope that the key lacks for being asked.
        scope: Option<String>,
    },
}

/// What keeps the credentials file from being changed.
#[derive(Debug)]
pub enum Obstacle {
    /// There is no home directory to keep it in.
    NoHome,
    /// The file is a link; writing would go somewhere else, or end the link.
    FileIsLink,
    /// Its folder is a link.
    FolderIsLink,
    /// What lies at the path is no file whose text could be kept: what it is.
    Unfit(String),
    /// The text cannot be read, and with it what must be kept: what is wrong.
    NotUnderstood(&'static str),
    /// The system said no.
    System {
        /// What was being done, as a participle: `writing`.
        doing: &'static str,
        /// What it said.
        cause: io::Error,
    },
}

/// Why a text cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFlaw {
    /// Nothing is there.
    Empty,
    /// A line of the name, yet not `NAME=VALUE`.
    NotAnAssignment,
    /// `HEYGEN_API_KEY=…` where the key alone belongs.
    Assignment,
    /// A quote that is opened and not closed on the line.
    OpenQuote,
    /// Blanks inside.
    Blank,
    /// Line breaks inside.
    LineBreak,
    /// Quotes around or inside, straight or typographic.
    Quote(char),
    /// The word `Bearer` in front.
    Bearer,
    /// Characters that no header can carry.
    NotPrintable,
    /// The text of an example.
    Placeholder,
    /// The name of a place where the key is, and not the key.
    Reference,
}

impl Error {
    /// A mistake in what was typed.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::Usage(Usage { message: message.into(), ..Usage::default() })
    }

    /// A mistake in what was typed, and what to type instead.
    pub fn usage_with_hint(message: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::Usage(Usage { message: message.into(), hint: Some(hint.into()), ..Usage::default() })
    }

    /// The code that scripts compare: the API's own as it came, else one of ours.
    pub fn code(&self) -> String {
        match self {
            Error::Usage(_) => "usage_error".to_owned(),
            Error::NoKey { .. } | Error::UnusableKey { .. } => "auth_error".to_owned(),
            Error::Call(call) => call.code(),
            Error::Gates { misses, .. } if misses.iter().all(Miss::is_unknown) => {
                "cli_gate_undecidable".to_owned()
            }
            Error::Gates { .. } => "cli_gate_not_met".to_owned(),
            Error::CredentialsFile { .. } => "cli_credentials_file".to_owned(),
            Error::File { .. } | Error::AnswerNotSaved { .. } => "cli_file_io_error".to_owned(),
            Error::FileExists { .. } => "file_exists".to_owned(),
            Error::Output(_) | Error::AnswerNotWritten(_) => "cli_output_error".to_owned(),
            Error::Filter(_) => "cli_filter_failed".to_owned(),
            Error::PagesCut(cut) => cut.cause.code(),
        }
    }

    /// What the shell learns.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Error::Usage(_) => ExitCode::Usage,
            Error::NoKey { .. } | Error::UnusableKey { .. } => ExitCode::Key,
            Error::Call(call) => call.exit_code(),
            Error::Gates { .. }
            | Error::CredentialsFile { .. }
            | Error::File { .. }
            | Error::FileExists { .. }
            | Error::Output(_) => ExitCode::Failed,
            Error::AnswerNotWritten(_) | Error::AnswerNotSaved { .. } | Error::Filter(_) => {
                ExitCode::AfterSuccess
            }
            Error::PagesCut(cut) => cut.cause.exit_code(),
        }
    }

    /// Lines of facts between the message and the hints.
    pub fn details(&self) -> Vec<String> {
        match self {
            Error::Usage(usage) => usage.details.clone(),
            Error::NoKey { looked_at, .. } => {
                let places: Vec<String> = looked_at
                    .iter()
                    .map(|place| format!("{} ({})", place.name, place.found))
                    .collect();
                vec![format!("looked at: {}", places.join(", "))]
            }
            Error::Call(call) => call.details(),
            Error::Gates { key, misses } => {
                misses.iter().skip(1).map(|miss| format!("also: {}", miss.about(key))).collect()
            }
            Error::Filter(failure) => {
                let data = String::from_utf8_lossy(&failure.data);
                vec![format!("data: {}", shortened(&data))]
            }
            Error::PagesCut(cut) => {
                let mut details = cut.cause.details();
                details.push(format!("{} came before it", items(cut.items)));
                details
            }
            Error::UnusableKey { .. }
            | Error::CredentialsFile { .. }
            | Error::File { .. }
            | Error::FileExists { .. }
            | Error::AnswerNotSaved { .. }
            | Error::Output(_)
            | Error::AnswerNotWritten(_) => Vec::new(),
        }
    }

    /// What to do next, most useful first; none where the message says it all.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Error::Usage(usage) => usage.hint.iter().cloned().collect(),
            Error::NoKey { only_source: Some(flag), .. } => vec![format!(
                "`{flag}` makes that the only source: put the key there, or leave the flag out"
            )],
            Error::NoKey { only_source: None, .. } => {
                vec![format!(
                    "make a key at {KEY_PAGE}, then `export HEYGEN_API_KEY=…` or `heygen auth login`"
                )]
            }
            Error::UnusableKey { flaw, source } => flaw.hint(source).into_iter().collect(),
            Error::Call(call) => {
                let way_round = call.way_round().map(str::to_owned);
                [call.repetition_hint(), call.hint(), way_round].into_iter().flatten().collect()
            }
            Error::Gates { misses, .. } => misses.iter().find_map(Miss::hint).into_iter().collect(),
            Error::CredentialsFile { obstacle, .. } => vec![obstacle.hint().to_owned()],
            Error::FileExists { .. } => vec!["`--force` replaces it; nothing was sent".to_owned()],
            Error::AnswerNotWritten(_) | Error::AnswerNotSaved { .. } | Error::Filter(_) => {
                vec![DO_NOT_REPEAT.to_owned()]
            }
            Error::PagesCut(cut) => {
                let mut hints = vec![format!("to go on: {}", cut.way_on())];
                // A page of a list may be asked for again.
                let of_cause = cut.cause.hints().into_iter();
                hints.extend(of_cause.filter(|hint| !hint.starts_with(DO_NOT_REPEAT)));
                hints
            }
            // The system's own words are all that is known.
            Error::File { .. } | Error::Output(_) => Vec::new(),
        }
    }

    /// The call that failed, if that is what it is.
    pub fn call_error(&self) -> Option<&CallError> {
        match self {
            Error::Call(call) => Some(call),
            Error::PagesCut(cut) => cut.cause.call_error(),
            Error::Usage(_)
            | Error::NoKey { .. }
            | Error::UnusableKey { .. }
            | Error::Gates { .. }
            | Error::CredentialsFile { .. }
            | Error::File { .. }
            | Error::FileExists { .. }
            | Error::AnswerNotSaved { .. }
            | Error::Output(_)
            | Error::AnswerNotWritten(_)
            | Error::Filter(_) => None,
        }
    }

    /// The failure of a filter, if that is what it is.
    pub fn filter_failure(&self) -> Option<&FilterFailure> {
        match self {
            Error::Filter(failure) => Some(failure),
            Error::PagesCut(cut) => cut.cause.filter_failure(),
            Error::Usage(_)
            | Error::NoKey { .. }
            | Error::UnusableKey { .. }
            | Error::Gates { .. }
            | Error::CredentialsFile { .. }
            | Error::Call(_)
            | Error::File { .. }
            | Error::FileExists { .. }
            | Error::AnswerNotSaved { .. }
            | Error::Output(_)
            | Error::AnswerNotWritten(_) => None,
        }
    }

    /// Where to look something up, after the hints.
    pub fn references(&self) -> Option<String> {
        let call = self.call_error()?;
        match (&call.call.request_id, call.doc_url()) {
            (Some(id), Some(page)) => Some(format!("request: {id}, {page}")),
            (Some(id), None) => Some(format!("request: {id}")),
            (None, Some(page)) => Some(format!("see: {page}")),
            (None, None) => None,
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(usage) => f.write_str(&usage.message),
            Error::NoKey { .. } => f.write_str("no API key found"),
            Error::UnusableKey { source, flaw } => write!(f, "{source} {flaw} (nothing was sent)"),
            Error::Call(call) => call.fmt(f),
            Error::Gates { key, misses } => {
                let first = misses.first().map(|miss| miss.about(key)).unwrap_or_default();
                f.write_str(&first)
            }
            Error::CredentialsFile { path, obstacle } => obstacle.write(path, f),
            Error::File { doing, path, cause } => {
                write!(f, "{doing} `{}`: {}", path.display(), system_words(cause))
            }
            Error::FileExists { path } => write!(f, "`{}` exists", path.display()),
            Error::AnswerNotSaved { path, cause } => {
                write!(f, "saving the answer to `{}`: {}", path.display(), system_words(cause))
            }
            Error::Output(cause) => write!(f, "writing to stdout: {}", system_words(cause)),
            Error::AnswerNotWritten(cause) => {
                write!(f, "writing the answer to stdout: {}", system_words(cause))
            }
            Error::Filter(failure) => write!(f, "--jq: {}", shortened(&failure.words)),
            Error::PagesCut(cut) => cut.cause.fmt(f),
        }
    }
}

impl PagesCut {
    /// What is added to the same command to get the rest.
    fn way_on(&self) -> String {
        let is_plain =
            |character: char| character.is_ascii_alphanumeric() || "-_.~=".contains(character);
        if self.token.chars().all(is_plain) {
            return format!("add `-Q token={}`", self.token);
        }
        format!("add `-Q 'token={}'`", self.token.replace('\'', r"'\''"))
    }
}

impl CallError {
    fn code(&self) -> String {
        match &self.failure {
            Failure::Rejected(api) => match &api.code {
                Some(code) => code.clone(),
                // That table has no row for a success.
                None if matches!(self.call.status, Some(200..=299)) => {
                    "cli_error_in_success".to_owned()
                }
                None => code_of_status(self.call.status.unwrap_or_default()).to_owned(),
            },
            Failure::Html { .. } if self.call.status.is_some_and(|status| status >= 400) => {
                code_of_status(self.call.status.unwrap_or_default()).to_owned()
            }
            Failure::Html { .. } => "cli_response_is_html".to_owned(),
            Failure::Redirected { .. } => "cli_redirect_not_followed".to_owned(),
            Failure::InvalidJson { .. } => "cli_response_parse_error".to_owned(),
            Failure::TooDeep { .. } => "cli_response_too_deep".to_owned(),
            Failure::TooLarge { .. } => "cli_response_too_large".to_owned(),
            Failure::BinaryToTerminal { .. } => "cli_binary_to_terminal".to_owned(),
            Failure::Cut { .. } | Failure::Network(_) => "network_error".to_owned(),
            Failure::TimedOut { .. } => "timeout".to_owned(),
            Failure::NotProof { .. } => "cli_response_not_proof".to_owned(),
            Failure::AskedTooLong { code, .. } => match code {
                Some(code) => code.clone(),
                None => code_of_status(self.call.status.unwrap_or_default()).to_owned(),
            },
            Failure::Unreadable { .. } => "cli_file_io_error".to_owned(),
            Failure::NotJson { .. } => "cli_response_not_json".to_owned(),
            Failure::NotAList => "cli_response_not_a_list".to_owned(),
            Failure::Paging { .. } => "cli_paging_error".to_owned(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match &self.failure {
            Failure::Rejected(api) if self.is_about_the_key(api) => ExitCode::Key,
            Failure::Html { .. } if matches!(self.call.status, Some(401 | 403)) => ExitCode::Key,
            Failure::TimedOut { .. } => ExitCode::Timeout,
            Failure::BinaryToTerminal { .. } | Failure::NotJson { .. } | Failure::NotAList => {
                ExitCode::AfterSuccess
            }
            Failure::Rejected(_)
            | Failure::Html { .. }
            | Failure::Redirected { .. }
            | Failure::InvalidJson { .. }
            | Failure::TooDeep { .. }
            | Failure::TooLarge { .. }
            | Failure::Cut { .. }
            | Failure::Network(_)
            | Failure::AskedTooLong { .. }
            | Failure::Unreadable { .. }
            | Failure::NotProof { .. }
            | Failure::Paging { .. } => ExitCode::Failed,
        }
    }

    /// Whether the key is what the API objects to, be it for what it is or for what it may do.
    fn is_about_the_key(&self, api: &ApiError) -> bool {
        self.call.status == Some(403) || self.refuses_the_key(api)
    }

    /// Whether the API does not know the key. An error inside HTTP 200 tells it by its code alone:
    /// the numbers are v1's, the words v3's.
    fn refuses_the_key(&self, api: &ApiError) -> bool {
        match self.call.status {
            Some(401) => true,
            Some(200..=299) => matches!(
                api.code.as_deref(),
                Some(
                    "400112"
                        | "40009"
                        | "401"
                        | "401056"
                        | "401057"
                        | "unauthorized"
                        | "authentication_failed"
                )
            ),
            _ => false,
        }
    }

    /// Where the key came from that the API refuses.
    pub fn origin_of_refused_key(&self) -> Option<String> {
        match (&self.failure, &self.call.key) {
            (Failure::Rejected(api), Some(key)) if self.refuses_the_key(api) => {
                Some(format!("from: {key}"))
            }
            _ => None,
        }
    }

    fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        let Failure::Rejected(api) = &self.failure else {
            return details;
        };
        if let Some(param) = &api.param {
            details.push(format!("field: {param}"));
        }
        details.extend(api.errors.iter().map(|error| format!("field: {error}")));
        details.extend(self.origin_of_refused_key());
        details
    }

    fn hint(&self) -> Option<String> {
        match &self.failure {
            Failure::Rejected(api) => self.hint_for(api),
            Failure::Html { .. } => match self.call.status {
                Some(500..) => {
                    Some(format!("this is HeyGen's gateway, not your request; see {STATUS_PAGE}"))
                }
                _ => Some("is there a proxy or a sign-in page between you and HeyGen?".to_owned()),
            },
            Failure::TooDeep { .. } => Some("`-o raw` passes the answer on as it is".to_owned()),
            Failure::BinaryToTerminal { .. } => Some(
                "the call itself succeeded; `-O FILE` saves an answer, `> FILE` too".to_owned(),
            ),
            Failure::TimedOut { .. } => Some("`--timeout 5m` gives it more time".to_owned()),
            Failure::Network(fault) => fault.hint(),
            Failure::AskedTooLong { asked, .. } => Some(format!(
                "try again after that, or allow it: `--retry-for {}s`",
                asked.as_secs()
            )),
            Failure::NotJson { .. } => {
                Some(format!("{DO_NOT_REPEAT}; another time leave the option out"))
            }
            Failure::NotAList => Some(format!("{DO_NOT_REPEAT}; it needs no `--all`")),
            // These say all that is known: there is nothing better to type.
            Failure::Redirected { .. }
            | Failure::InvalidJson { .. }
            | Failure::TooLarge { .. }
            | Failure::Cut { .. }
            | Failure::Unreadable { .. }
            | Failure::NotProof { .. }
            | Failure::Paging { .. } => None,
        }
    }

    /// Whether to repeat what may have been accepted.
    fn repetition_hint(&self) -> Option<String> {
        match (self.call.repetition, &self.call.idempotency_key) {
            (Repetition::Harmless, _) => None,
            (Repetition::OnceWithKey, Some(key)) => Some(format!(
                "it may have been accepted; repeat with `--idempotency-key {key}` and it is not paid twice (24 h)"
            )),
            (Repetition::OnceWithKey, None) | (Repetition::MayBePaidTwice, _) => Some(
                "it may have been accepted; look before you repeat it, or it may be paid twice"
                    .to_owned(),
            ),
        }
    }

    /// What to type to do without the call. A key that was refused is refused all the same.
    fn way_round(&self) -> Option<&'static str> {
        self.call.way_round.filter(|_| self.exit_code() != ExitCode::Key)
    }

    fn hint_for(&self, api: &ApiError) -> Option<String> {
        let key = self.call.key.as_ref();
        if self.refuses_the_key(api) {
            return Some(if key.is_some_and(|key| key.looks_foreign) {
                format!(
                    "`sk_` and 48 hex digits is the form of an ElevenLabs key; HeyGen's are at {KEY_PAGE}"
                )
            } else {
                format!(
                    "a deleted, mistyped or other service's key gives the same answer; make a new one at {KEY_PAGE}"
                )
            });
        }
        match self.call.status? {
            402 => Some(
                "API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it".to_owned(),
            ),
            403 => {
                let key = key?;
                let scope = api.required_scope()?;
                Some(format!(
                    "key {} ({}) is valid but lacks {scope}; change it at {KEY_PAGE}",
                    key.masked, key.source
                ))
            }
            500.. => Some(format!("this is HeyGen's side, not your request; see {STATUS_PAGE}")),
            _ => None,
        }
    }

    /// The API's own message if it sent one, cut to length: status and code have members of their own.
    pub fn own_words(&self, message: &str) -> String {
        match &self.failure {
            Failure::Rejected(ApiError { message: Some(own), .. }) => shortened(own),
            _ => message.to_owned(),
        }
    }

    /// Where the API explains the error.
    pub fn doc_url(&self) -> Option<&str> {
        let Failure::Rejected(api) = &self.failure else { return None };
        api.doc_url.as_deref()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.call.status.unwrap_or_default();
        match &self.failure {
            Failure::Rejected(api) => self.write_rejection(api, f),
            Failure::Html { title } => {
                write!(f, "{status} {}; the answer is HTML", reason(status))?;
                if let Some(title) = title {
                    write!(f, " (title \"{}\")", shortened(title))?;
                }
                f.write_str(", not JSON")
            }
            Failure::Redirected { to } => {
                write!(f, "{status}")?;
                if let Some(to) = to {
                    write!(f, " to {}", shortened(to))?;
                }
                f.write_str("; not followed, so that the key stays with the API")
            }
            Failure::InvalidJson { fault } => {
                write!(
                    f,
                    "{status} {}; the answer says that it is JSON, but is {fault}",
                    reason(status)
                )
            }
            Failure::TooDeep { limit } => {
                write!(f, "the answer nests more than {limit} levels deep")
            }
            Failure::TooLarge { limit } => {
                write!(f, "the answer is larger than {} MiB", limit / (1024 * 1024))
            }
            Failure::Cut { received } => {
                write!(
                    f,
                    "the connection ended in the middle of the answer, after {received} bytes"
                )
            }
            Failure::BinaryToTerminal { content_type } => {
                let media_type = content_type.as_deref().map_or("no text".to_owned(), shortened);
                write!(f, "the answer is {media_type}; it is not written to a terminal")
            }
            Failure::Network(fault) => fault.fmt(f),
            Failure::TimedOut { limit } => {
                write!(f, "no complete answer within {}", seconds(*limit))
            }
            Failure::AskedTooLong { code, asked, limit } => {
                let code = code.as_deref().unwrap_or(code_of_status(status));
                write!(
                    f,
                    "{status} {}: HeyGen asks to wait {}, more than --retry-for allows ({})",
                    shortened(code),
                    seconds(*asked),
                    seconds(*limit)
                )
            }
            Failure::Unreadable { path, reason } => {
                write!(f, "reading `{}`: {reason}", path.display())
            }
            Failure::NotProof { what } => {
                write!(
                    f,
                    "{status} {}, but {what}: this says nothing about the key",
                    reason(status)
                )
            }
            Failure::NotJson { asked, content_type } => {
                write!(f, "{asked} needs JSON, and the answer is ")?;
                match content_type {
                    Some(content_type) => f.write_str(&shortened(content_type)),
                    None => f.write_str("something else"),
                }
            }
            Failure::NotAList => {
                write!(f, "--all is for lists, and {} answers none", self.call.path)
            }
            Failure::Paging { items: count, fault: PagingFault::Repeated } => {
                write!(f, "the list leads back to a page that was read; {} came", items(*count))
            }
            Failure::Paging { items: count, fault: PagingFault::NoToken } => write!(
                f,
                "the list has more pages, but the answer does not say how to ask for them; {} came",
                items(*count)
            ),
        }
    }
}

impl CallError {
    /// `401 unauthorized`, `400 invalid_parameter: 'limit' must be …`, `404 not found: GET /v3/x`,
    /// `200 with an error inside: internal_error: …`.
    fn write_rejection(&self, api: &ApiError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (true, Some(key)) = (self.refuses_the_key(api), &self.call.key) {
            write!(f, "HeyGen does not accept key {}: ", key.masked)?;
        }
        let status = self.call.status.unwrap_or_default();
        let is_inside_success = (200..300).contains(&status);
        write!(f, "{status} ")?;
        if is_inside_success {
            f.write_str("with an error inside: ")?;
        } else if api.code.is_none() {
            write!(f, "{}: ", reason(status).to_lowercase())?;
        }
        match (&api.code, &api.message) {
            (None, None) => write!(f, "{} {}", self.call.method, self.call.path),
            (Some(code), None) => f.write_str(&shortened(code)),
            (None, Some(message)) => f.write_str(&shortened(message)),
            // `401 unauthorized: Unauthorized` would say it twice.
            (Some(code), Some(message)) if code.eq_ignore_ascii_case(message) => {
                f.write_str(&shortened(code))
            }
            (Some(code), Some(message)) => {
                write!(f, "{}: {}", shortened(code), shortened(message))
            }
        }
    }
}

impl ApiError {
    /// The scope that the key lacks: the message of `insufficient_api_key_scope` ends with
    /// `Required scope: <scope>.` (HeyGen's page on error codes).
    pub fn required_scope(&self) -> Option<&str> {
        let code = self.code.as_deref()?;
        if !code.eq_ignore_ascii_case("insufficient_api_key_scope") {
            return None;
        }
        let (_, scope) = self.message.as_deref()?.rsplit_once("Required scope: ")?;
        let scope = scope.trim().trim_end_matches('.');
        (!scope.is_empty()).then_some(scope)
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = [&self.path, &self.code, &self.message]
            .into_iter()
            .flatten()
            .map(|part| shortened(part))
            .collect();
        f.write_str(&parts.join(": "))
    }
}

impl NetworkFault {
    /// A certificate that was refused.
    pub fn tls(host: &str, reason: &str, trouble: TlsTrouble) -> NetworkFault {
        NetworkFault::Tls { host: host.to_owned(), reason: reason.to_owned(), trouble }
    }

    fn hint(&self) -> Option<String> {
        match self {
            NetworkFault::Resolve { host } | NetworkFault::Connect { host, .. }
                if host.starts_with(PROXY) =>
            {
                Some(PROXY_HINT.to_owned())
            }
            NetworkFault::Resolve { .. } | NetworkFault::Connect { .. } => {
                Some(format!("is the network up? HeyGen's own state: {STATUS_PAGE}"))
            }
            NetworkFault::Tls { trouble, .. } => match trouble {
                TlsTrouble::Date { today } => Some(format!("this computer's date is {today}: is that right?")),
                TlsTrouble::UnknownIssuer => {
                    Some("does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it".to_owned())
                }
                TlsTrouble::OtherHost | TlsTrouble::NoTls => Some("is the address right? see `--api-base`".to_owned()),
                TlsTrouble::NoRoots => {
                    Some("a list is built in: leave out `--ca-cert system`, or name a file".to_owned())
                }
                // The library's own words are all that is known.
                TlsTrouble::Other => None,
            },
            NetworkFault::Proxy { .. } => Some(PROXY_HINT.to_owned()),
            // The system's own words are all that is known.
            NetworkFault::Broken { .. } | NetworkFault::NotHttp { .. } => None,
        }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetworkFault::Resolve { host } => write!(f, "cannot resolve {host}"),
            NetworkFault::Connect { host, reason } => {
                write!(f, "cannot connect to {host}: {reason}")
            }
            NetworkFault::Tls { host, reason, .. } => {
                write!(f, "no secure connection to {host}: {reason}")
            }
            NetworkFault::Proxy { proxy, reason } => {
                write!(f, "the proxy {proxy} does not let the call through: {reason}")
            }
            NetworkFault::Broken { host, reason } => {
                write!(f, "the connection to {host} broke before the answer: {reason}")
            }
            NetworkFault::NotHttp { host, reason } => {
                write!(f, "{host} did not answer in HTTP: {reason}")
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Environment => f.write_str("HEYGEN_API_KEY"),
            Source::EnvFile { path, line } => write!(f, "{path}, line {line}"),
            Source::CredentialsFile { path } | Source::KeyFile { path } => f.write_str(path),
            Source::Stdin => f.write_str("stdin"),
            Source::Prompt => f.write_str("what was typed"),
        }
    }
}

impl fmt::Display for KeyMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        for (index, (masked, source)) in self.goes_before.iter().enumerate() {
            let joint = if index == 0 { "; it goes before" } else { " and" };
            write!(f, "{joint} the different key {masked} in {source}")?;
        }
        Ok(())
    }
}

impl Miss {
    /// Whether it cannot be told that the demand is met, nor that it is not.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Miss::Unknown { .. })
    }

    /// The miss as a sentence about the masked key.
    fn about(&self, key: &str) -> String {
        match self {
            Miss::Balance { left, asked } => {
                format!("key {key} can spend {left}, --min-balance asks {asked}")
            }
            Miss::Expiry { when, day, asked } => {
                let expires = if when.ends_with(" ago") { "expired" } else { "expires" };
                format!("key {key} {expires} {when} ({day}), --valid-for asks {asked}")
            }
            Miss::Scope { scope, has } => {
                format!("key {key} lacks the scope {scope}, --need asks for it; it has {has}")
            }
            Miss::Unknown { gate, reason, .. } => {
                format!("cannot tell whether key {key} meets {gate}: {reason}")
            }
        }
    }

    /// What to do about it; `None` where only HeyGen can tell more.
    fn hint(&self) -> Option<String> {
        match self {
            Miss::Balance { .. } => Some(
                "API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it"
                    .to_owned(),
            ),
            Miss::Expiry { .. } => Some(format!("make a new key at {KEY_PAGE}")),
            Miss::Scope { .. } => Some(format!("change what the key may do at {KEY_PAGE}")),
            Miss::Unknown { scope: Some(scope), .. } => {
                Some(format!("give the key the scope {scope} at {KEY_PAGE}"))
            }
            Miss::Unknown { scope: None, .. } => None,
        }
    }
}

impl Obstacle {
    fn write(&self, path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::NoHome => f.write_str("no home directory is known to keep a key in"),
            Obstacle::FileIsLink => write!(f, "`{path}` is a link; nothing is written through it"),
            Obstacle::FolderIsLink => {
                write!(f, "the folder of `{path}` is a link; nothing is written through it")
            }
            Obstacle::Unfit(what) => write!(f, "`{path}` {what}; it was left as it is"),
            Obstacle::NotUnderstood(why) => {
                write!(f, "`{path}` {why}; it was left as it is, since it may hold more than a key")
            }
            Obstacle::System { doing, cause } => {
                write!(f, "{doing} `{path}`: {}; it was left as it is", system_words(cause))
            }
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Obstacle::NoHome => "set HEYGEN_CONFIG_DIR to a folder of your own",
            Obstacle::FileIsLink => "put the file itself in the place of the link",
            Obstacle::FolderIsLink => "set HEYGEN_CONFIG_DIR to the folder that it leads to",
            Obstacle::Unfit(_) | Obstacle::NotUnderstood(_) => {
                "mend it or move it away, then try again"
            }
            Obstacle::System { .. } => {
                "set HEYGEN_CONFIG_DIR to a folder that can be written, or `export HEYGEN_API_KEY=…`"
            }
        }
    }
}

impl KeyFlaw {
    /// What to write instead. `None` where the message is the instruction.
    fn hint(self, source: &Source) -> Option<String> {
        match self {
            KeyFlaw::Placeholder | KeyFlaw::Empty => Some(format!("make a key at {KEY_PAGE}")),
            KeyFlaw::Quote(_) if *source == Source::Environment => Some(
                "Docker's --env-file keeps quotes as part of the value: write the key without them".to_owned(),
            ),
            KeyFlaw::Reference => Some(
                "let your shell or secret manager put the key itself there, as `op run -- heygen …` does".to_owned(),
            ),
            KeyFlaw::Assignment => Some(match source {
                Source::KeyFile { path } => format!(
                    "write only what stands behind the `=`, or read the file with `--env-file {path}`"
                ),
                Source::Environment
                | Source::EnvFile { .. }
                | Source::CredentialsFile { .. }
                | Source::Stdin
                | Source::Prompt => "write only what stands behind the `=`".to_owned(),
            }),
            KeyFlaw::NotAnAssignment | KeyFlaw::OpenQuote => Some("write HEYGEN_API_KEY=<key>".to_owned()),
            KeyFlaw::Blank
            | KeyFlaw::LineBreak
            | KeyFlaw::Quote(_)
            | KeyFlaw::Bearer
            | KeyFlaw::NotPrintable => None,
        }
    }
}

impl fmt::Display for KeyFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFlaw::Empty => f.write_str("holds no key"),
            KeyFlaw::NotAnAssignment => f.write_str("cannot be read as HEYGEN_API_KEY=<key>"),
            KeyFlaw::Assignment => f.write_str("holds a line of a .env file, not the bare key"),
            KeyFlaw::OpenQuote => f.write_str("opens a quote that is not closed on that line"),
            KeyFlaw::Blank => f.write_str("has a blank inside the key"),
            KeyFlaw::LineBreak => f.write_str("has a line break inside the key"),
            KeyFlaw::Quote(quote) => write!(f, "has a quote ({quote}) in the key"),
            KeyFlaw::Bearer => f.write_str("starts with `Bearer `; HeyGen wants the bare key"),
            KeyFlaw::NotPrintable => f.write_str("has characters that no key has"),
            KeyFlaw::Placeholder => f.write_str("holds the text of an example, not a key"),
            KeyFlaw::Reference => f.write_str("holds a reference to a key, not the key"),
        }
    }
}

/// The code for a status where the API gives none: the table of HeyGen's own command line.
fn code_of_status(status: u16) -> &'static str {
    match status {
        400 => "validation_error",
        401 => "unauthorized",
        402 => "insufficient_credit",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        413 => "payload_too_large",
        429 => "rate_limit_exceeded",
        500.. => "unclassified_server_error",
        _ => "unclassified_client_error",
    }
}

/// The words of a status: `Not Found`.
fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("unknown status")
}

/// What the system says of a failure, without Rust's `(os error 2)`.
pub fn system_words(cause: &io::Error) -> String {
    let text = cause.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut characters = words.chars();
    match characters.next() {
        Some(first) if !words.starts_with(|c: char| c.is_uppercase()) => {
            format!("{first}{}", characters.as_str())
        }
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => "unknown failure".to_owned(),
    }
}

/// A duration in the unit a person would use.
pub fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ 0..1_000 => format!("{milliseconds} ms"),
        milliseconds @ 1_000..120_000 if milliseconds % 1_000 == 0 => {
            format!("{} s", milliseconds / 1_000)
        }
        milliseconds @ 1_000..120_000 => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        milliseconds => {
            let seconds = milliseconds / 1_000;
            match seconds % 60 {
                0 => format!("{} min", seconds / 60),
                rest => format!("{} min {rest} s", seconds / 60),
            }
        }
    }
}

fn items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

/// A text from outside, cut to a length that an error may have.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
