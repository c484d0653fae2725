//! The first account.

use super::*;

fn words(found: Result<Session, RegisterError>) -> String {
    found.map_or_else(|error| error.to_string(), |_| "registered".to_owned())
}

#[tokio::test]
async fn the_first_account_needs_the_code_once() {
    let stage = Stage::empty(json!({}), &[]).await;
    let auth = &stage.auth;
    let register = |code: Option<String>| async move {
        let password = Password::new(PASSWORD);
        words(auth.register_first(EMAIL, password, code.as_deref(), HOME).await)
    };
    assert!(register(None).await.contains("needs the code"));
    assert!(register(Some(String::new())).await.contains("needs the code"), "none was made yet");
    let code = auth.registration_code().await.unwrap().unwrap();
    assert_eq!(auth.registration_code().await.unwrap().as_ref(), Some(&code), "it stays the same");
    assert!(register(Some(code.to_lowercase() + "x")).await.contains("needs the code"));
    assert_eq!(register(Some(format!(" {code} "))).await, "registered");
    assert_eq!(register(Some(code)).await, "Registration is disabled");
    assert_eq!(auth.registration_code().await.unwrap(), None);
    let caller = stage.caller(EMAIL).await;
    assert!(caller.is_super_admin());
    let memberships = stage.store.memberships_of(EMAIL, DEFAULT_STRATEGY).await.unwrap();
    assert_eq!((&*memberships[0].workspace, &*memberships[0].role), ("default", "admin"));
}

#[tokio::test]
async fn codes_cannot_be_tried_out() {
    let stage = Stage::empty(json!({}), &[]).await;
    let code = stage.auth.registration_code().await.unwrap().unwrap();
    let register = |code: &str, from| {
        let code = code.to_owned();
        let auth = &stage.auth;
        async move {
            words(auth.register_first(EMAIL, Password::new(PASSWORD), Some(&code), from).await)
        }
    };
    for number in 0..5 {
        assert!(register(&number.to_string(), AWAY).await.contains("needs the code"));
    }
    assert!(register(&code, AWAY).await.contains("too many wrong registration codes"));
    assert_eq!(register(&code, HOME).await, "registered", "who has the code is not held up");
}

#[tokio::test]
async fn open_registration_is_v12s() {
    let stage = Stage::empty(json!({"parlance": {"auth": {"openRegistration": true}}}), &[]).await;
    assert_eq!(stage.auth.registration_code().await.unwrap(), None);
    assert!(stage.auth.is_first().await.unwrap());
    let long = format!("{}@b.c", "a".repeat(400));
    for (email, password, expected) in [
        ("a@b", PASSWORD, "Email or password is too short."),
        (EMAIL, "abc", "Email or password is too short."),
        (EMAIL, "abcd", "Password doesn't match policy: it must have at least 8 characters"),
        (&long, PASSWORD, "Email is too long or holds control characters."),
        (EMAIL, PASSWORD, "registered"),
        ("second@example.com", PASSWORD, "Registration is disabled"),
    ] {
        let found = stage.auth.register_first(email, Password::new(password), None, HOME).await;
        assert_eq!(words(found), expected, "{email} {password}");
    }
    assert!(!stage.auth.is_first().await.unwrap());
}

#[tokio::test]
async fn of_two_first_registrations_one_wins() {
    let stage = Stage::empty(json!({"parlance": {"auth": {"openRegistration": true}}}), &[]).await;
    let register =
        |email: &'static str| stage.auth.register_first(email, Password::new(PASSWORD), None, HOME);
    let (one, two) = tokio::join!(register("one@example.com"), register("two@example.com"));
    let found = [words(one), words(two)];
    assert!(found.contains(&"registered".to_owned()), "{found:?}");
    assert!(found.contains(&"Registration is disabled".to_owned()), "{found:?}");
}

#[tokio::test]
async fn the_environment_makes_the_first_account_and_no_other() {
    let variables = [("BP_ADMIN_EMAIL", "Boss@Example.com"), ("BP_ADMIN_PASSWORD", "1234")];
    let stage = Stage::empty(json!({}), &variables).await;
    let made = stage.auth.make_first_account().await.unwrap();
    assert!(matches!(made, FirstAccount::Created(Some(_))), "taken as it is, with a warning");
    assert_eq!(stage.auth.make_first_account().await.unwrap(), FirstAccount::NotNeeded);
    assert!(stage.login("boss@example.com", "1234").await.is_ok());
    let none = Stage::empty(json!({}), &[]).await;
    assert_eq!(none.auth.make_first_account().await.unwrap(), FirstAccount::NotNeeded);
}
