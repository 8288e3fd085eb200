//! Prints a response in the requested format.
//!
//! JSON is re-indented from its bytes. Only a filter builds a tree of values, and only a table looks
//! at a page twice.

use std::io::{self, Write};
use std::time::Duration;

use crate::api::content::{self, Content};
use crate::api::envelope::Envelope;
use crate::api::list::{self, Next};
use crate::api::outcome::Outcome;
use crate::api::pages::Pages;
use crate::api::request::Request;
use crate::api::response::Body;
use crate::app::session::Session;
use crate::catalogue::{Operation, PageMarks};
use crate::error::{Call, Error, FilterFailure, PagesCut, PagingFault, ResponseFlaw};
use crate::http::transport::Patience;
use crate::json::elements;
use crate::output::destination::{self, Destination, Stop};
use crate::output::style::{Filtering, OutputFormat, Part, ResponseStyle, Strings};
use crate::render::filter::{Ended, Output, Results, Stopped};
use crate::render::items::{Items, Layout, Remarks};
use crate::render::json;
use crate::render::rows::Columns;
use crate::terminal::streams::{Dress, Ui, Warning};
use crate::terminal::text::neutralised_lines;

/// The results of a filter are held back up to this size, so that a filter which fails has printed
/// nothing; one that never ends is printed all the same.
const HELD_BACK: usize = 1024 * 1024;

/// The most bytes of joined pages, which are held in memory: 256 MiB.
const LARGEST_JOINED: u64 = 256 * 1024 * 1024;

/// The most missing columns that are named.
const MOST_NAMED: usize = 50;

/// The reader of a pipe gets this long after a page to close the pipe, ...
const PAUSE_FOR_READER: Duration = Duration::from_millis(10);

/// ... and all pages together this long: `| head -2` should cost HeyGen one page, and a long list
/// should not take longer.
const PAUSES_FOR_READER: Duration = Duration::from_millis(100);

/// Prints the response of a call in the given style. `verbosity` is the number of `-v`.
///
/// # Errors
/// The call failed, its response cannot be printed like that, or the destination fails.
pub fn print(
    ui: &Ui,
    outcome: Outcome,
    style: &ResponseStyle,
    destination: Destination<'_>,
    verbosity: u8,
) -> Result<(), Error> {
    let is_raw = style.format == OutputFormat::Raw && style.filter.is_none();
    let media_type = outcome.media_type();
    let error = outcome.content().err();
    let Outcome { operation, call, result, .. } = outcome;
    let marks = operation.and_then(Operation::pages);
    let json = match result {
        Err(failure) => return Err(error.unwrap_or_else(|| Error::call(call, failure))),
        Ok(Content::Empty) if style.save.is_none() => return Ok(()),
        Ok(Content::Empty) => {
            let written = destination.write(|_| Ok::<(), Stop>(()));
            return written.map_err(|stop| stop.into_error(&call, None));
        }
        // Raw bytes are printed, however deep they nest.
        Ok(Content::Json(json)) if is_raw => {
            let (text, data) = (json.text().to_vec(), Some(json.envelope().whole));
            return print_bytes(&call, media_type, text, None, destination, data);
        }
        Ok(Content::Json(json)) => json,
        Ok(Content::Bytes { start, rest, flaw }) => {
            let excerpt = call.acceptance.repeat().and_then(|_| content::excerpt(&start));
            let not_json =
                |asked| ResponseFlaw::NotJson { asked, content_type: media_type.clone() };
            let flaw = flaw.filter(|flaw| !is_raw && !passes(flaw, style));
            return match flaw.or_else(|| needs_json(style).map(not_json)) {
                Some(flaw) => Err(Error::unusable_with(call, flaw, excerpt)),
                None => {
                    let excerpt = excerpt.as_deref();
                    print_bytes(&call, media_type, start, rest, destination, excerpt)
                }
            };
        }
    };
    let envelope = json.envelope();
    let mut printer = Printer::new(&destination, style, operation);
    let written = destination.write(|out| printer.one(&envelope, marks, Some(&call), out));
    written.map_err(|stop| match keeps_all(style) {
        true => stop.into_error(&call, Some(told(&envelope, style))),
        // What was kept lacks what was filtered out.
        false => stop.into_error_with(&call, Some(told(&envelope, style))),
    })?;
    printer.remark(ui);
    note_more(ui, verbosity, &envelope, marks, style.part, call.is_by_noun);
    Ok(())
}

