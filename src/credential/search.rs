//! The `.env` files that belong to a working directory.
//!
//! The working directory's own are always read. A repository's are read from anywhere inside
//! it: the search climbs to the first directory that has `.git`. Without one it does not climb,
//! and it never enters the home directory or the root: what lies there belongs to no project.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::Owner;
use crate::env::Env;

/// The names in one directory; the first takes precedence.
const NAMES: [&str; 2] = [".env.local", ".env"];

/// The path of a `.env` file, which may not exist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EnvFile {
    pub(super) path: PathBuf,
    /// The path as a person at the working directory would name it: `../.env`.
    pub(super) shown: String,
    /// The owners whose files are read there.
    pub(super) owner: Owner,
}

/// Returns every path to read, nearest first.
pub(super) fn env_files(env: &Env) -> Vec<EnvFile> {
    let mut files = Vec::new();
    for (steps_up, directory) in directories(env).into_iter().enumerate() {
        let (way, owner) = match steps_up {
            0 => ("./".to_owned(), Owner::Anyone),
            steps_up => ("../".repeat(steps_up), Owner::UserOrRoot),
        };
        files.extend(NAMES.iter().map(|name| EnvFile {
            path: directory.join(name),
            shown: format!("{way}{name}"),
            owner,
        }));
    }
    files
}

/// The extent of the search in words: `here`, `from here up to ~/site`.
pub(super) fn reach(env: &Env) -> String {
    match directories(env).split_first() {
        Some((_, [.., top])) => format!("from here up to {}", with_tilde(top, env.home())),
        _ => "here".to_owned(),
    }
}

/// The working directory, then the ones above it up to that with `.git`.
fn directories(env: &Env) -> Vec<&Path> {
    let current_dir = env.current_dir();
    // A deleted working directory has no path.
    if current_dir.as_os_str().is_empty() {
        return Vec::new();
    }
    let homes = homes(env);
    let belongs_to_no_project = |directory: &Path| {
        directory.parent().is_none() || homes.iter().any(|home| home == directory)
    };
    let mut directories = Vec::new();
    for directory in
        current_dir.ancestors().take_while(|directory| !belongs_to_no_project(directory))
    {
        directories.push(directory);
        if directory.join(".git").exists() {
            return directories;
        }
    }
    vec![current_dir]
}

/// The home directory as it is named, and with symlinks resolved.
fn homes(env: &Env) -> Vec<PathBuf> {
    let named = env.home().map(Path::to_owned);
    let real = named.as_deref().and_then(|home| fs::canonicalize(home).ok());
    named.into_iter().chain(real).collect()
}

fn with_tilde(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(below) => Path::new("~").join(below).display().to_string(),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Makes the folders, and says which files are looked at from `current_dir` with `home`, and
    /// how far the search goes.
    fn check(
        folders: &[&str],
        current_dir: &str,
        home: &str,
        files: &[&str],
        expected_reach: &str,
    ) {
        let root = TempDir::new().expect("a scratch folder");
        for folder in folders {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        let env = Env::of(&[], root.path().join(current_dir), Some(root.path().join(home)));
        let shown: Vec<String> = env_files(&env).into_iter().map(|file| file.shown).collect();
        assert_eq!(shown, files, "{current_dir}");
        assert_eq!(reach(&env), expected_reach, "{current_dir}");
    }

    #[test]
    fn searches_up_to_the_repository() {
        let here = ["./.env.local", "./.env"];
        let one_up = ["./.env.local", "./.env", "../.env.local", "../.env"];
        let two_up = [&one_up[..], &["../../.env.local", "../../.env"]].concat();
        check(
            &["home/site/.git", "home/site/a"],
            "home/site/a",
            "home",
            &one_up,
            "from here up to ~/site",
        );
        check(
            &["home/site/.git", "home/site/a/b"],
            "home/site/a/b",
            "home",
            &two_up,
            "from here up to ~/site",
        );
        check(&["home/site/.git"], "home/site", "home", &here, "here");
        check(&["home/a/b"], "home/a/b", "home", &here, "here");
        // A home that is a repository is not climbed into.
        check(&["home/.git", "home/a"], "home/a", "home", &here, "here");
        check(&["home/.git", ".git"], "home", "home", &here, "here");
        check(&[".git", "home"], "home", "home", &here, "here");
    }

    #[test]
    fn survives_deleted_and_root_directories() {
        let env = Env::of(&[], "", None);
        assert_eq!(env_files(&env), []);
        assert_eq!(reach(&env), "here");
        let files = env_files(&Env::of(&[], "/", None));
        assert_eq!(files.len(), NAMES.len());
        assert_eq!(env_files(&Env::of(&[], "/no/such/folder", None)).len(), NAMES.len());
    }

    #[test]
    fn git_files_mark_worktrees() {
        let root = TempDir::new().expect("a scratch folder");
        fs::create_dir(root.path().join("a")).expect("a folder");
        fs::write(root.path().join(".git"), "gitdir: elsewhere").expect("a file");
        let files = env_files(&Env::of(&[], root.path().join("a"), None));
        let owners: Vec<Owner> = files.iter().map(|file| file.owner).collect();
        assert_eq!(owners, [Owner::Anyone, Owner::Anyone, Owner::UserOrRoot, Owner::UserOrRoot]);
    }

    #[cfg(unix)]
    #[test]
    fn resolves_symlinks_to_the_home() {
        let root = TempDir::new().expect("a scratch folder");
        let real = fs::canonicalize(root.path()).expect("a real path").join("data");
        fs::create_dir_all(real.join("site")).expect("a folder");
        fs::create_dir(real.join(".git")).expect("a folder");
        let linked = root.path().join("home");
        std::os::unix::fs::symlink(&real, &linked).expect("a link");
        assert_eq!(env_files(&Env::of(&[], real.join("site"), Some(linked))).len(), NAMES.len());
    }
}
