//! `heygen completions`, and the scripts that are kept in `completions/`.

use std::path::Path;

use crate::support::{Test, str};

#[test]
fn committed_scripts_match_the_command() {
    for (shell, file) in [
        ("bash", "heygen.bash"),
        ("zsh", "_heygen"),
        ("fish", "heygen.fish"),
        ("powershell", "heygen.ps1"),
        ("elvish", "heygen.elv"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let kept = std::fs::read_to_string(&path).expect("a kept script");
        Test::new(&["completions", shell]).no_key().stdout(&kept).exits(0);
    }
}

#[test]
fn completes_commands() {
    Test::new(&["--", "heygen", "c"])
        .env("COMPLETE", "fish")
        .stdout(str![[r#"
completions␉Print the script that completes heygen in a shell

"#]])
        .exits(0);
}
