//! What answers where no route does.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::error::HttpError;
use super::headers::HTML;

/// Longest part of a path that is repeated.
const SHOWN: usize = 1000;

/// 404 with a page like Express', as v12 answers unknown paths and, on its
/// Converse API, unknown methods (`spec` http 1.1).
pub(super) async fn not_found(request: Request) -> Response {
    let method = request.method();
    let path: String = request.uri().path().chars().take(SHOWN).map(escaped).collect();
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>Cannot {method} {path}</pre>\n\
         </body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HTML);
    let policy = HeaderValue::from_static("default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// 405 for a method that a known path does not take; `Allow` names those that it takes.
pub(super) async fn not_allowed(request: Request) -> HttpError {
    let text = format!("{} is not allowed here; the header Allow says what is", request.method());
    HttpError::envelope(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedError", text)
}

/// Text for a page: a path may hold anything. Methods are tokens, which hold nothing special.
fn escaped(character: char) -> String {
    match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        other => other.to_string(),
    }
}
