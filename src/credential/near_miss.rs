//! Near misses: lines and variables that were probably meant to be the key.
//!
//! A near miss is reported with its line and the reason, never with text of the file. The only names
//! reported are those of a list here, and those that differ from [`VARIABLE`] in at most two letters.

use super::VARIABLE;
use super::env_file::{logical_lines, split_name};
use crate::error::NearMiss;

/// The name of the variable as [`plain`] writes it.
const NAME: &str = "HEYGENAPIKEY";

/// Other names for the same thing, as [`plain`] writes them.
const NAMES: [&str; 9] = [
    "HEYGENACCESSTOKEN",
    "HEYGENAPI",
    "HEYGENAPISECRET",
    "HEYGENAPITOKEN",
    "HEYGENAUTHTOKEN",
    "HEYGENKEY",
    "HEYGENSECRET",
    "HEYGENSECRETKEY",
    "HEYGENTOKEN",
];

/// Prefixes of variables that web frameworks build into pages.
const PUBLIC_PREFIXES: [&str; 9] = [
    "EXPOPUBLIC",
    "GATSBY",
    "NEXTPUBLIC",
    "NGAPP",
    "NUXTPUBLIC",
    "PUBLIC",
    "REACTAPP",
    "VITE",
    "VUEAPP",
];

/// The most letters in which a near name differs.
const TYPOS: usize = 2;

/// The most near misses to report of one place.
pub(super) const MOST: usize = 3;

