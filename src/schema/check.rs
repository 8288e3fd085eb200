//! Values held against schemas: what is missing, unknown, of another type, or beyond a limit.

use std::fmt;

use serde_json::{Map, Value};

use super::{Kind, Schema, Variant};
use crate::nearest::nearest;

/// A name is taken for a misspelled one up to this many mistakes.
const TYPOS: usize = 2;

/// Values are quoted up to this many characters, and never a part of a word: half a key, or of one in
/// base64, would no longer be known as one.
const LONGEST_QUOTE: usize = 40;

/// Deeper values are not looked at: no body of the API nests like that.
const DEEPEST: usize = 64;

/// The place of a mistake in a request, and the mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Such as `scenes[0].input.voice_id`; empty for the body as a whole.
    pub place: String,
    pub flaw: Flaw,
}

/// A mistake in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// No member has this name.
    Unknown {
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A member of another variant of a union, each named like `type studio`.
    OfOtherVariant { own: String, other: String },
    /// A required member is missing; the values it can have, where they are listed.
    Missing { choices: Vec<String> },
    /// A value of another type.
    Type { found: String, expected: String },
    /// A value that is not one of the listed ones.
    NotOneOf { found: String, choices: Vec<String> },
    /// A value beyond a limit, such as `must be at most 100`.
    Limit { found: String, must: String },
    /// A parameter that takes one value is there twice.
    Repeated,
    /// A body where the operation takes none.
    NotTaken,
    /// A body of another media type.
    MediaType { expected: String },
}

/// The treatment of members that no schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    /// They are mistakes, but where the schema says otherwise.
    AreFindings,
    /// The schema is known to lack members.
    AreExpected,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() { "the body" } else { &self.place };
        write!(f, "{place}: {}", self.flaw)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Unknown { nearest: None } => f.write_str("unknown field"),
            Flaw::Unknown { nearest: Some(name) } => {
                write!(f, "unknown field; did you mean {name}?")
            }
            Flaw::OfOtherVariant { own, other } => {
                write!(f, "not a field of {own}, but of {other}")
            }
            Flaw::Missing { choices } if choices.is_empty() => f.write_str("missing, but required"),
            Flaw::Missing { choices } => {
                write!(f, "missing, but required: {}", one_of(choices))
            }
            Flaw::Type { found, expected } => write!(f, "{found} is not {expected}"),
            Flaw::NotOneOf { found, choices } => {
                write!(f, "{found} is not {}", one_of(choices))
            }
            Flaw::Limit { found, must } => write!(f, "{found} {must}"),
            Flaw::Repeated => f.write_str("given more than once"),
            Flaw::NotTaken => f.write_str("the operation takes none"),
            Flaw::MediaType { expected } => write!(f, "must be {expected}"),
        }
    }
}

impl Flaw {
    /// The stable identifier for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Flaw::Unknown { .. } => "unknown_field",
            Flaw::OfOtherVariant { .. } => "field_of_other_type",
            Flaw::Missing { .. } => "missing",
            Flaw::Type { .. } => "wrong_type",
            Flaw::NotOneOf { .. } => "not_one_of",
            Flaw::Limit { .. } => "beyond_limit",
            Flaw::Repeated => "repeated",
            Flaw::NotTaken => "not_taken",
            Flaw::MediaType { .. } => "wrong_media_type",
        }
    }
}

