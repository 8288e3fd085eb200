//! One session with the API: finds the key and the limits, makes calls, and reports what happens
//! during them.

use std::cell::Cell;
use std::time::Duration;

use http::Method;

use crate::api::content::Content;
use crate::api::origin::Origin;
use crate::api::outcome::Outcome;
use crate::api::request::{IdempotencyKey, Request};
use crate::app::context::Context;
use crate::app::report;
use crate::app::settings::{Limits, Settings};
use crate::catalogue::{self, Operation};
use crate::clock::{day, http_date};
use crate::credential::{self, Credential};
use crate::env::Env;
use crate::error::{Acceptance, Call, CallFailure, Error, KeyMark, Source, seconds};
use crate::http::client::{Client, Shadowed, is_secret};
use crate::http::event::{Direction, Event};
use crate::http::retry::{self, Policy};
use crate::http::transport::{BadNetwork, Patience, Transport, Wire};
use crate::percent;
use crate::render::json;
use crate::secret::Secret;
use crate::terminal::streams::{Ui, Warning};

/// Values of headers are hidden in other places from this length on.
const SHORTEST_SECRET: usize = 6;

/// Calls with one key over one connection.
pub struct Session<'s> {
    context: &'s Context<'s>,
    credential: Credential,
    wire: Box<dyn Transport>,
    limits: Limits,
}

