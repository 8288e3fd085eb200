//! `-f a=1 -F b[c]=true -F d[]=2`: fields as they are entered, and the query that they mean. The JSON
//! that they mean is made in `compose/merge`.

use crate::error::Error;
use crate::json::{self, MAX_DEPTH};

/// A field: its path and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name as it was entered, for errors.
    pub(super) entered: String,
    /// The names on the way to the value, the outermost first.
    pub(super) path: Vec<Step>,
    /// The value; `None` for `a[]` alone, the empty list.
    pub(super) value: Option<FieldValue>,
}

/// One step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The member of an object.
    Name(String),
    /// Another item of a list.
    Item,
}

/// The value of a field, in the characters that were entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldValue {
    /// A string.
    Text(String),
    /// A number, `true`, `false` or `null`, as JSON.
    Literal(String),
}

/// The reading of the text behind `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// As a string (`-f`).
    Text,
    /// `true`, `false`, `null` and numbers as what they are, `@…` as a file's text (`-F`).
    Value,
    /// As JSON, `@…` as a file's JSON.
    Json,
}

impl Field {
    /// Reads `name=value`. `read` returns the text of what `@…` names.
    ///
    /// # Errors
    /// The name is not valid, or the file cannot be read.
    pub fn parse(
        text: &str,
        typing: Typing,
        read: &mut dyn FnMut(&str) -> Result<String, Error>,
    ) -> Result<Field, Error> {
        let flag = match typing {
            Typing::Text => "--raw-field",
            Typing::Value | Typing::Json => "--field",
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None if text.ends_with("[]") => (text, None),
            None => {
                return Err(Error::usage_with_hint(
                    format!("{flag}: a field has no `=`"),
                    "write it like `-f title=Hello`",
                ));
            }
        };
        let path = path(flag, name)?;
        let value = match (value, typing) {
            (None, _) => None,
            (Some(text), Typing::Text) => Some(FieldValue::Text(text.to_owned())),
            (Some(text), Typing::Value) => Some(typed(text, read)?),
            (Some(text), Typing::Json) => Some(json_text(name, text, read)?),
        };
        Ok(Field { entered: name.to_owned(), path, value })
    }
}

/// The fields as pairs of a query, which is flat: a list repeats its name.
///
/// # Errors
/// A field is nested.
pub fn query(fields: &[Field]) -> Result<Vec<(String, String)>, Error> {
    fields
        .iter()
        .filter_map(|field| field.value.as_ref().map(|value| (field, value)))
        .map(|(field, FieldValue::Text(value) | FieldValue::Literal(value))| {
            match field.path.as_slice() {
                [Step::Name(name)] | [Step::Name(name), Step::Item] => {
                    Ok((name.clone(), value.clone()))
                }
                _ => Err(Error::usage_with_hint(
                    format!("the field `{}` is nested; a query is flat", field.entered),
                    "GET, HEAD and DELETE send fields in the query",
                )),
            }
        })
        .collect()
}

/// Reads `a[b][]` as steps.
fn path(flag: &str, name: &str) -> Result<Vec<Step>, Error> {
    let Some(path) = steps(name) else {
        return Err(Error::usage_with_hint(
            format!("{flag}: invalid field name `{name}`"),
            "write it like `a`, `a[b]`, `a[]` or `a[][b]`",
        ));
    };
    if path.len() > MAX_DEPTH {
        return Err(Error::usage(format!("{flag}: a field name has more than {MAX_DEPTH} levels")));
    }
    let is_index = |step: &Step| match step {
        Step::Name(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()),
        Step::Item => false,
    };
    if path.iter().skip(1).any(is_index) {
        return Err(Error::usage_with_hint(
            format!("{flag}: a list has no index, as in `{name}`"),
            "repeat the field as `a[]=…` for each item; `-d` takes an object with such names",
        ));
    }
    Ok(path)
}

