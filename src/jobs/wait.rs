//! Asking for the states of jobs until all of them have ended.
//!
//! A poll that fails does not end a wait: the job goes on whether or not its state can be read. A
//! wait creates nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::files::{self, next_job};
use super::job::Job;
use super::state::{self, Stage, State};
use crate::api::content::Content;
use crate::api::endpoint::Endpoint;
use crate::api::origin::Base;
use crate::api::outcome::Outcome;
use crate::api::request::Request;
use crate::catalogue::Operation;
use crate::clock::Clock;
use crate::error::{CallFailure, Error, JobFault};
use crate::http::retry::asked_pause;
use crate::json;
use crate::random;

/// The first pause; each one is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The pause between a create and the first poll.
const PAUSE_AFTER_CREATE: Duration = Duration::from_secs(1);

const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A poll gets so much time even at the end of a wait.
const SHORTEST_POLL: Duration = Duration::from_millis(100);

/// A job that was created may be unknown for so long.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(10);

/// A finished video may be without its URL for so long.
const WITHOUT_URL: Duration = Duration::from_secs(60);

/// A session that had failed before it was asked to go on may say so for so long.
const STILL_FAILED: Duration = Duration::from_secs(60);

/// The last poll begins so long before the end.
const LAST_POLL: Duration = Duration::from_secs(1);

/// HeyGen tells the states of this many jobs at once.
const MOST_AT_ONCE: usize = 100;

/// After so many failures in a row to tell them at once one is asked for alone.
const MOST_FAILURES: usize = 3;

/// Of jobs that go on the last object is held up to this size, for the end of the time: 1 MiB.
const LARGEST_KEPT: usize = 1024 * 1024;

/// A wait for jobs.
pub struct Wait<'w> {
    /// Sends a request once and returns its outcome, within this time.
    pub send: &'w dyn Fn(&Request, Duration) -> Outcome,
    /// The address of the API, for jobs in which others go on.
    pub base: &'w Base,
    pub clock: &'w dyn Clock,
    /// The limit on the whole wait.
    pub patience: Duration,
    /// A pause between the polls in place of growing ones.
    pub interval: Option<Duration>,
    /// True right after the create: HeyGen may not know the jobs yet.
    pub is_own: bool,
    /// Stops at the first job that fails.
    pub fails_fast: bool,
}

/// A step of a wait.
pub enum Step<'s> {
    /// The state of a job changed.
    Changed {
        job: &'s Job,
        state: &'s State,
        /// The time since the wait began.
        after: Duration,
    },
    /// A job ended, well or badly.
    Ended(Box<Ended>),
}

/// A job that has ended, or that is not waited for any longer.
pub struct Ended {
    /// Its place among the jobs that were waited for.
    pub place: usize,
    pub job: Job,
    /// The last response that told its state.
    pub outcome: Option<Outcome>,
    /// The reason why it is no success.
    pub fault: Option<JobFault>,
    /// The time since the wait began.
    pub after: Duration,
}

/// A job on the way, and what was heard of it last.
struct Running {
    place: usize,
    job: Job,
    outcome: Option<Outcome>,
    state: Option<State>,
    /// The last failure to ask for its state, until that is told.
    failure: Option<String>,
    /// The time since which it is done and lacks its URL.
    done_since: Option<Instant>,
}

/// What a poll tells of a job.
enum Verdict {
    GoesOn,
    Ended(Option<JobFault>),
    /// The job goes on in another one.
    In(Box<Job>),
    /// Nothing more can be asked.
    Rejected(Error),
}

