//! What the endpoints of the surface share: accounts, workspaces, the database.
//!
//! What they do with it lives with what they do it to (`auth`, `workspaces`, the store).

use std::ops::Deref;
use std::sync::Arc;

use parlance_store::Store;

use crate::auth::Auth;
use crate::auth::external::ExternalTokens;
use crate::clock::Clock;
use crate::config::ConfigFile;
use crate::ops::lifecycle::Lifecycle;
use crate::ops::logs::Recent;
use crate::team::Changing;
use crate::turn::{Lanes, RetentionPolicies};
use crate::workspaces::WorkspacesFile;

/// Cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// Who may do what.
    pub auth: Auth,
    /// Checks the tokens that chat users bring from elsewhere, where they are in use.
    pub external: Option<ExternalTokens>,
    /// Which bots belong together, and the roles of those who work on them.
    pub workspaces: WorkspacesFile,
    /// Whose turn it is to change the team.
    pub changing: Changing,
    /// Tells this run of the server from others.
    pub server_id: String,
    /// The time.
    pub clock: Clock,
    /// Where turns wait, and changes that must not come into one.
    pub lanes: Lanes,
    /// What is forgotten of chat users, and when.
    pub retention: RetentionPolicies,
    /// The configuration's file.
    pub config_file: ConfigFile,
    /// The newest log entries.
    pub logs: Recent,
    /// Tasks that outlive a request.
    pub lifecycle: Lifecycle,
}

impl Services {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Runs what blocks, such as work with files, beside the async tasks.
    ///
    /// `None` when it panicked, which was logged.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        let services = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&services)).await;
        done.inspect_err(|error| tracing::error!(%error, "a blocking task failed: a bug")).ok()
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
