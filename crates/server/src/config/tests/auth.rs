//! What the settings of accounts and tokens mean.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::auth::Algorithm;
use crate::auth::password::Password;

#[test]
fn the_secret_of_the_environment_wins_and_is_never_shown() {
    let long = "0123456789012345678901234567890123456789";
    let file = json!({"appSecret": "short"}).to_string();
    let (config, warnings) =
        load_with(&ServeFlags::default(), &[("APP_SECRET", long)], &file).unwrap();
    assert_eq!(config.auth.app_secret.as_ref().map(Secret::expose), Some(long));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(!format!("{config:?}").contains(long));
    let warned = super::warnings(&file).concat();
    assert!(warned.contains("appSecret has fewer than 32 characters"), "{warned}");
    assert!(super::config("{}").auth.app_secret.is_none());
}

#[test]
fn tokens_follow_v12() {
    let auth = config(
        r#"{"jwtToken": {"duration": "12h", "allowRefresh": false, "useCookieStorage": true,
            "cookieOptions": {"sameSite": "lax"}}}"#,
    )
    .auth;
    assert_eq!(auth.token_duration, Duration::from_hours(12));
    assert!(!auth.allow_refresh && auth.use_cookies);
    assert_eq!(auth.cookie_options["sameSite"], "lax");
}

#[test]
fn super_admins_are_named_as_in_v12_and_v11() {
    let auth = config(
        r#"{"superAdmins": [{"email": "Admin@Example.com", "strategy": "saml"}, "b@example.com"]}"#,
    )
    .auth;
    let names = [("admin@example.com", "saml"), ("b@example.com", "default")];
    assert_eq!(auth.super_admins, names.map(|(email, by)| (email.to_owned(), by.to_owned())));
    assert!(errors(r#"{"superAdmins": [{"strategy": "default"}]}"#).contains("a list of at most"));
}

#[test]
fn the_options_of_passwords_and_locks_are_read() {
    let options = json!({
        "maxLoginAttempt": 3, "lockoutDuration": "5m", "passwordExpiryDelay": "30d",
        "passwordMinLength": 12, "requireComplexPassword": true
    });
    let auth = config(&file_with("authStrategies.default.options", options)).auth;
    assert_eq!(auth.max_login_attempt, Some(3));
    assert_eq!(auth.lockout_duration, Some(Duration::from_mins(5)));
    assert_eq!(auth.passwords.min_length, Some(12));
    assert!(auth.passwords.complex);
    assert_eq!(auth.passwords.expires_after, Some(Duration::from_hours(30 * 24)));
    let type_of = json!({"default": {"type": "basic", "label": "Password", "options": {}}});
    assert!(warnings(&file_with("authStrategies", type_of)).is_empty());
}

#[test]
fn external_tokens_are_described_as_in_v12() {
    let section = json!({
        "enabled": true, "audience": "bots", "issuer": ["a", "b"], "algorithms": ["RS256", "ES256"],
        "jwksClient": {"jwksUri": "https://id.example.com/keys", "keyId": "k"}, "userClaim": "sub"
    });
    let external = config(&file_with("pro.externalAuth", section)).auth.external;
    assert_eq!(external.audience, ["bots"]);
    assert_eq!(external.issuer, ["a", "b"]);
    assert_eq!(external.algorithms, [Algorithm::Rs256, Algorithm::Es256]);
    assert_eq!(external.key_set_uri.as_deref(), Some("https://id.example.com/keys"));
    assert_eq!(external.key_id.as_deref(), Some("k"));
    assert_eq!(external.user_claim.as_deref(), Some("sub"));
    for (key, value) in [
        ("pro.externalAuth.algorithms", json!(["none"])),
        ("pro.externalAuth.algorithms", json!(["ES512"])),
        ("pro.externalAuth.jwksClient.jwksUri", json!("file:///etc/passwd")),
    ] {
        let found = errors(&file_with(key, value));
        assert!(found.contains(&format!("{key}: found ")), "{found}");
    }
}

#[test]
fn the_first_account_of_the_environment_is_held_to_v12s_rule_alone() {
    let load = |email: &str, password: &str| {
        let variables = [("BP_ADMIN_EMAIL", email), ("BP_ADMIN_PASSWORD", password)];
        load_with(&ServeFlags::default(), &variables, "{}")
    };
    let (config, _) = load("Admin@Example.com", "1234").unwrap();
    let expected = ("admin@example.com".to_owned(), Password::new("1234"));
    assert_eq!(config.auth.first_account, Some(expected));
    assert!(!format!("{config:?}").contains("1234"));
    let short = load("admin@example.com", "123").unwrap_err().to_string();
    assert!(short.contains("BP_ADMIN_PASSWORD") && !short.contains("123"), "{short}");
    let (config, warnings) = load("admin@example.com", "").unwrap();
    assert_eq!(config.auth.first_account, None);
    assert!(warnings[0].to_string().contains("makes no account"));
}
