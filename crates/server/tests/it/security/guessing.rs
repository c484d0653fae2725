//! Guessing passwords: almost no guess is even looked at, and nobody learns who has an account.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::harness::{ADMIN, Client, DataDir, LOGIN, Server};

const GUESSES: usize = 10_000;
/// Guesses that may cost the server a hash.
const LOOKED_AT: usize = 50;
const AT_ONCE: usize = 32;

async fn guess(client: &Client, email: &str, number: usize) -> (u16, String) {
    let body = json!({ "email": email, "password": format!("guess-{number}") });
    let reply = client.post(LOGIN, &body).await;
    (reply.status, reply.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_guesses_hardly_any_is_looked_at() {
    let data = DataDir::new();
    let server = Server::start_with_admin(&data);
    let client = Arc::new(server.client());
    let guesses = stream::iter(0..GUESSES).map(|number| {
        let client = Arc::clone(&client);
        async move { guess(&client, ADMIN.0, number).await }
    });
    let answers: Vec<_> = guesses.buffer_unordered(AT_ONCE).collect().await;
    // Only who was looked at is told that the password is wrong.
    let looked_at = answers.iter().filter(|(_, text)| text.contains("BP_0009")).count();
    let other = answers.iter().find(|(status, _)| ![400, 429, 503].contains(status));
    println!("guesses={GUESSES} looked_at={looked_at}");
    assert_eq!(other, None);
    assert!((1..=LOOKED_AT).contains(&looked_at), "{looked_at}");
    assert!(client.get("/status").await.status == 200, "the server goes on");
}

#[tokio::test]
async fn guesses_say_nothing_about_who_has_an_account() {
    // A server each, so that neither run is counted to the other's.
    let mut answers = Vec::new();
    for email in [ADMIN.0, "nobody@example.com"] {
        let data = DataDir::new();
        let server = Server::start_with_admin(&data);
        let client = server.client();
        let mut seen = Vec::new();
        for number in 0..8 {
            seen.push(guess(&client, email, number).await);
        }
        answers.push(seen);
    }
    assert_eq!(answers[0], answers[1], "the same texts at the same guess");
    let kinds: BTreeSet<_> = answers[0].iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(kinds.len(), 2, "wrong, then wait: {kinds:?}");
}
