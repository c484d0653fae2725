//! Scopes for tests, and the native side of a comparison.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::super::eval::Evaluator;
use super::super::live::Live;
use super::super::number::array_index;
use super::super::parse;
use super::super::value::{Abrupt, Array, Budget, Object, Value};
use crate::dialog::{Context, Position, State};
use crate::js;
use crate::scope::{Ref, Scope};
use crate::untrusted;

/// An event and the state it meets.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) event: Json,
    pub(super) state: State,
}

impl World {
    pub(super) fn new(event: Json, temp: Json) -> Self {
        let context = Context {
            current_flow: Some("main.flow.json".to_owned()),
            previous_node: Some("entry".to_owned()),
            ..Context::default()
        };
        let position =
            |node: &str| Position { flow: "main.flow.json".to_owned(), node: node.to_owned() };
        let state = State {
            temp,
            context,
            stacktrace: vec![position("entry"), position("ask")],
            ..State::new()
        };
        Self { event, state }
    }

    pub(super) fn empty() -> Self {
        Self::new(json!({}), json!({}))
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { event: &self.event, state: &self.state, args: None }
    }

    /// The event object with its state as JSON text, as its authors wrote it.
    pub(super) fn event_json(&self) -> String {
        let mut event = Ref::Event(self.scope()).to_json().into_owned();
        untrusted::unmark(&mut event);
        event.to_string()
    }

    /// What native evaluation makes of `source`, in the judge's words; `Err` with the reason where
    /// it leaves the answer to JavaScript.
    pub(super) fn run(&self, source: &str) -> Result<String, String> {
        let parsed = match parse::parse(source) {
            Ok(parsed) => parsed,
            Err(problem) if problem.starts_with("it is ") => return Err(problem),
            Err(_) => return Ok("SyntaxError".to_owned()),
        };
        let Some(expr) = parsed.expr else {
            return Ok("undefined".to_owned());
        };
        let live = Live::new(self.scope());
        let budget = Budget::new();
        match Evaluator::new(&live, &budget).eval(&expr) {
            Ok(value) => Ok(self.describe(&value)),
            Err(Abrupt::TypeError) => Ok("TypeError".to_owned()),
            Err(Abrupt::Nothing) => panic!("{source}: a chain let its end escape"),
            Err(Abrupt::ReferenceError(_)) => Ok("ReferenceError".to_owned()),
            Err(Abrupt::RangeError(_)) => Ok("RangeError".to_owned()),
            Err(Abrupt::NeedsJavaScript(reason)) => Err(reason.into_owned()),
        }
    }

    fn describe(&self, value: &Value<'_>) -> String {
        match value {
            Value::Undefined => "undefined".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => format!("boolean {flag}"),
            Value::Number(number) if *number == 0.0 && number.is_sign_negative() => {
                "number -0".to_owned()
            }
            Value::Number(number) => format!("number {}", js::number_to_string(*number)),
            Value::Text(text) => describe_units(&text.units()),
            Value::Array(array) => self.describe_array(array),
            Value::Object(Object::Json(fields)) => self.describe_map(fields),
            Value::Object(Object::Made(fields)) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(key, _)| {
                    let key = key.as_str().unwrap();
                    array_index(key).unwrap_or(usize::MAX)
                });
                let fields = fields.iter().map(|(key, value)| {
                    format!("{}: {}", describe_units(&key.units()), self.describe(value))
                });
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Value::Object(Object::Event(_)) => self.describe_json(&Ref::Event(self.scope())),
            Value::Object(Object::State) => self.describe_json(&Ref::State(self.scope())),
        }
    }

    fn describe_json(&self, reference: &Ref<'_>) -> String {
        self.describe(&Value::load(&reference.to_json()))
    }

    fn describe_array(&self, array: &Array<'_>) -> String {
        let items = array.iter().map(|item| self.describe(&item));
        format!("[{}]", items.collect::<Vec<_>>().join(", "))
    }

    fn describe_map(&self, fields: &Map<String, Json>) -> String {
        let fields = js::ordered_keys(fields).into_iter().map(|key| {
            let units: Vec<u16> = key.encode_utf16().collect();
            format!("{}: {}", describe_units(&units), self.describe(&Value::load(&fields[key])))
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
    }
}

fn describe_units(units: &[u16]) -> String {
    let mut text = "string ".to_owned();
    for unit in units {
        match u8::try_from(*unit) {
            Ok(byte @ 32..127) => text.push(char::from(byte)),
            _ => write!(text, "\\{unit:x};").unwrap(),
        }
    }
    text
}
