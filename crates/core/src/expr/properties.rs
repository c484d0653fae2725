//! Properties of values: reading, testing for and listing them.

use std::borrow::Cow;

use super::live::Live;
use super::names;
use super::number::{array_index, count};
use super::text::Text;
use super::value::{Abrupt, Array, Budget, Object, Outcome, Value};
use crate::js;

/// `object[key]`.
pub(super) fn get<'e>(object: &Value<'e>, key: &str, live: &'e Live<'_>) -> Outcome<Value<'e>> {
    if object.is_nullish() {
        return Err(Abrupt::TypeError);
    }
    if let Some(value) = own(object, key, live)? {
        return Ok(value);
    }
    if names::is_inherited(object, key) {
        return Err(unsupported_member(key));
    }
    Ok(Value::Undefined)
}

/// The own property `key`; `None` where there is none.
pub(super) fn own<'e>(
    object: &Value<'e>,
    key: &str,
    live: &'e Live<'_>,
) -> Outcome<Option<Value<'e>>> {
    Ok(match object {
        Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) => None,
        Value::Text(text) if key == "length" => Some(Value::Number(text.length())),
        Value::Array(array) if key == "length" => Some(Value::Number(count(array.len()))),
        Value::Text(_) | Value::Array(_) => {
            array_index(key).and_then(|index| element(object, index))
        }
        Value::Object(Object::Json(fields)) => fields.get(key).map(Value::load),
        Value::Object(Object::Made(fields)) => {
            let field = fields.iter().find(|(name, _)| name.as_str() == Some(key));
            field.map(|(_, value)| value.clone())
        }
        Value::Object(Object::Event(_)) if names::is_live_event_member(key) => {
            return Err(unsupported_member(key));
        }
        Value::Object(Object::Event(_)) => live.event_property(key),
        Value::Object(Object::State) => live.state_property(key),
    })
}

/// The element of an array or the character of a text at `index`.
pub(super) fn element<'e>(object: &Value<'e>, index: usize) -> Option<Value<'e>> {
    match object {
        Value::Array(array) => array.get(index),
        Value::Text(text) => {
            let character = text.slice(index, index.saturating_add(1));
            (!character.is_empty()).then_some(Value::Text(character))
        }
        _ => None,
    }
}

/// `key in object`.
pub(super) fn has(object: &Value<'_>, key: &str, live: &Live<'_>) -> Outcome<bool> {
    if !matches!(object, Value::Array(_) | Value::Object(_)) {
        return Err(Abrupt::TypeError);
    }
    if own(object, key, live)?.is_some() {
        return Ok(true);
    }
    if names::is_inherited(object, key) { Err(unsupported_member(key)) } else { Ok(false) }
}

/// `Object.keys(object)`.
pub(super) fn keys<'e>(object: &Value<'e>, budget: &Budget) -> Outcome<Vec<Text<'e>>> {
    let indices = |length: usize| -> Outcome<Vec<Text<'e>>> {
        budget.spend_elements(length)?;
        Ok((0..length).map(|index| Text::new(&index.to_string())).collect())
    };
    Ok(match object {
        Value::Undefined | Value::Null => return Err(Abrupt::TypeError),
        Value::Bool(_) | Value::Number(_) => Vec::new(),
        Value::Text(text) => indices(text.len())?,
        Value::Array(array) => indices(array.len())?,
        Value::Object(Object::Json(fields)) => {
            budget.spend_elements(fields.len())?;
            js::ordered_keys(fields).into_iter().map(Text::Borrowed).collect()
        }
        Value::Object(Object::Made(fields)) => {
            let mut keys: Vec<Text<'e>> = fields.iter().map(|(key, _)| key.clone()).collect();
            // Stable: names keep their order behind the indices.
            keys.sort_by_key(|key| key.as_str().and_then(array_index).unwrap_or(usize::MAX));
            keys
        }
        Value::Object(Object::Event(_) | Object::State) => {
            let reason = "it lists the fields of the event";
            return Err(Abrupt::NeedsJavaScript(Cow::Borrowed(reason)));
        }
    })
}

/// `Object.values(object)`.
pub(super) fn values<'e>(
    object: &Value<'e>,
    budget: &Budget,
    live: &'e Live<'_>,
) -> Outcome<Array<'e>> {
    let mut values = Vec::new();
    for key in keys(object, budget)? {
        let key = key.as_str().unwrap_or_default();
        values.push(own(object, key, live)?.unwrap_or(Value::Undefined));
    }
    Ok(Array::made(values))
}

fn unsupported_member(key: &str) -> Abrupt {
    Abrupt::NeedsJavaScript(Cow::Owned(format!("the builtin member `{key}`")))
}
