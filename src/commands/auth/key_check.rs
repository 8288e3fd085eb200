//! Asking HeyGen about a key: what `auth check` tells and what `auth login` relies on.

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
    /// What was learnt about it.
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

/// What an endpoint told about a key that it accepts.
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
