//! Values and their conversions: to true or false, to numbers, to text.
//!
//! Values borrow from the scope and are cheap to copy. Nothing can change one, so two of them are
//! the same object exactly when they are the same place in memory.
//!
//! Does not live here: properties ([`super::properties`]), operators ([`super::operators`]).

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::number;
use super::text::Text;
use crate::js;
use crate::scope::Scope;
use crate::untrusted;

/// A JavaScript value, functions excepted.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Text<'a>),
    Array(Array<'a>),
    Object(Object<'a>),
}

#[derive(Debug, Clone)]
pub(super) enum Array<'a> {
    /// From the scope.
    Json(&'a Vec<Json>),
    /// Made by the condition.
    Made(Rc<[Value<'a>]>),
}

#[derive(Debug, Clone)]
pub(super) enum Object<'a> {
    /// From the scope.
    Json(&'a Map<String, Json>),
    /// Made by the condition. Keys are unique, in the order in which they were added.
    Made(Rc<[(Text<'a>, Value<'a>)]>),
    /// The event object.
    Event(Scope<'a>),
    /// `event.state`.
    State,
}

/// Why an evaluation ended without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Abrupt {
    TypeError,
    /// `?.` found nothing: the chain around it is `undefined`.
    Nothing,
    /// A variable that does not exist.
    ReferenceError(Box<str>),
    RangeError(&'static str),
    NeedsJavaScript(Cow<'static, str>),
}

pub(super) type Outcome<T> = Result<T, Abrupt>;

/// What an evaluation may still look at or make, in elements and characters.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

/// Enough for any condition on a message or a list; spent in some ten milliseconds.
const BUDGET: usize = 4_000_000;

/// What making one element of a list costs, so that lists take as much room as texts.
const ELEMENT: usize = 16;

/// Arrays inside arrays that are turned to text; JSON from outside nests less deeply.
const MAX_ARRAY_DEPTH: usize = 200;

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(BUDGET))
    }

    /// Takes `cost` off; an error when it is spent.
    pub(super) fn spend(&self, cost: usize) -> Outcome<()> {
        match self.0.get().checked_sub(cost) {
            Some(rest) => {
                self.0.set(rest);
                Ok(())
            }
            None => {
                Err(Abrupt::NeedsJavaScript(Cow::Borrowed("it handles very long texts or lists")))
            }
        }
    }

    /// Takes off what making a list of `length` elements costs.
    pub(super) fn spend_elements(&self, length: usize) -> Outcome<()> {
        self.spend(length.saturating_mul(ELEMENT))
    }
}

impl<'a> Value<'a> {
    /// A value of the scope.
    pub(super) fn load(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => Self::Number(js::as_f64(number)),
            Json::String(text) => Self::Text(match untrusted::plain(text) {
                Cow::Borrowed(text) => Text::Borrowed(text),
                Cow::Owned(text) => Text::Owned(text.into()),
            }),
            Json::Array(items) => Self::Array(Array::Json(items)),
            Json::Object(fields) => Self::Object(Object::Json(fields)),
        }
    }

    /// A text that the condition's source or the language itself holds.
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    pub(super) fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    pub(super) fn truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(flag) => *flag,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// The result of `typeof`.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Null | Self::Array(_) | Self::Object(_) => "object",
        }
    }

    /// `ToPrimitive`: arrays and objects become text, whatever the hint, for only dates differ.
    pub(super) fn into_primitive(self, budget: &Budget) -> Outcome<Self> {
        match self {
            Self::Array(_) | Self::Object(_) => self.to_text(budget).map(Self::Text),
            primitive => Ok(primitive),
        }
    }

    /// `ToNumber`.
    pub(super) fn to_number(&self, budget: &Budget) -> Outcome<f64> {
        Ok(match self {
            Self::Undefined => f64::NAN,
            Self::Null => 0.0,
            Self::Bool(flag) => f64::from(u8::from(*flag)),
            Self::Number(number) => *number,
            Self::Text(text) => {
                budget.spend(text.cost())?;
                text.as_str().map_or(f64::NAN, number::from_text)
            }
            Self::Array(_) | Self::Object(_) => {
                let text = self.to_text(budget)?;
                text.as_str().map_or(f64::NAN, number::from_text)
            }
        })
    }

    /// `ToString`.
    pub(super) fn to_text(&self, budget: &Budget) -> Outcome<Text<'a>> {
        self.to_text_within(budget, MAX_ARRAY_DEPTH)
    }

    fn to_text_within(&self, budget: &Budget, depth: usize) -> Outcome<Text<'a>> {
        Ok(match self {
            Self::Undefined => Text::Borrowed("undefined"),
            Self::Null => Text::Borrowed("null"),
            Self::Bool(true) => Text::Borrowed("true"),
            Self::Bool(false) => Text::Borrowed("false"),
            Self::Number(number) => Text::Owned(js::number_to_string(*number).into()),
            Self::Text(text) => text.clone(),
            Self::Array(array) => array.join(&Text::Borrowed(","), budget, depth)?,
            // Its own `toString` is no function, and `valueOf` gives no primitive.
            Self::Object(object) if object.shadows_to_string() => return Err(Abrupt::TypeError),
            Self::Object(_) => Text::Borrowed("[object Object]"),
        })
    }
}

