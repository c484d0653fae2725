//! Content elements → payloads (`spec` runtime 4.3–4.6).
//!
//! ```text
//! reference ─ #!id ─→ element → translated → templates → one of its texts ─┐
//!           └ @type, #type ─→ arguments (translated for @) ────────────────┤
//!                                                                          ↓
//!          outgoing ← inline | typing_element (by format) ← data, `text` rendered once more
//! ```
//!
//! Does not live here: what templates see ([`crate::scope`]), how marks of outside text get there
//! ([`crate::untrusted`]), who sends a payload.

mod element;
mod format;
mod inline;
mod outgoing;
pub mod template;
#[cfg(test)]
mod tests;
mod types;
mod typing_element;

pub use format::{PayloadFormat, UnknownPayloadFormat};

use serde_json::{Map, Value};

use crate::bot::Bot;
use crate::scope::Scope;
use element::Languages;
use types::ContentType;

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

/// Whether elements of the content type called `id` can be rendered: the name of their file less
/// `.json`, e.g. `builtin_text`.
pub fn is_known_type(id: &str) -> bool {
    types::find(id).is_some()
}

impl Renderer<'_> {
    /// Renders `reference` (`#!id`, `!id`, `@type`, `#type`, `type`) to payloads, ready to leave,
    /// as `say` does it: they carry `workflow: {}`.
    ///
    /// `scope.args` are not used; the instruction's own arguments are `args`.
    pub fn render(
        &mut self,
        reference: &str,
        args: &Map<String, Value>,
        scope: Scope<'_>,
    ) -> Result<Vec<Value>, RenderError> {
        let mut data = args.clone();
        data.insert("workflow".to_owned(), Value::Object(Map::new()));
        self.payloads(reference, data, Scope { args: Some(args), ..scope })
    }

    /// Like [`Renderer::render`] for what is not said by a flow, e.g. a Q&A answer: without
    /// `workflow`.
    pub fn render_answer(
        &mut self,
        reference: &str,
        args: &Map<String, Value>,
        scope: Scope<'_>,
    ) -> Result<Vec<Value>, RenderError> {
        self.payloads(reference, args.clone(), Scope { args: Some(args), ..scope })
    }

    fn payloads(
        &mut self,
        reference: &str,
        mut data: Map<String, Value>,
        scope: Scope<'_>,
    ) -> Result<Vec<Value>, RenderError> {
        let reference = reference.strip_prefix('#').unwrap_or(reference);
        let content_type = if let Some(id) = reference.strip_prefix('!') {
            self.add_element(id, &mut data, scope)?
        } else if let Some(id) = reference.strip_prefix('@') {
            let content_type = known_type(id)?;
            self.add_translation(content_type, &mut data, scope);
            content_type
        } else {
            known_type(reference)?
        };
        if let Some(text) = data.get("text").and_then(Value::as_str) {
            let scope = Scope { args: Some(&data), ..scope };
            let text = if reference.starts_with('!') {
                template::render_again(text, scope)?.into_owned()
            } else {
                template::render(text, scope)?.into_owned()
            };
            data.insert("text".to_owned(), Value::String(text));
        }
        let mut payloads = match self.format.resolve(self.bot.config.version.as_deref()) {
            PayloadFormat::TypingElement => {
                typing_element::payloads(content_type, data, self.external_url)
            }
            PayloadFormat::Auto | PayloadFormat::Inline => inline::payloads(content_type, data),
        };
        for payload in &mut payloads {
            outgoing::finish(payload, self.external_url);
        }
        Ok(payloads)
    }

    /// Lays the element's properties over `data`, their templates rendered and its text chosen.
    fn add_element(
        &mut self,
        id: &str,
        data: &mut Map<String, Value>,
        scope: Scope<'_>,
    ) -> Result<&'static ContentType, RenderError> {
        let unknown = || RenderError::UnknownElement(id.to_owned());
        let element = self.bot.elements.get(id).ok_or_else(unknown)?;
        let content_type = known_type(&element.content_type)?;
        let languages = Languages::of(scope.state, self.bot);
        let mut form_data = Vec::with_capacity(content_type.properties.len());
        for property in content_type.properties {
            let value = element::translated(&element.form_data, property, &languages);
            let value = value.map(|value| template::render_value(value, scope)).transpose()?;
            form_data.push((*property, value));
        }
        if let Some(text) = element::chosen_text(&form_data, self.pick) {
            let text = Value::from(template::render_again(text, scope)?.into_owned());
            for (property, value) in &mut form_data {
                if *property == "text" {
                    *value = Some(text);
                    break;
                }
            }
        }
        for (property, value) in form_data {
            lay_over(data, property, value);
        }
        Ok(content_type)
    }

    /// Lays the translated arguments over the arguments.
    fn add_translation(
        &self,
        content_type: &ContentType,
        data: &mut Map<String, Value>,
        scope: Scope<'_>,
    ) {
        let languages = Languages::of(scope.state, self.bot);
        for property in content_type.properties {
            let value = element::translated(data, property, &languages).cloned();
            lay_over(data, property, value);
        }
    }
}

fn known_type(id: &str) -> Result<&'static ContentType, RenderError> {
    types::find(id).ok_or_else(|| RenderError::UnknownContentType(id.to_owned()))
}

/// Sets a property where it is, or takes it away: one without a value hides the argument of the
/// same name, as `undefined` does in v12.
fn lay_over(data: &mut Map<String, Value>, property: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            data.insert(property.to_owned(), value);
        }
        None => {
            data.shift_remove(property);
        }
    }
}
