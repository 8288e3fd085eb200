//! Runs the real `heygen` in an empty world and compares everything that came out.
//!
//! Scope: `Test` holds the command line and the expectations, `Running` is the program at work,
//! `Outcome` is what it left. The default expectation is silence: a byte on stdout or stderr that
//! no test foretold fails it, and so does the key in any place where it has no business.
//!
//! ```text
//! let server = Server::routes(&[("GET /v3/users/me", Reply::json(200, ME))]);
//! Test::new(&["get", "/v3/users/me"]).server(&server).stdout(str![["…"]]).exits(0);
//! ```
//!
//! An expected text is a snapshot, `str![…]`, wherever it is not computed. After a change of the
//! program's words `SNAPSHOTS=overwrite cargo test` writes the new ones into the tests (only
//! texts: code, requests and secrets must be as expected), and the diff is what to review.
//!
//! | file | holds |
//! |---|---|
//! | `running.rs`, `outcome.rs` | the program at work, and what it left |
//! | `expectation.rs`, `snapshot.rs` | the comparison of texts; accepting new ones |
//! | `process.rs`, `terminal.rs` | a child on a leash; pseudo terminals |
//! | `server.rs`, `conversation.rs` | the scripted API and one connection to it |
//! | `reply.rs`, `recorded.rs` | its replies, and the requests it received |
//! | `responses.rs` | the example responses of the API description |
//! | `checks.rs` | tests of all this, in the everyday suite |
#![allow(
    dead_code,
    unused_imports,
    reason = "a vocabulary for all tests, of which no set of tests uses every word"
)]

mod conversation;
pub(crate) mod expectation;
mod outcome;
mod process;
mod recorded;
mod reply;
mod responses;
mod running;
mod server;
mod snapshot;
#[cfg(unix)]
mod terminal;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{PipeWriter, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use expectation::Placeholder;
use outcome::{collect_files, real_path};
use process::{Capture, Leash};
#[cfg(unix)]
use terminal::{Cue, Typing, type_all};

pub(crate) use expectation::Expectation;
pub(crate) use outcome::Outcome;
pub(crate) use recorded::Recorded;
pub(crate) use reply::Reply;
pub(crate) use responses::{responses, server_of_responses};
pub(crate) use running::Running;
pub(crate) use server::Server;
pub(crate) use snapbox::data::Inline;
pub(crate) use snapbox::str;
#[cfg(unix)]
pub(crate) use terminal::Terminal;

/// The key of every test that names no other.
pub(crate) const KEY: &str = "sk_V2_hgu_kTESTkeyTESTkeyTESTkeyTESTkeyTESTkey_7Qx2";

/// Which of the program's streams are a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdin,
    Stdout,
    Stderr,
    /// Stdout and stderr, each a terminal of its own.
    Both,
    /// All three: what a person sees who just types the command.
    All,
}

/// One run of the program, before it starts: what is typed, in which surroundings, and what is to
/// come of it.
#[must_use = "nothing runs before `.exits(…)`, `.run()` or `.start()`"]
pub(crate) struct Test<'server> {
    program: OsString,
    arguments: Vec<OsString>,
    setting: Setting<'server>,
    current: PathBuf,
    stdin: Option<Vec<u8>>,
    stdin_from: Option<Stdio>,
    stdout_to: Option<Stdio>,
    stdout: Expectation,
    stderr: Expectation,
    sends: Option<Vec<String>>,
    placeholders: Vec<Placeholder>,
    limit: Duration,
    key_may_show: bool,
    key_may_be_in: Vec<PathBuf>,
    terminals: Vec<Stream>,
    window: (u16, u16),
    #[cfg(unix)]
    typing: Vec<Typing>,
}

/// The state kept from one run to the next in the same world.
struct Setting<'server> {
    work_folder: TempDir,
    home_folder: TempDir,
    environment: BTreeMap<OsString, OsString>,
    key: Option<String>,
    secrets: Vec<String>,
    server: Option<&'server Server>,
}

