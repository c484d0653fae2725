//! API keys.

use serde_json::{Value, json};

use crate::harness::{ADMIN, Client, DataDir, Server};

const KEYS: &str = "/api/v2/admin/user/keys";
const SECURED: &str = "/api/v1/bots/welcome-bot/converse/ada/secured";

async fn make(session: &Client, body: &Value) -> Value {
    let reply = session.post(KEYS, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["payload"].clone()
}

async fn status_of(client: &Client, key: &Value) -> u16 {
    let client = client.with_token(key["key"].as_str().unwrap());
    client.post(SECURED, &json!({ "type": "text", "text": "Hey!" })).await.status
}

#[tokio::test]
async fn a_key_is_shown_once_and_ends_with_the_next_request_once_it_is_revoked() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let session = client.login(ADMIN).await;
    let key = make(&session, &json!({ "name": "app", "scopes": ["bot.converse:w"] })).await;
    let text = key["key"].as_str().unwrap();
    assert!(text.starts_with("bpk_") && text.starts_with(key["prefix"].as_str().unwrap()));
    assert_eq!(status_of(&client, &key).await, 200);
    let listed = session.get(KEYS).await;
    assert!(!listed.text.contains(text), "{}", listed.text);
    let shown = &listed.json()["payload"]["keys"][0];
    assert_eq!((&shown["name"], &shown["id"]), (&json!("app"), &key["id"]));
    assert!(shown["lastUsedOn"].is_number() && shown["revokedOn"].is_null());
    let path = format!("{KEYS}/{}", key["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(session.delete(&path).await.status, 200);
        assert_eq!(status_of(&client, &key).await, 401);
    }
    assert!(session.get(KEYS).await.json()["payload"]["keys"][0]["revokedOn"].is_number());
}

#[tokio::test]
async fn a_key_may_what_its_scopes_say_for_its_bots() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let session = client.login(ADMIN).await;
    for (body, expected) in [
        (json!({ "name": "a", "scopes": ["bot.*:rw"] }), 200),
        (json!({ "name": "a", "scopes": ["bot.*:r"] }), 403),
        (json!({ "name": "a", "scopes": ["bot.content:rw"] }), 403),
        (json!({ "name": "a", "scopes": ["*:rw"], "bots": ["welcome-bot"] }), 200),
        (json!({ "name": "a", "scopes": ["*:rw"], "bots": ["other"] }), 403),
        (json!({ "name": "a", "scopes": ["*:rw"], "workspace": "default" }), 200),
        (json!({ "name": "a", "scopes": ["*:rw"], "expiresIn": "1d" }), 200),
    ] {
        let key = make(&session, &body).await;
        assert_eq!(status_of(&client, &key).await, expected, "{body}");
        let with = client.with_token(key["key"].as_str().unwrap());
        assert_eq!(with.post(KEYS, &body).await.status, 403, "keys make no keys");
    }
    for bad in [
        json!({}),
        json!({ "name": "a", "scopes": [] }),
        json!({ "name": " a", "scopes": ["*:r"] }),
        json!({ "name": "a", "scopes": ["everything"] }),
        json!({ "name": "a", "scopes": ["*:r"], "expiresIn": "soon" }),
        json!({ "name": "a", "scopes": ["*:r"], "rateLimit": 0 }),
        json!({ "name": "a", "scopes": ["*:r"], "bots": [] }),
        json!({ "name": "a", "scopes": ["*:r"], "admin": true }),
    ] {
        assert_eq!(session.post(KEYS, &bad).await.status, 400, "{bad}");
    }
    let nowhere = json!({ "name": "a", "scopes": ["*:r"], "workspace": "nowhere" });
    assert_eq!(session.post(KEYS, &nowhere).await.status, 404);
}

#[tokio::test]
async fn super_admins_see_and_revoke_everybodys_keys() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let session = client.login(ADMIN).await;
    let one = make(&session, &json!({ "name": "one", "scopes": ["*:rw"] })).await;
    let two = make(&session, &json!({ "name": "two", "scopes": ["*:rw"] })).await;
    let first = session.get("/api/v2/admin/keys?limit=1").await.json()["payload"].clone();
    assert_eq!(first["keys"][0]["email"], ADMIN.0);
    let next = first["next"].as_str().unwrap();
    let second = session.get(&format!("/api/v2/admin/keys?limit=1&after={next}")).await;
    let second = second.json()["payload"].clone();
    let mut ids = [&first["keys"][0]["id"], &second["keys"][0]["id"]].map(ToString::to_string);
    let mut expected = [&one["id"], &two["id"]].map(ToString::to_string);
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    let path = format!("/api/v2/admin/keys/{}", one["id"].as_str().unwrap());
    assert_eq!(session.delete(&path).await.status, 200);
    assert_eq!((status_of(&client, &one).await, status_of(&client, &two).await), (401, 200));
    for (id, expected) in [("nobody", 404), ("%00", 404), ("a%2Fb", 404)] {
        let path = format!("/api/v2/admin/keys/{id}");
        assert_eq!(session.delete(&path).await.status, expected, "{id}");
    }
    for query in ["limit=0", "limit=1001", "limit=x", "after=%00"] {
        let reply = session.get(&format!("/api/v2/admin/keys?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}
