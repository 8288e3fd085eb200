//! The decision to retry a call, and the pause before it. Plain functions; nothing sleeps here.
//!
//! | response | retried |
//! |---|---|
//! | 429, but not `quota_exceeded` | any method |
//! | 409 `request_in_progress` | if an idempotency key went along |
//! | 500, 502, 503, 504; a broken connection; a cut response | if repeating is safe |
//! | out of time, refused certificates, everything else | never |
//!
//! Repeating is safe with GET, HEAD, PUT and DELETE, and with a POST that HeyGen documents to run
//! once per idempotency key, or for which the user gave an idempotency key.

use std::time::{Duration, SystemTime};

use http::Method;

use crate::api::request::{IdempotencyKey, Request};
use crate::catalogue::Operation;
use crate::clock::http_date;
use crate::error::{ApiError, CallFailure, NetworkFault, Repeat};

/// The first pause, before jitter; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The shortest pause, whatever the server asks for: `Retry-After: 0` must not turn a hundred retries
/// into a burst.
pub const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause that we choose; the server may ask for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The limits on retries of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The most attempts after the first.
    pub retries: u32,
    /// The most time for all pauses together.
    pub budget: Duration,
}

/// A failed attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'t> {
    /// Its number, from 1.
    pub number: u32,
    /// The sum of the pauses so far.
    pub paused: Duration,
    /// The status, if a response came.
    pub status: Option<u16>,
    /// The reason.
    pub failure: &'t CallFailure,
    /// The header `Retry-After`.
    pub retry_after: Option<&'t str>,
}

/// The next step after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The failure is the result.
    Stop,
    /// Pause, then retry.
    Again {
        pause: Duration,
        /// True if the server asked for the pause.
        is_asked: bool,
    },
    /// The server asks for a longer pause than the budget allows.
    TooLong {
        /// The pause it asks for.
        asked: Duration,
    },
}

impl Policy {
    /// Returns the next step. `jitter` is a number from 0 to 1; `now` is compared with dates.
    pub fn decide(
        &self,
        request: &Request,
        attempt: Attempt<'_>,
        jitter: f64,
        now: SystemTime,
    ) -> Decision {
        if attempt.number > self.retries
            || !is_worth_repeating(request, attempt.status, attempt.failure)
        {
            return Decision::Stop;
        }
        let left = self.budget.saturating_sub(attempt.paused);
        let asked = attempt.retry_after.and_then(|value| asked_pause(value, now));
        match asked {
            Some(asked) if asked > left => Decision::TooLong { asked },
            Some(asked) => Decision::Again { pause: asked, is_asked: true },
            None => {
                let pause = back_off(attempt.number, jitter);
                if pause > left {
                    Decision::Stop
                } else {
                    Decision::Again { pause, is_asked: false }
                }
            }
        }
    }
}

/// Returns true if the request can be sent twice with the effect of once.
pub fn is_repeatable(request: &Request) -> bool {
    match request.method {
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE => true,
        Method::POST => match &request.idempotency_key {
            Some(IdempotencyKey::Given(_)) => true,
            Some(IdempotencyKey::Made(_)) => {
                request.operation.is_some_and(Operation::honours_idempotency_key)
            }
            None => false,
        },
        _ => false,
    }
}

/// The effect of repeating a call that may have been accepted; `None` if repeating is harmless.
pub fn repeat(request: &Request) -> Option<Repeat> {
    let costs = request.method == Method::POST;
    costs.then(|| if is_repeatable(request) { Repeat::OnceWithKey } else { Repeat::MayBePaidTwice })
}

/// Returns true if HeyGen may have run the request of an attempt that failed like this.
pub fn may_be_accepted(status: Option<u16>, failure: &CallFailure) -> bool {
    match failure {
        CallFailure::TimedOut { .. }
        | CallFailure::Canceled { .. }
        | CallFailure::Cut { .. }
        | CallFailure::Unreadable { is_begun: true, .. }
        | CallFailure::Network(NetworkFault::Broken { .. } | NetworkFault::NotHttp { .. }) => true,
        CallFailure::Network(
            NetworkFault::Resolve { .. }
            | NetworkFault::Connect { .. }
            | NetworkFault::Tls { .. }
            | NetworkFault::Proxy { .. },
        ) => false,
        CallFailure::Rejected(api) if is_in_progress(status, api) => true,
        // A status of success around an error: what it says of itself decides, unless it has data too.
        CallFailure::Rejected(api) if matches!(status, Some(200..=299)) => {
            api.has_data || !is_refusal(api)
        }
        // 101 answers a question that was not asked.
        CallFailure::Rejected(_) => matches!(status, Some(100..=199 | 500..)),
        // A page with a status of success may stand in the place of the response.
        CallFailure::Html { .. } => matches!(status, Some(200..=299 | 500..)),
        // These point to what the request has made; 307 and 308 ask for it to be sent again.
        CallFailure::Redirected { .. } => matches!(status, Some(301..=303)),
        // Made of a rejection after it was judged.
        CallFailure::AskedTooLong { .. }
        | CallFailure::Unsendable { .. }
        | CallFailure::Unreadable { is_begun: false, .. } => false,
    }
}

