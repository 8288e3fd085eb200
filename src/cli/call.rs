//! The arguments of a call of an endpoint.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::snippet::Language;

use super::fields::FieldArgs;
use super::wait::JobArgs;

/// Call an endpoint with GET and print its data
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen get /v3/videos -Q limit=5\n  heygen get /v3/voices -o table -c voice_id,name,language\n  heygen get /v3/avatars/looks --all -q '.[].id'\n  heygen get /v3/users/me -o compact"
)]
pub struct GetArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
}

/// Call an endpoint with HEAD and print status and headers
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen head /v3/videos")]
pub struct HeadArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
}

/// Call an endpoint with POST: create something, start a job
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen post /v3/videos -f type=avatar -f avatar_id=A -f script='Hello' -f voice_id=V\n  heygen post /v3/videos -d @video.json -F caption[file_format]=srt\n  heygen post /v3/assets --form file=@portrait.png\n  heygen post /v3/videos -d @video.json --wait --download ."
)]
pub struct PostArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
    /// The body.
    #[command(flatten)]
    pub body: BodyArgs,
    /// The job that it starts.
    #[command(flatten)]
    pub job: JobArgs,
}

/// Call an endpoint with PUT: replace something
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen put /v3/video-translations/proofreads/ID/srt -d @srt.json"
)]
pub struct PutArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
    /// The body.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// Call an endpoint with PATCH: change something
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen patch /v3/avatars/looks/ID -f name='In the garden'")]
pub struct PatchArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
    /// The body.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// Call an endpoint with DELETE: remove something
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen delete /v3/videos/ID")]
pub struct DeleteArgs {
    /// The call.
    #[command(flatten)]
    pub call: CallArgs,
    /// The body.
    #[command(flatten)]
    pub body: BodyArgs,
}

/// The arguments that every call has.
#[derive(Debug, Default, Args)]
pub struct CallArgs {
    /// Path of the endpoint, such as /v3/videos
    #[arg(value_name = "ENDPOINT")]
    pub endpoint: String,

    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,

    /// The alternatives to sending it.
    #[command(flatten)]
    pub instead: InsteadArgs,

    /// The output.
    #[command(flatten)]
    pub answer: ResponseArgs,

    /// The limits.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// True where it was entered by noun and verb: hints name the flags of that form.
    #[arg(skip)]
    pub is_by_noun: bool,
}

/// The parts of a request beside its body.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Request")]
pub struct RequestArgs {
    /// Add a query parameter; can be given more than once
    #[arg(short = 'Q', long, value_name = "NAME=VALUE")]
    pub query: Vec<String>,

    /// The fields of the JSON body or of the query.
    #[command(flatten)]
    pub fields: FieldArgs,

    /// Add a request header; X-Api-Key cannot be set
    #[arg(
        short = 'H',
        long = "header",
        alias = "headers",
        value_name = "NAME: VALUE",
        hide_short_help = true
    )]
    pub headers: Vec<String>,

    /// Idempotency key: HeyGen runs requests with the same key once (24 h); `none` omits it
    #[arg(long, value_name = "KEY", hide_short_help = true)]
    pub idempotency_key: Option<String>,
}

/// The body of a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Body")]
pub struct BodyArgs {
    /// JSON body: JSON, @FILE or - (stdin); fields take precedence over its members
    #[arg(short, long, value_name = "JSON")]
    pub data: Option<String>,

    /// Add a part to a multipart body: NAME=TEXT, NAME=@FILE or NAME=@FILE;type=image/png
    #[arg(long, value_name = "NAME=VALUE")]
    pub form: Vec<String>,

    /// Send this file, or stdin (-), as the request body
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub body_file: Option<PathBuf>,

    /// Media type of --body-file [default: detected]
    #[arg(long, value_name = "TYPE", requires = "body_file", hide_short_help = true)]
    pub content_type: Option<String>,
}

/// The alternatives to sending a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Instead of sending")]
pub struct InsteadArgs {
    /// Show the request without sending it; needs no key
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Check the request against the API description without sending it; needs no key
    #[arg(long)]
    pub validate: bool,

    /// Print the call as a program (without the key) instead of sending it
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", conflicts_with_all = ["dry_run", "validate"])]
    pub program: Option<Language>,
}

impl InsteadArgs {
    /// Returns true if nothing is to be sent.
    pub fn is_any(&self) -> bool {
        self.dry_run || self.validate || self.program.is_some()
    }
}

impl ValueEnum for Language {
    fn value_variants<'v>() -> &'v [Language] {
        &Language::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// The values of `--output`.
pub(super) const OUTPUT_FORMATS: [&str; 6] = ["json", "compact", "jsonl", "table", "csv", "raw"];

/// The output of a response.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Response")]
pub struct ResponseArgs {
    /// Output format: json, compact (one line), jsonl (one item per line), table, csv or raw (as received)
    /// [env: HEYGEN_OUTPUT] [default: json]
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        long_help = "Output format [env: HEYGEN_OUTPUT] [default: json]\n\n\
                     json     indented JSON\n\
                     compact  JSON on one line\n\
                     jsonl    JSON, one item of the list per line\n\
                     table    columns that fit the terminal; one row per member for a single object\n\
                     csv      with a header row, lines end with \\n; nested values are JSON; values\n         \
                              that begin with = + - @ are not escaped: spreadsheets may read\n         \
                              them as formulas (--bom for Excel)\n\
                     raw      the bytes as received\n\n\
                     HEYGEN_OUTPUT=table and HEYGEN_OUTPUT=human apply only if stdout is a terminal."
    )]
    pub output: Option<String>,

    /// The same as `-o table`, as in HeyGen's own command line.
    #[arg(long, hide = true, conflicts_with = "output")]
    pub human: bool,

    /// Columns of a table or CSV, such as id,voice.language
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Begin CSV with a UTF-8 byte order mark, which Excel needs
    #[arg(long, hide_short_help = true)]
    pub bom: bool,

    /// Filter the data with jq, each page by itself with --all; prints strings without quotes unless
    /// -o json or compact is given
    #[arg(short = 'q', long, value_name = "FILTER", allow_hyphen_values = true)]
    pub jq: Option<String>,

    /// Fetch and print all pages of a list as they come; a filter runs once per page
    #[arg(long)]
    pub all: bool,

    /// Join all pages into one list before it is filtered and printed; holds it in memory
    #[arg(long, requires = "all", hide_short_help = true)]
    pub slurp: bool,

    /// Print the whole response, not only its data [env: HEYGEN_ENVELOPE]
    #[arg(short = 'E', long)]
    pub envelope: bool,

    /// Print status and headers before the response, also if the call failed
    #[arg(short, long)]
    pub include: bool,

    /// Write the response to this file once it is complete; - is stdout
    #[arg(short = 'O', long, value_name = "FILE", group = "file")]
    pub save: Option<PathBuf>,

    /// Replace an existing file (with --save or --download)
    #[arg(long, hide_short_help = true)]
    pub force: bool,
}

/// The limits of a request.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Time limit of each attempt, such as 500ms, 30s or 1h30m [default: 120s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// How many times to retry a failed call where that is safe, at most 100 [env: HEYGEN_MAX_RETRIES] [default: 3]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub retry: Option<String>,

    /// Time limit for all pauses between attempts together [default: 2m]
    #[arg(long, value_name = "DURATION", value_parser = duration, hide_short_help = true)]
    pub retry_for: Option<Duration>,
}

/// Reads a duration such as `500ms`, `30s`, `1h30m` or `14d`; a bare number is seconds.
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
