//! The body of a response, received and understood: JSON, other bytes, or nothing.

use std::ops::Range;

use super::envelope::{Clean, Envelope, error_in, of_utf16};
use super::response::{Body, Head, Response};
use crate::error::{CallFailure, ResponseFlaw};
use crate::json::{self, FaultKind, up_to};

/// JSON up to this size, after decompression, is held in memory: 64 MiB.
pub const LARGEST_JSON: u64 = 64 * 1024 * 1024;

/// The most bytes read of an error's body: 1 MiB.
const LARGEST_ERROR: usize = 1024 * 1024;

/// The most bytes of a body that an error repeats.
const LARGEST_EXCERPT: usize = 2 * 1024 * 1024;

/// The number of bytes that are read before it is decided what a body is.
const FIRST_LOOK: usize = 16 * 1024;

/// The body of a successful response.
pub enum Content {
    /// Nothing: 204, or no bytes.
    Empty,
    /// JSON, all of it, in memory.
    Json(Json),
    /// Bytes of any length, such as audio: what was read of them, and the rest.
    Bytes {
        /// The beginning, or all where there is no rest.
        start: Vec<u8>,
        /// The part that was not read yet.
        rest: Option<Box<dyn Body>>,
        /// The reason why they are not [`Content::Json`], where they claim or seem to be JSON.
        flaw: Option<ResponseFlaw>,
    },
}

impl Content {
    /// The body for an error, where it is not JSON: its beginning, if that is text.
    pub fn excerpt(&self) -> Option<Vec<u8>> {
        match self {
            Content::Bytes { start, .. } => excerpt(start),
            Content::Empty | Content::Json(_) => None,
        }
    }
}

/// The beginning of a body for an error, in UTF-8, if it is text.
pub fn excerpt(body: &[u8]) -> Option<Vec<u8>> {
    let start = up_to(body, LARGEST_EXCERPT);
    // JSON was meant: an odd byte in it must not cost the rest.
    if begins_an_object(start) {
        return Some(String::from_utf8_lossy(start).into_owned().into_bytes());
    }
    if let Some(text) = of_utf16(start) {
        return Some(text.into_bytes());
    }
    let is_control = |byte: &u8| byte.is_ascii_control() && !b"\t\n\r".contains(byte);
    let is_legible = !start.is_empty() && is_text(start) && !start.iter().any(is_control);
    is_legible.then(|| start.to_vec())
}

/// True for `{…` and `[…` in ASCII, whatever comes behind.
fn begins_an_object(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    matches!(body, [b'{' | b'[', second, ..] if *second != 0)
}

/// Text has no NUL, and is UTF-8 but for a character that was cut at the end.
pub fn is_text(bytes: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    !bytes.contains(&0) && is_utf8
}

/// A checked JSON text, and where in it the data lies.
pub struct Json {
    text: Vec<u8>,
    whole: Range<usize>,
    data: Range<usize>,
    is_envelope: bool,
}

impl Json {
    /// The envelope; the whole text stands for the data where there is none.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope {
            whole: &self.text[self.whole.clone()],
            data: &self.text[self.data.clone()],
            is_envelope: self.is_envelope,
        }
    }

    /// The bytes as they came.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// A body that is not a success: the reason, and the bytes as they came.
pub struct Refusal {
    /// The reason.
    pub failure: CallFailure,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
}

/// Reads the body of a response and classifies it. Whatever is not a success ends here: the API
/// rejects the call (inside HTTP 200, too), redirects or sends a web page, the time runs out, or the
/// connection ends. `clean` masks and cuts the texts of an error.
///
/// # Errors
/// The response is not a success.
pub fn receive(response: Response, clean: &Clean<'_>) -> (Head, Result<Content, Box<Refusal>>) {
    let Response { head, mut body } = response;
    let media_type = head.media_type();
    let result = if (200..=299).contains(&head.status) {
        success(&head, body, media_type.as_deref(), clean)
    } else {
        Err(Box::new(rejection(&head, &mut *body, media_type.as_deref(), clean)))
    };
    (head, result)
}

