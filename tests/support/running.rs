//! The program at work, up to its end and the comparison with what was expected.
//!
//! Scope: waiting, collecting, comparing, looking for secrets. What is expected was said to `Test`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::expectation::{Expectation, Placeholder, difference, with_placeholders};
use super::outcome::Outcome;
use super::process::{Capture, Leash};
use super::recorded::{Recorded, contains};
use super::snapshot;
#[cfg(unix)]
use super::terminal::Terminal;
use super::{Stream, Test};

/// The program at work.
#[must_use = "the program is killed when this is dropped; end with `.exits(…)` or `.finish()`"]
pub(crate) struct Running<'server> {
    pub(super) test: Test<'server>,
    pub(super) child: Leash,
    pub(super) started: Instant,
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
    pub(super) echoed: Capture,
    pub(super) ended: Arc<AtomicBool>,
    pub(super) files_before: BTreeSet<PathBuf>,
    pub(super) requests_before: usize,
    #[cfg(unix)]
    pub(super) open_terminals: Vec<Terminal>,
}

impl<'server> Running<'server> {
    /// Returns once the program has shown this text on stdout or stderr; fails the test at the
    /// limit.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, text: &str) {
        let shows = |capture: &Capture| contains(&capture.so_far(), text.as_bytes());
        while !shows(&self.stdout) && !shows(&self.stderr) {
            assert!(
                self.started.elapsed() < self.test.limit,
                "`{}` never showed `{text}`",
                self.test.command_line()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until the file is there.
    pub(crate) fn wait_for_file(&self, name: &str) {
        while !self.test.work().join(name).exists() {
            assert!(self.started.elapsed() < self.test.limit, "`{name}` never came");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Sends SIGINT, as Ctrl-C does.
    ///
    /// A script's background job (`cargo test &`) ignores it, and hands that on to its children:
    /// there such a test would fail at its limit.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Sends SIGTERM, as `kill` does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let child = rustix::process::Pid::from_child(&self.child.0);
        rustix::process::kill_process(child, signal).expect("a child of ours can be signalled");
    }

    /// Waits for the end and compares as `Test::exits` does.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Outcome<'server> {
        self.ends_with(Some(code), None)
    }

    /// Waits for the end, which is to be by this signal, and compares everything else.
    #[track_caller]
    pub(crate) fn dies_of(self, signal: i32) -> Outcome<'server> {
        self.ends_with(None, Some(signal))
    }

    /// Waits for the end as `Test::says` does.
    #[track_caller]
    pub(super) fn says(mut self, code: i32) -> String {
        self.test.stderr = Expectation::anything();
        let placeholders = self.test.placeholders.clone();
        let outcome = self.exits(code);
        let named = with_placeholders(b"", &outcome.stderr_bytes, &placeholders);
        String::from_utf8_lossy(&named).into_owned()
    }

    /// Waits for the end and compares nothing.
    #[track_caller]
    pub(crate) fn finish(self) -> Outcome<'server> {
        self.end().1
    }

