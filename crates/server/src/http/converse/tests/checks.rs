//! What is refused, in which order and with which texts.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::testing::{post, raw_post, send};
use super::{PATH, error, fake, refusal, sent, text};
use crate::ops::health::{Health, Phase};

#[tokio::test]
async fn a_user_id_is_whatever_the_path_encodes() {
    for (encoded, user) in [
        ("odd%20user%2Fwith%3Fchars", "odd user/with?chars"),
        ("%C3%A9l%C3%A8ve-%F0%9F%98%80", "élève-😀"),
        ("'%3B--", "';--"),
        ("a.b_c-d~e@f:g", "a.b_c-d~e@f:g"),
        ("a+b", "a+b"),
        ("secured", "secured"),
    ] {
        let path = format!("/api/v1/bots/welcome-bot/converse/{encoded}?include=responses");
        let got = sent(&path, &text("hi")).await;
        assert_eq!(got.json()["responses"][1]["user"], user, "{encoded}");
    }
    let got = sent("/api/v1/bots/welcome-bot/converse/%E0%A4%A", &text("hi")).await;
    let expected = refusal(400, "URIError", "", "Failed to decode param '%E0%A4%A'");
    assert_eq!(error(&got), expected);
    let got = sent("/api/v1/bots/%zz/converse/u1", &text("hi")).await;
    assert_eq!(error(&got), refusal(400, "URIError", "", "Failed to decode param '%zz'"));
    let got = sent("/api/v1/bots/welcome-bot/converse/a%00b", &text("hi")).await;
    assert_eq!(error(&got).2.as_deref(), Some("BP_0040"));
}

#[tokio::test]
async fn the_gate_knows_unknown_disabled_and_private_bots() {
    let at = |bot: &str| format!("/api/v1/bots/{bot}/converse/u1");
    for (bot, status, kind, code, message) in [
        ("unknown-bot", 404, "NotFoundError", "BP_0044", "Not Found: Invalid Bot ID"),
        ("Bad%20Bot!", 404, "NotFoundError", "BP_0044", "Not Found: Invalid Bot ID"),
        ("___", 404, "NotFoundError", "BP_0044", "Not Found: Invalid Bot ID"),
        ("off-bot", 404, "NotFoundError", "BP_0044", "Not Found: Bot is disabled"),
        (
            "private-bot",
            401,
            "UnauthorizedError",
            "BP_0041",
            "Unauthorized: Authorization header is missing",
        ),
    ] {
        let got = sent(&at(bot), &text("hi")).await;
        assert_eq!(error(&got), refusal(status, kind, code, message), "{bot}");
    }
    for (bot, query) in [("off-bot", 404), ("private-bot", 401)] {
        let got = sent(&format!("{}?x=env.js", at(bot)), &text("hi")).await;
        assert_eq!(got.status, query, "a query opens no gate");
    }
}

