//! Trouble on demand: calls that fail, a limit of calls, a gateway's page, responses that are cut.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::exchange::{Request, Response};
use super::failure;
use crate::catalogue;
use crate::percent;

/// The troubles to make.
#[derive(Debug, Clone, Default)]
pub struct TroubleOptions {
    pub fails: Vec<Fail>,
    /// Set where every call gets a gateway's HTML page.
    pub html_502: bool,
    pub cut: Option<Share>,
    pub rate: Option<Rate>,
    /// The number that decides which responses are cut.
    pub seed: u64,
}

/// Calls that fail: `429`, `429:2`, `POST /v3/videos=402`, `GET /v3/videos/{video_id}=404:1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fail {
    /// The method and the path, which may be a template; `None` for every call.
    call: Option<(String, String)>,
    status: u16,
    /// The number of calls that fail; `None` for all.
    times: Option<u64>,
}

/// A share of the responses, such as `50%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

/// A number of calls that pass in a window of time, such as `30/m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    calls: u64,
    window: Duration,
}

impl FromStr for Fail {
    type Err = String;

    fn from_str(text: &str) -> Result<Fail, String> {
        const FORM: &str = "write it like 429, 502:2 or 'POST /v3/videos=402:1'";
        let (call, outcome) = match text.rsplit_once('=') {
            Some((call, outcome)) => (Some(call), outcome),
            None => (None, text),
        };
        let call = match call.map(|call| call.trim().split_once(' ')) {
            None => None,
            Some(Some((method, path))) if path.trim().starts_with('/') => {
                Some((method.to_ascii_uppercase(), path.trim().to_owned()))
            }
            Some(_) => return Err(FORM.to_owned()),
        };
        let (status, times) = match outcome.split_once(':') {
            Some((status, times)) => (status, Some(times)),
            None => (outcome, None),
        };
        let status = status.trim().parse().map_err(|_| FORM)?;
        if !(400..=599).contains(&status) {
            return Err("the status must be between 400 and 599".to_owned());
        }
        let times = times.map(|times| times.trim().parse()).transpose().map_err(|_| FORM)?;
        Ok(Fail { call, status, times })
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let number = text.trim().strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
        let percent = number.filter(|number| (0.0..=100.0).contains(number));
        let share = percent.map(|percent| Share(percent / 100.0));
        share.ok_or_else(|| "write it like 50%, from 0% to 100%".to_owned())
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Rate, String> {
        let rate = text.split_once('/').and_then(|(calls, unit)| {
            let seconds = match unit.trim() {
                "s" => 1,
                "m" => 60,
                _ => return None,
            };
            let calls = calls.trim().parse().ok().filter(|calls| *calls > 0)?;
            Some(Rate { calls, window: Duration::from_secs(seconds) })
        });
        rate.ok_or_else(|| "write it like 30/m or 5/s".to_owned())
    }
}

/// The troubles, and how much of them happened.
pub(super) struct Trouble {
    options: TroubleOptions,
    /// What is left of each failure that is counted.
    left: Mutex<Vec<u64>>,
    window: Mutex<Option<Window>>,
    responses: AtomicU64,
}

/// A window of time, and the calls in it.
#[derive(Debug, Clone, Copy)]
struct Window {
    started: Instant,
    calls: u64,
}

impl Trouble {
    pub(super) fn new(options: TroubleOptions) -> Trouble {
        let left = options.fails.iter().map(|fail| fail.times.unwrap_or(u64::MAX)).collect();
        Trouble {
            options,
            left: Mutex::new(left),
            window: Mutex::default(),
            responses: AtomicU64::default(),
        }
    }

    /// The response in place of the world's. OPTIONS, which asks what is allowed, is not a call.
    pub(super) fn response(&self, request: &Request, now: Instant) -> Option<Response> {
        if request.method == "OPTIONS" {
            return None;
        }
        let is_api = catalogue_version(&request.path).is_some();
        if is_api && self.options.html_502 {
            return Some(failure::gateway_page(502));
        }
        if let Some(rate) = self.options.rate.filter(|_| is_api)
            && let Some(wait) = self.wait(rate, now)
        {
            return Some(failure::response(&request.path, 429, Some(wait)));
        }
        let status = self.failing(request, is_api)?;
        Some(failure::response(&request.path, status, (status == 429).then_some(1)))
    }

