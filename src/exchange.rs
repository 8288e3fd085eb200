//! What commands share of a call: from a [`Request`] to its printed answer, or to the error that
//! says everything.

use std::cell::RefCell;
use std::io;

use crate::api::answer::{self, Answer, Content};
use crate::api::client::Client;
use crate::api::envelope::Envelope;
use crate::api::event::Event;
use crate::api::request::Request;
use crate::api::response::Body;
use crate::api::transport::{Transport, Wire};
use crate::catalogue;
use crate::context::Context;
use crate::credential::{self, Credential};
use crate::error::{Call, CallError, Error, Failure, KeyMark, Source, seconds};
use crate::render;
use crate::settings::{AnswerStyle, Limits, OutputFormat};
use crate::ui::{Ui, Warning, neutralised};

/// Calls with one key over one connection.
pub struct Exchange<'x> {
    context: &'x Context<'x>,
    credential: Credential,
    wire: Box<dyn Transport>,
}

/// An answer, and the call that it answers.
pub struct Exchanged {
    /// Which call.
    pub call: Call,
    /// What came.
    pub answer: Answer,
}

impl<'x> Exchange<'x> {
    /// Finds the key and prepares a connection; nothing is sent yet.
    ///
    /// # Errors
    /// There is no key, or what is there cannot be one.
    pub fn open(context: &'x Context<'x>, limits: Limits) -> Result<Exchange<'x>, Error> {
        let credential = credential::find(&context.settings.places, context.env, &mut io::stdin())?;
        context.ui.hide(credential.key.clone());
        let exchange = Exchange { context, credential, wire: Box::new(Wire::new(limits.timeout)) };
        exchange.note_other_key();
        Ok(exchange)
    }

    /// The key that is used, as it may be shown, and the different ones that it goes before.
    pub fn key_mark(&self) -> KeyMark {
        let losers =
            credential::losers(&self.credential, &self.context.settings.places, self.context.env);
        self.credential.mark(losers)
    }

    /// The last four characters of the key, if they tell nothing of the rest.
    pub fn key_last4(&self) -> Option<String> {
        self.credential.key.last4().map(str::to_owned)
    }

    /// Sends a request and receives its answer.
    ///
    /// # Errors
    /// No answer came, or it is not a success.
    pub fn call(&self, request: &Request) -> Result<Exchanged, Error> {
        let mut call = Call {
            method: request.method.to_string(),
            path: request.endpoint.path().to_owned(),
            attempts: 1,
            ..Call::default()
        };
        let ui = self.context.ui;
        let verbosity = self.context.settings.verbosity;
        let observer = |event: &Event<'_>| trace(ui, verbosity, event);
        let client = Client {
            base: &self.context.settings.base,
            key: &self.credential.key,
            transport: &*self.wire,
            observer: &observer,
        };
        let outcome = client.send(request).and_then(|response| {
            call.status = Some(response.status);
            call.request_id = response.request_id();
            warn_of_retirement(ui, &call, response.header("sunset").as_deref());
            answer::receive(response)
        });
        match outcome {
            Ok(answer) => Ok(Exchanged { call, answer }),
            Err(failure) => {
                if let Failure::Rejected(_) | Failure::Html { .. } = failure {
                    call.key = Some(self.key_mark());
                }
                Err(call_error(call, failure))
            }
        }
    }

    /// A `.env` file that somebody else wrote may bring its own key: say so where it matters.
    fn note_other_key(&self) {
        let is_discovered = matches!(self.credential.source, Source::EnvFile { .. })
            && self.context.settings.places.env_file.is_none();
        if !is_discovered || !self.context.ui.stderr_is_terminal() {
            return;
        }
        let mark = self.key_mark();
        if !mark.goes_before.is_empty() {
            self.context.ui.note(&format!("using key {} from {mark}", mark.masked));
        }
    }
}

impl Exchanged {
    /// The error of a call that was answered, but not with what was asked for.
    pub fn fail(&self, failure: Failure) -> Error {
        call_error(self.call.clone(), failure)
    }

    /// The envelope of the answer; `None` if it is no JSON.
    ///
    /// # Errors
    /// The answer tells of an error, or says that it is JSON and is not.
    pub fn envelope(&self) -> Result<Option<Envelope<'_>>, Error> {
        self.answer.envelope().map_err(|failure| self.fail(failure))
    }
}

