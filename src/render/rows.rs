//! Rows of a table or a CSV file: which columns they have, and what stands in a cell.

use crate::json;

/// Columns are guessed from so many rows at most.
const LOOKED_AT: usize = 100;

/// The header of the one column that rows without members have.
const ONLY_COLUMN: &str = "value";

/// Which columns are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// Those that the rows have.
    Guessed,
    /// Those that were asked for, by name; `a.b` is `b` inside `a`.
    Chosen(Vec<String>),
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
    /// The member of that name, or what the name leads to.
    Member,
    /// The row itself.
    Row,
}

/// What happens to guessed columns that hold arrays or objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// They are left out, unless there are no others.
    LeftOut,
    /// They are columns like all others.
    Kept,
}

impl Columns {
    /// The columns of rows that begin with these.
    pub fn of(&self, rows: &[&[u8]], nested: Nested) -> Vec<Column> {
        match self {
            Columns::Guessed => guessed(&rows[..rows.len().min(LOOKED_AT)], nested),
            Columns::Chosen(names) => names.iter().map(|name| Column::member(name)).collect(),
        }
    }
}

impl Column {
    /// The column of a member.
    pub fn member(name: &str) -> Column {
        Column { name: name.to_owned(), place: Place::Member }
    }

    /// The value in this column of a row, if the row has one.
    pub fn value<'r>(&self, row: &'r [u8]) -> Option<&'r [u8]> {
        match self.place {
            Place::Member => find(row, &self.name),
            Place::Row => Some(row),
        }
    }

    /// What stands in this column of a row, as bytes: strings without quotes, nothing for `null`
    /// and for what is missing, compact JSON for arrays and objects.
    pub fn cell(&self, row: &[u8]) -> Vec<u8> {
        self.value(row).map(cell).unwrap_or_default()
    }
}

/// What a cell shows of a checked value; see [`Column::cell`].
pub fn cell(value: &[u8]) -> Vec<u8> {
    if json::is_null(value) {
        return Vec::new();
    }
    if let Some(text) = json::as_bytes(value) {
        return text;
    }
    let mut text = Vec::with_capacity(value.len());
    // Memory takes everything.
    let _ = super::json::compact(value, crate::terminal::streams::Dress::plain(), &mut text);
    text
}

/// What a name leads to: a member of that name, else `b` inside `a` for `a.b`; numbers lead into
/// arrays.
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
fn guessed(rows: &[&[u8]], nested: Nested) -> Vec<Column> {
    if rows.iter().any(|row| !json::is_object(row) && !json::is_array(row)) {
        return vec![Column { name: ONLY_COLUMN.to_owned(), place: Place::Row }];
    }
    let mut columns: Vec<(String, bool)> = Vec::new();
    for row in rows {
        for (name, value) in members(row) {
            let is_nested = json::is_array(value) || json::is_object(value);
            match columns.iter_mut().find(|(known, _)| *known == name) {
                Some((_, nested)) => *nested |= is_nested,
                None => columns.push((name, is_nested)),
            }
        }
    }
    let has_scalars = columns.iter().any(|(_, is_nested)| !is_nested);
    columns
        .into_iter()
        .filter(|(_, is_nested)| nested == Nested::Kept || !has_scalars || !is_nested)
        .map(|(name, _)| Column::member(&name))
        .collect()
}

/// The members of an object; of an array, the elements under their numbers.
fn members(row: &[u8]) -> Vec<(String, &[u8])> {
    let elements = json::elements(row).enumerate();
    let numbered = elements.map(|(number, value)| (number.to_string(), value));
    let named = json::members(row).map(|member| (json::unescape(member.name), member.value));
    numbered.chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_paths_find_values() {
        let check = |row: &str, name: &str, expected: &str| {
            let cell = Column::member(name).cell(row.as_bytes());
            assert_eq!(String::from_utf8_lossy(&cell), expected, "{row} {name}");
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
            let rows: Vec<&[u8]> = rows.iter().map(|row| row.as_bytes()).collect();
            let columns = Columns::Guessed.of(&rows, nested);
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
}
