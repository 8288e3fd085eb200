//! `--as`: the printed programs are run, and send what `heygen` itself sends.
//!
//! The programs need curl, Node with axios, and Python with requests and httpx. What is missing is
//! said on stderr and skipped, unless `HEYGEN_TEST_EVERYTHING` is set, as `.ci/run` does after it
//! has put axios into `target/snippets/node_modules` and the rest into `target/snippets/venv`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{KEY, Recorded, Reply, Server, Test, str};

/// Characters with a special meaning in shells, languages, URLs, forms and terminals.
const HOSTILE: [&str; 34] = [
    "it's",
    "\"quoted\"",
    "'\"both\"'",
    "'''\"\"\"```",
    "line\nbreak",
    "\r\n",
    "trailing\n\n",
    "\ttab\t",
    "$HOME ${HOME} $(id) `id`",
    "${process.env.HOME} {os.environ}",
    "\\",
    "back\\slash \\n \\u0041 \\x41 \\",
    "\\'",
    "%s %d %% %41 %zz %",
    "ünï 漢字 😀",
    "\u{1b}[31mred\u{7}\u{7f}\u{85}",
    "\u{1}\u{1f}",
    "\u{2028}\u{2029}\u{202e}\u{feff}\u{ad}",
    "\u{e0041}\u{10ffff}",
    "@/etc/passwd",
    "</etc/passwd",
    "a;type=text/html;filename=x",
    "{a,b}[1-3]",
    "  blanks  ",
    "",
    "-n",
    "--data",
    "#{x} <%= y %> {{z}}",
    "!history !$ ~",
    "null",
    "007",
    "a+b&c=d#e?f/g:h",
    "*",
    "__proto__",
];

/// Files that bodies are made of.
const FILES: [(&str, &[u8]); 6] = [
    ("portrait.png", b"\x89PNG\r\n\x1a\n\0\xff not text \0"),
    ("it's \"a\" $(file); `x`,\\n.mp4", b"\0\0\0\x18ftypmp42 bytes"),
    ("-", b"a file with the name of stdin"),
    ("漢字.srt", "1\n00:00:00,000 --> 00:00:01,000\né\n".as_bytes()),
    ("empty.bin", b""),
    ("body.json", b"{\n  \"title\": \"in a file\",\n\t\"n\": 1.10\n}\n"),
];

/// The server's response to all of them.
const RESPONSE: &str = r#"{"data":{"id":"v1"}}"#;

/// A call: its arguments and its stdin.
struct Case {
    arguments: Vec<String>,
    stdin: Option<Vec<u8>>,
}

fn case(arguments: &[&str]) -> Case {
    Case { arguments: arguments.iter().map(|text| (*text).to_owned()).collect(), stdin: None }
}

fn with_stdin(arguments: &[&str], stdin: &[u8]) -> Case {
    Case { stdin: Some(stdin.to_vec()), ..case(arguments) }
}

