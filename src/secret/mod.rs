//! The API key as a value that cannot be printed by accident.

mod forms;
mod fragments;
mod shapes;
mod unseen;

use std::borrow::Cow;
use std::ops::Range;

pub use shapes::{hide_key_shapes, looks_like_key};

use forms::Forms;
use fragments::Fragments;

/// The number of last characters that a masked key shows.
const SHOWN: usize = 4;

/// A key shorter than this shows nothing of itself when masked.
const LONG_ENOUGH_TO_SHOW: usize = 16;

/// An API key. It has neither `Display` nor `Debug`: what cannot be formatted cannot leak.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    key: String,
    forms: Forms,
    fragments: Fragments,
}

impl Secret {
    /// Wraps a key that was checked before (see `credential::inspect`).
    pub fn new(key: impl Into<String>) -> Secret {
        let key = key.into();
        let (forms, fragments) = (Forms::new(&key), Fragments::new(&key));
        Secret { key, forms, fragments }
    }

    /// The key itself. Only the transport calls this, on the line that puts it on the wire, and
    /// the writer of the credentials file.
    pub fn expose(&self) -> &str {
        &self.key
    }

    /// The last four characters, if the key is long enough to show them.
    pub fn last4(&self) -> Option<&str> {
        (self.key.len() >= LONG_ENOUGH_TO_SHOW)
            .then(|| self.key.get(self.key.len() - SHOWN..))
            .flatten()
    }

    /// The key as people may see it: `…ZVMn`, or `…` alone for a short one.
    pub fn masked(&self) -> String {
        format!("…{}", self.last4().unwrap_or_default())
    }

    /// Returns whether the key has the form of an ElevenLabs key, as reports of 401 with such keys show:
    /// `sk_` and 48 hex digits.
    pub fn looks_foreign(&self) -> bool {
        let digits = self.key.strip_prefix("sk_").unwrap_or_default();
        digits.len() == 48 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Returns whether a text contains the key in any form that [`Secret::mask`] finds.
    pub fn is_in(&self, text: &str) -> bool {
        self.forms.find(text, 0).is_some()
    }

    /// The text with [`Secret::masked`] in place of the key, in every form that text from outside
    /// can give it: in either case, escaped in part or as a whole (JSON, URL, HTML), in base64 at
    /// any alignment (`Basic` credentials), in hex.
    ///
    /// Mask a text where it enters: once it is cut or decoded in part, the key may be unrecognisable.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let whole = replaced(text, &self.masked(), |from| self.forms.find(text, from));
        // Half a key has no form: `…` alone stands for a long piece of one.
        match whole {
            Cow::Borrowed(text) => self.without_fragments(text),
            Cow::Owned(text) => Cow::Owned(self.without_fragments(&text).into_owned()),
        }
    }

    fn without_fragments<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replaced(text, "…", |from| self.fragments.find(&self.key, text, from))
    }
}

/// The text with `by` in the place of all that `find` finds, each after the one before.
fn replaced<'t>(
    text: &'t str,
    by: &str,
    find: impl Fn(usize) -> Option<Range<usize>>,
) -> Cow<'t, str> {
    let mut done = String::new();
    let mut copied = 0;
    while let Some(found) = find(copied) {
        done.push_str(&text[copied..found.start]);
        done.push_str(by);
        copied = found.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    done.push_str(&text[copied..]);
    Cow::Owned(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_four_characters_of_long_keys_only() {
        let check = |key: &str, masked: &str| assert_eq!(Secret::new(key).masked(), masked);
        check("0123456789abZVMn", "…ZVMn");
        check("0123456789aZVMn", "…");
        check("", "…");
    }

    #[test]
    fn the_form_of_another_service_is_known() {
        let check = |key: &str, foreign: bool| {
            assert_eq!(Secret::new(key).looks_foreign(), foreign, "{key}")
        };
        check(&format!("sk_{}", "0a".repeat(24)), true);
        check(&format!("sk_{}", "0a".repeat(25)), false);
        check(&format!("sk_{}", "0g".repeat(24)), false);
        check(&"0a".repeat(24), false);
    }

    #[test]
    fn long_pieces_of_a_key_are_hidden() {
        let key = Secret::new("sk_V2_hgu_abcdefZVMn");
        assert_eq!(key.mask("k_V2_hgu_abcd and sk_V2_hgu_"), "… and sk_V2_hgu_");
        assert_eq!(key.mask("sk_V2_hgu_abcdefZVMn, hgu_abcdefZVMn"), "…ZVMn, …");
        assert!(!key.is_in("k_V2_hgu_abcd"));
    }

    #[test]
    fn every_occurrence_in_a_text_is_masked() {
        let check = |key: &str, text: &str, masked: &str| {
            assert_eq!(Secret::new(key).mask(text), masked);
            assert_eq!(Secret::new(key).is_in(text), text != masked);
        };
        check("sk_V2_hgu_abcdef", "no sk_V2_hgu_abcdef, xsk_V2_hgu_abcdefx", "no …cdef, x…cdefx");
        check("mock", "key `mock` is no mockery, mock", "key `…` is no mockery, …");
        check("MDEyMzQ1Njc4OWFi+g==", "?k=MDEyMzQ1Njc4OWFi%2Bg%3D%3D&x", "?k=…+g==&x");
        check("", "nothing to mask", "nothing to mask");
    }
}
