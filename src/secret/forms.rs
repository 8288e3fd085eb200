//! The forms in which text from outside can contain a key.
//!
//! A server can echo the key in any form: as a JSON string with any character escaped, in a URL, as
//! the name of a header (in lower case), inside `Authorization: Basic`. One scanner reads
//! the text and undoes escapes character by character, so that any mixture is found; nothing is
//! decoded into a copy. Each position of the text costs at most the length of the key.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::fragments::is_random;
use super::unseen::{MOST_BACKSLASHES, numeric_entity, unseen};

/// The most bytes between two characters of a key that count as not seen. Without a limit a text of
/// escapes of which each ends like a key begins would be read to its end from each of them.
const MOST_UNSEEN: usize = 64;

/// A shorter key counts only as a word of its own, as it is: the key `mock` must not turn
/// `mockery` into `…ery`.
const LONG_ENOUGH_ANYWHERE: usize = 8;

/// So many characters of a form at the end of a text count as the key: the rest was cut off, such as
/// by the end of a connection.
const SHORTEST_CUT: usize = 12;

/// The most times that a percent sign is encoded again (`%252B`).
const MOST_PERCENTS: usize = 4;

/// The most escapes around an escape: a page that shows JSON inside JSON, in the query of a URL.
const MOST_LAYERS: usize = 4;

/// An escape has at most this many characters; those of its digits may be escaped too.
const LONGEST_ESCAPE: usize = 24;

/// Characters that can begin an escape.
const ESCAPES: [u8; 3] = *b"\\%&";

/// The patterns to find in a text, made once per key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Forms {
    patterns: Vec<Pattern>,
    /// The bytes with which a pattern, or an escape in its place, can begin.
    starts: [bool; 256],
    only_as_word: bool,
}

#[derive(Clone, PartialEq, Eq)]
struct Pattern {
    bytes: Vec<u8>,
    letters: Letters,
    /// It has characters that can begin an escape.
    has_escapes: bool,
}

/// The comparison of a pattern's letters with those of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Exact,
    AnyCase,
    /// In any case, with anything between two of them that separates the codes of characters.
    Codes,
    /// In any case, as in a media type; `-` and `_` are the `+` and `/` of the URL-safe alphabet.
    Base64,
}

impl Forms {
    pub(super) fn new(key: &str) -> Forms {
        let only_as_word = key.len() < LONG_ENOUGH_ANYWHERE;
        let patterns = if key.is_empty() {
            Vec::new()
        } else if only_as_word {
            vec![Pattern::new(key.as_bytes().to_vec(), Letters::Exact)]
        } else {
            let mut patterns = vec![
                Pattern::new(key.as_bytes().to_vec(), Letters::AnyCase),
                Pattern::new(in_hex(key), Letters::Codes),
                Pattern::new(in_decimal(key), Letters::Codes),
            ];
            let in_base64 = |before| Pattern::new(in_base64(key, before), Letters::Base64);
            patterns.extend((0..3).map(in_base64));
            patterns
        };
        let starts = starts(&patterns);
        Forms { patterns, starts, only_as_word }
    }

    /// Finds the key at or after `from`.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let shortest = self.patterns.iter().map(|pattern| pattern.bytes.len()).min()?;
        let last = bytes.len().checked_sub(shortest.min(SHORTEST_CUT))?;
        let is_start = |at: &usize| self.starts[usize::from(bytes[*at])];
        (from..=last).filter(is_start).find_map(|at| self.find_at(text, at, from))
    }

    fn find_at(&self, text: &str, at: usize, from: usize) -> Option<Range<usize>> {
        let rest = &text.as_bytes()[at..];
        let escaped = [unescaped(rest), within(rest, MOST_LAYERS)];
        let patterns = self.patterns.iter().filter(|pattern| {
            let begins = |first| pattern.letters.agree(first, pattern.bytes[0]);
            escaped.iter().flatten().any(|(first, _)| begins(*first)) || begins(rest[0])
        });
        let found =
            patterns.filter_map(|pattern| pattern.find_at(text.as_bytes(), at, from)).next();
        found.filter(|found| !self.only_as_word || is_word(text, found))
    }
}

fn in_hex(key: &str) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    key.bytes().flat_map(digits).collect()
}

