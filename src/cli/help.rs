//! The arguments of `heygen help`, and the texts that it finds.

use clap::{Args, Command, CommandFactory as _};

use super::Cli;
use super::topics;
use super::tree::{Extent, HelpText, help};
use crate::nearest::nearest;

/// Explain a command or a topic
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen help get\n  heygen help auth check\n  heygen help exit-codes",
    after_help = "Topics: requests, output, lists, filters, keys, secrets, ci, jobs, retries,\nnetwork, environment, exit-codes, setup"
)]
pub struct HelpArgs {
    /// Command or topic
    #[arg(value_name = "COMMAND|TOPIC", add = clap_complete::ArgValueCandidates::new(candidates))]
    pub words: Vec<String>,
}

/// The text that `heygen help` shows for these words; `None` if they name nothing.
pub fn explanation(words: &[String], columns: usize) -> Option<HelpText> {
    if let [name] = words
        && let Some(topic) = topics::ALL.iter().find(|topic| topic.name == name)
    {
        let text = topic.text(columns);
        return Some(HelpText { plain: text.clone(), coloured: text });
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    help(&words, Extent::Everything)
}

/// The nearest command or topic.
pub fn similar(word: &str) -> Option<String> {
    nearest(word, names().iter().map(String::as_str), 2).map(str::to_owned)
}

fn names() -> Vec<String> {
    let root = Cli::command();
    let commands = root.get_subcommands().map(Command::get_name);
    commands.chain(topics::ALL.iter().map(|topic| topic.name)).map(str::to_owned).collect()
}

fn candidates() -> Vec<clap_complete::CompletionCandidate> {
    names().into_iter().map(clap_complete::CompletionCandidate::new).collect()
}
