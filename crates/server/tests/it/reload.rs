//! Bots whose files change while the server runs.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{BotFiles, Client, DataDir, Server};

const PATIENCE: Duration = Duration::from_secs(20);

fn bot(id: &str, text: &str) -> BotFiles {
    let entry = json!({ "name": "entry", "onEnter": ["say #!builtin_text-hello"], "next": [] });
    BotFiles::new(id).texts(&[("hello", text)]).flow("main", &[entry])
}

/// Asks until the bot says `wanted`; until then it says what it said before.
async fn until_it_says(client: &Client, bot: &str, before: &str, wanted: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let texts = client.say(bot, "u1", "hello").await.texts();
        if texts == [wanted] {
            return;
        }
        assert_eq!(texts, [before], "the old bot or the new one, nothing between");
        assert!(Instant::now() < deadline, "the change was not seen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_changed_bot_is_swapped_while_the_server_runs() {
    let data = DataDir::with_bots(&[bot("shop", "old"), bot("other", "other")]);
    let server = Server::start(&data);
    let client = server.client();
    assert_eq!(client.say("shop", "u1", "hello").await.texts(), ["old"]);
    bot("shop", "new").write(&data.path().join("bots"));
    until_it_says(&client, "shop", "old", "new").await;
    assert_eq!(client.say("other", "u1", "hello").await.texts(), ["other"]);
}

#[tokio::test]
async fn a_bot_that_breaks_takes_down_no_other() {
    let data = DataDir::with_bots(&[bot("shop", "old"), bot("other", "other")]);
    let server = Server::start(&data);
    let client = server.client();
    assert_eq!(client.say("shop", "u1", "hello").await.texts(), ["old"]);
    let flow = data.path().join("bots/shop/flows/main.flow.json");
    std::fs::write(flow, "{ this is no flow").unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(client.say("shop", "u1", "hello").await.status < 500);
    assert_eq!(client.say("other", "u1", "hello").await.texts(), ["other"]);
    bot("shop", "mended").write(&data.path().join("bots"));
    let deadline = Instant::now() + PATIENCE;
    while client.say("shop", "u2", "hello").await.texts() != ["mended"] {
        assert!(Instant::now() < deadline, "the mended bot was not seen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
