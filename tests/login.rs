//! `heygen auth login` and `auth logout`: store and remove the key in the shared file.

use crate::support::{Inline, KEY, Reply, Server, Stream, Test, str};

/// `GET /v3/api_keys/self`, as HeyGen documents it.
pub(crate) const SELF: &str = r#"{"data":{"key_id":"key_0a1b2c3d","key_name":"ci","status":"active","scope_mode":"full","scopes":["*:*"],"created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-01T00:00:00Z","expires_at":null,"expires_in_seconds":null}}"#;

/// `GET /v3/users/me`, as HeyGen documents it.
pub(crate) const ME: &str = r#"{"data":{"billing_type":"wallet","email":"jdoe@example.com","first_name":"Jane","last_name":"Doe","subscription":{"credits":{"add_on_credits":{"remaining":null,"resets_at":null},"premium_credits":{"remaining":null,"resets_at":null}},"plan":"free"},"usage_based":{"included_credits":null,"remaining_credits":null,"spending_cap_usd":null,"spending_current_usd":null},"username":"jdoe","wallet":{"auto_reload":{"amount_usd":null,"enabled":false,"threshold_usd":null},"currency":"usd","remaining_balance":42.5}}}"#;

/// The response to an invalid key.
const UNAUTHORIZED: &str =
    r#"{"error":{"code":"unauthorized","message":"Unauthorized","param":null,"doc_url":null}}"#;

/// A key that is handed over, and not in the environment.
const NEW: &str = "sk_V2_hgu_kNEWkeyNEWkeyNEWkeyNEWkeyNEWkeyNEWk_ZVMn";

const FILE: &str = ".heygen/credentials";

