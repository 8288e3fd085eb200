//! The API key and where it came from.
//!
//! The order of precedence: `--api-key-file` or `--env-file`, each the only source when given;
//! the variable `HEYGEN_API_KEY`; `.env.local` and `.env`, as far as `search.rs` goes; the
//! credentials file of HeyGen's own tools. Every source is one function here that returns a
//! [`Credential`], or [`Error::NoKey`], after which the next source is tried, or
//! [`Error::UnusableKey`], which ends the search: an invalid key is never silently replaced by
//! another one.
//!
//! No error contains any text of a file or a variable: only names, line numbers and reasons.

mod credentials_file;
mod env_file;
mod file;
mod inspect;
mod near_miss;
mod search;
mod store;

use std::io::{self, Read};
use std::iter;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::{Error, KeyFlaw, KeyMark, NearMiss, OnlySource, Place, Source};
use crate::secret::{Secret, looks_like_key};

pub use inspect::inspect;
pub use store::{Session, remove, storable, store};

use file::{Owner, Unread};
use search::EnvFile;

/// The variable with the key, in the environment and in `.env` files, as in HeyGen's own command
/// line.
pub const VARIABLE: &str = "HEYGEN_API_KEY";

/// The name that reports give the `.env` files together.
const ENV_FILES: &str = ".env.local and .env";

/// A key that may be sent, and where it came from.
#[derive(Clone)]
pub struct Credential {
    pub key: Secret,
    /// The place that it came from.
    pub source: Source,
}

impl Credential {
    /// Describes the key for reports, with the keys that [`shadowed`] found.
    pub fn mark(&self, shadowed: Vec<(String, Source)>) -> KeyMark {
        KeyMark {
            masked: self.key.masked(),
            source: self.source.clone(),
            shadowed,
            looks_foreign: self.key.looks_foreign(),
        }
    }
}

/// The places to search, as the flags for keys choose them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `--api-key-file`: the only source, if given.
    pub key_file: Option<KeyFile>,
    /// `--env-file`: the only source, if given without a key file.
    pub env_file: Option<PathBuf>,
    /// True unless `--no-env-file` is given.
    pub search_env_files: bool,
}

/// The argument of `--api-key-file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile {
    /// A file with the key and nothing else.
    Path(PathBuf),
    /// Standard input, written `-`.
    Stdin,
}

/// Finds the key with the highest precedence.
///
/// # Errors
/// [`Error::NoKey`] if no place has one, [`Error::UnusableKey`] if the first place that has one has
/// an invalid one.
pub fn find(places: &Places, env: &Env, stdin: &mut dyn Read) -> Result<Credential, Error> {
    let flag = match (&places.key_file, &places.env_file) {
        (Some(_), _) => Some(OnlySource::KeyFile),
        (None, Some(_)) => Some(OnlySource::EnvFile),
        (None, None) => None,
    };
    look_up(places, env, stdin).map_err(|error| with_only_source(error, flag))
}

fn with_only_source(error: Error, only_source: Option<OnlySource>) -> Error {
    match error {
        Error::NoKey { looked_at, .. } => Error::NoKey { looked_at, only_source },
        other => other,
    }
}

fn look_up(places: &Places, env: &Env, stdin: &mut dyn Read) -> Result<Credential, Error> {
    match (&places.key_file, &places.env_file) {
        (Some(KeyFile::Stdin), _) => from_stdin(stdin),
        (Some(KeyFile::Path(path)), _) => {
            let text = file::given(&env.current_dir().join(path));
            let path = shown(path, &text);
            in_key_file(text, Source::KeyFile { path })
        }
        (None, Some(path)) => {
            let text = file::given(&env.current_dir().join(path));
            let path = shown(path, &text);
            in_env_file(text, &path)
        }
        (None, None) => find_in_order(places, env),
    }
}

/// Reads the key to be stored from stdin.
///
/// # Errors
/// As [`find`], with stdin as the only place.
pub fn from_stdin(stdin: &mut dyn Read) -> Result<Credential, Error> {
    to_be_stored(file::text_of(stdin), Source::Stdin)
}

/// Takes the key that was entered at a terminal.
///
/// # Errors
/// As [`find`], with the terminal as the only place.
pub fn entered(text: &str) -> Result<Credential, Error> {
    to_be_stored(Ok(text.to_owned()), Source::Prompt)
}

fn to_be_stored(text: Result<String, Unread>, source: Source) -> Result<Credential, Error> {
    in_key_file(text, source).map_err(|error| with_only_source(error, Some(OnlySource::Login)))
}

