//! The functions of a filter that are not written in jq.

use jaq_core::box_iter::box_once;
use jaq_core::compile::TermId;
use jaq_core::data::HasLut;
use jaq_core::native::{self, Fun, v as values};
use jaq_core::{Bind, Ctx, Cv, DataT, Exn, Native, RunPtr, ValR, ValXs};

use super::number::Number;
use super::path;
use super::regex::Pattern;
use super::rewrite::{ASSIGN, CAUGHT, HOLD, KEEP, LAST, MODIFY, TAKE};
use super::states::States;
use super::value::{Error, Value, split};
use super::watch::Watch;
use super::{formats, read, write};
use crate::json;

/// The data of a filter that runs.
pub(super) struct Kind;

impl DataT for Kind {
    type V<'a> = Value;
    type Data<'a> = Steps<'a>;
}

/// The compiled program, which a filter looks into at each of its steps, whoever watches that, and
/// what the program keeps.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    pub(super) program: &'a jaq_core::Lut<Kind>,
    pub(super) watch: &'a Watch,
    pub(super) states: &'a States,
}

impl<'a> HasLut<'a, Kind> for Steps<'a> {
    fn lut(&self) -> &'a jaq_core::Lut<Kind> {
        self.watch.step();
        self.program
    }
}

/// Of jaq's functions those that are as jq's, and reach nothing but their input. The others read the
/// environment or the time zone of the computer, or are written anew below and in `definitions.jq`.
const OF_JAQ: &[&str] = &[
    // Of the core.
    "keys_unsorted",
    "first",
    // Of the library.
    "floor",
    "round",
    "ceil",
    "utf8bytelength",
    "explode",
    "implode",
    "ascii_downcase",
    "ascii_upcase",
    "sort",
    "sort_by",
    "group_by",
    "min_by_or_empty",
    "max_by_or_empty",
    "startswith",
    "endswith",
    "trim",
    "ltrim",
    "rtrim",
    "now",
    "fromdateiso8601",
    "strptime",
    "mktime",
    // Of libm.
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "fabs",
    "frexp",
    "ilogb",
    "j0",
    "j1",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "modf",
    "rint",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tgamma",
    "trunc",
    "y0",
    "y1",
    "atan2",
    "copysign",
    "fdim",
    "fmax",
    "fmin",
    "fmod",
    "hypot",
    "jn",
    "ldexp",
    "nextafter",
    "pow",
    "remainder",
    "yn",
    "fma",
];

/// Functions of jaq that a function of the same name here is made of.
const RENAMED: &[(&str, &str)] = &[
    ("gmtime", "_gmtime"),
    ("limit", "_limit"),
    ("reverse", "_reversed"),
    ("skip", "_skip"),
    ("strftime", "_strftime"),
];

/// All functions.
pub(super) fn all() -> impl Iterator<Item = Fun<Kind>> {
    let of_jaq = jaq_core::funs::<Kind>().chain(jaq_std::funs::<Kind>());
    let of_jaq = of_jaq.filter_map(|(name, arguments, function)| {
        let renamed = RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
        let name = renamed.or_else(|| OF_JAQ.contains(&name).then_some(name))?;
        Some((name, arguments, function))
    });
    let run_only =
        run_only().map(|(name, arguments, run)| (name, arguments, Native::<Kind>::new(run)));
    of_jaq.chain(run_only).chain(with_paths())
}

/// The beginning of jaq's error for a term without a path; see [`paths`].
const NO_PATH: &[u8] = b"invalid path expression";

/// The same where an expression has no output.
const NULL_HAS_NO_PATH: &[u8] = b"Invalid path expression with result null";

/// So many paths of an assignment are looked for before the first is followed.
const PATHS_AT_ONCE: usize = 1_000;

type Run = RunPtr<Kind>;

