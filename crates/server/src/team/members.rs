//! Who is in a workspace, and who could be.

use std::collections::{HashMap, HashSet};

use parlance_core::dialog::Moment;
use parlance_store::{Account, MEMBERS_LIMIT, PAGE_ROWS};

use super::{Team, TeamError};
use crate::auth::AccountId;

/// A member of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: AccountId,
    /// The role.
    pub role: String,
    /// First name, if the account has said one.
    pub firstname: Option<String>,
    /// Last name, if the account has said one.
    pub lastname: Option<String>,
    /// Address of a picture, if the account has one.
    pub picture_url: Option<String>,
    /// When the account last logged in, in ISO 8601.
    pub last_logon: Option<String>,
    /// When the account was made, in ISO 8601.
    pub created_at: String,
}

impl Team<'_> {
    /// The members of a workspace, by email.
    pub async fn members(self, workspace: &str) -> Result<Vec<Member>, TeamError> {
        self.workspace(workspace).await?;
        let memberships = self.0.store.members_of(workspace).await?;
        let mut accounts: HashMap<AccountId, Account> = HashMap::new();
        for account in self.accounts().await? {
            accounts.insert(id_of(&account), account);
        }
        let member = |(id, role): (AccountId, String)| {
            let account = accounts.get(&id)?;
            let profile = self.0.auth.profile_of(account);
            Some(Member {
                account: id,
                role,
                firstname: profile.firstname,
                lastname: profile.lastname,
                picture_url: profile.picture_url,
                last_logon: account.last_login_on.map(|on| Moment::from_millis(on).iso),
                created_at: Moment::from_millis(account.created_on).iso,
            })
        };
        let named = memberships.into_iter().map(|one| {
            let account = AccountId { email: one.email, strategy: one.strategy };
            (account, one.role)
        });
        Ok(named.filter_map(member).collect())
    }

    /// The accounts that have no role in a workspace, by email.
    pub async fn outsiders(self, workspace: &str) -> Result<Vec<AccountId>, TeamError> {
        self.workspace(workspace).await?;
        let members = self.0.store.members_of(workspace).await?;
        let members: HashSet<(String, String)> =
            members.into_iter().map(|one| (one.email, one.strategy)).collect();
        let is_outside =
            |id: &AccountId| !members.contains(&(id.email.clone(), id.strategy.clone()));
        Ok(self.accounts().await?.iter().map(id_of).filter(is_outside).collect())
    }

    /// All accounts, at most as many as a workspace may have members.
    pub(super) async fn accounts(self) -> Result<Vec<Account>, TeamError> {
        let most = usize::try_from(MEMBERS_LIMIT).unwrap_or(usize::MAX);
        let mut accounts: Vec<Account> = Vec::new();
        while accounts.len() < most {
            let last = accounts.last().map(|last| (last.email.clone(), last.strategy.clone()));
            let after = last.as_ref().map(|(email, strategy)| (email.as_str(), strategy.as_str()));
            let page = self.0.store.accounts(after, PAGE_ROWS).await?;
            if page.is_empty() {
                break;
            }
            accounts.extend(page);
        }
        Ok(accounts)
    }
}

fn id_of(account: &Account) -> AccountId {
    AccountId { email: account.email.clone(), strategy: account.strategy.clone() }
}
