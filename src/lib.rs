//! Authenticated calls of the HeyGen API from a shell: the library behind the program `heygen`.
//!
//! One call is one straight line. A feature joins that line; none runs beside it:
//!
//! ```text
//! main.rs            heygen_cli::main()
//! lib.rs             argv ── cli ──▶ Cli                        usage errors: exit 2
//! terminal/          the three streams, keyboard, signals       colour decided once per stream
//! app/settings       flags + env ────▶ Settings                 valid from here on
//! commands/          one match ──────▶ run(&args, &Context)
//! compose/           args ───────────▶ Request { operation }    a value: no key, no host
//! output/preview     Request ────────▶ shown, or as a program   nothing sent
//! app/session        finds key and limits, observes, and sends through the Client
//! http/client        Request + key ──▶ Outgoing … ▶ Outcome     the only place where they meet
//! http/transport     Outgoing ─ ureq ▶ Response                 any status is a response
//! http/retry         Outcome ── decide ──▶ pause and retry, or stop
//! api/               Response ───────▶ Envelope | CallFailure
//! jobs/              Envelope ── polls, links ▶ final states, files
//! output/ + render/  Envelope ───────▶ bytes ──▶ stdout
//! app/report         Err + app/advice ▶ stderr, exit code       hints and flags are named here only
//! ```
//!
//! Each room lies in a tier and imports only from lower tiers. An arrow inside a tier is written
//! beside it, and there are no cycles; `tests/tidy.rs` reads this table and checks the imports.
//!
//! | tier | rooms | hold |
//! |---|---|---|
//! | 8 | `main`, `lib` | the process; this map |
//! | 7 | `commands` | one file per command; they do not import each other |
//! | 6 | `compose`, `output` | arguments to a request; an outcome to stdout or a file |
//! | 5 | `app` | what a command may touch, one call made, an error's last stop |
//! | 4 | `cli`, `account`, `jobs`, `snippet`, [`render`], `mock`; `cli` → `account`, `cli` → `snippet`, `cli` → `mock`, `cli` → `jobs` | what can be entered; facts and gates of a key; several calls that make one result; a request as source text; values to bytes; a HeyGen on this computer, at the other end of the line |
//! | 3 | [`mod@http`], [`terminal`] | the wire; the person |
//! | 2 | [`api`], `credential`, `schema` | the API as values; the key and where it came from; JSON Schemas of operations, and values held against them |
//! | 1 | [`error`], [`catalogue`], [`json`] | what can go wrong; operations as data; the checked JSON walker |
//! | 0 | `exit_code`, [`secret`], [`clock`], [`env`](mod@env), [`palette`], `file`, `nearest`, `percent`, `random` | one file for each crate or part of the system that is named nowhere else |
//!
//! Invariants:
//!
//! 1. A `Request` has no key and no host; only `Client` joins them. The key is exposed by the
//!    transport, which sends it, and by the writer of the credentials file, which stores it when
//!    asked to.
//! 2. `ureq` is named in `http/transport` only, `colored` in the palette, `dotenvy` in
//!    `credential`, jaq in `render/jq`, `indicatif` in `terminal/progress`, `std::env` in `env`, sleeping in `clock`, stdin, stdout
//!    and stderr in `terminal`, starting another program in `commands/mock`.
//! 3. Below `cli` and `app` nobody knows that there is a command line: errors hold facts. Below
//!    `terminal`'s users nobody prints; below `commands` nobody returns anyhow. `report` takes
//!    the first [`error::Error`] of the chain for code and exit, the outermost words for the text.
//! 4. Every `Error` variant has a code, an exit code, advice or a reason for none, and a test.
//! 5. A paid job is never submitted twice by the tool itself.
//! 6. A file under its final name is complete. The key goes to no host of a file.
//! 7. The catalogue is data; no operation is named twice in code.
//!
//! The library is for the program and its tests; it keeps no promises between versions.

