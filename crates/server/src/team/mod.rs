//! Who works on the bots: workspaces, their members, and the roles that say what members may.
//!
//! No HTTP here. What is asked for is checked against three rules that roles alone cannot state: nobody
//! hands out more than they have (`holder`), somebody who may do everything remains in every workspace
//! and on the server, and a workspace that has bots stays. Memberships and accounts are in the store,
//! workspaces and roles in their file; changes of all of them happen one after the other, so that what
//! was checked still holds when it is done.

mod accounts;
mod error;
mod holder;
mod members;
mod membership;
mod roles;
mod spaces;
#[cfg(test)]
mod tests;

use tokio::sync::{Mutex, MutexGuard};

use self::holder::Holder;
use crate::auth::permission::WorkspaceRoles;
use crate::auth::{AccountId, Caller};
use crate::services::Services;
use crate::workspaces::{Workspace, WorkspacesError, WorkspacesFile};

pub use error::TeamError;
pub use members::Member;
pub use membership::RoleChange;
pub use roles::Changed;
pub use spaces::{Rollout, SpaceChange};

/// Held while something of the team is changed. One server has the database for itself.
#[derive(Debug, Default)]
pub struct Changing(Mutex<()>);

/// The team of a server.
#[derive(Clone, Copy)]
pub struct Team<'s>(&'s Services);

impl<'s> Team<'s> {
    /// The team whose accounts and workspaces the services know.
    pub fn new(services: &'s Services) -> Self {
        Self(services)
    }

    /// Waits for its turn to change something.
    async fn turn(self) -> MutexGuard<'s, ()> {
        self.0.changing.0.lock().await
    }

    /// Does something with the file of workspaces.
    async fn file<T: Send + 'static>(
        self,
        work: impl FnOnce(&WorkspacesFile) -> Result<T, WorkspacesError> + Send + 'static,
    ) -> Result<T, TeamError> {
        let done = self.0.blocking(move |services| work(&services.workspaces)).await;
        Ok(done.ok_or(TeamError::Failed)??)
    }

    async fn workspace(self, id: &str) -> Result<Workspace, TeamError> {
        let id = id.to_owned();
        self.file(move |file| file.get(&id)).await
    }

    async fn roles_of(self, workspace: &str) -> Result<WorkspaceRoles, TeamError> {
        Ok(WorkspaceRoles::of(&self.workspace(workspace).await?))
    }

    /// What a caller has in a workspace.
    async fn holder<'c>(
        self,
        caller: &'c Caller,
        roles: &WorkspaceRoles,
    ) -> Result<Holder<'c>, TeamError> {
        let account = caller.account().ok_or(TeamError::Anonymous)?;
        let own = self.role_of(account, &roles.workspace).await?;
        let role = own.and_then(|own| roles.role(&own).cloned());
        Ok(Holder::new(caller, role.map(|role| role.rules)))
    }

    /// The role of an account in a workspace.
    async fn role_of(
        self,
        account: &AccountId,
        workspace: &str,
    ) -> Result<Option<String>, TeamError> {
        let of = self.0.store.memberships_of(&account.email, &account.strategy).await?;
        let own = of.into_iter().find(|one| one.workspace == workspace);
        Ok(own.map(|one| one.role))
    }
}
