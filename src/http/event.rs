//! What happens during a call, told as it happens to whoever wants to show it.

use std::time::Duration;

use crate::api::outcome::Outcome;
use crate::api::request::Request;

/// One step of a call. Texts are masked: no event holds a key.
pub enum Event<'e> {
    /// A request goes out.
    Sending {
        /// The method.
        method: &'e str,
        /// The whole URL.
        url: &'e str,
        /// The headers that we set, the key's value masked.
        headers: &'e [(String, String)],
    },
    /// Status and headers of an answer came.
    Received {
        /// The status, with its words.
        status: &'e str,
        /// The headers as they came.
        headers: &'e [(String, String)],
        /// The time since the request went out.
        after: Duration,
    },
    /// The body of a request that goes out, or of a response that came.
    Body {
        /// The way that it takes.
        direction: Direction,
        /// Makes the lines that show it, for whoever wants them.
        lines: &'e dyn Fn() -> Vec<String>,
    },
    /// The call will be made again.
    Pausing {
        /// The status of the answer, if one came.
        status: Option<u16>,
        /// How long the pause is.
        pause: Duration,
        /// Whether HeyGen asked for it.
        is_asked: bool,
        /// The number of the try that follows.
        next: u32,
        /// How many tries there are at most.
        of: u32,
        /// Whether it goes with the same idempotency key.
        key: bool,
    },
    /// The call has its outcome.
    Finished {
        /// The request.
        request: &'e Request,
        /// The outcome.
        outcome: &'e Outcome,
    },
}

/// The way of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From us to HeyGen.
    Sent,
    /// From HeyGen to us.
    Received,
}

/// Who is told.
pub type Observer<'o> = dyn Fn(&Event<'_>) + 'o;