fn one_of(choices: &[String]) -> String {
    match choices {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Everything in a value that its schema does not allow, in the order of the value.
pub fn findings(schema: Schema, value: &Value, strangers: Strangers) -> Vec<Finding> {
    let mut checker = Checker { found: Vec::new(), place: Vec::new(), strangers };
    checker.value(schema, value);
    checker.found
}

/// The findings on a text that stands for a value in a path or a query, where numbers and booleans
/// are texts as well.
pub fn findings_in_text(schema: Schema, name: &str, text: &str) -> Vec<Finding> {
    let kinds = schema.kinds();
    let schema = match kinds.as_slice() {
        [Kind::List] => schema.items().unwrap_or(schema),
        _ => schema,
    };
    let kinds = schema.kinds();
    let is_text = kinds.is_empty() || kinds.contains(&Kind::String);
    let read = serde_json::from_str(text).ok().filter(|_| !is_text);
    let value = read.unwrap_or_else(|| Value::String(text.to_owned()));
    let mut checker = Checker {
        found: Vec::new(),
        place: vec![Step::Name(name.to_owned())],
        strangers: Strangers::AreFindings,
    };
    checker.value(schema, &value);
    checker.found
}

/// The variant of a union that a value chooses with its tag.
pub fn chosen(schema: Schema, value: &Value) -> Option<Variant> {
    let wanted = value.get(schema.tag()?)?.as_str()?;
    schema.variants().into_iter().find(|variant| variant.tag == Some(wanted))
}

enum Step {
    Name(String),
    Item(usize),
}

struct Checker {
    found: Vec<Finding>,
    place: Vec<Step>,
    strangers: Strangers,
}

impl Checker {
    fn add(&mut self, flaw: Flaw) {
        let mut place = String::new();
        for step in &self.place {
            match step {
                Step::Item(index) => place.push_str(&format!("[{index}]")),
                Step::Name(name) if place.is_empty() => place.push_str(name),
                Step::Name(name) => place.push_str(&format!(".{name}")),
            }
        }
        self.found.push(Finding { place, flaw });
    }

    fn add_at(&mut self, name: &str, flaw: Flaw) {
        self.place.push(Step::Name(name.to_owned()));
        self.add(flaw);
        self.place.pop();
    }

    fn value(&mut self, schema: Schema, value: &Value) {
        if value.is_null() && schema.is_nullable() || self.place.len() > DEEPEST {
            return;
        }
        let kinds = schema.kinds();
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(*kind, value)) {
            self.add(Flaw::Type { found: shown(value), expected: expected(&kinds, schema) });
            return;
        }
        let choices = schema.choices();
        if !choices.is_empty() && !choices.contains(&value) {
            self.add(Flaw::NotOneOf { found: shown(value), choices: plain(&choices) });
            return;
        }
        match value {
            Value::String(text) => self.text(schema, text),
            Value::Number(_) => self.number(schema, value),
            Value::Array(items) => self.list(schema, items),
            Value::Object(members) => self.object(schema, members, value),
            Value::Null | Value::Bool(_) => {}
        }
        if !value.is_object() {
            self.any_variant(schema, value);
        }
    }

    fn text(&mut self, schema: Schema, text: &str) {
        let count = text.chars().count() as f64;
        let quoted = || shown(&Value::String(text.to_owned()));
        let limit = |keyword: &str| schema.limit(keyword).and_then(Value::as_f64);
        let characters =
            |limit: f64| format!("{limit} character{}", if limit == 1.0 { "" } else { "s" });
        match (limit("minLength"), limit("maxLength")) {
            (Some(least), _) if count < least => {
                let must = format!("must have at least {}", characters(least));
                self.add(Flaw::Limit { found: quoted(), must });
            }
            (_, Some(most)) if count > most => {
                let must = format!("must have at most {}, not {count}", characters(most));
                self.add(Flaw::Limit { found: quoted(), must });
            }
            _ => {}
        }
        if let Some(pattern) = schema.pattern()
            && regex::Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(text))
        {
            self.add(Flaw::Limit { found: quoted(), must: format!("must match {pattern}") });
        }
        let must = match schema.format() {
            Some("uri") if !is_uri(text) => "must be a URL such as https://example.com/a.png",
            Some("date-time") if text.parse::<jiff::Timestamp>().is_err() => {
                "must be a time such as 2026-11-25T10:00:00Z"
            }
            _ => return,
        };
        self.add(Flaw::Limit { found: quoted(), must: must.to_owned() });
    }

    fn number(&mut self, schema: Schema, value: &Value) {
        let Some(number) = value.as_f64() else { return };
        let beyond = |keyword: &str, is_beyond: fn(f64, f64) -> bool| {
            let limit = schema.limit(keyword)?;
            is_beyond(number, limit.as_f64()?).then(|| limit.to_string())
        };
        let is_multiple = |number: f64, step: f64| {
            step == 0.0 || ((number / step).round() * step - number).abs() < step * 1e-9
        };
        let limits = [
            ("at least", beyond("minimum", |number, limit| number < limit)),
            ("at most", beyond("maximum", |number, limit| number > limit)),
            ("more than", beyond("exclusiveMinimum", |number, limit| number <= limit)),
            ("less than", beyond("exclusiveMaximum", |number, limit| number >= limit)),
        ];
        for (words, limit) in limits {
            if let Some(limit) = limit {
                self.add(Flaw::Limit {
                    found: shown(value),
                    must: format!("must be {words} {limit}"),
                });
            }
        }
        if let Some(step) = schema.limit("multipleOf")
            && !step.as_f64().is_none_or(|step| is_multiple(number, step))
        {
            let must = format!("must be a multiple of {step}");
            self.add(Flaw::Limit { found: shown(value), must });
        }
    }

    fn list(&mut self, schema: Schema, items: &[Value]) {
        let limit = |keyword: &str| schema.limit(keyword).and_then(Value::as_u64);
        let count = items.len() as u64;
        let found = || format!("a list of {count}");
        let words = |limit: u64| format!("{limit} item{}", if limit == 1 { "" } else { "s" });
        match (limit("minItems"), limit("maxItems")) {
            (Some(least), _) if count < least => {
                let must = format!("must have at least {}", words(least));
                self.add(Flaw::Limit { found: found(), must });
            }
            (_, Some(most)) if count > most => {
                let must = format!("must have at most {}", words(most));
                self.add(Flaw::Limit { found: found(), must });
            }
            _ => {}
        }
        let Some(of_items) = schema.items() else { return };
        for (index, item) in items.iter().enumerate() {
            self.place.push(Step::Item(index));
            self.value(of_items, item);
            self.place.pop();
        }
    }

    fn object(&mut self, schema: Schema, members: &Map<String, Value>, value: &Value) {
        let variants = schema.variants();
        let tag = schema.tag().filter(|_| !variants.is_empty());
        let part = match (tag, variants.is_empty()) {
            (_, true) => None,
            (Some(tag), false) => match chosen(schema, value) {
                Some(variant) => Some(variant.schema),
                None => {
                    self.wrong_tag(tag, &variants, members.get(tag));
                    return;
                }
            },
            (None, false) => variants
                .iter()
                .map(|variant| variant.schema)
                .min_by_key(|variant| self.tried(*variant, members).len()),
        };
        let parts: Vec<Schema> = [Some(schema), part].into_iter().flatten().collect();
        for missing in parts.iter().flat_map(|part| part.required()) {
            if !members.contains_key(missing) {
                let described = parts.iter().find_map(|part| part.member(missing));
                let choices = described.map(|own| plain(&own.schema.choices())).unwrap_or_default();
                self.add_at(missing, Flaw::Missing { choices });
            }
        }
        let union = Union { schema, part, variants: &variants };
        for (name, value) in members {
            match parts.iter().rev().find_map(|part| part.member(name)) {
                Some(member) => {
                    self.place.push(Step::Name(name.clone()));
                    self.value(member.schema, value);
                    self.place.pop();
                }
                None => self.stranger(&parts, &union, name, value),
            }
        }
    }

    /// The findings on an object by one variant of a union without tag, its strangers left aside.
    fn tried(&self, variant: Schema, members: &Map<String, Value>) -> Vec<Finding> {
        let mut checker =
            Checker { found: Vec::new(), place: Vec::new(), strangers: self.strangers };
        for missing in variant.required() {
            if !members.contains_key(missing) {
                checker.add_at(missing, Flaw::Missing { choices: Vec::new() });
            }
        }
        for (name, value) in members {
            match variant.member(name) {
                Some(member) => checker.value(member.schema, value),
                None if !variant.takes_other_members() => {
                    checker.add_at(name, Flaw::Unknown { nearest: None });
                }
                None => {}
            }
        }
        checker.found
    }

    fn wrong_tag(&mut self, tag: &str, variants: &[Variant], value: Option<&Value>) {
        let choices: Vec<String> =
            variants.iter().filter_map(|own| own.tag.map(str::to_owned)).collect();
        self.add_at(
            tag,
            match value {
                None => Flaw::Missing { choices },
                Some(value) => Flaw::NotOneOf { found: shown(value), choices },
            },
        );
    }

    fn stranger(&mut self, parts: &[Schema], union: &Union<'_>, name: &str, value: &Value) {
        if let Some(other) = parts.iter().find_map(|part| part.other_members()) {
            self.place.push(Step::Name(name.to_owned()));
            self.value(other, value);
            self.place.pop();
            return;
        }
        let is_open = parts.iter().all(|part| part.takes_other_members());
        if is_open || self.strangers == Strangers::AreExpected {
            return;
        }
        let flaw = union.of_other_variant(name).unwrap_or_else(|| {
            let known: Vec<&str> =
                parts.iter().flat_map(|part| part.members()).map(|own| own.name).collect();
            Flaw::Unknown { nearest: similar(name, &known).map(str::to_owned) }
        });
        self.add_at(name, flaw);
    }

    /// Holds a value that is not an object against a union: it must fit one of the variants.
    fn any_variant(&mut self, schema: Schema, value: &Value) {
        let tried = schema.variants().into_iter().map(|variant| {
            let mut checker =
                Checker { found: Vec::new(), place: Vec::new(), strangers: self.strangers };
            checker.value(variant.schema, value);
            checker.found
        });
        let Some(fewest) = tried.min_by_key(Vec::len) else { return };
        for finding in fewest {
            self.add(finding.flaw);
        }
    }
}

