//! Habits of other tools: one error, and a hint with the equivalent here.

use crate::support::{Server, Test};

/// Checks that a command line is a usage error with this message and hint, without a connection.
#[track_caller]
fn check(arguments: &[&str], message: &str, hint: &str) {
    let server = Server::in_turn(vec![]);
    Test::new(arguments)
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(format!("error: {message}\nhint: {hint}\n"))
        .exits(2);
    assert_eq!(server.connections(), 0, "{arguments:?}");
}

/// `heygen get /v3/videos` with these arguments, the first of which is unexpected.
#[track_caller]
fn get(arguments: &[&str], hint: &str) {
    let flag = arguments[0].split('=').next().unwrap_or_default();
    let flag = if flag.starts_with("--") { flag } else { &arguments[0][..2] };
    check(
        &[&["get", "/v3/videos"], arguments].concat(),
        &format!("unexpected argument '{flag}' found"),
        hint,
    );
}

#[track_caller]
fn post(arguments: &[&str], hint: &str) {
    let message = format!("unexpected argument '{}' found", arguments[0]);
    check(&[&["post", "/v3/videos"], arguments].concat(), &message, hint);
}

const NO_KEY: &str = "a key is never an argument: others would see it; it comes from \
                      HEYGEN_API_KEY, a .env file or `heygen auth login`";

#[test]
fn parameters_are_no_flags() {
    get(&["--limit", "5"], "a query parameter is written `-Q limit=5`");
    get(&["--limit=5"], "a query parameter is written `-Q limit=5`");
    post(&["--voice-id", "V"], "a field of the body is written `-f voice_id=V`");
}

#[test]
fn httpie_arguments_have_flags() {
    let get = |argument: &str, hint: &str| {
        check(
            &["get", "/v3/videos", argument],
            &format!("unexpected argument '{argument}' found"),
            hint,
        );
    };
    get("limit=5", "a query parameter is written `-Q limit=5`");
    get("limit==5", "a query parameter is written `-Q limit=5`");
    get("X-Trace:1", "a header is written `-H 'X-Trace: VALUE'`");
    get("{\"a\":1}", "this method takes no body; `-Q` and `-f` go into the query");
    post(&["title=Hello"], "a field of the body is written `-f title=Hello`");
    post(&["n:=5"], "a JSON value is written `-F n=5`");
    post(&["limit==5"], "a query parameter is written `-Q limit=5`");
    post(&["{\"a\":1}"], "a JSON body is given as `-d JSON`");
    check(
        &["post", "{\"a\":1}"],
        "the endpoint is missing: JSON is given in its place",
        "write `heygen post ENDPOINT -d JSON`",
    );
}

#[test]
fn curl_flags_are_explained() {
    get(&["-X", "PUT"], "the method is the command: `heygen put /v3/videos`");
    get(&["-L"], "redirects are not followed, so that the key stays with the API");
    get(&["-k"], "certificates are always checked; `--ca-cert FILE` trusts those of a file");
    get(
        &["--insecure"],
        "certificates are always checked; `--ca-cert FILE` trusts those of a file",
    );
    get(&["--max-time", "5"], "`--timeout 30s` limits each attempt");
    get(&["-x", "http://p"], "the proxy comes from the environment: see `heygen help environment`");
    get(&["-d", "{}"], "this method takes no body; `-Q` and `-f` go into the query");
    post(&["--data-raw", "{}"], "a JSON body is given as `-d JSON`, `-d @FILE` or `-d -` (stdin)");
    post(&["--compressed"], "leave it out: that is always so");
}

#[test]
fn gh_flags_are_explained() {
    get(&["--paginate"], "`--all` prints all pages of a list");
    get(&["--json"], "responses are printed as JSON by default; `-o compact` prints one line");
    post(
        &["--input", "body.json"],
        "a JSON body is given as `-d JSON`, `-d @FILE` or `-d -` (stdin)",
    );
    get(&["--template", "x"], "`-q FILTER` runs a jq filter");
}

#[test]
fn keys_are_no_flag_values() {
    for flag in ["--api-key", "--token", "--key", "-u"] {
        check(
            &["get", "/v3/videos", flag, "abc"],
            &format!("unexpected argument '{flag}' found"),
            NO_KEY,
        );
    }
    check(&["get", "/v3/videos", "api_key=abc"], "unexpected argument 'api_key=…' found", NO_KEY);
    check(
        &["--api-key", "abc", "get", "/v3/videos"],
        "unexpected argument '--api-key' found",
        NO_KEY,
    );
}

#[test]
fn flags_of_auth_are_explained() {
    let auth = |words: &[&str], hint: &str| {
        let flag = words.iter().find(|word| word.starts_with('-')).expect("a flag");
        let words = [&["auth"], words].concat();
        check(&words, &format!("unexpected argument '{flag}' found"), hint);
    };
    auth(&["check", "--json"], "`-o json` prints JSON; in a pipe that is the default");
    auth(
        &["check", "--scope", "videos:read"],
        "the report lists the scopes; `--need SCOPE` checks for one",
    );
    auth(&["check", "-n"], "`--offline` asks nobody");
    auth(&["login", "--with-token"], "the key is read from stdin: `heygen auth login < FILE`");
}

