//! `parlance user`, beside a running server and without one.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{ADMIN, DataDir, LOGIN, Server, binary};

/// Runs `parlance user` on this data directory, with this as standard input.
fn user(data: &DataDir, arguments: &[&str], input: &str) -> Output {
    let mut process = binary()
        .args(["user", "--data"])
        .arg(data.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that wants no input does not wait for it.
    drop(process.stdin.take().unwrap().write_all(input.as_bytes()));
    process.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const ADD: [&str; 3] = ["add", "Ada@Example.com", "--password-stdin"];
const ADA: (&str, &str) = ("ada@example.com", "a fine long phrase");

#[tokio::test]
async fn accounts_are_managed_beside_a_running_server() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = server.client();
    let mode = std::fs::metadata(data.path().join(".parlance.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only the server's own user may ask");
    let role = ["--workspace", "default", "--role", "editor"];
    said(&user(&data, &[&ADD[..], &role].concat(), "a fine long phrase\n"));
    let session = client.login(ADA).await;
    let workspaces = session.get("/api/v2/admin/user/workspaces").await.json();
    assert_eq!(workspaces[0]["role"], "editor");
    let listed = said(&user(&data, &["list"], ""));
    assert_eq!(
        listed,
        "ada@example.com  editor of default\n\
         admin@example.com  super admin  admin of default  has never logged in\n"
    );
    assert!(refused(&user(&data, &ADD, "another\n")).contains("already"));
    let reset = said(&user(&data, &["reset", ADA.0], ""));
    assert_eq!(session.get("/api/v2/admin/ping").await.status, 401);
    let once = reset.trim().rsplit(' ').next().unwrap();
    let mut body = json!({ "email": ADA.0, "password": once });
    let expired = client.post(LOGIN, &body).await;
    assert_eq!(expired.json()["errorCode"], "BP_0010", "{}", expired.text);
    body["newPassword"] = json!("yet another fine phrase");
    assert_eq!(client.post(LOGIN, &body).await.status, 200);
    said(&user(&data, &["remove", ADA.0], ""));
    assert!(refused(&user(&data, &["remove", ADA.0], "")).contains("there is no account"));
    body = json!({ "email": ADA.0, "password": "yet another fine phrase" });
    assert_eq!(client.post(LOGIN, &body).await.json()["errorCode"], "BP_0009");
    assert!(client.login(ADMIN).await.get("/api/v2/admin/ping").await.status == 200);
}

#[tokio::test]
async fn accounts_are_managed_without_a_server() {
    let data = DataDir::new();
    assert!(refused(&user(&data, &["list"], "")).contains("is no data directory"));
    let mut server = Server::start(&data);
    server.kill();
    // A killed server leaves its socket behind.
    assert_eq!(said(&user(&data, &["list"], "")), "");
    said(&user(&data, &[&ADD[..], &["--super-admin"]].concat(), "a fine long phrase"));
    let listed: Value = serde_json::from_str(&said(&user(&data, &["list", "--json"], ""))).unwrap();
    assert_eq!((&listed["name"]["email"], &listed["superAdmin"]), (&json!(ADA.0), &json!(true)));
    let server = Server::start(&data);
    let session = server.client().login(ADA).await;
    assert_eq!(session.get("/api/v2/admin/keys").await.status, 200);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_changed() {
    let data = DataDir::new();
    let _server = Server::start(&data);
    for (arguments, input, reason) in [
        (&["--workspace", "nowhere"][..], "a fine long phrase", "nowhere"),
        (&["--workspace", "default", "--role", "king"], "a fine long phrase", "admin, dev, editor"),
        (&[], "abc", "at least 4 characters"),
        (&[], "", "holds no password"),
    ] {
        let output = user(&data, &[&ADD[..], arguments].concat(), input);
        let error = refused(&output);
        assert!(error.contains(reason), "{error}");
    }
    assert!(refused(&user(&data, &["add", "a@b.c"], "")).contains("--password-stdin"));
    assert!(refused(&user(&data, &["import", "--from", "nothing.sqlite"], "")).contains("nothing"));
    assert_eq!(said(&user(&data, &["list"], "")), "");
}