/// Calls of all verbs and all kinds of bodies, with every hostile text in every place that takes it.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for text in HOSTILE {
        let query = format!("q={text}");
        let twice = format!("q=again{text}");
        let header = format!("X-Text: {text}");
        let is_header = !text.chars().any(|c| c.is_ascii_control() && c != '\t');
        let field = format!("script={text}");
        let mut arguments = vec!["-Q", &query];
        if is_header {
            arguments.extend(["-H", &header]);
        }
        let read = [&["get", "/v3/videos"], &arguments[..], &["-Q", &twice]].concat();
        cases.push(case(&read));
        let create = [&["post", "/v3/videos"], &arguments[..], &["-f", &field, "-F", "n=12"]];
        cases.push(case(&create.concat()));
        let form = ["put", "/v3/assets/1", "--form", &field, "--form", "file=@portrait.png"];
        cases.push(case(&form));
        if !text.is_empty() && !text.contains('=') {
            let name = format!("{text}=value");
            let (query, form) = (format!("--query={name}"), format!("--form={name}"));
            cases.push(case(&["patch", "/v3/x", &query, &form]));
        }
        if !text.is_empty() && !text.contains(['=', '[', ']']) {
            let name = format!("{text}=value");
            let field = format!("--raw-field={name}");
            cases.push(case(&["patch", "/v3/x", &field, "-F", "more[list][]=1.5"]));
        }
    }
    for endpoint in [
        "/v3/videos/v1",
        "/v2/avatars?a=b",
        "/v3/a%2Fb%20c?d=%2F%26",
        "/v3/'a'(b)*;c,d=e:f@g!$&h~?i='j'(k)*;l,m=n:o@p!$&q~/?r",
        "/v3/x[y]?z[]={1}&w=100%",
        "/v3/ünï?漢=字",
        "/v3/%C3%bc?%7e=%41",
    ] {
        cases.push(case(&["get", endpoint]));
        cases.push(case(&["head", endpoint, "-Q", "added=x y"]));
        cases.push(case(&["delete", endpoint, "-f", "force=true"]));
    }
    for json in [
        r#"{"big":12345678901234567890,"d":1.10,"e":1e400,"E":1E5,"z":-0,"f":0.1,"n":9007199254740993}"#,
        r#"{"n":9007199254740991,"m":-5,"half":0.5,"list":[1,[],{}],"yes":true,"no":false,"null":null}"#,
        r#"{"2":1,"1":2,"a":3}"#,
        r#"{"__proto__":{"a":1},"b":2}"#,
        r#"{"a":1,"a":2}"#,
        r#"{ "spaced" : [ 1 , 2 ] }"#,
        r#"  {"around":1}  "#,
        r#"{"lone":"\ud800","escaped":"\u00e9\/\u001f","raw":"é"}"#,
        r#"["a","b"]"#,
        r#""text""#,
        "null",
        "12",
        "{}",
        "@body.json",
    ] {
        cases.push(case(&["post", "/v3/videos", "-d", json]));
    }
    let nested = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let long = format!("{{\"script\":\"{}\"}}", "it's 100% é\\n".repeat(20_000));
    cases.push(case(&["post", "/v3/videos", "-d", &nested]));
    cases.push(with_stdin(&["post", "/v3/videos", "-d", "-"], long.as_bytes()));
    cases.push(case(&["post", "/v3/videos"]));
    cases.push(case(&["put", "/v3/x", "-f", "a=1", "-H", "Content-Type: application/merge+json"]));
    cases.push(case(&["post", "/v3/x", "-H", "X-Twice: 1", "-H", "x-twice: 2", "-H", "X-No:"]));
    cases.push(case(&["post", "/v3/x", "-H", "Cookie: a=1", "-H", "Authorization: Bearer t"]));
    cases.push(case(&["delete", "/v3/x", "-d", r#"{"ids":["a","b"]}"#]));
    for (name, _) in FILES.iter().filter(|(name, _)| *name != "-") {
        cases.push(case(&["post", "/v1/asset", "--body-file", name]));
        let part = format!("file=@{name}");
        let given = format!("again=@{name};type=Text/Plain; charset=\"utf-8\"");
        cases.push(case(&["post", "/v3/assets", "--form", &part, "--form", &given]));
    }
    cases.push(case(&["put", "/v1/asset", "--body-file", "./-", "--content-type", "video/mp4"]));
    cases.push(case(&["delete", "/v1/asset", "--body-file", "portrait.png"]));
    let bytes = [b"\0\xffstdin\r\n".as_slice(), &[b'x'; 100_000]].concat();
    cases.push(with_stdin(&["post", "/v1/asset", "--body-file", "-"], &bytes));
    cases.push(with_stdin(&["post", "/v3/assets", "--form", "file=@-", "--form", "a=b"], &bytes));
    cases
}

/// The interpreter of a language.
struct Runner {
    language: &'static str,
    extension: &'static str,
    command: PathBuf,
    /// A program that runs many programs in turn: a process for each costs minutes.
    batch: Option<&'static str>,
}

const NODE_BATCH: &str = "\
import { pathToFileURL } from 'node:url';
for (const path of process.argv.slice(2)) {
  try { await import(pathToFileURL(path)); } catch (error) { console.error(path, error); }
}
";

const PYTHON_BATCH: &str = "\
import runpy, sys, traceback
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name='__main__')
    except BaseException:
        print(path, traceback.format_exc(), file=sys.stderr)
";

impl Runner {
    /// The runner of a language; `None`, with a message, if a program is missing.
    fn of(language: &'static str) -> Option<Runner> {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/snippets");
        let own_python = kept.join("venv/bin/python");
        let python = if own_python.exists() { own_python } else { PathBuf::from("python3") };
        let (extension, command, check, batch) = match language {
            "curl" => ("sh", PathBuf::from("sh"), "command -v curl", None),
            "fetch" => ("mjs", PathBuf::from("node"), "new FormData()", Some(NODE_BATCH)),
            "axios" => ("mjs", PathBuf::from("node"), "require('axios')", Some(NODE_BATCH)),
            "requests" => ("py", python, "import requests", Some(PYTHON_BATCH)),
            "httpx" => ("py", python, "import httpx", Some(PYTHON_BATCH)),
            _ => return None,
        };
        let flag = if extension == "mjs" { "-e" } else { "-c" };
        let checked =
            Command::new(&command).args([flag, check]).current_dir(existing(&kept)).output();
        if checked.is_ok_and(|output| output.status.success()) {
            return Some(Runner { language, extension, command, batch });
        }
        let missing = format!("what runs `--as {language}` is not installed");
        assert!(std::env::var_os("HEYGEN_TEST_EVERYTHING").is_none(), "{missing}");
        // `eprintln!` would be held back in a test that passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED, {missing}");
        None
    }

    /// A folder with the files that calls name, in which modules of Node are found.
    fn folder(&self) -> TempDir {
        let folder = TempDir::new().expect("a temporary folder");
        for (name, content) in FILES {
            fs::write(folder.path().join(name), content).expect("a file");
        }
        if self.language == "axios" {
            let modules =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("target/snippets/node_modules");
            std::os::unix::fs::symlink(modules, folder.path().join("node_modules"))
                .expect("a link");
        }
        folder
    }

    fn run(&self, folder: &Path, arguments: &[String], stdin: Option<&[u8]>) -> Output {
        let mut command = Command::new(&self.command);
        command.args(arguments).current_dir(folder).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", folder).env("HEYGEN_API_KEY", KEY).env("PYTHONUTF8", "1");
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        if let (Some(bytes), Some(mut pipe)) = (stdin, child.stdin.take()) {
            // A program that has its body in itself reads none.
            let _ = pipe.write_all(bytes);
        }
        child.wait_with_output().expect("the program ends")
    }

    /// Writes the program that `heygen` prints for a call, and returns its name.
    fn program(&self, folder: &Path, number: usize, case: &Case, base: &str) -> String {
        let mut arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
        arguments.extend(["--as", self.language]);
        let printed = prepared(&arguments, case, base).no_key().run();
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let name = format!("call{number}.{}", self.extension);
        fs::write(folder.join(&name), printed.stdout_bytes).expect("a file");
        name
    }
}

fn existing(folder: &Path) -> &Path {
    if folder.exists() { folder } else { Path::new(".") }
}

/// `heygen` with these arguments, beside the files.
fn prepared<'t>(arguments: &[&str], case: &Case, base: &str) -> Test<'t> {
    let mut test = Test::new(arguments).base(base);
    for (name, content) in FILES {
        test = test.file(name, content);
    }
    match &case.stdin {
        Some(bytes) => test.stdin(bytes.clone()),
        None => test,
    }
}

/// A request as it is compared.
#[derive(Debug, PartialEq)]
struct Sent {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<String>,
}

/// Headers in which programs may differ, and those about framing.
const NOT_COMPARED: [&str; 13] = [
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "sec-fetch-mode",
    "connection",
    "host",
    "content-length",
    "transfer-encoding",
    "expect",
    "idempotency-key",
    "keep-alive",
    "priority",
];

impl Sent {
    fn of(request: &Recorded, prefix: &str) -> Sent {
        let mut line = request.line();
        line = line.replacen(prefix, "", 1);
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut boundary = None;
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            let mut value = value.clone();
            if NOT_COMPARED.contains(&name.as_str()) {
                continue;
            }
            if let Some((before, mark)) = value.clone().split_once("; boundary=") {
                boundary = Some(mark.trim_matches('"').to_owned());
                value = before.to_owned();
            }
            match headers.iter_mut().find(|(known, _)| *known == name) {
                Some((_, all)) => *all = format!("{all}, {value}"),
                None => headers.push((name, value)),
            }
        }
        headers.sort();
        let body = request.body.iter().map(|byte| char::from(*byte)).collect::<String>();
        let body = match boundary {
            None => vec![body],
            Some(boundary) => {
                let parts = format!("\r\n{body}");
                let mut parts: Vec<String> =
                    parts.split(&format!("\r\n--{boundary}")).map(str::to_owned).collect();
                let end = parts.pop().unwrap_or_default();
                assert!(end.trim_end() == "--", "the form ends with {end:?}");
                parts
            }
        };
        Sent { line, headers, body }
    }

    /// Escapes in a target as requests writes them, which RFC 3986 (6.2.2) calls the same: hex
    /// digits in capitals, and no escape for what needs none.
    fn normalised(mut self) -> Sent {
        let mut line = String::new();
        let mut rest = self.line.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            line.push_str(before);
            let code = u8::from_str_radix(&after[..2], 16).expect("an escape");
            match char::from(code) {
                plain if plain.is_ascii_alphanumeric() || "-._~".contains(plain) => {
                    line.push(plain)
                }
                _ => line.push_str(&format!("%{code:02X}")),
            }
            rest = &after[2..];
        }
        line.push_str(rest);
        self.line = line;
        self
    }
}

