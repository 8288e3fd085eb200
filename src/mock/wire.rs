//! Responses as bytes.

use std::io::Write as _;
use std::time::SystemTime;

use super::exchange::Response;
use super::head::Refusal;
use crate::clock;

/// The bytes that ask a client for the body that it announced.
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a response's head says beside the response itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dress {
    /// Set for the response to HEAD, which has the head of GET's and no body.
    pub is_head: bool,
    /// Set where another request may follow on the connection.
    pub keeps_alive: bool,
    pub now: SystemTime,
}

/// Writes the head into the buffer, which it clears first.
pub(super) fn write_head(buffer: &mut Vec<u8>, response: &Response, dress: Dress) {
    let reason = http::StatusCode::from_u16(response.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
    let connection = if dress.keeps_alive { "keep-alive" } else { "close" };
    let date = clock::http_date_of(dress.now);
    buffer.clear();
    // Writing to a `Vec` does not fail.
    let _ = write!(buffer, "HTTP/1.1 {} {reason}\r\n", response.status);
    for (name, value) in response.headers.iter().filter(|(name, _)| !is_ours(name)) {
        push_header(buffer, name, value);
    }
    if has_length(response.status) {
        let _ = write!(buffer, "content-length: {}\r\n", response.body.len());
    }
    let _ = write!(buffer, "connection: {connection}\r\ndate: {date}\r\n\r\n");
}

/// The body that follows the head.
pub(super) fn body(response: &Response, dress: Dress) -> &[u8] {
    let has_body = !dress.is_head && has_length(response.status) && response.status != 304;
    if has_body { &response.body } else { &[] }
}

/// The response to a request that was not understood, or not wanted.
pub(super) fn refused(refusal: Refusal) -> Response {
    let code = match refusal.status {
        408 => "request_timeout",
        413 => "payload_too_large",
        421 => "misdirected_request",
        503 => "service_unavailable",
        _ => "bad_request",
    };
    let body = format!(r#"{{"error":{{"code":"{code}","message":"{}."}}}}"#, refusal.reason);
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status: refusal.status, headers, body: body.into_bytes() }
}

/// The headers that describe the connection.
fn is_ours(name: &str) -> bool {
    let ours = ["content-length", "connection", "date", "transfer-encoding"];
    ours.iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn has_length(status: u16) -> bool {
    !matches!(status, 100..=199 | 204)
}

/// A value may repeat what a request said: it must not end the line.
fn push_header(buffer: &mut Vec<u8>, name: &str, value: &str) {
    let on_one_line = |byte: u8| if byte < b' ' && byte != b'\t' { b' ' } else { byte };
    buffer.extend_from_slice(name.as_bytes());
    buffer.extend_from_slice(b": ");
    buffer.extend(value.bytes().map(on_one_line));
    buffer.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_bodies_by_status() {
        let check = |status: u16, is_head: bool, keeps_alive: bool, head: &str, expected: &str| {
            let headers = vec![("a".to_owned(), "b\r\nc: d".to_owned())];
            let response = Response { status, headers, body: b"body".to_vec() };
            let dress = Dress { is_head, keeps_alive, now: SystemTime::UNIX_EPOCH };
            let mut buffer = b"earlier".to_vec();
            write_head(&mut buffer, &response, dress);
            let end = "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
            assert_eq!(String::from_utf8_lossy(&buffer), format!("HTTP/1.1 {head}{end}"));
            assert_eq!(body(&response, dress), expected.as_bytes());
        };
        let length = "a: b  c: d\r\ncontent-length: 4\r\nconnection: ";
        check(200, false, true, &format!("200 OK\r\n{length}keep-alive\r\n"), "body");
        check(200, true, false, &format!("200 OK\r\n{length}close\r\n"), "");
        check(204, false, true, "204 No Content\r\na: b  c: d\r\nconnection: keep-alive\r\n", "");
        check(304, false, true, &format!("304 Not Modified\r\n{length}keep-alive\r\n"), "");
    }
}
