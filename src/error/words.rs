//! Words that errors share: durations, counts, and texts from outside cut to length.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

/// A message from outside is cut at this many characters.
const LONGEST_MESSAGE: usize = 2_000;

/// The system's message for an error, without Rust's `(os error 2)`.
pub fn system_words(cause: &io::Error) -> String {
    let text = cause.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut characters = words.chars();
    match characters.next() {
        Some(first) if !words.starts_with(|c: char| c.is_uppercase()) => {
            format!("{first}{}", characters.as_str())
        }
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => "unknown failure".to_owned(),
    }
}

/// A duration in the unit a person would use.
pub fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ 0..1_000 => format!("{milliseconds} ms"),
        milliseconds @ 1_000..120_000 if milliseconds % 1_000 == 0 => {
            format!("{} s", milliseconds / 1_000)
        }
        milliseconds @ 1_000..120_000 => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        milliseconds => {
            let seconds = milliseconds / 1_000;
            match seconds % 60 {
                0 => format!("{} min", seconds / 60),
                rest => format!("{} min {rest} s", seconds / 60),
            }
        }
    }
}

/// A count of items in words.
pub fn items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

/// A text from outside, cut to 2,000 characters. Mask it first: half a key is not recognised.
pub fn shortened(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_MESSAGE)
}

/// A text cut to a number of characters, with `…` behind it.
pub fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
