//! The commands that fetch what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Done, Number};
use crate::app::advice;
use crate::error::DownloadArguments;
use crate::jobs::files::{What, safe_segment};

/// The missing files of a download, and the flags that asked for them.
#[derive(Debug)]
pub(super) struct Resume {
    left: BTreeMap<Number, Left>,
    what: Option<What>,
    /// The place as it was given.
    given: Option<PathBuf>,
    /// There is room for several files in it.
    takes_many: bool,
    replaces: bool,
    skips: bool,
    /// The jobs of which a part has not its usual name, since another file has it.
    odd: BTreeSet<Vec<usize>>,
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
            odd: BTreeSet::new(),
            flags: downloads.context.settings.flags.clone(),
        }
    }

    pub(super) fn add(&mut self, number: Number, name: &str, is_one_of: bool) {
        self.left.insert(number, Left { name: name.to_owned(), path: None, is_one_of });
    }

    pub(super) fn remove(&mut self, number: &Number) {
        self.left.remove(number);
    }

    /// Notes that a file has another name than the usual one, or would need one.
    pub(super) fn goes_to(&mut self, number: &Number, path: PathBuf) {
        match self.left.get_mut(number) {
            Some(Left { is_one_of: true, .. }) => drop(self.odd.insert(above(number).to_vec())),
            Some(left) => left.path = Some(path),
            None => {}
        }
    }

    /// Notes that the only place is taken, or is one for several: each gets the name of its job.
    pub(super) fn needs_folder(&mut self, number: &Number) {
        if self.takes_many {
            return;
        }
        (self.given, self.replaces, self.skips) = (None, false, false);
        if let Some(left) = self.left.get_mut(number) {
            left.path = None;
        }
    }

    /// The arguments of the commands, without what is `done` already. They replace nothing that the
    /// user did not want to be replaced, and take no other file for one of these.
    pub(super) fn commands(&self, done: &Done) -> Vec<DownloadArguments> {
        let is_text = |path: &Path| path.to_str().is_some();
        if !self.given.as_deref().is_none_or(is_text) {
            return Vec::new();
        }
        let left: Vec<(&Number, &Left)> =
            self.left.iter().filter(|(number, _)| !done.contains_key(*number)).collect();
        let mut commands = Vec::new();
        commands.extend(self.usual(&left, done));
        // Under a name that is no text another file would be written.
        let alone = left.iter().filter_map(|(_, left)| Some((&left.name, left.path.as_deref()?)));
        commands.extend(alone.filter(|(_, path)| is_text(path)).map(|(name, path)| {
            let what = self.what.map(What::name);
            advice::download_arguments(std::slice::from_ref(name), what, Some(path), false)
        }));
        for command in &mut commands {
            command.flags.extend(self.flags.iter().cloned());
        }
        commands
    }

    /// The command for all that go to the place as it was given.
    fn usual(&self, left: &[(&Number, &Left)], done: &Done) -> Option<DownloadArguments> {
        let left = || left.iter().filter(|(_, left)| left.path.is_none());
        let mut known = BTreeSet::new();
        let names = left().map(|(_, left)| left.name.clone());
        let names: Vec<String> = names.filter(|name| known.insert(name.clone())).collect();
        if names.is_empty() {
            return None;
        }
        // Of one place for one file nothing is left once a file has it.
        let is_free = names.len() == 1 && done.is_empty();
        let given = self.given.as_deref().filter(|_| is_free || self.takes_many);
        // With a file of another job under the name of one of these, the flags would mean that one.
        let stems: BTreeSet<String> =
            done.values().filter_map(|file| stem(file.path.as_deref()?)).collect();
        let is_taken = |name: &String| stems.contains(&usual_stem(name));
        let is_same = given == self.given.as_deref()
            && !names.iter().any(is_taken)
            && !left().any(|(number, _)| self.odd.contains(above(number)));
        let complete: BTreeSet<&[usize]> = done.keys().map(above).collect();
        // Others of its job's files are there, by this very run and under their usual names.
        let has_others = left().any(|(number, left)| {
            left.is_one_of && !self.odd.contains(above(number)) && complete.contains(above(number))
        });
        let replaces = self.replaces && is_same;
        let what = self.what.map(What::name);
        let mut command = advice::download_arguments(&names, what, given, replaces);
        let skips = self.skips && is_same || has_others && !replaces;
        command.flags.extend(skips.then(|| "--skip-existing".to_owned()));
        Some(command)
    }
}

/// The number of what a part belongs to.
fn above(number: &Number) -> &[usize] {
    number.split_last().map_or(&[], |(_, above)| above)
}

/// The name, but for its ending, that the only file of this job usually gets.
fn usual_stem(job: &str) -> String {
    safe_segment(job.rsplit([':', '/']).next().unwrap_or_default())
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}
