//! Forged tokens over HTTP, and what the audit log says of them.

use parlance_store::AuditRow;

use super::forgeries::forgeries;
use super::world::{account, open};
use super::{operation, token};
use crate::harness::{Client, DataDir, Server, counting_bot};

const KEEPER: &str = "keeper@example.com";
const SECURED: &str = "/api/v1/bots/bot/converse/ada/secured";
/// Failures of one address that are in the audit log in one minute.
const RECORDED: usize = 60;

async fn keepers_data() -> DataDir {
    let data = DataDir::with_bots(&[counting_bot("bot")]);
    data.configure(&serde_json::json!({ "appSecret": token::SECRET }));
    let store = open(&data).await;
    store.create_account(account(KEEPER, true), false).await.unwrap();
    store.close().await;
    data
}

/// All rows of the audit log.
async fn rows(data: &DataDir) -> Vec<AuditRow> {
    let store = open(data).await;
    let rows = store.audit_rows(&parlance_store::AuditFilter::default(), None, 1000).await.unwrap();
    store.close().await;
    rows
}

/// How many of the tokens are refused with 401, in the order of the tokens.
async fn refused(client: &Client, method: &str, path: &str) -> Vec<String> {
    let mut others = Vec::new();
    for (what, token) in forgeries(KEEPER) {
        let authorization = format!("Bearer {token}");
        let reply = client.send(method, path, &[("Authorization", &authorization)]).await;
        if reply.status != 401 {
            others.push(format!("{} {method} {path}: {what}", reply.status));
        }
        assert!(!reply.text.contains(&token[..token.len().min(40)]), "{what} is not repeated");
    }
    others
}

#[tokio::test]
async fn sixty_forged_tokens_are_refused_and_each_is_recorded() {
    assert!(forgeries(KEEPER).len() >= 60, "{}", forgeries(KEEPER).len());
    let admin = operation::described().await.into_iter().find(|one| {
        one.access == operation::Access::Owner && one.method == "GET" && !one.paths[0].contains('{')
    });
    let admin = admin.unwrap().paths[0].clone();
    for (method, path) in [("POST", SECURED), ("GET", admin.as_str())] {
        let data = keepers_data().await;
        let mut server = Server::start(&data);
        let client = server.client();
        let good = format!("Bearer {}", token::of(&token::claims(KEEPER)));
        let others = refused(&client, method, path).await;
        assert!(others.is_empty(), "{}", others.join("\n"));
        let reply = client.send(method, path, &[("Authorization", &good)]).await;
        assert!(![401, 403].contains(&reply.status), "the true one passes: {}", reply.text);
        server.ask_to_end();
        server.wait_for_end();
        let log = std::fs::read_to_string(data.log_file()).unwrap();
        assert!(!log.contains("panicked"), "{log}");
        let rows = rows(&data).await;
        let refusals: Vec<_> = rows.iter().filter(|row| row.entry.result == 401).collect();
        assert_eq!(refusals.len(), RECORDED.min(forgeries(KEEPER).len()), "one row each");
        assert!(refusals.iter().all(|row| row.entry.actor == "anonymous"), "nobody believed them");
    }
}
