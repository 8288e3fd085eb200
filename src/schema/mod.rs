//! The JSON Schemas of the catalogue as they are read: members, variants, choices, limits.
//!
//! A schema is parsed when somebody asks for it, once, and kept for the rest of the run. `check`
//! holds values against schemas, `example` makes values that satisfy them, and `document` writes
//! one as a self-contained JSON Schema document.
//!
//! The keywords of JSON Schema 2020-12 that HeyGen's description uses are read, with `$ref` and
//! OpenAPI's `discriminator`; others are ignored.

pub mod check;
pub mod document;
pub mod example;
pub mod facts;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde_json::Value;

use crate::catalogue;
use crate::catalogue::operation::Parameter;

/// References that lead to references are followed this far.
const LONGEST_CHAIN: usize = 32;

/// A JSON Schema whose references are followed; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    node: &'static Value,
    name: Option<&'static str>,
    is_nullable: bool,
}

/// A type of JSON; null is told by [`Schema::is_nullable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    List,
    Object,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub name: &'static str,
    pub schema: Schema,
    pub is_required: bool,
}

/// One of the schemas of a union.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The value of the union's tag that chooses it.
    pub tag: Option<&'static str>,
    pub schema: Schema,
}

impl Schema {
    /// The schema in a text of the catalogue; `None` if it is not one.
    pub fn parse(text: &'static str) -> Option<Schema> {
        parsed(text).map(Schema::new)
    }

    /// The schema of a parameter's value.
    pub fn of_parameter(parameter: Parameter) -> Option<Schema> {
        Schema::parse(parameter.schema())
    }

    /// Follows references, and looks through a union that only adds null.
    fn new(node: &'static Value) -> Schema {
        let mut schema = Schema { node, name: None, is_nullable: false };
        for _ in 0..LONGEST_CHAIN {
            let node = schema.node;
            if let Some(reference) = node["$ref"].as_str() {
                let Some(target) = catalogue::component(reference).and_then(parsed) else { break };
                schema.node = target;
                schema.name = reference.rsplit('/').next();
            } else if let Some(only) = only_part(node) {
                schema.is_nullable |= only.len() < parts(node).len();
                let Some(part) = only.first() else { break };
                schema.node = part;
            } else {
                break;
            }
        }
        schema.is_nullable |= schema.types().any(|name| name == "null")
            || parts_of(schema.node, "anyOf").chain(parts_of(schema.node, "oneOf")).any(is_null);
        schema
    }

    /// True for two handles of the same schema.
    fn is(self, other: Schema) -> bool {
        std::ptr::eq(self.node, other.node)
    }

    /// True for schemas that say the same.
    pub fn is_like(self, other: Schema) -> bool {
        self.is_nullable == other.is_nullable && self.node == other.node
    }

