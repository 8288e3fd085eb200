//! Rows of a table or a CSV file: their columns and their cells.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

use crate::json;

/// The most columns: each takes some hundred times the memory of its two bytes in `[0,0,…]`.
const MOST_COLUMNS: usize = 100_000;

/// The most cells for each byte of the rows that have them. Beyond that nearly all are empty, and a
/// short response would become a text without end.
const MOST_CELLS_A_BYTE: usize = 100;

/// So many cells are never too many.
const FEW_CELLS: usize = 10_000_000;

/// The most names of values without a column that are collected: more than anybody reads.
const MOST_MISSING: usize = 100;

/// The header of the one column that rows without members have.
const ONLY_COLUMN: &str = "value";

/// The choice of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// Those that the rows have, in the order in which they appear.
    Guessed,
    /// Those that the rows have: first these, then ID, name or title and status, URLs last.
    Sorted(Vec<String>),
    /// The requested ones, by name; `a.b` is `b` inside `a`.
    Chosen(Vec<String>),
}

/// The reason why rows are too wide for a table or a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooWide {
    /// They have more than [`MOST_COLUMNS`] columns.
    Columns,
    /// They have more than [`MOST_CELLS_A_BYTE`] in so many columns.
    Cells(usize),
}

impl std::error::Error for TooWide {}

impl std::fmt::Display for TooWide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TooWide::Columns => write!(f, "more than {MOST_COLUMNS} columns"),
            TooWide::Cells(columns) => {
                write!(f, "{columns} columns, in which nearly all cells are empty")
            }
        }
    }
}

impl From<TooWide> for io::Error {
    fn from(wide: TooWide) -> io::Error {
        io::Error::other(wide)
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as it was asked for or as the rows have it.
    pub name: String,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The member of that name.
    Member,
    /// The member of that name, or what the name leads to.
    Path,
    /// The row itself.
    Row,
}

/// The treatment of guessed columns that hold arrays or objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// They are left out, unless there are no others.
    LeftOut,
    /// They are columns like all others.
    Kept,
}

impl Columns {
    /// Returns whether a line with the names of the columns stands above rows that begin with these: the
    /// elements of arrays have no names.
    pub fn have_header(&self, rows: &json::Rows<'_>) -> bool {
        match self {
            Columns::Guessed | Columns::Sorted(_) => {
                !rows.clone().next().is_some_and(json::is_array)
            }
            Columns::Chosen(_) => true,
        }
    }

    /// The columns of these rows.
    ///
    /// # Errors
    /// They are too many, or too many for these rows.
    pub fn of(&self, rows: json::Rows<'_>, nested: Nested) -> Result<Vec<Column>, TooWide> {
        match self {
            Columns::Guessed | Columns::Sorted(_) => {
                let columns = Guesses::of(rows.clone()).columns(nested)?;
                Cells::of(&columns).check(&rows)?;
                Ok(columns)
            }
            Columns::Chosen(names) => Ok(names.iter().map(|name| Column::path(name)).collect()),
        }
    }
}

impl Column {
    /// The column of a member, or of what a name leads to.
    pub fn path(name: &str) -> Column {
        Column { name: name.to_owned(), place: Place::Path }
    }

    /// The value in this column of a row, if the row has one.
    pub fn value<'r>(&self, row: &'r [u8]) -> Option<&'r [u8]> {
        match self.place {
            Place::Member | Place::Path => find(row, &self.name),
            Place::Row => Some(row),
        }
    }
}

/// Takes rows apart by their columns, each in one pass however many columns there are.
pub struct Cells<'c> {
    columns: &'c [Column],
    /// The names of the columns as a member may have them, unless they need escapes.
    names: Vec<Option<&'c [u8]>>,
    /// The first column of a name; a second one is looked for by itself.
    places: HashMap<&'c [u8], usize>,
    takes_longer_arrays: bool,
}

