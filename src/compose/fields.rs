//! `-f a=1 -F b[c]=true -F d[]=2`: what is typed as fields, and the JSON or query that it means.

use serde_json::{Map, Number, Value};

use crate::error::Error;
use crate::json::MAX_DEPTH;

/// A field as it was typed: where it goes, and what goes there.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name as it was typed, for errors.
    typed: String,
    /// The names on the way to the value, the outermost first.
    path: Vec<Step>,
    /// The value; `None` for `a[]` alone, the empty list.
    value: Option<Value>,
}

/// One step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The member of an object.
    Name(String),
    /// Another item of a list.
    Item,
}

/// How the text behind `=` is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// As text (`-f`).
    Text,
    /// `true`, `false`, `null` and numbers as what they are, `@…` as a file's text (`-F`).
    Value,
}

impl Field {
    /// Reads `name=value`. `read` returns the text of what `@…` names.
    ///
    /// # Errors
    /// The name is no name, or the file cannot be read.
    pub fn parse(
        text: &str,
        typing: Typing,
        read: &mut dyn FnMut(&str) -> Result<String, Error>,
    ) -> Result<Field, Error> {
        let flag = match typing {
            Typing::Text => "--raw-field",
            Typing::Value => "--field",
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
        let Some(path) = path(name) else {
            return Err(Error::usage_with_hint(
                format!("{flag} `{name}`: that is no name of a field"),
                "write it like `a`, `a[b]`, `a[]` or `a[][b]`",
            ));
        };
        if path.len() > MAX_DEPTH {
            return Err(Error::usage(format!("{flag}: a name has more than {MAX_DEPTH} levels")));
        }
        let value = match (value, typing) {
            (None, _) => None,
            (Some(text), Typing::Text) => Some(Value::String(text.to_owned())),
            (Some(text), Typing::Value) => Some(typed(text, read)?),
        };
        Ok(Field { typed: name.to_owned(), path, value })
    }
}

/// Puts fields into an object: they win over what is there.
///
/// # Errors
/// One field makes a list or a text of what another makes an object; or a name is given twice.
pub fn merge(
    mut object: Map<String, Value>,
    fields: &[Field],
) -> Result<Map<String, Value>, Error> {
    let mut given: Vec<&str> = Vec::new();
    for field in fields {
        let is_list = field.path.contains(&Step::Item);
        if !is_list && given.contains(&field.typed.as_str()) {
            return Err(Error::usage_with_hint(
                format!("the field `{}` is given twice", field.typed),
                format!("a list is written `{}[]=…`", field.typed),
            ));
        }
        given.push(&field.typed);
    }
    let mut started: Vec<&[Step]> = Vec::new();
    for field in fields {
        let root = Value::Object(object);
        let Value::Object(changed) =
            insert(root, &field.path, &mut Place { field, depth: 0, started: &mut started })?
        else {
            return Err(conflict(field));
        };
        object = changed;
    }
    Ok(object)
}

/// The fields as pairs of a query, which is flat: a list repeats its name.
///
/// # Errors
/// A field is nested.
pub fn query(fields: &[Field]) -> Result<Vec<(String, String)>, Error> {
    fields
        .iter()
        .filter_map(|field| field.value.as_ref().map(|value| (field, value)))
        .map(|(field, value)| match field.path.as_slice() {
            [Step::Name(name)] | [Step::Name(name), Step::Item] => Ok((name.clone(), plain(value))),
            _ => Err(Error::usage_with_hint(
                format!("the field `{}` is nested; a query is flat", field.typed),
                "this method sends fields in the query",
            )),
        })
        .collect()
}

/// Where a value goes while fields are merged.
struct Place<'p, 'f> {
    field: &'f Field,
    depth: usize,
    /// Lists that a field has begun anew: those of `--data` are replaced and not continued.
    started: &'p mut Vec<&'f [Step]>,
}

fn insert(target: Value, path: &[Step], place: &mut Place<'_, '_>) -> Result<Value, Error> {
    let value = place.field.value.as_ref();
    match path {
        [] => Ok(value.cloned().unwrap_or_default()),
        [Step::Name(name), rest @ ..] => {
            let mut object = match target {
                Value::Object(object) => object,
                Value::Null => Map::new(),
                _ => return Err(conflict(place.field)),
            };
            place.depth += 1;
            let inner = object.get_mut(name).map(Value::take).unwrap_or_default();
            let inner = if rest.is_empty() { Value::Null } else { inner };
            let inner = insert(inner, rest, place)?;
            object.insert(name.clone(), inner);
            Ok(Value::Object(object))
        }
        [Step::Item, rest @ ..] => {
            let list = &place.field.path[..=place.depth];
            let is_new = !place.started.contains(&list);
            if is_new {
                place.started.push(list);
            }
            let mut items = match target {
                Value::Array(items) if !is_new => items,
                Value::Array(_) | Value::Null => Vec::new(),
                _ => return Err(conflict(place.field)),
            };
            place.depth += 1;
            if value.is_none() && rest.is_empty() {
                return Ok(Value::Array(items));
            }
            // `a[][x]=1 a[][y]=2` is one item; `a[][x]=1 a[][x]=2` are two.
            let continues = matches!((items.last(), rest.first()),
                (Some(Value::Object(last)), Some(Step::Name(name))) if !last.contains_key(name) || rest.len() > 1);
            let last = if continues { items.pop() } else { None };
            items.push(insert(last.unwrap_or_default(), rest, place)?);
            Ok(Value::Array(items))
        }
    }
}

fn conflict(field: &Field) -> Error {
    Error::usage(format!(
        "the field `{}` contradicts another one: one of them is no object, or no list",
        field.typed
    ))
}

/// `a[b][]` as steps; `None` if it is no name.
fn path(name: &str) -> Option<Vec<Step>> {
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

fn typed(text: &str, read: &mut dyn FnMut(&str) -> Result<String, Error>) -> Result<Value, Error> {
    if let Some(file) = text.strip_prefix('@') {
        return read(file).map(Value::String);
    }
    Ok(match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        // With arbitrary precision a number keeps the digits it was typed with.
        _ => match serde_json::from_str::<Number>(text) {
            Ok(number) if text.trim() == text => Value::Number(number),
            _ => Value::String(text.to_owned()),
        },
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(text: &str) -> Result<Field, Error> {
        Field::parse(text, Typing::Value, &mut |file| Ok(format!("text of {file}")))
    }

    fn merged(data: &str, fields: &[&str]) -> Result<String, Error> {
        let Ok(Value::Object(object)) = serde_json::from_str(data) else {
            panic!("{data} is no object")
        };
        let fields: Vec<Field> = fields.iter().map(|text| field(text)).collect::<Result<_, _>>()?;
        merge(object, &fields).map(|object| Value::Object(object).to_string())
    }

    #[test]
    fn fields_become_json() {
        let check = |fields: &[&str], expected: &str| {
            assert_eq!(merged("{}", fields).expect("an object"), expected, "{fields:?}");
        };
        check(
            &["a=1", "b=true", "c=null", "d=text", "e="],
            r#"{"a":1,"b":true,"c":null,"d":"text","e":""}"#,
        );
        check(
            &["a=12345678901234567890", "b=1.10", "c=-0", "d=1e5"],
            r#"{"a":12345678901234567890,"b":1.10,"c":-0,"d":1e+5}"#,
        );
        check(
            &["a=01", "b=1.", "c=+1", "d= 1", "e=NaN"],
            r#"{"a":"01","b":"1.","c":"+1","d":" 1","e":"NaN"}"#,
        );
        check(&["a=@f", "b=@-"], r#"{"a":"text of f","b":"text of -"}"#);
        check(&["a[b][c]=1", "a[b][d]=2"], r#"{"a":{"b":{"c":1,"d":2}}}"#);
        check(&["a[]=1", "a[]=2"], r#"{"a":[1,2]}"#);
        check(&["a[]"], r#"{"a":[]}"#);
        check(&["a[][x]=1", "a[][y]=2", "a[][x]=3"], r#"{"a":[{"x":1,"y":2},{"x":3}]}"#);
        check(&["a[][b][c]=1", "a[][b][d]=2"], r#"{"a":[{"b":{"c":1,"d":2}}]}"#);
        check(&["a=b=c"], r#"{"a":"b=c"}"#);
        check(&["a.b=1"], r#"{"a.b":1}"#);
    }

    #[test]
    fn fields_override_data() {
        let check = |data: &str, fields: &[&str], expected: &str| {
            assert_eq!(merged(data, fields).expect("an object"), expected, "{data} {fields:?}");
        };
        check(r#"{"z":1.10,"a":1,"b":2}"#, &["a=3"], r#"{"z":1.10,"a":3,"b":2}"#);
        check(r#"{"a":{"x":1,"y":2}}"#, &["a[y]=3"], r#"{"a":{"x":1,"y":3}}"#);
        check(r#"{"a":[1,2]}"#, &["a[]=3"], r#"{"a":[3]}"#);
        check(r#"{"a":"text"}"#, &["a=1"], r#"{"a":1}"#);
    }

    #[test]
    fn rejects_contradicting_fields() {
        let check = |fields: &[&str], expected: &str| {
            assert_eq!(merged("{}", fields).expect_err("an error").to_string(), expected);
        };
        check(&["a=1", "a=2"], "the field `a` is given twice");
        check(
            &["a=1", "a[b]=2"],
            "the field `a[b]` contradicts another one: one of them is no object, or no list",
        );
        check(
            &["a[b]=1", "a[]=2"],
            "the field `a[]` contradicts another one: one of them is no object, or no list",
        );
        check(&["a[b=1"], "--field `a[b`: that is no name of a field");
        check(&["[a]=1"], "--field `[a]`: that is no name of a field");
        check(&["a]=1"], "--field `a]`: that is no name of a field");
        check(&["a[b]c=1"], "--field `a[b]c`: that is no name of a field");
        check(&["=1"], "--field ``: that is no name of a field");
        check(&["a"], "--field: a field has no `=`");
    }

    #[test]
    fn query_lists_repeat_the_name() {
        let fields: Vec<Field> = ["a=1", "b[]=x", "b[]=y", "c[]"]
            .iter()
            .map(|text| field(text).expect("a field"))
            .collect();
        let pairs = query(&fields).expect("a query");
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "x"), ("b", "y")]);
        assert!(query(&[field("a[b]=1").expect("a field")]).is_err());
    }

    proptest! {
        #[test]
        fn any_field_parses_without_panic(texts in proptest::collection::vec("[ab\\[\\]=@.1]{0,12}", 0..5)) {
            let fields: Result<Vec<Field>, Error> = texts.iter().map(|text| field(text)).collect();
            if let Ok(fields) = fields {
                let _ = query(&fields);
                let _ = merge(Map::new(), &fields);
            }
        }

        #[test]
        fn text_fields_are_kept_unchanged(name in "[a-z]{1,8}", text in "\\PC{0,30}") {
            let field = Field::parse(&format!("{name}={text}"), Typing::Text, &mut |_| Ok(String::new()));
            let merged = merge(Map::new(), &[field.expect("a field")]).expect("an object");
            prop_assert_eq!(&merged[&name], &Value::String(text));
        }
    }
}
