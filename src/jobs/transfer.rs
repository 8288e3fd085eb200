//! The transfer of one file from its host: ranges, redirects, fresh links, retries.
//!
//! | response | next |
//! |---|---|
//! | 200 | the file from its beginning |
//! | 206 that fits | the rest of it |
//! | 206 that does not fit, 416 | what is there is dropped, and all of it asked for |
//! | 301, 302, 303, 307, 308 | followed, at most 5 times, and never from https to http |
//! | 400, 401, 403, 404, 410 | a fresh link, once for each expiry |
//! | 408, 429, 5xx; a broken connection; out of time | again, from where it broke off |
//!
//! The key is not here: a file's host never gets it.

use std::time::Duration;

use http::Method;

use crate::api::origin::{BadBase, Origin};
use crate::api::response::{Body, Head, Response};
use crate::clock::Clock;
use crate::error::{CallFailure, FileFault};
use crate::http::retry::{Policy, asked_pause, back_off};
use crate::http::transport::{Outgoing, Patience, Transport};
use crate::percent::{entered_path, entered_query};
use crate::random;

/// Files are read and written in pieces of at most this size.
const PIECE: usize = 256 * 1024;

/// The most redirects in a row.
const MOST_REDIRECTS: usize = 5;

/// The place where a file goes.
pub trait Sink {
    /// What is there and can be gone on with.
    fn held(&self) -> Option<Held>;

    /// Begins anew, with the file's strong ETag and its length, as far as they are known.
    ///
    /// # Errors
    /// What is there cannot be taken back, or the disk fails.
    fn begin(&mut self, etag: Option<&str>, total: Option<u64>) -> Result<(), FileFault>;

    /// Goes on behind this many bytes, at most as many as there are.
    ///
    /// # Errors
    /// The disk fails.
    fn resume_at(&mut self, offset: u64) -> Result<(), FileFault>;

    /// Takes what is there as useless.
    fn forget(&mut self);

    /// Adds bytes.
    ///
    /// # Errors
    /// The disk fails.
    fn write(&mut self, bytes: &[u8]) -> Result<(), FileFault>;

    /// The number of bytes that are there.
    fn bytes(&self) -> u64;
}

/// The beginning of a file that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub bytes: u64,
    /// The strong ETag of the file that it is the beginning of.
    pub etag: String,
    /// The length of that file.
    pub total: Option<u64>,
}

/// What happens during a transfer.
#[derive(Debug)]
pub enum Progress<'p> {
    /// Bytes flow; so many were there before.
    Began { from: u64, total: Option<u64> },
    /// So many bytes are there.
    Received(u64),
    /// A link expired, and HeyGen gave a fresh one.
    Refreshed { status: u16, host: &'p str },
    /// What is there is dropped.
    Restarted { host: &'p str },
    /// The transfer broke off, and goes on after the pause.
    Resuming { fault: &'p FileFault, pause: Duration },
}

/// Opens a wire to the host of an origin.
pub type Opener<'o> = dyn Fn(&Origin) -> Result<Box<dyn Transport>, FileFault> + 'o;

/// A transfer.
pub struct Transfer<'t> {
    /// Opens a wire to a host.
    pub wire: &'t Opener<'t>,
    /// Asks for a fresh link; `None` where there is nobody to ask.
    pub fresh: &'t dyn Fn() -> Result<Option<String>, FileFault>,
    pub clock: &'t dyn Clock,
    pub policy: Policy,
    /// True where a web page is not what the link is for.
    pub refuses_html: bool,
    pub tell: &'t dyn Fn(Progress<'_>),
}

/// The end of an attempt that was no success.
enum Stop {
    /// Nothing helps.
    Final(FileFault),
    /// The link is not accepted.
    Expired(u16, String),
    /// Another attempt may help, after this pause if the host asks for one.
    Again(FileFault, Option<Duration>),
    /// What is there is not the beginning of the file that the host has now.
    Unfit(FileFault),
}

impl From<FileFault> for Stop {
    fn from(fault: FileFault) -> Stop {
        Stop::Final(fault)
    }
}

/// A wire, and the origin that it leads to.
type Line = Option<(Origin, Box<dyn Transport>)>;

