//! What the operator of a server works with: accounts, workspaces, the audit log.
//!
//! One value that the operator's endpoints share. What they do lives with what they do it to
//! (`auth`, `bots`, the store).

use std::ops::Deref;
use std::sync::Arc;

use parlance_store::Store;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::ConfigFile;
use crate::ops::lifecycle::Lifecycle;
use crate::ops::logs::Recent;

/// Cheap to clone.
#[derive(Clone)]
pub struct Operator(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// Who may do what.
    pub auth: Auth,
    /// The time.
    pub clock: Clock,
    /// The configuration's file.
    pub config_file: ConfigFile,
    /// The newest log entries.
    pub logs: Recent,
    /// Tasks that outlive a request.
    pub lifecycle: Lifecycle,
}

impl Operator {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Operator {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
