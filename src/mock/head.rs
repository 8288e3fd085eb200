//! The head of a request: parsed by `httparse`, and checked for what a server must not guess.

use std::mem::MaybeUninit;

use httparse::Status;

use crate::percent;

/// The maximum number of headers.
const MOST_HEADERS: usize = 100;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub method: String,
    /// The path as received, without the query.
    pub path: String,
    /// The names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers as received.
    pub headers: Vec<(String, String)>,
    /// The host and port in a target such as `http://localhost:8080/v3/videos`.
    pub authority: Option<String>,
    pub framing: Framing,
    /// Set where another request may follow on the connection.
    pub keeps_alive: bool,
    /// Set where the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// The end of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// The body has this many bytes, often none.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
}

/// A request that gets a status and no more than that: the connection ends behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub reason: &'static str,
}

impl Refusal {
    pub(super) const fn new(status: u16, reason: &'static str) -> Refusal {
        Refusal { status, reason }
    }
}

impl Head {
    /// The first value of a header; names are compared without case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }
}

/// The head at the beginning of `bytes` and its length; `None` if it is not complete.
///
/// # Errors
/// The bytes are not HTTP/1.x, or the request is ambiguous.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal::new(431, "the request has too many headers"));
        }
        Err(httparse::Error::Version) => {
            return Err(Refusal::new(505, "only HTTP/1.0 and HTTP/1.1 are spoken here"));
        }
        Err(_) => return Err(Refusal::new(400, "the request is not HTTP")),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = request.headers.iter();
    let headers = headers.map(|header| (header.name.to_owned(), text(header.value))).collect();
    let target = Target::of(request.path.unwrap_or_default())?;
    let mut head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        path: target.path.to_owned(),
        query: pairs(target.query),
        headers,
        authority: target.authority.map(str::to_owned),
        framing: Framing::Length(0),
        keeps_alive: false,
        expects_continue: false,
    };
    complete(&mut head, request.version == Some(1))?;
    Ok(Some((head, length)))
}

/// Fills in what the headers say about the connection and the body.
fn complete(head: &mut Head, is_current: bool) -> Result<(), Refusal> {
    let hosts = head.values("host").count();
    if hosts > 1 || hosts == 0 && is_current {
        return Err(Refusal::new(400, "the request must have exactly one Host header"));
    }
    if head.path == "*" && head.method != "OPTIONS" {
        return Err(Refusal::new(400, "only OPTIONS has the target `*`"));
    }
    head.framing = framing(head, is_current)?;
    let wants = |word: &str| head.values("connection").any(|value| has_token(value, word));
    head.keeps_alive = if is_current { !wants("close") } else { wants("keep-alive") };
    head.expects_continue = match head.header("expect") {
        Some(expected) if is_current && !expected.eq_ignore_ascii_case("100-continue") => {
            return Err(Refusal::new(417, "only `Expect: 100-continue` can be met"));
        }
        Some(_) => is_current && head.framing != Framing::Length(0),
        None => false,
    };
    Ok(())
}

/// The framing of the body (RFC 9112, section 6.3): two answers to it are an attack or a mistake.
fn framing(head: &Head, is_current: bool) -> Result<Framing, Refusal> {
    const LENGTH: Refusal = Refusal::new(400, "invalid Content-Length");
    let mut codings = head.values("transfer-encoding");
    let mut lengths = head.values("content-length").flat_map(|value| value.split(','));
    if let Some(coding) = codings.next() {
        if codings.next().is_some() || lengths.next().is_some() || !is_current {
            return Err(Refusal::new(400, "the length of the request body is ambiguous"));
        }
        if !coding.trim().eq_ignore_ascii_case("chunked") {
            return Err(Refusal::new(501, "the only transfer coding is `chunked`"));
        }
        return Ok(Framing::Chunked);
    }
    let Some(first) = lengths.next() else { return Ok(Framing::Length(0)) };
    let first = first.trim();
    let is_number = !first.is_empty() && first.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || lengths.any(|length| length.trim() != first) {
        return Err(LENGTH);
    }
    // More digits than a number of 64 bits has are a length over every cap.
    Ok(Framing::Length(first.parse().unwrap_or(u64::MAX)))
}

/// Returns whether a list such as `keep-alive, TE` has a word.
fn has_token(list: &str, word: &str) -> bool {
    list.split(',').any(|token| token.trim().eq_ignore_ascii_case(word))
}

