//! The path of a call. An [`Endpoint`] cannot name a host, so that nobody has to check it again.

use std::fmt;

use super::origin::{Base, Origin};
use crate::percent;
use crate::secret::looks_like_key;

/// Words that programming languages print for a missing value.
pub const NO_VALUES: [&str; 6] = ["null", "undefined", "None", "nil", "NaN", NO_OBJECT];

/// The text that JavaScript prints for an object.
const NO_OBJECT: &str = "[object Object]";

/// The path of an endpoint, and the query that was entered with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    path: String,
    query: Option<String>,
}

/// The reason why a text is not a valid endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadEndpoint {
    Empty,
    /// A full URL of the API's own that ends with the host.
    NoPath {
        url: String,
    },
    /// A full URL on the API's host, outside the path that its base has.
    OutsideBase {
        base: String,
    },
    /// It names a host that is not the API's.
    OtherHost {
        /// That host, if it could be made out.
        host: Option<String>,
    },
    /// It contains a character that no path has.
    Character(char),
    /// It contains a segment `.` or `..`.
    Dots,
    /// It contains a fragment (`#…`).
    Fragment,
    /// A placeholder was not replaced by a value.
    Placeholder {
        /// The placeholder, such as `{video_id}`.
        name: String,
    },
    /// Two slashes stand together, so that a segment is empty.
    EmptySegment,
    /// It ends with a slash, or its last segment is blank. No path of the API does.
    EmptyLastSegment,
    /// A segment is a word that programming languages print for a missing value, such as `null`.
    NoValue {
        segment: String,
    },
    /// A segment is the name of a variable that was not replaced, such as `$video`.
    Unexpanded {
        segment: String,
    },
}

impl Endpoint {
    /// Reads `/v3/videos`, `v3/videos` or a full URL on the API's own origin.
    ///
    /// # Errors
    /// The text names another host, or is not the path of an endpoint; nothing is guessed.
    pub fn parse(text: &str, base: &Base) -> Result<Endpoint, BadEndpoint> {
        let text = text.trim();
        if let Some(stranger) = text.chars().find(|c| c.is_control() || c.is_whitespace()) {
            return Err(match text.contains(NO_OBJECT) {
                true => BadEndpoint::NoValue { segment: NO_OBJECT.to_owned() },
                false => BadEndpoint::Character(stranger),
            });
        }
        if text.contains('\\') {
            return Err(BadEndpoint::OtherHost { host: None });
        }
        let target = match on_own_origin(text, base)? {
            Some(target) => target,
            None => relative(text)?,
        };
        if target.contains('#') {
            return Err(BadEndpoint::Fragment);
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        find_hole(path)?;
        if let Some(brace) = path.chars().find(|c| matches!(c, '{' | '}')) {
            return Err(BadEndpoint::Character(brace));
        }
        let path = format!("/{}", percent::entered_path(path.trim_start_matches('/')));
        let query = query.filter(|query| !query.is_empty());
        Ok(Endpoint { path, query: query.map(percent::entered_query) })
    }

    /// The path, beginning with `/`, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query that was entered with the path, percent-encoded, without `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The same endpoint without this parameter in the query that was entered with it.
    pub fn without_parameter(&self, name: &str) -> Endpoint {
        let is_other = |part: &&str| part.split('=').next() != Some(name);
        let query = self.query.iter().flat_map(|query| query.split('&')).filter(is_other);
        let query = query.collect::<Vec<&str>>().join("&");
        Endpoint { path: self.path.clone(), query: Some(query).filter(|query| !query.is_empty()) }
    }
}

impl fmt::Display for BadEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadEndpoint::Empty => f.write_str("the endpoint is empty"),
            BadEndpoint::NoPath { url } => write!(f, "{url} has no path"),
            BadEndpoint::OutsideBase { base } => write!(f, "the endpoint is not below {base}"),
            BadEndpoint::OtherHost { host: Some(host) } => {
                write!(f, "refusing to send your key to {host}")
            }
            BadEndpoint::OtherHost { host: None } => f.write_str(
                "the endpoint could be read as another host; refusing to send your key there",
            ),
            BadEndpoint::Character(' ') => f.write_str("the endpoint contains a space"),
            BadEndpoint::Character(stranger) => {
                write!(f, "the endpoint contains the character {}", stranger.escape_default())
            }
            BadEndpoint::Dots => f.write_str("the endpoint contains a segment `.` or `..`"),
            BadEndpoint::Fragment => f.write_str("the endpoint contains `#`"),
            BadEndpoint::Placeholder { name } => {
                write!(f, "the endpoint still contains the placeholder {name}")
            }
            BadEndpoint::EmptySegment => {
                f.write_str("the endpoint contains an empty segment (`//`)")
            }
            BadEndpoint::EmptyLastSegment => {
                f.write_str("the last segment of the endpoint is empty")
            }
            BadEndpoint::NoValue { segment } => {
                write!(f, "the endpoint contains `{segment}` in place of a value")
            }
            BadEndpoint::Unexpanded { segment } => {
                write!(f, "the endpoint contains an unexpanded variable: `{segment}`")
            }
        }
    }
}

