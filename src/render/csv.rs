//! CSV as RFC 4180 has it, but for the ends of its lines.
//!
//! A line ends with a line feed alone, as `awk`, `cut` and most other readers want it; those that
//! want the RFC's CR LF (spreadsheets, Python) take this too. Values stay as they are: one that
//! begins with `=`, `+`, `-` or `@` is not defused, since that would alter the data.

use std::io::{self, Write};

use super::rows::Column;
use crate::terminal::text::neutralised;

/// Writes the line with the names of the columns.
pub fn header(columns: &[Column], terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    records([columns.iter().map(|column| column.name.clone().into_bytes())], terminal, out)
}

/// Writes a line for each row.
pub fn rows(
    columns: &[Column],
    rows: &[&[u8]],
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let cells = rows.iter().map(|row| columns.iter().map(|column| column.cell(row)));
    records(cells, terminal, out)
}

fn records<F: Iterator<Item = Vec<u8>>>(
    records: impl IntoIterator<Item = F>,
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Unflushed(out));
    for fields in records {
        for field in fields {
            if terminal {
                writer.write_field(neutralised(&String::from_utf8_lossy(&field)))?;
            } else {
                writer.write_field(field)?;
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
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
        let values: Vec<&[u8]> = values.iter().map(|row| row.as_bytes()).collect();
        let columns = Columns::Guessed.of(&values, Nested::Kept);
        let mut out = Vec::new();
        header(&columns, terminal, &mut out).expect("memory takes everything");
        rows(&columns, &values, terminal, &mut out).expect("memory takes everything");
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
