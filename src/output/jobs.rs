//! Jobs that are waited for: their states on stderr, their final objects on stdout.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::destination::Destination;
use super::downloads::Place;
use super::response;
use super::style::{OutputFormat, Part, ResponseStyle};
use crate::api::content::Content;
use crate::api::outcome::Outcome;
use crate::app::advice::{download_arguments, resume_command};
use crate::app::context::Context;
use crate::app::report;
use crate::app::session::Session;
use crate::error::{DownloadArguments, Error, JobFault, JobsError, seconds};
use crate::jobs::files;
use crate::jobs::job::Job;
use crate::jobs::state::{Stage, State};
use crate::jobs::wait::{Ended, Step, Wait};
use crate::json;
use crate::terminal::progress::{Line, Progress as Lines};
use crate::terminal::stdio::lock;

/// The limit on a wait, unless another is given: 20 minutes.
pub const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// The flag with which `heygen download` waits.
const WAIT: &str = "--wait";

/// Of more jobs than this a terminal shows only those that fail, and a count.
const MOST_SHOWN: usize = 10;

/// The limits of a wait.
#[derive(Debug, Clone, Copy)]
pub struct WaitLimits {
    /// The limit on the whole wait.
    pub patience: Duration,
    /// A pause between the polls in place of growing ones.
    pub interval: Option<Duration>,
    /// Stops at the first job that fails.
    pub fails_fast: bool,
}

/// Waits for jobs and prints the final object of each: one alone as any response, several as a line
/// each as they end, or as one table.
///
/// # Errors
/// A job is no success, HeyGen rejects the key, or the output fails.
pub fn wait(
    session: &Session<'_>,
    context: &Context<'_>,
    jobs: Vec<Job>,
    limits: WaitLimits,
    is_own: bool,
    style: &ResponseStyle,
) -> Result<(), Error> {
    // What one create has started is one answer: a list in the create's order.
    let is_list = is_own && jobs.iter().any(starts_several);
    let report = Report::new(context, style, &jobs, Created { is_own, is_list });
    report.wait(session, jobs, limits)?;
    Ok(())
}

/// Waits for jobs whose files are fetched next, and returns those that ended well with the responses
/// that told so. Of those that this command `created` the objects of the others are printed in this
/// style, unless stdout is for the bytes of a file.
pub fn wait_for_files(
    session: &Session<'_>,
    context: &Context<'_>,
    jobs: Vec<Job>,
    limits: WaitLimits,
    place: &Place,
    created: Option<&ResponseStyle>,
) -> (Vec<Finished>, Result<(), Error>) {
    let (is_own, of_paths) = (created.is_some(), ResponseStyle::of_paths());
    let style = created.unwrap_or(&of_paths);
    let mut report = Report::new(context, style, &jobs, Created { is_own, is_list: false });
    let finished = Rc::new(RefCell::new(Vec::new()));
    report.finished = Some(Rc::clone(&finished));
    report.then = Some(Then {
        given: place.given().map(ToOwned::to_owned),
        takes_many: place.takes_many(),
        is_alone: jobs.len() == 1,
        is_silent: !is_own || place.is_stream(),
        replaces: place.replaces(),
        flags: context.settings.flags.clone(),
    });
    let waited = report.wait(session, jobs, limits);
    let mut finished = finished.take();
    finished.sort_by_key(|(place, _)| *place);
    (finished.into_iter().map(|(_, finished)| finished).collect(), waited)
}

/// The outcome of a wait and of the transfers after it.
///
/// # Errors
/// One of both failed.
pub fn with_files(waited: Result<(), Error>, fetched: Result<(), Error>) -> Result<(), Error> {
    match (waited, fetched) {
        (Err(Error::Jobs(mut jobs)), Err(Error::Files(files))) => {
            jobs.files = Some(files);
            Err(Error::Jobs(jobs))
        }
        // A job that failed matters more than the path of the file of another.
        (waited, fetched) => waited.and(fetched),
    }
}

/// The place of the files that are fetched after a wait.
#[derive(Debug, Clone)]
struct Then {
    given: Option<PathBuf>,
    takes_many: bool,
    /// The create has started one job.
    is_alone: bool,
    /// No objects are printed.
    is_silent: bool,
    replaces: bool,
    flags: Vec<String>,
}

impl Then {
    /// The arguments of `heygen download` for the files of these jobs.
    fn arguments(&self, names: &[String]) -> Option<DownloadArguments> {
        if names.is_empty() {
            return None;
        }
        // One file is the place for one job, and what may be replaced is that file.
        let given = self.given.as_deref().filter(|_| self.is_alone || self.takes_many);
        let replaces = self.replaces && given == self.given.as_deref();
        let mut arguments = download_arguments(names, None, given, replaces);
        arguments.flags.insert(0, WAIT.to_owned());
        arguments.flags.extend(self.flags.iter().cloned());
        Some(arguments)
    }
}

