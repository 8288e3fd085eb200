//! A job: its name on the command line, and the request that asks for its state.

use std::fmt;

use super::at;
use crate::api::endpoint::{BadEndpoint, Endpoint};
use crate::api::origin::Base;
use crate::api::request::{Body, Request};
use crate::catalogue::{self, Operation, Place};
use crate::json;
use crate::percent::{component, decoded};

/// The kind of a bare ID.
pub const USUAL_KIND: &str = "video";

/// A job that is asked for its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The name by which `heygen wait` takes it: `v_5d1`, `lipsync:ID`, `/v3/lipsyncs/ID`.
    pub name: String,
    /// The ID.
    pub id: String,
    /// The request for its state.
    pub request: Request,
    /// What it was before this command asked it to go on: that is no news.
    pub before: Option<Before>,
}

/// The state of a job before a message to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// HeyGen's word for it; `None` once another was heard.
    pub state: Option<String>,
    /// The ID of the job in which it went on.
    pub next: Option<String>,
}

/// The reason why a text does not name a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadJob {
    /// The word before the colon is no kind of job.
    Kind(String),
    /// The endpoint, or the one that the ID leads to, is not valid.
    Endpoint(BadEndpoint),
}

impl Job {
    /// Reads the ID of a video, `kind:ID`, or the endpoint that tells the state.
    ///
    /// # Errors
    /// The kind is unknown, or the endpoint is not valid.
    pub fn parse(text: &str, base: &Base) -> Result<Job, BadJob> {
        // An ID may hold anything behind its kind.
        let has_kind = text.split_once(':').is_some_and(|(kind, _)| poll_of_kind(kind).is_some());
        if text.contains('/') && !has_kind {
            let endpoint = Endpoint::parse(text, base).map_err(BadJob::Endpoint)?;
            let request = Request::get(endpoint);
            return Ok(Job { name: text.to_owned(), id: id_in(&request), request, before: None });
        }
        let (kind, id) = text.split_once(':').unwrap_or((USUAL_KIND, text));
        let poll = poll_of_kind(kind).ok_or_else(|| BadJob::Kind(kind.to_owned()))?;
        Job::polled_by(poll, id, base)
    }

    /// The job of an ID that this operation tells the state of.
    ///
    /// # Errors
    /// The ID is none: empty, or a word for nothing.
    pub fn polled_by(poll: Operation, id: &str, base: &Base) -> Result<Job, BadJob> {
        let by_query = poll.polled_job().and_then(catalogue::job::Job::poll_query);
        let is_place = |segment: &&str| segment.starts_with('{');
        let path: Vec<String> = poll
            .path()
            .split('/')
            .map(|segment| match is_place(&segment) {
                true => component(id).to_string(),
                false => segment.to_owned(),
            })
            .collect();
        let endpoint = Endpoint::parse(&path.join("/"), base).map_err(BadJob::Endpoint)?;
        let mut request = Request::get(endpoint);
        if let Some(parameter) = by_query {
            request.query.push((parameter.to_owned(), id.to_owned()));
        }
        let name = match poll.kind() {
            // Alone it could be read as a flag, stdin, another kind or an endpoint.
            Some(USUAL_KIND) if !id.starts_with('-') && !id.contains([':', '/', '\0']) => {
                id.to_owned()
            }
            // No argument of a command holds a NUL; in an endpoint it is encoded.
            Some(kind) if !id.contains('\0') => format!("{kind}:{id}"),
            _ => request.target(),
        };
        Ok(Job { name, id: id.to_owned(), request, before: None })
    }

    /// The facts of the catalogue about such jobs.
    pub fn facts(&self) -> Option<catalogue::job::Job> {
        self.request.operation?.polled_job()
    }

    /// The request that tells the states of several such jobs at once, if the API has one, and the
    /// member of its items that holds the ID.
    pub fn bulk(&self) -> Option<(Operation, &'static str)> {
        let path = self.request.operation?.path();
        let (parent, placeholder) = path.rsplit_once('/')?;
        let id = placeholder.strip_prefix('{')?.strip_suffix('}')?;
        let operation = catalogue::find("GET", &format!("{parent}/statuses"))?;
        let takes_ids = operation.parameter(Place::Query, &format!("{id}s")).is_some();
        takes_ids.then_some((operation, id))
    }
}