/// The requests that `heygen` itself sends, one for each call.
fn own_requests() -> &'static [Recorded] {
    static SENT: OnceLock<Vec<Recorded>> = OnceLock::new();
    SENT.get_or_init(|| {
        let send = |case: &Case| {
            let server = Server::always(Reply::json(200, RESPONSE));
            let mut arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
            arguments.push("--quiet");
            let outcome = prepared(&arguments, case, &server.base()).run();
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{arguments:?}");
            let mut requests = server.requests();
            assert_eq!(requests.len(), 1, "{arguments:?}");
            requests.remove(0)
        };
        cases().iter().map(send).collect()
    })
}

/// Runs every call as a program, and compares what arrived with what `heygen` sends.
fn compare(language: &'static str) {
    let Some(runner) = Runner::of(language) else { return };
    let server = Server::always(Reply::json(200, RESPONSE));
    let folder = runner.folder();
    let cases = cases();
    let mut batch = Vec::new();
    let mut said = String::new();
    let mut listen = |output: &Output| {
        assert!(!contains_key(output), "the key was printed");
        said.push_str(&String::from_utf8_lossy(&output.stderr));
    };
    for (number, case) in cases.iter().enumerate() {
        let theirs = format!("{}/program{number}", server.base());
        let program = runner.program(folder.path(), number, case, &theirs);
        if case.stdin.is_some() || runner.batch.is_none() {
            listen(&runner.run(folder.path(), &[program], case.stdin.as_deref()));
        } else {
            batch.push(folder.path().join(program).to_string_lossy().into_owned());
        }
    }
    if let Some(source) = runner.batch {
        let name = format!("batch.{}", runner.extension);
        fs::write(folder.path().join(&name), source).expect("a file");
        listen(&runner.run(folder.path(), &[&[name], &batch[..]].concat(), None));
    }
    let requests = server.requests();
    let mut differences = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let sent = |request: &Recorded, prefix: &str| {
            let sent = Sent::of(request, prefix);
            if language == "requests" { sent.normalised() } else { sent }
        };
        let own = vec![sent(&own_requests()[number], "")];
        let prefix = format!("/program{number}");
        let is_its = |request: &&Recorded| request.target.starts_with(&format!("{prefix}/"));
        let theirs: Vec<Sent> =
            requests.iter().filter(is_its).map(|request| sent(request, &prefix)).collect();
        if own != theirs {
            let shown = format!("{own:?}\n{theirs:?}").replace("xxxxxxxxxx", "");
            let shown: String = shown.chars().take(3_000).collect();
            differences.push(format!("{:?}\n{shown}", case.arguments));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}\nstderr:\n{said}",
        differences.len(),
        cases.len(),
        differences.join("\n\n")
    );
    assert_eq!(said, "");
}