impl<'c> Cells<'c> {
    /// The cells of rows with these columns.
    pub fn of(columns: &'c [Column]) -> Cells<'c> {
        let mut places = HashMap::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            places.entry(column.name.as_bytes()).or_insert(place);
        }
        let name = |column: &'c Column| {
            Some(column.name.as_bytes()).filter(|_| !column.name.contains('\\'))
        };
        let names = columns.iter().map(name).collect();
        Cells { columns, names, places, takes_longer_arrays: false }
    }

    /// The same, with a cell for each element of an array that has more elements than there are
    /// columns. For rows without a header.
    pub fn with_longer_arrays(self, takes_longer_arrays: bool) -> Cells<'c> {
        Cells { takes_longer_arrays, ..self }
    }

    /// Returns an error if the rows have too many cells, nearly all of them empty. Chosen columns are
    /// never too many.
    pub fn check(&self, rows: &json::Rows<'_>) -> Result<(), TooWide> {
        let guessed = self.columns.iter().filter(|column| column.place == Place::Member).count();
        let bytes = rows.size();
        let most = FEW_CELLS.max(MOST_CELLS_A_BYTE.saturating_mul(bytes));
        // A row and the comma behind it have two bytes: most rows need not be counted.
        let is_too_wide = guessed.saturating_mul(bytes.div_ceil(2)) > most
            && guessed.saturating_mul(rows.clone().count()) > most;
        if is_too_wide { Err(TooWide::Cells(guessed)) } else { Ok(()) }
    }

    /// The cells of a row, given with its members: strings without quotes, nothing
    /// for `null` and for what is missing, compact JSON for arrays and objects.
    pub fn row<'r>(
        &self,
        row: &'r [u8],
        members: &[json::Member<'r>],
    ) -> impl Iterator<Item = Cow<'r, [u8]>> + use<'r> {
        let values = self.values(row, members).into_iter();
        values.map(|value| value.map(cell).unwrap_or_default())
    }

    /// The values in the columns of a row, and those of the elements of a longer array.
    pub fn values<'r>(&self, row: &'r [u8], members: &[json::Member<'r>]) -> Vec<Option<&'r [u8]>> {
        if let [Column { place: Place::Row, .. }] = self.columns {
            return vec![Some(row)];
        }
        let mut values = vec![None; self.columns.len()];
        // Rows mostly have the same members in the same order.
        let mut next = 0;
        for member in members {
            let place = if self.names.get(next) == Some(&Some(member.name)) {
                Some(next)
            } else if member.name.contains(&b'\\') {
                self.place(json::unescape(member.name).as_bytes())
            } else {
                self.place(member.name)
            };
            if let Some(place) = place {
                values[place] = Some(member.value);
                next = place + 1;
            }
        }
        if json::is_array(row) {
            for (number, element) in json::elements(row).enumerate() {
                match self.place(number.to_string().as_bytes()) {
                    Some(place) => values[place] = Some(element),
                    None if self.takes_longer_arrays => values.push(Some(element)),
                    None => {}
                }
            }
        }
        for (place, column) in self.columns.iter().enumerate() {
            if values[place].is_none() && column.place != Place::Member {
                values[place] = column.value(row);
            }
        }
        values
    }

    /// Adds the names of the values in these rows that have no column, except those of nested ones
    /// if they are left out; of very many names, some.
    pub fn note_missing(&self, rows: json::Rows<'_>, nested: Nested, missing: &mut Vec<String>) {
        if let [Column { place: Place::Row, .. }] = self.columns {
            return;
        }
        for row in rows.filter(|row| !(self.takes_longer_arrays && json::is_array(row))) {
            for (name, value) in named(row) {
                let is_shown = nested == Nested::Kept || json::is_array(row) || !is_nested(value);
                let is_new = is_shown && !is_empty(value) && self.place(name.as_bytes()).is_none();
                if is_new && missing.len() < MOST_MISSING && !missing.contains(&name) {
                    missing.push(name);
                }
            }
        }
    }

    fn place(&self, name: &[u8]) -> Option<usize> {
        self.places.get(name).copied()
    }
}

