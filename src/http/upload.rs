//! The body of a request, ready for several attempts: files are opened anew for each one and
//! never held in memory.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::trace::size;
use crate::api::request::{Body, Part, Payload};
use crate::error::{CallFailure, system_words};
use crate::file;
use crate::random;

/// Standard input and pipes are held in memory up to this size, so that they can be sent again:
/// 32 MB, the largest multipart upload that HeyGen takes. What is larger is sent once.
const LARGEST_KEPT: u64 = 32 * 1024 * 1024;

/// Opens stdin, which belongs to the terminal's room.
pub type OpenStdin<'o> = dyn Fn() -> Box<dyn Read> + 'o;

/// The ways to open what is no regular file.
struct Open<'o> {
    stdin: &'o OpenStdin<'o>,
    patience: Duration,
}

/// A body as it goes out.
pub struct Load {
    pub media_type: String,
    pieces: Vec<Piece>,
    /// Its parts by name, size and type, where it is not JSON.
    summary: Vec<String>,
}

/// One part of a body.
enum Piece {
    Bytes(Vec<u8>),
    File {
        path: PathBuf,
        length: u64,
    },
    /// The rest of something that can be read once; `None` when it was.
    Once(Option<Box<dyn Read>>),
}

impl Load {
    /// Looks at the files that a body names; `None` for no body. What is not a regular file, such as
    /// a FIFO, may be silent for as long as `patience`.
    ///
    /// # Errors
    /// A file, or stdin, cannot be read.
    pub fn new(
        body: &Body,
        stdin: &OpenStdin<'_>,
        patience: Duration,
    ) -> Result<Option<Load>, CallFailure> {
        let open = Open { stdin, patience };
        let media_type = body.media_type().unwrap_or_default().to_owned();
        let mut load = Load { media_type, pieces: Vec::new(), summary: Vec::new() };
        match body {
            Body::Empty => return Ok(None),
            Body::Json(text) => load.push_text(text),
            Body::Bytes(payload, media_type) => {
                load.push(payload, &open)?;
                load.summary.push(size(load.length(), Some(media_type.as_str())));
            }
            Body::Form(parts) => {
                let boundary = boundary();
                load.media_type = format!("multipart/form-data; boundary={boundary}");
                for part in parts {
                    load.push_text(&format!("--{boundary}\r\n{}", part.head()));
                    let before = load.length();
                    load.push(&part.payload, &open)?;
                    let added = load.length().zip(before).map(|(length, before)| length - before);
                    load.summary.push(summary(part, added));
                    load.push_text("\r\n");
                }
                load.push_text(&format!("--{boundary}--\r\n"));
            }
        }
        Ok(Some(load))
    }

    /// The parts by name, size and type; nothing for JSON.
    pub fn summary(&self) -> &[String] {
        &self.summary
    }

    /// The number of bytes to send; `None` if unknown before the end.
    pub fn length(&self) -> Option<u64> {
        self.pieces.iter().try_fold(0_u64, |sum, piece| match piece {
            Piece::Bytes(bytes) => sum.checked_add(bytes.len() as u64),
            Piece::File { length, .. } => sum.checked_add(*length),
            Piece::Once(_) => None,
        })
    }

    /// Returns true if it can be sent again.
    pub fn is_repeatable(&self) -> bool {
        !self.pieces.iter().any(|piece| matches!(piece, Piece::Once(_)))
    }

    /// Returns true if it comes from a file or from stdin: sending it has no total time limit.
    pub fn is_file(&self) -> bool {
        self.pieces.iter().any(|piece| !matches!(piece, Piece::Bytes(_)))
    }

    /// The bytes, from the beginning.
    ///
    /// # Errors
    /// A file is gone.
    pub fn open(&mut self) -> Result<Box<dyn Read + '_>, CallFailure> {
        let mut reader: Box<dyn Read + '_> = Box::new(io::empty());
        for piece in &mut self.pieces {
            reader = match piece {
                Piece::Bytes(bytes) => Box::new(reader.chain(Cursor::new(bytes.as_slice()))),
                Piece::File { path, length } => {
                    let file =
                        file::open_regular(path).map_err(|error| unreadable(path, &error))?;
                    Box::new(reader.chain(Exactly { file, path: path.clone(), left: *length }))
                }
                Piece::Once(rest) => match rest.take() {
                    Some(rest) => Box::new(reader.chain(rest)),
                    None => reader,
                },
            };
        }
        Ok(reader)
    }

    fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Bytes(bytes)) => bytes.extend_from_slice(text.as_bytes()),
            _ => self.pieces.push(Piece::Bytes(text.as_bytes().to_vec())),
        }
    }

    fn push(&mut self, payload: &Payload, open: &Open<'_>) -> Result<(), CallFailure> {
        let path = match payload {
            Payload::Text(text) => {
                self.push_text(text);
                return Ok(());
            }
            Payload::Stdin => return self.push_stream((open.stdin)(), Path::new("stdin")),
            Payload::File(path) => path,
        };
        let cannot = |error: io::Error| unreadable(path, &error);
        // Asked before it is opened: opening and closing a FIFO would break its writer's pipe.
        let metadata = fs::metadata(path).map_err(cannot)?;
        // Files that the system makes up, as in /proc, say that they are empty.
        if metadata.is_file() && metadata.len() > 0 {
            file::open_regular(path).map_err(cannot)?;
            self.pieces.push(Piece::File { path: path.clone(), length: metadata.len() });
            return Ok(());
        }
        let stream = file::stream(path, open.patience).map_err(cannot)?;
        self.push_stream(Box::new(stream), path)
    }

    fn push_stream(&mut self, mut stream: Box<dyn Read>, name: &Path) -> Result<(), CallFailure> {
        let mut head = Vec::new();
        stream
            .by_ref()
            .take(LARGEST_KEPT)
            .read_to_end(&mut head)
            .map_err(|error| unreadable(name, &error))?;
        let is_all = (head.len() as u64) < LARGEST_KEPT;
        self.pieces.push(Piece::Bytes(head));
        if !is_all {
            let rest = Named { stream, name: name.to_owned() };
            self.pieces.push(Piece::Once(Some(Box::new(rest))));
        }
        Ok(())
    }
}