/// Functions of their input.
const UNARY: &[(&str, Run)] = &[
    ("type", |cv| once(Ok(cv.1.kind().into()))),
    ("length", |cv| once(length(cv.1))),
    ("keys", |cv| once(keys(&cv.1))),
    ("tojson", |cv| once(Ok(Value::text(write::json(&cv.1))))),
    ("fromjson", |cv| once(from_json(&cv.1))),
    ("tostring", |cv| once(Ok(jaq_core::ValT::into_string(cv.1)))),
    ("tonumber", |cv| once(to_number(cv.1))),
    ("add", |cv| once(sum(cv.1))),
    ("infinite", |_| once(Ok(f64::INFINITY.into()))),
    ("nan", |_| once(Ok(f64::NAN.into()))),
    ("isnan", |cv| once(float(&cv.1).map(|float| float.is_nan().into()))),
    ("isinfinite", |cv| once(float(&cv.1).map(|float| float.is_infinite().into()))),
    ("isnormal", |cv| once(float(&cv.1).map(|float| float.is_normal().into()))),
    ("_absolute", |cv| once(absolute(cv.1))),
    ("halt", |_| box_once(Err(Exn::halt(0)))),
    (CAUGHT, |cv| once(caught(cv.1))),
    (HOLD, |cv| Box::new(cv.0.data().states.hold(cv.1).map(Ok))),
];

/// Functions of their input and a value.
const BINARY: &[(&str, Run)] = &[
    ("has", |cv| with_argument(cv, |value, key| value.has(&key).map(Value::from))),
    ("contains", |cv| with_argument(cv, |value, part| value.contains(&part).map(Value::from))),
    ("indices", |cv| with_argument(cv, |value, part| value.places_of(&part))),
    ("bsearch", |cv| with_argument(cv, |value, sought| binary_search(&value, &sought))),
    ("join", |cv| with_argument(cv, |value, separator| join(&value, &separator))),
    ("split", |cv| with_argument(cv, |value, separator| split_texts(&value, &separator))),
    ("ltrimstr", |cv| with_argument(cv, |value, part| Ok(trimmed(value, &part, true)))),
    ("rtrimstr", |cv| with_argument(cv, |value, part| Ok(trimmed(value, &part, false)))),
    ("format", |cv| with_argument(cv, |value, name| format(&value, &name))),
    ("delpaths", |cv| with_argument(cv, delete_paths)),
    (TAKE, |mut cv| {
        let state = cv.0.pop_var();
        once(Ok(cv.0.data().states.take(&state)))
    }),
    (KEEP, |mut cv| {
        let state = cv.0.pop_var();
        cv.0.data().states.keep(state, cv.1.clone());
        once(Ok(cv.1))
    }),
    ("halt_error", |mut cv| {
        let _status = cv.0.pop_var();
        cv.0.data().watch.halt(formats::text(&cv.1));
        box_once(Err(Exn::halt(5)))
    }),
];

/// Functions of their input and two values.
const TERNARY: &[(&str, Run)] = &[
    ("setpath", |cv| with_arguments(cv, set_path)),
    ("_matches", |cv| {
        with_arguments(cv, |value, regex, flags| {
            let found = Pattern::of(&regex, &flags)?.matches(text(&value)?);
            Ok(found.into_iter().map(|(_, object)| object).collect())
        })
    }),
    ("test", |cv| {
        with_arguments(cv, |value, regex, flags| {
            Ok(Pattern::of(&regex, &flags)?.is_match(text(&value)?).into())
        })
    }),
    ("_split", |cv| {
        with_arguments(cv, |value, regex, flags| {
            split_by_regex(&value, &Pattern::of(&regex, &flags)?)
        })
    }),
];

fn run_only() -> impl Iterator<Item = native::Filter<Run>> {
    let with_values = [(UNARY, 0), (BINARY, 1), (TERNARY, 2)].into_iter();
    let with_values = with_values.flat_map(|(functions, arity)| {
        functions.iter().map(move |(name, run)| (*name, values(arity), *run))
    });
    let (variable, filter) = (Bind::Var(()), Bind::Fun(()));
    let with_filters: [native::Filter<Run>; 6] = [
        ("range", values(2), range_of_numbers),
        ("range", values(3), range),
        ("path", Box::new([filter.clone()]), path_of),
        (MODIFY, Box::new([filter.clone(), filter.clone()]), modify),
        (ASSIGN, Box::new([filter.clone(), variable.clone()]), assign),
        ("sub", Box::new([variable.clone(), filter, variable]), substitute),
    ];
    with_values.chain(with_filters)
}

