//! The bot under load: it answers every text with one text, a template included, and ends the
//! conversation, so that every turn costs the same.

use std::path::Path;

use serde_json::{Value, json};

use crate::Result;

/// Its id.
pub(crate) const BOT: &str = "bench-bot";

/// Writes a data directory that holds it.
pub(crate) fn write_data(data: &Path) -> Result<()> {
    let bot = data.join("bots").join(BOT);
    let config = json!({
        "id": BOT, "name": BOT, "version": "12.31.10",
        "defaultLanguage": "en", "languages": ["en"],
    });
    let flow = json!({
        "version": "0.0.1", "startNode": "entry", "catchAll": { "next": [] },
        "nodes": [{
            "id": "node-1", "name": "entry", "onEnter": ["say #!builtin_text-echo"],
            "onReceive": null, "next": [],
        }],
    });
    let text = json!([{
        "id": "builtin_text-echo", "formData": { "text$en": "You said: {{event.payload.text}}" },
    }]);
    let workspaces = json!([{ "id": "default", "name": "Default", "bots": [BOT] }]);
    write(&bot.join("bot.config.json"), &config)?;
    write(&bot.join("flows/main.flow.json"), &flow)?;
    write(&bot.join("flows/main.ui.json"), &json!({ "nodes": [], "links": [] }))?;
    write(&bot.join("content-elements/builtin_text.json"), &text)?;
    write(&data.join("global/workspaces.json"), &workspaces)
}

fn write(file: &Path, content: &Value) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(file, content.to_string())?)
}
