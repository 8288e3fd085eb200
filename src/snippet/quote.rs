//! Texts as literals of a language: whatever they hold, the program gets exactly them, and a
//! terminal that shows the program gets no orders.

use std::fmt::Write as _;

use super::CannotSay;

/// A word for `sh`. What can be seen stands between single quotes; what cannot is named in octal
/// for `printf`, since `sh` itself has no escapes.
///
/// # Errors
/// No argument of a command holds a NUL.
pub(super) fn shell(text: &str) -> Result<String, CannotSay> {
    if text.contains('\0') {
        return Err(CannotSay::Nul);
    }
    if !text.chars().any(|character| is_invisible(character) && character != '\n') {
        return Ok(format!("'{}'", text.replace('\'', r"'\''")));
    }
    // A command substitution drops line breaks at the end: they follow it.
    let lines = text.trim_end_matches('\n');
    Ok(format!("\"$(printf '{}'){}\"", printf_format(lines), &text[lines.len()..]))
}

/// A word for `sh`, in quotes only where it needs them.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    // zsh reads `=ls` as the path of `ls`.
    match text.is_empty() || text.starts_with('=') || !text.chars().all(is_plain) {
        true => shell(text).unwrap_or_default(),
        false => text.to_owned(),
    }
}

/// The format with which `printf` prints a text.
pub(super) fn printf_format(text: &str) -> String {
    let mut format = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' => format.push_str("%%"),
            '\\' => format.push_str(r"\\"),
            '\'' => format.push_str(r"'\''"),
            '\n' => format.push_str(r"\n"),
            _ if is_invisible(character) => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a `String` does not fail.
                    let _ = write!(format, "\\{byte:03o}");
                }
            }
            _ => format.push(character),
        }
    }
    format
}

/// A string of JavaScript.
pub(super) fn javascript(text: &str) -> String {
    literal(text, |escaped, character| {
        let _ = match u32::from(character) {
            code @ 0..=0xff => write!(escaped, "\\x{code:02x}"),
            code => write!(escaped, "\\u{{{code:x}}}"),
        };
    })
}

/// A string of Python.
pub(super) fn python(text: &str) -> String {
    literal(text, |escaped, character| {
        let _ = match u32::from(character) {
            code @ 0..=0xff => write!(escaped, "\\x{code:02x}"),
            code @ 0..=0xffff => write!(escaped, "\\u{code:04x}"),
            code => write!(escaped, "\\U{code:08x}"),
        };
    })
}

fn literal(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for character in text.chars() {
        match character {
            '\n' => literal.push_str(r"\n"),
            '\r' => literal.push_str(r"\r"),
            '\t' => literal.push_str(r"\t"),
            '\\' => literal.push_str(r"\\"),
            _ if character == quote => literal.extend(['\\', quote]),
            _ if is_invisible(character) => escape(&mut literal, character),
            _ => literal.push(character),
        }
    }
    literal.push(quote);
    literal
}

/// A text of several lines as a literal for each, for languages that join them.
pub(super) fn lines(text: &str, quote: fn(&str) -> String) -> Vec<String> {
    if text.is_empty() {
        return vec![quote("")];
    }
    text.split_inclusive('\n').map(quote).collect()
}

/// Returns true if a character is invisible, or changes how others look: control characters, line
/// and paragraph separators, marks of direction, joiners and the like.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
