//! Everything that can go wrong, as values full of facts.
//!
//! [`Error`] is what ends a command: it knows its code and its exit code, and says what happened.
//! Hints are advice, and live in `app/advice`. [`CallFailure`] is the reason why a call failed,
//! [`ResponseFlaw`] the reason why a response is unusable.

mod call;
mod file;
mod job;
mod key;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::exit_code::ExitCode;

pub use call::{
    Acceptance, ApiError, Call, CallError, CallFailure, FieldError, NetworkFault, PROXY,
    PagingFault, Repeat, ResponseFlaw, TlsTrouble, UnusableResponse,
};
pub use file::{DownloadArguments, FailedFile, FileFault, FilesError, Kept, bytes, resuming};
pub use job::{JobFault, JobsError};
pub use key::{KeyFlaw, KeyMark, LONGEST_KEY, Miss, NearMiss, Obstacle, OnlySource, Place, Source};
pub use words::{cut, items, seconds, shortened, system_words};

/// The web page to create and manage keys.
pub const KEY_PAGE: &str = "https://app.heygen.com/settings?nav=API";

/// The reason why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// Something that was given on the command line, or in a variable, is invalid.
    Usage(Usage),
    /// A request does not match its operation of the catalogue; nothing was sent.
    InvalidRequest(Box<InvalidRequest>),
    /// Something would be removed or stopped, and nobody has said yes to it.
    Unconfirmed {
        /// What would be done, as a command: `delete vid_0a1b2c3d`.
        what: String,
        /// True where somebody was asked.
        was_asked: bool,
    },
    /// No source has a key.
    NoKey {
        /// Every place that was searched, in order of precedence.
        looked_at: Vec<Place>,
        /// The reason why only one place was looked at.
        only_source: Option<OnlySource>,
    },
    /// A source holds an invalid key; nothing was sent.
    UnusableKey {
        /// The source of the key.
        source: Source,
        /// The reason why it is invalid.
        flaw: KeyFlaw,
    },
    /// A call was made, or begun, and failed.
    Call(Box<CallError>),
    /// A call succeeded, and its response is not usable.
    Unusable(Box<UnusableResponse>),
    /// The key is good, and the caller's gates are not met, or cannot be decided.
    Gates {
        /// The masked key.
        key: String,
        /// Every gate that is not met; at least one.
        misses: Vec<Miss>,
    },
    /// The file that HeyGen's tools share was to be changed, and is as it was.
    CredentialsFile {
        /// The file, with `~` for the home directory.
        path: String,
        /// The reason why it was not changed.
        obstacle: Obstacle,
    },
    /// A file could not be read or written.
    File {
        /// The operation, as a participle: `reading`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// The file that a response was to be saved in exists.
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The mock cannot serve at an address.
    NotListening {
        /// The address.
        address: String,
        /// The system's words.
        cause: io::Error,
    },
    /// A program that heygen was asked to run cannot be started.
    NotStarted {
        /// The program as it was entered.
        program: String,
        /// The system's words.
        cause: io::Error,
    },
    /// A text that was asked for could not be written to stdout.
    Output(io::Error),
    /// A call succeeded, and its response could not be written.
    NotWritten(Box<NotWritten>),
    /// A call succeeded, and the filter over its response did not.
    Filter(Box<FilterFailure>),
    /// A list broke off after some of its pages.
    PagesCut(Box<PagesCut>),
    /// A wait for jobs was no success.
    Jobs(Box<JobsError>),
    /// Not all files were fetched.
    Files(Box<FilesError>),
    /// A call started a job, and its response has no ID of one.
    NoJob(Box<NoJob>),
}

/// A call that started a job, and its response, which has no ID of one.
#[derive(Debug)]
pub struct NoJob {
    pub call: Call,
    /// The response; `None` if it has no text.
    pub data: Option<Vec<u8>>,
    /// True where it has the IDs of some.
    pub has_some: bool,
}

/// The response of a successful call that could not be written.
#[derive(Debug)]
pub struct NotWritten {
    pub call: Option<Call>,
    /// The file; stdout if there is none.
    pub path: Option<PathBuf>,
    /// The system's words.
    pub cause: io::Error,
    /// The file with the complete response, if it only could not be renamed.
    pub kept: Option<PathBuf>,
    /// The data that would be lost with it, of calls that should not be repeated.
    pub data: Option<Vec<u8>>,
}

/// A filter that failed on a response.
#[derive(Debug)]
pub struct FilterFailure {
    /// The call; `None` for a report of heygen's own.
    pub call: Option<Call>,
    /// The option that gave the filter, as the user names it.
    pub asked: &'static str,
    /// The text of the filter.
    pub filter: String,
    /// True where the filter saw the `data` only, not the whole response.
    pub sees_data: bool,
    /// The filter's words.
    pub words: String,
    /// The input of the filter: JSON.
    pub data: Vec<u8>,
}

