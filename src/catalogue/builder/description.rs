//! An OpenAPI document, read as far as the catalogue needs it.

use std::fmt;

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// References that lead to references end somewhere.
const MOST_REFERENCES: usize = 32;

/// One OpenAPI document.
pub(super) struct Description<'d> {
    pub(super) file: &'static str,
    root: &'d Value,
}

/// One operation of a document.
pub(super) struct Described<'d> {
    pub(super) description: &'d Description<'d>,
    pub(super) method: String,
    pub(super) path: String,
    /// The path with `{}` for every placeholder: two documents may name a placeholder differently.
    pub(super) shape: String,
    /// The origin, where it is not the one of the document.
    pub(super) server: Option<String>,
    pub(super) is_retired: bool,
    item: &'d Object,
    object: &'d Object,
}

impl<'d> Description<'d> {
    pub(super) fn new(file: &'static str, root: &'d Value) -> Result<Self, String> {
        match root["openapi"].as_str() {
            Some(version) if version.starts_with("3.") => Ok(Description { file, root }),
            _ => {
                Err(format!("`{file}` is not an OpenAPI 3 description: `openapi` must be \"3.…\""))
            }
        }
    }

    /// The operations, in the order of the document.
    pub(super) fn operations(&'d self) -> Result<Vec<Described<'d>>, String> {
        let paths = self.root["paths"]
            .as_object()
            .ok_or_else(|| format!("`{}`: `paths` must be an object", self.file))?;
        let mut operations = Vec::new();
        for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("x-")) {
            let in_path = |error| format!("`{}`: `{path}`: {error}", self.file);
            let item = self.object(item).map_err(in_path)?;
            for (method, object) in item.iter().filter(|(key, _)| METHODS.contains(&key.as_str())) {
                let object = self.object(object).map_err(in_path)?;
                operations.push(self.described(method, path, item, object).map_err(in_path)?);
            }
        }
        Ok(operations)
    }

    fn described(
        &'d self,
        method: &str,
        path: &str,
        item: &'d Object,
        object: &'d Object,
    ) -> Result<Described<'d>, String> {
        let own = [object.get("servers"), item.get("servers")].into_iter().flatten().next();
        let (origin, prefix) = server(self.root.get("servers"));
        let (server, prefix) = own.map_or((origin, prefix), |own| server(Some(own)));
        let path = format!("{prefix}{path}");
        if !path.starts_with('/') {
            return Err("a path must start with `/`".to_owned());
        }
        let is_old = ["/v1/", "/v2/"].iter().any(|version| path.starts_with(version));
        Ok(Described {
            description: self,
            method: method.to_uppercase(),
            shape: shape(&path),
            path,
            server: (server != origin).then(|| server.to_owned()),
            is_retired: is_old || self.file == super::LEGACY,
            item,
            object,
        })
    }

    /// The schemas of the document by their names.
    pub(super) fn schemas(&self) -> impl Iterator<Item = (&'d String, &'d Value)> {
        self.root["components"]["schemas"].as_object().into_iter().flatten()
    }

    pub(super) fn schema(&self, name: &str) -> Option<&'d Value> {
        self.root["components"]["schemas"].get(name)
    }

    /// The value that a reference such as `#/components/parameters/Limit` points to.
    pub(super) fn target(&self, reference: &str) -> Result<&'d Value, String> {
        let pointer = reference.strip_prefix('#').ok_or_else(|| {
            format!("reference `{reference}` leads to another file; bundle the description first")
        })?;
        let target = self.root.pointer(pointer);
        target.ok_or_else(|| format!("reference `{reference}` leads nowhere"))
    }

    /// The object that a value is or refers to.
    fn object(&self, value: &'d Value) -> Result<&'d Object, String> {
        let mut value = value;
        for _ in 0..MOST_REFERENCES {
            match value.get("$ref").and_then(Value::as_str) {
                Some(reference) => value = self.target(reference)?,
                None => {
                    return value.as_object().ok_or_else(|| format!("not an object: `{value}`"));
                }
            }
        }
        Err(format!("references in a circle: `{value}`"))
    }
}

impl<'d> Described<'d> {
    /// The summary of the document itself.
    pub(super) fn own_summary(&self) -> &'d str {
        self.object.get("summary").and_then(Value::as_str).unwrap_or_default()
    }

    /// The parameters of the operation and of its path; the operation's own take precedence.
    pub(super) fn parameters(&self) -> Result<Vec<&'d Object>, String> {
        let mut parameters: Vec<&Object> = Vec::new();
        for owner in [self.object, self.item] {
            let listed = owner.get("parameters").and_then(Value::as_array);
            for parameter in listed.into_iter().flatten() {
                let parameter = self.description.object(parameter)?;
                let is_same = |other: &&Object| {
                    other.get("name") == parameter.get("name")
                        && other.get("in") == parameter.get("in")
                };
                if !parameters.iter().any(is_same) {
                    parameters.push(parameter);
                }
            }
        }
        Ok(parameters)
    }

    /// The request body.
    pub(super) fn body(&self) -> Result<Option<&'d Object>, String> {
        self.object.get("requestBody").map(|body| self.description.object(body)).transpose()
    }

    /// The 2xx responses with their statuses, in the order of the document.
    pub(super) fn successes(&self) -> Result<Vec<(u16, &'d Object)>, String> {
        let responses = self.object.get("responses").and_then(Value::as_object);
        let successes = responses.into_iter().flatten().filter(|(key, _)| key.starts_with('2'));
        successes.map(|(key, value)| Ok((status(key)?, self.description.object(value)?))).collect()
    }

    /// The media types of a request body or a response.
    pub(super) fn contents(
        &self,
        owner: &'d Object,
    ) -> impl Iterator<Item = (&'d String, &'d Value)> {
        owner.get("content").and_then(Value::as_object).into_iter().flatten()
    }

    /// The examples of a body with their names.
    pub(super) fn examples(
        &self,
        content: &'d Value,
    ) -> Result<Vec<(Option<&'d str>, &'d Value)>, String> {
        let mut examples: Vec<_> =
            content.get("example").map(|example| (None, example)).into_iter().collect();
        for (name, example) in content["examples"].as_object().into_iter().flatten() {
            if let Some(value) = self.description.object(example)?.get("value") {
                examples.push((Some(name.as_str()), value));
            }
        }
        Ok(examples)
    }
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// A path with `{}` in place of every segment that has a placeholder.
pub(super) fn shape(path: &str) -> String {
    let segment = |segment| if str::contains(segment, '{') { "{}" } else { segment };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// A status such as `200`; the first of the class for `2XX`.
fn status(key: &str) -> Result<u16, String> {
    let digits = key.replace(['x', 'X'], "0");
    digits.parse().map_err(|_| format!("`{key}` is not a status"))
}

/// The origin and the path of the first of some servers.
fn server(servers: Option<&Value>) -> (&str, &str) {
    let url = servers.and_then(|servers| servers[0]["url"].as_str()).unwrap_or_default();
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..].find('/').map_or(url.len(), |slash| host + slash);
    (&url[..path], url[path..].trim_end_matches('/'))
}
