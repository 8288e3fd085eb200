//! `-f` and `-F` in the order in which they were entered: `-f a[][x]=t -F a[][y]=1 -f a[][x]=u` means
//! another list when its flags are sorted.

use clap::error::Error;
use clap::{ArgMatches, Args, Command, FromArgMatches};

/// The fields of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldArgs {
    /// In the order in which they were entered.
    pub typed: Vec<FieldArg>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldArg {
    /// `-f`: a string.
    Text(String),
    /// `-F`: a typed value.
    Value(String),
    /// The flag of a noun's command: JSON, or `@FILE` with JSON.
    Json(String),
}

impl FieldArg {
    /// `NAME=VALUE`, as it was entered.
    pub(super) fn text(&self) -> &str {
        match self {
            FieldArg::Text(text) | FieldArg::Value(text) | FieldArg::Json(text) => text,
        }
    }
}

/// The flags, as clap reads them: a list for each.
#[derive(Debug, Args)]
struct FieldFlags {
    /// Add a string to the JSON body (to the query with get, head and delete); a[b]=x nests, a[]=x appends to a list
    #[arg(short = 'f', long = "raw-field", value_name = "NAME=TEXT")]
    raw_fields: Vec<String>,

    /// Add a typed value: true, false, null, a number, @FILE or @- (text of a file or stdin), or a string
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
}

impl FromArgMatches for FieldArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<FieldArgs, Error> {
        let flags = FieldFlags::from_arg_matches(matches)?;
        let places = |id: &str| matches.indices_of(id).into_iter().flatten();
        let texts = flags.raw_fields.into_iter().map(FieldArg::Text);
        let values = flags.fields.into_iter().map(FieldArg::Value);
        let mut typed: Vec<(usize, FieldArg)> =
            places("raw_fields").zip(texts).chain(places("fields").zip(values)).collect();
        typed.sort_by_key(|(place, _)| *place);
        Ok(FieldArgs { typed: typed.into_iter().map(|(_, field)| field).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = FieldArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for FieldArgs {
    fn augment_args(command: Command) -> Command {
        FieldFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        FieldFlags::augment_args_for_update(command)
    }
}
