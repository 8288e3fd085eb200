//! The one registry of actions before a signal ends the program: files to remove, a terminal to
//! restore, an error to report.
//!
//! The handlers are installed with the first action and stay: a program that registers none keeps
//! the system's handling, and so does every signal that the parent process had ignored (a script's
//! background job ignores SIGINT, `nohup` SIGHUP). After the actions the program dies of the signal
//! itself, so that a shell's loop around it stops.

#[cfg(not(unix))]
pub use elsewhere::{EndSignal, OnEnd, die_of_interrupt, hand_over, survive_full_files};
#[cfg(unix)]
pub use unix::{EndSignal, OnContinue, OnEnd, die_of_interrupt, hand_over, survive_full_files};

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::ffi::c_int;
    use std::io;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::mpsc::channel;
    use std::sync::{Arc, LazyLock, Mutex, OnceLock};
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::{Handle, Signals};
    use signal_hook::low_level::{emulate_default_handler, signal_name};

    use crate::clock::{Clock as _, SystemClock};
    use crate::terminal::stdio::lock;

    /// The signals that people, shells and systems end a program with.
    const ENDS: [c_int; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

    /// The time limit of the actions: a stderr without a reader must not keep the program alive.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// An action before the end; it gets the signal's name, such as `SIGINT`.
    type EndAction = Box<dyn FnOnce(&'static str) + Send>;

    type ContinueAction = Box<dyn Fn() + Send>;

    static NEXT_ID: AtomicU64 = AtomicU64::new(0);
    static AT_END: Mutex<BTreeMap<u64, EndAction>> = Mutex::new(BTreeMap::new());
    static ON_CONTINUE: Mutex<BTreeMap<u64, ContinueAction>> = Mutex::new(BTreeMap::new());
    static WATCH: OnceLock<Option<Handle>> = OnceLock::new();

    /// Set when one of [`ENDS`] arrives, by the handler itself, before any system call that the signal
    /// interrupted returns.
    static IS_ENDING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

    /// Held by whoever reports the end of the program: a signal's actions, or [`OnEnd::instead`].
    static LAST_WORDS: Mutex<()> = Mutex::new(());

    /// A place for one action before a signal ends the program. Dropping it removes the action.
    pub struct OnEnd {
        id: u64,
    }

    impl OnEnd {
        /// A place without an action.
        pub fn new() -> OnEnd {
            OnEnd { id: NEXT_ID.fetch_add(1, Ordering::Relaxed) }
        }

        /// Registers the action, in the place of an earlier one; later places have their turn first.
        /// Does not return if a signal arrived: what the action is about must not begin any more.
        pub fn set(&self, action: impl FnOnce(&'static str) + Send + 'static) {
            watch();
            lock(&AT_END).insert(self.id, Box::new(action));
            wait_if_ending();
        }

        /// Removes the action. Does not return if a signal arrived: what it interrupted is not worth
        /// an error.
        pub fn clear(&self) {
            wait_if_ending();
            lock(&AT_END).remove(&self.id);
        }

        /// Removes the action and does in its place what the program ends with. A signal that arrived
        /// before has the action run, and this does not return; one that arrives meanwhile waits for
        /// `end`: one of both takes place, and no more.
        pub fn instead<T>(&self, end: impl FnOnce() -> T) -> T {
            let mut turn = lock(&LAST_WORDS);
            while IS_ENDING.load(Ordering::Relaxed) {
                drop(turn);
                wait_if_ending();
                turn = lock(&LAST_WORDS);
            }
            lock(&AT_END).remove(&self.id);
            end()
        }
    }

    impl Default for OnEnd {
        fn default() -> OnEnd {
            OnEnd::new()
        }
    }

    impl Drop for OnEnd {
        fn drop(&mut self) {
            self.clear();
        }
    }

    /// An action for each time that the program goes on after it was stopped, until this is dropped.
    pub struct OnContinue {
        id: u64,
    }

    impl OnContinue {
        /// Registers the action.
        pub fn new(action: impl Fn() + Send + 'static) -> OnContinue {
            let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
            lock(&ON_CONTINUE).insert(id, Box::new(action));
            if let Some(handle) = watch() {
                // Without a handler the action does not run; the program goes on.
                let _ = handle.add_signal(SIGCONT);
            }
            OnContinue { id }
        }
    }

    impl Drop for OnContinue {
        fn drop(&mut self) {
            lock(&ON_CONTINUE).remove(&self.id);
        }
    }

    /// Ends the process as Ctrl-C does. Returns an error to report where SIGINT is ignored.
    pub fn die_of_interrupt() -> io::Error {
        if !ignored().contains(&SIGINT) {
            end(SIGINT);
        }
        io::Error::new(io::ErrorKind::Interrupted, "interrupted")
    }

    /// Makes a file larger than `ulimit -f` allows an error, which can be reported, in place of a
    /// signal that ends the program.
    pub fn survive_full_files() {
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
    }

    /// A signal that ends a program from outside.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct EndSignal(c_int);

    impl EndSignal {
        /// The system's number of the signal.
        pub fn number(self) -> i32 {
            self.0
        }

        /// Returns whether a key of the terminal sends it, to all programs in the foreground.
        pub fn is_key(self) -> bool {
            matches!(self.0, SIGINT | SIGQUIT)
        }

        /// Ends the process by the signal. Returns the exit code in its place should that fail.
        pub fn die(self) -> u8 {
            let _ = emulate_default_handler(self.0);
            u8::try_from(128 + self.0).unwrap_or(u8::MAX)
        }
    }

    /// Hands the signals that end a program to `on_signal` in place of ending this one, for a program
    /// that runs another and ends after it. What the parent process had ignored stays ignored.
    pub fn hand_over(on_signal: impl Fn(EndSignal) + Send + 'static) {
        let ignored = ignored();
        let ends = ENDS.into_iter().filter(|end| !ignored.contains(end));
        // Without handlers the signals end the program at once.
        let Ok(mut signals) = Signals::new(ends) else { return };
        let watch = move || signals.forever().for_each(|signal| on_signal(EndSignal(signal)));
        // Without a thread they are lost: the program ends with the one that it runs.
        let _ = thread::Builder::new().spawn(watch);
    }

    /// Starts the thread that runs the actions. `None` if the system installs no handlers: the signals
    /// then end the program at once.
    fn watch() -> Option<&'static Handle> {
        let start = || {
            // The thread comes first: with handlers but nobody behind them, nothing would end us.
            let (to_watch, watched) = channel::<Signals>();
            let watch = move || watched.iter().for_each(run_actions);
            thread::Builder::new().spawn(watch).ok()?;
            let ignored = ignored();
            let ends: Vec<c_int> = ENDS.into_iter().filter(|end| !ignored.contains(end)).collect();
            let signals = Signals::new(&ends).ok()?;
            let handle = signals.handle();
            to_watch.send(signals).ok()?;
            for end in ends {
                let _ = signal_hook::flag::register(end, Arc::clone(&IS_ENDING));
            }
            Some(handle)
        };
        WATCH.get_or_init(start).as_ref()
    }

    fn run_actions(mut signals: Signals) {
        for signal in &mut signals {
            if signal == SIGCONT {
                lock(&ON_CONTINUE).values().for_each(|action| action());
            } else {
                end(signal);
            }
        }
    }

    fn end(signal: c_int) {
        // Without another thread there is no limit.
        let _ = thread::Builder::new().spawn(move || {
            SystemClock.sleep(PATIENCE);
            let _ = emulate_default_handler(signal);
        });
        let _turn = lock(&LAST_WORDS);
        let actions = std::mem::take(&mut *lock(&AT_END));
        let name = signal_name(signal).unwrap_or("a signal");
        actions.into_values().rev().for_each(|action| action(name));
        let _ = emulate_default_handler(signal);
    }

    fn wait_if_ending() {
        while IS_ENDING.load(Ordering::Relaxed) {
            thread::park();
        }
    }

    /// Those of [`ENDS`] that the parent process had ignored.
    #[cfg(target_os = "linux")]
    fn ignored() -> Vec<c_int> {
        in_status(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
    }

    /// Those of [`ENDS`] that the parent process had ignored. Elsewhere than on Linux that takes
    /// `unsafe` code, or a child.
    #[cfg(not(target_os = "linux"))]
    fn ignored() -> Vec<c_int> {
        survived()
    }

    /// The signals of the line `SigIgn:` in Linux's `/proc/self/status`, a mask in hex.
    #[cfg(target_os = "linux")]
    fn in_status(status: &str) -> Vec<c_int> {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        ENDS.into_iter().filter(|end| (mask >> (end - 1)) & 1 == 1).collect()
    }

    /// Those of [`ENDS`] that a shell which sends them to itself survives: it inherits what is
    /// ignored.
    #[cfg(any(test, not(target_os = "linux")))]
    fn survived() -> Vec<c_int> {
        use std::process::{Command, Stdio};
        let shell = |end: c_int| {
            let script = "ulimit -c 0; kill -s \"${0#SIG}\" $$";
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", script, signal_name(end).unwrap_or_default()]);
            shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            shell.spawn().map(|child| (end, child))
        };
        let shells: Vec<_> = ENDS.into_iter().flat_map(shell).collect();
        let survives = |(end, mut child): (c_int, std::process::Child)| {
            child.wait().is_ok_and(|status| status.success()).then_some(end)
        };
        shells.into_iter().filter_map(survives).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[cfg(target_os = "linux")]
        #[test]
        fn ignored_signals_are_read() {
            let status = |mask: &str| in_status(&format!("Name:\theygen\nSigIgn:\t{mask}\nSig:\t"));
            let none: [c_int; 0] = [];
            assert_eq!(status("0000000000001000"), none);
            assert_eq!(status("0000000000001002"), [SIGINT]);
            assert_eq!(status("0000000000004005"), [SIGTERM, SIGHUP, SIGQUIT]);
            assert_eq!(in_status(""), none);
        }

        #[test]
        fn children_inherit_ignored_signals() {
            assert_eq!(survived(), ignored());
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    /// A place for an action that is never needed: elsewhere than on Unix there are no such signals.
    #[derive(Default)]
    pub struct OnEnd;

    impl OnEnd {
        /// A place without an action.
        pub fn new() -> OnEnd {
            OnEnd
        }

        /// Drops the action.
        pub fn set(&self, _: impl FnOnce(&'static str) + Send + 'static) {}

        /// Does nothing.
        pub fn clear(&self) {}

        /// Does `end`.
        pub fn instead<T>(&self, end: impl FnOnce() -> T) -> T {
            end()
        }
    }

    /// A signal that never arrives.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct EndSignal;

    impl EndSignal {
        /// Returns true: the system sends Ctrl-C to all programs of a console.
        pub fn is_key(self) -> bool {
            true
        }

        /// The exit code of a program that Ctrl-C ended.
        pub fn die(self) -> u8 {
            130
        }
    }

    /// Does nothing: elsewhere it is an error already.
    pub fn survive_full_files() {}

    /// Does nothing: Ctrl-C ends the program and its command alike.
    pub fn hand_over(_: impl Fn(EndSignal) + Send + 'static) {}

    /// The error to report: the reader of keys has dealt with Ctrl-C itself.
    pub fn die_of_interrupt() -> io::Error {
        io::Error::new(io::ErrorKind::Interrupted, "interrupted")
    }
}
