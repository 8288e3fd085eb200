//! Authenticated calls of the HeyGen API from a shell: the library behind the program `heygen`.
//!
//! One call is one straight line; a feature joins it, none runs beside it:
//!
//! ```text
//! argv ── cli ──▶ Cli ── settings ──▶ Settings          wrong usage ends here: exit 2
//!                  │
//!               commands ── call ──▶ Request             a value: no key, no host
//!                  │                     └─ instead ──▶ shown, or said as a program; nothing sent
//!               exchange ── client ──▶ Outgoing          key and host are joined to it
//!                              │
//!                          transport ──▶ Response        any status is an answer
//!                              │
//!               answer, envelope ──▶ Envelope | Failure
//!                              │
//!                          render ──▶ bytes ── ui ──▶ stdout
//!
//! every Error ── report ──▶ stderr and the exit code
//! ```
//!
//! Modules lie in tiers; imports go to a lower tier only, and there are no cycles:
//!
//! | tier | modules |
//! |---|---|
//! | 9 | `main`, this file |
//! | 8 | [`commands`]: one file a command; they do not import each other |
//! | 7 | [`answering`], [`exchange`], [`instead`], [`printing`], [`call`], [`key_check`], [`fields`], [`context`], [`report`]: what commands share |
//! | 6 | [`settings`], [`ui`]: what was meant; the only holder of the streams |
//! | 5 | [`cli`]: what can be typed |
//! | 4 | [`workflow`], [`render`], [`snippet`]: several calls that make one result; values to bytes; a request as source text |
//! | 3 | [`api`]: a request, its way to HeyGen and back; no terminal, no environment |
//! | 2 | [`credential`], [`catalogue`]: the key and where it came from; operations as data |
//! | 1 | [`error`]: what can go wrong, with code, exit code and hint |
//! | 0 | [`exit_code`], [`secret`], [`clock`], [`env`](mod@env), [`interrupt`], [`keyboard`], [`palette`] |
//!
//! What holds everywhere:
//!
//! 1. A `Request` has no key and no host; only `Client` joins them. The key is exposed by
//!    `transport.rs`, which sends it, and by `credential/store.rs`, which stores it when asked to.
//! 2. `ureq` is named in `transport.rs` only, `colored` in `palette.rs`, `dotenvy` in `credential`,
//!    `jaq` in `render/jq.rs`, `std::env` in `env.rs`, sleeping in `clock.rs`, stdout and stderr in `ui.rs`.
//! 3. Below `cli` nobody knows that there is a command line, below `ui` nobody prints, and only
//!    [`commands`] return anyhow errors. [`report`] takes the first [`error::Error`] of the chain
//!    for code and exit, the outermost words for the text.
//! 4. Every error has a code, an exit code, a hint or a reason for none, and a test.
//! 5. A paid job is never submitted twice by the tool itself.
//! 6. A file under its final name is complete.
//! 7. The catalogue is data; no operation is named twice in code.
//!
//! The library is for the program and its tests; it keeps no promises between versions.

pub mod answering;
pub mod api;
pub mod call;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod context;
pub mod credential;
pub mod env;
pub mod error;
pub mod exchange;
pub mod exit_code;
pub mod fields;
pub mod instead;
pub mod interrupt;
pub mod key_check;
pub mod keyboard;
pub mod palette;
pub mod printing;
pub mod render;
pub mod report;
pub mod secret;
pub mod settings;
pub mod snippet;
pub mod ui;
pub mod workflow;

use std::ffi::OsString;

use clap_complete::env::CompleteEnv;

use crate::cli::{Cli, ColorChoice, ErrorFormat, HelpText, Parsed};
use crate::clock::SystemClock;
use crate::context::Context;
use crate::env::Env;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::ui::Ui;

/// Runs the program with the arguments and the environment of the process.
pub fn main() -> ExitCode {
    let env = Env::of_process();
    let arguments = env::arguments();
    // A shell that completes asks through this variable, and nothing else is done then.
    if env.is_set("COMPLETE") {
        let completer =
            CompleteEnv::with_factory(cli::completable).shells(cli::COMPLETERS).bin("heygen");
        if completer.try_complete(arguments.clone(), Some(env.current_dir())).unwrap_or(true) {
            return ExitCode::Done;
        }
    }
    run(&arguments, &env)
}

/// Runs one command line in an environment and returns what the shell learns.
pub fn run(arguments: &[OsString], env: &Env) -> ExitCode {
    let parsed = cli::parse(arguments);
    let global = match &parsed {
        Ok(Parsed::Run(cli)) => Some(&cli.global),
        _ => None,
    };
    let color = global.and_then(|global| global.color).unwrap_or(ColorChoice::Auto);
    let (format, bad_format) = match (cli::typed_error_format(arguments), ui::error_format(env)) {
        (Some(format), _) => (format, None),
        (None, Ok(format)) => (format, None),
        (None, Err(error)) => (ErrorFormat::Auto, Some(error)),
    };
    let ui = Ui::new(color, format, global.is_some_and(|global| global.quiet), env);
    // A stray argument that equals the key must not be echoed, even before the key is looked for.
    if let Ok(Some(key)) = env.text("HEYGEN_API_KEY") {
        ui.hide(Secret::new(key.trim()));
    }
    let outcome = match (parsed, bad_format) {
        (Err(error), _) | (_, Some(error)) => Err(error.into()),
        (Ok(Parsed::Show(text)), None) => show(&ui, &text),
        (Ok(Parsed::Run(cli)), None) => command(&cli, &ui, env),
    };
    match outcome {
        Ok(()) => ExitCode::Done,
        Err(error) => report::report(&ui, &error),
    }
}

fn command(cli: &Cli, ui: &Ui, env: &Env) -> anyhow::Result<()> {
    let settings = Settings::new(&cli.global, env)?;
    commands::run(&cli.command, &Context { settings, ui, env, clock: &SystemClock })
}

fn show(ui: &Ui, text: &HelpText) -> anyhow::Result<()> {
    let text = if ui.dress().palette.is_some() { &text.coloured } else { &text.plain };
    ui.write(|out| out.write_all(text.as_bytes())).map_err(Error::Output)?;
    Ok(())
}
