//! `heygen auth login`: reads a key, checks it, and stores it where HeyGen's tools look for it.

use std::io;

use anyhow::Context as _;
use serde::Serialize;

use super::key_check;
use super::report::{self, Labelled, Style};
use crate::account::key_facts::{Account, Findings};
use crate::app::advice::Also;
use crate::app::context::Context;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::cli::LoginArgs;
use crate::credential::{self, Credential, Places, Session as OAuthSession};
use crate::error::{Error, KEY_PAGE, Source};

/// Stores the key, unless HeyGen rejects it or it could not be checked.
pub(super) fn run(args: &LoginArgs, context: &Context<'_>) -> anyhow::Result<()> {
    credential::storable(context.env)?;
    let credential = read(context)?;
    context.ui.hide(credential.key.clone());
    let findings = match args.no_check {
        true => None,
        false => Some(checked(args, context, &credential).context(Also {
            doing: "the key was not stored",
            hint: "`--no-check` stores the key without asking",
        })?),
    };
    let account = findings.as_ref().and_then(|findings| findings.account.as_ref());
    let session = if args.force { OAuthSession::Drop } else { OAuthSession::Keep };
    let stored = credential::store(
        &credential.key,
        account.and_then(|account| account.email.as_deref()),
        session,
        context.env,
        context.clock.today(),
    )?;
    let report = Report {
        ok: true,
        checked: findings.is_some(),
        path: &stored.path,
        last4: credential.key.last4(),
        account,
    };
    let sentence = format!("key {} is stored in {}", credential.key.masked(), stored.path);
    let style = Style::usual(context.ui);
    report::print(context, &style, &sentence, &lines(&report, findings.as_ref()), &report)?;
    if stored.session_kept {
        context.ui.note(
            "the OAuth session of HeyGen's CLI is still there; it uses this key until `heygen auth logout`",
        );
    }
    note_winner(context, &credential);
    Ok(())
}

/// The report in a pipe.
#[derive(Serialize)]
struct Report<'r> {
    ok: bool,
    checked: bool,
    path: &'r str,
    last4: Option<&'r str>,
    account: Option<&'r Account>,
}

fn lines(report: &Report<'_>, findings: Option<&Findings>) -> Vec<Labelled> {
    let Some(findings) = findings else {
        return vec![("checked", "no".to_owned())];
    };
    let mut lines = Vec::new();
    if let Some(name) = report.account.and_then(Account::name) {
        lines.push(("account", name));
    }
    if let Some(balance) = &findings.balance {
        lines.push(("balance", balance.to_string()));
    }
    lines
}

/// The key to store: from the file that a flag names, from the prompt, or from stdin. The key of the
/// environment or of a discovered `.env` file is not copied unasked.
fn read(context: &Context<'_>) -> Result<Credential, Error> {
    let places = &context.settings.places;
    if places.key_file.is_some() || places.env_file.is_some() {
        return credential::find(places, context.env, &mut context.ui.stdin());
    }
    if context.ui.may_ask() {
        context.ui.note(&format!("keys are made at {KEY_PAGE}"));
        let typed = context.ui.ask_hidden("HeyGen API key (not shown): ");
        let text = typed.map_err(|cause| Error::File {
            doing: "reading",
            path: Source::Prompt.to_string().into(),
            cause,
        })?;
        return credential::entered(&text);
    }
    if context.ui.stdin_is_terminal() {
        return Err(Error::usage_with_hint(
            "cannot ask for a key: CI is set, or stderr is not a terminal",
            "give the key on stdin, or name a file with `--api-key-file`",
        ));
    }
    credential::from_stdin(&mut context.ui.stdin())
}

fn checked(
    args: &LoginArgs,
    context: &Context<'_>,
    credential: &Credential,
) -> Result<Findings, Error> {
    let session =
        Session::with(context, credential.clone(), Limits::new(&args.limits, context.env)?)?;
    Ok(key_check::check(context, &session)?.findings)
}

/// Notes a key that takes precedence over the stored one, which is the last in the order.
fn note_winner(context: &Context<'_>, stored: &Credential) {
    let places = Places { key_file: None, env_file: None, ..context.settings.places.clone() };
    match credential::find(&places, context.env, &mut io::empty()) {
        Ok(winner) if winner.key != stored.key => context.ui.note(&format!(
            "{} has a different key, {}, which takes precedence over the stored one",
            winner.source,
            winner.key.masked()
        )),
        Err(Error::UnusableKey { source, flaw }) => {
            context.ui.note(&format!("{source} {flaw}; it takes precedence over the stored key"));
        }
        Ok(_) | Err(_) => {}
    }
}
