//! The arguments of `heygen completions`, the scripts that it prints, and the completions that they
//! offer.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Arg, Args, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{self, EnvCompleter, Shells};

use super::call::OUTPUT_FORMATS;
use super::field_names::{self, FieldName};
use super::noun;
use super::tree::without_idle_flags;
use super::{Cli, Parsed};
use crate::account::scopes::KNOWN;
use crate::catalogue;
use crate::env::Env;
use crate::error::Error;

/// Print the completion script for a shell
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  source <(heygen completions bash)\n  heygen completions fish > ~/.config/fish/completions/heygen.fish"
)]
pub struct CompletionsArgs {
    /// Shell that runs the script
    #[arg(value_name = "SHELL", value_parser = clap::builder::PossibleValuesParser::new(SHELLS))]
    pub shell: String,
}

/// The shells whose completion is known.
const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// The variable through which a script asks for completions, and says which shell it is for. The
/// name is ours alone: clap's `COMPLETE` may be set for another reason, and would make every call a
/// silent success.
pub const COMPLETE: &str = "_HEYGEN_COMPLETE";

/// The methods of operations.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The completion engines of the shells.
const COMPLETERS: Shells<'static> =
    Shells(&[&Bash, &env::Elvish, &env::Fish, &env::Powershell, &Zsh]);

/// The script that makes a shell ask `heygen` for completions.
///
/// # Errors
/// None: writing to memory does not fail.
pub fn completion_script(shell: &str) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    if let Some(completer) = COMPLETERS.completer(shell) {
        completer.write_registration(COMPLETE, "heygen", "heygen", "heygen", &mut script)?;
    }
    Ok(script)
}

/// The completions of a command line that a shell's script sends behind `--`; without one, the
/// script itself.
///
/// # Errors
/// The shell is unknown.
pub fn completions(shell: &OsStr, arguments: &[OsString], env: &Env) -> Result<Parsed, Error> {
    let Some(completer) = shell.to_str().and_then(|shell| COMPLETERS.completer(shell)) else {
        return Err(Error::usage_with_hint(
            format!("invalid shell in {COMPLETE}"),
            format!("use one of {}, or unset it", SHELLS.join(", ")),
        ));
    };
    let words = arguments.iter().skip_while(|argument| *argument != "--").skip(1).cloned();
    let words: Vec<OsString> = words.collect();
    let lines = if words.is_empty() {
        completion_script(completer.name())
    } else {
        let (mut lines, dir) = (Vec::new(), env.current_dir());
        let completed =
            completer.write_complete(&mut completable(&words, env), words, Some(dir), &mut lines);
        completed.map(|()| lines)
    };
    lines.map(Parsed::Completions).map_err(Error::Output)
}

/// The tree of commands, with what is offered for values: endpoints of the catalogue, the fields of
/// the endpoint that was entered, and files where a value names one after `@`.
fn completable(words: &[OsString], env: &Env) -> Command {
    let mut root = Cli::command();
    // The nouns, with all that can follow the one that was entered.
    let asked = noun::asked_for(words);
    root = root.subcommands(noun::nouns().into_iter().map(|name| match &asked {
        Some(asked) if asked.noun == name => asked.command(),
        _ => Command::new(name),
    }));
    root.build();
    root = without_idle_flags(root);
    if let Some(asked) = &asked {
        let known = Known::new("", &[], env);
        root = root.mut_subcommand(asked.noun, |below| with_completers(below, &known));
    }
    for (name, method) in [
        ("get", "GET"),
        ("head", "GET"),
        ("post", "POST"),
        ("put", "PUT"),
        ("patch", "PATCH"),
        ("delete", "DELETE"),
    ] {
        let known = Known::new(method, words, env);
        root = root.mut_subcommand(name, |command| {
            command.mut_args(|argument| with_completer(argument, &known))
        });
    }
    root = root.mut_subcommand("endpoints", |endpoints| {
        endpoints.mut_subcommand("show", |show| {
            show.mut_arg("operation", |operation| operation.add(ArgValueCompleter::new(shown)))
        })
    });
    root.mut_subcommand("auth", |auth| {
        auth.mut_subcommand("check", |check| {
            let scopes = || KNOWN.iter().map(CompletionCandidate::new).collect();
            check.mut_arg("need", |need| need.add(ArgValueCandidates::new(scopes)))
        })
    })
}

/// The facts of a call that are known when its arguments are completed.
struct Known {
    method: &'static str,
    query: Vec<FieldName>,
    /// The fields of `-f` and `-F`: members of the body, or query parameters without one.
    fields: Vec<FieldName>,
    home: Option<PathBuf>,
}

