//! Tables: columns that line up, no borders, no line wider than the terminal, unless one ID is.

use std::borrow::Cow;
use std::io::{self, Write};

use super::rows::{self, Cells, Column, Columns, Nested, TooWide};
use crate::clock;
use crate::json::{self, Rows};
use crate::terminal::streams::Dress;
use crate::terminal::text::{cut, neutralised, on_one_line, width};

/// The space between two columns.
const GAP: usize = 2;

/// The minimum width of a chosen column; columns that then do not fit are hidden.
const NARROWEST_CHOSEN: usize = 4;

/// The same for guessed columns: fewer of them, and legible.
const NARROWEST_GUESSED: usize = 12;

/// The width to which a column is padded where nothing is cut: one long cell must not lengthen
/// every line. Longer cells push the rest of their line to the right.
const WIDEST_PADDED: usize = 100;

/// A scalar up to this width is short.
const SHORT: usize = 24;

/// A table whose columns are fixed, and whose rows come as they come.
pub struct Table<'d> {
    columns: Vec<Column>,
    widths: Vec<Width>,
    left_out: Vec<String>,
    empty: Vec<String>,
    /// The cells of longer arrays have room, and no header that they lack.
    takes_longer_arrays: bool,
    dress: Dress<'d>,
}

/// The room of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Width {
    columns: usize,
    /// Cuts longer cells.
    cuts: bool,
}

/// A column as the first rows have it.
#[derive(Debug, Clone)]
struct Measured {
    column: Column,
    kind: Kind,
    /// The width of its widest cell.
    natural: usize,
    is_empty: bool,
    is_cut: bool,
}

/// The kind of a column, in the order in which one looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Id,
    Name,
    Status,
    Short,
    Long,
    Url,
}

