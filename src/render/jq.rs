//! jq, by jaq. The only file that knows its crates.
//!
//! A filter sees the value that it is given and nothing else. Of jaq's functions those are left out
//! that read the environment (`env`) or the time zone of the computer (`localtime`,
//! `strflocaltime`); those for files and further input (`input`, `inputs`, `$ENV`) are in no part of
//! jaq that is linked. `@csv` and `@tsv` are defined here: jaq has them in a crate with six formats
//! more.
//!
//! Values are built from checked JSON and written again by this file, since jaq reads `-0` as `0`
//! and refuses a lone `\ud800`.

use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, lex, parse, span};
use jaq_core::{Compiler, Ctx, Vars, compile, load};
use jaq_json::{Map, Num, Val};

use super::filter::{BadFilter, Output, Stopped};
use crate::json;

/// What reads the environment or the computer's time zone.
const OUT_OF_REACH: &[&str] = &["env", "localtime", "strflocaltime"];

/// Names that jq knows and a filter here does not.
const NOT_HERE: &[&str] = &[
    "env",
    "$ENV",
    "input",
    "inputs",
    "input_filename",
    "input_line_number",
    "$__prog_args",
    "localtime",
    "strflocaltime",
    "get_search_list",
];

/// Definitions that jq has and the linked part of jaq has not.
const DEFINITIONS: &str = r#"
def _row(quoted): if isarray then . else error("cannot make a row of \(type)") end
  | map(if . == null then "" elif isstring then quoted
        elif isarray or isobject then error("\(type) is not valid in a row") else tostring end);
def @csv: _row("\"" + (split("\"") | join("\"\"")) + "\"") | join(",");
def @tsv: _row(split("\\") | join("\\\\") | split("\t") | join("\\t")
  | split("\n") | join("\\n") | split("\r") | join("\\r")) | join("\t");
"#;

/// A compiled filter.
pub(super) struct Program(jaq_core::Filter<JustLut<Val>>);

impl std::fmt::Debug for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Program")
    }
}

impl Program {
    pub(super) fn compile(text: &str) -> Result<Program, BadFilter> {
        let ours = load::parse(DEFINITIONS, |parser| parser.defs()).unwrap_or_default();
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let within_reach = functions.filter(|(name, ..)| !OUT_OF_REACH.contains(name));
        let arena = Arena::default();
        let modules = Loader::new(definitions.chain(ours))
            .load(&arena, File { path: (), code: text })
            .map_err(|errors| not_loaded(text, errors))?;
        // `import "a" as $a` asks for data; unanswered, the filter would miss it when it runs.
        load::import(&modules, |_| Err("no files".to_owned()))
            .map_err(|errors| not_loaded(text, errors))?;
        Compiler::default()
            .with_funs(within_reach)
            .compile(modules)
            .map(Program)
            .map_err(|errors| not_compiled(text, errors))
    }

    pub(super) fn run<E>(
        &self,
        value: &[u8],
        mut take: impl FnMut(Output) -> Result<(), E>,
    ) -> Result<(), Stopped<E>> {
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for made in self.0.id.run((context, value_of(value))) {
            let made = made.map_err(|exception| Stopped::Failed(words(exception)))?;
            take(output(&made).map_err(Stopped::Failed)?).map_err(Stopped::Refused)?;
        }
        Ok(())
    }
}

/// What made a filter stop.
fn words(exception: jaq_core::Exn<'_, Val>) -> String {
    let exception = match exception.get_err() {
        Ok(error) => {
            return match error.into_val() {
                Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
                other => other.to_string(),
            };
        }
        Err(exception) => exception,
    };
    match exception.get_halt() {
        Ok(_) => "the filter halted".to_owned(),
        Err(_) => "the filter broke out of a label that is not there".to_owned(),
    }
}

/// The tree of a checked value.
fn value_of(value: &[u8]) -> Val {
    Reader { text: value, at: 0 }.value()
}