fn success(
    head: &Head,
    mut body: Box<dyn Body>,
    media_type: Option<&str>,
    clean: &Clean<'_>,
) -> Result<Content, Box<Refusal>> {
    // A length from outside is a wish, not a reason to reserve gigabytes.
    let announced =
        head.announced_length().filter(|length| *length <= LARGEST_JSON).unwrap_or_default();
    let mut gathered = Gathered::with_room_for(announced);
    gathered = gathered.read_success(&mut *body, FIRST_LOOK)?;
    if gathered.text().is_empty() {
        return Ok(Content::Empty);
    }
    if is_html(gathered.text(), media_type) {
        let failure = CallFailure::Html { title: title(gathered.text(), clean) };
        return Err(Box::new(Refusal { failure, body: gathered.into_text() }));
    }
    let says_json = says_json(media_type);
    if says_json || may_be_json(gathered.text()) {
        gathered = gathered.read_success(&mut *body, LARGEST_JSON as usize)?;
        if gathered.ended {
            return understood(gathered.into_text(), says_json, clean);
        }
        let flaw = says_json.then_some(ResponseFlaw::TooLarge { limit: LARGEST_JSON });
        return Ok(Content::Bytes { start: gathered.into_text(), rest: Some(body), flaw });
    }
    Ok(Content::Bytes { start: gathered.into_text(), rest: Some(body), flaw: None })
}

/// A whole body that may be JSON: JSON is what parses as JSON, whatever its type says.
fn understood(text: Vec<u8>, says_json: bool, clean: &Clean<'_>) -> Result<Content, Box<Refusal>> {
    let place = |part: &[u8]| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        start..start + part.len()
    };
    let flaw = match json::parse(&text) {
        Ok(document) => match Envelope::open(&document, clean) {
            Ok(envelope) => {
                let (whole, data) = (place(envelope.whole), place(envelope.data));
                let is_envelope = envelope.is_envelope;
                return Ok(Content::Json(Json { text, whole, data, is_envelope }));
            }
            Err(error) => {
                let failure = CallFailure::Rejected(error);
                return Err(Box::new(Refusal { failure, body: text }));
            }
        },
        Err(fault) if fault.kind == FaultKind::TooDeep => {
            Some(ResponseFlaw::TooDeep { limit: json::MAX_DEPTH })
        }
        Err(fault) => says_json.then(|| ResponseFlaw::InvalidJson { fault: fault.to_string() }),
    };
    Ok(Content::Bytes { start: text, rest: None, flaw })
}

fn rejection(
    head: &Head,
    body: &mut dyn Body,
    media_type: Option<&str>,
    clean: &Clean<'_>,
) -> Refusal {
    let body = match read_error(body) {
        Ok(body) => body,
        Err(failure) => return Refusal { failure, body: Vec::new() },
    };
    let failure = match head.status {
        // 304 and its like point nowhere, and have no place in an API either.
        300..=399 => CallFailure::Redirected {
            to: head.header("location").map(|to| without_query(&clean(&to))),
        },
        // The response to HEAD has the type of a body, and none.
        _ if !body.is_empty() && is_html(&body, media_type) => {
            CallFailure::Html { title: title(&body, clean) }
        }
        _ => CallFailure::Rejected(error_in(&body, clean)),
    };
    Refusal { failure, body }
}

