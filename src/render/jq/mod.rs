//! jq, by jaq. The only folder that knows its crates.
//!
//! A filter sees its input and nothing else: [`functions`] leaves out the functions of jaq that read
//! the environment (`env`) or the time zone of the computer (`localtime`), and the parts of jaq that
//! read files and further input (`input`, `$ENV`, `import`) are not linked.
//!
//! Parser, compiler and interpreter are jaq's. Values, most functions and assignments are defined
//! here, because those of jaq silently differ from jq's ([`rewrite`] lists the differences of the
//! interpreter) and because jaq's values lose `-0` and lone surrogates and take twice the memory.
//!
//! A filter runs after the call was made, and perhaps paid for. Whatever it does, the response must
//! not be lost: it runs on a thread of its own, and [`watch`] stops it before it fills the stack or
//! the memory. The main thread takes its outputs and reports how it ended.

mod formats;
mod functions;
mod number;
mod object;
mod path;
mod precedence;
mod program;
mod read;
mod regex;
mod rewrite;
mod states;
mod text;
mod value;
mod watch;
mod write;

use std::cell::RefCell;
use std::io;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use jaq_core::{Ctx, Exn, Filter, Vars};

use self::functions::{Kind, Steps};
use self::states::States;
use self::value::Value;
use self::watch::{Growth, Watch};
use super::filter::{BadFilter, Ended, Output, PIPE, Results, Stopped};

/// The size of a batch of outputs, in bytes.
const BATCH: usize = 64 * 1024;

/// The size that each output of a batch counts for beside its bytes.
const OUTPUT: usize = 64;

/// The number of batches that may wait for the main thread.
const WAITING: usize = 2;

/// The interval between two checks of the memory.
const LOOK: Duration = Duration::from_millis(5);

/// The number of messages between two checks, when they come faster than that.
const MESSAGES_BETWEEN_LOOKS: u64 = 16;

/// A compiled filter, on its thread.
pub(super) struct Program {
    requests: Sender<Request>,
    messages: Receiver<Message>,
    stop: Arc<AtomicBool>,
    stack: usize,
}

/// A value to run the filter on.
struct Request {
    value: Value,
    results: Results,
}

/// A message from the thread of a filter.
enum Message {
    Compiled,
    Refused(BadFilter),
    Outputs(Vec<Output>),
    Done(Ended),
    Failed(String),
}

impl std::fmt::Debug for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Program")
    }
}

impl Program {
    pub(super) fn compile(text: &str) -> Result<Program, BadFilter> {
        report_panics();
        let mut stack = watch::largest_stack();
        let program = loop {
            match Program::start(text, stack) {
                Ok(program) => break program,
                Err(_) if stack / 2 >= watch::SMALLEST_STACK => stack /= 2,
                Err(cause) => return Err(broken(&format!("starting a thread: {cause}"))),
            }
        };
        match program.messages.recv() {
            Ok(Message::Compiled) => Ok(program),
            Ok(Message::Refused(bad)) => Err(bad),
            Ok(Message::Failed(words)) => Err(broken(&words)),
            Ok(Message::Outputs(_) | Message::Done(_)) | Err(_) => Err(broken("no filter")),
        }
    }

