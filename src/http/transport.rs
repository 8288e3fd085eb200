//! The wire. The only file that knows `ureq`, and the only one that exposes the key.

use std::io::{self, Read};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, AsSendBody, Proxy, SendBody};

use crate::api::origin::Origin;
use crate::api::response::{Body, Head, Response};
use crate::error::{CallFailure, NetworkFault, PROXY, TlsTrouble, system_words};
use crate::http::upload::FileFault;
use crate::secret::Secret;

/// The name of the header that carries the key, on every version of the API.
pub const KEY_HEADER: &str = "x-api-key";

/// Larger answers are read in fewer system calls, small ones do not pay for it (measured).
const INPUT_BUFFER: usize = 32 * 1024;
const OUTPUT_BUFFER: usize = 16 * 1024;

/// Files move in larger pieces.
const FILE_BUFFER: usize = 128 * 1024;

/// Before a larger body is sent the server is asked whether it wants it. One that refuses (413, 401)
/// would close the connection in the middle, and its answer would be lost with it.
const LARGEST_UNASKED: u64 = 1024 * 1024;

/// A server that does not answer that question gets the body after this.
const LONGEST_QUESTION: Duration = Duration::from_secs(1);

/// Headers of an answer beyond this are an error. They have to fit into the buffer: once it is full
/// ureq reads nothing more, and takes that for the end of the connection.
const MOST_HEADER_BYTES: usize = INPUT_BUFFER - 1;

/// What errors of rustls have in their words, and others have not.
const TLS_WORDS: [&str; 3] = ["certificate", "corrupt message", "fatal alert"];

/// A request with the key and the host joined to it; [`crate::http::client`] makes it.
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
    /// The body.
    pub body: Option<OutgoingBody<'o>>,
    /// What the time limit bounds.
    pub patience: Patience,
}

/// The bytes of a body on their way out.
pub struct OutgoingBody<'o> {
    /// How many there are; without it they are sent in chunks.
    pub length: Option<u64>,
    /// Where they come from.
    pub reader: Box<dyn Read + 'o>,
}

/// What the time limit of a try bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Everything, from looking up the name of the host to the last byte of the answer.
    Whole,
    /// The longest silence: a large file takes as long as it takes.
    Silence,
}

/// Something that carries a request to the API and an answer back.
pub trait Transport {
    /// Sends the request; an answer of any status is an answer. No redirect is followed.
    ///
    /// # Errors
    /// No answer came: the network failed, or the time ran out.
    fn send(&self, outgoing: Outgoing<'_>) -> Result<Response, CallFailure>;
}

/// Whom to go through and whom to trust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The URL of a proxy.
    pub proxy: Option<String>,
    /// Whose certificates are trusted.
    pub roots: Roots,
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The list of Mozilla's that is built in.
    #[default]
    BuiltIn,
    /// What the operating system trusts.
    System,
    /// The certificates of a PEM file.
    Pem {
        /// Its name, for errors.
        path: PathBuf,
        /// What stands in it.
        pem: Vec<u8>,
    },
}

/// Why a network cannot be used as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadNetwork {
    /// The proxy is no URL of one.
    Proxy,
    /// A file has no certificate, or a broken one.
    Pem {
        /// The file.
        path: PathBuf,
    },
}

/// HTTP/1.1 over TCP and TLS, with one connection kept alive.
pub struct Wire {
    agent: Agent,
    timeout: Duration,
    proxy: Option<Middleman>,
}

/// A proxy, as far as errors need to know it.
struct Middleman {
    /// Host and port; user and password are left out.
    name: String,
    /// Whether its host is an address, which nobody has to look up.
    is_address: bool,
    /// Whether the name of the API's host is looked up here, and not by the proxy.
    gets_addresses: bool,
}

