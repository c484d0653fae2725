//! The server that is measured: one message, and how it was answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;
use serde_json::{Value, json};

use super::BenchError;

/// An answer later than this counts as none.
const PATIENCE: Duration = Duration::from_mins(1);
/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// A bot's public Converse route.
#[derive(Debug, Clone)]
pub(super) struct Target {
    client: reqwest::Client,
    base: Arc<Url>,
    bot: Arc<str>,
}

/// How one message was answered.
#[derive(Debug)]
pub(super) struct Sample {
    /// From the start of the request to the end of the answer.
    pub(super) took: Duration,
    /// `None` for an answer with responses, else what came instead.
    pub(super) failure: Option<String>,
}

impl Target {
    /// The bot on the server at `url`.
    pub(super) fn new(url: &str, bot: &str) -> Result<Self, BenchError> {
        let wrong =
            |problem: &str| BenchError::Url { url: url.to_owned(), problem: problem.to_owned() };
        let base: Url = url.parse().map_err(|error| wrong(&format!("{error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(wrong("must begin with http:// or https://"));
        }
        // Fails only where a provider is there already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(BenchError::Client)?;
        Ok(Self { client, base: Arc::new(base), bot: bot.into() })
    }

    /// What is measured, for people.
    pub(super) fn shown(&self) -> String {
        format!("{} on {}", self.bot, self.base)
    }

    /// Sends one message that is not counted, so that a wrong URL or bot is told at once.
    pub(super) async fn probe(&self, text: &str) -> Result<(), BenchError> {
        let user = format!("benchmark{}-probe", fastrand::u64(..));
        match self.say(&user, text).await.failure {
            None => Ok(()),
            Some(problem) => Err(BenchError::NoAnswer { url: self.route(&user).into(), problem }),
        }
    }

    /// Sends one message as one user.
    pub(super) async fn say(&self, user: &str, text: &str) -> Sample {
        let started = Instant::now();
        let failure = self.ask(user, text).await.err();
        Sample { took: started.elapsed(), failure }
    }

    async fn ask(&self, user: &str, text: &str) -> Result<(), String> {
        let request = self.client.post(self.route(user));
        let body = json!({ "type": "text", "text": text });
        let mut response = request.json(&body).send().await.map_err(|error| root_cause(&error))?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| root_cause(&error))? {
            if answer.len() + chunk.len() > MAX_ANSWER {
                return Err(format!("an answer of more than {MAX_ANSWER} bytes"));
            }
            answer.extend_from_slice(&chunk);
        }
        if status != reqwest::StatusCode::OK {
            return Err(format!("status {}{}", status.as_u16(), message_of(&answer)));
        }
        let answer: Option<Value> = serde_json::from_slice(&answer).ok();
        let has_responses =
            answer.is_some_and(|answer| answer.get("responses").is_some_and(Value::is_array));
        if has_responses { Ok(()) } else { Err("an answer without responses".to_owned()) }
    }

    fn route(&self, user: &str) -> Url {
        let mut url = Url::clone(&self.base);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1", "bots", &self.bot, "converse", user]);
        }
        url
    }
}

/// The message of v12's error answers.
fn message_of(answer: &[u8]) -> String {
    let answer: Option<Value> = serde_json::from_slice(answer).ok();
    let message = answer.as_ref().and_then(|answer| answer.get("message")).and_then(Value::as_str);
    message.map(|message| format!(": {message}")).unwrap_or_default()
}

/// What really happened: the client's own message only says that a request failed.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_lies_below_the_url_whatever_its_form() {
        for (url, route) in [
            ("http://h:1", "http://h:1/api/v1/bots/b/converse/u"),
            ("http://h:1/", "http://h:1/api/v1/bots/b/converse/u"),
            ("https://h/root/", "https://h/root/api/v1/bots/b/converse/u"),
        ] {
            assert_eq!(Target::new(url, "b").unwrap().route("u").as_str(), route);
        }
        let odd = Target::new("http://h", "a/b?c").unwrap();
        assert_eq!(odd.route("u").path(), "/api/v1/bots/a%2Fb%3Fc/converse/u");
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in ["ftp://h", "localhost:3000", "nothing", "mailto:a@b"] {
            assert!(Target::new(url, "b").is_err(), "{url}");
        }
    }
}
