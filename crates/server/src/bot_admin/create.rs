//! New bots, made of templates (`spec` http 3.2).

use std::fs;

use parlance_core::ids::BotId;
use serde_json::{Value, json};

use super::bot_config::{ConfigFile, LONGEST_NAME, is_language};
use super::place::Existing;
use super::templates::{LANGUAGE, own_files, templates};
use super::{BotAdmin, BotAdminError};

/// Longest description and category, in characters.
const LONGEST_TEXT: usize = 500;

/// A bot to be made.
#[derive(Debug, Clone, Default)]
pub struct NewBot {
    /// Its id; the workspace's prefix is put in front.
    pub id: String,
    /// Display name; the id where nothing is said.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub category: Option<String>,
    /// Code of the language that it speaks; `en` where nothing is said. The template's texts become
    /// texts of that language, to be translated.
    pub default_language: Option<String>,
    /// Id of the template.
    pub template: String,
    /// The workspace that gets it; `default` or the first one where nothing is said.
    pub workspace: Option<String>,
}

impl BotAdmin {
    /// Makes a bot of a template; gives its id.
    pub fn create(&self, new: &NewBot) -> Result<BotId, BotAdminError> {
        check(new)?;
        if !templates().iter().any(|template| template.id == new.template) {
            let ids: Vec<String> = templates().into_iter().map(|template| template.id).collect();
            return Err(BotAdminError::NoTemplate {
                name: parlance_core::bot::plain_excerpt(&new.template),
                known: ids.join(", "),
            });
        }
        let target = self.target(&new.id, new.workspace.as_deref())?;
        let (place, id) = (self.place(), &target.0);
        if place.is_taken(id) {
            let hint = "; choose another id";
            return Err(BotAdminError::Exists { id: id.to_string(), hint });
        }
        let language = new.default_language.as_deref().unwrap_or(LANGUAGE);
        let staged = place.stage()?;
        for (path, bytes) in own_files(&new.template) {
            let file = staged.bot().join(&path);
            let failed = || BotAdminError::io("write", &file);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(failed())?;
            }
            let bytes = if path.starts_with("content-elements/") && language != LANGUAGE {
                in_language(&bytes, language)
            } else {
                bytes.into_owned()
            };
            fs::write(&file, bytes).map_err(failed())?;
        }
        ConfigFile::in_folder(&staged.bot()).edit(|document, _| {
            document.set("id", &json!(id))?;
            document.set("name", &json!(new.name.as_deref().unwrap_or(id.as_str())))?;
            document.set("description", &json!(new.description.as_deref().unwrap_or_default()))?;
            if let Some(category) = &new.category {
                document.set("category", &json!(category))?;
            }
            if language != LANGUAGE {
                document.set("defaultLanguage", &json!(language))?;
                document.set("languages", &json!([language]))?;
            }
            // Whoever uses the template is the author.
            document.set("author", &Value::Null)?;
            document.set("license", &Value::Null)
        })?;
        self.settle(&staged, &target, Existing::Keep)?;
        self.reload_now(id.as_str());
        Ok(target.0)
    }
}

fn check(new: &NewBot) -> Result<(), BotAdminError> {
    for (field, text, longest) in [
        ("name", &new.name, LONGEST_NAME),
        ("description", &new.description, LONGEST_TEXT),
        ("category", &new.category, LONGEST_TEXT),
    ] {
        let text = text.as_deref().unwrap_or("x");
        let blank = field == "name" && text.trim().is_empty();
        if blank || text.chars().count() > longest {
            let problem = format!("a text of at most {longest} characters is expected");
            return Err(BotAdminError::invalid(field, problem));
        }
    }
    match &new.default_language {
        Some(code) if !is_language(code) => {
            Err(BotAdminError::invalid("defaultLanguage", "a code such as \"en\" is expected"))
        }
        _ => Ok(()),
    }
}

/// A template's content with its properties in another language: `text$en` becomes `text$fr`.
fn in_language(bytes: &[u8], language: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.replace(&format!("${LANGUAGE}\":"), &format!("${language}\":")).into_bytes()
}
