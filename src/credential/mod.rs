//! The API key and where it came from.
//!
//! The order, best first: `--api-key-file` or `--env-file`, each the only source when given;
//! the variable `HEYGEN_API_KEY`; `.env.local` and `.env`, as far as `search.rs` goes; the
//! credentials file of HeyGen's own tools. Every source is one function here that returns a
//! [`Credential`], or [`Error::NoKey`] where the next source has its turn, or
//! [`Error::UnusableKey`], which ends the search: a broken key is never replaced by another one
//! behind the user's back.
//!
//! No error holds any text of a file or a variable: only names, line numbers and reasons.

mod credentials_file;
mod env_file;
mod file;
mod inspect;
mod search;
mod store;

use std::io::Read;
use std::iter;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::{Error, KeyFlaw, KeyMark, Place, Source};
use crate::secret::{Secret, looks_like_key};

pub use inspect::inspect;
pub use store::{Removed, Session, Stored, remove, storable, store};

use file::{Owner, Unread};
use search::EnvFile;

/// The variable that holds the key, in the environment and in `.env` files; the name is that of
/// HeyGen's own command line.
pub const VARIABLE: &str = "HEYGEN_API_KEY";

/// How the `.env` files are called together in a report.
const ENV_FILES: &str = ".env.local and .env";

/// A key that may be sent, and where it came from.
#[derive(Clone)]
pub struct Credential {
    /// The key.
    pub key: Secret,
    /// Where it came from.
    pub source: Source,
}

impl Credential {
    /// The key as reports may show it, with what [`losers`] found.
    pub fn mark(&self, goes_before: Vec<(String, Source)>) -> KeyMark {
        KeyMark {
            masked: self.key.masked(),
            source: self.source.clone(),
            goes_before,
            looks_foreign: self.key.looks_foreign(),
        }
    }
}

/// Which places are looked at: what the flags for keys say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `--api-key-file`: the only source, if given.
    pub key_file: Option<KeyFile>,
    /// `--env-file`: the only source, if given without a key file.
    pub env_file: Option<PathBuf>,
    /// Whether `.env` files are searched for; `--no-env-file` says no.
    pub search_env_files: bool,
}

/// What `--api-key-file` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile {
    /// A file that holds the key and nothing else.
    Path(PathBuf),
    /// Standard input, written `-`.
    Stdin,
}

/// The first key of the order, looked up now.
///
/// # Errors
/// [`Error::NoKey`] if no place has one, [`Error::UnusableKey`] if the first that has one holds
/// what cannot be a key.
pub fn find(places: &Places, env: &Env, stdin: &mut dyn Read) -> Result<Credential, Error> {
    let flag = match (&places.key_file, &places.env_file) {
        (Some(_), _) => Some("--api-key-file"),
        (None, Some(_)) => Some("--env-file"),
        (None, None) => None,
    };
    look_up(places, env, stdin).map_err(|error| match error {
        Error::NoKey { looked_at, .. } => Error::NoKey { looked_at, only_source: flag },
        other => other,
    })
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

/// The key that was read from stdin.
///
/// # Errors
/// As [`find`], with stdin as the only place.
pub fn from_stdin(stdin: &mut dyn Read) -> Result<Credential, Error> {
    in_key_file(file::text_of(stdin), Source::Stdin)
}

/// The key that was typed at a terminal.
///
/// # Errors
/// As [`find`], with the terminal as the only place.
pub fn typed(text: &str) -> Result<Credential, Error> {
    in_key_file(Ok(text.to_owned()), Source::Prompt)
}

/// Different keys at places that come later in the order than the winner's, masked, for
/// reports. The places are read now; one that is broken is skipped.
pub fn losers(winner: &Credential, places: &Places, env: &Env) -> Vec<(String, Source)> {
    if places.key_file.is_some() || places.env_file.is_some() {
        return Vec::new();
    }
    let env_files = if places.search_env_files { search::env_files(env) } else { Vec::new() };
    iter::once(in_environment(env))
        .chain(env_files.iter().map(in_discovered_env_file))
        .chain(iter::once(in_credentials_file(env)))
        .flatten()
        .skip_while(|credential| credential.source != winner.source)
        .filter(|credential| credential.key != winner.key)
        .map(|credential| (credential.key.masked(), credential.source))
        .collect()
}

/// The name of a given file. Somebody may have typed the key itself there: a name that looks like
/// one and leads to no file is not repeated.
fn shown(path: &Path, text: &Result<String, Unread>) -> String {
    let name = path.display().to_string();
    let is_absent = matches!(text, Err(Unread::Absent));
    if is_absent && looks_like_key(&name) { "…".to_owned() } else { name }
}

fn find_in_order(places: &Places, env: &Env) -> Result<Credential, Error> {
    // Each source is touched only when its turn comes.
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
        return Err(no_key(VARIABLE, "not set"));
    };
    let key = value.to_str().ok_or(KeyFlaw::NotPrintable).and_then(inspect);
    let when_empty = if env.is_set("CI") {
        "set, but empty; CI gives no secrets to runs from forks"
    } else {
        "set, but empty"
    };
    usable(key, Source::Environment, VARIABLE, when_empty)
}

