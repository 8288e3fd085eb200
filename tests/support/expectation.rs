//! Compares what was expected with what came out, and shows the difference.
//!
//! Scope: bytes against bytes with placeholders. It knows neither programs nor servers.

use std::fmt::Write as _;

/// A name in an expected text, such as `[MS]`, that stands for something which differs from run to
/// run.
pub(super) struct Placeholder {
    name: String,
    stands_for: StandsFor,
}

enum StandsFor {
    /// Exactly this.
    Text(Vec<u8>),
    /// One or more bytes of this kind, as many as there are.
    Run(fn(u8) -> bool),
}

impl Placeholder {
    pub(super) fn text(name: &str, text: impl Into<Vec<u8>>) -> Placeholder {
        Placeholder { name: name.to_owned(), stands_for: StandsFor::Text(text.into()) }
    }

    pub(super) fn run(name: &str, belongs: fn(u8) -> bool) -> Placeholder {
        Placeholder { name: name.to_owned(), stands_for: StandsFor::Run(belongs) }
    }

    /// Takes the placeholder from the beginning of one text and what it stands for from that of the
    /// other.
    fn take<'a>(&self, expected: &'a [u8], actual: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let expected = expected.strip_prefix(self.name.as_bytes())?;
        let length = match &self.stands_for {
            StandsFor::Text(text) => actual.starts_with(text).then_some(text.len())?,
            StandsFor::Run(belongs) => actual.iter().take_while(|byte| belongs(**byte)).count(),
        };
        (length > 0).then(|| (expected, &actual[length..]))
    }
}

/// True if the texts are the same but for the placeholders. A placeholder may also stand for its
/// own name.
pub(super) fn matches(expected: &[u8], actual: &[u8], placeholders: &[Placeholder]) -> bool {
    let (mut expected, mut actual) = (expected, actual);
    while let Some(byte) = expected.first() {
        if let Some(rest) =
            placeholders.iter().find_map(|placeholder| placeholder.take(expected, actual))
        {
            (expected, actual) = rest;
        } else if actual.first() == Some(byte) {
            (expected, actual) = (&expected[1..], &actual[1..]);
        } else {
            return false;
        }
    }
    actual.is_empty()
}

/// The difference line by line: `-` was expected, `+` came, two lines of what agrees around it.
pub(super) fn difference(expected: &[u8], actual: &[u8], placeholders: &[Placeholder]) -> String {
    let expected: Vec<&[u8]> = expected.split_inclusive(|byte| *byte == b'\n').collect();
    let actual: Vec<&[u8]> = actual.split_inclusive(|byte| *byte == b'\n').collect();
    let agree = |pair: &(&&[u8], &&[u8])| matches(pair.0, pair.1, placeholders);
    let before = expected.iter().zip(&actual).take_while(agree).count();
    let (expected_rest, actual_rest) = (&expected[before..], &actual[before..]);
    let after = expected_rest.iter().rev().zip(actual_rest.iter().rev()).take_while(agree).count();

    let mut text = String::new();
    let mut show = |mark: &str, lines: &[&[u8]]| {
        for line in lines {
            let _ = writeln!(text, "  {mark} {}", visible(line));
        }
    };
    show(" ", &actual[before.saturating_sub(2)..before]);
    show("-", &expected_rest[..expected_rest.len() - after]);
    let after = actual_rest.len() - after;
    show("+", &actual_rest[..after]);
    show(" ", &actual_rest[after..actual_rest.len().min(after + 2)]);
    text
}

/// A line with everything visible that a terminal would hide or obey.
fn visible(line: &[u8]) -> String {
    let (line, end) = match line.strip_suffix(b"\n") {
        Some(line) => (line, ""),
        None => (line, "  (without a line break)"),
    };
    let mut text = String::new();
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\0'..='\x1f' | '\x7f'..='\u{9f}' => text.extend(character.escape_default()),
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text + end
}