/// Functions whose results have a path.
fn with_paths() -> impl Iterator<Item = Fun<Kind>> {
    let filter = || -> Box<[Bind]> { Box::new([Bind::Fun(())]) };
    let empty =
        Native::new(|_| Box::new(std::iter::empty())).with_paths(|_| Box::new(std::iter::empty()));
    let getpath = Native::new(|cv| with_argument(cv, |value, path| get_path(&value, &path)))
        .with_paths(|mut cv| {
            let index = cv.0.pop_var();
            let (value, mut path) = cv.1;
            box_once(get_path(&value, &index).map_err(Exn::from).map(|value| {
                if let Value::Array(indices) = index {
                    for index in indices.iter() {
                        path = std::mem::take(&mut path).cons(index.clone());
                    }
                }
                (value, path)
            }))
        });
    // They fail in a path as elsewhere, so that a `?` there catches them.
    let error = Native::new(|cv| once(Err(Error::new(cv.1))))
        .with_paths(|cv| box_once(Err(Error::new(cv.1.0).into())));
    let error_with = Native::new(|mut cv| once(Err(Error::new(cv.0.pop_var()))))
        .with_paths(|mut cv| box_once(Err(Error::new(cv.0.pop_var()).into())));
    [
        ("empty", values(0), empty),
        ("error", values(0), error),
        ("error", values(1), error_with),
        ("getpath", values(1), getpath),
        ("last", filter(), last()),
        (LAST, filter(), last()),
    ]
    .into_iter()
}

/// `last/1`, with `null` in place of nothing: what a `reduce` goes on with.
fn last() -> Native<Kind> {
    let run = Native::<Kind>::new(|mut cv| {
        let (filter, context) = cv.0.pop_fun();
        box_once(filter.run((context, cv.1)).try_fold(Value::Null, |_, output| output))
    });
    run.with_paths(|mut cv| {
        let (filter, context) = cv.0.pop_fun();
        let last = filter.paths((context, cv.1)).try_fold(None, |_, path| path.map(Some));
        // Without an output it is null, which is at no path.
        let none = || Exn::from(Error::new(Value::text(NULL_HAS_NO_PATH)));
        box_once(last.and_then(|last| last.ok_or_else(none)))
    })
}

fn once<'a>(result: ValR<Value>) -> ValXs<'a, Value> {
    box_once(result.map_err(Exn::from))
}

fn with_argument<'a>(
    mut cv: Cv<'a, Kind>,
    function: fn(Value, Value) -> ValR<Value>,
) -> ValXs<'a, Value> {
    let argument = cv.0.pop_var();
    once(function(cv.1, argument))
}

fn with_arguments<'a>(
    mut cv: Cv<'a, Kind>,
    function: fn(Value, Value, Value) -> ValR<Value>,
) -> ValXs<'a, Value> {
    let second = cv.0.pop_var();
    let first = cv.0.pop_var();
    once(function(cv.1, first, second))
}

fn float(value: &Value) -> ValR<f64, Value> {
    match value {
        Value::Number(number) => Ok(number.to_f64()),
        other => Err(Error::str(format!("{} number required", other.described()))),
    }
}

fn text(value: &Value) -> ValR<&[u8], Value> {
    match value {
        Value::Text(text) => Ok(text),
        other => {
            let other = other.described();
            Err(Error::str(format!("{other} cannot be matched, as it is not a string")))
        }
    }
}

fn length(value: Value) -> ValR<Value> {
    Ok(match value {
        Value::Null => 0_usize.into(),
        Value::Bool(_) => {
            return Err(Error::str(format!("{} has no length", value.described())));
        }
        Value::Number(number) => Value::Number(number.absolute()),
        Value::Text(text) => text.count().into(),
        Value::Array(elements) => elements.len().into(),
        Value::Object(members) => members.len().into(),
    })
}

