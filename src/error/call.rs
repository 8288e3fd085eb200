//! The facts of one call, and of everything that can end it without a usable response.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::key::KeyMark;
use super::words::{items, seconds};
use crate::exit_code::ExitCode;

/// Starts the name of a host that is a proxy.
pub const PROXY: &str = "the proxy ";

/// One call: what was sent, and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The method, such as `GET`.
    pub method: String,
    /// The path that was called, without its query.
    pub path: String,
    /// The path of the API's address, in front of it; usually empty.
    pub base_path: String,
    /// The number of attempts, retries included.
    pub attempts: u32,
    /// The key that went with it.
    pub key: Option<KeyMark>,
    /// The status of the last response, if one came.
    pub status: Option<u16>,
    /// HeyGen's ID of the call, for its support.
    pub request_id: Option<String>,
    /// The idempotency key that every attempt carried.
    pub idempotency_key: Option<String>,
    /// The state of what the call was to do, all attempts together.
    pub acceptance: Acceptance,
    /// True where it was entered as the command of a noun.
    pub is_by_noun: bool,
    /// True where `--timeout` is not its limit, but that of the wait that follows.
    pub has_own_limit: bool,
}

/// The state of what a call was to do: decides what a repeated call would cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Acceptance {
    /// No attempt was accepted, or repeating the call is harmless.
    #[default]
    Harmless,
    /// An attempt may have been accepted, even if a later one was clearly rejected.
    Possible(Repeat),
    /// A response with a status of success came.
    Certain(Repeat),
}

/// The effect of repeating a call that was, or may have been, accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// HeyGen runs it once if it carries the same idempotency key.
    OnceWithKey,
    /// HeyGen may run it, and charge for it, again.
    MayBePaidTwice,
}

/// A call that did not succeed.
#[derive(Debug)]
pub struct CallError {
    pub call: Call,
    /// The reason.
    pub failure: CallFailure,
    /// The body of a success that holds an error too, of a call that should not be repeated.
    pub body: Option<Vec<u8>>,
    /// The file with what came of a success that broke off.
    pub kept: Option<PathBuf>,
}

/// The reason why a call failed.
#[derive(Debug, Clone)]
pub enum CallFailure {
    /// The API responded with an error.
    Rejected(ApiError),
    /// The response points elsewhere; the redirect was not followed.
    Redirected {
        /// The target without its query, if the response names one.
        to: Option<String>,
    },
    /// A web page came in place of data: from a gateway or a captive portal.
    Html {
        /// The page's title.
        title: Option<String>,
    },
    /// The connection ended before the response did.
    Cut {
        /// The number of bytes of the body that came.
        received: u64,
    },
    /// No response came.
    Network(NetworkFault),
    /// The time for one attempt ran out.
    TimedOut { limit: Duration },
    /// A signal ended the program before the call had an outcome, or before that was printed.
    Canceled {
        /// Its name, such as `SIGINT`.
        signal: String,
        /// The data that came and was not printed: JSON.
        data: Option<Vec<u8>>,
    },
    /// The server asks for a longer pause than the limit on pauses allows.
    AskedTooLong {
        /// The API's code.
        code: Option<String>,
        /// The pause it asks for.
        asked: Duration,
        /// The time that is left for pauses.
        limit: Duration,
        /// The time for all pauses that would have been enough.
        enough: Duration,
    },
    /// Nothing was sent: HTTP cannot carry the request, or no server takes one as long.
    Unsendable { reason: String },
    /// A file of the request body could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
        /// True if the request was being sent.
        is_begun: bool,
    },
}

/// A call that succeeded and whose response cannot be used.
#[derive(Debug)]
pub struct UnusableResponse {
    pub call: Call,
    /// The reason.
    pub flaw: ResponseFlaw,
    /// Its body as far as it was read and is text, of a call that should not be repeated.
    pub body: Option<Vec<u8>>,
}