    /// The status of the first failure that is meant for a call and not used up.
    fn failing(&self, request: &Request, is_api: bool) -> Option<u16> {
        if self.options.fails.is_empty() {
            return None;
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        for (fail, left) in self.options.fails.iter().zip(left.iter_mut()) {
            let is_meant = match &fail.call {
                None => is_api,
                Some((method, path)) => is_call(method, path, request),
            };
            if is_meant && *left > 0 {
                *left -= u64::from(fail.times.is_some());
                return Some(fail.status);
            }
        }
        None
    }

    /// Counts a call. Returns the seconds until the window ends if it is one too many.
    fn wait(&self, rate: Rate, now: Instant) -> Option<u64> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |window: &Window| now.saturating_duration_since(window.started) < rate.window;
        let current = window.filter(is_open).unwrap_or(Window { started: now, calls: 0 });
        if current.calls < rate.calls {
            *window = Some(Window { calls: current.calls + 1, ..current });
            return None;
        }
        let left = rate.window.saturating_sub(now.saturating_duration_since(current.started));
        Some((left.as_secs_f64().ceil() as u64).max(1))
    }

    /// Counts a response. Returns the share of its body that is sent if it is cut.
    pub(super) fn cut(&self) -> Option<f64> {
        let Share(share) = self.options.cut?;
        let number = self.responses.fetch_add(1, Ordering::Relaxed);
        let chosen = fraction(mixed(self.options.seed ^ mixed(number)));
        let length = fraction(mixed(self.options.seed ^ mixed(!number)));
        (chosen < share).then_some(0.25 + length / 2.0)
    }
}

/// The version of the API that a path belongs to; `None` for files of the mock.
pub(super) fn catalogue_version(path: &str) -> Option<u8> {
    let version = path.strip_prefix("/v")?.split('/').next()?;
    version.parse().ok()
}

/// Returns whether a request is the call of a method and a path. A template is not a call that has a
/// literal in the place of its placeholder: `/v3/videos/statuses` is not `/v3/videos/{video_id}`.
fn is_call(method: &str, path: &str, request: &Request) -> bool {
    let own = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
    if !own.eq_ignore_ascii_case(method) && !request.method.eq_ignore_ascii_case(method) {
        return false;
    }
    let operation = catalogue::find(&request.method, &request.path);
    let described: Vec<&str> =
        operation.map(|operation| operation.path().split('/').collect()).unwrap_or_default();
    let (pattern, actual) = (path.split('/'), request.path.split('/'));
    let pairs: Vec<(&str, &str)> = pattern.clone().zip(actual.clone()).collect();
    pattern.count() == actual.count()
        && pairs.iter().enumerate().all(|(index, (pattern, actual))| {
            let is_literal = described.get(index).is_some_and(|own| !is_placeholder(own));
            match is_placeholder(pattern) {
                true => !actual.is_empty() && !is_literal,
                false => pattern == actual || *pattern == percent::decoded(actual),
            }
        })
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// A number in which each bit depends on all bits of another one (the finalizer of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number from 0 to below 1 of the upper bits.
fn fraction(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str) -> Request {
        Request { method: method.to_owned(), path: path.to_owned(), ..Request::default() }
    }

    #[test]
    fn flags_are_parsed() {
        let fail = |text: &str| text.parse::<Fail>().ok();
        let of = |call: Option<(&str, &str)>, status, times| {
            let call = call.map(|(method, path)| (method.to_owned(), path.to_owned()));
            Some(Fail { call, status, times })
        };
        assert_eq!(fail("429"), of(None, 429, None));
        assert_eq!(fail("429:2"), of(None, 429, Some(2)));
        assert_eq!(fail("post /v3/videos=402"), of(Some(("POST", "/v3/videos")), 402, None));
        assert_eq!(fail("GET /a/{b}=404:1"), of(Some(("GET", "/a/{b}")), 404, Some(1)));
        for wrong in ["", "200", "600", "x", "429:x", "429:-1", "GET=402", "GET v3=402", "/a=402"] {
            assert_eq!(fail(wrong), None, "{wrong}");
        }
        let share = |text: &str| text.parse::<Share>().ok().map(|share| share.0);
        assert_eq!([share("50%"), share("0%"), share("100 %")], [Some(0.5), Some(0.0), None]);
        assert_eq!([share("50"), share("101%"), share("-1%"), share("nan%")], [None; 4]);
        let rate = |text: &str| text.parse::<Rate>().ok().map(|rate| (rate.calls, rate.window));
        assert_eq!(rate("30/m"), Some((30, Duration::from_secs(60))));
        assert_eq!(rate("5/s"), Some((5, Duration::from_secs(1))));
        assert_eq!([rate("5"), rate("0/s"), rate("5/h"), rate("/s"), rate("-1/s")], [None; 5]);
    }

    #[track_caller]
    fn check(fails: &[&str], calls: &[(&str, &str)], expected: &[Option<u16>]) {
        let fails = fails.iter().map(|text| text.parse().expect("a failure")).collect();
        let trouble = Trouble::new(TroubleOptions { fails, ..TroubleOptions::default() });
        let now = Instant::now();
        let statuses: Vec<Option<u16>> = calls
            .iter()
            .map(|(method, path)| trouble.response(&request(method, path), now))
            .map(|response| response.map(|response| response.status))
            .collect();
        assert_eq!(statuses, expected, "{fails:?}", fails = trouble.options.fails);
    }

    #[test]
    fn failures_are_counted_and_matched() {
        let list = ("GET", "/v3/videos");
        let one = ("GET", "/v3/videos/v1");
        check(&["429:2"], &[list, one, list], &[Some(429), Some(429), None]);
        check(&["502"], &[list, one, list], &[Some(502); 3]);
        check(&["429:1", "503:1"], &[list, list, list], &[Some(429), Some(503), None]);
        check(&["POST /v3/videos=402"], &[list, ("POST", "/v3/videos")], &[None, Some(402)]);
        let template = ["GET /v3/videos/{video_id}=404"];
        let statuses = ("GET", "/v3/videos/statuses");
        check(
            &template,
            &[list, one, statuses, ("HEAD", "/v3/videos/v1")],
            &[None, Some(404), None, Some(404)],
        );
        check(&["GET /v3/videos/v%31=404"], &[one], &[None]);
        check(&["GET /v3/videos/v1=404"], &[("GET", "/v3/videos/v%31")], &[Some(404)]);
        check(&["GET /files/{name}=403"], &[("GET", "/files/a.mp4")], &[Some(403)]);
        check(&["500"], &[("GET", "/files/a.mp4"), ("OPTIONS", "/v3/videos")], &[None, None]);
    }

    #[test]
    fn rate_is_a_window() {
        let rate = Some("2/s".parse().expect("a rate"));
        let trouble = Trouble::new(TroubleOptions { rate, ..TroubleOptions::default() });
        let start = Instant::now();
        let wait = |milliseconds: u64| {
            let now = start + Duration::from_millis(milliseconds);
            let response = trouble.response(&request("GET", "/v3/videos"), now)?;
            response.headers.into_iter().find(|(name, _)| name == "retry-after")
        };
        let one = Some(("retry-after".to_owned(), "1".to_owned()));
        assert_eq!([wait(0), wait(900), wait(990)], [None, None, one.clone()]);
        assert_eq!([wait(1000), wait(1000), wait(1999)], [None, None, one]);
    }

    #[test]
    fn cuts_depend_on_the_seed() {
        let cuts = |share: f64, seed: u64| -> Vec<Option<f64>> {
            let cut = Some(Share(share));
            let trouble = Trouble::new(TroubleOptions { cut, seed, ..TroubleOptions::default() });
            (0..1000).map(|_| trouble.cut()).collect()
        };
        let count = |share: f64| cuts(share, 1).into_iter().flatten().count();
        assert_eq!((count(0.0), count(1.0)), (0, 1000));
        assert!((400..600).contains(&count(0.5)), "{}", count(0.5));
        assert_eq!(cuts(0.5, 7), cuts(0.5, 7));
        assert_ne!(cuts(0.5, 7), cuts(0.5, 8));
        assert!(cuts(1.0, 1).into_iter().flatten().all(|share| (0.25..0.75).contains(&share)));
    }
}
