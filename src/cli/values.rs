//! The words for choices that clap lists and checks.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::terminal::streams::{ColorChoice, ErrorFormat};

impl ValueEnum for ColorChoice {
    fn value_variants<'a>() -> &'a [ColorChoice] {
        &[ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            ColorChoice::Auto => PossibleValue::new("auto").help("On a terminal that takes them"),
            ColorChoice::Always => PossibleValue::new("always").help("Everywhere"),
            ColorChoice::Never => PossibleValue::new("never").help("Nowhere"),
        })
    }
}

impl ValueEnum for ErrorFormat {
    fn value_variants<'a>() -> &'a [ErrorFormat] {
        &[ErrorFormat::Auto, ErrorFormat::Text, ErrorFormat::Json]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            ErrorFormat::Auto => PossibleValue::new("auto").help("Text on a terminal, else JSON"),
            ErrorFormat::Text => PossibleValue::new("text").help("For people"),
            ErrorFormat::Json => PossibleValue::new("json").help("One line for scripts"),
        })
    }
}
