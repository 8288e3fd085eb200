//! The steps of a call, reported to an observer as they happen.

use std::time::Duration;

use crate::api::outcome::Outcome;
use crate::api::request::Request;

/// One step of a call. Texts are masked: no event holds a key.
pub enum Event<'e> {
    /// A request is about to be sent.
    Sending {
        method: &'e str,
        /// The whole URL.
        url: &'e str,
        /// The headers that we set.
        headers: &'e ShownHeaders<'e>,
    },
    /// Status and headers of a response came.
    Received {
        /// The status, with its words.
        status: &'e str,
        /// The headers as they came.
        headers: &'e ShownHeaders<'e>,
        /// The time since the request was sent.
        after: Duration,
    },
    /// The body of a request that goes out, or of a response that came.
    Body {
        /// The way that it takes.
        direction: Direction,
        /// Makes the lines that show it, for whoever wants them.
        lines: &'e dyn Fn() -> Vec<String>,
    },
    /// The call will be retried after a pause.
    Pausing {
        /// The status of the response, if one came.
        status: Option<u16>,
        /// The length of the pause.
        pause: Duration,
        /// True if HeyGen asked for it.
        is_asked: bool,
        /// The number of the next attempt.
        next: u32,
        /// The most attempts.
        of: u32,
        /// True if it carries the same idempotency key.
        key: bool,
        /// True if an attempt so far may have been accepted.
        may_be_accepted: bool,
    },
    /// The call has its outcome.
    Finished { request: &'e Request, outcome: &'e Outcome },
}

/// Makes the headers with their secrets masked, for whoever wants them.
pub type ShownHeaders<'h> = dyn Fn() -> Vec<(String, String)> + 'h;

/// The way of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From us to HeyGen.
    Sent,
    /// From HeyGen to us.
    Received,
}

/// The receiver of the events.
pub type Observer<'o> = dyn Fn(&Event<'_>) + 'o;
