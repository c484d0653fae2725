//! Accounts, memberships, keys and settings.

use std::sync::Arc;

use parlance_store::{
    Account, AccountChange, ApiKey, CommitError, Created, FailureChange, KEY_USE_MS, Lock,
    Membership, Store,
};
use serde_json::json;

use crate::engines::{MINUTE, NOW, TestDb, contract, json};

pub(crate) fn account(email: &str) -> Account {
    Account {
        email: email.to_owned(),
        strategy: "default".to_owned(),
        password: "$argon2id$hash".to_owned(),
        super_admin: false,
        attributes: json(&json!({"firstname": "Ann"})),
        token_version: 1,
        failures: 0,
        last_failure_on: None,
        locked_until: None,
        password_changed_on: NOW,
        password_expired: false,
        last_login_on: None,
        created_on: NOW,
    }
}

fn key(id: &str, email: &str) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        hash: format!("hash of {id}"),
        prefix: format!("bpk_{id}"),
        name: "nightly report".to_owned(),
        email: email.to_owned(),
        strategy: "default".to_owned(),
        scopes: vec!["bot.content:r".to_owned(), "bot.logs:rw".to_owned()],
        bots: None,
        workspace: None,
        created_on: NOW,
        expires_on: None,
        last_used_on: None,
        revoked_on: None,
        rate_limit: None,
    }
}

fn member(email: &str, workspace: &str, role: &str) -> Membership {
    Membership {
        email: email.to_owned(),
        strategy: "default".to_owned(),
        workspace: workspace.to_owned(),
        role: role.to_owned(),
        created_on: NOW,
    }
}

async fn add(store: &Store, email: &str) -> Account {
    let account = account(email);
    assert_eq!(store.create_account(account.clone(), false).await, Ok(Created::Created));
    account
}

async fn read(store: &Store, email: &str) -> Account {
    store.account(email, "default").await.unwrap().unwrap()
}

