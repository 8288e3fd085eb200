//! From the arguments of a call to the [`Request`] that they mean. Nothing is sent here, and no key
//! is needed.

use http::Method;

use super::body::entered_body;
use super::fields::{self, Field, Typing};
use super::header::{header_pair, idempotency_key};
use super::input::Input;
use crate::api::origin::Base;
use crate::api::request::{Body, Request};
use crate::app::settings::Settings;
use crate::cli::{BodyArgs, CallArgs, FieldArg, RequestArgs};
use crate::env::Env;
use crate::error::{Error, Usage};
use crate::secret::{hide_key_shapes, looks_like_key};
use crate::terminal::streams::Ui;

pub use super::endpoint::endpoint;

/// The request line and all headers that are known here may have this many bytes. Servers read 8 to
/// 16 KiB. The rest of 16 KiB is for what the transport adds: the key, `Host` and its own headers.
const LONGEST_HEAD: usize = 15_000;

/// Reads the arguments of a call. Files that they name are read only where their text becomes part
/// of JSON or of the query; stdin only if the key does not come from there.
///
/// # Errors
/// An argument is not valid, or a file cannot be read. The error shows nothing that has the shape of
/// a key.
pub fn request(
    method: Method,
    args: &CallArgs,
    body: &BodyArgs,
    settings: &Settings,
    env: &Env,
    ui: &Ui,
) -> Result<Request, Error> {
    entered(method, args, body, settings, env, ui).map_err(without_keys)
}

fn entered(
    method: Method,
    args: &CallArgs,
    body: &BodyArgs,
    settings: &Settings,
    env: &Env,
    ui: &Ui,
) -> Result<Request, Error> {
    let mut request = Request::new(method, endpoint(&args.endpoint, &settings.base, env)?);
    request.query =
        args.request.query.iter().map(|pair| query_pair(pair)).collect::<Result<_, _>>()?;
    request.headers =
        args.request.headers.iter().map(|header| header_pair(header)).collect::<Result<_, _>>()?;
    request.idempotency_key = idempotency_key(
        args.request.idempotency_key.as_deref(),
        &mut request.headers,
        &request.method,
        &request.endpoint,
    )?;
    let mut input = Input::new(ui, env, args.limits.timeout);
    let fields = entered_fields(&args.request, &mut input)?;
    if fields_go_into_the_query(&request.method) {
        request.query.extend(fields::query(&fields)?);
        request.body = entered_body(body, &[], &mut input)?.unwrap_or(Body::Empty);
    } else {
        // HeyGen responds to an empty POST without a content type with 415.
        request.body =
            entered_body(body, &fields, &mut input)?.unwrap_or_else(|| Body::Json("{}".to_owned()));
    }
    check_body(&request, body)?;
    check_length(&request, &settings.base)?;
    Ok(request)
}

/// Refuses a body where the method takes none, and a content type that is given twice.
fn check_body(request: &Request, args: &BodyArgs) -> Result<(), Error> {
    let takes_none = request.method == Method::GET || request.method == Method::HEAD;
    if takes_none && request.body != Body::Empty {
        return Err(Error::usage_with_hint(
            format!("{} takes no body", request.method),
            "put it into the query with `-Q` or `-f`",
        ));
    }
    let mut names = request.headers.iter().map(|(name, _)| name);
    let has_type = names.any(|name| name.eq_ignore_ascii_case("content-type"));
    if has_type && args.content_type.is_some() {
        return Err(Error::usage_with_hint(
            "the content type is given twice",
            "use one of: --content-type, --header",
        ));
    }
    Ok(())
}

/// Refuses what no server reads, and the transport does not send.
fn check_length(request: &Request, base: &Base) -> Result<(), Error> {
    let target = base.url(&request.target()).len();
    // With `: ` and a line break.
    let headers = request.headers(request.body.media_type()).into_iter();
    let headers: Vec<(&str, usize)> =
        headers.map(|(name, value)| (name, name.len() + value.len() + 4)).collect();
    let length = target + headers.iter().map(|(_, length)| length).sum::<usize>();
    if length <= LONGEST_HEAD {
        return Ok(());
    }
    let (longest, its_length) = match headers.into_iter().max_by_key(|(_, length)| *length) {
        Some((name, length)) if length > target => (format!("--header {name}"), length),
        _ => ("the URL with its query".to_owned(), target),
    };
    Err(Error::usage(format!(
        "URL and headers are too long: {length} bytes, at most {LONGEST_HEAD}; {longest} has {its_length}"
    )))
}

fn fields_go_into_the_query(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::DELETE].contains(method)
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

fn entered_fields(args: &RequestArgs, input: &mut Input<'_>) -> Result<Vec<Field>, Error> {
    let fields = args.fields.typed.iter().map(|field| {
        let (FieldArg::Text(text) | FieldArg::Value(text)) = field;
        let typing = match field {
            FieldArg::Text(_) => Typing::Text,
            FieldArg::Value(_) => Typing::Value,
        };
        let mut read = |name: &str| input.text("--field", &format!("-F {text}"), name);
        Field::parse(text, typing, &mut read)
    });
    fields.collect()
}

<<<<<<< HEAD
/// Names of files, fields and headers are repeated in errors; one of them may be a key that was
/// given in the wrong place.
fn without_keys(error: Error) -> Error {
    let Error::Usage(Usage { message, details, hint }) = error else { return error };
    Error::Usage(Usage {
        message: hide_key_shapes(&message).into_owned(),
        details: details.iter().map(|line| hide_key_shapes(line).into_owned()).collect(),
        hint: hint.map(|hint| hide_key_shapes(&hint).into_owned()),
    })
=======
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
>>>>>>> refs/heads/tests
}
