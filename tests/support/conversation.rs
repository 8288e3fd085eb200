//! One connection to the scripted server: requests in, replies out, by the book of HTTP/1.1 or
//! against it.
//!
//! Scope: reading, sending, waiting. What to reply is decided in `server.rs`, what a reply looks
//! like in `reply.rs`.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use super::recorded::{Recorded, find};
use super::reply::{Ending, Fault, Pace, Reply};
use super::server::{Log, Shared, State};

/// The longest head that is read.
const HEAD_LIMIT: usize = 1 << 20;

/// One connection, as its thread sees it.
pub(super) struct Conversation {
    shared: Arc<Shared>,
    stream: TcpStream,
    number: usize,
    /// Received, and not yet part of a request.
    buffer: Vec<u8>,
}

/// The next step of a connection after a reply.
enum Next {
    Read,
    Close,
}

impl Drop for Conversation {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.complain("the script panicked; its message is above".to_owned());
        }
        // The second handle would keep the connection open.
        self.shared.log().connections[self.number].stream = None;
        self.shared.set_state(self.number, State::Ended);
    }
}

impl Conversation {
    pub(super) fn new(shared: Arc<Shared>, stream: TcpStream, number: usize) -> Conversation {
        Conversation { shared, stream, number, buffer: Vec::new() }
    }

    /// Request and reply in turn, until somebody closes.
    pub(super) fn hold(mut self) {
        let _ = self.stream.set_nodelay(true);
        while self.has_more() {
            if let Some(reply) = self.shared.script.unread() {
                self.note_unread();
                let _ = self.send(&reply);
                return;
            }
            let Ok(Some(request)) = self.read_request() else {
                return;
            };
            let reply = self.reply_to(&request);
            let Ok(Next::Read) = self.respond(&request, &reply) else {
                return;
            };
        }
    }

    /// Waits for the first byte of a request, without taking it.
    fn has_more(&self) -> bool {
        !self.buffer.is_empty() || self.stream.peek(&mut [0]).is_ok_and(|count| count > 0)
    }

    /// Records what has arrived although it is not going to be read.
    fn note_unread(&self) {
        let mut waiting = vec![0; 1 << 16];
        let count = self.stream.peek(&mut waiting).unwrap_or(0);
        self.shared.log().connections[self.number].received.extend(&waiting[..count]);
    }

    fn reply_to(&self, request: &Recorded) -> Reply {
        let reply = self.shared.script.reply(request).and_then(|reply| match reply.is_unread() {
            true => Err("a script that has seen the request cannot leave it unread".to_owned()),
            false => Ok(reply),
        });
        let foreseen = reply.unwrap_or_else(|problem| {
            self.shared.complain(problem);
            // A status that nobody repeats: one complaint is enough.
            Reply::new(501, "text/plain", "not in the script")
        });
        foreseen.with_base(&self.shared.base)
    }

    /// Sends the reply and says whether another request may follow.
    fn respond(&mut self, request: &Recorded, reply: &Reply) -> io::Result<Next> {
        if request.method == "HEAD" && reply.fault.is_none() {
            self.stream.write_all(&reply.head())?;
        } else {
            self.send(reply)?;
        }
        let closes = reply.ending != Ending::Complete
            || reply.says_close()
            || request.says("connection", "close");
        Ok(if closes { Next::Close } else { Next::Read })
    }

    fn send(&mut self, reply: &Reply) -> io::Result<()> {
        match &reply.fault {
            None => self.send_reply(reply),
            Some(Fault::CloseUnread | Fault::CloseUnanswered) => Ok(()),
            Some(Fault::StallUnread | Fault::StallUnanswered) => {
                self.stall();
                Ok(())
            }
            Some(Fault::EndlessHeaders) => {
                self.stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                loop {
                    self.stream.write_all(
                        b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                    )?;
                }
            }
            Some(Fault::Raw(bytes)) => {
                self.stream.write_all(bytes)?;
                if reply.ending == Ending::Stall {
                    self.stall();
                }
                Ok(())
            }
        }
    }

    fn send_reply(&mut self, reply: &Reply) -> io::Result<()> {
        let mut bytes = reply.head();
        match reply.pace {
            Pace::AtOnce => {
                bytes.extend(reply.payload());
                self.stream.write_all(&bytes)?;
            }
            Pace::Every(_) | Pace::OnDemand => {
                self.stream.write_all(&bytes)?;
                self.drip(&reply.payload(), reply.pace)?;
            }
        }
        if reply.ending == Ending::Stall {
            self.stall();
        }
        Ok(())
    }

    /// Does nothing until the server is dropped.
    fn stall(&self) {
        self.shared.set_state(self.number, State::Stalled);
        drop(self.shared.changed.wait_while(self.shared.log(), |log| !log.stopping));
    }

