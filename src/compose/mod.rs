//! From the arguments of a call to the request that they mean.

pub mod fields;
pub mod request;
