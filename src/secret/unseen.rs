//! Characters between two letters that nobody sees, or that are blank: whoever copies the text has
//! the letters.

/// The most backslashes before an escape: JSON inside JSON inside JSON has four.
pub(super) const MOST_BACKSLASHES: usize = 8;

/// The most `amp;` of an entity that was escaped again and again.
const MOST_AMPERSANDS: usize = 8;

/// The most digits of an entity; most of them are zeros in front.
const MOST_DIGITS: usize = 32;

/// The most bytes that are looked at of a sequence that a terminal obeys, and of an indentation.
const LONGEST_SEQUENCE: usize = 32;

const LINE_FEED: u32 = 0x0a;

const ESCAPE: u32 = 0x1b;

/// Returns true if the character leaves no mark of its own: a control character, a code point that
/// Unicode calls default-ignorable, a combining mark of no script, or U+FFFD in the place of bytes
/// that are none.
pub(super) fn is_unseen(character: char) -> bool {
    is_unseen_code(u32::from(character))
}

/// The same of a UTF-16 unit of an escape too: half of a code point beyond the tags.
fn is_unseen_code(code: u32) -> bool {
    matches!(
        code,
        0..=0x1f
            | 0x7f..=0x9f
            | 0xad
            | 0x300..=0x36f
            | 0x483..=0x489
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x1ab0..=0x1aff
            | 0x1dc0..=0x1dff
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0x20d0..=0x20ff
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfe20..=0xfe2f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfff8
            | 0xfffd
            | 0xd82f
            | 0xd834
            | 0xdb40
            | 0xdc00..=0xddef
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}

/// Returns true if the character is a blank, or ends a line or a paragraph.
fn is_blank(code: u32) -> bool {
    matches!(code, 0x20 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028..=0x2029 | 0x202f | 0x205f | 0x3000)
}

/// The length of what stands at the beginning of the text and is not seen: such a character, as it is
/// or escaped (`\n`, `\u200b`, `&#8203;`), a sequence that a terminal obeys, or the end of a line with
/// the indentation of the next.
pub(super) fn unseen(text: &[u8]) -> Option<usize> {
    let (code, length) = match text {
        [b'\\', ..] => escaped(text)?,
        [b'&', ..] => named_entity(text).or_else(|| numeric_entity(text))?,
        [b'%', ..] => (number(text.get(1..3)?, 16)?, 3),
        [b'<', ..] => return text.starts_with(b"<wbr>").then_some(5),
        _ => {
            // No character has more bytes.
            let start = &text[..text.len().min(4)];
            let first = start.utf8_chunks().next()?.valid().chars().next()?;
            (u32::from(first), first.len_utf8())
        }
    };
    let is_nothing = is_unseen_code(code) || is_blank(code);
    is_nothing.then(|| length + belonging(code, &text[length..]))
}

/// The names that HTML has for characters that are not seen.
fn named_entity(text: &[u8]) -> Option<(u32, usize)> {
    const NAMED: [(&str, u32); 4] =
        [("&nbsp;", 0xa0), ("&shy;", 0xad), ("&ZeroWidthSpace;", 0x200b), ("&zwnj;", 0x200c)];
    let named = NAMED.iter().find(|(name, _)| text.starts_with(name.as_bytes()));
    named.map(|(name, code)| (*code, name.len()))
}

/// The code point of `&#115;` or `&#x73;` at the beginning of the text, and the length of that. As in
/// browsers the semicolon may be missing; each `amp;` behind the `&` was escaped once more.
pub(super) fn numeric_entity(text: &[u8]) -> Option<(u32, usize)> {
    let inside = text.strip_prefix(b"&")?;
    let again = inside.chunks_exact(4).take(MOST_AMPERSANDS).take_while(|part| *part == b"amp;");
    let start = 4 * again.count();
    let rest = inside[start..].strip_prefix(b"#")?;
    let (mark, radix) =
        if rest.starts_with(b"x") || rest.starts_with(b"X") { (1, 16) } else { (0, 10) };
    let digits = rest[mark..].iter().take(MOST_DIGITS);
    let digits = digits.take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let code = number(&rest[mark..mark + digits], radix)?;
    let end = mark + digits;
    let semicolon = usize::from(rest.get(end) == Some(&b';'));
    Some((code, 2 + start + end + semicolon))
}

/// The length of what belongs to a control character that stands before it.
fn belonging(code: u32, text: &[u8]) -> usize {
    let near = &text[..text.len().min(LONGEST_SEQUENCE)];
    match (code, near) {
        (ESCAPE, [b'[', rest @ ..]) => {
            let end = rest.iter().position(|byte| (b'@'..=b'~').contains(byte));
            end.map_or(0, |end| end + 2)
        }
        (LINE_FEED, _) => near.iter().take_while(|byte| b" \t".contains(byte)).count(),
        _ => 0,
    }
}

fn escaped(text: &[u8]) -> Option<(u32, usize)> {
    let backslashes = text.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let (first, rest) = text[backslashes..].split_first()?;
    let (code, length) = match first {
        b'n' => (LINE_FEED, 1),
        b'r' | b't' | b'b' | b'f' | b'v' | b'0' => (0, 1),
        b'u' => (number(rest.get(..4)?, 16)?, 5),
        b'x' => (number(rest.get(..2)?, 16)?, 3),
        _ => return None,
    };
    Some((code, backslashes + length))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_has_a_length() {
        let check = |text: &str, length: Option<usize>| {
            assert_eq!(unseen(text.as_bytes()), length, "{text:?}");
        };
        check("a", None);
        check("  ", Some(1));
        check("\u{a0}", Some(2));
        check("\u{2028}", Some(3));
        check("\u{20d0}\u{1d173}", Some(3));
        check(r"\ud834\udd73", Some(6));
        check("é", None);
        check("", None);
        check("\0a", Some(1));
        check("\r\n", Some(1));
        check("\u{200b}a", Some(3));
        check("\u{301}", Some(2));
        check("\u{fe0f}", Some(3));
        check("\u{e0041}", Some(4));
        check("\x1b[1;31mred", Some(7));
        check("\x1b[", Some(1));
        check(r"\u001b[0mx", Some(9));
        check("\n  x", Some(3));
        check(r"\n x", Some(3));
        check(r"\n", Some(2));
        check(r"\\n", Some(3));
        check(r"\u200b", Some(6));
        check(r"\udb40\udc01", Some(6));
        check(r"\u0073", None);
        check(r"\x00", Some(4));
        check(r"\q", None);
        check(r"\u20", None);
        check("&#8203;", Some(7));
        check("&#x200B;", Some(8));
        check("&#0000000008203", Some(15));
        check("&amp;amp;#x200b;", Some(16));
        check("&#115;", None);
        check("&#;", None);
        check("&amp;", None);
        check("&nbsp;", Some(6));
        check("%20", Some(3));
        check("%0D%0A", Some(3));
        check("%73", None);
        check("<wbr>", Some(5));
        check("<br>", None);
    }
}
