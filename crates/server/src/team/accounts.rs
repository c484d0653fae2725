//! Accounts of others: invited, given a new password, deleted.

use super::{Team, TeamError};
use crate::auth::permission::WorkspaceRoles;
use crate::auth::{AccountId, Caller, DEFAULT_STRATEGY};
use crate::workspaces::{Workspace, WorkspacesFile};

impl Team<'_> {
    /// Makes an account with a role in a workspace. Gives its password, which is good for one login.
    pub async fn invite(
        self,
        caller: &Caller,
        workspace: &str,
        who: &AccountId,
        role: &str,
    ) -> Result<String, TeamError> {
        let _turn = self.turn().await;
        if who.strategy != DEFAULT_STRATEGY {
            return Err(TeamError::NoStrategy(who.strategy.clone()));
        }
        let roles = self.roles_of(workspace).await?;
        self.check_may_give(caller, &roles, role).await?;
        let password = self.0.auth.invite(who).await?;
        self.set_role_of(who, workspace, role).await?;
        Ok(password)
    }

    /// Gives an account a new password, which is good for one login, and ends its sessions. Whoever has
    /// that password has the account, so the caller must have all that it has: super admins may; others
    /// may for members of this workspace alone whose role is within theirs.
    pub async fn reset(
        self,
        caller: &Caller,
        workspace: &str,
        who: &AccountId,
    ) -> Result<String, TeamError> {
        let _turn = self.turn().await;
        let account = self.0.store.account(&who.email, &who.strategy).await?;
        let account = account.ok_or_else(|| TeamError::NoAccount(who.email.clone()))?;
        let above = |why| TeamError::Above { email: who.email.clone(), why };
        let roles = self.roles_of(workspace).await?;
        let holder = self.holder(caller, &roles).await?;
        if !holder.has_everything() {
            if self.0.auth.profile_of(&account).super_admin {
                return Err(above("that is a super admin"));
            }
            let of = self.0.store.memberships_of(&who.email, &who.strategy).await?;
            if of.iter().any(|one| one.workspace != workspace) {
                return Err(above("that is a member of another workspace, too"));
            }
            let own = of.first().ok_or_else(|| TeamError::NotMember {
                email: who.email.clone(),
                workspace: workspace.to_owned(),
            })?;
            roles.role(&own.role).map_or(Ok(()), |role| holder.check_has(role))?;
        }
        Ok(self.0.auth.reset_password(who).await?)
    }

    /// Deletes an account with its memberships and keys.
    pub async fn delete_account(self, caller: &Caller, who: &AccountId) -> Result<(), TeamError> {
        let _turn = self.turn().await;
        if caller.account() == Some(who) {
            return Err(TeamError::Oneself);
        }
        self.check_exists(who).await?;
        self.check_is_not_last_super_admin(who).await?;
        let workspaces: Vec<Workspace> = self.file(WorkspacesFile::list).await?;
        for one in self.0.store.memberships_of(&who.email, &who.strategy).await? {
            let found = workspaces.iter().find(|workspace| workspace.id == one.workspace);
            let Some(roles) = found.map(WorkspaceRoles::of) else {
                continue;
            };
            if one.role == roles.admin_role {
                self.check_is_not_last_admin(who, &roles).await?;
            }
        }
        self.0.store.delete_account(&who.email, &who.strategy).await?;
        Ok(())
    }

    async fn check_is_not_last_super_admin(self, who: &AccountId) -> Result<(), TeamError> {
        let mut is_one = false;
        for account in self.accounts().await? {
            let profile = self.0.auth.profile_of(&account);
            if profile.super_admin && profile.account != *who {
                return Ok(());
            }
            is_one |= profile.super_admin;
        }
        if is_one { Err(TeamError::LastSuperAdmin(who.email.clone())) } else { Ok(()) }
    }
}
