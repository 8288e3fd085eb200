//! The examples in the README and the help, run as they are against a server that stands in for
//! HeyGen.
//!
//! A block of `sh` runs as one script and must succeed without a word on stderr. A block of
//! `console` is a session at a terminal: each line behind a `$` is run, and all output is compared.
//! Of a block of `yaml` the commands of its steps run. A block of `text` is for readers only.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::{KEY, Recorded, Reply, Server, Stream, Test};

const SELF: &str = r#"{"data":{"key_id":"key_0a1b2c3d","key_name":"laptop","status":"active","scope_mode":"full","scopes":["*:*"],"created_at":"MADE","updated_at":"MADE","expires_at":null,"expires_in_seconds":null}}"#;

const ME: &str = r#"{"data":{"billing_type":"wallet","email":"ana@example.com","first_name":"Ana","last_name":"B","username":"anab","wallet":{"currency":"usd","remaining_balance":12.4}}}"#;

const VIDEO: &str =
    r#"{"id":"vid_0a1b2c3d","title":"Launch teaser","status":"completed","duration":30.5}"#;

/// The video with links to its files.
const FINISHED: &str = r#"{"data":{"id":"vid_0a1b2c3d","status":"completed","video_url":"[BASE]/files/v.mp4?s=1","subtitle_url":"[BASE]/files/v.srt?s=1"}}"#;

const VOICE: &str = r#"{"voice_id":"1bd001e7e50f421d891986aad5c8bbd2","name":"Example","language":"English","gender":"female"}"#;

/// A list of looks in two pages.
const LOOKS: [&str; 2] = [
    r#"{"data":[{"id":"look_1","name":"Abigail (Upper Body)","avatar_type":"studio_avatar","tags":["UPPER"]},{"id":"look_2","name":"阿德里安","avatar_type":"photo_avatar","tags":[]}],"has_more":true,"next_token":"p2"}"#,
    r#"{"data":[{"id":"look_3","name":"Bea, in the garden","avatar_type":"studio_avatar","tags":[]}],"has_more":false,"next_token":null}"#,
];

const UNAUTHORIZED: &str = r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#;

const BAD_LIMIT: &str = r#"{"error":{"code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","doc_url":null}}"#;

/// Programs that the examples name and that keep keys: here they know one.
const KEEPERS: &[(&str, &str)] = &[
    (
        "op",
        "case $1 in run) while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\" ;; *) echo KEY ;; esac",
    ),
    ("pass", "echo KEY"),
    ("vault", "echo KEY"),
];

/// Programs that the examples use as they are. Without them those examples cannot run.
const HELPERS: &[&str] = &["jq", "bash", "curl"];

