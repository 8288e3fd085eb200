//! Rows of the catalogue's tables: the build script writes them, the program reads them.
//!
//! A row holds numbers only, so that a table needs no relocation when the program starts. The
//! `Debug` form of a row is Rust source: the build script writes tables with it.

/// A text of the blob, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text(pub(super) u16);

/// Neighbouring rows of another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) start: u16,
    pub(super) end: u16,
}

/// One method of one path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OperationRecord {
    pub(super) method: Text,
    pub(super) path: Text,
    pub(super) version: u8,
    pub(super) summary: Text,
    pub(super) command: Option<Text>,
    pub(super) server: Option<Text>,
    pub(super) scope: Option<Text>,
    pub(super) kind: Option<Text>,
    pub(super) retired: Option<Text>,
    pub(super) replacement: Option<Text>,
    /// The operation that the replacement names.
    pub(super) replaced_by: Option<u16>,
    pub(super) max_bytes: Option<u32>,
    pub(super) honours_idempotency_key: bool,
    pub(super) is_billed: bool,
    pub(super) is_destructive: bool,
    pub(super) is_preview: bool,
    pub(super) is_partial: bool,
    pub(super) requires_body: bool,
    pub(super) parameters: Rows,
    pub(super) bodies: Rows,
    pub(super) responses: Rows,
    pub(super) columns: Rows,
    pub(super) pages: Option<u16>,
    pub(super) job: Option<u16>,
}

/// A value that goes into the path, the query or a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParameterRecord {
    pub(super) name: Text,
    pub(super) place: Place,
    pub(super) is_required: bool,
    pub(super) schema: Text,
}

/// The part of a request that a parameter belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A segment of the path.
    Path,
    Query,
    Header,
}

/// A body in one media type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentRecord {
    pub(super) media_type: Text,
    pub(super) schema: Option<Text>,
    pub(super) examples: Rows,
}

/// An example of a body, as JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ExampleRecord {
    pub(super) name: Option<Text>,
    pub(super) value: Text,
}

/// A documented 2xx response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResponseRecord {
    pub(super) status: u16,
    pub(super) contents: Rows,
}

/// The names and places by which a list is paged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PagesRecord {
    pub(super) request: Text,
    pub(super) limit: Option<Text>,
    pub(super) items: Text,
    pub(super) next: Text,
    pub(super) more: Option<Text>,
}

/// The job that an operation starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JobRecord {
    pub(super) id: Option<Text>,
    pub(super) is_several: bool,
    pub(super) poll: u16,
    pub(super) poll_query: Option<Text>,
    pub(super) status: Text,
    pub(super) running: Rows,
    pub(super) ok: Rows,
    pub(super) failed: Rows,
    pub(super) then: Option<ThenRecord>,
}

/// The job in which another one goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ThenRecord {
    pub(super) id: Text,
    pub(super) poll: u16,
}

/// A node of the tree of paths; the path that ends here has the operations.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RouteRecord {
    pub(super) segment: Text,
    /// The children with a literal segment, sorted by it.
    pub(super) literals: Rows,
    pub(super) placeholder: Option<u16>,
    pub(super) operations: Rows,
}

/// A schema that others refer to by name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ComponentRecord {
    pub(super) name: Text,
    pub(super) schema: Text,
}
