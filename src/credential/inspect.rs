//! The form of a key, and what people put in its place.
//!
//! HeyGen's keys have had several forms and will have more (hex and digits, base64, `sk_V2_…`),
//! so a text is refused only for what no key can contain, never for not having a known form.

use super::VARIABLE;
use super::near_miss::near_name;
use crate::error::{KeyFlaw, LONGEST_KEY};
use crate::secret::Secret;

/// Quotes that are copied along with a key, straight and typographic.
const QUOTES: [char; 11] = ['"', '\'', '`', '‘', '’', '“', '”', '„', '‚', '«', '»'];

/// Prefixes of placeholders such as `sk_xxx`.
const PREFIXES: [&str; 2] = ["sk_V2_hgu_", "sk_"];

/// Placeholders without their dashes, underscores and spaces.
const EXAMPLES: [&str; 6] = ["apikey", "changeme", "heygenapikey", "redacted", "replaceme", "todo"];

/// The most characters of a name before a key.
const LONGEST_NAME: usize = 20;

/// The words that programs print for a missing value.
const NO_VALUES: [&str; 7] = ["undefined", "null", "None", "nil", "NaN", "false", "true"];

/// Prefixes of references to secret stores, beside those with a scheme such as `op://`: Vault, AWS.
const STORES: [&str; 2] = ["vault:", "arn:aws:"];

/// Characters that stand around, between or behind keys, and in none.
const STRAY: [char; 10] = ['(', ')', '[', ']', '{', '}', '<', '>', ',', '\\'];

/// Trims a text that should be a key and checks that it can be one.
///
/// # Errors
/// The flaw that explains most, such as `Bearer` in `Bearer abc` and not the whitespace.
pub fn inspect(text: &str) -> Result<Secret, KeyFlaw> {
    let text = text.trim();
    match flaw(text) {
        Some(flaw) => Err(flaw),
        None => Ok(Secret::new(text)),
    }
}

fn flaw(text: &str) -> Option<KeyFlaw> {
    if text.is_empty() {
        return Some(KeyFlaw::Empty);
    }
    // Before line breaks: a whole `.env` file in place of the key begins like that.
    if is_assignment(text) {
        return Some(KeyFlaw::Assignment);
    }
    if is_named(text) {
        return Some(KeyFlaw::Named);
    }
    if text.contains(['\r', '\n']) {
        return Some(KeyFlaw::LineBreak);
    }
    if let Some(word) = NO_VALUES.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        return Some(KeyFlaw::NoValue(word));
    }
    if text.starts_with('=') {
        return Some(KeyFlaw::LeadingEquals);
    }
    let length = text.chars().count();
    if length > LONGEST_KEY {
        return Some(KeyFlaw::TooLong(length));
    }
    if is_placeholder(text) {
        return Some(KeyFlaw::Placeholder);
    }
    if is_reference(text) {
        return Some(KeyFlaw::Reference);
    }
    if text.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("bearer")) {
        return Some(KeyFlaw::Bearer);
    }
    // Before quotes: a line of JSON ends like that.
    if let Some(last) = text.chars().next_back().filter(|last| [',', ';'].contains(last)) {
        return Some(KeyFlaw::Trailing(last));
    }
    if let Some(quote) = text.chars().find(|character| QUOTES.contains(character)) {
        return Some(KeyFlaw::Quote(quote));
    }
    if text.contains(char::is_whitespace) {
        return Some(KeyFlaw::Blank);
    }
    if !text.chars().all(|character| character.is_ascii_graphic()) {
        return Some(KeyFlaw::NotPrintable);
    }
    let leading = text.chars().next().filter(|first| *first == ';');
    text.chars().find(|character| STRAY.contains(character)).or(leading).map(KeyFlaw::Stray)
}

/// Returns whether the text is a whole line `NAME=VALUE`.
fn is_assignment(text: &str) -> bool {
    // Commented out, or glued to the line before it.
    if text.lines().next().is_some_and(|first| first.contains(&format!("{VARIABLE}="))) {
        return true;
    }
    let text = text.strip_prefix("export ").unwrap_or(text);
    let name = text.split_once('=').map(|(name, _)| name.trim());
    name.is_some_and(|name| name == VARIABLE || near_name(name).is_some())
}

/// Returns whether a name stands before the key: `X-Api-Key:sk_…`, `api_key=sk_…`.
fn is_named(text: &str) -> bool {
    let Some((name, value)) = text.split_once(['=', ':']) else { return false };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let name = name.to_ascii_lowercase();
    // Base64 ends with one or two `=`.
    let has_value = !value.trim_matches('=').is_empty();
    is_name
        && has_value
        && name.len() <= LONGEST_NAME
        && ["key", "token"].iter().any(|end| name.ends_with(end))
}

