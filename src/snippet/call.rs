//! The parts of a call, computed once for all languages.

use std::borrow::Cow;
use std::path::Path;

use super::CannotSay;
use crate::api::origin::Base;
use crate::api::request::{Body, IdempotencyKey, Part, Payload, Request};

/// A call as programs spell it.
pub(super) struct Call<'r> {
    /// The method, in capitals.
    pub(super) method: &'r str,
    /// The whole URL, encoded: for languages that take it as it is.
    pub(super) url: String,
    /// The URL without its query, and the query, where Python's own encoding of it gives the same.
    pub(super) with_parameters: Option<(String, &'r [(String, String)])>,
    /// Everything but the key.
    pub(super) headers: Vec<(&'r str, &'r str)>,
    /// The request body.
    pub(super) body: &'r Body,
    /// True to print the whole response, not only its data.
    pub(super) whole: bool,
    path: &'r str,
}

impl<'r> Call<'r> {
    pub(super) fn of(request: &'r Request, base: &Base, whole: bool) -> Call<'r> {
        let is_plain = |text: &String| !text.contains(' ');
        let can_be_parameters = request.endpoint.query().is_none()
            && !request.query.is_empty()
            && request.query.iter().all(|(name, value)| is_plain(name) && is_plain(value));
        // A key made for one command would make the program repeat that command's response.
        let is_left_out = |name: &str| {
            name == "Idempotency-Key"
                && matches!(request.idempotency_key, Some(IdempotencyKey::Made(_)))
        };
        let mut headers = request.headers(request.body.media_type());
        headers.retain(|(name, _)| !is_left_out(name));
        Call {
            method: request.method.as_str(),
            url: base.url(&request.target()),
            with_parameters: can_be_parameters
                .then(|| (base.url(request.endpoint.path()), request.query.as_slice())),
            headers,
            body: &request.body,
            whole,
            path: request.endpoint.path(),
        }
    }

    /// Returns true if the response has no body: its headers are printed instead.
    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Returns true if a response without a body is usual.
    pub(super) fn may_be_empty(&self) -> bool {
        self.method == "DELETE"
    }

    /// Headers for libraries that know each name once: values of one name are joined, as HTTP has
    /// it (RFC 9110, 5.3).
    pub(super) fn joined_headers(&self) -> Vec<(&'r str, Cow<'r, str>)> {
        let mut joined: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for (name, value) in &self.headers {
            match joined.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                Some((_, all)) => {
                    let joint = if name.eq_ignore_ascii_case("cookie") { "; " } else { ", " };
                    *all = Cow::Owned(format!("{all}{joint}{value}"));
                }
                None => joined.push((*name, Cow::Borrowed(*value))),
            }
        }
        joined
    }

    /// Returns true if a segment of the decoded path is `.` or `..`.
    pub(super) fn has_dot_segment(&self) -> bool {
        let decoded = |segment: &str| segment.replace("%2e", ".").replace("%2E", ".");
        self.path.split('/').any(|segment| matches!(decoded(segment).as_str(), "." | ".."))
    }

    /// # Errors
    /// See [`Call::has_dot_segment`].
    pub(super) fn refuse_dot_segment(&self) -> Result<(), CannotSay> {
        if self.has_dot_segment() { Err(CannotSay::DotSegment) } else { Ok(()) }
    }
}

/// The name of a file as text.
///
/// # Errors
/// It is not Unicode.
pub(super) fn file_name(path: &Path) -> Result<&str, CannotSay> {
    path.to_str().ok_or_else(|| CannotSay::FileName(path.to_owned()))
}

/// A form in pieces, for where a library's own way of writing forms would alter something.
pub(super) enum Piece<'r> {
    Boundary,
    Text(Cow<'r, str>),
    /// The content of a file or of stdin.
    Content(&'r Payload),
}

/// The pieces of a form, from the first boundary to the last.
pub(super) fn pieces(parts: &[Part]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for part in parts {
        pieces.push(Piece::Text("--".into()));
        pieces.push(Piece::Boundary);
        pieces.push(Piece::Text(format!("\r\n{}", part.head()).into()));
        pieces.push(match &part.payload {
            Payload::Text(text) => Piece::Text(text.into()),
            Payload::File(_) | Payload::Stdin => Piece::Content(&part.payload),
        });
        pieces.push(Piece::Text("\r\n".into()));
    }
    pieces.push(Piece::Text("--".into()));
    pieces.push(Piece::Boundary);
    pieces.push(Piece::Text("--\r\n".into()));
    pieces
}
