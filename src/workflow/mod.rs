//! Several calls that make one result.

pub mod gates;
pub mod key_facts;
pub mod pages;
