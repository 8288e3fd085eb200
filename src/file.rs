//! Files that somebody named or that lie at a usual place, read to their end or to a limit: a
//! device without an end, a FIFO without a writer and a file that grows meanwhile end in an error.

use std::fs::{self, File};
use std::io::{self, Cursor, IsTerminal as _, Read};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

/// The most that is read at once of what is not a regular file.
const PIECE: usize = 64 * 1024;

/// Reads a file that was named, at most `limit` bytes. A FIFO (as `<(…)` of a shell is one) may be
/// silent for as long as `patience`, before its first byte and between any two.
///
/// # Errors
/// The file cannot be read, is a terminal, is larger than `limit` ([`io::ErrorKind::FileTooLarge`]),
/// or is silent for too long ([`io::ErrorKind::TimedOut`]).
pub fn read(path: &Path, limit: u64, patience: Duration) -> io::Result<Vec<u8>> {
    // Asked before it is opened: opening and closing a FIFO would break its writer's pipe.
    if fs::metadata(path)?.is_file() {
        return read_to_limit(open_regular(path)?, limit);
    }
    read_to_limit(stream(path, patience)?, limit)
}

/// Opens what is not a regular file, such as a FIFO. It may be silent for as long as `patience`,
/// before its first byte and between any two; then reading ends in [`io::ErrorKind::TimedOut`].
///
/// # Errors
/// The system has no thread left.
pub fn stream(path: &Path, patience: Duration) -> io::Result<impl Read + use<>> {
    // Opening waits too, for a writer. The thread is left behind where nothing comes.
    let (sender, pieces) = mpsc::sync_channel(1);
    let path = path.to_owned();
    thread::Builder::new().spawn(move || send_pieces(&path, &sender))?;
    Ok(Stream { pieces, piece: Cursor::default(), patience })
}

/// What another thread reads.
struct Stream {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// The piece that is being handed out.
    piece: Cursor<Vec<u8>>,
    patience: Duration,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match self.pieces.recv_timeout(self.patience) {
                Ok(piece) => self.piece = Cursor::new(piece?),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody writes to it"));
                }
            }
        }
    }
}

/// Reads to the end, at most `limit` bytes.
///
/// # Errors
/// The reader fails, or has more ([`io::ErrorKind::FileTooLarge`]).
pub fn read_to_limit(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    bounded(bytes, limit)
}

/// Opens a regular file. Anything else at the path is refused after it was opened, so that nobody
/// can exchange it after the check; neither opening nor reading ever waits.
///
/// # Errors
/// It cannot be opened, or is not a regular file ([`io::ErrorKind::InvalidInput`]).
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = open(path, Waiting::Never)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok(file)
}

/// The permission to wait while opening and reading: for the writer of a FIFO, for news in
/// `/proc/kmsg`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Allowed,
    Never,
}

#[cfg(unix)]
fn open(path: &Path, waiting: Waiting) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A terminal that is opened must not become the one whose signals we get.
    let flags = match waiting {
        Waiting::Allowed => OFlags::NOCTTY,
        Waiting::Never => OFlags::NOCTTY | OFlags::NONBLOCK,
    };
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _: Waiting) -> io::Result<File> {
    File::open(path)
}

/// Sends what comes from the file, and at last the error, if it ends in one.
fn send_pieces(path: &Path, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let pieces = || -> io::Result<()> {
        let mut file = open(path, Waiting::Allowed)?;
        if file.is_terminal() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a terminal"));
        }
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                // Whoever asked has stopped waiting.
                Ok(length) if sender.send(Ok(piece[..length].to_vec())).is_err() => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    };
    if let Err(error) = pieces() {
        let _ = sender.send(Err(error));
    }
}

fn bounded(bytes: Vec<u8>, limit: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 <= limit {
        return Ok(bytes);
    }
    let too_large = format!("it is larger than {} MiB", limit >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, too_large))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A file of one mebibyte in a folder of its own.
    fn megabyte() -> (TempDir, std::path::PathBuf) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, vec![b'a'; 1 << 20]).expect("a file");
        (folder, path)
    }

    /// A FIFO in a folder of its own.
    #[cfg(unix)]
    fn fifo() -> (TempDir, std::path::PathBuf) {
        use rustix::fs::{CWD, Mode, mkfifoat};
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("fifo");
        mkfifoat(CWD, &path, Mode::from(0o600)).expect("a FIFO");
        (folder, path)
    }

    #[test]
    fn files_are_read_up_to_a_limit() {
        let (_folder, path) = megabyte();
        let read = |limit| read(&path, limit, Duration::ZERO);
        assert_eq!(read(1 << 20).map(|bytes| bytes.len()).ok(), Some(1 << 20));
        let error = read((1 << 20) - 1).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn missing_files_and_folders_are_errors() {
        let (folder, path) = megabyte();
        let kind = |path: &Path| read(path, 10, PATIENCE).map_err(|error| error.kind());
        assert_eq!(kind(&path.join("below")), Err(io::ErrorKind::NotADirectory));
        assert_eq!(kind(&folder.path().join("gone")), Err(io::ErrorKind::NotFound));
        assert_eq!(kind(folder.path()), Err(io::ErrorKind::IsADirectory));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn endless_devices_end_in_an_error() {
        let error = read(Path::new("/dev/zero"), 1 << 20, PATIENCE).expect_err("an error");
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
        assert_eq!(read(Path::new("/dev/null"), 10, PATIENCE).ok(), Some(Vec::new()));
    }

    #[cfg(unix)]
    #[test]
    fn fifos_need_a_writer() {
        let (_folder, path) = fifo();
        let error = read(&path, 10, Duration::from_millis(10)).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let (_folder, path) = fifo();
        thread::scope(|scope| {
            scope.spawn(|| fs::write(&path, "text"));
            assert_eq!(read(&path, 10, PATIENCE).ok().as_deref(), Some(b"text".as_slice()));
        });
    }

    #[cfg(unix)]
    #[test]
    fn fifos_without_an_end_are_given_up() {
        let (_folder, path) = fifo();
        thread::scope(|scope| {
            let (done, wait) = mpsc::channel::<()>();
            scope.spawn(|| {
                use std::io::Write as _;
                let mut writer = File::options().write(true).open(&path).expect("a reader");
                writer.write_all(b"text").expect("it is read");
                let _ = wait.into_iter().count();
            });
            let error = read(&path, 10, Duration::from_millis(200)).expect_err("an error");
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            drop(done);
        });
    }

    #[cfg(unix)]
    #[test]
    fn open_regular_never_waits() {
        let (_folder, path) = fifo();
        let error = open_regular(&path).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[cfg(unix)]
    #[test]
    fn terminals_are_refused() {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("it is ours");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let name = name.into_string().expect("a plain name");
        let error = read(Path::new(&name), 10, PATIENCE).expect_err("an error");
        assert_eq!(error.to_string(), "it is a terminal");
    }
}
