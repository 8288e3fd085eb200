//! A reply of the scripted server, as a value: an ordinary one, or one that breaks down in a chosen
//! way.
//!
//! Scope: describing a reply and turning it into bytes. Sending, waiting and closing are
//! `server.rs`.

use std::time::Duration;

/// One reply. It carries no header that was not asked for, except `Content-Type` and the one that
/// says where the body ends. `[BASE]` in a header or in the body becomes the server's own address.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    reason: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    pub(super) ending: Ending,
    pub(super) pace: Pace,
    pub(super) fault: Option<Fault>,
}

/// The way the receiver finds the end of the body.
#[derive(Clone, Debug)]
enum Framing {
    /// `Content-Length` is the length of the body.
    Length,
    /// `Content-Length` is this, whatever the body's length.
    Announced(usize),
    /// Chunks of this many bytes.
    Chunked(usize),
    /// Nothing says so: the body ends with the connection.
    Connection,
    /// The status forbids a body.
    Bodiless,
}

/// The end of the connection after the last byte of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The reply is complete; the connection stays open for the next request.
    Complete,
    /// The connection is closed, and chunks have no end.
    Close,
    /// Nothing, until the server is dropped.
    Stall,
}

/// The speed of sending the body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    AtOnce,
    /// One byte after each such pause.
    Every(Duration),
    /// One byte for each permit of `Server::drip`.
    OnDemand,
}

/// Something that happens in place of a reply.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    CloseUnread,
    StallUnread,
    CloseUnanswered,
    StallUnanswered,
    EndlessHeaders,
    Raw(Vec<u8>),
}

impl Reply {
    /// Status, type and body. An empty `content_type` leaves the header out.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        let mut headers = Vec::new();
        if !content_type.is_empty() {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        Reply {
            status,
            reason: reason(status).to_owned(),
            headers,
            body: body.into(),
            framing: Framing::Length,
            ending: Ending::Complete,
            pace: Pace::AtOnce,
            fault: None,
        }
    }

    /// A JSON body.
    pub(crate) fn json(status: u16, text: &str) -> Reply {
        Reply::new(status, "application/json", text)
    }

    /// No body and no type; for 204 and 304 no length either.
    pub(crate) fn empty(status: u16) -> Reply {
        let mut reply = Reply::new(status, "", "");
        if matches!(status, 204 | 304) {
            reply.framing = Framing::Bodiless;
        }
        reply
    }

    /// Adds a header. The same name twice is two lines.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another reason phrase than the usual one.
    pub(crate) fn reason(mut self, reason: &str) -> Reply {
        reason.clone_into(&mut self.reason);
        self
    }

    /// The body in chunks of `size` bytes instead of with a length.
    pub(crate) fn chunked(mut self, size: usize) -> Reply {
        assert!(size > 0, "a chunk of no bytes would end the body");
        self.framing = Framing::Chunked(size);
        self
    }

    /// The body without any length; the closing connection ends it.
    pub(crate) fn until_close(mut self) -> Reply {
        self.framing = Framing::Connection;
        self.ending = Ending::Close;
        self
    }

    /// Announces a body of `length` bytes, sends the given one and closes.
    pub(crate) fn announcing(mut self, length: usize) -> Reply {
        self.framing = Framing::Announced(length);
        self.ending = Ending::Close;
        self
    }

    /// Closes where more was due: for `.chunked()` the closing chunk is missing.
    pub(crate) fn unfinished(mut self) -> Reply {
        self.ending = Ending::Close;
        self
    }

    /// Sends what there is and then nothing more, with the connection open. Use it after
    /// `.announcing()` or `.chunked()`: with the right length the receiver has all it needs.
    pub(crate) fn stalling(mut self) -> Reply {
        self.ending = Ending::Stall;
        self
    }

    /// Sends the head, which announces the body, and never the body.
    pub(crate) fn stalling_after_head(mut self) -> Reply {
        self.framing = Framing::Announced(self.body.len().max(1));
        self.ending = Ending::Stall;
        self.body.clear();
        self
    }

    /// The body one byte at a time, with a pause before each.
    pub(crate) fn dripping(mut self, every: Duration) -> Reply {
        self.pace = Pace::Every(every);
        self
    }

    /// The body one byte at a time, each when `Server::drip` says so.
    pub(crate) fn on_demand(mut self) -> Reply {
        self.pace = Pace::OnDemand;
        self
    }

    /// Closes as soon as the first bytes arrive, without reading them. A client that sends its
    /// request in several writes may notice in the next write or in its first read. Only for
    /// `Server::always` and `Server::in_turn`: other scripts want to see the request first.
    pub(crate) fn close_unread() -> Reply {
        Reply::fault(Fault::CloseUnread)
    }

    /// Never reads. Only for `Server::always` and `Server::in_turn`.
    pub(crate) fn stall_unread() -> Reply {
        Reply::fault(Fault::StallUnread)
    }

    /// Reads the request and closes.
    pub(crate) fn close_unanswered() -> Reply {
        Reply::fault(Fault::CloseUnanswered)
    }

    /// Reads the request and says nothing.
    pub(crate) fn stall_unanswered() -> Reply {
        Reply::fault(Fault::StallUnanswered)
    }

    /// A status line and then headers for as long as anyone reads them.
    pub(crate) fn endless_headers() -> Reply {
        Reply::fault(Fault::EndlessHeaders)
    }

    /// Exactly these bytes in place of a reply, then the end of the connection (or nothing more,
    /// with `.stalling()`): garbage, broken heads, broken chunks.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Reply {
        Reply::fault(Fault::Raw(bytes.into()))
    }

    fn fault(fault: Fault) -> Reply {
        Reply { fault: Some(fault), ending: Ending::Close, ..Reply::empty(200) }
    }

    /// True for what is decided before a request was read.
    pub(super) fn is_unread(&self) -> bool {
        matches!(self.fault, Some(Fault::CloseUnread | Fault::StallUnread))
    }

    /// True if the reply itself says that the connection ends with it.
    pub(super) fn says_close(&self) -> bool {
        let closes = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close")
        };
        self.headers.iter().any(closes)
    }

    /// The reply with `[BASE]` replaced.
    pub(super) fn with_base(mut self, base: &str) -> Reply {
        for (_, value) in &mut self.headers {
            *value = value.replace("[BASE]", base);
        }
        self.body = replace(&self.body, b"[BASE]", base.as_bytes());
        self
    }

    /// The bytes up to and including the empty line.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.framing {
            Framing::Length => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
            Framing::Announced(length) => head.push_str(&format!("Content-Length: {length}\r\n")),
            Framing::Chunked(_) => head.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::Connection | Framing::Bodiless => {}
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The body as it goes over the wire.
    pub(super) fn payload(&self) -> Vec<u8> {
        let Framing::Chunked(size) = self.framing else {
            return self.body.clone();
        };
        let mut payload = Vec::new();
        for chunk in self.body.chunks(size) {
            payload.extend(format!("{:x}\r\n", chunk.len()).bytes());
            payload.extend(chunk);
            payload.extend(b"\r\n");
        }
        if self.ending == Ending::Complete {
            payload.extend(b"0\r\n\r\n");
        }
        payload
    }
}

/// The usual words for the statuses that tests use.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.first() {
        if let Some(after) = rest.strip_prefix(old) {
            replaced.extend(new);
            rest = after;
        } else {
            replaced.push(*first);
            rest = &rest[1..];
        }
    }
    replaced
}
