//! Man pages: one for each command, from the same tree as the help.

use std::io;

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::PathBuf;

use super::topics::{self, Block, Topic};
use super::tree::tree;

/// Print the man page, or write a page for each command
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen man | man -l -\n  heygen man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write heygen.1, heygen-get.1 and so on into this folder, over what has these names there
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// A page.
pub struct Page {
    /// The name of its file: `heygen-auth-check.1`.
    pub name: String,
    /// Its source, for `man`.
    pub source: Vec<u8>,
}

/// All pages, that of `heygen` itself first.
///
/// # Errors
/// None: writing to memory does not fail.
pub fn man_pages() -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    add(&tree("heygen"), &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    pages.push(Page { name: format!("{name}.1"), source: page(command, pages.is_empty())? });
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .try_for_each(|below| add(below, pages))
}

fn page(command: &Command, is_first: bool) -> io::Result<Vec<u8>> {
    // What is hidden in short help has no text in a page either.
    let mut shown = command.clone().mut_args(|argument| argument.hide_short_help(false));
    // One line instead of the names of thirty flags, which follow anyway.
    let usage = shown.render_usage().to_string();
    let shown = shown.override_usage(usage.trim_start_matches("Usage: ").to_owned());
    let man = Man::new(shown).section("1").manual("heygen").source("heygen-cli");
    let mut source = Vec::new();
    man.render_title(&mut source)?;
    man.render_name_section(&mut source)?;
    man.render_synopsis_section(&mut source)?;
    man.render_description_section(&mut source)?;
    man.render_options_section(&mut source)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut source)?;
    }
    let topics: &[&Topic] = if is_first {
        &[
            &topics::EXIT_CODES,
            &topics::ENVIRONMENT,
            &topics::FILES,
            &topics::OUTPUT,
            &topics::KEYS,
            &topics::RETRIES,
        ]
    } else {
        &[&topics::EXIT_CODES, &topics::ENVIRONMENT, &topics::FILES]
    };
    for topic in topics {
        section(topic).to_writer(&mut source)?;
    }
    if command.get_before_help().is_some() {
        examples(command).to_writer(&mut source)?;
    }
    Ok(source)
}

/// The examples of a command, as a section.
fn examples(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    let text = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    for line in text.lines().filter(|line| *line != "Examples:") {
        roff.text([roman(line.trim())]);
    }
    roff.control("fi", []);
    roff
}

fn section(topic: &Topic) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [topic.heading]);
    for block in topic.blocks {
        match block {
            Block::Text(words) => {
                roff.control("PP", []);
                roff.text([roman(*words)]);
            }
            Block::Item(term, words) => {
                roff.control("TP", []);
                roff.text([bold(*term)]);
                roff.text([roman(*words)]);
            }
        }
    }
    roff
}
