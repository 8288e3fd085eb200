//! The hints that the catalogue has for a rejected call: the path, method or value that was probably
//! meant, and what replaces a retired operation.

use crate::catalogue::nearest::nearest;
use crate::catalogue::{self, LEGACY_END, Operation, Place};
use crate::error::{ApiError, Call};
use crate::percent::decoded;
use crate::schema::Schema;
use crate::schema::facts::limits;

/// The hints on a rejected call, most useful first.
pub fn hints(call: &Call, api: &ApiError) -> Vec<String> {
    let operation = catalogue::find(&call.method, &call.path);
    match (call.status, operation) {
        (Some(404 | 410), Some(operation)) if operation.retired().is_some() => {
            vec![replacement(operation)]
        }
        (Some(404), _) if has_version(&call.base_path) => vec![format!(
            "the API's address ends in {}, and paths begin with it: leave it out of HEYGEN_API_BASE or --api-base",
            call.base_path
        )],
        (Some(404), None) => vec![unknown_path(call)],
        (Some(403 | 404), Some(operation)) if operation.is_preview() => {
            vec!["this operation is a preview: your account may lack it".to_owned()]
        }
        (Some(405), _) => methods(call).into_iter().collect(),
        (Some(400 | 422), Some(operation)) => parameters(operation, call.is_by_noun, api),
        _ => Vec::new(),
    }
}

fn has_version(base_path: &str) -> bool {
    let last = base_path.rsplit('/').next().unwrap_or_default();
    last.len() == 2 && last.starts_with('v') && last.ends_with(|c: char| c.is_ascii_digit())
}

/// The command that takes the place of a retired operation.
fn replacement(operation: Operation) -> String {
    match (operation.replaced_by(), operation.replacement()) {
        (Some(by), words) => {
            let remark = words.and_then(|words| words.split_once(" (")).map(|(_, remark)| remark);
            let remark = remark.map(|remark| format!(" ({remark}")).unwrap_or_default();
            let method = by.method().to_lowercase();
            format!("`heygen {method} {}` replaces it{remark}", by.path())
        }
        (None, _) => {
            format!(
                "v1 and v2 were announced to end on {LEGACY_END}, and v3 has nothing in its place"
            )
        }
    }
}

/// The path that was probably meant, and the command that lists what there is.
fn unknown_path(call: &Call) -> String {
    if let Some(near) = nearest(&call.method, &call.path) {
        let word = near.operation.path().split('/').nth(2).unwrap_or_default();
        return format!(
            "did you mean {}? `heygen endpoints {word}` lists them",
            decoded(&near.path)
        );
    }
    if catalogue::is_retired_version(&call.path) {
        return format!(
            "v1 and v2 were announced to end on {LEGACY_END}; `heygen endpoints` lists v3"
        );
    }
    "`heygen endpoints` lists what there is".to_owned()
}

fn methods(call: &Call) -> Option<String> {
    let methods: Vec<&str> = catalogue::methods_of(&call.path).collect();
    let words = match methods.as_slice() {
        [] => return None,
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    Some(format!("{} takes {words}", call.path))
}

/// The values that a rejected parameter takes, and the command that describes all.
fn parameters(operation: Operation, is_by_noun: bool, api: &ApiError) -> Vec<String> {
    let named = api.param.iter().map(String::as_str);
    let named = named.chain(api.errors.iter().filter_map(|error| error.path.as_deref()));
    let mut hints: Vec<String> = named
        .filter_map(|name| {
            let schemas = schemas(operation, name);
            let choices = choices(&schemas);
            match choices.is_empty() {
                false => Some(format!("{name} takes one of {}", choices.join(", "))),
                true => {
                    let limits = limits(*schemas.first()?);
                    (!limits.is_empty()).then(|| format!("{name} takes {}", limits.join(", ")))
                }
            }
        })
        .collect();
    hints.push(match operation.command().filter(|_| is_by_noun) {
        Some(command) => format!("`heygen {command} --help` lists the flags"),
        None => {
            let has_body = operation.bodies().next().is_some();
            let list = if has_body { "fields" } else { "parameters" };
            format!("`heygen endpoints show {operation}` lists the {list}")
        }
    });
    hints
}

/// The schemas of a parameter, or of a place in the body such as `voice_settings.locale`.
fn schemas(operation: Operation, name: &str) -> Vec<Schema> {
    let of_query = operation.parameter(Place::Query, name).and_then(Schema::of_parameter);
    let body = operation.body_schema().and_then(Schema::parse);
    let mut found: Vec<Schema> = body.into_iter().collect();
    let steps = name.split(['.', '[']).filter(|step| !step.ends_with(']') && *step != "body");
    for step in steps {
        let of_step = |schema: Schema| {
            let schema = schema.items().unwrap_or(schema);
            let variants = schema.variants().into_iter().map(|variant| variant.schema);
            let schemas = [schema].into_iter().chain(variants);
            schemas.filter_map(|own| Some(own.member(step)?.schema)).collect::<Vec<_>>()
        };
        found = found.into_iter().flat_map(of_step).collect();
    }
    of_query.into_iter().chain(found).collect()
}

/// The values that are listed in some of the schemas.
fn choices(schemas: &[Schema]) -> Vec<String> {
    let mut choices = Vec::new();
    for value in schemas.iter().copied().flat_map(Schema::choices) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !choices.contains(&text) {
            choices.push(text);
        }
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, method: &str, path: &str, param: Option<&str>, expected: &[&str]) {
        let call = Call {
            method: method.to_owned(),
            path: path.to_owned(),
            status: Some(status),
            ..Call::default()
        };
        let api = ApiError { param: param.map(str::to_owned), ..ApiError::default() };
        assert_eq!(hints(&call, &api), expected, "{status} {method} {path}");
    }

    #[test]
    fn unknown_paths_name_the_nearest() {
        let videos = "did you mean /v3/videos? `heygen endpoints videos` lists them";
        check(404, "GET", "/videos", None, &[videos]);
        check(404, "GET", "/v4/videos", None, &[videos]);
        let looks = "did you mean /v3/avatars/looks? `heygen endpoints avatars` lists them";
        check(404, "GET", "/v3/avatar/looks", None, &[looks]);
        check(404, "GET", "/v3/quite/else", None, &["`heygen endpoints` lists what there is"]);
        check(404, "GET", "/v3/videos/v_gone", None, &[]);
    }

    #[test]
    fn retired_paths_name_their_replacement() {
        check(404, "GET", "/v2/avatars", None, &["`heygen get /v3/avatars/looks` replaces it"]);
        check(
            410,
            "POST",
            "/v1/talking_photo",
            None,
            &["`heygen post /v3/avatars` replaces it (type photo)"],
        );
    }

    #[test]
    fn other_rejections_name_what_there_is() {
        check(405, "DELETE", "/v3/voices", None, &["/v3/voices takes POST and GET"]);
        check(
            400,
            "GET",
            "/v3/videos",
            Some("limit"),
            &["limit takes 1-100", "`heygen endpoints show GET /v3/videos` lists the parameters"],
        );
        let fields = "`heygen endpoints show POST /v3/videos` lists the fields";
        check(
            400,
            "POST",
            "/v3/videos",
            Some("resolution"),
            &["resolution takes one of 4k, 1080p, 720p", fields],
        );
        check(
            400,
            "POST",
            "/v3/videos",
            Some("scenes[0].source.type"),
            &["scenes[0].source.type takes one of url, asset_id, base64", fields],
        );
        check(
            403,
            "GET",
            "/v3/assets",
            None,
            &["this operation is a preview: your account may lack it"],
        );
    }
}
