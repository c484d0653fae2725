//! Who may see conversations and chat users.

use serde_json::json;

use super::{OTHER, SHOP, Stage, of_shop, talk};

const EVERYWHERE: &str = "/api/v2/admin/users/api/ada";

#[tokio::test]
async fn nothing_is_shown_without_the_right_to_it() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "hi").await;
    let anybody = stage.server.client();
    let key = async |scopes: &[&str], bots: &[&str]| {
        let body = json!({"name": "k", "scopes": scopes, "bots": bots});
        let made = stage.admin.post("/api/v2/admin/user/keys", &body).await.json();
        anybody.with_token(made["payload"]["key"].as_str().unwrap())
    };
    let talks = key(&["bot.conversations:r"], &[SHOP]).await;
    let users = key(&["bot.users:r"], &[SHOP]).await;
    let memory = key(&["bot.memory:r"], &[SHOP]).await;
    let foreign = key(&["*:rw"], &[OTHER]).await;
    let ada = talk("ada");
    for (path, expected) in [
        ("conversations".to_owned(), [200, 403, 403]),
        (ada.clone(), [200, 403, 403]),
        (format!("{ada}/messages"), [200, 403, 403]),
        (format!("{ada}/turns"), [200, 403, 403]),
        ("users/ada".to_owned(), [403, 200, 403]),
        ("users/ada/export".to_owned(), [403, 200, 403]),
        (format!("{ada}/memory"), [403, 403, 200]),
        ("memory".to_owned(), [403, 403, 200]),
    ] {
        let path = of_shop(&path);
        for (client, expected) in [&talks, &users, &memory].into_iter().zip(expected) {
            assert_eq!(client.get(&path).await.status, expected, "{path}");
        }
        assert_eq!(foreign.get(&path).await.status, 403, "{path}");
        assert_eq!(anybody.get(&path).await.status, 401, "{path}");
    }
    for client in [&talks, &users, &memory, &foreign] {
        assert_eq!(client.delete(&of_shop("users/ada")).await.status, 403);
        assert_eq!(client.delete(&of_shop(&ada)).await.status, 403);
        assert_eq!(client.delete(EVERYWHERE).await.status, 403);
    }
    assert_eq!(anybody.delete(EVERYWHERE).await.status, 401);
    assert_eq!(stage.read("users/ada").await["attributes"]["turns"], "I", "nobody erased it");
}
