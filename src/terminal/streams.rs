//! [`Ui`], the one owner of stdin, stdout and stderr.
//!
//! stdout carries the requested data and nothing else. Everything on stderr passes through
//! `messages.rs`, which masks the key and lets no text from a server control a terminal.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use super::keyboard::{self, Line};
use super::progress::Shown;
use super::signals::{self, OnEnd};
use super::stdio::{self, Output, Stdio, lock};
use crate::env::Env;
use crate::error::Error;
use crate::palette::Palette;
use crate::secret::Secret;

/// The size of the pieces that stdout is written in: its own line buffer would cost a system call
/// per line.
const OUTPUT_BUFFER: usize = 64 * 1024;

/// The most bytes of an answer.
const LONGEST_ANSWER: u64 = 1024;

/// The width of a terminal that does not say its own.
const USUAL_COLUMNS: usize = 80;

/// The streams of a run, and the colors of each. Clones are handles to the same streams, for threads
/// that write messages.
#[derive(Clone)]
pub struct Ui(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) stdio: Stdio,
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    quiet: bool,
    errors_as_json: bool,
    may_ask: bool,
    /// `TERM=dumb`: the terminal obeys nothing.
    is_dumb: bool,
    /// `COLUMNS`, for terminals that do not say their width.
    columns: Option<usize>,
    /// The first to claim stdin.
    stdin_reader: Mutex<Option<String>>,
    pub(super) secrets: Mutex<Arc<Vec<Secret>>>,
    /// Keys in files, which are read when the first text is masked.
    pub(super) stored_keys: OnceLock<StoredKeys>,
    pub(super) warned: Mutex<Vec<Warning>>,
    /// Set while the terminal's cursor stands behind text that was not a message.
    pub(super) line_is_open: AtomicBool,
    /// Set once stdout has taken a byte.
    stdout_took_some: AtomicBool,
    /// The lines that are redrawn below the messages.
    pub(super) progress: Mutex<Option<Shown>>,
}

type StoredKeys = LazyLock<Vec<Secret>, Box<dyn FnOnce() -> Vec<Secret> + Send>>;

/// The use of colors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal that takes them.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The format of errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// Text on a terminal, else JSON.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One line for scripts.
    Json,
}

pub(super) struct Stream {
    is_terminal: bool,
    pub(super) palette: Palette,
    colours: bool,
}

/// The colors and escapes of JSON on a stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dress<'p> {
    /// The colors, if the stream takes any.
    pub palette: Option<&'p Palette>,
    /// Set for a terminal: characters that could control it become `\u00xx`, which is the same value
    /// in JSON, and bytes that are not UTF-8 become U+FFFD.
    pub terminal: bool,
}

impl<'p> Dress<'p> {
    /// Tokens as received, for pipes and files.
    pub fn plain() -> Dress<'p> {
        Dress::default()
    }

    /// Returns whether tokens are written as received.
    pub fn is_plain(self) -> bool {
        self.palette.is_none() && !self.terminal
    }
}

/// A warning beside the result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The stable identifier for scripts.
    pub code: &'static str,
    /// The text, one sentence.
    pub message: String,
    /// The endpoint that replaces a retired one.
    pub successor: Option<String>,
}

impl Ui {
    /// Decides for each stream whether it is colored.
    pub fn new(
        stdio: &Stdio,
        color: ColorChoice,
        errors: ErrorFormat,
        quiet: bool,
        env: &Env,
    ) -> Ui {
        let stdout = Stream::new(stdio.stdout.is_terminal(), color, env);
        let stderr = Stream::new(stdio.stderr.is_terminal(), color, env);
        let errors_as_json = match errors {
            ErrorFormat::Auto => !stderr.is_terminal,
            ErrorFormat::Text => false,
            ErrorFormat::Json => true,
        };
        let may_ask = stdio.stdin.is_terminal() && stderr.is_terminal && !env.is_set("CI");
        let columns = env.text("COLUMNS").ok().flatten().and_then(|columns| columns.parse().ok());
        Ui(Arc::new(Shared {
            stdio: stdio.clone(),
            stdout,
            stderr,
            quiet,
            errors_as_json,
            may_ask,
            is_dumb: env.text("TERM") == Ok(Some("dumb")),
            columns: columns.filter(|columns| *columns > 0),
            stdin_reader: Mutex::default(),
            secrets: Mutex::default(),
            stored_keys: OnceLock::new(),
            warned: Mutex::default(),
            line_is_open: AtomicBool::new(false),
            stdout_took_some: AtomicBool::new(false),
            progress: Mutex::default(),
        }))
    }

