//! What the rules say of a caller and an operation.

use super::operation::{Access, Operation};
use super::roles;
use super::who::{Key, KeyState, Person, Scope, Who};

/// Whose bot and workspace a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Own,
    Foreign,
    /// Neither bot nor workspace are there.
    Missing,
}

impl Target {
    /// Id of the workspace.
    pub(super) fn workspace(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Foreign => "foreign",
            Self::Missing => "missing",
        }
    }

    /// Id of the bot.
    pub(super) fn bot(self) -> &'static str {
        match self {
            Self::Own => "own-bot",
            Self::Foreign => "foreign-bot",
            Self::Missing => "missing-bot",
        }
    }
}

/// What must come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The endpoint itself answers, whatever it says.
    In,
    /// 401.
    Unknown,
    /// 403.
    Forbidden,
    /// 403 or 404.
    NotThere,
    /// 401, 403 or 404: v12 looks for the bot before it looks at who asks (`spec` http 1.2).
    BotNotThere,
}

/// The verdict.
pub(super) fn expected(operation: &Operation, who: &Who, target: Target) -> Verdict {
    if operation.access == Access::Open {
        return Verdict::In;
    }
    if operation.access == Access::Account && operation.has_bot() && target == Target::Missing {
        return Verdict::BotNotThere;
    }
    match who {
        Who::Worthless(_) => Verdict::Unknown,
        Who::Person(person) => of_person(operation, person, target),
        Who::Key(key) if key.state != KeyState::Good => Verdict::Unknown,
        Who::Key(key) => match of_person(operation, &key.owner, target) {
            Verdict::In if !fits(operation, key, target) => Verdict::Forbidden,
            verdict => verdict,
        },
    }
}

fn of_person(operation: &Operation, person: &Person, target: Target) -> Verdict {
    let of_workspace = matches!(operation.access, Access::Workspace | Access::Bot);
    if of_workspace && target == Target::Missing {
        return Verdict::NotThere;
    }
    let (resource, letter) = operation.right.as_ref().unwrap();
    let role = if target == Target::Own { person.role } else { person.foreign_role };
    let may = match operation.access {
        Access::Open | Access::Account => true,
        Access::Owner => person.super_admin,
        Access::Workspace | Access::Bot => {
            person.super_admin || role.is_some_and(|role| roles::allows(role, resource, *letter))
        }
    };
    if may { Verdict::In } else { Verdict::Forbidden }
}

/// Whether the key, for itself, is good for this.
fn fits(operation: &Operation, key: &Key, target: Target) -> bool {
    let workspace = match operation.access {
        Access::Workspace => Some(target.workspace()),
        Access::Bot | Access::Account if operation.has_bot() => {
            Some(target.workspace()).filter(|_| target != Target::Missing)
        }
        _ => None,
    };
    let bot = operation.has_bot().then(|| target.bot());
    let is_scope = matches!(key.scope, Scope::Exact | Scope::All);
    let is_bot = key.bot.is_none_or(|only| bot == Some(only));
    let is_workspace = key.workspace.is_none_or(|only| workspace == Some(only));
    is_scope && is_bot && is_workspace
}
