//! Long pieces of a key: what is left of one that was cut before it could be masked, such as by the
//! filter of a user.

use std::ops::Range;

/// A run of this many characters of the key is hidden. The prefix that all keys of HeyGen share is
/// shorter.
const SHORTEST: usize = 12;

/// Half of it: each run has a piece of this length that begins at a multiple of it.
const STEP: usize = SHORTEST / 2;

/// The most places of one piece that are tried: a key that repeats itself would take too long.
const MOST_PLACES: usize = 16;

/// The pieces of a key in lower case, in order, each with its place.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Fragments(Vec<([u8; STEP], usize)>);

impl Fragments {
    pub(super) fn new(key: &str) -> Fragments {
        let windows = if key.len() < SHORTEST { &[] } else { key.as_bytes() }.windows(STEP);
        let pieces = windows.enumerate().filter_map(|(place, own)| Some((lower(own)?, place)));
        let mut pieces: Vec<_> = pieces.collect();
        pieces.sort_unstable();
        Fragments(pieces)
    }

    /// Finds a run of the key's characters, in either case, at or after `from`.
    pub(super) fn find(&self, key: &str, text: &str, from: usize) -> Option<Range<usize>> {
        let (key, text) = (key.as_bytes(), text.as_bytes());
        if self.0.is_empty() {
            return None;
        }
        (from..text.len().saturating_sub(STEP - 1)).step_by(STEP).find_map(|at| {
            let piece = lower(&text[at..at + STEP])?;
            let first = self.0.partition_point(|(own, _)| *own < piece);
            let places = self.0[first..].iter().take(MOST_PLACES);
            let mut places = places.take_while(|(own, _)| *own == piece);
            places.find_map(|(_, place)| run_around(key, *place, text, at, from))
        })
    }
}

fn lower(piece: &[u8]) -> Option<[u8; STEP]> {
    let mut piece: [u8; STEP] = piece.try_into().ok()?;
    piece.make_ascii_lowercase();
    Some(piece)
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
pub(super) fn is_random(run: &[u8]) -> bool {
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
        let check = |text: &str, expected: Option<&str>| {
            let found = Fragments::new(KEY).find(KEY, text, 0);
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        };
        check("sk_V2_hgu_", None);
        check("sk_V2_hgu_kX", Some("sk_V2_hgu_kX"));
        check("sk_V2_hgu_Zp2Vt9RkZV", None);
        check("cannot parse `y0QzLmZp2Vt9`", Some("y0QzLmZp2Vt9"));
        check("y0QzLmZp2Vt", None);
        check("Y0QZLMZP2VT9RK", Some("Y0QZLMZP2VT9RK"));
        check("…ZVMn", None);
        let named = "HEYGEN_API_KEY=0123";
        assert_eq!(Fragments::new(named).find(named, "HEYGEN_API_KEY is", 0), None);
        check("", None);
    }

    #[test]
    fn pieces_of_long_tokens_are_found() {
        let token: String = (0..1_000).map(|number: u32| format!("{number:x}.")).collect();
        for piece in [&token[..token.len() - 1], &token[1_000..1_100]] {
            let found = Fragments::new(&token).find(&token, piece, 0);
            assert_eq!(found, Some(0..piece.len()));
        }
    }

    proptest! {
        #[test]
        fn any_long_piece_is_found(before in "\\PC{0,20}", start in 0_usize..18, after in "\\PC{0,20}") {
            let piece = &KEY[start..start + SHORTEST];
            let text = format!("{before}{piece}{after}");
            let found = Fragments::new(KEY).find(KEY, &text, 0).expect("a run");
            prop_assert!(found.start <= before.len() && found.end >= before.len() + SHORTEST);
        }
    }
}
