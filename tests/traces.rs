//! `-vv`: the bodies of requests and responses on stderr.

use crate::support::{KEY, Reply, Server, Test};

/// The lines of a trace that are neither a request line, a status nor a header.
fn bodies(stderr: &str) -> Vec<&str> {
    let is_body = |line: &&str| {
        let (name, rest) = line[2..].split_once(": ").unwrap_or_default();
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let is_header = is_name && !rest.contains('<');
        !(is_header || line.contains("http://127.0.0.1") || line.contains("200 OK"))
    };
    stderr.lines().filter(is_body).collect()
}

#[test]
fn shows_json_bodies_of_both_sides() {
    let server = Server::always(Reply::json(200, "{\"data\":{\n  \"id\":\"v1\"}}"));
    let outcome = Test::new(&["post", "/v3/videos", "-vv", "-o", "compact", "-f", "title=Hi"])
        .server(&server)
        .run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "{\"id\":\"v1\"}\n"));
    let shown = bodies(&outcome.stderr);
    assert_eq!(
        shown,
        ["> {\"title\":\"Hi\"}", "< {\"data\":{", "<   \"id\":\"v1\"}}"],
        "{}",
        outcome.stderr
    );
    let once = Test::new(&["post", "/v3/videos", "-v", "-f", "title=Hi"]).server(&server).run();
    assert!(!once.stderr.contains("title"), "{}", once.stderr);
}

#[test]
fn masks_keys_in_bodies() {
    let filler = "x".repeat(4_080);
    let body = format!(r#"{{"data":"{filler}{KEY}"}}"#);
    let server = Server::always(Reply::json(200, &body));
    let field = format!("note={filler}{KEY}");
    let outcome = Test::new(&["post", "/v3/videos", "-vv", "-f", &field])
        .server(&server)
        .key_may_show()
        .run();
    assert_eq!(outcome.code, Some(0));
    for part in [KEY, &KEY[..KEY.len() / 2]] {
        assert!(!outcome.stderr.contains(part), "{}", outcome.stderr);
    }
    let shown = bodies(&outcome.stderr);
    assert!(shown.iter().all(|line| line.len() < 4_200), "{shown:?}");
}

#[test]
fn shows_files_by_size_and_type() {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    let form = ["post", "/v3/assets", "-vv", "--form", "title=Hello", "--form", "file=@a.png"];
    let outcome = Test::new(&form).server(&server).file("a.png", b"\x89PNG\r\n\x1a\nscenery").run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "1\n"));
    assert_eq!(
        bodies(&outcome.stderr),
        ["> title: <5 bytes>", "> file: a.png <15 bytes of image/png>", r#"< {"data":1}"#],
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stderr.contains("scenery"));
}

#[test]
fn shows_streamed_responses_by_announced_size() {
    let server = Server::always(Reply::new(200, "audio/mpeg", "ID3 sound"));
    let outcome = Test::new(&["get", "/v3/voices/v1/preview", "-vv"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "ID3 sound"));
    assert_eq!(bodies(&outcome.stderr), ["< <9 bytes of audio/mpeg>"], "{}", outcome.stderr);
}

#[test]
fn shows_no_signatures() {
    let link = "https://files.heygen.ai/a.mp4?Expires=1&Signature=SIG0123";
    let reply = Reply::json(200, &format!(r#"{{"data":{{"video_url":"{link}"}}}}"#))
        .header("Link", "</v3/f?Signature=SIG0123>; rel=next")
        .header("X-Url", "https%3A%2F%2Fh%2Ff%3FSignature%3DSIG0123")
        .header("X-Auth-Token", "SIG0123");
    let server = Server::always(reply);
    let outcome =
        Test::new(&["get", "/v3/videos/v1", "-vv", "-o", "compact"]).server(&server).run();
    let stdout = format!("{{\"video_url\":\"{link}\"}}\n");
    assert_eq!((outcome.code, outcome.stdout), (Some(0), stdout));
    assert!(!outcome.stderr.contains("SIG0123"), "{}", outcome.stderr);
    let body = r#"< {"data":{"video_url":"https://files.heygen.ai/a.mp4?…"}}"#;
    assert!(outcome.stderr.contains(body), "{}", outcome.stderr);
}

#[test]
fn shows_bodies_of_errors() {
    let body = r#"{"error":{"code":"invalid_parameter","message":"no"}}"#;
    let server = Server::always(Reply::json(400, body));
    let outcome = Test::new(&["get", "/v3/videos", "-vv"]).server(&server).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains(&format!("\n< {body}\n")), "{}", outcome.stderr);
}
