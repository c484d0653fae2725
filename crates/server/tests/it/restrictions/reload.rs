//! Restrictions that change while the server runs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ask_often, bot, limit, passed, server};

const PATIENCE: Duration = Duration::from_secs(20);

fn limited(most: u32) -> Value {
    json!({ "rateLimit": { "perUser": limit(most, "1h") } })
}

#[tokio::test]
async fn a_bots_limits_and_origins_follow_its_files() {
    let (data, server) = server(&[bot("shop", &limited(2))], &json!({ "enabled": false }));
    let client = server.client();
    let say = |times| {
        ask_often(&client, times, |client, _| async move { client.say("shop", "ada", "hi").await })
    };
    assert_eq!(passed(&say(10).await), 2);
    bot("shop", &limited(7)).write(&data.path().join("bots"));
    let policy = async |wanted: &str| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let reply = client.say("shop", "somebody-else", "hi").await;
            let policy = reply.headers.get("ratelimit-policy");
            if policy.map_or("none", |policy| policy.to_str().unwrap()) == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "the change was not seen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    policy("\"user\";q=7;w=3600").await;
    assert_eq!(passed(&say(10).await), 5, "what was counted before still counts");
    let origins = json!({ "allowedOrigins": ["https://shop.example"] });
    bot("shop", &origins).write(&data.path().join("bots"));
    policy("none").await;
    assert_eq!(passed(&say(10).await), 10);
    let body = json!({ "type": "text", "text": "hi" });
    for (origin, status) in [("https://shop.example", 200), ("https://evil.example", 403)] {
        let path = "/api/v1/bots/shop/converse/ada";
        let reply = client.try_post(path, &body, &[("Origin", origin)]).await.unwrap();
        assert_eq!(reply.status, status, "{origin}");
    }
}
