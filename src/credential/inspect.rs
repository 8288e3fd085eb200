//! What a key looks like, and what people put in its place.
//!
//! HeyGen's keys have had several forms and will have more (hex and digits, base64, `sk_V2_…`),
//! so a text is refused only for what no key can have, never for not having a known form.

use super::VARIABLE;
use crate::error::KeyFlaw;
use crate::secret::Secret;

/// Quotes that are taken along when a key is copied, straight and typographic.
const QUOTES: [char; 11] = ['"', '\'', '`', '‘', '’', '“', '”', '„', '‚', '«', '»'];

/// Prefixes after which an example goes on with `xxx`.
const PREFIXES: [&str; 2] = ["sk_V2_hgu_", "sk_"];

/// Texts of examples, without their dashes, underscores and blanks.
const EXAMPLES: [&str; 5] = ["apikey", "changeme", "heygenapikey", "replaceme", "todo"];

/// How references to secret stores begin: 1Password, Vault, AWS, Google Cloud.
const STORES: [&str; 4] = ["op://", "vault:", "arn:aws:", "sm://"];

/// Inspects a text that should be a key: trims it, and rejects it with the reason.
///
/// # Errors
/// What is wrong; the flaw that explains most is named first, such as `Bearer` in `Bearer abc`
/// and not the blank.
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
    // Before line breaks: a whole `.env` file where the key belongs begins like that.
    if is_assignment(text) {
        return Some(KeyFlaw::Assignment);
    }
    if text.contains(['\r', '\n']) {
        return Some(KeyFlaw::LineBreak);
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
    if let Some(quote) = text.chars().find(|character| QUOTES.contains(character)) {
        return Some(KeyFlaw::Quote(quote));
    }
    if text.contains(char::is_whitespace) {
        return Some(KeyFlaw::Blank);
    }
    (!text.chars().all(|character| character.is_ascii_graphic())).then_some(KeyFlaw::NotPrintable)
}

/// Whether the variable's name was taken along with its value.
fn is_assignment(text: &str) -> bool {
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
    text.strip_prefix(VARIABLE).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// Whether this is what documentation writes where the key goes, or a key that was copied from
/// where it is shown shortened.
fn is_placeholder(text: &str) -> bool {
    if is_enclosed(text, "<", ">") || text.contains('…') || text.contains("...") {
        return true;
    }
    let bare = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    // Two letters may be somebody's key for a server that pretends; three are not.
    if bare.len() >= 3 && bare.chars().all(|character| "xX*-_".contains(character)) {
        return true;
    }
    let words = text.to_lowercase().replace(['-', '_', ' '], "");
    EXAMPLES.contains(&words.as_str())
        || words.ends_with("keyhere")
        || ["your", "insert"].iter().any(|word| words.contains(word)) && words.contains("key")
}

/// Whether the whole text names a place where the key is: for a shell, a template, a store.
fn is_reference(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let variable = text.strip_prefix("$env:").or_else(|| text.strip_prefix('$'));
    variable.is_some_and(is_name)
        || [("${", "}"), ("$(", ")"), ("{{", "}}"), ("`", "`"), ("%", "%")]
            .iter()
            .any(|(open, close)| is_enclosed(text, open, close))
        || STORES.iter().any(|store| text.starts_with(store))
}

fn is_enclosed(text: &str, open: &str, close: &str) -> bool {
    text.strip_prefix(open).is_some_and(|rest| rest.ends_with(close))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_and_trims_keys() {
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
        check("test", "test");
        check("x", "x");
        check("ab$cd", "ab$cd");
        check("$5", "$5");
    }

    #[test]
    fn rejects_invalid_keys_with_reason() {
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
        ] {
            check(text, KeyFlaw::Reference);
        }
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
    fn recognises_env_file_line() {
        for text in [
            "HEYGEN_API_KEY=abc",
            "export HEYGEN_API_KEY='abc'",
            "HEYGEN_API_KEY = abc",
            "HEYGEN_API_KEY=abc\nOTHER=def",
            "HEYGEN_API_KEY=",
        ] {
            let flaw = inspect(text).err();
            assert_eq!(flaw, Some(KeyFlaw::Assignment), "{text}");
        }
    }

    proptest! {
        #[test]
        fn accepted_keys_are_valid_headers(text in any::<String>()) {
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