/// What an error tells of a response: what was to be printed, and all of it where that is nothing.
fn told<'e>(envelope: &Envelope<'e>, style: &ResponseStyle) -> &'e [u8] {
    match style.part {
        Part::Data if !crate::json::is_null(envelope.data) => envelope.data,
        Part::Data | Part::Whole => envelope.whole,
    }
}

/// Returns whether all of the data is printed.
fn keeps_all(style: &ResponseStyle) -> bool {
    let is_table = matches!(style.format, OutputFormat::Table(_) | OutputFormat::Csv(_));
    style.filter.is_none() && !is_table
}

/// Returns whether a response is saved despite a flaw: JSON that is too large to be printed.
fn passes(flaw: &ResponseFlaw, style: &ResponseStyle) -> bool {
    let is_too_large = matches!(flaw, ResponseFlaw::TooLarge { .. });
    is_too_large && style.save.is_some() && needs_json(style).is_none()
}

fn print_bytes(
    call: &Call,
    media_type: Option<String>,
    start: Vec<u8>,
    rest: Option<Box<dyn Body>>,
    destination: Destination<'_>,
    data: Option<&[u8]>,
) -> Result<(), Error> {
    let written = destination::print_bytes(call, media_type, start, rest, destination);
    written.map_err(|stop| stop.into_error(call, data))
}

/// Prints all pages of a list as they come, beginning with the requested one.
///
/// # Errors
/// A page does not come, cannot be printed like that, or the destination fails; the list leads in
/// circles.
pub fn print_all(
    session: &Session<'_>,
    ui: &Ui,
    request: Request,
    style: &ResponseStyle,
    destination: Destination<'_>,
) -> Result<(), Error> {
    let operation = request.operation;
    let marks = operation.and_then(Operation::pages);
    let mut pages = Pages::beginning_with(request);
    let mut printer = Printer::new(&destination, style, operation);
    let (stdout, keeps_parts) = (destination.stdout(), destination.keeps_parts());
    let mut call = Call::default();
    let mut patience = PAUSES_FOR_READER;
    let mut has_more_pages = false;
    let written = destination.write(|out| -> Result<(), Stop> {
        loop {
            let outcome = session.send(pages.request(), Patience::Whole);
            call.clone_from(&outcome.call);
            let page = printer.page(&outcome, marks, &pages, out).map_err(|stop| {
                if keeps_parts { cut(stop, pages.items(), pages.token()) } else { stop }
            })?;
            // The items of this page are printed before the next one is fetched.
            out.flush()?;
            let turned = pages.turn(page.count, page.next);
            let items = pages.items();
            if !turned.map_err(|fault| outcome.unusable(ResponseFlaw::Paging { items, fault }))? {
                return Ok(printer.end(out)?);
            }
            has_more_pages = true;
            let pause = PAUSE_FOR_READER.min(patience);
            if stdout.is_some_and(|ui| ui.stdout_closes_within(pause)) {
                return Ok(());
            }
            patience -= pause;
        }
    });
    // What was printed of a list that broke off may lack columns too.
    if !matches!(written, Err(Stop::Write { .. })) {
        printer.remark(ui);
    }
    written.map_err(|stop| stop.into_error(&call, None))?;
    if has_more_pages && style.filter.is_some() && ui.stderr_is_terminal() {
        ui.note("the filter ran once per page; --slurp joins all pages first");
    }
    Ok(())
}