/// Classifies a name that was probably meant to be [`VARIABLE`]; `None` for that and all others.
pub(super) fn near_name(name: &str) -> Option<NearMiss> {
    let plain = plain(name);
    let is_near = |plain: &str| {
        NAMES.contains(&plain) || strsim::osa_distance(plain, NAME) <= TYPOS && plain.len() > 8
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name == VARIABLE || !name.chars().all(is_name) {
        return None;
    }
    if is_near(&plain) {
        return Some(NearMiss::Name);
    }
    let public = PUBLIC_PREFIXES.iter().find_map(|prefix| plain.strip_prefix(prefix));
    public.is_some_and(is_near).then_some(NearMiss::PublicName)
}

/// The letters of a name in upper case: `next-public_heygenApiKey` is `NEXTPUBLICHEYGENAPIKEY`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !"_-.".contains(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

/// Finds the near misses in the text of a `.env` file without an assignment, each with its
/// description.
pub(super) fn near_misses(text: &str) -> Vec<(NearMiss, String)> {
    if let Some(line) = other_encoding(text) {
        return vec![(NearMiss::OtherEncoding, format!("line {line} is in another encoding"))];
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut misses = Vec::new();
    for line in logical_lines(&lines) {
        let (first, inside) = (line.index, line.index + 1..=line.index + line.lines_more);
        misses.extend(near_miss(lines[first], first + 1));
        let hidden = inside.into_iter().find(|index| is_ours(lines[*index]));
        misses.extend(hidden.map(|index| {
            let (line, opening) = (index + 1, first + 1);
            let told = format!("line {line} is inside the quotes that line {opening} opens");
            (NearMiss::InsideQuotes, told)
        }));
    }
    misses.truncate(MOST);
    misses
}

fn near_miss(line: &str, number: usize) -> Option<(NearMiss, String)> {
    let (name, rest) = split_name(line);
    if let Some(miss) = near_name(name).filter(|_| has_value(rest)) {
        return Some((miss, format!("line {number} sets {name}")));
    }
    if name.starts_with(VARIABLE) && name != VARIABLE && has_value(rest) {
        return Some((NearMiss::Name, format!("line {number} sets a longer name")));
    }
    let uncommented = line.trim_start_matches(|c: char| c.is_whitespace() || "#;/*".contains(c));
    if uncommented.len() < line.trim_start().len() {
        let told = || (NearMiss::CommentedOut, format!("line {number} is commented out"));
        return is_ours(uncommented).then(told);
    }
    let is_in_the_middle = line.match_indices(VARIABLE).any(|(at, _)| {
        let after = line[at + VARIABLE.len()..].trim_start_matches(['"', '\'']).trim_start();
        at > 0 && has_value(after)
    });
    is_in_the_middle.then(|| (NearMiss::TextBefore, format!("line {number} has text before it")))
}

/// Returns whether a line assigns a value to our variable.
fn is_ours(line: &str) -> bool {
    let (name, rest) = split_name(line);
    name == VARIABLE && has_value(rest)
}

fn has_value(rest: &str) -> bool {
    rest.strip_prefix(['=', ':']).is_some_and(|value| !value.trim().is_empty())
}

/// Finds the line with our variable in another encoding than the rest of the file: UTF-16 after
/// UTF-8, or the other way round.
fn other_encoding(text: &str) -> Option<usize> {
    let line_of = |before: &str| before.matches('\n').count() + 1;
    let with_zeros = VARIABLE.split("").filter(|c| !c.is_empty()).collect::<Vec<_>>().join("\0");
    if let Some(at) = text.find(&with_zeros) {
        return Some(line_of(&text[..at]));
    }
    // Only UTF-8 read as UTF-16 becomes other characters, none of them ASCII.
    if text.is_ascii() {
        return None;
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    [u16::to_le_bytes, u16::to_be_bytes].into_iter().find_map(|bytes| {
        let bytes: Vec<u8> = units.iter().copied().flat_map(bytes).collect();
        let mut windows = bytes.windows(VARIABLE.len());
        let at = windows.position(|window| window == VARIABLE.as_bytes())?;
        Some(units[..at / 2].iter().filter(|unit| **unit == u16::from(b'\n')).count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn near_names_are_known() {
        let check = |name: &str, expected: Option<NearMiss>| {
            assert_eq!(near_name(name), expected, "{name}");
        };
        for name in [
            "HEYGEN_APIKEY",
            "HEYGEN_KEY",
            "HEYGEN_TOKEN",
            "HEYGEN_API_TOKEN",
            "heygen_api_key",
            "heygenApiKey",
            "HEY_GEN_API_KEY",
            "HEYGEN-API-KEY",
            "HEYGEN_API_KYE",
            "HEGYEN_API_KEY",
            "HEYGEN_API_KEY_2",
            "MY_HEYGEN_API_KEY",
        ] {
            check(name, Some(NearMiss::Name));
        }
        for name in ["NEXT_PUBLIC_HEYGEN_API_KEY", "VITE_HEYGEN_API_KEY", "REACT_APP_HEYGEN_TOKEN"]
        {
            check(name, Some(NearMiss::PublicName));
        }
        for name in ["HEYGEN_API_KEY", "HEYGEN_API_BASE", "OPENAI_API_KEY", "API_KEY", "HEYGEN", ""]
        {
            check(name, None);
        }
    }

    #[test]
    fn near_misses_are_told_with_their_lines() {
        let check = |text: &str, expected: &[&str]| {
            let told: Vec<String> = near_misses(text).into_iter().map(|(_, told)| told).collect();
            assert_eq!(told, expected, "{text}");
        };
        check("", &[]);
        check("A=b\n# HEYGEN_API_KEY=abc", &["line 2 is commented out"]);
        check("#export HEYGEN_API_KEY=abc", &["line 1 is commented out"]);
        check("// HEYGEN_API_KEY=abc", &["line 1 is commented out"]);
        check("# HEYGEN_API_KEY=\n# put HEYGEN_API_KEY here", &[]);
        check("A=sk-abcHEYGEN_API_KEY=abc", &["line 1 has text before it"]);
        check("sk-abcHEYGEN_API_KEY=abc", &["line 1 has text before it"]);
        check("export A=b; export HEYGEN_API_KEY=abc", &["line 1 has text before it"]);
        check("set HEYGEN_API_KEY=abc", &["line 1 has text before it"]);
        check("$env:HEYGEN_API_KEY = \"abc\"", &["line 1 has text before it"]);
        check("{\n  \"HEYGEN_API_KEY\": \"abc\",\n}", &["line 2 has text before it"]);
        check("A=$HEYGEN_API_KEY\nB=${HEYGEN_API_KEY}", &[]);
        check("HEYGEN_APIKEY=abc\nHEYGEN_TOKEN=", &["line 1 sets HEYGEN_APIKEY"]);
        check("HEYGEN_API_KEY_OLD=abc", &["line 1 sets a longer name"]);
        check(
            "VITE_HEYGEN_API_KEY=a\nHEYGEN_KEY=b\nheygen_token=c\n#HEYGEN_API_KEY=d",
            &[
                "line 1 sets VITE_HEYGEN_API_KEY",
                "line 2 sets HEYGEN_KEY",
                "line 3 sets heygen_token",
            ],
        );
        check("A='\nHEYGEN_API_KEY=abc\n'\n", &["line 2 is inside the quotes that line 1 opens"]);
    }

    #[test]
    fn other_encodings_are_found() {
        let check = |bytes: &[u8], expected: Option<usize>| {
            let text = crate::credential::file::text_of(bytes).expect("a text");
            assert_eq!(other_encoding(&text), expected, "{text}");
        };
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let line = "HEYGEN_API_KEY=abc\r\n";
        check(&[b"A=b\r\n".as_slice(), &utf16(line)].concat(), Some(2));
        check(&[utf16("\u{feff}A=b\r\n").as_slice(), line.as_bytes()].concat(), Some(2));
        check(&[utf16("\u{feff}A=b\r\n").as_slice(), b"x", line.as_bytes()].concat(), Some(2));
        check(&utf16(&format!("\u{feff}{line}")), None);
        check("é=HEYGEN_API_KEY".as_bytes(), None);
    }

    proptest! {
        #[test]
        fn no_text_of_a_file_is_told(
            values in prop::collection::vec("[a-z0-9]{6,12}", 1..4),
            glue in prop::collection::vec("[=:#'\"; \n]|HEYGEN_API_KEY|HEYGEN_APIKEY=|export ", 0..12),
        ) {
            let mut text = String::new();
            for (index, piece) in glue.iter().enumerate() {
                text.push_str(piece);
                text.push_str(&values[index % values.len()]);
            }
            for (_, told) in near_misses(&text) {
                for value in &values {
                    prop_assert!(!told.contains(value.as_str()), "{}", told);
                }
            }
        }
    }
}
