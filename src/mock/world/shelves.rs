//! The records of the world, a shelf for each kind, and pages of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::record::Record;

/// All shelves by their name.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    shelves: RwLock<HashMap<String, Shelf>>,
}

/// The records of one kind, by number and by ID.
#[derive(Debug, Default)]
struct Shelf {
    records: BTreeMap<u64, Arc<Record>>,
    numbers: HashMap<String, u64>,
    next: u64,
}

/// A page of records, and the number after which the next page begins.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub records: Vec<Arc<Record>>,
    pub next: Option<u64>,
}

impl Shelves {
    /// True if a shelf has been filled.
    pub(super) fn has(&self, shelf: &str) -> bool {
        self.read().contains_key(shelf)
    }

    /// Fills a shelf unless another thread did so first.
    pub(super) fn fill(&self, shelf: &str, records: impl FnOnce() -> Vec<Record>) {
        let mut shelves = self.write();
        if !shelves.contains_key(shelf) {
            let mut filled = Shelf { next: 1, ..Shelf::default() };
            for record in records() {
                filled.add(record);
            }
            shelves.insert(shelf.to_owned(), filled);
        }
    }

    /// Adds a record, which is made with its number.
    pub(super) fn add(&self, shelf: &str, make: impl FnOnce(u64) -> Record) -> Arc<Record> {
        let mut shelves = self.write();
        let shelf = shelves
            .entry(shelf.to_owned())
            .or_insert_with(|| Shelf { next: 1, ..Shelf::default() });
        let record = make(shelf.next);
        shelf.add(record)
    }

    pub(super) fn get(&self, shelf: &str, id: &str) -> Option<Arc<Record>> {
        self.read().get(shelf)?.get(id)
    }

    /// The record of an ID on any shelf.
    pub(super) fn get_anywhere(&self, id: &str) -> Option<Arc<Record>> {
        self.read().values().find_map(|shelf| shelf.get(id))
    }

    pub(super) fn remove(&self, shelf: &str, id: &str) -> Option<Arc<Record>> {
        let mut shelves = self.write();
        let shelf = shelves.get_mut(shelf)?;
        let number = shelf.numbers.remove(id)?;
        shelf.records.remove(&number)
    }

    /// The records from the newest one on, or from the one before a number, that pass a filter.
    /// There is a next page only if a further record passes.
    pub(super) fn page(
        &self,
        shelf: &str,
        before: Option<u64>,
        limit: usize,
        passes: impl Fn(&Record) -> bool,
    ) -> Page {
        let shelves = self.read();
        let Some(shelf) = shelves.get(shelf) else { return Page::default() };
        let older = shelf.records.range(..before.unwrap_or(u64::MAX)).rev();
        let mut found: Vec<_> = older
            .map(|(_, record)| record)
            .filter(|record| passes(record))
            .take(limit + 1)
            .cloned()
            .collect();
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(|record| record.number);
        Page { records: found, next }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Shelf>> {
        self.shelves.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Shelf>> {
        self.shelves.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn add(&mut self, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        self.next = self.next.max(record.number) + 1;
        self.numbers.insert(record.id.clone(), record.number);
        self.records.insert(record.number, Arc::clone(&record));
        record
    }

    fn get(&self, id: &str) -> Option<Arc<Record>> {
        self.records.get(self.numbers.get(id)?).cloned()
    }
}

/// The token of the page after a number.
pub(super) fn token(number: u64) -> String {
    format!("page_{number:x}")
}

/// The number in a token; `None` if it is not one of ours.
pub(super) fn number_in(token: &str) -> Option<u64> {
    u64::from_str_radix(token.strip_prefix("page_")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shelf_of(count: u64) -> Shelves {
        let shelves = Shelves::default();
        for _ in 0..count {
            add(&shelves);
        }
        shelves
    }

    fn add(shelves: &Shelves) {
        shelves.add("s", |number| Record::new(format!("r{number}"), number, 0, Instant::now()));
    }

    #[test]
    fn pages_lose_and_repeat_nothing() {
        let check = |count: u64, limit: usize, expected: &[usize]| {
            let shelves = shelf_of(count);
            let (mut before, mut sizes, mut ids) = (None, Vec::new(), Vec::new());
            loop {
                let page = shelves.page("s", before, limit, |_| true);
                sizes.push(page.records.len());
                ids.extend(page.records.iter().map(|record| record.number));
                add(&shelves);
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(sizes, expected, "{count} by {limit}");
            assert_eq!(ids, (1..=count).rev().collect::<Vec<_>>(), "{count} by {limit}");
        };
        check(25, 10, &[10, 10, 5]);
        check(20, 10, &[10, 10]);
        check(1, 10, &[1]);
        check(0, 10, &[0]);
    }

    #[test]
    fn tokens_survive_the_way_to_the_client() {
        for number in [1, 10, u64::MAX] {
            assert_eq!(number_in(&token(number)), Some(number));
        }
        assert_eq!(number_in("page_"), None);
        assert_eq!(number_in("eyJ"), None);
    }
}
