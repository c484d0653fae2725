//! Orderly ends and new starts.

use std::time::Duration;

use crate::harness::{DataDir, Server, slow_bot};

#[tokio::test]
async fn a_restart_keeps_memory_and_the_place_in_the_dialogue() {
    let data = DataDir::new();
    let mut server = Server::start(&data);
    let client = server.client();
    client.say("welcome-bot", "ada", "Hey!").await.responses();
    server.ask_to_end();
    assert!(server.wait_for_end().success(), "an asked-for end is no error");

    let mut server = Server::start(&data);
    client.moved_to(server.base());
    let texts = client.say("welcome-bot", "ada", "Ada").await.texts();
    assert!(
        texts[0].contains("Pleased to meet you, Ada."),
        "it still waited for the name: {texts:?}"
    );
    server.kill();

    let server = Server::start(&data);
    client.moved_to(server.base());
    let texts = client.say("welcome-bot", "ada", "bye").await.texts();
    assert!(texts[0].contains("Ada"), "{texts:?}");
    let texts = client.say("welcome-bot", "ada", "hello").await.texts();
    assert!(texts[0].contains("Welcome back, Ada."), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_in_flight_is_answered_before_the_end() {
    let data = DataDir::with_bots(&[slow_bot("slow", 1_000)]);
    let mut server = Server::start(&data);
    let client = server.client();
    let call = tokio::spawn(async move { client.say("slow", "one", "x").await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    server.ask_to_end();
    assert_eq!(call.await.unwrap().texts(), ["done x"]);
    assert!(server.wait_for_end().success());
}