impl Wait<'_> {
    /// Waits until all jobs have ended, or the time is up; tells each step.
    ///
    /// # Errors
    /// HeyGen rejects the key, or `tell` fails.
    pub fn run(
        &self,
        jobs: Vec<Job>,
        tell: &mut dyn FnMut(Step<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let start = self.clock.now();
        let mut running: Vec<Running> = jobs.into_iter().enumerate().map(Running::new).collect();
        let mut round = Round {
            wait: self,
            start,
            asked: None,
            asks_singly: false,
            failures: 0,
            is_probing: false,
            has_asked: false,
            is_refused: false,
        };
        let mut pause = FIRST_PAUSE;
        if self.is_own {
            let first = self.interval.unwrap_or(PAUSE_AFTER_CREATE);
            self.clock.sleep(self.spread(first).min(self.patience));
        }
        loop {
            let has_failed = round.poll_all(&mut running, tell)?;
            let after = round.elapsed();
            if running.is_empty() {
                return Ok(());
            }
            let is_late = after >= self.patience;
            if is_late || has_failed && self.fails_fast {
                let after = after.min(self.patience);
                return running.into_iter().try_for_each(|mut one| {
                    let unheard = one.failure.take();
                    let fault =
                        if is_late { JobFault::TimedOut { unheard } } else { JobFault::NotAwaited };
                    tell(Step::Ended(Box::new(one.ended(Some(fault), after))))
                });
            }
            let next = match round.asked.take() {
                Some(asked) => asked,
                None => self.spread(self.interval.unwrap_or(pause)),
            };
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            let left = self.patience.saturating_sub(after);
            // There is room for a last poll.
            let room = if left > 2 * LAST_POLL { left - LAST_POLL } else { left };
            self.clock.sleep(next.min(room));
        }
    }

    /// A pause that differs by up to a quarter: a hundred scripts should not ask at once.
    fn spread(&self, pause: Duration) -> Duration {
        pause.mul_f64(0.75 + random::fraction() / 2.0)
    }
}

/// The polls of a wait.
struct Round<'r> {
    wait: &'r Wait<'r>,
    start: Instant,
    /// The pause that HeyGen asks for.
    asked: Option<Duration>,
    /// HeyGen does not tell several states at once, whatever the catalogue says.
    asks_singly: bool,
    /// The failures in a row to tell several states at once.
    failures: usize,
    /// The next response about one job decides whether all are asked for singly.
    is_probing: bool,
    has_asked: bool,
    /// HeyGen has said in this round that it is asked too often.
    is_refused: bool,
}

