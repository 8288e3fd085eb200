//! Pseudo terminals for the program under test, in safe Rust.
//!
//! Scope: one `Terminal` is one device with a screen and a keyboard. A stream that is a terminal
//! gets one of its own, so that stdout and stderr can be told apart. The program gets no
//! *controlling* terminal (that takes `unsafe` between fork and exec): `/dev/tty` does not open for
//! it, and a typed Ctrl-C is a byte, not a signal.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcdrain, tcgetattr, tcsetwinsize};

use super::process::lock;
use super::recorded::contains;

/// A terminal of which we hold both sides.
pub(crate) struct Terminal {
    ours: File,
    /// Held until the program has ended: without it, what is still unread would be lost on macOS.
    theirs: OwnedFd,
}

impl Terminal {
    pub(crate) fn open(columns: u16, rows: u16) -> io::Result<Terminal> {
        // NOCTTY: a test runner without a terminal must not get this one for its own.
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs =
            rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        tcsetwinsize(
            &theirs,
            Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 },
        )?;
        Ok(Terminal { ours: File::from(ours), theirs })
    }

    /// The program's side.
    pub(crate) fn stdio(&self) -> io::Result<Stdio> {
        Ok(Stdio::from(self.theirs.try_clone()?))
    }

    /// Our side: what is read from it is what the terminal shows, what is written to it is typed.
    pub(crate) fn ours(&self) -> io::Result<File> {
        self.ours.try_clone()
    }

    /// A handle that tells whether typing is shown.
    pub(super) fn echo(&self) -> io::Result<Echo> {
        Ok(Echo(self.theirs.try_clone()?))
    }

    /// Ends the terminal once everything that was written to it has been read.
    pub(crate) fn close(self) {
        let _ = tcdrain(&self.theirs);
    }
}

/// The echo of a terminal.
pub(super) struct Echo(OwnedFd);

impl Echo {
    fn is_off(&self) -> bool {
        tcgetattr(self.0.as_fd()).is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ECHO))
    }
}

/// Something to type, and when.
pub(super) struct Typing {
    pub(super) cue: Cue,
    pub(super) text: Vec<u8>,
}

/// The event after which text is entered.
pub(super) enum Cue {
    Nothing,
    /// The program has turned off the echo, as it does to ask for something secret.
    Hidden,
    /// The program has shown this text on stdout or stderr.
    Shown(Vec<u8>),
}

/// Types each text when its cue has come, and stops waiting when the program has ended. The
/// keyboard stays open: hanging up is not what a person does.
pub(super) fn type_all(
    typing: Vec<Typing>,
    mut keyboard: File,
    echo: Echo,
    screens: Vec<Arc<Mutex<Vec<u8>>>>,
    ended: Arc<AtomicBool>,
) {
    thread::spawn(move || {
        for Typing { cue, text } in typing {
            let has_come = || match &cue {
                Cue::Nothing => true,
                Cue::Hidden => echo.is_off(),
                Cue::Shown(text) => screens.iter().any(|screen| contains(&lock(screen), text)),
            };
            while !has_come() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(2));
            }
            if keyboard.write_all(&text).is_err() {
                return;
            }
        }
    });
}