/// The report of a key that was stored unchecked.
fn stored() -> Inline {
    str![[r#"
{
  "ok": true,
  "checked": false,
  "path": "~/.heygen/credentials",
  "last4": "ZVMn",
  "account": null
}

"#]]
}

/// The file with nothing but the key.
fn alone(key: &str) -> Vec<u8> {
    format!("{{\n  \"api_key\": \"{key}\"\n}}\n").into_bytes()
}

fn accepting() -> Server {
    Server::routes(&[
        ("GET /v3/api_keys/self", Reply::json(200, SELF)),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ])
}

/// `auth login` with the new key on stdin, without any other key.
fn login(arguments: &[&str]) -> Test<'static> {
    Test::new(&[&["auth", "login"], arguments].concat())
        .no_key()
        .secret(NEW)
        .key_may_be_in_home_file(FILE)
        .stdin(format!("{NEW}\n"))
}

#[cfg(unix)]
#[test]
fn prompts_checks_and_stores_privately() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = accepting();
    let outcome = Test::new(&["auth", "login"])
        .no_key()
        .server(&server)
        .env("NO_COLOR", "1")
        .terminal(Stream::All)
        .type_in_hidden(&format!("  {NEW}\n"))
        .key_may_be_in_home_file(FILE)
        .stdout(str![[r#"
ok: key …ZVMn is stored in ~/.heygen/credentials
  account   jdoe@example.com (jdoe)
  balance   42.50 USD, prepaid API wallet

"#]])
        .stderr(str![[r#"
note: keys are made at https://app.heygen.com/settings?nav=API
HeyGen API key (not shown):␠

"#]])
        .sends(&["GET /v3/api_keys/self", "GET /v3/users/me"])
        .exits(0);
    assert_eq!(outcome.requests[0].header("x-api-key"), Some(NEW));
    assert_eq!(outcome.home_file(FILE), alone(NEW));
    assert_eq!(outcome.home_files(), [FILE]);
    let mode = |path: &str| {
        let metadata = std::fs::metadata(outcome.home().join(path)).expect("it was written");
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!((mode(".heygen"), mode(FILE)), (0o700, 0o600));
}

#[test]
fn stores_key_from_stdin() {
    let server = accepting();
    let outcome = login(&[])
        .stdin(format!("\u{feff} {NEW} \r\n"))
        .server(&server)
        .stdout(str![[r#"
{
  "ok": true,
  "checked": true,
  "path": "~/.heygen/credentials",
  "last4": "ZVMn",
  "account": {
    "username": "jdoe",
    "email": "jdoe@example.com"
  }
}

"#]])
        .exits(0);
    assert_eq!(outcome.home_file(FILE), alone(NEW));
    let outcome = outcome.then(&["auth", "check", "--quiet"]).exits(0);
    assert_eq!(outcome.requests[0].header("x-api-key"), Some(NEW));
}

#[test]
fn stores_key_from_file_flags() {
    for (flag, text) in [
        ("--api-key-file", format!("{NEW}\n")),
        ("--env-file", format!("A=b\nexport HEYGEN_API_KEY='{NEW}' # mine\n")),
    ] {
        let outcome = login(&[flag, "key.txt", "--no-check", "--quiet"])
            .file("key.txt", text)
            .stdin("another-key")
            .exits(0);
        assert_eq!(outcome.home_file(FILE), alone(NEW));
    }
}

#[test]
fn rejects_key_as_argument() {
    let check = |arguments: &[&str], stderr: Inline| {
        let outcome = login(arguments).stderr(stderr).exits(2);
        assert_eq!(outcome.home_files(), [""; 0]);
    };
    check(
        &[NEW],
        str![[r#"
{"error":{"code":"usage_error","message":"unexpected argument '…' found","hint":"a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin"}}

"#]],
    );
    check(
        &["--", NEW],
        str![[r#"
{"error":{"code":"usage_error","message":"unexpected argument '…' found","hint":"a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin"}}

"#]],
    );
    // A flag without a value in HeyGen's own command line: its scripts go on working.
    check(
        &["--api-key", NEW],
        str![[r#"
{"error":{"code":"usage_error","message":"unexpected argument '…' found","hint":"a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin"}}

"#]],
    );
    check(
        &[&format!("--api-key={NEW}")],
        str![[r#"
{"error":{"code":"usage_error","message":"unexpected value '…' for '--api-key' found; no more were expected","hint":"a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin"}}

"#]],
    );
    login(&["--api-key", "--no-check"]).stdout(stored()).exits(0);
}

#[test]
fn rejected_key_is_not_stored() {
    let server = Server::always(Reply::json(401, UNAUTHORIZED));
    let outcome = login(&[])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: the key was not stored: HeyGen does not accept key …ZVMn: 401 unauthorized
  from: stdin
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API

"#]])
        .exits(3);
    assert_eq!(outcome.home_files(), [""; 0]);
}

#[test]
fn unchecked_key_needs_no_check_flag() {
    let outcome = login(&["--retry", "0"])
        .base(&Server::nowhere())
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: the key was not stored: cannot connect to 127.0.0.1:[PORT]: connection refused
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE
hint: `--no-check` stores the key without asking

"#]])
        .exits(1);
    assert_eq!(outcome.home_files(), [""; 0]);
    let outcome = login(&["--no-check"]).base(&Server::nowhere()).stdout(stored()).exits(0);
    assert_eq!(outcome.home_file(FILE), alone(NEW));
}

#[test]
fn invalid_key_is_rejected_before_sending() {
    let check = |stdin: &str, stderr: Inline| {
        let test = login(&[]).stdin(stdin).base(&Server::nowhere());
        let outcome = test.stderr(stderr).exits(3);
        assert_eq!(outcome.home_files().len(), 0, "{stdin}");
    };
    check(
        &format!("Bearer {NEW}"),
        str![[r#"
{"error":{"code":"auth_error","message":"stdin starts with `Bearer `; HeyGen takes the bare key (nothing was sent)"}}

"#]],
    );
    check(
        &format!("'{NEW}'"),
        str![[r#"
{"error":{"code":"auth_error","message":"stdin has a quote (') in the key (nothing was sent)"}}

"#]],
    );
    check(
        &format!("{NEW}\n{NEW}"),
        str![[r#"
{"error":{"code":"auth_error","message":"stdin has a line break inside the key (nothing was sent)"}}

"#]],
    );
    check(
        "your-api-key-here",
        str![[r#"
{"error":{"code":"auth_error","message":"stdin is a placeholder, not a key (nothing was sent)","hint":"make a key at https://app.heygen.com/settings?nav=API"}}

"#]],
    );
    check(
        "",
        str![[r#"
{"error":{"code":"auth_error","message":"no API key found; looked at: stdin (is empty)","hint":"make a key at https://app.heygen.com/settings?nav=API, then pipe it in, name its file with `--api-key-file`, or `export HEYGEN_API_KEY=…`"}}

"#]],
    );
}

#[cfg(unix)]
#[test]
fn no_prompt_in_ci_or_pipe() {
    let test =
        || Test::new(&["auth", "login"]).env("NO_COLOR", "1").env("HEYGEN_ERROR_FORMAT", "text");
    test()
        .env("CI", "true")
        .terminal(Stream::All)
        .stderr(str![[r#"
error: cannot ask for a key: CI is set, or stderr is not a terminal
hint: give the key on stdin, or name a file with `--api-key-file`

"#]])
        .exits(2);
    test()
        .terminal(Stream::Stdin)
        .terminal(Stream::Stdout)
        .stderr(str![[r#"
error: cannot ask for a key: CI is set, or stderr is not a terminal
hint: give the key on stdin, or name a file with `--api-key-file`

"#]])
        .exits(2);
}

#[cfg(unix)]
#[test]
fn interrupted_prompt_stores_nothing() {
    let outcome = Test::new(&["auth", "login"])
        .env("NO_COLOR", "1")
        .terminal(Stream::All)
        .type_in_hidden("sk_V2_hgu_unfinished\u{3}")
        .stderr(str![[r#"
note: keys are made at https://app.heygen.com/settings?nav=API
HeyGen API key (not shown):␠

"#]])
        .start()
        .dies_of(2);
    assert_eq!(outcome.home_files(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn empty_prompt_is_missing_key() {
    Test::new(&["auth", "login"])
        .no_key()
        .env("NO_COLOR", "1")
        .terminal(Stream::All)
        .type_in_hidden("\u{4}")
        .stderr(str![[r#"
note: keys are made at https://app.heygen.com/settings?nav=API
HeyGen API key (not shown):␠
error: no API key found
  looked at: the entered key (is empty)
hint: make a key at https://app.heygen.com/settings?nav=API, then pipe it in, name its file with `--api-key-file`, or `export HEYGEN_API_KEY=…`

"#]])
        .exits(3);
}

#[cfg(unix)]
#[test]
fn names_key_that_shadows_stored_key() {
    let test = || {
        login(&["--no-check"]).env("NO_COLOR", "1").terminal(Stream::Both).stdout(str![[r#"
ok: key …ZVMn is stored in ~/.heygen/credentials
  checked   no

"#]])
    };
    test()
        .key(KEY)
        .stderr(str![[r#"
note: HEYGEN_API_KEY has a different key, …7Qx2, which takes precedence over the stored one

"#]])
        .exits(0);
    let line = format!("\nHEYGEN_API_KEY={KEY}\n");
    test()
        .file(".env", line)
        .secret(KEY)
        .stderr(str![[r#"
note: ./.env, line 2 has a different key, …7Qx2, which takes precedence over the stored one

"#]])
        .exits(0);
    test().file(".env", format!("HEYGEN_API_KEY={NEW}")).exits(0);
    test()
        .key("Bearer abc")
        .stderr(str![[r#"
note: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key; it takes precedence over the stored key

"#]])
        .exits(0);
}

/// A file as HeyGen's own command line writes it, with an unknown newer entry.
const SESSION: &str = r#"{"future":{"n":1.10},"oauth":{"access_token":"t","refresh_token":"r"},"user":{"email":"jdoe@example.com"}}"#;

#[cfg(unix)]
#[test]
fn oauth_session_is_kept_without_force() {
    let test = |arguments: &[&str]| {
        login(arguments)
            .home_file(FILE, SESSION)
            .env("NO_COLOR", "1")
            .terminal(Stream::Both)
            .stdout(str![[r#"
ok: key …ZVMn is stored in ~/.heygen/credentials
  checked   no

"#]])
    };
    let outcome = test(&["--no-check"])
        .stderr(str![[r#"
note: the OAuth session of HeyGen's CLI is still there; it uses this key until `heygen auth logout`

"#]])
        .exits(0);
    let user = "\"user\": {\n    \"email\": \"jdoe@example.com\"\n  }";
    let future = "\"future\": {\n    \"n\": 1.10\n  }";
    let session = "\"oauth\": {\n    \"access_token\": \"t\",\n    \"refresh_token\": \"r\"\n  }";
    let text = format!("{{\n  {future},\n  {session},\n  {user},\n  \"api_key\": \"{NEW}\"\n}}\n");
    assert_eq!(String::from_utf8_lossy(&outcome.home_file(FILE)), text);

    let outcome = outcome
        .then(&["auth", "logout"])
        .env("NO_COLOR", "1")
        .terminal(Stream::Both)
        .stdout(str![[r#"
ok: key …ZVMn is removed from ~/.heygen/credentials

"#]])
        .stderr(str![[r#"
note: HeyGen still accepts it; delete it at https://app.heygen.com/settings?nav=API
note: the OAuth session of HeyGen's CLI is still there

"#]])
        .exits(0);
    let text = format!("{{\n  {future},\n  {session},\n  {user}\n}}\n");
    assert_eq!(String::from_utf8_lossy(&outcome.home_file(FILE)), text);
    outcome
        .then(&["auth", "check"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (has an OAuth session of HeyGen's CLI, but no API key)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]])
        .exits(3);

    let outcome = test(&["--no-check", "--force"]).exits(0);
    let text = format!("{{\n  {future},\n  {user},\n  \"api_key\": \"{NEW}\"\n}}\n");
    assert_eq!(String::from_utf8_lossy(&outcome.home_file(FILE)), text);
}

#[cfg(unix)]
#[test]
fn logout_twice_succeeds() {
    let outcome = Test::new(&["auth", "logout"])
        .no_key()
        .home_file(FILE, format!("{NEW}\n"))
        .secret(NEW)
        .stdout(str![[r#"
{
  "ok": true,
  "removed": true,
  "path": "~/.heygen/credentials"
}

"#]])
        .exits(0);
    assert_eq!(outcome.home_files(), [""; 0]);
    outcome
        .then(&["auth", "logout"])
        .stdout(str![[r#"
{
  "ok": true,
  "removed": false,
  "path": "~/.heygen/credentials"
}

"#]])
        .exits(0)
        .then(&["auth", "logout"])
        .env("NO_COLOR", "1")
        .terminal(Stream::Both)
        .key(KEY)
        .stderr(str![[r#"
note: no key is stored in ~/.heygen/credentials
note: key …7Qx2 from HEYGEN_API_KEY is used now

"#]])
        .exits(0);
}

#[test]
fn creates_config_dir() {
    let outcome = login(&["--no-check", "--quiet"])
        .env("HEYGEN_CONFIG_DIR", "deep/er")
        .key_may_show()
        .exits(0);
    assert_eq!(outcome.file("deep/er/credentials"), alone(NEW));
    let outcome = outcome.then(&["auth", "logout", "--quiet"]).exits(0);
    assert_eq!((outcome.files(), outcome.home_files()), (Vec::new(), Vec::new()));
}

#[test]
fn invalid_credentials_file_is_kept() {
    let broken = format!("{{\"api_key\": \"{KEY}\"");
    for command in [&["auth", "login", "--no-check"][..], &["auth", "logout"]] {
        let outcome = Test::new(command)
            .stdin(NEW)
            .secret(NEW)
            .home_file(FILE, &broken)
            .stderr(str![[r#"
{"error":{"code":"cli_credentials_file","message":"`~/.heygen/credentials` is not valid JSON; it was not changed, since it may hold more than a key","hint":"fix it or move it away, then retry"}}

"#]])
            .exits(1);
        assert_eq!(outcome.home_file(FILE), broken.as_bytes());
    }
}

#[cfg(unix)]
#[test]
fn does_not_write_through_links() {
    use std::os::unix::fs::symlink;
    let test = login(&[]).file("elsewhere", "theirs").home_file(".heygen/other", "");
    symlink(test.work().join("elsewhere"), test.home().join(FILE)).expect("a link");
    let outcome = test
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: `~/.heygen/credentials` is a symlink; heygen does not write through symlinks
hint: replace the symlink with the file itself

"#]])
        .exits(1);
    assert_eq!(outcome.file("elsewhere"), b"theirs");

    let test = login(&[]).dir("elsewhere");
    symlink(test.work().join("elsewhere"), test.home().join(".heygen")).expect("a link");
    let outcome = test
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: the folder of `~/.heygen/credentials` is a symlink; heygen does not write through symlinks
hint: set HEYGEN_CONFIG_DIR to the directory that it points to

"#]])
        .exits(1);
    assert_eq!(outcome.files(), [""; 0]);
}

#[test]
fn unknown_home() {
    // An empty one would be looked up in the system's list of users.
    login(&["--no-check"])
        .env("HOME", "nowhere")
        .env("USERPROFILE", "nowhere")
        .stderr(str![[r#"
{"error":{"code":"cli_credentials_file","message":"cannot store the key: the home directory is unknown","hint":"set HEYGEN_CONFIG_DIR to a directory of your own"}}

"#]])
        .exits(1);
}

#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "what is not tested is said")]
#[test]
fn unwritable_home() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = || login(&["--no-check"]).env("HEYGEN_ERROR_FORMAT", "text");
    // Root may do anything, but make a folder below a file.
    test()
        .file("key.txt", "")
        .env("HEYGEN_CONFIG_DIR", "key.txt")
        .stderr(str![[r#"
error: reading `key.txt/credentials`: not a directory; it was not changed
hint: set HEYGEN_CONFIG_DIR to a writable directory, or `export HEYGEN_API_KEY=…`

"#]])
        .exits(1);
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped for root, who may write everywhere: a home without permission");
        return;
    }
    let test = test().home_file(FILE, "old-key");
    let folder = test.home().join(".heygen");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).expect("a mode");
    let outcome = test
        .stderr(str![[r#"
error: writing `~/.heygen/credentials`: permission denied; it was left as it is
hint: set HEYGEN_CONFIG_DIR to a writable directory, or `export HEYGEN_API_KEY=…`

"#]])
        .exits(1);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    assert_eq!(outcome.home_file(FILE), b"old-key");
}

/// A file may not grow in these shells: what a full disk does to a program that writes (with the
/// signal ignored), and a kill in the very moment of writing (without).
#[cfg(unix)]
#[test]
fn full_disk_keeps_the_old_file() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let home = tempfile::TempDir::new().expect("a scratch folder");
    let file = home.path().join(FILE);
    std::fs::create_dir(home.path().join(".heygen")).expect("a folder");
    std::fs::write(&file, SESSION).expect("a file");
    let run = |script: &str| {
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(assert_cmd::cargo::cargo_bin!("heygen"))
            .args(["auth", "login", "--no-check"])
            .env_clear()
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(NEW.as_bytes()).expect("it is read");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(std::fs::read(&file).expect("it is there"), SESSION.as_bytes(), "{script}");
        assert_eq!(output.stdout, b"");
        (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let names = || {
        let entries = std::fs::read_dir(home.path().join(".heygen")).expect("a folder");
        entries.flatten().map(|entry| entry.file_name()).collect::<Vec<_>>()
    };
    for script in ["trap '' XFSZ; ulimit -f 0; exec \"$@\"", "ulimit -f 0; exec \"$@\""] {
        let (status, stderr) = run(script);
        assert_eq!(status.code(), Some(1), "{script}");
        assert_eq!(
            stderr,
            "{\"error\":{\"code\":\"cli_credentials_file\",\"message\":\"writing `~/.heygen/credentials`: file too \
             large; it was not changed\",\"hint\":\"set HEYGEN_CONFIG_DIR to a writable directory, or \
             `export HEYGEN_API_KEY=…`\"}}\n"
        );
        assert_eq!(names(), ["credentials"], "{script}");
    }
}

#[test]
fn concurrent_logins_leave_one_file() {
    let folder = tempfile::TempDir::new().expect("a scratch folder");
    std::fs::write(folder.path().join("credentials"), SESSION).expect("a file");
    let keys: Vec<String> =
        (0..6).map(|n| format!("sk_V2_hgu_{}_{n}{n}{n}{n}", "k".repeat(40 * n))).collect();
    let started: Vec<_> = keys
        .iter()
        .map(|key| {
            Test::new(&["auth", "login", "--no-check", "--quiet"])
                .no_key()
                .stdin(key.as_str())
                .env("HEYGEN_CONFIG_DIR", &folder.path().display().to_string())
                .start()
        })
        .collect();
    for running in started {
        running.exits(0);
    }
    let text = std::fs::read_to_string(folder.path().join("credentials")).expect("a file");
    let file: serde_json::Value = serde_json::from_str(&text).expect("a whole file");
    let session: serde_json::Value = serde_json::from_str(SESSION).expect("JSON");
    assert!(keys.iter().any(|key| file["api_key"] == key.as_str()), "{text}");
    assert_eq!(file["oauth"], session["oauth"]);
    let names = std::fs::read_dir(folder.path()).expect("a folder").flatten().count();
    assert_eq!(names, 1, "no draft is left");
}
