//! `heygen help [COMMAND|TOPIC]`.

use crate::app::context::Context;
use crate::cli::{HelpArgs, explanation, similar};
use crate::error::Error;
use crate::secret::looks_like_key;
use crate::terminal::text::fitted;

/// The maximum width of help texts.
const COLUMNS: usize = 80;

/// Prints the help of a command or topic.
pub(super) fn run(args: &HelpArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let room = context.ui.room().filter(|room| *room < COLUMNS);
    let Some(text) = explanation(&args.words, room.unwrap_or(COLUMNS)) else {
        return Err(unknown(&args.words).into());
    };
    let coloured = context.ui.dress().palette.is_some();
    let text = match room {
        Some(room) => fitted(&text.plain, room),
        None if coloured => text.coloured,
        None => text.plain,
    };
    context.ui.write(|out| out.write_all(text.as_bytes())).map_err(Error::Output)?;
    Ok(())
}

fn unknown(words: &[String]) -> Error {
    let given = words.join(" ");
    let shown = if words.iter().any(|word| looks_like_key(word)) { "…" } else { &given };
    let hint = match words.first().and_then(|word| similar(word)) {
        Some(name) => format!("did you mean `heygen help {name}`?"),
        None => "`heygen help` lists the commands and topics".to_owned(),
    };
    Error::usage_with_hint(format!("unknown command or topic `{shown}`"), hint)
}
