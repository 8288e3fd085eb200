//! Objects of a filter: members in the order in which they came.

use std::collections::HashMap;

use super::text::Text;
use super::value::Value;

/// Objects with more members than this find them by their hash.
const FEW: usize = 16;

/// Names and values. Small objects, which lists are made of, are nothing but a list of members.
#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    members: Vec<(Text, Value)>,
    /// The place of each name, if there are more than a few. The hash is one that a server cannot
    /// foresee.
    #[expect(clippy::box_collection, reason = "small objects stay small")]
    places: Option<Box<HashMap<Text, usize>>>,
}

impl Object {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn members(&self) -> &[(Text, Value)] {
        &self.members
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&Value> {
        self.members.get(self.place(name)?).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &[u8]) -> Option<&mut Value> {
        let place = self.place(name)?;
        self.members.get_mut(place).map(|(_, value)| value)
    }

    /// Sets a member: at its old place, if there is one, else behind all others.
    pub(super) fn insert(&mut self, name: Text, value: Value) {
        if let Some(old) = self.get_mut(&name) {
            *old = value;
            return;
        }
        if let Some(places) = &mut self.places {
            places.insert(name.clone(), self.members.len());
        }
        self.members.push((name, value));
        if self.places.is_none() && self.members.len() > FEW {
            self.find_places();
        }
    }

    /// Removes all members with names that do not pass.
    pub(super) fn retain(&mut self, passes: impl Fn(&Text) -> bool) {
        self.members.retain(|(name, _)| passes(name));
        self.places = None;
        if self.members.len() > FEW {
            self.find_places();
        }
    }

    pub(super) fn shrink(&mut self) {
        self.members.shrink_to_fit();
    }

    /// The members by name.
    pub(super) fn sorted(&self) -> Vec<&(Text, Value)> {
        let mut sorted: Vec<_> = self.members.iter().collect();
        sorted.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        sorted
    }

    fn place(&self, name: &[u8]) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(name).copied(),
            None => self.members.iter().position(|(known, _)| **known == *name),
        }
    }

    fn find_places(&mut self) {
        let names = self.members.iter().enumerate();
        self.places = Some(Box::new(names.map(|(at, (name, _))| (name.clone(), at)).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order() {
        let name = |number: usize| Text::from(format!("n{number}").into_bytes());
        for count in [1, FEW, FEW + 1, 100] {
            let mut object = Object::default();
            for number in (0..count).chain(0..count) {
                object.insert(name(number), Value::from(number));
            }
            object.retain(|known| *known != name(0));
            let names: Vec<Text> = object.members().iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(names, (1..count).map(name).collect::<Vec<_>>());
            assert!(object.get(b"n0").is_none());
            for number in 1..count {
                assert_eq!(object.get(&name(number)), Some(&Value::from(number)));
            }
        }
    }
}
