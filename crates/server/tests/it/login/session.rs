//! What one does with a session.

use std::fmt::Write as _;
use std::io::Write as _;

use ring::hmac;
use serde_json::{Value, json};

use crate::harness::{ADMIN, DataDir, LOGIN, Server};

#[tokio::test]
async fn logging_out_ends_every_token_of_the_account() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let (one, two) = (client.login(ADMIN).await, client.login(ADMIN).await);
    let refreshed = one.get("/api/v1/auth/refresh").await;
    assert_eq!(refreshed.json()["message"], "Token refreshed successfully");
    let token = &refreshed.json()["payload"]["newToken"];
    assert_eq!(token["exp"], 3_600_000);
    let three = client.with_token(token["jwt"].as_str().unwrap());
    for session in [&one, &two, &three] {
        assert_eq!(session.get("/api/v2/admin/ping").await.status, 200);
    }
    let out = two.get("/api/v2/admin/auth/logout").await;
    assert_eq!((out.status, out.text.as_str()), (200, ""));
    for session in [&one, &two, &three] {
        let reply = session.get("/api/v2/admin/ping").await;
        assert_eq!(reply.status, 401);
        assert!(
            reply.text.contains("Unauthorized: Invalid authentication token"),
            "{}",
            reply.text
        );
    }
    assert_eq!(client.login(ADMIN).await.get("/api/v2/admin/ping").await.status, 200);
}

#[tokio::test]
async fn v11s_addresses_answer_in_its_forms() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let body = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    let reply = client.post("/api/v1/auth/login", &body).await;
    let payload = reply.json()["payload"].clone();
    assert_eq!(payload.as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);
    let session = client.with_token(payload["token"].as_str().unwrap());
    assert_eq!(session.get("/api/v1/auth/ping").await.json()["message"], "Pong");
    let me = session.get("/api/v1/auth/me/profile").await.json()["payload"].clone();
    assert_eq!((&me["email"], &me["isSuperAdmin"]), (&json!(ADMIN.0), &json!(true)));
    let rules = session.get("/api/v1/auth/me/permissions").await.json()["payload"].clone();
    assert_eq!(rules, json!([{ "res": "*", "op": "+r+w" }]));
}

#[tokio::test]
async fn a_profile_is_changed_field_by_field() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let session = server.client().login(ADMIN).await;
    let path = "/api/v2/admin/user/profile";
    let expected = "{\"status\":\"success\",\"message\":\"Retrieved profile successfully\",\"payload\":\
         {\"email\":\"admin@example.com\",\"strategyType\":\"basic\",\"strategy\":\"default\",\
         \"isSuperAdmin\":true,\"fullName\":\"\",\"permissions\":[{\"res\":\"*\",\"op\":\"+r+w\"}]}}";
    assert_eq!(session.get(path).await.text, expected);
    let changed =
        session.post(path, &json!({ "firstname": " Ada ", "lastname": "Lovelace" })).await;
    let done =
        "{\"status\":\"success\",\"message\":\"Updated profile successfully\",\"payload\":{}}";
    assert_eq!(changed.text, done);
    let changed = session.post(path, &json!({ "picture_url": "/a.png" })).await;
    assert_eq!(changed.status, 200);
    let profile = session.get(path).await.json()["payload"].clone();
    let fields = ["firstname", "lastname", "fullName", "picture_url"].map(|name| &profile[name]);
    assert_eq!(fields, ["Ada", "Lovelace", "Ada Lovelace", "/a.png"]);
    for bad in [
        json!({ "firstname": "x".repeat(36) }),
        json!({ "lastname": 5 }),
        json!({ "picture_url": "javascript:alert(1)" }),
    ] {
        assert_eq!(session.post(path, &bad).await.status, 400, "{bad}");
    }
    assert_eq!(server.client().get(path).await.status, 401);
}

#[tokio::test]
async fn the_way_to_log_in_and_the_licence_are_open_to_everybody() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let config = "{\"status\":\"success\",\"message\":\"Auth Config\",\"payload\":{\"strategies\":\
        [{\"strategyType\":\"basic\",\"strategyId\":\"default\",\"loginUrl\":\"/login/basic/default\",\
        \"registerUrl\":\"/register/basic/default\"}],\"isFirstUser\":false}}";
    assert_eq!(client.get("/api/v2/admin/auth/config").await.text, config);
    assert_eq!(client.get("/api/v2/admin/license").await.text, "{\"isPro\":true}");
    assert_eq!(client.get("/api/v2/admin/ping").await.status, 401);
    let odd = client.post("/api/v1/auth/login/basic/other", &json!({ "email": "a" })).await;
    assert_eq!(odd.status, 404);
}

