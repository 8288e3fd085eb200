//! The flags of an operation: its parameters and the members of its body, and the request that their
//! values mean.

use serde_json::Value;

use crate::catalogue::operation::Content;
use crate::catalogue::{Operation, Place};
use crate::cli::FieldArg;
use crate::error::Error;
use crate::schema::check::{Flaw, Strangers, findings, findings_in_text};
use crate::schema::{Kind, Member, Schema};

/// The part of a request that a field goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Part {
    Query,
    /// The JSON body.
    Body,
    /// A multipart body.
    Form,
}

/// A parameter or a member of the body, as a flag.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Field {
    /// The name, as the API spells it.
    pub(in crate::cli) name: &'static str,
    pub(in crate::cli) part: Part,
    pub(in crate::cli) schema: Schema,
    pub(in crate::cli) is_required: bool,
    /// True for the member that chooses a variant of the body.
    pub(in crate::cli) is_tag: bool,
    /// The variants that have it, and whether it is required there; empty without variants.
    pub(in crate::cli) of: Vec<(&'static str, bool)>,
}

/// The values of the fields, as the arguments of a call take them.
#[derive(Debug, Default)]
pub(in crate::cli) struct Entered {
    pub(in crate::cli) query: Vec<String>,
    pub(in crate::cli) fields: Vec<FieldArg>,
    pub(in crate::cli) form: Vec<String>,
}

impl Field {
    /// The flag, without its dashes: HeyGen's own command line writes `checksum_sha256` as
    /// `checksum-sha-256`.
    pub(in crate::cli) fn flag(&self) -> String {
        let mut flag = String::new();
        let mut last = '-';
        for character in self.name.chars() {
            if character.is_ascii_digit() && last.is_ascii_alphabetic() {
                flag.push('-');
            }
            last = if character == '_' { '-' } else { character.to_ascii_lowercase() };
            flag.push(last);
        }
        flag
    }

    /// The flag without a dash before digits, where that is another one.
    pub(in crate::cli) fn other_flag(&self) -> Option<String> {
        let plain = self.name.replace('_', "-");
        (plain != self.flag()).then_some(plain)
    }

    /// True where the flag needs no value.
    pub(in crate::cli) fn is_switch(&self) -> bool {
        self.schema.kinds() == [Kind::Boolean]
    }

    /// True where the flag can be repeated.
    pub(in crate::cli) fn is_list(&self) -> bool {
        self.schema.kinds() == [Kind::List]
    }

    /// The schema of one value.
    pub(in crate::cli) fn item(&self) -> Schema {
        match self.is_list() {
            true => self.schema.items().unwrap_or(self.schema),
            false => self.schema,
        }
    }

    /// The valid values, where they are listed.
    pub(in crate::cli) fn choices(&self) -> Vec<String> {
        if self.is_tag {
            return self.of.iter().map(|(tag, _)| (*tag).to_owned()).collect();
        }
        if self.is_switch() {
            return vec!["true".to_owned(), "false".to_owned()];
        }
        let text = |value: &&Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.item().choices().iter().map(text).collect()
    }

    /// Adds a value to what is entered.
    ///
    /// # Errors
    /// The value is of another type, beyond a limit, or not one of those that are listed.
    pub(in crate::cli) fn enter(&self, value: &str, entered: &mut Entered) -> Result<(), Error> {
        let name = self.name;
        match self.part {
            Part::Query => {
                let found = findings_in_text(self.schema, name, value);
                self.refuse(value, found.first().map(|found| &found.flaw))?;
                entered.query.push(format!("{name}={value}"));
            }
            Part::Form if self.schema.format() == Some("binary") => {
                entered.form.push(format!("{name}=@{value}"));
            }
            Part::Form => entered.form.push(format!("{name}={value}")),
            Part::Body if self.is_list() && is_json_list(value) => {
                entered.fields.push(FieldArg::Json(format!("{name}={value}")));
            }
            Part::Body => {
                let place = if self.is_list() { format!("{name}[]") } else { name.to_owned() };
                entered.fields.push(self.member(&place, value)?);
            }
        }
        Ok(())
    }

