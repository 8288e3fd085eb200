//! A schema as a JSON Schema document of its own: 2020-12, with everything that it refers to.

use serde_json::{Map, Value, json};

use crate::catalogue;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const COMPONENTS: &str = "#/components/schemas/";
const DEFINITIONS: &str = "#/$defs/";

/// The document of a text of the catalogue; `None` if the text is not a schema.
pub fn document(text: &'static str) -> Option<Value> {
    let mut root: Value = serde_json::from_str(text).ok()?;
    let mut names = Vec::new();
    localise(&mut root, &mut names);
    let mut definitions = Map::new();
    while let Some(name) = names.iter().find(|name| !definitions.contains_key(*name)).cloned() {
        let component =
            catalogue::component(&name).and_then(|text| serde_json::from_str(text).ok());
        // `true` is the schema of everything.
        let mut component = component.unwrap_or(Value::Bool(true));
        localise(&mut component, &mut names);
        definitions.insert(name, component);
    }
    let mut document = Map::new();
    document.insert("$schema".to_owned(), json!(DIALECT));
    document.extend(root.as_object().cloned().unwrap_or_default());
    if !definitions.is_empty() {
        document.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Some(Value::Object(document))
}

/// Turns references to components into references to definitions, and collects their names.
fn localise(node: &mut Value, names: &mut Vec<String>) {
    match node {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(COMPONENTS) {
                let name = name.to_owned();
                *text = format!("{DEFINITIONS}{name}");
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localise(item, names)),
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("x-"));
            members.values_mut().for_each(|member| localise(member, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_hold_what_they_refer_to() {
        let operation = catalogue::find("POST", "/v3/videos").expect("an operation");
        let document = document(operation.body_schema().expect("a body")).expect("a document");
        assert_eq!(document["$schema"], DIALECT);
        assert_eq!(document["$ref"], "#/$defs/CreateVideoRequest");
        let create = &document["$defs"]["CreateVideoRequest"];
        let avatar = "#/$defs/CreateVideoFromAvatar";
        assert_eq!(create["discriminator"]["mapping"]["avatar"], avatar);
        assert_eq!(document["$defs"]["VideoBackground"]["required"], json!(["type"]));
        assert!(!document.to_string().contains("#/components/"));
    }
}
