//! Colours as a value. The plain [`Palette`] leaves text unchanged.
//!
//! `colored` decides for the whole process by looking at stdout alone, and lets
//! `CLICOLOR_FORCE` beat `NO_COLOR`. So it is asked once for the codes, and [`crate::terminal::streams`] decides
//! for each stream which palette goes with it.

use colored::{ColoredString, Colorize};

/// The codes before and after a painted text; both empty in a plain palette.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paint {
    /// The escape sequence that switches the colour on.
    pub open: String,
    /// The escape sequence that switches it off again.
    pub close: String,
}

impl Paint {
    /// `text` in this colour.
    pub fn paint(&self, text: &str) -> String {
        format!("{}{text}{}", self.open, self.close)
    }

    fn of(style: impl Fn(&str) -> ColoredString) -> Paint {
        let painted = style("|").to_string();
        let (open, close) = painted.split_once('|').unwrap_or_default();
        Paint { open: open.to_owned(), close: close.to_owned() }
    }
}

/// One colour for each kind of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette {
    /// The word `error:`.
    pub error: Paint,
    /// The word `warning:`.
    pub warning: Paint,
    /// The words `hint:` and `note:`.
    pub hint: Paint,
    /// The word `ok:`.
    pub ok: Paint,
    /// Secondary text, such as labels and traces.
    pub faint: Paint,
    /// The name of a JSON member.
    pub key: Paint,
    /// A JSON string.
    pub string: Paint,
    /// A JSON number.
    pub number: Paint,
    /// `true`, `false` and `null`.
    pub literal: Paint,
}

impl Palette {
    /// No colours at all.
    pub fn plain() -> Palette {
        Palette::default()
    }

    /// The colours of a terminal.
    pub fn coloured() -> Palette {
        colored::control::set_override(true);
        Palette {
            error: Paint::of(|text| text.red().bold()),
            warning: Paint::of(|text| text.yellow().bold()),
            hint: Paint::of(|text| text.cyan()),
            ok: Paint::of(|text| text.green().bold()),
            faint: Paint::of(|text| text.dimmed()),
            key: Paint::of(|text| text.blue().bold()),
            string: Paint::of(|text| text.green()),
            number: Paint::of(|text| text.cyan()),
            literal: Paint::of(|text| text.yellow()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_palette_adds_nothing() {
        assert_eq!(Palette::plain().error.paint("error:"), "error:");
        assert_eq!(Palette::coloured().string.paint("a"), "\u{1b}[32ma\u{1b}[0m");
    }
}
