//! The API as values: requests, responses, envelopes and pages. Nothing here sends anything.

pub mod content;
pub mod endpoint;
pub mod envelope;
pub mod list;
pub mod media_type;
pub mod origin;
pub mod outcome;
pub mod pages;
pub mod request;
pub mod response;
