//! The program as its users run it: one binary of tests, a file a capability.

mod support;

mod completions;
mod get;
mod retries;
mod tidy;
mod uploads;