type Tell<'t> = &'t mut dyn FnMut(Step<'_>) -> Result<(), Error>;

impl Round<'_> {
    fn elapsed(&self) -> Duration {
        self.wait.clock.now().saturating_duration_since(self.start)
    }

    /// The outcome of a request; `None` once the time is up. The first one of a wait is always sent.
    fn ask(&mut self, request: &Request) -> Option<Outcome> {
        let left = self.wait.patience.saturating_sub(self.elapsed());
        if left.is_zero() && std::mem::replace(&mut self.has_asked, true) {
            return None;
        }
        self.has_asked = true;
        let outcome = (self.wait.send)(request, left.max(SHORTEST_POLL));
        self.note_pause(&outcome);
        self.is_refused |= outcome.call.status == Some(429);
        Some(outcome)
    }

    /// Polls all jobs once, drops those that ended, and returns whether one of them failed.
    fn poll_all(&mut self, running: &mut Vec<Running>, tell: Tell<'_>) -> Result<bool, Error> {
        self.is_refused = false;
        let due = self.due(running, tell)?;
        let mut has_failed = false;
        let mut left = Vec::with_capacity(running.len());
        for mut one in std::mem::take(running) {
            let is_over = !self.is_refused
                && due.contains(&one.place)
                && self.poll(&mut one, tell)?.is_some_and(|fault| {
                    has_failed |= fault.is_some();
                    true
                });
            if !is_over {
                left.push(one);
            }
        }
        *running = left;
        Ok(has_failed)
    }

    /// The places of the jobs that have to be asked for one by one: all but those that several at once
    /// show to go on.
    fn due(&mut self, running: &mut [Running], tell: Tell<'_>) -> Result<BTreeSet<usize>, Error> {
        let mut groups: BTreeMap<&str, (Operation, &str, Vec<&mut Running>)> = BTreeMap::new();
        let mut due = BTreeSet::new();
        for one in running {
            match one.job.bulk().filter(|_| !self.asks_singly) {
                Some((operation, id)) => {
                    let entry = groups.entry(operation.path());
                    entry.or_insert((operation, id, Vec::new())).2.push(one);
                }
                None => {
                    due.insert(one.place);
                }
            }
        }
        for (operation, id, mut jobs) in groups.into_values() {
            if jobs.len() < 2 {
                due.extend(jobs.iter().map(|one| one.place));
                continue;
            }
            for several in jobs.chunks_mut(MOST_AT_ONCE) {
                if self.is_refused {
                    break;
                }
                self.poll_several(operation, id, several, &mut due, tell)?;
            }
        }
        Ok(due)
    }

    /// Asks for the states of several jobs; those that ended are due.
    fn poll_several(
        &mut self,
        operation: Operation,
        id: &str,
        jobs: &mut [&mut Running],
        due: &mut BTreeSet<usize>,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        let ids: Vec<&str> = jobs.iter().map(|one| one.job.id.as_str()).collect();
        let Ok(endpoint) = Endpoint::parse(operation.path(), self.wait.base) else { return Ok(()) };
        let mut request = Request::get(endpoint);
        request.query.push((format!("{id}s"), ids.join(",")));
        let Some(outcome) = self.ask(&request) else { return Ok(()) };
        self.failures = match outcome.result {
            Err(_) if !self.is_refused => self.failures + 1,
            _ => 0,
        };
        if self.failures >= MOST_FAILURES {
            // One job tells whether it is this address that fails, or all of them.
            due.extend(jobs.iter().take(1).map(|one| one.place));
            self.is_probing = true;
        }
        if is_no_list(&outcome) {
            self.asks_singly = true;
            due.extend(jobs.iter().map(|one| one.place));
            return Ok(());
        }
        jobs.iter_mut().for_each(|one| one.not_heard(&outcome));
        let Ok(Content::Json(json)) = &outcome.result else { return Ok(()) };
        let data = json.envelope().data;
        let states: BTreeMap<String, State> = json::elements(data)
            .filter_map(|item| {
                let word = json::member(item, "status").and_then(json::as_text)?;
                let id = json::member(item, id).and_then(json::as_text)?;
                Some((id, state::of_word(None, &word)))
            })
            .collect();
        for one in jobs {
            match states.get(&one.job.id) {
                Some(state) if matches!(state.stage, Stage::Running | Stage::Unknown) => {
                    one.heard(state.clone(), self.elapsed(), tell)?;
                }
                _ => {
                    due.insert(one.place);
                }
            }
        }
        Ok(())
    }

    /// Asks for a job and, where it goes on in another, for that one. `Some` if it ended.
    fn poll(
        &mut self,
        one: &mut Running,
        tell: Tell<'_>,
    ) -> Result<Option<Option<JobFault>>, Error> {
        loop {
            let Some(outcome) = self.ask(&one.job.request) else { return Ok(None) };
            if std::mem::take(&mut self.is_probing) {
                self.asks_singly |= outcome.result.is_ok();
            }
            one.not_heard(&outcome);
            match self.verdict(one, outcome, tell)? {
                Verdict::GoesOn => return Ok(None),
                Verdict::In(job) => {
                    one.job = *job;
                    one.state = None;
                }
                Verdict::Ended(fault) => {
                    let outcome = one.outcome.take();
                    let job = one.job.clone();
                    let (place, after) = (one.place, self.elapsed());
                    let is_fault = fault.clone();
                    tell(Step::Ended(Box::new(Ended { place, job, outcome, fault, after })))?;
                    return Ok(Some(is_fault));
                }
                Verdict::Rejected(error) => return Err(error),
            }
        }
    }

    fn verdict(
        &self,
        one: &mut Running,
        outcome: Outcome,
        tell: Tell<'_>,
    ) -> Result<Verdict, Error> {
        let whole = match &outcome.result {
            Ok(Content::Json(json)) => json.envelope().whole.to_vec(),
            Ok(_) => return Ok(Verdict::GoesOn),
            Err(failure) => return Ok(self.after_failure(&outcome, failure)),
        };
        let Some(state) = state::state(one.job.facts(), &whole) else {
            if one.outcome.is_none() && whole.len() <= LARGEST_KEPT {
                one.outcome = Some(outcome);
            }
            return Ok(Verdict::GoesOn);
        };
        // It may have failed anew.
        let is_due = state.stage == Stage::Failed && self.elapsed() >= STILL_FAILED;
        let leads_on = || next_job(&one.job, &whole, self.wait.base).is_some();
        if !is_due && !leads_on() && one.is_old_news(&state) {
            (one.failure, one.outcome) = (None, Some(outcome));
            return Ok(Verdict::GoesOn);
        }
        one.heard(state.clone(), self.elapsed(), tell)?;
        // Of hundreds of jobs that go on only small objects are held.
        let is_kept = state.stage != Stage::Running || whole.len() <= LARGEST_KEPT;
        one.outcome = is_kept.then_some(outcome);
        if state.stage != Stage::Failed
            && let Some(next) = next_job(&one.job, &whole, self.wait.base)
        {
            return Ok(Verdict::In(Box::new(next)));
        }
        Ok(match state.stage {
            Stage::Running | Stage::Unknown => Verdict::GoesOn,
            Stage::Done if lacks_url(&whole) => {
                let since = *one.done_since.get_or_insert_with(|| self.wait.clock.now());
                let waited = self.wait.clock.now().saturating_duration_since(since);
                match waited < WITHOUT_URL {
                    true => Verdict::GoesOn,
                    false => Verdict::Ended(Some(JobFault::NoUrl)),
                }
            }
            Stage::Done => Verdict::Ended(files::failed_items(&whole)),
            // The answer to its question has to reach it.
            Stage::NeedsInput if one.job.before.is_some() && self.elapsed() < UNKNOWN_AT_FIRST => {
                Verdict::GoesOn
            }
            Stage::NeedsInput => Verdict::Ended(Some(JobFault::NeedsInput)),
            Stage::NeedsConsent => Verdict::Ended(Some(JobFault::NeedsConsent)),
            Stage::Failed => {
                let (code, message) = state::failure(&whole);
                Verdict::Ended(Some(JobFault::Failed { state: state.word, code, message }))
            }
        })
    }

    /// What a poll without a usable response means.
    fn after_failure(&self, outcome: &Outcome, failure: &CallFailure) -> Verdict {
        let error = || Error::call(outcome.call.clone(), failure.clone());
        match outcome.call.status {
            Some(401 | 403) => Verdict::Rejected(error()),
            Some(404) if self.wait.is_own && self.elapsed() < UNKNOWN_AT_FIRST => Verdict::GoesOn,
            Some(404 | 410) => Verdict::Ended(Some(JobFault::NotFound)),
            Some(408 | 409 | 425 | 429) => Verdict::GoesOn,
            Some(400..=499) => Verdict::Rejected(error()),
            _ => match failure {
                CallFailure::Unsendable { .. } | CallFailure::Redirected { .. } => {
                    Verdict::Rejected(error())
                }
                _ => Verdict::GoesOn,
            },
        }
    }

    /// Keeps the pause that a response asks for; of several the longest.
    fn note_pause(&mut self, outcome: &Outcome) {
        let asked = outcome.head.as_ref().and_then(|head| head.header("retry-after"));
        let asked = asked.and_then(|text| asked_pause(&text, self.wait.clock.today()));
        self.asked = self.asked.max(asked);
    }
}

