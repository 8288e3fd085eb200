//! Bodies: fields, JSON text, forms and files, as they arrive at the server; and usage errors before
//! anything is sent.

use crate::support::{Expectation, Recorded, Reply, Server, Stream, Test, str};

/// HeyGen's response to an upload.
const ASSET: &str = r#"{"data":{"asset_id":"asset_abc123def456","url":"https://files.heygen.ai/assets/asset_abc123def456.png","mime_type":"image/png","size_bytes":245760}}"#;

const ASSET_PRETTY: &str = r#"{
  "asset_id": "asset_abc123def456",
  "url": "https://files.heygen.ai/assets/asset_abc123def456.png",
  "mime_type": "image/png",
  "size_bytes": 245760
}
"#;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// Runs a test whose request is to be taken, and returns that request.
#[track_caller]
fn taken(test: Test<'_>) -> Recorded {
    let server = Server::always(Reply::empty(204));
    let mut outcome = test.server(&server).exits(0);
    assert_eq!(outcome.requests.len(), 1);
    outcome.requests.remove(0)
}

/// `heygen post /v3/videos` and these arguments.
fn post<'s>(arguments: &[&str]) -> Test<'s> {
    Test::new(&[&["post", "/v3/videos"], arguments].concat())
}

/// Runs a test that is to end with these words and exit code 2, before it connects.
#[track_caller]
fn refused(test: Test<'_>, stderr: impl Into<Expectation>) {
    let server = Server::always(Reply::empty(204));
    test.server(&server).env("HEYGEN_ERROR_FORMAT", "text").stderr(stderr).exits(2);
    assert_eq!(server.connections(), 0);
}

/// The boundary that the type of a form announces.
#[track_caller]
fn boundary(request: &Recorded) -> String {
    let media_type = request.header("content-type").unwrap_or_default();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=");
    boundary.unwrap_or_else(|| panic!("`{media_type}` is not a form")).to_owned()
}

#[test]
fn fields_become_json() {
    let check = |arguments: &[&str], expected: &str| {
        let request = taken(post(arguments));
        assert_eq!(request.text(), expected, "{arguments:?}");
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("content-length"), Some(&*expected.len().to_string()));
    };
    check(
        &["-f", "a=1", "-f", "b=true", "-f", "c=@x", "-f", "d=", "-f", "e=x=y"],
        r#"{"a":"1","b":"true","c":"@x","d":"","e":"x=y"}"#,
    );
    check(
        &[
            "-F",
            "z=1.10",
            "-F",
            "a=12345678901234567890",
            "-F",
            "b=-0",
            "-F",
            "c=true",
            "-F",
            "d=null",
        ],
        r#"{"z":1.10,"a":12345678901234567890,"b":-0,"c":true,"d":null}"#,
    );
    check(
        &["-F", "voice[id]=V", "-F", "voice[speed]=1.5", "-f", "tags[]=a", "-f", "tags[]=1"],
        r#"{"voice":{"id":"V","speed":1.5},"tags":["a","1"]}"#,
    );
    check(
        &["-F", "s[][t]=1", "-F", "s[][u]=2", "-F", "s[][t]=3", "-F", "none[]"],
        r#"{"s":[{"t":1,"u":2},{"t":3}],"none":[]}"#,
    );
    check(&["-f", "script=Grüße, \"Welt\"\n漢字"], "{\"script\":\"Grüße, \\\"Welt\\\"\\n漢字\"}");
}

