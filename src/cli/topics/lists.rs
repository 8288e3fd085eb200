//! Lists: rows, pages and filters.

use super::Block::{Code, Item, Text};
use super::Topic;

/// Tables, CSV and pages.
pub(in crate::cli) const LISTS: Topic = Topic {
    name: "lists",
    heading: "LISTS",
    blocks: &[
        Text(
            "--output table, csv and jsonl print the items of a list as rows. An object that holds \
             one list, and beside it only numbers, booleans and cursors, counts as that list. Any \
             other object is one item.",
        ),
        Text(
            "--columns id,voice.language,tags.0 chooses columns: a.b is the member b of a, numbers \
             index lists. Without it a table begins with ID, name and status, URLs come last, and \
             lists and objects in an item are left out if it has other members. CSV has all members \
             in HeyGen's order. With --all the first page decides on the columns, and a warning \
             names what later pages have beyond them; with --slurp all pages decide.",
        ),
        Text(
            "On a terminal a table has as many columns as fit, and a note names the hidden ones. IDs \
             are never cut, and the times of ..._at members are dates in UTC. In a pipe nothing is \
             hidden, cut or converted.",
        ),
        Text(
            "CSV follows RFC 4180, with a line feed at the end of lines. --bom begins it with a byte order \
             mark, which Excel needs for other letters than English ones. Values that begin with =, \
             +, - or @ stay as they are; a spreadsheet may take them for formulas.",
        ),
        Code("heygen get /v3/videos --all -o csv -c id,title,status > videos.csv"),
        Item(
            "--all",
            "Fetches page after page and prints the items as they come. The exit code is 0 only for \
             the whole list; if it breaks off, the error says how to go on. Pages of 100 items \
             (-Q limit=100) are fewer requests.",
        ),
        Item(
            "--slurp",
            "Joins all pages into one list before it is filtered and printed. Holds that list in \
             memory, and prints nothing if a page fails.",
        ),
    ],
};

/// jq.
pub(in crate::cli) const FILTERS: Topic = Topic {
    name: "filters",
    heading: "FILTERS",
    blocks: &[
        Text(
            "--jq FILTER (-q) is jq, built in: see https://jqlang.org/manual. The filter sees the \
             data of the response, or with --envelope all of it: write .[].id, not .data[].id. A \
             mistake in it is found before anything is sent.",
        ),
        Code("heygen get /v3/videos --all -q '.[] | select(.status == \"failed\") | .id'"),
        Text(
            "Strings come out without quotes, unless -o json or compact is given. Numbers that are \
             only passed on keep their digits. With --all the filter runs once per page, unless \
             --slurp joins the pages: --all --slurp -q length. After halt no further page is fetched.",
        ),
        Text(
            "With -o table, csv or jsonl each result is a row. An array with scalars in it is one \
             row, without a header; an array of objects or arrays is as many rows.",
        ),
        Code("heygen get /v3/videos -o csv -q '.[] | [.id, .status]'"),
        Text(
            "A filter that fails prints nothing (unless it has produced more than 1 MiB before): the \
             exit code is 5, and the error contains the data, so that you need not repeat the call.",
        ),
        Text(
            "A filter sees nothing but the response: no environment, no files, no time zone. It may \
             use 1.5 GB of memory and nest 512 levels.",
        ),
    ],
};
