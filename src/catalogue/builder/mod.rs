//! From API descriptions and an overlay to tables; part of the build script and of the tests.
//!
//! `description` reads a document, `overlay` holds our marks, `schema` brings JSON Schemas into one
//! form, `operations` joins both into rows, `routes` makes the tree of paths, `tables` collects
//! rows and texts and writes them as Rust source.

mod description;
mod operations;
mod overlay;
mod routes;
mod schema;
mod tables;

use serde_json::Value;

use description::{Described, Description};
use operations::Joined;
pub(super) use overlay::Overlay;
use schema::Schemas;
pub(super) use tables::Tables;

/// The file with the description of v3.
pub(super) const V3: &str = "heygen-v3.openapi.json";

/// The file with the description of v1 and v2.
pub(super) const LEGACY: &str = "heygen-legacy.openapi.json";

/// Makes the tables; an error or warning is a sentence that names file and operation.
pub(super) fn tables(v3: &Value, legacy: &Value, overlay: &Overlay) -> Result<Tables, String> {
    let (v3, legacy) = (Description::new(V3, v3)?, Description::new(LEGACY, legacy)?);
    let (schemas, old_schemas) = (Schemas::new(&v3), Schemas::beside(&legacy, &v3));
    let mut tables = Tables::default();
    let described = in_order(v3.operations()?, legacy.operations()?);
    tables.routes = routes::routes(&described, &mut tables.pool)?;
    let mut joined = Joined::new(&described, overlay);
    for operation in &described {
        let is_old = operation.description.file == LEGACY;
        let schemas = if is_old { &old_schemas } else { &schemas };
        let record = joined
            .record(operation, schemas, &mut tables)
            .map_err(|error| format!("`{}`: `{operation}`: {error}", operation.description.file))?;
        tables.operations.push(record);
    }
    joined.warn_of_unused_marks();
    let mut components = schemas.components()?;
    components.extend(old_schemas.components()?);
    let unknown = overlay.mark_schemas(&mut components);
    tables.add_components(components);
    tables.warnings = joined.warnings;
    tables.warnings.extend(unknown);
    tables.legacy_end = overlay.legacy.retired.clone();
    tables.finished()
}

