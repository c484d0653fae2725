//! The builtin methods that run natively, by the kind of value they belong to.
//!
//! Does not live here: functions that are no methods, `Math.…` included ([`super::globals`]).

mod array;
mod number;
mod string;

use super::live::Live;
use super::number::to_integer;
use super::properties;
use super::text::Text;
use super::value::{Array, Budget, Outcome, Value};

/// A method that was found.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Text(TextMethod),
    Array(ArrayMethod),
    Number(NumberMethod),
    Any(AnyMethod),
}

type TextMethod = for<'c, 'e> fn(&Text<'e>, Call<'c, 'e>) -> Outcome<Value<'e>>;
type ArrayMethod = for<'c, 'e> fn(&Array<'e>, Call<'c, 'e>) -> Outcome<Value<'e>>;
type NumberMethod = for<'c, 'e> fn(f64, Call<'c, 'e>) -> Outcome<Value<'e>>;
type AnyMethod = for<'c, 'e> fn(&Value<'e>, Call<'c, 'e>) -> Outcome<Value<'e>>;

/// What a call brings along.
#[derive(Clone, Copy)]
pub(super) struct Call<'c, 'e> {
    pub(super) arguments: &'c [Value<'e>],
    pub(super) budget: &'c Budget,
    pub(super) live: &'e Live<'e>,
}

/// Methods of all values.
const ANY: &[(&str, AnyMethod)] = &[
    ("hasOwnProperty", has_own_property),
    ("toString", |value, call| value.to_text(call.budget).map(Value::Text)),
    ("valueOf", |value, _| Ok(value.clone())),
];

impl Method {
    /// The native method `name` of `receiver`, which has no own property of that name.
    pub(super) fn find(receiver: &Value<'_>, name: &str) -> Option<Self> {
        let own = match receiver {
            Value::Text(_) => lookup(string::METHODS, name).map(Self::Text),
            Value::Array(_) => lookup(array::METHODS, name).map(Self::Array),
            Value::Number(_) => lookup(number::METHODS, name).map(Self::Number),
            _ => None,
        };
        own.or_else(|| lookup(ANY, name).map(Self::Any))
    }

    pub(super) fn run<'e>(self, receiver: &Value<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
        match (self, receiver) {
            (Self::Text(method), Value::Text(text)) => method(text, call),
            (Self::Array(method), Value::Array(array)) => method(array, call),
            (Self::Number(method), Value::Number(number)) => method(*number, call),
            (Self::Any(method), receiver) => method(receiver, call),
            _ => Err(super::value::Abrupt::TypeError),
        }
    }

    /// Whether a method of this name runs natively on some kind of value.
    pub(super) fn exists(name: &str) -> bool {
        lookup(string::METHODS, name).is_some()
            || lookup(array::METHODS, name).is_some()
            || lookup(number::METHODS, name).is_some()
            || lookup(ANY, name).is_some()
    }
}

fn lookup<T: Copy>(methods: &[(&str, T)], name: &str) -> Option<T> {
    methods.iter().find(|(known, _)| *known == name).map(|(_, method)| *method)
}

impl<'e> Call<'_, 'e> {
    pub(super) fn argument(&self, index: usize) -> Value<'e> {
        self.arguments.get(index).cloned().unwrap_or(Value::Undefined)
    }

    pub(super) fn text(&self, index: usize) -> Outcome<Text<'e>> {
        self.argument(index).to_text(self.budget)
    }

    /// An argument as an integer or infinity; `default` where it is `undefined`.
    pub(super) fn integer_or(&self, index: usize, default: f64) -> Outcome<f64> {
        match self.arguments.get(index) {
            None | Some(Value::Undefined) => Ok(default),
            Some(value) => Ok(to_integer(value.to_number(self.budget)?)),
        }
    }

    /// An argument as an integer or infinity, 0 where it is `undefined`.
    pub(super) fn integer(&self, index: usize) -> Outcome<f64> {
        self.integer_or(index, 0.0)
    }
}

fn has_own_property<'e>(value: &Value<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let key = call.text(0)?;
    let found = match key.as_str() {
        Some(key) => properties::own(value, key, call.live)?.is_some(),
        None => false,
    };
    Ok(Value::Bool(found))
}

#[cfg(test)]
pub(super) mod catalogue {
    //! The names of all native methods, for the tests that must reach each of them.

    fn names<T>(methods: &[(&'static str, T)]) -> Vec<&'static str> {
        methods.iter().map(|(name, _)| *name).collect()
    }

    pub(in super::super) fn text() -> Vec<&'static str> {
        names(super::string::METHODS)
    }

    pub(in super::super) fn array() -> Vec<&'static str> {
        names(super::array::METHODS)
    }

    pub(in super::super) fn number() -> Vec<&'static str> {
        names(super::number::METHODS)
    }

    pub(in super::super) fn any() -> Vec<&'static str> {
        names(super::ANY)
    }
}
