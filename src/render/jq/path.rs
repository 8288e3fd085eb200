//! Values by their path: reading, setting and deleting, as jq does.

use std::collections::HashSet;
use std::sync::Arc;

use jaq_core::ValR;

use super::object::Object;
use super::text::Text;
use super::value::{Error, Value, bounds, place, set_element};

/// The value at a path; `null` where there is none.
pub(super) fn get(value: &Value, path: &[Value]) -> ValR<Value> {
    path.iter().try_fold(value.clone(), |value, index| value.at(index))
}

/// Sets the value at a path, and makes what is missing on the way.
pub(super) fn set(value: &mut Value, path: &[Value], new: Value) -> ValR<(), Value> {
    update(value, path, &mut |old| {
        *old = new.clone();
        Ok(())
    })
}

/// Changes the value at a path in its place, and makes what is missing on the way.
pub(super) fn update(
    value: &mut Value,
    path: &[Value],
    change: &mut dyn FnMut(&mut Value) -> ValR<(), Value>,
) -> ValR<(), Value> {
    let Some((index, rest)) = path.split_first() else {
        return change(value);
    };
    if let (Value::Null, Value::Text(_)) = (&*value, index) {
        *value = Value::Object(Arc::default());
    }
    if let (Value::Null, Value::Number(_) | Value::Object(_)) = (&*value, index) {
        *value = Value::Array(Arc::default());
    }
    match (value, index) {
        (Value::Object(members), Value::Text(name)) => {
            let members = Arc::make_mut(members);
            if members.get(name).is_none() {
                members.insert(name.clone(), Value::Null);
            }
            members.get_mut(name).map_or(Ok(()), |member| update(member, rest, change))
        }
        (Value::Array(_), Value::Number(number)) if number.is_nan() => {
            Err(Error::str("Cannot set array element at NaN index"))
        }
        (Value::Array(elements), Value::Number(number)) => {
            let Some(at) = place(number, elements.len()) else {
                return Err(Error::str("Out of bounds negative array index"));
            };
            let elements = Arc::make_mut(elements);
            if at >= elements.len() {
                set_element(elements, at, Value::Null)?;
            }
            update(&mut elements[at], rest, change)
        }
        (Value::Array(elements), Value::Object(range)) => {
            update_slice(elements, range, rest, change)
        }
        (Value::Text(_), Value::Object(_)) => Err(Error::str("Cannot update string slices")),
        (value, index) => {
            let (index, value) = (index.kind(), value.kind());
            Err(Error::str(format!("Cannot update field at {index} index of {value}")))
        }
    }
}

fn update_slice(
    elements: &mut Arc<Vec<Value>>,
    range: &Object,
    rest: &[Value],
    change: &mut dyn FnMut(&mut Value) -> ValR<(), Value>,
) -> ValR<(), Value> {
    let range = bounds(range.get(b"start"), range.get(b"end"), elements.len())?;
    let mut slice: Value = elements[range.clone()].iter().cloned().collect();
    update(&mut slice, rest, change)?;
    let Value::Array(slice) = slice else {
        return Err(Error::str("A slice of an array can only be assigned another array"));
    };
    Arc::make_mut(elements).splice(range, slice.iter().cloned());
    Ok(())
}

/// Deletes what lies at any of the paths.
pub(super) fn delete(value: &mut Value, paths: &[&[Value]]) -> ValR<(), Value> {
    let mut here: Vec<&Value> = Vec::new();
    let mut below: Vec<&[Value]> = Vec::new();
    for path in paths {
        match path {
            [] => {
                *value = Value::Null;
                return Ok(());
            }
            [index] => here.push(index),
            [_, ..] => below.push(path),
        }
    }
    // What lies deeper goes first: afterwards the elements have other numbers.
    below.sort();
    for same in below.chunk_by(|left, right| left[0] == right[0]) {
        let index = &same[0][0];
        if let Value::Null = value.clone().at(index)? {
            continue;
        }
        let rest: Vec<&[Value]> = same.iter().map(|path| &path[1..]).collect();
        update(value, std::slice::from_ref(index), &mut |child| delete(child, &rest))?;
    }
    delete_children(value, &here)
}

fn delete_children(value: &mut Value, indices: &[&Value]) -> ValR<(), Value> {
    if indices.is_empty() {
        return Ok(());
    }
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => {
            let mut names: HashSet<&Text> = HashSet::new();
            for index in indices {
                let Value::Text(name) = index else {
                    return Err(cannot_delete(index, "object"));
                };
                names.insert(name);
            }
            Arc::make_mut(members).retain(|name| !names.contains(name));
            Ok(())
        }
        Value::Array(elements) => {
            let mut is_gone = vec![false; elements.len()];
            for index in indices {
                let range = match index {
                    Value::Number(number) => place(number, elements.len()).map(|at| at..at + 1),
                    Value::Object(range) => {
                        let (from, to) = (range.get(b"start"), range.get(b"end"));
                        Some(bounds(from, to, elements.len())?)
                    }
                    other => return Err(cannot_delete(other, "array")),
                };
                if let Some(gone) = range.and_then(|range| is_gone.get_mut(range)) {
                    gone.fill(true);
                }
            }
            let mut is_gone = is_gone.into_iter();
            Arc::make_mut(elements).retain(|_| !is_gone.next().unwrap_or(false));
            Ok(())
        }
        other => {
            let index = indices.first().map_or("null", |index| index.kind());
            let (kind, other) = (index, other.kind());
            Err(Error::str(format!("Cannot delete field at {kind} index of {other}")))
        }
    }
}

fn cannot_delete(index: &Value, from: &str) -> Error {
    Error::str(format!("Cannot delete field at {} index of {from}", index.kind()))
}
