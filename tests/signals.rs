//! Signals: heygen reports the sent call, restores the terminal, and dies of the signal.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use tempfile::TempDir;

use crate::support::{KEY, Reply, Server, Stream, Terminal, Test};

/// The signals that end a program from outside.
const ENDS: [Signal; 4] = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT];

/// A program may take this long to do what a test waits for; none does, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A call with errors as text, whose random key is `[KEY]`.
fn call<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    Test::new(arguments)
        .server(server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .filter("[KEY]", |byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Runs a call that gets no response and is ended by the signal.
fn canceled(signal: Signal, arguments: &[&str], stderr: &str) {
    let server = Server::always(Reply::stall_unanswered());
    let running = call(&server, arguments).stderr(stderr).start();
    server.wait_for_requests(1);
    running.signal(signal);
    running.dies_of(signal.as_raw());
}

#[test]
fn canceled_post_names_its_key() {
    for (signal, name) in ENDS.into_iter().zip(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
        let error = format!("error: canceled by {name} before the call was complete\n");
        let with_key = "hint: it may have been accepted; repeat with `--idempotency-key [KEY]` and it is not \
                        paid twice (24 h)\n";
        canceled(signal, &["post", "/v3/videos"], &format!("{error}{with_key}"));
    }
}

#[test]
fn reports_canceled_changes() {
    let error = "error: canceled by SIGINT before the call was complete\n";
    let look =
        "hint: it may have been accepted; look before you repeat it, or it may be paid twice\n";
    canceled(Signal::INT, &["post", "/v2/video/generate"], &format!("{error}{look}"));
    canceled(
        Signal::INT,
        &["post", "/v3/videos", "--idempotency-key", "none"],
        &format!("{error}{look}"),
    );
    let change = format!("{error}hint: it may have been accepted; look before you repeat it\n");
    canceled(Signal::INT, &["put", "/v3/videos/v1"], &change);
    canceled(Signal::INT, &["patch", "/v3/videos/v1"], &change);
    canceled(Signal::INT, &["delete", "/v3/videos/v1"], &change);
}

#[test]
fn canceled_reads_are_silent() {
    for signal in ENDS {
        canceled(signal, &["get", "/v3/videos"], "");
        canceled(signal, &["head", "/v3/videos"], "");
    }
}

#[test]
fn reports_canceled_post_as_json() {
    let server = Server::always(Reply::stall_unanswered());
    let running = Test::new(&["post", "/v3/videos", "--idempotency-key", "order-7"])
        .server(&server)
        .stderr(
            "{\"error\":{\"code\":\"canceled\",\"message\":\"canceled by SIGTERM before the call was complete\",\
             \"hint\":\"it may have been accepted; repeat with `--idempotency-key order-7` and it is not paid \
             twice (24 h)\",\"idempotency_key\":\"order-7\",\"request\":{\"method\":\"POST\",\
             \"path\":\"/v3/videos\"},\"attempts\":1}}\n",
        )
        .start();
    server.wait_for_requests(1);
    running.terminate();
    running.dies_of(15);
}

#[test]
fn reports_of_signals_hide_stored_keys() {
    let server = Server::always(Reply::stall_unanswered());
    let running = Test::new(&["put", "/v3/videos/Zq8vF3kLm2Nw9XyT7bRc4Hd6"])
        .server(&server)
        .file(".env", "HEYGEN_API_KEY=Zq8vF3kLm2Nw9XyT7bRc4Hd6\n")
        .stderr(
            "{\"error\":{\"code\":\"canceled\",\"message\":\"canceled by SIGTERM before the call was complete\",\
             \"hint\":\"it may have been accepted; look before you repeat it\",\"request\":{\"method\":\"PUT\",\
             \"path\":\"/v3/videos/…4Hd6\"},\"attempts\":1}}\n",
        )
        .start();
    server.wait_for_requests(1);
    running.terminate();
    running.dies_of(15);
}

#[test]
fn interrupted_message_starts_its_own_line() {
    let server = Server::always(Reply::stall_unanswered());
    let running = call(&server, &["put", "/v3/videos/v1"])
        .env("NO_COLOR", "1")
        .terminal(Stream::Stderr)
        .stderr(
            "\nerror: canceled by SIGINT before the call was complete\n\
             hint: it may have been accepted; look before you repeat it\n",
        )
        .start();
    server.wait_for_requests(1);
    running.interrupt();
    running.dies_of(2);
}

#[test]
fn canceled_pause_names_the_key() {
    let busy = r#"{"error":{"code":"internal_error","message":"Try later."}}"#;
    let server = Server::in_turn(vec![Reply::json(503, busy).header("Retry-After", "60")]);
    let running = call(&server, &["post", "/v3/videos", "-v", "--retry", "3"])
        .stderr(
            "> POST [BASE]/v3/videos\n< 503 Service Unavailable, [MS] ms\n\
             503 from the gateway; retrying in 60 s as HeyGen asks, with the same Idempotency-Key (attempt 2 of 4)\n\
             error: canceled by SIGINT before the call was complete\n\
             hint: it may have been accepted; repeat with `--idempotency-key [KEY]` and it is not paid \
             twice (24 h)\n",
        )
        .start();
    running.wait_for_text("retrying in 60 s");
    running.interrupt();
    running.dies_of(2);
}

/// A rate limit is a clear no: repeating the command does nothing twice.
#[test]
fn canceled_pause_after_a_rate_limit_is_silent() {
    let slow = r#"{"error":{"code":"rate_limit_exceeded","message":"Slow."}}"#;
    let server = Server::in_turn(vec![Reply::json(429, slow).header("Retry-After", "60")]);
    let running = call(&server, &["post", "/v3/videos", "-v", "--retry", "3"])
        .stderr(
            "> POST [BASE]/v3/videos\n< 429 Too Many Requests, [MS] ms\n\
             rate limited; retrying in 60 s as HeyGen asks, with the same Idempotency-Key (attempt 2 of 4)\n",
        )
        .start();
    running.wait_for_text("retrying in 60 s");
    running.interrupt();
    running.dies_of(2);
}

#[test]
fn canceled_upload_names_the_key() {
    let server = Server::always(Reply::stall_unread());
    let running = call(&server, &["post", "/v3/assets", "--body-file", "clip.mp4", "-v"])
        .file("clip.mp4", vec![7; 8 << 20])
        .stderr(
            "> POST [BASE]/v3/assets\n\
             error: canceled by SIGHUP before the call was complete\n\
             hint: it may have been accepted; repeat with `--idempotency-key [KEY]` and it is not paid \
             twice (24 h)\n",
        )
        .start();
    running.wait_for_text("> POST");
    running.signal(Signal::HUP);
    running.dies_of(1);
}

#[test]
fn unsent_post_is_canceled_in_silence() {
    let (reader, _writer) = io::pipe().expect("a pipe");
    let server = Server::in_turn(Vec::new());
    let test = call(&server, &["post", "/v3/videos", "--body-file", "-"]).stdin_from(reader);
    let running = test.sends(&[]).start();
    running.interrupt();
    running.dies_of(2);
}

#[test]
fn canceled_saving_names_the_key() {
    let check = |arguments: &[&str], hint: &str| {
        let speech = Reply::new(200, "audio/mpeg", vec![7; 1 << 20]);
        let server = Server::always(speech.announcing(2 << 20).stalling());
        let test = call(&server, arguments)
            .args(&["-O", "out.mp3"])
            .stderr(format!("error: canceled by SIGTERM after the call succeeded\nhint: {hint}\n"));
        let folder = test.work();
        let running = test.start();
        let sizes =
            || fs::read_dir(&folder).expect("a folder").flatten().map(|file| file.metadata());
        wait_until(|| sizes().flatten().any(|metadata| metadata.len() > 0));
        running.terminate();
        assert_eq!(running.dies_of(15).files(), [""; 0]);
    };
    check(&["post", "/v3/voices/speech"], "the call itself succeeded, do not repeat it");
    check(
        &["post", "/v3/voices/speech", "--idempotency-key", "order-7"],
        "the call itself succeeded, do not repeat it\nhint: `--idempotency-key order-7` returns the same response again, unpaid (24 h)",
    );
}

#[cfg(feature = "jq")]
#[test]
fn canceled_filter_shows_the_data() {
    let server = Server::always(Reply::json(200, r#"{"data":{"audio_url": "u"}}"#));
    let mut command = heygen(&["post", "/v3/voices/speech", "-q", "repeat(.audio_url)"]);
    command.env("HEYGEN_API_BASE", server.base()).env("HEYGEN_ERROR_FORMAT", "text");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("stdout");
    let printed = io::Read::read(&mut stdout, &mut [0; 2]);
    assert_eq!(printed.expect("the filter prints"), 2);
    signal(&child, Signal::TERM);
    let stderr = io::read_to_string(child.stderr.take().expect("stderr")).expect("text");
    assert_eq!(
        stderr,
        "error: canceled by SIGTERM after the call succeeded\n  data: {\"audio_url\":\"u\"}\n\
         hint: the call itself succeeded, do not repeat it\n"
    );
    assert_eq!(ended(&mut child), Some(15));
}

/// `trap '' INT` in a script, and `nohup`, leave a signal ignored for what they start.
#[test]
fn ignored_signals_stay_ignored() {
    for (name, signal) in
        [("INT", Signal::INT), ("TERM", Signal::TERM), ("HUP", Signal::HUP), ("QUIT", Signal::QUIT)]
    {
        let reply = Reply::json(200, r#"{"data":"done"}"#).on_demand();
        let server = Server::always(reply);
        let script = format!("trap '' {name}; exec \"$0\" post /v3/videos -O out.json");
        let running = Test::program("sh", &["-c", &script])
            .arg(assert_cmd::cargo::cargo_bin!("heygen"))
            .server(&server)
            .start();
        server.wait_for_requests(1);
        running.signal(signal);
        server.drip(100);
        assert_eq!(running.exits(0).file("out.json"), b"\"done\"\n");
    }
}

/// A message without a reader must not keep the program alive.
#[cfg(target_os = "linux")]
#[test]
fn full_stderr_delays_no_death() {
    let server = Server::always(Reply::stall_unanswered());
    let (_reader, mut stderr) = io::pipe().expect("a pipe");
    stderr.write_all(&[b'.'; 64 * 1024]).expect("a full pipe");
    let mut child = heygen(&["post", "/v3/videos"])
        .env("HEYGEN_API_BASE", server.base())
        .stderr(stderr)
        .spawn()
        .expect("the program starts");
    server.wait_for_requests(1);
    signal(&child, Signal::INT);
    assert_eq!(ended(&mut child), Some(2));
}

#[test]
fn prompt_restores_the_terminal() {
    for end in ENDS {
        let mut prompt = Prompt::open();
        signal(&prompt.child, end);
        assert_eq!(ended(&mut prompt.child), Some(end.as_raw()));
        assert!(prompt.echoes(), "{end:?}");
    }
}

#[test]
fn prompt_is_silent_after_a_stop() {
    let mut prompt = Prompt::open();
    signal(&prompt.child, Signal::STOP);
    // As a shell does while the program is stopped.
    let mut modes = tcgetattr(&prompt.screen).expect("a terminal has modes");
    modes.local_modes |= LocalModes::ECHO;
    tcsetattr(&prompt.screen, OptionalActions::Now, &modes).expect("a terminal takes modes");
    signal(&prompt.child, Signal::CONT);
    wait_until(|| !prompt.echoes());
    signal(&prompt.child, Signal::TERM);
    assert_eq!(ended(&mut prompt.child), Some(15));
    assert!(prompt.echoes());
}

/// `auth login` that asks for a key.
struct Prompt {
    child: Child,
    screen: File,
    _terminal: Terminal,
    _home: TempDir,
}

impl Prompt {
    fn open() -> Prompt {
        let terminal = Terminal::open(80, 24).expect("a pseudo terminal");
        let home = TempDir::new().expect("a temporary folder");
        let stdio = || terminal.stdio().expect("a terminal");
        let mut command = heygen(&["auth", "login"]);
        command.env_remove("HEYGEN_API_KEY").env("HOME", home.path()).current_dir(home.path());
        command.stdin(stdio()).stdout(stdio()).stderr(stdio());
        let child = command.spawn().expect("the program starts");
        let screen = terminal.ours().expect("a terminal");
        let prompt = Prompt { child, screen, _terminal: terminal, _home: home };
        wait_until(|| !prompt.echoes());
        prompt
    }

    /// Returns whether the terminal echoes input.
    fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.screen).expect("a terminal has modes").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ISIG | LocalModes::ICANON)
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn heygen(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("heygen"));
    command.args(arguments).env_clear().env("HEYGEN_API_KEY", KEY);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a child of ours can be signalled");
}

/// The signal that a child died of.
fn ended(child: &mut Child) -> Option<i32> {
    let mut status = None;
    wait_until(|| {
        status = child.try_wait().expect("a child of ours can be waited for");
        status.is_some()
    });
    status.and_then(|status| status.signal())
}

fn wait_until(mut has_come: impl FnMut() -> bool) {
    let started = Instant::now();
    while !has_come() {
        assert!(started.elapsed() < PATIENCE, "it never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The head and the body fill the pipe, and nobody reads it.
#[test]
fn canceled_report_of_a_failure_is_made_all_the_same() {
    let (mut reader, writer) = io::pipe().expect("a pipe");
    let broken =
        format!(r#"{{"error":{{"code":"internal_error","message":"{}"}}}}"#, "m".repeat(1 << 17));
    let server = Server::always(Reply::json(500, &broken));
    let running = call(&server, &["post", "/v3/videos", "-i", "--retry", "0"])
        .stdout_to(writer)
        .stderr(crate::support::Expectation::anything())
        .start();
    io::Read::read_exact(&mut reader, &mut [0; 8]).expect("the head");
    running.terminate();
    let stderr = running.dies_of(15).stderr;
    assert!(stderr.starts_with("error: 500 internal_error: m"), "{stderr}");
    assert!(stderr.contains("hint: it may have been accepted; repeat with `--idem"), "{stderr}");
}
