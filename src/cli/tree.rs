//! The whole tree of commands as a reader wants it, for help and man pages.
//!
//! Reading a command line builds only the given branch; here everything is built, and put in order:
//! the flags of a command first, those of all commands last.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, CommandFactory as _, Id};

use super::noun::{self, Asked};
use super::{Cli, topics};

/// The commands that short help lists first. The others stand in one line below.
const FIRST: [&str; 5] = ["auth", "get", "post", "endpoints", "mock"];

/// A text to show, plain and with colors.
pub struct HelpText {
    /// Without any.
    pub plain: String,
    /// With the codes of a terminal.
    pub coloured: String,
}

/// The length of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The flags that are needed often, as `-h` shows them.
    Summary,
    /// Everything, as `--help` shows it.
    Everything,
}

/// Commands that make no call.
const LOCAL: [&str; 5] = ["endpoints", "mock", "completions", "man", "help"];

/// The global arguments that only calls use.
const FOR_CALLS: [&str; 6] =
    ["api_key_file", "env_file", "no_env_file", "api_base", "ca_cert", "verbose"];

/// The built tree, where no command lists a flag that has no effect on it.
pub(super) fn without_idle_flags(mut root: Command) -> Command {
    for name in LOCAL {
        root = root.mut_subcommand(name, without_flags_for_calls);
    }
    root
}

fn without_flags_for_calls(mut command: Command) -> Command {
    for id in FOR_CALLS {
        command = command.mut_arg(id, |argument| argument.hide(true));
    }
    command.mut_subcommands(without_flags_for_calls)
}

/// The tree, in order, under the name that its pages have.
pub(super) fn tree(name: &'static str) -> Command {
    tree_with(name, None)
}

/// The tree with the commands of a noun in it.
pub(super) fn tree_with(name: &'static str, noun: Option<Command>) -> Command {
    let noun_name = noun.as_ref().map(|noun| noun.get_name().to_owned());
    let mut root = Cli::command().display_name(name);
    root = root.subcommands(noun);
    root.build();
    root = in_order(without_idle_flags(root));
    match noun_name {
        Some(noun) => root.mut_subcommand(noun, for_readers),
        None => root,
    }
}

/// A command of a noun, whose help should fit on two screens, and whose IDs are needed: only the
/// schemas are printed without them.
fn for_readers(mut command: Command) -> Command {
    command = command.mut_args(|argument| {
        if argument.is_positional() {
            return argument.required(true);
        }
        // `--flag` says enough: that `--flag=false` is possible its kind says.
        match argument.get_num_args() == Some((0..=1).into()) {
            true => argument.action(ArgAction::SetTrue).num_args(0),
            false => argument,
        }
    });
    for id in FOR_CALLS.iter().chain(&["quiet", "color", "error_format", "help"]) {
        command = command.mut_arg(*id, |argument| argument.hide(true));
    }
    command.mut_subcommands(for_readers)
}

fn in_order(mut command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |mut below| {
            below = below.mut_arg("help", |help| {
                let text = "Print help (-h for a summary)";
                help.help_heading("Messages").help(text).long_help(text)
            });
            let mut arguments: Vec<(usize, Id)> = below
                .get_arguments()
                .map(|argument| (rank(argument), argument.get_id().clone()))
                .collect();
            arguments.sort_by_key(|(rank, _)| *rank);
            // An argument that is changed moves to the end.
            for (_, id) in arguments {
                below = below.mut_arg(id, |argument| argument);
            }
            in_order(below)
        });
    }
    command
}

/// The position of a heading: the flags of the request first, those of all commands last.
fn rank(argument: &Arg) -> usize {
    match argument.get_help_heading() {
        Some(noun::REQUIRED) => 0,
        Some(noun::OPTIONAL) => 1,
        Some("Request") => 2,
        Some("Body") => 3,
        Some("Key and network") => 5,
        Some("Messages") => 6,
        _ => 4,
    }
}

