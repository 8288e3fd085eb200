//! Long pieces of a key: what is left of one that was cut before it could be masked, such as by the
//! filter of a user.

use std::ops::Range;

/// A run of this many characters of the key is hidden. The prefix that all keys of HeyGen share is
/// shorter.
const SHORTEST: usize = 12;

/// Half of it: each run has a piece of this length that begins at a multiple of it.
const STEP: usize = SHORTEST / 2;

/// Longer keys, which nobody has, would take too long to look for.
const LONGEST_KEY: usize = 512;

/// Finds a run of the key's characters, in either case, at or after `from`.
pub(super) fn find(key: &str, text: &str, from: usize) -> Option<Range<usize>> {
    let (key, text) = (key.as_bytes(), text.as_bytes());
    if !(SHORTEST..=LONGEST_KEY).contains(&key.len()) {
        return None;
    }
    (from..text.len().saturating_sub(STEP - 1)).step_by(STEP).find_map(|at| {
        let piece = &text[at..at + STEP];
        let places = key.windows(STEP).enumerate();
        let mut places = places.filter(|(_, own)| own.eq_ignore_ascii_case(piece));
        places.find_map(|(place, _)| run_around(key, place, text, at, from))
    })
}

/// The whole run around a piece that the key and the text share, if it is long enough.
fn run_around(
    key: &[u8],
    place: usize,
    text: &[u8],
    at: usize,
    from: usize,
) -> Option<Range<usize>> {
    let agree = |(own, found): &(&u8, &u8)| own.eq_ignore_ascii_case(found);
    let before = key[..place].iter().rev().zip(text[from..at].iter().rev());
    let after = key[place..].iter().zip(&text[at..]);
    let run = at - before.take_while(agree).count()..at + after.take_while(agree).count();
    (run.len() >= SHORTEST && is_random(&text[run.clone()])).then_some(run)
}

/// A word such as `HEYGEN_API_KEY`, which a value can begin with by mistake, is no secret.
fn is_random(run: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
    has(u8::is_ascii_digit) || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "sk_V2_hgu_kXy0QzLmZp2Vt9RkZVMn";

    #[test]
    fn long_pieces_are_found() {
        let check = |text: &str, found: Option<&str>| {
            assert_eq!(find(KEY, text, 0).map(|range| &text[range]), found, "{text}");
        };
        check("sk_V2_hgu_", None);
        check("sk_V2_hgu_kX", Some("sk_V2_hgu_kX"));
        check("sk_V2_hgu_Zp2Vt9RkZV", None);
        check("cannot parse `y0QzLmZp2Vt9`", Some("y0QzLmZp2Vt9"));
        check("y0QzLmZp2Vt", None);
        check("Y0QZLMZP2VT9RK", Some("Y0QZLMZP2VT9RK"));
        check("…ZVMn", None);
        assert_eq!(find("HEYGEN_API_KEY=0123", "HEYGEN_API_KEY is", 0), None);
        check("", None);
    }

    proptest! {
        #[test]
        fn any_long_piece_is_found(before in "\\PC{0,20}", start in 0_usize..18, after in "\\PC{0,20}") {
            let piece = &KEY[start..start + SHORTEST];
            let text = format!("{before}{piece}{after}");
            let found = find(KEY, &text, 0).expect("a run");
            prop_assert!(found.start <= before.len() && found.end >= before.len() + SHORTEST);
        }
    }
}
