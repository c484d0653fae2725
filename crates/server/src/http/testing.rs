//! A server without bots, turns or a disk, for tests of the surface.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use parlance_core::bot::{AllowedOrigins, Bot, BotConfig, ConverseConfig, DialogConfig};
use parlance_core::dialog::Inspection;
use parlance_core::ids::BotId;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::login::CookieRules;
use super::{Bots, Conversations, Operation, Settings, router};
use crate::bots::Lookup;
use crate::config::RateLimits;
use crate::ops::health::{Health, Phase};
use crate::services::Services;
use crate::turn::{Answer, Incoming, TurnError};

/// A bot's configuration with nothing set.
pub(super) fn bot_config() -> BotConfig {
    BotConfig {
        name: "Test".to_owned(),
        version: None,
        disabled: false,
        private: false,
        default_language: "en".to_owned(),
        languages: vec!["en".to_owned()],
        dialog: DialogConfig::default(),
        converse: ConverseConfig::default(),
    }
}

/// What endpoints share, on an empty database of their own.
pub(crate) fn services() -> Services {
    services_with("{}")
}

/// The same with this configuration.
pub(super) fn services_with(config: &'static str) -> Services {
    // Opening waits for the database; tests of the surface run on a runtime already.
    let opening = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            Services::on(folder.path(), config).await
        })
    });
    opening.join().unwrap()
}

/// A bot without flows.
pub(super) fn bot(id: &str, change: impl FnOnce(&mut BotConfig)) -> Bot {
    let mut config = bot_config();
    change(&mut config);
    Bot {
        id: BotId::parse(id).unwrap(),
        config,
        flows: BTreeMap::new(),
        elements: HashMap::new(),
        conditions: HashMap::new(),
        modules: BTreeMap::new(),
        intents: BTreeMap::new(),
    }
}

/// These origins and no others.
pub(super) fn only(origins: &[&str]) -> AllowedOrigins {
    AllowedOrigins::Only(origins.iter().map(|origin| (*origin).to_owned()).collect())
}

/// Settings with everything off.
pub(super) fn settings() -> Settings {
    Settings {
        root_path: String::new(),
        external_url: "http://127.0.0.1:3000".to_owned(),
        data_dir: PathBuf::from("/nonexistent"),
        body_limit: 10 * 1024 * 1024,
        cors: None,
        headers: vec![("X-Powered-By".to_owned(), "Botpress".to_owned())],
        rate_limits: RateLimits::default(),
        trusted_hops: 0,
        gzip: true,
        cookies: CookieRules::new(&serde_json::Map::new(), "http://127.0.0.1:3000").unwrap(),
        converse: ConverseConfig::default(),
        max_timeout: Duration::from_mins(1),
    }
}

/// A server whose turns echo: the reply holds the payload, the user, the contexts, the key and the
/// timeout, and the inside the credentials. Texts that begin with `!` make it fail in the way that they name.
#[derive(Clone, Default)]
pub(super) struct Fake {
    bots: HashMap<String, Lookup>,
    /// Ready, unless changed.
    pub(super) health: Health,
    /// Texts of the turns that came.
    pub(super) turns: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// A server with `welcome-bot`, a disabled `off-bot`, and a `private-bot`.
    pub(super) fn new() -> Self {
        let fake = Self::default();
        fake.health.set_phase(Phase::Ready);
        let fake = fake.with("welcome-bot", |_| {});
        let mut fake = fake.with("private-bot", |config| config.private = true);
        fake.bots.insert("off-bot".to_owned(), Lookup::Disabled);
        fake
    }

    /// With one more bot.
    pub(super) fn with(mut self, id: &str, change: impl FnOnce(&mut BotConfig)) -> Self {
        self.bots.insert(id.to_owned(), Lookup::Ready(Arc::new(bot(id, change))));
        self
    }

    /// The surface of this server.
    pub(super) fn router(&self, change: impl FnOnce(&mut Settings)) -> Router {
        let mut settings = settings();
        change(&mut settings);
        router(self.clone(), services(), settings).unwrap()
    }
}

impl Conversations for Fake {
    async fn converse(&self, incoming: Incoming, timeout: Duration) -> Result<Answer, TurnError> {
        let text = incoming.payload.get("text").and_then(Value::as_str);
        let text = text.unwrap_or_default().to_owned();
        self.turns.lock().unwrap().push(text.clone());
        match text.as_str() {
            "!slow" => tokio::time::sleep(Duration::from_millis(1200)).await,
            "!slow failure" => {
                tokio::time::sleep(Duration::from_millis(1200)).await;
                return Err(TurnError::TimedOut);
            }
            "!timeout" => return Err(TurnError::TimedOut),
            "!overload" => {
                return Err(TurnError::Overloaded { retry_after_secs: 3 });
            }
            "!reused" => return Err(TurnError::KeyReused),
            "!lost" => return Err(TurnError::NotStored("SQL".to_owned())),
            "!silent" => {
                return Ok(Answer { responses: Vec::new(), inspection: None });
            }
            "!long" => {
                let responses = vec![Value::from("x".repeat(5000))];
                return Ok(Answer { responses, inspection: None });
            }
            "!panic" => panic!("a bug"),
            _ => {}
        }
        let echo = json!({
            "bot": incoming.key.bot,
            "user": incoming.key.user,
            "payload": incoming.payload,
            "contexts": incoming.included_contexts,
            "key": incoming.idempotency_key,
            "timeout": u64::try_from(timeout.as_millis()).unwrap(),
        });
        let inspection = incoming.debug.then(|| {
            Box::new(Inspection {
                nlu: json!({"language": "n/a"}),
                suggestions: json!([]),
                state: json!({"user": {}}),
                decision: json!({}),
                credentials: incoming.credentials,
            })
        });
        let responses = vec![json!({"type": "typing", "value": true}), echo];
        Ok(Answer { responses, inspection })
    }
}

impl Bots for Fake {
    fn lookup(&self, id: &str) -> Lookup {
        self.bots.get(id).cloned().unwrap_or(Lookup::Unknown)
    }
}

impl Operation for Fake {
    fn health(&self) -> &Health {
        &self.health
    }

    fn metrics(&self) -> String {
        "parlance_up 1\n".to_owned()
    }
}

/// An answer, read to its end.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Got {
    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// Sends a request and reads the answer.
pub(super) async fn send(router: &Router, request: Request<Body>) -> Got {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Got { status: parts.status, headers: parts.headers, body }
}

/// A request with a JSON body.
pub(super) fn post(path: &str, body: &Value) -> Request<Body> {
    raw_post(path, "application/json", body.to_string())
}

/// A request with this body.
pub(super) fn raw_post(path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Request<Body> {
    let body = body.into();
    Request::post(path)
        .header("content-type", content_type)
        .header("content-length", body.len())
        .body(Body::from(body))
        .unwrap()
}

/// A request without a body.
pub(super) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}