/// The codes of its characters, such as `115107` for `sk`.
fn in_decimal(key: &str) -> Vec<u8> {
    key.bytes().flat_map(|byte| byte.to_string().into_bytes()).collect()
}

/// The length of what separates two codes at the beginning of the text: `73:6b`, `0x73, 0x6b`, `=73=6b`.
fn separator(text: &[u8]) -> Option<usize> {
    match text {
        [b'0', b'x' | b'X', ..] => Some(2),
        [b':' | b'-' | b',' | b';' | b'=' | b'.' | b'|' | b'/' | b'_' | b'#', ..] => Some(1),
        _ => None,
    }
}

/// The base64 characters that encode the key alone, when `before` (modulo 3) bytes precede it.
fn in_base64(key: &str, before: usize) -> Vec<u8> {
    let padded = [&[0; 2][..before], key.as_bytes()].concat();
    let encoded = STANDARD_NO_PAD.encode(&padded).into_bytes();
    let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    encoded[first..end].to_vec()
}

fn starts(patterns: &[Pattern]) -> [bool; 256] {
    let mut starts = [false; 256];
    let first = patterns.iter().flat_map(|pattern| pattern.letters.variants(pattern.bytes[0]));
    for byte in first.chain(ESCAPES) {
        starts[usize::from(byte)] = true;
    }
    starts
}

fn is_word(text: &str, found: &Range<usize>) -> bool {
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    !text[..found.start].ends_with(is_letter) && !text[found.end..].starts_with(is_letter)
}

impl Pattern {
    fn new(bytes: Vec<u8>, letters: Letters) -> Pattern {
        let has_escapes = bytes.iter().any(|byte| ESCAPES.contains(byte));
        Pattern { bytes, letters, has_escapes }
    }

    /// Finds this pattern at `at`. In base64 the character on either side has some bits of the key and
    /// is included, but none before `from`.
    fn find_at(&self, text: &[u8], at: usize, from: usize) -> Option<Range<usize>> {
        let end = at + self.length_in(&text[at..])?;
        if self.letters != Letters::Base64 {
            return Some(at..end);
        }
        let is_base64 = |at: usize| {
            text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
        };
        // The letter of an escape such as `\n` is none of it.
        let is_escape = at >= 2 && text[at - 2] == b'\\';
        let start = if at > from && is_base64(at - 1) && !is_escape { at - 1 } else { at };
        let end = if is_base64(end) { end + 1 } else { end };
        let padding = text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
        Some(start..end + padding)
    }

    /// The length of this pattern at the beginning of the text, if it is there.
    fn length_in(&self, text: &[u8]) -> Option<usize> {
        let mut at = 0;
        for (matched, expected) in self.bytes.iter().enumerate() {
            let Some(length) = self.length_of(*expected, &text[at..], at > 0) else {
                // As it is, though it looks like an escape.
                if self.has_escapes && text.starts_with(&self.bytes) {
                    return Some(self.bytes.len());
                }
                return self.is_cut(matched, &text[at..]).then_some(text.len());
            };
            at += length;
        }
        Some(at)
    }

    /// Returns whether the text ends behind so many characters of this pattern, or within the escape
    /// of the next one.
    fn is_cut(&self, matched: usize, rest: &[u8]) -> bool {
        let is_of_escape = |byte: &u8| byte.is_ascii_alphanumeric() || b"\\%&#;{".contains(byte);
        let is_escape = || {
            rest.len() < LONGEST_ESCAPE
                && ESCAPES.contains(&rest[0])
                && rest.iter().all(is_of_escape)
        };
        let is_separator = || self.letters == Letters::Codes && separator(rest) == Some(rest.len());
        matched >= SHORTEST_CUT
            && is_random(&self.bytes[..matched])
            && (rest.is_empty() || is_escape() || is_separator())
    }

    /// The length of the expected character, and of what is not seen in front of it.
    fn length_of(&self, expected: u8, text: &[u8], is_inside: bool) -> Option<usize> {
        let mut at = 0;
        loop {
            if let Some(length) = self.letters.length_of(expected, &text[at..]) {
                return Some(at + length);
            }
            let separator = separator(&text[at..]).filter(|_| self.letters == Letters::Codes);
            let skipped = separator.or_else(|| unseen(&text[at..]));
            at += skipped.filter(|_| is_inside && at < MOST_UNSEEN)?;
        }
    }
}

