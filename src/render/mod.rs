//! Values to bytes, dressed for the stream they go to.

pub mod json;
