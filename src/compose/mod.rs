//! From the arguments of a call to the request that they mean.

mod body;
mod data;
mod endpoint;
pub mod fields;
mod header;
mod input;
pub mod jobs;
mod merge;
pub mod request;
