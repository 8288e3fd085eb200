//! Man pages: one for each command, from the same tree as the help.

use std::io;

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::PathBuf;

use super::noun;
use super::topics::{self, Block, Topic};
use super::tree::tree;

/// Print the man page, or write one page per command
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  heygen man | man -l -\n  heygen man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Directory for heygen.1, heygen-get.1, ...; existing pages are replaced
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
    // Commands and paths are to be copied: they are neither hyphenated nor stretched.
    source.extend_from_slice(b".nh\n.ad l\n");
    man.render_name_section(&mut source)?;
    man.render_synopsis_section(&mut source)?;
    man.render_description_section(&mut source)?;
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    source.extend_from_slice(with_lists(&String::from_utf8_lossy(&options)).as_bytes());
    if command.has_subcommands() {
        man.render_subcommands_section(&mut source)?;
    }
    let topics: &[&Topic] = if is_first {
        &[
            &topics::EXIT_CODES,
            &topics::ENVIRONMENT,
            &topics::FILES,
            &topics::REQUESTS,
            &topics::OUTPUT,
            &topics::LISTS,
            &topics::FILTERS,
            &topics::KEYS,
            &topics::SECRETS,
            &topics::CI,
            &topics::JOBS,
            &topics::RETRIES,
            &topics::NETWORK,
            &topics::SETUP,
        ]
    } else {
        &[&topics::EXIT_CODES, &topics::ENVIRONMENT, &topics::FILES]
    };
    if is_first {
        commands_by_noun().to_writer(&mut source)?;
    }
    for topic in topics {
        section(topic).to_writer(&mut source)?;
    }
    // What the main page's says is in its sections.
    if !is_first && let Some(notes) = command.get_after_help() {
        notes_section(&notes.to_string()).to_writer(&mut source)?;
    }
    if command.get_before_help().is_some() {
        examples(command).to_writer(&mut source)?;
    }
    see_also(command, is_first).to_writer(&mut source)?;
    Ok(source)
}

/// The source of options with a list where a help text has one: lines of a word, two spaces or more,
/// and its meaning, which may go on in indented lines.
fn with_lists(options: &str) -> String {
    let mut listed = String::new();
    let mut in_list = false;
    for line in options.lines() {
        let entry = line.split_once("  ").filter(|(word, _)| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        match entry {
            Some((word, meaning)) => {
                let start = if in_list { "" } else { ".RS\n" };
                listed.push_str(&format!("{start}.TP 9\n\\fB{word}\\fR\n{}\n", meaning.trim()));
                in_list = true;
                continue;
            }
            None if in_list && line.starts_with(' ') => listed.push_str(line.trim_start()),
            None if in_list => {
                in_list = false;
                let next = if line.is_empty() { ".IP" } else { line };
                listed.push_str(&format!(".RE\n{next}"));
            }
            None => listed.push_str(line),
        }
        listed.push('\n');
    }
    listed
}

/// The text behind the help of a command, as a section.
fn notes_section(text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff
}

/// The pages to read next: those of the commands below, or the main one.
fn see_also(command: &Command, is_first: bool) -> Roff {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let own = if is_first { "heygen" } else { name };
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below = below.map(|below| format!("{own}-{}(1)", below.get_name()));
    let main = (!is_first).then(|| "heygen(1)".to_owned());
    let pages: Vec<String> = main.into_iter().chain(below).collect();
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(pages.join(", "))]);
    roff
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

/// The commands that are made of the catalogue; each has its `--help`.
fn commands_by_noun() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS BY NOUN"]);
    roff.control("PP", []);
    roff.text([roman(
        "Flags and IDs stand in the help of each, such as heygen video create --help.",
    )]);
    for noun in noun::nouns() {
        for operation in noun::operations(noun) {
            roff.control("TP", []);
            roff.text([bold(format!("heygen {}", operation.command().unwrap_or_default()))]);
            roff.text([roman(operation.summary())]);
        }
    }
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
            Block::Code(lines) => {
                roff.control("PP", []);
                roff.control("RS", ["4"]);
                roff.control("nf", []);
                for line in lines.lines() {
                    roff.text([roman(line)]);
                }
                roff.control("fi", []);
                roff.control("RE", []);
            }
        }
    }
    roff
}