impl<'s> Session<'s> {
    /// Finds the key and prepares a connection; nothing is sent yet.
    ///
    /// # Errors
    /// No key is found, or an invalid one; the proxy or the certificates that are named cannot be
    /// used.
    pub fn open(context: &'s Context<'s>, limits: Limits) -> Result<Session<'s>, Error> {
        let wire = Wire::new(limits.timeout, &context.settings.network).map_err(bad_network)?;
        let credential =
            credential::find(&context.settings.places, context.env, &mut context.ui.stdin())?;
        let session = Session::over(Box::new(wire), context, credential, limits);
        session.note_shadowed_key();
        Ok(session)
    }

    /// Prepares a connection for a key that is already known; nothing is sent yet.
    ///
    /// # Errors
    /// The proxy or the certificates that are named cannot be used.
    pub fn with(
        context: &'s Context<'s>,
        credential: Credential,
        limits: Limits,
    ) -> Result<Session<'s>, Error> {
        let wire = Wire::new(limits.timeout, &context.settings.network).map_err(bad_network)?;
        Ok(Session::over(Box::new(wire), context, credential, limits))
    }

    /// Uses this wire; nothing is sent yet.
    pub(crate) fn over(
        wire: Box<dyn Transport>,
        context: &'s Context<'s>,
        credential: Credential,
        limits: Limits,
    ) -> Session<'s> {
        context.ui.hide(credential.key.clone());
        for secret in context.settings.network.proxy.iter().flat_map(|proxy| secrets_of(proxy)) {
            context.ui.hide(Secret::new(secret));
        }
        Session { context, credential, wire, limits }
    }

    /// The key as it may be shown, with the different ones that it takes precedence over.
    pub fn key_mark(&self) -> KeyMark {
        self.mark(Shadowed::LookUp)
    }

    fn mark(&self, shadowed: Shadowed) -> KeyMark {
        let places = &self.context.settings.places;
        self.credential.mark(match shadowed {
            Shadowed::Skip => Vec::new(),
            Shadowed::LookUp => credential::shadowed(&self.credential, places, self.context.env),
        })
    }

    /// The last four characters of the key, if they tell nothing of the rest.
    pub fn key_last4(&self) -> Option<String> {
        self.credential.key.last4().map(str::to_owned)
    }

    /// Checks the request against the key, before anything is sent.
    ///
    /// # Errors
    /// The idempotency key is the API key, which would then stand in HeyGen's logs and our errors.
    pub fn vet(&self, request: &Request) -> Result<(), Error> {
        for (name, value) in &request.headers {
            if is_secret(name) {
                self.hide_header(value);
            }
        }
        check_idempotency_key(request, Some(&self.credential.key), self.context)
    }

    /// Makes a call, and reports its attempts and pauses.
    pub fn send(&self, request: &Request, patience: Patience) -> Outcome {
        self.send_with(request, patience, self.limits.policy, None)
    }

    /// Makes one attempt at a call that takes no longer than this, for a caller that asks again.
    pub fn send_once(&self, request: &Request, within: Duration) -> Outcome {
        let policy = Policy { retries: 0, ..self.limits.policy };
        self.send_with(request, Patience::Whole, policy, Some(within))
    }

    fn send_with(
        &self,
        request: &Request,
        patience: Patience,
        policy: Policy,
        within: Option<Duration>,
    ) -> Outcome {
        let ui = self.context.ui;
        let verbosity = self.context.settings.verbosity;
        let on_end = self.context.on_end;
        // Reads can be repeated, and end in silence.
        let is_read = request.method == Method::GET || request.method == Method::HEAD;
        let sent = Cell::new(0);
        let observer = |event: &Event<'_>| {
            match event {
                _ if is_read => {}
                Event::Sending { .. } => {
                    sent.set(sent.get() + 1);
                    self.report_cancellation(request, sent.get(), None, None);
                }
                // Whatever ends this pause ends a call that nobody has accepted.
                Event::Pausing { may_be_accepted: false, .. } => on_end.clear(),
                _ => {}
            }
            show(ui, verbosity, event);
        };
        let client = Client {
            base: &self.context.settings.base,
            key: &self.credential.key,
            key_mark: &|shadowed| self.mark(shadowed),
            mask: &|text| ui.without_keys(text),
            transport: &*self.wire,
            policy,
            within,
            timeout: self.limits.timeout,
            clock: self.context.clock,
            observer: &observer,
            stdin: &|| Box::new(ui.stdin()),
        };
        let outcome = client.send(request, patience);
        match &outcome.result {
            _ if is_read => {}
            // Until its data is printed it can be lost.
            Ok(content) => {
                let status = outcome.call.status;
                self.report_cancellation(request, sent.get(), status, Some(content));
            }
            Err(_) if outcome.call.acceptance == Acceptance::Harmless => on_end.clear(),
            // So can what it says of a repeat.
            Err(failure) => {
                let (ui, error) = (ui.clone(), outcome.failed(failure));
                on_end.set(move |signal| {
                    if signal == "SIGINT" {
                        ui.start_new_line();
                    }
                    report::report(&ui, &error.into());
                });
            }
        }
        outcome
    }

    /// Has a signal report, before it ends the program, that a change was sent and perhaps accepted,
    /// or that it succeeded.
    fn report_cancellation(
        &self,
        request: &Request,
        attempts: u32,
        status: Option<u16>,
        content: Option<&Content>,
    ) {
        let data = content.and_then(|content| match content {
            Content::Json(json) => Some(json::compacted(json.envelope().data)),
            other => other.excerpt(),
        });
        let acceptance = retry::repeat(request).map(match status {
            Some(_) => Acceptance::Certain,
            None => Acceptance::Possible,
        });
        let call = Call {
            method: request.method.to_string(),
            path: request.endpoint.path().to_owned(),
            attempts,
            status,
            idempotency_key: request.idempotency_key.as_ref().map(|key| key.value().to_owned()),
            acceptance: acceptance.unwrap_or_default(),
            ..Call::default()
        };
        let ui = self.context.ui.clone();
        self.context.on_end.set(move |signal| {
            if signal == "SIGINT" {
                ui.start_new_line();
            }
            let failure = CallFailure::Canceled { signal: signal.to_owned(), data };
            report::report(&ui, &Error::call(call, failure).into());
        });
    }

    /// Notes that the key of a `.env` file found on the way up takes precedence over a different one:
    /// the file may come from somebody else's repository.
    fn note_shadowed_key(&self) {
        let is_discovered = matches!(self.credential.source, Source::EnvFile { .. })
            && self.context.settings.places.env_file.is_none();
        if !is_discovered || !self.context.ui.stderr_is_terminal() {
            return;
        }
        let mark = self.key_mark();
        if !mark.shadowed.is_empty() {
            self.context.ui.note(&format!("using key {} from {mark}", mark.masked));
        }
    }

    /// Hides the secrets in a header: the token behind its scheme (`Bearer …`), the values of
    /// cookies.
    fn hide_header(&self, value: &str) {
        let token = value.split_once(' ').map_or(value, |(_, token)| token.trim());
        let cookies = value.split(';').filter_map(|pair| pair.split_once('='));
        let secrets = [token].into_iter().chain(cookies.map(|(_, value)| value.trim()));
        // A shorter one stands in any text by chance.
        for secret in secrets.filter(|secret| secret.len() >= SHORTEST_SECRET) {
            self.context.ui.hide(Secret::new(secret));
        }
    }
}