/// The part of a full URL after the API's own base; `None` if the text is not a full URL.
fn on_own_origin<'t>(text: &'t str, base: &Base) -> Result<Option<&'t str>, BadEndpoint> {
    let Some((scheme, _)) = text.split_once("://") else {
        return Ok(None);
    };
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
        // `/v3/x?callback=https://…` is a path.
        return Ok(None);
    }
    let (origin, path) = Origin::split(text).map_err(|_| BadEndpoint::OtherHost { host: None })?;
    if origin != *base.origin() {
        return Err(other_host(origin.host()));
    }
    let Some(rest) = path.strip_prefix(base.prefix()).filter(|rest| !is_longer_segment(rest))
    else {
        return Err(BadEndpoint::OutsideBase { base: base.to_string() });
    };
    match rest.strip_prefix('/').and_then(|rest| rest.chars().next()) {
        None | Some('?' | '#') => Err(BadEndpoint::NoPath { url: format!("{base}/") }),
        Some('/') => Err(BadEndpoint::EmptySegment),
        Some(_) => Ok(Some(rest)),
    }
}

/// Returns true if the last segment continues: `/prefixed` is not below `/prefix`.
fn is_longer_segment(rest: &str) -> bool {
    !rest.is_empty() && !rest.starts_with(['/', '?', '#'])
}

/// A path with or without its first slash, which can name no host.
fn relative(text: &str) -> Result<&str, BadEndpoint> {
    let Some(rest) = text.strip_prefix('/') else {
        let first = text.split(['/', '?']).next().unwrap_or_default();
        return match first {
            "" => Err(BadEndpoint::Empty),
            // `user@host/x`, `host:80/x`, `api.heygen.com/v3/x`: no endpoint begins like that.
            host if host.contains(['@', ':']) || host.contains('.') && !host.starts_with('.') => {
                let host = host.rsplit('@').next().unwrap_or(host);
                Err(other_host(host))
            }
            _ => Ok(text),
        };
    };
    match rest.chars().next() {
        None | Some('?' | '#') => Err(BadEndpoint::Empty),
        Some('/') => {
            let host =
                rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
            Err(other_host(host))
        }
        Some(_) => Ok(text),
    }
}

/// A host that is not the API's. Its name is left out if it may be a key.
fn other_host(host: &str) -> BadEndpoint {
    let is_shown = !host.is_empty() && (host.contains('.') || !looks_like_key(host));
    BadEndpoint::OtherHost { host: is_shown.then(|| host.to_owned()) }
}

/// The parameter of a query that should be an ID and is none, mostly that of an unset variable:
/// `video_id=`, `video_id=null`, `video_id=$v`.
pub fn hole_in_query(query: &str) -> Option<&str> {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.find(|(name, value)| is_hole(name, &percent::decoded(value))).map(|(name, _)| name)
}

/// Returns whether a parameter should be an ID, or several, and is none.
pub fn is_hole(name: &str, value: &str) -> bool {
    let is_id = ["id", "ids"].contains(&name)
        || ["_id", "_ids", "Id", "Ids"].iter().any(|ending| name.ends_with(ending));
    is_id && (value.trim().is_empty() || NO_VALUES.contains(&value) || is_variable(value))
}

