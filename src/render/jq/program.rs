//! Compiles the text of a program, or says what is wrong with it and where.

use std::collections::HashSet;

use jaq_core::compile::{self, Undefined};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser, lex, parse};
use jaq_core::{Compiler, Filter};

use super::functions::{self, Kind};
use super::precedence;
use super::rewrite::Rewriter;
use crate::render::filter::{BadFilter, PIPE};

/// The definitions of jq, written in jq.
const DEFINITIONS: &str = include_str!("definitions.jq");

/// The definition that holds the program.
const PROGRAM: &str = "_program";

/// Names that jq knows and a filter here does not.
const NOT_HERE: &[&str] = &[
    "$ENV",
    "$__prog_args",
    "builtins",
    "env",
    "get_jq_origin",
    "get_prog_origin",
    "get_search_list",
    "input",
    "input_filename",
    "input_line_number",
    "inputs",
    "localtime",
    "modulemeta",
    "strflocaltime",
];

/// Functions of one version of jq or another, with the number of their arguments, that are not
/// defined here.
const OF_JQ_ONLY: &[(&str, usize)] = &[
    ("@urid", 0),
    ("_nwise", 1),
    ("_nwise", 2),
    ("isvalid", 1),
    ("recurse_down", 0),
    ("scalars_or_empty", 0),
    ("skip", 2),
    ("toboolean", 0),
    ("todate", 1),
    ("trimstr", 1),
];

const OUT_OF_REACH: &str = "a filter sees the response and nothing else, no environment, no files, no further input: pipe the response into jq";

/// Compiles the text of a program.
pub(super) fn compile(text: &str) -> Result<Filter<Kind>, BadFilter> {
    let arena = Arena::default();
    let regroups = precedence::may_differ(text);
    let rewriter = Rewriter { text, arena: &arena, regroups };
    let of_definitions = Rewriter { regroups: false, ..rewriter };
    let tokens = Lexer::new(text).lex().map_err(|errors| not_lexed(text, errors))?;
    let program = Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
        let found = |(expected, found)| (expected, lex::Token::opt_as_str(found, text));
        not_parsed(text, errors.into_iter().map(found).collect())
    })?;
    let program = match regroups {
        false => program,
        true => {
            let tokens = precedence::marked(tokens);
            Parser::new(&tokens).parse(|parser| parser.term()).unwrap_or(program)
        }
    };
    let program = parse::Def { name: PROGRAM, args: Vec::new(), body: program };
    let definitions = definitions_for(text).into_iter().flat_map(|definition| {
        jaq_core::load::parse(definition, |parser| parser.defs()).unwrap_or_default()
    });
    let definitions = definitions.map(|definition| of_definitions.definition(definition));
    let definitions = definitions.chain([rewriter.definition(program)]);
    let modules = Loader::new(definitions)
        .load(&arena, File { path: (), code: PROGRAM })
        .map_err(|_| bad(text, "", "no filter"))?;
    Compiler::default()
        .with_funs(functions::all())
        .compile(modules)
        .map_err(|errors| not_compiled(text, errors))
}

/// The definitions that a program needs, as far as the words in it tell: reading all of them would
/// take most of the time that most filters take.
fn definitions_for(text: &str) -> Vec<&'static str> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let starts = DEFINITIONS.match_indices("\ndef ").map(|(start, _)| start + 1);
    let starts: Vec<usize> = starts.chain([DEFINITIONS.len()]).collect();
    let mut words: HashSet<&str> = text.split(|c| !is_word(c)).collect();
    let mut needed = Vec::new();
    // Each definition knows those above it only.
    for bounds in starts.windows(2).rev() {
        let definition = &DEFINITIONS[bounds[0]..bounds[1]];
        let mut of_definition = definition.split(|c| !is_word(c)).filter(|word| !word.is_empty());
        let name = of_definition.by_ref().nth(1);
        if name.is_some_and(|name| words.contains(name)) {
            words.extend(of_definition);
            needed.push(definition);
        }
    }
    needed.reverse();
    needed
}

fn not_lexed(text: &str, errors: Vec<lex::Error<&str>>) -> BadFilter {
    errors.into_iter().next().map_or_else(|| bad(text, "", "no filter"), |error| lexed(text, error))
}

/// The place and the words of what is wrong in the text of a program.
fn not_parsed(text: &str, errors: Vec<parse::Error<&str>>) -> BadFilter {
    errors
        .into_iter()
        .next()
        .map_or_else(|| bad(text, "", "no filter"), |error| parsed(text, error))
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
    let before = text[..place_of(text, found)].trim_end();
    let hint = match found {
        _ if ["import", "include", "module"].iter().any(|word| before.ends_with(word)) => {
            Some(OUT_OF_REACH)
        }
        // jaq reads neither `. as [$a] ?// $a` nor `{$a: [$b]}` nor `.5`.
        "?" if text[place_of(text, found)..].starts_with("?//") => Some(PIPE),
        ":" => Some(PIPE),
        _ if before.ends_with('.') => Some(PIPE),
        _ => None,
    };
    BadFilter { hint, ..bad(text, found, &format!("unexpected `{token}`{due}")) }
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
    let hint = match undefined {
        _ if NOT_HERE.contains(&name) => Some(OUT_OF_REACH),
        Undefined::Filter(arity) if OF_JQ_ONLY.contains(&(name, arity)) => Some(PIPE),
        _ => None,
    };
    BadFilter { hint, ..bad(text, name, &what) }
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

/// The byte offset of a part of a text; the end of the text if it is not a part of it.
pub(super) fn place_of(text: &str, part: &str) -> usize {
    let offset = part.as_ptr().addr().checked_sub(text.as_ptr().addr());
    offset.filter(|offset| *offset <= text.len()).unwrap_or(text.len())
}

/// The mistake at `found`, which is a part of `text`.
fn bad(text: &str, found: &str, what: &str) -> BadFilter {
    let start = place_of(text, found);
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

    #[test]
    fn definitions_compile_alone_and_together() {
        let names = DEFINITIONS.match_indices("\ndef ").map(|(start, _)| {
            let definition = &DEFINITIONS[start + 5..];
            let end = definition.find([':', '(']).expect("a definition");
            let arguments = definition[end..].split_once(':').expect("a definition").0;
            let arity = if arguments.is_empty() { 0 } else { arguments.matches(';').count() + 1 };
            (&definition[..end], arity)
        });
        let calls: Vec<String> = names
            .map(|(name, arity)| match arity {
                0 => name.to_owned(),
                arity => format!("{name}({})", vec!["."; arity].join("; ")),
            })
            .collect();
        assert!(calls.len() > 100);
        for call in &calls {
            let compiled = compile(call).map(|_| ());
            assert_eq!(compiled.map_err(|bad| bad.message), Ok(()), "{call}");
        }
        assert!(compile(&calls.join(", ")).is_ok());
        assert_eq!(definitions_for(".a.b[0]").len(), 0);
        assert_eq!(definitions_for("map(.a)").len(), 1);
    }

    #[test]
    fn functions_of_jq_only_hint_at_jq() {
        let check = |call: &str, expected: Option<&str>| {
            let bad = compile(call).map(|_| ()).expect_err("not defined");
            assert_eq!(bad.hint, expected, "{call}");
        };
        for (name, arity) in OF_JQ_ONLY {
            let arguments = match arity {
                0 => String::new(),
                _ => format!("({})", vec!["."; *arity].join("; ")),
            };
            check(&format!("[{name}{arguments}]"), Some(PIPE));
        }
        check("skip(1)", None);
        check("inputs", Some(OUT_OF_REACH));
    }
}