impl Running {
    fn new((place, job): (usize, Job)) -> Running {
        Running { place, job, outcome: None, state: None, failure: None, done_since: None }
    }

    /// Notes why a poll told nothing, as long as none has told a state.
    fn not_heard(&mut self, outcome: &Outcome) {
        if self.state.is_none() {
            let failure = outcome.result.as_ref().err().cloned();
            let words =
                failure.map(|failure| Error::call(outcome.call.clone(), failure).to_string());
            self.failure = Some(words.unwrap_or_else(|| "the response is no state".to_owned()));
        }
    }

    /// Returns whether the state is the one that the job had before it was asked to go on.
    fn is_old_news(&mut self, state: &State) -> bool {
        let Some(before) = &mut self.job.before else { return false };
        let is_old = before.state.as_ref() == Some(&state.word);
        if !is_old {
            before.state = None;
        }
        is_old && matches!(state.stage, Stage::Done | Stage::Failed)
    }

    /// Keeps the state, and tells it if it is new.
    fn heard(&mut self, state: State, after: Duration, tell: Tell<'_>) -> Result<(), Error> {
        self.failure = None;
        if self.state.as_ref() == Some(&state) {
            return Ok(());
        }
        let state = self.state.insert(state);
        tell(Step::Changed { job: &self.job, state, after })
    }