impl<'server> Test<'server> {
    /// `heygen` with these arguments, in an empty folder, with an empty home, `PATH`, a key, and no
    /// second try (`HEYGEN_MAX_RETRIES` is 0).
    pub(crate) fn new(arguments: &[&str]) -> Test<'server> {
        let temporary = || TempDir::new().expect("a temporary folder can be made");
        Test::within(
            arguments,
            Setting {
                work_folder: temporary(),
                home_folder: temporary(),
                environment: BTreeMap::new(),
                key: Some(KEY.to_owned()),
                secrets: Vec::new(),
                server: None,
            },
        )
    }

    /// Another program, such as a shell whose `PATH` leads to `heygen`, in the same surroundings.
    pub(crate) fn program(program: &str, arguments: &[&str]) -> Test<'server> {
        Test { program: program.into(), ..Test::new(arguments) }
    }

    fn within(arguments: &[&str], setting: Setting<'server>) -> Test<'server> {
        let mut placeholders = vec![
            Placeholder::text(
                "[WORK]",
                real_path(&setting.work_folder).as_os_str().as_encoded_bytes(),
            ),
            Placeholder::text(
                "[HOME]",
                real_path(&setting.home_folder).as_os_str().as_encoded_bytes(),
            ),
            Placeholder::run("[MS]", |byte| byte.is_ascii_digit()),
        ];
        if let Some(server) = setting.server {
            placeholders.extend(base_placeholders(&server.base()));
        }
        Test {
            program: assert_cmd::cargo::cargo_bin!("heygen").into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            current: real_path(&setting.work_folder),
            setting,
            stdin: None,
            stdin_from: None,
            stdout_to: None,
            stdout: Expectation::default(),
            stderr: Expectation::default(),
            sends: None,
            placeholders,
            limit: Duration::from_secs(30),
            key_may_show: false,
            key_may_be_in: Vec::new(),
            terminals: Vec::new(),
            window: (200, 24),
            #[cfg(unix)]
            typing: Vec::new(),
        }
    }

    /// More arguments.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    /// One more argument, which need not be text.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// The server is the API, by `HEYGEN_API_BASE`. `[BASE]` and `[PORT]` in expected texts are its
    /// address.
    pub(crate) fn server(mut self, server: &'server Server) -> Self {
        self.setting.server = Some(server);
        self.base(&server.base())
    }

    /// The same for an address that is no server of the test's, such as `Server::nowhere()`.
    pub(crate) fn base(mut self, base: &str) -> Self {
        self.placeholders.extend(base_placeholders(base));
        self.env("HEYGEN_API_BASE", base)
    }

    /// `HEYGEN_API_KEY` is this.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.setting.key = Some(key.to_owned());
        self
    }

    /// Unsets `HEYGEN_API_KEY`.
    pub(crate) fn no_key(mut self) -> Self {
        self.setting.key = None;
        self
    }

    /// Another text, such as a key in a file, that must show as little as the key.
    pub(crate) fn secret(mut self, secret: &str) -> Self {
        self.setting.secrets.push(secret.to_owned());
        self
    }

    /// Turns off the check that the key and other secrets appear nowhere.
    pub(crate) fn key_may_show(mut self) -> Self {
        self.key_may_show = true;
        self
    }

    /// The program may write the key into this file below the home folder, and nowhere else.
    pub(crate) fn key_may_be_in_home_file(mut self, path: &str) -> Self {
        self.key_may_be_in.push(self.home().join(path));
        self
    }

    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        self.env_os(name, value)
    }

    /// A variable that need not be text.
    pub(crate) fn env_os(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.setting.environment.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// A file below the test's folder, with the folders it needs.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        write_file(&self.work().join(path), content.as_ref());
        self
    }

    /// A file below the home folder.
    pub(crate) fn home_file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        write_file(&self.home().join(path), content.as_ref());
        self
    }

    /// A folder below the test's folder.
    pub(crate) fn dir(self, path: &str) -> Self {
        fs::create_dir_all(self.work().join(path))
            .expect("a folder can be made in the test's folder");
        self
    }

    /// Runs in this folder below the test's folder, which is made if need be.
    pub(crate) fn cwd(mut self, path: &str) -> Self {
        self.current = self.work().join(path);
        self.dir(path)
    }

    /// Runs in this folder, such as one below the home folder.
    pub(crate) fn inside(mut self, folder: PathBuf) -> Self {
        self.current = folder;
        self
    }

    /// The test's folder, for preparations that have no word here. What is in it before the run
    /// counts as the test's.
    pub(crate) fn work(&self) -> PathBuf {
        real_path(&self.setting.work_folder)
    }

    /// The home folder.
    pub(crate) fn home(&self) -> PathBuf {
        real_path(&self.setting.home_folder)
    }

    /// Stdin is a pipe with these bytes. Without it (and without a terminal) stdin is empty.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Stdin comes from there, such as a pipe that somebody holds open.
    pub(crate) fn stdin_from(mut self, source: impl Into<Stdio>) -> Self {
        self.stdin_from = Some(source.into());
        self
    }

    /// Stdout goes there, and nothing of it is captured: a closed pipe, `/dev/full`, a file.
    pub(crate) fn stdout_to(mut self, target: impl Into<Stdio>) -> Self {
        self.stdout_to = Some(target.into());
        self
    }

    /// Stdout is a pipe that nobody reads any more, as after `| head -0`.
    pub(crate) fn stdout_closed(self) -> Self {
        self.stdout_to(closed_pipe())
    }

    /// The expected stdout, to the byte. Placeholders: `[BASE]`, `[PORT]`, `[WORK]`, `[HOME]`,
    /// `[MS]` (digits).
    pub(crate) fn stdout(mut self, expected: impl Into<Expectation>) -> Self {
        self.stdout = expected.into();
        self
    }

    /// The same for bytes that are not text.
    pub(crate) fn stdout_bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdout(bytes.into())
    }

    /// The expected stderr, to the byte, with the same placeholders.
    pub(crate) fn stderr(mut self, expected: impl Into<Expectation>) -> Self {
        self.stderr = expected.into();
        self
    }

    /// One more placeholder: `name` stands for one or more bytes of the kind.
    pub(crate) fn filter(mut self, name: &str, belongs: fn(u8) -> bool) -> Self {
        self.placeholders.push(Placeholder::run(name, belongs));
        self
    }

    /// One more placeholder, for a text that differs from run to run, such as the address of a
    /// proxy.
    pub(crate) fn named(mut self, name: &str, text: &str) -> Self {
        self.placeholders.push(Placeholder::text(name, text));
        self
    }

    /// The requests that are to reach the server, as in `GET /v3/users/me`, in this order and no
    /// others.
    pub(crate) fn sends(mut self, lines: &[&str]) -> Self {
        self.sends = Some(lines.iter().map(|line| (*line).to_owned()).collect());
        self
    }

    /// Another limit than 30 seconds. Nothing waits for a limit, unless the program hangs.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the program to its end and compares exit code, stdout, stderr and, if asked for, the
    /// requests.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Outcome<'server> {
        self.start().exits(code)
    }

    /// The same, but returns stderr, with its placeholders, instead of comparing it: for several
    /// runs of which one text is to be compared, with `assert_text`.
    #[track_caller]
    pub(crate) fn says(self, code: i32) -> String {
        self.start().says(code)
    }

    /// Runs the program to its end and compares nothing. Secrets are looked for all the same.
    #[track_caller]
    pub(crate) fn run(self) -> Outcome<'server> {
        self.start().finish()
    }

    /// Starts the program and returns at once.
    #[track_caller]
    pub(crate) fn start(mut self) -> Running<'server> {
        let mut opened = Opened::default();
        let (stdout_end, stdout) = match self.stdout_to.take() {
            Some(target) => (target, Capture::nothing()),
            None => self.output(Stream::Stdout, &mut opened),
        };
        let (stderr_end, stderr) = self.output(Stream::Stderr, &mut opened);
        let (stdin_end, echoed) = self.input(&mut opened);
        let files_before = self.files();
        let requests_before = self.setting.server.map_or(0, |server| server.requests().len());

        let mut command = self.command();
        command.stdin(stdin_end).stdout(stdout_end).stderr(stderr_end);
        let started = Instant::now();
        let child = Leash(command.spawn().expect("the program under test can be started"));
        // The command holds the program's ends of the pipes, which then would never end.
        drop(command);

        let ended = Arc::new(AtomicBool::new(false));
        self.feed(&mut opened, [&stdout, &stderr], &ended);
        Running {
            test: self,
            child,
            started,
            stdout,
            stderr,
            echoed,
            ended,
            files_before,
            requests_before,
            #[cfg(unix)]
            open_terminals: opened.terminals,
        }
    }

    /// Gives the program what it is to read, from a thread: it may read late, or never.
    fn feed(&mut self, opened: &mut Opened, screens: [&Capture; 2], ended: &Arc<AtomicBool>) {
        if let (Some(mut writer), Some(bytes)) = (opened.stdin_pipe.take(), self.stdin.take()) {
            thread::spawn(move || writer.write_all(&bytes));
        }
        // Only Unix has terminals to type at.
        #[cfg(not(unix))]
        let _ = (screens, ended);
        #[cfg(unix)]
        if let Some((keyboard, echo)) = opened.keyboard.take() {
            let typing = std::mem::take(&mut self.typing);
            let screens = screens.map(Capture::share).to_vec();
            type_all(typing, keyboard, echo, screens, Arc::clone(ended));
        }
    }

    /// The command with its surroundings.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.current).env_clear();
        for inherited in ["PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(inherited) {
                command.env(inherited, value);
            }
        }
        command.env("HOME", self.home());
        // A failure that is meant shall not be waited for.
        command.env("HEYGEN_MAX_RETRIES", "0");
        if cfg!(windows) {
            command.env("USERPROFILE", self.home());
        }
        if !self.terminals.is_empty() {
            command.env("TERM", "xterm-256color");
        }
        if let Some(key) = &self.setting.key {
            command.env("HEYGEN_API_KEY", key);
        }
        command.envs(&self.setting.environment);
        command
    }

    /// The program's end of an output stream, and what will be read from ours.
    fn output(&self, stream: Stream, opened: &mut Opened) -> (Stdio, Capture) {
        #[cfg(unix)]
        if self.is_terminal(stream) {
            return opened.terminal(self.window);
        }
        // Only Unix has terminals to choose by these.
        #[cfg(not(unix))]
        let _ = (stream, opened);
        let (reader, writer) = pipe().expect("a pipe can be made");
        (writer.into(), Capture::of(reader))
    }

    /// The program's end of stdin, and what a terminal there will show.
    fn input(&mut self, opened: &mut Opened) -> (Stdio, Capture) {
        if let Some(source) = self.stdin_from.take() {
            return (source, Capture::nothing());
        }
        #[cfg(unix)]
        if self.is_terminal(Stream::Stdin) {
            assert!(self.stdin.is_none(), "stdin is a terminal or a pipe, not both");
            let ends = opened.terminal(self.window);
            let terminal = opened.terminals.last().expect("it was opened just now");
            let keyboard = terminal.ours().expect("a terminal can be written to");
            opened.keyboard = Some((keyboard, terminal.echo().expect("a terminal has modes")));
            return ends;
        }
        if self.stdin.is_none() {
            return (Stdio::null(), Capture::nothing());
        }
        let (reader, writer) = pipe().expect("a pipe can be made");
        opened.stdin_pipe = Some(writer);
        (reader.into(), Capture::nothing())
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        self.terminals.iter().any(|terminal| match terminal {
            Stream::All => true,
            Stream::Both => stream != Stream::Stdin,
            one => *one == stream,
        })
    }

    /// Every file below the two folders.
    fn files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        collect_files(&self.work(), &mut files);
        collect_files(&self.home(), &mut files);
        files
    }

    /// The command line as one would type it, with the variables that the test has set.
    fn command_line(&self) -> String {
        let mut words = Vec::new();
        for (name, value) in &self.setting.environment {
            words.push(format!("{}={}", name.display(), word(value)));
        }
        let name = Path::new(&self.program).file_stem().unwrap_or_default();
        words.push(name.to_string_lossy().into_owned());
        words.extend(self.arguments.iter().map(|argument| word(argument)));
        words.join(" ")
    }
}

