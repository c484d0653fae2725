//! What is answered, and with what headers.

use serde_json::json;

use super::super::super::testing::{Got, post, send};
use super::{PATH, error, fake, refusal, sent, text};
use crate::config::{RateLimit, RateLimits};

#[tokio::test]
async fn a_message_is_answered_with_the_bots_replies() {
    let got = sent(PATH, &json!({"text": "hi", "metadata": {"a": 1}})).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(got.headers["x-powered-by"], "Botpress");
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    assert_eq!(got.headers["x-request-id"].len(), 16);
    assert!(got.headers["x-response-time"].to_str().unwrap().ends_with("ms"));
    assert!(!got.headers.contains_key("ratelimit"));
    assert_eq!(
        got.text(),
        "{\"responses\":[{\"type\":\"typing\",\"value\":true},{\"bot\":\"welcome-bot\",\"user\":\"u1\",\
         \"payload\":{\"text\":\"hi\",\"metadata\":{\"a\":1},\"type\":\"text\"},\
         \"contexts\":[\"global\"],\"key\":null,\"timeout\":5000}]}"
    );
    assert_eq!(sent(PATH, &text("!silent")).await.text(), "{\"responses\":[]}");
    assert_eq!(sent(&format!("{PATH}/"), &text("hi")).await.status, 200);
}

#[tokio::test]
async fn a_turn_that_fails_has_its_status() {
    for (words, status, kind, message, retry) in [
        ("!timeout", 400, "Error", "Request timed out.", None),
        (
            "!overload",
            503,
            "OverloadedError",
            "too many messages are waiting; try again in 3 s",
            Some("3"),
        ),
        (
            "!reused",
            422,
            "IdempotencyError",
            "this Idempotency-Key was used with another request",
            None,
        ),
        (
            "!lost",
            503,
            "StorageError",
            "the message could not be stored, nothing of it happened; try again",
            Some("1"),
        ),
    ] {
        let got = sent(PATH, &text(words)).await;
        assert_eq!(error(&got), refusal(status, kind, "", message));
        let after = got.headers.get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(after, retry, "{words}");
    }
    let got = sent(PATH, &text("!panic")).await;
    let expected = refusal(500, "InternalServerError", "BP_0050", "Internal server error");
    assert_eq!(error(&got), expected);
    assert_eq!(got.headers["x-powered-by"], "Botpress");
}

#[tokio::test]
async fn the_timeout_is_that_of_the_request_then_the_bot_then_the_server() {
    let timeout = async |path: &str| {
        sent(path, &text("hi")).await.json()["responses"][1]["timeout"].as_u64().unwrap()
    };
    assert_eq!(timeout(PATH).await, 5000);
    assert_eq!(timeout("/api/v1/bots/quick-bot/converse/u").await, 300);
    assert_eq!(timeout("/api/v1/bots/quick-bot/converse/u?timeout=20s").await, 20_000);
    assert_eq!(sent(&format!("{PATH}?timeout=61s"), &text("hi")).await.status, 400);
}

#[tokio::test]
async fn an_idempotency_key_reaches_the_turn() {
    let router = fake().router(|_| {});
    let keyed = |key: &str| {
        let mut request = post(PATH, &text("hi"));
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        request
    };
    let got = send(&router, keyed("k-1")).await;
    assert_eq!(got.json()["responses"][1]["key"], "k-1");
    assert_eq!(error(&send(&router, keyed("")).await).2.as_deref(), Some("BP_0040"));
}

#[tokio::test]
async fn a_stream_has_an_event_for_each_reply_and_an_end() {
    let router = fake().router(|_| {});
    let stream = |words: &str| {
        let mut request = post(PATH, &text(words));
        request.headers_mut().insert("accept", "text/event-stream".parse().unwrap());
        request
    };
    for words in ["hi", "!slow"] {
        let got = send(&router, stream(words)).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.headers["content-type"], "text/event-stream");
        let text = got.text();
        let mut events = text.split("\n\n");
        let first = "event: response\nid: 1\ndata: {\"type\":\"typing\",\"value\":true}";
        assert_eq!(events.next(), Some(first));
        assert!(events.next().unwrap().starts_with("event: response\nid: 2\ndata: {\"bot\""));
        assert_eq!(events.next(), Some("event: done\ndata: {\"responses\":2}"));
        assert_eq!(events.next(), Some(""));
    }
    assert_eq!(error(&send(&router, stream("!overload")).await).0, 503);
    assert_eq!(error(&send(&router, stream("")).await).1, "StandardError");
    let late = send(&router, stream("!slow failure")).await;
    assert_eq!(late.status, 200);
    assert!(late.text().starts_with("event: error\ndata: {\"statusCode\":400,\"type\":\"Error\""));
}

#[tokio::test]
async fn users_and_bots_have_limits_of_their_own() {
    let limit = |limit| Some(RateLimit { limit, window: std::time::Duration::from_mins(1) });
    let fake = fake();
    let router = fake.router(|settings| {
        settings.rate_limits =
            RateLimits { ip: limit(100), user: limit(2), bot: limit(3), token: None };
    });
    let say = async |user: &str| {
        send(&router, post(&format!("/api/v1/bots/welcome-bot/converse/{user}"), &text("hi"))).await
    };
    let first = say("a").await;
    let all = |got: &Got, name: &str| {
        let values = got.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let policies = "\"user\";q=2;w=60, \"bot\";q=3;w=60, \"ip\";q=100;w=60";
    assert_eq!(all(&first, "ratelimit-policy"), policies);
    let state = "\"user\";r=1;t=60, \"bot\";r=2;t=60, \"ip\";r=99;t=60";
    assert_eq!(all(&first, "ratelimit"), state);
    assert_eq!(first.headers["x-ratelimit-limit"], "100");
    assert_eq!(say("a").await.status, 200);
    let refused = say("a").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.text(), "Too many requests, please slow down.");
    assert_eq!(refused.headers["x-ratelimit-limit"], "2");
    assert_eq!(refused.headers["x-ratelimit-remaining"], "0");
    assert_eq!(refused.headers["retry-after"], "60");
    assert_eq!(say("b").await.status, 200);
    assert_eq!(say("c").await.status, 429, "the bot's limit");
    assert_eq!(fake.turns.lock().unwrap().len(), 3);
}