/// A job that ended well, and the response that told so.
pub type Finished = (Job, Option<Vec<u8>>);

type ByPlace = Vec<(usize, Finished)>;

/// True for jobs of which a create can start several.
fn starts_several(job: &Job) -> bool {
    job.facts().is_some_and(|facts| facts.is_several())
}

/// What the jobs have to do with a create of this command.
#[derive(Debug, Clone, Copy)]
struct Created {
    is_own: bool,
    /// They are printed as one list.
    is_list: bool,
}

/// Notes each job that a create has started, with the command that goes on: its ID must not be lost,
/// whatever happens next.
pub fn announce(context: &Context<'_>, jobs: &[Job]) {
    let flags = &context.settings.flags;
    for job in jobs {
        let kind = job.request.operation.and_then(|poll| poll.kind()).unwrap_or("job");
        context.ui.job(kind, &job.id, &resume_command(std::slice::from_ref(&job.name), flags));
    }
}

/// What was heard of the jobs so far.
struct Report<'r> {
    context: &'r Context<'r>,
    style: &'r ResponseStyle,
    of: usize,
    /// The names of all jobs.
    names: Vec<String>,
    is_own: bool,
    is_list: bool,
    /// Takes the jobs that ended well, by place, in place of stdout.
    finished: Option<Rc<RefCell<ByPlace>>>,
    /// The transfers that follow.
    then: Option<Then>,
    /// The line that shows a person that it goes on.
    line: Option<(Line, Lines)>,
    heard: RefCell<Heard>,
}

#[derive(Default)]
struct Heard {
    /// The names of the jobs that go on, or whose objects are not printed or files not fetched yet, by
    /// place; the report of a signal reads them too.
    left: Arc<Mutex<Vec<Option<String>>>>,
    /// What `left` becomes once the objects are printed together.
    left_in_list: Vec<Option<String>>,
    /// The number of jobs that do not go on.
    ended: usize,
    faults: Vec<(String, JobFault)>,
    after: Duration,
    /// The final objects for a table, which needs all of them.
    rows: Vec<Option<Vec<u8>>>,
}

