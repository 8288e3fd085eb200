//! The requests on a connection, read through one buffer however their bytes arrive.

use std::io::{self, Read};

use httparse::Status;

use super::head::{self, Framing, Head, Refusal};

/// The maximum size of a head: 32 KiB, which is the size of the buffer too.
const LARGEST_HEAD: usize = 32 * 1024;

/// The maximum size of a request body: 64 MiB.
pub(super) const LARGEST_BODY: u64 = 64 << 20;

/// The maximum length of the line before a chunk, with its extensions.
const LONGEST_CHUNK_LINE: usize = 1024;

/// The maximum size of the trailers behind the last chunk.
const LARGEST_TRAILERS: usize = 8 * 1024;

/// The maximum number of trailers.
const MOST_TRAILERS: usize = 32;

const HEAD_TOO_LARGE: Refusal = Refusal::new(431, "the head of the request is larger than 32 KiB");
const TARGET_TOO_LONG: Refusal = Refusal::new(414, "the request target is longer than 32 KiB");
const TRUNCATED: Refusal = Refusal::new(400, "the request ended in the middle");
const INVALID_CHUNK: Refusal = Refusal::new(400, "invalid chunk in the request body");

/// The refusal of a body over the cap.
pub(super) const BODY_TOO_LARGE: Refusal =
    Refusal::new(413, "the request body is larger than 64 MiB");

/// The reason why a request was not read to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// The client sent something invalid.
    Refused(Refusal),
    /// The connection broke, or was silent for too long.
    Connection(io::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault::Refused(refusal)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Connection(error)
    }
}

/// The reader of a connection.
pub(super) struct Reader<R> {
    source: R,
    buffer: Box<[u8]>,
    /// The bytes from `start` to `end` are read and not used.
    start: usize,
    end: usize,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(source: R) -> Reader<R> {
        Reader { source, buffer: vec![0; LARGEST_HEAD].into_boxed_slice(), start: 0, end: 0 }
    }

