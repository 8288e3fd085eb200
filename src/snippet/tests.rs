//! The texts of the programs. That they run and send what `heygen` sends is shown in
//! `tests/snippets.rs`.

use http::Method;

use super::*;
use crate::api::endpoint::Endpoint;
use crate::api::request::{Body, IdempotencyKey, Part, Payload};

fn base() -> Base {
    Base::parse("https://api.heygen.com").expect("a base")
}

fn request(method: Method, endpoint: &str) -> Request {
    Request::new(method, Endpoint::parse(endpoint, &base()).expect("an endpoint"))
}

#[test]
fn get_is_idiomatic() {
    let mut request = request(Method::GET, "/v3/videos");
    request.query = vec![("limit".to_owned(), "5".to_owned())];
    let check = |language: Language, expected: &str| {
        assert_eq!(program(language, &request, &base(), false).as_deref(), Ok(expected));
    };
    check(
        Language::Curl,
        r#"curl --fail-with-body --silent --show-error 'https://api.heygen.com/v3/videos?limit=5' \
  --header "X-Api-Key: $HEYGEN_API_KEY"
"#,
    );
    check(
        Language::Fetch,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
const response = await fetch("https://api.heygen.com/v3/videos?limit=5", {
  headers: { "X-Api-Key": process.env.HEYGEN_API_KEY },
  redirect: "error",
});
if (!response.ok) {
  throw new Error(`${response.status} ${await response.text()}`);
}
console.log(JSON.stringify((await response.json()).data, null, 2));
"#,
    );
    check(
        Language::Axios,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
import axios from "axios";

const response = await axios({
  method: "GET",
  url: "https://api.heygen.com/v3/videos?limit=5",
  headers: { "X-Api-Key": process.env.HEYGEN_API_KEY },
  maxRedirects: 0,
}).catch((error) => {
  // Not the error itself: printed whole, it shows the key.
  throw new Error(`${error.message} ${JSON.stringify(error.response?.data) ?? ""}`);
});
console.log(JSON.stringify(response.data.data, null, 2));
"#,
    );
    check(
        Language::Requests,
        r#"import os

import requests

response = requests.get(
    "https://api.heygen.com/v3/videos",
    params={"limit": "5"},
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
    allow_redirects=False,
)
response.raise_for_status()
print(response.json()["data"])
"#,
    );
    check(
        Language::Httpx,
        r#"import os

import httpx

response = httpx.get(
    "https://api.heygen.com/v3/videos",
    params={"limit": "5"},
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
)
response.raise_for_status()
print(response.json()["data"])
"#,
    );
}

