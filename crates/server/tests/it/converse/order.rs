//! Parallel calls: each gets its own replies; one user's turns run in the order of their arrival.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::{DataDir, Server, counting_bot, slow_bot, slow_counting_bot};

const BOT: &str = "counter";

/// Message and counts of an answer of the counting bot, which must be its only reply.
fn counted(texts: &[String]) -> (String, String, usize) {
    assert_eq!(texts.len(), 1, "an answer holds its own replies only: {texts:?}");
    let words: Vec<&str> = texts[0].split(' ').collect();
    let [user, message, in_user, in_session] = words[..] else { panic!("{texts:?}") };
    assert_eq!(in_user, in_session, "both memories are of the same turn");
    (user.to_owned(), message.to_owned(), in_user.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_calls_of_one_user_get_their_own_answers_in_order() {
    let data = DataDir::with_bots(&[counting_bot(BOT)]);
    let server = Server::start(&data);
    let client = server.client();
    let calls = (1..=50_u64).map(|number| {
        let client = client.clone();
        async move {
            // Apart enough that the order of arrival is known, near enough to overlap.
            tokio::time::sleep(Duration::from_millis(number * 10)).await;
            client.say(BOT, "one", &format!("m{number}")).await
        }
    });
    for (index, reply) in join_all(calls).await.iter().enumerate() {
        let (user, message, count) = counted(&reply.texts());
        assert_eq!((user.as_str(), message, count), ("one", format!("m{}", index + 1), index + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_at_once_are_fifty_turns() {
    let data = DataDir::with_bots(&[counting_bot(BOT)]);
    let server = Server::start(&data);
    let client = server.client();
    let calls = (0..50).map(|number| {
        let client = client.clone();
        async move { (number, client.say(BOT, "one", &format!("m{number}")).await) }
    });
    let mut counts = BTreeSet::new();
    for (number, reply) in join_all(calls).await {
        let (_, message, count) = counted(&reply.texts());
        assert_eq!(message, format!("m{number}"));
        counts.insert(count);
    }
    assert_eq!(counts, (1..=50).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_users_talk_in_parallel() {
    let data = DataDir::with_bots(&[counting_bot(BOT)]);
    let server = Server::start(&data);
    let client = server.client();
    let talks = (0..100).map(|number| {
        let client = client.clone();
        async move {
            let user = format!("user{number}");
            for turn in 1..=5 {
                let text = format!("m{turn}");
                let reply = client.say(BOT, &user, &text).await;
                assert_eq!(counted(&reply.texts()), (user.clone(), text, turn));
            }
        }
    });
    join_all(talks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_turn_of_one_user_holds_up_nobody_else() {
    let data = DataDir::with_bots(&[slow_bot("slow", 1_500), counting_bot(BOT)]);
    let server = Server::start(&data);
    let client = server.client();
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.say("slow", "one", "x").await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    for number in 0..20 {
        client.say(BOT, &format!("other{number}"), "x").await.texts();
    }
    assert!(!slow.is_finished(), "twenty turns of others took longer than one of 1.5 s");
    assert_eq!(slow.await.unwrap().texts(), ["done x"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_too_late_never_leaks_into_the_next_answer() {
    let timeout = serde_json::json!({ "timeout": "300ms" });
    let data = DataDir::with_bots(&[slow_bot("slow", 1_200).config("converse", timeout)]);
    let server = Server::start(&data);
    let client = server.client();
    let calls = ["first", "second"].map(|text| {
        let client = client.clone();
        async move { client.say("slow", "one", text).await }
    });
    for reply in join_all(calls).await {
        // Whoever waited too long is told so; nobody gets the other's words.
        if reply.status == 400 {
            assert_eq!(reply.json()["message"], "Request timed out.");
        } else {
            assert_eq!(reply.texts().len(), 1, "{}", reply.text);
        }
    }
    // Both turns end by then, answered or not.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(client.say("slow", "one", "third").await.texts(), ["done third"]);
}

#[tokio::test]
async fn an_instruction_that_runs_suspends_the_timeout() {
    let timeout = serde_json::json!({ "timeout": "300ms" });
    let data = DataDir::with_bots(&[slow_bot("slow", 900).config("converse", timeout)]);
    let server = Server::start(&data);
    assert_eq!(server.client().say("slow", "one", "x").await.texts(), ["done x"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_of_callers_who_leave_are_run_all_the_same_and_in_their_order() {
    let data = DataDir::with_bots(&[slow_counting_bot(BOT, 700)]);
    let server = Server::start(&data);
    let client = server.client();
    // The first leaves while its turn runs, the second while it waits for the first.
    for text in ["first", "second"] {
        let said = client.say(BOT, "one", text);
        assert!(tokio::time::timeout(Duration::from_millis(200), said).await.is_err());
    }
    let third = client.say(BOT, "one", "third").await;
    assert_eq!(counted(&third.texts()), ("one".to_owned(), "third".to_owned(), 3));
}
