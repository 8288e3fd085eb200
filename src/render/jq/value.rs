//! Values of a filter, and what jq's operators make of them.
//!
//! A value takes 16 bytes and shares what it holds. It may go from one thread to another, so that it
//! is built where the bytes are and used where there is room for recursion.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Range, Rem, Sub};
use std::sync::Arc;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::{Exn, ValR, ValX};

use super::number::Number;
use super::object::Object;
use super::text::Text;
use super::write;

/// The most elements that an assignment beyond the end of an array makes.
const LONGEST_ARRAY: usize = 1 << 29;

/// So much of a value stands in an error at least.
const LONGEST_QUOTE: usize = 500;

pub(super) type Error = jaq_core::Error<Value>;

#[derive(Debug, Clone, Default)]
pub(super) enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    Array(Arc<Vec<Value>>),
    Object(Arc<Object>),
}

const _: () = assert!(size_of::<Value>() == 16);

impl Value {
    pub(super) fn text(bytes: impl Into<Vec<u8>>) -> Value {
        Value::Text(bytes.into().into())
    }

    /// The name that jq's `type` returns.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// The value in an error: what it is, and what it looks like.
    pub(super) fn described(&self) -> String {
        format!("{} ({self})", self.kind())
    }

    /// Takes an array or an object apart.
    fn children<T: 'static>(
        self,
        element: fn(usize, Value) -> T,
        member: fn(Text, Value) -> T,
    ) -> BoxIter<'static, ValR<T, Value>> {
        match self {
            // What is shared is not copied as a whole.
            Value::Array(elements) => Box::new((0..elements.len()).map(move |index| {
                let value = elements.get(index).cloned().unwrap_or_default();
                Ok(element(index, value))
            })),
            Value::Object(members) => Box::new((0..members.len()).map(move |index| {
                let (name, value) = members.members()[index].clone();
                Ok(member(name, value))
            })),
            other => {
                let message = format!("Cannot iterate over {}", other.described());
                box_once(Err(Error::str(message)))
            }
        }
    }

    /// The part of an array or a string between two places.
    pub(super) fn slice(&self, from: Option<&Value>, to: Option<&Value>) -> ValR<Value> {
        let length = match self {
            Value::Null => return Ok(Value::Null),
            Value::Array(elements) => elements.len(),
            Value::Text(text) => text.count(),
            other => return Err(Error::str(format!("Cannot index {} with object", other.kind()))),
        };
        let range = bounds(from, to, length)?;
        Ok(match self {
            Value::Text(text) => Value::Text(text.slice(range.start, range.end)),
            Value::Array(elements) => elements[range].iter().cloned().collect(),
            _ => Value::Null,
        })
    }

    /// The places of a value in an array, or an array in another: their numbers.
    pub(super) fn places_of(&self, sought: &Value) -> ValR<Value> {
        let found: Vec<usize> = match (self, sought) {
            (Value::Null, _) => return Ok(Value::Null),
            (Value::Text(text), Value::Text(sought)) => characters_of_text(text, sought),
            (Value::Array(_), Value::Array(sought)) if sought.is_empty() => Vec::new(),
            (Value::Array(elements), Value::Array(sought)) => {
                let windows = elements.windows(sought.len()).enumerate();
                windows.filter(|(_, window)| *window == **sought).map(|(at, _)| at).collect()
            }
            (Value::Array(elements), sought) => {
                let elements = elements.iter().enumerate();
                elements.filter(|(_, element)| *element == sought).map(|(at, _)| at).collect()
            }
            (value, sought) => return value.clone().at(sought),
        };
        Ok(found.into_iter().map(Value::from).collect())
    }

    /// The value at a name, a number or a slice.
    pub(super) fn at(self, index: &Value) -> ValR<Value> {
        match (&self, index) {
            (Value::Object(members), Value::Text(name)) => {
                Ok(members.get(name).cloned().unwrap_or_default())
            }
            (Value::Array(elements), Value::Number(number)) => {
                let place = place(number, elements.len());
                Ok(place.and_then(|place| elements.get(place)).cloned().unwrap_or_default())
            }
            (Value::Array(_) | Value::Text(_), Value::Object(range)) => {
                self.slice(range.get(b"start"), range.get(b"end"))
            }
            (Value::Array(_), Value::Array(_)) => self.places_of(index),
            (Value::Null, Value::Text(_) | Value::Number(_) | Value::Object(_)) => Ok(Value::Null),
            (value, Value::Text(name)) if name.len() < 30 => {
                let name = String::from_utf8_lossy(name);
                Err(Error::str(format!("Cannot index {} with string \"{name}\"", value.kind())))
            }
            (value, index) => {
                Err(Error::str(format!("Cannot index {} with {}", value.kind(), index.kind())))
            }
        }
    }

    /// Returns whether there is something at a name or a number.
    pub(super) fn has(&self, index: &Value) -> ValR<bool, Value> {
        match (self, index) {
            (Value::Null, _) => Ok(false),
            (Value::Object(members), Value::Text(name)) => Ok(members.get(name).is_some()),
            (Value::Array(elements), Value::Number(number)) => {
                Ok((0.0..elements.len() as f64).contains(&number.to_f64()))
            }
            (value, index) => Err(Error::str(format!(
                "Cannot check whether {} has a {} key",
                value.kind(),
                index.kind()
            ))),
        }
    }

    pub(super) fn contains(&self, other: &Value) -> ValR<bool, Value> {
        match (self, other) {
            (Value::Object(members), Value::Object(others)) => {
                for (name, other) in others.members() {
                    let contains = members.get(name).map(|value| value.contains(other));
                    if !contains.transpose()?.unwrap_or(false) {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Array(elements), Value::Array(others)) => {
                for other in others.iter() {
                    let mut found = false;
                    for element in elements.iter().filter(|element| element.kind() == other.kind())
                    {
                        found = found || element.contains(other)?;
                    }
                    if !found {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Text(text), Value::Text(other)) => {
                Ok(other.is_empty() || !places_of_text(text, other, 1).is_empty())
            }
            (left, right) if left.kind() == right.kind() => Ok(left == right),
            (left, right) => {
                let (left, right) = (left.described(), right.described());
                let message = format!("{left} and {right} cannot have their containment checked");
                Err(Error::str(message))
            }
        }
    }
}

/// The two values as an error of arithmetic shows them.
fn both(left: &Value, right: &Value, what: &str) -> Error {
    Error::str(format!("{} and {} cannot be {what}", left.described(), right.described()))
}

fn out_of_memory() -> Error {
    Error::str("the result does not fit into memory")
}

/// The index that a number means in an array of this length, if there is one: negative numbers
/// count from the end.
pub(super) fn place(number: &Number, length: usize) -> Option<usize> {
    if number.is_nan() {
        return None;
    }
    let place = number.to_f64().trunc();
    let place = if place < 0.0 { place + length as f64 } else { place };
    (place >= 0.0).then_some(place as usize)
}

/// The elements that a slice means in an array of this length. Its beginning is rounded down, its
/// end up.
pub(super) fn bounds(
    from: Option<&Value>,
    to: Option<&Value>,
    length: usize,
) -> ValR<Range<usize>, Value> {
    let length = length as f64;
    let bound = |bound: Option<&Value>, default: f64| match bound {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Number(number)) if number.is_nan() => Ok(default),
        Some(Value::Number(number)) if number.to_f64() < 0.0 => Ok(number.to_f64() + length),
        Some(Value::Number(number)) => Ok(number.to_f64()),
        Some(_) => Err(Error::str("Start and end indices of an array slice must be numbers")),
    };
    let start = bound(from, 0.0)?.clamp(0.0, length).floor();
    let end = bound(to, length)?.clamp(0.0, length).ceil();
    Ok(start as usize..(end as usize).max(start as usize))
}

/// The places of a text in another, at most so many times, without overlaps: numbers of bytes.
fn places_of_text(text: &[u8], sought: &[u8], most: usize) -> Vec<usize> {
    if let (Ok(text), Ok(sought)) = (std::str::from_utf8(text), std::str::from_utf8(sought)) {
        return text.match_indices(sought).take(most).map(|(at, _)| at).collect();
    }
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|_| places.len() < most) {
        let Some(at) = rest.windows(sought.len().max(1)).position(|window| window == sought) else {
            break;
        };
        places.push(from + at);
        from += at + sought.len();
    }
    places
}

/// The places of a text in another: numbers of characters.
fn characters_of_text(text: &[u8], sought: &[u8]) -> Vec<usize> {
    if sought.is_empty() {
        return Vec::new();
    }
    let characters = super::text::places(text).enumerate();
    characters
        .filter(|(_, byte)| text.get(*byte..).is_some_and(|rest| rest.starts_with(sought)))
        .map(|(character, _)| character)
        .collect()
}

impl Add for Value {
    type Output = ValR<Value>;

    fn add(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Null, value) | (value, Value::Null) => Ok(value),
            (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.plus(&right))),
            (Value::Text(left), Value::Text(right)) => {
                left.append(&right).map(Value::Text).ok_or_else(out_of_memory)
            }
            (Value::Array(mut left), Value::Array(right)) => {
                let elements = Arc::make_mut(&mut left);
                elements.try_reserve(right.len()).map_err(|_| out_of_memory())?;
                elements.extend(right.iter().cloned());
                Ok(Value::Array(left))
            }
            (Value::Object(mut left), Value::Object(right)) => {
                let members = Arc::make_mut(&mut left);
                for (name, value) in right.members() {
                    members.insert(name.clone(), value.clone());
                }
                Ok(Value::Object(left))
            }
            (left, right) => Err(both(&left, &right, "added")),
        }
    }
}

