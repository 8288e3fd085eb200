//! The wire. The only room that knows `ureq`, and the only one that exposes the key.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | a request on its way out, its response, and [`Wire`] between them |
//! | `line.rs` | the connection: direct, through a proxy, with TLS |
//! | `tcp.rs`, `tunnel.rs`, `forward.rs` | sockets; proxies that pass bytes on, or requests |
//! | `listening.rs` | responses that come before the request was sent |
//! | `lookup.rs`, `deadline.rs`, `certificates.rs` | names, time, trust |
//! | `encoding.rs` | codings of bodies: gzip, and what cannot be read |
//! | `faults.rs` | errors of all of them in our words |

mod certificates;
mod deadline;
mod encoding;
mod faults;
mod forward;
mod line;
mod listening;
mod lookup;
mod tcp;
mod tunnel;

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use ureq::config::Config;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, AsSendBody, Proxy, SendBody};

use crate::api::origin::Origin;
use crate::api::response::{Body, Head, Response};
use crate::error::{CallFailure, NetworkFault};
use crate::secret::Secret;

use self::faults::{ProxyName, Setting};
use self::line::Line;
use self::lookup::Lookup;

/// The name of the header that carries the key, on every version of the API.
pub const KEY_HEADER: &str = "x-api-key";

/// The longest line of a request's head: the whole URL, or name and value of one header, the key's
/// included. A longer one is [`CallFailure::Unsendable`]; most servers take no more than 8 to 16 KiB.
pub const LONGEST_LINE: usize = 15 * 1024;

/// The program's name in requests.
const USER_AGENT: &str = concat!("heygen-cli/", env!("CARGO_PKG_VERSION"), " (unofficial)");

/// Larger responses are read in fewer system calls, small ones do not pay for it (measured).
const INPUT_BUFFER: usize = 32 * 1024;

/// A whole line of a request's head has to fit into it, and one TLS record holds it.
const OUTPUT_BUFFER: usize = 16 * 1024;

/// Files move in larger pieces.
const FILE_BUFFER: usize = 128 * 1024;

/// Before a larger body is sent the server is asked whether it wants it. One that refuses (413, 401)
/// would close the connection in the middle, and its response would be lost with it.
const LARGEST_UNASKED: u64 = 1024 * 1024;

/// A server that does not respond to that question gets the body after this.
const LONGEST_QUESTION: Duration = Duration::from_secs(1);

/// Headers of a response beyond this are an error. They have to fit into the buffer: once it is full
/// ureq reads nothing more, and takes that for the end of the connection.
const MOST_HEADER_BYTES: usize = INPUT_BUFFER - 1;

/// A request with the key and the host joined to it; [`crate::http::client`] makes it.
pub struct Outgoing<'o> {
    pub method: Method,
    /// The whole URL.
    pub url: &'o str,
    /// The origin of the URL.
    pub origin: &'o Origin,
    /// Headers beside the key's.
    pub headers: &'o [(String, String)],
    /// The key, if this origin may see it.
    pub key: Option<&'o Secret>,
    pub body: Option<OutgoingBody<'o>>,
    /// The extent of the time limit.
    pub patience: Patience,
    /// The same for the body of a response with a status of success. [`Patience::Whole`] begins with
    /// its head where it took longer to send the request.
    pub of_response: Patience,
    /// A limit that is shorter than the wire's.
    pub within: Option<Duration>,
}

/// The bytes of a body on their way out.
pub struct OutgoingBody<'o> {
    /// Their number; without it they are sent in chunks.
    pub length: Option<u64>,
    /// Their source, which is read once.
    pub reader: Box<dyn Read + 'o>,
}

/// The extent of the time limit of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Everything, from looking up the name of the host to the last byte of the response.
    Whole,
    /// Each period without data, and connecting as a whole: a large file takes its time.
    Silence,
}

/// Something that carries a request to the API and a response back.
pub trait Transport {
    /// Sends the request; a response of any status is a response. No redirect is followed.
    ///
    /// # Errors
    /// No response came: the network failed, or the time ran out.
    fn send(&self, outgoing: Outgoing<'_>) -> Result<Response, CallFailure>;
}

/// The proxy and the trusted certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The URL of a proxy.
    pub proxy: Option<String>,
    /// The trusted certificates.
    pub roots: Roots,
}

