//! The origin that the key is for: scheme, host and port of the API, compared as parsed.

use std::fmt;
use std::net::IpAddr;

/// HeyGen's API; it never carries a version, which is the first segment of each path.
pub const DEFAULT_BASE: &str = "https://api.heygen.com";

/// The longest name that the domain name system has.
const LONGEST_HOST: usize = 253;

/// Scheme, host and port: the unit that a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// The address of the API: an origin, and a path prefix (mostly empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    origin: Origin,
    prefix: String,
}

/// The reason why a text is not a valid address of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadBase {
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// A user or password stands before the host.
    UserInfo,
    /// The host is missing or invalid.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The path contains a query, a fragment, a space, a backslash or a segment of dots.
    Path,
}

impl Origin {
    /// Takes the origin off an absolute URL; the second part is what follows it, mostly a path.
    ///
    /// # Errors
    /// The text is not an `http://` or `https://` URL, or names a user.
    pub fn split(url: &str) -> Result<(Origin, &str), BadBase> {
        let (scheme, rest) = url.split_once("://").ok_or(BadBase::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(BadBase::Scheme),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(BadBase::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = match port {
            None => default_port(secure),
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(BadBase::Port)?,
        };
        Ok((Origin { secure, host: host.to_ascii_lowercase(), port }, path))
    }

    /// The host as it was written, in lower case, with brackets if it is an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns true for `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The address, if the host is one and not a name.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Returns true for this computer: `localhost` or a loopback address.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != default_port(self.secure) {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

impl Base {
    /// Reads an address such as `https://api.heygen.com` or `http://127.0.0.1:8787/prefix`.
    ///
    /// # Errors
    /// The text is not such an address.
    pub fn parse(text: &str) -> Result<Base, BadBase> {
        let (origin, path) = Origin::split(text.trim())?;
        let prefix = path.trim_end_matches('/');
        let is_path = prefix.is_empty() || prefix.starts_with('/');
        let has_strangers = prefix
            .contains(['?', '#', '\\', '{', '}', '"', '<', '>', '`', '|', '^'])
            || prefix.contains("//")
            || prefix.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii());
        let has_dots = prefix.split('/').any(|segment| segment == "." || segment == "..");
        if !is_path || has_strangers || has_dots {
            return Err(BadBase::Path);
        }
        Ok(Base { origin, prefix: prefix.to_owned() })
    }

    /// The origin that the key is for.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path before every endpoint: empty, or with a slash in front and none at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The URL of a target that begins with `/`.
    pub fn url(&self, target: &str) -> String {
        format!("{}{}{target}", self.origin, self.prefix)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.prefix)
    }
}

impl fmt::Display for BadBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadBase::Scheme => "it must begin with https:// or http://",
            BadBase::UserInfo => "it must not name a user or password",
            BadBase::Host => "it has no valid host",
            BadBase::Port => "its port is not a number from 1 to 65535",
            BadBase::Path => {
                "its path must be plain: no query, fragment, spaces, backslashes or dots"
            }
        })
    }
}

/// `host`, `host:port`, `[::1]`, `[::1]:port`.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), BadBase> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(BadBase::Host)?;
        let (host, rest) = authority.split_at(end + 1);
        let inner = host.trim_start_matches('[').trim_end_matches(']');
        inner.parse::<std::net::Ipv6Addr>().map_err(|_| BadBase::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(BadBase::Host),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_host = !host.is_empty()
        && !host.starts_with('.')
        && host.len() <= LONGEST_HOST
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if is_host { Ok((host, port)) } else { Err(BadBase::Host) }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_is_origin_and_plain_path() {
        let check = |text: &str, expected: Result<&str, BadBase>| {
            let got = Base::parse(text).map(|base| base.to_string());
            assert_eq!(got, expected.map(str::to_owned), "{text}");
        };
        check("https://api.heygen.com", Ok("https://api.heygen.com"));
        check(" HTTPS://API.HeyGen.com:443/ ", Ok("https://api.heygen.com"));
        check("http://127.0.0.1:8787/a/b/", Ok("http://127.0.0.1:8787/a/b"));
        check("http://[::1]:80", Ok("http://[::1]"));
        check("http://[::1]:8080/x", Ok("http://[::1]:8080/x"));
        check("api.heygen.com", Err(BadBase::Scheme));
        check("ftp://api.heygen.com", Err(BadBase::Scheme));
        check("https://user@api.heygen.com", Err(BadBase::UserInfo));
        check("https://a:b@evil.test", Err(BadBase::UserInfo));
        check("https://", Err(BadBase::Host));
        check("https:///v3", Err(BadBase::Host));
        check("https://a b", Err(BadBase::Host));
        check("https://[::1", Err(BadBase::Host));
        check("https://[zz]", Err(BadBase::Host));
        check("https://[::1]x", Err(BadBase::Host));
        check(&format!("https://{}.test", "a".repeat(250)), Err(BadBase::Host));
        check("https://a:0", Err(BadBase::Port));
        check("https://a:99999", Err(BadBase::Port));
        check("https://a:", Err(BadBase::Port));
        check("https://a?x=1", Err(BadBase::Path));
        check("https://a/#x", Err(BadBase::Path));
        check("https://a\\b", Err(BadBase::Path));
        check("https://a/../b", Err(BadBase::Path));
        check("https://a//b", Err(BadBase::Path));
        check("https://a/ü", Err(BadBase::Path));
    }

    #[test]
    fn recognises_loopback() {
        let check = |text: &str, expected: bool| {
            let base = Base::parse(text).expect("a base");
            assert_eq!(base.origin().is_loopback(), expected, "{text}");
        };
        check("http://localhost", true);
        check("http://LOCALHOST:1", true);
        check("http://127.1.2.3", true);
        check("http://[::1]", true);
        check("http://localhost.evil.test", false);
        check("http://127.0.0.1.evil.test", false);
        check("http://10.0.0.1", false);
    }
}
