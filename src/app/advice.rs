//! The details and hints below an error's message: facts worth a line, and the command to run next.
//!
//! This is the one place below the commands that names flags and commands in a hint.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::call_advice;
use crate::error::{
    Acceptance, ApiError, Call, CallError, CallFailure, DownloadArguments, Error, FailedFile,
    FieldError, FileFault, FilesError, FilterFailure, InvalidRequest, JobFault, JobsError,
    KEY_PAGE, Kept, KeyFlaw, Miss, NearMiss, NetworkFault, Obstacle, OnlySource, PROXY, PagesCut,
    PagingFault, Repeat, ResponseFlaw, Source, TlsTrouble, UnusableResponse, items,
};
use crate::percent;
use crate::snippet::quote::shell_word;

/// The longest duration that a flag takes.
const LONGEST_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A longer command that goes on is left out: each job has a line of its own.
const LONGEST_COMMAND: usize = 100_000;

/// HeyGen's own report on its state.
const STATUS_PAGE: &str = "https://status.heygen.com";

/// The variables that a proxy can come from.
const PROXY_HINT: &str =
    "the proxy comes from HTTPS_PROXY, http_proxy or ALL_PROXY; NO_PROXY bypasses it";

/// The advice where the response of a call is lost: a repeated call may cost again.
const DO_NOT_REPEAT: &str = "the call itself succeeded, do not repeat it";

/// The hint where the create succeeded and something after it did not, beside a job that failed.
const CREATED: &str = "it was created: do not create it again";

/// The lines below the message of an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Facts, one per line.
    pub details: Vec<String>,
    /// Commands and flags to try next, most useful first; empty where the message says it all.
    pub hints: Vec<String>,
    /// A line of references: the ID of the request, the page that explains the error.
    pub reference: Option<String>,
}

/// The step of a command that failed, and one more hint where the key is not the cause.
#[derive(Debug)]
pub struct Also {
    /// The words in front of the error.
    pub doing: &'static str,
    /// The hint behind those of the error.
    pub hint: &'static str,
}

impl fmt::Display for Also {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing)
    }
}

/// The advice on an error.
pub fn diagnose(error: &Error) -> Diagnosis {
    let (details, hints) = match error {
        Error::Usage(usage) => (usage.details.clone(), usage.hint.iter().cloned().collect()),
        Error::InvalidRequest(invalid) => invalid_request(invalid),
        Error::NoKey { looked_at, only_source } => {
            let places: Vec<String> =
                looked_at.iter().map(|place| format!("{} ({})", place.name, place.found)).collect();
            let near_miss = looked_at.iter().find_map(|place| place.near_miss).map(near_miss_hint);
            let hint = match only_source {
                Some(OnlySource::Login) => format!(
                    "make a key at {KEY_PAGE}, then pipe it in, name its file with `--api-key-file`, or `export HEYGEN_API_KEY=…`"
                ),
                Some(file @ (OnlySource::KeyFile | OnlySource::EnvFile)) => {
                    let flag = match file {
                        OnlySource::EnvFile => "--env-file",
                        _ => "--api-key-file",
                    };
                    format!(
                        "`{flag}` makes that the only source: put the key there, or leave the flag out"
                    )
                }
                None => format!(
                    "make a key at {KEY_PAGE}, then `export HEYGEN_API_KEY=…` or `heygen auth login`"
                ),
            };
            let hints = near_miss.map(str::to_owned).into_iter().chain([hint]).collect();
            (vec![format!("looked at: {}", places.join(", "))], hints)
        }
        Error::UnusableKey { flaw, source } => {
            (Vec::new(), flaw_hint(*flaw, source).into_iter().collect())
        }
        Error::Call(failed) => (failed_call_details(failed), failed_call_hints(failed)),
        Error::Unusable(response) => {
            (data_line(response.body.as_deref()), unusable_hints(response))
        }
        Error::Gates { key, misses } => (
            misses.iter().skip(1).map(|miss| format!("also: {}", miss.about(key))).collect(),
            misses.iter().find_map(miss_hint).into_iter().collect(),
        ),
        Error::CredentialsFile { obstacle, .. } => {
            (Vec::new(), vec![obstacle_hint(obstacle).to_owned()])
        }
        Error::FileExists { .. } => {
            (Vec::new(), vec!["`--force` replaces it; nothing was sent".to_owned()])
        }
        Error::NotWritten(failure) => {
            (data_line(failure.data.as_deref()), after_success(failure.call.as_ref()))
        }
        Error::Filter(failure) => {
            let call = failure.call.as_ref();
            let lost = call.map(|_| after_success(call)).unwrap_or_default();
            (data_line(Some(&failure.data)), filter_hint(failure).into_iter().chain(lost).collect())
        }
        Error::PagesCut(cut) => pages_cut(cut),
        Error::Jobs(jobs) => jobs_advice(jobs),
        Error::Files(files) => files_advice(files),
        Error::NoJob(created) => {
            (data_line(created.data.as_deref()), after_success(Some(&created.call)))
        }
        // The system's own words are all that is known.
        Error::NotListening { .. } => {
            (Vec::new(), vec!["leave --port out to get a free port".to_owned()])
        }
        Error::File { doing: "creating" | "creating a file in", cause, .. } => {
            let is_absent = cause.kind() == io::ErrorKind::NotFound;
            let what = if is_absent { "; make the folder, or name another file" } else { "" };
            (Vec::new(), vec![format!("nothing was sent{what}")])
        }
        // The message names the flag, or what was answered.
        Error::Unconfirmed { .. } => Default::default(),
        Error::File { .. } | Error::NotStarted { .. } | Error::Output(_) => Default::default(),
    };
    Diagnosis { details, hints, reference: reference(error) }
}

