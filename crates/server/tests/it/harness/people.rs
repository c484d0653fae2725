//! Accounts of a data directory, made before its server starts, and their tokens.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parlance_server::auth::password::Password;
use parlance_server::auth::service::{Login, NewKey};
use parlance_server::auth::{AccountId, Auth, Caller};
use parlance_server::cli::serve::ServeFlags;
use parlance_server::config::{Config, Environment};
use parlance_store::{Database, Membership, Store, StoreOptions};

use super::DataDir;

/// Makes accounts. No server may run on the directory meanwhile.
pub(crate) struct People {
    store: Arc<Store>,
    auth: Auth,
}

impl People {
    /// On the database of this directory, which is made if it is not there.
    pub(crate) async fn of(data: &DataDir) -> Self {
        let storage = data.path().join("storage");
        std::fs::create_dir_all(&storage).unwrap();
        let database = Database::File(storage.join("parlance.sqlite"));
        let store = Arc::new(Store::open(&database, &StoreOptions::default()).await.unwrap());
        let environment = Environment::from_pairs([("A", "b")]);
        let config = Config::from_text(&ServeFlags::default(), &environment, "test", Some("{}"));
        let now = Box::new(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            i64::try_from(now.as_millis()).unwrap()
        });
        let auth = Auth::open(Arc::clone(&store), config.unwrap().0.auth, now).await.unwrap();
        Self { store, auth }
    }

    /// Makes an account with these roles, each as `workspace/role`; gives the token of its login.
    pub(crate) async fn account(&self, email: &str, super_admin: bool, roles: &[&str]) -> String {
        let id = AccountId::of_email(email);
        let password = Password::new(PASSWORD);
        self.auth.add_account(&id, password.clone(), super_admin).await.unwrap();
        for role in roles {
            let (workspace, role) = role.split_once('/').unwrap();
            let membership = Membership {
                email: email.to_owned(),
                strategy: "default".to_owned(),
                workspace: workspace.to_owned(),
                role: role.to_owned(),
                created_on: 0,
            };
            assert!(self.store.set_membership(membership).await.unwrap());
        }
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let email = email.to_owned();
        let login = Login { email, password, new_password: None, invalidate_sessions: true, from };
        self.auth.login(login).await.unwrap().token
    }

    /// Makes an API key of an account.
    pub(crate) async fn key(&self, email: &str, super_admin: bool, scopes: &[&str]) -> String {
        let caller = Caller::Account { account: AccountId::of_email(email), super_admin };
        let new = NewKey {
            name: "a test".to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            bots: None,
            workspace: None,
            expires_on: None,
            rate_limit: None,
        };
        self.auth.create_key(&caller, new).await.unwrap().text.expose().to_owned()
    }

    /// Gives the database free for a server.
    pub(crate) async fn leave(self) {
        self.store.close().await;
    }
}

/// The password of all accounts.
const PASSWORD: &str = "Admin-Passw0rd!";
