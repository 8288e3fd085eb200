//! The credentials file that HeyGen's tools share.
//!
//! Facts, from the source of HeyGen's own command line: it is in `~/.heygen`, or in the directory
//! `HEYGEN_CONFIG_DIR`. It is JSON with `api_key`, `oauth` and `user`, each optional, and unknown
//! fields must survive; older versions wrote the bare key on one line.

use std::path::PathBuf;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::inspect;
use crate::env::Env;

/// The usual path, as reports show it.
pub(super) const AT_HOME: &str = "~/.heygen/credentials";

const NOT_A_STRING: &str = "has an api_key that is not a string";

/// The path of the file, and the same as reports show it. `None` without a home directory.
pub(super) fn locate(env: &Env) -> Option<(PathBuf, String)> {
    if let Some(directory) = env.path("HEYGEN_CONFIG_DIR") {
        let file = directory.join("credentials");
        return Some((env.current_dir().join(&file), file.display().to_string()));
    }
    let home = env.home()?;
    Some((home.join(".heygen").join("credentials"), AT_HOME.to_owned()))
}

/// Returns the text of `api_key`, else what the file has instead, in words.
pub(super) fn api_key(text: &str) -> Result<String, &'static str> {
    let members = members(text)?;
    match members.get("api_key") {
        Some(Value::String(key)) if !key.trim().is_empty() => Ok(key.clone()),
        Some(Value::String(_) | Value::Null) | None if has_session(&members) => {
            Err("has an OAuth session of HeyGen's CLI, but no API key")
        }
        Some(Value::String(_) | Value::Null) | None => Err("has no api_key"),
        Some(_) => Err(NOT_A_STRING),
    }
}

/// Returns everything that the file holds, the bare key of older versions as `api_key`; else what is
/// wrong with the text.
pub(super) fn members(text: &str) -> Result<Map<String, Value>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.starts_with('{') {
        // The parser's own words could repeat what it stumbled over.
        return serde_json::from_str(text).map_err(|_| "is not valid JSON");
    }
    // `["x"]` and `5` are one line too.
    if text.starts_with(['[', '"']) || serde_json::from_str::<IgnoredAny>(text).is_ok() {
        return Err("is not a JSON object");
    }
    if text.lines().count() > 1 {
        return Err("is neither JSON nor a key on one line");
    }
    Ok(Map::from_iter([("api_key".to_owned(), Value::String(text.to_owned()))]))
}

/// As [`members`], for a file that is to be changed: a line that is not a valid key may be anything,
/// an `api_key` that is a list or an object may have several, and both must stay.
pub(super) fn members_to_change(text: &str) -> Result<Map<String, Value>, &'static str> {
    let is_object = text.trim_start().starts_with('{');
    let members = members(text)?;
    match members.get("api_key") {
        Some(Value::String(_) | Value::Null) | None if is_object || inspect(text).is_ok() => {
            Ok(members)
        }
        Some(Value::String(_)) => Err("is neither JSON nor a key on one line"),
        _ => Err(NOT_A_STRING),
    }
}

/// Returns whether the members include an OAuth session.
pub(super) fn has_session(members: &Map<String, Value>) -> bool {
    matches!(members.get("oauth"), Some(Value::Object(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_and_bare_keys() {
        let check = |text: &str, expected: Result<&str, &str>| {
            assert_eq!(api_key(text).as_deref(), expected.as_ref().copied(), "{text}");
        };
        check("abc\n", Ok("abc"));
        check(r#"{"api_key": "abc", "user": {"email": "ana@example.com"}, "new": 1}"#, Ok("abc"));
        check(r#"{"api_key": "abc", "oauth": {"access_token": "t"}}"#, Ok("abc"));
        check(" \n", Err("is empty"));
        check("abc\ndef", Err("is neither JSON nor a key on one line"));
        for text in ["[\"x\"]", "5", "\"x\"", "null", "true", "[[[\"x\"]]]", "[\"x\"", "-1.5e3\n"] {
            check(text, Err("is not a JSON object"));
        }
        check(r#"{"api_key": "abc""#, Err("is not valid JSON"));
        check(r#"{"api_key": 5}"#, Err("has an api_key that is not a string"));
        check(r#"{"api_key": " "}"#, Err("has no api_key"));
        check(r#"{"user": {}, "oauth": null}"#, Err("has no api_key"));
        check(
            r#"{"api_key": null, "oauth": {}}"#,
            Err("has an OAuth session of HeyGen's CLI, but no API key"),
        );
    }

    #[test]
    fn config_dir_moves_the_file() {
        let check = |variables: &[(&str, &str)],
                     home: Option<&str>,
                     expected: Option<(&str, &str)>| {
            let env = Env::of(variables, "/site", home.map(PathBuf::from));
            let expected = expected.map(|(path, shown)| (PathBuf::from(path), shown.to_owned()));
            assert_eq!(locate(&env), expected);
        };
        check(
            &[],
            Some("/home/ana"),
            Some(("/home/ana/.heygen/credentials", "~/.heygen/credentials")),
        );
        check(&[("HEYGEN_CONFIG_DIR", "")], None, None);
        check(
            &[("HEYGEN_CONFIG_DIR", "/etc/h")],
            None,
            Some(("/etc/h/credentials", "/etc/h/credentials")),
        );
        check(&[("HEYGEN_CONFIG_DIR", "h")], None, Some(("/site/h/credentials", "h/credentials")));
    }
}
