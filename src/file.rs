//! Files that the user names, read to their end or to a limit: a device without an end and a FIFO
//! without a writer end in an error.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::time::Duration;

/// The bytes of a file, at most `limit` of them. A FIFO may wait for its first writer as long as
/// `patience`; once it has one it is read like standard input.
///
/// # Errors
/// The file cannot be read, is larger, or is a FIFO that nobody writes to.
pub fn read(path: &Path, limit: u64, patience: Duration) -> io::Result<Vec<u8>> {
    let (mut bytes, file) = open(path, patience)?;
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let too_large = format!("it is larger than {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_large));
    }
    Ok(bytes)
}

/// The open file, and what was read of it to see whether it is written to.
#[cfg(unix)]
fn open(path: &Path, patience: Duration) -> io::Result<(Vec<u8>, File)> {
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

    use rustix::fs::{OFlags, fcntl_setfl};

    // Without this flag opening a FIFO waits for a writer. The open file is asked what it is: its
    // name may lead elsewhere by now.
    let no_wait = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(no_wait).open(path)?;
    let is_fifo = file.metadata()?.file_type().is_fifo();
    let first = if is_fifo { first_byte(&file, patience)? } else { Vec::new() };
    // Others that have nothing to read now, such as `/proc/kmsg`, end in an error.
    if is_fifo || file.is_terminal() {
        fcntl_setfl(&file, OFlags::empty())?;
    }
    Ok((first, file))
}

#[cfg(not(unix))]
fn open(path: &Path, _: Duration) -> io::Result<(Vec<u8>, File)> {
    Ok((Vec::new(), File::open(path)?))
}

/// The first byte of a FIFO; none if its writer is silent so far, or came and went.
#[cfg(unix)]
fn first_byte(mut fifo: &File, patience: Duration) -> io::Result<Vec<u8>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::retry_on_intr;

    let limit = Timespec::try_from(patience).ok();
    let mut asked = [PollFd::new(fifo, PollFlags::IN)];
    let is_touched = retry_on_intr(|| poll(&mut asked, limit.as_ref()))? > 0;
    let mut byte = [0];
    match fifo.read(&mut byte) {
        Ok(0) if !is_touched => {
            Err(io::Error::new(io::ErrorKind::TimedOut, "nobody writes to this FIFO"))
        }
        Ok(count) => Ok(byte[..count].to_vec()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn files_are_read_up_to_a_limit() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, vec![b'a'; 1 << 20]).expect("a file");
        let read = |limit| read(&path, limit, Duration::ZERO);
        assert_eq!(read(1 << 20).map(|bytes| bytes.len()).ok(), Some(1 << 20));
        let error = read((1 << 20) - 1).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn endless_devices_end_in_an_error() {
        let error = read(Path::new("/dev/zero"), 1 << 20, Duration::ZERO).expect_err("an error");
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn fifos_need_a_writer() {
        use rustix::fs::{CWD, Mode, mkfifoat};

        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("fifo");
        mkfifoat(CWD, &path, Mode::from(0o600)).expect("a FIFO");
        let error = read(&path, 10, Duration::from_millis(10)).expect_err("an error");
        assert_eq!(error.to_string(), "nobody writes to this FIFO");
        std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&path, "text"));
            let read = read(&path, 10, Duration::from_secs(60));
            assert_eq!(read.ok().as_deref(), Some(b"text".as_slice()));
        });
    }
}
