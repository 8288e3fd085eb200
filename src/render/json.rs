//! JSON for a reader: the same tokens with other white space between them, and colours.
//!
//! The value is never taken apart: printing is copying it in runs as long as possible, leaving
//! out the white space it has and putting in the white space the layout wants. So numbers,
//! strings and the order of members come out as they went in, at about the speed of copying.
//! Only [`Dress`] changes that: colours stand around tokens, and a terminal gets the characters
//! that could control it as escapes.
//!
//! Values are those [`crate::json::parse`] accepted. Anything else makes nonsense, but no
//! panic.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::json;
use crate::palette::{Paint, Palette};
use crate::terminal::streams::Dress;
use crate::terminal::text::controls_terminal;

/// Writes the value with two spaces of indent, laid out as `serde_json` does; no line break
/// behind it.
///
/// `out` need not be buffered: it is handed 64 KiB at a time. It is not flushed.
pub fn pretty(value: &[u8], dress: Dress<'_>, out: &mut impl Write) -> io::Result<()> {
    Printer::new(value, Layout::Pretty, dress, out).print().map(|_| ())
}

/// Writes the value as [`pretty`] does, as it stands `depth` levels inside others.
///
/// `out` need not be buffered: it is handed 64 KiB at a time. It is not flushed.
pub fn pretty_inside(
    value: &[u8],
    depth: usize,
    dress: Dress<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    Printer { depth, ..Printer::new(value, Layout::Pretty, dress, out) }.print().map(|_| ())
}

/// Writes the value without white space between its tokens; no line break behind it.
///
/// `out` need not be buffered: it is handed 64 KiB at a time or more. It is not flushed.
pub fn compact(value: &[u8], dress: Dress<'_>, out: &mut impl Write) -> io::Result<()> {
    Printer::new(value, Layout::Compact, dress, out).print().map(|_| ())
}

/// The value as [`compact`] writes it, without colors.
pub fn compacted(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    // Writing to memory does not fail.
    let _ = compact(value, Dress::plain(), &mut text);
    text
}

/// The white space in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As [`pretty`] writes it.
    Pretty,
    /// As [`compact`] writes it.
    Compact,
    /// As [`lines`] writes it.
    Lines,
}

/// Writes each element of an array as [`compact`] does, on a line of its own, and returns how many
/// they are.
///
/// `out` need not be buffered: it is handed 64 KiB at a time or more. It is not flushed.
pub fn lines(list: &[u8], dress: Dress<'_>, out: &mut impl Write) -> io::Result<usize> {
    let inside = list.strip_prefix(b"[").and_then(|list| list.strip_suffix(b"]"));
    let mut printer = Printer::new(inside.unwrap_or_default(), Layout::Lines, dress, out);
    if json::elements(list).next().is_none() {
        return Ok(0);
    }
    printer.print_value()?;
    printer.put_in(b"\n")?;
    printer.out.write_all(&printer.buffer)?;
    Ok(printer.elements + 1)
}

/// Writes a part of a value that lies `depth` levels inside it, and returns the depth at the end of
/// the part, which is behind a comma after an element, or the end of the value.
///
/// `out` need not be buffered: it is handed 64 KiB at a time or more. It is not flushed.
pub fn part(
    part: &[u8],
    depth: usize,
    layout: Layout,
    dress: Dress<'_>,
    out: &mut impl Write,
) -> io::Result<usize> {
    Printer { depth, ..Printer::new(part, layout, dress, out) }.print()
}

/// The size of the pieces that are written to the stream.
const BUFFER: usize = 64 * 1024;

/// A line break and the deepest indent; a shallower one is its beginning.
const LINE_BREAK: &[u8] = &{
    let mut line_break = [b' '; 1 + 2 * json::MAX_DEPTH];
    line_break[0] = b'\n';
    line_break
};

