//! `-o csv` and `-o table` of responses that are very wide or very long.

use std::time::Duration;

use crate::support::{Reply, Server, Test, str};

/// A pass over the members for each of them would take minutes here.
const PATIENCE: Duration = Duration::from_secs(20);

fn get<'s>(server: &'s Server, arguments: &[&str]) -> Test<'s> {
    let arguments = [&["get", "/v3/avatars/looks"], arguments].concat();
    Test::new(&arguments).server(server).limit(PATIENCE)
}

fn joined(items: impl Iterator<Item = String>, separator: &str) -> String {
    items.collect::<Vec<_>>().join(separator)
}

#[test]
fn object_with_20000_members() {
    let numbers = || 10_000..30_000;
    let members = joined(numbers().map(|number| format!("\"m{number}\":{number}")), ",");
    let server = Server::always(Reply::json(200, &format!("{{\"data\":{{{members}}}}}")));
    let names = joined(numbers().map(|number| format!("m{number}")), ",");
    let values = joined(numbers().map(|number| number.to_string()), ",");
    get(&server, &["-o", "csv"]).stdout(format!("{names}\n{values}\n")).exits(0);
    let lines = joined(numbers().map(|number| format!("m{number}  {number}\n")), "");
    get(&server, &["-o", "table"]).stdout(&lines).exits(0);
    // A list has columns instead.
    let server = Server::always(Reply::json(200, &format!("{{\"data\":[{{{members}}},{{}}]}}")));
    get(&server, &["-o", "csv"])
        .stdout(format!("{names}\n{values}\n{}\n", ",".repeat(19_999)))
        .exits(0);
    let columns = joined(numbers().map(|number| format!("M{number}")), "  ");
    let cells = joined(numbers().map(|number| format!("{number} ")), "  ");
    get(&server, &["-o", "table"]).stdout(format!("{columns}\n{}\n\n", cells.trim_end())).exits(0);
}

#[test]
fn arrays_with_20000_elements() {
    let elements = joined((0..20_000).map(|number| number.to_string()), ",");
    let server = Server::always(Reply::json(200, &format!("{{\"data\":[[{elements}],[1]]}}")));
    get(&server, &["-o", "csv"]).stdout(format!("{elements}\n1{}\n", ",".repeat(19_999))).exits(0);
}

#[test]
fn long_cell_pads_no_other_lines() {
    let long = "x".repeat(400_000);
    let short = joined((0..2_000).map(|number| format!("{{\"id\":\"v{number}\",\"n\":1}}")), ",");
    let body = format!("{{\"data\":[{{\"id\":\"{long}\",\"n\":1}},{short}]}}");
    let server = Server::always(Reply::json(200, &body));
    let lines = joined((0..2_000).map(|number| format!("{:100}  1\n", format!("v{number}"))), "");
    get(&server, &["-o", "table"]).stdout(format!("{:100}  N\n{long}  1\n{lines}", "ID")).exits(0);
    // The last column is not padded, and neither is the name of a member.
    let body = format!("{{\"data\":{{\"{long}\":1,\"id\":\"{long}\"}}}}");
    let server = Server::always(Reply::json(200, &body));
    get(&server, &["-o", "table"]).stdout(format!("{long}  1\n{:100}  {long}\n", "id")).exits(0);
}

#[test]
fn rows_of_too_many_columns_are_an_error() {
    let elements = vec!["0"; 100_001].join(",");
    let server = Server::always(Reply::json(200, &format!("{{\"data\":[[{elements}]]}}")));
    for format in ["csv", "table"] {
        get(&server, &["-o", format, "--error-format", "text"])
            .stderr(str![[r#"
error: the rows of the response have more than 100000 columns
hint: `-o json` prints them all, `--columns a,b` some

"#]])
            .exits(1);
    }
    get(&server, &["-o", "csv", "--columns", "2,100000"]).stdout("2,100000\n0,0\n").exits(0);
}

#[test]
fn rows_of_nearly_empty_cells_are_an_error() {
    let row = vec!["1"; 20_000].join(",");
    let first = format!("[{row}]");
    let rest = vec!["[1]"; 20_000].join(",");
    let server = Server::always(Reply::json(200, &format!("{{\"data\":[{first},{rest}]}}")));
    for format in ["csv", "table"] {
        get(&server, &["-o", format, "--error-format", "text"])
            .stderr(str![[r#"
error: the rows of the response have 20000 columns, in which nearly all cells are empty
hint: `-o json` prints them all, `--columns a,b` some

"#]])
            .exits(1);
    }
    // A later page has the columns of the first.
    let server = Server::in_turn(vec![
        Reply::json(200, &format!("{{\"data\":[{first}],\"has_more\":true,\"next_token\":\"t\"}}")),
        Reply::json(200, &format!("{{\"data\":[{rest}],\"has_more\":false}}")),
    ]);
    get(&server, &["--all", "-o", "csv", "--error-format", "text"])
        .stdout(format!("{row}\n"))
        .stderr(str![[r#"
error: the rows of the response have 20000 columns, in which nearly all cells are empty
hint: `-o json` prints them all, `--columns a,b` some

"#]])
        .exits(1);
}
