//! Every error that a call can meet, as text and as JSON, with its exit code and nothing on stdout.
//!
//! The bodies are those of the table of real bodies in HeyGen's documents and in published
//! observations, not what our own code would write.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::support::{Reply, Server, Test, str};

const CODES: &str = "https://developers.heygen.com/docs/error-codes";
const OTHER_KEY: &str = "a deleted, mistyped or other service's key gives the same answer; make a new one at https://app.heygen.com/settings?nav=API";
const THEIR_SIDE: &str = "this is HeyGen's side, not your request; see https://status.heygen.com";
const GATEWAY: &str = "this is HeyGen's gateway, not your request; see https://status.heygen.com";
const PORTAL: &str = "is there a proxy or a sign-in page between you and HeyGen?";
const STATUS: &str = "is the network up? HeyGen's own state: https://status.heygen.com";
const WALLET: &str =
    "API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it";

/// What a server does, and what comes of it: the exit code, the text after `error: `, and the
/// members of the JSON error up to `request`.
#[track_caller]
fn check(reply: &Reply, code: i32, text: &str, members: &str) {
    check_within("1m", reply, code, text, members);
}

/// The same where the time matters.
#[track_caller]
fn check_within(timeout: &str, reply: &Reply, code: i32, text: &str, members: &str) {
    let server = Server::always(reply.clone());
    let run = |arguments: &[&str]| {
        Test::new(&["get", "/v3/x", "--timeout", timeout]).args(arguments).server(&server)
    };
    run(&["--error-format", "text"])
        .stderr(&format!("error: {text}\n"))
        .sends(&["GET /v3/x"])
        .exits(code);
    run(&["--quiet", "-o", "raw"])
        .stderr(&format!(
            "{{\"error\":{{{members},\"request\":{{\"method\":\"GET\",\"path\":\"/v3/x\"}},\"attempts\":1}}}}\n"
        ))
        .sends(&["GET /v3/x"])
        .exits(code);
}

/// The same for a body of JSON.
#[track_caller]
fn check_json(status: u16, body: &str, code: i32, text: &str, members: &str) {
    check(&Reply::json(status, body), code, text, members);
}

mod third_generation {
    use super::*;

    #[test]
    fn the_key_is_wrong() {
        check_json(
            401,
            r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#,
            3,
            &format!(
                "HeyGen does not accept key …7Qx2: 401 unauthorized\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}\n  see: {CODES}#unauthorized"
            ),
            &format!(
                r#""code":"unauthorized","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","doc_url":"{CODES}#unauthorized","status":401"#
            ),
        );
        check_json(
            401,
            r#"{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","param":null,"doc_url":null}}"#,
            3,
            &format!(
                "HeyGen does not accept key …7Qx2: 401 authentication_failed: Invalid or expired API key. Verify your x-api-key header.\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}"
            ),
            &format!(
                r#""code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","status":401"#
            ),
        );
    }

