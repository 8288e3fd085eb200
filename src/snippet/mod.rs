//! A [`Request`] as the source text of a program that makes the same call.
//!
//! Scope: one value in, text out; nothing is read, and no key is known: programs take it from the
//! environment, by name. The parts of a call are computed once, in [`call`], and each language
//! only spells them.
//!
//! The rule is that the program sends what `heygen` sends: the same target, the same headers, the
//! same bytes of body. Where a library would alter something (numbers that do not survive it, a
//! blank that it writes as `+`, line breaks in a form), the program spells it out; where
//! the library cannot send it at all, the result is a reason, [`CannotSay`].
//!
//! Programs follow no redirect: three of the five libraries would take the key along.

mod axios;
mod call;
mod curl;
mod fetch;
mod httpx;
mod javascript;
mod json;
mod python;
pub mod quote;
mod requests;

use std::fmt;
use std::path::PathBuf;

use crate::api::origin::Base;
use crate::api::request::Request;

use call::Call;

/// The languages and libraries of programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A command for `sh`.
    Curl,
    /// JavaScript with nothing but Node, Deno or Bun.
    Fetch,
    /// JavaScript with axios.
    Axios,
    /// Python with requests.
    Requests,
    /// Python with httpx.
    Httpx,
}

/// The reason why a language cannot express a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotSay {
    /// It resolves `%2e%2e` in a path, and would call another one.
    DotSegment,
    /// An argument of a command cannot hold a NUL.
    Nul,
    /// curl ends the name of a field at its first `=`.
    EqualsInName(String),
    /// The name of a file is not Unicode.
    FileName(PathBuf),
}

/// The program that makes a call. It prints the `data` of the response, or with `whole` all of it.
///
/// # Errors
/// The language has no way to make exactly this call.
pub fn program(
    language: Language,
    request: &Request,
    base: &Base,
    whole: bool,
) -> Result<String, CannotSay> {
    let call = Call::of(request, base, whole);
    match language {
        Language::Curl => curl::program(&call),
        Language::Fetch => fetch::program(&call),
        Language::Axios => axios::program(&call),
        Language::Requests => requests::program(&call),
        Language::Httpx => httpx::program(&call),
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 5] =
        [Language::Curl, Language::Fetch, Language::Axios, Language::Requests, Language::Httpx];

    /// Its name, as its users write it.
    pub fn name(self) -> &'static str {
        match self {
            Language::Curl => "curl",
            Language::Fetch => "fetch",
            Language::Axios => "axios",
            Language::Requests => "requests",
            Language::Httpx => "httpx",
        }
    }
}

impl fmt::Display for CannotSay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CannotSay::DotSegment => f.write_str("it takes `%2e` for a `.` and calls another path"),
            CannotSay::Nul => f.write_str("an argument of a command cannot hold a NUL"),
            CannotSay::EqualsInName(name) => {
                write!(f, "it cannot name a field `{name}`, with a `=` in the name")
            }
            CannotSay::FileName(path) => {
                write!(f, "the name of the file `{}` is not Unicode", path.display())
            }
        }
    }
}

#[cfg(test)]
mod tests;
