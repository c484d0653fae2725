//! `say` instructions (`spec` runtime 4.1).

use serde_json::{Map, Value, json};

use crate::content::Renderer;

use super::history;
use super::turn::{Pick, Turn};

impl Turn<'_> {
    /// Says what the instruction asks for, or tells why it cannot be said.
    pub(super) fn say(
        &mut self,
        instruction: &str,
        own_args: Option<&Value>,
        pick: Pick<'_>,
    ) -> Result<(), String> {
        let rest = instruction.strip_prefix("say ").unwrap_or(instruction);
        let (reference, json_args) = rest.split_once(' ').unwrap_or((rest, ""));
        let args = if reference.starts_with('@') {
            own_args.and_then(Value::as_object).cloned().unwrap_or_default()
        } else {
            parse_args(json_args)?
        };
        let preview = Value::from(reference);
        history::add(&mut self.state, &self.event, &self.now.iso, "dialogManager", 1.0, &preview);
        self.render(reference, &args, pick)
    }

    /// Answers a `say_something` event: renders the element that its text names, or says the text
    /// (`spec` runtime 6.9).
    pub(super) fn say_what_was_asked(&mut self, pick: Pick<'_>) {
        let text = self.event.pointer("/payload/text").and_then(Value::as_str);
        let Some(text) = text.map(str::to_owned) else {
            return;
        };
        if text.starts_with("#!") {
            if let Err(message) = self.render(&text, &Map::new(), pick) {
                self.report(super::ProblemKind::DialogEngine, Some(&text), &message);
            }
        } else {
            self.replies.push(json!({"type": "text", "text": text, "markdown": true}));
        }
    }

    fn render(
        &mut self,
        reference: &str,
        args: &Map<String, Value>,
        pick: Pick<'_>,
    ) -> Result<(), String> {
        let mut renderer = Renderer {
            bot: self.bot,
            format: self.settings.format,
            external_url: self.settings.external_url,
            pick,
        };
        let scope = crate::scope::Scope { event: &self.event, state: &self.state, args: None };
        let payloads =
            renderer.render(reference, args, scope).map_err(|error| error.to_string())?;
        self.replies.extend(payloads);
        Ok(())
    }
}

/// The JSON object behind an instruction's name; nothing is an empty object.
pub(super) fn parse_args(text: &str) -> Result<Map<String, Value>, String> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(args)) => Ok(args),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(format!("the arguments are not JSON: {error}")),
    }
}
