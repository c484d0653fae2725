//! `GET /api/v1/bots/{bot}/media/{file}` and `GET /api/v1/media/{file}`: one file, streamed, with
//! ranges and conditional requests.
//!
//! Files come from whoever may upload, and are served from the origin of the server: only what a
//! browser shows without running it is shown, the rest is downloaded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::media::bot_folder;

use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::openapi::{Doc, Tag};
use super::super::path::parameter;
use super::super::{App, Server};

/// Longest name of a file, in bytes; no file system takes more.
const LONGEST_NAME: usize = 255;
/// How long clients keep a bot's file: names are never used again.
const BOT_CACHE: HeaderValue = HeaderValue::from_static("max-age=31556926");
/// How long clients keep a file of the server.
const GLOBAL_CACHE: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// What a document among the media may do if a browser shows it: nothing.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// Extensions of files that browsers show without running anything.
const SHOWN: [&str; 25] = [
    "aac", "apng", "avif", "bmp", "flac", "gif", "ico", "jpeg", "jpg", "m4a", "m4v", "mov", "mp3",
    "mp4", "oga", "ogg", "ogv", "opus", "pdf", "png", "txt", "wav", "weba", "webm", "webp",
];

/// What the endpoint gives.
pub(in super::super) fn of_bot_doc() -> Doc {
    described("A file of a bot")
}

/// What the endpoint gives.
pub(in super::super) fn global_doc() -> Doc {
    described("A file of the server")
}

fn described(summary: &'static str) -> Doc {
    Doc::new(Tag::Converse, summary)
        .about("Ranges and conditional requests are answered. Bots' media are public.")
        .gives_other(200, "*/*", "The file")
        .gives_other(206, "*/*", "A part of it")
        .gives_nothing(304, "It has not changed")
        .gives_nothing(412, "It has changed")
        .gives_nothing(416, "It has no such part")
        .gives_other(404, "*/*", "There is no such file")
}

/// A bot's file; private bots show theirs to everybody, as in v12.
pub(in super::super) async fn get_of_bot<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let root = &app.settings.root_path;
    let id = parameter(request.uri().path(), root, 3)?;
    let bot = app.gate(&id, request.headers(), Visitors::Everybody).await?;
    let name = parameter(request.uri().path(), root, 5)?;
    let path = file(&bot_folder(&app.settings.data_dir, &bot.id), &name)?;
    serve(path, BOT_CACHE, request).await
}

/// A file of the server.
pub(in super::super) async fn get_global<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let name = parameter(request.uri().path(), &app.settings.root_path, 3)?;
    let path = file(&app.settings.data_dir.join("global").join("media"), &name)?;
    serve(path, GLOBAL_CACHE, request).await
}

/// The path of a plain file name within `folder`; names that are more than that are not found.
fn file(folder: &Path, name: &str) -> Result<PathBuf, HttpError> {
    let plain = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':', '\0']);
    if plain { Ok(folder.join(name)) } else { Err(missing()) }
}

fn missing() -> HttpError {
    HttpError::text(StatusCode::NOT_FOUND, "Not Found")
}

async fn serve(path: PathBuf, cache: HeaderValue, request: Request) -> Result<Response, HttpError> {
    // A link could lead anywhere, and archives that people import may bring some.
    let kind = tokio::fs::symlink_metadata(&path).await.map_err(|_| missing())?;
    if !kind.is_file() {
        return Err(missing());
    }
    let served = ServeFile::new(&path).oneshot(request).await;
    let mut response = served.unwrap_or_else(|never| match never {}).map(Body::new);
    if response.status().is_server_error() {
        return Err(HttpError::internal());
    }
    if response.status() == StatusCode::NOT_FOUND {
        return Err(missing());
    }
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    if found {
        protect(response.headers_mut(), &path, cache);
    }
    Ok(response.into_response())
}

fn protect(headers: &mut HeaderMap, path: &Path, cache: HeaderValue) {
    headers.insert(header::CACHE_CONTROL, cache);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let shown = extension.is_some_and(|own| SHOWN.iter().any(|it| own.eq_ignore_ascii_case(it)));
    if !shown {
        let attachment = HeaderValue::from_static("attachment");
        headers.insert(header::CONTENT_DISPOSITION, attachment);
        headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    }
    let text = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "text/plain");
    if text {
        headers.insert(header::CONTENT_TYPE, super::super::headers::TEXT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_lead_to_files() {
        let folder = Path::new("/data/media");
        for good in ["a.png", "x-été.mp4", "a b.pdf", "a..b"] {
            assert_eq!(file(folder, good).unwrap().parent(), Some(folder), "{good}");
        }
        let long = "x".repeat(256);
        let bad = ["", ".", "..", ".env", "../a", "a/../b", "..\\a", "C:a", "a\0", "/etc", &long];
        for bad in bad {
            assert!(file(folder, bad).is_err(), "{bad}");
        }
    }
}
