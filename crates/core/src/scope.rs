//! What conditions and templates can see: `event`, `user`, `session`, `temp`, `bot`, `workflow`
//! and the arguments of an instruction (`spec` runtime 2.6, 4.1, 4.4).
//!
//! A [`Scope`] borrows the turn's state; nothing is copied until something is read.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::dialog::State;

/// The variables of one evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The event object without its `state`.
    pub event: &'a Value,
    /// The live state: `event.state` and its parts.
    pub state: &'a State,
    /// Arguments of the instruction, by name. The six common names win over these.
    pub args: Option<&'a Map<String, Value>>,
}

/// Something found in a [`Scope`].
#[derive(Debug, Clone)]
pub enum Ref<'a> {
    /// A JSON value.
    Json(Cow<'a, Value>),
    /// The event object, whose `state` is found elsewhere.
    Event(Scope<'a>),
    /// `event.state`.
    State(Scope<'a>),
}

impl<'a> Scope<'a> {
    /// The variable called `name`; `None` where JavaScript has no such variable or it is undefined.
    pub fn root(self, name: &str) -> Option<Ref<'a>> {
        match name {
            "event" => Some(Ref::Event(self)),
            "user" => Some(borrowed(&self.state.user)),
            "session" => Some(borrowed(&self.state.session)),
            "temp" => Some(borrowed(&self.state.temp)),
            "bot" => Some(match &self.state.bot {
                Some(bot) => borrowed(bot),
                None => Ref::Json(Cow::Owned(empty_object())),
            }),
            "workflow" => Some(Ref::Json(Cow::Owned(empty_object()))),
            _ => self.args.and_then(|args| args.get(name)).map(borrowed),
        }
    }
}

impl<'a> Ref<'a> {
    /// Own property `key` of an object or array; `None` where it is absent or this is no container.
    pub fn get(&self, key: &str) -> Option<Ref<'a>> {
        match self {
            Ref::Json(Cow::Borrowed(value)) => own_property(value, key).map(borrowed),
            Ref::Json(Cow::Owned(value)) => {
                own_property(value, key).map(|found| Ref::Json(Cow::Owned(found.clone())))
            }
            Ref::Event(scope) if key == "state" => Some(Ref::State(*scope)),
            Ref::Event(scope) => own_property(scope.event, key).map(borrowed),
            Ref::State(scope) => match key {
                "user" | "session" | "temp" => scope.root(key),
                "bot" => scope.state.bot.as_ref().map(borrowed),
                "context" => Some(Ref::Json(Cow::Owned(scope.state.context.to_json()))),
                "__stacktrace" => Some(Ref::Json(Cow::Owned(scope.state.stacktrace_json()))),
                _ => None,
            },
        }
    }

    /// The whole value as JSON, copied where it is put together on demand.
    pub fn to_json(&self) -> Cow<'a, Value> {
        match self {
            Ref::Json(value) => value.clone(),
            Ref::Event(scope) => {
                let mut event = scope.event.clone();
                if let Value::Object(fields) = &mut event {
                    fields.insert("state".to_owned(), scope.state.to_json());
                }
                Cow::Owned(event)
            }
            Ref::State(scope) => Cow::Owned(scope.state.to_json()),
        }
    }
}

fn borrowed(value: &Value) -> Ref<'_> {
    Ref::Json(Cow::Borrowed(value))
}

fn empty_object() -> Value {
    Value::Object(Map::new())
}

/// Own property of a JSON container: object fields, and array elements by canonical index.
fn own_property<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(items) => {
            let index: usize = key.parse().ok()?;
            if index.to_string() == key { items.get(index) } else { None }
        }
        _ => None,
    }
}
