//! Jobs that did not end well, or that are not waited for any longer.

use std::fmt;
use std::time::Duration;

use super::{DownloadArguments, Error, FilesError, seconds};
use crate::exit_code::ExitCode;

/// The reason why a job is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFault {
    /// HeyGen says that it failed.
    Failed {
        /// HeyGen's word for its state.
        state: String,
        code: Option<String>,
        message: Option<String>,
    },
    /// It is a batch, and some of its items failed.
    ItemsFailed { failed: usize, of: usize },
    /// HeyGen does not know it.
    NotFound,
    /// It asks a question, and goes on when that is answered.
    NeedsInput,
    /// It goes on when somebody consents.
    NeedsConsent,
    /// It is done, and its file does not come.
    NoUrl,
    /// The time was up.
    TimedOut {
        /// The last failure to ask for its state, if nothing was ever heard of it.
        unheard: Option<String>,
    },
    /// Another one failed, which ended the wait.
    NotAwaited,
    /// A signal ended the program.
    Canceled { signal: String },
}

/// The end of a wait that was no success.
#[derive(Debug)]
pub struct JobsError {
    /// The jobs that are no success, by the names that `heygen wait` takes.
    pub faults: Vec<(String, JobFault)>,
    /// The number of all jobs that were waited for.
    pub of: usize,
    /// The names of those that may still go on.
    pub left: Vec<String>,
    /// The flags that the command for these needs too.
    pub flags: Vec<String>,
    /// The arguments of `heygen download` for the files of these, which were asked for.
    pub then: Option<DownloadArguments>,
    /// The objects of the jobs are not on stdout.
    pub is_silent: bool,
    /// The time since the wait began.
    pub after: Duration,
    /// True for jobs that this command created: repeating it would pay again.
    pub is_own: bool,
    /// The error that ended the wait, where it was not the jobs.
    pub cause: Option<Error>,
    /// The files of other jobs that were not fetched either.
    pub files: Option<Box<FilesError>>,
}

impl JobFault {
    /// True where HeyGen may still come to know the job, or its file.
    pub fn may_be_mended(&self) -> bool {
        matches!(self, JobFault::NotFound | JobFault::NoUrl)
    }
}

impl JobsError {
    /// The code, and the exit code.
    pub fn class(&self) -> (String, ExitCode) {
        match (self.class_of_jobs(), &self.files) {
            // What was paid for is missing.
            ((code, exit_code), Some(_)) if self.is_own && exit_code != ExitCode::Key => {
                (code, ExitCode::AfterSuccess)
            }
            (class, _) => class,
        }
    }

    fn class_of_jobs(&self) -> (String, ExitCode) {
        if let Some(cause) = &self.cause {
            let exit_code = match cause.exit_code() {
                ExitCode::Key => ExitCode::Key,
                _ if self.is_own => ExitCode::AfterSuccess,
                // No call was made that should not be repeated.
                ExitCode::AfterSuccess if !matches!(cause, Error::Filter(_)) => ExitCode::Failed,
                exit_code => exit_code,
            };
            return (cause.code(), exit_code);
        }
        let Some((name, fault)) = self.first() else {
            return ("cli_job_failed".to_owned(), ExitCode::Failed);
        };
        let after_create = if self.is_own { ExitCode::AfterSuccess } else { ExitCode::Failed };
        let is_video = !name.contains([':', '/']) || name.starts_with("video:");
        let (code, exit_code) = match fault {
            JobFault::Failed { .. } if is_video => ("video_failed", ExitCode::Failed),
            JobFault::Failed { .. } | JobFault::ItemsFailed { .. } | JobFault::NotAwaited => {
                ("cli_job_failed", ExitCode::Failed)
            }
            JobFault::NotFound => ("not_found", after_create),
            JobFault::NeedsInput => ("cli_job_needs_input", ExitCode::Failed),
            JobFault::NeedsConsent => ("cli_job_needs_consent", ExitCode::Failed),
            JobFault::NoUrl => ("asset_not_available", after_create),
            JobFault::TimedOut { .. } => ("timeout", ExitCode::Timeout),
            JobFault::Canceled { .. } => ("canceled", ExitCode::Failed),
        };
        (code.to_owned(), exit_code)
    }

    /// The fault that decides: what can still change comes before what cannot.
    fn first(&self) -> Option<&(String, JobFault)> {
        let rank = |fault: &JobFault| match fault {
            JobFault::Canceled { .. } => 0,
            JobFault::TimedOut { .. } => 1,
            JobFault::Failed { .. } | JobFault::ItemsFailed { .. } => 2,
            _ => 3,
        };
        self.faults.iter().min_by_key(|(_, fault)| rank(fault))
    }

    fn count(&self, counts: impl Fn(&JobFault) -> bool) -> usize {
        self.faults.iter().filter(|(_, fault)| counts(fault)).count()
    }
}

impl fmt::Display for JobsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cause) = &self.cause {
            return cause.fmt(f);
        }
        let Some((name, fault)) = self.first() else { return f.write_str("no job has ended") };
        let (of, after) = (self.of, seconds(self.after));
        match fault {
            JobFault::Canceled { signal } => write!(f, "canceled by {signal} while waiting"),
            JobFault::TimedOut { unheard: Some(failure) } if of == 1 => {
                write!(f, "{name}: no state within {after}: {failure}")
            }
            JobFault::TimedOut { .. } if of == 1 => write!(f, "{name}: not done after {after}"),
            JobFault::TimedOut { .. } => {
                let late = self.count(|fault| matches!(fault, JobFault::TimedOut { .. }));
                write!(f, "{late} of {of} not done after {after}")
            }
            fault if of == 1 => write!(f, "{name}: {fault}"),
            _ => {
                let failed = self.count(|fault| *fault != JobFault::NotAwaited);
                write!(f, "{failed} of {of} failed")
            }
        }
    }
}

impl fmt::Display for JobFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobFault::Failed { state, code, message } => {
                f.write_str(state)?;
                let texts = code.iter().chain(message);
                texts.into_iter().try_for_each(|text| write!(f, ": {text}"))
            }
            JobFault::ItemsFailed { failed, of } => {
                write!(f, "completed, and {failed} of its {of} items failed")
            }
            JobFault::NotFound => f.write_str("not found (deleted, or another account's)"),
            JobFault::NeedsInput => f.write_str("waits for an answer"),
            JobFault::NeedsConsent => f.write_str("waits for consent"),
            JobFault::NoUrl => f.write_str("completed, and HeyGen has no file of it yet"),
            JobFault::TimedOut { unheard: None } => f.write_str("not done"),
            JobFault::TimedOut { unheard: Some(failure) } => {
                write!(f, "no state: {failure}")
            }
            JobFault::NotAwaited => f.write_str("not waited for any longer"),
            JobFault::Canceled { .. } => f.write_str("not done"),
        }
    }
}