impl<'r> Report<'r> {
    fn new(
        context: &'r Context<'r>,
        style: &'r ResponseStyle,
        jobs: &[Job],
        created: Created,
    ) -> Report<'r> {
        let Created { is_own, is_list } = created;
        let left_in_list: Vec<_> = jobs.iter().map(|job| Some(job.name.clone())).collect();
        let rows = vec![None; jobs.len()];
        let left = Arc::new(Mutex::new(left_in_list.clone()));
        let heard = RefCell::new(Heard { left, left_in_list, rows, ..Heard::default() });
        let lines = match context.settings.verbosity {
            0 => context.ui.progress_lines(),
            _ => None,
        };
        let of = jobs.len();
        let names = jobs.iter().map(|job| job.name.clone()).collect();
        let first = match jobs {
            [job] => job.name.clone(),
            _ => format!("0 of {of} ended"),
        };
        let line = lines.map(|lines| (lines.waiting(&first), lines));
        let (finished, then) = (None, None);
        Report { context, style, of, names, is_own, is_list, finished, then, line, heard }
    }

    /// Waits for the jobs and reports on them.
    fn wait(self, session: &Session<'_>, jobs: Vec<Job>, limits: WaitLimits) -> Result<(), Error> {
        self.promise();
        let send = |request: &_, within| session.send_once(request, within);
        let waiting = Wait {
            send: &send,
            base: &self.context.settings.base,
            clock: self.context.clock,
            patience: limits.patience,
            interval: limits.interval,
            is_own: self.is_own,
            fails_fast: limits.fails_fast,
        };
        let waited = waiting.run(jobs, &mut |step| self.tell(step));
        let finished = waited.and_then(|()| self.print_list());
        self.end(finished)
    }

    /// Has a signal report the command that goes on, before it ends the program.
    fn promise(&self) {
        let ui = self.context.ui.clone();
        let left = Arc::clone(&self.heard.borrow().left);
        let (of, is_own, is_silent) = (self.of, self.is_own, self.is_silent());
        let (flags, then) = (self.context.settings.flags.clone(), self.then.clone());
        self.context.on_end.set(move |signal| {
            ui.end_progress();
            if signal == "SIGINT" {
                ui.start_new_line();
            }
            let left: Vec<String> = lock(&left).iter().flatten().cloned().collect();
            let fault = JobFault::Canceled { signal: signal.to_owned() };
            let faults = left.iter().map(|name| (name.clone(), fault.clone())).collect();
            let after = Duration::ZERO;
            let (flags, cause, files) = (flags.clone(), None, None);
            let then = then.as_ref().and_then(|then| then.arguments(&left));
            let error =
                JobsError { faults, of, left, flags, then, is_silent, after, is_own, cause, files };
            report::report(&ui, &Error::Jobs(Box::new(error)).into());
        });
    }

    fn left(&self) -> Vec<String> {
        lock(&self.heard.borrow().left).iter().flatten().cloned().collect()
    }

    fn tell(&self, step: Step<'_>) -> Result<(), Error> {
        match step {
            Step::Changed { job, state, after } => {
                self.changed(job, state, after);
                Ok(())
            }
            Step::Ended(ended) => self.ended(*ended),
        }
    }

    fn changed(&self, job: &Job, state: &State, after: Duration) {
        let name = &job.name;
        let progress = state.progress.map(|percent| format!(" {percent} %")).unwrap_or_default();
        let text = format!("{name} {}{progress}", state.word);
        match state.stage {
            Stage::Unknown => self.say(&format!("{text}: a new state, taken for running")),
            Stage::Running => match &self.line {
                Some((line, _)) if self.of == 1 => line.say(&text),
                // Hundreds of jobs would scroll everything else away.
                Some(_) => {}
                None => self.say(&format!("{text}, {}", seconds(after))),
            },
            // The end is told by `Ended`.
            _ => {}
        }
    }

    /// A line for whoever watches: on a terminal, or with `-v`.
    fn say(&self, text: &str) {
        match self.context.settings.verbosity {
            0 => self.context.ui.progress(text),
            _ => self.context.ui.trace(text),
        }
    }

    fn ended(&self, ended: Ended) -> Result<(), Error> {
        let Ended { place, job, outcome, fault, after } = ended;
        let may_go_on = matches!(
            fault,
            Some(
                JobFault::TimedOut { .. }
                    | JobFault::NotAwaited
                    | JobFault::NoUrl
                    | JobFault::NeedsInput
                    | JobFault::NeedsConsent
            )
        );
        let is_fetched_next =
            self.finished.is_some() && self.has_files(&job, outcome.as_ref(), fault.as_ref());
        let left = (may_go_on || is_fetched_next).then(|| job.name.clone());
        {
            let mut heard = self.heard.borrow_mut();
            heard.after = after;
            heard.ended += usize::from(!may_go_on);
            heard.left_in_list[place] = left.clone();
            if let Some(fault) = &fault {
                heard.faults.push((job.name.clone(), fault.clone()));
            }
        }
        let is_shown = self.of <= MOST_SHOWN || self.line.is_none();
        match &fault {
            None if is_shown => {
                self.say(&format!("{} completed after {}", job.name, seconds(after)));
            }
            Some(fault) if self.of > 1 => self.say(&format!("{} {fault}", job.name)),
            _ => {}
        }
        if let Some((line, _)) = self.line.as_ref().filter(|_| self.of > 1) {
            let ended = self.heard.borrow().ended;
            line.say(&format!("{ended} of {} ended", self.of));
        }
        if let Some(finished) = self.finished.as_ref().filter(|_| is_fetched_next) {
            let whole = outcome.as_ref().and_then(whole);
            finished.borrow_mut().push((place, (job, whole)));
        } else if !self.is_silent() {
            match outcome {
                Some(outcome) if self.of == 1 && !self.is_list => self.print_alone(outcome)?,
                outcome if self.of > 1 || self.is_list => {
                    self.print_one_of(place, &job, outcome, fault.as_ref())?;
                }
                _ => {}
            }
        }
        // Until it is printed it can be lost.
        if self.finished.is_some() || !self.makes_list() {
            lock(&self.heard.borrow().left)[place] = left;
        }
        Ok(())
    }

    fn is_silent(&self) -> bool {
        self.then.as_ref().is_some_and(|then| then.is_silent)
    }

    fn print_alone(&self, outcome: Outcome) -> Result<(), Error> {
        let ui = self.context.ui;
        let destination = Destination::open(self.style.save.as_ref(), ui)?;
        response::print(ui, outcome, self.style, destination, 0)
    }

    fn print_one_of(
        &self,
        place: usize,
        job: &Job,
        outcome: Option<Outcome>,
        fault: Option<&JobFault>,
    ) -> Result<(), Error> {
        let object = object(job, outcome.as_ref(), fault, self.style.part);
        if self.makes_list() {
            self.heard.borrow_mut().rows[place] = Some(object);
            return Ok(());
        }
        response::print_own(self.context.ui, &object, self.style)
    }

    /// True for a job that is done, and for one of which some items or parts are.
    fn has_files(&self, job: &Job, outcome: Option<&Outcome>, fault: Option<&JobFault>) -> bool {
        match (fault, outcome.and_then(whole)) {
            (None | Some(JobFault::ItemsFailed { .. }), _) => true,
            (Some(JobFault::Failed { .. }), Some(whole)) => {
                files::has_rest(job, &whole, &self.context.settings.base)
            }
            _ => false,
        }
    }

    /// True where the objects are printed together, once all of them are there.
    fn makes_list(&self) -> bool {
        let is_table = matches!(self.style.format, OutputFormat::Table(_) | OutputFormat::Csv(_));
        self.is_list || self.of > 1 && is_table
    }

    fn print_list(&self) -> Result<(), Error> {
        if !self.makes_list() {
            return Ok(());
        }
        let rows: Vec<Vec<u8>> = self.heard.borrow().rows.iter().flatten().cloned().collect();
        let list = [b"[".as_slice(), &rows.join(&b','), b"]"].concat();
        let ui = self.context.ui;
        let destination = Destination::open(self.style.save.as_ref(), ui)?;
        response::print_own_to(destination, ui, &list, self.style)?;
        let left = std::mem::take(&mut self.heard.borrow_mut().left_in_list);
        *lock(&self.heard.borrow().left) = left;
        Ok(())
    }

    /// The error of all jobs together, if one of them is no success or `finished` is none.
    fn end(self, finished: Result<(), Error>) -> Result<(), Error> {
        // Others report on their files.
        let places = |finished: &Rc<RefCell<ByPlace>>| -> BTreeSet<usize> {
            finished.borrow().iter().map(|(place, _)| *place).collect()
        };
        let fetched = self.finished.as_ref().map(places).unwrap_or_default();
        for place in &fetched {
            lock(&self.heard.borrow().left)[*place] = None;
        }
        let mut left = self.left();
        let heard = self.heard.borrow();
        let (faults, after) = (heard.faults.clone(), heard.after);
        let cause = match finished {
            Ok(()) if faults.is_empty() => {
                self.context.on_end.clear();
                return Ok(());
            }
            Ok(()) => None,
            Err(cause) => Some(cause),
        };
        let (of, is_own) = (self.of, self.is_own);
        // What was created and not printed is to be had again.
        let is_lost = cause.is_some() || faults.iter().any(|(_, fault)| fault.may_be_mended());
        if is_own && left.is_empty() && is_lost {
            let names = self.names.iter().enumerate();
            let names = names.filter(|(place, _)| !fetched.contains(place));
            left = names.map(|(_, name)| name.clone()).collect();
        }
        // The last that is left to say.
        *lock(&heard.left) = left.iter().cloned().map(Some).collect();
        if left.is_empty() {
            self.context.on_end.clear();
        }
        let (flags, files) = (self.context.settings.flags.clone(), None);
        let then = self.then.as_ref().and_then(|then| then.arguments(&left));
        let is_silent = self.is_silent();
        let error =
            JobsError { faults, of, left, flags, then, is_silent, after, is_own, cause, files };
        Err(Error::Jobs(Box::new(error)))
    }
}

