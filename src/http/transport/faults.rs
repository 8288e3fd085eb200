//! Errors of the wire in our words. ureq's own are not passed on where they could quote headers.

use std::fmt;
use std::io;
use std::time::Duration;

use rustls::client::VerifierBuilderError;
use rustls::{CertificateError, OtherError};
use ureq::http::StatusCode;

use crate::api::origin::Origin;
use crate::error::{CallFailure, NetworkFault, PROXY, TlsTrouble, system_words};
use crate::http::upload::FileFault;

/// A failure to set up a connection: nothing of the request has been sent.
#[derive(Debug)]
pub(super) enum Fault {
    /// A name has no address.
    Resolve { host: String },
    /// No connection, neither to the target nor to the proxy.
    Connect { reason: String },
    /// The proxy responded to `CONNECT` with a status other than success.
    Refused { status: StatusCode },
    /// The proxy fails in another way.
    Proxy { reason: String },
    /// The connection is not encrypted as it should be.
    Tls(rustls::Error),
    /// The host has a name that no certificate can be for.
    BadName,
    /// The connection broke in the middle of a response.
    Broken { reason: String },
}

impl Fault {
    pub(super) fn connect(error: io::Error) -> Fault {
        Fault::Connect { reason: system_words(&error) }
    }

    pub(super) fn proxy(reason: &str) -> Fault {
        Fault::Proxy { reason: reason.to_owned() }
    }

    /// The fault behind an error of a TLS handshake; a limit of ureq's stays one.
    pub(super) fn in_handshake(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Rustls(error) => Fault::Tls(error).into(),
            ureq::Error::Tls(_) => Fault::BadName.into(),
            ureq::Error::Io(error) => match inner::<rustls::Error>(&error) {
                Some(error) => Fault::Tls(error.clone()).into(),
                None if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Fault::Connect { reason: "it closed the connection".to_owned() }.into()
                }
                None => Fault::connect(error).into(),
            },
            other => other,
        }
    }

    /// The fault behind an error in the middle of a response. ureq takes a connection that broke for
    /// one that was closed, and a body without a length for complete.
    pub(super) fn in_response(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Io(error) => Fault::Broken { reason: broken_words(&error) }.into(),
            other => other,
        }
    }

    /// The same fault, if what was connected to is a proxy.
    pub(super) fn at_proxy(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Other(other) => match other.downcast::<Fault>().map(|fault| *fault) {
                Ok(Fault::Tls(error)) => Fault::Proxy { reason: tls_words(&error).0 }.into(),
                Ok(fault) => fault.into(),
                Err(other) => ureq::Error::Other(other),
            },
            other => other,
        }
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Resolve { host } => write!(f, "cannot resolve {host}"),
            Fault::Connect { reason } => write!(f, "cannot connect: {reason}"),
            Fault::Refused { status } => write!(f, "the proxy responded {status}"),
            Fault::Proxy { reason } => write!(f, "the proxy failed: {reason}"),
            Fault::Tls(error) => error.fmt(f),
            Fault::BadName => f.write_str("invalid host name for TLS"),
            Fault::Broken { reason } => write!(f, "the connection broke: {reason}"),
        }
    }
}

impl From<Fault> for ureq::Error {
    fn from(fault: Fault) -> ureq::Error {
        ureq::Error::Other(Box::new(fault))
    }
}

/// The facts of a connection that its errors name.
#[derive(Debug, Default)]
pub(super) struct Setting {
    /// The time limit of an attempt.
    pub(super) limit: Duration,
    /// Host and port of the proxy; user and password are left out.
    pub(super) proxy: Option<ProxyName>,
    /// The system's certificates are trusted, and no others.
    pub(super) trusts_system: bool,
}

/// A proxy, as errors name it.
#[derive(Debug)]
pub(super) struct ProxyName {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Setting {
    /// The failure behind an error of ureq's.
    pub(super) fn failure(&self, error: ureq::Error, origin: &Origin) -> CallFailure {
        let host = origin.host().to_owned();
        CallFailure::Network(match error {
            ureq::Error::Timeout(_) => return self.timed_out(),
            ureq::Error::Io(error) => return self.io_failure(&error, host),
            ureq::Error::Other(other) => match other.downcast::<Fault>() {
                Ok(fault) => self.network_fault(*fault, origin),
                Err(other) => NetworkFault::Broken { host, reason: other.to_string() },
            },
            ureq::Error::Protocol(error) => {
                NetworkFault::NotHttp { host, reason: protocol_words(&error.to_string()) }
            }
            ureq::Error::LargeResponseHeader(..) => {
                NetworkFault::NotHttp { host, reason: "its headers are too large".to_owned() }
            }
            ureq::Error::ConnectionFailed => {
                let reason = "no address accepts connections".to_owned();
                self.network_fault(Fault::Connect { reason }, origin)
            }
            // After the handshake, so that the request may have been received.
            ureq::Error::Rustls(error) => NetworkFault::Broken { host, reason: error.to_string() },
            other => NetworkFault::Broken { host, reason: other.to_string() },
        })
    }