/// The parts of a request target.
struct Target<'t> {
    authority: Option<&'t str>,
    path: &'t str,
    query: &'t str,
}

impl<'t> Target<'t> {
    fn of(text: &'t str) -> Result<Target<'t>, Refusal> {
        const INVALID: Refusal = Refusal::new(400, "invalid request target");
        let (authority, rest) = match text.strip_prefix("http://") {
            Some(rest) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, text),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        match (authority, path) {
            (Some(_), "") => Ok(Target { authority, path: "/", query }),
            (None, "*") => Ok(Target { authority, path, query }),
            _ if path.starts_with('/') => Ok(Target { authority, path, query }),
            _ => Err(INVALID),
        }
    }
}

/// The decoded names and values of a query.
fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent::decoded(&text.replace('+', " "));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let halves = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    halves.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Result<Head, u16> {
        match parse(text.as_bytes()) {
            Ok(Some((head, _))) => Ok(head),
            Ok(None) => panic!("incomplete: {text}"),
            Err(refusal) => Err(refusal.status),
        }
    }

    #[test]
    fn targets_are_taken_apart() {
        let check = |target: &str, expected: Result<(&str, &str), u16>| {
            let head = head(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
            let head =
                head.map(|head| (head.path, format!("{:?}{:?}", head.authority, head.query)));
            let expected = expected.map(|(path, rest)| (path.to_owned(), rest.to_owned()));
            assert_eq!(head, expected, "{target}");
        };
        check("/", Ok(("/", "None[]")));
        check("/a%2Fb?c=d+e%20f&&g", Ok(("/a%2Fb", r#"None[("c", "d e f"), ("g", "")]"#)));
        check("http://b:1/a?c", Ok(("/a", r#"Some("b:1")[("c", "")]"#)));
        check("http://b?c=1", Ok(("/", r#"Some("b")[("c", "1")]"#)));
        check("a", Err(400));
        check("*", Err(400));
        check("b:443", Err(400));
    }

    #[test]
    fn ambiguous_lengths_are_refused() {
        let check = |headers: &str, expected: Result<Framing, u16>| {
            let head = head(&format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n"));
            assert_eq!(head.map(|head| head.framing), expected, "{headers}");
        };
        check("", Ok(Framing::Length(0)));
        check("Content-Length: 5\r\n", Ok(Framing::Length(5)));
        check("Content-Length: 5\r\ncontent-length: 5, 5\r\n", Ok(Framing::Length(5)));
        check("Content-Length: 99999999999999999999999\r\n", Ok(Framing::Length(u64::MAX)));
        check("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked));
        for wrong in ["-1", "+5", "5, 6", "", "0x5", "5 5"] {
            check(&format!("Content-Length: {wrong}\r\n"), Err(400));
        }
        check("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Err(400));
        check("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Err(400));
        check("Transfer-Encoding: gzip, chunked\r\n", Err(501));
    }

    #[test]
    fn connections_persist_by_version_and_header() {
        let check = |version: &str, headers: &str, keeps: bool| {
            let head = head(&format!("GET / HTTP/{version}\r\nHost: a\r\n{headers}\r\n"));
            assert_eq!(head.map(|head| head.keeps_alive), Ok(keeps), "{version} {headers}");
        };
        check("1.1", "", true);
        check("1.1", "Connection: TE, Close\r\n", false);
        check("1.0", "", false);
        check("1.0", "Connection: keep-alive\r\n", true);
    }

    #[test]
    fn invalid_heads_have_a_status() {
        let check = |text: &str, status: u16| assert_eq!(head(text).err(), Some(status), "{text}");
        check("\x16\x03\x01\x02", 400);
        check("GET / HTTP/2.0\r\n\r\n", 505);
        check("GET / HTTP/1.1\r\n\r\n", 400);
        check("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400);
        check("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
        check("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417);
        let many = "a: b\r\n".repeat(MOST_HEADERS);
        check(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n"), 431);
    }

    #[test]
    fn only_bodies_are_waited_for() {
        let check = |headers: &str, expected: bool| {
            let text =
                format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n{headers}\r\n");
            assert_eq!(head(&text).map(|head| head.expects_continue), Ok(expected), "{headers}");
        };
        check("", false);
        check("Content-Length: 0\r\n", false);
        check("Content-Length: 1\r\n", true);
        check("Transfer-Encoding: chunked\r\n", true);
    }
}
