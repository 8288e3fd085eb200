//! Bodies as traces show them: text masked and cut, anything else by its size and type.

use super::upload::Load;
use crate::api::content::Content;
use crate::api::outcome::Outcome;
use crate::api::request::Body;
use crate::secret::hide_key_shapes;

/// The bytes of a body that a trace shows: 4 kB.
const LONGEST: usize = 4 * 1024;

/// The lines that show the body of a request. Of files only the size is shown.
pub(super) fn request_body(
    body: &Body,
    load: Option<&Load>,
    mask: &dyn Fn(&str) -> String,
) -> Vec<String> {
    match (body, load) {
        (Body::Json(text), _) => lines(text, mask),
        (_, Some(load)) => load.summary().iter().flat_map(|line| lines(line, mask)).collect(),
        (_, None) => Vec::new(),
    }
}

/// The lines that show the body of a response. Nothing is read for them: a body that streams is
/// shown by its announced size.
pub(super) fn response_body(outcome: &Outcome, mask: &dyn Fn(&str) -> String) -> Vec<String> {
    let media_type = outcome.media_type();
    let whole = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => lines(text, mask),
        Err(_) => vec![size(Some(bytes.len() as u64), media_type.as_deref())],
    };
    match &outcome.result {
        Ok(Content::Empty) => Vec::new(),
        Ok(Content::Json(json)) => whole(json.text()),
        Ok(Content::Bytes { start, rest: None, .. }) => whole(start),
        Ok(Content::Bytes { rest: Some(_), .. }) => {
            let announced = outcome.head.as_ref().and_then(|head| head.announced_length());
            vec![size(announced, media_type.as_deref())]
        }
        Err(_) => whole(&outcome.error_body),
    }
}

/// A size and a type in the place of bytes: `<123456 bytes of audio/mpeg>`.
pub(super) fn size(bytes: Option<u64>, media_type: Option<&str>) -> String {
    match (bytes, media_type) {
        (Some(bytes), Some(media_type)) => format!("<{bytes} bytes of {media_type}>"),
        (Some(bytes), None) => format!("<{bytes} bytes>"),
        (None, Some(media_type)) => format!("<{media_type} of unknown size>"),
        (None, None) => "<unknown size>".to_owned(),
    }
}

/// The lines of a text. It is masked first: half a key is not recognised.
fn lines(text: &str, mask: &dyn Fn(&str) -> String) -> Vec<String> {
    let masked = mask(text);
    let masked = hide_key_shapes(&masked);
    if masked.len() <= LONGEST {
        return masked.lines().map(str::to_owned).collect();
    }
    let shown = format!("{}… <{} bytes in all>", start(&masked, LONGEST), text.len());
    shown.lines().map(str::to_owned).collect()
}

/// The beginning of a text, of at most so many bytes.
fn start(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_masked_before_they_are_cut() {
        let mask = |text: &str| text.replace("secret", "…");
        let shown = |text: &str| lines(text, &mask).join("|");
        assert_eq!(shown("{\n  \"a\": \"secret\"\n}"), "{|  \"a\": \"…\"|}");
        assert_eq!(shown(""), "");
        let filler = "x".repeat(LONGEST - 3);
        assert_eq!(shown(&format!("{filler}secret")), format!("{filler}…"));
        let rest = "é".repeat(10);
        let expected = format!("{filler}…… <{} bytes in all>", filler.len() + 6 + 20);
        assert_eq!(shown(&format!("{filler}secret{rest}")), expected);
    }

    #[test]
    fn bytes_are_shown_by_size_and_type() {
        assert_eq!(size(Some(123_456), Some("audio/mpeg")), "<123456 bytes of audio/mpeg>");
        assert_eq!(size(Some(1), None), "<1 bytes>");
        assert_eq!(size(None, Some("audio/mpeg")), "<audio/mpeg of unknown size>");
    }
}
