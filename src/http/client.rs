//! The only place where a request meets the key and the host.

use std::time::Duration;

use super::event::{Direction, Event, Observer};
use super::retry::{self, Attempt, Decision, Policy};
use super::trace;
use super::transport::{KEY_HEADER, Outgoing, OutgoingBody, Patience, Transport};
use super::upload::{Load, OpenStdin};
use crate::api::content;
use crate::api::origin::Base;
use crate::api::outcome::Outcome;
use crate::api::request::Request;
use crate::api::response::Response;
use crate::clock::{Clock, day};
use crate::error::{Acceptance, Call, CallFailure, KeyMark, NetworkFault, TlsTrouble, shortened};
use crate::random;
use crate::secret::Secret;

/// Prefers JSON, and accepts anything else an endpoint has (audio, subtitles).
const ACCEPT: &str = "application/json, */*;q=0.8";

/// Headers whose values are secret.
const SECRET_HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "authentication-info",
    "cookie",
    "set-cookie",
    "set-cookie2",
    "x-auth-token",
    "x-amz-security-token",
];

/// One API, one key.
pub struct Client<'c> {
    /// The address of the API.
    pub base: &'c Base,
    /// The key, which goes there and nowhere else.
    pub key: &'c Secret,
    /// The key as errors show it. `Shadowed::LookUp` reads files: it is for rejected keys.
    pub key_mark: &'c dyn Fn(Shadowed) -> KeyMark,
    /// Masks the keys and other secrets in a text.
    pub mask: &'c dyn Fn(&str) -> String,
    /// The wire that carries the requests.
    pub transport: &'c dyn Transport,
    /// The limits of retries.
    pub policy: Policy,
    /// A limit on each attempt that is shorter than the wire's.
    pub within: Option<Duration>,
    /// The longest silence of a FIFO that is sent.
    pub timeout: Duration,
    /// Time, for pauses.
    pub clock: &'c dyn Clock,
    /// Told of each step.
    pub observer: &'c Observer<'c>,
    /// Opens stdin, for bodies that come from there.
    pub stdin: &'c OpenStdin<'c>,
}

/// The choice to look up shadowed keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shadowed {
    /// They are left out.
    Skip,
    /// They are looked up.
    LookUp,
}

