//! The exit codes of `heygen`.

use std::process;

/// The exit status of the program, with the meanings of HeyGen's own command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// The call succeeded and its response was written.
    Done,
    /// The API, the network, a file or a job failed.
    Failed,
    /// The command line or a variable is invalid; nothing was sent.
    Usage,
    /// There is no key, or HeyGen does not accept it for this call.
    Key,
    /// A time limit ran out.
    Timeout,
    /// The call succeeded and only the work on its response failed: do not repeat it.
    AfterSuccess,
    /// The exit code of a program that heygen ran, or 126 and 127 if it could not.
    Program(u8),
}

impl From<ExitCode> for u8 {
    fn from(code: ExitCode) -> u8 {
        match code {
            ExitCode::Done => 0,
            ExitCode::Failed => 1,
            ExitCode::Usage => 2,
            ExitCode::Key => 3,
            ExitCode::Timeout => 4,
            ExitCode::AfterSuccess => 5,
            ExitCode::Program(code) => code,
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        process::ExitCode::from(u8::from(code))
    }
}
