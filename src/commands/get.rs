//! `heygen get <ENDPOINT>`: one call, and its data on stdout.

use crate::call;
use crate::cli::GetArgs;
use crate::context::Context;
use crate::exchange::{self, Exchange};
use crate::settings::{AnswerStyle, Limits};

/// Calls the endpoint and prints what it answers.
pub(super) fn run(args: &GetArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let style = AnswerStyle::new(&args.call.answer, context.env)?;
    let request = call::request(&args.call, &context.settings.base, context.env)?;
    let exchange = Exchange::open(context, Limits::new(&args.call.limits))?;
    let exchanged = exchange.call(&request)?;
    exchange::print(context.ui, exchanged, style)?;
    Ok(())
}
