//! A place in a text that was entered, shown as compilers do: the line, and a caret below it.

use std::borrow::Cow;

use super::text::{neutralised, width};
use crate::secret::hide_key_shapes;

/// So many columns are shown on either side of the place. A word that is wider is not shown.
const AROUND: usize = 50;

/// The line around the byte `offset` of a text, and a caret below that byte by the columns that a
/// terminal gives to the characters before it.
///
/// Only whole words are shown, without those that have the shape of a key: half of one would not be
/// recognised and masked any more.
pub fn excerpt(text: &str, offset: usize) -> [String; 2] {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let mut left = (before.len() - start).min(line.len());
    let (mut shown, mut caret) = (String::new(), 0);
    for word in words(line) {
        let visible = visible(word);
        caret += match left {
            _ if left >= word.len() => visible.len(),
            // Inside a word that is not shown the place is the whole of it.
            _ if visible == word => left,
            _ => 0,
        };
        left = left.saturating_sub(word.len());
        shown.push_str(&visible);
    }
    let (before, behind) = shown.split_at(caret);
    let before = last_columns(&neutralised(before)).to_owned();
    let behind = first_columns(&neutralised(behind)).to_owned();
    let caret = format!("{}^", " ".repeat(width(&before)));
    [before + &behind, caret]
}

/// A word as it is shown.
fn visible(word: &str) -> Cow<'_, str> {
    if word.len() > AROUND { "…".into() } else { hide_key_shapes(word) }
}

/// Whether a character belongs to a word: a key may have any that JSON and filters put into quotes.
fn is_of_word(character: char) -> bool {
    character.is_ascii_graphic() && !"\"',:()[]{}|".contains(character)
}

/// A text in pieces: words, and the single characters between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match rest.find(|c| !is_of_word(c)) {
            Some(0) => first.len_utf8(),
            Some(length) => length,
            None => rest.len(),
        };
        let (word, behind) = rest.split_at(length);
        rest = behind;
        Some(word)
    })
}

/// The end of a text that fits, from the beginning of a word on.
fn last_columns(text: &str) -> &str {
    let mut columns = width(text);
    let mut characters = text.char_indices();
    while columns > AROUND
        && let Some((_, character)) = characters.next()
    {
        columns = columns.saturating_sub(width(character.encode_utf8(&mut [0; 4])));
    }
    let rest = characters.as_str();
    let is_cut = text[..text.len() - rest.len()].ends_with(is_of_word);
    if is_cut { rest.trim_start_matches(is_of_word) } else { rest }
}

/// The beginning of a text that fits, up to the end of a word.
fn first_columns(text: &str) -> &str {
    let mut columns = 0;
    let end = text.char_indices().find(|(_, character)| {
        columns += width(character.encode_utf8(&mut [0; 4]));
        columns > AROUND
    });
    let (shown, rest) = text.split_at(end.map_or(text.len(), |(end, _)| end));
    let is_cut = rest.starts_with(is_of_word);
    if is_cut { shown.trim_end_matches(is_of_word) } else { shown }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, at: &str, expected: [&str; 2]) {
        let offset = text.find(at).expect("a place");
        assert_eq!(excerpt(text, offset), expected, "{text}");
    }

    #[test]
    fn carets_stand_below_columns() {
        check(r#"{"a": 1,}"#, "}", [r#"{"a": 1,}"#, "        ^"]);
        check(
            "{\"標題\":\"日本語日本語\",}",
            "}",
            ["{\"標題\":\"日本語日本語\",}", "                       ^"],
        );
        check("{\n \"ü\": nul}\r\n}", "}", [" \"ü\": nul}", "         ^"]);
        check("{\"👩‍💻\": x}", "x", ["{\"👩‍💻\": x}", "       ^"]);
        check("\u{1b}\t!", "!", ["\\u{1b} !", "       ^"]);
        assert_eq!(excerpt("{", 1), ["{", " ^"]);
        assert_eq!(excerpt("", 0), ["", "^"]);
        assert_eq!(excerpt("a\n", 2), ["", "^"]);
    }

    #[test]
    fn long_lines_are_cut_between_words() {
        let text = format!("{}x {}", "word, ".repeat(40), "more ".repeat(40));
        let [line, caret] = excerpt(&text, text.find('x').expect("a place"));
        assert_eq!(
            line,
            format!("d, {}x {}", "word, ".repeat(8), "more ".repeat(9)).replacen("d,", ",", 1)
        );
        assert_eq!(caret.len(), 2 + 6 * 8 + 1);
    }

    #[test]
    fn keys_are_hidden_before_cutting() {
        let key = "sk_V2_hgu_kABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let check = |text: &str, offset: usize, expected: [&str; 2]| {
            assert_eq!(excerpt(text, offset), expected, "{text}");
        };
        check(&format!("[{key},]"), key.len() + 2, ["[…,]", "   ^"]);
        check(&format!("[{key}]"), 5, ["[…]", " ^"]);
        check(&format!("[{}]", "a/".repeat(30)), 30, ["[…]", " ^"]);
    }

    proptest! {
        #[test]
        fn no_part_of_a_word_is_shown(before in "[ a-z,\"漢]{0,120}", behind in "[ a-z,\"漢]{0,120}") {
            let word = "0123456789KEYKEY0123456789";
            let text = format!("{before} {word} {behind}");
            for offset in 0..=text.len() {
                let [line, caret] = excerpt(&text, offset);
                prop_assert!(!line.replace(word, "").contains("KEY"), "{}", line);
                prop_assert!(width(&line) <= 2 * AROUND + word.len() && caret.len() <= width(&line) + 1);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}", offset in 0..40_usize) {
            let _ = excerpt(&text, offset);
        }
    }
}
