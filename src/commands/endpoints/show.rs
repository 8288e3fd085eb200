//! `heygen endpoints show …`: finds the operation, and prints a page, a schema or a body.

use serde_json::Value;

use super::{example, page};
use crate::api::origin::Base;
use crate::app::context::Context;
use crate::catalogue::nearest::nearest;
use crate::catalogue::{self, Operation};
use crate::cli::{SchemaOf, ShowArgs};
use crate::error::{Error, Usage};
use crate::render::json;
use crate::schema::document::document;
use crate::schema::{Kind, Schema, Variant};
use crate::secret::looks_like_key;

/// The methods that may stand in front of a path.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Prints what was asked for about the operation, or about all methods of a path.
pub(super) fn run(args: &ShowArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let operations = operations(&args.operation)?;
    let variant = args.variant.as_deref();
    if args.request_schema || args.example_body || variant.is_some() {
        let operation = with_body(&operations)?;
        let variant = variant.map(|name| self::variant(operation, name)).transpose()?;
        let tag = variant.and_then(|variant| variant.tag);
        if args.example_body {
            return print_json(&example_body(operation, tag)?, context);
        }
        if args.request_schema {
            return print_json(&request_schema(operation, variant)?, context);
        }
        return print(&page::page(operation, tag, context.ui), context);
    }
    if args.response_schema {
        return print_json(&response_schema(only(&operations)?)?, context);
    }
    let pages = operations.iter().map(|operation| page::page(*operation, None, context.ui));
    print(&pages.collect::<Vec<_>>().join("\n\n"), context)
}

/// Prints a schema of an operation.
pub(super) fn print_schema(
    operation: Operation,
    part: SchemaOf,
    context: &Context<'_>,
) -> anyhow::Result<()> {
    let schema = match part {
        SchemaOf::Request => request_schema(operation, None),
        SchemaOf::Response => response_schema(operation),
    };
    print_json(&schema?, context)
}

fn print(text: &str, context: &Context<'_>) -> anyhow::Result<()> {
    context.ui.write(|out| out.write_all(text.as_bytes())).map_err(Error::Output)?;
    Ok(())
}

fn print_json(value: &Value, context: &Context<'_>) -> anyhow::Result<()> {
    let text = value.to_string();
    let printed = context.ui.write(|mut out| {
        json::pretty(text.as_bytes(), context.ui.dress(), &mut out)?;
        out.write_all(b"\n")
    });
    printed.map_err(Error::Output)?;
    Ok(())
}

/// The operations that the words name: one, or those of a path.
fn operations(words: &[String]) -> Result<Vec<Operation>, Error> {
    match words {
        [path] if is_path(path) => of_path(None, path),
        [method, path] if METHODS.contains(&method.to_uppercase().as_str()) => {
            of_path(Some(&method.to_uppercase()), path)
        }
        words => of_command(words),
    }
}

/// True for what cannot be a noun: `voice` may be one, `v3/voices` may not.
fn is_path(word: &str) -> bool {
    word.contains('/') || of_noun(word).is_empty()
}

fn of_noun(noun: &str) -> Vec<Operation> {
    catalogue::all().filter(|operation| operation.noun() == Some(noun)).collect()
}

fn of_path(method: Option<&str>, entered: &str) -> Result<Vec<Operation>, Error> {
    let path = path_of(entered);
    let found: Vec<Operation> = match method {
        Some(method) => catalogue::find(method, &path).into_iter().collect(),
        None => catalogue::operations_of(&path).collect(),
    };
    if !found.is_empty() {
        return Ok(found);
    }
    let shown = if looks_like_key(entered) { "…" } else { entered };
    let methods: Vec<&str> = catalogue::methods_of(&path).collect();
    if let Some(method) = method.filter(|_| !methods.is_empty()) {
        return Err(Error::usage_with_hint(
            format!("{path} has no method {method}"),
            format!("`heygen endpoints show {} {path}` is there", methods.join("|")),
        ));
    }
    let message = match method {
        Some(method) => format!("no operation {method} {shown}"),
        None => format!("no operation {shown}"),
    };
    let method = method.map(|method| format!("{method} ")).unwrap_or_default();
    let near = nearest(method.trim(), &path);
    Err(Error::usage_with_hint(
        message,
        match near {
            Some(near) if method.is_empty() || near.operation.method() == method.trim() => {
                format!("did you mean `heygen endpoints show {method}{}`?", near.path)
            }
            Some(near) => {
                format!(
                    "did you mean `heygen endpoints show {} {}`?",
                    near.operation.method(),
                    near.path
                )
            }
            None => "`heygen endpoints` lists all operations".to_owned(),
        },
    ))
}

