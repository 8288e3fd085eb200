//! Percent-encoding, with one set of characters for each place in a URL. The only file that names
//! its crate.

use std::fmt::Display;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The characters that a path cannot contain (RFC 3986).
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'|')
    .add(b'^')
    .add(b'[')
    .add(b']')
    .add(b'{')
    .add(b'}');

/// The same for a query that was entered as one text. Browsers encode the apostrophe there; so does
/// this program, so that a printed program sends the same bytes.
const NOT_IN_A_QUERY: &AsciiSet = &NOT_IN_A_PATH.add(b'\'');

/// A name, a value or a segment that may contain any character: all but unreserved characters are
/// encoded, `%` included.
pub fn component(text: &str) -> impl Display {
    utf8_percent_encode(text, RESERVED)
}

/// A path as it was entered: what is encoded already stays as it is.
pub fn entered_path(text: &str) -> String {
    entered(text, NOT_IN_A_PATH)
}

/// A query as it was entered, `&` and `=` included.
pub fn entered_query(text: &str) -> String {
    entered(text, NOT_IN_A_QUERY)
}

/// The text with its codes decoded; bytes that are not UTF-8 become U+FFFD.
pub fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Keeps codes such as `%2F`; a `%` that encodes nothing is encoded itself.
fn entered(text: &str, set: &'static AsciiSet) -> String {
    let mut encoded = String::with_capacity(text.len());
    for (index, piece) in text.split('%').enumerate() {
        if index > 0 {
            let is_code =
                piece.len() >= 2 && piece.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
            encoded.push_str(if is_code { "%" } else { "%25" });
        }
        encoded.extend(utf8_percent_encode(piece, set));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entered_codes_are_not_encoded_twice() {
        let check = |text: &str, path: &str, query: &str| {
            assert_eq!(
                (entered_path(text), entered_query(text)),
                (path.to_owned(), query.to_owned())
            );
        };
        check("a%2Fb", "a%2Fb", "a%2Fb");
        check("100%", "100%25", "100%25");
        check("%2", "%252", "%252");
        check("x'[y]", "x'%5By%5D", "x%27%5By%5D");
        check("é", "%C3%A9", "%C3%A9");
    }

    #[test]
    fn components_keep_unreserved_characters_only() {
        let check = |text: &str, expected: &str| {
            assert_eq!(component(text).to_string(), expected);
            assert_eq!(decoded(expected), text);
        };
        check("A-z_0.9~", "A-z_0.9~");
        check("a b/c?d=e&f%é+", "a%20b%2Fc%3Fd%3De%26f%25%C3%A9%2B");
    }
}
