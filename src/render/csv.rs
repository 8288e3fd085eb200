//! CSV as RFC 4180 has it, but for the ends of its lines.
//!
//! A line ends with a line feed alone, as `awk`, `cut` and most other readers want it; those that
//! want the RFC's CR LF (spreadsheets, Python) take this too. Values stay as they are: one that
//! begins with `=`, `+`, `-` or `@` is not defused, since that would alter the data.

use std::borrow::Cow;
use std::io::{self, Write};

use super::rows::{Cells, Column};
use crate::terminal::text::neutralised;

/// Lines are gathered up to this size.
const BUFFER: usize = 64 * 1024;

/// Writes the line with the names of the columns.
pub fn header(columns: &[Column], terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    let names = columns.iter().map(|column| Cow::from(column.name.as_bytes()));
    records([names].into_iter(), terminal, out).map(|_| ())
}

/// Writes a line for each row, and returns how many they are.
pub fn rows<'r>(
    columns: &[Column],
    rows: impl Iterator<Item = &'r [u8]>,
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<usize> {
    let cells = Cells::of(columns);
    records(rows.map(|row| cells.row(row)), terminal, out)
}

fn records<'f, F: Iterator<Item = Cow<'f, [u8]>>>(
    records: impl Iterator<Item = F>,
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<usize> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(Unflushed(out));
    let mut count = 0;
    for fields in records {
        for field in fields {
            if terminal {
                writer.write_field(neutralised(&String::from_utf8_lossy(&field)))?;
            } else {
                writer.write_field(field)?;
            }
        }
        writer.write_record(None::<&[u8]>)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
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
        let values = values.iter().map(|row| row.as_bytes());
        let columns = Columns::Guessed.of(values.clone(), Nested::Kept);
        let mut out = Vec::new();
        header(&columns, terminal, &mut out).expect("memory takes everything");
        rows(&columns, values, terminal, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
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
    fn a_terminal_gets_nothing_that_controls_it() {
        assert_eq!(printed(&[r#"{"id":"a\u001b[2J\nb"}"#], true), "id\na\\u{1b}[2J b\n");
    }

    proptest! {
        #[test]
        fn a_reader_gets_back_what_was_written(
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
