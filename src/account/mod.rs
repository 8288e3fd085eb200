//! Facts about a key and its account, and the gates that a caller sets for them.

pub mod gates;
pub mod key_facts;
pub mod scopes;