/// Prints all pages of a list joined into one, which is filtered and printed like the list of a
/// single response. Holds the whole list in memory, and prints nothing of a list that breaks off.
///
/// # Errors
/// A page does not come or is not a list, the joined list cannot be printed like that, or the
/// destination fails; the list leads in circles.
pub fn print_joined(
    session: &Session<'_>,
    ui: &Ui,
    request: Request,
    style: &ResponseStyle,
    destination: Destination<'_>,
) -> Result<(), Error> {
    let operation = request.operation;
    let (list, call) = joined_pages(session, request)?;
    let envelope = Envelope { whole: &list, data: &list, is_envelope: false };
    let mut printer = Printer::new(&destination, style, operation);
    let written = destination.write(|out| printer.one(&envelope, None, Some(&call), out));
    written.map_err(|stop| stop.into_error(&call, None))?;
    printer.remark(ui);
    Ok(())
}

/// Prints a list that heygen made itself, as one JSON array, in the given style.
///
/// # Errors
/// The filter fails, or stdout does.
pub fn print_own(ui: &Ui, list: &[u8], style: &ResponseStyle) -> Result<(), Error> {
    print_own_to(Destination::Stdout(ui), ui, list, style)
}

/// The same, with the list in a file if the destination is one.
///
/// # Errors
/// The filter fails, or the destination does.
pub fn print_own_to(
    destination: Destination<'_>,
    ui: &Ui,
    list: &[u8],
    style: &ResponseStyle,
) -> Result<(), Error> {
    let envelope = Envelope { whole: list, data: list, is_envelope: false };
    let mut printer = Printer::new(&destination, style, None);
    let written = destination.write(|out| printer.one(&envelope, None, None, out));
    written.map_err(|stop| stop.into_own_error())?;
    printer.remark(ui);
    Ok(())
}

/// The items of all pages as one JSON array, and the call of the last page.
fn joined_pages(session: &Session<'_>, request: Request) -> Result<(Vec<u8>, Call), Error> {
    let marks = request.operation.and_then(Operation::pages);
    let mut pages = Pages::beginning_with(request);
    let mut joined = Joined { list: b"[".to_vec(), limit: LARGEST_JOINED };
    loop {
        let outcome = session.send(pages.request(), Patience::Whole);
        let (items, next) = {
            let envelope = json_of_page(&outcome, &pages)?;
            let list::Page { items, next } = list_of_page(&outcome, &envelope, marks, &pages)?;
            let added = joined.add(items);
            let flaw = |fault| ResponseFlaw::Paging { items: pages.items(), fault };
            (added.map_err(|fault| outcome.unusable(flaw(fault)))?, next)
        };
        let turned = pages.turn(items, next);
        let items = pages.items();
        if !turned.map_err(|fault| outcome.unusable(ResponseFlaw::Paging { items, fault }))? {
            joined.list.push(b']');
            return Ok((joined.list, outcome.call));
        }
    }
}

/// The items of several pages, as the beginning of a JSON array.
struct Joined {
    list: Vec<u8>,
    /// The most bytes.
    limit: u64,
}

impl Joined {
    /// Adds the items of a page, and returns how many they are.
    fn add(&mut self, items: &[u8]) -> Result<usize, PagingFault> {
        let mut count = 0;
        for item in elements(items) {
            if self.list.len() as u64 + item.len() as u64 > self.limit {
                return Err(PagingFault::Large(self.limit));
            }
            if self.list.len() > 1 {
                self.list.push(b',');
            }
            self.list.extend_from_slice(item);
            count += 1;
        }
        Ok(count)
    }
}

/// The envelope of a page.
fn json_of_page<'o>(outcome: &'o Outcome, pages: &Pages) -> Result<Envelope<'o>, Error> {
    if matches!(outcome.result, Ok(Content::Empty)) {
        return Err(outcome.unusable(no_list(pages)));
    }
    outcome.envelope()?.ok_or_else(|| {
        let content_type = outcome.media_type();
        outcome.unusable(ResponseFlaw::NotJson { asked: "--all", content_type })
    })
}

