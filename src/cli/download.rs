//! The arguments of `download`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::call::{LimitArgs, duration};
use super::wait::kinds_of_jobs;
use crate::jobs::files::What;

/// Fetch the files of finished videos and other jobs
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen download vid_0a1b2c3d\n  heygen download vid_0a1b2c3d --what subtitle -O talk.srt\n  heygen get /v3/videos --all -q '.[].id' | heygen download - -O videos/\n  heygen download 'https://files2.heygen.ai/talk.mp4?Signature=S'",
    after_help = kinds_of_jobs("It prints the path of each file. Files of one name get numbers, such as\nID-2.mp4. A transfer that broke off goes on in the next run: what is there lies\nin NAME.part. The host of a file never gets the key; a link needs none.")
)]
pub struct DownloadArgs {
    /// ID of a video; KIND:ID of another job; the endpoint that tells its state; the link to a file; or -
    /// to read them from stdin, one per line, or as the JSON that creates printed
    #[arg(value_name = "JOB", required = true)]
    pub names: Vec<String>,

    /// File of the job to fetch [default: its video or audio; else the first of these]
    #[arg(long, alias = "asset", value_enum, value_name = "FILE")]
    pub what: Option<What>,

    /// File or folder to write to; - is stdout [default: ID.mp4 or the like in this folder]
    #[arg(short = 'O', long = "save", alias = "output-path", value_name = "PATH")]
    pub save: Option<PathBuf>,

    /// Replace existing files
    #[arg(long, conflicts_with = "skip_existing")]
    pub force: bool,

    /// Leave existing files as they are, and count them as fetched
    #[arg(long)]
    pub skip_existing: bool,

    /// Wait for jobs that are not done yet, at most 20 minutes
    #[arg(long)]
    pub wait: bool,

    /// How many files to fetch at once
    #[arg(short, long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub jobs: u8,

    /// Print a JSON object for each file, with its path, in place of the path
    #[arg(short = 'E', long)]
    pub envelope: bool,

    /// Time limit for each period without data [default: 120s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Limits")]
    pub timeout: Option<Duration>,

    /// How many times to go on after a transfer broke off; each that brings data counts anew
    /// [env: HEYGEN_MAX_RETRIES] [default: 3]
    #[arg(long, value_name = "N", help_heading = "Limits", hide_short_help = true)]
    pub retry: Option<String>,

    /// Time limit for all pauses between attempts together [default: 2m]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        help_heading = "Limits",
        hide_short_help = true
    )]
    pub retry_for: Option<Duration>,

    /// True as a verb of a noun, where `HEYGEN_ENVELOPE` counts as in HeyGen's own command line.
    #[arg(skip)]
    pub is_by_noun: bool,
}

impl DownloadArgs {
    /// The limits, as calls have them.
    pub fn limits(&self) -> LimitArgs {
        let (timeout, retry, retry_for) = (self.timeout, self.retry.clone(), self.retry_for);
        LimitArgs { timeout, retry, retry_for }
    }
}

impl ValueEnum for What {
    fn value_variants<'v>() -> &'v [What] {
        &What::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
