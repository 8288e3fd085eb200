//! What is tidied up when Ctrl-C or `kill` ends the program.

use std::path::PathBuf;

/// Removes a file if SIGINT or SIGTERM ends the program, which then dies of that signal, so that a
/// shell's loop around it stops. A file that has got another name by then is left alone.
///
/// SIGHUP is not touched: `nohup` has it ignored, and a handler would end that.
#[cfg(unix)]
pub fn remove_when_interrupted(path: PathBuf) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // Without a handler the file would stay, which is no reason not to make the call.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _ = std::fs::remove_file(&path);
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Elsewhere there are no such signals.
#[cfg(not(unix))]
pub fn remove_when_interrupted(_: PathBuf) {}
