//! The records that are there at the start, enough of each kind for several pages.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::World;
use super::layout::{Sense, Slot};
use super::plan::{self, Plan, last_placeholder};
use super::record::Record;
use super::work::default_limit;
use crate::catalogue;
use crate::catalogue::operation::Operation;

/// Records of a kind that no list shows.
const FEW: u64 = 3;

/// One of so many jobs failed.
const FAILED_EACH: u64 = 8;

/// The code of jobs that failed before the start.
const FAILURE: &str = "download_failed";

/// Between two records there is an hour.
const APART: i64 = 3_600;

const LANGUAGES: &[&str] = &["English", "Spanish", "French", "German", "Japanese"];

const GENDERS: &[&str] = &["female", "male"];

impl World {
    /// Fills a shelf with its first records, unless it has been.
    pub(super) fn fill(&self, shelf: &str) {
        if !self.shelves.has(shelf) {
            self.shelves.fill(shelf, || self.first_records(shelf));
        }
    }

    fn first_records(&self, shelf: &str) -> Vec<Record> {
        let template = shelf.lines().next().unwrap_or_default();
        let (list, read) = (list_of(template), read_of(template));
        let count = match list.and_then(default_limit) {
            Some(limit) => limit as u64 * 5 / 2,
            None => FEW,
        };
        let job = read.and_then(Operation::polled_job);
        let form = self.form_of(template);
        let is_numbered = self.is_numbered(template);
        let record = |number: u64| {
            let id = match is_numbered {
                true => number.to_string(),
                false => self.seed_id(&form, shelf, number),
            };
            let created = self.ids.moment() - APART * (count - number + 1) as i64;
            let record = Record::new(id, number, created, self.ids.clock().now());
            let is_failed = list.is_some() && number % FAILED_EACH == 3;
            let words = job.map(|job| (job.ok().next(), job.failed().next()));
            if let Some((Some(ok), Some(failed))) = words {
                record.end(if is_failed { failed } else { ok });
            }
            let plan = list.or(read).map(plan::of);
            plan.into_iter().for_each(|plan| self.vary(plan, &record));
            let failure = Some(FAILURE.to_owned()).filter(|_| is_failed);
            Record { job, failure, ..record }
        };
        (1..=count).map(record).collect()
    }

    /// The ID of a record that was there at the start. The first one has the ID of HeyGen's example,
    /// so that what documents show works as it is.
    fn seed_id(&self, form: &str, shelf: &str, number: u64) -> String {
        if number == 1 && form.bytes().any(|byte| byte.is_ascii_digit()) {
            return form.to_owned();
        }
        self.ids.formed(form, &[shelf, "start", &number.to_string()])
    }

    /// Gives a record names and choices of its own.
    fn vary(&self, plan: &Plan, record: &Record) {
        let number = record.number;
        let turn = |choices: &[&str]| json!(choices[number as usize % choices.len()]);
        for slot in plan.layout.slots.iter().filter(|slot| slot.sense == Sense::Plain) {
            let choices = slot.schema.choices();
            let value = match (slot.name, &slot.example) {
                ("name" | "title" | "video_title", Some(Value::String(text))) => {
                    json!(format!("{text} {number}"))
                }
                (_, Some(Value::String(_))) if !choices.is_empty() => {
                    choices[number as usize % choices.len()].clone()
                }
                ("language", Some(Value::String(_))) => turn(LANGUAGES),
                ("gender", Some(Value::String(_))) => turn(GENDERS),
                (_, Some(Value::String(_))) => match self.other(slot, number) {
                    Some(id) => json!(id),
                    None => continue,
                },
                _ => continue,
            };
            record.set(slot.name, value);
        }
    }

    /// The ID of a record of another kind, for a member such as `group_id`.
    fn other(&self, slot: &Slot, number: u64) -> Option<String> {
        let placeholder = format!("/{{{}}}", slot.name);
        let is_shelf = |own: &Operation| {
            own.method() == "GET" && own.retired().is_none() && own.path().ends_with(&placeholder)
        };
        let shelf = catalogue::all().filter(|_| slot.name.ends_with("_id")).find(is_shelf)?.path();
        Some(self.seed_id(&self.form_of(shelf), shelf, number % FEW + 1))
    }

    /// The form of the IDs of a shelf: that of the example, else the name of the placeholder.
    pub(super) fn form_of(&self, template: &str) -> Cow<'static, str> {
        let plan = read_of(template).or_else(|| list_of(template)).map(plan::of);
        let slot = plan.and_then(|plan| plan.layout.slot(plan.layout.id?));
        let example = slot.and_then(|slot| slot.example.as_ref()).and_then(Value::as_str);
        let has_digit = |text: &&str| text.bytes().any(|byte| byte.is_ascii_digit());
        match example.filter(has_digit) {
            Some(example) => Cow::Borrowed(example),
            None => {
                let name = template.rsplit('/').next().unwrap_or_default();
                Cow::Owned(name.trim_matches(['{', '}']).trim_end_matches("_id").to_owned())
            }
        }
    }

    /// True if the IDs of a shelf are numbers.
    pub(super) fn is_numbered(&self, template: &str) -> bool {
        let plan = read_of(template).map(plan::of);
        let slot = plan.and_then(|plan| plan.layout.slot(plan.layout.id?));
        slot.is_some_and(|slot| matches!(slot.example, Some(Value::Number(_))))
    }
}

/// The operation that lists the records of a shelf.
fn list_of(template: &str) -> Option<Operation> {
    let whole = template.rsplit_once("/{").map(|(parent, _)| parent);
    let is_item = template.ends_with('}');
    let path = if is_item { whole? } else { template };
    catalogue::find("GET", path).filter(|own| own.path() == path && own.pages().is_some())
}

/// The operation that reads one record of a shelf.
fn read_of(template: &str) -> Option<Operation> {
    let found = catalogue::find("GET", template)?;
    let is_read = found.path() == template
        && (last_placeholder(found.path()).is_some() || found.polled_job().is_some());
    is_read.then_some(found)
}
