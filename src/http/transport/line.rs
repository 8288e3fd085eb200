//! The way from a request's target to a connection that carries it.

use std::io;

use ureq::http::Uri;
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, RustlsConnector, SocksConnector, Transport,
};
use ureq::{Proxy, ProxyProtocol};

use super::deadline::Deadline;
use super::faults::Fault;
use super::forward::Forward;
use super::listening::Listening;
use super::tcp::Tcp;
use super::tunnel::Tunnel;
use crate::error::system_words;

/// Connects: directly or through a proxy, with TLS where the URL says so.
#[derive(Debug, Default)]
pub(super) struct Line {
    socks: SocksConnector,
    tls: RustlsConnector,
    tls_to_proxy: RustlsConnector,
}

impl Connector for Line {
    type Out = Listening;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Listening>, ureq::Error> {
        let deadline = Deadline::new(details.timeout)?;
        let (plain, can_glance) = match details.config.proxy() {
            Some(proxy) if is_socks(proxy) => (self.through_socks(details)?, false),
            Some(proxy) => (self.through_http(proxy, details, &deadline)?, true),
            None => {
                let tcp = Tcp::connect(&details.addrs, details.config, &deadline, None)?;
                (tcp.boxed(), true)
            }
        };
        let connection = secure(&self.tls, plain, details.uri, details, &deadline)?;
        Ok(Some(Listening::new(connection, can_glance)))
    }
}

impl Line {
    /// Through ureq's own sockets, which cannot be asked for input without waiting.
    fn through_socks(
        &self,
        details: &ConnectionDetails<'_>,
    ) -> Result<Box<dyn Transport>, ureq::Error> {
        match self.socks.connect(details, None::<()>) {
            Ok(Some(transport)) => Ok(transport.boxed()),
            Ok(None) => Err(ureq::Error::ConnectionFailed),
            Err(ureq::Error::Io(error)) => Err(socks_fault(error).into()),
            Err(other) => Err(other),
        }
    }

    fn through_http(
        &self,
        proxy: &Proxy,
        details: &ConnectionDetails<'_>,
        deadline: &Deadline,
    ) -> Result<Box<dyn Transport>, ureq::Error> {
        let addresses = details.resolver.resolve(proxy.uri(), details.config, deadline.left()?)?;
        let forward = forwards(proxy, details.uri)
            .then(|| Forward::new(details.uri.authority().map_or("", |name| name.as_str()), proxy));
        let is_forwarded = forward.is_some();
        let tcp = Tcp::connect(&addresses, details.config, deadline, forward)?;
        if is_forwarded {
            return Ok(tcp.boxed());
        }
        let connection = secure(&self.tls_to_proxy, tcp.boxed(), proxy.uri(), details, deadline)
            .map_err(Fault::at_proxy)?;
        Ok(Tunnel::open(connection, proxy, details, deadline)?.boxed())
    }
}

/// True if an HTTP proxy gets the request itself and not only its bytes, as with plain `http://`.
pub(super) fn forwards(proxy: &Proxy, target: &Uri) -> bool {
    proxy.protocol() == ProxyProtocol::Http && target.scheme_str() == Some("http")
}

fn is_socks(proxy: &Proxy) -> bool {
    !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
}

/// The fault in a SOCKS handshake, which puts words of its own into errors of the stream.
fn socks_fault(error: io::Error) -> Fault {
    match error.get_ref() {
        Some(words) => Fault::Proxy { reason: words.to_string() },
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::proxy("it closed the connection")
        }
        None => Fault::Connect { reason: system_words(&error) },
    }
}

/// The connection with TLS, if the URL of the other side asks for it.
fn secure(
    tls: &RustlsConnector,
    plain: Box<dyn Transport>,
    peer: &Uri,
    details: &ConnectionDetails<'_>,
    deadline: &Deadline,
) -> Result<Box<dyn Transport>, ureq::Error> {
    let timeout = deadline.left()?;
    let details = ConnectionDetails {
        uri: peer,
        addrs: details.resolver.empty(),
        config: details.config,
        // TLS is set up alike for all requests, so that its configuration is made once.
        request_level: false,
        resolver: details.resolver,
        now: (details.current_time)(),
        timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    };
    if !details.needs_tls() {
        return Ok(plain);
    }
    match tls.connect(&details, Some(plain)) {
        Ok(Some(transport)) => Ok(transport.boxed()),
        Ok(None) => Err(ureq::Error::TlsRequired),
        Err(error) => Err(Fault::in_handshake(error)),
    }
}