    #[test]
    fn a_parameter_is_wrong() {
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","doc_url":null}}"#,
            1,
            "400 invalid_parameter: 'limit' must be between 1 and 100.\n  field: limit",
            r#""code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","status":400"#,
        );
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"Exactly one visual source required: avatar_id, image_url, or image_asset_id.","param":"avatar_id","doc_url":null}}"#,
            1,
            "400 invalid_parameter: Exactly one visual source required: avatar_id, image_url, or image_asset_id.\n  field: avatar_id",
            r#""code":"invalid_parameter","message":"Exactly one visual source required: avatar_id, image_url, or image_asset_id.","param":"avatar_id","status":400"#,
        );
    }

    #[test]
    fn several_fields_are_wrong() {
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"2 fields are wrong","errors":[{"code":"too_long","message":"At most 10000 characters","path":"scenes.0.script"},{"message":"Unknown voice","path":["scenes",1,"voice_id"]},"and more"]}}"#,
            1,
            "400 invalid_parameter: 2 fields are wrong\n  \
                 field: scenes.0.script: too_long: At most 10000 characters\n  \
                 field: scenes.1.voice_id: Unknown voice\n  \
                 field: and more",
            r#""code":"invalid_parameter","message":"2 fields are wrong","errors":[{"code":"too_long","message":"At most 10000 characters","path":"scenes.0.script"},{"message":"Unknown voice","path":"scenes.1.voice_id"},{"message":"and more"}],"status":400"#,
        );
    }

    #[test]
    fn there_is_no_credit() {
        check_json(
            402,
            r#"{"error":{"code":"insufficient_credit","message":"Your account has 5 credits but this video requires 10 credits.","doc_url":"https://developers.heygen.com/docs/error-codes#insufficient-credit"}}"#,
            1,
            &format!(
                "402 insufficient_credit: Your account has 5 credits but this video requires 10 credits.\nhint: {WALLET}\n  see: {CODES}#insufficient-credit"
            ),
            &format!(
                r#""code":"insufficient_credit","message":"Your account has 5 credits but this video requires 10 credits.","hint":"{WALLET}","doc_url":"{CODES}#insufficient-credit","status":402"#
            ),
        );
    }

    #[test]
    fn a_scope_is_missing() {
        let hint = "key …7Qx2 (HEYGEN_API_KEY) is valid but lacks account:read; change it at https://app.heygen.com/settings?nav=API";
        check_json(
            403,
            r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read."}}"#,
            3,
            &format!(
                "403 insufficient_api_key_scope: This API key does not have permission to perform this action. Required scope: account:read.\nhint: {hint}"
            ),
            &format!(
                r#""code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read.","hint":"{hint}","status":403"#
            ),
        );
    }

    #[test]
    fn it_is_forbidden() {
        check_json(
            403,
            r#"{"error":{"code":"resource_access_denied","message":"Not yours."}}"#,
            3,
            "403 resource_access_denied: Not yours.",
            r#""code":"resource_access_denied","message":"Not yours.","status":403"#,
        );
    }

    #[test]
    fn it_is_not_there() {
        check(
            &Reply::json(
                404,
                r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#,
            )
            .header("X-Request-Id", "req_42"),
            1,
            "404 not_found: Video not found.\n  request: req_42",
            r#""code":"not_found","message":"Video not found.","request_id":"req_42","status":404"#,
        );
    }

    #[test]
    fn it_is_too_much() {
        check(
            &Reply::json(
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Retry after the duration specified in the Retry-After header.","param":null,"doc_url":null}}"#,
            )
            .header("Retry-After", "7"),
            1,
            "429 rate_limit_exceeded: Too many requests. Retry after the duration specified in the Retry-After header.",
            r#""code":"rate_limit_exceeded","message":"Too many requests. Retry after the duration specified in the Retry-After header.","status":429"#,
        );
    }

    #[test]
    fn it_is_in_the_way_of_itself() {
        check_json(
            409,
            r#"{"error":{"code":"request_in_progress"}}"#,
            1,
            "409 request_in_progress",
            r#""code":"request_in_progress","message":"409 request_in_progress","status":409"#,
        );
    }

    #[test]
    fn heygen_has_troubles() {
        check_json(
            500,
            r#"{"error":{"code":"internal_error","message":"Something went wrong"}}"#,
            1,
            &format!("500 internal_error: Something went wrong\nhint: {THEIR_SIDE}"),
            &format!(
                r#""code":"internal_error","message":"Something went wrong","hint":"{THEIR_SIDE}","status":500"#
            ),
        );
    }

    #[test]
    fn a_code_in_capitals_passes_as_it_is() {
        check_json(
            404,
            r#"{"error":{"code":"AVATAR_NOT_FOUND","message":"No such avatar"}}"#,
            1,
            "404 AVATAR_NOT_FOUND: No such avatar",
            r#""code":"AVATAR_NOT_FOUND","message":"No such avatar","status":404"#,
        );
    }
}

mod second_generation {
    use super::*;

    #[test]
    fn the_key_is_wrong() {
        check_json(
            401,
            r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
            3,
            &format!(
                "HeyGen does not accept key …7Qx2: 401 internal_error: Unauthorized\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}"
            ),
            &format!(
                r#""code":"internal_error","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","status":401"#
            ),
        );
        check_json(
            401,
            r#"{"error":"Invalid API key","data":null}"#,
            3,
            &format!(
                "HeyGen does not accept key …7Qx2: 401 unauthorized: Invalid API key\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}"
            ),
            &format!(
                r#""code":"unauthorized","message":"Invalid API key","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","status":401"#
            ),
        );
    }

