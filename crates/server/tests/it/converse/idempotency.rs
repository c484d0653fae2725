//! `Idempotency-Key`: a repeat gets the first answer, and is no second turn.

use serde_json::json;

use crate::harness::{DataDir, Server, counting_bot};

const PATH: &str = "/api/v1/bots/counter/converse/u1";

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer() {
    let data = DataDir::with_bots(&[counting_bot("counter")]);
    let mut server = Server::start(&data);
    let client = server.client();
    let body = json!({ "text": "a" });
    let key = [("Idempotency-Key", "k1")];
    let first = client.try_post(PATH, &body, &key).await.unwrap();
    assert_eq!(first.texts(), ["u1 a I I"]);
    let repeat = client.try_post(PATH, &body, &key).await.unwrap();
    assert_eq!((repeat.status, &repeat.text), (200, &first.text));

    server.kill();
    let server = Server::start(&data);
    client.moved_to(server.base());
    let after = client.try_post(PATH, &body, &key).await.unwrap();
    assert_eq!((after.status, &after.text), (200, &first.text), "the key outlives the process");
    assert_eq!(client.say("counter", "u1", "b").await.texts(), ["u1 b II II"]);
}

#[tokio::test]
async fn a_key_belongs_to_its_user() {
    let data = DataDir::with_bots(&[counting_bot("counter")]);
    let server = Server::start(&data);
    let client = server.client();
    let body = json!({ "text": "a" });
    for user in ["u1", "u2"] {
        let path = format!("/api/v1/bots/counter/converse/{user}");
        let reply = client.try_post(&path, &body, &[("Idempotency-Key", "k")]).await.unwrap();
        assert_eq!(reply.texts(), [format!("{user} a I I")]);
    }
}

#[tokio::test]
async fn a_key_with_another_message_is_refused() {
    let data = DataDir::with_bots(&[counting_bot("counter")]);
    let server = Server::start(&data);
    let client = server.client();
    let key = [("Idempotency-Key", "k1")];
    client.try_post(PATH, &json!({ "text": "a" }), &key).await.unwrap().texts();
    let reply = client.try_post(PATH, &json!({ "text": "b" }), &key).await.unwrap();
    assert!((400..500).contains(&reply.status), "{} {}", reply.status, reply.text);
    assert_eq!(client.say("counter", "u1", "c").await.texts(), ["u1 c II II"]);
}