/// A list of which a part was printed.
#[derive(Debug)]
pub struct PagesCut {
    /// The number of items that came before.
    pub items: u64,
    /// The token of the page that did not come.
    pub token: String,
    /// The reason why it did not come.
    pub cause: Error,
}

/// A request that HeyGen would reject.
#[derive(Debug)]
pub struct InvalidRequest {
    /// The part that does not match: `body`, `query` or `request`.
    pub part: &'static str,
    /// The operation, such as `POST /v3/videos`.
    pub operation: String,
    /// The words of its command, where it was entered by noun and verb.
    pub command: Option<&'static str>,
    /// The variant of the body that was checked, such as `type avatar`.
    pub variant: Option<String>,
    /// Every mistake; at least one.
    pub errors: Vec<FieldError>,
    /// True where a string was given for a number or the like.
    pub has_strings_for_others: bool,
}

/// A mistake on the command line or in a variable.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The first line of the error.
    pub message: String,
    /// Lines that show the place.
    pub details: Vec<String>,
    /// The command or flag to use instead.
    pub hint: Option<String>,
}

impl Error {
    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::Usage(Usage { message: message.into(), ..Usage::default() })
    }

    /// A mistake on the command line, and the command or flag to use instead.
    pub fn usage_with_hint(message: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::Usage(Usage { message: message.into(), hint: Some(hint.into()), ..Usage::default() })
    }

    /// A failed call.
    pub fn call(call: Call, failure: CallFailure) -> Error {
        Error::Call(Box::new(CallError { call, failure, body: None, kept: None }))
    }

    /// A failed call whose response has a status of success, and its body.
    pub fn failed_success(call: Call, failure: CallFailure, body: Option<Vec<u8>>) -> Error {
        let body = body.filter(|_| call.acceptance.repeat().is_some());
        Error::Call(Box::new(CallError { call, failure, body, kept: None }))
    }

    /// A successful call with an unusable response.
    pub fn unusable(call: Call, flaw: ResponseFlaw) -> Error {
        Error::Unusable(Box::new(UnusableResponse { call, flaw, body: None }))
    }

    /// A successful call with an unusable response, and what was read of its body: what was paid for
    /// may stand there.
    pub fn unusable_with(call: Call, flaw: ResponseFlaw, body: Option<Vec<u8>>) -> Error {
        let body = body.filter(|_| call.acceptance.repeat().is_some());
        Error::Unusable(Box::new(UnusableResponse { call, flaw, body }))
    }

    /// The code that scripts compare: the API's own as it came, else one of ours.
    pub fn code(&self) -> String {
        self.class().0.into_owned()
    }

    /// The exit code that the error ends the program with.
    pub fn exit_code(&self) -> ExitCode {
        self.class().1
    }

    fn class(&self) -> (Cow<'static, str>, ExitCode) {
        let (code, exit_code) = match self {
            Error::Usage(_) => ("usage_error", ExitCode::Usage),
            Error::InvalidRequest(_) => ("cli_invalid_request", ExitCode::Usage),
            Error::Unconfirmed { .. } => ("confirmation_required", ExitCode::Usage),
            Error::NoKey { .. } | Error::UnusableKey { .. } => ("auth_error", ExitCode::Key),
            Error::Call(call) => {
                let (code, exit_code) = call.class();
                return (code.into(), exit_code);
            }
            Error::Unusable(response) => response.class(),
            Error::Gates { misses, .. } if misses.iter().all(Miss::is_unknown) => {
                ("cli_gate_undecidable", ExitCode::Failed)
            }
            Error::Gates { .. } => ("cli_gate_not_met", ExitCode::Failed),
            Error::CredentialsFile { .. } => ("cli_credentials_file", ExitCode::Failed),
            Error::File { .. } => ("cli_file_io_error", ExitCode::Failed),
            Error::FileExists { .. } => ("file_exists", ExitCode::Failed),
            Error::NotListening { .. } => ("cli_not_listening", ExitCode::Failed),
            // The exit codes of shells.
            Error::NotStarted { cause, .. } if cause.kind() == io::ErrorKind::NotFound => {
                ("cli_command_not_found", ExitCode::Program(127))
            }
            Error::NotStarted { .. } => ("cli_command_not_started", ExitCode::Program(126)),
            Error::Output(_) => ("cli_output_error", ExitCode::Failed),
            Error::NotWritten(failure) if failure.path.is_some() => {
                ("cli_file_io_error", ExitCode::AfterSuccess)
            }
            Error::NotWritten(_) => ("cli_output_error", ExitCode::AfterSuccess),
            Error::Filter(_) => ("cli_filter_failed", ExitCode::AfterSuccess),
            Error::PagesCut(cut) => return cut.cause.class(),
            Error::Jobs(jobs) => {
                let (code, exit_code) = jobs.class();
                return (code.into(), exit_code);
            }
            Error::Files(files) => {
                let (code, exit_code) = files.class();
                return (code.into(), exit_code);
            }
            Error::NoJob(_) => ("cli_no_job_id", ExitCode::AfterSuccess),
        };
        (code.into(), exit_code)
    }

    /// The call behind the error, if there was one.
    pub fn made_call(&self) -> Option<&Call> {
        match self {
            Error::Call(failed) => Some(&failed.call),
            Error::Unusable(response) => Some(&response.call),
            Error::NotWritten(failure) => failure.call.as_ref(),
            Error::Filter(failure) => failure.call.as_ref(),
            Error::PagesCut(cut) => cut.cause.made_call(),
            Error::Jobs(jobs) => jobs.cause.as_ref()?.made_call(),
            Error::Files(files) => files.cause()?.made_call(),
            Error::NoJob(created) => Some(&created.call),
            _ => None,
        }
    }

    /// The failed call, if that is the error, or the reason why a list broke off.
    pub fn call_error(&self) -> Option<&CallError> {
        match self {
            Error::Call(failed) => Some(failed),
            Error::PagesCut(cut) => cut.cause.call_error(),
            Error::Jobs(jobs) => jobs.cause.as_ref()?.call_error(),
            Error::Files(files) => files.cause()?.call_error(),
            _ => None,
        }
    }

    /// What would be lost with the error: the response of a call that should not be repeated, JSON
    /// but for some that is not.
    pub fn data(&self) -> Option<&[u8]> {
        match self {
            Error::Filter(failure) => Some(&failure.data),
            Error::Unusable(response) => response.body.as_deref(),
            Error::NotWritten(failure) => failure.data.as_deref(),
            Error::NoJob(created) => created.data.as_deref(),
            Error::PagesCut(cut) => cut.cause.data(),
            Error::Jobs(jobs) => jobs.cause.as_ref()?.data(),
            Error::Call(failed) => match &failed.failure {
                CallFailure::Canceled { data, .. } => data.as_deref(),
                _ => failed.body.as_deref(),
            },
            _ => None,
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(usage) => f.write_str(&usage.message),
            Error::InvalidRequest(invalid) => {
                write!(f, "the {} does not match {}", invalid.part, invalid.operation)?;
                if let Some(variant) = &invalid.variant {
                    write!(f, " ({variant})")?;
                }
                f.write_str("; nothing was sent")
            }
            Error::Unconfirmed { what, was_asked: true } => {
                write!(f, "`{what}` was not confirmed; nothing was sent")
            }
            Error::Unconfirmed { what, was_asked: false } => {
                write!(f, "`{what}` needs --force where nobody can be asked; nothing was sent")
            }
            Error::NoKey { .. } => f.write_str("no API key found"),
            Error::UnusableKey { source, flaw } => write!(f, "{source} {flaw} (nothing was sent)"),
            Error::Call(call) => call.fmt(f),
            Error::Unusable(response) => response.fmt(f),
            Error::Gates { key, misses } => {
                let first = misses.first().map(|miss| miss.about(key)).unwrap_or_default();
                f.write_str(&first)
            }
            Error::CredentialsFile { path, obstacle } => obstacle.write(path, f),
            Error::File { doing, path, cause } => {
                write!(f, "{doing} `{}`: {}", path.display(), system_words(cause))
            }
            Error::FileExists { path } => write!(f, "`{}` exists", path.display()),
            Error::NotListening { address, cause } => {
                write!(f, "listening on {address}: {}", system_words(cause))
            }
            Error::NotStarted { program, cause } => {
                write!(f, "running `{program}`: {}", system_words(cause))
            }
            Error::NotWritten(failure) => {
                match &failure.path {
                    Some(path) => write!(f, "saving the response to `{}`: ", path.display())?,
                    None => f.write_str("writing the response to stdout: ")?,
                }
                f.write_str(&system_words(&failure.cause))?;
                match &failure.kept {
                    Some(kept) => write!(f, "; the complete output is in `{}`", kept.display()),
                    None => Ok(()),
                }
            }
            Error::Output(cause) => write!(f, "writing to stdout: {}", system_words(cause)),
            Error::Filter(failure) => write!(f, "{}: {}", failure.asked, failure.words),
            Error::PagesCut(cut) => cut.cause.fmt(f),
            Error::Jobs(jobs) => jobs.fmt(f),
            Error::Files(files) => files.fmt(f),
            Error::NoJob(created) => {
                let call = &created.call;
                let (jobs, which) = match created.has_some {
                    true => ("jobs", "some of them"),
                    false => ("a job", "it"),
                };
                let Call { method, path, .. } = call;
                write!(f, "{method} {path} started {jobs}, and the response has no ID of {which}")
            }
        }
    }
}
