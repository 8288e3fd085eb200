//! Lines at the bottom of a terminal that are redrawn while something takes its time.
//!
//! The only file that names its crate. Messages are written above the lines: [`Ui::put`] asks here.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub(super) use indicatif::MultiProgress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use super::stdio::{Output, lock};
use super::streams::Ui;
use super::text::cut as cut_to_width;
use crate::clock::{Clock as _, SystemClock};
use crate::error::{bytes, seconds};

/// The lines are drawn so often per second at most.
const DRAWS_PER_SECOND: u8 = 10;

/// Times on the lines go on at this pace.
const TICK: Duration = Duration::from_millis(500);

/// A terminal of this many columns has room for a bar.
const ROOM_FOR_BARS: usize = 80;

/// The columns that a line keeps for its time.
const ROOM_FOR_TIME: usize = 14;

/// The columns that a line keeps for its numbers, in full and in short.
const ROOM_FOR_NUMBERS: usize = 40;
const ROOM_FOR_PARTS: usize = 20;

/// The lines of one command. They are gone when this is dropped.
pub struct Progress {
    ui: Ui,
    lines: MultiProgress,
}

/// The lines, as messages know them.
pub(super) struct Shown {
    lines: MultiProgress,
    /// Set when nothing is to be drawn any more.
    is_over: Arc<AtomicBool>,
}

/// One of the lines. It is gone when this is dropped.
pub struct Line {
    ui: Ui,
    bar: ProgressBar,
    columns: usize,
}

impl Ui {
    /// Lines for a person who waits; `None` unless stderr is a terminal that may show them.
    pub fn progress_lines(&self) -> Option<Progress> {
        if !self.stderr_is_terminal() || self.is_quiet() || self.is_dumb() {
            return None;
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let terminal = Terminal { ui: self.clone(), is_over: Arc::clone(&is_over) };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), DRAWS_PER_SECOND);
        let lines = MultiProgress::with_draw_target(target);
        *lock(&self.0.progress) = Some(Shown { lines: lines.clone(), is_over });
        Some(Progress { ui: self.clone(), lines })
    }

    /// Removes the lines, before the last message of a program that a signal ends.
    pub fn end_progress(&self) {
        let shown = lock(&self.0.progress).take();
        if let Some(Shown { lines, is_over }) = shown {
            // Other threads may go on drawing: while the lines are away, their terminal goes too.
            lines.suspend(|| is_over.store(true, Ordering::Relaxed));
        }
    }

    /// Runs `write` while no line is in its way.
    pub(super) fn above_progress(&self, write: impl FnOnce()) {
        let lines = lock(&self.0.progress).as_ref().map(|shown| shown.lines.clone());
        match lines {
            Some(lines) => lines.suspend(write),
            None => write(),
        }
    }
}

impl Progress {
    /// A line with a text and the time since it began.
    pub fn waiting(&self, text: &str) -> Line {
        let line = self.line(style("{msg}, {time}"));
        line.say(text);
        let bar = line.bar.clone();
        let tick = move || {
            while !bar.is_finished() {
                SystemClock.sleep(TICK);
                bar.tick();
            }
        };
        // indicatif's own thread would end the program where none can be started; without one the time
        // stands still between two texts.
        let _ = thread::Builder::new().spawn(tick);
        line
    }

    /// A line for a file on its way.
    pub fn transfer(&self, name: &str) -> Line {
        let (template, numbers) = match self.columns() {
            ROOM_FOR_BARS.. => ("{msg}  {wide_bar}  {numbers}", ROOM_FOR_NUMBERS),
            _ => ("{msg}  {parts}", ROOM_FOR_PARTS),
        };
        let line = self.line(style(template).progress_chars("=> "));
        let room = line.columns.saturating_sub(numbers).max(1);
        line.show(name, room);
        line
    }

    fn line(&self, style: ProgressStyle) -> Line {
        let bar = self.lines.add(ProgressBar::no_length().with_style(style));
        Line { ui: self.ui.clone(), bar, columns: self.columns() }
    }