/// The operations of v3 in the order of the description, then the retired ones: those of v1 and
/// v2, and all of paths that the old description has. Methods of one path stand together; what
/// both files describe is taken from the first.
fn in_order<'d>(v3: Vec<Described<'d>>, legacy: Vec<Described<'d>>) -> Vec<Described<'d>> {
    let mut paths: Vec<Vec<Described<'d>>> = Vec::new();
    for operation in v3.into_iter().chain(legacy) {
        match paths.iter_mut().find(|methods| methods[0].shape == operation.shape) {
            Some(methods) => {
                methods[0].is_retired |= operation.is_retired;
                if methods.iter().all(|other| other.method != operation.method) {
                    methods.push(operation);
                }
            }
            None => paths.push(vec![operation]),
        }
    }
    for methods in &mut paths {
        let is_retired = methods[0].is_retired;
        methods.iter_mut().for_each(|method| method.is_retired = is_retired);
    }
    paths.sort_by_key(|methods| methods[0].is_retired);
    paths.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::record::{OperationRecord, Text};
    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    fn v3() -> Value {
        read(include_str!("../heygen-v3.openapi.json"))
    }

    fn legacy() -> Value {
        read(include_str!("../heygen-legacy.openapi.json"))
    }

    fn overlay() -> Value {
        read(include_str!("../overlay.json"))
    }

    fn built(v3: &Value, legacy: &Value, overlay: Value) -> Result<Tables, String> {
        let overlay = serde_json::from_value(overlay).map_err(|error| error.to_string())?;
        tables(v3, legacy, &overlay)
    }

    /// A description of the given paths.
    fn of_paths(paths: Value) -> Value {
        json!({ "openapi": "3.0.3", "paths": paths })
    }

    fn empty() -> Value {
        of_paths(json!({}))
    }

    /// An overlay with the given marks of operations.
    fn marking(operations: Value) -> Value {
        let legacy = json!({
            "x-retired": "2026-10-31",
            "x-legacy-error-codes": {},
            "x-after-end-of-life": {},
        });
        let schemas = json!({});
        json!({ "operations": operations, "schemas": schemas, "legacy": legacy, "v3": {}, "webhooks": {} })
    }

    fn text(tables: &Tables, text: Text) -> &str {
        &tables.texts[usize::from(text.0)]
    }

    fn operation<'t>(tables: &'t Tables, path: &str) -> &'t OperationRecord {
        let is_wanted = |own: &&OperationRecord| text(tables, own.path) == path;
        tables.operations.iter().find(is_wanted).expect("an operation")
    }

    /// Marks and prose in every object of a description that may have them.
    fn add_noise(value: &mut Value, key: &str) {
        const NAMED: &[&str] = &["properties", "schemas", "content", "parameters", "headers"];
        const VALUES: &[&str] = &["example", "examples", "default", "enum", "const", "mapping"];
        match value {
            _ if VALUES.contains(&key) => {}
            Value::Array(values) => values.iter_mut().for_each(|value| add_noise(value, key)),
            Value::Object(members) => {
                let is_named = NAMED.contains(&key);
                for (name, member) in members.iter_mut() {
                    add_noise(member, if is_named { "" } else { name });
                }
                if !is_named {
                    members.insert("x-billed".to_owned(), json!("noise"));
                    members.insert("x-async".to_owned(), json!({ "poll": 1 }));
                }
                if ["", "schema", "items", "anyOf", "oneOf"].contains(&key) && !is_named {
                    members.insert("description".to_owned(), json!("Prose of a schema."));
                }
            }
            _ => {}
        }
    }

    #[test]
    fn marks_in_descriptions_are_ignored() {
        let plain = built(&v3(), &legacy(), overlay()).expect("tables");
        let (mut noisy_v3, mut noisy_legacy) = (v3(), legacy());
        add_noise(&mut noisy_v3, "root");
        add_noise(&mut noisy_legacy, "root");
        assert!(noisy_v3.to_string().matches("x-async").count() > 2000);
        assert!(built(&noisy_v3, &noisy_legacy, overlay()).expect("tables") == plain);
        assert_eq!(plain.warnings, Vec::<String>::new());
        assert!(!v3().to_string().contains(r#""x-"#) && !legacy().to_string().contains(r#""x-"#));
    }

    #[test]
    fn compiled_tables_are_fresh() {
        let tables = built(&v3(), &legacy(), overlay()).expect("tables");
        assert!(tables.source() == include_str!(concat!(env!("OUT_DIR"), "/catalogue.rs")));
        assert!(tables.texts.concat() == include_str!(concat!(env!("OUT_DIR"), "/catalogue.txt")));
    }

    /// A document as others write them: 3.0, prose, shared parameters, server with a path.
    fn foreign() -> Value {
        json!({
            "openapi": "3.0.3",
            "info": { "title": "Widgets", "description": "Prose." },
            "servers": [{ "url": "https://api.heygen.com/v3/" }],
            "paths": {
                "/widgets/{widget_id}": {
                    "summary": "Prose",
                    "parameters": [{ "$ref": "#/components/parameters/Tenant" }],
                    "post": {
                        "operationId": "makeWidget",
                        "summary": "Make a widget\nwith care",
                        "description": "Long prose.",
                        "parameters": [
                            { "$ref": "#/components/parameters/Key" },
                            { "name": "x-api-key", "in": "header", "schema": { "type": "string" } },
                            { "name": "session", "in": "cookie", "schema": { "type": "string" } },
                            { "name": "page", "in": "query", "schema": {
                                "type": "integer", "minimum": 0, "exclusiveMinimum": true,
                                "description": "Prose.", "example": 3,
                            } },
                        ],
                        "requestBody": { "$ref": "#/components/requestBodies/Widget" },
                        "responses": {
                            "2XX": { "$ref": "#/components/responses/Made" },
                            "default": { "description": "Error" },
                        },
                    },
                    "delete": { "responses": { "204": { "description": "Gone" } } },
                },
                "/videos/{id}": { "get": { "responses": {} } },
            },
            "components": {
                "parameters": {
                    "Tenant": { "name": "tenant", "in": "query", "required": true,
                        "schema": { "type": "string", "enum": ["a", "b"], "nullable": true } },
                    "Key": { "name": "idempotency-key", "in": "header",
                        "content": { "text/plain": { "schema": { "type": "string" } } } },
                },
                "requestBodies": { "Widget": { "required": true, "content": {
                    "application/json": {
                        "schema": { "$ref": "#/components/schemas/Widget" },
                        "examples": { "small": { "$ref": "#/components/examples/Small" } },
                    },
                } } },
                "examples": { "Small": { "value": { "x-size": 1 } } },
                "responses": { "Made": { "description": "OK", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Widget/properties/size" },
                } } } },
                "schemas": {
                    "Base": { "title": "Base", "type": "object", "properties": {
                        "description": { "type": "string", "description": "Prose." },
                        "x-size": { "type": "number" },
                    } },
                    "Widget": {
                        "allOf": [{ "$ref": "#/components/schemas/Base" }],
                        "properties": {
                            "size": { "oneOf": [{ "type": "integer" }, { "type": "string" }], "nullable": true },
                            "part": { "discriminator": { "propertyName": "type",
                                "mapping": { "base": "Base" } }, "x-note": 1,
                                "oneOf": [{ "$ref": "#/components/schemas/Base" }] },
                        },
                        "additionalProperties": false,
                    },
                },
            },
        })
    }

    #[test]
    fn foreign_description_builds() {
        let tables = built(&foreign(), &legacy(), overlay()).expect("tables");
        let path = "/v3/widgets/{widget_id}";
        let post = operation(&tables, path);
        assert_eq!(text(&tables, post.summary), "Make a widget");
        assert_eq!((post.version, post.retired, post.command), (3, None, None));
        assert!(post.requires_body && post.honours_idempotency_key && !post.is_billed);
        let schemas: Vec<(&str, &str)> = tables.parameters[..4]
            .iter()
            .map(|own| (text(&tables, own.name), text(&tables, own.schema)))
            .collect();
        let expected = [
            ("widget_id", r#"{"type":"string"}"#),
            ("idempotency-key", r#"{"type":"string"}"#),
            ("page", r#"{"type":"integer","exclusiveMinimum":0,"examples":[3]}"#),
            ("tenant", r#"{"type":["string","null"],"enum":["a","b",null]}"#),
        ];
        assert_eq!(schemas, expected);
        let contents: Vec<&str> = tables.contents[..2]
            .iter()
            .filter_map(|own| Some(text(&tables, own.schema?)))
            .collect();
        let size =
            r#"{"anyOf":[{"oneOf":[{"type":"integer"},{"type":"string"}]},{"type":"null"}]}"#;
        assert_eq!(contents, [r##"{"$ref":"#/components/schemas/Widget"}"##, size]);
        assert_eq!(text(&tables, tables.examples[0].value), r#"{"x-size":1}"#);
        let component = |name| {
            let found = tables.components.iter().find(|own| text(&tables, own.name) == name);
            text(&tables, found.expect("a schema").schema)
        };
        assert_eq!(
            component("Base"),
            r#"{"type":"object","properties":{"description":{"type":"string"},"x-size":{"type":"number"}}}"#
        );
        assert_eq!(
            component("Widget"),
            format!(
                r##"{{"allOf":[{{"$ref":"#/components/schemas/Base"}}],"properties":{{"size":{size},"part":{{"discriminator":{{"propertyName":"type","mapping":{{"base":"#/components/schemas/Base"}}}},"oneOf":[{{"$ref":"#/components/schemas/Base"}}]}}}},"additionalProperties":false}}"##
            )
        );
        // Marks find an operation whatever its placeholder is called.
        let video = operation(&tables, "/v3/videos/{id}");
        assert_eq!(video.kind.map(|kind| text(&tables, kind)), Some("video"));
        // The old operations are there, their jobs too; the jobs of v3 have nothing to poll.
        assert_eq!(tables.operations.len(), 3 + 85);
        let unmarked = "the overlay has no marks for `POST /v3/widgets/{widget_id}`, \
                        `DELETE /v3/widgets/{widget_id}`";
        assert!(tables.warnings.iter().any(|warning| warning == unmarked));
        let gone = "the overlay marks `POST /v3/videos`, but no description has it";
        assert!(tables.warnings.iter().any(|warning| warning == gone));
    }

    #[test]
    fn old_operations_in_new_description_are_retired() {
        let get = json!({ "get": { "responses": {} } });
        let current = of_paths(json!({
            "/v2/avatars": { "get": { "summary": "Newer", "responses": {} } },
            "/v3/template/{id}": get,
            "/v3/videos": get,
        }));
        let tables = built(&current, &legacy(), marking(json!({}))).expect("tables");
        assert_eq!(tables.operations.len(), 1 + 85);
        assert_eq!(operation(&tables, "/v3/videos").retired, None);
        let newer = operation(&tables, "/v2/avatars");
        assert_eq!(text(&tables, newer.summary), "Newer");
        assert!(newer.retired.is_some());
        assert!(operation(&tables, "/v3/template/{id}").retired.is_some());
    }

    #[test]
    fn jobs_without_poll_are_dropped() {
        let marks = json!({ "POST /v3/a": {
            "x-async": { "id": "data.id", "poll": "GET /v3/a/{id}", "status": "data.status" },
            "x-v3-replacement": "GET /v3/b (more)",
        } });
        let current = of_paths(json!({ "/v3/a": { "post": { "responses": {} } } }));
        let tables = built(&current, &empty(), marking(marks)).expect("tables");
        assert_eq!((tables.jobs.len(), tables.operations[0].job), (0, None));
        assert_eq!(
            tables.warnings,
            [
                "the overlay has `GET /v3/b (more)` for `POST /v3/a`, but no description has it",
                "the overlay polls the job of `POST /v3/a` with `GET /v3/a/{id}`, but no description has it",
            ]
        );
    }

    #[test]
    fn errors_name_file_and_operation() {
        let check = |current: Value, expected: &str| {
            let error = built(&current, &empty(), marking(json!({}))).expect_err("an error");
            assert_eq!(error, expected);
        };
        let get = |operation: Value| of_paths(json!({ "/v3/a": { "get": operation } }));
        let at = |rest: &str| format!("`heygen-v3.openapi.json`: `GET /v3/a`: {rest}");
        check(
            json!({ "swagger": "2.0" }),
            "`heygen-v3.openapi.json` is not an OpenAPI 3 description: `openapi` must be \"3.…\"",
        );
        check(json!({ "openapi": "3.1.0" }), "`heygen-v3.openapi.json`: `paths` must be an object");
        check(
            of_paths(json!({ "a": { "get": {} } })),
            "`heygen-v3.openapi.json`: `a`: a path must start with `/`",
        );
        check(
            of_paths(json!({ "/v3/a": { "get": 1 } })),
            "`heygen-v3.openapi.json`: `/v3/a`: not an object: `1`",
        );
        check(
            get(json!({ "parameters": [{ "in": "query" }] })),
            &at("a parameter must have a name"),
        );
        check(
            get(json!({ "parameters": [{ "name": "a", "in": "body" }] })),
            &at("parameter `a` must be in path, query, header or cookie"),
        );
        check(
            get(json!({ "requestBody": { "$ref": "#/components/b" } })),
            &at("reference `#/components/b` leads nowhere"),
        );
        check(
            get(json!({ "requestBody": { "content": { "a/b": { "schema": {
                "properties": { "c": { "items": { "$ref": "d.yaml#/e" } } } } } } } })),
            &at("`a/b`: `properties/c/items`: reference `d.yaml#/e` leads to another file; \
                 bundle the description first"),
        );
        check(get(json!({ "responses": { "2ab": {} } })), &at("`2ab` is not a status"));
        let endless = json!({ "openapi": "3.1.0", "paths": {}, "components": {
            "schemas": { "A": { "items": { "$ref": "#/components/schemas/A/items" } } } } });
        let error = built(&endless, &empty(), marking(json!({}))).expect_err("an error");
        assert!(error.starts_with("`heygen-v3.openapi.json`: schema `A`: "), "{error}");
        assert!(error.ends_with("more than 100 levels, or references in a circle"), "{error}");
    }

    #[test]
    fn misspelt_marks_are_errors() {
        let check = |marks: Value, expected: &str| {
            let error = built(&empty(), &empty(), marking(json!({ "GET /v3/a": marks })));
            let error = error.expect_err("an error");
            assert!(error.starts_with(expected), "{error}");
        };
        check(json!({ "x-comand": "a" }), "unknown field `x-comand`, expected one of `summary`");
        check(json!({ "x-billed": "yes" }), "invalid type: string \"yes\", expected a boolean");
    }
}
