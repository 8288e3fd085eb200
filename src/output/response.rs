//! From an answer to stdout, in the form that was asked for.
//!
//! JSON is re-indented from its bytes. Only a filter builds a tree of values, and only a table looks
//! at a page twice.

use std::io::{self, Write};
use std::time::Duration;

use crate::api::content::Content;
use crate::api::envelope::Envelope;
use crate::api::list::{self, Next, Page};
use crate::api::pages;
use crate::api::request::Request;
use crate::app::session::{Exchange, Exchanged};
use crate::catalogue::{self, PageMarks};
use crate::error::{Call, Error, Failure, FilterFailure, PagesCut};
use crate::json::elements;
use crate::output::destination::{self, Destination, Stop};
use crate::output::style::{AnswerStyle, Filtering, OutputFormat, Part, Strings};
use crate::render::filter::{Output, Results, Stopped};
use crate::render::items::{Items, Layout, Remarks};
use crate::render::json;
use crate::terminal::streams::Dress;
use crate::terminal::streams::{Ui, Warning};
use crate::terminal::text::neutralised_lines;

/// What a filter makes is held back up to this size, so that a filter which fails has printed
/// nothing; one that never ends is printed all the same.
const HELD_BACK: usize = 1024 * 1024;

/// Whoever reads a pipe gets this long after a page to say that it was enough, ...
const PAUSE_FOR_READER: Duration = Duration::from_millis(10);

/// ... and all pages together this long: `| head -2` should cost HeyGen one page, and a long list
/// should cost nobody time.
const PAUSES_FOR_READER: Duration = Duration::from_millis(100);

/// Prints an answer as it was asked for.
///
/// # Errors
/// The answer tells of an error, cannot be printed like that, or the place does not take it.
pub fn print(
    ui: &Ui,
    mut exchanged: Exchanged,
    style: &AnswerStyle,
    destination: Destination<'_>,
) -> Result<(), Error> {
    if let Content::Empty = exchanged.answer.content {
        return if style.save.is_some() {
            destination.write(|_| Ok::<(), Stop>(()))
        } else {
            Ok(())
        };
    }
    let is_raw = style.format == OutputFormat::Raw && style.filter.is_none();
    let envelope = match exchanged.answer.envelope() {
        // Whoever wants the bytes gets them, however deep they nest.
        Err(Failure::TooDeep { .. } | Failure::InvalidJson { .. }) if is_raw => None,
        Err(failure) => {
            // `-i` shows the body of a failure, inside HTTP 200 too.
            if let (true, Content::Whole(body)) = (style.head, &exchanged.answer.content) {
                destination::print_error_body(ui, body)?;
            }
            return Err(exchanged.fail(failure));
        }
        Ok(envelope) => envelope,
    };
    let Some(envelope) = envelope.filter(|_| !is_raw) else {
        if let Some(asked) = needs_json(style) {
            return Err(not_json(&exchanged, asked));
        }
        let content = std::mem::replace(&mut exchanged.answer.content, Content::Empty);
        return destination::print_bytes(&exchanged, content, destination);
    };
    let mut printer = Printer::new(&destination, style);
    destination.write(|out| printer.one(&envelope, &exchanged.call, out))?;
    printer.remark(ui);
    note_more(ui, &envelope, &exchanged.call, style.part);
    Ok(())
}

/// Prints all pages of a list as they come, beginning with the one that is asked for.
///
/// # Errors
/// A page does not come, cannot be printed like that, or the place does not take it; the list leads
/// in circles.
pub fn print_all(
    exchange: &Exchange<'_>,
    ui: &Ui,
    request: Request,
    style: &AnswerStyle,
    destination: Destination<'_>,
) -> Result<(), Error> {
    let marks = catalogue::page_marks(request.method.as_str(), request.endpoint.path());
    let mut pages = pages::Pages::beginning_with(request);
    let mut printer = Printer::new(&destination, style);
    let (stdout, keeps_parts) = (destination.stdout(), destination.keeps_parts());
    let mut came = 0;
    let mut patience = PAUSES_FOR_READER;
    destination.write(|out| -> Result<(), Stop> {
        loop {
            let exchanged = exchange.call(pages.request()).map_err(Stop::Fail);
            let printed = exchanged.and_then(|exchanged| {
                let next = printer.page(&exchanged, marks, &mut came, out)?;
                Ok((exchanged, next))
            });
            let cut = |stop| if keeps_parts { cut(stop, came, pages.token()) } else { stop };
            let (exchanged, next) = printed.map_err(cut)?;
            // Nobody waits for the next page to see this one.
            out.flush()?;
            printer.remark(ui);
            let turned = pages.turn(next);
            if !turned.map_err(|fault| exchanged.fail(Failure::Paging { items: came, fault }))? {
                return Ok(printer.end(out)?);
            }
            let pause = PAUSE_FOR_READER.min(patience);
            if stdout.is_some_and(|ui| ui.stdout_closes_within(pause)) {
                return Ok(());
            }
            patience -= pause;
        }
    })
}

