//! Every error that a call can meet, as text and as JSON, with its exit code and nothing on stdout.
//!
//! The bodies are those of the table of real bodies in HeyGen's documents and in published
//! observations, not what our own code would write.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::support::{Expectation, Inline, Reply, Server, Test, assert_text, at_once, str};

/// The errors that come of a response: the text, then the JSON.
#[track_caller]
fn errors(reply: &Reply, code: i32) -> String {
    errors_within("1m", reply, code)
}

/// The same where the time matters.
#[track_caller]
fn errors_within(timeout: &str, reply: &Reply, code: i32) -> String {
    let server = Server::always(reply.clone());
    let run = |arguments: &[&str]| {
        Test::new(&["get", "/v3/x", "--timeout", timeout])
            .args(arguments)
            .server(&server)
            .sends(&["GET /v3/x"])
            .says(code)
    };
    run(&["--error-format", "text"]) + &run(&["--quiet", "-o", "raw"])
}

/// A response ends with this exit code and these errors, as text and as JSON.
#[track_caller]
fn check(reply: &Reply, code: i32, expected: impl Into<Expectation>) {
    assert_text(&errors(reply, code), expected);
}

/// The same for a body of JSON.
#[track_caller]
fn check_json(status: u16, body: &str, code: i32, expected: impl Into<Expectation>) {
    check(&Reply::json(status, body), code, expected);
}

mod third_generation {
    use super::*;

