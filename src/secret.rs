//! The API key as a value that cannot be printed by accident.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// How many of its last characters a masked key shows.
const SHOWN: usize = 4;

/// A key shorter than this shows nothing of itself when masked.
const LONG_ENOUGH_TO_SHOW: usize = 16;

/// A key shorter than this is masked in a text only where it stands as a word of its own: the
/// key `mock` must not turn `mockery` into `…ery`.
const LONG_ENOUGH_TO_MASK_ANYWHERE: usize = 8;

/// What of a key is percent-encoded in a URL: all but RFC 3986's unreserved characters.
const NOT_IN_A_URL: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An API key. It has neither `Display` nor `Debug`: what cannot be formatted cannot leak.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key whose form was looked at before (see [`crate::credential`]).
    pub fn new(key: impl Into<String>) -> Secret {
        Secret(key.into())
    }

    /// The key itself. Only the transport calls this, on the line that puts it on the wire, and
    /// the writer of the credentials file.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, if the key is so long that they tell nothing of the rest.
    pub fn last4(&self) -> Option<&str> {
        (self.0.len() >= LONG_ENOUGH_TO_SHOW).then(|| self.0.get(self.0.len() - SHOWN..)).flatten()
    }

    /// The key as people may see it: `…ZVMn`, or `…` alone for a short one.
    pub fn masked(&self) -> String {
        format!("…{}", self.last4().unwrap_or_default())
    }

    /// Whether the key has the form of an ElevenLabs key, as reports of 401 with such keys show it:
    /// `sk_` and 48 hex digits.
    pub fn looks_foreign(&self) -> bool {
        let digits = self.0.strip_prefix("sk_").unwrap_or_default();
        digits.len() == 48 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// `text` with every occurrence of the key replaced by [`Secret::masked`], also of the form
    /// that it has in a URL.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let in_url = utf8_percent_encode(&self.0, NOT_IN_A_URL).to_string();
        let masked = replaced(text, &self.0, &self.masked());
        if in_url == self.0 || !masked.contains(&in_url) {
            return masked;
        }
        Cow::Owned(replaced(&masked, &in_url, &self.masked()).into_owned())
    }
}

fn replaced<'t>(text: &'t str, key: &str, mask: &str) -> Cow<'t, str> {
    if key.is_empty() || !text.contains(key) {
        return Cow::Borrowed(text);
    }
    if key.len() >= LONG_ENOUGH_TO_MASK_ANYWHERE {
        return Cow::Owned(text.replace(key, mask));
    }
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, found) in text.match_indices(key) {
        let end = start + found.len();
        let stands_alone = !text[..start].ends_with(is_word) && !text[end..].starts_with(is_word);
        if stands_alone {
            masked.push_str(&text[copied..start]);
            masked.push_str(mask);
            copied = end;
        }
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Whether a text that stands where no key belongs could be one all the same, so that an error
/// had better not repeat it. HeyGen's keys are 32 hex digits with a suffix, base64, or `sk_…`.
pub fn looks_like_key(text: &str) -> bool {
    let text = text.trim();
    let has_form =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=+.".contains(&byte));
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    has_form && (text.starts_with("sk_") || text.len() >= 20 && has_digit)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_shows_last_four_characters() {
        let check = |key: &str, masked: &str| assert_eq!(Secret::new(key).masked(), masked);
        check("0123456789abZVMn", "…ZVMn");
        check("0123456789aZVMn", "…");
        check("", "…");
    }

    #[test]
    fn recognises_keys_of_other_services() {
        let check = |key: &str, foreign: bool| {
            assert_eq!(Secret::new(key).looks_foreign(), foreign, "{key}")
        };
        check(&format!("sk_{}", "0a".repeat(24)), true);
        check(&format!("sk_{}", "0a".repeat(25)), false);
        check(&format!("sk_{}", "0g".repeat(24)), false);
        check(&"0a".repeat(24), false);
    }

    #[test]
    fn recognises_key_like_text() {
        let check =
            |text: &str, expected: bool| assert_eq!(looks_like_key(text), expected, "{text}");
        check("0123456789abcdef0123456789abcdef-1700000000", true);
        check("sk_V2_hgu_kAbC", true);
        check("ZmFrZWtleWZha2VrZXlmYWtla2V5MTIz==", true);
        check("/v3/videos/0123456789abcdef0123456789abcdef", false);
        check("video-translations-list", false);
        check("get", false);
    }

    #[test]
    fn masks_every_occurrence() {
        let check = |key: &str, text: &str, masked: &str| {
            assert_eq!(Secret::new(key).mask(text), masked);
        };
        check("sk_V2_hgu_abcdef", "no sk_V2_hgu_abcdef, xsk_V2_hgu_abcdefx", "no …cdef, x…cdefx");
        check("mock", "key `mock` is no mockery, mock", "key `…` is no mockery, …");
        check("MDEyMzQ1Njc4OWFi+g==", "?k=MDEyMzQ1Njc4OWFi%2Bg%3D%3D&x", "?k=…+g==&x");
        check("", "nothing to mask", "nothing to mask");
    }
}
