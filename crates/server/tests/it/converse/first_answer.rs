//! What a client of many years meets first.

use serde_json::{Value, json};

use crate::harness::{DataDir, Server};

#[tokio::test]
async fn the_demo_bots_first_answer_has_the_documented_shape() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let reply = server.client().say("welcome-bot", "u1", "Hey!").await;

    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
    // The order of members, too, is part of the documented answer.
    let beginning =
        r#"{"responses":[{"type":"typing","value":true},{"type":"text","markdown":true,"text":""#;
    assert!(reply.text.starts_with(beginning), "{}", reply.text);

    let responses = reply.responses();
    assert_eq!(responses.len(), 2, "{}", reply.text);
    assert_eq!(responses[0], json!({ "type": "typing", "value": true }));
    let text = responses[1].as_object().unwrap();
    assert_eq!(text.keys().collect::<Vec<_>>(), ["type", "markdown", "text"]);
    assert!(text["text"].as_str().unwrap().ends_with('?'), "it asks for the name");
    assert_eq!(reply.json().as_object().unwrap().len(), 1, "nothing but responses");
}

#[tokio::test]
async fn every_documented_request_is_answered() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    let path = |user: &str| format!("/api/v1/bots/welcome-bot/converse/{user}");
    let bodies: [Value; 5] = [
        json!({ "type": "text", "text": "Hey!" }),
        json!({ "type": "text", "text": "Google Stock Price" }),
        json!({ "text": "Hey!" }),
        json!({ "type": "text", "text": "Hey!", "includedContexts": ["global"] }),
        json!({ "type": "text", "text": "Hey!", "includedContexts": ["global"], "metadata": {} }),
    ];
    for (index, body) in bodies.iter().enumerate() {
        let reply = client.post(&path(&format!("u{index}")), body).await;
        assert_eq!(reply.responses().len(), 2, "{body}: {}", reply.text);
    }
    let reply = client.post(&format!("{}?include=responses", path("u9")), &bodies[0]).await;
    assert_eq!(reply.responses().len(), 2);
}

#[tokio::test]
async fn a_form_is_as_good_as_json() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let path = "/api/v1/bots/welcome-bot/converse/form";
    let form = "application/x-www-form-urlencoded";
    let reply = server.client().post_raw(path, form, "type=text&text=Hey%21").await;
    assert_eq!(reply.responses().len(), 2);
}
