//! Reports of errors: one text or one line of JSON on stderr, and the exit code.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::app::advice::{self, Also, Diagnosis};
use crate::error::{Call, CallFailure, Error, Repeat, cut, shortened};
use crate::exit_code::ExitCode;
use crate::json;
use crate::terminal::streams::Ui;

/// A line of an error is cut at this many characters.
const LONGEST_LINE: usize = 5_000;

/// The beginning of a hint that is a command: cut, it would do less than it says.
const GO_ON: &str = "to go on: ";

/// The message of a failed filter takes about this many rows of a terminal.
const MESSAGE_ROWS: usize = 4;

/// The data in an error takes at most this many rows of a terminal.
const DATA_ROWS: usize = 10;

/// For people, the data of a response that cannot be had again is cut at this many characters.
const LARGEST_TEXT: usize = 64 * 1024;

/// Of data that is too large for an error each text is cut at this many characters.
const LONGEST_TEXT: usize = 1024;

/// Larger data is shortened in an error: 1 MiB.
const LARGEST_DATA: usize = 1024 * 1024;

/// Reports an error and returns its exit code.
///
/// The code and the exit code are those of the first [`Error`] in the chain, the words the
/// outermost.
pub fn report(ui: &Ui, failure: &anyhow::Error) -> ExitCode {
    let Some(error) = failure.chain().find_map(|cause| cause.downcast_ref::<Error>()) else {
        // Commands wrap nothing but `Error`; should one slip through, it is reported all the same.
        ui.error(&format!("{failure:#}"), &[], &[], None);
        return ExitCode::Failed;
    };
    if is_closed_pipe(error) && !is_lost(ui, error) {
        return ExitCode::Done;
    }
    let message = format!("{failure:#}");
    let mut diagnosis = advice::diagnose(error);
    diagnosis.hints.retain(|hint| !hint.starts_with(GO_ON) || is_free_of_keys(ui, hint));
    // No other flag or command makes HeyGen accept a key that it rejected.
    let also = failure.downcast_ref::<Also>().filter(|_| error.exit_code() != ExitCode::Key);
    diagnosis.hints.extend(also.map(|also| also.hint.to_owned()));
    if ui.errors_are_json() {
        ui.json_bytes(&as_json(ui, error, &message, &diagnosis));
    } else {
        let is_last = is_only_there(error);
        let fit = |texts: &[String]| -> Vec<String> {
            texts.iter().map(|text| fit(ui, text, is_last)).collect()
        };
        let Diagnosis { details, hints, reference } = &diagnosis;
        let mut message = self::fit(ui, &message, is_last);
        if let Error::Filter(_) = error {
            // jaq's words repeat the value that they are about.
            message = ui.first_rows(&message, MESSAGE_ROWS);
        }
        let reference = reference.as_deref().map(|reference| self::fit(ui, reference, false));
        ui.error(&message, &fit(details), &fit(hints), reference.as_deref());
    }
    error.exit_code()
}

/// A text as an error may show it: masked first, then cut. The texts of a response were cut one by
/// one where they entered; of several in one message the last must not lose its end.
fn fit(ui: &Ui, text: &str, is_only_there: bool) -> String {
    match text.strip_prefix("data: ") {
        Some(data) if is_only_there => {
            format!("data: {}", cut(&ui.without_keys(data), LARGEST_TEXT))
        }
        Some(data) => {
            let data = format!("data: {}", shortened(&ui.without_keys(data)));
            ui.first_rows(&data, DATA_ROWS)
        }
        None if text.starts_with(GO_ON) => text.to_owned(),
        None => cut(&ui.without_keys(text), LONGEST_LINE).into_owned(),
    }
}

/// Returns whether nothing has to be masked in a text.
fn is_free_of_keys(ui: &Ui, text: &str) -> bool {
    ui.without_keys(text) == text
}

/// Returns whether no other call brings back what the error holds of a response that was paid for.
fn is_only_there(error: &Error) -> bool {
    let repeat = error.made_call().and_then(|call| call.acceptance.repeat());
    repeat == Some(Repeat::MayBePaidTwice)
}

/// `heygen … | head -1` has what it wanted: nothing went wrong.
fn is_closed_pipe(error: &Error) -> bool {
    let cause = match error {
        Error::Output(cause) => cause,
        Error::NotWritten(failure) => &failure.cause,
        _ => return false,
    };
    cause.kind() == io::ErrorKind::BrokenPipe
}

/// Nobody took a byte of the response of a call that should not be repeated: the reader had died
/// rather than had enough.
fn is_lost(ui: &Ui, error: &Error) -> bool {
    let call = error.made_call();
    call.is_some_and(|call| call.acceptance.repeat().is_some()) && ui.stdout_is_untouched()
}

