//! The files of a finished job: which there are, where they are, and what they are called here.

use super::batch;
use super::job::Job;
use super::state::{self, Stage, State};
use crate::api::origin::Base;
use crate::catalogue;
use crate::error::{FileFault, JobFault};
use crate::json;
use crate::percent::decoded;
use crate::schema::Schema;

/// The longest name of a file, in bytes: room for an ending, below the limit of most systems.
const LONGEST_NAME: usize = 180;

/// The longest ending of a URL that becomes that of the file.
const LONGEST_ENDING: usize = 5;

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The members with several files, each with a URL.
const LISTS: [&str; 4] = ["clips", "images", "outputs", "layers"];

/// One of the files that a job can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Video,
    Captioned,
    Subtitle,
    Vtt,
    Thumbnail,
    Gif,
    Audio,
    Image,
}

impl What {
    /// All of them; without a choice the first that a job has is fetched.
    pub const ALL: [What; 8] = [
        What::Video,
        What::Audio,
        What::Image,
        What::Captioned,
        What::Subtitle,
        What::Vtt,
        What::Gif,
        What::Thumbnail,
    ];

    /// The name for `--what`.
    pub fn name(self) -> &'static str {
        match self {
            What::Video => "video",
            What::Captioned => "captioned",
            What::Subtitle => "subtitle",
            What::Vtt => "vtt",
            What::Thumbnail => "thumbnail",
            What::Gif => "gif",
            What::Audio => "audio",
            What::Image => "image",
        }
    }

    /// True for what a job is made for, and not of it.
    fn is_main(self) -> bool {
        matches!(self, What::Video | What::Audio | What::Image | What::Captioned)
    }

    /// The members that hold its URL, in the objects of all kinds of jobs (HeyGen's OpenAPI
    /// descriptions of v1 to v3).
    fn members(self) -> &'static [&'static str] {
        match self {
            What::Video => &["video_url", "preview_video_url"],
            What::Captioned => &["captioned_video_url", "video_url_caption"],
            What::Subtitle => &["subtitle_url", "srt_caption_url", "caption_url", "srt_url"],
            What::Vtt => &["vtt_caption_url"],
            What::Thumbnail => &["thumbnail_url", "preview_image_url"],
            What::Gif => &["gif_url"],
            What::Audio => &["audio_url", "preview_audio_url"],
            What::Image => &["image_url"],
        }
    }

    /// The ending where the URL has none.
    fn ending(self) -> &'static str {
        match self {
            What::Video | What::Captioned => "mp4",
            What::Subtitle => "srt",
            What::Vtt => "vtt",
            What::Thumbnail => "jpg",
            What::Gif => "gif",
            What::Audio => "mp3",
            What::Image => "png",
        }
    }
}

/// A file of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFile {
    /// Its link, which expires.
    pub url: String,
    /// Its name here: one safe segment.
    pub name: String,
    /// Which of the job's files it is.
    pub what: What,
}

/// What a job's object leads to.
#[derive(Debug)]
pub enum Found {
    /// Files, at least one.
    Files {
        files: Vec<JobFile>,
        /// Others of the job failed or are missing, or the job failed as such.
        faults: Vec<FileFault>,
    },
    /// The jobs of a batch, or the one in which it goes on.
    Jobs {
        jobs: Vec<Job>,
        /// The fault of a batch that failed as such.
        fault: Option<FileFault>,
    },
}

