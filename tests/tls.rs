//! Certificates: whom the program trusts, and what it says of those whom it does not. The servers
//! speak real TLS on loopback; their certificates are made by each test.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{KEY, Outcome, Test};

const VIDEOS: &str = r#"{"data":[],"has_more":false,"next_token":null}"#;

const UNKNOWN: &str = "error: no secure connection to localhost: its certificate is not signed by a trusted authority\n\
     hint: does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it\n";

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
        let config = identity.config();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let served = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
            answer(StreamOwned::new(connection, stream))
        });
        TlsServer { port, served }
    }

    fn base(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// What it read, deciphered; nothing if the handshake failed.
    pub(crate) fn received(self) -> String {
        String::from_utf8(self.served.join().expect("a served connection")).expect("text")
    }
}

/// Reads a head and answers it.
fn answer(mut stream: StreamOwned<ServerConnection, std::net::TcpStream>) -> Vec<u8> {
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => received.push(byte[0]),
            _ => return received,
        }
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let reply = format!("{head}Content-Length: {}\r\n\r\n{VIDEOS}", VIDEOS.len());
    stream.write_all(reply.as_bytes()).expect("the client reads");
    stream.conn.send_close_notify();
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
    test.base(&server.base()).stdout("[]\n").exits(0);
    let received = server.received();
    assert!(received.starts_with("GET /v3/videos HTTP/1.1\r\n"), "{received}");
    assert!(received.contains(&format!("x-api-key: {KEY}\r\n")), "{received}");
}

/// Runs a test against a server that it is not to trust: the server learns nothing.
#[track_caller]
fn refuses<'t>(test: Test<'t>, identity: &Identity, stderr: &str) -> Outcome<'t> {
    let server = TlsServer::new(identity);
    let outcome = test.base(&server.base()).stderr(stderr).exits(1);
    assert_eq!(server.received(), "");
    outcome
}

#[test]
fn an_authority_is_trusted_by_flag_and_by_variables() {
    let authority = Authority::new("Our company");
    let identity = authority.sign(params("localhost"));
    let with_file = |test: Test<'static>| test.file("ca.pem", authority.pem());
    trusts(with_file(get(&["--ca-cert", "ca.pem"])), &identity);
    trusts(with_file(get(&[]).env("HEYGEN_CA_CERT", "ca.pem")), &identity);
    trusts(with_file(get(&[]).env("SSL_CERT_FILE", "ca.pem")), &identity);
    refuses(with_file(get(&[])), &identity, UNKNOWN);
}

#[test]
fn the_flag_goes_before_our_variable_and_that_before_the_common_one() {
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
    refuses(with_files(other_way), &identity, UNKNOWN);
    // Empty is unset.
    trusts(with_files(get(&["--ca-cert", "ca.pem"]).env("HEYGEN_CA_CERT", "")), &identity);
    let empty = get(&[]).env("HEYGEN_CA_CERT", "").env("SSL_CERT_FILE", "ca.pem");
    trusts(with_files(empty), &identity);
}

#[test]
fn a_file_may_hold_several_certificates_and_other_things() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Other"));
    let key = KeyPair::generate().expect("a key").serialize_pem();
    let pem = format!("# Other\r\n{}\n{key}\n# Ours\n{}", other.pem(), ours.pem());
    trusts(get(&["--ca-cert", "ca.pem"]).file("ca.pem", pem), &ours.sign(params("localhost")));
}

