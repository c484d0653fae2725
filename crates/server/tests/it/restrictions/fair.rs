//! Whoever asks too often harms nobody else, and cannot pass for somebody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{ask_often, bot, limit, passed, server};
use crate::harness::{Client, DataDir, Server};

const QUIET_USERS: usize = 40;
const MESSAGES: usize = 5;

#[tokio::test]
async fn a_noisy_user_lowers_nobody_elses_success() {
    let converse = json!({ "rateLimit": {
        "perUser": limit(u32::try_from(MESSAGES).unwrap(), "1h"),
        // Room for the quiet ones and what the noisy one may say, and for nothing more.
        "perBot": limit(u32::try_from((QUIET_USERS + 1) * MESSAGES).unwrap(), "1h"),
    }});
    let (_data, server) = server(&[bot("shop", &converse)], &json!({ "enabled": false }));
    let client = server.client();
    let over = Arc::new(AtomicBool::new(false));
    let noise: Vec<_> = (0..8).map(|_| tokio::spawn(noise(client.clone(), over.clone()))).collect();
    let replies = ask_often(&client, QUIET_USERS * MESSAGES, |client, number| async move {
        client.say("shop", &format!("quiet-{}", number % QUIET_USERS), "hi").await
    });
    assert_eq!(passed(&replies.await), QUIET_USERS * MESSAGES);
    over.store(true, Ordering::Relaxed);
    let (mut said, mut heard) = (0, 0);
    for noise in noise {
        let (asked, passed) = noise.await.unwrap();
        said += asked;
        heard += passed;
    }
    assert_eq!(heard, MESSAGES);
    assert!(said > 2 * MESSAGES, "{said} messages are no noise");
}

/// Talks without a pause; how often, and how often with success.
async fn noise(client: Client, over: Arc<AtomicBool>) -> (usize, usize) {
    let (mut said, mut heard) = (0, 0);
    while !over.load(Ordering::Relaxed) || said < 3 {
        said += 1;
        heard += usize::from(client.say("shop", "noisy", "hi").await.status == 200);
    }
    (said, heard)
}

#[tokio::test]
async fn claimed_addresses_change_nothing() {
    let rate_limit = json!({ "enabled": true, "limit": 10, "limitWindow": "1h" });
    let (_data, direct) = server(&[], &rate_limit);
    let claims = [
        "X-Forwarded-For",
        "x-real-ip",
        "Forwarded",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Client-IP",
    ];
    let client = direct.client();
    let replies = ask_often(&client, 60, |client, number| async move {
        let address = format!("10.1.2.{number}");
        let forwarded = format!("for={address}");
        let value = if claims[number % 6] == "Forwarded" { &forwarded } else { &address };
        client.send("GET", "/version", &[(claims[number % 6], value)]).await
    });
    assert_eq!(passed(&replies.await), 10);
}

#[tokio::test]
async fn behind_a_proxy_only_its_own_word_counts() {
    let rate_limit = json!({ "enabled": true, "limit": 10, "limitWindow": "1h" }).to_string();
    let data = DataDir::with_bots(&[]);
    let variables =
        [("BP_CONFIG_HTTPSERVER_RATELIMIT", rate_limit.as_str()), ("REVERSE_PROXY", "1")];
    let server = Server::start_with(&data, &[], &variables);
    // The proxy adds whom it heard from at the end; what stands before it was made up.
    let client = server.client();
    let replies = ask_often(&client, 60, |client, number| async move {
        let line = format!("10.1.2.{number}, 203.0.113.{}", number % 2);
        client.send("GET", "/version", &[("x-forwarded-for", &line)]).await
    });
    assert_eq!(passed(&replies.await), 20, "ten of each of two clients");
}
