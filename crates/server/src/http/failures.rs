//! What failures of accounts and workspaces are over HTTP (`spec` http 1.15).

use axum::http::StatusCode;
use parlance_store::ReadError;

use super::error::HttpError;
use crate::auth::service::{AuthError, Denied, Unavailable};
use crate::team::TeamError;
use crate::workspaces::WorkspacesError;

/// When to come back where nothing better is known, in seconds.
const RETRY_SECS: u64 = 1;

impl From<Unavailable> for HttpError {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(%error, "a request cannot be answered now");
        let retry = error.retry_after_secs().map_or(RETRY_SECS, u64::from);
        let message = "this cannot be done now; try again";
        Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "UnavailableError", message)
            .retry_after(retry)
    }
}

impl From<ReadError> for HttpError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Key(error) => Self::bad_request(&error.to_string()),
            error => Unavailable::from(error).into(),
        }
    }
}

impl From<AuthError> for HttpError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable(error) => error.into(),
            AuthError::Invalid(ref why) => {
                tracing::info!(%why, "a token was refused");
                Self::unauthorized(&error.to_string())
            }
            AuthError::NoHeader | AuthError::Scheme(_) | AuthError::NoToken => {
                Self::unauthorized(&error.to_string())
            }
        }
    }
}

impl From<Denied> for HttpError {
    fn from(error: Denied) -> Self {
        match error {
            Denied::Unavailable(error) => error.into(),
            Denied::Anonymous => Self::unauthorized(&error.to_string()),
            _ => Self::forbidden(&error.to_string()),
        }
    }
}

impl From<WorkspacesError> for HttpError {
    fn from(error: WorkspacesError) -> Self {
        let text = error.to_string();
        match error {
            WorkspacesError::Io(_) | WorkspacesError::Broken(_) => {
                tracing::error!(%error, "the workspaces cannot be used");
                Self::internal()
            }
            WorkspacesError::Busy(_) => {
                Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "UnavailableError", text)
                    .retry_after(RETRY_SECS)
            }
            WorkspacesError::NoWorkspace(_) | WorkspacesError::NoRole { .. } => {
                Self::not_found(&text)
            }
            WorkspacesError::Exists(_) | WorkspacesError::InUse { .. } => Self::conflict(&text),
            WorkspacesError::Invalid { .. } => Self::bad_request(&text),
        }
    }
}

impl From<TeamError> for HttpError {
    fn from(error: TeamError) -> Self {
        let text = error.to_string();
        match error {
            TeamError::Workspaces(error) => error.into(),
            TeamError::Denied(error) => error.into(),
            TeamError::Unavailable(error) => error.into(),
            TeamError::Failed => Self::internal(),
            TeamError::Anonymous => Self::unauthorized(&text),
            TeamError::NoAccount(_) | TeamError::NotMember { .. } | TeamError::NoRole { .. } => {
                Self::not_found(&text)
            }
            TeamError::Taken(_)
            | TeamError::AlreadyMember(_)
            | TeamError::Oneself
            | TeamError::LastAdmin { .. }
            | TeamError::LastSuperAdmin(_)
            | TeamError::RoleNeeded { .. } => Self::conflict(&text),
            TeamError::Above { .. } | TeamError::Beyond { .. } => Self::forbidden(&text),
            TeamError::NoStrategy(_) => Self::invalid_operation(&text),
            TeamError::Invalid { .. } | TeamError::Rule(_) => Self::bad_request(&text),
        }
    }
}
