//! `/api/v2/admin/workspace/logs`.

use serde_json::Value;

use super::Stage;

const EVER: &str = "fromDate=0&toDate=9999999999999";

fn bots(list: &Value) -> Vec<&Value> {
    list.as_array().unwrap().iter().map(|entry| &entry["botId"]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_bot_is_for_those_of_its_workspace() {
    let stage = Stage::new().await;
    let path = "/workspace/logs/bots/a-bot";
    let list = stage.with(&stage.dev).get(path).await.json();
    let loaded = list.as_array().unwrap().iter().find(|entry| entry["message"] == "bot loaded");
    let loaded = loaded.unwrap();
    assert_eq!((&loaded["botId"], &loaded["level"]), (&"a-bot".into(), &"info".into()));
    assert_eq!(loaded["metadata"]["disabled"], "false");
    assert!(loaded["timestamp"].as_str().unwrap().ends_with('Z'));
    let one = stage.with(&stage.dev).get(&format!("{path}?limit=1")).await.json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    for limit in ["0", "2001", "x"] {
        let refused = stage.with(&stage.dev).get(&format!("{path}?limit={limit}")).await;
        assert_eq!(refused.status, 400, "{limit}");
    }
    let archive = stage.with(&stage.dev).get(&format!("{path}/archive")).await;
    assert_eq!(archive.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(archive.headers["content-disposition"], "attachment; filename=logs.txt");
    assert!(archive.text.contains("info: bot loaded errors=0"), "{}", archive.text);
    assert!(!archive.text.contains("b-bot"));
    for path in [path, "/workspace/logs/bots/a-bot/archive"] {
        assert_eq!(stage.with(&stage.other).get(path).await.status, 403);
    }
    assert_eq!(stage.with(&stage.root).get("/workspace/logs/bots/no-bot").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_see_their_workspace_and_super_admins_everything() {
    let stage = Stage::new().await;
    let path = format!("/workspace/logs?{EVER}");
    let of_admin = stage.with(&stage.admin).get(&path).await.json();
    let seen = bots(&of_admin);
    assert!(!seen.is_empty() && seen.iter().all(|bot| *bot == "a-bot"), "{of_admin}");
    // Something that is about no bot.
    assert_eq!(stage.with("nonsense").get(&path).await.status, 401);
    let of_root = stage.with(&stage.root).get(&path).await.json();
    let seen = bots(&of_root);
    assert!(seen.contains(&&Value::from("b-bot")) && seen.contains(&&Value::Null), "{of_root}");
    let numbers: Vec<u64> =
        of_root.as_array().unwrap().iter().map(|entry| entry["id"].as_u64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    let only = stage.with(&stage.root).get(&format!("{path}&onlyWorkspace=true")).await.json();
    assert!(bots(&only).iter().all(|bot| *bot == "a-bot"));
    let past = stage.with(&stage.root).get("/workspace/logs?fromDate=0&toDate=5").await.json();
    assert_eq!(past, serde_json::json!([]));
    for query in ["?fromDate=x", "?toDate=1.5", "?onlyWorkspace=perhaps"] {
        let refused = stage.with(&stage.root).get(&format!("/workspace/logs{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
    }
    // v12's editors do not see logs of the workspace.
    assert_eq!(stage.with(&stage.editor).get(&path).await.status, 403);
}