    /// The dress of JSON on stdout.
    pub fn dress(&self) -> Dress<'_> {
        let stdout = &self.0.stdout;
        Dress { palette: stdout.colours.then_some(&stdout.palette), terminal: stdout.is_terminal }
    }

    /// Returns whether stdout is a terminal.
    pub fn stdout_is_terminal(&self) -> bool {
        self.0.stdout.is_terminal
    }

    /// The columns that a line on stdout may have; `None` for no limit, unless it is a terminal.
    pub fn room(&self) -> Option<usize> {
        self.0.stdout.is_terminal.then(|| self.columns(&self.0.stdio.stdout))
    }

    /// The columns that a line on a device may have; `None` for no limit, unless it is a terminal.
    pub fn room_of(&self, device: &File) -> Option<usize> {
        let columns = || stdio::columns_of(device).or(self.0.columns).unwrap_or(USUAL_COLUMNS);
        device.is_terminal().then(columns)
    }

    /// The same for stderr.
    pub(super) fn stderr_room(&self) -> Option<usize> {
        self.0.stderr.is_terminal.then(|| self.columns(&self.0.stdio.stderr))
    }

    /// The columns of stderr, as if it were a terminal.
    pub(super) fn stderr_columns(&self) -> usize {
        self.columns(&self.0.stdio.stderr)
    }

    /// Returns whether the terminal obeys nothing.
    pub(super) fn is_dumb(&self) -> bool {
        self.0.is_dumb
    }

    fn columns(&self, terminal: &Output) -> usize {
        terminal.columns().or(self.0.columns).unwrap_or(USUAL_COLUMNS)
    }

    /// Returns whether stdout is a pipe, whose reader may wait for each line.
    pub fn stdout_is_pipe(&self) -> bool {
        self.0.stdio.stdout.is_pipe()
    }

    /// Returns whether stderr is a terminal.
    pub fn stderr_is_terminal(&self) -> bool {
        self.0.stderr.is_terminal
    }

    /// The colors of stdout.
    pub fn palette(&self) -> &Palette {
        &self.0.stdout.palette
    }

    /// Returns whether notes, warnings and the report of yes/no commands are suppressed.
    pub fn is_quiet(&self) -> bool {
        self.0.quiet
    }

    /// Returns whether errors are lines of JSON.
    pub fn errors_are_json(&self) -> bool {
        self.0.errors_as_json
    }

    /// Returns whether a question can be asked: never in CI, and never without a terminal.
    pub fn may_ask(&self) -> bool {
        self.0.may_ask
    }

    /// Returns whether stdin is a terminal, where reading without a prompt would look like a hang.
    pub fn stdin_is_terminal(&self) -> bool {
        self.0.stdio.stdin.is_terminal()
    }

    /// Claims stdin for an option as it was entered, such as `--data -`.
    ///
    /// # Errors
    /// Another option reads stdin, which can be read once.
    pub fn claim_stdin(&self, option: &str) -> Result<(), Error> {
        let mut reader = lock(&self.0.stdin_reader);
        if let Some(first) = &*reader {
            return Err(Error::usage_with_hint(
                format!("`{first}` and `{option}` both read stdin, which can be read once"),
                "name a file for one of them",
            ));
        }
        *reader = Some(option.to_owned());
        Ok(())
    }

    /// stdin, for the option that claimed it.
    pub fn stdin(&self) -> impl Read + use<> {
        self.0.stdio.stdin.clone()
    }

    /// Asks for a secret and returns the entered line, which the terminal does not show.
    ///
    /// # Errors
    /// The terminal cannot be silenced or read, or Ctrl-C was pressed and is ignored here.
    pub fn ask_hidden(&self, question: &str) -> io::Result<String> {
        let ui = self.clone();
        let on_end = OnEnd::new();
        on_end.set(move |_| ui.put(""));
        let line = keyboard::hidden_line(self.stdin(), || self.prompt(question));
        drop(on_end);
        // The line break that was entered is as hidden as the rest.
        self.put("");
        match line? {
            Line::Entered(text) => Ok(text),
            Line::Interrupted => Err(signals::die_of_interrupt()),
        }
    }

    /// Asks a question, and returns whether the answer is yes. No line at all is a no.
    ///
    /// # Errors
    /// The terminal cannot be read.
    pub fn ask(&self, question: &str) -> io::Result<bool> {
        self.prompt(&self.shown(question));
        let mut answer = String::new();
        io::BufReader::new(self.stdin().take(LONGEST_ANSWER)).read_line(&mut answer)?;
        if !answer.ends_with('\n') {
            self.start_new_line();
        }
        Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
    }

    /// Writes to stdout through one buffer, to the last byte.
    ///
    /// # Errors
    /// stdout does not take it: it was closed, or the disk is full.
    pub fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = self.open();
        fill(&mut out).and_then(|()| out.flush())
    }

    /// stdout behind one buffer, for output that comes in pieces. The holder flushes it.
    pub fn open(&self) -> impl Write + use<> {
        io::BufWriter::with_capacity(OUTPUT_BUFFER, Stdout { ui: self.clone() })
    }

    /// Returns true while stdout has taken nothing.
    pub fn stdout_is_untouched(&self) -> bool {
        !self.0.stdout_took_some.load(Ordering::Relaxed)
    }

    /// Returns whether the reader of stdout is gone, or goes within this time: one such as `| head -2`
    /// needs a moment to see that it has enough.
    pub fn stdout_closes_within(&self, patience: Duration) -> bool {
        self.0.stdio.stdout.closes_within(patience)
    }
}

