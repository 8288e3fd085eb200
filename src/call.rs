//! From what was typed to the [`Request`] it means. Nothing is sent here, and no key is needed.

use crate::api::endpoint::Endpoint;
use crate::api::origin::Base;
use crate::api::request::Request;
use crate::cli::CallArgs;
use crate::env::Env;
use crate::error::Error;
use crate::secret::looks_like_key;

/// The request that the arguments of a call mean.
///
/// # Errors
/// Something typed has no meaning.
pub fn request(args: &CallArgs, base: &Base, env: &Env) -> Result<Request, Error> {
    let endpoint = endpoint(&args.endpoint, base, env)?;
    let query = args.query.iter().map(|pair| query_pair(pair)).collect::<Result<_, _>>()?;
    Ok(Request { query, ..Request::get(endpoint) })
}

/// The endpoint that was typed.
///
/// # Errors
/// It is none, or names another host.
pub fn endpoint(text: &str, base: &Base, env: &Env) -> Result<Endpoint, Error> {
    let repaired = if env.is_set("MSYSTEM") { without_git_bash(text) } else { text };
    Endpoint::parse(repaired, base)
        .map_err(|bad| Error::usage_with_hint(bad.to_string(), bad.hint(base)))
}

/// Git Bash takes `/v3/x` for a file of its own and hands over `C:/Program Files/Git/v3/x`.
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

fn query_pair(pair: &str) -> Result<(String, String), Error> {
    let shown = if looks_like_key(pair) { "…" } else { pair };
    match pair.split_once('=') {
        Some(("", _)) => Err(Error::usage(format!("--query `{shown}` has no name before the `=`"))),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Error::usage_with_hint(
            format!("--query `{shown}` has no `=`"),
            "write it like `-Q limit=5`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_bash_made_of_a_path_is_undone() {
        let check = |text: &str, expected: &str| assert_eq!(without_git_bash(text), expected);
        check("C:/Program Files/Git/v3/videos", "/v3/videos");
        check("D:/v2/avatars", "/v2/avatars");
        check("/v3/videos", "/v3/videos");
        check("C:/Users/x", "C:/Users/x");
    }
}