/// The files in the response that tells the state of a job.
///
/// # Errors
/// The job is not done, has failed, or has no such file.
pub fn found(job: &Job, whole: &[u8], what: Option<What>, base: &Base) -> Result<Found, FileFault> {
    let data = json::member(whole, "data").unwrap_or(whole);
    if let Some(next) = next_job(job, whole, base) {
        return Ok(Found::Jobs { jobs: vec![next], fault: None });
    }
    let state = state::state(job.facts(), whole);
    if let Some(state) = state.as_ref().filter(|state| state.stage == Stage::Failed) {
        let (code, message) = state::failure(whole);
        let fault = FileFault::JobFailed { state: state.word.clone(), code, message };
        return rest(job, data, what, base, fault);
    }
    let is_main = what.is_none_or(What::is_main);
    let is_known = job.facts().is_some();
    let goes_on = |stage| match stage {
        Stage::Running | Stage::NeedsInput | Stage::NeedsConsent => true,
        // A wait takes it for running.
        Stage::Unknown => is_known,
        Stage::Done | Stage::Failed => false,
    };
    if let Some(state) = state.as_ref().filter(|state| is_main && goes_on(state.stage)) {
        return Err(FileFault::NotReady { state: state.word.clone() });
    }
    let own = own_file(data, &job.id, what);
    // Under the name of a video nobody expects its thumbnail.
    let is_aside = |file: &JobFile| {
        what.is_none() && !file.what.is_main() && job.facts().is_some_and(has_main)
    };
    if let Some(file) = own.filter(|file| !is_aside(file)) {
        return Ok(Found::Files { files: vec![file], faults: Vec::new() });
    }
    let parts = Parts::new(data, &job.id, what);
    if let Some(state) = parts.running {
        return Err(FileFault::NotReady { state });
    }
    if !parts.files.is_empty() {
        let failed = failed_items(whole).map(FileFault::of_items);
        let of = parts.files.len() + parts.missing;
        let missing = FileFault::PartsMissing { missing: parts.missing, of };
        let missing = Some(missing).filter(|_| parts.missing > 0);
        let faults = failed.into_iter().chain(missing).collect();
        return Ok(Found::Files { files: parts.files, faults });
    }
    if let Some(state) = state.filter(|state| state.stage != Stage::Done) {
        return Err(FileFault::NotReady { state: state.word });
    }
    let jobs = batch::jobs_in(job, data, base);
    if !jobs.is_empty() || batch::has_more(job, data, base) {
        return Ok(Found::Jobs { jobs, fault: None });
    }
    let has = |what: &What| {
        own_file(data, &job.id, Some(*what)).is_some()
            || !Parts::new(data, &job.id, Some(*what)).files.is_empty()
    };
    let available = What::ALL.iter().filter(|what| has(what)).map(|what| what.name());
    Err(FileFault::Missing { available: available.collect() })
}

/// The jobs or files of a job that failed in part: they were paid for.
fn rest(
    job: &Job,
    data: &[u8],
    what: Option<What>,
    base: &Base,
    fault: FileFault,
) -> Result<Found, FileFault> {
    let jobs = batch::jobs_in(job, data, base);
    if !jobs.is_empty() || batch::has_more(job, data, base) {
        return Ok(Found::Jobs { jobs, fault: Some(fault) });
    }
    let files = Parts::new(data, &job.id, what).files;
    match files.is_empty() {
        true => Err(fault),
        false => Ok(Found::Files { files, faults: vec![fault] }),
    }
}

/// Returns whether such jobs have files at all, as far as the catalogue knows.
pub fn may_have(facts: catalogue::job::Job) -> bool {
    let members = members(facts);
    let known = What::ALL.iter().flat_map(|what| what.members()).chain(&LISTS).chain(&["items"]);
    let has = |name: &&str| members.contains(name);
    members.is_empty() || facts.then().is_some() || known.into_iter().any(has)
}

/// Returns whether such jobs make a video, or audio.
fn has_main(facts: catalogue::job::Job) -> bool {
    members(facts).iter().any(|name| ["video_url", "audio_url"].contains(name))
}

/// The members of their object.
fn members(facts: catalogue::job::Job) -> Vec<&'static str> {
    let schema = facts.poll().response_schema().and_then(Schema::parse);
    let data = schema.map(|own| own.member("data").map_or(own, |data| data.schema));
    data.map(Schema::members).unwrap_or_default().iter().map(|member| member.name).collect()
}

/// The fault of a job that is done, and of whose items or parts some failed.
pub fn failed_items(whole: &[u8]) -> Option<JobFault> {
    let of_parts = || {
        let data = json::member(whole, "data").unwrap_or(whole);
        let failed = parts_in(data).filter(|part| state::is_failed(part)).count();
        let of = parts_in(data).count();
        (failed > 0).then_some(JobFault::ItemsFailed { failed, of })
    };
    batch::failed_items(whole).or_else(of_parts)
}