#[tokio::test]
async fn the_public_route_can_be_closed_by_bot_and_by_server() {
    let at = |bot: &str| format!("/api/v1/bots/{bot}/converse/u1");
    let got = sent(&at("closed-bot"), &json!({})).await;
    assert_eq!(got.status, 403);
    assert_eq!(got.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(got.text(), "Unauthenticated Converse API is disabled for closed-bot");
    let closed = fake().router(|it| it.converse.enable_unsecured_endpoint = Some(false));
    for bot in ["open-bot", "welcome-bot"] {
        let got = send(&closed, post(&at(bot), &text("hi"))).await;
        assert_eq!(got.status, 403);
        assert_eq!(got.text(), "Unauthenticated Converse API is disabled for all bots");
    }
    let got = send(&closed, post(&at("closed-bot"), &text("hi"))).await;
    assert_eq!(got.text(), "Unauthenticated Converse API is disabled for closed-bot");
}

#[tokio::test]
async fn checks_follow_v12s_order() {
    // Each request fails at one check and at all that come after it.
    let malformed = Request::post("/api/v1/bots/off-bot/converse/%ff?include=nlu")
        .header("content-type", "application/json")
        .header("content-length", "1")
        .body(Body::from("{"))
        .unwrap();
    let router = fake().router(|_| {});
    assert_eq!(error(&send(&router, malformed).await).1, "entity.parse.failed");
    let kind = async |path: &str, body: Value| error(&sent(path, &body).await).1;
    let bots = "/api/v1/bots";
    let query = "?include=nlu&timeout=x";
    assert_eq!(kind(&format!("{bots}/%ff/converse/%ff"), json!({})).await, "URIError");
    assert_eq!(kind(&format!("{bots}/off-bot/converse/%ff"), json!({})).await, "NotFoundError");
    assert_eq!(kind(&format!("{bots}/closed-bot/converse/%ff"), json!({})).await, "URIError");
    let got = sent(&format!("{bots}/closed-bot/converse/u{query}"), &json!({})).await;
    assert!(got.text().ends_with("disabled for closed-bot"));
    let long = json!({"text": "too long"});
    let short = format!("{bots}/short-bot/converse/u");
    assert_eq!(kind(&format!("{short}{query}"), json!({})).await, "StandardError");
    assert_eq!(sent(&format!("{short}{query}"), &long).await.status, 403);
    assert_eq!(kind(&format!("{short}?include=a&include=b"), long.clone()).await, "TypeError");
    assert_eq!(kind(&format!("{short}?timeout=x"), long).await, "VError");
    let got = sent(&format!("{short}?timeout=x"), &text("short")).await;
    assert_eq!(error(&got).1, "BadRequestError");
}

#[tokio::test]
async fn the_length_of_a_text_is_limited() {
    for (path, units, status) in [
        (PATH, 360, 200),
        (PATH, 361, 400),
        ("/api/v1/bots/short-bot/converse/u1", 5, 200),
        ("/api/v1/bots/short-bot/converse/u1", 6, 400),
    ] {
        assert_eq!(sent(path, &text(&"x".repeat(units))).await.status, status, "{path} {units}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_count_as_empty_or_are_refused() {
    let router = fake().router(|settings| settings.body_limit = 1000);
    let required = "Invalid payload: child \"text\" fails because [\"text\" is required]";
    for request in [
        raw_post(PATH, "application/json", ""),
        raw_post(PATH, "text/plain", "{\"text\":\"hi\"}"),
        Request::post(PATH).body(Body::empty()).unwrap(),
    ] {
        let got = send(&router, request).await;
        assert_eq!(error(&got), refusal(400, "StandardError", "", required));
    }
    for (body, status, kind, message) in [
        (
            "{\"type\":\"text\",\"text\":".to_owned(),
            400,
            "entity.parse.failed",
            "Unexpected end of JSON input",
        ),
        (
            "\"just a string\"".to_owned(),
            400,
            "entity.parse.failed",
            "Unexpected token \" in JSON at position 0",
        ),
        ("[]".to_owned(), 400, "StandardError", "Invalid payload: \"value\" must be an object"),
        (format!("[{}]", " ".repeat(999)), 413, "entity.too.large", "request entity too large"),
    ] {
        let got = send(&router, raw_post(PATH, "application/json", body)).await;
        assert_eq!(error(&got), refusal(status, kind, "", message));
    }
    let form = raw_post(PATH, "application/x-www-form-urlencoded", "type=text&text=hello");
    assert_eq!(send(&router, form).await.json()["responses"][1]["payload"]["text"], "hello");
    let latin = raw_post(PATH, "application/json; charset=iso-8859-1", "{}");
    assert_eq!(error(&send(&router, latin).await).1, "charset.unsupported");
}

#[tokio::test]
async fn before_bots_can_talk_messages_are_refused_with_the_reason() {
    let mut starting = fake();
    starting.health = Health::default();
    starting.health.set_mounted(3, 5);
    let got = send(&starting.router(|_| {}), post(PATH, &text("hi"))).await;
    let message = "Service Not Ready: starting: 3 of 5 bots are mounted";
    assert_eq!(error(&got), refusal(503, "NotReadyError", "BP_0140", message));
    assert_eq!(got.headers["retry-after"], "1");
    let without = fake();
    without.health.set_database_ok(false, "secret");
    let got = send(&without.router(|_| {}), post(PATH, &text("hi"))).await;
    let message = "Service Not Ready: the database does not answer";
    assert_eq!(error(&got), refusal(503, "NotReadyError", "BP_0140", message));
    assert!(starting.turns.lock().unwrap().is_empty() && without.turns.lock().unwrap().is_empty());
    let stopping = fake();
    stopping.health.set_phase(Phase::Stopping);
    let got = send(&stopping.router(|_| {}), post(PATH, &text("hi"))).await;
    assert_eq!(got.status, 200, "what still arrives is answered");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_it_fail(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            r#"[{\["a-z:,\\u0-9 }\]]{0,60}"#.prop_map(String::into_bytes),
            r#"\{"text":"[^"\\]{0,9}","(includedContexts|metadata|x)":[\[{"a,1}\]]{0,9}\}"#
                .prop_map(String::into_bytes),
        ],
        content_type in prop::sample::select(vec![
            "application/json",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
            "text/plain",
        ]),
        encoding in prop::sample::select(vec!["identity", "gzip", "deflate", "x"]),
        path in r"[a-z%0-9é]{1,8}".prop_map(|user| format!("/api/v1/bots/welcome-bot/converse/{user}")),
    ) {
        let path = path.replace('é', "%C3%A9");
        let mut request = raw_post(&path, content_type, bytes);
        request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        let router = fake().router(|_| {});
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let got = runtime.block_on(send(&router, request));
        prop_assert!(!got.status.is_server_error(), "{}", got.text());
    }
}