impl Wire {
    /// A wire on which one try may take `timeout`.
    ///
    /// # Errors
    /// The network cannot be used as it was named.
    pub fn new(timeout: Duration, network: &Network) -> Result<Wire, BadNetwork> {
        let proxy = match &network.proxy {
            Some(url) => Some(Proxy::new(url).map_err(|_| BadNetwork::Proxy)?),
            None => None,
        };
        let middleman = proxy.as_ref().map(Middleman::new);
        let config = Config::builder()
            .http_status_as_error(false)
            // The key would travel along: ureq drops other headers on a redirect, not ours.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_await_100(Some(LONGEST_QUESTION))
            .proxy(proxy)
            .user_agent(concat!("heygen-cli/", env!("CARGO_PKG_VERSION"), " (unofficial)"))
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_response_header_size(MOST_HEADER_BYTES)
            .tls_config(TlsConfig::builder().root_certs(roots(&network.roots)?).build())
            .build();
        Ok(Wire { agent: Agent::new_with_config(config), timeout, proxy: middleman })
    }
}

impl Transport for Wire {
    fn send(&self, outgoing: Outgoing<'_>) -> Result<Response, CallFailure> {
        let mut request = http::Request::builder().method(outgoing.method).uri(outgoing.url);
        for (name, value) in outgoing.headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| not_sendable())?;
            request = request.header(name, value);
        }
        if let Some(key) = outgoing.key {
            let mut value = HeaderValue::from_str(key.expose()).map_err(|_| not_sendable())?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static(KEY_HEADER), value);
        }
        let answer = match outgoing.body {
            None => {
                let request = request.body(SendBody::none()).map_err(|_| not_sendable())?;
                self.run(request, outgoing.patience)
            }
            Some(mut body) => {
                if let Some(length) = body.length {
                    request = request.header(http::header::CONTENT_LENGTH, length);
                }
                let is_large = body.length.is_none_or(|length| length > LARGEST_UNASKED);
                let is_typed = |(name, _): &(String, String)| name.eq_ignore_ascii_case("expect");
                if is_large && !outgoing.headers.iter().any(is_typed) {
                    request = request.header(http::header::EXPECT, "100-continue");
                }
                let reader = SendBody::from_reader(&mut body.reader);
                let request = request.body(reader).map_err(|_| not_sendable())?;
                self.run(request, outgoing.patience)
            }
        };
        let answer = answer.map_err(|error| self.failure(error, outgoing.origin))?;
        let (head, body) = answer.into_parts();
        Ok(Response {
            head: Head { status: head.status.as_u16(), headers: head.headers },
            body: Box::new(WireBody {
                reader: body.into_reader(),
                received: 0,
                limit: self.timeout,
            }),
        })
    }
}

struct WireBody<R> {
    reader: R,
    received: u64,
    limit: Duration,
}

impl<R: Read> Body for WireBody<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, CallFailure> {
        loop {
            match self.reader.read(buffer) {
                Ok(count) => {
                    self.received += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => {
                    return Err(CallFailure::TimedOut { limit: self.limit });
                }
                Err(_) => return Err(CallFailure::Cut { received: self.received }),
            }
        }
    }
}

