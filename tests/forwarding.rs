//! Plain `http://` through a proxy: it gets the request itself, in absolute form.

use crate::peer::{Line, Peer};
use crate::support::{KEY, Test};

const BASE: &str = "http://api.heygen.invalid/base";

fn get(proxy: &str) -> Test<'static> {
    Test::new(&["get", "/v3/videos"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .env("HEYGEN_ALLOW_HTTP", "1")
        .env("http_proxy", proxy)
        .base(BASE)
}

fn proxy() -> Peer {
    Peer::plain(|line: &mut Line| {
        loop {
            line.read_head()?;
            line.says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
            line.says("Content-Length: 11\r\n\r\n{\"data\":[]}")?;
        }
    })
}

fn lower(head: &str) -> String {
    head.to_ascii_lowercase()
}

#[test]
fn plain_http_is_forwarded_by_the_proxy() {
    let check = |variables: &[&str]| {
        let (proxy, other) = (proxy(), proxy());
        let mut test = get("");
        for variable in variables {
            // What begins with `-` is set, and does not count.
            test = match variable.strip_prefix('-') {
                Some(variable) => test.env(variable, &other.base()),
                None => test.env(variable, &proxy.base()),
            };
        }
        test.stdout("[]\n").exits(0);
        let [head] = &proxy.heads()[..] else { panic!("{:?}", proxy.heads()) };
        let start = "GET http://api.heygen.invalid/base/v3/videos HTTP/1.1\r\n";
        assert!(head.starts_with(start), "{head}");
        assert!(lower(head).contains("\r\nhost: api.heygen.invalid\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nx-api-key: {KEY}\r\n")), "{head}");
        assert!(!lower(head).contains("proxy-authorization"), "{head}");
        assert!(other.heads().is_empty(), "{variables:?}");
    };
    check(&["http_proxy", "-HTTPS_PROXY"]);
    check(&["ALL_PROXY", "-HTTP_PROXY"]);
}

#[test]
fn proxy_password_is_sent_to_the_proxy() {
    let proxy = proxy();
    let url = format!("http://ana:hush-hush@{}", proxy.address);
    get(&url).secret("hush-hush").stdout("[]\n").exits(0);
    let [head] = &proxy.heads()[..] else { panic!("{:?}", proxy.heads()) };
    assert!(head.contains("\r\nProxy-Authorization: Basic YW5hOmh1c2gtaHVzaA==\r\n"), "{head}");
}

#[test]
fn each_request_on_a_connection_is_absolute() {
    let proxy = Peer::plain(|line: &mut Line| {
        for (items, next) in [("[1]", r#""t""#), ("[2]", "null")] {
            line.read_head()?;
            let has_more = next != "null";
            let body = format!(r#"{{"data":{items},"has_more":{has_more},"next_token":{next}}}"#);
            line.says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
            line.says(format!("Content-Length: {}\r\n\r\n{body}", body.len()))?;
        }
        Ok(())
    });
    get(&proxy.base()).args(&["--all", "-o", "jsonl"]).stdout("1\n2\n").exits(0);
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    for head in heads {
        assert!(head.starts_with("GET http://api.heygen.invalid/base/v3/videos"), "{head}");
    }
}

#[test]
fn proxy_that_wants_a_password_is_named() {
    let proxy = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        line.says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    });
    get(&proxy.base())
        .stderr(format!(
            "error: the proxy {} does not let the call through: it responded 407 Proxy \
             Authentication Required\nhint: the proxy comes from HTTPS_PROXY, http_proxy or \
             ALL_PROXY; NO_PROXY goes around it\n",
            proxy.address
        ))
        .exits(1);
}

#[test]
fn invalid_proxy_ports_are_usage_errors() {
    for port in ["99999", "65536", "0", "-1", "+80", "port", ""] {
        let outcome =
            get(&format!("http://ana:hush-hush@127.0.0.1:{port}")).secret("hush-hush").run();
        assert_eq!(outcome.code, Some(2), "{port}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "");
    }
    get("http://127.0.0.1:99999")
        .stderr(
            "error: invalid proxy port: it must be a number from 1 to 65535\n\
             hint: write HTTPS_PROXY like http://proxy.example.com:3128\n",
        )
        .exits(2);
}
