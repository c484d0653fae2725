//! What the endpoints of the surface share: accounts, workspaces, the database.
//!
//! What they do with it lives with what they do it to (`auth`, `workspaces`, the store).

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use parlance_store::Store;
use tokio::sync::Semaphore;

use crate::auth::Auth;
use crate::auth::external::ExternalTokens;
use crate::bot_admin::BotAdmin;
use crate::clock::Clock;
use crate::config::ConfigFile;
use crate::media::MediaFolder;
use crate::ops::lifecycle::Lifecycle;
use crate::ops::logs::Recent;
use crate::team::Changing;
use crate::turn::{Lanes, RetentionPolicies};
use crate::workspaces::WorkspacesFile;

/// Archives and media on their way at a time.
pub const TRANSFERS: usize = 16;

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
    /// The work of operators on bots, once these are loaded.
    pub bots: OnceLock<BotAdmin>,
    /// Where media come in.
    pub media: MediaFolder,
    /// Free places for archives and media on their way: each has an open file.
    pub transfers: Semaphore,
    /// Tells this run of the server from others.
    pub server_id: String,
    /// The time.
    pub clock: Clock,
    /// The configuration's file.
    pub config_file: ConfigFile,
    /// The newest log entries.
    pub logs: Recent,
    /// Where turns wait, and changes that must not come into one.
    pub lanes: Lanes,
    /// What is forgotten of chat users, and when.
    pub retention: RetentionPolicies,
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

#[cfg(test)]
impl Services {
    /// Services on this folder, with an empty database and this text as their configuration, at a
    /// time that stands still.
    pub(crate) async fn on(folder: &std::path::Path, config: &str) -> Self {
        use parlance_store::{Database, StoreOptions};

        let database = Database::File(folder.join("test.sqlite"));
        let store = Arc::new(Store::open(&database, &StoreOptions::default()).await.unwrap());
        let environment = crate::config::Environment::from_pairs([("A", "b")]);
        let flags = crate::cli::serve::ServeFlags::default();
        let config =
            crate::config::Config::from_text(&flags, &environment, "test.json", Some(config));
        let config = config.unwrap().0;
        let outbound = Arc::new(crate::outbound::Outbound::new(&config.outbound));
        let external = ExternalTokens::new(&config.auth.external, None, outbound).unwrap();
        let now = Box::new(|| 1_700_000_000_000);
        Self::new(Parts {
            auth: Auth::open(Arc::clone(&store), config.auth, now).await.unwrap(),
            store,
            external,
            workspaces: WorkspacesFile::new(folder),
            changing: Changing::default(),
            bots: OnceLock::new(),
            media: MediaFolder::new(folder, config.uploads),
            transfers: Semaphore::new(TRANSFERS),
            server_id: "test".to_owned(),
            clock: Clock::default(),
            config_file: ConfigFile::open(folder).unwrap(),
            logs: Recent::default(),
            lanes: Lanes::new(crate::turn::LaneLimits { total: 8, waiting: 8 }),
            retention: RetentionPolicies::default(),
            lifecycle: Lifecycle::default(),
        })
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
