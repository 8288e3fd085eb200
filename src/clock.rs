//! Time as something that is handed in, so that no test waits.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// What time it is, and waiting. The only place of the program that sleeps.
pub trait Clock {
    /// A point on a clock that never goes back, for measuring.
    fn now(&self) -> Instant;

    /// The time of day, for comparing with dates that a server sent.
    fn today(&self) -> SystemTime;

    /// Waits.
    fn sleep(&self, pause: Duration);
}

/// The clock of the computer.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn today(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, pause: Duration) {
        thread::sleep(pause);
    }
}
