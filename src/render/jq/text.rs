//! Strings of a filter: bytes that should be UTF-8, shared between values.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Strings up to this length need one allocation instead of three.
const SHORT: usize = 22;

/// A string. Half a surrogate pair, which UTF-8 cannot hold, is the three bytes that it would have
/// there.
#[derive(Debug, Clone)]
pub(super) struct Text(Arc<Content>);

#[derive(Debug, Clone)]
enum Content {
    Short(u8, [u8; SHORT]),
    #[expect(clippy::box_collection, reason = "short texts stay short")]
    Long(Box<Vec<u8>>),
}

impl Text {
    /// Appends bytes, in place if nobody else has this string. `None` if memory lacks.
    pub(super) fn append(mut self, more: &[u8]) -> Option<Text> {
        if let Some(Content::Long(bytes)) = Arc::get_mut(&mut self.0) {
            bytes.try_reserve(more.len()).ok()?;
            bytes.extend_from_slice(more);
            return Some(self);
        }
        let mut bytes = Vec::new();
        bytes.try_reserve(self.len() + more.len()).ok()?;
        bytes.extend_from_slice(&self);
        bytes.extend_from_slice(more);
        Some(bytes.into())
    }

    /// The string `times` times; `None` if memory lacks.
    pub(super) fn repeated(&self, times: usize) -> Option<Text> {
        let length = self.len().checked_mul(times)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).ok()?;
        bytes.extend_from_slice(self.get(..length).unwrap_or(self));
        while bytes.len() < length {
            let missing = length - bytes.len();
            bytes.extend_from_within(..missing.min(bytes.len()));
        }
        Some(bytes.into())
    }

    /// The number of characters; a byte that is not UTF-8 counts as one.
    pub(super) fn count(&self) -> usize {
        if self.is_ascii() { self.len() } else { places(self).count() }
    }

    /// The characters from one number to another.
    pub(super) fn slice(&self, from: usize, to: usize) -> Text {
        if self.is_ascii() {
            return self.get(from..to).unwrap_or_default().into();
        }
        let mut places = places(self).chain([self.len()]);
        let start = places.nth(from).unwrap_or(self.len());
        let length = to.saturating_sub(from);
        let end = match length {
            0 => start,
            _ => places.nth(length - 1).unwrap_or(self.len()),
        };
        self[start..end].into()
    }
}

/// The places where the characters of a string begin.
pub(super) fn places(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut at = 0;
    bytes.utf8_chunks().flat_map(move |chunk| {
        let start = at;
        at += chunk.valid().len() + chunk.invalid().len();
        let valid = chunk.valid().char_indices().map(move |(index, _)| start + index);
        let invalid = start + chunk.valid().len()..at;
        valid.chain(invalid)
    })
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        let mut short = [0; SHORT];
        match short.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                Text(Arc::new(Content::Short(bytes.len() as u8, short)))
            }
            None => Text(Arc::new(Content::Long(Box::new(bytes.to_vec())))),
        }
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        if bytes.len() <= SHORT {
            return bytes.as_slice().into();
        }
        Text(Arc::new(Content::Long(Box::new(bytes))))
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Content::Short(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Content::Long(bytes) => bytes,
        }
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_cut() {
        let check = |text: &[u8], from: usize, to: usize, expected: &[u8]| {
            assert_eq!(&*Text::from(text).slice(from, to), expected, "{text:?} {from} {to}");
        };
        check(b"abc", 1, 2, b"b");
        check("aéb".as_bytes(), 1, 2, "é".as_bytes());
        check("aéb".as_bytes(), 2, 3, b"b");
        check("aéb".as_bytes(), 0, 3, "aéb".as_bytes());
        check("aéb".as_bytes(), 2, 2, b"");
        check("aéb".as_bytes(), 3, 9, b"");
        check(b"a\xff\xfeb", 1, 3, b"\xff\xfe");
        assert_eq!(Text::from("漢字😀é".as_bytes()).count(), 4);
        assert_eq!(Text::from(b"a\xffb".as_slice()).count(), 3);
    }

    #[test]
    fn long_and_short_texts_are_the_same() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 100] {
            let bytes = vec![b'x'; length];
            let text = Text::from(bytes.as_slice());
            assert_eq!(text, Text::from(bytes.clone()));
            let longer = text.append(b"yz").expect("memory");
            assert_eq!(&*longer, [bytes.as_slice(), b"yz"].concat());
        }
    }
}
