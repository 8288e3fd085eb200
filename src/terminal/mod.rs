//! The person at the terminal: the streams, the keyboard, the signals.

pub mod excerpt;
pub mod keyboard;
pub mod signals;
pub mod streams;
pub mod text;
