//! The destination of a response, stdout or a file, and the parts of it that are written as received.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::api::content::{self, Content};
use crate::api::outcome::Outcome;
use crate::api::response::{Body, Head};
use crate::error::{Call, CallError, CallFailure, Error, NotWritten, ResponseFlaw};
use crate::output::style::Save;
use crate::render::json;
use crate::render::rows::TooWide;
use crate::terminal::signals::OnEnd;
use crate::terminal::streams::{Dress, Ui};
use crate::terminal::text::{neutralised, neutralised_lines};

/// A file is written in pieces of this size.
const FILE_BUFFER: usize = 256 * 1024;

/// The time that a pipe's reader gets to open it.
const PATIENCE_FOR_READER: Duration = Duration::from_secs(1);

/// The beginning and the end of a temporary file's name.
const TEMPORARY: (&str, &str) = (".heygen-", ".part");

/// The permissions that a file which replaces another takes over from it: a program in its place
/// must not run as its owner.
#[cfg(unix)]
const KEPT_PERMISSIONS: u32 = 0o777;

/// The destination of a response. A file gets its name when it is complete, and not before.
pub enum Destination<'d> {
    /// stdout.
    Stdout(&'d Ui),
    /// A temporary file beside the one that is meant.
    File {
        /// The file that is written to.
        temporary: NamedTempFile,
        /// Its name when it is complete.
        path: PathBuf,
        /// Replaces an existing file (`--force`).
        replaces: bool,
        /// Removes the temporary file if a signal ends the program.
        on_end: OnEnd,
    },
    /// A device or a pipe, which no file can replace.
    Device {
        /// The open device.
        device: fs::File,
        /// Its name.
        path: PathBuf,
        /// Its columns, if it is a terminal.
        room: Option<usize>,
    },
}

/// The reason why writing stopped early.
pub enum Stop {
    /// The destination failed.
    Write {
        /// The file; stdout if there is none.
        path: Option<PathBuf>,
        /// The system's words.
        cause: io::Error,
        /// The file with the complete response, if it only could not be renamed.
        kept: Option<PathBuf>,
    },
    /// There is nothing more to write.
    Fail(Error),
    /// What was paid for broke off; the part that came is kept.
    Cut(Box<CallError>),
}

impl Stop {
    /// The error of a call whose response was being written; a file that was kept has all of the data.
    pub fn into_error(self, call: &Call, data: Option<&[u8]>) -> Error {
        let is_kept = matches!(self, Stop::Write { kept: Some(_), .. });
        self.into_error_with(call, data.filter(|_| !is_kept))
    }

    /// The error of a call whose response was being written, in any case with the data.
    pub fn into_error_with(self, call: &Call, data: Option<&[u8]>) -> Error {
        match self {
            Stop::Fail(error) => error,
            Stop::Cut(failed) => Error::Call(failed),
            Stop::Write { path, cause, kept } => match too_wide(&cause) {
                Some(wide) => {
                    let flaw = ResponseFlaw::TooWide { width: wide.to_string() };
                    Error::unusable_with(call.clone(), flaw, lost_data(call, data))
                }
                None => Error::NotWritten(Box::new(NotWritten {
                    call: Some(call.clone()),
                    path,
                    cause,
                    data: lost_data(call, data),
                    kept,
                })),
            },
        }
    }

    /// The error of a text of heygen's own that was being written.
    pub fn into_own_error(self) -> Error {
        match self {
            Stop::Fail(error) => error,
            Stop::Cut(failed) => Error::Call(failed),
            Stop::Write { path: None, cause, .. } => Error::Output(cause),
            Stop::Write { path, cause, kept } => Error::NotWritten(Box::new(NotWritten {
                call: None,
                path,
                cause,
                kept,
                data: None,
            })),
        }
    }
}

/// Rows that are too wide, which comes the way of a writer's failure.
fn too_wide(cause: &io::Error) -> Option<&TooWide> {
    cause.get_ref()?.downcast_ref()
}

/// The data that an error should carry, since the call should not be made again for it.
fn lost_data(call: &Call, data: Option<&[u8]>) -> Option<Vec<u8>> {
    let data = data.filter(|_| call.acceptance.repeat().is_some())?;
    Some(match crate::json::parse(data) {
        Ok(_) => json::compacted(data),
        Err(_) => data.to_vec(),
    })
}

impl From<io::Error> for Stop {
    fn from(cause: io::Error) -> Stop {
        Stop::Write { path: None, cause, kept: None }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Fail(error)
    }
}

impl<'d> Destination<'d> {
    /// Returns whether it is a device or a pipe.
    pub fn is_device(&self) -> bool {
        matches!(self, Destination::Device { .. })
    }