impl Wire {
    fn run<B: AsSendBody>(
        &self,
        request: http::Request<B>,
        patience: Patience,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let limit = Some(self.timeout);
        let config = self.agent.configure_request(request);
        let request = match patience {
            // One limit over everything, so that a try can't add up the limits of its phases. It
            // costs a thread for the name lookup (about 50 µs) and a socket option a read (2 % of
            // 50 MB).
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

    /// What ureq says, in our words. Its own texts are not passed on where they could quote headers.
    fn failure(&self, error: ureq::Error, origin: &Origin) -> CallFailure {
        let host = origin.host().to_owned();
        let fault = match error {
            ureq::Error::Timeout(_) => return CallFailure::TimedOut { limit: self.timeout },
            ureq::Error::Io(error) => return self.io_failure(error, origin),
            ureq::Error::HostNotFound => NetworkFault::Resolve { host: self.looked_up(origin) },
            ureq::Error::Rustls(error) => tls_fault(&host, &error.to_string()),
            ureq::Error::Tls(reason) => tls_fault(&host, reason),
            ureq::Error::Protocol(error) => {
                NetworkFault::NotHttp { host, reason: protocol_words(&error.to_string()) }
            }
            ureq::Error::LargeResponseHeader(..) => {
                NetworkFault::NotHttp { host, reason: "its headers are too large".to_owned() }
            }
            ureq::Error::ConnectProxyFailed(reason) => self.proxy_fault(refusal(&reason)),
            ureq::Error::ConnectionFailed => NetworkFault::Connect {
                host: self.connected_to(origin),
                reason: "no address accepts connections".to_owned(),
            },
            other => NetworkFault::Broken { host, reason: other.to_string() },
        };
        CallFailure::Network(fault)
    }

    fn io_failure(&self, error: io::Error, origin: &Origin) -> CallFailure {
        let host = origin.host().to_owned();
        if is_timeout(&error) {
            return CallFailure::TimedOut { limit: self.timeout };
        }
        let inner = error.get_ref();
        if let Some(fault) = inner.and_then(|inner| inner.downcast_ref::<FileFault>()) {
            return CallFailure::Unreadable {
                path: fault.path.clone(),
                reason: fault.reason.clone(),
            };
        }
        // The system's resolver has no kind of its own.
        if error.to_string().starts_with("failed to lookup address") {
            return CallFailure::Network(NetworkFault::Resolve { host: self.looked_up(origin) });
        }
        // rustls and the SOCKS handshake speak through the stream's own errors, in words.
        if let Some(inner) = inner.map(ToString::to_string) {
            if TLS_WORDS.iter().any(|words| inner.contains(words)) {
                return CallFailure::Network(tls_fault(&host, &inner));
            }
            if self.proxy.is_some() && error.kind() != io::ErrorKind::UnexpectedEof {
                return CallFailure::Network(self.proxy_fault(inner));
            }
            if origin.is_secure() && error.kind() == io::ErrorKind::InvalidData {
                return CallFailure::Network(tls_fault(&host, &inner));
            }
        }
        let words = system_words(&error);
        CallFailure::Network(match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => {
                NetworkFault::Connect { host: self.connected_to(origin), reason: words }
            }
            io::ErrorKind::UnexpectedEof => {
                NetworkFault::Broken { host, reason: "it was closed".to_owned() }
            }
            _ => NetworkFault::Broken { host, reason: words },
        })
    }

    fn proxy_fault(&self, reason: String) -> NetworkFault {
        let proxy = self.proxy.as_ref().map(|proxy| proxy.name.clone()).unwrap_or_default();
        NetworkFault::Proxy { proxy, reason }
    }

    /// Whose name was looked up: through a proxy it is mostly the proxy's.
    fn looked_up(&self, origin: &Origin) -> String {
        let host = origin.host();
        match &self.proxy {
            None | Some(Middleman { is_address: true, .. }) => host.to_owned(),
            Some(proxy) if proxy.gets_addresses => format!("{host}, or {PROXY}{}", proxy.name),
            Some(proxy) => format!("{PROXY}{}", proxy.name),
        }
    }

    /// `127.0.0.1:8787`; the scheme's own port is left out.
    fn connected_to(&self, origin: &Origin) -> String {
        if let Some(proxy) = &self.proxy {
            return format!("{PROXY}{}", proxy.name);
        }
        let text = origin.to_string();
        text.split_once("://").map_or(text.clone(), |(_, authority)| authority.to_owned())
    }
}

impl Middleman {
    fn new(proxy: &Proxy) -> Middleman {
        let host = proxy.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Middleman {
            name: format!("{host}:{}", proxy.port()),
            is_address: bare.parse::<IpAddr>().is_ok(),
            gets_addresses: proxy.resolve_target(),
        }
    }
}

/// What a proxy answered to CONNECT, from ureq's `proxy server responded 407/407`.
fn refusal(reason: &str) -> String {
    let status = reason.rsplit('/').next().and_then(|code| code.parse::<http::StatusCode>().ok());
    match status {
        Some(status) => {
            let words = status.canonical_reason().unwrap_or_default();
            format!("it answers {} {words}", status.as_u16()).trim_end().to_owned()
        }
        None => "it does not answer".to_owned(),
    }
}

fn roots(roots: &Roots) -> Result<RootCerts, BadNetwork> {
    let (path, pem) = match roots {
        Roots::BuiltIn => return Ok(RootCerts::WebPki),
        Roots::System => return Ok(RootCerts::PlatformVerifier),
        Roots::Pem { path, pem } => (path, pem),
    };
    let bad = || BadNetwork::Pem { path: path.clone() };
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) if is_whole(certificate.der()) => {
                certificates.push(certificate);
            }
            Ok(PemItem::Certificate(_)) | Err(_) => return Err(bad()),
            Ok(_) => {}
        }
    }
    if certificates.is_empty() {
        return Err(bad());
    }
    Ok(RootCerts::from(certificates))
}