/// The server that stands in for HeyGen.
fn heygen(request: &Recorded) -> Reply {
    if request.target.starts_with("/files/") {
        assert_eq!(request.header("x-api-key"), None);
        return Reply::new(200, "application/octet-stream", "bytes").header("ETag", "\"1\"");
    }
    if request.header("x-api-key") != Some(KEY) {
        return Reply::json(401, UNAUTHORIZED);
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let body = match (request.method.as_str(), path) {
        ("GET", "/v3/api_keys/self") => SELF.replace("MADE", &made()),
        ("GET", "/v3/users/me") => ME.to_owned(),
        ("GET", "/v3/videos") if request.target.contains("limit=500") => {
            return Reply::json(400, BAD_LIMIT);
        }
        ("GET", "/v3/videos") => {
            format!(r#"{{"data":[{VIDEO}],"has_more":false,"next_token":null}}"#)
        }
        ("GET", "/v3/voices") => {
            format!(r#"{{"data":[{VOICE}],"has_more":false,"next_token":null}}"#)
        }
        ("GET", "/v3/avatars/looks") => {
            LOOKS[usize::from(request.target.contains("token=p2"))].to_owned()
        }
        ("GET", "/v3/videos/vid_0a1b2c3d") => FINISHED.to_owned(),
        ("GET", "/v3/videos/gone") => {
            return Reply::json(
                404,
                r#"{"error":{"code":"not_found","message":"Video not found."}}"#,
            );
        }
        ("POST", "/v3/videos") => {
            r#"{"data":{"video_id":"vid_0a1b2c3d","status":"waiting"}}"#.to_owned()
        }
        _ => format!(r#"{{"data":{VIDEO}}}"#),
    };
    Reply::json(200, &body)
}

/// The day on which the key was made: twenty days ago, so that the report is the same every day.
fn made() -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(20 * 24)).to_string()
}

/// A script, in a folder with the files that the examples name and a key in `.env`.
fn script<'s>(shell: &str, script: &str, server: &'s Server) -> Test<'s> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(root.join(".env.example")).expect(".env.example");
    let test = Test::program(shell, &["-c", script])
        .server(server)
        .no_key()
        .secret(KEY)
        .key_may_be_in_home_file(".heygen/credentials")
        .stdin(format!("{KEY}\n"))
        .file(".env.example", &example)
        .file(".env", example.replace("=...", &format!("={KEY}")))
        .file("key.txt", KEY)
        .file("video.json", r#"{"type":"avatar","avatar_id":"A","script":"Hello","voice_id":"V"}"#)
        .dir("videos")
        .file("portrait.png", b"\x89PNG\r\n\x1a\n")
        .file("script.txt", "Hello,\nand welcome.\n")
        .file("subtitles.txt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n")
        .file("talk.mp3", b"ID3\x04")
        .file("people.csv", "id,name\n1,Ana\n2,Ben\n")
        .file("srt.json", r#"{"srt":{"type":"url","url":"https://example.com/a.srt"}}"#)
        .home_file(".config/fish/completions/other.fish", "");
    let programs = test.home().join("bin");
    fs::create_dir(&programs).expect("a folder");
    symlink(assert_cmd::cargo::cargo_bin!("heygen"), programs.join("heygen")).expect("a link");
    for (name, body) in KEEPERS {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n{}\n", body.replace("KEY", KEY))).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }
    let own = test.work().join("script.sh");
    fs::write(&own, "#!/bin/sh\nheygen auth check --quiet\n").expect("a script");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let path = std::env::var("PATH").unwrap_or_default();
    test.env("PATH", &format!("{}:{path}", programs.display()))
}

/// Returns whether all programs that the text uses are installed; reports the missing ones.
fn can_run(text: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(&paths).any(|path| path.join(name).exists());
    let uses = |name: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == name)
            || name == "bash" && needs_bash(text)
    };
    let mut missing: Vec<&str> =
        HELPERS.iter().copied().filter(|helper| uses(helper) && !is_there(helper)).collect();
    if cfg!(not(feature = "jq")) && text.contains(" -q ") {
        missing.push("jq (of heygen)");
    }
    if !missing.is_empty() {
        // Past the test runner, which keeps what passing tests print to itself.
        let note = format!("NOT RUN, {missing:?} is not installed:\n{text}\n");
        let _ = std::io::stderr().lock().write_all(note.as_bytes());
    }
    missing.is_empty()
}

fn needs_bash(text: &str) -> bool {
    text.contains("<(")
}

/// Runs what must succeed without a word on stderr.
#[track_caller]
fn succeeds(text: &str) {
    // A mock without a command serves until Ctrl-C.
    if !can_run(text) || text.starts_with("heygen mock ") && !text.contains(" -- ") {
        return;
    }
    let server = Server::start(heygen);
    let text = &text.replace("https://files2.heygen.ai", &format!("{}/files", server.base()));
    let shell = if needs_bash(text) { "bash" } else { "sh" };
    // Whoever logs out has logged in.
    let stored = format!(r#"{{"api_key":"{KEY}"}}"#);
    let outcome = script(shell, &format!("set -e\n{text}"), &server)
        .home_file(".heygen/credentials", stored)
        .stdin(if text.contains("mock -- bash") { String::new() } else { format!("{KEY}\n") })
        .run();
    // The one line that a success has: the ID of a job, so that it is not lost.
    let lines = outcome.stderr.lines().filter(|line| !line.starts_with("{\"job\":"));
    let stderr: Vec<&str> = lines.collect();
    assert_eq!((outcome.code, stderr), (Some(0), Vec::new()), "{text}");
}

/// The blocks of a language in the README.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("README.md");
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn readme_scripts_succeed() {
    let blocks = blocks("sh");
    assert!(blocks.len() >= 6, "the README has lost its scripts");
    for block in blocks {
        // Building and testing is what happens right now.
        let block = block.replace("cargo run --release --locked -- ", "heygen ");
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with("cargo ")).collect();
        let script = lines.join("\n");
        // As a reader would try it: in `heygen mock -- bash`.
        let quoted = format!("set -e\n{script}").replace('\'', r"'\''");
        succeeds(&format!("heygen mock -- bash -c '{quoted}'"));
    }
}

#[test]
fn readme_sessions_match_the_terminal() {
    let blocks = blocks("console");
    assert!(blocks.len() >= 3, "the README has lost its sessions");
    for block in blocks {
        let (mut entered, mut shown) = (String::from("exec 2>&1\n"), String::new());
        for line in block.lines() {
            let (text, line) = match line.strip_prefix("$ ") {
                Some(command) => (&mut entered, command),
                None => (&mut shown, line),
            };
            text.push_str(line);
            text.push('\n');
        }
        if !can_run(&entered) {
            continue;
        }
        let server = Server::start(heygen);
        let outcome = script("sh", &entered, &server)
            .stdin(KEY)
            .terminal(Stream::Both)
            .env("NO_COLOR", "1")
            .run();
        assert_eq!(
            without_changing_numbers(&outcome.stdout, &server.base()),
            without_changing_numbers(&shown, "https://api.heygen.com"),
            "{block}"
        );
    }
}

/// The text without what differs from day to day and from call to call.
fn without_changing_numbers(text: &str, base: &str) -> String {
    let mut lines = Vec::new();
    for line in text.replace(base, "").lines() {
        let is_counted =
            ["  since ", "  server ", "mock: "].iter().any(|start| line.starts_with(start));
        lines.push(if is_counted {
            line.replace(|c: char| c.is_ascii_digit(), "")
        } else {
            line.to_owned()
        });
    }
    lines.join("\n")
}

#[test]
fn readme_pipeline_steps_succeed() {
    let blocks = blocks("yaml");
    assert!(blocks.len() >= 2, "the README has lost its pipelines");
    for block in blocks {
        let mut steps = 0;
        for line in block.lines() {
            let step = line.trim().trim_start_matches("- ").trim_start_matches("run: ");
            if step.starts_with("heygen ") {
                steps += 1;
                succeeds(step);
            }
        }
        assert!(steps > 0, "no step of this runs heygen:\n{block}");
    }
}

#[test]
fn help_examples_succeed() {
    let mut commands = vec![Vec::new()];
    let mut examples = 0;
    while let Some(command) = commands.pop() {
        let help = help(&command);
        for line in section(&help, "Commands:") {
            let name = line.split_whitespace().next().unwrap_or_default().to_owned();
            commands.push([command.clone(), vec![name]].concat());
        }
        // The general help names the less common ones in one line.
        for names in help.lines().filter_map(|line| line.strip_prefix("Others: ")) {
            commands.extend(names.split(", ").map(|name| vec![name.to_owned()]));
        }
        for line in section(&help, "Examples:") {
            examples += 1;
            succeeds(line.trim());
        }
    }
    assert!(examples >= 20, "only {examples} examples were found");
}

#[test]
fn topic_examples_succeed() {
    let overview = help(&[]);
    let (_, names) = overview.split_once("  heygen help TOPIC ").expect("topics");
    let names = names.split("\nThe key").next().unwrap_or_default();
    let mut examples = 0;
    for topic in names.split([',', ' ', '\n']).filter(|word| !word.is_empty()) {
        let text = Test::new(&["help", topic]).no_key().run().stdout;
        for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
            let is_command = ["heygen ", "op ", "vault ", "HEYGEN_API_KEY=\""]
                .iter()
                .any(|start| line.starts_with(start));
            // A certificate and PowerShell are not here.
            if is_command && !line.contains("--ca-cert") && !line.contains("Out-String") {
                examples += 1;
                succeeds(line);
            }
        }
    }
    assert!(examples >= 10, "only {examples} examples were found");
}

fn help(command: &[String]) -> String {
    let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    let outcome = Test::new(&arguments).run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    outcome.stdout
}

/// The lines of a help below a heading, up to the next blank one.
fn section<'h>(help: &'h str, heading: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    lines
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .collect()
}

#[test]
fn readme_names_every_variable() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("README.md");
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = String::from_utf8_lossy(&fs::read(&path).expect("a source")).into_owned();
            let product = source.split("#[cfg(test)]").next().unwrap_or_default();
            for part in product.split("\"HEYGEN_").skip(1) {
                let name = format!("HEYGEN_{}", part.split('"').next().unwrap_or_default());
                let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
                assert!(
                    !is_name || readme.contains(&format!("`{name}`")),
                    "{name} of {} is not in the README",
                    path.display()
                );
            }
        }
    }
}
