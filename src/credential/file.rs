//! Reading a small text file, whatever its path leads to.

use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use crate::error::system_words;
use crate::file::{open_regular, read, read_to_limit};

/// A file with a key in it is never larger than this.
const LIMIT: u64 = 1 << 20;

/// A FIFO that was named may be silent for this long: `<(op read …)` asks for a fingerprint first.
const PATIENCE: Duration = Duration::from_secs(120);

/// The reason why a file's text cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Nothing is at the path.
    Absent,
    /// Something else is there, described by this: `is a FIFO`.
    Unfit(String),
}

/// The owners whose files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Anybody's.
    Anyone,
    /// Those of the user who runs the program, and of root.
    UserOrRoot,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Absent => f.write_str("no such file"),
            Unread::Unfit(why) => f.write_str(why),
        }
    }
}

/// Reads a file that the user named, which may be a FIFO, as `<(…)` of a shell makes them.
pub(super) fn given(path: &Path) -> Result<String, Unread> {
    text(read(path, LIMIT, PATIENCE))
}

/// Reads a file that was found at a usual place, which must be a regular file.
pub(super) fn discovered(path: &Path, owner: Owner) -> Result<String, Unread> {
    let entry = fs::symlink_metadata(path).map_err(|cause| unread(&cause))?;
    let target = match fs::metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            return Err(Unread::Unfit("is a dangling symlink".to_owned()));
        }
        target => target.map_err(|cause| unread(&cause))?,
    };
    // Opening some devices has effects. A file that is swapped after this check is refused below.
    if !target.is_file() {
        return Err(Unread::Unfit(kind(target.file_type()).to_owned()));
    }
    let file = open_regular(path).map_err(|cause| unread(&cause))?;
    // Asked of the open file, so that nobody can swap it after the check.
    let opened = file.metadata().map_err(|cause| unread(&cause))?;
    if owner == Owner::UserOrRoot && !(is_trusted(&entry) && is_trusted(&opened)) {
        return Err(Unread::Unfit("belongs to another user".to_owned()));
    }
    text_of(file)
}

/// Reads a text to its end, up to the limit. Bytes that are not text become U+FFFD: they matter only
/// if they are part of the key, and no key has that character.
pub(super) fn text_of(reader: impl Read) -> Result<String, Unread> {
    text(read_to_limit(reader, LIMIT))
}

fn text(bytes: io::Result<Vec<u8>>) -> Result<String, Unread> {
    bytes.map(|bytes| decoded(&bytes)).map_err(|cause| unread(&cause))
}

/// Decodes text with or without a byte order mark. Windows PowerShell's `>` writes UTF-16.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xEF, 0xBB, 0xBF, utf8 @ ..] => String::from_utf8_lossy(utf8).into_owned(),
        [0xFF, 0xFE, utf16 @ ..] => from_utf16(utf16, u16::from_le_bytes),
        [0xFE, 0xFF, utf16 @ ..] => from_utf16(utf16, u16::from_be_bytes),
        utf8 => String::from_utf8_lossy(utf8).into_owned(),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn unread(cause: &io::Error) -> Unread {
    match cause.kind() {
        io::ErrorKind::NotFound => Unread::Absent,
        io::ErrorKind::FileTooLarge => Unread::Unfit("is larger than 1 MB".to_owned()),
        io::ErrorKind::TimedOut => Unread::Unfit("is a FIFO that nobody writes to".to_owned()),
        _ => Unread::Unfit(format!("cannot be read: {}", system_words(cause))),
    }
}

#[cfg(unix)]
fn is_trusted(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == 0 || metadata.uid() == rustix::process::geteuid().as_raw()
}

/// The standard library knows no owners on other systems.
#[cfg(not(unix))]
fn is_trusted(_metadata: &Metadata) -> bool {
    true
}

