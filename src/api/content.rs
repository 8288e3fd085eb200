//! From a response to what was asked for, or to the reason why there is none.

use super::envelope::{Envelope, error_in};
use super::response::{Body, Head, Response};
use crate::error::Failure;
use crate::json::{self, FaultKind};

/// JSON up to this size, after decompression, is held in memory: 64 MiB.
pub const LARGEST_JSON: u64 = 64 * 1024 * 1024;

/// So much of an error's body is read; what follows is no news: 1 MiB.
const LARGEST_ERROR: usize = 1024 * 1024;

/// How much is read before it is decided what a body is.
const FIRST_LOOK: usize = 16 * 1024;

/// The longest title of a web page that is told.
const LONGEST_TITLE: usize = 120;

/// An answer with a status of success.
pub struct Answer {
    /// Status and headers.
    pub head: Head,
    /// The body.
    pub content: Content,
}

/// What a body is.
pub enum Content {
    /// Nothing: 204, or no bytes.
    Empty,
    /// All of it, in memory. It may be JSON: [`Answer::envelope`] tells.
    Whole(Vec<u8>),
    /// Something else, such as audio, of any length: what was read of it, and the rest.
    Stream(Vec<u8>, Box<dyn Body>),
}

/// An answer of any status, received.
pub struct Received {
    /// Status and headers.
    pub head: Head,
    /// The body of a success, or why it is none.
    pub outcome: Result<Content, Failure>,
    /// The body of what is no success, as it came.
    pub error_body: Vec<u8>,
}

/// Receives an answer: what is not a success is a failure from here on, because the API says no,
/// points elsewhere or sends a web page, because the time runs out or the connection ends.
pub fn receive(response: Response) -> Received {
    let Response { head, mut body } = response;
    let media_type = head.media_type();
    if (200..=299).contains(&head.status) {
        let mut error_body = Vec::new();
        let outcome = content(&head, body, media_type.as_deref(), &mut error_body);
        return Received { head, outcome, error_body };
    }
    let error_body = match read_error(&mut *body) {
        Ok(error_body) => error_body,
        Err(failure) => return Received { head, outcome: Err(failure), error_body: Vec::new() },
    };
    let failure = match head.status {
        // 304 and its like point nowhere, and have no place in an API either.
        300..=399 => {
            Failure::Redirected { to: head.header("location").map(|to| without_query(&to)) }
        }
        _ => rejection(&error_body, media_type.as_deref()),
    };
    Received { head, outcome: Err(failure), error_body }
}

impl Answer {
    /// The envelope, if the body is JSON; `None` for every other body, and for none.
    ///
    /// # Errors
    /// The body says that it is JSON and is not, nests too deeply, or tells of an error.
    pub fn envelope(&self) -> Result<Option<Envelope<'_>>, Failure> {
        let Content::Whole(text) = &self.content else { return Ok(None) };
        match json::parse(text) {
            Ok(document) => Envelope::open(&document).map(Some).map_err(Failure::Rejected),
            Err(fault) if fault.kind == FaultKind::TooDeep => {
                Err(Failure::TooDeep { limit: json::MAX_DEPTH })
            }
            Err(fault) if says_json(self.head.media_type().as_deref()) => {
                Err(Failure::InvalidJson { fault: fault.to_string() })
            }
            Err(_) => Ok(None),
        }
    }
}

/// The body of a success. The beginning of a web page, which is none, goes into `page`.
fn content(
    head: &Head,
    mut body: Box<dyn Body>,
    media_type: Option<&str>,
    page: &mut Vec<u8>,
) -> Result<Content, Failure> {
    // A length from outside is a wish, not a reason to reserve gigabytes.
    let announced =
        head.announced_length().filter(|length| *length <= LARGEST_JSON).unwrap_or_default();
    let mut gathered = Gathered::with_room_for(announced);
    gathered.read(&mut *body, FIRST_LOOK)?;
    if gathered.text().is_empty() {
        return Ok(Content::Empty);
    }
    if is_html(gathered.text(), media_type) {
        let title = title(gathered.text());
        *page = gathered.into_text();
        return Err(Failure::Html { title });
    }
    if says_json(media_type) || may_be_json(gathered.text()) {
        gathered.read(&mut *body, LARGEST_JSON as usize)?;
        if gathered.ended {
            return Ok(Content::Whole(gathered.into_text()));
        }
        if says_json(media_type) {
            return Err(Failure::TooLarge { limit: LARGEST_JSON });
        }
    }
    Ok(Content::Stream(gathered.into_text(), body))
}

/// A body on its way into memory.
struct Gathered {
    /// Bytes that were read, and room behind them: memory that the system hands out zeroed costs
    /// nothing until it is used, while growing byte by byte would zero it again.
    buffer: Vec<u8>,
    length: usize,
    ended: bool,
}

impl Gathered {
    fn with_room_for(announced: u64) -> Gathered {
        // One byte more than announced, so that the end is seen without growing.
        Gathered {
            buffer: vec![0; (announced as usize + 1).max(FIRST_LOOK)],
            length: 0,
            ended: false,
        }
    }

