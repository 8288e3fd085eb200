//! The key's line in the text of a `.env` file.
//!
//! `dotenvy` parses our line and sees no other. Given a whole file, it would stop at the first broken
//! line of any name, quote that line in its error, let an open quote swallow the rest of the file,
//! and replace `$NAME` from the environment.

use std::io::Cursor;

use super::VARIABLE;
use super::inspect::inspect;
use crate::error::KeyFlaw;
use crate::secret::Secret;

/// A line that assigns a value to our variable.
pub(super) struct Assignment {
    /// The line, from 1.
    pub(super) line: usize,
    /// The value as a key, else the reason why it is not valid.
    pub(super) key: Result<Secret, KeyFlaw>,
}

/// A line, with the lines that its quoted value goes on in.
pub(super) struct Line<'t> {
    /// Its index, from 0.
    pub(super) index: usize,
    /// The name of its variable.
    pub(super) name: &'t str,
    /// The text after the name.
    pub(super) rest: &'t str,
    open_quote: Option<char>,
    /// The number of further lines that its value spans.
    pub(super) lines_more: usize,
}

/// The last assignment of our variable in the text, as in a shell.
pub(super) fn last_assignment(text: &str) -> Option<Assignment> {
    let lines: Vec<&str> = text.lines().collect();
    let ours = logical_lines(&lines).filter(|line| line.name == VARIABLE);
    ours.filter_map(|line| Some(Assignment { line: line.index + 1, key: line.key()? })).last()
}

/// The lines of a text, each with those that its quoted value spans.
pub(super) fn logical_lines<'t>(lines: &[&'t str]) -> impl Iterator<Item = Line<'t>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let index = next;
        let (name, rest) = split_name(lines.get(index)?);
        let open_quote = rest.strip_prefix('=').map(str::trim).and_then(open_quote);
        let lines_more =
            open_quote.and_then(|quote| closing_line(&lines[index + 1..], quote)).unwrap_or(0);
        next += 1 + lines_more;
        Some(Line { index, name, rest, open_quote, lines_more })
    })
}

impl Line<'_> {
    /// The key that the line assigns; `None` if it assigns nothing.
    fn key(&self) -> Option<Result<Secret, KeyFlaw>> {
        let value = self.rest.strip_prefix('=').map(str::trim);
        match (value, self.open_quote, self.lines_more) {
            // `export NAME` and a bare `NAME` (Docker: take it from the environment) assign nothing.
            (None, ..) if self.rest.is_empty() || self.rest.starts_with('#') => None,
            (None, ..) => Some(Err(KeyFlaw::NotAnAssignment)),
            (Some(_), Some(_), 0) => Some(Err(KeyFlaw::OpenQuote)),
            (Some(_), Some(_), _) => Some(Err(KeyFlaw::LineBreak)),
            (Some(value), None, _) => Some(key_of(value)),
        }
    }
}

/// Splits a line into the name of its variable and the rest. A comment has the name `#`.
pub(super) fn split_name(line: &str) -> (&str, &str) {
    let end_of_name = |text: &str| {
        text.find(|character: char| character.is_whitespace() || "=:".contains(character))
            .unwrap_or(text.len())
    };
    let line = line.trim_start();
    if line.starts_with('#') {
        return ("#", "");
    }
    let (name, rest) = line.split_at(end_of_name(line));
    let rest = rest.trim_start();
    if name == "export" && !rest.starts_with('=') {
        let (name, rest) = rest.split_at(end_of_name(rest));
        return (name, rest.trim_start());
    }
    (name, rest)
}

/// The quote that a value opens and does not close.
fn open_quote(value: &str) -> Option<char> {
    let quote = value.chars().next().filter(|first| ['\'', '"'].contains(first))?;
    after_quote(&value[quote.len_utf8()..], quote).is_none().then_some(quote)
}