/// The job that a request asks to go on, such as a message to a session: it goes to the job's own
/// address.
pub fn asked_to_go_on(operation: Operation, request: &Request, base: &Base) -> Option<Job> {
    let facts = operation.job().filter(|facts| facts.poll().path() == operation.path())?;
    in_request(operation, facts, request, base).ok()
}

/// The job whose ID the request has: the last part of its path, or the member of its body that is
/// called like the place in the address of the job's state.
///
/// # Errors
/// There is no ID.
pub fn in_request(
    operation: Operation,
    facts: catalogue::job::Job,
    request: &Request,
    base: &Base,
) -> Result<Job, BadJob> {
    let id = match operation.path().ends_with('}') {
        true => decoded(request.endpoint.path().rsplit('/').next().unwrap_or_default()),
        false => in_body(facts.poll(), request).unwrap_or_default(),
    };
    Job::polled_by(facts.poll(), &id, base)
}

fn in_body(poll: Operation, request: &Request) -> Option<String> {
    let name = poll.path().rsplit_once('{')?.1.strip_suffix('}')?;
    let Body::Json(body) = &request.body else { return None };
    json::parse(body.as_bytes()).ok()?.get(name).and_then(id_text)
}

/// The jobs that the response to a create names, in their order; empty if it names none.
///
/// # Errors
/// An ID in it is none.
pub fn started(
    operation: Operation,
    request: &Request,
    whole: &[u8],
    base: &Base,
) -> Result<Vec<Job>, BadJob> {
    let Some(facts) = operation.job() else { return Ok(Vec::new()) };
    let Some(place) = facts.id() else {
        return in_request(operation, facts, request, base).map(|job| vec![job]);
    };
    ids_at(place, whole).iter().map(|id| Job::polled_by(facts.poll(), id, base)).collect()
}

/// The IDs at a place such as `data.video_id`, or of a list such as `data.video_translation_ids[]`.
pub fn ids_at(place: &str, whole: &[u8]) -> Vec<String> {
    let value = at(whole, place.trim_end_matches("[]")).unwrap_or_default();
    match json::is_array(value) {
        true => json::elements(value).filter_map(id_text).collect(),
        false => id_text(value).into_iter().collect(),
    }
}

/// The ID in an endpoint: its last segment, or the parameter of the query that the catalogue knows.
fn id_in(request: &Request) -> String {
    let endpoint = &request.endpoint;
    let facts = request.operation.and_then(Operation::polled_job);
    let parameter = facts.and_then(catalogue::job::Job::poll_query);
    let in_query = parameter.and_then(|name| {
        let mut pairs = endpoint.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
    });
    decoded(in_query.unwrap_or(endpoint.path().rsplit('/').next().unwrap_or_default()))
}

/// The ID that a value is: a text that is not empty, or a number of digits, however many.
pub fn id_text(value: &[u8]) -> Option<String> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number = || is_number.then(|| String::from_utf8_lossy(value).into_owned());
    json::as_text(value).or_else(number).filter(|text| !text.is_empty())
}

/// Returns whether some of the values at the place of IDs are none.
pub fn lacks_ids(operation: Operation, whole: &[u8]) -> bool {
    let place = operation.job().and_then(catalogue::job::Job::id).unwrap_or_default();
    let value = at(whole, place.trim_end_matches("[]")).unwrap_or_default();
    json::is_array(value) && json::elements(value).any(|value| id_text(value).is_none())
}

/// The words that may stand before a colon.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    catalogue::all().filter_map(Operation::kind)
}

fn poll_of_kind(kind: &str) -> Option<Operation> {
    catalogue::all().find(|operation| operation.kind() == Some(kind))
}