fn invalid_request(invalid: &InvalidRequest) -> (Vec<String>, Vec<String>) {
    let details = invalid.errors.iter().map(|error| {
        let place = error.path.as_deref().unwrap_or("the body");
        format!("{place}: {}", error.message.as_deref().unwrap_or_default())
    });
    let details = details.collect();
    let strings = "`-F NAME=VALUE` sends numbers, true and false; `-f` sends strings".to_owned();
    let strings = invalid.has_strings_for_others.then_some(strings);
    let list = if invalid.part == "query" { "parameters" } else { "fields" };
    let show = match invalid.command {
        Some(command) => format!("`heygen {command} --help` lists the flags"),
        None => format!("`heygen endpoints show {}` lists the {list}", invalid.operation),
    };
    (details, strings.into_iter().chain([show]).collect())
}

/// The source of a key that the API does not know, and the keys that it takes precedence over.
pub fn origin_of_rejected_key(failed: &CallError) -> Option<String> {
    failed.rejected_key().map(|key| format!("from: {key}"))
}

fn reference(error: &Error) -> Option<String> {
    let id = error.made_call().and_then(|call| call.request_id.as_ref());
    let page = error.call_error().and_then(CallError::doc_url);
    match (id, page) {
        (Some(id), Some(page)) => Some(format!("request: {id}, {page}")),
        (Some(id), None) => Some(format!("request: {id}")),
        (None, Some(page)) => Some(format!("see: {page}")),
        (None, None) => None,
    }
}

/// The words for the file with what came of a success that broke off.
pub fn kept(path: &Path) -> String {
    format!("what came is in `{}`", path.display())
}

fn data_line(data: Option<&[u8]>) -> Vec<String> {
    data.map(|data| format!("data: {}", String::from_utf8_lossy(data))).into_iter().collect()
}

