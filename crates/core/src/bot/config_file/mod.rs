//! `bot.config.json` → [`BotConfig`] (`spec` runtime 1.5; http 1.7).
//!
//! Does not live here: putting the environment into the text (the server does that before).
//!
//! A value that is known and malformed is an error with its line, and the default is used; a
//! malformed restriction closes (`restrict`). Keys that nobody knows are tolerated: real bots hold
//! whole server configurations in this file.

mod restrict;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::config::{BotConfig, ConverseConfig, DialogConfig};
use super::findings::{Findings, Place};
use super::json_file::{self, kind, line_of};
use super::quote::{list, quote};
use crate::content::PayloadFormat;
use crate::duration::{parse_ms, whole_ms};
use crate::ids::BotId;
use crate::js;

/// The file's path in the bot's folder.
pub(crate) const FILE: &str = "bot.config.json";

/// v12's default for `dialog.sessionTimeoutInterval`, in milliseconds.
const SESSION_TIMEOUT: u64 = 30 * 60 * 1000;

/// Keys that v12 knows at the top of the file.
const KNOWN: [&str; 28] = [
    "$schema",
    "id",
    "name",
    "description",
    "category",
    "author",
    "license",
    "version",
    "disabled",
    "private",
    "locked",
    "active",
    "details",
    "imports",
    "defaultLanguage",
    "languages",
    "dialog",
    "logs",
    "converse",
    "messaging",
    "qna",
    "nluSeed",
    "oneflow",
    "pipeline_status",
    "cloud",
    "nluModels",
    "createdOn",
    "disableBotMigrations",
];

/// Reads the configuration. `None`: it is there and cannot be read, so the bot must not run,
/// since the file might have said `disabled` or `private`.
pub(crate) fn parse(
    id: &BotId,
    bytes: Option<&[u8]>,
    findings: &mut Findings,
) -> Option<BotConfig> {
    let effect = "the bot does not run; every request for it is answered with 404";
    let Some(bytes) = bytes else {
        findings.warn(
            Place::file(FILE),
            "no-config",
            "is missing; v12 does not take a folder without it for a bot",
            "the bot runs with default settings and English as its language",
        );
        return Some(Settings::new(&Map::new(), "", findings).read(id));
    };
    let value = json_file::read(FILE, bytes, findings, effect)?;
    let Value::Object(fields) = &value else {
        let problem = format!("holds {}, not an object", kind(&value));
        findings.error(Place::file(FILE), "bad-config", problem, effect);
        return None;
    };
    Some(Settings::new(fields, &String::from_utf8_lossy(bytes), findings).read(id))
}

/// The file's fields, read one by one.
struct Settings<'a> {
    fields: &'a Map<String, Value>,
    text: &'a str,
    findings: &'a mut Findings,
}

impl<'a> Settings<'a> {
    fn new(fields: &'a Map<String, Value>, text: &'a str, findings: &'a mut Findings) -> Self {
        Self { fields, text, findings }
    }

    fn read(mut self, id: &BotId) -> BotConfig {
        let (default_language, languages) = self.languages();
        let (per_user, per_bot) = self.rate_limits();
        let config = BotConfig {
            name: self.text_at(&["name"]).unwrap_or_else(|| id.to_string()),
            version: self.version(),
            disabled: self.switch("disabled"),
            private: self.switch("private"),
            default_language,
            languages,
            dialog: DialogConfig {
                timeout_interval: self.duration(&["dialog", "timeoutInterval"]),
                session_timeout_interval: self.duration(&["dialog", "sessionTimeoutInterval"]),
            },
            converse: ConverseConfig {
                timeout: self.duration(&["converse", "timeout"]),
                max_message_length: self.max_message_length(),
                enable_unsecured_endpoint: self.unsecured_endpoint(),
                payload_format: self.payload_format(),
                per_user,
                per_bot,
                allowed_origins: self.allowed_origins(),
                require_key: self.require_key(),
            },
        };
        self.check_timeouts(config.dialog);
        self.check_converse();
        self.check_keys();
        config
    }

