//! The items of a list on their way out, a page at a time, in one of the forms.

use std::io::{self, Write};

use super::csv;
use super::json;
use super::rows::{Cells, Column, Columns, Nested};
use super::table::{self, Table};
use crate::json::{Rows, is_object};
use crate::terminal::streams::Dress;

/// The layout of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// One indented JSON array.
    Indented,
    /// One JSON array on one line.
    Compact,
    /// JSON, one item per line.
    Lines,
    /// A table, fitted to so many columns of a terminal if it goes to one.
    Table(Columns, Option<usize>),
    /// CSV with a header.
    Csv(Columns),
}

/// Writes pages of items one after the other. What the first page has decides on columns and widths.
pub struct Items<'d> {
    layout: Layout,
    dress: Dress<'d>,
    begun: Begun<'d>,
    remarks: Remarks,
    start: &'static [u8],
}

/// Remarks on the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Columns that were asked for and that no row of any page has.
    pub unknown: Vec<String>,
    /// Columns that did not fit.
    pub left_out: Vec<String>,
    /// Columns that are hidden since all their cells are empty.
    pub empty: Vec<String>,
    /// Columns that the rows have.
    pub known: Vec<String>,
    /// Values of later pages that no column of the first page shows.
    pub missing: Vec<String>,
}

enum Begun<'d> {
    No,
    Array,
    Table(Table<'d>),
    Csv(Csv),
}

/// CSV whose columns are fixed.
struct Csv {
    columns: Vec<Column>,
    has_header: bool,
}

impl<'d> Items<'d> {
    /// A list of which nothing is written yet.
    pub fn new(layout: Layout, dress: Dress<'d>) -> Items<'d> {
        Items { layout, dress, begun: Begun::No, remarks: Remarks::default(), start: b"" }
    }

    /// The same list, whose CSV begins with a UTF-8 byte order mark.
    pub fn with_byte_order_mark(self) -> Items<'d> {
        Items { start: b"\xef\xbb\xbf", ..self }
    }

    /// Writes the items of a checked list, and returns how many they are.
    pub fn page(&mut self, list: &[u8], out: &mut dyn Write) -> io::Result<usize> {
        self.rows(Rows::of_list(list), list, out)
    }

    /// Writes a value that is not a list: an object as a table of its members, anything else as the only
    /// item.
    pub fn single(&mut self, value: &[u8], out: &mut dyn Write) -> io::Result<()> {
        match &self.layout {
            // Nothing has no rows.
            Layout::Table(..) | Layout::Csv(_) if value == b"null" => Ok(()),
            Layout::Table(columns, room) if is_object(value) => {
                self.remarks = remarks(columns, &Rows::of_value(value));
                table::object(value, columns, *room, self.dress, out)
            }
            Layout::Lines => {
                let mut out = out;
                json::compact(value, self.dress, &mut out)?;
                out.write_all(b"\n")
            }
            Layout::Indented | Layout::Compact | Layout::Table(..) | Layout::Csv(_) => {
                self.rows(Rows::of_value(value), value, out).map(|_| ())
            }
        }
    }