impl Client<'_> {
    /// Makes a call: sends the request, and retries it where that is safe and worth it.
    ///
    /// `patience` is for the response; a request body that is a file takes its time.
    pub fn send(&self, request: &Request, patience: Patience) -> Outcome {
        let mut load = match Load::new(&request.body, self.stdin, self.timeout) {
            Ok(load) => load,
            Err(failure) => {
                return Outcome::without_response(request.operation, self.call(request), failure);
            }
        };
        let mut paused = Duration::ZERO;
        let mut may_be_accepted = false;
        let mut cut_success: Option<Outcome> = None;
        let mut number = 1;
        loop {
            let mut outcome = self.attempt(request, load.as_mut(), patience);
            outcome.call.attempts = number;
            if let Err(failure) = &outcome.result {
                may_be_accepted |= retry::may_be_accepted(outcome.call.status, failure);
            }
            let is_repeatable = load.as_ref().is_none_or(Load::is_repeatable);
            let decision = if is_repeatable {
                self.decide(request, &outcome, number, paused)
            } else {
                Decision::Stop
            };
            match decision {
                Decision::Again { pause, is_asked } => {
                    (self.observer)(&Event::Pausing {
                        status: outcome.call.status,
                        pause,
                        is_asked,
                        next: number + 1,
                        of: self.policy.retries.saturating_add(1),
                        key: request.idempotency_key.is_some(),
                        may_be_accepted,
                    });
                    self.clock.sleep(pause);
                    paused = paused.saturating_add(pause);
                    number += 1;
                    // Whatever comes after it, that one was accepted, and told what of.
                    if retry::repeat(request).is_some() && is_cut_success(&outcome) {
                        cut_success = Some(telling_most(cut_success, outcome));
                    }
                    continue;
                }
                Decision::TooLong { asked } => {
                    let limit = self.policy.budget.saturating_sub(paused);
                    let enough = paused.saturating_add(asked);
                    outcome.result =
                        outcome.result.map_err(|failure| too_long(failure, asked, limit, enough));
                }
                Decision::Stop => {}
            }
            let is_unusable = matches!(
                outcome.result,
                Err(_) | Ok(content::Content::Bytes { flaw: Some(_), .. })
            );
            if is_unusable && cut_success.is_some() {
                outcome = telling_most(cut_success, outcome);
                outcome.call.attempts = number;
            }
            return self.finished(outcome, request, may_be_accepted);
        }
    }

    /// The facts that are known before the request goes out.
    fn call(&self, request: &Request) -> Call {
        Call {
            method: request.method.to_string(),
            path: request.endpoint.path().to_owned(),
            base_path: self.base.prefix().to_owned(),
            key: Some((self.key_mark)(Shadowed::Skip)),
            idempotency_key: request.idempotency_key.as_ref().map(|key| key.value().to_owned()),
            is_by_noun: request.is_by_noun,
            ..Call::default()
        }
    }

    /// Adds what only the last attempt tells: the state of what the call was to do, and of a
    /// rejected key the ones that it takes precedence over.
    fn finished(&self, mut outcome: Outcome, request: &Request, may_be_accepted: bool) -> Outcome {
        if let Err(CallFailure::Rejected(_) | CallFailure::Html { .. }) = outcome.result {
            outcome.call.key = Some((self.key_mark)(Shadowed::LookUp));
        }
        if let Some(repeat) = retry::repeat(request) {
            outcome.call.acceptance = match outcome.result {
                Ok(_) => Acceptance::Certain(repeat),
                Err(_) if is_cut_success(&outcome) => Acceptance::Certain(repeat),
                Err(_) if may_be_accepted => Acceptance::Possible(repeat),
                Err(_) => Acceptance::Harmless,
            };
        }
        (self.observer)(&Event::Finished { request, outcome: &outcome });
        outcome
    }

    fn decide(
        &self,
        request: &Request,
        outcome: &Outcome,
        number: u32,
        paused: Duration,
    ) -> Decision {
        let Err(failure) = &outcome.result else { return Decision::Stop };
        let retry_after = outcome.head.as_ref().and_then(|head| head.header("retry-after"));
        let attempt = Attempt {
            number,
            paused,
            status: outcome.call.status,
            failure,
            retry_after: retry_after.as_deref(),
        };
        self.policy.decide(request, attempt, random::fraction(), self.clock.today())
    }

    /// Sends a request once and receives the response, whatever its status.
    fn attempt(&self, request: &Request, load: Option<&mut Load>, patience: Patience) -> Outcome {
        let mut call = self.call(request);
        let started = self.clock.now();
        let response = match self.exchange(request, load, patience) {
            Ok(response) => response,
            Err(failure) => {
                return Outcome::without_response(request.operation, call, self.with_date(failure));
            }
        };
        let clean = |text: &str| shortened(&(self.mask)(text)).into_owned();
        let (head, result) = content::receive(response, &clean);
        let latency = self.clock.now() - started;
        call.status = Some(head.status);
        // Only reports show it: masking reads the files that may have keys.
        call.request_id = head.request_id();
        let (result, error_body) = match result {
            Ok(content) => (Ok(content), Vec::new()),
            Err(refusal) => (Err(refusal.failure), refusal.body),
        };
        let outcome = Outcome {
            operation: request.operation,
            call,
            head: Some(head),
            latency,
            error_body,
            result,
        };
        (self.observer)(&Event::Body {
            direction: Direction::Received,
            lines: &|| trace::response_body(&outcome, self.mask),
        });
        outcome
    }

    fn exchange(
        &self,
        request: &Request,
        load: Option<&mut Load>,
        patience: Patience,
    ) -> Result<Response, CallFailure> {
        let url = self.base.url(&request.target());
        let headers = headers(request, load.as_deref());
        let with_key = || -> Vec<(String, String)> {
            let key = (KEY_HEADER.to_owned(), self.key.masked());
            headers.iter().map(|header| self.masked(header)).chain([key]).collect()
        };
        (self.observer)(&Event::Sending {
            method: request.method.as_str(),
            url: &url,
            headers: &with_key,
        });
        (self.observer)(&Event::Body {
            direction: Direction::Sent,
            lines: &|| trace::request_body(&request.body, load.as_deref(), self.mask),
        });
        let is_file = load.as_deref().is_some_and(Load::is_file);
        let body = match load {
            None => None,
            Some(load) => Some(OutgoingBody { length: load.length(), reader: load.open()? }),
        };
        let started = self.clock.now();
        let response = self.transport.send(Outgoing {
            method: request.method.clone(),
            url: &url,
            // An `Endpoint` names no host, so that this URL is on the origin that the key is for.
            origin: self.base.origin(),
            headers: &headers,
            key: Some(self.key),
            body,
            patience: if is_file { Patience::Silence } else { patience },
            of_response: patience,
            within: self.within,
        })?;
        let after = self.clock.now() - started;
        (self.observer)(&Event::Received {
            status: &response.head.status_line(),
            headers: &|| response.head.lines().iter().map(|header| self.masked(header)).collect(),
            after,
        });
        Ok(response)
    }

    /// A header as traces show it: secrets masked, and URLs without queries, which may be signed.
    fn masked(&self, (name, value): &(String, String)) -> (String, String) {
        if is_secret(name) {
            return (name.clone(), "…".to_owned());
        }
        let value = (self.mask)(value);
        if name.eq_ignore_ascii_case("location") {
            return (name.clone(), content::without_query(&value));
        }
        (name.clone(), trace::without_queries(&value))
    }

    /// A certificate that is not valid today is often a wrong clock: the date belongs to the error.
    fn with_date(&self, failure: CallFailure) -> CallFailure {
        let CallFailure::Network(NetworkFault::Tls {
            host,
            reason,
            trouble: TlsTrouble::Date { .. },
        }) = failure
        else {
            return failure;
        };
        let today = day(self.clock.today());
        CallFailure::Network(NetworkFault::Tls {
            host,
            reason,
            trouble: TlsTrouble::Date { today },
        })
    }
}

