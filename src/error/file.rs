//! Files that were not fetched, or not completely.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{CallFailure, Error, JobFault, seconds, system_words};
use crate::exit_code::ExitCode;

/// The reason why a file was not fetched.
#[derive(Debug)]
pub enum FileFault {
    /// The job is not done yet.
    NotReady { state: String },
    /// The job failed.
    JobFailed { state: String, code: Option<String>, message: Option<String> },
    /// HeyGen does not know the job.
    NotFound,
    /// The job has no such file.
    Missing {
        /// The files that it has, by their names for `--what`.
        available: Vec<&'static str>,
    },
    /// A batch has items, of which HeyGen does not tell the IDs.
    NamelessItems {
        /// The number of the others.
        known: usize,
        /// The number of all, if it is known.
        of: Option<usize>,
    },
    /// Parts of the job, of which nothing says that they failed, have no file.
    PartsMissing { missing: usize, of: usize },
    /// The call for the link failed.
    Call(Box<Error>),
    /// The link is no URL of a file.
    BadLink { reason: &'static str },
    /// The host does not accept the link any more, a fresh one included.
    Expired { status: u16, host: String },
    /// The host responds with another status than a file has.
    Rejected { status: u16, host: String },
    /// The host redirects to where the file is not fetched from.
    Redirected { host: String, reason: &'static str },
    /// The transfer failed, and all retries did.
    Transfer { host: String, failure: Box<CallFailure> },
    /// The host sends another length than it announces, or a part that was not asked for.
    Lied { host: String, what: &'static str },
    /// The host sends the file in a coding that nobody asked for.
    Encoded { host: String, coding: String },
    /// The host sends a web page in place of the file.
    Html { host: String },
    /// The file changed on its host after a part of it was written to where nothing can be taken
    /// back.
    Changed { host: String },
    /// A local file cannot be written.
    Disk { path: PathBuf, cause: io::Error },
    /// The job has several files, and one place was named for them.
    Several { count: usize },
    /// The file exists and may not be replaced.
    Exists { path: PathBuf },
    /// The file came up while it was fetched; what was fetched has another name.
    Occupied { path: PathBuf, kept: PathBuf },
    /// A file in the place of the unfinished one is not an unfinished download of ours.
    Foreign { path: PathBuf },
    /// Another file came to the place of the one that was written.
    Replaced { path: PathBuf },
    /// Another program has written to the unfinished file, or cut it off.
    Touched { path: PathBuf },
    /// Another process downloads to the same file.
    Busy { path: PathBuf },
    /// A signal ended the program.
    Canceled { signal: String },
}

/// A file that was not fetched.
#[derive(Debug)]
pub struct FailedFile {
    /// The name by which `heygen download` takes it; of a link, the host.
    pub name: String,
    pub fault: FileFault,
    /// The unfinished file that the next run goes on with.
    pub kept: Option<Kept>,
}

/// A part of a file.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The unfinished file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The length of the whole file.
    pub total: Option<u64>,
}

/// The arguments of a `heygen download`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadArguments {
    /// What is fetched.
    pub names: Vec<String>,
    /// The flags, with their values.
    pub flags: Vec<String>,
}

/// Downloads of which not all succeeded.
#[derive(Debug)]
pub struct FilesError {
    /// Those that failed; at least one.
    pub failed: Vec<FailedFile>,
    /// The number of all.
    pub of: usize,
    /// The arguments of one `heygen download` or more for those that may still succeed.
    pub again: Vec<DownloadArguments>,
    /// The command that goes on with others, as a text.
    pub more: Option<String>,
    /// The files that were fetched, and whose paths are not on stdout.
    pub complete: Vec<PathBuf>,
    /// True for files of jobs that this command created: repeating it would pay again.
    pub is_own: bool,
}

impl FileFault {
    /// The fault of a batch that is done, and of whose items some failed.
    pub fn of_items(fault: JobFault) -> FileFault {
        FileFault::JobFailed { state: fault.to_string(), code: None, message: None }
    }

