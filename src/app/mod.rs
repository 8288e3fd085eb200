//! One run of the program: its settings, its session with the API, and the report of its errors.

pub mod advice;
mod call_advice;
pub mod context;
pub mod report;
pub mod session;
pub mod settings;
