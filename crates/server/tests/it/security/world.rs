//! A data directory with two workspaces, a bot in each, and for each operation callers of all kinds of
//! its own: what one request does to its caller or its caller's keys, no other notices.

use std::fmt::Write as _;
use std::path::PathBuf;

use futures_util::future::join_all;
use ring::digest;
use serde_json::{Value, json};

use parlance_server::auth::key::KeyText;
use parlance_store::{Account, ApiKey, Database, Json, Membership, Store, StoreOptions};

use super::operation::Operation;
use super::token;
use super::who::{KEYS, Key, KeyState, PEOPLE, Person, Scope, Who, Worthless};
use crate::harness::{BotFiles, DataDir, counting_bot};

/// It.
pub(super) struct World {
    pub(super) data: DataDir,
    /// `Authorization` of each key of each operation, in the order of [`KEYS`].
    keys: Vec<Vec<String>>,
}

impl World {
    /// Makes it.
    pub(super) async fn new(operations: &[Operation]) -> Self {
        let data = DataDir::with_bots(&bots());
        data.configure(&json!({ "appSecret": token::SECRET }));
        let mut world = Self { data, keys: Vec::new() };
        world.restore();
        let store = open(&world.data).await;
        for (number, operation) in operations.iter().enumerate() {
            world.add(&store, number, operation).await;
        }
        store.close().await;
        world
    }

    /// Puts files back that an allowed request has changed or removed.
    pub(super) fn restore(&self) {
        for bot in bots() {
            bot.write(&self.data.path().join("bots"));
        }
        let workspaces = json!([
            { "id": "own", "name": "Own", "bots": ["own-bot"] },
            { "id": "foreign", "name": "Foreign", "bots": ["foreign-bot"] },
        ]);
        let file = self.data.path().join("global/workspaces.json");
        let written = file.with_extension("new");
        std::fs::write(&written, workspaces.to_string()).unwrap();
        std::fs::rename(written, file).unwrap();
    }

    async fn add(&mut self, store: &Store, number: usize, operation: &Operation) {
        let mut accounts = Vec::new();
        let mut members = Vec::new();
        for person in PEOPLE {
            let email = email(&person, number);
            accounts.push(account(&email, person.super_admin));
            let roles = [("own", person.role), ("foreign", person.foreign_role)];
            let roles = roles.into_iter().filter_map(|(workspace, role)| Some((workspace, role?)));
            members.extend(roles.map(|(workspace, role)| member(&email, workspace, role)));
        }
        for workspace in ["own", "foreign"] {
            let email = colleague(workspace, number);
            accounts.push(account(&email, false));
            members.push(member(&email, workspace, "dev"));
        }
        accounts.push(account(&gone(number), true));
        // Whose token has ended.
        accounts.push(Account { token_version: 2, ..account(&revoked(number), true) });
        let made = accounts.into_iter().map(|account| store.create_account(account, false));
        for made in join_all(made).await {
            made.unwrap();
        }
        let made = members.into_iter().map(|member| store.set_membership(member));
        join_all(made).await.into_iter().for_each(|made| assert!(made.unwrap()));
        let (rows, texts): (Vec<_>, Vec<_>) =
            KEYS.iter().map(|key| api_key(key, number, operation)).unzip();
        let made = rows.into_iter().map(|key| store.create_api_key(key));
        join_all(made).await.into_iter().for_each(|made| assert!(made.unwrap()));
        for key in KEYS.iter().filter(|key| key.state == KeyState::Revoked) {
            assert!(store.revoke_api_key(&key_id(key.name, number), 1).await.unwrap());
        }
        assert!(store.delete_account(&gone(number), "default").await.unwrap());
        self.keys.push(texts);
    }

    /// What a caller of this operation presents.
    pub(super) fn authorization(&self, who: &Who, number: usize) -> Option<String> {
        let token = match who {
            Who::Worthless(Worthless::Nothing) => return None,
            Who::Worthless(worthless) => worthless_token(*worthless, number),
            Who::Person(person) => token::of(&token::claims(&email(person, number))),
            Who::Key(key) => {
                let at = KEYS.iter().position(|one| one.name == key.name).unwrap();
                self.keys[number][at].clone()
            }
        };
        Some(format!("Bearer {token}"))
    }
}

