//! The places where files go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
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
                return Err(Error::usage_with_hint(
                    "the bytes of a file are not written to a terminal",
                    "name a file, or pipe stdout into a program",
                ));
            }
            return if count > 1 { one_only("stdout") } else { Ok(Place::Stdout) };
        }
        let shown = path.display().to_string();
        let means_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
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
            Ok(metadata) if metadata.is_file() => {
                Ok(Place::File { path: path.to_owned(), replaces })
            }
            Ok(_) => Ok(Place::Device(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| *folder != Path::new(""));
                match folder.map(fs::metadata) {
                    None => Ok(Place::File { path: path.to_owned(), replaces }),
                    Some(Ok(metadata)) if metadata.is_dir() => {
                        Ok(Place::File { path: path.to_owned(), replaces })
                    }
                    _ => {
                        Err(Error::File { doing: "creating", path: path.to_owned(), cause: error })
                    }
                }
            }
            Err(cause) => Err(Error::File { doing: "creating", path: path.to_owned(), cause }),
        }
    }

    /// The place as it was given.
    pub(super) fn given(&self) -> Option<&Path> {
        match self {
            Place::Folder { given, .. } => given.as_deref(),
            Place::File { path, .. } | Place::Device(path) => Some(path),
            Place::Stdout => Some(Path::new("-")),
        }
    }

    /// Returns whether existing files are replaced.
    pub(super) fn replaces(&self) -> bool {
        matches!(self, Place::Folder { replaces: true, .. } | Place::File { replaces: true, .. })
    }

    /// Returns whether there is room for more than one file.
    pub(super) fn takes_many(&self) -> bool {
        matches!(self, Place::Folder { .. })
    }
}
