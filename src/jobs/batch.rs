//! Batches: the jobs of one, over as many pages as it has.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::job::Job;
use super::state;
use crate::api::endpoint::Endpoint;
use crate::api::origin::Base;
use crate::api::request::Request;
use crate::catalogue;
use crate::error::{FileFault, JobFault};
use crate::json;
use crate::percent::component;

/// A batch has at most 100 items (HeyGen's OpenAPI description of v3), and a page has one of them.
const MOST_PAGES: usize = 100;

/// The query parameter with which the next page is asked for.
const TOKEN: &str = "token";

/// The jobs of a batch, and what is wrong with it.
pub struct Batch {
    pub jobs: Vec<Job>,
    /// The fault of items that failed, which only later pages may show.
    pub failed: Option<JobFault>,
    /// The name of the page, or of the batch, and the reason why there may be jobs that are not known.
    pub fault: Option<(String, FileFault)>,
}

/// The jobs of a batch but for those that failed, each once, on all of its pages; `ask` fetches one.
pub fn all_jobs(
    batch: &Job,
    first: Vec<u8>,
    base: &Base,
    ask: &dyn Fn(&Job) -> Result<Vec<u8>, FileFault>,
) -> Batch {
    let mut jobs: Vec<Job> = Vec::new();
    let mut items = Items::default();
    let (mut known, mut asked) = (BTreeSet::new(), BTreeSet::new());
    let mut page = first;
    let fault = loop {
        let data = json::member(&page, "data").unwrap_or(&page);
        items.count(data);
        let new = jobs_in(batch, data, base).into_iter();
        jobs.extend(new.filter(|job| known.insert(job.name.clone())));
        let next = match next_page(batch, data, base) {
            // Before a page that was asked for by its name there are others.
            Next::None => break items.missing(!is_later_page(batch)),
            Next::Page(next) if asked.len() < MOST_PAGES && asked.insert(next.name.clone()) => next,
            Next::Page(_) | Next::Unnamed => break Some(items.nameless(None)),
        };
        page = match ask(&next) {
            Ok(page) => page,
            Err(fault) => {
                return Batch { jobs, failed: items.failed(), fault: Some((next.name, fault)) };
            }
        };
    };
    let fault = fault.map(|fault| (batch.name.clone(), fault));
    Batch { jobs, failed: items.failed(), fault }
}

/// The items of the pages that were read: pages may overlap, and each item counts once.
#[derive(Default)]
struct Items {
    /// All of them, by index and ID.
    known: BTreeSet<(String, String)>,
    /// The number of those that lack an ID and did not fail.
    without_id: usize,
    failed: usize,
    /// The number that HeyGen tells.
    total: usize,
}

impl Items {
    /// Counts the items of a page.
    fn count(&mut self, data: &[u8]) {
        for item in json::elements(json::member(data, "items").unwrap_or_default()) {
            let index = json::member(item, "item_index").map(String::from_utf8_lossy);
            let index = index.map_or_else(String::new, Cow::into_owned);
            let id = id(item);
            let is_failed = state::is_failed(item);
            let mut own = (index, id.clone().unwrap_or_default());
            if own == Default::default() {
                own.0 = format!("item {}", self.known.len());
            }
            if self.known.insert(own) {
                self.failed += usize::from(is_failed);
                self.without_id += usize::from(!is_failed && id.is_none());
            }
        }
        self.failed = self.failed.max(counted_failures(data));
        self.total = self.total.max(total_items(data));
    }

    /// The fault of a batch whose pages are all read, if some of its items are on none, or have no ID.
    fn missing(&self, is_from_first: bool) -> Option<FileFault> {
        let is_short = is_from_first && self.known.len() < self.total;
        let of = self.total.max(self.known.len());
        (self.without_id > 0 || is_short).then(|| self.nameless(Some(of)))
    }

    fn nameless(&self, of: Option<usize>) -> FileFault {
        FileFault::NamelessItems { known: self.known.len() - self.without_id, of }
    }

    fn failed(&self) -> Option<JobFault> {
        let (failed, of) = (self.failed, self.known.len().max(self.total).max(self.failed));
        (failed > 0).then_some(JobFault::ItemsFailed { failed, of })
    }
}

/// The jobs of one page, each once: `/v3/lipsyncs/batches/{batch_id}` has items of
/// `/v3/lipsyncs/{lipsync_id}`, whose IDs are all called `video_id` (HeyGen's OpenAPI description of v3).
pub(super) fn jobs_in(batch: &Job, data: &[u8], base: &Base) -> Vec<Job> {
    let path = batch.request.endpoint.path();
    let Some((parent, _)) = path.split_once("/batches/") else { return Vec::new() };
    let mut known = BTreeSet::new();
    let ids = ids(data).filter(|id| known.insert(id.clone()));
    let poll = catalogue::find("GET", &format!("{parent}/-")).filter(|poll| poll.kind().is_some());
    ids.filter_map(|id| match poll {
        Some(poll) => Job::polled_by(poll, &id, base).ok(),
        None => {
            let endpoint = Endpoint::parse(&format!("{parent}/{id}"), base).ok()?;
            let request = Request::get(endpoint);
            Some(Job { name: request.target(), id, request, before: None })
        }
    })
    .collect()
}

