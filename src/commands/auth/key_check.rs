//! The check of a key with HeyGen, for `auth check` and `auth login`.

use std::time::Duration;

use serde_json::Value;

use crate::account::key_facts::{Account, Balance, Findings, KeyFacts, Unknown};
use crate::api::outcome::Outcome;
use crate::api::request::Request;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::compose::request;
use crate::error::{CallFailure, Error, ResponseFlaw};
use crate::http::transport::Patience;

/// Describes the key that asks; costs nothing, needs no scope, and is new since about September 2026.
const KEY: &str = "/v3/api_keys/self";

/// Describes the account; costs nothing and needs the scope `account:read`.
const USER: &str = "/v3/users/me";

/// Facts larger than this are unknown, 1 MiB: as values in memory they would take many times that.
const LARGEST_FACTS: usize = 1024 * 1024;

/// A key that HeyGen accepts.
pub(super) struct Accepted {
    /// The facts about it.
    pub findings: Findings,
    /// The time that the response took that proved it.
    pub latency: Duration,
}

/// Asks HeyGen about the key of a session.
///
/// # Errors
/// HeyGen does not accept the key, or could not be asked: then nothing is known about it.
pub(super) fn check(context: &Context<'_>, session: &Session<'_>) -> Result<Accepted, Error> {
    let key = match ask(context, session, KEY) {
        // An API that does not know the path yet: the account tells whether the key is good.
        Err(error) if status(&error) == Some(404) => None,
        other => Some(other?),
    };
    let user = match (ask(context, session, USER), &key) {
        (Err(error), Some(_)) if status(&error) != Some(401) => {
            Proof { facts: unknown(error.to_string()), latency: Duration::ZERO }
        }
        (user, _) => user?,
    };
    let latency = key.as_ref().unwrap_or(&user).latency;
    let key = key.map_or_else(not_described, |key| key.facts);
    Ok(Accepted { findings: findings(key, user.facts), latency })
}

/// A response that proves the key.
struct Proof {
    facts: Facts,
    /// The time that it took, without the attempts and pauses before it.
    latency: Duration,
}

/// The response of an endpoint that accepts the key.
enum Facts {
    /// Its `data`.
    Data(Value),
    /// The key was proved all the same, and this is not known.
    Unknown(Unknown),
}

fn not_described() -> Facts {
    unknown(format!("this API does not describe keys (404 for {KEY})"))
}

fn unknown(reason: String) -> Facts {
    Facts::Unknown(Unknown { reason, missing_scope: None })
}

fn findings(key: Facts, user: Facts) -> Findings {
    let mut findings = Findings::default();
    match key {
        Facts::Data(data) => findings.key = KeyFacts::read(&data),
        Facts::Unknown(unknown) => findings.key_unknown = Some(unknown),
    }
    match user {
        Facts::Data(data) => {
            findings.account = Some(Account::read(&data));
            findings.balance = Balance::read(&data);
        }
        Facts::Unknown(unknown) => findings.account_unknown = Some(unknown),
    }
    findings
}

/// Asks an endpoint. Its response proves the key, or is an error.
fn ask(context: &Context<'_>, session: &Session<'_>, path: &str) -> Result<Proof, Error> {
    let endpoint = request::endpoint(path, &context.settings.base, context.env)?;
    let outcome = session.send(&Request::get(endpoint), Patience::Whole);
    Ok(Proof { facts: facts(&outcome)?, latency: outcome.latency })
}

fn facts(outcome: &Outcome) -> Result<Facts, Error> {
    match outcome.content() {
        Ok(_) => data(outcome),
        Err(error) => match missing_scope(&error) {
            Some(scope) => Ok(Facts::Unknown(Unknown {
                reason: format!("the key lacks the scope {scope}"),
                missing_scope: Some(scope),
            })),
            None => Err(error),
        },
    }
}

/// The facts in a response that only HeyGen's API gives. A captive portal's page, an empty body or
/// any other JSON came with status 200 too, and says nothing.
fn data(outcome: &Outcome) -> Result<Facts, Error> {
    let Some(envelope) = outcome.envelope()? else {
        return Err(outcome.unusable(ResponseFlaw::NotProof { what: "the response is not JSON" }));
    };
    if !envelope.is_proof() {
        let what = "the response has no object `data`";
        return Err(outcome.unusable(ResponseFlaw::NotProof { what }));
    }
    if envelope.data.len() > LARGEST_FACTS {
        return Ok(unknown("the response is larger than 1 MiB".to_owned()));
    }
    // Facts with invalid UTF-8 or absurd nesting are unknown; the key is proved all the same.
    Ok(Facts::Data(serde_json::from_slice(envelope.data).unwrap_or_default()))
}

fn status(error: &Error) -> Option<u16> {
    error.call_error()?.call.status
}

