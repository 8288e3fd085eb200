//! Reports of errors: one text or one line of JSON on stderr, and the exit code.

use std::borrow::Cow;
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

/// The same for people.
const LARGEST_TEXT: usize = 64 * 1024;

/// Of larger data an error has the outline: 1 MiB.
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
        let fit = Fit::new(ui, error);
        let Diagnosis { details, hints, reference } = &diagnosis;
        let mut message = fit.text(&message);
        if let Error::Filter(_) = error {
            // jaq's words repeat the value that they are about.
            message = ui.first_rows(&message, MESSAGE_ROWS);
        }
        let reference = reference.as_deref().map(|reference| fit.text(reference));
        ui.error(&message, &fit.texts(details), &fit.texts(hints), reference.as_deref());
    }
    error.exit_code()
}

/// The form in which an error shows texts.
struct Fit<'f> {
    ui: &'f Ui,
    /// No other call brings back what the error holds of a response that was paid for.
    is_only_there: bool,
    /// It may look like a key of HeyGen's; that it is none was checked before it was sent.
    idempotency_key: Option<&'f str>,
}

impl<'f> Fit<'f> {
    fn new(ui: &'f Ui, error: &'f Error) -> Fit<'f> {
        let call = error.made_call();
        let repeat = call.and_then(|call| call.acceptance.repeat());
        let idempotency_key = call.and_then(|call| call.idempotency_key.as_deref());
        Fit { ui, is_only_there: repeat == Some(Repeat::MayBePaidTwice), idempotency_key }
    }

    /// A text as an error may show it: masked first, then cut. The texts of a response were cut one by
    /// one where they entered; of several in one message the last must not lose its end.
    fn text(&self, text: &str) -> String {
        match text.strip_prefix("data: ") {
            Some(data) => self.data(data.as_bytes()),
            None if text.starts_with(GO_ON) => text.to_owned(),
            None => cut(&self.without_keys(text), LONGEST_LINE).into_owned(),
        }
    }

    fn texts(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    fn data(&self, data: &[u8]) -> String {
        let data = self.ui.without_keys(&String::from_utf8_lossy(&shown(data, LARGEST_TEXT)));
        match self.is_only_there {
            true => format!("data: {data}"),
            false => self.ui.first_rows(&format!("data: {}", shortened(&data)), DATA_ROWS),
        }
    }

    fn without_keys(&self, text: &str) -> String {
        match self.idempotency_key {
            Some(key) if text.contains(key) => {
                let others: Vec<String> =
                    text.split(key).map(|other| self.ui.without_keys(other)).collect();
                others.join(key)
            }
            _ => self.ui.without_keys(text),
        }
    }
}

/// The data, or of more than `limit` bytes the outline: before anything is masked, which takes time.
fn shown(data: &[u8], limit: usize) -> Cow<'_, [u8]> {
    if data.len() <= limit {
        return data.into();
    }
    let outline = json::parse(data).ok().and_then(|_| json::outline(data.trim_ascii(), limit));
    outline.map_or_else(|| json::up_to(data, limit).into(), Cow::from)
}

/// Returns whether nothing has to be masked in a text.
fn is_free_of_keys(ui: &Ui, text: &str) -> bool {
    ui.without_keys(text) == text
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
    let fit = Fit::new(ui, error);
    let text = |text: &str| Value::from(fit.text(text));
    let mut members = Members::default();
    members.push("code", text(&error.code()));
    members.push("message", text(&message_of(error, message, diagnosis)));
    let mut hints = diagnosis.hints.clone();
    if let Error::Call(failed) = error {
        // The source of the key has no member of its own, and is the first thing to know.
        hints.splice(0..0, advice::origin_of_rejected_key(failed));
    }
    if !hints.is_empty() {
        members.push("hint", fit.texts(&hints).join("; "));
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
        Error::Jobs(jobs) => jobs.files.is_some() || jobs.is_silent && jobs.of > 1,
        _ => false,
    };
    match error {
        Error::Call(failed) => {
            let words = failed.own_words().unwrap_or(message);
            let kept = failed.kept.as_ref().map(|kept| format!("; {}", advice::kept(kept)));
            format!("{words}{}", kept.unwrap_or_default())
        }
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
        let id = call
            .request_id
            .as_deref()
            .map(|id| cut(&ui.without_keys(id), LONGEST_LINE).into_owned());
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
        let masked = ui.masked(&String::from_utf8_lossy(&shown(data, LARGEST_DATA)));
        // A key of digits was a number, and a mask behind an odd backslash is no escape.
        match json::parse(masked.as_bytes()) {
            Ok(_) => self.push_bytes("data", masked.as_bytes()),
            Err(_) => self.push("data", masked),
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
        check(&string(LARGEST_DATA + 1), Some("\"…\""));
        let speech = |audio: &str| format!(r#"{{"audio":"{audio}","id":"a1"}}"#);
        check(&speech(&"x".repeat(2 * LARGEST_DATA)), Some(&speech("…")));
        let many = format!("[{}1]", "1,".repeat(LARGEST_DATA));
        let line = json(filter_failure(many.as_bytes()));
        assert!(line.len() < LARGEST_DATA && line.contains(r#""data":[1,1,"#), "{line}");
    }
}