    /// A remark of ours on the value, from the overlay: an example of it, or its unit.
    pub fn note(self) -> Option<&'static str> {
        let unit = self.node["x-unit"].as_str().map(|unit| match unit {
            "unix-seconds" => "seconds since 1970",
            other => other,
        });
        self.node["x-note"].as_str().or(unit)
    }

    fn types(self) -> impl Iterator<Item = &'static str> {
        let node = &self.node["type"];
        let listed = node.as_array().into_iter().flatten();
        listed.chain(Some(node)).filter_map(Value::as_str)
    }

    /// The name of the schema in the description, such as `VideoBackground`.
    pub fn name(self) -> Option<&'static str> {
        self.name
    }

    /// True where null is valid.
    pub fn is_nullable(self) -> bool {
        self.is_nullable
    }

    /// The valid types; empty where the schema does not say.
    pub fn kinds(self) -> Vec<Kind> {
        let stated: Vec<Kind> = self.types().filter_map(Kind::of_name).collect();
        if !stated.is_empty() {
            return stated;
        }
        let has = |keyword: &str| self.node.get(keyword).is_some();
        if has("properties") || has("additionalProperties") || has("required") {
            return vec![Kind::Object];
        }
        if has("items") {
            return vec![Kind::List];
        }
        let mut kinds = Vec::new();
        for part in self.variants().iter().map(|variant| variant.schema).chain(self.all_of()) {
            kinds.extend(
                part.kinds().into_iter().filter(|kind| !kinds.contains(kind)).collect::<Vec<_>>(),
            );
        }
        kinds
    }

    fn all_of(self) -> impl Iterator<Item = Schema> {
        parts_of(self.node, "allOf").map(Schema::new)
    }

    /// The members that an object can have by name, in the order of the description; those of the
    /// variants of a union are not among them.
    pub fn members(self) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for part in self.all_of() {
            add_members(&mut members, part.members());
        }
        let properties = self.node["properties"].as_object().into_iter().flatten();
        let own = properties.map(|(name, node)| Member {
            name,
            schema: Schema::new(node),
            is_required: false,
        });
        add_members(&mut members, own.collect());
        for required in self.required() {
            for member in members.iter_mut().filter(|member| member.name == required) {
                member.is_required = true;
            }
        }
        members
    }

    /// The member of a name.
    pub fn member(self, name: &str) -> Option<Member> {
        self.members().into_iter().find(|member| member.name == name)
    }

    /// The names of required members, described or not.
    pub fn required(self) -> Vec<&'static str> {
        let own = self.node["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        own.chain(self.all_of().flat_map(Schema::required)).collect()
    }

    /// The schema of members that have no schema of their own; `None` where nothing is said of them.
    pub fn other_members(self) -> Option<Schema> {
        let node = self.node.get("additionalProperties").filter(|node| node.is_object())?;
        Some(Schema::new(node))
    }

    /// True where any further members are valid.
    pub fn takes_other_members(self) -> bool {
        match self.node.get("additionalProperties") {
            Some(Value::Bool(is_open)) => *is_open,
            Some(_) => true,
            None => self.node.get("properties").is_none(),
        }
    }

    /// True where the schema says that other members are invalid.
    pub fn forbids_other_members(self) -> bool {
        self.node.get("additionalProperties") == Some(&Value::Bool(false))
            || self.all_of().any(Schema::forbids_other_members)
    }

    /// The schema of the items of a list.
    pub fn items(self) -> Option<Schema> {
        self.node.get("items").filter(|node| node.is_object()).map(Schema::new)
    }

    /// The schemas of a union, if it has several besides null.
    pub fn variants(self) -> Vec<Variant> {
        let mapping = self.node["discriminator"]["mapping"].as_object();
        let named = |reference: &str| {
            let found = mapping?.iter().find(|(_, target)| target.as_str() == Some(reference));
            found.map(|(tag, _)| tag.as_str())
        };
        let tag = self.tag();
        let variants = self.parts_of_union().map(|part| {
            let schema = Schema::new(part);
            let of_member = || schema.only_choice(tag?);
            Variant { tag: part["$ref"].as_str().and_then(named).or_else(of_member), schema }
        });
        variants.collect()
    }

    fn parts_of_union(self) -> impl Iterator<Item = &'static Value> {
        let parts = parts_of(self.node, "oneOf").chain(parts_of(self.node, "anyOf"));
        parts.filter(|part| !is_null(part))
    }

    /// The member whose value chooses the variant: as described, else one that has another single
    /// choice in each of them.
    pub fn tag(self) -> Option<&'static str> {
        let described = self.node["discriminator"]["propertyName"].as_str();
        described.or_else(|| {
            let variants: Vec<Schema> = self.parts_of_union().map(Schema::new).collect();
            let first = variants.first().filter(|_| variants.len() > 1)?;
            let names = first.members().into_iter().map(|member| member.name);
            names.into_iter().find(|name| {
                let mut tags: Vec<_> =
                    variants.iter().filter_map(|own| own.only_choice(name)).collect();
                tags.sort_unstable();
                tags.dedup();
                tags.len() == variants.len()
            })
        })
    }

    /// The value that a member must have.
    fn only_choice(self, name: &str) -> Option<&'static str> {
        match self.member(name)?.schema.choices().as_slice() {
            [only] => only.as_str(),
            _ => None,
        }
    }

    /// The values that are valid where they are listed, without null.
    pub fn choices(self) -> Vec<&'static Value> {
        let listed = self.node["enum"].as_array().into_iter().flatten();
        listed.chain(self.node.get("const")).filter(|value| !value.is_null()).collect()
    }

    /// The value that HeyGen takes where none is sent.
    pub fn default(self) -> Option<&'static Value> {
        self.node.get("default").filter(|value| !value.is_null())
    }

    /// The value of a keyword such as `maxLength`.
    pub fn limit(self, keyword: &str) -> Option<&'static Value> {
        self.node.get(keyword).filter(|value| value.is_number())
    }

    /// The regular expression that a string must match.
    pub fn pattern(self) -> Option<&'static str> {
        self.node["pattern"].as_str()
    }

    /// The format of a string, such as `date-time`.
    pub fn format(self) -> Option<&'static str> {
        self.node["format"].as_str()
    }
}

