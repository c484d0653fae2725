//! Names in tags → values, through the stack of sections around the tag.

use std::borrow::Cow;

use serde_json::Value;

use crate::js;
use crate::scope::{Ref, Scope};
use crate::untrusted;

/// One level of the stack, and what a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Frame<'a> {
    /// All variables of the scope.
    Root(Scope<'a>),
    /// A value that a section opened.
    Value(Ref<'a>),
}

/// What `path` means, innermost level first; `None` where it is undefined.
///
/// `.` is the innermost level itself. A dotted path belongs to the first level that has all of it.
pub(super) fn lookup<'a>(path: &str, stack: &[Frame<'a>]) -> Option<Frame<'a>> {
    if path == "." {
        return stack.last().cloned();
    }
    let dotted = path.find('.').is_some_and(|index| index > 0);
    stack
        .iter()
        .rev()
        .find_map(|frame| if dotted { walk(frame, path) } else { frame.member(path) })
        .map(Frame::Value)
}

fn walk<'a>(frame: &Frame<'a>, path: &str) -> Option<Ref<'a>> {
    let mut names = path.split('.');
    let mut found = frame.member(names.next()?)?;
    for name in names {
        found = property(&found, name)?;
    }
    Some(found)
}

impl<'a> Frame<'a> {
    /// A name without dots: characters and length of a text are not among what it may mean.
    fn member(&self, name: &str) -> Option<Ref<'a>> {
        match self {
            Frame::Root(scope) => scope.root(name),
            Frame::Value(Ref::Json(value)) if value.is_string() => None,
            Frame::Value(value) => property(value, name),
        }
    }

    /// Whether a section over it is shown. Empty arrays are true here, and shown no times.
    pub(super) fn truthy(&self) -> bool {
        match self {
            Frame::Value(Ref::Json(value)) => js::truthy(value),
            _ => true,
        }
    }

    pub(super) fn is_empty_array(&self) -> bool {
        matches!(self, Frame::Value(Ref::Json(value)) if value.as_array().is_some_and(Vec::is_empty))
    }

    /// The text of a variable tag; `None` for `null`.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Frame::Value(Ref::Json(value)) if value.is_null() => None,
            Frame::Value(Ref::Json(value)) => Some(js::to_text(value)),
            _ => Some(Cow::Borrowed("[object Object]")),
        }
    }
}

/// Property `name` of a value: own properties of objects and arrays, `length` of arrays and texts,
/// and the UTF-16 units of texts by index.
fn property<'a>(value: &Ref<'a>, name: &str) -> Option<Ref<'a>> {
    if let Some(found) = value.get(name) {
        return Some(found);
    }
    let Ref::Json(json) = value else { return None };
    let computed = match json.as_ref() {
        Value::Array(items) if name == "length" => Value::from(items.len()),
        Value::String(text) if name == "length" => {
            Value::from(js::utf16_len(&untrusted::plain(text)))
        }
        Value::String(text) => Value::String(unit(text, name)?),
        _ => return None,
    };
    Some(Ref::Json(Cow::Owned(computed)))
}

/// The UTF-16 unit at `index` of `text`, marks not counted. Half of a character cannot be told in
/// UTF-8 and becomes the replacement character.
fn unit(text: &str, index: &str) -> Option<String> {
    let wanted: usize = index.parse().ok().filter(|number: &usize| number.to_string() == index)?;
    let mut position = 0;
    let mut characters = text.chars().filter(|character| *character != untrusted::MARK);
    let found = characters.find(|character| {
        position += character.len_utf16();
        position > wanted
    })?;
    Some(match found {
        wide if wide.len_utf16() > 1 => char::REPLACEMENT_CHARACTER.to_string(),
        other => other.to_string(),
    })
}
