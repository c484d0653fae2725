//! The first account: registered with the code that the server prints.

use serde_json::json;

use crate::harness::{ADMIN, Client, DataDir, LOGIN, Reply, Server};

const REGISTER: &str = "/api/v1/auth/register/basic/default";

async fn register(client: &Client, code: Option<&str>) -> Reply {
    let mut body = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    client.post(REGISTER, &body).await
}

async fn is_first(client: &Client) -> bool {
    client.get("/api/v1/auth/config").await.json()["payload"]["isFirstUser"].as_bool().unwrap()
}

/// The code in the printed command.
fn printed_code(server: &Server) -> String {
    let line = server.wait_for_line("\"code\": \"");
    line.split("\"code\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_reads_the_servers_output_makes_the_first_account_once() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    assert!(is_first(&client).await);
    let code = printed_code(&server);
    for wrong in [None, Some(""), Some("wrong")] {
        let reply = register(&client, wrong).await;
        assert_eq!(reply.status, 401, "{wrong:?}: {}", reply.text);
    }
    let weak = json!({ "email": ADMIN.0, "password": "abc", "code": code });
    let reply = client.post(REGISTER, &weak).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.text.contains("\"Bad Request: Email or password is too short.\""),
        "{}",
        reply.text
    );
    let (one, two) = tokio::join!(register(&client, Some(&code)), register(&client, Some(&code)));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", one.text, two.text);
    let winner = if one.status == 200 { one } else { two };
    assert_eq!(winner.json()["message"], "Registration successful");
    let token = winner.json()["payload"]["jwt"].as_str().unwrap().to_owned();
    let workspaces = client.with_token(&token).get("/api/v2/admin/user/workspaces").await;
    let expected = json!([{
        "email": ADMIN.0, "strategy": "default", "workspace": "default", "role": "admin",
        "workspaceName": "Default",
    }]);
    assert_eq!(workspaces.json(), expected);
    assert!(!is_first(&client).await);
    for code in [None, Some(code.as_str())] {
        let late = register(&client, code).await;
        assert_eq!((late.status, late.text.as_str()), (403, "Registration is disabled"));
        assert_eq!(late.headers["content-type"], "text/plain; charset=utf-8");
    }
    let login = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    assert_eq!(client.post(LOGIN, &login).await.status, 200);
}

#[tokio::test]
async fn a_configuration_can_leave_the_first_registration_open() {
    let data = DataDir::new();
    data.configure(&json!({ "parlance": { "auth": { "openRegistration": true } } }));
    let server = Server::start(&data);
    let reply = register(&server.client(), None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn the_code_may_come_in_a_header() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let code = printed_code(&server);
    let body = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    let headers = [("X-Registration-Code", code.as_str())];
    let reply = server.client().try_post("/api/v1/auth/register", &body, &headers).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.json()["payload"]["token"].is_string(), "v11's form: {}", reply.text);
}
