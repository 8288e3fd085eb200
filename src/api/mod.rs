//! The API as values: what is asked, what is answered, and the one way between the two.
//!
//! Nothing here knows a terminal or the environment; the only files that are opened are those that a
//! request names.

pub mod answer;
pub mod body;
pub mod client;
pub mod endpoint;
pub mod envelope;
pub mod event;
pub mod json;
pub mod list;
pub mod media_type;
pub mod origin;
pub mod proxy;
pub mod request;
pub mod response;
pub mod retry;
pub mod transport;
