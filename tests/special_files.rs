//! Endless or special files in place of key and certificate files: every read is limited.

use std::time::Duration;

use crate::support::{KEY, Reply, Server, Test, str};

const ONLY: &str = "makes that the only source: put the key there, or leave the flag out";

/// A call without a key in the environment.
fn call<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&["get", "/v3/x"])
        .args(arguments)
        .no_key()
        .secret(KEY)
        .env("HEYGEN_ERROR_FORMAT", "text")
}

fn make_fifo(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
}

#[test]
fn ignores_endless_env_files() {
    use std::os::unix::fs::symlink;
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let targets = ["/dev/zero", "/dev/random", "/dev/tty", "/proc/kmsg", "fifo"];
    for target in targets {
        let test = call(&[]).home_file(".heygen/credentials", KEY).server(&server).stdout("1\n");
        make_fifo(&test.work().join("fifo"));
        symlink(target, test.work().join(".env")).expect("a link");
        symlink(target, test.work().join(".env.local")).expect("a link");
        test.exits(0);
    }
}

#[test]
fn ignores_endless_credentials_files() {
    use std::os::unix::fs::symlink;
    for (target, found) in [("/dev/zero", "is a device"), ("fifo", "is a FIFO")] {
        let test = call(&[]).home_file(".heygen/other", "").base(&Server::nowhere());
        make_fifo(&test.home().join(".heygen/fifo"));
        symlink(target, test.home().join(".heygen/credentials")).expect("a link");
        test.stderr(format!(
            "error: no API key found\n  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found \
             here), ~/.heygen/credentials ({found})\nhint: make a key at \
             https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`\n"
        ))
        .exits(3);
    }
}

#[test]
fn limits_named_files_to_a_megabyte() {
    for flag in ["--api-key-file", "--env-file"] {
        let check = |test: Test<'_>, name: &str| {
            test.base(&Server::nowhere())
                .stderr(format!(
                    "error: no API key found\n  looked at: {name} (is larger than 1 MB)\nhint: `{flag}` {ONLY}\n"
                ))
                .exits(3);
        };
        check(call(&[flag, "/dev/zero"]), "/dev/zero");
        check(call(&[flag, "big"]).file("big", vec![b'#'; (1 << 20) + 1]), "big");
    }
}

#[test]
fn rejects_endless_certificate_files() {
    let hint = "hint: name a file of certificates in PEM form, or `system`\n";
    let large = format!("reading `/dev/zero`: it is larger than 16 MiB\n{hint}");
    let test = |arguments: &[&str]| call(arguments).base("https://localhost:1");
    test(&["--ca-cert", "/dev/zero"]).stderr(format!("error: --ca-cert: {large}")).exits(2);
    for name in ["HEYGEN_CA_CERT", "SSL_CERT_FILE"] {
        test(&[]).env(name, "/dev/zero").stderr(format!("error: {name}: {large}")).exits(2);
    }
}

#[test]
fn uploads_of_silent_fifos_end() {
    for arguments in [&["--form", "file=@fifo"][..], &["--body-file", "fifo"]] {
        let test = Test::new(&["post", "/v3/assets", "--timeout", "100ms"])
            .args(arguments)
            .base(&Server::nowhere())
            .env("HEYGEN_ERROR_FORMAT", "text");
        make_fifo(&test.work().join("fifo"));
        test.limit(Duration::from_secs(10))
            .stderr(str![[r#"
error: reading `fifo`: nobody writes to it

"#]])
            .exits(1);
    }
}

#[test]
fn fifo_is_uploaded() {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let heygen = assert_cmd::cargo::cargo_bin!("heygen").display().to_string();
    let script = format!("{heygen} post /v3/assets --body-file <(echo text)");
    let outcome = Test::program("bash", &["-c", &script])
        .env("PATH", "/usr/bin:/bin")
        .server(&server)
        .stdout("1\n")
        .exits(0);
    assert_eq!(outcome.requests[0].text(), "text\n");
}

#[test]
fn process_substitution_is_a_file() {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let heygen = assert_cmd::cargo::cargo_bin!("heygen").display().to_string();
    for flag_and_text in [
        format!("--api-key-file <(echo {KEY})"),
        format!("--env-file <(echo HEYGEN_API_KEY={KEY})"),
    ] {
        let script = format!("{heygen} get /v3/x {flag_and_text}");
        let outcome = Test::program("bash", &["-c", &script])
            .no_key()
            .env("PATH", "/usr/bin:/bin")
            .server(&server)
            .stdout("1\n")
            .exits(0);
        assert_eq!(outcome.requests[0].headers_named("x-api-key"), [KEY]);
    }
}