fn keys(value: &Value) -> ValR<Value> {
    match value {
        Value::Object(members) => {
            let names = members.sorted().into_iter().map(|(name, _)| Value::Text(name.clone()));
            Ok(names.collect())
        }
        Value::Array(elements) => Ok((0..elements.len()).map(Value::from).collect()),
        other => Err(Error::str(format!("{} has no keys", other.described()))),
    }
}

/// JSON in a string, which may come from a server: checked as a response is.
fn from_json(value: &Value) -> ValR<Value> {
    let Value::Text(text) = value else {
        return Err(Error::str(format!("{} cannot be parsed as JSON", value.described())));
    };
    match (json::parse(text), &**text) {
        (Ok(document), _) => Ok(read::value(document.value())),
        (Err(_), b"nan") => Ok(f64::NAN.into()),
        (Err(fault), _) => {
            let text = write::quoted(value, 100);
            Err(Error::str(format!("{fault} (while parsing {text})")))
        }
    }
}

fn to_number(value: Value) -> ValR<Value> {
    let Value::Text(text) = &value else {
        return match value {
            Value::Number(_) => Ok(value),
            other => Err(Error::str(format!("{} cannot be parsed as a number", other.described()))),
        };
    };
    let digits = text.trim_ascii();
    let is_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let number = match json::parse(digits) {
        Ok(_) => Some(Number::of_digits(&String::from_utf8_lossy(digits))),
        // Leading zeros and the like, which JSON does not have.
        Err(_) => std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .map(Number::Float),
    };
    match number {
        _ if digits == b"nan" => Ok(f64::NAN.into()),
        Some(number) if digits.iter().all(is_number) => Ok(Value::Number(number)),
        _ => Err(Error::str(format!("{} cannot be parsed as a number", value.described()))),
    }
}

fn absolute(value: Value) -> ValR<Value> {
    match value {
        Value::Number(number) => Ok(Value::Number(number.absolute())),
        other => float(&other).map(Value::from),
    }
}

fn sum(value: Value) -> ValR<Value> {
    jaq_core::ValT::values(value).try_fold(Value::Null, |sum, value| sum + value?)
}

fn binary_search(value: &Value, sought: &Value) -> ValR<Value> {
    let Value::Array(elements) = value else {
        let value = value.described();
        return Err(Error::str(format!("{value} cannot be searched from")));
    };
    Ok(match elements.binary_search(sought) {
        Ok(place) => place.into(),
        Err(place) => Value::from(-1 - place as isize),
    })
}

fn join(value: &Value, separator: &Value) -> ValR<Value> {
    let mut joined = Value::Null;
    for element in jaq_core::ValT::values(value.clone()) {
        let element = match element? {
            Value::Null => Value::from(""),
            element @ (Value::Bool(_) | Value::Number(_)) => jaq_core::ValT::into_string(element),
            element => element,
        };
        joined = match joined {
            Value::Null => Value::from("") + element,
            joined => (joined + separator.clone())? + element,
        }?;
    }
    Ok(if let Value::Null = joined { Value::from("") } else { joined })
}

fn split_texts(value: &Value, separator: &Value) -> ValR<Value> {
    match (value, separator) {
        (Value::Text(text), Value::Text(separator)) => Ok(split(text, separator)),
        _ => Err(Error::str("split input and separator must be strings")),
    }
}

fn trimmed(value: Value, part: &Value, is_left: bool) -> Value {
    let (Value::Text(text), Value::Text(part)) = (&value, part) else { return value };
    let rest = if is_left { text.strip_prefix(&**part) } else { text.strip_suffix(&**part) };
    rest.map(|rest| Value::Text(rest.into())).unwrap_or(value)
}

fn format(value: &Value, name: &Value) -> ValR<Value> {
    let Value::Text(bytes) = name else {
        return Err(Error::str(format!("{} is not a valid format", name.described())));
    };
    formats::formatted(value, bytes).unwrap_or_else(|| {
        let name = String::from_utf8_lossy(bytes);
        Err(Error::str(format!("{name} is not a valid format")))
    })
}

fn indices(path: &Value) -> ValR<&[Value], Value> {
    match path {
        Value::Array(indices) => Ok(indices),
        _ => Err(Error::str("Path must be specified as an array")),
    }
}