/// Returns whether some items of a batch did not fail, whatever became of the batch.
pub(super) fn has_jobs(batch: &Job, whole: &[u8], base: &Base) -> bool {
    let data = json::member(whole, "data").unwrap_or(whole);
    !jobs_in(batch, data, base).is_empty() || has_more(batch, data, base)
}

/// Returns whether the items go on where this page ends.
pub(super) fn has_more(batch: &Job, data: &[u8], base: &Base) -> bool {
    let is_batch = batch.request.endpoint.path().contains("/batches/");
    is_batch && !matches!(next_page(batch, data, base), Next::None)
}

/// The fault of a batch that is done, and of whose items some failed, as far as one page tells.
pub(super) fn failed_items(whole: &[u8]) -> Option<JobFault> {
    let data = json::member(whole, "data").unwrap_or(whole);
    json::member(data, "items").filter(|items| json::is_array(items))?;
    let mut items = Items::default();
    items.count(data);
    items.failed()
}

/// The IDs of the items that did not fail, of those that have one.
fn ids(data: &[u8]) -> impl Iterator<Item = String> {
    let items = json::member(data, "items").unwrap_or_default();
    json::elements(items).filter(|item| !state::is_failed(item)).filter_map(id)
}

fn id(item: &[u8]) -> Option<String> {
    json::member(item, "video_id").and_then(json::as_text).filter(|id| !id.is_empty())
}

/// The failures that HeyGen counts.
fn counted_failures(data: &[u8]) -> usize {
    let counts = ["counts_by_status", "counts"].iter().find_map(|name| json::member(data, name));
    let failed = counts.and_then(|counts| json::member(counts, "failed"));
    failed.and_then(count).unwrap_or_default()
}

fn total_items(data: &[u8]) -> usize {
    json::member(data, "total_items").and_then(count).unwrap_or_default()
}

fn count(value: &[u8]) -> Option<usize> {
    json::as_integer(value).and_then(|count| usize::try_from(count).ok())
}

fn is_later_page(batch: &Job) -> bool {
    let query = batch.request.endpoint.query().unwrap_or_default();
    query.split('&').any(|pair| pair.split('=').next() == Some(TOKEN))
}

/// What follows on a page.
enum Next {
    None,
    Page(Box<Job>),
    /// More, and nothing to ask for it with.
    Unnamed,
}

