//! What is recorded: every operation of the description is tried, and its rows are counted.

use std::collections::BTreeSet;

use parlance_store::{Database, Store, StoreOptions};
use serde_json::{Value, json};

use crate::harness::{BotFiles, Client, DataDir, People, Reply, Server};

/// Stands in every path and body. No row may hold it.
const SECRET: &str = "planted-hunter2-secret";

/// Fills a path's parameters. Decoded, it begins a new line and clears a terminal.
const NAME: &str = "no%0D%0Aname%1B%5B2J";

/// An operation of `/openapi.json`.
struct Operation {
    method: String,
    path: String,
    /// As rows name it.
    action: String,
    audited: bool,
    access: String,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let facts = &operation["x-parlance"];
            let filled =
                path.split('/').map(|part| if part.starts_with('{') { NAME } else { part });
            operations.push(Operation {
                method: method.to_uppercase(),
                path: filled.collect::<Vec<_>>().join("/"),
                action: operation["operationId"].as_str().unwrap().replace('-', " "),
                audited: facts["audited"].as_bool().unwrap(),
                access: facts["access"].as_str().unwrap().to_owned(),
            });
        }
    }
    operations
}

/// A server, and a client that comes from another address each time: rows about failures are capped for
/// each address.
struct Stage {
    data: DataDir,
    server: Server,
    key: String,
    dev: String,
    asked: u32,
}

impl Stage {
    async fn new() -> Self {
        let node = json!({"name": "start", "onEnter": [], "onReceive": null, "next": []});
        let data = DataDir::with_bots(&[BotFiles::new("a-bot").flow("main", &[node])]);
        let people = People::of(&data).await;
        people.account("root@x.org", true, &["default/admin"]).await;
        people.account("dev@x.org", false, &["default/dev"]).await;
        // Keys outlive the logout that is among the operations.
        let key = people.key("root@x.org", true, &["*:rw"]).await;
        let dev = people.key("dev@x.org", false, &["*:rw"]).await;
        people.leave().await;
        let server = Server::start_with(&data, &[], &[("REVERSE_PROXY", "1")]);
        Self { data, server, key, dev, asked: 0 }
    }

    fn client(&self) -> Client {
        self.server.client()
    }

    async fn ask(&mut self, operation: &Operation, token: Option<&str>) -> Reply {
        self.asked += 1;
        let [_, a, b, c] = self.asked.to_be_bytes();
        let from = format!("10.{a}.{b}.{c}");
        let token = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("x-forwarded-for", from.as_str()), ("x-bp-workspace", "default")];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        let body = json!({
            "email": "somebody@x.org", "password": SECRET, "newPassword": SECRET, "code": SECRET,
            "name": "x", "id": "x", "attributes": {"secret": SECRET},
        });
        let body = (operation.method != "GET").then_some(&body);
        self.client().ask(&operation.method, &operation.path, &headers, body).await
    }

    /// The rows after `number`, oldest first.
    async fn rows_after(&self, number: i64) -> Vec<Value> {
        let token = format!("Bearer {}", self.key);
        let path = "/api/v2/admin/audit?limit=50";
        let page = self.client().ask("GET", path, &[("authorization", &token)], None).await.json();
        let rows = page["payload"]["rows"].as_array().unwrap().iter().rev().cloned();
        rows.filter(|row| row["number"].as_i64().unwrap() > number).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_and_every_refusal_is_one_row_and_nothing_else_is_any() {
    let mut stage = Stage::new().await;
    let document = stage.client().get("/openapi.json").await.json();
    let operations = operations(&document);
    let names: BTreeSet<&str> = operations.iter().map(|one| one.action.as_str()).collect();
    assert!(names.len() == operations.len() && names.contains("workspace create"), "{names:?}");
    let (key, dev) = (stage.key.clone(), stage.dev.clone());
    let mut last = 0;
    for operation in &operations {
        for (token, actor) in [
            (None, "anonymous"),
            (Some("nonsense"), "anonymous"),
            (Some(dev.as_str()), "key:"),
            (Some(key.as_str()), "key:"),
        ] {
            let reply = stage.ask(operation, token).await;
            let rows = stage.rows_after(last).await;
            last = rows.last().map_or(last, |row| row["number"].as_i64().unwrap());
            let denied = operation.access != "open" && [401, 403].contains(&reply.status);
            // Nobody was refused and nothing was done: there is no such bot.
            let nowhere = operation.access == "bot" && reply.status == 404;
            let expected = usize::from(denied || operation.audited && !nowhere);
            let what =
                format!("{} as {token:?}: {} {}", operation.action, reply.status, reply.text);
            assert_eq!(rows.len(), expected, "{what}: {rows:#?}");
            for row in rows {
                assert_eq!(row["action"], *operation.action, "{what}");
                assert_eq!(row["result"], reply.status, "{what}");
                let by = row["actor"].as_str().unwrap();
                assert!(by.starts_with(actor) || operation.access == "open", "{what}: {by}");
            }
        }
    }
    let token = format!("Bearer {key}");
    let path = "/api/v2/admin/audit/verify";
    let found = stage.client().ask("GET", path, &[("authorization", &token)], None).await.json();
    assert_eq!(found["payload"]["whole"], true, "{found}");
    holds_no_secrets(stage).await;
}

/// As the database has them: what is shown might have been cleaned.
async fn holds_no_secrets(mut stage: Stage) {
    stage.server.ask_to_end();
    assert!(stage.server.wait_for_end().success());
    let database = Database::File(stage.data.path().join("storage/parlance.sqlite"));
    let store = Store::open(&database, &StoreOptions::default()).await.unwrap();
    let rows = store.audit_rows_after(0, 1000).await.unwrap();
    assert!(rows.len() > 40, "{}", rows.len());
    let text: Vec<String> = rows
        .into_iter()
        .flat_map(|row| [row.entry.actor, row.entry.action, row.entry.target, row.entry.note])
        .collect();
    for secret in [SECRET, stage.key.as_str(), stage.dev.as_str()] {
        assert!(!text.iter().any(|text| text.contains(secret)), "{secret}");
    }
    assert!(!text.iter().any(|text| text.chars().any(char::is_control)));
    assert!(text.iter().any(|text| text.contains("no\\u{d}\\u{a}name\\u{1b}[2J")), "it was there");
}