impl Transfer<'_> {
    /// Fetches the file behind the link into the sink, all of it.
    ///
    /// # Errors
    /// The host does not give it, or the sink fails.
    pub fn run(&self, link: &str, sink: &mut dyn Sink) -> Result<(), FileFault> {
        let mut link = link.to_owned();
        let mut line = None;
        let mut best = sink.bytes();
        let (mut attempts, mut paused, mut is_fresh) = (0, Duration::ZERO, false);
        loop {
            let stop = match self.attempt(&link, &mut line, sink) {
                Ok(()) => return Ok(()),
                Err(stop) => stop,
            };
            let has_grown = sink.bytes() > best;
            if has_grown {
                // Whatever was in the way is not any more.
                best = sink.bytes();
                (attempts, paused, is_fresh) = (0, Duration::ZERO, false);
            }
            let (fault, asked) = match stop {
                Stop::Final(fault) => return Err(fault),
                Stop::Expired(status, host) => {
                    if !is_fresh && let Some(fresh) = (self.fresh)()? {
                        (self.tell)(Progress::Refreshed { status, host: &host });
                        (link, is_fresh) = (fresh, true);
                        continue;
                    }
                    return Err(FileFault::Expired { status, host });
                }
                Stop::Again(fault, asked) => (fault, asked),
                Stop::Unfit(fault) => {
                    sink.forget();
                    (fault, Some(Duration::ZERO))
                }
            };
            attempts += 1;
            let pause = match asked {
                Some(asked) => asked,
                None if has_grown => Duration::ZERO,
                None => back_off(attempts, random::fraction()),
            };
            if attempts > self.policy.retries || paused + pause > self.policy.budget {
                return Err(fault);
            }
            (self.tell)(Progress::Resuming { fault: &fault, pause });
            self.clock.sleep(pause);
            paused += pause;
        }
    }

    fn attempt(&self, link: &str, line: &mut Line, sink: &mut dyn Sink) -> Result<(), Stop> {
        let held = sink.held();
        // Of a file that seems complete the last byte tells whether it still is the file.
        let offset = held.as_ref().map_or(0, |held| match held.total {
            Some(total) if held.bytes == total => total.saturating_sub(1),
            _ => held.bytes,
        });
        let held = held.filter(|_| offset > 0);
        let (host, response) = self.response(link, line, held.as_ref(), offset)?;
        let Response { head, mut body } = response;
        if let Some(coding) = head.header("content-encoding").filter(|it| !is_identity(it)) {
            return Err(FileFault::Encoded { host, coding }.into());
        }
        let length = head.announced_length();
        let total = match (head.status, &held) {
            (206, Some(held)) => match part_that_fits(&head, held, offset) {
                Some(total) => {
                    sink.resume_at(offset)?;
                    Some(total)
                }
                None => {
                    let what = "sends a part of another file, or not the one that was asked for";
                    return Err(Stop::Unfit(FileFault::Lied { host, what }));
                }
            },
            (206, None) => {
                let what = "sends a part of the file, and all of it was asked for";
                return Err(FileFault::Lied { host, what }.into());
            }
            _ => {
                if self.refuses_html && head.media_type().as_deref() == Some("text/html") {
                    return Err(FileFault::Html { host }.into());
                }
                if sink.bytes() > 0 {
                    (self.tell)(Progress::Restarted { host: &host });
                }
                let etag = head.header("etag").filter(|etag| is_strong(etag));
                // Without a length a rest cannot be told from a whole.
                sink.begin(etag.as_deref().filter(|_| length.is_some()), length)?;
                length
            }
        };
        (self.tell)(Progress::Began { from: sink.bytes(), total });
        let received = self.receive(&mut *body, sink, total, &host);
        if received.is_err() {
            *line = None;
        }
        received
    }

    /// Reads the body to its end.
    fn receive(
        &self,
        body: &mut dyn Body,
        sink: &mut dyn Sink,
        total: Option<u64>,
        host: &str,
    ) -> Result<(), Stop> {
        let mut piece = vec![0; PIECE];
        loop {
            match body.read(&mut piece) {
                Ok(0) => break,
                // At once: what a slow host has sent should survive the end of the program.
                Ok(count) => {
                    sink.write(piece.get(..count).unwrap_or_default())?;
                    (self.tell)(Progress::Received(sink.bytes()));
                }
                Err(failure) => {
                    let failure = Box::new(failure);
                    let fault = FileFault::Transfer { host: host.to_owned(), failure };
                    return Err(Stop::Again(fault, None));
                }
            }
        }
        match total {
            Some(total) if sink.bytes() < total => {
                let failure = Box::new(CallFailure::Cut { received: sink.bytes() });
                Err(Stop::Again(FileFault::Transfer { host: host.to_owned(), failure }, None))
            }
            Some(total) if sink.bytes() > total => {
                sink.forget();
                let what = "sends more bytes than it announces";
                Err(FileFault::Lied { host: host.to_owned(), what }.into())
            }
            _ => Ok(()),
        }
    }

    /// The response of the host at the end of all redirects, if it has the file.
    fn response(
        &self,
        link: &str,
        line: &mut Line,
        held: Option<&Held>,
        offset: u64,
    ) -> Result<(String, Response), Stop> {
        let mut link = link.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            let (origin, rest) = split(&link)?;
            let host = origin.host().to_owned();
            let mut headers = vec![
                ("accept".to_owned(), "*/*".to_owned()),
                ("accept-encoding".to_owned(), "identity".to_owned()),
            ];
            if let Some(held) = held {
                headers.push(("range".to_owned(), format!("bytes={offset}-")));
                headers.push(("if-range".to_owned(), held.etag.clone()));
            }
            let wire = match line {
                Some((known, wire)) if *known == origin => wire,
                _ => &mut line.insert((origin.clone(), (self.wire)(&origin)?)).1,
            };
            let sent = wire.send(Outgoing {
                method: Method::GET,
                url: &format!("{origin}{rest}"),
                origin: &origin,
                headers: &headers,
                key: None,
                body: None,
                patience: Patience::Silence,
            });
            let response = match sent {
                Ok(response) => response,
                Err(failure) => {
                    *line = None;
                    return Err(after_failure(host, failure));
                }
            };
            match response.head.status {
                200 | 206 => return Ok((host, response)),
                301..=303 | 307 | 308 => link = target(&origin, &rest, &response.head)?,
                status => return Err(self.after_status(host, status, &response.head)),
            }
        }
        let (origin, _) = split(&link)?;
        let reason = "too many times";
        Err(FileFault::Redirected { host: origin.host().to_owned(), reason }.into())
    }

    fn after_status(&self, host: String, status: u16, head: &Head) -> Stop {
        match status {
            400 | 401 | 403 | 404 | 410 => Stop::Expired(status, host),
            // What is there is longer than the file is now.
            416 => {
                let what = "has no such part of the file";
                Stop::Unfit(FileFault::Lied { host, what })
            }
            408 | 429 | 500 | 502 | 503 | 504 => {
                let asked = head.header("retry-after");
                let asked = asked.and_then(|text| asked_pause(&text, self.clock.today()));
                Stop::Again(FileFault::Rejected { status, host }, asked)
            }
            _ => FileFault::Rejected { status, host }.into(),
        }
    }
}

