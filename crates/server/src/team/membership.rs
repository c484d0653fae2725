//! Who becomes a member, who gets another role, and who leaves.

use parlance_store::Membership;

use super::{Holder, Team, TeamError};
use crate::auth::permission::{Operation, Role, WorkspaceRoles};
use crate::auth::service::Wanted;
use crate::auth::{AccountId, Caller};

/// What became of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    /// The role before.
    pub before: Option<String>,
    /// The role now.
    pub after: Option<String>,
}

impl Team<'_> {
    /// Gives an account a role in a workspace in which it has none.
    pub async fn add(
        self,
        caller: &Caller,
        workspace: &str,
        who: &AccountId,
        role: &str,
    ) -> Result<RoleChange, TeamError> {
        let _turn = self.turn().await;
        let roles = self.roles_of(workspace).await?;
        self.check_may_give(caller, &roles, role).await?;
        self.check_exists(who).await?;
        if self.role_of(who, workspace).await?.is_some() {
            return Err(TeamError::AlreadyMember(who.email.clone()));
        }
        self.set_role_of(who, workspace, role).await?;
        Ok(RoleChange { before: None, after: Some(role.to_owned()) })
    }

    /// Gives a member another role.
    pub async fn change_role(
        self,
        caller: &Caller,
        workspace: &str,
        who: &AccountId,
        role: &str,
    ) -> Result<RoleChange, TeamError> {
        let _turn = self.turn().await;
        let roles = self.roles_of(workspace).await?;
        self.check_may_give(caller, &roles, role).await?;
        let before = self.check_may_take(caller, &roles, who).await?;
        if before == roles.admin_role && role != before {
            self.check_is_not_last_admin(who, &roles).await?;
        }
        self.set_role_of(who, workspace, role).await?;
        Ok(RoleChange { before: Some(before), after: Some(role.to_owned()) })
    }

    /// Ends a membership; the account stays.
    pub async fn remove(
        self,
        caller: &Caller,
        workspace: &str,
        who: &AccountId,
    ) -> Result<RoleChange, TeamError> {
        let _turn = self.turn().await;
        if caller.account() == Some(who) {
            return Err(TeamError::Oneself);
        }
        let roles = self.roles_of(workspace).await?;
        let before = self.check_may_take(caller, &roles, who).await?;
        if before == roles.admin_role {
            self.check_is_not_last_admin(who, &roles).await?;
        }
        self.0.store.remove_membership(&who.email, &who.strategy, workspace).await?;
        Ok(RoleChange { before: Some(before), after: None })
    }

    /// Checks that the caller may make somebody a member with this role: v12's right for the role, and
    /// all that the role grants.
    pub(super) async fn check_may_give(
        self,
        caller: &Caller,
        roles: &WorkspaceRoles,
        role: &str,
    ) -> Result<(), TeamError> {
        let role = roles.role(role).ok_or_else(|| no_role(roles, role))?;
        let resource = format!("admin.collaborators.{}", role.id);
        let wanted = Wanted { resource: &resource, operation: Operation::Write, bot: None };
        self.0.auth.permit(caller, roles, &wanted).await?;
        self.holder(caller, roles).await?.check_has(role)
    }

    /// Checks that the caller has what a member's role grants; gives that role's id.
    async fn check_may_take(
        self,
        caller: &Caller,
        roles: &WorkspaceRoles,
        who: &AccountId,
    ) -> Result<String, TeamError> {
        let own = self.role_of(who, &roles.workspace).await?;
        let own = own.ok_or_else(|| TeamError::NotMember {
            email: who.email.clone(),
            workspace: roles.workspace.clone(),
        })?;
        let holder: Holder<'_> = self.holder(caller, roles).await?;
        // A role that is no longer there grants nothing.
        roles.role(&own).map_or(Ok(()), |role| holder.check_has(role))?;
        Ok(own)
    }

    /// Checks that somebody else has the `adminRole`, too.
    pub(super) async fn check_is_not_last_admin(
        self,
        who: &AccountId,
        roles: &WorkspaceRoles,
    ) -> Result<(), TeamError> {
        let members = self.0.store.members_of(&roles.workspace).await?;
        let mut others = members.iter().filter(|one| {
            one.role == roles.admin_role && (one.email != who.email || one.strategy != who.strategy)
        });
        if others.next().is_some() {
            return Ok(());
        }
        Err(TeamError::LastAdmin {
            email: who.email.clone(),
            role: roles.admin_role.clone(),
            workspace: roles.workspace.clone(),
        })
    }

    pub(super) async fn set_role_of(
        self,
        who: &AccountId,
        workspace: &str,
        role: &str,
    ) -> Result<(), TeamError> {
        let membership = Membership {
            email: who.email.clone(),
            strategy: who.strategy.clone(),
            workspace: workspace.to_owned(),
            role: role.to_owned(),
            created_on: self.0.clock.millis(),
        };
        if self.0.store.set_membership(membership).await? {
            return Ok(());
        }
        Err(TeamError::NoAccount(who.email.clone()))
    }

    pub(super) async fn check_exists(self, who: &AccountId) -> Result<(), TeamError> {
        let account = self.0.store.account(&who.email, &who.strategy).await?;
        account.map(|_| ()).ok_or_else(|| TeamError::NoAccount(who.email.clone()))
    }
}

pub(super) fn no_role(roles: &WorkspaceRoles, role: &str) -> TeamError {
    let known: Vec<&str> = roles.roles().iter().map(|role: &Role| role.id.as_str()).collect();
    TeamError::NoRole {
        role: role.to_owned(),
        workspace: roles.workspace.clone(),
        known: known.join(", "),
    }
}
