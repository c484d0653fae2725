//! Login, in v12's order and words.

use super::*;
use crate::auth::password::Weakness;

fn failure(found: Result<Session, LoginError>) -> String {
    found.map_or_else(|error| error.to_string(), |_| "logged in".to_owned())
}

#[tokio::test]
async fn a_login_gives_a_token_that_is_accepted_for_an_hour() {
    let stage = Stage::new(json!({})).await;
    let session = stage.login("Admin@Example.COM", PASSWORD).await.unwrap();
    assert_eq!(session.valid_for.as_millis(), 3_600_000);
    assert_eq!(session.csrf, None);
    let caller = stage.auth.authenticate(Presented::Bearer(&session.token)).await.unwrap();
    assert_eq!(caller.to_string(), "account:admin@example.com/default");
    assert!(caller.is_super_admin());
    stage.pass(60 * MINUTE);
    assert!(!stage.is_accepted(&session.token).await);
}

#[tokio::test]
async fn nobody_is_told_whether_an_account_exists() {
    let stage = Stage::new(json!({})).await;
    let strange = ["nobody@example.com", "", "\0", &"x".repeat(5000)];
    for (email, password) in strange.map(|email| (email, PASSWORD)).into_iter().chain([(EMAIL, "")])
    {
        assert_eq!(failure(stage.login(email, password).await), "Invalid credentials", "{email:?}");
    }
    let mut held = Vec::new();
    for email in [EMAIL, "nobody@example.com"] {
        let stage = Stage::new(json!({})).await;
        let mut words = Vec::new();
        for _ in 0..8 {
            words.push(format!("{:?}", stage.login(email, "wrong").await.unwrap_err()));
        }
        held.push(words);
    }
    assert_eq!(held[0], held[1]);
    assert!(held[0][5].contains("LockedOut"), "{held:?}");
}

#[tokio::test]
async fn a_wrong_password_writes_nothing_unless_v12s_lock_is_on() {
    for (file, expected) in [(json!({}), 0), (options(&json!({"maxLoginAttempt": 3})), 1)] {
        let stage = Stage::new(file).await;
        stage.login(EMAIL, "wrong").await.unwrap_err();
        let account = stage.store.account(EMAIL, DEFAULT_STRATEGY).await.unwrap().unwrap();
        assert_eq!(account.failures, expected);
    }
}

#[tokio::test]
async fn a_new_password_holds_from_the_login_on_and_ends_the_sessions() {
    let stage = Stage::new(json!({})).await;
    let old = stage.login(EMAIL, PASSWORD).await.unwrap();
    let new = stage.auth.login(with_new(PASSWORD, NEW_PASSWORD)).await.unwrap();
    assert!(!stage.is_accepted(&old.token).await);
    assert!(stage.is_accepted(&new.token).await);
    assert_eq!(failure(stage.login(EMAIL, PASSWORD).await), "Invalid credentials");
    assert!(stage.login(EMAIL, NEW_PASSWORD).await.is_ok());
    let keep = Login { invalidate_sessions: false, ..with_new(NEW_PASSWORD, PASSWORD) };
    let newest = stage.auth.login(keep).await.unwrap();
    assert!(stage.is_accepted(&new.token).await && stage.is_accepted(&newest.token).await);
    let id = AccountId::of_email(EMAIL);
    let (current, next) = (Password::new(PASSWORD), Password::new(NEW_PASSWORD));
    let changed = stage.auth.change_password(&id, current, next, HOME).await.unwrap();
    assert!(stage.is_accepted(&changed.token).await && !stage.is_accepted(&newest.token).await);
}

#[tokio::test]
async fn a_new_password_must_be_another_and_a_good_one() {
    let stage = Stage::new(json!({})).await;
    for (new, expected) in [
        (PASSWORD, Weakness::Unchanged),
        ("short", Weakness::TooShort { min: 8 }),
        ("password", Weakness::Guessable),
    ] {
        let found = stage.auth.login(with_new(PASSWORD, new)).await;
        assert!(
            matches!(&found, Err(LoginError::Weak(why)) if *why == expected),
            "{new} {found:?}"
        );
        assert!(failure(found).starts_with("Password doesn't match policy"));
    }
    let wrong = stage.auth.login(with_new("wrong", NEW_PASSWORD)).await;
    assert_eq!(failure(wrong), "Invalid credentials");
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok(), "nothing has changed");
}