/// The value of the variable, valid as a key or not, to be masked from the start. `None` if it is
/// empty or a word such as `undefined`, which errors must be able to name.
pub fn secret_in(env: &Env) -> Option<Secret> {
    let value = env.text(VARIABLE).ok().flatten()?.trim();
    match inspect(value) {
        Err(KeyFlaw::Empty | KeyFlaw::NoValue(_)) => None,
        _ => Some(Secret::new(value)),
    }
}

/// Finds the shadowed keys: different ones, masked, at places over which the used key takes
/// precedence. Reads the places again and skips broken ones.
pub fn shadowed(used: &Credential, places: &Places, env: &Env) -> Vec<(String, Source)> {
    if places.key_file.is_some() || places.env_file.is_some() {
        return Vec::new();
    }
    in_every_place(places, env)
        .into_iter()
        .skip_while(|credential| credential.source != used.source)
        .filter(|credential| credential.key != used.key)
        .map(|credential| (credential.key.masked(), credential.source))
        .collect()
}

/// Every key that a command here could use, also those that another one takes precedence over.
/// Stdin is not read.
pub fn every_key(places: &Places, env: &Env) -> Vec<Secret> {
    let given = (places.key_file != Some(KeyFile::Stdin))
        .then(|| look_up(places, env, &mut io::empty()).ok())
        .flatten();
    let found = in_every_place(places, env);
    given.into_iter().chain(found).map(|credential| credential.key).collect()
}

/// The same without a key that comes through a pipe, which can be read once: for errors, after a
/// command has looked for its key or without that.
pub fn stored_keys(places: &Places, env: &Env) -> Vec<Secret> {
    let given = match (&places.key_file, &places.env_file) {
        (Some(KeyFile::Path(path)), _) | (None, Some(path)) => Some(path),
        _ => None,
    };
    let is_file = |path: &PathBuf| env.current_dir().join(path).is_file();
    match given {
        Some(path) if !is_file(path) => {
            let rest = Places { key_file: None, env_file: None, ..places.clone() };
            every_key(&rest, env)
        }
        _ => every_key(places, env),
    }
}

fn in_every_place(places: &Places, env: &Env) -> Vec<Credential> {
    let env_files = if places.search_env_files { search::env_files(env) } else { Vec::new() };
    iter::once(in_environment(env))
        .chain(env_files.iter().map(in_discovered_env_file))
        .chain(iter::once(in_credentials_file(env)))
        .flatten()
        .collect()
}

/// The name of a given file for reports. It may be the key itself, entered in the wrong place: a name
/// that looks like one and is not a file is hidden.
fn shown(path: &Path, text: &Result<String, Unread>) -> String {
    let name = path.display().to_string();
    let is_absent = matches!(text, Err(Unread::Absent));
    if is_absent && looks_like_key(&name) { "…".to_owned() } else { name }
}

fn find_in_order(places: &Places, env: &Env) -> Result<Credential, Error> {
    // A source is read only if no earlier one has a key.
    let sources = iter::once_with(|| in_environment(env))
        .chain(iter::once_with(|| in_env_files(places, env)))
        .chain(iter::once_with(|| in_credentials_file(env)));
    let mut looked_at = Vec::new();
    for result in sources {
        match result {
            Err(Error::NoKey { looked_at: places, .. }) => looked_at.extend(places),
            decided => return decided,
        }
    }
    Err(Error::NoKey { looked_at, only_source: None })
}

fn in_environment(env: &Env) -> Result<Credential, Error> {
    let Some(value) = env.raw(VARIABLE) else {
        return Err(not_in_environment(env));
    };
    let key = value.to_str().ok_or(KeyFlaw::NotPrintable).and_then(inspect);
    let when_empty = if env.is_set("CI") {
        "set, but empty; CI gives no secrets to runs from forks"
    } else {
        "set, but empty"
    };
    usable(key, Source::Environment, VARIABLE, when_empty)
}

fn not_in_environment(env: &Env) -> Error {
    let names = env.names().into_iter().filter_map(|name| name.to_str());
    let near: Vec<(NearMiss, &str)> = names
        .filter_map(|name| Some((near_miss::near_name(name)?, name)))
        .take(near_miss::MOST)
        .collect();
    let Some((miss, _)) = near.first() else {
        return no_key(VARIABLE, "not set");
    };
    let names: Vec<&str> = near.iter().map(|(_, name)| *name).collect();
    let is = if names.len() == 1 { "is" } else { "are" };
    missed(VARIABLE, format!("not set, but {} {is}", names.join(" and ")), Some(*miss))
}

