//! JSON as the bytes it came in: checked and cut into slices, never built into a tree.
//!
//! A tree of values takes several times the memory of its text and does not give the text back:
//! `\/` becomes `/`, the first of two members with one name is lost, a lone surrogate is refused.
//! Here [`parse`] only proves that a text is JSON and remembers where its outermost members lie;
//! callers cut further slices out of the checked text with [`elements`] and [`members`], and read
//! them with [`as_text`] and similar functions. So every value keeps its bytes and costs one pass over
//! them. [`Node`] replaces parts of a checked text and keeps the bytes of the rest.
//!
//! The grammar is that of RFC 8259 with nothing added, and two things left alone that it leaves
//! open: a `\ud800` without its second half, and bytes inside a string that are not UTF-8.
//!
//! *Checked* in this module means: a value that lies in a text [`parse`] accepted. The functions
//! for checked values return nonsense for anything else, but they end and do not panic.

mod edit;
mod outline;

pub use self::outline::{outline, up_to};

use std::fmt;

pub use edit::{Name, Node};

/// The deepest nesting of arrays and objects that is accepted.
pub const MAX_DEPTH: usize = 512;

/// So many members of the outermost object are remembered; those of a larger one are looked up.
const MOST_MEMBERS: usize = 1_024;

/// Checks that the text is exactly one JSON value and finds the members of its outermost object.
///
/// Skips white space around the value and a UTF-8 byte order mark before it.
pub fn parse(text: &[u8]) -> Result<Document<'_>, Fault> {
    let mut checker = Checker {
        text,
        at: if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 },
        nesting: Vec::with_capacity(32),
        name: &[],
        value_from: 0,
        members: Vec::new(),
        has_more_members: false,
    };
    match checker.document() {
        Ok(value) => Ok(Document {
            value,
            members: checker.members,
            has_more_members: checker.has_more_members,
        }),
        Err(kind) => Err(Fault::new(kind, checker.at, text)),
    }
}

/// One JSON value that was checked: where it lies in the text and, of an object, its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'t> {
    value: &'t [u8],
    members: Vec<Member<'t>>,
    /// True if the object has more than `members`, which is capped to bound its memory.
    has_more_members: bool,
}

impl<'t> Document<'t> {
    /// The bytes of the value, without white space or byte order mark around it.
    pub fn value(&self) -> &'t [u8] {
        self.value
    }

    /// The first 1,024 members of the outermost object in the order they came in, duplicates
    /// included; none if the value is not an object.
    pub fn members(&self) -> &[Member<'t>] {
        &self.members
    }

    /// The value of the member with this name; of several, the last.
    pub fn get(&self, name: &str) -> Option<&'t [u8]> {
        if self.has_more_members {
            return member(self.value, name);
        }
        let member = self.members.iter().rfind(|member| member.is_named(name))?;
        Some(member.value)
    }

    /// Returns true if the value is an object.
    pub fn is_object(&self) -> bool {
        is_object(self.value)
    }

    /// Returns true if the value is an array.
    pub fn is_array(&self) -> bool {
        is_array(self.value)
    }
}

/// One name of an object and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'t> {
    /// The bytes between the quotes of the name, escapes as they came.
    pub name: &'t [u8],
    /// The bytes of the value.
    pub value: &'t [u8],
}

impl Member<'_> {
    /// Compares the unescaped name.
    pub fn is_named(&self, name: &str) -> bool {
        match self.name.contains(&b'\\') {
            true => unescape(self.name) == name,
            false => self.name == name.as_bytes(),
        }
    }
}

/// The reason why a text is not JSON, and the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The reason.
    pub kind: FaultKind,
    /// The number of bytes before the wrong one.
    pub offset: usize,
    // Kept beside the offset so that `Display` needs no text.
    position: (usize, usize),
}

/// The reasons why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A byte that cannot stand where it stands.
    Syntax,
    /// The text ends inside the value, or before it began.
    Truncated,
    /// More than [`MAX_DEPTH`] arrays and objects inside each other.
    TooDeep,
}