fn missing_scope(error: &Error) -> Option<String> {
    let failed = error.call_error()?;
    match &failed.failure {
        CallFailure::Rejected(api) if failed.call.status == Some(403) => {
            api.required_scope().map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::io::Cursor;
    use std::rc::Rc;
    use std::time::{Instant, SystemTime};

    use super::*;
    use crate::api::response::{Head, Response};
    use crate::app::settings::{Limits, Settings};
    use crate::cli::{GlobalArgs, LimitArgs};
    use crate::clock::Clock;
    use crate::credential::Credential;
    use crate::env::Env;
    use crate::error::Source;
    use crate::http::transport::{Outgoing, Transport};
    use crate::secret::Secret;
    use crate::terminal::signals::OnEnd;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat, Ui};

    /// A clock that only pauses and responses advance.
    #[derive(Clone)]
    struct Steps {
        start: Instant,
        passed: Rc<Cell<Duration>>,
    }

    impl Clock for Steps {
        fn now(&self) -> Instant {
            self.start + self.passed.get()
        }

        fn today(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, pause: Duration) {
            self.passed.set(self.passed.get() + pause);
        }
    }

    /// A wire that returns these responses, the last first, each after as many milliseconds.
    struct FakeWire {
        clock: Steps,
        responses: RefCell<Vec<(u64, u16, String)>>,
    }

    impl Transport for FakeWire {
        fn send(&self, _: Outgoing<'_>) -> Result<Response, CallFailure> {
            let next = self.responses.borrow_mut().pop();
            let (milliseconds, status, body) = next.expect("a response for every attempt");
            self.clock.sleep(Duration::from_millis(milliseconds));
            let head = Head { status, ..Head::default() };
            Ok(Response { head, body: Box::new(Cursor::new(body.into_bytes())) })
        }
    }

    /// The milliseconds of the proof, the name of the key or why it is unknown, and the same of the
    /// account; or the error.
    fn checked(responses: &[(u64, u16, &str)]) -> Result<(u128, String, String), String> {
        let env = Env::of(&[], "/", None);
        let stdio = Stdio::in_memory("");
        let ui = Ui::new(&stdio, ColorChoice::Never, ErrorFormat::Text, false, &env);
        let clock = Steps { start: Instant::now(), passed: Rc::default() };
        let settings = Settings::new(&GlobalArgs::default(), &env).expect("settings");
        let on_end = OnEnd::new();
        let context = Context { settings, ui: &ui, env: &env, clock: &clock, on_end: &on_end };
        let responses = responses.iter().rev();
        let responses =
            responses.map(|(after, status, body)| (*after, *status, (*body).to_owned()));
        let wire = FakeWire { clock: clock.clone(), responses: RefCell::new(responses.collect()) };
        let key = Secret::new("sk_V2_hgu_0123456789abcdef");
        let credential = Credential { key, source: Source::Environment };
        let limits = Limits::new(&LimitArgs::default(), &env).expect("limits");
        let session = Session::over(Box::new(wire), &context, credential, limits);
        let Accepted { findings, latency } =
            check(&context, &session).map_err(|error| error.to_string())?;
        assert_eq!(stdio.stderr(), b"");
        let reason = |unknown: Option<Unknown>| unknown.map(|unknown| unknown.reason);
        let key = reason(findings.key_unknown).or(findings.key.name).unwrap_or_default();
        let account = reason(findings.account_unknown)
            .or_else(|| findings.account?.name())
            .unwrap_or_default();
        Ok((latency.as_millis(), key, account))
    }

    const SELF: &str = r#"{"data":{"key_name":"ci"}}"#;
    const ME: &str = r#"{"data":{"email":"ana@example.com"}}"#;
    const MISSING: &str = r#"{"error":{"code":"not_found","message":"Not found."}}"#;
    const NO_SCOPE: &str = r#"{"error":{"code":"insufficient_api_key_scope","message":"Required scope: account:read."}}"#;

    #[test]
    fn latency_excludes_retries_and_pauses() {
        let check = |responses: &[(u64, u16, &str)], expected: u128| {
            assert_eq!(checked(responses).map(|(latency, ..)| latency), Ok(expected));
        };
        check(&[(40, 200, SELF), (5, 200, ME)], 40);
        check(&[(900, 503, "{}"), (40, 200, SELF), (5, 200, ME)], 40);
        check(&[(7, 404, MISSING), (9, 429, "{}"), (30, 200, ME)], 30);
        check(&[(11, 403, NO_SCOPE), (5, 200, ME)], 11);
    }

    #[test]
    fn accepted_keys_may_lack_facts() {
        let check = |responses: &[(u64, u16, &str)], key: &str, account: &str| {
            let facts = checked(responses).map(|(_, key, account)| (key, account));
            assert_eq!(facts, Ok((key.to_owned(), account.to_owned())));
        };
        let ana = "ana@example.com";
        check(&[(0, 200, SELF), (0, 200, ME)], "ci", ana);
        let not_described = "this API does not describe keys (404 for /v3/api_keys/self)";
        check(&[(0, 404, MISSING), (0, 200, ME)], not_described, ana);
        let no_scope = "the key lacks the scope account:read";
        check(&[(0, 200, SELF), (0, 403, NO_SCOPE)], "ci", no_scope);
        check(&[(0, 404, MISSING), (0, 403, NO_SCOPE)], not_described, no_scope);
        let large = SELF.replace("ci", &"x".repeat(LARGEST_FACTS));
        check(&[(0, 200, &large), (0, 200, ME)], "the response is larger than 1 MiB", ana);
        check(&[(0, 200, r#"{"data":{"key_name":7}}"#), (0, 200, ME)], "", ana);
    }

    #[test]
    fn other_responses_prove_nothing() {
        let check = |responses: &[(u64, u16, &str)], expected: &str| {
            let error = checked(responses).expect_err("no proof");
            assert!(error.contains(expected), "{error}");
        };
        check(&[(0, 200, "")], "the response is not JSON");
        check(&[(0, 200, r#"{"ok":true}"#)], "the response has no object `data`");
        check(&[(0, 401, MISSING)], "401");
        check(&[(0, 200, SELF), (0, 401, MISSING)], "401");
        check(&[(0, 404, MISSING), (0, 404, MISSING)], "404");
    }
}