/// Returns whether a job that failed has something to fetch all the same: items of a batch, or parts.
pub fn has_rest(job: &Job, whole: &[u8], base: &Base) -> bool {
    let data = json::member(whole, "data").unwrap_or(whole);
    batch::has_jobs(job, whole, base) || !Parts::new(data, &job.id, None).files.is_empty()
}

/// The file that a job has itself.
fn own_file(data: &[u8], id: &str, what: Option<What>) -> Option<JobFile> {
    let wanted = what.as_ref().map_or(&What::ALL[..], std::slice::from_ref);
    wanted.iter().find_map(|what| {
        let url = url_in(data, *what)?;
        Some(JobFile { name: name(id, *what, &url), url, what: *what })
    })
}

/// The parts of a job: clips, images, outputs, layers.
struct Parts {
    files: Vec<JobFile>,
    /// The number of those that are done, and have none.
    missing: usize,
    /// The state of one that is not done.
    running: Option<String>,
}

impl Parts {
    fn new(data: &[u8], id: &str, what: Option<What>) -> Parts {
        let mut parts = Parts { files: Vec::new(), missing: 0, running: None };
        for (number, part) in parts_in(data).enumerate() {
            let word = json::member(part, "status").and_then(json::as_text);
            let state = word.map(|word| state::of_word(None, &word));
            let is_stated = state.is_some();
            match state {
                Some(State { stage: Stage::Failed, .. }) => continue,
                Some(State { stage: Stage::Running, word, .. }) => parts.running = Some(word),
                _ => {}
            }
            let Some((main, url)) = file_in_part(part, what) else {
                // What has a value is no file.
                let has_value = json::member(part, "value").is_some_and(|own| !json::is_null(own));
                parts.missing += usize::from(is_stated && what.is_none() && !has_value);
                continue;
            };
            let own = ["id", "image_id", "name"].iter().find_map(|name| json::member(part, name));
            let own = own.and_then(json::as_text).unwrap_or_else(|| (number + 1).to_string());
            let name = name(&format!("{id}-{own}"), main, &url);
            parts.files.push(JobFile { name, url, what: main });
        }
        parts
    }
}

/// The objects in a job's lists.
fn parts_in(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    LISTS.iter().filter_map(move |list| json::member(data, list)).flat_map(parts)
}

/// The file that was asked for of a part, or what it is made for.
fn file_in_part(part: &[u8], what: Option<What>) -> Option<(What, String)> {
    if let Some(what) = what {
        return Some((what, url_in(part, what)?));
    }
    let mut mains = What::ALL.into_iter().filter(|what| what.is_main());
    let of_part = mains.find_map(|what| Some((what, url_in(part, what)?)));
    let plain = || json::member(part, "url").and_then(link).or_else(|| link(part));
    of_part.or_else(|| Some((What::Video, plain()?)))
}

/// The elements of a list, or the values of an object.
fn parts(value: &[u8]) -> Vec<&[u8]> {
    match json::is_array(value) {
        true => json::elements(value).collect(),
        false => json::members(value).map(|member| member.value).collect(),
    }
}

fn url_in(object: &[u8], what: What) -> Option<String> {
    what.members().iter().find_map(|name| json::member(object, name).and_then(link))
}

/// A text that begins as a URL does.
fn link(value: &[u8]) -> Option<String> {
    json::as_text(value).filter(|text| text.starts_with("https://") || text.starts_with("http://"))
}

/// The job in which this one goes on, once its ID is there.
pub fn next_job(job: &Job, whole: &[u8], base: &Base) -> Option<Job> {
    let then = job.facts()?.then()?;
    let id = next_id(job, whole)?;
    let is_old = job.before.as_ref().is_some_and(|before| before.next.as_ref() == Some(&id));
    if is_old { None } else { Job::polled_by(then.poll, &id, base).ok() }
}

/// The ID of that job.
pub(super) fn next_id(job: &Job, whole: &[u8]) -> Option<String> {
    let place = job.facts()?.then()?.id;
    super::at(whole, place).and_then(super::job::id_text)
}

