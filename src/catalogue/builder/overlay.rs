//! Our marks on operations and schemas, kept apart from HeyGen's description.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// Marks of schemas that are for readers of the overlay only.
const NOT_COMPILED: &[&str] = &["x-source"];

/// The overlay file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Overlay {
    /// By method and path, such as `POST /v3/videos`.
    pub(super) operations: BTreeMap<String, Marks>,
    /// By name and place, such as `Asset/properties/uploaded_at`.
    schemas: BTreeMap<String, Map<String, Value>>,
    pub(super) legacy: LegacyMarks,
    #[serde(rename = "v3")]
    _v3: IgnoredAny,
    #[serde(rename = "webhooks")]
    _webhooks: IgnoredAny,
}

/// The facts common to all retired operations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LegacyMarks {
    #[serde(rename = "x-retired")]
    pub(super) retired: String,
    #[serde(rename = "x-legacy-error-codes")]
    _error_codes: IgnoredAny,
    #[serde(rename = "x-after-end-of-life")]
    _after_end_of_life: IgnoredAny,
}

/// The marks of an operation.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Marks {
    pub(super) summary: Option<String>,
    #[serde(rename = "x-command")]
    pub(super) command: Option<String>,
    #[serde(rename = "x-required-scope")]
    pub(super) scope: Option<String>,
    #[serde(rename = "x-billed")]
    pub(super) is_billed: bool,
    #[serde(rename = "x-destructive")]
    pub(super) is_destructive: Option<bool>,
    #[serde(rename = "x-preview")]
    pub(super) is_preview: bool,
    #[serde(rename = "x-idempotency-inferred")]
    pub(super) is_idempotency_inferred: bool,
    #[serde(rename = "x-max-bytes")]
    pub(super) max_bytes: Option<u32>,
    #[serde(rename = "x-kind")]
    pub(super) kind: Option<String>,
    #[serde(rename = "x-async")]
    pub(super) job: Option<JobMarks>,
    #[serde(rename = "x-pagination")]
    pub(super) pages: Option<PagesMarks>,
    #[serde(rename = "x-columns")]
    pub(super) columns: Vec<String>,
    #[serde(rename = "x-v3-replacement")]
    pub(super) replacement: Option<String>,
    #[serde(rename = "x-schema-partial")]
    pub(super) is_partial: bool,
    #[serde(rename = "x-hidden")]
    _hidden: IgnoredAny,
    #[serde(rename = "x-response-inferred")]
    _response_inferred: IgnoredAny,
    #[serde(rename = "x-official-cli")]
    _official_cli: IgnoredAny,
    #[serde(rename = "x-official-cli-since")]
    _official_cli_since: IgnoredAny,
    #[serde(rename = "x-source")]
    _source: IgnoredAny,
    #[serde(rename = "x-source-also")]
    _source_also: IgnoredAny,
}

/// The job that an operation starts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobMarks {
    pub(super) id: Option<String>,
    /// Such as `GET /v1/video_status.get?video_id={id}`.
    pub(super) poll: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) running: Vec<String>,
    #[serde(default)]
    pub(super) ok: Vec<String>,
    #[serde(default)]
    pub(super) failed: Vec<String>,
    pub(super) then: Option<ThenMarks>,
}

/// The job in which another one goes on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThenMarks {
    pub(super) id: String,
    pub(super) poll: String,
}

/// The names and places by which a list is paged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PagesMarks {
    #[serde(rename = "style")]
    _style: IgnoredAny,
    pub(super) request: String,
    pub(super) limit: Option<String>,
    pub(super) items: String,
    pub(super) next: String,
    pub(super) more: Option<String>,
}

impl Overlay {
    /// Puts the marks of schemas into the schemas; returns warnings for those that fit none.
    pub(super) fn mark_schemas(&self, components: &mut BTreeMap<String, Value>) -> Vec<String> {
        let mut warnings = Vec::new();
        for (place, marks) in &self.schemas {
            let (name, rest) = place.split_once('/').unwrap_or((place, ""));
            let pointer = if rest.is_empty() { String::new() } else { format!("/{rest}") };
            let schema = components.get_mut(name).and_then(|schema| schema.pointer_mut(&pointer));
            let Some(schema) = schema.and_then(Value::as_object_mut) else {
                warnings.push(format!("the overlay marks `{place}`, but no schema is there"));
                continue;
            };
            let compiled = marks.iter().filter(|(mark, _)| !NOT_COMPILED.contains(&mark.as_str()));
            schema.extend(compiled.map(|(mark, value)| (mark.clone(), value.clone())));
        }
        warnings
    }
}
