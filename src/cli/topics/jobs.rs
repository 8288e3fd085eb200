//! Jobs, and the mock.

use super::Block::{Code, Item, Text};
use super::Topic;

/// Waiting for what a create has started.
pub(in crate::cli) const JOBS: Topic = Topic {
    name: "jobs",
    heading: "JOBS",
    blocks: &[
        Text(
            "A create that starts a job (a video, a translation, a voice) responds at once. With \
             --wait it prints the final state in place of that response:",
        ),
        Code("heygen post /v3/videos -d @video.json --wait -q .video_url"),
        Text(
            "`heygen wait` goes on with jobs that were started before. A bare ID is a video, kind:ID \
             another job, and a path the endpoint that tells the state; - reads them from stdin. \
             Several jobs are a line each, as they end.",
        ),
        Code("heygen wait vid_0a1b2c3d lipsync:ID -o table -c id,status"),
        Text(
            "Polls that fail do not end a wait, and a wait creates nothing. The ID of a job goes to \
             stderr as soon as it is known ({\"job\":{\"id\",\"kind\",\"resume\"}} in a pipe), and every \
             error and signal names the command that goes on.",
        ),
        Item("0", "All jobs are done."),
        Item("1", "A job failed, or waits for an answer or for consent."),
        Item("4", "Not done within --timeout [default: 20m]; the last state is on stdout."),
        Item("5", "The job was started and something else failed: do not create it again."),
    ],
};
