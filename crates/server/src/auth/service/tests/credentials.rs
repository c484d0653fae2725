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

async fn rejection(stage: &Stage, presented: Presented<'_>) -> Rejected {
    match stage.auth.authenticate(presented).await {
        Err(AuthError::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_header_speaks_v12s_words() {
    for (header, expected) in [
        (None, Err("Authorization header is missing")),
        (Some(""), Err("Authorization header is missing")),
        (Some("Basic abc"), Err("Unknown scheme \"Basic\"")),
        (Some("abc"), Err("Unknown scheme \"abc\"")),
        (Some("Bearer"), Err("Authentication token is missing")),
        (Some("bearer   "), Err("Authentication token is missing")),
        (Some("bEaReR  abc"), Ok("abc")),
        (Some("Bearer a b"), Ok("a b")),
    ] {
        let found = bearer(header).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(ToOwned::to_owned), "{header:?}");
    }
}

#[tokio::test]
async fn a_logout_ends_all_sessions_of_the_account() {
    let stage = Stage::new(json!({})).await.with_member("dev@example.com", "dev").await;
    let (one, two) =
        (stage.login(EMAIL, PASSWORD).await.unwrap(), stage.login(EMAIL, PASSWORD).await.unwrap());
    let other = stage.login("dev@example.com", PASSWORD).await.unwrap();
    let caller = stage.auth.authenticate(Presented::Bearer(&one.token)).await.unwrap();
    stage.auth.logout(&caller).await.unwrap();
    for token in [&one.token, &two.token] {
        assert_eq!(rejection(&stage, Presented::Bearer(token)).await, Rejected::Revoked);
    }
    assert!(stage.is_accepted(&other.token).await);
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_token_of_a_deleted_account_is_refused() {
    let stage = Stage::new(json!({})).await;
    let session = stage.login(EMAIL, PASSWORD).await.unwrap();
    stage.store.delete_account(EMAIL, DEFAULT_STRATEGY).await.unwrap();
    assert_eq!(rejection(&stage, Presented::Bearer(&session.token)).await, Rejected::NoAccount);
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
    let caller = stage.auth.authenticate(Presented::Bearer(&token)).await.unwrap();
    assert!(!caller.is_super_admin());
    subject.email = "аdmin@example.com"; // Its first letter is Cyrillic.
    let token = tokens.issue(&subject, Audience::Collaborators, now);
    assert_eq!(rejection(&stage, Presented::Bearer(&token)).await, Rejected::NoAccount);
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
    assert!(again.authenticate(Presented::Bearer(&session.token)).await.is_ok());
    let other = Stage::new(json!({})).await;
    assert!(!other.is_accepted(&session.token).await, "another server has another");
}

#[tokio::test]
async fn a_cookie_needs_its_csrf_token() {
    let stage = Stage::new(json!({"jwtToken": {"useCookieStorage": true}})).await;
    let session = stage.login(EMAIL, PASSWORD).await.unwrap();
    let other = stage.login(EMAIL, PASSWORD).await.unwrap();
    let token = session.token.as_str();
    let csrf = session.csrf.as_deref();
    assert!(stage.auth.authenticate(Presented::Cookie { token, csrf }).await.is_ok());
    for csrf in [None, Some(""), other.csrf.as_deref()] {
        let found = rejection(&stage, Presented::Cookie { token, csrf }).await;
        assert_eq!(found, Rejected::Csrf, "{csrf:?}");
    }
    let plain = Stage::new(json!({})).await;
    let token = plain.login(EMAIL, PASSWORD).await.unwrap().token;
    let presented = Presented::Cookie { token: &token, csrf: Some("") };
    assert_eq!(rejection(&plain, presented).await, Rejected::Csrf, "it has none");
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
    let by_key = stage.auth.authenticate(Presented::Bearer(text)).await.unwrap();
    assert_eq!(by_key.to_string(), format!("key:{}", made.key.id));
    assert_eq!(by_key.account(), caller.account());
    let listed = stage.auth.list_keys(caller.account().unwrap()).await.unwrap();
    assert_eq!(listed[0].last_used_on, Some(stage.clock.load(Ordering::Relaxed)));
    assert!(!format!("{listed:?}").contains(text), "no usable key is stored");
    stage.auth.logout(&by_key).await.unwrap();
    assert!(stage.is_accepted(text).await, "a key ends no sessions");
    stage.auth.revoke_key(&caller, &made.key.id).await.unwrap();
    assert_eq!(rejection(&stage, Presented::Bearer(text)).await, Rejected::KeyRevoked);
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
    let mistyped = Presented::Bearer(&text[..52]);
    assert_eq!(rejection(&stage, mistyped).await, Rejected::KeyForm);
    let strange = KeyText::generate().unwrap();
    let found = rejection(&stage, Presented::Bearer(strange.expose())).await;
    assert_eq!(found, Rejected::NoKey);
    stage.pass(MINUTE);
    assert_eq!(rejection(&stage, Presented::Bearer(text)).await, Rejected::KeyExpired);
}

#[tokio::test]
async fn only_people_make_keys_and_only_sound_ones() {
    let stage = Stage::new(json!({})).await.with_member("dev@example.com", "dev").await;
    let admin = stage.caller(EMAIL).await;
    let made = stage.auth.create_key(&admin, key(&["*:rw"])).await.unwrap();
    let by_key = stage.auth.authenticate(Presented::Bearer(made.text.expose())).await.unwrap();
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
