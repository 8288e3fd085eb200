//! The environment, read once and then a value: tests pass pairs, and nothing is ever set.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variables, working directory and home directory of a process.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// Shared: a copy costs nothing.
    variables: Arc<HashMap<OsString, OsString>>,
    current_dir: PathBuf,
    home: Option<PathBuf>,
}

/// A variable whose value is not valid Unicode.
#[derive(Debug, PartialEq, Eq)]
pub struct NotUnicode {
    /// The variable's name.
    pub name: String,
}

/// A variable whose value means neither yes nor no.
#[derive(Debug, PartialEq, Eq)]
pub struct NotYesOrNo {
    /// The variable's name.
    pub name: String,
}

/// The command line, starting with the program's own name.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// The file of this program.
///
/// # Errors
/// The system does not tell it.
pub fn program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// A value for `PATH`: this folder first, then those of another value.
///
/// # Errors
/// The folder's name has the character that separates folders.
pub fn search_path(first: &Path, rest: Option<&OsStr>) -> io::Result<OsString> {
    // Programs that a search without `PATH` finds must be found still.
    let rest =
        rest.unwrap_or(if cfg!(unix) { OsStr::new("/usr/bin:/bin") } else { OsStr::new("") });
    let folders = std::iter::once(first.to_owned()).chain(std::env::split_paths(rest));
    std::env::join_paths(folders).map_err(io::Error::other)
}

impl Env {
    /// The environment of this process.
    pub fn of_process() -> Env {
        Env {
            variables: Arc::new(std::env::vars_os().collect()),
            // A deleted working directory has no name; relative files are then not found.
            current_dir: std::env::current_dir().unwrap_or_default(),
            home: std::env::home_dir().filter(|home| home.is_absolute()),
        }
    }

    /// An environment made of pairs, for tests and for showing what a command would do elsewhere.
    pub fn of(
        pairs: &[(&str, &str)],
        current_dir: impl Into<PathBuf>,
        home: Option<PathBuf>,
    ) -> Env {
        Env {
            variables: Arc::new(
                pairs.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            ),
            current_dir: current_dir.into(),
            home,
        }
    }

    /// The value as it is, empty or not text included.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// All variables with their values.
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The names of all variables that are set and not empty, in order.
    pub fn names(&self) -> Vec<&OsStr> {
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        let mut names: Vec<&OsStr> = set.map(|(name, _)| name.as_os_str()).collect();
        names.sort_unstable();
        names
    }

    /// The value as text. Empty is unset, as everywhere in this program.
    ///
    /// # Errors
    /// The value is not Unicode.
    pub fn text(&self, name: &str) -> Result<Option<&str>, NotUnicode> {
        match self.raw(name).map(OsStr::to_str) {
            None | Some(Some("")) => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(NotUnicode { name: name.to_owned() }),
        }
    }

    /// The variable as a path; `None` if unset or empty.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// The variable as a boolean: `1`, `true`, `yes`; or `0`, `false`, `no`, empty, unset.
    ///
    /// # Errors
    /// It has another value.
    pub fn switch(&self, name: &str) -> Result<bool, NotYesOrNo> {
        let value = self.raw(name).map(|value| value.to_string_lossy().to_ascii_lowercase());
        match value.as_deref().unwrap_or_default() {
            "" | "0" | "false" | "no" => Ok(false),
            "1" | "true" | "yes" => Ok(true),
            _ => Err(NotYesOrNo { name: name.to_owned() }),
        }
    }

    /// Returns true if the variable is set and not empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|value| !value.is_empty())
    }

    /// The working directory; empty if it was deleted under the process.
    pub fn current_dir(&self) -> &Path {
        &self.current_dir
    }

    /// The path with the home directory in place of a leading `~`, which a shell expands only at the
    /// beginning of a word: not in `@~/file` or `--ca-cert=~/file`.
    pub fn at_home(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }

    /// The user's home directory, if there is one.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_tilde_is_home() {
        let check = |path: &str, home: Option<&str>, expected: &str| {
            let env = Env::of(&[], "/", home.map(PathBuf::from));
            assert_eq!(env.at_home(Path::new(path)), Path::new(expected));
        };
        check("~/a/b", Some("/home/ana"), "/home/ana/a/b");
        check("~", Some("/home/ana"), "/home/ana");
        check("~bo/a", Some("/home/ana"), "~bo/a");
        check("a/~/b", Some("/home/ana"), "a/~/b");
        check("~/a", None, "~/a");
    }

    #[test]
    fn empty_counts_as_unset() {
        let env = Env::of(&[("A", ""), ("B", "b"), ("C", "Yes"), ("D", "0")], "/", None);
        let not_a_switch = NotYesOrNo { name: "B".to_owned() };
        assert_eq!(env.text("A"), Ok(None));
        assert_eq!(env.raw("A"), Some(OsStr::new("")));
        assert_eq!(env.text("B"), Ok(Some("b")));
        assert_eq!(env.text("MISSING"), Ok(None));
        assert_eq!(["A", "C", "D"].map(|name| env.switch(name)), [Ok(false), Ok(true), Ok(false)]);
        assert_eq!(env.switch("B"), Err(not_a_switch));
        assert!(env.is_set("B") && !env.is_set("A"));
        assert_eq!(env.names(), ["B", "C", "D"]);
    }
}
