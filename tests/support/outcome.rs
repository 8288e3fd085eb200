//! The outcome of a run: exit code, output, requests and files.
//!
//! Scope: facts for a test to look at. The comparison was made before, in `running.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::recorded::Recorded;
use super::{Setting, Test};

/// The outcome of a run of the program.
pub(crate) struct Outcome<'server> {
    /// The exit code, unless a signal ended the program.
    pub(crate) code: Option<i32>,
    /// The signal that ended the program.
    pub(crate) signal: Option<i32>,
    /// Text as shown; on a terminal `\r\n` is `\n` again.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) stdout_bytes: Vec<u8>,
    pub(crate) stderr_bytes: Vec<u8>,
    /// The entered text that a terminal on stdin showed.
    pub(crate) echoed: String,
    /// The requests that the server received during this run.
    pub(crate) requests: Vec<Recorded>,
    /// From start to exit.
    pub(crate) took: Duration,
    pub(super) setting: Setting<'server>,
}

impl<'server> Outcome<'server> {
    /// Another run in the same world: folders, variables, key and server stay, expectations start
    /// afresh.
    pub(crate) fn then(self, arguments: &[&str]) -> Test<'server> {
        Test::within(arguments, self.setting)
    }

    /// The content of a file below the test's folder.
    #[track_caller]
    pub(crate) fn file(&self, path: &str) -> Vec<u8> {
        read_file(&real_path(&self.setting.work_folder).join(path))
    }

    /// The content of a file below the home folder.
    #[track_caller]
    pub(crate) fn home_file(&self, path: &str) -> Vec<u8> {
        read_file(&self.home().join(path))
    }

    /// The home folder.
    pub(crate) fn home(&self) -> PathBuf {
        real_path(&self.setting.home_folder)
    }

    /// The test's folder.
    pub(crate) fn work(&self) -> PathBuf {
        real_path(&self.setting.work_folder)
    }

    /// The files below the test's folder in alphabetical order, as in `sub/file`.
    pub(crate) fn files(&self) -> Vec<String> {
        names_below(&self.work())
    }

    /// The same for the home folder.
    pub(crate) fn home_files(&self) -> Vec<String> {
        names_below(&self.home())
    }
}

/// The folder as the program sees it: on macOS temporary folders are behind a link.
pub(super) fn real_path(folder: &TempDir) -> PathBuf {
    let path = folder.path();
    // On Windows a resolved path has a form that few programs print.
    if cfg!(windows) {
        return path.to_owned();
    }
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[track_caller]
fn read_file(path: &Path) -> Vec<u8> {
    match fs::read(path) {
        Ok(content) => content,
        Err(error) => panic!("reading `{}`: {error}", path.display()),
    }
}

/// Adds every regular file below `folder`. Links are not followed, and what cannot be read holds
/// nothing of ours.
pub(super) fn collect_files(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect_files(&entry.path(), files),
            Ok(kind) if kind.is_file() => drop(files.insert(entry.path())),
            _ => {}
        }
    }
}

fn names_below(folder: &Path) -> Vec<String> {
    let mut files = BTreeSet::new();
    collect_files(folder, &mut files);
    let below =
        |path: &PathBuf| Some(path.strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/"));
    files.iter().filter_map(below).collect()
}
