//! The roles of a workspace: v12's, and those that were made here.

use super::membership::no_role;
use super::{Team, TeamError};
use crate::auth::Caller;
use crate::auth::permission::{
    CHAT_USER_ROLE, Rules, WorkspaceRoles, chat_user_entry, default_entries,
};
use crate::workspaces::Role;

/// A thing before and after; `None` where it was or is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    /// Before.
    pub before: Option<T>,
    /// After.
    pub after: Option<T>,
}

impl Team<'_> {
    /// The roles of a workspace, that of chat users last.
    pub async fn roles(self, workspace: &str) -> Result<Vec<Role>, TeamError> {
        let mut roles = self.entries(workspace).await?;
        roles.retain(|role| role.id != CHAT_USER_ROLE);
        roles.push(chat_user_entry());
        Ok(roles)
    }

    /// Makes a role, or changes it. The caller must have all that it grants, and granted.
    pub async fn set_role(
        self,
        caller: &Caller,
        workspace: &str,
        role: Role,
    ) -> Result<Changed<Role>, TeamError> {
        let _turn = self.turn().await;
        let roles = self.roles_of(workspace).await?;
        check_is_free(&role.id, "changed")?;
        let holder = self.holder(caller, &roles).await?;
        if role.id == roles.admin_role && !holder.is_super_admin() {
            let why = "it is the workspace's adminRole; super admins may change it".to_owned();
            return Err(TeamError::RoleNeeded { role: role.id, done: "changed", why });
        }
        let wanted = role.rules.iter().map(|rule| (rule.res.as_str(), rule.op.as_str()));
        holder.check_has_rules(&role.id, &Rules::parse(wanted)?)?;
        if let Some(before) = roles.role(&role.id) {
            holder.check_has(before)?;
        }
        let before = self.entry(workspace, &role.id).await?;
        let (id, after) = (workspace.to_owned(), role.clone());
        self.file(move |file| file.set_role(&id, &role, &default_entries())).await?;
        Ok(Changed { before, after: Some(after) })
    }

    /// Removes a role that nobody has.
    pub async fn remove_role(
        self,
        caller: &Caller,
        workspace: &str,
        role: &str,
    ) -> Result<Changed<Role>, TeamError> {
        let _turn = self.turn().await;
        let roles = self.roles_of(workspace).await?;
        check_is_free(role, "removed")?;
        let found = roles.role(role).ok_or_else(|| no_role(&roles, role))?;
        self.holder(caller, &roles).await?.check_has(found)?;
        self.check_is_not_needed(&roles, role).await?;
        let before = self.entry(workspace, role).await?;
        let (id, role) = (workspace.to_owned(), role.to_owned());
        self.file(move |file| file.remove_role(&id, &role, &default_entries())).await?;
        Ok(Changed { before, after: None })
    }

    async fn check_is_not_needed(
        self,
        roles: &WorkspaceRoles,
        role: &str,
    ) -> Result<(), TeamError> {
        let needed = |why: String| {
            Err(TeamError::RoleNeeded { role: role.to_owned(), done: "removed", why })
        };
        if role == roles.admin_role || role == roles.default_role {
            return needed("it is the workspace's adminRole or defaultRole".to_owned());
        }
        let members = self.0.store.members_of(&roles.workspace).await?;
        match members.iter().filter(|one| one.role == role).count() {
            0 => Ok(()),
            count => needed(format!("{count} of the members have it; give them another one first")),
        }
    }

    async fn entry(self, workspace: &str, role: &str) -> Result<Option<Role>, TeamError> {
        Ok(self.entries(workspace).await?.into_iter().find(|entry| entry.id == role))
    }

    /// The roles as the file has them, or would have them.
    async fn entries(self, workspace: &str) -> Result<Vec<Role>, TeamError> {
        let roles = self.workspace(workspace).await?.roles;
        Ok(if roles.is_empty() { default_entries() } else { roles })
    }
}

/// Checks that it is not the role of chat users, which is the same everywhere.
fn check_is_free(role: &str, done: &'static str) -> Result<(), TeamError> {
    if role != CHAT_USER_ROLE {
        return Ok(());
    }
    let why = "it is that of chat users, in every workspace".to_owned();
    Err(TeamError::RoleNeeded { role: role.to_owned(), done, why })
}
