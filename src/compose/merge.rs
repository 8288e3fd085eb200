//! Fields joined with the JSON of `--data`, which they take precedence over.
//!
//! Only the objects and lists on the way to a field are opened ([`Node`]); everything else is sent as
//! it was entered. Of several members with the same name the last counts, as in most readers of
//! JSON: a field goes into that one, and the others are left out. Where no field goes, all of them
//! stay.

use super::fields::{Field, FieldValue, Step};
use crate::error::Error;
use crate::json::{Name, Node};

/// Puts fields into an object.
///
/// # Errors
/// A name is given twice, or one field makes a value of what another makes an object or a list.
pub(super) fn merge<'t>(object: Node<'t>, fields: &'t [Field]) -> Result<Node<'t>, Error> {
    check_names(fields)?;
    let mut started: Vec<&[Step]> = Vec::new();
    fields.iter().try_fold(object, |object, field| {
        let mut place = Place { field, depth: 0, started: &mut started };
        insert(Some(object), &field.path, &mut place)
    })
}

/// Refuses a name that is given twice or is both a value and a container, in any order of the fields.
fn check_names(fields: &[Field]) -> Result<(), Error> {
    for (index, field) in fields.iter().enumerate() {
        if field.path.contains(&Step::Item) {
            continue;
        }
        let mut others = fields.iter().enumerate().filter(|(other, _)| *other != index);
        match others.find(|(_, other)| other.path.starts_with(&field.path)) {
            Some((_, other)) if other.path == field.path => {
                return Err(Error::usage_with_hint(
                    format!("the field `{}` is given twice", field.entered),
                    format!("for a list, write `{}[]=…`", field.entered),
                ));
            }
            Some((_, other)) => {
                return Err(Error::usage(format!(
                    "the fields `{}` and `{}` conflict: a value cannot be an object or a list too",
                    field.entered, other.entered
                )));
            }
            None => {}
        }
    }
    Ok(())
}

/// The place of a value while fields are merged.
struct Place<'p, 't> {
    field: &'t Field,
    depth: usize,
    /// Lists that a field has begun anew: those of `--data` are replaced and not continued.
    started: &'p mut Vec<&'t [Step]>,
}

/// The value at a path with the field's value in it; `None` is a value that is not there yet.
fn insert<'t>(
    target: Option<Node<'t>>,
    path: &'t [Step],
    place: &mut Place<'_, 't>,
) -> Result<Node<'t>, Error> {
    let target = target.filter(|target| !target.is_null());
    match path {
        [] => Ok(place.value()),
        [Step::Name(name), rest @ ..] => {
            let members = target.map_or(Some(Vec::new()), Node::into_members);
            let members = members.ok_or_else(|| place.conflict())?;
            place.depth += 1;
            insert_member(members, name, rest, place).map(Node::Object)
        }
        [Step::Item, rest @ ..] => {
            let list = &place.field.path[..=place.depth];
            let is_new = !place.started.contains(&list);
            if is_new {
                place.started.push(list);
            }
            let items = target.map_or(Some(Vec::new()), Node::into_elements);
            let items = items.ok_or_else(|| place.conflict())?;
            place.depth += 1;
            insert_item(if is_new { Vec::new() } else { items }, rest, place).map(Node::List)
        }
    }
}

fn insert_member<'t>(
    mut members: Vec<(Name<'t>, Node<'t>)>,
    name: &'t str,
    rest: &'t [Step],
    place: &mut Place<'_, 't>,
) -> Result<Vec<(Name<'t>, Node<'t>)>, Error> {
    let Some(first) = members.iter().position(|(other, _)| other.is(name)) else {
        members.push((Name::new(name), insert(None, rest, place)?));
        return Ok(members);
    };
    let later = members.extract_if(first + 1.., |(other, _)| other.is(name)).last();
    let (entered_name, value) = members.remove(first);
    let value = later.map_or(value, |(_, later)| later);
    members.insert(first, (entered_name, insert(Some(value), rest, place)?));
    Ok(members)
}

fn insert_item<'t>(
    mut items: Vec<Node<'t>>,
    rest: &'t [Step],
    place: &mut Place<'_, 't>,
) -> Result<Vec<Node<'t>>, Error> {
    if place.field.value.is_none() && rest.is_empty() {
        return Ok(items);
    }
    // `a[][x]=1 a[][y]=2` is one item; `a[][x]=1 a[][x]=2` are two.
    let continues = match (items.last(), rest.first()) {
        (Some(Node::Object(last)), Some(Step::Name(name))) => {
            rest.len() > 1 || !last.iter().any(|(other, _)| other.is(name))
        }
        _ => false,
    };
    let last = if continues { items.pop() } else { None };
    items.push(insert(last, rest, place)?);
    Ok(items)
}