/// The text of a cell for a checked value; see [`Cells::row`].
pub fn cell(value: &[u8]) -> Cow<'_, [u8]> {
    match value {
        b"null" => Cow::default(),
        [b'"', inside @ .., b'"'] if inside.contains(&b'\\') => json::unescape_bytes(inside).into(),
        [b'"', inside @ .., b'"'] => inside.into(),
        [b'[' | b'{', ..] => {
            let mut text = Vec::with_capacity(value.len());
            // Memory takes everything.
            let _ =
                super::json::compact(value, crate::terminal::streams::Dress::plain(), &mut text);
            text.into()
        }
        _ => value.into(),
    }
}

/// The value that a name leads to: a member of that name, else `b` inside `a` for `a.b`; numbers lead
/// into arrays.
fn find<'v>(value: &'v [u8], name: &str) -> Option<&'v [u8]> {
    if let Some(found) = json::member(value, name) {
        return Some(found);
    }
    if json::is_array(value) {
        let (index, rest) = name.split_once('.').unwrap_or((name, ""));
        let element = json::elements(value).nth(index.parse().ok()?)?;
        return if rest.is_empty() { Some(element) } else { find(element, rest) };
    }
    let (first, rest) = name.split_once('.')?;
    find(json::member(value, first)?, rest)
}

/// The members of rows, in the order in which they appear.
#[derive(Default)]
struct Guesses<'r> {
    guesses: Vec<Guess<'r>>,
    places: HashMap<String, usize>,
    has_arrays: bool,
    has_scalars: bool,
    is_too_wide: bool,
}

struct Guess<'r> {
    name: String,
    /// The name with its escapes, if it is one of a member.
    written: Option<&'r [u8]>,
    is_nested: bool,
}