/// The help of a command, named by the words after `heygen`; of all of `heygen` without words.
/// `None` if there is no such command.
pub(super) fn help(words: &[&str], extent: Extent) -> Option<HelpText> {
    let line: Vec<OsString> = ["heygen"].iter().chain(words).map(OsString::from).collect();
    let asked = noun::asked_for(&line);
    let mut command = tree_with("heygen", asked.as_ref().map(Asked::command));
    for word in words {
        command = command.find_subcommand(word)?.clone();
    }
    if words.is_empty() {
        return Some(overview(&command));
    }
    if extent == Extent::Everything {
        command = command.mut_args(|argument: Arg| argument.hide_short_help(false));
    }
    let text = command.render_help();
    Some(HelpText { plain: text.to_string(), coloured: text.ansi().to_string() })
}

/// One screen for a newcomer: examples, the first commands, and where to read on.
fn overview(root: &Command) -> HelpText {
    let text = |heading: &dyn Fn(&str) -> String| {
        let mut text = format!("{}\n\n", root.get_about().cloned().unwrap_or_default());
        text.push_str(&format!("{}\n\n", root.get_before_help().cloned().unwrap_or_default()));
        text.push_str(&format!("{}\n", heading("Commands:")));
        for name in FIRST {
            let about = root.find_subcommand(name).and_then(Command::get_about);
            text.push_str(&format!("  {name:<11}{}\n", about.cloned().unwrap_or_default()));
        }
        let others: Vec<&str> = root
            .get_subcommands()
            .filter(|below| !below.is_hide_set())
            .map(Command::get_name)
            .filter(|name| !FIRST.contains(name))
            .collect();
        text.push_str(&format!("{} {}\n", heading("Others:"), others.join(", ")));
        let mut lines = String::new();
        topics::wrap(&noun::nouns().join(", "), "       ", 80, &mut lines);
        text.push_str(&format!("{} {}\n", heading("Nouns:"), lines.trim_start()));
        let topics: Vec<&str> = topics::ALL.iter().map(|topic| topic.name).collect();
        text.push_str(&format!("{}\n", heading("More:")));
        let mut lines = String::new();
        topics::wrap(&topics.join(", "), &" ".repeat(24), 80, &mut lines);
        text.push_str(&format!("  heygen help TOPIC     {}", lines.trim_start()));
        text.push_str(&format!("{}\n", root.get_after_help().unwrap_or_default()));
        text
    };
    let style = root.get_styles().get_header();
    HelpText {
        plain: text(&|heading| heading.to_owned()),
        coloured: text(&|heading| format!("{}{heading}{}", style.render(), style.render_reset())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(command: &Command, words: &[String], all: &mut Vec<Vec<String>>) {
        for below in command.get_subcommands() {
            let words = [words, &[below.get_name().to_owned()]].concat();
            commands(below, &words, all);
            all.push(words);
        }
    }

    fn all_commands() -> Vec<Vec<String>> {
        let mut all = Vec::new();
        commands(&tree("heygen"), &[], &mut all);
        all
    }

    #[test]
    fn overview_names_every_command() {
        let text = help(&[], Extent::Everything).expect("help").plain;
        assert!(text.lines().count() <= 23, "with a prompt below, a screen has 23 lines:\n{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let words: Vec<&str> = text.split([' ', ',', '\n']).collect();
        for below in Cli::command().get_subcommands() {
            assert!(words.contains(&below.get_name()), "{} is missing:\n{text}", below.get_name());
        }
    }

    #[test]
    fn help_has_examples_and_global_flags() {
        for words in all_commands() {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let text = help(&words, Extent::Everything).expect("help").plain;
            assert!(text.starts_with("Examples:\n  "), "{words:?}:\n{text}");
            let place = |heading: &str| text.find(&format!("\n{heading}:\n"));
            let Some(messages) = place("Messages") else { panic!("{text}") };
            let makes_calls = !LOCAL.contains(&words[0]);
            assert_eq!(place("Key and network").is_some(), makes_calls, "{words:?}:\n{text}");
            assert_eq!(text.contains("--verbose"), makes_calls, "{words:?}:\n{text}");
            let key = place("Key and network").unwrap_or(messages);
            for own in ["Arguments", "Request", "Body", "Instead of sending", "Response", "Limits"]
            {
                assert!(place(own).is_none_or(|own| own < key && own < messages), "{own}: {text}");
            }
        }
    }

    #[test]
    fn short_help_is_shorter() {
        let lines = |extent| help(&["post"], extent).expect("help").plain.lines().count();
        assert!(lines(Extent::Summary) < lines(Extent::Everything));
    }
}
