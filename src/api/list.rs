//! The list inside a response, and the token of its next page.
//!
//! Three generations of lists: v3 has the items in `data` and the token beside it, batch reads have
//! both inside `data`, v1 has the token in `data` beside a list of any name. What the catalogue
//! knows of a path takes precedence; a path that it does not know is read by its shape.

use super::envelope::Envelope;
use crate::catalogue::PageMarks;
use crate::json::{self, Member};

/// Beside a list in an object these only count it, or lead to its next page.
const CURSORS: &[&str] = &["token", "next_token", "next_page_token", "has_more", "cursor"];

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'t> {
    /// The items, as a JSON array.
    pub items: &'t [u8],
    /// The next page, if any.
    pub next: Next,
}

/// The page after this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// None: the list is complete.
    Nothing,
    /// The page of this token.
    Page(String),
    /// There is one, but the response has no token for it.
    Unknown,
}

/// The page in a response; `None` if it is not a list.
pub fn page<'t>(envelope: &Envelope<'t>, marks: Option<PageMarks>) -> Option<Page<'t>> {
    let marked = marks.and_then(|marks| Some((marks, items_at(envelope, marks)?)));
    if let Some((marks, items)) = marked {
        let has_more = marks.more.and_then(|more| at(envelope.whole, more));
        return Some(Page { items, next: next(at(envelope.whole, marks.next), has_more) });
    }
    let items = list_in(envelope.data)?;
    let whole_and_data = [envelope.whole, envelope.data];
    let find = |name: &str| whole_and_data.iter().find_map(|value| json::member(value, name));
    let token = find("next_token").or_else(|| json::member(envelope.data, "token"));
    Some(Page { items, next: next(token, find("has_more")) })
}

/// The items of a list that the catalogue knows, if they are where it says.
pub fn items_at<'t>(envelope: &Envelope<'t>, marks: PageMarks) -> Option<&'t [u8]> {
    // The place of the data is known: to look for it again would take a pass over all of it.
    let items = match marks.items.strip_prefix("data").filter(|_| envelope.is_envelope) {
        Some("") => Some(envelope.data),
        Some(rest) if rest.starts_with('.') => at(envelope.data, &rest[1..]),
        _ => at(envelope.whole, marks.items),
    };
    items.filter(|items| json::is_array(items))
}

/// The list that a value is or stands for: an array; or an object that holds one array and beside
/// it nothing but numbers, yes-or-no and cursors (`{"total_count":2,"voices":[…]}`).
///
/// An object that says more (the state of a job beside its clips, a key beside its scopes) is one
/// thing, not a list.
pub fn list_in(value: &[u8]) -> Option<&[u8]> {
    if json::is_array(value) {
        return Some(value);
    }
    let mut list = None;
    for member in json::members(value) {
        if json::is_array(member.value) {
            if list.is_some() {
                return None;
            }
            list = Some(member.value);
        } else if !only_counts(&member) {
            return None;
        }
    }
    list
}

fn only_counts(member: &Member<'_>) -> bool {
    match member.value.first() {
        Some(b'"') => CURSORS.iter().any(|name| member.is_named(name)),
        Some(b'{' | b'[') => false,
        _ => true,
    }
}

fn next(token: Option<&[u8]>, has_more: Option<&[u8]>) -> Next {
    let has_more = has_more.and_then(json::as_bool);
    let token = token.and_then(|token| {
        json::as_text(token).or_else(|| json::as_integer(token).map(|number| number.to_string()))
    });
    match (has_more, token.filter(|token| !token.is_empty())) {
        (Some(false), _) | (None, None) => Next::Nothing,
        (_, Some(token)) => Next::Page(token),
        (Some(true), None) => Next::Unknown,
    }
}

/// The value at a place such as `data.items`.
fn at<'t>(whole: &'t [u8], place: &str) -> Option<&'t [u8]> {
    place.split('.').try_fold(whole, json::member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn reads_pages_of_every_version() {
        let check = |path: &str, body: &str, expected: Option<(&str, Next)>| {
            let document = json::parse(body.as_bytes()).expect("JSON");
            let envelope = Envelope::open(&document, &str::to_owned).expect("a success");
            let page =
                page(&envelope, catalogue::find("GET", path).and_then(catalogue::Operation::pages));
            let expected = expected.map(|(items, next)| Page { items: items.as_bytes(), next });
            assert_eq!(page, expected, "{path} {body}");
        };
        let to = |token: &str| Next::Page(token.to_owned());
        let v3 = r#"{"data":[1],"has_more":true,"next_token":"t"}"#;
        check("/v3/videos", v3, Some(("[1]", to("t"))));
        check("/v3/unknown", v3, Some(("[1]", to("t"))));
        let last = r#"{"data":[1],"has_more":false,"next_token":null}"#;
        check("/v3/videos", last, Some(("[1]", Next::Nothing)));
        check("/v3/unknown", last, Some(("[1]", Next::Nothing)));
        check("/v3/videos", r#"{"data":[],"next_token":"t"}"#, Some(("[]", to("t"))));
        check("/v3/videos", r#"{"data":[]}"#, Some(("[]", Next::Nothing)));
        check("/v3/videos", r#"{"data":[],"next_token":""}"#, Some(("[]", Next::Nothing)));
        check("/v3/videos", r#"{"data":[],"next_token":7}"#, Some(("[]", to("7"))));
        check(
            "/v3/videos",
            r#"{"data":[1],"has_more":false,"next_token":"t"}"#,
            Some(("[1]", Next::Nothing)),
        );
        check("/v3/videos", r#"{"data":[1],"has_more":true}"#, Some(("[1]", Next::Unknown)));
        let batch = r#"{"data":{"batch_id":"b","status":"done","counts_by_status":{},"items":[1],"has_more":true,"next_token":"t"}}"#;
        check("/v3/videos/batches/b", batch, Some(("[1]", to("t"))));
        check("/v3/unknown", batch, None);
        let v1 = r#"{"code":100,"data":{"token":"t","videos":[1]},"message":"Success"}"#;
        check("/v1/video.list", v1, Some(("[1]", to("t"))));
        check("/v1/unknown.list", v1, Some(("[1]", to("t"))));
        let v1_end = r#"{"code":100,"data":{"token":null,"videos":[]},"message":"Success"}"#;
        check("/v1/video.list", v1_end, Some(("[]", Next::Nothing)));
        check(
            "/v1/streaming.create_token",
            r#"{"code":100,"data":{"token":"t"},"message":"Success"}"#,
            None,
        );
        check("/v2/voices", r#"{"error":null,"data":{"voices":[]}}"#, Some(("[]", Next::Nothing)));
        check("/v3/videos", r#"{"data":{"id":"v"}}"#, None);
        check("/v3/videos", r#"{"data":null}"#, None);
    }

    #[test]
    fn other_members_make_an_object() {
        let check = |value: &str, expected: Option<&str>| {
            let list = list_in(value.as_bytes()).map(String::from_utf8_lossy);
            assert_eq!(list.as_deref(), expected, "{value}");
        };
        check("[1]", Some("[1]"));
        check(r#"{"avatars":[1]}"#, Some("[1]"));
        check(r#"{"total_count":1,"avatar_group_list":[1]}"#, Some("[1]"));
        check(r#"{"avatars":[1],"talking_photos":[]}"#, None);
        check(r#"{"name":"laptop","scopes":["*:*"]}"#, None);
        check(r#"{"limits":{},"list":[]}"#, None);
        check(r#"{"id":1}"#, None);
        check("{}", None);
        check("1", None);
    }
}
