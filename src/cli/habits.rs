//! Arguments that users of other tools give, and their equivalents here.

use clap::Command;

use super::field_names::{self, FieldName};
use crate::catalogue;
use crate::nearest::nearest;

/// The commands to which a habit applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Anywhere,
    /// Calls of an endpoint, also where the command is missing.
    Calls,
    /// Calls that have no body.
    WithoutBody,
    /// Calls that can have one.
    WithBody,
    Auth,
    /// In place of a command.
    Root,
    Other,
}

/// Words that are entered in some scope, and the hint for them.
struct Habit(Scope, &'static [&'static str], &'static str);

/// The hint for a key, or the flag for one, in an argument.
const NO_KEY: &str = "a key is never an argument: others would see it; it comes from \
     HEYGEN_API_KEY, a .env file or `heygen auth login`";

/// The same for the commands about keys.
const NO_KEY_TO_STORE: &str = "a key is never an argument: others would see it; \
     `heygen auth login` asks for it, or reads it from stdin";

/// Flags of curl, HTTPie, gh, jq and HeyGen's own command line.
const FLAGS: &[Habit] = &[
    Habit(
        Scope::Anywhere,
        &[
            "--api-key",
            "--apikey",
            "--key",
            "--token",
            "--api-token",
            "--auth",
            "--bearer",
            "-u",
            "--user",
        ],
        NO_KEY,
    ),
    Habit(
        Scope::Anywhere,
        &["-k", "--insecure", "--no-verify", "--verify"],
        "certificates are always checked; `--ca-cert FILE` trusts those of a file",
    ),
    Habit(
        Scope::Anywhere,
        &["-x", "--proxy"],
        "the proxy comes from the environment: see `heygen help environment`",
    ),
    Habit(
        Scope::Anywhere,
        &["--debug", "--trace"],
        "`-v` shows what is sent and received, `-vv` the headers and bodies too",
    ),
    Habit(
        Scope::WithoutBody,
        &[
            "-d",
            "--data",
            "--form",
            "--body-file",
            "--content-type",
            "--input",
            "--data-raw",
            "--data-binary",
            "--body",
            "--payload",
        ],
        "this method takes no body; `-Q` and `-f` go into the query",
    ),
    Habit(
        Scope::WithBody,
        &[
            "--input",
            "--data-raw",
            "--data-binary",
            "--data-ascii",
            "--body",
            "--json-body",
            "--payload",
        ],
        "a JSON body is given as `-d JSON`, `-d @FILE` or `-d -` (stdin)",
    ),
    Habit(
        Scope::WithBody,
        &["-T", "--upload-file", "--file"],
        "`--form NAME=@FILE` sends a form, `--body-file FILE` the bytes of a file",
    ),
    Habit(
        Scope::Calls,
        &["--json"],
        "responses are printed as JSON by default; `-o compact` prints one line",
    ),
    Habit(
        Scope::Calls,
        &["-G", "--get", "--params", "--param", "--data-urlencode", "--url-query"],
        "`-Q NAME=VALUE` adds to the query",
    ),
    Habit(Scope::Calls, &["--paginate", "--all-pages"], "`--all` prints all pages of a list"),
    Habit(
        Scope::Calls,
        &["-L", "--location", "--follow"],
        "redirects are not followed, so that the key stays with the API",
    ),
    Habit(
        Scope::Calls,
        &["-m", "--max-time", "--connect-timeout"],
        "`--timeout 30s` limits each attempt",
    ),
    Habit(
        Scope::Calls,
        &["-r", "--raw-output", "--raw"],
        "`-q` prints strings without quotes; `-o raw` prints the response as received",
    ),
    Habit(
        Scope::Calls,
        &["--format", "--table", "--csv", "--jsonl", "--compact", "--yaml", "--pretty", "-p"],
        "the format is `-o json`, compact, jsonl, table, csv or raw",
    ),
    Habit(
        Scope::Calls,
        &["--filter", "--template", "-t", "--select"],
        "`-q FILTER` runs a jq filter",
    ),
    Habit(
        Scope::Calls,
        &["--output-file", "--out", "--save-as", "-J", "--remote-name"],
        "`-O FILE` saves the response",
    ),
    Habit(
        Scope::Calls,
        &["-S", "--show-error", "--fail", "--fail-with-body", "--compressed"],
        "leave it out: that is always so",
    ),
    Habit(Scope::Calls, &["--silent"], "`-s` or `--quiet` suppresses notes and warnings"),
    Habit(Scope::Calls, &["-I", "--head"], "`heygen head ENDPOINT` prints status and headers"),
    Habit(Scope::Calls, &["-A", "--user-agent"], "write `-H 'User-Agent: VALUE'`"),
    Habit(Scope::Calls, &["-b", "--cookie"], "write `-H 'Cookie: NAME=VALUE'`"),
    Habit(
        Scope::Calls,
        &["--url", "--endpoint", "--path"],
        "the endpoint has no flag: `heygen get /v3/videos`",
    ),
];

