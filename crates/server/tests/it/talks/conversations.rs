//! Lists, messages, turns, and starting over.

use serde_json::json;

use super::{OTHER, SHOP, Stage, each, of_shop, talk, text};

#[tokio::test]
async fn conversations_are_listed_newest_first_in_pages() {
    let stage = Stage::new().await;
    for user in ["ada", "bob", "cleo"] {
        stage.admin.say(SHOP, user, "hi").await;
        stage.admin.say(OTHER, user, "hi").await;
    }
    let all = stage.read("conversations").await;
    assert_eq!(each(&all["conversations"], "user"), ["cleo", "bob", "ada"]);
    assert!(all["next"].is_null());
    let first = &all["conversations"][0];
    assert_eq!((&first["id"], &first["turns"]), (&json!("shop::api::cleo"), &json!(1)));
    let (mut users, mut path) = (Vec::new(), "conversations?limit=1".to_owned());
    loop {
        let page = stage.read(&path).await;
        users.extend(each(&page["conversations"], "user"));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("conversations?limit=1&before={next}");
    }
    assert_eq!(users, ["cleo", "bob", "ada"]);
    let of_bob = stage.read("conversations?user=bob&channel=api").await;
    assert_eq!(each(&of_bob["conversations"], "user"), ["bob"]);
    assert_eq!(stage.read("conversations?channel=web").await["conversations"], json!([]));
    let one = stage.read(&talk("bob")).await;
    assert_eq!(one, of_bob["conversations"][0]);
}

#[tokio::test]
async fn messages_go_both_ways_and_carry_what_was_sent() {
    let stage = Stage::new().await;
    for said in ["one", "{{event.botId}}"] {
        stage.admin.say(SHOP, "ada", said).await;
    }
    let path = format!("{}/messages", talk("ada"));
    let all = stage.read(&path).await["messages"].clone();
    assert_eq!(each(&all, "direction"), ["outgoing", "incoming", "outgoing", "incoming"]);
    assert_eq!(all[1]["payload"], text("{{event.botId}}"));
    assert_eq!(all[0]["payload"]["text"], "ada {{event.botId}} II II");
    assert_eq!(all[0]["eventId"], all[1]["eventId"]);
    assert!(all[0]["time"].as_i64() >= all[1]["time"].as_i64());
    assert!(all[1]["time"].as_i64() >= all[2]["time"].as_i64());
    let (mut messages, mut before) = (Vec::new(), String::new());
    loop {
        let page = stage.read(&format!("{path}?limit=3{before}")).await;
        messages.extend(page["messages"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(json!(messages), all);
}

#[tokio::test]
async fn turns_show_the_way_through_the_flows() {
    let stage = Stage::new().await;
    for said in ["one", "two", "three"] {
        stage.admin.say(SHOP, "ada", said).await;
    }
    let path = format!("{}/turns", talk("ada"));
    let page = stage.read(&format!("{path}?limit=2")).await;
    assert_eq!(each(&page["turns"], "number"), [3, 2]);
    let newest = &page["turns"][0];
    assert_eq!(newest["incoming"], text("three"));
    assert_eq!(newest["replies"][0]["text"], "ada three III III");
    let entry = json!({"flow": "main.flow.json", "node": "entry"});
    assert_eq!(newest["trace"]["nodes"][0], entry);
    assert_eq!(newest["trace"]["problems"], json!([]));
    let next = page["next"].as_str().unwrap();
    let rest = stage.read(&format!("{path}?before={next}")).await;
    assert_eq!((each(&rest["turns"], "number"), &rest["next"]), (vec![json!(1)], &json!(null)));
}

#[tokio::test]
async fn no_path_leads_to_another_conversation() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "mine").await;
    stage.admin.say(OTHER, "bob", "hidden").await;
    let foreign = "/api/v1/bots/other/conversations/other::api::bob/turns";
    let turns = stage.admin.get(foreign).await.json();
    let id = turns["turns"][0]["id"].as_str().unwrap();
    for rest in ["", "/messages", "/turns", "/memory"] {
        let path = of_shop(&format!("conversations/other::api::bob{rest}"));
        assert_eq!(stage.admin.get(&path).await.status, 404, "{path}");
    }
    let reset = stage.admin.delete(&of_shop("conversations/other::api::bob")).await;
    assert_eq!(reset.status, 404);
    let turns = stage.read(&format!("{}/turns?before={id}", talk("ada"))).await;
    assert_eq!(turns["turns"], json!([]));
    let messages = stage.read(&format!("{}/messages?before={id}.0", talk("ada"))).await;
    assert_eq!(messages["messages"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "hi").await;
    let ada = talk("ada");
    for (path, expected) in [
        ("conversations?limit=0".to_owned(), 400),
        ("conversations?limit=201".to_owned(), 400),
        ("conversations?limit=x".to_owned(), 400),
        ("conversations?before=x".to_owned(), 400),
        ("conversations?wrong=x".to_owned(), 400),
        (format!("{ada}/turns?before=x"), 400),
        (format!("{ada}/messages?before=0190"), 400),
        ("conversations/%00".to_owned(), 404),
        (talk("nobody"), 404),
        (format!("{}/messages", talk("nobody")), 404),
        ("users/nobody".to_owned(), 404),
        ("users/nobody/export".to_owned(), 404),
        (format!("users/{}", "x".repeat(600)), 404),
        ("users/ada?channel=web".to_owned(), 404),
    ] {
        let reply = stage.admin.get(&of_shop(&path)).await;
        assert_eq!(reply.status, expected, "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_conversation_that_was_reset_starts_over_and_keeps_its_messages() {
    let stage = Stage::new().await;
    stage.admin.say(SHOP, "ada", "one").await;
    assert_eq!(stage.delete(&talk("ada")).await, json!({"reset": true}));
    let answer = stage.admin.say(SHOP, "ada", "two").await.texts();
    assert_eq!(answer, ["ada two II I"], "attributes stay, the session does not");
    assert_eq!(stage.read(&talk("ada")).await["turns"], 2);
}
