//! A record of the world, such as a video or a voice, and the progress of its job.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::catalogue::job::Job;

/// Polls after which a job is done, if it does not go by time: two find it running.
const POLLS: u32 = 2;

/// Something that was created, or was there at the start.
#[derive(Debug)]
pub(super) struct Record {
    pub id: String,
    /// Counts up with each record of its shelf.
    pub number: u64,
    /// The time of the creation in unix seconds.
    pub created: i64,
    /// The members that were given when it was created or changed.
    pub fields: Mutex<Map<String, Value>>,
    pub job: Option<Job>,
    /// The code with which the job will fail.
    pub failure: Option<String>,
    /// The records that it consists of, or in which it goes on: the shelf and the ID of each.
    pub parts: Mutex<Vec<(String, String)>>,
    pub progress: Progress,
}

/// How far the job is.
#[derive(Debug)]
pub(super) struct Progress {
    polls: AtomicU32,
    /// The number of parts that it leads to.
    rounds: AtomicU32,
    started: Mutex<Instant>,
    /// A state that was given, not reached: stopped, or done from the start.
    ended: Mutex<Option<&'static str>>,
    /// The job waits for a person.
    waits: AtomicBool,
}

/// The place of a job between its start and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Just started, or going on after a first look: `word` is the state.
    Running {
        word: &'static str,
        is_first: bool,
    },
    Done(Option<&'static str>),
    Failed(&'static str),
}

impl Record {
    pub(super) fn new(id: String, number: u64, created: i64, now: Instant) -> Record {
        Record {
            id,
            number,
            created,
            fields: Mutex::default(),
            job: None,
            failure: None,
            parts: Mutex::default(),
            progress: Progress {
                polls: AtomicU32::new(0),
                rounds: AtomicU32::new(1),
                started: Mutex::new(now),
                ended: Mutex::new(None),
                waits: AtomicBool::new(false),
            },
        }
    }

    /// A member that was given.
    pub(super) fn field(&self, name: &str) -> Option<Value> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Sets a member.
    pub(super) fn set(&self, name: &str, value: impl Into<Value>) {
        let mut fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        fields.insert(name.to_owned(), value.into());
    }

    /// Takes the members of a request body.
    pub(super) fn take(&self, body: &Value) {
        let mut fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in body.as_object().into_iter().flatten() {
            fields.insert(name.clone(), value.clone());
        }
    }

    /// Adds a part.
    pub(super) fn add_part(&self, shelf: &str, id: &str) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.push((shelf.to_owned(), id.to_owned()));
    }

    /// The parts so far.
    pub(super) fn parts(&self) -> Vec<(String, String)> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the job in a state.
    pub(super) fn end(&self, state: &'static str) {
        *self.progress.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    /// Makes the job wait for a person.
    pub(super) fn hold(&self) {
        self.progress.waits.store(true, Ordering::Relaxed);
    }

    /// True while the job waits for a person.
    pub(super) fn is_held(&self) -> bool {
        self.progress.waits.load(Ordering::Relaxed)
    }

    /// Has a job that was done go on once more, to one more part.
    pub(super) fn restart(&self, now: Instant) {
        self.progress.rounds.fetch_add(1, Ordering::Relaxed);
        *self.progress.ended.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.progress.polls.store(0, Ordering::Relaxed);
        *self.progress.started.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// The number of parts that the job leads to.
    pub(super) fn rounds(&self) -> usize {
        self.progress.rounds.load(Ordering::Relaxed) as usize
    }

    /// Lets the job go on after a person did their part.
    pub(super) fn release(&self, now: Instant) {
        self.progress.waits.store(false, Ordering::Relaxed);
        self.progress.polls.store(1, Ordering::Relaxed);
        *self.progress.started.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// The stage of the job as a poll finds it; each poll takes it further, unless it goes by time.
    pub(super) fn poll(&self, render_time: Option<Duration>, now: Instant) -> Stage {
        if !self.is_held() || self.progress.polls.load(Ordering::Relaxed) < POLLS {
            self.progress.polls.fetch_add(1, Ordering::Relaxed);
        }
        self.stage(render_time, now)
    }

    /// The stage of the job, which this does not take further.
    pub(super) fn stage(&self, render_time: Option<Duration>, now: Instant) -> Stage {
        let Some(job) = self.job else { return Stage::Done(None) };
        if let Some(word) = *self.progress.ended.lock().unwrap_or_else(PoisonError::into_inner) {
            return if job.ok().any(|ok| ok == word) {
                Stage::Done(Some(word))
            } else {
                Stage::Failed(word)
            };
        }
        let step = match render_time {
            Some(whole) => self.step_by_time(whole, now),
            None => self.progress.polls.load(Ordering::Relaxed).saturating_sub(1),
        };
        match step {
            0 => Stage::Running { word: first_word(job), is_first: true },
            _ if self.is_held() => Stage::Running { word: waiting_word(job), is_first: true },
            step if step < POLLS => Stage::Running { word: last_word(job), is_first: false },
            _ if self.failure.is_some() => Stage::Failed(job.failed().next().unwrap_or("failed")),
            _ => Stage::Done(Some(job.ok().next().unwrap_or("completed"))),
        }
    }

    fn step_by_time(&self, whole: Duration, now: Instant) -> u32 {
        let started = *self.progress.started.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = now.saturating_duration_since(started);
        match elapsed {
            elapsed if elapsed >= whole => POLLS,
            elapsed if elapsed >= whole / 2 => 1,
            _ => 0,
        }
    }
}

impl Stage {
    pub(super) fn is_done(self) -> bool {
        matches!(self, Stage::Done(_))
    }

    /// The word for the state, where there is a job.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Stage::Running { word, .. } | Stage::Failed(word) => Some(word),
            Stage::Done(word) => word,
        }
    }
}

/// True for a state in which a person is waited for.
fn waits_for_person(word: &str) -> bool {
    word.contains("consent") || word.contains("input") || word.contains("review")
}

fn first_word(job: Job) -> &'static str {
    job.running().find(|word| !waits_for_person(word)).unwrap_or("processing")
}

