//! Time as something that is handed in, so that no test waits.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The current time, and sleeping. Nothing else in the program sleeps.
pub trait Clock {
    /// A point on a clock that never goes back, for measuring.
    fn now(&self) -> Instant;

    /// The time of day, for comparing with dates that a server sent.
    fn today(&self) -> SystemTime;

    /// Blocks the thread for the pause.
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

/// The time that a header gives, in any of the three forms that HTTP allows, or in that of mail with
/// an offset.
pub fn http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    // `httpdate` knows the forms without an offset, and seconds since 1970 only.
    httpdate::parse_http_date(text)
        .ok()
        .or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp().into()))
}

/// A time as the value of a header, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date_of(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

/// The day of a time in UTC, as `2026-11-28`.
pub fn day(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default().to_string();
    time.split('T').next().unwrap_or_default().to_owned()
}

/// A unix time between 2000 and 2100 to the minute in UTC, as `2026-11-28 09:30Z`; `None` for other
/// numbers, which count something else.
pub fn minute(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    let text = time.to_string();
    let (date, rest) = text.split_once('T')?;
    let is_recent = (946_684_800..4_102_444_800).contains(&seconds);
    is_recent.then(|| format!("{date} {}Z", rest.get(..5).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unix_time_to_the_minute() {
        let check = |seconds: i64, expected: Option<&str>| {
            assert_eq!(minute(seconds).as_deref(), expected, "{seconds}");
        };
        check(1_767_225_600, Some("2026-01-01 00:00Z"));
        check(1_711_382_459, Some("2024-03-25 16:00Z"));
        check(0, None);
        check(-1, None);
        check(1_711_382_401_000, None);
        check(i64::MAX, None);
    }

    #[test]
    fn http_dates_have_three_forms() {
        let check = |text: &str, expected: Option<i64>| {
            let seconds = http_date(text)
                .map(|time| jiff::Timestamp::try_from(time).expect("a time in range").as_second());
            assert_eq!(seconds, expected, "{text}");
        };
        let moment = Some(784_111_777);
        check("Sun, 06 Nov 1994 08:49:37 GMT", moment);
        check("Sunday, 06-Nov-94 08:49:37 GMT", moment);
        check("Sun Nov  6 08:49:37 1994", moment);
        check(" Sun, 06 Nov 1994 08:49:37 GMT ", moment);
        check("Sun, 6 Nov 1994 08:49:37 +0000", moment);
        check("Sun, 06 Nov 1994 09:49:37 +0100", moment);
        check("Thu, 01 Jan 1970 00:00:00 GMT", Some(0));
        check("Wed, 31 Dec 1969 23:59:30 GMT", Some(-30));
        check("Friday, 01-Jan-27 00:00:00 GMT", Some(1_798_761_600));
        for text in
            ["", "soon", "2027-01-01T00:00:00Z", "Sun, 32 Nov 1994 08:49:37 GMT", "784111777"]
        {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn no_date_panics(text in "\\PC{0,40}|[A-Z][a-z]{2,8},? [0-9]{1,4}[- ][A-Z][a-z]{2}[- ][0-9]{1,6} [0-9:]{5,9} GMT") {
            let _ = http_date(&text);
        }
    }
}
