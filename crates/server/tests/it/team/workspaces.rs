//! `/api/v2/admin/workspace/workspaces`.

use serde_json::{Value, json};

use super::Stage;

const ALL: &str = "/workspace/workspaces";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_is_made_used_and_deleted() {
    let stage = Stage::new().await;
    let root = stage.with(&stage.root).in_workspace(None);
    let body = json!({
        "id": "third", "name": "Third", "description": "", "audience": "internal", "pipelineId": "none",
    });
    let made = root.post(ALL, &body).await;
    assert_eq!((made.status, made.text.as_str()), (200, "OK"));
    assert_eq!(root.post(ALL, &body).await.status, 409);
    let changed = root.post(&format!("{ALL}/third"), &json!({"name": "3rd"})).await;
    assert_eq!(changed.text, "OK");
    assert_eq!(root.post(&format!("{ALL}/third/rollout/authorized"), &json!({})).await.text, "OK");
    let rollout = root.get(&format!("{ALL}/third/rollout")).await.json();
    assert_eq!(rollout, json!({"rolloutStrategy": "authorized"}));
    let list = root.get(ALL).await.json();
    let ids: Vec<&Value> = list.as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["default", "other", "third"]);
    assert_eq!((&list[2]["name"], &list[2]["audience"]), (&json!("3rd"), &json!("internal")));

    let body = json!({"email": "editor@x.org", "role": "admin"});
    let in_third = stage.with(&stage.root).in_workspace(Some("third"));
    let add = "/workspace/collaborators/workspace/add";
    assert_eq!(in_third.post(add, &body).await.status, 200);
    let editor = stage.with(&stage.editor).in_workspace(Some("third"));
    assert_eq!(editor.get("/workspace/collaborators").await.status, 200);
    assert_eq!(root.post(&format!("{ALL}/third/delete"), &json!({})).await.text, "OK");
    assert_eq!(editor.get("/workspace/collaborators").await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_is_refused_with_the_reason() {
    let stage = Stage::new().await;
    let root = stage.with(&stage.root);
    for (path, body, status, text) in [
        ("", json!({"name": "x"}), 400, "missing field"),
        ("", json!({"id": "a b", "name": "x"}), 400, "A-Z a-z 0-9"),
        ("", json!({"id": "x", "name": " "}), 400, "name"),
        ("", json!({"id": "x", "name": "x", "audience": "all"}), 400, "audience"),
        ("", json!({"id": "x", "name": "x", "pipelineId": "prod"}), 400, "no pipelines"),
        ("/other/delete", json!({}), 409, "it has 1 bots"),
        ("/nowhere/delete", json!({}), 404, "there is no workspace"),
        ("/nowhere", json!({"name": "x"}), 404, "there is no workspace"),
        ("/default/rollout/all", json!({}), 400, "anonymous"),
    ] {
        let reply = root.post(&format!("{ALL}{path}"), &body).await;
        assert_eq!(reply.status, status, "{path} {body}: {}", reply.text);
        assert!(reply.text.contains(text), "{path} {body}: {}", reply.text);
    }
    for token in [&stage.admin, &stage.dev] {
        let reply = stage.with(token).get(ALL).await;
        assert_eq!(reply.status, 403);
        assert!(reply.text.contains("User needs to be super admin"), "{}", reply.text);
    }
}
