//! Rights that end: the next request, or one within a second, meets the refusal, on every route.

use std::time::{Duration, Instant};

use serde_json::json;

use super::operation::{Access, Operation, described};
use super::world::{account, open};
use super::{cells, expected, token};
use crate::harness::{ADMIN, Client, DataDir, Server, counting_bot};

/// Longest time after which an ended right may still count.
const BOUND: Duration = Duration::from_secs(1);
const KEYS: &str = "/api/v2/admin/user/keys";

/// Every described operation that needs a caller, with a path.
async fn guarded() -> Vec<(Operation, String)> {
    let guarded = described().await.into_iter().filter(|one| one.access != Access::Open);
    let with_path = guarded.map(|operation| {
        let pattern = operation.paths[0].clone();
        let path = cells::path(&pattern, expected::Target::Own, cells::Things::Fitting, 0);
        (operation, path)
    });
    with_path.collect()
}

/// Waits until the bound at most for the first refusal, then asks everywhere.
async fn is_refused_everywhere(client: &Client, token: &str, ended: Instant) {
    let authorization = format!("Bearer {token}");
    let ping = "/api/v2/admin/ping";
    loop {
        let reply = client.get_with(ping, &[("Authorization", &authorization)]).await;
        if reply.status == 401 {
            break;
        }
        assert!(ended.elapsed() < BOUND, "still {} after {:?}", reply.status, ended.elapsed());
    }
    for (operation, path) in guarded().await {
        let reply = cells::ask(client, &operation, &path, "own", Some(&authorization)).await;
        assert_eq!(reply.status, 401, "{} {path}", operation.method);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_everywhere() {
    let data = DataDir::with_bots(&[counting_bot("own-bot")]);
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let session = client.login(ADMIN).await;
    let made = session.post(KEYS, &json!({ "name": "app", "scopes": ["*:rw"] })).await;
    let made = made.json()["payload"].clone();
    let key = made["key"].as_str().unwrap();
    assert_eq!(client.with_token(key).get("/api/v2/admin/ping").await.status, 200);
    let revoked = session.delete(&format!("{KEYS}/{}", made["id"].as_str().unwrap())).await;
    assert_eq!(revoked.status, 200);
    is_refused_everywhere(&client, key, Instant::now()).await;
}

#[tokio::test]
async fn after_logging_out_every_token_is_refused_everywhere() {
    let data = DataDir::with_bots(&[counting_bot("own-bot")]);
    data.configure(&json!({ "appSecret": token::SECRET }));
    let store = open(&data).await;
    store.create_account(account("keeper@example.com", true), false).await.unwrap();
    store.close().await;
    let server = Server::start(&data);
    let client = server.client();
    let token = token::of(&token::claims("keeper@example.com"));
    let session = client.with_token(&token);
    assert_eq!(session.get("/api/v2/admin/ping").await.status, 200);
    assert_eq!(session.get("/api/v2/admin/auth/logout").await.status, 200);
    is_refused_everywhere(&client, &token, Instant::now()).await;
}
