//! The API as values: what is asked, what is answered, and the one way between the two.
//!
//! Nothing here knows a terminal or the environment, and no file is opened.

pub mod answer;
pub mod client;
pub mod endpoint;
pub mod envelope;
pub mod event;
pub mod json;
pub mod origin;
pub mod request;
pub mod response;
pub mod transport;
