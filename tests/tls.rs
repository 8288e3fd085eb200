//! Certificates: the trusted ones, and the errors for others. The servers speak real TLS on loopback;
//! each test makes their certificates.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{Expectation, Inline, KEY, Outcome, Test, str};

const VIDEOS: &str = r#"{"data":[],"has_more":false,"next_token":null}"#;

/// Somebody who signs certificates.
pub(crate) struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("parameters");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        Authority { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a server, signed by this authority.
    pub(crate) fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity { certificate, key }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }
}

/// A certificate and the key to it.
pub(crate) struct Identity {
    certificate: Certificate,
    key: KeyPair,
}

impl Identity {
    pub(crate) fn config(&self) -> ServerConfig {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .expect("a configuration")
    }
}

pub(crate) fn params(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).expect("parameters")
}

/// A server that takes one connection.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    served: JoinHandle<Vec<u8>>,
}

impl TlsServer {
    pub(crate) fn new(identity: &Identity) -> TlsServer {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
        let reply = format!("{head}Content-Length: {}\r\n\r\n{VIDEOS}", VIDEOS.len());
        TlsServer::with(identity, reply, End::Announced)
    }

    fn with(identity: &Identity, reply: String, end: End) -> TlsServer {
        let config = identity.config();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let served = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
            respond(StreamOwned::new(connection, stream), &reply, end)
        });
        TlsServer { port, served }
    }

    fn base(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The bytes that it read, decrypted; none if the handshake failed.
    pub(crate) fn received(self) -> String {
        String::from_utf8(self.served.join().expect("a served connection")).expect("text")
    }
}

/// The end of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// TLS says that nothing follows.
    Announced,
    /// Anybody on the way may have cut it.
    Unannounced,
}

/// Reads a request head and responds to it.
fn respond(
    mut stream: StreamOwned<ServerConnection, std::net::TcpStream>,
    reply: &str,
    end: End,
) -> Vec<u8> {
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => received.push(byte[0]),
            _ => return received,
        }
    }
    stream.write_all(reply.as_bytes()).expect("the client reads");
    if end == End::Announced {
        stream.conn.send_close_notify();
    }
    let _ = stream.flush();
    received
}

/// `heygen get /v3/videos` and these arguments, with errors as text.
fn get(arguments: &[&str]) -> Test<'static> {
    Test::new(&[&["get", "/v3/videos"], arguments].concat()).env("HEYGEN_ERROR_FORMAT", "text")
}

/// Runs a test against a server that it is to trust.
#[track_caller]
fn trusts(test: Test<'_>, identity: &Identity) {
    let server = TlsServer::new(identity);
    test.base(&server.base())
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
    let received = server.received();
    assert!(received.starts_with("GET /v3/videos HTTP/1.1\r\n"), "{received}");
    assert!(received.contains(&format!("x-api-key: {KEY}\r\n")), "{received}");
}

/// Runs a test against a server that it is not to trust: the server learns nothing.
#[track_caller]
fn refuses<'t>(test: Test<'t>, identity: &Identity, stderr: impl Into<Expectation>) -> Outcome<'t> {
    let server = TlsServer::new(identity);
    let outcome = test.base(&server.base()).stderr(stderr).exits(1);
    assert_eq!(server.received(), "");
    outcome
}