fn read_error(body: &mut dyn Body) -> Result<Vec<u8>, CallFailure> {
    let mut gathered = Gathered::with_room_for(0);
    // One byte more tells whether there is more.
    match gathered.read(body, LARGEST_ERROR + 1) {
        // An error that was cut is still the response.
        Ok(()) | Err(CallFailure::Cut { .. }) => {
            gathered.length = up_to(gathered.text(), LARGEST_ERROR).len();
            Ok(gathered.into_text())
        }
        Err(failure) => Err(failure),
    }
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
    fn read(&mut self, body: &mut dyn Body, limit: usize) -> Result<(), CallFailure> {
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

    /// The same, of a success: what came of it may have been paid for, and goes with the failure.
    fn read_success(mut self, body: &mut dyn Body, limit: usize) -> Result<Gathered, Box<Refusal>> {
        match self.read(body, limit) {
            Ok(()) => Ok(self),
            Err(failure) => Err(Box::new(Refusal { failure, body: self.into_text() })),
        }
    }

    fn text(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn into_text(mut self) -> Vec<u8> {
        self.buffer.truncate(self.length);
        self.buffer
    }
}

fn says_json(media_type: Option<&str>) -> bool {
    media_type
        .is_some_and(|media_type| media_type == "application/json" || media_type.ends_with("+json"))
}

/// Returns true if the first byte that is not white space could begin a JSON value.
fn may_be_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(byte) => matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'),
        None => true,
    }
}

/// Returns true if a body is a web page: by its type, unless it is JSON, or by its first words.
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
fn title(page: &[u8], clean: &Clean<'_>) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    // A line break inside a key would become a space.
    let title = clean(&page[start..end]);
    let words: Vec<&str> = title.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The URL without its query, which may hold a signature.
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

    fn received(status: u16, content_type: &str, body: &[u8]) -> Result<Content, Box<Refusal>> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert("content-type", content_type.parse().expect("a header"));
        }
        let head = Head { status, headers };
        let body = Box::new(std::io::Cursor::new(body.to_vec()));
        receive(Response { head, body }, &str::to_owned).1
    }

    #[test]
    fn json_is_recognised_by_content() {
        let check = |content_type: &str, body: &str, is_json: bool| {
            let content = received(200, content_type, body.as_bytes());
            let got = matches!(content, Ok(Content::Json(_)));
            assert_eq!(got, is_json, "{content_type} {body}");
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
    fn excerpts_are_text() {
        let check = |body: &[u8], expected: Option<&str>| {
            let content = received(200, "text/plain", body).unwrap_or(Content::Empty);
            assert_eq!(content.excerpt().as_deref(), expected.map(str::as_bytes), "{body:?}");
        };
        check(b"queued as v_1", Some("queued as v_1"));
        check(b"{\"id\":1} ok", Some("{\"id\":1} ok"));
        check(b"\xff\xfei\0d\0", Some("id"));
        check(b"{\"id\":1}", None);
        check(b"", None);
        check(b"ID3\x04\0\0", None);
        check(b"\x07\x07", None);
        check("é".repeat(LARGEST_EXCERPT).as_bytes(), Some(&"é".repeat(FIRST_LOOK / 2)));
    }

    #[test]
    fn text_is_utf_8_without_nul() {
        let check = |bytes: &[u8], expected: bool| assert_eq!(is_text(bytes), expected);
        check(b"", true);
        check("漢字".as_bytes(), true);
        check(&"漢字".as_bytes()[..5], true);
        check(b"a\0b", false);
        check(b"\xff\xfea", false);
    }

    #[test]
    fn other_statuses_are_failures() {
        let check = |status: u16, content_type: &str, body: &str, expected: &str| {
            let got = match received(status, content_type, body.as_bytes()) {
                Err(refusal) => format!("{:?}", refusal.failure),
                Ok(Content::Bytes { flaw: Some(flaw), .. }) => format!("{flaw:?}"),
                Ok(_) => "a success".to_owned(),
            };
            assert_eq!(got, expected, "{body}");
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
        check(429, "text/plain", "slow down", &format!("{:?}", CallFailure::Rejected(no_code)));
        check(
            200,
            "application/json",
            "{\"data\":\n[1,]}",
            r#"InvalidJson { fault: "unexpected character at line 2, column 4" }"#,
        );
        check(200, "", &"[".repeat(600), "TooDeep { limit: 512 }");
    }
}
