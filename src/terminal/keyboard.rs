//! A line of typing that nobody sees.
//!
//! The terminal neither shows it nor makes signals of its keys, so that the silence cannot outlive
//! the question: Ctrl-C comes as a character, the terminal is put right, and then the program dies
//! of the signal as if it had been one.

use std::io;

/// What was done at the keyboard.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end; empty also where typing ended at once (Ctrl-D).
    Typed(String),
    /// Ctrl-C.
    Interrupted,
}

/// Silences the terminal on stdin, has the question shown, and reads a line. The terminal is as
/// before in any case.
///
/// # Errors
/// Stdin is no terminal, or cannot be read.
pub fn hidden_line(ask: impl FnOnce()) -> io::Result<Line> {
    #[cfg(unix)]
    return unix::hidden_line(ask);
    #[cfg(windows)]
    {
        ask();
        let silent = rpassword::ConfigBuilder::new().output_discard().build();
        rpassword::read_password_with_config(silent).map(Line::Typed)
    }
}

/// Ends the process as Ctrl-C does, which a shell's loop takes for what it is. Where the signal is
/// ignored, what comes back says that.
pub fn die_of_interrupt() -> io::Error {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
    io::Error::new(io::ErrorKind::Interrupted, "interrupted")
}

/// Where typing stands after a character.
#[cfg_attr(windows, allow(dead_code, reason = "there rpassword reads the keys"))]
#[derive(Debug, PartialEq, Eq)]
enum Typing {
    GoesOn,
    Ends,
    IsInterrupted,
}

/// What a key does to the line, as a terminal would edit it.
#[cfg_attr(windows, allow(dead_code, reason = "there rpassword reads the keys"))]
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
    use std::io::{self, Read as _};
    use std::os::fd::AsFd;

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Line, Typing, press};

    /// A silent terminal, which is as before when this is dropped.
    struct Silence<T: AsFd> {
        terminal: T,
        before: Termios,
    }

    impl<T: AsFd> Silence<T> {
        fn begin(terminal: T) -> io::Result<Silence<T>> {
            let before = tcgetattr(&terminal)?;
            let mut modes = before.clone();
            modes.local_modes &= !(LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::ICANON
                | LocalModes::ISIG
                | LocalModes::IEXTEN);
            modes.special_codes[SpecialCodeIndex::VMIN] = 1;
            modes.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&terminal, OptionalActions::Now, &modes)?;
            Ok(Silence { terminal, before })
        }
    }

    impl<T: AsFd> Drop for Silence<T> {
        fn drop(&mut self) {
            // If the terminal is gone there is none to put right.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }

    pub(super) fn hidden_line(ask: impl FnOnce()) -> io::Result<Line> {
        let _silence = Silence::begin(io::stdin())?;
        ask();
        let mut line = Vec::new();
        for key in io::stdin().lock().bytes() {
            match press(key?, &mut line) {
                Typing::GoesOn => {}
                Typing::Ends => break,
                Typing::IsInterrupted => return Ok(Line::Interrupted),
            }
        }
        Ok(Line::Typed(String::from_utf8_lossy(&line).into_owned()))
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