#[cfg(unix)]
impl Test<'_> {
    /// Makes a stream a terminal. Repeat it for several.
    pub(crate) fn terminal(mut self, stream: Stream) -> Self {
        self.terminals.push(stream);
        self
    }

    /// The size of all terminals. By default they have 200 columns, where no message is wrapped, and
    /// 24 rows.
    pub(crate) fn window(mut self, columns: u16, rows: u16) -> Self {
        self.window = (columns, rows);
        self
    }

    /// Stdin is a terminal at which this was typed before anybody asked.
    pub(crate) fn type_in(self, text: &str) -> Self {
        self.type_at(Cue::Nothing, text)
    }

    /// Stdin is a terminal at which this is typed once the program has shown `prompt` on stdout or
    /// stderr.
    pub(crate) fn type_in_after(self, prompt: &str, text: &str) -> Self {
        self.type_at(Cue::Shown(prompt.into()), text)
    }

    /// Stdin is a terminal at which this is typed once the program has turned off the echo. It then
    /// counts as a secret: it must show nowhere.
    pub(crate) fn type_in_hidden(self, text: &str) -> Self {
        self.secret(text.trim_end()).type_at(Cue::Hidden, text)
    }

    fn type_at(mut self, cue: Cue, text: &str) -> Self {
        self.typing.push(Typing { cue, text: text.into() });
        self.terminal(Stream::Stdin)
    }
}