impl fmt::Display for BadJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadJob::Kind(kind) => write!(f, "there are no jobs of the kind `{kind}`"),
            BadJob::Endpoint(bad) => bad.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("https://api.heygen.com").expect("a base")
    }

    #[test]
    fn names_of_jobs() {
        let check = |text: &str, name: &str, target: &str| {
            let job = Job::parse(text, &base()).expect("a job");
            assert_eq!(
                (job.name.as_str(), job.request.target().as_str()),
                (name, target),
                "{text}"
            );
            let again = Job::parse(name, &base()).expect("a job");
            assert_eq!((again.id, again.request), (job.id, job.request));
        };
        check("v_5d1", "v_5d1", "/v3/videos/v_5d1");
        check("video:v_5d1", "v_5d1", "/v3/videos/v_5d1");
        check("lipsync:a b", "lipsync:a b", "/v3/lipsyncs/a%20b");
        check("agent:s1", "agent:s1", "/v3/video-agents/s1");
        check("video:-", "video:-", "/v3/videos/-");
        check("video:--api-base=x", "video:--api-base=x", "/v3/videos/--api-base%3Dx");
        check("video:lipsync:l", "video:lipsync:l", "/v3/videos/lipsync%3Al");
        check("video:/v3/x", "video:/v3/x", "/v3/videos/%2Fv3%2Fx");
        check("/v3/lipsyncs/l1", "/v3/lipsyncs/l1", "/v3/lipsyncs/l1");
        check("/v4/new/n1?x=1", "/v4/new/n1?x=1", "/v4/new/n1?x=1");
    }

    #[test]
    fn texts_that_name_no_job() {
        let check = |text: &str| assert!(Job::parse(text, &base()).is_err(), "{text}");
        check("");
        check("null");
        check("nothing:1");
        check("lipsync:");
        check("https://example.com/v3/videos/1");
    }

    #[test]
    fn several_states_at_once() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let job = Job::parse(text, &base()).expect("a job");
            let bulk = job.bulk().map(|(operation, id)| (operation.path(), id));
            assert_eq!(bulk, expected, "{text}");
        };
        check("v_5d1", Some(("/v3/videos/statuses", "video_id")));
        check("lipsync:l", Some(("/v3/lipsyncs/statuses", "lipsync_id")));
        check("translation:t", Some(("/v3/video-translations/statuses", "video_translation_id")));
        check("podcast:p", None);
        check("/v4/x/y", None);
    }

    #[test]
    fn id_may_stand_in_the_body() {
        let check = |body: &str, expected: Option<&str>| {
            let endpoint = Endpoint::parse("/v2/photo_avatar/train", &base()).expect("an endpoint");
            let mut request = Request::new(http::Method::POST, endpoint);
            request.body = Body::Json(body.to_owned());
            let operation = request.operation.expect("an operation");
            let jobs = started(operation, &request, br#"{"data":{}}"#, &base());
            let names: Option<Vec<String>> =
                jobs.ok().map(|jobs| jobs.into_iter().map(|job| job.name).collect());
            assert_eq!(names, expected.map(|name| vec![name.to_owned()]), "{body}");
        };
        check(r#"{"group_id":"g1"}"#, Some("/v2/photo_avatar/train/status/g1"));
        check(r#"{"group":"g1"}"#, None);
    }

    #[test]
    fn every_create_names_its_jobs() {
        let check = |path: &str, body: &str, expected: &[&str]| {
            let endpoint = Endpoint::parse(path, &base()).expect("an endpoint");
            let request = Request::new(http::Method::POST, endpoint);
            let operation = request.operation.expect("an operation");
            let jobs = started(operation, &request, body.as_bytes(), &base()).expect("jobs");
            let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
            assert_eq!(names, expected, "{path}");
        };
        check("/v3/videos", r#"{"data":{"video_id":"v1"}}"#, &["v1"]);
        check("/v3/videos", r#"{"data":{"video_id":null}}"#, &[]);
        check("/v3/videos", r#"{"data":[]}"#, &[]);
        let translations = r#"{"data":{"video_translation_ids":["a","b"]}}"#;
        check("/v3/video-translations", translations, &["translation:a", "translation:b"]);
        check("/v3/avatars", r#"{"data":{"avatar_item":{"id":"l"}}}"#, &["look:l"]);
        check(
            "/v2/video/generate",
            r#"{"data":{"video_id":"v"}}"#,
            &["/v1/video_status.get?video_id=v"],
        );
    }
}