impl Kind {
    fn of_name(name: &str) -> Option<Kind> {
        Some(match name {
            "string" => Kind::String,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "boolean" => Kind::Boolean,
            "array" => Kind::List,
            "object" => Kind::Object,
            _ => return None,
        })
    }

    /// The word for a reader: `string`, `list`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::List => "list",
            Kind::Object => "object",
        }
    }
}

fn add_members(members: &mut Vec<Member>, added: Vec<Member>) {
    for member in added {
        match members.iter_mut().find(|own| own.name == member.name) {
            Some(own) => {
                *own = Member { is_required: own.is_required || member.is_required, ..member }
            }
            None => members.push(member),
        }
    }
}

fn parts_of(node: &'static Value, keyword: &str) -> impl Iterator<Item = &'static Value> + use<> {
    node[keyword].as_array().into_iter().flatten()
}

fn parts(node: &'static Value) -> Vec<&'static Value> {
    ["oneOf", "anyOf", "allOf"].iter().flat_map(|keyword| parts_of(node, keyword)).collect()
}

/// The only part of a node that says nothing else, besides null.
fn only_part(node: &'static Value) -> Option<Vec<&'static Value>> {
    let says_more = ["properties", "type", "required", "enum"];
    if says_more.iter().any(|keyword| node.get(keyword).is_some()) {
        return None;
    }
    let real: Vec<&Value> = parts(node).into_iter().filter(|part| !is_null(part)).collect();
    (real.len() == 1).then_some(real)
}

fn is_null(node: &Value) -> bool {
    node["type"] == "null"
}

/// The parsed form of a text of the catalogue.
fn parsed(text: &'static str) -> Option<&'static Value> {
    // The address tells the texts of the blob apart; a text and its first part differ in length.
    static PARSED: RwLock<BTreeMap<(usize, usize), &'static Value>> = RwLock::new(BTreeMap::new());
    let place = (text.as_ptr() as usize, text.len());
    if let Some(value) = PARSED.read().unwrap_or_else(PoisonError::into_inner).get(&place) {
        return Some(value);
    }
    let value: &'static Value = Box::leak(Box::new(serde_json::from_str(text).ok()?));
    PARSED.write().unwrap_or_else(PoisonError::into_inner).insert(place, value);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn body(method: &str, path: &str) -> Schema {
        let operation = catalogue::find(method, path).expect("an operation");
        Schema::parse(operation.body_schema().expect("a body")).expect("a schema")
    }

    #[test]
    fn reads_members_of_variants() {
        let create = body("POST", "/v3/videos");
        assert_eq!(create.tag(), Some("type"));
        let tags: Vec<Option<&str>> = create.variants().iter().map(|own| own.tag).collect();
        let expected = ["avatar", "image", "cinematic_avatar", "studio"].map(Some);
        assert_eq!(tags, expected);
        let avatar = create.variants()[0].schema;
        assert_eq!(avatar.required(), ["avatar_id", "type"]);
        let ratio = avatar.member("aspect_ratio").expect("a member");
        assert!(ratio.schema.is_nullable() && !ratio.is_required);
        assert_eq!(ratio.schema.kinds(), [Kind::String]);
        assert_eq!(ratio.schema.choices().len(), 6);
        assert_eq!(ratio.schema.default().and_then(Value::as_str), Some("16:9"));
    }

    #[test]
    fn looks_through_references_and_null() {
        let avatar = body("POST", "/v3/videos").variants()[0].schema;
        let background = avatar.member("background").expect("a member").schema;
        assert!(background.is_nullable());
        assert_eq!(background.name(), Some("VideoBackground"));
        assert_eq!(background.kinds(), [Kind::Object]);
    }

    #[test]
    fn every_schema_is_read_without_panic() {
        fn walk(schema: Schema, depth: usize) -> usize {
            if depth == 0 {
                return 0;
            }
            let below = |schema| walk(schema, depth - 1);
            let members: usize = schema.members().iter().map(|own| below(own.schema)).sum();
            let variants: usize = schema.variants().iter().map(|own| below(own.schema)).sum();
            let items = schema.items().map_or(0, below);
            1 + members + variants + items + schema.other_members().map_or(0, below)
        }
        let mut count = 0;
        for operation in catalogue::all() {
            let texts = [operation.body_schema(), operation.response_schema()];
            for text in texts.into_iter().flatten() {
                count += walk(Schema::parse(text).expect("a schema"), 6);
            }
        }
        assert!(count > 3000, "{count}");
    }
}
