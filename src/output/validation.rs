//! A request held against the operation of the catalogue: what HeyGen would reject, before it is
//! sent.

use serde_json::Value;

use crate::api::request::{Body, Part, Request};
use crate::app::context::Context;
use crate::catalogue::nearest::nearest;
use crate::catalogue::operation::{Content, Parameter};
use crate::catalogue::{Operation, Place};
use crate::error::{Error, FieldError, InvalidRequest};
use crate::percent::decoded;
use crate::schema::Schema;
use crate::schema::check::{Finding, Flaw, Strangers, chosen, findings, findings_in_text, similar};
use crate::secret::hide_key_shapes;

/// Checks the request, and says so on a terminal if it is valid.
///
/// # Errors
/// The catalogue does not have the operation, or the request does not match it.
pub fn validate(request: &Request, context: &Context<'_>) -> Result<(), Error> {
    let Some(operation) = request.operation else { return Err(unknown(request)) };
    match invalid(request, operation, context) {
        Some(invalid) => Err(Error::InvalidRequest(Box::new(invalid))),
        None if context.ui.stdout_is_terminal() && !context.ui.is_quiet() => {
            let variant = variant(request, operation).map(|name| format!(" ({name})"));
            let ok = context.ui.dress().palette.map_or("ok:".to_owned(), |own| own.ok.paint("ok:"));
            let line = format!(
                "{ok} matches {operation}{}; nothing was sent\n",
                variant.unwrap_or_default()
            );
            context.ui.write(|out| out.write_all(line.as_bytes())).map_err(Error::Output)
        }
        None => Ok(()),
    }
}

/// Notes on a terminal what HeyGen would reject in a request that is only shown.
pub fn note(request: &Request, context: &Context<'_>) {
    // Reading the schemas takes longer than all the rest.
    if !context.ui.stderr_is_terminal() || context.ui.is_quiet() {
        return;
    }
    let invalid = request.operation.and_then(|own| self::invalid(request, own, context));
    for error in invalid.into_iter().flat_map(|invalid| invalid.errors) {
        let place = error.path.as_deref().unwrap_or("the body");
        context.ui.note(&format!("{place}: {}", error.message.unwrap_or_default()));
    }
}

fn unknown(request: &Request) -> Error {
    let (method, path) = (request.method.as_str(), request.endpoint.path());
    let hint = match nearest(method, path) {
        Some(near) => format!("did you mean {}? `--dry-run` shows any request", near.path),
        None => "`heygen endpoints` lists what can be validated; `--dry-run` shows any request"
            .to_owned(),
    };
    Error::usage_with_hint(
        format!("the catalogue has no {method} {path} to validate against"),
        hint,
    )
}

/// The findings on a request; `None` if there are none.
fn invalid(
    request: &Request,
    operation: Operation,
    context: &Context<'_>,
) -> Option<InvalidRequest> {
    let body = findings_in_body(request, operation);
    let query = findings_in_parameters(request, operation);
    let part = match (body.is_empty(), query.is_empty()) {
        (true, true) => return None,
        (false, true) => "body",
        (true, false) => "query",
        (false, false) => "request",
    };
    let found: Vec<Finding> = query.into_iter().chain(body).collect();
    let is_string =
        |flaw: &Flaw| matches!(flaw, Flaw::Type { found, .. } if found.starts_with('"'));
    let masked = |text: &str| hide_key_shapes(&context.ui.masked(text)).into_owned();
    Some(InvalidRequest {
        part,
        operation: operation.to_string(),
        command: operation.command().filter(|_| request.is_by_noun),
        variant: variant(request, operation),
        has_strings_for_others: part != "query" && found.iter().any(|own| is_string(&own.flaw)),
        errors: found
            .iter()
            .map(|finding| FieldError {
                code: Some(finding.flaw.code().to_owned()),
                message: Some(masked(&finding.flaw.to_string())),
                path: Some(masked(&finding.place)).filter(|place| !place.is_empty()),
            })
            .collect(),
    })
}

/// The variant of the body's union, such as `type avatar`.
fn variant(request: &Request, operation: Operation) -> Option<String> {
    let Body::Json(text) = &request.body else { return None };
    let schema = operation.body_schema().and_then(Schema::parse)?;
    let body: Value = serde_json::from_str(text).ok()?;
    Some(format!("{} {}", schema.tag()?, chosen(schema, &body)?.tag?))
}

