//! Files in request bodies: one part of a multipart body, or the whole body.

use super::refusal::Refusal;
use crate::mock::exchange::Request;

/// A file that came with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    pub name: Option<String>,
    pub media_type: Option<String>,
    /// The place of the bytes in the request body.
    pub start: usize,
    pub end: usize,
}

impl Upload {
    /// The bytes, in the request that they came with.
    pub(super) fn bytes<'r>(&self, request: &'r Request) -> &'r [u8] {
        request.body.get(self.start..self.end).unwrap_or_default()
    }
}

/// The whole body as a file of a media type.
pub(super) fn raw(request: &Request, media_type: &str) -> Result<Upload, Refusal> {
    match request.body.len() {
        0 => Err(Refusal::invalid("file", "The request body is empty.")),
        end => Ok(Upload { name: None, media_type: Some(media_type.to_owned()), start: 0, end }),
    }
}

/// The part named `file` of a multipart body.
pub(super) fn file(request: &Request) -> Result<Upload, Refusal> {
    let malformed = || Refusal::invalid("file", "The multipart body is malformed.");
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = parameter(content_type, "boundary").ok_or_else(malformed)?;
    let parts = parts(&request.body, &boundary).ok_or_else(malformed)?;
    let file = parts.into_iter().find(|(name, _)| name == "file").map(|(_, upload)| upload);
    match file {
        None => Err(Refusal::invalid("file", "'file' is required.")),
        Some(upload) if upload.start == upload.end => {
            Err(Refusal::invalid("file", "'file' is empty."))
        }
        Some(upload) => Ok(upload),
    }
}

/// The parts of a body with their names; `None` if it is not delimited by the boundary to its end.
fn parts(body: &[u8], boundary: &str) -> Option<Vec<(String, Upload)>> {
    let delimiter = format!("--{boundary}").into_bytes();
    let inner = [b"\r\n", delimiter.as_slice()].concat();
    let first = position(body, &delimiter, 0)?;
    let mut parts = Vec::new();
    let mut place = first + delimiter.len();
    loop {
        if body.get(place..place + 2)? == b"--" {
            return Some(parts);
        }
        let headers = position(body, b"\r\n", place)?;
        let end_of_headers = position(body, b"\r\n\r\n", headers)?;
        let start = end_of_headers + 4;
        let end = position(body, &inner, start)?;
        parts.push(part(body.get(headers..end_of_headers)?, start, end));
        place = end + inner.len();
    }
}

fn part(headers: &[u8], start: usize, end: usize) -> (String, Upload) {
    let headers = String::from_utf8_lossy(headers);
    let header = |name: &str| {
        let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(own, _)| own.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let disposition = header("content-disposition").unwrap_or_default();
    let name = parameter(&disposition, "name").unwrap_or_default();
    let file_name = parameter(&disposition, "filename");
    (name, Upload { name: file_name, media_type: header("content-type"), start, end })
}

/// The value of a parameter of a header, such as `boundary`, without its quotes.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parameters = header.split(';').skip(1).filter_map(|text| text.trim().split_once('='));
    let (_, value) = parameters.find(|(own, _)| own.trim().eq_ignore_ascii_case(name))?;
    let value = value.trim();
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(inner.unwrap_or(value).to_owned()).filter(|value| !value.is_empty())
}

/// The place of a text in bytes, from a place on.
fn position(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let first = *wanted.first()?;
    let mut start = from;
    loop {
        let rest = bytes.get(start..)?;
        let found = start + rest.iter().position(|byte| *byte == first)?;
        if bytes.get(found..found + wanted.len())? == wanted {
            return Some(found);
        }
        start = found + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(content_type: &str, body: &[u8]) -> Request {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Request { headers, body: body.to_vec(), ..Request::default() }
    }

    #[test]
    fn finds_the_file_among_the_parts() {
        let check = |content_type: &str, body: &str, expected: Option<(&str, Option<&str>)>| {
            let request = request(content_type, body.as_bytes());
            let found = file(&request).ok();
            let found = found.as_ref().map(|upload| {
                (String::from_utf8_lossy(upload.bytes(&request)), upload.name.as_deref())
            });
            let expected = expected.map(|(bytes, name)| (bytes.into(), name));
            assert_eq!(found, expected, "{body}");
        };
        let form = "multipart/form-data; boundary=XX";
        let file = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nab\r\n--X\r\n--XX--\r\n";
        check(form, file, Some(("ab\r\n--X", Some("a.png"))));
        check("multipart/form-data; boundary=\"XX\"", file, Some(("ab\r\n--X", Some("a.png"))));
        let second = format!("--XX\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n{file}");
        check(form, &second, Some(("ab\r\n--X", Some("a.png"))));
        check("multipart/form-data", file, None);
        check(form, "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nab", None);
        check(form, "--XX--\r\n", None);
        check(form, "", None);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = file(&request("multipart/form-data; boundary=-", &body));
        }
    }
}
