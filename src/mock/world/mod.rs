//! The semantics of HeyGen: what it responds to each operation of the catalogue.
//!
//! ```text
//! mod         Request ──▶ files/, uploads/, or an operation of the catalogue
//! call        Request ──▶ Call               key, media type, body and query held against schemas
//! idempotency Call ─────▶ replay, 409, or go on
//! plan        Operation ▶ its role, its shelf, the example it responds with
//! shelves     role ─────▶ records listed, read, made, changed, removed
//! record      poll ─────▶ the stage of a job
//! render      Record ───▶ the example with the record's members
//! ```
//!
//! All but the special behaviours of `account`, `agents`, `assets`, `avatars`, `batches` and
//! `streams` comes from the catalogue.

mod account;
mod agents;
mod assets;
mod avatars;
mod batches;
mod call;
mod files;
mod idempotency;
mod ids;
mod layout;
mod media;
mod multipart;
mod plan;
mod prices;
mod record;
mod refusal;
mod render;
mod seeds;
mod shelves;
mod streams;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;
use std::time::Duration;

use self::account::Wallet;
use self::assets::Uploads;
use self::call::Call;
use self::files::Files;
use self::idempotency::{Keys, Turn};
use self::ids::Ids;
use self::refusal::Refusal;
use self::shelves::Shelves;
use super::exchange::{Request, Response};
use crate::catalogue::operation::Operation;
use crate::catalogue::{self, LEGACY_END};
use crate::clock::Clock;

/// The settings of a world.
pub(super) struct WorldOptions {
    /// The origin under which the world is served, such as `http://127.0.0.1:8787`.
    pub base_url: String,
    /// The only valid API key.
    pub key: String,
    /// Makes IDs and times repeatable.
    pub seed: Option<u64>,
    /// How long a job takes; without it, a job advances with each poll.
    pub render_time: Option<Duration>,
    /// How long a link to a file is valid.
    pub expire_urls: Duration,
    /// US dollars in the wallet; without it, calls cost nothing.
    pub balance: Option<f64>,
    /// Kinds of jobs, and the codes with which they fail.
    pub fail_jobs: Vec<(String, String)>,
    /// How long each call takes; the world sleeps for it, and a call with an idempotency key is in
    /// flight meanwhile.
    pub latency: Duration,
    pub clock: Arc<dyn Clock + Send + Sync>,
}

/// A HeyGen with its records. Calls on several threads see the same records.
pub(super) struct World {
    options: WorldOptions,
    ids: Ids,
    files: Files,
    uploads: Uploads,
    shelves: Shelves,
    keys: Keys,
    wallet: Wallet,
}

impl World {
    pub(super) fn new(options: WorldOptions) -> World {
        World {
            ids: Ids::new(options.seed, Arc::clone(&options.clock)),
            files: Files::new(&options.base_url, options.expire_urls),
            uploads: Uploads::default(),
            shelves: Shelves::default(),
            keys: Keys::default(),
            wallet: Wallet::new(options.balance),
            options,
        }
    }

    /// The response to a request.
    pub(super) fn respond(&self, request: &Request) -> Response {
        let path = request.path.as_str();
        let response = if path.starts_with("/files/") {
            self.pause();
            self.files.respond(&self.ids, request)
        } else if path.starts_with("/uploads/") {
            self.pause();
            self.put_upload(request)
        } else {
            self.call(request).unwrap_or_else(|refusal| refusal.response(version_of(path)))
        };
        response.with("x-request-id", self.ids.of_request())
    }

    fn call(&self, request: &Request) -> Result<Response, Refusal> {
        let path = request.path.as_str();
        let methods = methods_of(path);
        if methods.is_empty() {
            self.pause();
            return Err(Refusal::new(404, "not_found", "Not found."));
        }
        if request.method == "OPTIONS" {
            let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            return Ok(response.with("allow", methods.join(", ")));
        }
        let Some(operation) = catalogue::find(&request.method, path) else {
            self.pause();
            return Err(Refusal::wrong_method(&request.method, methods.join(", ")));
        };
        let outcome = self.operate(operation, request);
        let response = outcome.unwrap_or_else(|refusal| refusal.response(version_of(path)));
        Ok(marked(operation, response))
    }

    /// Runs an operation, or repeats what it responded to the same idempotency key.
    fn operate(&self, operation: Operation, request: &Request) -> Result<Response, Refusal> {
        if request.header("x-api-key") != Some(self.options.key.as_str()) {
            self.pause();
            return Err(Refusal::unauthorized());
        }
        let turn = match idempotency::key(operation, request)? {
            None => None,
            Some(key) => match self.keys.take(operation, request, key)? {
                Turn::Replay(response) => {
                    self.pause();
                    return Ok(response);
                }
                Turn::Run(flight) => Some(flight),
            },
        };
        self.pause();
        let call = Call::new(operation, request)?;
        let response = self.work(&call)?.response();
        if let Some(flight) = turn {
            flight.land(&response);
        }
        Ok(response)
    }

    fn pause(&self) {
        if !self.options.latency.is_zero() {
            self.options.clock.sleep(self.options.latency);
        }
    }
}

/// The version in the path's first segment; 3 for a path without one.
fn version_of(path: &str) -> u8 {
    match path.get(..4) {
        Some("/v1/") => 1,
        Some("/v2/") => 2,
        _ => 3,
    }
}

/// The methods that a path takes.
fn methods_of(path: &str) -> Vec<&'static str> {
    let mut methods: Vec<&str> = catalogue::methods_of(path).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    if !methods.is_empty() {
        methods.push("OPTIONS");
    }
    methods
}

/// The response with the headers of a retired operation.
fn marked(operation: Operation, response: Response) -> Response {
    let Some(day) = operation.retired().or(Some(LEGACY_END).filter(|_| operation.version() < 3))
    else {
        return response;
    };
    let midnight = format!("{day}T00:00:00Z").parse::<jiff::Timestamp>().unwrap_or_default();
    response.with("deprecation", "true").with("sunset", ids::http_date(midnight.as_second()))
}
