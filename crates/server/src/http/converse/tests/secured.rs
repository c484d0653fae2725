//! The secured route behind its guard: whoever gets there was let in.

use std::sync::Arc;

use axum::Router;
use axum::routing::post as on_post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use super::super::super::testing::{
    Fake, Got, only, post, send, services, services_with, settings,
};
use super::super::super::{App, Settings};
use super::super::secured::secured;
use super::{error, fake, refusal, text};

const PATH: &str = "/api/v1/bots/welcome-bot/converse/u1/secured";

/// The route alone, without its guard.
fn router(server: Fake, settings: Settings) -> Router {
    router_of(App::new(server, services(), settings))
}

fn router_of(app: App<Fake>) -> Router {
    Router::new()
        .route("/api/v1/bots/{bot}/converse/{user}/secured", on_post(secured::<Fake>))
        .with_state(Arc::new(app))
}

async fn sent(path: &str, body: &Value) -> Got {
    send(&router(fake(), settings()), post(path, body)).await
}

#[tokio::test]
async fn nobody_gets_in_without_a_valid_token() {
    let server = fake();
    let router = server.router(|_| {});
    for (authorization, reason) in [
        (None, "Authorization header is missing"),
        (Some("Bearer "), "Authentication token is missing"),
        (Some("Basic YTpi"), "Unknown scheme \"Basic\""),
        (Some("Bearer garbage"), "Invalid authentication token"),
    ] {
        let mut request = post(&format!("{PATH}?include=state&x=env.js"), &text("hi"));
        if let Some(value) = authorization {
            request.headers_mut().insert("authorization", value.parse().unwrap());
        }
        let message = format!("Unauthorized: {reason}");
        let expected = refusal(401, "UnauthorizedError", "BP_0041", &message);
        assert_eq!(error(&send(&router, request).await), expected);
    }
    assert!(server.turns.lock().unwrap().is_empty());
    for (bot, reason) in [("off-bot", "Bot is disabled"), ("unknown-bot", "Invalid Bot ID")] {
        let path = format!("/api/v1/bots/{bot}/converse/u1/secured");
        let got = send(&router, post(&path, &text("hi"))).await;
        let message = format!("Not Found: {reason}");
        assert_eq!(error(&got), refusal(404, "NotFoundError", "BP_0044", &message), "{bot}");
    }
}

#[tokio::test]
async fn the_answer_has_the_members_that_were_asked_for_in_the_order_of_v12() {
    let members = async |include: &str| {
        let got = sent(&format!("{PATH}{include}"), &text("hi")).await;
        assert_eq!(got.status, 200, "{include}");
        assert_eq!(got.headers["content-type"], "application/json; charset=utf-8");
        got.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(members("").await, "responses");
    assert_eq!(members("?include=responses,foo").await, "responses");
    assert_eq!(members("?include=NLU,%20state").await, "responses nlu");
    let all = "responses nlu suggestions state decision";
    assert_eq!(members("?include=nlu,state,suggestions,decision").await, all);
    assert_eq!(members("?include=credentials,decision,state,suggestions,nlu").await, all);
    let twice = sent(&format!("{PATH}?include=nlu&include=state"), &text("hi")).await;
    let expected = refusal(400, "TypeError", "", "params.toLowerCase is not a function");
    assert_eq!(error(&twice), expected);
}

/// The header of an external token for the user `u1`, signed with this secret.
fn external(secret: &str) -> String {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let head = encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", encode(br#"{"sub":"u1"}"#));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("Bearer {signed}.{}", encode(hmac::sign(&key, signed.as_bytes()).as_ref()))
}

/// A server that takes external tokens, and such a token.
fn with_external_tokens() -> (Router, String) {
    const CONFIG: &str = r#"{"pro": {"externalAuth": {
        "enabled": true, "publicKey": "a secret of 32 characters or more", "userClaim": "sub"
    }}}"#;
    let services = services_with(CONFIG);
    let app = App::new(fake(), services, settings());
    (router_of(app), external("a secret of 32 characters or more"))
}

#[tokio::test]
async fn claims_of_an_external_token_reach_the_turn_and_come_back() {
    let (router, token) = with_external_tokens();
    let ask = async |token: Option<&str>| {
        let mut request = post(&format!("{PATH}?include=credentials"), &text("hi"));
        if let Some(token) = token {
            request.headers_mut().insert("x-bp-externalauth", token.parse().unwrap());
        }
        send(&router, request).await
    };
    assert_eq!(ask(Some(&token)).await.json()["credentials"], json!({"sub": "u1"}));
    assert_eq!(ask(None).await.json().get("credentials"), None);
    let forged = external("another secret of 32 characters");
    for (token, reason) in [
        (forged.as_str(), "invalid signature"),
        ("Bearer a.b", "jwt malformed"),
        ("Basic YTpi", "Unknown scheme \"Basic\""),
    ] {
        let message = format!("Unauthorized: {reason}");
        let expected = refusal(401, "InvalidExternalToken", "BP_0401", &message);
        assert_eq!(error(&ask(Some(token)).await), expected);
    }
    let mut other = post("/api/v1/bots/welcome-bot/converse/u2/secured", &text("hi"));
    other.headers_mut().insert("x-bp-externalauth", token.parse().unwrap());
    assert_eq!(send(&router, other).await.status, 401, "it speaks for another user");
}

