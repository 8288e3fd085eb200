//! `heygen auth check`: which key is used, whose it is, and whether HeyGen accepts it.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::api::request::Request;
use crate::call;
use crate::cli::{AuthArgs, AuthCommand, CheckArgs};
use crate::context::Context;
use crate::error::{CallError, Error, Failure, KeyMark, Source};
use crate::exchange::{Exchange, Exchanged};
use crate::render;
use crate::settings::Limits;
use crate::ui::neutralised;
use crate::workflow::key_facts::{Account, Balance, Billing, KeyFacts, days_since};

/// Describes the key that asks; costs nothing, needs no scope, and is new since about September 2026.
const KEY: &str = "/v3/api_keys/self";

/// Describes the account; costs nothing and needs the scope `account:read`.
const USER: &str = "/v3/users/me";

/// Runs `auth …`.
pub(super) fn run(args: &AuthArgs, context: &Context<'_>) -> anyhow::Result<()> {
    match &args.command {
        AuthCommand::Check(args) => check(args, context),
    }
}

fn check(args: &CheckArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let exchange = Exchange::open(context, Limits::new(&args.limits, context.env)?)?;
    let started = context.clock.now();
    let key = match facts(context, &exchange, KEY) {
        // An API that does not know the path yet: the account tells whether the key is good.
        Err(error) if status(&error) == Some(404) => None,
        other => Some((other?, context.clock.now() - started)),
    };
    let asked = context.clock.now();
    let user = match (facts(context, &exchange, USER), &key) {
        (Err(error), Some(_)) if status(&error) != Some(401) => Facts::Unknown(error.to_string()),
        (user, _) => user?,
    };
    let latency = key.as_ref().map_or_else(|| context.clock.now() - asked, |(_, latency)| *latency);
    let report = Report::new(context, &exchange, key.map(|(facts, _)| facts), user, latency);
    report.print(context)
}

/// What an endpoint told about a key that it accepts.
enum Facts {
    /// Its `data`.
    Data(Value),
    /// The key is good, but may not ask that: the scope it lacks.
    OutOfScope(String),
    /// The key was proved elsewhere, and this could not be asked: why.
    Unknown(String),
}

/// Asks an endpoint. What it answers is a proof of the key, or an error.
fn facts(context: &Context<'_>, exchange: &Exchange<'_>, path: &str) -> Result<Facts, Error> {
    let endpoint = call::endpoint(path, &context.settings.base, context.env)?;
    match exchange.call(&Request::get(endpoint)) {
        Ok(exchanged) => proof(&exchanged).map(Facts::Data),
        Err(error) => match missing_scope(&error) {
            Some(scope) => Ok(Facts::OutOfScope(scope)),
            None => Err(error),
        },
    }
}

/// The `data` of an answer that only HeyGen's API gives. A captive portal's page, an empty body or
/// any other JSON came with status 200 too, and says nothing.
fn proof(exchanged: &Exchanged) -> Result<Value, Error> {
    let envelope = exchanged.envelope()?;
    let Some(envelope) = envelope else {
        return Err(exchanged.fail(Failure::NotProof { what: "the answer is no JSON" }));
    };
    if !envelope.is_proof() {
        return Err(exchanged.fail(Failure::NotProof { what: "the answer has no object `data`" }));
    }
    // Facts with invalid UTF-8 or absurd nesting are unknown; the key is proved all the same.
    Ok(serde_json::from_slice(envelope.data).unwrap_or_default())
}

fn failed_call(error: &Error) -> Option<&CallError> {
    match error {
        Error::Call(failed) => Some(failed),
        _ => None,
    }
}

fn status(error: &Error) -> Option<u16> {
    failed_call(error)?.call.status
}

fn missing_scope(error: &Error) -> Option<String> {
    let failed = failed_call(error)?;
    match &failed.failure {
        Failure::Rejected(api) if failed.call.status == Some(403) => {
            api.required_scope().map(str::to_owned)
        }
        _ => None,
    }
}

/// What the command prints: this object in a pipe, the same as lines on a terminal.
#[derive(Serialize)]
struct Report {
    ok: bool,
    key: Key,
    account: Option<Account>,
    balance: Option<Balance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_scope: Option<String>,
    api_base: String,
    latency_ms: u64,
    #[serde(skip)]
    mark: KeyMark,
    #[serde(skip)]
    account_unknown: Option<String>,
}

#[derive(Serialize)]
struct Key {
    source: &'static str,
    path: Option<String>,
    line: Option<usize>,
    last4: Option<String>,
    #[serde(flatten)]
    facts: KeyFacts,
}