    #[test]
    fn the_code_may_mislead() {
        check_json(
            400,
            r#"{"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V."}}"#,
            1,
            "400 internal_error: This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V.",
            r#""code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V.","status":400"#,
        );
    }

    #[test]
    fn an_error_inside_a_success_is_one() {
        check_json(
            200,
            r#"{"error":{"code":"invalid_parameter","message":"avatar_id is wrong"},"data":null}"#,
            1,
            "200 with an error inside: invalid_parameter: avatar_id is wrong",
            r#""code":"invalid_parameter","message":"avatar_id is wrong","status":200"#,
        );
        check_json(
            200,
            r#"{"error":"Something broke","data":null}"#,
            1,
            "200 with an error inside: Something broke",
            r#""code":"cli_error_in_success","message":"Something broke","status":200"#,
        );
    }
}

mod first_generation {
    use super::*;

    #[test]
    fn the_key_is_wrong() {
        for (body, code) in [
            (r#"{"code":400112,"message":"Unauthorized"}"#, "400112"),
            (r#"{"code":401,"message":"Unauthorized"}"#, "401"),
        ] {
            check_json(
                401,
                body,
                3,
                &format!(
                    "HeyGen does not accept key …7Qx2: 401 {code}: Unauthorized\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}"
                ),
                &format!(
                    r#""code":"{code}","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","status":401"#
                ),
            );
        }
    }

    #[test]
    fn codes_are_numbers_and_come_as_text() {
        let check = |status: u16, body: &str, code: &str, message: &str| {
            check_json(
                status,
                body,
                1,
                &format!("{status} {code}: {message}"),
                &format!(r#""code":"{code}","message":"{message}","status":{status}"#),
            );
        };
        check(404, r#"{"code":40104,"message":"Video not found"}"#, "40104", "Video not found");
        check(
            404,
            r#"{"code":400131,"message":"Webhook endpoint not found"}"#,
            "400131",
            "Webhook endpoint not found",
        );
        check(400, r#"{"code":400,"message":"Invlid parameters"}"#, "400", "Invlid parameters");
        check(
            400,
            r#"{"code":400542,"message":"Url of this webhook endpoint is invalid"}"#,
            "400542",
            "Url of this webhook endpoint is invalid",
        );
        check(429, r#"{"code":429,"message":"Too many requests"}"#, "429", "Too many requests");
        check(
            424,
            r#"{"code":40012,"message":"Invalid parameters"}"#,
            "40012",
            "Invalid parameters",
        );
    }

    #[test]
    fn an_error_inside_a_success_is_one() {
        check_json(
            200,
            r#"{"code":40119,"message":"Video is too long","data":null}"#,
            1,
            "200 with an error inside: 40119: Video is too long",
            r#""code":"40119","message":"Video is too long","status":200"#,
        );
        check_json(
            200,
            r#"{"code":400112,"message":"Unauthorized"}"#,
            3,
            &format!(
                "HeyGen does not accept key …7Qx2: 200 with an error inside: 400112: Unauthorized\n  from: HEYGEN_API_KEY\nhint: {OTHER_KEY}"
            ),
            &format!(
                r#""code":"400112","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; {OTHER_KEY}","status":200"#
            ),
        );
    }

    #[test]
    fn json_may_come_as_text() {
        check(
            &Reply::new(
                404,
                "text/plain",
                r#"{"code":400131,"message":"Webhook endpoint not found"}"#,
            ),
            1,
            "404 400131: Webhook endpoint not found",
            r#""code":"400131","message":"Webhook endpoint not found","status":404"#,
        );
    }
}

mod no_generation {
    use super::*;

    #[test]
    fn a_detail_is_the_message() {
        check_json(
            415,
            r#"{"detail":"Unsupported media type '' in request. 'application/json' is required."}"#,
            1,
            "415 unsupported media type: Unsupported media type '' in request. 'application/json' is required.",
            r#""code":"unclassified_client_error","message":"Unsupported media type '' in request. 'application/json' is required.","status":415"#,
        );
        check_json(
            422,
            r#"{"detail":[{"loc":["query","limit"],"msg":"value is not a valid integer","type":"type_error.integer"}]}"#,
            1,
            "422 unprocessable entity: GET /v3/x\n  field: query.limit: type_error.integer: value is not a valid integer",
            r#""code":"unclassified_client_error","message":"422 unprocessable entity: GET /v3/x","errors":[{"code":"type_error.integer","message":"value is not a valid integer","path":"query.limit"}],"status":422"#,
        );
    }

    #[test]
    fn a_page_of_the_gateway_is_named_and_not_dumped() {
        for (status, words) in
            [(502, "Bad Gateway"), (503, "Service Unavailable"), (504, "Gateway Timeout")]
        {
            check(
                &Reply::new(
                    status,
                    "text/html",
                    format!(
                        "<html>\r\n<head><title>{status} {words}</title></head>\r\n<body><center>nginx</center></body></html>"
                    ),
                ),
                1,
                &format!(
                    "{status} {words}; the answer is HTML (title \"{status} {words}\"), not JSON\nhint: {GATEWAY}"
                ),
                &format!(
                    r#""code":"unclassified_server_error","message":"{status} {words}; the answer is HTML (title \"{status} {words}\"), not JSON","hint":"{GATEWAY}","status":{status}"#
                ),
            );
        }
    }

    #[test]
    fn a_page_that_refuses_is_about_the_key_or_what_stands_between() {
        for (status, words, code) in
            [(401, "Unauthorized", "unauthorized"), (403, "Forbidden", "forbidden")]
        {
            check(
                &Reply::new(status, "text/html", "<p>No.</p>"),
                3,
                &format!("{status} {words}; the answer is HTML, not JSON\nhint: {PORTAL}"),
                &format!(
                    r#""code":"{code}","message":"{status} {words}; the answer is HTML, not JSON","hint":"{PORTAL}","status":{status}"#
                ),
            );
        }
    }

    #[test]
    fn a_page_in_place_of_data_is_an_error() {
        check(
            &Reply::new(200, "text/html", "<!DOCTYPE html><title>Sign in</title>"),
            1,
            &format!("200 OK; the answer is HTML (title \"Sign in\"), not JSON\nhint: {PORTAL}"),
            &format!(
                r#""code":"cli_response_is_html","message":"200 OK; the answer is HTML (title \"Sign in\"), not JSON","hint":"{PORTAL}","status":200"#
            ),
        );
    }

    #[test]
    fn text_is_its_own_message() {
        check(
            &Reply::new(504, "text/plain", "upstream request timeout\n"),
            1,
            &format!("504 gateway timeout: upstream request timeout\nhint: {THEIR_SIDE}"),
            &format!(
                r#""code":"unclassified_server_error","message":"upstream request timeout","hint":"{THEIR_SIDE}","status":504"#
            ),
        );
        check_json(
            400,
            r#""Just a text""#,
            1,
            "400 bad request: Just a text",
            r#""code":"validation_error","message":"Just a text","status":400"#,
        );
    }

    #[test]
    fn a_status_alone_has_the_code_of_heygens_own_command_line() {
        for (status, code, words, exit, hint) in [
            (400, "validation_error", "bad request", 1, ""),
            (402, "insufficient_credit", "payment required", 1, WALLET),
            (403, "forbidden", "forbidden", 3, ""),
            (404, "not_found", "not found", 1, ""),
            (405, "unclassified_client_error", "method not allowed", 1, ""),
            (409, "conflict", "conflict", 1, ""),
            (413, "payload_too_large", "payload too large", 1, ""),
            (429, "rate_limit_exceeded", "too many requests", 1, ""),
            (500, "unclassified_server_error", "internal server error", 1, THEIR_SIDE),
            (503, "unclassified_server_error", "service unavailable", 1, THEIR_SIDE),
            (599, "unclassified_server_error", "unknown status", 1, THEIR_SIDE),
        ] {
            let (in_text, in_json) = match hint {
                "" => (String::new(), String::new()),
                hint => (format!("\nhint: {hint}"), format!(r#""hint":"{hint}","#)),
            };
            check(
                &Reply::empty(status),
                exit,
                &format!("{status} {words}: GET /v3/x{in_text}"),
                &format!(
                    r#""code":"{code}","message":"{status} {words}: GET /v3/x",{in_json}"status":{status}"#
                ),
            );
        }
    }

    #[test]
    fn an_error_that_is_cut_is_still_the_answer() {
        check(
            &Reply::new(404, "text/plain", "no such").announcing(100),
            1,
            "404 not found: no such",
            r#""code":"not_found","message":"no such","status":404"#,
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        let long = "é".repeat(3_000);
        let cut = format!("{}…", "é".repeat(2_000));
        check_json(
            400,
            &format!(r#"{{"error":{{"code":"x","message":"{long}"}}}}"#),
            1,
            &format!("400 x: {cut}"),
            &format!(r#""code":"x","message":"{cut}","status":400"#),
        );
    }

    #[test]
    fn no_more_than_a_mebibyte_of_an_error_is_read() {
        // What says more than that is not waited for.
        check(
            &Reply::new(400, "text/plain", vec![b'a'; 2 << 20])
                .announcing(usize::MAX >> 1)
                .stalling(),
            1,
            &format!("400 bad request: {}…", "a".repeat(2_000)),
            &format!(
                r#""code":"validation_error","message":"{}…","status":400"#,
                "a".repeat(2_000)
            ),
        );
    }
}

mod answers {
    use super::*;

    #[test]
    fn a_redirect_is_not_followed() {
        check(
            &Reply::empty(302).header("Location", "https://files.heygen.ai/x?Signature=abc"),
            1,
            "302 to https://files.heygen.ai/x?…; not followed, so that the key stays with the API",
            r#""code":"cli_redirect_not_followed","message":"302 to https://files.heygen.ai/x?…; not followed, so that the key stays with the API","status":302"#,
        );
        check(
            &Reply::empty(304),
            1,
            "304; not followed, so that the key stays with the API",
            r#""code":"cli_redirect_not_followed","message":"304; not followed, so that the key stays with the API","status":304"#,
        );
    }

    #[test]
    fn too_deep_and_too_large_is_not_printed() {
        let server = Server::always(Reply::json(200, &"[".repeat(600)));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .stderr(str![[r#"
{"error":{"code":"cli_response_too_deep","message":"the answer nests more than 512 levels deep","hint":"`-o raw` passes the answer on as it is","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
            .exits(1);
        let server =
            Server::always(Reply::new(200, "application/json", vec![b' '; (64 << 20) + 1]));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .stderr(str![[r#"
{"error":{"code":"cli_response_too_large","message":"the answer is larger than 64 MiB","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
            .exits(1);
    }

    #[test]
    fn a_cut_is_one() {
        check(
            &Reply::json(200, r#"{"data":"#).announcing(100),
            1,
            "the connection ended in the middle of the answer, after 8 bytes",
            r#""code":"network_error","message":"the connection ended in the middle of the answer, after 8 bytes","status":200"#,
        );
        check(
            &Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
            1,
            "the connection ended in the middle of the answer, after 0 bytes",
            r#""code":"network_error","message":"the connection ended in the middle of the answer, after 0 bytes","status":200"#,
        );
    }
}

mod network {
    use super::*;

    /// What comes of a call to an address, as text and as JSON.
    #[track_caller]
    fn check_address(base: &str, code: i32, text: &str, members: &str) {
        let run = |arguments: &[&str]| {
            Test::new(&["get", "/v3/x"])
                .args(arguments)
                .env("HEYGEN_API_BASE", base)
                .env("HEYGEN_ALLOW_HTTP", "1")
        };
        run(&["--error-format", "text"]).stderr(&format!("error: {text}\n")).exits(code);
        run(&["-s"])
            .stderr(&format!(
                "{{\"error\":{{{members},\"request\":{{\"method\":\"GET\",\"path\":\"/v3/x\"}},\"attempts\":1}}}}\n"
            ))
            .exits(code);
    }

    #[test]
    fn nobody_listens() {
        let base = Server::nowhere();
        let authority = base.trim_start_matches("http://");
        check_address(
            &base,
            1,
            &format!("cannot connect to {authority}: connection refused\nhint: {STATUS}"),
            &format!(
                r#""code":"network_error","message":"cannot connect to {authority}: connection refused","hint":"{STATUS}""#
            ),
        );
    }

    #[test]
    fn a_name_has_no_address() {
        check_address(
            "http://no.such.host.invalid",
            1,
            &format!("cannot resolve no.such.host.invalid\nhint: {STATUS}"),
            &format!(
                r#""code":"network_error","message":"cannot resolve no.such.host.invalid","hint":"{STATUS}""#
            ),
        );
    }

    #[test]
    fn no_secure_connection_comes_about() {
        // What answers on that port is a server without TLS.
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let base = format!("https://{}", listener.local_addr().expect("it has an address"));
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the program connects");
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("it can be told");
            let _ = stream.read_to_end(&mut Vec::new());
        });
        Test::new(&["get", "/v3/x", "--error-format", "text"])
            .env("HEYGEN_API_BASE", &base)
            .stderr(str![[r#"
error: no secure connection to 127.0.0.1: it does not speak TLS
hint: is the address right? see `--api-base`

"#]])
            .exits(1);
        server.join().expect("it has said all");
    }

    #[test]
    fn the_connection_breaks() {
        check(
            &Reply::close_unanswered(),
            1,
            "the connection to 127.0.0.1 broke before the answer: it was closed",
            r#""code":"network_error","message":"the connection to 127.0.0.1 broke before the answer: it was closed""#,
        );
    }

    #[test]
    fn the_connection_breaks_before_the_request_was_read() {
        let server = Server::always(Reply::close_unread());
        let outcome = Test::new(&["get", "/v3/x", "--error-format", "text"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
        assert!(
            outcome
                .stderr
                .starts_with("error: the connection to 127.0.0.1 broke before the answer: "),
            "{}",
            outcome.stderr
        );
    }

    #[test]
    fn what_comes_is_no_http() {
        for (bytes, reason) in [
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "invalid HTTP version"),
            ("HTTP/1.1 abc\r\n\r\n", "invalid response status"),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "invalid header name"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "content-length header not a number"),
        ] {
            check(
                &Reply::raw(bytes),
                1,
                &format!("127.0.0.1 did not answer in HTTP: {reason}"),
                &format!(
                    r#""code":"network_error","message":"127.0.0.1 did not answer in HTTP: {reason}""#
                ),
            );
        }
    }

    #[test]
    fn headers_do_not_end() {
        check(
            &Reply::endless_headers(),
            1,
            "127.0.0.1 did not answer in HTTP: it sends too many headers",
            r#""code":"network_error","message":"127.0.0.1 did not answer in HTTP: it sends too many headers""#,
        );
        check(
            &Reply::empty(200).header("X-Filler", &"a".repeat(100_000)),
            1,
            "127.0.0.1 did not answer in HTTP: its headers are too large",
            r#""code":"network_error","message":"127.0.0.1 did not answer in HTTP: its headers are too large""#,
        );
    }
}

mod time {
    use super::*;

    #[test]
    fn a_stall_at_each_stage_ends_in_time() {
        let check = |reply: Reply, status: &str| {
            check_within(
                "400ms",
                &reply,
                4,
                "no complete answer within 400 ms\nhint: `--timeout 5m` gives it more time",
                &format!(
                    r#""code":"timeout","message":"no complete answer within 400 ms","hint":"`--timeout 5m` gives it more time"{status}"#
                ),
            );
        };
        check(Reply::stall_unanswered(), "");
        check(Reply::raw("HTTP/1.1 200 OK\r\nX-Slow: ").stalling(), "");
        check(Reply::json(200, "{}").stalling_after_head(), r#","status":200"#);
        check(Reply::json(200, r#"{"data":"#).announcing(100).stalling(), r#","status":200"#);
        check(Reply::json(404, "{}").stalling_after_head(), r#","status":404"#);
        // Something keeps coming: the limit is one on the whole try.
        check(
            Reply::json(200, &" ".repeat(1_000)).dripping(Duration::from_millis(20)),
            r#","status":200"#,
        );
    }

    #[test]
    fn a_server_that_never_reads_ends_in_time() {
        let server = Server::always(Reply::stall_unread());
        Test::new(&["get", "/v3/x", "--timeout", "0.4", "--error-format", "text"])
            .server(&server)
            .stderr(str![[r#"
error: no complete answer within 400 ms
hint: `--timeout 5m` gives it more time

"#]])
            .exits(4);
    }
}
