//! Several calls that make one result.

pub mod key_facts;
