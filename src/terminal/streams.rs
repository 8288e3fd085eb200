//! The only holder of stdout and stderr.
//!
//! stdout carries the answer and nothing else. Whatever goes to stderr passes through
//! [`Ui::line`], which masks the key and lets no text from a server control a terminal.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use serde_json::json;

use super::text::{controls_terminal, neutralised};
use crate::env::Env;
use crate::palette::Palette;
use crate::secret::Secret;
use crate::terminal::keyboard::{self, Line};

/// stdout is written in pieces of this size: its own line buffer would cost a system call a line.
const OUTPUT_BUFFER: usize = 64 * 1024;

/// A terminal that does not say how wide it is has so many columns.
const USUAL_COLUMNS: usize = 80;

/// Both streams, and how each is dressed.
pub struct Ui {
    stdout: Stream,
    stderr: Stream,
    quiet: bool,
    errors_as_json: bool,
    may_ask: bool,
    /// What `COLUMNS` says, for terminals that do not say it themselves.
    columns: Option<usize>,
    secrets: RefCell<Vec<Secret>>,
    warned: RefCell<Vec<Warning>>,
}

/// When to use colours.
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

/// How errors look.
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

struct Stream {
    is_terminal: bool,
    palette: Palette,
    colours: bool,
}

/// How JSON is dressed for the stream it goes to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dress<'p> {
    /// The colours, if the stream takes any.
    pub palette: Option<&'p Palette>,
    /// Whether the stream is a terminal. Then characters that could control it become `\u00xx`,
    /// which is the same value in JSON, and bytes that are not UTF-8 become U+FFFD.
    pub terminal: bool,
}

impl<'p> Dress<'p> {
    /// Tokens as they came, for pipes and files.
    pub fn plain() -> Dress<'p> {
        Dress::default()
    }

    /// Whether tokens go out as they came.
    pub fn is_plain(self) -> bool {
        self.palette.is_none() && !self.terminal
    }
}

/// What somebody should know though the call succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What scripts compare.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What to call instead.
    pub successor: Option<String>,
}

impl Ui {
    /// The streams of this process. Each decides for itself whether it is coloured.
    pub fn new(color: ColorChoice, errors: ErrorFormat, quiet: bool, env: &Env) -> Ui {
        let stdout = Stream::new(io::stdout().is_terminal(), color, env);
        let stderr = Stream::new(io::stderr().is_terminal(), color, env);
        let errors_as_json = match errors {
            ErrorFormat::Auto => !stderr.is_terminal,
            ErrorFormat::Text => false,
            ErrorFormat::Json => true,
        };
        let may_ask = io::stdin().is_terminal() && stderr.is_terminal && !env.is_set("CI");
        let columns = env.text("COLUMNS").ok().flatten().and_then(|columns| columns.parse().ok());
        Ui {
            stdout,
            stderr,
            quiet,
            errors_as_json,
            may_ask,
            columns: columns.filter(|columns| *columns > 0),
            secrets: RefCell::default(),
            warned: RefCell::default(),
        }
    }

    /// From now on this key appears on stderr in its masked form only.
    pub fn hide(&self, secret: Secret) {
        self.secrets.borrow_mut().push(secret);
    }

