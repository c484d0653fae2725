//! The service on a real store, with a clock that the tests move.

mod access;
mod credentials;
mod login;
mod registration;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parlance_store::{Database, Store, StoreOptions};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::auth::password::Password;
use crate::auth::{Caller, DEFAULT_STRATEGY};
use crate::cli::serve::ServeFlags;
use crate::config::{Config, Environment};

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "Admin-Passw0rd!";
const NEW_PASSWORD: &str = "another fine phrase";
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const AWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const MINUTE: i64 = 60_000;

/// A service with a database of its own.
struct Stage {
    auth: Auth,
    store: Arc<Store>,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Stage {
    /// With this configuration file and these variables, and no accounts.
    async fn empty(file: serde_json::Value, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("test.sqlite"));
        let store = Arc::new(Store::open(&database, &StoreOptions::default()).await.unwrap());
        let clock = Arc::new(AtomicI64::new(1_700_000_000_000));
        let environment = Environment::from_pairs(variables.iter().copied());
        let text = file.to_string();
        let loaded =
            Config::from_text(&ServeFlags::default(), &environment, "test.json", Some(&text));
        let auth = open(&store, loaded.unwrap().0.auth, &clock).await;
        Self { auth, store, clock, _folder: folder }
    }

    /// With one account, of `EMAIL` and `PASSWORD`, which is super admin.
    async fn new(file: serde_json::Value) -> Self {
        let stage = Self::empty(file, &[]).await;
        let id = AccountId::of_email(EMAIL);
        stage.auth.add_account(&id, Password::new(PASSWORD), true).await.unwrap();
        stage
    }

    /// With one more account, which has this role in workspace `default`.
    async fn with_member(self, email: &str, role: &str) -> Self {
        let id = AccountId::of_email(email);
        self.auth.add_account(&id, Password::new(PASSWORD), false).await.unwrap();
        let membership = parlance_store::Membership {
            email: email.to_owned(),
            strategy: DEFAULT_STRATEGY.to_owned(),
            workspace: "default".to_owned(),
            role: role.to_owned(),
            created_on: 0,
        };
        assert!(self.store.set_membership(membership).await.unwrap());
        self
    }

    fn pass(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    async fn login(&self, email: &str, password: &str) -> Result<Session, LoginError> {
        self.auth.login(with(email, password)).await
    }

    async fn caller(&self, email: &str) -> Caller {
        let session = self.login(email, PASSWORD).await.unwrap();
        self.auth.authenticate(Presented::Bearer(&session.token)).await.unwrap()
    }

    async fn is_accepted(&self, token: &str) -> bool {
        self.auth.authenticate(Presented::Bearer(token)).await.is_ok()
    }
}

async fn open(store: &Arc<Store>, config: AuthConfig, clock: &Arc<AtomicI64>) -> Auth {
    let clock = Arc::clone(clock);
    let now: Now = Box::new(move || clock.load(Ordering::Relaxed));
    Auth::open(Arc::clone(store), config, now).await.unwrap()
}

fn with(email: &str, password: &str) -> Login {
    Login {
        email: email.to_owned(),
        password: Password::new(password),
        new_password: None,
        invalidate_sessions: true,
        from: HOME,
    }
}

fn with_new(password: &str, new: &str) -> Login {
    Login { new_password: Some(Password::new(new)), ..with(EMAIL, password) }
}

/// A configuration with these options of email and password.
fn options(options: &serde_json::Value) -> serde_json::Value {
    json!({"authStrategies": {"default": {"options": options}}})
}
