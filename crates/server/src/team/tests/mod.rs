//! The team on a real store and a real file.

mod accounts;
mod members;
mod roles;
mod spaces;

use parlance_store::{Account, Created, Json};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::auth::KeyLimits;
use crate::auth::permission::Scopes;

/// The role that manages people and reads bots, in the workspaces of the tests.
const PEOPLE: &str = "people";

/// A server with two workspaces, `one` (with a bot) and `two`.
struct Stage {
    services: Services,
    folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let of = |rules: &[(&str, &str)]| {
            let rule = |(res, op): &(&str, &str)| json!({"res": res, "op": op});
            rules.iter().map(rule).collect::<Vec<_>>()
        };
        let roles = json!([
            {"id": "admin", "rules": of(&[("*", "+rw")])},
            {"id": "dev", "rules": of(&[("*", "+rw"), ("admin.*", "+r-w")])},
            {"id": PEOPLE, "rules": of(&[
                ("bot.*", "+r"), ("admin.collaborators.*", "+rw"), ("admin.roles", "+rw"),
            ])},
            {"id": "reader", "rules": of(&[("bot.*", "+r")])},
        ]);
        let workspaces = json!([
            {"id": "one", "name": "One", "bots": ["a-bot"], "roles": roles},
            {"id": "two", "name": "Two", "bots": []},
        ]);
        std::fs::create_dir_all(folder.path().join("global")).unwrap();
        let file = folder.path().join("global/workspaces.json");
        std::fs::write(file, workspaces.to_string()).unwrap();
        let services = Services::on(folder.path(), "{}").await;
        Self { services, folder }
    }

    fn team(&self) -> Team<'_> {
        Team::new(&self.services)
    }

    /// Makes an account with these roles, each as `workspace/role`. Nobody can log in with it.
    async fn account(&self, name: &str, super_admin: bool, roles: &[&str]) -> Caller {
        let account = id(name);
        let stored = Account {
            email: account.email.clone(),
            strategy: account.strategy.clone(),
            password: "none".to_owned(),
            super_admin,
            attributes: Json::from(&json!({})),
            token_version: 0,
            failures: 0,
            last_failure_on: None,
            locked_until: None,
            password_changed_on: 0,
            password_expired: false,
            last_login_on: None,
            created_on: 0,
        };
        let created = self.services.store.create_account(stored, false).await.unwrap();
        assert_eq!(created, Created::Created);
        for role in roles {
            let (workspace, role) = role.split_once('/').unwrap();
            self.team().set_role_of(&account, workspace, role).await.unwrap();
        }
        Caller::Account { account, super_admin }
    }

    /// Its role in a workspace.
    async fn role(&self, name: &str, workspace: &str) -> Option<String> {
        self.team().role_of(&id(name), workspace).await.unwrap()
    }

    fn file_text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("global/workspaces.json")).unwrap()
    }
}

/// The account that the tests call `name`.
fn id(name: &str) -> AccountId {
    AccountId::of_email(&format!("{name}@example.org"))
}

/// A key of the caller's account.
fn key_of(caller: &Caller, scopes: &[&str]) -> Caller {
    Caller::Key {
        id: "k".to_owned(),
        account: caller.account().unwrap().clone(),
        super_admin: caller.is_super_admin(),
        limits: KeyLimits {
            scopes: Scopes::parse(scopes).unwrap(),
            bots: None,
            workspace: None,
            rate_limit: None,
        },
    }
}