    /// How JSON is dressed on stdout.
    pub fn dress(&self) -> Dress<'_> {
        Dress {
            palette: self.stdout.colours.then_some(&self.stdout.palette),
            terminal: self.stdout.is_terminal,
        }
    }

    /// Whether a person reads stdout.
    pub fn stdout_is_terminal(&self) -> bool {
        self.stdout.is_terminal
    }

    /// How many columns a line on stdout may have; no limit if it is no terminal.
    pub fn room(&self) -> Option<usize> {
        if !self.stdout.is_terminal {
            return None;
        }
        let size = terminal_size::terminal_size_of(io::stdout());
        let columns =
            size.map(|(columns, _)| usize::from(columns.0)).filter(|columns| *columns > 0);
        Some(columns.or(self.columns).unwrap_or(USUAL_COLUMNS))
    }

    /// Whether stdout is a pipe, so that somebody may wait for each line.
    pub fn stdout_is_pipe(&self) -> bool {
        stdout_is_pipe()
    }

    /// Whether a person reads stderr.
    pub fn stderr_is_terminal(&self) -> bool {
        self.stderr.is_terminal
    }

    /// The colours of stdout.
    pub fn palette(&self) -> &Palette {
        &self.stdout.palette
    }

    /// Whether notes, warnings and yes-or-no answers are not wanted.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether errors are lines of JSON.
    pub fn errors_are_json(&self) -> bool {
        self.errors_as_json
    }

    /// Whether somebody is there who can be asked: never in CI, and never without a terminal.
    pub fn may_ask(&self) -> bool {
        self.may_ask
    }

    /// Whether stdin is a keyboard, at which nobody may have been told to type.
    pub fn stdin_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Asks for a secret and returns the line that was typed, which nobody could see.
    ///
    /// # Errors
    /// The terminal cannot be silenced or read, or Ctrl-C was typed and is ignored here.
    pub fn ask_hidden(&self, question: &str) -> io::Result<String> {
        let line = keyboard::hidden_line(|| self.prompt(question));
        // The line break that was typed is as hidden as the rest.
        self.put("");
        match line? {
            Line::Typed(text) => Ok(text),
            Line::Interrupted => Err(keyboard::die_of_interrupt()),
        }
    }

    fn prompt(&self, question: &str) {
        let _ = io::stderr().lock().write_all(question.as_bytes());
    }

    /// Writes an answer to stdout, through one buffer, and makes sure that it got there.
    ///
    /// # Errors
    /// stdout does not take it: it was closed, or the disk is full.
    pub fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = io::BufWriter::with_capacity(OUTPUT_BUFFER, io::stdout().lock());
        fill(&mut out).and_then(|()| out.flush())
    }

    /// stdout behind one buffer, for answers that come in pieces. Whoever holds it flushes it.
    pub fn open(&self) -> impl Write + use<> {
        io::BufWriter::with_capacity(OUTPUT_BUFFER, io::stdout().lock())
    }

    /// Whether nobody reads stdout any more, or stops within this time: the reader of a pipe such as
    /// `| head -2` needs a moment to see that it has enough.
    pub fn stdout_closes_within(&self, patience: Duration) -> bool {
        stdout_is_pipe() && stdout_closes_within(patience)
    }

    /// A remark for a person; it is dropped where none reads stderr.
    pub fn note(&self, text: &str) {
        if self.stderr.is_terminal && !self.quiet {
            self.line(&self.stderr.palette.hint.paint("note:"), text);
        }
    }

    /// What is going on, for a person who waits; it is dropped where none reads stderr.
    pub fn progress(&self, text: &str) {
        if self.stderr.is_terminal && !self.quiet {
            self.line("", text);
        }
    }

    /// A warning: a line of text on a terminal, else a line of JSON. The same is said once only,
    /// however many calls a command makes.
    pub fn warn(&self, warning: &Warning) {
        if self.quiet || self.warned.borrow().contains(warning) {
            return;
        }
        self.warned.borrow_mut().push(warning.clone());
        if !self.errors_as_json {
            let successor =
                warning.successor.as_ref().map(|successor| format!("; successor: {successor}"));
            let text = format!("{}{}", warning.message, successor.unwrap_or_default());
            return self.line(&self.stderr.palette.warning.paint("warning:"), &text);
        }
        let mut fields = json!({"code": warning.code, "message": self.masked(&warning.message)});
        if let Some(successor) = &warning.successor {
            fields["successor"] = json!(successor);
        }
        self.json_line(&json!({"warning": fields}));
    }

    /// A line of a trace that was asked for.
    pub fn trace(&self, text: &str) {
        self.line("", text);
    }

    /// The one error that ends the command, as text.
    pub fn error(
        &self,
        message: &str,
        details: &[String],
        hints: &[String],
        reference: Option<&str>,
    ) {
        let palette = &self.stderr.palette;
        self.line(&palette.error.paint("error:"), message);
        for detail in details {
            self.line(" ", detail);
        }
        for hint in hints {
            self.line(&palette.hint.paint("hint:"), hint);
        }
        if let Some(reference) = reference {
            self.line(" ", reference);
        }
    }

    /// A value as one line of JSON on stderr.
    pub fn json_line(&self, value: &serde_json::Value) {
        self.put(&escaped(&value.to_string()));
    }

    /// `text` with every key that is known masked.
    pub fn masked(&self, text: &str) -> String {
        self.secrets
            .borrow()
            .iter()
            .fold(text.to_owned(), |text, secret| secret.mask(&text).into_owned())
    }

    fn line(&self, label: &str, text: &str) {
        let text = neutralised(&self.masked(text));
        if label.is_empty() {
            return self.put(&text);
        }
        self.put(&format!("{label} {text}"));
    }

    fn put(&self, line: &str) {
        // When nobody listens any more there is nobody to tell.
        let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
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

    // Asked for nothing, the system still tells when the last reader is gone.
    let stdout = io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let patience = Timespec::try_from(patience).ok();
    poll(&mut asked, patience.as_ref()).is_ok_and(|_| asked[0].revents().contains(PollFlags::ERR))
}

#[cfg(not(unix))]
fn stdout_closes_within(_: Duration) -> bool {
    // The next write tells.
    false
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

/// JSON with escapes in place of the characters that JSON allows raw and a terminal obeys. They
/// stand in strings only: nowhere else are they JSON.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if controls_terminal(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(character);
        }
    }
    safe
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

    #[test]
    fn json_is_same_value_escaped() {
        let check = |json: &str, expected: &str| {
            assert_eq!(escaped(json), expected);
            let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON");
            assert_eq!(value(json), value(expected));
        };
        check(r#"{"a":"é…\n\u001b"}"#, r#"{"a":"é…\n\u001b"}"#);
        check("\"a\u{7f}\u{9b}\u{202e}b\"", r#""a\u007f\u009b\u202eb""#);
    }
}
