//! `heygen auth logout`: the stored key is removed, and nothing else.

use std::io;

use serde::Serialize;

use super::report::{self, Style};
use crate::app::context::Context;
use crate::credential::{self, Places};
use crate::error::KEY_PAGE;

/// Removes the key. That there is none is no error: it is what was asked for.
pub(super) fn run(context: &Context<'_>) -> anyhow::Result<()> {
    let removed = credential::remove(context.env, context.clock.today())?;
    let report = Report { ok: true, removed: removed.key.is_some(), path: &removed.path };
    let style = Style::usual(context.ui);
    match &removed.key {
        Some(key) => {
            let sentence = format!("key {key} is removed from {}", removed.path);
            report::print(context, &style, &sentence, &[], &report)?;
            context.ui.note(&format!("HeyGen goes on accepting it; delete it at {KEY_PAGE}"));
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

/// What the command prints in a pipe.
#[derive(Serialize)]
struct Report<'r> {
    ok: bool,
    removed: bool,
    path: &'r str,
}

/// Commands may still find a key: say where.
fn note_other_key(context: &Context<'_>) {
    let places = Places { key_file: None, env_file: None, ..context.settings.places.clone() };
    if let Ok(other) = credential::find(&places, context.env, &mut io::empty()) {
        context.ui.note(&format!("key {} from {} is used now", other.key.masked(), other.source));
    }
}
