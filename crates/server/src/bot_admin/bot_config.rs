//! `bot.config.json` read and changed: single settings, checked by the same reader that loads bots;
//! everything else in the file stays as it is (`spec` runtime 1.5).

use std::path::{Path, PathBuf};

use parlance_core::bot::{BotFiles, MAX_FILE_BYTES, Provided, Severity, load};
use parlance_core::ids::BotId;
use serde_json::{Map, Value, json};

use super::place::Place;
use super::{BotAdmin, BotAdminError};
use crate::files::{JsonText, Replaced, Step, read_limited, replace_if_same};

/// Longest name of a bot, in characters (`spec` http 3.2).
pub const LONGEST_NAME: usize = 50;
/// Longest text of another field, in characters.
const LONGEST_TEXT: usize = 500;
/// Most languages of a bot.
const MAX_LANGUAGES: usize = 100;
/// So often a change is made anew because somebody has edited the file meanwhile.
const ATTEMPTS: usize = 5;

const FILE: &str = "bot.config.json";

/// Settings that can be changed.
const CHANGEABLE: [&str; 22] = [
    "name",
    "description",
    "category",
    "disabled",
    "private",
    "locked",
    "languages",
    "defaultLanguage",
    "converse.timeout",
    "converse.maxMessageLength",
    "converse.enableUnsecuredEndpoint",
    "converse.payloadFormat",
    "dialog.timeoutInterval",
    "dialog.sessionTimeoutInterval",
    "details.website",
    "details.phoneNumber",
    "details.termsConditions",
    "details.privacyPolicy",
    "details.emailAddress",
    "details.avatarUrl",
    "details.coverPictureUrl",
    "qna.disabled",
];

/// Sections, whose members are changed one by one.
const SECTIONS: [&str; 4] = ["converse", "dialog", "details", "qna"];

impl BotAdmin {
    /// The bot's configuration as it stands in its file, without the environment put in.
    pub fn config(&self, id: &str) -> Result<Map<String, Value>, BotAdminError> {
        let id = self.found(id)?;
        Ok(ConfigFile::of(&self.place(), &id).read()?.fields)
    }

    /// Changes settings: `changes` has the form of the file, with nothing in it but what shall be
    /// different; `null` removes a setting, so that its default holds. All or nothing. Settings that
    /// decide over channels, code or secrets are not among them.
    ///
    /// A locked bot can only be unlocked.
    pub fn configure(&self, id: &str, changes: &Map<String, Value>) -> Result<(), BotAdminError> {
        let id = self.found(id)?;
        let changes = flat(changes)?;
        for (key, value) in &changes {
            check_value(key, value)?;
        }
        let unlocks = changes.iter().any(|(key, value)| key == "locked" && *value == json!(false));
        let place = self.place();
        let lock = place.lock()?;
        let file = ConfigFile::of(&place, &id);
        if !unlocks {
            file.refuse_if_locked(&id)?;
        }
        file.edit(|document, fields| {
            if fields.is_empty() {
                document.set("id", &json!(id))?;
            }
            for (key, value) in &changes {
                document.set(key, value)?;
            }
            self.check_config(&id, document.text.as_bytes(), &changes)
        })?;
        drop(lock);
        self.reload_now(id.as_str());
        Ok(())
    }

    /// Disables or enables a bot. A disabled one is not served.
    pub fn set_disabled(&self, id: &str, disabled: bool) -> Result<(), BotAdminError> {
        let changes = Map::from_iter([("disabled".to_owned(), json!(disabled))]);
        self.configure(id, &changes)
    }

