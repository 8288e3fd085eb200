//! The output of a response to stdout or a file, and previews instead of a call.

pub mod destination;
pub mod downloads;
pub mod jobs;
pub mod preview;
pub mod response;
pub mod style;
pub mod validation;
