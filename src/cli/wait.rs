//! The arguments of `wait`, and those of a create that is waited for.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::call::{LimitArgs, ResponseArgs, duration};
use crate::jobs::job::kinds;

/// A text behind a help, with the kinds of jobs in front: an ID without a kind is a video.
pub(super) fn kinds_of_jobs(text: &str) -> String {
    let mut kinds: Vec<&str> = kinds().collect();
    kinds.sort_unstable();
    format!("Kinds of jobs: {}.\n\n{text}", kinds.join(", "))
}

/// Wait until videos or other jobs are done, and print their final state
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen wait vid_0a1b2c3d\n  heygen wait vid_0a1b2c3d lipsync:ID -o table\n  heygen post /v3/videos -d @video.json | heygen wait -",
    after_help = kinds_of_jobs("Exit code: 0 all done; 1 a job failed; 4 time limit reached. The error says how to go on.")
)]
pub struct WaitArgs {
    /// ID of a video; KIND:ID of another job; the endpoint that tells its state; or - to read them from
    /// stdin, one per line, or as the JSON that creates printed
    #[arg(value_name = "JOB", required = true)]
    pub jobs: Vec<String>,

    /// Stop as soon as one of the jobs fails
    #[arg(long)]
    pub fail_fast: bool,

    /// Time limit for the whole wait [default: 20m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Pause between two polls [default: 2s, growing to 30s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub interval: Option<Duration>,

    /// The output.
    #[command(flatten)]
    pub output: WaitOutputArgs,
}

/// The output of a wait.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct WaitOutputArgs {
    /// Output format: json, compact, jsonl, table or csv [default: json; of several jobs one line each]
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<String>,

    /// Columns of a table or CSV, such as id,status
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Filter the final object of each job with jq
    #[arg(short = 'q', long, value_name = "FILTER", allow_hyphen_values = true)]
    pub jq: Option<String>,

    /// Print the whole response, not only its data
    #[arg(short = 'E', long)]
    pub envelope: bool,
}

/// The wait for what a POST starts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Job")]
pub struct JobArgs {
    /// Wait until the job that the call starts is done, and print its final state; --timeout is then
    /// the limit on the wait [default: 20m]
    #[arg(long)]
    pub wait: bool,

    /// Wait, then fetch the file of the job to this folder or file, and print its path
    #[arg(long, value_name = "PATH", group = "file")]
    pub download: Option<PathBuf>,

    /// Pause between two polls with --wait [default: 2s, growing to 30s]
    #[arg(long, value_name = "DURATION", value_parser = duration, hide_short_help = true)]
    pub interval: Option<Duration>,
}

impl JobArgs {
    /// Returns whether the job is waited for.
    pub fn waits(&self) -> bool {
        self.wait || self.download.is_some()
    }
}

impl WaitOutputArgs {
    /// The same as the arguments of a call.
    pub fn as_response(&self) -> ResponseArgs {
        ResponseArgs {
            output: self.output.clone(),
            columns: self.columns.clone(),
            jq: self.jq.clone(),
            envelope: self.envelope,
            ..ResponseArgs::default()
        }
    }
}

impl WaitArgs {
    /// The limits of single requests: the usual ones.
    pub fn limits(&self) -> LimitArgs {
        LimitArgs::default()
    }
}
