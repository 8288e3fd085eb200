//! The sources of keys, the flaws of a text that should be one, and gates that a key misses.

use std::fmt;
use std::io;

use super::words::system_words;

/// The most characters that a key can have. HeyGen's have at most some 60; a header with many
/// thousands breaks servers and proxies.
pub const LONGEST_KEY: usize = 1_000;

/// The source of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The variable `HEYGEN_API_KEY`.
    Environment,
    /// A line of a `.env` file.
    EnvFile {
        /// The file, as a person at the working directory would name it.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// The file that HeyGen's tools share.
    CredentialsFile {
        /// The file, with `~` for the home directory.
        path: String,
    },
    /// The file that `--api-key-file` names.
    KeyFile {
        /// The file, as given on the command line.
        path: String,
    },
    /// Standard input.
    Stdin,
    /// The prompt of a terminal.
    Prompt,
}

/// A place where a key could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The place.
    pub name: String,
    /// The finding in words: `not set`, `no such file`.
    pub found: String,
    /// Something there that was probably meant to be the key; `found` says where.
    pub near_miss: Option<NearMiss>,
}

/// The reason why only one place is looked at for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlySource {
    /// A flag names a file that holds the key and nothing else, or stdin.
    KeyFile,
    /// A flag names a `.env` file.
    EnvFile,
    /// `auth login` reads the key that it is to store there.
    Login,
}

/// The reason why something that was probably meant to be the key is not read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearMiss {
    /// The variable has a similar name: `HEYGEN_APIKEY`, `HEYGEN_TOKEN`.
    Name,
    /// A web framework builds variables with such a name into its pages: `NEXT_PUBLIC_…`.
    PublicName,
    /// The line is a comment.
    CommentedOut,
    /// The line does not begin with the name, such as one that is glued to another line.
    TextBefore,
    /// The line is part of a quoted value that an earlier line begins.
    InsideQuotes,
    /// The file changes its encoding before the line.
    OtherEncoding,
}

/// A key as it may be shown, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// The masked key.
    pub masked: String,
    /// The source of the key.
    pub source: Source,
    /// The different keys over which it takes precedence.
    pub shadowed: Vec<(String, Source)>,
    /// True if it has the form of another service's keys.
    pub looks_foreign: bool,
}

/// A gate of `auth check` that the key does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// The balance is below the amount.
    Balance {
        /// The balance with its unit.
        left: String,
        /// The gate as it was given.
        gate: String,
    },
    /// The key expires too early.
    Expiry {
        /// The distance of that time: `in 6 days`, `3 hours ago`.
        when: String,
        /// The day, as `2026-11-28`.
        day: String,
        /// The gate as it was given.
        gate: String,
    },
    /// The key lacks a scope.
    Scope {
        /// The scope that is needed.
        scope: String,
        /// The scopes that the key has, in words.
        has: String,
        /// The gate, as its flag is named.
        gate: &'static str,
    },
    /// HeyGen does not report the facts that decide.
    Unknown {
        /// The gate as given on the command line.
        gate: String,
        /// The reason why it is undecidable.
        reason: String,
        /// The scope that the key lacks to query those facts.
        scope: Option<String>,
    },
}

/// The reason why the credentials file cannot be changed.
#[derive(Debug)]
pub enum Obstacle {
    /// There is no home directory to keep it in.
    NoHome,
    /// The file is a link; writing would go somewhere else, or end the link.
    FileIsLink,
    FolderIsLink,
    /// The path is not a readable regular file; its description: `is a FIFO`.
    Unfit(String),
    /// The text is invalid, so that its other fields could not be kept; the reason.
    NotUnderstood(&'static str),
    /// The operating system refused.
    System {
        /// The operation, as a participle: `writing`.
        doing: &'static str,
        /// The error of the system.
        cause: io::Error,
    },
}

/// The reason why a text is not a valid key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFlaw {
    /// The text is empty.
    Empty,
    /// A line of the name, yet not `NAME=VALUE`.
    NotAnAssignment,
    /// `HEYGEN_API_KEY=…` where the key alone belongs.
    Assignment,
    /// A quote that is opened and not closed on the line.
    OpenQuote,
    /// Blanks inside.
    Blank,
    /// Line breaks inside.
    LineBreak,
    /// Quotes around or inside, straight or typographic.
    Quote(char),
    /// The word `Bearer` in front.
    Bearer,
    /// Characters that no header can carry.
    NotPrintable,
    /// The text of an example.
    Placeholder,
    /// A reference to the key.
    Reference,
    /// A word that programs print for a missing value.
    NoValue(&'static str),
    /// A `,` or `;` after the key.
    Trailing(char),
    /// A `=` before the key.
    LeadingEquals,
    /// The name of a header or a variable before the key.
    Named,
    /// A character that no key has, such as a bracket.
    Stray(char),
    /// More characters than a key can have.
    TooLong(usize),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Environment => f.write_str("HEYGEN_API_KEY"),
            Source::EnvFile { path, line } => write!(f, "{path}, line {line}"),
            Source::CredentialsFile { path } | Source::KeyFile { path } => f.write_str(path),
            Source::Stdin => f.write_str("stdin"),
            Source::Prompt => f.write_str("the entered key"),
        }
    }
}