/// The reason why the response of a successful call is unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseFlaw {
    /// Its media type is JSON, and its body is not valid JSON.
    InvalidJson {
        /// The syntax error, with line and column.
        fault: String,
    },
    /// It nests deeper than is printed.
    TooDeep {
        /// The number of levels that are printed.
        limit: usize,
    },
    /// It is larger than what is held in memory.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Its rows have more columns, or more empty cells, than are printed.
    TooWide {
        /// What they have, in words.
        width: String,
    },
    /// It is not text, and would have gone to a terminal.
    BinaryToTerminal {
        /// The media type that it claims.
        content_type: Option<String>,
    },
    /// It does not prove what was asked: neither data nor an error came.
    NotProof {
        /// The kind of response that came instead.
        what: &'static str,
    },
    /// It is not JSON, and the requested output is made of JSON.
    NotJson {
        /// The output that was requested, as the user names it.
        asked: &'static str,
        /// The media type that it claims.
        content_type: Option<String>,
    },
    /// All pages of a list were requested, and it is not a list.
    NotAList {
        /// The request for all pages, as the user names it.
        asked: &'static str,
    },
    /// The list does not lead to its end.
    Paging {
        /// The number of items that came before.
        items: u64,
        /// The reason.
        fault: PagingFault,
    },
}

/// The reason why a list does not lead to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagingFault {
    /// The next page is one that was read before.
    Repeated,
    /// There is a next page, and no token for it.
    NoToken,
    /// The next page is not a list.
    NotAList,
    /// This many pages in a row had no items.
    Empty(u32),
    /// The token of the next page does not fit into a request.
    LongToken,
    /// The pages that were to be joined are larger than this many bytes.
    Large(u64),
}

/// A failure before a response came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkFault {
    /// The name of the host has no address.
    Resolve {
        /// The name; or [`PROXY`] and its name.
        host: String,
    },
    /// Nothing accepts connections there.
    Connect {
        /// Host, with the port if it is not the scheme's own; or [`PROXY`] and its name.
        host: String,
        /// The system's words.
        reason: String,
    },
    /// The encrypted connection could not be set up.
    Tls {
        host: String,
        reason: String,
        /// The kind of failure, for advice.
        trouble: TlsTrouble,
    },
    /// The proxy that the environment names does not let the call through.
    Proxy {
        /// The proxy, without user and password.
        proxy: String,
        reason: String,
    },
    /// The connection broke before the response began.
    Broken {
        host: String,
        /// The system's words.
        reason: String,
    },
    /// The host responded with something other than HTTP.
    NotHttp { host: String, reason: String },
}

/// The reason why a certificate was rejected, as far as it tells what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsTrouble {
    /// By this computer's date it is not valid yet, or no longer.
    Date {
        /// That date.
        today: String,
    },
    /// Nobody who is trusted signed it.
    UnknownIssuer,
    /// It is for another host.
    OtherHost,
    /// Nobody is trusted: the system's list is empty.
    NoRoots,
    /// There is no certificate: the other side does not speak TLS.
    NoTls,
    /// Something else.
    Other,
}

/// An error in the API's own words: three generations of bodies in one shape.
///
/// Every text is masked and cut to length where it enters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The API's own code, as text: `invalid_parameter`, `400112`.
    pub code: Option<String>,
    pub message: Option<String>,
    /// The field it is about.
    pub param: Option<String>,
    /// The page that explains it.
    pub doc_url: Option<Box<str>>,
    /// One entry for each field that is wrong.
    pub errors: Vec<FieldError>,
    /// True where data stands beside it: part of what was asked for may have been done.
    pub has_data: bool,
}

/// The error of one field of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The API's code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The place of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Acceptance {
    /// The effect of a repeat, unless repeating is harmless.
    pub fn repeat(self) -> Option<Repeat> {
        match self {
            Acceptance::Harmless => None,
            Acceptance::Possible(repeat) | Acceptance::Certain(repeat) => Some(repeat),
        }
    }
}

