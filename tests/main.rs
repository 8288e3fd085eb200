//! The program as its users run it: one test binary, one file per capability. Tests that need other
//! programs are in `programs/`.

mod support;

#[path = "support/checks.rs"]
mod checks;

mod auth_check;
mod auth_output;
mod bodies;
mod catalogue;
mod completions;
mod credentials_file;
mod deadlines;
mod destinations;
mod download;
mod dry_run;
mod early_response;
mod encodings;
mod endpoints;
mod endpoints_with_holes;
mod errors;
#[cfg(feature = "jq")]
mod filter;
#[cfg(feature = "jq")]
mod filter_limits;
mod formats;
mod forwarding;
mod gates;
mod get;
mod habits;
mod hints;
mod hostile;
mod hostile_repository;
mod idle_flags;
mod in_process;
mod input_files;
#[cfg(feature = "jq")]
mod jq_manual;
mod keys;
mod login;
mod long_heads;
mod man;
mod masked_arguments;
mod masking;
mod mock;
mod money;
mod near_misses;
mod network;
mod nouns;
mod numbers;
mod pages;
mod peer;
mod retries;
mod saving;
mod scopes;
#[cfg(unix)]
mod signals;
mod slurp;
mod special_files;
mod table_columns;
mod tidy;
mod tls;
mod too_long;
mod traces;
mod uploads;
mod usage;
mod validate;
mod verbs;
mod wait;
mod wide_rows;
#[cfg(not(feature = "jq"))]
mod without_jq;
#[cfg(unix)]
mod wrapping;

/// Checks that every test file is declared here: with `autotests` off the others would not run.
#[test]
fn every_test_file_is_declared() {
    for folder in ["tests", "tests/programs"] {
        let folder = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        let main = std::fs::read_to_string(format!("{folder}/main.rs")).expect("a target");
        for entry in std::fs::read_dir(&folder).expect("the folder of a target") {
            let entry = entry.expect("an entry").path();
            if entry.is_dir() && !entry.join("mod.rs").exists() {
                continue;
            }
            let name = entry.file_name().and_then(|name| name.to_str()).expect("a plain name");
            let module = name.strip_suffix(".rs").unwrap_or(name);
            let declared = format!("mod {module};");
            assert!(
                module == "main" || main.lines().any(|line| line == declared),
                "{folder}/main.rs lacks `{declared}`"
            );
        }
    }
}
