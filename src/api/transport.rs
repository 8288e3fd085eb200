//! The wire. The only file that knows `ureq`, and the only one that exposes the key.

use std::io::{self, Read};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};

use crate::api::origin::Origin;
use crate::api::response::{Body, Response};
use crate::error::{Failure, NetworkFault, system_words};
use crate::secret::Secret;

/// The name of the header that carries the key, on every version of the API.
pub const KEY_HEADER: &str = "x-api-key";

/// Larger answers are read in fewer system calls, small ones do not pay for it (measured).
const INPUT_BUFFER: usize = 32 * 1024;
const OUTPUT_BUFFER: usize = 16 * 1024;

/// Headers of an answer beyond this are an error and not a reason to swap.
const MOST_HEADER_BYTES: usize = 64 * 1024;

/// A request with the key and the host joined to it; [`crate::api::client`] makes it.
pub struct Outgoing<'o> {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: &'o str,
    /// Whom the connection is to.
    pub origin: &'o Origin,
    /// Headers beside the key's.
    pub headers: &'o [(String, String)],
    /// The key, if this origin may see it.
    pub key: Option<&'o Secret>,
}

/// Something that carries a request to the API and an answer back.
pub trait Transport {
    /// Sends the request; an answer of any status is an answer. No redirect is followed.
    ///
    /// # Errors
    /// No answer came: the network failed, or the time ran out.
    fn send(&self, outgoing: &Outgoing<'_>) -> Result<Response, Failure>;
}

/// HTTP/1.1 over TCP and TLS, with one connection kept alive.
pub struct Wire {
    agent: Agent,
    timeout: Duration,
}

impl Wire {
    /// A wire on which one request may take `timeout`, from looking up the name of the host to
    /// the last byte of the answer.
    pub fn new(timeout: Duration) -> Wire {
        let config = Config::builder()
            .http_status_as_error(false)
            // The key would travel along: ureq drops other headers on a redirect, not ours.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("heygen-cli/", env!("CARGO_PKG_VERSION"), " (unofficial)"))
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_response_header_size(MOST_HEADER_BYTES)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::WebPki).build())
            .build();
        Wire { agent: Agent::new_with_config(config), timeout }
    }
}

impl Transport for Wire {
    fn send(&self, outgoing: &Outgoing<'_>) -> Result<Response, Failure> {
        let mut request =
            http::Request::builder().method(outgoing.method.clone()).uri(outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        if let Some(key) = outgoing.key {
            let mut value = HeaderValue::from_str(key.expose()).map_err(|_| not_sendable())?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static(KEY_HEADER), value);
        }
        let request = request.body(()).map_err(|_| not_sendable())?;
        // One limit over everything, so that a try can't add up the limits of its phases. It costs a
        // thread for the name lookup (about 50 µs) and a socket option a read (2 % of 50 MB).
        let request =
            self.agent.configure_request(request).timeout_global(Some(self.timeout)).build();
        let answer = self
            .agent
            .run(request)
            .map_err(|error| failure(error, outgoing.origin, self.timeout))?;
        let (head, body) = answer.into_parts();
        Ok(Response {
            status: head.status.as_u16(),
            headers: head.headers,
            body: Box::new(WireBody {
                reader: body.into_reader(),
                received: 0,
                limit: self.timeout,
                origin: outgoing.origin.clone(),
            }),
        })
    }
}

struct WireBody<R> {
    reader: R,
    received: u64,
    limit: Duration,
    origin: Origin,
}

impl<R: Read> Body for WireBody<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.reader.read(buffer) {
                Ok(count) => {
                    self.received += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failure(error)),
            }
        }
    }
}

impl<R> WireBody<R> {
    fn failure(&self, error: io::Error) -> Failure {
        match failure(ureq::Error::from(error), &self.origin, self.limit) {
            Failure::TimedOut { limit } => Failure::TimedOut { limit },
            _ => Failure::Cut { received: self.received },
        }
    }
}

/// A request that HTTP cannot express. Keys, paths and headers are checked before they get here.
fn not_sendable() -> Failure {
    Failure::Network(NetworkFault::NotHttp {
        host: "the request".to_owned(),
        reason: "it has characters that HTTP cannot carry".to_owned(),
    })
}

/// What ureq says, in our words. Its own texts are not passed on: some of them quote headers.
fn failure(error: ureq::Error, origin: &Origin, limit: Duration) -> Failure {
    let host = origin.host().to_owned();
    let fault = match error {
        ureq::Error::Timeout(_) => return Failure::TimedOut { limit },
        ureq::Error::HostNotFound => NetworkFault::Resolve { host },
        ureq::Error::Io(error) => return io_failure(error, origin, limit),
        ureq::Error::Rustls(error) => NetworkFault::Tls { host, reason: error.to_string() },
        ureq::Error::Tls(reason) => NetworkFault::Tls { host, reason: reason.to_owned() },
        ureq::Error::Protocol(error) => NetworkFault::NotHttp { host, reason: error.to_string() },
        ureq::Error::LargeResponseHeader(..) => {
            NetworkFault::NotHttp { host, reason: "its headers do not end".to_owned() }
        }
        ureq::Error::ConnectionFailed => NetworkFault::Connect {
            host: authority(origin),
            reason: "no address accepts connections".to_owned(),
        },
        other => NetworkFault::Broken { host, reason: other.to_string() },
    };
    Failure::Network(fault)
}

fn io_failure(error: io::Error, origin: &Origin, limit: Duration) -> Failure {
    let host = origin.host().to_owned();
    if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
        return match ureq::Error::from(error) {
            // ureq wraps its errors to pass them through `Read`; this is the way back.
            ureq::Error::Io(error) => {
                Failure::Network(NetworkFault::Broken { host, reason: system_words(&error) })
            }
            other => failure(other, origin, limit),
        };
    }
    if error.get_ref().is_some_and(|inner| inner.to_string().contains("certificate")) {
        return Failure::Network(NetworkFault::Tls { host, reason: error.to_string() });
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::TimedOut { limit },
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Failure::Network(NetworkFault::Connect {
            host: authority(origin),
            reason: system_words(&error),
        }),
        // The system's resolver has no kind of its own.
        _ if error.to_string().starts_with("failed to lookup address") => {
            Failure::Network(NetworkFault::Resolve { host })
        }
        _ => Failure::Network(NetworkFault::Broken { host, reason: system_words(&error) }),
    }
}

/// `127.0.0.1:8787`; the scheme's own port is left out.
fn authority(origin: &Origin) -> String {
    let text = origin.to_string();
    text.split_once("://").map_or(text.clone(), |(_, authority)| authority.to_owned())
}