impl fmt::Display for KeyMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        for (index, (masked, source)) in self.shadowed.iter().enumerate() {
            let joint = if index == 0 { "; it takes precedence over" } else { " and" };
            write!(f, "{joint} a different key ({masked}) in {source}")?;
        }
        Ok(())
    }
}

impl Miss {
    /// Returns true if HeyGen does not report the facts that decide.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Miss::Unknown { .. })
    }

    /// The miss as a sentence about the masked key.
    pub fn about(&self, key: &str) -> String {
        match self {
            Miss::Balance { left, gate } => {
                format!("balance is {left}, below {gate}")
            }
            Miss::Expiry { when, day, gate } => {
                let expires = if when.ends_with(" ago") { "expired" } else { "expires" };
                format!("key {key} {expires} {when} ({day}), before {gate}")
            }
            Miss::Scope { scope, has, gate } => {
                format!("key {key} lacks the scope {scope} ({gate}); it has {has}")
            }
            Miss::Unknown { gate, reason, .. } => {
                format!("cannot tell whether key {key} meets {gate}: {reason}")
            }
        }
    }
}

impl Obstacle {
    pub(super) fn write(&self, path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::NoHome => f.write_str("cannot store the key: the home directory is unknown"),
            Obstacle::FileIsLink => {
                write!(f, "`{path}` is a symlink; heygen does not write through symlinks")
            }
            Obstacle::FolderIsLink => {
                write!(
                    f,
                    "the folder of `{path}` is a symlink; heygen does not write through symlinks"
                )
            }
            Obstacle::Unfit(what) => write!(f, "`{path}` {what}; it was not changed"),
            Obstacle::NotUnderstood(why) => {
                write!(f, "`{path}` {why}; it was not changed, since it may hold more than a key")
            }
            Obstacle::System { doing, cause } => {
                write!(f, "{doing} `{path}`: {}; it was not changed", system_words(cause))
            }
        }
    }
}

impl fmt::Display for KeyFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFlaw::Empty => f.write_str("holds no key"),
            KeyFlaw::NotAnAssignment => f.write_str("is not in the form HEYGEN_API_KEY=<key>"),
            KeyFlaw::Assignment => f.write_str("is a line of a .env file, not the bare key"),
            KeyFlaw::OpenQuote => f.write_str("has a quote that is not closed on that line"),
            KeyFlaw::Blank => f.write_str("has whitespace inside the key"),
            KeyFlaw::LineBreak => f.write_str("has a line break inside the key"),
            KeyFlaw::Quote(quote) => write!(f, "has a quote ({quote}) in the key"),
            KeyFlaw::Bearer => f.write_str("starts with `Bearer `; HeyGen takes the bare key"),
            KeyFlaw::NotPrintable => f.write_str("has characters that are not printable ASCII"),
            KeyFlaw::Placeholder => f.write_str("is a placeholder, not a key"),
            KeyFlaw::Reference => f.write_str("is a reference to a key, not the key itself"),
            KeyFlaw::NoValue(word) => write!(f, "is `{word}`, not a key"),
            KeyFlaw::Trailing(character) => write!(f, "has a `{character}` after the key"),
            KeyFlaw::LeadingEquals => f.write_str("has a second `=` before the key"),
            KeyFlaw::Named => f.write_str("has a name before the key"),
            KeyFlaw::Stray(character) => write!(f, "has a `{character}` in the key"),
            KeyFlaw::TooLong(length) => {
                write!(f, "has {length} characters; a key has at most {LONGEST_KEY}")
            }
        }
    }
}
