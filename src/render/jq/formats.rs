//! `@csv`, `@sh` and the other formats.

use jaq_core::ValR;

use super::value::{Error, Value};
use super::write;

/// The letters of RFC 4648's base 32.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The value in a format, named without its `@`; `None` if no format has that name.
pub(super) fn formatted(value: &Value, name: &[u8]) -> Option<ValR<Value>> {
    Some(match name {
        b"text" => Ok(Value::text(text(value))),
        b"json" => Ok(Value::text(write::json(value))),
        b"csv" => row(value, b",", quoted),
        b"tsv" => row(value, b"\t", escaped),
        b"html" => Ok(Value::text(html(&text(value)))),
        b"uri" => Ok(Value::text(uri(&text(value)))),
        b"sh" => shell(value),
        b"base64" => Ok(Value::text(base64(&text(value)))),
        b"base64d" => from_base64(value),
        b"base32" => Ok(Value::text(base32(&text(value)))),
        b"base32d" => from_base32(value),
        _ => return None,
    })
}

/// A string as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.to_vec(),
        other => write::json(other),
    }
}

fn row(value: &Value, separator: &[u8], string: fn(&[u8]) -> Vec<u8>) -> ValR<Value> {
    let name = if separator == b"," { "csv" } else { "tsv" };
    let Value::Array(elements) = value else {
        let value = value.described();
        return Err(Error::str(format!("{value} cannot be {name}-formatted, only array")));
    };
    let mut cells = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        cells.push(match element {
            Value::Null => Vec::new(),
            Value::Number(number) if number.is_nan() => Vec::new(),
            Value::Text(text) => string(text),
            Value::Bool(_) | Value::Number(_) => write::json(element),
            Value::Array(_) | Value::Object(_) => {
                let message = format!("{} is not valid in a csv row", element.described());
                return Err(Error::str(message));
            }
        });
    }
    Ok(Value::text(cells.join(separator)))
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let inside = replaced(text, |byte| (byte == b'"').then_some(b"\"\"".as_slice()));
    [b"\"", inside.as_slice(), b"\""].concat()
}

fn escaped(text: &[u8]) -> Vec<u8> {
    replaced(text, |byte| match byte {
        b'\t' => Some(b"\\t"),
        b'\n' => Some(b"\\n"),
        b'\r' => Some(b"\\r"),
        b'\\' => Some(b"\\\\"),
        _ => None,
    })
}

fn html(text: &[u8]) -> Vec<u8> {
    replaced(text, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\'' => Some(b"&apos;"),
        b'"' => Some(b"&quot;"),
        _ => None,
    })
}

fn replaced(text: &[u8], replacement: fn(u8) -> Option<&'static [u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match replacement(*byte) {
            Some(bytes) => out.extend_from_slice(bytes),
            None => out.push(*byte),
        }
    }
    out
}

fn uri(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}

fn shell(value: &Value) -> ValR<Value> {
    let words = match value {
        Value::Array(elements) => elements.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut quoted = Vec::with_capacity(words.len());
    for word in words {
        quoted.push(match word {
            Value::Text(text) => {
                let inside = replaced(text, |byte| (byte == b'\'').then_some(b"'\\''".as_slice()));
                [b"'", inside.as_slice(), b"'"].concat()
            }
            Value::Array(_) | Value::Object(_) => {
                let message = format!("{} can not be escaped for shell", word.described());
                return Err(Error::str(message));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => write::json(word),
        });
    }
    Ok(Value::text(quoted.join(b" ".as_slice())))
}

fn base64(text: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn from_base64(value: &Value) -> ValR<Value> {
    use base64::Engine as _;
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let text = text(value);
    let without_padding = text.trim_ascii_end();
    GeneralPurpose::new(&STANDARD, lenient)
        .decode(without_padding)
        .map(Value::text)
        .map_err(|_| Error::str(format!("{} is not valid base64 data", value.described())))
}

fn base32(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().div_ceil(5) * 8);
    for chunk in text.chunks(5) {
        let mut bits = [0_u8; 8];
        bits[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(bits);
        let letters = (chunk.len() * 8).div_ceil(5);
        for letter in 0..8 {
            let index = bits >> (35 - 5 * letter) & 31;
            out.push(if letter < letters { BASE32[index as usize] } else { b'=' });
        }
    }
    out
}

fn from_base32(value: &Value) -> ValR<Value> {
    let invalid = || Error::str(format!("{} is not valid base32 data", value.described()));
    let text = text(value);
    let letters = text.trim_ascii_end();
    let padding = letters.iter().rev().take_while(|byte| **byte == b'=').count();
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for byte in &letters[..letters.len() - padding] {
        let index = BASE32.iter().position(|letter| letter == byte).ok_or_else(invalid)?;
        bits = bits << 5 | index as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Ok(Value::text(out))
}
