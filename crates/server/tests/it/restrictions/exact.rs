//! Limits are exact: at 1, 10 and 1000 in a window, over real connections.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{ask_often, bot, limit, passed, server};
use crate::harness::{Client, Reply};

const LIMITS: [u32; 3] = [1, 10, 1000];

/// More than the limit.
fn times(limit: u32) -> usize {
    limit as usize + 30
}

async fn version(client: &Client, times: usize) -> Vec<Reply> {
    ask_often(client, times, |client, _| async move { client.get("/version").await }).await
}

#[tokio::test]
async fn of_an_address_exactly_the_limit_passes() {
    for most in LIMITS {
        let rate_limit = json!({ "enabled": true, "limit": most, "limitWindow": "1h" });
        let (_data, server) = server(&[], &rate_limit);
        let replies = version(&server.client(), times(most)).await;
        assert_eq!(passed(&replies), most as usize);
    }
}

#[tokio::test]
async fn of_a_user_and_of_a_bot_exactly_the_limit_passes() {
    let bots: Vec<_> = LIMITS
        .into_iter()
        .flat_map(|most| {
            let with = |whose: &str| json!({ "rateLimit": { whose: limit(most, "1h") } });
            [
                bot(&format!("user-{most}"), &with("perUser")),
                bot(&format!("bot-{most}"), &with("perBot")),
            ]
        })
        .collect();
    let (_data, server) = server(&bots, &json!({ "enabled": false }));
    let client = server.client();
    for most in LIMITS {
        let say = |client: Client, bot: String, user: String| async move {
            client.say(&bot, &user, "hi").await
        };
        let of_user = ask_often(&client, times(most), |client, _| {
            say(client, format!("user-{most}"), "ada".to_owned())
        });
        assert_eq!(passed(&of_user.await), most as usize, "of one user");
        let of_bot = ask_often(&client, times(most), |client, number| {
            say(client, format!("bot-{most}"), format!("user-{}", number % 7))
        });
        assert_eq!(passed(&of_bot.await), most as usize, "of one bot");
    }
}

#[tokio::test]
async fn each_window_lets_the_limit_through_anew() {
    for (most, seconds) in [(1, 1), (10, 1), (1000, 5)] {
        let window = format!("{seconds}s");
        let rate_limit = json!({ "enabled": true, "limit": most, "limitWindow": window });
        let (_data, server) = server(&[], &rate_limit);
        let client = server.client();
        for round in 0..2 {
            let began = Instant::now();
            let replies = version(&client, times(most)).await;
            // A slow machine sees further windows begin, and each of them lets the limit through.
            let windows = usize::try_from(began.elapsed().as_secs()).unwrap() / seconds + 1;
            let passed = passed(&replies);
            let most = most as usize;
            assert!((most..=most * windows).contains(&passed), "round {round}: {passed}");
            if round == 1 {
                break;
            }
            // A refusal's word is good: after the time that it names the next window is there.
            let last = version(&client, 1).await.remove(0);
            if let Some(wait) = last.headers.get("retry-after") {
                let wait: u64 = wait.to_str().unwrap().parse().unwrap();
                assert!((1..=seconds as u64).contains(&wait), "{wait}");
                tokio::time::sleep(Duration::from_secs(wait)).await;
            }
        }
    }
}
