//! CSV as RFC 4180 has it, but for the ends of its lines.
//!
//! A line ends with a line feed alone, as `awk`, `cut` and most other readers want it; those that
//! want the RFC's CR LF (spreadsheets, Python) take this too. Values stay as they are: one that
//! begins with `=`, `+`, `-` or `@` is not defused, since that would alter the data.

use std::borrow::Cow;
use std::io::{self, Write};

use super::rows::{Cells, Column};
use crate::json::Rows;
use crate::terminal::text::neutralised;

/// Lines are gathered up to this size.
const BUFFER: usize = 64 * 1024;

/// Writes the line with the names of the columns.
pub fn header(columns: &[Column], terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut records = Records::to(out, terminal);
    records.write(columns.iter().map(|column| Cow::from(column.name.as_bytes())))?;
    records.end()
}

/// Writes a line for each row, and returns how many they are.
pub fn rows(
    cells: &Cells<'_>,
    mut rows: Rows<'_>,
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<usize> {
    cells.check(&rows)?;
    let mut records = Records::to(out, terminal);
    let mut members = Vec::new();
    let mut count = 0;
    while let Some(row) = rows.next_with(&mut members) {
        records.write(cells.row(row, &members))?;
        count += 1;
    }
    records.end()?;
    Ok(count)
}

struct Records<'w> {
    writer: csv::Writer<Unflushed<'w>>,
    terminal: bool,
}

impl<'w> Records<'w> {
    fn to(out: &'w mut dyn Write, terminal: bool) -> Records<'w> {
        let mut builder = csv::WriterBuilder::new();
        // Rows without a header may differ in length.
        let builder = builder.flexible(true).buffer_capacity(BUFFER);
        Records { writer: builder.from_writer(Unflushed(out)), terminal }
    }

    fn write<'f>(&mut self, fields: impl Iterator<Item = Cow<'f, [u8]>>) -> io::Result<()> {
        for field in fields {
            if self.terminal {
                let shown = neutralised(&String::from_utf8_lossy(&field));
                self.writer.write_field(shown).map_err(as_io)?;
            } else {
                self.writer.write_field(field).map_err(as_io)?;
            }
        }
        self.writer.write_record(None::<&[u8]>).map_err(as_io)
    }

    fn end(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The system's own error: the crate's conversion would hide that a pipe is closed.
fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The crate flushes what it writes to whenever it is done; when to do that is the caller's matter.
struct Unflushed<'w>(&'w mut dyn Write);

impl Write for Unflushed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Columns, Nested};
    use super::*;
    use proptest::prelude::*;

    fn printed(values: &[&str], terminal: bool) -> String {
        let list = format!("[{}]", values.join(","));
        let list = Rows::of_list(list.as_bytes());
        let columns = Columns::Guessed.of(list.clone(), Nested::Kept).expect("few columns");
        let mut out = Vec::new();
        header(&columns, terminal, &mut out).expect("memory takes everything");
        rows(&Cells::of(&columns), list, terminal, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn quotes_where_needed() {
        let rows = [
            r#"{"id":"a,b","text":"say \"hi\"\nnow","n":1.10,"tags":["x", "y"]}"#,
            r#"{"id":"=1+1","text":null,"n":12345678901234567890}"#,
        ];
        assert_eq!(
            printed(&rows, false),
            "id,text,n,tags\n\"a,b\",\"say \"\"hi\"\"\nnow\",1.10,\"[\"\"x\"\",\"\"y\"\"]\"\n=1+1,,12345678901234567890,\n"
        );
        assert_eq!(printed(&[r#""""#], false), "value\n\"\"\n");
    }

    #[test]
    fn terminal_output_is_escaped() {
        assert_eq!(printed(&[r#"{"id":"a\u001b[2J\nb"}"#], true), "id\na\\u{1b}[2J b\n");
    }

    proptest! {
        #[test]
        fn csv_reader_gets_back_values(
            cells in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 1..6),
        ) {
            let rows: Vec<String> = cells
                .iter()
                .map(|row| serde_json::to_string(row).expect("JSON"))
                .collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let text = printed(&rows, false);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let read: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.expect("a record").iter().map(str::to_owned).collect())
                .collect();
            prop_assert_eq!(read, cells);
        }
    }
}
