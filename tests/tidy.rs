//! What the crate docs promise of the source, read from the source.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules at the top of the crate, and the tier of each (the table in `src/lib.rs`).
const TIERS: &[(&str, u8)] = &[
    ("main", 9),
    ("lib", 9),
    ("commands", 8),
    ("answering", 7),
    ("exchange", 7),
    ("instead", 7),
    ("printing", 7),
    ("call", 7),
    ("key_check", 7),
    ("fields", 7),
    ("context", 7),
    ("report", 7),
    ("settings", 6),
    ("ui", 6),
    ("cli", 5),
    ("workflow", 4),
    ("render", 4),
    ("snippet", 4),
    ("api", 3),
    ("credential", 2),
    ("catalogue", 2),
    ("error", 1),
    ("exit_code", 0),
    ("secret", 0),
    ("clock", 0),
    ("env", 0),
    ("keyboard", 0),
    ("palette", 0),
    ("interrupt", 0),
];

/// Modules of one tier that may know each other, the knowing one first.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("answering", "exchange"),
    ("answering", "printing"),
    ("exchange", "context"),
    ("instead", "context"),
    ("printing", "exchange"),
    ("call", "fields"),
    ("key_check", "call"),
    ("key_check", "context"),
    ("key_check", "exchange"),
    ("settings", "ui"),
];

/// Words that stand in one file (or folder) only.
const CONFINED: &[(&str, &[&str])] = &[
    ("ureq::", &["src/api/transport.rs"]),
    ("colored::", &["src/palette.rs"]),
    ("dotenvy::", &["src/credential/"]),
    ("jaq_", &["src/render/jq.rs"]),
    ("csv::Writer", &["src/render/csv.rs"]),
    ("std::env::", &["src/env.rs"]),
    ("thread::sleep", &["src/clock.rs"]),
    ("io::stdout()", &["src/ui.rs"]),
    ("io::stderr()", &["src/ui.rs"]),
    (".expose()", &["src/api/transport.rs", "src/credential/store.rs"]),
    ("rpassword::", &["src/keyboard.rs"]),
    ("anyhow::", &["src/commands/", "src/lib.rs", "src/report.rs"]),
    (".unwrap()", &[]),
];

/// The source files below `src`, each without its tests and comments.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let code: Vec<&str> =
                    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                let path = path.strip_prefix(root).expect("a path below the root").to_owned();
                sources.push((path, code.join("\n")));
            }
        }
    }
    sources
}

fn tier(module: &str) -> u8 {
    let found = TIERS.iter().find(|(name, _)| *name == module);
    found
        .unwrap_or_else(|| {
            panic!("`{module}` has no tier: add it to the table in src/lib.rs and here")
        })
        .1
}

/// `src/api/json.rs` belongs to `api`, `src/ui.rs` to `ui`.
fn module_of(path: &Path) -> String {
    let first = path.iter().nth(1).expect("a file below src").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_go_to_a_lower_tier() {
    for (path, code) in sources() {
        let module = module_of(&path);
        if module == "main" || module == "lib" {
            continue;
        }
        for part in code.split("crate::").skip(1) {
            let imported: String =
                part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_neighbour = NEIGHBOURS.contains(&(module.as_str(), imported.as_str()));
            if imported == module || imported.is_empty() || is_neighbour {
                continue;
            }
            assert!(
                tier(&imported) < tier(&module),
                "{} imports {imported}, which is no lower tier",
                path.display()
            );
        }
    }
}

#[test]
fn what_belongs_into_one_file_stands_there_only() {
    for (path, code) in sources() {
        let path = path.to_string_lossy().replace('\\', "/");
        for (word, homes) in CONFINED {
            let is_home = homes.iter().any(|home| path.starts_with(home));
            assert!(is_home || !code.contains(word), "{path} has `{word}`");
        }
    }
}

#[test]
fn every_table_row_of_the_crate_docs_names_modules_that_exist() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("lib.rs");
    for (module, tier) in TIERS {
        let row = docs.lines().find(|line| line.starts_with(&format!("//! | {tier} |")));
        let row = row.unwrap_or_else(|| panic!("no row for tier {tier}"));
        let is_named =
            row.contains(&format!("[`{module}`]")) || row.contains(&format!("`{module}`"));
        assert!(is_named || *module == "lib", "tier {tier} does not name `{module}`");
    }
}