/// Returns whether the text is a placeholder from documentation, or a key copied in its masked form.
fn is_placeholder(text: &str) -> bool {
    let is_masked = ["…", "...", "***"].iter().any(|dots| text.contains(dots));
    if is_enclosed(text, "<", ">") || is_masked || PREFIXES.contains(&text) {
        return true;
    }
    let bare = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    // Two letters may be the key of a mock server; three are a placeholder.
    if bare.len() >= 3 && bare.chars().all(|character| "xX*-_".contains(character)) {
        return true;
    }
    let words = text.to_lowercase().replace(['-', '_', ' '], "");
    EXAMPLES.contains(&words.as_str())
        || words.ends_with("keyhere")
        || ["your", "insert"].iter().any(|word| words.contains(word)) && words.contains("key")
}

/// Returns whether the whole text is a reference to the key: of a shell, a template, a secret store,
/// or the path of a file.
fn is_reference(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let variable = text.strip_prefix("$env:").or_else(|| text.strip_prefix('$'));
    variable.is_some_and(|name| is_name(name.trim_end_matches(':')))
        || ["${", "$(", "~/", "./", "../"].iter().any(|start| text.starts_with(start))
        || text.contains("://")
        || is_path(text)
        || [("{{", "}}"), ("`", "`"), ("%", "%")]
            .iter()
            .any(|(open, close)| is_enclosed(text, open, close))
        || STORES.iter().any(|store| text.starts_with(store))
}

/// Returns whether the text is an absolute path. A key in base64 may begin with `/` and have another,
/// but has upper case then, and no character that base64 lacks.
fn is_path(text: &str) -> bool {
    let is_of_names = |byte: u8| b"_-.".contains(&byte);
    text.strip_prefix('/').is_some_and(|rest| rest.contains('/'))
        && (text.bytes().any(is_of_names) || !text.bytes().any(|byte| byte.is_ascii_uppercase()))
}

