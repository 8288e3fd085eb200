//! The names and values of an operation's fields, as completion offers them.

use serde_json::Value;

use crate::catalogue::{self, Operation, Place};

/// References from schema to schema are followed this deep.
const DEEPEST: usize = 8;

/// A query parameter, or a member of a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldName {
    /// The name.
    pub(super) name: String,
    /// The values that it can have, where they are listed.
    pub(super) values: Vec<String>,
}

/// The query parameters of an operation.
pub(super) fn of_query(operation: Operation) -> Vec<FieldName> {
    let parameters = operation.parameters().filter(|own| own.place() == Place::Query);
    let named = parameters.map(|own| {
        let mut values = Vec::new();
        if let Ok(schema) = serde_json::from_str(own.schema()) {
            add_values(&schema, DEEPEST, &mut values);
        }
        FieldName { name: own.name().to_owned(), values }
    });
    named.collect()
}

/// The members of an operation's JSON body, those of all its variants.
pub(super) fn of_body(operation: Operation) -> Vec<FieldName> {
    let mut members = Vec::new();
    let schema = operation.body_schema().and_then(|schema| serde_json::from_str(schema).ok());
    if let Some(schema) = schema {
        add_members(&schema, DEEPEST, &mut members);
    }
    members
}

/// Completions of `name=value`: names with their `=`, then the values of the name.
pub(super) fn candidates(fields: &[FieldName], entered: &str) -> Vec<String> {
    let Some((name, value)) = entered.split_once('=') else {
        let names = fields.iter().filter(|field| field.name.starts_with(entered));
        return names.map(|field| format!("{}=", field.name)).collect();
    };
    let values = fields.iter().filter(|field| field.name == name).flat_map(|field| &field.values);
    let fitting = values.filter(|known| known.starts_with(value));
    fitting.map(|known| format!("{name}={known}")).collect()
}

fn add_members(schema: &Value, depth: usize, members: &mut Vec<FieldName>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let position = members.iter().position(|member| member.name == *name);
        let position = position.unwrap_or_else(|| {
            members.push(FieldName { name: name.clone(), values: Vec::new() });
            members.len() - 1
        });
        if let Some(member) = members.get_mut(position) {
            add_values(property, DEEPEST, &mut member.values);
        }
    }
    each_part(schema, depth, &mut |part, depth| add_members(part, depth, members));
}

fn add_values(schema: &Value, depth: usize, values: &mut Vec<String>) {
    let listed = schema["enum"].as_array().into_iter().flatten();
    for value in listed.chain(schema.get("const")) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        push_new(values, text);
    }
    if schema["type"] == "boolean" {
        ["true", "false"].iter().for_each(|text| push_new(values, (*text).to_owned()));
    }
    each_part(schema, depth, &mut |part, depth| add_values(part, depth, values));
}

fn push_new(values: &mut Vec<String>, value: String) {
    if value != "null" && !values.contains(&value) {
        values.push(value);
    }
}

/// Visits the schemas that a schema refers to or is made of.
fn each_part(schema: &Value, depth: usize, visit: &mut dyn FnMut(&Value, usize)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let referred = schema["$ref"].as_str().and_then(catalogue::component);
    if let Some(schema) = referred.and_then(|text| serde_json::from_str(text).ok()) {
        visit(&schema, depth);
    }
    for kind in ["allOf", "oneOf", "anyOf"] {
        for part in schema[kind].as_array().into_iter().flatten() {
            visit(part, depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(method: &str, path: &str) -> Operation {
        catalogue::find(method, path).expect("an operation")
    }

    #[test]
    fn completes_query_names_and_values() {
        let fields = of_query(operation("GET", "/v3/videos"));
        assert_eq!(candidates(&fields, "l"), ["limit="]);
        assert_eq!(candidates(&fields, ""), ["limit=", "token=", "folder_id=", "title="]);
        assert!(candidates(&fields, "limit=").is_empty());
        assert!(candidates(&fields, "nonsense=").is_empty());
    }

    #[test]
    fn completes_body_members_of_all_variants() {
        let fields = of_body(operation("POST", "/v3/videos"));
        assert_eq!(candidates(&fields, "aspect"), ["aspect_ratio="]);
        assert_eq!(candidates(&fields, "type=av"), ["type=avatar"]);
        let types = candidates(&fields, "type=");
        assert_eq!(types.len(), 4, "{types:?}");
        assert!(candidates(&fields, "aspect_ratio=16").contains(&"aspect_ratio=16:9".to_owned()));
    }

    #[test]
    fn no_schema_makes_it_panic() {
        for operation in catalogue::all() {
            let (query, body) = (of_query(operation), of_body(operation));
            let mut names: Vec<&String> = body.iter().map(|field| &field.name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), body.len(), "{operation:?}");
            assert!(query.iter().chain(&body).all(|field| !field.name.is_empty()));
        }
    }
}
