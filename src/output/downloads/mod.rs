//! Files on their way: several at once, each with a line on a terminal, and their paths on stdout.
//!
//! The calls of the API are made by this thread, the transfers by others, which ask it for fresh
//! links. Paths are printed in the order in which the files were named.

mod place;
mod resume;
mod worker;

pub use self::place::Place;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use self::resume::Resume;
use self::worker::Worker;
use crate::api::content::{Content, without_query};
use crate::app::context::Context;
use crate::app::report;
use crate::app::session::Session;
use crate::app::settings::Limits;
use crate::error::{Error, FailedFile, FileFault, FilesError, NotWritten};
use crate::http::transport::Patience;
use crate::jobs::batch;
use crate::jobs::files::{self, Found, JobFile, What, name_of_link};
use crate::jobs::job::Job;
use crate::jobs::part::{self, MOST_NUMBERS, Unfinished, with_number};
use crate::terminal::progress::{Line, Progress as Lines};
use crate::terminal::stdio::lock;
use crate::terminal::streams::Ui;
use crate::terminal::text::neutralised;

/// A batch leads to jobs, and a session to its video; more steps are a circle.
const DEEPEST: usize = 4;

/// Downloads, and how they are done.
pub struct Downloads<'d> {
    pub context: &'d Context<'d>,
    /// The session that links are asked for in; links alone need none.
    pub session: Option<&'d Session<'d>>,
    pub limits: Limits,
    pub place: &'d Place,
    /// The file of each job; without it the first that it has.
    pub what: Option<What>,
    /// The most transfers at the same time.
    pub at_once: usize,
    /// Files that are there already are left as they are, and count as fetched.
    pub skips: bool,
    /// True for jobs that this command created.
    pub is_own: bool,
    /// The command that goes on with other jobs of this command, for the report of a signal.
    pub more: Option<String>,
    pub printed: Printed,
}

/// Where a file comes from.
pub enum Source {
    Job {
        job: Box<Job>,
        /// The response that told of its end, if it is known: its links are fresh.
        whole: Option<Vec<u8>>,
    },
    Link(String),
}

/// What is printed of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    Path,
    /// A JSON object with the path in it.
    Object,
}

/// Fetches the files and prints their paths.
///
/// # Errors
/// Not all were fetched, or stdout fails.
pub fn fetch(downloads: &Downloads<'_>, sources: Vec<Source>) -> Result<(), Error> {
    let mut pool = Pool::new(downloads, sources);
    pool.refuse_mixture();
    pool.promise();
    let (to_pool, inbox) = mpsc::channel();
    thread::scope(|scope| pool.run(scope, &to_pool, &inbox));
    pool.end().inspect(|()| downloads.context.on_end.clear())
}

/// `v-2.mp4` for `v.mp4`, or the first number whose name is free.
fn free_beside(path: &Path) -> PathBuf {
    let mut names = (2..=MOST_NUMBERS).map(|number| with_number(path, number));
    let is_free = |path: &PathBuf| part::places(path).iter().all(|place| !place.exists());
    names.find(is_free).unwrap_or_else(|| path.to_owned())
}

/// The place of a file among those that were named: several may come of one.
type Number = Vec<usize>;

/// A file that is to be fetched.
struct Task {
    number: Number,
    /// The name for `heygen download`, or of a link what can be shown of it.
    name: String,
    /// The job, to ask for a fresh link.
    job: Option<Job>,
    link: String,
    /// The name of the file.
    file: String,
    /// Which of the job's files it is.
    choice: Option<Choice>,
}

/// Which of its job's files one is, for a fresh link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    what: What,
    /// Its place among them, and their number.
    place: usize,
    of: usize,
}

/// A file's state, for the order on stdout.
enum Slot {
    Open,
    Done { path: Option<PathBuf>, id: Option<String>, bytes: u64 },
    Failed,
}

/// What the threads tell.
enum News {
    Began {
        number: Number,
        from: u64,
        total: Option<u64>,
    },
    Received {
        number: Number,
        bytes: u64,
    },
    Said {
        text: String,
    },
    /// A fresh link is asked for.
    Fresh {
        number: Number,
        reply: Sender<Result<Option<String>, FileFault>>,
    },
    Ended {
        number: Number,
        result: Result<(Option<PathBuf>, u64), Box<FailedFile>>,
    },
}

