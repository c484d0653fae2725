//! All that is kept of one chat user.

use serde_json::{Value, json};

use super::{OTHER, SHOP, Stage, each, text};
use crate::harness::converse;

#[tokio::test]
async fn an_export_has_everything_of_one_user_and_nothing_of_others() {
    let stage = Stage::new().await;
    // More than one page of turns.
    for number in 0..60 {
        stage.admin.say(SHOP, "ada", &format!("mine {number}")).await;
    }
    let header = [("Idempotency-Key", "order-7")];
    stage.admin.try_post(&converse(SHOP, "ada"), &text("keyed"), &header).await.unwrap();
    stage.admin.say(SHOP, "bob", "of bob").await;
    stage.admin.say(OTHER, "ada", "of another bot").await;
    let reply = stage.admin.get(&super::of_shop("users/ada/export")).await;
    assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
    for foreign in ["of bob", "of another bot"] {
        assert!(!reply.text.contains(foreign), "{foreign}");
    }
    let export = reply.json();
    assert_eq!((&export["bot"], &export["user"]), (&json!(SHOP), &json!("ada")));
    assert_eq!(export["known"]["attributes"]["turns"], "I".repeat(61));
    assert_eq!(each(&export["idempotencyKeys"], "key"), ["order-7"]);
    let conversations = export["conversations"].as_array().unwrap();
    assert_eq!(conversations.len(), 1);
    let turns = &conversations[0]["turns"];
    let numbers: Vec<Value> = (1..=61).rev().map(Value::from).collect();
    assert_eq!(each(turns, "number"), numbers);
    assert_eq!(turns[60]["incoming"], text("mine 0"));
    assert_eq!(conversations[0]["memory"]["session"]["turns"], "I".repeat(61));
    assert_eq!(conversations[0]["conversation"]["id"], "shop::api::ada");
}

#[tokio::test]
async fn a_user_who_is_known_by_attributes_alone_is_exported_and_erased() {
    let stage = Stage::new().await;
    stage.patch("users/eve/attributes", &json!({"town": "Paris"}), None).await;
    let user = stage.read("users/eve").await;
    assert_eq!(
        (&user["attributes"]["town"], &user["firstSeenOn"]),
        (&json!("Paris"), &json!(null))
    );
    let export = stage.read("users/eve/export").await;
    assert_eq!(export["known"]["attributes"]["town"], "Paris");
    assert_eq!(stage.delete("users/eve").await["attributes"], true);
    assert_eq!(stage.admin.get(&super::of_shop("users/eve")).await.status, 404);
}