/// Reads checked JSON from the front. Its nesting is bounded, so that recursion is safe.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> Val {
        self.at = json::white_space_end(self.text, self.at);
        match self.text.get(self.at) {
            Some(b'[') => {
                let mut elements = Vec::new();
                self.at += 1;
                while self.goes_on() {
                    elements.push(self.value());
                }
                Val::Arr(elements.into())
            }
            Some(b'{') => {
                let mut members = Map::default();
                self.at += 1;
                while self.goes_on() {
                    let name = self.string();
                    self.at = json::white_space_end(self.text, self.at) + 1;
                    let value = self.value();
                    members.insert(name, value);
                }
                Val::obj(members)
            }
            Some(b'"') => self.string(),
            _ => self.scalar(),
        }
    }

    /// Whether another element follows; the comma or the closing bracket is behind us then.
    fn goes_on(&mut self) -> bool {
        self.at = json::white_space_end(self.text, self.at);
        match self.text.get(self.at) {
            Some(b',') => {
                self.at = json::white_space_end(self.text, self.at + 1);
                true
            }
            Some(b']' | b'}') | None => {
                self.at += 1;
                false
            }
            Some(_) => true,
        }
    }

    fn string(&mut self) -> Val {
        let end = json::string_end(self.text, self.at);
        let inside = self.text.get(self.at + 1..end.saturating_sub(1)).unwrap_or_default();
        self.at = end;
        Val::utf8_str(unescaped(inside))
    }

    fn scalar(&mut self) -> Val {
        let end = json::scalar_end(self.text, self.at).max(self.at + 1);
        let token = self.text.get(self.at..end).unwrap_or_default();
        self.at = end;
        match token {
            b"null" => Val::Null,
            b"true" => Val::Bool(true),
            b"false" => Val::Bool(false),
            digits => number(&String::from_utf8_lossy(digits)),
        }
    }
}

/// A number with its digits: as an integer only where that gives the same digits back.
fn number(digits: &str) -> Val {
    let is_integer =
        digits != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let number = if is_integer { Num::from_str_radix(digits, 10) } else { None };
    Val::Num(number.unwrap_or_else(|| Num::Dec(digits.to_owned().into())))
}

