//! What a caller has, and so may hand out.

use super::TeamError;
use crate::auth::Caller;
use crate::auth::permission::{Excess, Role, Rules, Scopes};

/// A caller in a workspace.
pub(super) struct Holder<'c> {
    /// `None` for those who may do everything.
    rules: Option<Rules>,
    /// What bounds the key, where one is used.
    scopes: Option<&'c Scopes>,
}

impl<'c> Holder<'c> {
    /// `rules` are those of the role that the caller's account has, if it has one.
    pub(super) fn new(caller: &'c Caller, rules: Option<Rules>) -> Self {
        let scopes = match caller {
            Caller::Key { limits, .. } => Some(&limits.scopes),
            _ => None,
        };
        let rules = if caller.is_super_admin() { None } else { Some(rules.unwrap_or_default()) };
        Self { rules, scopes }
    }

    /// Whether the account may do everything on the server; a key may be bound all the same.
    pub(super) fn is_super_admin(&self) -> bool {
        self.rules.is_none()
    }

    /// Whether the caller, key or not, may do everything on the server.
    pub(super) fn has_everything(&self) -> bool {
        self.is_super_admin() && self.check_has_rules("", &Rules::everything()).is_ok()
    }

    /// Checks that the caller has all that the role grants: only then may they give it, take it, change
    /// it or act for who has it.
    pub(super) fn check_has(&self, role: &Role) -> Result<(), TeamError> {
        self.check_has_rules(&role.id, &role.rules)
    }

    /// The same of rules that are to be those of a role.
    pub(super) fn check_has_rules(&self, role: &str, rules: &Rules) -> Result<(), TeamError> {
        let within = |held: &Rules| rules.check_within(held, self.scopes);
        let checked = match (&self.rules, self.scopes) {
            (None, None) => return Ok(()),
            (None, Some(_)) => within(&Rules::everything()),
            (Some(held), _) => within(held),
        };
        checked.map_err(|excess: Excess| TeamError::Beyond { role: role.to_owned(), excess })
    }
}