/// A part of a form: `file: portrait.png <123456 bytes of image/png>`.
fn summary(part: &Part, bytes: Option<u64>) -> String {
    let size = size(bytes, part.media_type.as_deref());
    match &part.file_name {
        Some(file_name) => format!("{}: {file_name} {size}", part.name),
        None => format!("{}: {size}", part.name),
    }
}

/// A file of which so many bytes were promised: growing is not noticed, shrinking is an error.
struct Exactly {
    file: File,
    path: PathBuf,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        match self.file.read(&mut buffer[..wanted]) {
            Ok(0) => {
                let reason = "it became shorter while it was sent".to_owned();
                Err(io::Error::other(FileFault { path: self.path.clone(), reason }))
            }
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(error) => Err(fault(&self.path, error)),
        }
    }
}

/// Something that is read once, whose errors name it.
struct Named {
    stream: Box<dyn Read>,
    name: PathBuf,
}

impl Read for Named {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| fault(&self.name, error))
    }
}

/// An error of a file as it passes through the reader of a request.
fn fault(path: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        // Reading goes on after it.
        io::ErrorKind::Interrupted => error,
        _ => io::Error::other(FileFault { path: path.to_owned(), reason: system_words(&error) }),
    }
}

/// A failure to read a file of the body, passed through the reader of a request.
#[derive(Debug, Clone)]
pub struct FileFault {
    /// The file.
    pub path: PathBuf,
    pub reason: String,
}

impl std::error::Error for FileFault {}

impl std::fmt::Display for FileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "reading `{}`: {}", self.path.display(), self.reason)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> CallFailure {
    CallFailure::Unreadable { path: path.to_owned(), reason: system_words(error), is_begun: false }
}

/// A line that occurs in no file but by malice: 128 random bits.
fn boundary() -> String {
    // Without random numbers the boundary is a fixed one, which is as rare in files.
    format!("heygen-{}", random::hex().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::Part;
    use proptest::prelude::*;

    fn part(
        name: &str,
        payload: Payload,
        file_name: Option<&str>,
        media_type: Option<&str>,
    ) -> Part {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Part {
            name: name.to_owned(),
            payload,
            file_name: own(file_name),
            media_type: own(media_type),
        }
    }

    fn sent(load: &mut Load) -> Vec<u8> {
        let mut bytes = Vec::new();
        load.open().expect("a reader").read_to_end(&mut bytes).expect("bytes");
        bytes
    }

    #[test]
    fn form_is_multipart_like_browsers() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.png");
        std::fs::write(&path, b"\x89PNG").expect("a file");
        let parts = vec![
            part("na\"me\r\n", Payload::Text("text".to_owned()), None, None),
            part("file", Payload::File(path.clone()), Some("a\".png"), Some("image/png")),
        ];
        let mut load = Load::new(&Body::Form(parts), &|| Box::new(io::empty()), Duration::ZERO)
            .expect("a load")
            .expect("a body");
        let boundary = load
            .media_type
            .strip_prefix("multipart/form-data; boundary=")
            .expect("a boundary")
            .to_owned();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"na%22me%0D%0A\"\r\n\r\ntext\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        let expected =
            [head.as_bytes(), b"\x89PNG", format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        assert_eq!(load.length(), Some(expected.len() as u64));
        assert!(load.is_repeatable() && load.is_file());
        assert_eq!(sent(&mut load), expected);
        assert_eq!(sent(&mut load), expected);
        std::fs::write(&path, b"\x89").expect("a file");
        let error =
            load.open().expect("a reader").read_to_end(&mut Vec::new()).expect_err("an error");
        assert!(error.to_string().ends_with("it became shorter while it was sent"), "{error}");
    }

    #[test]
    fn small_streams_are_kept_for_retry() {
        let check = |length: u64, repeatable: bool| {
            let mut load =
                Load { media_type: String::new(), summary: Vec::new(), pieces: Vec::new() };
            load.push_stream(Box::new(io::repeat(7).take(length)), Path::new("stdin"))
                .expect("a stream");
            assert_eq!(load.is_repeatable(), repeatable);
            assert_eq!(load.length(), repeatable.then_some(length));
            assert_eq!(sent(&mut load).len() as u64, length);
        };
        check(5, true);
        check(LARGEST_KEPT + 5, false);
    }

    proptest! {
        #[test]
        fn content_length_matches_the_body(parts in proptest::collection::vec(("\\PC{0,10}", "\\PC{0,40}"), 0..4)) {
            let parts = parts.iter().map(|(name, text)| part(name, Payload::Text(text.clone()), None, None)).collect();
            let mut load = Load::new(&Body::Form(parts), &|| Box::new(io::empty()), Duration::ZERO).expect("a load").expect("a body");
            prop_assert_eq!(load.length(), Some(sent(&mut load).len() as u64));
        }
    }
}
