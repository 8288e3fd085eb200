//! Text that has the shape of an API key, whoever's it is.
//!
//! Seen so far: `sk_V2_hgu_…` and other services' `sk_…`; 32 hex digits, a dash and the time at
//! which the key was made (older); that in base64 (oldest). 32 hex digits alone are the ID of a
//! video, an avatar or a voice, a UUID is an idempotency key or a request ID: neither is hidden.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

use super::unseen::is_unseen;

/// The beginning of HeyGen's newer keys, which counts in the middle of a word too.
const HEYGEN_PREFIX: &str = "sk_V2_hgu_";

/// The beginning of keys of HeyGen, ElevenLabs, Stripe and others.
const PREFIX: &str = "sk_";

/// The prefix is followed by at least this many characters: `sk_V2_hgu_` alone is not a key.
const AFTER_PREFIX: usize = 8;

/// The hex digits of an older key.
const HEX_DIGITS: usize = 32;

/// The time at which an older key was made, in seconds or milliseconds.
const TIME_DIGITS: std::ops::RangeInclusive<usize> = 8..=13;

/// The last character of an older key in base64 may carry any bits.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// The text with `…` in place of every word that has the shape of a key.
///
/// For text from outside, beside [`Secret::mask`](super::Secret::mask), which only finds the key in
/// use and leaves its last four characters. Hide before cutting: half a key has no shape.
pub fn hide_key_shapes(text: &str) -> Cow<'_, str> {
    let is_between = |character: char| is_unseen(character) && !character.is_whitespace();
    if text.contains(is_between) {
        let seen = text.replace(is_between, "");
        return match hide_in(&seen) {
            Cow::Owned(hidden) => Cow::Owned(hidden),
            Cow::Borrowed(_) => Cow::Borrowed(text),
        };
    }
    hide_in(text)
}

fn hide_in(text: &str) -> Cow<'_, str> {
    let mut hidden = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let length = key_length(text, at).unwrap_or_default();
        if length > 0 {
            hidden.push_str(&text[copied..at]);
            hidden.push('…');
            copied = at + length;
        }
        at += length.max(1);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    hidden.push_str(&text[copied..]);
    Cow::Owned(hidden)
}

/// Returns whether a word in another place could be a key, so that an error must not repeat it: it
/// has the shape of a key, or twenty or more characters of a key's alphabet.
pub fn looks_like_key(word: &str) -> bool {
    let word = word.trim();
    let has_form =
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=+.".contains(&byte));
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    has_form && (word.starts_with(PREFIX) || word.len() >= 20 && has_digit)
        || matches!(hide_key_shapes(word), Cow::Owned(_))
}

/// The length of the key that begins at `at`, if one does.
fn key_length(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    // The cheap question first: no other byte begins a key.
    if !rest.first()?.is_ascii_alphanumeric() {
        return None;
    }
    if !rest.starts_with(HEYGEN_PREFIX.as_bytes()) && !is_beginning(&text.as_bytes()[..at]) {
        return None;
    }
    prefixed_length(rest).or_else(|| hex_length(rest)).or_else(|| base64_length(rest))
}

/// Returns whether a word begins after this text: escapes such as `\n`, `%20` and `\u003d` end in letters
/// or digits too.
fn is_beginning(before: &[u8]) -> bool {
    let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [] => true,
        [.., last] if !last.is_ascii_alphanumeric() => true,
        [.., b'\\', _] => true,
        [.., b'%', first, second] => is_hex(&[*first, *second]),
        [.., b'\\', b'u', a, b, c, d] => is_hex(&[*a, *b, *c, *d]),
        _ => false,
    }
}