    /// Starts the thread, which compiles and then waits.
    fn start(text: &str, stack: usize) -> io::Result<Program> {
        let (requests, to_do) = channel();
        let (sender, messages) = sync_channel(WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let (text, stop_filter) = (text.to_owned(), Arc::clone(&stop));
        thread::Builder::new().name("filter".to_owned()).stack_size(stack).spawn(move || {
            let watch = Watch::new(stop_filter, stack, sender.clone());
            serve(&text, &watch, &to_do, &sender);
        })?;
        Ok(Program { requests, messages, stop, stack })
    }

    pub(super) fn run<E>(
        &self,
        value: &[u8],
        results: Results,
        mut take: impl FnMut(Output) -> Result<(), E>,
    ) -> Result<Ended, Stopped<E>> {
        let ended = || Stopped::Failed("the filter ended unexpectedly".to_owned());
        // Parsed on this thread: the other one would need a copy of the bytes.
        let value = read::value(value);
        self.requests.send(Request { value, results }).map_err(|_| ended())?;
        let mut growth: Option<Growth> = None;
        for number in 1_u64.. {
            let is_busy = match self.messages.recv_timeout(LOOK) {
                Ok(Message::Outputs(outputs)) => {
                    for output in outputs {
                        take(output).map_err(|refusal| self.stopped(Stopped::Refused(refusal)))?;
                    }
                    !number.is_multiple_of(MESSAGES_BETWEEN_LOOKS)
                }
                Ok(Message::Done(ended)) => return Ok(ended),
                Ok(Message::Failed(words)) => return Err(Stopped::Failed(words)),
                Ok(Message::Compiled | Message::Refused(_))
                | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => false,
            };
            if is_busy {
                continue;
            }
            match &growth {
                // Most filters end before the first check.
                None => growth = Growth::of_this_process(self.stack),
                Some(growth) => {
                    if let Some(words) = growth.excess() {
                        return Err(self.stopped(Stopped::Failed(words)));
                    }
                }
            }
        }
        Err(ended())
    }

    /// Stops the filter at its next step.
    fn stopped<E>(&self, why: Stopped<E>) -> Stopped<E> {
        self.stop.store(true, Ordering::Relaxed);
        why
    }
}

/// The error for a filter that jaq fails to compile, which may be valid all the same.
fn broken(words: &str) -> BadFilter {
    let message = format!("the filter cannot be compiled here: {words}");
    BadFilter { message, place: Vec::new(), hint: Some(PIPE) }
}

/// The work of a filter's thread: compiles the filter, then runs it on each value that it is sent.
fn serve(text: &str, watch: &Watch, to_do: &Receiver<Request>, messages: &SyncSender<Message>) {
    LISTENER.set(Some(messages.clone()));
    let filter = match program::compile(text) {
        Ok(filter) => filter,
        Err(bad) => {
            let _ = messages.send(Message::Refused(bad));
            return;
        }
    };
    let mut message = Message::Compiled;
    while messages.send(message).is_ok() {
        let Ok(request) = to_do.recv() else { return };
        message = match run(&filter, request, watch, messages) {
            Ok(ended) => Message::Done(ended),
            Err(words) => Message::Failed(words),
        };
    }
}

fn run(
    filter: &Filter<Kind>,
    Request { value, results }: Request,
    watch: &Watch,
    messages: &SyncSender<Message>,
) -> Result<Ended, String> {
    let mut batch = Batch { outputs: Vec::new(), size: 0, messages };
    let states = States::default();
    let steps = Steps { program: &filter.lut, watch, states: &states };
    let context = Ctx::<Kind>::new(steps, Vars::new([]));
    let mut ended = Ended::Finished;
    for output in filter.id.run((context, value)) {
        match output {
            Ok(value) => batch.add(&value, results)?,
            Err(exception) => match last_words(exception, watch) {
                Some(words) => return Err(words),
                None => {
                    ended = Ended::Halted;
                    break;
                }
            },
        }
    }
    batch.hand_over();
    Ok(ended)
}

/// The words for a filter that stopped early; `None` after `halt`, which is a success.
fn last_words(exception: Exn<'_, Value>, watch: &Watch) -> Option<String> {
    let exception = match exception.get_err() {
        Ok(error) => {
            return Some(match error.into_val() {
                Value::Text(text) => String::from_utf8_lossy(&text).into_owned(),
                other => other.to_string(),
            });
        }
        Err(exception) => exception,
    };
    match exception.get_halt() {
        Ok(_) => watch
            .last_words()
            .map(|words| String::from_utf8_lossy(&words).trim_end_matches('\n').to_owned()),
        Err(_) => Some("break".to_owned()),
    }
}

/// Outputs on their way to the main thread.
struct Batch<'m> {
    outputs: Vec<Output>,
    size: usize,
    messages: &'m SyncSender<Message>,
}

impl Batch<'_> {
    fn add(&mut self, value: &Value, results: Results) -> Result<(), String> {
        match (value, results) {
            (Value::Text(text), Results::Texts) => self.push(Output::Text(shown(text))),
            (Value::Array(elements), Results::Rows) if elements.iter().all(is_nested) => {
                elements.iter().try_for_each(|element| self.json(element))?;
            }
            _ => self.json(value)?,
        }
        Ok(())
    }

    fn json(&mut self, value: &Value) -> Result<(), String> {
        let last = write::parts(value, &mut |part| self.push(Output::Part(part)))?;
        self.push(Output::Json(last));
        Ok(())
    }

    fn push(&mut self, output: Output) {
        self.size += output.bytes().len() + OUTPUT;
        self.outputs.push(output);
        if self.size >= BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        self.size = 0;
        let outputs = std::mem::take(&mut self.outputs);
        if self.messages.send(Message::Outputs(outputs)).is_err() {
            watch::stop_for_good();
        }
    }
}

