//! The only place where a request meets the key and the host.

use std::time::Duration;

use crate::api::content::{self, Received};
use crate::api::origin::Base;
use crate::api::request::Request;
use crate::api::response::Response;
use crate::clock::Clock;
use crate::error::{Failure, NetworkFault, TlsTrouble};
use crate::http::event::{Event, Observer};
use crate::http::retry::{Decision, Policy, Try};
use crate::http::transport::{KEY_HEADER, Outgoing, OutgoingBody, Patience, Transport};
use crate::http::upload::Load;
use crate::random;
use crate::secret::Secret;

/// JSON is asked for; whatever else an endpoint has (audio, subtitles) is welcome too.
const ACCEPT: &str = "application/json, */*;q=0.8";

/// Headers whose values are shown to nobody.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// One API, one key.
pub struct Client<'c> {
    /// Where the API is.
    pub base: &'c Base,
    /// The key, which goes there and nowhere else.
    pub key: &'c Secret,
    /// What carries the requests.
    pub transport: &'c dyn Transport,
    /// How often is tried again.
    pub policy: Policy,
    /// Time, for pauses.
    pub clock: &'c dyn Clock,
    /// Who is told what happens.
    pub observer: &'c Observer<'c>,
}

/// What became of a call, all tries together.
pub struct Called {
    /// How often it was sent.
    pub attempts: u32,
    /// The last answer, if one came, or why none did.
    pub result: Result<Received, Failure>,
}

impl Client<'_> {
    /// Makes a call: sends the request, and again where that is safe and worth it.
    ///
    /// `saves` says that the answer goes into a file, and may take as long as it takes.
    pub fn call(&self, request: &Request, saves: bool) -> Called {
        let mut load = match Load::new(&request.body) {
            Ok(load) => load,
            Err(failure) => return Called { attempts: 0, result: Err(failure) },
        };
        let mut paused = Duration::ZERO;
        let mut number = 1;
        loop {
            let result = self.send(request, load.as_mut(), saves).map(content::receive);
            let is_repeatable = load.as_ref().is_none_or(Load::is_repeatable);
            let decision = if is_repeatable {
                self.decide(request, &result, number, paused)
            } else {
                Decision::Stop
            };
            match decision {
                Decision::Stop => return Called { attempts: number, result },
                Decision::TooLong { asked } => {
                    let limit = self.policy.budget.saturating_sub(paused);
                    return Called {
                        attempts: number,
                        result: result.map(|received| too_long(received, asked, limit)),
                    };
                }
                Decision::Again { pause, is_asked } => {
                    let status = result.as_ref().ok().map(|received| received.head.status);
                    let of = self.policy.retries.saturating_add(1);
                    let key = request.idempotency_key.is_some();
                    (self.observer)(&Event::Pausing {
                        status,
                        pause,
                        is_asked,
                        next: number + 1,
                        of,
                        key,
                    });
                    self.clock.sleep(pause);
                    paused = paused.saturating_add(pause);
                    number += 1;
                }
            }
        }
    }

    fn decide(
        &self,
        request: &Request,
        result: &Result<Received, Failure>,
        number: u32,
        paused: Duration,
    ) -> Decision {
        let (head, failure) = match result {
            Ok(received) => match &received.outcome {
                Ok(_) => return Decision::Stop,
                Err(failure) => (Some(&received.head), failure),
            },
            Err(failure) => (None, failure),
        };
        let retry_after = head.and_then(|head| head.header("retry-after"));
        let attempt = Try {
            number,
            paused,
            status: head.map(|head| head.status),
            failure,
            retry_after: retry_after.as_deref(),
        };
        self.policy.decide(request, attempt, random::fraction(), self.clock.today())
    }

    /// Sends a request once and returns the answer, whatever its status.
    fn send(
        &self,
        request: &Request,
        load: Option<&mut Load>,
        saves: bool,
    ) -> Result<Response, Failure> {
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
        let is_file = saves || load.as_ref().is_some_and(|load| load.is_file());
        let body = match load {
            None => None,
            Some(load) => Some(OutgoingBody { length: load.length(), reader: load.open()? }),
        };
        let started = self.clock.now();
        let sent = self.transport.send(Outgoing {
            method: request.method.clone(),
            url: &url,
            // An `Endpoint` names no host, so that this URL is on the origin that the key is for.
            origin: self.base.origin(),
            headers: &headers,
            key: Some(self.key),
            body,
            patience: if is_file { Patience::Silence } else { Patience::Whole },
        });
        let response = sent.map_err(|failure| self.with_date(failure))?;
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

    fn masked(&self, (name, value): &(String, String)) -> (String, String) {
        if is_secret(name) {
            return (name.clone(), "…".to_owned());
        }
        let value = self.key.mask(value);
        if name.eq_ignore_ascii_case("location") {
            return (name.clone(), content::without_query(&value));
        }
        (name.clone(), value.into_owned())
    }

    /// A certificate that is not valid today is often a wrong clock: the date belongs to the error.
    fn with_date(&self, failure: Failure) -> Failure {
        let Failure::Network(NetworkFault::Tls { host, reason, trouble: TlsTrouble::Date { .. } }) =
            failure
        else {
            return failure;
        };
        let now = jiff::Timestamp::try_from(self.clock.today()).unwrap_or_default();
        let today = now.to_string().split('T').next().unwrap_or_default().to_owned();
        Failure::Network(NetworkFault::Tls { host, reason, trouble: TlsTrouble::Date { today } })
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

fn too_long(received: Received, asked: Duration, limit: Duration) -> Received {
    let outcome = received.outcome.map_err(|failure| match failure {
        Failure::Rejected(api) => Failure::AskedTooLong { code: api.code, asked, limit },
        Failure::Html { .. } => Failure::AskedTooLong { code: None, asked, limit },
        other => other,
    });
    Received { outcome, ..received }
}

/// Whether the value of a header is shown to nobody.
pub fn is_secret(header: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| header.eq_ignore_ascii_case(secret))
}
