//! One connection: its requests, one after the other, and their responses.

use std::io::{self, ErrorKind, Read, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::exchange::{Request, Response};
use super::head::{Framing, Head, Refusal};
use super::reader::{BODY_TOO_LARGE, Fault, LARGEST_BODY, Reader};
use super::server::Shared;
use super::wire::{self, Dress};

/// The time after which a connection that waits for bytes looks whether it is still wanted.
pub(super) const SLICE: Duration = Duration::from_millis(500);

/// The time that the client of a refused request gets to send the rest and to read the refusal: to
/// close at once would reset the connection, and the refusal would be lost.
const REFUSED_LINGER: Duration = Duration::from_secs(30);

/// The same for a connection that ended in order.
const LINGER: Duration = Duration::from_secs(2);

/// Responses up to this size are written in one piece with their head.
const ONE_PIECE: usize = 64 * 1024;

const FOREIGN_HOST: Refusal =
    Refusal::new(421, "the mock serves 127.0.0.1 and localhost with its own port only");
const TOO_SLOW: Refusal = Refusal::new(408, "the rest of the request did not arrive in time");

/// The end of a connection.
enum End {
    /// It is broken, or the client closed it.
    Gone,
    /// The last response said so.
    Announced,
    /// The request was refused, and may not be read to its end.
    Refused,
}

/// Serves a connection to its end.
pub(super) fn serve(stream: &TcpStream, shared: &Shared) {
    let patient = Patient { stream, shared, is_between: true };
    let reader = Reader::new(patient);
    let mut connection = Connection { stream, shared, reader, buffer: Vec::new() };
    let end = loop {
        if let Err(end) = connection.exchange() {
            break end;
        }
    };
    match end {
        End::Gone => {}
        End::Announced => linger(stream, shared, LINGER),
        End::Refused => linger(stream, shared, REFUSED_LINGER),
    }
}

/// Closes our side, and reads what the client still sends until it closes its own.
pub(super) fn linger(mut stream: &TcpStream, shared: &Shared, patience: Duration) {
    // A connection that broke meanwhile needs no more care.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(SLICE.min(patience)));
    let deadline = shared.clock.now() + patience;
    let mut rest = vec![0; 16 * 1024];
    while shared.clock.now() < deadline {
        match stream.read(&mut rest) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if is_timeout(&error) || error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// A connection, its reader, and the buffer for its responses.
struct Connection<'c> {
    stream: &'c TcpStream,
    shared: &'c Shared,
    reader: Reader<Patient<'c>>,
    buffer: Vec<u8>,
}

impl Connection<'_> {
    /// Reads a request and responds to it.
    fn exchange(&mut self) -> Result<(), End> {
        self.reader.source().is_between = self.reader.unread().is_empty();
        let head = match self.reader.head() {
            Ok(Some(head)) => head,
            Ok(None) => return Err(End::Gone),
            Err(fault) => return Err(self.refuse(fault)),
        };
        let started = self.shared.clock.now();
        if let Some(refusal) = self.objection(&head) {
            let response = wire::refused(refusal);
            self.log(&head.method, &head.path, response.status, started);
            self.send(&response, head.method == "HEAD", false)?;
            return Err(End::Refused);
        }
        let (framing, keeps_alive) = (head.framing, head.keeps_alive);
        let waits = head.expects_continue && self.reader.unread().is_empty();
        let mut request = request_of(head);
        let early = self.shared.early_response(&request);
        if let Some(response) = early.as_ref().filter(|_| waits) {
            self.log(&request.method, &request.path, response.status, started);
            self.send(response, request.method == "HEAD", false)?;
            return Err(End::Refused);
        }
        if waits {
            self.write(wire::CONTINUE)?;
        }
        request.body = match self.reader.body(framing) {
            Ok(body) => body,
            Err(fault) => return Err(self.refuse(fault)),
        };
        let response = early.unwrap_or_else(|| self.shared.world.respond(&request));
        let keeps_alive = keeps_alive && !self.shared.gate.wants_places();
        self.log(&request.method, &request.path, response.status, started);
        self.send(&response, request.method == "HEAD", keeps_alive)?;
        if keeps_alive { Ok(()) } else { Err(End::Announced) }
    }

    /// The reason why the body of a request is not even read.
    fn objection(&self, head: &Head) -> Option<Refusal> {
        let port = self.shared.port;
        let hosts = [head.header("host"), head.authority.as_deref()];
        if !hosts.into_iter().flatten().all(|host| is_own(host, port)) {
            return Some(FOREIGN_HOST);
        }
        match head.framing {
            Framing::Length(length) if length > LARGEST_BODY => Some(BODY_TOO_LARGE),
            _ => None,
        }
    }

    /// Ends a connection whose request is invalid or incomplete.
    fn refuse(&mut self, fault: Fault) -> End {
        let refusal = match fault {
            Fault::Refused(refusal) => refusal,
            Fault::Connection(error) if is_timeout(&error) && !self.reader.source().is_between => {
                TOO_SLOW
            }
            Fault::Connection(_) => return End::Gone,
        };
        match self.send(&wire::refused(refusal), false, false) {
            Ok(()) => End::Refused,
            Err(end) => end,
        }
    }

    /// Sends a response; all but the refusals of invalid requests may be cut.
    fn send(&mut self, response: &Response, is_head: bool, keeps_alive: bool) -> Result<(), End> {
        let dress = Dress { is_head, keeps_alive, now: self.shared.clock.today() };
        wire::write_head(&mut self.buffer, response, dress);
        let body = wire::body(response, dress);
        if let Some(share) = self.shared.trouble.cut() {
            let length = (body.len() as f64 * share) as usize;
            self.buffer.extend_from_slice(&body[..length]);
            let head = self.buffer.len() / 2;
            self.buffer.truncate(if body.is_empty() { head } else { self.buffer.len() });
            self.write_buffer()?;
            return Err(End::Announced);
        }
        if body.len() <= ONE_PIECE {
            self.buffer.extend_from_slice(body);
            return self.write_buffer();
        }
        self.write_buffer()?;
        self.write(body)
    }

    fn write_buffer(&self) -> Result<(), End> {
        self.write(&self.buffer)
    }

    fn write(&self, bytes: &[u8]) -> Result<(), End> {
        let mut stream = self.stream;
        stream.write_all(bytes).map_err(|_| End::Gone)
    }

    fn log(&self, method: &str, path: &str, status: u16, started: Instant) {
        if let Some(ui) = &self.shared.log {
            let took = self.shared.clock.now().saturating_duration_since(started);
            ui.trace(&format!("{method} {path} {status} {} ms", took.as_millis()));
        }
    }
}

fn request_of(head: Head) -> Request {
    let Head { method, path, query, headers, .. } = head;
    Request { method, path, query, headers, body: Vec::new() }
}

/// Returns whether a `Host` names this server: a web page that had another name lead to loopback
/// must not reach it.
fn is_own(host: &str, port: u16) -> bool {
    let (name, given) = match host.rsplit_once(':') {
        Some((name, given)) if !given.ends_with(']') => (name, given.parse().ok()),
        _ => (host, Some(80)),
    };
    let is_loopback =
        ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost");
    is_loopback && given == Some(port)
}

/// A stream that is waited for in slices, so that a connection without requests can end early.
struct Patient<'c> {
    stream: &'c TcpStream,
    shared: &'c Shared,
    /// Set while no byte of the next request has arrived.
    is_between: bool,
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = self.stream;
        let mut silent = Duration::ZERO;
        loop {
            match stream.read(buffer) {
                Ok(count) => {
                    self.is_between = false;
                    return Ok(count);
                }
                Err(error) if is_timeout(&error) => {
                    silent += SLICE;
                    let is_unwanted = self.is_between && self.shared.gate.wants_places();
                    if is_unwanted || silent >= self.shared.idle_timeout {
                        return Err(ErrorKind::TimedOut.into());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The system's words for a read timeout differ.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_own() {
        let check = |host: &str, expected: bool| assert_eq!(is_own(host, 8787), expected, "{host}");
        check("127.0.0.1:8787", true);
        check("LocalHost:8787", true);
        check("[::1]:8787", true);
        for foreign in [
            "127.0.0.1",
            "127.0.0.1:8788",
            "localhost",
            "[::1]",
            "example.com:8787",
            "127.0.0.1.example.com:8787",
            "localhost.:8787",
            "user@localhost:8787",
            "",
            ":8787",
        ] {
            check(foreign, false);
        }
        assert!(is_own("localhost", 80) && is_own("[::1]", 80));
    }
}
