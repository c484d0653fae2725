//! Origins and keys: who may use the public route, and where in the order that is asked.

use axum::http::HeaderValue;
use parlance_core::bot::AllowedOrigins;
use serde_json::{Value, json};

use super::super::super::testing::{Fake, Got, only, post, send};
use super::{error, fake, refusal, text};

const SHOP: &str = "https://shop.example";

fn restricted() -> Fake {
    fake()
        .with("shop-bot", |config| config.converse.allowed_origins = Some(only(&[SHOP])))
        .with("shut-bot", |config| config.converse.allowed_origins = Some(only(&[])))
        .with("any-bot", |config| config.converse.allowed_origins = Some(AllowedOrigins::Everybody))
        .with("key-bot", |config| config.converse.require_key = Some(true))
        .with("keyless-bot", |config| config.converse.require_key = Some(false))
        .with("both-bot", |config| {
            config.converse.allowed_origins = Some(only(&[SHOP]));
            config.converse.require_key = Some(true);
        })
        .with("all-bot", |config| {
            config.converse.allowed_origins = Some(only(&[SHOP]));
            config.converse.require_key = Some(true);
            config.converse.enable_unsecured_endpoint = Some(false);
        })
}

/// Sends a body to a bot with these headers, on a server with nothing else set.
async fn say(bot: &str, headers: &[(&'static str, &[u8])], body: &Value) -> Got {
    let mut request = post(&format!("/api/v1/bots/{bot}/converse/u1"), body);
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    send(&restricted().router(|_| {}), request).await
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_in_plain_text() {
    let refused = say("shop-bot", &[("origin", b"https://evil.example")], &text("hi")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.headers["content-type"], "text/plain; charset=utf-8");
    let words = "Pages of https://evil.example may not talk to shop-bot: converse.allowedOrigins does \
                 not name this origin";
    assert_eq!(refused.text(), words);
    for origin in [
        &b"null"[..],
        b"",
        b"*",
        b"http://shop.example",
        b"https://shop.example:8443",
        b"https://shop.example.evil",
        b"https://SHOP.example",
        b"https://shop.example https://evil.example",
        b"\xff",
    ] {
        assert_eq!(
            say("shop-bot", &[("origin", origin)], &text("hi")).await.status,
            403,
            "{origin:?}"
        );
    }
    let two: [(_, &[u8]); 2] = [("origin", SHOP.as_bytes()), ("origin", b"https://evil.example")];
    assert_eq!(
        say("shop-bot", &two, &text("hi")).await.status,
        403,
        "each of them must be allowed"
    );
}

#[tokio::test]
async fn allowed_pages_and_servers_pass() {
    assert_eq!(say("shop-bot", &[("origin", SHOP.as_bytes())], &text("hi")).await.status, 200);
    for bot in ["shop-bot", "shut-bot", "any-bot", "welcome-bot"] {
        assert_eq!(say(bot, &[], &text("hi")).await.status, 200, "{bot}: no origin");
    }
    for bot in ["any-bot", "welcome-bot"] {
        let got = say(bot, &[("origin", b"https://evil.example")], &text("hi")).await;
        assert_eq!(got.status, 200, "{bot}");
    }
    assert_eq!(say("shut-bot", &[("origin", SHOP.as_bytes())], &text("hi")).await.status, 403);
}

#[tokio::test]
async fn nothing_comes_in_without_the_key_that_is_needed() {
    for (headers, message) in [
        (&[][..], "Unauthorized: Authorization header is missing"),
        (&[("authorization", &b"Basic abc"[..])], "Unauthorized: Unknown scheme \"Basic\""),
        (&[("authorization", b"Bearer ")], "Unauthorized: Authentication token is missing"),
        (&[("authorization", b"Bearer abc")], "Unauthorized: Invalid authentication token"),
    ] {
        let got = say("key-bot", headers, &text("hi")).await;
        assert_eq!(error(&got), refusal(401, "UnauthorizedError", "BP_0041", message));
    }
}

#[tokio::test]
async fn a_bots_word_on_keys_wins_over_the_servers() {
    let fake = restricted();
    let router = fake.router(|settings| settings.converse.require_key = Some(true));
    for (bot, status) in [("welcome-bot", 401), ("key-bot", 401), ("keyless-bot", 200)] {
        let got =
            send(&router, post(&format!("/api/v1/bots/{bot}/converse/u1"), &text("hi"))).await;
        assert_eq!(got.status, status, "{bot}");
    }
    assert_eq!(fake.turns.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn closed_comes_before_origin_before_key_before_the_message() {
    let evil: [(_, &[u8]); 1] = [("origin", b"https://evil.example")];
    let shop: [(_, &[u8]); 1] = [("origin", SHOP.as_bytes())];
    let got = say("all-bot", &evil, &json!({})).await;
    assert!(got.text().ends_with("disabled for all-bot"), "{}", got.text());
    assert_eq!(say("both-bot", &evil, &json!({})).await.status, 403);
    assert_eq!(say("both-bot", &shop, &json!({})).await.status, 401);
    assert_eq!(say("shop-bot", &shop, &json!({})).await.status, 400);
}
