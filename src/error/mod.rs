//! Everything that can go wrong, as values full of facts; their words, codes, hints and exit
//! codes stand beside them in this folder and nowhere else.
//!
//! [`Error`] is what ends a command. [`Failure`] is what can befall one call; an
//! [`Error::Call`] says which call that was. [`ApiError`], [`Source`] and the like are plain
//! data that lower parts fill in.

mod call;
mod key;
mod words;

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::exit_code::ExitCode;

pub use call::{
    ApiError, Call, CallError, Failure, FieldError, NetworkFault, PROXY, PagingFault, Repetition,
    TlsTrouble,
};
pub use key::{KeyFlaw, KeyMark, LONGEST_KEY, Miss, NearMiss, Obstacle, Place, Source};
pub use words::{seconds, system_words};

use words::{items, shortened};

/// Where one makes and manages keys.
pub const KEY_PAGE: &str = "https://app.heygen.com/settings?nav=API";

/// What to know when an answer came and is lost: asking again may cost again.
const DO_NOT_REPEAT: &str = "the call itself succeeded, do not repeat it";

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
            Error::NoKey { looked_at, only_source } => {
                let near_miss = looked_at.iter().find_map(|place| place.near_miss);
                let where_to = match only_source {
                    Some(flag) => format!(
                        "`{flag}` makes that the only source: put the key there, or leave the flag out"
                    ),
                    None => format!(
                        "make a key at {KEY_PAGE}, then `export HEYGEN_API_KEY=…` or `heygen auth login`"
                    ),
                };
                near_miss.map(|miss| miss.hint().to_owned()).into_iter().chain([where_to]).collect()
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