impl Fault {
    fn new(kind: FaultKind, offset: usize, text: &[u8]) -> Fault {
        let mut fault = Fault { kind, offset, position: (1, 1) };
        fault.position = fault.position(text);
        fault
    }

    /// Line and column in the text that was parsed, from 1 on; columns count characters.
    pub fn position(&self, text: &[u8]) -> (usize, usize) {
        let before = text.get(..self.offset).unwrap_or(text);
        let before = before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before);
        let line_breaks = before.iter().filter(|&&byte| byte == b'\n').count();
        let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        // Every character of UTF-8 has one byte that does not look like 0b10……….
        let characters = line.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count();
        (line_breaks + 1, characters + 1)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position;
        match self.kind {
            FaultKind::Syntax => formatter.write_str("unexpected character"),
            FaultKind::Truncated => formatter.write_str("unexpected end"),
            FaultKind::TooDeep => write!(formatter, "more than {MAX_DEPTH} levels"),
        }?;
        write!(formatter, " at line {line}, column {column}")
    }
}

impl std::error::Error for Fault {}

/// The elements of a checked array, cut out one by one; none if the value is not an array.
pub fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut cutter = Cutter::inside(value, b'[');
    std::iter::from_fn(move || {
        let element = cutter.value()?;
        cutter.pass(b',');
        Some(element)
    })
}

/// The members of a checked object, cut out one by one; none if the value is not an object.
pub fn members(value: &[u8]) -> impl Iterator<Item = Member<'_>> + Clone {
    let mut cutter = Cutter::inside(value, b'{');
    std::iter::from_fn(move || {
        let name = between_quotes(cutter.value()?)?;
        cutter.pass(b':');
        let value = cutter.value()?;
        cutter.pass(b',');
        Some(Member { name, value })
    })
}

/// Rows of a table: the elements of a checked array, or one value, each cut out together with its
/// members, in one pass.
#[derive(Clone)]
pub struct Rows<'v> {
    cutter: Cutter<'v>,
}

impl<'v> Rows<'v> {
    /// The elements of a checked array; none if the value is not an array.
    pub fn of_list(list: &'v [u8]) -> Rows<'v> {
        Rows { cutter: Cutter::inside(list, b'[') }
    }

    /// A checked value as the only row.
    pub fn of_value(value: &'v [u8]) -> Rows<'v> {
        Rows { cutter: Cutter { text: value, at: 0 } }
    }

    /// The number of bytes of the rows that are still to come, with what stands between them.
    pub fn size(&self) -> usize {
        self.cutter.text.len().saturating_sub(self.cutter.at)
    }

    /// The next row. If it is an object, its members take the place of those in `members`.
    pub fn next_with(&mut self, members: &mut Vec<Member<'v>>) -> Option<&'v [u8]> {
        members.clear();
        let Cutter { text, at } = self.cutter;
        let from = white_space_end(text, at);
        if text.get(from) != Some(&b'{') {
            return self.next();
        }
        self.cutter.at = from + 1;
        while let Some(name) = self.cutter.value().and_then(between_quotes) {
            self.cutter.pass(b':');
            let value = self.cutter.value()?;
            self.cutter.pass(b',');
            members.push(Member { name, value });
        }
        self.cutter.pass(b'}');
        let row = text.get(from..self.cutter.at);
        self.cutter.pass(b',');
        row
    }
}

impl<'v> Iterator for Rows<'v> {
    type Item = &'v [u8];

    fn next(&mut self) -> Option<&'v [u8]> {
        let row = self.cutter.value()?;
        self.cutter.pass(b',');
        Some(row)
    }
}

/// The value of the member with this name in a checked object; of several, the last.
pub fn member<'v>(value: &'v [u8], name: &str) -> Option<&'v [u8]> {
    members(value).filter(|member| member.is_named(name)).last().map(|member| member.value)
}