    fn ended(self, fault: Option<JobFault>, after: Duration) -> Ended {
        Ended { place: self.place, job: self.job, outcome: self.outcome, fault, after }
    }
}

/// HeyGen does not tell several states at once; but for passing faults, after which it may.
fn is_no_list(outcome: &Outcome) -> bool {
    match (&outcome.result, outcome.call.status) {
        (Ok(Content::Json(_)), _) | (_, Some(429)) => false,
        (Err(CallFailure::Unsendable { .. }), _) => true,
        (Ok(_), _) => true,
        (Err(CallFailure::Html { .. }), Some(200..=299)) => true,
        (Err(_), status) => matches!(status, Some(300..=499 | 501)),
    }
}

/// True for a finished job that will have a URL, and has none yet.
fn lacks_url(whole: &[u8]) -> bool {
    let data = json::member(whole, "data").unwrap_or(whole);
    let is_there = |name: &str| json::member(data, name).is_some_and(|url| !json::is_null(url));
    let is_none = |url: &[u8]| json::is_null(url) || url == br#""""#;
    json::member(data, "video_url").is_some_and(is_none)
        && !is_there("audio_url")
        && !is_there("url")
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::io::Cursor;
    use std::time::SystemTime;

    use http::HeaderMap;

    use super::*;
    use crate::api::content;
    use crate::api::response::{Head, Response};
    use crate::error::Call;
    use crate::http::retry::SHORTEST_PAUSE;

    /// A clock whose time passes while it sleeps.
    struct FakeClock {
        start: Instant,
        slept: RefCell<Vec<Duration>>,
    }

    impl FakeClock {
        fn new() -> FakeClock {
            FakeClock { start: Instant::now(), slept: RefCell::default() }
        }
    }

    impl Clock for FakeClock {
        fn now(&self) -> Instant {
            self.start + self.slept.borrow().iter().sum::<Duration>()
        }

        fn today(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, pause: Duration) {
            self.slept.borrow_mut().push(pause);
        }
    }

    fn response(status: u16, body: &str, retry_after: Option<&str>) -> Outcome {
        let mut headers = HeaderMap::new();
        if let Some(pause) = retry_after {
            headers.insert("retry-after", pause.parse().expect("a header"));
        }
        let head = Head { status, headers };
        let body = Box::new(Cursor::new(body.as_bytes().to_vec()));
        let (head, result) = content::receive(Response { head, body }, &str::to_owned);
        Outcome {
            operation: None,
            call: Call { status: Some(status), ..Call::default() },
            head: Some(head),
            latency: Duration::ZERO,
            error_body: Vec::new(),
            result: result.map_err(|refusal| refusal.failure),
        }
    }

    fn base() -> Base {
        Base::parse("https://api.heygen.com").expect("a base")
    }

    fn jobs(names: &[&str]) -> Vec<Job> {
        names.iter().map(|name| Job::parse(name, &base()).expect("a job")).collect()
    }

    /// The faults of all jobs, in the order in which they ended.
    fn waited(
        clock: &FakeClock,
        is_own: bool,
        names: &[&str],
        send: &dyn Fn(&Request) -> Outcome,
    ) -> Vec<Option<JobFault>> {
        let base = base();
        let patience = Duration::from_secs(20 * 60);
        let send = |request: &Request, _: Duration| send(request);
        let wait = Wait {
            send: &send,
            base: &base,
            clock,
            patience,
            interval: None,
            is_own,
            fails_fast: false,
        };
        let mut faults = Vec::new();
        let waited = wait.run(jobs(names), &mut |step| {
            if let Step::Ended(ended) = step {
                faults.push(ended.fault);
            }
            Ok(())
        });
        waited.expect("a wait");
        faults
    }

    #[test]
    fn pauses_grow_and_differ_by_a_quarter() {
        let clock = FakeClock::new();
        let running = |_: &Request| response(200, r#"{"data":{"status":"processing"}}"#, None);
        assert_eq!(
            waited(&clock, false, &["v1"], &running),
            [Some(JobFault::TimedOut { unheard: None })]
        );
        let slept = clock.slept.borrow();
        for (pause, seconds) in slept.iter().zip([2.0, 4.0, 8.0, 16.0, 30.0, 30.0]) {
            let pause = pause.as_secs_f64();
            assert!((seconds * 0.75..=seconds * 1.25).contains(&pause), "{pause} for {seconds}");
        }
        assert_eq!(slept.iter().sum::<Duration>(), Duration::from_secs(20 * 60));
    }

    #[test]
    fn last_failure_is_told_where_no_poll_told_a_state() {
        let polls = Cell::new(0);
        let fails = |_: &Request| {
            polls.set(polls.get() + 1);
            response(500, r#"{"error":{"code":"maintenance","message":"down"}}"#, None)
        };
        let faults = waited(&FakeClock::new(), false, &["v1"], &fails);
        let unheard = Some("500 maintenance: down".to_owned());
        assert_eq!(faults, [Some(JobFault::TimedOut { unheard })]);
        let polls = Cell::new(0);
        let once = |_: &Request| {
            polls.set(polls.get() + 1);
            match polls.get() {
                1 => response(200, r#"{"data":{"status":"processing"}}"#, None),
                _ => response(500, "{}", None),
            }
        };
        let faults = waited(&FakeClock::new(), false, &["v1"], &once);
        assert_eq!(faults, [Some(JobFault::TimedOut { unheard: None })]);
    }

    #[test]
    fn asked_pauses_are_exact() {
        let clock = FakeClock::new();
        let polls = Cell::new(0);
        let send = |_: &Request| {
            polls.set(polls.get() + 1);
            match polls.get() {
                1 => response(200, r#"{"data":{"status":"processing"}}"#, Some("7")),
                _ => response(200, r#"{"data":{"status":"completed"}}"#, None),
            }
        };
        assert_eq!(waited(&clock, false, &["v1"], &send), [None]);
        assert_eq!(*clock.slept.borrow(), [Duration::from_secs(7)]);
    }

    #[test]
    fn created_job_may_be_unknown_at_first() {
        let missing = |_: &Request| response(404, "{}", None);
        let clock = FakeClock::new();
        assert_eq!(waited(&clock, true, &["v1"], &missing), [Some(JobFault::NotFound)]);
        let slept: Duration = clock.slept.borrow().iter().sum();
        assert!(slept >= UNKNOWN_AT_FIRST && slept < 2 * UNKNOWN_AT_FIRST, "{slept:?}");
        let clock = FakeClock::new();
        assert_eq!(waited(&clock, false, &["v1"], &missing), [Some(JobFault::NotFound)]);
        assert_eq!(clock.slept.borrow().len(), 0);
    }

    #[test]
    fn url_may_come_later() {
        let without = r#"{"data":{"status":"completed","video_url":null}}"#;
        let clock = FakeClock::new();
        let never = |_: &Request| response(200, without, None);
        assert_eq!(waited(&clock, false, &["v1"], &never), [Some(JobFault::NoUrl)]);
        let slept: Duration = clock.slept.borrow().iter().sum();
        assert!(slept >= WITHOUT_URL && slept < 2 * WITHOUT_URL, "{slept:?}");
        let polls = Cell::new(0);
        let later = |_: &Request| {
            polls.set(polls.get() + 1);
            match polls.get() {
                1 | 2 => response(200, without, None),
                _ => response(200, r#"{"data":{"status":"completed","video_url":"u"}}"#, None),
            }
        };
        assert_eq!(waited(&FakeClock::new(), false, &["v1"], &later), [None]);
    }

    #[test]
    fn limit_holds_for_polls_too() {
        let base = base();
        let clock = FakeClock::new();
        let patience = Duration::from_secs(3);
        let asked = RefCell::new(Vec::new());
        // Each poll takes all the time that it gets.
        let send = |_: &Request, within: Duration| {
            asked.borrow_mut().push(within);
            clock.sleep(within);
            response(429, "{}", Some("60"))
        };
        let wait = Wait {
            send: &send,
            base: &base,
            clock: &clock,
            patience,
            interval: None,
            is_own: false,
            fails_fast: false,
        };
        let mut ended = 0;
        let waited = wait.run(jobs(&["lipsync:a", "v", "translation:c"]), &mut |step| {
            ended += usize::from(matches!(step, Step::Ended(_)));
            Ok(())
        });
        assert!(waited.is_ok());
        assert_eq!((ended, asked.into_inner()), (3, vec![patience]));
        assert_eq!(clock.slept.borrow().iter().sum::<Duration>(), patience);
    }

    #[test]
    fn no_pause_is_asked_for_a_flood() {
        let clock = FakeClock::new();
        let polls = Cell::new(0);
        let send = |_: &Request| {
            polls.set(polls.get() + 1);
            let status = if polls.get() < 4 { "processing" } else { "completed" };
            response(200, &format!(r#"{{"data":{{"status":"{status}"}}}}"#), Some("0"))
        };
        assert_eq!(waited(&clock, false, &["v1"], &send), [None]);
        assert_eq!(*clock.slept.borrow(), [SHORTEST_PAUSE; 3]);
    }

    #[test]
    fn jobs_are_asked_for_singly_where_several_at_once_fail() {
        let send = |request: &Request| match request.query.first() {
            Some(_) => response(503, "{}", None),
            None => response(200, r#"{"data":{"status":"completed"}}"#, None),
        };
        let clock = FakeClock::new();
        assert_eq!(waited(&clock, false, &["v1", "v2"], &send), [None, None]);
        assert_eq!(clock.slept.borrow().len(), MOST_FAILURES);
        // Where nothing responds, hundreds of single requests help nobody.
        let (several, single) = (Cell::new(0), Cell::new(0));
        let send = |request: &Request| {
            let count = if request.query.is_empty() { &single } else { &several };
            count.set(count.get() + 1);
            response(503, "{}", None)
        };
        let names: Vec<String> = (0..50).map(|number| format!("v{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(waited(&FakeClock::new(), false, &names, &send).len(), 50);
        assert_eq!(several.get() - single.get(), MOST_FAILURES - 1);
    }

    #[test]
    fn five_hundred_jobs_are_five_requests() {
        let names: Vec<String> = (0..500).map(|number| format!("v{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (rounds, several, single) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let send = |request: &Request| {
            let Some((_, ids)) = request.query.first() else {
                single.set(single.get() + 1);
                return response(200, r#"{"data":{"status":"completed"}}"#, None);
            };
            several.set(several.get() + 1);
            if ids.starts_with("v0,") {
                rounds.set(rounds.get() + 1);
            }
            let status = if rounds.get() < 4 { "processing" } else { "completed" };
            let items: Vec<String> = ids
                .split(',')
                .map(|id| format!(r#"{{"video_id":"{id}","status":"{status}"}}"#))
                .collect();
            assert!(items.len() <= MOST_AT_ONCE);
            response(200, &format!(r#"{{"data":[{}]}}"#, items.join(",")), None)
        };
        let faults = waited(&FakeClock::new(), false, &names, &send);
        assert_eq!(faults, vec![None; 500]);
        assert_eq!((rounds.get(), several.get(), single.get()), (4, 20, 500));
    }
}
