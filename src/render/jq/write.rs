//! Values to JSON.

use std::sync::Arc;

use super::text::Text;
use super::value::Value;
use crate::json;

/// JSON of a large value is handed on in parts of about this size.
const PART: usize = 64 * 1024;

/// The JSON of a value, without white space.
pub(super) fn json(value: &Value) -> Vec<u8> {
    let mut writer = Writer { out: Vec::new(), limit: usize::MAX, take: &mut |_| true };
    writer.value(value);
    writer.out
}

/// The JSON of a value, or its beginning of about this length.
///
/// A string is not cut, so that no key stands there in part: one that goes beyond the end is left
/// out from a quote or a blank in it on.
pub(super) fn quoted(value: &Value, length: usize) -> String {
    let mut writer = Writer { out: Vec::new(), limit: length, take: &mut |_| false };
    let is_whole = writer.value(value);
    let mut json = writer.out;
    if json.len() > 2 * length {
        json.truncate(2 * length);
        let end = json.iter().rposition(|byte| matches!(byte, b'"' | b' '));
        json.truncate(end.unwrap_or_default());
    } else if is_whole {
        return String::from_utf8_lossy(&json).into_owned();
    }
    String::from_utf8_lossy(&json).into_owned() + "…"
}

/// Hands on the JSON of a value in parts, each but the last with a comma at its end, and returns the
/// last.
///
/// # Errors
/// The value nests too deeply. A filter may build such values, and nothing reads them.
pub(super) fn parts(value: &Value, take: &mut dyn FnMut(Vec<u8>)) -> Result<Vec<u8>, String> {
    if is_deeper_than(value, json::MAX_DEPTH) {
        return Err(format!("the result nests more than {} levels deep", json::MAX_DEPTH));
    }
    let mut hand_on = |part: &mut Vec<u8>| {
        take(std::mem::take(part));
        true
    };
    let mut writer = Writer { out: Vec::new(), limit: PART, take: &mut hand_on };
    writer.value(value);
    Ok(writer.out)
}

fn is_deeper_than(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(elements) => {
            depth == 0 || elements.iter().any(|element| is_deeper_than(element, depth - 1))
        }
        Value::Object(members) => {
            let members = members.members();
            depth == 0 || members.iter().any(|(_, value)| is_deeper_than(value, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

struct Writer<'w> {
    out: Vec<u8>,
    /// From this length on, what was written is handed on behind the next comma.
    limit: usize,
    /// Takes what was written, and tells whether to go on.
    take: &'w mut dyn FnMut(&mut Vec<u8>) -> bool,
}

impl Writer<'_> {
    /// Writes a value; whether it came to its end.
    fn value(&mut self, value: &Value) -> bool {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Number(number) => self.out.extend_from_slice(number.digits().as_bytes()),
            Value::Text(text) => string(text, &mut self.out),
            Value::Array(elements) => return self.array(elements),
            Value::Object(members) => {
                self.out.push(b'{');
                for (index, (name, value)) in members.members().iter().enumerate() {
                    if index > 0 && !self.comma() {
                        return false;
                    }
                    string(name, &mut self.out);
                    self.out.push(b':');
                    if !self.value(value) {
                        return false;
                    }
                }
                self.out.push(b'}');
            }
        }
        true
    }

    fn array(&mut self, elements: &Arc<Vec<Value>>) -> bool {
        self.out.push(b'[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 && !self.comma() || !self.value(element) {
                return false;
            }
        }
        self.out.push(b']');
        true
    }

    fn comma(&mut self) -> bool {
        self.out.push(b',');
        self.out.len() < self.limit || (self.take)(&mut self.out)
    }
}

/// Writes a string with its quotes.
pub(super) fn string(text: &Text, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest: &[u8] = text;
    while let Some(special) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, from) = rest.split_at(special);
        out.extend_from_slice(plain);
        let length = escape(from, out);
        rest = from.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..=0x1f | 0x7f | 0xed)
}

/// Writes what the first byte becomes, with those that belong to it, and returns their number.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    match text {
        [b'\n', ..] => out.extend_from_slice(b"\\n"),
        [b'\r', ..] => out.extend_from_slice(b"\\r"),
        [b'\t', ..] => out.extend_from_slice(b"\\t"),
        [byte @ (b'"' | b'\\'), ..] => out.extend_from_slice(&[b'\\', *byte]),
        [0x08, ..] => out.extend_from_slice(b"\\b"),
        [0x0c, ..] => out.extend_from_slice(b"\\f"),
        [byte @ (..=0x1f | 0x7f), ..] => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            let unit = 0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f);
            out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            return 3;
        }
        [byte, ..] => out.push(*byte),
        [] => {}
    }
    1
}