/// Returns whether a value can be a row of its own beside others; a scalar is a cell.
fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// A string as text: with U+FFFD for half a surrogate pair, which no text holds.
fn shown(text: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == 0xed) {
        let (before, from) = rest.split_at(at);
        shown.extend_from_slice(before);
        let length = match from {
            [_, 0xa0..=0xbf, 0x80..=0xbf, ..] => {
                shown.extend_from_slice("\u{fffd}".as_bytes());
                3
            }
            _ => {
                shown.push(0xed);
                1
            }
        };
        rest = &from[length..];
    }
    shown.extend_from_slice(rest);
    shown
}

thread_local! {
    /// The place where the thread of a filter reports a panic; unset on all other threads.
    static LISTENER: RefCell<Option<SyncSender<Message>>> = const { RefCell::new(None) };
}

/// Turns a panic on the thread of a filter into a failure of that filter. Without this hook a release
/// build aborts, and the response is lost.
fn report_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let listener = LISTENER.try_with(|listener| listener.borrow().clone()).ok().flatten();
            let Some(listener) = listener else { return before(panic) };
            let _ = listener.send(Message::Failed(words_of(panic)));
            watch::stop_for_good()
        }));
    });
}

fn words_of(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let words = payload.downcast_ref::<&str>().copied();
    let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let words = words.unwrap_or("for an unknown reason");
    format!("the filter ended unexpectedly: {words}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use proptest::prelude::*;

    fn run(filter: &str, value: &str) -> Result<Vec<String>, String> {
        run_for(filter, value, Results::Json)
    }

    fn run_for(filter: &str, value: &str, results: Results) -> Result<Vec<String>, String> {
        let program = Program::compile(filter).map_err(|bad| bad.message)?;
        assert!(json::parse(value.as_bytes()).is_ok(), "{value}");
        let mut made = Vec::new();
        let outcome = program.run(value.as_bytes(), results, |output| {
            made.push(String::from_utf8_lossy(output.bytes()).into_owned());
            Ok::<(), ()>(())
        });
        match outcome {
            Ok(_) => Ok(made),
            Err(Stopped::Failed(words)) => Err(words),
            Err(Stopped::Refused(())) => Err("refused".to_owned()),
        }
    }

    #[test]
    fn filters_make_what_jq_makes() {
        let check = |filter: &str, value: &str, expected: &[&str]| {
            let expected = expected.iter().map(|&json| json.to_owned()).collect();
            assert_eq!(run(filter, value), Ok(expected), "{filter} {value}");
        };
        check(
            ".",
            r#"{"b" : 12345678901234567890, "a":[1.10,-0,1e400,"\/\u0041"]}"#,
            &[r#"{"b":12345678901234567890,"a":[1.10,-0,1e400,"/A"]}"#],
        );
        check(".[].id", r#"[{"id":"a"},{"id":null},{}]"#, &[r#""a""#, "null", "null"]);
        check("length", "[1,2]", &["2"]);
        check("map(.n + 1)", r#"[{"n":1},{"n":1.5}]"#, &["[2,2.5]"]);
        check("1 / 4, 4 / 2, 1e300 * 10", "null", &["0.25", "2", "1e+301"]);
        check(
            "nan, infinite, -infinite",
            "null",
            &["null", "1.7976931348623157e+308", "-1.7976931348623157e+308"],
        );
        check("to_entries", r#"{"a":1}"#, &[r#"[{"key":"a","value":1}]"#]);
        check("{(.[0]): 1}", r#"["x"]"#, &[r#"{"x":1}"#]);
        check(
            ".",
            r#""\ud800 \ud83d\ude00 \udc00x \" \\ \n \u0001""#,
            &["\"\\ud800 😀 \\udc00x \\\" \\\\ \\n \\u0001\""],
        );
        check("@csv", r#"["a \"b\"",1.10,null,true]"#, &[r#""\"a \"\"b\"\"\",1.10,,true""#]);
        check("@tsv", r#"["a\tb\\",1]"#, &[r#""a\\tb\\\\\t1""#]);
        check("@json, @text, @base64", r#""a""#, &[r#""\"a\"""#, r#""a""#, r#""YQ==""#]);
        check("todate", "0", &[r#""1970-01-01T00:00:00Z""#]);
        check("test(\"^v[0-9]\")", r#""v1""#, &["true"]);
        check("select(.a)", r#"{"a":false}"#, &[]);
        check("limit(2; repeat(.))", "1", &["1", "1"]);
        check(
            ".",
            r#"{"$serde_json::private::Number":"5"}"#,
            &[r#"{"$serde_json::private::Number":"5"}"#],
        );
        check(
            ".[]",
            "[0.10,1E400,100000000000000000000,1e5]",
            &["0.10", "1E400", "100000000000000000000", "1e5"],
        );
        check("halt, 1", "1", &[]);
        check("def _modify(f; g): 7; .a |= 2", "{}", &[r#"{"a":2}"#]);
        check(
            "[last(empty)], last(1, 2), reduce (1, 2) as $x (0; 5, empty, 6)",
            "1",
            &["[null]", "2", "6"],
        );
        check("[foreach (1, 2) as $x (0; . + 1, . + 10)]", "1", &["[1,10,11,20]"]);
        check(
            "[foreach ([1], [2]) as [$x] ((0, 100); . + 1, . + 10; [$x, .])]",
            "1",
            &["[[1,1],[1,10],[2,11],[2,20],[1,101],[1,110],[2,111],[2,120]]"],
        );
        check(
            "[foreach (1, 2, 3) as $x (0; if $x == 2 then empty else . + $x end)]",
            "1",
            &["[1,3]"],
        );
        check(
            "[foreach (1, 2) as $x (0; . + 1, . + 10; foreach (1, 2) as $y (.; . + $y, .))]",
            "1",
            &["[2,1,3,1,11,10,12,10,12,11,13,11,21,20,22,20]"],
        );
        check("first(foreach 1 as $x (0; 1, error; .))", "1", &["1"]);
        check("[foreach range(40) as $x (0; 1, 2)] | length", "1", &["80"]);
        check("1, halt, 2", "1", &["1"]);
        check("10 * 7 % 4, 6 / 3 % 2, 2 * 3 % 4 * 5", "1", &["2", "0", "10"]);
        check("10 * (7 % 4), (10 * 7) % 4, \"\\(10 * 7 % 4)\"", "1", &["30", "2", "\"2\""]);
        check("def f(x): x * 7 % 4; f(10), [1 + 10 * 7 % 4][0]", "1", &["2", "3"]);
        check(".sec / 60 % 60", r#"{"sec":3725}"#, &["2"]);
        check(".a = .c // 3", r#"{"a":1,"c":null}"#, &[r#"{"a":null,"c":null}"#]);
        check(".a = (.c // 3)", r#"{"a":1,"c":null}"#, &[r#"{"a":3,"c":null}"#]);
        check(".a //= .c // 3", r#"{"a":null,"c":4}"#, &[r#"{"a":4,"c":4}"#]);
        check(
            "[limit(3; range(10) * 3 % 4)], (1 as $x | $x * 7 % 4), ([3] | map(. * 7 % 4))",
            "1",
            &["[0,3,2]", "3", "[1]"],
        );
        check(
            "(1 + def f: 2; f) * 3 % 10, (3 - def f(g; h): 1; f(1; 2)) * 2 % 10",
            "1",
            &["9", "4"],
        );
        check(
            "reduce (1, 2) as $x (0; . + $x * 7 % 4), (reduce [1] as [$x] (2; 3)) * 3 % 2",
            "1",
            &["5", "1"],
        );
        check("{(\"a\" + \"b\"): 7 * 3 % 2} | .ab % 2 == 1 and true", "1", &["true"]);
        check("[range(0, 1; 3, 4)]", "1", &["[0,1,2,0,1,2,3,1,2,1,2,3]"]);
        check("[range(0.5; 3)], [range(-1)]", "1", &["[0.5,1.5,2.5]", "[]"]);
        check(r#"[range(""; "aaa"; "a")]"#, "1", &[r#"["","a","aa"]"#]);
        check("def empty: 1; [error?]", "1", &["[]"]);
        check("[path((.n, .t) // .b)]", r#"{"n":null,"t":5,"b":7}"#, &[r#"[["t"]]"#]);
        check("(.[] // 1) |= 9", "[1,null,false,2]", &["[9,null,false,9]"]);
        check("del(.[] // empty)", "[1,null]", &["[null]"]);
        check("(.[] | if . > 1 then error else . end)? = 0", "[1,2,1]", &["[0,2,1]"]);
        check("(.[] | try error(\"x\") catch empty) = 0", "[1,2]", &["[1,2]"]);
        check("[path(.a, (.b | error(\"x\"))?)]", "{}", &[r#"[["a"]]"#]);
        check("((.n | tonumber) = 1)?, try (tojson = 1) catch 2", r#"{"n":"5"}"#, &["2"]);
        check("(.a[]? | select(tonumber?)) = 0", r#"{"a":["x","5"]}"#, &[r#"{"a":["x",0]}"#]);
        check("strftime(\"%c|%x|%%c\")", "0", &[r#""Thu Jan  1 00:00:00 1970|01/01/70|%c""#]);
    }

    #[test]
    fn a_filter_that_fails_says_why() {
        let check = |filter: &str, value: &str, expected: &str| {
            assert_eq!(run(filter, value), Err(expected.to_owned()), "{filter}");
        };
        check("keys", r#""v_5d1""#, r#"string ("v_5d1") has no keys"#);
        for filter in [
            "last(empty) = 9",
            "del(last(.[] | select(. == 2)))",
            "(reduce .[] as $x (.; empty)) = 3",
        ] {
            check(filter, "[1]", "Invalid path expression with result null");
        }
        check(".[]", "1", "Cannot iterate over number (1)");
        check("error", r#""own words""#, "own words");
        check("error", r#"{"a":1}"#, r#"{"a":1}"#);
        check("halt_error", r#""bye\n""#, "bye");
        check("halt_error(1)", r#"{"a":1}"#, r#"{"a":1}"#);
        for filter in ["range(.n)", "range(.)", "range(null; 3)", "[range(0; [])]"] {
            check(filter, r#"{"n":"5"}"#, "Range bounds must be numeric");
        }
        for filter in
            ["(.n | tonumber?) += 1", "del(.n | try tojson catch .)", "path(.n | tostring?)"]
        {
            check(filter, r#"{"n":"5"}"#, r#"Invalid path expression with input "5""#);
        }
        check(
            "reduce range(600) as $i (0; [.])",
            "0",
            "the result nests more than 512 levels deep",
        );
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        let check = |filter: &str, message: &str, place: &[&str]| {
            let bad = Program::compile(filter).expect_err("no filter");
            assert_eq!(
                (bad.message.as_str(), bad.place),
                (message, place.iter().map(|&line| line.to_owned()).collect())
            );
        };
        check(".video_id |", "unexpected end after `|`", &[".video_id |", "           ^"]);
        check("if .a then", "unexpected end after `then`", &["if .a then", "          ^"]);
        check(".a |= ", "unexpected end after `|=`", &[".a |= ", "      ^"]);
        check(".a.", "unexpected end after `.`", &[".a.", "   ^"]);
        check("", "the filter is empty", &["", "^"]);
        check(
            "reduce .[] as $x",
            "`reduce` lacks its arguments, or has too many, at column 1",
            &["reduce .[] as $x", "^"],
        );
        check(
            ".a | nosuch(1)",
            "`nosuch/1` is not defined at column 6",
            &[".a | nosuch(1)", "     ^"],
        );
        check(".a[", "`[` is not closed at column 3", &[".a[", "  ^"]);
        check("\"漢字\" %% 1", "unexpected `%%` at column 6", &["\"漢字\" %% 1", "       ^"]);
        check(
            ".a\n| }",
            "unexpected `}`, where a token is due at line 2 column 3",
            &["| }", "  ^"],
        );
    }

    #[test]
    fn a_filter_reaches_nothing_but_the_value() {
        for filter in [
            "env",
            "env.HEYGEN_API_KEY",
            "$ENV",
            "$ENV.PATH",
            "input",
            "inputs",
            "[inputs]",
            "input_filename",
            "$__prog_args",
            "localtime",
            "strflocaltime(\"%Z\")",
            "import \"a\" as a; 1",
            "include \"a\"; 1",
            "import \"a\" as $a; $a",
            "get_search_list",
        ] {
            assert!(Program::compile(filter).is_err(), "{filter}");
        }
        // These write to a log that nobody has opened.
        for filter in ["debug", "stderr", "debug(\"x\")"] {
            assert_eq!(run(filter, "1"), Ok(vec!["1".to_owned()]), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn any_value_passes_through(value in any_json()) {
            prop_assert_eq!(run(".", &value), Ok(vec![value.clone()]));
        }

        #[test]
        fn no_text_makes_the_compiler_panic(text in "\\PC{0,30}|[.a-z\\[\\]{}()|,:;\"\\\\$@0-9 \n]{0,40}") {
            let _ = Program::compile(&text);
        }
    }

    /// JSON as [`write::json`] lays it out, with numbers of any length and form.
    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
            any::<String>().prop_map(|text| {
                let mut json = Vec::new();
                write::string(&text.into_bytes().into(), &mut json);
                String::from_utf8(json).expect("UTF-8")
            }),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|elements| format!("[{}]", elements.join(","))),
                prop::collection::btree_map("[a-z]{1,5}", inner, 0..5).prop_map(|members| {
                    let members: Vec<String> =
                        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }
}
