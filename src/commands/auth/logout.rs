//! `heygen auth logout`: removes the stored key, and nothing else.

use std::io;

use serde::Serialize;

use super::report::{self, Style};
use crate::app::context::Context;
use crate::credential::{self, Places};
use crate::error::KEY_PAGE;

/// Removes the key. A missing key is a success.
pub(super) fn run(context: &Context<'_>) -> anyhow::Result<()> {
    let removed = credential::remove(context.env, context.clock.today())?;
    let report = Report { ok: true, removed: removed.key.is_some(), path: &removed.path };
    let style = Style::usual(context.ui);
    match &removed.key {
        Some(key) => {
            let sentence = format!("key {key} is removed from {}", removed.path);
            report::print(context, &style, &sentence, &[], &report)?;
            context.ui.note(&format!("HeyGen still accepts it; delete it at {KEY_PAGE}"));
        }
        None if context.ui.stdout_is_terminal() => {
            context.ui.note(&format!("no key is stored in {}", removed.path));
        }
        None => report::print(context, &style, "", &[], &report)?,
    }
    if removed.session_kept {
        context.ui.note("the OAuth session of HeyGen's CLI is still there");
    }
    note_other_key(context);
    Ok(())
}

/// The report in a pipe.
#[derive(Serialize)]
struct Report<'r> {
    ok: bool,
    removed: bool,
    path: &'r str,
}

/// Notes a key that commands still find elsewhere.
fn note_other_key(context: &Context<'_>) {
    let places = Places { key_file: None, env_file: None, ..context.settings.places.clone() };
    if let Ok(other) = credential::find(&places, context.env, &mut io::empty()) {
        context.ui.note(&format!("key {} from {} is used now", other.key.masked(), other.source));
    }
}
