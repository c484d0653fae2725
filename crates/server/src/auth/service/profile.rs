//! What an account does with its own session and profile: refresh, logout, read and set (`spec` http
//! 2.1).

use parlance_store::{Account, AccountChange, Json};
use serde_json::{Map, Value};

use super::error::Rejected;
use super::{Auth, AuthError, Session, Unavailable};
use crate::auth::{AccountId, Caller};

/// Longest first or last name, in characters (v12's).
const MAX_NAME: usize = 35;
/// Longest address of a picture, in characters.
const MAX_PICTURE: usize = 2048;

/// What a refresh gives.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// A new token.
    New(Session),
    /// Refreshing is switched off, or a key was presented: what was presented goes on.
    Same,
}

/// An account as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub account: AccountId,
    /// Whether it may do everything.
    pub super_admin: bool,
    /// First name, if it has said one.
    pub firstname: Option<String>,
    /// Last name, if it has said one.
    pub lastname: Option<String>,
    /// Address of its picture, if it has one.
    pub picture_url: Option<String>,
    /// Both names, as far as it has said them.
    pub full_name: String,
}

/// A change of a profile; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// First name.
    pub firstname: Option<String>,
    /// Last name.
    pub lastname: Option<String>,
    /// Address of a picture; empty for none.
    pub picture_url: Option<String>,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A field is wrong.
    #[error("{field}: {problem}")]
    Field {
        /// Which.
        field: &'static str,
        /// What would be right.
        problem: &'static str,
    },
    /// The account is gone.
    #[error("no such account")]
    NoAccount,
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// A new token for a caller that has one.
    pub async fn refresh(&self, caller: &Caller) -> Result<Refreshed, AuthError> {
        let Caller::Account { account, .. } = caller else {
            return Ok(Refreshed::Same);
        };
        if !self.config.allow_refresh {
            return Ok(Refreshed::Same);
        }
        let stored = self.account(account).await?;
        let stored = stored.ok_or(AuthError::Invalid(Rejected::NoAccount))?;
        let session = self.session(&stored, stored.token_version).map_err(Unavailable::from)?;
        Ok(Refreshed::New(session))
    }

    /// Ends all sessions of the account that calls. A key that calls ends nothing.
    pub async fn logout(&self, caller: &Caller) -> Result<(), Unavailable> {
        if let Caller::Account { account, .. } = caller {
            let change = AccountChange { bump_token_version: true, ..AccountChange::default() };
            self.store.change_account(&account.email, &account.strategy, change).await?;
        }
        Ok(())
    }

    /// The profile of an account; `None` when there is none.
    pub async fn profile(&self, id: &AccountId) -> Result<Option<Profile>, Unavailable> {
        let account = self.account(id).await?;
        Ok(account.map(|account| self.profile_of(&account)))
    }

    /// Changes a profile; returns it as it is then.
    pub async fn change_profile(
        &self,
        id: &AccountId,
        change: ProfileChange,
    ) -> Result<Profile, ProfileError> {
        check(&change)?;
        let mut account = self.account(id).await?.ok_or(ProfileError::NoAccount)?;
        let mut attributes = attributes(&account);
        let fields = [
            ("firstname", change.firstname),
            ("lastname", change.lastname),
            ("picture_url", change.picture_url),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                attributes.insert(name.to_owned(), value.trim().into());
            }
        }
        account.attributes = Json::from(&Value::Object(attributes));
        let stored = AccountChange {
            attributes: Some(account.attributes.clone()),
            ..AccountChange::default()
        };
        let existed = self.store.change_account(&id.email, &id.strategy, stored).await;
        if !existed.map_err(Unavailable::from)? {
            return Err(ProfileError::NoAccount);
        }
        Ok(self.profile_of(&account))
    }

    /// The profile of a stored account.
    pub fn profile_of(&self, account: &Account) -> Profile {
        let attributes = attributes(account);
        let text = |name: &str| {
            let text = attributes.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (firstname, lastname) = (text("firstname"), text("lastname"));
        let names: Vec<&str> =
            [&firstname, &lastname].into_iter().flatten().map(String::as_str).collect();
        let full_name = names.join(" ");
        Profile {
            account: AccountId { email: account.email.clone(), strategy: account.strategy.clone() },
            super_admin: self.is_super_admin(account),
            picture_url: text("picture_url"),
            firstname,
            lastname,
            full_name,
        }
    }
}

fn attributes(account: &Account) -> Map<String, Value> {
    account.attributes.read().unwrap_or_default()
}

fn check(change: &ProfileChange) -> Result<(), ProfileError> {
    let is_name = |name: &Option<String>| {
        name.as_ref().is_none_or(|name| {
            name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control)
        })
    };
    let wrong = |field, problem| Err(ProfileError::Field { field, problem });
    if !is_name(&change.firstname) {
        return wrong("firstname", "at most 35 characters, no control characters");
    }
    if !is_name(&change.lastname) {
        return wrong("lastname", "at most 35 characters, no control characters");
    }
    // A page shows the picture: no scheme that runs anything.
    let is_picture = |url: &String| {
        let known = ["https://", "http://", "/"].iter().any(|start| url.starts_with(start));
        url.is_empty()
            || known && url.chars().count() <= MAX_PICTURE && !url.chars().any(char::is_control)
    };
    if !change.picture_url.as_ref().is_none_or(is_picture) {
        return wrong(
            "picture_url",
            "an https or http address or a path, of at most 2048 characters",
        );
    }
    Ok(())
}