fn last_word(job: Job) -> &'static str {
    job.running().filter(|word| !waits_for_person(word)).last().unwrap_or("processing")
}

fn waiting_word(job: Job) -> &'static str {
    job.running().find(|word| waits_for_person(word)).unwrap_or_else(|| first_word(job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn record(path: &str) -> Record {
        let now = Instant::now();
        let job = catalogue::find("GET", path).and_then(|own| own.polled_job());
        Record { job, ..Record::new("r1".to_owned(), 1, 0, now) }
    }

    #[test]
    fn jobs_advance_with_each_poll() {
        let check = |path: &str, expected: &[&str]| {
            let record = record(path);
            let now = Instant::now();
            let words: Vec<_> =
                expected.iter().filter_map(|_| record.poll(None, now).word()).collect();
            assert_eq!(words, expected, "{path}");
        };
        check("/v3/videos/v", &["pending", "processing", "completed", "completed"]);
        check("/v3/podcasts/p", &["processing", "processing", "completed"]);
        check("/v3/voices/v", &["processing", "processing", "complete"]);
        check("/v3/workflow-runs/r", &["pending", "processing", "succeeded"]);
        check("/v3/models/audio/voices/v", &["PENDING", "PENDING", "ACTIVE"]);
        check("/v3/background-removals/b", &["processing", "processing", "completed"]);
        check("/v1/video_status.get", &["pending", "processing", "completed"]);
    }

    #[test]
    fn jobs_advance_with_time() {
        let record = record("/v3/videos/v");
        let start = Instant::now();
        let whole = Duration::from_secs(4);
        let check = |seconds: u64, expected: &str| {
            let stage = record.poll(Some(whole), start + Duration::from_secs(seconds));
            assert_eq!(stage.word(), Some(expected), "{seconds}");
        };
        check(0, "pending");
        check(0, "pending");
        check(3, "processing");
        check(5, "completed");
    }

    #[test]
    fn held_jobs_wait_for_a_person() {
        let record = record("/v3/video-agents/s");
        let now = Instant::now();
        record.hold();
        let word = || record.poll(None, now).word();
        let words = [word(), word(), word(), word()].map(Option::unwrap_or_default);
        let waiting = "waiting_for_input";
        assert_eq!(words, ["thinking", waiting, waiting, waiting]);
        record.release(now);
        assert_eq!([word(), word()].map(Option::unwrap_or_default), ["generating", "completed"]);
    }
}