#[test]
fn post_has_json_value_without_key() {
    let mut request = request(Method::POST, "/v3/videos");
    request.body =
        Body::Json(r#"{"type":"avatar","dimension":{"width":1280},"tags":["a"]}"#.to_owned());
    request.idempotency_key = Some(IdempotencyKey::Made("0f3c6a1e".to_owned()));
    let check = |language: Language, expected: &str| {
        assert_eq!(program(language, &request, &base(), false).as_deref(), Ok(expected));
    };
    check(
        Language::Curl,
        r#"curl --fail-with-body --silent --show-error 'https://api.heygen.com/v3/videos' \
  --header "X-Api-Key: $HEYGEN_API_KEY" \
  --header 'Content-Type: application/json' \
  --data-raw '{"type":"avatar","dimension":{"width":1280},"tags":["a"]}'
"#,
    );
    check(
        Language::Fetch,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
const response = await fetch("https://api.heygen.com/v3/videos", {
  method: "POST",
  headers: {
    "X-Api-Key": process.env.HEYGEN_API_KEY,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    "type": "avatar",
    "dimension": {
      "width": 1280,
    },
    "tags": [
      "a",
    ],
  }),
  redirect: "error",
});
if (!response.ok) {
  throw new Error(`${response.status} ${await response.text()}`);
}
console.log(JSON.stringify((await response.json()).data, null, 2));
"#,
    );
    check(
        Language::Axios,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
import axios from "axios";

const response = await axios({
  method: "POST",
  url: "https://api.heygen.com/v3/videos",
  headers: {
    "X-Api-Key": process.env.HEYGEN_API_KEY,
    "Content-Type": "application/json",
  },
  data: {
    "type": "avatar",
    "dimension": {
      "width": 1280,
    },
    "tags": [
      "a",
    ],
  },
  maxRedirects: 0,
}).catch((error) => {
  // Not the error itself: printed whole, it shows the key.
  throw new Error(`${error.message} ${JSON.stringify(error.response?.data) ?? ""}`);
});
console.log(JSON.stringify(response.data.data, null, 2));
"#,
    );
    check(
        Language::Requests,
        r#"import json
import os

import requests

response = requests.post(
    "https://api.heygen.com/v3/videos",
    headers={
        "X-Api-Key": os.environ["HEYGEN_API_KEY"],
        "Content-Type": "application/json",
    },
    data=json.dumps(
        {
            "type": "avatar",
            "dimension": {
                "width": 1280,
            },
            "tags": [
                "a",
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode(),
    allow_redirects=False,
)
response.raise_for_status()
print(response.json()["data"])
"#,
    );
    check(
        Language::Httpx,
        r#"import os

import httpx

response = httpx.post(
    "https://api.heygen.com/v3/videos",
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
    json={
        "type": "avatar",
        "dimension": {
            "width": 1280,
        },
        "tags": [
            "a",
        ],
    },
    timeout=120,
)
response.raise_for_status()
print(response.json()["data"])
"#,
    );
}

#[test]
fn form_opens_its_file() {
    let own = |text: &str| Some(text.to_owned());
    let file = Part {
        name: "file".to_owned(),
        payload: Payload::File("portrait.png".into()),
        file_name: own("portrait.png"),
        media_type: own("image/png"),
    };
    let mut request = request(Method::POST, "/v3/assets");
    request.body = Body::Form(vec![file]);
    let check = |language: Language, expected: &str| {
        assert_eq!(program(language, &request, &base(), true).as_deref(), Ok(expected));
    };
    check(
        Language::Curl,
        r#"curl --fail-with-body --silent --show-error 'https://api.heygen.com/v3/assets' \
  --header "X-Api-Key: $HEYGEN_API_KEY" \
  --form 'file=@portrait.png;type=image/png'
"#,
    );
    check(
        Language::Fetch,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
import { readFile } from "node:fs/promises";

const form = new FormData();
form.append("file", new Blob([await readFile("portrait.png")], { type: "image/png" }), "portrait.png");

const response = await fetch("https://api.heygen.com/v3/assets", {
  method: "POST",
  headers: { "X-Api-Key": process.env.HEYGEN_API_KEY },
  body: form,
  redirect: "error",
});
if (!response.ok) {
  throw new Error(`${response.status} ${await response.text()}`);
}
console.log(JSON.stringify((await response.json()), null, 2));
"#,
    );
    check(
        Language::Axios,
        r#"// For a server (save it as call.mjs), never for a browser: whoever opens the page could read the key.
import axios from "axios";
import { readFile } from "node:fs/promises";

const form = new FormData();
form.append("file", new Blob([await readFile("portrait.png")], { type: "image/png" }), "portrait.png");

const response = await axios({
  method: "POST",
  url: "https://api.heygen.com/v3/assets",
  headers: { "X-Api-Key": process.env.HEYGEN_API_KEY },
  data: form,
  maxRedirects: 0,
}).catch((error) => {
  // Not the error itself: printed whole, it shows the key.
  throw new Error(`${error.message} ${JSON.stringify(error.response?.data) ?? ""}`);
});
console.log(JSON.stringify(response.data, null, 2));
"#,
    );
    check(
        Language::Requests,
        r#"import os

import requests

response = requests.post(
    "https://api.heygen.com/v3/assets",
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
    files=[("file", ("portrait.png", open("portrait.png", "rb"), "image/png"))],
    allow_redirects=False,
)
response.raise_for_status()
print(response.json())
"#,
    );
    check(
        Language::Httpx,
        r#"import os

import httpx

response = httpx.post(
    "https://api.heygen.com/v3/assets",
    headers={"X-Api-Key": os.environ["HEYGEN_API_KEY"]},
    files=[("file", ("portrait.png", open("portrait.png", "rb"), "image/png"))],
    timeout=120,
)
response.raise_for_status()
print(response.json())
"#,
    );
}

#[test]
fn rejects_calls_programs_cannot_send() {
    let check = |language: Language, request: &Request, expected: CannotSay| {
        assert_eq!(program(language, request, &base(), false), Err(expected));
    };
    let dots = request(Method::GET, "/v3/%2e%2E/x");
    for language in [Language::Fetch, Language::Axios, Language::Requests] {
        check(language, &dots, CannotSay::DotSegment);
    }
    let part = |name: &str, text: &str| Part {
        name: name.to_owned(),
        payload: Payload::Text(text.to_owned()),
        file_name: None,
        media_type: None,
    };
    let mut form = request(Method::PUT, "/v3/x");
    form.body = Body::Form(vec![part("a", "\0")]);
    check(Language::Curl, &form, CannotSay::Nul);
    form.body = Body::Form(vec![part("a=b", "c")]);
    check(Language::Curl, &form, CannotSay::EqualsInName("a=b".to_owned()));
    #[cfg(unix)]
    for language in Language::ALL {
        use std::os::unix::ffi::OsStringExt as _;
        let path = PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', 0xff]));
        form.body = Body::Bytes(Payload::File(path.clone()), "video/mp4".to_owned());
        check(language, &form, CannotSay::FileName(path));
    }
}

#[test]
fn literals_escape_invisible_characters() {
    let check = |text: &str, shell: &str, javascript: &str, python: &str| {
        assert_eq!(quote::shell(text).as_deref(), Ok(shell));
        assert_eq!(quote::javascript(text), javascript);
        assert_eq!(quote::python(text), python);
    };
    check("", "''", r#""""#, r#""""#);
    check("it's", r"'it'\''s'", r#""it's""#, r#""it's""#);
    check(r#"a "b""#, r#"'a "b"'"#, r#"'a "b"'"#, r#"'a "b"'"#);
    check(r#"'"\"#, r#"''\''"\'"#, r#""'\"\\""#, r#""'\"\\""#);
    check("$a `b`", "'$a `b`'", r#""$a `b`""#, r#""$a `b`""#);
    check("a\nb\n", "'a\nb\n'", r#""a\nb\n""#, r#""a\nb\n""#);
    check(
        "100%\u{1b}\u{2028}'\n\n",
        "\"$(printf '100%%\\033\\342\\200\\250'\\''')\n\n\"",
        r#""100%\x1b\u{2028}'\n\n""#,
        r#""100%\x1b\u2028'\n\n""#,
    );
    check(
        "é😀\u{e0041}",
        r#""$(printf 'é😀\363\240\201\201')""#,
        r#""é😀\u{e0041}""#,
        r#""é😀\U000e0041""#,
    );
}

#[test]
fn ambiguous_json_stays_text() {
    let check = |text: &str, expected: bool| {
        assert_eq!(json::survivor(text).is_some(), expected, "{text}");
    };
    check(r#"{"a":[1,-5,0.5,9007199254740991],"b":{"é":null,"c":"\n\u001b"}}"#, true);
    check("[]", true);
    for not_a_container in ["null", "1", r#""a""#] {
        check(not_a_container, false);
    }
    for number in ["9007199254740992", "-0", "1.10", "1.0", "1e3", "0.00001", "1e400", "1E5"] {
        check(&format!("[{number}]"), false);
    }
    for other in
        [r#"{"1":2}"#, r#"{"__proto__":1}"#, r#"{"a":1,"a":2}"#, r#"{"a": 1}"#, r#"["\/"]"#]
    {
        check(other, false);
    }
}
