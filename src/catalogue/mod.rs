//! The operations of the API as data, known offline.
//!
//! # Sources
//!
//! - `heygen-v3.openapi.json` and `heygen-legacy.openapi.json` describe the API: paths, parameters,
//!   bodies, responses, examples. They hold facts of HeyGen's API in OpenAPI 3.1 without a mark of
//!   ours and without HeyGen's prose.
//! - `overlay.json` holds what the descriptions lack: summaries in our words, and marks.
//!
//! The build script (`build.rs`, `builder/`) joins them into tables. [`find`] looks an [`Operation`]
//! up; nothing is parsed before somebody asks for a schema.
//!
//! # A newer description
//!
//! Put HeyGen's own OpenAPI 3 document (3.0 or 3.1, JSON) in place of `heygen-v3.openapi.json` and
//! build. Marks (`x-…`) and prose in it are ignored; v1 and v2 operations in it count as retired. The
//! build warns of operations without marks, and of marks without an operation: give the new ones a
//! summary and marks in `overlay.json`, and remove what is gone. Where the document now states
//! `Idempotency-Key` for an operation, remove its `x-idempotency-inferred`.
//!
//! # The overlay
//!
//! `operations` is keyed by method and path (the names of placeholders do not matter):
//!
//! | key | meaning |
//! |---|---|
//! | `summary` | one line of at most 60 characters, an imperative, ours |
//! | `x-command` | words of the command; HeyGen's own where it has one (`x-official-cli`, `…-since`) |
//! | `x-billed` | the call, or the job that it starts, costs money |
//! | `x-destructive` | removes or stops something; a DELETE does unless it is marked `false` |
//! | `x-preview`, `x-hidden` | not in HeyGen's public reference; an account may lack it |
//! | `x-required-scope` | scope of the API key; `none` if any key will do |
//! | `x-idempotency-inferred` | HeyGen does not document the header here: not honoured |
//! | `x-max-bytes` | largest request body |
//! | `x-pagination` | query names `request`, `limit`; places of `items`, `next`, `more` |
//! | `x-columns` | members that a table shows first |
//! | `x-async` | job: places of `id` (`…[]`: a list of IDs) and `status`, `poll`, states `running`, `ok`, `failed`; `then`: the job in which it goes on |
//! | `x-kind` | on the GET that polls a job: the word before the colon in `kind:ID` |
//! | `x-v3-replacement` | replacement of a retired operation, with a remark |
//! | `x-schema-partial`, `x-response-inferred` | schemas lack members; response taken from a sibling |
//! | `x-source`, `x-source-also` | document that the description's facts come from, see below |
//!
//! `schemas` marks schemas by name and place (`x-unit`, `x-known-codes`, `x-schema-partial`, and
//! `x-note`: a remark of ours on a value);
//! `webhooks`, `v3` and `legacy` hold marks of the documents as a whole.
//!
//! | `x-source` | document |
//! |---|---|
//! | `heygen-cli-gen-…`, `heygen-cli-pr…` | generated code of HeyGen's command line (github.com/heygen-com/heygen-cli) |
//! | `hyperframes-cli-gen-…` | the same for github.com/heygen-com/hyperframes |
//! | `heygen-external-api-…` | HeyGen's "External API" OpenAPI document of that day |
//! | `docs-inventory-…` | pages of developers.heygen.com |
//! | `heygen-legacy-reference` | docs.heygen.com/reference |
//! | `third-party-clients…` | published clients and receivers that agree with each other |

#[cfg(test)]
mod builder;
pub mod job;
pub mod nearest;
pub mod operation;
mod record;
mod routes;
mod tables;

pub use operation::Operation;
pub use record::Place;
pub use tables::LEGACY_END;

use tables::{COMPONENTS, OPERATIONS};

/// The operation of a method and a path, which may hold placeholders or IDs. A literal segment
/// takes precedence over a placeholder: `/v3/videos/statuses` is not `/v3/videos/{video_id}`. HEAD
/// is GET unless it is described.
pub fn find(method: &str, path: &str) -> Option<Operation> {
    let of_method = |method: &str| operations_of(path).find(|own| own.method() == method);
    of_method(method).or_else(|| if method == "HEAD" { of_method("GET") } else { None })
}

/// The operations of a path, one for each of its methods; none for an unknown path.
pub fn operations_of(path: &str) -> impl Iterator<Item = Operation> {
    routes::operations(path)
}

/// The methods of a path; none for an unknown path.
pub fn methods_of(path: &str) -> impl Iterator<Item = &'static str> {
    operations_of(path).map(Operation::method)
}

