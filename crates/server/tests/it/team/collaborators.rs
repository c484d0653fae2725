//! `/api/v2/admin/workspace/collaborators`.

use serde_json::{Value, json};

use super::Stage;
use crate::harness::Server;

const ALL: &str = "/workspace/collaborators";
const ADD: &str = "/workspace/collaborators/workspace/add";
const ROLE: &str = "/workspace/collaborators/workspace/update_role";

fn emails(list: &Value) -> Vec<&str> {
    let list = list["payload"].as_array().unwrap();
    list.iter().map(|one| one["email"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collaborator_is_invited_gets_another_role_and_leaves() {
    let mut stage = Stage::new().await;
    let admin = stage.with(&stage.admin);
    let body = json!({"email": "New@X.org", "strategy": "default", "role": "editor"});
    let invited = admin.post(ALL, &body).await;
    assert_eq!(invited.status, 200, "{}", invited.text);
    let invited = invited.json();
    assert_eq!(
        (&invited["status"], &invited["message"]),
        (&json!("success"), &json!("User created successfully"))
    );
    assert_eq!(invited["payload"]["email"], "new@x.org");
    assert_eq!(invited["payload"]["tempPassword"].as_str().unwrap().len(), 15);
    assert_eq!(admin.post(ALL, &body).await.status, 409);
    let updated = admin.post(ROLE, &json!({"email": "new@x.org", "role": "dev"})).await;
    assert_eq!(updated.json()["payload"], json!({}));

    // It holds over a restart, and v12's older path shows the same.
    stage.server.ask_to_end();
    assert!(stage.server.wait_for_end().success());
    stage.server = Server::start(&stage.data);
    let admin = stage.with(&stage.admin);
    let list = admin.get(ALL).await.json();
    assert_eq!(emails(&list), ["admin@x.org", "dev@x.org", "editor@x.org", "new@x.org"]);
    let new = &list["payload"][3];
    assert_eq!((&new["role"], &new["workspace"]), (&json!("dev"), &json!("default")));
    assert_eq!(
        (&new["strategy"], &new["attributes"]["last_logon"]),
        (&json!("default"), &json!(null))
    );
    let headers =
        [("authorization", &*format!("Bearer {}", stage.admin)), ("x-bp-workspace", "default")];
    let older =
        stage.server.client().ask("GET", "/api/v1/admin/users?roles=editor", &headers, None).await;
    assert_eq!(emails(&older.json()), ["editor@x.org"]);
    let outside = admin.get("/workspace/collaborators/listAvailableUsers").await.json();
    assert_eq!(emails(&outside), ["other@x.org", "root@x.org"]);

    let path = "/workspace/collaborators/workspace/remove/default/new%40x.org/delete";
    let removed = admin.post(path, &json!({})).await.json();
    assert_eq!(removed["payload"], json!({"email": "new@x.org"}));
    assert_eq!(admin.post(path, &json!({})).await.status, 404, "it is gone");
    let added =
        admin.post(ADD, &json!({"email": "new@x.org", "strategy": "default", "role": "dev"})).await;
    assert_eq!((added.status, added.text.as_str()), (200, "OK"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_cannot_be_done_say_why() {
    let stage = Stage::new().await;
    let admin = stage.with(&stage.admin);
    for (path, body, status, text) in [
        (ADD, json!({"role": "dev"}), 400, "missing field"),
        (ADD, json!({"email": 5, "role": "dev"}), 400, "expected a string"),
        (
            ADD,
            json!({"email": "other@x.org", "role": "boss"}),
            404,
            "there is no role \\\"boss\\\"",
        ),
        (ADD, json!({"email": "nobody@x.org", "role": "dev"}), 404, "there is no account"),
        (ADD, json!({"email": "dev@x.org", "role": "dev"}), 409, "already a member"),
        (ADD, json!({"email": "a\u{0}b", "role": "dev"}), 404, "no account has this email"),
        (ALL, json!({"email": "a b", "role": "dev"}), 400, "without spaces"),
        (ALL, json!({"email": "c@x.org", "role": "dev", "strategy": "saml"}), 400, "no strategy"),
        (ROLE, json!({"email": "other@x.org", "role": "dev"}), 404, "is no member"),
        (
            ROLE,
            json!({"email": "admin@x.org", "role": "dev"}),
            409,
            "the last member with the role",
        ),
    ] {
        let reply = admin.post(path, &body).await;
        assert_eq!(reply.status, status, "{path} {body}: {}", reply.text);
        assert!(reply.text.contains(text), "{path} {body}: {}", reply.text);
    }
    let removing = "/workspace/collaborators/workspace/remove/default/admin@x.org/delete";
    let oneself = admin.post(removing, &json!({})).await;
    assert_eq!(oneself.status, 409);
    assert!(oneself.text.contains("you cannot remove yourself"), "{}", oneself.text);
    assert_eq!(admin.in_workspace(None).get(ALL).await.status, 400, "no workspace is named");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_is_refused_and_nothing_changes() {
    let stage = Stage::new().await;
    let before = stage.with(&stage.root).get(ALL).await.json();
    let body = json!({"email": "other@x.org", "role": "editor"});
    for (token, workspace) in [
        (&stage.dev, "default"),
        (&stage.editor, "default"),
        (&stage.other, "default"),
        (&stage.admin, "other"),
        (&stage.admin, "nowhere"),
    ] {
        let person = stage.with(token).in_workspace(Some(workspace));
        for (method, path) in [
            ("GET", ALL),
            ("POST", ADD),
            ("POST", ROLE),
            ("POST", ALL),
            ("POST", "/workspace/collaborators/workspace/remove/default/editor@x.org/delete"),
            ("POST", "/workspace/collaborators/default/editor@x.org/delete"),
            ("GET", "/workspace/collaborators/reset/default/editor@x.org"),
        ] {
            let body = (method == "POST").then_some(&body);
            let reply = person.ask(method, path, body).await;
            // A developer may look at what v12's role lets it look at: not at people.
            assert_eq!(reply.status, 403, "{method} {path} in {workspace}: {}", reply.text);
        }
    }
    assert_eq!(stage.server.client().get(&format!("{}{ALL}", super::ADMIN)).await.status, 401);
    assert_eq!(stage.with(&stage.root).get(ALL).await.json(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn super_admins_delete_accounts_and_a_reset_ends_sessions() {
    let stage = Stage::new().await;
    let (root, dev) = (stage.with(&stage.root), stage.with(&stage.dev));
    assert_eq!(dev.get("/workspace/roles").await.status, 200);
    let path = "/workspace/collaborators/reset/default/dev@x.org";
    assert_eq!(root.ask("HEAD", path, None).await.status, 405, "a look changes nothing");
    assert_eq!(dev.get("/workspace/roles").await.status, 200);
    let reset = root.get(path).await.json();
    assert_eq!(reset["payload"]["tempPassword"].as_str().unwrap().len(), 15);
    assert_eq!(dev.get("/workspace/roles").await.status, 401);
    let editor = stage.with(&stage.editor);
    assert_eq!(editor.get("/workspace/roles").await.status, 200);
    let path = "/workspace/collaborators/default/editor@x.org/delete";
    assert_eq!(root.post(path, &json!({})).await.json()["message"], "User deleted");
    assert_eq!(editor.get("/workspace/roles").await.status, 401);
    let last = root.post("/workspace/collaborators/default/admin@x.org/delete", &json!({})).await;
    assert_eq!(last.status, 409);
}