#[test]
fn ca_cert_flag_and_variables() {
    let authority = Authority::new("Our company");
    let identity = authority.sign(params("localhost"));
    let with_file = |test: Test<'static>| test.file("ca.pem", authority.pem());
    trusts(with_file(get(&["--ca-cert", "ca.pem"])), &identity);
    trusts(with_file(get(&[]).env("HEYGEN_CA_CERT", "ca.pem")), &identity);
    trusts(with_file(get(&[]).env("SSL_CERT_FILE", "ca.pem")), &identity);
    refuses(
        with_file(get(&[])),
        &identity,
        str![[r#"
error: no secure connection to localhost: its certificate is not signed by a trusted authority
hint: does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it

"#]],
    );
}

#[test]
fn end_that_tls_does_not_announce_is_no_end() {
    let authority = Authority::new("Our company");
    let identity = authority.sign(params("localhost"));
    let get = || get(&["--ca-cert", "ca.pem", "--retry", "0"]).file("ca.pem", authority.pem());
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{VIDEOS}");
    let server = TlsServer::with(&identity, reply.clone(), End::Announced);
    get().base(&server.base()).stdout("[]\n").exits(0);
    let server = TlsServer::with(&identity, reply, End::Unannounced);
    get()
        .base(&server.base())
        .stderr(str![[r#"
error: the connection ended in the middle of the response, after 46 bytes

"#]])
        .exits(1);
}

#[test]
fn ca_cert_flag_overrides_variables() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Other"));
    let identity = ours.sign(params("localhost"));
    let with_files =
        |test: Test<'static>| test.file("ca.pem", ours.pem()).file("other.pem", other.pem());
    let flag = || get(&["--ca-cert", "ca.pem"]);
    trusts(with_files(flag().env("HEYGEN_CA_CERT", "other.pem")), &identity);
    trusts(with_files(flag().env("SSL_CERT_FILE", "gone.pem")), &identity);
    let variable = || get(&[]).env("HEYGEN_CA_CERT", "ca.pem");
    trusts(with_files(variable().env("SSL_CERT_FILE", "other.pem")), &identity);
    let other_way = get(&["--ca-cert", "other.pem"]).env("HEYGEN_CA_CERT", "ca.pem");
    refuses(
        with_files(other_way),
        &identity,
        str![[r#"
error: no secure connection to localhost: its certificate is not signed by a trusted authority
hint: does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it

"#]],
    );
    // Empty is unset.
    trusts(with_files(get(&["--ca-cert", "ca.pem"]).env("HEYGEN_CA_CERT", "")), &identity);
    let empty = get(&[]).env("HEYGEN_CA_CERT", "").env("SSL_CERT_FILE", "ca.pem");
    trusts(with_files(empty), &identity);
}

#[test]
fn ca_file_with_several_certificates() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Other"));
    let key = KeyPair::generate().expect("a key").serialize_pem();
    let pem = format!("# Other\r\n{}\n{key}\n# Ours\n{}", other.pem(), ours.pem());
    trusts(get(&["--ca-cert", "ca.pem"]).file("ca.pem", pem), &ours.sign(params("localhost")));
}

#[test]
fn rejects_invalid_ca_file() {
    let check = |test: Test<'static>, stderr: Inline| {
        test.env("HEYGEN_API_BASE", "https://localhost:1").stderr(stderr).exits(2);
    };
    check(
        get(&["--ca-cert", "ca.pem"]).file("ca.pem", ""),
        str![[r#"
error: `ca.pem` has no certificate, or a broken one
hint: it needs blocks `-----BEGIN CERTIFICATE-----`

"#]],
    );
    check(
        get(&["--ca-cert", "ca.pem"]).file("ca.pem", "no certificate\n"),
        str![[r#"
error: `ca.pem` has no certificate, or a broken one
hint: it needs blocks `-----BEGIN CERTIFICATE-----`

"#]],
    );
    check(
        get(&["--ca-cert", "ca.pem"])
            .file("ca.pem", "-----BEGIN CERTIFICATE-----\nbm90\n-----END CERTIFICATE-----\n"),
        str![[r#"
error: `ca.pem` has no certificate, or a broken one
hint: it needs blocks `-----BEGIN CERTIFICATE-----`

"#]],
    );
    check(
        get(&["--ca-cert", "ca.pem"])
            .file("ca.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
        str![[r#"
error: `ca.pem` has no certificate, or a broken one
hint: it needs blocks `-----BEGIN CERTIFICATE-----`

"#]],
    );
    let cut = Authority::new("Cut").pem();
    check(
        get(&["--ca-cert", "ca.pem"]).file("ca.pem", &cut[..cut.len() / 2]),
        str![[r#"
error: `ca.pem` has no certificate, or a broken one
hint: it needs blocks `-----BEGIN CERTIFICATE-----`

"#]],
    );
    check(
        get(&["--ca-cert", "ca.pem"]),
        str![[r#"
error: --ca-cert: reading `ca.pem`: no such file or directory
hint: name a file of certificates in PEM form, or `system`

"#]],
    );
    check(
        get(&[]).env("HEYGEN_CA_CERT", "ca.pem"),
        str![[r#"
error: HEYGEN_CA_CERT: reading `ca.pem`: no such file or directory
hint: name a file of certificates in PEM form, or `system`

"#]],
    );
    check(
        get(&[]).env("SSL_CERT_FILE", "ca.pem").dir("ca.pem"),
        str![[r#"
error: SSL_CERT_FILE: reading `ca.pem`: is a directory
hint: name a file of certificates in PEM form, or `system`

"#]],
    );
}

/// The day by this computer's clock, in the middle of which a test had better not run.
fn today() -> String {
    let now = std::time::SystemTime::now();
    let now = jiff::Timestamp::try_from(now).expect("a time after 1970");
    now.to_string().split('T').next().unwrap_or_default().to_owned()
}

#[test]
fn expired_certificate_hints_at_clock() {
    let authority = Authority::new("Our company");
    let check = |from: i32, until: i32, expected: Inline| {
        let mut params = params("localhost");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let test = get(&["--ca-cert", "ca.pem"])
            .file("ca.pem", authority.pem())
            .named("[TODAY]", &today());
        refuses(test, &authority.sign(params), expected);
    };
    check(
        2001,
        2002,
        str![[r#"
error: no secure connection to localhost: its certificate has expired
hint: this computer's date is [TODAY]: is that right?

"#]],
    );
    check(
        4000,
        4001,
        str![[r#"
error: no secure connection to localhost: its certificate is not valid yet
hint: this computer's date is [TODAY]: is that right?

"#]],
    );
}

#[test]
fn rejects_certificate_for_another_host() {
    let authority = Authority::new("Our company");
    let test = get(&["--ca-cert", "ca.pem"]).file("ca.pem", authority.pem());
    refuses(
        test,
        &authority.sign(params("api.heygen.invalid")),
        str![[r#"
error: no secure connection to localhost: its certificate is for another host
hint: is the address right? see `--api-base`

"#]],
    );
}

#[test]
fn self_signed_certificate_must_be_trusted() {
    let key = KeyPair::generate().expect("a key");
    let certificate = params("localhost").self_signed(&key).expect("a certificate");
    let identity = Identity { certificate, key };
    refuses(
        get(&[]),
        &identity,
        str![[r#"
error: no secure connection to localhost: its certificate is not signed by a trusted authority
hint: does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it

"#]],
    );
    let pem = identity.certificate.pem();
    trusts(get(&["--ca-cert", "ca.pem"]).file("ca.pem", pem), &identity);
}

#[test]
fn rejects_ca_certificate_as_server() {
    // `openssl req -x509` makes such certificates unless it is told otherwise.
    let key = KeyPair::generate().expect("a key");
    let mut params = params("localhost");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("a certificate");
    let identity = Identity { certificate, key };
    let pem = identity.certificate.pem();
    refuses(
        get(&["--ca-cert", "ca.pem"]).file("ca.pem", pem),
        &identity,
        str![[r#"
error: no secure connection to localhost: its certificate is a CA certificate (CA:TRUE), invalid for a server

"#]],
    );
}

#[test]
fn certificate_error_as_json() {
    let identity = Authority::new("Our company").sign(params("localhost"));
    let server = TlsServer::new(&identity);
    Test::new(&["get", "/v3/videos"])
        .base(&server.base())
        .env("HEYGEN_MAX_RETRIES", "3")
        .stderr(str![[r#"
{"error":{"code":"network_error","message":"no secure connection to localhost: its certificate is not signed by a trusted authority","hint":"does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it","request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
    assert_eq!(server.received(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn ca_cert_system_uses_system_store() {
    // On Linux the system's own list can be named by the common variable.
    let authority = Authority::new("Our company");
    let identity = authority.sign(params("localhost"));
    let system = || get(&["--ca-cert", "system"]).file("ca.pem", authority.pem());
    let work = |test: Test<'static>| {
        let path = test.work().join("ca.pem");
        test.env_os("SSL_CERT_FILE", path)
    };
    trusts(work(system()), &identity);
    let variable = || get(&[]).env("HEYGEN_CA_CERT", "system").file("ca.pem", authority.pem());
    trusts(work(variable()), &identity);
    let other = Authority::new("Other").sign(params("localhost"));
    refuses(
        work(system()),
        &other,
        str![[r#"
error: no secure connection to localhost: its certificate is not signed by a trusted authority
hint: does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it

"#]],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn empty_system_trust_store() {
    let identity = Authority::new("Our company").sign(params("localhost"));
    let test =
        get(&["--ca-cert", "system"]).env("SSL_CERT_FILE", "gone").env("SSL_CERT_DIR", "gone");
    let server = TlsServer::new(&identity);
    test.base(&server.base())
        .stderr(str![[r#"
error: no secure connection to localhost: the system has no trusted certificates
hint: a list is built in: leave out `--ca-cert system`, or name a file

"#]])
        .exits(1);
    assert_eq!(server.received(), "");
}
