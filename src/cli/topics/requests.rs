//! Requests: what is sent, and what is shown instead.

use super::Block::{Code, Item, Text};
use super::Topic;

/// Bodies, headers and programs.
pub(in crate::cli) const REQUESTS: Topic = Topic {
    name: "requests",
    heading: "REQUESTS",
    blocks: &[
        Text(
            "Fields build a JSON body, in the order in which you enter them. `get`, `head` and \
             `delete` put them into the query.",
        ),
        Item("-f NAME=TEXT", "A string."),
        Item(
            "-F NAME=VALUE",
            "true, false, null or a number with the digits you enter; @file or @- for the text of a \
             file or of stdin.",
        ),
        Item("a[b]=, a[]=", "An object inside an object; one more item of a list."),
        Item(
            "-d JSON, -d @FILE, -d -",
            "The whole body. It is checked, with line and column, and goes out unaltered. Fields \
             take precedence over its members.",
        ),
        Item(
            "--form NAME=@FILE, --body-file FILE",
            "A part of a form; the bytes of a file. Files of any size go out in a few megabytes of \
             memory. heygen tells the type from the first bytes, unless you name it: \
             'file=@a.txt;type=application/x-subrip', --content-type.",
        ),
        Item(
            "-H 'Name: value'",
            "One more header, or one in place of ours. The key's header cannot be given. \
             Authorization and Cookie are sent and never shown.",
        ),
        Code("heygen post /v3/videos -d @video.json -f title='Take two'"),
        Text(
            "Every operation of v3 is a command by noun and verb too: IDs are arguments, and each \
             parameter and field is a flag, checked before anything is sent. A flag for a list is \
             repeated; one for an object takes JSON or @FILE, one for an asset also a URL or \
             asset_id:ID. `heygen video` lists the verbs of a noun. What removes something asks, or \
             needs --force where nobody can be asked.",
        ),
        Code("heygen video create --type avatar --avatar-id A --voice-id V --script Hello"),
        Text(
            "stdin is kept in memory up to 32 MB, so that the call can be retried; more than that is \
             sent once. Before more than 1 MiB is sent, the server is asked whether it wants it.",
        ),
        Text(
            "--dry-run shows the request and sends nothing, --validate lists what the description \
             of the API says against it. --as prints the call as a program without the key. The \
             program sends what heygen sends, byte for byte, and follows no redirect; what -H gives \
             is printed as it is.",
        ),
    ],
};
