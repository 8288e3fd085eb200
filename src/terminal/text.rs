//! Text for people to read: it controls no terminal, and fits into its columns.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

/// Returns whether a terminal may obey this character instead of showing it: control characters, and
/// those that turn the direction of writing, behind which text can hide.
pub fn controls_terminal(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// `text` on one line, without characters that a terminal obeys.
pub fn neutralised(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' | '\r' | '\t' => Some(' '),
        _ => None,
    })
}

/// `text` with its lines and tabs, without other characters that a terminal obeys.
pub fn neutralised_lines(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' | '\t' => Some(character),
        _ => None,
    })
}

/// `text` on one line, unchanged otherwise.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        text.replace(['\n', '\r', '\t'], " ").into()
    } else {
        text.into()
    }
}

/// The columns that the text takes on a terminal; CJK and most emoji take two per character.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text`, or the beginning of it that fits into `room` columns with `…` behind it.
pub fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return text.into();
    }
    let Some(room_for_text) = room.checked_sub(1) else {
        return "".into();
    };
    let ends: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
    let too_long = ends.partition_point(|&end| width(&text[..end]) <= room_for_text);
    let mut shown = &text[..ends[too_long.saturating_sub(1)]];
    // Widths do not grow with every character (emoji are joined), so that the search may be off.
    while width(shown) > room_for_text {
        shown = shown.char_indices().next_back().map_or("", |(start, _)| &shown[..start]);
    }
    format!("{shown}…").into()
}

/// A text whose longer lines are broken at spaces, and go on below the text of their first part: in
/// a list of two columns below the second one.
pub fn fitted(text: &str, room: usize) -> String {
    let mut fitted = String::with_capacity(text.len());
    for line in text.lines() {
        if width(line) <= room {
            fitted.push_str(line);
            fitted.push('\n');
            continue;
        }
        let inner = line.trim_start();
        let start = (line.len() - inner.len()).min(room / 4);
        let line = format!("{:start$}{inner}", "");
        let second = inner.find("  ").map(|at| {
            let gap = inner[at..].len() - inner[at..].trim_start().len();
            start + at + gap
        });
        let indent = second.filter(|second| second * 2 < room).unwrap_or(start + 2);
        let first_length = if second == Some(indent) { indent } else { start };
        let (first, rest) = line.split_at(first_length);
        for (number, part) in wrapped(rest, room.saturating_sub(indent)).into_iter().enumerate() {
            match number {
                0 => fitted.push_str(first),
                _ => fitted.push_str(&" ".repeat(indent)),
            }
            fitted.push_str(part);
            fitted.push('\n');
        }
    }
    fitted
}

/// `text` in lines of at most `room` columns, broken at spaces; those between backticks, where a
/// command to copy stands, only if there is no other. A word that is too long keeps its line.
pub fn wrapped(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let spaces = spaces(text);
    while width(&text[start..]) > room {
        let ahead = || spaces.iter().filter(|space| space.at > start);
        let fits = |space: &&Space| width(&text[start..space.at]) <= room;
        let last_that_fits = || ahead().take_while(fits);
        let space = last_that_fits()
            .filter(|space| !space.is_quoted)
            .last()
            .or_else(|| last_that_fits().last())
            .or_else(|| ahead().next());
        let Some(space) = space else { break };
        lines.push(text[start..space.at].trim_end());
        start = text.len() - text[space.at..].trim_start().len();
    }
    lines.push(&text[start..]);
    lines
}

/// A place where a line can be broken.
struct Space {
    at: usize,
    /// Set between backticks.
    is_quoted: bool,
}

fn spaces(text: &str) -> Vec<Space> {
    let mut is_quoted = false;
    let mut spaces = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'`' => is_quoted = !is_quoted,
            b' ' => spaces.push(Space { at, is_quoted }),
            _ => {}
        }
    }
    spaces
}

fn escaped(text: &str, harmless: impl Fn(char) -> Option<char>) -> String {
    if !text.chars().any(controls_terminal) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match harmless(character) {
            Some(character) => safe.push(character),
            None if controls_terminal(character) => safe.extend(character.escape_unicode()),
            None => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_lines_go_on_below_their_text() {
        let check = |text: &str, expected: &str| assert_eq!(fitted(text, 20), expected);
        check("short\n\nlines\n", "short\n\nlines\n");
        check("one two three four five\n", "one two three four\n  five\n");
        check("  get    Call an endpoint\n", "  get    Call an\n         endpoint\n");
        check("  heygen-with-a-long-name\n", "  heygen-with-a-long-name\n");
    }

    #[test]
    fn control_characters_are_escaped() {
        let check = |text: &str, expected: &str| assert_eq!(neutralised(text), expected);
        check("plain ünïcode 漢字", "plain ünïcode 漢字");
        check("a\nb\rc\td", "a b c d");
        check("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}");
        check("\u{9b}31m \u{202e}gpj", "\\u{9b}31m \\u{202e}gpj");
    }

    #[test]
    fn keeps_lines_and_tabs() {
        let check = |text: &str, expected: &str| assert_eq!(neutralised_lines(text), expected);
        check("1\n00:01 --> 00:02\tHi\n", "1\n00:01 --> 00:02\tHi\n");
        check("a\r\nb\u{1b}[2J", "a\\u{d}\nb\\u{1b}[2J");
    }

    #[test]
    fn cuts_at_character_boundaries() {
        let check = |text: &str, room: usize, expected: &str| assert_eq!(cut(text, room), expected);
        check("avatar", 6, "avatar");
        check("avatar", 5, "avat…");
        check("avatar", 1, "…");
        check("avatar", 0, "");
        check("漢字漢字", 8, "漢字漢字");
        check("漢字漢字", 7, "漢字漢…");
        check("漢字漢字", 6, "漢字…");
        check("👩‍💻👩‍💻", 3, "👩‍💻…");
    }

    #[test]
    fn long_lines_are_wrapped_at_words() {
        let check = |text: &str, room: usize, expected: &[&str]| {
            assert_eq!(wrapped(text, room), expected, "{room}");
        };
        check("", 10, &[""]);
        check("one two", 10, &["one two"]);
        check("one two three", 7, &["one two", "three"]);
        check("one two three", 6, &["one", "two", "three"]);
        check("one  two", 4, &["one", "two"]);
        check("incomprehensibilities are long", 10, &["incomprehensibilities", "are long"]);
        check("漢字 漢字", 8, &["漢字", "漢字"]);
        check("漢字 漢字", 9, &["漢字 漢字"]);
        check("add `-Q token=a` to it", 12, &["add", "`-Q token=a`", "to it"]);
        check("add `-Q token=a` to it", 8, &["add", "`-Q", "token=a`", "to it"]);
        check("one `two three four", 13, &["one", "`two three", "four"]);
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_word(text in "[a漢` ]{0,40}", room in 1..20_usize) {
            let lines = wrapped(&text, room);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&lines.join(" ")), words(&text));
            let fits = |line: &str| width(line) <= room || !line.trim().contains(' ');
            prop_assert!(lines.iter().all(|line| fits(line)));
        }

        #[test]
        fn cut_text_fits_its_room(text in "\\PC{0,30}|[👩\u{200d}💻❤\u{fe0f}é漢a🇩🇪]{0,20}", room in 0..20_usize) {
            prop_assert!(width(&cut(&text, room)) <= room);
        }
    }
}
