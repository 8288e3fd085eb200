//! The outline of a value that is too large for an error: its members, and of what is long the beginning
//! and the end.

use std::collections::VecDeque;

use super::{as_text, elements, is_array, is_object, members};

/// The most of each that is shown.
struct Most {
    /// Bytes of a text.
    text: usize,
    /// Elements of an array.
    elements: usize,
    /// Members of an object.
    members: usize,
}

/// Tried in this order.
const STAGES: [Most; 4] = [
    Most { text: 4096, elements: 1000, members: 1000 },
    Most { text: 2048, elements: 100, members: 200 },
    Most { text: 1024, elements: 20, members: 100 },
    Most { text: 256, elements: 4, members: 40 },
];

/// Longer words hold no key, whatever it is escaped with.
const LONGEST_WORD: usize = 64 * 1024;

/// Deeper values are left out: each level is read again for the one above it.
const DEEPEST: usize = 12;

const LEFT_OUT: &[u8] = "\"…\"".as_bytes();

/// JSON of at most `limit` bytes in the place of a checked value, as much of it as there is room for;
/// `None` if even its outline is larger. Nothing is left of a word that would be cut, which may be
/// part of a key.
pub fn outline(value: &[u8], limit: usize) -> Option<Vec<u8>> {
    STAGES.iter().find_map(|most| {
        let mut out = Vec::new();
        most.write(value, 0, &mut out);
        (out.len() <= limit).then_some(out)
    })
}

impl Most {
    fn write(&self, value: &[u8], depth: usize, out: &mut Vec<u8>) {
        match value.first() {
            Some(b'[' | b'{') if depth == DEEPEST => out.extend_from_slice(LEFT_OUT),
            Some(b'[') => self.array(value, depth + 1, out),
            Some(b'{') => self.object(value, depth + 1, out),
            _ if value.len() <= self.text => out.extend_from_slice(value),
            Some(b'"') => {
                let text = as_text(value).unwrap_or_default();
                let start = String::from_utf8_lossy(up_to(text.as_bytes(), self.text)).into_owned();
                write_text(&format!("{start}…"), out);
            }
            _ => out.extend_from_slice(LEFT_OUT),
        }
    }

    fn array(&self, value: &[u8], depth: usize, out: &mut Vec<u8>) {
        debug_assert!(is_array(value));
        let (first, left, last) = ends(elements(value), self.elements);
        out.push(b'[');
        let mut separator = Separator::default();
        for element in first {
            separator.write(out);
            self.write(element, depth, out);
        }
        if left > 0 {
            separator.write(out);
            write_text(&format!("… {left} more …"), out);
        }
        for element in last {
            separator.write(out);
            self.write(element, depth, out);
        }
        out.push(b']');
    }

    fn object(&self, value: &[u8], depth: usize, out: &mut Vec<u8>) {
        debug_assert!(is_object(value));
        let (first, left, last) = ends(members(value), self.members);
        out.push(b'{');
        let mut separator = Separator::default();
        for member in first {
            separator.write(out);
            self.member(member.name, member.value, depth, out);
        }
        if left > 0 {
            separator.write(out);
            write_text("…", out);
            out.extend_from_slice(format!(":\"{left} more\"").as_bytes());
        }
        for member in last {
            separator.write(out);
            self.member(member.name, member.value, depth, out);
        }
        out.push(b'}');
    }

    fn member(&self, name: &[u8], value: &[u8], depth: usize, out: &mut Vec<u8>) {
        let quoted = [b"\"", name, b"\""].concat();
        self.write(&quoted, depth, out);
        out.push(b':');
        self.write(value, depth, out);
    }
}

/// The first three quarters of at most `most` things, the number of those that are left out, and the
/// last ones.
fn ends<T>(mut things: impl Iterator<Item = T>, most: usize) -> (Vec<T>, usize, VecDeque<T>) {
    let at_end = most / 4;
    let first: Vec<T> = things.by_ref().take(most - at_end).collect();
    let (mut left, mut last) = (0, VecDeque::with_capacity(at_end + 1));
    for thing in things {
        last.push_back(thing);
        if last.len() > at_end {
            last.pop_front();
            left += 1;
        }
    }
    (first, left, last)
}

/// The first bytes of a body, and none of a word that the limit cuts: half a key, in hex or base64,
/// would not be known for one.
pub fn up_to(body: &[u8], limit: usize) -> &[u8] {
    let Some((start, _)) = body.split_at_checked(limit).filter(|(_, rest)| !rest.is_empty()) else {
        return body;
    };
    let may_be_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=.~%\\&#;".contains(byte);
    let word = start.iter().rev().take(LONGEST_WORD).take_while(|byte| may_be_of_key(byte)).count();
    &start[..start.len() - word]
}

#[derive(Default)]
struct Separator {
    is_due: bool,
}

impl Separator {
    fn write(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.is_due, true) {
            out.push(b',');
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend(serde_json::to_vec(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use proptest::prelude::*;

    #[test]
    fn no_word_is_cut_by_a_limit() {
        let check = |body: &str, limit: usize, expected: &str| {
            assert_eq!(up_to(body.as_bytes(), limit), expected.as_bytes(), "{body} {limit}");
        };
        check("a key", 5, "a key");
        check("a key", 9, "a key");
        check("a key", 4, "a ");
        check("\"a\":\"736b5f\"", 9, "\"a\":\"");
        check("a\\n73%6b b", 6, "");
        let long = "a".repeat(LONGEST_WORD + 100);
        check(&long, LONGEST_WORD + 10, &long[..10]);
    }

    #[test]
    fn ids_stay_whatever_is_long() {
        let check = |value: &str, limit: usize, shown: &[&str]| {
            let outline = outline(value.as_bytes(), limit).expect("an outline");
            let text = String::from_utf8(outline).expect("UTF-8");
            assert!(parse(text.as_bytes()).is_ok() && text.len() <= limit, "{text}");
            for part in shown {
                assert!(text.contains(part), "{part} in {text}");
            }
        };
        let audio = format!(r#"{{"audio":"{}","id":"a1"}}"#, "QUJD".repeat(50_000));
        check(&audio, 64 * 1024, &[r#""audio":"…""#, r#""id":"a1""#]);
        let words = format!(r#"{{"script":"{}","id":"a1"}}"#, "a word ".repeat(50_000));
        check(&words, 64 * 1024, &[r#""script":"a word a word"#, r#""id":"a1""#]);
        let times: Vec<String> =
            (0..40_000).map(|number| format!(r#"{{"c":"a","start":{number}}}"#)).collect();
        let times = format!(r#"{{"times":[{}],"id":"a1"}}"#, times.join(","));
        check(
            &times,
            64 * 1024,
            &[r#""start":0}"#, "… 39000 more …", r#""start":39999}"#, r#""id":"a1""#],
        );
        let many: Vec<String> = (0..50_000).map(|number| format!(r#""m{number}":1"#)).collect();
        check(&format!("{{{}}}", many.join(",")), 1024, &[r#""m0":1"#, "more", r#""m49999":1"#]);
        let deep = format!(r#"{{"deep":{}{},"id":1}}"#, "[".repeat(400), "]".repeat(400));
        check(&deep, 1024, &[r#"[[["…"]]]"#, r#""id":1"#]);
    }

    proptest! {
        #[test]
        fn outlines_are_json(value in "\\[(\\[\\]|1|\"[a-z]{0,9}\"|\\{\"a\":2\\})(,(3|\"b\")){0,9}\\]") {
            let outline = outline(value.as_bytes(), 64).expect("an outline");
            prop_assert!(parse(&outline).is_ok());
        }
    }
}