/// `sk_` and what follows.
fn prefixed_length(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(PREFIX.as_bytes())?;
    let length = run(rest, |byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    (length >= AFTER_PREFIX).then_some(PREFIX.len() + length)
}

/// 32 hex digits, a dash and a time.
fn hex_length(text: &[u8]) -> Option<usize> {
    let (digits, rest) = text.split_at_checked(HEX_DIGITS)?;
    let time = rest.strip_prefix(b"-")?;
    let length = run(time, |byte| byte.is_ascii_digit());
    let ends = !time.get(length).is_some_and(u8::is_ascii_alphanumeric);
    (digits.iter().all(u8::is_ascii_hexdigit) && TIME_DIGITS.contains(&length) && ends)
        .then_some(HEX_DIGITS + 1 + length)
}

/// The same in base64, with its padding. None of it is `+` or `/` then.
fn base64_length(text: &[u8]) -> Option<usize> {
    let shortest = (HEX_DIGITS + 1 + TIME_DIGITS.start()) * 8 / 6;
    let longest = (HEX_DIGITS + 1 + TIME_DIGITS.end()) * 8 / 6 + 1;
    let word = &text[..text.len().min(longest + 1)];
    let length = run(word, |byte| byte.is_ascii_alphanumeric());
    if !(shortest..=longest).contains(&length) {
        return None;
    }
    let plain = BASE64.decode(&text[..length]).ok()?;
    (hex_length(&plain)? == plain.len()).then(|| length + run(&text[length..], |byte| byte == b'='))
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| belongs(**byte)).count()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef-1700000000";

    fn check(text: &str, hidden: &str) {
        assert_eq!(hide_key_shapes(text), hidden, "{text}");
    }

    #[test]
    fn known_shapes_are_hidden() {
        check("sk_V2_hgu_kAbCdEfGh7Qx2", "…");
        check("X-Api-Key: sk_V2_hgu_kAbC-d_fGh7Qx2.", "X-Api-Key: ….");
        check(&format!("`sk_{}`", "0a".repeat(24)), "`…`");
        check("sk_live_51H", "…");
        check("\u{feff}sk_\u{200b}live\u{ad}_51H\0", "…");
        check("nothing\u{200b} to hide", "nothing\u{200b} to hide");
        check(OLD, "…");
        check(&format!("({},{OLD})", OLD.to_uppercase()), "(…,…)");
        for plain in [OLD, &OLD[..41], &format!("{OLD}123")] {
            check(&STANDARD.encode(plain), "…");
            check(&format!("key={} x", STANDARD_NO_PAD.encode(plain)), "key=… x");
        }
    }

    #[test]
    fn shapes_are_found_in_urls_and_json() {
        check("?key=sk_V2_hgu_kAbCdEfGh7Qx2&x=1", "?key=…&x=1");
        check("k%3Dsk_live_kAbCdEfGh7Qx2%26", "k%3D…%26");
        check("\"a\\nsk_live_kAbCdEfGh7Qx2\\n\"", "\"a\\n…\\n\"");
        check(&format!("\\u003d{OLD}\\n"), "\\u003d…\\n");
        check(&format!("/v3/{}/x", STANDARD.encode(OLD)), "/v3/…/x");
        check("é sk_V2_hgu_kAbCdEfGh7Qx2é", "é …é");
        check("OPENAI_API_KEYsk_V2_hgu_kAbCdEfGh7Qx2", "OPENAI_API_KEY…");
    }

    #[test]
    fn examples_of_the_api_are_left_alone() {
        for text in include_str!("../../tests/data/api-examples.txt").lines() {
            assert_eq!(hide_key_shapes(text), text);
        }
    }

    #[test]
    fn ids_and_words_are_left_alone() {
        for text in [
            "0000000001234567890abcdef1234567",
            "0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef.mp4",
            "0123456789abcdef0123456789abcdef-1",
            "0123456789abcdef0123456789abcdef-17000000000000",
            "0123456789abcdef0123456789abcdef-1700000000a",
            "00123456789abcdef0123456789abcdef-1700000000",
            "0b0e7a1c-2f5d-4f0e-9d3b-7b0a1c2d3e4f",
            "1bd001e7e50f421d891986aad5c8bbd2",
            "sk_V2_hgu_",
            "sk_V2_hgu_…7Qx2",
            "sk_…",
            "task_identifier_of_a_job",
            "Desk_identifier",
            "https://files2.heygen.ai/x/00000000000000000000000000000001.mp4?Expires=1711382401",
            "eyJpZCI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIn0=",
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "MDEyMzQ1NjctODlhYi1jZGVmLTAxMjMtNDU2Nzg5YWJjZGVm",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "req_0123456789abcdef0123456789abcdef",
            "…7Qx2",
        ] {
            assert!(matches!(hide_key_shapes(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn words_that_could_be_keys_are_recognised() {
        let check =
            |word: &str, expected: bool| assert_eq!(looks_like_key(word), expected, "{word}");
        check(OLD, true);
        check("sk_V2_hgu_kAbC", true);
        check("ZmFrZWtleWZha2VrZXlmYWtla2V5MTIz==", true);
        check("--key=sk_V2_hgu_kAbCdEfGh", true);
        check(&format!("X-Api-Key:{OLD}"), true);
        check("/v3/videos/0123456789abcdef0123456789abcdef", false);
        check("video-translations-list", false);
        check("get", false);
    }

    #[test]
    fn shapes_are_found_in_linear_time() {
        for piece in ["a", "0", "sk_", "sk_V2_hg.", "%20", "\\n", OLD, "0123456789abcdef-"] {
            let text = piece.repeat((1 << 20) / piece.len());
            let started = Instant::now();
            let _ = hide_key_shapes(&text);
            // At most 2 s without optimisation; quadratic work would take minutes.
            assert!(started.elapsed() < Duration::from_secs(20), "{piece}");
        }
    }

    proptest! {
        #[test]
        fn keys_of_every_shape_are_hidden(
            key in "[0-9a-f]{32}-[0-9]{10}|sk_V2_hgu_[A-Za-z0-9]{30,44}|sk_[0-9a-f]{48}",
            in_base64: bool,
            before in "([ \"é,:/?]|%3D|\\\\n){0,3}",
            after in "[ \"é,:/?.]{0,3}",
        ) {
            let key = if in_base64 && !key.starts_with("sk") { STANDARD.encode(key) } else { key };
            let hidden = hide_key_shapes(&format!("{before}{key}{after}")).into_owned();
            prop_assert_eq!(hidden, format!("{before}…{after}"));
        }

        #[test]
        fn random_ids_are_left_alone(
            id in "[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[A-Za-z0-9]{20,24}",
        ) {
            prop_assert_eq!(hide_key_shapes(&id), id.as_str());
        }

        #[test]
        fn no_text_makes_hiding_panic(text in "(\\PC|sk_|%|\\\\){0,60}") {
            let _ = hide_key_shapes(&text);
        }
    }
}
