//! The secured route behind its guard: whoever gets there was let in.

use std::sync::Arc;

use axum::routing::post as on_post;
use axum::{Extension, Router};
use serde_json::{Value, json};

use super::super::super::credentials::Credentials;
use super::super::super::testing::{Fake, Got, only, post, send, services, settings};
use super::super::super::{App, Settings};
use super::super::secured::secured;
use super::{error, fake, refusal, text};

const PATH: &str = "/api/v1/bots/welcome-bot/converse/u1/secured";

/// The route alone, without its guard.
fn router(server: Fake, settings: Settings) -> Router {
    let app = App::new(server, services(), settings);
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

#[tokio::test]
async fn claims_of_an_external_token_reach_the_turn_and_come_back() {
    let claims = json!({"sub": "ada"});
    let router = router(fake(), settings()).layer(Extension(Credentials(claims.clone())));
    let got = send(&router, post(&format!("{PATH}?include=credentials"), &text("hi"))).await;
    assert_eq!(got.json()["credentials"], claims);
    let got = send(&router, post(PATH, &text("hi"))).await;
    assert_eq!(got.json().get("credentials"), None);
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
