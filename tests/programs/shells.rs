//! The completion scripts in real shells, with Tab pressed.
//!
//! A shell that is missing is said on stderr and skipped, unless `HEYGEN_TEST_EVERYTHING` is set,
//! as `.ci/run` does.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{KEY, Terminal};

/// The time limit for a shell's response; only a hanging one reaches it.
const PATIENCE: Duration = Duration::from_secs(20);

/// To the beginning of the line, in all three shells.
const HOME: &str = "\x01";

/// A shell at a terminal, with the script loaded.
struct Shell {
    child: Child,
    keyboard: fs::File,
    screen: Receiver<Vec<u8>>,
    shown: String,
    _terminal: Terminal,
    _folder: TempDir,
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shell {
    /// Starts the shell; `None`, with a message, if it is not installed.
    fn start(name: &'static str) -> Option<Shell> {
        // A shell without a controlling terminal has no Ctrl-C, and fish does not even start.
        for needed in [name, "setsid"] {
            if Command::new(needed).arg("--version").output().is_err() {
                let missing = format!("{needed} is not installed");
                assert!(std::env::var_os("HEYGEN_TEST_EVERYTHING").is_none(), "{missing}");
                // `eprintln!` would be held back in a test that passes.
                let _ = writeln!(std::io::stderr(), "SKIPPED, {missing}");
                return None;
            }
        }
        let folder = TempDir::new().expect("a temporary folder");
        let program = Path::new(assert_cmd::cargo::cargo_bin!("heygen"));
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", program.parent().expect("a folder").display());
        for file in ["video.json", "two words.json", "clip.mp4"] {
            fs::write(folder.path().join(file), "{}").expect("a file");
        }
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
        let scripts = scripts.display();
        let (arguments, set_up) = match name {
            "bash" => (
                ["--noprofile", "--norc", "-i"].as_slice(),
                format!("source {scripts}/heygen.bash"),
            ),
            // As distributions load it: a file of a folder in `fpath`.
            "zsh" => (
                ["-f", "-i"].as_slice(),
                format!("fpath=({scripts} $fpath); autoload -U compinit; compinit -u -D"),
            ),
            _ => (["--no-config", "-i"].as_slice(), format!("source {scripts}/heygen.fish")),
        };
        let terminal = Terminal::open(200, 50).expect("a pseudo terminal");
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", "--wait", name])
            .args(arguments)
            .current_dir(folder.path())
            .env_clear();
        command.env("PATH", path).env("HOME", folder.path()).env("TERM", "xterm");
        command.env("LC_ALL", "C.UTF-8").env("HEYGEN_API_KEY", KEY);
        command.stdin(terminal.stdio().expect("a terminal"));
        command.stdout(terminal.stdio().expect("a terminal"));
        command.stderr(terminal.stdio().expect("a terminal"));
        let child = command.spawn().expect("the shell starts");
        let screen = watch(terminal.ours().expect("a terminal"));
        let keyboard = terminal.ours().expect("a terminal");
        let shown = String::new();
        let mut shell =
            Shell { child, keyboard, screen, shown, _terminal: terminal, _folder: folder };
        shell.type_in(&format!("{set_up}; echo rea''dy\r"));
        shell.wait_for(&["ready"]);
        Some(shell)
    }

    fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Reads the screen until all of these texts have come since the last time.
    fn wait_for(&mut self, texts: &[&str]) {
        let started = Instant::now();
        while !texts.iter().all(|text| self.shown.contains(text)) {
            let left = PATIENCE.saturating_sub(started.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{texts:?} did not come: {:?}", self.shown),
            }
        }
        self.shown.clear();
    }

    /// Checks a line after Tab: the shell prints it instead of running it.
    fn check(&mut self, entered: &str, expected: &str) {
        self.type_in(entered);
        self.type_in("\t");
        self.type_in(&format!("]\"{HOME}echo \"[\r"));
        self.wait_for(&[&format!("[{expected}]")]);
    }

    /// Checks the candidates listed after Tab, and ends the shell.
    fn offers(mut self, entered: &str, tabs: &str, expected: &[&str]) {
        self.type_in(&format!("{entered}{tabs}"));
        self.wait_for(expected);
    }
}

/// Sends the output of a terminal as it comes.
fn watch(mut output: fs::File) -> Receiver<Vec<u8>> {
    let (sender, screen) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    screen
}

/// The input before Tab, and the line after it.
const CASES: [(&str, &str); 35] = [
    ("heygen ge", "heygen get "),
    ("heygen auth ch", "heygen auth check "),
    ("heygen help exit", "heygen help exit-codes "),
    ("heygen completions pow", "heygen completions powershell "),
    ("heygen get --dry", "heygen get --dry-run "),
    ("heygen get --color al", "heygen get --color always "),
    ("heygen get --color=al", "heygen get --color=always "),
    ("heygen get /v3/videos --as ht", "heygen get /v3/videos --as httpx "),
    ("heygen get /v3/api", "heygen get /v3/api_keys/self "),
    ("heygen post v3/video-agents/s1/s", "heygen post v3/video-agents/s1/stop "),
    ("heygen patch /v3/avatars/l", "heygen patch /v3/avatars/looks/"),
    ("heygen get --api-key-file vi", "heygen get --api-key-file video.json "),
    ("heygen post /v3/videos -d @vi", "heygen post /v3/videos -d @video.json "),
    ("heygen post /v3/videos -d @tw", "heygen post /v3/videos -d @two\\ words.json "),
    ("heygen get /v3/videos -o com", "heygen get /v3/videos -o compact "),
    ("heygen get /v3/videos -Q fol", "heygen get /v3/videos -Q folder_id="),
    ("heygen post /v3/videos -f type=cin", "heygen post /v3/videos -f type=cinematic_avatar "),
    ("heygen post /v3/videos -F aspect", "heygen post /v3/videos -F aspect_ratio="),
    ("heygen post /v3/videos -f resolution=7", "heygen post /v3/videos -f resolution=720p "),
    ("heygen post /v3/videos -f aspect_ratio=9", "heygen post /v3/videos -f aspect_ratio=9:16 "),
    (
        "heygen post /v3/videos -F voice_settings\\[sp",
        "heygen post /v3/videos -F voice_settings\\[speed\\]=",
    ),
    ("heygen endpoints show POST /v3/voices/sp", "heygen endpoints show POST /v3/voices/speech "),
    ("heygen hyper", "heygen hyperframes "),
    ("heygen video cr", "heygen video create "),
    ("heygen video-translate proof", "heygen video-translate proofreads "),
    ("heygen video create --asp", "heygen video create --aspect-ratio "),
    ("heygen video create --type cin", "heygen video create --type cinematic_avatar "),
    ("heygen video create --type=st", "heygen video create --type=studio "),
    ("heygen video create --resolution 7", "heygen video create --resolution 720p "),
    ("heygen video list --limit 5 --fol", "heygen video list --limit 5 --folder-id "),
    ("heygen video create -d @vi", "heygen video create -d @video.json "),
    ("heygen video list -o com", "heygen video list -o compact "),
    ("heygen auth check --need videos:w", "heygen auth check --need videos:write "),
    ("heygen post /v3/videos -d @~/vi", "heygen post /v3/videos -d @~/video.json "),
    ("heygen post /v3/assets --form file=@cl", "heygen post /v3/assets --form file=@clip.mp4 "),
];

fn all_cases(name: &'static str) {
    let Some(mut shell) = Shell::start(name) else { return };
    for (entered, expected) in CASES {
        // zsh quotes the `~`, which no shell expands behind an `@`.
        let expected = if name == "zsh" { expected.replace("@~", "@\\~") } else { expected.into() };
        shell.check(entered, &expected);
    }
    // bash lists at the second Tab, where the others would choose.
    let tabs = if name == "bash" { "\t\t" } else { "\t" };
    shell.offers("heygen ", tabs, &["auth", "delete", "completions"]);
}

#[test]
fn bash_completes() {
    all_cases("bash");
}

#[test]
fn zsh_completes() {
    all_cases("zsh");
}

#[test]
fn fish_completes() {
    all_cases("fish");
}
