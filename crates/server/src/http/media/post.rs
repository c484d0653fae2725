//! `POST /api/v1/media`, `/api/v1/studio/{bot}/media` and `/api/v1/bots/{bot}/media`: a file comes in, in
//! the field `file` of a form (`spec` http 3.6; `reference` reliability 5.7).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use multer::{Constraints, Field, Multipart, SizeLimit};
use parlance_core::ids::BotId;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::body::{Pieces, Unread};
use super::super::bots::transfer;
use super::super::error::HttpError;
use super::super::openapi::{Body, Doc, Tag};
use super::super::routes::{Call, Recorded};
use crate::media::{MediaError, MediaPlace, StoredMedia, Upload};
use crate::services::Services;

/// Bytes of a form besides the file: its other fields and what separates them.
const AROUND: usize = 64 * 1024;
/// Most fields of a form.
const MAX_FIELDS: usize = 32;
/// So many bytes are written at once.
const PIECE: usize = 256 * 1024;

/// A file that has come in.
#[derive(Serialize, JsonSchema)]
struct Stored {
    /// The path under which the server gives it out.
    url: String,
}

/// What the endpoint takes and gives.
pub(in super::super) fn post_of_bot_doc() -> Doc {
    described("Bring a file for a bot")
}

/// What the endpoint takes and gives.
pub(in super::super) fn post_global_doc() -> Doc {
    described("Bring a file for the server").refuses(404, "There is no such workspace")
}

fn described(summary: &'static str) -> Doc {
    Doc::new(Tag::Bots, summary)
        .about(
            "`fileUpload` in the server's settings says what may come in. The type that the form declares, \
             that of the name's ending and, where it can be told, that of the content must agree.",
        )
        .takes_body(Body::File)
        .gives::<Stored>(200, "Where it is given out, to everybody")
}

/// 200 with the path of a bot's new file.
pub(in super::super) async fn post_of_bot(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?;
    let bot = BotId::parse(&id).ok_or_else(|| HttpError::not_found("Invalid Bot ID"))?;
    take(&services, call, MediaPlace::Bot(bot)).await
}

/// 200 with the path of the server's new file.
pub(in super::super) async fn post_global(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    take(&services, call, MediaPlace::Global).await
}

async fn take(
    services: &Services,
    mut call: Call,
    place: MediaPlace,
) -> Result<Response, HttpError> {
    let url = match &place {
        MediaPlace::Bot(bot) => format!("/api/v1/bots/{bot}/media"),
        MediaPlace::Global => "/api/v1/media".to_owned(),
    };
    let largest = services.media.rules().max_file_size;
    let limit = usize::try_from(largest).unwrap_or(usize::MAX).saturating_add(AROUND);
    let body = call.take_body();
    let headers = &call.parts().headers;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok());
    let mut pieces = Pieces::new(headers, body, limit).await?;
    let Some(boundary) = boundary else {
        let why = "a form (multipart/form-data) with the field `file` is expected";
        return Err(pieces.unwanted(HttpError::bad_request(why)).await);
    };
    let _place = transfer(services).await?;
    let stored = match read(services, &mut pieces, boundary, place).await {
        Ok(stored) => stored,
        Err(refusal) => return Err(pieces.unwanted(refusal).await),
    };
    let note = format!("{} ({}, {} bytes)", stored.name, stored.mime, stored.size);
    // A stored name has letters, digits, `.`, `_` and `-` alone; letters beyond ASCII are escaped.
    let name = utf8_percent_encode(&stored.name, CONTROLS);
    Ok(Recorded::default().note(note).with(json(&Stored { url: format!("{url}/{name}") })))
}

/// Reads the form to its end; exactly one file must be in it.
async fn read(
    services: &Services,
    pieces: &mut Pieces,
    boundary: String,
    place: MediaPlace,
) -> Result<StoredMedia, HttpError> {
    let whole = SizeLimit::new().whole_stream(u64::MAX).per_field(u64::MAX);
    let constraints = Constraints::new().size_limit(whole);
    let mut form = Multipart::with_constraints(pieces.stream(), boundary, constraints);
    let mut upload = None;
    for _ in 0..MAX_FIELDS {
        let Some(field) = form.next_field().await.map_err(malformed)? else {
            let Some(upload) = upload else {
                return Err(HttpError::bad_request("the form has no field `file` with a file"));
            };
            return beside(services, move || Upload::finish(upload)).await;
        };
        // A field that is passed over is read to its end by the next one.
        if field.name() == Some("file") {
            if upload.is_some() {
                return Err(HttpError::bad_request("the form has more than one file"));
            }
            upload = Some(receive(services, field, place.clone()).await?);
        }
    }
    Err(HttpError::bad_request(&format!("the form has more than {MAX_FIELDS} fields")))
}

/// Writes a file as it comes.
async fn receive(
    services: &Services,
    mut field: Field<'_>,
    place: MediaPlace,
) -> Result<Upload, HttpError> {
    let Some(name) = field.file_name().map(str::to_owned) else {
        return Err(HttpError::bad_request("the field `file` is no file: it has no file name"));
    };
    let declared = field.content_type().map(ToString::to_string).unwrap_or_default();
    let folder = services.media.clone();
    let mut upload = beside(services, move || folder.receive(&place, &name, &declared)).await?;
    let mut gathered: Vec<u8> = Vec::new();
    loop {
        let piece: Option<Bytes> = field.chunk().await.map_err(malformed)?;
        let is_end = piece.is_none();
        gathered.extend_from_slice(&piece.unwrap_or_default());
        if gathered.len() >= PIECE || is_end {
            let bytes = std::mem::take(&mut gathered);
            let written = move || upload.write(&bytes).map(|()| upload);
            upload = beside(services, written).await?;
        }
        if is_end {
            return Ok(upload);
        }
    }
}

/// Works with files beside the async tasks.
async fn beside<T: Send + 'static>(
    services: &Services,
    job: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, HttpError> {
    let done = services.blocking(move |_| job()).await;
    Ok(done.ok_or_else(HttpError::internal)??)
}

/// What is wrong with a form; 408 and 413 where its bytes did not come.
fn malformed(error: multer::Error) -> HttpError {
    if let multer::Error::StreamReadFailed(error) = error {
        let own = error.downcast::<Unread>();
        return own.map_or_else(|_| HttpError::internal(), |unread| unread.0);
    }
    HttpError::bad_request(&format!("the form cannot be read: {error}"))
}