/// A union and its variant that an object has chosen.
struct Union<'u> {
    schema: Schema,
    part: Option<Schema>,
    variants: &'u [Variant],
}

impl Union<'_> {
    fn of_other_variant(&self, name: &str) -> Option<Flaw> {
        let (tag, part) = (self.schema.tag()?, self.part?);
        let own = self.variants.iter().find(|variant| variant.schema.is(part))?.tag?;
        let other = self.variants.iter().find(|other| other.schema.member(name).is_some())?.tag?;
        Some(Flaw::OfOtherVariant { own: format!("{tag} {own}"), other: format!("{tag} {other}") })
    }
}

/// The known name that another one was probably meant to be: misspelled, or written with other
/// separators, as in `voiceid` and `voiceId`.
pub fn similar<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let bare = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let same = known.iter().copied().find(|own| bare(own) == bare(name));
    let typos = TYPOS.min(name.chars().count() / 3);
    same.or_else(|| nearest(name, known.iter().copied(), typos))
}

fn is_of(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::String, Value::String(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::List, Value::Array(_))
        | (Kind::Object, Value::Object(_)) => true,
        (Kind::Integer, Value::Number(number)) => {
            number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => false,
    }
}

fn expected(kinds: &[Kind], schema: Schema) -> String {
    let mut words: Vec<&str> = kinds
        .iter()
        .map(|kind| match kind {
            Kind::Integer => "an integer",
            Kind::Object => "an object",
            Kind::String => "a string",
            Kind::Number => "a number",
            Kind::Boolean => "true or false",
            Kind::List => "a list",
        })
        .collect();
    if schema.is_nullable() {
        words.push("null");
    }
    words.join(" or ")
}