#[tokio::test]
async fn an_expired_password_needs_a_new_one() {
    let stage = Stage::new(options(&json!({"passwordExpiryDelay": "30d"}))).await;
    stage.pass(31 * 24 * 60 * MINUTE);
    assert_eq!(failure(stage.login(EMAIL, PASSWORD).await), "Password Expired");
    assert_eq!(failure(stage.login(EMAIL, "wrong").await), "Invalid credentials");
    assert!(stage.auth.login(with_new(PASSWORD, NEW_PASSWORD)).await.is_ok());
    assert!(stage.login(EMAIL, NEW_PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_password_for_once_needs_a_new_one() {
    let stage = Stage::new(json!({})).await;
    let id = AccountId::of_email("new@example.com");
    let first = stage.auth.invite(&id).await.unwrap();
    assert_eq!(first.len(), 15);
    assert!(matches!(stage.auth.invite(&id).await, Err(AccountError::Exists(_))));
    assert_eq!(failure(stage.login(&id.email, &first).await), "Password Expired");
    let session = stage
        .auth
        .login(Login { email: id.email.clone(), ..with_new(&first, NEW_PASSWORD) })
        .await
        .unwrap();
    let again = stage.auth.reset_password(&id).await.unwrap();
    assert!(!stage.is_accepted(&session.token).await, "a reset ends the sessions");
    assert_eq!(failure(stage.login(&id.email, NEW_PASSWORD).await), "Invalid credentials");
    assert_eq!(failure(stage.login(&id.email, &again).await), "Password Expired");
    let nobody = AccountId::of_email("nobody@example.com");
    assert!(matches!(stage.auth.reset_password(&nobody).await, Err(AccountError::Unknown(_))));
}

#[tokio::test]
async fn v12s_lock_counts_in_the_database() {
    let options = options(&json!({"maxLoginAttempt": 2, "lockoutDuration": "1h"}));
    let stage = Stage::new(options).await.with_member("dev@example.com", "dev").await;
    for _ in 0..3 {
        assert_eq!(failure(stage.login("dev@example.com", "wrong").await), "Invalid credentials");
    }
    assert_eq!(failure(stage.login("dev@example.com", PASSWORD).await), "Account locked out");
    stage.pass(59 * MINUTE);
    assert_eq!(failure(stage.login("dev@example.com", PASSWORD).await), "Account locked out");
    stage.pass(2 * MINUTE);
    // v12 does not forget the failures when the lock ends: one more locks again.
    assert_eq!(failure(stage.login("dev@example.com", "wrong").await), "Invalid credentials");
    assert_eq!(failure(stage.login("dev@example.com", PASSWORD).await), "Account locked out");
    stage.pass(61 * MINUTE);
    assert!(stage.login("dev@example.com", PASSWORD).await.is_ok());
    assert_eq!(failure(stage.login("dev@example.com", "wrong").await), "Invalid credentials");
    assert!(stage.login("dev@example.com", PASSWORD).await.is_ok(), "a login forgets them");
}

#[tokio::test]
async fn the_owner_is_never_locked_out_for_good() {
    let for_ever = options(&json!({"maxLoginAttempt": 1}));
    let stage = Stage::new(for_ever).await.with_member("dev@example.com", "dev").await;
    for email in [EMAIL, "dev@example.com"] {
        for _ in 0..2 {
            stage.login(email, "wrong").await.unwrap_err();
        }
    }
    stage.pass(16 * MINUTE);
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok());
    stage.pass(365 * 24 * 60 * MINUTE);
    let locked = stage.login("dev@example.com", PASSWORD).await;
    assert!(matches!(locked, Err(LoginError::LockedOut { retry_after_secs: None })), "{locked:?}");
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_usual_place_is_not() {
    let stage = Stage::new(json!({})).await;
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok());
    let guess = Login { from: AWAY, ..with(EMAIL, "wrong") };
    for _ in 0..5 {
        assert_eq!(failure(stage.auth.login(guess.clone()).await), "Invalid credentials");
    }
    let held = stage.auth.login(Login { from: AWAY, ..with(EMAIL, PASSWORD) }).await;
    assert!(matches!(held, Err(LoginError::LockedOut { retry_after_secs: Some(30) })), "{held:?}");
    assert!(stage.login(EMAIL, PASSWORD).await.is_ok());
    stage.pass(30_000);
    let right = stage.auth.login(Login { from: AWAY, ..with(EMAIL, PASSWORD) }).await;
    assert!(right.is_ok());
}

#[tokio::test]
async fn guesses_at_the_same_time_all_count() {
    let stage = Stage::new(json!({})).await;
    let guesses = (0..40).map(|_| stage.login(EMAIL, "wrong"));
    let found = futures_util::future::join_all(guesses).await;
    let looked_at =
        found.iter().filter(|one| matches!(one, Err(LoginError::InvalidCredentials))).count();
    assert!((5..=9).contains(&looked_at), "{looked_at}");
}

#[tokio::test]
async fn an_account_of_v12_logs_in_and_gets_a_stronger_hash() {
    let stage = Stage::new(json!({})).await;
    let salt = "0123456789abcdef";
    // HMAC-SHA512 of "old one", keyed by the salt.
    let hash = "019fb3920968931553bbbace8acadc7a0137058fdd9a4cecd031b624f09d3e1b\
                55b569038f44d6a55a2a67427c4bc4a68f6608cf3273140f5e0b4bd78f85b347";
    let id = AccountId::of_email("old@example.com");
    let from = V12Account {
        account: id.clone(),
        password: hash.to_owned(),
        salt: salt.to_owned(),
        attributes: serde_json::Map::new(),
        token_version: 4,
        super_admin: false,
    };
    stage.auth.take_over(from).await.unwrap();
    let stored = || async { stage.store.account(&id.email, &id.strategy).await.unwrap().unwrap() };
    assert!(stored().await.password.starts_with("v12$"));
    assert_eq!(failure(stage.login(&id.email, "wrong").await), "Invalid credentials");
    assert!(stage.login(&id.email, "old one").await.is_ok());
    assert!(stored().await.password.starts_with("$argon2id$"));
    assert_eq!(stored().await.token_version, 4);
    assert!(stage.login(&id.email, "old one").await.is_ok());
}
