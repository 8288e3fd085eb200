//! `heygen auth check`: the key that is used, its account, whether HeyGen accepts it, and whether it
//! meets the gates.

use jiff::SignedDuration;
use serde::Serialize;

use super::key_check::{self, Accepted};
use super::report::{self, Labelled, Style};
use crate::account::gates::{self, Gate};
use crate::account::key_facts::{
    Account, Balance, Expiry, Findings, KeyFacts, Unknown, away, length, time_since,
};
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::cli::CheckArgs;
use crate::credential;
use crate::error::{Error, KeyMark, Source};
use crate::terminal::streams::Warning;

/// The age from which the report advises to rotate the key.
const OLD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reports on the key; an unmet gate is an error.
pub(super) fn run(args: &CheckArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let style = Style::new(&args.report, context.ui)?;
    if args.offline {
        return inspect(context, &style);
    }
    let session = Session::open(context, Limits::new(&args.limits, context.env)?)?;
    let accepted = key_check::check(context, &session)?;
    let mark = session.key_mark();
    let gates = args.gates.all();
    warn_of_unknown_scopes(&gates, context);
    let misses = gates::misses(&gates, &accepted.findings, context.clock.today());
    if !misses.is_empty() {
        return Err(Error::Gates { key: mark.masked, misses }.into());
    }
    let sentence = format!("key {} is accepted", mark.masked);
    let report = Report::new(context, mark, session.key_last4(), Some(accepted));
    report::print(context, &style, &sentence, &report.lines(context), &report)
}

/// Warns of scopes that the catalogue does not know: a key with `*:*` has those too.
fn warn_of_unknown_scopes(gates: &[Gate], context: &Context<'_>) {
    let unknown = gates::unknown_scopes(gates);
    if unknown.is_empty() {
        return;
    }
    let (noun, they) =
        if unknown.len() == 1 { ("scope", "it exists") } else { ("scopes", "they exist") };
    context.ui.warn(&Warning {
        code: "cli_unknown_scope",
        message: format!(
            "unknown {noun} {}: heygen cannot tell whether {they}",
            unknown.join(", ")
        ),
        successor: None,
    });
}

/// Reports which key would be used. Nothing is sent, so that its validity stays unknown.
fn inspect(context: &Context<'_>, style: &Style) -> anyhow::Result<()> {
    let places = &context.settings.places;
    let credential = credential::find(places, context.env, &mut context.ui.stdin())?;
    context.ui.hide(credential.key.clone());
    let mark = credential.mark(credential::shadowed(&credential, places, context.env));
    let sentence = format!("key {} has the form of a key; HeyGen was not asked", mark.masked);
    let last4 = credential.key.last4().map(str::to_owned);
    let report = Report::new(context, mark, last4, None);
    report::print(context, style, &sentence, &report.lines(context), &report)
}

/// The report: this object in a pipe, the same facts as lines on a terminal.
#[derive(Serialize)]
struct Report {
    /// `null` if HeyGen was not asked.
    ok: Option<bool>,
    key: Key,
    account: Option<Account>,
    balance: Option<Balance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_scope: Option<String>,
    api_base: String,
    latency_ms: Option<u64>,
    #[serde(skip)]
    mark: KeyMark,
    #[serde(skip)]
    account_unknown: Option<Unknown>,
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
        mark: KeyMark,
        last4: Option<String>,
        accepted: Option<Accepted>,
    ) -> Report {
        let (source, path, line) = source_members(&mark.source);
        let latency = accepted.as_ref().map(|accepted| accepted.latency.as_millis());
        let ok = accepted.as_ref().map(|_| true);
        let findings = accepted.map(|accepted| accepted.findings).unwrap_or_default();
        let Findings { key: facts, key_unknown, account, balance, account_unknown } = findings;
        let missing_scope = [&account_unknown, &key_unknown]
            .into_iter()
            .flatten()
            .find_map(|unknown| unknown.missing_scope.clone());
        Report {
            ok,
            key: Key { source, path, line, last4, facts },
            account,
            balance,
            missing_scope,
            api_base: context.settings.base.to_string(),
            latency_ms: latency.map(|latency| u64::try_from(latency).unwrap_or(u64::MAX)),
            mark,
            account_unknown,
        }
    }

    fn lines(&self, context: &Context<'_>) -> Vec<Labelled> {
        let mut lines = vec![("from", self.mark.to_string())];
        let Some(latency) = self.latency_ms else {
            return lines;
        };
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
            lines.push(("balance", balance.to_string()));
        }
        lines.push(("server", format!("{}, {latency} ms", self.api_base)));
        lines
    }

    fn account_line(&self) -> String {
        let name = self.account.as_ref().and_then(Account::name);
        name.unwrap_or_else(|| match &self.account_unknown {
            Some(unknown) => format!("unknown: {}", unknown.reason),
            None => "unknown".to_owned(),
        })
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
        let facts = &self.key.facts;
        let created = facts.created_at.as_deref()?;
        let age = time_since(created, now).unwrap_or_default().max(SignedDuration::ZERO);
        let rotation = if age > OLD { "; time for a new one" } else { "" };
        let expires = match facts.expiry {
            Expiry::Never => ", expires never".to_owned(),
            Expiry::At(end) => {
                let away = away(end, now);
                let verb = if away.ends_with(" ago") { "expired" } else { "expires" };
                format!(", {verb} {} ({away})", day(&end.to_string()))
            }
            Expiry::Unknown => String::new(),
        };
        Some(format!("{} ({}{rotation}){expires}", day(created), length(age)))
    }
}

fn source_members(source: &Source) -> (&'static str, Option<String>, Option<usize>) {
    match source {
        Source::Environment => ("environment", None, None),
        Source::EnvFile { path, line } => ("env_file", Some(path.clone()), Some(*line)),
        Source::CredentialsFile { path } => ("credentials_file", Some(path.clone()), None),
        Source::KeyFile { path } => ("key_file", Some(path.clone()), None),
        Source::Stdin => ("stdin", None, None),
        Source::Prompt => ("prompt", None, None),
    }
}

/// The day of a time in RFC 3339.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}
