//! Values of settings that bots may set too, where neither bot nor server says anything
//! (`spec` runtime 1.4, http 1.7).

use std::time::Duration;

/// `converse.timeout`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// `converse.maxMessageLength`, in UTF-16 code units.
pub(crate) const MAX_MESSAGE_LENGTH: usize = 360;
/// `dialog.timeoutInterval`.
pub(crate) const CONTEXT_EXPIRY: Duration = Duration::from_mins(25);
/// `dialog.sessionTimeoutInterval`.
pub(crate) const SESSION_EXPIRY: Duration = Duration::from_mins(30);