fn after_failure(host: String, failure: CallFailure) -> Stop {
    use crate::error::NetworkFault;
    let is_final = matches!(
        failure,
        CallFailure::Unsendable { .. }
            | CallFailure::Network(NetworkFault::Tls { .. } | NetworkFault::Proxy { .. })
    );
    let fault = FileFault::Transfer { host, failure: Box::new(failure) };
    if is_final { Stop::Final(fault) } else { Stop::Again(fault, None) }
}

/// The length of the whole file, if the response is the rest of it behind `offset`.
fn part_that_fits(head: &Head, held: &Held, offset: u64) -> Option<u64> {
    let range = head.header("content-range")?;
    let (range, total) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end): (u64, u64) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    let total: u64 = total.trim().parse().ok()?;
    let is_same = head.header("etag").is_none_or(|etag| etag == held.etag)
        && held.total.is_none_or(|known| known == total);
    let is_rest = start == offset
        && end.checked_add(1) == Some(total)
        && head.announced_length() == total.checked_sub(offset);
    (is_same && is_rest).then_some(total)
}

/// A weak ETag says that two files mean the same, not that they are the same bytes.
fn is_strong(etag: &str) -> bool {
    etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"')
}

fn is_identity(coding: &str) -> bool {
    coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity")
}

/// The origin of a link, and the rest of it as HTTP can carry it.
fn split(link: &str) -> Result<(Origin, String), FileFault> {
    let link = link.split('#').next().unwrap_or_default();
    let (origin, rest) = Origin::split(link).map_err(|bad| FileFault::BadLink {
        reason: match bad {
            BadBase::Scheme => "it must begin with https:// or http://",
            BadBase::UserInfo => "it names a user or password",
            BadBase::Port => "its port is not a number from 1 to 65535",
            BadBase::Host | BadBase::Path => "it has no valid host",
        },
    })?;
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut rest = format!("{slash}{}", entered_path(path));
    if let Some(query) = query {
        rest.push('?');
        rest.push_str(&entered_query(query));
    }
    Ok((origin, rest))
}

/// The link that a redirect leads to.
fn target(origin: &Origin, rest: &str, head: &Head) -> Result<String, FileFault> {
    let fail = |reason| FileFault::Redirected { host: origin.host().to_owned(), reason };
    let location = head.header("location").ok_or_else(|| fail("without saying where"))?;
    let location = location.trim();
    let scheme = if origin.is_secure() { "https" } else { "http" };
    let path = rest.split('?').next().unwrap_or_default();
    let link = if location.contains("://") && !location.starts_with(['/', '?', '.']) {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{origin}{location}")
    } else if location.starts_with('?') {
        format!("{origin}{path}{location}")
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{origin}{folder}/{location}")
    };
    let (next, _) = split(&link).map_err(|_| fail("to what is no web address"))?;
    if origin.is_secure() && !next.is_secure() {
        return Err(fail("from https to http"));
    }
    Ok(link)
}
