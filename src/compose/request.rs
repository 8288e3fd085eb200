//! From the arguments of a call to the [`Request`] that they mean. Nothing is sent here, and no key
//! is needed.

use http::Method;

use super::body::entered_body;
use super::fields::{self, Field, Typing};
use super::header::{header_pair, idempotency_key};
use super::input::Input;
use crate::api::endpoint::{hole_in_query, is_hole};
use crate::api::origin::Base;
use crate::api::request::{Body, Request};
use crate::app::settings::Settings;
use crate::cli::{BodyArgs, CallArgs, FieldArg, RequestArgs};
use crate::env::Env;
use crate::error::{Error, Usage};
use crate::secret::{hide_key_shapes, looks_like_key};
use crate::terminal::streams::Ui;

pub use super::endpoint::endpoint;

/// The maximum length of the URL and of each header in bytes: servers read lines of 8 to 16 KiB, and
/// the transport sends a line in one piece.
const LONGEST_LINE: usize = 15_000;

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
    request.is_by_noun = args.is_by_noun;
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
    check_query(&request)?;
    check_body(&request, body)?;
    check_length(&request, &settings.base)?;
    Ok(request)
}

/// Refuses to change something without its ID.
fn check_query(request: &Request) -> Result<(), Error> {
    let reads = request.method == Method::GET || request.method == Method::HEAD;
    if reads {
        return Ok(());
    }
    let added = request.query.iter().find(|(name, value)| is_hole(name, value));
    let added = added.map(|(name, _)| name.as_str());
    let hole = added.or_else(|| request.endpoint.query().and_then(hole_in_query));
    hole.map_or(Ok(()), |name| {
        let what = format!("`{name}` in the query has no value");
        Err(Error::usage_with_hint(what, "is a shell variable unset?"))
    })
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

/// Refuses a line that no server reads, and the transport does not send.
fn check_length(request: &Request, base: &Base) -> Result<(), Error> {
    let url = ("the URL with its query".to_owned(), base.url(&request.target()).len());
    let headers = request.headers(request.body.media_type()).into_iter();
    let headers =
        headers.map(|(name, value)| (format!("--header {name}"), name.len() + value.len()));
    match [url].into_iter().chain(headers).find(|(_, length)| *length > LONGEST_LINE) {
        Some((what, length)) => {
            Err(Error::usage(format!("{what} is too long: {length} bytes, at most {LONGEST_LINE}")))
        }
        None => Ok(()),
    }
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
        let (FieldArg::Text(text) | FieldArg::Value(text) | FieldArg::Json(text)) = field;
        let typing = match field {
            FieldArg::Text(_) => Typing::Text,
            FieldArg::Value(_) => Typing::Value,
            FieldArg::Json(_) => Typing::Json,
        };
        let mut read = |name: &str| input.text("--field", &format!("-F {text}"), name);
        Field::parse(text, typing, &mut read)
    });
    fields.collect()
}

/// Names of files, fields and headers are repeated in errors; one of them may be a key that was
/// given in the wrong place.
fn without_keys(error: Error) -> Error {
    let Error::Usage(Usage { message, details, hint }) = error else { return error };
    Error::Usage(Usage {
        message: hide_key_shapes(&message).into_owned(),
        details: details.iter().map(|line| hide_key_shapes(line).into_owned()).collect(),
        hint: hint.map(|hint| hide_key_shapes(&hint).into_owned()),
    })
}
