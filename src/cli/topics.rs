//! What is not a command's own: the texts of `heygen help TOPIC`, which are sections of the man
//! pages too.

/// A subject of its own.
#[derive(Debug)]
pub(super) struct Topic {
    /// What is typed after `heygen help`.
    pub(super) name: &'static str,
    /// The heading of its section in a man page.
    pub(super) heading: &'static str,
    /// What it says.
    pub(super) blocks: &'static [Block],
}

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Block {
    /// A paragraph.
    Text(&'static str),
    /// A term and what it means.
    Item(&'static str, &'static str),
}

use Block::{Item, Text};

/// All topics, in the order in which they are listed.
pub(super) const ALL: [&Topic; 5] = [&EXIT_CODES, &ENVIRONMENT, &OUTPUT, &KEYS, &RETRIES];

/// What the exit status means.
pub(super) const EXIT_CODES: Topic = Topic {
    name: "exit-codes",
    heading: "EXIT STATUS",
    blocks: &[
        Item("0", "Done: the answer is on stdout."),
        Item(
            "1",
            "The API refused, the network or a file failed, or a gate of `auth check` is not met.",
        ),
        Item("2", "What was typed, or set in a variable, has no meaning. Nothing was sent."),
        Item("3", "There is no key, or HeyGen does not accept it for this call (401, 403)."),
        Item("4", "Out of time (--timeout)."),
        Item(
            "5",
            "The call succeeded, and only the work on its answer failed: do not repeat the call.",
        ),
        Text(
            "A closed pipe (heygen ... | head -1) is no failure. Ctrl-C ends the program by the \
             signal itself, so that a loop in a shell ends too.",
        ),
    ],
};

/// Which variables are read.
pub(super) const ENVIRONMENT: Topic = Topic {
    name: "environment",
    heading: "ENVIRONMENT",
    blocks: &[
        Text("A flag beats its variable. An empty variable is as good as none."),
        Item("HEYGEN_API_KEY", "The key; see `heygen help keys`."),
        Item("HEYGEN_API_BASE", "Where the API is, else https://api.heygen.com (--api-base)."),
        Item(
            "HEYGEN_ALLOW_HTTP",
            "1 lets the key travel over http:// to other computers than this one.",
        ),
        Item(
            "HEYGEN_OUTPUT",
            "The form of answers (--output); table and human count on a terminal only.",
        ),
        Item("HEYGEN_ENVELOPE", "1 prints whole answers, not only their data (--envelope)."),
        Item("HEYGEN_ERROR_FORMAT", "auto, text or json (--error-format)."),
        Item("HEYGEN_MAX_RETRIES", "How often is tried again (--retry)."),
        Item(
            "HEYGEN_CA_CERT, SSL_CERT_FILE",
            "A PEM file of certificates to trust instead of the built-in ones (--ca-cert).",
        ),
        Item("HEYGEN_CONFIG_DIR", "The folder of the file `credentials`, else ~/.heygen."),
        Item(
            "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
            "Proxies, as curl reads them; never for this computer itself.",
        ),
        Item("CI", "Nothing is ever asked."),
        Item("COLUMNS", "The width of a terminal that does not say it itself."),
        Item("NO_COLOR, CLICOLOR_FORCE, TERM", "Whether there are colours; NO_COLOR wins."),
    ],
};

/// What goes to which stream.
pub(super) const OUTPUT: Topic = Topic {
    name: "output",
    heading: "OUTPUT",
    blocks: &[
        Text(
            "stdout carries the answer and nothing else; it is empty if the call failed. Notes, \
             warnings and errors go to stderr, and a success in a pipe leaves that empty too.",
        ),
        Text(
            "Of an answer its `data` is printed, indented on a terminal and in a pipe alike, with \
             numbers and strings as HeyGen sent them. --output chooses another form, --envelope the \
             whole answer, --include status and headers before it, --save a file. What is no JSON \
             (audio, subtitles) passes as it is, but not onto a terminal.",
        ),
        Text(
            "--output table and csv make rows of the items of a list, and --columns chooses \
             members: a.b is b inside a. --jq filters the data, built in; the filter sees the answer \
             and nothing else. --all asks for all pages of a list and prints items as they come; the \
             exit code is 0 for the whole list only.",
        ),
        Text(
            "An error is text on a terminal: what failed, then hints what to type next. Elsewhere it \
             is one line of JSON: {\"error\":{\"code\",\"message\",\"hint\",\"status\",\
             \"request_id\",...}}. --error-format decides otherwise.",
        ),
    ],
};

/// Where the key comes from.
pub(super) const KEYS: Topic = Topic {
    name: "keys",
    heading: "KEYS",
    blocks: &[
        Text("The key is looked for in this order, and the first one found is used:"),
        Item("--api-key-file FILE", "This file and nothing else; - is stdin."),
        Item("--env-file FILE", "HEYGEN_API_KEY in this .env file and nothing else."),
        Item("HEYGEN_API_KEY", "The variable."),
        Item(
            ".env.local, .env",
            "Here, and in the folders above up to the one with .git, but not in your home. Nothing \
             but HEYGEN_API_KEY is read from them.",
        ),
        Item(
            "~/.heygen/credentials",
            "What `heygen auth login` stored; shared with HeyGen's own command line.",
        ),
        Text(
            "`heygen auth check` says which key is used, whose it is, and whether HeyGen accepts it. \
             Make one at https://app.heygen.com/settings?nav=API",
        ),
        Text(
            "The key goes to the API's own address and nowhere else: not along a redirect, and never \
             over http:// but to this computer. It is no flag, since others could see it in the list \
             of processes, and it is printed nowhere but for its last four characters.",
        ),
    ],
};

/// What is tried again.
pub(super) const RETRIES: Topic = Topic {
    name: "retries",
    heading: "RETRIES",
    blocks: &[
        Text(
            "A call is tried again where that is safe: after 429 always, after 500, 502, 503, 504 \
             and broken connections with GET, HEAD, PUT and DELETE, and with those POSTs that HeyGen \
             does once however often they arrive.",
        ),
        Text(
            "For that every POST of v3 carries an Idempotency-Key, the same for all tries of one \
             command. Give --idempotency-key KEY to be able to repeat the command itself: HeyGen \
             answers the same for 24 hours and does the work once.",
        ),
        Item("--retry N", "How often, 3 unless you say otherwise; 0 tries once."),
        Item(
            "--retry-for DURATION",
            "How long all pauses may be together, 2m unless you say otherwise. They are 1, 2, 4 ... \
             seconds, or what HeyGen asks for.",
        ),
        Item("--timeout DURATION", "How long one try may take. A try out of time is not repeated."),
        Text(
            "If it is not known whether a POST was accepted, the error says so, and says how to \
             repeat it without paying twice.",
        ),
    ],
};

/// Which files are read; a section of the man pages.
pub(super) const FILES: Topic = Topic {
    name: "files",
    heading: "FILES",
    blocks: &[
        Item(".env.local, .env", "May hold a line HEYGEN_API_KEY=<key>; see KEYS in heygen(1)."),
        Item(
            "~/.heygen/credentials",
            "JSON with a member api_key, or the key as one line. Shared with HeyGen's own command \
             line.",
        ),
    ],
};

impl Topic {
    /// The text for a screen of this many columns.
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
fn wrap(words: &str, indent: &str, columns: usize, text: &mut String) {
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
            ],
        };
        let expected = "one two\nthree\n\n  0 four\n    five\n  LONG\n      six\n\nseven\n";
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
