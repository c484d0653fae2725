//! Reading and changing what bots remember.

use reqwest::Method;
use serde_json::{Value, json};

use super::{SHOP, Stage, of_shop, talk};
use crate::harness::slow_bot;

#[tokio::test]
async fn what_is_patched_is_there_in_the_next_turn() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "one").await;
    let memory = format!("{}/memory", talk("ada"));
    assert_eq!(stage.read(&memory).await["session"]["turns"], "I");
    let patch = json!({"session": {"turns": "X", "deep": {"a": 1}}, "temp": {"b": [1]}});
    let reply = stage.patch(&memory, &patch, None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["session"]["deep"], json!({"a": 1}));
    assert_eq!(reply.json()["temp"], json!({"b": [1]}));
    let reply = stage.patch("users/ada/attributes", &json!({"turns": "Y"}), None).await;
    assert_eq!(reply.json(), json!({"turns": "Y"}));
    assert_eq!(stage.admin.say(SHOP, "ada", "two").await.texts(), ["ada two YI XI"]);
    let removed = stage.patch(&memory, &json!({"session": {"deep": null}}), None).await.json();
    assert!(removed["session"].get("deep").is_none(), "{removed}");
    let user = stage.read("users/ada").await;
    assert_eq!(user["attributes"], json!({"turns": "YI"}));
    assert!(user["firstSeenOn"].as_i64() < user["lastSeenOn"].as_i64(), "{user}");
}

#[tokio::test]
async fn a_patch_for_another_state_is_refused() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "one").await;
    let memory = format!("{}/memory", talk("ada"));
    let tag = async || {
        let reply = stage.admin.get(&of_shop(&memory)).await;
        reply.headers["etag"].to_str().unwrap().to_owned()
    };
    let patch = json!({"session": {"turns": "X"}});
    let old = tag().await;
    stage.admin.say(SHOP, "ada", "two").await;
    assert_eq!(stage.patch(&memory, &patch, Some(&old)).await.status, 412);
    assert_eq!(stage.read(&memory).await["session"]["turns"], "II");
    let new = tag().await;
    assert_eq!(stage.patch(&memory, &patch, Some(&new)).await.status, 200);
    assert_eq!(stage.patch(&memory, &patch, Some(&new)).await.status, 412, "a patch changes it");
    assert_eq!(stage.patch(&memory, &patch, Some("*")).await.status, 200);
    stage.delete("users/ada").await;
    stage.admin.say(SHOP, "ada", "anew").await;
    assert_eq!(stage.patch(&memory, &patch, Some(&old)).await.status, 412);
}

#[tokio::test]
async fn a_patch_waits_for_the_turn_that_runs_and_breaks_none() {
    let stage = Stage::with(&[slow_bot(SHOP, 1500)]).await;
    stage.admin.say(SHOP, "ada", "one").await;
    let memory = format!("{}/memory", talk("ada"));
    let client = stage.admin.clone();
    let turn = tokio::spawn(async move { client.say(SHOP, "ada", "two").await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let patch = json!({"session": {"note": "kept"}});
    let reply = stage.patch(&memory, &patch, None).await;
    assert_eq!(reply.json()["session"]["note"], "kept", "{}", reply.text);
    assert_eq!(turn.await.unwrap().texts(), ["done two"]);
    let turns = stage.read(&format!("{}/turns", talk("ada"))).await;
    assert_eq!(turns["turns"].as_array().unwrap().len(), 2, "the turn ran once");
    assert_eq!(stage.read(&memory).await["session"]["note"], "kept");
}

#[tokio::test]
async fn text_of_a_patch_is_never_a_template() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "one").await;
    let patch = json!({"turns": "{{event.botId}}"});
    let reply = stage.patch("users/ada/attributes", &patch, None).await;
    assert_eq!(reply.json(), patch);
    let memory = format!("{}/memory", talk("ada"));
    stage.patch(&memory, &json!({"session": {"turns": "{{{event.botId}}}"}}), None).await;
    let answer = stage.admin.say(SHOP, "ada", "two").await.texts();
    assert_eq!(answer, ["ada two {{event.botId}}I {{{event.botId}}}I"]);
    assert_eq!(stage.read("users/ada").await["attributes"]["turns"], "{{event.botId}}I");
}

#[tokio::test]
async fn a_bots_memory_is_patched_field_by_field() {
    let stage = Stage::new().await;
    assert_eq!(stage.read("memory").await, json!({}));
    let patches: Vec<Value> =
        (0..8).map(|n| json!({"all": {format!("n{n}"): n}, "one": n})).collect();
    let patching = patches.iter().map(|patch| stage.patch("memory", patch, None));
    for reply in futures_util::future::join_all(patching).await {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let memory = stage.read("memory").await;
    assert_eq!(memory["all"].as_object().unwrap().len(), 8, "none is lost: {memory}");
    let after = stage.patch("memory", &json!({"all": null}), None).await.json();
    assert!(after.get("all").is_none(), "{after}");
}

#[tokio::test]
async fn patches_that_cannot_be_are_refused_and_change_nothing() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "one").await;
    let memory = format!("{}/memory", talk("ada"));
    let before = stage.read(&memory).await;
    let large = "x".repeat(300 * 1024);
    for (memory, patch, expected) in [
        (&memory[..], json!({"context": {}}), 400),
        (&memory, json!({"session": null}), 400),
        (&memory, json!({"session": []}), 400),
        (&memory, json!([]), 400),
        (&memory, json!({"session": {"a": large}}), 400),
        ("users/ada/attributes", json!([1]), 400),
        ("users/ada/attributes", json!({"a": large}), 400),
        ("memory", json!({"a": large}), 400),
        ("conversations/shop::api::nobody/memory", json!({"session": {"a": 1}}), 404),
    ] {
        let reply = stage.patch(memory, &patch, None).await;
        assert_eq!(reply.status, expected, "{memory}: {}", reply.text);
    }
    for (content_type, body, expected) in [
        ("text/plain", "{\"turns\": 1}", 415),
        ("application/json", "", 400),
        ("application/json", "{", 400),
    ] {
        let headers = [("Content-Type", content_type)];
        let request = stage.admin.request(Method::PATCH, &of_shop("memory"), &headers);
        assert_eq!(request.body(body).send().await.unwrap().status(), expected, "{body}");
    }
    assert_eq!(stage.read(&memory).await, before);
}
