//! A child process that cannot outlive its test, and the reading of what it writes.
//!
//! Scope: starting nothing, deciding nothing; `mod.rs` starts and compares.

use std::io::{ErrorKind, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A child that is killed when its owner goes away.
pub(super) struct Leash(pub(super) Child);

impl Leash {
    /// The status when the child has ended by then, or nothing after it was killed for not ending.
    pub(super) fn wait_until(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait().expect("a child of ours can be waited for") {
                return Some(status);
            }
            if Instant::now() >= deadline {
                let _ = self.0.kill();
                let _ = self.0.wait();
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everything that can be read from one end of a pipe or terminal, read by a thread of its own.
pub(super) struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Capture {
    pub(super) fn of(mut source: impl Read + Send + 'static) -> Capture {
        let (sender, ended) = channel();
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        thread::spawn(move || {
            // The sender goes with the thread, which is what tells that it has ended.
            let _sender = sender;
            let mut buffer = vec![0; 1 << 16];
            loop {
                match source.read(&mut buffer) {
                    Ok(0) => return,
                    Ok(count) => lock(&shared).extend(&buffer[..count]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // EIO is how Linux says that nobody has the terminal open any more.
                    Err(_) => return,
                }
            }
        });
        Capture { bytes, ended }
    }

    /// A stream that somebody else looks after.
    pub(super) fn nothing() -> Capture {
        Capture::of(std::io::empty())
    }

    /// The bytes read so far.
    pub(super) fn so_far(&self) -> Vec<u8> {
        lock(&self.bytes).clone()
    }

    /// The bytes read so far, shared with another thread.
    pub(super) fn share(&self) -> Arc<Mutex<Vec<u8>>> {
        Arc::clone(&self.bytes)
    }

    /// All of it. Another process may hold the stream open: after five seconds that is what there
    /// is.
    pub(super) fn finish(&self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(Duration::from_secs(5));
        self.so_far()
    }
}

/// A panic elsewhere leaves the bytes valid.
pub(super) fn lock(bytes: &Mutex<Vec<u8>>) -> std::sync::MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}
