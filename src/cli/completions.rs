//! `heygen completions …`, as it can be typed, and the scripts it is about.

use clap::Args;
use clap_complete::env::Shells;

/// Print the script that completes heygen in a shell
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  source <(heygen completions bash)\n  heygen completions fish > ~/.config/fish/completions/heygen.fish"
)]
pub struct CompletionsArgs {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL", value_parser = clap::builder::PossibleValuesParser::new(SHELLS))]
    pub shell: String,
}

/// The shells whose completion is known.
const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// The script that makes a shell ask `heygen` for completions.
pub fn completion_script(shell: &str) -> std::io::Result<Vec<u8>> {
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(shell) {
        completer.write_registration("COMPLETE", "heygen", "heygen", "heygen", &mut script)?;
    }
    Ok(script)
}