    /// Reads until the body ends or `limit` bytes are there.
    fn read(&mut self, body: &mut dyn Body, limit: usize) -> Result<(), Failure> {
        while !self.ended && self.length < limit {
            if self.length == self.buffer.len() {
                self.buffer
                    .resize(self.buffer.len().saturating_mul(2).min(LARGEST_JSON as usize + 1), 0);
            }
            match body.read(&mut self.buffer[self.length..])? {
                0 => self.ended = true,
                count => self.length += count,
            }
        }
        Ok(())
    }

    fn text(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn into_text(mut self) -> Vec<u8> {
        self.buffer.truncate(self.length);
        self.buffer
    }
}

fn read_error(body: &mut dyn Body) -> Result<Vec<u8>, Failure> {
    let mut gathered = Gathered::with_room_for(0);
    match gathered.read(body, LARGEST_ERROR) {
        // An error that was cut is still the answer.
        Ok(()) | Err(Failure::Cut { .. }) => Ok(gathered.into_text()),
        Err(failure) => Err(failure),
    }
}

fn rejection(body: &[u8], media_type: Option<&str>) -> Failure {
    // The answer to HEAD has the type of a body, and none.
    if !body.is_empty() && is_html(body, media_type) {
        return Failure::Html { title: title(body) };
    }
    Failure::Rejected(error_in(body))
}

fn says_json(media_type: Option<&str>) -> bool {
    media_type
        .is_some_and(|media_type| media_type == "application/json" || media_type.ends_with("+json"))
}

/// Whether the first byte that is no white space could begin a JSON value.
fn may_be_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(byte) => matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'),
        None => true,
    }
}

/// Whether a body is a web page: by its type, unless it is JSON all the same, or by its first words.
fn is_html(text: &[u8], media_type: Option<&str>) -> bool {
    let start: Vec<u8> = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start()
        .iter()
        .take(14)
        .map(u8::to_ascii_lowercase)
        .collect();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        return true;
    }
    let says_html = matches!(media_type, Some("text/html" | "application/xhtml+xml"));
    says_html && !matches!(start.first(), Some(b'{' | b'['))
}

/// The title of a web page, on one line.
fn title(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words: Vec<&str> = page[start..end].split_whitespace().collect();
    let title: String = words.join(" ").chars().take(LONGEST_TITLE).collect();
    (!title.is_empty()).then_some(title)
}

/// Where a redirect points, without its query: that may hold a signature.
pub fn without_query(url: &str) -> String {
    match url.split_once(['?', '#']) {
        Some((path, _)) => format!("{path}?…"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ApiError;

    use http::HeaderMap;

    fn received(status: u16, content_type: &str, body: &[u8]) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert("content-type", content_type.parse().expect("a header"));
        }
        let head = Head { status, headers };
        let received =
            receive(Response { head, body: Box::new(std::io::Cursor::new(body.to_vec())) });
        received.outcome.map(|content| Answer { head: received.head, content })
    }

    #[test]
    fn json_is_recognised_by_content() {
        let check = |content_type: &str, body: &str, is_json: bool| {
            let answer = received(200, content_type, body.as_bytes()).expect("an answer");
            let envelope = answer.envelope().expect("an envelope or none");
            assert_eq!(envelope.is_some(), is_json, "{content_type} {body}");
        };
        check("application/json", r#"{"data":1}"#, true);
        check("text/plain", r#"{"data":1}"#, true);
        check("text/html", r#"{"data":1}"#, true);
        check("", "\u{feff} [1]", true);
        check("text/plain", "12 apples", false);
        check("application/x-subrip", "1\n00:00:01,000 --> 00:00:02,000\nHi\n", false);
        check("audio/mpeg", "ID3\u{4}", false);
        check("application/json", "", false);
    }

    #[test]
    fn other_statuses_are_failures() {
        let check = |status: u16, content_type: &str, body: &str, expected: &str| {
            let failure = match received(status, content_type, body.as_bytes()) {
                Err(failure) => failure,
                Ok(answer) => answer.envelope().expect_err("a failure"),
            };
            assert_eq!(format!("{failure:?}"), expected, "{body}");
        };
        check(
            502,
            "text/html",
            "<html><title>502\n Bad  Gateway</title>",
            r#"Html { title: Some("502 Bad Gateway") }"#,
        );
        check(200, "text/html; charset=utf-8", "<p>Sign in</p>", "Html { title: None }");
        check(
            200,
            "",
            "\n<!DOCTYPE HTML><TITLE>Portal</TITLE>",
            r#"Html { title: Some("Portal") }"#,
        );
        check(302, "", "", "Redirected { to: None }");
        let no_code = ApiError { message: Some("slow down".to_owned()), ..ApiError::default() };
        check(429, "text/plain", "slow down", &format!("{:?}", Failure::Rejected(no_code)));
        check(
            200,
            "application/json",
            "{\"data\":\n[1,]}",
            r#"InvalidJson { fault: "not valid JSON at line 2 column 4" }"#,
        );
        check(200, "", &"[".repeat(600), "TooDeep { limit: 512 }");
    }
}
