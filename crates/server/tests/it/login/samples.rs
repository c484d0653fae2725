//! The calls that v12's documentation shows, one after another, with the demo bot: a login, and the
//! Debug API with all that can be included. The members come in the documented order.

use serde_json::{Value, json};

use crate::harness::{ADMIN, DataDir, LOGIN, Reply, Server};

const SECURED: &str =
    "/api/v1/bots/welcome-bot/converse/sample/secured?include=nlu,state,suggestions,decision";

fn members(value: &Value) -> String {
    let members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    members.join(" ")
}

/// Logs in as the documentation does and gives the token.
fn token_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    assert_eq!(members(&body), "status message payload");
    assert_eq!(
        (&body["status"], &body["message"]),
        (&json!("success"), &json!("Login successful"))
    );
    assert_eq!(members(&body["payload"]), "jwt exp");
    assert_eq!(body["payload"]["exp"], 3_600_000, "milliseconds");
    body["payload"]["jwt"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_documented_calls_work_and_their_answers_have_the_documented_members() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let login = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    let token = token_of(&client.post(LOGIN, &login).await);
    let body =
        json!({ "type": "text", "text": "Hey!", "includedContexts": ["global"], "metadata": {} });
    let answer = client.with_token(&token).post(SECURED, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    for (place, expected) in [
        ("", "responses nlu suggestions state decision"),
        ("/nlu", "entities language ambiguous slots intent intents errored includedContexts ms"),
        ("/nlu/intent", "name confidence context"),
        ("/state", "__stacktrace user context session temp"),
        ("/state/__stacktrace/0", "flow node"),
        ("/state/session", "lastMessages workflows slots"),
        ("/decision", "decision confidence payloads source sourceDetails"),
        ("/decision/decision", "reason status"),
    ] {
        let found = members(answer.pointer(place).unwrap());
        assert_eq!(found, expected, "{place} of {answer}");
    }
    assert_eq!(answer["suggestions"], json!([]));
    assert_eq!(answer["nlu"]["language"], "n/a");
    assert_eq!(answer["decision"]["decision"]["status"], "elected");
}

#[tokio::test]
async fn a_private_bot_talks_to_collaborators_and_their_keys_alone() {
    let data = DataDir::new();
    let mut server = Server::start_with_admin(&data);
    server.kill();
    let file = data.path().join("bots/welcome-bot/bot.config.json");
    let mut config: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    config["private"] = json!(true);
    std::fs::write(&file, config.to_string()).unwrap();
    let server = Server::start(&data);
    let client = server.client();
    let session = client.login(ADMIN).await;
    assert_eq!(client.say("welcome-bot", "ada", "Hey!").await.status, 401);
    assert_eq!(session.say("welcome-bot", "ada", "Hey!").await.status, 200);
    for (scope, expected) in [("bot.converse:w", 200), ("bot.content:rw", 403)] {
        let body = json!({ "name": "app", "scopes": [scope] });
        let key = session.post("/api/v2/admin/user/keys", &body).await.json();
        let with = client.with_token(key["payload"]["key"].as_str().unwrap());
        assert_eq!(with.say("welcome-bot", "ada", "Hey!").await.status, expected, "{scope}");
    }
}
