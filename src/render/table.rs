//! Tables: columns that line up, no borders, no line wider than the terminal.

use std::borrow::Cow;
use std::io::{self, Write};

use super::rows::{self, Cells, Column, Columns, Nested};
use crate::json::{self, Rows};
use crate::terminal::streams::Dress;
use crate::terminal::text::{cut, neutralised, on_one_line, width};

/// What stands between two columns.
const GAP: usize = 2;

/// A column that was chosen is made no narrower than this; what then does not fit is left out.
const NARROWEST_CHOSEN: usize = 4;

/// The same for guessed columns: fewer of them, and legible.
const NARROWEST_GUESSED: usize = 12;

/// Where nothing is cut, a column is padded to this width at most: one long cell must not lengthen
/// every line. Longer cells push the rest of their line to the right.
const WIDEST_PADDED: usize = 100;

/// A table whose columns are fixed, and whose rows come as they come.
pub struct Table<'d> {
    columns: Vec<Column>,
    widths: Vec<usize>,
    left_out: Vec<String>,
    dress: Dress<'d>,
    is_fitted: bool,
}

impl<'d> Table<'d> {
    /// The table that begins with these rows. `room` is the number of columns of the terminal;
    /// without it nothing is cut.
    pub fn new(
        columns: &Columns,
        mut first: Rows<'_>,
        room: Option<usize>,
        dress: Dress<'d>,
    ) -> Table<'d> {
        let narrowest = match columns {
            Columns::Guessed => NARROWEST_GUESSED,
            Columns::Chosen(_) => NARROWEST_CHOSEN,
        };
        let mut columns = columns.of(first.clone(), Nested::LeftOut);
        let mut widths: Vec<usize> = columns
            .iter()
            .map(|column| width(&String::from_utf8_lossy(&header(column, dress))))
            .collect();
        let cells = Cells::of(&columns);
        let mut members = Vec::new();
        while let Some(row) = first.next_with(&mut members) {
            for (value, widest) in cells.values(row, &members).iter().zip(&mut widths) {
                // The bytes are no fewer than the columns that they take, unless some are escaped.
                let value = value.filter(|value| value.len() > *widest || dress.terminal);
                if let Some(value) = value {
                    *widest = width(&shown(&rows::cell(value), dress)).max(*widest);
                }
            }
        }
        match room {
            Some(room) => widths = fitted(&widths, narrowest, room),
            None => widths.iter_mut().for_each(|width| *width = WIDEST_PADDED.min(*width)),
        }
        let left_out = columns.split_off(widths.len());
        let left_out = left_out.into_iter().map(|column| column.name).collect();
        Table { columns, widths, left_out, dress, is_fitted: room.is_some() }
    }

    /// The names of the columns that did not fit.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Writes the line with the names of the columns, in capitals.
    pub fn header(&self, out: &mut dyn Write) -> io::Result<()> {
        let names = self.columns.iter().map(|column| header(column, self.dress).into());
        self.line(names, true, &mut String::new(), out)
    }

    /// Writes the line of each row, and returns how many they are.
    pub fn rows(&self, mut rows: Rows<'_>, out: &mut dyn Write) -> io::Result<usize> {
        let cells = Cells::of(&self.columns);
        let mut line = String::new();
        let mut members = Vec::new();
        let mut count = 0;
        while let Some(row) = rows.next_with(&mut members) {
            self.line(cells.row(row, &members), false, &mut line, out)?;
            count += 1;
        }
        Ok(count)
    }

    fn line<'c>(
        &self,
        cells: impl Iterator<Item = Cow<'c, [u8]>>,
        is_header: bool,
        line: &mut String,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let paint = self.dress.palette.filter(|_| is_header).map(|palette| &palette.key);
        line.clear();
        // White space that nothing follows is not written.
        let mut missing = 0;
        for (cell, room) in cells.zip(&self.widths) {
            let cell = shown(&cell, self.dress);
            let cell = if self.is_fitted { cut(&cell, *room) } else { cell };
            let taken = width(&cell);
            if !cell.is_empty() {
                line.extend(std::iter::repeat_n(' ', missing));
                missing = 0;
                match paint {
                    Some(paint) => line.push_str(&paint.paint(&cell)),
                    None => line.push_str(&cell),
                }
            }
            missing += room.saturating_sub(taken) + GAP;
        }
        line.truncate(line.trim_end_matches(' ').len());
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}