/// The trusted certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The list of Mozilla's that is built in.
    #[default]
    BuiltIn,
    /// Those of the operating system.
    System,
    /// The certificates of a PEM file.
    Pem {
        /// Its name, for errors.
        path: PathBuf,
        /// Its content.
        pem: Vec<u8>,
    },
}

/// An invalid proxy or file of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadNetwork {
    /// The URL of the proxy is not valid.
    Proxy,
    /// The port of the proxy is not a number from 1 to 65535.
    ProxyPort,
    /// A file has no certificate, or a broken one.
    Pem {
        /// The file.
        path: PathBuf,
    },
}

/// HTTP/1.1 over TCP and TLS, with one connection kept alive.
pub struct Wire {
    agent: Agent,
    proxy: Option<Proxy>,
    setting: Setting,
}

impl Wire {
    /// A wire on which one attempt may take `timeout`.
    ///
    /// # Errors
    /// The network cannot be used as it was named.
    pub fn new(timeout: Duration, network: &Network) -> Result<Wire, BadNetwork> {
        let proxy = network.proxy.as_deref().map(proxy).transpose()?;
        let roots = certificates::roots(&network.roots)?;
        let config = Config::builder()
            .http_status_as_error(false)
            // The key would travel along: ureq drops other headers on a redirect, not ours.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_await_100(Some(LONGEST_QUESTION))
            .proxy(proxy.clone())
            .user_agent(USER_AGENT)
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_response_header_size(MOST_HEADER_BYTES)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let named = |proxy: &Proxy| ProxyName { host: proxy.host().to_owned(), port: proxy.port() };
        let setting = Setting {
            limit: timeout,
            proxy: proxy.as_ref().map(named),
            trusts_system: network.roots == Roots::System,
        };
        let agent =
            Agent::with_parts(config, Line::default(), Lookup::<DefaultResolver>::default());
        Ok(Wire { agent, proxy, setting })
    }

    /// Sends the request, and once more without the question whether its body is wanted if that is
    /// what was refused.
    fn exchange(
        &self,
        mut request: http::Request<()>,
        mut source: Option<Source<'_>>,
        patience: Patience,
        limit: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let is_large = source.as_ref().is_some_and(Source::is_large);
        if !is_large || request.headers().contains_key(EXPECT) {
            return self.dispatch(request, source.as_mut(), patience, limit);
        }
        let started = Instant::now();
        let unasked = request.clone();
        request.headers_mut().insert(EXPECT, HeaderValue::from_static("100-continue"));
        let response = self.dispatch(request, source.as_mut(), patience, limit)?;
        let is_begun = source.as_ref().is_some_and(|source| source.is_begun);
        if is_begun || response.status() != StatusCode::EXPECTATION_FAILED {
            return Ok(response);
        }
        let left = match patience {
            Patience::Whole => limit.saturating_sub(started.elapsed()),
            Patience::Silence => limit,
        };
        self.dispatch(unasked, source.as_mut(), patience, left)
    }

    fn dispatch(
        &self,
        request: http::Request<()>,
        source: Option<&mut Source<'_>>,
        patience: Patience,
        left: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        listening::expect_wanted_body();
        match source {
            None => self.run(request.map(|()| SendBody::none()), patience, left),
            Some(source) => {
                self.run(request.map(|()| SendBody::from_reader(source)), patience, left)
            }
        }
    }

    fn run(
        &self,
        request: http::Request<impl AsSendBody>,
        patience: Patience,
        left: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let limit = Some(left);
        let config = self.agent.configure_request(request);
        let request = match patience {
            // One limit over everything, so that an attempt can't add up the limits of its phases.
            // It costs a thread for the lookup of a name (about 50 µs).
            Patience::Whole => config.timeout_global(limit).build(),
            // Without a limit on writes an upload to a server that never reads would hang for ever.
            Patience::Silence => config
                .timeout_resolve(limit)
                .timeout_connect(limit)
                .timeout_send_request(limit)
                .timeout_recv_response(limit)
                .timeout_per_read(limit)
                .timeout_per_write(limit)
                .input_buffer_size(FILE_BUFFER)
                .output_buffer_size(FILE_BUFFER)
                .build(),
        };
        self.agent.run(request)
    }

    /// True if the proxy responds itself where it refuses the request.
    fn is_forwarded(&self, url: &http::Uri) -> bool {
        self.proxy.as_ref().is_some_and(|proxy| line::forwards(proxy, url))
    }
}

