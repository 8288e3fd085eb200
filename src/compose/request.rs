//! From what was typed to the [`Request`] it means. Nothing is sent here, and no key is needed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use crate::api::endpoint::Endpoint;
use crate::api::media_type;
use crate::api::origin::Base;
use crate::api::request::{Body, IdempotencyKey, Part, Payload, Request};
use crate::app::settings::Settings;
use crate::cli::{BodyArgs, CallArgs, FieldArg, RequestArgs};
use crate::compose::fields::{self, Field, Typing};
use crate::credential::KeyFile;
use crate::env::Env;
use crate::error::{Error, Usage, system_words};
use crate::json::{self, Fault, FaultKind};
use crate::secret::looks_like_key;

/// Headers that the program writes itself, or that would break the connection.
const RESERVED_HEADERS: [&str; 5] =
    ["host", "content-length", "transfer-encoding", "connection", "x-api-key"];

/// The name of the header under which HeyGen does a repeated request once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request line or a header may have this many bytes: servers read 8 to 16 KB, and what we send
/// leaves through a buffer of 16 KiB.
const LONGEST_LINE: usize = 15_000;

/// So much of a typed line is shown around a mistake in it.
const EXCERPT: usize = 60;

/// The request that the arguments of a call mean. Files that they name are read only where their
/// text becomes part of JSON or of the query; stdin only if the key does not come from there.
///
/// # Errors
/// Something typed has no meaning, or a file cannot be read.
pub fn request(
    method: Method,
    args: &CallArgs,
    body: &BodyArgs,
    settings: &Settings,
    env: &Env,
) -> Result<Request, Error> {
    let mut request = Request::new(method, endpoint(&args.endpoint, &settings.base, env)?);
    request.query =
        args.request.query.iter().map(|pair| query_pair(pair)).collect::<Result<_, _>>()?;
    request.headers =
        args.request.headers.iter().map(|header| header_pair(header)).collect::<Result<_, _>>()?;
    request.idempotency_key =
        idempotency_key(&args.request, &mut request.headers, &request.method, &request.endpoint)?;
    let mut stdin = Stdin { claimed: settings.places.key_file == Some(KeyFile::Stdin) };
    let fields = typed_fields(&args.request, &mut stdin)?;
    if fields_go_into_the_query(&request.method) {
        request.query.extend(fields::query(&fields)?);
        request.body = typed_body(body, &[], &mut stdin)?.unwrap_or(Body::Empty);
    } else {
        // An empty POST without a type is answered with 415.
        request.body =
            typed_body(body, &fields, &mut stdin)?.unwrap_or_else(|| Body::Json("{}".to_owned()));
    }
    let has_body = request.body != Body::Empty;
    if has_body && (request.method == Method::GET || request.method == Method::HEAD) {
        return Err(Error::usage_with_hint(
            format!("{} takes no body", request.method),
            "put it into the query with `-Q` or `-f`",
        ));
    }
    check_lengths(&request)?;
    Ok(request)
}

/// A line that no server reads is refused before it is sent.
fn check_lengths(request: &Request) -> Result<(), Error> {
    let too_long = |what: &str, length: usize| {
        Error::usage(format!(
            "{what} has {length} bytes, more than the {LONGEST_LINE} of a line in HTTP"
        ))
    };
    let target = request.target().len();
    if target > LONGEST_LINE {
        return Err(too_long("the path with its query", target));
    }
    match request.headers.iter().find(|(_, value)| value.len() > LONGEST_LINE) {
        Some((name, value)) => Err(too_long(&format!("--header {name}"), value.len())),
        None => Ok(()),
    }
}

/// The endpoint that was typed.
///
/// # Errors
/// It is none, or names another host.
pub fn endpoint(text: &str, base: &Base, env: &Env) -> Result<Endpoint, Error> {
    // It would go into URLs, logs and errors.
    if looks_like_key(text) {
        return Err(Error::usage_with_hint(
            "what stands in the endpoint's place looks like a key",
            "an endpoint looks like /v3/videos; a key is never an argument",
        ));
    }
    let repaired = if env.is_set("MSYSTEM") { without_git_bash(text) } else { text };
    Endpoint::parse(repaired, base)
        .map_err(|bad| Error::usage_with_hint(bad.to_string(), bad.hint(base)))
}

fn fields_go_into_the_query(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::DELETE].contains(method)
}

/// Git Bash takes `/v3/x` for a file of its own and hands over `C:/Program Files/Git/v3/x`.
fn without_git_bash(text: &str) -> &str {
    let bytes = text.as_bytes();
    let has_drive =
        bytes.len() > 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/';
    if !has_drive {
        return text;
    }
    let version = ["/v1/", "/v2/", "/v3/"].iter().filter_map(|version| text.find(version)).min();
    version.map_or(text, |start| &text[start..])
}

