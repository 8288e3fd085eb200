//! `heygen mock`: a HeyGen on this computer, and what runs against it.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Inline, KEY, Outcome, Test, str};

/// `heygen mock` with these flags around a script of a shell.
fn script<'s>(flags: &[&str], script: &str) -> Test<'s> {
    Test::new(&[&["mock"], flags, &["--", "sh", "-c", script]].concat())
        .no_key()
        .env("HEYGEN_ERROR_FORMAT", "text")
}

/// A script that succeeds in silence but for its stdout.
#[cfg(feature = "jq")]
#[track_caller]
fn prints(flags: &[&str], text: &str, stdout: &str) {
    script(flags, text).stdout(stdout).exits(0);
}

#[cfg(feature = "jq")]
const VIDEO: &str =
    "heygen post /v3/videos -f type=avatar -f avatar_id=A -f voice_id=V -f script=Hi";

// The command.

#[test]
fn first_command_of_the_readme() {
    let outcome = Test::new(&["mock", "--", "heygen", "auth", "check", "--quiet"]).no_key().run();
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), "", ""));
}

#[cfg(feature = "jq")]
#[test]
fn text_becomes_a_video_in_about_a_second() {
    script(
        &[],
        "heygen auth check --quiet && heygen post /v3/videos -f type=avatar -f avatar_id=mock \
         -f script=Hi --wait -q .status 2>job.txt",
    )
    .stdout("completed\n")
    .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn exit_code_is_that_of_the_command() {
    script(&[], "exit 7").exits(7);
    script(&[], "kill -TERM $$").exits(143);
    script(&[], "heygen get /v3/videos/none -q .id 2>error.txt").exits(1);
    Test::new(&["mock", "--", "no-such-program"])
        .no_key()
        .stderr(str![[r#"
{"error":{"code":"cli_command_not_found","message":"running `no-such-program`: no such file or directory"}}

"#]])
        .exits(127);
}

#[test]
fn command_sees_the_mock_and_nothing_else() {
    let outcome = script(&[], "env | grep -E '^(HEYGEN|HTTP|http|SSL)' | sort; command -v heygen")
        .secret(KEY)
        .env("HEYGEN_API_KEY", KEY)
        .env("HEYGEN_OUTPUT", "table")
        .env("HEYGEN_ENVELOPE", "1")
        .env("https_proxy", "http://127.0.0.1:1")
        .run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let names: Vec<&str> =
        outcome.stdout.lines().map(|line| line.split('=').next().unwrap_or(line)).collect();
    let folder = outcome
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("HEYGEN_CONFIG_DIR="))
        .expect("a folder");
    let program = format!("{folder}/heygen");
    assert_eq!(
        names,
        ["HEYGEN_API_BASE", "HEYGEN_API_KEY", "HEYGEN_CONFIG_DIR", "HEYGEN_ERROR_FORMAT", &program]
    );
    assert!(outcome.stdout.contains("\nHEYGEN_API_KEY=mock\n"), "{}", outcome.stdout);
    assert!(!std::path::Path::new(folder).exists(), "{folder} is left behind");
}

/// Without a folder of its own, `auth logout` would remove the user's key.
#[cfg(feature = "jq")]
#[test]
fn stored_key_of_the_user_stays() {
    let stored = format!(r#"{{"api_key":"{KEY}"}}"#);
    let outcome = script(
        &[],
        "echo mock | heygen auth login >login.json && heygen auth logout && heygen auth check -q .ok",
    )
    .secret(KEY)
    .home_file(".heygen/credentials", &stored)
    .key_may_be_in_home_file(".heygen/credentials")
    .run();
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.home_file(".heygen/credentials"), stored.as_bytes());
}

#[cfg(feature = "jq")]
#[test]
fn terminal_names_the_address() {
    let outcome = script(&[], "heygen get /v3/users/me -q .username")
        .terminal(crate::support::Stream::Both)
        .env("NO_COLOR", "1")
        .run();
    assert_eq!((outcome.code, outcome.stdout.trim_end()), (Some(0), "jdoe"));
    let line = outcome.stderr.trim_end();
    assert!(
        line.starts_with("mock: http://127.0.0.1:") && line.ends_with(" (key `mock`)"),
        "{line}"
    );
}

// The world.

#[cfg(feature = "jq")]
#[test]
fn videos_are_made_listed_changed_and_removed() {
    prints(
        &["--seed", "1"],
        &format!(
            "set -e
             video=$({VIDEO} -f title=Mine --wait --quiet --interval 1ms -q .id 2>/dev/null)
             heygen get /v3/videos/$video -q '.title, .status, .duration'
             heygen get /v3/videos -Q title=mine -q length
             curl -sf \"$(heygen get /v3/videos/$video -q .video_url)\" | head -c 8 | tail -c 4
             echo
             heygen delete /v3/videos/$video >/dev/null
             heygen get /v3/videos -Q title=mine -q length"
        ),
        "Mine\ncompleted\n10\n1\nftyp\n0\n",
    );
}

#[cfg(feature = "jq")]
#[test]
fn lists_have_pages() {
    prints(
        &[],
        "heygen get /v3/videos -Q limit=2 -q length
         heygen get /v3/videos --all -Q limit=10 -q '.[].id' | sort -u | wc -l | tr -d ' '
         heygen get /v3/videos --all -q '.[].id' | wc -l | tr -d ' '",
        "2\n25\n25\n",
    );
}

#[test]
fn rejections_are_those_of_heygen() {
    let check = |call: &str, code: i32, stderr: Inline| {
        script(&["--seed", "1"], call)
            .filter("[ID]", |byte| byte.is_ascii_hexdigit())
            .stderr(stderr)
            .exits(code);
    };
    check(
        "HEYGEN_API_KEY=wrong_key_0123456789 heygen get /v3/videos 2>&1 | head -1 >&2; exit 3",
        3,
        str![[r#"
error: HeyGen does not accept key …6789: 401 unauthorized

"#]],
    );
    check(
        "heygen get /v3/videos -Q limit=500 2>&1 | head -3 >&2; exit 1",
        1,
        str![[r#"
error: 400 invalid_parameter: 'limit' must be between 1 and 100.
  field: limit
hint: limit takes 1-100

"#]],
    );
    check(
        "heygen put /v3/voices -f a=b 2>&1 | head -2 >&2; exit 1",
        1,
        str![[r#"
error: 405 method_not_allowed: Method "PUT" not allowed.
hint: /v3/voices takes POST and GET

"#]],
    );
    check(
        "heygen get /v3/vidoes 2>&1 | head -2 >&2; exit 1",
        1,
        str![[r#"
error: 404 not_found: Not found.
hint: did you mean /v3/videos? `heygen endpoints videos` lists them

"#]],
    );
}

#[cfg(feature = "jq")]
#[test]
fn idempotency_key_creates_one_video() {
    prints(
        &[],
        &format!(
            "a=$({VIDEO} --idempotency-key order-7 -q .video_id)
             b=$({VIDEO} --idempotency-key order-7 -q .video_id)
             c=$({VIDEO} -q .video_id)
             test \"$a\" = \"$b\" && test \"$a\" != \"$c\" && echo once"
        ),
        "once\n",
    );
}

#[cfg(feature = "jq")]
#[test]
fn seed_repeats_ids() {
    let ids = || {
        let outcome =
            script(&["--seed", "7"], &format!("{VIDEO} -q .video_id; {VIDEO} -q .video_id"));
        outcome.run().stdout
    };
    let first = ids();
    assert_eq!(first.lines().count(), 2);
    assert_eq!(ids(), first);
    let other = script(&["--seed", "8"], &format!("{VIDEO} -q .video_id")).run().stdout;
    assert_ne!(first.lines().next(), other.lines().next());
}

// Trouble on demand.

#[cfg(feature = "jq")]
#[test]
fn failing_calls() {
    prints(&["--fail", "429:2"], "heygen get /v3/videos -Q limit=1 -q length", "1\n");
    let check = |flags: &[&str], call: &str, code: i32, first: &str| {
        let outcome = script(flags, call).run();
        let line = outcome.stderr.lines().next().unwrap_or_default().to_owned();
        assert_eq!((outcome.code, line.as_str()), (Some(code), first), "{flags:?}");
    };
    check(
        &["--fail", "POST /v3/videos=402"],
        &format!("heygen get /v3/videos >/dev/null && {VIDEO}"),
        1,
        "error: 402 insufficient_credit: Your account has 5 credits but this video requires 10 credits.",
    );
    check(
        &["--fail", "GET /v3/videos/{video_id}=403:1", "--fail", "GET /v3/voices=500"],
        "heygen get /v3/videos/v1",
        3,
        "error: 403 forbidden: You do not have permission to perform this action.",
    );
    check(
        &["--html-502"],
        "heygen get /v3/voices --retry 0",
        1,
        "error: 502 Bad Gateway; the response is HTML (title \"502 Bad Gateway\"), not JSON",
    );
    check(
        &["--key", "other-key-0123456789"],
        "HEYGEN_API_KEY=mock heygen get /v3/videos",
        3,
        "error: HeyGen does not accept key …: 401 unauthorized",
    );
}

#[cfg(feature = "jq")]
#[test]
fn failing_jobs() {
    script(
        &["--fail-job", "video=script_too_short"],
        &format!("{VIDEO} --wait --interval 1ms -q .status 2>&1 | grep -v created"),
    )
    .filter("[ID]", |byte| byte.is_ascii_hexdigit())
    .stdout(str![[r#"
failed
error: vid_[ID]: failed: script_too_short: Script too short.

"#]])
    .exits(0);
}

#[cfg(feature = "jq")]
#[test]
fn money_is_spent() {
    let outcome = script(
        &["--balance", "0.40"],
        &format!(
            "heygen get /v3/users/me -q .wallet.remaining_balance
             for i in 1 2 3 4 5 6 7 8 9; do {VIDEO} -q .video_id >/dev/null || exit; done"
        ),
    )
    .run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), "0.4\n"));
    assert!(outcome.stderr.starts_with("error: 402 insufficient_credit: "), "{}", outcome.stderr);
}

#[cfg(feature = "jq")]
#[test]
fn calls_beyond_the_rate_wait() {
    let outcome = script(
        &["--rate", "2/m"],
        "heygen get /v3/users/me -q .username; heygen get /v3/users/me -q .username
         heygen get /v3/users/me --retry-for 1ms",
    )
    .run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), "jdoe\njdoe\n"));
    assert!(outcome.stderr.starts_with("error: 429 rate_limit_exceeded: "), "{}", outcome.stderr);
}

#[test]
fn cut_responses_are_errors() {
    let outcome: Outcome<'_> = script(&["--cut", "100%"], "heygen get /v3/videos --retry 0").run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.starts_with("error: the connection "), "{}", outcome.stderr);
}

#[test]
fn invalid_flags_are_explained() {
    let check = |flags: &[&str], stderr: Inline| {
        script(flags, "true").stderr(stderr).exits(2);
    };
    check(
        &["--fail", "teapot"],
        str![[r#"
error: invalid value 'teapot' for '--fail <[CALL=]STATUS[:N]>': write it like 429, 502:2 or 'POST /v3/videos=402:1'

"#]],
    );
    check(
        &["--fail-job", "vidoe=x"],
        str![[r#"
error: invalid value 'vidoe=x' for '--fail-job <KIND=CODE>': no job is of this kind; did you mean video?

"#]],
    );
    check(
        &["--rate", "30"],
        str![[r#"
error: invalid value '30' for '--rate <N/m|N/s>': write it like 30/m or 5/s

"#]],
    );
    check(
        &["--cut", "150%"],
        str![[r#"
error: invalid value '150%' for '--cut <P%>': write it like 50%, from 0% to 100%

"#]],
    );
    check(
        &["--balance", "much"],
        str![[r#"
error: invalid value 'much' for '--balance <USD>': it must be a number of USD, such as 0.40

"#]],
    );
    check(
        &["--key", "a b"],
        str![[r#"
error: invalid value 'a b' for '--key <KEY>': it must be printable ASCII without spaces

"#]],
    );
}

#[test]
fn real_keys_are_refused() {
    Test::new(&["mock", "--key", KEY])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --key is your API key, and the mock prints its key
hint: use any other text: the mock needs no real key

"#]])
        .exits(2);
}

// Serving until a signal.

/// A mock in the background, and its address.
struct Serving {
    child: Child,
    port: u16,
    printed: String,
}

impl Serving {
    fn start(flags: &[&str]) -> Serving {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("heygen"))
            .arg("mock")
            .args(flags)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the mock starts");
        let mut printed = String::new();
        let stdout = child.stdout.as_mut().expect("stdout");
        BufReader::new(stdout).read_line(&mut printed).expect("a line");
        let port = printed.split([':', ' ']).filter_map(|word| word.parse().ok()).next();
        Serving { child, port: port.expect("a port"), printed }
    }

    /// Sends bytes on a connection of their own, and returns all that comes back.
    fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.write_all(bytes).expect("it reads");
        let mut response = Vec::new();
        stream.read_to_end(&mut response).expect("it closes");
        String::from_utf8_lossy(&response).into_owned()
    }

    fn ends(mut self, signal: Signal) -> String {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(signal.as_raw()));
        std::io::read_to_string(self.child.stderr.take().expect("stderr")).expect("text")
    }
}

#[test]
fn serves_until_ctrl_c() {
    let serving = Serving::start(&["--port", "0"]);
    assert_eq!(
        serving.printed,
        format!("export HEYGEN_API_BASE=http://127.0.0.1:{} HEYGEN_API_KEY=mock\n", serving.port)
    );
    let request = |host: &str| {
        format!(
            "GET /v3/users/me HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: mock\r\nConnection: close\r\n\r\n"
        )
    };
    let own = format!("127.0.0.1:{}", serving.port);
    let response = serving.exchange(request(&own).as_bytes());
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.contains("\"username\":\"jdoe\""), "{response}");
    let foreign = serving.exchange(request("evil.example").as_bytes());
    assert!(foreign.starts_with("HTTP/1.1 4"), "{foreign}");
    let garbage = serving.exchange(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n");
    assert!(garbage.is_empty() || garbage.starts_with("HTTP/1.1 400 "), "{garbage}");
    let log = serving.ends(Signal::INT);
    assert!(log.contains("GET /v3/users/me 200"), "{log}");
}

#[test]
fn taken_port_is_an_error() {
    let serving = Serving::start(&[]);
    let port = serving.port.to_string();
    Test::new(&["mock", "--port", &port])
        .no_key()
        .stderr(format!("{{\"error\":{{\"code\":\"cli_not_listening\",\"message\":\"listening on 127.0.0.1:{port}: address already in use\",\"hint\":\"leave --port out to get a free port\"}}}}\n"))
        .exits(1);
    serving.ends(Signal::TERM);
}
