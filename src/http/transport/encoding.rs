//! The codings of a response's body, as far as ureq leaves them alone: it decodes `chunked` where it
//! is written like that, and hands out all others as if they were the data. Its own gzip takes a body
//! of no bytes, as a 204 has, for one that was cut.

use std::io::{self, BufRead as _, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use http::HeaderMap;
use http::Version;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};

/// gzip is read in pieces of this size.
const ZIPPED_BUFFER: usize = 32 * 1024;

/// The transfer codings that nobody decodes, in words; `None` if the body can be read.
pub(super) fn unreadable_transfer(version: Version, headers: &HeaderMap) -> Option<String> {
    let codings = codings(headers, TRANSFER_ENCODING);
    match codings.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => None,
        ["chunked"] if version > Version::HTTP_10 => None,
        _ => Some(format!("its body has the transfer coding `{}`", codings.join(", "))),
    }
}

/// The body behind gzip, which old servers call `x-gzip`.
pub(super) fn unzipped(reader: impl Read + 'static, headers: &mut HeaderMap) -> Box<dyn Read> {
    let codings = codings(headers, CONTENT_ENCODING);
    if !matches!(codings.as_slice(), [coding] if coding == "gzip" || coding == "x-gzip") {
        return Box::new(reader);
    }
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    Box::new(Zipped::Unread(Some(BufReader::with_capacity(ZIPPED_BUFFER, reader))))
}

/// The first byte of gzip (RFC 1952); no text begins with it.
const MAGIC: u8 = 0x1f;

/// A body that may be gzip: one without any bytes is empty, and one that is none is what it is.
enum Zipped<R> {
    /// Nothing was read yet: a decoder would read at once.
    Unread(Option<BufReader<R>>),
    Begun(MultiGzDecoder<BufReader<R>>),
    Plain(BufReader<R>),
}

impl<R: Read> Read for Zipped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Zipped::Unread(unread) = self {
            let Some(reader) = unread else { return Ok(0) };
            let first = reader.fill_buf()?.first().copied();
            let Some(reader) = unread.take().filter(|_| first.is_some()) else { return Ok(0) };
            *self = match first {
                Some(MAGIC) => Zipped::Begun(MultiGzDecoder::new(reader)),
                _ => Zipped::Plain(reader),
            };
        }
        match self {
            Zipped::Unread(_) => Ok(0),
            Zipped::Begun(decoder) => decoder.read(buffer),
            Zipped::Plain(reader) => reader.read(buffer),
        }
    }
}

/// The codings of all headers with this name, in lower case; `identity` is none.
fn codings(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let values = headers.get_all(name);
    let values = values.iter().filter_map(|value| value.to_str().ok());
    let codings = values.flat_map(|value| value.split(','));
    let codings = codings.map(|coding| coding.trim().to_ascii_lowercase());
    codings.filter(|coding| !coding.is_empty() && coding != "identity").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_chunked_can_be_read() {
        let check = |version: Version, values: &[&str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(TRANSFER_ENCODING, value.parse().expect("a value"));
            }
            let expected =
                expected.map(|codings| format!("its body has the transfer coding `{codings}`"));
            assert_eq!(unreadable_transfer(version, &headers), expected, "{values:?}");
        };
        check(Version::HTTP_11, &[], None);
        check(Version::HTTP_11, &["chunked"], None);
        check(Version::HTTP_11, &["identity, Chunked"], None);
        check(Version::HTTP_10, &["chunked"], Some("chunked"));
        check(Version::HTTP_11, &["gzip, chunked"], Some("gzip, chunked"));
        check(Version::HTTP_11, &["gzip", "chunked"], Some("gzip, chunked"));
        check(Version::HTTP_11, &["chunked, chunked"], Some("chunked, chunked"));
    }
}