/// An error as JSON; members that are not known are left out.
fn as_json(ui: &Ui, error: &Error, message: &str, diagnosis: &Diagnosis) -> Vec<u8> {
    let text = |text: &str| Value::from(fit(ui, text, false));
    let mut members = Members::default();
    members.push("code", text(&error.code()));
    members.push("message", text(&message_of(error, message, diagnosis)));
    let mut hints = diagnosis.hints.clone();
    if let Error::Call(failed) = error {
        // The source of the key has no member of its own, and is the first thing to know.
        hints.splice(0..0, advice::origin_of_rejected_key(failed));
    }
    if !hints.is_empty() {
        let hints: Vec<String> = hints.iter().map(|hint| fit(ui, hint, false)).collect();
        members.push("hint", hints.join("; "));
    }
    let failed = error.call_error();
    if let Some(CallFailure::Rejected(api)) = failed.map(|failed| &failed.failure) {
        // Its texts were masked where they entered.
        members.push_some("param", api.param.as_deref());
        members.push_some("errors", Some(&api.errors).filter(|errors| !errors.is_empty()));
        members.push_some("doc_url", api.doc_url.as_deref());
    }
    if let Error::InvalidRequest(invalid) = error {
        members.push("errors", &invalid.errors);
    }
    let resume = match error {
        Error::Jobs(jobs) => advice::resume(jobs),
        Error::Files(files) => advice::download_again(files),
        _ => None,
    };
    // Masked it would do something else.
    let resume = resume.filter(|command| is_free_of_keys(ui, command));
    if let Some(call) = error.made_call() {
        members.call(ui, call, resume.as_deref(), error.data());
    } else {
        members.push_some("resume", resume);
        members.data(ui, error.data());
    }
    members.wrapped("error")
}

/// The message; of errors that are lists of details, with the details that text errors show on lines
/// of their own.
fn message_of(error: &Error, message: &str, diagnosis: &Diagnosis) -> String {
    let is_list = match error {
        Error::NoKey { .. } | Error::Gates { .. } | Error::Files(_) => true,
        Error::Jobs(jobs) => jobs.files.is_some(),
        _ => false,
    };
    match error {
        Error::Call(failed) => failed.own_words().unwrap_or(message).to_owned(),
        Error::PagesCut(cut) => {
            let own = cut.cause.call_error().and_then(|failed| failed.own_words());
            let before = diagnosis.details.last().map(String::as_str).unwrap_or_default();
            format!("{}; {before}", own.unwrap_or(message))
        }
        _ if is_list => {
            let parts = [message].into_iter().chain(diagnosis.details.iter().map(String::as_str));
            parts.collect::<Vec<&str>>().join("; ")
        }
        _ => message.to_owned(),
    }
}

/// The JSON with each text in it cut at `limit` characters; `None` if it is none.
fn with_short_texts(json: &[u8], limit: usize) -> Option<String> {
    json::parse(json).ok()?;
    let mut short = Vec::with_capacity(LARGEST_DATA);
    let mut rest = json;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (before, text) = rest.split_at(start);
        let end = end_of_text(text);
        short.extend_from_slice(before);
        match json::as_text(&text[..end]) {
            Some(value) if value.len() > limit => {
                short.extend(serde_json::to_vec(&cut(&value, limit)).unwrap_or_default());
            }
            _ => short.extend_from_slice(&text[..end]),
        }
        rest = &text[end..];
    }
    short.extend_from_slice(rest);
    String::from_utf8(short).ok()
}

/// The length of the JSON text at the start, with its quotes.
fn end_of_text(json: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 2)
}

/// The members of a JSON object, written as they come.
#[derive(Default)]
struct Members(Vec<u8>);

impl Members {
    fn push(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_vec(&value).unwrap_or_else(|_| b"null".to_vec());
        self.push_bytes(name, &value);
    }

    fn push_some<T: Serialize>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// A value that is JSON already: no tree of it is built.
    fn push_bytes(&mut self, name: &str, json: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.extend_from_slice(format!("\"{name}\":").as_bytes());
        self.0.extend_from_slice(json);
    }

    fn call(&mut self, ui: &Ui, call: &Call, resume: Option<&str>, data: Option<&[u8]>) {
        let id = call.request_id.as_deref().map(|id| fit(ui, id, false));
        self.push_some("request_id", id);
        self.push_some("status", call.status);
        let key = call.idempotency_key.as_deref();
        self.push_some("idempotency_key", key.filter(|_| call.acceptance.repeat().is_some()));
        self.push_some("resume", resume);
        self.data(ui, data);
        let request = [("method", &call.method), ("path", &ui.masked(&call.path))];
        let mut members = Members::default();
        for (name, text) in request {
            members.push(name, text);
        }
        self.push_bytes("request", &members.object());
        self.push("attempts", call.attempts);
    }

