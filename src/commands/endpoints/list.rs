//! `heygen endpoints [WORDS…]`: the operations that have all words.

use std::io::{self, Write};

use http::Method;
use serde_json::{Value, json};

use super::painted;
use crate::app::context::Context;
use crate::catalogue::{self, Operation};
use crate::cli::{EndpointsArgs, ListArgs, ListFormat, ResponseArgs};
use crate::error::Error;
use crate::nearest::nearest;
use crate::output::response;
use crate::output::style::ResponseStyle;
use crate::terminal::streams::Ui;
use crate::terminal::text::{width, wrapped};

/// The columns of a table where none are chosen.
const COLUMNS: [&str; 4] = ["method", "path", "summary", "marks"];

/// The width of the longest method and the gap behind it.
const METHOD: usize = 8;

const GAP: usize = 2;

/// A summary gets at least this much room beside the path; else it stands below.
const NARROWEST_SUMMARY: usize = 24;

/// Lists the operations that have all words; of v3, or with `--legacy` of all versions.
pub(super) fn run(args: &EndpointsArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let words: Vec<String> = args.words.iter().map(|word| word.to_lowercase()).collect();
    let matching = || catalogue::all().filter(|operation| has_words(*operation, &words));
    let listed: Vec<Operation> =
        matching().filter(|operation| args.legacy || operation.retired().is_none()).collect();
    let ui = context.ui;
    match style(&args.list, context)? {
        Some(style) => {
            let list = Value::Array(listed.iter().map(|operation| facts(*operation)).collect());
            response::print_own(ui, list.to_string().as_bytes(), &style)?;
        }
        None => ui
            .write(|out| write_lines(&listed, words.is_empty(), ui, out))
            .map_err(Error::Output)?,
    }
    let hidden = matching().count() - listed.len();
    if !words.is_empty() {
        note(ui, &words, listed.len(), hidden);
    }
    Ok(())
}

/// The style of every format but text.
fn style(args: &ListArgs, context: &Context<'_>) -> Result<Option<ResponseStyle>, Error> {
    let format = match args.output {
        Some(format) => format,
        None if args.jq.is_some() => ListFormat::Json,
        None if !args.columns.is_empty() => ListFormat::Table,
        None => ListFormat::Text,
    };
    if format == ListFormat::Text && (args.jq.is_some() || !args.columns.is_empty()) {
        return Err(Error::usage_with_hint(
            "`-o text` takes neither --jq nor --columns",
            "leave `-o text` out",
        ));
    }
    if format == ListFormat::Text {
        return Ok(None);
    }
    let is_quoted = args.output.is_some() || args.jq.is_none();
    let mut columns = args.columns.clone();
    if columns.is_empty() && args.jq.is_none() && format == ListFormat::Table {
        columns = COLUMNS.map(str::to_owned).to_vec();
    }
    let args = ResponseArgs {
        output: is_quoted.then(|| format.name().to_owned()),
        columns,
        jq: args.jq.clone(),
        ..ResponseArgs::default()
    };
    let is_terminal = context.ui.stdout_is_terminal();
    ResponseStyle::new(&args, &Method::GET, context.env, is_terminal).map(Some)
}

