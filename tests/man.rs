//! `heygen man`, and `heygen help`.

use std::process::Command;

use crate::support::Test;

#[cfg(unix)]
use crate::support::Stream;

#[test]
fn a_folder_gets_a_page_for_each_command() {
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
    let all = names.iter().map(|name| outcome.work().join(name));
    let Ok(checked) =
        Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).args(all).output()
    else {
        return;
    };
    assert_eq!(String::from_utf8_lossy(&checked.stderr), "");
}

#[test]
fn without_a_folder_the_first_page_is_printed() {
    let outcome = Test::new(&["man", "here"]).no_key().exits(0);
    let page = String::from_utf8(outcome.file("here/heygen.1")).expect("a page is text");
    Test::new(&["man"]).no_key().stdout(&page).exits(0);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    Test::new(&["man", "file/man1"])
        .no_key()
        .file("file", "")
        .stderr(
            "{\"error\":{\"code\":\"cli_file_io_error\",\"message\":\"writing into `file/man1`: not a directory\"}}\n",
        )
        .exits(1);
}

#[test]
fn the_topics_are_sections_of_the_page() {
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
    for topic in ["exit-codes", "environment", "output", "keys", "retries"] {
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
fn help_of_a_command_is_what_its_flag_prints() {
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
fn the_general_help_fits_a_screen() {
    let outcome = Test::new(&["--help"]).no_key().terminal(Stream::Both).window(80, 24).run();
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.lines().count() < 24, "{}", outcome.stdout);
}

#[test]
fn what_has_no_help_gets_a_suggestion() {
    let check = |words: &[&str], message: &str, hint: &str| {
        Test::new(words)
            .no_key()
            .stderr(&format!(
                "{{\"error\":{{\"code\":\"usage_error\",\"message\":\"{message}\",\"hint\":\"{hint}\"}}}}\n"
            ))
            .exits(2);
    };
    check(
        &["help", "gte"],
        "there is no command and no topic `gte`",
        "did you mean `heygen help get`?",
    );
    check(
        &["help", "exit-code"],
        "there is no command and no topic `exit-code`",
        "did you mean `heygen help exit-codes`?",
    );
    check(
        &["help", "nonsense"],
        "there is no command and no topic `nonsense`",
        "`heygen help` lists the commands and topics",
    );
    check(
        &["gte", "/v3/videos"],
        "unrecognized subcommand 'gte'",
        "a similar subcommand exists: 'get'",
    );
    check(&["psot"], "unrecognized subcommand 'psot'", "a similar subcommand exists: 'post'");
    check(
        &["auth", "chekc"],
        "unrecognized subcommand 'chekc'",
        "a similar subcommand exists: 'check'",
    );
}
