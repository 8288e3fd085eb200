//! Calls of an endpoint, as they can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::snippet::Language;

use super::fields::FieldArgs;

/// Call an endpoint with GET and print its data
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen get /v3/videos -Q limit=5\n  heygen get /v3/voices -o table -c voice_id,name,language\n  heygen get /v3/avatars/looks --all -q '.[].id'\n  heygen get /v3/users/me -o compact"
)]
pub struct GetArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
}

/// Call an endpoint with HEAD and print status and headers
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen head /v3/videos")]
pub struct HeadArgs {
    /// What is called.
    #[command(flatten)]
    pub call: CallArgs,
}

/// Call an endpoint with POST: create something, start a job
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen post /v3/videos -f type=avatar -f avatar_id=A -f script='Hello' -f voice_id=V\n  heygen post /v3/videos -d @video.json -F caption[file_format]=srt\n  heygen post /v3/assets --form file=@portrait.png"
)]
pub struct PostArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
    /// What goes along.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// Call an endpoint with PUT: replace something
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen put /v3/video-translations/proofreads/ID/srt -d @srt.json"
)]
pub struct PutArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
    /// What goes along.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// Call an endpoint with PATCH: change something
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen patch /v3/avatars/looks/ID -f name='In the garden'")]
pub struct PatchArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
    /// What goes along.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// Call an endpoint with DELETE; fields go into the query
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen delete /v3/videos/ID")]
pub struct DeleteArgs {
    /// What is called, and how its answer is printed.
    #[command(flatten)]
    pub call: CallArgs,
    /// What goes along.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// What every call of an endpoint takes.
#[derive(Debug, Default, Args)]
pub struct CallArgs {
    /// A path of any version, such as /v3/videos
    #[arg(value_name = "ENDPOINT")]
    pub endpoint: String,

    /// What the request is made of.
    #[command(flatten)]
    pub request: RequestArgs,

    /// What is done instead of sending it.
    #[command(flatten)]
    pub instead: InsteadArgs,

    /// How the answer is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,

    /// What bounds the request.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What a request is made of, with or without a body.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Request")]
pub struct RequestArgs {
    /// Add to the query; a name may be given more than once
    #[arg(short = 'Q', long, value_name = "NAME=VALUE")]
    pub query: Vec<String>,

    /// What goes into the JSON body or into the query.
    #[command(flatten)]
    pub fields: FieldArgs,

    /// Add a header; not the key's
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", hide_short_help = true)]
    pub headers: Vec<String>,

    /// The key under which HeyGen does a repeated request once (24 h); `none` sends no such key
    #[arg(long, value_name = "KEY", hide_short_help = true)]
    pub idempotency_key: Option<String>,
}

/// What goes along with a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Body")]
pub struct BodyArgs {
    /// The JSON body: the text itself, @file or - (stdin); fields win over it
    #[arg(short, long, value_name = "JSON")]
    pub data: Option<String>,

    /// A part of a multipart body: NAME=TEXT, NAME=@FILE or NAME=@FILE;type=image/png
    #[arg(long, value_name = "NAME=VALUE")]
    pub form: Vec<String>,

    /// Send the bytes of this file, or of stdin (-), as they are
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub body_file: Option<PathBuf>,

    /// The media type of --body-file; without it the bytes tell
    #[arg(long, value_name = "TYPE", requires = "body_file", hide_short_help = true)]
    pub content_type: Option<String>,
}

/// What is done instead of sending a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Instead of sending")]
pub struct InsteadArgs {
    /// Show what would go out, and send nothing; no key is needed
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Print the call as a program, and send nothing; the key is not in it
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", conflicts_with = "dry_run")]
    pub program: Option<Language>,
}

impl ValueEnum for Language {
    fn value_variants<'v>() -> &'v [Language] {
        &Language::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// How an answer is printed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Answer")]
pub struct AnswerArgs {
    /// json (indented), compact (one line), jsonl (an item a line), table, csv or raw (as it came)
    /// [env: HEYGEN_OUTPUT] [default: json]
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        long_help = "How the answer is printed [env: HEYGEN_OUTPUT] [default: json]\n\n\
                     json     indented JSON\n\
                     compact  JSON on one line\n\
                     jsonl    JSON, an item of the list a line\n\
                     table    columns that fit the terminal; one object is a line for each member\n\
                     csv      with a header and \\n at the end of lines; nested values are JSON, and\n         \
                              values that begin with = + - @ stay as they are: a spreadsheet may\n         \
                              take them for formulas\n\
                     raw      the bytes as they came\n\n\
                     In the variable, table and human count only where stdout is a terminal."
    )]
    pub output: Option<String>,

    /// The same as `-o table`, as HeyGen's own command line has it.
    #[arg(long, hide = true, conflicts_with = "output")]
    pub human: bool,

    /// Columns of a table or CSV, such as id,voice.language
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Filter the data with jq; strings come out without quotes, unless -o json or compact is given
    #[arg(short = 'q', long, value_name = "FILTER", allow_hyphen_values = true)]
    pub jq: Option<String>,

    /// Print all pages of a list, one after the other
    #[arg(long)]
    pub all: bool,

    /// Print the whole answer, not only its data [env: HEYGEN_ENVELOPE]
    #[arg(short = 'E', long)]
    pub envelope: bool,

    /// Print status and headers before the answer, also when the call failed
    #[arg(short, long)]
    pub include: bool,

    /// Write the answer to this file, once it is complete; - is stdout
    #[arg(short = 'O', long, value_name = "FILE")]
    pub save: Option<PathBuf>,

    /// Let --save replace a file that exists
    #[arg(long, requires = "save", hide_short_help = true)]
    pub force: bool,
}

/// What bounds a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Give up one try after this long, such as 500ms, 30s or 1h30m [default: 120s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Try again this often where that is safe, at most 100 times [env: HEYGEN_MAX_RETRIES] [default: 3]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub retry: Option<String>,

    /// Pause no longer than this between all tries together [default: 2m]
    #[arg(long, value_name = "DURATION", value_parser = duration, hide_short_help = true)]
    pub retry_for: Option<Duration>,
}

/// A duration as people type it: `500ms 30s 5m 1h30m 14d`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
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
    fn parses_durations() {
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
        fn any_duration_parses_without_panic(text in "\\PC{0,20}|[0-9.e+-]{0,30}[a-z]{0,3}") {
            let _ = duration(&text);
        }
    }
}