/// Returns true if the checked value is an object.
pub fn is_object(value: &[u8]) -> bool {
    value.first() == Some(&b'{')
}

/// Returns true if the checked value is an array.
pub fn is_array(value: &[u8]) -> bool {
    value.first() == Some(&b'[')
}

/// Returns true if the checked value is `null`.
pub fn is_null(value: &[u8]) -> bool {
    value == b"null"
}

/// The checked value as a boolean, if it is one.
pub fn as_bool(value: &[u8]) -> Option<bool> {
    match value {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// The checked value as an integer, if it is a number without fraction and exponent that fits.
pub fn as_integer(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The text of the checked value, if it is a string: without quotes and escapes, and with U+FFFD in
/// place of lone surrogates and of bytes that are not UTF-8.
pub fn as_text(value: &[u8]) -> Option<String> {
    between_quotes(value).map(unescape)
}

/// The text of the inside of a checked string, such as [`Member::name`]; see [`as_text`].
pub fn unescape(inside: &[u8]) -> String {
    match String::from_utf8(unescape_bytes(inside)) {
        Ok(text) => text,
        Err(bytes) => String::from_utf8_lossy(bytes.as_bytes()).into_owned(),
    }
}

/// The same with bytes that are not UTF-8 left as they are.
pub fn unescape_bytes(inside: &[u8]) -> Vec<u8> {
    unescape_with(inside, |_, text| text.extend_from_slice("\u{fffd}".as_bytes()))
}

/// The same with half a surrogate pair, which UTF-8 cannot hold, as the three bytes that it would
/// have there (WTF-8), so that it can be written again.
pub fn unescape_wtf8(inside: &[u8]) -> Vec<u8> {
    unescape_with(inside, |unit, text| {
        text.extend_from_slice(&[
            0xe0 | (unit >> 12) as u8,
            0x80 | (unit >> 6 & 0x3f) as u8,
            0x80 | (unit & 0x3f) as u8,
        ]);
    })
}

fn unescape_with(inside: &[u8], lone_surrogate: impl Fn(u16, &mut Vec<u8>)) -> Vec<u8> {
    let mut text = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.iter().position(|&byte| byte == b'\\') {
        let (plain, escape) = rest.split_at(backslash);
        text.extend_from_slice(plain);
        let (character, length) = unescape_one(escape);
        match character {
            Ok(character) => {
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Err(unit) => lone_surrogate(unit, &mut text),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    text
}

/// The text of the checked value, if it is a string, with bytes that are not UTF-8 left as they are.
pub fn as_bytes(value: &[u8]) -> Option<Vec<u8>> {
    between_quotes(value).map(unescape_bytes)
}

/// The end of the string whose opening quote is at `from`: after its closing quote.
pub(crate) fn string_end(text: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    loop {
        at = plain_end(text, at);
        match text.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return text.len(),
        }
    }
}

/// The end of the number, `true`, `false` or `null` that begins at `from`.
pub(crate) fn scalar_end(text: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}' | ..=b' ');
    let rest = text.get(from..).unwrap_or_default();
    rest.iter().position(ends).map_or(text.len(), |length| from + length)
}

/// The first place from `at` on that is not white space.
#[inline]
pub(crate) fn white_space_end(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Walks over a text and stops at the first byte that cannot stand there.
struct Checker<'t> {
    text: &'t [u8],
    at: usize,
    /// The containers open at `at`, outermost first. A list, not recursion: a million brackets
    /// must not overflow the stack.
    nesting: Vec<Container>,
    /// The name of the outermost object's member that is being read.
    name: &'t [u8],
    /// The position where the value of that member begins.
    value_from: usize,
    members: Vec<Member<'t>>,
    has_more_members: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

impl<'t> Checker<'t> {
    fn document(&mut self) -> Result<&'t [u8], FaultKind> {
        self.pass_white_space();
        let from = self.at;
        self.value()?;
        let value = self.since(from);
        self.pass_white_space();
        if self.at < self.text.len() { Err(FaultKind::Syntax) } else { Ok(value) }
    }

    /// One value with all that is in it.
    fn value(&mut self) -> Result<(), FaultKind> {
        loop {
            match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'{') => {
                    if self.open(Container::Object, b'}')? {
                        self.name()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.open(Container::Array, b']')? {
                        continue;
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b'n') => self.literal(b"null")?,
                Some(b't') => self.literal(b"true")?,
                Some(b'f') => self.literal(b"false")?,
                _ => return Err(self.unexpected()),
            }
            if !self.go_on()? {
                return Ok(());
            }
        }
    }

    /// Behind a bracket; true if there is something inside, false if it was closed at once.
    fn open(&mut self, container: Container, closing: u8) -> Result<bool, FaultKind> {
        if self.nesting.len() == MAX_DEPTH {
            return Err(FaultKind::TooDeep);
        }
        self.at += 1;
        self.pass_white_space();
        if self.peek() == Some(closing) {
            self.at += 1;
            return Ok(false);
        }
        self.nesting.push(container);
        Ok(true)
    }

    /// From the end of a value to the beginning of the next, closing what ends between them;
    /// false if there is none because the outermost value has ended.
    fn go_on(&mut self) -> Result<bool, FaultKind> {
        while let Some(&container) = self.nesting.last() {
            if self.nesting.len() == 1 && container == Container::Object {
                if self.members.len() < MOST_MEMBERS {
                    let value = self.since(self.value_from);
                    self.members.push(Member { name: self.name, value });
                } else {
                    self.has_more_members = true;
                }
            }
            self.pass_white_space();
            match (self.peek(), container) {
                (Some(b','), _) => {
                    self.at += 1;
                    self.pass_white_space();
                    if container == Container::Object {
                        self.name()?;
                    }
                    return Ok(true);
                }
                (Some(b'}'), Container::Object) | (Some(b']'), Container::Array) => {
                    self.at += 1;
                    self.nesting.pop();
                }
                _ => return Err(self.unexpected()),
            }
        }
        Ok(false)
    }

    /// A member's name, its colon and the white space behind it.
    fn name(&mut self) -> Result<(), FaultKind> {
        let from = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        self.string()?;
        let name = self.since(from);
        self.pass_white_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected());
        }
        self.at += 1;
        self.pass_white_space();
        if self.nesting.len() == 1 {
            self.name = between_quotes(name).unwrap_or_default();
            self.value_from = self.at;
        }
        Ok(())
    }

    #[inline]
    fn string(&mut self) -> Result<(), FaultKind> {
        self.at += 1;
        loop {
            self.at = plain_end(self.text, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(self.unexpected()),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), FaultKind> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.unexpected());
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.unexpected()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), FaultKind> {
        self.pass_one_of(b"-");
        // A number does not begin with a zero, unless that is all there is before the fraction.
        if !self.pass_one_of(b"0") {
            self.digits()?;
        }
        if self.pass_one_of(b".") {
            self.digits()?;
        }
        if self.pass_one_of(b"eE") {
            self.pass_one_of(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), FaultKind> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == from { Err(self.unexpected()) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), FaultKind> {
        for &expected in word {
            if self.peek() != Some(expected) {
                return Err(self.unexpected());
            }
            self.at += 1;
        }
        Ok(())
    }

    fn pass_one_of(&mut self, bytes: &[u8]) -> bool {
        let passed = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(passed);
        passed
    }

    #[inline]
    fn pass_white_space(&mut self) {
        self.at = white_space_end(self.text, self.at);
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn since(&self, from: usize) -> &'t [u8] {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// The fault at byte `at`: truncated at the end of the text, a syntax error elsewhere.
    fn unexpected(&self) -> FaultKind {
        if self.at < self.text.len() { FaultKind::Syntax } else { FaultKind::Truncated }
    }
}

/// Cuts checked text at the places where values begin and end, without checking it again.
#[derive(Clone, Copy)]
struct Cutter<'v> {
    text: &'v [u8],
    at: usize,
}

impl<'v> Cutter<'v> {
    /// Behind the opening bracket; at the end of all text if the value does not begin with it.
    fn inside(value: &'v [u8], opening: u8) -> Cutter<'v> {
        match value.first() {
            Some(&first) if first == opening => Cutter { text: value, at: 1 },
            _ => Cutter { text: &[], at: 0 },
        }
    }

    /// The value that begins here; none before a closing bracket.
    fn value(&mut self) -> Option<&'v [u8]> {
        let from = white_space_end(self.text, self.at);
        self.at = match self.text.get(from)? {
            b'"' => string_end(self.text, from),
            b'[' | b'{' => self.container_end(from),
            _ => scalar_end(self.text, from),
        };
        self.text.get(from..self.at).filter(|value| !value.is_empty())
    }

    fn pass(&mut self, separator: u8) {
        self.at = white_space_end(self.text, self.at);
        if self.text.get(self.at) == Some(&separator) {
            self.at += 1;
        }
    }

    fn container_end(&self, from: usize) -> usize {
        let mut open = 0_usize;
        let mut at = from;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'"' => {
                    at = string_end(self.text, at);
                    continue;
                }
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            at += 1;
            if open == 0 {
                return at;
            }
        }
        self.text.len()
    }
}

/// The first place from `at` on that has a quote, a backslash or a control character; the length
/// of the text if there is none.
///
/// Looks at eight bytes at a time, as one number: subtracting 1 from a byte that is 0 borrows
/// into its highest bit, so a byte is found by making it 0 first. A borrow can also mark bytes
/// behind the first find wrongly, but only the first one counts.
#[inline]
fn plain_end(text: &[u8], from: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST_BITS: u64 = ONES << 7;
    let is_zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let mut at = from;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        let bytes = u64::from_le_bytes(*chunk);
        let quotes = is_zero(bytes ^ (ONES * u64::from(b'"')));
        let backslashes = is_zero(bytes ^ (ONES * u64::from(b'\\')));
        let controls = bytes.wrapping_sub(ONES * u64::from(b' ')) & !bytes;
        let found = (quotes | backslashes | controls) & HIGHEST_BITS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while text.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | ..b' ')) {
        at += 1;
    }
    at.min(text.len())
}

fn between_quotes(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// The character of the escape at the beginning of these bytes, or the surrogate that lacks its other
/// half; and the length of the escape.
fn unescape_one(escape: &[u8]) -> (Result<char, u16>, usize) {
    let character = match escape.get(1) {
        Some(b'u') => return unescape_unicode(escape),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(&byte) if byte.is_ascii() => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    };
    (Ok(character), 2)
}

/// The same for `\u` with four digits; characters beyond U+FFFF take two of them.
fn unescape_unicode(escape: &[u8]) -> (Result<char, u16>, usize) {
    let unit = |at: usize| -> Option<u16> {
        let digits = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (Ok(char::REPLACEMENT_CHARACTER), 2);
    };
    let units = [first, unit(6).unwrap_or_default()];
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => (Ok(character), 6 * character.len_utf16()),
        _ => (Err(first), 6),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use super::*;

    #[test]
    fn accepts_values_unchanged() {
        fn check(text: &[u8]) {
            let document = parse(text).expect("valid JSON");
            assert_eq!(document.value(), text);
            let surrounded = [b"\xef\xbb\xbf \r\n\t", text, b"\t\r\n "].concat();
            assert_eq!(parse(&surrounded).expect("valid JSON").value(), text);
        }
        for number in
            ["0", "-0", "-0.0", "1.10", "12345678901234567890", "1e5", "1E+05", "-9.9e-999"]
        {
            check(number.as_bytes());
        }
        check(b"null");
        check(b"true");
        check(b"false");
        check(br#""""#);
        check(br#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00""#);
        check(br#""a lone \ud800 surrogate""#);
        check(b"\"not \xff UTF-8 \x7f \xc3\"");
        check("\"héllo 😀 \u{2028}\"".as_bytes());
        check(b"{}");
        check(b"[ ]");
        check(br#"{ "a" : [ 1 , { } , [ ] , { "b" : null } ] , "" : "x" }"#);
        check(&nested(MAX_DEPTH));
    }

    #[test]
    fn faults_name_reason_and_place() {
        use FaultKind::{Syntax, TooDeep, Truncated};
        fn check(text: &[u8], kind: FaultKind, offset: usize) {
            let fault = parse(text).expect_err("a fault");
            let shown = String::from_utf8_lossy(&text[..text.len().min(40)]);
            assert_eq!((fault.kind, fault.offset), (kind, offset), "{shown}");
        }
        for text in [
            "",
            " ",
            "\u{feff}",
            "tru",
            "-",
            "1.",
            "1e",
            "1e+",
            "\"a",
            "\"\\",
            "\"\\u00",
            "[",
            "[1",
            "[1,",
            "[[]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "[\"a\" ",
        ] {
            check(text.as_bytes(), Truncated, text.len());
        }
        for (text, offset) in [
            ("01", 1),
            ("-01", 2),
            (".5", 0),
            ("+1", 0),
            ("[1.]", 3),
            ("[1.e1]", 3),
            ("[1e]", 3),
            ("[-]", 2),
            ("NaN", 0),
            ("nil", 1),
            ("nulls", 4),
            ("Infinity", 0),
            ("'a'", 0),
            ("[1,]", 3),
            ("[,1]", 1),
            ("[1 2]", 3),
            ("[1}", 2),
            ("{]", 1),
            ("{\"a\":1]", 6),
            ("{\"a\":1,}", 7),
            ("{\"a\" 1}", 5),
            ("{\"a\"}", 4),
            ("{\"a\":}", 5),
            ("{a:1}", 1),
            ("{1:1}", 1),
            ("{} {}", 3),
            ("1,", 1),
            ("\"a\"b", 3),
            ("]", 0),
            ("\"\\x\"", 2),
            ("\"\\u12g4\"", 5),
            ("\"\\u12\"", 5),
            ("[\u{a0}1]", 1),
            ("[1]\0", 3),
            ("// no", 0),
        ] {
            check(text.as_bytes(), Syntax, offset);
        }
        // Found in each place of the eight bytes that are looked at together.
        for position in 0..20 {
            let mut text = [b"\"".as_slice(), &[b'a'; 20], b"\""].concat();
            for control in [0, 0x0a, 0x1f] {
                text[1 + position] = control;
                check(&text, Syntax, 1 + position);
            }
        }
        check(&nested(MAX_DEPTH + 1), TooDeep, MAX_DEPTH);
        check(&[b'['; 1_000_000], TooDeep, MAX_DEPTH);
        check(&br#"{"a":"#.repeat(1_000_000), TooDeep, 5 * MAX_DEPTH);
    }

    #[test]
    fn fault_has_line_and_column() {
        fn check(text: &str, shown: &str) {
            assert_eq!(parse(text.as_bytes()).expect_err("a fault").to_string(), shown);
        }
        check("", "unexpected end at line 1, column 1");
        check("<html>", "unexpected character at line 1, column 1");
        check("\u{feff}<html>", "unexpected character at line 1, column 1");
        check("{\n  \"é😀\": x}", "unexpected character at line 2, column 9");
        check("[1,\n\n", "unexpected end at line 3, column 1");
        check(&"[".repeat(513), "more than 512 levels at line 1, column 513");
    }

    #[test]
    fn finds_outermost_members() {
        fn check(text: &str, name: &str, value: Option<&str>) {
            let document = parse(text.as_bytes()).expect("valid JSON");
            assert_eq!(document.get(name), value.map(str::as_bytes), "{text}");
            assert_eq!(member(document.value(), name), value.map(str::as_bytes), "{text}");
        }
        check(r#"{"error":null,"data":{"data":1}}"#, "data", Some(r#"{"data":1}"#));
        check(r#"{"error":null,"data":{"data":1}}"#, "error", Some("null"));
        check(r#" { "a" : [ 1, 2 ] , "b":3 } "#, "a", Some("[ 1, 2 ]"));
        check(r#"{"a":1,"b":2,"a":3}"#, "a", Some("3"));
        check(r#"{"d\u0061ta":1}"#, "data", Some("1"));
        check(r#"{"d\u0061ta":1}"#, "d\\u0061ta", None);
        check(r#"{"a\"}":"]"}"#, "a\"}", Some(r#""]""#));
        check(r#"{"":0}"#, "", Some("0"));
        check(r#"{"a":{"b":1}}"#, "b", None);
        check(r#"[{"a":1}]"#, "a", None);
        check("{}", "a", None);
        check("1", "a", None);

        let document = parse(br#"{"a":1,"a":2}"#).expect("valid JSON");
        let members = [Member { name: b"a", value: b"1" }, Member { name: b"a", value: b"2" }];
        assert_eq!(document.members(), members);
        assert!(document.is_object() && !document.is_array());
    }

    #[test]
    fn splits_arrays_into_elements() {
        fn check(text: &str, expected: &[&str]) {
            let cut: Vec<_> = elements(text.as_bytes()).map(String::from_utf8_lossy).collect();
            assert_eq!(cut, expected, "{text}");
        }
        check("[]", &[]);
        check("[ ]", &[]);
        check("[1]", &["1"]);
        check(
            r#"[ 1 , "a]\",", [ 2, [] ] , {"b":[3]},null ]"#,
            &["1", r#""a]\",""#, "[ 2, [] ]", r#"{"b":[3]}"#, "null"],
        );
        check(r#"{"a":1}"#, &[]);
        check("null", &[]);
        check("", &[]);
    }

    #[test]
    fn unescapes_strings() {
        fn check(value: &[u8], text: Option<&str>) {
            assert_eq!(as_text(value).as_deref(), text);
        }
        check(br#""""#, Some(""));
        check(br#""plain""#, Some("plain"));
        check(br#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t"));
        check(br#""\u00e9\u0000\uD83d\uDE00.""#, Some("é\0😀."));
        check(br#""\ud800.""#, Some("\u{fffd}."));
        check(br#""\ud800\ud83d\ude00""#, Some("\u{fffd}😀"));
        check(br#""\ud83d\u0041""#, Some("\u{fffd}A"));
        check(br#""\udc00\n""#, Some("\u{fffd}\n"));
        check(b"\"a\xffb\"", Some("a\u{fffd}b"));
        check(b"null", None);
        check(b"1", None);
        check(br#"["a"]"#, None);
        check(b"\"", None);
    }

    #[test]
    fn lone_surrogates_can_be_kept() {
        fn check(inside: &str, expected: &[u8]) {
            assert_eq!(unescape_wtf8(inside.as_bytes()), expected, "{inside}");
        }
        check(r"a\n\u00e9", "a\né".as_bytes());
        check(r"\ud83d\ude00", "😀".as_bytes());
        check(r"\ud800.", b"\xed\xa0\x80.");
        check(r"\ud800\ud83d\ude00", b"\xed\xa0\x80\xf0\x9f\x98\x80");
        check(r"\udc00", b"\xed\xb0\x80");
    }

    #[test]
    fn reads_scalars_of_requested_type() {
        fn check(value: &str, integer: Option<i64>, boolean: Option<bool>, null: bool) {
            let value = value.as_bytes();
            assert_eq!(
                (as_integer(value), as_bool(value), is_null(value)),
                (integer, boolean, null)
            );
        }
        check("100", Some(100), None, false);
        check("-0", Some(0), None, false);
        check("-9223372036854775808", Some(i64::MIN), None, false);
        check("9223372036854775808", None, None, false);
        check("1.0", None, None, false);
        check("1e2", None, None, false);
        check("\"1\"", None, None, false);
        check("true", None, Some(true), false);
        check("false", None, Some(false), false);
        check("null", None, None, true);
        check("[]", None, None, false);
    }

    fn nested(depth: usize) -> Vec<u8> {
        [b"[".repeat(depth), b"]".repeat(depth)].concat()
    }

    /// Any value, a few levels deep.
    fn any_value() -> impl Strategy<Value = Value> {
        let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?(e[+-][0-9]{1,3})?";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number.prop_map(|digits| serde_json::from_str(&digits).expect("a number")),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// JSON with some bytes replaced, put in or taken out.
    fn damaged_text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            prop::sample::select(
                &b"{}[]:,\"\\ \n\t0123456789-+.eEu/bfnrtalsd\x00\x1f\x7f\x80\xff"[..]
            ),
            any::<u8>(),
        ];
        let change = (any::<prop::sample::Index>(), 0..3, byte);
        (any_value(), prop::collection::vec(change, 0..6)).prop_map(|(value, changes)| {
            let mut text = value.to_string().into_bytes();
            for (index, kind, byte) in changes {
                let at = index.index(text.len() + 1);
                match kind {
                    0 => text.insert(at, byte),
                    1 if at < text.len() => text[at] = byte,
                    _ => drop(text.drain(at..text.len().min(at + 1))),
                }
            }
            text
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn grammar_matches_serde_json(text in damaged_text()) {
            // Reading into nothing leaves surrogates and UTF-8 alone, as `parse` does.
            let expected = serde_json::from_slice::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(parse(&text).is_ok(), expected, "{}", String::from_utf8_lossy(&text));
            if serde_json::from_slice::<Value>(&text).is_ok() {
                prop_assert!(parse(&text).is_ok());
            }
        }

        #[test]
        fn slices_match_serde_json(value in any_value()) {
            let text = value.to_string();
            let read = |value: &[u8]| serde_json::from_slice::<Value>(value).expect("valid JSON");
            let document = parse(text.as_bytes()).expect("valid JSON");
            prop_assert_eq!(document.value(), text.as_bytes());
            let cut: Vec<Value> = elements(document.value()).map(read).collect();
            prop_assert_eq!(cut, value.as_array().cloned().unwrap_or_default());
            let object = value.as_object().cloned().unwrap_or_default();
            let named: Vec<_> = members(document.value()).collect();
            prop_assert_eq!(&named, document.members());
            prop_assert_eq!(named.len(), object.len());
            for (found, (name, value)) in named.iter().zip(&object) {
                prop_assert_eq!((&unescape(found.name), &read(found.value)), (name, value));
                prop_assert_eq!(document.get(name).map(read), Some(value.clone()));
            }
            prop_assert_eq!(as_text(document.value()), value.as_str().map(str::to_owned));
        }

        #[test]
        fn prefix_is_truncated_not_invalid(value in any_value(), cut in any::<prop::sample::Index>()) {
            let text = Value::Array(vec![value]).to_string();
            let beginning = &text.as_bytes()[..cut.index(text.len())];
            let fault = parse(beginning).expect_err("a fault");
            prop_assert_eq!((fault.kind, fault.offset), (FaultKind::Truncated, beginning.len()));
        }

        #[test]
        fn any_text_parses_without_panic(text in prop_oneof![prop::collection::vec(any::<u8>(), 0..64), damaged_text()]) {
            if let Err(fault) = parse(&text) {
                prop_assert!(fault.offset <= text.len());
            }
            // Not checked, and yet they end.
            prop_assert!(elements(&text).count() <= text.len());
            prop_assert!(members(&text).count() <= text.len());
            as_text(&text);
            unescape(&text);
        }
    }
}
