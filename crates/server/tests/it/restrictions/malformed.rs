//! Restrictions that cannot be read close, and are told of.

use serde_json::{Value, json};

use super::{ask_often, bot, passed};
use crate::harness::{DataDir, Server, binary};

fn malformed() -> Value {
    json!({
        "allowedOrigins": ["shop.example"],
        "requireKey": "no",
        "rateLimit": { "perUser": { "limit": 5 } },
    })
}

#[test]
fn the_check_names_each_with_its_field_and_what_follows() {
    let data = DataDir::with_bots(&[bot("shop", &malformed())]);
    let folder = data.path().join("bots/shop");
    let output = binary().arg("check").arg(folder).arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let report = String::from_utf8_lossy(&output.stdout);
    for expected in [
        "converse.allowedOrigins",
        "is \\\"shop.example\\\" (line 1)",
        "the entry admits nobody",
        "converse.requireKey",
        "it is taken for true",
        "converse.rateLimit.perUser.limitWindow",
        "24 hours are taken, the strictest",
    ] {
        assert!(report.contains(expected), "{report}\nlacks\n{expected}");
    }
}

#[tokio::test]
async fn a_bot_with_them_is_closed_rather_than_open() {
    let only = |key: &str| {
        let id = key.to_lowercase();
        bot(&id, &json!({ key: malformed()[key] }))
    };
    let data = DataDir::with_bots(&[only("allowedOrigins"), only("requireKey"), only("rateLimit")]);
    let server = Server::start(&data);
    let client = server.client();
    let body = json!({ "type": "text", "text": "hi" });
    let origin = [("Origin", "https://shop.example")];
    let path = "/api/v1/bots/allowedorigins/converse/ada";
    assert_eq!(client.try_post(path, &body, &origin).await.unwrap().status, 403);
    assert_eq!(client.say("requirekey", "ada", "hi").await.status, 401);
    let replies =
        ask_often(
            &client,
            10,
            |client, _| async move { client.say("ratelimit", "ada", "hi").await },
        );
    assert_eq!(passed(&replies.await), 5);
}

#[test]
fn the_server_does_not_start_with_them() {
    let data = DataDir::with_bots(&[]);
    let config = data.path().join("global/botpress.config.json");
    for (section, key) in [
        ("allowedOrigins", "converse.allowedOrigins"),
        ("requireKey", "converse.requireKey"),
        ("rateLimit", "converse.rateLimit.perUser.limitWindow"),
    ] {
        let mut value = malformed()[section].clone();
        if section == "requireKey" {
            value = json!("perhaps");
        }
        std::fs::write(&config, json!({ "converse": { section: value } }).to_string()).unwrap();
        let output =
            binary().args(["serve", "--port", "0", "--data"]).arg(data.path()).output().unwrap();
        assert!(!output.status.success(), "{section}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("botpress.config.json:1:"), "{told}");
        assert!(told.contains(&format!("{key}: found ")), "{told}");
    }
}
