//! Which path of the API is called. An [`Endpoint`] cannot name a host: who holds one needs not check.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::origin::{Base, Origin};
use crate::secret::looks_like_key;

/// What may not stand in a path as it is (RFC 3986). `%` may: `%2F` passes as it was typed.
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'|')
    .add(b'^')
    .add(b'[')
    .add(b']')
    .add(b'{')
    .add(b'}');

/// In a query every browser encodes the apostrophe too; so do we, for other programs that make the
/// same call send the same.
const NOT_IN_A_QUERY: &AsciiSet = &NOT_IN_A_PATH.add(b'\'');

/// The path of an endpoint, and the query that was typed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    path: String,
    query: Option<String>,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadEndpoint {
    /// Nothing was typed.
    Empty,
    /// It names a host that is not the API's.
    OtherHost {
        /// That host, if it could be made out.
        host: Option<String>,
    },
    /// It has a character that no path has.
    Character(char),
    /// It has a segment `.` or `..`.
    Dots,
    /// It has a fragment (`#…`).
    Fragment,
    /// A name in braces was not replaced by a value.
    Placeholder {
        /// The placeholder, braces included.
        name: String,
    },
    /// Two slashes stand together, so that a segment is empty: mostly an unset variable.
    EmptySegment,
}

impl Endpoint {
    /// Reads `/v3/videos`, `v3/videos` or a full URL on the API's own origin.
    ///
    /// # Errors
    /// The text names another host, or is not the path of an endpoint; nothing is guessed.
    pub fn parse(text: &str, base: &Base) -> Result<Endpoint, BadEndpoint> {
        let text = text.trim();
        if let Some(stranger) = text.chars().find(|c| c.is_control() || c.is_whitespace()) {
            return Err(BadEndpoint::Character(stranger));
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
        if let Some(name) = placeholder(path) {
            return Err(BadEndpoint::Placeholder { name });
        }
        if let Some(brace) = path.chars().find(|c| matches!(c, '{' | '}')) {
            return Err(BadEndpoint::Character(brace));
        }
        if path.split('/').any(|segment| segment == "." || segment == "..") {
            return Err(BadEndpoint::Dots);
        }
        if path.contains("//") {
            return Err(BadEndpoint::EmptySegment);
        }
        let path = format!("/{}", encoded(path.trim_start_matches('/'), NOT_IN_A_PATH));
        let query = query.filter(|query| !query.is_empty());
        Ok(Endpoint { path, query: query.map(|query| encoded(query, NOT_IN_A_QUERY)) })
    }

    /// The path, beginning with `/`, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query that was typed with the path, percent-encoded, without `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The same endpoint without this parameter in the query that was typed with it.
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
            BadEndpoint::OtherHost { host: Some(host) } => {
                write!(f, "refusing to send your key to {host}")
            }
            BadEndpoint::OtherHost { host: None } => f.write_str(
                "the endpoint could be read as another host; refusing to send your key there",
            ),
            BadEndpoint::Character(' ') => f.write_str("the endpoint has a blank in it"),
            BadEndpoint::Character(stranger) => {
                write!(f, "the endpoint has the character {} in it", stranger.escape_default())
            }
            BadEndpoint::Dots => f.write_str("the endpoint has a segment `.` or `..`"),
            BadEndpoint::Fragment => f.write_str("the endpoint has a `#` in it"),
            BadEndpoint::Placeholder { name } => {
                write!(f, "the endpoint still has the placeholder {name} in it")
            }
            BadEndpoint::EmptySegment => f.write_str("the endpoint has an empty segment (`//`)"),
        }
    }
}

impl BadEndpoint {
    /// What to type instead.
    pub fn hint(&self, base: &Base) -> String {
        match self {
            BadEndpoint::OtherHost { host: Some(host) } if host == "upload.heygen.com" => {
                "that host is called with `--api-base https://upload.heygen.com`".to_owned()
            }
            BadEndpoint::OtherHost { .. } => {
                format!("paths are called on {base}; `--api-base` names another one")
            }
            BadEndpoint::Character(_) => "write it percent-encoded: a blank is %20".to_owned(),
            BadEndpoint::Fragment => "write # as %23".to_owned(),
            BadEndpoint::Placeholder { .. } => "put a value in its place".to_owned(),
            BadEndpoint::EmptySegment => "is a variable of your shell empty?".to_owned(),
            BadEndpoint::Empty | BadEndpoint::Dots => {
                "an endpoint looks like /v3/videos".to_owned()
            }
        }
    }
}

/// The part of a full URL after the API's own base; `None` if the text is no full URL.
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
    match path.strip_prefix(base.prefix()) {
        Some(rest) if rest.starts_with('/') => Ok(Some(rest)),
        _ => Err(BadEndpoint::Empty),
    }
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

/// A host that is not the API's. What could be a key that was typed in its place has no name.
fn other_host(host: &str) -> BadEndpoint {
    let is_shown = !host.is_empty() && (host.contains('.') || !looks_like_key(host));
    BadEndpoint::OtherHost { host: is_shown.then(|| host.to_owned()) }
}

/// A placeholder that the user did not fill in: `{video_id}`, and `<video_id>`, `:video_id`,
/// which other documentations write.
fn placeholder(path: &str) -> Option<String> {
    path.split('/').find_map(|segment| {
        let in_braces = segment.starts_with('{') && segment.ends_with('}');
        let in_angles = segment.starts_with('<') && segment.ends_with('>');
        (segment.len() > 2 && (in_braces || in_angles)).then(|| segment.to_owned())
    })
}

/// What is encoded already stays as it is; a `%` that encodes nothing is encoded itself.
fn encoded(text: &str, set: &'static AsciiSet) -> String {
    let mut encoded = String::with_capacity(text.len());
    for (index, piece) in text.split('%').enumerate() {
        if index > 0 {
            let is_code =
                piece.len() >= 2 && piece.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
            encoded.push_str(if is_code { "%" } else { "%25" });
        }
        encoded.extend(utf8_percent_encode(piece, set));
    }
    encoded
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
        check("/v3/videos//scenes", BadEndpoint::EmptySegment);
        check("", BadEndpoint::Empty);
        check("/", BadEndpoint::Empty);
        check("?x=1", BadEndpoint::Empty);
        check("https://api.heygen.com", BadEndpoint::Empty);
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
