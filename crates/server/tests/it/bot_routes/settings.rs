//! Settings of bots, how bots do, and what everybody may know of them.

use serde_json::json;

use super::{BOTS, bot, get, post, site};

#[tokio::test]
async fn settings_are_changed_one_by_one_and_count_at_once() {
    let (data, _server, admin) =
        site(&[bot("shop", "hello").config("messaging", json!({ "token": "secret" }))]).await;
    let path = format!("{BOTS}/shop/config");
    let before = admin.get(&path).await;
    assert_eq!(before.json()["payload"]["name"], "shop");
    assert!(!before.text.contains("secret"), "{}", before.text);
    let changes =
        json!({ "name": "Shop", "disabled": true, "details": { "website": "https://a.example" } });
    let reply = admin.send_json("PATCH", &path, &changes).await;
    assert_eq!((reply.status, &reply.json()["payload"]["name"]), (200, &json!("Shop")));
    assert_eq!(admin.say("shop", "u1", "hello").await.status, 404, "it is disabled");
    let reply = admin.send_json("PATCH", &path, &json!({ "disabled": null })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(admin.say("shop", "u1", "hello").await.texts(), ["hello"]);
    let text = std::fs::read_to_string(data.path().join("bots/shop/bot.config.json")).unwrap();
    assert!(text.contains("secret") && text.contains("https://a.example"), "{text}");
    for wrong in [
        json!({ "name": 5 }),
        json!({ "id": "other" }),
        json!({ "messaging": {} }),
        json!({ "disabled": "yes" }),
        json!({ "defaultLanguage": "fr" }),
        json!({ "name": "kept", "unknown": 1 }),
        json!([]),
    ] {
        let reply = admin.send_json("PATCH", &path, &wrong).await;
        assert_eq!(reply.status, 400, "{wrong}: {}", reply.text);
    }
    assert_eq!(admin.get(&path).await.json()["payload"]["name"], "Shop");
}

#[tokio::test]
async fn the_studio_sets_what_it_has_read() {
    let (_data, _server, admin) = site(&[bot("shop", "hello")]).await;
    let path = "/api/v1/studio/shop/config";
    let mut config = admin.get(path).await.json();
    let reply = admin.post(path, &config).await;
    assert_eq!((reply.status, &reply.json()["payload"]), (200, &json!({ "botId": "shop" })));
    config["name"] = json!("Shop");
    config["private"] = json!(true);
    assert_eq!(admin.post(path, &config).await.status, 200);
    assert_eq!(admin.get(path).await.json(), config);
    let v11 = admin.send_json("PUT", "/api/v1/admin/bots/shop", &json!({ "name": "Old" })).await;
    assert_eq!((v11.status, &v11.json()["message"]), (200, &json!("Updated bot")));
    config["id"] = json!("other");
    assert_eq!(admin.post(path, &config).await.status, 400);
}

#[tokio::test]
async fn a_locked_bot_can_only_be_unlocked() {
    let (_data, _server, admin) = site(&[bot("shop", "hello")]).await;
    let path = format!("{BOTS}/shop/config");
    assert_eq!(admin.send_json("PATCH", &path, &json!({ "locked": true })).await.status, 200);
    let archive = super::export(&admin, "shop").await;
    assert_eq!(post(&admin, "/shop/delete", &json!({})).await.json()["errorCode"], "BP_0006");
    assert_eq!(super::import(&admin, "shop", "?overwrite=true", &archive).await.status, 400);
    assert_eq!(admin.send_json("PATCH", &path, &json!({ "name": "x" })).await.status, 400);
    assert_eq!(admin.send_json("PATCH", &path, &json!({ "locked": false })).await.status, 200);
    assert_eq!(post(&admin, "/shop/delete", &json!({})).await.status, 200);
}

#[tokio::test]
async fn health_tells_how_each_bot_does_and_a_reload_whether_it_can() {
    let off = bot("off-bot", "x").config("disabled", json!(true));
    let (data, _server, admin) = site(&[bot("shop", "old"), off]).await;
    let health = get(&admin, "/health").await.json();
    let bots = &health["payload"][0]["bots"];
    assert_eq!(
        (&bots["shop"]["status"], &bots["off-bot"]["status"]),
        (&json!("healthy"), &json!("disabled"))
    );
    bot("shop", "new").write(&data.path().join("bots"));
    assert_eq!(post(&admin, "/shop/reload", &json!({})).await.status, 200);
    assert_eq!(admin.say("shop", "u1", "hello").await.texts(), ["new"]);
    let config = data.path().join("bots/shop/bot.config.json");
    std::fs::write(&config, "{ no json").unwrap();
    let reply = post(&admin, "/shop/reload", &json!({})).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(admin.say("shop", "u1", "hello").await.texts(), ["new"], "it runs on as it was");
    let health = get(&admin, "/health").await.json();
    assert_eq!(health["payload"][0]["bots"]["shop"]["status"], "unhealthy");
    let listed = get(&admin, "").await;
    assert!(listed.text.contains("problem"), "{}", listed.text);
    assert_eq!(admin.get(&format!("{BOTS}/shop/config")).await.status, 400);
    assert_eq!(get(&admin, "/none/reload").await.status, 405);
    assert_eq!(post(&admin, "/none/reload", &json!({})).await.status, 404);
}

#[tokio::test]
async fn everybody_may_know_what_a_public_bot_is() {
    let details = json!({ "website": "https://a.example" });
    let shop = bot("shop", "x")
        .config("details", details.clone())
        .config("description", json!("Sells."))
        .config("messaging", json!({ "token": "secret" }));
    let private = bot("private", "x").config("private", json!(true));
    let off = bot("off-bot", "x").config("disabled", json!(true));
    let (_data, server, admin) = site(&[shop, private, off]).await;
    let anybody = server.client();
    let info = anybody.get("/api/v1/bots/shop").await;
    let expected = json!({
        "id": "shop", "name": "shop", "description": "Sells.", "disabled": false, "private": false,
        "defaultLanguage": "en", "languages": ["en"], "details": details,
    });
    assert_eq!(info.json(), expected);
    assert_eq!(anybody.get("/api/v1/bots/private").await.status, 401);
    assert_eq!(admin.get("/api/v1/bots/private").await.status, 200);
    assert_eq!(admin.get("/api/v1/bots/off-bot").await.status, 404);
    assert_eq!(anybody.get("/api/v1/bots/none").await.status, 404);
}
