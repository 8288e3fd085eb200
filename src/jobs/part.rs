//! The unfinished file of a download: `NAME.part` beside the file that it becomes.
//!
//! Beside it lies `NAME.part.json` with the ETag and the length of the file on its host, so that the
//! next run can go on. A `.part` without it is not ours, and neither is one that is a link, a device
//! or another user's. The lock on it keeps two processes off one file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::{NamedTempFile, TempPath};

use super::transfer::{Held, Sink, is_usable_etag};
use crate::error::{FileFault, Kept};
use crate::file;
use crate::json;

/// The most bytes of the notes beside a `.part`.
const LARGEST_NOTES: u64 = 128 * 1024;

/// The attempts to open a file that others rename meanwhile.
const ATTEMPTS: usize = 5;

/// So many names are tried for one that is free.
pub const MOST_NUMBERS: usize = 1000;

/// The mark of our notes.
const MARK: &str = "download";

/// An unfinished file, locked.
pub struct Part {
    file: File,
    path: PathBuf,
    notes: PathBuf,
    target: PathBuf,
    replaces: bool,
    bytes: u64,
    etag: Option<String>,
    total: Option<u64>,
    source: String,
    is_finished: bool,
}

/// What the notes beside a `.part` say.
#[derive(Default)]
struct Notes {
    etag: Option<String>,
    total: Option<u64>,
    source: String,
}

impl Part {
    /// Opens the unfinished file of `target`, an earlier one or a new one. What is there of another
    /// `source`, a text that names the file on its host, is not gone on with.
    ///
    /// # Errors
    /// The target exists and may not be replaced; something else is in the place of the unfinished
    /// file; another process downloads to it; the folder takes no file.
    pub fn open(target: &Path, replaces: bool, source: &str) -> Result<Part, FileFault> {
        let existing = match fs::symlink_metadata(target) {
            Ok(_) if !replaces => return Err(FileFault::Exists { path: target.to_owned() }),
            // A link is written through, not replaced.
            Ok(link) if link.is_symlink() => Some(fs::canonicalize(target)),
            Ok(_) => None,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(disk(target, error)),
        };
        let target = match existing {
            Some(real) => real.map_err(|error| disk(target, error))?,
            None => target.to_owned(),
        };
        // A FIFO, a device or a folder is not replaced by a file.
        if fs::symlink_metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(FileFault::Foreign { path: target });
        }
        let (path, notes) = (beside(&target, ".part"), beside(&target, ".part.json"));
        let file = locked(&path, &target)?;
        let bytes = file.metadata().map_err(|error| disk(&path, error))?.len();
        let known = read_notes(&notes);
        if bytes > 0 && known.is_none() {
            return Err(FileFault::Foreign { path });
        }
        // Neither are they to be replaced by ours, or removed.
        if known.is_none() && fs::symlink_metadata(&notes).is_ok() {
            discard_own(&file, &path);
            return Err(FileFault::Foreign { path: notes });
        }
        let is_usable = |known: &Notes| {
            let etag = known.etag.as_deref();
            bytes > 0 && known.source == source && etag.is_none_or(is_usable_etag)
        };
        let known = known.filter(is_usable);
        let Notes { etag, total, .. } = known.unwrap_or_default();
        let (source, is_finished) = (source.to_owned(), false);
        Ok(Part { file, path, notes, target, replaces, bytes, etag, total, source, is_finished })
    }

    /// Gives the file its name, and removes what lay beside it.
    ///
    /// # Errors
    /// A file of this name has come up meanwhile, or the system refuses.
    pub fn finish(mut self) -> Result<PathBuf, FileFault> {
        self.check_place(&self.path)?;
        if !self.is_untouched() {
            return Err(FileFault::Touched { path: self.path.clone() });
        }
        let kept = self.replaces.then(|| fs::metadata(&self.target).ok()).flatten();
        if let Some(permissions) = kept.and_then(|existing| permissions(&existing)) {
            self.file.set_permissions(permissions).map_err(|error| disk(&self.path, error))?;
        }
        if self.replaces {
            fs::rename(&self.path, &self.target).map_err(|error| disk(&self.target, error))?;
        } else {
            let unnamed =
                TempPath::try_from_path(&self.path).map_err(|error| disk(&self.path, error))?;
            if let Err(error) = unnamed.persist_noclobber(&self.target) {
                if error.error.kind() != io::ErrorKind::AlreadyExists {
                    // Dropped, it would be removed.
                    let _ = error.path.keep();
                    return Err(disk(&self.target, error.error));
                }
                // It is complete: nobody should have to fetch it again.
                return Err(match persist_beside(error.path, &self.target) {
                    Ok(kept) => {
                        self.is_finished = true;
                        remove_notes(&self.notes);
                        FileFault::Occupied { path: self.target.clone(), kept }
                    }
                    Err(cause) => disk(&self.target, cause),
                });
            }
        }
        self.is_finished = true;
        // Between the check and the rename another file may have come to the path.
        self.check_place(&self.target)?;
        remove_notes(&self.notes);
        Ok(self.target.clone())
    }

    /// Refuses to go on where the path leads to another file than the one that was written.
    fn check_place(&self, path: &Path) -> Result<(), FileFault> {
        let own = self.file.metadata().map_err(|error| disk(path, error))?;
        match lies_at(&own, path) {
            true => Ok(()),
            false => Err(FileFault::Replaced { path: path.to_owned() }),
        }
    }

    /// Each byte is added at the end: if another program has written there or cut it off, the length
    /// is another one.
    fn is_untouched(&self) -> bool {
        self.file.metadata().is_ok_and(|own| own.len() == self.bytes)
    }

    /// What is kept for the next run, if anything.
    pub fn kept(&self) -> Option<Kept> {
        let is_there = self.check_place(&self.path).is_ok() && self.is_untouched();
        let is_resumable = self.bytes > 0 && self.etag.is_some() && is_there;
        is_resumable.then(|| Kept { path: self.path.clone(), bytes: self.bytes, total: self.total })
    }

    /// A handle to settle the unfinished file by, should a signal end the process.
    pub fn unfinished(&self) -> io::Result<Unfinished> {
        let file = self.file.try_clone()?;
        Ok(Unfinished { file, path: self.path.clone(), notes: self.notes.clone() })
    }

    fn note(&self) -> io::Result<()> {
        let notes = json!({
            "heygen": MARK, "of": self.source, "etag": self.etag, "length": self.total,
        });
        let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        writeln!(file, "{notes}")?;
        // It replaces a link, and does not follow it.
        file.persist(&self.notes).map(|_| ()).map_err(|error| error.error)
    }
}

