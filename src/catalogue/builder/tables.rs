//! The tables, the pool of their texts, and both as files.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Debug, Write};

use serde_json::Value;

use super::super::record::{
    ComponentRecord, ContentRecord, ExampleRecord, JobRecord, OperationRecord, PagesRecord,
    ParameterRecord, ResponseRecord, RouteRecord, Rows, Text,
};

/// All tables of the catalogue.
#[derive(Default, Debug, PartialEq)]
pub(in super::super) struct Tables {
    pub(in super::super) texts: Vec<String>,
    pub(in super::super) warnings: Vec<String>,
    pub(super) legacy_end: String,
    pub(super) pool: Pool,
    pub(super) operations: Vec<OperationRecord>,
    pub(super) parameters: Vec<ParameterRecord>,
    pub(super) contents: Vec<ContentRecord>,
    pub(super) examples: Vec<ExampleRecord>,
    pub(super) responses: Vec<ResponseRecord>,
    pub(super) pages: Vec<PagesRecord>,
    pub(super) jobs: Vec<JobRecord>,
    pub(super) lists: Vec<Text>,
    pub(super) routes: Vec<RouteRecord>,
    pub(super) components: Vec<ComponentRecord>,
}

/// The texts, each stored once.
#[derive(Default, Debug, PartialEq)]
pub(super) struct Pool {
    texts: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Pool {
    /// The number of a text. More texts than numbers are an error in the end.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if let Some(number) = self.numbers.get(text) {
            return Text(*number as u16);
        }
        let number = self.texts.len();
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        Text(number as u16)
    }
}

/// A part of a table, from its first row to the one after its last.
pub(super) fn rows(start: usize, end: usize) -> Result<Rows, String> {
    let row = |index: usize| {
        u16::try_from(index).map_err(|_| "a table of the catalogue has more than 65,535 rows")
    };
    Ok(Rows { start: row(start)?, end: row(end)? })
}

impl Tables {
    /// A list of texts.
    pub(super) fn list(&mut self, texts: &[String]) -> Result<Rows, String> {
        let start = self.lists.len();
        for text in texts {
            let text = self.pool.text(text);
            self.lists.push(text);
        }
        rows(start, self.lists.len())
    }

    /// The named schemas, sorted by name.
    pub(super) fn add_components(&mut self, components: BTreeMap<String, Value>) {
        for (name, schema) in components {
            let (name, schema) = (self.pool.text(&name), self.pool.text(&schema.to_string()));
            self.components.push(ComponentRecord { name, schema });
        }
    }

    /// The tables, if their numbers are large enough for all rows.
    pub(super) fn finished(mut self) -> Result<Tables, String> {
        let sizes = [
            self.pool.texts.len(),
            self.operations.len(),
            self.pages.len(),
            self.jobs.len(),
            self.components.len(),
        ];
        for size in sizes {
            rows(0, size)?;
        }
        self.texts = std::mem::take(&mut self.pool.texts);
        Ok(self)
    }

    /// The Rust source of the tables.
    pub(in super::super) fn source(&self) -> String {
        let ends = self.texts.iter().scan(0, |end, text| {
            *end += text.len();
            Some(*end)
        });
        let ends: Vec<usize> = ends.collect();
        let mut source = format!(
            "/// The day on which v1 and v2 were announced to end.\n\
             pub const LEGACY_END: &str = {:?};\n",
            self.legacy_end
        );
        table(&mut source, "TEXT_ENDS", "u32", &ends);
        table(&mut source, "OPERATIONS", "OperationRecord", &self.operations);
        table(&mut source, "PARAMETERS", "ParameterRecord", &self.parameters);
        table(&mut source, "CONTENTS", "ContentRecord", &self.contents);
        table(&mut source, "EXAMPLES", "ExampleRecord", &self.examples);
        table(&mut source, "RESPONSES", "ResponseRecord", &self.responses);
        table(&mut source, "PAGES", "PagesRecord", &self.pages);
        table(&mut source, "JOBS", "JobRecord", &self.jobs);
        table(&mut source, "LISTS", "Text", &self.lists);
        table(&mut source, "ROUTES", "RouteRecord", &self.routes);
        table(&mut source, "COMPONENTS", "ComponentRecord", &self.components);
        source
    }
}

fn table<Row: Debug>(source: &mut String, name: &str, row: &str, rows: &[Row]) {
    let _ = writeln!(source, "pub(super) static {name}: [{row}; {}] = [", rows.len());
    for row in rows {
        let _ = writeln!(source, "    {row:?},");
    }
    source.push_str("];\n");
}
