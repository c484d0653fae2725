//! Workspaces, their collaborators, roles and logs, over HTTP.

mod collaborators;
mod logs;
mod management;
mod roles;
mod workspaces;

use serde_json::{Value, json};

use crate::harness::{BotFiles, Client, DataDir, People, Reply, Server};

/// Below the surface of operators.
const ADMIN: &str = "/api/v2/admin";

/// A server with the workspaces `default` (with `a-bot`) and `other` (with `b-bot`), a super admin, and
/// in `default` an administrator, a developer and an editor; `other` has an administrator, too.
struct Stage {
    data: DataDir,
    server: Server,
    root: String,
    admin: String,
    dev: String,
    editor: String,
    other: String,
}

impl Stage {
    async fn new() -> Self {
        let node = json!({"name": "start", "onEnter": [], "onReceive": null, "next": []});
        let bot = |id: &str| BotFiles::new(id).flow("main", std::slice::from_ref(&node));
        let data = DataDir::with_bots(&[bot("a-bot"), bot("b-bot")]);
        let workspaces = json!([
            {"id": "default", "name": "Default", "bots": ["a-bot"]},
            {"id": "other", "name": "Other", "bots": ["b-bot"]},
        ]);
        let file = data.path().join("global/workspaces.json");
        std::fs::write(file, workspaces.to_string()).unwrap();
        let people = People::of(&data).await;
        let root = people.account("root@x.org", true, &[]).await;
        let admin = people.account("admin@x.org", false, &["default/admin"]).await;
        let dev = people.account("dev@x.org", false, &["default/dev"]).await;
        let editor = people.account("editor@x.org", false, &["default/editor"]).await;
        let other = people.account("other@x.org", false, &["other/admin"]).await;
        people.leave().await;
        let server = Server::start(&data);
        Self { data, server, root, admin, dev, editor, other }
    }

    /// Somebody with this token, in workspace `default`.
    fn with(&self, token: &str) -> Person {
        Person {
            client: self.server.client(),
            token: token.to_owned(),
            workspace: Some("default".to_owned()),
        }
    }
}

/// Somebody who asks.
struct Person {
    client: Client,
    token: String,
    workspace: Option<String>,
}

impl Person {
    fn in_workspace(mut self, workspace: Option<&str>) -> Self {
        self.workspace = workspace.map(str::to_owned);
        self
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let token = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(self.workspace.as_deref().map(|id| ("x-bp-workspace", id)));
        self.client.ask(method, &format!("{ADMIN}{path}"), &headers, body).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, Some(body)).await
    }
}