fn has_words(operation: Operation, words: &[String]) -> bool {
    let text =
        format!("{operation} {} {}", operation.summary(), operation.command().unwrap_or_default());
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// An operation as JSON.
fn facts(operation: Operation) -> Value {
    json!({
        "method": operation.method(),
        "path": operation.path(),
        "summary": operation.summary(),
        "marks": marks(operation),
        "command": operation.command(),
        "scope": operation.scope(),
        "paid": operation.is_billed(),
        "job": operation.job().is_some(),
        "paged": operation.pages().is_some(),
        "destructive": operation.is_destructive(),
        "preview": operation.is_preview(),
        "idempotent": is_idempotent(operation),
        "retired": operation.retired(),
        "replacement": operation.replacement(),
    })
}

/// True where a repeated call does nothing more: by its method, or since HeyGen honours the key.
fn is_idempotent(operation: Operation) -> bool {
    let by_method = ["GET", "HEAD", "PUT", "DELETE"].contains(&operation.method());
    by_method || operation.honours_idempotency_key()
}

/// The marks of an operation in words: `job, paid`.
fn marks(operation: Operation) -> String {
    let marks = [
        ("job", operation.job().is_some()),
        ("paid", operation.is_billed()),
        ("paged", operation.pages().is_some()),
        ("destructive", operation.is_destructive()),
        ("not idempotent", operation.is_billed() && !is_idempotent(operation)),
        ("preview", operation.is_preview()),
        ("retired", operation.retired().is_some()),
    ];
    let set = marks.into_iter().filter(|(_, is_set)| *is_set);
    set.map(|(mark, _)| mark).collect::<Vec<_>>().join(", ")
}

fn write_lines(
    listed: &[Operation],
    is_grouped: bool,
    ui: &Ui,
    out: &mut dyn Write,
) -> io::Result<()> {
    let layout = Layout::of(listed, ui.room());
    let mut group = None;
    for operation in listed {
        if is_grouped && group != Some(operation.noun()) {
            let gap = if group.is_some() { "\n" } else { "" };
            let noun = operation.noun().unwrap_or("other");
            writeln!(out, "{gap}{}", painted(ui, |palette| &palette.key, noun))?;
            group = Some(operation.noun());
        }
        layout.write(*operation, ui, out)?;
    }
    Ok(())
}

/// The widths of a list of operations.
struct Layout {
    path: usize,
    summary: usize,
    room: Option<usize>,
}

impl Layout {
    fn of(listed: &[Operation], room: Option<usize>) -> Layout {
        let widest = |of: fn(&Operation) -> usize| listed.iter().map(of).max().unwrap_or(0);
        let path = widest(|operation| width(operation.path()));
        let summary = widest(|operation| width(operation.summary()));
        let marks = widest(|operation| width(&marks(*operation)));
        let needed = METHOD + path + GAP + summary + GAP + marks;
        Layout { path, summary, room: room.filter(|room| needed > *room) }
    }

    fn write(&self, operation: Operation, ui: &Ui, out: &mut dyn Write) -> io::Result<()> {
        let (path, summary, marks) = (operation.path(), operation.summary(), marks(operation));
        write!(out, "{:METHOD$}", operation.method())?;
        let Some(room) = self.room else {
            let line = format!("{path:0$}  {summary:1$}", self.path, self.summary);
            return match marks.as_str() {
                "" => writeln!(out, "{}", line.trim_end()),
                marks => writeln!(out, "{line}  {}", painted(ui, |palette| &palette.faint, marks)),
            };
        };
        let text =
            if marks.is_empty() { summary.to_owned() } else { format!("{summary} ({marks})") };
        // Beside the path where there is room for it, else on lines of its own.
        let beside = METHOD + self.path + GAP;
        let is_beside = room.saturating_sub(beside) >= NARROWEST_SUMMARY;
        let indent = if is_beside { beside } else { METHOD };
        let lines = wrapped(&text, room.saturating_sub(indent).max(1));
        let first = if is_beside {
            format!("{path:0$}", self.path + GAP)
        } else {
            format!("{path}\n{:indent$}", "")
        };
        writeln!(out, "{first}{}", lines.join(&format!("\n{:indent$}", "")))
    }
}

/// What a reader of an empty or shortened list may miss.
fn note(ui: &Ui, words: &[String], listed: usize, hidden: usize) {
    let operations = |count: usize| match count {
        1 => "1 retired operation matches".to_owned(),
        count => format!("{count} retired operations match"),
    };
    match (listed, hidden) {
        (0, 0) => {
            let known = known_words();
            let meant = words.iter().find_map(|word| {
                let is_known = known.iter().any(|own| own.contains(word.as_str()));
                let near = || nearest(word, known.iter().map(String::as_str), 2);
                (!is_known).then(near).flatten()
            });
            let meant = meant.map(|word| format!("; did you mean `heygen endpoints {word}`?"));
            ui.note(&format!("no operation matches{}", meant.unwrap_or_default()));
        }
        (_, 0) => {}
        (_, hidden) => ui.note(&format!("{}, too; add --legacy", operations(hidden))),
    }
}

fn known_words() -> Vec<String> {
    let mut words: Vec<String> = catalogue::all()
        .flat_map(|operation| [operation.path(), operation.summary()])
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.len() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
