//! A limit that ureq hands over, counted from that moment.

use std::time::Instant;

use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

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
        if limit.after.is_zero() {
            return Err(ureq::Error::Timeout(limit.reason));
        }
        Ok(Deadline { limit, since: Instant::now() })
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
    use ureq::Timeout;

    use super::*;

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
