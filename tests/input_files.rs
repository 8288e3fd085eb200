//! Files that arguments name: devices, FIFOs, the home directory.

use crate::support::{Reply, Server, Test};

#[track_caller]
fn refused(test: Test<'_>, message: &str, hint: &str) {
    let server = Server::in_turn(vec![]);
    let hint = if hint.is_empty() { String::new() } else { format!("hint: {hint}\n") };
    test.server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: {message}\n{hint}"))
        .exits(2);
    assert_eq!(server.connections(), 0, "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn endless_devices_are_refused() {
    for (arguments, flag) in [(["-F", "a=@/dev/zero"], "--field"), (["-d", "@/dev/zero"], "--data")]
    {
        refused(
            Test::new(&["post", "/v3/videos"]).args(&arguments),
            &format!("{flag}: reading `/dev/zero`: it is larger than 64 MiB"),
            "",
        );
    }
    for (arguments, flag) in
        [(["--form", "a=@/dev/zero"], "--form"), (["--body-file", "/dev/zero"], "--body-file")]
    {
        refused(
            Test::new(&["post", "/v3/videos"]).args(&arguments),
            &format!("{flag}: `/dev/zero` is a device without an end"),
            "",
        );
    }
    refused(
        Test::new(&["get", "/v3/videos", "--ca-cert", "/dev/zero"]),
        "--ca-cert: reading `/dev/zero`: it is larger than 16 MiB",
        "name a file of certificates in PEM form, or `system`",
    );
}

#[cfg(unix)]
#[test]
fn fifos_without_a_writer_are_refused() {
    for (arguments, flag) in [(["-F", "a=@fifo"], "--field"), (["-d", "@fifo"], "--data")] {
        let test = Test::new(&["post", "/v3/videos", "--timeout", "50ms"]).args(&arguments);
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            test.work().join("fifo"),
            rustix::fs::Mode::from(0o600),
        )
        .expect("a FIFO can be made");
        refused(test, &format!("{flag}: reading `fifo`: nobody writes to it"), "");
    }
}

#[test]
fn a_tilde_behind_at_is_home() {
    let server = Server::always(Reply::empty(204));
    let sent = |arguments: &[&str]| {
        let mut outcome = Test::new(&[&["post", "/v3/videos"], arguments].concat())
            .home_file("in/body.json", "{\"a\":1}")
            .server(&server)
            .exits(0);
        outcome.requests.remove(0).text()
    };
    assert_eq!(sent(&["-d", "@~/in/body.json"]), "{\"a\":1}");
    assert_eq!(sent(&["-F", "a=@~/in/body.json"]), "{\"a\":\"{\\\"a\\\":1}\"}");
    assert_eq!(sent(&["--body-file=~/in/body.json"]), "{\"a\":1}");
    let form = sent(&["--form", "file=@~/in/body.json"]);
    assert!(form.contains("filename=\"body.json\"") && form.contains("{\"a\":1}"), "{form}");
}

#[cfg(unix)]
#[test]
fn stdin_by_its_path_is_read_once() {
    refused(
        Test::new(&["post", "/v3/videos", "-F", "a=@/dev/stdin", "-F", "b=@-"]).stdin("x"),
        "`-F a=@/dev/stdin` and `-F b=@-` both read stdin, which can be read once",
        "name a file for one of them",
    );
    let server = Server::always(Reply::empty(204));
    let outcome = Test::new(&["post", "/v3/videos", "-d", "@/dev/stdin"])
        .stdin("{\"a\":1}")
        .server(&server)
        .exits(0);
    assert_eq!(outcome.requests[0].text(), "{\"a\":1}");
}