    /// Prepares the place, before anything is sent: what cannot be written would be paid for nothing.
    ///
    /// # Errors
    /// The file exists and may not be replaced, or cannot be made.
    pub fn open(save: Option<&Save>, ui: &'d Ui) -> Result<Destination<'d>, Error> {
        let Some(Save { path: given, replaces }) = save else {
            return Ok(Destination::Stdout(ui));
        };
        let cannot =
            |cause: io::Error| Error::File { doing: "creating", path: given.clone(), cause };
        let existing = match fs::metadata(given) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(cannot(error)),
        };
        check_name(given, existing.as_ref())?;
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let device = open_device(given).map_err(cannot)?;
            let room = ui.room_of(&device);
            return Ok(Destination::Device { device, path: given.clone(), room });
        }
        if existing.is_some() && !replaces {
            return Err(Error::FileExists { path: given.clone() });
        }
        // A link is written through, not replaced.
        let path = if given.is_symlink() {
            fs::canonicalize(given).map_err(cannot)?
        } else {
            given.clone()
        };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let on_end = OnEnd::new();
        let temporary = tempfile::Builder::new()
            .prefix(TEMPORARY.0)
            .suffix(TEMPORARY.1)
            .make_in(folder, |unfinished| {
                // A signal that comes between the two must not leave it.
                let path = unfinished.to_owned();
                on_end.set(move |_| drop(fs::remove_file(path)));
                create(unfinished)
            })
            .map_err(cannot)?;
        if let Some(existing) = existing {
            // What others could not read before they cannot read afterwards.
            temporary.as_file().set_permissions(kept_permissions(&existing)).map_err(cannot)?;
        }
        Ok(Destination::File { temporary, path, replaces: *replaces, on_end })
    }

    /// Writes the response and gives the file its name; what was written before a failure is on
    /// stdout, and in no file.
    ///
    /// # Errors
    /// The destination fails, or `fill` does.
    pub fn write<E: Into<Stop>>(
        self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), Stop> {
        let (file, path) = match &self {
            Destination::Stdout(ui) => return filled(&mut ui.open(), fill, None),
            Destination::File { temporary, path, .. } => (temporary.as_file(), path.clone()),
            Destination::Device { device, path, .. } => (device, path.clone()),
        };
        let filled =
            filled(&mut io::BufWriter::with_capacity(FILE_BUFFER, file), fill, Some(&path));
        let Destination::File { temporary, path, replaces, on_end: _until_named } = self else {
            return filled;
        };
        if let Err(Stop::Cut(mut failed)) = filled {
            failed.kept = keep(temporary, &path);
            return Err(Stop::Cut(failed));
        }
        filled?;
        let named =
            if replaces { temporary.persist(&path) } else { temporary.persist_noclobber(&path) };
        named.map(|_| ()).map_err(|error| Stop::Write {
            kept: keep(error.file, &path),
            path: Some(path),
            cause: error.error,
        })
    }

    /// The colors and escapes of JSON there.
    pub fn dress(&self) -> Dress<'d> {
        match self {
            Destination::Stdout(ui) => ui.dress(),
            Destination::Device { room: Some(_), .. } => Dress { palette: None, terminal: true },
            Destination::File { .. } | Destination::Device { .. } => Dress::plain(),
        }
    }

    /// The number of columns of a line there; `None`, no limit, if it is not a terminal.
    pub fn room(&self) -> Option<usize> {
        match self {
            Destination::Stdout(ui) => ui.room(),
            Destination::Device { room, .. } => *room,
            Destination::File { .. } => None,
        }
    }

    /// The streams, if the destination is stdout.
    pub fn stdout(&self) -> Option<&'d Ui> {
        match self {
            Destination::Stdout(ui) => Some(ui),
            Destination::File { .. } | Destination::Device { .. } => None,
        }
    }

    /// Returns whether a response that breaks off leaves its first part there.
    pub fn keeps_parts(&self) -> bool {
        !matches!(self, Destination::File { .. })
    }

    fn is_terminal(&self) -> bool {
        match self {
            Destination::Stdout(ui) => ui.stdout_is_terminal(),
            Destination::Device { room, .. } => room.is_some(),
            Destination::File { .. } => false,
        }
    }
}

/// Creates a file that others may use as the user's mask says.
fn create(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// Opens a device or a pipe, which waits for the pipe's reader, but not for ever.
pub(super) fn open_device(path: &Path) -> io::Result<fs::File> {
    let (sender, opened) = mpsc::channel();
    let owned = path.to_owned();
    let open = move || sender.send(fs::OpenOptions::new().write(true).open(owned));
    thread::Builder::new().spawn(open)?;
    opened.recv_timeout(PATIENCE_FOR_READER).unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, "no process opened it for reading"))
    })
}

