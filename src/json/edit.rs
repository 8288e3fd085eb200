//! JSON of which some parts are replaced: the others keep the bytes they came with.
//!
//! A text is opened only along the way to what is replaced. What is not opened is written again as
//! it was: numbers with their digits, escapes, white space, members of the same name.

use std::borrow::Cow;

use super::{Member, between_quotes, elements, is_array, is_null, is_object, members};

/// A value: a text, or the members or elements of one that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'t> {
    /// A checked text.
    Raw(Cow<'t, [u8]>),
    /// An object that was opened or made.
    Object(Vec<(Name<'t>, Node<'t>)>),
    /// An array that was opened or made.
    List(Vec<Node<'t>>),
}

/// The name of a member as it stands between the quotes, escapes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'t>(Cow<'t, [u8]>);

impl<'t> Node<'t> {
    /// A checked value as it came.
    pub fn raw(text: &'t [u8]) -> Node<'t> {
        Node::Raw(Cow::Borrowed(text))
    }

    pub fn string(text: &str) -> Node<'t> {
        Node::Raw(Cow::Owned(literal(text)))
    }

    /// `null`.
    pub fn null() -> Node<'t> {
        Node::raw(b"null")
    }

    /// Returns true if the value is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Node::Raw(text) if is_null(text))
    }

    /// The members of an object; `None` if the value is not one.
    pub fn into_members(self) -> Option<Vec<(Name<'t>, Node<'t>)>> {
        match self {
            Node::Object(members) => Some(members),
            Node::Raw(Cow::Borrowed(text)) if is_object(text) => Some(
                members(text)
                    .map(|member| (Name(Cow::Borrowed(member.name)), Node::raw(member.value)))
                    .collect(),
            ),
            Node::Raw(_) | Node::List(_) => None,
        }
    }

    /// The elements of an array; `None` if the value is not one.
    pub fn into_elements(self) -> Option<Vec<Node<'t>>> {
        match self {
            Node::List(list) => Some(list),
            Node::Raw(Cow::Borrowed(text)) if is_array(text) => {
                Some(elements(text).map(Node::raw).collect())
            }
            Node::Raw(_) | Node::Object(_) => None,
        }
    }

    /// Writes the value, with nothing between the parts of what was opened.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Node::Raw(text) => out.extend_from_slice(text),
            Node::Object(members) => {
                out.push(b'{');
                for (index, (Name(name), value)) in members.iter().enumerate() {
                    out.extend_from_slice(if index > 0 { b",\"" } else { b"\"" });
                    out.extend_from_slice(name);
                    out.extend_from_slice(b"\":");
                    value.write(out);
                }
                out.push(b'}');
            }
            Node::List(list) => {
                out.push(b'[');
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    value.write(out);
                }
                out.push(b']');
            }
        }
    }
}

impl<'t> Name<'t> {
    /// A name to write.
    pub fn new(name: &str) -> Name<'t> {
        let literal = literal(name);
        let inside = between_quotes(&literal).unwrap_or_default();
        Name(Cow::Owned(inside.to_vec()))
    }

    /// Compares the unescaped name.
    pub fn is(&self, name: &str) -> bool {
        Member { name: &self.0, value: &[] }.is_named(name)
    }
}

/// A text in quotes, with as few escapes as JSON needs.
fn literal(text: &str) -> Vec<u8> {
    // Writing a text into memory does not fail.
    serde_json::to_vec(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(node: &Node<'_>) -> String {
        let mut out = Vec::new();
        node.write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn opened_parts_keep_their_bytes() {
        let text = br#"{ "a" : [ 1e5 , {"b" :"\/"} ], "\u0061":1.10, "a": -0 }"#;
        let object = Node::raw(text).into_members().map(Node::Object).expect("an object");
        assert_eq!(written(&object), r#"{"a":[ 1e5 , {"b" :"\/"} ],"\u0061":1.10,"a":-0}"#);
        let list = Node::raw(b"[ 1e5 , {} ]").into_elements().map(Node::List).expect("an array");
        assert_eq!(written(&list), "[1e5,{}]");
        assert_eq!(Node::raw(b"1").into_members(), None);
        assert_eq!(Node::raw(b"{}").into_elements(), None);
    }

    #[test]
    fn names_match_however_escaped() {
        let members = Node::raw(br#"{"\u0061":1}"#).into_members().expect("an object");
        assert!(members[0].0.is("a"));
        assert!(Name::new("a\"é").is("a\"é"));
    }
}