    /// The connection, to change how it is read.
    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    /// The bytes that arrived and are not used.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The head of the next request; `None` where the client closed the connection before it.
    ///
    /// # Errors
    /// The head is invalid or too large, or the connection broke.
    pub(super) fn head(&mut self) -> Result<Option<Head>, Fault> {
        // A head that drips in is neither parsed nor searched from its beginning for every byte.
        let (mut tried, mut searched) = (0, 0);
        loop {
            self.skip_blank_lines();
            let known = self.unread().len();
            let is_due = known >= 2 * tried || known == LARGEST_HEAD;
            if known > 0 && (is_due || ends_head(self.unread(), searched)) {
                if let Some(head) = self.parse()? {
                    return Ok(Some(head));
                }
                tried = known;
            }
            searched = known;
            if known == LARGEST_HEAD {
                let has_target = self.unread().contains(&b'\n');
                return Err(if has_target { HEAD_TOO_LARGE } else { TARGET_TOO_LONG }.into());
            }
            if self.fill()? == 0 {
                return self.end_of_input();
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Head>, Fault> {
        let Some((head, length)) = head::parse(self.unread())? else { return Ok(None) };
        self.start += length;
        Ok(Some(head))
    }

    /// The outcome where no more bytes come: what is there is parsed once more, so that a request
    /// is refused with the same status however its bytes arrived.
    fn end_of_input(&mut self) -> Result<Option<Head>, Fault> {
        if self.unread().is_empty() {
            return Ok(None);
        }
        self.parse()?;
        Err(TRUNCATED.into())
    }

    fn skip_blank_lines(&mut self) {
        let blank = self.unread().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.start += blank;
    }

    /// The body of the request whose head was read last.
    ///
    /// # Errors
    /// The body is invalid or too large, or the connection broke.
    pub(super) fn body(&mut self, framing: Framing) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        match framing {
            Framing::Length(0) => {}
            Framing::Length(length) if length > LARGEST_BODY => return Err(BODY_TOO_LARGE.into()),
            Framing::Length(length) => self.append(&mut body, length)?,
            Framing::Chunked => self.chunks(&mut body)?,
        }
        Ok(body)
    }

    /// Appends the next `length` bytes.
    fn append(&mut self, body: &mut Vec<u8>, length: u64) -> Result<(), Fault> {
        let length = usize::try_from(length).map_err(|_| BODY_TOO_LARGE)?;
        body.try_reserve(length).map_err(|_| BODY_TOO_LARGE)?;
        let buffered = self.unread().len().min(length);
        body.extend_from_slice(&self.buffer[self.start..self.start + buffered]);
        self.start += buffered;
        let rest = (length - buffered) as u64;
        let count = (&mut self.source).take(rest).read_to_end(body)? as u64;
        if count < rest { Err(TRUNCATED.into()) } else { Ok(()) }
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Result<(), Fault> {
        loop {
            let size = self.part(LONGEST_CHUNK_LINE, INVALID_CHUNK, |bytes| {
                httparse::parse_chunk_size(bytes).map_err(|_| INVALID_CHUNK)
            })?;
            if size == 0 {
                return self.trailers();
            }
            if size > LARGEST_BODY - body.len() as u64 {
                return Err(BODY_TOO_LARGE.into());
            }
            self.append(body, size)?;
            self.part(2, INVALID_CHUNK, |bytes| match bytes {
                [b'\r', b'\n'] => Ok(Status::Complete((2, ()))),
                [] | [b'\r'] => Ok(Status::Partial),
                _ => Err(INVALID_CHUNK),
            })?;
        }
    }

    /// Skips the trailers: HeyGen's API has none.
    fn trailers(&mut self) -> Result<(), Fault> {
        self.part(LARGEST_TRAILERS, HEAD_TOO_LARGE, |bytes| {
            let mut trailers = [httparse::EMPTY_HEADER; MOST_TRAILERS];
            match httparse::parse_headers(bytes, &mut trailers) {
                Ok(Status::Complete((length, _))) => Ok(Status::Complete((length, ()))),
                Ok(Status::Partial) => Ok(Status::Partial),
                Err(_) => Err(INVALID_CHUNK),
            }
        })
    }

    /// The value of the next part, which `parse` finds in at most `limit` bytes, and which
    /// `too_long` refuses beyond.
    fn part<T>(
        &mut self,
        limit: usize,
        too_long: Refusal,
        parse: impl Fn(&[u8]) -> Result<Status<(usize, T)>, Refusal>,
    ) -> Result<T, Fault> {
        loop {
            let known = self.unread().len().min(limit);
            if let Status::Complete((length, value)) = parse(&self.unread()[..known])? {
                self.start += length;
                return Ok(value);
            }
            if known == limit {
                return Err(too_long.into());
            }
            if self.fill()? == 0 {
                return Err(TRUNCATED.into());
            }
        }
    }

    /// Reads what has arrived, and returns the number of bytes: 0 at the end.
    fn fill(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let count = self.source.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count)
    }
}

/// Returns whether a head may end behind the first `searched` bytes.
fn ends_head(bytes: &[u8], searched: usize) -> bool {
    let tail = &bytes[searched.saturating_sub(3)..];
    tail.windows(2).any(|pair| pair == b"\n\n") || tail.windows(3).any(|three| three == b"\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes that arrive in pieces.
    struct Pieces<'b> {
        bytes: &'b [u8],
        sizes: Vec<usize>,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.sizes.pop().unwrap_or(usize::MAX).max(1);
            let count = size.min(self.bytes.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.bytes[..count]);
            self.bytes = &self.bytes[count..];
            Ok(count)
        }
    }

    /// The requests in some bytes, and the status of the refusal that ends them.
    fn requests(bytes: &[u8], sizes: Vec<usize>) -> (Vec<(Head, Vec<u8>)>, Option<u16>) {
        let mut reader = Reader::new(Pieces { bytes, sizes });
        let mut requests = Vec::new();
        loop {
            let next = reader.head().and_then(|head| {
                head.map(|head| reader.body(head.framing).map(|body| (head, body))).transpose()
            });
            match next {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => return (requests, None),
                Err(Fault::Refused(refusal)) => return (requests, Some(refusal.status)),
                Err(Fault::Connection(error)) => panic!("{error}"),
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)], status: Option<u16>) {
        for size in [1, 2, 3, 7, usize::MAX] {
            let (requests, refusal) = requests(text.as_bytes(), vec![size; text.len()]);
            let requests: Vec<(String, String)> = requests
                .into_iter()
                .map(|(head, body)| (head.path, String::from_utf8(body).expect("text")))
                .collect();
            let expected: Vec<(String, String)> =
                expected.iter().map(|(path, body)| ((*path).into(), (*body).into())).collect();
            assert_eq!((requests, refusal), (expected, status), "{size}: {text}");
        }
    }

    #[test]
    fn pipelined_requests_keep_their_bodies() {
        let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        let post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        let head = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunked = format!("{head}3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n");
        check("", &[], None);
        check("\r\n\r\n", &[], None);
        let c = ("/c", "abc0123456789");
        check(
            &format!("{get}\r\n{post}{chunked}{get}"),
            &[("/a", ""), ("/b", "abc"), c, ("/a", "")],
            None,
        );
        check(&format!("{get}GET /b"), &[("/a", "")], Some(400));
        check(&post[..post.len() - 1], &[], Some(400));
        for wrong in ["x\r\n", "3\r\nabcd\r\n", "3\r\nabc", "-1\r\n", "\r\n", "3\r\nabc\r\n0\r\n"] {
            check(&format!("{head}{wrong}"), &[], Some(400));
        }
        check(&format!("{head}fffffff\r\n"), &[], Some(413));
        check(&format!("{head}ffffffffffffffffffff\r\n"), &[], Some(400));
    }

    #[test]
    fn large_heads_are_refused() {
        let long = "x".repeat(LARGEST_HEAD);
        check(&format!("GET /{long} HTTP/1.1\r\n\r\n"), &[], Some(414));
        check(&format!("GET / HTTP/1.1\r\nHost: {long}\r\n\r\n"), &[], Some(431));
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(&format!("{head}0\r\nT: {long}\r\n\r\n"), &[], Some(431));
        check(&format!("{head}1;{long}\r\n\r\n"), &[], Some(400));
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof![
            Just("GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n"),
            Just("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"),
            Just("POST / HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Just("2\r\nab\r\n"),
            Just("0\r\n\r\n"),
            Just("\r\n"),
            Just("\n"),
            Just("Content-Length: 1\r\n"),
            Just("GET "),
        ];
        let text = text.prop_map(|text| text.as_bytes().to_vec());
        prop_oneof![4 => text, 1 => proptest::collection::vec(any::<u8>(), 0..40)]
    }

    proptest! {
        #[test]
        fn split_points_change_nothing(
            pieces in proptest::collection::vec(piece(), 0..12),
            sizes in proptest::collection::vec(1_usize..60, 0..200),
        ) {
            let bytes = pieces.concat();
            prop_assert_eq!(requests(&bytes, sizes), requests(&bytes, Vec::new()));
        }

        #[test]
        fn garbage_panics_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            requests(&bytes, Vec::new());
        }
    }
}
