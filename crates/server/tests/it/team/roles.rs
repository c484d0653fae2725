//! `/api/v2/admin/workspace/roles`.

use serde_json::json;

use super::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_holds_from_the_moment_it_is_made() {
    let stage = Stage::new().await;
    let (admin, editor) = (stage.with(&stage.admin), stage.with(&stage.editor));
    let logs = "/workspace/logs/bots/a-bot";
    let role = json!({"name": "Watcher", "rules": [{"res": "bot.logs", "op": "+r"}]});
    let made = admin.ask("PUT", "/workspace/roles/watcher", Some(&role)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.json()["payload"]["role"]["id"], "watcher");
    let listed = admin.get("/workspace/roles").await.json();
    let ids: Vec<&str> = listed["payload"]["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["admin", "dev", "editor", "watcher", "chatuser"]);

    let change = json!({"email": "editor@x.org", "role": "watcher"});
    let path = "/workspace/collaborators/workspace/update_role";
    assert_eq!(admin.post(path, &change).await.status, 200);
    assert_eq!(editor.get(logs).await.status, 200);
    assert_eq!(editor.get("/workspace/roles").await.status, 403);
    let role = json!({"name": "Watcher", "rules": [{"res": "bot.logs", "op": "-r"}]});
    assert_eq!(admin.ask("PUT", "/workspace/roles/watcher", Some(&role)).await.status, 200);
    assert_eq!(editor.get(logs).await.status, 403);

    let in_use = admin.ask("DELETE", "/workspace/roles/watcher", None).await;
    assert_eq!(in_use.status, 409, "{}", in_use.text);
    let change = json!({"email": "editor@x.org", "role": "editor"});
    assert_eq!(admin.post(path, &change).await.status, 200);
    assert_eq!(admin.ask("DELETE", "/workspace/roles/watcher", None).await.status, 200);
    assert_eq!(admin.ask("DELETE", "/workspace/roles/watcher", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_that_cannot_be_are_refused() {
    let stage = Stage::new().await;
    let admin = stage.with(&stage.admin);
    for (id, body, status) in [
        ("new", json!({"rules": [{"res": "bot.*", "op": "rw"}]}), 400),
        ("new", json!({"rules": [{"res": "", "op": "+r"}]}), 400),
        ("new", json!({"rules": "all"}), 400),
        ("new", json!({"rules": [], "more": 1}), 400),
        ("a%20b", json!({"rules": []}), 400),
        ("chatuser", json!({"rules": []}), 409),
        ("admin", json!({"rules": []}), 409),
        // An administrator of v12 has all but the server's configuration.
        ("new", json!({"rules": [{"res": "*", "op": "+rw"}]}), 403),
        ("new", json!({"rules": [{"res": "bot.*", "op": "+rw"}]}), 200),
    ] {
        let reply = admin.ask("PUT", &format!("/workspace/roles/{id}"), Some(&body)).await;
        assert_eq!(reply.status, status, "{id} {body}: {}", reply.text);
    }
    let dev = stage.with(&stage.dev);
    let reply = dev.ask("PUT", "/workspace/roles/x", Some(&json!({"rules": []}))).await;
    assert_eq!(reply.status, 403);
}
