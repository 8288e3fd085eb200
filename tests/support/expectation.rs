//! Compares what was expected with what came out, and shows the difference.
//!
//! Scope: bytes against bytes with placeholders. It knows neither programs nor servers.

use std::fmt::Write as _;

use snapbox::data::Inline;

use super::snapshot;

/// An expected text: a snapshot in the source of the test (`str![…]`), or a text made by the test.
/// By default nothing is expected.
#[derive(Clone, Default)]
pub(crate) struct Expectation {
    bytes: Vec<u8>,
    snapshot: Option<Inline>,
    anything: bool,
}

impl From<Inline> for Expectation {
    fn from(snapshot: Inline) -> Expectation {
        Expectation {
            bytes: snapshot::bytes_of(&snapshot),
            snapshot: Some(snapshot),
            anything: false,
        }
    }
}

impl From<&str> for Expectation {
    fn from(text: &str) -> Expectation {
        text.as_bytes().to_vec().into()
    }
}

impl From<String> for Expectation {
    fn from(text: String) -> Expectation {
        text.into_bytes().into()
    }
}

impl From<&String> for Expectation {
    fn from(text: &String) -> Expectation {
        text.as_str().into()
    }
}

impl From<Vec<u8>> for Expectation {
    fn from(bytes: Vec<u8>) -> Expectation {
        Expectation { bytes, ..Expectation::default() }
    }
}

impl Expectation {
    /// Whatever comes, the test compares it itself.
    pub(crate) fn anything() -> Expectation {
        Expectation { anything: true, ..Expectation::default() }
    }

    /// The report on output that differs; empty if nothing does. A run that `accepts` makes the
    /// output the expected one, in the source of the test, and reports what cannot be accepted.
    pub(crate) fn settle(
        &self,
        name: &str,
        actual: &[u8],
        placeholders: &[Placeholder],
        accepts: bool,
    ) -> String {
        if self.anything || matches(&self.bytes, actual, placeholders) {
            return String::new();
        }
        let lines = difference(&self.bytes, actual, placeholders);
        let report = format!("{name} differs (- expected, + came):\n{lines}");
        match &self.snapshot {
            Some(snapshot) if accepts => match snapshot::accept(snapshot, actual, placeholders) {
                Ok(()) => String::new(),
                Err(reason) => format!("{report}not accepted: {reason}\n"),
            },
            Some(snapshot) => {
                format!("{report}to accept it at {snapshot}: SNAPSHOTS=overwrite cargo test\n")
            }
            None if accepts => format!("{report}not accepted: no `str![…]` is expected there\n"),
            None => report,
        }
    }
}

/// A name in an expected text, such as `[MS]`, that stands for something which differs from run to
/// run.
#[derive(Clone)]
pub(crate) struct Placeholder {
    name: String,
    stands_for: StandsFor,
}

#[derive(Clone)]
enum StandsFor {
    /// Exactly this.
    Text(Vec<u8>),
    /// One or more bytes of this kind, as many as there are.
    Run(fn(u8) -> bool),
}

impl Placeholder {
    pub(crate) fn text(name: &str, text: impl Into<Vec<u8>>) -> Placeholder {
        Placeholder { name: name.to_owned(), stands_for: StandsFor::Text(text.into()) }
    }

    pub(crate) fn run(name: &str, belongs: fn(u8) -> bool) -> Placeholder {
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
pub(crate) fn matches(expected: &[u8], actual: &[u8], placeholders: &[Placeholder]) -> bool {
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

/// The output, with placeholders for text that differs from run to run: every text of a
/// placeholder, and the wildcards at the places where the old expectation had them.
pub(crate) fn with_placeholders(
    old: &[u8],
    actual: &[u8],
    placeholders: &[Placeholder],
) -> Vec<u8> {
    let mut named = actual.to_vec();
    for placeholder in placeholders {
        if let StandsFor::Text(text) = &placeholder.stands_for {
            named = name_texts(&named, placeholder.name.as_bytes(), text);
        }
    }
    for placeholder in placeholders {
        if let StandsFor::Run(belongs) = placeholder.stands_for {
            name_runs(old, &mut named, placeholder.name.as_bytes(), belongs);
        }
    }
    named
}

/// Replaces a text by its name, except within a longer number.
fn name_texts(bytes: &[u8], name: &[u8], text: &[u8]) -> Vec<u8> {
    let mut named = Vec::new();
    let mut rest = bytes;
    while let Some(byte) = rest.first() {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let within = |after: &&[u8]| {
            digit(text.first()) && digit(named.last()) || digit(text.last()) && digit(after.first())
        };
        match rest.strip_prefix(text).filter(|after| !text.is_empty() && !within(after)) {
            Some(after) => {
                named.extend_from_slice(name);
                rest = after;
            }
            None => {
                named.push(*byte);
                rest = &rest[1..];
            }
        }
    }
    named
}

/// Replaces, for each place of a name in the old text, the run that stands between most of the
/// same bytes. A run whose surroundings are all new stays what it is.
fn name_runs(old: &[u8], named: &mut Vec<u8>, name: &[u8], belongs: fn(u8) -> bool) {
    let mut from = 0;
    for place in 0..old.len() {
        let Some(after) = old[place..].strip_prefix(name) else { continue };
        let before = &old[..place];
        let end =
            |start: usize| start + named[start..].iter().take_while(|byte| belongs(**byte)).count();
        let likeness = |start: &usize| {
            let left = named[..*start].iter().rev().zip(before.iter().rev());
            let right = named[end(*start)..].iter().zip(after);
            let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
            left.take_while(same).count() + right.take_while(same).count()
        };
        let runs = (from..named.len()).filter(|start| end(*start) > *start);
        let Some(start) = runs.rev().max_by_key(likeness) else { return };
        if likeness(&start) > 2 {
            named.splice(start..end(start), name.iter().copied());
            from = start + name.len();
        }
    }
}

/// The difference line by line: `-` was expected, `+` came, two lines of what agrees around it.
pub(crate) fn difference(expected: &[u8], actual: &[u8], placeholders: &[Placeholder]) -> String {
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