impl CallError {
    /// The code that scripts compare, and the exit code.
    pub(super) fn class(&self) -> (String, ExitCode) {
        let (code, exit_code) = self.class_of_failure();
        // A stream that breaks off after the call succeeded: a script that repeats on 1 would pay again.
        let is_after_success = matches!(self.call.acceptance, Acceptance::Certain(_));
        let is_cut = matches!(
            self.failure,
            CallFailure::Cut { .. } | CallFailure::Network(_) | CallFailure::TimedOut { .. }
        );
        (code, if is_after_success && is_cut { ExitCode::AfterSuccess } else { exit_code })
    }

    fn class_of_failure(&self) -> (String, ExitCode) {
        let status = self.call.status.unwrap_or_default();
        let of_status = || code_of_status(status).to_owned();
        match &self.failure {
            CallFailure::Rejected(api) => {
                let code = api.code.clone().unwrap_or_else(|| match status {
                    // The table has no row for a success.
                    200..=299 => "cli_error_in_success".to_owned(),
                    _ => of_status(),
                });
                let is_about_key = status == 403 || self.rejects_key(api);
                (code, if is_about_key { ExitCode::Key } else { ExitCode::Failed })
            }
            CallFailure::Html { .. } => match status {
                401 | 403 => (of_status(), ExitCode::Key),
                400.. => (of_status(), ExitCode::Failed),
                _ => ("cli_response_is_html".to_owned(), ExitCode::Failed),
            },
            CallFailure::Redirected { .. } => {
                ("cli_redirect_not_followed".to_owned(), ExitCode::Failed)
            }
            CallFailure::Cut { .. } | CallFailure::Network(_) => {
                ("network_error".to_owned(), ExitCode::Failed)
            }
            CallFailure::TimedOut { .. } => ("timeout".to_owned(), ExitCode::Timeout),
            CallFailure::Canceled { .. } => ("canceled".to_owned(), ExitCode::Failed),
            CallFailure::AskedTooLong { code, .. } => {
                (code.clone().unwrap_or_else(of_status), ExitCode::Failed)
            }
            CallFailure::Unreadable { .. } => ("cli_file_io_error".to_owned(), ExitCode::Failed),
            CallFailure::Unsendable { .. } => ("usage_error".to_owned(), ExitCode::Usage),
        }
    }

    /// Returns true if the API rejected the key. An error inside HTTP 200 tells it by its code
    /// alone: the numbers are v1's, the words v3's.
    fn rejects_key(&self, api: &ApiError) -> bool {
        match self.call.status {
            Some(401) => true,
            Some(200..=299) => matches!(
                api.code.as_deref(),
                Some(
                    "400112"
                        | "40009"
                        | "401"
                        | "401056"
                        | "401057"
                        | "unauthorized"
                        | "authentication_failed"
                )
            ),
            _ => false,
        }
    }

    /// The key that the API does not know.
    pub fn rejected_key(&self) -> Option<&KeyMark> {
        match &self.failure {
            CallFailure::Rejected(api) if self.rejects_key(api) => self.call.key.as_ref(),
            _ => None,
        }
    }

    /// The API's own message if it sent one: status and code have members of their own in JSON.
    pub fn own_words(&self) -> Option<&str> {
        match &self.failure {
            CallFailure::Rejected(api) => api.message.as_deref(),
            _ => None,
        }
    }

