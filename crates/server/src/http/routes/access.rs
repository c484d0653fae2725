//! Who a route is for.

use serde::Serialize;

use crate::auth::permission::Operation;

/// A right as roles and the scopes of API keys name it (`spec` http 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in super::super) struct Right {
    /// Dotted, such as `bot.content`.
    pub(in super::super) resource: &'static str,
    /// Reading or writing.
    pub(in super::super) operation: Operation,
}

impl Right {
    /// To read this resource.
    pub(in super::super) const fn read(resource: &'static str) -> Self {
        Self { resource, operation: Operation::Read }
    }

    /// To change this resource.
    pub(in super::super) const fn write(resource: &'static str) -> Self {
        Self { resource, operation: Operation::Write }
    }
}

/// Who a route is for. API keys need a scope that holds the right, whoever owns them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Access {
    /// Everybody. The endpoint itself looks at what it must, such as whether a bot is private.
    Open,
    /// Every collaborator, whatever the role.
    Account(Right),
    /// Members, whose role holds the right, of the workspace that the header `X-BP-Workspace` names.
    Workspace(Right),
    /// Members, whose role holds the right, of the workspace of the bot `{bot}` in the path.
    Bot(Right),
    /// Super admins.
    Owner(Right),
}

impl Access {
    /// The right that is asked for.
    pub(in super::super) fn right(self) -> Option<Right> {
        match self {
            Self::Open => None,
            Self::Account(right)
            | Self::Workspace(right)
            | Self::Bot(right)
            | Self::Owner(right) => Some(right),
        }
    }

    /// The kind of access, for machines.
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Account(_) => "account",
            Self::Workspace(_) => "workspace",
            Self::Bot(_) => "bot",
            Self::Owner(_) => "owner",
        }
    }

    /// A sentence for the documentation.
    pub(in super::super) fn explained(self) -> Option<String> {
        let right = self.right()?;
        let letter = match right.operation {
            Operation::Read => 'r',
            Operation::Write => 'w',
        };
        let who = match self {
            Self::Open => return None,
            Self::Account(_) => "every collaborator",
            Self::Workspace(_) => "members of the workspace whose role allows it",
            Self::Bot(_) => "members of the bot's workspace whose role allows it",
            Self::Owner(_) => "super admins",
        };
        Some(format!("For {who}; an API key needs the scope `{}:{letter}`.", right.resource))
    }
}
