//! The structure that the crate docs promise, checked in the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Words that stand in one file (or folder) only.
const CONFINED: &[(&str, &[&str])] = &[
    ("ureq::", &["src/http/transport/"]),
    ("colored::", &["src/palette.rs"]),
    ("dotenvy::", &["src/credential/"]),
    ("jaq_", &["src/render/jq/"]),
    ("csv::Writer", &["src/render/csv.rs"]),
    ("std::env::", &["src/env.rs"]),
    ("thread::sleep", &["src/clock.rs"]),
    ("io::stdin()", &["src/terminal/"]),
    ("io::stdout()", &["src/terminal/stdio.rs"]),
    ("io::stderr()", &["src/terminal/stdio.rs"]),
    ("signal_hook::", &["src/terminal/signals.rs"]),
    (".expose()", &["src/http/transport/mod.rs", "src/credential/store.rs"]),
    (".spawn()", &["src/commands/mock/child.rs", "src/terminal/signals.rs"]),
    ("rpassword::", &["src/terminal/keyboard.rs"]),
    ("anyhow::", &["src/commands/", "src/lib.rs", "src/app/report.rs"]),
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

/// The rooms of the crate with their tiers, and the arrows inside a tier, as the crate docs have
/// them: ``| 4 | [`cli`], `x`; `cli` → `x` | … |``.
struct Table {
    tiers: BTreeMap<String, u8>,
    arrows: BTreeSet<(String, String)>,
}

impl Table {
    fn of_crate_docs() -> Table {
        let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
            .expect("lib.rs");
        let mut table = Table { tiers: BTreeMap::new(), arrows: BTreeSet::new() };
        for row in docs.lines().filter_map(|line| line.strip_prefix("//! | ")) {
            let mut cells = row.split(" | ");
            let Some(tier) = cells.next().and_then(|cell| cell.parse::<u8>().ok()) else {
                continue;
            };
            let rooms = cells.next().expect("a cell of rooms");
            let (rooms, arrows) = rooms.split_once(';').unwrap_or((rooms, ""));
            let room = |text: &str| {
                let name = text.split('`').nth(1).expect("a room in backticks");
                name.trim_start_matches("mod@").to_owned()
            };
            table.tiers.extend(rooms.split(',').map(|text| (room(text), tier)));
            for arrow in arrows.split(',').filter(|text| !text.trim().is_empty()) {
                let (from, to) = arrow.split_once('→').expect("an arrow");
                table.arrows.insert((room(from), room(to)));
            }
        }
        table
    }

    fn tier(&self, room: &str) -> u8 {
        *self.tiers.get(room).unwrap_or_else(|| {
            panic!("`{room}` has no tier: add it to the table of the crate docs in src/lib.rs")
        })
    }
}

/// `src/api/list.rs` belongs to `api`, `src/env.rs` to `env`.
fn room_of(path: &Path) -> String {
    let first = path.iter().nth(1).expect("a file below src").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that a source names after `crate::`, in a path or in braces.
fn imports(code: &str) -> BTreeSet<String> {
    let mut imported = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        let names = match part.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![part],
        };
        for name in names {
            let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
            imported.insert(name.trim().chars().take_while(is_name).collect());
        }
    }
    imported
}

#[test]
fn imports_go_to_lower_tiers() {
    let table = Table::of_crate_docs();
    for (path, code) in sources() {
        let room = room_of(&path);
        for imported in imports(&code) {
            let is_drawn = table.arrows.contains(&(room.clone(), imported.clone()));
            assert!(
                imported == room
                    || is_drawn
                    || room == "main"
                    || table.tier(&imported) < table.tier(&room),
                "{} imports `{imported}`, which is not in a lower tier",
                path.display()
            );
        }
    }
}

#[test]
fn imports_in_a_tier_are_acyclic() {
    let table = Table::of_crate_docs();
    let mut drawn = BTreeSet::new();
    for (path, code) in sources() {
        let room = room_of(&path);
        drawn.extend(imports(&code).into_iter().map(|imported| (room.clone(), imported)));
    }
    for (from, to) in &table.arrows {
        assert_eq!(table.tier(from), table.tier(to), "`{from}` → `{to}` is not inside a tier");
        assert!(drawn.contains(&(from.clone(), to.clone())), "nothing uses `{from}` → `{to}`");
        let starts_another = table.arrows.iter().any(|(other, _)| other == to);
        assert!(!starts_another, "`{from}` → `{to}` goes on: that could become a cycle");
    }
}

#[test]
fn confined_names_stay_in_their_file() {
    for (path, code) in sources() {
        let path = path.to_string_lossy().replace('\\', "/");
        for (word, homes) in CONFINED {
            let is_home = homes.iter().any(|home| path.starts_with(home));
            assert!(is_home || !code.contains(word), "{path} has `{word}`");
        }
    }
}

#[test]
fn crate_docs_name_every_module() {
    let table = Table::of_crate_docs();
    let rooms: BTreeSet<String> = sources().iter().map(|(path, _)| room_of(path)).collect();
    let named: BTreeSet<String> = table.tiers.keys().cloned().collect();
    assert_eq!(rooms, named);
}
