//! A server of files, and a bot that copies what it is sent.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Redirect;
use axum::routing::get;
use parlance_core::bot::Bot;
use parlance_core::dialog::DecisionRules;
use parlance_core::ids::ConversationKey;
use parlance_core::skills;
use parlance_server::bots::{Source, Surroundings};
use parlance_server::cli::serve::ServeFlags;
use parlance_server::config::{Config, Environment};
use parlance_server::media::{Fetcher, MediaFolder};
use parlance_server::ops::lifecycle::Lifecycle;
use parlance_server::outbound::Outbound;
use parlance_server::turn::{Incoming, LaneLimits, RetentionPolicies, TurnSettings, Turns};
use parlance_store::{Database, Store, StoreOptions};
use serde_json::{Value, json};

pub(crate) const BOT: &str = "keeper";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
pub(crate) const HERE: &str = "https://chat.example";

/// A server of files, which counts who asks.
pub(crate) struct Elsewhere {
    pub(crate) port: u16,
    asked: Arc<AtomicUsize>,
}

impl Elsewhere {
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let router = Router::new()
            .route("/a/photo%20one.png", get(async || ([(CONTENT_TYPE, "image/png")], PNG)))
            .route("/attachment", get(async || ([(CONTENT_TYPE, "image/png")], PNG)))
            .route("/page.html", get(async || ([(CONTENT_TYPE, "text/html")], "<script>")))
            .route("/fake.png", get(async || ([(CONTENT_TYPE, "text/html")], "<script>")))
            .route("/large.png", get(async || ([(CONTENT_TYPE, "image/png")], vec![0; 2000])))
            .route("/moved.png", get(async || Redirect::temporary("/attachment")))
            .route("/inward.png", get(async || Redirect::temporary("http://127.0.0.1:1/")))
            .layer(axum::middleware::map_request(move |request: axum::extract::Request| {
                counted.fetch_add(1, Ordering::SeqCst);
                async { request }
            }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The settings that open the way to this server.
    pub(crate) fn allowed(&self) -> Value {
        json!({ "allowHosts": ["127.0.0.1"], "allowPorts": [self.port] })
    }
}

/// A bot that keeps the image and says where it is, and all that it needs to run.
pub(crate) struct Stage {
    data: tempfile::TempDir,
    bot: Arc<Bot>,
    turns: Turns,
}

impl Stage {
    /// With these settings of `parlance.outbound`.
    pub(crate) async fn new(outbound: Value) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = json!({
            "parlance": { "outbound": outbound },
            "fileUpload": { "maxFileSize": 1000 },
        });
        let flags = ServeFlags { data: data.path().to_owned(), ..ServeFlags::default() };
        let environment = Environment::default();
        let settings = settings.to_string();
        let loaded =
            Config::from_text(&flags, &environment, "botpress.config.json", Some(&settings));
        let config = loaded.unwrap().0;
        let store = Database::File(data.path().join("test.sqlite"));
        let store = Store::open(&store, &StoreOptions::default()).await.unwrap();
        let folder = MediaFolder::new(&config.data_dir, config.uploads.clone());
        let files = Fetcher::new(folder, Outbound::new(&config.outbound));
        let turns =
            Turns::new(Arc::new(store), files, turn_settings(&config), Lifecycle::default());
        let bot = Arc::new(keeper(data.path()));
        Self { data, bot, turns }
    }

    /// Sends an image; where the bot says that it is.
    pub(crate) async fn send(&self, url: &str) -> String {
        let image = json!({ "type": "image", "image": url });
        let incoming = Incoming {
            bot: Arc::clone(&self.bot),
            key: ConversationKey::api(self.bot.id.clone(), "ada"),
            payload: image.as_object().cloned().unwrap(),
            included_contexts: Vec::new(),
            idempotency_key: None,
            credentials: None,
            debug: false,
        };
        let answer = self.turns.converse(incoming, Duration::from_secs(30)).await.unwrap();
        let texts = answer.responses.iter().filter_map(|reply| reply["text"].as_str());
        texts.collect()
    }

    /// Names of the copies.
    pub(crate) fn kept(&self) -> Vec<String> {
        let media = self.data.path().join("bots").join(BOT).join("media");
        let entries = std::fs::read_dir(media).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// What a copy holds.
    pub(crate) fn copy(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.data.path().join("bots").join(BOT).join("media").join(name)).unwrap()
    }
}

fn turn_settings(config: &Config) -> TurnSettings {
    TurnSettings {
        external_url: HERE.to_owned(),
        converse: config.converse.clone(),
        dialog: config.dialog,
        rules: DecisionRules::default(),
        limits: LaneLimits { total: 10, waiting: 10 },
        retention: RetentionPolicies::default(),
    }
}

/// Writes the bot and loads it.
fn keeper(data: &Path) -> Bot {
    let entry = json!({
        "id": "node-0", "name": "entry", "onReceive": null, "next": [],
        "onEnter": ["builtin/storeFileLocally {}", "say #!builtin_text-where"],
    });
    let where_it_is = json!({ "text$en": "{{{event.payload.image}}}" });
    for (path, content) in [
        (
            "bot.config.json",
            json!({
                "id": BOT, "name": BOT, "version": "12.31.10",
                "defaultLanguage": "en", "languages": ["en"],
            }),
        ),
        (
            "flows/main.flow.json",
            json!({
                "version": "0.0.1", "startNode": "entry", "catchAll": { "next": [] },
                "nodes": [entry],
            }),
        ),
        (
            "content-elements/builtin_text.json",
            json!([{ "id": "builtin_text-where", "formData": where_it_is }]),
        ),
    ] {
        let path = data.join("bots").join(BOT).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.to_string()).unwrap();
    }
    let given =
        Surroundings { native_action: skills::is_builtin, substitute: Box::new(str::to_owned) };
    let mut loaded = None;
    let source = Source::DataDir(data.to_owned());
    source.load_all(&given, |_, bot, _| loaded = bot).unwrap();
    loaded.unwrap()
}
