//! Copies of files from elsewhere (`builtin/storeFileLocally`, `spec` runtime 5.7).

use std::io;
use std::time::Duration;

use axum::http::header;
use parlance_core::ids::BotId;
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::outbound::{Limits, Outbound, OutboundAnswer, OutboundError, OutboundRequest};

use super::upload::{MediaError, MediaFolder, MediaPlace};

/// Types that say nothing: of files whose server does not know better.
const UNKNOWN: [&str; 3] =
    ["application/octet-stream", "binary/octet-stream", "application/force-download"];
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
        let most = self.folder.rules().max_file_size;
        let max_bytes = usize::try_from(most).unwrap_or(usize::MAX);
        let limits = Limits { total: PATIENCE, max_bytes, redirects: REDIRECTS };
        let request = OutboundRequest { limits, ..OutboundRequest::get(url) };
        let OutboundAnswer { status, headers, body, url } = self.outbound.request(request).await?;
        if !(200..300).contains(&status) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(FetchError::Status { host, status });
        }
        let original = url.path_segments().and_then(|mut path| path.next_back());
        let original = percent_decode_str(original.unwrap_or_default()).decode_utf8_lossy();
        let declared = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let (name, declared) = told(&original, declared.unwrap_or_default());
        let (folder, place) = (self.folder.clone(), MediaPlace::Bot(bot.clone()));
        let kept = tokio::task::spawn_blocking(move || {
            let mut upload = folder.receive(&place, &name, &declared)?;
            upload.write(&body)?;
            upload.finish()
        });
        let kept =
            kept.await.map_err(|error| MediaError::NotWritten(io::Error::other(error)))??;
        Ok(format!("/api/v1/bots/{bot}/media/{}", kept.name))
    }
}

/// A name with an ending and a type, each made from the other where a server does not tell it.
fn told(name: &str, declared: &str) -> (String, String) {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let by_name = mime_guess::from_path(name).first_raw();
    match by_name {
        Some(kind) if essence.is_empty() || UNKNOWN.contains(&&*essence) => {
            (name.to_owned(), kind.to_owned())
        }
        Some(_) => (name.to_owned(), essence),
        None => {
            let ending = mime_guess::get_mime_extensions_str(&essence);
            let ending = ending.and_then(|endings| endings.first().copied()).unwrap_or_default();
            (format!("{name}.{ending}"), essence)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_tells_an_ending_and_an_ending_a_type() {
        for (name, declared, expected) in [
            ("a.png", "image/png", ("a.png", "image/png")),
            ("a.png", "Image/PNG; q=1", ("a.png", "image/png")),
            ("a.png", "", ("a.png", "image/png")),
            ("a.png", "application/octet-stream", ("a.png", "image/png")),
            ("a.png", "text/html", ("a.png", "text/html")),
            ("a", "application/pdf", ("a.pdf", "application/pdf")),
            ("a", "", ("a.", "")),
        ] {
            let (name, kind) = told(name, declared);
            assert_eq!((&*name, &*kind), expected);
        }
    }
}
