//! A line from the keyboard that the terminal does not show.
//!
//! The terminal neither shows the keys nor makes signals of them, so that the silence cannot outlive
//! the question: Ctrl-C comes as a character, the terminal is restored, and then the program dies
//! of the signal. A signal from outside restores it first, too.

use std::io::{self, Read};

/// The outcome of a question.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end; empty also where the input ended at once (Ctrl-D).
    Entered(String),
    /// Ctrl-C.
    Interrupted,
}

/// Silences the terminal on stdin, has the question shown, and reads a line of `keys`. Restores the
/// terminal in any case.
///
/// # Errors
/// stdin is not a terminal, or cannot be read.
pub fn hidden_line(keys: impl Read, ask: impl FnOnce()) -> io::Result<Line> {
    #[cfg(unix)]
    return unix::hidden_line(keys, ask);
    #[cfg(windows)]
    {
        // rpassword reads the console itself.
        drop(keys);
        ask();
        let silent = rpassword::ConfigBuilder::new().output_discard().build();
        rpassword::read_password_with_config(silent).map(Line::Entered)
    }
}

/// The state of the line after a key.
#[cfg_attr(windows, allow(dead_code, reason = "rpassword reads the keys"))]
#[derive(Debug, PartialEq, Eq)]
enum Typing {
    GoesOn,
    Ends,
    IsInterrupted,
}

/// Edits the line by a key, as a terminal does.
#[cfg_attr(windows, allow(dead_code, reason = "rpassword reads the keys"))]
fn press(key: u8, line: &mut Vec<u8>) -> Typing {
    const CTRL_C: u8 = 0x03;
    const CTRL_D: u8 = 0x04;
    const BACKSPACE: u8 = 0x08;
    const CTRL_U: u8 = 0x15;
    const CTRL_W: u8 = 0x17;
    const DELETE: u8 = 0x7F;
    match key {
        CTRL_C => return Typing::IsInterrupted,
        b'\r' | b'\n' => return Typing::Ends,
        CTRL_D if line.is_empty() => return Typing::Ends,
        CTRL_D => {}
        BACKSPACE | DELETE => {
            let is_inside_character = |byte: u8| byte & 0xC0 == 0x80;
            while line.pop().is_some_and(is_inside_character) {}
        }
        CTRL_U | CTRL_W => line.clear(),
        _ => line.push(key),
    }
    Typing::GoesOn
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Read};
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::Arc;

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Line, Typing, press};
    use crate::terminal::signals::{OnContinue, OnEnd};

    /// A silent terminal; restored when this is dropped, and when a signal ends the program. The
    /// fields are in the order in which they must go.
    struct Silence {
        _on_continue: OnContinue,
        _restored: Restored,
        _on_end: OnEnd,
    }

    /// Restores a terminal when it is dropped.
    struct Restored(Arc<Modes>);

    /// The modes of a terminal before and during the silence.
    struct Modes {
        terminal: OwnedFd,
        before: Termios,
        silent: Termios,
    }

    impl Silence {
        fn begin(terminal: impl AsFd) -> io::Result<Silence> {
            let before = tcgetattr(&terminal)?;
            let mut silent = before.clone();
            silent.local_modes &= !(LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::ICANON
                | LocalModes::ISIG
                | LocalModes::IEXTEN);
            silent.special_codes[SpecialCodeIndex::VMIN] = 1;
            silent.special_codes[SpecialCodeIndex::VTIME] = 0;
            let terminal = terminal.as_fd().try_clone_to_owned()?;
            let modes = Arc::new(Modes { terminal, before, silent });
            let on_end = OnEnd::new();
            let restored = Arc::clone(&modes);
            on_end.set(move |_| restored.restore());
            // A shell that stopped the program has made the terminal loud for itself.
            let silenced = Arc::clone(&modes);
            let on_continue = OnContinue::new(move || {
                let _ = silenced.silence();
            });
            modes.silence()?;
            Ok(Silence { _on_continue: on_continue, _restored: Restored(modes), _on_end: on_end })
        }
    }

    impl Modes {
        fn silence(&self) -> rustix::io::Result<()> {
            tcsetattr(&self.terminal, OptionalActions::Now, &self.silent)
        }

        fn restore(&self) {
            // If the terminal is gone there is none to restore.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }

    impl Drop for Restored {
        fn drop(&mut self) {
            self.0.restore();
        }
    }

    pub(super) fn hidden_line(keys: impl Read, ask: impl FnOnce()) -> io::Result<Line> {
        let _silence = Silence::begin(io::stdin())?;
        ask();
        let mut line = Vec::new();
        // stdin has a buffer of its own.
        #[allow(clippy::unbuffered_bytes, reason = "keys come one by one")]
        for key in keys.bytes() {
            match press(key?, &mut line) {
                Typing::GoesOn => {}
                Typing::Ends => break,
                Typing::IsInterrupted => return Ok(Line::Interrupted),
            }
        }
        Ok(Line::Entered(String::from_utf8_lossy(&line).into_owned()))
    }

    #[cfg(test)]
    mod tests {
        use rustix::fs::{Mode, OFlags};
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

        use super::*;

        #[test]
        fn echo_is_restored() {
            let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
            grantpt(&ours).expect("it is ours");
            unlockpt(&ours).expect("it is ours");
            let name = ptsname(&ours, Vec::new()).expect("it has a name");
            let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())
                .expect("it can be opened");
            let loud = || {
                let modes = tcgetattr(&terminal).expect("a terminal has modes").local_modes;
                (modes.contains(LocalModes::ECHO), modes.contains(LocalModes::ISIG), modes)
            };
            let before = loud();
            assert_eq!((before.0, before.1), (true, true));
            let silence = Silence::begin(&terminal).expect("it is a terminal");
            assert_eq!((loud().0, loud().1), (false, false));
            drop(silence);
            assert_eq!(loud(), before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_edit_the_line() {
        let check = |keys: &str, expected: &str, end: Typing| {
            let mut line = Vec::new();
            let typing = keys.bytes().map(|key| press(key, &mut line)).last();
            assert_eq!((String::from_utf8_lossy(&line).as_ref(), typing), (expected, Some(end)));
        };
        check("abc", "abc", Typing::GoesOn);
        check("abc\n", "abc", Typing::Ends);
        check("abc\r", "abc", Typing::Ends);
        check("ab\x7fc\x08d", "ad", Typing::GoesOn);
        check("aé\x7f", "a", Typing::GoesOn);
        check("\x7f\x7fa", "a", Typing::GoesOn);
        check("wrong\x15abc", "abc", Typing::GoesOn);
        check("wrong\x17abc", "abc", Typing::GoesOn);
        check("abc\x04", "abc", Typing::GoesOn);
        check("\x04", "", Typing::Ends);
        check("abc\x03", "abc", Typing::IsInterrupted);
    }
}
