//! Where commands are done: in the server that runs, or here.

use std::path::PathBuf;
use std::sync::Arc;

use parlance_store::{Database, Store, StoreError, StoreOptions};

use super::CommandError;
use crate::auth::Auth;
use crate::cli::serve::ServeFlags;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::control::{Asked, Command, Control, Reply, ask, socket};
use crate::workspaces::WorkspacesFile;

/// A data directory and its database.
pub(super) struct Place {
    flags: ServeFlags,
    /// Opened here, where no server runs.
    own: Option<Own>,
}

struct Own {
    store: Arc<Store>,
    auth: Auth,
    workspaces: WorkspacesFile,
    clock: Clock,
}

impl Place {
    pub(super) fn new(data: PathBuf, database_url: Option<String>) -> Self {
        Self { flags: ServeFlags { data, database_url, ..ServeFlags::default() }, own: None }
    }

    /// Does a command.
    pub(super) async fn perform(&mut self, command: Command) -> Result<Reply, CommandError> {
        if self.own.is_none() {
            if let Some(reply) = self.ask(&command).await? {
                return Ok(reply);
            }
            self.own = Some(self.open().await?);
        }
        let own = self.own.as_ref().ok_or("the database is not open: this is a bug")?;
        let Own { store, auth, workspaces, clock } = own;
        Ok(Control { store, auth, workspaces, clock }.perform(command).await)
    }

    async fn ask(&self, command: &Command) -> Result<Option<Reply>, CommandError> {
        if self.flags.database_url.is_some() {
            // The server that runs here may have another one.
            return Ok(None);
        }
        let data = &self.flags.data;
        let asked = ask(data, command).await.map_err(|error| {
            let socket = socket(data);
            format!("the server that runs here cannot be asked ({}): {error}", socket.display())
        })?;
        Ok(match asked {
            Asked::Nobody => None,
            Asked::Replied(reply) => Some(reply),
        })
    }

    /// Opens the database, as a server on this data directory would.
    async fn open(&self) -> Result<Own, CommandError> {
        let data = &self.flags.data;
        if !data.join("global").is_dir() {
            let data = data.display();
            let hint = "name one with --data, or let `parlance serve` make it";
            return Err(format!("{data} is no data directory: {hint}").into());
        }
        let environment = Environment::of_process(data)?;
        let (config, _) = Config::load(&self.flags, &environment)?;
        let database = Database::parse(config.database_url.expose())?;
        if let Database::File(path) = &database
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
        }
        let opened = Store::open(&database, &StoreOptions::default()).await;
        let store = Arc::new(opened.map_err(|error| explained(error, &self.flags))?);
        let now = Box::new(|| Clock::default().millis());
        let auth = Auth::open(Arc::clone(&store), config.auth, now).await?;
        let workspaces = WorkspacesFile::new(&config.data_dir);
        Ok(Own { store, auth, workspaces, clock: Clock::default() })
    }

    /// Closes what it has opened.
    pub(super) async fn close(self) {
        if let Some(own) = self.own {
            own.store.close().await;
        }
    }
}

fn explained(error: StoreError, flags: &ServeFlags) -> CommandError {
    match error {
        StoreError::InUse(database) => {
            let socket = socket(&flags.data);
            let text = format!(
                "a server has {database}, and was not asked at {}: run this where that server runs, \
                 with its --data and without --database-url, or stop it meanwhile",
                socket.display(),
            );
            text.into()
        }
        error => error.into(),
    }
}