/// Names a complete file that cannot get its own name `out.json.heygen-XXXXXX`, and returns that.
fn keep(temporary: NamedTempFile, path: &Path) -> Option<PathBuf> {
    let (prefix, suffix) = TEMPORARY;
    let name = temporary.path().file_name().unwrap_or_default().to_string_lossy();
    let random = name.trim_start_matches(prefix).trim_end_matches(suffix);
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!("{prefix}{random}"));
    let beside = PathBuf::from(beside);
    let kept = match temporary.persist_noclobber(&beside) {
        Ok(_) => Some(beside),
        Err(error) => error.file.keep().ok().map(|(_, temporary)| temporary),
    };
    // Others may have removed it, or its folder.
    kept.filter(|kept| kept.exists())
}

#[cfg(unix)]
fn kept_permissions(existing: &fs::Metadata) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(existing.permissions().mode() & KEPT_PERMISSIONS)
}

#[cfg(not(unix))]
fn kept_permissions(existing: &fs::Metadata) -> fs::Permissions {
    existing.permissions()
}

/// Fills and flushes a buffer.
fn filled<E: Into<Stop>>(
    out: &mut dyn Write,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    path: Option<&Path>,
) -> Result<(), Stop> {
    let outcome = fill(out).map_err(Into::into);
    // The part that came before a failure is written before the failure is reported.
    let flushed = out.flush();
    let path = path.map(Path::to_owned);
    match (outcome, flushed) {
        (Err(stop @ (Stop::Fail(_) | Stop::Cut(_))), _) => Err(stop),
        (Err(Stop::Write { cause, .. }), _) | (Ok(()), Err(cause)) => {
            Err(Stop::Write { path, cause, kept: None })
        }
        (Ok(()), Ok(())) => Ok(()),
    }
}

/// A name that no file can get is found out before the call, not after it.
fn check_name(path: &Path, existing: Option<&fs::Metadata>) -> Result<(), Error> {
    let given = path.as_os_str().as_encoded_bytes();
    let means_folder = given.ends_with(b"/") || given.ends_with(b"/.");
    if means_folder || existing.is_some_and(fs::Metadata::is_dir) {
        return Err(Error::usage_with_hint(
            format!("--save: `{}` is a directory", path.display()),
            "name the file in it",
        ));
    }
    Ok(())
}

/// Prints status and headers, and the body of a failure.
///
/// # Errors
/// stdout fails, and the call did not: the error of a call says more than that of stdout.
pub fn print_head(ui: &Ui, outcome: &Outcome) -> Result<(), Error> {
    let Some(head) = &outcome.head else { return Ok(()) };
    let head = head_lines(ui, head);
    let written = ui.write(|out| out.write_all(head.as_bytes()));
    if outcome.result.is_ok() {
        return written
            .map_err(|cause| Stop::from(cause).into_error(&outcome.call, data_of(outcome)));
    }
    if written.is_ok() {
        let _ = print_error_body(ui, &outcome.error_body);
    }
    Ok(())
}

/// The data of a successful response, if it is JSON.
fn data_of(outcome: &Outcome) -> Option<&[u8]> {
    match &outcome.result {
        Ok(Content::Json(json)) => {
            let envelope = json.envelope();
            let is_nothing = crate::json::is_null(envelope.data);
            Some(if is_nothing { envelope.whole } else { envelope.data })
        }
        _ => None,
    }
}

/// Writes status and headers to the destination of the response.
///
/// # Errors
/// The destination fails.
pub fn save_head(ui: &Ui, outcome: &Outcome, destination: Destination<'_>) -> Result<(), Error> {
    let head = outcome.head.as_ref().map(|head| head_lines(ui, head)).unwrap_or_default();
    let written = destination.write(|out| out.write_all(head.as_bytes()));
    written.map_err(|stop| stop.into_error(&outcome.call, None))
}

/// Prints the body of a failure as received, but for the key.
fn print_error_body(ui: &Ui, body: &[u8]) -> io::Result<()> {
    let text = String::from_utf8_lossy(body);
    let masked = ui.masked(&text);
    ui.write(|out| match ui.stdout_is_terminal() {
        true => out.write_all(for_terminal(&masked).as_bytes()),
        // An error that echoes the key is no data that anybody asked for.
        false if masked != text => out.write_all(masked.as_bytes()),
        false => out.write_all(body),
    })
}

/// The head as it stands in HTTP, with a blank line behind it. The key would be masked.
fn head_lines(ui: &Ui, head: &Head) -> String {
    let mut lines = format!("HTTP/1.1 {}\n", head.status_line());
    for (name, value) in head.lines() {
        lines.push_str(&neutralised(&ui.masked(&format!("{name}: {value}"))));
        lines.push('\n');
    }
    lines.push('\n');
    lines
}

