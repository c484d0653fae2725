//! The incoming event as bots see it (`spec` runtime 6.1).

use serde_json::{Map, Value, json};

use crate::ids::ConversationKey;
use crate::{js, untrusted};

/// A point in time, in both of the forms that a turn needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub millis: i64,
    /// ISO 8601 in UTC with milliseconds, as JavaScript writes dates.
    pub iso: String,
}

impl Moment {
    /// The moment so many milliseconds after 1970; beyond the calendar it is the calendar's end.
    pub fn from_millis(millis: i64) -> Self {
        let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        Self { millis, iso: time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string() }
    }

    /// Milliseconds since 1970 of an ISO 8601 time.
    pub fn parse_iso(text: &str) -> Option<i64> {
        text.parse().ok().map(jiff::Timestamp::as_millisecond)
    }
}

/// What an event is made from.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// v12's event id: a decimal string that sorts by time.
    pub id: &'a str,
    /// Whose conversation it belongs to.
    pub key: &'a ConversationKey,
    /// `incoming` or `internal`.
    pub direction: &'a str,
    /// The payload as it came from outside.
    pub payload: Map<String, Value>,
    /// NLU contexts that the caller asked for.
    pub included_contexts: &'a [String],
    /// Claims of the caller's external token.
    pub credentials: Option<Value>,
    /// When it arrived.
    pub received: &'a Moment,
}

impl NewEvent<'_> {
    /// The event object without its `state`. All text from outside is marked as such.
    pub(super) fn build(self) -> Value {
        let mut payload = Value::Object(self.payload);
        let mut nlu = default_nlu(self.included_contexts);
        let mut credentials = self.credentials;
        untrusted::mark(&mut payload);
        untrusted::mark(&mut nlu);
        if let Some(credentials) = &mut credentials {
            untrusted::mark(credentials);
        }
        let kind = payload.get("type").and_then(Value::as_str).unwrap_or("text").to_owned();
        let preview = ["__preview", "preview", "text"]
            .iter()
            .filter_map(|name| payload.get(name))
            .find(|value| js::truthy(value))
            .cloned();
        let fields = [
            ("type", Some(kind.into())),
            ("channel", Some(self.key.channel.as_str().into())),
            ("direction", Some(self.direction.into())),
            ("payload", Some(payload)),
            ("target", Some(untrusted::mark_text(&self.key.user).into())),
            ("botId", Some(self.key.bot.as_str().into())),
            ("createdOn", Some(self.received.iso.as_str().into())),
            ("id", Some(self.id.into())),
            ("flags", Some(Value::Object(Map::new()))),
            ("suggestions", Some(Value::Array(Vec::new()))),
            ("nlu", Some(nlu)),
            ("preview", preview),
            ("threadId", self.key.thread.as_deref().map(|id| untrusted::mark_text(id).into())),
            ("credentials", credentials),
        ];
        object(fields)
    }
}

/// `event.nlu` where nothing was predicted.
fn default_nlu(included_contexts: &[String]) -> Value {
    let flag = |value: bool| Some(Value::Bool(value));
    object([
        ("entities", Some(Value::Array(Vec::new()))),
        ("language", Some("n/a".into())),
        ("ambiguous", flag(false)),
        ("slots", Some(Value::Object(Map::new()))),
        ("intent", Some(json!({"name": "none", "confidence": 1, "context": "global"}))),
        ("intents", Some(Value::Array(Vec::new()))),
        ("errored", flag(false)),
        ("includedContexts", Some(included_contexts.into())),
        ("ms", Some(0.into())),
    ])
}

/// An object of those fields that have a value. Unlike `json!` it makes room for them once, which
/// counts where every turn makes such objects.
pub(super) fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let mut object = Map::with_capacity(N);
    for (name, value) in fields {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_javascript_writes_dates() {
        let moment = Moment::from_millis(1_619_711_027_061);
        assert_eq!(moment.iso, "2021-04-29T15:43:47.061Z");
        assert_eq!(Moment::from_millis(0).iso, "1970-01-01T00:00:00.000Z");
        assert_eq!(Moment::parse_iso(&moment.iso), Some(moment.millis));
    }
}