    /// The value as a field of the JSON body.
    fn member(&self, place: &str, value: &str) -> Result<FieldArg, Error> {
        let schema = self.item();
        let kinds = schema.kinds();
        let takes_text = kinds.contains(&Kind::String) || kinds.is_empty();
        let takes_json = kinds.iter().any(|kind| matches!(kind, Kind::Object | Kind::List));
        if let Some(asset) = asset(schema, value) {
            return Ok(FieldArg::Json(format!("{place}={asset}")));
        }
        if takes_json && (!takes_text || value.starts_with(['{', '['])) {
            // The text of a file is looked at when it is read.
            if !value.starts_with('@') && serde_json::from_str::<Value>(value).is_err() {
                return Err(self.not_json(value, schema));
            }
            return Ok(FieldArg::Json(format!("{place}={value}")));
        }
        let read = serde_json::from_str(value).ok().filter(|_: &Value| !takes_text);
        let json = read.unwrap_or_else(|| Value::String(value.to_owned()));
        if !self.is_tag {
            let found = findings(schema, &json, Strangers::AreExpected);
            self.refuse(value, found.first().map(|found| &found.flaw))?;
        } else if !self.choices().iter().any(|choice| choice == value) {
            let flaw = Flaw::NotOneOf { found: json.to_string(), choices: self.choices() };
            self.refuse(value, Some(&flaw))?;
        }
        Ok(match json {
            Value::String(_) => FieldArg::Text(format!("{place}={value}")),
            _ => FieldArg::Json(format!("{place}={value}")),
        })
    }

    fn refuse(&self, value: &str, flaw: Option<&Flaw>) -> Result<(), Error> {
        let Some(flaw) = flaw else { return Ok(()) };
        let flag = if self.part == Part::Query { "-Q" } else { "-f" };
        let place = if self.is_list() && self.part == Part::Body { "[]" } else { "" };
        let pair = format!("{}{place}={value}", self.name);
        let pair = crate::snippet::quote::shell_word(&pair);
        Err(Error::usage_with_hint(
            format!("--{}: {flaw}", self.flag()),
            format!("`{flag} {pair}` sends it all the same"),
        ))
    }

    fn not_json(&self, value: &str, schema: Schema) -> Error {
        let is_asset = tagged(schema, "url").is_some();
        let shown = if value.is_empty() { "an empty text" } else { "it" };
        Error::usage_with_hint(
            format!("--{}: {shown} is not JSON", self.flag()),
            match is_asset {
                true => "write an https:// URL, asset_id:ID, JSON, or @FILE with JSON",
                false => "write JSON, or @FILE with JSON",
            },
        )
    }
}

/// A whole list, in place of one item of it.
fn is_json_list(value: &str) -> bool {
    value.starts_with('[') && serde_json::from_str::<Vec<Value>>(value).is_ok()
}

/// `https://…` and `asset_id:ID` as the object that HeyGen takes for an asset.
fn asset(schema: Schema, value: &str) -> Option<Value> {
    let tag = schema.tag()?;
    let (variant, member, text) = if value.starts_with("https://") || value.starts_with("http://") {
        ("url", "url", value)
    } else {
        ("asset_id", "asset_id", value.strip_prefix("asset_id:")?)
    };
    tagged(schema, variant)?.member(member)?;
    Some(serde_json::json!({ tag: variant, member: text }))
}

/// The variant of a union that a tag chooses.
fn tagged(schema: Schema, tag: &str) -> Option<Schema> {
    schema.variants().into_iter().find(|own| own.tag == Some(tag)).map(|own| own.schema)
}

/// The fields of an operation: those of the query, then those of the body.
pub(in crate::cli) fn fields(operation: Operation) -> Vec<Field> {
    let mut fields: Vec<Field> = operation
        .parameters()
        .filter(|own| own.place() == Place::Query)
        .filter_map(|own| {
            Some(Field {
                name: own.name(),
                part: Part::Query,
                schema: Schema::of_parameter(own)?,
                is_required: own.is_required(),
                is_tag: false,
                of: Vec::new(),
            })
        })
        .collect();
    fields.extend(operation.bodies().next().map(of_body).unwrap_or_default());
    fields
}