/// Writes one object as a table of its members: a line `name  value` each.
///
/// Chosen columns are the members that are shown, and may lead into nested ones.
pub fn object(
    object: &[u8],
    columns: &Columns,
    room: Option<usize>,
    dress: Dress<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let chosen: Vec<Column> = match columns {
        Columns::Guessed => Vec::new(),
        Columns::Chosen(names) => names.iter().map(|name| Column::path(name)).collect(),
    };
    let members: Vec<(String, Cow<'_, [u8]>)> = match columns {
        Columns::Guessed => json::members(object)
            .map(|member| (json::unescape(member.name), rows::cell(member.value)))
            .collect(),
        Columns::Chosen(names) => {
            let mut members = Vec::new();
            let _ = Rows::of_value(object).next_with(&mut members);
            names.iter().cloned().zip(Cells::of(&chosen).row(object, &members)).collect()
        }
    };
    let name_of = |name: &str| shown(name.as_bytes(), dress).into_owned();
    let widest = members.iter().map(|(name, _)| width(&name_of(name))).max().unwrap_or_default();
    let widest = if room.is_some() { widest } else { widest.min(WIDEST_PADDED) };
    // Names leave half of a narrow terminal to the values.
    let name_room = room.map_or(widest, |room| widest.min(room.saturating_sub(GAP) / 2));
    for (name, value) in &members {
        let (mut name, mut value) = (name_of(name), shown(value, dress).into_owned());
        if let Some(room) = room {
            name = cut(&name, name_room).into_owned();
            value = cut(&value, room.saturating_sub(name_room + GAP)).into_owned();
        }
        let missing = name_room.saturating_sub(width(&name));
        let gap = if value.is_empty() { 0 } else { missing + GAP };
        let name = dress.palette.map_or(name.clone(), |palette| palette.key.paint(&name));
        writeln!(out, "{name}{:gap$}{value}", "")?;
    }
    Ok(())
}

/// The widths of as many columns as fit, from the first on; at least of one.
///
/// Every column is at least as wide as it wants or as `narrowest`, and what is too much for the
/// room is taken from the widest.
fn fitted(natural: &[usize], narrowest: usize, room: usize) -> Vec<usize> {
    let mut taken = 0;
    let fits = natural.iter().take_while(|&&natural| {
        taken += natural.min(narrowest) + if taken == 0 { 0 } else { GAP };
        taken <= room
    });
    let count = fits.count().max(1).min(natural.len());
    let gaps = GAP * count.saturating_sub(1);
    let mut rest = room.saturating_sub(gaps);
    let mut widths = natural[..count].to_vec();
    // From the narrowest column to the widest: each takes what it wants, or its share of the rest.
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&column| natural[column]);
    for (done, &column) in order.iter().enumerate() {
        widths[column] = natural[column].min(rest / (count - done));
        rest -= widths[column];
    }
    widths
}

fn header(column: &Column, dress: Dress<'_>) -> Vec<u8> {
    shown(column.name.to_uppercase().as_bytes(), dress).into_owned().into_bytes()
}

