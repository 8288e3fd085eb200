//! The five things that a command may touch.

use crate::app::settings::Settings;
use crate::clock::Clock;
use crate::env::Env;
use crate::terminal::signals::OnEnd;
use crate::terminal::streams::Ui;

/// The argument of every command.
pub struct Context<'c> {
    /// The settings of the whole command.
    pub settings: Settings,
    /// The streams.
    pub ui: &'c Ui,
    /// The environment.
    pub env: &'c Env,
    /// Time.
    pub clock: &'c dyn Clock,
    /// The report on what was done so far, if a signal ends the program. A command that fails leaves
    /// it, until its error is written in its place.
    pub on_end: &'c OnEnd,
}
