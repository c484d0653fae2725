//! Accounts as lines for people.

use crate::auth::DEFAULT_STRATEGY;
use crate::control::Found;

/// A line about an account.
pub(super) fn line(account: &Found) -> String {
    let mut parts = vec![account.name.email.clone()];
    if account.name.strategy != DEFAULT_STRATEGY {
        parts.push(format!("({})", account.name.strategy));
    }
    if account.super_admin {
        parts.push("super admin".to_owned());
    }
    parts.extend(account.roles.iter().map(|(workspace, role)| format!("{role} of {workspace}")));
    if account.password_expired {
        parts.push("must set a new password".to_owned());
    }
    if account.last_login_on.is_none() {
        parts.push("has never logged in".to_owned());
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::AccountName;

    #[test]
    fn a_line_tells_what_an_account_is() {
        let name = |strategy: &str| AccountName {
            email: "a@b.c".to_owned(),
            strategy: strategy.to_owned(),
        };
        let account = Found {
            name: name("default"),
            super_admin: true,
            password_expired: false,
            last_login_on: Some(1),
            roles: vec![("shop".to_owned(), "dev".to_owned())],
        };
        assert_eq!(line(&account), "a@b.c  super admin  dev of shop");
        let account = Found {
            name: name("ldap"),
            super_admin: false,
            password_expired: true,
            last_login_on: None,
            roles: Vec::new(),
        };
        let expected = "a@b.c  (ldap)  must set a new password  has never logged in";
        assert_eq!(line(&account), expected);
    }
}
