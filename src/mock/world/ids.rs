//! IDs, signatures and times of the world: random, or the same in each run with a seed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::random;

/// The moment at which the clock of a world with a seed stands: the start of 2026.
const SEEDED_MOMENT: i64 = 1_767_225_600;

/// The source of IDs, signatures and times.
pub(super) struct Ids {
    secret: String,
    has_seed: bool,
    requests: AtomicU64,
    /// How often an ID was made for the same cause.
    causes: Mutex<HashMap<String, u64>>,
    clock: Arc<dyn Clock + Send + Sync>,
}

impl Ids {
    pub(super) fn new(seed: Option<u64>, clock: Arc<dyn Clock + Send + Sync>) -> Ids {
        let secret = match seed {
            Some(seed) => format!("seed {seed}"),
            None => random::hex().unwrap_or_default(),
        };
        Ids {
            secret,
            has_seed: seed.is_some(),
            requests: AtomicU64::new(0),
            causes: Mutex::default(),
            clock,
        }
    }

    /// Hex digits that depend on the parts alone.
    pub(super) fn digits(&self, parts: &[&str], count: usize) -> String {
        let mut hash = Sha256::new();
        for part in [self.secret.as_str()].iter().chain(parts) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hex(&hash.finalize()).chars().cycle().take(count).collect()
    }

    /// An ID of the same form as an example, such as `vid_0a1b2c3d`. With a seed it depends on the
    /// cause and on how often that came before, not on what else happened meanwhile.
    pub(super) fn fresh(&self, form: &str, cause: &[&str]) -> String {
        let key = hex(&Sha256::digest(cause.join("\0")));
        let turn = {
            let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = causes.entry(key.clone()).or_default();
            *turn += 1;
            *turn
        };
        self.formed(form, &[&key, &turn.to_string()])
    }

    /// An ID of the form of an example that depends on the parts alone.
    pub(super) fn formed(&self, form: &str, parts: &[&str]) -> String {
        let is_hex =
            |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match form.rsplit_once('_') {
            Some((prefix, rest)) if is_hex(rest) => {
                format!("{prefix}_{}", self.digits(parts, 12))
            }
            _ if is_hex(form) => self.digits(parts, form.len()),
            _ => format!("{form}_{}", self.digits(parts, 12)),
        }
    }

    /// The ID of the next request.
    pub(super) fn of_request(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.digits(&["request", &number.to_string()], 32)
    }

    /// The time for bodies, in unix seconds; it stands still in a world with a seed.
    pub(super) fn moment(&self) -> i64 {
        if self.has_seed { SEEDED_MOMENT } else { self.today() as i64 }
    }

    /// The time of day in unix seconds and their fractions.
    pub(super) fn today(&self) -> f64 {
        self.clock.today().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }

    /// The clock that never goes back.
    pub(super) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}

/// A unix time as RFC 3339.
pub(super) fn rfc_3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// A time as HTTP writes it.
pub(super) fn http_date(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
}

/// The bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn ids_have_the_form_of_their_example() {
        let ids = Ids::new(Some(1), Arc::new(SystemClock));
        let check = |form: &str, prefix: &str, length: usize| {
            let id = ids.fresh(form, &["videos", "{}"]);
            assert!(id.starts_with(prefix) && id.len() == length, "{form}: {id}");
        };
        check("vid_0a1b2c3d", "vid_", 16);
        check("1bd001e7e50f421d891986aad5c8bbd2", "", 32);
        check("proofread", "proofread_", 22);
    }

    #[test]
    fn seeded_ids_do_not_depend_on_order() {
        let ids = |causes: &[&str]| {
            let ids = Ids::new(Some(7), Arc::new(SystemClock));
            let mut made: Vec<String> =
                causes.iter().map(|cause| ids.fresh("vid_0a1b2c3d", &[cause])).collect();
            made.sort();
            made
        };
        assert_eq!(ids(&["a", "b", "a"]), ids(&["b", "a", "a"]));
        assert_ne!(ids(&["a", "b", "a"]), ids(&["b", "a", "b"]));
    }
}