    /// Writes what closes the list. A list that broke off is not closed.
    pub fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match (&self.layout, &self.begun) {
            (Layout::Indented | Layout::Compact, Begun::No) => out.write_all(b"[]\n"),
            (Layout::Indented, _) => out.write_all(b"\n]\n"),
            (Layout::Compact, _) => out.write_all(b"]\n"),
            // Columns that were asked for are there even if no row is.
            (Layout::Table(columns @ Columns::Chosen(_), room), Begun::No) => {
                Table::new(columns, Rows::of_list(b""), *room, self.dress)?.header(out)
            }
            (Layout::Csv(columns @ Columns::Chosen(_)), Begun::No) => {
                out.write_all(self.start)?;
                let columns = columns.of(Rows::of_list(b""), Nested::Kept)?;
                csv::header(&columns, self.dress.terminal, out)
            }
            (Layout::Lines | Layout::Table(..) | Layout::Csv(_), _) => Ok(()),
        }
    }

    /// The remarks on the columns of the first page, and on what they do not show of later ones.
    pub fn remarks(&self) -> &Remarks {
        &self.remarks
    }

    /// Writes rows, which are those of `list` if lines are wanted.
    fn rows(&mut self, rows: Rows<'_>, list: &[u8], mut out: &mut dyn Write) -> io::Result<usize> {
        if rows.clone().next().is_none() {
            return Ok(0);
        }
        match &self.layout {
            Layout::Indented | Layout::Compact => self.array(rows, out),
            Layout::Lines => json::lines(list, self.dress, &mut out),
            Layout::Table(..) | Layout::Csv(_) => {
                match &self.begun {
                    Begun::No => self.begin_rows(&rows, out)?,
                    _ => self.note_missing(&rows),
                }
                match &self.begun {
                    Begun::Table(table) => table.rows(rows, out),
                    Begun::Csv(csv) => csv::rows(&csv.cells(), rows, self.dress.terminal, out),
                    Begun::No | Begun::Array => Ok(0),
                }
            }
        }
    }

    fn array(&mut self, items: Rows<'_>, mut out: &mut dyn Write) -> io::Result<usize> {
        let is_indented = self.layout == Layout::Indented;
        let mut count = 0;
        for item in items {
            let is_first = matches!(self.begun, Begun::No);
            self.begun = Begun::Array;
            out.write_all(if is_first { b"[" } else { b"," })?;
            if is_indented {
                out.write_all(b"\n  ")?;
                json::pretty_inside(item, 1, self.dress, &mut out)?;
            } else {
                json::compact(item, self.dress, &mut out)?;
            }
            count += 1;
        }
        Ok(count)
    }

    fn begin_rows(&mut self, rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
        match &self.layout {
            Layout::Table(columns, room) => {
                let table = Table::new(columns, rows.clone(), *room, self.dress)?;
                self.remarks = remarks(columns, rows);
                self.remarks.left_out = table.left_out().to_vec();
                self.remarks.empty = table.empty().to_vec();
                if columns.have_header(rows) {
                    table.header(out)?;
                }
                self.begun = Begun::Table(table);
            }
            Layout::Csv(columns) => {
                self.remarks = remarks(columns, rows);
                let has_header = columns.have_header(rows);
                let columns = columns.of(rows.clone(), Nested::Kept)?;
                out.write_all(self.start)?;
                if has_header {
                    csv::header(&columns, self.dress.terminal, out)?;
                }
                self.begun = Begun::Csv(Csv { columns, has_header });
            }
            Layout::Indented | Layout::Compact | Layout::Lines => {}
        }
        Ok(())
    }

    /// Notes the values of a later page that have no column, or chosen columns that have values.
    fn note_missing(&mut self, rows: &Rows<'_>) {
        let Remarks { missing, empty, unknown, .. } = &mut self.remarks;
        if let Layout::Table(Columns::Chosen(_), _) | Layout::Csv(Columns::Chosen(_)) = self.layout
        {
            return unknown.retain(|name| !has_column(rows, name));
        }
        match &self.begun {
            Begun::Table(table) => table.note_missing(rows.clone(), missing),
            Begun::Csv(csv) => csv.cells().note_missing(rows.clone(), Nested::Kept, missing),
            Begun::No | Begun::Array => {}
        }
        empty.retain(|name| !missing.contains(name));
    }
}

impl Csv {
    fn cells(&self) -> Cells<'_> {
        Cells::of(&self.columns).with_longer_arrays(!self.has_header)
    }
}

/// The requested columns that no row has, and then the columns that exist.
fn remarks(columns: &Columns, rows: &Rows<'_>) -> Remarks {
    let Columns::Chosen(names) = columns else {
        return Remarks::default();
    };
    let unknown: Vec<String> =
        names.iter().filter(|name| !has_column(rows, name)).cloned().collect();
    if unknown.is_empty() {
        return Remarks::default();
    }
    // Of so many columns nobody reads the names.
    let known = Columns::Guessed.of(rows.clone(), Nested::Kept).into_iter().flatten();
    let known = known.map(|column| column.name).collect();
    Remarks { known, unknown, ..Remarks::default() }
}

