//! `GET …/bots/{bot}/export`: the bot's archive (`spec` http 3.2, runtime 1.10).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio_util::io::ReaderStream;

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::{transfer, work};
use crate::services::Services;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// What the endpoint gives.
pub(in super::super) fn export_doc() -> Doc {
    Doc::new(Tag::Bots, "Export a bot")
        .about("The bot's files, as an import takes them. The same bot gives the same bytes.")
        .gives_other(200, "application/tar+gzip", "The archive")
}

/// 200 with the archive.
pub(in super::super) async fn export(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let place = transfer(&services).await?;
    let bot = id.clone();
    let made = work(&services, move |admin| {
        let (file, _) = admin.export_to_file(&bot)?;
        // A file that was just written has a length.
        let length = file.metadata().map(|metadata| metadata.len()).ok();
        Ok((file, length))
    });
    let (file, length) = made.await?;
    drop(place);
    let file = tokio::fs::File::from_std(file);
    let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(file, PIECE)));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/tar+gzip");
    headers.insert(header::CONTENT_TYPE, kind);
    let name = format!("attachment; filename=bot_{id}_{}.tgz", services.clock.millis());
    // The id of a bot is plain ASCII.
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}