impl Letters {
    /// The length of the expected character at the beginning of the text, escaped or not.
    fn length_of(self, expected: u8, text: &[u8]) -> Option<usize> {
        let first = *text.first()?;
        let agrees = |(found, _): &(u8, usize)| self.agree(*found, expected);
        let of_escape = unescaped(text).filter(agrees);
        // What begins another escape may as well be a character of the key.
        let of_inner = || within(text, MOST_LAYERS).filter(agrees);
        let of_percent = || text.starts_with(b"%25").then_some((b'%', 3)).filter(agrees);
        match of_escape.or_else(of_inner).or_else(of_percent) {
            Some((_, length)) => Some(length),
            None => self.agree(first, expected).then_some(1),
        }
    }

    fn agree(self, found: u8, expected: u8) -> bool {
        self.variants(expected).contains(&found)
    }

    /// The bytes that count as this one; some of them may be the same.
    fn variants(self, byte: u8) -> [u8; 2] {
        match (self, byte) {
            (Letters::Exact, _) => [byte, byte],
            (Letters::Base64, b'+') => [b'+', b'-'],
            (Letters::Base64, b'/') => [b'/', b'_'],
            (Letters::AnyCase | Letters::Codes | Letters::Base64, _) => {
                [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]
            }
        }
    }
}

/// The character that an escape at the beginning of the text stands for, and the escape's length.
fn unescaped(text: &[u8]) -> Option<(u8, usize)> {
    match text.first()? {
        b'\\' => backslashed(text),
        b'%' => percent_encoded(text),
        b'&' => html_entity(text),
        _ => None,
    }
}

/// The character of an escape whose own characters are escaped: `\u0026#115;`, `%5Cu0073`.
fn within(text: &[u8], layers: usize) -> Option<(u8, usize)> {
    let (first, _) = unescaped(text).filter(|(first, _)| ESCAPES.contains(first))?;
    let layers = layers.checked_sub(1)?;
    let (mut decoded, mut lengths) = ([first; LONGEST_ESCAPE], [0; LONGEST_ESCAPE]);
    let (mut count, mut at) = (0, 0);
    for (place, length_of_one) in decoded.iter_mut().zip(&mut lengths) {
        let Some(plain) = text.get(at) else { break };
        let (byte, length) = unescaped(&text[at..]).unwrap_or((*plain, 1));
        (*place, *length_of_one) = (byte, length);
        at += length;
        count += 1;
    }
    let decoded = &decoded[..count];
    let (byte, used) = within(decoded, layers).or_else(|| unescaped(decoded))?;
    Some((byte, lengths[..used].iter().sum()))
}

/// `\u0073`, `\u{73}`, `\U00000073`, `\x73`, `\163`, `\/`; more backslashes where a string was quoted
/// again.
fn backslashed(text: &[u8]) -> Option<(u8, usize)> {
    let backslashes = text.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let (first, rest) = text[backslashes..].split_first()?;
    let (byte, length) = match (first, rest) {
        (b'u', [b'{', rest @ ..]) => {
            let digits = rest.iter().take(6).take_while(|byte| **byte != b'}').count();
            (hex(rest.get(..digits)?)?, digits + 3)
        }
        (b'u', rest) => (hex(rest.get(..4)?)?, 5),
        (b'U', rest) => (hex(rest.get(..8)?)?, 9),
        (b'0'..=b'3', [second @ b'0'..=b'7', third @ b'0'..=b'7', ..]) => {
            let digit = |byte: &u8| byte - b'0';
            (digit(first) * 64 + digit(second) * 8 + digit(third), 3)
        }
        (b'x', rest) => (hex(rest.get(..2)?)?, 3),
        (b'/', _) => (b'/', 1),
        _ => return None,
    };
    Some((byte, backslashes + length))
}

/// `%73`, `%u0073`; `%2573` where that was encoded again.
fn percent_encoded(text: &[u8]) -> Option<(u8, usize)> {
    if let [b'%', b'u' | b'U', rest @ ..] = text {
        return Some((hex(rest.get(..4)?)?, 6));
    }
    let again = text[1..].chunks_exact(2).take(MOST_PERCENTS).take_while(|pair| *pair == b"25");
    let digits = 1 + 2 * again.count();
    let byte = text.get(digits..digits + 2).and_then(hex)?;
    Some((byte, digits + 2))
}

