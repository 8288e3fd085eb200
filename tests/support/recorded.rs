//! A request that the scripted server received: its bytes, parsed.
//!
//! Scope: bytes to `Recorded`. It takes no position on whether the request is a good one.

/// One complete request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    /// The method as sent.
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// Names and values as sent, in order.
    pub(crate) headers: Vec<(String, String)>,
    /// The body with any chunk framing removed.
    pub(crate) body: Vec<u8>,
    /// Every byte of the request.
    pub(crate) raw: Vec<u8>,
    /// The connection that carried it, counted from 0.
    pub(crate) connection: usize,
}

impl Recorded {
    /// Method and target, as in `GET /v3/users/me`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The first value of a header, whatever the case of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).first().copied()
    }

    /// All values of a header.
    pub(crate) fn headers_named(&self, name: &str) -> Vec<&str> {
        let named = |(sent, _): &&(String, String)| sent.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// True if the bytes are anywhere in the request, head or body.
    pub(crate) fn contains(&self, bytes: &[u8]) -> bool {
        contains(&self.raw, bytes)
    }

    /// Reads a head (without the empty line). The error says what is wrong with it.
    pub(super) fn from_head(head: &[u8]) -> Result<Recorded, String> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let words: Vec<&str> = first.split(' ').collect();
        let [method, target, "HTTP/1.1" | "HTTP/1.0"] = words[..] else {
            return Err(format!("`{}` is not a valid request line", first.escape_debug()));
        };
        let mut headers = Vec::new();
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                return Err(format!("`{}` is not a valid header", line.escape_debug()));
            };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Recorded {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            ..Recorded::default()
        })
    }

    /// True if the header has the value, whatever the case of either.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.headers_named(name).iter().any(|sent| sent.eq_ignore_ascii_case(value))
    }
}

/// The place of `needle` in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// True if `needle`, which is not empty, is anywhere in `haystack`.
pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}