    /// True where the same command may succeed later, or after something was made right.
    pub fn may_go_on(&self) -> bool {
        !matches!(
            self,
            FileFault::JobFailed { .. }
                | FileFault::NotFound
                | FileFault::Missing { .. }
                | FileFault::Several { .. }
                | FileFault::Exists { .. }
                | FileFault::Occupied { .. }
                | FileFault::BadLink { .. }
        )
    }

    /// True for what a wait for the job tells, too.
    pub fn is_of_job(&self) -> bool {
        matches!(self, FileFault::JobFailed { .. })
    }

    /// True where HeyGen rejects the key of the call for a link.
    pub fn is_rejected_key(&self) -> bool {
        matches!(self, FileFault::Call(error) if error.exit_code() == ExitCode::Key)
    }

    fn class(&self) -> (String, ExitCode) {
        let code = match self {
            FileFault::NotReady { .. } => "video_not_ready",
            FileFault::JobFailed { .. } => "video_failed",
            FileFault::NotFound => "not_found",
            FileFault::Missing { .. }
            | FileFault::PartsMissing { .. }
            | FileFault::NamelessItems { .. } => "asset_not_available",
            FileFault::Call(error) => return (error.code(), error.exit_code()),
            FileFault::Expired { .. } => "cli_download_url_expired",
            FileFault::BadLink { .. }
            | FileFault::Rejected { .. }
            | FileFault::Redirected { .. }
            | FileFault::Lied { .. }
            | FileFault::Encoded { .. }
            | FileFault::Html { .. }
            | FileFault::Changed { .. } => "cli_download_failed",
            FileFault::Transfer { failure, .. } => match **failure {
                CallFailure::TimedOut { .. } => return ("timeout".to_owned(), ExitCode::Timeout),
                CallFailure::Network(_) => "network_error",
                _ => "cli_download_interrupted",
            },
            FileFault::Disk { .. }
            | FileFault::Foreign { .. }
            | FileFault::Replaced { .. }
            | FileFault::Touched { .. }
            | FileFault::Busy { .. } => "cli_file_io_error",
            FileFault::Several { .. } => return ("usage_error".to_owned(), ExitCode::Usage),
            FileFault::Exists { .. } | FileFault::Occupied { .. } => "file_exists",
            FileFault::Canceled { .. } => "canceled",
        };
        (code.to_owned(), ExitCode::Failed)
    }
}

impl FilesError {
    /// The code, and the exit code.
    pub fn class(&self) -> (String, ExitCode) {
        let (code, exit_code) = match self.first() {
            Some(first) => first.fault.class(),
            None => ("cli_download_failed".to_owned(), ExitCode::Failed),
        };
        let is_rejected_key = exit_code == ExitCode::Key;
        let is_own = self.is_own && !is_rejected_key;
        (code, if is_own { ExitCode::AfterSuccess } else { exit_code })
    }

    /// The error of the call for a link, if that decides: of the only file, or a rejected key.
    pub fn cause(&self) -> Option<&Error> {
        match &self.first()?.fault {
            fault @ FileFault::Call(error) if self.of == 1 || fault.is_rejected_key() => {
                Some(error)
            }
            _ => None,
        }
    }