    #[track_caller]
    fn ends_with(self, code: Option<i32>, signal: Option<i32>) -> Outcome<'server> {
        let (expected, outcome) = self.end();
        let mut report = String::new();
        if (code, signal) != (outcome.code, outcome.signal) {
            let actual = ending(outcome.code, outcome.signal);
            report +=
                &format!("it was to end with {}, and ended with {actual}\n", ending(code, signal));
        }
        let sent: Vec<String> = outcome.requests.iter().map(Recorded::line).collect();
        if let Some(lines) = &expected.sends
            && *lines != sent
        {
            report += "the requests differ (- expected, + came):\n";
            report += &difference(text_of(lines).as_bytes(), text_of(&sent).as_bytes(), &[]);
        }
        // Words are not accepted from a run that went another way.
        let accepts = report.is_empty() && snapshot::accepts();
        for (name, expectation, actual) in [
            ("stdout", &expected.stdout, &outcome.stdout_bytes),
            ("stderr", &expected.stderr, &outcome.stderr_bytes),
        ] {
            report += &expectation.settle(name, actual, &expected.placeholders, accepts);
        }
        assert!(report.is_empty(), "\n$ {}\n{report}", expected.command_line);
        outcome
    }

    /// Waits for the end, collects everything and looks for secrets and for complaints of the
    /// server.
    #[track_caller]
    fn end(mut self) -> (Expected, Outcome<'server>) {
        let status = self.child.wait_until(self.started + self.test.limit);
        let took = self.started.elapsed();
        self.ended.store(true, Ordering::Relaxed);
        #[cfg(unix)]
        self.open_terminals.drain(..).for_each(Terminal::close);
        let stdout_bytes = self.shown(Stream::Stdout, &self.stdout);
        let stderr_bytes = self.shown(Stream::Stderr, &self.stderr);
        let echoed = self.echoed.finish();
        let command_line = self.test.command_line();
        let Some(status) = status else {
            let shown = difference(b"", &[stdout_bytes, stderr_bytes].concat(), &[]);
            panic!(
                "\n$ {command_line}\nit did not end within {:?}; it showed:\n{shown}",
                self.test.limit
            );
        };
        let mut requests = Vec::new();
        if let Some(server) = self.test.setting.server {
            server.settle();
            requests = server.requests().split_off(self.requests_before);
            let problems = server.take_problems();
            assert!(
                problems.is_empty(),
                "\n$ {command_line}\nthe server complains:\n  {}",
                problems.join("\n  ")
            );
        }
        self.assert_secrets_are_kept(
            &[("stdout", &stdout_bytes), ("stderr", &stderr_bytes)],
            &echoed,
        );
        let Test { stdout, stderr, sends, placeholders, setting, .. } = self.test;
        let outcome = Outcome {
            code: status.code(),
            signal: signal_of(status),
            stdout: String::from_utf8_lossy(&stdout_bytes).into_owned(),
            stderr: String::from_utf8_lossy(&stderr_bytes).into_owned(),
            stdout_bytes,
            stderr_bytes,
            echoed: String::from_utf8_lossy(&echoed).replace("\r\n", "\n"),
            requests,
            took,
            setting,
        };
        (Expected { stdout, stderr, sends, placeholders, command_line }, outcome)
    }

    /// All that a stream carried, with a terminal's `\r\n` turned back into `\n`.
    fn shown(&self, stream: Stream, capture: &Capture) -> Vec<u8> {
        let mut bytes = capture.finish();
        if self.test.is_terminal(stream) {
            let ends_line = |place: usize| bytes.get(place..place + 2) == Some(b"\r\n");
            let kept: Vec<u8> = (0..bytes.len())
                .filter(|place| !ends_line(*place))
                .map(|place| bytes[place])
                .collect();
            bytes = kept;
        }
        bytes
    }

    #[track_caller]
    fn assert_secrets_are_kept(&self, streams: &[(&str, &[u8])], echoed: &[u8]) {
        if self.test.key_may_show {
            return;
        }
        let written: Vec<PathBuf> =
            self.test.files().difference(&self.files_before).cloned().collect();
        let may_hold = |path: &PathBuf| self.test.key_may_be_in.contains(path);
        let setting = &self.test.setting;
        for secret in setting.key.iter().chain(&setting.secrets).filter(|secret| secret.len() >= 8)
        {
            let command_line = self.test.command_line();
            for (name, bytes) in streams {
                assert!(
                    !contains(bytes, secret.as_bytes()),
                    "\n$ {command_line}\nthe key is on {name}"
                );
            }
            let hidden = setting.secrets.contains(secret);
            let echoes = hidden && contains(echoed, secret.as_bytes());
            assert!(!echoes, "\n$ {command_line}\nthe secret was shown while it was entered");
            for path in written.iter().filter(|path| !may_hold(path)) {
                let content = fs::read(path).unwrap_or_default();
                let leaks = contains(&content, secret.as_bytes());
                assert!(!leaks, "\n$ {command_line}\nthe key was written to `{}`", path.display());
            }
        }
    }
}

/// The expectations of a `Test`, to compare once its program has ended.
struct Expected {
    stdout: Expectation,
    stderr: Expectation,
    sends: Option<Vec<String>>,
    placeholders: Vec<Placeholder>,
    command_line: String,
}

fn text_of(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn ending(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "neither code nor signal".to_owned(),
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}
