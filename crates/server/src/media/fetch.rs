//! Copies of files from elsewhere (`builtin/storeFileLocally`, `spec` runtime 5.7).

use std::time::Duration;

use axum::http::header;
use parlance_core::ids::BotId;
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::outbound::{Limits, Outbound, OutboundAnswer, OutboundError, OutboundRequest};

use super::store::{MediaError, MediaFolder};

/// Time for a copy, as in v12.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a server may send on to another place.
const REDIRECTS: u8 = 3;
/// Copies at once: each may be as large as `fileUpload.maxFileSize` allows, in memory.
const AT_ONCE: usize = 8;

/// Makes copies.
#[derive(Debug)]
pub struct Fetcher {
    folder: MediaFolder,
    outbound: Outbound,
    free: Semaphore,
}

/// Why there is no copy. For the bot's author: no message tells more than the host's name.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The file could not be got.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Too many others were being got.
    #[error("the file was not copied: too many copies are being made")]
    Busy,
    /// Its server did not give it.
    #[error("{host} answered with status {status} instead of the file")]
    Status {
        /// The host.
        host: String,
        /// What it answered.
        status: u16,
    },
    /// It could not be kept.
    #[error(transparent)]
    Media(#[from] MediaError),
}

impl Fetcher {
    /// Makes copies into `folder`.
    pub fn new(folder: MediaFolder, outbound: Outbound) -> Self {
        Self { folder, outbound, free: Semaphore::new(AT_ONCE) }
    }

    /// Copies the file at `url` into the bot's media. Gives the path under which the server gives it
    /// out.
    pub async fn fetch(&self, bot: &BotId, url: &str) -> Result<String, FetchError> {
        let place = timeout(PATIENCE, self.free.acquire()).await;
        // The semaphore is never closed.
        let _place = place.map_err(|_| FetchError::Busy)?.map_err(|_| FetchError::Busy)?;
        let limits =
            Limits { total: PATIENCE, max_bytes: self.folder.max_bytes(), redirects: REDIRECTS };
        let request = OutboundRequest { limits, ..OutboundRequest::get(url) };
        let OutboundAnswer { status, headers, body, url } = self.outbound.request(request).await?;
        if !(200..300).contains(&status) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(FetchError::Status { host, status });
        }
        let original = url.path_segments().and_then(|mut path| path.next_back());
        let original = percent_decode_str(original.unwrap_or_default()).decode_utf8_lossy();
        let declared = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let name = self.folder.keep(bot, &original, declared, body).await?;
        Ok(format!("/api/v1/bots/{bot}/media/{name}"))
    }
}
