//! Bots belong to workspaces: who may work on which.

use serde_json::{Value, json};

use super::{ARCHIVE, BOTS, bot, export, get, import, packed, post, said, site};
use crate::harness::{ADMIN, Client, DataDir, Server};

const OTHERS: (&str, &str) = ("X-BP-Workspace", "others");
const KEYS: &str = "/api/v2/admin/user/keys";

/// A server with the bots `own` in `default` and `foreign` in `others`, and its administrator.
async fn two_workspaces() -> (DataDir, Server, Client) {
    let data = DataDir::with_bots(&[bot("own", "own"), bot("foreign", "foreign")]);
    let workspaces = json!([
        { "id": "default", "name": "Default", "bots": ["own"] },
        { "id": "others", "name": "Others", "botPrefix": "oth", "bots": ["foreign"] },
    ]);
    std::fs::write(data.path().join("global/workspaces.json"), workspaces.to_string()).unwrap();
    let server = Server::start_with_admin(&data);
    let admin = server.client().login(ADMIN).await;
    (data, server, admin)
}

async fn key(admin: &Client, limits: Value) -> Client {
    let mut body = json!({ "name": "key", "scopes": ["*:rw"] });
    body.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    let made = admin.post(KEYS, &body).await.json();
    admin.with_token(made["payload"]["key"].as_str().unwrap())
}

#[tokio::test]
async fn a_workspace_lists_its_own_bots() {
    let (_data, _server, admin) = two_workspaces().await;
    let listed = get(&admin, "").await.json();
    let payload = &listed["payload"];
    assert_eq!(
        (&listed["status"], &listed["message"]),
        (&json!("success"), &json!("Retrieved bots"))
    );
    assert_eq!(payload["bots"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&payload["bots"][0]["id"], &payload["bots"][0]["name"]),
        (&json!("own"), &json!("own"))
    );
    assert_eq!(payload["workspace"]["name"], "Default");
    let others = admin.get_with(BOTS, &[OTHERS]).await.json();
    assert_eq!(others["payload"]["workspace"]["botPrefix"], "oth");
    assert_eq!(others["payload"]["bots"][0]["id"], "foreign");
    let all = admin.get(&format!("{BOTS}/byWorkspaces")).await.json();
    assert_eq!(all["payload"]["bots"], json!({ "default": ["own"], "others": ["foreign"] }));
    assert_eq!(admin.get("/api/v1/admin/bots").await.status, 400, "a workspace must be named");
    let old = admin.get_with("/api/v1/admin/bots", &[("X-BP-Workspace", "default")]).await;
    assert_eq!(old.json(), listed);
}

#[tokio::test]
async fn nobody_comes_to_a_foreign_bot() {
    let (_data, server, admin) = two_workspaces().await;
    let archive = export(&admin, "own").await;
    let before = export(&admin, "foreign").await;
    let of_workspace = key(&admin, json!({ "workspace": "default" })).await;
    let of_bot = key(&admin, json!({ "bots": ["own"] })).await;
    let nobody = server.client();
    for (who, expected) in [(&of_workspace, 403), (&of_bot, 403), (&nobody, 401)] {
        for path in ["export", "revisions", "config"] {
            let reply = who.get_with(&format!("{BOTS}/foreign/{path}"), &[super::DEFAULT]).await;
            assert_eq!(reply.status, expected, "{path}: {}", reply.text);
        }
        for path in ["delete", "reload", "revisions", "rollback"] {
            let body = json!({ "revision": "x" });
            let reply = post(who, &format!("/foreign/{path}"), &body).await;
            assert_eq!(reply.status, expected, "{path}: {}", reply.text);
        }
        assert_eq!(who.delete(&format!("{BOTS}/foreign")).await.status, expected);
        let changes = json!({ "name": "mine" });
        for (method, path) in [
            ("PATCH", format!("{BOTS}/foreign/config")),
            ("PUT", format!("{BOTS}/foreign")),
            ("POST", "/api/v1/studio/foreign/config".to_owned()),
            ("POST", "/api/v1/studio/foreign/media".to_owned()),
            ("POST", "/api/v1/bots/foreign/media".to_owned()),
        ] {
            let reply = who.send_json(method, &path, &changes).await;
            assert_eq!(reply.status, expected, "{path}: {}", reply.text);
        }
        assert_eq!(who.get("/api/v1/studio/foreign/config").await.status, expected);
    }
    // The id is taken: it is not replaced by who may write to another workspace.
    let reply = import(&of_workspace, "foreign", "?overwrite=true", &archive).await;
    assert_eq!(reply.status, 409, "{}", reply.text);
    let reply = import(&admin, "foreign", "?overwrite=true&dryRun=true", &archive).await;
    assert_eq!(reply.status, 409, "{}", reply.text);
    let made = post(&of_workspace, "", &json!({ "id": "foreign", "name": "x" })).await;
    assert_eq!(made.status, 409, "{}", made.text);
    assert_eq!(said(&admin, "foreign").await, ["foreign"]);
    assert_eq!(export(&admin, "foreign").await, before);
    assert_eq!(get(&admin, "/none/export").await.status, 404);
}

