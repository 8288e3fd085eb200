//! Responses that come before the request is complete, from servers that neither read on nor close,
//! and interim responses.

use std::io;
use std::time::Duration;

use crate::peer::{Line, Peer};
use crate::support::{Outcome, Test};

/// No wait of the program's own is as long, and no test that hangs is waited for longer.
const SOON: Duration = Duration::from_secs(15);

/// More than what is sent without asking.
const LARGE: usize = 2 << 20;

/// More than the buffers of both sides take.
const HUGE: usize = 16 << 20;

const REFUSED: &str = r#"{"error":{"code":"refused","message":"Not now."}}"#;
const DONE: &str = r#"{"data":[]}"#;

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const CONTINUE_WITH_FIELD: &str = "HTTP/1.1 100 Continue\r\nX-Trace: 1\r\n\r\n";
const PROCESSING: &str = "HTTP/1.1 102 Processing\r\n\r\n";
const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";

type Script = fn(&mut Line) -> io::Result<()>;

/// Runs a test against a peer, once plain and once encrypted.
#[track_caller]
fn with_both(
    script: impl Fn(&mut Line) -> io::Result<()> + Copy + Send + Sync + 'static,
    check: impl Fn(Test<'_>, &Peer),
) {
    for peer in [Peer::plain(script), Peer::encrypted(script)] {
        let test = Test::new(&[]).base(&peer.base()).limit(SOON);
        let test = test.env("HEYGEN_ERROR_FORMAT", "text");
        check(
            match &peer.authority {
                Some(pem) => test.file("ca.pem", pem).env("HEYGEN_CA_CERT", "ca.pem"),
                None => test,
            },
            &peer,
        );
    }
}

fn put(test: Test<'_>, length: usize) -> Test<'_> {
    test.file("large", vec![b'x'; length]).args(&["put", "/v3/videos/v1", "--body-file", "large"])
}

fn response(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Compares what came out with the response of this status.
#[track_caller]
fn responded(outcome: &Outcome<'_>, status: u16) {
    let expected = match status {
        200 => 0,
        401 | 403 => 3,
        _ => 1,
    };
    let first = outcome.stderr.lines().next().unwrap_or_default();
    if status == 200 {
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("[]\n", ""));
    } else {
        assert!(first.ends_with(&format!("{status} refused: Not now.")), "{}", outcome.stderr);
        assert_eq!(outcome.stdout, "");
    }
    assert_eq!(outcome.code, Some(expected), "{status}: {}", outcome.stderr);
}

macro_rules! scripts {
    ($($status:literal)*) => {
        [$(($status, (|line: &mut Line| {
            line.read_head()?;
            line.says(response($status, if $status == 200 { DONE } else { REFUSED }))
        }) as Script, (|line: &mut Line| {
            line.read_head()?;
            line.says(CONTINUE)?;
            line.read(LARGE)?;
            line.says(response($status, if $status == 200 { DONE } else { REFUSED }))
        }) as Script)),*]
    };
}

const SCRIPTS: [(u16, Script, Script); 7] = scripts![401 402 413 417 429 503 200];

#[test]
fn reads_response_before_body() {
    for (status, script, _) in SCRIPTS {
        with_both(script, |test, peer| {
            let outcome = put(test, LARGE).run();
            responded(&outcome, status);
            let heads: Vec<bool> = peer
                .heads()
                .iter()
                .map(|head| head.to_ascii_lowercase().contains("\r\nexpect: 100-continue\r\n"))
                .collect();
            // What is refused is the question, and it is asked once.
            let expected: &[bool] = if status == 417 { &[true, false] } else { &[true] };
            assert_eq!(heads, expected, "{status}");
        });
    }
}

#[test]
fn reads_response_during_body() {
    for (status, _, script) in SCRIPTS {
        with_both(script, |test, peer| {
            responded(&put(test, HUGE).run(), status);
            assert_eq!(peer.heads().len(), 1, "{status}");
        });
    }
}

#[test]
fn reads_response_before_connection_closes() {
    let script: Script = |line| {
        line.read_head()?;
        line.says(CONTINUE)?;
        line.read(LARGE)?;
        line.says(response(413, REFUSED))?;
        line.closes()
    };
    with_both(script, |test, _| responded(&put(test, HUGE).run(), 413));
}

#[test]
fn early_response_ends_an_endless_body() {
    let script: Script = |line| {
        line.read_head()?;
        line.says(CONTINUE)?;
        line.read(LARGE)?;
        line.says(response(413, REFUSED))
    };
    let peer = Peer::plain(script);
    let endless = std::fs::File::open("/dev/zero").expect("zeros");
    let outcome = Test::new(&["put", "/v3/videos/v1", "--body-file", "-"])
        .stdin_from(endless)
        .base(&peer.base())
        .env("HEYGEN_ERROR_FORMAT", "text")
        .limit(SOON)
        .run();
    responded(&outcome, 413);
}

#[test]
fn refused_expectation_sends_the_body_once() {
    let script: Script = |line| {
        if line.read_head()?.to_ascii_lowercase().contains("\r\nexpect:") {
            return line.says(response(417, ""));
        }
        let body = line.read(LARGE)?;
        assert!(body.iter().all(|byte| *byte == b'x'));
        line.says(response(200, DONE))
    };
    with_both(script, |test, peer| {
        put(test, LARGE).stdout("[]\n").exits(0);
        assert_eq!(peer.heads().len(), 2);
    });
}

#[test]
fn entered_expectation_is_not_dropped() {
    with_both(SCRIPTS[3].1, |test, peer| {
        let outcome = put(test, LARGE).args(&["-H", "Expect: 100-continue"]).run();
        responded(&outcome, 417);
        assert_eq!(peer.heads().len(), 1);
    });
}

#[test]
fn interim_responses_are_passed_over() {
    for interim in [
        EARLY_HINTS.to_owned(),
        PROCESSING.to_owned(),
        CONTINUE_WITH_FIELD.to_owned(),
        [EARLY_HINTS, PROCESSING, CONTINUE, CONTINUE_WITH_FIELD, EARLY_HINTS].concat(),
        EARLY_HINTS.repeat(200),
    ] {
        let leaked: &'static str = interim.leak();
        let script = move |line: &mut Line| {
            let head = line.read_head()?.to_ascii_lowercase();
            if head.contains("content-length: 2\r\n") {
                line.read(2)?;
            }
            line.says(leaked)?;
            line.says(response(200, DONE))
        };
        with_both(script, |test, _| {
            test.args(&["get", "/v3/videos"]).stdout("[]\n").exits(0);
        });
        with_both(script, |test, _| {
            test.args(&["post", "/v3/videos"]).stdout("[]\n").exits(0);
        });
    }
}

#[test]
fn body_follows_any_continue() {
    for interim in [
        CONTINUE.to_owned(),
        CONTINUE_WITH_FIELD.to_owned(),
        [EARLY_HINTS, CONTINUE].concat(),
        [PROCESSING, EARLY_HINTS, CONTINUE_WITH_FIELD, EARLY_HINTS].concat(),
        // No word of the body: it follows after a second.
        EARLY_HINTS.to_owned(),
    ] {
        let leaked: &'static str = interim.leak();
        let script = move |line: &mut Line| {
            line.read_head()?;
            line.says(leaked)?;
            line.read(LARGE)?;
            line.says(PROCESSING)?;
            line.says(response(200, DONE))
        };
        with_both(script, |test, peer| {
            put(test, LARGE).stdout("[]\n").exits(0);
            assert_eq!(peer.heads().len(), 1);
        });
    }
}

#[test]
fn reads_rejection_after_interim_responses() {
    let before: Script = |line| {
        line.read_head()?;
        line.says([EARLY_HINTS, PROCESSING, &response(413, REFUSED)].concat())
    };
    let within: Script = |line| {
        line.read_head()?;
        line.says(CONTINUE_WITH_FIELD)?;
        line.read(LARGE)?;
        line.says([EARLY_HINTS, PROCESSING].concat())?;
        line.read(LARGE)?;
        line.says(response(413, REFUSED))
    };
    with_both(before, |test, _| responded(&put(test, HUGE).run(), 413));
    with_both(within, |test, _| responded(&put(test, HUGE).run(), 413));
}

#[test]
fn session_tickets_do_not_stop_uploads() {
    // Tickets lie unread while the body is sent, and the server takes its time.
    let script: Script = |line| {
        line.read_head()?;
        std::thread::park_timeout(Duration::from_millis(500));
        line.read(HUGE)?;
        line.says(response(200, DONE))
    };
    with_both(script, |test, peer| {
        put(test, HUGE).args(&["-H", "Expect: nothing"]).stdout("[]\n").exits(0);
        assert_eq!(peer.heads().len(), 1);
    });
}

#[test]
fn success_does_not_stop_a_body() {
    let script: Script = |line| {
        line.read_head()?;
        line.says(CONTINUE)?;
        line.read(LARGE)?;
        line.says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
        line.says(format!("Content-Length: {}\r\n\r\n", DONE.len()))?;
        line.read(HUGE - LARGE)?;
        line.says(DONE)
    };
    with_both(script, |test, _| {
        put(test, HUGE).stdout("[]\n").exits(0);
    });
}
