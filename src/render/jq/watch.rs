//! Limits of a filter that runs: how deep it may go, and how much memory it may take.
//!
//! A filter runs on a thread whose stack is so large that whatever a response or a sane filter needs
//! fits in. The system gives it memory as it is used. At each of its steps the filter looks whether
//! it has gone too deep, or whether the thread that waits for it has seen it grow too large; then it
//! stops for good, where it is. Nothing needs to be unwound, since the program is about to end.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::SyncSender;

use super::Message;

/// The stack of a filter. Address space only, until it is used.
pub(super) const LARGEST_STACK: usize =
    if cfg!(target_pointer_width = "64") { 2 << 30 } else { 64 << 20 };

/// A filter cannot run with less.
pub(super) const SMALLEST_STACK: usize = 1 << 20;

/// A filter may grow by so much, and by half of what the computer has left, if that is less. It is
/// less than the stack, so that what fills the stack without a step of the program, such as the end
/// of a deeply nested value, is seen before it is full.
const LARGEST_GROWTH: u64 = 3 << 29;

/// The main thread looks at the memory in short intervals, unless somebody does not read its output.
/// So the filter looks, too, after this number of steps: some 10 ms.
const STEPS_BETWEEN_LOOKS: u32 = 1 << 20;

/// The permission of a filter to go on; one for each thread.
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    /// Stacks grow downwards: the address that it may not go below.
    deepest: usize,
    messages: SyncSender<Message>,
    halted: RefCell<Option<Vec<u8>>>,
    steps: Cell<u32>,
    growth: RefCell<Option<Growth>>,
    stack: usize,
}

impl Watch {
    /// Watches the thread that calls this, whose stack has this size.
    pub(super) fn new(stop: Arc<AtomicBool>, stack: usize, messages: SyncSender<Message>) -> Watch {
        // The rest is for functions that run without steps.
        let deepest = address().saturating_sub(stack / 2);
        Watch {
            stop,
            deepest,
            messages,
            halted: RefCell::default(),
            steps: Cell::default(),
            growth: RefCell::default(),
            stack,
        }
    }

    /// A step of a filter. It does not return if the filter has to stop.
    #[inline]
    pub(super) fn step(&self) {
        let steps = self.steps.get().wrapping_add(1);
        self.steps.set(steps);
        let is_too_deep = address() < self.deepest;
        if is_too_deep || steps.is_multiple_of(STEPS_BETWEEN_LOOKS) || self.stop.load(Relaxed) {
            self.look(is_too_deep);
        }
    }

    #[cold]
    fn look(&self, is_too_deep: bool) {
        if self.stop.load(Relaxed) {
            stop_for_good();
        }
        let mut growth = self.growth.borrow_mut();
        let words = match &*growth {
            _ if is_too_deep => Some("the filter calls itself too often".to_owned()),
            Some(growth) => growth.excess(),
            None => {
                *growth = Growth::of_this_process(self.stack);
                None
            }
        };
        if let Some(words) = words {
            let _ = self.messages.send(Message::Failed(words));
            stop_for_good();
        }
    }

    /// Keeps the last words of a filter.
    pub(super) fn halt(&self, words: Vec<u8>) {
        *self.halted.borrow_mut() = Some(words);
    }

    /// The last words of a filter that halted with an error.
    pub(super) fn last_words(&self) -> Option<Vec<u8>> {
        self.halted.borrow_mut().take()
    }
}

/// The present end of the stack.
#[inline]
fn address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

/// Keeps a thread from doing anything until the program ends.
pub(super) fn stop_for_good() -> ! {
    loop {
        std::thread::park();
    }
}

/// The size of the stack to try first.
pub(super) fn largest_stack() -> usize {
    // The rest is for the values.
    address_space().map_or(LARGEST_STACK, |limit| LARGEST_STACK.min((limit / 4) as usize))
}

/// The memory that `ulimit -v` allows.
#[cfg(unix)]
fn address_space() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

#[cfg(not(unix))]
fn address_space() -> Option<u64> {
    None
}

/// The memory that a filter may take, seen from when it was looked at first.
pub(super) struct Growth {
    start: u64,
    most: u64,
}

impl Growth {
    /// Looks at the memory of this process, where the system tells.
    pub(super) fn of_this_process(stack: usize) -> Option<Growth> {
        let start = resident()?;
        let most = LARGEST_GROWTH.min(stack as u64 / 4 * 3);
        let left = [available(), left_in_group(), left_in_address_space()];
        let left = left.into_iter().flatten().map(|left| left / 2).min();
        Some(Growth { start, most: left.map_or(most, |left| most.min(left)) })
    }

    /// The words for a filter that has grown too large.
    pub(super) fn excess(&self) -> Option<String> {
        let grown = resident()?.saturating_sub(self.start);
        let limit = self.most >> 20;
        (grown > self.most).then(|| format!("the filter needs more than {limit} MiB of memory"))
    }
}

/// The memory that this process has, in bytes.
fn resident() -> Option<u64> {
    number_after("/proc/self/status", "VmRSS:")
}

fn available() -> Option<u64> {
    number_after("/proc/meminfo", "MemAvailable:")
}

fn left_in_address_space() -> Option<u64> {
    Some(address_space()?.saturating_sub(number_after("/proc/self/status", "VmSize:")?))
}

/// The memory that a container has left.
fn left_in_group() -> Option<u64> {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let (most, used) = match number("/sys/fs/cgroup/memory.max") {
        Some(most) => (most, number("/sys/fs/cgroup/memory.current")?),
        None => (
            number("/sys/fs/cgroup/memory/memory.limit_in_bytes")?,
            number("/sys/fs/cgroup/memory/memory.usage_in_bytes")?,
        ),
    };
    Some(most.saturating_sub(used))
}

/// The number behind a word in a file of the system, which counts in kB.
fn number_after(path: &str, word: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kilobytes * 1024)
}
