//! The names and values of an operation's fields, as completion offers them.

use crate::catalogue::{Operation, Place};
use crate::schema::{Kind, Schema, Variant};

/// Members of members are offered this deep.
const DEEPEST: usize = 5;

/// A query parameter, or a place in a JSON body such as `voice_settings[speed]`.
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
        let values = Schema::of_parameter(own).map(values).unwrap_or_default();
        FieldName { name: own.name().to_owned(), values }
    });
    named.collect()
}

/// The places in an operation's JSON body: of the variants that the fields entered so far choose,
/// such as `type=avatar`, else of all.
pub(super) fn of_body(operation: Operation, entered: &[&str]) -> Vec<FieldName> {
    let mut names = Names { found: Vec::new(), entered };
    if let Some(schema) = operation.body_schema().and_then(Schema::parse) {
        names.add(schema, "", DEEPEST);
    }
    names.found
}

/// Completions of `name=value`: names with their `=`, or up to the next `[`; then the values of the
/// name. A backslash before a bracket is the shell's.
pub(super) fn candidates(fields: &[FieldName], entered: &str) -> Vec<String> {
    let entered = entered.replace('\\', "");
    let mut found = Vec::new();
    let mut offer = |candidate: String| {
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    };
    if let Some((name, value)) = entered.split_once('=') {
        let values = fields.iter().filter(|field| field.name == name).flat_map(|own| &own.values);
        values
            .filter(|known| known.starts_with(value))
            .for_each(|known| offer(format!("{name}={known}")));
        return found;
    }
    for field in fields {
        let Some(rest) = field.name.strip_prefix(&entered) else { continue };
        match rest.find('[').filter(|_| !rest.ends_with("[]") || rest.matches('[').count() > 1) {
            Some(bracket) => offer(field.name[..=entered.len() + bracket].to_owned()),
            None => offer(format!("{}=", field.name)),
        }
    }
    found
}

struct Names<'e> {
    found: Vec<FieldName>,
    entered: &'e [&'e str],
}

impl Names<'_> {
    /// Adds what a schema's members are called below a place.
    fn add(&mut self, schema: Schema, place: &str, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let variants = schema.variants();
        if let Some(tag) = schema.tag().filter(|_| !variants.is_empty()) {
            let tags =
                variants.iter().filter_map(|variant| variant.tag).map(str::to_owned).collect();
            self.push(below(place, tag), tags);
        }
        for part in [schema].into_iter().chain(self.chosen(schema, &variants, place)) {
            for member in part.members() {
                self.add_member(member.schema, below(place, member.name), depth);
            }
        }
    }

    /// The variant that an entered tag chooses, else all of them.
    fn chosen(&self, schema: Schema, variants: &[Variant], place: &str) -> Vec<Schema> {
        let tag = schema.tag().map(|tag| format!("{}=", below(place, tag)));
        let is_chosen = |variant: &&Variant| {
            let value = tag.as_ref().zip(variant.tag).map(|(tag, value)| format!("{tag}{value}"));
            value.is_some_and(|value| self.entered.contains(&value.as_str()))
        };
        let chosen: Vec<Schema> = variants.iter().filter(is_chosen).map(|own| own.schema).collect();
        if !chosen.is_empty() { chosen } else { variants.iter().map(|own| own.schema).collect() }
    }

    fn add_member(&mut self, schema: Schema, name: String, depth: usize) {
        if let Some(items) = schema.items() {
            return self.add_member(items, format!("{name}[]"), depth);
        }
        let is_object = schema.kinds().contains(&Kind::Object);
        let has_members = !schema.members().is_empty() || !schema.variants().is_empty();
        if is_object && has_members {
            self.add(schema, &name, depth)
        } else {
            self.push(name, values(schema))
        }
    }

    fn push(&mut self, name: String, values: Vec<String>) {
        match self.found.iter_mut().find(|field| field.name == name) {
            Some(field) => {
                let new: Vec<String> =
                    values.into_iter().filter(|value| !field.values.contains(value)).collect();
                field.values.extend(new);
            }
            None => self.found.push(FieldName { name, values }),
        }
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}[{name}]") }
}

/// The listed values of a schema.
fn values(schema: Schema) -> Vec<String> {
    if schema.kinds() == [Kind::Boolean] {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let choices = schema.choices().into_iter();
    choices.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

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
    fn completes_body_members() {
        let check = |entered: &[&str], typed: &str, expected: &[&str]| {
            let fields = of_body(operation("POST", "/v3/videos"), entered);
            assert_eq!(candidates(&fields, typed), expected, "{entered:?} {typed}");
        };
        check(&[], "aspect", &["aspect_ratio="]);
        check(&[], "type=", &["type=avatar", "type=image", "type=cinematic_avatar", "type=studio"]);
        check(&[], "aspect_ratio=16", &["aspect_ratio=16:9"]);
        check(&[], "sc", &["script=", "scenes["]);
        check(&["type=avatar"], "sc", &["script="]);
        check(&["type=studio"], "sc", &["scenes["]);
        check(&["type=avatar"], "voice_s", &["voice_settings["]);
        check(&["type=avatar"], "voice_settings[s", &["voice_settings[speed]="]);
        check(&["type=avatar"], r"voice_settings\[s", &["voice_settings[speed]="]);
        check(
            &["type=avatar"],
            "background[type]=",
            &["background[type]=color", "background[type]=image"],
        );
        check(&["type=avatar"], "avatar_id", &["avatar_id="]);
        check(&["type=cinematic_avatar"], "avatar_id", &["avatar_id[]="]);
        check(&["type=studio"], "scenes[", &["scenes[]["]);
    }

    #[test]
    fn field_names_of_all_operations_are_distinct() {
        for operation in catalogue::all() {
            let (query, body) = (of_query(operation), of_body(operation, &[]));
            let mut names: Vec<&String> = body.iter().map(|field| &field.name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), body.len(), "{operation:?}");
            assert!(query.iter().chain(&body).all(|field| !field.name.is_empty()));
        }
    }
}
