//! The commands that fetch what is missing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Number;
use crate::app::advice;
use crate::jobs::files::What;

/// What is missing of a download, and how it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Resume {
    left: BTreeMap<Number, Left>,
    what: Option<What>,
    /// The place as it was given.
    given: Option<PathBuf>,
    /// There is room for several files in it.
    takes_many: bool,
    replaces: bool,
    skips: bool,
    /// The flags that other commands need too.
    flags: Vec<String>,
}

/// A file, or what leads to files, that is not there yet.
#[derive(Debug, Clone)]
struct Left {
    /// The name for `heygen download`.
    name: String,
    /// The file, where it is not the one that this name alone leads to.
    path: Option<PathBuf>,
    /// One of several files of its job.
    is_one_of: bool,
}

impl Resume {
    pub(super) fn new(downloads: &super::Downloads<'_>) -> Resume {
        let place = downloads.place;
        Resume {
            left: BTreeMap::new(),
            what: downloads.what,
            given: place.given().map(ToOwned::to_owned),
            takes_many: place.takes_many(),
            replaces: place.replaces(),
            skips: downloads.skips,
            flags: downloads.context.settings.flags.clone(),
        }
    }

    pub(super) fn add(&mut self, number: Number, name: &str, is_one_of: bool) {
        self.left.insert(number, Left { name: name.to_owned(), path: None, is_one_of });
    }

    pub(super) fn remove(&mut self, number: &Number) {
        self.left.remove(number);
    }

    /// Notes that a file has another name than the usual one.
    pub(super) fn goes_to(&mut self, number: &Number, path: PathBuf) {
        if let Some(left) = self.left.get_mut(number).filter(|left| !left.is_one_of) {
            left.path = Some(path);
        }
    }

    /// One place was too few for all of them.
    pub(super) fn needs_folder(&mut self) {
        if !self.takes_many {
            self.given = None;
        }
    }

    /// The arguments of the commands, without what is `done` already. They replace nothing that the
    /// user did not want to be replaced.
    pub(super) fn commands(&self, done: &BTreeMap<Number, Option<PathBuf>>) -> Vec<Vec<String>> {
        let left: Vec<(&Number, &Left)> =
            self.left.iter().filter(|(number, _)| !done.contains_key(*number)).collect();
        let mut names: Vec<String> = Vec::new();
        for (_, left) in left.iter().filter(|(_, left)| left.path.is_none()) {
            if !names.contains(&left.name) {
                names.push(left.name.clone());
            }
        }
        if self.given.as_ref().is_some_and(|given| given.to_str().is_none()) {
            return Vec::new();
        }
        let what = self.what.map(What::name);
        // Others of its job's files are there, by this very run.
        let skips = left.iter().any(|(number, left)| {
            let is_beside = |other: &Number| {
                other.len() == number.len()
                    && other.split_last().map(|(_, of)| of) == number.split_last().map(|(_, of)| of)
            };
            left.is_one_of && done.keys().any(is_beside)
        });
        let skips = self.skips || skips && !self.replaces;
        let mut commands = Vec::new();
        if !names.is_empty() {
            let is_one = names.len() == 1;
            // The only file has its name already.
            let is_free = is_one && done.is_empty();
            let given = self.given.as_deref().filter(|_| is_free || self.takes_many);
            let mut words = advice::download_arguments(&names, what, given, self.replaces);
            words.extend(skips.then(|| "--skip-existing".to_owned()));
            commands.push(words);
        }
        let alone = left.iter().filter_map(|(_, left)| Some((&left.name, left.path.as_deref()?)));
        // Another file's name would be written.
        let alone = alone.filter(|(_, path)| path.to_str().is_some());
        commands.extend(alone.map(|(name, path)| {
            advice::download_arguments(std::slice::from_ref(name), what, Some(path), self.replaces)
        }));
        for words in &mut commands {
            words.extend(self.flags.iter().cloned());
        }
        commands
    }
}