fn findings_in_body(request: &Request, operation: Operation) -> Vec<Finding> {
    let whole = |flaw| vec![Finding { place: String::new(), flaw }];
    let contents: Vec<Content> = operation.bodies().collect();
    let is_json = contents.first().is_some_and(|own| own.media_type() == "application/json");
    let types = || contents.iter().map(|own| own.media_type()).collect::<Vec<_>>().join(" or ");
    match &request.body {
        Body::Empty if operation.requires_body() => whole(Flaw::Missing { choices: Vec::new() }),
        // `{}` stands for no body.
        Body::Json(text) if contents.is_empty() && text.trim() == "{}" => Vec::new(),
        Body::Empty => Vec::new(),
        _ if contents.is_empty() => whole(Flaw::NotTaken),
        Body::Json(text) if is_json => findings_in_json(text, operation),
        Body::Form(parts) if types() == "multipart/form-data" => {
            findings_in_form(parts, contents[0])
        }
        Body::Bytes(_, media_type) if contents.iter().any(|own| own.media_type() == media_type) => {
            Vec::new()
        }
        // The file may be JSON: it is not read.
        Body::Bytes(_, media_type) if is_json && media_type.contains("json") => Vec::new(),
        Body::Json(_) | Body::Form(_) | Body::Bytes(..) => {
            whole(Flaw::MediaType { expected: types() })
        }
    }
}

fn findings_in_json(text: &str, operation: Operation) -> Vec<Finding> {
    let schema = operation.body_schema().and_then(Schema::parse);
    let (Some(schema), Ok(body)) = (schema, serde_json::from_str(text)) else { return Vec::new() };
    let strangers =
        if operation.is_partial() { Strangers::AreExpected } else { Strangers::AreFindings };
    findings(schema, &body, strangers)
}

fn findings_in_form(parts: &[Part], content: Content) -> Vec<Finding> {
    let members = content.schema().and_then(Schema::parse).map(Schema::members);
    let members = members.unwrap_or_default();
    let known: Vec<&str> = members.iter().map(|member| member.name).collect();
    let missing = members
        .iter()
        .filter(|member| member.is_required && parts.iter().all(|part| part.name != member.name));
    let missing = missing.map(|member| Finding {
        place: member.name.to_owned(),
        flaw: Flaw::Missing { choices: Vec::new() },
    });
    let unknown = parts.iter().filter(|part| !known.contains(&part.name.as_str()));
    let unknown = unknown.map(|part| unknown_name(&part.name, &known));
    missing.chain(unknown).collect()
}

fn unknown_name(name: &str, known: &[&str]) -> Finding {
    let nearest = similar(name, known).map(str::to_owned);
    Finding { place: name.to_owned(), flaw: Flaw::Unknown { nearest } }
}

/// The findings on path and query.
fn findings_in_parameters(request: &Request, operation: Operation) -> Vec<Finding> {
    let pairs = query(request);
    let known: Vec<Parameter> =
        operation.parameters().filter(|own| own.place() == Place::Query).collect();
    let names: Vec<&str> = known.iter().map(|own| own.name()).collect();
    let mut found = findings_in_path(request, operation);
    for parameter in known.iter().filter(|own| own.is_required()) {
        if pairs.iter().all(|(name, _)| name != parameter.name()) {
            let flaw = Flaw::Missing { choices: Vec::new() };
            found.push(Finding { place: parameter.name().to_owned(), flaw });
        }
    }
    for (index, (name, value)) in pairs.iter().enumerate() {
        let parameter = known.iter().find(|own| own.name() == name);
        match parameter.and_then(|own| Schema::of_parameter(*own)) {
            None if operation.is_partial() => {}
            None => found.push(unknown_name(name, &names)),
            Some(schema) => {
                let is_list = schema.items().is_some();
                if !is_list && pairs[..index].iter().any(|(other, _)| other == name) {
                    found.push(Finding { place: name.clone(), flaw: Flaw::Repeated });
                }
                found.extend(findings_in_text(schema, name, value));
            }
        }
    }
    found
}

/// The query as pairs, decoded: that of the endpoint, then what was added.
fn query(request: &Request) -> Vec<(String, String)> {
    let entered = request.endpoint.query().unwrap_or_default().split('&');
    let entered = entered.filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(&value.replace('+', " ")))
    });
    entered.chain(request.query.iter().cloned()).collect()
}

fn findings_in_path(request: &Request, operation: Operation) -> Vec<Finding> {
    let segments = operation.path().split('/').zip(request.endpoint.path().split('/'));
    let found = segments.filter_map(|(segment, value)| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let schema = Schema::of_parameter(operation.parameter(Place::Path, name)?)?;
        Some(findings_in_text(schema, name, &decoded(value)))
    });
    found.flatten().collect()
}
