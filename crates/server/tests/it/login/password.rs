//! Login with email and password.

use serde_json::json;

use crate::harness::{ADMIN, DataDir, LOGIN, Server};

#[tokio::test]
async fn the_account_of_the_environment_logs_in_with_v12s_answer() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let (email, password) = ADMIN;
    let reply =
        client.post(LOGIN, &json!({ "email": email.to_uppercase(), "password": password })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let jwt = reply.json()["payload"]["jwt"].as_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"status":"success","message":"Login successful","payload":{{"jwt":"{jwt}","exp":3600000}}}}"#
    );
    assert_eq!(reply.text, expected);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let inside = client.with_token(&jwt);
    let path = "/api/v1/bots/welcome-bot/converse/ada/secured?include=state";
    let said = inside.post(path, &json!({ "type": "text", "text": "Hey!" })).await;
    assert_eq!(said.status, 200, "{}", said.text);
    assert!(said.json()["state"]["session"].is_object());
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_refused_alike() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let expected = "{\"statusCode\":400,\"errorCode\":\"BP_0009\",\"type\":\"InvalidCredentialsError\",\
                    \"message\":\"Invalid credentials\",\"details\":\"\",\
                    \"docs\":\"https://botpress.com/docs\"}";
    for body in [
        json!({ "email": ADMIN.0, "password": "nope" }),
        json!({ "email": ADMIN.0 }),
        json!({ "email": ADMIN.0, "password": null }),
        json!({ "email": "nobody@example.com", "password": ADMIN.1 }),
        json!({ "email": "", "password": "" }),
        json!({ "email": "x\u{0}y", "password": ADMIN.1 }),
    ] {
        let reply = client.post(LOGIN, &body).await;
        assert_eq!((reply.status, reply.text.as_str()), (400, expected), "{body}");
    }
}
