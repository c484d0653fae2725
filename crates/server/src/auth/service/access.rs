//! May a caller do this (`spec` http 2.6, 2.7)? Super admins may; others by the rules of their role in
//! the workspace. A key may what its scopes say, and never more than its owner at that moment.

use super::{Auth, Denied, Unavailable};
use crate::auth::permission::{Operation, WorkspaceRoles};
use crate::auth::{Caller, KeyLimits};

/// What a caller wants to do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// Name of the resource, such as `bot.content`.
    pub resource: &'w str,
    /// What with it.
    pub operation: Operation,
    /// The bot that it is about; `None` where it is about no single one.
    pub bot: Option<&'w str>,
}

impl Auth {
    /// Whether a caller may do this in a workspace.
    pub async fn permit(
        &self,
        caller: &Caller,
        roles: &WorkspaceRoles,
        wanted: &Wanted<'_>,
    ) -> Result<(), Denied> {
        let account = caller.account().ok_or(Denied::Anonymous)?;
        if let Caller::Key { limits, .. } = caller {
            check_limits(limits, Some(&roles.workspace), wanted)?;
        }
        if caller.is_super_admin() {
            return Ok(());
        }
        let memberships = self.store.memberships_of(&account.email, &account.strategy).await;
        let memberships = memberships.map_err(Unavailable::from)?;
        let membership = memberships.iter().find(|one| one.workspace == roles.workspace);
        let membership = membership.ok_or_else(|| Denied::not_member(account, &roles.workspace))?;
        let role = roles.role(&membership.role);
        if role.is_some_and(|role| role.rules.allows(wanted.resource, wanted.operation)) {
            return Ok(());
        }
        Err(Denied::Lacking { operation: wanted.operation, resource: wanted.resource.to_owned() })
    }

    /// Whether a caller may do what concerns the whole server.
    pub fn permit_super_admin(&self, caller: &Caller, wanted: &Wanted<'_>) -> Result<(), Denied> {
        self.permit_authenticated(caller, None, wanted)?;
        if caller.is_super_admin() { Ok(()) } else { Err(Denied::NotSuperAdmin) }
    }

    /// Whether a caller may do what every account may, whatever its role: a key needs a scope for it
    /// all the same. `workspace` is that of the bot, where it is about one.
    pub fn permit_authenticated(
        &self,
        caller: &Caller,
        workspace: Option<&str>,
        wanted: &Wanted<'_>,
    ) -> Result<(), Denied> {
        match caller {
            Caller::Anonymous => Err(Denied::Anonymous),
            Caller::Account { .. } => Ok(()),
            Caller::Key { limits, .. } => check_limits(limits, workspace, wanted),
        }
    }
}

fn check_limits(
    limits: &KeyLimits,
    workspace: Option<&str>,
    wanted: &Wanted<'_>,
) -> Result<(), Denied> {
    if limits.workspace.as_deref().is_some_and(|only| Some(only) != workspace) {
        return Err(Denied::Workspace { workspace: workspace.map(str::to_owned) });
    }
    let is_good_for =
        |bots: &Vec<String>| wanted.bot.is_some_and(|bot| bots.iter().any(|one| one == bot));
    if limits.bots.as_ref().is_some_and(|bots| !is_good_for(bots)) {
        return Err(Denied::Bot { bot: wanted.bot.map(str::to_owned) });
    }
    if !limits.scopes.allows(wanted.resource, wanted.operation) {
        return Err(Denied::Scope {
            operation: wanted.operation,
            resource: wanted.resource.to_owned(),
        });
    }
    Ok(())
}
