//! The body that was entered: fields and JSON, a form, or a file.

use std::path::Path;

use http::HeaderValue;

use super::data::json_body;
use super::fields::Field;
use super::input::Input;
use crate::api::request::{Body, Part, Payload};
use crate::cli::BodyArgs;
use crate::error::Error;

/// The body; `None` if none was given.
///
/// # Errors
/// It is given in two ways, is not valid, or a file cannot be read.
pub(super) fn entered_body(
    args: &BodyArgs,
    fields: &[Field],
    input: &mut Input<'_>,
) -> Result<Option<Body>, Error> {
    let has_json = args.data.is_some() || !fields.is_empty();
    match (has_json, !args.form.is_empty(), &args.body_file) {
        (false, false, None) => Ok(None),
        (true, false, None) => json_body(args.data.as_deref(), fields, input).map(Some),
        (false, true, None) => {
            let parts =
                args.form.iter().map(|text| form_part(text, input)).collect::<Result<_, _>>()?;
            Ok(Some(Body::Form(parts)))
        }
        (false, false, Some(path)) => {
            let (payload, found) =
                input.payload("--body-file", &format!("--body-file {}", path.display()), path)?;
            let media_type = args.content_type.clone().unwrap_or_else(|| found.to_owned());
            if HeaderValue::from_str(&media_type).is_err() {
                return Err(Error::usage("--content-type must be a media type such as image/png"));
            }
            Ok(Some(Body::Bytes(payload, media_type)))
        }
        _ => Err(Error::usage_with_hint(
            "the body is given in two ways",
            "use one of: fields and --data, --form, --body-file",
        )),
    }
}

/// Reads `name=text`, `name=@file` or `name=@file;type=image/png`.
fn form_part(text: &str, input: &mut Input<'_>) -> Result<Part, Error> {
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
    // A file may be called like that.
    let typed = file.rsplit_once(";type=").filter(|_| !Path::new(file).exists());
    let (file, given) = match typed {
        Some((file, media_type)) => (file, Some(media_type.to_owned())),
        None => (file, None),
    };
    if given.as_deref().is_some_and(|media_type| {
        HeaderValue::from_str(media_type).is_err() || media_type.is_empty()
    }) {
        return Err(Error::usage(format!(
            "--form {name}: `;type=` must be a media type such as image/png"
        )));
    }
    let path = Path::new(file);
    let (payload, found) = input.payload("--form", &format!("--form {text}"), path)?;
    let file_name = match payload {
        Payload::Stdin => "stdin".to_owned(),
        _ => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let media_type = Some(given.unwrap_or_else(|| found.to_owned()));
    Ok(Part { name: name.to_owned(), payload, file_name: Some(file_name), media_type })
}