#[tokio::test]
async fn a_chat_session_must_be_signed_by_the_server() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let session = server.client().login(ADMIN).await;
    let path = "/api/v1/auth/me/chatAuth";
    for (body, status, reason) in [
        (json!({}), 400, "Missing required fields"),
        (
            json!({ "botId": "a", "sessionId": "b", "signature": "" }),
            400,
            "Missing required fields",
        ),
        (json!({ "botId": "a", "sessionId": "b", "signature": "00" }), 403, "signature is invalid"),
    ] {
        let reply = session.post(path, &body).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.text.contains(reason), "{}", reply.text);
    }
}

#[tokio::test]
async fn with_cookies_the_token_never_reaches_the_page() {
    let data = DataDir::new();
    let (email, password) = ADMIN;
    let environment = [
        ("BP_ADMIN_EMAIL", email),
        ("BP_ADMIN_PASSWORD", password),
        ("BP_CONFIG_JWTTOKEN_USECOOKIESTORAGE", "true"),
        ("EXTERNAL_URL", "https://chat.example"),
    ];
    let server = Server::start_with(&data, &[], &environment);
    let client = server.client();
    let reply = client.post(LOGIN, &json!({ "email": email, "password": password })).await;
    let payload = reply.json()["payload"].clone();
    let members: Vec<&String> = payload.as_object().unwrap().keys().collect();
    assert_eq!(members, ["csrf", "exp"], "{}", reply.text);
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let csrf = payload["csrf"].as_str().unwrap();
    let ping = "/api/v2/admin/ping";
    let with = [("Cookie", cookie), ("CSRF-Token", csrf)];
    assert_eq!(client.get_with(ping, &with).await.status, 200);
    for (headers, reason) in [
        (&[][..], "jwtToken cookie is missing"),
        (&[("Cookie", cookie)], "Invalid authentication token"),
        (&[("Cookie", cookie), ("CSRF-Token", "other")], "Invalid authentication token"),
    ] {
        let reply = client.get_with(ping, headers).await;
        assert_eq!(reply.status, 401);
        assert!(reply.text.contains(reason), "{}", reply.text);
    }
    let token = client.get_with("/api/v1/auth/getToken", &with).await;
    assert_eq!((token.status, format!("jwtToken={}", token.text).as_str()), (200, cookie));
    let refreshed = client.get_with("/api/v1/auth/refresh", &with).await;
    assert!(refreshed.headers["set-cookie"].to_str().unwrap().starts_with("jwtToken=ey"));
    assert_eq!(refreshed.json()["payload"]["newToken"].get("jwt"), None::<&Value>);
    let out = client.get_with("/api/v1/auth/logout", &with).await;
    assert!(out.headers["set-cookie"].to_str().unwrap().starts_with("jwtToken=; Max-Age=0;"));
    assert_eq!(client.get_with(ping, &with).await.status, 401);
}

#[tokio::test]
async fn who_is_logged_in_joins_a_workspace_that_asks_for_it_as_a_chat_user() {
    let data = DataDir::with_bots(&[crate::harness::counting_bot("count-bot")]);
    let workspaces = json!([{
        "id": "shop", "name": "Shop", "bots": ["count-bot"], "rolloutStrategy": "authenticated",
    }]);
    std::fs::write(data.path().join("global/workspaces.json"), workspaces.to_string()).unwrap();
    let (email, password) = ADMIN;
    let environment = [
        ("BP_ADMIN_EMAIL", email),
        ("BP_ADMIN_PASSWORD", password),
        ("APP_SECRET", "a secret that has more than 32 characters"),
    ];
    let server = Server::start_with(&data, &[], &environment);
    let client = server.client();
    let add = ["user", "add", "ada@example.com", "--password-stdin", "--data"];
    let mut process = crate::harness::binary()
        .args(add)
        .arg(data.path())
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(b"a fine long phrase").unwrap();
    assert!(process.wait().unwrap().success());
    let session = client.login(("ada@example.com", "a fine long phrase")).await;
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret that has more than 32 characters");
    let tag = hmac::sign(&key, br#"{"botId":"count-bot","sessionId":"web::u1::t1"}"#);
    let mut signature = String::new();
    for byte in tag.as_ref() {
        write!(signature, "{byte:02x}").unwrap();
    }
    let body = json!({ "botId": "count-bot", "sessionId": "web::u1::t1", "signature": signature });
    for _ in 0..2 {
        let reply = session.post("/api/v1/auth/me/chatAuth", &body).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, "shop"));
        let workspaces = session.get("/api/v2/admin/user/workspaces").await.json();
        assert_eq!(
            (&workspaces[0]["workspace"], &workspaces[0]["role"]),
            (&json!("shop"), &json!("chatuser"))
        );
    }
    let headers = [("X-BP-Workspace", "shop")];
    let profile = session.get_with("/api/v2/admin/user/profile", &headers).await.json();
    let rules = json!([{ "res": "*", "op": "-r-w" }, { "res": "user.bots", "op": "+r" }]);
    assert_eq!(profile["payload"]["permissions"], rules);
}