/// The code says that the request was at fault: v1's numbers begin like the status (`400112`,
/// `40104`). What went wrong with HeyGen itself may have gone wrong after the work was begun.
fn is_refusal(api: &ApiError) -> bool {
    const OWN_FAULTS: [&str; 5] = ["internal", "server", "unavailable", "timeout", "unknown"];
    let Some(code) = api.code.as_deref().map(str::to_ascii_lowercase) else { return false };
    match code.bytes().next() {
        Some(b'0'..=b'9') => code.starts_with('4'),
        _ => !OWN_FAULTS.iter().any(|word| code.contains(word)),
    }
}

/// The first request with this idempotency key is still being run.
fn is_in_progress(status: Option<u16>, api: &ApiError) -> bool {
    status == Some(409) && is_code(api, "request_in_progress")
}

fn is_worth_repeating(request: &Request, status: Option<u16>, failure: &CallFailure) -> bool {
    let is_safe = || is_repeatable(request);
    match failure {
        CallFailure::Rejected(api) => match status {
            // The month's quota does not come back in seconds.
            Some(429) => !is_code(api, "quota_exceeded"),
            Some(409) => request.idempotency_key.is_some() && is_in_progress(status, api),
            Some(500 | 502 | 503 | 504) => is_safe(),
            _ => false,
        },
        CallFailure::Html { .. } => match status {
            Some(429) => true,
            Some(500 | 502 | 503 | 504) => is_safe(),
            _ => false,
        },
        CallFailure::Cut { .. } => is_safe(),
        // An invalid certificate, or a proxy's refusal, stays the same.
        CallFailure::Network(NetworkFault::Tls { .. } | NetworkFault::Proxy { .. }) => false,
        CallFailure::Network(_) => is_safe(),
        // Out of time is final, whatever the status.
        CallFailure::TimedOut { .. }
        | CallFailure::Canceled { .. }
        | CallFailure::Redirected { .. }
        | CallFailure::AskedTooLong { .. }
        | CallFailure::Unsendable { .. }
        | CallFailure::Unreadable { .. } => false,
    }
}

fn is_code(api: &ApiError, code: &str) -> bool {
    api.code.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(code))
}