/// The bytes of a string. Half a surrogate pair, which UTF-8 cannot hold, is kept in the three bytes
/// that it would have there; [`write_string`] turns them back.
fn unescaped(inside: &[u8]) -> Vec<u8> {
    if !inside.contains(&b'\\') {
        return inside.to_vec();
    }
    let mut text = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.iter().position(|&byte| byte == b'\\') {
        let (plain, escape) = rest.split_at(backslash);
        text.extend_from_slice(plain);
        let (bytes, length) = unescape_one(escape);
        text.extend_from_slice(&bytes);
        rest = escape.get(length..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    text
}

fn unescape_one(escape: &[u8]) -> (Vec<u8>, usize) {
    let is_unicode = escape.get(1) == Some(&b'u');
    let length = if is_unicode { 6 } else { 2 };
    let one = escape.get(..length).unwrap_or(escape);
    let lone = escape.get(2..6).filter(|_| is_unicode).and_then(surrogate);
    let Some(unit) = lone else {
        return (json::unescape_bytes(one), length);
    };
    let pair = escape.get(..12).map(json::unescape_bytes).filter(|pair| pair.len() == 4);
    match pair {
        Some(pair) => (pair, 12),
        None => (
            vec![
                0xe0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 0x3f) as u8,
                0x80 | (unit & 0x3f) as u8,
            ],
            6,
        ),
    }
}

fn surrogate(digits: &[u8]) -> Option<u16> {
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

fn output(value: &Val) -> Result<Output, String> {
    let mut json = Vec::new();
    write(value, 0, &mut json)?;
    Ok(match value {
        Val::TStr(text) | Val::BStr(text) => Output::Text(json, text.to_vec()),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::Arr(_) | Val::Obj(_) => Output::Other(json),
    })
}

/// Writes a value as JSON. A filter may nest more deeply than any answer: that is refused.
fn write(value: &Val, depth: usize, out: &mut Vec<u8>) -> Result<(), String> {
    if depth > json::MAX_DEPTH {
        return Err(format!("the result nests more than {} levels deep", json::MAX_DEPTH));
    }
    match value {
        Val::Null => out.extend_from_slice(b"null"),
        Val::Bool(true) => out.extend_from_slice(b"true"),
        Val::Bool(false) => out.extend_from_slice(b"false"),
        Val::Num(number) => out.extend_from_slice(digits(number).as_bytes()),
        Val::TStr(text) | Val::BStr(text) => write_string(text, out),
        Val::Arr(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(element, depth + 1, out)?;
            }
            out.push(b']');
        }
        Val::Obj(members) => {
            out.push(b'{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_name(name, depth, out)?;
                out.push(b':');
                write(value, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// jaq lets any value be a name; JSON has strings only.
fn write_name(name: &Val, depth: usize, out: &mut Vec<u8>) -> Result<(), String> {
    if let Val::TStr(text) | Val::BStr(text) = name {
        write_string(text, out);
        return Ok(());
    }
    let mut text = Vec::new();
    write(name, depth + 1, &mut text)?;
    write_string(&text, out);
    Ok(())
}

fn digits(number: &Num) -> String {
    match number {
        Num::Int(integer) => integer.to_string(),
        Num::BigInt(integer) => integer.to_string(),
        Num::Dec(digits) => digits.to_string(),
        // As jq has it: JSON knows neither.
        Num::Float(float) if float.is_nan() => "null".to_owned(),
        Num::Float(float) if float.is_infinite() => format!("{:e}", f64::MAX.copysign(*float)),
        Num::Float(float) if *float == 0.0 || (1e-5..1e17).contains(&float.abs()) => {
            float.to_string()
        }
        Num::Float(float) => format!("{float:e}"),
    }
}

fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b'"' | b'\\' => {
                out.extend_from_slice(&[b'\\', byte]);
                1
            }
            b'\n' => escape(b"\\n", out),
            b'\r' => escape(b"\\r", out),
            b'\t' => escape(b"\\t", out),
            ..=0x1f => escape(format!("\\u{byte:04x}").as_bytes(), out),
            0xed if matches!(rest, [_, 0xa0..=0xbf, 0x80..=0xbf, ..]) => {
                let unit = 0xd000 | u16::from(rest[1] & 0x3f) << 6 | u16::from(rest[2] & 0x3f);
                escape(format!("\\u{unit:04x}").as_bytes(), out);
                3
            }
            _ => {
                out.push(byte);
                1
            }
        };
        rest = &rest[length..];
    }
    out.push(b'"');
}

/// Writes what one byte becomes.
fn escape(escaped: &[u8], out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(escaped);
    1
}

fn not_loaded(text: &str, errors: load::Errors<&str, ()>) -> BadFilter {
    let first = errors.into_iter().next().map(|(_, error)| error);
    match first {
        Some(load::Error::Lex(errors)) => errors
            .into_iter()
            .next()
            .map_or_else(|| bad(text, "", "no filter"), |error| lexed(text, error)),
        Some(load::Error::Parse(errors)) => errors
            .into_iter()
            .next()
            .map_or_else(|| bad(text, "", "no filter"), |error| parsed(text, error)),
        // Modules are files, which a filter here cannot read.
        Some(load::Error::Io(errors)) => {
            let path = errors.first().map_or("", |(path, _)| *path);
            BadFilter {
                hint: Some("a filter here reads no files"),
                ..bad(text, path, &format!("module `{path}` cannot be had"))
            }
        }
        None => bad(text, "", "no filter"),
    }
}

fn lexed(text: &str, (expected, found): lex::Error<&str>) -> BadFilter {
    if let lex::Expect::Delim(open) = expected {
        return bad(text, open, &format!("`{}` is not closed", first_character(open)));
    }
    if found.is_empty() {
        return unexpected_end(text);
    }
    let what = format!(
        "unexpected `{}`, where {} is due",
        first_character(found),
        article(expected.as_str())
    );
    bad(text, found, &what)
}

fn parsed(text: &str, (expected, found): parse::Error<&str>) -> BadFilter {
    if found.is_empty() {
        return unexpected_end(text);
    }
    let due = match &expected {
        parse::Expect::Nothing => String::new(),
        parse::Expect::Just(token) => format!(", where `{token}` is due"),
        other => format!(", where {} is due", article(other.as_str())),
    };
    // A token may be a whole block in brackets: its beginning says enough.
    let token: String = found.chars().take(20).collect();
    bad(text, found, &format!("unexpected `{token}`{due}"))
}

fn not_compiled(text: &str, errors: compile::Errors<&str, ()>) -> BadFilter {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    let Some((name, undefined)) = first else {
        return bad(text, "", "no filter");
    };
    let what = match undefined {
        Undefined::Filter(_) if matches!(name, "reduce" | "foreach") => {
            format!("`{name}` lacks its arguments, or has too many,")
        }
        Undefined::Filter(arity) if arity > 0 => format!("`{name}/{arity}` is not defined"),
        _ => format!("`{name}` is not defined"),
    };
    let is_not_here = NOT_HERE.contains(&name);
    BadFilter {
        hint: is_not_here.then_some(
            "a filter sees the answer and nothing else: no environment, no files, no further input",
        ),
        ..bad(text, name, &what)
    }
}

fn unexpected_end(text: &str) -> BadFilter {
    let text_end = text.trim_end();
    let end = &text[text.len()..];
    if text_end.is_empty() {
        return bad(text, end, "the filter is empty");
    }
    let last = last_token(text_end);
    bad(text, end, &format!("unexpected end after `{last}`"))
}

/// The word or the operator at the end of a text, else its last character.
fn last_token(text: &str) -> &str {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let is_operator = |character: char| "|=+-*/%<>!?".contains(character);
    let last = text.chars().next_back().map_or(0, char::len_utf8);
    let start = [text.trim_end_matches(is_word), text.trim_end_matches(is_operator)]
        .map(str::len)
        .into_iter()
        .min()
        .unwrap_or_default();
    &text[start.min(text.len() - last)..]
}

fn first_character(text: &str) -> &str {
    let end = text.chars().next().map_or(0, char::len_utf8);
    &text[..end]
}

fn article(word: &str) -> String {
    let is_vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if is_vowel { "an" } else { "a" })
}

/// What is wrong at `found`, which is a part of `text`.
fn bad(text: &str, found: &str, what: &str) -> BadFilter {
    let start = span(text, found).start.min(text.len());
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column = before[line_start..].chars().count();
    let is_at_end = start == text.trim_end().len() || found.is_empty();
    let message = match before.matches('\n').count() {
        _ if is_at_end => what.to_owned(),
        0 => format!("{what} at column {}", column + 1),
        lines => format!("{what} at line {} column {}", lines + 1, column + 1),
    };
    BadFilter { message, place: excerpt(line, column), hint: None }
}

/// The line around a column, and a caret under it.
fn excerpt(line: &str, column: usize) -> Vec<String> {
    const AROUND: usize = 50;
    let from = column.saturating_sub(AROUND);
    let shown: String = line.chars().skip(from).take(2 * AROUND).collect();
    let before: String = shown.chars().take(column - from).collect();
    vec![shown, format!("{:1$}^", "", crate::terminal::text::width(&before))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(filter: &str, value: &str) -> Result<Vec<String>, String> {
        let program = Program::compile(filter).map_err(|bad| bad.message)?;
        assert!(json::parse(value.as_bytes()).is_ok(), "{value}");
        let mut made = Vec::new();
        let outcome = program.run(value.as_bytes(), |output| {
            made.push(String::from_utf8_lossy(output.json()).into_owned());
            Ok::<(), ()>(())
        });
        match outcome {
            Ok(()) => Ok(made),
            Err(Stopped::Failed(words)) => Err(words),
            Err(Stopped::Refused(())) => Err("refused".to_owned()),
        }
    }

    #[test]
    fn results_match_jq() {
        let check = |filter: &str, value: &str, expected: &[&str]| {
            let expected = expected.iter().map(|&json| json.to_owned()).collect();
            assert_eq!(run(filter, value), Ok(expected), "{filter} {value}");
        };
        check(
            ".",
            r#"{"b" : 12345678901234567890, "a":[1.10,-0,1e400,"\/\u0041"]}"#,
            &[r#"{"b":12345678901234567890,"a":[1.10,-0,1e400,"/A"]}"#],
        );
        check(".[].id", r#"[{"id":"a"},{"id":null},{}]"#, &[r#""a""#, "null", "null"]);
        check("length", "[1,2]", &["2"]);
        check("map(.n + 1)", r#"[{"n":1},{"n":1.5}]"#, &["[2,2.5]"]);
        check("1 / 4, 4 / 2, 1e300 * 10", "null", &["0.25", "2", "1e301"]);
        check(
            "nan, infinite, -infinite",
            "null",
            &["null", "1.7976931348623157e308", "-1.7976931348623157e308"],
        );
        check("to_entries", r#"{"a":1}"#, &[r#"[{"key":"a","value":1}]"#]);
        check("{(.[0]): 1}", r#"["x"]"#, &[r#"{"x":1}"#]);
        check(
            ".",
            r#""\ud800 \ud83d\ude00 \udc00x \" \\ \n \u0001""#,
            &["\"\\ud800 😀 \\udc00x \\\" \\\\ \\n \\u0001\""],
        );
        check("@csv", r#"["a \"b\"",1.10,null,true]"#, &[r#""\"a \"\"b\"\"\",1.10,,true""#]);
        check("@tsv", r#"["a\tb\\",1]"#, &[r#""a\\tb\\\\\t1""#]);
        check("@json, @text, @base64", r#""a""#, &[r#""\"a\"""#, r#""a""#, r#""YQ==""#]);
        check("todate", "0", &[r#""1970-01-01T00:00:00Z""#]);
        check("test(\"^v[0-9]\")", r#""v1""#, &["true"]);
        check("select(.a)", r#"{"a":false}"#, &[]);
        check("limit(2; repeat(.))", "1", &["1", "1"]);
    }

    #[test]
    fn failing_filter_has_reason() {
        let check = |filter: &str, value: &str, expected: &str| {
            assert_eq!(run(filter, value), Err(expected.to_owned()), "{filter}");
        };
        check("keys", r#""v_5d1""#, r#"cannot use "v_5d1" as iterable (array or object)"#);
        check("error", r#""own words""#, "own words");
        check("error", r#"{"a":1}"#, r#"{"a":1}"#);
        check("halt", "1", "the filter halted");
        check("halt_error", "1", "the filter halted");
        check(
            "reduce range(600) as $i (0; [.])",
            "0",
            "the result nests more than 512 levels deep",
        );
    }

    #[test]
    fn invalid_filter_has_column() {
        let check = |filter: &str, message: &str, place: &[&str]| {
            let bad = Program::compile(filter).expect_err("no filter");
            assert_eq!(
                (bad.message.as_str(), bad.place),
                (message, place.iter().map(|&line| line.to_owned()).collect())
            );
        };
        check(".video_id |", "unexpected end after `|`", &[".video_id |", "           ^"]);
        check("if .a then", "unexpected end after `then`", &["if .a then", "          ^"]);
        check(".a |= ", "unexpected end after `|=`", &[".a |= ", "      ^"]);
        check(".a.", "unexpected end after `.`", &[".a.", "   ^"]);
        check("", "the filter is empty", &["", "^"]);
        check(
            "reduce .[] as $x",
            "`reduce` lacks its arguments, or has too many, at column 1",
            &["reduce .[] as $x", "^"],
        );
        check(
            ".a | nosuch(1)",
            "`nosuch/1` is not defined at column 6",
            &[".a | nosuch(1)", "     ^"],
        );
        check(".a[", "`[` is not closed at column 3", &[".a[", "  ^"]);
        check("\"漢字\" %% 1", "unexpected `%%` at column 6", &["\"漢字\" %% 1", "       ^"]);
        check(
            ".a\n| }",
            "unexpected `}`, where a token is due at line 2 column 3",
            &["| }", "  ^"],
        );
    }

    #[test]
    fn filter_reaches_only_its_input() {
        for filter in [
            "env",
            "env.HEYGEN_API_KEY",
            "$ENV",
            "$ENV.PATH",
            "input",
            "inputs",
            "[inputs]",
            "input_filename",
            "$__prog_args",
            "localtime",
            "strflocaltime(\"%Z\")",
            "import \"a\" as a; 1",
            "include \"a\"; 1",
            "import \"a\" as $a; $a",
            "get_search_list",
        ] {
            assert!(Program::compile(filter).is_err(), "{filter}");
        }
        // These write to a log that nobody has opened.
        for filter in ["debug", "stderr", "debug(\"x\")"] {
            assert_eq!(run(filter, "1"), Ok(vec!["1".to_owned()]), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn identity_keeps_any_value(value in any_json()) {
            prop_assert_eq!(run(".", &value), Ok(vec![value.clone()]));
        }

        #[test]
        fn any_filter_compiles_without_panic(text in "\\PC{0,30}|[.a-z\\[\\]{}()|,:;\"\\\\$@0-9 \n]{0,40}") {
            let _ = Program::compile(&text);
        }
    }

    /// JSON as [`write`] lays it out, with numbers of any length and form.
    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
            any::<String>().prop_map(|text| {
                let mut json = Vec::new();
                write_string(text.as_bytes(), &mut json);
                String::from_utf8(json).expect("UTF-8")
            }),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|elements| format!("[{}]", elements.join(","))),
                prop::collection::btree_map("[a-z]{1,5}", inner, 0..5).prop_map(|members| {
                    let members: Vec<String> =
                        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }
}