fn is_enclosed(text: &str, open: &str, close: &str) -> bool {
    text.strip_prefix(open).is_some_and(|rest| rest.ends_with(close))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_and_trims_every_form() {
        let check = |text: &str, key: &str| {
            assert!(inspect(text).is_ok_and(|found| found.expose() == key), "{text}");
        };
        check(
            "0123456789abcdef0123456789abcdef-1234567890",
            "0123456789abcdef0123456789abcdef-1234567890",
        );
        check("MDEyMzQ1Njc4OWFiY2RlZg==", "MDEyMzQ1Njc4OWFiY2RlZg==");
        check(" sk_V2_hgu_kXy0ZVMn\r\n", "sk_V2_hgu_kXy0ZVMn");
        check("mock", "mock");
        check("nullable", "nullable");
        check(&"a".repeat(1_000), &"a".repeat(1_000));
        check("test", "test");
        check("x", "x");
        check("ab$cd", "ab$cd");
        check("$5", "$5");
        check("abckey==", "abckey==");
        check("a:b.c~d|e", "a:b.c~d|e");
        check("/Ab/cd", "/Ab/cd");
        check("truest", "truest");
    }

    #[test]
    fn refuses_invalid_keys_with_reasons() {
        let check = |text: &str, flaw: KeyFlaw| {
            assert!(inspect(text).is_err_and(|found| found == flaw), "{text}");
        };
        check(" \t\n", KeyFlaw::Empty);
        for text in [
            "your-api-key-here",
            "your_api_key",
            "YOUR_HEYGEN_API_KEY",
            "<your key>",
            "<...>",
            "xxx",
            "XXXXXXXX",
            "xxxx-xxxx",
            "***",
            "changeme",
            "CHANGE_ME",
            "replace_me",
            "...",
            "…",
            "sk_...",
            "sk_xxxx",
            "sk_V2_hgu_xxxxxxxx",
            "insert-api-key",
            "INSERT YOUR KEY",
            "api_key_here",
            "todo",
            "HEYGEN_API_KEY",
            "…ZVMn",
            "sk_",
            "sk_V2_hgu_",
            "sk_V2_hgu_****ZVMn",
            "REDACTED",
        ] {
            check(text, KeyFlaw::Placeholder);
        }
        for text in [
            "$HEYGEN",
            "${HEYGEN}",
            "$env:HEYGEN",
            "%HEYGEN%",
            "$(pass show heygen)",
            "`pass show heygen`",
            "${{ secrets.HEYGEN }}",
            "{{ heygen }}",
            "op://Private/HeyGen/credential",
            "vault:secret/heygen",
            "arn:aws:secretsmanager:eu-west-1:1:secret:heygen",
            "${HEYGEN",
            "${HEYGEN}abc",
            "$HEYGEN:",
            "$(cat",
            "doppler://heygen",
            "file:///run/secrets/heygen",
            "https://app.heygen.com/settings",
            "/run/secrets/heygen",
            "/run/secrets/HEYGEN_API_KEY",
            "~/.heygen/key",
            "./key.txt",
        ] {
            check(text, KeyFlaw::Reference);
        }
        for (text, word) in [
            ("undefined", "undefined"),
            ("null", "null"),
            ("None", "None"),
            ("none", "None"),
            ("NULL", "null"),
            ("nan", "NaN"),
            ("false", "false"),
            ("True", "true"),
        ] {
            check(text, KeyFlaw::NoValue(word));
        }
        check("sk_V2_hgu_kXy0ZVMn,", KeyFlaw::Trailing(','));
        check("sk_V2_hgu_kXy0ZVMn;", KeyFlaw::Trailing(';'));
        check("\"sk_V2_hgu_kXy0ZVMn\",", KeyFlaw::Trailing(','));
        check("=sk_V2_hgu_kXy0ZVMn", KeyFlaw::LeadingEquals);
        check("X-Api-Key:sk_V2_hgu_kXy0ZVMn", KeyFlaw::Named);
        check("api_key=sk_V2_hgu_kXy0ZVMn", KeyFlaw::Named);
        check("token=c2tfVjJfaGd1X2tYeTA=", KeyFlaw::Named);
        check("(null)", KeyFlaw::Stray('('));
        check("%!s(<nil>)", KeyFlaw::Stray('('));
        check("sk_V2_hgu_kXy0ZVMn)", KeyFlaw::Stray(')'));
        check("[sk_V2_hgu_kXy0ZVMn]", KeyFlaw::Stray('['));
        check("{api_key:sk_V2_hgu_kXy0ZVMn}", KeyFlaw::Stray('{'));
        check("sk_abc,sk_def", KeyFlaw::Stray(','));
        check("sk_V2_hgu_kXy0ZVMn\\n", KeyFlaw::Stray('\\'));
        check(";sk_V2_hgu_kXy0ZVMn", KeyFlaw::Stray(';'));
        check(&"a".repeat(1_001), KeyFlaw::TooLong(1_001));
        check("Bearer abc", KeyFlaw::Bearer);
        check("bearer\t\"abc\"", KeyFlaw::Bearer);
        check("\"abc\"", KeyFlaw::Quote('"'));
        check("“abc”", KeyFlaw::Quote('“'));
        check("ab'c", KeyFlaw::Quote('\''));
        check("ab c", KeyFlaw::Blank);
        check("ab\u{a0}c", KeyFlaw::Blank);
        check("ab\r\nc", KeyFlaw::LineBreak);
        check("abé", KeyFlaw::NotPrintable);
        check("ab\u{200b}", KeyFlaw::NotPrintable);
        check("ab\u{1b}[0m", KeyFlaw::NotPrintable);
    }

    #[test]
    fn recognises_lines_of_env_files() {
        for text in [
            "HEYGEN_API_KEY=abc",
            "export HEYGEN_API_KEY='abc'",
            "HEYGEN_API_KEY = abc",
            "HEYGEN_API_KEY=abc\nOTHER=def",
            "HEYGEN_API_KEY=",
            "#HEYGEN_API_KEY=abc",
            "X=1HEYGEN_API_KEY=abc",
            "export HEYGEN_APIKEY=abc",
            "HEYGEN_TOKEN=abc",
            "NEXT_PUBLIC_HEYGEN_API_KEY=abc",
        ] {
            let flaw = inspect(text).err();
            assert_eq!(flaw, Some(KeyFlaw::Assignment), "{text}");
        }
    }

    proptest! {
        #[test]
        fn accepted_keys_fit_a_header(text in any::<String>()) {
            if let Ok(key) = inspect(&text) {
                prop_assert!(!key.expose().is_empty());
                prop_assert!(key.expose().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }

        #[test]
        fn accepts_random_keys(key in "[0-9a-f]{32}-[0-9]{10}|sk_V2_hgu_[A-Za-z0-9]{30,44}|[A-Za-z0-9+/]{54}==") {
            prop_assert!(inspect(&key).is_ok());
        }
    }
}