/// All operations: those of v3, then the retired ones.
pub fn all() -> impl Iterator<Item = Operation> {
    (0..OPERATIONS.len() as u16).map(Operation)
}

/// The JSON Schema of a name: `Video` for `{"$ref":"#/components/schemas/Video"}`.
pub fn component(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("#/components/schemas/").unwrap_or(name);
    let index = COMPONENTS.binary_search_by(|component| component.name.get().cmp(name)).ok()?;
    Some(COMPONENTS[index].schema.get())
}

/// The names and places by which a list is paged; a place is such as `data.items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMarks {
    /// The query parameter that takes the token of a page.
    pub request: &'static str,
    /// The query parameter that takes the number of items per page.
    pub limit: Option<&'static str>,
    pub items: &'static str,
    /// The token of the next page.
    pub next: &'static str,
    /// The boolean that tells if there is a next page; not every list has one.
    pub more: Option<&'static str>,
}

/// Returns true if a path belongs to a retired version, known operation or not.
pub fn is_retired_version(path: &str) -> bool {
    path.starts_with("/v1/") || path.starts_with("/v2/")
}

/// The path templates of a method: those of v3, or with `old` the retired ones.
pub fn paths(method: &str, old: bool) -> impl Iterator<Item = &'static str> {
    let is_listed = move |operation: &Operation| {
        operation.method() == method && operation.retired().is_some() == old
    };
    all().filter(is_listed).map(Operation::path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_paths_have_replacements() {
        let check = |method: &str, path: &str, expected: Option<Option<&str>>| {
            let retired = find(method, path).filter(|operation| operation.retired().is_some());
            assert_eq!(retired.map(Operation::replacement), expected, "{method} {path}");
        };
        check("GET", "/v2/avatars", Some(Some("GET /v3/avatars/looks")));
        check("GET", "/v2/videos/abc", Some(Some("GET /v3/videos/{video_id}")));
        check(
            "GET",
            "/v2/video_translate/target_languages",
            Some(Some("GET /v3/video-translations/languages")),
        );
        check("POST", "/v1/talking_photo", Some(Some("POST /v3/avatars (type photo)")));
        check("GET", "/v1/streaming.list", Some(None));
        check("GET", "/v1/nobody.knows", None);
        assert!(is_retired_version("/v1/nobody.knows") && !is_retired_version("/v3/videos"));
        check("GET", "/v3/template/t", Some(Some("GET /v3/templates/{template_id}")));
        check("GET", "/v3/videos", None);
    }

    #[test]
    fn only_documented_operations_are_idempotent() {
        let check = |method: &str, path: &str, expected: bool| {
            let honours = find(method, path).is_some_and(Operation::honours_idempotency_key);
            assert_eq!(honours, expected, "{method} {path}");
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
        // Inferred from HeyGen's rule, not documented.
        check("POST", "/v3/voices/clone", false);
        check("POST", "/v3/assets/complete/batches", false);
        check("POST", "/v3/models/audio/tts", false);
        check("POST", "/v3/podcasts", true);
        check("POST", "/v2/video/generate", false);
        assert_eq!(all().filter(|own| own.honours_idempotency_key()).count(), 25);
    }

    #[test]
    fn finds_pages_of_lists() {
        let check = |method: &str, path: &str, expected: Option<(&str, &str, Option<&str>)>| {
            let marks = find(method, path).and_then(Operation::pages);
            let places = marks.map(|marks| (marks.items, marks.next, marks.more));
            assert_eq!(places, expected, "{method} {path}");
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
        check("HEAD", "/v3/videos", Some(("data", "next_token", Some("has_more"))));
        for operation in all() {
            let Some(pages) = operation.pages() else { continue };
            for name in [Some(pages.request), pages.limit].into_iter().flatten() {
                let parameter = operation.parameter(Place::Query, name);
                assert!(parameter.is_some(), "{operation} has no `{name}`");
            }
        }
    }

    #[test]
    fn paths_are_listed_by_method_and_age() {
        let paths = |method, old| paths(method, old).collect::<Vec<_>>();
        assert_eq!(paths("PUT", false), ["/v3/video-translations/proofreads/{proofread_id}/srt"]);
        assert_eq!(paths("PATCH", true), ["/v1/webhook/endpoint.update"]);
        assert!(paths("GET", true).contains(&"/v3/template/{template_id}"));
        assert!(!paths("GET", false).contains(&"/v3/template/{template_id}"));
        assert_eq!(paths("HEAD", false), Vec::<&str>::new());
    }
}
