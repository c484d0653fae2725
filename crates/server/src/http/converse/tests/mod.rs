//! The route as callers see it.

mod answers;
mod checks;
mod restrictions;
mod secured;

use serde_json::{Value, json};

use super::super::testing::{Fake, Got, post, send};

const PATH: &str = "/api/v1/bots/welcome-bot/converse/u1";

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// A server with bots whose converse settings differ.
fn fake() -> Fake {
    Fake::new()
        .with("closed-bot", |config| config.converse.enable_unsecured_endpoint = Some(false))
        .with("open-bot", |config| config.converse.enable_unsecured_endpoint = Some(true))
        .with("short-bot", |config| config.converse.max_message_length = Some(5))
        .with("quick-bot", |config| config.converse.timeout = Some(300))
}

async fn sent(path: &str, body: &Value) -> Got {
    send(&fake().router(|_| {}), post(path, body)).await
}

/// Status, type, code and message of a v12 error; also that nothing else is in the envelope.
fn error(got: &Got) -> (u16, String, Option<String>, String) {
    assert_eq!(got.headers["content-type"], "application/json; charset=utf-8");
    let body = got.json();
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    let without_code = ["statusCode", "type", "message", "details", "docs"];
    let with_code = ["statusCode", "errorCode", "type", "message", "details", "docs"];
    assert!(keys == without_code || keys == with_code, "{keys:?}");
    assert_eq!(body["statusCode"], got.status.as_u16());
    assert_eq!(body["docs"], "https://botpress.com/docs");
    assert_eq!(body["details"], "");
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let (kind, message) = (text("type").unwrap(), text("message").unwrap());
    (got.status.as_u16(), kind, text("errorCode"), message)
}

fn refusal(
    status: u16,
    kind: &str,
    code: &str,
    message: &str,
) -> (u16, String, Option<String>, String) {
    let code = (!code.is_empty()).then(|| code.to_owned());
    (status, kind.to_owned(), code, message.to_owned())
}
