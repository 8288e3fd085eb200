//! One operation of the API: a handle, and the facts behind it.

use std::fmt;

use super::PageMarks;
use super::job::Job;
use super::record::{
    ContentRecord, OperationRecord, ParameterRecord, Place, ResponseRecord, Rows, Text,
};
use super::tables::{CONTENTS, EXAMPLES, JOBS, OPERATIONS, PAGES, PARAMETERS, RESPONSES};

/// A method and a path template of the API, and what is known of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation(pub(super) u16);

impl Operation {
    fn record(self) -> &'static OperationRecord {
        &OPERATIONS[usize::from(self.0)]
    }

    /// The method, in capitals.
    pub fn method(self) -> &'static str {
        self.record().method.get()
    }

    /// The path template, such as `/v3/videos/{video_id}`.
    pub fn path(self) -> &'static str {
        self.record().path.get()
    }

    /// The number in the path's first segment: 3 for `/v3/videos`, 0 for a path without one.
    pub fn version(self) -> u8 {
        self.record().version
    }

    /// One short line, in our words; empty for an operation that the overlay does not know.
    pub fn summary(self) -> &'static str {
        self.record().summary.get()
    }

    /// The words of the command, such as `video-translate proofreads srt get`.
    pub fn command(self) -> Option<&'static str> {
        self.record().command.map(Text::get)
    }

    /// The first word of the command.
    pub fn noun(self) -> Option<&'static str> {
        self.command()?.split(' ').next()
    }

    /// The words of the command after the noun.
    pub fn verb(self) -> Option<&'static str> {
        self.command()?.split_once(' ').map(|(_, verb)| verb)
    }

    /// The origin that serves the operation, where it is not the one of the API.
    pub fn server(self) -> Option<&'static str> {
        self.record().server.map(Text::get)
    }

    /// The parameters: those of the path in its order, then query and headers as described.
    pub fn parameters(self) -> impl Iterator<Item = Parameter> {
        self.record().parameters.of(&PARAMETERS).iter().map(Parameter)
    }

    /// The parameter of a place and a name; names of headers are compared without case.
    pub fn parameter(self, place: Place, name: &str) -> Option<Parameter> {
        let has_name = |own: &str| match place {
            Place::Header => own.eq_ignore_ascii_case(name),
            Place::Path | Place::Query => own == name,
        };
        self.parameters().find(|own| own.place() == place && has_name(own.name()))
    }

    /// The request body, once per media type; the first one is the usual one.
    pub fn bodies(self) -> impl Iterator<Item = Content> {
        contents(self.record().bodies)
    }

    /// The JSON Schema of the request body in its first media type.
    pub fn body_schema(self) -> Option<&'static str> {
        self.bodies().next()?.schema()
    }

    /// True where a request without a body is invalid.
    pub fn requires_body(self) -> bool {
        self.record().requires_body
    }

    /// The documented 2xx responses; the first one is the usual one.
    pub fn responses(self) -> impl Iterator<Item = Response> {
        self.record().responses.of(&RESPONSES).iter().map(Response)
    }

    /// The status of the usual success.
    pub fn success_status(self) -> Option<u16> {
        self.responses().next().map(Response::status)
    }

    /// The JSON Schema of the usual success: the whole body, envelope included.
    pub fn response_schema(self) -> Option<&'static str> {
        self.responses().next()?.contents().next()?.schema()
    }

    /// True where the schemas lack members: treat their objects as open.
    pub fn is_partial(self) -> bool {
        self.record().is_partial
    }

    /// The names and places of a list's pages.
    pub fn pages(self) -> Option<PageMarks> {
        let record = PAGES.get(usize::from(self.record().pages?))?;
        Some(PageMarks {
            request: record.request.get(),
            limit: record.limit.map(Text::get),
            items: record.items.get(),
            next: record.next.get(),
            more: record.more.map(Text::get),
        })
    }

    /// The members that a table of this list shows first.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.record().columns.texts()
    }

    /// The job that the operation starts.
    pub fn job(self) -> Option<Job> {
        JOBS.get(usize::from(self.record().job?)).map(Job)
    }

    /// The job whose state the operation reads: a GET with the ID in its path or query.
    pub fn polled_job(self) -> Option<Job> {
        JOBS.iter().map(Job).find(|job| job.poll() == self)
    }

    /// The word before the colon in `kind:ID`, on the operation that polls such a job.
    pub fn kind(self) -> Option<&'static str> {
        self.record().kind.map(Text::get)
    }

    /// True where HeyGen documents that calls with the same `Idempotency-Key` do the work once.
    pub fn honours_idempotency_key(self) -> bool {
        self.record().honours_idempotency_key
    }

    /// True where the call, or the job that it starts, costs money.
    pub fn is_billed(self) -> bool {
        self.record().is_billed
    }

    /// True where the call removes or stops something.
    pub fn is_destructive(self) -> bool {
        self.record().is_destructive
    }

    /// True where an account may lack the operation.
    pub fn is_preview(self) -> bool {
        self.record().is_preview
    }

    /// The scope that an API key needs, where it is known; `none` if any key will do.
    pub fn scope(self) -> Option<&'static str> {
        self.record().scope.map(Text::get)
    }

    /// The largest request body in bytes, where it is known.
    pub fn max_bytes(self) -> Option<u32> {
        self.record().max_bytes
    }

    /// The day on which the operation was announced to end.
    pub fn retired(self) -> Option<&'static str> {
        self.record().retired.map(Text::get)
    }

    /// The replacement of a retired operation with a remark, such as `POST /v3/avatars (type photo)`.
    pub fn replacement(self) -> Option<&'static str> {
        self.record().replacement.map(Text::get)
    }

    /// The operation that the replacement names.
    pub fn replaced_by(self) -> Option<Operation> {
        self.record().replaced_by.map(Operation)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method(), self.path())
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Operation({self})")
    }
}

/// A value that goes into the path, the query or a header of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter(&'static ParameterRecord);

impl Parameter {
    /// The name, as the API spells it.
    pub fn name(self) -> &'static str {
        self.0.name.get()
    }

    /// The part of the request that it belongs to.
    pub fn place(self) -> Place {
        self.0.place
    }

    /// True where a request without it is invalid.
    pub fn is_required(self) -> bool {
        self.0.is_required
    }

    /// The JSON Schema of the value: type, enum, default, limits.
    pub fn schema(self) -> &'static str {
        self.0.schema.get()
    }
}

/// A documented 2xx response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response(&'static ResponseRecord);

impl Response {
    pub fn status(self) -> u16 {
        self.0.status
    }

    /// The body, once per media type; nothing for a response without a body.
    pub fn contents(self) -> impl Iterator<Item = Content> {
        contents(self.0.contents)
    }
}

/// A body in one media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content(&'static ContentRecord);

impl Content {
    /// The media type, such as `application/json`.
    pub fn media_type(self) -> &'static str {
        self.0.media_type.get()
    }

    /// The JSON Schema (2020-12); its `$ref`s name a [`component`](super::component).
    pub fn schema(self) -> Option<&'static str> {
        self.0.schema.map(Text::get)
    }

    /// The examples as JSON, each with its name if it has one.
    pub fn examples(self) -> impl Iterator<Item = (Option<&'static str>, &'static str)> {
        let examples = self.0.examples.of(&EXAMPLES).iter();
        examples.map(|example| (example.name.map(Text::get), example.value.get()))
    }
}

fn contents(rows: Rows) -> impl Iterator<Item = Content> {
    rows.of(&CONTENTS).iter().map(Content)
}
