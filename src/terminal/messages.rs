//! Messages on stderr: each is masked, neutralised, and on a terminal wrapped at words.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};

use serde_json::json;

use super::stdio::lock;
use super::streams::{Ui, Warning};
use super::text::{controls_terminal, cut, neutralised, width, wrapped};
use crate::palette::Paint;
use crate::secret::{Secret, hide_key_shapes};

/// Text that would get fewer columns than this beside its label is left to the terminal to break.
const NARROWEST: usize = 10;

/// The indentation of a detail below an error.
const DETAIL: &str = " ";

/// The key that `heygen mock` accepts unless it is given another.
const KEY_OF_THE_MOCK: &str = "mock";

impl Ui {
    /// Masks this key on stderr from now on.
    pub fn hide(&self, secret: Secret) {
        if !is_of_mock(&secret) {
            Arc::make_mut(&mut lock(&self.0.secrets)).push(secret);
        }
    }

    /// Masks the keys that `find` finds too. It is called when the first text is masked: most runs
    /// show none, and read no file for it.
    pub fn hide_stored(&self, find: impl FnOnce() -> Vec<Secret> + Send + 'static) {
        let _ = self.0.stored_keys.set(LazyLock::new(Box::new(find)));
    }

    /// `text` with every known key masked.
    pub fn masked(&self, text: &str) -> String {
        // The report of a signal must not wait for a long text.
        let secrets = Arc::clone(&lock(&self.0.secrets));
        let stored = self.0.stored_keys.get().map(|keys| keys.as_slice()).unwrap_or_default();
        let others = stored.iter().filter(|key| !is_of_mock(key) && !secrets.contains(key));
        let all = secrets.iter().chain(others);
        all.fold(text.to_owned(), |text, secret| secret.mask(&text).into_owned())
    }

    /// The same without words that have the shape of a key, whoever's it is.
    pub fn without_keys(&self, text: &str) -> String {
        hide_key_shapes(&self.masked(text)).into_owned()
    }

    /// A remark for a person; dropped unless stderr is a terminal.
    pub fn note(&self, text: &str) {
        if self.stderr_is_terminal() && !self.is_quiet() {
            self.line(&self.0.stderr.palette.hint, "note:", text);
        }
    }

    /// The state of a call, for a person who waits; dropped unless stderr is a terminal.
    pub fn progress(&self, text: &str) {
        if self.stderr_is_terminal() && !self.is_quiet() {
            self.line(&Paint::default(), "", text);
        }
    }

    /// A warning: text, or a line of JSON where errors are JSON. Repeated warnings are dropped,
    /// however many calls a command makes.
    pub fn warn(&self, warning: &Warning) {
        if self.is_quiet() || self.was_warned(warning) {
            return;
        }
        if !self.errors_are_json() {
            let replacement =
                warning.successor.as_ref().map(|endpoint| format!("; replacement: {endpoint}"));
            let text = format!("{}{}", warning.message, replacement.unwrap_or_default());
            return self.line(&self.0.stderr.palette.warning, "warning:", &text);
        }
        let message = self.without_keys(&warning.message);
        let mut fields = json!({"code": warning.code, "message": message});
        if let Some(successor) = &warning.successor {
            fields["successor"] = json!(successor);
        }
        self.json_line(&json!({"warning": fields}));
    }

    /// The ID of a job that was started, and the command that goes on with it: text, or a line of JSON
    /// where errors are JSON. Quiet does not silence it: without the ID what was paid for is lost.
    pub fn job(&self, kind: &str, id: &str, resume: &str) {
        if !self.errors_are_json() {
            let text = format!("{kind} {id} created; to resume: {resume}");
            return self.line(&Paint::default(), "", &text);
        }
        let (id, resume) = (self.without_keys(id), self.without_keys(resume));
        self.json_line(&json!({"job": {"id": id, "kind": kind, "resume": resume}}));
    }

    fn was_warned(&self, warning: &Warning) -> bool {
        let mut warned = lock(&self.0.warned);
        let is_known = warned.contains(warning);
        if !is_known {
            warned.push(warning.clone());
        }
        is_known
    }

    /// A line of a trace (`-v`), on one line however long it is.
    pub fn trace(&self, text: &str) {
        self.put(&self.safe(text));
    }

    /// The one error that ends the command, as text.
    pub fn error(
        &self,
        message: &str,
        details: &[String],
        hints: &[String],
        reference: Option<&str>,
    ) {
        let palette = &self.0.stderr.palette;
        self.line(&palette.error, "error:", message);
        let is_excerpt = details.iter().any(|detail| is_caret(detail));
        for detail in details {
            if is_excerpt {
                // Wrapped, the caret would point elsewhere.
                self.put(&format!("{DETAIL} {}", self.safe(detail)));
            } else {
                self.line(&Paint::default(), DETAIL, detail);
            }
        }
        for hint in hints {
            self.line(&palette.hint, "hint:", hint);
        }
        if let Some(reference) = reference {
            self.line(&Paint::default(), DETAIL, reference);
        }
    }

    /// A value as one line of JSON on stderr.
    pub fn json_line(&self, value: &serde_json::Value) {
        self.json_bytes(value.to_string().as_bytes());
    }

    /// JSON as one line.
    pub fn json_bytes(&self, json: &[u8]) {
        self.put(&escaped(&String::from_utf8_lossy(json)));
    }

