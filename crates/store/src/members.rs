//! Memberships: which role an account has in which workspace. Workspaces and roles themselves are
//! in files, not here.

use crate::accounts::check_name;
use crate::engine::Row;
use crate::error::{CommitError, Fault, ReadError, check_key};
use crate::reader::values;
use crate::store::Store;

/// Most memberships that one answer has.
pub const MEMBERS_LIMIT: i64 = 10_000;

/// A role of an account in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// E-mail address of the account.
    pub email: String,
    /// Strategy of the account.
    pub strategy: String,
    /// Id of the workspace.
    pub workspace: String,
    /// Id of the role.
    pub role: String,
    /// In milliseconds since 1970.
    pub created_on: i64,
}

const OF_ACCOUNT: &str = "SELECT email, strategy, workspace, role, created_on FROM membership \
     WHERE email = $1 AND strategy = $2 ORDER BY workspace LIMIT $3";

const OF_WORKSPACE: &str = "SELECT email, strategy, workspace, role, created_on FROM membership \
     WHERE workspace = $1 ORDER BY email, strategy LIMIT $2";

/// Without the account there is nothing to be a member; one that is deleted meanwhile must not leave
/// a role behind for its namesake.
const SET: &str = "INSERT INTO membership (email, strategy, workspace, role, created_on) \
     SELECT $1, $2, $3, $4, $5 \
     WHERE EXISTS (SELECT 1 FROM account WHERE email = $1 AND strategy = $2) \
     ON CONFLICT (email, strategy, workspace) DO UPDATE SET role = excluded.role";

impl Store {
    /// The workspaces of an account, by id, at most [`MEMBERS_LIMIT`].
    pub async fn memberships_of(
        &self,
        email: &str,
        strategy: &str,
    ) -> Result<Vec<Membership>, ReadError> {
        check_name(email, strategy)?;
        let values = values![email, strategy, MEMBERS_LIMIT];
        let rows = self.queries.fetch(OF_ACCOUNT, values).await?;
        Ok(rows.into_iter().map(membership).collect::<Result<_, Fault>>()?)
    }

    /// The members of a workspace, by name, at most [`MEMBERS_LIMIT`].
    pub async fn members_of(&self, workspace: &str) -> Result<Vec<Membership>, ReadError> {
        check_key("workspace id", workspace)?;
        let rows = self.queries.fetch(OF_WORKSPACE, values![workspace, MEMBERS_LIMIT]).await?;
        Ok(rows.into_iter().map(membership).collect::<Result<_, Fault>>()?)
    }

    /// Makes an account a member, or gives a member another role; `false` when there is no such
    /// account.
    pub async fn set_membership(&self, membership: Membership) -> Result<bool, CommitError> {
        let Membership { email, strategy, workspace, role, created_on } = &membership;
        check_name(email, strategy)?;
        check_key("workspace id", workspace)?;
        check_key("role", role)?;
        let values = values![&**email, &**strategy, &**workspace, &**role, *created_on];
        Ok(self.queue.statements([(SET, values)]).await? > 0)
    }

    /// Ends a membership; `false` when there was none.
    pub async fn remove_membership(
        &self,
        email: &str,
        strategy: &str,
        workspace: &str,
    ) -> Result<bool, CommitError> {
        const SQL: &str =
            "DELETE FROM membership WHERE email = $1 AND strategy = $2 AND workspace = $3";
        check_name(email, strategy)?;
        check_key("workspace id", workspace)?;
        Ok(self.queue.statements([(SQL, values![email, strategy, workspace])]).await? > 0)
    }

    /// Ends all memberships of a workspace; returns how many there were.
    pub async fn remove_workspace_members(&self, workspace: &str) -> Result<u64, CommitError> {
        const SQL: &str = "DELETE FROM membership WHERE workspace = $1";
        check_key("workspace id", workspace)?;
        self.queue.statements([(SQL, values![workspace])]).await
    }
}

fn membership(mut row: Row) -> Result<Membership, Fault> {
    Ok(Membership {
        email: row.text()?.to_string(),
        strategy: row.text()?.to_string(),
        workspace: row.text()?.to_string(),
        role: row.text()?.to_string(),
        created_on: row.int()?,
    })
}
