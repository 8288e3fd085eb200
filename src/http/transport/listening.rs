//! Responses that come early: before the body of a request was sent, or in the middle of it.
//!
//! ureq 3.5.2 hears them with two faults. After `Expect: 100-continue` it reads a whole final
//! response and then waits for more input; and it takes interim responses with header fields for
//! final ones, or for errors. While it sends a body it does not listen at all.

use std::cell::Cell;

use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::deadline::Deadline;
use super::faults::Fault;

/// The wait of a read that only takes what has come already.
const GLANCE: Duration = Duration::from_secs(0);

/// A server that has said yes, and then takes nothing more of the body for so long, never will.
const LONGEST_BLOCK: Duration = Duration::from_secs(3);

/// The head and the first part of the body: a server can hardly have responded by then.
const UNHEARD_OUTPUTS: u32 = 2;

/// An interim response without header fields, the only one that ureq understands. None with fields
/// is as short.
const CONTINUE: &[u8] = b"HTTP/1.1 100\r\n\r\n";

thread_local! {
    /// The body that this thread sends is not wanted any more. ureq has no value that its transport
    /// and its body's reader share; both are called on the thread of the request.
    static IS_UNWANTED: Cell<bool> = const { Cell::new(false) };
}

/// True once the server has responded and takes no more of the body that this thread sends.
pub(super) fn body_is_unwanted() -> bool {
    IS_UNWANTED.get()
}

/// Says that nobody takes the body that this thread sends.
pub(super) fn refuse_body() {
    IS_UNWANTED.set(true);
}

/// Says that a request begins on this thread.
pub(super) fn expect_wanted_body() {
    IS_UNWANTED.set(false);
}

/// A transport that listens for the response from the first byte of a request on.
#[derive(Debug)]
pub(super) struct Listening {
    inner: Box<dyn Transport>,
    /// The inner transport can be asked for input without waiting for it.
    can_glance: bool,
    state: State,
}

/// The progress of a request and its response.
#[derive(Debug, Default)]
struct State {
    outputs: u32,
    /// The status of the final response, once its first line is there.
    status: Option<u16>,
    /// There is input that ureq may not have looked at.
    is_news: bool,
    /// The rest of the request is not sent, and the connection ends with the response.
    is_cut: bool,
}

impl Listening {
    pub(super) fn new(inner: Box<dyn Transport>, can_glance: bool) -> Listening {
        Listening { inner, can_glance, state: State::default() }
    }

    /// Takes what came already, without waiting.
    fn glance(&mut self, limit: NextTimeout) -> Result<(), ureq::Error> {
        let glance = NextTimeout { per_read: Some(GLANCE), ..limit };
        match self.inner.await_input(glance) {
            Ok(true) => drop(self.look()),
            Ok(false) => self.cut(),
            Err(ureq::Error::Timeout(_)) => {}
            Err(error) => return Err(error),
        }
        // A success need not mean that the rest is not wanted.
        if self.state.status.is_some_and(|status| !(200..300).contains(&status)) {
            self.cut();
        }
        Ok(())
    }

    /// Looks at new input, strips interim responses of what ureq does not understand, and returns
    /// whether something is left for it.
    fn look(&mut self) -> bool {
        let buffers = self.inner.buffers();
        let Interim { length, is_asked, status } = interim_responses(buffers.input());
        let kept = if is_asked { CONTINUE } else { &[] };
        if length > kept.len() {
            let rest = buffers.input()[length..].to_vec();
            buffers.input_consume(length + rest.len());
            for part in [kept, &rest] {
                buffers.input_append_buf()[..part.len()].copy_from_slice(part);
                buffers.input_appended(part.len());
            }
        }
        self.state.is_news = true;
        self.state.status = status;
        is_asked || status.is_some()
    }

    fn cut(&mut self) {
        self.state.is_cut = true;
        refuse_body();
    }
}

