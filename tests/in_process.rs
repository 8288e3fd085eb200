//! `heygen_cli::run` in the process of the tests, with streams in memory.

use heygen_cli::env::Env;
use heygen_cli::terminal::stdio::Stdio;

use crate::support::{KEY, Reply, Server};

/// The exit code, stdout and stderr of a run.
type Ran = (u8, String, String);

fn run(server: &Server, arguments: &[&str], stdin: &str) -> Ran {
    let arguments: Vec<_> =
        std::iter::once("heygen").chain(arguments.iter().copied()).map(Into::into).collect();
    let base = server.base();
    let variables =
        [("HEYGEN_API_BASE", base.as_str()), ("HEYGEN_API_KEY", KEY), ("HEYGEN_MAX_RETRIES", "0")];
    let env = Env::of(&variables, std::env::temp_dir(), None);
    let stdio = Stdio::in_memory(stdin);
    let code = heygen_cli::run(&arguments, &env, &stdio);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (u8::from(code), text(stdio.stdout()), text(stdio.stderr()))
}

fn ran(code: u8, stdout: &str, stderr: &str) -> Ran {
    (code, stdout.to_owned(), stderr.to_owned())
}

#[test]
fn run_can_be_called_twice() {
    let not_found = r#"{"error":{"code":"not_found","message":"Video not found."}}"#;
    let server = Server::routes(&[
        ("GET /v3/videos/v1", Reply::json(200, r#"{"data":{"id":"v1"}}"#)),
        ("GET /v3/videos/v2", Reply::json(404, not_found)),
    ]);
    let found = || run(&server, &["get", "/v3/videos/v1"], "");
    assert_eq!(found(), ran(0, "{\n  \"id\": \"v1\"\n}\n", ""));
    assert_eq!(found(), ran(0, "{\n  \"id\": \"v1\"\n}\n", ""));
    assert_eq!(
        run(&server, &["get", "/v3/videos/v2"], ""),
        ran(
            1,
            "",
            "{\"error\":{\"code\":\"not_found\",\"message\":\"Video not found.\",\"status\":404,\
             \"request\":{\"method\":\"GET\",\"path\":\"/v3/videos/v2\"},\"attempts\":1}}\n"
        )
    );
}

#[test]
fn stdin_in_memory_is_sent() {
    let server = Server::always(Reply::json(200, r#"{"data":null}"#));
    let post = |arguments: &[&str], stdin: &str| {
        run(&server, &[&["post", "/v3/videos", "-o", "compact"], arguments].concat(), stdin)
    };
    assert_eq!(post(&["-d", "-"], r#"{"title":"One"}"#), ran(0, "null\n", ""));
    assert_eq!(post(&["-F", "title=@-"], "Two"), ran(0, "null\n", ""));
    assert_eq!(post(&["--body-file", "-"], "Three"), ran(0, "null\n", ""));
    assert_eq!(post(&["-d", "{}", "--api-key-file", "-"], "other-key"), ran(0, "null\n", ""));
    let requests = server.requests();
    let bodies: Vec<String> = requests.iter().map(|request| request.text()).collect();
    assert_eq!(bodies, [r#"{"title":"One"}"#, r#"{"title":"Two"}"#, "Three", "{}"]);
    let keys: Vec<_> = requests.iter().map(|request| request.header("x-api-key")).collect();
    assert_eq!(keys, [Some(KEY), Some(KEY), Some(KEY), Some("other-key")]);
}

#[test]
fn stdin_can_be_claimed_again() {
    let server = Server::in_turn(Vec::new());
    let both = || run(&server, &["post", "/v3/videos", "-d", "-", "--api-key-file", "-"], "{}");
    let refused = "{\"error\":{\"code\":\"usage_error\",\"message\":\"`--api-key-file -` and `--data -` \
                   both read stdin, which can be read once\",\"hint\":\"name a file for one of them\"}}\n";
    assert_eq!(both(), ran(2, "", refused));
    assert_eq!(both(), ran(2, "", refused));
}

#[test]
fn help_and_completions_go_to_memory() {
    let server = Server::in_turn(Vec::new());
    assert_eq!(
        run(&server, &["--version"], ""),
        ran(0, concat!("heygen-cli ", env!("CARGO_PKG_VERSION"), " (unofficial)\n"), "")
    );
    let env = Env::of(&[("_HEYGEN_COMPLETE", "fish")], std::env::temp_dir(), None);
    let stdio = Stdio::in_memory("");
    let arguments = ["heygen", "--", "heygen", "logo"].map(Into::into);
    assert_eq!(u8::from(heygen_cli::run(&arguments, &env, &stdio)), 0);
    assert_eq!((stdio.stdout(), stdio.stderr()), (Vec::new(), Vec::new()));
}