fn query_pair(pair: &str) -> Result<(String, String), Error> {
    let shown = if looks_like_key(pair) { "…" } else { pair };
    match pair.split_once('=') {
        Some(("", _)) => Err(Error::usage(format!("--query `{shown}` has no name before the `=`"))),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Error::usage_with_hint(
            format!("--query `{shown}` has no `=`"),
            "write it like `-Q limit=5`",
        )),
    }
}

/// `Name: value`. What is wrong is said without the value: it may be a secret.
fn header_pair(header: &str) -> Result<(String, String), Error> {
    let Some((name, value)) = header.split_once(':') else {
        return Err(Error::usage_with_hint(
            "--header: a header has no `:`",
            "write it like `-H 'X-Trace: 1'`",
        ));
    };
    let (name, value) = (name.trim(), value.trim());
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(Error::usage("--header: the name before the `:` is no name of a header"));
    }
    if HeaderValue::from_str(value).is_err() && HeaderValue::from_bytes(value.as_bytes()).is_err() {
        return Err(Error::usage(format!(
            "--header {name}: the value has a line break or control character in it"
        )));
    }
    if RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        let hint = if name.eq_ignore_ascii_case("x-api-key") {
            "the key comes from HEYGEN_API_KEY, a .env file or --api-key-file, and is never typed"
        } else {
            "it is made from the address and the body"
        };
        return Err(Error::usage_with_hint(format!("--header {name} cannot be set"), hint));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// What was typed, else a fresh one for every POST of v3, where HeyGen knows the header.
fn idempotency_key(
    args: &RequestArgs,
    headers: &mut Vec<(String, String)>,
    method: &Method,
    endpoint: &Endpoint,
) -> Result<Option<IdempotencyKey>, Error> {
    let in_headers = headers.extract_if(.., |(name, _)| name.eq_ignore_ascii_case(IDEMPOTENCY_KEY));
    let typed: Vec<String> =
        args.idempotency_key.iter().cloned().chain(in_headers.map(|(_, value)| value)).collect();
    if typed.len() > 1 {
        return Err(Error::usage("the idempotency key is given twice"));
    }
    match typed.first().map(String::as_str) {
        Some("none") => Ok(None),
        Some(typed) if is_idempotency_key(typed) => {
            Ok(Some(IdempotencyKey::Given(typed.to_owned())))
        }
        Some(_) => Err(Error::usage_with_hint(
            "--idempotency-key is no key that HeyGen takes",
            "use 1 to 255 of A-Z a-z 0-9 _ - : .",
        )),
        None if *method == Method::POST && endpoint.path().starts_with("/v3/") => {
            Ok(Some(IdempotencyKey::Made(random_key()?)))
        }
        None => Ok(None),
    }
}

/// HeyGen's rule for `Idempotency-Key` (its page on idempotency, since May 2026).
fn is_idempotency_key(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte))
}

fn random_key() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes).map_err(|error| {
        Error::usage_with_hint(format!("no random numbers: {error}"), "use `--idempotency-key KEY`")
    })?;
    let hex = |range: std::ops::Range<usize>| -> String {
        bytes[range].iter().map(|byte| format!("{byte:02x}")).collect()
    };
    Ok([hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16)].join("-"))
}

fn typed_fields(args: &RequestArgs, stdin: &mut Stdin) -> Result<Vec<Field>, Error> {
    let mut read = |name: &str| stdin.text("--field", name);
    let fields = args.fields.typed.iter().map(|field| match field {
        FieldArg::Text(text) => Field::parse(text, Typing::Text, &mut read),
        FieldArg::Value(text) => Field::parse(text, Typing::Value, &mut read),
    });
    fields.collect()
}

/// The body that was typed; `None` if there is none.
fn typed_body(args: &BodyArgs, fields: &[Field], stdin: &mut Stdin) -> Result<Option<Body>, Error> {
    let has_json = args.data.is_some() || !fields.is_empty();
    match (has_json, !args.form.is_empty(), &args.body_file) {
        (false, false, None) => Ok(None),
        (true, false, None) => json_body(args.data.as_deref(), fields, stdin).map(Some),
        (false, true, None) => {
            let parts =
                args.form.iter().map(|text| form_part(text, stdin)).collect::<Result<_, _>>()?;
            Ok(Some(Body::Form(parts)))
        }
        (false, false, Some(path)) => {
            let (payload, found) = payload("--body-file", path, stdin)?;
            let media_type = args.content_type.clone().unwrap_or_else(|| found.to_owned());
            if HeaderValue::from_str(&media_type).is_err() {
                return Err(Error::usage("--content-type is no media type"));
            }
            Ok(Some(Body::Bytes(payload, media_type)))
        }
        _ => Err(Error::usage_with_hint(
            "the body is given in two ways",
            "use one of: fields and --data, --form, --body-file",
        )),
    }
}

