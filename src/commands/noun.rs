//! `heygen <NOUN> <VERB>`: what comes before the call that it means.

use http::Method;

use crate::app::context::Context;
use crate::cli::NounArgs;
use crate::error::Error;

/// The method of the call.
pub(super) fn method(args: &NounArgs) -> Method {
    // The methods of the catalogue are HTTP's.
    args.operation.method().parse().unwrap_or(Method::GET)
}

/// Asks before something is removed or stopped.
///
/// # Errors
/// The answer is not yes, or nobody can be asked.
pub(super) fn confirm(args: &NounArgs, context: &Context<'_>) -> Result<(), Error> {
    let instead = &args.call.instead;
    let sends = !instead.dry_run && !instead.validate && instead.program.is_none();
    if !args.operation.is_destructive() || args.is_confirmed || !sends {
        return Ok(());
    }
    let what = what(args);
    if !context.ui.may_ask() {
        return Err(Error::Unconfirmed { what, was_asked: false });
    }
    let question = format!("{what}? [y/N] ");
    match context.ui.ask(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Unconfirmed { what, was_asked: true }),
        Err(cause) => Err(Error::File { doing: "reading", path: "stdin".into(), cause }),
    }
}

/// `delete vid_0a1b2c3d`, or the whole command.
fn what(args: &NounArgs) -> String {
    let ids = args.ids.join(" ");
    match args.operation.method() {
        "DELETE" => format!("delete {ids}"),
        _ => format!("{} {ids}", args.operation.command().unwrap_or_default()),
    }
}