#[tokio::test]
async fn new_bots_go_to_the_workspace_that_is_named_under_its_prefix() {
    let (data, _server, admin) = two_workspaces().await;
    let archive = export(&admin, "own").await;
    let path = format!("{BOTS}/fresh/import");
    let headers = [OTHERS, ("Content-Type", ARCHIVE)];
    assert_eq!(admin.post_bytes(&path, &headers, archive.clone()).await.unwrap().status, 200);
    assert_eq!(said(&admin, "oth__fresh").await, ["own"]);
    let body = json!({ "id": "made", "name": "Made", "template": { "id": "welcome-bot", "moduleId": "builtin" } });
    let made = admin.try_post(BOTS, &body, &[OTHERS]).await.unwrap().json();
    assert_eq!(made["payload"], json!({ "botId": "oth__made" }));
    assert_eq!(made["message"], "Added new bot");
    assert_eq!(admin.say("oth__made", "u1", "hello").await.status, 200);
    let all = admin.get(&format!("{BOTS}/byWorkspaces")).await.json();
    assert_eq!(all["payload"]["bots"]["others"], json!(["foreign", "oth__fresh", "oth__made"]));
    for (id, expected) in [("made", true), ("oth__made", true), ("nothing", false)] {
        let reply = admin.get_with(&format!("{BOTS}/{id}/exists"), &[OTHERS]).await;
        assert_eq!(reply.json(), json!(expected), "{id}");
    }
    // A key for `fresh` is none for the bot that the prefix makes of it.
    let of_bot = key(&admin, json!({ "bots": ["fresh"] })).await;
    let reply =
        of_bot.post_bytes(&format!("{path}?overwrite=true"), &headers, archive.clone()).await;
    assert_eq!(reply.unwrap().status, 403);
    let nowhere = [("X-BP-Workspace", "none"), ("Content-Type", ARCHIVE)];
    assert_eq!(admin.post_bytes(&path, &nowhere, archive).await.unwrap().status, 404);
    assert!(data.path().join("bots/oth__fresh").is_dir());
}

#[tokio::test]
async fn a_bot_that_is_deleted_is_gone_at_once_and_its_id_is_free() {
    let (_data, _server, admin) = site(&[bot("shop", "hello"), bot("other", "other")]).await;
    let archive = export(&admin, "shop").await;
    let gone = post(&admin, "/shop/delete", &json!({})).await;
    assert_eq!((gone.status, &gone.json()["payload"]), (200, &json!({ "botId": "shop" })));
    assert_eq!(admin.say("shop", "u1", "hello").await.status, 404);
    assert_eq!(post(&admin, "/shop/delete", &json!({})).await.status, 404);
    assert_eq!(get(&admin, "/shop/exists").await.json(), json!(false));
    assert_eq!(import(&admin, "shop", "", &archive).await.status, 200);
    assert_eq!(said(&admin, "shop").await, ["hello"]);
    assert_eq!(admin.delete("/api/v1/admin/bots/other").await.status, 200, "v11's form");
    assert_eq!(admin.say("other", "u1", "hello").await.status, 404);
}

#[tokio::test]
async fn new_bots_need_what_v12_asks_for() {
    let (_data, _server, admin) = site(&[bot("shop", "hello")]).await;
    for (body, status) in [
        (json!({ "id": "shop" }), 409),
        (json!({ "id": "SHOP" }), 409),
        (json!({ "id": "a" }), 400),
        (json!({ "id": "../x" }), 400),
        (json!({ "id": "x".repeat(51) }), 400),
        (json!({ "id": "fine", "name": " " }), 400),
        (json!({ "id": "fine", "name": "x".repeat(51) }), 400),
        (json!({ "id": "fine", "template": { "id": "none" } }), 400),
        (json!({ "id": 5 }), 400),
        (json!({}), 400),
        (json!({ "id": "fine", "name": "Fine", "more": true }), 200),
    ] {
        let reply = post(&admin, "", &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text);
    }
    let templates = admin.get(&format!("{BOTS}/templates")).await.json();
    assert_eq!(templates[0]["id"], "empty-bot");
    let categories = get(&admin, "/categories").await.json();
    assert_eq!(categories["payload"], json!({ "categories": [] }));
    assert_eq!(import(&admin, "fine", "?overwrite=1", &packed(&[])).await.status, 400);
    assert_eq!(admin.say("fine", "u1", "hello").await.status, 200);
}