/// The list that a page is.
fn list_of_page<'t>(
    outcome: &Outcome,
    envelope: &Envelope<'t>,
    marks: Option<PageMarks>,
    pages: &Pages,
) -> Result<list::Page<'t>, Error> {
    list::page(envelope, marks).ok_or_else(|| outcome.unusable(no_list(pages)))
}

/// The flaw of a page that is not a list.
fn no_list(pages: &Pages) -> ResponseFlaw {
    match pages.items() {
        0 if pages.is_first() => ResponseFlaw::NotAList { asked: "--all" },
        items => ResponseFlaw::Paging { items, fault: PagingFault::NotAList },
    }
}

/// The error of a list that broke off; without any items it stays the error of its cause.
fn cut(stop: Stop, items: u64, token: Option<&str>) -> Stop {
    match (stop, token) {
        (Stop::Fail(cause), Some(token)) if items > 0 => {
            let token = token.to_owned();
            Stop::Fail(Error::PagesCut(Box::new(PagesCut { items, token, cause })))
        }
        (stop, _) => stop,
    }
}

/// The first flag that needs a JSON response.
pub fn needs_json(style: &ResponseStyle) -> Option<&'static str> {
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

/// Notes that more pages follow the one that was printed.
fn note_more(
    ui: &Ui,
    verbosity: u8,
    envelope: &Envelope<'_>,
    marks: Option<PageMarks>,
    part: Part,
    is_by_noun: bool,
) {
    let is_noted = ui.stderr_is_terminal() && !ui.is_quiet();
    let is_shown = is_noted || verbosity > 0;
    let has_more = || list::page(envelope, marks).is_some_and(|page| page.next != Next::Nothing);
    if !is_shown || !has_more() {
        return;
    }
    let words = match part {
        Part::Data => "more items follow; add --all",
        Part::Whole if is_by_noun => "more items follow; `--token …` requests the next page",
        Part::Whole => "more items follow; `-Q token=…` requests the next page",
    };
    if is_noted { ui.note(words) } else { ui.trace(words) }
}

/// The columns that come first in a table: those of the catalogue, else the ID by its noun.
fn first_columns(operation: Operation) -> Vec<String> {
    let listed: Vec<String> = operation.columns().map(str::to_owned).collect();
    if !listed.is_empty() {
        return listed;
    }
    let noun = operation.noun().map(|noun| format!("{}_id", noun.replace([' ', '-'], "_")));
    [Some("id".to_owned()), noun].into_iter().flatten().collect()
}

/// A page of a list that was printed.
struct Page {
    /// The number of its items.
    count: usize,
    next: Next,
}

/// Prints values one after the other in one style.
struct Printer<'p> {
    style: &'p ResponseStyle,
    dress: Dress<'p>,
    items: Items<'p>,
    has_remarked: bool,
}

