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
use crate::error::{CallFailure, FileFault, NetworkFault};
use crate::http::retry::{Policy, SHORTEST_PAUSE, asked_pause, back_off};
use crate::http::transport::{Outgoing, Patience, Transport};
use crate::percent::{entered_path, entered_query};
use crate::random;

/// Files are read and written in pieces of at most this size.
const PIECE: usize = 256 * 1024;

/// A host that sends less at a time is not asked again at once: 64 KiB.
const LEAST_PROGRESS: u64 = 64 * 1024;

/// The most redirects in a row.
const MOST_REDIRECTS: usize = 5;

/// A longer ETag is as good as none: it is noted in a file.
const LONGEST_ETAG: usize = 1024;

/// The place where a file goes.
pub trait Sink {
    /// The beginning that is there and can be gone on with.
    fn held(&self) -> Option<Held>;

    /// Begins anew, with the file's strong ETag and its length, as far as they are known.
    ///
    /// # Errors
    /// The bytes that are there cannot be taken back, or the disk fails.
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

/// An event of a transfer.
#[derive(Debug)]
pub enum Progress<'p> {
    /// Bytes flow; so many were there before.
    Began { from: u64, total: Option<u64> },
    /// So many bytes are there.
    Received(u64),
    /// A link expired, and HeyGen gave a fresh one.
    Refreshed { status: u16, host: &'p str },
    /// The bytes that are there are dropped.
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
    /// True where a web page, or the error of a host, is not what the link is for.
    pub refuses_html: bool,
    /// The name of the file.
    pub name: &'t str,
    /// Tells whether a text holds a secret: a link would go to the file's host, and into its logs.
    pub holds_secret: &'t dyn Fn(&str) -> bool,
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
    /// The bytes that are there are not the beginning of the file that the host has now.
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
        // Attempts in a row that brought next to nothing.
        let mut poor: u32 = 0;
        loop {
            let stop = match self.attempt(&link, &mut line, sink) {
                Ok(()) => return Ok(()),
                Err(stop) => stop,
            };
            let has_grown = sink.bytes() > best;
            let is_poor = sink.bytes().saturating_sub(best) < LEAST_PROGRESS;
            poor = if is_poor { poor.saturating_add(1) } else { 0 };
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
                        if poor > 1 {
                            self.clock.sleep(back_off(poor - 1, random::fraction()));
                        }
                        (link, is_fresh) = (fresh, true);
                        continue;
                    }
                    return Err(FileFault::Expired { status, host });
                }
                Stop::Again(fault, asked) => (fault, asked),
                Stop::Unfit(fault) => {
                    sink.forget();
                    (fault, (poor <= 1).then_some(Duration::ZERO))
                }
            };
            attempts += 1;
            let pause = match asked {
                Some(asked) => asked,
                None if has_grown && poor <= 1 => SHORTEST_PAUSE,
                None => back_off(attempts.max(poor), random::fraction()),
            };
            if attempts > self.policy.retries || paused.saturating_add(pause) > self.policy.budget {
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
                match head.media_type() {
                    Some(html) if self.refuses_html && html == "text/html" => {
                        return Err(FileFault::Html { host }.into());
                    }
                    Some(other) if self.refuses_html && is_message(&other, self.name) => {
                        let what = "sends JSON or XML in place of the file";
                        return Err(FileFault::Lied { host, what }.into());
                    }
                    _ => {}
                }
                if self.refuses_html && length == Some(0) {
                    return Err(without_a_byte(&host).into());
                }
                if sink.bytes() > 0 {
                    (self.tell)(Progress::Restarted { host: &host });
                }
                // It is written down, and sent to the host again.
                let etag = head
                    .header("etag")
                    .filter(|etag| is_usable_etag(etag) && !(self.holds_secret)(etag));
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
            _ if self.refuses_html && sink.bytes() == 0 => Err(without_a_byte(host).into()),
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
            if (self.holds_secret)(&link) {
                let reason = "it holds your API key";
                return Err(FileFault::BadLink { reason }.into());
            }
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
                of_response: Patience::Silence,
                within: None,
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

/// A strong ETag that HTTP can carry, and that can be noted in a file: a weak one says that two files
/// mean the same, not that they are the same bytes.
pub(super) fn is_usable_etag(etag: &str) -> bool {
    let is_strong = etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"');
    is_strong && etag.len() <= LONGEST_ETAG && !etag.contains(char::is_control)
}

/// True for a type that tells of an error, unless the file is such a one by its name.
fn is_message(media_type: &str, name: &str) -> bool {
    let is_of = |kind: &str| {
        media_type.ends_with(&format!("/{kind}")) || media_type.ends_with(&format!("+{kind}"))
    };
    // Images are XML too.
    !media_type.starts_with("image/")
        && ["json", "xml"].iter().any(|kind| is_of(kind) && !name.ends_with(kind))
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

/// The fault of a host that sends nothing for the file of a job, whether it announces that or not.
fn without_a_byte(host: &str) -> FileFault {
    FileFault::Lied { host: host.to_owned(), what: "sends a file without a byte" }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::io::Cursor;
    use std::rc::Rc;
    use std::time::{Instant, SystemTime};

    use http::HeaderMap;

    use super::*;
    use crate::error::TlsTrouble;

    fn head(status: u16, headers: &[(&'static str, &str)]) -> Head {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        Head { status, headers: map }
    }

    #[test]
    fn redirects_lead_to_links() {
        let check = |from: &str, location: Option<&str>, expected: Result<&str, &str>| {
            let (origin, rest) = split(from).expect("a link");
            let headers: Vec<(&str, &str)> =
                location.map(|location| ("location", location)).into_iter().collect();
            let got = target(&origin, &rest, &head(302, &headers));
            let got = got.map_err(|fault| fault.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{from} {location:?}");
        };
        let from = "https://a.test/x/y.mp4?s=1";
        check(from, Some("https://b.test/z"), Ok("https://b.test/z"));
        check(from, Some("//b.test/z"), Ok("https://b.test/z"));
        check(from, Some("/z?t=2"), Ok("https://a.test/z?t=2"));
        check(from, Some("z"), Ok("https://a.test/x/z"));
        check(from, Some("?t=2"), Ok("https://a.test/x/y.mp4?t=2"));
        check(from, Some("/a?u=http://c.test"), Ok("https://a.test/a?u=http://c.test"));
        check(
            from,
            Some("http://a.test/z"),
            Err("a.test redirects from https to http; not followed"),
        );
        check(
            from,
            Some("ftp://a.test/z"),
            Err("a.test redirects to what is no web address; not followed"),
        );
        check(from, None, Err("a.test redirects without saying where; not followed"));
        check("http://a.test/", Some("https://a.test/"), Ok("https://a.test/"));
    }

    #[test]
    fn parts_that_fit() {
        let held = Held { bytes: 5, etag: "\"e\"".to_owned(), total: Some(9) };
        let check = |headers: &[(&'static str, &str)], expected: Option<u64>| {
            assert_eq!(part_that_fits(&head(206, headers), &held, 5), expected, "{headers:?}");
        };
        let range = ("content-range", "bytes 5-8/9");
        let length = ("content-length", "4");
        check(&[range, length, ("etag", "\"e\"")], Some(9));
        check(&[range, length], Some(9));
        check(&[range, length, ("etag", "\"f\"")], None);
        check(&[range, length, ("etag", "W/\"e\"")], None);
        check(&[range], None);
        check(&[range, ("content-length", "9")], None);
        check(&[length], None);
        for wrong in [
            "bytes 4-8/9",
            "bytes 5-7/9",
            "bytes 5-8/10",
            "bytes 5-8/*",
            "bytes */9",
            "items 5-8/9",
            "bytes 5-18446744073709551615/9",
            "",
        ] {
            check(&[("content-range", wrong), length], None);
        }
    }

    #[test]
    fn only_strong_tags_are_kept() {
        let check =
            |etag: &str, expected: bool| assert_eq!(is_usable_etag(etag), expected, "{etag}");
        check("\"a\"", true);
        check("W/\"a\"", false);
        check("\"\"", false);
        check("a", false);
        check("\"a\r\nb\"", false);
        check(&format!("\"{}\"", "a".repeat(LONGEST_ETAG)), false);
    }

    #[test]
    fn messages_are_no_files() {
        let check = |media_type: &str, name: &str, expected: bool| {
            assert_eq!(is_message(media_type, name), expected, "{media_type} {name}");
        };
        check("application/json", "v.mp4", true);
        check("application/problem+json", "v.mp4", true);
        check("application/xml", "v.mp4", true);
        check("text/xml", "v.mp4", true);
        check("application/json", "v.json", false);
        check("image/svg+xml", "v.svg", false);
        check("application/x-subrip", "v.srt", false);
        check("video/mp4", "v.mp4", false);
    }

    /// Memory in place of a file.
    #[derive(Default)]
    struct Memory {
        bytes: Vec<u8>,
        etag: Option<String>,
        total: Option<u64>,
    }

    impl Sink for Memory {
        fn held(&self) -> Option<Held> {
            let etag = self.etag.clone().filter(|_| !self.bytes.is_empty())?;
            Some(Held { bytes: self.bytes.len() as u64, etag, total: self.total })
        }

        fn begin(&mut self, etag: Option<&str>, total: Option<u64>) -> Result<(), FileFault> {
            *self = Memory { bytes: Vec::new(), etag: etag.map(str::to_owned), total };
            Ok(())
        }

        fn resume_at(&mut self, offset: u64) -> Result<(), FileFault> {
            self.bytes.truncate(offset as usize);
            Ok(())
        }

        fn forget(&mut self) {
            self.etag = None;
        }

        fn write(&mut self, bytes: &[u8]) -> Result<(), FileFault> {
            self.bytes.extend_from_slice(bytes);
            Ok(())
        }

        fn bytes(&self) -> u64 {
            self.bytes.len() as u64
        }
    }

    /// A body that ends too early.
    struct CutBody(Cursor<Vec<u8>>);

    impl Body for CutBody {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, CallFailure> {
            match Body::read(&mut self.0, buffer)? {
                0 => Err(CallFailure::Cut { received: 0 }),
                count => Ok(count),
            }
        }
    }

    type Script = dyn Fn(usize, &Outgoing<'_>) -> Result<Response, CallFailure>;

    /// A wire whose n-th response, from 0, is that of a script.
    struct FakeWire(Rc<Cell<usize>>, Rc<Script>);

    impl Transport for FakeWire {
        fn send(&self, outgoing: Outgoing<'_>) -> Result<Response, CallFailure> {
            assert!(outgoing.key.is_none());
            let number = self.0.replace(self.0.get() + 1);
            (self.1)(number, &outgoing)
        }
    }

    /// A clock whose time passes while it sleeps.
    struct FakeClock(Instant, RefCell<Vec<Duration>>);

    impl Clock for FakeClock {
        fn now(&self) -> Instant {
            self.0
        }

        fn today(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, pause: Duration) {
            self.1.borrow_mut().push(pause);
        }
    }

    /// The result of a transfer of 3 retries, the number of requests, and the pauses.
    fn run(
        script: impl Fn(usize, &Outgoing<'_>) -> Result<Response, CallFailure> + 'static,
    ) -> (Result<Vec<u8>, String>, usize, Vec<Duration>) {
        let count = Rc::new(Cell::new(0));
        let script: Rc<Script> = Rc::new(script);
        let clock = FakeClock(Instant::now(), RefCell::default());
        let mut sink = Memory::default();
        let wire = |_: &Origin| -> Result<Box<dyn Transport>, FileFault> {
            Ok(Box::new(FakeWire(Rc::clone(&count), Rc::clone(&script))))
        };
        let transfer = Transfer {
            wire: &wire,
            fresh: &|| Ok(None),
            clock: &clock,
            policy: Policy { retries: 3, budget: Duration::from_secs(120) },
            refuses_html: true,
            name: "v.mp4",
            holds_secret: &|link| link.contains("secret"),
            tell: &|_| {},
        };
        let result = transfer.run("https://a.test/f", &mut sink);
        let result = result.map(|()| sink.bytes).map_err(|fault| fault.to_string());
        (result, count.get(), clock.1.take())
    }

    fn cut(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
        let body = Box::new(CutBody(Cursor::new(body.as_bytes().to_vec())));
        Response { head: head(status, headers), body }
    }

    /// Bytes that come again and again are no progress: it has an end.
    #[test]
    fn host_that_always_cuts_is_given_up() {
        let (result, requests, pauses) =
            run(|_, _| Ok(cut(200, &[("content-length", "9")], "half")));
        let expected = "the connection to a.test ended in the middle of the file";
        assert_eq!(result, Err(expected.to_owned()));
        // The first cut had brought bytes, and counts anew.
        assert_eq!((requests, pauses.len()), (4, 3));
    }

    #[test]
    fn host_that_sends_next_to_nothing_is_asked_slower_and_slower() {
        let (result, requests, pauses) = run(|number, outgoing| {
            let text = "0123456789";
            let asked = outgoing.headers.iter().find(|(name, _)| name == "range");
            let expected = format!("bytes={number}-");
            let asked = asked.map(|(_, value)| value.as_str());
            assert_eq!(asked, (number > 0).then_some(expected.as_str()));
            let range = format!("bytes {number}-9/10");
            let length = (10 - number).to_string();
            let headers =
                [("etag", "\"e\""), ("content-length", &length), ("content-range", &range)];
            let status = if number == 0 { 200 } else { 206 };
            let one = &text[number..=number];
            match number {
                9 => Ok(Response {
                    head: head(status, &headers),
                    body: Box::new(Cursor::new(one.as_bytes().to_vec())),
                }),
                _ => Ok(cut(status, &headers, one)),
            }
        });
        assert_eq!(result, Ok(b"0123456789".to_vec()));
        assert_eq!((requests, pauses.len(), pauses[0]), (10, 9, SHORTEST_PAUSE));
        for (pause, seconds) in pauses[1..].iter().zip([2.0, 4.0, 8.0, 16.0]) {
            let pause = pause.as_secs_f64();
            assert!((seconds * 0.75..=seconds * 1.25).contains(&pause), "{pause} for {seconds}");
        }
    }

    #[test]
    fn progress_is_not_counted_as_a_retry() {
        let piece = LEAST_PROGRESS as usize;
        let total = 10 * piece;
        let (result, requests, pauses) = run(move |number, _| {
            let start = number * piece;
            let range = format!("bytes {start}-{}/{total}", total - 1);
            let length = (total - start).to_string();
            let headers =
                [("etag", "\"e\""), ("content-length", &length), ("content-range", &range)];
            let status = if number == 0 { 200 } else { 206 };
            let text = "x".repeat(piece);
            match number {
                9 => Ok(Response {
                    head: head(status, &headers),
                    body: Box::new(Cursor::new(text.into_bytes())),
                }),
                _ => Ok(cut(status, &headers, &text)),
            }
        });
        assert_eq!(result.map(|bytes| bytes.len()), Ok(total));
        assert_eq!((requests, pauses), (10, vec![SHORTEST_PAUSE; 9]));
    }

    #[test]
    fn broken_connections_pause_longer_and_longer() {
        let (result, requests, pauses) = run(|_, _| Err(CallFailure::Cut { received: 0 }));
        assert!(result.is_err());
        assert_eq!(requests, 4);
        for (pause, seconds) in pauses.iter().zip([1.0, 2.0, 4.0]) {
            let pause = pause.as_secs_f64();
            assert!((seconds * 0.75..=seconds * 1.25).contains(&pause), "{pause} for {seconds}");
        }
    }

    #[test]
    fn pauses_beyond_all_numbers_end_it() {
        let (result, requests, _) = run(|number, _| {
            let pause = if number == 0 { "1" } else { "18446744073709551615" };
            Ok(cut(503, &[("retry-after", pause)], ""))
        });
        assert_eq!(result, Err("503 Service Unavailable from a.test".to_owned()));
        assert_eq!(requests, 2);
    }

    #[test]
    fn secrets_are_not_sent_along_redirects() {
        let (result, requests, _) =
            run(|_, _| Ok(cut(302, &[("location", "https://b.test/f?k=secret")], "")));
        assert_eq!(result, Err("the link is not valid: it holds your API key".to_owned()));
        assert_eq!(requests, 1);
    }

    #[test]
    fn refused_certificate_is_final() {
        let (_, requests, _) = run(|_, _| {
            Err(CallFailure::Network(NetworkFault::tls("a.test", "expired", TlsTrouble::Other)))
        });
        assert_eq!(requests, 1);
    }
}
