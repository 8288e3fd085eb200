//! A jq filter: compiled from text before anything is sent, then run on checked values.
//!
//! jq is the feature `jq` of this crate. Without it every filter is refused, and the rest of the
//! program is the same.

#[cfg(feature = "jq")]
use super::jq::Program;

/// A filter that makes sense.
#[derive(Debug)]
pub struct Filter {
    program: Program,
    text: String,
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFilter {
    /// What is wrong, and where.
    pub message: String,
    /// The line of the filter, and a caret under the place.
    pub place: Vec<String>,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// One value that a filter made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A string: its JSON, and its bytes as they are, which need not be UTF-8.
    Text(Vec<u8>, Vec<u8>),
    /// Any other value, as JSON.
    Other(Vec<u8>),
}

/// Why a filter did not come to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The filter failed: in its own words.
    Failed(String),
    /// Whoever takes the outputs wants no more.
    Refused(E),
}

impl Filter {
    /// Compiles a filter.
    ///
    /// # Errors
    /// It is no jq, or names something that a filter cannot have here: the environment, files,
    /// further input. Or this build has no jq.
    pub fn compile(text: &str) -> Result<Filter, BadFilter> {
        Ok(Filter { program: Program::compile(text)?, text: text.to_owned() })
    }

    /// Runs the filter on a checked value and hands on what it makes, one by one.
    ///
    /// # Errors
    /// The filter fails, or `take` does.
    pub fn run<E>(
        &self,
        value: &[u8],
        take: impl FnMut(Output) -> Result<(), E>,
    ) -> Result<(), Stopped<E>> {
        self.program.run(value, take)
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Output {
    /// The value as JSON.
    pub fn json(&self) -> &[u8] {
        let (Output::Text(json, _) | Output::Other(json)) = self;
        json
    }
}

/// Stands in for jq where it was left out. There is none of it, so that it never runs.
#[cfg(not(feature = "jq"))]
#[derive(Debug)]
enum Program {}

#[cfg(not(feature = "jq"))]
impl Program {
    fn compile(_: &str) -> Result<Program, BadFilter> {
        Err(BadFilter {
            message: "this build of heygen has no jq".to_owned(),
            place: Vec::new(),
            hint: Some("pipe the answer into jq, or build with `cargo install --features jq`"),
        })
    }

    fn run<E>(&self, _: &[u8], _: impl FnMut(Output) -> Result<(), E>) -> Result<(), Stopped<E>> {
        match *self {}
    }
}
