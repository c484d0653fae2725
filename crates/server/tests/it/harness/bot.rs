//! Bots that tests write themselves, in v12's format.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

/// A bot about to be written to disk.
pub(crate) struct BotFiles {
    /// Id and folder name.
    pub(crate) id: String,
    files: BTreeMap<String, Value>,
}

impl BotFiles {
    /// A bot of the current payload format with nothing in it.
    pub(crate) fn new(id: &str) -> Self {
        let config = json!({
            "id": id, "name": id, "version": "12.31.10",
            "defaultLanguage": "en", "languages": ["en"],
        });
        let files = BTreeMap::from([("bot.config.json".to_owned(), config)]);
        Self { id: id.to_owned(), files }
    }

    /// With this field in `bot.config.json`.
    pub(crate) fn config(mut self, field: &str, value: Value) -> Self {
        self.files.get_mut("bot.config.json").unwrap()[field] = value;
        self
    }

    /// With this flow; each node needs `name` alone.
    pub(crate) fn flow(mut self, name: &str, nodes: &[Value]) -> Self {
        let nodes: Vec<Value> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| {
                let mut node = node.clone();
                node["id"] = json!(format!("node-{index}"));
                node
            })
            .collect();
        let start = nodes[0]["name"].clone();
        let flow = json!({
            "version": "0.0.1", "startNode": start, "catchAll": {"next": []}, "nodes": nodes,
        });
        self.files.insert(format!("flows/{name}.flow.json"), flow);
        self.files.insert(format!("flows/{name}.ui.json"), json!({"nodes": [], "links": []}));
        self
    }

    /// With these texts, by the part of their id after `builtin_text-`.
    pub(crate) fn texts(mut self, texts: &[(&str, &str)]) -> Self {
        let elements: Vec<Value> = texts
            .iter()
            .map(|(id, text)| {
                json!({ "id": format!("builtin_text-{id}"), "formData": { "text$en": text } })
            })
            .collect();
        self.files.insert("content-elements/builtin_text.json".to_owned(), json!(elements));
        self
    }

    /// Writes the bot below `bots`.
    pub(crate) fn write(&self, bots: &Path) {
        for (name, content) in &self.files {
            let file = bots.join(&self.id).join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            // Moved into place, so that a running server never sees half a file.
            let written = file.with_extension("new");
            std::fs::write(&written, content.to_string()).unwrap();
            std::fs::rename(written, file).unwrap();
        }
    }
}

/// Counts the turns of each user twice, in user memory and in session memory, one letter a turn,
/// and says `<user> <message> <user count> <session count>`. Both counts survive the conversation's
/// end, which every message reaches.
pub(crate) fn counting_bot(id: &str) -> BotFiles {
    counting_after(id, &[])
}

/// The same after `delay` milliseconds.
pub(crate) fn slow_counting_bot(id: &str, delay: u32) -> BotFiles {
    counting_after(id, &[wait(delay)])
}

fn counting_after(id: &str, first: &[String]) -> BotFiles {
    let count = |scope: &str| {
        let argument =
            json!({ "type": scope, "name": "turns", "value": format!("{{{{{scope}.turns}}}}I") });
        format!("builtin/setVariable {argument}")
    };
    let echo = "{{event.target}} {{event.payload.text}} {{user.turns}} {{session.turns}}";
    let then = [count("user"), count("session"), "say #!builtin_text-echo".to_owned()];
    let steps = [first, &then].concat();
    let entry = json!({
        "name": "entry",
        "onEnter": steps,
        "onReceive": null,
        "next": [],
    });
    BotFiles::new(id).texts(&[("echo", echo)]).flow("main", &[entry])
}

fn wait(delay: u32) -> String {
    format!("builtin/wait {}", json!({ "delay": delay }))
}

/// Says `done <message>` after `delay` milliseconds.
pub(crate) fn slow_bot(id: &str, delay: u32) -> BotFiles {
    let entry = json!({
        "name": "entry",
        "onEnter": [wait(delay), "say #!builtin_text-done".to_owned()],
        "onReceive": null,
        "next": [],
    });
    BotFiles::new(id).texts(&[("done", "done {{event.payload.text}}")]).flow("main", &[entry])
}
