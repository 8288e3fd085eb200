//! Rows of operations: the description of each, joined with our marks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::record::{
    ContentRecord, ExampleRecord, JobRecord, OperationRecord, PagesRecord, ParameterRecord, Place,
    ResponseRecord, Rows, ThenRecord,
};
use super::description::{Described, Object, shape};
use super::overlay::{JobMarks, Marks, Overlay, PagesMarks};
use super::schema::Schemas;
use super::tables::{Tables, rows};

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Headers that belong to HTTP or to the key, not to an operation.
const NOT_PARAMETERS: &[&str] = &["accept", "content-type", "authorization", "x-api-key"];

/// Operations and marks, found by method and shape of the path.
pub(super) struct Joined<'m> {
    overlay: &'m Overlay,
    marks: BTreeMap<String, (&'m str, &'m Marks)>,
    numbers: BTreeMap<String, usize>,
    unmarked: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl<'m> Joined<'m> {
    pub(super) fn new(operations: &[Described<'_>], overlay: &'m Overlay) -> Joined<'m> {
        let marks = overlay.operations.iter();
        let numbered = operations.iter().enumerate();
        Joined {
            overlay,
            marks: marks.map(|(name, marks)| (key(name), (name.as_str(), marks))).collect(),
            numbers: numbered.map(|(number, operation)| (own_key(operation), number)).collect(),
            unmarked: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The row of an operation; the rows that it points to go into their tables.
    pub(super) fn record(
        &mut self,
        operation: &Described<'_>,
        schemas: &Schemas<'_>,
        tables: &mut Tables,
    ) -> Result<OperationRecord, String> {
        let none = Marks::default();
        let marks = match self.marks.get(&own_key(operation)) {
            Some((_, marks)) => *marks,
            None => {
                self.unmarked.push(operation.to_string());
                &none
            }
        };
        let parameters = parameters(operation, marks)?;
        let honours_idempotency_key = parameters.iter().any(is_idempotency_key);
        let replaced_by =
            marks.replacement.as_ref().and_then(|text| self.replaced_by(operation, text));
        let job = match &marks.job {
            Some(job) => self.job(operation, job, tables)?,
            None => None,
        };
        let pages = marks.pages.as_ref().map(|pages| add_pages(pages, tables));
        let body = operation.body()?;
        let mut text = |text: &Option<String>| text.as_ref().map(|text| tables.pool.text(text));
        let summary = marks.summary.clone().unwrap_or_else(|| short(operation.own_summary()));
        Ok(OperationRecord {
            command: text(&marks.command),
            server: text(&operation.server),
            scope: text(&marks.scope),
            kind: text(&marks.kind),
            retired: text(&operation.is_retired.then(|| self.overlay.legacy.retired.clone())),
            replacement: text(&marks.replacement),
            method: tables.pool.text(&operation.method),
            path: tables.pool.text(&operation.path),
            version: version(&operation.path),
            summary: tables.pool.text(&summary),
            replaced_by,
            max_bytes: marks.max_bytes,
            honours_idempotency_key,
            is_billed: marks.is_billed,
            is_destructive: marks.is_destructive.unwrap_or(operation.method == "DELETE"),
            is_preview: marks.is_preview,
            is_partial: marks.is_partial,
            requires_body: body.is_some_and(|body| is_true(body, "required")),
            parameters: add_parameters(&parameters, schemas, tables)?,
            bodies: add_contents(operation, body, schemas, tables)?,
            responses: add_responses(operation, schemas, tables)?,
            columns: tables.list(&marks.columns)?,
            pages,
            job,
        })
    }

    /// Warns of operations that only one side knows.
    pub(super) fn warn_of_unused_marks(&mut self) {
        for (key, (name, _)) in &self.marks {
            if !self.numbers.contains_key(key) {
                self.warnings
                    .push(format!("the overlay marks `{name}`, but no description has it"));
            }
        }
        if !self.unmarked.is_empty() {
            let list = self.unmarked.join("`, `");
            self.warnings.push(format!("the overlay has no marks for `{list}`"));
        }
    }

    /// The number of the operation that a text such as `GET /v3/voices (locale fields)` names.
    fn number(&self, text: &str) -> Option<u16> {
        let name = text.split([' ', '?']).take(2).collect::<Vec<_>>().join(" ");
        u16::try_from(*self.numbers.get(&key(&name))?).ok()
    }

    fn replaced_by(&mut self, operation: &Described<'_>, replacement: &str) -> Option<u16> {
        let number = self.number(replacement);
        if number.is_none() {
            self.warnings.push(format!(
                "the overlay has `{replacement}` for `{operation}`, but no description has it"
            ));
        }
        number
    }

    /// The row of a job; without the operation that polls it, nobody can wait for it.
    fn job(
        &mut self,
        operation: &Described<'_>,
        marks: &JobMarks,
        tables: &mut Tables,
    ) -> Result<Option<u16>, String> {
        let Some(poll) = self.poll(operation, &marks.poll) else { return Ok(None) };
        let then = match &marks.then {
            Some(then) => self
                .poll(operation, &then.poll)
                .map(|poll| ThenRecord { id: tables.pool.text(&then.id), poll }),
            None => None,
        };
        let id = marks.id.as_deref();
        let query = marks.poll.split_once('?').and_then(|(_, query)| query.split('=').next());
        let record = JobRecord {
            id: id.map(|id| tables.pool.text(id.trim_end_matches("[]"))),
            is_several: id.is_some_and(|id| id.ends_with("[]")),
            poll,
            poll_query: query.map(|name| tables.pool.text(name)),
            status: tables.pool.text(&marks.status),
            running: tables.list(&marks.running)?,
            ok: tables.list(&marks.ok)?,
            failed: tables.list(&marks.failed)?,
            then,
        };
        tables.jobs.push(record);
        Ok(Some((tables.jobs.len() - 1) as u16))
    }

    fn poll(&mut self, operation: &Described<'_>, poll: &str) -> Option<u16> {
        let number = self.number(poll);
        if number.is_none() {
            self.warnings.push(format!(
                "the overlay polls the job of `{operation}` with `{poll}`, but no description has it"
            ));
        }
        number
    }
}

/// A parameter with its place.
struct Parameter<'d> {
    name: &'d str,
    place: Place,
    is_required: bool,
    schema: Option<&'d Value>,
}

fn is_idempotency_key(parameter: &Parameter<'_>) -> bool {
    parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case(IDEMPOTENCY_KEY)
}

/// The parameters, those of the path first and in its order, whether they are described or not.
fn parameters<'o>(
    operation: &'o Described<'_>,
    marks: &Marks,
) -> Result<Vec<Parameter<'o>>, String> {
    let mut described = Vec::new();
    for parameter in operation.parameters()? {
        described.extend(self::parameter(parameter)?);
    }
    // An inferred header is our guess that the description has taken up, not HeyGen's word.
    described.retain(|own| !(marks.is_idempotency_inferred && is_idempotency_key(own)));
    let mut ordered = Vec::new();
    for name in placeholders(&operation.path) {
        let of_path = |own: &Parameter<'_>| own.place == Place::Path && own.name == name;
        ordered.push(match described.iter().position(of_path) {
            Some(index) => described.remove(index),
            None => Parameter { name, place: Place::Path, is_required: true, schema: None },
        });
    }
    described.retain(|own| own.place != Place::Path);
    ordered.extend(described);
    Ok(ordered)
}