/// The files of the threads, for the end by a signal.
type Active = Arc<Mutex<Files>>;

struct Files {
    /// The unfinished files with their names.
    unfinished: BTreeMap<Number, (String, Unfinished)>,
    done: Done,
    /// Those that failed.
    failed: BTreeMap<Number, FailedFile>,
    /// The missing files.
    resume: Resume,
    /// The number of files, as far as they are known.
    of: usize,
}

type Done = BTreeMap<Number, Complete>;

/// A file that is complete.
struct Complete {
    /// Its path; nothing in a stream.
    path: Option<PathBuf>,
    /// Its path is on stdout.
    is_told: bool,
}

/// A file that a thread fetches.
struct Running {
    job: Option<Job>,
    file: String,
    choice: Option<Choice>,
    line: Option<Line>,
}

struct Pool<'p> {
    downloads: &'p Downloads<'p>,
    queue: VecDeque<(Number, Source)>,
    tasks: VecDeque<Task>,
    running: BTreeMap<Number, Running>,
    slots: BTreeMap<Number, Slot>,
    targets: BTreeSet<PathBuf>,
    /// The next number for a file whose name another one has.
    numbers: BTreeMap<PathBuf, usize>,
    lines: Option<Lines>,
    output: Result<(), Error>,
    active: Active,
}

