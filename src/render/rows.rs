//! Rows of a table or a CSV file: their columns and their cells.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use crate::json;

/// The most columns: each takes some hundred times the memory of its two bytes in `[0,0,…]`.
pub const MOST_COLUMNS: usize = 100_000;

/// The maximum number of rows from which columns are guessed.
const LOOKED_AT: usize = 100;

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

/// The rows have more than [`MOST_COLUMNS`] columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooWide;

impl std::error::Error for TooWide {}

impl std::fmt::Display for TooWide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "more than {MOST_COLUMNS} columns")
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

    /// The columns of rows that begin with these.
    ///
    /// # Errors
    /// They are too many.
    pub fn of(&self, rows: json::Rows<'_>, nested: Nested) -> Result<Vec<Column>, TooWide> {
        match self {
            Columns::Guessed | Columns::Sorted(_) => guessed(rows.take(LOOKED_AT), nested),
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
        Cells { columns, names: columns.iter().map(name).collect(), places }
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

    /// The values in the columns of a row.
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
                if let Some(place) = self.place(number.to_string().as_bytes()) {
                    values[place] = Some(element);
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

/// The members of the rows in the order in which they appear.
fn guessed<'r>(
    rows: impl Iterator<Item = &'r [u8]>,
    nested: Nested,
) -> Result<Vec<Column>, TooWide> {
    let mut columns: Vec<(String, bool)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // The caller that wants all elements of arrays has put them together.
    let mut has_arrays = false;
    for row in rows {
        has_arrays |= json::is_array(row);
        if !json::is_object(row) && !json::is_array(row) {
            return Ok(vec![Column { name: ONLY_COLUMN.to_owned(), place: Place::Row }]);
        }
        for (name, value) in members(row) {
            let is_nested = json::is_array(value) || json::is_object(value);
            let known = places.get(&name).copied();
            match known.and_then(|place| columns.get_mut(place)) {
                Some((_, nested)) => *nested |= is_nested,
                None if places.len() == MOST_COLUMNS => return Err(TooWide),
                None => {
                    places.insert(name.clone(), columns.len());
                    columns.push((name, is_nested));
                }
            }
        }
    }
    let has_scalars = columns.iter().any(|(_, is_nested)| !is_nested);
    let keeps_nested = nested == Nested::Kept || !has_scalars || has_arrays;
    let kept = columns.into_iter().filter(|(_, is_nested)| keeps_nested || !is_nested);
    Ok(kept.map(|(name, _)| Column { name, place: Place::Member }).collect())
}

/// The members of an object; of an array, the elements under their numbers.
fn members(row: &[u8]) -> impl Iterator<Item = (String, &[u8])> {
    let elements = json::elements(row).enumerate();
    let numbered = elements.map(|(number, value)| (number.to_string(), value));
    let named = json::members(row).map(|member| (json::unescape(member.name), member.value));
    numbered.chain(named)
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
}