/// Walks over a value. The bytes from `run` to `at` were passed and not yet written: they go out
/// in one piece when something has to be put in or left out at `at`.
struct Printer<'a, W> {
    value: &'a [u8],
    run: usize,
    at: usize,
    depth: usize,
    /// Elements of the list that ended.
    elements: usize,
    layout: Layout,
    dress: Dress<'a>,
    buffer: Vec<u8>,
    out: &'a mut W,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(value: &'a [u8], layout: Layout, dress: Dress<'a>, out: &'a mut W) -> Printer<'a, W> {
        // A plain palette paints nothing: leaving it out takes the fast way.
        let palette = dress.palette.filter(|&palette| *palette != Palette::plain());
        let dress = Dress { palette, ..dress };
        // Small values come in large numbers.
        let buffer = Vec::with_capacity(BUFFER.min(2 * value.len()));
        Printer { value, run: 0, at: 0, depth: 0, elements: 0, layout, dress, buffer, out }
    }

    /// Writes all of it, and returns the depth at its end.
    fn print(mut self) -> io::Result<usize> {
        self.print_value()?;
        self.out.write_all(&self.buffer)?;
        Ok(self.depth)
    }

    fn print_value(&mut self) -> io::Result<()> {
        while let Some(byte) = self.value.get(self.at) {
            match byte {
                b'"' => self.string()?,
                b',' if self.layout == Layout::Lines && self.depth == 0 => {
                    self.write_run()?;
                    self.leave_out(self.at + 1)?;
                    self.put_in(b"\n")?;
                    self.elements += 1;
                }
                b',' => {
                    self.at += 1;
                    self.break_line()?;
                }
                b':' => {
                    self.at += 1;
                    if self.layout == Layout::Pretty {
                        self.put_in(b" ")?;
                    }
                }
                b'[' | b'{' => self.open()?,
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.break_line()?;
                    self.at += 1;
                }
                ..=b' ' => self.leave_out(json::white_space_end(self.value, self.at + 1))?,
                _ => self.scalar()?,
            }
        }
        self.write_run()
    }

    /// An opening bracket; behind an empty object or array also the closing one.
    fn open(&mut self) -> io::Result<()> {
        self.at += 1;
        let next = json::white_space_end(self.value, self.at);
        if let Some(b']' | b'}') = self.value.get(next) {
            self.leave_out(next)?;
            self.at += 1;
            return Ok(());
        }
        self.depth += 1;
        self.break_line()
    }

    fn string(&mut self) -> io::Result<()> {
        let end = json::string_end(self.value, self.at);
        if self.dress.is_plain() {
            self.at = end;
            return Ok(());
        }
        let next = json::white_space_end(self.value, end);
        let is_name = self.value.get(next) == Some(&b':');
        let paint =
            self.dress.palette.map(|palette| if is_name { &palette.key } else { &palette.string });
        self.token(end, paint)
    }

    fn scalar(&mut self) -> io::Result<()> {
        let end = json::scalar_end(self.value, self.at);
        if self.dress.is_plain() {
            self.at = end;
            return Ok(());
        }
        let is_number = matches!(self.value.get(self.at), Some(b'-' | b'0'..=b'9'));
        let paint = self
            .dress
            .palette
            .map(|palette| if is_number { &palette.number } else { &palette.literal });
        self.token(end, paint)
    }

    /// A token that ends at `end`, in its colour.
    fn token(&mut self, end: usize, paint: Option<&Paint>) -> io::Result<()> {
        self.write_run()?;
        let token = self.value.get(self.at..end).unwrap_or_default();
        let (open, close) = paint.map_or(("", ""), |paint| (&paint.open, &paint.close));
        self.write(open.as_bytes())?;
        if self.dress.terminal {
            self.write_harmless(token)?;
        } else {
            self.write(token)?;
        }
        self.write(close.as_bytes())?;
        self.at = end;
        self.run = end;
        Ok(())
    }

    fn break_line(&mut self) -> io::Result<()> {
        if self.layout != Layout::Pretty {
            return Ok(());
        }
        let line_break = LINE_BREAK.get(..1 + 2 * self.depth).unwrap_or(LINE_BREAK);
        self.put_in(line_break)
    }

    fn put_in(&mut self, white_space: &[u8]) -> io::Result<()> {
        self.write_run()?;
        self.write(white_space)
    }

    /// Goes on at `next` without what lies before it.
    fn leave_out(&mut self, next: usize) -> io::Result<()> {
        if next > self.at {
            self.write_run()?;
            self.at = next;
            self.run = next;
        }
        Ok(())
    }

    #[inline]
    fn write_run(&mut self) -> io::Result<()> {
        let run = self.value.get(self.run..self.at).unwrap_or_default();
        self.run = self.at;
        self.write(run)
    }

    /// The token with escapes for what could control a terminal.
    fn write_harmless(&mut self, token: &[u8]) -> io::Result<()> {
        if token.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return self.write(token);
        }
        let mut harmless = String::with_capacity(token.len());
        for chunk in token.utf8_chunks() {
            for character in chunk.valid().chars() {
                if controls_terminal(character) {
                    // Writing to a `String` does not fail.
                    let _ = write!(harmless, "\\u{:04x}", u32::from(character));
                } else {
                    harmless.push(character);
                }
            }
            if !chunk.invalid().is_empty() {
                harmless.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.write(harmless.as_bytes())
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            return self.write_through(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Empties the buffer first; what would fill it alone does not go through it.
    #[cold]
    fn write_through(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        if bytes.len() >= BUFFER {
            return self.out.write_all(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const PIPE: Dress<'_> = Dress { palette: None, terminal: false };
    const TERMINAL: Dress<'_> = Dress { palette: None, terminal: true };

    #[test]
    fn lays_out_values() {
        fn check(value: &str, pretty: &str, compact: &str) {
            assert_eq!(printed(Layout::Pretty, value.as_bytes(), PIPE), pretty.as_bytes());
            assert_eq!(printed(Layout::Compact, value.as_bytes(), PIPE), compact.as_bytes());
        }
        check("12345678901234567890", "12345678901234567890", "12345678901234567890");
        check(" null ", "null", "null");
        check("{ }", "{}", "{}");
        check("[\n]", "[]", "[]");
        check("[[ ],{ }]", "[\n  [],\n  {}\n]", "[[],{}]");
        check(
            r#"{"a": 1.10 ,"b":[-0, true ],"c":{"d":"x, y: {z}"}}"#,
            "{\n  \"a\": 1.10,\n  \"b\": [\n    -0,\n    true\n  ],\n  \"c\": {\n    \"d\": \"x, y: {z}\"\n  }\n}",
            r#"{"a":1.10,"b":[-0,true],"c":{"d":"x, y: {z}"}}"#,
        );
    }

    #[test]
    fn elements_are_lines() {
        fn check(list: &str, count: usize, expected: &str) {
            let mut out = Vec::new();
            let written = lines(list.as_bytes(), PIPE, &mut out).expect("memory takes everything");
            assert_eq!((String::from_utf8_lossy(&out).as_ref(), written), (expected, count));
        }
        check("[]", 0, "");
        check("[ ]", 0, "");
        check(
            "[ 1 ,[2, 3],\n{\"a\": [4 ,5]} , \"x, y\"]",
            4,
            "1\n[2,3]\n{\"a\":[4,5]}\n\"x, y\"\n",
        );
        check("[[],{}]", 2, "[]\n{}\n");
        let palette = Palette::coloured();
        let dress = Dress { palette: Some(&palette), terminal: true };
        assert_eq!(
            printed(Layout::Lines, b"[1, [\"a\"]]", dress),
            b"\x1b[36m1\x1b[0m\n[\x1b[32m\"a\"\x1b[0m]\n"
        );
    }

    #[test]
    fn strings_are_kept_unchanged() {
        fn check(value: &[u8]) {
            assert_eq!(printed(Layout::Pretty, value, PIPE), value);
            assert_eq!(printed(Layout::Compact, value, PIPE), value);
        }
        check(br#""\/ \u0041 \ud800 \" \\""#);
        check(b"\"\xff \x7f \xc2\x9b \xe2\x80\xae\"");
    }

    #[test]
    fn control_characters_are_escaped() {
        fn check(value: &[u8], shown: &str) {
            assert_eq!(String::from_utf8_lossy(&printed(Layout::Pretty, value, TERMINAL)), shown);
            let found = json::as_text(value);
            assert_eq!(json::as_text(shown.as_bytes()), found, "the same text");
        }
        check("\"héllo 😀\"".as_bytes(), "\"héllo 😀\"");
        check(br#""\u001b[31m \/""#, r#""\u001b[31m \/""#);
        check(b"\"\x7f\"", r#""\u007f""#);
        check("\"\u{80}\u{9b}31m\u{9f}\u{a0}\"".as_bytes(), "\"\\u0080\\u009b31m\\u009f\u{a0}\"");
        check("\"\u{202a}\u{202e}\u{2066}\u{2069}\"".as_bytes(), r#""\u202a\u202e\u2066\u2069""#);
        check("\"a\u{200e}\u{200f}\u{61c}b\"".as_bytes(), r#""a\u200e\u200f\u061cb""#);
        check(b"\"a\xffb\"", "\"a\u{fffd}b\"");
    }

    #[test]
    fn tokens_are_coloured() {
        fn check(layout: Layout, value: &[u8], terminal: bool, shown: &str) {
            let paint = |name: &str| Paint { open: format!("<{name}>"), close: "</>".to_owned() };
            let palette = Palette {
                key: paint("k"),
                string: paint("s"),
                number: paint("n"),
                literal: paint("l"),
                ..Palette::plain()
            };
            let dress = Dress { palette: Some(&palette), terminal };
            assert_eq!(String::from_utf8_lossy(&printed(layout, value, dress)), shown);
        }
        let value = b"{\"a\" : [\"b\",-1e5,null,{}]}";
        let pretty = "{\n  <k>\"a\"</>: [\n    <s>\"b\"</>,\n    <n>-1e5</>,\n    <l>null</>,\n    {}\n  ]\n}";
        check(Layout::Pretty, value, false, pretty);
        check(Layout::Pretty, value, true, pretty);
        check(Layout::Compact, value, true, r#"{<k>"a"</>:[<s>"b"</>,<n>-1e5</>,<l>null</>,{}]}"#);
        check(Layout::Compact, b"\"\x7f\"", true, r#"<s>"\u007f"</>"#);
        check(Layout::Compact, b"\"\x7f\"", false, "<s>\"\x7f\"</>");
    }

    #[test]
    fn plain_palette_adds_nothing() {
        let palette = Palette::plain();
        let dress = Dress { palette: Some(&palette), terminal: false };
        assert_eq!(printed(Layout::Pretty, b"[\"\xff\"]", dress), b"[\n  \"\xff\"\n]");
    }

    #[test]
    fn long_strings_are_kept_whole() {
        fn check(length: usize, times: usize) {
            let value = Value::from(vec!["x".repeat(length); times]);
            let text = value.to_string();
            let expected = serde_json::to_string_pretty(&value).expect("no fault");
            assert!(printed(Layout::Pretty, text.as_bytes(), PIPE) == expected.as_bytes());
            assert!(printed(Layout::Pretty, text.as_bytes(), TERMINAL) == expected.as_bytes());
            assert!(printed(Layout::Compact, expected.as_bytes(), PIPE) == text.as_bytes());
        }
        check(0, 100_000);
        check(BUFFER - 7, 3);
        check(BUFFER, 3);
        check(3 * BUFFER, 2);
        check(100, 10_000);
    }

    #[test]
    fn deepest_value_is_indented() {
        let deep =
            [b"[".repeat(json::MAX_DEPTH), b"1".to_vec(), b"]".repeat(json::MAX_DEPTH)].concat();
        let shown = printed(Layout::Pretty, &deep, PIPE);
        let deepest = shown.split(|&byte| byte == b'\n').map(<[u8]>::len).max();
        assert_eq!(deepest, Some(2 * json::MAX_DEPTH + 1));
        assert_eq!(printed(Layout::Compact, &shown, PIPE), deep);
    }

    #[test]
    fn failing_writer_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let fault = pretty(b"[1]", PIPE, &mut Full).expect_err("a full disk");
        assert_eq!(fault.kind(), io::ErrorKind::StorageFull);
    }

    fn printed(layout: Layout, value: &[u8], dress: Dress<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        let result = match layout {
            Layout::Pretty => pretty(value, dress, &mut out),
            Layout::Compact => compact(value, dress, &mut out),
            Layout::Lines => lines(value, dress, &mut out).map(|_| ()),
        };
        result.expect("memory takes everything");
        out
    }

    /// Any value: odd strings, long numbers, and one array inside the other up to 100 deep.
    fn any_value() -> impl Strategy<Value = Value> {
        let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?(e[+-][0-9]{1,3})?";
        let text = prop_oneof![
            any::<String>(),
            "[\\\\\"{}\\[\\]:, \u{0}-\u{20}\u{7f}\u{9b}\u{202e}]{0,12}"
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number.prop_map(|digits| serde_json::from_str(&digits).expect("a number")),
            text.clone().prop_map(Value::from),
        ];
        let broad = leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        let depth = prop_oneof![4 => Just(0_usize), 1 => 0..100_usize];
        (broad, depth)
            .prop_map(|(value, depth)| (0..depth).fold(value, |inner, _| Value::from(vec![inner])))
    }

    /// The compact text with white space wherever it may stand.
    fn spaced(compact: &str, white_space: &[String]) -> String {
        let mut spaces = white_space.iter().cycle();
        let mut next = || spaces.next().map_or("", String::as_str);
        let mut text = next().to_owned();
        let (mut in_string, mut escaped) = (false, false);
        for character in compact.chars() {
            let is_mark = !in_string && "{}[]:,".contains(character);
            if is_mark {
                text.push_str(next());
            }
            text.push(character);
            if is_mark {
                text.push_str(next());
            }
            in_string ^= character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
        }
        text + next()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn layout_matches_serde_json(
            value in any_value(),
            white_space in prop::collection::vec("[ \n\r\t]{0,3}", 1..8),
        ) {
            let expected_pretty = serde_json::to_string_pretty(&value).expect("no fault");
            let expected_compact = value.to_string();
            let text = spaced(&expected_compact, &white_space);
            prop_assert!(json::parse(text.as_bytes()).is_ok());
            for text in [&expected_compact, &expected_pretty, &text] {
                let pretty = printed(Layout::Pretty, text.as_bytes(), PIPE);
                prop_assert_eq!(String::from_utf8_lossy(&pretty), expected_pretty.as_str());
                let compact = printed(Layout::Compact, text.as_bytes(), PIPE);
                prop_assert_eq!(String::from_utf8_lossy(&compact), expected_compact.as_str());
            }
        }

        #[test]
        fn terminal_output_is_same_value_escaped(value in any_value()) {
            let palette = Palette::plain();
            let dress = Dress { palette: Some(&palette), terminal: true };
            let shown = printed(Layout::Pretty, value.to_string().as_bytes(), dress);
            let shown = String::from_utf8(shown).expect("UTF-8");
            let controls = |character: char| character != '\n' && controls_terminal(character);
            prop_assert!(!shown.contains(controls));
            prop_assert_eq!(serde_json::from_str::<Value>(&shown).expect("valid JSON"), value);
        }

        #[test]
        fn any_text_prints_without_panic(
            text in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                prop::collection::vec(prop::sample::select(&b"{}[]:,\"\\ \n0atn\xff\x7f"[..]), 0..64),
                (0..2000_usize).prop_map(|depth| b"[".repeat(depth)),
            ],
        ) {
            let palette = Palette::coloured();
            let coloured = Dress { palette: Some(&palette), terminal: true };
            for dress in [PIPE, TERMINAL, coloured] {
                printed(Layout::Pretty, &text, dress);
                printed(Layout::Compact, &text, dress);
            }
        }
    }
}