/// Of a success that was cut and what came after it, the one that tells most of what was paid for.
fn telling_most(before: Option<Outcome>, after: Outcome) -> Outcome {
    let rank = |outcome: &Outcome| {
        let body = outcome.error_body.trim_ascii_start();
        (is_cut_success(outcome), body.starts_with(b"{"), body.len())
    };
    match before {
        Some(before) if rank(&before) >= rank(&after) => before,
        _ => after,
    }
}

/// Returns whether only the rest of a success did not come.
fn is_cut_success(outcome: &Outcome) -> bool {
    let is_success = matches!(outcome.call.status, Some(200..=299));
    let failure = outcome.result.as_ref().err();
    let is_cut = |failure: &CallFailure| {
        let is_unreadable = matches!(failure, CallFailure::Network(NetworkFault::NotHttp { .. }));
        is_unreadable || matches!(failure, CallFailure::Cut { .. } | CallFailure::TimedOut { .. })
    };
    is_success && failure.is_some_and(is_cut)
}

/// The headers of a request, but for the key's and those that the transport makes.
fn headers(request: &Request, load: Option<&Load>) -> Vec<(String, String)> {
    let own = request.headers(load.map(|load| load.media_type.as_str()));
    let accept = ("accept", ACCEPT);
    let accepts = own.iter().any(|(name, _)| name.eq_ignore_ascii_case(accept.0));
    own.into_iter()
        .chain((!accepts).then_some(accept))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn too_long(
    failure: CallFailure,
    asked: Duration,
    limit: Duration,
    enough: Duration,
) -> CallFailure {
    let code = match failure {
        CallFailure::Rejected(api) => api.code,
        CallFailure::Html { .. } => None,
        other => return other,
    };
    CallFailure::AskedTooLong { code, asked, limit, enough }
}

/// Returns true if the value of a header is secret.
pub fn is_secret(header: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| header.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Cursor;
    use std::time::{Instant, SystemTime};

    use super::*;
    use crate::api::endpoint::Endpoint;
    use crate::api::request::{Body, IdempotencyKey};
    use crate::api::response::Head;
    use crate::error::{Repeat, Source};

    /// A wire that returns what it is told to, the last thing first.
    struct FakeWire(RefCell<Vec<Result<Response, CallFailure>>>);

    impl Transport for FakeWire {
        fn send(&self, _: Outgoing<'_>) -> Result<Response, CallFailure> {
            self.0.borrow_mut().pop().expect("a result for every attempt")
        }
    }

    struct StillClock;

    impl Clock for StillClock {
        fn now(&self) -> Instant {
            Instant::now()
        }

        fn today(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) {}
    }

    fn response(status: u16, body: &str) -> Result<Response, CallFailure> {
        let body = Box::new(Cursor::new(body.as_bytes().to_vec()));
        Ok(Response { head: Head { status, ..Head::default() }, body })
    }

    fn broken() -> Result<Response, CallFailure> {
        let (host, reason) = ("h".to_owned(), "reset".to_owned());
        Err(CallFailure::Network(NetworkFault::Broken { host, reason }))
    }

    fn refused() -> Result<Response, CallFailure> {
        let (host, reason) = ("h".to_owned(), "refused".to_owned());
        Err(CallFailure::Network(NetworkFault::Connect { host, reason }))
    }

    fn send(method: &str, key: bool, mut results: Vec<Result<Response, CallFailure>>) -> Outcome {
        let base = Base::parse("https://api.heygen.com").expect("a base");
        let endpoint = Endpoint::parse("/v3/videos", &base).expect("an endpoint");
        let mut request = Request::new(method.parse().expect("a method"), endpoint);
        request.body = Body::Json("{}".to_owned());
        request.idempotency_key = key.then(|| IdempotencyKey::Made("k".to_owned()));
        results.reverse();
        let mark = |shadowed| KeyMark {
            masked: "…".to_owned(),
            source: Source::Environment,
            shadowed: match shadowed {
                Shadowed::Skip => Vec::new(),
                Shadowed::LookUp => vec![("…b".to_owned(), Source::Stdin)],
            },
            looks_foreign: false,
        };
        let client = Client {
            base: &base,
            key: &Secret::new("sk_V2_hgu_0123456789"),
            key_mark: &mark,
            mask: &|text| text.replace("secret", "…"),
            transport: &FakeWire(RefCell::new(results)),
            policy: Policy { retries: 3, budget: Duration::from_secs(120) },
            within: None,
            timeout: Duration::ZERO,
            clock: &StillClock,
            observer: &|_: &Event<'_>| {},
            stdin: &|| Box::new(std::io::empty()),
        };
        client.send(&request, Patience::Whole)
    }

    const BAD: &str = r#"{"error":{"code":"c","message":"m"}}"#;
    const QUOTA: &str = r#"{"error":{"code":"quota_exceeded","message":"m"}}"#;

    #[test]
    fn any_attempt_can_make_a_call_ambiguous() {
        use Acceptance::{Certain, Harmless, Possible};
        use Repeat::{MayBePaidTwice, OnceWithKey};
        let check = |method: &str, key: bool, results: Vec<_>, attempts: u32, expected| {
            let outcome = send(method, key, results);
            let got = (outcome.call.attempts, outcome.call.acceptance);
            assert_eq!(got, (attempts, expected), "{method} {:?}", outcome.result.err());
        };
        check("POST", true, vec![broken(), response(400, BAD)], 2, Possible(OnceWithKey));
        check("POST", true, vec![broken(), response(429, QUOTA)], 2, Possible(OnceWithKey));
        check("POST", true, vec![response(500, BAD), response(401, BAD)], 2, Possible(OnceWithKey));
        let all_refused = || vec![response(500, BAD), refused(), refused(), refused()];
        check("POST", true, all_refused(), 4, Possible(OnceWithKey));
        check("POST", true, vec![refused(), response(400, BAD)], 2, Harmless);
        check("POST", true, vec![response(400, BAD)], 1, Harmless);
        check("POST", true, vec![response(303, "")], 1, Possible(OnceWithKey));
        check("POST", true, vec![response(307, "")], 1, Harmless);
        check("POST", true, vec![response(200, "<html>")], 1, Possible(OnceWithKey));
        check("POST", true, vec![broken(), response(200, "{}")], 2, Certain(OnceWithKey));
        check("POST", true, vec![response(200, "{\"data\":")], 1, Certain(OnceWithKey));
        check("POST", false, vec![broken()], 1, Possible(MayBePaidTwice));
        check("POST", false, vec![response(200, "{}")], 1, Certain(MayBePaidTwice));
        check("GET", false, vec![broken(), response(400, BAD)], 2, Harmless);
        check("PUT", false, vec![response(503, BAD), response(200, "{}")], 2, Harmless);
    }

    #[test]
    fn rejected_key_names_shadowed_keys() {
        let shadowed = |result| {
            let key = send("GET", false, vec![result]).call.key.expect("a key");
            key.shadowed.len()
        };
        assert_eq!(shadowed(response(401, BAD)), 1);
        assert_eq!(shadowed(response(200, "{}")), 0);
        assert_eq!(shadowed(Err(CallFailure::TimedOut { limit: Duration::ZERO })), 0);
    }

    #[test]
    fn texts_are_masked_before_they_are_cut() {
        let check = |status: u16, body: &str, expected: &str| {
            let outcome = send("GET", false, vec![response(status, body)]);
            let error = outcome.content().err().expect("an error").to_string();
            assert!(error.ends_with(expected), "{} {error}", error.len());
        };
        // The cut at 2,000 characters would leave `sec` of the secret.
        let filler = "x".repeat(1_997);
        let message = format!(r#"{{"error":{{"code":"c","message":"{filler}secret"}}}}"#);
        check(400, &message, &format!("{filler}…"));
        check(400, &format!("{filler}secret"), &format!("{filler}…"));
        check(200, &message, &format!("{filler}…"));
        let page = format!("<html><title>{filler}secret</title>");
        check(404, &page, &format!("{filler}…\"), not JSON"));
        check(400, r#"{"error":{"code":"c","message":"\u0073ecret"}}"#, "400 c: …");
    }
}
