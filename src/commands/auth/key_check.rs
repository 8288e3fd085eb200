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

/// A key that HeyGen accepts.
pub(super) struct Accepted {
    /// What was learnt about it.
    pub findings: Findings,
    /// How long the answer took that proved it.
    pub latency: Duration,
}

/// Asks HeyGen about the key of a session.
///
/// # Errors
/// HeyGen does not accept the key, or could not be asked: then nothing is known about it.
pub(super) fn check(context: &Context<'_>, session: &Session<'_>) -> Result<Accepted, Error> {
    let started = context.clock.now();
    let key = match facts(context, session, KEY) {
        // An API that does not know the path yet: the account tells whether the key is good.
        Err(error) if status(&error) == Some(404) => None,
        other => Some((other?, context.clock.now() - started)),
    };
    let asked = context.clock.now();
    let user = match (facts(context, session, USER), &key) {
        (Err(error), Some(_)) if status(&error) != Some(401) => {
            Facts::Unknown(Unknown { reason: error.to_string(), missing_scope: None })
        }
        (user, _) => user?,
    };
    let latency = key.as_ref().map_or_else(|| context.clock.now() - asked, |(_, latency)| *latency);
    let key = key.map_or_else(not_described, |(facts, _)| facts);
    Ok(Accepted { findings: findings(key, user), latency })
}

/// What an endpoint told about a key that it accepts.
enum Facts {
    /// Its `data`.
    Data(Value),
    /// The key was proved all the same, and this is not known.
    Unknown(Unknown),
}

fn not_described() -> Facts {
    let reason = format!("this API does not describe keys (404 for {KEY})");
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

/// Asks an endpoint. What it answers is a proof of the key, or an error.
fn facts(context: &Context<'_>, session: &Session<'_>, path: &str) -> Result<Facts, Error> {
    let endpoint = request::endpoint(path, &context.settings.base, context.env)?;
    let outcome = session.send(&Request::get(endpoint), Patience::Whole);
    match outcome.content() {
        Ok(_) => proof(&outcome).map(Facts::Data),
        Err(error) => match missing_scope(&error) {
            Some(scope) => Ok(Facts::Unknown(Unknown {
                reason: format!("the key lacks the scope {scope}"),
                missing_scope: Some(scope),
            })),
            None => Err(error),
        },
    }
}

/// The `data` of a response that only HeyGen's API gives. A captive portal's page, an empty body or
/// any other JSON came with status 200 too, and says nothing.
fn proof(outcome: &Outcome) -> Result<Value, Error> {
    let Some(envelope) = outcome.envelope()? else {
        return Err(outcome.unusable(ResponseFlaw::NotProof { what: "the response is not JSON" }));
    };
    if !envelope.is_proof() {
        let what = "the response has no object `data`";
        return Err(outcome.unusable(ResponseFlaw::NotProof { what }));
    }
    // Facts with invalid UTF-8 or absurd nesting are unknown; the key is proved all the same.
    Ok(serde_json::from_slice(envelope.data).unwrap_or_default())
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
