//! Conversations, what bots remember, and chat users.

mod access;
mod conversations;
mod erase;
mod export;
mod memory;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN, BotFiles, Client, DataDir, Reply, Server, counting_bot};

/// The bot that most tests talk to, and one beside it.
const SHOP: &str = "shop";
const OTHER: &str = "other";

/// A server with both bots, and a super admin.
struct Stage {
    data: DataDir,
    server: Server,
    admin: Client,
}

impl Stage {
    async fn new() -> Self {
        Self::with(&[counting_bot(SHOP), counting_bot(OTHER)]).await
    }

    async fn with(bots: &[BotFiles]) -> Self {
        let data = DataDir::with_bots(bots);
        let server = Server::start_with_admin(&data);
        let admin = server.client().login(ADMIN).await;
        Self { data, server, admin }
    }

    async fn read(&self, path: &str) -> Value {
        let reply = self.admin.get(&of_shop(path)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    async fn delete(&self, path: &str) -> Value {
        let reply = self.admin.delete(&of_shop(path)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    /// `PATCH`, with `If-Match` where there is one.
    async fn patch(&self, path: &str, body: &Value, tag: Option<&str>) -> Reply {
        let mut headers = vec![("Content-Type", "application/merge-patch+json")];
        headers.extend(tag.map(|tag| ("If-Match", tag)));
        let request = self.admin.request(Method::PATCH, &of_shop(path), &headers);
        Reply::read(request.body(body.to_string()).send().await.unwrap()).await.unwrap()
    }
}

/// A path below the bot.
fn of_shop(path: &str) -> String {
    format!("/api/v1/bots/{SHOP}/{path}")
}

/// A user's conversation, as a path below the bot.
fn talk(user: &str) -> String {
    format!("conversations/{SHOP}::api::{user}")
}

/// The field of every item.
fn each(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|item| item[field].clone()).collect()
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}
