//! The job that an operation starts: where its ID is, and how its state is read.

use super::operation::Operation;
use super::record::{JobRecord, Text};

/// Work that goes on after the response of the operation that started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job(pub(super) &'static JobRecord);

impl Job {
    /// The place of the ID in the response to the create, such as `data.video_id`; `None` where
    /// the ID was part of the request.
    pub fn id(self) -> Option<&'static str> {
        self.0.id.map(Text::get)
    }

    /// True where the place of the ID holds a list of IDs, one for each job.
    pub fn is_several(self) -> bool {
        self.0.is_several
    }

    /// The operation that reads the state.
    pub fn poll(self) -> Operation {
        Operation(self.0.poll)
    }

    /// The query parameter that takes the ID, where the path of the poll has no place for it.
    pub fn poll_query(self) -> Option<&'static str> {
        self.0.poll_query.map(Text::get)
    }

    /// The place of the state in the response to the poll.
    pub fn status(self) -> &'static str {
        self.0.status.get()
    }

    /// The states of a job that is not done.
    pub fn running(self) -> impl Iterator<Item = &'static str> {
        self.0.running.texts()
    }

    /// The states of a job that ended well.
    pub fn ok(self) -> impl Iterator<Item = &'static str> {
        self.0.ok.texts()
    }

    /// The states of a job that failed.
    pub fn failed(self) -> impl Iterator<Item = &'static str> {
        self.0.failed.texts()
    }

    /// The job in which this one goes on, once its ID is there.
    pub fn then(self) -> Option<Then> {
        let then = self.0.then.as_ref()?;
        Some(Then { id: then.id.get(), poll: Operation(then.poll) })
    }
}

/// The job in which another one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Then {
    /// The place of its ID in the response to the first job's poll; null until it exists.
    pub id: &'static str,
    /// The operation that reads its state.
    pub poll: Operation,
}
