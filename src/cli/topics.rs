//! The texts of `heygen help TOPIC`, which are sections of the man pages too.

mod jobs;
mod lists;
mod operation;
mod requests;

pub(super) use jobs::JOBS;
pub(super) use lists::{FILTERS, LISTS};
pub(super) use operation::{CI, NETWORK, SECRETS, SETUP};
pub(super) use requests::REQUESTS;

/// A subject that no single command owns.
#[derive(Debug)]
pub(super) struct Topic {
    /// The word after `heygen help`.
    pub(super) name: &'static str,
    /// The heading of its section in a man page.
    pub(super) heading: &'static str,
    /// The text.
    pub(super) blocks: &'static [Block],
}

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Block {
    /// A paragraph.
    Text(&'static str),
    /// A term and its meaning.
    Item(&'static str, &'static str),
    /// Lines to type.
    Code(&'static str),
}

use Block::{Code, Item, Text};

/// All topics, in the order in which they are listed.
pub(super) const ALL: [&Topic; 13] = [
    &REQUESTS,
    &OUTPUT,
    &LISTS,
    &FILTERS,
    &KEYS,
    &SECRETS,
    &CI,
    &JOBS,
    &RETRIES,
    &NETWORK,
    &ENVIRONMENT,
    &EXIT_CODES,
    &SETUP,
];

/// The meaning of each exit code.
pub(super) const EXIT_CODES: Topic = Topic {
    name: "exit-codes",
    heading: "EXIT STATUS",
    blocks: &[
        Item("0", "Success."),
        Item(
            "1",
            "The API rejected the call, a job, the network or a file failed, or a gate of `auth check` \
             is not met.",
        ),
        Item("2", "Invalid usage, or an invalid value of a variable. Nothing was sent."),
        Item("3", "No key was found, or HeyGen rejected it for this call (401, 403)."),
        Item("4", "Timeout (--timeout)."),
        Item(
            "5",
            "The call succeeded, and what was to be done with its result failed (filter, file, wait, \
             download): do not repeat the call.",
        ),
        Text(
            "A closed pipe (heygen ... | head -1) is not a failure, unless it took nothing of the \
             response to a POST: then the exit code is 5, and the error has the data. Ctrl-C ends \
             heygen by the signal itself, so that a loop in a shell stops too.",
        ),
    ],
};

/// The variables that are read.
pub(super) const ENVIRONMENT: Topic = Topic {
    name: "environment",
    heading: "ENVIRONMENT",
    blocks: &[
        Text("A flag takes precedence over its variable. Empty counts as unset."),
        Item("HEYGEN_API_KEY", "The API key; see `heygen help keys`."),
        Item(
            "HEYGEN_API_BASE",
            "Address of the API [default: https://api.heygen.com] (--api-base).",
        ),
        Item(
            "HEYGEN_ALLOW_HTTP",
            "1 allows sending the key over plain http:// to other computers.",
        ),
        Item(
            "HEYGEN_OUTPUT",
            "Output format (--output). `table` and `human` count on a terminal only.",
        ),
        Item("HEYGEN_ENVELOPE", "1 prints the whole response, not only its data (--envelope)."),
        Item("HEYGEN_ERROR_FORMAT", "auto, text or json (--error-format)."),
        Item("HEYGEN_MAX_RETRIES", "How many times to retry a failed call (--retry)."),
        Item(
            "HEYGEN_CA_CERT, SSL_CERT_FILE",
            "PEM file of certificates to trust instead of the built-in ones (--ca-cert).",
        ),
        Item("HEYGEN_CONFIG_DIR", "Directory of the file `credentials` [default: ~/.heygen]."),
        Item(
            "HTTPS_PROXY, https_proxy, http_proxy, ALL_PROXY, all_proxy, NO_PROXY, no_proxy",
            "Proxies, as curl reads them (HTTP_PROXY is ignored); never used for this computer.",
        ),
        Item("CI", "If set, heygen never asks a question."),
        Item("COLUMNS", "Width of a terminal that does not report its own."),
        Item("NO_COLOR, CLICOLOR_FORCE, TERM", "Colors; NO_COLOR takes precedence (--color)."),
        Text("Only HEYGEN_API_KEY is read from .env files."),
    ],
};

/// The use of the two streams.
pub(super) const OUTPUT: Topic = Topic {
    name: "output",
    heading: "OUTPUT",
    blocks: &[
        Text(
            "stdout carries the response and nothing else. It is empty if the call failed, except \
             with --include and `head` (status and headers of the failure), --all (the items that \
             came before) and responses that are not JSON (they are streamed). Notes, warnings and \
             errors go to stderr. In a pipe a success leaves stderr empty, except for warnings (a \
             retired path, a column that is unknown or missing) and for the ID of a job that is \
             waited for. -v shows requests and responses on stderr, -vv their headers and \
             bodies too, with keys masked and the queries of URLs left out.",
        ),
        Text(
            "By default heygen prints the `data` of the response as indented JSON, on a terminal and \
             in a pipe alike. Numbers and strings come out as HeyGen sent them. --output chooses \
             another format, --envelope prints the whole response, --include adds status and \
             headers, --save writes a file. A response that is not JSON (audio, subtitles) passes \
             unaltered into a pipe or a file; a terminal shows it only if it is text.",
        ),
        Text(
            "--output table and csv print the items of a list as rows. --columns chooses columns: \
             a.b is the member b of a. --jq filters the data with a built-in jq. --all fetches all \
             pages of a list and prints the items as they come; --jq then runs once per page, unless \
             --slurp joins all pages first.",
        ),
        Text(
            "An error is text on a terminal: what failed, then hints what to type next. Elsewhere it \
             is one line of JSON: {\"error\":{\"code\",\"message\",\"hint\",\"status\",\
             \"request_id\",...}}. --error-format overrides this.",
        ),
    ],
};

/// The sources of the key.
pub(super) const KEYS: Topic = Topic {
    name: "keys",
    heading: "KEYS",
    blocks: &[
        Text("heygen uses the first key that it finds, in this order:"),
        Item("--api-key-file FILE", "Only this file; - is stdin."),
        Item("--env-file FILE", "Only HEYGEN_API_KEY in this .env file."),
        Item("HEYGEN_API_KEY", "The environment variable."),
        Item(
            ".env.local, .env",
            "In the working directory, then in its parents up to the first one with .git, but never \
             in your home directory. Only HEYGEN_API_KEY is read from them.",
        ),
        Item(
            "~/.heygen/credentials",
            "The key that `heygen auth login` stored; shared with HeyGen's own CLI.",
        ),
        Text(
            "`heygen auth check` reports which key is used, whose it is, and whether HeyGen accepts \
             it. Create keys at https://app.heygen.com/settings?nav=API",
        ),
        Text(
            "heygen sends the key to the API's own address only: never along a redirect, and never \
             over http:// except to this computer. There is no flag for the key itself, since other \
             users can see command lines. Never put a key into a browser or an app.",
        ),
    ],
};

/// The rules of retries.
pub(super) const RETRIES: Topic = Topic {
    name: "retries",
    heading: "RETRIES",
    blocks: &[
        Text(
            "heygen retries a failed call where that is safe: after 429 always; after 500, 502, 503, \
             504 and broken connections with GET, HEAD, PUT and DELETE, and with those POSTs that \
             HeyGen runs once per idempotency key.",
        ),
        Text(
            "Every POST to v3 carries an Idempotency-Key, the same for all attempts of one command. \
             Give --idempotency-key KEY to be able to repeat the command itself: for 24 hours HeyGen \
             returns the first response again instead of doing, and charging for, the work twice.",
        ),
        Item("--retry N", "How many times to retry [default: 3]; 0 sends the call once."),
        Item(
            "--retry-for DURATION",
            "Limit on the sum of all pauses [default: 2m]. Pauses are 1, 2, 4 ... seconds, or what \
             HeyGen asks for.",
        ),
        Item(
            "--timeout DURATION",
            "Limit on one attempt [default: 120s]. An attempt that timed out is not retried.",
        ),
        Text(
            "If a POST may have been accepted, the error says so, and how to repeat it without \
             paying twice.",
        ),
    ],
};

/// The files that are read; a section of the man pages.
pub(super) const FILES: Topic = Topic {
    name: "files",
    heading: "FILES",
    blocks: &[
        Item(".env.local, .env", "May hold a line HEYGEN_API_KEY=<key>; see KEYS in heygen(1)."),
        Item(
            "~/.heygen/credentials",
            "JSON with a member api_key, or the key as one line. Shared with HeyGen's own CLI.",
        ),
    ],
};

impl Topic {
    /// The text, wrapped at a number of columns.
    pub(super) fn text(&self, columns: usize) -> String {
        let mut text = String::new();
        let mut was_item = false;
        for block in self.blocks {
            let is_item = matches!(block, Item(..));
            if !(text.is_empty() || is_item && was_item) {
                text.push('\n');
            }
            match block {
                Text(words) => wrap(words, "", columns, &mut text),
                // To be copied, so that it is not wrapped.
                Code(lines) => {
                    lines.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
                }
                Item(term, words) if term.len() == 1 => {
                    text.push_str(&format!("  {term} "));
                    let mut lines = String::new();
                    wrap(words, "    ", columns, &mut lines);
                    text.push_str(&lines[4..]);
                }
                Item(term, words) => {
                    text.push_str(&format!("  {term}\n"));
                    wrap(words, "      ", columns, &mut text);
                }
            }
            was_item = is_item;
        }
        text
    }
}

/// Adds words in lines that are not longer than so many columns, if no single word is.
pub(super) fn wrap(words: &str, indent: &str, columns: usize, text: &mut String) {
    let mut line = indent.to_owned();
    for word in words.split_whitespace() {
        if line.len() > indent.len() {
            if line.chars().count() + 1 + word.chars().count() > columns {
                text.push_str(&line);
                text.push('\n');
                line = indent.to_owned();
            } else {
                line.push(' ');
            }
        }
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_wrapped_paragraphs_and_items() {
        let topic = Topic {
            name: "t",
            heading: "T",
            blocks: &[
                Text("one two three"),
                Item("0", "four five"),
                Item("LONG", "six"),
                Text("seven"),
                Code("# eight\nnine ten"),
            ],
        };
        let expected = "one two\nthree\n\n  0 four\n    five\n  LONG\n      six\n\nseven\n\n  # eight\n  nine ten\n";
        assert_eq!(topic.text(8), expected);
    }

    #[test]
    fn topics_fit_eighty_columns() {
        for topic in ALL {
            let text = topic.text(80);
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert!(text.lines().count() <= 40, "{text}");
        }
    }
}
