//! Text from a server for people to read: it controls no terminal, and fits where it is to stand.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

/// Whether a terminal may take this character as an order rather than as text: control
/// characters, and those that turn the direction of writing, behind which text can hide.
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

/// `text` on one line, with no character that a terminal takes as an order.
pub fn neutralised(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' | '\r' | '\t' => Some(' '),
        _ => None,
    })
}

/// `text` with its lines and tabs, and with no other character that a terminal takes as an order.
pub fn neutralised_lines(text: &str) -> String {
    escaped(text, |character| match character {
        '\n' | '\t' => Some(character),
        _ => None,
    })
}

/// `text` on one line; nothing else of it is changed.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        text.replace(['\n', '\r', '\t'], " ").into()
    } else {
        text.into()
    }
}

/// How many columns of a terminal the text takes; CJK and most emoji take two a character.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text`, or as much of its beginning as fits into `room` columns, with `…` behind it.
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

    proptest! {
        #[test]
        fn cut_text_fits_its_width(text in "\\PC{0,30}|[👩\u{200d}💻❤\u{fe0f}é漢a🇩🇪]{0,20}", room in 0..20_usize) {
            prop_assert!(width(&cut(&text, room)) <= room);
        }
    }
}