/// The response that an outcome is.
fn whole(outcome: &Outcome) -> Option<Vec<u8>> {
    match &outcome.result {
        Ok(Content::Json(json)) => Some(json.envelope().whole.to_vec()),
        _ => None,
    }
}

/// The final object of one of several jobs; it always has an `id`.
fn object(job: &Job, outcome: Option<&Outcome>, fault: Option<&JobFault>, part: Part) -> Vec<u8> {
    let id = Value::from(job.id.as_str());
    let content = outcome.and_then(|outcome| outcome.result.as_ref().ok());
    let Some(Content::Json(content)) = content else {
        let status = match fault {
            Some(JobFault::NotFound) => "not_found",
            _ => "unknown",
        };
        return format!(r#"{{"id":{id},"status":"{status}"}}"#).into_bytes();
    };
    let envelope = content.envelope();
    let value = match part {
        Part::Data => envelope.data,
        Part::Whole => envelope.whole,
    };
    if part == Part::Whole || !json::is_object(value) || json::member(value, "id").is_some() {
        return value.to_vec();
    }
    let inside = value.trim_ascii().get(1..).unwrap_or_default();
    let comma = if json::members(value).next().is_some() { "," } else { "" };
    [format!(r#"{{"id":{id}{comma}"#).as_bytes(), inside].concat()
}