/// A parameter as described; `None` for cookies, and for headers that belong to every call.
fn parameter(described: &Object) -> Result<Option<Parameter<'_>>, String> {
    let text = |key: &str| described.get(key).and_then(Value::as_str);
    let name = text("name").ok_or("a parameter must have a name")?;
    let place = match text("in") {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") if !NOT_PARAMETERS.contains(&name.to_lowercase().as_str()) => Place::Header,
        Some("header" | "cookie") => return Ok(None),
        _ => return Err(format!("parameter `{name}` must be in path, query, header or cookie")),
    };
    let content = described.get("content").and_then(Value::as_object);
    let in_content = content.and_then(|content| content.values().next()?.get("schema"));
    let schema = described.get("schema").or(in_content);
    let is_required = place == Place::Path || is_true(described, "required");
    Ok(Some(Parameter { name, place, is_required, schema }))
}

fn add_parameters(
    parameters: &[Parameter<'_>],
    schemas: &Schemas<'_>,
    tables: &mut Tables,
) -> Result<Rows, String> {
    let start = tables.parameters.len();
    for parameter in parameters {
        let any_text = json!({ "type": "string" });
        let schema = schemas
            .compact(parameter.schema.unwrap_or(&any_text))
            .map_err(|error| format!("parameter `{}`: {error}", parameter.name))?;
        let record = ParameterRecord {
            name: tables.pool.text(parameter.name),
            place: parameter.place,
            is_required: parameter.is_required,
            schema: tables.pool.text(&schema.to_string()),
        };
        tables.parameters.push(record);
    }
    rows(start, tables.parameters.len())
}

fn add_responses(
    operation: &Described<'_>,
    schemas: &Schemas<'_>,
    tables: &mut Tables,
) -> Result<Rows, String> {
    let start = tables.responses.len();
    for (status, response) in operation.successes()? {
        let contents = add_contents(operation, Some(response), schemas, tables)
            .map_err(|error| format!("response {status}: {error}"))?;
        tables.responses.push(ResponseRecord { status, contents });
    }
    rows(start, tables.responses.len())
}

fn add_contents(
    operation: &Described<'_>,
    owner: Option<&Object>,
    schemas: &Schemas<'_>,
    tables: &mut Tables,
) -> Result<Rows, String> {
    let start = tables.contents.len();
    for (media_type, content) in owner.into_iter().flat_map(|owner| operation.contents(owner)) {
        let schema = content.get("schema").map(|schema| schemas.compact(schema));
        let schema = schema.transpose().map_err(|error| format!("`{media_type}`: {error}"))?;
        let record = ContentRecord {
            media_type: tables.pool.text(media_type),
            schema: schema.map(|schema| tables.pool.text(&schema.to_string())),
            examples: add_examples(&operation.examples(content)?, tables)?,
        };
        tables.contents.push(record);
    }
    rows(start, tables.contents.len())
}

fn add_examples(examples: &[(Option<&str>, &Value)], tables: &mut Tables) -> Result<Rows, String> {
    let start = tables.examples.len();
    for (name, value) in examples {
        let name = name.map(|name| tables.pool.text(name));
        let value = tables.pool.text(&value.to_string());
        tables.examples.push(ExampleRecord { name, value });
    }
    rows(start, tables.examples.len())
}

fn add_pages(marks: &PagesMarks, tables: &mut Tables) -> u16 {
    let record = PagesRecord {
        request: tables.pool.text(&marks.request),
        limit: marks.limit.as_ref().map(|limit| tables.pool.text(limit)),
        items: tables.pool.text(&marks.items),
        next: tables.pool.text(&marks.next),
        more: marks.more.as_ref().map(|more| tables.pool.text(more)),
    };
    tables.pages.push(record);
    (tables.pages.len() - 1) as u16
}

fn own_key(operation: &Described<'_>) -> String {
    format!("{} {}", operation.method, operation.shape)
}

/// A name such as `GET /v3/videos/{video_id}` without the name of the placeholder.
fn key(name: &str) -> String {
    name.split_once(' ')
        .map_or_else(String::new, |(method, path)| format!("{method} {}", shape(path)))
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}

/// 3 for `/v3/videos`, 0 for a path without a version.
fn version(path: &str) -> u8 {
    let first = path.split('/').nth(1).unwrap_or_default();
    first.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The first line of a summary, up to 60 characters.
fn short(summary: &str) -> String {
    summary.lines().next().unwrap_or_default().trim().chars().take(60).collect()
}

fn is_true(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool) == Some(true)
}
