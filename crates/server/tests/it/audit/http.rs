//! `GET /api/v2/admin/audit` and `…/audit/verify`.

use serde_json::{Value, json};

use crate::harness::{Client, DataDir, People, Reply, Server};

async fn get(client: &Client, token: &str, path: &str) -> Reply {
    let token = format!("Bearer {token}");
    client
        .ask("GET", &format!("/api/v2/admin/audit{path}"), &[("authorization", &token)], None)
        .await
}

fn column<'r>(page: &'r Value, name: &str) -> Vec<&'r Value> {
    page["payload"]["rows"].as_array().unwrap().iter().map(|row| &row[name]).collect()
}

/// Five refused requests; the tokens of a super admin and of somebody else.
async fn stage() -> (DataDir, Server, String, String) {
    let data = DataDir::with_bots(&[]);
    let people = People::of(&data).await;
    let root = people.account("root@x.org", true, &[]).await;
    let admin = people.account("admin@x.org", false, &["default/admin"]).await;
    people.leave().await;
    let server = Server::start(&data);
    for _ in 0..4 {
        assert_eq!(get(&server.client(), "nonsense", "").await.status, 401);
    }
    assert_eq!(get(&server.client(), &admin, "/verify").await.status, 403);
    (data, server, root, admin)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_read_page_by_page_and_by_who_and_what() {
    let (_data, server, root, _) = stage().await;
    let client = server.client();
    let page = get(&client, &root, "?limit=2").await.json();
    assert_eq!(column(&page, "number"), [&json!(5), &json!(4)]);
    assert_eq!(page["payload"]["next"], 4);
    let rest = get(&client, &root, "?before=4").await.json();
    assert_eq!(column(&rest, "number"), [&json!(3), &json!(2), &json!(1)]);
    assert_eq!(rest["payload"]["next"], Value::Null);
    let row = &page["payload"]["rows"][0];
    assert_eq!(row["actor"], "account:admin@x.org/default");
    assert_eq!((&row["action"], &row["result"]), (&json!("audit verify"), &json!(403)));
    assert_eq!(row["from"], "127.0.0.1");
    assert_eq!(row["previousHash"], page["payload"]["rows"][1]["hash"]);
    let anonymous = get(&client, &root, "?actor=anonymous&action=audit%20list").await.json();
    assert_eq!(column(&anonymous, "result"), [&json!(401); 4]);
    for query in ["?limit=0", "?limit=1001", "?before=0", "?before=x", "?since=3"] {
        assert_eq!(get(&client, &root, query).await.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_log_is_called_broken() {
    let (data, mut server, root, _) = stage().await;
    let whole = get(&server.client(), &root, "/verify").await.json();
    assert_eq!(
        (&whole["payload"]["whole"], &whole["payload"]["row"]),
        (&json!(true), &Value::Null)
    );
    let head = whole["payload"]["head"].as_str().unwrap();
    let known = get(&server.client(), &root, &format!("/verify?head={head}")).await.json();
    assert_eq!(known["payload"]["whole"], true);
    let other = get(&server.client(), &root, &format!("/verify?head=4{}", &head[1..])).await.json();
    assert_eq!((&other["payload"]["whole"], &other["payload"]["row"]), (&json!(false), &json!(4)));
    assert_eq!(get(&server.client(), &root, "/verify?head=5").await.status, 400);

    server.ask_to_end();
    assert!(server.wait_for_end().success());
    let file = rusqlite::Connection::open(data.path().join("storage/parlance.sqlite")).unwrap();
    file.execute("DELETE FROM audit WHERE number = 5", []).unwrap();
    drop(file);
    let server = Server::start(&data);
    let broken = get(&server.client(), &root, "/verify").await.json();
    assert_eq!(
        (&broken["payload"]["whole"], &broken["payload"]["row"]),
        (&json!(false), &json!(5))
    );
    assert_eq!(broken["payload"]["problem"], "rows 5 to 5 are missing");
}
