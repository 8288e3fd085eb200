//! What commands share of a call: from a [`Request`] to its answer, or to the error that says
//! everything.

use std::io;

use http::Method;

use crate::api::content::{Answer, Content, Received};
use crate::api::envelope::Envelope;
use crate::api::request::Request;
use crate::api::response::Head;
use crate::app::context::Context;
use crate::app::settings::Limits;
use crate::catalogue;
use crate::credential::{self, Credential};
use crate::error::{Call, CallError, Error, Failure, KeyMark, Repetition, Source, seconds};
use crate::http::client::{Called, Client};
use crate::http::event::Event;
use crate::http::retry::{is_ambiguous, is_repeatable};
use crate::http::transport::{BadNetwork, Transport, Wire};
use crate::terminal::streams::{Ui, Warning};

/// Calls with one key over one connection.
pub struct Exchange<'x> {
    context: &'x Context<'x>,
    credential: Credential,
    wire: Box<dyn Transport>,
    limits: Limits,
}

/// A call that was made, whatever came of it.
pub struct Made {
    /// Which call.
    pub call: Call,
    /// Status and headers of the last answer, if one came.
    pub head: Option<Head>,
    /// The body of what is no success, as it came.
    pub error_body: Vec<u8>,
    outcome: Result<Content, Failure>,
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
    /// There is no key, or what is there cannot be one; the proxy or the certificates that are
    /// named cannot be used.
    pub fn open(context: &'x Context<'x>, limits: Limits) -> Result<Exchange<'x>, Error> {
        let wire = Wire::new(limits.timeout, &context.settings.network).map_err(bad_network)?;
        let credential = credential::find(&context.settings.places, context.env, &mut io::stdin())?;
        let exchange = Exchange::join(context, credential, wire, limits);
        exchange.note_other_key();
        Ok(exchange)
    }

    /// Prepares a connection for a key that is already known; nothing is sent yet.
    ///
    /// # Errors
    /// The proxy or the certificates that are named cannot be used.
    pub fn with(
        context: &'x Context<'x>,
        credential: Credential,
        limits: Limits,
    ) -> Result<Exchange<'x>, Error> {
        let wire = Wire::new(limits.timeout, &context.settings.network).map_err(bad_network)?;
        Ok(Exchange::join(context, credential, wire, limits))
    }

    fn join(
        context: &'x Context<'x>,
        credential: Credential,
        wire: Wire,
        limits: Limits,
    ) -> Exchange<'x> {
        context.ui.hide(credential.key.clone());
        Exchange { context, credential, wire: Box::new(wire), limits }
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

    /// Makes a call and receives its answer.
    ///
    /// # Errors
    /// No answer came, or it is not a success.
    pub fn call(&self, request: &Request) -> Result<Exchanged, Error> {
        self.make(request, false).success()
    }

    /// Makes a call, again where that is safe. `saves` says that the answer goes into a file, and
    /// may take as long as it takes.
    pub fn make(&self, request: &Request, saves: bool) -> Made {
        let ui = self.context.ui;
        let verbosity = self.context.settings.verbosity;
        let observer = |event: &Event<'_>| show(ui, verbosity, event);
        let client = Client {
            base: &self.context.settings.base,
            key: &self.credential.key,
            transport: &*self.wire,
            policy: self.limits.policy,
            clock: self.context.clock,
            observer: &observer,
        };
        let Called { attempts, result } = client.call(request, saves);
        let (head, error_body, outcome) = match result {
            Ok(Received { head, outcome, error_body }) => (Some(head), error_body, outcome),
            Err(failure) => (None, Vec::new(), Err(failure)),
        };
        let mut call = Call {
            method: request.method.to_string(),
            path: request.endpoint.path().to_owned(),
            attempts,
            status: head.as_ref().map(|head| head.status),
            request_id: head.as_ref().and_then(Head::request_id),
            // The losers are looked up only when the key is refused: that reads files.
            key: Some(self.credential.mark(Vec::new())),
            ..Call::default()
        };
        if let Some(head) = &head {
            warn_of_retirement(ui, &call, head.header("sunset").as_deref());
        }
        if let Err(failure) = &outcome {
            self.complete(&mut call, request, failure);
        }
        Made { call, head, error_body, outcome }
    }

    /// What a failure needs besides: which key was refused, what a repetition would do.
    fn complete(&self, call: &mut Call, request: &Request, failure: &Failure) {
        if let Failure::Rejected(_) | Failure::Html { .. } = failure {
            call.key = Some(self.key_mark());
        }
        if request.method != Method::POST || !is_ambiguous(call.status, failure) {
            return;
        }
        call.idempotency_key = request.idempotency_key.as_ref().map(|key| key.value().to_owned());
        call.repetition = if is_repeatable(request) {
            Repetition::OnceWithKey
        } else {
            Repetition::MayBePaidTwice
        };
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

impl Made {
    /// The answer, if it is a success.
    ///
    /// # Errors
    /// It is none.
    pub fn success(self) -> Result<Exchanged, Error> {
        let call = self.call;
        match self.outcome {
            Ok(content) => Ok(Exchanged {
                call,
                answer: Answer { head: self.head.unwrap_or_default(), content },
            }),
            Err(failure) => Err(call_error(call, failure)),
        }
    }

    /// Whether the answer is no success, or none came.
    pub fn is_failure(&self) -> bool {
        self.outcome.is_err()
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

fn bad_network(bad: BadNetwork) -> Error {
    match bad {
        // The proxy's URL is not repeated: a password may stand in it.
        BadNetwork::Proxy => Error::usage_with_hint(
            "the proxy that the environment names is no URL of one",
            "write HTTPS_PROXY like http://proxy.example.com:3128",
        ),
        BadNetwork::ProxyPort => Error::usage_with_hint(
            "invalid proxy port: it must be a number from 1 to 65535",
            "write HTTPS_PROXY like http://proxy.example.com:3128",
        ),
        BadNetwork::Pem { path } => Error::usage_with_hint(
            format!("`{}` has no certificate, or a broken one", path.display()),
            "it needs blocks `-----BEGIN CERTIFICATE-----`",
        ),
    }
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

/// Tells what happens: traces if they are asked for, pauses to whoever watches.
fn show(ui: &Ui, verbosity: u8, event: &Event<'_>) {
    let (arrow, line, headers) = match event {
        Event::Sending { method, url, headers } => ('>', format!("{method} {url}"), *headers),
        Event::Received { status, headers, after } => {
            ('<', format!("{status}, {}", seconds(*after)), *headers)
        }
        Event::Pausing { .. } => {
            let text = pause_in_words(event);
            return if verbosity > 0 { ui.trace(&text) } else { ui.progress(&text) };
        }
    };
    if verbosity > 0 {
        ui.trace(&format!("{arrow} {line}"));
    }
    if verbosity > 1 {
        for (name, value) in headers {
            ui.trace(&format!("{arrow} {name}: {value}"));
        }
    }
}

/// `rate limited; HeyGen asks to wait 7 s (try 2 of 4)`.
fn pause_in_words(event: &Event<'_>) -> String {
    let Event::Pausing { status, pause, is_asked, next, of, key } = event else {
        return String::new();
    };
    let what = match status {
        Some(429) => "rate limited".to_owned(),
        Some(409) => "the same request is still being done".to_owned(),
        Some(status @ 500..) => format!("{status} from HeyGen's side"),
        Some(_) => "the answer was cut".to_owned(),
        None => "the connection failed".to_owned(),
    };
    let pause = seconds(*pause);
    let then = if *is_asked {
        format!("HeyGen asks to wait {pause}")
    } else {
        format!("trying again in {pause}")
    };
    let with = if *key { " with the same Idempotency-Key" } else { "" };
    format!("{what}; {then}{with} (try {next} of {of})")
}
