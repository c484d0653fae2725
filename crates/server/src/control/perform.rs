//! Does commands, in the process that has the database. What changes something leaves a row in the audit
//! log.

use parlance_store::{AuditEntry, Membership, Store};

use super::command::{AccountName, Command, Found, NewMember, NewUser, OldAccount, Reply, Role};
use crate::auth::password::{Password, V12_MIN_LENGTH};
use crate::auth::permission::WorkspaceRoles;
use crate::auth::service::{AccountError, Unavailable, V12Account};
use crate::auth::{AccountId, Auth};
use crate::clock::Clock;
use crate::workspaces::{WorkspacesError, WorkspacesFile};

/// Accounts of a page.
const PAGE: i64 = 100;

/// What commands are done with.
#[derive(Clone, Copy)]
pub struct Control<'c> {
    /// The database.
    pub store: &'c Store,
    /// Accounts.
    pub auth: &'c Auth,
    /// Workspaces and their roles.
    pub workspaces: &'c WorkspacesFile,
    /// The time.
    pub clock: &'c Clock,
}

/// Why a command is not done.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Workspaces(#[from] WorkspacesError),
    #[error("there is no account \"{0}\"")]
    Unknown(AccountId),
    #[error("the password must have at least {V12_MIN_LENGTH} characters")]
    Short,
    #[error("the workspace \"{workspace}\" has no role \"{role}\": it has {there}")]
    NoRole { workspace: String, role: String, there: String },
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("a task failed: this is a bug")]
    Bug,
}

impl Control<'_> {
    /// Does a command.
    pub async fn perform(self, command: Command) -> Reply {
        let done = match command {
            Command::Add(user) => self.add(user).await,
            Command::List { after } => self.list(after).await,
            Command::Reset(name) => self.reset(name.into()).await,
            Command::Remove(name) => self.remove(name.into()).await,
            Command::TakeOver(old) => self.take_over(old).await,
            Command::Join(member) => self.join(member).await,
        };
        done.unwrap_or_else(|refusal| match refusal {
            Refusal::Account(AccountError::Exists(_)) => Reply::Exists,
            refusal => Reply::Refused { reason: refusal.to_string() },
        })
    }

    async fn add(self, user: NewUser) -> Result<Reply, Refusal> {
        let password = Password::new(user.password);
        if password.length() < V12_MIN_LENGTH {
            return Err(Refusal::Short);
        }
        // What cannot be is found before anything is changed.
        let role = match user.role {
            Some(role) => Some(self.existing(role).await?),
            None => None,
        };
        let id = AccountId::of_email(&user.email);
        self.auth.add_account(&id, password, user.super_admin).await?;
        let note = if user.super_admin { "super admin" } else { "" };
        self.record("user add", &id, note).await?;
        if let Some((workspace, role)) = role {
            self.set_role(&id, workspace, role).await?;
        }
        Ok(Reply::Done)
    }

    /// The workspace and the role, if there are such.
    async fn existing(self, wanted: Role) -> Result<(String, String), Refusal> {
        let (file, id) = (self.workspaces.clone(), wanted.workspace);
        let found = tokio::task::spawn_blocking(move || file.get(&id)).await;
        let workspace = found.map_err(|_| Refusal::Bug)??;
        let roles = WorkspaceRoles::of(&workspace);
        let role = wanted.role.unwrap_or_else(|| roles.default_role.clone());
        if roles.role(&role).is_none() {
            let there: Vec<&str> = roles.roles().iter().map(|role| role.id.as_str()).collect();
            let there = there.join(", ");
            return Err(Refusal::NoRole { workspace: workspace.id, role, there });
        }
        Ok((workspace.id, role))
    }

    async fn set_role(
        self,
        id: &AccountId,
        workspace: String,
        role: String,
    ) -> Result<(), Refusal> {
        let note = format!("{role} of {workspace}");
        let membership = Membership {
            email: id.email.clone(),
            strategy: id.strategy.clone(),
            workspace,
            role,
            created_on: self.clock.millis(),
        };
        let existed = self.store.set_membership(membership).await.map_err(Unavailable::from)?;
        if !existed {
            return Err(Refusal::Unknown(id.clone()));
        }
        self.record("user role", id, &note).await
    }

    async fn list(self, after: Option<AccountName>) -> Result<Reply, Refusal> {
        let after = after.as_ref().map(|name| (name.email.as_str(), name.strategy.as_str()));
        let page = self.store.accounts(after, PAGE).await.map_err(Unavailable::from)?;
        let more = i64::try_from(page.len()).is_ok_and(|count| count == PAGE);
        let mut accounts = Vec::with_capacity(page.len());
        for account in page {
            let of_account = self.store.memberships_of(&account.email, &account.strategy).await;
            let of_account = of_account.map_err(Unavailable::from)?;
            let super_admin = self.auth.profile_of(&account).super_admin;
            accounts.push(Found {
                name: AccountName { email: account.email, strategy: account.strategy },
                super_admin,
                password_expired: account.password_expired,
                last_login_on: account.last_login_on,
                roles: of_account.into_iter().map(|one| (one.workspace, one.role)).collect(),
            });
        }
        Ok(Reply::Accounts { accounts, more })
    }

    async fn reset(self, id: AccountId) -> Result<Reply, Refusal> {
        let password = self.auth.reset_password(&id).await?;
        self.record("user reset", &id, "").await?;
        Ok(Reply::Password { password })
    }

    async fn remove(self, id: AccountId) -> Result<Reply, Refusal> {
        let removed = self.store.delete_account(&id.email, &id.strategy).await;
        if !removed.map_err(Unavailable::from)? {
            return Err(Refusal::Unknown(id));
        }
        self.record("user remove", &id, "").await?;
        Ok(Reply::Done)
    }

    async fn take_over(self, old: OldAccount) -> Result<Reply, Refusal> {
        let id = AccountId::from(old.name);
        let account = V12Account {
            account: id.clone(),
            password: old.password,
            salt: old.salt,
            attributes: old.attributes,
            token_version: old.token_version,
            super_admin: old.super_admin,
        };
        self.auth.take_over(account).await?;
        self.record("user import", &id, "").await?;
        Ok(Reply::Done)
    }

    /// A role that its workspace does not have allows nothing, so it may come over as well.
    async fn join(self, member: NewMember) -> Result<Reply, Refusal> {
        let id = AccountId::from(member.name);
        self.set_role(&id, member.workspace, member.role).await?;
        Ok(Reply::Done)
    }

    async fn record(self, action: &str, id: &AccountId, note: &str) -> Result<(), Refusal> {
        let entry = AuditEntry {
            on: self.clock.millis(),
            actor: "cli".to_owned(),
            action: action.to_owned(),
            target: format!("account={id}"),
            before: None,
            after: None,
            from: "local".to_owned(),
            result: 200,
            request_id: String::new(),
            note: note.to_owned(),
        };
        self.store.audit(entry).await.map_err(Unavailable::from)?;
        Ok(())
    }
}