impl Sub for Value {
    type Output = ValR<Value>;

    fn sub(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.minus(&right))),
            (Value::Array(mut left), Value::Array(right)) => {
                let gone: std::collections::BTreeSet<&Value> = right.iter().collect();
                Arc::make_mut(&mut left).retain(|element| !gone.contains(element));
                Ok(Value::Array(left))
            }
            (left, right) => Err(both(&left, &right, "subtracted")),
        }
    }
}

impl Mul for Value {
    type Output = ValR<Value>;

    fn mul(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.times(&right))),
            (Value::Text(text), Value::Number(times))
            | (Value::Number(times), Value::Text(text)) => {
                let times = times.to_f64();
                if times.is_nan() || times < 0.0 {
                    return Ok(Value::Null);
                }
                text.repeated(times as usize).map(Value::Text).ok_or_else(out_of_memory)
            }
            (Value::Object(mut left), Value::Object(right)) => {
                merge(Arc::make_mut(&mut left), &right);
                Ok(Value::Object(left))
            }
            (left, right) => Err(both(&left, &right, "multiplied")),
        }
    }
}

/// Puts the members of one object into another, objects in objects likewise.
fn merge(into: &mut Object, other: &Object) {
    for (name, value) in other.members() {
        match (into.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(Arc::make_mut(old), new),
            (Some(old), new) => *old = new.clone(),
            (None, new) => into.insert(name.clone(), new.clone()),
        }
    }
}

