//! Signed links to files, and the files behind them: ranges, ETags, expiry.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::ids::{Ids, hex};
use super::media;
use crate::mock::exchange::{Request, Response};
use crate::percent;

/// Uploaded files of up to this size are kept; larger ones are downloaded as a small file of the
/// same type.
const LARGEST_KEPT: usize = 1 << 20;

/// All kept files together; the oldest ones go first.
const MOST_KEPT: usize = 8 << 20;

/// The files of the world.
pub(super) struct Files {
    base_url: String,
    life: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    files: HashMap<String, Vec<u8>>,
    order: VecDeque<String>,
    size: usize,
}

impl Files {
    pub(super) fn new(base_url: &str, life: Duration) -> Files {
        Files { base_url: base_url.to_owned(), life, kept: Mutex::default() }
    }

    /// A fresh link to a file, such as `video_url.mp4` of `vid_1`.
    pub(super) fn link(&self, ids: &Ids, id: &str, file: &str) -> String {
        let path = format!("/files/{}/{file}", percent::component(id));
        let expires = (ids.today() + self.life.as_secs_f64()).ceil() as u64;
        let signature = signature(ids, &path, &expires.to_string());
        format!("{}{path}?Expires={expires}&Signature={signature}", self.base_url)
    }

    /// Keeps an uploaded file under the path of its link.
    pub(super) fn keep(&self, id: &str, file: &str, bytes: &[u8]) {
        if bytes.len() > LARGEST_KEPT {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let path = format!("/files/{}/{file}", percent::component(id));
        kept.size += bytes.len();
        if let Some(replaced) = kept.files.insert(path.clone(), bytes.to_vec()) {
            kept.size -= replaced.len();
        } else {
            kept.order.push_back(path);
        }
        while kept.size > MOST_KEPT {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.size -= kept.files.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }

    /// The response to a request below `/files/`.
    pub(super) fn respond(&self, ids: &Ids, request: &Request) -> Response {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return refused(405, "MethodNotAllowed", "The specified method is not allowed");
        }
        let value = |name: &str| request.query_value(name).unwrap_or_default();
        if value("Signature") != signature(ids, &request.path, value("Expires")) {
            return refused(403, "SignatureDoesNotMatch", "The signature does not match");
        }
        if value("Expires").parse().is_ok_and(|expires: f64| ids.today() >= expires) {
            return refused(403, "AccessDenied", "Request has expired");
        }
        let (id, file) = named(&request.path);
        let ending = file.rsplit('.').next().unwrap_or_default();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = kept.files.get(&request.path).cloned();
        drop(kept);
        let bytes = bytes.unwrap_or_else(|| media::bytes(ending, &id));
        served(request, media::media_type(ending), bytes)
    }
}

fn signature(ids: &Ids, path: &str, expires: &str) -> String {
    ids.digits(&["file", path, expires], 40)
}

/// The ID and the name in the path of a file.
fn named(path: &str) -> (String, String) {
    let rest = path.trim_start_matches("/files/");
    let (id, file) = rest.split_once('/').unwrap_or((rest, ""));
    (percent::decoded(id), percent::decoded(file))
}

/// The file, or the range of it that is asked for.
fn served(request: &Request, media_type: &str, bytes: Vec<u8>) -> Response {
    let etag = format!("\"{}\"", hex(&Sha256::digest(&bytes)[..16]));
    let with_tag =
        |response: Response| response.with("etag", etag.as_str()).with("accept-ranges", "bytes");
    if request.header("if-none-match").is_some_and(|tags| tags.contains(&etag)) {
        return with_tag(Response { status: 304, headers: Vec::new(), body: Vec::new() });
    }
    let is_current = request.header("if-range").is_none_or(|tag| tag == etag);
    let range = request.header("range").filter(|_| is_current);
    let total = bytes.len();
    match range.and_then(|range| range_in(range, total)) {
        None => with_tag(Response::new(200, media_type, bytes)),
        Some(None) => with_tag(refused(416, "InvalidRange", "The range is not satisfiable"))
            .with("content-range", format!("bytes */{total}")),
        Some(Some((start, end))) => {
            let part = bytes.get(start..=end).unwrap_or_default().to_vec();
            with_tag(Response::new(206, media_type, part))
                .with("content-range", format!("bytes {start}-{end}/{total}"))
        }
    }
}

/// The first and the last byte of a `Range`: `None` if it is not a single range of bytes, which is
/// ignored, and `Some(None)` if there is no such byte.
fn range_in(range: &str, total: usize) -> Option<Option<(usize, usize)>> {
    let (start, end) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (start.trim(), end.trim()) {
        ("", "") => return None,
        ("", count) => match count.parse::<usize>().ok()? {
            0 => return Some(None),
            count => (total.saturating_sub(count), total.checked_sub(1)?),
        },
        (start, "") => (start.parse().ok()?, total.checked_sub(1)?),
        (start, end) => (start.parse().ok()?, end.parse::<usize>().ok()?.min(total.max(1) - 1)),
    };
    Some(Some((start, end)).filter(|_| start < total && start <= end))
}

/// An error as object storage writes it.
pub(super) fn refused(status: u16, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Response::new(status, "application/xml", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let check = |range: &str, expected: Option<Option<(usize, usize)>>| {
            assert_eq!(range_in(range, 100), expected, "{range}");
        };
        check("bytes=0-9", Some(Some((0, 9))));
        check("bytes=90-", Some(Some((90, 99))));
        check("bytes=90-200", Some(Some((90, 99))));
        check("bytes=-10", Some(Some((90, 99))));
        check("bytes=-200", Some(Some((0, 99))));
        check("bytes=100-", Some(None));
        check("bytes=-0", Some(None));
        check("bytes=5-2", Some(None));
        check("bytes=0-1,5-6", None);
        check("bytes=-", None);
        check("lines=1-2", None);
    }
}
