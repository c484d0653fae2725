//! Accounts: invited, given a new password, deleted.

use super::*;

#[tokio::test]
async fn an_invited_account_has_its_role_at_once_and_a_password_for_once() {
    let stage = Stage::new().await;
    let admin = stage.account("admin", false, &["one/admin"]).await;
    let password = stage.team().invite(&admin, "one", &id("new"), "dev").await.unwrap();
    assert_eq!(password.len(), 15);
    assert_eq!(stage.role("new", "one").await.as_deref(), Some("dev"));
    let account = stage.services.store.account("new@example.org", "default").await.unwrap();
    assert!(account.unwrap().password_expired);
    let again = stage.team().invite(&admin, "one", &id("new"), "dev").await;
    assert!(matches!(again, Err(TeamError::Taken(_))));
    let saml = AccountId { strategy: "saml".to_owned(), ..id("other") };
    let other = stage.team().invite(&admin, "one", &saml, "dev").await;
    assert!(matches!(other, Err(TeamError::NoStrategy(_))));
}

#[tokio::test]
async fn nobody_gets_at_an_account_that_has_more() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &["one/reader"]).await;
    let admin = stage.account("admin", false, &["one/admin"]).await;
    let people = stage.account("people", false, &["one/people"]).await;
    stage.account("dev", false, &["one/dev"]).await;
    stage.account("reader", false, &["one/reader"]).await;
    stage.account("both", false, &["one/reader", "two/reader"]).await;
    stage.account("outside", false, &[]).await;
    let everybody = ["root", "admin", "people", "dev", "reader", "both", "outside"];
    for (caller, may) in [
        (&root, &everybody[..]),
        (&admin, &["admin", "people", "dev", "reader"]),
        (&people, &["people", "reader"]),
        (&key_of(&admin, &["admin.collaborators.*:rw", "bot.*:r"]), &["reader"]),
        (&key_of(&root, &["admin.collaborators.*:rw", "bot.*:r"]), &["reader"]),
        (&key_of(&root, &["*:rw"]), &everybody),
    ] {
        for name in everybody {
            let done = stage.team().reset(caller, "one", &id(name)).await;
            assert_eq!(done.is_ok(), may.contains(&name), "{caller} resets {name}: {done:?}");
        }
    }
}

#[tokio::test]
async fn the_last_who_may_do_everything_is_not_deleted() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    let second = stage.account("second", true, &[]).await;
    stage.account("admin", false, &["one/admin"]).await;
    let team = stage.team();
    let oneself = team.delete_account(&root, &id("root")).await;
    assert!(matches!(oneself, Err(TeamError::Oneself)));
    let last = team.delete_account(&root, &id("admin")).await;
    assert!(matches!(last, Err(TeamError::LastAdmin { .. })));
    team.delete_account(&root, &id("second")).await.unwrap();
    // With a session that outlived its account.
    let last = team.delete_account(&second, &id("root")).await;
    assert!(matches!(last, Err(TeamError::LastSuperAdmin(_))));
    let unknown = team.delete_account(&root, &id("second")).await;
    assert!(matches!(unknown, Err(TeamError::NoAccount(_))));
    stage.account("other", false, &["one/admin"]).await;
    team.delete_account(&root, &id("admin")).await.unwrap();
    assert_eq!(stage.role("admin", "one").await, None);
}