/// The error of a list that broke off; what went wrong before anything came is just that.
fn cut(stop: Stop, items: u64, token: Option<&str>) -> Stop {
    match (stop, token) {
        (Stop::Fail(cause), Some(token)) if items > 0 => {
            let token = token.to_owned();
            Stop::Fail(Error::PagesCut(Box::new(PagesCut { items, token, cause })))
        }
        (stop, _) => stop,
    }
}

fn not_json(exchanged: &Exchanged, asked: &'static str) -> Error {
    let content_type = exchanged.answer.head.media_type();
    exchanged.fail(Failure::NotJson { asked, content_type })
}

/// What of the style is made of JSON.
fn needs_json(style: &AnswerStyle) -> Option<&'static str> {
    if style.filter.is_some() {
        return Some("--jq");
    }
    match style.format {
        OutputFormat::JsonLines => Some("`-o jsonl`"),
        OutputFormat::Table(_) => Some("`-o table`"),
        OutputFormat::Csv(_) => Some("`-o csv`"),
        OutputFormat::Json | OutputFormat::Compact | OutputFormat::Raw => None,
    }
}

/// Nobody should take the first page for the whole list.
fn note_more(ui: &Ui, envelope: &Envelope<'_>, call: &Call, part: Part) {
    if !ui.stderr_is_terminal() {
        return;
    }
    let marks = catalogue::page_marks(&call.method, &call.path);
    let has_more = list::page(envelope, marks).is_some_and(|page| page.next != Next::Nothing);
    match part {
        Part::Data if has_more => ui.note("more items follow; add --all"),
        Part::Whole if has_more => {
            ui.note("more items follow; `-Q token=…` asks for the next page")
        }
        Part::Data | Part::Whole => {}
    }
}

/// Prints values one after the other in one style.
struct Printer<'p> {
    style: &'p AnswerStyle,
    dress: Dress<'p>,
    items: Items<'p>,
    has_remarked: bool,
}

