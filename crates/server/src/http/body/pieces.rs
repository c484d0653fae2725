//! Bodies that are files: piece by piece, within limits of size and time, never in memory as a whole.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::super::error::HttpError;
use super::receive::{discard, refuse};
use crate::clock::instant;

/// Time without a single byte.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time for the whole body.
const LONGEST: Duration = Duration::from_mins(30);

/// A body on its way in.
pub(in super::super) struct Pieces {
    stream: BodyDataStream,
    limit: usize,
    taken: usize,
    waits: bool,
    end: Instant,
}

/// Why there are no more pieces, for who takes them as a stream.
#[derive(Debug, thiserror::Error)]
#[error("the body could not be read")]
pub(in super::super) struct Unread(pub(in super::super) HttpError);

impl Pieces {
    /// The body of at most `limit` bytes that belongs to these headers. Fails with 413 where it is said
    /// to be larger.
    pub(in super::super) async fn new(
        headers: &HeaderMap,
        body: Body,
        limit: usize,
    ) -> Result<Self, HttpError> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let announced = announced.and_then(|value| value.parse::<usize>().ok());
        let waits = headers.contains_key(header::EXPECT);
        let stream = body.into_data_stream();
        if announced.is_some_and(|length| length > limit) {
            return Err(refuse(stream, limit, waits).await);
        }
        let end = Instant::from_std(instant()) + LONGEST;
        Ok(Self { stream, limit, taken: 0, waits, end })
    }

    /// The next bytes; `None` at the end. Fails with 408 for a body that does not come, 413 for one
    /// that is too large, 400 for one that is cut off.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Bytes>, HttpError> {
        let soon = Instant::from_std(instant()) + PATIENCE;
        let piece = timeout_at(soon.min(self.end), self.stream.next()).await;
        match piece {
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => {
                self.taken = self.taken.saturating_add(piece.len());
                if self.taken > self.limit {
                    let nothing = Body::empty().into_data_stream();
                    let rest = std::mem::replace(&mut self.stream, nothing);
                    return Err(refuse(rest, self.limit, false).await);
                }
                Ok(Some(piece))
            }
            Ok(Some(Err(_))) => Err(HttpError::bad("request.aborted", "request aborted").closing()),
            Err(_) => {
                let message = "the body did not arrive in time";
                let status = StatusCode::REQUEST_TIMEOUT;
                Err(HttpError::envelope(status, "request.timeout", message).closing())
            }
        }
    }

    /// An answer to a body that is not wanted: what still comes of it is thrown away for a while, or the
    /// client would be cut off before it sees the answer.
    pub(in super::super) async fn unwanted(mut self, answer: HttpError) -> HttpError {
        let done = !self.waits && discard(&mut self.stream, self.limit).await;
        if done { answer } else { answer.closing() }
    }

    /// The pieces as a stream.
    pub(in super::super) fn stream(
        &mut self,
    ) -> impl Stream<Item = Result<Bytes, Unread>> + Send + '_ {
        stream::unfold(self, |pieces| async {
            let piece = pieces.next().await.map_err(Unread).transpose()?;
            Some((piece, pieces))
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    async fn read(length: Option<&str>, parts: &[&'static [u8]]) -> Result<usize, u16> {
        let mut headers = HeaderMap::new();
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, length.parse().unwrap());
        }
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, HttpError>(*part)).collect();
        let status = |error: HttpError| error.into_response().status().as_u16();
        let body = Body::from_stream(stream::iter(parts.into_iter().map(|part| {
            part.map(Bytes::from_static).map_err(|_| std::io::Error::other("cut off"))
        })));
        let mut pieces = Pieces::new(&headers, body, 10).await.map_err(status)?;
        let mut taken = 0;
        while let Some(piece) = pieces.next().await.map_err(status)? {
            taken += piece.len();
        }
        Ok(taken)
    }

    #[tokio::test]
    async fn no_more_than_the_limit_comes_in_whatever_was_said() {
        assert_eq!(read(None, &[b"12345", b"67890"]).await, Ok(10));
        assert_eq!(read(Some("10"), &[b"12345", b"67890"]).await, Ok(10));
        assert_eq!(read(Some("11"), &[b"1"]).await, Err(413));
        assert_eq!(read(None, &[b"12345", b"67890", b"1"]).await, Err(413));
        assert_eq!(read(Some("2"), &[b"12345", b"67890", b"1"]).await, Err(413));
        assert_eq!(read(None, &[]).await, Ok(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<std::io::Result<Bytes>>());
        let mut pieces = Pieces::new(&HeaderMap::new(), body, 10).await.unwrap();
        let error = pieces.next().await.unwrap_err();
        assert_eq!(error.into_response().status(), 408);
    }
}
