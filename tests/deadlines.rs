//! Peers that keep sending a little: every phase of a call times out.

use std::time::Duration;

use crate::peer::{Line, Peer};
use crate::support::{Outcome, Test};

/// Longer than any limit that a test sets, shorter than anybody waits for a hanging program.
const SOON: Duration = Duration::from_secs(10);

const LIMIT: Duration = Duration::from_millis(300);

/// No name ends like this (RFC 6761), so that only a proxy leads there.
const ELSEWHERE: &str = "https://api.heygen.invalid";

/// Runs a test that is to run out of its 300 ms, with responses that are shown and with such that
/// are saved, whose time is bounded otherwise.
#[track_caller]
fn times_out(prepared: impl Fn(Test<'static>) -> Test<'static>) {
    for arguments in [&["get", "/v3/videos"][..], &["get", "/v3/videos", "-O", "out"]] {
        runs_out(prepared(Test::new(arguments)));
    }
}

#[track_caller]
fn runs_out(test: Test<'_>) -> Outcome<'_> {
    ends_late(test, 4)
}

#[track_caller]
fn ends_late(test: Test<'_>, code: i32) -> Outcome<'_> {
    let outcome =
        test.args(&["--timeout", "300ms"]).env("HEYGEN_ERROR_FORMAT", "text").limit(SOON).run();
    let first = outcome.stderr.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("error: ") && first.ends_with(" within 300 ms"),
        "{}",
        outcome.stderr
    );
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""));
    assert!(outcome.took >= LIMIT && outcome.took < SOON / 2, "{:?}", outcome.took);
    outcome
}

fn through(proxy: &str) -> impl Fn(Test<'static>) -> Test<'static> {
    let proxy = proxy.to_owned();
    move |test| test.base(ELSEWHERE).env("HTTPS_PROXY", &proxy)
}

#[test]
fn dripping_connect_response_ends() {
    let proxy = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        line.drips(b"HTTP/1.1 200 Connection established\r\nX-Drip: ", b'a')
    });
    times_out(through(&proxy.base()));
}

#[test]
fn proxy_interim_responses_time_out() {
    let proxy = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        loop {
            line.says("HTTP/1.1 100 Continue\r\n\r\n")?;
        }
    });
    times_out(through(&proxy.base()));
}

#[test]
fn dripping_socks_proxy_ends() {
    // The longest reply has a name of 255 bytes.
    let reply = |line: &mut Line| {
        line.read(3)?;
        line.says([5, 0])?;
        line.drips(&[5, 0, 0, 3, 255], b'a')
    };
    let proxy = Peer::plain(reply);
    times_out(through(&format!("socks5h://{}", proxy.address)));
}

#[test]
fn dripping_handshakes_end() {
    // The beginning of a ServerHello that is 16 KiB long.
    let hello = |line: &mut Line| line.drips(&[0x16, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xfb, 3, 3], 0);
    let peer = Peer::plain(hello);
    let base = format!("https://{}", peer.address);
    times_out(|test| test.base(&base));
    // The same from a proxy that is to be spoken to with TLS, and from a target behind one.
    times_out(through(&base));
    let tunnel = Peer::plain(move |line: &mut Line| {
        line.read_head()?;
        line.says("HTTP/1.1 200 OK\r\n\r\n")?;
        hello(line)
    });
    times_out(through(&tunnel.base()));
}

#[test]
fn dripping_heads_end() {
    let plain = |start: &'static str| {
        Peer::plain(move |line: &mut Line| {
            line.read_head()?;
            line.drips(start.as_bytes(), b'a')
        })
    };
    for start in ["HTTP/1.1 200 O", "HTTP/1.1 103 Early", "HTTP/1.1 200 OK\r\nX-Drip: "] {
        let peer = plain(start);
        times_out(|test| test.base(&peer.base()));
    }
}

#[test]
fn endless_interim_responses_end() {
    let peer = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        loop {
            line.says("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")?;
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
    times_out(|test| test.base(&peer.base()));
}

#[test]
fn dripping_bodies_end_with_any_status() {
    for status in ["200 OK", "429 Too Many Requests", "409 Conflict", "503 Service Unavailable"] {
        let peer = Peer::plain(move |line: &mut Line| {
            line.read_head()?;
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n");
            line.drips(format!("{head}Content-Length: 9999\r\n\r\n[").as_bytes(), b' ')
        });
        runs_out(Test::new(&["get", "/v3/videos"]).base(&peer.base()));
        assert_eq!(peer.heads().len(), 1, "{status}");
        // An error is no file.
        if status != "200 OK" {
            runs_out(Test::new(&["get", "/v3/videos", "-O", "out"]).base(&peer.base()));
            assert_eq!(peer.heads().len(), 2, "{status}");
        }
    }
}

#[test]
fn dripping_responses_to_uploads_end() {
    // Of a success only the response is lost.
    for (status, code) in [("200 OK", 5), ("413 Content Too Large", 4)] {
        let peer = Peer::plain(move |line: &mut Line| {
            line.read_head()?;
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n");
            line.drips(format!("{head}Content-Length: 9999\r\n\r\n[").as_bytes(), b' ')
        });
        let upload = ["post", "/v3/assets", "--form", "file=@a.png"];
        ends_late(Test::new(&upload).file("a.png", "\u{89}PNG").base(&peer.base()), code);
    }
}

#[test]
fn endless_trailers_end() {
    let peer = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
        line.says(format!("{head}\r\n\r\nd\r\n{{\"data\":true}}\r\n0\r\n"))?;
        loop {
            line.says("X: y\r\n")?;
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
    let upload = Test::new(&["post", "/v3/assets", "--form", "file=@a.png"]);
    ends_late(upload.file("a.png", "\u{89}PNG").base(&peer.base()), 5);
    runs_out(Test::new(&["get", "/v3/videos"]).base(&peer.base()));
    let audio = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        line.says(
            "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n",
        )?;
        line.says("3\r\nabc\r\n0\r\n")?;
        line.drips(b"X: ", b'y')
    });
    runs_out(Test::new(&["get", "/v3/videos", "-O", "out"]).base(&audio.base()));
}

#[test]
fn dripping_compressed_bodies_end() {
    let peer = Peer::plain(|line: &mut Line| {
        line.read_head()?;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                    Content-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n";
        // The name of a file in gzip's own header goes on until a zero.
        line.drips(&[head.as_bytes(), &[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]].concat(), b'a')
    });
    runs_out(Test::new(&["get", "/v3/videos"]).base(&peer.base()));
}

#[test]
fn uploads_that_nobody_reads_end() {
    let peer = Peer::plain(|_: &mut Line| Ok(()));
    for arguments in [
        &["post", "/v3/assets", "--form", "file=@large"][..],
        &["put", "/v3/videos/v1", "--body-file", "large"],
        &["put", "/v3/videos/v1", "-d", "@large.json"],
    ] {
        let json = [&vec![b' '; 20_000_000][..], b"{}"].concat();
        let test = Test::new(arguments).file("large", vec![b'x'; 20_000_000]);
        let outcome = test
            .file("large.json", json)
            .base(&peer.base())
            .args(&["--timeout", "300ms"])
            .env("HEYGEN_ERROR_FORMAT", "text")
            .limit(SOON)
            .run();
        assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    }
}