/// 1, 2, 4 … seconds, each a quarter shorter or longer by chance, so that many callers that were
/// refused together don't come back together.
pub fn back_off(number: u32, jitter: f64) -> Duration {
    let doubled =
        FIRST_PAUSE.saturating_mul(1_u32.checked_shl(number.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_PAUSE).mul_f64(0.75 + 0.5 * jitter.clamp(0.0, 1.0))
}

/// The pause in `Retry-After`: seconds, or a date in one of HTTP's forms; [`SHORTEST_PAUSE`] at the
/// least. Seconds beyond the range of a number become its maximum.
pub fn asked_pause(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let asked = Duration::from_secs(value.parse().unwrap_or(u64::MAX));
        return Some(asked.max(SHORTEST_PAUSE));
    }
    Some(http_date(value)?.duration_since(now).unwrap_or_default().max(SHORTEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::endpoint::Endpoint;
    use crate::api::origin::Base;
    use proptest::prelude::*;

    const POLICY: Policy = Policy { retries: 3, budget: Duration::from_secs(120) };

    fn request(method: &str, path: &str, key: Option<&str>) -> Request {
        let base = Base::parse("https://api.heygen.com").expect("a base");
        let method = method.parse().expect("a method");
        let mut request = Request::new(method, Endpoint::parse(path, &base).expect("an endpoint"));
        request.idempotency_key = match key {
            None => None,
            Some("made") => Some(IdempotencyKey::Made("made".to_owned())),
            Some(given) => Some(IdempotencyKey::Given(given.to_owned())),
        };
        request
    }

    fn rejected(code: &str) -> CallFailure {
        CallFailure::Rejected(ApiError { code: Some(code.to_owned()), ..ApiError::default() })
    }

    fn broken() -> CallFailure {
        CallFailure::Network(NetworkFault::Broken { host: "h".to_owned(), reason: "r".to_owned() })
    }

    fn decide(
        request: &Request,
        status: Option<u16>,
        failure: &CallFailure,
        retry_after: Option<&str>,
    ) -> Decision {
        let attempt = Attempt { number: 1, paused: Duration::ZERO, status, failure, retry_after };
        POLICY.decide(request, attempt, 0.5, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn retries_by_method_and_failure() {
        let table: [(&str, &str, Option<&str>, bool); 11] = [
            ("GET", "/v3/videos", None, true),
            ("HEAD", "/v3/videos", None, true),
            ("PUT", "/v3/x", None, true),
            ("DELETE", "/v3/videos/v", None, true),
            ("PATCH", "/v3/x", None, false),
            ("POST", "/v3/videos", Some("made"), true),
            ("POST", "/v3/videos", None, false),
            ("POST", "/v3/voices/speech", Some("made"), false),
            ("POST", "/v3/voices/speech", Some("given"), true),
            ("POST", "/v3/videos/batches", Some("made"), false),
            ("POST", "/v2/video/generate", None, false),
        ];
        for (method, path, key, safe) in table {
            let request = request(method, path, key);
            let again = |status: Option<u16>, failure: &CallFailure| {
                matches!(decide(&request, status, failure, None), Decision::Again { .. })
            };
            let case = format!("{method} {path} {key:?}");
            assert!(again(Some(429), &rejected("rate_limit_exceeded")), "{case}: 429");
            assert!(!again(Some(429), &rejected("quota_exceeded")), "{case}: quota");
            assert_eq!(
                again(Some(409), &rejected("request_in_progress")),
                key.is_some(),
                "{case}: 409"
            );
            assert!(!again(Some(409), &rejected("conflict")), "{case}: conflict");
            for status in [500, 502, 503, 504] {
                assert_eq!(
                    again(Some(status), &rejected("internal_error")),
                    safe,
                    "{case}: {status}"
                );
                assert_eq!(
                    again(Some(status), &CallFailure::Html { title: None }),
                    safe,
                    "{case}: HTML {status}"
                );
            }
            assert!(!again(Some(501), &rejected("x")), "{case}: 501");
            assert!(!again(Some(400), &rejected("x")), "{case}: 400");
            assert!(!again(Some(200), &CallFailure::Html { title: None }), "{case}: 200 HTML");
            assert_eq!(again(None, &broken()), safe, "{case}: broken");
            assert_eq!(again(Some(200), &CallFailure::Cut { received: 1 }), safe, "{case}: cut");
            assert!(!again(None, &CallFailure::TimedOut { limit: Duration::ZERO }), "{case}: time");
            let tls = NetworkFault::tls("h", "expired", crate::error::TlsTrouble::Other);
            assert!(!again(None, &CallFailure::Network(tls)), "{case}: certificate");
        }
    }

    #[test]
    fn pauses_double_within_the_budget() {
        let pause = |number: u32, paused: u64, jitter: f64| {
            let attempt = Attempt {
                number,
                paused: Duration::from_secs(paused),
                status: None,
                failure: &broken(),
                retry_after: None,
            };
            let policy = Policy { retries: 100, ..POLICY };
            policy.decide(
                &request("GET", "/v3/videos", None),
                attempt,
                jitter,
                SystemTime::UNIX_EPOCH,
            )
        };
        let again = |milliseconds: u64| Decision::Again {
            pause: Duration::from_millis(milliseconds),
            is_asked: false,
        };
        assert_eq!(pause(1, 0, 0.5), again(1_000));
        assert_eq!(pause(2, 0, 0.5), again(2_000));
        assert_eq!(pause(3, 0, 0.0), again(3_000));
        assert_eq!(pause(3, 0, 1.0), again(5_000));
        assert_eq!(pause(99, 0, 0.5), again(30_000));
        assert_eq!(pause(3, 119, 0.5), Decision::Stop);
        assert_eq!(pause(101, 0, 0.5), Decision::Stop);
    }

    #[test]
    fn obeys_or_rejects_retry_after() {
        let check = |retry_after: &str, expected: Decision| {
            let got = decide(
                &request("GET", "/v3/videos", None),
                Some(429),
                &rejected("x"),
                Some(retry_after),
            );
            assert_eq!(got, expected, "{retry_after}");
        };
        let asked =
            |seconds: u64| Decision::Again { pause: Duration::from_secs(seconds), is_asked: true };
        let chosen = Decision::Again { pause: Duration::from_secs(1), is_asked: false };
        check("7", asked(7));
        let at_once = Decision::Again { pause: SHORTEST_PAUSE, is_asked: true };
        check(" 0 ", at_once);
        check("120", asked(120));
        check("121", Decision::TooLong { asked: Duration::from_secs(121) });
        check("18446744073709551615", Decision::TooLong { asked: Duration::from_secs(u64::MAX) });
        check(
            "99999999999999999999999",
            Decision::TooLong { asked: Duration::from_secs(u64::MAX) },
        );
        check("Thu, 01 Jan 1970 00:00:30 GMT", asked(30));
        check("Thursday, 01-Jan-70 00:00:30 GMT", asked(30));
        check("Thu Jan  1 00:00:30 1970", asked(30));
        check("Wed, 31 Dec 1969 23:59:30 GMT", at_once);
        check("-1", chosen);
        check("soon", chosen);
        check("", chosen);
    }

    proptest! {
        #[test]
        fn any_retry_after_parses_without_panic(value in "\\PC{0,40}|[0-9]{0,30}|[A-Z][a-z]{2}, [0-9]{1,4} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{5,9} GMT") {
            decide(&request("GET", "/v3/videos", None), Some(429), &rejected("x"), Some(&value));
        }
    }
}