fn get_path(value: &Value, path: &Value) -> ValR<Value> {
    path::get(value, indices(path)?)
}

fn set_path(mut value: Value, path: Value, new: Value) -> ValR<Value> {
    path::set(&mut value, indices(&path)?, new)?;
    Ok(value)
}

fn delete_paths(mut value: Value, paths: Value) -> ValR<Value> {
    let Value::Array(paths) = &paths else {
        return Err(Error::str("Paths must be specified as an array"));
    };
    let paths: Vec<&[Value]> = paths.iter().map(indices).collect::<Result<_, _>>()?;
    path::delete(&mut value, &paths)?;
    Ok(value)
}

fn split_by_regex(value: &Value, pattern: &Pattern) -> ValR<Value> {
    let text = text(value)?;
    let mut parts = Vec::new();
    let mut from = 0;
    for (place, _) in pattern.matches(text) {
        parts.push(Value::Text(text[from..place.start].into()));
        from = place.end;
    }
    parts.push(Value::Text(text[from..].into()));
    Ok(parts.into_iter().collect())
}

/// `range/2`, whose bounds must be numbers: other values may grow for ever and not come to the end.
/// jq lets [`range/3`](range) count in them.
fn range_of_numbers<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let end = cv.0.pop_var();
    let start = cv.0.pop_var();
    match (&start, &end) {
        (Value::Number(_), Value::Number(_)) => {
            counted(start, end, 1_usize.into(), cv.0.data().watch)
        }
        _ => once(Err(Error::str("Range bounds must be numeric"))),
    }
}

/// `range/3`.
fn range<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let step = cv.0.pop_var();
    let end = cv.0.pop_var();
    let start = cv.0.pop_var();
    counted(start, end, step, cv.0.data().watch)
}

/// The values from one to another, which take no step of the program, and may go on for ever.
fn counted(start: Value, end: Value, step: Value, watch: &Watch) -> ValXs<'_, Value> {
    let mut next = Some(start);
    let zero = Value::from(0_usize);
    Box::new(std::iter::from_fn(move || {
        watch.step();
        let value = next.take()?;
        let is_before_end = (step > zero && value < end) || (step < zero && value > end);
        if !is_before_end {
            return None;
        }
        match value.clone() + step.clone() {
            Ok(following) => next = Some(following),
            Err(error) => return Some(Err(Exn::from(error))),
        }
        Some(Ok(value))
    }))
}

/// `paths |= update`: the first output of the update takes the place of what it got; without one
/// that is deleted.
fn modify<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let (update, context) = cv.0.pop_fun();
    let paths = cv.0.pop_fun();
    let mut value = cv.1;
    let mut deleted: Vec<Vec<Value>> = Vec::new();
    let modified = at_each_path(paths, &mut value, |value, path| {
        let mut old = path::get(value, &path)?;
        let is_slice = path.iter().any(|index| matches!(index, Value::Object(_)));
        if !is_slice && !matches!(old, Value::Null) {
            // Nobody else has it then, so that it can be changed in its place.
            old = Value::Null;
            path::update(value, &path, &mut |place| {
                old = std::mem::take(place);
                Ok(())
            })?;
        }
        match update.run((context.clone(), old)).next() {
            Some(new) => path::set(value, &path, new?)?,
            None => deleted.push(path),
        }
        Ok(())
    });
    let deleted: Vec<&[Value]> = deleted.iter().map(Vec::as_slice).collect();
    box_once(modified.and_then(|()| {
        path::delete(&mut value, &deleted)?;
        Ok(value)
    }))
}

/// `paths = new`.
fn assign<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let new = cv.0.pop_var();
    let paths = cv.0.pop_fun();
    let mut value = cv.1;
    let assigned =
        at_each_path(paths, &mut value, |value, path| Ok(path::set(value, &path, new.clone())?));
    box_once(assigned.map(|()| value))
}

/// `path/1`.
fn path_of<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let paths = cv.0.pop_fun();
    Box::new(self::paths(paths, cv.1).map(|path| Ok(path?.into_iter().collect())))
}

