//! What new bots are made of: our own bots, built into the binary.

use std::borrow::Cow;

use rust_embed::RustEmbed;
use serde_json::Value;

/// Our own bots, built into the binary.
#[derive(RustEmbed)]
#[folder = "../../bots/"]
struct OwnBots;

/// The language that our own bots speak.
pub(super) const LANGUAGE: &str = "en";

/// A bot that others are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// What it is good for.
    pub description: String,
}

/// All templates, by id.
pub fn templates() -> Vec<Template> {
    let mut all = Vec::new();
    for path in OwnBots::iter() {
        let Some(id) = path.strip_suffix("/bot.config.json") else { continue };
        let config = OwnBots::get(&path).map(|file| serde_json::from_slice(&file.data));
        let config: Value = config.and_then(Result::ok).unwrap_or_default();
        let text =
            |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        all.push(Template {
            id: id.to_owned(),
            name: text("name"),
            description: text("description"),
        });
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// The files of one of our own bots, by their paths in its folder; none where there is no such bot.
pub(crate) fn own_files(id: &str) -> impl Iterator<Item = (String, Cow<'static, [u8]>)> {
    let folder = format!("{id}/");
    OwnBots::iter().filter_map(move |path| {
        let relative = path.strip_prefix(&folder)?.to_owned();
        OwnBots::get(&path).map(|file| (relative, file.data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bot_to_look_at_and_one_to_begin_with() {
        let found = templates();
        let ids: Vec<&str> = found.iter().map(|template| template.id.as_str()).collect();
        assert_eq!(ids, ["empty-bot", "welcome-bot"]);
        assert!(found.iter().all(|one| !one.name.is_empty() && !one.description.is_empty()));
        assert!(own_files("welcome").next().is_none());
    }

    #[test]
    fn every_file_is_json_and_every_flow_has_its_layout() {
        for template in templates() {
            let files: Vec<_> = own_files(&template.id).collect();
            let mut flows = 0;
            for (path, bytes) in &files {
                assert!(serde_json::from_slice::<Value>(bytes).is_ok(), "{path}");
                if let Some(name) = path.strip_suffix(".flow.json") {
                    let layout = format!("{name}.ui.json");
                    assert!(files.iter().any(|(path, _)| *path == layout), "{path}");
                    flows += 1;
                }
            }
            assert!(flows >= 2, "{}: a main flow and one for errors", template.id);
        }
    }
}
