//! JSON Schemas in one form: 2020-12, without prose and without marks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::description::{Description, Object};

/// Keywords that say nothing about a value.
const PROSE: &[&str] = &["title", "description", "summary", "externalDocs", "xml", "$comment"];

/// Keywords whose value is a schema.
const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
];

/// Keywords whose value is a list of schemas.
const LISTS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords whose value is an object of schemas.
const MAPS: &[&str] = &["properties", "patternProperties", "dependentSchemas", "$defs"];

const PREFIX: &str = "#/components/schemas/";

/// A reference to a part of a schema is replaced by that part, which may hold another one.
const DEEPEST: usize = 100;

/// A fault in a schema, and its place: `properties/size/items/`.
struct Fault {
    place: String,
    message: String,
}

impl Fault {
    fn new(message: String) -> Fault {
        Fault { place: String::new(), message }
    }

    fn below(mut self, key: &str) -> Fault {
        self.place = format!("{key}/{}", self.place);
        self
    }
}

/// The schemas of one description.
pub(super) struct Schemas<'d> {
    description: &'d Description<'d>,
    /// Names that another description has too.
    renamed: BTreeMap<&'d str, String>,
}

impl<'d> Schemas<'d> {
    pub(super) fn new(description: &'d Description<'d>) -> Schemas<'d> {
        Schemas { description, renamed: BTreeMap::new() }
    }

    /// The schemas of a description whose names must not hide those of another one.
    pub(super) fn beside(description: &'d Description<'d>, other: &Description<'_>) -> Schemas<'d> {
        let is_taken =
            |name: &str| other.schema(name).is_some() || description.schema(name).is_some();
        let mut renamed = BTreeMap::new();
        // Equal ones too: what they refer to may differ.
        for (name, _) in description.schemas().filter(|(name, _)| other.schema(name).is_some()) {
            let mut unused = format!("Legacy{name}");
            while is_taken(&unused) {
                unused.insert_str(0, "Legacy");
            }
            renamed.insert(name.as_str(), unused);
        }
        Schemas { description, renamed }
    }

    /// All named schemas.
    pub(super) fn components(&self) -> Result<BTreeMap<String, Value>, String> {
        let compact = |(name, schema): (&String, &Value)| {
            let compact = self.compact(schema).map_err(|error| {
                format!("`{}`: schema `{name}`: {error}", self.description.file)
            })?;
            Ok((self.name(name).to_owned(), compact))
        };
        self.description.schemas().map(compact).collect()
    }

    /// A schema in the form of the tables.
    pub(super) fn compact(&self, schema: &Value) -> Result<Value, String> {
        self.compact_at(schema, 0).map_err(|fault| match fault.place.trim_end_matches('/') {
            "" => fault.message,
            place => format!("`{place}`: {}", fault.message),
        })
    }

    fn compact_at(&self, schema: &Value, depth: usize) -> Result<Value, Fault> {
        if depth > DEEPEST {
            let message = format!("more than {DEEPEST} levels, or references in a circle");
            return Err(Fault::new(message));
        }
        let schema = match schema {
            Value::Bool(_) => return Ok(schema.clone()),
            Value::Object(schema) => schema,
            other => return Err(Fault::new(format!("a schema must be an object, not `{other}`"))),
        };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && self.named(reference).is_none()
        {
            let target = self.description.target(reference).map_err(Fault::new)?;
            return self.compact_at(target, depth + 1);
        }
        let mut compact = Object::new();
        let says_something =
            |keyword: &str| !PROSE.contains(&keyword) && !keyword.starts_with("x-");
        for (keyword, value) in schema.iter().filter(|(keyword, _)| says_something(keyword)) {
            let value = self.value(keyword, value, depth + 1);
            let value = value.map_err(|fault| fault.below(keyword))?;
            compact.insert(keyword.clone(), value);
        }
        Ok(modern(compact))
    }

    fn value(&self, keyword: &str, value: &Value, depth: usize) -> Result<Value, Fault> {
        let compact = |schema| self.compact_at(schema, depth);
        match value {
            Value::String(reference) if keyword == "$ref" => {
                Ok(Value::String(self.reference(reference)?))
            }
            Value::Object(discriminator) if keyword == "discriminator" => {
                self.discriminator(discriminator)
            }
            Value::Object(schemas) if MAPS.contains(&keyword) => schemas
                .iter()
                .map(|(name, schema)| {
                    let schema = compact(schema).map_err(|fault| fault.below(name))?;
                    Ok((name.clone(), schema))
                })
                .collect::<Result<Object, _>>()
                .map(Value::Object),
            Value::Array(schemas) if LISTS.contains(&keyword) => {
                schemas.iter().map(compact).collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            schema if ONE.contains(&keyword) => compact(schema),
            other => Ok(other.clone()),
        }
    }

    /// The property that tells the variants of a union apart, and the schema of each value.
    fn discriminator(&self, discriminator: &Object) -> Result<Value, Fault> {
        let mut compact = Object::new();
        if let Some(name) = discriminator.get("propertyName") {
            compact.insert("propertyName".to_owned(), name.clone());
        }
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let mapped = mapping.into_iter().flatten().filter_map(|(value, reference)| {
            let reference = self.reference(reference.as_str()?);
            Some(reference.map(|reference| (value.clone(), Value::String(reference))))
        });
        let mapped = mapped.collect::<Result<Object, _>>()?;
        if !mapped.is_empty() {
            compact.insert("mapping".to_owned(), Value::Object(mapped));
        }
        Ok(Value::Object(compact))
    }

    /// The name of the schema that a reference (or a bare name, in a mapping) stands for.
    fn named<'r>(&self, reference: &'r str) -> Option<&'r str> {
        let name = reference.strip_prefix(PREFIX).unwrap_or(reference);
        Some(name).filter(|name| self.description.schema(name).is_some())
    }

    fn reference(&self, reference: &str) -> Result<String, Fault> {
        let name = self
            .named(reference)
            .ok_or_else(|| Fault::new(format!("reference `{reference}` leads nowhere")))?;
        Ok(format!("{PREFIX}{}", self.name(name)))
    }

    fn name<'n>(&'n self, name: &'n str) -> &'n str {
        self.renamed.get(name).map_or(name, String::as_str)
    }
}

/// A schema of OpenAPI 3.0 in the words of JSON Schema 2020-12.
fn modern(mut schema: Object) -> Value {
    for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(is_exclusive) = schema.get(exclusive).and_then(Value::as_bool) {
            schema.shift_remove(exclusive);
            if let Some(limit) = is_exclusive.then(|| schema.shift_remove(limit)).flatten() {
                schema.insert(exclusive.to_owned(), limit);
            }
        }
    }
    if let Some(example) = schema.shift_remove("example") {
        schema.entry("examples").or_insert_with(|| json!([example]));
    }
    match schema.shift_remove("nullable") {
        Some(Value::Bool(true)) => nullable(schema),
        _ => Value::Object(schema),
    }
}

/// A schema that null satisfies too.
fn nullable(mut schema: Object) -> Value {
    match schema.get_mut("type") {
        Some(Value::Array(types)) if types.iter().any(|name| name == "null") => {}
        Some(Value::Array(types)) => types.push(json!("null")),
        Some(name) => *name = json!([name.take(), "null"]),
        None => return json!({ "anyOf": [schema, { "type": "null" }] }),
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    Value::Object(schema)
}