/// `&#115;`, `&#x73;`, `&lowbar;`; `&amp;#115;` where that was escaped again.
fn html_entity(text: &[u8]) -> Option<(u8, usize)> {
    const NAMED: [(&str, u8); 10] = [
        ("&lowbar;", b'_'),
        ("&UnderBar;", b'_'),
        ("&period;", b'.'),
        ("&sol;", b'/'),
        ("&plus;", b'+'),
        ("&equals;", b'='),
        ("&colon;", b':'),
        ("&amp;", b'&'),
        ("&bsol;", b'\\'),
        ("&percnt;", b'%'),
    ];
    if let Some((code, length)) = numeric_entity(text) {
        return Some((u8::try_from(code).ok()?, length));
    }
    let named = NAMED.iter().find(|(name, _)| text.starts_with(name.as_bytes()));
    named.map(|(name, byte)| (*byte, name.len()))
}

fn hex(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value = u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;
    use crate::secret::Secret;

    const KEY: &str = "sk_V2_hgu_kXy0+/Qz9~ab==-ZVMn";

    /// Masks the key and compares.
    fn check(text: &str, masked: &str) {
        assert_eq!(Secret::new(KEY).mask(text), masked, "{text}");
    }

    fn check_of(secret: &Secret, text: &str, masked: &str) {
        assert_eq!(secret.mask(text), masked, "{text}");
    }

    fn each(form: impl Fn(u8) -> String) -> String {
        KEY.bytes().map(form).collect()
    }

    #[test]
    fn json_escapes_are_masked() {
        check(&each(|byte| format!("\\u{byte:04x}")), "…ZVMn");
        check(&each(|byte| format!("\\u{byte:04X}")), "…ZVMn");
        check(&each(|byte| format!("\\\\u{byte:04x}")), "…ZVMn");
        check(&each(|byte| format!("\\\\\\\\u{byte:04x}")), "…ZVMn");
        check(&format!("{{\"a\":\"{}\"}}", KEY.replace('/', "\\/")), "{\"a\":\"…ZVMn\"}");
        check(&format!("\\n{}\\n", KEY.replace('s', "\\u0073")), "\\n…ZVMn\\n");
        check(&each(|byte| format!("\\u{{{byte:x}}}")), "…ZVMn");
        check(&each(|byte| format!("\\x{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("\\U000000{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("\\{byte:03o}")), "…ZVMn");
    }

    #[test]
    fn escaped_escapes_are_masked() {
        // Go's encoder of JSON writes `&` like that.
        check(&each(|byte| format!("\\u0026#{byte};")), "…ZVMn");
        check(&each(|byte| format!("\\u005cu00{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("%5Cu00{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("&#92;u00{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("%26%23{byte}%3B")), "…ZVMn");
        check(&each(|byte| format!("\\u0025{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("%u00{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("&amp;bsol;x{byte:02x}")), "…ZVMn");
    }

    #[test]
    fn url_forms_are_masked() {
        check(&each(|byte| format!("%{byte:02X}")), "…ZVMn");
        check(&each(|byte| format!("%25{byte:02x}")), "…ZVMn");
        let in_query = KEY.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
        check(&format!("/v3/x?k={in_query}&l=1"), "/v3/x?k=…ZVMn&l=1");
        check(&in_query.to_lowercase(), "…ZVMn");
    }

    #[test]
    fn other_cases_and_escapes_are_masked() {
        check(&format!("{}: 1", KEY.to_lowercase()), "…ZVMn: 1");
        check(&format!("X-{}-Y", KEY.to_uppercase()), "X-…ZVMn-Y");
        check(&each(|byte| format!("&#{byte};")), "…ZVMn");
        let percent = Secret::new("aZ3=q.9w%c&r%abT5+y%25ZVMn");
        check_of(&percent, "aZ3%3Dq.9w%25c%26r%25abT5%2By%2525ZVMn", "…ZVMn");
        check(&KEY.replace('_', "&lowbar;").replace('+', "&plus;"), "…ZVMn");
        check(&each(|byte| format!("{}\u{200b}\u{ad}", char::from(byte))), "…ZVMn\u{200b}\u{ad}");
        check(&each(|byte| format!("\0{}", char::from(byte))), "\0…ZVMn");
        check(&each(|byte| format!("\\u200b{}", char::from(byte))), "\\u200b…ZVMn");
        let wrapped =
            |text: &str| format!("{}\r\n {}", &text[..12], &text[12..]).replace("\n ", "\n\t");
        check(&wrapped(KEY), "…ZVMn");
        check(&wrapped(&STANDARD.encode(KEY)), "…ZVMn");
        check(&each(|byte| format!("&amp;#{byte};")), "…ZVMn");
        check(&each(|byte| format!("&#x00000000{byte:x};")), "…ZVMn");
        check(&each(|byte| format!("&#{byte}")), "…ZVMn");
        for blank in [" ", "\u{a0}", "\u{2028}", "\u{20d0}"] {
            check(&each(|byte| format!("{blank}{}", char::from(byte))), &format!("{blank}…ZVMn"));
        }
        check(&each(|byte| format!("{byte:02x} ")), "…ZVMn ");
        check(&KEY.replace('=', "&#x3D;").replace('/', "&#X2f;"), "…ZVMn");
        check(&each(|byte| format!("{byte:02x}")), "…ZVMn");
        check(&each(|byte| format!("{byte:02X}")), "…ZVMn");
    }

    #[test]
    fn lists_of_codes_are_masked() {
        check(&each(|byte| format!("{byte:02x}:")), "…ZVMn:");
        check(&each(|byte| format!("{byte:02X}-")), "…ZVMn-");
        check(&each(|byte| format!("0x{byte:02x}, ")), "0x…ZVMn, ");
        check(&each(|byte| format!("={byte:02X}")), "=…ZVMn");
        check(&each(|byte| format!("{byte},")), "…ZVMn,");
        check(&each(|byte| format!("\n  {byte},")), "\n  …ZVMn,");
        check(&each(|byte| format!("{byte} ")), "…ZVMn ");
    }

    #[test]
    fn base64_is_masked_at_every_alignment() {
        for user in ["", ":", "a:", "ab:", "ana:", "ana@example.com:"] {
            for after in ["", ":", ":x", "\n"] {
                let plain = format!("{user}{KEY}{after}");
                for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
                    let text = format!("Basic {}, end", engine.encode(&plain));
                    let masked = Secret::new(KEY).mask(&text).into_owned();
                    assert!(masked.contains("…ZVMn"), "{plain}: {masked}");
                    // Nothing is left of the key, and of the rest only what is not part of it.
                    let longest = (user.len() + after.len()) * 8 / 6 + 4;
                    assert!(masked.len() <= "Basic …ZVMn, end".len() + longest, "{masked}");
                }
            }
        }
        check(&format!("Basic {}", STANDARD.encode(KEY)), "Basic …ZVMn");
        check(&format!("\\n{}", STANDARD.encode(KEY)), "\\n…ZVMn");
        let in_json = STANDARD.encode(format!("a:{KEY}")).replace('/', "\\/").replace('+', "%2B");
        assert!(Secret::new(KEY).mask(&in_json).contains("…ZVMn"));
        // A media type.
        check(&format!("audio/{}", STANDARD.encode(KEY).to_lowercase()), "audio…ZVMn");
    }

    #[test]
    fn forms_that_the_end_cuts_are_masked() {
        let forms = [
            each(|byte| format!("{byte:02x}")),
            each(|byte| format!("{byte:02x}:")),
            each(|byte| format!("{byte},")),
            each(|byte| format!("\\u{byte:04x}")),
            each(|byte| format!("%{byte:02x}")),
            each(|byte| format!("&#{byte};")),
            each(|byte| format!("\\u0026#{byte};")),
            STANDARD.encode(KEY),
        ];
        for form in forms {
            for end in form.len() / 2..form.len() {
                check(&format!("\"{}", &form[..end]), "\"…ZVMn");
            }
            let other = format!("{} zzz", &form[..form.len() / 2]);
            check(&other, &other);
        }
        check("HEYGEN_API_KEY", "HEYGEN_API_KEY");
        assert_eq!(
            Secret::new("HEYGEN_API_KEY=0123").mask("no HEYGEN_API_KEY"),
            "no HEYGEN_API_KEY"
        );
    }

    #[test]
    fn text_without_the_key_is_left_alone() {
        for text in ["", "%", "\\", "&#", "\\u", "\\u{", "%25%25", "sk_V2_hgu_k", "…ZVMn"] {
            assert!(matches!(Secret::new(KEY).mask(text), std::borrow::Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn short_keys_are_masked_as_words() {
        let check = |text: &str, masked: &str| assert_eq!(Secret::new("mock").mask(text), masked);
        check("key `mock` is no mockery, mock", "key `…` is no mockery, …");
        check("Mock smock mock_a émock", "Mock smock mock_a émock");
        check("\"\\u006dock\" m%6Fck", "\"…\" …");
        check("bW9jaw==", "bW9jaw==");
    }

    #[test]
    fn a_key_may_look_like_an_escape() {
        for key in ["%25%25%25%25", "\\u0073\\u0073", "&#115;&#115;", "ab\\/cd\\/ef"] {
            assert_eq!(Secret::new(key).mask(&format!("a {key} b")), "a … b");
        }
    }

    #[test]
    fn large_texts_take_linear_time() {
        let body = format!("{{\"video_url\":\"https:\\/\\/a.test\\/x?y=1%2F2&z\"}},{}", &KEY[..20]);
        let codes = each(|byte| format!("{byte:02x}:"));
        for piece in [
            "\\",
            "%",
            "%25",
            "&#",
            "&#115",
            "\\u0073",
            "s",
            "7:",
            "7:::::::::3",
            "1,1,5,1,0,",
            &codes[..60],
            &KEY[1..],
            &body,
        ] {
            let text = piece.repeat((1 << 20) / piece.len());
            let started = Instant::now();
            assert!(Secret::new(KEY).mask(&text).len() <= text.len(), "{piece}");
            // At most 2 s without optimisation; quadratic work would take minutes.
            assert!(started.elapsed() < Duration::from_secs(20), "{piece}");
        }
        // Each ends like a form of one of these keys begins, and is not seen in the middle of it.
        for key in [
            KEY,
            "7f3a91c2d4e5b6a7",
            "0f3a91c2d4e5b6a7",
            "nf3a91c2d4e5b6a7",
            "sk_V2_hgu_0123456789",
        ] {
            for piece in [
                "\\u2067",
                "\\u200c",
                "\\x07",
                "\\u0000",
                "\\n",
                "\n",
                "\x1b[s",
                "\x1b[7",
                "&#8199;",
                "\u{200b}7",
                " 7",
            ] {
                let text = piece.repeat((1 << 16) / piece.len());
                let started = Instant::now();
                assert!(Secret::new(key).mask(&text).len() <= text.len(), "{piece}");
                assert!(started.elapsed() < Duration::from_secs(10), "{key} {piece}");
            }
        }
    }

    /// One of the forms of a character.
    fn written(byte: u8, form: u8) -> String {
        match form {
            0 => format!("\\u{byte:04x}"),
            1 => format!("\\u{byte:04X}"),
            2 => format!("%{byte:02x}"),
            3 => format!("%{byte:02X}"),
            4 => char::from(byte).to_ascii_lowercase().to_string(),
            5 => format!("&#{byte};"),
            6 if byte == b'/' => "\\/".to_owned(),
            _ => char::from(byte).to_string(),
        }
    }

    proptest! {
        #[test]
        fn any_mixture_of_forms_is_masked(
            key in "[A-Za-z0-9_+/=.-]{16,60}",
            forms in prop::collection::vec(0..9_u8, 60),
            before in "[ \"é,:]{0,3}",
            after in "[ \"é,:]{0,3}",
        ) {
            let echoed: String =
                key.bytes().zip(forms).map(|(byte, form)| written(byte, form)).collect();
            let secret = Secret::new(key);
            let masked = secret.mask(&format!("{before}{echoed}{after}")).into_owned();
            prop_assert_eq!(masked, format!("{before}{}{after}", secret.masked()));
        }

        #[test]
        fn no_text_makes_masking_panic(text in "[\\\\%&#xu{};0-9a-f/é]{0,60}|\\PC{0,60}", key in "\\PC{0,12}") {
            let _ = Secret::new(key).mask(&text);
        }
    }
}