    /// Has the next message start a line of its own, after something else was written to the
    /// terminal, such as the `^C` that it shows itself.
    pub fn start_new_line(&self) {
        if self.stderr_is_terminal() {
            self.0.line_is_open.store(true, Ordering::Relaxed);
        }
    }

    /// A text behind its label, wrapped at words on a terminal.
    fn line(&self, paint: &Paint, label: &str, text: &str) {
        let text = self.safe(text);
        let indent = if label.is_empty() { 0 } else { label.len() + 1 };
        let room = self.stderr_room().map(|room| room.saturating_sub(indent));
        let lines = match room {
            Some(room) if room >= NARROWEST => wrapped(&text, room),
            Some(_) | None => vec![text.as_str()],
        };
        let text = lines.join(&format!("\n{:indent$}", ""));
        let space = if label.is_empty() { "" } else { " " };
        self.put(&format!("{}{space}{text}", paint.paint(label)));
    }

    /// The beginning of a detail that takes at most this many rows below an error; all of it
    /// unless stderr is a terminal.
    pub fn first_rows(&self, detail: &str, rows: usize) -> String {
        let text = self.safe(detail);
        match self.stderr_room() {
            Some(columns) => first_rows(&text, columns, rows),
            None => text,
        }
    }

    /// A text as messages show it.
    pub(super) fn shown(&self, text: &str) -> String {
        self.safe(text)
    }

    fn safe(&self, text: &str) -> String {
        neutralised(&self.without_keys(text))
    }

    /// Writes a line, on a line of its own even where stdout broke off in the middle of one.
    pub(super) fn put(&self, line: &str) {
        let was_open = self.0.line_is_open.swap(false, Ordering::Relaxed);
        let start = if was_open { "\n" } else { "" };
        // A closed stderr leaves no place to report that it is closed.
        let mut stderr = self.0.stdio.stderr.clone();
        self.above_progress(|| {
            let _ = stderr.write_all(format!("{start}{line}\n").as_bytes());
        });
    }

    pub(super) fn prompt(&self, question: &str) {
        let mut stderr = self.0.stdio.stderr.clone();
        let _ = stderr.write_all(question.as_bytes());
    }
}

/// Returns whether a key is the mock's: no secret, and a word of many messages.
fn is_of_mock(key: &Secret) -> bool {
    key.is_in(KEY_OF_THE_MOCK)
}

/// The beginning of a detail that takes at most `rows` rows of a terminal.
fn first_rows(text: &str, columns: usize, rows: usize) -> String {
    let indent = DETAIL.len() + 1;
    let room = columns.saturating_sub(indent).max(1);
    let lines = if room >= NARROWEST { wrapped(text, room) } else { vec![text] };
    let mut left = rows;
    let mut shown: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        // A word that is too long for one row goes on in the next, below the label.
        let taken = (indent + width(line)).div_ceil(columns.max(1)).max(1);
        let is_last = index + 1 == lines.len();
        if taken < left || taken == left && is_last {
            left -= taken;
            shown.push((*line).to_owned());
            continue;
        }
        let fitting = (left * columns).saturating_sub(indent);
        let start = cut(line, fitting.saturating_sub(1));
        shown.push(if start.ends_with('…') { start.into_owned() } else { format!("{start}…") });
        break;
    }
    shown.join(" ")
}

/// Returns whether a detail is a caret below a column of the one before it.
fn is_caret(detail: &str) -> bool {
    let marks = detail.trim();
    !marks.is_empty() && marks.bytes().all(|byte| byte == b'^')
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
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::env::Env;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat};

    #[test]
    fn stored_keys_are_looked_up_once_at_need() {
        let stdio = Stdio::in_memory("");
        let env = Env::of(&[], "/", None);
        let ui = Ui::new(&stdio, ColorChoice::Never, ErrorFormat::Text, false, &env);
        let lookups = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lookups);
        ui.hide_stored(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            vec![Secret::new("mock"), Secret::new("Zq8vF3kLm2Nw9XyT7bRc4Hd6")]
        });
        ui.note("dropped off a terminal");
        assert_eq!(lookups.load(Ordering::Relaxed), 0);
        for _ in 0..2 {
            assert_eq!(ui.masked("mock Zq8vF3kLm2Nw9XyT7bRc4Hd6"), "mock …4Hd6");
        }
        assert_eq!(lookups.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn details_take_ten_rows_at_most() {
        let check = |text: &str, columns: usize, rows: usize, expected: &str| {
            assert_eq!(first_rows(text, columns, rows), expected, "{columns} {rows} {text}");
        };
        check("data: 1", 20, 2, "data: 1");
        check("data: one two three four five six", 22, 2, "data: one two three four five six");
        check("data: one two three four five six", 22, 1, "data: one two three…");
        check("data: onetwothreefourfivesix", 20, 3, "data: onetwothreefourfivesix");
        check("data: onetwothreefourfivesix", 20, 2, "data: onetwothreefourf…");
        check("data: onetwothreefourfivesix", 20, 1, "data:…");
        check("0123456789012345678901234567890", 12, 2, "01234567890123456789…");
        check("", 12, 2, "");
    }

    #[test]
    fn json_lines_hold_no_control_characters() {
        let check = |json: &str, expected: &str| {
            assert_eq!(escaped(json), expected);
            let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON");
            assert_eq!(value(json), value(expected));
        };
        check(r#"{"a":"é…\n\u001b"}"#, r#"{"a":"é…\n\u001b"}"#);
        check("\"a\u{7f}\u{9b}\u{202e}b\"", r#""a\u007f\u009b\u202eb""#);
    }
}