impl Div for Value {
    type Output = ValR<Value>;

    fn div(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) if right.to_f64() != 0.0 => {
                Ok(Value::Number(Number::Float(left.to_f64() / right.to_f64())))
            }
            (left @ Value::Number(_), right @ Value::Number(_)) => {
                Err(both(&left, &right, "divided because the divisor is zero"))
            }
            (Value::Text(text), Value::Text(separator)) => Ok(split(&text, &separator)),
            (left, right) => Err(both(&left, &right, "divided")),
        }
    }
}

/// The parts of a text between separators; its characters if the separator is empty.
pub(super) fn split(text: &Text, separator: &[u8]) -> Value {
    if text.is_empty() {
        return Value::Array(Arc::default());
    }
    let mut parts = Vec::new();
    let mut from = 0;
    if separator.is_empty() {
        for place in super::text::places(text).skip(1) {
            parts.push(Value::Text(text[from..place].into()));
            from = place;
        }
    } else {
        for place in places_of_text(text, separator, usize::MAX) {
            parts.push(Value::Text(text[from..place].into()));
            from = place + separator.len();
        }
    }
    parts.push(Value::Text(text[from..].into()));
    Value::Array(Arc::new(parts))
}

impl Rem for Value {
    type Output = ValR<Value>;

    fn rem(self, other: Value) -> ValR<Value> {
        let (Value::Number(left), Value::Number(right)) = (&self, &other) else {
            return Err(both(&self, &other, "divided (remainder)"));
        };
        left.modulo(right)
            .map(Value::Number)
            .ok_or_else(|| both(&self, &other, "divided (remainder) because the divisor is zero"))
    }
}

impl Neg for Value {
    type Output = ValR<Value>;

    fn neg(self) -> ValR<Value> {
        match self {
            Value::Number(number) => Ok(Value::Number(number.negated())),
            other => Err(Error::str(format!("{} cannot be negated", other.described()))),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => {
                !left.is_nan() && left.order(right).is_eq()
            }
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => left == right,
            (Value::Object(left), Value::Object(right)) => {
                left.len() == right.len()
                    && left.members().iter().all(|(name, value)| right.get(name) == Some(value))
            }
            _ => self.cmp(other).is_eq(),
        }
    }
}

impl Eq for Value {}

#[expect(clippy::non_canonical_partial_ord_impl, reason = "NaN is less than itself in jq")]
impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        if let (Value::Number(left), Value::Number(right)) = (self, other)
            && left.is_nan()
            && right.is_nan()
        {
            return Some(Ordering::Less);
        }
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => left.order(right),
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            (Value::Array(left), Value::Array(right)) => left.cmp(right),
            (Value::Object(left), Value::Object(right)) => {
                let (left, right) = (left.sorted(), right.sorted());
                let names = left.iter().map(|(name, _)| name);
                let values = left.iter().map(|(_, value)| value);
                names
                    .cmp(right.iter().map(|(name, _)| name))
                    .then_with(|| values.cmp(right.iter().map(|(_, value)| value)))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Value {
    /// The rank of the kind of value in jq's order.
    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(false) => 1,
            Value::Bool(true) => 2,
            Value::Number(_) => 3,
            Value::Text(_) => 4,
            Value::Array(_) => 5,
            Value::Object(_) => 6,
        }
    }
}