impl Report {
    fn new(
        context: &Context<'_>,
        exchange: &Exchange<'_>,
        key: Option<Facts>,
        user: Facts,
        latency: Duration,
    ) -> Report {
        let mark = exchange.key_mark();
        let (source, path, line) = source_members(&mark.source);
        let mut missing_scope = None;
        let facts = match key {
            Some(Facts::Data(data)) => KeyFacts::read(&data),
            Some(Facts::OutOfScope(scope)) => {
                missing_scope = Some(scope);
                KeyFacts::default()
            }
            Some(Facts::Unknown(_)) | None => KeyFacts::default(),
        };
        let (mut account, mut balance, mut account_unknown) = (None, None, None);
        match user {
            Facts::Data(data) => {
                account = Some(Account::read(&data));
                balance = Balance::read(&data);
            }
            Facts::OutOfScope(scope) => {
                account_unknown = Some(format!("the key lacks the scope {scope}"));
                missing_scope = Some(scope);
            }
            Facts::Unknown(reason) => account_unknown = Some(reason),
        }
        Report {
            ok: true,
            key: Key { source, path, line, last4: exchange.key_last4(), facts },
            account,
            balance,
            missing_scope,
            api_base: context.settings.base.to_string(),
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
            mark,
            account_unknown,
        }
    }

    fn print(&self, context: &Context<'_>) -> anyhow::Result<()> {
        let ui = context.ui;
        if ui.is_quiet() {
            return Ok(());
        }
        if ui.stdout_is_terminal() {
            let palette = ui.palette();
            let mut text =
                format!("{} key {} is accepted\n", palette.ok.paint("ok:"), self.mark.masked);
            for (label, value) in self.lines(context) {
                let label = palette.faint.paint(&format!("{label:<9}"));
                text.push_str(&format!("  {label} {}\n", neutralised(&value)));
            }
            ui.write(|out| out.write_all(text.as_bytes())).map_err(Error::AnswerNotWritten)?;
            return Ok(());
        }
        let json =
            serde_json::to_vec(self).map_err(|error| Error::AnswerNotWritten(error.into()))?;
        ui.write(|mut out| {
            render::json::pretty(&json, ui.dress(), &mut out)?;
            out.write_all(b"\n")
        })
        .map_err(Error::AnswerNotWritten)?;
        Ok(())
    }

    fn lines(&self, context: &Context<'_>) -> Vec<(&'static str, String)> {
        let mut lines = vec![("from", self.mark.to_string())];
        if let Some(name) = &self.key.facts.name {
            lines.push(("name", name.clone()));
        }
        lines.push(("account", self.account_line()));
        if let Some(scopes) = self.scopes_line() {
            lines.push(("scopes", scopes));
        }
        if let Some(since) = self.since_line(context) {
            lines.push(("since", since));
        }
        if let Some(balance) = &self.balance {
            lines.push(("balance", balance_line(balance)));
        }
        lines.push(("server", format!("{}, {} ms", self.api_base, self.latency_ms)));
        lines
    }

    fn account_line(&self) -> String {
        let unknown = || match &self.account_unknown {
            Some(reason) => format!("unknown: {reason}"),
            None => "unknown".to_owned(),
        };
        let Some(account) = &self.account else {
            return unknown();
        };
        match (&account.email, &account.username) {
            (Some(email), Some(username)) => format!("{email} ({username})"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => unknown(),
        }
    }

    fn scopes_line(&self) -> Option<String> {
        let facts = &self.key.facts;
        let scopes = facts.scopes.as_ref().map(|scopes| scopes.join(", ")).unwrap_or_default();
        match facts.scope_mode.as_deref() {
            Some("full") => Some("full".to_owned()),
            Some(mode) if scopes.is_empty() => Some(mode.to_owned()),
            Some(mode) => Some(format!("{mode}: {scopes}")),
            None => (!scopes.is_empty()).then_some(scopes),
        }
    }

    fn since_line(&self, context: &Context<'_>) -> Option<String> {
        let now = context.clock.today();
        let created = self.key.facts.created_at.as_deref()?;
        let expires = match self.key.facts.expires_at.as_deref() {
            None => "expires never".to_owned(),
            Some(end) => match days_since(end, now) {
                Some(days) if days < 0 => {
                    format!("expires {} (in {})", day(end), days_in_words(-days))
                }
                _ => format!("expired {}", day(end)),
            },
        };
        let age = days_since(created, now).filter(|days| *days >= 0).unwrap_or_default();
        Some(format!("{} ({}), {expires}", day(created), days_in_words(age)))
    }
}

fn source_members(source: &Source) -> (&'static str, Option<String>, Option<usize>) {
    match source {
        Source::Environment => ("environment", None, None),
        Source::EnvFile { path, line } => ("env_file", Some(path.clone()), Some(*line)),
        Source::CredentialsFile { path } => ("credentials_file", Some(path.clone()), None),
        Source::KeyFile { path } => ("key_file", Some(path.clone()), None),
        Source::Stdin => ("stdin", None, None),
    }
}

fn balance_line(balance: &Balance) -> String {
    let kind = match balance.kind {
        Billing::Wallet => "prepaid API wallet",
        Billing::Subscription => "credits of the plan",
        Billing::UsageBased => "left of the spending cap",
    };
    match balance.currency.as_str() {
        "usd" => {
            let dollars = balance.remaining.as_f64().map(|dollars| format!("{dollars:.2}"));
            format!("{} USD, {kind}", dollars.unwrap_or_else(|| balance.remaining.to_string()))
        }
        currency => format!("{} {currency}, {kind}", balance.remaining),
    }
}

/// The day of a time in RFC 3339.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

fn days_in_words(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
