//! A limit that ureq hands over, counted from that moment.

use std::cell::Cell;
use std::time::Instant;

use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

thread_local! {
    /// The end of the read of a body that this thread waits in. ureq gives each piece of input a limit
    /// of its own, and reads on by itself where none of it is data: trailers, extensions of chunks.
    static END_OF_READ: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs a read of a body, which ends at this point in time though input comes in the meantime.
pub(super) fn until<T>(end: Option<Instant>, read: impl FnOnce() -> T) -> T {
    END_OF_READ.set(end);
    let result = read();
    END_OF_READ.set(None);
    result
}

/// A point in time, and which limit of ureq's it is.
///
/// ureq hands the unchanged limit to each step of a connection, so that a peer that sends a byte
/// now and then would renew it for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    limit: NextTimeout,
    since: Instant,
}

impl Deadline {
    /// The point in time that a limit ends at.
    ///
    /// # Errors
    /// It has ended.
    pub(super) fn new(limit: NextTimeout) -> Result<Deadline, ureq::Error> {
        let now = Instant::now();
        let is_over = END_OF_READ.get().is_some_and(|end| now >= end);
        if is_over || limit.after.is_zero() {
            return Err(ureq::Error::Timeout(limit.reason));
        }
        Ok(Deadline { limit, since: now })
    }

    /// The limit, less what has passed.
    ///
    /// # Errors
    /// Nothing is left.
    pub(super) fn left(&self) -> Result<NextTimeout, ureq::Error> {
        let Duration::Exact(limit) = self.limit.after else { return Ok(self.limit) };
        match limit.checked_sub(self.since.elapsed()) {
            Some(left) if !left.is_zero() => {
                Ok(NextTimeout { after: Duration::Exact(left), ..self.limit })
            }
            _ => Err(ureq::Error::Timeout(self.limit.reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration as Time;

    use ureq::Timeout;

    use super::*;

    #[test]
    fn reads_end_though_input_comes() {
        let limit = NextTimeout { after: Duration::from_secs(60), ..NextTimeout::default() };
        let now = Instant::now();
        assert!(until(Some(now), || Deadline::new(limit)).is_err());
        assert!(until(Some(now + Time::from_secs(60)), || Deadline::new(limit)).is_ok());
        assert!(Deadline::new(limit).is_ok());
    }

    #[test]
    fn deadlines_count_from_their_beginning() {
        let at = |after| NextTimeout { after, reason: Timeout::Connect, ..NextTimeout::default() };
        let ended = Deadline::new(at(Duration::from_secs(0))).expect_err("no time");
        assert!(matches!(ended, ureq::Error::Timeout(Timeout::Connect)));
        let passed = Deadline::new(at(Duration::from_millis(1))).expect("some time");
        while passed.since.elapsed().as_millis() < 1 {}
        assert!(matches!(passed.left(), Err(ureq::Error::Timeout(Timeout::Connect))));
        let long = Deadline::new(at(Duration::from_secs(60))).expect("much time");
        assert!(long.left().expect("most of it").after < Duration::from_secs(60));
        let endless = Deadline::new(at(Duration::NotHappening)).expect("all the time");
        assert_eq!(endless.left().expect("all of it"), at(Duration::NotHappening));
    }
}
