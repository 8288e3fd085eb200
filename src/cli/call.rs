//! Calls of an endpoint, as they can be typed.

use std::time::Duration;

use clap::Args;

/// Call an endpoint with GET and print its data
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen get /v3/videos -Q limit=5\n  heygen get /v3/videos | jq -r '.[].id'\n  heygen get /v3/users/me -o compact"
)]
pub struct GetArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
}

/// What every call of an endpoint takes.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// A path of any version, such as /v3/videos
    #[arg(value_name = "ENDPOINT")]
    pub endpoint: String,

    /// Add to the query; a name may be given more than once
    #[arg(short = 'Q', long, value_name = "NAME=VALUE", help_heading = "Request")]
    pub query: Vec<String>,

    /// How the answer is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,

    /// What bounds the request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// How an answer is printed.
#[derive(Debug, Default, Args)]
pub struct AnswerArgs {
    /// json (indented), compact (one line) or raw (the bytes as they came) [env: HEYGEN_OUTPUT] [default: json]
    #[arg(short, long, value_name = "FORMAT", help_heading = "Answer")]
    pub output: Option<String>,

    /// Print the whole answer, not only its data [env: HEYGEN_ENVELOPE]
    #[arg(short = 'E', long, help_heading = "Answer")]
    pub envelope: bool,
}

/// What bounds a request.
#[derive(Debug, Default, Args)]
pub struct LimitArgs {
    /// Give up after this long, such as 500ms, 30s or 1h30m [default: 120s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Limits")]
    pub timeout: Option<Duration>,
}

/// A duration as people type it: `500ms 30s 5m 1h30m 14d`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let number: Option<f64> = text.trim().parse().ok();
    let duration = match number {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => humantime::parse_duration(text).ok(),
    };
    match duration {
        None => Err("write it like 500ms, 30s, 5m or 1h30m".to_owned()),
        Some(duration) if duration < Duration::from_millis(1) => {
            Err("it must be at least 1ms".to_owned())
        }
        Some(duration) if duration > LONGEST => Err("it must be at most 365 days".to_owned()),
        Some(duration) => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_as_people_type_them() {
        let check = |text: &str, milliseconds: Option<u64>| {
            assert_eq!(duration(text).ok(), milliseconds.map(Duration::from_millis), "{text}");
        };
        check("500ms", Some(500));
        check("30s", Some(30_000));
        check("30", Some(30_000));
        check("0.5", Some(500));
        check("5m", Some(300_000));
        check("1h30m", Some(5_400_000));
        check("14d", Some(14 * 24 * 3_600_000));
        for wrong in [
            "",
            "nan",
            "inf",
            "-1",
            "1e30",
            "0",
            "five",
            "5 parsecs",
            "400d",
            "-5s",
            "99999999999999999999s",
        ] {
            check(wrong, None);
        }
    }

    proptest! {
        #[test]
        fn no_duration_makes_it_panic(text in "\\PC{0,20}|[0-9.e+-]{0,30}[a-z]{0,3}") {
            let _ = duration(&text);
        }
    }
}
