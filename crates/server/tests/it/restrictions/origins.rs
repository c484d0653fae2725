//! Pages of other sites, and calls without the key that a bot asks for.

use serde_json::json;

use super::bot;
use crate::harness::{Client, DataDir, Reply, Server};

const SHOP: &str = "https://shop.example";
const EVIL: &str = "https://evil.example";

fn path(bot: &str) -> String {
    format!("/api/v1/bots/{bot}/converse/ada")
}

async fn say_from(client: &Client, bot: &str, origin: &str) -> Reply {
    let body = json!({ "type": "text", "text": "hi" });
    client.try_post(&path(bot), &body, &[("Origin", origin)]).await.unwrap()
}

async fn preflight(client: &Client, path: &str, origin: &str) -> Reply {
    let asked = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
    client.send("OPTIONS", path, &asked).await
}

fn permission(reply: &Reply) -> Option<&str> {
    reply.headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn a_bot_with_a_list_talks_to_pages_of_its_sites_and_to_servers() {
    let list = json!({ "allowedOrigins": [SHOP] });
    let data = DataDir::with_bots(&[bot("shop", &list), bot("open", &json!({}))]);
    let server = Server::start(&data);
    let client = server.client();
    let mine = say_from(&client, "shop", SHOP).await;
    assert_eq!((mine.texts(), permission(&mine)), (vec!["hello".to_owned()], Some(SHOP)));
    assert_eq!(client.say("shop", "ada", "hi").await.texts(), ["hello"], "a server");
    let theirs = say_from(&client, "shop", EVIL).await;
    assert_eq!((theirs.status, permission(&theirs)), (403, None));
    assert!(theirs.text.contains(EVIL) && theirs.text.contains("converse.allowedOrigins"));
    assert!(theirs.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_eq!(permission(&preflight(&client, &path("shop"), SHOP).await), Some(SHOP));
    assert_eq!(permission(&preflight(&client, &path("shop"), EVIL).await), None);
    let open = say_from(&client, "open", EVIL).await;
    assert_eq!((open.status, permission(&open)), (200, Some("*")));
}

#[tokio::test]
async fn the_servers_list_holds_where_a_bot_has_none() {
    let bots = [bot("plain", &json!({})), bot("open", &json!({ "allowedOrigins": ["*"] }))];
    let data = DataDir::with_bots(&bots);
    let variables = [("BP_CONFIG_CONVERSE_ALLOWEDORIGINS", SHOP)];
    let server = Server::start_with(&data, &[], &variables);
    let client = server.client();
    for (bot, origin, status) in
        [("plain", SHOP, 200), ("plain", EVIL, 403), ("open", SHOP, 200), ("open", EVIL, 200)]
    {
        assert_eq!(say_from(&client, bot, origin).await.status, status, "{bot} {origin}");
    }
}

#[tokio::test]
async fn no_site_may_operate_unless_it_is_named() {
    let operator = ["/api/v2/admin/workspace/bots", "/api/v1/auth/login/basic/default"];
    let data = DataDir::with_bots(&[bot("open", &json!({}))]);
    for (named, credentials, expected) in
        [("true", "true", None), ("*", "true", None), (SHOP, "true", Some(SHOP))]
    {
        let variables = [
            ("BP_CONFIG_HTTPSERVER_CORS_ORIGIN", named),
            ("BP_CONFIG_HTTPSERVER_CORS_CREDENTIALS", credentials),
        ];
        let server = Server::start_with(&data, &[], &variables);
        let client = server.client();
        for path in operator {
            let got = preflight(&client, path, SHOP).await;
            assert_eq!(permission(&got), expected, "{named} {path}");
            assert_eq!(permission(&preflight(&client, path, EVIL).await), None, "{named} {path}");
            let with = got.headers.contains_key("access-control-allow-credentials");
            assert_eq!(with, expected.is_some(), "{named} {path}");
        }
    }
}

#[tokio::test]
async fn a_bot_that_needs_a_key_talks_to_nobody_without_one() {
    let bots = [bot("keyed", &json!({ "requireKey": true })), bot("open", &json!({}))];
    let data = DataDir::with_bots(&bots);
    let server = Server::start(&data);
    let client = server.client();
    let body = json!({ "type": "text", "text": "hi" });
    for (header, message) in [
        (None, "Unauthorized: Authorization header is missing"),
        (Some("Bearer "), "Unauthorized: Authentication token is missing"),
        (Some("Bearer made-up"), "Unauthorized: Invalid authentication token"),
    ] {
        let headers: Vec<_> = header.map(|value| ("Authorization", value)).into_iter().collect();
        let reply = client.try_post(&path("keyed"), &body, &headers).await.unwrap();
        assert_eq!(reply.status, 401, "{header:?}");
        assert_eq!(reply.json()["errorCode"], "BP_0041");
        assert_eq!(reply.json()["message"], message);
    }
    assert_eq!(client.say("open", "ada", "hi").await.status, 200);
}