/// The password in the URL of a proxy, and the name with it, which a plain `http://` proxy gets in
/// base64 and may repeat.
fn secrets_of(proxy: &str) -> Vec<String> {
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return Vec::new() };
    let user = percent::decoded(user);
    let password = user.split_once(':').map_or(user.as_str(), |(_, password)| password);
    let is_long = |secret: &String| secret.len() >= SHORTEST_SECRET;
    [user.clone(), password.to_owned()].into_iter().filter(is_long).collect()
}

/// Refuses an idempotency key that is the API key or a stored one, which would then stand in HeyGen's
/// logs and our errors.
///
/// # Errors
/// It is.
pub fn check_idempotency_key(
    request: &Request,
    api_key: Option<&Secret>,
    context: &Context<'_>,
) -> Result<(), Error> {
    let Some(IdempotencyKey::Given(given)) = &request.idempotency_key else { return Ok(()) };
    let stored = credential::stored_keys(&context.settings.places, context.env);
    if api_key.into_iter().chain(&stored).any(|key| key.is_in(given)) {
        return Err(Error::usage_with_hint(
            "--idempotency-key is your API key; nothing was sent",
            "use any other text, such as the ID of an order",
        ));
    }
    Ok(())
}

/// A wire to another host than the API's, without a key.
///
/// # Errors
/// The proxy or the certificates that are named cannot be used.
pub fn wire_to(
    origin: &Origin,
    settings: &Settings,
    env: &Env,
    timeout: Duration,
) -> Result<Box<dyn Transport>, Error> {
    let network = settings.network_to(origin, env)?;
    Ok(Box::new(Wire::new(timeout, &network).map_err(bad_network)?))
}

