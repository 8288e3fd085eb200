//! The arguments of `heygen endpoints …`.

use clap::{Args, Subcommand, ValueEnum};

/// List the operations of the API, or describe one, offline
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    before_help = "Examples:\n  heygen endpoints voice\n  heygen endpoints show POST /v3/videos\n  heygen endpoints -q '.[] | select(.paid) | .path'\n  heygen endpoints video -o csv -c method,path,scope",
    after_help = "The list is built into heygen: `get`, `post` and the other commands call paths that are not in it, too."
)]
pub struct EndpointsArgs {
    /// Words to search for in method, path, summary and command; operations that have all of them are listed
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,

    /// Include the retired operations of v1 and v2
    #[arg(long)]
    pub legacy: bool,

    /// The output.
    #[command(flatten)]
    pub list: ListArgs,

    /// The command.
    #[command(subcommand)]
    pub command: Option<EndpointsCommand>,
}

/// The commands about one operation.
#[derive(Debug, Subcommand)]
pub enum EndpointsCommand {
    /// Describe an operation: parameters, body, response, and an example
    Show(ShowArgs),
}

/// The output of a list that heygen makes itself.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct ListArgs {
    /// Output format [default: text, or json with --jq]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub output: Option<ListFormat>,

    /// Columns of a table or CSV, such as method,path,scope
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Filter the list with jq; prints strings without quotes unless -o json or compact is given
    #[arg(short = 'q', long, value_name = "FILTER", allow_hyphen_values = true)]
    pub jq: Option<String>,
}

/// The formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Lines for people
    Text,
    /// Indented JSON
    Json,
    /// JSON on one line
    Compact,
    /// JSON, one item per line
    Jsonl,
    /// Columns that fit the terminal
    Table,
    /// CSV with a header row
    Csv,
}

impl ListFormat {
    /// The name, as `--output` takes it.
    pub fn name(self) -> &'static str {
        match self {
            ListFormat::Text => "text",
            ListFormat::Json => "json",
            ListFormat::Compact => "compact",
            ListFormat::Jsonl => "jsonl",
            ListFormat::Table => "table",
            ListFormat::Csv => "csv",
        }
    }
}

/// Describe an operation: parameters, body, response, and an example
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen endpoints show POST /v3/videos\n  heygen endpoints show /v3/videos/v_5d1\n  heygen endpoints show video list\n  heygen endpoints show POST /v3/videos --type studio --example-body > video.json"
)]
pub struct ShowArgs {
    /// Path with an optional method in front (POST /v3/videos), or the words of a command (video list)
    #[arg(value_name = "OPERATION", required = true)]
    pub operation: Vec<String>,

    /// Print the JSON Schema of the request body
    #[arg(long, group = "part", help_heading = "Output")]
    pub request_schema: bool,

    /// Print the JSON Schema of the response, envelope included
    #[arg(long, group = "part", help_heading = "Output")]
    pub response_schema: bool,

    /// Print a JSON body to start from; replace the words in capitals
    #[arg(long, group = "part", help_heading = "Output")]
    pub example_body: bool,

    /// Show only this variant of a body that has several, such as studio
    #[arg(
        long = "type",
        value_name = "NAME",
        help_heading = "Output",
        conflicts_with = "response_schema"
    )]
    pub variant: Option<String>,
}