/// The path of an endpoint as it was entered: with a host, with a query, without its slash.
fn path_of(entered: &str) -> String {
    let entered = entered.split(['?', '#']).next().unwrap_or_default();
    let host = entered.split_once("://").and_then(|_| Base::parse(entered).ok());
    let path = host.as_ref().map_or(entered, Base::prefix);
    let path = format!("/{}", path.trim_matches('/'));
    // `videos` is short for `/v3/videos`.
    let current = format!("/v3{path}");
    let is_known = |path: &str| catalogue::methods_of(path).next().is_some();
    if !is_known(&path) && is_known(&current) { current } else { path }
}

/// The operation of a command's words.
fn of_command(words: &[String]) -> Result<Vec<Operation>, Error> {
    let command = words.join(" ");
    let of_words = |operation: &Operation| operation.command() == Some(command.as_str());
    if let Some(operation) = catalogue::all().find(of_words) {
        return Ok(vec![operation]);
    }
    let noun = words.first().map(String::as_str).unwrap_or_default();
    let verbs: Vec<&str> = of_noun(noun).into_iter().filter_map(Operation::verb).collect();
    let shown = if words.iter().any(|word| looks_like_key(word)) { "…" } else { &command };
    let hint = match verbs.is_empty() {
        true => format!(
            "write it like `heygen endpoints show POST /v3/videos`; `heygen endpoints {shown}` searches"
        ),
        false => format!("`heygen endpoints {noun}` lists what there is"),
    };
    let details = if verbs.is_empty() {
        Vec::new()
    } else {
        vec![format!("commands of {noun}: {}", verbs.join(", "))]
    };
    let message = format!("`{shown}` does not name one operation");
    Err(Error::Usage(Usage { message, details, hint: Some(hint) }))
}

/// The only operation, or an error that names all.
fn only(operations: &[Operation]) -> Result<Operation, Error> {
    match operations {
        [operation] => Ok(*operation),
        several => Err(ambiguous(several)),
    }
}

fn ambiguous(several: &[Operation]) -> Error {
    let methods: Vec<&str> = several.iter().map(|operation| operation.method()).collect();
    let path = several.first().map(|operation| operation.path()).unwrap_or_default();
    Error::usage_with_hint(
        format!("{path} has several methods: {}", methods.join(", ")),
        format!("name one: `heygen endpoints show {} {path} …`", methods[0]),
    )
}

/// The only operation that has a body.
fn with_body(operations: &[Operation]) -> Result<Operation, Error> {
    let bodies: Vec<Operation> =
        operations.iter().copied().filter(|own| own.bodies().next().is_some()).collect();
    match (bodies.as_slice(), operations) {
        ([operation], _) => Ok(*operation),
        ([], [operation, ..]) => Err(Error::usage(format!("{operation} takes no request body"))),
        (several, _) => Err(ambiguous(several)),
    }
}

fn variant(operation: Operation, name: &str) -> Result<Variant, Error> {
    let schema = operation.body_schema().and_then(Schema::parse);
    let variants = schema.map(Schema::variants).unwrap_or_default();
    let names: Vec<&str> = variants.iter().filter_map(|variant| variant.tag).collect();
    if let Some(variant) = variants.iter().find(|variant| variant.tag == Some(name)) {
        return Ok(*variant);
    }
    let shown = if looks_like_key(name) { "…" } else { name };
    Err(match names.is_empty() {
        true => Error::usage_with_hint(
            format!("the body of {operation} has no types"),
            "leave --type out",
        ),
        false => Error::usage_with_hint(
            format!("the body of {operation} has no type `{shown}`"),
            format!("use one of: {}", names.join(", ")),
        ),
    })
}

fn example_body(operation: Operation, variant: Option<&str>) -> Result<Value, Error> {
    example::body(operation, variant).ok_or_else(|| {
        Error::usage_with_hint(
            format!("the body of {operation} is not JSON"),
            format!(
                "`heygen endpoints show {} {}` has an example",
                operation.method(),
                example::path(operation)
            ),
        )
    })
}

fn request_schema(operation: Operation, variant: Option<Variant>) -> Result<Value, Error> {
    let text = operation.body_schema();
    let mut schema = text.and_then(document).ok_or_else(|| no_schema(operation))?;
    if let (Some(name), Some(object)) =
        (variant.and_then(|own| own.schema.name()), schema.as_object_mut())
    {
        object.insert("$ref".to_owned(), Value::String(format!("#/$defs/{name}")));
    }
    Ok(schema)
}

fn response_schema(operation: Operation) -> Result<Value, Error> {
    let schema = operation.response_schema().and_then(document);
    schema.filter(|_| is_described(operation)).ok_or_else(|| no_schema(operation))
}

/// False for a response of which only the media type is known.
fn is_described(operation: Operation) -> bool {
    let schema = operation.response_schema().and_then(Schema::parse);
    schema
        .is_some_and(|schema| schema.format() != Some("binary") || schema.kinds() != [Kind::String])
}

fn no_schema(operation: Operation) -> Error {
    Error::usage(format!("{operation} has no JSON there"))
}
