//! Expected texts in the source of a test (`str![…]`), and their replacement by what came out.
//!
//! Scope: the text between `str![` and `]`. Whether it is as expected is decided in
//! `expectation.rs`.
//!
//! A snapshot is compared to the byte. Bytes that an editor hides or the compiler refuses stand
//! there as pictures: `␛` for ESC, `␍` for CR, `␉` for a tab, `␠` for a blank that ends a line.

use snapbox::Data;
use snapbox::assert::{Action, DEFAULT_ACTION_ENV};
use snapbox::data::{DataSource, Inline};

use super::expectation::{Placeholder, matches, with_placeholders};

/// True in runs that accept new output: `SNAPSHOTS=overwrite cargo test`.
pub(super) fn accepts() -> bool {
    matches!(Action::with_env_var(DEFAULT_ACTION_ENV), Some(Action::Overwrite))
}

/// The bytes that a snapshot expects.
pub(super) fn bytes_of(snapshot: &Inline) -> Vec<u8> {
    let text = snapbox::IntoData::into_data(snapshot.clone()).render().unwrap_or_default();
    let bytes = text.chars().map(|character| pictured_by(character).map_or(character, char::from));
    bytes.collect::<String>().into_bytes()
}

/// Replaces a snapshot in its source file by what came out, with the placeholders it had.
///
/// # Errors
///
/// The reason why this output cannot be a snapshot.
pub(super) fn accept(
    snapshot: &Inline,
    actual: &[u8],
    placeholders: &[Placeholder],
) -> Result<(), String> {
    let bytes = with_placeholders(&bytes_of(snapshot), actual, placeholders);
    let text = pictured(&bytes)?;
    let replacement = Inline { data: "", ..snapshot.clone() };
    if !matches(&bytes, actual, placeholders) {
        return Err("its placeholders are ambiguous".to_owned());
    }
    Data::text(text).write_to(&DataSource::from(replacement)).map_err(|error| error.to_string())
}

/// The text with a picture for every byte that would not survive in a source file.
fn pictured(bytes: &[u8]) -> Result<String, String> {
    let text = str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut pictured = String::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let ends_line = matches!(rest.peek(), None | Some('\n'));
        match character {
            '\n' => pictured.push('\n'),
            ' ' if ends_line && text.contains('\n') => pictured.push('\u{2420}'),
            '\0'..='\x1f' => pictured.extend(char::from_u32(0x2400 + u32::from(character))),
            '\x7f' => pictured.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{2400}'..='\u{2421}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                return Err(format!("{} cannot stand in a snapshot", character.escape_unicode()));
            }
            _ => pictured.push(character),
        }
    }
    Ok(pictured)
}

/// The byte for which a picture stands.
fn pictured_by(character: char) -> Option<u8> {
    match character {
        '\u{2420}' => Some(b' '),
        '\u{2421}' => Some(b'\x7f'),
        '\u{2400}'..='\u{241f}' => u8::try_from(u32::from(character) - 0x2400).ok(),
        _ => None,
    }
}