impl<'p> Printer<'p> {
    fn new(
        destination: &Destination<'p>,
        style: &'p ResponseStyle,
        operation: Option<Operation>,
    ) -> Printer<'p> {
        let layout = match &style.format {
            OutputFormat::Json | OutputFormat::Raw => Layout::Indented,
            OutputFormat::Compact => Layout::Compact,
            OutputFormat::JsonLines => Layout::Lines,
            OutputFormat::Table(Columns::Guessed) if style.filter.is_none() => {
                let first = operation.into_iter().flat_map(first_columns).collect();
                Layout::Table(Columns::Sorted(first), destination.room())
            }
            OutputFormat::Table(columns) => Layout::Table(columns.clone(), destination.room()),
            OutputFormat::Csv(columns) => Layout::Csv(columns.clone()),
        };
        let dress = destination.dress();
        let items = Items::new(layout, dress);
        let items = if style.bom { items.with_byte_order_mark() } else { items };
        Printer { style, dress, items, has_remarked: false }
    }

    /// Prints a response that is not one page of several.
    fn one(
        &mut self,
        envelope: &Envelope<'_>,
        marks: Option<PageMarks>,
        call: Option<&Call>,
        mut out: &mut dyn Write,
    ) -> Result<(), Stop> {
        let value = match self.style.part {
            Part::Data => envelope.data,
            Part::Whole => envelope.whole,
        };
        if let Some(filtering) = &self.style.filter {
            self.filtered(filtering, value, call, out).map_err(|stop| match stop {
                Stop::Fail(Error::Filter(mut failure)) if crate::json::is_null(value) => {
                    failure.data = crate::render::json::compacted(told(envelope, self.style));
                    Stop::Fail(Error::Filter(failure))
                }
                other => other,
            })?;
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
                match self.marked(envelope, marks).or_else(|| list::list_in(value)) {
                    Some(list) => self.list(list, out).and_then(|_| self.end(out)),
                    None => self.items.single(value, out),
                }
            }
        };
        Ok(written?)
    }

    /// The items of a response, if the catalogue knows where they are.
    fn marked<'t>(&self, envelope: &Envelope<'t>, marks: Option<PageMarks>) -> Option<&'t [u8]> {
        match self.style.part {
            Part::Data => list::items_at(envelope, marks?),
            Part::Whole => None,
        }
    }

    /// Prints one page of a list and returns what comes after it.
    fn page(
        &mut self,
        outcome: &Outcome,
        marks: Option<PageMarks>,
        pages: &Pages,
        out: &mut dyn Write,
    ) -> Result<Page, Stop> {
        let envelope = json_of_page(outcome, pages)?;
        let list::Page { items, mut next } = list_of_page(outcome, &envelope, marks, pages)?;
        let count = match &self.style.filter {
            Some(filtering) => {
                let call = Some(&outcome.call);
                if self.filtered(filtering, envelope.data, call, out)? == Ended::Halted {
                    next = Next::Nothing;
                }
                elements(items).count()
            }
            None => self.list(items, out)?,
        };
        Ok(Page { count, next })
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
        call: Option<&Call>,
        out: &mut dyn Write,
    ) -> Result<Ended, Stop> {
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
        let ended = match outcome {
            Err(Stopped::Failed(words)) => return Err(self.failed(filtering, value, call, words)),
            Err(Stopped::Refused(cause)) => return Err(Stop::from(cause)),
            Ok(ended) => ended,
        };
        if self.style.part == Part::Data && misses_data(filtering, value, &held.bytes) {
            let words = "the data has no member `data`".to_owned();
            return Err(self.failed(filtering, value, call, words));
        }
        let Held { mut bytes, out, .. } = held;
        if !makes_rows {
            out.write_all(&bytes)?;
            return Ok(ended);
        }
        if bytes.last() == Some(&b',') {
            bytes.pop();
        }
        bytes.push(b']');
        self.items.page(&bytes, out)?;
        Ok(ended)
    }

    fn failed(
        &self,
        filtering: &Filtering,
        value: &[u8],
        call: Option<&Call>,
        words: String,
    ) -> Stop {
        let mut data = Vec::with_capacity(value.len());
        if let Err(cause) = json::compact(value, Dress::plain(), &mut data) {
            return Stop::from(cause);
        }
        Stop::Fail(Error::Filter(Box::new(FilterFailure {
            call: call.cloned(),
            asked: "--jq",
            filter: filtering.filter.text().to_owned(),
            sees_data: call.is_some() && self.style.part == Part::Data,
            words,
            data,
        })))
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

    /// Closes the list.
    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match (&self.style.filter, &self.style.format) {
            // Results stand for themselves, not in an array.
            (Some(_), OutputFormat::Json | OutputFormat::Compact | OutputFormat::Raw) => Ok(()),
            _ => self.items.end(out),
        }
    }

    /// Reports unknown, missing and hidden columns, once.
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
        if !remarks.missing.is_empty() {
            let message = missing_columns(&remarks.missing);
            ui.warn(&Warning { code: "cli_missing_column", message, successor: None });
        }
        let hidden = [("terminal too narrow", &remarks.left_out), ("empty", &remarks.empty)];
        let hidden = hidden.into_iter().filter(|(_, names)| !names.is_empty());
        let hidden: Vec<String> =
            hidden.map(|(reason, names)| format!("{} ({reason})", names.join(", "))).collect();
        if !hidden.is_empty() {
            ui.note(&format!("hidden columns: {}; `-c` chooses columns", hidden.join(", ")));
        }
        self.has_remarked = true;
    }
}