    fn drip(&mut self, bytes: &[u8], pace: Pace) -> io::Result<()> {
        for byte in bytes {
            let stopping = match pace {
                Pace::AtOnce => false,
                Pace::Every(pause) => self.stops_within(pause),
                Pace::OnDemand => self.stops_before_permit(),
            };
            if stopping {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            self.stream.write_all(&[*byte])?;
        }
        Ok(())
    }

    fn stops_within(&self, pause: Duration) -> bool {
        let waited =
            self.shared.changed.wait_timeout_while(self.shared.log(), pause, |log| !log.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    fn stops_before_permit(&self) -> bool {
        self.shared.set_state(self.number, State::Stalled);
        let waiting = |log: &mut Log| !log.stopping && log.permits == 0;
        let waited = self.shared.changed.wait_while(self.shared.log(), waiting);
        let mut log = waited.unwrap_or_else(PoisonError::into_inner);
        log.permits = log.permits.saturating_sub(1);
        log.connections[self.number].state = State::Busy;
        log.stopping
    }

    /// The next request, complete; none if the client is gone or made no sense.
    fn read_request(&mut self) -> io::Result<Option<Recorded>> {
        let Some(end) = self.read_until(0, b"\r\n\r\n")? else {
            return Ok(None);
        };
        let mut request = match Recorded::from_head(&self.buffer[..end]) {
            Ok(request) => request,
            Err(problem) => {
                self.shared.complain(problem);
                return Ok(None);
            }
        };
        if request.says("expect", "100-continue") {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let after_head = end + 4;
        let after_body = if request.says("transfer-encoding", "chunked") {
            self.read_chunks(after_head, &mut request.body)?
        } else {
            let length =
                request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
            self.read_length(after_head, length, &mut request.body)?
        };
        let Some(after_body) = after_body else {
            return Ok(None);
        };
        request.raw = self.buffer.drain(..after_body).collect();
        request.connection = self.number;
        self.shared.log().requests.push(request.clone());
        self.shared.changed.notify_all();
        Ok(Some(request))
    }

    /// Copies `length` bytes from `start` into `body` and returns where they end.
    fn read_length(
        &mut self,
        start: usize,
        length: usize,
        body: &mut Vec<u8>,
    ) -> io::Result<Option<usize>> {
        let end = start + length;
        while self.buffer.len() < end {
            if !self.receive()? {
                return Ok(None);
            }
        }
        body.extend(&self.buffer[start..end]);
        Ok(Some(end))
    }

    /// Copies the chunks from `start` into `body` and returns where the last one ends, trailers
    /// included.
    fn read_chunks(&mut self, start: usize, body: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let mut position = start;
        loop {
            let Some(end) = self.read_until(position, b"\r\n")? else {
                return Ok(None);
            };
            let line = String::from_utf8_lossy(&self.buffer[position..end]).into_owned();
            let size = line.split(';').next().unwrap_or_default().trim();
            let Ok(size) = usize::from_str_radix(size, 16) else {
                self.shared
                    .complain(format!("`{}` is not a valid chunk size", line.escape_debug()));
                return Ok(None);
            };
            if size == 0 {
                // Trailers, or the empty line at once: both end with an empty line, which starts at
                // this line's end.
                return Ok(self.read_until(end, b"\r\n\r\n")?.map(|end| end + 4));
            }
            let Some(end) = self.read_length(end + 2, size, body)? else {
                return Ok(None);
            };
            let Some(after) = self.read_until(end, b"\r\n")? else {
                return Ok(None);
            };
            position = after + 2;
        }
    }

    /// Receives until `mark` appears at or after `start` and returns its place; none if the client
    /// stops first.
    fn read_until(&mut self, start: usize, mark: &[u8]) -> io::Result<Option<usize>> {
        let mut searched = start;
        loop {
            if let Some(found) = find(&self.buffer[searched..], mark) {
                return Ok(Some(searched + found));
            }
            if self.buffer.len() > start + HEAD_LIMIT {
                self.shared.complain("a head of more than 1 MiB".to_owned());
                return Ok(None);
            }
            // The mark may begin in what is already here.
            searched = self.buffer.len().saturating_sub(mark.len() - 1).max(start);
            if !self.receive()? {
                return Ok(None);
            }
        }
    }

    /// Takes what arrives next into the buffer and into the record; false if the client is gone.
    fn receive(&mut self) -> io::Result<bool> {
        let mut arrived = vec![0; 1 << 16];
        let count = self.stream.read(&mut arrived)?;
        self.buffer.extend(&arrived[..count]);
        self.shared.log().connections[self.number].received.extend(&arrived[..count]);
        Ok(count > 0)
    }
}