impl<'p> Printer<'p> {
    fn new(destination: &Destination<'p>, style: &'p AnswerStyle) -> Printer<'p> {
        let layout = match &style.format {
            OutputFormat::Json | OutputFormat::Raw => Layout::Indented,
            OutputFormat::Compact => Layout::Compact,
            OutputFormat::JsonLines => Layout::Lines,
            OutputFormat::Table(columns) => Layout::Table(columns.clone(), destination.room()),
            OutputFormat::Csv(columns) => Layout::Csv(columns.clone()),
        };
        let dress = destination.dress();
        let items = Items::new(layout, dress);
        Printer { style, dress, items, has_remarked: false }
    }

    /// Prints an answer that is all there is.
    fn one(
        &mut self,
        envelope: &Envelope<'_>,
        call: &Call,
        mut out: &mut dyn Write,
    ) -> Result<(), Stop> {
        let value = match self.style.part {
            Part::Data => envelope.data,
            Part::Whole => envelope.whole,
        };
        if let Some(filtering) = &self.style.filter {
            self.filtered(filtering, value, call, out)?;
            return Ok(self.end(out)?);
        }
        let written = match self.style.format {
            OutputFormat::Json | OutputFormat::Raw => {
                json::pretty(value, self.dress, &mut out).and_then(|()| out.write_all(b"\n"))
            }
            OutputFormat::Compact => {
                json::compact(value, self.dress, &mut out).and_then(|()| out.write_all(b"\n"))
            }
            OutputFormat::JsonLines | OutputFormat::Table(_) | OutputFormat::Csv(_) => {
                match self.marked(envelope, call).or_else(|| list::list_in(value)) {
                    Some(list) => self.list(list, out).and_then(|_| self.end(out)),
                    None => self.items.single(value, out),
                }
            }
        };
        Ok(written?)
    }

    /// The items of an answer, if the catalogue knows where they are.
    fn marked<'t>(&self, envelope: &Envelope<'t>, call: &Call) -> Option<&'t [u8]> {
        match self.style.part {
            Part::Data => {
                let marks = catalogue::page_marks(&call.method, &call.path)?;
                list::items_at(envelope, marks)
            }
            Part::Whole => None,
        }
    }

    /// Prints one page of a list and returns what comes after it.
    fn page(
        &mut self,
        exchanged: &Exchanged,
        marks: Option<PageMarks>,
        came: &mut u64,
        out: &mut dyn Write,
    ) -> Result<Next, Stop> {
        let Some(envelope) = exchanged.envelope()? else {
            return Err(Stop::Fail(not_json(exchanged, "--all")));
        };
        let Some(Page { items, next }) = list::page(&envelope, marks) else {
            return Err(Stop::Fail(exchanged.fail(Failure::NotAList)));
        };
        let count = match &self.style.filter {
            Some(filtering) => {
                self.filtered(filtering, envelope.data, &exchanged.call, out)?;
                elements(items).count()
            }
            None => self.list(items, out)?,
        };
        *came += count as u64;
        Ok(next)
    }

    /// Prints the items of a list and returns how many they are.
    fn list(&mut self, list: &[u8], out: &mut dyn Write) -> io::Result<usize> {
        self.items.page(list, out)
    }

    /// Prints what a filter makes of a value.
    fn filtered(
        &mut self,
        filtering: &Filtering,
        value: &[u8],
        call: &Call,
        out: &mut dyn Write,
    ) -> Result<(), Stop> {
        let results = match (&self.style.format, filtering.strings) {
            (OutputFormat::JsonLines | OutputFormat::Table(_) | OutputFormat::Csv(_), _) => {
                Results::Rows
            }
            (_, Strings::Raw) => Results::Texts,
            (_, Strings::Quoted) => Results::Json,
        };
        let makes_rows = matches!(self.style.format, OutputFormat::Table(_) | OutputFormat::Csv(_));
        // Rows become one list, since the first of them decide on the columns.
        let bytes = if makes_rows { b"[".to_vec() } else { Vec::new() };
        let mut held = Held { bytes, out, keeps_all: makes_rows };
        let mut depth = 0;
        let outcome = filtering.filter.run(value, results, |output| {
            depth = self.result(&output, depth, &mut held)?;
            io::Result::Ok(())
        });
        match outcome {
            Err(Stopped::Failed(words)) => {
                let (call, mut data) = (call.clone(), Vec::new());
                json::compact(value, Dress::plain(), &mut data)?;
                let failure = FilterFailure { call, words, data };
                return Err(Stop::Fail(Error::Filter(Box::new(failure))));
            }
            Err(Stopped::Refused(cause)) => return Err(Stop::Write(cause)),
            Ok(()) => {}
        }
        let Held { mut bytes, out, .. } = held;
        if !makes_rows {
            return Ok(out.write_all(&bytes)?);
        }
        if bytes.last() == Some(&b',') {
            bytes.pop();
        }
        bytes.push(b']');
        self.items.page(&bytes, out)?;
        Ok(())
    }

    /// Writes what a filter made, with a line break behind each value; a part of one lies `depth`
    /// levels inside it.
    fn result(&self, output: &Output, depth: usize, mut out: &mut Held<'_>) -> io::Result<usize> {
        let json = match output {
            Output::Text(text) if self.dress.terminal => {
                let text = neutralised_lines(&String::from_utf8_lossy(text));
                out.write_all(text.as_bytes())?;
                return out.write_all(b"\n").map(|()| 0);
            }
            Output::Text(text) => {
                out.write_all(text)?;
                return out.write_all(b"\n").map(|()| 0);
            }
            Output::Json(json) | Output::Part(json) => json,
        };
        use json::Layout::{Compact, Pretty};
        let (layout, dress, end) = match &self.style.format {
            OutputFormat::Json | OutputFormat::Raw => (Pretty, self.dress, b"\n"),
            OutputFormat::Compact | OutputFormat::JsonLines => (Compact, self.dress, b"\n"),
            // Rows are dressed as cells.
            OutputFormat::Table(_) | OutputFormat::Csv(_) => (Compact, Dress::plain(), b","),
        };
        let depth = json::part(json, depth, layout, dress, &mut out)?;
        if let Output::Json(_) = output {
            out.write_all(end)?;
        }
        Ok(depth)
    }

    /// Closes what is open.
    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match (&self.style.filter, &self.style.format) {
            // Results stand for themselves, not in an array.
            (Some(_), OutputFormat::Json | OutputFormat::Compact | OutputFormat::Raw) => Ok(()),
            _ => self.items.end(out),
        }
    }

    /// Says what there is to say of the columns, once.
    fn remark(&mut self, ui: &Ui) {
        let remarks = self.items.remarks();
        if self.has_remarked || *remarks == Remarks::default() {
            return;
        }
        if !remarks.unknown.is_empty() {
            let (unknown, known) = (remarks.unknown.join("`, `"), remarks.known.join(", "));
            let message = format!("no item has `{unknown}`; there are: {known}");
            ui.warn(&Warning { code: "cli_unknown_column", message, successor: None });
        }
        if !remarks.left_out.is_empty() {
            let names = remarks.left_out.join(", ");
            ui.note(&format!("not shown for want of room: {names}; `-c` chooses columns"));
        }
        self.has_remarked = true;
    }
}

/// What a filter printed so far; beyond a size it is handed on.
struct Held<'o> {
    bytes: Vec<u8>,
    out: &'o mut dyn Write,
    keeps_all: bool,
}

impl Write for Held<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > HELD_BACK && !self.keeps_all {
            self.out.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