/// The name of a job's file: `ID.mp4`.
fn name(id: &str, what: What, url: &str) -> String {
    let ending = ending(url).unwrap_or_else(|| what.ending().to_owned());
    let mark = if what == What::Captioned { "-captioned" } else { "" };
    format!("{}{mark}.{ending}", safe_segment(id))
}

/// The name of the file behind a link: the last segment of its path.
pub fn name_of_link(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let last = path.split_once('/').map_or("", |(_, path)| path).rsplit('/').next();
    safe_segment(&decoded(last.unwrap_or_default()))
}

/// The ending of a URL's path, if it is one.
fn ending(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let is_plain = !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_plain && ending.len() <= LONGEST_ENDING).then(|| ending.to_ascii_lowercase())
}

/// A text from outside as the name of a file: one segment that no system takes for anything else.
pub fn safe_segment(text: &str) -> String {
    let is_plain = |character: char| {
        !character.is_control() && !r#"/\:*?"<>|"#.contains(character) && character != '\u{fffd}'
    };
    let safe: String = text
        .chars()
        .map(|character| if is_plain(character) { character } else { '_' })
        .filter(|character| !is_invisible(*character))
        .collect();
    let mut safe = safe.trim_start_matches(['.', ' ', '-']).trim_end_matches(['.', ' ']);
    while safe.len() > LONGEST_NAME {
        let last = safe.char_indices().next_back().map_or(0, |(index, _)| index);
        safe = &safe[..last];
    }
    let stem = safe.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_device =
        DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end());
    match safe {
        "" => "download".to_owned(),
        safe if is_device => format!("_{safe}"),
        safe => safe.to_owned(),
    }
}

