//! Failures in the words of HeyGen's three generations, and a gateway's page.

use super::exchange::Response;
use super::trouble::catalogue_version;

/// The page on which HeyGen explains its codes.
const ERROR_CODES: &str = "https://developers.heygen.com/docs/error-codes";

/// The failure of a call, with the seconds of its `Retry-After`.
pub(super) fn response(path: &str, status: u16, retry_after: Option<u64>) -> Response {
    let (code, message) = words(status);
    let body = match catalogue_version(path) {
        Some(1) => {
            let number = if status == 401 { 400_112 } else { u32::from(status) };
            let message = if status == 429 { "Too many requests" } else { message };
            serde_json::json!({"code": number, "message": message})
        }
        Some(2) => {
            let code = if status == 401 { "internal_error" } else { code };
            serde_json::json!({"data": null, "error": {"code": code, "message": message}})
        }
        _ => {
            let page = format!("{ERROR_CODES}#{}", code.replace('_', "-"));
            serde_json::json!({"error": {"code": code, "message": message, "doc_url": page}})
        }
    };
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string())));
    Response { status, headers, body: body.to_string().into_bytes() }
}

/// The page of a gateway that reaches no server.
pub(super) fn gateway_page(status: u16) -> Response {
    let body = format!(
        "<html>\r\n<head><title>{status} Bad Gateway</title></head>\r\n<body>\r\n\
         <center><h1>{status} Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    Response { status, headers, body: body.into_bytes() }
}

/// HeyGen's code and message for a status.
fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("unauthorized", "Unauthorized"),
        402 => (
            "insufficient_credit",
            "Your account has 5 credits but this video requires 10 credits.",
        ),
        403 => ("forbidden", "You do not have permission to perform this action."),
        404 => ("not_found", "Not found."),
        409 => (
            "request_in_progress",
            "A request with this Idempotency-Key is already in progress. Retry shortly.",
        ),
        413 => ("payload_too_large", "The request body is too large."),
        422 => ("graph_invalid", "The graph is invalid."),
        429 => (
            "rate_limit_exceeded",
            "Too many requests. Retry after the duration specified in the Retry-After header.",
        ),
        503 => ("service_unavailable", "The service is temporarily busy. Retry the request."),
        504 => ("gateway_timeout", "Gateway timeout."),
        500.. => ("internal_error", "Internal server error."),
        _ => ("invalid_parameter", "Invalid parameters."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_shape_of_their_version() {
        let check = |path: &str, status: u16, expected: &str| {
            let body = response(path, status, None).body;
            assert_eq!(String::from_utf8_lossy(&body), expected);
        };
        check(
            "/v3/videos",
            401,
            r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#,
        );
        check(
            "/v2/avatars",
            401,
            r#"{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}"#,
        );
        check("/v1/video.list", 401, r#"{"code":400112,"message":"Unauthorized"}"#);
        check("/v1/video.list", 429, r#"{"code":429,"message":"Too many requests"}"#);
        let response = response("/v3/videos", 429, Some(7));
        assert!(response.headers.contains(&("retry-after".to_owned(), "7".to_owned())));
    }
}
