//! Values from checked JSON.

use std::collections::HashMap;
use std::sync::Arc;

use super::number::Number;
use super::object::Object;
use super::text::Text;
use super::value::Value;
use crate::json;

/// Names of members up to this number are shared between the objects that have them.
const SHARED_NAMES: usize = 1_000;

/// The value that a checked text holds.
pub(super) fn value(text: &[u8]) -> Value {
    Reader { text, at: 0, names: HashMap::new() }.value()
}

/// Reads checked JSON from the front. Its nesting is bounded, so that recursion is safe.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    names: HashMap<&'t [u8], Text>,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> Value {
        self.at = json::white_space_end(self.text, self.at);
        match self.text.get(self.at) {
            Some(b'[') => {
                let mut elements = Vec::new();
                self.at += 1;
                while self.goes_on() {
                    elements.push(self.value());
                }
                // Room that was never used costs nothing in one large array, but much in many small.
                if elements.len() < 64 {
                    elements.shrink_to_fit();
                }
                Value::Array(Arc::new(elements))
            }
            Some(b'{') => {
                let mut members = Object::default();
                self.at += 1;
                while self.goes_on() {
                    let name = self.name();
                    self.at = json::white_space_end(self.text, self.at) + 1;
                    let value = self.value();
                    members.insert(name, value);
                }
                members.shrink();
                Value::Object(Arc::new(members))
            }
            Some(b'"') => Value::Text(text_of(self.string())),
            _ => self.scalar(),
        }
    }

    /// Returns whether another element follows; the comma or the closing bracket is behind us then.
    fn goes_on(&mut self) -> bool {
        self.at = json::white_space_end(self.text, self.at);
        match self.text.get(self.at) {
            Some(b',') => {
                self.at = json::white_space_end(self.text, self.at + 1);
                true
            }
            Some(b']' | b'}') | None => {
                self.at += 1;
                false
            }
            Some(_) => true,
        }
    }

    /// The inside of a string, escapes as they came.
    fn string(&mut self) -> &'t [u8] {
        let end = json::string_end(self.text, self.at);
        let inside = self.text.get(self.at + 1..end.saturating_sub(1)).unwrap_or_default();
        self.at = end;
        inside
    }

    fn name(&mut self) -> Text {
        let inside = self.string();
        if let Some(name) = self.names.get(inside) {
            return name.clone();
        }
        let name = text_of(inside);
        if self.names.len() < SHARED_NAMES {
            self.names.insert(inside, name.clone());
        }
        name
    }

    fn scalar(&mut self) -> Value {
        let end = json::scalar_end(self.text, self.at).max(self.at + 1);
        let token = self.text.get(self.at..end).unwrap_or_default();
        self.at = end;
        match token {
            b"null" => Value::Null,
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            digits => Value::Number(Number::of_digits(&String::from_utf8_lossy(digits))),
        }
    }
}

/// The text of the inside of a string.
fn text_of(inside: &[u8]) -> Text {
    if !inside.contains(&b'\\') {
        return inside.into();
    }
    let mut text = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.iter().position(|&byte| byte == b'\\') {
        let (plain, escape) = rest.split_at(backslash);
        text.extend_from_slice(plain);
        let (bytes, length) = unescape_one(escape);
        text.extend_from_slice(&bytes);
        rest = escape.get(length..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    text.into()
}

/// The character of an escape and the length of the escape. Half a surrogate pair is kept in three bytes;
/// `write` turns them back.
fn unescape_one(escape: &[u8]) -> (Vec<u8>, usize) {
    let is_unicode = escape.get(1) == Some(&b'u');
    let length = if is_unicode { 6 } else { 2 };
    let one = escape.get(..length).unwrap_or(escape);
    let lone = escape.get(2..6).filter(|_| is_unicode).and_then(surrogate);
    let Some(unit) = lone else {
        return (json::unescape_bytes(one), length);
    };
    let pair = escape.get(..12).map(json::unescape_bytes).filter(|pair| pair.len() == 4);
    match pair {
        Some(pair) => (pair, 12),
        None => {
            let (first, second, third) = (unit >> 12, unit >> 6 & 0x3f, unit & 0x3f);
            (vec![0xe0 | first as u8, 0x80 | second as u8, 0x80 | third as u8], 6)
        }
    }
}

fn surrogate(digits: &[u8]) -> Option<u16> {
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}
