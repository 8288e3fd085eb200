//! What happens during a call, told as it happens to whoever wants to show it.

use std::time::Duration;

/// One step of a call. Texts are masked: no event holds a key.
#[derive(Debug)]
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
}

/// Who is told.
pub type Observer<'o> = dyn Fn(&Event<'_>) + 'o;