/// Our ends of the program's streams.
#[derive(Default)]
struct Opened {
    stdin_pipe: Option<PipeWriter>,
    #[cfg(unix)]
    terminals: Vec<Terminal>,
    #[cfg(unix)]
    keyboard: Option<(fs::File, terminal::Echo)>,
}

#[cfg(unix)]
impl Opened {
    /// A new terminal: the program's end, and what it will show.
    fn terminal(&mut self, (columns, rows): (u16, u16)) -> (Stdio, Capture) {
        let terminal =
            Terminal::open(columns, rows).expect("the system has a free pseudo terminal");
        let ends = (
            terminal.stdio().expect("a terminal can be given away"),
            Capture::of(terminal.ours().expect("a terminal can be read from")),
        );
        self.terminals.push(terminal);
        ends
    }
}

/// The address, and the port if one ends it.
fn base_placeholders(base: &str) -> Vec<Placeholder> {
    let port = base.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok());
    let port = port.map(|port| Placeholder::text("[PORT]", port));
    [Placeholder::text("[BASE]", base)].into_iter().chain(port).collect()
}

/// A pipe without a reader.
fn closed_pipe() -> PipeWriter {
    pipe().expect("a pipe can be made").1
}

fn write_file(path: &Path, content: &[u8]) {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("a folder can be made in a temporary folder");
    }
    fs::write(path, content).expect("a file can be written in a temporary folder");
}

/// An argument as one would type it.
fn word(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("{text:?}")
    }
}

/// Checks all of these at once: for checks that wait for limits.
pub(crate) fn at_once<T: Send>(all: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for one in all {
            scope.spawn(move || check(one));
        }
    });
}

/// Compares a text that a test has put together, such as the texts of several runs.
#[track_caller]
pub(crate) fn assert_text(actual: &str, expected: impl Into<Expectation>) {
    let report = expected.into().settle("the text", actual.as_bytes(), &[], snapshot::accepts());
    assert!(report.is_empty(), "\n{report}");
}