#[test]
fn field_reads_file_or_stdin() {
    let request = taken(
        post(&["-F", "script=@texts/script.txt", "-F", "title=@-"])
            .file("texts/script.txt", "Hello,\n\"you\"\n")
            .stdin("from stdin"),
    );
    assert_eq!(request.text(), r#"{"script":"Hello,\n\"you\"\n","title":"from stdin"}"#);
}

#[test]
fn data_is_sent_unchanged() {
    let text = "\n{ \"n\": 12345678901234567890, \"x\": 1.10e5, \"x\": -0,\r\n\t\"z\":\"\\ud800\\/\", \"a\": [] }\n";
    let check = |test: Test<'_>| {
        let request = taken(test);
        assert_eq!(request.text(), text);
        assert_eq!(request.header("content-type"), Some("application/json"));
    };
    check(post(&["-d", text]));
    check(post(&["--data", "@body.json"]).file("body.json", text));
    check(post(&["-d", "-"]).stdin(text));
    check(post(&["-d", "@-"]).stdin(text));
    // HeyGen's own command line takes the bare name of a file.
    check(post(&["-d", "body.json"]).file("body.json", text));
    // Windows writes a mark in front that JSON does not have.
    check(post(&["-d", "@body.json"]).file("body.json", format!("\u{feff}{text}")));
}

#[test]
fn any_json_value_is_a_body() {
    for text in ["[1,2]", "\"text\"", "1", "null", " true "] {
        assert_eq!(taken(post(&["-d", text])).text(), text);
    }
}

#[test]
fn json_text_wins_over_file_name() {
    let request = taken(post(&["-d", "1"]).file("1", "{}"));
    assert_eq!(request.text(), "1");
}

#[test]
fn fields_override_data() {
    let data = r#"{"z":12345678901234567890,"caption":{"style":"plain","file_format":"vtt"},"tags":["a"],"title":"old","x":1.10}"#;
    let request = taken(
        post(&[
            "-d",
            "@body.json",
            "-f",
            "title=new",
            "-F",
            "caption[file_format]=srt",
            "-f",
            "tags[]=b",
            "-F",
            "added=1",
        ])
        .file("body.json", data),
    );
    assert_eq!(
        request.text(),
        r#"{"z":12345678901234567890,"caption":{"style":"plain","file_format":"srt"},"tags":["b"],"title":"new","x":1.10,"added":1}"#
    );
}

