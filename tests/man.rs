//! `heygen man`, and `heygen help`.

use crate::support::{Inline, Test, str};

#[cfg(unix)]
use crate::support::Stream;

#[test]
fn writes_a_page_per_command() {
    let outcome =
        Test::new(&["man", "share/man1"]).no_key().file("share/man1/heygen.1", "old").exits(0);
    let names = outcome.files();
    for name in ["heygen.1", "heygen-get.1", "heygen-auth.1", "heygen-auth-check.1", "heygen-man.1"]
    {
        assert!(names.contains(&format!("share/man1/{name}")), "{name} is missing in {names:?}");
    }
    for name in &names {
        assert!(name.ends_with(".1"), "{name}");
        let page = String::from_utf8(outcome.file(name)).expect("a page is text");
        assert!(page.contains(".TH heygen"), "{name}");
        for section in ["EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"] {
            assert!(
                page.contains(&format!(".SH \"{section}\""))
                    || page.contains(&format!(".SH {section}\n")),
                "{name} has no {section}"
            );
        }
    }
}

#[test]
fn prints_main_page_without_folder() {
    let outcome = Test::new(&["man", "here"]).no_key().exits(0);
    let page = String::from_utf8(outcome.file("here/heygen.1")).expect("a page is text");
    Test::new(&["man"]).no_key().stdout(&page).exits(0);
}

#[test]
fn uncreatable_folder_is_an_error() {
    Test::new(&["man", "file/man1"])
        .no_key()
        .file("file", "")
        .stderr(str![[r#"
{"error":{"code":"cli_file_io_error","message":"writing into `file/man1`: not a directory"}}

"#]])
        .exits(1);
}

#[test]
fn topics_are_man_sections() {
    let page = Test::new(&["man"]).no_key().run().stdout;
    let words = |text: &str| -> Vec<String> {
        let plain = text
            .replace("\\-", "-")
            .replace("\\*(Aq", "'")
            .replace("\\fB", " ")
            .replace("\\fR", " ");
        plain.split_whitespace().map(str::to_owned).collect()
    };
    let page = words(&page);
    for topic in [
        "requests",
        "output",
        "lists",
        "filters",
        "keys",
        "secrets",
        "ci",
        "jobs",
        "retries",
        "network",
        "environment",
        "exit-codes",
        "setup",
    ] {
        let text = Test::new(&["help", topic]).no_key().run();
        assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""));
        assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
        // Every word of the topic stands in the page, in this order.
        let mut rest = page.iter();
        for word in words(&text.stdout) {
            assert!(rest.any(|other| *other == word), "{topic}: `{word}`");
        }
    }
}

#[test]
fn help_command_equals_help_flag() {
    for command in [&["get"][..], &["auth", "check"], &["help"]] {
        let by_flag = Test::new(&[command, &["--help"]].concat()).no_key().run();
        assert_eq!((by_flag.code, by_flag.stderr.as_str()), (Some(0), ""));
        Test::new(&[&["help"], command].concat()).no_key().stdout(&by_flag.stdout).exits(0);
    }
    let general = Test::new(&["--help"]).no_key().run();
    Test::new(&["help"]).no_key().stdout(&general.stdout).exits(0);
    Test::new(&["-h"]).no_key().stdout(&general.stdout).exits(0);
}

#[cfg(unix)]
#[test]
fn general_help_fits_a_screen() {
    let outcome = Test::new(&["--help"]).no_key().terminal(Stream::Both).window(80, 24).run();
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.lines().count() < 24, "{}", outcome.stdout);
}

#[test]
fn unknown_topic_gets_suggestion() {
    let check = |words: &[&str], stderr: Inline| {
        Test::new(words).no_key().stderr(stderr).exits(2);
    };
    check(
        &["help", "gte"],
        str![[r#"
{"error":{"code":"usage_error","message":"unknown command or topic `gte`","hint":"did you mean `heygen help get`?"}}

"#]],
    );
    check(
        &["help", "exit-code"],
        str![[r#"
{"error":{"code":"usage_error","message":"unknown command or topic `exit-code`","hint":"did you mean `heygen help exit-codes`?"}}

"#]],
    );
    check(
        &["help", "nonsense"],
        str![[r#"
{"error":{"code":"usage_error","message":"unknown command or topic `nonsense`","hint":"`heygen help` lists the commands and topics"}}

"#]],
    );
    check(
        &["gte", "/v3/videos"],
        str![[r#"
{"error":{"code":"usage_error","message":"unrecognized subcommand 'gte'","hint":"a similar subcommand exists: 'get'"}}

"#]],
    );
    check(
        &["psot"],
        str![[r#"
{"error":{"code":"usage_error","message":"unrecognized subcommand 'psot'","hint":"a similar subcommand exists: 'post'"}}

"#]],
    );
    check(
        &["auth", "chekc"],
        str![[r#"
{"error":{"code":"usage_error","message":"unrecognized subcommand 'chekc'","hint":"a similar subcommand exists: 'check'"}}

"#]],
    );
}

#[test]
fn pages_list_values_and_topics() {
    let outcome = Test::new(&["man", "man1"]).no_key().exits(0);
    let page = |name| String::from_utf8(outcome.file(name)).expect("a page is text");
    let list = ".RS\n.TP 9\n\\fBjson\\fR\nindented JSON\n.TP 9\n\\fBcompact\\fR\n";
    assert!(page("man1/heygen-get.1").contains(list), "{}", page("man1/heygen-get.1"));
    let topics = "Topics: requests, output, lists, filters, keys, secrets, ci, jobs, retries,\nnetwork, environment, exit\\-codes, setup";
    assert!(page("man1/heygen-help.1").contains(topics), "{}", page("man1/heygen-help.1"));
    for local in ["man1/heygen-help.1", "man1/heygen-man.1", "man1/heygen-completions.1"] {
        assert!(!page(local).contains("no\\-env\\-file"), "{local}");
    }
}