impl<'d> Table<'d> {
    /// The table that begins with these rows. `room` is the number of columns of the terminal;
    /// without it no column is hidden and nothing is cut.
    ///
    /// # Errors
    /// The columns are too many.
    pub fn new(
        columns: &Columns,
        first: Rows<'_>,
        room: Option<usize>,
        dress: Dress<'d>,
    ) -> Result<Table<'d>, TooWide> {
        let takes_longer_arrays = room.is_none() && !columns.have_header(&first);
        let mut measured = measured(columns, first, dress)?;
        if let Columns::Sorted(names) = columns {
            let place = |column: &Column| names.iter().position(|name| *name == column.name);
            measured.sort_by_key(|one| (place(&one.column).unwrap_or(usize::MAX), one.kind));
        }
        let Some(room) = room else {
            let widths = measured.iter().map(|one| WIDEST_PADDED.min(one.natural));
            let widths = widths.map(|columns| Width { columns, cuts: false }).collect();
            let columns = measured.into_iter().map(|one| one.column).collect();
            let (left_out, empty) = (Vec::new(), Vec::new());
            return Ok(Table { columns, widths, left_out, empty, takes_longer_arrays, dress });
        };
        let mut empty = Vec::new();
        let shown = match columns {
            Columns::Chosen(_) => without_overflow((0..measured.len()).collect(), &measured, room),
            Columns::Guessed | Columns::Sorted(_) => {
                if measured.iter().any(|one| !one.is_empty) {
                    empty = names_of(measured.extract_if(.., |one| one.is_empty));
                }
                best(&measured, room)
            }
        };
        let widths = shared(&shown, &measured, room);
        let mut is_shown = vec![false; measured.len()];
        shown.iter().for_each(|&place| is_shown[place] = true);
        let mut places = 0..;
        let hidden =
            measured.extract_if(.., |_| places.next().is_some_and(|place: usize| !is_shown[place]));
        let left_out = names_of(hidden);
        let columns = measured.into_iter().map(|one| one.column).collect();
        Ok(Table { columns, widths, left_out, empty, takes_longer_arrays, dress })
    }

    /// The names of the columns that did not fit.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The names of the columns that are hidden since all their cells are empty.
    pub fn empty(&self) -> &[String] {
        &self.empty
    }

    /// Adds the names of the values in further rows that have no column.
    pub fn note_missing(&self, rows: Rows<'_>, missing: &mut Vec<String>) {
        let hidden = self.left_out.iter().map(|name| Column::path(name));
        let columns: Vec<Column> = self.columns.iter().cloned().chain(hidden).collect();
        self.cells(&columns).note_missing(rows, Nested::LeftOut, missing);
    }

    fn cells<'c>(&self, columns: &'c [Column]) -> Cells<'c> {
        Cells::of(columns).with_longer_arrays(self.takes_longer_arrays)
    }

    /// Writes the line with the names of the columns, in capitals.
    pub fn header(&self, out: &mut dyn Write) -> io::Result<()> {
        let names = self.columns.iter().map(|column| header(column, self.dress).into());
        self.line(names, true, &mut String::new(), out)
    }

    /// Writes the line of each row, and returns how many they are.
    pub fn rows(&self, mut rows: Rows<'_>, out: &mut dyn Write) -> io::Result<usize> {
        let cells = self.cells(&self.columns);
        cells.check(&rows)?;
        let names = self.columns.iter().map(|column| column.name.as_str());
        let mut line = String::new();
        let mut members = Vec::new();
        let mut count = 0;
        while let Some(row) = rows.next_with(&mut members) {
            let names = names.clone().chain(std::iter::repeat(""));
            let values = cells.values(row, &members).into_iter().zip(names);
            let values = values.map(|(value, name)| text(name, value, self.dress));
            self.line(values, false, &mut line, out)?;
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
        let of_longer_arrays = std::iter::repeat(&Width { columns: 0, cuts: false });
        for (cell, width_of_column) in cells.zip(self.widths.iter().chain(of_longer_arrays)) {
            let room = width_of_column.columns;
            let cell = shown(&cell, self.dress);
            let cell = if width_of_column.cuts { cut(&cell, room) } else { cell };
            let taken = width(&cell);
            // Some characters take no room: such a cell is as empty as one without any.
            if taken > 0 {
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
        Columns::Guessed | Columns::Sorted(_) => Vec::new(),
        Columns::Chosen(names) => names.iter().map(|name| Column::path(name)).collect(),
    };
    let members: Vec<(String, Option<&[u8]>)> = match columns {
        Columns::Guessed | Columns::Sorted(_) => json::members(object)
            .map(|member| (json::unescape(member.name), Some(member.value)))
            .collect(),
        Columns::Chosen(names) => {
            let mut members = Vec::new();
            let _ = Rows::of_value(object).next_with(&mut members);
            names.iter().cloned().zip(Cells::of(&chosen).values(object, &members)).collect()
        }
    };
    let name_of = |name: &str| shown(name.as_bytes(), dress).into_owned();
    let widest = members.iter().map(|(name, _)| width(&name_of(name))).max().unwrap_or_default();
    let widest = if room.is_some() { widest } else { widest.min(WIDEST_PADDED) };
    // Names leave half of a narrow terminal to the values.
    let name_room = room.map_or(widest, |room| widest.min(room.saturating_sub(GAP) / 2));
    for (place, (name, value)) in members.iter().enumerate() {
        let is_whole = is_id(name) || place == 0 && !chosen.is_empty();
        let value = text(name, *value, dress);
        let (mut name, mut value) = (name_of(name), shown(&value, dress).into_owned());
        if let Some(room) = room {
            name = cut(&name, name_room).into_owned();
            if !is_whole {
                value = cut(&value, room.saturating_sub(name_room + GAP)).into_owned();
            }
        }
        if width(&value) == 0 {
            value.clear();
        }
        let missing = name_room.saturating_sub(width(&name));
        let gap = if value.is_empty() { 0 } else { missing + GAP };
        let name = dress.palette.map_or(name.clone(), |palette| palette.key.paint(&name));
        writeln!(out, "{name}{:gap$}{value}", "")?;
    }
    Ok(())
}

/// The columns of these rows, measured.
fn measured(
    columns: &Columns,
    mut first: Rows<'_>,
    dress: Dress<'_>,
) -> Result<Vec<Measured>, TooWide> {
    let has_header = columns.have_header(&first);
    let is_chosen = matches!(columns, Columns::Chosen(_));
    let columns = columns.of(first.clone(), Nested::LeftOut)?;
    let headers =
        columns.iter().map(|column| String::from_utf8_lossy(&header(column, dress)).into_owned());
    let mut widths: Vec<usize> =
        headers.map(|header| if has_header { width(&header) } else { 0 }).collect();
    let mut empty = vec![true; columns.len()];
    let mut urls = vec![false; columns.len()];
    let cells = Cells::of(&columns);
    let mut members = Vec::new();
    while let Some(row) = first.next_with(&mut members) {
        for (place, value) in cells.values(row, &members).into_iter().enumerate() {
            let Some(value) = value.filter(|value| !rows::is_empty(value)) else {
                continue;
            };
            empty[place] = false;
            urls[place] |= value.starts_with(b"\"https://") || value.starts_with(b"\"http://");
            // The bytes are no fewer than the columns that they take, unless some are escaped.
            if value.len() > widths[place] || dress.terminal {
                let cell = text(&columns[place].name, Some(value), dress);
                widths[place] = widths[place].max(width(&shown(&cell, dress)));
            }
        }
    }
    let main_id = columns.iter().position(|column| column.name == "id");
    let main_id = main_id.or_else(|| columns.iter().position(|column| is_id(&column.name)));
    let kind = |place: usize, name: &str| match name {
        _ if main_id == Some(place) => Kind::Id,
        "name" | "title" => Kind::Name,
        "status" => Kind::Status,
        _ if urls[place] || name == "url" || name.ends_with("_url") => Kind::Url,
        _ if widths[place] <= SHORT => Kind::Short,
        _ => Kind::Long,
    };
    let kinds: Vec<Kind> =
        columns.iter().enumerate().map(|(place, column)| kind(place, &column.name)).collect();
    let measured = columns.into_iter().enumerate().map(|(place, column)| Measured {
        kind: kinds[place],
        natural: widths[place],
        is_empty: empty[place],
        is_cut: !(is_id(&column.name) || is_chosen && place == 0),
        column,
    });
    Ok(measured.collect())
}

fn names_of(columns: impl Iterator<Item = Measured>) -> Vec<String> {
    columns.map(|one| one.column.name).collect()
}

/// Returns whether a column holds IDs, which are of no use when they are cut.
fn is_id(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last == "id" || last.ends_with("_id")
}

/// The room that columns take beside each other.
fn taken(widths: impl Iterator<Item = usize>) -> usize {
    widths.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
}

/// Of these columns those that fit when all are as narrow as they can be; the first one always.
///
/// Empty columns give way first, then URLs, then the last.
fn without_overflow(mut shown: Vec<usize>, measured: &[Measured], room: usize) -> Vec<usize> {
    let narrowest = |place: usize| match &measured[place] {
        one if one.is_cut => one.natural.min(NARROWEST_CHOSEN),
        one => one.natural,
    };
    let mut needed = taken(shown.iter().map(|&place| narrowest(place)));
    let mut leaving: Vec<usize> = shown.iter().copied().skip(1).collect();
    leaving
        .sort_by_key(|&place| (measured[place].is_empty, measured[place].kind == Kind::Url, place));
    let mut is_hidden = vec![false; measured.len()];
    while needed > room
        && let Some(place) = leaving.pop()
    {
        needed = needed.saturating_sub(narrowest(place) + GAP);
        is_hidden[place] = true;
    }
    shown.retain(|&place| !is_hidden[place]);
    shown
}

/// The columns that one looks for, as far as they fit: the first one, ID, name, status; then others
/// that fit whole, URLs last; then one that is cut, if there is room for a legible part of it.
fn best(measured: &[Measured], room: usize) -> Vec<usize> {
    let first_of = |kind: Kind| measured.iter().position(|one| one.kind == kind);
    let mut shown = vec![0; usize::from(!measured.is_empty())];
    shown.extend([Kind::Id, Kind::Name, Kind::Status].into_iter().filter_map(first_of));
    shown.sort_unstable();
    shown.dedup();
    let mut shown = legible(shown, measured, room);
    let mut needed = taken(shown.iter().map(|&place| measured[place].natural));
    let mut is_shown = vec![false; measured.len()];
    shown.iter().for_each(|&place| is_shown[place] = true);
    let (urls, others): (Vec<usize>, Vec<usize>) = (0..measured.len())
        .filter(|&place| !is_shown[place])
        .partition(|&place| measured[place].kind == Kind::Url);
    let mut cut = None;
    for place in others.into_iter().chain(urls) {
        let with_it = needed + GAP + measured[place].natural;
        if with_it <= room {
            needed = with_it;
            shown.push(place);
        } else if measured[place].is_cut && measured[place].kind != Kind::Url {
            cut = cut.or(Some(place));
        }
    }
    shown.extend(cut.filter(|_| needed + GAP + NARROWEST_GUESSED <= room));
    shown.sort_unstable();
    shown
}

/// Of these columns those that fit with a legible part of each; the first one always.
fn legible(mut shown: Vec<usize>, measured: &[Measured], room: usize) -> Vec<usize> {
    let narrowest = |place: &usize| match &measured[*place] {
        one if one.is_cut => one.natural.min(NARROWEST_GUESSED),
        one => one.natural,
    };
    while shown.len() > 1 && taken(shown.iter().map(narrowest)) > room {
        shown.pop();
    }
    shown
}

/// The widths of these columns. A column that is not cut has what it wants, and what is too much
/// for the room is taken from the widest of the others.
fn shared(shown: &[usize], measured: &[Measured], room: usize) -> Vec<Width> {
    let mut widths: Vec<Width> = shown
        .iter()
        .map(|&place| Width { columns: measured[place].natural, cuts: measured[place].is_cut })
        .collect();
    let uncut = widths.iter().filter(|width| !width.cuts).map(|width| width.columns);
    let mut rest = room.saturating_sub(GAP * widths.len().saturating_sub(1) + uncut.sum::<usize>());
    // From the narrowest column to the widest: each takes what it wants, or its share of the rest.
    let mut order: Vec<usize> = (0..widths.len()).filter(|&place| widths[place].cuts).collect();
    order.sort_by_key(|&place| widths[place].columns);
    for (done, &place) in order.iter().enumerate() {
        widths[place].columns = widths[place].columns.min(rest / (order.len() - done));
        rest -= widths[place].columns;
    }
    widths
}

/// The text of a cell; on a terminal, a unix time as a date.
fn text<'v>(name: &str, value: Option<&'v [u8]>, dress: Dress<'_>) -> Cow<'v, [u8]> {
    let Some(value) = value else { return Cow::default() };
    let is_time = dress.terminal && name.ends_with("_at");
    match json::as_integer(value).filter(|_| is_time).and_then(clock::minute) {
        Some(time) => time.into_bytes().into(),
        None => rows::cell(value),
    }
}

fn header(column: &Column, dress: Dress<'_>) -> Vec<u8> {
    shown(column.name.to_uppercase().as_bytes(), dress).into_owned().into_bytes()
}

/// A cell on one line; a terminal gets nothing that could control it.
fn shown<'c>(cell: &'c [u8], dress: Dress<'_>) -> Cow<'c, str> {
    let is_plain = cell.iter().all(|byte| matches!(byte, b' '..=b'~'));
    // Most cells are, and are shown as they are.
    if let (true, Ok(text)) = (is_plain, std::str::from_utf8(cell)) {
        return text.into();
    }
    let text = String::from_utf8_lossy(cell);
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
        let table = Table::new(columns, rows.clone(), room, dress).expect("few columns");
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
        let row = r#"{"id":"\u001b[31m1","name":"A name that is long","more":"123456789012"}"#;
        assert_eq!(
            printed(&[row], &Columns::Guessed, Some(30)),
            "ID           NAME\n\\u{1b}[31m1  A name that is l…\n"
        );
    }

    #[test]
    fn column_widths_share_the_terminal() {
        let check = |natural: &[usize], room: usize, expected: &[usize]| {
            let column = |&natural: &usize| Measured {
                column: Column::path("x"),
                kind: Kind::Long,
                natural,
                is_empty: false,
                is_cut: true,
            };
            let measured: Vec<Measured> = natural.iter().map(column).collect();
            let shown = without_overflow((0..natural.len()).collect(), &measured, room);
            let widths = shared(&shown, &measured, room).into_iter().map(|width| width.columns);
            assert_eq!(widths.collect::<Vec<_>>(), expected, "{natural:?} {room}");
        };
        check(&[5, 5], 80, &[5, 5]);
        check(&[5, 90], 80, &[5, 73]);
        check(&[90, 5, 90], 80, &[35, 5, 36]);
        check(&[90, 90, 90], 16, &[4, 4, 4]);
        check(&[90, 90, 90], 15, &[6, 7]);
        check(&[90], 5, &[5]);
        check(&[90, 90], 0, &[0]);
        check(&[], 80, &[]);
    }

    #[test]
    fn default_columns_fit_by_importance() {
        let row = r#"{"a_url":"https://x.test/1","batch_id":"b1","note":"123456789012345678901234567890","no":null,"status":"completed","title":"A title of 26 characters.","video_id":"v1"}"#;
        let check = |room: Option<usize>, expected: &str| {
            let columns = Columns::Sorted(vec!["id".to_owned(), "video_id".to_owned()]);
            assert_eq!(printed(&[row], &columns, room).lines().next(), Some(expected), "{room:?}");
        };
        check(
            None,
            "VIDEO_ID  BATCH_ID  TITLE                      STATUS     NO  NOTE                            A_URL",
        );
        check(
            Some(120),
            "VIDEO_ID  BATCH_ID  TITLE                      STATUS     NOTE                            A_URL",
        );
        check(Some(80), "VIDEO_ID  BATCH_ID  TITLE                      STATUS     A_URL");
        check(Some(50), "VIDEO_ID  BATCH_ID  TITLE                STATUS");
        check(Some(10), "VIDEO_ID");
        check(Some(4), "VIDEO_ID");
    }

    #[test]
    fn ids_and_first_chosen_are_whole() {
        let row = r#"{"id":"0123456789","name":"abcdefghij","note":"abcdefghij"}"#;
        let chosen =
            |names: &[&str]| Columns::Chosen(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(
            printed(&[row], &chosen(&["name", "note", "id"]), Some(28)),
            "NAME        NOTE  ID\nabcdefghij  abc…  0123456789\n"
        );
        assert_eq!(printed(&[row], &chosen(&["name", "id"]), Some(5)), "NAME\nabcdefghij\n");
        assert_eq!(printed(&[row], &Columns::Guessed, Some(5)), "ID\n0123456789\n");
    }

    #[test]
    fn unix_times_are_dates_on_terminal() {
        let row = r#"{"id":"a","created_at":1767225600,"n":1767225600,"old_at":3}"#;
        assert_eq!(
            printed(&[row], &Columns::Guessed, Some(80)),
            "ID  CREATED_AT         N           OLD_AT\na   2026-01-01 00:00Z  1767225600  3\n"
        );
        assert_eq!(
            printed(&[row], &Columns::Guessed, None),
            "ID  CREATED_AT  N           OLD_AT\na   1767225600  1767225600  3\n"
        );
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
        let mut out = Vec::new();
        let invisible = "{\"id\":\"\u{fe0f}\"}".as_bytes();
        object(invisible, &Columns::Guessed, Some(1), PIPE, &mut out).expect("memory");
        assert_eq!(String::from_utf8_lossy(&out), "\n");
    }

    proptest! {
        #[test]
        fn no_line_exceeds_the_width(
            rows in prop::collection::vec(
                prop::collection::btree_map("[a-c_漢]{1,12}", "\\PC{0,40}|[👩\u{200d}💻❤\u{fe0f}é漢\u{7}]{0,20}", 1..8),
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
            // The first of chosen columns is never cut.
            let limit = if is_chosen { room.max("COLUMN_0".len()) } else { room };
            for line in printed(&rows, &columns, Some(room)).lines() {
                prop_assert!(width(line) <= limit, "{} > {room}: {line}", width(line));
            }
            let mut out = Vec::new();
            object(rows[0].as_bytes(), &columns, Some(room), TERMINAL, &mut out).expect("memory");
            for line in String::from_utf8(out).expect("UTF-8").lines() {
                prop_assert!(width(line) <= room, "{} > {room}: {line}", width(line));
            }
        }
    }
}
