//! `global/workspaces.json`: the workspaces, their bots and roles (`spec` runtime 1.6; http 2.7, 3.3).
//!
//! Data flows: file → `read` → [`Workspace`]s; and for a change: lock → file → [`Workspace`]s →
//! `change` (its text, so that nothing else in it moves) → file. The file is the truth: nothing of it is
//! kept in memory, and whoever edits it by hand is noticed. Who is a member of a workspace does not
//! live here but in the database, old files' `users` apart.

mod change;
mod file;
mod read;

pub use change::{NewWorkspace, WorkspaceChange};
pub use file::{WorkspacesError, WorkspacesFile};
pub use read::{ListedUser, Role, Rule, Workspace};

pub(crate) use read::mounted;
#[cfg(test)]
use read::parse;

/// Where the file lies in the data directory.
pub(crate) const FILE: &str = "global/workspaces.json";

/// The workspace that there is where nobody has made any.
pub const DEFAULT_WORKSPACE: &str = "default";

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

#[cfg(test)]
mod tests;