mod account;
pub mod api;
mod app;
pub mod catalogue;
mod cli;
pub mod clock;
mod commands;
mod compose;
mod credential;
pub mod env;
pub mod error;
mod exit_code;
mod file;
pub mod http;
mod jobs;
pub mod json;
mod mock;
mod nearest;
mod output;
pub mod palette;
mod percent;
mod random;
pub mod render;
mod schema;
pub mod secret;
mod snippet;
pub mod terminal;

use std::ffi::OsString;

use crate::app::context::Context;
use crate::app::report;
use crate::app::settings::{self, Settings};
use crate::cli::{Cli, HelpText, Parsed};
use crate::clock::SystemClock;
use crate::credential::KeyFile;
use crate::env::Env;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::terminal::signals::{self, OnEnd};
use crate::terminal::stdio::Stdio;
use crate::terminal::streams::{ColorChoice, ErrorFormat, Ui};
use crate::terminal::text::fitted;

/// Runs the program with the arguments, the environment and the streams of the process.
pub fn main() -> ExitCode {
    signals::survive_full_files();
    run(&env::arguments(), &Env::of_process(), &Stdio::of_process())
}

/// Runs one command line in an environment and returns its exit code.
pub fn run(arguments: &[OsString], env: &Env, stdio: &Stdio) -> ExitCode {
    let parsed = match env.raw(cli::COMPLETE).filter(|shell| !shell.is_empty()) {
        Some(shell) => cli::completions(shell, arguments, env),
        None => cli::parse(arguments),
    };
    let global = match &parsed {
        Ok(Parsed::Run(cli)) => Some(&cli.global),
        _ => None,
    };
    let color = global.and_then(|global| global.color).unwrap_or(ColorChoice::Auto);
    let (format, bad_format) =
        match (cli::typed_error_format(arguments), settings::error_format(env)) {
            (Some(format), _) => (format, None),
            (None, Ok(format)) => (format, None),
            (None, Err(error)) => (ErrorFormat::Auto, Some(error)),
        };
    let ui = Ui::new(stdio, color, format, global.is_some_and(|global| global.quiet), env);
    // A stray argument that equals the key must not be echoed, even before the key is looked for.
    if let Some(secret) = credential::secret_in(env) {
        ui.hide(secret);
    }
    let typed = cli::typed_key_files(arguments);
    let places = settings::places(global.unwrap_or(&typed));
    let stored_in = env.clone();
    ui.hide_stored(move || credential::stored_keys(&places, &stored_in));
    let on_end = OnEnd::new();
    let outcome = match (parsed, bad_format) {
        (Ok(Parsed::Completions(lines)), _) => write(&ui, &lines).map(|()| ExitCode::Done),
        (Err(error), _) | (_, Some(error)) => Err(error.into()),
        (Ok(Parsed::Show(text)), None) => show(&ui, &text).map(|()| ExitCode::Done),
        (Ok(Parsed::Run(cli)), None) => command(&cli, &ui, env, &on_end),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => on_end.instead(|| report::report(&ui, &error)),
    }
}

/// The columns that help texts are written for.
const USUAL_COLUMNS: usize = 80;

fn command(cli: &Cli, ui: &Ui, env: &Env, on_end: &OnEnd) -> anyhow::Result<ExitCode> {
    // A variable about calls does not keep a command from working that makes none.
    let no_variables = Env::default();
    let variables = if cli.command.makes_calls() { env } else { &no_variables };
    let settings = Settings::new(&cli.global, variables)?;
    if settings.places.key_file == Some(KeyFile::Stdin) {
        ui.claim_stdin("--api-key-file -")?;
    }
    commands::run(&cli.command, &Context { settings, ui, env, clock: &SystemClock, on_end })
}

fn show(ui: &Ui, text: &HelpText) -> anyhow::Result<()> {
    if let Some(room) = ui.room().filter(|room| *room < USUAL_COLUMNS) {
        return write(ui, fitted(&text.plain, room).as_bytes());
    }
    let text = if ui.dress().palette.is_some() { &text.coloured } else { &text.plain };
    write(ui, text.as_bytes())
}

fn write(ui: &Ui, bytes: &[u8]) -> anyhow::Result<()> {
    ui.write(|out| out.write_all(bytes)).map_err(Error::Output)?;
    Ok(())
}