    pub(super) fn timed_out(&self) -> CallFailure {
        CallFailure::TimedOut { limit: self.limit }
    }

    /// The fault of a proxy that refuses a request.
    pub(super) fn refused(&self, status: StatusCode) -> NetworkFault {
        let words = status.canonical_reason().unwrap_or_default();
        self.proxy_fault(format!("it responded {} {words}", status.as_u16()).trim_end().to_owned())
    }

    fn network_fault(&self, fault: Fault, origin: &Origin) -> NetworkFault {
        match fault {
            Fault::Resolve { host } => NetworkFault::Resolve { host: self.looked_up(host) },
            Fault::Connect { reason } => {
                NetworkFault::Connect { host: self.connected_to(origin), reason }
            }
            Fault::Refused { status } => self.refused(status),
            Fault::Proxy { reason } => self.proxy_fault(reason),
            Fault::Tls(rustls::Error::General(_)) if self.trusts_system => {
                tls_fault(origin, NO_ROOTS, TlsTrouble::NoRoots)
            }
            Fault::Tls(error) => {
                let (reason, trouble) = tls_words(&error);
                tls_fault(origin, &reason, trouble)
            }
            Fault::Broken { reason } => {
                NetworkFault::Broken { host: origin.host().to_owned(), reason }
            }
            Fault::BadName => {
                tls_fault(origin, "no certificate can be for this host name", TlsTrouble::Other)
            }
        }
    }

    /// A connection that broke once it stood.
    fn io_failure(&self, error: &io::Error, host: String) -> CallFailure {
        if let Some(fault) = inner::<FileFault>(error) {
            return CallFailure::Unreadable {
                path: fault.path.clone(),
                reason: fault.reason.clone(),
                is_begun: true,
            };
        }
        CallFailure::Network(NetworkFault::Broken { host, reason: broken_words(error) })
    }

    fn proxy_fault(&self, reason: String) -> NetworkFault {
        let proxy = self.proxy.as_ref().map(ProxyName::to_string).unwrap_or_default();
        NetworkFault::Proxy { proxy, reason }
    }

    fn looked_up(&self, host: String) -> String {
        match &self.proxy {
            Some(proxy) if proxy.host == host => format!("{PROXY}{proxy}"),
            _ => host,
        }
    }

    /// `127.0.0.1:8787`; the scheme's own port is left out.
    fn connected_to(&self, origin: &Origin) -> String {
        if let Some(proxy) = &self.proxy {
            return format!("{PROXY}{proxy}");
        }
        let text = origin.to_string();
        text.split_once("://").map_or(text.clone(), |(_, authority)| authority.to_owned())
    }
}

impl fmt::Display for ProxyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// True for a time limit of ureq's, which comes through `Read` as an inner error.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(inner(error), Some(ureq::Error::Timeout(_)))
}

fn broken_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it was closed".to_owned(),
        _ => system_words(error),
    }
}

fn inner<E: std::error::Error + 'static>(error: &io::Error) -> Option<&E> {
    error.get_ref()?.downcast_ref()
}

const NO_ROOTS: &str = "the system has no trusted certificates";

fn tls_fault(origin: &Origin, reason: &str, trouble: TlsTrouble) -> NetworkFault {
    NetworkFault::tls(origin.host(), reason, trouble)
}

/// The reason of a failed handshake, and what may help.
fn tls_words(error: &rustls::Error) -> (String, TlsTrouble) {
    let (reason, trouble) = match error {
        rustls::Error::InvalidCertificate(error) => return certificate_words(error),
        // Bytes that are not TLS: mostly plain HTTP.
        rustls::Error::InvalidMessage(_) => ("it does not speak TLS", TlsTrouble::NoTls),
        rustls::Error::Other(OtherError(verifier))
            if matches!(verifier.downcast_ref(), Some(VerifierBuilderError::NoRootAnchors)) =>
        {
            (NO_ROOTS, TlsTrouble::NoRoots)
        }
        other => return (other.to_string(), TlsTrouble::Other),
    };
    (reason.to_owned(), trouble)
}

