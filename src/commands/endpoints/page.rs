//! The page that describes one operation.

use std::fmt::Write as _;

use super::example;
use super::painted;
use super::tree::{DEEP, DEEPER, Line, Tree};
use crate::catalogue::operation::Response;
use crate::catalogue::{Operation, Place};
use crate::schema::facts::{Side, facts};
use crate::schema::{Kind, Schema};
use crate::terminal::streams::Ui;
use crate::terminal::text::{width, wrapped};

/// The width of a page that does not go to a terminal.
const USUAL_ROOM: usize = 80;

/// The column of the facts behind labels at the top.
const LABEL: usize = 10;

/// Facts get at least this much room beside a name; else they stand below.
const NARROWEST_FACTS: usize = 24;

/// The option that prints a body's schema in full.
const REQUEST_SCHEMA: &str = "--request-schema";

/// A page that is being written.
pub(super) struct Page<'u> {
    ui: &'u Ui,
    room: usize,
    text: String,
    /// The options that print what the page leaves out.
    cut: Vec<&'static str>,
}

/// The description of an operation; with a variant, only that of its body.
pub(super) fn page(operation: Operation, variant: Option<&str>, ui: &Ui) -> String {
    let room = ui.room().unwrap_or(USUAL_ROOM);
    let mut page = Page { ui, room, text: String::new(), cut: Vec::new() };
    page.head(operation);
    page.parameters(operation);
    page.body(operation, variant);
    if let Some(response) = operation.responses().next() {
        page.response(response);
    }
    page.example(operation, variant);
    page.end(operation, variant);
    page.text
}

