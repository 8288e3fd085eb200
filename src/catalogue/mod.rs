//! What is known of HeyGen's operations, as data: methods and paths are text here and nowhere in code.
//!
//! The tables are read when a question is asked, and only the table that answers it.

/// Operations of v1 and v2, and what v3 has in their place.
const LEGACY: &str = include_str!("legacy.tsv");

/// Operations of v3, and what is known of them.
const V3: &str = include_str!("v3.tsv");

/// Lists that come in pages, and where in their answers the pages are.
const PAGES: &str = include_str!("pages.tsv");

/// The day on which v1 and v2 were announced to end (HeyGen's endpoint version comparison).
pub const LEGACY_END: &str = "2026-10-31";

/// An operation of an old version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legacy {
    /// What v3 has in its place, such as `GET /v3/videos`; not everything has a successor.
    pub successor: Option<&'static str>,
}

/// What is known of a path of v1 or v2; `None` for every other path.
pub fn legacy(method: &str, path: &str) -> Option<Legacy> {
    let is_old_version = path.starts_with("/v1/") || path.starts_with("/v2/");
    let row = rows(LEGACY).find(|row| row.method == method && matches(row.path, path));
    match row {
        Some(row) => Some(Legacy { successor: row.last }),
        None => is_old_version.then_some(Legacy { successor: None }),
    }
}

/// Whether HeyGen documents that a repeated call of this operation with the same
/// `Idempotency-Key` does the work once.
pub fn is_idempotent(method: &str, path: &str) -> bool {
    rows(V3).any(|row| {
        let marks = row.last.unwrap_or_default();
        row.method == method
            && marks.split(',').any(|mark| mark == "idempotent")
            && matches(row.path, path)
    })
}

/// The paths of a method, with their placeholders: those of v3, or with `old` those before it.
pub fn paths(method: &str, old: bool) -> impl Iterator<Item = &'static str> {
    rows(if old { LEGACY } else { V3 }).filter(move |row| row.method == method).map(|row| row.path)
}

/// Where in the answer of a list its pages are: places such as `data.items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMarks {
    /// The items.
    pub items: &'static str,
    /// The token of the next page.
    pub next: &'static str,
    /// Whether there is a next page; not every list says so.
    pub more: Option<&'static str>,
}

/// What is known of a list that comes in pages; `None` for every other path.
pub fn page_marks(method: &str, path: &str) -> Option<PageMarks> {
    if method != "GET" {
        return None;
    }
    PAGES.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut columns = line.split('\t');
        let (template, items) = (columns.next()?, columns.next()?);
        let (next, more) = (columns.next()?, columns.next()?);
        let more = Some(more).filter(|more| *more != "-");
        matches(template, path).then_some(PageMarks { items, next, more })
    })
}

/// A line of a table: method, path, and a third column that says more.
struct Row {
    method: &'static str,
    path: &'static str,
    last: Option<&'static str>,
}

fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        let (method, path, last) = (columns.next()?, columns.next()?, columns.next()?);
        Some(Row { method, path, last: Some(last).filter(|last| *last != "-") })
    })
}

/// Whether a path is an instance of a template such as `/v3/videos/{video_id}`.
fn matches(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let all = template.split('/').all(|wanted| {
        segments.next().is_some_and(|segment| {
            wanted == segment || wanted.starts_with('{') && !segment.is_empty()
        })
    });
    all && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_paths_have_replacements() {
        let check = |method: &str, path: &str, expected: Option<Option<&str>>| {
            assert_eq!(
                legacy(method, path).map(|legacy| legacy.successor),
                expected,
                "{method} {path}"
            );
        };
        check("GET", "/v2/avatars", Some(Some("GET /v3/avatars/looks")));
        check("GET", "/v2/videos/abc", Some(Some("GET /v3/videos/{video_id}")));
        check(
            "GET",
            "/v2/video_translate/target_languages",
            Some(Some("GET /v3/video-translations/languages")),
        );
        check("GET", "/v1/streaming.list", Some(None));
        check("GET", "/v1/nobody.knows", Some(None));
        check("GET", "/v3/template/t", Some(Some("GET /v3/templates/{template_id}")));
        check("GET", "/v3/videos", None);
    }

    #[test]
    fn only_documented_operations_are_idempotent() {
        let check = |method: &str, path: &str, expected: bool| {
            assert_eq!(is_idempotent(method, path), expected, "{method} {path}");
        };
        check("POST", "/v3/videos", true);
        check("POST", "/v3/assets", true);
        check("POST", "/v3/templates/t1", true);
        check("POST", "/v3/webhooks/endpoints/e1/rotate-secret", true);
        check("POST", "/v3/voices/speech", false);
        check("POST", "/v3/videos/batches", false);
        check("POST", "/v3/video-agents", true);
        check("POST", "/v3/video-agents/s1", false);
        check("GET", "/v3/videos", false);
    }

    #[test]
    fn finds_pages_of_lists() {
        let check = |method: &str, path: &str, expected: Option<(&str, &str, Option<&str>)>| {
            let marks = page_marks(method, path);
            assert_eq!(
                marks.map(|marks| (marks.items, marks.next, marks.more)),
                expected,
                "{path}"
            );
        };
        check("GET", "/v3/videos", Some(("data", "next_token", Some("has_more"))));
        check(
            "GET",
            "/v3/videos/batches/b1",
            Some(("data.items", "data.next_token", Some("data.has_more"))),
        );
        check("GET", "/v1/video.list", Some(("data.videos", "data.token", None)));
        check("GET", "/v3/videos/v1", None);
        check("POST", "/v3/videos", None);
        for row in PAGES.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(row.split('\t').count(), 4, "{row}");
        }
    }

    #[test]
    fn every_row_has_three_columns() {
        for table in [LEGACY, V3] {
            let lines = || table.lines().filter(|line| !line.starts_with('#'));
            for row in lines() {
                assert_eq!(row.split('\t').count(), 3, "{row}");
            }
            assert_eq!(rows(table).count(), lines().count());
        }
    }
}
