//! `heygen` together with other programs: shells, jq, Python, Node, curl, groff. A target of its
//! own, since they are slow and may be missing; `cargo test --test heygen` needs none of them.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
#[cfg(feature = "jq")]
mod filter;
mod man;
mod mock;
mod readme;
mod shells;
mod snippets;
