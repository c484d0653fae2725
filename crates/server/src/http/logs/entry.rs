//! A log entry as it is shown.

use std::fmt::Write as _;

use parlance_core::dialog::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::Level;

use crate::ops::logs::LogEntry;

/// A log entry, with the names of v12's columns.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LogEntry")]
pub(super) struct Entry {
    /// Greater than that of any older entry; counted from the start of the server.
    id: u64,
    /// The bot that it is about.
    bot_id: Option<String>,
    /// When, in UTC.
    timestamp: String,
    /// `info`, `warn` or `error`.
    level: &'static str,
    /// The part of the server that it comes from.
    scope: &'static str,
    /// What happened.
    message: String,
    /// The particulars, by name.
    metadata: Map<String, Value>,
}

impl From<&LogEntry> for Entry {
    fn from(entry: &LogEntry) -> Self {
        let particular =
            |(name, value): &(&str, String)| ((*name).to_owned(), value.clone().into());
        Self {
            id: entry.number,
            bot_id: entry.bot.clone(),
            timestamp: Moment::from_millis(entry.on).iso,
            level: level(entry.level),
            scope: entry.scope,
            message: entry.message.clone(),
            metadata: entry.fields.iter().map(particular).collect(),
        }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        _ => "info",
    }
}

/// A line of a text file: time, level, what happened, and the particulars. No text makes two lines of it.
pub(super) fn line(entry: &LogEntry) -> String {
    let time = Moment::from_millis(entry.on).iso;
    let mut line = format!("{time} {}: ", level(entry.level));
    push_plain(&mut line, &entry.message);
    for (name, value) in &entry.fields {
        // A `String` takes all that is written to it.
        let _ = write!(line, " {name}=");
        push_plain(&mut line, value);
    }
    line.push('\n');
    line
}

fn push_plain(line: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> LogEntry {
        LogEntry {
            number: 7,
            on: 1_700_000_000_123,
            level: Level::WARN,
            scope: "parlance_server::turn",
            bot: Some("welcome-bot".to_owned()),
            message: "no such\nnode".to_owned(),
            fields: vec![("flow", "main.flow.json".to_owned()), ("node", "a\u{1b}b".to_owned())],
        }
    }

    #[test]
    fn an_entry_has_v12s_columns() {
        assert_eq!(
            serde_json::to_value(Entry::from(&entry())).unwrap(),
            json!({
                "id": 7,
                "botId": "welcome-bot",
                "timestamp": "2023-11-14T22:13:20.123Z",
                "level": "warn",
                "scope": "parlance_server::turn",
                "message": "no such\nnode",
                "metadata": {"flow": "main.flow.json", "node": "a\u{1b}b"},
            })
        );
    }

    #[test]
    fn an_entry_is_one_line_of_text() {
        assert_eq!(
            line(&entry()),
            "2023-11-14T22:13:20.123Z warn: no such\\nnode flow=main.flow.json node=a\\u{1b}b\n"
        );
    }
}