fn contains_key(output: &Output) -> bool {
    [&output.stdout, &output.stderr]
        .iter()
        .any(|bytes| String::from_utf8_lossy(bytes).contains(KEY))
}

#[test]
fn curl_sends_what_heygen_sends() {
    compare("curl");
}

#[test]
fn fetch_sends_what_heygen_sends() {
    compare("fetch");
}

#[test]
fn axios_sends_what_heygen_sends() {
    compare("axios");
}

#[test]
fn requests_sends_what_heygen_sends() {
    compare("requests");
}

#[test]
fn httpx_sends_what_heygen_sends() {
    compare("httpx");
}

const LANGUAGES: [&str; 5] = ["curl", "fetch", "axios", "requests", "httpx"];

/// Runs the program for a call in every language, against a server with one response.
fn each(arguments: &[&str], reply: &Reply, look: impl Fn(&str, Option<i32>, &str, &str)) {
    for runner in LANGUAGES.iter().filter_map(|language| Runner::of(language)) {
        let server = Server::always(reply.clone());
        let folder = runner.folder();
        let program = runner.program(folder.path(), 0, &case(arguments), &server.base());
        let output = runner.run(folder.path(), &[program], None);
        assert!(!contains_key(&output), "{}: the key was printed", runner.language);
        let [stdout, stderr] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        look(runner.language, output.status.code(), &stdout, &stderr);
    }
}