fn json_body(data: Option<&str>, fields: &[Field], stdin: &mut Stdin) -> Result<Body, Error> {
    let text = data.map(|typed| json_text(typed, stdin)).transpose()?;
    if fields.is_empty() {
        return Ok(Body::Json(text.unwrap_or_default()));
    }
    let object = match text.as_deref().map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(Value::Object(object))) => object,
        Some(Ok(_)) => {
            return Err(Error::usage_with_hint(
                "--data is no object, so that no field fits into it",
                "leave out -f and -F",
            ));
        }
        Some(Err(error)) => {
            return Err(Error::usage(format!("--data cannot be joined with fields: {error}")));
        }
    };
    Ok(Body::Json(Value::Object(fields::merge(object, fields)?).to_string()))
}

/// What `--data` names or is, checked: the JSON text itself, `@file`, `-`, or the bare name of a
/// file, as HeyGen's own command line takes it.
fn json_text(typed: &str, stdin: &mut Stdin) -> Result<String, Error> {
    let starts_json =
        typed.trim_start().starts_with(['{', '[', '"']) || json::parse(typed.as_bytes()).is_ok();
    let file = match typed.strip_prefix('@') {
        Some(file) => Some(file),
        None if typed == "-" || !starts_json && Path::new(typed).is_file() => Some(typed),
        None => None,
    };
    let Some(file) = file else { return checked_json(typed.to_owned(), "--data", true) };
    let name =
        if file == "-" { "--data from stdin".to_owned() } else { format!("--data `{file}`") };
    checked_json(stdin.text("--data", file)?, &name, false)
}

fn checked_json(text: String, name: &str, is_typed: bool) -> Result<String, Error> {
    let fault = match json::parse(text.as_bytes()) {
        Ok(_) => return Ok(text.trim_start_matches('\u{feff}').to_owned()),
        Err(fault) => fault,
    };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(Error::usage(format!("{name} is empty, which is no JSON")));
    }
    let (line, column) = fault.position(text.as_bytes());
    let words = in_words(&fault, &text);
    let details = if is_typed { excerpt(&text, line, column) } else { Vec::new() };
    let hint = (is_typed && !text.contains(['{', '[', '"', ' ']))
        .then(|| "a file is written `-d @file`".to_owned());
    Err(Error::Usage(Usage {
        message: format!("{name} is not valid JSON: {words} at line {line} column {column}"),
        details,
        hint,
    }))
}

/// What is wrong with a text that should be JSON. serde_json has better words than our own check,
/// but stops earlier too, at what it cannot hold: only words about the same place count.
fn in_words(fault: &Fault, text: &str) -> String {
    match fault.kind {
        FaultKind::TooDeep => return format!("it goes more than {} levels deep", json::MAX_DEPTH),
        FaultKind::Truncated => return "it breaks off".to_owned(),
        FaultKind::Syntax => {}
    }
    let before = &text.as_bytes()[..fault.offset];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().len() + 1;
    match serde_json::from_str::<Value>(text) {
        Err(error) if (error.line(), error.column()) == (line, column) => {
            error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
        }
        _ => "an unexpected character".to_owned(),
    }
}

/// The line of a mistake, and a caret under it.
fn excerpt(text: &str, line: usize, column: usize) -> Vec<String> {
    let Some(line) = text.lines().nth(line.saturating_sub(1)) else { return Vec::new() };
    let first = column.saturating_sub(EXCERPT);
    let shown: String = line.chars().skip(first).take(EXCERPT + EXCERPT / 2).collect();
    let caret = format!("{}^", " ".repeat(column.saturating_sub(first + 1)));
    vec![shown, caret]
}

/// `name=text`, `name=@file`, `name=@file;type=image/png`.
fn form_part(text: &str, stdin: &mut Stdin) -> Result<Part, Error> {
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err(Error::usage_with_hint(
            "--form: a part has no name or no `=`",
            "write it like `--form file=@photo.png`",
        ));
    };
    let Some(file) = value.strip_prefix('@') else {
        let payload = Payload::Text(value.to_owned());
        return Ok(Part { name: name.to_owned(), payload, file_name: None, media_type: None });
    };
    let (file, typed) = match file.rsplit_once(";type=") {
        Some((file, media_type)) => (file, Some(media_type.to_owned())),
        None => (file, None),
    };
    if typed.as_deref().is_some_and(|media_type| {
        HeaderValue::from_str(media_type).is_err() || media_type.is_empty()
    }) {
        return Err(Error::usage(format!("--form {name}: `;type=` is no media type")));
    }
    let path = PathBuf::from(file);
    let (payload, found) = payload("--form", &path, stdin)?;
    let file_name = match payload {
        Payload::Stdin => "stdin".to_owned(),
        _ => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let media_type = Some(typed.unwrap_or_else(|| found.to_owned()));
    Ok(Part { name: name.to_owned(), payload, file_name: Some(file_name), media_type })
}

