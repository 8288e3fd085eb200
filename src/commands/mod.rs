//! One file per command. They do not import each other; [`crate::app::session`] has the shared parts.

mod auth;
mod completions;
mod download;
mod endpoints;
mod help;
mod man;
mod mock;
mod noun;
mod verbs;
mod wait;

use http::Method;

use crate::app::context::Context;
use crate::cli::{BodyArgs, Command, JobArgs};
use crate::exit_code::ExitCode;

/// Runs the given command, and returns the exit code of its success.
///
/// # Errors
/// The command failed.
pub fn run(command: &Command, context: &Context<'_>) -> anyhow::Result<ExitCode> {
    let (no_body, no_job) = (BodyArgs::default(), JobArgs::default());
    match command {
        Command::Mock(args) => return mock::run(args, context),
        Command::Auth(args) => auth::run(args, context),
        Command::Get(args) => verbs::run(Method::GET, &args.call, &no_body, &no_job, context),
        Command::Head(args) => verbs::run(Method::HEAD, &args.call, &no_body, &no_job, context),
        Command::Post(args) => verbs::run(Method::POST, &args.call, &args.body, &args.job, context),
        Command::Put(args) => verbs::run(Method::PUT, &args.call, &args.body, &no_job, context),
        Command::Patch(args) => verbs::run(Method::PATCH, &args.call, &args.body, &no_job, context),
        Command::Delete(args) => {
            verbs::run(Method::DELETE, &args.call, &args.body, &no_job, context)
        }
        Command::Wait(args) => wait::run(args, context),
        Command::Download(args) => download::run(args, context),
        Command::Endpoints(args) => endpoints::run(args, context),
        Command::Noun(args) => match args.schema {
            Some(part) => endpoints::print_schema(args.operation, part, context),
            None => noun::confirm(args, context).map_err(Into::into).and_then(|()| {
                let method = noun::method(args);
                verbs::run(method, &args.call, &args.body, &args.job, context)
            }),
        },
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
        Command::Help(args) => help::run(args, context),
    }?;
    Ok(ExitCode::Done)
}