/// A value as JSON, cut after a word where it is long.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => match text.char_indices().nth(LONGEST_QUOTE) {
            None => value.to_string(),
            Some((end, _)) => match text[..end].rfind(char::is_whitespace) {
                Some(end) => format!("{}…", Value::from(&text[..end])),
                None => format!("a text of {} characters", text.chars().count()),
            },
        },
        other => other.to_string(),
    }
}

/// Values without the quotes of strings.
fn plain(values: &[&Value]) -> Vec<String> {
    let plain = |value: &&Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.iter().map(plain).collect()
}

fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(is_of_scheme)
            && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue;

    fn body(path: &str) -> Schema {
        let operation = catalogue::find("POST", path).expect("an operation");
        Schema::parse(operation.body_schema().expect("a body")).expect("a schema")
    }

    fn check(path: &str, value: Value, expected: &[&str]) {
        let found = findings(body(path), &value, Strangers::AreFindings);
        let found: Vec<String> = found.iter().map(Finding::to_string).collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn finds_mistakes_by_variant() {
        let videos = "/v3/videos";
        let good = json!({ "type": "avatar", "avatar_id": "A", "script": "Hi", "title": null,
            "background": { "type": "color", "value": "#00ff00" }, "voice_settings": { "speed": 1 } });
        check(videos, good, &[]);
        check(
            videos,
            json!({ "type": "avatar", "avatar_id": "A", "aspect_ratio": "16x9", "voiceid": "V" }),
            &[
                r#"aspect_ratio: "16x9" is not one of 16:9, 9:16, 4:5, 5:4, 1:1, auto"#,
                "voiceid: unknown field; did you mean voice_id?",
            ],
        );
        check(
            videos,
            json!({}),
            &["type: missing, but required: one of avatar, image, cinematic_avatar, studio"],
        );
        check(
            videos,
            json!({ "type": "avatr" }),
            &[r#"type: "avatr" is not one of avatar, image, cinematic_avatar, studio"#],
        );
        check(
            videos,
            json!({ "type": "avatar", "scenes": [] }),
            &[
                "avatar_id: missing, but required",
                "scenes: not a field of type avatar, but of type studio",
            ],
        );
        check(videos, json!([1]), &["the body: a list is not an object"]);
        check(
            videos,
            json!({ "type": "avatar", "avatar_id": 5, "callback_url": "example.com", "script": "",
                "voice_settings": { "speed": "1", "pitch": 51 } }),
            &[
                "avatar_id: 5 is not a string",
                r#"callback_url: "example.com" must be a URL such as https://example.com/a.png"#,
                r#"script: "" must have at least 1 character"#,
                r#"voice_settings.speed: "1" is not a number"#,
                "voice_settings.pitch: 51 must be at most 50.0",
            ],
        );
    }

    #[test]
    fn finds_mistakes_in_nested_unions() {
        let scene = |input: Value| json!({ "type": "studio", "scenes": [{ "type": "avatar_video", "input": input }] });
        check(
            "/v3/videos",
            scene(json!({ "type": "avatar" })),
            &["scenes[0].input.avatar_id: missing, but required"],
        );
        check(
            "/v3/videos",
            scene(json!({ "type": "image" })),
            &[
                "scenes[0].input.avatar_id: missing, but required",
                r#"scenes[0].input.type: "image" is not avatar"#,
            ],
        );
        check(
            "/v3/videos",
            json!({ "type": "studio", "scenes": [{ "type": "image", "source": { "type": "file" } }] }),
            &[r#"scenes[0].source.type: "file" is not one of url, asset_id, base64"#],
        );
    }

    #[test]
    fn unions_without_tag_take_the_nearest_variant() {
        let agent = "/v3/video-agents/{session_id}";
        check(agent, json!({ "message": "Hi" }), &[]);
        check(agent, json!({ "edit_plan": [] }), &[]);
        check(agent, json!({ "voice_id": "V" }), &["message: missing, but required"]);
        check(
            agent,
            json!({ "message": "Hi", "mesage": 1 }),
            &["mesage: unknown field; did you mean message?"],
        );
    }

    #[test]
    fn parameters_are_texts() {
        let check = |path: &str, name: &str, text: &str, expected: &[&str]| {
            let operation = catalogue::find("GET", path).expect("an operation");
            let parameter =
                operation.parameter(catalogue::Place::Query, name).expect("a parameter");
            let schema = Schema::of_parameter(parameter).expect("a schema");
            let found = findings_in_text(schema, name, text);
            let found: Vec<String> = found.iter().map(Finding::to_string).collect();
            assert_eq!(found, expected, "{name}={text}");
        };
        check("/v3/videos", "limit", "5", &[]);
        check("/v3/videos", "limit", "500", &["limit: 500 must be at most 100"]);
        check("/v3/videos", "limit", "many", &[r#"limit: "many" is not an integer"#]);
        check("/v3/videos", "title", "5", &[]);
    }
}
