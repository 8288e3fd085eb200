//! The exit codes of `heygen`.

use std::process;

/// The exit status of the program, with the meanings of HeyGen's own command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The call succeeded and its response was written.
    Done = 0,
    /// The API, the network, a file or a job failed.
    Failed = 1,
    /// The command line or a variable is invalid; nothing was sent.
    Usage = 2,
    /// There is no key, or HeyGen does not accept it for this call.
    Key = 3,
    /// A time limit ran out.
    Timeout = 4,
    /// The call succeeded and only the work on its response failed: do not repeat it.
    AfterSuccess = 5,
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        process::ExitCode::from(code as u8)
    }
}