/// The paths that a filter leads to in a value.
///
/// A term without a path is an error of the whole filter, as in jq: no [`caught`] inside hides it,
/// and from here on it is an error like any other.
fn paths<'a>(
    (filter, context): (TermId, Ctx<'a, Kind>),
    value: Value,
) -> impl Iterator<Item = Result<Vec<Value>, Exn<'a, Value>>> {
    let found = filter.paths((context, (value, Default::default())));
    found.map(|found| {
        let (_, path) = found.map_err(|exception| match exception.get_err() {
            Ok(error) => Error::new(catchable(error.into_val())).into(),
            Err(exception) => exception,
        })?;
        let mut path: Vec<Value> = path.iter().cloned().collect();
        path.reverse();
        Ok(path)
    })
}

fn catchable(error: Value) -> Value {
    match &error {
        Value::Text(text) if text.starts_with(NO_PATH) => Value::text([b"I", &text[1..]].concat()),
        _ => error,
    }
}

/// What a `try` caught, unless it belongs to the whole filter.
fn caught(error: Value) -> ValR<Value> {
    match &error {
        Value::Text(text) if text.starts_with(NO_PATH) => Err(Error::new(error)),
        _ => Ok(error),
    }
}

/// Makes a change at each path that a filter leads to in the value as it was at first.
fn at_each_path<'a>(
    filter: (TermId, Ctx<'a, Kind>),
    value: &mut Value,
    mut change: impl FnMut(&mut Value, Vec<Value>) -> Result<(), Exn<'a, Value>>,
) -> Result<(), Exn<'a, Value>> {
    let mut found = paths(filter, value.clone());
    let first: Vec<Vec<Value>> = found.by_ref().take(PATHS_AT_ONCE).collect::<Result<_, _>>()?;
    // Unless there are many paths, nobody has the old value any more, and nothing is copied.
    let rest = (first.len() == PATHS_AT_ONCE).then_some(found);
    first.into_iter().try_for_each(|path| change(value, path))?;
    rest.into_iter().flatten().try_for_each(|path| change(value, path?))
}

/// `sub/3`: the replacement sees the named groups of each match; each of its outputs makes a result.
fn substitute<'a>(mut cv: Cv<'a, Kind>) -> ValXs<'a, Value> {
    let flags = cv.0.pop_var();
    let (replacement, context) = cv.0.pop_fun();
    let regex = cv.0.pop_var();
    let substituted = || -> Result<Vec<Vec<u8>>, Exn<'a, Value>> {
        let text = text(&cv.1)?;
        let mut results: Vec<Vec<u8>> = Vec::new();
        let mut from = 0;
        for (place, found) in Pattern::of(&regex, &flags)?.matches(text) {
            let outputs = replacement.run((context.clone(), named_groups(&found)));
            for (number, output) in outputs.enumerate() {
                let output = output?;
                let Value::Text(output) = &output else {
                    let output = output.described();
                    let message = format!("{output} cannot be added to a string");
                    return Err(Error::str(message).into());
                };
                if number == results.len() {
                    results.push(Vec::new());
                }
                results[number].extend_from_slice(&text[from..place.start]);
                results[number].extend_from_slice(output);
            }
            from = place.end;
        }
        if results.is_empty() {
            return Ok(vec![text.to_vec()]);
        }
        for result in &mut results {
            result.extend_from_slice(&text[from..]);
        }
        Ok(results)
    };
    match substituted() {
        Ok(results) => Box::new(results.into_iter().map(|result| Ok(Value::text(result)))),
        Err(error) => box_once(Err(error)),
    }
}

fn named_groups(found: &Value) -> Value {
    let mut groups = super::object::Object::default();
    let captures = found.clone().at(&"captures".into()).unwrap_or_default();
    if let Value::Array(captures) = captures {
        for group in captures.iter() {
            let member = |name: &str| group.clone().at(&name.into()).unwrap_or_default();
            if let Value::Text(name) = member("name") {
                groups.insert(name, member("string"));
            }
        }
    }
    Value::Object(std::sync::Arc::new(groups))
}
