//! The four things that a command may touch.

use crate::app::settings::Settings;
use crate::clock::Clock;
use crate::env::Env;
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
}