fn in_env_files(places: &Places, env: &Env) -> Result<Credential, Error> {
    if !places.search_env_files {
        return Err(no_key(ENV_FILES, "not read: --no-env-file"));
    }
    let mut findings = Vec::new();
    for env_file in search::env_files(env) {
        match in_discovered_env_file(&env_file) {
            Err(Error::NoKey { looked_at, .. }) => {
                findings.extend(
                    looked_at.iter().map(|place| format!("{} {}", place.name, place.found)),
                );
            }
            decided => return decided,
        }
    }
    if findings.is_empty() {
        return Err(no_key(ENV_FILES, format!("none {}", search::reach(env))));
    }
    Err(no_key(ENV_FILES, findings.join("; ")))
}

/// A file of the search. One that is not there is not worth a word: most are not.
fn in_discovered_env_file(env_file: &EnvFile) -> Result<Credential, Error> {
    match file::discovered(&env_file.path, env_file.owner) {
        Err(Unread::Absent) => Err(Error::NoKey { looked_at: Vec::new(), only_source: None }),
        text => in_env_file(text, &env_file.shown),
    }
}

fn in_env_file(text: Result<String, Unread>, path: &str) -> Result<Credential, Error> {
    let text = text.map_err(|unread| no_key(path, unread.to_string()))?;
    let Some(assignment) = env_file::last_assignment(&text) else {
        return Err(no_key(path, format!("has no line {VARIABLE}=")));
    };
    let line = assignment.line;
    let source = Source::EnvFile { path: path.to_owned(), line };
    usable(assignment.key, source, path, &format!("line {line} is empty"))
}

fn in_credentials_file(env: &Env) -> Result<Credential, Error> {
    let Some((path, shown)) = credentials_file::locate(env) else {
        return Err(no_key(credentials_file::AT_HOME, "no home directory is known"));
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

/// A place that is left empty is a place without a key; any other flaw is the user's to mend.
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
    let place = Place { name: place.to_owned(), found: found.into() };
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

    /// Says in one line what was found, as reports do.
    fn outcome(result: Result<Credential, Error>) -> String {
        match result {
            Ok(credential) => format!("{} from {}", credential.key.expose(), credential.source),
            Err(error) => {
                iter::once(error.to_string()).chain(error.details()).collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn check(scene: &Scene, expected: &str) {
        assert_eq!(outcome(scene.find("")), expected);
    }

    #[test]
    fn first_source_takes_precedence() {
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
            "no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env (none from \
             here up to ~/site), elsewhere/credentials (no such file)",
        );
    }

    #[test]
    fn given_file_excludes_other_sources() {
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
    fn error_lists_searched_sources() {
        let nothing = "no API key found; looked at: HEYGEN_API_KEY (not set), .env.local and .env";
        let no_file = "~/.heygen/credentials (no such file)";
        check(&Scene::new(&[]), &format!("{nothing} (none from here up to ~/site), {no_file}"));
        check(
            &Scene::new(&[]).no_env_file(),
            &format!("{nothing} (not read: --no-env-file), {no_file}"),
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
                "{nothing} (none from here up to ~/site), ~/.heygen/credentials (an OAuth session of \
                 HeyGen's CLI, no API key)"
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
            format!("{nothing} (none here), ~/.heygen/credentials (no home directory is known)"),
        );
    }

    #[test]
    fn invalid_key_stops_the_search() {
        let files = [("site/.env", "HEYGEN_API_KEY=good-key")];
        check(
            &Scene::new(&files).variable(VARIABLE, "Bearer abc"),
            "HEYGEN_API_KEY starts with `Bearer `; HeyGen wants the bare key (nothing was sent)",
        );
        check(
            &Scene::new(&[files[0], ("site/app/.env", "\nHEYGEN_API_KEY=a b")]),
            "./.env, line 2 has a blank inside the key (nothing was sent)",
        );
        check(
            &Scene::new(&[(".heygen/credentials", r#"{"api_key": "a b"}"#)]),
            "~/.heygen/credentials has a blank inside the key (nothing was sent)",
        );
    }

    #[test]
    fn unfit_env_file_is_skipped() {
        let scene = Scene::new(&[("site/.env", "HEYGEN_API_KEY=good-key")]);
        fs::create_dir(scene.home.path().join("site/app/.env")).expect("a folder");
        fs::write(scene.home.path().join("site/app/.env.local"), vec![b'#'; (1 << 20) + 1])
            .expect("a large file");
        check(&scene, "good-key from ../.env, line 1");
    }

    #[test]
    fn shadowed_keys_differ_and_come_later() {
        let env_line = |key: &str| format!("HEYGEN_API_KEY={key}");
        let (line_a, line_b) = (env_line(A), env_line(B));
        let check = |scene: Scene, expected: &str| {
            let Ok(winner) = scene.find(A) else { panic!("a key is there") };
            let mark = winner.mark(losers(&winner, &scene.places, &scene.env()));
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
            "./.env, line 1; it goes before the different key …BBBB in ../.env, line 1 and the \
             different key …BBBB in ~/.heygen/credentials",
        );
        check(Scene::new(&files[1..]).variable(VARIABLE, B).no_env_file(), "HEYGEN_API_KEY");
        check(Scene::new(&files[..2]).no_env_file().variable(VARIABLE, A), "HEYGEN_API_KEY");
        check(Scene::new(&files[3..]), "../.env, line 1");
        check(Scene::new(&files).key_file(KeyFile::Stdin), "stdin");
    }
}
