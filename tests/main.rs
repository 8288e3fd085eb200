//! The program as its users run it: one binary of tests, a file a capability.

mod support;

mod completions;
mod gates;
mod get;
mod hostile_repository;
mod login;
mod retries;
mod tidy;
mod uploads;
