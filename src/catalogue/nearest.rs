//! The operation that was probably meant by a path that the catalogue does not have.

use super::Operation;
use crate::nearest::distance;

/// A literal segment is taken for a misspelled one up to this many mistakes, ...
const TYPOS: usize = 2;

/// ... and a path may hold this many, version included.
const MOST_TYPOS: usize = 3;

/// An operation that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    pub operation: Operation,
    /// Its path with the IDs of the wrong path in it.
    pub path: String,
}

/// The operation whose path is nearest to an unknown one: misspelled, without its version, or with
/// another one; of the same method if there is one, and not retired.
pub fn nearest(method: &str, path: &str) -> Option<Nearest> {
    let wanted: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let wanted = without_doubled_version(&wanted);
    let method = if method == "HEAD" { "GET" } else { method };
    let candidates = super::all().filter(|operation| operation.retired().is_none());
    let rated = candidates.filter_map(|operation| {
        let (mistakes, path) = matched(operation.path(), wanted)?;
        Some(((mistakes, operation.method() != method), Nearest { operation, path }))
    });
    rated.min_by_key(|(rating, _)| *rating).map(|(_, nearest)| nearest)
}

/// `v3/v3/videos` comes of an address of the API that ends in `/v3`.
fn without_doubled_version<'w, 's>(wanted: &'w [&'s str]) -> &'w [&'s str] {
    match wanted {
        [first, second, ..] if is_version(first) && is_version(second) => &wanted[1..],
        _ => wanted,
    }
}

fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).or(Some(segment));
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The mistakes in a path that was to be one of the template, and the path without them.
fn matched(template: &str, wanted: &[&str]) -> Option<(usize, String)> {
    let segments: Vec<&str> = template.split('/').skip(1).collect();
    let mut mistakes = 0;
    let mut path = String::new();
    let mut wanted = wanted.iter();
    if segments.len() == wanted.len() + 1 {
        mistakes += 1;
        path.push_str(&format!("/{}", segments[0]));
    } else if segments.len() == wanted.len() {
        let version = wanted.next()?;
        mistakes += usize::from(*version != segments[0]);
        if !is_version(version) && distance(version, segments[0]) > 1 {
            return None;
        }
        path.push_str(&format!("/{}", segments[0]));
    } else {
        return None;
    }
    for (segment, wanted) in segments[1..].iter().zip(wanted) {
        let is_placeholder = segment.starts_with('{');
        if !is_placeholder {
            let distance = distance(segment, wanted);
            if distance > TYPOS.min(segment.chars().count() / 3) {
                return None;
            }
            mistakes += distance;
        }
        path.push_str(&format!("/{}", if is_placeholder { wanted } else { segment }));
    }
    (mistakes <= MOST_TYPOS).then_some((mistakes, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_path_that_was_meant() {
        let check = |method: &str, path: &str, expected: Option<&str>| {
            let found = nearest(method, path);
            let found = found.map(|near| format!("{} {}", near.operation.method(), near.path));
            assert_eq!(found.as_deref(), expected, "{method} {path}");
        };
        check("GET", "/videos", Some("GET /v3/videos"));
        check("GET", "/v3/vidoes", Some("GET /v3/videos"));
        check("GET", "/v4/videos", Some("GET /v3/videos"));
        check("GET", "/v3/v3/videos", Some("GET /v3/videos"));
        check("GET", "/3/videos", Some("GET /v3/videos"));
        check("POST", "/v3/video", Some("POST /v3/videos"));
        check("GET", "/v3/avatar/looks", Some("GET /v3/avatars/looks"));
        check("GET", "/v3/Videos/abc", Some("GET /v3/videos/abc"));
        check("DELETE", "/v3/vidoes/a%20b", Some("DELETE /v3/videos/a%20b"));
        check("HEAD", "/voices", Some("GET /v3/voices"));
        check("PUT", "/v3/vidoes", Some("POST /v3/videos"));
        check("GET", "/v3/completely/else", None);
        check("GET", "/", None);
    }
}
