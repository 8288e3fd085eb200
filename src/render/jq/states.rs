//! The states of the `foreach`es that run, where jaq's own would not do (see [`super::rewrite`]).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::value::Value;

/// States by number.
#[derive(Default)]
pub(super) struct States {
    states: RefCell<BTreeMap<Value, Value>>,
    count: Cell<usize>,
}

impl States {
    /// Keeps a state for as long as the returned iterator lives, which brings its number.
    pub(super) fn hold(&self, state: Value) -> impl Iterator<Item = Value> {
        let number = Value::from(self.count.get());
        self.count.set(self.count.get() + 1);
        self.keep(number.clone(), state);
        let held = Held { states: self, number };
        let mut is_new = true;
        std::iter::from_fn(move || std::mem::take(&mut is_new).then(|| held.number.clone()))
    }

    pub(super) fn take(&self, number: &Value) -> Value {
        self.states.borrow_mut().get_mut(number).map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn keep(&self, number: Value, state: Value) {
        self.states.borrow_mut().insert(number, state);
    }
}

struct Held<'s> {
    states: &'s States,
    number: Value,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.states.states.borrow_mut().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_live_as_long_as_their_foreach() {
        let states = States::default();
        let mut outer = states.hold(Value::from(1_usize));
        let number = outer.next().expect("a number");
        let mut inner = states.hold(Value::from(2_usize));
        assert_ne!(inner.next(), Some(number.clone()));
        assert_eq!((inner.next(), states.states.borrow().len()), (None, 2));
        drop(inner);
        assert_eq!(states.take(&number), Value::from(1_usize));
        assert_eq!(states.take(&number), Value::Null);
        drop(outer);
        assert!(states.states.borrow().is_empty());
    }
}