#[tokio::test]
async fn external_tokens_are_not_looked_at_unless_they_are_in_use() {
    let mut request = post(&format!("{PATH}?include=credentials"), &text("hi"));
    request.headers_mut().insert("x-bp-externalauth", "Bearer garbage".parse().unwrap());
    let got = send(&router(fake(), settings()), request).await;
    assert_eq!((got.status.as_u16(), got.json().get("credentials")), (200, None));
}

#[tokio::test]
async fn a_message_of_any_type_travels_on_as_it_came() {
    for body in [
        json!({"type": "quick_reply", "text": "Yes", "payload": "YES"}),
        json!({"type": "visit"}),
        json!({"type": "postback", "payload": {"a": [1]}}),
        json!({"type": "image", "image": "https://example.org/a.png"}),
        json!({"type": "text", "text": "hi", "metadata": {"a": 1}, "foo": "bar"}),
    ] {
        let got = sent(PATH, &body).await;
        assert_eq!(got.status, 200, "{body}");
        assert_eq!(got.json()["responses"][1]["payload"], body);
        assert_eq!(got.json()["responses"][1]["contexts"], json!(["global"]));
    }
    let got = sent(PATH, &json!({"text": "hi", "includedContexts": ["monkeys"]})).await;
    let echo = &got.json()["responses"][1];
    assert_eq!(echo["payload"], json!({"text": "hi", "type": "text"}));
    assert_eq!(echo["contexts"], json!(["monkeys"]));
}

#[tokio::test]
async fn a_text_is_there_and_within_the_limit() {
    let message = "Text must be a valid string of less than 360 chars";
    for body in [
        json!({}),
        json!([]),
        json!({"type": "text"}),
        json!({"type": "text", "text": 5}),
        json!({"text": ""}),
        json!({"text": "x".repeat(361)}),
    ] {
        assert_eq!(error(&sent(PATH, &body).await), refusal(400, "VError", "", message), "{body}");
    }
    assert_eq!(sent(PATH, &json!({"text": "x".repeat(360)})).await.status, 200);
    let long = json!({"type": "quick_reply", "text": "x".repeat(361)});
    assert_eq!(sent(PATH, &long).await.status, 200);
}

#[tokio::test]
async fn bots_that_are_private_or_closed_to_the_public_answer_and_disabled_ones_do_not() {
    let at = |bot: &str| format!("/api/v1/bots/{bot}/converse/u1/secured");
    for (bot, status) in
        [("private-bot", 200), ("closed-bot", 200), ("off-bot", 404), ("unknown-bot", 404)]
    {
        assert_eq!(sent(&at(bot), &text("hi")).await.status, status, "{bot}");
    }
}

#[tokio::test]
async fn the_stream_ends_with_the_members_that_were_asked_for() {
    let router = router(fake(), settings());
    let stream = async |include: &str| {
        let mut request = post(&format!("{PATH}{include}"), &text("hi"));
        request.headers_mut().insert("accept", "text/event-stream".parse().unwrap());
        let text = send(&router, request).await.text();
        text.split("\n\n").nth(2).unwrap().to_owned()
    };
    assert_eq!(stream("").await, "event: done\ndata: {\"responses\":2}");
    assert_eq!(
        stream("?include=state,nlu").await,
        "event: done\ndata: {\"responses\":2,\"nlu\":{\"language\":\"n/a\"},\"state\":{\"user\":{}}}"
    );
}

#[tokio::test]
async fn extras_and_failures_are_those_of_the_public_route() {
    let got = sent(&format!("{PATH}?timeout=20s"), &text("hi")).await;
    assert_eq!(got.json()["responses"][1]["timeout"], 20_000);
    let got = sent(&format!("{PATH}?include=nlu"), &text("!timeout")).await;
    assert_eq!(error(&got), refusal(400, "Error", "", "Request timed out."));
    let router = router(fake(), settings());
    let mut request = post(PATH, &text("hi"));
    request.headers_mut().insert("idempotency-key", "k-1".parse().unwrap());
    assert_eq!(send(&router, request).await.json()["responses"][1]["key"], "k-1");
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_here_too() {
    let server = fake().with("shop-bot", |config| {
        config.converse.allowed_origins = Some(only(&["https://shop.example"]));
        config.converse.require_key = Some(true);
    });
    let router = router(server, settings());
    for (origin, status) in
        [(None, 200), (Some("https://shop.example"), 200), (Some("https://evil.example"), 403)]
    {
        let mut request = post("/api/v1/bots/shop-bot/converse/u1/secured", &text("hi"));
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        assert_eq!(send(&router, request).await.status, status, "{origin:?}");
    }
}