/// stdout, which remembers whether it took anything, and whether its last line is complete where stderr shares the terminal.
struct Stdout {
    ui: Ui,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = Ok(0);
        let mut stdout = self.ui.0.stdio.stdout.clone();
        let mut write = || {
            written = stdout.write(bytes).and_then(|count| {
                // The library's own stdout holds back what is no whole line: that counts as taken once it
                // is out.
                if bytes[..count].contains(&b'\n') {
                    self.ui.0.stdout_took_some.store(true, Ordering::Relaxed);
                }
                stdout.flush().map(|()| count)
            });
        };
        if self.ui.stdout_is_terminal() {
            self.ui.above_progress(write);
        } else {
            write();
        }
        let count = written?;
        if count > 0 {
            self.ui.0.stdout_took_some.store(true, Ordering::Relaxed);
        }
        if let Some(last) = bytes[..count].last()
            && self.ui.stdout_is_terminal()
            && self.ui.stderr_is_terminal()
        {
            self.ui.0.line_is_open.store(*last != b'\n', Ordering::Relaxed);
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ui.0.stdio.stdout.clone().flush()
    }
}

impl Stream {
    fn new(is_terminal: bool, color: ColorChoice, env: &Env) -> Stream {
        let colours = wants_colours(is_terminal, color, env);
        Stream {
            is_terminal,
            palette: if colours { Palette::coloured() } else { Palette::plain() },
            colours,
        }
    }
}

/// The flag decides; then `NO_COLOR`, which beats `CLICOLOR_FORCE`; then whether it is a terminal.
fn wants_colours(is_terminal: bool, color: ColorChoice, env: &Env) -> bool {
    match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if env.is_set("NO_COLOR") => false,
        ColorChoice::Auto
            if env.is_set("CLICOLOR_FORCE") && env.text("CLICOLOR_FORCE") != Ok(Some("0")) =>
        {
            true
        }
        ColorChoice::Auto => is_terminal && env.text("TERM") != Ok(Some("dumb")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_by_flag_variables_terminal() {
        use ColorChoice::{Always, Auto, Never};
        let check =
            |terminal: bool, color: ColorChoice, variables: &[(&str, &str)], expected: bool| {
                let env = Env::of(variables, "/", None);
                assert_eq!(
                    wants_colours(terminal, color, &env),
                    expected,
                    "{terminal} {color:?} {variables:?}"
                );
            };
        check(true, Auto, &[], true);
        check(false, Auto, &[], false);
        check(true, Auto, &[("NO_COLOR", "")], true);
        check(true, Auto, &[("NO_COLOR", "1")], false);
        check(false, Auto, &[("CLICOLOR_FORCE", "1")], true);
        check(false, Auto, &[("CLICOLOR_FORCE", "0")], false);
        check(true, Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
        check(true, Auto, &[("TERM", "dumb")], false);
        check(false, Always, &[("NO_COLOR", "1")], true);
        check(true, Never, &[("CLICOLOR_FORCE", "1")], false);
    }
}