    /// Whether the settings that were changed would be read as they were meant.
    pub(super) fn check_config(
        &self,
        id: &BotId,
        text: &[u8],
        changes: &[(String, Value)],
    ) -> Result<(), BotAdminError> {
        let mut files = BotFiles::default();
        files.insert(FILE, text.to_vec());
        self.substitute(&mut files);
        let native_action = &self.given.native_action;
        let loaded = load(id, &files, Provided { native_action, shared: &BotFiles::default() });
        let is_changed = |field: &str| {
            let language = ["languages", "defaultLanguage"];
            changes.iter().any(|(key, _)| {
                key == field || language.contains(&field) && language.contains(&key.as_str())
            })
        };
        for finding in loaded.report.findings.iter().filter(|finding| finding.file == FILE) {
            let counts = finding.severity == Severity::Error || finding.code == "unlisted-language";
            match &finding.field {
                Some(field) if counts && is_changed(field) => {
                    return Err(BotAdminError::invalid(field, format!("it {}", finding.problem)));
                }
                None if finding.severity == Severity::Error => {
                    return Err(BotAdminError::invalid(FILE, format!("it {}", finding.problem)));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Each setting with its dotted path.
fn flat(changes: &Map<String, Value>) -> Result<Vec<(String, Value)>, BotAdminError> {
    let mut found = Vec::new();
    for (key, value) in changes {
        match value {
            Value::Object(members) if SECTIONS.contains(&key.as_str()) => {
                found.extend(
                    members.iter().map(|(own, value)| (format!("{key}.{own}"), value.clone())),
                );
            }
            value => found.push((key.clone(), value.clone())),
        }
    }
    let strange = found.iter().find(|(key, _)| !CHANGEABLE.contains(&key.as_str()));
    match strange {
        None => Ok(found),
        Some((key, _)) => Err(BotAdminError::invalid(
            &parlance_core::bot::plain_excerpt(key),
            format!("it is not among the settings that can be changed: {}", CHANGEABLE.join(", ")),
        )),
    }
}

/// What the reader of bots would let pass, or read as something else.
fn check_value(key: &str, value: &Value) -> Result<(), BotAdminError> {
    let longest = if key == "name" { LONGEST_NAME } else { LONGEST_TEXT };
    let short = |text: &str| text.chars().count() <= longest;
    let wanted = match key {
        _ if value.is_null() => return Ok(()),
        "name" if value.as_str().is_some_and(|text| short(text) && !text.trim().is_empty()) => {
            return Ok(());
        }
        "name" => format!("a text of 1 to {LONGEST_NAME} characters is expected"),
        "disabled" | "private" | "locked" | "qna.disabled" | "converse.enableUnsecuredEndpoint" => {
            if value.is_boolean() {
                return Ok(());
            }
            "true or false is expected".to_owned()
        }
        "languages" => {
            let all = value.as_array().filter(|all| (1..=MAX_LANGUAGES).contains(&all.len()));
            let is_code = |value: &Value| value.as_str().is_some_and(is_language);
            if all.is_some_and(|all| all.iter().all(is_code)) {
                return Ok(());
            }
            format!("a list of 1 to {MAX_LANGUAGES} codes such as \"en\" is expected")
        }
        "defaultLanguage" if value.as_str().is_some_and(is_language) => return Ok(()),
        "defaultLanguage" => "a code such as \"en\" is expected".to_owned(),
        // The reader of bots knows their forms.
        "converse.maxMessageLength" if value.is_number() => return Ok(()),
        "dialog.timeoutInterval" | "dialog.sessionTimeoutInterval" | "converse.timeout"
            if value.is_number() =>
        {
            return Ok(());
        }
        _ if value.as_str().is_some_and(short) => return Ok(()),
        _ => format!("a text of at most {LONGEST_TEXT} characters is expected"),
    };
    Err(BotAdminError::invalid(key, wanted))
}

/// Whether it could be a language's code.
pub(super) fn is_language(code: &str) -> bool {
    (2..=20).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A bot's configuration file.
pub(super) struct ConfigFile {
    path: PathBuf,
}

/// What the file holds.
struct Content {
    /// `None` where there is no file.
    bytes: Option<Vec<u8>>,
    text: JsonText,
    fields: Map<String, Value>,
}

/// The text of a configuration that is being changed.
pub(super) struct Editor {
    pub(super) text: JsonText,
    path: PathBuf,
}

impl Editor {
    /// Sets what is at the dotted path, or removes it for `null`.
    pub(super) fn set(&mut self, key: &str, value: &Value) -> Result<(), BotAdminError> {
        let steps: Vec<Step<'_>> = key.split('.').map(Step::Key).collect();
        if value.is_null() {
            self.text.remove(&steps);
            return Ok(());
        }
        let problem = || BotAdminError::Broken {
            file: self.path.clone(),
            problem: format!("has no place for `{key}`"),
        };
        let problem = problem();
        self.text.set(&steps, value).then_some(()).ok_or(problem)
    }
}

impl ConfigFile {
    pub(super) fn of(place: &Place, id: &BotId) -> Self {
        Self::in_folder(&place.of(id))
    }

    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// What the file holds; an empty object where there is none.
    fn read(&self) -> Result<Content, BotAdminError> {
        let broken = |problem| BotAdminError::Broken { file: self.path.clone(), problem };
        let bytes = read_limited(&self.path, MAX_FILE_BYTES as u64)
            .map_err(BotAdminError::io("read", &self.path))?;
        let text = JsonText::parse(bytes.as_deref().unwrap_or(b"{\n}\n"))
            .map_err(|error| broken(format!("is no valid JSON: {error}")))?;
        // Halves of characters, which no text of ours can hold, are the one thing that fails here.
        match serde_json::from_slice(text.as_bytes()) {
            Ok(Value::Object(fields)) => Ok(Content { bytes, text, fields }),
            Ok(_) => Err(broken("holds no object".to_owned())),
            Err(error) => Err(broken(format!("is no valid JSON: {error}"))),
        }
    }

    /// Changes the file; a text that is not changed is not written.
    pub(super) fn edit(
        &self,
        mut change: impl FnMut(&mut Editor, &Map<String, Value>) -> Result<(), BotAdminError>,
    ) -> Result<(), BotAdminError> {
        for _ in 0..ATTEMPTS {
            let Content { bytes, text, fields } = self.read()?;
            let mut editor = Editor { text: text.clone(), path: self.path.clone() };
            change(&mut editor, &fields)?;
            if editor.text == text {
                return Ok(());
            }
            let written = replace_if_same(&self.path, bytes.as_deref(), editor.text.as_bytes());
            match written.map_err(BotAdminError::io("write", &self.path))? {
                Replaced::Done => return Ok(()),
                Replaced::ChangedMeanwhile => {}
            }
        }
        Err(BotAdminError::Busy(format!("somebody keeps changing {}", self.path.display())))
    }

    /// An error when the bot's configuration says `locked`. One that cannot be read locks nothing, or
    /// it could never be replaced.
    pub(super) fn refuse_if_locked(&self, id: &BotId) -> Result<(), BotAdminError> {
        let locked = self.read().ok().and_then(|content| content.fields.get("locked").cloned());
        if locked.is_some_and(|locked| parlance_core::js::truthy(&locked)) {
            return Err(BotAdminError::Locked(id.to_string()));
        }
        Ok(())
    }
}
