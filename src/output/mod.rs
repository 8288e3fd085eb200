//! A response on its way to stdout or into a file, and what is shown instead of sending.

pub mod destination;
pub mod preview;
pub mod response;
pub mod style;