    /// The failure that decides.
    pub fn first(&self) -> Option<&FailedFile> {
        let is_canceled = |failed: &&FailedFile| matches!(failed.fault, FileFault::Canceled { .. });
        self.failed.iter().find(is_canceled).or(self.failed.first())
    }
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cause) = self.cause() {
            return cause.fmt(f);
        }
        let Some(first) = self.first() else { return f.write_str("no file was fetched") };
        match &first.fault {
            fault @ FileFault::Canceled { .. } => fault.fmt(f),
            fault if self.of == 1 => write!(f, "{}: {fault}", first.name),
            _ => write!(f, "{} of {} files failed", self.failed.len(), self.of),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileFault::NotReady { state } => write!(f, "not done yet ({state})"),
            FileFault::JobFailed { state, code, message } => {
                f.write_str(state)?;
                let texts = code.iter().chain(message);
                texts.into_iter().try_for_each(|text| write!(f, ": {text}"))
            }
            FileFault::NotFound => f.write_str("not found (deleted, or another account's)"),
            FileFault::Missing { available } if available.is_empty() => {
                f.write_str("there is no file of it")
            }
            FileFault::Missing { .. } => f.write_str("there is no such file of it"),
            FileFault::PartsMissing { missing, of } => {
                write!(f, "HeyGen has no file of {missing} of its {of} parts")
            }
            FileFault::NamelessItems { known, of: Some(of) } => {
                write!(f, "HeyGen names {known} of its {of} items")
            }
            FileFault::NamelessItems { known, of: None } => {
                write!(f, "HeyGen names {known} of its items, and says that there are more")
            }
            FileFault::Call(error) => error.fmt(f),
            FileFault::BadLink { reason } => write!(f, "the link is not valid: {reason}"),
            FileFault::Expired { status, host } => {
                write!(f, "the link has expired or is not valid ({status} from {host})")
            }
            FileFault::Rejected { status, host } => match words_of(*status) {
                Some(words) => write!(f, "{status} {words} from {host}"),
                None => write!(f, "status {status} from {host}"),
            },
            FileFault::Redirected { host, reason } => {
                write!(f, "{host} redirects {reason}; not followed")
            }
            FileFault::Transfer { host, failure } => match &**failure {
                CallFailure::TimedOut { limit } => {
                    write!(f, "no data from {host} for {}", seconds(*limit))
                }
                CallFailure::Network(fault) => fault.fmt(f),
                CallFailure::Unsendable { reason } => {
                    write!(f, "the request cannot be sent: {reason}")
                }
                _ => write!(f, "the connection to {host} ended in the middle of the file"),
            },
            FileFault::Lied { host, what } => write!(f, "{host} {what}"),
            FileFault::Encoded { host, coding } => {
                write!(f, "{host} sends it in the coding `{coding}`, which was not asked for")
            }
            FileFault::Html { host } => write!(f, "{host} sends a web page in its place"),
            FileFault::Changed { host } => {
                write!(f, "it changed on {host} while it was fetched")
            }
            FileFault::Disk { path, cause } => {
                write!(f, "writing `{}`: {}", path.display(), system_words(cause))
            }
            FileFault::Several { count } => {
                write!(f, "it has {count} files, and one place was named for them")
            }
            FileFault::Exists { path } => write!(f, "`{}` exists", path.display()),
            FileFault::Foreign { path } => {
                write!(f, "`{}` is in the way: heygen did not make it", path.display())
            }
            FileFault::Occupied { path, kept } => write!(
                f,
                "`{}` has come up meanwhile; the complete file is `{}`",
                path.display(),
                kept.display()
            ),
            FileFault::Replaced { path } => {
                write!(f, "another file came to the place of `{}` meanwhile", path.display())
            }
            FileFault::Touched { path } => {
                write!(f, "another program has changed `{}` meanwhile", path.display())
            }
            FileFault::Busy { path } => {
                write!(f, "another process is downloading to `{}`", path.display())
            }
            FileFault::Canceled { signal } => write!(f, "canceled by {signal} while downloading"),
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.total {
            Some(total) => {
                write!(f, "{} of {} are in `{path}`", bytes(self.bytes), bytes(total))
            }
            None => write!(f, "{} are in `{path}`", bytes(self.bytes)),
        }
    }
}

/// A number of bytes in the unit a person would use: `38.1 MB`.
pub fn bytes(count: u64) -> String {
    let in_units = |unit: u64| count as f64 / unit as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", in_units(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", in_units(1_000_000)),
        _ => format!("{:.2} GB", in_units(1_000_000_000)),
    }
}

/// The pause before the next attempt at a transfer, in words.
pub fn resuming(fault: &FileFault, pause: Duration) -> String {
    match pause.is_zero() {
        true => format!("{fault}; resuming"),
        false => format!("{fault}; resuming in {}", seconds(pause)),
    }
}

fn words_of(status: u16) -> Option<&'static str> {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        let check = |count: u64, expected: &str| assert_eq!(bytes(count), expected);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.0 kB");
        check(38_100_000, "38.1 MB");
        check(1 << 30, "1.07 GB");
    }
}