/// The number of lines after which a quoted value ends: at the next such quote, if nothing follows
/// it. Otherwise that quote opens another value and the earlier one was never closed: a forgotten
/// quote must not hide our line.
fn closing_line(later: &[&str], quote: char) -> Option<usize> {
    let (index, rest) = later
        .iter()
        .enumerate()
        .find_map(|(index, line)| after_quote(line, quote).map(|rest| (index, rest)))?;
    let is_comment = rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#');
    (is_comment || rest.trim().is_empty()).then_some(index + 1)
}

/// The text after the first such quote; in double quotes a backslash escapes.
fn after_quote(text: &str, quote: char) -> Option<&str> {
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        if character == quote && !escaped {
            return Some(&text[index + quote.len_utf8()..]);
        }
        escaped = character == '\\' && !escaped && quote == '"';
    }
    None
}

/// Reads the key from a value on one line.
fn key_of(value: &str) -> Result<Secret, KeyFlaw> {
    let value = without_separator(value);
    // In a shell the line continues; dotenvy drops the backslash silently.
    if value.ends_with('\\') {
        return Err(KeyFlaw::NotAnAssignment);
    }
    // After a space, dotenvy reads `#` as the beginning of a comment, not as a value.
    let line = format!("{VARIABLE}= {}\n", without_substitution(value));
    match dotenvy::from_read_iter(Cursor::new(line)).next() {
        Some(Ok((_, value))) => inspect(&value),
        // The error would quote the line. The flaw of the bare text often says more.
        Some(Err(_)) | None => {
            let bare = value.split(" #").next().unwrap_or(value);
            Err(inspect(bare).err().unwrap_or(KeyFlaw::NotAnAssignment))
        }
    }
}

/// The value without the `;` that ends a command of a shell, and without the command after it.
fn without_separator(value: &str) -> &str {
    let quote = value.chars().next().filter(|first| ['\'', '"'].contains(first));
    let after_quoted = quote.and_then(|quote| after_quote(&value[quote.len_utf8()..], quote));
    let end = match after_quoted {
        Some(rest) => rest.starts_with(';').then_some(value.len() - rest.len()),
        // `$(a; b)` is one reference.
        None if value.starts_with(['$', '`']) => None,
        None => value.split(" #").next().and_then(separator),
    };
    end.map_or(value, |end| &value[..end])
}

