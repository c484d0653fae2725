//! What failures of accounts and workspaces are over HTTP (`spec` http 1.15).

use axum::http::StatusCode;
use parlance_store::{CommitError, ReadError};

use super::error::HttpError;
use crate::auth::Refusal;
use crate::auth::external::ExternalError;
use crate::auth::service::{
    AuthError, Denied, KeyError, LoginError, ProfileError, RegisterError, Unavailable,
};
use crate::team::TeamError;
use crate::workspaces::WorkspacesError;

/// When to come back where nothing better is known, in seconds.
const RETRY_SECS: u64 = 1;

impl From<ReadError> for HttpError {
    fn from(error: ReadError) -> Self {
        match error {
            // Nothing is stored under such a name.
            ReadError::Key(error) => Self::not_found(&error.to_string()),
            ReadError::Damaged { .. } => {
                tracing::error!(%error, "what is stored cannot be read");
                Self::internal()
            }
            ReadError::Unavailable(_) | ReadError::Closed => Unavailable::from(error).into(),
        }
    }
}

impl From<CommitError> for HttpError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Key(error) => Self::not_found(&error.to_string()),
            CommitError::TooLarge { .. } => Self::bad_request(&error.to_string()),
            error => Unavailable::from(error).into(),
        }
    }
}

impl From<Unavailable> for HttpError {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(%error, "a request cannot be answered now");
        let retry = error.retry_after_secs().map_or(RETRY_SECS, u64::from);
        let message = "this cannot be done now; try again";
        Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "UnavailableError", message)
            .retry_after(retry)
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

impl From<LoginError> for HttpError {
    fn from(error: LoginError) -> Self {
        let text = error.to_string();
        let refused = |code, kind| Self::coded(StatusCode::BAD_REQUEST, code, kind, text.clone());
        match error {
            LoginError::InvalidCredentials => refused("BP_0009", "InvalidCredentialsError"),
            LoginError::LockedOut { retry_after_secs } => {
                let locked = refused("BP_0011", "LockedOutError");
                match retry_after_secs {
                    Some(secs) => locked.retry_after(secs),
                    None => locked,
                }
            }
            LoginError::AddressHeld { retry_after_secs } => {
                Self::too_many_tries(text).retry_after(retry_after_secs)
            }
            LoginError::PasswordExpired => refused("BP_0010", "PasswordExpiredError"),
            LoginError::Weak(_) => refused("BP_0012", "WeakPasswordError"),
            LoginError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RegisterError> for HttpError {
    fn from(error: RegisterError) -> Self {
        let text = error.to_string();
        match error {
            RegisterError::Disabled => Self::text(StatusCode::FORBIDDEN, text),
            RegisterError::TooShort | RegisterError::BadEmail => Self::bad_request(&text),
            RegisterError::Weak(_) => {
                Self::coded(StatusCode::BAD_REQUEST, "BP_0012", "WeakPasswordError", text)
            }
            RegisterError::Code => Self::unauthorized(&text),
            RegisterError::Held { retry_after_secs } => {
                Self::too_many_tries(text).retry_after(retry_after_secs)
            }
            RegisterError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ProfileError> for HttpError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Field { .. } => Self::invalid_payload(&error.to_string()),
            ProfileError::NoAccount => Self::not_found(&error.to_string()),
            ProfileError::Unavailable(error) => error.into(),
        }
    }
}

impl From<KeyError> for HttpError {
    fn from(error: KeyError) -> Self {
        let text = error.to_string();
        match error {
            KeyError::NotAPerson => Self::forbidden(&text),
            KeyError::Scopes(_) | KeyError::Field { .. } => Self::bad_request(&text),
            KeyError::TooMany => Self::conflict(&text),
            KeyError::Unknown => Self::not_found(&text),
            KeyError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ExternalError> for HttpError {
    fn from(error: ExternalError) -> Self {
        if error == ExternalError::Refused(Refusal::NoKeys) {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Self::envelope(status, "UnavailableError", error.to_string())
                .retry_after(RETRY_SECS);
        }
        let message = format!("Unauthorized: {error}");
        Self::coded(StatusCode::UNAUTHORIZED, "BP_0401", "InvalidExternalToken", message)
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