#[test]
fn invalid_json_is_shown_with_caret() {
    refused(
        post(&["-d", r#"{"script": "Hi",}"#]),
        str![[r#"
error: --data is not valid JSON: trailing comma at line 1 column 17
  {"script": "Hi",}
                  ^

"#]],
    );
    refused(
        post(&["-d", "{\"a\": 1,\n \"ü\": nul}"]),
        str![[r#"
error: --data is not valid JSON: expected ident at line 2 column 10
   "ü": nul}
           ^

"#]],
    );
}

#[test]
fn invalid_json_files_are_not_quoted() {
    let text = "{\"secret\": 1,}";
    refused(
        post(&["-d", "@body.json"]).file("body.json", text),
        str![[r#"
error: --data `body.json` is not valid JSON: trailing comma at line 1 column 14

"#]],
    );
    refused(
        post(&["-d", "body.json"]).file("body.json", text),
        str![[r#"
error: --data `body.json` is not valid JSON: trailing comma at line 1 column 14

"#]],
    );
    refused(
        post(&["-d", "-"]).stdin(text),
        str![[r#"
error: --data from stdin is not valid JSON: trailing comma at line 1 column 14

"#]],
    );
    refused(
        post(&["-d", "@-"]).stdin(text),
        str![[r#"
error: --data from stdin is not valid JSON: trailing comma at line 1 column 14

"#]],
    );
}

#[test]
fn rejects_empty_data() {
    refused(
        post(&["-d", ""]),
        str![[r#"
error: --data is empty; it must be JSON

"#]],
    );
    refused(
        post(&["-d", "@empty.json"]).file("empty.json", ""),
        str![[r#"
error: --data `empty.json` is empty; it must be JSON

"#]],
    );
    refused(
        post(&["-d", "-"]),
        str![[r#"
error: --data from stdin is empty; it must be JSON

"#]],
    );
}

#[test]
fn nesting_is_limited_to_512_levels() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(taken(post(&["-d", &deep(512)])).text(), deep(512));
    refused(
        post(&["-d", "@deep.json"]).file("deep.json", deep(100_000)),
        str![[r#"
error: --data `deep.json` is not valid JSON: more than 512 nested levels at line 1 column 513

"#]],
    );
    let name = format!("a{}=1", "[b]".repeat(511));
    assert!(taken(post(&["-F", &name])).text().starts_with(r#"{"a":{"b":{"b""#));
    let name = format!("a{}=1", "[b]".repeat(30_000));
    refused(
        post(&["-F", &name]),
        str![[r#"
error: --field: a field name has more than 512 levels

"#]],
    );
}

#[test]
fn data_without_at_hints_at_file() {
    refused(
        post(&["-d", "body.json"]),
        str![[r#"
error: --data is not valid JSON: expected value at line 1 column 1
  body.json
  ^
hint: to read a file: `-d @FILE`

"#]],
    );
}

#[test]
fn unreadable_files_are_named() {
    refused(
        post(&["-d", "@gone.json"]),
        str![[r#"
error: --data: reading `gone.json`: no such file or directory

"#]],
    );
    refused(
        post(&["-F", "a=@gone.txt"]),
        str![[r#"
error: --field: reading `gone.txt`: no such file or directory

"#]],
    );
    refused(
        post(&["--form", "file=@gone.png"]),
        str![[r#"
error: --form: reading `gone.png`: no such file or directory

"#]],
    );
    refused(
        post(&["--body-file", "gone.bin"]),
        str![[r#"
error: --body-file: reading `gone.bin`: no such file or directory

"#]],
    );
    refused(
        post(&["--body-file", "folder"]).dir("folder"),
        str![[r#"
error: --body-file: `folder` is a directory

"#]],
    );
    refused(
        post(&["--form", "file=@folder"]).dir("folder"),
        str![[r#"
error: --form: `folder` is a directory

"#]],
    );
    refused(
        post(&["-d", "@folder"]).dir("folder"),
        str![[r#"
error: --data: reading `folder`: is a directory

"#]],
    );
    refused(
        post(&["-d", "@latin1.json"]).file("latin1.json", b"{\"a\":\"\xe9\"}"),
        str![[r#"
error: --data: `latin1.json` is not valid UTF-8 (byte 7)
hint: `--form NAME=@FILE` and `--body-file FILE` send any bytes

"#]],
    );
    refused(
        post(&["-F", "a=@photo.png"]).file("photo.png", PNG),
        str![[r#"
error: --field: `photo.png` is not valid UTF-8 (byte 1)
hint: `--form NAME=@FILE` and `--body-file FILE` send any bytes

"#]],
    );
}

#[test]
fn stdin_is_read_once() {
    let both = |first: &str, second: &str| {
        format!(
            "error: `{first}` and `{second}` both read stdin, which can be read once\n\
             hint: name a file for one of them\n"
        )
    };
    let test = |arguments: &[&str]| post(arguments).stdin("{}");
    let twice = |test: Test<'_>, stderr: &str| {
        let server = Server::always(Reply::empty(204));
        test.server(&server).env("HEYGEN_ERROR_FORMAT", "text").stderr(stderr).exits(2);
        assert_eq!(server.connections(), 0);
    };
    twice(test(&["-F", "a=@-", "-F", "b=@-"]), &both("-F a=@-", "-F b=@-"));
    twice(test(&["-F", "a=@-", "-d", "-"]), &both("-F a=@-", "--data -"));
    twice(test(&["-F", "a=@-", "-d", "@-"]), &both("-F a=@-", "--data @-"));
    twice(test(&["--form", "a=@-", "--form", "b=@-"]), &both("--form a=@-", "--form b=@-"));
    for (option, arguments) in [
        ("--data -", ["-d", "-"]),
        ("-F a=@-", ["-F", "a=@-"]),
        ("--form a=@-", ["--form", "a=@-"]),
        ("--body-file -", ["--body-file", "-"]),
    ] {
        let key_file = test(&arguments).args(&["--api-key-file", "-"]);
        twice(key_file, &both("--api-key-file -", option));
    }
}

#[test]
fn rejects_two_kinds_of_body() {
    let with_files = |arguments: &[&str]| post(arguments).file("a.bin", "a");
    refused(
        with_files(&["-d", "{}", "--form", "a=b"]),
        str![[r#"
error: the body is given in two ways
hint: use one of: fields and --data, --form, --body-file

"#]],
    );
    refused(
        with_files(&["-f", "a=b", "--form", "a=b"]),
        str![[r#"
error: the body is given in two ways
hint: use one of: fields and --data, --form, --body-file

"#]],
    );
    refused(
        with_files(&["-d", "{}", "--body-file", "a.bin"]),
        str![[r#"
error: the body is given in two ways
hint: use one of: fields and --data, --form, --body-file

"#]],
    );
    refused(
        with_files(&["-F", "a=b", "--body-file", "a.bin"]),
        str![[r#"
error: the body is given in two ways
hint: use one of: fields and --data, --form, --body-file

"#]],
    );
    refused(
        with_files(&["--form", "a=b", "--body-file", "a.bin"]),
        str![[r#"
error: the body is given in two ways
hint: use one of: fields and --data, --form, --body-file

"#]],
    );
    refused(
        post(&["-d", "[1]", "-f", "a=b"]),
        str![[r#"
error: --data must be a JSON object when -f or -F is used
hint: leave out -f and -F

"#]],
    );
    refused(
        post(&["-f", "a=b", "-f", "a=c"]),
        str![[r#"
error: the field `a` is given twice
hint: for a list, write `a[]=…`

"#]],
    );
    refused(
        post(&["-f", "a=b", "-f", "a[b]=c"]),
        str![[r#"
error: the fields `a` and `a[b]` conflict: a value cannot be an object or a list too

"#]],
    );
}

#[test]
fn rejects_nested_field_in_query() {
    refused(
        Test::new(&["delete", "/v3/videos/v1", "-F", "a[b]=1"]),
        str![[r#"
error: the field `a[b]` is nested; a query is flat
hint: GET, HEAD and DELETE send fields in the query

"#]],
    );
}

#[test]
fn form_is_multipart_like_browsers() {
    let server = Server::always(Reply::json(200, ASSET));
    let outcome = Test::new(&[
        "post",
        "/v3/assets",
        "--form",
        "file=@in/portrait.jpg",
        "--form",
        "na\"me\r\n=a \"b\"\r\nc",
    ])
    .file("in/portrait.jpg", PNG)
    .server(&server)
    .stdout(ASSET_PRETTY)
    .exits(0);
    let request = &outcome.requests[0];
    let boundary = boundary(request);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"portrait.jpg\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    let rest = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"na%22me%0D%0A\"\r\n\r\n\
         a \"b\"\r\nc\r\n--{boundary}--\r\n"
    );
    let expected = [head.as_bytes(), PNG, rest.as_bytes()].concat();
    assert_eq!(request.body, expected);
    assert_eq!(request.header("content-length"), Some(&*expected.len().to_string()));
    assert_eq!(request.header("transfer-encoding"), None);
}

#[test]
fn part_type_from_content_or_flag() {
    let check = |file: &str, content: &[u8], suffix: &str, name: &str, media_type: &str| {
        let test = post(&["--form", &format!("file=@{file}{suffix}")]);
        let request = taken(test.file(file, content));
        let expected = format!(
            "Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        assert!(request.contains(expected.as_bytes()), "{expected}\n{}", request.text());
    };
    check("a.bin", PNG, "", "a.bin", "image/png");
    check("a.bin", b"\xff\xd8\xff\xe0", "", "a.bin", "image/jpeg");
    check("a.bin", b"\0\0\0\x18ftypmp42", "", "a.bin", "video/mp4");
    check("a.srt", b"1\n00:00:01,000", "", "a.srt", "application/x-subrip");
    check("a.bin", b"hello", "", "a.bin", "application/octet-stream");
    check("a.bin", PNG, ";type=image/x-mine; q=1", "a.bin", "image/x-mine; q=1");
    check("empty", b"", "", "empty", "application/octet-stream");
    check("b c;d.png", PNG, "", "b c;d.png", "image/png");
    if cfg!(unix) {
        check("sub/q\"u\no.png", PNG, "", "q%22u%0Ao.png", "image/png");
    }
}

#[test]
fn form_part_reads_stdin() {
    let request = taken(post(&["--form", "file=@-;type=image/png"]).stdin(PNG));
    let boundary = boundary(&request);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"stdin\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    assert_eq!(
        request.body,
        [head.as_bytes(), PNG, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
    );
}

#[test]
fn rejects_malformed_form_part() {
    refused(
        post(&["--form", "file"]),
        str![[r#"
error: --form: a part has no name or no `=`
hint: write it like `--form file=@photo.png`

"#]],
    );
    refused(
        post(&["--form", "=x"]),
        str![[r#"
error: --form: a part has no name or no `=`
hint: write it like `--form file=@photo.png`

"#]],
    );
    refused(
        post(&["--form", "file=@a;type="]).file("a", ""),
        str![[r#"
error: --form file: `;type=` must be a media type such as image/png

"#]],
    );
    refused(
        post(&["--form", "file=@a;type=a\r\nX: b"]).file("a", ""),
        str![[r#"
error: --form file: `;type=` must be a media type such as image/png

"#]],
    );
}

#[test]
fn body_file_is_sent_unchanged() {
    let check = |arguments: &[&str], content: &[u8], media_type: &str| {
        let arguments = [&["--body-file", "in.bin"], arguments].concat();
        let request = taken(post(&arguments).file("in.bin", content));
        assert_eq!(request.body, content);
        assert_eq!(request.headers_named("content-type"), [media_type], "{arguments:?}");
        assert_eq!(request.header("content-length"), Some(&*content.len().to_string()));
    };
    check(&[], PNG, "image/png");
    check(&[], b"text", "application/octet-stream");
    check(&[], b"", "application/octet-stream");
    check(&["--content-type", "audio/x-mine"], b"text", "audio/x-mine");
    check(&["-H", "Content-Type: audio/x-mine"], b"text", "audio/x-mine");
    refused(
        post(&["--body-file", "a", "--content-type", "a\nb"]).file("a", ""),
        str![[r#"
error: --content-type must be a media type such as image/png

"#]],
    );
}

#[test]
fn content_type_requires_body_file() {
    Test::new(&["post", "/v3/videos", "--content-type", "a/b"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: --content-type needs --body-file\n\
             hint: add --body-file, or leave --content-type out\n",
        )
        .exits(2);
}

/// A megabyte that repeats in no power of two, so that swapped pieces are seen.
fn megabytes(count: usize) -> Vec<u8> {
    (0_u32..).flat_map(|number| number.to_le_bytes()).take(count << 20).collect()
}

#[test]
fn large_body_file_arrives_whole() {
    let content = megabytes(9);
    let request = taken(post(&["--body-file", "large.bin"]).file("large.bin", &content));
    assert!(request.body == content, "{} bytes came", request.body.len());
    assert_eq!(request.header("content-length"), Some(&*content.len().to_string()));
}

#[test]
fn expect_100_continue_is_sent_once() {
    let check = |arguments: &[&str]| {
        let arguments = [&["--body-file", "large.bin"], arguments].concat();
        let request = taken(post(&arguments).file("large.bin", megabytes(2)));
        assert_eq!(request.headers_named("expect"), ["100-continue"], "{arguments:?}");
    };
    check(&[]);
    check(&["-H", "Expect: 100-continue"]);
}

#[test]
fn large_json_arrives_whole() {
    let text = format!("{{\"text\":\"{}\"}}", "a".repeat(9 << 20));
    let request = taken(post(&["-d", "@large.json"]).file("large.json", &text));
    assert!(request.body == text.as_bytes(), "{} bytes came", request.body.len());
}

#[test]
fn small_stdin_is_retried_with_length() {
    let content = megabytes(3);
    let server =
        Server::in_turn(vec![Reply::empty(429).header("Retry-After", "0"), Reply::empty(204)]);
    let outcome = Test::new(&["put", "/v3/videos/v1", "--body-file", "-", "--retry", "1"])
        .stdin(content.clone())
        .server(&server)
        .sends(&["PUT /v3/videos/v1", "PUT /v3/videos/v1"])
        .exits(0);
    for request in &outcome.requests {
        assert!(request.body == content, "{} bytes came", request.body.len());
        assert_eq!(request.header("content-length"), Some(&*content.len().to_string()));
        assert_eq!(request.header("content-type"), Some("application/octet-stream"));
    }
}

#[test]
fn large_stdin_is_sent_once_chunked() {
    let content = megabytes(33);
    let server = Server::always(Reply::empty(429).header("Retry-After", "0"));
    let outcome = Test::new(&["put", "/v3/videos/v1", "--body-file", "-", "--retry", "3"])
        .stdin(content.clone())
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr("error: 429 too many requests: PUT /v3/videos/v1\n")
        .sends(&["PUT /v3/videos/v1"])
        .exits(1);
    let request = &outcome.requests[0];
    assert!(request.body == content, "{} bytes came", request.body.len());
    assert_eq!(request.header("transfer-encoding"), Some("chunked"));
    assert_eq!(request.header("content-length"), None);
}

#[test]
fn body_file_is_reopened_for_retry() {
    let server = Server::in_turn(vec![
        Reply::empty(429).header("Retry-After", "0"),
        Reply::json(200, ASSET),
    ]);
    let content = megabytes(2);
    let outcome = Test::new(&["post", "/v3/assets", "--form", "file=@a.bin", "--retry", "1"])
        .file("a.bin", &content)
        .server(&server)
        .stdout(ASSET_PRETTY)
        .sends(&["POST /v3/assets", "POST /v3/assets"])
        .exits(0);
    assert!(outcome.requests[0].body == outcome.requests[1].body);
}

#[test]
fn unused_stdin_is_not_read() {
    let server = Server::always(Reply::empty(204));
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    let _never_closed = writer;
    Test::new(&["post", "/v3/videos", "-f", "a=b"]).stdin_from(reader).server(&server).exits(0);
}

#[cfg(unix)]
#[test]
fn named_pipe_is_opened_once() {
    use std::io::Write as _;
    let check = |arguments: &[&str]| {
        let test = post(arguments);
        let path = test.work().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from(0o600))
            .expect("a pipe can be made");
        let writer = std::thread::spawn(move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(&path)?;
            pipe.write_all(b"{\"from\":\"a pipe\"}")
        });
        let request = taken(test);
        assert!(request.contains(b"{\"from\":\"a pipe\"}"), "{arguments:?}");
        writer.join().expect("the writer ends").expect("all of it is taken");
    };
    check(&["--body-file", "pipe"]);
    check(&["-d", "@pipe"]);
    check(&["--form", "file=@pipe"]);
}

#[cfg(target_os = "linux")]
#[test]
fn reads_proc_file_of_size_zero() {
    let version = std::fs::read("/proc/version").expect("Linux tells its version");
    let request = taken(post(&["--body-file", "/proc/version"]));
    assert_eq!(request.body, version);
}

#[cfg(unix)]
#[test]
fn body_is_read_from_terminal() {
    let server = Server::always(Reply::empty(204));
    let outcome = Test::new(&["post", "/v3/videos", "-d", "-"])
        .type_in("{\"a\":1}\n\u{4}")
        .terminal(Stream::Stdin)
        .server(&server)
        .exits(0);
    assert_eq!(outcome.requests[0].text(), "{\"a\":1}\n");
}
