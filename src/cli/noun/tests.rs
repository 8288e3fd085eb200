//! The commands of the catalogue beside those of HeyGen's own command line.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The generated commands of HeyGen's own command line, as of July 2026: one per line.
const OFFICIAL: &str = include_str!("../../../tests/data/official-commands.jsonl");

fn line(words: &str) -> Vec<OsString> {
    ["heygen"].into_iter().chain(words.split(' ')).map(OsString::from).collect()
}

#[test]
fn commands_of_heygen_have_their_flags() {
    let (mut count, mut relaxed) = (0, Vec::new());
    for command in OFFICIAL.lines() {
        let command: Value = serde_json::from_str(command).expect("JSON");
        let text = |name: &str| command[name].as_str().unwrap_or_default();
        let words = text("command");
        let asked = asked_for(&line(words)).expect("a noun");
        let operation = asked.operation.unwrap_or_else(|| panic!("{words} is missing"));
        assert_eq!((operation.method(), operation.path()), (text("method"), text("path")));
        let mut tree = asked.command();
        for word in words.split(' ').skip(1) {
            tree = tree.find_subcommand(word).expect("a command").clone();
        }
        let ids: Vec<String> = tree
            .get_positionals()
            .map(|own| own.get_value_names().expect("a name")[0].to_lowercase().replace('_', "-"))
            .collect();
        let expected = command["ids"].as_array().expect("a list");
        assert_eq!(expected.iter().map(|id| id.as_str().expect("text")).collect::<Vec<_>>(), ids);
        let fields = fields(operation);
        for flag in command["flags"].as_array().expect("a list") {
            let name = flag["flag"].as_str().expect("text");
            let field = fields.iter().find(|field| field.flag() == name);
            let field = field.unwrap_or_else(|| panic!("{words} --{name} is missing"));
            let argument = tree.get_arguments().find(|own| own.get_long() == Some(name));
            assert!(argument.is_some(), "{words} --{name}");
            let is_required = flag["required"].as_bool().expect("a bool");
            if is_required && !field.is_required {
                relaxed.push(format!("{words} --{name}"));
            }
            if let Some(default) = flag["default"].as_str() {
                let own = field.schema.default().map(|own| match own {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                assert_eq!(own.as_deref(), Some(default), "{words} --{name}");
            }
        }
        let has = |long: &str| tree.get_arguments().any(|own| own.get_long() == Some(long));
        let asks = is_true(&command["force"]) || words.ends_with("rotate-secret");
        assert_eq!(operation.is_destructive(), asks, "{words}");
        assert_eq!(operation.pages().is_some(), is_true(&command["paged"]), "{words}");
        assert!(has("wait") || !is_true(&command["wait"]), "{words}");
        count += 1;
    }
    assert_eq!(count, 85);
    // HeyGen's newer OpenAPI description does not require it.
    assert_eq!(relaxed, ["video-agent send --message"]);
}

fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true)
}

#[test]
fn other_commands_are_no_nouns() {
    let root = <crate::cli::Cli as clap::CommandFactory>::command();
    let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(names, OTHERS);
    assert!(nouns().iter().all(|noun| !OTHERS.contains(noun)));
}

#[test]
fn every_operation_has_a_command() {
    let mut count = 0;
    for operation in catalogue::all() {
        let Some(command) = operation.command() else { continue };
        let asked = asked_for(&line(command)).expect("a noun");
        assert_eq!(asked.operation, Some(operation), "{command}");
        asked.command().debug_assert();
        count += 1;
    }
    assert_eq!(count, 140);
}

#[test]
fn words_that_people_type_for_nouns() {
    let check = |words: &str, expected: Option<(&str, &str)>| {
        let asked = asked_for(&line(words));
        let found = asked.as_ref().map(|asked| {
            let command = asked.operation.and_then(Operation::command).unwrap_or_default();
            (asked.noun, command)
        });
        assert_eq!(found, expected, "{words}");
    };
    check("video list", Some(("video", "video list")));
    check("videos list --limit 5", Some(("video", "video list")));
    check("-v --color never video list", Some(("video", "video list")));
    check("--api-base=http://x voices get v", Some(("voice", "voice get")));
    check("brand-kit list", Some(("brand", "brand kits list")));
    check("brand kit list", Some(("brand", "brand kits list")));
    check("avatar look list", Some(("avatar", "avatar looks list")));
    check("user", Some(("user", "user me get")));
    check("user -o compact", Some(("user", "user me get")));
    check("user --help", Some(("user", "")));
    check("--human video list", Some(("video", "video list")));
    check("video --api-base http://x list", Some(("video", "video list")));
    check("video -v list", Some(("video", "video list")));
    check("user --api-base http://x", Some(("user", "user me get")));
    check("video", Some(("video", "")));
    check("video lst", Some(("video", "")));
    check("get /v3/videos", None);
    check("vidoe list", None);
    check("-- video list", None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_line_makes_it_panic(words in proptest::collection::vec(
        prop::sample::select(vec![
            "video", "list", "create", "looks", "avatar", "user", "me", "get", "download", "--help",
            "--human", "-q", ".", "--limit", "5", "--type", "avatar", "--api-base", "http://a",
            "--", "-v", "--force", "x", "", "--response-schema", "brand-kits", "--remove-background",
            "--remove-background=false", "--scenes", "{}", "-d", "--query", "audio", "sounds",
        ]),
        0..7,
    )) {
        let line: Vec<OsString> =
            ["heygen"].into_iter().chain(words).map(OsString::from).collect();
        let _ = crate::cli::parse(&line);
    }
}