fn steps(name: &str) -> Option<Vec<Step>> {
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if first.is_empty() || first.contains(']') {
        return None;
    }
    let mut path = vec![Step::Name(first.to_owned())];
    while !rest.is_empty() {
        let (inside, behind) = rest.strip_prefix('[')?.split_once(']')?;
        if inside.contains('[') {
            return None;
        }
        path.push(if inside.is_empty() { Step::Item } else { Step::Name(inside.to_owned()) });
        rest = behind;
    }
    Some(path)
}

fn json_text(
    name: &str,
    text: &str,
    read: &mut dyn FnMut(&str) -> Result<String, Error>,
) -> Result<FieldValue, Error> {
    let text = match text.strip_prefix('@') {
        Some(file) => read(file)?,
        None => text.to_owned(),
    };
    match json::parse(text.trim().as_bytes()) {
        Ok(_) => Ok(FieldValue::Literal(text.trim().to_owned())),
        Err(fault) => {
            let name = name.trim_end_matches("[]");
            Err(Error::usage(format!("the value of {name} is not valid JSON: {fault}")))
        }
    }
}

fn typed(
    text: &str,
    read: &mut dyn FnMut(&str) -> Result<String, Error>,
) -> Result<FieldValue, Error> {
    if let Some(file) = text.strip_prefix('@') {
        return read(file).map(FieldValue::Text);
    }
    let is_literal = text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        || matches!(text, "true" | "false" | "null");
    let is_json =
        json::parse(text.as_bytes()).is_ok_and(|document| document.value() == text.as_bytes());
    let text = text.to_owned();
    Ok(if is_literal && is_json { FieldValue::Literal(text) } else { FieldValue::Text(text) })
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::compose) fn field(text: &str) -> Result<Field, Error> {
        Field::parse(text, Typing::Value, &mut |file| Ok(format!("text of {file}")))
    }

    #[test]
    fn names_of_fields_are_checked() {
        let check = |text: &str, expected: &str| {
            assert_eq!(field(text).expect_err("an error").to_string(), expected);
        };
        check("a[b=1", "--field: invalid field name `a[b`");
        check("[a]=1", "--field: invalid field name `[a]`");
        check("a]=1", "--field: invalid field name `a]`");
        check("a[b]c=1", "--field: invalid field name `a[b]c`");
        check("=1", "--field: invalid field name ``");
        check("a", "--field: a field has no `=`");
        check("a[0]=1", "--field: a list has no index, as in `a[0]`");
        check("a[b][12]=1", "--field: a list has no index, as in `a[b][12]`");
        assert!(field("0=1").is_ok() && field("a[0b]=1").is_ok());
    }

    #[test]
    fn literals_keep_their_characters() {
        let check = |text: &str, is_literal: bool| {
            let value = field(&format!("a={text}")).expect("a field").value;
            let text = text.to_owned();
            let expected =
                if is_literal { FieldValue::Literal(text) } else { FieldValue::Text(text) };
            assert_eq!(value, Some(expected));
        };
        for literal in
            ["true", "false", "null", "0", "-0", "1.10", "1e5", "1E+05", "12345678901234567890"]
        {
            check(literal, true);
        }
        for text in ["", "01", "1.", "+1", " 1", "1 ", "NaN", "True", "-", "{}", "[1]", "\"a\""] {
            check(text, false);
        }
    }

    #[test]
    fn queries_are_flat_and_repeat_names() {
        let fields: Vec<Field> = ["a=1e5", "b[]=x", "b[]=y", "c[]"]
            .iter()
            .map(|text| field(text).expect("a field"))
            .collect();
        let pairs = query(&fields).expect("a query");
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "1e5"), ("b", "x"), ("b", "y")]);
        assert!(query(&[field("a[b]=1").expect("a field")]).is_err());
    }

    proptest! {
        #[test]
        fn any_field_parses_without_panic(texts in proptest::collection::vec("[ab\\[\\]=@.1]{0,12}", 0..5)) {
            let fields: Result<Vec<Field>, Error> = texts.iter().map(|text| field(text)).collect();
            if let Ok(fields) = fields {
                let _ = query(&fields);
            }
        }
    }
}