#[test]
fn a_file_of_certificates_that_is_none_is_refused_before_anything_is_sent() {
    let check = |test: Test<'static>, stderr: &str| {
        test.env("HEYGEN_API_BASE", "https://localhost:1").stderr(stderr).exits(2);
    };
    let none = "error: `ca.pem` has no certificate, or a broken one\n\
                hint: it needs blocks `-----BEGIN CERTIFICATE-----`\n";
    check(get(&["--ca-cert", "ca.pem"]).file("ca.pem", ""), none);
    check(get(&["--ca-cert", "ca.pem"]).file("ca.pem", "no certificate\n"), none);
    check(
        get(&["--ca-cert", "ca.pem"])
            .file("ca.pem", "-----BEGIN CERTIFICATE-----\nbm90\n-----END CERTIFICATE-----\n"),
        none,
    );
    check(
        get(&["--ca-cert", "ca.pem"])
            .file("ca.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
        none,
    );
    let cut = Authority::new("Cut").pem();
    check(get(&["--ca-cert", "ca.pem"]).file("ca.pem", &cut[..cut.len() / 2]), none);
    let gone = |place: &str, words: &str| {
        format!(
            "error: {place}: reading `ca.pem`: {words}\n\
             hint: name a file of certificates in PEM form, or `system`\n"
        )
    };
    check(get(&["--ca-cert", "ca.pem"]), &gone("--ca-cert", "no such file or directory"));
    check(
        get(&[]).env("HEYGEN_CA_CERT", "ca.pem"),
        &gone("HEYGEN_CA_CERT", "no such file or directory"),
    );
    check(
        get(&[]).env("SSL_CERT_FILE", "ca.pem").dir("ca.pem"),
        &gone("SSL_CERT_FILE", "is a directory"),
    );
}

/// The day by this computer's clock, in the middle of which a test had better not run.
fn today() -> String {
    let now = std::time::SystemTime::now();
    let now = jiff::Timestamp::try_from(now).expect("a time after 1970");
    now.to_string().split('T').next().unwrap_or_default().to_owned()
}

#[test]
fn a_certificate_of_another_time_asks_whether_the_clock_is_right() {
    let authority = Authority::new("Our company");
    let check = |from: i32, until: i32, words: &str| {
        let mut params = params("localhost");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let test = get(&["--ca-cert", "ca.pem"]).file("ca.pem", authority.pem());
        refuses(
            test,
            &authority.sign(params),
            &format!(
                "error: no secure connection to localhost: its certificate {words}\n\
                 hint: this computer's date is {}: is that right?\n",
                today()
            ),
        );
    };
    check(2001, 2002, "has expired");
    check(4000, 4001, "is not valid yet");
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new("Our company");
    let test = get(&["--ca-cert", "ca.pem"]).file("ca.pem", authority.pem());
    refuses(
        test,
        &authority.sign(params("api.heygen.invalid")),
        "error: no secure connection to localhost: its certificate is for another host\n\
         hint: is the address right? see `--api-base`\n",
    );
}

#[test]
fn a_certificate_that_signed_itself_is_refused_unless_it_is_the_one_that_is_trusted() {
    let key = KeyPair::generate().expect("a key");
    let certificate = params("localhost").self_signed(&key).expect("a certificate");
    let identity = Identity { certificate, key };
    refuses(get(&[]), &identity, UNKNOWN);
    let pem = identity.certificate.pem();
    trusts(get(&["--ca-cert", "ca.pem"]).file("ca.pem", pem), &identity);
}

#[test]
fn an_authority_is_no_server() {
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
        "error: no secure connection to localhost: its certificate is a CA certificate \
         (CA:TRUE), invalid for a server\n",
    );
}

#[test]
fn certificates_are_an_error_that_scripts_can_read() {
    let identity = Authority::new("Our company").sign(params("localhost"));
    let server = TlsServer::new(&identity);
    Test::new(&["get", "/v3/videos"])
        .base(&server.base())
        .env("HEYGEN_MAX_RETRIES", "3")
        .stderr(
            "{\"error\":{\"code\":\"network_error\",\"message\":\"no secure connection to localhost: \
             its certificate is not signed by a trusted authority\",\"hint\":\"does a company proxy sign here? \
             `--ca-cert FILE` or `--ca-cert system` trusts it\",\
             \"request\":{\"method\":\"GET\",\"path\":\"/v3/videos\"},\"attempts\":1}}\n",
        )
        .exits(1);
    assert_eq!(server.received(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_trusts_is_trusted_on_request() {
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
    refuses(work(system()), &other, UNKNOWN);
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_that_trusts_nobody_is_told_apart() {
    let identity = Authority::new("Our company").sign(params("localhost"));
    let test =
        get(&["--ca-cert", "system"]).env("SSL_CERT_FILE", "gone").env("SSL_CERT_DIR", "gone");
    let server = TlsServer::new(&identity);
    test.base(&server.base())
        .stderr(
            "error: no secure connection to localhost: the system has no trusted certificates\n\
             hint: a list is built in: leave out `--ca-cert system`, or name a file\n",
        )
        .exits(1);
    assert_eq!(server.received(), "");
}
