//! What can befall one call, and what a reader or a script needs to go on with it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::key::KeyMark;
use super::words::{items, seconds, shortened};
use super::{DO_NOT_REPEAT, KEY_PAGE};
use crate::exit_code::ExitCode;

/// Where HeyGen says whether it has troubles.
const STATUS_PAGE: &str = "https://status.heygen.com";

/// How a host is named that is a proxy: its name follows.
pub const PROXY: &str = "the proxy ";

/// Where a proxy can come from that nobody thinks of.
const PROXY_HINT: &str =
    "the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY goes around it";

/// A call that failed.
#[derive(Debug)]
pub struct CallError {
    /// Which call.
    pub call: Call,
    /// What befell it.
    pub failure: Failure,
}

/// Which call it was, and what a reader or a script needs to go on with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The method, such as `GET`.
    pub method: String,
    /// The path that was called, without its query.
    pub path: String,
    /// How often it was sent.
    pub attempts: u32,
    /// The key that went with it.
    pub key: Option<KeyMark>,
    /// The status of the last answer, if one came.
    pub status: Option<u16>,
    /// The id HeyGen gave the call, for its support.
    pub request_id: Option<String>,
    /// The key under which HeyGen does a repeated call once, if one went along.
    pub idempotency_key: Option<String>,
    /// What a repetition would do after a failure that leaves open whether the call was accepted.
    pub repetition: Repetition,
    /// What to type to do without the call, if that can be.
    pub way_round: Option<&'static str>,
}

/// What repeating a call that failed would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repetition {
    /// The same again: nothing was done, or doing it twice is harmless.
    #[default]
    Harmless,
    /// It may have been accepted; with the same idempotency key it is done once.
    OnceWithKey,
    /// It may have been accepted, and a repetition may do it, and be paid, twice.
    MayBePaidTwice,
}

/// What can befall one call.
#[derive(Debug)]
pub enum Failure {
    /// The API answered, and the answer is an error.
    Rejected(ApiError),
    /// The answer points elsewhere; nobody went there.
    Redirected {
        /// Where to, if it says so.
        to: Option<String>,
    },
    /// A web page came where data was due: a gateway or a captive portal.
    Html {
        /// The page's title.
        title: Option<String>,
    },
    /// The answer says that it is JSON, and is not.
    InvalidJson {
        /// What is wrong, with line and column.
        fault: String,
    },
    /// The answer nests deeper than anybody prints.
    TooDeep {
        /// The number of levels that are printed.
        limit: usize,
    },
    /// The answer is larger than what is held in memory.
    TooLarge {
        /// That limit, in bytes.
        limit: u64,
    },
    /// The connection ended before the answer did.
    Cut {
        /// How many bytes of the body came.
        received: u64,
    },
    /// Bytes that are no text would have gone to a terminal.
    BinaryToTerminal {
        /// The type that the answer says it has.
        content_type: Option<String>,
    },
    /// No answer came.
    Network(NetworkFault),
    /// The time for one try ran out.
    TimedOut {
        /// How long that was.
        limit: Duration,
    },
    /// The server asks for a longer pause than `--retry-for` allows.
    AskedTooLong {
        /// The API's code.
        code: Option<String>,
        /// The pause it asks for.
        asked: Duration,
        /// What is left for pauses.
        limit: Duration,
    },
    /// Nothing was sent: HTTP cannot carry the request, or no server takes one as long.
    Unsendable {
        /// What is wrong with it.
        reason: String,
    },
    /// A file that was to be sent could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// An answer came that does not prove what was asked: neither data nor an error.
    NotProof {
        /// What came instead.
        what: &'static str,
    },
    /// The answer is no JSON, and what was asked for is made of JSON.
    NotJson {
        /// What was asked for: `--jq`.
        asked: &'static str,
        /// The type that the answer says it has.
        content_type: Option<String>,
    },
    /// All pages of a list were asked for, and the answer is no list.
    NotAList,
    /// A list does not lead to its end.
    Paging {
        /// How many items came before.
        items: u64,
        /// What is wrong with the way.
        fault: PagingFault,
    },
}