/// The kind of a file that is not a regular one.
fn kind(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "is a FIFO";
        }
        if file_type.is_socket() {
            return "is a socket";
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return "is a device";
        }
    }
    if file_type.is_dir() { "is a folder" } else { "is not a regular file" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn reads_every_encoding() {
        let check = |bytes: &[u8], text: &str| assert_eq!(text_of(bytes).as_deref(), Ok(text));
        check(b"A=b", "A=b");
        check(b"\xEF\xBB\xBFA=b", "A=b");
        check(b"\xFF\xFEA\0=\0b\0", "A=b");
        check(b"\xFE\xFF\0A\0=\0b", "A=b");
        check(b"\xFF\xFEA\0=", "A");
        check(b"A=\xFF", "A=\u{FFFD}");
    }

    #[test]
    fn reads_at_most_one_megabyte() {
        let limit = LIMIT as usize;
        assert_eq!(text_of(vec![b'a'; limit].as_slice()).map(|text| text.len()), Ok(limit));
        let too_large = Err(Unread::Unfit("is larger than 1 MB".to_owned()));
        assert_eq!(text_of(io::repeat(b'a')), too_large);
    }

    #[cfg(unix)]
    #[test]
    fn discovered_paths_must_be_regular_files() {
        use std::os::unix::fs::symlink;
        let root = TempDir::new().expect("a scratch folder");
        let at = |name: &str| root.path().join(name);
        let check = |name: &str, expected: &str| match discovered(&at(name), Owner::UserOrRoot) {
            Ok(text) => assert_eq!(text, expected, "{name}"),
            Err(unread) => assert_eq!(unread.to_string(), expected, "{name}"),
        };
        fs::write(at("file"), "text").expect("a file");
        fs::create_dir(at("folder")).expect("a folder");
        symlink("file", at("link")).expect("a link");
        symlink("gone", at("dangling")).expect("a link");
        symlink("loop", at("loop")).expect("a link");
        symlink("/dev/zero", at("device")).expect("a link");
        let _listener = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
        let made = std::process::Command::new("mkfifo").arg(at("fifo")).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        check("file", "text");
        check("link", "text");
        check("gone", "no such file");
        check("folder", "is a folder");
        check("dangling", "is a dangling symlink");
        check("loop", "cannot be read: too many levels of symbolic links");
        check("device", "is a device");
        check("socket", "is a socket");
        check("fifo", "is a FIFO");
        check("file/below", "cannot be read: not a directory");
    }

    #[cfg(unix)]
    #[test]
    fn given_paths_may_be_fifos() {
        let root = TempDir::new().expect("a scratch folder");
        let fifo = root.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&fifo, "text"));
            assert_eq!(given(&fifo).as_deref(), Ok("text"));
        });
        assert_eq!(given(&root.path().join("gone")), Err(Unread::Absent));
    }

    /// Only root can give files away; for others there is nothing to test.
    #[cfg(unix)]
    #[test]
    fn refuses_files_of_other_users() {
        use std::os::unix::fs::{chown, lchown, symlink};
        let root = TempDir::new().expect("a scratch folder");
        let (theirs, mine) = (root.path().join("theirs"), root.path().join("mine"));
        let link = root.path().join("link");
        fs::write(&theirs, "text").expect("a file");
        fs::write(&mine, "text").expect("a file");
        symlink(&mine, &link).expect("a link");
        if chown(&theirs, Some(54_321), None).is_err() {
            return;
        }
        lchown(&link, Some(54_321), None).expect("root may do that");
        let refused = Err(Unread::Unfit("belongs to another user".to_owned()));
        assert_eq!(discovered(&theirs, Owner::UserOrRoot), refused);
        assert_eq!(discovered(&link, Owner::UserOrRoot), refused);
        assert_eq!(discovered(&theirs, Owner::Anyone).as_deref(), Ok("text"));
        assert_eq!(discovered(&mine, Owner::UserOrRoot).as_deref(), Ok("text"));
    }

    proptest! {
        #[test]
        fn any_text_survives_every_encoding(text in any::<String>()) {
            prop_assume!(!text.starts_with('\u{FEFF}'));
            let marked = format!("\u{FEFF}{text}");
            let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [text.as_bytes(), marked.as_bytes(), &little, &big] {
                prop_assert_eq!(text_of(bytes), Ok(text.clone()));
            }
        }

        #[test]
        fn reading_never_panics(bytes in any::<Vec<u8>>()) {
            prop_assert!(text_of(bytes.as_slice()).is_ok());
        }
    }
}