    #[test]
    fn rejected_key() {
        check_json(
            401,
            r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  see: https://developers.heygen.com/docs/error-codes#unauthorized
{"error":{"code":"unauthorized","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            401,
            r#"{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","param":null,"doc_url":null}}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 authentication_failed: Invalid or expired API key. Verify your x-api-key header.
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"authentication_failed","message":"Invalid or expired API key. Verify your x-api-key header.","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn invalid_parameter() {
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","doc_url":null}}"#,
            1,
            str![[r#"
error: 400 invalid_parameter: 'limit' must be between 1 and 100.
  field: limit
{"error":{"code":"invalid_parameter","message":"'limit' must be between 1 and 100.","param":"limit","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"Exactly one visual source required: avatar_id, image_url, or image_asset_id.","param":"avatar_id","doc_url":null}}"#,
            1,
            str![[r#"
error: 400 invalid_parameter: Exactly one visual source required: avatar_id, image_url, or image_asset_id.
  field: avatar_id
{"error":{"code":"invalid_parameter","message":"Exactly one visual source required: avatar_id, image_url, or image_asset_id.","param":"avatar_id","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn several_invalid_fields() {
        check_json(
            400,
            r#"{"error":{"code":"invalid_parameter","message":"2 fields are wrong","errors":[{"code":"too_long","message":"At most 10000 characters","path":"scenes.0.script"},{"message":"Unknown voice","path":["scenes",1,"voice_id"]},"and more"]}}"#,
            1,
            str![[r#"
error: 400 invalid_parameter: 2 fields are wrong
  field: scenes.0.script: too_long: At most 10000 characters
  field: scenes.1.voice_id: Unknown voice
  field: and more
{"error":{"code":"invalid_parameter","message":"2 fields are wrong","errors":[{"code":"too_long","message":"At most 10000 characters","path":"scenes.0.script"},{"message":"Unknown voice","path":"scenes.1.voice_id"},{"message":"and more"}],"status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn insufficient_credit() {
        check_json(
            402,
            r#"{"error":{"code":"insufficient_credit","message":"Your account has 5 credits but this video requires 10 credits.","doc_url":"https://developers.heygen.com/docs/error-codes#insufficient-credit"}}"#,
            1,
            str![[r#"
error: 402 insufficient_credit: Your account has 5 credits but this video requires 10 credits.
hint: API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it
  see: https://developers.heygen.com/docs/error-codes#insufficient-credit
{"error":{"code":"insufficient_credit","message":"Your account has 5 credits but this video requires 10 credits.","hint":"API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it","doc_url":"https://developers.heygen.com/docs/error-codes#insufficient-credit","status":402,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn insufficient_api_key_scope() {
        check_json(
            403,
            r#"{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read."}}"#,
            3,
            str![[r#"
error: 403 insufficient_api_key_scope: This API key does not have permission to perform this action. Required scope: account:read.
hint: key …7Qx2 (HEYGEN_API_KEY) is valid but lacks account:read; change it at https://app.heygen.com/settings?nav=API
{"error":{"code":"insufficient_api_key_scope","message":"This API key does not have permission to perform this action. Required scope: account:read.","hint":"key …7Qx2 (HEYGEN_API_KEY) is valid but lacks account:read; change it at https://app.heygen.com/settings?nav=API","status":403,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn resource_access_denied() {
        check_json(
            403,
            r#"{"error":{"code":"resource_access_denied","message":"Not yours."}}"#,
            3,
            str![[r#"
error: 403 resource_access_denied: Not yours.
{"error":{"code":"resource_access_denied","message":"Not yours.","status":403,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn not_found_with_request_id() {
        let reply = Reply::json(
                404,
                r#"{"error":{"code":"not_found","message":"Video not found.","param":null,"doc_url":null}}"#,
            )
            .header("X-Request-Id", "req_42");
        check(
            &reply,
            1,
            str![[r#"
error: 404 not_found: Video not found.
hint: `heygen endpoints` lists what there is
  request: req_42
{"error":{"code":"not_found","message":"Video not found.","hint":"`heygen endpoints` lists what there is","request_id":"req_42","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn rate_limit_exceeded() {
        let reply = Reply::json(
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Retry after the duration specified in the Retry-After header.","param":null,"doc_url":null}}"#,
            )
            .header("Retry-After", "7");
        check(
            &reply,
            1,
            str![[r#"
error: 429 rate_limit_exceeded: Too many requests. Retry after the duration specified in the Retry-After header.
{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Retry after the duration specified in the Retry-After header.","status":429,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn request_in_progress() {
        check_json(
            409,
            r#"{"error":{"code":"request_in_progress"}}"#,
            1,
            str![[r#"
error: 409 request_in_progress
{"error":{"code":"request_in_progress","message":"409 request_in_progress","status":409,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn internal_error_with_500() {
        check_json(
            500,
            r#"{"error":{"code":"internal_error","message":"Something went wrong"}}"#,
            1,
            str![[r#"
error: 500 internal_error: Something went wrong
hint: this is HeyGen's side, not your request; see https://status.heygen.com
{"error":{"code":"internal_error","message":"Something went wrong","hint":"this is HeyGen's side, not your request; see https://status.heygen.com","status":500,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn uppercase_code_is_kept() {
        check_json(
            404,
            r#"{"error":{"code":"AVATAR_NOT_FOUND","message":"No such avatar"}}"#,
            1,
            str![[r#"
error: 404 AVATAR_NOT_FOUND: No such avatar
hint: `heygen endpoints` lists what there is
{"error":{"code":"AVATAR_NOT_FOUND","message":"No such avatar","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }
}

mod second_generation {
    use super::*;

    #[test]
    fn rejected_key() {
        check_json(
            401,
            r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 internal_error: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"internal_error","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            401,
            r#"{"error":"Invalid API key","data":null}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized: Invalid API key
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"unauthorized","message":"Invalid API key","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn internal_error_with_400() {
        check_json(
            400,
            r#"{"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V."}}"#,
            1,
            str![[r#"
error: 400 internal_error: This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V.
{"error":{"code":"internal_error","message":"This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV or Avatar V.","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn error_inside_200() {
        check_json(
            200,
            r#"{"error":{"code":"invalid_parameter","message":"avatar_id is wrong"},"data":null}"#,
            1,
            str![[r#"
error: 200 with an error inside: invalid_parameter: avatar_id is wrong
{"error":{"code":"invalid_parameter","message":"avatar_id is wrong","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            200,
            r#"{"error":"Something broke","data":null}"#,
            1,
            str![[r#"
error: 200 with an error inside: Something broke
{"error":{"code":"cli_error_in_success","message":"Something broke","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }
}

mod first_generation {
    use super::*;

    #[test]
    fn rejected_key() {
        check_json(
            401,
            r#"{"code":400112,"message":"Unauthorized"}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 400112: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"400112","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            401,
            r#"{"code":401,"message":"Unauthorized"}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 401 401: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"401","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn numeric_codes_become_text() {
        check_json(
            404,
            r#"{"code":40104,"message":"Video not found"}"#,
            1,
            str![[r#"
error: 404 40104: Video not found
hint: `heygen endpoints` lists what there is
{"error":{"code":"40104","message":"Video not found","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            404,
            r#"{"code":400131,"message":"Webhook endpoint not found"}"#,
            1,
            str![[r#"
error: 404 400131: Webhook endpoint not found
hint: `heygen endpoints` lists what there is
{"error":{"code":"400131","message":"Webhook endpoint not found","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            400,
            r#"{"code":400,"message":"Invlid parameters"}"#,
            1,
            str![[r#"
error: 400 400: Invlid parameters
{"error":{"code":"400","message":"Invlid parameters","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            400,
            r#"{"code":400542,"message":"Url of this webhook endpoint is invalid"}"#,
            1,
            str![[r#"
error: 400 400542: Url of this webhook endpoint is invalid
{"error":{"code":"400542","message":"Url of this webhook endpoint is invalid","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            429,
            r#"{"code":429,"message":"Too many requests"}"#,
            1,
            str![[r#"
error: 429 429: Too many requests
{"error":{"code":"429","message":"Too many requests","status":429,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            424,
            r#"{"code":40012,"message":"Invalid parameters"}"#,
            1,
            str![[r#"
error: 424 40012: Invalid parameters
{"error":{"code":"40012","message":"Invalid parameters","status":424,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn error_inside_200() {
        check_json(
            200,
            r#"{"code":40119,"message":"Video is too long","data":null}"#,
            1,
            str![[r#"
error: 200 with an error inside: 40119: Video is too long
{"error":{"code":"40119","message":"Video is too long","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            200,
            r#"{"code":400112,"message":"Unauthorized"}"#,
            3,
            str![[r#"
error: HeyGen does not accept key …7Qx2: 200 with an error inside: 400112: Unauthorized
  from: HEYGEN_API_KEY
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
{"error":{"code":"400112","message":"Unauthorized","hint":"from: HEYGEN_API_KEY; a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn json_error_as_text_plain() {
        check(
            &Reply::new(
                404,
                "text/plain",
                r#"{"code":400131,"message":"Webhook endpoint not found"}"#,
            ),
            1,
            str![[r#"
error: 404 400131: Webhook endpoint not found
hint: `heygen endpoints` lists what there is
{"error":{"code":"400131","message":"Webhook endpoint not found","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }
}

mod no_generation {
    use super::*;

    #[test]
    fn detail_becomes_the_message() {
        check_json(
            415,
            r#"{"detail":"Unsupported media type '' in request. 'application/json' is required."}"#,
            1,
            str![[r#"
error: 415 unsupported media type: Unsupported media type '' in request. 'application/json' is required.
{"error":{"code":"unclassified_client_error","message":"Unsupported media type '' in request. 'application/json' is required.","status":415,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            422,
            r#"{"detail":[{"loc":["query","limit"],"msg":"value is not a valid integer","type":"type_error.integer"}]}"#,
            1,
            str![[r#"
error: 422 unprocessable entity: GET /v3/x
  field: query.limit: type_error.integer: value is not a valid integer
{"error":{"code":"unclassified_client_error","message":"422 unprocessable entity: GET /v3/x","errors":[{"code":"type_error.integer","message":"value is not a valid integer","path":"query.limit"}],"status":422,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn gateway_html_shows_its_title() {
        let page = |status: u16, words: &str| {
            let page = format!(
                "<html>\r\n<head><title>{status} {words}</title></head>\r\n<body><center>nginx</center></body></html>"
            );
            Reply::new(status, "text/html", page)
        };
        check(
            &page(502, "Bad Gateway"),
            1,
            str![[r#"
error: 502 Bad Gateway; the response is HTML (title "502 Bad Gateway"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"502 Bad Gateway; the response is HTML (title \"502 Bad Gateway\"), not JSON","hint":"this is HeyGen's gateway, not your request; see https://status.heygen.com","status":502,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &page(503, "Service Unavailable"),
            1,
            str![[r#"
error: 503 Service Unavailable; the response is HTML (title "503 Service Unavailable"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"503 Service Unavailable; the response is HTML (title \"503 Service Unavailable\"), not JSON","hint":"this is HeyGen's gateway, not your request; see https://status.heygen.com","status":503,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &page(504, "Gateway Timeout"),
            1,
            str![[r#"
error: 504 Gateway Timeout; the response is HTML (title "504 Gateway Timeout"), not JSON
hint: this is HeyGen's gateway, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"504 Gateway Timeout; the response is HTML (title \"504 Gateway Timeout\"), not JSON","hint":"this is HeyGen's gateway, not your request; see https://status.heygen.com","status":504,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn html_with_401_exits_3() {
        check(
            &Reply::new(401, "text/html", "<p>No.</p>"),
            3,
            str![[r#"
error: 401 Unauthorized; the response is HTML, not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?
{"error":{"code":"unauthorized","message":"401 Unauthorized; the response is HTML, not JSON","hint":"is there a proxy or a sign-in page between you and HeyGen?","status":401,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &Reply::new(403, "text/html", "<p>No.</p>"),
            3,
            str![[r#"
error: 403 Forbidden; the response is HTML, not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?
{"error":{"code":"forbidden","message":"403 Forbidden; the response is HTML, not JSON","hint":"is there a proxy or a sign-in page between you and HeyGen?","status":403,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn html_with_200_is_an_error() {
        check(
            &Reply::new(200, "text/html", "<!DOCTYPE html><title>Sign in</title>"),
            1,
            str![[r#"
error: 200 OK; the response is HTML (title "Sign in"), not JSON
hint: is there a proxy or a sign-in page between you and HeyGen?
{"error":{"code":"cli_response_is_html","message":"200 OK; the response is HTML (title \"Sign in\"), not JSON","hint":"is there a proxy or a sign-in page between you and HeyGen?","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn plain_text_becomes_the_message() {
        check(
            &Reply::new(504, "text/plain", "upstream request timeout\n"),
            1,
            str![[r#"
error: 504 gateway timeout: upstream request timeout
hint: this is HeyGen's side, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"upstream request timeout","hint":"this is HeyGen's side, not your request; see https://status.heygen.com","status":504,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check_json(
            400,
            r#""Just a text""#,
            1,
            str![[r#"
error: 400 bad request: Just a text
{"error":{"code":"validation_error","message":"Just a text","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn status_without_body_has_code() {
        let codes = [
            (400, 1),
            (402, 1),
            (403, 3),
            (404, 1),
            (405, 1),
            (409, 1),
            (413, 1),
            (429, 1),
            (500, 1),
            (503, 1),
            (599, 1),
        ];
        let errors = codes.map(|(status, code)| errors(&Reply::empty(status), code));
        assert_text(
            &errors.concat(),
            str![[r#"
error: 400 bad request: GET /v3/x
{"error":{"code":"validation_error","message":"400 bad request: GET /v3/x","status":400,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 402 payment required: GET /v3/x
hint: API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it
{"error":{"code":"insufficient_credit","message":"402 payment required: GET /v3/x","hint":"API keys draw on the API wallet, not on the web plan; `heygen auth check` shows it","status":402,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 403 forbidden: GET /v3/x
{"error":{"code":"forbidden","message":"403 forbidden: GET /v3/x","status":403,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 404 not found: GET /v3/x
hint: `heygen endpoints` lists what there is
{"error":{"code":"not_found","message":"404 not found: GET /v3/x","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 405 method not allowed: GET /v3/x
{"error":{"code":"unclassified_client_error","message":"405 method not allowed: GET /v3/x","status":405,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 409 conflict: GET /v3/x
{"error":{"code":"conflict","message":"409 conflict: GET /v3/x","status":409,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 413 payload too large: GET /v3/x
{"error":{"code":"payload_too_large","message":"413 payload too large: GET /v3/x","status":413,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 429 too many requests: GET /v3/x
{"error":{"code":"rate_limit_exceeded","message":"429 too many requests: GET /v3/x","status":429,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 500 internal server error: GET /v3/x
hint: this is HeyGen's side, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"500 internal server error: GET /v3/x","hint":"this is HeyGen's side, not your request; see https://status.heygen.com","status":500,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 503 service unavailable: GET /v3/x
hint: this is HeyGen's side, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"503 service unavailable: GET /v3/x","hint":"this is HeyGen's side, not your request; see https://status.heygen.com","status":503,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}
error: 599 unknown status: GET /v3/x
hint: this is HeyGen's side, not your request; see https://status.heygen.com
{"error":{"code":"unclassified_server_error","message":"599 unknown status: GET /v3/x","hint":"this is HeyGen's side, not your request; see https://status.heygen.com","status":599,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn truncated_error_body_is_used() {
        check(
            &Reply::new(404, "text/plain", "no such").announcing(100),
            1,
            str![[r#"
error: 404 not found: no such
hint: `heygen endpoints` lists what there is
{"error":{"code":"not_found","message":"no such","hint":"`heygen endpoints` lists what there is","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn long_message_is_truncated() {
        let long = "é".repeat(3_000);
        let cut = format!("{}…", "é".repeat(2_000));
        let expected = format!(
            r#"error: 400 x: {cut}
{{"error":{{"code":"x","message":"{cut}","status":400,"request":{{"method":"GET","path":"/v3/x"}},"attempts":1}}}}
"#
        );
        let body = format!(r#"{{"error":{{"code":"x","message":"{long}"}}}}"#);
        check_json(400, &body, 1, expected);
    }

    #[test]
    fn error_body_is_limited_to_mebibyte() {
        let cut = format!("{}…", "a".repeat(2_000));
        let expected = format!(
            r#"error: 400 bad request: {cut}
{{"error":{{"code":"validation_error","message":"{cut}","status":400,"request":{{"method":"GET","path":"/v3/x"}},"attempts":1}}}}
"#
        );
        // What says more than that is not waited for.
        let endless = Reply::new(400, "text/plain", vec![b'a'; 2 << 20])
            .announcing(usize::MAX >> 1)
            .stalling();
        check(&endless, 1, expected);
    }
}

mod responses {
    use super::*;

    #[test]
    fn redirect_is_not_followed() {
        check(
            &Reply::empty(302).header("Location", "https://files.heygen.ai/x?Signature=abc"),
            1,
            str![[r#"
error: 302 redirect to https://files.heygen.ai/x?…; not followed, so that the key stays with the API
{"error":{"code":"cli_redirect_not_followed","message":"302 redirect to https://files.heygen.ai/x?…; not followed, so that the key stays with the API","status":302,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &Reply::empty(304),
            1,
            str![[r#"
error: 304 redirect; not followed, so that the key stays with the API
{"error":{"code":"cli_redirect_not_followed","message":"304 redirect; not followed, so that the key stays with the API","status":304,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn too_deep_or_large_is_rejected() {
        let server = Server::always(Reply::json(200, &"[".repeat(600)));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .stderr(str![[r#"
{"error":{"code":"cli_response_too_deep","message":"the response nests more than 512 levels deep","hint":"`-o raw` prints the response as it is","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
            .exits(1);
        let server =
            Server::always(Reply::new(200, "application/json", vec![b' '; (64 << 20) + 1]));
        Test::new(&["get", "/v3/x"])
            .server(&server)
            .stderr(str![[r#"
{"error":{"code":"cli_response_too_large","message":"the response is JSON of more than 64 MiB","hint":"`-o raw` or `-O FILE` passes it on as it is","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]])
            .exits(1);
    }

    #[test]
    fn truncated_response_is_an_error() {
        check(
            &Reply::json(200, r#"{"data":"#).announcing(100),
            1,
            str![[r#"
error: the connection ended in the middle of the response, after 8 bytes
{"error":{"code":"network_error","message":"the connection ended in the middle of the response, after 8 bytes","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
            1,
            str![[r#"
error: the connection ended in the middle of the response, after 0 bytes
{"error":{"code":"network_error","message":"the connection ended in the middle of the response, after 0 bytes","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }
}

mod network {
    use super::*;

    /// The errors of a call to an address, as text and as JSON.
    #[track_caller]
    fn check_address(base: &str, code: i32, expected: Inline) {
        let run = |arguments: &[&str]| {
            Test::new(&["get", "/v3/x"])
                .args(arguments)
                .base(base)
                .env("HEYGEN_ALLOW_HTTP", "1")
                .says(code)
        };
        assert_text(&(run(&["--error-format", "text"]) + &run(&["-s"])), expected);
    }

    #[test]
    fn connection_refused() {
        check_address(
            &Server::nowhere(),
            1,
            str![[r#"
error: cannot connect to 127.0.0.1:[PORT]: connection refused
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE
{"error":{"code":"network_error","message":"cannot connect to 127.0.0.1:[PORT]: connection refused","hint":"is that the right address? it comes from --api-base or HEYGEN_API_BASE","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn unresolvable_host() {
        check_address(
            "http://no.such.host.invalid",
            1,
            str![[r#"
error: cannot resolve no.such.host.invalid
hint: is that the right address? it comes from --api-base or HEYGEN_API_BASE
{"error":{"code":"network_error","message":"cannot resolve no.such.host.invalid","hint":"is that the right address? it comes from --api-base or HEYGEN_API_BASE","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn server_without_tls() {
        // What responds on that port is a server without TLS.
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
    fn connection_closed_before_response() {
        check(
            &Reply::close_unanswered(),
            1,
            str![[r#"
error: the connection to 127.0.0.1 broke before the response: it was closed
{"error":{"code":"network_error","message":"the connection to 127.0.0.1 broke before the response: it was closed","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }

    #[test]
    fn connection_closed_before_request_was_read() {
        let server = Server::always(Reply::close_unread());
        let outcome = Test::new(&["get", "/v3/x", "--error-format", "text"]).server(&server).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
        assert!(
            outcome
                .stderr
                .starts_with("error: the connection to 127.0.0.1 broke before the response: "),
            "{}",
            outcome.stderr
        );
    }

    #[test]
    fn response_is_not_http() {
        for (bytes, expected) in [
            (
                "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                str![[r#"
error: 127.0.0.1 did not respond in HTTP: invalid HTTP version
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: invalid HTTP version","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                "HTTP/1.1 abc\r\n\r\n",
                str![[r#"
error: 127.0.0.1 did not respond in HTTP: invalid response status
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: invalid response status","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                str![[r#"
error: 127.0.0.1 did not respond in HTTP: invalid header name
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: invalid header name","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                str![[r#"
error: 127.0.0.1 did not respond in HTTP: content-length header not a number
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: content-length header not a number","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
        ] {
            check(&Reply::raw(bytes), 1, expected);
        }
    }

    #[test]
    fn endless_headers() {
        check(
            &Reply::endless_headers(),
            1,
            str![[r#"
error: 127.0.0.1 did not respond in HTTP: it sends too many headers
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: it sends too many headers","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
        check(
            &Reply::empty(200).header("X-Filler", &"a".repeat(100_000)),
            1,
            str![[r#"
error: 127.0.0.1 did not respond in HTTP: its headers are too large
{"error":{"code":"network_error","message":"127.0.0.1 did not respond in HTTP: its headers are too large","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
        );
    }
}

mod time {
    use super::*;

    #[test]
    fn stall_at_each_stage_times_out() {
        let stalls = [
            (
                Reply::stall_unanswered(),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                Reply::raw("HTTP/1.1 200 OK\r\nX-Slow: ").stalling(),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                Reply::json(200, "{}").stalling_after_head(),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                Reply::json(200, r#"{"data":"#).announcing(100).stalling(),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            (
                Reply::json(404, "{}").stalling_after_head(),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","status":404,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
            // Something keeps coming: the limit is one on the whole try.
            (
                Reply::json(200, &" ".repeat(1_000)).dripping(Duration::from_millis(20)),
                str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time
{"error":{"code":"timeout","message":"no complete response within 400 ms","hint":"`--timeout 5m` gives it more time","status":200,"request":{"method":"GET","path":"/v3/x"},"attempts":1}}

"#]],
            ),
        ];
        at_once(stalls, |(reply, expected)| {
            assert_text(&errors_within("400ms", &reply, 4), expected);
        });
    }

    #[test]
    fn server_that_never_reads_times_out() {
        let server = Server::always(Reply::stall_unread());
        Test::new(&["get", "/v3/x", "--timeout", "0.4", "--error-format", "text"])
            .server(&server)
            .stderr(str![[r#"
error: no complete response within 400 ms
hint: `--timeout 5m` gives it more time

"#]])
            .exits(4);
    }
}