fn in_env_files(places: &Places, env: &Env) -> Result<Credential, Error> {
    if !places.search_env_files {
        return Err(no_key(ENV_FILES, "not searched, as asked"));
    }
    let mut findings = Vec::new();
    let mut near_miss = None;
    for env_file in search::env_files(env) {
        match in_discovered_env_file(&env_file) {
            Err(Error::NoKey { looked_at, .. }) => {
                findings.extend(
                    looked_at.iter().map(|place| format!("{} {}", place.name, place.found)),
                );
                near_miss = near_miss.or(looked_at.iter().find_map(|place| place.near_miss));
            }
            decided => return decided,
        }
    }
    if findings.is_empty() {
        return Err(no_key(ENV_FILES, format!("not found {}", search::reach(env))));
    }
    Err(missed(ENV_FILES, findings.join("; "), near_miss))
}

/// Reads a file of the search. A missing one is not reported: most are.
fn in_discovered_env_file(env_file: &EnvFile) -> Result<Credential, Error> {
    match file::discovered(&env_file.path, env_file.owner) {
        Err(Unread::Absent) => Err(Error::NoKey { looked_at: Vec::new(), only_source: None }),
        text => in_env_file(text, &env_file.shown),
    }
}

fn in_env_file(text: Result<String, Unread>, path: &str) -> Result<Credential, Error> {
    let text = text.map_err(|unread| no_key(path, unread.to_string()))?;
    let Some(assignment) = env_file::last_assignment(&text) else {
        let misses = near_miss::near_misses(&text);
        let first = misses.first().map(|(miss, _)| *miss);
        let told: Vec<String> = misses.into_iter().map(|(_, told)| told).collect();
        let but = if told.is_empty() { "" } else { ", but " };
        let found = format!("has no line {VARIABLE}={but}{}", told.join(", "));
        return Err(missed(path, found, first));
    };
    let line = assignment.line;
    let source = Source::EnvFile { path: path.to_owned(), line };
    usable(assignment.key, source, path, &format!("line {line} is empty"))
}

fn in_credentials_file(env: &Env) -> Result<Credential, Error> {
    let Some((path, shown)) = credentials_file::locate(env) else {
        return Err(no_key(credentials_file::AT_HOME, "the home directory is unknown"));
    };
    let text = file::discovered(&path, Owner::Anyone)
        .map_err(|unread| no_key(&shown, unread.to_string()))?;
    let key = credentials_file::api_key(&text).map_err(|why| no_key(&shown, why))?;
    usable(inspect(&key), Source::CredentialsFile { path: shown.clone() }, &shown, "is empty")
}

fn in_key_file(text: Result<String, Unread>, source: Source) -> Result<Credential, Error> {
    let name = source.to_string();
    let text = text.map_err(|unread| no_key(&name, unread.to_string()))?;
    usable(inspect(&text), source, &name, "is empty")
}

/// Treats an empty key as a missing one; the user must fix any other flaw.
fn usable(
    key: Result<Secret, KeyFlaw>,
    source: Source,
    place: &str,
    when_empty: &str,
) -> Result<Credential, Error> {
    match key {
        Ok(key) => Ok(Credential { key, source }),
        Err(KeyFlaw::Empty) => Err(no_key(place, when_empty)),
        Err(flaw) => Err(Error::UnusableKey { source, flaw }),
    }
}

fn no_key(place: &str, found: impl Into<String>) -> Error {
    missed(place, found.into(), None)
}