fn bots() -> [BotFiles; 2] {
    ["own-bot", "foreign-bot"].map(counting_bot)
}

/// The database of a data directory; no server may run on it meanwhile.
pub(super) async fn open(data: &DataDir) -> Store {
    let storage: PathBuf = data.path().join("storage");
    std::fs::create_dir_all(&storage).unwrap();
    let database = Database::File(storage.join("parlance.sqlite"));
    Store::open(&database, &StoreOptions::default()).await.unwrap()
}

fn worthless_token(worthless: Worthless, number: usize) -> String {
    let owner = PEOPLE.iter().find(|person| person.super_admin).unwrap();
    let with = |field: &str, value: Value| {
        let mut claims = token::claims(&email(owner, number));
        claims[field] = value;
        token::of(&claims)
    };
    match worthless {
        Worthless::Nothing => String::new(),
        Worthless::ChatUser => with("aud", json!("chat_users")),
        Worthless::Expired => with("exp", json!(token::now() - 1)),
        Worthless::Revoked => token::of(&token::claims(&revoked(number))),
        Worthless::NoAccount => token::of(&token::claims("nobody@example.com")),
        Worthless::InventedKey => KeyText::generate().unwrap().expose().to_owned(),
        Worthless::Rubbish => "letmein".to_owned(),
    }
}

fn email(person: &Person, number: usize) -> String {
    format!("{}.{number}@example.com", person.name)
}

fn revoked(number: usize) -> String {
    format!("revoked.{number}@example.com")
}

/// Whose account was removed.
fn gone(number: usize) -> String {
    format!("gone.{number}@example.com")
}

/// A member of a workspace whom requests are about.
pub(super) fn colleague(workspace: &str, number: usize) -> String {
    format!("colleague.{workspace}.{number}@example.com")
}

/// Id of a key.
pub(super) fn key_id(name: &str, number: usize) -> String {
    format!("{name}-{number}")
}

/// An account that cannot log in, since no password has this hash.
pub(super) fn account(email: &str, super_admin: bool) -> Account {
    Account {
        email: email.to_owned(),
        strategy: "default".to_owned(),
        password: "none".to_owned(),
        super_admin,
        attributes: Json::from(&json!({})),
        token_version: 1,
        failures: 0,
        last_failure_on: None,
        locked_until: None,
        password_changed_on: token::now() * 1000,
        password_expired: false,
        last_login_on: None,
        created_on: 0,
    }
}

fn member(email: &str, workspace: &str, role: &str) -> Membership {
    Membership {
        email: email.to_owned(),
        strategy: "default".to_owned(),
        workspace: workspace.to_owned(),
        role: role.to_owned(),
        created_on: 0,
    }
}

fn api_key(key: &Key, number: usize, operation: &Operation) -> (ApiKey, String) {
    let text = KeyText::generate().unwrap().expose().to_owned();
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let hash = hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let owner = match key.state {
        KeyState::Orphaned => gone(number),
        _ => email(&key.owner, number),
    };
    let row = ApiKey {
        id: key_id(key.name, number),
        hash,
        prefix: text[..12].to_owned(),
        name: key.name.to_owned(),
        email: owner,
        strategy: "default".to_owned(),
        scopes: vec![scope(key.scope, operation)],
        bots: key.bot.map(|bot| vec![bot.to_owned()]),
        workspace: key.workspace.map(str::to_owned),
        created_on: 0,
        expires_on: (key.state == KeyState::Expired).then_some(1000),
        last_used_on: None,
        revoked_on: None,
        rate_limit: None,
    };
    (row, text)
}

fn scope(scope: Scope, operation: &Operation) -> String {
    // Open operations ask for nothing, so that any right will do.
    let (resource, letter) = operation.right.clone().unwrap_or(("bot.content".to_owned(), 'r'));
    let other = if letter == 'r' { 'w' } else { 'r' };
    match scope {
        Scope::Exact => format!("{resource}:{letter}"),
        Scope::OtherOperation => format!("{resource}:{other}"),
        Scope::OtherResource => format!("{resource}-not.*:rw"),
        Scope::All => "*:rw".to_owned(),
    }
}
