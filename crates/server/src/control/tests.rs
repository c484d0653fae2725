//! Commands on a database of their own.

use std::net::{IpAddr, Ipv4Addr};

use ring::hmac;
use serde_json::json;

use super::*;
use crate::auth::key::hex;
use crate::auth::password::Password;
use crate::auth::service::{Login, LoginError};
use crate::http::testing::services;
use crate::services::Services;

fn name(email: &str) -> AccountName {
    AccountName { email: email.to_owned(), strategy: "default".to_owned() }
}

async fn perform(services: &Services, command: Command) -> Reply {
    let (store, auth) = (&*services.store, &services.auth);
    let control = Control { store, auth, workspaces: &services.workspaces, clock: &services.clock };
    control.perform(command).await
}

async fn login(services: &Services, email: &str, password: &str) -> Result<(), LoginError> {
    let login = Login {
        email: email.to_owned(),
        password: Password::new(password),
        new_password: None,
        invalidate_sessions: true,
        from: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    services.auth.login(login).await.map(|_| ())
}

fn old(email: &str, attributes: &serde_json::Value) -> Command {
    let key = hmac::Key::new(hmac::HMAC_SHA512, b"0123456789abcdef");
    let tag = hmac::sign(&key, b"old password");
    let password = hex(tag.as_ref());
    Command::TakeOver(OldAccount {
        name: name(email),
        password,
        salt: "0123456789abcdef".to_owned(),
        attributes: attributes.as_object().unwrap().clone(),
        token_version: 3,
        super_admin: false,
    })
}

#[tokio::test]
async fn an_account_of_v12_logs_in_with_its_old_password() {
    let services = services();
    let ada = &json!({ "firstname": "Ada", "last_logon": "yesterday" });
    assert!(matches!(perform(&services, old("ada@b.c", ada)).await, Reply::Done));
    assert!(login(&services, "ada@b.c", "old password").await.is_ok());
    assert!(matches!(perform(&services, old("ada@b.c", &json!({}))).await, Reply::Exists));
    perform(&services, old("bob@b.c", &json!({ "password_expired": true }))).await;
    let expired = login(&services, "bob@b.c", "old password").await;
    assert!(matches!(expired, Err(LoginError::PasswordExpired)));
    perform(&services, old("eve@b.c", &json!({ "locked_out": true }))).await;
    let locked = login(&services, "eve@b.c", "old password").await;
    assert!(matches!(locked, Err(LoginError::LockedOut { retry_after_secs: None })));
}

#[tokio::test]
async fn what_changes_accounts_is_recorded_and_what_reads_them_is_not() {
    let services = services();
    perform(&services, old("ada@b.c", &json!({}))).await;
    let role =
        NewMember { name: name("ada@b.c"), workspace: "shop".to_owned(), role: "dev".to_owned() };
    perform(&services, Command::Join(role)).await;
    perform(&services, Command::List { after: None }).await;
    let unknown = perform(&services, Command::Reset(name("nobody@b.c"))).await;
    assert!(matches!(unknown, Reply::Refused { reason } if reason.contains("nobody@b.c")));
    perform(&services, Command::Reset(name("ada@b.c"))).await;
    perform(&services, Command::Remove(name("ada@b.c"))).await;
    let rows =
        services.store.audit_rows(&parlance_store::AuditFilter::default(), None, 10).await.unwrap();
    let rows: Vec<_> =
        rows.iter().rev().map(|row| (&*row.entry.actor, &*row.entry.action)).collect();
    let expected = ["user import", "user role", "user reset", "user remove"];
    assert_eq!(rows, expected.map(|action| ("cli", action)));
}
