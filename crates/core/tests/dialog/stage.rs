//! The stage for the conversations: builds bots from JSON, plays messages, keeps state between
//! turns as the store would, as JSON.

use std::collections::HashMap;

use parlance_core::bot::{self, Bot, BotFiles, Provided};
use parlance_core::content::PayloadFormat;
use parlance_core::dialog::{
    Context, DecisionRules, Effect, EffectAnswer, Finished, MemoryOp, Moment, NewEvent, Persist,
    Settings, State, Step, Turn,
};
use parlance_core::ids::{BotId, ConversationKey};
use serde_json::{Map, Value, json};

/// A bot of these flows. `texts` are the text elements: `say #!<id>` says `<text>`.
pub(crate) fn bot(flows: &[(&str, Value)], texts: &[(&str, &str)]) -> Bot {
    let elements: Vec<Value> = texts
        .iter()
        .map(|(id, text)| json!({"id": id, "formData": {"text$en": text}, "createdBy": "t"}))
        .collect();
    let mut files = vec![
        (
            "bot.config.json".to_owned(),
            json!({
                "id": "test-bot", "name": "Test", "version": "12.31.10",
                "defaultLanguage": "en", "languages": ["en"],
            }),
        ),
        ("content-elements/builtin_text.json".to_owned(), Value::Array(elements)),
    ];
    for (name, flow) in flows {
        files.push((format!("flows/{name}.flow.json"), flow.clone()));
    }
    load(files)
}

/// A bot of these files.
pub(crate) fn load(files: Vec<(String, Value)>) -> Bot {
    let mut all = BotFiles::default();
    for (path, json) in files {
        all.insert(&path, json.to_string().into_bytes());
    }
    let shared = BotFiles::default();
    let provided = Provided { native_action: &parlance_core::skills::is_builtin, shared: &shared };
    let loaded = bot::load(&BotId::parse("test-bot").unwrap(), &all, provided);
    loaded.bot.unwrap_or_else(|| panic!("the bot does not load: {:?}", loaded.report))
}

/// A flow that starts at its first node.
pub(crate) fn flow(nodes: &[Value]) -> Value {
    flow_with(&json!({}), nodes)
}

/// The same, with `catchAll`.
pub(crate) fn flow_with(catch_all: &Value, nodes: &[Value]) -> Value {
    json!({
        "version": "0.0.1", "startNode": nodes[0]["name"], "catchAll": catch_all, "nodes": nodes,
    })
}

/// A node. `receive`: `None` does not wait. `next`: condition and destination.
pub(crate) fn node(
    name: &str,
    enter: &[&str],
    receive: Option<&[&str]>,
    next: &[(&str, &str)],
) -> Value {
    json!({
        "id": format!("id-{name}"), "name": name, "type": "standard",
        "onEnter": enter, "onReceive": receive, "next": transitions(next),
    })
}

/// A skill-call node.
pub(crate) fn call(name: &str, flow: &str, next: &[(&str, &str)]) -> Value {
    json!({
        "id": format!("id-{name}"), "name": name, "type": "skill-call", "flow": flow,
        "onEnter": null, "onReceive": null, "next": transitions(next),
    })
}

/// Transitions from pairs of condition and destination.
pub(crate) fn transitions(next: &[(&str, &str)]) -> Value {
    next.iter().map(|(condition, node)| json!({"condition": condition, "node": node})).collect()
}

/// A user in front of a bot.
pub(crate) struct Talk<'b> {
    bot: &'b Bot,
    pub(crate) state: State,
    pub(crate) memory: HashMap<String, Value>,
    /// What the last turn left behind.
    pub(crate) last: Option<Finished>,
    /// What the last turn asked of the world.
    pub(crate) effects: Vec<Effect>,
    /// NLU contexts that the caller asks for.
    pub(crate) included_contexts: Vec<String>,
    /// Claims of the caller's token.
    pub(crate) credentials: Option<Value>,
    /// Whether the caller wants to see turns from inside.
    pub(crate) inspected: bool,
    key: ConversationKey,
}

impl<'b> Talk<'b> {
    pub(crate) fn with(bot: &'b Bot) -> Self {
        let key = ConversationKey::api(bot.id.clone(), "user");
        Self {
            bot,
            state: State::new(),
            memory: HashMap::new(),
            last: None,
            effects: Vec::new(),
            included_contexts: vec!["global".to_owned()],
            credentials: None,
            inspected: false,
            key,
        }
    }

