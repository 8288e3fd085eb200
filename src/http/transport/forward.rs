//! Requests that an HTTP proxy forwards itself: those of plain `http://`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::Proxy;

/// The additions to a request's head that a proxy needs to forward it.
pub(super) struct Forward {
    /// `http://api.example.com:8080`, which stands before the path.
    origin: String,
    authorization: String,
}

impl Forward {
    pub(super) fn new(authority: &str, proxy: &Proxy) -> Forward {
        Forward { origin: format!("http://{authority}"), authorization: authorization(proxy) }
    }

    /// The head with its target in absolute form, and with what the proxy is to know of the user.
    pub(super) fn rewritten(&self, head: &[u8]) -> Vec<u8> {
        let end_of = |mark: &[u8]| {
            head.windows(mark.len()).position(|part| part == mark).map_or(0, |at| at + mark.len())
        };
        let (target, fields) = (end_of(b" "), end_of(b"\r\n"));
        [
            &head[..target],
            self.origin.as_bytes(),
            &head[target..fields],
            self.authorization.as_bytes(),
            &head[fields..],
        ]
        .concat()
    }
}

/// The header field with user and password of a proxy; empty if its URL has none.
pub(super) fn authorization(proxy: &Proxy) -> String {
    let (user, password) = (proxy.username(), proxy.password());
    if user.is_none() && password.is_none() {
        return String::new();
    }
    let pair = format!("{}:{}", user.unwrap_or_default(), password.unwrap_or_default());
    format!("Proxy-Authorization: Basic {}\r\n", BASE64_STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_forwarded_requests_are_absolute() {
        let check = |proxy: &str, head: &str, expected: &str| {
            let proxy = Proxy::new(proxy).expect("a proxy");
            let forward = Forward::new("api.test:8080", &proxy);
            let rewritten = forward.rewritten(head.as_bytes());
            assert_eq!(String::from_utf8(rewritten).expect("text"), expected);
        };
        check(
            "http://proxy.test",
            "GET /v3/videos?a=%20b HTTP/1.1\r\nhost: api.test:8080\r\n\r\n",
            "GET http://api.test:8080/v3/videos?a=%20b HTTP/1.1\r\nhost: api.test:8080\r\n\r\n",
        );
        check(
            "http://ana:hush%3Ahush@proxy.test",
            "PUT / HTTP/1.1\r\nhost: api.test:8080\r\n",
            "PUT http://api.test:8080/ HTTP/1.1\r\n\
             Proxy-Authorization: Basic YW5hOmh1c2g6aHVzaA==\r\nhost: api.test:8080\r\n",
        );
    }
}
