//! Headers and the idempotency key.

use http::{HeaderName, HeaderValue, Method};

use crate::api::endpoint::{Endpoint, NO_VALUES};
use crate::api::request::IdempotencyKey;
use crate::error::Error;
use crate::random;

/// Headers that `heygen` sets itself, or that would break the connection.
const RESERVED: [&str; 5] =
    ["host", "content-length", "transfer-encoding", "connection", "x-api-key"];

/// The header under which HeyGen runs a repeated request once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Reads `Name: value`. Errors do not repeat the value: it may be a secret.
pub(super) fn header_pair(header: &str) -> Result<(String, String), Error> {
    let Some((name, value)) = header.split_once(':') else {
        return Err(Error::usage_with_hint(
            "--header: a header has no `:`",
            "write it like `-H 'X-Trace: 1'`",
        ));
    };
    let (name, value) = (name.trim(), value.trim());
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(Error::usage("--header: invalid header name before `:`"));
    }
    if HeaderValue::from_str(value).is_err() && HeaderValue::from_bytes(value.as_bytes()).is_err() {
        return Err(Error::usage(format!(
            "--header {name}: the value contains a line break or control character"
        )));
    }
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        let hint = if name.eq_ignore_ascii_case("x-api-key") {
            "the key comes from HEYGEN_API_KEY, a .env file or --api-key-file"
        } else {
            "heygen sets it from the URL and the body"
        };
        return Err(Error::usage_with_hint(format!("--header {name} cannot be set"), hint));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// The key that was given by the flag or as a header, else a fresh one for every POST of v3, where
/// HeyGen knows the header.
pub(super) fn idempotency_key(
    flag: Option<&str>,
    headers: &mut Vec<(String, String)>,
    method: &Method,
    endpoint: &Endpoint,
) -> Result<Option<IdempotencyKey>, Error> {
    let in_headers = headers.extract_if(.., |(name, _)| name.eq_ignore_ascii_case(IDEMPOTENCY_KEY));
    let given: Vec<String> =
        flag.map(str::to_owned).into_iter().chain(in_headers.map(|(_, value)| value)).collect();
    if given.len() > 1 {
        return Err(Error::usage("the idempotency key is given twice"));
    }
    match given.first().map(String::as_str) {
        Some("none") => Ok(None),
        // The same key for every order would make one of them.
        Some(given) if is_idempotency_key(given) && lacks_value(given) => {
            Err(Error::usage_with_hint(
                format!("--idempotency-key `{given}` lacks its value"),
                "is a variable or a field unset? `none` sends none",
            ))
        }
        Some(given) if is_idempotency_key(given) => {
            Ok(Some(IdempotencyKey::Given(given.to_owned())))
        }
        Some(_) => Err(Error::usage_with_hint(
            "--idempotency-key is not a valid key",
            "use 1 to 255 of A-Z a-z 0-9 _ - : .",
        )),
        None if *method == Method::POST && endpoint.path().starts_with("/v3/") => {
            Ok(Some(IdempotencyKey::Made(fresh_key()?)))
        }
        None => Ok(None),
    }
}

/// Returns whether a program printed nothing, or a word for nothing, at the end: `order-null`, `order-`.
/// A random key may end with a hyphen; it is no plain word.
fn lacks_value(key: &str) -> bool {
    const SEPARATORS: [char; 4] = ['-', '_', ':', '.'];
    let last = key.rsplit(SEPARATORS).next().unwrap_or_default();
    let is_word = key.chars().all(|c| c.is_ascii_lowercase() || SEPARATORS.contains(&c));
    last.is_empty() && is_word || NO_VALUES.iter().any(|word| word.eq_ignore_ascii_case(last))
}

/// HeyGen's rule for `Idempotency-Key` (its page on idempotency, since May 2026).
fn is_idempotency_key(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte))
}

/// 128 random bits in the form of a UUID.
fn fresh_key() -> Result<String, Error> {
    let hex = random::hex().map_err(|error| {
        Error::usage_with_hint(format!("no random numbers: {error}"), "use `--idempotency-key KEY`")
    })?;
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::origin::Base;

    #[test]
    fn validates_headers() {
        let check = |header: &str, expected: Result<(&str, &str), &str>| {
            let got = header_pair(header).map_err(|error| error.to_string());
            let expected = expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .map_err(str::to_owned);
            assert_eq!(got, expected, "{header}");
        };
        check("X-Trace: 1", Ok(("X-Trace", "1")));
        check("X-Empty:", Ok(("X-Empty", "")));
        check("Accept: é", Ok(("Accept", "é")));
        check("Authorization: Bearer a:b", Ok(("Authorization", "Bearer a:b")));
        check("X-Trace", Err("--header: a header has no `:`"));
        check(": 1", Err("--header: invalid header name before `:`"));
        check("X Trace: 1", Err("--header: invalid header name before `:`"));
        check(
            "X-Trace: a\r\nX-Api-Key: b",
            Err("--header X-Trace: the value contains a line break or control character"),
        );
        check("x-api-key: b", Err("--header x-api-key cannot be set"));
        check("Host: evil.test", Err("--header Host cannot be set"));
        check("Content-Length: 1", Err("--header Content-Length cannot be set"));
        check("Transfer-Encoding: chunked", Err("--header Transfer-Encoding cannot be set"));
    }

    #[test]
    fn words_for_no_value_are_no_keys() {
        let base = Base::parse("https://api.heygen.com").expect("a base");
        let endpoint = Endpoint::parse("/v3/videos", &base).expect("an endpoint");
        let check = |given: &str, expected: bool| {
            let key = idempotency_key(Some(given), &mut Vec::new(), &Method::POST, &endpoint);
            assert_eq!(key.is_ok(), expected, "{given}");
        };
        for word in
            ["null", "undefined", "None", "NONE", "nan", "nil", "order-null", "order-", "a:"]
        {
            check(word, false);
        }
        for key in ["none", "order-7", "null-1", "V1StGXR8_Z5jdHi6B-myT-", "a9_"] {
            check(key, true);
        }
    }

    #[test]
    fn idempotency_keys_follow_heygens_rule() {
        let check =
            |text: &str, expected: bool| assert_eq!(is_idempotency_key(text), expected, "{text}");
        check("order-1:a.b_C", true);
        check(&"a".repeat(255), true);
        check(&"a".repeat(256), false);
        check("", false);
        check("a b", false);
        check("é", false);
        assert!(fresh_key().is_ok_and(|key| is_idempotency_key(&key) && key.len() == 36));
    }
}