    /// Says `text`; the texts of the replies.
    pub(crate) fn say(&mut self, text: &str) -> Vec<String> {
        self.send(&json!({"type": "text", "text": text}))
    }

    /// Sends a payload; the texts of the replies.
    pub(crate) fn send(&mut self, payload: &Value) -> Vec<String> {
        self.play(payload, false)
    }

    /// Lets the conversation time out; the texts of the replies.
    pub(crate) fn time_out(&mut self) -> Vec<String> {
        self.play(&json!({"type": "timeout"}), true)
    }

    /// Name of the current node, if any.
    pub(crate) fn node(&self) -> Option<&str> {
        self.state.context.current_node.as_deref()
    }

    /// Nodes visited in the last turn.
    pub(crate) fn path(&self) -> Vec<String> {
        let path = &self.last.as_ref().unwrap().state.stacktrace;
        path.iter().map(|at| format!("{}/{}", at.flow.replace(".flow.json", ""), at.node)).collect()
    }

    /// Messages of the last turn's problems.
    pub(crate) fn problems(&self) -> Vec<&str> {
        let problems = &self.last.as_ref().unwrap().problems;
        problems.iter().map(|problem| problem.message.as_str()).collect()
    }

    fn play(&mut self, payload: &Value, timeout: bool) -> Vec<String> {
        let now = Moment::from_millis(1_600_000_000_000);
        let event = NewEvent {
            id: "1600000000000000001",
            key: &self.key,
            direction: if timeout { "internal" } else { "incoming" },
            payload: payload.as_object().cloned().unwrap_or_else(Map::new),
            included_contexts: &self.included_contexts,
            credentials: self.credentials.clone(),
            received: &now,
        };
        let settings = Settings {
            format: PayloadFormat::Inline,
            external_url: "http://localhost",
            rules: DecisionRules::default(),
        };
        let state = self.state.clone();
        let turn = if timeout {
            Turn::timeout(self.bot, settings, state, event)
        } else {
            Turn::new(self.bot, settings, state, event)
        };
        let mut turn = turn.inspected(self.inspected);
        self.effects.clear();
        let mut answer = None;
        let finished = loop {
            match turn.advance(answer.take(), now.clone(), &mut |_| 0) {
                Step::Done => break turn.finish(),
                Step::Effect(effect) => {
                    answer = Some(self.perform(&effect));
                    self.effects.push(effect);
                }
            }
        };
        self.keep(&finished);
        let texts = finished
            .replies
            .iter()
            .map(|reply| reply.get("text").and_then(Value::as_str).unwrap_or("?").to_owned())
            .collect();
        self.last = Some(finished);
        texts
    }

    fn perform(&self, effect: &Effect) -> EffectAnswer {
        match effect {
            Effect::Wait(_) => EffectAnswer::Done,
            Effect::Recall { key } => EffectAnswer::Recalled(self.memory.get(key).cloned()),
            // URLs of one host are kept; others cannot be reached.
            Effect::KeepFile { url } => match url.strip_prefix("https://files.example/") {
                Some(name) => EffectAnswer::Kept(format!("/api/v1/bots/test-bot/media/{name}")),
                None => EffectAnswer::Failed("it cannot be reached".to_owned()),
            },
            Effect::RunAction { name, .. } => EffectAnswer::Failed(format!("no action {name}")),
            Effect::Evaluate { .. } => EffectAnswer::Failed("no JavaScript".to_owned()),
        }
    }

    fn keep(&mut self, finished: &Finished) {
        let json = |value: &Value| serde_json::from_str(&value.to_string()).unwrap();
        if finished.persist != Persist::Nothing {
            self.state.user = json(&finished.state.user);
            self.state.session = json(&finished.state.session);
        }
        if finished.persist == Persist::All {
            self.state.temp = json(&finished.state.temp);
            self.state.context =
                serde_json::from_value::<Context>(finished.state.context.to_json()).unwrap();
        }
        self.state.stacktrace.clear();
        for op in &finished.memory {
            match op {
                MemoryOp::Set { key, value } => {
                    self.memory.insert(key.clone(), value.clone());
                }
                MemoryOp::SetField { key, field, value } => {
                    let object = self.memory.entry(key.clone()).or_insert_with(|| json!({}));
                    object[field] = value.clone();
                }
                MemoryOp::DeletePrefix { prefix } => {
                    self.memory.retain(|key, _| !key.starts_with(prefix.as_str()));
                }
            }
        }
        self.state.bot = self.memory.get("global").cloned();
    }
}
