//! `heygen endpoints …`: the catalogue, offline.

mod example;
mod list;
mod page;
mod show;
mod tree;

use crate::app::context::Context;
use crate::catalogue::Operation;
use crate::cli::{EndpointsArgs, EndpointsCommand, SchemaOf};
use crate::palette::{Paint, Palette};
use crate::terminal::streams::Ui;

/// Lists operations, or describes one.
pub(super) fn run(args: &EndpointsArgs, context: &Context<'_>) -> anyhow::Result<()> {
    match &args.command {
        Some(EndpointsCommand::Show(show)) => show::run(show, context),
        None => list::run(args, context),
    }
}

/// Prints a schema of an operation.
pub(super) fn print_schema(
    operation: Operation,
    part: SchemaOf,
    context: &Context<'_>,
) -> anyhow::Result<()> {
    show::print_schema(operation, part, context)
}

/// The text in a colour, if stdout takes any.
fn painted(ui: &Ui, paint: fn(&Palette) -> &Paint, text: &str) -> String {
    ui.dress().palette.map_or_else(|| text.to_owned(), |palette| paint(palette).paint(text))
}