/// Refuses a segment that should be a value, mostly that of an unset variable. The request
/// without it may be another one: `DELETE /v3/videos/` for `DELETE /v3/videos/ID`.
fn find_hole(path: &str) -> Result<(), BadEndpoint> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let last = path.split('/').count() - 1;
    for (index, segment) in path.split('/').enumerate() {
        let decoded = percent::decoded(segment);
        if matches!(segment, "." | "..") {
            return Err(BadEndpoint::Dots);
        }
        if decoded.chars().all(|c| c.is_whitespace() || c.is_control()) {
            return Err(if index == last {
                BadEndpoint::EmptyLastSegment
            } else {
                BadEndpoint::EmptySegment
            });
        }
        if NO_VALUES.contains(&&*decoded) {
            return Err(BadEndpoint::NoValue { segment: decoded });
        }
        if is_variable(segment) || is_variable(&decoded) {
            return Err(BadEndpoint::Unexpanded { segment: segment.to_owned() });
        }
        if is_placeholder(segment) {
            return Err(BadEndpoint::Placeholder { name: segment.to_owned() });
        }
    }
    Ok(())
}

/// `$video`, `${video}` and `$(…)` of a shell, `$env:VIDEO` of PowerShell, `%VIDEO%` of cmd.
fn is_variable(segment: &str) -> bool {
    let of_cmd = segment.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    segment.starts_with('$') || of_cmd.is_some_and(|name| !name.is_empty() && !name.contains('%'))
}