/// The position of a `;` before whitespace or the end.
fn separator(value: &str) -> Option<usize> {
    let ends = |at: usize| {
        let rest = &value[at + 1..];
        rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    value.match_indices(';').map(|(at, _)| at).find(|at| ends(*at))
}

/// The value with each `$` escaped that dotenvy would replace by a variable.
fn without_substitution(value: &str) -> String {
    let (mut in_single, mut in_double, mut escaped) = (false, false, false);
    let mut literal = String::with_capacity(value.len());
    for character in value.chars() {
        if character == '$' && !in_single && !escaped {
            literal.push('\\');
        }
        literal.push(character);
        match character {
            _ if escaped => escaped = false,
            '\\' if !in_single => escaped = true,
            '\'' if !in_double => in_single = !in_single,
            '"' if !in_single => in_double = !in_double,
            _ => {}
        }
    }
    literal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::{Error, Source};

    /// `line: key`, `line: Flaw` or nothing.
    fn outcome(text: &str) -> String {
        match last_assignment(text) {
            None => String::new(),
            Some(Assignment { line, key: Ok(key) }) => format!("{line}: {}", key.expose()),
            Some(Assignment { line, key: Err(flaw) }) => format!("{line}: {flaw:?}"),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(outcome(text), expected, "{text}");
    }

    #[test]
    fn reads_usual_forms_of_assignments() {
        check("HEYGEN_API_KEY=abc", "1: abc");
        check("\r\n  export   HEYGEN_API_KEY = abc \r\n", "2: abc");
        check("HEYGEN_API_KEY=\"abc\" # the key", "1: abc");
        check("HEYGEN_API_KEY='abc'\t# it's the key", "1: abc");
        check("HEYGEN_API_KEY=abc#def", "1: abc#def");
        check("HEYGEN_API_KEY=one\nHEYGEN_API_KEY=two\n", "2: two");
        check("HEYGEN_API_KEY=abc\nexport HEYGEN_API_KEY\nHEYGEN_API_KEY\n", "1: abc");
    }

    #[test]
    fn shell_separators_end_the_value() {
        check("export HEYGEN_API_KEY=\"abc\";", "1: abc");
        check("HEYGEN_API_KEY='abc'; export HEYGEN_API_KEY", "1: abc");
        check("HEYGEN_API_KEY=abc; export HEYGEN_API_KEY # a; b", "1: abc");
        check("HEYGEN_API_KEY=abc;", "1: abc");
        check("HEYGEN_API_KEY=abc # one; two", "1: abc");
        check("HEYGEN_API_KEY=;", "1: Empty");
        check("HEYGEN_API_KEY=\"abc;\"", "1: Trailing(';')");
        check("HEYGEN_API_KEY=$(a; b)", "1: Reference");
        check("HEYGEN_API_KEY=ab;c", "1: ab;c");
    }

    #[test]
    fn ignores_other_names() {
        check("", "");
        check("#HEYGEN_API_KEY=abc\n# HEYGEN_API_KEY=abc", "");
        check(
            "MY_HEYGEN_API_KEY=a\nHEYGEN_API_KEY_OLD=b\nHEYGEN_API_KEY-2=c\nheygen_api_key=d",
            "",
        );
    }

    #[test]
    fn dollars_are_literal() {
        check("HEYGEN_API_KEY=ab$PATH$x", "1: ab$PATH$x");
        check("HEYGEN_API_KEY=\"ab$PATH-$\"", "1: ab$PATH-$");
        check("HEYGEN_API_KEY=ab\\$PATH", "1: ab$PATH");
        check("HEYGEN_API_KEY='ab$PATH'", "1: ab$PATH");
        check("HEYGEN_API_KEY=$PATH", "1: Reference");
    }

    #[test]
    fn names_flaws_of_values() {
        check("HEYGEN_API_KEY=", "1: Empty");
        check("HEYGEN_API_KEY=\"\" # it's to come", "1: Empty");
        check("HEYGEN_API_KEY= # it's to come", "1: Empty");
        check("HEYGEN_API_KEY: abc", "1: NotAnAssignment");
        check("HEYGEN_API_KEY abc", "1: NotAnAssignment");
        check("HEYGEN_API_KEY=ab\\c", "1: Stray('\\\\')");
        check("HEYGEN_API_KEY=abc\\", "1: NotAnAssignment");
        check("HEYGEN_API_KEY=Bearer abc # your key", "1: Bearer");
        check("HEYGEN_API_KEY=abc def", "1: Blank");
        check("HEYGEN_API_KEY=abc,", "1: Trailing(',')");
        check("HEYGEN_API_KEY=\"abc\",", "1: Trailing(',')");
        check("HEYGEN_API_KEY==abc", "1: LeadingEquals");
        check("HEYGEN_API_KEY='null'", "1: NoValue(\"null\")");
        check("HEYGEN_API_KEY=ab'c", "1: Quote('\\'')");
        check("HEYGEN_API_KEY=<your key>", "1: Placeholder");
        check("HEYGEN_API_KEY={\"api_key\":\"abc\"}", "1: Stray('{')");
        check("HEYGEN_API_KEY=\"abc\">x", "1: Stray('>')");
        check("HEYGEN_API_KEY=$(op read key)", "1: Reference");
        check("HEYGEN_API_KEY=\"ab\\nc\"", "1: LineBreak");
        check("HEYGEN_API_KEY=ab\u{fffd}c", "1: NotPrintable");
    }

    #[test]
    fn skips_multiline_values_of_others() {
        check("PEM=\"-----\nHEYGEN_API_KEY=inside\n-----\" # end\nHEYGEN_API_KEY=abc", "4: abc");
        check("PEM='\nHEYGEN_API_KEY=inside\n'", "");
        check("JSON=\"{\\\"a\\\":\nHEYGEN_API_KEY=inside\n\\\"}\"\n", "");
        check("PEM=\"a\"\nHEYGEN_API_KEY=abc\nB=\"", "2: abc");
    }

    #[test]
    fn unclosed_quotes_hide_no_key() {
        check("A=\"open\nHEYGEN_API_KEY=abc\n", "2: abc");
        check("A='open\nHEYGEN_API_KEY='abc'\n", "2: abc");
        check("A=\"open\nHEYGEN_API_KEY=\"abc\"\nB=\"b\"", "2: abc");
        check("A=it's\nHEYGEN_API_KEY=abc\nB=that's", "2: abc");
        check("# it's \"\nHEYGEN_API_KEY=abc\n\"", "2: abc");
    }

    #[test]
    fn a_multiline_key_is_a_flaw() {
        check("HEYGEN_API_KEY=\"abc\nB=c\n", "1: OpenQuote");
        check("HEYGEN_API_KEY='abc\n", "1: OpenQuote");
        check("HEYGEN_API_KEY=\"abc\ndef\"\n", "1: LineBreak");
        check("HEYGEN_API_KEY=\"abc\nHEYGEN_API_KEY=\"def\"\n", "2: def");
    }

    /// A secret of another service.
    const FOREIGN: &str = "hunter2-of-another-service";

    fn scrap() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("\n".to_owned()),
            Just("\r\n".to_owned()),
            Just("HEYGEN_API_KEY".to_owned()),
            Just("=".to_owned()),
            Just("\nHEYGEN_API_KEY=".to_owned()),
            Just("\nPASSWORD=".to_owned()),
            Just(FOREIGN.to_owned()),
            Just("export ".to_owned()),
            Just("key".to_owned()),
            "[ \t#'\"\\\\$`{}:]",
            any::<char>().prop_map(String::from),
        ]
    }

    proptest! {
        #[test]
        fn errors_never_quote_the_file(scraps in prop::collection::vec(scrap(), 0..40)) {
            if let Some(Assignment { line, key: Err(flaw) }) = last_assignment(&scraps.concat()) {
                let source = Source::EnvFile { path: ".env".to_owned(), line };
                let error = Error::UnusableKey { source, flaw };
                let said = format!("{error} {error:?} {:?}", crate::app::advice::diagnose(&error).hints);
                prop_assert!(!said.contains(FOREIGN));
            }
        }

        #[test]
        fn other_values_are_never_the_key(value in "[a-z'\"$ #\\\\]{0,20}", quote in "['\"]?") {
            let text = format!("PASSWORD={quote}{FOREIGN}{value}\nHEYGEN_API_KEY=abc\nTOKEN={FOREIGN}\n");
            prop_assert!(!outcome(&text).contains(FOREIGN));
        }

        #[test]
        fn any_key_is_found_unchanged(
            key in "[A-Za-z0-9][A-Za-z0-9_$.=+/:#@!-]{3,50}",
            quote in "['\"]?",
            export in "(export )?",
            equals in " ?= ?",
            comment in "( # it's \"the\" key, \\$5)?",
            before in "(A=\"open\n|B='open\n|# it's\n|C=\"two\nlines\"\n|broken line\n){0,1}",
            end in "\r?\n",
        ) {
            prop_assume!(inspect(&key).is_ok());
            let text = format!("{before}{export}HEYGEN_API_KEY{equals}{quote}{key}{quote}{comment}\nD=e\n");
            let found = last_assignment(&text.replace('\n', &end)).map(|found| found.key);
            prop_assert!(found.is_some_and(|found| found == inspect(&key)), "{}", text);
        }
    }
}
