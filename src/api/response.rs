//! A response: status, headers, and a body that is read on demand.

use http::HeaderMap;

use crate::error::CallFailure;

/// A response of any status. Its body was not read yet.
pub struct Response {
    pub head: Head,
    pub body: Box<dyn Body>,
}

/// The status and headers of a response.
#[derive(Debug, Clone, Default)]
pub struct Head {
    pub status: u16,
    pub headers: HeaderMap,
}

/// The bytes of a response body, after decompression.
pub trait Body {
    /// Fills some of the buffer; 0 is the end of a body that is whole.
    ///
    /// # Errors
    /// The time ran out, or the connection ended before the body did.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, CallFailure>;
}

impl Head {
    /// A header's value as text; invalid UTF-8 becomes U+FFFD.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (!media_type.is_empty()).then_some(media_type)
    }

    /// The `Content-Length`: bytes on the wire, before decompression.
    pub fn announced_length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// The id that HeyGen gives a call.
    pub fn request_id(&self) -> Option<String> {
        self.header("x-request-id").filter(|id| !id.is_empty())
    }

    /// The status with its words, if it has some: `200 OK`.
    pub fn status_line(&self) -> String {
        let status = http::StatusCode::from_u16(self.status).ok();
        match status.and_then(|status| status.canonical_reason()) {
            Some(words) => format!("{} {words}", self.status),
            None => self.status.to_string(),
        }
    }

    /// The headers as text, in the order they came.
    pub fn lines(&self) -> Vec<(String, String)> {
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
    }
}

/// A body that is in memory, for tests and for what was read ahead.
impl Body for std::io::Cursor<Vec<u8>> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, CallFailure> {
        // Reading from memory cannot fail.
        Ok(std::io::Read::read(self, buffer).unwrap_or_default())
    }
}