impl Page<'_> {
    fn head(&mut self, operation: Operation) {
        let title = painted(self.ui, |palette| &palette.key, &operation.to_string());
        let retired = operation.retired().map(|day| format!("   retired {day}"));
        self.text.push_str(&format!("{title}{}\n", retired.unwrap_or_default()));
        if operation.retired().is_some() {
            let replacement = operation.replacement().unwrap_or("none");
            self.wrapped("", &format!("replacement: {replacement}"));
        }
        self.wrapped("", &sentences(operation));
        for (label, words) in labelled(operation) {
            let indent = " ".repeat(LABEL);
            let lines = wrapped(&words, self.room.saturating_sub(LABEL).max(NARROWEST_FACTS));
            let label = painted(self.ui, |palette| &palette.faint, label);
            let gap = LABEL.saturating_sub(width_without_colour(&label));
            let lines = lines.join(&format!("\n{indent}"));
            self.text.push_str(&format!("{label}{}{lines}\n", " ".repeat(gap)));
        }
        if let Some(changes) = changes(operation) {
            self.lines("Changes of names", &changes);
        }
    }

    fn parameters(&mut self, operation: Operation) {
        let places =
            [(Place::Path, "Path"), (Place::Query, "Query (-Q)"), (Place::Header, "Headers")];
        for (place, title) in places {
            let own = operation.parameters().filter(|own| own.place() == place);
            // heygen sends it, and a sentence above says what for.
            let own = own.filter(|own| !own.name().eq_ignore_ascii_case("idempotency-key"));
            let lines: Vec<Line> = own
                .filter_map(|own| {
                    let words = facts(Schema::of_parameter(own)?, own.is_required(), Side::Request);
                    Some(Line { level: 0, name: own.name().to_owned(), facts: words })
                })
                .collect();
            self.lines(title, &lines);
        }
    }

    fn body(&mut self, operation: Operation, variant: Option<&str>) {
        let contents: Vec<_> = operation.bodies().collect();
        let Some(content) = contents.first() else { return };
        let Some(schema) = content.schema().and_then(Schema::parse) else { return };
        if schema.format() == Some("binary") || schema.kinds() == [Kind::String] {
            let types: Vec<&str> = contents.iter().map(|own| own.media_type()).collect();
            self.section("Body (--body-file)");
            self.wrapped("  ", &format!("a file: {}", types.join(", ")));
            return;
        }
        let chosen =
            schema.variants().into_iter().find(|own| variant.is_some() && own.tag == variant);
        let mut tree = Tree::new(if chosen.is_some() { DEEPER } else { DEEP });
        tree.add(chosen.map_or(schema, |variant| variant.schema), Side::Request, 0);
        let title = match content.media_type() {
            "multipart/form-data" => "Body (--form)",
            _ if schema.kinds() == [Kind::List] => "Body (-d), a list",
            _ => "Body",
        };
        self.tree(title, tree, REQUEST_SCHEMA);
    }

    fn response(&mut self, response: Response) {
        let status = match response.status() {
            200 => String::new(),
            status => format!(" {status}"),
        };
        let Some(content) = response.contents().next() else {
            self.section(&format!("Response{status}"));
            self.wrapped("  ", "no body");
            return;
        };
        let Some(schema) = content.schema().and_then(Schema::parse) else { return };
        let data = schema.member("data").map(|member| member.schema);
        let shown = data.unwrap_or(schema);
        let place = match (data.is_some(), shown.kinds().as_slice()) {
            (true, [Kind::List]) => " (data, a list)",
            (true, _) => " (data)",
            (false, _) => "",
        };
        let mut tree = Tree::new(DEEP);
        tree.add(shown, Side::Response, 0);
        if tree.lines.is_empty() {
            self.section(&format!("Response{status}{place}"));
            let words = match content.media_type() {
                "application/json" => facts(shown, false, Side::Response),
                media_type => media_type.to_owned(),
            };
            self.wrapped("  ", &words);
        }
        self.tree(&format!("Response{status}{place}"), tree, "--response-schema");
    }

    fn example(&mut self, operation: Operation, variant: Option<&str>) {
        self.section("Example");
        for words in example::commands(operation, variant) {
            let mut column = 2;
            self.text.push_str("  ");
            for (index, word) in words.iter().enumerate() {
                // The backslash needs room, too.
                if index > 0 && column + 1 + width(word) + 2 > self.room {
                    self.text.push_str(" \\\n    ");
                    column = 4;
                } else if index > 0 {
                    self.text.push(' ');
                    column += 1;
                }
                self.text.push_str(word);
                column += width(word);
            }
            self.text.push('\n');
        }
    }

    /// The commands that print what `…` stands for.
    fn end(&mut self, operation: Operation, variant: Option<&str>) {
        let schema = operation.body_schema().and_then(Schema::parse);
        let has_types = schema.is_some_and(|schema| schema.tag().is_some());
        let mut options = self.cut.clone();
        if has_types && variant.is_none() && options.contains(&REQUEST_SCHEMA) {
            options.insert(0, "--type NAME");
        }
        if options.is_empty() {
            return;
        }
        let show =
            format!("heygen endpoints show {} {}", operation.method(), example::path(operation));
        self.text.push('\n');
        self.wrapped(
            "",
            &format!("`{show}` shows what … stands for with {}", options.join(" or ")),
        );
    }

    fn tree(&mut self, title: &str, tree: Tree, option: &'static str) {
        if tree.is_cut {
            self.cut.push(option);
        }
        self.lines(title, &tree.lines);
    }

    fn section(&mut self, title: &str) {
        let title = painted(self.ui, |palette| &palette.key, title);
        self.text.push_str(&format!("\n{title}\n"));
    }

    fn lines(&mut self, title: &str, lines: &[Line]) {
        if lines.is_empty() {
            return;
        }
        self.section(title);
        let start = |line: &Line| 2 + line.level * 2;
        let names = lines.iter().filter(|line| !line.facts.is_empty());
        let widest = names.map(|line| start(line) + width(&line.name) + 2).max().unwrap_or(2);
        let column = widest.min(self.room.saturating_sub(NARROWEST_FACTS).max(8));
        for line in lines {
            let name = format!("{:1$}{name}", "", start(line), name = line.name);
            let facts = wrapped(&line.facts, self.room.saturating_sub(column).max(8));
            let indent = " ".repeat(column);
            let gap = match column.checked_sub(width(&name)) {
                Some(gap) if gap > 1 => " ".repeat(gap),
                // The name is too wide: its facts stand below.
                _ => format!("\n{indent}"),
            };
            let facts = facts.join(&format!("\n{indent}"));
            let text = if line.facts.is_empty() { name } else { format!("{name}{gap}{facts}") };
            self.text.push_str(&text);
            self.text.push('\n');
        }
    }

    fn wrapped(&mut self, indent: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        for line in wrapped(text, self.room.saturating_sub(indent.len()).max(8)) {
            let _ = writeln!(self.text, "{indent}{line}");
        }
    }
}

