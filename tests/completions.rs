//! `heygen completions`, and the scripts that are kept in `completions/`.

use std::path::Path;

use crate::support::{Reply, Server, Test};

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
        .env("_HEYGEN_COMPLETE", "fish")
        .stdout("completions\tPrint the completion script for a shell\n")
        .exits(0);
}

#[test]
fn clap_variable_is_ignored() {
    let server = Server::always(Reply::json(200, r#"{"data":1}"#));
    Test::new(&["get", "/v3/videos"]).env("COMPLETE", "1").server(&server).stdout("1\n").exits(0);
}

#[test]
fn unknown_shell_is_a_usage_error() {
    for shell in ["1", "tcsh", "/bin/bash"] {
        Test::new(&["get", "/v3/videos"])
            .env("_HEYGEN_COMPLETE", shell)
            .env("HEYGEN_ERROR_FORMAT", "text")
            .stderr(
                "error: invalid shell in _HEYGEN_COMPLETE\n\
                 hint: use one of bash, zsh, fish, powershell, elvish, or unset it\n",
            )
            .exits(2);
    }
}