    fn data(&mut self, ui: &Ui, data: Option<&[u8]>) {
        let Some(data) = data else { return };
        let mut masked = ui.masked(&String::from_utf8_lossy(data));
        if masked.len() > LARGEST_DATA {
            // IDs and links are short; what is long is audio and the like.
            masked = with_short_texts(masked.as_bytes(), LONGEST_TEXT).unwrap_or(masked);
        }
        // A key of digits was a number, and a mask behind an odd backslash is no escape.
        match json::parse(masked.as_bytes()) {
            Ok(_) if masked.len() <= LARGEST_DATA => self.push_bytes("data", masked.as_bytes()),
            _ => self.push("data", cut(&masked, LARGEST_DATA)),
        }
    }

    fn object(self) -> Vec<u8> {
        [b"{".as_slice(), &self.0, b"}"].concat()
    }

    fn wrapped(self, name: &str) -> Vec<u8> {
        let mut outer = Members::default();
        outer.push_bytes(name, &self.object());
        outer.object()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::error::{FilterFailure, NotWritten};
    use crate::secret::Secret;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat};

    const KEY: &str = "sk_V2_hgu_0123456789abcdef7Qx2";

    /// The exit code of an error, and what it writes to stderr.
    fn reported(error: Error, format: ErrorFormat) -> (ExitCode, String) {
        let env = Env::of(&[], "/", None);
        let stdio = Stdio::in_memory("");
        let ui = Ui::new(&stdio, ColorChoice::Never, format, false, &env);
        ui.hide(Secret::new(KEY));
        let code = report(&ui, &error.into());
        assert_eq!(stdio.stdout(), b"");
        (code, String::from_utf8(stdio.stderr()).expect("UTF-8"))
    }

    fn json(error: Error) -> String {
        reported(error, ErrorFormat::Json).1
    }

    fn filter_failure(data: &[u8]) -> Error {
        let (words, data) = ("null has no keys".to_owned(), data.to_vec());
        Error::Filter(Box::new(FilterFailure {
            call: None,
            asked: "--jq",
            filter: String::new(),
            sees_data: false,
            words,
            data,
        }))
    }

    fn not_written(kind: io::ErrorKind) -> Error {
        let (cause, call, path) = (kind.into(), None, None);
        Error::NotWritten(Box::new(NotWritten { call, path, cause, kept: None, data: None }))
    }

    #[test]
    fn usage_errors_as_text_and_json() {
        let error = || Error::usage_with_hint("--data is invalid", "use JSON");
        let text = "error: --data is invalid\nhint: use JSON\n".to_owned();
        assert_eq!(reported(error(), ErrorFormat::Text), (ExitCode::Usage, text));
        let line =
            r#"{"error":{"code":"usage_error","message":"--data is invalid","hint":"use JSON"}}"#;
        assert_eq!(reported(error(), ErrorFormat::Json), (ExitCode::Usage, format!("{line}\n")));
    }

    #[test]
    fn keys_in_errors_are_masked() {
        for format in [ErrorFormat::Text, ErrorFormat::Json] {
            let (_, written) = reported(Error::usage(format!("invalid value {KEY}")), format);
            assert!(written.contains("invalid value …7Qx2"), "{written}");
            assert!(!written.contains("0123456789"), "{written}");
        }
    }

    #[test]
    fn closed_pipes_end_in_silence() {
        let done = (ExitCode::Done, String::new());
        assert_eq!(reported(not_written(io::ErrorKind::BrokenPipe), ErrorFormat::Text), done);
        let (code, text) = reported(not_written(io::ErrorKind::StorageFull), ErrorFormat::Text);
        assert_ne!((code, text.as_str()), (ExitCode::Done, ""));
    }

    #[test]
    fn data_is_spliced_as_bytes() {
        let check = |data: &str, expected: Option<&str>| {
            let line = json(filter_failure(data.as_bytes()));
            let spliced = line.strip_suffix("}}\n").and_then(|line| line.split_once("\"data\":"));
            assert_eq!(spliced.map(|(_, data)| data), expected);
        };
        check(r#"{"b":1.10,"a":-0}"#, Some(r#"{"b":1.10,"a":-0}"#));
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        check(&deep, Some(&deep));
        check(&format!(r#"{{"key":"{KEY}"}}"#), Some(r#"{"key":"…7Qx2"}"#));
        let string = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        check(&string(LARGEST_DATA), Some(&string(LARGEST_DATA)));
        let short = format!("\"{}\"", cut(&"x".repeat(LARGEST_DATA), LONGEST_TEXT));
        check(&string(LARGEST_DATA + 1), Some(&short));
        let speech = |audio: &str| format!(r#"{{"audio":"{audio}","id":"a1"}}"#);
        let expected = speech(&cut(&"x".repeat(LARGEST_DATA), LONGEST_TEXT));
        check(&speech(&"x".repeat(2 * LARGEST_DATA)), Some(&expected));
        let many = format!("[{}1]", "1,".repeat(LARGEST_DATA));
        let line = json(filter_failure(many.as_bytes()));
        assert!(line.len() < 2 * LARGEST_DATA && line.contains(r#""data":"[1,1,"#));
    }
}