/// Prints bytes that are not JSON or are requested raw: unaltered into a pipe or a file, and onto a
/// terminal only as text.
///
/// # Errors
/// They end too early, are not text for a terminal, or the destination fails.
pub fn print_bytes(
    call: &Call,
    media_type: Option<String>,
    start: Vec<u8>,
    rest: Option<Box<dyn Body>>,
    destination: Destination<'_>,
) -> Result<(), Stop> {
    if destination.is_terminal() {
        let text = text_for_terminal(call, media_type, start, rest)?;
        return destination.write(|out| out.write_all(text.as_bytes()));
    }
    let saves = !matches!(destination, Destination::Stdout(_));
    destination.write(|out| -> Result<(), Stop> {
        out.write_all(&start)?;
        let Some(mut rest) = rest else { return Ok(()) };
        let mut buffer = vec![0; FILE_BUFFER];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    out.write_all(&buffer[..count])?;
                    // The player of a stream needs each piece as it comes.
                    if !saves {
                        out.flush()?;
                    }
                }
                Err(failure) => return Err(broke_off(call, failure)),
            }
        }
    })
}

/// The end of a response that began as a success and broke off.
fn broke_off(call: &Call, failure: CallFailure) -> Stop {
    match Error::call(call.clone(), failure) {
        Error::Call(failed) if call.acceptance.repeat().is_some() => Stop::Cut(failed),
        error => Stop::Fail(error),
    }
}

/// The end, with what came before it.
fn with_body(stop: Stop, body: &[u8]) -> Stop {
    match stop {
        Stop::Cut(mut failed) => {
            failed.body = content::excerpt(body);
            Stop::Cut(failed)
        }
        other => other,
    }
}

fn text_for_terminal(
    call: &Call,
    content_type: Option<String>,
    mut text: Vec<u8>,
    rest: Option<Box<dyn Body>>,
) -> Result<String, Stop> {
    let flaw = ResponseFlaw::BinaryToTerminal { content_type };
    // A body that does not begin as text is refused before the rest of it is fetched.
    if !content::is_text(&text) {
        return Err(Stop::Fail(Error::unusable(call.clone(), flaw)));
    }
    if let Some(mut rest) = rest {
        let mut buffer = vec![0; FILE_BUFFER];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => text.extend_from_slice(&buffer[..count]),
                Err(failure) => return Err(with_body(broke_off(call, failure), &text)),
            }
            if text.len() as u64 > content::LARGEST_JSON || text.contains(&0) {
                let body = call.acceptance.repeat().and_then(|_| content::excerpt(&text));
                return Err(Stop::Fail(Error::unusable_with(call.clone(), flaw, body)));
            }
        }
    }
    Ok(for_terminal(&String::from_utf8_lossy(&text)))
}

/// Text whose lines stay lines, and which cannot control the terminal that it goes to.
fn for_terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.lines() {
        safe.push_str(&neutralised_lines(line));
        safe.push('\n');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::terminal::stdio::Stdio;
    use crate::terminal::streams::{ColorChoice, ErrorFormat};

    #[test]
    fn file_appears_once_complete() {
        let (env, stdio) = (Env::of(&[], "/", None), Stdio::in_memory(""));
        let ui = Ui::new(&stdio, ColorChoice::Auto, ErrorFormat::Auto, false, &env);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.json");
        let names = || fs::read_dir(folder.path()).expect("a folder").count();
        let open =
            |replaces: bool| Destination::open(Some(&Save { path: path.clone(), replaces }), &ui);
        let fails = open(false).expect("a place").write(|out| {
            out.write_all(b"half")?;
            Err(Stop::Fail(Error::FileExists { path: path.clone() }))
        });
        assert!(matches!(fails, Err(Stop::Fail(_))));
        assert_eq!(names(), 0);
        let written = open(false).expect("a place").write(|out| out.write_all(b"one"));
        assert!(written.is_ok());
        assert!(matches!(open(false), Err(Error::FileExists { .. })));
        let written = open(true).expect("a place").write(|out| out.write_all(b"two"));
        assert!(written.is_ok());
        assert_eq!((fs::read(&path).expect("the file").as_slice(), names()), (&b"two"[..], 1));
        assert_eq!((stdio.stdout(), stdio.stderr()), (Vec::new(), Vec::new()));
    }

    #[test]
    fn stdout_keeps_what_came_first() {
        let (env, stdio) = (Env::of(&[], "/", None), Stdio::in_memory(""));
        let ui = Ui::new(&stdio, ColorChoice::Auto, ErrorFormat::Auto, false, &env);
        let destination = Destination::open(None, &ui).expect("stdout");
        assert!(destination.keeps_parts());
        assert_eq!(destination.room(), None);
        let fails = destination.write(|out| {
            out.write_all(b"half")?;
            Err(Stop::from(io::Error::from(io::ErrorKind::StorageFull)))
        });
        assert!(matches!(fails, Err(Stop::Write { path: None, kept: None, .. })));
        assert_eq!(stdio.stdout(), b"half");
    }
}
