//! The tables of the build script, and the blob of texts that they point into.
//!
//! Nothing is parsed at start-up, and the tables hold no pointers. Schemas, enums, defaults and
//! examples are JSON texts of the blob, parsed by whoever needs one.

use super::record::Place::{Header, Path, Query};
use super::record::{
    ComponentRecord, ContentRecord, ExampleRecord, JobRecord, OperationRecord, PagesRecord,
    ParameterRecord, ResponseRecord, RouteRecord, Rows, Text, ThenRecord,
};

/// All texts, one after the other.
const TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.txt"));

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

impl Text {
    /// The text itself.
    pub(super) fn get(self) -> &'static str {
        let number = usize::from(self.0);
        let start = number.checked_sub(1).map_or(0, |before| TEXT_ENDS[before]);
        TEXTS.get(start as usize..TEXT_ENDS[number] as usize).unwrap_or_default()
    }
}

impl Rows {
    /// These rows of a table.
    pub(super) fn of<T>(self, table: &'static [T]) -> &'static [T] {
        table.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// These rows of the table of lists, as texts.
    pub(super) fn texts(self) -> impl Iterator<Item = &'static str> {
        self.of(&LISTS).iter().map(|text| text.get())
    }
}