fn has_column(rows: &Rows<'_>, name: &str) -> bool {
    let column = Column::path(name);
    rows.clone().any(|row| column.value(row).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_into_one_list() {
        let check = |layout: Layout, pages: &[&[&str]], expected: &str| {
            let mut out = Vec::new();
            let mut items = Items::new(layout, Dress::plain());
            for page in pages {
                let page = format!("[{}]", page.join(", "));
                items.page(page.as_bytes(), &mut out).expect("memory takes everything");
            }
            items.end(&mut out).expect("memory takes everything");
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        let table = || Layout::Table(Columns::Guessed, None);
        let csv = || Layout::Csv(Columns::Guessed);
        let pages: [&[&str]; 3] = [&[r#"{"a": [1]}"#], &[], &["2", r#"{"a":"x","b":3}"#]];
        check(
            Layout::Indented,
            &pages,
            "[\n  {\n    \"a\": [\n      1\n    ]\n  },\n  2,\n  {\n    \"a\": \"x\",\n    \"b\": 3\n  }\n]\n",
        );
        check(Layout::Compact, &pages, "[{\"a\":[1]},2,{\"a\":\"x\",\"b\":3}]\n");
        check(Layout::Lines, &pages, "{\"a\":[1]}\n2\n{\"a\":\"x\",\"b\":3}\n");
        check(table(), &pages, "A\n[1]\n\nx\n");
        check(csv(), &pages, "a\n[1]\n\"\"\nx\n");
        check(Layout::Indented, &[], "[]\n");
        check(Layout::Compact, &[&[]], "[]\n");
        check(Layout::Lines, &[], "");
        check(table(), &[], "");
        check(csv(), &[], "");
        let chosen = || Columns::Chosen(vec!["id".to_owned(), "voice.name".to_owned()]);
        check(Layout::Table(chosen(), None), &[], "ID  VOICE.NAME\n");
        check(Layout::Csv(chosen()), &[], "id,voice.name\n");
    }

    #[test]
    fn values_without_column_are_noted() {
        let check = |layout: Layout, pages: &[&str], expected: &str, missing: &[&str]| {
            let mut out = Vec::new();
            let mut items = Items::new(layout, Dress::plain());
            for page in pages {
                items.page(page.as_bytes(), &mut out).expect("memory takes everything");
            }
            assert_eq!(String::from_utf8_lossy(&out), expected);
            assert_eq!(items.remarks().missing, missing);
        };
        let table = |room: Option<usize>| Layout::Table(Columns::Guessed, room);
        let csv = || Layout::Csv(Columns::Guessed);
        let objects = [r#"[{"a":1}]"#, r#"[{"a":2,"b":3},{"b":4,"c":[],"d":null}]"#, "[5]"];
        check(csv(), &objects, "a\n1\n2\n\"\"\n\"\"\n", &["b", "c", "value"]);
        check(table(None), &objects, "A\n1\n2\n\n\n", &["b", "value"]);
        let chosen = Columns::Chosen(vec!["a".to_owned()]);
        check(Layout::Csv(chosen), &objects, "a\n1\n2\n\"\"\n\"\"\n", &[]);
        let arrays = ["[[1,2]]", "[[3,4,5],[6]]"];
        check(csv(), &arrays, "1,2\n3,4,5\n6,\n", &[]);
        check(table(None), &arrays, "1  2\n3  4  5\n6\n", &[]);
        check(table(Some(80)), &arrays, "1  2\n3  4\n6\n", &["2"]);
        let late = [r#"[{"a":1,"b":null}]"#, r#"[{"a":2,"b":3}]"#];
        check(table(Some(80)), &late, "A\n1\n2\n", &["b"]);
        check(csv(), &late, "a,b\n1,\n2,3\n", &[]);
    }

    #[test]
    fn unknown_column_is_noted() {
        let columns = Columns::Chosen(vec!["id".to_owned(), "nmae".to_owned()]);
        let row = Rows::of_value(br#"{"id":1,"name":null,"tags":[]}"#);
        let remarks = remarks(&columns, &row);
        assert_eq!(remarks.unknown, ["nmae"]);
        assert_eq!(remarks.known, ["id", "name", "tags"]);
    }
}
