//! Builtin actions, run natively: one file each (`spec` runtime 5.7, 9.2, 9.3, 9.5).
//!
//! An action gets a [`Call`]: its templated arguments, the event, and the live state. What it needs
//! from outside it asks for with its [`Outcome`]. A new one is a file and a line in [`BUILTIN`].

mod choice;
mod conversation_count;
mod feedback;
mod file_storage;
mod global_variable;
mod language;
mod nlu_contexts;
mod reset_session;
mod send_email;
mod slot;
mod variable;
mod wait;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::bot::Bot;
use crate::dialog::{MemoryOp, Moment, State};
use crate::{js, untrusted};

/// What an action sees.
pub struct Call<'t> {
    /// Arguments, their strings templated.
    pub args: &'t Map<String, Value>,
    /// The bot.
    pub bot: &'t Bot,
    /// The event object without its state.
    pub event: &'t mut Value,
    /// The live state.
    pub state: &'t mut State,
    /// The time.
    pub now: &'t Moment,
    /// Changes to the bot's memory, made when the turn is stored.
    pub memory: &'t mut Vec<MemoryOp>,
}

/// How an action went.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It failed; the conversation goes to the error destination.
    Failed(String),
    /// It is done in so many milliseconds.
    Wait(u64),
    /// It needs what the bot's memory holds under a key.
    Recall {
        /// The key.
        key: String,
        /// What it does with the value.
        then: Then,
    },
    /// It needs a copy of a file among the bot's media.
    KeepFile {
        /// Where the file is: as the user sent it, so it may be anything.
        url: String,
        /// What it does with the copy's path.
        then: Then,
    },
    /// It is no builtin action: the bot's own, by name, with its arguments.
    Foreign {
        /// The action's name.
        name: String,
        /// Its arguments, templated.
        args: Map<String, Value>,
    },
}

/// What an action does with what it asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// Puts a global variable into `temp[output]`.
    ReadGlobal {
        /// Name in `temp`.
        output: String,
    },
    /// Puts the user's number of conversations into `temp[output]`.
    CountConversation {
        /// Name in `temp`.
        output: String,
        /// Where the number is kept.
        key: String,
        /// Whether a conversation is added first.
        add: bool,
    },
    /// Puts the path of a kept file into the event's payload.
    ReplaceFile {
        /// The payload's field.
        field: &'static str,
    },
}

impl Then {
    /// Whether the action is done all the same when what it asked for fails: that is only told.
    pub(crate) fn may_fail(&self) -> bool {
        matches!(self, Self::ReplaceFile { .. })
    }
}

type Action = fn(&mut Call<'_>) -> Outcome;

/// Every builtin action.
const BUILTIN: &[(&str, Action)] = &[
    ("basic-skills/choice_invalid_answer", choice::invalid_answer),
    ("basic-skills/choice_parse_answer", choice::parse_answer),
    ("basic-skills/send_email", send_email::run),
    ("basic-skills/slot_fill", slot::fill),
    ("basic-skills/slot_not_found", slot::not_found),
    ("basic-skills/slot_reset", slot::reset),
    ("basic-skills/slot_update_contexts", slot::update_contexts),
    ("builtin/appendContext", nlu_contexts::append),
    ("builtin/getGlobalVariable", global_variable::get),
    ("builtin/getNumberOfConversations", conversation_count::get),
    ("builtin/incrementNumberOfConversations", conversation_count::increment),
    ("builtin/removeContext", nlu_contexts::remove),
    ("builtin/removeVariable", variable::remove),
    ("builtin/resetContext", nlu_contexts::reset),
    ("builtin/resetGlobalVariable", global_variable::reset),
    ("builtin/resetSession", reset_session::run),
    ("builtin/sendFeedback", feedback::run),
    ("builtin/setGlobalVariable", global_variable::set),
    ("builtin/setVariable", variable::set),
    ("builtin/storeFileLocally", file_storage::run),
    ("builtin/switchLanguage", language::run),
    ("builtin/wait", wait::run),
];

/// Whether `name` is a builtin action.
pub fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// Runs a builtin action; `None` when `name` is none.
pub(crate) fn run(name: &str, call: &mut Call<'_>) -> Option<Outcome> {
    find(name).map(|action| action(call))
}

/// Goes on with what was asked for: a recalled value, or the path of a kept file.
pub(crate) fn resume(then: &Then, value: Option<Value>, call: &mut Call<'_>) -> Outcome {
    match then {
        Then::ReadGlobal { output } => global_variable::read(output, value, call),
        Then::CountConversation { output, key, add } => {
            conversation_count::read(output, key, *add, value.as_ref(), call)
        }
        Then::ReplaceFile { field } => file_storage::replace(field, value, call),
    }
}

fn find(name: &str) -> Option<Action> {
    let found = BUILTIN.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    BUILTIN.get(found).map(|(_, action)| *action)
}

impl Call<'_> {
    /// A string argument; numbers and booleans as JavaScript writes them. `None` when absent.
    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.args.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => Some(js::to_text(value)),
        }
    }

    /// A string argument that must be there and not empty.
    fn required(&self, name: &str) -> Result<String, Outcome> {
        match self.text(name) {
            Some(text) if !text.is_empty() => Ok(text.into_owned()),
            _ => Err(Outcome::Failed(format!("the argument \"{name}\" is missing"))),
        }
    }

    /// Sets `temp[name]`.
    fn set_temp(&mut self, name: &str, value: Value) {
        fields(&mut self.state.temp).insert(name.to_owned(), value);
    }

    /// The event's text at a JSON pointer, as the user wrote it; empty when there is none.
    fn event_text(&self, pointer: &str) -> Cow<'_, str> {
        let text = self.event.pointer(pointer).and_then(Value::as_str);
        text.map_or(Cow::Borrowed(""), untrusted::plain)
    }
}

/// The fields of a memory scope.
fn fields(scope: &mut Value) -> &mut Map<String, Value> {
    if !scope.is_object() {
        *scope = Value::Object(Map::new());
    }
    match scope {
        Value::Object(fields) => fields,
        _ => unreachable!("the scope was made an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_action_is_found() {
        for (name, _) in BUILTIN {
            assert!(is_builtin(name), "{name}");
        }
        assert!(!is_builtin("builtin/other"));
    }
}
