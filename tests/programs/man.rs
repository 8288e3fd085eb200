//! The man pages, set by groff.

use std::io::Write as _;
use std::process::Command;

use crate::support::Test;

#[test]
fn groff_accepts_every_page() {
    let outcome = Test::new(&["man", "share/man1"]).no_key().exits(0);
    let pages = outcome.files().into_iter().map(|name| outcome.work().join(name));
    let set = Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).args(pages).output();
    let Ok(set) = set else {
        assert!(std::env::var_os("HEYGEN_TEST_EVERYTHING").is_none(), "groff is not installed");
        // `eprintln!` would be held back in a test that passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED, groff is not installed");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&set.stderr), "");
}
