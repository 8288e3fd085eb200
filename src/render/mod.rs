//! Values to bytes, dressed for the stream they go to.

pub mod csv;
pub mod filter;
pub mod items;
#[cfg(feature = "jq")]
mod jq;
pub mod json;
pub mod rows;
pub mod table;