impl<'p> Pool<'p> {
    fn new(downloads: &'p Downloads<'p>, sources: Vec<Source>) -> Pool<'p> {
        let numbered = sources.into_iter().enumerate().map(|(index, one)| (vec![index], one));
        let queue: VecDeque<(Number, Source)> = numbered.collect();
        let mut resume = Resume::new(downloads);
        for (number, source) in &queue {
            // A link is not repeated: what signs it is secret.
            if let Source::Job { job, .. } = source {
                resume.add(number.clone(), &job.name, false);
            }
        }
        let of = queue.len();
        Pool {
            downloads,
            slots: queue.iter().map(|(number, _)| (number.clone(), Slot::Open)).collect(),
            queue,
            tasks: VecDeque::new(),
            running: BTreeMap::new(),
            targets: BTreeSet::new(),
            numbers: BTreeMap::new(),
            lines: match downloads.context.settings.verbosity {
                0 => downloads.context.ui.progress_lines(),
                _ => None,
            },
            output: Ok(()),
            active: Arc::new(Mutex::new(Files {
                unfinished: BTreeMap::new(),
                done: Done::new(),
                failed: BTreeMap::new(),
                resume,
                of,
            })),
        }
    }

    fn ui(&self) -> &'p Ui {
        self.downloads.context.ui
    }

    /// Has a signal report what is kept and how to go on, before it ends the program.
    fn promise(&self) {
        let ui = self.ui().clone();
        let active = Arc::clone(&self.active);
        let is_own = self.downloads.is_own;
        let more = self.downloads.more.clone();
        self.downloads.context.on_end.set(move |signal| {
            ui.end_progress();
            if signal == "SIGINT" {
                ui.start_new_line();
            }
            let mut files = lock(&active);
            let (again, of) = (files.resume.commands(&files.done), files.of);
            let mut failed: Vec<FailedFile> = files
                .unfinished
                .values()
                .map(|(name, unfinished)| {
                    let fault = FileFault::Canceled { signal: signal.to_owned() };
                    FailedFile { name: name.clone(), fault, kept: unfinished.settle() }
                })
                .collect();
            if failed.is_empty() {
                let fault = FileFault::Canceled { signal: signal.to_owned() };
                failed.push(FailedFile { name: String::new(), fault, kept: None });
            }
            failed.extend(std::mem::take(&mut files.failed).into_values());
            let complete = files.done.values().filter(|file| !file.is_told);
            let complete = complete.filter_map(|file| file.path.clone()).collect();
            let more = more.clone();
            let error = FilesError { failed, of, again, more, complete, is_own };
            report::report(&ui, &Error::Files(Box::new(error)).into());
        });
    }

    /// Fails all sources where several would be mixed in one stream.
    fn refuse_mixture(&mut self) {
        let count = self.queue.len();
        if count < 2 || !self.downloads.place.is_stream() {
            return;
        }
        for (number, source) in std::mem::take(&mut self.queue) {
            let name = match source {
                Source::Job { job, .. } => job.name.clone(),
                Source::Link(link) => without_query(&link),
            };
            let fault = FileFault::Several { count };
            self.fail(number, FailedFile { name, fault, kept: None });
        }
    }

    /// Fetches all, with `at_once` threads at the same time.
    fn run<'s, 'e>(
        &mut self,
        scope: &'s thread::Scope<'s, 'e>,
        to_pool: &Sender<News>,
        inbox: &Receiver<News>,
    ) where
        'p: 's,
    {
        loop {
            while self.running.len() < self.downloads.at_once {
                if let Some(task) = self.tasks.pop_front() {
                    self.start(task, scope, to_pool);
                } else if let Some((number, source)) = self.queue.pop_front() {
                    self.resolve(number, source);
                } else {
                    break;
                }
            }
            self.print_finished();
            if self.running.is_empty() {
                return;
            }
            // This thread holds a sender: it never hangs up.
            let Ok(news) = inbox.recv() else { return };
            self.hear(news);
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Began { number, from, total } => {
                if let Some(Running { line: Some(line), .. }) = self.running.get(&number) {
                    line.begin(from, total);
                }
            }
            News::Received { number, bytes } => {
                if let Some(Running { line: Some(line), .. }) = self.running.get(&number) {
                    line.reach(bytes);
                }
            }
            News::Said { text } => self.say(&text),
            News::Fresh { number, reply } => {
                let fresh = match self.running.get(&number) {
                    Some(Running { job: Some(job), file, choice: Some(choice), .. }) => {
                        self.fresh_link(job, file, *choice).map(Some)
                    }
                    _ => Ok(None),
                };
                // The thread has an end of its own where nobody answers.
                let _ = reply.send(fresh);
            }
            News::Ended { number, result } => {
                let ended = self.running.remove(&number);
                match result {
                    Ok((path, bytes)) => {
                        let id = ended.and_then(|running| Some(running.job?.id));
                        self.slots.insert(number, Slot::Done { path, id, bytes });
                    }
                    Err(failed) => self.fail(number, *failed),
                }
            }
        }
    }

    /// A line for whoever watches: on a terminal, or with `-v`.
    fn say(&self, text: &str) {
        match self.downloads.context.settings.verbosity {
            0 => self.ui().progress(text),
            _ => self.ui().trace(text),
        }
    }

    fn fail(&mut self, number: Number, failed: FailedFile) {
        // Of what was paid for the command that goes on is told in any case.
        let is_in_the_way = matches!(
            failed.fault,
            FileFault::Exists { .. }
                | FileFault::Several { .. }
                | FileFault::Missing { .. }
                | FileFault::NotFound
        );
        match &failed.fault {
            // It is not replaced unless the user says so.
            FileFault::Exists { path } | FileFault::Foreign { path }
                if self.downloads.place.takes_many() =>
            {
                let path = free_beside(&part::target_of(path));
                lock(&self.active).resume.goes_to(&number, path);
            }
            // Others want this name too; that of the job is its own.
            FileFault::Exists { .. }
            | FileFault::Foreign { .. }
            | FileFault::Busy { .. }
            | FileFault::Several { .. } => lock(&self.active).resume.needs_folder(&number),
            _ => {}
        }
        if !(failed.fault.may_go_on() || self.downloads.is_own && is_in_the_way) {
            lock(&self.active).resume.remove(&number);
        }
        if failed.fault.is_rejected_key() {
            // HeyGen would reject it for the others too.
            self.queue.clear();
        } else if lock(&self.active).of > 1 {
            self.say(&format!("{}: {}", failed.name, failed.fault));
        }
        self.slots.insert(number.clone(), Slot::Failed);
        lock(&self.active).failed.insert(number, failed);
    }

    /// Finds the links of a source.
    fn resolve(&mut self, number: Number, source: Source) {
        let (job, whole) = match source {
            Source::Link(link) => {
                let (name, file) = (without_query(&link), name_of_link(&link));
                let (job, choice) = (None, None);
                self.tasks.push_back(Task { number, name, job, link, file, choice });
                return;
            }
            Source::Job { job, whole } => (job, whole),
        };
        let base = &self.downloads.context.settings.base;
        let whole = match whole {
            Some(whole) => Ok(whole),
            None => self.state(&job),
        };
        let found = whole.and_then(|whole| {
            let found = files::found(&job, &whole, self.downloads.what, base)?;
            Ok((found, whole))
        });
        let missing = || FileFault::Missing { available: Vec::new() };
        let resolved = match found {
            Ok((Found::Files { files, faults }, _)) => self.plan(&number, &job, files, faults),
            Ok((Found::Jobs { .. }, _)) if number.len() >= DEEPEST => Err(missing()),
            Ok((Found::Jobs { jobs, fault }, whole)) => {
                let is_batch = files::next_job(&job, &whole, base).is_none();
                let (jobs, faults) = match is_batch {
                    false => (jobs, Vec::new()),
                    true => self.jobs_of_batch(&job, whole, fault),
                };
                match jobs.is_empty() && faults.is_empty() {
                    true => Err(missing()),
                    false => self.replace(&number, jobs, faults),
                }
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = resolved {
            self.fail(number, FailedFile { name: job.name.clone(), fault, kept: None });
        }
    }

    /// The jobs of a batch on all its pages, and what is wrong with it beside its own `fault`.
    fn jobs_of_batch(
        &self,
        batch: &Job,
        whole: Vec<u8>,
        fault: Option<FileFault>,
    ) -> (Vec<Job>, Vec<(String, FileFault)>) {
        let base = &self.downloads.context.settings.base;
        // A wait for it has told what its first page says.
        let is_told =
            self.downloads.is_own && (fault.is_some() || files::failed_items(&whole).is_some());
        let all = batch::all_jobs(batch, whole, base, &|page| self.state(page));
        let fault = fault.or_else(|| all.failed.map(FileFault::of_items)).filter(|_| !is_told);
        let fault = fault.map(|fault| (batch.name.clone(), fault));
        (all.jobs, fault.into_iter().chain(all.fault).collect())
    }

    /// Plans the transfers of a job's files; the faults are those of others, which it lacks.
    fn plan(
        &mut self,
        number: &Number,
        job: &Job,
        files: Vec<JobFile>,
        mut faults: Vec<FileFault>,
    ) -> Result<(), FileFault> {
        let of = files.len();
        if of > 1 && !self.downloads.place.takes_many() {
            return Err(FileFault::Several { count: of });
        }
        // A wait for it has told that.
        faults.retain(|fault| !(self.downloads.is_own && fault.is_of_job()));
        let count = of + faults.len();
        lock(&self.active).of += count - 1;
        if count > 1 {
            self.slots.remove(number);
            lock(&self.active).resume.remove(number);
        }
        for (index, JobFile { url, name, what }) in files.into_iter().enumerate() {
            let mut number = number.clone();
            if count > 1 {
                number.push(index);
                self.slots.insert(number.clone(), Slot::Open);
                lock(&self.active).resume.add(number.clone(), &job.name, true);
            }
            self.tasks.push_back(Task {
                number,
                name: job.name.clone(),
                job: Some(job.clone()),
                link: url,
                file: name,
                choice: Some(Choice { what, place: index, of }),
            });
        }
        for (index, fault) in faults.into_iter().enumerate() {
            let (name, number) = (job.name.clone(), [&number[..], &[of + index]].concat());
            lock(&self.active).resume.add(number.clone(), &name, true);
            self.fail(number, FailedFile { name, fault, kept: None });
        }
        Ok(())
    }

    /// Puts the jobs in the place of one that led to them, and beside them the faults of what is
    /// missing among them, each with a name for `heygen download`.
    fn replace(
        &mut self,
        number: &Number,
        jobs: Vec<Job>,
        faults: Vec<(String, FileFault)>,
    ) -> Result<(), FileFault> {
        if jobs.len() > 1 && self.downloads.place.is_stream() {
            return Err(FileFault::Several { count: jobs.len() });
        }
        self.slots.remove(number);
        lock(&self.active).resume.remove(number);
        {
            let of = &mut lock(&self.active).of;
            *of = (*of + jobs.len() + faults.len()).saturating_sub(1);
        }
        for (index, job) in jobs.into_iter().enumerate().rev() {
            let mut number = number.clone();
            number.push(index);
            self.slots.insert(number.clone(), Slot::Open);
            lock(&self.active).resume.add(number.clone(), &job.name, false);
            self.queue.push_front((number, Source::Job { job: Box::new(job), whole: None }));
        }
        for (index, (name, fault)) in faults.into_iter().enumerate() {
            // Behind all jobs.
            let number = [&number[..], &[usize::MAX - index]].concat();
            lock(&self.active).resume.add(number.clone(), &name, false);
            self.fail(number, FailedFile { name, fault, kept: None });
        }
        Ok(())
    }

    /// The response that tells the state of a job.
    fn state(&self, job: &Job) -> Result<Vec<u8>, FileFault> {
        let Some(session) = self.downloads.session else {
            return Err(FileFault::Missing { available: Vec::new() });
        };
        let outcome = session.send(&job.request, Patience::Whole);
        match (&outcome.result, outcome.call.status) {
            (Ok(Content::Json(json)), _) => Ok(json.envelope().whole.to_vec()),
            (Err(_), Some(404 | 410)) => Err(FileFault::NotFound),
            _ => {
                let error = outcome.envelope().err();
                Err(match error {
                    Some(error) => FileFault::Call(Box::new(error)),
                    None => FileFault::Missing { available: Vec::new() },
                })
            }
        }
    }

    /// A fresh link to the same file of a job.
    fn fresh_link(&self, job: &Job, file: &str, choice: Choice) -> Result<String, FileFault> {
        let base = &self.downloads.context.settings.base;
        let whole = self.state(job)?;
        let found = files::found(job, &whole, self.downloads.what, base)?;
        let missing = FileFault::Missing { available: Vec::new() };
        let Found::Files { files, .. } = found else { return Err(missing) };
        // The ending is that of the link, which may differ.
        let stem = |name: &str| Path::new(name).file_stem().map(ToOwned::to_owned);
        let is_same = |own: &&JobFile| own.what == choice.what && stem(&own.name) == stem(file);
        let same = match files.get(choice.place).filter(|_| files.len() == choice.of) {
            Some(there) => Some(there).filter(is_same),
            // Among fewer or more the name tells, if only one has it.
            None => Some(files.iter().filter(is_same).collect::<Vec<_>>())
                .and_then(|same| if let [only] = same[..] { Some(only) } else { None }),
        };
        same.map(|own| own.url.clone()).ok_or(missing)
    }

    /// Keeps the place of a file, and those of what lies beside it until it is complete. If another
    /// file of this run has one of them it is `v-2.mp4` in place of `v.mp4`, and so on.
    fn reserved(&mut self, path: &Path) -> PathBuf {
        // Of hundreds of files of one name each begins behind the last.
        let first = self.numbers.get(path).copied().unwrap_or(1);
        let name = |number| if number < 2 { path.to_owned() } else { with_number(path, number) };
        // What may be replaced is the file that was named, and no number of it.
        let replaces = self.downloads.place.replaces();
        let is_free = |number: usize| {
            let path = name(number);
            let is_ours = part::places(&path).iter().all(|place| !self.targets.contains(place));
            is_ours && (number < 2 || !replaces || !path.exists())
        };
        // There are more numbers than files.
        let number = (first..).find(|number| is_free(*number)).unwrap_or(first);
        self.numbers.insert(path.to_owned(), number + 1);
        let path = name(number);
        self.targets.extend(part::places(&path));
        path
    }

    /// Starts a thread for a file.
    fn start<'s, 'e>(
        &mut self,
        task: Task,
        scope: &'s thread::Scope<'s, 'e>,
        to_pool: &Sender<News>,
    ) where
        'p: 's,
    {
        let is_masked = |text: &str| self.ui().masked(text) != text;
        if is_masked(&task.file) || task.job.as_ref().is_some_and(|job| is_masked(&job.id)) {
            let fault = FileFault::BadLink { reason: "the name of its file holds your API key" };
            return self.fail(task.number, FailedFile { name: task.name, fault, kept: None });
        }
        let path = match self.downloads.place {
            Place::Folder { folder, .. } => Some(folder.join(&task.file)),
            Place::File { path, .. } => Some(path.clone()),
            Place::Device(_) | Place::Stdout => None,
        };
        let path = path.map(|path| {
            let reserved = self.reserved(&path);
            if reserved != path {
                lock(&self.active).resume.goes_to(&task.number, reserved.clone());
            }
            reserved
        });
        if let Some(path) = path.as_ref().filter(|path| self.downloads.skips && path.is_file()) {
            return self.leave(task, path);
        }
        let Task { number, name, job, link, file, choice } = task;
        let shown = path.as_deref().and_then(Path::file_name);
        let shown = shown.map_or(file.clone(), |name| name.to_string_lossy().into_owned());
        let line = self.lines.as_ref().map(|lines| lines.transfer(&shown));
        let worker = Worker {
            number: number.clone(),
            name: name.clone(),
            shown,
            source: format!("{name} {file}"),
            refuses_html: job.is_some(),
            link,
            path,
            place: self.downloads.place,
            ui: self.ui().clone(),
            limits: self.downloads.limits,
            settings: &self.downloads.context.settings,
            env: self.downloads.context.env,
            active: Arc::clone(&self.active),
            to_pool: to_pool.clone(),
        };
        let started = thread::Builder::new().spawn_scoped(scope, move || worker.run());
        match started {
            Ok(_) => {
                self.running.insert(number, Running { job, file, choice, line });
            }
            Err(cause) => {
                let fault = FileFault::Disk { path: PathBuf::from(file), cause };
                self.fail(number, FailedFile { name, fault, kept: None });
            }
        }
    }

    /// Takes a file that is there already for the one that was asked for.
    fn leave(&mut self, task: Task, path: &Path) {
        let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
        self.say(&format!("{}: {} is there", task.name, path.display()));
        let complete = Complete { path: Some(path.to_owned()), is_told: false };
        lock(&self.active).done.insert(task.number.clone(), complete);
        let (path, id) = (Some(path.to_owned()), task.job.map(|job| job.id));
        self.slots.insert(task.number, Slot::Done { path, id, bytes });
    }

    /// Prints the paths of all files before the first that is still open.
    fn print_finished(&mut self) {
        while let Some(first) = self.slots.first_entry() {
            if matches!(first.get(), Slot::Open) {
                return;
            }
            let number = first.key().clone();
            let Slot::Done { path: Some(path), id, bytes } = first.remove() else { continue };
            let printed = self.print(&path, id.as_deref(), bytes);
            if printed.is_ok() {
                let complete = Complete { path: Some(path.clone()), is_told: true };
                lock(&self.active).done.insert(number, complete);
            }
            if self.output.is_ok() {
                self.output = printed.map_err(|cause| self.not_printed(&path, cause));
            }
        }
    }

    /// The error of a path that was not printed; after a create nothing is to be repeated for it.
    fn not_printed(&self, file: &Path, cause: io::Error) -> Error {
        if !self.downloads.is_own {
            return Error::Output(cause);
        }
        let (call, path, kept, data) = (None, None, Some(file.to_owned()), None);
        Error::NotWritten(Box::new(NotWritten { call, path, cause, kept, data }))
    }

    fn print(&self, path: &Path, id: Option<&str>, bytes: u64) -> io::Result<()> {
        let ui = self.ui();
        if self.downloads.printed == Printed::Object {
            let mut object = json!({"path": path.to_string_lossy(), "bytes": bytes});
            if let Some(id) = id {
                object["id"] = json!(id);
            }
            return ui.write(|out| writeln!(out, "{object}"));
        }
        if ui.stdout_is_terminal() {
            let shown = neutralised(&path.to_string_lossy());
            return ui.write(|out| writeln!(out, "{shown}"));
        }
        ui.write(|out| {
            out.write_all(path.as_os_str().as_encoded_bytes())?;
            out.write_all(b"\n")
        })
    }

    fn end(self) -> Result<(), Error> {
        let is_own = self.downloads.is_own;
        let mut files = lock(&self.active);
        if files.failed.is_empty() {
            return self.output;
        }
        let (again, of) = (files.resume.commands(&files.done), files.of);
        // It stays for a signal before the report.
        let failed = std::mem::take(&mut files.failed).into_values().collect();
        // What goes on beside it is told with the jobs.
        let (more, complete) = (None, Vec::new());
        Err(Error::Files(Box::new(FilesError { failed, of, again, more, complete, is_own })))
    }
}
