//! Jobs, and the mock.

use super::Block::{Code, Item, Text};
use super::Topic;

/// Waiting for what a create has started, and its files.
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
        Text(
            "`heygen download` fetches the file of a finished job, or of a link, and prints its path; \
             --download PATH does both for a create. A bare ID is a video again; --what chooses \
             another file of it, and --wait waits for jobs that are not done yet.",
        ),
        Code("heygen post /v3/videos -d @video.json --wait --download ."),
        Code("heygen download vid_0a1b2c3d --what subtitle -O talk.srt"),
        Text(
            "A file has its name when it is complete. What is there before lies in NAME.part, and the \
             next run goes on with it if the host still has the same file. When a link expires, HeyGen \
             is asked for a fresh one. The host of a file never gets the key. The name is that of the \
             ID; an existing file is replaced with --force only, and counts as fetched with \
             --skip-existing.",
        ),
        Item("0", "All jobs are done, all files are there."),
        Item("1", "A job failed, or waits for an answer or for consent; a file did not come."),
        Item("4", "Not done within --timeout [default: 20m]; the last state is on stdout."),
        Item("5", "The job was started and something else failed: do not create it again."),
    ],
};