/// The value as JSON, as much of it as an error needs.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&write::quoted(self, LONGEST_QUOTE))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<isize> for Value {
    fn from(value: isize) -> Value {
        Value::Number(Number::Integer(value as i64))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Number(i64::try_from(value).map_or(Number::Float(value as f64), Number::Integer))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Number(Number::Float(value))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.as_bytes().into())
    }
}

/// A slice in a path.
impl From<Range<Option<Value>>> for Value {
    fn from(range: Range<Option<Value>>) -> Value {
        let mut members = Object::default();
        members.insert(b"start".as_slice().into(), range.start.unwrap_or_default());
        members.insert(b"end".as_slice().into(), range.end.unwrap_or_default());
        Value::Object(Arc::new(members))
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(elements: I) -> Value {
        Value::Array(Arc::new(elements.into_iter().collect()))
    }
}

impl jaq_core::ValT for Value {
    fn from_num(digits: &str) -> ValR<Value> {
        let is_json = crate::json::parse(digits.as_bytes()).is_ok();
        let number = if is_json {
            Number::of_digits(digits)
        } else {
            Number::Float(digits.parse().unwrap_or(f64::NAN))
        };
        Ok(Value::Number(number))
    }

    fn from_map<I: IntoIterator<Item = (Value, Value)>>(members: I) -> ValR<Value> {
        let mut object = Object::default();
        for (name, value) in members {
            let Value::Text(name) = name else {
                let message = format!("Cannot use {} as object key", name.described());
                return Err(Error::str(message));
            };
            object.insert(name, value);
        }
        Ok(Value::Object(Arc::new(object)))
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Value, Value), Value>> {
        self.children(
            |index, value| (index.into(), value),
            |name, value| (Value::Text(name), value),
        )
    }

    fn values(self) -> BoxIter<'static, ValR<Value>> {
        self.children(|_, value| value, |_, value| value)
    }

    fn index(self, index: &Value) -> ValR<Value> {
        self.at(index)
    }

    fn range(self, range: Range<Option<&Value>>) -> ValR<Value> {
        self.slice(range.start, range.end)
    }

    // Assignments are rewritten before they get here: see `rewrite`.
    fn map_values<'a, I: Iterator<Item = ValX<'a, Value>>>(
        self,
        _: Opt,
        _: impl Fn(Value) -> I,
    ) -> ValX<'a, Value> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Value>>>(
        self,
        _: &Value,
        _: Opt,
        _: impl Fn(Value) -> I,
    ) -> ValX<'a, Value> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Value>>>(
        self,
        _: Range<Option<&Value>>,
        _: Opt,
        _: impl Fn(Value) -> I,
    ) -> ValX<'a, Value> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    fn into_string(self) -> Value {
        match self {
            Value::Text(text) => Value::Text(text),
            other => Value::text(write::json(&other)),
        }
    }
}

impl jaq_std::ValT for Value {
    fn into_seq<S: FromIterator<Value>>(self) -> Result<S, Value> {
        match self {
            Value::Array(elements) => Ok(match Arc::try_unwrap(elements) {
                Ok(elements) => elements.into_iter().collect(),
                Err(elements) => elements.iter().cloned().collect(),
            }),
            other => Err(other),
        }
    }

    fn is_int(&self) -> bool {
        self.as_isize().is_some()
    }

    fn as_isize(&self) -> Option<isize> {
        match self {
            Value::Number(number) => number.to_i64()?.try_into().ok(),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(number.to_f64()),
            _ => None,
        }
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Value::Text(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn as_sub_str(&self, part: &[u8]) -> Value {
        Value::Text(part.into())
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Value {
        Value::Text(bytes.as_ref().into())
    }
}

/// Sets an element, with `null` in the places before it that there are not yet.
pub(super) fn set_element(elements: &mut Vec<Value>, at: usize, value: Value) -> ValR<(), Value> {
    if at >= LONGEST_ARRAY {
        return Err(Error::str("Array index too large"));
    }
    if at >= elements.len() {
        elements.try_reserve(at + 1 - elements.len()).map_err(|_| out_of_memory())?;
        elements.resize(at + 1, Value::Null);
    }
    elements[at] = value;
    Ok(())
}