impl Known {
    fn new(method: &'static str, words: &[OsString], env: &Env) -> Known {
        let operation = words.iter().find_map(|word| {
            let path = word.to_str()?.trim_start_matches('/');
            let path = path.split('?').next().unwrap_or_default();
            catalogue::find(method, &format!("/{path}"))
        });
        let query = operation.map(field_names::of_query).unwrap_or_default();
        let fields = match method {
            "GET" | "DELETE" => query.clone(),
            _ => {
                let entered: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
                operation.map(|own| field_names::of_body(own, &entered)).unwrap_or_default()
            }
        };
        Known { method, query, fields, home: env.home().map(Path::to_path_buf) }
    }

    /// A completer of `NAME=VALUE`, with files after `=@` where the option takes them.
    fn fields(&self, fields: &[FieldName], files: bool) -> ArgValueCompleter {
        let (fields, home) = (fields.to_vec(), self.home.clone());
        ArgValueCompleter::new(move |entered: &OsStr| {
            let text = entered.to_str().unwrap_or_default();
            let found = field_names::candidates(&fields, text);
            let found = found.into_iter().map(CompletionCandidate::new);
            let files = if files { file_of_field(entered, home.as_deref()) } else { Vec::new() };
            found.chain(files).collect()
        })
    }
}

/// The command and those below it, with what is offered for values.
fn with_completers(command: Command, known: &Known) -> Command {
    command
        .mut_args(|argument| with_completer(argument, known))
        .mut_subcommands(|below| with_completers(below, known))
}

fn with_completer(argument: Arg, known: &Known) -> Arg {
    let (method, home) = (known.method, known.home.clone());
    match argument.get_id().as_str() {
        "endpoint" => {
            argument.add(ArgValueCompleter::new(move |typed: &OsStr| endpoints(method, typed)))
        }
        "data" => {
            argument.add(ArgValueCompleter::new(move |typed: &OsStr| data(typed, home.as_deref())))
        }
        "query" => argument.add(known.fields(&known.query, false)),
        "raw_fields" => argument.add(known.fields(&known.fields, false)),
        "fields" => argument.add(known.fields(&known.fields, true)),
        "form" => argument.add(known.fields(&known.fields, true)),
        "output" => argument.add(ArgValueCandidates::new(|| {
            OUTPUT_FORMATS.iter().map(CompletionCandidate::new).collect()
        })),
        _ => argument,
    }
}

