//! HeyGen on this computer: a server on loopback that knows the catalogue and nothing of the client.
//!
//! | file | holds |
//! |---|---|
//! | `server.rs` | the listener, and a thread per connection |
//! | `connection.rs` | one connection: who may call, requests and responses in turn |
//! | `reader.rs`, `head.rs` | bytes to requests |
//! | `wire.rs` | responses to bytes |
//! | `trouble.rs`, `failure.rs` | failures on demand, and HeyGen's words for them |
//! | `exchange.rs` | a request and a response as values |
//! | `world/` | the API behind it: what exists, and what a call does to it |

mod connection;
mod exchange;
mod failure;
mod head;
mod reader;
mod server;
mod trouble;
mod wire;
mod world;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::SystemClock;
use crate::random;
use crate::terminal::streams::Ui;
use server::{Gate, Server, Shared};
use trouble::Trouble;
use world::{World, WorldOptions};

pub use trouble::{Fail, Rate, Share, TroubleOptions};

/// A connection without a byte for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The settings of a mock.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port; 0 for a free one.
    pub port: u16,
    /// The key that is accepted.
    pub key: String,
    /// The number that makes IDs and times repeatable.
    pub seed: Option<u64>,
    /// The time that a job takes; `None` where it advances with each poll.
    pub render_time: Option<Duration>,
    /// The time for which the URL of a file is valid.
    pub expire_urls: Duration,
    /// The delay of each response.
    pub latency: Duration,
    /// The USD in the wallet; `None` for enough.
    pub balance: Option<f64>,
    /// The kinds of jobs that fail, with their codes.
    pub fail_jobs: Vec<(String, String)>,
    pub trouble: TroubleOptions,
}

/// A mock that serves until it is dropped.
pub struct Mock {
    /// The address of the API, without a slash at its end.
    pub base_url: String,
    _server: Server,
}

impl Mock {
    /// Starts to serve, with a line on stderr per request where there is a [`Ui`] for it.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(options: Options, log: Option<Ui>) -> io::Result<Mock> {
        let listener = server::listen(options.port)?;
        let port = listener.local_addr()?.port();
        let base_url = format!("http://127.0.0.1:{port}");
        let clock = Arc::new(SystemClock);
        let seed = options.seed.unwrap_or_else(random_seed);
        let shared = Shared {
            port,
            trouble: Trouble::new(TroubleOptions { seed, ..options.trouble }),
            latency: options.latency,
            log,
            clock: clock.clone(),
            idle_timeout: IDLE_TIMEOUT,
            gate: Gate::default(),
            world: World::new(WorldOptions {
                base_url: base_url.clone(),
                key: options.key,
                seed: options.seed,
                render_time: options.render_time,
                expire_urls: options.expire_urls,
                balance: options.balance,
                fail_jobs: options.fail_jobs,
                latency: options.latency,
                clock,
            }),
        };
        Ok(Mock { base_url, _server: Server::start(listener, shared)? })
    }
}

fn random_seed() -> u64 {
    let digits = random::hex().unwrap_or_default();
    digits.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}
