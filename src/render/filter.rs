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

/// The reason why a filter does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFilter {
    /// The fault and its position.
    pub message: String,
    /// The line of the filter, and a caret under the place.
    pub place: Vec<String>,
    /// The hint.
    pub hint: Option<&'static str>,
}

/// The hint where a filter is not enough.
#[cfg(feature = "jq")]
pub(super) const PIPE: &str = "pipe the response into jq";

/// The form of a filter's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// As JSON.
    Json,
    /// Strings as the text that they are, everything else as JSON.
    Texts,
    /// As rows, in JSON: each element of an array of objects or arrays, and everything else, an
    /// array with scalars included, as one.
    Rows,
}

/// One output of a filter, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A string, its bytes as they are, which need not be UTF-8.
    Text(Vec<u8>),
    /// The JSON of a value, or the rest of it.
    Json(Vec<u8>),
    /// The JSON of a large value up to a comma behind one of its elements; more follows.
    Part(Vec<u8>),
}

/// How a filter that did not fail came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By its last output.
    Finished,
    /// By `halt`, which ends the program in jq: no further value is due.
    Halted,
}

/// Why a filter did not come to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The filter failed: in its own words.
    Failed(String),
    /// The receiver of the outputs stopped.
    Refused(E),
}

impl Filter {
    /// Compiles a filter.
    ///
    /// # Errors
    /// The text is not valid jq, or it names something that a filter cannot have here (the environment,
    /// files, further input), or this build has no jq.
    pub fn compile(text: &str) -> Result<Filter, BadFilter> {
        Ok(Filter { program: Program::compile(text)?, text: text.to_owned() })
    }

    /// Runs the filter on a checked value and passes each output to `take`.
    ///
    /// A filter that runs out of memory or stack fails like any other. It cannot be run again after a
    /// failure.
    ///
    /// # Errors
    /// The filter fails, or `take` does.
    pub fn run<E>(
        &self,
        value: &[u8],
        results: Results,
        take: impl FnMut(Output) -> Result<(), E>,
    ) -> Result<Ended, Stopped<E>> {
        self.program.run(value, results, take)
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Output {
    /// The bytes of the text or the JSON.
    pub fn bytes(&self) -> &[u8] {
        let (Output::Text(bytes) | Output::Json(bytes) | Output::Part(bytes)) = self;
        bytes
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
            hint: Some("pipe the response into jq, or build with `cargo install --features jq`"),
        })
    }

    fn run<E>(
        &self,
        _: &[u8],
        _: Results,
        _: impl FnMut(Output) -> Result<(), E>,
    ) -> Result<Ended, Stopped<E>> {
        match *self {}
    }
}