/// The correction of a filter that was written for the whole response.
fn filter_hint(failure: &FilterFailure) -> Option<String> {
    if let Some(hint) = member_of_list(failure) {
        return Some(hint);
    }
    let filter = failure.filter.trim();
    let has_data = failure.data.starts_with(b"{")
        && failure.data.windows(7).any(|window| window == br#""data":"#);
    if !failure.sees_data || has_data || !takes_data(filter) {
        return None;
    }
    let instead = match filter.strip_prefix(".data").filter(|_| !filter.contains(['`', '\n'])) {
        Some(inner) if !takes_data(inner) => {
            let dot = if inner.starts_with('.') { "" } else { "." };
            format!("write `{dot}{inner}`")
        }
        _ => "leave `.data` out".to_owned(),
    };
    Some(format!("the filter sees `data` already: {instead}, or add -E for the whole response"))
}

/// The correction of a filter that takes a member of a list as if it were an object.
fn member_of_list(failure: &FilterFailure) -> Option<String> {
    let name =
        failure.words.strip_prefix("Cannot index array with string \"")?.strip_suffix('"')?;
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_first = failure.filter.trim_start().starts_with(&format!(".{name}"));
    if !failure.sees_data || !is_word || !is_first || name == "data" {
        return None;
    }
    Some(match name {
        "has_more" | "next_token" => {
            format!("the filter sees `data` only: add -E to take `.{name}` of the whole response")
        }
        _ => format!("the data is a list: write `.[].{name}`"),
    })
}

/// True where a filter takes the member `data` of its input.
fn takes_data(filter: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    filter.match_indices(".data").any(|(start, matched)| {
        let before = filter[..start].chars().next_back();
        let behind = filter[start + matched.len()..].chars().next();
        let is_inner = before.is_some_and(|c| is_of_name(c) || "])}\"?.".contains(c));
        !is_inner && !behind.is_some_and(is_of_name)
    })
}

fn failed_call_details(failed: &CallError) -> Vec<String> {
    let api = match &failed.failure {
        CallFailure::Rejected(api) => api,
        CallFailure::Canceled { data, .. } => return data_line(data.as_deref()),
        _ => {
            let kept = failed.kept.as_ref();
            let kept = kept.map(|path| self::kept(path));
            return data_line(failed.body.as_deref()).into_iter().chain(kept).collect();
        }
    };
    let param = api.param.iter().cloned();
    let fields = api.errors.iter().map(FieldError::to_string);
    let mut details: Vec<String> =
        param.chain(fields).map(|field| format!("field: {field}")).collect();
    details.extend(origin_of_rejected_key(failed));
    details.extend(data_line(failed.body.as_deref()));
    details
}

fn failed_call_hints(failed: &CallError) -> Vec<String> {
    if let Acceptance::Certain(_) = failed.call.acceptance {
        return after_success(Some(&failed.call));
    }
    let on_call = match &failed.failure {
        CallFailure::Rejected(api) => call_advice::hints(&failed.call, api),
        _ => Vec::new(),
    };
    let hints = [repeat_hint(&failed.call), failure_hint(failed)].into_iter().flatten();
    hints.chain(on_call).collect()
}

/// The advice on repeating a call that was, or may have been, accepted.
fn repeat_hint(call: &Call) -> Option<String> {
    let certainty = match call.acceptance {
        Acceptance::Harmless => return None,
        Acceptance::Possible(_) => "it may have been accepted",
        Acceptance::Certain(_) => "it was accepted",
    };
    Some(match (call.acceptance.repeat(), &call.idempotency_key) {
        (Some(Repeat::OnceWithKey), Some(key)) => format!(
            "{certainty}; repeat with `--idempotency-key {key}` and it is not paid twice (24 h)"
        ),
        _ => format!("{certainty}; look before you repeat it, or it may be paid twice"),
    })
}

/// The advice after a success whose response was lost.
fn after_success(call: Option<&Call>) -> Vec<String> {
    // Reading again does nothing and costs nothing.
    if call.is_some_and(|call| matches!(call.method.as_str(), "GET" | "HEAD")) {
        return Vec::new();
    }
    let key = call.filter(|call| call.acceptance.repeat() == Some(Repeat::OnceWithKey));
    let again = key.and_then(|call| call.idempotency_key.as_ref()).map(|key| {
        format!("`--idempotency-key {key}` returns the same response again, unpaid (24 h)")
    });
    [DO_NOT_REPEAT.to_owned()].into_iter().chain(again).collect()
}

fn failure_hint(failed: &CallError) -> Option<String> {
    let status = failed.call.status;
    Some(match &failed.failure {
        CallFailure::Rejected(api) => return rejection_hint(failed, api),
        CallFailure::Html { .. } if status >= Some(500) => {
            format!("this is HeyGen's gateway, not your request; see {STATUS_PAGE}")
        }
        CallFailure::Html { .. } => {
            "is there a proxy or a sign-in page between you and HeyGen?".to_owned()
        }
        CallFailure::TimedOut { .. } if failed.call.has_own_limit => return None,
        CallFailure::TimedOut { .. } => "`--timeout 5m` gives it more time".to_owned(),
        CallFailure::Network(fault) => return network_hint(fault),
        // "Retry after that" would send a fresh idempotency key.
        CallFailure::AskedTooLong { .. } if failed.call.acceptance != Acceptance::Harmless => {
            return None;
        }
        CallFailure::AskedTooLong { enough, .. } if *enough > LONGEST_LIMIT => return None,
        CallFailure::AskedTooLong { enough, .. } => {
            let enough = enough.as_millis().div_ceil(1_000);
            format!("retry after that, or allow it: `--retry-for {enough}s`")
        }
        // These say all that is known: no command would help.
        CallFailure::Redirected { .. }
        | CallFailure::Unsendable { .. }
        | CallFailure::Cut { .. }
        | CallFailure::Unreadable { .. } => return None,
        CallFailure::Canceled { .. } if failed.call.acceptance == Acceptance::Harmless => {
            "it may have been accepted; look before you repeat it".to_owned()
        }
        CallFailure::Canceled { .. } => return None,
    })
}

fn rejection_hint(failed: &CallError, api: &ApiError) -> Option<String> {
    if let Some(key) = failed.rejected_key() {
        return Some(if key.looks_foreign {
            format!(
                "`sk_` and 48 hex digits is the form of an ElevenLabs key; HeyGen's are at {KEY_PAGE}"
            )
        } else {
            format!(
                "a deleted, mistyped or other service's key gives the same response; make a new one at {KEY_PAGE}"
            )
        });
    }
    match failed.call.status? {
        402 => Some(
            "API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it"
                .to_owned(),
        ),
        403 => {
            let key = failed.call.key.as_ref()?;
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

fn network_hint(fault: &NetworkFault) -> Option<String> {
    Some(match fault {
        NetworkFault::Resolve { host } | NetworkFault::Connect { host, .. }
            if host.starts_with(PROXY) =>
        {
            PROXY_HINT.to_owned()
        }
        NetworkFault::Resolve { host } | NetworkFault::Connect { host, .. }
            if host != "api.heygen.com" =>
        {
            "is that the right address? it comes from --api-base or HEYGEN_API_BASE".to_owned()
        }
        NetworkFault::Resolve { .. } | NetworkFault::Connect { .. } => {
            format!("is the network up? HeyGen's own state: {STATUS_PAGE}")
        }
        NetworkFault::Tls { trouble, .. } => return tls_hint(trouble),
        NetworkFault::Proxy { .. } => PROXY_HINT.to_owned(),
        // The system's own words are all that is known.
        NetworkFault::Broken { .. } | NetworkFault::NotHttp { .. } => return None,
    })
}

fn tls_hint(trouble: &TlsTrouble) -> Option<String> {
    Some(match trouble {
        TlsTrouble::Date { today } => format!("this computer's date is {today}: is that right?"),
        TlsTrouble::UnknownIssuer => {
            "does a company proxy sign here? `--ca-cert FILE` or `--ca-cert system` trusts it"
                .to_owned()
        }
        TlsTrouble::OtherHost | TlsTrouble::NoTls => {
            "is the address right? see `--api-base`".to_owned()
        }
        TlsTrouble::NoRoots => {
            "a list is built in: leave out `--ca-cert system`, or name a file".to_owned()
        }
        // The library's own words are all that is known.
        TlsTrouble::Other => return None,
    })
}

fn unusable_hints(response: &UnusableResponse) -> Vec<String> {
    let repeat = repeat_hint(&response.call).map(|_| after_success(Some(&response.call)));
    let repeat = repeat.unwrap_or_default();
    let own = match response.flaw {
        // To call it again would cost again.
        ResponseFlaw::TooDeep { .. }
        | ResponseFlaw::TooLarge { .. }
        | ResponseFlaw::TooWide { .. }
            if !repeat.is_empty() =>
        {
            return repeat;
        }
        ResponseFlaw::TooWide { .. } => "`-o json` prints them all, `--columns a,b` some",
        ResponseFlaw::Paging { fault: PagingFault::Large(_), .. } => {
            "without --slurp each page is printed as it comes"
        }
        ResponseFlaw::TooDeep { .. } => "`-o raw` prints the response as it is",
        ResponseFlaw::TooLarge { .. } => "`-o raw` or `-O FILE` passes it on as it is",
        ResponseFlaw::BinaryToTerminal { .. } => {
            "the call itself succeeded; `-O FILE` saves a response, `> FILE` too"
        }
        ResponseFlaw::NotJson { .. } => {
            return vec![format!("{DO_NOT_REPEAT}; another time leave the option out")];
        }
        ResponseFlaw::NotAList { .. } => {
            return vec![format!("{DO_NOT_REPEAT}; it needs no `--all`")];
        }
        ResponseFlaw::InvalidJson { .. }
        | ResponseFlaw::NotProof { .. }
        | ResponseFlaw::Paging { .. } => return repeat,
    };
    repeat.into_iter().chain([own.to_owned()]).collect()
}

fn pages_cut(cut: &PagesCut) -> (Vec<String>, Vec<String>) {
    let mut of_cause = diagnose(&cut.cause);
    of_cause.details.push(format!("{} came before it", items(cut.items)));
    // A page of a list may be requested again.
    of_cause.hints.retain(|hint| !hint.starts_with(DO_NOT_REPEAT));
    let is_by_noun = cut.cause.made_call().is_some_and(|call| call.is_by_noun);
    let argument = token_argument(&cut.token, is_by_noun);
    of_cause.hints.insert(0, format!("to go on: add {argument}"));
    (of_cause.details, of_cause.hints)
}

fn jobs_advice(jobs: &JobsError) -> (Vec<String>, Vec<String>) {
    let (mut details, mut hints) = match &jobs.cause {
        Some(cause) => {
            let of_cause = diagnose(cause);
            (of_cause.details, of_cause.hints)
        }
        None => (
            Vec::new(),
            jobs.faults.iter().filter_map(|one| job_hint(one, jobs.is_silent)).collect(),
        ),
    };
    if jobs.of > 1 {
        let ended = jobs.faults.iter().filter(|(_, fault)| {
            !matches!(
                fault,
                JobFault::TimedOut { unheard: None }
                    | JobFault::NotAwaited
                    | JobFault::Canceled { .. }
            )
        });
        details.extend(ended.map(|(name, fault)| format!("{name}: {fault}")));
    }
    // That was before the create, if at all.
    hints.retain(|hint| !(jobs.is_own && hint.contains("nothing was sent")));
    let is_failure = |(_, fault): &(String, JobFault)| matches!(fault, JobFault::Failed { .. });
    let is_all_told = jobs.cause.is_none() && jobs.faults.iter().all(is_failure);
    hints.extend((jobs.is_own && !is_all_told).then(|| CREATED.to_owned()));
    if let Some(files) = &jobs.files {
        let (of_files, missing) = files_advice(files);
        details.push(files.to_string());
        details.extend(of_files);
        let missing = missing.into_iter().filter(|hint| !hints.contains(hint) && !is_command(hint));
        hints.extend(missing.collect::<Vec<_>>());
    }
    hints.extend(resume(jobs).map(|command| format!("to go on: {command}")));
    (details, hints)
}

/// The command that goes on, which stands at the end.
fn is_command(hint: &str) -> bool {
    hint.starts_with("to go on: ")
}

fn job_hint((name, fault): &(String, JobFault), is_silent: bool) -> Option<String> {
    match fault {
        JobFault::NeedsInput => {
            // Only a session has a place for an answer.
            let endpoint = match name.strip_prefix("agent:") {
                Some(id) => format!("/v3/video-agents/{}", percent::component(id)),
                None if name.starts_with("/v3/video-agents/") => name.clone(),
                None => return None,
            };
            Some(format!("answer it: `heygen post {} -f message=…`", shell_word(&endpoint)))
        }
        JobFault::NeedsConsent if is_silent => {
            let names = std::slice::from_ref(name);
            let wait = resume_command(names, &[]);
            Some(format!("the person in the video has to consent; `{wait}` says how"))
        }
        JobFault::NeedsConsent => {
            Some("the person in the video has to consent; the object on stdout says how".to_owned())
        }
        _ => None,
    }
}

/// The command that goes on where a wait ended.
pub fn resume(jobs: &JobsError) -> Option<String> {
    let waits = !jobs.left.is_empty() && jobs.then.is_none();
    let wait = waits.then(|| resume_command(&jobs.left, &jobs.flags));
    let again = jobs.files.iter().flat_map(|files| files.again.iter().cloned());
    let mut downloads: Vec<DownloadArguments> = again.collect();
    // One command for all has one exit code.
    if let Some(then) = &jobs.then {
        let own = |flags: &[String]| {
            flags.iter().filter(|flag| *flag != "--wait").cloned().collect::<Vec<_>>()
        };
        match downloads.iter_mut().find(|other| own(&other.flags) == own(&then.flags)) {
            Some(same) => {
                same.names.extend(then.names.iter().cloned());
                same.flags.clone_from(&then.flags);
            }
            None => downloads.push(then.clone()),
        }
    }
    let commands = wait.into_iter().chain(downloads.iter().map(download_command));
    joined(commands.collect())
}

/// The commands one after the other, unless they are too long: a job that failed must not keep the
/// files of the others back.
fn joined(commands: Vec<String>) -> Option<String> {
    let command = commands.join("; ");
    (!commands.is_empty() && command.len() <= LONGEST_COMMAND).then_some(command)
}

/// The command that waits for the jobs of these names, with these flags.
pub fn resume_command(names: &[String], flags: &[String]) -> String {
    let words: Vec<String> = names.iter().chain(flags).map(|word| shell_word(word)).collect();
    format!("heygen wait {}", words.join(" "))
}

fn files_advice(files: &FilesError) -> (Vec<String>, Vec<String>) {
    let (mut details, mut hints) = files.cause().map_or_else(Default::default, |cause| {
        let of_cause = diagnose(cause);
        (of_cause.details, of_cause.hints)
    });
    for failed in &files.failed {
        let is_said =
            matches!(failed.fault, FileFault::Canceled { .. }) || failed.fault.is_rejected_key();
        if files.of > 1 && !is_said {
            details.push(format!("{}: {}", failed.name, failed.fault));
        }
        details.extend(failed.kept.as_ref().map(Kept::to_string));
        if let Some(hint) = file_hint(failed).filter(|hint| !hints.contains(hint)) {
            hints.push(hint);
        }
    }
    details.extend(files.complete.iter().map(|path| format!("`{}` is complete", path.display())));
    hints.extend(files.is_own.then(|| CREATED.to_owned()));
    // A link is not repeated: what signs it is secret.
    let has_part = files.failed.iter().any(|failed| failed.kept.is_some());
    let same = has_part.then(|| "the same command goes on where it stopped".to_owned());
    hints.extend(download_again(files).map(|command| format!("to go on: {command}")).or(same));
    (details, hints)
}

fn file_hint(failed: &FailedFile) -> Option<String> {
    match &failed.fault {
        FileFault::NotReady { .. } => {
            let names = std::slice::from_ref(&failed.name);
            Some(format!("wait for it first: `{}`", resume_command(names, &[])))
        }
        FileFault::Missing { available } if !available.is_empty() => {
            Some(format!("it has: {} (`--what`)", available.join(", ")))
        }
        FileFault::Expired { .. } if !failed.name.contains("://") => None,
        FileFault::Expired { .. } => {
            Some("`heygen download ID` asks HeyGen for a fresh link".to_owned())
        }
        FileFault::Exists { .. } => Some("`--force` replaces it".to_owned()),
        FileFault::Several { .. } => Some("name a folder with -O".to_owned()),
        FileFault::Foreign { .. } => Some("move it away, or name another file with -O".to_owned()),
        _ => None,
    }
}

/// The command that fetches what is missing; or several, since files that others keep from their names
/// have each their own.
pub fn download_again(files: &FilesError) -> Option<String> {
    let commands = files.again.iter().map(download_command);
    joined(commands.chain(files.more.clone()).collect())
}

fn download_command(arguments: &DownloadArguments) -> String {
    let words = arguments.names.iter().chain(&arguments.flags);
    let words: Vec<String> = words.map(|word| shell_word(word)).collect();
    format!("heygen download {}", words.join(" "))
}

/// The arguments of `heygen download` for the files of these names.
pub fn download_arguments(
    names: &[String],
    what: Option<&str>,
    place: Option<&Path>,
    replaces: bool,
) -> DownloadArguments {
    let mut flags = Vec::new();
    flags.extend(what.into_iter().flat_map(|what| ["--what".to_owned(), what.to_owned()]));
    let place = place.map(|place| match place.to_string_lossy() {
        // It would be read as a flag.
        flag if flag.len() > 1 && flag.starts_with('-') => format!("./{flag}"),
        plain => plain.into_owned(),
    });
    flags.extend(place.into_iter().flat_map(|place| ["-O".to_owned(), place]));
    flags.extend(replaces.then(|| "--force".to_owned()));
    DownloadArguments { names: names.to_vec(), flags }
}

/// The argument that asks for the page of a token, quoted for a shell where need be.
fn token_argument(token: &str, is_by_noun: bool) -> String {
    if is_by_noun {
        return format!("`--token {}`", shell_word(token));
    }
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_.~=".contains(character);
    if token.chars().all(is_plain) {
        return format!("`-Q token={token}`");
    }
    format!("`-Q 'token={}'`", token.replace('\'', r"'\''"))
}

fn miss_hint(miss: &Miss) -> Option<String> {
    match miss {
        Miss::Balance { .. } => Some(format!(
            "API keys draw on the API wallet, not on the web plan; top it up at {KEY_PAGE}"
        )),
        Miss::Expiry { .. } => Some(format!("make a new key at {KEY_PAGE}")),
        Miss::Scope { .. } => Some(format!("change what the key may do at {KEY_PAGE}")),
        Miss::Unknown { scope: Some(scope), .. } => {
            Some(format!("give the key the scope {scope} at {KEY_PAGE}"))
        }
        // Only HeyGen can tell more.
        Miss::Unknown { scope: None, .. } => None,
    }
}

fn obstacle_hint(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoHome => "set HEYGEN_CONFIG_DIR to a directory of your own",
        Obstacle::FileIsLink => "replace the symlink with the file itself",
        Obstacle::FolderIsLink => "set HEYGEN_CONFIG_DIR to the directory that it points to",
        Obstacle::Unfit(_) | Obstacle::NotUnderstood(_) => "fix it or move it away, then retry",
        Obstacle::System { .. } => {
            "set HEYGEN_CONFIG_DIR to a writable directory, or `export HEYGEN_API_KEY=…`"
        }
    }
}

fn near_miss_hint(miss: NearMiss) -> &'static str {
    match miss {
        NearMiss::Name => "heygen reads HEYGEN_API_KEY: rename the variable",
        NearMiss::PublicName => {
            "heygen reads HEYGEN_API_KEY; a key under a public name is built into pages that anybody can read"
        }
        NearMiss::CommentedOut => "remove what makes the line a comment",
        NearMiss::TextBefore => "put HEYGEN_API_KEY=<key> on a line of its own",
        NearMiss::InsideQuotes => "close the quote before the line HEYGEN_API_KEY=",
        NearMiss::OtherEncoding => {
            "save the file as UTF-8; `>>` of Windows PowerShell appends UTF-16"
        }
    }
}

/// The instruction where the message is not one already.
fn flaw_hint(flaw: KeyFlaw, source: &Source) -> Option<String> {
    Some(match flaw {
        KeyFlaw::Placeholder | KeyFlaw::Empty => format!("make a key at {KEY_PAGE}"),
        KeyFlaw::Quote(_) if *source == Source::Environment => {
            "Docker's --env-file keeps quotes as part of the value: write the key without them"
                .to_owned()
        }
        KeyFlaw::Reference => {
            "let your shell or secret manager put the key itself there, as `op run -- heygen …` does"
                .to_owned()
        }
        KeyFlaw::Assignment => match source {
            Source::KeyFile { path } => format!(
                "write only the part after `=`, or read the file with `--env-file {path}`"
            ),
            _ => "write only the part after `=`".to_owned(),
        },
        KeyFlaw::NotAnAssignment | KeyFlaw::OpenQuote => "write HEYGEN_API_KEY=<key>".to_owned(),
        KeyFlaw::NoValue(_) => {
            "the program that wrote it had no key: JavaScript writes undefined, jq null, Python None"
                .to_owned()
        }
        KeyFlaw::Trailing(character) => format!("remove the `{character}`"),
        KeyFlaw::LeadingEquals => "remove the `=`".to_owned(),
        KeyFlaw::Named | KeyFlaw::Stray(_) => "write only the key".to_owned(),
        KeyFlaw::TooLong(_)
        | KeyFlaw::Blank
        | KeyFlaw::LineBreak
        | KeyFlaw::Quote(_)
        | KeyFlaw::Bearer
        | KeyFlaw::NotPrintable => return None,
    })
}
