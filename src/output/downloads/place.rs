//! The places where files go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, FailedFile, FilesError};
use crate::jobs::part;
use crate::output::destination::open_device;
use crate::snippet::quote::shell_word;
use crate::terminal::streams::Ui;

/// Where files go.
#[derive(Debug)]
pub enum Place {
    /// A folder, under names of their own.
    Folder {
        folder: PathBuf,
        replaces: bool,
        /// As it was given.
        given: Option<PathBuf>,
    },
    /// One file.
    File {
        path: PathBuf,
        replaces: bool,
    },
    /// A device or a pipe.
    Device(PathBuf),
    Stdout,
}

impl Place {
    /// The place for `count` names; what cannot be written is found out before anything is sent.
    ///
    /// # Errors
    /// It does not exist, cannot take so many files, or is a file that may not be replaced.
    pub fn new(
        given: Option<&Path>,
        replaces: bool,
        count: usize,
        ui: &Ui,
    ) -> Result<Place, Error> {
        let Some(path) = given else {
            check_folder(Path::new("."))?;
            return Ok(Place::Folder { folder: PathBuf::from("."), replaces, given: None });
        };
        let one_only = |place: &str| {
            Err(Error::usage_with_hint(
                format!("{place} takes one file, and {count} are named"),
                "name a folder",
            ))
        };
        if path == Path::new("-") {
            if ui.stdout_is_terminal() {
                return Err(not_to_a_terminal());
            }
            return if count > 1 { one_only("stdout") } else { Ok(Place::Stdout) };
        }
        let shown = path.display().to_string();
        let means_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                check_folder(path)?;
                let given = Some(path.to_owned());
                Ok(Place::Folder { folder: path.to_owned(), replaces, given })
            }
            _ if means_folder => Err(Error::usage_with_hint(
                format!("there is no folder `{shown}`"),
                format!("make it: mkdir -p {}", shell_word(&shown)),
            )),
            _ if count > 1 => one_only(&format!("`{shown}`")),
            Ok(metadata) if metadata.is_file() && !replaces => {
                Err(Error::FileExists { path: path.to_owned() })
            }
            Ok(metadata) if !metadata.is_file() => match is_terminal(path, &metadata) {
                true => Err(not_to_a_terminal()),
                false => Ok(Place::Device(path.to_owned())),
            },
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(cannot_create(path, cause))
            }
            // To a link that leads nowhere nothing is written, and it is in the way.
            _ if path.is_symlink() && !path.exists() => {
                Err(Error::FileExists { path: path.to_owned() })
            }
            _ => {
                check_file(path)?;
                Ok(Place::File { path: path.to_owned(), replaces })
            }
        }
    }

    /// The place for `count` names, in which existing files are left as they are.
    ///
    /// # Errors
    /// As for [`Place::new`], but for a file that exists; and a stream, which has none.
    pub fn with_existing(given: Option<&Path>, count: usize, ui: &Ui) -> Result<Place, Error> {
        if let Some(path) = given.filter(|path| path.is_file() && count == 1) {
            return Ok(Place::File { path: path.to_owned(), replaces: false });
        }
        let place = Place::new(given, false, count, ui)?;
        match place.is_stream() {
            false => Ok(place),
            true => Err(Error::usage_with_hint(
                "--skip-existing has no effect: nothing is kept there",
                "name a file or a folder with -O, or leave it out",
            )),
        }
    }

    /// The place as it was given.
    pub(in crate::output) fn given(&self) -> Option<&Path> {
        match self {
            Place::Folder { given, .. } => given.as_deref(),
            Place::File { path, .. } | Place::Device(path) => Some(path),
            Place::Stdout => Some(Path::new("-")),
        }
    }

    /// Returns whether existing files are replaced.
    pub(in crate::output) fn replaces(&self) -> bool {
        matches!(self, Place::Folder { replaces: true, .. } | Place::File { replaces: true, .. })
    }

    /// Returns whether the bytes of several files would be mixed.
    pub(in crate::output) fn is_stream(&self) -> bool {
        matches!(self, Place::Device(_) | Place::Stdout)
    }

    /// Returns whether there is room for more than one file.
    pub(in crate::output) fn takes_many(&self) -> bool {
        matches!(self, Place::Folder { .. })
    }
}

fn not_to_a_terminal() -> Error {
    Error::usage_with_hint(
        "the bytes of a file are not written to a terminal",
        "name a file, or pipe stdout into a program",
    )
}

/// `/dev/tty` and its like. A pipe is not opened: its reader would see it close.
#[cfg(unix)]
fn is_terminal(path: &Path, metadata: &fs::Metadata) -> bool {
    use std::io::IsTerminal as _;
    use std::os::unix::fs::FileTypeExt as _;

    let is_device = metadata.file_type().is_char_device();
    is_device && open_device(path).is_ok_and(|device| device.is_terminal())
}

#[cfg(not(unix))]
fn is_terminal(_: &Path, _: &fs::Metadata) -> bool {
    false
}

/// A file can be made there, under this name and the longer ones beside it.
fn check_file(path: &Path) -> Result<(), Error> {
    for place in part::places(path) {
        if let Err(cause) = fs::symlink_metadata(place)
            && cause.kind() != io::ErrorKind::NotFound
        {
            return Err(cannot_create(path, cause));
        }
    }
    if let Err(fault) = part::check(path) {
        let failed = FailedFile { name: path.display().to_string(), fault, kept: None };
        let (again, more, complete) = (Vec::new(), None, Vec::new());
        let error =
            FilesError { failed: vec![failed], of: 1, again, more, complete, is_own: false };
        return Err(Error::Files(Box::new(error)));
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    unfinished_in(folder.unwrap_or(Path::new("."))).map_err(|cause| cannot_create(path, cause))
}

/// Files can be made in the folder.
fn check_folder(folder: &Path) -> Result<(), Error> {
    unfinished_in(folder).map_err(|cause| Error::File {
        doing: "creating a file in",
        path: folder.to_owned(),
        cause,
    })
}

/// Makes a file in the folder, and removes it again.
fn unfinished_in(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder).map(drop)
}

fn cannot_create(path: &Path, cause: io::Error) -> Error {
    Error::File { doing: "creating", path: path.to_owned(), cause }
}
