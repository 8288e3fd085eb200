//! The program as its users run it: one binary of tests, a file a capability.

mod support;

mod auth_check;
mod bodies;
mod completions;
mod dry_run;
mod errors;
#[cfg(feature = "jq")]
mod filter;
#[cfg(feature = "jq")]
mod filter_limits;
mod formats;
mod gates;
mod get;
mod hostile;
mod hostile_repository;
#[cfg(feature = "jq")]
mod jq_manual;
mod keys;
mod login;
mod man;
mod network;
mod pages;
mod readme;
mod retries;
mod saving;
#[cfg(unix)]
mod shells;
#[cfg(unix)]
mod snippets;
mod tidy;
mod tls;
mod uploads;
mod usage;
mod verbs;
mod wide_rows;
#[cfg(not(feature = "jq"))]
mod without_jq;

/// With `autotests` off a file that is not named here would be forgotten without a word.
#[test]
fn every_file_of_tests_is_named_in_main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let main = std::fs::read_to_string(format!("{folder}/main.rs")).expect("this file");
    for entry in std::fs::read_dir(folder).expect("the folder of this file") {
        let entry = entry.expect("an entry").path();
        if entry.is_dir() && !entry.join("mod.rs").exists() {
            continue;
        }
        let name = entry.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let module = name.strip_suffix(".rs").unwrap_or(name);
        let declared = format!("mod {module};");
        assert!(
            module == "main" || main.lines().any(|line| line == declared),
            "tests/main.rs lacks `{declared}`"
        );
    }
}
