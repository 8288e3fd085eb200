//! Every error's last stop: one text or one line of JSON on stderr, and the exit code.

use std::io;

use serde::Serialize;

use crate::error::{Call, Error, Failure, FieldError};
use crate::exit_code::ExitCode;
use crate::terminal::streams::Ui;

/// Tells what went wrong and returns what the shell learns.
///
/// The code and the exit status are those of the first [`Error`] in the chain, the words the
/// outermost.
pub fn report(ui: &Ui, failure: &anyhow::Error) -> ExitCode {
    let Some(error) = failure.chain().find_map(|cause| cause.downcast_ref::<Error>()) else {
        // Commands wrap nothing but `Error`; should one slip through, it is told all the same.
        ui.error(&format!("{failure:#}"), &[], &[], None);
        return ExitCode::Failed;
    };
    if is_closed_pipe(error) {
        return ExitCode::Done;
    }
    let message = format!("{failure:#}");
    if ui.errors_are_json() {
        let fields = Fields::of(ui, error, &message);
        ui.json_line(&serde_json::json!({ "error": fields }));
    } else {
        ui.error(&message, &error.details(), &error.hints(), error.references().as_deref());
    }
    error.exit_code()
}

/// `heygen … | head -1` has what it wanted: nothing went wrong.
fn is_closed_pipe(error: &Error) -> bool {
    let (Error::Output(cause) | Error::AnswerNotWritten(cause)) = error else {
        return false;
    };
    cause.kind() == io::ErrorKind::BrokenPipe
}

/// The members of an error in JSON; what is not known is left out.
#[derive(Serialize)]
struct Fields {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

#[derive(Serialize)]
struct RequestLine {
    method: String,
    path: String,
}

impl Fields {
    fn of(ui: &Ui, error: &Error, message: &str) -> Fields {
        let mut hints: Vec<String> = error.hints().iter().map(|hint| ui.masked(hint)).collect();
        if let Error::Call(failed) = error {
            // Which key it was has no member of its own, and is the first thing to know.
            hints.splice(0..0, failed.origin_of_refused_key());
        }
        let mut fields = Fields {
            code: ui.masked(&error.code()),
            message: ui.masked(message),
            hint: (!hints.is_empty()).then(|| hints.join("; ")),
            param: None,
            errors: Vec::new(),
            doc_url: None,
            request_id: None,
            status: None,
            idempotency_key: None,
            data: None,
            request: None,
            attempts: None,
        };
        if let Some(failure) = error.filter_failure() {
            fields.call(ui, &failure.call);
            fields.data = Some(value(&ui.masked(&String::from_utf8_lossy(&failure.data))));
            return fields;
        }
        let Some(failed) = error.call_error() else {
            // Where a key was looked for, and what else it lacks, is what the error is about; other
            // details only show the place.
            if let Error::NoKey { .. } | Error::Gates { .. } = error {
                for detail in error.details() {
                    fields.message = [fields.message.as_str(), &ui.masked(&detail)].join("; ");
                }
            }
            return fields;
        };
        fields.call(ui, &failed.call);
        fields.doc_url = failed.doc_url().map(|url| ui.masked(url));
        if let Failure::Rejected(api) = &failed.failure {
            fields.message = ui.masked(&failed.own_words(message));
            fields.param = api.param.as_deref().map(|param| ui.masked(param));
            fields.errors = api.errors.iter().map(|entry| masked_entry(ui, entry)).collect();
        }
        if let Error::PagesCut(_) = error {
            let before = error.details().pop().unwrap_or_default();
            fields.message = format!("{}; {before}", fields.message);
        }
        fields
    }

    fn call(&mut self, ui: &Ui, call: &Call) {
        let Call { method, path, attempts, status, request_id, .. } = call;
        self.request_id = request_id.as_deref().map(|id| ui.masked(id));
        self.status = *status;
        self.idempotency_key.clone_from(&call.idempotency_key);
        self.request = Some(RequestLine { method: method.clone(), path: ui.masked(path) });
        self.attempts = Some(*attempts);
    }
}

/// JSON as a value; what nests too deeply for that stays text.
fn value(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_else(|_| json.into())
}

fn masked_entry(ui: &Ui, entry: &FieldError) -> FieldError {
    let masked = |text: &Option<String>| text.as_deref().map(|text| ui.masked(text));
    FieldError {
        code: masked(&entry.code),
        message: masked(&entry.message),
        path: masked(&entry.path),
    }
}