/// Characters that change the direction of a text, or are not seen.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Base {
        Base::parse("https://api.heygen.com").expect("a base")
    }

    fn found_in(job: &str, body: &str, what: Option<What>) -> Result<Found, FileFault> {
        let job = Job::parse(job, &base()).expect("a job");
        found(&job, body.as_bytes(), what, &base())
    }

    #[test]
    fn files_of_every_kind_of_job() {
        let check = |job: &str, body: &str, what: Option<What>, expected: &[(&str, &str)]| {
            let files = match found_in(job, body, what) {
                Ok(Found::Files { files, .. }) => files,
                other => panic!("{other:?}"),
            };
            let files: Vec<(&str, &str)> =
                files.iter().map(|file| (file.name.as_str(), file.url.as_str())).collect();
            assert_eq!(files, expected, "{job} {body}");
        };
        let video = r#"{"data":{"id":"v","status":"completed","video_url":"https://f.test/x.webm?a=.mp4","gif_url":"https://f.test/g","subtitle_url":null,"captioned_video_url":"https://f.test/c.mp4"}}"#;
        check("v", video, None, &[("v.webm", "https://f.test/x.webm?a=.mp4")]);
        check("v", video, Some(What::Gif), &[("v.gif", "https://f.test/g")]);
        check("v", video, Some(What::Captioned), &[("v-captioned.mp4", "https://f.test/c.mp4")]);
        let audio = r#"{"data":{"id":"t","status":"completed","video_url":null,"audio_url":"https://f.test/a.wav"}}"#;
        check("translation:t", audio, None, &[("t.wav", "https://f.test/a.wav")]);
        let clips = r#"{"data":{"id":"c","status":"completed","clips":[{"id":"1a","video_url":"https://f.test/1.mp4"},{"id":"2b","video_url":null},{"id":"3c","video_url":"https://f.test/3.mp4"}]}}"#;
        check(
            "clipping:c",
            clips,
            None,
            &[("c-1a.mp4", "https://f.test/1.mp4"), ("c-3c.mp4", "https://f.test/3.mp4")],
        );
        let images = r#"{"data":{"status":"completed","images":[{"image_id":"i","image_url":"https://f.test/i"}]}}"#;
        check("model-image:g", images, None, &[("g-i.png", "https://f.test/i")]);
        let layers =
            r#"{"data":{"status":"completed","layers":{"foreground":"https://f.test/f.webm"}}}"#;
        check("background-removal:b", layers, None, &[("b-1.webm", "https://f.test/f.webm")]);
        let outputs = r#"{"data":{"status":"succeeded","outputs":[{"name":"cut","url":"https://f.test/o.mp4"}]}}"#;
        check("workflow-run:r", outputs, None, &[("r-cut.mp4", "https://f.test/o.mp4")]);
        let srt = r#"{"data":{"srt_url":"https://f.test/s.srt"}}"#;
        check(
            "/v3/video-translations/proofreads/p/srt",
            srt,
            None,
            &[("srt.srt", "https://f.test/s.srt")],
        );
        let old =
            r#"{"code":100,"data":{"status":"completed","video_url":"https://f.test/o.mp4"}}"#;
        check("/v1/video_status.get?video_id=o", old, None, &[("o.mp4", "https://f.test/o.mp4")]);
    }

    #[test]
    fn jobs_without_files() {
        let check = |job: &str, body: &str, what: Option<What>, expected: &str| {
            let fault = found_in(job, body, what).expect_err("no file");
            assert_eq!(format!("{fault:?}"), expected);
        };
        check(
            "v",
            r#"{"data":{"status":"processing"}}"#,
            None,
            r#"NotReady { state: "processing" }"#,
        );
        check(
            "v",
            r#"{"data":{"status":"failed","failure_code":"c","failure_message":"m"}}"#,
            None,
            r#"JobFailed { state: "failed", code: Some("c"), message: Some("m") }"#,
        );
        check(
            "v",
            r#"{"data":{"status":"completed","video_url":"https://f.test/v","thumbnail_url":"https://f.test/t"}}"#,
            Some(What::Gif),
            r#"Missing { available: ["video", "thumbnail"] }"#,
        );
        for video in ["", r#","video_url":null"#] {
            check(
                "v",
                &format!(
                    r#"{{"data":{{"status":"completed","thumbnail_url":"https://f.test/t"{video}}}}}"#
                ),
                None,
                r#"Missing { available: ["thumbnail"] }"#,
            );
        }
        check(
            "v",
            r#"{"data":{"status":"completed","video_url":"file:///etc/passwd"}}"#,
            None,
            "Missing { available: [] }",
        );
    }

    #[test]
    fn parts_that_are_not_there() {
        let clips = |state: &str, second: &str| {
            format!(
                r#"{{"data":{{"id":"c","status":"{state}","clips":[{{"id":"1","status":"completed","video_url":"https://f.test/1.mp4","thumbnail_url":"https://f.test/1.jpg"}},{{"id":"2","status":"{second}","video_url":null,"thumbnail_url":"https://f.test/2.jpg"}}]}}}}"#
            )
        };
        let check = |job: &str, body: &str, expected: &str| {
            let found = match found_in(job, body, None) {
                Ok(Found::Files { files, faults }) => {
                    let names = files.into_iter().map(|file| file.name);
                    let faults = faults.into_iter().map(|fault| format!("{fault}"));
                    names.chain(faults).collect::<Vec<_>>().join(" | ")
                }
                Ok(jobs) => panic!("{jobs:?}"),
                Err(fault) => format!("{fault:?}"),
            };
            assert_eq!(found, expected, "{body}");
        };
        check("clipping:c", &clips("running", "pending"), r#"NotReady { state: "running" }"#);
        check("clipping:c", &clips("completed", "pending"), r#"NotReady { state: "pending" }"#);
        check(
            "clipping:c",
            &clips("completed", "failed"),
            "c-1.mp4 | completed, and 1 of its 2 items failed",
        );
        let outputs = r#"{"data":{"id":"r","status":"partial","error":{"code":"node_failed","message":"m"},"outputs":[{"name":"a","status":"ready","url":"https://f.test/a.mp4"},{"name":"b","status":"failed","url":null}]}}"#;
        check("workflow-run:r", outputs, "r-a.mp4 | partial: node_failed: m");
        let video = r#"{"data":{"id":"v","status":"processing","video_url":"https://f.test/v.mp4","thumbnail_url":"https://f.test/v.jpg"}}"#;
        check("v", video, r#"NotReady { state: "processing" }"#);
        check("v", &video.replace("processing", "polishing"), r#"NotReady { state: "polishing" }"#);
        check(
            "clipping:c",
            &clips("completed", "completed"),
            "c-1.mp4 | HeyGen has no file of 1 of its 2 parts",
        );
        let values = r#"{"data":{"id":"r","status":"succeeded","outputs":[{"name":"a","status":"ready","url":"https://f.test/a.mp4"},{"name":"b","status":"ready","url":null,"value":7}]}}"#;
        check("workflow-run:r", values, "r-a.mp4");
    }

    #[test]
    fn kinds_of_jobs_with_files() {
        let check = |method: &str, path: &str, expected: bool| {
            let facts = catalogue::find(method, path).and_then(|own| own.job()).expect("a job");
            assert_eq!(may_have(facts), expected, "{path}");
        };
        check("POST", "/v3/videos", true);
        check("POST", "/v3/videos/batches", true);
        check("POST", "/v3/video-agents", true);
        check("POST", "/v3/background-removals", true);
        check("POST", "/v2/video/generate", true);
        check("POST", "/v3/brand-kits", false);
        check("POST", "/v3/models/audio/voices", false);
        check("POST", "/v3/avatar-realtime", false);
    }

    #[test]
    fn jobs_that_lead_to_others() {
        let check = |job: &str, body: &str, expected: &[&str]| {
            let jobs = match found_in(job, body, None) {
                Ok(Found::Jobs { jobs, .. }) => jobs,
                other => panic!("{other:?}"),
            };
            let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
            assert_eq!(names, expected);
        };
        let session = r#"{"data":{"session_id":"s","status":"completed","video_id":"v"}}"#;
        check("agent:s", session, &["v"]);
        let batch = r#"{"data":{"status":"completed","items":[{"video_id":"a","status":"completed"},{"video_id":null,"status":"failed"},{"video_id":"b","status":"completed"}]}}"#;
        check("video-batch:1", batch, &["a", "b"]);
        check("lipsync-batch:1", batch, &["lipsync:a", "lipsync:b"]);
        check("translation-batch:1", batch, &["translation:a", "translation:b"]);
    }

    #[test]
    fn names_are_one_safe_segment() {
        let check = |text: &str, expected: &str| assert_eq!(safe_segment(text), expected, "{text}");
        check("vid_1", "vid_1");
        check("../../etc/passwd", "_.._etc_passwd");
        check("..", "download");
        check(".bashrc", "bashrc");
        check("-rf", "rf");
        check("a\u{202e}4pm.exe", "a4pm.exe");
        check("a\0b\u{1b}[2J", "a_b_[2J");
        check("NUL.mp4", "_NUL.mp4");
        check("com1", "_com1");
        check("nulls.mp4", "nulls.mp4");
        check("C:\\x", "C__x");
        check("漢字", "漢字");
        check(&"漢".repeat(100), &"漢".repeat(60));
        check("a. .", "a");
    }

    #[test]
    fn links_name_their_files() {
        let check = |url: &str, expected: &str| assert_eq!(name_of_link(url), expected, "{url}");
        check("https://f.test/a/b.mp4?x=/y.mp4#z", "b.mp4");
        check("https://f.test/a/..%2f..%2fb.mp4", "_.._b.mp4");
        check("https://f.test/", "download");
        check("https://f.test", "download");
        check("https://f.test?x=/y", "download");
        check("https://f.test/a%20b.mp4", "a b.mp4");
        check("https://f.test/%2e%2e", "download");
    }

    proptest! {
        #[test]
        fn any_name_stays_in_its_folder(text in "\\PC{0,40}|[./\\\\a:]{0,20}") {
            let name = safe_segment(&text);
            let path = std::path::Path::new("folder").join(&name);
            prop_assert_eq!(path.parent(), Some(std::path::Path::new("folder")));
            prop_assert_eq!(path.components().count(), 2);
            prop_assert!(!name.starts_with('.'));
            prop_assert!(name.len() <= LONGEST_NAME + 1);
        }
    }
}
