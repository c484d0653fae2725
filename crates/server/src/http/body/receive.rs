//! The bytes of a body, within limits of size and time.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt as _;

use super::super::error::HttpError;
use super::format::Packing;

/// Time that a body has to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// Time for which the rest of a refused body is thrown away, so that the client gets to the answer.
const DISCARDING: Duration = Duration::from_secs(5);

/// The bytes, unpacked; at most `limit` of them, before and after.
pub(super) async fn receive(
    headers: &HeaderMap,
    body: Body,
    packing: Packing,
    limit: usize,
) -> Result<Bytes, HttpError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|value| value.parse::<usize>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|length| length > limit) {
        // Who waits to be told to go on is told not to by the answer itself.
        let waits = headers.contains_key(header::EXPECT);
        return Err(refuse(stream, limit, waits).await);
    }
    let collected = tokio::time::timeout(ARRIVAL, collect(&mut stream, limit)).await;
    let bytes = match collected {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(Trouble::TooLarge)) => return Err(refuse(stream, limit, false).await),
        Ok(Err(Trouble::Aborted)) => {
            return Err(HttpError::bad("request.aborted", "request aborted").closing());
        }
        Err(_) => {
            let message = format!("the body did not arrive within {} s", ARRIVAL.as_secs());
            let status = StatusCode::REQUEST_TIMEOUT;
            return Err(HttpError::envelope(status, "request.timeout", message).closing());
        }
    };
    match packing {
        Packing::Plain => Ok(bytes),
        Packing::Gzip => unpack(MultiGzDecoder::new(bytes.as_ref()), &bytes, limit),
        Packing::Zlib => unpack(ZlibDecoder::new(bytes.as_ref()), &bytes, limit),
    }
}

enum Trouble {
    TooLarge,
    Aborted,
}

async fn collect(stream: &mut BodyDataStream, limit: usize) -> Result<Bytes, Trouble> {
    let mut whole = Bytes::new();
    let mut parts = Vec::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Trouble::Aborted)?;
        if whole.len() + parts.len() + part.len() > limit {
            return Err(Trouble::TooLarge);
        }
        // Most bodies come in one part, which is then not copied.
        if whole.is_empty() && parts.is_empty() {
            whole = part;
        } else {
            if parts.is_empty() {
                parts.extend_from_slice(&std::mem::take(&mut whole));
            }
            parts.extend_from_slice(&part);
        }
    }
    Ok(if parts.is_empty() { whole } else { Bytes::from(parts) })
}

/// Throws away what still comes of a body that is too large: a client that is cut off while it
/// sends never sees the answer.
pub(super) async fn refuse(mut stream: BodyDataStream, limit: usize, waits: bool) -> HttpError {
    let done = !waits && discard(&mut stream, limit).await;
    if done { too_large() } else { too_large().closing() }
}

/// Throws away what still comes of a body whose limit is known, for a short while; whether that was all.
pub(super) async fn discard(stream: &mut BodyDataStream, limit: usize) -> bool {
    let mut left = limit.saturating_mul(2).saturating_add(1024 * 1024);
    let discard = async {
        while let Some(Ok(part)) = stream.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(DISCARDING, discard).await.unwrap_or(false)
}

fn too_large() -> HttpError {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    HttpError::envelope(status, "entity.too.large", "request entity too large")
}

fn unpack(decoder: impl Read, packed: &Bytes, limit: usize) -> Result<Bytes, HttpError> {
    if packed.is_empty() {
        return Ok(Bytes::new());
    }
    let mut unpacked = Vec::with_capacity(packed.len().saturating_mul(2).min(limit));
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match decoder.take(bound).read_to_end(&mut unpacked) {
        Ok(_) if unpacked.len() > limit => Err(too_large()),
        Ok(_) => Ok(Bytes::from(unpacked)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(HttpError::bad("Error", "unexpected end of file"))
        }
        Err(_) => Err(HttpError::bad("Error", "incorrect header check")),
    }
}
