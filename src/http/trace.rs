//! Bodies as traces show them: text masked and cut, anything else by its size and type.

use std::borrow::Cow;

use super::upload::Load;
use crate::api::content::Content;
use crate::api::outcome::Outcome;
use crate::api::request::Body;

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

/// The lines of a text. As much of it is masked as could be shown, before it is cut: half a key is
/// not recognised.
fn lines(text: &str, mask: &dyn Fn(&str) -> String) -> Vec<String> {
    let beginning = start(text, 2 * LONGEST);
    let masked = without_queries(&mask(beginning));
    let mut shown = start(&masked, LONGEST).to_owned();
    if shown.len() < masked.len() || beginning.len() < text.len() {
        shown.push_str(&format!("… <{} bytes in all>", text.len()));
    }
    shown.lines().map(str::to_owned).collect()
}

/// The text without the queries of the URLs in it, which may be signed.
pub(super) fn without_queries(text: &str) -> String {
    let is_outside = |c: char| c.is_whitespace() || "\"<>".contains(c);
    let shown = text.split_inclusive(is_outside).map(|piece| {
        let word = piece.trim_end_matches(is_outside);
        match query(word) {
            Some(at) => format!("{}?…{}", &word[..at], &piece[word.len()..]).into(),
            None => Cow::Borrowed(piece),
        }
    });
    shown.collect()
}

/// The position of the query of a URL, which may be relative or percent-encoded.
fn query(word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    let at = ["?", "%3f", "\\u003f"].iter().filter_map(|mark| word.find(mark)).min()?;
    let (path, query) = word.split_at(at);
    let has_value = ["=", "%3d", "\\u003d"].iter().any(|mark| query.contains(mark));
    (has_value || path.contains("://")).then_some(at)
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
    fn only_the_shown_beginning_is_masked() {
        let mask = |text: &str| {
            assert!(text.len() <= 2 * LONGEST);
            text.replace("secret", "…")
        };
        let text = "secret".repeat(1_000_000);
        let shown = lines(&text, &mask).join("|");
        assert!(shown.starts_with("……") && shown.ends_with("… <6000000 bytes in all>"));
    }

    #[test]
    fn queries_of_urls_are_left_out() {
        let check = |text: &str, expected: &str| assert_eq!(without_queries(text), expected);
        check(
            "<https://h/a?b=c>; rel=next, <https://h/d>",
            "<https://h/a?…>; rel=next, <https://h/d>",
        );
        check("https://h/a?b", "https://h/a?…");
        check("</v3/f?Signature=S>; rel=next", "</v3/f?…>; rel=next");
        check("<?Signature=S>", "<?…>");
        check("0; url=/f?a=b,c&Signature=S", "0; url=/f?…");
        check("https%3A%2F%2Fh%2Ff%3FSignature%3DS", "https%3A%2F%2Fh%2Ff?…");
        check(
            r#"{"video_url":"https:\/\/h\/f?Expires=1\u0026Signature=S","id":"v1"}"#,
            r#"{"video_url":"https:\/\/h\/f?…","id":"v1"}"#,
        );
        check(r#"{"title":"Why?","text":"a=b? c"}"#, r#"{"title":"Why?","text":"a=b? c"}"#);
        check("", "");
    }

    #[test]
    fn bytes_are_shown_by_size_and_type() {
        assert_eq!(size(Some(123_456), Some("audio/mpeg")), "<123456 bytes of audio/mpeg>");
        assert_eq!(size(Some(1), None), "<1 bytes>");
        assert_eq!(size(None, Some("audio/mpeg")), "<audio/mpeg of unknown size>");
    }
}
