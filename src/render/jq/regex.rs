//! Regular expressions: `match`, `test`, `sub` and their like.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jaq_core::ValR;
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::text::places;
use super::value::{Error, Value};

/// Compiled expressions are kept up to this number.
const KEPT: usize = 64;

/// A regular expression, and how often it is applied.
#[derive(Clone)]
pub(super) struct Pattern {
    regex: Rc<Regex>,
    is_global: bool,
    skips_empty: bool,
}

thread_local! {
    static COMPILED: RefCell<HashMap<(String, String), Pattern>> = RefCell::default();
}

impl Pattern {
    /// Compiles an expression, once for all values that it is applied to.
    pub(super) fn of(expression: &Value, flags: &Value) -> ValR<Pattern, Value> {
        let Value::Text(text) = expression else {
            let expression = expression.described();
            let message = format!("{expression} cannot be matched, as it is not a string");
            return Err(Error::str(message));
        };
        let flags = match flags {
            Value::Null => String::new(),
            Value::Text(flags) => String::from_utf8_lossy(flags).into_owned(),
            other => return Err(Error::str(format!("{} is not a string", other.described()))),
        };
        let key = (String::from_utf8_lossy(text).into_owned(), flags);
        if let Some(known) = COMPILED.with_borrow(|compiled| compiled.get(&key).cloned()) {
            return Ok(known);
        }
        let pattern = Pattern::compile(&key.0, &key.1)?;
        COMPILED.with_borrow_mut(|compiled| {
            if compiled.len() >= KEPT {
                compiled.clear();
            }
            compiled.insert(key, pattern.clone());
        });
        Ok(pattern)
    }

    fn compile(expression: &str, flags: &str) -> ValR<Pattern, Value> {
        let mut builder = RegexBuilder::new(expression);
        let (mut is_global, mut skips_empty) = (false, false);
        for flag in flags.chars() {
            match flag {
                'g' => is_global = true,
                'n' => skips_empty = true,
                'i' => _ = builder.case_insensitive(true),
                'x' => _ = builder.ignore_whitespace(true),
                'm' | 'p' => _ = builder.dot_matches_new_line(true),
                // `^` and `$` stand for the ends of the text anyway.
                's' => {}
                _ => return Err(Error::str(format!("{flags} is not a valid modifier string"))),
            }
        }
        let regex = builder.build().map_err(|error| {
            // The crate shows the place on lines of its own; the last says what is wrong.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Error::str(format!("{expression} is not a valid regex here: {reason}"))
        })?;
        Ok(Pattern { regex: Rc::new(regex), is_global, skips_empty })
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        match self.skips_empty {
            true => self.captures(text).next().is_some(),
            false => self.regex.is_match(text),
        }
    }

    /// The matches in a text, each with its groups.
    fn captures<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = Captures<'t>> + use<'t> {
        let Pattern { regex, is_global, skips_empty } = self.clone();
        let mut from = Some(0);
        std::iter::from_fn(move || {
            loop {
                let found = regex.captures_at(text, from.filter(|from| *from <= text.len())?)?;
                let whole = found.get(0)?;
                let next = match whole.is_empty() {
                    // The next character, so that the search comes to an end.
                    true => {
                        whole.end()
                            + places(&text[whole.end()..])
                                .nth(1)
                                .unwrap_or_else(|| text.len().saturating_sub(whole.end()).max(1))
                    }
                    false => whole.end(),
                };
                let is_skipped = skips_empty && whole.is_empty();
                from = (is_global || is_skipped).then_some(next);
                if !is_skipped {
                    return Some(found);
                }
            }
        })
    }

    /// The matches in a text as jq's `match` shows them, and where each lies.
    pub(super) fn matches(&self, text: &[u8]) -> Vec<(std::ops::Range<usize>, Value)> {
        let mut characters = Characters { text, byte: 0, character: 0 };
        let found = self.captures(text).filter_map(|captures| {
            let whole = captures.get(0)?.range();
            let offset = characters.before(whole.start);
            let place = |range: std::ops::Range<usize>| {
                offset + places(&text[whole.start..range.start]).count()
            };
            let names = self.regex.capture_names().skip(1);
            let groups = captures.iter().skip(1).zip(names).map(|(group, name)| {
                let found = group.map(|group| (place(group.range()), group.as_bytes()));
                match_object(found, Some(name))
            });
            let groups = Value::from_iter(groups);
            let mut object = match_object(Some((offset, &text[whole.clone()])), None);
            if let Value::Object(members) = &mut object {
                std::sync::Arc::make_mut(members).insert(b"captures".as_slice().into(), groups);
            }
            Some((whole, object))
        });
        found.collect()
    }
}

/// One match, or one of its groups, which may have matched nothing.
fn match_object(found: Option<(usize, &[u8])>, name: Option<Option<&str>>) -> Value {
    let mut members = super::object::Object::default();
    let mut set = |name: &str, value: Value| members.insert(name.as_bytes().into(), value);
    let (offset, string) = match found {
        Some((offset, bytes)) => (offset.into(), Value::Text(bytes.into())),
        None => (Value::from(-1_isize), Value::Null),
    };
    set("offset", offset);
    set("length", found.map_or(0, |(_, bytes)| places(bytes).count()).into());
    set("string", string);
    if let Some(name) = name {
        set("name", name.map_or(Value::Null, Value::from));
    }
    Value::Object(std::sync::Arc::new(members))
}

/// Turns numbers of bytes into numbers of characters, from the front.
struct Characters<'t> {
    text: &'t [u8],
    byte: usize,
    character: usize,
}

impl Characters<'_> {
    /// The number of characters before a place behind the last one that was asked for.
    fn before(&mut self, byte: usize) -> usize {
        self.character += places(&self.text[self.byte..byte]).count();
        self.byte = byte;
        self.character
    }
}