#[test]
fn programs_print_the_data() {
    let response = r#"{"data":{"id":"v1","deep":[{"a":{"b":[1]}}]}}"#;
    each(
        &["get", "/v3/videos/v1"],
        &Reply::json(200, response),
        |language, code, stdout, stderr| {
            assert_eq!((code, stderr), (Some(0), ""), "{language}");
            let squeezed: String = stdout.split_whitespace().collect();
            let expected = match language {
                "curl" => response.to_owned(),
                "fetch" | "axios" => r#"{"id":"v1","deep":[{"a":{"b":[1]}}]}"#.to_owned(),
                _ => "{'id':'v1','deep':[{'a':{'b':[1]}}]}".to_owned(),
            };
            assert_eq!(squeezed, expected, "{language}");
        },
    );
}

#[test]
fn programs_print_the_envelope() {
    let response = r#"{"data":[],"has_more":true}"#;
    let arguments = ["get", "/v3/videos", "--envelope"];
    each(&arguments, &Reply::json(200, response), |language, code, stdout, stderr| {
        assert_eq!((code, stderr), (Some(0), ""), "{language}");
        assert!(stdout.contains("has_more"), "{language}: {stdout}");
    });
}

#[test]
fn programs_accept_empty_responses() {
    each(&["delete", "/v3/videos/v1"], &Reply::empty(204), |language, code, stdout, stderr| {
        assert_eq!((code, stdout, stderr), (Some(0), "", ""), "{language}");
    });
    let reply = Reply::json(200, "{}").header("X-Seen", "yes");
    each(&["head", "/v3/videos/v1"], &reply, |language, code, stdout, stderr| {
        assert_eq!((code, stderr), (Some(0), ""), "{language}");
        assert!(stdout.to_lowercase().contains("x-seen: yes"), "{language}: {stdout}");
    });
}

