//! Connections through an HTTP proxy that passes the bytes on: `CONNECT`.

use std::io::{self, Read, Write};

use ureq::Proxy;
use ureq::http::StatusCode;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, NextTimeout, Transport, TransportAdapter,
};

use super::USER_AGENT;
use super::deadline::Deadline;
use super::faults::Fault;
use super::forward::authorization;
use crate::error::system_words;

/// A proxy's response to `CONNECT` has no more than this.
const LONGEST_RESPONSE: usize = 16 * 1024;

/// The bytes between this computer and the target, passed on by a proxy.
#[derive(Debug)]
pub(super) struct Tunnel(Box<dyn Transport>);

impl Tunnel {
    /// Asks a proxy for a connection to the target of a request.
    ///
    /// # Errors
    /// The proxy refuses, does not speak HTTP, or the time ran out.
    pub(super) fn open(
        transport: Box<dyn Transport>,
        proxy: &Proxy,
        details: &ConnectionDetails<'_>,
        deadline: &Deadline,
    ) -> Result<Tunnel, ureq::Error> {
        let mut stream = TransportAdapter::new(transport, details.current_time.clone());
        // The adapter counts from here; ureq's own loop would renew the limit with each byte.
        stream.set_timeout(deadline.left()?);
        let target = target(details);
        let request = format!(
            "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {USER_AGENT}\r\n\
             Proxy-Connection: Keep-Alive\r\n{}\r\n",
            authorization(proxy)
        );
        let status = stream.write_all(request.as_bytes()).and_then(|()| final_status(&mut stream));
        match status.map_err(broken)? {
            Some(status) if status.is_success() => Ok(Tunnel(stream.into_inner())),
            Some(status) => Err(Fault::Refused { status }.into()),
            None => Err(Fault::proxy("it did not respond in HTTP").into()),
        }
    }
}

impl Transport for Tunnel {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        self.0.transmit_output(amount, limit)
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(limit)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    /// The connection to the proxy may be encrypted; the one to the target is not yet.
    fn is_tls(&self) -> bool {
        false
    }
}

/// Host and port, always both.
fn target(details: &ConnectionDetails<'_>) -> String {
    let default = if details.needs_tls() { 443 } else { 80 };
    let port = details.uri.port_u16().unwrap_or(default);
    format!("{}:{port}", details.uri.host().unwrap_or_default())
}

/// The status of a response, after interim ones; `None` for what is not HTTP.
fn final_status(stream: &mut impl Read) -> io::Result<Option<StatusCode>> {
    loop {
        match status_of(&read_head(stream)?) {
            Some(status) if status.is_informational() => {}
            status => return Ok(status),
        }
    }
}

/// Reads up to an empty line, and no byte more: the rest is the target's.
fn read_head(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() == LONGEST_RESPONSE {
            return Ok(Vec::new());
        }
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}

fn status_of(head: &[u8]) -> Option<StatusCode> {
    let after = head.strip_prefix(b"HTTP/1.")?;
    StatusCode::from_bytes(after.get(2..5)?).ok()
}

/// A proxy that went away; a limit of ureq's stays one.
fn broken(error: io::Error) -> ureq::Error {
    match ureq::Error::from(error) {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::proxy("it closed the connection").into()
        }
        ureq::Error::Io(error) => Fault::proxy(&system_words(&error)).into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_status_is_the_final_one() {
        let check = |response: &str, status: Option<u16>, rest: &str| {
            let mut stream = response.as_bytes();
            let found = final_status(&mut stream).expect("a whole head");
            assert_eq!(found.map(|status| status.as_u16()), status, "{response}");
            assert_eq!(stream, rest.as_bytes(), "{response}");
        };
        check("HTTP/1.1 200 Connection established\r\n\r\n\u{16}", Some(200), "\u{16}");
        check("HTTP/1.0 407 No\r\nA: b\r\n\r\n", Some(407), "");
        check("HTTP/1.1 204\n\nrest", Some(204), "rest");
        check("HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 503 No\r\n\r\n", Some(503), "");
        check("SSH-2.0-OpenSSH\r\n\r\n", None, "");
        check("HTTP/1.1 \r\n\r\n", None, "");
        check(&format!("HTTP/1.1 200 {}", "a".repeat(LONGEST_RESPONSE)), None, "aaaaaaaaaaaaa");
    }
}