#[test]
fn flags_that_mean_nothing_here_are_explained() {
    post(&["--yes"], "heygen asks no question; leave --yes out");
    get(&["--download", "."], "`heygen download ID` fetches the file of a finished video");
    get(&["--version"], "`heygen --version` prints the version");
    get(
        &["--fields", "id,title"],
        "`-o table -c id,title` chooses columns, `-q FILTER` runs a jq filter",
    );
    check(
        &["delete", "/v3/videos/v1", "--force"],
        "--force is for --save",
        "heygen asks no question; leave --force out",
    );
    check(
        &["--dry-run", "post", "/v3/videos"],
        "unexpected argument '--dry-run' found",
        "write `--dry-run` after the command: `heygen post ENDPOINT --dry-run`",
    );
}

#[test]
fn flags_of_calls_follow_the_command() {
    check(
        &["-o", "table", "get", "/v3/videos"],
        "unexpected argument '-o' found",
        "write `-o` after the command: `heygen get ENDPOINT -o …`",
    );
    check(
        &["--data", "{}", "patch", "/v3/videos"],
        "unexpected argument '--data' found",
        "write `--data` after the command: `heygen patch ENDPOINT --data …`",
    );
}

#[test]
fn commands_of_other_tools_are_known() {
    let unknown = |arguments: &[&str], hint: &str| {
        let word = arguments.last().expect("a word");
        check(arguments, &format!("unrecognized subcommand '{word}'"), hint);
    };
    unknown(&["GET"], "a similar subcommand exists: 'get'");
    unknown(&["gte"], "a similar subcommand exists: 'get'");
    unknown(&["completion"], "a similar subcommand exists: 'completions'");
    unknown(&["/v3/videos"], "the method is the command: `heygen get /v3/videos`");
    unknown(&["v3/videos"], "the method is the command: `heygen get v3/videos`");
    unknown(&["login"], "`heygen auth login` stores a key");
    unknown(&["whoami"], "`heygen auth check` checks the key");
    unknown(&["version"], "`heygen --version` prints the version");
    unknown(&["api"], "the method is the command: `heygen get /v3/videos`");
    unknown(
        &["nonsense"],
        "the commands are auth, get, head, post, put, patch, delete, wait, download, endpoints, mock, completions, man, help; `heygen --help` lists the nouns",
    );
    unknown(&["auth", "help"], "`heygen help auth check` explains a command about keys");
    unknown(&["auth", "whoami"], "`heygen auth check` checks the key");
    unknown(&["auth", "nonsense"], "the commands are check, login, logout");
}

#[test]
fn mistakes_under_auth_are_named() {
    check(
        &["auth", "logout", "--all"],
        "unexpected argument '--all' found",
        "usage: heygen auth logout [OPTIONS]",
    );
    check(
        &["auth", "check", "--offlin"],
        "unexpected argument '--offlin' found",
        "a similar argument exists: '--offline'",
    );
    Test::new(&["auth", "check", "--min-balance", "five"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(
            "error: invalid value 'five' for '--min-balance <AMOUNT>': write it like 5 or 12.50\n",
        )
        .exits(2);
    check(
        &["auth", "--quiet"],
        "'heygen auth' requires a subcommand but one was not provided",
        "the commands are check, login, logout",
    );
}

#[test]
fn short_keys_under_auth_are_masked() {
    let hint = "a key is never an argument: others would see it; `heygen auth login` asks for it, or reads it from stdin";
    for arguments in [
        &["auth", "login", "abc"][..],
        &["auth", "login", "--api-key", "abc"],
        &["auth", "check", "Abc1"],
    ] {
        check(arguments, "unexpected argument '…' found", hint);
    }
    check(&["auth", "Abc1"], "unrecognized subcommand '…'", hint);
    check(
        &["auth", "login", "--api-key=abc"],
        "unexpected value '…' for '--api-key' found; no more were expected",
        hint,
    );
}

#[test]
fn formats_of_other_tools_are_named() {
    let output = |name: &str, hint: &str| {
        check(
            &["get", "/v3/videos", "-o", name],
            &format!("invalid value `{name}` for --output"),
            hint,
        );
    };
    output("human", "use `-o table`, or json for indented JSON");
    output("ndjson", "use `-o jsonl`");
    output("yaml", "use json, compact, jsonl, table, csv or raw");
}

#[test]
fn rejects_missing_file_names() {
    let hint = "write `@FILE`, or `@-` for stdin";
    let missing = |flag: &str| format!("{flag}: the name of a file is missing after `@`");
    check(&["post", "/v3/videos", "-d", "@"], &missing("--data"), hint);
    check(&["post", "/v3/videos", "-F", "a=@"], &missing("--field"), hint);
    check(&["post", "/v3/videos", "--form", "a=@"], &missing("--form"), hint);
}