impl Transport for Wire {
    fn send(&self, outgoing: Outgoing<'_>) -> Result<Response, CallFailure> {
        let request = head(&outgoing)?;
        let is_head = outgoing.method == Method::HEAD;
        let is_forwarded = self.is_forwarded(request.uri());
        let limit = outgoing.within.map_or(self.setting.limit, |own| own.min(self.setting.limit));
        let response = self
            .exchange(request, outgoing.body.map(Source::new), outgoing.patience, limit)
            .map_err(|error| match self.setting.failure(error, outgoing.origin) {
                CallFailure::TimedOut { .. } => CallFailure::TimedOut { limit },
                other => other,
            })?;
        if is_forwarded && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(CallFailure::Network(self.setting.refused(response.status())));
        }
        let (mut head, body) = response.into_parts();
        // The response to HEAD has the headers of a body, and none.
        let unreadable = match is_head {
            true => None,
            false => encoding::unreadable_transfer(head.version, &head.headers),
        };
        let host = outgoing.origin.host().to_owned();
        let fault =
            unreadable.map(|reason| CallFailure::Network(NetworkFault::NotHttp { host, reason }));
        let reader = encoding::unzipped(body.into_reader(), &mut head.headers);
        // Only a file takes its time: an error, or JSON, that comes in drops has an end.
        let is_file = outgoing.of_response == Patience::Silence && head.status.is_success();
        let end = (!is_file).then(|| Instant::now() + limit);
        Ok(Response {
            head: Head { status: head.status.as_u16(), headers: head.headers },
            body: Box::new(WireBody { reader, received: 0, limit, end, fault }),
        })
    }
}

/// A body on its way out, which remembers whether any of it is gone.
struct Source<'o> {
    reader: Box<dyn Read + 'o>,
    left: Option<u64>,
    is_begun: bool,
}

impl<'o> Source<'o> {
    fn new(body: OutgoingBody<'o>) -> Source<'o> {
        Source { reader: body.reader, left: body.length, is_begun: false }
    }

    fn is_large(&self) -> bool {
        self.left.is_none_or(|left| left > LARGEST_UNASKED)
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if listening::body_is_unwanted() {
            // ureq counts what the transport then throws away: nothing needs to be read for it.
            let left = self.left.unwrap_or_default();
            usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()))
        } else {
            self.is_begun = true;
            self.reader.read(buffer)?
        };
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
        Ok(count)
    }
}

struct WireBody<R> {
    reader: R,
    received: u64,
    limit: Duration,
    /// The body cannot be understood: this is told behind its bytes, which a success may be in.
    fault: Option<CallFailure>,
    /// The end of the time for all of it; ureq has one of its own where it holds the whole attempt.
    end: Option<Instant>,
}

impl<R: Read> Body for WireBody<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, CallFailure> {
        loop {
            if self.end.is_some_and(|end| Instant::now() >= end) {
                return Err(CallFailure::TimedOut { limit: self.limit });
            }
            let end = self.end.or_else(|| Instant::now().checked_add(self.limit));
            match deadline::until(end, || self.reader.read(buffer)) {
                Ok(0) => return self.fault.take().map_or(Ok(0), Err),
                Ok(count) => {
                    self.received += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if faults::is_timeout(&error) => {
                    return Err(CallFailure::TimedOut { limit: self.limit });
                }
                Err(_) => return Err(CallFailure::Cut { received: self.received }),
            }
        }
    }
}

/// The head of a request, but for what ureq adds.
fn head(outgoing: &Outgoing<'_>) -> Result<http::Request<()>, CallFailure> {
    if longest_line(outgoing) > LONGEST_LINE {
        let limit = LONGEST_LINE / 1024;
        return Err(unsendable(&format!("its URL or a header is longer than {limit} KiB")));
    }
    let forbidden = || unsendable("it has characters that HTTP cannot carry");
    let mut request = http::Request::builder().method(outgoing.method.clone()).uri(outgoing.url);
    for (name, value) in outgoing.headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| forbidden())?;
        request = request.header(name, value);
    }
    if let Some(key) = outgoing.key {
        let mut value = HeaderValue::from_str(key.expose()).map_err(|_| forbidden())?;
        value.set_sensitive(true);
        request = request.header(HeaderName::from_static(KEY_HEADER), value);
    }
    let names_coding = |(name, _): &(String, String)| name.eq_ignore_ascii_case("accept-encoding");
    if !outgoing.headers.iter().any(names_coding) {
        request = request.header(ACCEPT_ENCODING, "gzip");
    }
    if let Some(length) = outgoing.body.as_ref().and_then(|body| body.length) {
        request = request.header(CONTENT_LENGTH, length);
    }
    request.body(()).map_err(|_| forbidden())
}

