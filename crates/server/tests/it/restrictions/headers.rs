//! The headers of limits are structured fields (RFC 9651) that say what is left and until when.

use reqwest::header::HeaderMap;
use serde_json::json;
use sfv::{BareItem, Item, List, ListEntry, Parser};

use super::{bot, limit, server};
use crate::harness::Reply;

/// The items of a list field, whose lines count as one.
fn list(headers: &HeaderMap, name: &str) -> Vec<Item> {
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect();
    let text = lines.join(", ");
    let list: List = Parser::new(&text).parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let item = |entry| match entry {
        ListEntry::Item(item) => item,
        ListEntry::InnerList(_) => panic!("{text}: an inner list"),
    };
    list.into_iter().map(item).collect()
}

fn whole(item: &BareItem) -> i64 {
    match item {
        BareItem::Integer(number) => i64::from(*number),
        other => panic!("{other:?} is no integer"),
    }
}

/// Name and two parameters of each item.
fn read(headers: &HeaderMap, name: &str, parameters: [&str; 2]) -> Vec<(String, i64, i64)> {
    let read = |item: Item| {
        let BareItem::String(policy) = &item.bare_item else {
            panic!("{name}: {:?} is no string", item.bare_item);
        };
        let names: Vec<&str> = item.params.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, parameters, "{name}");
        let [first, second] = parameters.map(|name| whole(&item.params[name]));
        (policy.as_str().to_owned(), first, second)
    };
    list(headers, name).into_iter().map(read).collect()
}

fn check(reply: &Reply, expected: &[&str]) {
    let policies = read(&reply.headers, "ratelimit-policy", ["q", "w"]);
    let states = read(&reply.headers, "ratelimit", ["r", "t"]);
    let names: Vec<&str> = policies.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, expected);
    assert_eq!(states.len(), policies.len());
    for ((policy, quota, window), (state, remaining, reset)) in policies.iter().zip(&states) {
        assert_eq!(policy, state);
        assert!((0..=*quota).contains(remaining), "{remaining} of {quota}");
        assert!((0..=*window).contains(reset), "{reset} of {window} seconds");
    }
    let Some(wait) = reply.headers.get("retry-after") else {
        assert_eq!(reply.status, 200);
        return;
    };
    assert_eq!(reply.status, 429);
    let wait: Item = Parser::new(wait.as_bytes()).parse().unwrap();
    let (wait, spent) = (whole(&wait.bare_item), states.iter().find(|(_, left, _)| *left == 0));
    assert_eq!(Some(wait), spent.map(|(.., reset)| *reset));
    for name in ["x-ratelimit-limit", "x-ratelimit-remaining"] {
        let value: Item = Parser::new(reply.headers[name].as_bytes()).parse().unwrap();
        assert!(whole(&value.bare_item) >= 0);
    }
}

#[tokio::test]
async fn every_answer_tells_of_all_its_limits_in_structured_fields() {
    let rate_limit = json!({
        "enabled": true, "limit": 9, "limitWindow": "1h",
        "perUser": limit(2, "1m"), "perBot": limit(4, "30m"),
    });
    let (_data, server) = server(&[bot("shop", &json!({}))], &rate_limit);
    let client = server.client();
    let all = ["user", "bot", "ip"];
    for (user, expected) in [
        ("ada", &all[..]),
        ("ada", &all),
        ("ada", &["user", "ip"]), // Refused: not counted against the bot.
        ("bob", &all),
        ("eve", &all),
        ("eve", &all), // Refused by the bot's limit.
    ] {
        check(&client.say("shop", user, "hi").await, expected);
    }
    for _ in 0..5 {
        check(&client.get("/version").await, &["ip"]);
    }
}