    /// The value at `path`; absent and `null` are the same.
    fn at(&self, path: &[&str]) -> Option<&'a Value> {
        let (last, parents) = path.split_last()?;
        let mut fields = self.fields;
        for parent in parents {
            fields = fields.get(*parent)?.as_object()?;
        }
        fields.get(*last).filter(|value| !value.is_null())
    }

    fn malformed(&mut self, path: &[&str], value: &Value, wanted: &str, effect: &str) {
        let line =
            line_of(self.text, path).map_or_else(String::new, |line| format!(" (line {line})"));
        let shown = match value {
            Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
            plain => quote(&js::to_text(plain)),
        };
        let problem = format!("is {shown}{line}; it must be {wanted}");
        self.findings.error(Place::field(FILE, &path.join(".")), "bad-setting", problem, effect);
    }

    fn text_at(&mut self, path: &[&str]) -> Option<String> {
        match self.at(path)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            other => {
                self.malformed(path, other, "a text", "the default is used");
                None
            }
        }
    }

    fn version(&mut self) -> Option<String> {
        let version = self.text_at(&["version"])?;
        if version.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit()) {
            return Some(version);
        }
        let effect = "the bot is taken for one of before 12.26: answers have the older form";
        self.malformed(
            &["version"],
            &Value::from(version),
            "a version such as \"12.31.10\"",
            effect,
        );
        None
    }

    /// `disabled` and `private`: anything that JavaScript takes for true counts, as in v12, for
    /// the other reading would open what was meant to be closed.
    fn switch(&mut self, key: &str) -> bool {
        let Some(value) = self.at(&[key]) else {
            return false;
        };
        let on = js::truthy(value);
        if !value.is_boolean() {
            let effect = format!("it is taken for {on}, as in v12");
            self.malformed(&[key], value, "true or false", &effect);
        }
        on
    }

    /// A duration. Zero and empty fall through to the server's setting, as in v12.
    fn duration(&mut self, path: &[&str]) -> Option<u64> {
        let value = self.at(path).filter(|value| js::truthy(value))?;
        let parsed = match value {
            Value::String(text) => parse_ms(text),
            Value::Number(number) => whole_ms(js::as_f64(number)),
            _ => None,
        };
        if let Some(1..) = parsed {
            return parsed;
        }
        let wanted = "a duration above zero such as \"5m\", \"30 s\" or \"2 hours\"";
        self.malformed(path, value, wanted, "the server's setting is used");
        None
    }

    fn max_message_length(&mut self) -> Option<usize> {
        let path = ["converse", "maxMessageLength"];
        let value = self.at(&path).filter(|value| js::truthy(value))?;
        let parsed = value.as_f64().and_then(whole_ms).and_then(|length| length.try_into().ok());
        if let Some(1..) = parsed {
            return parsed;
        }
        self.malformed(&path, value, "a number above zero", "the server's setting is used");
        None
    }

    /// `false` closes the public route; every other falsy value falls through to the server's.
    fn unsecured_endpoint(&mut self) -> Option<bool> {
        let path = ["converse", "enableUnsecuredEndpoint"];
        match self.at(&path)? {
            Value::Bool(open) => Some(*open),
            other if !js::truthy(other) => None,
            other => {
                self.malformed(&path, other, "true or false", "the server's setting is used");
                None
            }
        }
    }

    fn payload_format(&mut self) -> Option<PayloadFormat> {
        let path = ["converse", "payloadFormat"];
        let value = self.at(&path)?;
        let format = value.as_str().and_then(|name| name.parse().ok());
        if format.is_none() {
            let wanted = "\"auto\", \"typing-element\" or \"inline\"";
            self.malformed(&path, value, wanted, "the server's setting is used");
        }
        format
    }

    /// The default language and all languages (`spec` runtime 1.5).
    fn languages(&mut self) -> (String, Vec<String>) {
        let mut languages: Vec<String> = Vec::new();
        match self.at(&["languages"]) {
            Some(Value::Array(items)) => {
                for item in items {
                    match item.as_str() {
                        Some(code) if languages.iter().any(|known| known == code) => {}
                        Some(code) => languages.push(code.to_owned()),
                        None => self.malformed(
                            &["languages"],
                            item,
                            "a list of language codes such as \"en\"",
                            "the entry is left out",
                        ),
                    }
                }
            }
            Some(other) => {
                let wanted = "a list of language codes such as \"en\"";
                self.malformed(&["languages"], other, wanted, "it is ignored");
            }
            None => {}
        }
        let Some(default) = self.text_at(&["defaultLanguage"]) else {
            let default = languages.first().cloned().unwrap_or_else(|| "en".to_owned());
            if languages.is_empty() {
                languages.push(default.clone());
            }
            if !self.fields.is_empty() {
                self.findings.info(
                    Place::field(FILE, "defaultLanguage"),
                    "no-language",
                    "is missing, as in bots made before 12.0",
                    format!("{} is the bot's default language", quote(&default)),
                );
            }
            return (default, languages);
        };
        if !languages.contains(&default) {
            if !languages.is_empty() {
                let known = list(languages.iter().map(String::as_str), 5);
                self.findings.warn(
                    Place::field(FILE, "defaultLanguage"),
                    "unlisted-language",
                    format!("is {}, but `languages` lists {known} only", quote(&default)),
                    "v12 would not mount the bot; here the language is added to the list",
                );
            }
            languages.push(default.clone());
        }
        (default, languages)
    }

    fn check_timeouts(&mut self, dialog: DialogConfig) {
        let Some(timeout) = dialog.timeout_interval else {
            return;
        };
        let (session, whose) = match dialog.session_timeout_interval {
            Some(session) => (session, "the bot's sessionTimeoutInterval"),
            None => (
                SESSION_TIMEOUT,
                "the sessionTimeoutInterval of 30 minutes that holds unless \
                                       the server sets another",
            ),
        };
        if timeout > session {
            self.findings.warn(
                Place::field(FILE, "dialog.timeoutInterval"),
                "timeout-after-session",
                format!("is longer than {whose}"),
                "a session is deleted before its conversation can time out, so no timeout flow or \
                 node ever runs",
            );
        }
    }

    fn check_keys(&mut self) {
        let strange: Vec<&str> =
            self.fields.keys().map(String::as_str).filter(|key| !KNOWN.contains(key)).collect();
        if !strange.is_empty() {
            self.findings.info(
                Place::file(FILE),
                "unknown-setting",
                format!("has keys that v12 does not know: {}", list(strange, 6)),
                "they have no effect, unless the bot's own code reads them",
            );
        }
        if self.at(&["oneflow"]).is_some_and(js::truthy) {
            self.findings.warn(
                Place::field(FILE, "oneflow"),
                "one-flow",
                "says that the bot was made for v12's one-flow experiment",
                "the bot runs as a classic one: triggers and workflows have no effect",
            );
        }
        let channels = self.at(&["messaging", "channels"]).and_then(Value::as_object);
        let enabled = channels.into_iter().flatten().filter_map(|(name, channel)| {
            channel.get("enabled").is_some_and(js::truthy).then_some(name.as_str())
        });
        let enabled: Vec<&str> = enabled.collect();
        if !enabled.is_empty() {
            self.findings.warn(
                Place::field(FILE, "messaging.channels"),
                "channel-not-served",
                format!("enables {}", list(enabled, 8)),
                "the bot answers over the Converse API only; nothing comes in or goes out there",
            );
        }
    }
}
