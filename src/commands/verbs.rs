//! `heygen get|head|post|put|patch|delete <ENDPOINT>`: one call, and its data on stdout.

use http::Method;

use crate::call;
use crate::cli::{BodyArgs, CallArgs};
use crate::context::Context;
use crate::exchange::Exchange;
use crate::instead;
use crate::printing::{self, Destination};
use crate::settings::{AnswerStyle, Limits};

/// Calls the endpoint and prints what it answers.
pub(super) fn run(
    method: Method,
    args: &CallArgs,
    body: &BodyArgs,
    context: &Context<'_>,
) -> anyhow::Result<()> {
    let mut style = AnswerStyle::new(&args.answer, context.env)?;
    let head_is_answer = method == Method::HEAD;
    style.head |= head_is_answer;
    let limits = Limits::new(&args.limits, context.env)?;
    let request = call::request(method, args, body, &context.settings, context.env)?;
    if let Some(language) = args.instead.program {
        instead::program(&request, language, style.whole, context)?;
        return Ok(());
    }
    if args.instead.dry_run {
        instead::dry_run(&request, context)?;
        return Ok(());
    }
    let exchange = Exchange::open(context, limits)?;
    let destination = Destination::open(style.save.as_ref(), context.ui)?;
    let made = exchange.make(&request, style.save.is_some());
    if head_is_answer && style.save.is_some() && !made.is_failure() {
        return Ok(printing::save_head(context.ui, &made, destination)?);
    }
    if style.head {
        printing::print_head(context.ui, &made)?;
    }
    let exchanged = made.success()?;
    printing::print(context.ui, exchanged, &style, destination)?;
    Ok(())
}