contract! {
    async fn an_account_is_kept_whole(db: TestDb) {
        let store = db.open().await;
        assert!(!store.has_accounts().await.unwrap());
        assert_eq!(store.account("a@b.c", "default").await.unwrap(), None);
        let full = Account {
            super_admin: true,
            failures: 2,
            last_failure_on: Some(NOW + 1),
            locked_until: Some(i64::MAX),
            password_expired: true,
            last_login_on: Some(NOW + 2),
            ..account("a@b.c")
        };
        assert_eq!(store.create_account(full.clone(), true).await, Ok(Created::Created));
        store.close().await;
        let store = db.open().await;
        assert!(store.has_accounts().await.unwrap());
        assert_eq!(read(&store, "a@b.c").await, full);
        assert_eq!(store.account("a@b.c", "saml").await.unwrap(), None);
    }

    async fn of_two_first_accounts_one_is_the_first(db: TestDb) {
        let store = Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                store.create_account(account(&format!("{n}@b.c")), true).await.unwrap()
            });
        }
        let mut first = 0;
        while let Some(ended) = tasks.join_next().await {
            match ended.unwrap() {
                Created::Created => first += 1,
                other => assert_eq!(other, Created::NotFirst),
            }
        }
        assert_eq!(first, 1);
        assert_eq!(store.accounts(None, 100).await.unwrap().len(), 1);
    }

    async fn an_account_is_never_replaced_by_a_new_one(db: TestDb) {
        let store = db.open().await;
        let first = add(&store, "a@b.c").await;
        let second = Account { password: "another".to_owned(), ..first.clone() };
        assert_eq!(store.create_account(second.clone(), false).await, Ok(Created::Exists));
        assert_eq!(store.create_account(second, true).await, Ok(Created::NotFirst));
        assert_eq!(read(&store, "a@b.c").await, first);
    }

    async fn accounts_come_in_pages(db: TestDb) {
        let store = db.open().await;
        for n in 0..5 {
            add(&store, &format!("{n}@b.c")).await;
        }
        let saml = Account { strategy: "saml".to_owned(), ..account("1@b.c") };
        store.create_account(saml, false).await.unwrap();
        let mut found = Vec::new();
        let mut after: Option<(String, String)> = None;
        loop {
            let cursor = after.as_ref().map(|(email, strategy)| (&**email, &**strategy));
            let page = store.accounts(cursor, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.email.clone(), last.strategy.clone()));
            found.extend(page.into_iter().map(|account| account.email));
        }
        assert_eq!(found, ["0@b.c", "1@b.c", "1@b.c", "2@b.c", "3@b.c", "4@b.c"]);
        assert!(store.accounts(None, -1).await.unwrap().is_empty());
    }

    async fn a_change_touches_only_what_it_names(db: TestDb) {
        let store = db.open().await;
        let before = add(&store, "a@b.c").await;
        add(&store, "other@b.c").await;
        let change = |change| store.change_account("a@b.c", "default", change);
        assert_eq!(change(AccountChange::default()).await, Ok(true));
        assert_eq!(read(&store, "a@b.c").await, before);
        let all = AccountChange {
            password: Some("new".to_owned()),
            password_changed_on: Some(NOW + 1),
            password_expired: Some(true),
            super_admin: Some(true),
            attributes: Some(json(&json!({}))),
            last_login_on: Some(NOW + 2),
            failures: None,
            bump_token_version: true,
        };
        assert_eq!(change(all).await, Ok(true));
        let expected = Account {
            password: "new".to_owned(),
            password_changed_on: NOW + 1,
            password_expired: true,
            super_admin: true,
            attributes: json(&json!({})),
            last_login_on: Some(NOW + 2),
            token_version: 2,
            ..before
        };
        assert_eq!(read(&store, "a@b.c").await, expected);
        assert_eq!(read(&store, "other@b.c").await, account("other@b.c"));
        let nobody = store.change_account("x@b.c", "default", AccountChange::default());
        assert_eq!(nobody.await, Ok(false));
    }

    async fn failures_that_come_at_once_all_count(db: TestDb) {
        let store = Arc::new(db.open().await);
        add(&store, "a@b.c").await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let failures = Some(FailureChange::Count { on: NOW + 1, lock: None });
                let change =
                    AccountChange { failures, bump_token_version: true, ..AccountChange::default() };
                store.change_account("a@b.c", "default", change).await.unwrap()
            });
        }
        while let Some(ended) = tasks.join_next().await {
            assert!(ended.unwrap());
        }
        let account = read(&store, "a@b.c").await;
        assert_eq!((account.failures, account.token_version), (20, 21));
        assert_eq!((account.last_failure_on, account.locked_until), (Some(NOW + 1), None));
    }

    async fn too_many_failures_lock_until_a_right_one(db: TestDb) {
        let store = db.open().await;
        add(&store, "a@b.c").await;
        let change = async |failures| {
            let change = AccountChange { failures: Some(failures), ..AccountChange::default() };
            store.change_account("a@b.c", "default", change).await.unwrap();
            read(&store, "a@b.c").await
        };
        let fail = |on| FailureChange::Count { on, lock: Some(Lock { allowed: 2, until: on + MINUTE }) };
        for on in [NOW, NOW + 1] {
            assert_eq!(change(fail(on)).await.locked_until, None);
        }
        assert_eq!(change(fail(NOW + 2)).await.locked_until, Some(NOW + 2 + MINUTE));
        // The count stays after the lock has ended, so the next one locks again.
        let later = NOW + 2 * MINUTE;
        assert_eq!(change(fail(later)).await.locked_until, Some(later + MINUTE));
        let clear = change(FailureChange::Clear).await;
        assert_eq!((clear.failures, clear.last_failure_on, clear.locked_until), (0, None, None));
    }

    async fn an_account_goes_with_its_memberships_and_keys(db: TestDb) {
        let store = db.open().await;
        for email in ["a@b.c", "other@b.c"] {
            add(&store, email).await;
            assert_eq!(store.set_membership(member(email, "default", "dev")).await, Ok(true));
            assert_eq!(store.create_api_key(key(email, email)).await, Ok(true));
        }
        assert_eq!(store.delete_account("a@b.c", "default").await, Ok(true));
        assert_eq!(store.delete_account("a@b.c", "default").await, Ok(false));
        assert_eq!(store.members_of("default").await.unwrap().len(), 1);
        assert_eq!(store.api_keys(None, 100).await.unwrap().len(), 1);
        // Nothing is left for a namesake, and nothing comes when it is gone.
        assert_eq!(store.set_membership(member("a@b.c", "default", "dev")).await, Ok(false));
        assert_eq!(store.create_api_key(key("late", "a@b.c")).await, Ok(false));
        add(&store, "a@b.c").await;
        assert!(store.memberships_of("a@b.c", "default").await.unwrap().is_empty());
        assert!(store.api_keys_of("a@b.c", "default").await.unwrap().is_empty());
    }

    async fn a_member_has_one_role_in_a_workspace(db: TestDb) {
        let store = db.open().await;
        for email in ["a@b.c", "b@b.c"] {
            add(&store, email).await;
        }
        for (email, workspace, role) in [
            ("b@b.c", "w1", "dev"),
            ("a@b.c", "w2", "admin"),
            ("a@b.c", "w1", "dev"),
            ("a@b.c", "w1", "editor"),
        ] {
            store.set_membership(member(email, workspace, role)).await.unwrap();
        }
        let (one, two) = (member("a@b.c", "w1", "editor"), member("a@b.c", "w2", "admin"));
        let of = async || store.memberships_of("a@b.c", "default").await.unwrap();
        assert_eq!(of().await, [one.clone(), two.clone()]);
        assert_eq!(store.members_of("w1").await.unwrap(), [one, member("b@b.c", "w1", "dev")]);
        assert!(store.memberships_of("a@b.c", "saml").await.unwrap().is_empty());
        assert_eq!(store.remove_membership("a@b.c", "default", "w2").await, Ok(true));
        assert_eq!(store.remove_membership("a@b.c", "default", "w2").await, Ok(false));
        assert_eq!(store.remove_workspace_members("w1").await, Ok(2));
        assert!(of().await.is_empty());
    }

    async fn a_key_is_found_by_its_hash(db: TestDb) {
        let store = db.open().await;
        add(&store, "a@b.c").await;
        let full = ApiKey {
            bots: Some(vec!["welcome-bot".to_owned(), "é\"".to_owned()]),
            workspace: Some("default".to_owned()),
            expires_on: Some(NOW + 1),
            last_used_on: Some(NOW + 2),
            revoked_on: Some(NOW + 3),
            rate_limit: Some(60),
            ..key("k1", "a@b.c")
        };
        let bare = ApiKey { scopes: vec![], bots: Some(vec![]), ..key("k2", "a@b.c") };
        for key in [&full, &bare] {
            assert_eq!(store.create_api_key(key.clone()).await, Ok(true));
            assert_eq!(store.api_key_by_hash(&key.hash).await.unwrap().as_ref(), Some(key));
        }
        assert_eq!(store.api_key_by_hash("hash").await.unwrap(), None);
        let twice = ApiKey { id: "k3".to_owned(), ..full.clone() };
        assert!(matches!(store.create_api_key(twice).await, Err(CommitError::Refused(_))));
        assert_eq!(store.api_keys_of("a@b.c", "default").await.unwrap(), [full, bare.clone()]);
        assert_eq!(store.api_keys(Some("k1"), 10).await.unwrap(), [bare]);
    }

    async fn a_key_is_taken_back_once(db: TestDb) {
        let store = db.open().await;
        add(&store, "a@b.c").await;
        store.create_api_key(key("k1", "a@b.c")).await.unwrap();
        let revoked = async || store.api_key_by_hash("hash of k1").await.unwrap().unwrap().revoked_on;
        assert_eq!(revoked().await, None);
        assert_eq!(store.revoke_api_key("k1", NOW).await, Ok(true));
        assert_eq!(store.revoke_api_key("k1", NOW + 1).await, Ok(false));
        assert_eq!(store.revoke_api_key("k2", NOW).await, Ok(false));
        assert_eq!(revoked().await, Some(NOW));
    }

    async fn the_last_use_of_a_key_is_known_to_the_minute(db: TestDb) {
        let store = db.open().await;
        add(&store, "a@b.c").await;
        store.create_api_key(key("k1", "a@b.c")).await.unwrap();
        let read = async || store.api_key_by_hash("hash of k1").await.unwrap().unwrap();
        assert!(read().await.is_touch_due(NOW));
        store.touch_api_key("k1", NOW).await.unwrap();
        // A request that was slower to tell.
        store.touch_api_key("k1", NOW - 5).await.unwrap();
        let used = read().await;
        assert_eq!(used.last_used_on, Some(NOW));
        assert!(!used.is_touch_due(NOW + KEY_USE_MS - 1));
        assert!(used.is_touch_due(NOW + KEY_USE_MS));
    }

    async fn a_setting_is_set_once(db: TestDb) {
        let store = Arc::new(db.open().await);
        assert_eq!(store.setting("secret").await.unwrap(), None);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..10 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                store.set_setting_if_absent("secret", &format!("value {n}")).await.unwrap()
            });
        }
        let mut stands = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            stands.push(ended.unwrap());
        }
        stands.dedup();
        assert_eq!(stands.len(), 1, "all have the same");
        store.close().await;
        let store = db.open().await;
        assert_eq!(store.set_setting_if_absent("secret", "late").await, Ok(stands[0].clone()));
        assert_eq!(store.setting("secret").await.unwrap().as_ref(), stands.first());
    }
}
