//! `heygen mock`: a HeyGen on this computer, until Ctrl-C or for one command.

mod child;
mod surroundings;

use std::borrow::Cow;
use std::ffi::OsString;
use std::thread;

use crate::app::context::Context;
use crate::cli::MockArgs;
use crate::credential;
use crate::env::Env;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::mock::{Mock, Options, TroubleOptions};
use crate::secret::hide_key_shapes;
use child::{Ending, Watch};
use surroundings::Surroundings;

/// Serves, and returns the exit code of the command that it served.
pub(super) fn run(args: &MockArgs, context: &Context<'_>) -> anyhow::Result<ExitCode> {
    check_key(&args.key, context)?;
    match args.command.split_first() {
        Some((program, arguments)) => serve_command(args, program, arguments, context),
        None => serve(args, context),
    }
}

/// Refuses a key of the user's that has the shape of one, since it would be printed. Without that
/// shape it may be the mock's, taken over into the environment from what an earlier mock printed.
fn check_key(key: &str, context: &Context<'_>) -> Result<(), Error> {
    let is_own = || {
        let stored = credential::stored_keys(&context.settings.places, context.env);
        stored.iter().any(|own| own.is_in(key))
    };
    if matches!(hide_key_shapes(key), Cow::Owned(_)) && is_own() {
        return Err(Error::usage_with_hint(
            "--key is your API key, and the mock prints its key",
            "use any other text: the mock needs no real key",
        ));
    }
    Ok(())
}

fn serve(args: &MockArgs, context: &Context<'_>) -> anyhow::Result<ExitCode> {
    let ui = context.ui;
    let mock = start(args, (!ui.is_quiet()).then(|| ui.clone()))?;
    ui.progress(&format!("mock: {} (key `{}`); Ctrl-C ends it", mock.base_url, args.key));
    let assignment = assignment(&mock.base_url, &args.key, runs_in_powershell(context.env));
    ui.write(|out| writeln!(out, "{assignment}")).map_err(Error::Output)?;
    loop {
        thread::park();
    }
}

fn serve_command(
    args: &MockArgs,
    program: &OsString,
    arguments: &[OsString],
    context: &Context<'_>,
) -> anyhow::Result<ExitCode> {
    // From here on a signal ends the command first, then this program, and leaves no folder behind.
    let watch = Watch::start();
    let mock = start(args, None)?;
    let surroundings = Surroundings::new()?;
    let variables = surroundings.variables(context.env, &mock.base_url, &args.key)?;
    context.ui.progress(&format!("mock: {} (key `{}`)", mock.base_url, args.key));
    let ending = watch.run(program, arguments, variables, context.ui.stdin_is_terminal());
    drop(surroundings);
    Ok(match ending? {
        Ending::Code(code) => ExitCode::Program(code),
        Ending::Signal(signal) => ExitCode::Program(signal.die()),
    })
}

fn start(args: &MockArgs, log: Option<crate::terminal::streams::Ui>) -> Result<Mock, Error> {
    let options = Options {
        port: args.port,
        key: args.key.clone(),
        seed: args.seed,
        render_time: args.render_time,
        expire_urls: args.expire_urls,
        latency: args.latency.unwrap_or_default(),
        balance: args.balance,
        fail_jobs: args.fail_job.clone(),
        trouble: TroubleOptions {
            fails: args.fail.clone(),
            html_502: args.html_502,
            cut: args.cut,
            rate: args.rate,
            seed: 0,
        },
    };
    let address = format!("127.0.0.1:{}", args.port);
    Mock::start(options, log).map_err(|cause| Error::NotListening { address, cause })
}

/// The line that makes a shell use the mock.
fn assignment(base_url: &str, key: &str, powershell: bool) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    if powershell {
        let key = key.replace('\'', "''");
        return format!("$env:HEYGEN_API_BASE='{base_url}'; $env:HEYGEN_API_KEY='{key}'");
    }
    let key = match key.bytes().all(is_plain) {
        true => key.to_owned(),
        false => format!("'{}'", key.replace('\'', r"'\''")),
    };
    format!("export HEYGEN_API_BASE={base_url} HEYGEN_API_KEY={key}")
}

/// Returns whether the shell is PowerShell. Windows sets its variable for every program, so that
/// Git Bash has it too.
fn runs_in_powershell(env: &Env) -> bool {
    env.is_set("PSModulePath") && !(cfg!(windows) && (env.is_set("MSYSTEM") || env.is_set("SHELL")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_quoted() {
        let check = |key: &str, powershell: bool, expected: &str| {
            assert_eq!(assignment("http://127.0.0.1:1", key, powershell), expected);
        };
        check("mock", false, "export HEYGEN_API_BASE=http://127.0.0.1:1 HEYGEN_API_KEY=mock");
        check("$a'b", false, r"export HEYGEN_API_BASE=http://127.0.0.1:1 HEYGEN_API_KEY='$a'\''b'");
        check("a'b", true, "$env:HEYGEN_API_BASE='http://127.0.0.1:1'; $env:HEYGEN_API_KEY='a''b'");
    }
}