impl Sink for Part {
    fn held(&self) -> Option<Held> {
        let etag = self.etag.clone()?;
        let is_within = self.total.is_none_or(|total| self.bytes <= total);
        (self.bytes > 0 && is_within).then_some(Held { bytes: self.bytes, etag, total: self.total })
    }

    fn begin(&mut self, etag: Option<&str>, total: Option<u64>) -> Result<(), FileFault> {
        let fail = |error| disk(&self.path, error);
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(fail)?;
        self.bytes = 0;
        (self.etag, self.total) = (etag.map(str::to_owned), total);
        self.note().map_err(|error| disk(&self.notes, error))
    }

    fn resume_at(&mut self, offset: u64) -> Result<(), FileFault> {
        let fail = |error| disk(&self.path, error);
        // Nothing is taken from behind a part that was there before.
        self.file.set_len(offset).map_err(fail)?;
        self.file.seek(SeekFrom::Start(offset)).map_err(fail)?;
        self.bytes = offset;
        Ok(())
    }

    fn forget(&mut self) {
        self.etag = None;
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileFault> {
        let mut left = bytes;
        while !left.is_empty() {
            match self.file.write(left) {
                Ok(0) => return Err(disk(&self.path, io::ErrorKind::WriteZero.into())),
                Ok(count) => {
                    self.bytes += count as u64;
                    left = left.get(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(disk(&self.path, error)),
            }
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Of another file in the place only our notes are removed: it is not to be gone on with.
        if !self.is_finished && self.kept().is_none() {
            discard_own(&self.file, &self.path);
            remove_notes(&self.notes);
        }
    }
}

/// An unfinished file whose process ends at once.
pub struct Unfinished {
    file: File,
    path: PathBuf,
    notes: PathBuf,
}

impl Unfinished {
    /// Leaves the file as a next run can use it: what is kept of it, or nothing.
    pub fn settle(&self) -> Option<Kept> {
        let own = self.file.metadata().ok()?;
        if !lies_at(&own, &self.path) {
            return None;
        }
        match read_notes(&self.notes) {
            Some(Notes { etag: Some(_), total, .. }) if own.len() > 0 => {
                Some(Kept { path: self.path.clone(), bytes: own.len(), total })
            }
            _ => {
                discard_own(&self.file, &self.path);
                remove_notes(&self.notes);
                None
            }
        }
    }
}

/// `v-2.mp4` for `v.mp4`.
pub fn with_number(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

/// Gives a complete file the first name with a number that is free.
fn persist_beside(mut complete: TempPath, target: &Path) -> io::Result<PathBuf> {
    for number in 2..=MOST_NUMBERS {
        let name = with_number(target, number);
        match complete.persist_noclobber(&name) {
            Ok(()) => return Ok(name),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                complete = error.path
            }
            Err(error) => {
                let _ = error.path.keep();
                return Err(error.error);
            }
        }
    }
    let _ = complete.keep();
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Removes the file at the path if it is this one, and not another process's.
fn discard_own(file: &File, path: &Path) {
    if file.metadata().is_ok_and(|own| lies_at(&own, path)) {
        remove(path);
    }
}

/// Removes notes that are ours.
fn remove_notes(notes: &Path) {
    if read_notes(notes).is_some() {
        remove(notes);
    }
}

/// A file that is gone already is as good as removed.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

fn disk(path: &Path, cause: io::Error) -> FileFault {
    FileFault::Disk { path: path.to_owned(), cause }
}

/// Finds out whether something that is not ours lies in the place of the unfinished file, without a
/// change: after a create it would be too late.
///
/// # Errors
/// It does.
pub fn check(target: &Path) -> Result<(), FileFault> {
    let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let (path, notes) = (beside(&target, ".part"), beside(&target, ".part.json"));
    let is_noted = read_notes(&notes).is_some();
    if let Ok(metadata) = fs::symlink_metadata(&path)
        && (!is_ours(&metadata) || metadata.len() > 0 && !is_noted)
    {
        return Err(FileFault::Foreign { path });
    }
    match fs::symlink_metadata(&notes) {
        Ok(_) if !is_noted => Err(FileFault::Foreign { path: notes }),
        _ => Ok(()),
    }
}

/// The places that a download to a file takes: its own, and two beside it.
pub fn places(target: &Path) -> [PathBuf; 3] {
    [target.to_owned(), beside(target, ".part"), beside(target, ".part.json")]
}

/// The file whose place, or that of what lies beside it, this is.
pub fn target_of(place: &Path) -> PathBuf {
    let name = place.as_os_str().as_encoded_bytes();
    let is_beside = name.ends_with(b".part") || name.ends_with(b".part.json");
    let target = is_beside.then(|| place.with_extension("")).map(|place| match place.extension() {
        Some(ending) if ending == "part" => place.with_extension(""),
        _ => place,
    });
    target.unwrap_or_else(|| place.to_owned())
}

/// `NAME` with an ending added.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Opens and locks the file, which lies at its path when this returns: another process may rename it
/// between the two.
fn locked(path: &Path, target: &Path) -> Result<File, FileFault> {
    let foreign = || FileFault::Foreign { path: path.to_owned() };
    for _ in 0..ATTEMPTS {
        match fs::symlink_metadata(path) {
            Ok(metadata) if !is_ours(&metadata) => return Err(foreign()),
            _ => {}
        }
        let file = match open(path) {
            Ok(file) => file,
            Err(error) if is_link(&error) => return Err(foreign()),
            Err(error) => return Err(disk(path, error)),
        };
        let metadata = file.metadata().map_err(|error| disk(path, error))?;
        if !is_ours(&metadata) {
            return Err(foreign());
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FileFault::Busy { path: target.to_owned() });
            }
            // A file system without locks is used without.
            Err(TryLockError::Error(_)) => {}
        }
        if lies_at(&metadata, path) {
            return Ok(file);
        }
    }
    Err(FileFault::Busy { path: target.to_owned() })
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    // Neither a link is followed nor a FIFO waited for, should one come up after the check.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

#[cfg(not(unix))]
fn is_link(_: &io::Error) -> bool {
    false
}

/// A regular file with one name, of this user.
#[cfg(unix)]
fn is_ours(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    metadata.is_file() && metadata.nlink() <= 1 && metadata.uid() == user
}

#[cfg(not(unix))]
fn is_ours(metadata: &fs::Metadata) -> bool {
    metadata.is_file()
}

#[cfg(unix)]
fn lies_at(opened: &fs::Metadata, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |found: fs::Metadata| (found.dev(), found.ino()) == (opened.dev(), opened.ino());
    fs::symlink_metadata(path).is_ok_and(same)
}

#[cfg(not(unix))]
fn lies_at(_: &fs::Metadata, path: &Path) -> bool {
    path.exists()
}

#[cfg(unix)]
fn permissions(existing: &fs::Metadata) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(fs::Permissions::from_mode(existing.permissions().mode() & 0o777))
}

#[cfg(not(unix))]
fn permissions(_: &fs::Metadata) -> Option<fs::Permissions> {
    None
}

/// The notes; `None` if they are not ours.
fn read_notes(path: &Path) -> Option<Notes> {
    if !is_ours(&fs::symlink_metadata(path).ok()?) {
        return None;
    }
    let mut text = Vec::new();
    file::open_regular(path).ok()?.take(LARGEST_NOTES).read_to_end(&mut text).ok()?;
    let notes = json::parse(&text).ok()?;
    let text = |name: &str| notes.get(name).and_then(json::as_text);
    if text("heygen").as_deref() != Some(MARK) {
        return None;
    }
    let total = notes.get("length").and_then(json::as_integer);
    let total = total.and_then(|total| u64::try_from(total).ok());
    Some(Notes { etag: text("etag"), total, source: text("of").unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("v.mp4");
        (folder, target)
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn next_run_goes_on() {
        let (folder, target) = folder();
        let mut part = Part::open(&target, false, "v").expect("a part");
        assert!(part.held().is_none());
        part.begin(Some("\"e\""), Some(5)).expect("a beginning");
        part.write(b"hal").expect("bytes");
        drop(part);
        assert_eq!(names(&folder), ["v.mp4.part", "v.mp4.part.json"]);
        let mut part = Part::open(&target, false, "v").expect("a part");
        let held = part.held().expect("bytes");
        assert_eq!((held.bytes, held.etag.as_str(), held.total), (3, "\"e\"", Some(5)));
        part.resume_at(3).expect("a place");
        part.write(b"lo").expect("bytes");
        assert_eq!(part.finish().expect("a file"), target);
        assert_eq!(fs::read(&target).expect("the file"), b"hallo");
        assert_eq!(names(&folder), ["v.mp4"]);
        assert!(matches!(Part::open(&target, false, "v"), Err(FileFault::Exists { .. })));
    }

    #[test]
    fn part_of_another_file_is_not_gone_on_with() {
        let (_folder, target) = folder();
        let mut part = Part::open(&target, false, "v").expect("a part");
        part.begin(Some("\"e\""), Some(5)).expect("a beginning");
        part.write(b"hal").expect("bytes");
        drop(part);
        let part = Part::open(&target, false, "w").expect("a part");
        assert_eq!(part.held(), None);
    }

    #[cfg(unix)]
    #[test]
    fn file_in_the_place_of_the_part_gets_no_name() {
        let check = |replaces: bool| {
            let (folder, target) = folder();
            let mut part = Part::open(&target, replaces, "v").expect("a part");
            part.begin(Some("\"e\""), Some(5)).expect("a beginning");
            part.write(b"hallo").expect("bytes");
            let unfinished = part.unfinished().expect("a handle");
            fs::remove_file(beside(&target, ".part")).expect("removed");
            fs::write(beside(&target, ".part"), "half of another").expect("a file");
            assert!(unfinished.settle().is_none());
            assert!(matches!(part.finish(), Err(FileFault::Replaced { .. })));
            // Without our notes nobody goes on with it.
            assert_eq!(names(&folder), ["v.mp4.part"]);
        };
        check(false);
        check(true);
    }

    #[cfg(unix)]
    #[test]
    fn part_that_another_program_changes_gets_no_name() {
        let check = |change: fn(&Path)| {
            let (folder, target) = folder();
            let mut part = Part::open(&target, false, "v").expect("a part");
            part.begin(Some("\"e\""), Some(10)).expect("a beginning");
            part.write(b"hallo").expect("bytes");
            change(&beside(&target, ".part"));
            part.write(b"hallo").expect("bytes");
            assert!(part.kept().is_none());
            assert!(matches!(part.finish(), Err(FileFault::Touched { .. })));
            assert_eq!(names(&folder), [] as [&str; 0]);
        };
        check(|part| {
            File::options().write(true).open(part).and_then(|file| file.set_len(0)).expect("cut")
        });
        check(|part| {
            let mut file = File::options().append(true).open(part).expect("a file");
            file.write_all(b"more").expect("bytes");
        });
    }

    #[test]
    fn targets_of_what_lies_beside_them() {
        let check = |place: &str, expected: &str| {
            assert_eq!(target_of(Path::new(place)), Path::new(expected), "{place}");
        };
        check("a/v.mp4", "a/v.mp4");
        check("a/v.mp4.part", "a/v.mp4");
        check("a/v.mp4.part.json", "a/v.mp4");
        check("v.part", "v");
    }

    #[test]
    fn notes_of_others_stay() {
        let (folder, target) = folder();
        let notes = beside(&target, ".part.json");
        fs::write(&notes, r#"{"user":"precious"}"#).expect("a file");
        assert!(matches!(Part::open(&target, true, "v"), Err(FileFault::Foreign { .. })));
        assert_eq!(fs::read(&notes).expect("the file"), br#"{"user":"precious"}"#);
        assert_eq!(names(&folder), ["v.mp4.part.json"]);
    }

    #[test]
    fn useless_parts_are_removed() {
        let (folder, target) = folder();
        drop(Part::open(&target, false, "v").expect("a part"));
        assert_eq!(names(&folder), [""; 0]);
        let mut part = Part::open(&target, false, "v").expect("a part");
        part.begin(None, Some(5)).expect("a beginning");
        part.write(b"hal").expect("bytes");
        drop(part);
        assert_eq!(names(&folder), [""; 0]);
    }

    #[test]
    fn two_do_not_share_a_part() {
        let (_folder, target) = folder();
        let _first = Part::open(&target, false, "v").expect("a part");
        assert!(matches!(Part::open(&target, false, "v"), Err(FileFault::Busy { .. })));
    }

    #[test]
    fn file_that_came_up_meanwhile_stays() {
        let (folder, target) = folder();
        let mut part = Part::open(&target, false, "v").expect("a part");
        part.begin(Some("\"e\""), Some(3)).expect("a beginning");
        part.write(b"new").expect("bytes");
        fs::write(&target, "old").expect("a file");
        fs::write(folder.path().join("v-2.mp4"), "older").expect("a file");
        assert!(matches!(part.finish(), Err(FileFault::Occupied { .. })));
        assert_eq!(fs::read(&target).expect("the file"), b"old");
        assert_eq!(fs::read(folder.path().join("v-3.mp4")).expect("a file"), b"new");
        assert_eq!(names(&folder), ["v-2.mp4", "v-3.mp4", "v.mp4"]);
    }

    #[cfg(unix)]
    #[test]
    fn foreign_parts_are_refused() {
        let check = |make: &dyn Fn(&Path, &Path)| {
            let (folder, target) = folder();
            let other = folder.path().join("other");
            fs::write(&other, "theirs").expect("a file");
            make(&beside(&target, ".part"), &other);
            assert!(matches!(Part::open(&target, true, "v"), Err(FileFault::Foreign { .. })));
            assert_eq!(fs::read(&other).expect("the file"), b"theirs");
        };
        check(&|part, _| fs::write(part, "theirs").expect("a file"));
        check(&|part, other| std::os::unix::fs::symlink(other, part).expect("a link"));
        check(&|part, _| std::os::unix::fs::symlink("/nowhere/x", part).expect("a link"));
        check(&|part, other| fs::hard_link(other, part).expect("a link"));
        check(&|part, _| fs::create_dir(part).expect("a folder"));
        check(&|part, _| {
            rustix::fs::mknodat(
                rustix::fs::CWD,
                part,
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::RWXU,
                0,
            )
            .expect("a FIFO");
        });
        // Notes of another program, behind a link or a hard link.
        check(&|part, other| {
            fs::write(part, "theirs").expect("a file");
            std::os::unix::fs::symlink(other, beside(part, ".json")).expect("a link");
        });
    }

    #[cfg(unix)]
    #[test]
    fn notes_do_not_follow_links() {
        let (folder, target) = folder();
        let other = folder.path().join("other");
        fs::write(&other, "theirs").expect("a file");
        std::os::unix::fs::symlink(&other, beside(&target, ".part.json")).expect("a link");
        assert!(matches!(Part::open(&target, false, "v"), Err(FileFault::Foreign { .. })));
        assert_eq!(fs::read(&other).expect("the file"), b"theirs");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_written_through_and_permissions_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, target) = folder();
        let real = folder.path().join("real.mp4");
        fs::write(&real, "old").expect("a file");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("permissions");
        std::os::unix::fs::symlink(&real, &target).expect("a link");
        assert!(matches!(Part::open(&target, false, "v"), Err(FileFault::Exists { .. })));
        let mut part = Part::open(&target, true, "v").expect("a part");
        part.begin(None, None).expect("a beginning");
        part.write(b"new").expect("bytes");
        part.finish().expect("a file");
        assert_eq!(fs::read(&real).expect("the file"), b"new");
        let mode = fs::metadata(&real).expect("the file").permissions().mode() & 0o777;
        assert_eq!((mode, target.is_symlink()), (0o640, true));
    }
}
