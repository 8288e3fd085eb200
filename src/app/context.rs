//! What a command may touch: exactly these four things.

use crate::app::settings::Settings;
use crate::clock::Clock;
use crate::env::Env;
use crate::terminal::streams::Ui;

/// Handed to every command.
pub struct Context<'c> {
    /// What holds for the whole command.
    pub settings: Settings,
    /// The streams.
    pub ui: &'c Ui,
    /// The environment.
    pub env: &'c Env,
    /// Time.
    pub clock: &'c dyn Clock,
}