/// Commands of other tools.
const COMMANDS: &[Habit] = &[
    Habit(
        Scope::Root,
        &["login", "signin", "config", "configure", "init", "setup"],
        "`heygen auth login` stores a key",
    ),
    Habit(Scope::Root, &["logout", "signout"], "`heygen auth logout` removes the stored key"),
    Habit(
        Scope::Root,
        &["check", "status", "whoami", "me", "doctor"],
        "`heygen auth check` checks the key",
    ),
    Habit(Scope::Root, &["version"], "`heygen --version` prints the version"),
    Habit(
        Scope::Root,
        &["api", "request", "call", "curl", "http", "fetch"],
        "the method is the command: `heygen get /v3/videos`",
    ),
    Habit(Scope::Root, &["list", "ls"], "`heygen get /v3/videos` lists videos"),
    Habit(Scope::Auth, &["help"], "`heygen help auth check` explains a command about keys"),
    Habit(
        Scope::Auth,
        &["whoami", "show", "list", "token", "verify", "test"],
        "`heygen auth check` checks the key",
    ),
    Habit(Scope::Auth, &["set", "add", "key", "api-key"], "`heygen auth login` stores a key"),
    Habit(Scope::Auth, &["remove", "delete", "rm"], "`heygen auth logout` removes the stored key"),
];

/// The hint for an argument that may be a key.
pub(super) fn no_key(path: &[&str]) -> String {
    if scope_of(path) == Scope::Auth { NO_KEY_TO_STORE } else { NO_KEY }.to_owned()
}

/// The words beside a flag that a hint can repeat; none of them may be a key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given<'g> {
    /// The value of the flag.
    pub(super) value: Option<&'g str>,
    /// The endpoint of the call.
    pub(super) operand: Option<&'g str>,
}

/// The hint for a flag that the command at the end of this path does not have.
pub(super) fn of_flag(flag: &str, path: &[&str], given: Given<'_>) -> Option<String> {
    with_values(flag, path, given).or_else(|| find(FLAGS, flag, path))
}

/// A hint that repeats the value of a flag, or the endpoint.
fn with_values(flag: &str, path: &[&str], given: Given<'_>) -> Option<String> {
    let (scope, value) = (scope_of(path), given.value);
    let is_call = [Scope::WithBody, Scope::WithoutBody].contains(&scope);
    match flag {
        "--yes" | "-y" | "--assume-yes" | "--no-input" if scope != Scope::Auth => {
            Some(format!("heygen asks no question; leave {flag} out"))
        }
        "-X" | "--request" | "--method" if is_call || scope == Scope::Root => {
            let method = value.map(str::to_lowercase);
            Some(match (method.filter(|method| METHODS.contains(&method.as_str())), given.operand) {
                (Some(method), Some(endpoint)) => {
                    format!("the method is the command: `heygen {method} {endpoint}`")
                }
                _ => "the method is the command: `heygen get ENDPOINT`, or head, post, put, patch, \
                      delete"
                    .to_owned(),
            })
        }
        "--json" if scope == Scope::WithBody && value.is_some_and(is_json) => {
            Some("a JSON body is given as `-d JSON`".to_owned())
        }
        "-p" if is_call && value.is_some_and(|value| value.contains('=')) => {
            value.map(|value| format!("a query parameter is written `-Q {}`", word(value)))
        }
        "--fields" if is_call => value.map(|value| {
            let value = word(value);
            format!("`-o table -c {value}` chooses columns, `-q FILTER` runs a jq filter")
        }),
        "--json" if scope == Scope::Auth => {
            Some("`-o json` prints JSON; in a pipe that is the default".to_owned())
        }
        "--scope" | "--scopes" | "--all" if scope == Scope::Auth && path.contains(&"check") => {
            Some("the report lists the scopes; `--need SCOPE` checks for one".to_owned())
        }
        "-n" | "--dry-run" if scope == Scope::Auth => Some("`--offline` asks nobody".to_owned()),
        "-f" | "--file" | "--with-token" | "--token" | "--key" | "--api-key"
            if path == ["auth", "login"] =>
        {
            Some("the key is read from stdin: `heygen auth login < FILE`".to_owned())
        }
        "-k" | "--insecure" if scope == Scope::Auth => None,
        "--download" | "--output-path" if is_call => {
            Some("`heygen download ID` fetches the file of a finished video".to_owned())
        }
        "--version" if is_call => Some("`heygen --version` prints the version".to_owned()),
        _ => None,
    }
}

