//! Conversations and sessions whose time has come.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{BotFiles, Client, DataDir, Server};

/// A bot that says `start <session count>` where a conversation starts and `go on` in its second
/// message, after the instructions of `receive`. Its conversations time out after 300 ms.
fn bot(id: &str, receive: &[String], session: &str) -> BotFiles {
    let count = json!({"type": "session", "name": "n", "value": "{{session.n}}I"});
    let entry = json!({
        "name": "entry",
        "onEnter": [format!("builtin/setVariable {count}"), "say #!builtin_text-start"],
        "onReceive": receive,
        "next": [{"condition": "true", "node": "more"}],
    });
    let more = json!({
        "name": "more", "onEnter": ["say #!builtin_text-on"], "onReceive": null, "next": [],
    });
    BotFiles::new(id)
        .texts(&[("start", "start {{session.n}}"), ("on", "go on")])
        .flow("main", &[entry, more])
        .config("dialog", json!({"timeoutInterval": "300ms", "sessionTimeoutInterval": session}))
}

fn wait(millis: u32) -> String {
    format!("builtin/wait {}", json!({ "delay": millis }))
}

/// A server that looks after expiries every 100 ms.
fn serve(bots: &[BotFiles]) -> (DataDir, Server, Client) {
    let data = DataDir::with_bots(bots);
    let config: Value = json!({"dialog": {"janitorInterval": "100ms"}});
    std::fs::write(data.path().join("global/botpress.config.json"), config.to_string()).unwrap();
    let server = Server::start(&data);
    let client = server.client();
    (data, server, client)
}

async fn a_while() {
    tokio::time::sleep(Duration::from_millis(900)).await;
}

#[tokio::test]
async fn a_silent_conversation_starts_over_and_its_session_lives_on_until_it_expires() {
    let bots = [bot("long", &[], "1h"), bot("short", &[], "400ms")];
    let (_data, _server, client) = serve(&bots);
    for id in ["long", "short"] {
        assert_eq!(client.say(id, "ada", "hi").await.texts(), ["start I"]);
    }
    assert_eq!(client.say("long", "bob", "hi").await.texts(), ["start I"]);
    assert_eq!(client.say("long", "bob", "at once").await.texts(), ["go on"]);
    a_while().await;
    assert_eq!(client.say("long", "ada", "hi").await.texts(), ["start II"]);
    assert_eq!(client.say("short", "ada", "hi").await.texts(), ["start I"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_takes_long_delays_nobodys_timeout_and_is_not_timed_out_itself() {
    let (_data, _server, client) =
        serve(&[bot("slow", &[wait(3_000)], "1h"), bot("quick", &[], "1h")]);
    client.say("slow", "ada", "hi").await.texts();
    let base = client.base();
    let slow = tokio::spawn(async move { Client::new(&base).say("slow", "ada", "wait").await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    client.say("quick", "bob", "hi").await.texts();
    a_while().await;
    assert_eq!(client.say("quick", "bob", "hi").await.texts(), ["start II"]);
    assert!(!slow.is_finished());
    assert_eq!(slow.await.unwrap().texts(), ["go on"]);
}

#[tokio::test]
async fn a_bot_that_waits_in_its_timeout_flow_delays_nobody_elses() {
    let last = json!({"name": "n", "onEnter": [wait(5_000)], "onReceive": null, "next": []});
    let bots = [bot("slow", &[], "1h").flow("timeout", &[last]), bot("quick", &[], "1h")];
    let (_data, _server, client) = serve(&bots);
    client.say("slow", "ada", "hi").await.texts();
    tokio::time::sleep(Duration::from_millis(500)).await;
    client.say("quick", "bob", "hi").await.texts();
    a_while().await;
    assert_eq!(client.say("quick", "bob", "hi").await.texts(), ["start II"]);
}
