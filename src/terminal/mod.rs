//! The person at the terminal: the streams, the keyboard, the signals.

pub mod excerpt;
pub mod keyboard;
mod messages;
pub mod progress;
pub mod signals;
pub mod stdio;
pub mod streams;
pub mod text;
