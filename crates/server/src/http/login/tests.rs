//! What logins leave in the audit log, and how waiting is told.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use parlance_store::AuditEntry;
use serde_json::{Value, json};

use super::super::router;
use super::super::testing::{Fake, Got, post, send, services, settings};
use crate::auth::AccountId;
use crate::auth::password::Password;
use crate::services::Services;

const PATH: &str = "/api/v1/auth/login/basic/default";
const SECRET: &str = "a fine long phrase";

/// A server with the account `ada@b.c`.
async fn with_account() -> (Router, Services) {
    let services = services();
    let id = AccountId::of_email("ada@b.c");
    services.auth.add_account(&id, Password::new(SECRET), true).await.unwrap();
    (router(Fake::new(), services.clone(), settings()).unwrap(), services)
}

async fn login(router: &Router, email: &str, password: &str) -> Got {
    send(router, post(PATH, &json!({ "email": email, "password": password }))).await
}

async fn newest_row(services: &Services) -> AuditEntry {
    services
        .store
        .audit_rows(&parlance_store::AuditFilter::default(), None, 1)
        .await
        .unwrap()
        .remove(0)
        .entry
}

#[tokio::test]
async fn a_login_is_recorded_with_the_account_that_was_tried_and_without_secrets() {
    let (router, services) = with_account().await;
    let failed = login(&router, "Ada@B.c\n\u{1b}[31m", "wrong secret").await;
    assert_eq!(failed.status, 400);
    let row = newest_row(&services).await;
    let target = "account=ada@b.c[31m";
    assert_eq!((&*row.actor, &*row.action, &*row.target), ("anonymous", "login", target));
    assert_eq!((row.result, &*row.note), (400, "Invalid credentials"));
    let got = login(&router, "Ada@B.c", SECRET).await;
    assert_eq!(got.status, 200, "{}", got.text());
    let row = newest_row(&services).await;
    assert_eq!((&*row.actor, row.result), ("account:ada@b.c/default", 200));
    let token = got.json()["payload"]["jwt"].as_str().unwrap().to_owned();
    let request =
        Request::get("/api/v1/auth/logout").header("authorization", format!("Bearer {token}"));
    let out = send(&router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(out.status, 200);
    let row = newest_row(&services).await;
    assert_eq!((&*row.actor, &*row.action), ("account:ada@b.c/default", "logout"));
    let rows = services
        .store
        .audit_rows(&parlance_store::AuditFilter::default(), None, 100)
        .await
        .unwrap();
    let all = format!("{rows:?}");
    assert!(![SECRET, "wrong secret", &token].iter().any(|secret| all.contains(secret)), "{all}");
}

#[tokio::test]
async fn who_guesses_is_told_to_wait_in_v12s_words() {
    let (router, _services) = with_account().await;
    for _ in 0..5 {
        assert_eq!(login(&router, "ada@b.c", "wrong").await.json()["errorCode"], "BP_0009");
    }
    for (email, password) in [("ada@b.c", "wrong"), ("ada@b.c", SECRET)] {
        let got = login(&router, email, password).await;
        assert_eq!((got.status.as_u16(), &got.json()["errorCode"]), (400, &json!("BP_0011")));
        assert_eq!(got.headers["retry-after"], "30");
    }
    for number in 0..15 {
        login(&router, &format!("nobody{number}@b.c"), "wrong").await;
    }
    let got = login(&router, "somebody@b.c", "wrong").await;
    assert_eq!(got.status, 429);
    assert_eq!(got.text(), "Too many failed logins from this address");
    assert!(got.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_body_that_is_no_login_is_refused_and_never_a_login() {
    let (router, _services) = with_account().await;
    for body in [
        json!({}),
        json!([]),
        json!({ "email": null }),
        json!({ "email": "ada@b.c", "password": 5 }),
        json!({ "email": ["ada@b.c"], "password": SECRET }),
        json!({ "email": "ada@b.c", "password": SECRET, "newPassword": {} }),
        json!({ "email": "ada@b.c", "password": SECRET, "channel": "web", "target": "u1" }),
    ] {
        let got = send(&router, post(PATH, &body)).await;
        assert_eq!(
            (got.status.as_u16(), &got.json()["errorCode"]),
            (400, &json!("BP_0040")),
            "{body}"
        );
        assert_eq!(got.json().get("payload"), None::<&Value>);
    }
}
