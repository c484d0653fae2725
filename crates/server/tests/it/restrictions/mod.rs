//! Throttle, restrict, switch off: who may talk to a bot, and how often.

mod exact;
mod fair;
mod headers;
mod malformed;
mod origins;
mod reload;

use serde_json::{Value, json};

use crate::harness::{BotFiles, Client, DataDir, Reply, Server};

/// A bot that says `hello` to everything, with this `converse` in its configuration.
fn bot(id: &str, converse: &Value) -> BotFiles {
    let entry = json!({ "name": "entry", "onEnter": ["say #!builtin_text-hello"], "next": [] });
    BotFiles::new(id)
        .config("converse", converse.clone())
        .texts(&[("hello", "hello")])
        .flow("main", &[entry])
}

/// `{"limit": …, "limitWindow": …}`
fn limit(limit: u32, window: &str) -> Value {
    json!({ "limit": limit, "limitWindow": window })
}

/// A server with these bots and this `httpServer.rateLimit`.
fn server(bots: &[BotFiles], rate_limit: &Value) -> (DataDir, Server) {
    let data = DataDir::with_bots(bots);
    let rate_limit = rate_limit.to_string();
    let variables = [("BP_CONFIG_HTTPSERVER_RATELIMIT", rate_limit.as_str())];
    let server = Server::start_with(&data, &[], &variables);
    (data, server)
}

/// Asks so many times, some at the same time; `ask` gets the number of the request.
async fn ask_often<F>(client: &Client, times: usize, ask: impl Fn(Client, usize) -> F) -> Vec<Reply>
where
    F: Future<Output = Reply> + Send + 'static,
{
    const AT_ONCE: usize = 20;
    let mut tasks = tokio::task::JoinSet::new();
    let mut replies = Vec::with_capacity(times);
    for number in 0..times {
        if tasks.len() >= AT_ONCE {
            replies.extend(tasks.join_next().await.map(Result::unwrap));
        }
        tasks.spawn(ask(client.clone(), number));
    }
    replies.extend(tasks.join_all().await);
    replies
}

/// How many were answered, after a look that all others were told to slow down.
fn passed(replies: &[Reply]) -> usize {
    let (passed, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    for reply in refused {
        assert_eq!(reply.status, 429, "{}", reply.text);
        assert_eq!(reply.text, "Too many requests, please slow down.");
    }
    passed.len()
}
