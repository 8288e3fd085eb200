//! A thread that fetches one file.

use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};

use super::place::Place;
use super::{Active, Complete, News, Number};
use crate::api::origin::Origin;
use crate::app::session::wire_to;
use crate::app::settings::{Limits, Settings};
use crate::clock::SystemClock;
use crate::env::Env;
use crate::error::{FailedFile, FileFault, resuming};
use crate::jobs::part::Part;
use crate::jobs::transfer::{Held, Progress, Sink, Transfer};
use crate::output::destination::open_device;
use crate::terminal::stdio::lock;
use crate::terminal::streams::Ui;

/// What a thread needs for a file.
pub(super) struct Worker<'w> {
    pub(super) number: Number,
    pub(super) name: String,
    /// The name of the file, for messages.
    pub(super) shown: String,
    /// The file on its host, as the notes on a part name it.
    pub(super) source: String,
    pub(super) refuses_html: bool,
    pub(super) link: String,
    pub(super) path: Option<PathBuf>,
    pub(super) place: &'w Place,
    pub(super) ui: Ui,
    pub(super) limits: Limits,
    pub(super) settings: &'w Settings,
    pub(super) env: &'w Env,
    pub(super) active: Active,
    pub(super) to_pool: Sender<News>,
}

impl Worker<'_> {
    /// Fetches the file and tells how it ended.
    pub(super) fn run(self) {
        let result = self.fetch();
        lock(&self.active).unfinished.remove(&self.number);
        self.tell(News::Ended { number: self.number.clone(), result });
    }

    /// The pool hears until the last thread has ended.
    fn tell(&self, news: News) {
        let _ = self.to_pool.send(news);
    }

    fn fetch(&self) -> Result<(Option<PathBuf>, u64), Box<FailedFile>> {
        let fail = |fault, kept| Box::new(FailedFile { name: self.name.clone(), fault, kept });
        let Some(path) = &self.path else {
            let mut stream = self.stream().map_err(|fault| fail(fault, None))?;
            let done = self.transfer(&mut stream).and_then(|()| stream.flush());
            done.map_err(|fault| fail(fault, None))?;
            let complete = Complete { path: None, is_told: true };
            lock(&self.active).done.insert(self.number.clone(), complete);
            return Ok((None, stream.bytes));
        };
        let mut part = Part::open(path, self.place.replaces(), &self.source)
            .map_err(|fault| fail(fault, None))?;
        let unfinished = part
            .unfinished()
            .map_err(|cause| fail(FileFault::Disk { path: path.clone(), cause }, None))?;
        let own = (self.name.clone(), unfinished);
        lock(&self.active).unfinished.insert(self.number.clone(), own);
        match self.transfer(&mut part) {
            Ok(()) => {
                let (bytes, kept) = (part.bytes(), part.kept());
                // A signal finds the file in its place and on the list, or neither.
                let mut files = lock(&self.active);
                part.finish().map_err(|fault| {
                    // What failed at its name is there, or on the disk; nothing else is.
                    let is_there = matches!(fault, FileFault::Disk { .. });
                    fail(fault, kept.filter(|_| is_there))
                })?;
                let complete = Complete { path: Some(path.clone()), is_told: false };
                files.done.insert(self.number.clone(), complete);
                files.unfinished.remove(&self.number);
                Ok((Some(path.clone()), bytes))
            }
            Err(fault) => Err(fail(fault, part.kept())),
        }
    }

    fn stream(&self) -> Result<Stream, FileFault> {
        let (path, out): (PathBuf, Box<dyn Write + Send>) = match self.place {
            Place::Device(path) => {
                let device = open_device(path)
                    .map_err(|cause| FileFault::Disk { path: path.clone(), cause })?;
                (path.clone(), Box::new(device))
            }
            _ => (PathBuf::from("stdout"), Box::new(self.ui.open())),
        };
        Ok(Stream { out, path, bytes: 0, etag: None, total: None, host: host_of(&self.link) })
    }

    fn transfer(&self, sink: &mut dyn Sink) -> Result<(), FileFault> {
        let wire = |origin: &Origin| {
            wire_to(origin, self.settings, self.env, self.limits.timeout)
                .map_err(|error| FileFault::Call(Box::new(error)))
        };
        let fresh = || {
            let (reply, answer) = mpsc::channel();
            self.tell(News::Fresh { number: self.number.clone(), reply });
            answer.recv().unwrap_or(Ok(None))
        };
        let tell = |progress: Progress<'_>| {
            let number = self.number.clone();
            self.tell(match progress {
                Progress::Began { from, total } => News::Began { number, from, total },
                Progress::Received(bytes) => News::Received { number, bytes },
                Progress::Refreshed { status, host } => News::Said {
                    text: format!(
                        "link expired ({status} from {host}); asked HeyGen for a fresh one"
                    ),
                },
                Progress::Restarted { host } => News::Said {
                    text: format!(
                        "{}: not the same file on {host} any more; beginning anew",
                        self.shown
                    ),
                },
                Progress::Resuming { fault, pause } => {
                    News::Said { text: format!("{}: {}", self.shown, resuming(fault, pause)) }
                }
            });
        };
        let transfer = Transfer {
            wire: &wire,
            fresh: &fresh,
            clock: &SystemClock,
            policy: self.limits.policy,
            refuses_html: self.refuses_html,
            name: &self.shown,
            holds_secret: &|link| self.ui.masked(link) != link,
            tell: &tell,
        };
        transfer.run(&self.link, sink)
    }
}

fn host_of(link: &str) -> String {
    Origin::split(link).map(|(origin, _)| origin.host().to_owned()).unwrap_or_default()
}

/// stdout or a device: what is written is gone.
struct Stream {
    out: Box<dyn Write + Send>,
    path: PathBuf,
    bytes: u64,
    etag: Option<String>,
    total: Option<u64>,
    host: String,
}

impl Stream {
    fn flush(&mut self) -> Result<(), FileFault> {
        self.out.flush().map_err(|cause| FileFault::Disk { path: self.path.clone(), cause })
    }
}

impl Sink for Stream {
    fn held(&self) -> Option<Held> {
        let etag = self.etag.clone()?;
        (self.bytes > 0).then_some(Held { bytes: self.bytes, etag, total: self.total })
    }

    fn begin(&mut self, etag: Option<&str>, total: Option<u64>) -> Result<(), FileFault> {
        if self.bytes > 0 {
            return Err(FileFault::Changed { host: self.host.clone() });
        }
        (self.etag, self.total) = (etag.map(str::to_owned), total);
        Ok(())
    }

    fn resume_at(&mut self, offset: u64) -> Result<(), FileFault> {
        match offset == self.bytes {
            true => Ok(()),
            false => Err(FileFault::Changed { host: self.host.clone() }),
        }
    }

    fn forget(&mut self) {
        self.etag = None;
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileFault> {
        self.out
            .write_all(bytes)
            .map_err(|cause| FileFault::Disk { path: self.path.clone(), cause })?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