fn of_body(content: Content) -> Vec<Field> {
    let part = match content.media_type() {
        "application/json" => Part::Body,
        "multipart/form-data" => Part::Form,
        _ => return Vec::new(),
    };
    let Some(schema) = content.schema().and_then(Schema::parse) else { return Vec::new() };
    let field = |member: Member| Field {
        name: member.name,
        part,
        schema: member.schema,
        is_required: member.is_required,
        is_tag: false,
        of: Vec::new(),
    };
    let mut fields: Vec<Field> = schema.members().into_iter().map(field).collect();
    let (Some(tag), variants) = (schema.tag(), schema.variants()) else { return fields };
    let count = variants.len();
    for variant in variants {
        let Some(chosen) = variant.tag else { continue };
        for member in variant.schema.members() {
            let known = fields.iter_mut().find(|known| known.name == member.name);
            let of = (chosen, member.is_required);
            match known {
                Some(known) => known.of.push(of),
                None => {
                    fields.push(Field { of: vec![of], is_tag: member.name == tag, ..field(member) })
                }
            }
        }
    }
    for field in &mut fields {
        // Required is what every variant requires.
        field.is_required = match field.of.as_slice() {
            [] => field.is_required,
            of => of.len() == count && of.iter().all(|(_, is_required)| *is_required),
        };
    }
    fields.sort_by_key(|field| !field.is_tag);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn field(method: &str, path: &str, name: &str) -> Field {
        let operation = catalogue::find(method, path).expect("an operation");
        fields(operation).into_iter().find(|field| field.name == name).expect("a field")
    }

    #[test]
    fn flags_are_those_of_heygen() {
        let upload = "/v3/assets/direct-uploads";
        assert_eq!(field("POST", upload, "checksum_sha256").flag(), "checksum-sha-256");
        assert_eq!(
            field("POST", upload, "checksum_sha256").other_flag().as_deref(),
            Some("checksum-sha256")
        );
        assert_eq!(field("POST", upload, "content_type").flag(), "content-type");
        assert_eq!(field("POST", upload, "content_type").other_flag(), None);
    }

    #[test]
    fn values_become_members() {
        let check = |path: &str, name: &str, value: &str, expected: FieldArg| {
            let mut entered = Entered::default();
            field("POST", path, name).enter(value, &mut entered).expect("a value");
            assert_eq!(entered.fields, [expected], "{name} {value}");
        };
        let json = |text: &str| FieldArg::Json(text.to_owned());
        let text = |text: &str| FieldArg::Text(text.to_owned());
        check("/v3/videos", "type", "avatar", text("type=avatar"));
        check("/v3/videos", "script", "12", text("script=12"));
        check("/v3/videos", "remove_background", "true", json("remove_background=true"));
        check(
            "/v3/videos",
            "image",
            "https://e.test/a.png",
            json(r#"image={"type":"url","url":"https://e.test/a.png"}"#),
        );
        check(
            "/v3/videos",
            "image",
            "asset_id:asset_1",
            json(r#"image={"type":"asset_id","asset_id":"asset_1"}"#),
        );
        check("/v3/videos", "background", "@back.json", json("background=@back.json"));
        check("/v3/lipsyncs", "start_time", "1.50", json("start_time=1.50"));
        check("/v3/videos", "scenes", r#"{"a":1}"#, json(r#"scenes[]={"a":1}"#));
        check("/v3/videos", "scenes", r#"[{"a":1}]"#, json(r#"scenes=[{"a":1}]"#));
        check("/v3/video-translations", "output_languages", "[x", text("output_languages[]=[x"));
        check(
            "/v3/video-translations",
            "output_languages",
            "Chinese (Cantonese, Traditional)",
            text("output_languages[]=Chinese (Cantonese, Traditional)"),
        );
    }

    #[test]
    fn values_that_do_not_fit() {
        let check = |method: &str, path: &str, name: &str, value: &str, expected: &str| {
            let error = field(method, path, name).enter(value, &mut Entered::default());
            assert_eq!(error.expect_err("an error").to_string(), expected);
        };
        check(
            "POST",
            "/v3/videos",
            "type",
            "movie",
            r#"--type: "movie" is not one of avatar, image, cinematic_avatar, studio"#,
        );
        check("GET", "/v3/videos", "limit", "500", "--limit: 500 must be at most 100");
        check("GET", "/v3/videos", "limit", "ten", r#"--limit: "ten" is not an integer"#);
        check(
            "POST",
            "/v3/lipsyncs",
            "start_time",
            "soon",
            r#"--start-time: "soon" is not a number or null"#,
        );
        check("POST", "/v3/videos", "image", "a.png", "--image: it is not JSON");
    }

    /// Every operation's flags are different ones.
    #[test]
    fn flags_are_unique() {
        for operation in catalogue::all().filter(|own| own.command().is_some()) {
            let mut flags: Vec<String> = fields(operation).iter().map(Field::flag).collect();
            flags.sort();
            let count = flags.len();
            flags.dedup();
            assert_eq!(flags.len(), count, "{operation}");
        }
    }
}
