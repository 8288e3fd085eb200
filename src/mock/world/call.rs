//! A request that passed HeyGen's checks.

use serde_json::Value;

use super::multipart::{self, Upload};
use super::plan::{self, Plan, Source};
use super::refusal::Refusal;
use crate::catalogue::Place;
use crate::catalogue::operation::{Operation, Parameter};
use crate::mock::exchange::Request;
use crate::percent;
use crate::schema::check::{Finding, Flaw, Strangers, findings, findings_in_text};
use crate::schema::{Kind, Schema};

/// A call of an operation: its parts satisfy the schemas of the catalogue.
pub(super) struct Call<'r> {
    pub request: &'r Request,
    pub operation: Operation,
    pub plan: &'static Plan,
    /// The names and values of the path's placeholders.
    pub path: Vec<(&'static str, String)>,
    /// The JSON body; null without one.
    pub body: Value,
    /// The body as a file: the one file of a multipart body, or the body itself.
    pub upload: Option<Upload>,
}

impl Call<'_> {
    pub(super) fn new(operation: Operation, request: &Request) -> Result<Call<'_>, Refusal> {
        let media_type = media_type(operation, request)?;
        check_query(operation, request)?;
        let mut call = Call {
            request,
            operation,
            plan: plan::of(operation),
            path: path_values(operation, &request.path),
            body: Value::Null,
            upload: None,
        };
        match media_type {
            None => {}
            Some("application/json") => call.body = json_body(operation, request)?,
            Some("multipart/form-data") => call.upload = Some(multipart::file(request)?),
            Some(other) => call.upload = Some(multipart::raw(request, other)?),
        }
        Ok(call)
    }

    /// The ID of the record that the call is about.
    pub(super) fn id(&self) -> Option<String> {
        match self.plan.source? {
            Source::Path(name) => self.path_value(name).map(str::to_owned),
            Source::Query(name) => self.request.query_value(name).map(str::to_owned),
            Source::Body(name) => self.body[name].as_str().map(str::to_owned),
        }
    }

    /// The value of a placeholder of the path.
    pub(super) fn path_value(&self, name: &str) -> Option<&str> {
        let found = self.path.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A string of the body.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.body[name].as_str()
    }
}

fn path_values(operation: Operation, path: &str) -> Vec<(&'static str, String)> {
    let pairs = operation.path().split('/').zip(path.split('/'));
    let named = pairs.filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, percent::decoded(value)))
    });
    named.collect()
}

/// The media type of the body, one of those that the operation takes; `None` without a body.
fn media_type(operation: Operation, request: &Request) -> Result<Option<&'static str>, Refusal> {
    let Some(usual) = operation.bodies().next().map(|body| body.media_type()) else {
        return Ok(None);
    };
    if request.body.is_empty() && !operation.requires_body() {
        return Ok(None);
    }
    let entered = request.header("content-type").unwrap_or_default();
    let found = entered.split(';').next().unwrap_or_default().trim();
    let mut types = operation.bodies().map(|body| body.media_type());
    let known = types.find(|own| own.eq_ignore_ascii_case(found));
    known.map(Some).ok_or_else(|| Refusal::media_type(entered, usual))
}

fn json_body(operation: Operation, request: &Request) -> Result<Value, Refusal> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| {
        Refusal::invalid("", format!("The request body is not valid JSON: {error}."))
    })?;
    let Some(schema) = operation.body_schema().and_then(Schema::parse) else { return Ok(body) };
    // HeyGen ignores fields that it does not know, but for the few schemas that are closed.
    let strangers =
        if is_closed(schema, &body) { Strangers::AreFindings } else { Strangers::AreExpected };
    match findings(schema, &body, strangers).first() {
        Some(finding) => Err(refused(finding)),
        None => Ok(body),
    }
}

/// True where the schema, or the variant that the body chooses, forbids unknown fields.
fn is_closed(schema: Schema, body: &Value) -> bool {
    let variant = crate::schema::check::chosen(schema, body).map(|variant| variant.schema);
    variant.unwrap_or(schema).forbids_other_members()
}

fn check_query(operation: Operation, request: &Request) -> Result<(), Refusal> {
    for parameter in operation.parameters().filter(|own| own.place() == Place::Query) {
        let name = parameter.name();
        let mut values = request.query.iter().filter(|(own, _)| own == name).peekable();
        if values.peek().is_none() && parameter.is_required() {
            return Err(Refusal::invalid(name, format!("'{name}' is required.")));
        }
        let Some(schema) = Schema::of_parameter(parameter) else { continue };
        for (_, value) in values {
            let is_empty = value.is_empty() && !parameter.is_required() && !is_text(schema);
            if let Some(finding) = findings_in_text(schema, name, value).first()
                && !is_empty
            {
                return Err(bounds(parameter, finding).unwrap_or_else(|| refused(finding)));
            }
        }
    }
    Ok(())
}

fn is_text(schema: Schema) -> bool {
    schema.kinds().contains(&Kind::String)
}

/// The words that HeyGen has for a number beyond its bounds.
fn bounds(parameter: Parameter, finding: &Finding) -> Option<Refusal> {
    let schema = Schema::of_parameter(parameter)?;
    let (least, most) = (schema.limit("minimum")?, schema.limit("maximum")?);
    let name = parameter.name();
    matches!(finding.flaw, Flaw::Limit { .. })
        .then(|| Refusal::invalid(name, format!("'{name}' must be between {least} and {most}.")))
}

fn refused(finding: &Finding) -> Refusal {
    let place = if finding.place.is_empty() { "body" } else { finding.place.as_str() };
    let message = match &finding.flaw {
        Flaw::Missing { choices } if choices.is_empty() => format!("'{place}' is required."),
        Flaw::Limit { must, .. } => format!("'{place}' {must}."),
        Flaw::NotOneOf { choices, .. } => {
            format!("'{place}' must be one of: {}.", choices.join(", "))
        }
        flaw => format!("'{place}': {flaw}."),
    };
    Refusal::invalid(&finding.place, message)
}