    /// The page on which the API explains the error.
    pub fn doc_url(&self) -> Option<&str> {
        match &self.failure {
            CallFailure::Rejected(api) => api.doc_url.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.call.status.unwrap_or_default();
        match &self.failure {
            CallFailure::Rejected(api) => self.write_rejection(api, f),
            CallFailure::Html { title } => {
                write!(f, "{status} {}; the response is HTML", reason(status))?;
                if let Some(title) = title {
                    write!(f, " (title \"{title}\")")?;
                }
                f.write_str(", not JSON")
            }
            CallFailure::Redirected { to: Some(to) } => {
                write!(
                    f,
                    "{status} redirect to {to}; not followed, so that the key stays with the API"
                )
            }
            CallFailure::Redirected { to: None } => {
                write!(f, "{status} redirect; not followed, so that the key stays with the API")
            }
            CallFailure::Cut { received } => {
                write!(
                    f,
                    "the connection ended in the middle of the response, after {received} bytes"
                )
            }
            CallFailure::Network(fault) => fault.fmt(f),
            CallFailure::TimedOut { limit } => {
                write!(f, "no complete response within {}", seconds(*limit))
            }
            CallFailure::Canceled { signal, .. } if self.call.status.is_some() => {
                write!(f, "canceled by {signal} after the call succeeded")
            }
            CallFailure::Canceled { signal, .. } => {
                write!(f, "canceled by {signal} before the call was complete")
            }
            CallFailure::AskedTooLong { code, asked, limit, .. } => {
                let code = code.as_deref().unwrap_or(code_of_status(status));
                let (asked, limit) = (seconds(*asked), seconds(*limit));
                write!(
                    f,
                    "{status} {code}: HeyGen asks to wait {asked}, longer than the limit on pauses ({limit})"
                )
            }
            CallFailure::Unsendable { reason } => write!(f, "the request cannot be sent: {reason}"),
            CallFailure::Unreadable { path, reason, .. } => {
                write!(f, "reading `{}`: {reason}", path.display())
            }
        }
    }
}

impl CallError {
    /// `401 unauthorized`, `400 invalid_parameter: 'limit' must be …`, `404 not found: GET /v3/x`,
    /// `200 with an error inside: internal_error: …`.
    fn write_rejection(&self, api: &ApiError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = self.rejected_key() {
            write!(f, "HeyGen does not accept key {}: ", key.masked)?;
        }
        let status = self.call.status.unwrap_or_default();
        write!(f, "{status} ")?;
        if (200..300).contains(&status) {
            f.write_str("with an error inside: ")?;
        } else if api.code.is_none() {
            write!(f, "{}: ", reason(status).to_lowercase())?;
        }
        match (&api.code, &api.message) {
            (None, None) => write!(f, "{} {}", self.call.method, self.call.path),
            // `401 unauthorized: Unauthorized` would say it twice.
            (Some(code), Some(message)) if !code.eq_ignore_ascii_case(message) => {
                write!(f, "{code}: {message}")
            }
            (Some(text), _) | (None, Some(text)) => f.write_str(text),
        }
    }
}

impl UnusableResponse {
    /// The code that scripts compare, and the exit code.
    pub(super) fn class(&self) -> (&'static str, ExitCode) {
        // A script that repeats on 1 must not pay again.
        let by_acceptance = match self.call.acceptance {
            Acceptance::Harmless => ExitCode::Failed,
            Acceptance::Possible(_) | Acceptance::Certain(_) => ExitCode::AfterSuccess,
        };
        match self.flaw {
            ResponseFlaw::InvalidJson { .. } => ("cli_response_parse_error", by_acceptance),
            ResponseFlaw::TooDeep { .. } => ("cli_response_too_deep", by_acceptance),
            ResponseFlaw::TooLarge { .. } => ("cli_response_too_large", by_acceptance),
            ResponseFlaw::TooWide { .. } => ("cli_response_too_wide", by_acceptance),
            ResponseFlaw::NotProof { .. } => ("cli_response_not_proof", by_acceptance),
            ResponseFlaw::BinaryToTerminal { .. } => {
                ("cli_binary_to_terminal", ExitCode::AfterSuccess)
            }
            ResponseFlaw::NotJson { .. } => ("cli_response_not_json", ExitCode::AfterSuccess),
            ResponseFlaw::NotAList { .. } => ("cli_response_not_a_list", ExitCode::AfterSuccess),
            ResponseFlaw::Paging { .. } => ("cli_paging_error", ExitCode::Failed),
        }
    }
}

impl fmt::Display for UnusableResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.call.status.unwrap_or_default();
        match &self.flaw {
            ResponseFlaw::InvalidJson { fault } => {
                write!(
                    f,
                    "{status} {}, but the response body is not valid JSON: {fault}",
                    reason(status)
                )
            }
            ResponseFlaw::TooDeep { limit } => {
                write!(f, "the response nests more than {limit} levels deep")
            }
            ResponseFlaw::TooWide { width } => write!(f, "the rows of the response have {width}"),
            ResponseFlaw::TooLarge { limit } => {
                write!(f, "the response is JSON of more than {} MiB", limit / (1024 * 1024))
            }
            ResponseFlaw::BinaryToTerminal { content_type } => {
                let media_type = content_type.as_deref().unwrap_or("not text");
                write!(f, "the response is {media_type}; it is not written to a terminal")
            }
            ResponseFlaw::NotProof { what } => {
                write!(
                    f,
                    "{status} {}, but {what}: this says nothing about the key",
                    reason(status)
                )
            }
            ResponseFlaw::NotJson { asked, content_type } => {
                let media_type = content_type.as_deref().unwrap_or("something else");
                write!(f, "{asked} needs JSON, and the response is {media_type}")
            }
            ResponseFlaw::NotAList { asked } => {
                write!(f, "{asked} is for lists, and {} does not return one", self.call.path)
            }
            // The error of the whole list counts what came before.
            ResponseFlaw::Paging { fault: fault @ PagingFault::NotAList, .. } => fault.fmt(f),
            ResponseFlaw::Paging { items: count, fault } => {
                write!(f, "{fault}; {} came before", items(*count))
            }
        }
    }
}

