//! Who may what, and profiles.

use super::*;
use crate::auth::permission::{Operation, WorkspaceRoles};
use crate::workspaces::Workspace;

fn roles(workspace: &str) -> WorkspaceRoles {
    WorkspaceRoles::of(&Workspace { id: workspace.to_owned(), ..Workspace::default() })
}

fn wanted(resource: &str, operation: Operation) -> Wanted<'_> {
    Wanted { resource, operation, bot: Some("welcome-bot") }
}

fn words(found: Result<(), Denied>) -> String {
    found.map_or_else(|error| error.to_string(), |()| "allowed".to_owned())
}

async fn permit(stage: &Stage, caller: &Caller, resource: &str, operation: Operation) -> String {
    words(stage.auth.permit(caller, &roles("default"), &wanted(resource, operation)).await)
}

#[tokio::test]
async fn members_may_what_their_role_says() {
    use Operation::{Read, Write};
    let stage = Stage::new(json!({})).await;
    let stage = stage.with_member("dev@example.com", "dev").await;
    let stage = stage.with_member("editor@example.com", "editor").await;
    let stage = stage.with_member("lost@example.com", "gone").await;
    let lacking = |operation, resource| {
        format!(
            "user does not have sufficient permissions to \"{operation}\" on resource \"{resource}\""
        )
    };
    for (email, resource, operation, expected) in [
        (EMAIL, "admin.collaborators", Write, "allowed".to_owned()),
        ("dev@example.com", "bot.flows", Write, "allowed".to_owned()),
        ("dev@example.com", "admin.collaborators", Read, lacking("read", "admin.collaborators")),
        ("editor@example.com", "bot.content", Write, "allowed".to_owned()),
        ("editor@example.com", "bot.flows", Write, lacking("write", "bot.flows")),
        ("lost@example.com", "bot.flows", Read, lacking("read", "bot.flows")),
    ] {
        let caller = stage.caller(email).await;
        assert_eq!(permit(&stage, &caller, resource, operation).await, expected, "{email}");
    }
    let found = permit(&stage, &Caller::Anonymous, "bot.flows", Read).await;
    assert_eq!(found, "Authorization header is missing");
    let dev = stage.caller("dev@example.com").await;
    let elsewhere = stage.auth.permit(&dev, &roles("shop"), &wanted("bot.flows", Read)).await;
    let expected = "User \"dev@example.com\" doesn't have access to workspace \"shop\"";
    assert_eq!(words(elsewhere), expected);
}

#[tokio::test]
async fn a_right_that_is_taken_ends_at_once() {
    let stage = Stage::new(json!({})).await.with_member("dev@example.com", "dev").await;
    let dev = stage.caller("dev@example.com").await;
    assert_eq!(permit(&stage, &dev, "bot.flows", Operation::Write).await, "allowed");
    let removed = stage.store.remove_membership("dev@example.com", DEFAULT_STRATEGY, "default");
    assert!(removed.await.unwrap());
    let found = permit(&stage, &dev, "bot.flows", Operation::Write).await;
    assert!(found.contains("doesn't have access to workspace"), "{found}");
}

fn key(scope: &str) -> NewKey {
    NewKey {
        name: "key".to_owned(),
        scopes: vec![scope.to_owned()],
        bots: None,
        workspace: None,
        expires_on: None,
        rate_limit: None,
    }
}

/// Who calls with a new key of this account.
async fn by_key(stage: &Stage, email: &str, new: NewKey) -> Caller {
    let owner = stage.caller(email).await;
    let text = stage.auth.create_key(&owner, new).await.unwrap().text;
    stage.auth.authenticate(Presented::Bearer(text.expose())).await.unwrap()
}