/// Why a list does not lead to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagingFault {
    /// The next page is one that was read before.
    Repeated,
    /// There is a next page, and no token for it.
    NoToken,
}

/// What went wrong before an answer came.
#[derive(Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The name of the host has no address.
    Resolve {
        /// The name; or [`PROXY`] and its name.
        host: String,
    },
    /// Nobody accepts connections there.
    Connect {
        /// Host, with the port if it is not the scheme's own; or [`PROXY`] and its name.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The encrypted connection could not be set up.
    Tls {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
        /// What may help.
        trouble: TlsTrouble,
    },
    /// The proxy that the environment names does not let the call through.
    Proxy {
        /// The proxy, without user and password.
        proxy: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection broke before the answer began.
    Broken {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// What came is not HTTP.
    NotHttp {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a certificate was refused, as far as it tells what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsTrouble {
    /// By this computer's date it is not valid yet, or not any more.
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
    /// There is none: the other side does not speak TLS.
    NoTls,
    /// Something else.
    Other,
}

/// An error as the API tells it: three generations of bodies in one shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The API's own code, as text: `invalid_parameter`, `400112`.
    pub code: Option<String>,
    /// What it says.
    pub message: Option<String>,
    /// The field it is about.
    pub param: Option<String>,
    /// Where it is explained.
    pub doc_url: Option<String>,
    /// One entry for each field that is wrong.
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The API's code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the field is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl CallError {
    pub(super) fn code(&self) -> String {
        match &self.failure {
            Failure::Rejected(api) => match &api.code {
                Some(code) => code.clone(),
                // That table has no row for a success.
                None if matches!(self.call.status, Some(200..=299)) => {
                    "cli_error_in_success".to_owned()
                }
                None => code_of_status(self.call.status.unwrap_or_default()).to_owned(),
            },
            Failure::Html { .. } if self.call.status.is_some_and(|status| status >= 400) => {
                code_of_status(self.call.status.unwrap_or_default()).to_owned()
            }
            Failure::Html { .. } => "cli_response_is_html".to_owned(),
            Failure::Redirected { .. } => "cli_redirect_not_followed".to_owned(),
            Failure::InvalidJson { .. } => "cli_response_parse_error".to_owned(),
            Failure::TooDeep { .. } => "cli_response_too_deep".to_owned(),
            Failure::TooLarge { .. } => "cli_response_too_large".to_owned(),
            Failure::BinaryToTerminal { .. } => "cli_binary_to_terminal".to_owned(),
            Failure::Cut { .. } | Failure::Network(_) => "network_error".to_owned(),
            Failure::TimedOut { .. } => "timeout".to_owned(),
            Failure::NotProof { .. } => "cli_response_not_proof".to_owned(),
            Failure::AskedTooLong { code, .. } => match code {
                Some(code) => code.clone(),
                None => code_of_status(self.call.status.unwrap_or_default()).to_owned(),
            },
            Failure::Unreadable { .. } => "cli_file_io_error".to_owned(),
            Failure::Unsendable { .. } => "usage_error".to_owned(),
            Failure::NotJson { .. } => "cli_response_not_json".to_owned(),
            Failure::NotAList => "cli_response_not_a_list".to_owned(),
            Failure::Paging { .. } => "cli_paging_error".to_owned(),
        }
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match &self.failure {
            Failure::Rejected(api) if self.is_about_the_key(api) => ExitCode::Key,
            Failure::Html { .. } if matches!(self.call.status, Some(401 | 403)) => ExitCode::Key,
            Failure::TimedOut { .. } => ExitCode::Timeout,
            Failure::Unsendable { .. } => ExitCode::Usage,
            Failure::BinaryToTerminal { .. } | Failure::NotJson { .. } | Failure::NotAList => {
                ExitCode::AfterSuccess
            }
            Failure::Rejected(_)
            | Failure::Html { .. }
            | Failure::Redirected { .. }
            | Failure::InvalidJson { .. }
            | Failure::TooDeep { .. }
            | Failure::TooLarge { .. }
            | Failure::Cut { .. }
            | Failure::Network(_)
            | Failure::AskedTooLong { .. }
            | Failure::Unreadable { .. }
            | Failure::NotProof { .. }
            | Failure::Paging { .. } => ExitCode::Failed,
        }
    }

    /// Whether the key is what the API objects to, be it for what it is or for what it may do.
    fn is_about_the_key(&self, api: &ApiError) -> bool {
        self.call.status == Some(403) || self.refuses_the_key(api)
    }

    /// Whether the API does not know the key. An error inside HTTP 200 tells it by its code alone:
    /// the numbers are v1's, the words v3's.
    fn refuses_the_key(&self, api: &ApiError) -> bool {
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

    /// Where the key came from that the API refuses.
    pub fn origin_of_refused_key(&self) -> Option<String> {
        match (&self.failure, &self.call.key) {
            (Failure::Rejected(api), Some(key)) if self.refuses_the_key(api) => {
                Some(format!("from: {key}"))
            }
            _ => None,
        }
    }

    pub(super) fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        let Failure::Rejected(api) = &self.failure else {
            return details;
        };
        if let Some(param) = &api.param {
            details.push(format!("field: {param}"));
        }
        details.extend(api.errors.iter().map(|error| format!("field: {error}")));
        details.extend(self.origin_of_refused_key());
        details
    }

    pub(super) fn hint(&self) -> Option<String> {
        match &self.failure {
            Failure::Rejected(api) => self.hint_for(api),
            Failure::Html { .. } => match self.call.status {
                Some(500..) => {
                    Some(format!("this is HeyGen's gateway, not your request; see {STATUS_PAGE}"))
                }
                _ => Some("is there a proxy or a sign-in page between you and HeyGen?".to_owned()),
            },
            Failure::TooDeep { .. } => Some("`-o raw` passes the answer on as it is".to_owned()),
            Failure::BinaryToTerminal { .. } => Some(
                "the call itself succeeded; `-O FILE` saves an answer, `> FILE` too".to_owned(),
            ),
            Failure::TimedOut { .. } => Some("`--timeout 5m` gives it more time".to_owned()),
            Failure::Network(fault) => fault.hint(),
            Failure::AskedTooLong { asked, .. } => Some(format!(
                "try again after that, or allow it: `--retry-for {}s`",
                asked.as_secs()
            )),
            Failure::NotJson { .. } => {
                Some(format!("{DO_NOT_REPEAT}; another time leave the option out"))
            }
            Failure::NotAList => Some(format!("{DO_NOT_REPEAT}; it needs no `--all`")),
            // These say all that is known: there is nothing better to type.
            Failure::Redirected { .. }
            | Failure::InvalidJson { .. }
            | Failure::TooLarge { .. }
            | Failure::Cut { .. }
            | Failure::Unsendable { .. }
            | Failure::Unreadable { .. }
            | Failure::NotProof { .. }
            | Failure::Paging { .. } => None,
        }
    }

    /// Whether to repeat what may have been accepted.
    pub(super) fn repetition_hint(&self) -> Option<String> {
        match (self.call.repetition, &self.call.idempotency_key) {
            (Repetition::Harmless, _) => None,
            (Repetition::OnceWithKey, Some(key)) => Some(format!(
                "it may have been accepted; repeat with `--idempotency-key {key}` and it is not paid twice (24 h)"
            )),
            (Repetition::OnceWithKey, None) | (Repetition::MayBePaidTwice, _) => Some(
                "it may have been accepted; look before you repeat it, or it may be paid twice"
                    .to_owned(),
            ),
        }
    }

    /// What to type to do without the call. A key that was refused is refused all the same.
    pub(super) fn way_round(&self) -> Option<&'static str> {
        self.call.way_round.filter(|_| self.exit_code() != ExitCode::Key)
    }

    fn hint_for(&self, api: &ApiError) -> Option<String> {
        let key = self.call.key.as_ref();
        if self.refuses_the_key(api) {
            return Some(if key.is_some_and(|key| key.looks_foreign) {
                format!(
                    "`sk_` and 48 hex digits is the form of an ElevenLabs key; HeyGen's are at {KEY_PAGE}"
                )
            } else {
                format!(
                    "a deleted, mistyped or other service's key gives the same answer; make a new one at {KEY_PAGE}"
                )
            });
        }
        match self.call.status? {
            402 => Some(
                "API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it".to_owned(),
            ),
            403 => {
                let key = key?;
                let scope = api.required_scope()?;
                Some(format!(
                    "key {} ({}) is valid but lacks {scope}; change it at {KEY_PAGE}",
                    key.masked, key.source
                ))
            }
            500.. => Some(format!("this is HeyGen's side, not your request; see {STATUS_PAGE}")),
            _ => None,
        }
    }

    /// The API's own message if it sent one, cut to length: status and code have members of their own.
    pub fn own_words(&self, message: &str) -> String {
        match &self.failure {
            Failure::Rejected(ApiError { message: Some(own), .. }) => shortened(own),
            _ => message.to_owned(),
        }
    }

    /// Where the API explains the error.
    pub fn doc_url(&self) -> Option<&str> {
        let Failure::Rejected(api) = &self.failure else { return None };
        api.doc_url.as_deref()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.call.status.unwrap_or_default();
        match &self.failure {
            Failure::Rejected(api) => self.write_rejection(api, f),
            Failure::Html { title } => self.write_page(title.as_deref(), f),
            Failure::Redirected { to } => self.write_redirect(to.as_deref(), f),
            Failure::InvalidJson { fault } => {
                write!(
                    f,
                    "{status} {}; the answer says that it is JSON, but is {fault}",
                    reason(status)
                )
            }
            Failure::TooDeep { limit } => {
                write!(f, "the answer nests more than {limit} levels deep")
            }
            Failure::TooLarge { limit } => {
                write!(f, "the answer is larger than {} MiB", limit / (1024 * 1024))
            }
            Failure::Cut { received } => {
                write!(
                    f,
                    "the connection ended in the middle of the answer, after {received} bytes"
                )
            }
            Failure::BinaryToTerminal { content_type } => {
                let media_type = content_type.as_deref().map_or("no text".to_owned(), shortened);
                write!(f, "the answer is {media_type}; it is not written to a terminal")
            }
            Failure::Network(fault) => fault.fmt(f),
            Failure::TimedOut { limit } => {
                write!(f, "no complete answer within {}", seconds(*limit))
            }
            Failure::AskedTooLong { code, asked, limit } => {
                let code = code.as_deref().unwrap_or(code_of_status(status));
                write!(
                    f,
                    "{status} {}: HeyGen asks to wait {}, more than --retry-for allows ({})",
                    shortened(code),
                    seconds(*asked),
                    seconds(*limit)
                )
            }
            Failure::Unsendable { reason } => write!(f, "the request cannot be sent: {reason}"),
            Failure::Unreadable { path, reason } => {
                write!(f, "reading `{}`: {reason}", path.display())
            }
            Failure::NotProof { what } => {
                write!(
                    f,
                    "{status} {}, but {what}: this says nothing about the key",
                    reason(status)
                )
            }
            Failure::NotJson { asked, content_type } => {
                write!(f, "{asked} needs JSON, and the answer is ")?;
                match content_type {
                    Some(content_type) => f.write_str(&shortened(content_type)),
                    None => f.write_str("something else"),
                }
            }
            Failure::NotAList => {
                write!(f, "--all is for lists, and {} answers none", self.call.path)
            }
            Failure::Paging { items: count, fault } => {
                write!(f, "{fault}; {} came", items(*count))
            }
        }
    }
}

impl CallError {
    fn write_page(&self, title: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.call.status.unwrap_or_default();
        write!(f, "{status} {}; the answer is HTML", reason(status))?;
        if let Some(title) = title {
            write!(f, " (title \"{}\")", shortened(title))?;
        }
        f.write_str(", not JSON")
    }

    fn write_redirect(&self, to: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.call.status.unwrap_or_default())?;
        if let Some(to) = to {
            write!(f, " to {}", shortened(to))?;
        }
        f.write_str("; not followed, so that the key stays with the API")
    }

    /// `401 unauthorized`, `400 invalid_parameter: 'limit' must be …`, `404 not found: GET /v3/x`,
    /// `200 with an error inside: internal_error: …`.
    fn write_rejection(&self, api: &ApiError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (true, Some(key)) = (self.refuses_the_key(api), &self.call.key) {
            write!(f, "HeyGen does not accept key {}: ", key.masked)?;
        }
        let status = self.call.status.unwrap_or_default();
        let is_inside_success = (200..300).contains(&status);
        write!(f, "{status} ")?;
        if is_inside_success {
            f.write_str("with an error inside: ")?;
        } else if api.code.is_none() {
            write!(f, "{}: ", reason(status).to_lowercase())?;
        }
        match (&api.code, &api.message) {
            (None, None) => write!(f, "{} {}", self.call.method, self.call.path),
            (Some(code), None) => f.write_str(&shortened(code)),
            (None, Some(message)) => f.write_str(&shortened(message)),
            // `401 unauthorized: Unauthorized` would say it twice.
            (Some(code), Some(message)) if code.eq_ignore_ascii_case(message) => {
                f.write_str(&shortened(code))
            }
            (Some(code), Some(message)) => {
                write!(f, "{}: {}", shortened(code), shortened(message))
            }
        }
    }
}

impl fmt::Display for PagingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PagingFault::Repeated => "the list leads back to a page that was read",
            PagingFault::NoToken => {
                "the list has more pages, but the answer does not say how to ask for them"
            }
        })
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
        let parts: Vec<String> = [&self.path, &self.code, &self.message]
            .into_iter()
            .flatten()
            .map(|part| shortened(part))
            .collect();
        f.write_str(&parts.join(": "))
    }
}

