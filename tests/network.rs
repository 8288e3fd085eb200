//! The network: proxies, addresses and timeouts.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::support::{KEY, Outcome, Reply, Server, Test, at_once, str};
use crate::tls::{Authority, TlsServer, params};

const VIDEOS: &str = r#"{"data":[],"has_more":false,"next_token":null}"#;

/// No name ends like this (RFC 6761), so that only a proxy leads there.
const ELSEWHERE: &str = "https://api.heygen.invalid";

/// Longer than any limit that a test sets, shorter than anybody waits for a hanging program.
const SOON: Duration = Duration::from_secs(10);

/// `heygen get /v3/videos` and these arguments, with errors as text.
fn get<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["get", "/v3/videos"], arguments].concat()).env("HEYGEN_ERROR_FORMAT", "text")
}

/// A listener that hands each connection to `serve`, on a thread of its own, and remembers what was
/// read by it.
struct Listener {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
}

/// A connection whose reading is remembered.
struct Connection {
    stream: TcpStream,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Listener {
    fn new(
        listener: TcpListener,
        serve: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Listener {
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (remembered, serve) = (Arc::clone(&seen), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = Connection { stream, seen: Arc::clone(&remembered) };
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(connection));
            }
        });
        Listener { address, seen }
    }

    fn on_loopback(
        serve: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static,
    ) -> Listener {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        Listener::new(listener, serve)
    }

    /// A proxy that responds to any request with these bytes.
    fn proxy_that_says(response: &'static str) -> Listener {
        Listener::on_loopback(move |mut connection| {
            connection.read_head()?;
            connection.stream.write_all(response.as_bytes())
        })
    }

    /// A proxy that leads everybody to a port of this computer.
    fn proxy_to(port: u16) -> Listener {
        Listener::on_loopback(move |mut connection| {
            connection.read_head()?;
            connection.stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            let there = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            let (mut back, mut client) = (there.try_clone()?, connection.stream.try_clone()?);
            thread::spawn(move || io::copy(&mut back, &mut client));
            let mut there = there;
            io::copy(&mut connection, &mut there).map(|_| ())
        })
    }

    /// Accepts, and from then on does nothing; the connection stays open.
    fn that_stalls(after: &'static str) -> Listener {
        Listener::on_loopback(move |mut connection| {
            connection.stream.write_all(after.as_bytes())?;
            thread::park();
            drop(connection);
            Ok(())
        })
    }

    /// Host and port.
    fn authority(&self) -> String {
        self.address.to_string()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn seen(&self) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&seen).into_owned()
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..count]);
        Ok(count)
    }
}

impl Connection {
    fn read_head(&mut self) -> io::Result<()> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && self.read(&mut byte)? == 1 {
            head.push(byte[0]);
        }
        Ok(())
    }
}

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