impl<'a> Array<'a> {
    pub(super) fn made(items: Vec<Value<'a>>) -> Self {
        Self::Made(items.into())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Json(items) => items.get(index).map(Value::load),
            Self::Made(items) => items.get(index).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Value<'a>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// `join`: `undefined` and `null` become empty.
    pub(super) fn join(
        &self,
        separator: &Text<'_>,
        budget: &Budget,
        depth: usize,
    ) -> Outcome<Text<'a>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Abrupt::NeedsJavaScript(Cow::Borrowed("it handles deeply nested lists")));
        };
        budget.spend(self.len())?;
        let mut units = Vec::new();
        let mut joined = Some(String::new());
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                append(&mut joined, &mut units, separator, budget)?;
            }
            if !item.is_nullish() {
                append(&mut joined, &mut units, &item.to_text_within(budget, depth)?, budget)?;
            }
        }
        Ok(joined.map_or_else(|| Text::from_units(&units), |text| Text::Owned(text.into())))
    }

    /// `join` of a whole array.
    pub(super) fn join_all(&self, separator: &Text<'_>, budget: &Budget) -> Outcome<Text<'a>> {
        self.join(separator, budget, MAX_ARRAY_DEPTH)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => std::ptr::eq(*left, *right),
            (Self::Made(left), Self::Made(right)) => Rc::ptr_eq(left, right),
            _ => false,
        }
    }
}

/// Adds `text` to `joined`, or to `units` from the first text on that is no valid Unicode.
fn append(
    joined: &mut Option<String>,
    units: &mut Vec<u16>,
    text: &Text<'_>,
    budget: &Budget,
) -> Outcome<()> {
    budget.spend(text.cost())?;
    match (joined.as_mut(), text.as_str()) {
        (Some(joined), Some(text)) => joined.push_str(text),
        (Some(valid), None) => {
            units.extend(valid.encode_utf16());
            *joined = None;
            units.extend(text.units().iter());
        }
        (None, _) => units.extend(text.units().iter()),
    }
    Ok(())
}

impl Object<'_> {
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(left), Self::Json(right)) => std::ptr::eq(*left, *right),
            (Self::Made(left), Self::Made(right)) => Rc::ptr_eq(left, right),
            (Self::Event(_), Self::Event(_)) | (Self::State, Self::State) => true,
            _ => false,
        }
    }

    fn shadows_to_string(&self) -> bool {
        match self {
            Self::Json(fields) => fields.contains_key("toString"),
            Self::Made(fields) => fields.iter().any(|(key, _)| key.as_str() == Some("toString")),
            Self::Event(scope) => scope.event.get("toString").is_some(),
            Self::State => false,
        }
    }
}
