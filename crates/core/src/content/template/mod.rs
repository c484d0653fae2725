//! Mustache with v12's semantics (`spec` runtime 4.4): the behaviour of version 4 of the npm
//! library, in up to three passes.
//!
//! ```text
//! text → parse (tags → tokens that borrow the text) → render (tokens + scope → text) ─┐
//!          ↑ up to two further passes while the result still holds a tag ─────────────┘
//! ```
//!
//! Why this is our own and not the `mustache` crate: that crate copies the whole scope into its own
//! data type before it renders, has no numbers, no array indices and no `length` in it, escapes
//! five of v12's eight characters by a fixed table, and panics on a boolean in a variable tag. What
//! would be left of it is a scanner, which is the smaller half and must also know about marks.
//!
//! # Text from outside is never evaluated
//!
//! A `{` from outside carries a mark behind it ([`crate::untrusted`]), and:
//!
//! - an opening delimiter that is followed by a mark does not open a tag ([`parse`]), so neither
//!   outside text alone nor an author's `{` before an outside `{` makes one;
//! - what a pass puts in is not read again in that pass, whatever the delimiters are;
//! - delimiters can be changed in the text an author wrote, not in later passes, where outside text
//!   like `<% bot.secret %>` may already stand in the text;
//! - literal text under changed delimiters and unfinished tags in values are marked
//!   ([`parse::seal`]), so a tag of a later pass always comes whole from one value, with
//!   nothing from outside inside it.
//!
//! The result of [`render()`] still carries the marks, because it may go to memory and be rendered
//! again. They are taken off where a payload leaves.

mod lookup;
mod parse;
mod render;

#[cfg(test)]
mod safety_tests;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::scope::Scope;
use crate::untrusted;

/// How often a text is rendered at most, its tags' values holding tags again.
const MAX_PASSES: usize = 3;

/// How much of a template an error shows, in characters.
const SHOWN_IN_ERRORS: usize = 200;

/// A template that cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {template:?}: {problem}")]
pub struct TemplateError {
    /// The template, or its beginning.
    pub template: String,
    /// What is wrong with it.
    pub problem: String,
}

/// Renders `text`, in at most three passes. Marked text (see [`crate::untrusted`]) stays as is.
///
/// Text without a tag is handed back as it came. Fails on unclosed tags and sections, on sections
/// nested deeper than 64, and on a result longer than 256 KiB.
pub fn render<'t>(text: &'t str, scope: Scope<'_>) -> Result<Cow<'t, str>, TemplateError> {
    passes(text, scope, parse::Delimiters::Settable)
}

/// Renders text that has been rendered before: tags that change the delimiters do nothing.
pub(super) fn render_again<'t>(
    text: &'t str,
    scope: Scope<'_>,
) -> Result<Cow<'t, str>, TemplateError> {
    passes(text, scope, parse::Delimiters::Fixed)
}

/// Renders every string in `value`, keys excepted. `null` becomes `{}`, as in v12.
///
/// The depth of JSON values is bounded where they are parsed.
pub fn render_value(value: &Value, scope: Scope<'_>) -> Result<Value, TemplateError> {
    Ok(match value {
        Value::Null => Value::Object(Map::new()),
        Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) => Value::String(render(text, scope)?.into_owned()),
        Value::Array(items) => Value::Array(
            items.iter().map(|item| render_value(item, scope)).collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => {
            let rendered =
                fields.iter().map(|(key, field)| Ok((key.clone(), render_value(field, scope)?)));
            Value::Object(rendered.collect::<Result<_, TemplateError>>()?)
        }
    })
}

fn passes<'t>(
    text: &'t str,
    scope: Scope<'_>,
    delimiters: parse::Delimiters,
) -> Result<Cow<'t, str>, TemplateError> {
    if !parse::has_tag(text) {
        return Ok(Cow::Borrowed(text));
    }
    let mut rendered = pass(text, scope, delimiters)?;
    for _ in 1..MAX_PASSES {
        if !parse::has_tag(&rendered) {
            break;
        }
        rendered = pass(&rendered, scope, parse::Delimiters::Fixed)?;
    }
    Ok(Cow::Owned(rendered))
}

fn pass(
    text: &str,
    scope: Scope<'_>,
    delimiters: parse::Delimiters,
) -> Result<String, TemplateError> {
    parse::parse(text, delimiters)
        .and_then(|tokens| render::render(&tokens, scope, text.len()))
        .map_err(|problem| TemplateError { template: shown(text), problem })
}

fn shown(text: &str) -> String {
    let text = untrusted::plain(text);
    match text.char_indices().nth(SHOWN_IN_ERRORS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
