//! The files and the stdin that arguments name with `@`.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::media_type;
use crate::api::request::Payload;
use crate::env::Env;
use crate::error::{Error, system_words};
use crate::file;

use crate::terminal::streams::Ui;

/// The maximum length of a text that becomes part of JSON.
const LONGEST_TEXT: u64 = 64 << 20;

/// The time that the writer of a FIFO gets, unless `--timeout` sets another.
const FIFO_PATIENCE: Duration = Duration::from_secs(30);

/// Names of stdin as a file.
const STDIN: [&str; 3] = ["-", "/dev/stdin", "/dev/fd/0"];

/// The files and the stdin that the arguments of one call may read.
pub(super) struct Input<'e> {
    ui: &'e Ui,
    env: &'e Env,
    patience: Duration,
}

impl<'e> Input<'e> {
    pub(super) fn new(ui: &'e Ui, env: &'e Env, timeout: Option<Duration>) -> Input<'e> {
        Input { ui, env, patience: timeout.unwrap_or(FIFO_PATIENCE) }
    }

    /// The text of a file, or of stdin (`-`), which `option` reads: `-F a=@-`.
    pub(super) fn text(&mut self, flag: &str, option: &str, name: &str) -> Result<String, Error> {
        if STDIN.contains(&name) {
            return self.stdin(flag, option);
        }
        let path = self.path(flag, name)?;
        let bytes = file::read(&path, LONGEST_TEXT, self.patience)
            .map_err(|error| unreadable(flag, name, &error))?;
        String::from_utf8(bytes).map_err(|error| {
            let before = error.utf8_error().valid_up_to();
            Error::usage_with_hint(
                format!("{flag}: `{name}` is not valid UTF-8 (byte {})", before + 1),
                "`--form NAME=@FILE` and `--body-file FILE` send any bytes",
            )
        })
    }

    fn stdin(&mut self, flag: &str, option: &str) -> Result<String, Error> {
        self.ui.claim_stdin(option)?;
        let mut bytes = Vec::new();
        self.ui
            .stdin()
            .take(LONGEST_TEXT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(flag, "stdin", &error))?;
        if bytes.len() as u64 > LONGEST_TEXT {
            let limit = LONGEST_TEXT >> 20;
            return Err(Error::usage(format!("{flag}: stdin is larger than {limit} MiB")));
        }
        String::from_utf8(bytes).map_err(|error| {
            let byte = error.utf8_error().valid_up_to() + 1;
            Error::usage(format!("{flag}: stdin is not valid UTF-8 (byte {byte})"))
        })
    }

    /// A file that is sent as it is, and its media type. It is opened now, so that one that cannot
    /// be read is told before anything is sent.
    pub(super) fn payload(
        &mut self,
        flag: &str,
        option: &str,
        name: &Path,
    ) -> Result<(Payload, &'static str), Error> {
        let shown = name.to_string_lossy();
        if STDIN.contains(&&*shown) {
            self.ui.claim_stdin(option)?;
            return Ok((Payload::Stdin, media_type::UNKNOWN));
        }
        let path = if shown.is_empty() { self.path(flag, &shown)? } else { self.env.at_home(name) };
        let metadata =
            std::fs::metadata(&path).map_err(|error| unreadable(flag, &shown, &error))?;
        if metadata.is_dir() {
            return Err(Error::usage(format!("{flag}: `{shown}` is a directory")));
        }
        if is_endless(&path, &metadata) {
            return Err(Error::usage(format!("{flag}: `{shown}` is a device without an end")));
        }
        let mut head = Vec::new();
        // A pipe is not opened yet: its writer would see it close.
        if metadata.is_file() {
            // In /proc some wait for news.
            let file =
                file::open_regular(&path).map_err(|error| unreadable(flag, &shown, &error))?;
            match file.take(media_type::ENOUGH as u64).read_to_end(&mut head) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Err(unreadable(flag, &shown, &error));
                }
                _ => {}
            }
        }
        let found = media_type::of(&head, &shown);
        Ok((Payload::File(path), found))
    }

    /// The path that a name stands for: the shell expands no `~` after `@`.
    fn path(&self, flag: &str, name: &str) -> Result<PathBuf, Error> {
        if name.is_empty() {
            return Err(Error::usage_with_hint(
                format!("{flag}: the name of a file is missing after `@`"),
                "write `@FILE`, or `@-` for stdin",
            ));
        }
        Ok(self.env.at_home(Path::new(name)))
    }
}

/// Returns whether a file is a device such as `/dev/zero`: one that has bytes, and is not a terminal.
#[cfg(unix)]
fn is_endless(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    let has_bytes =
        |mut file: File| !file.is_terminal() && file.read(&mut [0]).is_ok_and(|count| count > 0);
    metadata.file_type().is_char_device() && File::open(path).is_ok_and(has_bytes)
}

#[cfg(not(unix))]
fn is_endless(_: &Path, _: &Metadata) -> bool {
    false
}

fn unreadable(flag: &str, name: &str, error: &std::io::Error) -> Error {
    Error::usage(format!("{flag}: reading `{name}`: {}", system_words(error)))
}
