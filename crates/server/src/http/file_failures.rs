//! What failures of work on bots and media are over HTTP (`spec` http 1.15, 3.2, 3.6).

use axum::http::StatusCode;

use super::error::HttpError;
use crate::bot_admin::{BotAdminError, Failure};
use crate::media::MediaError;

/// When to come back, in seconds.
const RETRY_SECS: u64 = 1;

impl HttpError {
    /// 503 for what may go well in a moment.
    pub(super) fn busy(reason: &str) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::envelope(status, "UnavailableError", reason.to_owned()).retry_after(RETRY_SECS)
    }
}

impl From<BotAdminError> for HttpError {
    fn from(error: BotAdminError) -> Self {
        let text = error.to_string();
        match error {
            BotAdminError::Workspaces(error) => error.into(),
            // No path of the server's disk is told.
            BotAdminError::Broken { ref file, ref problem } => {
                tracing::warn!(%error, "a bot cannot be worked on");
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                Self::invalid_operation(&format!("the bot's {name} {problem}; mend it first"))
            }
            BotAdminError::NotExportable { .. } => Self::invalid_operation(&text),
            _ => match error.failure() {
                Failure::NotFound => Self::not_found(&text),
                Failure::Exists => Self::conflict(&text),
                Failure::Invalid => Self::bad_request(&text),
                Failure::TooLarge => {
                    Self::envelope(StatusCode::PAYLOAD_TOO_LARGE, "entity.too.large", text)
                }
                Failure::Locked => Self::invalid_operation(&text),
                Failure::Busy => Self::busy(&text),
                Failure::Internal => {
                    tracing::error!(%error, "a bot cannot be worked on");
                    Self::internal()
                }
            },
        }
    }
}

impl From<MediaError> for HttpError {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Refused(_) | MediaError::TooLarge { .. } => {
                Self::bad_request(&error.to_string())
            }
            MediaError::NoBot(_) => Self::not_found(&error.to_string()),
            MediaError::NoChance(_) | MediaError::NotWritten(_) => {
                tracing::error!(%error, "a file cannot be taken in");
                Self::internal()
            }
        }
    }
}