fn certificate_words(error: &CertificateError) -> (String, TlsTrouble) {
    let date = TlsTrouble::Date { today: String::new() };
    let (reason, trouble) = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("its certificate has expired", date)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("its certificate is not valid yet", date)
        }
        CertificateError::UnknownIssuer => {
            ("its certificate is not signed by a trusted authority", TlsTrouble::UnknownIssuer)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("its certificate is for another host", TlsTrouble::OtherHost)
        }
        CertificateError::Other(OtherError(verifier))
            if matches!(verifier.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
        {
            (
                "its certificate is a CA certificate (CA:TRUE), invalid for a server",
                TlsTrouble::Other,
            )
        }
        other => return (other.to_string(), TlsTrouble::Other),
    };
    (reason.to_owned(), trouble)
}

/// The words of ureq's parser, without the names it has for itself.
fn protocol_words(text: &str) -> String {
    match text.strip_prefix("http parse fail: ") {
        Some(reason) => reason.to_owned(),
        None if text.contains("too many headers") => "it sends too many headers".to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use rustls::{AlertDescription, InvalidMessage};
    use ureq::Timeout;

    use super::*;
    use crate::http::retry::may_be_accepted;

    const PROXY_HOST: &str = "proxy.test";

    fn setting(has_proxy: bool, trusts_system: bool) -> Setting {
        let proxy = ProxyName { host: PROXY_HOST.to_owned(), port: 3128 };
        let limit = Duration::from_secs(2);
        Setting { limit, proxy: has_proxy.then_some(proxy), trusts_system }
    }

    /// Compares what is shown of an error, with or without a proxy, and whether the request may be gone.
    #[track_caller]
    fn check(error: ureq::Error, has_proxy: bool, expected: &str, may_be_gone: bool) {
        let (origin, _) = Origin::split("https://api.test:8443").expect("an origin");
        let failure = setting(has_proxy, false).failure(error, &origin);
        assert_eq!(words(&failure), expected);
        assert_eq!(may_be_accepted(None, &failure), may_be_gone, "{expected}");
    }

    fn words(failure: &CallFailure) -> String {
        match failure {
            CallFailure::Network(fault) => fault.to_string(),
            other => format!("{other:?}"),
        }
    }

    fn io(kind: io::ErrorKind) -> io::Error {
        io::Error::from(kind)
    }

    #[test]
    fn faults_of_connecting_have_sent_nothing() {
        let connect = |kind| Fault::connect(io(kind)).into();
        let resolve = |host: &str| Fault::Resolve { host: host.to_owned() }.into();
        let to_api = "cannot connect to api.test:8443: ";
        let to_proxy = "cannot connect to the proxy proxy.test:3128: ";
        let refused = "connection refused";
        let kind = io::ErrorKind::ConnectionRefused;
        check(connect(kind), false, &format!("{to_api}{refused}"), false);
        check(connect(kind), true, &format!("{to_proxy}{refused}"), false);
        check(
            connect(io::ErrorKind::HostUnreachable),
            false,
            &format!("{to_api}host unreachable"),
            false,
        );
        let nobody = "no address accepts connections";
        check(ureq::Error::ConnectionFailed, false, &format!("{to_api}{nobody}"), false);
        check(resolve("api.test"), false, "cannot resolve api.test", false);
        check(resolve("api.test"), true, "cannot resolve api.test", false);
        check(resolve(PROXY_HOST), true, "cannot resolve the proxy proxy.test:3128", false);
        let refuses = "the proxy proxy.test:3128 does not let the call through: it ";
        let status = StatusCode::FORBIDDEN;
        check(
            Fault::Refused { status }.into(),
            true,
            &format!("{refuses}responded 403 Forbidden"),
            false,
        );
        let status = StatusCode::from_u16(599).expect("a status");
        check(Fault::Refused { status }.into(), true, &format!("{refuses}responded 599"), false);
        check(Fault::proxy("it is closed").into(), true, &format!("{refuses}is closed"), false);
    }

    #[test]
    fn faults_of_a_connection_may_have_sent_all() {
        let broke = |reason: &str| {
            format!("the connection to api.test broke before the response: {reason}")
        };
        let check_io = |kind: io::ErrorKind, reason: &str| {
            check(io(kind).into(), false, &broke(reason), true);
            check(io(kind).into(), true, &broke(reason), true);
        };
        check_io(io::ErrorKind::UnexpectedEof, "it was closed");
        check_io(io::ErrorKind::ConnectionReset, "connection reset");
        // Also what is said of connecting as well.
        check_io(io::ErrorKind::HostUnreachable, "host unreachable");
        check_io(io::ErrorKind::ConnectionRefused, "connection refused");
        check_io(io::ErrorKind::TimedOut, "timed out");
        let alert = rustls::Error::AlertReceived(AlertDescription::InternalError);
        let reason = broke("received fatal alert: the peer encountered an internal error");
        let error = ureq::Error::Io(io::Error::new(io::ErrorKind::InvalidData, alert));
        let CallFailure::Network(NetworkFault::Broken { reason: shown, .. }) =
            setting(false, false)
                .failure(error, &Origin::split("https://api.test").expect("an origin").0)
        else {
            panic!("no broken connection")
        };
        assert!(shown.starts_with("received fatal alert"), "{shown} {reason}");
        let large = ureq::Error::LargeResponseHeader(2, 1);
        check(large, false, "api.test did not respond in HTTP: its headers are too large", true);
    }

    #[test]
    fn limits_and_files_are_told_apart() {
        check(ureq::Error::Timeout(Timeout::Global), true, "TimedOut { limit: 2s }", true);
        let path = PathBuf::from("a.png");
        let fault = FileFault { path, reason: "permission denied".to_owned() };
        let expected =
            "Unreadable { path: \"a.png\", reason: \"permission denied\", is_begun: true }";
        check(io::Error::other(fault).into(), false, expected, true);
        assert!(is_timeout(&ureq::Error::Timeout(Timeout::RecvBody).into_io()));
        assert!(!is_timeout(&io(io::ErrorKind::TimedOut)));
    }

    #[test]
    fn handshakes_fail_for_typed_reasons() {
        let certificate = rustls::Error::InvalidCertificate;
        let other = |error| CertificateError::Other(OtherError(Arc::new(error)));
        let date = TlsTrouble::Date { today: String::new() };
        let check = |error: rustls::Error, expected: &str, trouble: &TlsTrouble| {
            // rustls speaks through the stream as well.
            for error in [
                ureq::Error::Rustls(error.clone()),
                io::Error::new(io::ErrorKind::InvalidData, error).into(),
            ] {
                let (origin, _) = Origin::split("https://api.test").expect("an origin");
                let failure = setting(false, false).failure(Fault::in_handshake(error), &origin);
                let CallFailure::Network(fault @ NetworkFault::Tls { trouble: found, .. }) =
                    &failure
                else {
                    panic!("{failure:?}");
                };
                assert_eq!(
                    fault.to_string(),
                    format!("no secure connection to api.test: {expected}")
                );
                assert_eq!(found, trouble, "{expected}");
                assert!(!may_be_accepted(None, &failure));
            }
        };
        check(certificate(CertificateError::Expired), "its certificate has expired", &date);
        check(
            certificate(CertificateError::NotValidYet),
            "its certificate is not valid yet",
            &date,
        );
        check(
            certificate(CertificateError::UnknownIssuer),
            "its certificate is not signed by a trusted authority",
            &TlsTrouble::UnknownIssuer,
        );
        check(
            certificate(CertificateError::NotValidForName),
            "its certificate is for another host",
            &TlsTrouble::OtherHost,
        );
        check(
            certificate(other(webpki::Error::CaUsedAsEndEntity)),
            "its certificate is a CA certificate (CA:TRUE), invalid for a server",
            &TlsTrouble::Other,
        );
        check(
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            "it does not speak TLS",
            &TlsTrouble::NoTls,
        );
        check(
            rustls::Error::Other(OtherError(Arc::new(VerifierBuilderError::NoRootAnchors))),
            NO_ROOTS,
            &TlsTrouble::NoRoots,
        );
        let general = rustls::Error::General("nothing loaded".to_owned());
        check(general, "unexpected error: nothing loaded", &TlsTrouble::Other);
    }

    #[test]
    fn system_without_certificates_is_told() {
        let (origin, _) = Origin::split("https://api.test").expect("an origin");
        let error = ureq::Error::Rustls(rustls::Error::General("nothing loaded".to_owned()));
        let failure = setting(false, true).failure(Fault::in_handshake(error), &origin);
        assert_eq!(words(&failure), format!("no secure connection to api.test: {NO_ROOTS}"));
    }

    #[test]
    fn faults_in_tls_to_a_proxy_are_the_proxys() {
        let expired = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let error = Fault::at_proxy(Fault::in_handshake(ureq::Error::Rustls(expired)));
        let expected = "the proxy proxy.test:3128 does not let the call through: \
                        its certificate has expired";
        check(error, true, expected, false);
        let closed = Fault::at_proxy(Fault::in_handshake(io(io::ErrorKind::UnexpectedEof).into()));
        let expected = "cannot connect to the proxy proxy.test:3128: it closed the connection";
        check(closed, true, expected, false);
        let limit = Fault::at_proxy(Fault::in_handshake(ureq::Error::Timeout(Timeout::Connect)));
        check(limit, true, "TimedOut { limit: 2s }", true);
    }
}