#[test]
fn proxy_variable_by_scheme() {
    let check = |base: &str, variables: &[&str], expected: &str| {
        let (proxy, other) =
            (Listener::proxy_that_says(FORBIDDEN), Listener::proxy_that_says(FORBIDDEN));
        let mut test = get(&[]).base(base);
        for variable in variables {
            // What begins with `-` is set, and goes after another one.
            test = match variable.strip_prefix('-') {
                Some(loser) => test.env(loser, &other.url()),
                None => test.env(variable, &proxy.url()),
            };
        }
        test.named("[PROXY]", &proxy.authority())
            .stderr(str![[r#"
error: the proxy [PROXY] does not let the call through: it responded 403 Forbidden
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
            .exits(1);
        let head = format!("CONNECT {expected} HTTP/1.1\r\nHost: {expected}\r\n");
        assert!(proxy.seen().starts_with(&head), "{variables:?}: {}", proxy.seen());
        assert!(!proxy.seen().contains(KEY) && !proxy.seen().to_lowercase().contains("x-api-key"));
        assert_eq!(other.seen(), "", "{variables:?}");
    };
    let https = "api.heygen.invalid:443";
    check(ELSEWHERE, &["HTTPS_PROXY"], https);
    check(ELSEWHERE, &["https_proxy", "-HTTPS_PROXY"], https);
    check(ELSEWHERE, &["HTTPS_PROXY", "-ALL_PROXY", "-http_proxy"], https);
    check(ELSEWHERE, &["all_proxy", "-ALL_PROXY"], https);
    check(ELSEWHERE, &["ALL_PROXY"], https);
    check("https://api.heygen.invalid:8443", &["HTTPS_PROXY"], "api.heygen.invalid:8443");
}

#[test]
fn proxy_without_scheme() {
    let proxy = Listener::proxy_that_says(FORBIDDEN);
    get(&[])
        .base(ELSEWHERE)
        .env("HTTPS_PROXY", &proxy.authority())
        .named("[PROXY]", &proxy.authority())
        .stderr(str![[r#"
error: the proxy [PROXY] does not let the call through: it responded 403 Forbidden
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
        .exits(1);
}

#[test]
fn no_proxy_bypasses_the_proxy() {
    for except in ["*", "heygen.invalid", ".heygen.invalid", "a.test, API.HEYGEN.INVALID"] {
        for variable in ["NO_PROXY", "no_proxy"] {
            let proxy = Listener::proxy_that_says(FORBIDDEN);
            get(&[])
                .base(ELSEWHERE)
                .env("HTTPS_PROXY", &proxy.url())
                .env(variable, except)
                .stderr(str![[r#"
error: cannot resolve api.heygen.invalid
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE

"#]])
                .exits(1);
            assert_eq!(proxy.seen(), "", "{variable}={except}");
        }
    }
}

#[test]
fn loopback_bypasses_the_proxy() {
    let proxy = Listener::proxy_that_says(FORBIDDEN);
    let server = Server::always(Reply::json(200, VIDEOS));
    for host in ["127.0.0.1", "localhost"] {
        get(&[])
            .base(&format!("http://{host}:{}", server.port()))
            .env("http_proxy", &proxy.url())
            .env("HTTPS_PROXY", &proxy.url())
            .env("ALL_PROXY", &proxy.url())
            .stdout(str![[r#"
[]

"#]])
            .exits(0);
    }
    assert_eq!(proxy.seen(), "");
}

#[test]
fn proxy_never_sees_the_key() {
    let authority = Authority::new("Our company");
    let server = TlsServer::new(&authority.sign(params("api.heygen.invalid")));
    let proxy = Listener::proxy_to(server.port);
    get(&["--ca-cert", "ca.pem"])
        .file("ca.pem", authority.pem())
        .base(ELSEWHERE)
        .env("HTTPS_PROXY", &proxy.url())
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
    assert!(proxy.seen().starts_with("CONNECT api.heygen.invalid:443 HTTP/1.1\r\n"));
    assert!(!proxy.seen().contains(KEY));
    assert!(server.received().contains(&format!("x-api-key: {KEY}\r\n")));
}

#[test]
fn proxy_password_goes_only_to_proxy() {
    let proxy = Listener::proxy_that_says(
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    );
    let url = format!("http://ana:hush%3Ahush-hush@{}", proxy.address);
    let test = |arguments: &[&str]| {
        get(arguments)
            .base(ELSEWHERE)
            .secret("hush-hush")
            .env("HTTPS_PROXY", &url)
            .named("[PROXY]", &proxy.authority())
    };
    test(&[])
        .stderr(str![[r#"
error: the proxy [PROXY] does not let the call through: it responded 407 Proxy Authentication Required
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
        .exits(1);
    // `ana:hush:hush-hush`
    assert!(proxy.seen().contains("\r\nProxy-Authorization: Basic YW5hOmh1c2g6aHVzaC1odXNo\r\n"));
    test(&["-vv"])
        .stderr(str![[r#"
> GET [BASE]/v3/videos
> accept: application/json, */*;q=0.8
> x-api-key: …7Qx2
error: the proxy [PROXY] does not let the call through: it responded 407 Proxy Authentication Required
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
        .exits(1);
    test(&["--error-format", "json", "--retry", "3"])
        .stderr(str![[r#"
{"error":{"code":"network_error","message":"the proxy [PROXY] does not let the call through: it responded 407 Proxy Authentication Required","hint":"the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it","request":{"method":"GET","path":"/v3/videos"},"attempts":1}}

"#]])
        .exits(1);
}

#[test]
fn invalid_proxy_url_is_not_repeated() {
    for url in ["ftp://ana:hush-hush@proxy.test:1", "http://ana:hush-hush@", "://hush-hush"] {
        get(&[])
            .base(ELSEWHERE)
            .secret("hush-hush")
            .env("HTTPS_PROXY", url)
            .stderr(str![[r#"
error: the proxy in the environment is not a valid proxy URL
hint: write HTTPS_PROXY like http://proxy.example.com:3128

"#]])
            .exits(2);
    }
}

#[test]
fn unreachable_proxy_is_named() {
    let nowhere = Server::nowhere();
    let address = nowhere.trim_start_matches("http://");
    for scheme in ["http", "socks5h"] {
        get(&[])
            .base(ELSEWHERE)
            .secret("hush-hush")
            .env("HTTPS_PROXY", &format!("{scheme}://ana:hush-hush@{address}"))
            .named("[PROXY]", address)
            .stderr(str![[r#"
error: cannot connect to the proxy [PROXY]: connection refused
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
            .exits(1);
    }
    get(&[])
        .base(ELSEWHERE)
        .env("HTTPS_PROXY", "http://proxy.invalid:3128")
        .stderr(str![[r#"
error: cannot resolve the proxy proxy.invalid:3128
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
        .exits(1);
}

#[test]
fn socks_url_for_http_proxy() {
    let proxy = Listener::on_loopback(|mut connection| {
        connection.read_exact(&mut [0; 3])?;
        connection.stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    });
    get(&[])
        .base(ELSEWHERE)
        .env("HTTPS_PROXY", &format!("socks5h://{}", proxy.address))
        .named("[PROXY]", &proxy.authority())
        .stderr(str![[r#"
error: the proxy [PROXY] does not let the call through: invalid response version
hint: the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it

"#]])
        .exits(1);
}

#[test]
fn socks5h_resolves_at_the_proxy() {
    let proxy = Listener::on_loopback(|mut connection| {
        connection.read_exact(&mut [0; 3])?;
        connection.stream.write_all(&[5, 0])?;
        let mut request = [0; 7 + "api.heygen.invalid".len()];
        connection.read_exact(&mut request)?;
        // Not allowed by the rules.
        connection.stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0])
    });
    let outcome =
        get(&[]).base(ELSEWHERE).env("ALL_PROXY", &format!("socks5h://{}", proxy.address)).run();
    assert_eq!(outcome.code, Some(1));
    let start = format!("error: the proxy {} does not let the call through: ", proxy.address);
    assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
    assert!(proxy.seen().contains("api.heygen.invalid\u{1}"), "{:?}", proxy.seen());

    // `socks5` looks the name up here: it is the API's name that fails, not the proxy's.
    get(&[])
        .base(ELSEWHERE)
        .env("ALL_PROXY", &format!("socks5://{}", proxy.address))
        .stderr(str![[r#"
error: cannot resolve api.heygen.invalid
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE

"#]])
        .exits(1);
}

/// Runs a test that is to run out of its 300 ms.
#[track_caller]
fn times_out(test: Test<'_>) -> Outcome<'_> {
    let outcome = test
        .arg("--timeout")
        .arg("300ms")
        .stderr(str![[r#"
error: no complete response within 300 ms
hint: `--timeout 5m` gives it more time

"#]])
        .limit(SOON)
        .exits(4);
    assert!(outcome.took >= Duration::from_millis(300), "{:?}", outcome.took);
    outcome
}

#[test]
fn stalled_response_times_out() {
    let server = Server::always(Reply::stall_unread());
    times_out(get(&[]).server(&server));
    let replies = [
        Reply::stall_unanswered(),
        Reply::json(200, VIDEOS).stalling_after_head(),
        Reply::json(200, VIDEOS).announcing(1000).stalling(),
        Reply::json(200, VIDEOS).chunked(5).stalling(),
        Reply::json(404, VIDEOS).announcing(1000).stalling(),
        // Something comes all the time, but it never ends.
        Reply::json(200, VIDEOS).dripping(Duration::from_millis(50)),
        Reply::json(404, VIDEOS).dripping(Duration::from_millis(50)),
        Reply::new(200, "text/html", VIDEOS).dripping(Duration::from_millis(50)),
    ];
    at_once(replies, |reply| {
        let server = Server::always(reply);
        // A timeout is not retried.
        times_out(get(&["--retry", "3"]).server(&server).sends(&["GET /v3/videos"]));
    });
}

#[test]
fn stalled_stream_times_out() {
    let server = Server::always(Reply::new(200, "audio/mpeg", "ID3").announcing(1000).stalling());
    times_out(get(&[]).server(&server));
}

#[test]
fn incomplete_head_times_out() {
    let starts = ["", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nContent-Type: text/"];
    at_once(starts, |start| {
        let listener = Listener::that_stalls(start);
        times_out(get(&[]).base(&listener.url()));
        times_out(get(&["-O", "out"]).base(&listener.url()));
    });
}

#[test]
fn silent_handshake_times_out() {
    let listener = Listener::that_stalls("");
    times_out(get(&[]).base(&format!("https://{}", listener.address)));
    times_out(get(&["-O", "out"]).base(&format!("https://{}", listener.address)));
}

#[test]
fn silent_proxy_times_out() {
    let listener = Listener::that_stalls("");
    at_once(["http", "socks5h"], |scheme| {
        let url = format!("{scheme}://{}", listener.address);
        times_out(get(&[]).base(ELSEWHERE).env("HTTPS_PROXY", &url));
        times_out(get(&["-O", "out"]).base(ELSEWHERE).env("HTTPS_PROXY", &url));
    });
}

#[test]
fn unread_upload_times_out() {
    // More than the buffers of both sides take.
    let content = vec![b' '; 16 << 20];
    let json = [&content[..], b"{}"].concat();
    let bodies = [
        &["--body-file", "large"][..],
        &["--form", "file=@large"],
        &["--body-file", "-"],
        &["-d", "@large.json"],
    ];
    let put = |body: &[&str]| {
        let test = Test::new(&[&["put", "/v3/videos/v1"], body].concat())
            .env("HEYGEN_ERROR_FORMAT", "text")
            .file("large", &content)
            .file("large.json", &json);
        if body.contains(&"-") { test.stdin(content.clone()) } else { test }
    };
    at_once(bodies, |body| {
        let server = Server::always(Reply::stall_unread());
        times_out(put(body).server(&server));
    });
    // It asks for the body, and then does not want it.
    let asks = Listener::that_stalls("HTTP/1.1 100 Continue\r\n\r\n");
    at_once([bodies[0], bodies[3]], |body| {
        times_out(put(body).base(&asks.url()));
    });
}

#[test]
fn endless_headers_are_an_error() {
    let server = Server::always(Reply::endless_headers());
    get(&[])
        .server(&server)
        .stderr(str![[r#"
error: 127.0.0.1 did not respond in HTTP: it sends too many headers

"#]])
        .limit(SOON)
        .exits(1);
}

#[test]
fn many_and_long_headers_are_accepted() {
    let mut reply = Reply::json(200, VIDEOS).header("X-Long", &"a".repeat(16 << 10));
    for number in 0..100 {
        reply = reply.header(&format!("X-{number}"), "a");
    }
    let server = Server::always(reply);
    get(&[])
        .server(&server)
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
}

#[test]
fn sends_body_without_100_continue() {
    let listener = Listener::on_loopback(|mut connection| {
        connection.read_head()?;
        connection.read_exact(&mut vec![0; 2 << 20])?;
        connection.stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
    });
    Test::new(&["put", "/v3/videos/v1", "--body-file", "large"])
        .file("large", vec![b'x'; 2 << 20])
        .base(&listener.url())
        .exits(0);
    assert!(listener.seen().to_lowercase().contains("\r\nexpect: 100-continue\r\n"));
}

#[test]
fn server_without_tls_is_an_error() {
    let server = Listener::on_loopback(|mut connection| {
        connection.read_exact(&mut [0; 5])?;
        connection.stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    });
    Test::new(&["post", "/v3/videos"])
        .base(&format!("https://{}", server.address))
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: no secure connection to 127.0.0.1: it does not speak TLS
hint: is the address right? see `--api-base`

"#]])
        .exits(1);
}

#[test]
fn connection_refused() {
    let base = Server::nowhere();
    get(&[])
        .base(&base)
        .stderr(str![[r#"
error: cannot connect to 127.0.0.1:[PORT]: connection refused
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE

"#]])
        .exits(1);
}

#[test]
fn localhost_tries_each_address() {
    // Where `localhost` is ::1 too, nothing listens there.
    let server = Server::always(Reply::json(200, VIDEOS));
    let outcome = get(&[])
        .server(&server)
        .base(&format!("http://localhost:{}", server.port()))
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
    let host = format!("localhost:{}", server.port());
    assert_eq!(outcome.requests[0].header("host"), Some(&*host));
}

#[test]
fn ipv6_api_base() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        let _ = writeln!(io::stderr(), "SKIPPED: this computer has no IPv6");
        return;
    };
    let listener = Listener::new(listener, |mut connection| {
        connection.read_head()?;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
        connection
            .stream
            .write_all(format!("{head}Content-Length: {}\r\n\r\n{VIDEOS}", VIDEOS.len()).as_bytes())
    });
    let port = listener.address.port();
    get(&[])
        .base(&format!("http://[::1]:{port}"))
        .stdout(str![[r#"
[]

"#]])
        .exits(0);
    let host = format!("host: [::1]:{port}\r\n");
    assert!(listener.seen().to_lowercase().contains(&host), "{}", listener.seen());
}
