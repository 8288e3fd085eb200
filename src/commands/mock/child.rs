//! The command that the mock serves: started, waited for, and told of the signals that reach us.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::terminal::signals::{self, EndSignal};

/// A signal is sent on to a command that did not end within this time: most often it went to the
/// whole process group, and the command has it already.
const SEND_ON_AFTER: Duration = Duration::from_millis(300);

/// A command on a terminal that goes on for this long after Ctrl-C means to go on, as the prompt of
/// an interpreter does.
const GOES_ON_AFTER: Duration = Duration::from_secs(2);

/// The end of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The exit code to end with.
    Code(u8),
    /// A signal that was meant for this program too.
    Signal(EndSignal),
}

/// Signals and the end of the command, in the order in which they come.
pub(super) struct Watch {
    sender: Sender<Event>,
    events: Receiver<Event>,
}

enum Event {
    Signal(EndSignal),
    Ended(io::Result<ExitStatus>),
}

impl Watch {
    /// Starts to keep the signals that would end this program.
    pub(super) fn start() -> Watch {
        let (sender, events) = channel();
        let signals = sender.clone();
        signals::hand_over(move |signal| {
            // Nobody listens any more once the command has ended.
            let _ = signals.send(Event::Signal(signal));
        });
        Watch { sender, events }
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// The command cannot be started.
    pub(super) fn run(
        self,
        program: &OsStr,
        arguments: &[OsString],
        variables: Vec<(OsString, OsString)>,
        has_keyboard: bool,
    ) -> Result<Ending, Error> {
        if let Ok(Event::Signal(signal)) = self.events.try_recv() {
            return Ok(Ending::Signal(signal));
        }
        let not_started =
            |cause| Error::NotStarted { program: program.to_string_lossy().into_owned(), cause };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(variables);
        let mut child = command.spawn().map_err(not_started)?;
        let recipient = Recipient::of(&child);
        let Watch { sender, events } = self;
        thread::spawn(move || sender.send(Event::Ended(child.wait())));
        let (status, signal) = wait(&events, &recipient, has_keyboard);
        let status = status.map_err(not_started)?;
        Ok(ending(code_of(status), signal, has_keyboard))
    }
}

/// The status of the command, and the first signal before it with the time since.
fn wait(
    events: &Receiver<Event>,
    recipient: &Recipient,
    has_keyboard: bool,
) -> (io::Result<ExitStatus>, Option<(EndSignal, Duration)>) {
    let mut first: Option<(EndSignal, Instant)> = None;
    let mut to_send_on: Option<EndSignal> = None;
    loop {
        let event = match to_send_on {
            Some(_) => events.recv_timeout(SEND_ON_AFTER),
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match event {
            Ok(Event::Signal(signal)) => {
                first.get_or_insert((signal, Instant::now()));
                // A key reaches the whole group by itself.
                to_send_on = (!(has_keyboard && signal.is_key())).then_some(signal);
            }
            Ok(Event::Ended(status)) => {
                return (status, first.map(|(signal, came)| (signal, came.elapsed())));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Some(signal) = to_send_on.take() {
                    recipient.send(signal);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return (Err(io::Error::other("the command was lost")), None);
            }
        }
    }
}

/// The end of this program after that of the command.
fn ending(code: u8, signal: Option<(EndSignal, Duration)>, has_keyboard: bool) -> Ending {
    match signal {
        Some((signal, since)) if has_keyboard && signal.is_key() && since > GOES_ON_AFTER => {
            Ending::Code(code)
        }
        Some((signal, _)) => Ending::Signal(signal),
        None => Ending::Code(code),
    }
}

/// The exit code of a command, 128 + n if a signal ended it.
fn code_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Windows has larger codes: they must not become a success.
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(u8::MAX))
}

/// The process that signals are sent on to.
#[cfg(unix)]
struct Recipient(rustix::process::Pid);

#[cfg(unix)]
impl Recipient {
    fn of(child: &Child) -> Recipient {
        Recipient(rustix::process::Pid::from_child(child))
    }

    fn send(&self, signal: EndSignal) {
        if let Some(signal) = rustix::process::Signal::from_named_raw(signal.number()) {
            // A process that ended meanwhile needs none.
            let _ = rustix::process::kill_process(self.0, signal);
        }
    }
}

/// Elsewhere than on Unix no signal arrives.
#[cfg(not(unix))]
struct Recipient;

#[cfg(not(unix))]
impl Recipient {
    fn of(_: &Child) -> Recipient {
        Recipient
    }

    fn send(&self, _: EndSignal) {}
}