/// The commands that make calls.
const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

fn is_json(value: &str) -> bool {
    value.starts_with(['{', '['])
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The hint for a flag that no tool is known to have, where it is a parameter or a field of the
/// endpoint, as HeyGen's own commands have them.
pub(super) fn of_parameter(flag: &str, path: &[&str], given: Given<'_>) -> Option<String> {
    let name = flag.strip_prefix("--")?.replace('-', "_");
    let method = path.first().filter(|method| METHODS.contains(method))?.to_uppercase();
    let endpoint = given.operand?.split('?').next()?.trim_start_matches('/');
    let operation = catalogue::find(&method, &format!("/{endpoint}"))?;
    let has = |fields: Vec<FieldName>| fields.iter().any(|field| field.name == name);
    let value = given.value.map_or_else(|| "VALUE".to_owned(), word);
    if has(field_names::of_query(operation)) {
        return Some(format!("a query parameter is written `-Q {name}={value}`"));
    }
    let is_of_body = scope_of(path) == Scope::WithBody && has(field_names::of_body(operation, &[]));
    is_of_body.then(|| format!("a field of the body is written `-f {name}={value}`"))
}

/// The hint for a command that does not exist.
pub(super) fn of_command(word: &str, path: &[&str], command: &Command) -> Option<String> {
    find(COMMANDS, word, path)
        .or_else(|| {
            let name = nearest(word, names(command), 1)?;
            Some(format!("a similar subcommand exists: '{name}'"))
        })
        .or_else(|| {
            let is_endpoint = path.is_empty() && is_endpoint(word);
            is_endpoint.then(|| format!("the method is the command: `heygen get {word}`"))
        })
}

/// The hint that lists the commands below one.
pub(super) fn list(command: &Command) -> String {
    let names: Vec<&str> = names(command).collect();
    let nouns =
        if command.get_name() == "heygen" { "; `heygen --help` lists the nouns" } else { "" };
    format!("the commands are {}{nouns}", names.join(", "))
}

fn names(command: &Command) -> impl Iterator<Item = &str> {
    command.get_subcommands().filter(|below| !below.is_hide_set()).map(Command::get_name)
}

/// The hint for an argument that a call has no place for.
pub(super) fn of_argument(argument: &str, path: &[&str]) -> Option<String> {
    let has_body = match scope_of(path) {
        Scope::WithBody => true,
        Scope::WithoutBody => false,
        _ => return None,
    };
    if argument.starts_with(['{', '[']) {
        return Some(match has_body {
            true => "a JSON body is given as `-d JSON`".to_owned(),
            false => "this method takes no body; `-Q` and `-f` go into the query".to_owned(),
        });
    }
    if let Some(file) = argument.strip_prefix('@').filter(|file| has_body && !file.is_empty()) {
        return Some(format!(
            "a JSON body is read from a file with `-d {}`",
            word(&format!("@{file}"))
        ));
    }
    let end = argument.find(|c: char| !c.is_ascii_alphanumeric() && !"_-[]".contains(c))?;
    let (name, rest) = argument.split_at(end);
    if name.is_empty() || rest.starts_with("://") {
        return None;
    }
    let field = if has_body { "-f" } else { "-Q" };
    // The value of a header may be a secret.
    let header = || format!("a header is written `-H '{name}: VALUE'`");
    rest.strip_prefix(":=")
        .map(|value| of_json_value(name, value))
        .or_else(|| {
            let value = rest.strip_prefix("==")?;
            Some(format!("a query parameter is written `-Q {}`", word(&format!("{name}={value}"))))
        })
        .or_else(|| {
            let file = rest.strip_prefix('@').filter(|file| has_body && !file.is_empty())?;
            let part = word(&format!("{name}=@{file}"));
            Some(format!("a part of a form is written `--form {part}`"))
        })
        .or_else(|| {
            let value = rest.strip_prefix('=')?;
            let what = if has_body { "a field of the body" } else { "a query parameter" };
            Some(format!("{what} is written `{field} {}`", word(&format!("{name}={value}"))))
        })
        .or_else(|| rest.starts_with(':').then(header))
}

/// The hint for `name:=value` of HTTPie.
fn of_json_value(name: &str, value: &str) -> String {
    match value.chars().next() {
        Some('[') => {
            let item = match serde_json::from_str::<Vec<serde_json::Value>>(value).as_deref() {
                Ok([serde_json::Value::String(first), ..]) => first.clone(),
                Ok([first, ..]) if !first.is_array() && !first.is_object() => first.to_string(),
                _ => "VALUE".to_owned(),
            };
            let item = item.replace('\'', r"'\''");
            format!("a list is written `-f '{name}[]={item}'`; any JSON is given with `-d`")
        }
        Some('{') => {
            format!("an object is written `-f '{name}[NAME]=VALUE'`; any JSON is given with `-d`")
        }
        _ => format!("a JSON value is written `-F {}`", word(&format!("{name}={value}"))),
    }
}

/// Returns whether a text in place of a command is a path or a URL.
fn is_endpoint(word: &str) -> bool {
    word.starts_with('/')
        || word.contains("://")
        || ["v1/", "v2/", "v3/"].iter().any(|version| word.starts_with(version))
}

fn find(habits: &[Habit], entered: &str, path: &[&str]) -> Option<String> {
    let here = scope_of(path);
    let is_call = [Scope::WithBody, Scope::WithoutBody, Scope::Root].contains(&here);
    let applies = |scope: Scope| match scope {
        Scope::Anywhere => true,
        Scope::Calls => is_call,
        one => one == here,
    };
    let habit =
        habits.iter().find(|Habit(scope, words, _)| applies(*scope) && words.contains(&entered));
    habit.map(|Habit(_, _, hint)| (*hint).to_owned())
}

/// The kind of command that the words after `heygen` name.
fn scope_of(path: &[&str]) -> Scope {
    match path.first() {
        None => Scope::Root,
        Some(&("get" | "head")) => Scope::WithoutBody,
        Some(&("post" | "put" | "patch" | "delete")) => Scope::WithBody,
        Some(&"auth") => Scope::Auth,
        Some(_) => Scope::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tree::tree;

    #[test]
    fn habits_exclude_our_own_flags() {
        let root = tree("heygen");
        let has = |command: &str, flag: &str| {
            let command = root.find_subcommand(command).expect("a command");
            command.get_arguments().any(|argument| {
                let long = argument.get_long().map(|long| format!("--{long}"));
                let short = argument.get_short().map(|short| format!("-{short}"));
                [long, short].iter().flatten().any(|name| name == flag)
            })
        };
        for Habit(scope, flags, _) in FLAGS {
            let command = if *scope == Scope::WithoutBody { "get" } else { "post" };
            for flag in *flags {
                assert!(!has(command, flag), "{command} has {flag}");
            }
        }
        for Habit(scope, words, _) in COMMANDS {
            let command = match scope {
                Scope::Auth => root.find_subcommand("auth").expect("a command"),
                _ => &root,
            };
            for word in *words {
                assert!(command.find_subcommand(word).is_none(), "{word} exists");
            }
        }
    }

    #[test]
    fn stray_arguments_are_shown_their_flag() {
        let check = |argument: &str, path: &[&str], expected: Option<&str>| {
            assert_eq!(of_argument(argument, path).as_deref(), expected, "{argument}");
        };
        let get = ["get"];
        check("limit=5", &get, Some("a query parameter is written `-Q limit=5`"));
        check("limit==5", &get, Some("a query parameter is written `-Q limit=5`"));
        check("title=a b", &["post"], Some("a field of the body is written `-f 'title=a b'`"));
        check("@a.json", &["post"], Some("a JSON body is read from a file with `-d @a.json`"));
        check("file@a.png", &["post"], Some("a part of a form is written `--form file=@a.png`"));
        let list = "a list is written `-f 'tags[]=a'`; any JSON is given with `-d`";
        check("tags:=[\"a\"]", &["post"], Some(list));
        let object = "an object is written `-f 'a[NAME]=VALUE'`; any JSON is given with `-d`";
        check("a:={\"b\":1}", &["post"], Some(object));
        check("n:=5", &["post"], Some("a JSON value is written `-F n=5`"));
        check("Accept:text/plain", &get, Some("a header is written `-H 'Accept: VALUE'`"));
        check("{\"a\":1}", &["post"], Some("a JSON body is given as `-d JSON`"));
        check("https://example.com", &get, None);
        check("/v3/x?a=b", &get, None);
        check("=5", &get, None);
        check("limit=5", &["man"], None);
    }
}