#[test]
fn failing_programs_hide_the_key() {
    let refused = Reply::json(401, r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#);
    each(&["get", "/v3/videos"], &refused, |language, code, stdout, stderr| {
        assert!(code.is_some_and(|code| code != 0), "{language}");
        assert!(format!("{stdout}{stderr}").contains("401"), "{language}: {stdout}{stderr}");
    });
}

#[test]
fn programs_follow_no_redirect() {
    let elsewhere = Server::always(Reply::json(200, "{}"));
    let moved = Reply::empty(302).header("Location", &elsewhere.base());
    each(&["get", "/v3/videos"], &moved, |_, _, _, _| {});
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn only_given_idempotency_key_is_printed() {
    for language in LANGUAGES {
        let printed = |arguments: &[&str]| {
            let outcome = Test::new(&[arguments, &["--as", language]].concat()).no_key().run();
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
            outcome.stdout
        };
        let made = printed(&["post", "/v3/videos", "-f", "a=b"]);
        assert!(!made.contains("Idempotency-Key"), "{made}");
        let given = printed(&["post", "/v3/videos", "-f", "a=b", "--idempotency-key", "order-1"]);
        assert!(given.contains("Idempotency-Key") && given.contains("order-1"), "{given}");
    }
}

#[test]
fn encoded_dots_stay_encoded() {
    let arguments = ["get", "/v3/a/%2e%2E/x?y=%2e"];
    for runner in ["curl", "httpx"].iter().filter_map(|language| Runner::of(language)) {
        let server = Server::always(Reply::json(200, RESPONSE));
        let folder = runner.folder();
        let program = runner.program(folder.path(), 0, &case(&arguments), &server.base());
        runner.run(folder.path(), &[program], None);
        let lines: Vec<String> = server.requests().iter().map(Recorded::line).collect();
        assert_eq!(lines, ["GET /v3/a/%2e%2E/x?y=%2e"], "{}", runner.language);
    }
}

#[test]
fn rejects_call_library_would_change() {
    for (language, stderr) in [
        (
            "fetch",
            str![[r#"
{"error":{"code":"usage_error","message":"fetch cannot make exactly this call: it takes `%2e` for a `.` and calls another path","hint":"`--as curl` can make most calls"}}

"#]],
        ),
        (
            "axios",
            str![[r#"
{"error":{"code":"usage_error","message":"axios cannot make exactly this call: it takes `%2e` for a `.` and calls another path","hint":"`--as curl` can make most calls"}}

"#]],
        ),
        (
            "requests",
            str![[r#"
{"error":{"code":"usage_error","message":"requests cannot make exactly this call: it takes `%2e` for a `.` and calls another path","hint":"`--as curl` can make most calls"}}

"#]],
        ),
    ] {
        Test::new(&["get", "/v3/%2e%2E/x", "--as", language]).no_key().stderr(stderr).exits(2);
    }
}

#[test]
fn rejects_call_that_contains_key() {
    for language in LANGUAGES {
        Test::new(&["get", "/v3/videos", "-H", &format!("Authorization: Bearer {KEY}"), "--as", language])
            .stderr(str![[r#"
{"error":{"code":"usage_error","message":"a text in this call is your key, and no program is printed with it","hint":"leave it out; the programs take the key from HEYGEN_API_KEY"}}

"#]])
            .exits(2);
    }
}