impl Transport for Listening {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        self.state.outputs = self.state.outputs.saturating_add(1);
        let is_unheard = self.state.status.is_none() && !self.state.is_cut;
        if is_unheard && self.can_glance && self.state.outputs > UNHEARD_OUTPUTS {
            self.glance(limit)?;
        }
        if self.state.is_cut {
            return Ok(());
        }
        let has_response = self.state.status.is_some();
        let per_write = match limit.per_write {
            Some(per_write) if has_response => Some(per_write.min(LONGEST_BLOCK)),
            None if has_response => Some(LONGEST_BLOCK),
            unchanged => unchanged,
        };
        match self.inner.transmit_output(amount, NextTimeout { per_write, ..limit }) {
            Err(ureq::Error::Timeout(_)) if has_response => self.cut(),
            // It closed the connection; what it said before may still be there.
            Err(ureq::Error::Io(_)) => self.cut(),
            other => return other,
        }
        Ok(())
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        if std::mem::take(&mut self.state.is_news) && !self.inner.buffers().input().is_empty() {
            return Ok(true);
        }
        let deadline = Deadline::new(limit)?;
        loop {
            let limit = deadline.left()?;
            let has_come = match self.inner.await_input(limit) {
                Err(error) if self.state.status.is_some() => return Err(Fault::in_response(error)),
                other => other?,
            };
            if self.state.status.is_some() || !has_come {
                return Ok(has_come);
            }
            if self.look() {
                return Ok(true);
            }
        }
    }

    fn is_open(&mut self) -> bool {
        let is_cut = self.state.is_cut;
        self.state = State::default();
        !is_cut && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The interim responses that input begins with.
#[derive(Debug, PartialEq, Eq)]
struct Interim {
    /// Their bytes.
    length: usize,
    /// One of them asks for the body.
    is_asked: bool,
    /// The status of the final response behind them, once its first line is there. Input that is not
    /// HTTP has the status 0, so that ureq gets to see it.
    status: Option<u16>,
}

fn interim_responses(input: &[u8]) -> Interim {
    let mut interim = Interim { length: 0, is_asked: false, status: None };
    loop {
        let rest = &input[interim.length..];
        match status(rest) {
            // Switching protocols is final.
            Some(status @ (100 | 102..=199)) => match head_length(rest) {
                Some(length) => {
                    interim.length += length;
                    interim.is_asked |= status == 100;
                }
                None => return interim,
            },
            other => return Interim { status: other, ..interim },
        }
    }
}

/// The status of a response; 0 if it is not HTTP, `None` as long as that is open.
fn status(response: &[u8]) -> Option<u16> {
    const PATTERN: &[u8] = b"HTTP/1.0 000";
    let fits = response.iter().zip(PATTERN).all(|(byte, pattern)| match pattern {
        b'0' => byte.is_ascii_digit(),
        _ => byte == pattern,
    });
    match response.get(PATTERN.len() - 3..PATTERN.len()) {
        _ if !fits => Some(0),
        Some(digits) => {
            Some(digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
        }
        None => None,
    }
}

fn head_length(response: &[u8]) -> Option<usize> {
    let end = |mark: &[u8]| {
        let found = response.windows(mark.len()).position(|part| part == mark);
        found.map(|at| at + mark.len())
    };
    match (end(b"\n\r\n"), end(b"\n\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use ureq::Timeout;
    use ureq::unversioned::transport::LazyBuffers;

    use super::*;

    const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    const FINAL: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

    /// A peer that says one text after the other, and remembers what it received.
    #[derive(Debug)]
    struct Peer {
        buffers: LazyBuffers,
        says: VecDeque<Vec<u8>>,
        received: Arc<Mutex<Vec<usize>>>,
        /// It accepts so many outputs; then it blocks.
        accepts: usize,
    }

    impl Transport for Peer {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
            let mut received = self.received.lock().expect("one thread");
            if received.len() == self.accepts {
                return Err(ureq::Error::Timeout(Timeout::Global));
            }
            received.push(amount);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
            let Some(text) = self.says.pop_front() else {
                return Err(ureq::Error::Timeout(Timeout::Await100));
            };
            self.buffers.input_append_buf()[..text.len()].copy_from_slice(&text);
            self.buffers.input_appended(text.len());
            Ok(!text.is_empty())
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    struct Conversation {
        listening: Listening,
        received: Arc<Mutex<Vec<usize>>>,
    }

    impl Conversation {
        fn with_peer_that_says(says: &[&str], accepts: usize) -> Conversation {
            expect_wanted_body();
            let received: Arc<Mutex<Vec<usize>>> = Arc::default();
            let peer = Peer {
                buffers: LazyBuffers::new(1024, 1024),
                says: says.iter().map(|text| text.as_bytes().to_vec()).collect(),
                received: Arc::clone(&received),
                accepts,
            };
            Conversation { listening: Listening::new(Box::new(peer), true), received }
        }

        fn sends(&mut self, outputs: usize) {
            for output in 0..outputs {
                let sent = self.listening.transmit_output(output, NextTimeout::default());
                sent.expect("output is taken");
            }
        }

        /// The input that ureq is shown next, if any.
        fn hears(&mut self) -> Option<String> {
            match self.listening.await_input(NextTimeout::default()) {
                Ok(true) => Some(String::from_utf8_lossy(self.input()).into_owned()),
                _ => None,
            }
        }

        fn input(&mut self) -> &[u8] {
            self.listening.buffers().input()
        }
    }

    #[test]
    fn interim_responses_lose_their_fields() {
        let check = |says: &[&str], expected: Option<&str>| {
            let mut conversation = Conversation::with_peer_that_says(says, 9);
            conversation.sends(1);
            assert_eq!(conversation.hears().as_deref(), expected, "{says:?}");
        };
        let asked = std::str::from_utf8(CONTINUE).expect("text");
        check(&[asked], Some(asked));
        check(&["HTTP/1.1 100 Continue\r\nA: b\r\n\r\n"], Some(asked));
        check(&["HTTP/1.1 1", "00 Continue\r\nA: b\r", "\n\r\n"], Some(asked));
        check(&[EARLY_HINTS, asked], Some(asked));
        check(&[EARLY_HINTS, EARLY_HINTS, FINAL], Some(FINAL));
        check(&[&format!("{EARLY_HINTS}{FINAL}")], Some(FINAL));
        check(&[&format!("{asked}{EARLY_HINTS}{FINAL}")], Some(&format!("{asked}{FINAL}")));
        check(&["HTTP/1.1 100 Continue\r\n\r\n"], Some(asked));
        check(&["HTTP/1.1 100\nA:\n\n"], Some(asked));
        check(&["HTTP/1.1 100\n\n"], Some("HTTP/1.1 100\n\n"));
        check(
            &[&format!("{EARLY_HINTS}{asked}{EARLY_HINTS}{FINAL}")],
            Some(&format!("{asked}{FINAL}")),
        );
        check(
            &["HTTP/1.1 101 Switching Protocols\r\n\r\n"],
            Some("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        );
        check(&["SSH-2.0"], Some("SSH-2.0"));
        check(&["\r\n"], Some("\r\n"));
        check(&[EARLY_HINTS], None);
        check(&["HTTP/1.1 103 Early Hints\r\nA: "], None);
    }

    #[test]
    fn input_that_came_early_is_shown_again() {
        let mut conversation = Conversation::with_peer_that_says(&["HTTP/1.1 4", FINAL], 9);
        conversation.sends(1);
        let whole = format!("HTTP/1.1 4{FINAL}");
        assert_eq!(conversation.hears(), Some(whole.clone()));
        assert_eq!(conversation.hears(), Some(whole));
        assert_eq!(conversation.hears(), None);
    }

    #[test]
    fn bodies_stop_when_the_server_has_responded() {
        let check = |says: &[&str], accepts: usize, expected: &[usize], is_cut: bool| {
            let mut conversation = Conversation::with_peer_that_says(says, accepts);
            conversation.sends(6);
            assert_eq!(*conversation.received.lock().expect("one thread"), expected, "{says:?}");
            assert_eq!(body_is_unwanted(), is_cut, "{says:?}");
            assert_eq!(conversation.listening.is_open(), !is_cut, "{says:?}");
        };
        let all = [0, 1, 2, 3, 4, 5];
        let created = "HTTP/1.1 201 Created\r\n\r\n";
        check(&[], 9, &all, false);
        check(&[FINAL], 9, &[0, 1], true);
        check(&[EARLY_HINTS, FINAL], 9, &[0, 1, 2], true);
        check(&["HTTP/1.1 100 Continue\r\nA: b\r\n\r\n"], 9, &all, false);
        check(&["HTTP/1.1 100 Continue\r\n\r\n", FINAL], 9, &[0, 1, 2], true);
        // A success does not end it, as long as the server takes more.
        check(&[created], 9, &all, false);
        check(&[created], 4, &[0, 1, 2, 3], true);
        // The end of the connection.
        check(&[""], 9, &[0, 1], true);
    }

    #[test]
    fn each_response_is_awaited_anew() {
        let mut conversation = Conversation::with_peer_that_says(&[FINAL, EARLY_HINTS, FINAL], 9);
        conversation.sends(1);
        assert_eq!(conversation.hears().as_deref(), Some(FINAL));
        let buffers = conversation.listening.buffers();
        buffers.input_consume(FINAL.len());
        assert!(conversation.listening.is_open());
        conversation.sends(1);
        assert_eq!(conversation.hears().as_deref(), Some(FINAL));
    }
}
