//! Clients of others' making against `heygen mock`: a video made, polled and downloaded in two
//! parts, and a file uploaded.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const CURL: &str = r#"
set -eu
api() { curl -sSf -H "X-Api-Key: $HEYGEN_API_KEY" "$@"; }
member() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
body='{"type":"avatar","avatar_id":"A","voice_id":"V","script":"Hi"}'
id=$(api -H 'Content-Type: application/json' -d "$body" "$HEYGEN_API_BASE/v3/videos" | member video_id)
while :; do
  video=$(api "$HEYGEN_API_BASE/v3/videos/$id")
  case $video in *'"status":"completed"'*) break ;; esac
done
url=$(printf %s "$video" | member video_url)
curl -sSf -o whole.mp4 "$url"
head -c 100 whole.mp4 > part.mp4
curl -sSf -C - -o part.mp4 "$url"
cmp whole.mp4 part.mp4
printf '\211PNG\r\n\032\n' > portrait.png
api -F file=@portrait.png "$HEYGEN_API_BASE/v3/assets" | member mime_type
"#;

const REQUESTS: &str = r#"
import os, requests
base, key = os.environ["HEYGEN_API_BASE"], {"X-Api-Key": os.environ["HEYGEN_API_KEY"]}
with requests.Session() as session:
    body = {"type": "avatar", "avatar_id": "A", "voice_id": "V", "script": "Hi"}
    created = session.post(f"{base}/v3/videos", json=body, headers=key)
    created.raise_for_status()
    video = {"status": ""}
    while video["status"] != "completed":
        video = session.get(f"{base}/v3/videos/{created.json()['data']['video_id']}", headers=key).json()["data"]
    whole = session.get(video["video_url"])
    rest = session.get(video["video_url"], headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert rest.status_code == 206 and whole.content[100:] == rest.content
    form = {"file": ("portrait.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    print(session.post(f"{base}/v3/assets", files=form, headers=key).json()["data"]["mime_type"])
"#;

const HTTPX: &str = r#"
import os, httpx
key = {"X-Api-Key": os.environ["HEYGEN_API_KEY"]}
with httpx.Client(base_url=os.environ["HEYGEN_API_BASE"]) as client:
    body = {"type": "avatar", "avatar_id": "A", "voice_id": "V", "script": "Hi"}
    created = client.post("/v3/videos", json=body, headers=key).raise_for_status().json()["data"]
    video = {"status": ""}
    while video["status"] != "completed":
        video = client.get(f"/v3/videos/{created['video_id']}", headers=key).json()["data"]
    whole = client.get(video["video_url"])
    rest = client.get(video["video_url"], headers={"Range": "bytes=100-"})
    assert rest.status_code == 206 and whole.content[100:] == rest.content
    form = {"file": ("portrait.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    print(client.post("/v3/assets", files=form, headers=key).json()["data"]["mime_type"])
"#;

const FETCH: &str = r#"
const base = process.env.HEYGEN_API_BASE, key = { "X-Api-Key": process.env.HEYGEN_API_KEY };
const json = async (path, options = {}) => {
  const response = await fetch(base + path, { ...options, headers: { ...key, ...options.headers } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()).data;
};
(async () => {
  const body = JSON.stringify({ type: "avatar", avatar_id: "A", voice_id: "V", script: "Hi" });
  const headers = { "Content-Type": "application/json" };
  const { video_id } = await json("/v3/videos", { method: "POST", headers, body });
  let video = {};
  while (video.status !== "completed") video = await json(`/v3/videos/${video_id}`);
  const whole = Buffer.from(await (await fetch(video.video_url)).arrayBuffer());
  const rest = await fetch(video.video_url, { headers: { Range: "bytes=100-" } });
  if (rest.status !== 206 || !whole.subarray(100).equals(Buffer.from(await rest.arrayBuffer()))) throw new Error("range");
  const form = new FormData();
  form.append("file", new Blob([Buffer.from("89504e470d0a1a0a", "hex")], { type: "image/png" }), "portrait.png");
  console.log((await json("/v3/assets", { method: "POST", body: form })).mime_type);
})();
"#;

const AXIOS: &str = r#"
const axios = require("axios");
const api = axios.create({ baseURL: process.env.HEYGEN_API_BASE, headers: { "X-Api-Key": process.env.HEYGEN_API_KEY } });
(async () => {
  const body = { type: "avatar", avatar_id: "A", voice_id: "V", script: "Hi" };
  const { video_id } = (await api.post("/v3/videos", body)).data.data;
  let video = {};
  while (video.status !== "completed") video = (await api.get(`/v3/videos/${video_id}`)).data.data;
  const get = (headers) => axios.get(video.video_url, { headers, responseType: "arraybuffer" });
  const [whole, rest] = [await get({}), await get({ Range: "bytes=100-" })];
  if (rest.status !== 206 || !Buffer.from(whole.data).subarray(100).equals(Buffer.from(rest.data))) throw new Error("range");
  const form = new FormData();
  form.append("file", new Blob([Buffer.from("89504e470d0a1a0a", "hex")], { type: "image/png" }), "portrait.png");
  console.log((await api.post("/v3/assets", form)).data.data.mime_type);
})();
"#;

/// What `.ci/tools` has installed.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/snippets")
}

/// Runs a script against the mock, unless its program is missing.
fn serves(program: &str, script: &str, is_there: bool) {
    if !is_there {
        let missing = format!("what {program} needs is not installed");
        assert!(std::env::var_os("HEYGEN_TEST_EVERYTHING").is_none(), "{missing}");
        // `eprintln!` would be held back in a test that passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED, {missing}");
        return;
    }
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("script"), script).expect("a file");
    let output = Command::new(assert_cmd::cargo::cargo_bin!("heygen"))
        .args(["mock", "--", program, "script"])
        .current_dir(folder.path())
        .env("NODE_PATH", tools().join("node_modules"))
        .env_remove("HEYGEN_API_KEY")
        .output()
        .expect("the mock starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!(
        (output.status.code(), text(output.stdout).trim_end(), text(output.stderr).as_str()),
        (Some(0), "image/png", ""),
        "{program}"
    );
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn curl_makes_a_video() {
    serves("sh", CURL, runs("curl", &["--version"]));
}

#[test]
fn python_makes_a_video() {
    let python = tools().join("venv/bin/python");
    let python = python.to_str().expect("a path");
    serves(python, REQUESTS, runs(python, &["-c", "import requests"]));
    serves(python, HTTPX, runs(python, &["-c", "import httpx"]));
}

#[test]
fn node_makes_a_video() {
    serves("node", FETCH, runs("node", &["--version"]));
    let has_axios = tools().join("node_modules/axios").exists();
    serves("node", AXIOS, runs("node", &["--version"]) && has_axios);
}
