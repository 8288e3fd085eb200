//! The wire: one call with the key and the host joined to it, its retries, and what carries it.

pub mod client;
pub mod event;
pub mod proxy;
pub mod retry;
mod trace;
pub mod transport;
pub mod upload;
