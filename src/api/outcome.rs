//! The one carrier of a call from the wire to the command that prints it.

use std::time::Duration;

use super::content::{Content, excerpt};
use super::envelope::Envelope;
use super::response::Head;
use crate::catalogue::Operation;
use crate::error::{Call, CallFailure, Error, ResponseFlaw};

/// Everything that came of a call, all attempts together.
pub struct Outcome {
    /// The operation that was called, if the catalogue has it.
    pub operation: Option<Operation>,
    /// The facts of the call; they say whether any attempt may have been accepted.
    pub call: Call,
    /// Status and headers of the last response, if one came.
    pub head: Option<Head>,
    /// The time that the last attempt took, without the attempts and pauses before it.
    pub latency: Duration,
    /// The body of a response that is not a success, as it came.
    pub error_body: Vec<u8>,
    /// The content of a successful response, or the reason why there is none.
    pub result: Result<Content, CallFailure>,
}

impl Outcome {
    /// The outcome of a call that got no response.
    pub fn without_response(
        operation: Option<Operation>,
        call: Call,
        failure: CallFailure,
    ) -> Outcome {
        Outcome {
            operation,
            call,
            head: None,
            latency: Duration::ZERO,
            error_body: Vec::new(),
            result: Err(failure),
        }
    }

    /// The content of a successful response.
    ///
    /// # Errors
    /// The call failed.
    pub fn content(&self) -> Result<&Content, Error> {
        self.result.as_ref().map_err(|failure| self.failed(failure))
    }

    /// The error of a call that failed like this.
    pub fn failed(&self, failure: &CallFailure) -> Error {
        let has_data = match failure {
            CallFailure::Rejected(api) => api.has_data,
            // The beginning of what a success told.
            CallFailure::Cut { .. } | CallFailure::TimedOut { .. } => {
                matches!(self.call.status, Some(200..=299))
            }
            _ => false,
        };
        let body = has_data.then(|| excerpt(&self.error_body)).flatten();
        Error::failed_success(self.call.clone(), failure.clone(), body)
    }

    /// The envelope of a successful response; `None` if it is not JSON.
    ///
    /// # Errors
    /// The call failed, or the response claims to be JSON and cannot be read as such.
    pub fn envelope(&self) -> Result<Option<Envelope<'_>>, Error> {
        match self.content()? {
            Content::Json(json) => Ok(Some(json.envelope())),
            content @ Content::Bytes { flaw: Some(flaw), .. } => {
                let body = content.excerpt();
                Err(Error::unusable_with(self.call.clone(), flaw.clone(), body))
            }
            Content::Empty | Content::Bytes { .. } => Ok(None),
        }
    }

    /// The media type that the response claims.
    pub fn media_type(&self) -> Option<String> {
        self.head.as_ref().and_then(Head::media_type)
    }

    /// The error of a successful call whose response is not usable.
    pub fn unusable(&self, flaw: ResponseFlaw) -> Error {
        Error::unusable(self.call.clone(), flaw)
    }
}
