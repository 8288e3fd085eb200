//! The endpoint given on the command line, and hints for an invalid one.

use crate::api::endpoint::{BadEndpoint, Endpoint};
use crate::api::origin::Base;
use crate::env::Env;
use crate::error::Error;
use crate::json;
use crate::secret::looks_like_key;

/// The shape of an endpoint.
const EXAMPLE: &str = "an endpoint looks like /v3/videos";

/// Reads an endpoint.
///
/// # Errors
/// It is invalid, or names another host.
pub fn endpoint(text: &str, base: &Base, env: &Env) -> Result<Endpoint, Error> {
    // It would go into URLs, logs and errors.
    if looks_like_key(text) {
        return Err(Error::usage_with_hint(
            "the endpoint looks like an API key",
            format!("{EXAMPLE}; a key is never an argument"),
        ));
    }
    if text.trim_start().starts_with(['{', '[']) && json::parse(text.as_bytes()).is_ok() {
        return Err(Error::usage_with_hint(
            "the endpoint is missing: JSON is given in its place",
            "write `heygen post ENDPOINT -d JSON`",
        ));
    }
    let repaired = if env.is_set("MSYSTEM") { without_git_bash(text) } else { text };
    Endpoint::parse(repaired, base)
        .map_err(|bad| Error::usage_with_hint(bad.to_string(), hint(&bad, repaired, base)))
}

/// The hint for an invalid endpoint.
fn hint(bad: &BadEndpoint, text: &str, base: &Base) -> String {
    match bad {
        BadEndpoint::OtherHost { host: Some(host) } if host == "upload.heygen.com" => {
            "call that host with `--api-base https://upload.heygen.com`".to_owned()
        }
        // The key must not go there, whatever is added to the command.
        BadEndpoint::OtherHost { host: Some(_) } if names_a_file(text) => {
            "if it is a file, fetch it without a key: `heygen download 'URL'`".to_owned()
        }
        BadEndpoint::OtherHost { .. } => format!("paths are called on {base}"),
        BadEndpoint::Character(_) => "percent-encode it: a space is %20".to_owned(),
        BadEndpoint::Fragment => "write # as %23".to_owned(),
        BadEndpoint::Placeholder { .. } => "put a value in its place".to_owned(),
        BadEndpoint::EmptySegment
        | BadEndpoint::EmptyLastSegment
        | BadEndpoint::NoValue { .. }
        | BadEndpoint::Unexpanded { .. } => "is a shell variable unset?".to_owned(),
        BadEndpoint::Empty
        | BadEndpoint::NoPath { .. }
        | BadEndpoint::OutsideBase { .. }
        | BadEndpoint::Dots => EXAMPLE.to_owned(),
    }
}

/// Returns whether a full URL names no version of an API: mostly the file of a finished video.
fn names_a_file(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let is_version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|digits| digits.parse::<u8>().is_ok())
    };
    !path.is_empty() && !is_version(path.split(['/', '?']).next().unwrap_or_default())
}

/// The endpoint behind the prefix of Git Bash, which turns `/v3/x` into
/// `C:/Program Files/Git/v3/x`.
fn without_git_bash(text: &str) -> &str {
    let bytes = text.as_bytes();
    let has_drive =
        bytes.len() > 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/';
    if !has_drive {
        return text;
    }
    let version = ["/v1/", "/v2/", "/v3/"].iter().filter_map(|version| text.find(version)).min();
    version.map_or(text, |start| &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_bash_paths_are_repaired() {
        let check = |text: &str, expected: &str| assert_eq!(without_git_bash(text), expected);
        check("C:/Program Files/Git/v3/videos", "/v3/videos");
        check("D:/v2/avatars", "/v2/avatars");
        check("/v3/videos", "/v3/videos");
        check("C:/Users/x", "C:/Users/x");
    }

    #[test]
    fn recognizes_file_urls() {
        let check = |text: &str, expected: bool| assert_eq!(names_a_file(text), expected, "{text}");
        check("https://files2.heygen.ai/a/b.mp4?Expires=1&Signature=x", true);
        check("https://example.com/b.mp4", true);
        check("https://example.com/v3/videos", false);
        check("https://example.com/v1?x=1", false);
        check("https://example.com", false);
        check("example.com/b.mp4", true);
    }
}
