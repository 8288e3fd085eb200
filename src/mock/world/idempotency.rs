//! `Idempotency-Key`: the same key does the work once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use crate::catalogue::Place;
use crate::catalogue::operation::{Operation, Parameter};
use crate::mock::exchange::{Request, Response};

const HEADER: &str = "Idempotency-Key";

/// The longest key.
const LONGEST: usize = 255;

/// The keys that were used, each with its scope.
#[derive(Default)]
pub(super) struct Keys {
    entries: Mutex<HashMap<(String, String), Entry>>,
}

#[derive(Clone)]
enum Entry {
    InFlight,
    Landed { body: [u8; 32], response: Response },
}

/// The way on for a call with a key.
pub(super) enum Turn<'k> {
    Replay(Response),
    Run(Flight<'k>),
}

/// A call in flight; unless it lands, its key is free again.
pub(super) struct Flight<'k> {
    keys: &'k Keys,
    place: (String, String),
    body: [u8; 32],
}

/// The key of a request, where HeyGen documents that the operation honours it.
pub(super) fn key(operation: Operation, request: &Request) -> Result<Option<&str>, Refusal> {
    if !operation.honours_idempotency_key() {
        return Ok(None);
    }
    let is_required = parameter(operation).is_some_and(Parameter::is_required);
    let Some(key) = request.header(HEADER) else {
        let missing = || Refusal::invalid(HEADER, format!("'{HEADER}' is required."));
        return if is_required { Err(missing()) } else { Ok(None) };
    };
    let is_valid = (1..=LONGEST).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte));
    let message = format!("'{HEADER}' must be 1 to {LONGEST} characters of A-Z a-z 0-9 _ - : .");
    if is_valid { Ok(Some(key)) } else { Err(Refusal::invalid(HEADER, message)) }
}

fn parameter(operation: Operation) -> Option<Parameter> {
    operation.parameter(Place::Header, HEADER)
}

impl Keys {
    /// Takes off with a key, or finds what landed under it.
    pub(super) fn take(
        &self,
        operation: Operation,
        request: &Request,
        key: &str,
    ) -> Result<Turn<'_>, Refusal> {
        let place = (format!("{} {}", operation.method(), request.path), key.to_owned());
        let body: [u8; 32] = Sha256::digest(&request.body).into();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(&place) {
            Some(Entry::InFlight) => Err(Refusal::new(
                409,
                "request_in_progress",
                "A request with this Idempotency-Key is already in progress. Retry shortly.",
            )),
            // A key that is required never expires, and belongs to one body.
            Some(Entry::Landed { body: first, .. })
                if *first != body && parameter(operation).is_some_and(Parameter::is_required) =>
            {
                let message = "This Idempotency-Key was used with a different request body.";
                Err(Refusal::new(409, "conflict", message))
            }
            Some(Entry::Landed { response, .. }) => {
                Ok(Turn::Replay(replayed(operation, response.clone())))
            }
            None => {
                entries.insert(place.clone(), Entry::InFlight);
                Ok(Turn::Run(Flight { keys: self, place, body }))
            }
        }
    }
}

/// The response again: 200 where HeyGen documents it beside 201.
fn replayed(operation: Operation, response: Response) -> Response {
    let has_ok = operation.responses().any(|own| own.status() == 200);
    let status = if response.status == 201 && has_ok { 200 } else { response.status };
    Response { status, ..response }
}

impl Flight<'_> {
    /// Keeps the response for replays.
    pub(super) fn land(self, response: &Response) {
        let entry = Entry::Landed { body: self.body, response: response.clone() };
        let mut entries = self.keys.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(self.place.clone(), entry);
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut entries = self.keys.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(entries.get(&self.place), Some(Entry::InFlight)) {
            entries.remove(&self.place);
        }
    }
}