#[tokio::test]
async fn a_key_may_never_more_than_its_owner_nor_than_its_scopes() {
    use Operation::{Read, Write};
    let stage = Stage::new(json!({})).await.with_member("editor@example.com", "editor").await;
    let editors = by_key(&stage, "editor@example.com", key("*:rw")).await;
    assert_eq!(permit(&stage, &editors, "bot.content", Write).await, "allowed");
    assert!(permit(&stage, &editors, "bot.flows", Write).await.contains("sufficient permissions"));
    let limited = NewKey {
        bots: Some(vec!["welcome-bot".to_owned()]),
        workspace: Some("default".to_owned()),
        ..key("bot.*:r")
    };
    let narrow = by_key(&stage, EMAIL, limited).await;
    for (resource, operation, bot, workspace, expected) in [
        ("bot.flows", Read, Some("welcome-bot"), "default", "allowed"),
        (
            "bot.flows",
            Write,
            Some("welcome-bot"),
            "default",
            "the API key has no scope to \"write\" on resource \"bot.flows\"",
        ),
        (
            "admin.logs",
            Read,
            Some("welcome-bot"),
            "default",
            "the API key has no scope to \"read\" on resource \"admin.logs\"",
        ),
        ("bot.flows", Read, Some("other"), "default", "the API key is not good for bot \"other\""),
        ("bot.flows", Read, None, "default", "the API key is not good for all bots"),
        (
            "bot.flows",
            Read,
            Some("welcome-bot"),
            "shop",
            "the API key is not good for workspace \"shop\"",
        ),
    ] {
        let wanted = Wanted { resource, operation, bot };
        let found = stage.auth.permit(&narrow, &roles(workspace), &wanted).await;
        assert_eq!(words(found), expected);
    }
    let server = wanted("bot.flows", Read);
    let found = words(stage.auth.permit_super_admin(&narrow, &server));
    assert_eq!(found, "the API key is not good for the whole server");
    let all = by_key(&stage, EMAIL, key("*:rw")).await;
    assert_eq!(words(stage.auth.permit_super_admin(&all, &server)), "allowed");
    let found = words(stage.auth.permit_super_admin(&editors, &server));
    assert_eq!(found, "User needs to be super admin to perform this action");
    stage.store.delete_account("editor@example.com", DEFAULT_STRATEGY).await.unwrap();
    let found = permit(&stage, &editors, "bot.content", Read).await;
    assert!(found.contains("doesn't have access"), "{found}");
}

#[tokio::test]
async fn what_every_account_may_a_key_needs_a_scope_for() {
    let stage = Stage::new(json!({})).await.with_member("lost@example.com", "gone").await;
    let lost = stage.caller("lost@example.com").await;
    let converse = wanted("bot.converse", Operation::Write);
    let ask = |caller: &Caller| {
        words(stage.auth.permit_authenticated(caller, Some("default"), &converse))
    };
    assert_eq!(ask(&lost), "allowed");
    assert_eq!(ask(&Caller::Anonymous), "Authorization header is missing");
    let key = by_key(&stage, "lost@example.com", key("bot.logs:r")).await;
    assert!(ask(&key).contains("no scope to \"write\" on resource \"bot.converse\""));
}

#[tokio::test]
async fn a_profile_has_names_and_a_picture() {
    let stage = Stage::new(json!({})).await;
    let id = AccountId::of_email(EMAIL);
    let profile = stage.auth.profile(&id).await.unwrap().unwrap();
    assert_eq!((profile.full_name.as_str(), profile.super_admin), ("", true));
    let change = ProfileChange {
        firstname: Some("Ada ".to_owned()),
        lastname: Some("Lovelace".to_owned()),
        picture_url: Some("https://example.com/ada.png".to_owned()),
    };
    let changed = stage.auth.change_profile(&id, change).await.unwrap();
    assert_eq!(changed.full_name, "Ada Lovelace");
    let only = ProfileChange { lastname: Some(String::new()), ..ProfileChange::default() };
    stage.auth.change_profile(&id, only).await.unwrap();
    let profile = stage.auth.profile(&id).await.unwrap().unwrap();
    assert_eq!((profile.full_name.as_str(), profile.lastname), ("Ada", None));
    assert_eq!(profile.picture_url.as_deref(), Some("https://example.com/ada.png"));
    let url =
        |url: &str| ProfileChange { picture_url: Some(url.to_owned()), ..ProfileChange::default() };
    for change in [
        ProfileChange { firstname: Some("x".repeat(36)), ..ProfileChange::default() },
        url("javascript:alert(1)"),
        url(&format!("https://{}", "x".repeat(3000))),
    ] {
        assert!(stage.auth.change_profile(&id, change).await.is_err());
    }
    let nobody = AccountId::of_email("nobody@example.com");
    assert_eq!(stage.auth.profile(&nobody).await.unwrap(), None);
}
