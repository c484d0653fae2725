//! Requests that are refused, each with the status and the words that clients know.

use serde_json::{Value, json};

use crate::harness::{BotFiles, Client, DataDir, Reply, Server, counting_bot};

fn hello() -> Value {
    json!({ "type": "text", "text": "hello" })
}

async fn ask(client: &Client, bot: &str, query: &str, body: &Value) -> Reply {
    client.post(&format!("/api/v1/bots/{bot}/converse/u1{query}"), body).await
}

fn server_with(bots: &[BotFiles]) -> (DataDir, Server) {
    let data = DataDir::with_bots(bots);
    let server = Server::start(&data);
    (data, server)
}

#[tokio::test]
async fn an_unknown_bot_is_not_found() {
    let (_data, server) = server_with(&[counting_bot("counter")]);
    let reply = ask(&server.client(), "no-such-bot", "", &hello()).await;
    assert_eq!(reply.status, 404);
    let body = reply.json();
    assert_eq!(body["errorCode"], "BP_0044");
    assert_eq!(body["message"], "Not Found: Invalid Bot ID");
}

#[tokio::test]
async fn a_disabled_bot_is_not_found() {
    let bot = counting_bot("counter").config("disabled", json!(true));
    let (_data, server) = server_with(&[bot]);
    let reply = ask(&server.client(), "counter", "", &hello()).await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json()["message"], "Not Found: Bot is disabled");
}

#[tokio::test]
async fn a_bot_with_the_public_route_closed_refuses_in_plain_text() {
    let closed = json!({ "enableUnsecuredEndpoint": false });
    let (_data, server) = server_with(&[counting_bot("counter").config("converse", closed)]);
    let reply = ask(&server.client(), "counter", "", &hello()).await;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.text, "Unauthenticated Converse API is disabled for counter");
}

#[tokio::test]
async fn the_public_route_returns_responses_alone() {
    let (_data, server) = server_with(&[counting_bot("counter")]);
    let client = server.client();
    let reply = ask(&client, "counter", "?include=nlu,state,suggestions,decision", &hello()).await;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.text, "Unauthenticated converse API can only return \"responses\"");
    let repeated = ask(&client, "counter", "?include=responses&include=state", &hello()).await;
    assert_eq!(repeated.status, 400, "{}", repeated.text);
}

#[tokio::test]
async fn a_malformed_message_is_refused_in_v12s_words() {
    let (_data, server) = server_with(&[counting_bot("counter")]);
    let client = server.client();
    for (body, words) in [
        (json!({}), r#"child "text" fails because ["text" is required]"#),
        (
            json!({ "text": "" }),
            r#"child "text" fails because ["text" is not allowed to be empty]"#,
        ),
        (json!({ "text": 7 }), r#"child "text" fails because ["text" must be a string]"#),
        (
            json!({ "type": "image", "text": "a" }),
            r#"child "type" fails because ["type" must be one of [text]]"#,
        ),
        (json!({ "text": "a", "b/c": 1 }), r#""b&#x2F;c" is not allowed"#),
        (json!([]), r#""value" must be an object"#),
    ] {
        let reply = ask(&client, "counter", "", &body).await;
        assert_eq!(reply.status, 400, "{body}");
        let answer = reply.json();
        assert_eq!(answer["message"], format!("Invalid payload: {words}"), "{body}");
        assert_eq!(answer["type"], "StandardError", "{body}");
    }
}

#[tokio::test]
async fn lengths_count_utf16_units() {
    let (_data, server) = server_with(&[counting_bot("counter")]);
    let client = server.client();
    let say = |text: String| {
        let body = json!({ "text": text });
        let client = client.clone();
        async move { ask(&client, "counter", "", &body).await }
    };
    assert_eq!(say("😀".repeat(180)).await.status, 200);
    let reply = say(format!("{}a", "😀".repeat(180))).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["message"], "Text must be a valid string of less than 360 chars");
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_the_server_goes_on() {
    let (_data, server) = server_with(&[counting_bot("counter")]);
    let client = server.client();
    let path = "/api/v1/bots/counter/converse/u1";
    let reply = client.post_raw(path, "application/json", "{\"text\": ").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["type"], "entity.parse.failed");
    assert_eq!(client.say("counter", "u1", "still there").await.status, 200);
}