/// Whether bytes have the frame of a certificate: a DER sequence that is as long as it says. rustls
/// passes over a broken certificate in silence, and then trusts nobody.
fn is_whole(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    let (length, content) = match first {
        ..0x80 => (usize::from(*first), rest),
        0x81..=0x83 => {
            let Some((length, content)) = rest.split_at_checked(usize::from(first & 0x7f)) else {
                return false;
            };
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), content)
        }
        // A length of its own kind, or one beyond 16 MB.
        0x80 | 0x84.. => return false,
    };
    length == content.len()
}

/// A request that HTTP cannot express. Keys, paths and headers are checked before they get here.
fn not_sendable() -> CallFailure {
    CallFailure::Network(NetworkFault::NotHttp {
        host: "the request".to_owned(),
        reason: "it has characters that HTTP cannot carry".to_owned(),
    })
}

/// What ureq's parser says, without the names it has for itself.
fn protocol_words(text: &str) -> String {
    match text.strip_prefix("http parse fail: ") {
        Some(reason) => reason.to_owned(),
        None if text.contains("too many headers") => "it sends too many headers".to_owned(),
        None => text.to_owned(),
    }
}

/// ureq passes its own time limits through `Read` as an inner error.
fn is_timeout(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    matches!(inner, Some(ureq::Error::Timeout(_)))
        || matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// rustls tells in words what is wrong with a certificate; most of its reasons have a remedy.
fn tls_fault(host: &str, words: &str) -> NetworkFault {
    let reason = words.trim_start_matches("invalid peer certificate: ");
    let has = |part: &str| reason.contains(part);
    let (reason, trouble) = if has("expired") || has("Expired") {
        ("its certificate has expired", TlsTrouble::Date { today: String::new() })
    } else if has("NotValidYet") || has("not valid yet") {
        ("its certificate is not valid yet", TlsTrouble::Date { today: String::new() })
    } else if has("UnknownIssuer") {
        ("nobody who is trusted signed its certificate", TlsTrouble::UnknownIssuer)
    } else if has("CaUsedAsEndEntity") {
        let words = "its certificate is that of an authority (CA:TRUE), which no server may use";
        (words, TlsTrouble::Other)
    } else if has("No CA certificates were loaded") {
        ("this computer's own list of whom to trust is empty", TlsTrouble::NoRoots)
    } else if has("corrupt message") {
        ("it does not speak TLS", TlsTrouble::NoTls)
    } else if has("NotValidForName") || has("not valid for name") {
        ("its certificate is for another host", TlsTrouble::OtherHost)
    } else {
        (reason, TlsTrouble::Other)
    };
    NetworkFault::tls(host, reason, trouble)
}