/// Endpoints that begin with the given text, each up to its next placeholder.
fn endpoints(method: &str, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let (slash, path) = match typed.strip_prefix('/') {
        Some(path) => ("/", path),
        None if typed.is_empty() => ("/", typed),
        None => ("", typed),
    };
    let is_old = path.starts_with("v1") || path.starts_with("v2");
    let mut found: Vec<String> = Vec::new();
    for template in catalogue::paths(method, is_old) {
        let Some(path) = continued(template.trim_start_matches('/'), path) else { continue };
        let candidate = format!("{slash}{path}");
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found.into_iter().map(CompletionCandidate::new).collect()
}

/// For `endpoints show`: methods, paths of any method, and nouns.
fn shown(entered: &OsStr) -> Vec<CompletionCandidate> {
    let text = entered.to_str().unwrap_or_default();
    let mut words: Vec<&str> =
        METHODS.iter().copied().filter(|own| own.starts_with(text)).collect();
    if !text.is_empty() && !text.contains('/') {
        words.extend(
            catalogue::all().filter_map(|own| own.noun()).filter(|own| own.starts_with(text)),
        );
        words.sort_unstable();
        words.dedup();
    }
    let mut found: Vec<CompletionCandidate> =
        words.into_iter().map(CompletionCandidate::new).collect();
    for path in METHODS.iter().flat_map(|method| endpoints(method, entered)) {
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// The given text, completed to an instance of the template or to the place of its next placeholder;
/// `None` if no instance begins with it.
fn continued(template: &str, typed: &str) -> Option<String> {
    let is_placeholder = |segment: &str| segment.starts_with('{');
    let mut segments = template.split('/');
    let mut done: Vec<&str> = Vec::new();
    let mut typed = typed.split('/').peekable();
    while let Some(part) = typed.next() {
        let segment = segments.next()?;
        if typed.peek().is_some() {
            let fits = part == segment || is_placeholder(segment) && !part.is_empty();
            done.push(part);
            if !fits {
                return None;
            }
        } else if is_placeholder(segment) || !segment.starts_with(part) {
            return None;
        } else {
            done.push(segment);
        }
    }
    for segment in segments {
        if is_placeholder(segment) {
            done.push("");
            break;
        }
        done.push(segment);
    }
    Some(done.join("/"))
}

/// For `--data`: `@file`, or a bare file.
fn data(typed: &OsStr, home: Option<&Path>) -> Vec<CompletionCandidate> {
    match typed.to_str().and_then(|typed| typed.strip_prefix('@')) {
        Some(file) => files(file, "@", home),
        None => PathCompleter::file().complete(typed),
    }
}

/// For `--field` and `--form`: the file in `name=@file`.
fn file_of_field(typed: &OsStr, home: Option<&Path>) -> Vec<CompletionCandidate> {
    let Some((name, file)) = typed.to_str().and_then(|typed| typed.split_once("=@")) else {
        return Vec::new();
    };
    files(file, &format!("{name}=@"), home)
}

/// Files, in the home directory after `~/`, which no shell expands behind an `@`.
fn files(typed: &str, before: &str, home: Option<&Path>) -> Vec<CompletionCandidate> {
    if let (Some(below), Some(home)) = (typed.strip_prefix("~/"), home) {
        let found = PathCompleter::file().current_dir(home).complete(OsStr::new(below));
        let before = format!("{before}~/");
        return found.into_iter().map(|candidate| candidate.add_prefix(&before)).collect();
    }
    let found = PathCompleter::file().complete(OsStr::new(typed));
    found.into_iter().map(|candidate| candidate.add_prefix(before)).collect()
}

/// Bash with a script of our own: clap's takes words as readline splits them, so that nothing is
/// completed after the `=` of `--color=a` and the `@` of `-d @video`.
struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        _var: &str,
        _name: &str,
        _bin: &str,
        _completer: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(include_bytes!("heygen.bash"))
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        current_dir: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        env::Bash.write_complete(command, words, current_dir, out)
    }
}

/// zsh with a script that works from its first Tab: clap's only defines the function when it is
/// loaded from a folder in `fpath`, which is at that Tab.
struct Zsh;

impl EnvCompleter for Zsh {
    fn name(&self) -> &'static str {
        "zsh"
    }

    fn is(&self, name: &str) -> bool {
        name == "zsh"
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut script = Vec::new();
        env::Zsh.write_registration(var, name, bin, completer, &mut script)?;
        // With its slash, since the path without it may be another endpoint; and no space after `=`.
        let script = String::from_utf8_lossy(&script)
            .replace("[[ \"$value\" == */ ]]", r#"[[ "$value" == *[/=\[] ]]"#)
            .replace("                local dir_no_slash=\"${value%/}\"\n", "")
            .replace("$dir_no_slash", "$value")
            .replace("dirs -S '/' -r '/'", "dirs -S ''");
        let script = script.replace(
            "\ncompdef _clap_dynamic_completer_heygen heygen\n",
            "\nif [[ \"${funcstack[1]}\" == _heygen ]]; then\n    \
             _clap_dynamic_completer_heygen \"$@\"\nelse\n    \
             compdef _clap_dynamic_completer_heygen heygen\nfi\n",
        );
        out.write_all(script.as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        current_dir: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        env::Zsh.write_complete(command, words, current_dir, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_endpoints_up_to_placeholder() {
        let check = |template: &str, typed: &str, expected: Option<&str>| {
            assert_eq!(continued(template, typed).as_deref(), expected, "{template} {typed}");
        };
        check("v3/videos", "", Some("v3/videos"));
        check("v3/videos", "v3/vi", Some("v3/videos"));
        check("v3/videos", "v3/videos", Some("v3/videos"));
        check("v3/videos", "v3/voices", None);
        check("v3/videos/{id}", "v3/vi", Some("v3/videos/"));
        check("v3/videos/{id}/scenes", "v3/videos/", None);
        check("v3/videos/{id}/scenes", "v3/videos/abc/", Some("v3/videos/abc/scenes"));
        check("v3/videos/{id}/scenes", "v3/videos//s", None);
        check("v3/a/{b}/c/{d}", "v3/a/1/", Some("v3/a/1/c/"));
        check("v3/videos", "v3/videos/abc/x", None);
    }

    #[test]
    fn completes_endpoints_of_the_method() {
        let offered = |method: &str, typed: &str| -> Vec<String> {
            endpoints(method, OsStr::new(typed))
                .iter()
                .map(|candidate| candidate.get_value().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(offered("PATCH", "/v3/avatars/l"), ["/v3/avatars/looks/"]);
        assert_eq!(offered("GET", "v3/api"), ["v3/api_keys/self"]);
        assert_eq!(offered("POST", "/v3/video-agents/s1/s"), ["/v3/video-agents/s1/stop"]);
        assert!(offered("DELETE", "").iter().all(|path| path.starts_with("/v3/")));
        assert!(offered("GET", "/v2/av").contains(&"/v2/avatars".to_owned()));
    }
}