/// `{video_id}`, `<video_id>`, `:video_id`: documentations differ.
fn is_placeholder(segment: &str) -> bool {
    let in_braces = segment.starts_with('{') && segment.ends_with('}');
    let in_angles = segment.starts_with('<') && segment.ends_with('>');
    let behind_colon = segment.strip_prefix(':').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    segment.len() > 2 && (in_braces || in_angles || behind_colon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Base {
        Base::parse("https://api.heygen.com").expect("a base")
    }

    fn target(text: &str) -> Result<String, BadEndpoint> {
        Endpoint::parse(text, &base()).map(|endpoint| match endpoint.query() {
            Some(query) => format!("{}?{query}", endpoint.path()),
            None => endpoint.path().to_owned(),
        })
    }

    #[test]
    fn leading_slash_is_optional() {
        let check = |text: &str, expected: &str| {
            assert_eq!(target(text).as_deref(), Ok(expected), "{text}")
        };
        check("/v3/videos", "/v3/videos");
        check("v3/videos", "/v3/videos");
        check(" /v3/videos\n", "/v3/videos");
        check("https://api.heygen.com/v3/videos?limit=5", "/v3/videos?limit=5");
        check("HTTPS://API.heygen.com:443/v3/videos", "/v3/videos");
        check("/v3/videos?", "/v3/videos");
        check(
            "/v1/video_status.get?video_id=a b".replace(' ', "%20").as_str(),
            "/v1/video_status.get?video_id=a%20b",
        );
        check("/v3/x%2Fy%2e%20z", "/v3/x%2Fy%2e%20z");
        check("/v3/brand-kits/ü", "/v3/brand-kits/%C3%BC");
        check("/v3/x'[y]?a[]={b}&c='100%&d=%2", "/v3/x'%5By%5D?a%5B%5D=%7Bb%7D&c=%27100%25&d=%252");
        check("/v3/x?callback=https://a.test/b", "/v3/x?callback=https://a.test/b");
        check("/v3/a@b:c", "/v3/a@b:c");
        check("/.evil.test/x", "/.evil.test/x");
    }

    #[test]
    fn rejects_endpoints_that_leave_the_api() {
        let other = |host: &str| BadEndpoint::OtherHost { host: Some(host.to_owned()) };
        let check =
            |text: &str, expected: BadEndpoint| assert_eq!(target(text), Err(expected), "{text}");
        check("https://example.com/v3/videos", other("example.com"));
        check("http://api.heygen.com/v3/videos", other("api.heygen.com"));
        check("https://api.heygen.com:444/v3/videos", other("api.heygen.com"));
        check("https://upload.heygen.com/v1/asset", other("upload.heygen.com"));
        check("https://user@api.heygen.com/v3/videos", BadEndpoint::OtherHost { host: None });
        check("//evil.test/x", other("evil.test"));
        check("///evil.test/x", other("evil.test"));
        check("@evil/x", other("evil"));
        check(":x@evil/x", other("evil"));
        check("api.heygen.com/v3/videos", other("api.heygen.com"));
        check("/\\evil", BadEndpoint::OtherHost { host: None });
        check("ftp://api.heygen.com/x", BadEndpoint::OtherHost { host: None });
        check("/v3/\tx", BadEndpoint::Character('\t'));
        check("/v3/a b", BadEndpoint::Character(' '));
        check("/v3/\u{a0}x", BadEndpoint::Character('\u{a0}'));
        check("/v3/../x", BadEndpoint::Dots);
        check("./v3", BadEndpoint::Dots);
        check("/v3/x#y", BadEndpoint::Fragment);
        check("/v3/videos/{video_id}", BadEndpoint::Placeholder { name: "{video_id}".to_owned() });
        check("/v3/videos/<video_id>", BadEndpoint::Placeholder { name: "<video_id>".to_owned() });
        check("/v3/a{b", BadEndpoint::Character('{'));
        check("/v3/videos/:video_id", BadEndpoint::Placeholder { name: ":video_id".to_owned() });
        check("/v3/videos//scenes", BadEndpoint::EmptySegment);
        check("", BadEndpoint::Empty);
        check("/", BadEndpoint::Empty);
        check("?x=1", BadEndpoint::Empty);
        let no_path = || BadEndpoint::NoPath { url: "https://api.heygen.com/".to_owned() };
        check("https://api.heygen.com", no_path());
        check("https://api.heygen.com/", no_path());
        check("https://api.heygen.com/?x=1", no_path());
        check("https://api.heygen.com//evil.test", BadEndpoint::EmptySegment);
    }

    #[test]
    fn holes_are_found_in_any_segment() {
        let no_value = |segment: &str| BadEndpoint::NoValue { segment: segment.to_owned() };
        let variable = |segment: &str| BadEndpoint::Unexpanded { segment: segment.to_owned() };
        let check =
            |text: &str, expected: BadEndpoint| assert_eq!(target(text), Err(expected), "{text}");
        for text in [
            "/v3/videos/",
            "v3/videos/",
            "/v3/videos/?x=1",
            "/v3/videos/%20",
            "/v3/videos/%0a",
            "https://api.heygen.com/v3/videos/",
        ] {
            check(text, BadEndpoint::EmptyLastSegment);
        }
        check("/v3/videos/%20/scenes", BadEndpoint::EmptySegment);
        check("/v3/videos/null", no_value("null"));
        check("/v3/videos/undefined/scenes", no_value("undefined"));
        check("https://api.heygen.com/v3/videos/None?x=1", no_value("None"));
        check("/v3/videos/[object Object]", no_value("[object Object]"));
        check("/v3/videos/%5Bobject%20Object%5D", no_value("[object Object]"));
        check("/v3/videos/$video", variable("$video"));
        check("/v3/videos/${video}/scenes", variable("${video}"));
        check("/v3/videos/%24video", variable("%24video"));
        check("/v3/videos/%VIDEO%", variable("%VIDEO%"));
        for text in
            ["/v3/nullable", "/v3/None1", "/v3/a$b", "/v3/x?id=null", "/v3/x?id=", "/v3/%41%42"]
        {
            assert!(target(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn full_urls_lie_below_the_base() {
        let base = Base::parse("https://proxy.test/heygen").expect("a base");
        let check = |text: &str, expected: Result<&str, BadEndpoint>| {
            let got = Endpoint::parse(text, &base).map(|endpoint| endpoint.path().to_owned());
            assert_eq!(got, expected.map(str::to_owned), "{text}");
        };
        let outside = || BadEndpoint::OutsideBase { base: "https://proxy.test/heygen".to_owned() };
        check("https://proxy.test/heygen/v3/x", Ok("/v3/x"));
        check("https://proxy.test/v3/x", Err(outside()));
        check("https://proxy.test/heygenx/v3", Err(outside()));
        let url = "https://proxy.test/heygen/".to_owned();
        check("https://proxy.test/heygen", Err(BadEndpoint::NoPath { url }));
    }

    proptest! {
        #[test]
        fn any_endpoint_stays_on_the_api(text in "\\PC{0,40}|(https?://|//|/|@|:|\\.|\\\\|v3/|evil\\.test|#|\\?|%2f|[a-z ]){0,12}") {
            if let Ok(endpoint) = Endpoint::parse(&text, &base()) {
                let base = base();
                let url = base.url(endpoint.path());
                let (origin, path) = Origin::split(&url).expect("a URL");
                prop_assert_eq!(&origin, base.origin());
                prop_assert_eq!(path, endpoint.path());
                prop_assert!(path.starts_with('/') && !path.starts_with("//"));
                prop_assert!(path.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\'));
            }
        }
    }
}
