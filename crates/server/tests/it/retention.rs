//! Attributes of chat users are forgotten when their time has come (`dataRetention`).

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{BotFiles, Client, DataDir, Server};

const BOT: &str = "keeper";
/// Longer than forgetting may take, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);
const POLICIES: &str = r#"{"name": "1s"}"#;
const KEPT: Duration = Duration::from_secs(1);

/// `set` sets name and town; anything else only says what the bot knows.
fn keeper() -> BotFiles {
    let set = |name: &str, value: &str| {
        let argument = json!({ "type": "user", "name": name, "value": value });
        format!("builtin/setVariable {argument}")
    };
    let entry = json!({
        "name": "entry", "onEnter": [], "onReceive": null,
        "next": [
            { "condition": "event.payload.text === 'set'", "node": "set" },
            { "condition": "true", "node": "tell" },
        ],
    });
    let setting = json!({
        "name": "set", "onReceive": null,
        "onEnter": [set("name", "Ada"), set("town", "London")],
        "next": [{ "condition": "true", "node": "tell" }],
    });
    let tell = json!({
        "name": "tell", "onEnter": ["say #!builtin_text-known"], "onReceive": null, "next": [],
    });
    BotFiles::new(BOT)
        .texts(&[("known", "name={{user.name}} town={{user.town}}")])
        .flow("main", &[entry, setting, tell])
}

/// Starts with these policies and this interval of the janitor.
fn start(data: &DataDir, policies: &str, interval: &str) -> Server {
    let policies = ("BP_CONFIG_DATARETENTION_POLICIES", policies);
    let interval = ("BP_CONFIG_DATARETENTION_JANITORINTERVAL", interval);
    Server::start_with(data, &[], &[policies, interval])
}

async fn known(client: &Client, text: &str) -> String {
    client.say(BOT, "ada", text).await.texts().concat()
}

async fn wait_until_known(client: &Client, wanted: &str) {
    let started = Instant::now();
    loop {
        let found = known(client, "who am I?").await;
        if found == wanted {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "still {found}");
        tokio::time::sleep(LOOK).await;
    }
}

/// The count follows the deed.
async fn wait_until_counted(client: &Client, count: u32) {
    let wanted = format!("parlance_sessions_expired_total{{kind=\"attribute\"}} {count}\n");
    let started = Instant::now();
    loop {
        let metrics = client.get("/metrics").await.text;
        if metrics.contains(&wanted) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{wanted} is not in\n{metrics}");
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test]
async fn an_attribute_with_a_policy_is_forgotten_and_others_are_kept() {
    let data = DataDir::with_bots(&[keeper()]);
    let server = start(&data, r#"{"name": "2s"}"#, "100ms");
    let client = server.client();
    // Once more after the first time: the value is new again.
    for forgotten in 1..=2 {
        let set = Instant::now();
        assert_eq!(known(&client, "set").await, "name=Ada town=London");
        // Turns that leave the name as it is do not put its date off.
        wait_until_known(&client, "name= town=London").await;
        assert!(set.elapsed() >= Duration::from_secs(2), "forgotten after {:?}", set.elapsed());
        wait_until_counted(&client, forgotten).await;
    }
}

#[tokio::test]
async fn what_came_due_while_the_server_was_down_is_forgotten_when_it_is_back() {
    let data = data_with_an_overdue_name().await;
    let server = start(&data, POLICIES, "24h");
    wait_until_known(&server.client(), "name= town=London").await;
}

#[tokio::test]
async fn without_policies_nothing_is_forgotten() {
    let data = data_with_an_overdue_name().await;
    let server = start(&data, "{}", "100ms");
    tokio::time::sleep(5 * LOOK).await;
    assert_eq!(known(&server.client(), "who am I?").await, "name=Ada town=London");
}

/// What a server leaves behind that was told a name and ended before the janitor came by.
async fn data_with_an_overdue_name() -> DataDir {
    let data = DataDir::with_bots(&[keeper()]);
    let mut server = start(&data, POLICIES, "24h");
    assert_eq!(known(&server.client(), "set").await, "name=Ada town=London");
    server.kill();
    tokio::time::sleep(KEPT).await;
    data
}