/// Prints an answer as it was asked for.
///
/// # Errors
/// The answer tells of an error, cannot be printed like that, or stdout does not take it.
pub fn print(ui: &Ui, mut exchanged: Exchanged, style: AnswerStyle) -> Result<(), Error> {
    if let Content::Empty = exchanged.answer.content {
        return Ok(());
    }
    let envelope = match exchanged.answer.envelope() {
        // Whoever wants the bytes gets them, however deep they nest.
        Err(Failure::TooDeep { .. } | Failure::InvalidJson { .. })
            if style.format == OutputFormat::Raw =>
        {
            None
        }
        other => other.map_err(|failure| exchanged.fail(failure))?,
    };
    let (Some(envelope), OutputFormat::Json | OutputFormat::Compact) = (envelope, style.format)
    else {
        let content = std::mem::replace(&mut exchanged.answer.content, Content::Empty);
        return print_bytes(ui, &exchanged, content);
    };
    let value = if style.whole { envelope.whole } else { envelope.data };
    let dress = ui.dress();
    let written = ui.write(|mut out| {
        match style.format {
            OutputFormat::Compact => render::json::compact(value, dress, &mut out)?,
            OutputFormat::Json | OutputFormat::Raw => render::json::pretty(value, dress, &mut out)?,
        }
        out.write_all(b"\n")
    });
    written.map_err(Error::AnswerNotWritten)?;
    if envelope.has_more {
        ui.note("more items follow; the next page is asked for with `-Q token=…` (see `-E`)");
    }
    Ok(())
}

/// Bytes that are no JSON, or are wanted as they came: unaltered into a pipe, and onto a terminal
/// only as text.
fn print_bytes(ui: &Ui, exchanged: &Exchanged, content: Content) -> Result<(), Error> {
    let (head, mut rest): (Vec<u8>, Option<Box<dyn Body>>) = match content {
        Content::Empty => return Ok(()),
        Content::Whole(text) => (text, None),
        Content::Stream(head, rest) => (head, Some(rest)),
    };
    if ui.stdout_is_terminal() {
        return print_on_terminal(ui, exchanged, head, rest);
    }
    let failed = RefCell::new(None);
    let written = ui.write(|out| {
        out.write_all(&head)?;
        let Some(rest) = &mut rest else { return Ok(()) };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => out.write_all(&buffer[..count])?,
                Err(failure) => {
                    failed.replace(Some(failure));
                    return Ok(());
                }
            }
        }
    });
    written.map_err(Error::AnswerNotWritten)?;
    match failed.into_inner() {
        Some(failure) => Err(exchanged.fail(failure)),
        None => Ok(()),
    }
}

fn print_on_terminal(
    ui: &Ui,
    exchanged: &Exchanged,
    mut text: Vec<u8>,
    rest: Option<Box<dyn Body>>,
) -> Result<(), Error> {
    let binary = || Failure::BinaryToTerminal { content_type: exchanged.answer.media_type.clone() };
    // What begins as no text is refused before the rest of it is fetched.
    if is_binary(&text) {
        return Err(exchanged.fail(binary()));
    }
    if let Some(mut rest) = rest {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match rest.read(&mut buffer).map_err(|failure| exchanged.fail(failure))? {
                0 => break,
                count => text.extend_from_slice(&buffer[..count]),
            }
            if text.len() as u64 > answer::LARGEST_JSON || text.contains(&0) {
                return Err(exchanged.fail(binary()));
            }
        }
    }
    let text = String::from_utf8_lossy(&text);
    ui.write(|out| {
        for line in text.split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
            write!(out, "{}{end}", neutralised(line.trim_end_matches('\r')))?;
        }
        if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }
    })
    .map_err(Error::AnswerNotWritten)
}

/// Text has no NUL, and is UTF-8 but for a character that was cut at the end.
fn is_binary(head: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    head.contains(&0) || !is_utf8
}

fn call_error(call: Call, failure: Failure) -> Error {
    Error::Call(Box::new(CallError { call, failure }))
}

/// v1 and v2 are past their announced end: say it once a call, in our words, and what to call instead.
fn warn_of_retirement(ui: &Ui, call: &Call, sunset: Option<&str>) {
    let legacy = catalogue::legacy(&call.method, &call.path);
    let date = sunset.and_then(http_date);
    let message = match (&legacy, &date) {
        (None, None) => return,
        (None, Some(date)) => format!("{} is to be switched off on {date}", call.path),
        (Some(_), date) => {
            format!(
                "{} was retired on {}",
                call.path,
                date.as_deref().unwrap_or(catalogue::LEGACY_END)
            )
        }
    };
    let successor = legacy.and_then(|legacy| legacy.successor).map(str::to_owned);
    ui.warn(&Warning { code: "cli_retired_endpoint", message, successor });
}

/// The day in a header such as `sunset: Sat, 31 Oct 2026 00:00:00 GMT`.
fn http_date(text: &str) -> Option<String> {
    let time = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(time.date().to_string())
}

fn trace(ui: &Ui, verbosity: u8, event: &Event<'_>) {
    if verbosity == 0 {
        return;
    }
    let (arrow, line, headers) = match event {
        Event::Sending { method, url, headers } => ('>', format!("{method} {url}"), headers),
        Event::Received { status, headers, after } => {
            ('<', format!("{status}, {}", seconds(*after)), headers)
        }
    };
    ui.trace(&format!("{arrow} {line}"));
    if verbosity > 1 {
        for (name, value) in *headers {
            ui.trace(&format!("{arrow} {name}: {value}"));
        }
    }
}