fn missed(place: &str, found: String, near_miss: Option<NearMiss>) -> Error {
    let place = Place { name: place.to_owned(), found, near_miss };
    Error::NoKey { looked_at: vec![place], only_source: None }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use tempfile::TempDir;

    use super::*;

    const A: &str = "sk_V2_hgu_key_AAAA";
    const B: &str = "sk_V2_hgu_key_BBBB";

    /// A home with a repository `site` in it; commands run in `site/app`.
    struct Scene {
        home: TempDir,
        variables: Vec<(&'static str, &'static str)>,
        places: Places,
    }

    impl Scene {
        fn new(files: &[(&str, &str)]) -> Scene {
            let home = TempDir::new().expect("a scratch folder");
            for folder in ["site/.git", "site/app", ".heygen"] {
                fs::create_dir_all(home.path().join(folder)).expect("a folder");
            }
            for (path, text) in files {
                fs::write(home.path().join(path), text).expect("a file");
            }
            let places = Places { key_file: None, env_file: None, search_env_files: true };
            Scene { home, variables: Vec::new(), places }
        }

        fn variable(mut self, name: &'static str, value: &'static str) -> Scene {
            self.variables.push((name, value));
            self
        }

        fn key_file(mut self, key_file: KeyFile) -> Scene {
            self.places.key_file = Some(key_file);
            self
        }

        fn env_file(mut self, path: &str) -> Scene {
            self.places.env_file = Some(path.into());
            self
        }

        fn no_env_file(mut self) -> Scene {
            self.places.search_env_files = false;
            self
        }

        fn env(&self) -> Env {
            let home = self.home.path();
            Env::of(&self.variables, home.join("site/app"), Some(home.to_owned()))
        }

        fn find(&self, stdin: &str) -> Result<Credential, Error> {
            find(&self.places, &self.env(), &mut stdin.as_bytes())
        }
    }

    /// The outcome in one line, as reports show it.
    fn outcome(result: Result<Credential, Error>) -> String {
        match result {
            Ok(credential) => format!("{} from {}", credential.key.expose(), credential.source),
            Err(error) => iter::once(error.to_string())
                .chain(crate::app::advice::diagnose(&error).details)
                .collect::<Vec<_>>()
                .join("; "),
        }
    }

    fn check(scene: &Scene, expected: &str) {
        assert_eq!(outcome(scene.find("")), expected);
    }

    #[test]
    fn uses_the_first_source() {
        let key = |value: &str| format!("HEYGEN_API_KEY={value}\n");
        let all = |drop: usize| {
            let files = [
                ("site/app/.env.local", key("key-1")),
                ("site/app/.env", key("key-2")),
                ("site/.env.local", key("key-3")),
                ("site/.env", key("key-4")),
                (".heygen/credentials", r#"{"api_key": "key-5", "user": {}}"#.to_owned()),
            ];
            let files: Vec<(&str, &str)> =
                files[drop..].iter().map(|(path, text)| (*path, text.as_str())).collect();
            Scene::new(&files)
        };
        check(&all(0).variable(VARIABLE, "key-0"), "key-0 from HEYGEN_API_KEY");
        check(&all(0), "key-1 from ./.env.local, line 1");
        check(&all(1), "key-2 from ./.env, line 1");
        check(&all(2), "key-3 from ../.env.local, line 1");
        check(&all(3), "key-4 from ../.env, line 1");
        check(&all(4), "key-5 from ~/.heygen/credentials");
        check(&all(0).no_env_file(), "key-5 from ~/.heygen/credentials");
        check(
            &all(4).variable("HEYGEN_CONFIG_DIR", "elsewhere"),
            "no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found from \
             here up to ~/site), elsewhere/credentials (no such file)",
        );
    }

    #[test]
    fn given_files_are_the_only_source() {
        let files = [
            ("site/app/key.txt", "\u{feff}key-file\r\n"),
            ("site/app/two.txt", "key\nfile\n"),
            ("site/app/empty", " \n"),
            ("site/app/other.env", "export HEYGEN_API_KEY='key-env' # mine\n"),
            ("site/app/.env", "HEYGEN_API_KEY=never\n"),
        ];
        let scene = || Scene::new(&files).variable(VARIABLE, "never");
        let key_file = |path: &str| scene().key_file(KeyFile::Path(path.into()));
        check(&key_file("key.txt"), "key-file from key.txt");
        check(&key_file("key.txt").env_file("other.env"), "key-file from key.txt");
        check(&key_file("two.txt"), "two.txt has a line break inside the key (nothing was sent)");
        check(&key_file("empty"), "no API key found; looked at: empty (is empty)");
        check(&key_file("gone"), "no API key found; looked at: gone (no such file)");
        check(&key_file("."), "no API key found; looked at: . (cannot be read: is a directory)");
        check(&scene().env_file("other.env"), "key-env from other.env, line 1");
        check(&scene().env_file("gone"), "no API key found; looked at: gone (no such file)");
        check(
            &scene().env_file("key.txt"),
            "no API key found; looked at: key.txt (has no line HEYGEN_API_KEY=)",
        );

        let scene = scene().key_file(KeyFile::Stdin);
        assert_eq!(outcome(scene.find("key-stdin\n")), "key-stdin from stdin");
        assert_eq!(outcome(scene.find("")), "no API key found; looked at: stdin (is empty)");
        assert_eq!(
            outcome(find(&scene.places, &scene.env(), &mut io::repeat(b'x'))),
            "no API key found; looked at: stdin (is larger than 1 MB)",
        );
    }

    #[test]
    fn reports_every_place_without_a_key() {
        let nothing = "no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env";
        let no_file = "~/.heygen/credentials (no such file)";
        check(
            &Scene::new(&[]),
            &format!("{nothing} (not found from here up to ~/site), {no_file}"),
        );
        check(
            &Scene::new(&[]).no_env_file(),
            &format!("{nothing} (not searched, as asked), {no_file}"),
        );
        check(
            &Scene::new(&[("site/app/.env", "A=b"), ("site/.env", "\nHEYGEN_API_KEY=''")]),
            &format!(
                "{nothing} (./.env has no line HEYGEN_API_KEY=; ../.env line 2 is empty), {no_file}"
            ),
        );
        check(
            &Scene::new(&[(".heygen/credentials", r#"{"oauth": {"access_token": "t"}}"#)]),
            &format!(
                "{nothing} (not found from here up to ~/site), ~/.heygen/credentials (has an OAuth session of \
                 HeyGen's CLI, but no API key)"
            ),
        );
        let empty = |scene: Scene| outcome(scene.variable(VARIABLE, " ").find(""));
        assert!(empty(Scene::new(&[])).contains("HEYGEN_API_KEY (set, but empty), "));
        assert!(
            empty(Scene::new(&[]).variable("CI", "true")).contains(
                "HEYGEN_API_KEY (set, but empty; CI gives no secrets to runs from forks), "
            )
        );
        let homeless = find(&Scene::new(&[]).places, &Env::of(&[], "", None), &mut io::empty());
        assert_eq!(
            outcome(homeless),
            format!(
                "{nothing} (not found here), ~/.heygen/credentials (the home directory is unknown)"
            ),
        );
    }

    #[test]
    fn an_invalid_key_ends_the_search() {
        let files = [("site/.env", "HEYGEN_API_KEY=good-key")];
        check(
            &Scene::new(&files).variable(VARIABLE, "Bearer abc"),
            "HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent)",
        );
        check(
            &Scene::new(&[files[0], ("site/app/.env", "\nHEYGEN_API_KEY=a b")]),
            "./.env, line 2 has whitespace inside the key (nothing was sent)",
        );
        check(
            &Scene::new(&[(".heygen/credentials", r#"{"api_key": "a b"}"#)]),
            "~/.heygen/credentials has whitespace inside the key (nothing was sent)",
        );
    }

    #[test]
    fn skips_discovered_files_that_are_unfit() {
        let scene = Scene::new(&[("site/.env", "HEYGEN_API_KEY=good-key")]);
        fs::create_dir(scene.home.path().join("site/app/.env")).expect("a folder");
        fs::write(scene.home.path().join("site/app/.env.local"), vec![b'#'; (1 << 20) + 1])
            .expect("a large file");
        check(&scene, "good-key from ../.env, line 1");
    }

    #[test]
    fn shadowed_keys_come_later_and_differ() {
        let env_line = |key: &str| format!("HEYGEN_API_KEY={key}");
        let (line_a, line_b) = (env_line(A), env_line(B));
        let check = |scene: Scene, expected: &str| {
            let Ok(used) = scene.find(A) else { panic!("a key is there") };
            let mark = used.mark(shadowed(&used, &scene.places, &scene.env()));
            assert_eq!(mark.to_string(), expected);
        };
        let files = [
            ("site/app/.env.local", line_b.as_str()),
            ("site/app/.env", line_a.as_str()),
            ("site/.env.local", "HEYGEN_API_KEY=is broken"),
            ("site/.env", line_b.as_str()),
            (".heygen/credentials", B),
        ];
        check(
            Scene::new(&files[1..]),
            "./.env, line 1; it takes precedence over a different key (…BBBB) in ../.env, line 1 and a \
             different key (…BBBB) in ~/.heygen/credentials",
        );
        check(Scene::new(&files[1..]).variable(VARIABLE, B).no_env_file(), "HEYGEN_API_KEY");
        check(Scene::new(&files[..2]).no_env_file().variable(VARIABLE, A), "HEYGEN_API_KEY");
        check(Scene::new(&files[3..]), "../.env, line 1");
        check(Scene::new(&files).key_file(KeyFile::Stdin), "stdin");
    }
}