/// A cell on one line; a terminal gets nothing that could control it.
fn shown<'c>(cell: &'c [u8], dress: Dress<'_>) -> Cow<'c, str> {
    let text = String::from_utf8_lossy(cell);
    if cell.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return text;
    }
    if dress.terminal {
        return neutralised(&text).into();
    }
    match on_one_line(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(text) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PIPE: Dress<'_> = Dress { palette: None, terminal: false };
    const TERMINAL: Dress<'_> = Dress { palette: None, terminal: true };

    fn printed(rows: &[&str], columns: &Columns, room: Option<usize>) -> String {
        let list = format!("[{}]", rows.join(","));
        let rows = Rows::of_list(list.as_bytes());
        let dress = if room.is_some() { TERMINAL } else { PIPE };
        let table = Table::new(columns, rows.clone(), room, dress);
        let mut out = Vec::new();
        table.header(&mut out).expect("memory takes everything");
        table.rows(rows, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            r#"{"id":"v1","name":"漢字","n":1.10}"#,
            r#"{"id":"v22","name":null,"n":null}"#,
            r#"{"id":"v3","name":"a\nb👩‍💻c","n":-0}"#,
        ];
        assert_eq!(
            printed(&rows, &Columns::Guessed, None),
            "ID   NAME    N\nv1   漢字    1.10\nv22\nv3   a b👩‍💻c  -0\n"
        );
        let chosen = Columns::Chosen(vec!["n".to_owned(), "no.such".to_owned()]);
        assert_eq!(printed(&rows, &chosen, None), "N     NO.SUCH\n1.10\n\n-0\n");
    }

    #[test]
    fn terminal_cells_are_cut_and_escaped() {
        let row =
            r#"{"id":"\u001b[31m1","url":"https://files.heygen.ai/x/y/z","more":"123456789012"}"#;
        assert_eq!(
            printed(&[row], &Columns::Guessed, Some(30)),
            "ID           URL\n\\u{1b}[31m1  https://files.he…\n"
        );
    }

    #[test]
    fn column_widths_share_the_terminal() {
        let check = |natural: &[usize], narrowest: usize, room: usize, expected: &[usize]| {
            assert_eq!(fitted(natural, narrowest, room), expected, "{natural:?} {room}");
        };
        check(&[5, 5], 4, 80, &[5, 5]);
        check(&[5, 90], 4, 80, &[5, 73]);
        check(&[90, 5, 90], 4, 80, &[35, 5, 36]);
        check(&[90, 90, 90], 12, 40, &[12, 12, 12]);
        check(&[90, 90, 90], 12, 39, &[18, 19]);
        check(&[90], 12, 5, &[5]);
        check(&[90, 90], 12, 0, &[0]);
        check(&[], 12, 80, &[]);
    }

    #[test]
    fn object_is_one_row_per_member() {
        let check = |columns: &Columns, room: Option<usize>, expected: &str| {
            let value = br#"{"id":"v1","note":null,"voice":{"language":"en"}}"#;
            let mut out = Vec::new();
            object(value, columns, room, PIPE, &mut out).expect("memory takes everything");
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        let all = "id     v1\nnote\nvoice  {\"language\":\"en\"}\n";
        check(&Columns::Guessed, None, all);
        check(&Columns::Guessed, Some(10), "id    v1\nnote\nvoi…  {\"l…\n");
        let chosen = Columns::Chosen(vec!["voice.language".to_owned(), "id".to_owned()]);
        check(&chosen, None, "voice.language  en\nid              v1\n");
    }

    proptest! {
        #[test]
        fn no_line_exceeds_the_width(
            rows in prop::collection::vec(
                prop::collection::btree_map("[a-z_漢]{1,12}", "\\PC{0,40}|[👩\u{200d}💻❤\u{fe0f}é漢\u{7}]{0,20}", 1..8),
                1..6,
            ),
            is_chosen in any::<bool>(),
            room in 1..120_usize,
        ) {
            let rows: Vec<String> =
                rows.iter().map(|row| serde_json::to_string(row).expect("JSON")).collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let columns = match is_chosen {
                true => Columns::Chosen((0..30).map(|number| format!("column_{number}")).collect()),
                false => Columns::Guessed,
            };
            for line in printed(&rows, &columns, Some(room)).lines() {
                prop_assert!(width(line) <= room, "{} > {room}: {line}", width(line));
            }
            let mut out = Vec::new();
            object(rows[0].as_bytes(), &columns, Some(room), TERMINAL, &mut out).expect("memory");
            for line in String::from_utf8(out).expect("UTF-8").lines() {
                prop_assert!(width(line) <= room, "{} > {room}: {line}", width(line));
            }
        }
    }
}
