//! The only place where a request meets the key and the host.

use std::time::Duration;

use http::Method;

use super::event::{Event, Observer};
use super::retry::{self, Attempt, Decision, Policy};
use super::transport::{KEY_HEADER, Outgoing, OutgoingBody, Patience, Transport};
use super::upload::Load;
use crate::api::content;
use crate::api::origin::Base;
use crate::api::outcome::Outcome;
use crate::api::request::Request;
use crate::api::response::Response;
use crate::clock::Clock;
use crate::error::{
    Acceptance, Call, CallFailure, KeyMark, NetworkFault, Repeat, TlsTrouble, shortened,
};
use crate::secret::Secret;

/// JSON is asked for; whatever else an endpoint has (audio, subtitles) is welcome too.
const ACCEPT: &str = "application/json, */*;q=0.8";

/// Headers whose values are shown to nobody.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// One API, one key.
pub struct Client<'c> {
    /// The address of the API.
    pub base: &'c Base,
    /// The key, which goes there and nowhere else.
    pub key: &'c Secret,
    /// The key as errors show it. `Shadowed::LookUp` reads files: it is for rejected keys.
    pub key_mark: &'c dyn Fn(Shadowed) -> KeyMark,
    /// Masks the key, and what else is secret, in a text.
    pub mask: &'c dyn Fn(&str) -> String,
    /// The wire that carries the requests.
    pub transport: &'c dyn Transport,
    /// The limits of retries.
    pub policy: Policy,
    /// Time, for pauses.
    pub clock: &'c dyn Clock,
    /// Told of each step.
    pub observer: &'c Observer<'c>,
}

/// Whether the keys that a key takes precedence over are looked up.
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
    /// `patience` is for the response; a request body that is a file has its own.
    pub fn send(&self, request: &Request, patience: Patience) -> Outcome {
        let mut load = match Load::new(&request.body) {
            Ok(load) => load,
            Err(failure) => return Outcome::without_response(self.call(request), failure),
        };
        let is_file = load.as_ref().is_some_and(Load::is_file);
        let patience = if is_file { Patience::Silence } else { patience };
        let mut paused = Duration::ZERO;
        let mut may_be_accepted = false;
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
                    });
                    self.clock.sleep(pause);
                    paused = paused.saturating_add(pause);
                    number += 1;
                    continue;
                }
                Decision::TooLong { asked } => {
                    let limit = self.policy.budget.saturating_sub(paused);
                    outcome.result =
                        outcome.result.map_err(|failure| too_long(failure, asked, limit));
                }
                Decision::Stop => {}
            }
            return self.finished(outcome, request, may_be_accepted);
        }
    }

    /// The facts that are known before the request goes out.
    fn call(&self, request: &Request) -> Call {
        Call {
            method: request.method.to_string(),
            path: request.endpoint.path().to_owned(),
            key: Some((self.key_mark)(Shadowed::Skip)),
            idempotency_key: request.idempotency_key.as_ref().map(|key| key.value().to_owned()),
            ..Call::default()
        }
    }

    /// Adds what only the last attempt tells: the state of what the call was to do, and of a
    /// rejected key the ones that it takes precedence over.
    fn finished(&self, mut outcome: Outcome, request: &Request, may_be_accepted: bool) -> Outcome {
        if let Err(CallFailure::Rejected(_) | CallFailure::Html { .. }) = outcome.result {
            outcome.call.key = Some((self.key_mark)(Shadowed::LookUp));
        }
        if request.method == Method::POST {
            let repeat = if retry::is_repeatable(request) {
                Repeat::OnceWithKey
            } else {
                Repeat::MayBePaidTwice
            };
            outcome.call.acceptance = match outcome.result {
                Ok(_) => Acceptance::Certain(repeat),
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
        self.policy.decide(request, attempt, chance(), self.clock.today())
    }

    /// Sends a request once and receives the response, whatever its status.
    fn attempt(&self, request: &Request, load: Option<&mut Load>, patience: Patience) -> Outcome {
        let mut call = self.call(request);
        let response = match self.exchange(request, load, patience) {
            Ok(response) => response,
            Err(failure) => return Outcome::without_response(call, self.with_date(failure)),
        };
        let clean = |text: &str| shortened(&(self.mask)(text)).into_owned();
        let (head, result) = content::receive(response, &clean);
        call.status = Some(head.status);
        call.request_id = head.request_id().map(|id| clean(&id));
        let (result, error_body) = match result {
            Ok(content) => (Ok(content), Vec::new()),
            Err(refusal) => (Err(refusal.failure), refusal.body),
        };
        Outcome { call, head: Some(head), error_body, result }
    }

    fn exchange(
        &self,
        request: &Request,
        load: Option<&mut Load>,
        patience: Patience,
    ) -> Result<Response, CallFailure> {
        let url = self.base.url(&request.target());
        let headers = headers(request, load.as_deref());
        let mut shown: Vec<(String, String)> =
            headers.iter().map(|header| self.masked(header)).collect();
        shown.push((KEY_HEADER.to_owned(), self.key.masked()));
        (self.observer)(&Event::Sending {
            method: request.method.as_str(),
            url: &url,
            headers: &shown,
        });
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
            patience,
        })?;
        let headers: Vec<(String, String)> =
            response.head.lines().iter().map(|header| self.masked(header)).collect();
        let after = self.clock.now() - started;
        (self.observer)(&Event::Received {
            status: &response.head.status_line(),
            headers: &headers,
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
        (name.clone(), without_queries(&value))
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
        let now = jiff::Timestamp::try_from(self.clock.today()).unwrap_or_default();
        let today = now.to_string().split('T').next().unwrap_or_default().to_owned();
        CallFailure::Network(NetworkFault::Tls {
            host,
            reason,
            trouble: TlsTrouble::Date { today },
        })
    }
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

fn too_long(failure: CallFailure, asked: Duration, limit: Duration) -> CallFailure {
    match failure {
        CallFailure::Rejected(api) => CallFailure::AskedTooLong { code: api.code, asked, limit },
        CallFailure::Html { .. } => CallFailure::AskedTooLong { code: None, asked, limit },
        other => other,
    }
}

/// The text with the query of each URL in it left out: `<https://host/file?…>; rel=next`.
fn without_queries(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let end = rest[start..].find([' ', '>', '"', ',']).map_or(rest.len(), |end| start + end);
        shown.push_str(&content::without_query(&rest[..end]));
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

/// Whether the value of a header is shown to nobody.
pub fn is_secret(header: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| header.eq_ignore_ascii_case(secret))
}

/// A number from 0 to 1. Without random numbers every pause is the middle one.
fn chance() -> f64 {
    let mut byte = [127];
    let _ = getrandom::getrandom(&mut byte);
    f64::from(byte[0]) / 255.0
}