impl fmt::Display for PagingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PagingFault::Repeated => f.write_str("the list leads back to a page that was read"),
            PagingFault::NoToken => f.write_str(
                "the list has more pages, but the response has no token for the next one",
            ),
            PagingFault::NotAList => f.write_str("the next page is not a list"),
            PagingFault::Large(limit) => {
                write!(f, "the joined pages are larger than {} MiB", limit / (1024 * 1024))
            }
            PagingFault::LongToken => {
                f.write_str("the token of the next page is too long for a request")
            }
            PagingFault::Empty(pages) => {
                write!(f, "the list does not end: {pages} pages in a row are empty")
            }
        }
    }
}

impl ApiError {
    /// The scope that the key lacks: the message of `insufficient_api_key_scope` ends with
    /// `Required scope: <scope>.` (HeyGen's page on error codes).
    pub fn required_scope(&self) -> Option<&str> {
        let code = self.code.as_deref()?;
        if !code.eq_ignore_ascii_case("insufficient_api_key_scope") {
            return None;
        }
        let (_, scope) = self.message.as_deref()?.rsplit_once("Required scope: ")?;
        let scope = scope.trim().trim_end_matches('.');
        (!scope.is_empty()).then_some(scope)
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.path, &self.code, &self.message].into_iter().flatten();
        f.write_str(&parts.map(String::as_str).collect::<Vec<&str>>().join(": "))
    }
}

impl NetworkFault {
    /// The fault of a rejected certificate.
    pub fn tls(host: &str, reason: &str, trouble: TlsTrouble) -> NetworkFault {
        NetworkFault::Tls { host: host.to_owned(), reason: reason.to_owned(), trouble }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetworkFault::Resolve { host } => write!(f, "cannot resolve {host}"),
            NetworkFault::Connect { host, reason } => {
                write!(f, "cannot connect to {host}: {reason}")
            }
            NetworkFault::Tls { host, reason, .. } => {
                write!(f, "no secure connection to {host}: {reason}")
            }
            NetworkFault::Proxy { proxy, reason } => {
                write!(f, "the proxy {proxy} does not let the call through: {reason}")
            }
            NetworkFault::Broken { host, reason } => {
                write!(f, "the connection to {host} broke before the response: {reason}")
            }
            NetworkFault::NotHttp { host, reason } => {
                write!(f, "{host} did not respond in HTTP: {reason}")
            }
        }
    }
}

/// The code for a status where the API gives none: the table of HeyGen's own command line.
fn code_of_status(status: u16) -> &'static str {
    match status {
        400 => "validation_error",
        401 => "unauthorized",
        402 => "insufficient_credit",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        413 => "payload_too_large",
        429 => "rate_limit_exceeded",
        500.. => "unclassified_server_error",
        _ => "unclassified_client_error",
    }
}

/// The words of a status: `Not Found`.
fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("unknown status")
}
