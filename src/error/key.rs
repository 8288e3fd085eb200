//! Where keys come from, what can be wrong with one, and what it may not be good for.

use std::fmt;
use std::io;

use super::words::system_words;

/// Where a key came from.
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
        /// The file, as it was typed.
        path: String,
    },
    /// Standard input.
    Stdin,
    /// A terminal at which it was typed.
    Prompt,
}

/// A place where a key could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The place.
    pub name: String,
    /// What was found there: `not set`, `no such file`.
    pub found: String,
}

/// A key as it may be shown, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// The masked key.
    pub masked: String,
    /// Where it came from.
    pub source: Source,
    /// Different keys at places that come later in the order.
    pub goes_before: Vec<(String, Source)>,
    /// Whether it has the form of another service's keys.
    pub looks_foreign: bool,
}

/// A demand on a key that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// Less is left to spend.
    Balance {
        /// How much is left, with its unit and kind.
        left: String,
        /// What `--min-balance` asks.
        asked: String,
    },
    /// The key ends too soon.
    Expiry {
        /// When that is: `in 6 days`, `3 hours ago`.
        when: String,
        /// The day, as `2026-11-28`.
        day: String,
        /// What `--valid-for` asks.
        asked: String,
    },
    /// The key may not do it.
    Scope {
        /// What `--need` asks.
        scope: String,
        /// What the key may do, in words.
        has: String,
    },
    /// HeyGen does not tell what decides.
    Unknown {
        /// The demand as it was typed.
        gate: String,
        /// Why it cannot be told.
        reason: String,
        /// The scope that the key lacks for being asked.
        scope: Option<String>,
    },
}

/// What keeps the credentials file from being changed.
#[derive(Debug)]
pub enum Obstacle {
    /// There is no home directory to keep it in.
    NoHome,
    /// The file is a link; writing would go somewhere else, or end the link.
    FileIsLink,
    /// Its folder is a link.
    FolderIsLink,
    /// What lies at the path is no file whose text could be kept: what it is.
    Unfit(String),
    /// The text cannot be read, and with it what must be kept: what is wrong.
    NotUnderstood(&'static str),
    /// The system said no.
    System {
        /// What was being done, as a participle: `writing`.
        doing: &'static str,
        /// What it said.
        cause: io::Error,
    },
}

/// Why a text cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFlaw {
    /// Nothing is there.
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
    /// The name of a place where the key is, and not the key.
    Reference,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Environment => f.write_str("HEYGEN_API_KEY"),
            Source::EnvFile { path, line } => write!(f, "{path}, line {line}"),
            Source::CredentialsFile { path } | Source::KeyFile { path } => f.write_str(path),
            Source::Stdin => f.write_str("stdin"),
            Source::Prompt => f.write_str("what was typed"),
        }
    }
}

impl fmt::Display for KeyMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        for (index, (masked, source)) in self.goes_before.iter().enumerate() {
            let joint = if index == 0 { "; it goes before" } else { " and" };
            write!(f, "{joint} the different key {masked} in {source}")?;
        }
        Ok(())
    }
}

impl Miss {
    /// Whether it cannot be told that the demand is met, nor that it is not.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Miss::Unknown { .. })
    }

    /// The miss as a sentence about the masked key.
    pub fn about(&self, key: &str) -> String {
        match self {
            Miss::Balance { left, asked } => {
                format!("key {key} can spend {left}, --min-balance asks {asked}")
            }
            Miss::Expiry { when, day, asked } => {
                let expires = if when.ends_with(" ago") { "expired" } else { "expires" };
                format!("key {key} {expires} {when} ({day}), --valid-for asks {asked}")
            }
            Miss::Scope { scope, has } => {
                format!("key {key} lacks the scope {scope}, --need asks for it; it has {has}")
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
            Obstacle::NoHome => f.write_str("no home directory is known to keep a key in"),
            Obstacle::FileIsLink => write!(f, "`{path}` is a link; nothing is written through it"),
            Obstacle::FolderIsLink => {
                write!(f, "the folder of `{path}` is a link; nothing is written through it")
            }
            Obstacle::Unfit(what) => write!(f, "`{path}` {what}; it was left as it is"),
            Obstacle::NotUnderstood(why) => {
                write!(f, "`{path}` {why}; it was left as it is, since it may hold more than a key")
            }
            Obstacle::System { doing, cause } => {
                write!(f, "{doing} `{path}`: {}; it was left as it is", system_words(cause))
            }
        }
    }
}

impl fmt::Display for KeyFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFlaw::Empty => f.write_str("holds no key"),
            KeyFlaw::NotAnAssignment => f.write_str("cannot be read as HEYGEN_API_KEY=<key>"),
            KeyFlaw::Assignment => f.write_str("holds a line of a .env file, not the bare key"),
            KeyFlaw::OpenQuote => f.write_str("opens a quote that is not closed on that line"),
            KeyFlaw::Blank => f.write_str("has a blank inside the key"),
            KeyFlaw::LineBreak => f.write_str("has a line break inside the key"),
            KeyFlaw::Quote(quote) => write!(f, "has a quote ({quote}) in the key"),
            KeyFlaw::Bearer => f.write_str("starts with `Bearer `; HeyGen wants the bare key"),
            KeyFlaw::NotPrintable => f.write_str("has characters that no key has"),
            KeyFlaw::Placeholder => f.write_str("holds the text of an example, not a key"),
            KeyFlaw::Reference => f.write_str("holds a reference to a key, not the key"),
        }
    }
}