impl<'r> Guesses<'r> {
    fn of(mut rows: json::Rows<'r>) -> Guesses<'r> {
        let mut guesses = Guesses::default();
        let mut members = Vec::new();
        let mut longest = 0;
        while let Some(row) = rows.next_with(&mut members) {
            if json::is_array(row) {
                guesses.has_arrays = true;
                let length = json::elements(row).count();
                for number in longest..length {
                    guesses.place(number.to_string(), None);
                }
                longest = longest.max(length);
            } else if json::is_object(row) {
                guesses.add(&members);
            } else {
                guesses.has_scalars = true;
                break;
            }
        }
        guesses
    }

    fn add(&mut self, members: &[json::Member<'r>]) {
        // Rows mostly have the same members in the same order.
        let mut next = 0;
        for member in members {
            let place = match self.guesses.get(next) {
                Some(guess) if guess.written == Some(member.name) => Some(next),
                _ => self.place(json::unescape(member.name), Some(member.name)),
            };
            let Some(place) = place else { return };
            self.guesses[place].is_nested |= is_nested(member.value);
            next = place + 1;
        }
    }

    /// The place of a name, unless there are too many.
    fn place(&mut self, name: String, written: Option<&'r [u8]>) -> Option<usize> {
        let place = self.guesses.len();
        match self.places.entry(name) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(_) if place == MOST_COLUMNS => {
                self.is_too_wide = true;
                None
            }
            Entry::Vacant(new) => {
                self.guesses.push(Guess { name: new.key().clone(), written, is_nested: false });
                Some(*new.insert(place))
            }
        }
    }

    fn columns(self, nested: Nested) -> Result<Vec<Column>, TooWide> {
        if self.has_scalars {
            return Ok(vec![Column { name: ONLY_COLUMN.to_owned(), place: Place::Row }]);
        }
        if self.is_too_wide {
            return Err(TooWide::Columns);
        }
        // The caller that wants all elements of arrays has put them together.
        let keeps_nested = nested == Nested::Kept
            || self.has_arrays
            || self.guesses.iter().all(|guess| guess.is_nested);
        let kept = self.guesses.into_iter().filter(|guess| keeps_nested || !guess.is_nested);
        Ok(kept.map(|guess| Column { name: guess.name, place: Place::Member }).collect())
    }
}

/// The members of an object; the elements of an array under their numbers; anything else under the
/// header of the one column that it would have.
fn named(row: &[u8]) -> impl Iterator<Item = (String, &[u8])> {
    let elements = json::elements(row).enumerate();
    let numbered = elements.map(|(number, value)| (number.to_string(), value));
    let members = json::members(row).map(|member| (json::unescape(member.name), member.value));
    let is_scalar = !json::is_object(row) && !json::is_array(row);
    let scalar = is_scalar.then(|| (ONLY_COLUMN.to_owned(), row));
    numbered.chain(members).chain(scalar)
}

fn is_nested(value: &[u8]) -> bool {
    json::is_array(value) || json::is_object(value)
}

/// Returns whether the cell of a value is empty.
pub fn is_empty(value: &[u8]) -> bool {
    matches!(value, b"null" | b"\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells<'r>(columns: &[Column], row: &'r str) -> Vec<Cow<'r, [u8]>> {
        let mut members = Vec::new();
        let row = json::Rows::of_value(row.as_bytes()).next_with(&mut members).expect("a row");
        Cells::of(columns).row(row, &members).collect()
    }

    fn guessed(list: &str, nested: Nested) -> Vec<Column> {
        Columns::Guessed.of(json::Rows::of_list(list.as_bytes()), nested).expect("few columns")
    }

    #[test]
    fn column_paths_find_values() {
        let check = |row: &str, name: &str, expected: &str| {
            let columns = [Column::path(name)];
            let cells = cells(&columns, row);
            assert_eq!(String::from_utf8_lossy(&cells[0]), expected, "{row} {name}");
        };
        let row = r#"{"id":"a\tb","n":1.10,"no":null,"yes":true,"voice":{"language":"漢字","x.y":1},"tags":["p", {"q":2}],"voice.z":3}"#;
        check(row, "id", "a\tb");
        check(row, "n", "1.10");
        check(row, "no", "");
        check(row, "yes", "true");
        check(row, "missing", "");
        check(row, "voice.language", "漢字");
        check(row, "voice.x.y", "1");
        check(row, "voice.z", "3");
        check(row, "voice.nobody", "");
        check(row, "id.x", "");
        check(row, "tags", r#"["p",{"q":2}]"#);
        check(row, "tags.1.q", "2");
        check(row, "tags.9", "");
        check(row, "tags.x", "");
        check("[1,[2]]", "1.0", "2");
    }

    #[test]
    fn default_columns_from_rows() {
        let check = |rows: &[&str], nested: Nested, expected: &[&str]| {
            let list = format!("[{}]", rows.join(","));
            let columns = guessed(&list, nested);
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(names, expected);
        };
        let rows = [r#"{"id":1,"tags":[],"name":null}"#, r#"{"id":2,"new":true,"name":{}}"#];
        check(&rows, Nested::LeftOut, &["id", "new"]);
        check(&rows, Nested::Kept, &["id", "tags", "name", "new"]);
        check(&[r#"{"tags":[]}"#], Nested::LeftOut, &["tags"]);
        check(&[r#""a""#, "null"], Nested::LeftOut, &["value"]);
        check(&["[1,2]", "[1,2,3]"], Nested::LeftOut, &["0", "1", "2"]);
        check(&["{}"], Nested::LeftOut, &[]);
        check(&["[1]", r#"{"":0,"b":2}"#, "[1,[2]]"], Nested::LeftOut, &["0", "", "b", "1"]);
        check(&[r#"{"b":1,"a":2}"#, r#"{"\u0061":3,"c":4,"b":5}"#], Nested::Kept, &["b", "a", "c"]);
        let late: Vec<&str> = [r#"{"id":1}"#; 5000].into_iter().chain([r#"{"x":2}"#]).collect();
        check(&late, Nested::Kept, &["id", "x"]);
        check(&[], Nested::Kept, &[]);
    }

    #[test]
    fn rows_are_taken_apart_in_one_pass() {
        let check = |columns: &[Column], row: &str, expected: &[&str]| {
            let cells = cells(columns, row);
            let cells: Vec<_> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
            assert_eq!(cells, expected, "{row}");
        };
        let chosen: Vec<Column> = ["b", "a", "b", "c.d"].into_iter().map(Column::path).collect();
        check(&chosen, r#"{"a":1,"b":2,"c":{"d":3}}"#, &["2", "1", "2", "3"]);
        check(&chosen, r#"{"\u0062":5,"c.d":6,"a":7,"a":8}"#, &["5", "8", "5", "6"]);
        check(&chosen, "[1]", &["", "", "", ""]);
        let names = guessed(r#"[{"a.b":1},{"a":{"b":2}}]"#, Nested::Kept);
        check(&names, r#"{"a":{"b":2}}"#, &["", r#"{"b":2}"#]);
        let only = guessed("[1]", Nested::Kept);
        check(&only, r#"{"value":1}"#, &[r#"{"value":1}"#]);
        let numbers = guessed("[[1,2,3]]", Nested::Kept);
        check(&numbers, "[4,5]", &["4", "5", ""]);
        check(&numbers, r#"{"1":6}"#, &["", "6", ""]);
    }

    #[test]
    fn members_without_column_are_named() {
        let check = |row: &str, nested: Nested, expected: &[&str]| {
            let columns = guessed(r#"[{"id":1,"b.c":2}]"#, Nested::Kept);
            let mut missing = Vec::new();
            let rows = json::Rows::of_list(row.as_bytes());
            Cells::of(&columns).note_missing(rows, nested, &mut missing);
            assert_eq!(missing, expected, "{row}");
        };
        check(r#"[{"b.c":1,"\u0069d":2}, {}, null]"#, Nested::Kept, &[]);
        check(r#"[{"x":1,"y":"","z":null,"t":[]}, {"x":2,"u":3}]"#, Nested::Kept, &["x", "t", "u"]);
        check(r#"[{"x":1,"t":[]}]"#, Nested::LeftOut, &["x"]);
        check("[[5,[6]], true]", Nested::LeftOut, &["0", "1", "value"]);
    }

    #[test]
    fn mostly_empty_cells_have_a_limit() {
        let check = |columns: usize, row: &str, count: usize, is_refused: bool| {
            let list =
                format!("[[0{}]{}]", ",0".repeat(columns - 1), format!(",{row}").repeat(count - 1));
            let rows = || json::Rows::of_list(list.as_bytes());
            let expected = if is_refused { Err(TooWide::Cells(columns)) } else { Ok(columns) };
            let guessed = Columns::Guessed.of(rows(), Nested::Kept);
            assert_eq!(guessed.map(|columns| columns.len()), expected, "{columns} {row} {count}");
            let chosen: Vec<Column> = (0..columns).map(|n| Column::path(&n.to_string())).collect();
            assert_eq!(Cells::of(&chosen).check(&rows()), Ok(()));
        };
        check(5_000, "[1]", 2_000, false);
        check(5_000, "[1]", 2_001, true);
        check(200, "[]", 60_000, false);
        check(500, r#"{"0":1}"#, 30_000, false);
        check(500, "{}", 30_000, true);
    }

    #[test]
    fn longer_arrays_have_more_cells() {
        let columns = guessed("[[1,2]]", Nested::Kept);
        let cells = Cells::of(&columns).with_longer_arrays(true);
        let row = b"[1,2,3,4]";
        assert_eq!(cells.values(row, &[]).into_iter().flatten().count(), 4);
        assert_eq!(Cells::of(&columns).values(row, &[]).len(), 2);
    }
}
