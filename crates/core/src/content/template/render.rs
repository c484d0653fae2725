//! Tokens and a scope → text: one pass.

use std::borrow::Cow;

use serde_json::Value;

use super::lookup::{Frame, lookup};
use super::parse::{Token, seal};
use crate::scope::{Ref, Scope};
use crate::untrusted;

/// Longest result of a pass, in bytes.
const MAX_OUTPUT: usize = 256 * 1024;

/// Most tokens shown in a pass, each repetition counted: nested sections over lists multiply.
const MAX_STEPS: usize = 100_000;

/// Renders `tokens`, the parts of a text of `length` bytes; the error says what is wrong.
pub(super) fn render(
    tokens: &[Token<'_>],
    scope: Scope<'_>,
    length: usize,
) -> Result<String, String> {
    let mut pass = Pass {
        stack: vec![Frame::Root(scope)],
        output: String::with_capacity(length.min(MAX_OUTPUT)),
        steps: 0,
        tokens,
    };
    pass.range(0, tokens.len())?;
    Ok(pass.output)
}

struct Pass<'a, 't> {
    tokens: &'t [Token<'t>],
    stack: Vec<Frame<'a>>,
    output: String,
    steps: usize,
}

impl<'a> Pass<'a, '_> {
    /// Renders the tokens from `start` up to `end`. Recursion is as deep as sections are nested.
    fn range(&mut self, start: usize, end: usize) -> Result<(), String> {
        let mut next = start;
        while next < end {
            let Some(token) = self.tokens.get(next).copied() else {
                break;
            };
            self.count_step()?;
            next += 1;
            match token {
                Token::Text(text) => self.push(text)?,
                Token::Literal(text) => self.push(&untrusted::mark_text(text))?,
                Token::Variable { path, escape } => self.variable(path, escape)?,
                Token::Section { path, inverted, end } => {
                    self.section(path, inverted, (next, end))?;
                    next = end;
                }
            }
        }
        Ok(())
    }

    fn variable(&mut self, path: &str, escape: bool) -> Result<(), String> {
        let Some(found) = lookup(path, &self.stack) else {
            return Ok(());
        };
        let Some(text) = found.text() else {
            return Ok(());
        };
        let text = seal(text);
        if escape { self.push(&escaped(&text)) } else { self.push(&text) }
    }

    fn section(
        &mut self,
        path: &str,
        inverted: bool,
        content: (usize, usize),
    ) -> Result<(), String> {
        let found = lookup(path, &self.stack).filter(Frame::truthy);
        if inverted {
            return match found {
                Some(frame) if !frame.is_empty_array() => Ok(()),
                _ => self.range(content.0, content.1),
            };
        }
        match found {
            None => Ok(()),
            Some(Frame::Value(Ref::Json(Cow::Borrowed(Value::Array(items))))) => {
                items.iter().try_for_each(|item| self.item(Cow::Borrowed(item), content))
            }
            Some(Frame::Value(Ref::Json(Cow::Owned(Value::Array(items))))) => {
                items.into_iter().try_for_each(|item| self.item(Cow::Owned(item), content))
            }
            // `true` opens no level: inside, `.` is still what it was outside.
            Some(Frame::Value(Ref::Json(value))) if value.is_boolean() => {
                self.range(content.0, content.1)
            }
            Some(frame) => self.inside(frame, content),
        }
    }

    fn item(&mut self, item: Cow<'a, Value>, content: (usize, usize)) -> Result<(), String> {
        self.count_step()?;
        self.inside(Frame::Value(Ref::Json(item)), content)
    }

    fn inside(&mut self, frame: Frame<'a>, content: (usize, usize)) -> Result<(), String> {
        self.stack.push(frame);
        let result = self.range(content.0, content.1);
        self.stack.pop();
        result
    }

    fn push(&mut self, text: &str) -> Result<(), String> {
        if self.output.len() + text.len() > MAX_OUTPUT {
            return Err(format!("the result is longer than {MAX_OUTPUT} bytes"));
        }
        self.output.push_str(text);
        Ok(())
    }

    fn count_step(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(format!("its sections repeat more than {MAX_STEPS} times"));
        }
        Ok(())
    }
}

/// `text` with the characters that v12 escapes, also where no HTML is meant.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'', '/', '`', '=']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '/' => escaped.push_str("&#x2F;"),
            '`' => escaped.push_str("&#x60;"),
            '=' => escaped.push_str("&#x3D;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}