impl<'t> Place<'_, 't> {
    fn value(&self) -> Node<'t> {
        match &self.field.value {
            Some(FieldValue::Text(text)) => Node::string(text),
            Some(FieldValue::Literal(text)) => Node::raw(text.as_bytes()),
            None => Node::null(),
        }
    }

    fn conflict(&self) -> Error {
        Error::usage(format!(
            "the field `{}` conflicts with --data or another field: it needs an object or a list \
             where there is another value",
            self.field.entered
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compose::fields::Typing;
    use crate::compose::fields::tests::field;

    fn merged(data: &str, fields: &[&str]) -> Result<String, Error> {
        let fields: Vec<Field> = fields.iter().map(|text| field(text)).collect::<Result<_, _>>()?;
        let mut out = Vec::new();
        merge(Node::raw(data.as_bytes()), &fields)?.write(&mut out);
        Ok(String::from_utf8(out).expect("UTF-8"))
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
            &["a=12345678901234567890", "b=1.10", "c=-0", "d=1e5", "e=1E+05"],
            r#"{"a":12345678901234567890,"b":1.10,"c":-0,"d":1e5,"e":1E+05}"#,
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
        check(&["a[][]=1", "a[][]=2"], r#"{"a":[[1],[2]]}"#);
        check(&["a=b=c"], r#"{"a":"b=c"}"#);
        check(&["a.b=1"], r#"{"a.b":1}"#);
        check(&["a\"b=1"], r#"{"a\"b":1}"#);
    }

    #[test]
    fn untouched_data_keeps_its_bytes() {
        let check = |data: &str, fields: &[&str], expected: &str| {
            assert_eq!(merged(data, fields).expect("an object"), expected, "{data} {fields:?}");
        };
        check(r#"{"z":1.10,"a":1,"b":2}"#, &["a=3"], r#"{"z":1.10,"a":3,"b":2}"#);
        check(r#"{"a":{"x":1,"y":2}}"#, &["a[y]=3"], r#"{"a":{"x":1,"y":3}}"#);
        check(r#"{"a":[1,2]}"#, &["a[]=3"], r#"{"a":[3]}"#);
        check(r#"{"a":"text"}"#, &["a=1"], r#"{"a":1}"#);
        check(r#"{"a":null}"#, &["a[b]=1"], r#"{"a":{"b":1}}"#);
        check(
            r#"{"n":1e5,"m":[ 1E+05, 12345678901234567890 ],"s":"\ud800\/\u00e9"}"#,
            &["b=x"],
            r#"{"n":1e5,"m":[ 1E+05, 12345678901234567890 ],"s":"\ud800\/\u00e9","b":"x"}"#,
        );
        check(
            r#"{"x":{"$serde_json::private::Number":"5"}}"#,
            &["b=x"],
            r#"{"x":{"$serde_json::private::Number":"5"},"b":"x"}"#,
        );
        check(r#"{"\u0061":{"b":1}}"#, &["a[c]=2"], r#"{"\u0061":{"b":1,"c":2}}"#);
    }

    #[test]
    fn fields_replace_all_duplicate_members() {
        let check = |data: &str, fields: &[&str], expected: &str| {
            assert_eq!(merged(data, fields).expect("an object"), expected, "{data} {fields:?}");
        };
        check(r#"{"a":1,"b":2,"a":3}"#, &["c=4"], r#"{"a":1,"b":2,"a":3,"c":4}"#);
        check(r#"{"a":1,"b":2,"a":3}"#, &["a=4"], r#"{"a":4,"b":2}"#);
        check(r#"{"a":{"x":1},"\u0061":{"y":2}}"#, &["a[z]=3"], r#"{"a":{"y":2,"z":3}}"#);
    }

    #[test]
    fn field_conflicts_in_any_order() {
        let check = |data: &str, fields: [&str; 2], expected: &str| {
            for fields in [fields, [fields[1], fields[0]]] {
                let error = merged(data, &fields).expect_err("an error").to_string();
                assert_eq!(error, expected, "{fields:?}");
            }
        };
        check("{}", ["a=1", "a=2"], "the field `a` is given twice");
        let makes = "conflict: a value cannot be an object or a list too";
        check("{}", ["a=1", "a[b]=2"], &format!("the fields `a` and `a[b]` {makes}"));
        check("{}", ["a=1", "a[]=2"], &format!("the fields `a` and `a[]` {makes}"));
        check("{}", ["a=1", "a[]"], &format!("the fields `a` and `a[]` {makes}"));
        let needs = "conflicts with --data or another field: it needs an object or a list where there is another value";
        check(r#"{"a":1}"#, ["a[b]=1", "b=1"], &format!("the field `a[b]` {needs}"));
        for (first, second) in [("a[b]=1", "a[]=2"), ("a[]=2", "a[b]=1")] {
            let error = merged("{}", &[first, second]).expect_err("an error").to_string();
            let name = second.split('=').next().unwrap_or_default();
            assert_eq!(error, format!("the field `{name}` {needs}"));
        }
    }

    proptest! {
        #[test]
        fn no_fields_make_it_panic(texts in proptest::collection::vec("[ab\\[\\]=@.1]{0,12}", 0..5)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            if let Ok(text) = merged(r#"{"a":[{"b":1}],"b":{"a":[]},"a":2}"#, &texts) {
                prop_assert!(crate::json::parse(text.as_bytes()).is_ok());
            }
        }

        #[test]
        fn texts_arrive_as_they_were_entered(name in "[a-z]{1,8}", text in "\\PC{0,30}") {
            let field = Field::parse(&format!("{name}={text}"), Typing::Text, &mut |_| Ok(String::new()));
            let fields = [field.expect("a field")];
            let mut out = Vec::new();
            merge(Node::raw(b"{}"), &fields).expect("an object").write(&mut out);
            let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
            prop_assert_eq!(&value[&name], &serde_json::Value::String(text));
        }
    }
}
