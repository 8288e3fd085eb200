//! The three streams of a run: those of the process, or memory in their place.

use std::io::{self, Cursor, IsTerminal as _, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// stdin, stdout and stderr. Clones are handles to the same streams.
#[derive(Clone)]
pub struct Stdio {
    pub(super) stdin: Input,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

impl Stdio {
    /// The streams of this process.
    pub fn of_process() -> Stdio {
        Stdio { stdin: Input::Process, stdout: Output::Stdout, stderr: Output::Stderr }
    }

    /// Streams in memory, not terminals: `stdin` is read, and the output is kept for
    /// [`stdout`](Stdio::stdout) and [`stderr`](Stdio::stderr).
    pub fn in_memory(stdin: impl Into<Vec<u8>>) -> Stdio {
        Stdio {
            stdin: Input::Memory(Arc::new(Mutex::new(Cursor::new(stdin.into())))),
            stdout: Output::Memory(Arc::default()),
            stderr: Output::Memory(Arc::default()),
        }
    }

    /// The output on stdout in memory.
    pub fn stdout(&self) -> Vec<u8> {
        self.stdout.written()
    }

    /// The output on stderr in memory.
    pub fn stderr(&self) -> Vec<u8> {
        self.stderr.written()
    }
}

/// A stream to read from.
#[derive(Clone)]
pub(super) enum Input {
    Process,
    Memory(Arc<Mutex<Cursor<Vec<u8>>>>),
}

impl Input {
    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Input::Process) && io::stdin().is_terminal()
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::Process => patiently(io::stdin(), Ready::ToRead, |stdin| stdin.read(buffer)),
            Input::Memory(bytes) => lock(bytes).read(buffer),
        }
    }
}

/// A stream to write to.
#[derive(Clone)]
pub(super) enum Output {
    Stdout,
    Stderr,
    Memory(Arc<Mutex<Vec<u8>>>),
}

impl Output {
    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Output::Stdout => io::stdout().is_terminal(),
            Output::Stderr => io::stderr().is_terminal(),
            Output::Memory(_) => false,
        }
    }

    /// The width of the terminal, if it is one that says it.
    pub(super) fn columns(&self) -> Option<usize> {
        match self {
            Output::Stdout => columns_of(io::stdout()),
            Output::Stderr => columns_of(io::stderr()),
            Output::Memory(_) => None,
        }
    }

    /// Returns whether it is stdout and a pipe, whose reader may wait for each line.
    pub(super) fn is_pipe(&self) -> bool {
        matches!(self, Output::Stdout) && stdout_is_pipe()
    }

    /// Returns whether it is a pipe whose last reader is gone, or goes within `patience`.
    pub(super) fn closes_within(&self, patience: Duration) -> bool {
        self.is_pipe() && stdout_closes_within(patience)
    }

    fn written(&self) -> Vec<u8> {
        match self {
            Output::Memory(bytes) => lock(bytes).clone(),
            Output::Stdout | Output::Stderr => Vec::new(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout => patiently(io::stdout(), Ready::ToWrite, |stdout| stdout.write(bytes)),
            Output::Stderr => patiently(io::stderr(), Ready::ToWrite, |stderr| stderr.write(bytes)),
            Output::Memory(written) => lock(written).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout => patiently(io::stdout(), Ready::ToWrite, Write::flush),
            Output::Stderr => patiently(io::stderr(), Ready::ToWrite, Write::flush),
            Output::Memory(_) => Ok(()),
        }
    }
}

/// What a stream is waited for.
#[derive(Clone, Copy)]
enum Ready {
    ToRead,
    ToWrite,
}

/// Uses a stream that another program may have left in the non-blocking mode, as Node and ssh do with a
/// pipe or a terminal that they share: where it is full, or empty, it is waited for.
#[cfg(unix)]
fn patiently<S: std::os::fd::AsFd, T>(
    mut stream: S,
    ready: Ready,
    mut use_it: impl FnMut(&mut S) -> io::Result<T>,
) -> io::Result<T> {
    use rustix::event::{PollFd, PollFlags, poll};

    let flags = match ready {
        Ready::ToRead => PollFlags::IN,
        Ready::ToWrite => PollFlags::OUT,
    };
    loop {
        match use_it(&mut stream) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // Where it cannot be waited for, the next attempt tells why.
                let _ = poll(&mut [PollFd::new(&stream, flags)], None);
            }
            other => return other,
        }
    }
}

#[cfg(not(unix))]
fn patiently<S, T>(
    mut stream: S,
    _: Ready,
    mut use_it: impl FnMut(&mut S) -> io::Result<T>,
) -> io::Result<T> {
    use_it(&mut stream)
}

/// The width of a terminal, if it says it.
#[cfg(unix)]
pub(super) fn columns_of(terminal: impl std::os::fd::AsFd) -> Option<usize> {
    columns(terminal_size::terminal_size_of(terminal))
}

/// The width of a terminal, if it says it.
#[cfg(windows)]
pub(super) fn columns_of(terminal: impl std::os::windows::io::AsHandle) -> Option<usize> {
    columns(terminal_size::terminal_size_of(terminal))
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(columns, _)| usize::from(columns.0)).filter(|columns| *columns > 0)
}

/// Locks a value that a panic elsewhere cannot have left half changed.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn stdout_is_pipe() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;

    // A copy, since a `File` closes what it holds.
    let copy = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    copy.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn stdout_is_pipe() -> bool {
    !io::stdout().is_terminal()
}

#[cfg(unix)]
fn stdout_closes_within(patience: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    // With no events requested, the system still reports that the last reader is gone.
    let stdout = io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let patience = Timespec::try_from(patience).ok();
    poll(&mut asked, patience.as_ref()).is_ok_and(|_| asked[0].revents().contains(PollFlags::ERR))
}

#[cfg(not(unix))]
fn stdout_closes_within(_: Duration) -> bool {
    // The next write fails if the reader is gone.
    false
}