impl NetworkFault {
    /// A certificate that was refused.
    pub fn tls(host: &str, reason: &str, trouble: TlsTrouble) -> NetworkFault {
        NetworkFault::Tls { host: host.to_owned(), reason: reason.to_owned(), trouble }
    }

    pub(super) fn hint(&self) -> Option<String> {
        match self {
            NetworkFault::Resolve { host } | NetworkFault::Connect { host, .. }
                if host.starts_with(PROXY) =>
            {
                Some(PROXY_HINT.to_owned())
            }
            NetworkFault::Resolve { .. } | NetworkFault::Connect { .. } => {
                Some(format!("is the network up? HeyGen's own state: {STATUS_PAGE}"))
            }
            NetworkFault::Tls { trouble, .. } => match trouble {
                TlsTrouble::Date { today } => Some(format!("this computer's date is {today}: is that right?")),
                TlsTrouble::UnknownIssuer => {
                    Some("does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it".to_owned())
                }
                TlsTrouble::OtherHost | TlsTrouble::NoTls => Some("is the address right? see `--api-base`".to_owned()),
                TlsTrouble::NoRoots => {
                    Some("a list is built in: leave out `--ca-cert system`, or name a file".to_owned())
                }
                // The library's own words are all that is known.
                TlsTrouble::Other => None,
            },
            NetworkFault::Proxy { .. } => Some(PROXY_HINT.to_owned()),
            // The system's own words are all that is known.
            NetworkFault::Broken { .. } | NetworkFault::NotHttp { .. } => None,
        }
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
                write!(f, "the connection to {host} broke before the answer: {reason}")
            }
            NetworkFault::NotHttp { host, reason } => {
                write!(f, "{host} did not answer in HTTP: {reason}")
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