    fn columns(&self) -> usize {
        self.ui.stderr_columns()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.ui.end_progress();
    }
}

impl Line {
    /// Shows another text.
    pub fn say(&self, text: &str) {
        self.show(text, self.columns.saturating_sub(ROOM_FOR_TIME));
    }

    /// Shows a text, which may come from a server, as messages do.
    fn show(&self, text: &str, room: usize) {
        self.bar.set_message(cut_to_width(&self.ui.shown(text), room).into_owned());
    }

    /// Shows that bytes flow, after those that were there before.
    pub fn begin(&self, from: u64, total: Option<u64>) {
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.set_position(from);
        // The rate is that of this transfer.
        self.bar.reset_eta();
    }

    /// Shows the number of bytes that are there.
    pub fn reach(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A style of this template, with our words for numbers and times.
fn style(template: &str) -> ProgressStyle {
    let time = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let passed = Duration::from_secs(state.elapsed().as_secs());
        let _ = out.write_str(&seconds(passed));
    };
    let numbers = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = out.write_str(&numbers_in_words(
            state.pos(),
            state.len(),
            state.per_sec(),
            state.eta(),
        ));
    };
    let parts = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = out.write_str(&parts_in_words(state.pos(), state.len()));
    };
    // The templates are those above.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("time", time)
        .with_key("numbers", numbers)
        .with_key("parts", parts)
}

/// `38.1 of 52.4 MB, 12.3 MB/s, 2 s left`.
fn numbers_in_words(position: u64, total: Option<u64>, rate: f64, left: Duration) -> String {
    let mut words = parts_in_words(position, total);
    if rate.is_finite() && rate >= 1.0 {
        words.push_str(&format!(", {}/s", bytes(rate as u64)));
        if total.is_some_and(|total| position < total) {
            let left = Duration::from_secs(left.as_secs().max(1));
            words.push_str(&format!(", {} left", seconds(left)));
        }
    }
    words
}

/// `38.1 of 52.4 MB`.
fn parts_in_words(position: u64, total: Option<u64>) -> String {
    let there = bytes(position);
    match total.map(bytes) {
        // One unit is enough where both have the same.
        Some(total) => match (there.split_once(' '), total.split_once(' ')) {
            (Some((number, unit)), Some((_, of))) if unit == of => format!("{number} of {total}"),
            _ => format!("{there} of {total}"),
        },
        None => there,
    }
}

/// stderr as the lines are drawn on it.
struct Terminal {
    ui: Ui,
    is_over: Arc<AtomicBool>,
}

impl Terminal {
    fn write(&self, text: &str) -> io::Result<()> {
        if self.is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.stderr().write_all(text.as_bytes())
    }

    fn stderr(&self) -> Output {
        self.ui.0.stdio.stderr.clone()
    }

    fn sequence(&self, count: usize, letter: char) -> io::Result<()> {
        if count == 0 { Ok(()) } else { self.write(&format!("\x1b[{count}{letter}")) }
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Terminal")
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        u16::try_from(self.ui.stderr_columns()).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.sequence(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.sequence(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.sequence(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.sequence(count, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write(text)?;
        self.write("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        // At the end of a full line the `^C` that a terminal shows would wrap, and move the lines.
        self.write("\r")?;
        self.stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_words() {
        let check = |position: u64, total: Option<u64>, rate: f64, left: u64, expected: &str| {
            let left = Duration::from_secs(left);
            assert_eq!(numbers_in_words(position, total, rate, left), expected);
        };
        check(0, None, 0.0, 0, "0 B");
        check(38_100_000, Some(52_400_000), 12.3e6, 2, "38.1 of 52.4 MB, 12.3 MB/s, 2 s left");
        check(900, Some(52_400_000), 0.0, 0, "900 B of 52.4 MB");
        check(500, Some(500), 100.0, 0, "500 of 500 B, 100 B/s");
        check(500, None, 100.0, 0, "500 B, 100 B/s");
    }
}