fn width_without_colour(text: &str) -> usize {
    let mut is_code = false;
    let visible = text.chars().filter(|character| {
        is_code |= *character == '\u{1b}';
        let is_visible = !is_code;
        is_code &= *character != 'm';
        is_visible
    });
    visible.count()
}

/// Summary, price and risks.
fn sentences(operation: Operation) -> String {
    let repeats = operation.honours_idempotency_key();
    let paid = match (operation.is_billed(), repeats) {
        (true, true) => "Paid; HeyGen runs requests with the same Idempotency-Key once (24 h).",
        (true, false) if operation.method() == "POST" => {
            "Paid; a retried request may be charged twice (no Idempotency-Key)."
        }
        (true, false) => "Paid.",
        (false, true) => "HeyGen runs requests with the same Idempotency-Key once (24 h).",
        (false, false) => "",
    };
    let summary = operation.summary();
    let parts = [
        if summary.is_empty() { String::new() } else { format!("{summary}.") },
        paid.to_owned(),
        if operation.is_destructive() { "Destructive.".to_owned() } else { String::new() },
        if operation.is_preview() {
            "Preview: your account may lack it.".to_owned()
        } else {
            String::new()
        },
        if operation.is_partial() {
            "The fields below may be incomplete.".to_owned()
        } else {
            String::new()
        },
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Facts with a label in front.
fn labelled(operation: Operation) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(command) = operation.command() {
        lines.push(("command", format!("heygen {command}; --help lists its flags")));
    }
    if let Some(scope) = operation.scope() {
        let words = if scope == "none" { "any key".to_owned() } else { scope.to_owned() };
        lines.push(("scope", words));
    }
    if let Some(server) = operation.server() {
        lines.push(("server", server.to_owned()));
    }
    if let Some(bytes) = operation.max_bytes() {
        lines.push(("size", format!("at most {} MiB", bytes / (1024 * 1024))));
    }
    if let Some(pages) = operation.pages() {
        let limit = pages.limit.map(|limit| format!("-Q {limit}=N, "));
        let limit = limit.unwrap_or_default();
        lines
            .push(("paged", format!("{limit}-Q {}=TOKEN; --all fetches all pages", pages.request)));
    }
    if let Some(job) = operation.job() {
        let id = job.id().map(|id| format!("ID in {id}; "));
        lines.push(("job", format!("{}state from {}", id.unwrap_or_default(), job.poll())));
        let states = |states: Vec<&str>| states.join(", ");
        lines.push((
            "states",
            format!(
                "{} → {}; or {}",
                states(job.running().collect()),
                states(job.ok().collect()),
                states(job.failed().collect())
            ),
        ));
    }
    lines
}

/// Fields that only one of a retired operation and its replacement has.
fn changes(operation: Operation) -> Option<Vec<Line>> {
    let replacement = operation.replaced_by()?;
    let (old, new) = (fields(operation), fields(replacement));
    let only = |these: &[String], those: &[String]| {
        let only = these.iter().filter(|name| !those.contains(name));
        only.cloned().collect::<Vec<_>>().join(", ")
    };
    let line = |name: &str, facts: String| Line { level: 0, name: name.to_owned(), facts };
    let lines = [line("only here", only(&old, &new)), line("only there", only(&new, &old))];
    let lines: Vec<Line> = lines.into_iter().filter(|line| !line.facts.is_empty()).collect();
    (!lines.is_empty()).then_some(lines)
}

/// The names of query parameters and of the members of the body, those of all variants.
fn fields(operation: Operation) -> Vec<String> {
    let query = operation.parameters().filter(|own| own.place() != Place::Header);
    let mut names: Vec<String> = query.map(|own| own.name().to_owned()).collect();
    let schema = operation.body_schema().and_then(Schema::parse);
    let variants = schema.map(Schema::variants).unwrap_or_default();
    let schemas = schema.into_iter().chain(variants.into_iter().map(|variant| variant.schema));
    for member in schemas.flat_map(Schema::members) {
        if !names.iter().any(|name| name == member.name) {
            names.push(member.name.to_owned());
        }
    }
    names
}
