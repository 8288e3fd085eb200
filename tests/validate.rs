//! `--validate`, and the findings of `--dry-run`: a request held against the API description.

use crate::support::{KEY, Reply, Server, Test, str};

const VIDEO: [&str; 8] =
    ["post", "/v3/videos", "-f", "type=avatar", "-f", "avatar_id=A", "-f", "script=Hi"];

#[test]
fn all_findings_are_listed_and_nothing_is_sent() {
    let server = Server::always(Reply::json(200, "{}"));
    let wrong = ["-f", "aspect_ratio=16x9", "-f", "voiceid=V", "-f", "voice_settings[speed]=1"];
    Test::new(&[&VIDEO, &wrong[..], &["--validate"]].concat())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: the body does not match POST /v3/videos (type avatar); nothing was sent
  aspect_ratio: "16x9" is not one of 16:9, 9:16, 4:5, 5:4, 1:1, auto
  voiceid: unknown field; did you mean voice_id?
  voice_settings.speed: "1" is not a number
hint: `-F NAME=VALUE` sends numbers, true and false; `-f` sends strings
hint: `heygen endpoints show POST /v3/videos` lists the fields

"#]])
        .exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn findings_are_json_for_scripts() {
    Test::new(&["get", "/v3/videos?limit=500", "-Q", "titel=A", "--validate"])
        .no_key()
        .stderr(str![[r#"
{"error":{"code":"cli_invalid_request","message":"the query does not match GET /v3/videos; nothing was sent","hint":"`heygen endpoints show GET /v3/videos` lists the parameters","errors":[{"code":"beyond_limit","message":"500 must be at most 100","path":"limit"},{"code":"unknown_field","message":"unknown field; did you mean title?","path":"titel"}]}}

"#]])
        .exits(2);
}

#[test]
fn valid_request_is_silent() {
    let server = Server::always(Reply::json(200, "{}"));
    Test::new(&[&VIDEO[..], &["--validate"]].concat()).server(&server).exits(0);
    Test::new(&["get", "/v3/videos", "-Q", "limit=5", "--validate"]).server(&server).exits(0);
    Test::new(&["post", "/v3/videos/v1/undo", "--validate"])
        .server(&server)
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"the catalogue has no POST /v3/videos/v1/undo to validate against","hint":"`heygen endpoints` lists what can be validated; `--dry-run` shows any request"}}

"#]])
        .exits(2);
    assert_eq!(server.connections(), 0);
}

#[test]
fn bodies_of_other_kinds_are_findings() {
    let check = |arguments: &[&str], expected: snapbox::data::Inline| {
        Test::new(&[arguments, &["--validate"]].concat())
            .no_key()
            .file("portrait.png", "bytes")
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(expected)
            .exits(2);
    };
    check(
        &["post", "/v3/assets", "-f", "file=A"],
        str![[r#"
error: the body does not match POST /v3/assets; nothing was sent
  the body: must be multipart/form-data
hint: `heygen endpoints show POST /v3/assets` lists the fields

"#]],
    );
    check(
        &["post", "/v3/assets", "--form", "fiel=@portrait.png"],
        str![[r#"
error: the body does not match POST /v3/assets; nothing was sent
  file: missing, but required
  fiel: unknown field; did you mean file?
hint: `heygen endpoints show POST /v3/assets` lists the fields

"#]],
    );
    check(
        &["delete", "/v3/videos/v1", "-d", r#"{"a":1}"#],
        str![[r#"
error: the body does not match DELETE /v3/videos/{video_id}; nothing was sent
  the body: the operation takes none
hint: `heygen endpoints show DELETE /v3/videos/{video_id}` lists the fields

"#]],
    );
    check(
        &["post", "/v3/videos", "-d", "[1]"],
        str![[r#"
error: the body does not match POST /v3/videos; nothing was sent
  the body: a list is not an object
hint: `heygen endpoints show POST /v3/videos` lists the fields

"#]],
    );
}

#[test]
fn validated_dry_run_shows_the_request() {
    Test::new(&["get", "/v3/videos", "-Q", "limit=5", "--validate", "--dry-run"])
        .no_key()
        .stdout(str![[r#"
GET https://api.heygen.com/v3/videos?limit=5
X-Api-Key: (no key found)

"#]])
        .exits(0);
    Test::new(&["get", "/v3/videos", "-Q", "limit=0", "--validate", "--dry-run"])
        .no_key()
        .stderr(str![[r#"
{"error":{"code":"cli_invalid_request","message":"the query does not match GET /v3/videos; nothing was sent","hint":"`heygen endpoints show GET /v3/videos` lists the parameters","errors":[{"code":"beyond_limit","message":"0 must be at least 1","path":"limit"}]}}

"#]])
        .exits(2);
}

#[test]
fn dry_run_in_a_pipe_has_no_notes() {
    Test::new(&["get", "/v3/videos", "-Q", "limit=500", "--dry-run"])
        .no_key()
        .stdout(str![[r#"
GET https://api.heygen.com/v3/videos?limit=500
X-Api-Key: (no key found)

"#]])
        .exits(0);
}

#[test]
fn findings_do_not_show_the_key() {
    Test::new(&["get", "/v3/videos", "-Q", &format!("limit={KEY}"), "--validate"])
        .stderr(str![[r#"
{"error":{"code":"cli_invalid_request","message":"the query does not match GET /v3/videos; nothing was sent","hint":"`heygen endpoints show GET /v3/videos` lists the parameters","errors":[{"code":"wrong_type","message":"a text of 51 characters is not an integer","path":"limit"}]}}

"#]])
        .exits(2);
}

#[test]
fn plain_call_is_not_validated() {
    let server = Server::always(Reply::json(200, r#"{"data":[]}"#));
    Test::new(&["get", "/v3/videos", "-Q", "limit=500"]).server(&server).stdout("[]\n").exits(0);
    assert_eq!(server.connections(), 1);
}