fn next_page(batch: &Job, data: &[u8], base: &Base) -> Next {
    let token = json::member(data, "next_token").and_then(json::as_text);
    let token = token.filter(|token| !token.is_empty());
    let is_no = |value: &[u8]| matches!(value, b"false" | b"null" | b"0" | br#""false""#);
    let has_more = json::member(data, "has_more").map(|value| !is_no(value));
    match (has_more, token) {
        (Some(false), _) | (None, None) => Next::None,
        (_, None) => Next::Unnamed,
        (_, Some(token)) => {
            page(batch, &token, base).map_or(Next::Unnamed, |page| Next::Page(Box::new(page)))
        }
    }
}

/// The page with this token, as a job that `heygen download` takes by the name of its endpoint.
fn page(batch: &Job, token: &str, base: &Base) -> Option<Job> {
    let endpoint = &batch.request.endpoint;
    let others = endpoint.query().unwrap_or_default().split('&');
    let own = format!("{TOKEN}={}", component(token));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(TOKEN);
    let query: Vec<&str> = others.filter(is_other).chain([own.as_str()]).collect();
    let target = format!("{}?{}", endpoint.path(), query.join("&"));
    Job::parse(&target, base).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("https://api.heygen.com").expect("a base")
    }

    /// The names of the jobs on these pages of a batch, the fault, and what was asked for.
    fn all(name: &str, pages: &[&str]) -> (Vec<String>, Option<String>, Vec<String>) {
        let batch = Job::parse(name, &base()).expect("a job");
        let asked = std::cell::RefCell::new(Vec::new());
        let ask = |job: &Job| {
            asked.borrow_mut().push(job.name.clone());
            let page = pages.get(asked.borrow().len()).or(pages.last());
            Ok(page.expect("a page").as_bytes().to_vec())
        };
        let all = all_jobs(&batch, pages[0].as_bytes().to_vec(), &base(), &ask);
        let names = all.jobs.into_iter().map(|job| job.name).collect();
        let fault = all.fault.map(|(name, fault)| format!("{name}: {fault}"));
        (names, fault, asked.take())
    }

    #[test]
    fn jobs_of_all_pages_each_once() {
        let first = r#"{"data":{"status":"completed","total_items":3,"items":[{"status":"completed","video_id":"a"},{"status":"failed","video_id":null}],"has_more":true,"next_token":"n/2"}}"#;
        let second = r#"{"data":{"status":"completed","total_items":3,"items":[{"status":"completed","video_id":"a"},{"status":"completed","video_id":"b"}],"has_more":false,"next_token":null}}"#;
        let (jobs, fault, asked) = all("lipsync-batch:x", &[first, second]);
        assert_eq!((jobs, fault), (vec!["lipsync:a".to_owned(), "lipsync:b".to_owned()], None));
        assert_eq!(asked, ["/v3/lipsyncs/batches/x?token=n%2F2"]);
        let (jobs, fault, asked) = all("/v3/videos/batches/x?limit=2&token=n", &[second]);
        assert_eq!((jobs, fault), (vec!["a".to_owned(), "b".to_owned()], None));
        assert!(asked.is_empty());
        let (_, _, asked) = all("/v3/videos/batches/x?limit=2", &[first, second]);
        assert_eq!(asked, ["/v3/videos/batches/x?limit=2&token=n%2F2"]);
    }

    #[test]
    fn items_that_nobody_names_are_a_fault() {
        let check = |page: &str, expected: &str, pages: usize| {
            let (_, fault, asked) = all("video-batch:x", &[page]);
            assert_eq!((fault.as_deref(), asked.len()), (Some(expected), pages), "{page}");
        };
        check(
            r#"{"data":{"items":[{"status":"completed","video_id":"a"},{"status":"completed"}]}}"#,
            "video-batch:x: HeyGen names 1 of its 2 items",
            0,
        );
        check(
            r#"{"data":{"total_items":3,"items":[{"status":"completed","video_id":"a"}]}}"#,
            "video-batch:x: HeyGen names 1 of its 3 items",
            0,
        );
        check(
            r#"{"data":{"items":[{"status":"completed","video_id":"a"}],"has_more":true,"next_token":null}}"#,
            "video-batch:x: HeyGen names 1 of its items, and says that there are more",
            0,
        );
        // The same page again and again.
        check(
            r#"{"data":{"items":[{"status":"completed","video_id":"a"}],"has_more":true,"next_token":"t"}}"#,
            "video-batch:x: HeyGen names 1 of its items, and says that there are more",
            1,
        );
    }

    #[test]
    fn item_on_two_pages_counts_once() {
        let first = r#"{"data":{"total_items":3,"items":[{"item_index":0,"status":"completed","video_id":"a"},{"item_index":1,"status":"completed","video_id":"b"}],"has_more":"true","next_token":"n"}}"#;
        let second = r#"{"data":{"total_items":3,"items":[{"item_index":1,"status":"completed","video_id":"b"}],"has_more":false,"next_token":null}}"#;
        let (jobs, fault, _) = all("video-batch:x", &[first, second]);
        assert_eq!(jobs, ["a", "b"]);
        assert_eq!(fault.as_deref(), Some("video-batch:x: HeyGen names 2 of its 3 items"));
    }

    #[test]
    fn failed_items_of_later_pages_are_told() {
        let first = r#"{"data":{"items":[{"item_index":0,"status":"completed","video_id":"a"}],"next_token":"n"}}"#;
        let second = r#"{"data":{"items":[{"item_index":1,"status":"failed","video_id":null},{"item_index":2,"status":"failed","video_id":null}],"next_token":null}}"#;
        let batch = Job::parse("video-batch:x", &base()).expect("a job");
        let ask = |_: &Job| Ok(second.as_bytes().to_vec());
        let all = all_jobs(&batch, first.as_bytes().to_vec(), &base(), &ask);
        let failed = all.failed.map(|fault| fault.to_string());
        assert_eq!(failed.as_deref(), Some("completed, and 2 of its 3 items failed"));
        assert!(all.fault.is_none());
    }

    #[test]
    fn failed_items_are_counted_on_all_pages() {
        let check = |page: &str, expected: Option<&str>| {
            let fault = failed_items(page.as_bytes()).map(|fault| fault.to_string());
            assert_eq!(fault.as_deref(), expected, "{page}");
        };
        check(
            r#"{"data":{"items":[{"status":"completed"}],"counts_by_status":{"completed":1}}}"#,
            None,
        );
        check(
            r#"{"data":{"items":[{"status":"completed"}],"total_items":4,"counts_by_status":{"failed":2,"completed":2}}}"#,
            Some("completed, and 2 of its 4 items failed"),
        );
        check(
            r#"{"data":{"items":[{"status":"failed"}],"counts":{"processing":0,"completed":0,"failed":1}}}"#,
            Some("completed, and 1 of its 1 items failed"),
        );
    }
}
