//! A report on the key: as lines for people, as JSON, or filtered.

use std::io::{self, Write};
use std::mem;

use serde::Serialize;
use serde_json::Value;

use crate::app::context::Context;
use crate::cli::{ReportArgs, ReportFormat};
use crate::error::{Error, FilterFailure, NotWritten};
use crate::output::style::{self, Filtering, Strings};
use crate::render::filter::{Output, Results, Stopped};
use crate::render::json;
use crate::terminal::streams::{Dress, Ui};
use crate::terminal::text::{neutralised, neutralised_lines, wrapped};

/// Results of a filter are held back up to this size, so that a filter which fails has printed
/// nothing; one that never ends is printed all the same.
const HELD_BACK: usize = 1024 * 1024;

/// A line below the first, and what it is about.
pub(super) type Labelled = (&'static str, String);

/// The way a report is printed.
pub(super) struct Style {
    format: ReportFormat,
    filter: Option<Filtering>,
}

impl Style {
    /// Lines on a terminal, else indented JSON.
    pub(super) fn usual(ui: &Ui) -> Style {
        let format = match ui.stdout_is_terminal() {
            true => ReportFormat::Text,
            false => ReportFormat::Json,
        };
        Style { format, filter: None }
    }

    /// The flags, else as usual. The filter is compiled here, before anything is sent.
    ///
    /// # Errors
    /// The filter is invalid, or flags conflict.
    pub(super) fn new(args: &ReportArgs, ui: &Ui) -> Result<Style, Error> {
        conflicts(args, ui)?;
        let quotes = matches!(args.output, Some(ReportFormat::Json | ReportFormat::Compact));
        let strings = if quotes { Strings::Quoted } else { Strings::Raw };
        let filter = args.jq.as_deref().map(|text| style::filtering(text, strings)).transpose()?;
        let usual = if filter.is_some() { ReportFormat::Json } else { Style::usual(ui).format };
        Ok(Style { format: args.output.unwrap_or(usual), filter })
    }
}

fn conflicts(args: &ReportArgs, ui: &Ui) -> Result<(), Error> {
    let flag = match (&args.jq, args.output) {
        (Some(_), Some(ReportFormat::Text)) => {
            return Err(Error::usage_with_hint(
                "--jq and `-o text` conflict: a filter works on the JSON report",
                "leave `-o text` out: --jq prints strings without quotes",
            ));
        }
        (Some(_), _) => "--jq",
        (None, Some(_)) => "--output",
        (None, None) => return Ok(()),
    };
    if ui.is_quiet() {
        return Err(Error::usage_with_hint(
            format!("{flag} has no effect: --quiet suppresses the report"),
            "leave one of them out",
        ));
    }
    Ok(())
}

/// The columns before the value of a fact.
const INDENT: usize = 12;

/// Prints what was done: a sentence with lines of facts, or the same as JSON.
pub(super) fn print(
    context: &Context<'_>,
    style: &Style,
    sentence: &str,
    lines: &[Labelled],
    report: &impl Serialize,
) -> anyhow::Result<()> {
    let ui = context.ui;
    if ui.is_quiet() {
        return Ok(());
    }
    if style.format == ReportFormat::Text {
        return Ok(print_lines(ui, sentence, lines).map_err(not_written)?);
    }
    let report = serde_json::to_value(report).map_err(|error| not_written(error.into()))?;
    let report =
        serde_json::to_vec(&masked(ui, report)).map_err(|error| not_written(error.into()))?;
    match &style.filter {
        Some(filtering) => print_filtered(ui, style.format, filtering, &report)?,
        None => ui
            .write(|out| write_json(style.format, &report, ui.dress(), out))
            .map_err(not_written)?,
    }
    Ok(())
}

/// The report without the key: its names and scopes are texts from outside.
fn masked(ui: &Ui, report: Value) -> Value {
    match report {
        Value::String(text) => Value::String(ui.masked(&text)),
        Value::Array(values) => values.into_iter().map(|value| masked(ui, value)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, masked(ui, value))).collect()
        }
        other => other,
    }
}

fn print_lines(ui: &Ui, sentence: &str, lines: &[Labelled]) -> io::Result<()> {
    let palette = ui.palette();
    let mut text = format!("{} {}\n", palette.ok.paint("ok:"), neutralised(&ui.masked(sentence)));
    for (label, value) in lines {
        let label = palette.faint.paint(&format!("{label:<9}"));
        let value = neutralised(&ui.masked(value));
        let room = ui.room().map_or(usize::MAX, |room| room.saturating_sub(INDENT).max(1));
        let value = wrapped(&value, room).join(&format!("\n{:INDENT$}", ""));
        text.push_str(&format!("  {label} {value}\n"));
    }
    ui.write(|out| out.write_all(text.as_bytes()))
}

fn print_filtered(
    ui: &Ui,
    format: ReportFormat,
    filtering: &Filtering,
    report: &[u8],
) -> Result<(), Error> {
    let mut out = ui.open();
    let mut held = Vec::new();
    let results = match filtering.strings {
        Strings::Raw => Results::Texts,
        Strings::Quoted => Results::Json,
    };
    let run = filtering.filter.run(report, results, |output| -> io::Result<()> {
        write_result(format, &output, ui.dress(), &mut held)?;
        if held.len() > HELD_BACK {
            out.write_all(&mem::take(&mut held))?;
        }
        Ok(())
    });
    match run {
        Err(Stopped::Failed(words)) => {
            let data = report.to_vec();
            let filter = filtering.filter.text().to_owned();
            let failure =
                FilterFailure { call: None, asked: "--jq", filter, sees_data: false, words, data };
            Err(Error::Filter(Box::new(failure)))
        }
        Err(Stopped::Refused(cause)) => Err(not_written(cause)),
        Ok(_) => out.write_all(&held).and_then(|()| out.flush()).map_err(not_written),
    }
}

fn write_result(
    format: ReportFormat,
    output: &Output,
    dress: Dress<'_>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    match output {
        Output::Text(text) if dress.terminal => {
            writeln!(out, "{}", neutralised_lines(&String::from_utf8_lossy(text)))
        }
        Output::Text(text) => {
            out.write_all(text)?;
            out.write_all(b"\n")
        }
        Output::Json(json) => write_json(format, json, dress, out),
        Output::Part(part) => out.write_all(part),
    }
}

fn write_json(
    format: ReportFormat,
    value: &[u8],
    dress: Dress<'_>,
    mut out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        ReportFormat::Compact => json::compact(value, dress, &mut out)?,
        ReportFormat::Json | ReportFormat::Text => json::pretty(value, dress, &mut out)?,
    }
    out.write_all(b"\n")
}

fn not_written(cause: io::Error) -> Error {
    Error::NotWritten(Box::new(NotWritten {
        call: None,
        path: None,
        cause,
        kept: None,
        data: None,
    }))
}