fn longest_line(outgoing: &Outgoing<'_>) -> usize {
    let fields = outgoing.headers.iter().map(|(name, value)| name.len() + value.len());
    let key = outgoing.key.map_or(0, |key| KEY_HEADER.len() + key.expose().len());
    fields.chain([outgoing.url.len(), key]).max().unwrap_or_default()
}

/// A request that HTTP cannot express, or no server would take. Most of it is checked earlier.
fn unsendable(reason: &str) -> CallFailure {
    CallFailure::Unsendable { reason: reason.to_owned() }
}

fn proxy(url: &str) -> Result<Proxy, BadNetwork> {
    let proxy = Proxy::new(url).map_err(|_| BadNetwork::Proxy)?;
    // An invalid port would become the scheme's own.
    let authority = proxy.uri().authority().map_or("", |authority| authority.as_str());
    match authority.rsplit_once(proxy.host()) {
        Some((_, "")) => Ok(proxy),
        Some((_, port)) if port.strip_prefix(':').is_some_and(is_port) => Ok(proxy),
        _ => Err(BadNetwork::ProxyPort),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|port: u16| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_urls_are_checked() {
        let check = |url: &str, expected: Result<u16, BadNetwork>| {
            assert_eq!(proxy(url).map(|proxy| proxy.port()), expected, "{url}");
        };
        check("http://proxy.test", Ok(80));
        check("https://proxy.test", Ok(443));
        check("socks5h://ana:1@proxy.test", Ok(1080));
        check("http://ana:proxy.test@proxy.test:3128/", Ok(3128));
        check("http://[::1]:65535", Ok(65_535));
        check("http://[::1]", Ok(80));
        check("http://proxy.test:0", Err(BadNetwork::ProxyPort));
        check("http://proxy.test:65536", Err(BadNetwork::ProxyPort));
        check("http://proxy.test:99999", Err(BadNetwork::ProxyPort));
        check("http://ana:hush@proxy.test:99999", Err(BadNetwork::ProxyPort));
        check("ftp://proxy.test", Err(BadNetwork::Proxy));
        check("http://", Err(BadNetwork::Proxy));
    }

    #[test]
    fn lines_of_a_head_are_limited() {
        let (origin, _) = Origin::split("https://api.test").expect("an origin");
        let check = |url: usize, header: usize, key: usize, is_sendable: bool| {
            let url = format!("https://api.test/{}", "a".repeat(url - 17));
            let headers =
                [("a".to_owned(), "a".repeat(header - 1)), ("b".to_owned(), "b".repeat(9_000))];
            let key = Secret::new("k".repeat(key - KEY_HEADER.len()).as_str());
            let outgoing = Outgoing {
                method: Method::GET,
                url: &url,
                origin: &origin,
                headers: &headers,
                key: Some(&key),
                body: None,
                patience: Patience::Whole,
                of_response: Patience::Whole,
                within: None,
            };
            match head(&outgoing) {
                Ok(_) => assert!(is_sendable),
                Err(CallFailure::Unsendable { reason }) => {
                    assert!(!is_sendable);
                    assert_eq!(reason, "its URL or a header is longer than 15 KiB");
                }
                Err(other) => panic!("{other:?}"),
            }
        };
        check(LONGEST_LINE, LONGEST_LINE, LONGEST_LINE, true);
        check(LONGEST_LINE + 1, 100, 100, false);
        check(100, LONGEST_LINE + 1, 100, false);
        check(100, 100, LONGEST_LINE + 1, false);
        check(100_000, 100, 100, false);
    }

    #[test]
    fn unwanted_bodies_are_counted_and_not_read() {
        let check = |length: Option<u64>, expected: [usize; 3]| {
            let reader = Box::new(io::repeat(7).take(100));
            let mut source = Source::new(OutgoingBody { length, reader });
            listening::expect_wanted_body();
            assert!(!source.is_begun);
            let read = |source: &mut Source<'_>| source.read(&mut [0; 40]).expect("bytes");
            assert_eq!(read(&mut source), 40);
            assert!(source.is_begun);
            listening::refuse_body();
            assert_eq!([(); 3].map(|()| read(&mut source)), expected);
        };
        check(Some(100), [40, 20, 0]);
        check(None, [0, 0, 0]);
    }
}
