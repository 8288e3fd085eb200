//! JSON bodies as values of a language: readable and easy to change, and used only where the
//! library is sure to write the very text that is sent.

use serde_json::{Number, Value};

use super::quote;

/// The literals of a language for JSON values.
pub(super) struct Spelling {
    pub(super) null: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) string: fn(&str) -> String,
    pub(super) indent: &'static str,
}

/// JavaScript's.
pub(super) const JAVASCRIPT: Spelling =
    Spelling { null: "null", yes: "true", no: "false", string: quote::javascript, indent: "  " };

/// Python's.
pub(super) const PYTHON: Spelling =
    Spelling { null: "None", yes: "True", no: "False", string: quote::python, indent: "    " };

/// The value of a JSON text, if every one of our languages writes that value as this very text:
/// without blanks, with its keys in this order and its numbers with these digits.
pub(super) fn survivor(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let is_container = value.is_object() || value.is_array();
    let same_text = serde_json::to_string(&value).is_ok_and(|written| written == text);
    (is_container && same_text && survives(&value)).then_some(value)
}

/// A value as a literal, indented from its second line on as if it began a line.
pub(super) fn literal(value: &Value, spelling: &Spelling) -> String {
    let mut out = String::new();
    write(value, spelling, "\n", &mut out);
    out
}

fn write(value: &Value, spelling: &Spelling, line: &str, out: &mut String) {
    let inner = format!("{line}{}", spelling.indent);
    match value {
        Value::Null => out.push_str(spelling.null),
        Value::Bool(true) => out.push_str(spelling.yes),
        Value::Bool(false) => out.push_str(spelling.no),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&(spelling.string)(text)),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for item in items {
                out.push_str(&inner);
                write(item, spelling, &inner, out);
                out.push(',');
            }
            out.push_str(line);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (name, member) in members {
                out.push_str(&inner);
                out.push_str(&(spelling.string)(name));
                out.push_str(": ");
                write(member, spelling, &inner, out);
                out.push(',');
            }
            out.push_str(line);
            out.push('}');
        }
    }
}

fn survives(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number_survives(number),
        Value::Array(items) => items.iter().all(survives),
        Value::Object(members) => {
            members.iter().all(|(name, member)| name_survives(name) && survives(member))
        }
    }
}

/// Whole numbers up to 2^53, and decimals that JavaScript, Python and Rust write alike.
fn number_survives(number: &Number) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    let digits = number.to_string();
    if let Ok(integer) = digits.parse::<i64>() {
        return integer.unsigned_abs() <= LARGEST && integer.to_string() == digits;
    }
    let Ok(decimal) = digits.parse::<f64>() else { return false };
    // Outside of these, some of them write exponents.
    (1e-4..1e15).contains(&decimal.abs()) && decimal.to_string() == digits
}

/// JavaScript moves members with names like `7` to the front, and `__proto__` is none.
fn name_survives(name: &str) -> bool {
    name != "__proto__" && (name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()))
}