fn bad_network(bad: BadNetwork) -> Error {
    match bad {
        // The proxy's URL is not repeated: a password may stand in it.
        BadNetwork::Proxy => Error::usage_with_hint(
            "the proxy in the environment is not a valid proxy URL",
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

/// Warns once per call of a path that HeyGen has retired or will retire, and names its replacement.
fn warn_of_retirement(ui: &Ui, outcome: &Outcome) {
    let path = &outcome.call.path;
    let retired = outcome.operation.filter(|operation| operation.retired().is_some());
    let is_retired = retired.is_some() || catalogue::is_retired_version(path);
    let sunset = outcome.head.as_ref().and_then(|head| head.header("sunset"));
    let date = sunset.as_deref().and_then(http_date).map(day);
    let message = match (is_retired, &date) {
        (false, None) => return,
        (false, Some(date)) => format!("{path} is to be switched off on {date}"),
        (true, date) => {
            format!("{path} was retired on {}", date.as_deref().unwrap_or(catalogue::LEGACY_END))
        }
    };
    let replacement = retired.and_then(Operation::replacement).map(str::to_owned);
    ui.warn(&Warning { code: "cli_retired_endpoint", message, successor: replacement });
}

/// Reports an event: traces with `-v`, pauses on a terminal, retirement in any case.
fn show(ui: &Ui, verbosity: u8, event: &Event<'_>) {
    let (arrow, line, headers) = match event {
        Event::Sending { method, url, headers } => ('>', format!("{method} {url}"), *headers),
        Event::Received { status, headers, after } => {
            ('<', format!("{status}, {}", seconds(*after)), *headers)
        }
        Event::Body { direction, lines } => {
            let arrow = if *direction == Direction::Sent { '>' } else { '<' };
            let lines = if verbosity > 1 { lines() } else { Vec::new() };
            return lines.iter().for_each(|line| ui.trace(&format!("{arrow} {line}")));
        }
        Event::Pausing { .. } => {
            let text = pause_in_words(event);
            return if verbosity > 0 { ui.trace(&text) } else { ui.progress(&text) };
        }
        // Only a response can announce a retirement.
        Event::Finished { outcome, .. } if outcome.head.is_none() => return,
        Event::Finished { outcome, .. } => return warn_of_retirement(ui, outcome),
    };
    if verbosity > 0 {
        ui.trace(&format!("{arrow} {line}"));
    }
    if verbosity > 1 {
        for (name, value) in headers() {
            ui.trace(&format!("{arrow} {name}: {value}"));
        }
    }
}

/// The text of a pause: `rate limited; retrying in 7 s as HeyGen asks (attempt 2 of 4)`.
fn pause_in_words(event: &Event<'_>) -> String {
    let Event::Pausing { status, pause, is_asked, next, of, key, .. } = event else {
        return String::new();
    };
    let what = match status {
        Some(429) => "rate limited".to_owned(),
        Some(409) => "the same request is still in progress".to_owned(),
        Some(status @ 502..=504) => format!("{status} from the gateway"),
        Some(status @ 500..) => format!("{status} from HeyGen"),
        Some(_) => "the response was cut off".to_owned(),
        None => "the connection failed".to_owned(),
    };
    let pause = seconds(*pause);
    let how = match (*is_asked, *key) {
        (true, true) => " as HeyGen asks, with the same Idempotency-Key",
        (true, false) => " as HeyGen asks",
        (false, true) => " with the same Idempotency-Key",
        (false, false) => "",
    };
    format!("{what}; retrying in {pause}{how} (attempt {next} of {of})")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use super::*;
    use crate::api::endpoint::Endpoint;
    use crate::api::response::{Head, Response};
    use crate::cli::{GlobalArgs, LimitArgs};
    use crate::clock::SystemClock;
    use crate::http::transport::Outgoing;
    use crate::terminal::signals::OnEnd;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat};

    const KEY: &str = "sk_V2_hgu_0123456789abcdef7Qx2";

    /// A wire on which every call succeeds.
    struct FakeWire;

    impl Transport for FakeWire {
        fn send(&self, _: Outgoing<'_>) -> Result<Response, CallFailure> {
            let head = Head { status: 200, ..Head::default() };
            Ok(Response { head, body: Box::new(Cursor::new(b"{\"data\":[]}".to_vec())) })
        }
    }

    /// Hands a session with the key of the environment to `use_it`; returns what came to stderr.
    fn with_session(env: &Env, use_it: impl FnOnce(&Session<'_>)) -> String {
        let stdio = Stdio::in_memory("");
        let ui = Ui::new(&stdio, ColorChoice::Never, ErrorFormat::Text, false, env);
        let settings = Settings::new(&GlobalArgs::default(), env).expect("settings");
        let on_end = OnEnd::new();
        let context = Context { settings, ui: &ui, env, clock: &SystemClock, on_end: &on_end };
        let credential = Credential { key: Secret::new(KEY), source: Source::Environment };
        let limits = Limits::new(&LimitArgs::default(), env).expect("limits");
        use_it(&Session::over(Box::new(FakeWire), &context, credential, limits));
        assert_eq!(stdio.stdout(), b"");
        String::from_utf8(stdio.stderr()).expect("UTF-8")
    }

    fn request(session: &Session<'_>, path: &str) -> Request {
        let base = &session.context.settings.base;
        Request::get(Endpoint::parse(path, base).expect("an endpoint"))
    }

    #[test]
    fn retirement_is_said_once() {
        let env = Env::of(&[], "/", None);
        let said = with_session(&env, |session| {
            for _ in 0..2 {
                let outcome = session.send(&request(session, "/v2/voices"), Patience::Whole);
                assert!(outcome.result.is_ok());
            }
        });
        assert_eq!(said.matches("/v2/voices was retired on").count(), 1, "{said}");
        assert_eq!(said.matches("GET /v3/voices").count(), 1, "{said}");
        let said = with_session(&env, |session| {
            session.send(&request(session, "/v3/voices"), Patience::Whole);
        });
        assert_eq!(said, "");
    }

    #[test]
    fn shadowed_keys_are_marked() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = "sk_V2_hgu_fedcba9876543210ZVMn";
        fs::write(folder.path().join(".env"), format!("HEYGEN_API_KEY={other}\n")).expect("a file");
        let env = Env::of(&[("HEYGEN_API_KEY", KEY)], folder.path(), None);
        with_session(&env, |session| {
            let source = Source::EnvFile { path: "./.env".to_owned(), line: 1 };
            let mark = session.key_mark();
            assert_eq!(mark.masked, "…7Qx2");
            assert_eq!(mark.shadowed, [("…ZVMn".to_owned(), source)]);
            assert_eq!(session.key_last4().as_deref(), Some("7Qx2"));
        });
    }

    #[test]
    fn secrets_of_proxies_are_found() {
        let check = |proxy: &str, secrets: &[&str]| assert_eq!(secrets_of(proxy), secrets);
        check("http://proxy.test:3128", &[]);
        check("http://ana@proxy.test", &[]);
        check("http://token-0123@proxy.test", &["token-0123", "token-0123"]);
        check("http://ana:pa%40ss-word@proxy.test/x@y", &["ana:pa@ss-word", "pa@ss-word"]);
        let variables = [
            ("HEYGEN_API_BASE", "http://api.test"),
            ("HEYGEN_ALLOW_HTTP", "1"),
            ("http_proxy", "http://ana:pa%40ss-word@proxy.test"),
        ];
        with_session(&Env::of(&variables, "/", None), |session| {
            // The second is `ana:pa@ss-word` in base64.
            let masked = session.context.ui.masked("pa@ss-word, YW5hOnBhQHNzLXdvcmQ=, ana");
            assert_eq!(masked, "…, …, ana");
        });
    }

    #[test]
    fn stored_key_is_no_idempotency_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = "Zq8vF3kLm2Nw9XyT7bRc4Hd6";
        fs::write(folder.path().join(".env"), format!("HEYGEN_API_KEY={other}\n")).expect("a file");
        with_session(&Env::of(&[], folder.path(), None), |session| {
            let mut request = request(session, "/v3/videos");
            request.idempotency_key = Some(IdempotencyKey::Given(other.to_owned()));
            assert!(session.vet(&request).is_err());
        });
    }

    #[test]
    fn api_key_is_no_idempotency_key() {
        let check = |key: &str, expected: Result<(), &str>| {
            with_session(&Env::of(&[], "/", None), |session| {
                let mut request = request(session, "/v3/videos");
                request.idempotency_key = Some(IdempotencyKey::Given(key.to_owned()));
                let got = session.vet(&request).map_err(|error| error.to_string());
                assert_eq!(got, expected.map_err(str::to_owned));
            });
        };
        let refused = "--idempotency-key is your API key; nothing was sent";
        check("order-7", Ok(()));
        check(KEY, Err(refused));
        check(&format!("order-{KEY}"), Err(refused));
    }

    #[test]
    fn secret_header_values_are_hidden() {
        let check = |name: &str, value: &str, secret: &str, is_hidden: bool| {
            with_session(&Env::of(&[], "/", None), |session| {
                let mut request = request(session, "/v3/videos");
                request.headers = vec![(name.to_owned(), value.to_owned())];
                session.vet(&request).expect("a request");
                let masked = session.context.ui.masked(&format!("got {secret}."));
                assert_eq!(!masked.contains(secret), is_hidden, "{masked}");
            });
        };
        check("Authorization", "Bearer tok-0123456789", "tok-0123456789", true);
        check("authorization", "tok-0123456789", "tok-0123456789", true);
        check("Cookie", "a=cookie-0123456789; b=other-0123456789", "other-0123456789", true);
        check("X-Trace", "trace-0123456789", "trace-0123456789", false);
    }
}
