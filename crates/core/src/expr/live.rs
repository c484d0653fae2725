//! The variables of one evaluation, as values.
//!
//! Parts of the scope that are put together on demand are made at most once per evaluation, so
//! that the same object stays the same.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value as Json;

use super::ast::Root;
use super::value::{Object, Value};
use crate::scope::{Ref, Scope};

/// A scope and what was made from it.
pub(super) struct Live<'a> {
    scope: Scope<'a>,
    bot: OnceCell<Json>,
    workflow: OnceCell<Json>,
    context: OnceCell<Json>,
    stacktrace: OnceCell<Json>,
    other: OnceCell<Json>,
}

impl<'a> Live<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        Self {
            scope,
            bot: OnceCell::new(),
            workflow: OnceCell::new(),
            context: OnceCell::new(),
            stacktrace: OnceCell::new(),
            other: OnceCell::new(),
        }
    }

    /// One of the variables that always exist.
    pub(super) fn root(&self, root: Root) -> Value<'_> {
        let cell = match root {
            Root::Bot => &self.bot,
            Root::Workflow => &self.workflow,
            Root::Event | Root::User | Root::Session | Root::Temp => &self.other,
        };
        value(self.scope.root(root.name()), cell).unwrap_or(Value::Undefined)
    }

    /// An argument; `None` where there is no such variable.
    pub(super) fn argument(&self, name: &str) -> Option<Value<'_>> {
        self.scope.args?.get(name).map(Value::load)
    }

    /// A property of the event object.
    pub(super) fn event_property(&self, key: &str) -> Option<Value<'_>> {
        value(Ref::Event(self.scope).get(key), &self.other)
    }

    /// A property of `event.state`.
    pub(super) fn state_property(&self, key: &str) -> Option<Value<'_>> {
        let cell = match key {
            "context" => &self.context,
            "__stacktrace" => &self.stacktrace,
            _ => &self.other,
        };
        match cell.get() {
            Some(made) => Some(Value::load(made)),
            None => value(Ref::State(self.scope).get(key), cell),
        }
    }
}

/// The value of what was found; `cell` keeps it when it was made on demand.
fn value<'e>(found: Option<Ref<'e>>, cell: &'e OnceCell<Json>) -> Option<Value<'e>> {
    Some(match found? {
        Ref::Json(Cow::Borrowed(json)) => Value::load(json),
        Ref::Json(Cow::Owned(json)) => Value::load(cell.get_or_init(|| json)),
        Ref::Event(scope) => Value::Object(Object::Event(scope)),
        Ref::State(_) => Value::Object(Object::State),
    })
}