/// What is sent as it is, and its media type. A file that cannot be read is found out now.
fn payload(flag: &str, path: &Path, stdin: &mut Stdin) -> Result<(Payload, &'static str), Error> {
    if path == Path::new("-") {
        stdin.claim(flag)?;
        return Ok((Payload::Stdin, media_type::UNKNOWN));
    }
    let unreadable = |error: &io::Error| {
        Error::usage(format!("{flag}: reading `{}`: {}", path.display(), system_words(error)))
    };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(Error::usage(format!("{flag}: `{}` is a directory", path.display())));
    }
    let mut head = Vec::new();
    // A pipe is not even opened yet: whoever writes into it would see it close.
    if metadata.is_file() {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        file.take(media_type::ENOUGH as u64)
            .read_to_end(&mut head)
            .map_err(|error| unreadable(&error))?;
    }
    let found = media_type::of(&head, &path.to_string_lossy());
    Ok((Payload::File(path.to_owned()), found))
}

/// Standard input, which can be read once.
struct Stdin {
    claimed: bool,
}

impl Stdin {
    fn claim(&mut self, flag: &str) -> Result<(), Error> {
        if std::mem::replace(&mut self.claimed, true) {
            return Err(Error::usage(format!("{flag}: stdin is used twice, and can be read once")));
        }
        Ok(())
    }

    /// The text of a file, or of stdin (`-`).
    fn text(&mut self, flag: &str, name: &str) -> Result<String, Error> {
        let bytes = if name == "-" {
            self.claim(flag)?;
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(name)
        };
        let shown = if name == "-" { "stdin".to_owned() } else { format!("`{name}`") };
        let bytes = bytes.map_err(|error| {
            Error::usage(format!("{flag}: reading {shown}: {}", system_words(&error)))
        })?;
        String::from_utf8(bytes)
            .map_err(|_| Error::usage(format!("{flag}: {shown} is no UTF-8 text")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_git_bash_path_rewrite() {
        let check = |text: &str, expected: &str| assert_eq!(without_git_bash(text), expected);
        check("C:/Program Files/Git/v3/videos", "/v3/videos");
        check("D:/v2/avatars", "/v2/avatars");
        check("/v3/videos", "/v3/videos");
        check("C:/Users/x", "C:/Users/x");
    }

    #[test]
    fn rejects_invalid_headers() {
        let check = |header: &str, expected: Result<(&str, &str), &str>| {
            let got = header_pair(header).map_err(|error| error.to_string());
            let expected = expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .map_err(str::to_owned);
            assert_eq!(got, expected, "{header}");
        };
        check("X-Trace: 1", Ok(("X-Trace", "1")));
        check("X-Empty:", Ok(("X-Empty", "")));
        check("Accept: é", Ok(("Accept", "é")));
        check("Authorization: Bearer a:b", Ok(("Authorization", "Bearer a:b")));
        check("X-Trace", Err("--header: a header has no `:`"));
        check(": 1", Err("--header: the name before the `:` is no name of a header"));
        check("X Trace: 1", Err("--header: the name before the `:` is no name of a header"));
        check(
            "X-Trace: a\r\nX-Api-Key: b",
            Err("--header X-Trace: the value has a line break or control character in it"),
        );
        check("x-api-key: b", Err("--header x-api-key cannot be set"));
        check("Host: evil.test", Err("--header Host cannot be set"));
        check("Content-Length: 1", Err("--header Content-Length cannot be set"));
        check("Transfer-Encoding: chunked", Err("--header Transfer-Encoding cannot be set"));
    }

    #[test]
    fn checks_idempotency_keys() {
        let check =
            |text: &str, expected: bool| assert_eq!(is_idempotency_key(text), expected, "{text}");
        check("order-1:a.b_C", true);
        check(&"a".repeat(255), true);
        check(&"a".repeat(256), false);
        check("", false);
        check("a b", false);
        check("é", false);
        assert!(random_key().is_ok_and(|key| is_idempotency_key(&key) && key.len() == 36));
    }

    #[test]
    fn invalid_json_is_shown_with_caret() {
        let error =
            checked_json("{\"script\": \"Hi\",}".to_owned(), "--data", true).expect_err("an error");
        assert_eq!(
            error.to_string(),
            "--data is not valid JSON: trailing comma at line 1 column 17"
        );
        assert_eq!(error.details(), ["{\"script\": \"Hi\",}", "                ^"]);
    }
}