/// The words for values of later pages that have no column.
fn missing_columns(names: &[String]) -> String {
    let shown = names.get(..MOST_NAMED).unwrap_or(names).join("`, `");
    let more = if names.len() > MOST_NAMED { ", …" } else { "" };
    format!(
        "no column for `{shown}`{more}, which the first page lacks; choose columns with `-c`, or join \
         all pages with --slurp"
    )
}

/// True where a filter that was written for the whole response found nothing: an object without a
/// member `data` has no `.data.id`.
fn misses_data(filtering: &Filtering, value: &[u8], output: &[u8]) -> bool {
    let rest = filtering.filter.text().trim_start().strip_prefix(".data");
    let is_taken = rest.is_some_and(|rest| {
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
    });
    is_taken
        && crate::json::is_object(value)
        && crate::json::member(value, "data").is_none()
        && output.trim_ascii() == b"null"
}

/// The output of a filter so far; beyond a size it is written out.
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

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::cli::ResponseArgs;
    use crate::env::Env;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat};

    #[test]
    fn response_in_every_format() {
        let check = |arguments: ResponseArgs, body: &str, expected: &str| {
            let (env, stdio) = (Env::of(&[], "/", None), Stdio::in_memory(""));
            let ui = Ui::new(&stdio, ColorChoice::Auto, ErrorFormat::Auto, false, &env);
            let style = ResponseStyle::new(&arguments, &Method::GET, &env, false).expect("a style");
            let document = crate::json::parse(body.as_bytes()).expect("JSON");
            let envelope = Envelope::open(&document, &str::to_owned).expect("a success");
            let destination = Destination::Stdout(&ui);
            let mut printer = Printer::new(&destination, &style, None);
            let written = destination.write(|out| printer.one(&envelope, None, None, out));
            assert!(written.is_ok(), "{arguments:?}");
            assert_eq!(String::from_utf8_lossy(&stdio.stdout()), expected, "{arguments:?}");
            assert_eq!(stdio.stderr(), b"");
        };
        let format =
            |name: &str| ResponseArgs { output: Some(name.to_owned()), ..ResponseArgs::default() };
        let list = r#"{"data":[{"n":1.10,"id":"a"}],"has_more":true}"#;
        check(format("json"), list, "[\n  {\n    \"n\": 1.10,\n    \"id\": \"a\"\n  }\n]\n");
        check(format("compact"), list, "[{\"n\":1.10,\"id\":\"a\"}]\n");
        check(format("jsonl"), list, "{\"n\":1.10,\"id\":\"a\"}\n");
        check(format("table"), list, "ID  N\na   1.10\n");
        check(format("csv"), list, "n,id\n1.10,a\n");
        check(ResponseArgs { bom: true, ..format("csv") }, list, "\u{feff}n,id\n1.10,a\n");
        let whole = ResponseArgs { envelope: true, ..format("compact") };
        check(whole, list, "{\"data\":[{\"n\":1.10,\"id\":\"a\"}],\"has_more\":true}\n");
        check(format("table"), r#"{"data":{"id":"a","n":null}}"#, "id  a\nn\n");
        check(format("csv"), r#"{"data":null}"#, "");
        check(format("compact"), r#"{"data":null}"#, "null\n");
    }
}
