//! `endpoints`: the list of operations, and the page on each.

use std::fs;

use heygen_cli::catalogue::{self, Operation};
use heygen_cli::env::Env;
use heygen_cli::terminal::stdio::Stdio;
use serde_json::Value;

use crate::support::{Test, str};

/// The exit code, stdout and stderr of a run in a folder, without key and network.
fn run(words: &[String]) -> (u8, String, String) {
    let arguments: Vec<_> =
        std::iter::once("heygen").chain(words.iter().map(String::as_str)).map(Into::into).collect();
    let stdio = Stdio::in_memory("");
    let code = heygen_cli::run(&arguments, &Env::of(&[], std::env::temp_dir(), None), &stdio);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (u8::from(code), text(stdio.stdout()), text(stdio.stderr()))
}

fn printed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let (code, stdout, stderr) = run(&words);
    assert_eq!((code, stderr.as_str()), (0, ""), "{words:?}");
    stdout
}

/// The path with IDs in place of its placeholders.
fn with_ids(operation: Operation) -> String {
    let filled = |segment: &'static str| if segment.starts_with('{') { "0a1b2c" } else { segment };
    operation.path().split('/').map(filled).collect::<Vec<_>>().join("/")
}

#[test]
fn words_search_method_path_summary_and_command() {
    Test::new(&["endpoints", "voices", "delete"])
        .no_key()
        .stdout(str![[r#"
DELETE  /v3/models/audio/voices/{voice_id}  Delete a model voice  destructive, preview
DELETE  /v3/voices/{voice_id}               Delete a voice        destructive

"#]])
        .exits(0);
}

#[test]
fn all_of_v3_is_listed_by_noun() {
    let list = printed(&["endpoints"]);
    let operations = list.lines().filter(|line| line.contains(" /"));
    assert_eq!(operations.count(), 140);
    assert!(list.starts_with("ai-clipping\nPOST    /v3/ai-clipping "), "{list}");
    assert!(!list.contains("/v2/"));
    let all = printed(&["endpoints", "--legacy"]);
    assert_eq!(all.lines().filter(|line| line.contains(" /")).count(), 225);
}

#[test]
fn list_has_every_format() {
    let check = |format: &[&str], expected: snapbox::data::Inline| {
        Test::new(&[&["endpoints", "voices/speech"], format].concat())
            .no_key()
            .stdout(expected)
            .exits(0);
    };
    check(
        &["-o", "text"],
        str![[r#"
POST    /v3/voices/speech  Create speech from text  paid, not idempotent

"#]],
    );
    check(
        &["-o", "table"],
        str![[r#"
METHOD  PATH               SUMMARY                  MARKS
POST    /v3/voices/speech  Create speech from text  paid, not idempotent

"#]],
    );
    check(
        &["-o", "csv", "-c", "method,path,scope"],
        str![[r#"
method,path,scope
POST,/v3/voices/speech,

"#]],
    );
    check(
        &["-o", "jsonl"],
        str![[r#"
{"method":"POST","path":"/v3/voices/speech","summary":"Create speech from text","marks":"paid, not idempotent","command":"voice speech create","scope":null,"paid":true,"job":false,"paged":false,"destructive":false,"preview":false,"idempotent":false,"retired":null,"replacement":null}

"#]],
    );
}

#[cfg(feature = "jq")]
#[test]
fn list_is_filtered() {
    Test::new(&["endpoints", "webhook", "-q", ".[] | select(.destructive) | .path"])
        .no_key()
        .stdout(str![[r#"
/v3/webhooks/endpoints/{endpoint_id}
/v3/webhooks/endpoints/{endpoint_id}/rotate-secret

"#]])
        .exits(0);
}

#[test]
fn text_takes_no_columns() {
    Test::new(&["endpoints", "-o", "text", "-c", "path"])
        .no_key()
        .stderr(str![[r#"
{"error":{"code":"usage_error","message":"`-o text` takes neither --jq nor --columns","hint":"leave `-o text` out"}}

"#]])
        .exits(2);
}

#[test]
fn operation_is_described() {
    Test::new(&["endpoints", "show", "POST", "/v3/voices/speech"])
        .no_key()
        .stdout(str![[r#"
POST /v3/voices/speech
Create speech from text. Paid; a retried request may be charged twice (no
Idempotency-Key).
command   heygen voice speech create; --help lists its flags

Body
  text        string, required, 1-5000 characters
  voice_id    string, required
  input_type  string, default text
  language    string
  locale      string
  speed       number, 0.5-2, default 1

Response (data)
  audio_url        URL
  duration         number
  request_id       string or null
  word_timestamps  list of objects or null
    end            number
    start          number
    word           string

Example
  heygen post /v3/voices/speech -f voice_id=VOICE_ID -f text=Hello. -F speed=1

"#]])
        .exits(0);
}

#[test]
fn retired_operation_names_its_replacement() {
    Test::new(&["endpoints", "show", "/v2/avatars"])
        .no_key()
        .stdout(str![[r#"
GET /v2/avatars   retired 2026-10-31
replacement: GET /v3/avatars/looks
List avatars and talking photos.

Changes of names
  only there  group_id, avatar_type, ownership, limit, token

Response (data)
  avatars               list of objects
    avatar_id           string
    avatar_name         string
    gender              string or null
    preview_image_url   string or null
    preview_video_url   string or null
    premium             boolean or null
    type                string or null
    tags                any value
    default_voice_id    string or null
  talking_photos        list of objects
    talking_photo_id    string
    talking_photo_name  string or null
    preview_image_url   string or null

Example
  heygen get /v2/avatars

"#]])
        .exits(0);
}

#[test]
fn operation_has_many_names() {
    let page = printed(&["endpoints", "show", "GET", "/v3/videos/{video_id}"]);
    for name in [
        &["GET", "/v3/videos/v_5d1"][..],
        &["get", "v3/videos/v_5d1/"],
        &["GET", "https://api.heygen.com/v3/videos/v_5d1?x=1"],
        &["get", "videos/v_5d1"],
        &["video", "get"],
    ] {
        assert_eq!(printed(&[&["endpoints", "show"], name].concat()), page, "{name:?}");
    }
    let both = printed(&["endpoints", "show", "/v3/videos"]);
    assert!(
        both.starts_with("POST /v3/videos\n") && both.contains("\n\n\nGET /v3/videos\n"),
        "{both}"
    );
}

#[test]
fn unknown_operations_name_the_nearest() {
    let check = |words: &[&str], expected: snapbox::data::Inline| {
        Test::new(&[&["endpoints", "show"], words].concat()).no_key().stderr(expected).exits(2);
    };
    check(
        &["/v3/vidoes"],
        str![[r#"
{"error":{"code":"usage_error","message":"no operation /v3/vidoes","hint":"did you mean `heygen endpoints show /v3/videos`?"}}

"#]],
    );
    check(
        &["PUT", "/v3/videos"],
        str![[r#"
{"error":{"code":"usage_error","message":"/v3/videos has no method PUT","hint":"`heygen endpoints show POST|GET /v3/videos` is there"}}

"#]],
    );
    check(
        &["video"],
        str![[r#"
{"error":{"code":"usage_error","message":"`video` does not name one operation","hint":"`heygen endpoints video` lists what there is"}}

"#]],
    );
    check(
        &["nonsense", "list"],
        str![[r#"
{"error":{"code":"usage_error","message":"`nonsense list` does not name one operation","hint":"write it like `heygen endpoints show POST /v3/videos`; `heygen endpoints nonsense list` searches"}}

"#]],
    );
    check(
        &["/v3/videos", "--response-schema"],
        str![[r#"
{"error":{"code":"usage_error","message":"/v3/videos has several methods: POST, GET","hint":"name one: `heygen endpoints show POST /v3/videos …`"}}

"#]],
    );
    check(
        &["GET", "/v3/videos", "--request-schema"],
        str![[r#"
{"error":{"code":"usage_error","message":"GET /v3/videos takes no request body"}}

"#]],
    );
    check(
        &["POST", "/v3/videos", "--type", "film"],
        str![[r#"
{"error":{"code":"usage_error","message":"the body of POST /v3/videos has no type `film`","hint":"use one of: avatar, image, cinematic_avatar, studio"}}

"#]],
    );
    check(
        &["POST", "/v3/assets", "--example-body"],
        str![[r#"
{"error":{"code":"usage_error","message":"the body of POST /v3/assets is not JSON","hint":"`heygen endpoints show POST /v3/assets` has an example"}}

"#]],
    );
}

#[test]
fn example_body_of_a_type() {
    Test::new(&["endpoints", "show", "POST", "/v3/videos", "--type", "studio", "--example-body"])
        .no_key()
        .stdout(str![[r#"
{
  "type": "studio",
  "scenes": [
    {
      "type": "avatar_video",
      "input": {
        "type": "avatar",
        "avatar_id": "AVATAR_ID",
        "script": "Scene one.",
        "voice_id": "VOICE_ID"
      }
    },
    {
      "type": "image",
      "source": {
        "type": "url",
        "url": "https://example.com/slide.png"
      },
      "duration": 5
    }
  ]
}

"#]])
        .exits(0);
}

/// The commands of a page's example, as words.
fn commands(page: &str) -> Vec<Vec<String>> {
    let (_, example) = page.rsplit_once("\nExample\n").expect("an example");
    let example = example.split("\n\n").next().expect("commands");
    example.replace("\\\n", " ").lines().map(shell_words).collect()
}

fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in line.trim().chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            other => words.last_mut().expect("a word").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_example_is_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    for operation in catalogue::all() {
        let method = operation.method();
        let page = printed(&["endpoints", "show", method, operation.path()]);
        assert_eq!(
            printed(&["endpoints", "show", method, &with_ids(operation)]),
            page,
            "{operation}"
        );
        let mut lines = commands(&page);
        let mut call = lines.pop().expect("a call");
        if let Some(show) = lines.pop() {
            let (show, target) =
                show.split_at(show.iter().position(|word| word == ">").expect("a file"));
            let body = run(&show[1..]);
            assert_eq!((body.0, body.2.as_str()), (0, ""), "{operation}");
            fs::write(file(&target[1]), body.1).expect("a file");
        }
        for word in &mut call {
            let name = word.split_once('@').map_or(word.as_str(), |(_, name)| name).to_owned();
            let is_file = word.contains('@') || word.starts_with("file.");
            if is_file && !name.contains(' ') {
                if !fs::exists(file(&name)).expect("a folder") {
                    fs::write(file(&name), b"\x89PNG\r\n\x1a\n").expect("a file");
                }
                *word = word.replace(&name, &file(&name));
            }
        }
        assert_eq!(call[0], "heygen", "{operation}");
        // A path or a URL is whole.
        let fits = |line: &str| line.chars().count() <= 80 || line.split_whitespace().count() <= 4;
        assert!(page.lines().all(fits), "{page}");
        let checked: Vec<String> = [&call[1..], &["--validate".to_owned()]].concat();
        assert_eq!(run(&checked), (0, String::new(), String::new()), "{operation}: {checked:?}");
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The schemas are held against a validator of another's making.
#[test]
fn printed_schemas_validate_described_examples() {
    let mut count = 0;
    let mut check = |operation: Operation, option: &str, examples: Vec<&str>| {
        let text = printed(&["endpoints", "show", operation.method(), operation.path(), option]);
        let schema = json(&text);
        assert!(jsonschema::meta::is_valid(&schema), "{operation} {option}");
        let validator = jsonschema::validator_for(&schema).expect("a schema of its own");
        for example in examples {
            let example = json(example);
            let errors: Vec<String> =
                validator.iter_errors(&example).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{operation} {option}: {errors:?}\n{example}");
            count += 1;
        }
    };
    for operation in catalogue::all() {
        let json_of = |contents: Vec<catalogue::operation::Content>| {
            let content = contents.into_iter().next()?;
            (content.media_type() == "application/json" && content.schema().is_some())
                .then_some(content)
        };
        let examples = |content: catalogue::operation::Content| {
            content.examples().map(|(_, example)| example).collect::<Vec<_>>()
        };
        if let Some(content) = json_of(operation.bodies().collect()) {
            check(operation, "--request-schema", examples(content));
        }
        let response = operation.responses().next();
        if let Some(content) =
            json_of(response.into_iter().flat_map(|own| own.contents()).collect())
        {
            check(operation, "--response-schema", examples(content));
        }
    }
    assert!(count > 150, "{count}");
}
