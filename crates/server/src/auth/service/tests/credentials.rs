//! Tokens, cookies and keys: what is accepted, and until when.

use super::*;
use crate::auth::key::KeyText;

fn key(scopes: &[&str]) -> NewKey {
    NewKey {
        name: "for tests".to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        bots: None,
        workspace: None,
        expires_on: None,
        rate_limit: None,
    }
}

async fn rejection(stage: &Stage, text: &str, csrf: Option<&str>) -> Rejected {
    match stage.auth.authenticate(text, csrf).await {
        Err(AuthError::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_logout_ends_all_sessions_of_the_account() {
    let stage = Stage::new(json!({})).await.with_member("dev@example.com", "dev").await;
    let (one, two) =
        (stage.login(EMAIL, PASSWORD).await.unwrap(), stage.login(EMAIL, PASSWORD).await.unwrap());
    let other = stage.login("dev@example.com", PASSWORD).await.unwrap();
    let caller = stage.auth.authenticate(&one.token, None).await.unwrap();
    stage.auth.logout(&caller).await.unwrap();
    for token in [&one.token, &two.token] {
        assert_eq!(rejection(&stage, token, None).await, Rejected::Revoked);
    }
    assert!(stage.is_accepted(&other.token).await);
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_token_of_a_deleted_account_is_refused() {
    let stage = Stage::new(json!({})).await;
    let session = stage.login(EMAIL, PASSWORD).await.unwrap();
    stage.store.delete_account(EMAIL, DEFAULT_STRATEGY).await.unwrap();
    assert_eq!(rejection(&stage, &session.token, None).await, Rejected::NoAccount);
}

#[tokio::test]
async fn what_a_token_says_of_super_admins_is_not_believed() {
    let secret = "0123456789012345678901234567890123456789";
    let stage = Stage::new(json!({"appSecret": secret})).await;
    let stage = stage.with_member("dev@example.com", "dev").await;
    let tokens = LoginTokens::new(secret.as_bytes(), std::time::Duration::from_hours(1));
    let mut subject = Subject {
        email: "dev@example.com",
        strategy: DEFAULT_STRATEGY,
        token_version: 1,
        super_admin: true,
        csrf: None,
    };
    let now = stage.clock.load(Ordering::Relaxed);
    let token = tokens.issue(&subject, Audience::Collaborators, now);
    let caller = stage.auth.authenticate(&token, None).await.unwrap();
    assert!(!caller.is_super_admin());
    subject.email = "аdmin@example.com"; // Its first letter is Cyrillic.
    let token = tokens.issue(&subject, Audience::Collaborators, now);
    assert_eq!(rejection(&stage, &token, None).await, Rejected::NoAccount);
}

#[tokio::test]
async fn super_admins_can_be_named_in_the_configuration() {
    let stage = Stage::new(json!({"superAdmins": ["Dev@example.com"]})).await;
    let stage = stage.with_member("dev@example.com", "editor").await;
    assert!(stage.caller("dev@example.com").await.is_super_admin());
}

#[tokio::test]
async fn the_secret_that_the_server_made_stays() {
    let stage = Stage::new(json!({})).await;
    let session = stage.login(EMAIL, PASSWORD).await.unwrap();
    let again = open(&stage.store, stage.auth.config.clone(), &stage.clock).await;
    assert!(again.authenticate(&session.token, None).await.is_ok());
    let other = Stage::new(json!({})).await;
    assert!(!other.is_accepted(&session.token).await, "another server has another");
}

#[tokio::test]
async fn a_cookie_needs_its_csrf_token() {
    let stage = Stage::new(json!({"jwtToken": {"useCookieStorage": true}})).await;
    let session = stage.login(EMAIL, PASSWORD).await.unwrap();
    let other = stage.login(EMAIL, PASSWORD).await.unwrap();
    let (token, csrf) = (session.token.as_str(), session.csrf.as_deref().unwrap());
    assert!(stage.auth.authenticate(token, Some(csrf)).await.is_ok());
    for csrf in ["", other.csrf.as_deref().unwrap()] {
        assert_eq!(rejection(&stage, token, Some(csrf)).await, Rejected::Csrf, "{csrf:?}");
    }
    let plain = Stage::new(json!({})).await;
    let token = plain.login(EMAIL, PASSWORD).await.unwrap().token;
    assert_eq!(rejection(&plain, &token, Some("")).await, Rejected::Csrf, "it has none");
}

#[tokio::test]
async fn a_refresh_gives_a_new_token_where_it_may() {
    for allowed in [true, false] {
        let stage = Stage::new(json!({"jwtToken": {"allowRefresh": allowed}})).await;
        let caller = stage.caller(EMAIL).await;
        stage.pass(59 * MINUTE);
        match stage.auth.refresh(&caller).await.unwrap() {
            Refreshed::New(session) => {
                stage.pass(59 * MINUTE);
                assert!(allowed && stage.is_accepted(&session.token).await);
            }
            Refreshed::Same => assert!(!allowed),
        }
    }
}

#[tokio::test]
async fn a_key_speaks_for_its_owner_until_it_is_revoked() {
    let stage = Stage::new(json!({})).await;
    let caller = stage.caller(EMAIL).await;
    let made = stage.auth.create_key(&caller, key(&["bot.*:r"])).await.unwrap();
    let text = made.text.expose();
    let by_key = stage.auth.authenticate(text, None).await.unwrap();
    assert_eq!(by_key.to_string(), format!("key:{}", made.key.id));
    assert_eq!(by_key.account(), caller.account());
    let listed = stage.auth.list_keys(caller.account().unwrap()).await.unwrap();
    assert_eq!(listed[0].last_used_on, Some(stage.clock.load(Ordering::Relaxed)));
    assert!(!format!("{listed:?}").contains(text), "no usable key is stored");
    stage.auth.logout(&by_key).await.unwrap();
    assert!(stage.is_accepted(text).await, "a key ends no sessions");
    stage.auth.revoke_key(&caller, &made.key.id).await.unwrap();
    assert_eq!(rejection(&stage, text, None).await, Rejected::KeyRevoked);
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let stage = Stage::new(json!({})).await;
    let caller = stage.caller(EMAIL).await;
    let soon = Some(stage.clock.load(Ordering::Relaxed) + MINUTE);
    let new = NewKey { expires_on: soon, ..key(&["*:rw"]) };
    let made = stage.auth.create_key(&caller, new).await.unwrap();
    let text = made.text.expose();
    assert!(stage.is_accepted(text).await);
    assert_eq!(rejection(&stage, &text[..52], None).await, Rejected::KeyForm);
    let strange = KeyText::generate().unwrap();
    let found = rejection(&stage, strange.expose(), None).await;
    assert_eq!(found, Rejected::NoKey);
    stage.pass(MINUTE);
    assert_eq!(rejection(&stage, text, None).await, Rejected::KeyExpired);
}

#[tokio::test]
async fn only_people_make_keys_and_only_sound_ones() {
    let stage = Stage::new(json!({})).await.with_member("dev@example.com", "dev").await;
    let admin = stage.caller(EMAIL).await;
    let made = stage.auth.create_key(&admin, key(&["*:rw"])).await.unwrap();
    let by_key = stage.auth.authenticate(made.text.expose(), None).await.unwrap();
    for caller in [&by_key, &Caller::Anonymous] {
        let found = stage.auth.create_key(caller, key(&["*:rw"])).await;
        assert!(matches!(found, Err(KeyError::NotAPerson)), "{found:?}");
        let found = stage.auth.revoke_key(caller, &made.key.id).await;
        assert!(matches!(found, Err(KeyError::NotAPerson)), "{found:?}");
    }
    for (new, part) in [
        (key(&[]), "from 1 to 50 scopes"),
        (key(&["bot"]), "is not understood"),
        (NewKey { name: " ".to_owned(), ..key(&["*:r"]) }, "name: "),
        (NewKey { bots: Some(vec![]), ..key(&["*:r"]) }, "bots: "),
        (NewKey { workspace: Some(String::new()), ..key(&["*:r"]) }, "workspace: "),
        (NewKey { expires_on: Some(0), ..key(&["*:r"]) }, "expiresOn: "),
        (NewKey { rate_limit: Some(0), ..key(&["*:r"]) }, "rateLimit: "),
    ] {
        let found = stage.auth.create_key(&admin, new).await.unwrap_err().to_string();
        assert!(found.contains(part), "{found}");
    }
    let dev = stage.caller("dev@example.com").await;
    let found = stage.auth.revoke_key(&dev, &made.key.id).await;
    assert!(matches!(found, Err(KeyError::Unknown)), "not the own one: {found:?}");
    let own = stage.auth.create_key(&dev, key(&["bot.*:r"])).await.unwrap();
    assert!(stage.auth.revoke_key(&admin, &own.key.id).await.is_ok());
    assert!(stage.auth.revoke_key(&admin, "none").await.is_err());
}
